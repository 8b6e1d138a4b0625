//! Examples of bodies, made from the examples and limits that their schemas state.

use serde_json::{Map, Value, json};

/// Deeper than any schema of ours nests.
const DEEPEST: u8 = 24;

/// An example of a schema, if one can be made.
pub(super) fn of(schema: &Value, schemas: &Value) -> Option<Value> {
    at(schema, schemas, DEEPEST)
}

fn at(schema: &Value, schemas: &Value, depth: u8) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    if let Some(reference) = schema["$ref"].as_str() {
        return at(schemas.get(reference.rsplit('/').next()?)?, schemas, depth);
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return Some(example.clone());
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(first) = schema[choice].get(0) {
            return at(first, schemas, depth);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let made =
            parts.iter().filter_map(|part| at(part, schemas, depth)).filter_map(|part| part.as_object().cloned());
        return Some(Value::Object(made.flatten().collect()));
    }
    if let Some(value) = schema["enum"].get(0).or_else(|| schema.get("const")).or_else(|| schema.get("default")) {
        return Some(value.clone());
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0).and_then(Value::as_str))?;
    match kind {
        "object" => Some(object(schema, schemas, depth)),
        "array" => Some(at(&schema["items"], schemas, depth).map_or_else(|| json!([]), |item| json!([item]))),
        "integer" => Some(schema.get("minimum").cloned().unwrap_or(json!(1))),
        "boolean" => Some(json!(true)),
        "string" => text(schema),
        _ => None,
    }
}

fn object(schema: &Value, schemas: &Value, depth: u8) -> Value {
    let mut members = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().is_some_and(|required| required.contains(&json!(name)));
        let stated = property.get("example").is_some() || property["examples"].get(0).is_some();
        if (required || stated || !schema["minProperties"].is_null())
            && let Some(value) = at(property, schemas, depth)
        {
            members.insert(name.clone(), value);
        }
    }
    Value::Object(members)
}

/// A text without an example of its own can only be made where its format or pattern says enough.
fn text(schema: &Value) -> Option<Value> {
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("uuid"), _) => Some(json!("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")),
        (Some("date"), _) => Some(json!("2021-09-15")),
        (Some("date-time"), _) => Some(json!("2021-09-15T03:00:00Z")),
        (Some("uri"), _) => Some(json!("https://sarus.example/documents/1")),
        (_, Some("^[0-9a-f]{64}$")) => Some(json!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
        (_, Some(r"\S")) => Some(json!("Văn bản")),
        _ => None,
    }
}
