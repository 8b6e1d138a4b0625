//! A second row for every list in which `matrix::given_records` leaves one or none, so that each of them has two pages.

use sarus::domain::role::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::given_budget::{allocation_path, entry, line_of, payment};
use super::given_deadlines::{PHU_TAN, new_reporting_deadline};
use super::given_improvement::{BASELINE_OF_68, changed, cooperative_of, new_improvement_plan, new_loan};
use super::given_pilots::{AGRICULTURE, SCHEME, id_of};
use super::given_plans::{lead_agency, plan_path};
use super::world::World;
use crate::matrix::Record;

/// The record of a resource.
fn record_of<'a>(records: &'a [Record], resource: &str) -> &'a str {
    &records.iter().find(|record| record.resource == resource).unwrap().id
}

impl World {
    /// A second row in every list.
    pub async fn given_two_of_each(&self, records: &[Record]) {
        let pilot = self.given_second_pilot(records).await;
        self.given_second_papers(records, &pilot).await;
        self.given_second_reports().await;
        self.given_postings(record_of(records, "budget-allocations")).await;
        let inspectorate = self.someone(Role::Inspectorate, "89");
        inspectorate.post("/v1/audit-checkpoints", &json!({})).await.created();
        // A scheme comes with a release: no operation makes one.
        let columns = "version, valid_from, valid_to, legal_basis, content";
        let sql = format!("INSERT INTO schemes (code, {columns}) SELECT 'QD167-2026-2030', {columns} FROM schemes");
        self.sarus.store.reader().execute_unprepared(&sql).await.unwrap();
    }

    /// A pilot of a second decision with a plan of its own, put before the committee.
    async fn given_second_pilot(&self, records: &[Record]) -> Value {
        let applications = self.given_applications(90, 1).await;
        let decision = self.given_decision("2130/QĐ-UBND", &applications).await;
        let lead = self.someone(Role::LeadAgency, "89");
        let pilot = lead.get(&format!("/v1/pilots?decision={}", id_of(&decision))).await.ok()["items"][0].clone();
        let cooperative = cooperative_of(&pilot).to_owned();
        let baseline = self.given_scored_evaluation(&cooperative, 2021, &changed(&BASELINE_OF_68, &[])).await;
        let plan = new_improvement_plan(&pilot, &baseline);
        let draft = self.cooperative(&cooperative).post("/v1/improvement-plans", &plan).await.created();
        let signed = self.given_submission_of(&draft).await;
        self.given_consolidation_of(&[&signed]).await;
        let selection = json!({
            "decision": decision["id"], "number": "416/QĐ-UBND", "date": "2022-03-02", "signatory": "Nguyễn Thanh Bình",
            "reason": "Điều chỉnh danh sách", "additions": [], "removals": [applications[0]["id"]], "reassignments": [],
        });
        lead.post("/v1/selection-amendments", &selection).await.created();
        let adopter = self.given_cooperative("883", "0314409058").await;
        let replication = json!({
            "cooperative": adopter["id"], "pilot": record_of(records, "pilots"), "adoptedOn": "2024-09-02",
            "description": "Áp dụng quy trình",
        });
        self.someone(Role::Locality, "883").post("/v1/replications", &replication).await.created();
        pilot
    }

    /// What agencies write of a pilot and of the province.
    async fn given_second_papers(&self, records: &[Record], pilot: &Value) {
        let (lead, department) = (self.someone(Role::LeadAgency, "89"), self.agriculture());
        self.given_plan_draft("91").await;
        let plan = self.given_standing_plan().await;
        let line = line_of(&lead.get(&plan_path(&plan)).await.ok(), "recurrent_support");
        self.given_allocation_draft(&plan, "121/QĐ-UBND", &[entry(&line, 10)]).await;
        let loan = new_loan(pilot);
        self.someone(Role::CooperativeAlliance, "89").post("/v1/loans", &loan).await.created();
        let amendment = json!({
            "plan": record_of(records, "provincial-plans"), "decisionNumber": "2/QĐ-UBND", "decisionDate": "2022-08-10",
            "reason": "Điều chỉnh (dữ liệu mẫu)", "lines": [{"line": line, "amount": "5000000000"}], "newLines": [],
        });
        lead.post("/v1/budget-amendments", &amendment).await.created();
        let inspection = json!({
            "pilot": pilot["id"], "inspectedOn": "2022-09-21", "participants": [], "subject": "Tiến độ",
            "findings": "Đạt (dữ liệu mẫu)",
        });
        department.post("/v1/inspections", &inspection).await.created();
        let obstacle = json!({
            "scheme": SCHEME, "pilot": pilot["id"], "raisedOn": "2022-04-12", "title": "Chưa có đất xây dựng kho",
            "description": "HTX chưa được giao đất.",
        });
        department.post("/v1/obstacles", &obstacle).await.created();
        let need = super::given_needs::needed("training", "recurrent", &[(2022, 50)]);
        self.given_consolidated_need(pilot, &[need]).await;
        let condition = json!({
            "province": "89", "scheme": SCHEME, "code": "T2", "kind": "attested",
            "text": {"vi": "HTX có kho", "en": "It has a store"}, "decisionNumber": "11/QĐ-UBND",
            "decisionDate": "2021-07-01", "article": "Điều 2", "validFrom": "2021-07-05",
        });
        lead.post("/v1/provincial-conditions", &condition).await.created();
        let entry = json!({
            "list": "sources", "province": "89", "code": "second_fund", "name": {"vi": "Quỹ thứ hai", "en": "Another fund"},
            "nature": "credit", "validFrom": "2021-01-01", "legalBasis": "NQ 05/2021/NQ-HĐND",
        });
        lead.post("/v1/reference-entries", &entry).await.created();
        let holiday = json!({
            "date": "2026-02-18", "name": {"vi": "Tết Nguyên đán (dữ liệu mẫu)", "en": "Lunar New Year (sample data)"},
            "legalBasis": "45/2019/QH14 Điều 112",
        });
        self.someone(Role::Administrator, "").post("/v1/public-holidays", &holiday).await.created();
        let account = json!({"name": "Máy thứ hai", "role": "lead-agency", "agency": lead_agency("89")});
        self.someone(Role::Administrator, "").post("/v1/service-accounts", &account).await.created();
    }

    /// A second report, a second deadline and a second exception.
    async fn given_second_reports(&self) {
        let department = self.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
        self.given_submitted_report(&department, "2023").await;
        let mut deadline = new_reporting_deadline();
        deadline["level"] = json!("province");
        self.given_reporting_deadline(&deadline).await;
        let exception = json!({
            "agency": PHU_TAN, "period": "2022", "dueOn": "2025-03-15", "reason": "Lũ lụt", "documentNumber": "13/STC-HTX",
        });
        self.someone(Role::LeadAgency, "89").post("/v1/reporting-exceptions", &exception).await.created();
    }

    /// Two postings of each kind on the first entry, of 100 million đồng, of an allocation.
    async fn given_postings(&self, id: &str) {
        let (accountant, finance) = (self.agriculture(), self.someone(Role::Finance, "89"));
        let allocation = accountant.get(&format!("/v1/budget-allocations/{id}")).await.ok();
        let path = allocation_path(&allocation);
        for voucher in ["CT-01", "CT-02"] {
            accountant.step(&path, "disbursements", &payment(&allocation, voucher, 30)).await.ok();
        }
        let paid = accountant.get(&format!("{path}/disbursements")).await.ok()["items"].clone();
        for posted in paid.as_array().unwrap() {
            let back = json!({
                "corrects": posted["id"], "amount": "5000000", "voucherDate": "2022-03-05", "reason": "Ghi trùng.",
                "voucherNumber": format!("DC-{}", posted["voucherNumber"].as_str().unwrap()),
            });
            accountant.step(&path, "adjustments", &back).await.ok();
        }
        let settled = json!({
            "entry": allocation["entries"][0]["id"], "fiscalYear": 2022, "amount": "40000000", "carriedOver": "50000000",
            "returned": "10000000", "documentNumber": "2022/BC-SNN", "documentDate": "2023-01-25",
        });
        accountant.step(&path, "settlements", &settled).await.ok();
        let settlements = async || finance.get(&format!("{path}/settlements")).await.ok()["items"].clone();
        let settlement = settlements().await[0]["id"].clone();
        let review = async || {
            let last = settlements().await.as_array().unwrap().last().unwrap()["id"].clone();
            finance.step(&path, "settlement-reviews", &json!({"settlement": last, "outcome": "accepted"})).await.ok();
        };
        review().await;
        for number in ["KT-01", "KT-02"] {
            let correction = json!({
                "corrects": settlement, "amount": "-5000000", "returned": "0", "documentNumber": number,
                "documentDate": "2023-06-01", "reason": "Kiểm toán loại trừ.",
            });
            accountant.step(&path, "settlement-corrections", &correction).await.ok();
            review().await;
        }
    }
}
