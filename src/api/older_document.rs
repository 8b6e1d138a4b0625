//! The document in OpenAPI 3.0, for generators that do not read 3.1 yet. It says the same, as far as 3.0 can.

use serde_json::{Map, Value, json};

/// The version that is written.
const VERSION: &str = "3.0.3";

/// A document of OpenAPI 3.1 in the words of 3.0: `null` among the types becomes `nullable`, a constant an enumeration
/// of one, the first of several examples the example, and what stands beside a `$ref`, which 3.0 would ignore, is put
/// around it.
pub fn converted(document: &Value) -> Value {
    let mut older = translated(document);
    older["openapi"] = json!(VERSION);
    if let Some(members) = older.as_object_mut() {
        members.shift_remove("jsonSchemaDialect");
    }
    older
}

fn translated(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(translated).collect(),
        Value::Object(members) => {
            let translated = members.iter().map(|(name, member)| (name.clone(), translated(member))).collect();
            without_newer_words(translated)
        }
        _ => value.clone(),
    }
}

fn without_newer_words(mut members: Map<String, Value>) -> Value {
    // A member of a schema may bear the name of a keyword; then it is an object, as no keyword below is.
    if let Some(types) = members.get("type").and_then(Value::as_array).cloned() {
        let mut others = types.iter().filter(|name| *name != "null").cloned();
        members.insert("nullable".to_owned(), Value::Bool(types.iter().any(|name| name == "null")));
        members.insert("type".to_owned(), others.next().unwrap_or_else(|| json!("string")));
    }
    if let Some(constant) = members.get("const").filter(|constant| !constant.is_object()).cloned() {
        members.shift_remove("const");
        members.insert("enum".to_owned(), json!([constant]));
    }
    if let Some(examples) = members.get("examples").and_then(Value::as_array).cloned() {
        members.shift_remove("examples");
        members.extend(examples.into_iter().next().map(|example| ("example".to_owned(), example)));
    }
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(value) = members.get(exclusive).filter(|value| value.is_number()).cloned() {
            members.insert(bound.to_owned(), value);
            members.insert(exclusive.to_owned(), Value::Bool(true));
        }
    }
    for choice in ["anyOf", "oneOf"] {
        let Some(mut others) = members.get(choice).and_then(Value::as_array).cloned() else { continue };
        let all = others.len();
        // Translated before, so the type `null` alone is what is left of it.
        others.retain(|other| other["type"] != "null");
        if others.len() < all {
            members.shift_remove(choice);
            members.insert("nullable".to_owned(), Value::Bool(true));
            members.insert(if others.len() == 1 { "allOf" } else { choice }.to_owned(), Value::Array(others));
        }
    }
    if members.len() > 1 && members.get("$ref").is_some_and(Value::is_string) {
        let reference = members.shift_remove("$ref");
        members.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_has_no_word_for_is_said_in_its_own() {
        let newer = json!({
            "openapi": "3.1.0",
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "components": {"schemas": {"A": {"type": "object", "properties": {
                "type": {"type": ["string", "null"], "examples": ["a", "b"]},
                "kind": {"const": "a"},
                "const": {"type": "integer", "exclusiveMinimum": 3},
                "b": {"$ref": "#/components/schemas/B", "description": "Said here."},
                "c": {"$ref": "#/components/schemas/B"},
                "d": {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
            }}}},
        });
        let older = json!({
            "openapi": "3.0.3",
            "components": {"schemas": {"A": {"type": "object", "properties": {
                "type": {"type": "string", "nullable": true, "example": "a"},
                "kind": {"enum": ["a"]},
                "const": {"type": "integer", "minimum": 3, "exclusiveMinimum": true},
                "b": {"description": "Said here.", "allOf": [{"$ref": "#/components/schemas/B"}]},
                "c": {"$ref": "#/components/schemas/B"},
                "d": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/B"}]},
            }}}},
        });
        assert_eq!(converted(&newer), older);
    }

    #[test]
    fn nothing_of_3_1_is_left_in_the_document_of_this_service() {
        fn newer_words(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Array(items) => items.iter().for_each(|item| newer_words(item, found)),
                Value::Object(members) => {
                    let listed = members.get("type").is_some_and(Value::is_array);
                    let beside = members.len() > 1 && members.get("$ref").is_some_and(Value::is_string);
                    let null = members.get("type").is_some_and(|kind| kind == "null");
                    if listed || beside || null || members.get("const").is_some_and(|constant| !constant.is_object()) {
                        found.push(value.to_string());
                    }
                    members.values().for_each(|member| newer_words(member, found));
                }
                _ => {}
            }
        }
        let generated = super::super::published::generated();
        let older = converted(&generated);
        let mut found = Vec::new();
        newer_words(&older, &mut found);
        assert_eq!(found, Vec::<String>::new());
        let operations = |document: &Value| document["paths"].as_object().map(Map::len);
        assert_eq!(operations(&older), operations(&generated));
    }
}
