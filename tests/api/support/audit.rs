//! What a request must leave in the audit trail. Every request of every test is held against it, so that no operation can forget.

use std::ops::RangeInclusive;

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

/// How many events an answer must have left: what the document says of the operation, if it succeeded. Repeats under a key and
/// reads that depend on who reads have tests of their own.
pub fn due(document: &Value, method: &Method, path: &str, repeated: bool, answer: &Answer) -> RangeInclusive<i64> {
    let Some((_, operation)) = operation(document, method, path) else { return 0..=0 };
    if !(200..300).contains(&answer.status) {
        return 0..=0;
    }
    let is_bulk = answer.headers.get("content-type").is_some_and(|kind| kind != "application/json");
    match operation["x-audit"].as_str() {
        // A file that is only checked writes nothing.
        Some("write") if answer.body["dryRun"] == json!(true) => 0..=0,
        Some("write") if repeated => 0..=1,
        Some("write" | "share") => 1..=1,
        Some("bulk" | "pull") if is_bulk => 1..=1,
        Some("pull") => 0..=1,
        Some("bulk") | None => 0..=0,
        Some(other) => panic!("x-audit {other}"),
    }
}
