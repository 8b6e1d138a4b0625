//! Links from the answer that creates or shows a resource to what can follow: a client need not put addresses together,
//! and knows which version to name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const LINKS: &str = "#/components/links/";

/// Adds the links of every resource that is found by one name: its id, or its version. What a step answers is the resource, as
/// what shows or makes it is.
pub(super) fn add(document: &mut Value) {
    let mut links = Map::new();
    let mut following: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, item) in object(&document["paths"]) {
        let Some((resource, name)) = resource_of(path) else { continue };
        for (_, operation) in object(item) {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let summary = operation["summary"].as_str().unwrap_or(id);
            following.entry(resource.to_owned()).or_default().push(id.to_owned());
            links.insert(id.to_owned(), link((id, name), summary, takes_if_match(operation)));
        }
    }
    let schemas = document["components"]["schemas"].clone();
    let mut named = BTreeSet::new();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let (method, status, resource) = match resource_of(path) {
            None => match following.keys().find(|resource| is_within(resource, path)) {
                Some(resource) => ("post", "201", resource.clone()),
                None => continue,
            },
            Some((resource, _)) if resource == path => ("get", "200", path.clone()),
            Some((resource, _)) => ("post", "200", resource.to_owned()),
        };
        let name = resource_of(&resource).map(|(_, name)| name.to_owned()).unwrap_or_default();
        let own = item[method]["operationId"].clone();
        let answer = item.get_mut(method).and_then(|operation| operation["responses"].get_mut(status));
        // A step that answers something else than its resource leads nowhere.
        let is_told = |answer: &&mut Value| {
            shows(&name, answer, &schemas)
                && (status != "200" || method == "get" || answer["headers"].get("ETag").is_some())
        };
        let Some(answer) = answer.filter(is_told) else { continue };
        let Some(operations) = following.get(&resource) else { continue };
        let others = operations.iter().filter(|id| own != **id);
        answer["links"] = others.clone().map(|id| (id.clone(), json!({"$ref": format!("{LINKS}{id}")}))).collect();
        named.extend(others.cloned());
    }
    links.retain(|id, _| named.contains(id));
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        links.extend(add_to_part(path, item));
    }
    document["components"]["links"] = Value::Object(links);
}

/// Links the answer that shows a part of a resource, found by the names of both, to what can be done with the part. The
/// resource is the one that was asked for.
fn add_to_part(path: &str, item: &mut Value) -> Map<String, Value> {
    let names: Vec<&str> =
        path.split('/').filter_map(|step| step.strip_prefix('{').and_then(|name| name.strip_suffix('}'))).collect();
    let ([resource, part], true) = (names.as_slice(), path.ends_with('}')) else { return Map::new() };
    let following: Vec<Value> =
        object(item).filter(|(method, _)| *method != "get").map(|(_, operation)| operation.clone()).collect();
    let Some(answer) = item.get_mut("get").and_then(|shown| shown["responses"].get_mut("200")) else {
        return Map::new();
    };
    let mut links = Map::new();
    for operation in following {
        let Some(id) = operation["operationId"].as_str() else { continue };
        let summary = operation["summary"].as_str().unwrap_or(id);
        let mut link = link((id, part), summary, takes_if_match(&operation));
        link["parameters"][format!("path.{resource}")] = json!(format!("$request.path.{resource}"));
        links.insert(id.to_owned(), link);
    }
    answer["links"] = links.keys().map(|id| (id.clone(), json!({"$ref": format!("{LINKS}{id}")}))).collect();
    links
}

/// Whether the view of an answer has the name to follow.
fn shows(name: &str, answer: &Value, schemas: &Value) -> bool {
    let reference = answer["content"]["application/json"]["schema"]["$ref"].as_str();
    let view = reference.and_then(|reference| reference.rsplit('/').next());
    view.is_some_and(|view| !schemas[view]["properties"][name].is_null())
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The path of the resource that a path is of, itself up to the name of the resource, which alone may vary; and that name.
fn resource_of(path: &str) -> Option<(&str, &str)> {
    let (_, varying) = path.split_once("/{")?;
    let (name, rest) = varying.split_once('}')?;
    let resource = path.strip_suffix(rest)?;
    (!rest.contains('{')).then_some((resource, name))
}

/// Whether a resource is one of a list.
fn is_within(resource: &str, list: &str) -> bool {
    resource.strip_prefix(list).is_some_and(|rest| rest.starts_with("/{"))
}

fn takes_if_match(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array();
    parameters.into_iter().flatten().any(|parameter| parameter["$ref"] == "#/components/parameters/IfMatch")
}

fn link((id, name): (&str, &str), summary: &str, takes_if_match: bool) -> Value {
    let mut parameters = json!({format!("path.{name}"): format!("$response.body#/{name}")});
    if takes_if_match {
        parameters["header.If-Match"] = json!("$response.header.ETag");
    }
    json!({"operationId": id, "description": summary, "parameters": parameters})
}
