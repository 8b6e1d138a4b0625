//! The form of the reports is data: loaded as a draft, put in force by somebody else from a period on, kept by the reports
//! that were made with it.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_reports::{report_path, signed_off};

const FORMS: &str = "/v1/report-forms";

/// The form that shipped, as a new version of itself with three of its indicators.
pub fn shorter(shipped: &Value, version: &str) -> Value {
    let keep = ["pilots_active", "revenue", "disbursement_rate"];
    let all = shipped["indicators"].as_array().unwrap().iter();
    let indicators: Vec<_> = all.filter(|one| keep.contains(&one["code"].as_str().unwrap())).cloned().collect();
    json!({
        "version": version, "name": {"vi": "Biểu mẫu rút gọn (dữ liệu mẫu)", "en": "Short form (sample data)"},
        "firstPeriod": "2024S1", "legalBasis": "Công văn (dữ liệu mẫu)", "indicators": indicators,
    })
}

scenario! {
    async fn a_form_is_loaded_with_every_fault_told_and_put_in_force_from_a_period(world) {
        world.given_plan("89").await;
        let (operator, ministry) = (world.someone(Role::Administrator, ""), world.someone(Role::Ministry, ""));
        let lead = world.someone(Role::LeadAgency, "89");
        let shipped = operator.get(FORMS).await.ok()["items"][0].clone();
        assert_eq!((&shipped["state"], shipped.get("firstPeriod")), (&json!("active"), None));
        let good = shorter(&shipped, "QD167-2021-2025.2");
        lead.post(FORMS, &good).await.refused(403, "forbidden");

        let mut bad = good.clone();
        bad["indicators"][0]["code"] = json!("no_such");
        bad["indicators"][1]["frequency"] = json!("half_yearly");
        bad["indicators"][2]["overUnits"] = json!("sum");
        bad["indicators"][2]["levels"] = json!(["province", "province"]);
        let refused = operator.post(FORMS, &bad).await;
        assert_eq!((refused.status, refused.faults()), (400, vec![
            "/indicators/0/code unknown_reference".to_owned(),
            "/indicators/1/frequency indicator_formula".to_owned(),
            "/indicators/2/levels/1 repeated_item".to_owned(),
            "/indicators/2/overUnits indicator_formula".to_owned(),
        ]));
        for (changes, status, code) in [
            (json!({"version": "QD167-2021-2025.1"}), 409, "already_exists"),
            (json!({"firstPeriod": "2024R"}), 400, "invalid_body"),
            (json!({"indicators": []}), 400, "invalid_body"),
            (json!({"version": "có dấu"}), 400, "invalid_body"),
        ] {
            let mut body = good.clone();
            body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            operator.post(FORMS, &body).await.refused(status, code);
        }

        let made = operator.post(FORMS, &good).await;
        let (path, draft) = (made.location(), made.created());
        assert_eq!((path.as_str(), &draft["state"], &draft["validFrom"]), ("/v1/report-forms/QD167-2021-2025.2", &json!("draft"), &json!("2023-12-15")));
        assert_eq!(operator.get(&path).await.ok(), draft);
        // Nobody reports with a draft.
        let before = lead.post("/v1/periodic-reports", &json!({"period": "2023"})).await.created();
        assert_eq!(before["formVersion"], shipped["version"]);
        let etag = ministry.get(&path).await.ok_etag();
        ministry.seen(&etag).patch(&path, &json!({"version": "other"})).await.refused(400, "form_version_fixed");
        let edited = ministry.seen(&etag).patch(&path, &json!({"legalBasis": "Công văn 2 (dữ liệu mẫu)"})).await.ok();
        assert_eq!((&edited["legalBasis"], &edited["indicators"]), (&json!("Công văn 2 (dữ liệu mẫu)"), &draft["indicators"]));
        operator.seen(&etag).patch(&path, &json!({"legalBasis": "x"})).await.refused(412, "stale");

        let from = |period: &str| json!({"firstPeriod": period, "comment": "Áp dụng (dữ liệu mẫu)"});
        ministry.step(&path, "activations", &from("2024S1")).await.refused(409, "four_eyes");
        operator.step(&path, "activations", &from("2024S1")).await.refused(403, "forbidden");
        let colleague = world.person(Role::Ministry, "", "colleague");
        let steps = colleague.get(&format!("{path}/allowed-actions")).await.ok();
        assert!(steps["items"].as_array().unwrap().iter().all(|step| step["allowed"] == true), "{steps}");
        let used = colleague.step(&path, "activations", &from("2023")).await;
        used.refused(409, "form_in_use");
        assert_eq!(used.body["errors"][0]["pointer"], "/firstPeriod");
        colleague.step(&path, "activations", &from("2020")).await.refused(409, "form_overlaps");
        let active = colleague.step(&path, "activations", &from("2024S1")).await.ok();
        assert_eq!((&active["state"], &active["firstPeriod"]), (&json!("active"), &json!("2024S1")));
        assert_eq!(colleague.get(&format!("{path}/activations")).await.ok()["items"][0]["item"], "2024S1");
        assert_eq!(operator.get(&format!("{FORMS}/{}", shipped["version"].as_str().unwrap())).await.ok()["validTo"], "2023-12-14");
        colleague.step(&path, "activations", &from("2024S1")).await.refused(409, "not_a_draft");
        let etag = operator.get(&path).await.ok_etag();
        operator.seen(&etag).delete(&path).await.refused(409, "not_a_draft");
        operator.seen(&etag).patch(&path, &json!({"legalBasis": "x"})).await.refused(409, "not_a_draft");

        // The period before keeps its form, the period from then on has the new one, in its order and words.
        let old = lead.step(&report_path(&before), "submissions", &signed_off("2024-02-01")).await.ok();
        assert_eq!(old["formVersion"], shipped["version"]);
        let after = lead.post("/v1/periodic-reports", &json!({"period": "2024"})).await.created();
        let codes: Vec<_> = after["indicators"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        let asked: Vec<_> = active["indicators"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        assert_eq!((&after["formVersion"], codes), (&active["version"], asked));
        let aggregate = ministry.get("/v1/aggregates?period=2024").await.ok();
        assert_eq!((&aggregate["formVersion"], aggregate["indicators"].as_array().unwrap().len()), (&active["version"], 3));
        assert_eq!(ministry.get("/v1/aggregates?period=2023").await.ok()["formVersion"], shipped["version"]);
    }
}

scenario! {
    async fn a_draft_of_a_form_is_deleted_and_its_day_is_free_again(world) {
        let operator = world.someone(Role::Administrator, "");
        let shipped = operator.get(FORMS).await.ok()["items"][0].clone();
        let path = operator.post(FORMS, &shorter(&shipped, "A.1")).await.location();
        operator.post(FORMS, &shorter(&shipped, "A.2")).await.refused(409, "already_exists");
        let etag = operator.get(&path).await.ok_etag();
        operator.seen(&etag).delete(&path).await;
        operator.get(&path).await.refused(404, "not_found");
        operator.post(FORMS, &shorter(&shipped, "A.2")).await.created();
        operator.get("/v1/report-forms/none/activations").await.refused(404, "not_found");
    }
}

scenario! {
    /// A rule may set the data window of a level alone: the ministry's default, without a deadline that nobody has set.
    async fn a_rule_sets_a_window_without_a_deadline(world) {
        world.given_plan("89").await;
        let operator = world.someone(Role::Administrator, "");
        let window = json!({"from": {"yearsBefore": 1, "month": 12, "day": 1}, "to": {"yearsAfter": 0, "month": 11, "day": 30}});
        let mut terms = json!({
            "regime": "Đề án (dữ liệu mẫu)", "level": "province", "periodKind": "year", "window": window, "lastDayCounts": true,
            "validFrom": "2023-01-01", "legalBasis": "09/2019/NĐ-CP (dữ liệu mẫu)",
        });
        world.given_reporting_deadline(&terms).await;
        let owed = world.someone(Role::LeadAgency, "89").get("/v1/reporting-obligations?period=2024").await.ok();
        let own = owed["items"].as_array().unwrap().iter().find(|one| one["level"] == "province").unwrap().clone();
        assert_eq!(owed["dataWindow"], json!({"fromDate": "2023-12-01", "toDate": "2024-11-30"}));
        assert_eq!((own.get("deadline"), &own["due"], &own["reason"]), (None, &json!("no_deadline"), &json!("no_deadline_set")));
        terms["locks"] = json!({"yearsAfter": 1, "month": 2, "day": 1});
        assert_eq!(operator.post("/v1/reporting-deadlines", &terms).await.faults(), ["/locks contradiction"]);
        terms.as_object_mut().unwrap().retain(|name, _| name != "locks" && name != "window");
        assert_eq!(operator.post("/v1/reporting-deadlines", &terms).await.faults(), ["/window window_missing"]);
    }
}
