//! From the signed plan to the People's Committee: receipts, consolidation, what does not fit; and progress by year.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_improvement::{
    BASELINE_OF_68, changed, cooperative_of, improvement_path, new_approval, new_consolidation,
    new_improvement_opinion, new_improvement_plan, new_submission,
};
use crate::support::given_pilots::{AGRICULTURE, TRANSPORT, id_of};

scenario! {
    /// Four recipients, each once; nobody else; and a return voids what was acknowledged.
    async fn the_four_recipients_acknowledge_the_signed_plan(world) {
        let draft = world.given_improvement_draft().await;
        let path = improvement_path(&draft);
        let receipt = json!({"receivedOn": "2021-10-22", "incomingNumber": "1532"});
        let lead = world.someone(Role::LeadAgency, "89");
        lead.step(&path, "receipts", &receipt).await.refused(409, "wrong_state");
        world.given_submission_of(&draft).await;
        let department = world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let locality = world.someone(Role::Locality, "888");
        for recipient in [&lead, &department, &alliance, &locality] {
            recipient.step(&path, "receipts", &receipt).await.ok();
            recipient.step(&path, "receipts", &receipt).await.refused(409, "already_exists");
        }
        let other = world.agent(Role::LineDepartment, TRANSPORT.parse().unwrap(), "sgtvt");
        other.step(&path, "receipts", &receipt).await.refused(409, "not_responsible");
        world.someone(Role::Locality, "883").get(&format!("{path}/receipts")).await.refused(404, "not_found");
        world.someone(Role::PeoplesCommittee, "89").seen("\"1\"").post(&format!("{path}/receipts"), &receipt).await.refused(403, "forbidden");
        lead.step(&path, "receipts", &json!({"receivedOn": "2999-01-01"})).await.refused(400, "date_in_future");
        let plan = lead.get(&path).await.ok();
        let receipts = plan["signature"]["receipts"].as_array().unwrap();
        let who: Vec<_> = receipts.iter().map(|receipt| receipt["recipient"].as_str().unwrap()).collect();
        assert_eq!(who, ["lead_agency", "line_department", "cooperative_alliance", "locality"]);
        let history = lead.get(&format!("{path}/receipts")).await.ok();
        assert_eq!((&history["items"][3]["item"], &history["items"][3]["comment"]), (&json!("locality"), &json!("1532")));
        lead.step(&path, "returns", &json!({"comment": "Bổ sung."})).await.ok();
        let again = world.cooperative(cooperative_of(&draft)).step(&path, "submissions", &new_submission()).await.ok();
        assert_eq!(again["signature"]["receipts"], json!([]));
    }
}

/// The plans of two pilots, signed.
async fn given_two_signed(world: &crate::support::world::World) -> Vec<Value> {
    let mut signed = Vec::new();
    for pilot in world.given_pilots(2).await {
        let scores = changed(&BASELINE_OF_68, &[]);
        let baseline = world.given_scored_evaluation(cooperative_of(&pilot), 2021, &scores).await;
        let own = world.cooperative(cooperative_of(&pilot));
        let draft = own.post("/v1/improvement-plans", &new_improvement_plan(&pilot, &baseline)).await.created();
        signed.push(world.given_submission_of(&draft).await);
    }
    signed
}

scenario! {
    /// One document over the plans of the province; who puts forward does not approve; each is approved as signed.
    async fn a_consolidation_puts_signed_plans_before_the_committee(world) {
        let signed = given_two_signed(&world).await;
        let both: Vec<_> = signed.iter().collect();
        let drafter = world.person(Role::LeadAgency, "89", "both-hats");
        let body = new_consolidation("2450/TTr-SKHĐT", &both);
        let answer = drafter.post("/v1/improvement-consolidations", &body).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!(made["summary"], json!({
            "criteriaToImprove": 6,
            "criteria": [{"criterion": "3", "plans": 2}, {"criterion": "7", "plans": 2}, {"criterion": "10", "plans": 2}],
            "measures": [{"area": "governance", "measures": 2}, {"area": "accounting", "measures": 2}],
        }));
        assert_eq!(drafter.get(&path).await.ok(), made);
        drafter.post("/v1/improvement-consolidations", &body).await.refused(409, "already_exists");
        let plan = improvement_path(&signed[1]);
        assert_eq!(drafter.get(&plan).await.ok()["signature"]["consolidation"], made["id"]);
        let same = world.person(Role::PeoplesCommittee, "89", "both-hats");
        same.step(&plan, "approvals", &new_approval(&signed[1])).await.refused(409, "four_eyes");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        for plan in &signed {
            let approved = committee.step(&improvement_path(plan), "approvals", &new_approval(plan)).await.ok();
            assert_eq!(approved["approval"]["contentHash"], plan["contentHash"]);
        }
        for (query, count) in [
            (format!("province=89&scheme=QD167-2021-2025&plan={}", id_of(&signed[0])), 1),
            ("province=91".to_owned(), 0),
            (format!("plan={}", made["id"].as_str().unwrap()), 0),
        ] {
            let page = committee.get(&format!("/v1/improvement-consolidations?{query}")).await.ok();
            assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
        }
        // A document over several cooperatives is not shown to one of them, nor to another province.
        for outside in [world.cooperative(cooperative_of(&signed[0])), world.someone(Role::LeadAgency, "01")] {
            outside.get(&path).await.refused(404, "not_found");
        }
    }
}

scenario! {
    async fn a_consolidation_is_all_or_none_and_names_each_fault(world) {
        let signed = given_two_signed(&world).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let post = async |body: &Value| lead.post("/v1/improvement-consolidations", body).await;
        let empty = post(&json!({"plans": [], "x": 1})).await;
        empty.refused(400, "invalid_body");
        let back = json!({"comment": "Bổ sung."});
        lead.step(&improvement_path(&signed[1]), "returns", &back).await.ok();
        let mut body = new_consolidation("1/TTr", &[&signed[0], &signed[1]]);
        let refused = post(&body).await;
        refused.refused(409, "wrong_state");
        assert_eq!(refused.faults(), ["/plans/1/plan wrong_state"]);
        let before = lead.get(&improvement_path(&signed[0])).await.ok();
        assert!(before["signature"].get("consolidation").is_none(), "all or none");
        body["plans"][1] = json!({"plan": "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d", "contentHash": "0".repeat(64)});
        assert_eq!(post(&body).await.faults(), ["/plans/1/plan unknown_reference"]);
        body["plans"] = json!([{"plan": signed[0]["id"], "contentHash": "0".repeat(64)}]);
        let changed = post(&body).await;
        changed.refused(409, "content_changed");
        assert_eq!(changed.faults(), ["/plans/0/contentHash content_changed"]);
        let good = new_consolidation("1/TTr", &[&signed[0]]);
        for (member, value, code) in [
            ("date", json!("2999-01-01"), "/date date_in_future"),
            ("province", json!("01"), "/province unknown_reference"),
        ] {
            let mut body = good.clone();
            body[member] = value;
            let answer = post(&body).await;
            assert_eq!((answer.status, answer.faults()), (400, vec![code.to_owned()]));
        }
        let mut early = good.clone();
        early["date"] = json!("2021-10-19");
        post(&early).await.refused(409, "step_predated");
        let elsewhere = world.someone(Role::LeadAgency, "01");
        elsewhere.post("/v1/improvement-consolidations", &good).await.refused(400, "unknown_reference");
        world.someone(Role::PeoplesCommittee, "89").post("/v1/improvement-consolidations", &good).await.refused(403, "forbidden");
        post(&good).await.created();
    }
}

scenario! {
    async fn what_a_reviewer_finds_not_to_fit_is_not_approved(world) {
        let draft = world.given_improvement_draft().await;
        let path = improvement_path(&draft);
        world.given_reviews_of(&draft).await;
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let mut against = new_improvement_opinion();
        against["fitsSupportPlan"] = json!(false);
        alliance.step(&path, "opinions", &against).await.ok();
        let mut silent = new_improvement_opinion();
        silent.as_object_mut().unwrap().remove("fitsSupportPlan");
        assert_eq!(alliance.step(&path, "opinions", &silent).await.faults(), ["/fitsSupportPlan required"]);
        let own = world.cooperative(cooperative_of(&draft));
        let signed = own.step(&path, "submissions", &new_submission()).await.ok();
        world.given_consolidation_of(&[&signed]).await;
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let refused = committee.step(&path, "approvals", &new_approval(&signed)).await.refused(409, "plan_does_not_fit");
        assert!(refused["legalBasis"].as_str().unwrap().contains("VI.2.1"), "{refused}");
        // Returned, reviewed again, and signed again: now it fits.
        world.someone(Role::LeadAgency, "89").step(&path, "returns", &json!({"comment": "Chỉnh theo kế hoạch hỗ trợ."})).await.ok();
        alliance.step(&path, "opinions", &new_improvement_opinion()).await.ok();
        let signed = own.step(&path, "submissions", &new_submission()).await.ok();
        let body = new_consolidation("9/TTr", &[&signed]);
        world.someone(Role::LeadAgency, "89").post("/v1/improvement-consolidations", &body).await.created();
        committee.step(&path, "approvals", &new_approval(&signed)).await.ok();
    }
}

scenario! {
    /// Planned against reached, criterion by criterion and year by year; measures by kind.
    async fn progress_shows_each_year_and_each_kind_of_measure(world) {
        let (pilot, baseline) = world.given_pilot_with_baseline().await;
        let own = world.cooperative(cooperative_of(&pilot));
        let mut body = new_improvement_plan(&pilot, &baseline);
        body["criteria"][1]["yearlyTargets"] = json!([{"year": 2022, "target": "5.00"}, {"year": 2024, "target": "6.00"}]);
        body["measures"][0]["responsibleAgency"] = json!(AGRICULTURE);
        body["measures"][0]["startDate"] = json!("2022-01-15");
        let mut wrong = body.clone();
        wrong["criteria"][1]["yearlyTargets"] = json!([{"year": 2021, "target": "6.01"}]);
        wrong["measures"][1]["startDate"] = json!("2023-01-01");
        let answer = own.post("/v1/improvement-plans", &wrong).await;
        assert_eq!(answer.faults(), [
            "/criteria/1/yearlyTargets/0/target yearly_target_outside", "/criteria/1/yearlyTargets/0/year dates_out_of_order",
            "/measures/1/startDate dates_out_of_order",
        ]);
        let mut nobody = body.clone();
        nobody["measures"][1]["responsibleAgency"] = pilot["id"].clone();
        let answer = own.post("/v1/improvement-plans", &nobody).await;
        assert_eq!((answer.status, answer.faults()), (400, vec!["/measures/1/responsibleAgency unknown_reference".to_owned()]));

        let draft = own.post("/v1/improvement-plans", &body).await.created();
        assert_eq!(draft["criteria"][6]["yearlyTargets"], body["criteria"][1]["yearlyTargets"]);
        let signed = world.given_submission_of(&draft).await;
        let plan = world.given_approval_of(&signed).await;
        let path = improvement_path(&plan);
        let begun = json!({"measure": 1, "outcome": "under_way", "onDate": "2022-02-01", "comment": "Đã khai giảng."});
        let begun = own.step(&path, "measure-reports", &begun).await.ok();
        let measure = &begun["measures"][0];
        assert_eq!((&measure["status"], &measure["begunOn"]), (&json!("under_way"), &json!("2022-02-01")));
        assert_eq!(measure["responsibleAgency"], AGRICULTURE);
        world.given_scored_evaluation(cooperative_of(&pilot), 2022, &changed(&BASELINE_OF_68, &[("7b", 2)])).await;
        // That of 2020, with which it applied, is older than the baseline and not shown.
        let progress = own.get(&format!("{path}/progress")).await.ok();
        let years = progress["years"].as_array().unwrap();
        let seventh: Vec<_> = years.iter().map(|year| (year["year"].as_u64().unwrap(), &year["criteria"][6])).collect();
        let row = |planned: Option<&str>, achieved: Option<&str>, at_plan: Option<bool>| {
            let mut row = json!({"criterion": "7", "toImprove": true});
            for (name, value) in [("planned", planned.map(Value::from)), ("achieved", achieved.map(Value::from)), ("atPlan", at_plan.map(Value::from))] {
                if let Some(value) = value {
                    row[name] = value;
                }
            }
            if achieved.is_some() {
                row["notBelowBaseline"] = json!(true);
            }
            row
        };
        let expected = [
            (2021, row(None, Some("4.00"), None)),
            (2022, row(Some("5.00"), Some("5.00"), Some(true))),
            (2024, row(Some("6.00"), None, None)),
        ];
        assert_eq!(seventh, expected.iter().map(|(year, row)| (*year, row)).collect::<Vec<_>>());
        assert_eq!((&years[1]["total"], years[2].get("evaluation")), (&json!("69.00"), None));
        assert_eq!(progress["measures"], json!([
            {"area": "governance", "planned": 1, "due": 1, "underWay": 1, "done": 0, "overdue": 1},
            {"area": "accounting", "planned": 1, "due": 1, "underWay": 0, "done": 0, "overdue": 1},
        ]));
    }
}
