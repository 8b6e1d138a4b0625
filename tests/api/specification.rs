//! The document: what a generated client builds on.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use sarus::api;
use sarus::api::document;
use sarus::api::published::{generated, written};
use serde_json::Value;

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| (format!("{method} {path}"), operation.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let document = generated();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi");
    let files = [("sarus.json", written(&document)), ("operations.txt", document::operations_page(&document))];
    for (name, text) in files {
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == text, "openapi/{name} is not up to date: run `cargo run -- openapi`");
    }
}

#[test]
fn every_operation_says_who_may_call_it_and_what_it_does() {
    let document = generated();
    let tags: HashSet<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = HashSet::new();
    let all = operations(&document);
    assert!(all.len() > 5);
    for (name, operation) in all {
        let is_apart = operation["x-standard"].is_string();
        assert!(
            is_apart || operation["x-permission"].is_string(),
            "{name} has no permission: it would be refused for everybody"
        );
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name} repeats an operationId");
        assert!(operation["summary"].as_str().is_some_and(|words| words.len() > 5), "{name} has no summary");
        assert!(
            operation["description"].as_str().is_some_and(|words| !words.starts_with("Permission")),
            "{name} has no description"
        );
        let own = operation["tags"].as_array().unwrap();
        assert!(own.len() == 1 && tags.contains(own[0].as_str().unwrap()), "{name} has no declared tag");
    }
}

/// Questions about territory whose day something else fixes.
const DAY_FIXED: [(&str, &str); 2] = [
    ("/v1/aggregates", "`tree` names the day of the provinces, `period` that of the data"),
    ("/v1/record-aggregates", "`tree` names the day of the provinces, `period` that of the data"),
];

/// A code alone names nothing: whoever asks by province or unit, or is answered by province, says on which day.
#[test]
fn every_territorial_question_takes_a_day() {
    let document = generated();
    let of_territory = ["province", "unit", "district", "commune", "locality", "parent", "tree", "territory"];
    let is_code = |parameter: &Value| parameter["schema"]["pattern"].as_str().is_some_and(|it| it.contains("[0-9]{"));
    let (mut asked, mut fixed) = (0, HashSet::new());
    for (name, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<_> = parameters.iter().filter(|one| one["in"] == "query").collect();
        let asks = names.iter().any(|one| {
            let name = one["name"].as_str().unwrap();
            of_territory.contains(&name) && (name == "tree" || is_code(one))
        });
        let grouped = names.iter().any(|one| {
            let values = one["schema"]["enum"].as_array().cloned().unwrap_or_default();
            one["name"] == "by" && values.iter().any(|value| value == "province" || value == "unit")
        });
        if !asks && !grouped {
            continue;
        }
        let path = name.split_once(' ').unwrap().1.to_owned();
        let takes = |wanted: &str| names.iter().any(|one| one["name"] == wanted);
        match DAY_FIXED.iter().find(|(fixed, _)| *fixed == path) {
            Some((_, why)) => {
                assert!(takes("tree") && takes("period"), "{name}: {why}");
                fixed.insert(path);
            }
            None => assert!(takes("at"), "{name} asks about territory and takes no day"),
        }
        asked += 1;
    }
    assert!(asked > 25 && fixed.len() == DAY_FIXED.len(), "{asked} {fixed:?}");
}

#[test]
fn no_reference_dangles() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} dangles");
                }
                object.values().for_each(|value| walk(document, value));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(document, value)),
            _ => {}
        }
    }
    let document = generated();
    walk(&document, &document);
}

/// Requests are closed and every text, list and number in them is bounded; a type serves requests or responses.
#[test]
fn requests_are_closed_and_bounded() {
    let document = generated();
    let schemas = &document["components"]["schemas"];
    for (name, operation) in operations(&document) {
        for media in operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values()) {
            // RFC 6749 lets a client send parameters that nobody looks at.
            bounded(schemas, &media["schema"], &name, !operation["x-standard"].is_string());
        }
        for media in
            operation["responses"]["200"]["content"].as_object().into_iter().flat_map(|content| content.values())
        {
            bounded(schemas, &media["schema"], &name, false);
        }
    }
}

fn bounded(schemas: &Value, schema: &Value, place: &str, is_request: bool) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return bounded(schemas, &schemas[name], &format!("{place} {name}"), is_request);
    }
    for choices in ["oneOf", "anyOf", "allOf"] {
        for choice in schema[choices].as_array().into_iter().flatten() {
            bounded(schemas, choice, place, is_request);
        }
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    for kind in kinds {
        match kind.as_str() {
            Some("object") => {
                assert!(!is_request || schema["additionalProperties"] == false, "{place} is an open request: {schema}");
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    bounded(schemas, property, &format!("{place}.{name}"), is_request);
                }
            }
            Some("array") => {
                assert!(schema["maxItems"].is_number(), "{place} is an unbounded list");
                bounded(schemas, &schema["items"], &format!("{place}[]"), is_request);
            }
            Some("string") => {
                let shaped = ["enum", "format", "pattern"].iter().any(|limit| !schema[limit].is_null());
                assert!(shaped, "{place} has neither enum nor format nor pattern");
                let fixed = ["date", "date-time", "uuid"].iter().any(|format| schema["format"] == **format);
                assert!(
                    fixed || !schema["enum"].is_null() || schema["maxLength"].is_number(),
                    "{place} has no maxLength"
                );
            }
            Some("integer") => {
                assert!(
                    schema["minimum"].is_number() && schema["maximum"].is_number(),
                    "{place} is an unbounded integer"
                );
            }
            _ => {}
        }
    }
}

/// The examples of bodies are of the published schemas.
#[test]
fn examples_validate() {
    let document = generated();
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        let request = operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values());
        let answers = operation["responses"].as_object().unwrap().values();
        let answers =
            answers.flat_map(|answer| answer["content"].as_object().into_iter().flat_map(|content| content.values()));
        for media in request.chain(answers).filter(|media| !media["example"].is_null()) {
            let mut schema = media["schema"].clone();
            schema["components"] = serde_json::json!({"schemas": document["components"]["schemas"]});
            let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
            let faults: Vec<String> = validator
                .iter_errors(&media["example"])
                .map(|error| format!("{} {error}", error.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{name}: {faults:#?} in {}", media["example"]);
            seen += 1;
        }
    }
    assert!(seen > 5);
}

#[test]
fn every_rule_and_problem_has_words_in_both_languages() {
    for kind in api::error::Kind::ALL {
        assert!(!kind.title().vi.is_empty() && !kind.title().en.is_empty());
    }
}
