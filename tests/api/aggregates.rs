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
        let source = |report: &Value| json!({
            "province": report["province"], "report": report["id"], "agency": report["agency"],
            "revision": 1, "state": "submitted", "contentHash": report["contentHash"],
        });
        assert_eq!(whole["sources"], json!([source(&hanoi), source(&an_giang)]));
        assert_eq!(whole["missing"], json!([{"province": "92"}]));
        assert_eq!(whole["digest"], digest_of(&whole, &SEALED));

        let quoted = world.now();

        // A returned report does not stand; a restated one takes the place of what it restates once accepted.
        ministry.step(&report_path(&hanoi), "returns", &json!({"comment": "Xem lại"})).await.ok();
        let less = ministry.get("/v1/aggregates?period=2023").await.ok();
        assert_eq!((value(&less, "revenue"), &less["missing"]), ("250".to_owned(), &json!([{"province": "01"}, {"province": "92"}])));
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
            assert_eq!((&whole["dataWindow"], &whole["formVersion"]), (&draft["dataWindow"], &draft["formVersion"]));
            let own = lead.get(&format!("/v1/record-aggregates?period={period}")).await.ok();
            assert_eq!(own["provinces"], json!([whole["provinces"][1]]));
        }
        // In the provinces of a later day the sums are the same.
        let later = ministry.get("/v1/record-aggregates?period=2022&tree=2025-07-01").await.ok();
        assert_eq!(later["provinces"][1]["province"], "91");
        assert_eq!(later["indicators"], ministry.get("/v1/record-aggregates?period=2022").await.ok()["indicators"]);
        let review = ministry.get("/v1/record-aggregates?period=2023R").await;
        assert_eq!((review.status, review.faults()), (400, vec!["#period window_missing".to_owned()]));
        world.someone(Role::Locality, "888").get("/v1/record-aggregates?period=2022").await.refused(403, "forbidden");
    }
}
