//! What a request must leave in the audit trail. Every request of every test is held against it, so that no operation can forget.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use sarus::store::Store;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::client::{Answer, operation};

/// How many events the trail holds of a trace.
pub async fn events_of(store: &Store, trace: &str) -> i64 {
    let db = store.reader();
    let sql = "SELECT COUNT(*) FROM audit_events WHERE trace_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [trace.into()]);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Who asks.
pub struct Asking<'a> {
    pub token: Option<&'a str>,
    /// Whether the request may be a repeat, under a key.
    pub repeats: bool,
}

impl Asking<'_> {
    /// The role that the token names.
    fn role(&self) -> Option<String> {
        let claims = URL_SAFE_NO_PAD.decode(self.token?.split('.').nth(1)?).ok()?;
        Some(serde_json::from_slice::<Value>(&claims).ok()?["roles"][0].as_str()?.to_owned())
    }
}

/// How many events an answer must have left: what the document says of the operation, if it succeeded. A repeat may leave none,
/// and inspectors may be of a province or of the country.
pub fn due(document: &Value, method: &Method, path: &str, who: &Asking<'_>, answer: &Answer) -> RangeInclusive<i64> {
    let Some((_, operation)) = operation(document, method, path) else { return 0..=0 };
    if !(200..300).contains(&answer.status) {
        return 0..=0;
    }
    let is_bulk = answer.headers.get("content-type").is_some_and(|kind| kind != "application/json");
    match operation["x-audit"].as_str() {
        // A file that is only checked writes nothing.
        Some("write") if answer.body["dryRun"] == json!(true) => 0..=0,
        Some("write") if who.repeats => 0..=1,
        Some("write" | "share") => 1..=1,
        Some("bulk" | "pull") if is_bulk => 1..=1,
        Some("pull") => match who.role().as_deref() {
            Some("ministry" | "administrator") => 1..=1,
            Some("inspectorate") => 0..=1,
            _ => 0..=0,
        },
        Some("bulk") | None => 0..=0,
        Some(other) => panic!("x-audit {other}"),
    }
}
