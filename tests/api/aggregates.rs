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
