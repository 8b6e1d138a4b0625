//! Provincial plans, as An Giang's.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::world::World;

/// The id of the lead agency of a province, as the directory ships it.
pub fn lead_agency(province: &str) -> String {
    format!("01776530-4c00-7002-8000-{province:0>12}")
}

/// The plan of Decision 2129/QĐ-UBND: 6,615 + 21,000 + 5,060 = 32,675 million đồng, five pilots.
pub fn new_plan(province: &str) -> Value {
    json!({
        "province": province,
        "scheme": "QD167-2021-2025",
        "decisionNumber": "2129/QĐ-UBND",
        "decisionDate": "2021-09-15",
        "leadAgency": lead_agency(province),
        "pilotQuota": 5,
        "estimateLines": [
            {"category": "infrastructure_and_processing", "amount": "6615000000"},
            {"category": "preferential_credit_and_fund", "amount": "21000000000"},
            {"category": "recurrent_support", "amount": "5060000000"},
        ],
        "total": "32675000000",
    })
}

/// The path of a record of a list.
pub fn plan_path(plan: &Value) -> String {
    format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap())
}

impl World {
    /// The draft of a province's plan, by its lead agency.
    pub async fn given_plan_draft(&self, province: &str) -> Value {
        self.someone(Role::LeadAgency, province).post("/v1/provincial-plans", &new_plan(province)).await.created()
    }

    /// The plan of a province, approved by its People's Committee.
    pub async fn given_plan(&self, province: &str) -> Value {
        let draft = self.given_plan_draft(province).await;
        self.someone(Role::PeoplesCommittee, province).step(&plan_path(&draft), "approvals", &json!({})).await.ok()
    }
}
