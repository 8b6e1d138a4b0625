//! Improvement plans and loans that a test starts from.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::given_evaluations::{evaluation_path, score};
use super::given_pilots::{AGRICULTURE, SCHEME, id_of};
use super::world::World;

/// The path of an improvement plan.
pub fn improvement_path(plan: &Value) -> String {
    format!("/v1/improvement-plans/{}", id_of(plan))
}

/// The path of a loan.
pub fn loan_path(loan: &Value) -> String {
    format!("/v1/loans/{}", id_of(loan))
}

/// The account of the cooperative that a record is of.
pub fn cooperative_of(record: &Value) -> &str {
    record["cooperative"].as_str().unwrap()
}

/// A form of 68.00 points; criterion 7 has 4.00, group III's 26.00 stand on criterion 10.
pub const BASELINE_OF_68: [(&str, i64); 23] = [
    ("1a", 5),
    ("1b", 0),
    ("2a", 4),
    ("2b", 0),
    ("3a", 4),
    ("3b", 2),
    ("3c", 2),
    ("4a", 2),
    ("4b", 1),
    ("4c", 1),
    ("5", 6),
    ("6", 5),
    ("7a", 2),
    ("7b", 1),
    ("7c", 1),
    ("8", 4),
    ("9", 2),
    ("10", 26),
    ("11", 0),
    ("12", 0),
    ("13", 0),
    ("14", 0),
    ("15", 0),
];

/// The same form with some points changed.
pub fn changed(form: &[(&str, i64)], changes: &[(&str, i64)]) -> Vec<Value> {
    let points = |code: &str, held: i64| changes.iter().find(|(name, _)| *name == code).map_or(held, |(_, new)| *new);
    form.iter().map(|(code, held)| score(code, &format!("{}.00", points(code, *held)))).collect()
}

/// A body that plans to improve criteria 3, 7 and 10 of the form of 68.00 points, with two measures.
pub fn new_improvement_plan(pilot: &Value, baseline: &Value) -> Value {
    json!({
        "pilot": pilot["id"],
        "baselineEvaluation": baseline["id"],
        "criteria": [
            {"criterion": "3", "toImprove": true, "target": "11.00"},
            {"criterion": "7", "toImprove": true, "baseline": "4.00", "target": "6.00"},
            {"criterion": "10", "toImprove": true, "target": "34.00"},
            {"criterion": "6", "toImprove": false},
        ],
        "measures": [
            {"title": "Cử 02 cán bộ quản lý học đại học", "area": "governance", "dueDate": "2022-06-30",
             "responsible": "Hội đồng quản trị", "criteria": ["7"]},
            {"title": "Kiểm toán độc lập hằng năm", "area": "accounting", "dueDate": "2022-12-31",
             "responsible": "Kế toán trưởng"},
        ],
    })
}

/// The body of an opinion in favour of a plan, which fits the State's support plan.
pub fn new_improvement_opinion() -> Value {
    json!({"outcome": "favourable", "fitsSupportPlan": true, "givenOn": "2021-10-12", "comment": "Thống nhất nội dung."})
}

/// A body that puts signed plans before the People's Committee.
pub fn new_consolidation(number: &str, plans: &[&Value]) -> Value {
    let plan = |plan: &&Value| json!({"plan": plan["id"], "contentHash": plan["contentHash"]});
    json!({
        "province": "89",
        "scheme": SCHEME,
        "number": number,
        "date": "2021-10-29",
        "advice": "Đề nghị UBND tỉnh phê duyệt.",
        "plans": plans.iter().map(plan).collect::<Vec<_>>(),
    })
}

/// The body of a submission to all four recipients.
pub fn new_submission() -> Value {
    json!({
        "signer": "Nguyễn Văn Mẫu",
        "signedOn": "2021-10-20",
        "document": {"title": "Kế hoạch hoàn thiện HTX thí điểm", "sha256": "a".repeat(64)},
        "recipients": ["lead_agency", "line_department", "cooperative_alliance", "locality"],
    })
}

/// The body of an approval of a plan as it was read.
pub fn new_approval(plan: &Value) -> Value {
    json!({
        "decisionNumber": "2500/QĐ-UBND",
        "decisionDate": "2021-11-05",
        "signatory": "Nguyễn Thanh Bình",
        "contentHash": plan["contentHash"],
    })
}

/// A body that records a loan of 1,500 million đồng.
pub fn new_loan(pilot: &Value) -> Value {
    json!({
        "pilot": pilot["id"],
        "lender": "Quỹ hỗ trợ phát triển HTX",
        "source": "preferential_credit_fund",
        "approvedAmount": "1500000000",
        "decisionNumber": "15/QĐ-QHTPTHTX",
        "decisionDate": "2022-03-10",
    })
}

impl World {
    /// A cooperative's own evaluation with given scores, endorsed by both boards and submitted.
    pub async fn given_scored_evaluation(&self, cooperative: &str, year: u16, scores: &[Value]) -> Value {
        let own = self.cooperative(cooperative);
        let body = json!({
            "cooperative": cooperative, "year": year, "kind": "self", "criteriaSet": "TT01-2020", "scores": scores,
        });
        let draft = own.post("/v1/evaluations", &body).await.created();
        for board in ["board_of_directors", "supervisory_board"] {
            let body = json!({"board": board, "opinion": "agreed", "endorsedOn": format!("{year}-12-10")});
            own.step(&evaluation_path(&draft), "endorsements", &body).await.ok();
        }
        let body = json!({"submittedOn": format!("{year}-12-14")});
        own.step(&evaluation_path(&draft), "submissions", &body).await.ok()
    }

    /// A pilot of Phú Tân.
    pub async fn given_pilot(&self) -> Value {
        self.given_pilots(1).await.remove(0)
    }

    /// A pilot with the evaluation of 2021 that its plan starts from: 68.00 points, criterion 7 at 4.00.
    pub async fn given_pilot_with_baseline(&self) -> (Value, Value) {
        let pilot = self.given_pilot().await;
        let scores = changed(&BASELINE_OF_68, &[]);
        let baseline = self.given_scored_evaluation(cooperative_of(&pilot), 2021, &scores).await;
        (pilot, baseline)
    }

    /// The draft of an improvement plan.
    pub async fn given_improvement_draft(&self) -> Value {
        let (pilot, baseline) = self.given_pilot_with_baseline().await;
        let body = new_improvement_plan(&pilot, &baseline);
        self.cooperative(cooperative_of(&pilot)).post("/v1/improvement-plans", &body).await.created()
    }

    /// The opinions of the three agencies that review a draft before it is signed.
    pub async fn given_reviews_of(&self, plan: &Value) {
        for reviewer in [
            self.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn"),
            self.someone(Role::LeadAgency, "89"),
            self.someone(Role::CooperativeAlliance, "89"),
        ] {
            reviewer.step(&improvement_path(plan), "opinions", &new_improvement_opinion()).await.ok();
        }
    }

    /// A draft, reviewed, signed and sent.
    pub async fn given_submission_of(&self, draft: &Value) -> Value {
        self.given_reviews_of(draft).await;
        let own = self.cooperative(cooperative_of(draft));
        own.step(&improvement_path(draft), "submissions", &new_submission()).await.ok()
    }

    /// An improvement plan that was signed and sent.
    pub async fn given_submitted_improvement(&self) -> Value {
        let draft = self.given_improvement_draft().await;
        self.given_submission_of(&draft).await
    }

    /// The consolidation of signed plans by the lead agency.
    pub async fn given_consolidation_of(&self, plans: &[&Value]) -> Value {
        let number = format!("{}/TTr-SKHĐT", &id_of(plans[0])[24..]);
        let hash = plans[0]["contentHash"].as_str().unwrap();
        let body = new_consolidation(&format!("{number} {}", &hash[..8]), plans);
        self.someone(Role::LeadAgency, "89").post("/v1/improvement-consolidations", &body).await.created()
    }

    /// The approval of a submitted improvement plan by the People's Committee, put forward by the lead agency.
    pub async fn given_approval_of(&self, plan: &Value) -> Value {
        self.given_consolidation_of(&[plan]).await;
        let committee = self.someone(Role::PeoplesCommittee, "89");
        committee.step(&improvement_path(plan), "approvals", &new_approval(plan)).await.ok()
    }

    /// An approved improvement plan: the yardstick of its pilot.
    pub async fn given_improvement_plan(&self) -> Value {
        let plan = self.given_submitted_improvement().await;
        self.given_approval_of(&plan).await
    }

    /// A loan of 1,500 million đồng, nothing of it paid out.
    pub async fn given_loan(&self) -> Value {
        let pilot = self.given_pilot().await;
        self.someone(Role::CooperativeAlliance, "89").post("/v1/loans", &new_loan(&pilot)).await.created()
    }
}
