//! §2 of the contract, sentence by sentence, on every operation of the document while the service runs.

use reqwest::Method;
use sarus::api::edge::EdgeConfig;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::matrix::{Record, given_records, resource_of};
use crate::owasp::{NOBODY, Operation, operations, someone};
use crate::support::client::{Answer, Client};
use crate::support::world::World;

/// The media type and the text of a body that an operation takes: its example, or a file of one letter.
pub fn body_of(operation: &Operation) -> Option<(String, String)> {
    let example = operation.body().map(|(kind, example)| (kind, example.to_string()));
    example.or_else(|| {
        let kind = operation.described["requestBody"]["content"].as_object()?.keys().next()?;
        Some((kind.clone(), "x".to_owned()))
    })
}

pub fn takes(operation: &Operation, header: &str) -> bool {
    let parameters = operation.described["parameters"].as_array();
    let reference = json!(format!("#/components/parameters/{header}"));
    parameters.into_iter().flatten().any(|parameter| parameter["$ref"] == reference)
}

/// A query with all that an operation requires, and nothing else.
pub fn required_query(operation: &Operation) -> String {
    let parameters = operation.described["parameters"].as_array();
    let required = parameters.into_iter().flatten().filter(|known| known["in"] == "query" && known["required"] == true);
    let given = |known: &Value| {
        let name = known["name"].as_str().unwrap();
        let example = [
            &known["example"],
            &known["schema"]["example"],
            &known["schema"]["examples"][0],
            &known["schema"]["enum"][0],
        ];
        let example = example.into_iter().find_map(|example| example.as_str().map(str::to_owned));
        format!("{name}={}", example.unwrap_or_else(|| panic!("{} {name} has no example", operation.pattern)))
    };
    required.map(given).collect::<Vec<_>>().join("&")
}

/// Asks for an operation with a body that fits, if it takes one.
pub async fn ask(client: &Client, operation: &Operation, path: &str) -> Answer {
    let body = body_of(operation);
    let body = body.as_ref().map(|(kind, text)| (kind.as_str(), text.clone()));
    client.send(operation.method.clone(), path, body).await
}

scenario! {
    /// Route → 401 → 403 → 406 → 415, 413 → 400 → 428 → 404, each before all that follow it.
    async fn every_operation_checks_in_the_documented_order(world) {
        let (mut bodies, mut versions, mut sought) = (0, 0, 0);
        for operation in operations(&world) {
            let (path, method) = (operation.path(NOBODY), operation.method.clone());
            let wrong = format!("{path}?surprise=1");
            let text = || Some(("text/plain", "{".to_owned()));
            let stranger = world.stranger().with("accept", "image/png");
            stranger.send(method.clone(), &wrong, text()).await.refused(401, "unauthenticated");
            if let Some(role) = Role::ALL.iter().copied().find(|role| !role.may(operation.permission)) {
                let forbidden = someone(&world, role).with("accept", "image/png");
                forbidden.send(method.clone(), &wrong, text()).await.refused(403, "forbidden");
            }
            let client = operation.permitted(&world);
            let (deaf, plain) = (client.with("accept", "image/png"), client.clone());
            if method != Method::DELETE {
                deaf.send(method.clone(), &wrong, text()).await.refused(406, "not_acceptable");
            }
            if let Some((kind, fitting)) = body_of(&operation) {
                plain.send(method.clone(), &wrong, text()).await.refused(415, "unsupported_media_type");
                let packed = plain.with("content-encoding", "gzip");
                let packed = packed.send(method.clone(), &wrong, Some((kind.as_str(), fitting.clone()))).await;
                packed.refused(415, "unsupported_media_type");
                assert_eq!(packed.header("accept-encoding"), "identity", "{path}");
                // A file may be larger than a form.
                let most = if kind.ends_with("json") { 1024 * 1024 } else { 8 * 1024 * 1024 };
                let huge = Some((kind.as_str(), "x".repeat(most + 1)));
                plain.send(method.clone(), &wrong, huge).await.refused(413, "payload_too_large");
                if kind.ends_with("json") {
                    let broken = Some((kind.as_str(), "{".to_owned()));
                    plain.send(method.clone(), &path, broken).await.refused(400, "malformed_json");
                    let surprising = Some((kind.as_str(), json!({"surprise": 1}).to_string()));
                    plain.send(method.clone(), &path, surprising).await.refused(400, "invalid_body");
                }
                if takes(&operation, "IfMatch") && method != Method::PUT {
                    let unconditional = plain.send(method.clone(), &path, Some((kind.as_str(), fitting))).await;
                    // Told first: what is no file, and the evaluation that the example of a completion names and nobody made.
                    let due = match (kind.ends_with("json"), operation.pattern.as_str()) {
                        (false, _) => (400, "invalid_body"),
                        (true, "/v1/pilots/{id}/completions") => (400, "unknown_reference"),
                        (true, _) => (428, "precondition_required"),
                    };
                    unconditional.refused(due.0, due.1);
                    versions += 1;
                }
                bodies += 1;
            } else if takes(&operation, "IfMatch") {
                plain.send(method.clone(), &path, None).await.refused(428, "precondition_required");
                versions += 1;
            }
            if method == Method::PUT {
                ask(&plain, &operation, &path).await.refused(428, "precondition_required");
                versions += 1;
            }
            if operation.pattern.contains('{') {
                // The version is of nothing: the record is looked for first. An example may be refused by itself before.
                let lost = ask(&client.seen("\"999\""), &operation, &path).await;
                assert!([400, 404].contains(&lost.status), "{method} {path} {} {}", lost.status, lost.text);
                sought += usize::from(lost.status == 404);
            }
            let surprised = ask(&client.seen("\"1\""), &operation, &wrong).await;
            surprised.refused(400, "invalid_query");
            assert!(surprised.faults().contains(&"#surprise unknown_parameter".to_owned()), "{}", surprised.text);
        }
        assert!(bodies > 80 && versions > 60 && sought > 150, "{bodies} {versions} {sought}");
    }
}

scenario! {
    /// Whatever is answered names the version of the API, is not guessed at, not kept, told apart by what it depends on, and
    /// continues the caller's trace; behind TLS it is to be asked for there only, and its problems have their pages there.
    async fn every_answer_carries_what_is_promised(world) {
        let limited = EdgeConfig { rate_limit: std::num::NonZeroU32::new(1_000_000), ..EdgeConfig::default() };
        let world = world.published_at("https://sarus.example", limited).await;
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
        for operation in operations(&world) {
            let path = operation.path(NOBODY);
            let client = operation.permitted(&world).seen("\"1\"").with("traceparent", &traceparent);
            let (answer, refused) = (ask(&client, &operation, &path).await, ask(&client, &operation, &format!("{path}?surprise=1")).await);
            for answer in [answer, refused] {
                let place = format!("{} {path} {}", operation.method, answer.status);
                assert_eq!(answer.header("api-version"), env!("CARGO_PKG_VERSION"), "{place}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{place}");
                assert_eq!(answer.header("referrer-policy"), "no-referrer", "{place}");
                assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{place}");
                for name in ["accept", "accept-language", "authorization"] {
                    assert!(answer.header("vary").to_ascii_lowercase().split(", ").any(|known| known == name), "{place}");
                }
                assert!(answer.header("cache-control").contains("no-"), "{place}: {}", answer.header("cache-control"));
                assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=1000000;w=60", "{place}");
                assert!(answer.header("ratelimit").starts_with("\"default\";r="), "{place}");
                assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{place}");
                if answer.status >= 400 {
                    assert!(answer.body["type"].as_str().unwrap().starts_with("https://sarus.example/problems/"), "{place}");
                    assert_eq!((&answer.body["traceId"], &answer.body["instance"]), (&json!(trace), &json!(path)), "{place}");
                }
            }
        }
    }
}

scenario! {
    /// A refusal is in Vietnamese unless English is preferred; its code is the same, and its type has a page.
    async fn every_operation_refuses_in_both_languages(world) {
        for operation in operations(&world) {
            let path = format!("{}?surprise=1", operation.path(NOBODY));
            let client = operation.permitted(&world).seen("\"1\"");
            let vietnamese = ask(&client, &operation, &path).await.refused(400, "invalid_query");
            let english = ask(&client.with("accept-language", "en-GB, vi;q=0.5"), &operation, &path).await.refused(400, "invalid_query");
            assert_ne!(vietnamese["title"], english["title"], "{path}");
            assert_ne!(vietnamese["errors"][0]["message"], english["errors"][0]["message"], "{path}");
            assert_eq!(vietnamese["errors"][0]["code"], english["errors"][0]["code"], "{path}");
            assert_eq!(vietnamese["type"], english["type"], "{path}");
        }
        // Every code that an answer may bear, of the framework and of the scheme, has a page at its address.
        for code in sarus::api::error::Kind::ALL.iter().map(|kind| kind.code()).chain(sarus::domain::refusal::Rule::ALL.iter().map(|rule| rule.code())) {
            assert_eq!(world.stranger().get(&format!("/problems/{code}")).await.status, 200, "{code}");
        }
    }
}

/// Every GET of the document with the path of a record that is there.
pub fn reads(world: &World, records: &[Record]) -> Vec<(Operation, String)> {
    let of = |operation: Operation| {
        let path = match resource_of(&operation.pattern) {
            None => operation.pattern.clone(),
            Some(resource) => {
                let record = records.iter().find(|record| record.resource == resource)?;
                let path = operation.pattern.replace("{id}", &record.id).replace("{code}", &record.id);
                path.replace("{version}", &record.id).replace("{year}", "2020")
            }
        };
        let query = match operation.pattern.as_str() {
            // Reading the trail adds to it: what was written stays.
            "/v1/audit-events" => "kind=write".to_owned(),
            _ => required_query(&operation),
        };
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        Some((operation, path))
    };
    operations(world).into_iter().filter(|operation| operation.method == Method::GET).filter_map(of).collect()
}

scenario! {
    /// What is read has a strong `ETag`; who has seen it gets 304; HEAD says what GET says, without the body.
    async fn every_read_is_told_by_its_tag(world) {
        let records = given_records(&world).await;
        let mut read = 0;
        for (operation, path) in reads(&world, &records) {
            let role = [Role::Ministry, Role::LeadAgency, Role::Administrator].into_iter().find(|role| role.may(operation.permission));
            let client = someone(&world, role.unwrap());
            let answer = client.get(&path).await;
            if answer.status == 404 {
                // A record that has no such part: figures of a year that nobody declared.
                continue;
            }
            assert_eq!(answer.status, 200, "{path} {}", answer.text);
            let head = client.send(Method::HEAD, &path, None).await;
            assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
            for name in ["content-type", "etag", "vary", "cache-control"] {
                assert_eq!(head.headers.get(name), answer.headers.get(name), "HEAD {path} {name}");
            }
            let Some(tag) = answer.headers.get("etag").and_then(|tag| tag.to_str().ok()) else {
                panic!("{path} has no ETag");
            };
            assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{path} {tag}");
            let known = client.with("if-none-match", tag).get(&path).await;
            assert_eq!((known.status, known.bytes.len()), (304, 0), "{path}");
            assert_eq!(known.header("etag"), tag, "{path}");
            assert_eq!(client.with("if-none-match", "\"other\"").get(&path).await.status, 200, "{path}");
            read += 1;
        }
        assert!(read > 130, "{read} reads");
    }
}
