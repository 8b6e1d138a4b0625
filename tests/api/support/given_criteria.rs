//! Criteria sets that a test starts from.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::world::World;

/// Circular 09/2017/TT-BNNPTNT as far as it is known: six criteria, and a fine that forces *Yếu*.
pub fn tt09() -> Value {
    serde_json::from_str(include_str!("../../fixtures/criteria-tt09-2017.json")).unwrap()
}

/// The criteria of Circular 01/2020 with scales: sample data, in force from 2021.
pub fn with_scales() -> Value {
    serde_json::from_str(include_str!("../../fixtures/criteria-scales-sample.json")).unwrap()
}

impl World {
    /// A draft as the operator loads it; its path.
    pub async fn given_criteria_draft(&self, body: &Value) -> String {
        let answer = self.someone(Role::Administrator, "").post("/v1/criteria-sets", body).await;
        answer.created();
        answer.location()
    }

    /// The same, put in force by the ministry from its first day; its path.
    pub async fn given_criteria(&self, body: &Value) -> String {
        let path = self.given_criteria_draft(body).await;
        let decision = json!({"validFrom": body["validFrom"], "activatedOn": "2022-01-10"});
        self.someone(Role::Ministry, "").step(&path, "activations", &decision).await.ok();
        path
    }
}
