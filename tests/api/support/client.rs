//! A client that trusts nothing: each answer is looked up in the document, and an undeclared status, header, media type
//! or member fails the test. So every test is a test of the contract too.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sarus::clock::Clock;
use sarus::store::Store;
use serde_json::{Map, Value, json};

use super::audit;
use super::promises::{self, decomposed};
use super::retries::{follow_up, untried};

/// Headers that every answer may carry and that the document does not repeat on each: transport and security.
const EXEMPT: &[&str] = &[
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "api-version",
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
];

/// Someone who calls the API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    document: Arc<Value>,
    token: Option<String>,
    headers: HeaderMap,
    trail: Option<Store>,
}

/// An answer that kept the contract.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
    pub body: Value,
}

impl Client {
    /// A client of a service; its audit trail is looked for in the store behind it.
    pub fn new(base: &str, document: Arc<Value>, token: Option<String>, trail: Store) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.to_owned(),
            document,
            token,
            headers: HeaderMap::new(),
            trail: Some(trail),
        }
    }

    /// The same caller with one more header on each request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        let name: HeaderName = name.parse().unwrap();
        other.headers.insert(name, HeaderValue::from_str(value).unwrap());
        other
    }

    /// The same caller, whose requests are not looked for in the audit trail.
    pub fn unwitnessed(&self) -> Self {
        Self { trail: None, ..self.clone() }
    }

    /// The token that it shows.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same caller, sending this `If-Match`.
    pub fn seen(&self, etag: &str) -> Self {
        self.with("if-match", etag)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", decomposed(body)))).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(("application/json", decomposed(body)))).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(("application/merge-patch+json", decomposed(body)))).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Takes a step on the version that stands now.
    pub async fn step(&self, record: &str, step: &str, body: &Value) -> Answer {
        let etag = self.get(record).await.ok_etag();
        self.seen(&etag).post(&format!("{record}/{step}"), body).await
    }

    /// Any request at all; its answer is checked like every other.
    pub async fn send(&self, method: Method, path: &str, body: Option<(&str, String)>) -> Answer {
        self.send_bytes(method, path, body.map(|(media_type, text)| (media_type, text.into_bytes()))).await
    }

    /// The headers of an answer that another document describes.
    pub async fn unchecked(&self, path: &str) -> HeaderMap {
        let request = self.http.get(format!("{}{path}", self.base)).headers(self.headers.clone());
        let request = self.token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        request.send().await.unwrap().headers().clone()
    }

    /// A file.
    pub async fn upload(&self, path: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        self.send_bytes(Method::POST, path, Some((media_type, bytes))).await
    }

    /// Whether a header is sent with each request.
    pub(super) fn sends(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Whether it writes whatever version stands.
    pub(super) fn is_hasty(&self) -> bool {
        self.headers.get("if-match").is_some_and(|version| version == "*")
    }

    /// The same caller, without further headers.
    pub(super) fn without_headers(&self) -> Self {
        Self { headers: HeaderMap::new(), ..self.clone() }
    }

    /// The published document.
    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    async fn send_bytes(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let Some(name) = untried(self, &method, path.split('?').next().unwrap_or_default()) else {
            return self.once(method, path, body).await;
        };
        let sender = self.with("idempotency-key", &Clock::new_trace());
        let answer = sender.once(method.clone(), path, body.clone()).await;
        if (200..300).contains(&answer.status) {
            follow_up(&sender, name, (&method, path, body), &answer).await;
        }
        answer
    }

    /// Sends a request once and checks its answer.
    pub(super) async fn once(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        // A trace of its own, to find what it leaves in the audit trail.
        let trace = Clock::new_trace();
        let answer = self.traced(method.clone(), path, body, &trace).await;
        let path_only = path.split('?').next().unwrap_or_default();
        let described = operation(&self.document, &method, path_only);
        let is_apart = described.is_some_and(|(_, operation)| operation["x-standard"].is_string());
        promises::check(&method, path, is_apart, &answer);
        if method != Method::HEAD && method != Method::OPTIONS {
            check(&self.document, &method, path_only, &answer);
        }
        let who = audit::Asking { token: self.token(), repeats: self.headers.contains_key("idempotency-key") };
        let due = audit::due(&self.document, &method, path_only, &who, &answer);
        // Whoever names a trace may make several requests of it.
        if let Some(trail) = self.trail.as_ref().filter(|_| !self.headers.contains_key("traceparent")) {
            let (left, status) = (audit::events_of(trail, &trace).await, answer.status);
            assert!(due.contains(&left), "{method} {path} → {status} leaves {left} audit events, due {due:?}");
        }
        answer
    }

    /// Sends a request whose answer is not what the document says: one that a test has put in its place.
    pub async fn unchecked_answer(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        self.traced(method, path, body, &Clock::new_trace()).await
    }

    /// Sends a request under a trace, unless the test names one.
    async fn traced(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>, trace: &str) -> Answer {
        let mut request =
            self.http.request(method.clone(), format!("{}{path}", self.base)).headers(self.headers.clone());
        if !self.headers.contains_key("traceparent") {
            request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some((media_type, bytes)) = body {
            request = request.header("content-type", media_type).body(bytes);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, bytes, text, body }
    }
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body.clone()
    }

    /// The body of a creation.
    #[track_caller]
    pub fn created(&self) -> Value {
        assert_eq!(self.status, 201, "{}", self.text);
        self.body.clone()
    }

    /// The entity tag of a success.
    #[track_caller]
    pub fn ok_etag(&self) -> String {
        self.ok();
        self.header("etag")
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap().to_owned()
    }

    /// Asserts a refusal by status and code, and gives the problem.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        self.body.clone()
    }

    /// The pointers and codes of all faults, sorted: `/unit required`.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        faults.sort();
        faults
    }

    /// The path that `Location` names.
    #[track_caller]
    pub fn location(&self) -> String {
        self.header("location")
    }
}

/// The operation of a path: the pattern with as many segments whose fixed ones are equal.
pub fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<(&'a str, &'a Value)> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(part, segment)| part.starts_with('{') || part == segment)
    };
    let (pattern, item) = document["paths"].as_object()?.iter().find(|(pattern, _)| fits(pattern))?;
    Some((pattern, item.get(method.as_str().to_lowercase())?))
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect(reference),
        None => value,
    }
}

fn check(document: &Value, method: &Method, path: &str, answer: &Answer) {
    let context = format!("{method} {path} → {} {}", answer.status, answer.text);
    // An operation that follows another standard has its own refusals; they are declared like any other answer.
    let is_apart = operation(document, method, path).is_some_and(|(_, operation)| operation["x-standard"].is_string());
    if answer.status >= 400 && !is_apart {
        let kind = answer.headers.get("content-type").expect("a media type").to_str().unwrap();
        assert_eq!(kind, "application/problem+json", "{context}");
        check_body(document, &json!({"$ref": "#/components/schemas/Problem"}), &answer.body, &context);
        assert_eq!(answer.body["status"], json!(answer.status), "{context}");
        super::refusals::check(&answer.body, &context);
        if answer.headers.get("content-language").is_some_and(|language| language == "vi") {
            super::refusals::in_vietnamese(&answer.body, &context);
        }
    }
    let Some((_, operation)) = operation(document, method, path) else {
        // Not an operation: only a problem can come of it (health and documentation have no contract).
        assert!(
            answer.status >= 400 || !path.starts_with("/v1/") || path == "/v1/openapi.json",
            "undocumented: {context}"
        );
        return;
    };
    let declared = operation["responses"].get(answer.status.to_string());
    let declared = resolved(document, declared.unwrap_or_else(|| panic!("undeclared status: {context}")));
    let headers = declared["headers"].as_object();
    // Where something is and which version it has is told wherever the document says so; a stream has no version.
    let is_streamed = answer.headers.get("content-type").is_some_and(|kind| kind != "application/json");
    for name in ["ETag", "Location", "Content-Location"].iter().filter(|_| answer.status < 300 && !is_streamed) {
        let is_declared = headers.is_some_and(|all| all.contains_key(*name));
        assert!(!is_declared || answer.headers.contains_key(*name), "no {name}: {context}");
    }
    for name in answer.headers.keys().map(HeaderName::as_str).filter(|name| !EXEMPT.contains(name)) {
        let known = headers.is_some_and(|all| all.keys().any(|declared| declared.eq_ignore_ascii_case(name)));
        assert!(known, "undeclared header {name}: {context}");
    }
    if answer.text.is_empty() {
        // A stream of no lines is empty too.
        let is_stream = answer.headers.get("content-type").is_some_and(|kind| kind == "application/x-ndjson");
        assert!(declared["content"].is_null() || answer.status >= 400 || is_stream, "an empty body: {context}");
        return;
    }
    let kind = answer.headers.get("content-type").expect("a media type").to_str().unwrap();
    let kind = kind.strip_suffix("; charset=utf-8").unwrap_or(kind);
    let media = declared["content"].get(kind).unwrap_or_else(|| panic!("undeclared media type {kind}: {context}"));
    if kind == "application/x-ndjson" {
        for line in answer.text.lines() {
            check_body(document, &media["schema"], &serde_json::from_str(line).unwrap(), &context);
        }
    } else if kind.ends_with("json") {
        check_body(document, &media["schema"], &answer.body, &context);
    }
}

type Validators = Mutex<HashMap<String, Arc<jsonschema::Validator>>>;
static VALIDATORS: LazyLock<Validators> = LazyLock::new(Validators::default);

/// Responses are published open; the test reads them as closed, so that nothing undocumented slips out. Many answers share a
/// schema, and each is taken with what it refers to alone: a whole document for each would fill the memory of the machine.
fn check_body(document: &Value, schema: &Value, body: &Value, context: &str) {
    let validator = {
        let mut known = VALIDATORS.lock().unwrap();
        let make = || {
            let mut whole = schema.clone();
            whole["components"] = json!({"schemas": reached(document, schema)});
            close(&mut whole);
            Arc::new(jsonschema::draft202012::options().should_validate_formats(true).build(&whole).expect(context))
        };
        Arc::clone(known.entry(schema.to_string()).or_insert_with(make))
    };
    let faults: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{context}");
}

/// The schemas of a document that one refers to, directly or through others, by name.
fn reached(document: &Value, schema: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut left = vec![schema];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) => {
                let named = members.get("$ref").and_then(Value::as_str);
                if let Some(name) = named.and_then(|at| at.strip_prefix("#/components/schemas/"))
                    && !found.contains_key(name)
                {
                    let of_name = &document["components"]["schemas"][name];
                    found.insert(name.to_owned(), of_name.clone());
                    left.push(of_name);
                }
                left.extend(members.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
