//! Statements of the contract on every step of every resource.

use std::collections::BTreeMap;

use reqwest::Method;
use sarus::domain::role::Role;
use serde_json::Value;

use crate::matrix::{Record, given_records, resource_of};
use crate::owasp::operations;
use crate::support::client::{Answer, Client, operation};
use crate::support::given_pilots::AGRICULTURE;
use crate::support::world::World;

/// The records whose resources tell what may be done with them, by their path.
fn records_with_actions(world: &World, records: &[Record]) -> Vec<String> {
    let told = operations(world).into_iter().filter(|operation| operation.pattern.ends_with("/allowed-actions"));
    let path = |pattern: String| {
        let resource = resource_of(&pattern).unwrap();
        let record = records.iter().find(|record| record.resource == resource).unwrap();
        format!("/v1/{resource}/{}", record.id)
    };
    told.map(|operation| path(operation.pattern)).collect()
}

/// Takes an action as it is told, with the example of the document, on the version that stands.
async fn taken(world: &World, client: &Client, record: &str, action: &Value) -> Answer {
    let (path, method) = (action["path"].as_str().unwrap(), action["method"].as_str().unwrap());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let (_, described) =
        operation(world.document(), &method, path).unwrap_or_else(|| panic!("{method} {path} is no operation"));
    let content = described["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    let body = content.map(|(kind, media)| {
        let example = media["examples"].as_object().and_then(|all| all.values().next()).map(|one| &one["value"]);
        (kind.as_str(), example.unwrap_or(&media["example"]).to_string())
    });
    let etag = client.get(record).await.ok_etag();
    client.seen(&etag).send(method, path, body).await
}

/// Everybody with a place in An Giang and above.
fn people(world: &World, cooperative: &str) -> Vec<Client> {
    let everywhere = [Role::Ministry, Role::Administrator].map(|role| world.someone(role, ""));
    let province =
        [Role::LeadAgency, Role::Finance, Role::CooperativeAlliance, Role::PeoplesCommittee, Role::Oversight]
            .map(|role| world.someone(role, "89"));
    let below = [
        world.someone(Role::Locality, "888"),
        world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "another"),
        world.cooperative(cooperative),
    ];
    [&everywhere[..], &province[..], &below[..]].concat()
}

scenario! {
    /// What `allowed-actions` says is what the step then answers: what it refuses is refused with that code and never done; what
    /// it allows is refused, if at all, for what the body says.
    async fn every_step_answers_what_its_record_said(world) {
        let records = given_records(&world).await;
        let cooperative = &records.iter().find(|record| record.resource == "cooperatives").unwrap().id.clone();
        let (mut refused, mut allowed) = (BTreeMap::new(), BTreeMap::new());
        let mut contradictions = Vec::new();
        for client in people(&world, cooperative) {
            for record in records_with_actions(&world, &records) {
                let answer = client.get(&format!("{record}/allowed-actions")).await;
                if [403, 404].contains(&answer.status) {
                    continue;
                }
                let mut actions = answer.body["items"].as_array().unwrap().clone();
                actions.reverse();
                while let Some(action) = actions.pop() {
                    let answer = taken(&world, &client, &record, &action).await;
                    let name = format!("{} {}", action["method"], action["path"]);
                    // A key that is taken is the body's too.
                    let is_of_the_body = answer.status == 400 || answer.body["code"] == "already_exists" || answer.body["errors"].as_array().is_some_and(|faults| faults.iter().any(|fault| fault["pointer"] != ""));
                    let agrees = if action["allowed"] == true {
                        *allowed.entry(name.clone()).or_insert(0) += 1;
                        (200..300).contains(&answer.status) || is_of_the_body
                    } else {
                        *refused.entry(name.clone()).or_insert(0) += 1;
                        answer.status == 400 || answer.body["code"] == action["code"]
                    };
                    if (200..300).contains(&answer.status) {
                        // What may be done has changed, for those that come after.
                        let now = client.get(&format!("{record}/allowed-actions")).await;
                        let now = now.body["items"].as_array().cloned().unwrap_or_default();
                        let stands = |one: &Value| now.iter().find(|other| other["path"] == one["path"] && other["method"] == one["method"]).cloned();
                        actions = actions.iter().filter_map(stands).collect();
                    }
                    if !agrees {
                        contradictions.push(format!("{action} → {} {}", answer.status, answer.text));
                    }
                }
            }
        }
        assert!(contradictions.is_empty(), "{}", contradictions.join("\n"));
        assert!(refused.len() > 60 && allowed.len() > 20, "{} {}", refused.len(), allowed.len());
    }
}
