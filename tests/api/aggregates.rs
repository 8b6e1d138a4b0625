//! The aggregate of the provinces' reports: sums by hand, sources, who is missing, digest.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_reports::{digest_of, report_path, signed_off, value};
use crate::support::world::World;

const SEALED: [&str; 5] = ["formVersion", "indicators", "missing", "period", "sources"];

/// A province's report with figures of its agency's own.
async fn given_provincial_report(world: &World, lead: &Client, good: [&str; 2], revenue: &str) -> Value {
    let overrides = json!([
        {"indicator": "pilots_good_share", "numerator": good[0], "denominator": good[1], "reason": "r"},
        {"indicator": "revenue", "value": revenue, "status": "final", "reason": "r"},
        {"indicator": "pilots_by_rating", "breakdown": [{"key": "good", "value": good[0]}], "reason": "r"},
    ]);
    let draft = lead.post("/v1/periodic-reports", &json!({"period": "2023", "overrides": overrides})).await.created();
    assert_eq!(world.someone(Role::Ministry, "").get(&report_path(&draft)).await.status, 404);
    lead.step(&report_path(&draft), "submissions", &signed_off("2023-12-20")).await.ok()
}

/// A province as it stood when the data of 2023 closed.
async fn province(ministry: &Client, code: &str) -> Value {
    let unit = ministry.get(&format!("/v1/administrative-units/{code}?at=2023-12-14")).await.ok();
    json!({"province": code, "name": unit["name"], "validFrom": unit["validFrom"]})
}

scenario! {
    async fn the_aggregate_equals_the_sum_by_hand_and_names_its_sources(world) {
        let leads = ["01", "89"].map(|province| world.someone(Role::LeadAgency, province));
        for province in ["01", "89", "92"] {
            world.given_plan(province).await;
        }
        let ministry = world.someone(Role::Ministry, "");
        let empty = ministry.get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((&empty["sources"], empty["missing"].as_array().unwrap().len()), (&json!([]), 3));

        let hanoi = given_provincial_report(&world, &leads[0], ["1", "1"], "100").await;
        let an_giang = given_provincial_report(&world, &leads[1], ["0", "3"], "250").await;
        // A locality's report on the same events is not added.
        world.given_submitted_report(&world.someone(Role::Locality, "888"), "2023").await;
        let whole = ministry.get("/v1/aggregates?period=2023&by=province").await.ok();
        assert_eq!(value(&whole, "revenue"), "350");
        assert_eq!(value(&whole, "pilots_good_share"), "25.00", "1 ÷ 4, not the mean of 100 % and 0 %");
        assert_eq!(value(&whole, "pilots_by_rating"), "1");
        assert_eq!(value(&whole, "support_estimated"), "65350000000");
        let provinces: Vec<_> = whole["provinces"].as_array().unwrap().iter().map(|one| value(one, "revenue")).collect();
        assert_eq!(provinces, ["100", "250"]);
        let mut sources = Vec::new();
        for report in [&hanoi, &an_giang] {
            let mut source = province(&ministry, report["province"].as_str().unwrap()).await;
            let told = [("report", "id"), ("agency", "agency"), ("contentHash", "contentHash")];
            told.iter().for_each(|(member, of)| source[*member] = report[*of].clone());
            (source["revision"], source["state"]) = (json!(1), json!("submitted"));
            sources.push(source);
        }
        assert_eq!(whole["sources"], json!(sources));
        let missing = [province(&ministry, "92").await, province(&ministry, "01").await];
        assert_eq!(whole["missing"], json!([missing[0]]));
        // A province is named by its code and the day from which that code means it.
        assert_eq!(whole["provinces"][1]["name"], "Tỉnh An Giang");
        assert_eq!(whole["provinces"][1]["validFrom"], sources[1]["validFrom"]);
        assert_eq!(whole["digest"], digest_of(&whole, &SEALED));

        let quoted = world.now();

        // A returned report does not stand; a restated one takes the place of what it restates once accepted.
        ministry.step(&report_path(&hanoi), "returns", &json!({"comment": "Xem lại"})).await.ok();
        let less = ministry.get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((value(&less, "revenue"), &less["missing"]), ("250".to_owned(), &json!([missing[1], missing[0]])));
        assert_ne!(less["digest"], whole["digest"]);
        ministry.step(&report_path(&an_giang), "acceptances", &json!({})).await.ok();
        let accepted = leads[1].step(&report_path(&an_giang), "revisions", &json!({"reason": "Quyết toán"})).await.ok();
        let next = format!("/v1/periodic-reports/{}", accepted["next"].as_str().unwrap());
        let etag = leads[1].get(&next).await.ok_etag();
        let restated = json!({"overrides": [{"indicator": "revenue", "value": "300", "reason": "Quyết toán"}]});
        leads[1].seen(&etag).patch(&next, &restated).await.ok();
        leads[1].step(&next, "submissions", &signed_off("2024-03-01")).await.ok();
        assert_eq!(value(&ministry.get("/v1/aggregates?period=2023").await.ok(), "revenue"), "250");
        ministry.step(&next, "acceptances", &json!({})).await.ok();
        let after = ministry.get("/v1/aggregates?period=2023").await.ok();
        // What was quoted before all that can be had again, digest and all.
        let then = ministry.get(&format!("/v1/aggregates?period=2023&by=province&asOf={quoted}")).await.ok();
        assert_eq!(then, whole);
        assert_eq!(ministry.get(&format!("/v1/aggregates?period=2023&asOf={}", world.now())).await.ok(), after);
        let future = ministry.get("/v1/aggregates?period=2023&asOf=2999-01-01T00:00:00Z").await;
        assert_eq!((future.status, future.faults()), (400, vec!["#asOf date_in_future".to_owned()]));
        assert_eq!((value(&after, "revenue"), &after["sources"][0]["revision"]), ("300".to_owned(), &json!(2)));

        // A province reaches itself alone; whoever may not read aggregates is told so.
        let own = leads[1].get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((own["sources"].as_array().unwrap().len(), &own["missing"]), (1, &json!([])));
        world.someone(Role::Locality, "888").get("/v1/aggregates?period=2023").await.refused(403, "forbidden");
    }
}

scenario! {
    /// What the records say of all provinces at once is what each lead agency would report.
    async fn the_records_of_all_provinces_say_what_their_reports_would(world) {
        let pilots = world.given_pilots(2).await;
        world.given_plan("01").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let loan = json!({
            "pilot": pilots[0]["id"], "lender": "Quỹ hỗ trợ phát triển HTX", "source": "preferential_credit_fund",
            "approvedAmount": "1500000000", "decisionNumber": "15/QĐ", "decisionDate": "2022-03-10",
        });
        world.someone(Role::CooperativeAlliance, "89").post("/v1/loans", &loan).await.created();
        let ministry = world.someone(Role::Ministry, "");
        for period in ["2021", "2021S2", "2022"] {
            let whole = ministry.get(&format!("/v1/record-aggregates?period={period}")).await.ok();
            let codes: Vec<_> = whole["provinces"].as_array().unwrap().iter().map(|one| one["province"].clone()).collect();
            assert_eq!(codes, [json!("01"), json!("89")], "{period}");
            let draft = lead.post("/v1/periodic-reports", &json!({"period": period})).await.created();
            assert_eq!(whole["provinces"][1]["indicators"], draft["indicators"], "{period}");
            assert_eq!(value(&whole, "pilots_active"), "2");
            // Different cooperatives are counted again over all provinces.
            assert_eq!(["pilots_supported", "coops_replicating"].map(|code| value(&whole, code)), ["0", "0"]);
            assert_eq!((&whole["dataWindow"], &whole["formVersion"]), (&draft["dataWindow"], &draft["formVersion"]));
            let own = lead.get(&format!("/v1/record-aggregates?period={period}")).await.ok();
            assert_eq!(own["provinces"], json!([whole["provinces"][1]]));
        }
        // In the provinces of a later day the sums are the same.
        let later = ministry.get("/v1/record-aggregates?period=2022&tree=2025-07-01").await.ok();
        assert_eq!(later["provinces"][1]["province"], "91");
        assert_eq!(later["indicators"], ministry.get("/v1/record-aggregates?period=2022").await.ok()["indicators"]);
        // By default they are the provinces that stood when the data closed, whatever code a record bears.
        let after = world.another_day("2026-01-15").await;
        let anyone = after.someone(Role::Ministry, "");
        let shown = async |query: &str| {
            let whole = anyone.get(&format!("/v1/record-aggregates?period={query}")).await.ok();
            let province = |one: &Value| format!("{} {} {}", one["province"].as_str().unwrap(), one["name"].as_str().unwrap(), value(one, "pilots_active"));
            whole["provinces"].as_array().unwrap().iter().map(province).collect::<Vec<_>>()
        };
        assert_eq!(shown("2025S1").await, ["01 Thành phố Hà Nội 0", "89 Tỉnh An Giang 2"]);
        let later = ["01 Thành phố Hà Nội 0", "91 Tỉnh An Giang 2"];
        assert_eq!((shown("2025").await, shown("2025S1&tree=current").await), (later.map(str::to_owned).to_vec(), later.map(str::to_owned).to_vec()));
        for path in ["record-aggregates", "aggregates"] {
            let refused = anyone.get(&format!("/v1/{path}?period=2025&tree=2025-06-30")).await;
            assert_eq!((refused.status, refused.faults()), (400, vec!["#tree dates_out_of_order".to_owned()]));
        }
        let review = ministry.get("/v1/record-aggregates?period=2023R").await;
        assert_eq!((review.status, review.faults()), (400, vec!["#period window_missing".to_owned()]));
        world.someone(Role::Locality, "888").get("/v1/record-aggregates?period=2022").await.refused(403, "forbidden");
    }
}

scenario! {
    /// What was quoted can be had again, byte by byte: with the plans, the calendar and the form that were known then.
    async fn a_quote_knows_nothing_of_what_was_decided_later(world) {
        let ministry = world.someone(Role::Ministry, "");
        for province in ["01", "89"] {
            world.given_plan(province).await;
        }
        let lead = world.someone(Role::LeadAgency, "89");
        given_provincial_report(&world, &lead, ["1", "2"], "100").await;
        let queries = ["period=2023&by=province", "period=2023S1&tree=current", "period=2024", "period=2024&by=province&tree=current", "period=2023R"];
        let mut quoted = Vec::new();
        for query in queries {
            quoted.push(ministry.get(&format!("/v1/aggregates?{query}")).await.ok());
        }
        let then = world.now();

        // A plan whose decision is older, a rule that moves windows, another form.
        world.given_plan("92").await;
        for (kind, from, year) in [("year", "2024-01-01", 0), ("first_half", "2021-01-01", 0), ("review", "2021-02-03", 2)] {
            world.given_reporting_deadline(&json!({
                "regime": "Đề án (dữ liệu mẫu)", "level": "province", "periodKind": kind, "lastDayCounts": true, "validFrom": from,
                "window": {"from": {"yearsBefore": if year == 0 { 1 } else { year }, "month": 12, "day": 1}, "to": {"yearsAfter": 0, "month": if kind == "first_half" { 5 } else { 11 }, "day": 30}},
                "legalBasis": "09/2019/NĐ-CP (dữ liệu mẫu)",
            })).await;
        }
        let operator = world.someone(Role::Administrator, "");
        let shipped = operator.get("/v1/report-forms").await.ok()["items"][0].clone();
        let first = json!({"code": "revenue", "label": {"vi": "Doanh thu", "en": "Revenue"}, "frequency": "annual", "levels": ["province"]});
        let form = json!({"version": "Q.2", "name": shipped["name"], "firstPeriod": "2024S1", "legalBasis": "x", "indicators": [first]});
        let form = operator.post("/v1/report-forms", &form).await.location();
        ministry.step(&form, "activations", &json!({"firstPeriod": "2024S1"})).await.ok();

        for (query, quote) in queries.iter().zip(&quoted) {
            let now = ministry.get(&format!("/v1/aggregates?{query}")).await.ok();
            assert_ne!(&now, quote, "{query}");
            let again = ministry.get(&format!("/v1/aggregates?{query}&asOf={then}")).await;
            assert_eq!(&again.ok(), quote, "{query}");
        }
    }
}
