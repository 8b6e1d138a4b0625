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

/// Two indicators that no formula computes: courses add up, a share is made anew from its parts.
fn defined() -> [Value; 2] {
    let one = |code: &str, words: [&str; 2], how: [&str; 3]| {
        json!({
            "code": code, "label": {"vi": words[0], "en": words[1]}, "unit": how[0], "overUnits": how[1], "overTime": how[2],
            "frequency": "half_yearly", "source": "entered", "levels": ["locality", "province"],
        })
    };
    [
        one(
            "training_courses",
            ["Số lớp tập huấn (dữ liệu mẫu)", "Training courses (sample data)"],
            ["case", "sum", "sum"],
        ),
        one(
            "digital_share",
            ["Tỷ lệ HTX chuyển đổi số (dữ liệu mẫu)", "Share gone digital (sample data)"],
            ["percent", "ratio", "latest"],
        ),
    ]
}

scenario! {
    /// What a form defines as data is entered by localities, added up for the province and the country, and stands in files.
    async fn a_form_defines_indicators_that_are_entered_by_hand(world) {
        world.given_plan("89").await;
        let (operator, ministry) = (world.someone(Role::Administrator, ""), world.someone(Role::Ministry, ""));
        let lead = world.someone(Role::LeadAgency, "89");
        let shipped = operator.get(FORMS).await.ok()["items"][0].clone();
        let mut form = shorter(&shipped, "QD167-2021-2025.2");
        form["firstPeriod"] = json!("2023S1");
        form["indicators"].as_array_mut().unwrap().extend(defined());
        let mut bad = form.clone();
        bad["indicators"][3].as_object_mut().unwrap().remove("unit");
        bad["indicators"][4]["overUnits"] = json!("sum");
        assert_eq!(operator.post(FORMS, &bad).await.faults(), ["/indicators/3/unit indicator_formula", "/indicators/4/overUnits indicator_formula"]);
        let made = operator.post(FORMS, &form).await;
        let (path, draft) = (made.location(), made.created());
        for (own, asked) in draft["indicators"].as_array().unwrap()[3..].iter().zip(defined()) {
            assert_eq!(*own, asked, "as it was defined");
        }
        ministry.step(&path, "activations", &json!({"firstPeriod": "2023S1"})).await.ok();
        let listed = ministry.get("/v1/indicators?form=QD167-2021-2025.2").await.ok();
        assert_eq!(listed["items"], draft["indicators"]);

        let entered = |courses: &str, digital: [&str; 2]| json!({"period": "2023", "overrides": [
            {"indicator": "training_courses", "value": courses, "reason": "Sổ theo dõi"},
            {"indicator": "digital_share", "numerator": digital[0], "denominator": digital[1], "reason": "Điều tra"},
        ]});
        for (unit, body) in [("883", entered("2", ["2", "4"])), ("888", entered("3", ["1", "4"]))] {
            let locality = world.someone(Role::Locality, unit);
            let draft = locality.post("/v1/periodic-reports", &body).await.created();
            let computed = crate::support::given_reports::figure(&draft, "training_courses")["computed"].clone();
            assert_eq!(computed, json!({}), "nothing is known of it");
            locality.step(&report_path(&draft), "submissions", &signed_off("2024-01-05")).await.ok();
            lead.step(&report_path(&draft), "acceptances", &json!({})).await.ok();
        }
        let draft = lead.post("/v1/periodic-reports", &json!({"period": "2023"})).await.created();
        let values = |report: &Value| ["training_courses", "digital_share"].map(|code| crate::support::given_reports::value(report, code));
        assert_eq!(values(&draft), ["5", "37.50"], "2 + 3 courses, 3 of 8");
        let sent = lead.step(&report_path(&draft), "submissions", &signed_off("2024-01-10")).await.ok();
        ministry.step(&report_path(&sent), "acceptances", &json!({})).await.ok();
        assert_eq!(values(&ministry.get("/v1/aggregates?period=2023&by=province").await.ok()), ["5", "37.50"]);
        assert_eq!(values(&ministry.get("/v1/record-aggregates?period=2023").await.ok()), ["-", "-"], "there are no records of it");
        let pull = "/v1/periodic-reports?period=2023&level=province&authoritative=true";
        let rows = ministry.with("accept", "text/csv").get(pull).await.text;
        assert!(rows.lines().any(|row| row.contains(",training_courses,Số lớp tập huấn (dữ liệu mẫu),,final,5,")), "{rows}");
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let workbook = ministry.with("accept", xlsx).get(pull).await;
        assert!(crate::report_files::cells(&workbook.bytes, "Tổng hợp").contains(&"Số lớp tập huấn (dữ liệu mẫu)".to_owned()));
        // A revision tells what it changed of it.
        let opened = lead.step(&report_path(&sent), "revisions", &json!({"reason": "Đếm lại"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", opened["next"].as_str().unwrap());
        let etag = lead.get(&next).await.ok_etag();
        let own = json!({"overrides": [{"indicator": "training_courses", "value": "6", "reason": "Thêm một lớp"}]});
        let delta = lead.seen(&etag).patch(&next, &own).await.ok()["delta"].clone();
        assert_eq!((&delta[0]["code"], &delta[0]["difference"], delta.as_array().unwrap().len()), (&json!("training_courses"), &json!("1"), 1));
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
