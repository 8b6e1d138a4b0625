//! A date in the future is wrong by the body alone: it is told before the record is looked for, on every step alike.

use std::collections::BTreeMap;

use sarus::api::published::generated;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::world::World;

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// Members of a body that hold legal dates: those of which the document says that they do not lie in the future.
fn legal_dates(document: &Value, body: &Value) -> Vec<String> {
    let members = resolved(document, body)["properties"].as_object().into_iter().flatten();
    let legal = members.filter(|(_, schema)| {
        let words = schema["description"].as_str().unwrap_or_default().to_lowercase();
        schema["format"] == "date" && (words.contains("not in the future") || words.contains("never in the future"))
    });
    legal.map(|(name, _)| name.clone()).collect()
}

async fn client_of(world: &World, role: Role, cooperative: &str) -> Client {
    match role {
        Role::Cooperative => world.cooperative(cooperative),
        Role::Locality => world.someone(role, "888"),
        Role::Ministry | Role::Administrator => world.someone(role, ""),
        _ => world.someone(role, "89"),
    }
}

scenario! {
    async fn a_date_in_the_future_is_told_before_the_record_is_looked_for(world) {
        let document = generated();
        let cooperative = world.given_cooperative("888", "1600000001").await["id"].as_str().unwrap().to_owned();
        let (mut asked, mut otherwise) = (0, BTreeMap::new());
        for (path, methods) in document["paths"].as_object().unwrap() {
            let operation = &methods["post"];
            let content = &operation["requestBody"]["content"]["application/json"];
            let dates = legal_dates(&document, &content["schema"]);
            if dates.is_empty() || path.matches('{').count() != 1 || !path.contains("{id}") {
                continue;
            }
            let examples = content["examples"].as_object().and_then(|all| all.values().next()).map(|one| &one["value"]);
            let mut body = examples.unwrap_or(&content["example"]).clone();
            assert!(body.is_object(), "{path} has no example: {content}");
            for name in &dates {
                body[name] = json!("2999-01-01");
            }
            let role = operation["x-roles"][0].as_str().and_then(Role::from_name).unwrap();
            let client = client_of(&world, role, &cooperative).await.seen("\"1\"");
            let answer = client.post(&path.replace("{id}", "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"), &body).await;
            asked += 1;
            let told = answer.body["errors"].as_array().is_some_and(|all| all.iter().any(|one| one["code"] == "date_in_future"));
            if answer.status != 400 || !told {
                otherwise.insert(path.clone(), format!("{} {}", answer.status, answer.body["code"]));
            }
        }
        assert!(asked > 25, "{asked}");
        assert!(otherwise.is_empty(), "{otherwise:#?}");
    }
}
