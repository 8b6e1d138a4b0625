//! What follows a write, tried once in a run for each operation, on the first success that any test has with it: the same
//! request under its idempotency key gets the stored answer, what was made is where the answer says, and a step is in its
//! history.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use reqwest::Method;
use serde_json::Value;

use super::client::{Answer, Client, operation};

/// The operations that were tried.
static TRIED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// The operation that a request is for, if its kind of write was not tried yet, the test sends no key of its own and names a
/// version: who writes whatever the version may be racing others, and what was written is gone before it is read.
pub(super) fn untried(client: &Client, method: &Method, path: &str) -> Option<String> {
    if ![Method::POST, Method::PATCH].contains(method) || client.sends("idempotency-key") || client.is_hasty() {
        return None;
    }
    let (_, described) = operation(client.document(), method, path)?;
    let name = described["operationId"].as_str().filter(|_| described["x-standard"].is_null())?.to_owned();
    (!TRIED.lock().unwrap().contains(&name)).then_some(name)
}

/// A secret is shown once, not to a repeat.
fn without_secret(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("clientSecret");
    }
    body
}

/// Tries what follows a success; `client` is who sent it, with its key.
pub(super) async fn follow_up(
    client: &Client,
    name: String,
    (method, target, body): (&Method, &str, Option<(&str, Vec<u8>)>),
    answer: &Answer,
) {
    let context = format!("{method} {target} {}", answer.text);
    let told = |answer: &Answer| {
        ["etag", "location", "content-location", "content-type"].map(|name| answer.headers.get(name).cloned())
    };
    if method == Method::POST {
        let repeated = client.once(method.clone(), target, body).await;
        let (first, second) = ((answer.status, told(answer)), (repeated.status, told(&repeated)));
        assert_eq!(first, second, "a repeat of {context}");
        assert_eq!(without_secret(&answer.body), without_secret(&repeated.body), "a repeat of {context}");
    }
    let reader = client.without_headers();
    let path = target.split('?').next().unwrap_or_default();
    let place = match (method, answer.status) {
        (&Method::PATCH, _) => Some(path),
        (_, 201) => answer.headers.get("location").map(|place| place.to_str().unwrap()),
        _ => answer.headers.get("content-location").map(|place| place.to_str().unwrap()),
    };
    // A read that enters the audit trail is not made beside what a test does.
    let is_quiet = |place: &&str| {
        operation(client.document(), &Method::GET, place).is_some_and(|(_, described)| described["x-audit"].is_null())
    };
    if let Some(place) = place.filter(is_quiet) {
        let found = reader.once(Method::GET, place, None).await;
        assert_eq!(
            (found.status, found.headers.get("etag")),
            (200, answer.headers.get("etag")),
            "{place} after {context}"
        );
        assert_eq!(without_secret(&answer.body), without_secret(&found.body), "{place} after {context}");
    }
    if answer.headers.contains_key("content-location") {
        let history = reader.once(Method::GET, path, None).await;
        assert!(
            history.body["items"].as_array().is_some_and(|items| !items.is_empty()),
            "{} after {context}",
            history.text
        );
    }
    TRIED.lock().unwrap().insert(name);
}
