//! Support needs of pilots: written, submitted, consolidated, appraised and approved item by item.

use sarus::domain::role::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::given_needs::{NEEDS, appraisal, approval, need_path, needed};
use crate::support::world::World;

/// A consolidated need: 1 infrastructure of the province, 2 training, 3 communication of the district.
async fn given_consolidated(world: &World) -> (Value, String) {
    let pilot = world.given_pilots(1).await.remove(0);
    let mut of_district = needed("communication", "recurrent", &[(2022, 30)]);
    of_district["budgetLevel"] = json!("district");
    let items = [
        needed("infrastructure", "investment", &[(2022, 600), (2023, 400)]),
        needed("training", "recurrent", &[(2022, 50)]),
        of_district,
    ];
    let need = world.given_consolidated_need(&pilot, &items).await;
    let path = need_path(&need);
    (need, path)
}

scenario! {
    /// The whole way: recurrent money by finance, the rest by the lead agency; each authority decides on its own source.
    async fn a_need_is_appraised_and_approved_item_by_item(world) {
        let (need, path) = given_consolidated(&world).await;
        assert_eq!((&need["state"], &need["requested"]), (&json!("consolidated"), &json!("1080000000")));
        let lead = world.someone(Role::LeadAgency, "89");
        let finance = world.someone(Role::Finance, "89");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let district = world.someone(Role::Locality, "888");

        let part = json!([{"item": 1, "phases": [{"fiscalYear": 2022, "amount": "500000000"}], "comment": "Giảm theo định mức."}]);
        finance.step(&path, "appraisals", &appraisal(&part)).await.refused(409, "not_responsible");
        lead.step(&path, "appraisals", &appraisal(&json!([{"item": 2}]))).await.refused(409, "not_responsible");
        committee.step(&path, "approvals", &approval(&json!([{"item": 1}]))).await.refused(409, "wrong_state");
        let appraised = lead.step(&path, "appraisals", &appraisal(&part)).await.ok();
        assert_eq!(appraised["items"][0]["phases"][0]["appraised"], "500000000");
        assert_eq!(appraised["items"][0]["phases"][1]["appraised"], "0", "a year that is not named gets nothing");
        finance.step(&path, "appraisals", &appraisal(&json!([{"item": 2}, {"item": 3}]))).await.ok();

        let over = json!([{"item": 1, "phases": [{"fiscalYear": 2022, "amount": "500000001"}, {"fiscalYear": 2030, "amount": "1"}]}, {"item": 3}, {"item": 9}]);
        let refused = committee.with("accept-language", "en").step(&path, "approvals", &approval(&over)).await;
        assert!(refused.refused(409, "need_exceeded")["detail"].as_str().unwrap().contains("500000000 đồng left"));
        assert_eq!(refused.faults(), [
            "/items/0/phases/0/amount need_exceeded", "/items/0/phases/1/fiscalYear unknown_reference",
            "/items/1/item not_responsible", "/items/2/item unknown_reference",
        ]);
        district.step(&path, "approvals", &approval(&json!([{"item": 2}]))).await.refused(409, "not_responsible");
        let partly = json!([{"item": 1}, {"item": 2, "phases": [{"fiscalYear": 2022, "amount": "20000000"}]}]);
        committee.step(&path, "approvals", &approval(&partly)).await.ok();
        let done = district.step(&path, "approvals", &approval(&json!([{"item": 3}]))).await.ok();
        assert_eq!((&done["appraised"], &done["approved"]), (&json!("580000000"), &json!("550000000")));
        assert_eq!(done["items"][2]["approval"]["by"], "locality@888");
        committee.step(&path, "approvals", &approval(&json!([{"item": 1}]))).await.refused(409, "wrong_state");
        let history = lead.get(&format!("{path}/approvals")).await.ok();
        assert_eq!((&history["items"][0]["item"], history["items"].as_array().unwrap().len()), (&json!("520/QĐ-UBND"), 2));

        for by in ["fiscalYear", "nature", "supportKind", "source", "budgetLevel", "pilot", "unit"] {
            let sums = lead.get(&format!("/v1/support-need-summaries?province=89&by={by}")).await.ok();
            assert_eq!(sums["total"], json!({"requested": "1080000000", "appraised": "580000000", "approved": "550000000"}));
            let figure = |row: &Value| row["requested"].as_str().unwrap().parse::<i64>().unwrap();
            assert_eq!(sums["groups"].as_array().unwrap().iter().map(figure).sum::<i64>(), 1_080_000_000, "{by}");
        }
        let by_year = lead.get("/v1/support-need-summaries").await.ok();
        assert_eq!((&by_year["groups"][1]["key"], &by_year["groups"][1]["requested"]), (&json!("2023"), &json!("400000000")));
        assert_eq!(world.someone(Role::Locality, "883").get("/v1/support-need-summaries").await.ok()["groups"], json!([]));

        let million = lead.get("/v1/support-need-summaries?unit=million").await.ok();
        assert_eq!((&million["unit"], &million["total"]), (&json!("million"), &json!({"requested": "1080", "appraised": "580", "approved": "550"})));
        // As of an instant: what had been recorded by then, act by act.
        let act = |item: usize, act: &str| done["items"][item][act]["at"].as_str().unwrap().to_owned();
        let consolidated = done["consolidation"]["at"].as_str().unwrap().to_owned();
        for (instant, requested, appraised, approved) in [
            ("2022-01-01T00:00:00Z".to_owned(), "0", "0", "0"),
            (consolidated, "1080000000", "0", "0"),
            (act(0, "appraisal"), "1080000000", "500000000", "0"),
            (act(1, "appraisal"), "1080000000", "580000000", "0"),
            (act(0, "approval"), "1080000000", "580000000", "520000000"),
            (act(2, "approval"), "1080000000", "580000000", "550000000"),
        ] {
            let then = lead.get(&format!("/v1/support-need-summaries?asOf={instant}")).await.ok();
            assert_eq!(then["total"], json!({"requested": requested, "appraised": appraised, "approved": approved}), "{instant}");
            assert_eq!(then["asOf"], json!(instant));
        }
        let future = lead.get("/v1/support-need-summaries?asOf=2999-01-01T00:00:00Z").await;
        assert_eq!((future.status, future.faults()), (400, vec!["#asOf date_in_future".to_owned()]));
    }
}

scenario! {
    async fn every_fault_of_a_need_is_told_at_once(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        let mut wrong = needed("nonsense", "recurrent", &[(2022, 1), (2022, 0), (2031, 1)]);
        wrong["source"] = json!("nonsense");
        let lent = needed("preferential_loan", "credit", &[(2022, 1)]);
        let mut unequal = needed("training", "recurrent", &[(2022, 2)]);
        unequal["training"] = json!([{"part": "travel", "place": "rural", "cost": "1000000", "support": "1000000"}]);
        let answer = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": [wrong, lent, unequal]})).await;
        assert_eq!(answer.faults(), [
            "/items/0/phases/1/amount amount_not_positive", "/items/0/phases/1/fiscalYear repeated_item",
            "/items/0/phases/2/fiscalYear outside_scheme", "/items/0/source unknown_reference",
            "/items/0/supportKind unknown_reference", "/items/1/supportKind credit_is_lent", "/items/2/phases total_mismatch",
        ]);
        let good = needed("training", "recurrent", &[(2022, 2)]);
        let nowhere = json!({"pilot": "01900000-0000-7000-8000-000000000000", "items": [good]});
        assert_eq!(cooperative.post(NEEDS, &nowhere).await.faults(), ["/pilot unknown_reference"]);
        cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": []})).await.refused(400, "invalid_body");
        let of_others = json!({"pilot": pilot["id"], "items": [good]});
        world.someone(Role::LeadAgency, "89").post(NEEDS, &of_others).await.refused(403, "forbidden");
        let stranger = world.given_cooperative("888", "1600999999").await;
        let stranger = world.cooperative(stranger["id"].as_str().unwrap());
        assert_eq!(stranger.post(NEEDS, &of_others).await.faults(), ["/pilot unknown_reference"]);
    }
}

scenario! {
    /// The known rates: broken ones are refused at submission, each with its figures; the rest is said.
    async fn a_need_that_breaks_a_firm_rate_cannot_be_submitted(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        let worker = |mark: &str, monthly: i64| json!({
            "mark": mark, "from": "2022-01-01", "months": 10, "region": "III", "monthly": monthly.to_string(),
        });
        let mut young = needed("young_workers", "recurrent", &[]);
        young["phases"] = json!([{"fiscalYear": 2022, "amount": "154000000"}]);
        young["youngWorkers"] = json!([worker("LD-01", 5_145_000), worker("LD-02", 5_100_000), worker("LD-03", 5_155_000)]);
        let need = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": [young]})).await.created();
        let path = need_path(&need);
        let refused = cooperative.step(&path, "submissions", &json!({"submittedOn": "2022-01-15"})).await;
        assert!(refused.refused(409, "rate_not_kept")["legalBasis"].as_str().unwrap().contains("124/2021/TT-BTC"));
        assert_eq!(refused.faults(), ["/items/0/youngWorkers/1/monthly rate_not_kept", "/items/0/youngWorkers/2 rate_not_kept"]);

        let mut mended = young.clone();
        mended["youngWorkers"] = json!([worker("LD-01", 5_145_000), worker("LD-02", 5_155_000)]);
        mended["phases"] = json!([{"fiscalYear": 2022, "amount": "103000000"}]);
        cooperative.seen("\"1\"").patch(&path, &json!({"items": [mended]})).await.ok();
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2022-01-15"})).await.ok();
        let checks = cooperative.get(&format!("{path}/rate-checks")).await.ok();
        assert_eq!(checks["day"], "2022-01-15");
        let verdicts: Vec<_> = checks["items"].as_array().unwrap().iter().map(|check| check["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, ["kept", "province_decides", "kept", "kept", "kept", "kept"]);
        assert!(checks["items"].as_array().unwrap().iter().all(|check| check["ruleId"] == "support_rate" && check["version"]["of"] == "young_workers"));
        let rule = cooperative.get("/v1/rules/support_rate?at=2022-01-15").await.ok();
        assert!(rule["parameters"].as_array().unwrap().iter().any(|one| one["name"] == "monthly" && one["value"] == "3430000"), "{rule}");
        assert!(checks["items"][0]["legalBasis"].as_str().unwrap().contains("90/2019/NĐ-CP"));

        // A third person of the same year, in another need.
        mended["youngWorkers"] = json!([worker("LD-03", 5_145_000)]);
        mended["phases"] = json!([{"fiscalYear": 2022, "amount": "51450000"}]);
        let other = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": [mended]})).await.created();
        let answer = cooperative.step(&need_path(&other), "submissions", &json!({"submittedOn": "2022-02-15"})).await;
        assert_eq!(answer.faults(), ["/items/0/youngWorkers/0 rate_not_kept"]);
        let rates = cooperative.get("/v1/reference-entries?list=minimum_wages&at=2022-07-01").await.ok();
        assert_eq!((rates["items"].as_array().unwrap().len(), &rates["items"][2]["attributes"]["monthly"]), (4, &json!("3640000")));
        assert_eq!(rates["items"][0]["attributes"]["status"], "recalled");
    }
}

scenario! {
    /// Returned to be written anew; who wrote does not appraise, who appraised does not approve; the order of steps holds.
    async fn the_order_of_steps_and_the_four_eyes_hold(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        let good = json!({"pilot": pilot["id"], "items": [needed("training", "recurrent", &[(2022, 2)])]});
        let path = need_path(&cooperative.post(NEEDS, &good).await.created());
        let lead = world.someone(Role::LeadAgency, "89");
        let consolidation = json!({"documentNumber": "350/SKHĐT-DN", "documentDate": "2022-02-01"});
        lead.seen("\"1\"").post(&format!("{path}/consolidations"), &consolidation).await.refused(404, "not_found");
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2999-01-01"})).await.refused(400, "date_in_future");
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2021-01-01"})).await.refused(409, "step_predated");
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2022-01-15"})).await.ok();
        cooperative.seen("\"2\"").delete(&path).await.refused(409, "not_a_draft");
        cooperative.seen("\"2\"").patch(&path, &good).await.refused(409, "wrong_state");
        cooperative.seen("\"1\"").patch(&path, &good).await.refused(412, "stale");
        lead.step(&path, "returns", &json!({"comment": "Bổ sung thuyết minh."})).await.ok();
        let edited = cooperative.seen("\"3\"").patch(&path, &good).await.ok();
        assert_eq!(edited["state"], "returned");
        cooperative.step(&path, "submissions", &json!({"submittedOn": "2022-01-20"})).await.ok();
        let early = json!({"documentNumber": "350/SKHĐT-DN", "documentDate": "2022-01-19"});
        lead.step(&path, "consolidations", &early).await.refused(409, "step_predated");
        lead.step(&path, "consolidations", &consolidation).await.ok();
        let written_by = format!("cooperative@{}", pilot["cooperative"].as_str().unwrap());
        let writer = world.person(Role::Finance, "89", &written_by);
        writer.step(&path, "appraisals", &appraisal(&json!([{"item": 1}]))).await.refused(409, "four_eyes");
        let both = world.person(Role::Finance, "89", "two hats");
        both.step(&path, "appraisals", &appraisal(&json!([{"item": 1}]))).await.ok();
        both.step(&path, "appraisals", &appraisal(&json!([{"item": 1}]))).await.refused(409, "wrong_state");
        let both = world.person(Role::PeoplesCommittee, "89", "two hats");
        both.step(&path, "approvals", &approval(&json!([{"item": 1}]))).await.refused(409, "four_eyes");
        let actions = cooperative.get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!((&actions["items"][0]["code"], &actions["items"][2]["code"]), (&json!("wrong_state"), &json!("wrong_state")));
        assert_eq!(lead.get(&format!("{path}/returns")).await.ok()["items"][0]["comment"], "Bổ sung thuyết minh.");

        // The database holds the order of the figures too.
        for sql in [
            "UPDATE support_need_phases SET appraised = requested + 1", "UPDATE support_need_phases SET approved = appraised + 1",
            "UPDATE support_need_phases SET requested = 0", "UPDATE support_needs SET consolidation = NULL",
        ] {
            let refused = world.sarus.store.reader().execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(refused.contains("ck_support_need") || refused.contains("tr_support_need"), "{sql}: {refused}");
        }
        let draft = cooperative.post(NEEDS, &good).await;
        world.someone(Role::Locality, "883").get(&draft.location()).await.refused(404, "not_found");
        cooperative.seen("\"1\"").delete(&draft.location()).await.ok();
        assert_eq!(lead.get(&format!("{NEEDS}?state=consolidated&count=exact")).await.ok()["count"], 1);
    }
}

scenario! {
    /// Rates are checked on persons and costs: without them such a need stays a draft.
    async fn what_rates_are_checked_on_is_listed(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        let mut unlisted = needed("training", "recurrent", &[(2022, 2)]);
        unlisted.as_object_mut().unwrap().remove("training");
        let items = json!([unlisted, needed("young_workers", "recurrent", &[(2022, 2)])]);
        let need = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": items})).await.created();
        let refused = cooperative.step(&need_path(&need), "submissions", &json!({"submittedOn": "2022-01-15"})).await;
        assert_eq!(refused.refused(409, "parts_not_stated")["inputs"]["supportKind"], "training");
        assert_eq!(refused.faults(), ["/items/0/training parts_not_stated", "/items/1/youngWorkers parts_not_stated"]);
        assert_eq!(cooperative.get(&need_path(&need)).await.ok()["state"], "draft");
    }
}

scenario! {
    /// What a need asks for in all is an amount like any other; a year is upheld once.
    async fn a_need_sums_to_an_amount(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        let most = |amount: &str| {
            let mut item = needed("infrastructure", "investment", &[(2022, 1)]);
            item["phases"] = json!([{"fiscalYear": 2022, "amount": amount}]);
            item
        };
        let body = |second: &str| json!({"pilot": pilot["id"], "items": [most("999999999999998"), most(second)]});
        let refused = cooperative.post(NEEDS, &body("2")).await;
        assert_eq!(refused.refused(400, "total_too_large")["inputs"]["total"], "1000000000000000");
        assert_eq!(refused.faults(), ["/items total_too_large"]);
        assert_eq!(cooperative.post(NEEDS, &body("1")).await.created()["requested"], "999999999999999");

        let need = world.given_consolidated_need(&pilot, &[needed("infrastructure", "investment", &[(2022, 5)])]).await;
        let twice = json!([{"item": 1, "phases": [{"fiscalYear": 2022, "amount": "4"}, {"fiscalYear": 2022, "amount": "3"}]}]);
        let refused = world.someone(Role::LeadAgency, "89").step(&need_path(&need), "appraisals", &appraisal(&twice)).await;
        assert_eq!(refused.faults(), ["/items/0/phases/1/fiscalYear repeated_item"]);
    }
}
