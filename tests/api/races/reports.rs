//! Reports that are drafted while a form and a calendar are put in force: all are of before, or all are of after.

use futures_util::future::{join_all, join3};
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::report_forms::shorter;
use crate::support::given_deadlines::deadline_path;

/// The one value of a member that all reports have.
fn of_all(reports: &[Value], member: &str) -> Value {
    let first = reports[0][member].clone();
    assert!(reports.iter().all(|report| report[member] == first), "{member}: {reports:?}");
    first
}

scenario! {
    async fn a_rule_in_force_knows_every_report_and_every_report_the_rule(world) {
        let provinces = ["01", "89", "91", "92", "93", "94"];
        for province in provinces {
            world.given_plan(province).await;
        }
        let (operator, colleague) = (world.someone(Role::Administrator, ""), world.person(Role::Ministry, "", "colleague"));
        let shipped = operator.get("/v1/report-forms").await.ok()["items"][0].clone();
        let form = operator.post("/v1/report-forms", &shorter(&shipped, "RACE.2")).await.location();
        let window = json!({"from": {"yearsBefore": 1, "month": 12, "day": 1}, "to": {"yearsAfter": 0, "month": 11, "day": 30}});
        let terms = json!({
            "regime": "Đề án (dữ liệu mẫu)", "level": "province", "periodKind": "year", "window": window, "lastDayCounts": true,
            "validFrom": "2024-01-01", "legalBasis": "09/2019/NĐ-CP (dữ liệu mẫu)",
        });
        let rule = deadline_path(&operator.post("/v1/reporting-deadlines", &terms).await.created());
        let leads = provinces.map(|province| world.someone(Role::LeadAgency, province));
        let (asked, from, nothing) = (json!({"period": "2024"}), json!({"firstPeriod": "2024S1"}), json!({}));
        let (drafts, form, rule) = join3(
            join_all(leads.iter().map(|lead| lead.post("/v1/periodic-reports", &asked))),
            colleague.step(&form, "activations", &from),
            colleague.step(&rule, "activations", &nothing),
        ).await;
        let drafts: Vec<Value> = drafts.iter().map(|draft| draft.created()).collect();
        let expected = if form.status == 200 { json!("RACE.2") } else { form.refused(409, "form_in_use"); shipped["version"].clone() };
        assert_eq!(of_all(&drafts, "formVersion"), expected);
        let closes = if rule.status == 200 { "2024-11-30" } else { rule.refused(409, "window_in_use"); "2024-12-14" };
        assert_eq!(of_all(&drafts, "dataWindow")["toDate"], closes);
    }
}
