//! A type serves requests or answers, never both: requests are closed, so that what is misspelt is told, and answers are
//! open, so that they can grow. Values that forms and views share in the code are published once for each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{SCHEMAS, each_reference, schema_names};

/// Publishes the objects that requests share with answers under names of their own, closed, and leaves those of answers open.
pub(super) fn part(document: &mut Value) {
    let mut schemas = match document["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    };
    let (asked, answered) = (reached(document, &schemas, true), reached(document, &schemas, false));
    let shared: BTreeSet<String> = asked.intersection(&answered).cloned().collect();
    let names: BTreeMap<String, String> = with_objects(&schemas, &shared)
        .into_iter()
        .map(|name| {
            let new = format!("New{name}");
            let new = if schemas.contains_key(&new) { format!("{name}Form") } else { new };
            (name, new)
        })
        .collect();
    let renamed = |reference: &mut String| {
        if let Some(new) = reference.strip_prefix(SCHEMAS).and_then(|name| names.get(name)) {
            *reference = format!("{SCHEMAS}{new}");
        }
    };
    for name in asked.difference(&answered) {
        if let Some(schema) = schemas.get_mut(name) {
            each_reference(schema, &mut { renamed });
        }
    }
    for (name, new) in &names {
        let Some(schema) = schemas.get_mut(name) else { continue };
        let mut form = schema.clone();
        each_reference(&mut form, &mut { renamed });
        open(schema);
        schemas.insert(new.clone(), form);
    }
    for request in requests(document) {
        each_reference(request, &mut { renamed });
    }
    schemas.sort_keys();
    document["components"]["schemas"] = Value::Object(schemas);
}

/// The bodies of all requests.
fn requests(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = items.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    operations.filter_map(|operation| operation.get_mut("requestBody"))
}

/// The schemas that requests lead to, or all else does.
fn reached(document: &Value, schemas: &Map<String, Value>, by_requests: bool) -> BTreeSet<String> {
    let mut document = document.clone();
    let mut next: Vec<String> = if by_requests {
        requests(&mut document).flat_map(schema_names).collect()
    } else {
        requests(&mut document).for_each(|request| *request = Value::Null);
        schema_names(&mut document)
    };
    let mut reached = BTreeSet::new();
    while let Some(name) = next.pop() {
        if let Some(schema) = schemas.get(&name).filter(|_| !reached.contains(&name)) {
            next.extend(schema_names(&mut schema.clone()));
        }
        reached.insert(name);
    }
    reached
}

/// Those of some schemas that are objects or lead to one: words, numbers and lists of them are the same in both directions.
fn with_objects(schemas: &Map<String, Value>, among: &BTreeSet<String>) -> BTreeSet<String> {
    let is_object = |name: &&String| schemas.get(*name).is_some_and(has_members);
    let mut found: BTreeSet<String> = among.iter().filter(is_object).cloned().collect();
    loop {
        let leads_there = |name: &&String| {
            let inner = schemas.get(*name).map(|schema| schema_names(&mut schema.clone())).unwrap_or_default();
            !found.contains(*name) && inner.iter().any(|name| found.contains(name))
        };
        let more: Vec<String> = among.iter().filter(leads_there).cloned().collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Whether an object is described anywhere within.
fn has_members(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("properties") || members.values().any(has_members),
        Value::Array(items) => items.iter().any(has_members),
        _ => false,
    }
}

/// Lets the objects within grow.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.shift_remove("additionalProperties");
            }
            members.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_both_share_is_published_twice() {
        let body =
            |name: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}{name}")}}}});
        let closed = |members: Value| json!({"type": "object", "properties": members, "additionalProperties": false});
        let to = |name: &str| json!({"$ref": format!("{SCHEMAS}{name}")});
        let mut document = json!({
            "paths": {"/x": {"post": {"requestBody": body("NewX"), "responses": {"201": body("XView")}}}},
            "components": {"schemas": {
                "NewX": closed(json!({"text": to("Text"), "word": to("Word"), "part": to("Part")})),
                "XView": {"type": "object", "properties": {"text": to("Text"), "word": to("Word"), "part": to("Part")}},
                "Part": {"oneOf": [to("Text")]},
                "Text": closed(json!({"vi": {"type": "string"}})),
                "Word": {"type": "string", "enum": ["a"]},
            }},
        });
        part(&mut document);
        let schemas = &document["components"]["schemas"];
        let asked = &schemas["NewX"]["properties"];
        assert_eq!((&asked["text"], &asked["word"], &asked["part"]), (&to("NewText"), &to("Word"), &to("NewPart")));
        assert_eq!(schemas["NewPart"], json!({"oneOf": [to("NewText")]}));
        assert_eq!(schemas["NewText"], closed(json!({"vi": {"type": "string"}})));
        assert_eq!(schemas["XView"]["properties"]["text"], to("Text"));
        assert_eq!(schemas["Text"], json!({"type": "object", "properties": {"vi": {"type": "string"}}}));
        assert!(schemas.get("NewWord").is_none());
    }
}
