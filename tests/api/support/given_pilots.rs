//! Applications, selection decisions and pilots that a test starts from.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::given_plans::plan_path;
use super::world::World;

/// The scheme that ships with the service.
pub const SCHEME: &str = "QD167-2021-2025";
/// Sở Nông nghiệp và Phát triển nông thôn tỉnh An Giang.
pub const AGRICULTURE: &str = "01776530-4c00-7004-8000-000000000089";
/// Sở Giao thông vận tải tỉnh An Giang.
pub const TRANSPORT: &str = "01776530-4c00-7005-8000-000000000089";

/// The id of a record.
pub fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The path of an application.
pub fn application_path(application: &Value) -> String {
    format!("/v1/applications/{}", id_of(application))
}

/// The path of a selection decision.
pub fn decision_path(decision: &Value) -> String {
    format!("/v1/selection-decisions/{}", id_of(decision))
}

/// The path of a pilot.
pub fn pilot_path(pilot: &Value) -> String {
    format!("/v1/pilots/{}", id_of(pilot))
}

/// A body that applies with a complete dossier.
pub fn new_application(cooperative: &str) -> Value {
    json!({
        "cooperative": cooperative,
        "scheme": SCHEME,
        "model": "A3",
        "dossier": [
            {"code": "evaluation_2020", "document": {"title": "Bản đánh giá HTX năm 2020"}},
            {"code": "registration_form", "document": {"title": "Đơn đăng ký tham gia Đề án"}},
        ],
        "priorityClaims": [{"condition": "P2.4", "evidence": {"title": "Hợp đồng liên kết tiêu thụ"}}],
    })
}

/// A body that chooses applications for the scheme's list, as An Giang's 2128/QĐ-UBND does.
pub fn new_decision(number: &str, applications: &[Value]) -> Value {
    let choice = |application: &Value| json!({"application": application["id"], "responsibleDepartment": AGRICULTURE});
    json!({
        "province": "89",
        "scheme": SCHEME,
        "number": number,
        "date": "2021-09-15",
        "effectiveDate": "2021-09-15",
        "signatory": "Nguyễn Thanh Bình",
        "issuer": "chairperson",
        "proposal": {"number": "1996/SKHĐT-DN", "date": "2021-08-30"},
        "list": "scheme",
        "applications": applications.iter().map(choice).collect::<Vec<_>>(),
    })
}

impl World {
    /// The profits before tax of 2018, 2019 and 2020, as the cooperative declares them.
    pub async fn given_profits(&self, cooperative: &str, profits: [&str; 3]) {
        for (year, profit) in (2018..).zip(profits) {
            let path = format!("/v1/cooperatives/{cooperative}/annual-figures/{year}");
            let body = json!({"status": "final", "profitBeforeTax": profit});
            self.cooperative(cooperative).with("if-none-match", "*").put(&path, &body).await.created();
        }
    }

    /// A cooperative of Phú Tân that meets every condition of the scheme but has not applied; by its id.
    pub async fn given_applicant(&self, tax_code: &str) -> String {
        let cooperative = id_of(&self.given_cooperative("888", tax_code).await);
        self.given_profits(&cooperative, ["120000000", "95000000", "150000000"]).await;
        self.given_submitted_evaluation(&cooperative, 2020, 6_500).await;
        cooperative
    }

    /// The draft of an application with a complete dossier.
    pub async fn given_draft_application(&self, cooperative: &str) -> Value {
        self.cooperative(cooperative).post("/v1/applications", &new_application(cooperative)).await.created()
    }

    /// An application, submitted.
    pub async fn given_application(&self, cooperative: &str) -> Value {
        let draft = self.given_draft_application(cooperative).await;
        let body = json!({"submittedOn": "2021-08-02"});
        self.cooperative(cooperative).step(&application_path(&draft), "submissions", &body).await.ok()
    }

    /// Eligible applications of as many cooperatives, submitted. `from` keeps their tax codes apart.
    pub async fn given_applications(&self, from: u32, count: u32) -> Vec<Value> {
        let mut applications = Vec::new();
        for number in from..from + count {
            let applicant = self.given_applicant(&format!("16{number:08}")).await;
            applications.push(self.given_application(&applicant).await);
        }
        applications
    }

    /// The plan of An Giang, approved; the one that stands if there is one.
    pub async fn given_standing_plan(&self) -> Value {
        let lead = self.someone(Role::LeadAgency, "89");
        let standing = lead.get("/v1/provincial-plans?province=89&state=approved").await.ok();
        match standing["items"].get(0) {
            Some(plan) => plan.clone(),
            None => self.given_plan("89").await,
        }
    }

    /// The draft of a decision for the scheme's list, under a plan in force.
    pub async fn given_draft_decision(&self, number: &str, applications: &[Value]) -> Value {
        self.given_standing_plan().await;
        let body = new_decision(number, applications);
        self.someone(Role::LeadAgency, "89").post("/v1/selection-decisions", &body).await.created()
    }

    /// A decision in force; its pilots are open.
    pub async fn given_decision(&self, number: &str, applications: &[Value]) -> Value {
        let draft = self.given_draft_decision(number, applications).await;
        let committee = self.someone(Role::PeoplesCommittee, "89");
        committee.step(&decision_path(&draft), "approvals", &json!({})).await.ok()
    }

    /// Active pilots of Phú Tân under 2128/QĐ-UBND, at most five; Agriculture is responsible for them.
    pub async fn given_pilots(&self, count: u32) -> Vec<Value> {
        let applications = self.given_applications(1, count).await;
        let decision = self.given_decision("2128/QĐ-UBND", &applications).await;
        let path = format!("/v1/pilots?decision={}", id_of(&decision));
        let page = self.someone(Role::LeadAgency, "89").get(&path).await.ok();
        page["items"].as_array().unwrap().clone()
    }

    /// The agency of a role in a unit.
    pub async fn agency_of(&self, role: Role, unit: &str) -> Value {
        let path = format!("/v1/agencies?kind={}&unit={unit}", role.name());
        let page = self.someone(Role::Oversight, "89").get(&path).await.ok();
        page["items"][0]["id"].clone()
    }

    /// A body that records a completion on an evaluation, assessed with Agriculture and the district of Phú Tân.
    pub async fn new_completion(&self, completed_on: &str, evaluation: &Value) -> Value {
        let district = self.agency_of(Role::Locality, "888").await;
        json!({
            "completedOn": completed_on,
            "reason": "Hoàn thành kế hoạch",
            "evaluation": evaluation["id"],
            "assessors": [AGRICULTURE, district],
        })
    }

    /// A pilot of Phú Tân, with its model completed on 29 March 2024.
    pub async fn given_completed(&self, pilot: &Value) -> Value {
        let evaluation = self.given_submitted_evaluation(pilot["cooperative"].as_str().unwrap(), 2023, 8_250).await;
        let body = self.new_completion("2024-03-29", &evaluation).await;
        self.someone(Role::LeadAgency, "89").step(&pilot_path(pilot), "completions", &body).await.ok()
    }

    /// How many places of An Giang's quota are taken.
    pub async fn places_taken(&self) -> i64 {
        let plan = self.given_standing_plan().await;
        let plan = self.someone(Role::Oversight, "89").get(&plan_path(&plan)).await.ok();
        plan["pilotsSelected"].as_i64().unwrap()
    }
}
