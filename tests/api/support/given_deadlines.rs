//! Deadlines of reports that a test starts from.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::world::World;

/// The People's Committee of Phú Tân (888).
pub const PHU_TAN: &str = "01776530-4c00-7010-8000-000000000888";

/// Yearly reports of localities before 20 December, that day excluded, as Circular 124/2021/TT-BTC writes.
pub fn new_reporting_deadline() -> Value {
    json!({
        "regime": "124/2021/TT-BTC", "level": "locality", "periodKind": "year",
        "due": {"yearsAfter": 0, "month": 12, "day": 20}, "lastDayCounts": false,
        "validFrom": "2022-12-31", "legalBasis": "124/2021/TT-BTC",
    })
}

/// The path of a deadline.
pub fn deadline_path(deadline: &Value) -> String {
    format!("/v1/reporting-deadlines/{}", deadline["id"].as_str().unwrap())
}

impl World {
    /// A deadline, loaded by the operator and put in force by the ministry.
    pub async fn given_reporting_deadline(&self, terms: &Value) -> Value {
        let draft = self.someone(Role::Administrator, "").post("/v1/reporting-deadlines", terms).await.created();
        self.someone(Role::Ministry, "").step(&deadline_path(&draft), "activations", &json!({})).await.ok()
    }
}
