//! Statements of the contract on every list: how long a page may be, and what a cursor is bound to.

use sarus::domain::role::Role;
use serde_json::Value;

use crate::behaviour::reads;
use crate::matrix::given_records;
use crate::owasp::{Operation, someone};
use crate::support::client::Client;
use crate::support::world::World;

/// Every list that is paged, its path with all that it requires, and somebody who sees most of it.
fn lists(world: &World, records: &[crate::matrix::Record]) -> Vec<(Operation, String, Client)> {
    let is_paged = |operation: &Operation| {
        operation.described["parameters"].as_array().is_some_and(|all| all.iter().any(|known| known["name"] == "cursor"))
    };
    let of = |(operation, path): (Operation, String)| {
        let roles = [Role::Ministry, Role::LeadAgency, Role::Administrator];
        let role = roles.into_iter().find(|role| role.may(operation.permission)).unwrap();
        let client = someone(world, role);
        (operation, path, client)
    };
    reads(world, records).into_iter().filter(|(operation, _)| is_paged(operation)).map(of).collect()
}

fn with(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { "&" } else { "?" })
}

/// A value that a parameter of a query may have.
fn value_of(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let given = [&parameter["example"], &schema["example"], &schema["examples"][0], &schema["enum"][0], &schema["minimum"]];
    let given = given.into_iter().find(|value| !value.is_null()).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    given.unwrap_or_else(|| match (schema["format"].as_str(), schema["type"].as_str()) {
        (Some("date"), _) => "2023-01-01".to_owned(),
        (Some("date-time"), _) => "2023-01-01T00:00:00Z".to_owned(),
        (Some("uuid"), _) => crate::owasp::NOBODY.to_owned(),
        (_, Some("boolean")) => "true".to_owned(),
        // A code of a province, or of a district or commune; a tax code.
        _ if schema["minLength"] == 3 => "888".to_owned(),
        _ if schema["minLength"] == 10 => "1600000011".to_owned(),
        _ => "89".to_owned(),
    })
}

scenario! {
    /// A page holds 1 to 200; a cursor leads on under another limit, and is refused with any filter or order that it was not
    /// given with, by another list, and in a stream alike.
    async fn every_cursor_is_bound_to_its_filter(world) {
        let records = given_records(&world).await;
        let (mut filters, mut bound, mut short) = (0, 0, Vec::new());
        let mut foreign = String::new();
        for (operation, path, client) in lists(&world, &records) {
            for limit in ["0", "201", "-1", "x", ""] {
                client.get(&with(&path, &format!("limit={limit}"))).await.refused(400, "invalid_query");
            }
            for limit in ["1", "200"] {
                client.get(&with(&path, &format!("limit={limit}"))).await.ok();
            }
            client.get(&with(&path, "count=all")).await.refused(400, "invalid_query");
            if !foreign.is_empty() {
                client.get(&with(&path, &format!("cursor={foreign}"))).await.refused(400, "invalid_cursor");
            }
            let page = client.get(&with(&path, "limit=1")).await.ok();
            let Some(next) = page["links"]["next"].as_str() else {
                short.push(path);
                continue;
            };
            let cursor = next.split('&').find_map(|pair| pair.rsplit_once("cursor=")).unwrap().1.to_owned();
            client.get(&with(&path, &format!("limit=3&cursor={cursor}"))).await.ok();
            for parameter in operation.described["parameters"].as_array().unwrap().iter().filter(|known| known["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                if ["limit", "cursor", "count"].contains(&name) || parameter["required"] == true {
                    continue;
                }
                let (value, lines) = (value_of(parameter), client.with("accept", "application/x-ndjson"));
                for client in [&client, &lines] {
                    let other = client.get(&with(&path, &format!("{name}={value}&cursor={cursor}"))).await;
                    other.refused(400, "invalid_cursor");
                }
                filters += 1;
            }
            foreign = cursor;
            bound += 1;
        }
        assert!(bound >= 10 && filters >= 40, "{bound} lists with {filters} filters; too short: {short:#?}");
    }
}
