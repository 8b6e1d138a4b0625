//! Conditions of a province's own: drafted by its lead agency, approved by another person, in force on their days.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::cooperatives::placed;
use crate::support::client::Client;
use crate::support::given_pilots::{SCHEME, application_path, decision_path, id_of};

/// A statement that applicants attest, as Hà Nội asks one.
fn new_statement(code: &str) -> Value {
    json!({
        "province": "89",
        "scheme": SCHEME,
        "code": code,
        "kind": "attested",
        "text": {"vi": "HTX bảo đảm tỷ lệ cung ứng cho thành viên theo luật", "en": "It keeps the share of supply to members that the law asks"},
        "decisionNumber": "10/QĐ-UBND",
        "decisionDate": "2021-07-01",
        "article": "Điều 2",
        "validFrom": "2021-07-05",
    })
}

fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        body[*name] = value.clone();
    }
    body
}

async fn answer_on(client: &Client, application: &Value, code: &str, at: &str) -> (String, Option<String>) {
    let eligibility = client.get(&format!("{}/eligibility?at={at}", application_path(application))).await.ok();
    let own = eligibility["conditions"].as_array().unwrap().iter().find(|condition| condition["rule"] == code);
    let verdict = own.map(|condition| condition["verdict"].as_str().unwrap().to_owned());
    (eligibility["overall"].as_str().unwrap().to_owned(), verdict)
}

scenario! {
    /// Asked, unanswered, attested with evidence, ended: an applicant is held to it on its days and on no others.
    async fn a_statement_is_attested_in_the_application_with_evidence(world) {
        world.given_plan("89").await;
        let (lead, committee) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::PeoplesCommittee, "89"));
        let answer = lead.post("/v1/provincial-conditions", &new_statement("T1")).await;
        let (path, draft) = (answer.location(), answer.created());
        assert_eq!((&draft["state"], lead.get(&path).await.ok()), (&json!("draft"), draft.clone()));
        let applicant = world.given_applicant("0100233488").await;
        let own = world.cooperative(&applicant);
        let application = world.given_draft_application(&applicant).await;
        own.get(&path).await.refused(404, "not_found");
        let attested = json!({"attestations": [{"condition": "T1", "holds": true, "evidence": {"title": "Báo cáo cung ứng 2020"}}]});
        let before = own.seen("\"1\"").patch(&application_path(&application), &attested).await;
        before.refused(400, "unknown_reference");
        assert_eq!(before.faults(), ["/attestations/0/condition unknown_reference"]);
        assert_eq!(answer_on(&own, &application, "T1", "2021-08-02").await, ("met".to_owned(), None));

        let approved = committee.step(&path, "approvals", &json!({})).await.ok();
        assert_eq!((&approved["state"], &own.get(&path).await.ok()), (&json!("approved"), &approved));
        let history = lead.get(&format!("{path}/approvals")).await.ok();
        assert_eq!(history["items"][0]["contentHash"], draft["contentHash"]);
        for (day, expected) in [
            ("2021-07-04", ("met", None)),
            ("2021-07-05", ("unknown", Some("unknown"))),
        ] {
            let expected = (expected.0.to_owned(), expected.1.map(str::to_owned));
            assert_eq!(answer_on(&own, &application, "T1", day).await, expected, "{day}");
        }
        own.seen("\"1\"").patch(&application_path(&application), &attested).await.ok();
        assert_eq!(answer_on(&own, &application, "T1", "2021-07-05").await, ("met".to_owned(), Some("met".to_owned())));
        let denied = json!({"attestations": [{"condition": "T1", "holds": false, "evidence": {"title": "Báo cáo cung ứng 2020"}}]});
        own.seen("\"2\"").patch(&application_path(&application), &denied).await.ok();
        assert_eq!(answer_on(&own, &application, "T1", "2021-07-05").await, ("not_met".to_owned(), Some("not_met".to_owned())));

        let ending = json!({"number": "20/QĐ-UBND", "date": "2021-08-15", "lastDay": "2021-08-31", "reason": "Không còn phù hợp"});
        committee.step(&path, "endings", &with(ending.clone(), &[("date", json!("2021-06-30"))])).await.refused(409, "step_predated");
        let ended = committee.step(&path, "endings", &ending).await.ok();
        assert_eq!((&ended["state"], &ended["ending"]["lastDay"]), (&json!("ended"), &json!("2021-08-31")));
        assert_eq!(answer_on(&own, &application, "T1", "2021-08-31").await.0, "not_met");
        assert_eq!(answer_on(&own, &application, "T1", "2021-09-01").await, ("met".to_owned(), None));
        committee.step(&path, "endings", &ending).await.refused(409, "wrong_state");
        assert_eq!(lead.get(&format!("{path}/endings")).await.ok()["items"][0]["comment"], "Không còn phù hợp");
    }
}

scenario! {
    /// A selection is held to the conditions in force on the date of the decision, the province's own among them.
    async fn a_selection_is_refused_on_a_condition_of_the_province(world) {
        world.given_plan("89").await;
        let (lead, committee) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::PeoplesCommittee, "89"));
        let more_points = with(new_statement("T2"), &[
            ("kind", json!("evaluation")),
            ("parameters", json!({"evaluationYear": 2020, "minimumPoints": "70.00"})),
            ("validTo", json!("2021-09-15")),
        ]);
        let path = lead.post("/v1/provincial-conditions", &more_points).await.location();
        committee.step(&path, "approvals", &json!({})).await.ok();
        let applications = world.given_applications(1, 1).await;
        let decision = decision_path(&world.given_draft_decision("2128/QĐ-UBND", &applications).await);
        let refused = committee.with("accept-language", "en").step(&decision, "approvals", &json!({})).await;
        refused.refused(409, "not_eligible");
        assert_eq!(refused.faults(), ["/applications/0/application not_eligible"]);
        let message = refused.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("T2 (10/QĐ-UBND (2021-07-01) Điều 2)") && message.contains("65.00") && message.contains("70.00"), "{message}");
        // The day after its last one it binds nobody.
        let etag = lead.get(&decision).await.header("etag");
        lead.seen(&etag).patch(&decision, &json!({"date": "2021-09-16", "effectiveDate": "2021-09-16"})).await.ok();
        committee.step(&decision, "approvals", &json!({})).await.ok();
    }
}

scenario! {
    /// What provinces asked that were merged is asked in the whole of the new one until it ends it; before, each asks its own.
    async fn what_merged_provinces_asked_outlives_them(world) {
        for (province, code) in [("89", "T1"), ("91", "T2")] {
            world.given_plan(province).await;
            let asked = with(new_statement(code), &[("province", json!(province))]);
            let path = world.someone(Role::LeadAgency, province).post("/v1/provincial-conditions", &asked).await.location();
            world.someone(Role::PeoplesCommittee, province).step(&path, "approvals", &json!({})).await.ok();
        }
        let applicant = placed(&world, ["91", "899", "0100233488"], "2021-01-05T00:00:00Z").await;
        let application = world.given_draft_application(applicant.as_str().unwrap()).await;
        assert_eq!(application["province"], "91");
        let after = world.another_day("2025-08-15").await;
        let own = after.cooperative(applicant.as_str().unwrap());
        for (day, first) in [("2025-06-30", None), ("2025-07-01", Some("unknown"))] {
            assert_eq!(answer_on(&own, &application, "T1", day).await.1.as_deref(), first, "An Giang's on {day}");
            assert_eq!(answer_on(&own, &application, "T2", day).await.1.as_deref(), Some("unknown"), "Kiên Giang's on {day}");
        }
    }
}

scenario! {
    async fn only_the_lead_agency_writes_and_another_person_approves(world) {
        let lead = world.person(Role::LeadAgency, "89", "both-hats");
        lead.post("/v1/provincial-conditions", &new_statement("T1")).await.refused(409, "plan_not_approved");
        world.given_plan("89").await;
        let path = lead.post("/v1/provincial-conditions", &new_statement("T1")).await.location();
        world.person(Role::PeoplesCommittee, "89", "both-hats").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        world.someone(Role::Finance, "89").post("/v1/provincial-conditions", &new_statement("T2")).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        world.someone(Role::Locality, "888").get(&path).await.refused(404, "not_found");
        lead.post("/v1/provincial-conditions", &new_statement("T1")).await.refused(409, "already_exists");
        lead.patch(&path, &json!({"article": "Điều 3"})).await.refused(428, "precondition_required");
        lead.seen("\"1\"").patch(&path, &json!({"province": "01"})).await.refused(400, "cannot_change");
        let edited = lead.seen("\"1\"").patch(&path, &json!({"article": "Điều 3"})).await.ok();
        assert_eq!(edited["article"], "Điều 3");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let actions = committee.get(&format!("{path}/allowed-actions")).await.ok();
        let allowed: Vec<_> = actions["items"].as_array().unwrap().iter().map(|item| (item["step"].as_str().unwrap(), item["allowed"] == true)).collect();
        assert_eq!(allowed, [("edit", false), ("delete", false), ("approvals", true), ("endings", false)]);
        committee.step(&path, "approvals", &json!({})).await.ok();
        lead.seen("\"3\"").patch(&path, &json!({"article": "Điều 4"})).await.refused(409, "wrong_state");
        lead.seen("\"3\"").delete(&path).await.refused(409, "not_a_draft");
        let second = lead.post("/v1/provincial-conditions", &new_statement("T2")).await.location();
        assert_eq!(lead.get("/v1/provincial-conditions?state=draft&province=89").await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(lead.seen("\"1\"").delete(&second).await.status, 204);
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault(world) {
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let missing = lead.post("/v1/provincial-conditions", &json!({"code": "X1", "kind": "wealth", "parameters": {"x": 1}})).await;
        missing.refused(400, "invalid_body");
        assert_eq!(missing.faults(), [
            "/article required", "/code wrong_pattern", "/decisionDate required", "/decisionNumber required", "/kind not_in_enum",
            "/parameters/x unknown_member", "/province required", "/scheme required", "/text required", "/validFrom required",
        ]);
        let wrong = with(new_statement("T1"), &[
            ("kind", json!("profit")),
            ("parameters", json!({"minimumPoints": "70.00"})),
            ("validFrom", json!("2021-06-30")),
            ("validTo", json!("2021-06-29")),
        ]);
        let answer = lead.post("/v1/provincial-conditions", &wrong).await;
        assert_eq!((answer.status, answer.faults()), (400, [
            "/parameters/minimumPoints condition_parameters", "/parameters/profitYears condition_parameters",
            "/validFrom dates_out_of_order", "/validTo dates_out_of_order",
        ].map(str::to_owned).to_vec()));
        for (member, value, fault) in [
            ("province", json!("01"), "/province unknown_reference"),
            ("scheme", json!("QD999-2030"), "/scheme unknown_reference"),
            ("decisionDate", json!("2999-01-01"), "/decisionDate date_in_future"),
        ] {
            let answer = lead.post("/v1/provincial-conditions", &with(new_statement("T1"), &[(member, value)])).await;
            assert!(answer.status == 400 && answer.faults().contains(&fault.to_owned()), "{}", answer.text);
        }
        assert_eq!(id_of(&lead.post("/v1/provincial-conditions", &new_statement("T1")).await.created()).len(), 36);
    }
}
