//! Support needs of pilots.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::client::Client;
use super::given_pilots::id_of;
use super::world::World;

/// Where support needs are.
pub const NEEDS: &str = "/v1/support-needs";

/// The path of a need.
pub fn need_path(need: &Value) -> String {
    format!("{NEEDS}/{}", id_of(need))
}

/// An item of some million đồng a year.
pub fn needed(kind: &str, nature: &str, years: &[(u16, i64)]) -> Value {
    let phases: Vec<_> = years
        .iter()
        .map(|(year, millions)| json!({"fiscalYear": year, "amount": (millions * 1_000_000).to_string()}))
        .collect();
    let mut item = json!({
        "title": "Hạng mục mẫu", "supportKind": kind, "nature": nature, "justification": "Theo báo giá.", "phases": phases,
    });
    if kind == "training" {
        let cost = (years.iter().map(|(_, millions)| millions).sum::<i64>() * 1_000_000).to_string();
        item["training"] = json!([{"part": "organisation", "place": "rural", "cost": cost, "support": cost}]);
    }
    item
}

/// An appraisal of items.
pub fn appraisal(items: &Value) -> Value {
    json!({"documentNumber": "210/STC", "documentDate": "2022-02-20", "items": items})
}

/// An approval of items.
pub fn approval(items: &Value) -> Value {
    json!({"decisionNumber": "520/QĐ-UBND", "decisionDate": "2022-03-10", "items": items})
}

impl World {
    /// A pilot of Phú Tân, and the account of its cooperative.
    pub async fn given_pilot_and_account(&self) -> (Value, Client) {
        let pilot = self.given_pilots(1).await.remove(0);
        let cooperative = self.cooperative(pilot["cooperative"].as_str().unwrap());
        (pilot, cooperative)
    }

    /// A need of a pilot, consolidated by the lead agency.
    pub async fn given_consolidated_need(&self, pilot: &Value, items: &[Value]) -> Value {
        let cooperative = self.cooperative(pilot["cooperative"].as_str().unwrap());
        let need = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": items})).await.created();
        let path = need_path(&need);
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2022-01-15"})).await.ok();
        let body = json!({"documentNumber": "350/SKHĐT-DN", "documentDate": "2022-02-01"});
        self.someone(Role::LeadAgency, "89").step(&path, "consolidations", &body).await.ok()
    }

    /// A need of recurrent items, consolidated and appraised in whole by finance.
    pub async fn given_appraised_need(&self, pilot: &Value, items: &[Value]) -> Value {
        let need = self.given_consolidated_need(pilot, items).await;
        let all: Vec<_> = (1..=items.len()).map(|number| json!({"item": number})).collect();
        let body = appraisal(&json!(all));
        self.someone(Role::Finance, "89").step(&need_path(&need), "appraisals", &body).await.ok()
    }
}
