//! Links from the answer that creates or shows a resource to what can follow: a client need not put addresses together,
//! and knows which version to name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const LINKS: &str = "#/components/links/";

/// Adds the links of every resource that is found by its id.
pub(super) fn add(document: &mut Value) {
    let mut links = Map::new();
    let mut following: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, item) in object(&document["paths"]) {
        let Some(resource) = resource_of(path) else { continue };
        for (_, operation) in object(item) {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let summary = operation["summary"].as_str().unwrap_or(id);
            following.entry(resource.to_owned()).or_default().push(id.to_owned());
            links.insert(id.to_owned(), link(id, summary, takes_if_match(operation)));
        }
    }
    let schemas = document["components"]["schemas"].clone();
    let mut named = BTreeSet::new();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let (method, status, resource) = match resource_of(path) {
            None => ("post", "201", format!("{path}/{{id}}")),
            Some(resource) if resource == path => ("get", "200", path.clone()),
            Some(_) => continue,
        };
        let own = item[method]["operationId"].clone();
        let answer = item.get_mut(method).and_then(|operation| operation["responses"].get_mut(status));
        let Some(answer) = answer.filter(|answer| shows_an_id(answer, &schemas)) else { continue };
        let Some(operations) = following.get(&resource) else { continue };
        let others = operations.iter().filter(|id| own != **id);
        answer["links"] = others.clone().map(|id| (id.clone(), json!({"$ref": format!("{LINKS}{id}")}))).collect();
        named.extend(others.cloned());
    }
    links.retain(|id, _| named.contains(id));
    document["components"]["links"] = Value::Object(links);
}

/// Whether the view of an answer has an `id` to follow.
fn shows_an_id(answer: &Value, schemas: &Value) -> bool {
    let reference = answer["content"]["application/json"]["schema"]["$ref"].as_str();
    let name = reference.and_then(|reference| reference.rsplit('/').next());
    name.is_some_and(|name| !schemas[name]["properties"]["id"].is_null())
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The path of the resource that a path is of: itself up to its `{id}`, which alone may vary.
fn resource_of(path: &str) -> Option<&str> {
    let end = path.find("/{id}")? + "/{id}".len();
    let (resource, rest) = path.split_at_checked(end)?;
    (!rest.contains('{')).then_some(resource)
}

fn takes_if_match(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array();
    parameters.into_iter().flatten().any(|parameter| parameter["$ref"] == "#/components/parameters/IfMatch")
}

fn link(id: &str, summary: &str, takes_if_match: bool) -> Value {
    let mut parameters = json!({"path.id": "$response.body#/id"});
    if takes_if_match {
        parameters["header.If-Match"] = json!("$response.header.ETag");
    }
    json!({"operationId": id, "description": summary, "parameters": parameters})
}
