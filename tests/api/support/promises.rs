//! What the contract promises of every answer, whatever was asked: the test client holds each answer of each test against it.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use unicode_normalization::is_nfc;

use super::client::Answer;

/// Items of a page whose length the client does not say.
const DEFAULT_LIMIT: usize = 50;

fn text<'a>(headers: &'a HeaderMap, name: &str, context: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("no {name}: {context}")).to_str().unwrap()
}

/// Holds an answer against what is promised of all. What follows another standard (`is_apart`) has refusals of its own.
pub fn check(method: &Method, target: &str, is_apart: bool, answer: &Answer) {
    let context = format!("{method} {target} → {} {:?} {}", answer.status, answer.headers, answer.text);
    let header = |name: &str| text(&answer.headers, name, &context);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    assert_eq!(header("api-version"), env!("CARGO_PKG_VERSION"), "{context}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{context}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{context}");
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{context}");
    assert!(header("cache-control").contains("no-"), "{context}");
    let vary: Vec<String> = header("vary").split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    for name in ["accept", "accept-language", "authorization"] {
        assert!(vary.iter().any(|known| known == name), "Vary without {name}: {context}");
    }
    let is_streamed = answer.headers.get("content-type").is_some_and(|kind| kind == "application/x-ndjson");
    assert!(!is_streamed || !answer.headers.contains_key("etag"), "a stream has no version: {context}");
    if answer.headers.contains_key("etag") {
        let tag = header("etag");
        assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "no strong tag: {context}");
    }
    assert_ne!(answer.status, 422, "{context}");
    match answer.status {
        201 => assert!(header("location").starts_with("/v1/") && !header("etag").is_empty(), "{context}"),
        204 => assert!(answer.bytes.is_empty(), "{context}"),
        304 => assert!(answer.bytes.is_empty() && !header("etag").is_empty(), "{context}"),
        401 if !is_apart => assert!(header("www-authenticate").starts_with("Bearer"), "{context}"),
        405 => assert!(!header("allow").is_empty(), "{context}"),
        429 | 503 => assert!(header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{context}"),
        _ => {}
    }
    if method == Method::HEAD {
        assert!(answer.bytes.is_empty(), "{context}");
    } else if answer.status >= 400 && !is_apart {
        is_a_problem(path, answer, &context);
    } else if answer.body.is_object() {
        assert!(is_nfc(&answer.text), "not in NFC: {context}");
        is_a_page_as_asked(query, answer, &context);
        if path.starts_with("/v1/") && path != "/v1/openapi.json" {
            values_are_written_in_one_way(&answer.body, &context);
        }
    }
}

/// A problem is of its request, in the language that it says, and leads to a page.
fn is_a_problem(path: &str, answer: &Answer, context: &str) {
    let problem = &answer.body;
    let code = problem["code"].as_str().unwrap_or_else(|| panic!("no code: {context}"));
    assert!(problem["type"].as_str().is_some_and(|kind| kind.ends_with(&format!("/problems/{code}"))), "{context}");
    // As the client sends it.
    let sent = reqwest::Url::parse(&format!("http://localhost{path}")).unwrap();
    assert_eq!(problem["instance"], json!(sent.path()), "{context}");
    assert!(problem["type"].as_str().is_some_and(|kind| kind.starts_with("http")), "{context}");
    // What stored state or the scheme refuses is refused by a rule of the book; what the protocol refuses is not.
    let is_of_protocol = ["idempotency_key_reused", "request_in_progress"].contains(&code);
    if answer.status == 409 && !is_of_protocol {
        assert!(problem["rule"] == code && problem["legalBasis"].is_string(), "{context}");
    }
    assert!(["vi", "en"].contains(&text(&answer.headers, "content-language", context)), "{context}");
    assert!(is_nfc(&answer.text), "not in NFC: {context}");
}

/// Identifiers are UUIDs of version 7, instants end with `Z`, and nothing is null.
fn values_are_written_in_one_way(value: &Value, context: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let text = member.as_str().unwrap_or_default();
                let is_identifier = name == "id" && text.len() == 36 && text.matches('-').count() == 4;
                assert!(!is_identifier || text.as_bytes()[14] == b'7', "{name} {text}: {context}");
                let is_instant = name.ends_with("At") && text.contains('T');
                assert!(!is_instant || text.ends_with('Z'), "{name} {text}: {context}");
                assert!(!member.is_null(), "{name} is null: {context}");
                values_are_written_in_one_way(member, context);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values_are_written_in_one_way(item, context)),
        _ => {}
    }
}

/// A page is no longer than asked for, tells no total unasked, and says twice where the next one is.
fn is_a_page_as_asked(query: &str, answer: &Answer, context: &str) {
    let (Some(items), true) = (answer.body["items"].as_array(), answer.body["links"].is_object()) else { return };
    let limit = query.split('&').find_map(|pair| pair.strip_prefix("limit="));
    let limit = limit.map_or(DEFAULT_LIMIT, |limit| limit.parse().unwrap());
    assert!(items.len() <= limit, "more than {limit}: {context}");
    let is_counted = query.split('&').any(|pair| pair == "count=exact");
    assert_eq!(answer.body["count"].is_number(), is_counted, "{context}");
    let linked = answer.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
    let next = answer.body["links"]["next"].as_str().map(|next| format!("<{next}>; rel=\"next\""));
    assert_eq!(linked, next, "{context}");
}

/// A text with its letters taken apart, as some keyboards and systems send Vietnamese.
pub fn decomposed(body: &Value) -> String {
    use unicode_normalization::UnicodeNormalization;
    body.to_string().nfd().collect()
}

#[test]
fn a_broken_promise_is_found() {
    let good = || {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("api-version", env!("CARGO_PKG_VERSION")),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-cache"),
            ("vary", "Accept, Accept-Language, Authorization"),
            ("etag", "\"1\""),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let body = json!({"items": [1], "links": {}});
        Answer { status: 200, headers, bytes: vec![1], text: body.to_string(), body }
    };
    let is_kept =
        |target: &str, answer: &Answer| std::panic::catch_unwind(|| check(&Method::GET, target, false, answer)).is_ok();
    assert!(is_kept("/v1/xs", &good()));
    for name in
        ["api-version", "x-content-type-options", "referrer-policy", "content-security-policy", "cache-control", "vary"]
    {
        let mut answer = good();
        answer.headers.remove(name);
        assert!(!is_kept("/v1/xs", &answer), "{name}");
    }
    let broken: [fn(&mut Answer); 13] = [
        |answer| drop(answer.headers.insert("etag", "W/\"1\"".parse().unwrap())),
        |answer| drop(answer.headers.insert("link", "</v1/xs>; rel=\"next\"".parse().unwrap())),
        |answer| answer.status = 422,
        |answer| answer.status = 201,
        |answer| answer.status = 401,
        |answer| answer.status = 405,
        |answer| answer.status = 503,
        |answer| answer.body["count"] = json!(1),
        |answer| answer.body["items"] = json!([{"id": "01920a5c-8f2e-4b3d-9c41-5f6e7a8b9c0d"}]),
        |answer| answer.body["items"] = json!([{"recordedAt": "2025-02-20T12:00:00+07:00"}]),
        |answer| answer.body["items"] = json!([{"name": null}]),
        |answer| drop(answer.headers.insert("content-type", "application/x-ndjson".parse().unwrap())),
        |answer| answer.text = "A\u{301}".to_owned(),
    ];
    for (number, spoil) in broken.iter().enumerate() {
        let mut answer = good();
        spoil(&mut answer);
        assert!(!is_kept("/v1/xs", &answer), "{number}");
    }
    assert!(!is_kept("/v1/xs?count=exact", &good()) && !is_kept("/v1/xs?limit=0", &good()));
}
