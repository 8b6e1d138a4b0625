//! §1 of the contract, sentence by sentence, on every operation and every schema of the document.

use std::collections::BTreeSet;

use sarus::api::published::generated;
use serde_json::{Map, Value, json};

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Path, method and operation of each operation; those that follow a standard of their own only when asked for.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let of_path = |(path, item): (&'_ String, &'_ Value)| -> Vec<(String, String)> {
        members(item).map(|(method, _)| (path.clone(), method.clone())).collect()
    };
    let names: Vec<(String, String)> = members(&document["paths"]).flat_map(of_path).collect();
    assert!(names.len() > 250, "{} operations", names.len());
    let found = names.iter().filter_map(|(path, method)| {
        let (path, item) = document["paths"].as_object()?.get_key_value(path)?;
        let (method, operation) = item.as_object()?.get_key_value(method)?;
        operation["x-standard"].is_null().then_some((path.as_str(), method.as_str(), operation))
    });
    found.collect()
}

/// What a reference of the document leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().map(|reference| document.pointer(reference.trim_start_matches('#')).unwrap());
    target.unwrap_or(value)
}

fn parameters<'a>(document: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    let named = operation["parameters"].as_array().into_iter().flatten();
    named.map(|parameter| resolved(document, parameter)).collect()
}

fn parameter<'a>(document: &'a Value, operation: &'a Value, place: &str, name: &str) -> Option<&'a Value> {
    parameters(document, operation).into_iter().find(|known| known["in"] == place && known["name"] == name)
}

/// The names of the schemas that a value leads to, all the way.
fn reached(document: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/"))
                && names.insert(name.to_owned())
            {
                reached(document, &document["components"]["schemas"][name], names);
            }
            object.values().for_each(|inner| reached(document, inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| reached(document, inner, names)),
        _ => {}
    }
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

/// Nouns of a path that name one thing.
const SINGULAR: &[&str] = &[
    "classification",
    "collective-economy-extract",
    "conformance",
    "eligibility",
    "me",
    "oauth",
    "progress",
    "ranking",
    "report-completeness",
    "token",
    "verification",
];

/// Base path `/v1`, kebab-case, plural nouns and no verbs, no trailing slash; query keys and members of bodies in camelCase.
#[test]
fn names_are_spelled_in_one_way() {
    let document = generated();
    let mut schemas = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let rest = path.strip_prefix("/v1/").unwrap_or_else(|| panic!("{path} is not under /v1"));
        for segment in rest.split('/') {
            let is_kebab = segment.split('-').all(|word| {
                !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            });
            let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
            assert!(is_kebab || name.is_some_and(is_camel), "{path}");
            assert!(
                name.is_some() || segment.ends_with('s') || SINGULAR.contains(&segment),
                "{path}: is {segment} a noun?"
            );
        }
        for known in parameters(&document, operation).iter().filter(|known| known["in"] == "query") {
            assert!(known["name"].as_str().is_some_and(is_camel), "{method} {path} {}", known["name"]);
        }
        reached(&document, operation, &mut schemas);
    }
    assert!(schemas.len() > 400, "{} schemas", schemas.len());
    for name in &schemas {
        for (member, _) in members(&document["components"]["schemas"][name]["properties"]) {
            assert!(is_camel(member), "{name}.{member}");
        }
    }
}

/// The top level of a body is an object, and requests and answers share no type of an object.
#[test]
fn bodies_are_objects_of_one_direction() {
    let document = generated();
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (path, method, operation) in operations(&document) {
        reached(&document, &operation["requestBody"], &mut asked);
        reached(&document, &operation["responses"], &mut answered);
        let answers = members(&operation["responses"]).map(|(_, answer)| resolved(&document, answer));
        for body in answers.chain([&operation["requestBody"]]) {
            for (kind, media) in members(&body["content"]).filter(|(kind, _)| kind.ends_with("json")) {
                let schema = resolved(&document, &media["schema"]);
                assert_eq!(schema["type"], "object", "{method} {path} {kind}");
            }
        }
    }
    let is_object = |name: &&String| document["components"]["schemas"][name.as_str()]["properties"].is_object();
    let shared: Vec<_> = asked.intersection(&answered).filter(is_object).collect();
    assert!(shared.is_empty(), "{shared:?} serve requests and answers");
}

/// `null` stands in patches alone; no number is a float; instants and dates are told by their names; ids are UUIDs.
#[test]
fn values_are_written_in_one_way() {
    let document = generated();
    for (name, schema) in members(&document["components"]["schemas"]) {
        for (member, value) in members(&schema["properties"]) {
            let place = format!("{name}.{member}");
            let kinds: Vec<&str> = match &value["type"] {
                Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
                kind => kind.as_str().into_iter().collect(),
            };
            assert!(!kinds.contains(&"null") || name.ends_with("Patch"), "{place} may be null");
            assert!(!kinds.contains(&"number"), "{place} is a float");
            let named = |ends: &[&str]| ends.iter().any(|end| member.ends_with(end));
            match value["format"].as_str() {
                // What is quoted as of an instant, and an act that lists say briefly.
                Some("date-time") => {
                    assert!(named(&["At", "Until", "asOf"]) || member == "at", "{place} is an instant");
                }
                Some("date") => {
                    let is_period = ["validFrom", "validTo", "from", "to", "at", "date", "day", "lastDay"]
                        .contains(&member.as_str());
                    assert!(is_period || named(&["Date", "On", "End", "ValidFrom"]), "{place} is a day");
                }
                _ => {}
            }
            // The rule book is keyed by the codes of its rules.
            if member == "id" && name != "BookRule" {
                assert_eq!(value["format"], "uuid", "{place}");
            }
        }
    }
}

/// Money and points are types of their own: decimal strings with a pattern, wherever an amount or points are written.
#[test]
fn money_and_points_have_types_of_their_own() {
    let document = generated();
    for (name, words) in [("Money", "6615000000"), ("Points", "78.50")] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["type"], "string", "{name}");
        assert!(schema["pattern"].is_string() && schema.to_string().contains(words), "{schema}");
    }
    let mut amounts = 0;
    for (name, schema) in members(&document["components"]["schemas"]) {
        for (member, value) in
            members(&schema["properties"]).filter(|(member, _)| *member == "amount" || *member == "points")
        {
            let text = value.to_string();
            let due = if member == "amount" { "Money\"" } else { "Points\"" };
            // What is posted is above zero, and says so where it stands.
            let is_above_zero =
                member == "amount" && value["pattern"] == "^[1-9][0-9]{0,14}$" && value["type"] == "string";
            assert!(text.contains(due) || is_above_zero, "{name}.{member}: {text}");
            amounts += 1;
        }
    }
    assert!(amounts > 10, "{amounts}");
}

/// A creation answers 201 with where and which version; a step 200 with the parent; an edit is a merge patch of a version.
#[test]
fn each_method_has_its_shape() {
    let document = generated();
    let headers = |operation: &Value, status: &str| -> Vec<String> {
        members(&operation["responses"][status]["headers"]).map(|(name, _)| name.clone()).collect()
    };
    let (mut creations, mut steps, mut edits) = (0, 0, 0);
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let kinds: Vec<&String> = members(&operation["requestBody"]["content"]).map(|(kind, _)| kind).collect();
        let if_match = parameter(&document, operation, "header", "If-Match");
        let has = |status: &str, due: &[&str]| {
            due.iter().all(|name| headers(operation, status).contains(&(*name).to_owned()))
        };
        match method {
            "get" => assert!(kinds.is_empty() && !operation["responses"]["200"].is_null(), "{place}"),
            "post" => {
                let key =
                    parameter(&document, operation, "header", "Idempotency-Key").unwrap_or_else(|| panic!("{place}"));
                assert_ne!(key["required"], true, "{place}");
                if !path.contains('{') {
                    assert!(has("201", &["ETag", "Location"]), "{place}");
                    creations += 1;
                } else if !COMPUTES.contains(&path) {
                    assert_eq!(if_match.map(|header| &header["required"]), Some(&json!(true)), "{place}");
                    if kinds.iter().all(|kind| !kind.ends_with("json")) || path.ends_with("/trials") {
                        // What came of a file, or would come of a set, is no view of the record.
                        assert!(!has("200", &["ETag"]) && !has("200", &["Content-Location"]), "{place}");
                        continue;
                    }
                    assert!(has("200", &["ETag", "Content-Location"]), "{place}");
                    let (parent, _) = path.rsplit_once('/').unwrap();
                    assert!(document["paths"][path]["get"].is_object(), "{place} has no history");
                    let actions = format!("{parent}/allowed-actions");
                    assert!(document["paths"][&actions].is_object(), "{actions} does not tell {path}");
                    steps += 1;
                }
            }
            "patch" => {
                assert_eq!(kinds, ["application/merge-patch+json"], "{place}");
                assert_eq!(if_match.map(|header| &header["required"]), Some(&json!(true)), "{place}");
                assert!(has("200", &["ETag"]), "{place}");
                assert_patch_of_a_creation(&document, operation, &place);
                edits += 1;
            }
            "put" => {
                assert!(path.contains("annual-figures"), "{place}: PUT is for yearly figures alone");
                assert!(
                    parameter(&document, operation, "header", "If-None-Match").is_some() && if_match.is_some(),
                    "{place}"
                );
            }
            "delete" => assert!(operation["responses"]["204"].is_object() && if_match.is_some(), "{place}"),
            other => panic!("{other} {path}"),
        }
    }
    assert!(creations > 20 && steps > 50 && edits > 10, "{creations} {steps} {edits}");
}

/// POSTs that compute and change nothing of the record: they have no version to name and no history.
const COMPUTES: &[&str] = &["/v1/determinations/{id}/replays"];

/// The schema of a patch is the creation's with nothing required.
fn assert_patch_of_a_creation(document: &Value, operation: &Value, place: &str) {
    let schema = &operation["requestBody"]["content"]["application/merge-patch+json"]["schema"];
    let patch = resolved(document, schema);
    assert!(patch["required"].as_array().is_none_or(Vec::is_empty), "{place} requires something");
    assert_eq!(patch["additionalProperties"], false, "{place}");
    assert!(patch["properties"].as_object().is_some_and(|members| !members.is_empty()), "{place}");
}

/// Every refusal is a problem document and is declared; 422 is not among them.
#[test]
fn refusals_are_declared_problems() {
    let document = generated();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let empty = Map::new();
        let answers = operation["responses"].as_object().unwrap_or(&empty);
        let mut due = vec!["401", "403", "406", "429", "500", "503"];
        if path.contains('{') {
            due.push("404");
        }
        if operation["requestBody"].is_object() {
            due.extend(["400", "408", "413", "415"]);
        }
        if parameter(&document, operation, "header", "If-Match").is_some() {
            due.extend(["409", "412", "428"]);
        }
        for status in due {
            assert!(answers.contains_key(status), "{place} does not declare {status}");
        }
        assert!(!answers.contains_key("422"), "{place}");
        for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let answer = resolved(&document, answer);
            let kinds: Vec<&String> = members(&answer["content"]).map(|(kind, _)| kind).collect();
            assert_eq!(kinds, ["application/problem+json"], "{place} {status}");
            if ["429", "503"].contains(&status.as_str()) {
                assert!(answer["headers"]["Retry-After"].is_object(), "{place} {status}");
            }
        }
    }
}

/// A page is `items` and where the next is; the limit is 1–200, 50 by default; `cursor` is opaque.
#[test]
fn every_list_pages_alike() {
    let document = generated();
    let mut lists = 0;
    for (path, _, operation) in operations(&document) {
        let Some(cursor) = parameter(&document, operation, "query", "cursor") else { continue };
        let limit = parameter(&document, operation, "query", "limit").unwrap_or_else(|| panic!("{path} has no limit"));
        let limit = &limit["schema"];
        assert_eq!(
            (&limit["minimum"], &limit["maximum"], &limit["default"]),
            (&json!(1), &json!(200), &json!(50)),
            "{path}"
        );
        assert_eq!(cursor["schema"]["type"], "string", "{path}");
        assert!(parameter(&document, operation, "query", "count").is_some(), "{path} cannot be counted");
        let answer = &operation["responses"]["200"];
        let page = resolved(&document, &answer["content"]["application/json"]["schema"]);
        assert_eq!(
            (&page["properties"]["items"]["type"], &page["properties"]["items"]["maxItems"]),
            (&json!("array"), &json!(200)),
            "{path}"
        );
        assert!(answer["headers"]["Link"].is_object() && answer["headers"]["ETag"].is_object(), "{path}");
        assert!(answer["content"]["application/x-ndjson"].is_object(), "{path} does not stream");
        lists += 1;
    }
    assert!(lists > 25, "{lists} lists");
}
