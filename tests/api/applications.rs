//! Applications: written by the cooperative, judged by agencies beside it, held against the scheme's conditions.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_pilots::{SCHEME, application_path, id_of, new_application};

/// The steps that a client is allowed to take now.
async fn allowed(client: &Client, path: &str) -> Vec<String> {
    let actions = client.get(&format!("{path}/allowed-actions")).await.ok();
    let items = actions["items"].as_array().unwrap().iter();
    items.filter(|item| item["allowed"] == true).map(|item| item["step"].as_str().unwrap().to_owned()).collect()
}

/// The verdict on each condition, by its kind.
fn verdicts(eligibility: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let conditions = eligibility["conditions"].as_array().unwrap().iter();
    conditions.map(|condition| (text(&condition["kind"]), text(&condition["verdict"]))).collect()
}

scenario! {
    /// Draft, submission, return, correction, opinions, withdrawal; each in the history.
    async fn an_application_lives_from_draft_to_withdrawn(world) {
        world.given_plan("89").await;
        let id = id_of(&world.given_cooperative("888", "0100233488").await);
        let own = world.cooperative(&id);
        let answer = own.post("/v1/applications", &new_application(&id)).await;
        let (path, draft) = (answer.location(), answer.created());
        assert_eq!((&draft["state"], &draft["province"], &draft["unit"]), (&json!("draft"), &json!("89"), &json!("888")));
        assert_eq!(own.get(&path).await.ok(), draft);
        assert_eq!(allowed(&own, &path).await, ["edit", "delete", "submissions"]);
        own.step(&path, "withdrawals", &json!({"withdrawnOn": "2021-08-02"})).await.refused(409, "wrong_state");

        let submitted = own.step(&path, "submissions", &json!({"submittedOn": "2021-08-02"})).await;
        assert_eq!((&submitted.ok()["state"], submitted.header("content-location")), (&json!("submitted"), path.clone()));
        assert_eq!(submitted.header("etag"), own.get(&path).await.header("etag"));
        assert_eq!(allowed(&own, &path).await, ["withdrawals"]);
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(allowed(&lead, &path).await, ["opinions", "claim-reviews", "returns"]);
        own.seen("\"2\"").patch(&path, &json!({"model": "A1"})).await.refused(409, "wrong_state");

        let back = json!({"returnedOn": "2021-08-05", "reason": "Bổ sung hợp đồng liên kết"});
        assert_eq!(lead.step(&path, "returns", &back).await.ok()["returnedOn"], "2021-08-05");
        lead.step(&path, "opinions", &json!({"opinionOn": "2021-08-06", "outcome": "favourable", "comment": "x"})).await.refused(409, "wrong_state");
        let edited = own.seen("\"3\"").patch(&path, &json!({"model": "A1", "priorityClaims": null})).await;
        assert_eq!((&edited.ok()["model"], &edited.ok()["priorityClaims"]), (&json!("A1"), &json!([])));
        own.step(&path, "submissions", &json!({"submittedOn": "2021-08-04"})).await.refused(409, "step_predated");
        own.step(&path, "submissions", &json!({"submittedOn": "2021-08-09"})).await.ok();

        let opinions = [
            (world.someone(Role::Locality, "888"), "favourable"),
            (world.someone(Role::LineDepartment, "89"), "unfavourable"),
            (world.someone(Role::CooperativeAlliance, "89"), "favourable"),
        ];
        for (agency, outcome) in &opinions {
            let body = json!({"opinionOn": "2021-08-16", "outcome": outcome, "comment": "Đã thẩm tra tại chỗ"});
            agency.step(&path, "opinions", &body).await.ok();
        }
        let history = own.get(&format!("{path}/opinions")).await.ok();
        let outcomes: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| (&item["role"], &item["outcome"])).collect();
        assert_eq!(outcomes, [
            (&json!("locality"), &json!("favourable")),
            (&json!("line-department"), &json!("unfavourable")),
            (&json!("cooperative-alliance"), &json!("favourable")),
        ]);
        assert_eq!(own.step(&path, "withdrawals", &json!({"withdrawnOn": "2021-08-20"})).await.ok()["state"], "withdrawn");
        for (step, count) in [("submissions", 2), ("returns", 1), ("withdrawals", 1)] {
            assert_eq!(own.get(&format!("{path}/{step}")).await.ok()["items"].as_array().unwrap().len(), count, "{step}");
        }
        assert_eq!(allowed(&own, &path).await, [""; 0]);
        // Withdrawn is final, and leaves room for another.
        own.post("/v1/applications", &new_application(&id)).await.created();
    }
}

scenario! {
    /// 65.00 and three profits are eligible; 64.99, a loss or zero in 2019 are not; what is missing is unknown.
    async fn eligibility_answers_each_condition_with_its_inputs(world) {
        let good = ["1", "1", "1"];
        for (number, profits, points, expected) in [
            ("1600000001", good, 6_500, [("profit", "met"), ("evaluation", "met")]),
            ("1600000002", good, 6_499, [("profit", "met"), ("evaluation", "not_met")]),
            ("1600000003", ["1", "-1", "1"], 6_500, [("profit", "not_met"), ("evaluation", "met")]),
            ("1600000004", ["1", "0", "1"], 6_500, [("profit", "not_met"), ("evaluation", "met")]),
        ] {
            let id = id_of(&world.given_cooperative("888", number).await);
            world.given_profits(&id, profits).await;
            world.given_submitted_evaluation(&id, 2020, points).await;
            let path = application_path(&world.given_application(&id).await);
            let eligibility = world.someone(Role::LeadAgency, "89").get(&format!("{path}/eligibility")).await.ok();
            let found = verdicts(&eligibility);
            for (kind, verdict) in expected.into_iter().chain([("law", "met"), ("model", "met"), ("dossier", "met")]) {
                assert!(found.contains(&(kind.to_owned(), verdict.to_owned())), "{number}: {kind} {verdict} {found:?}");
            }
            let is_met = expected.iter().all(|(_, verdict)| *verdict == "met");
            assert_eq!(eligibility["overall"], if is_met { "met" } else { "not_met" }, "{number}");
            let claimed = eligibility["priorities"].as_array().unwrap().iter().filter(|priority| priority["claimed"] == true);
            assert_eq!(claimed.map(|priority| &priority["code"]).collect::<Vec<_>>(), ["P2.4"]);
        }
    }
}

scenario! {
    async fn what_is_missing_is_unknown_and_verified_facts_count_over_declared_ones(world) {
        let id = id_of(&world.given_cooperative("888", "0100233488").await);
        let path = application_path(&world.given_draft_application(&id).await);
        let (own, locality) = (world.cooperative(&id), world.someone(Role::Locality, "888"));
        let now = || async { own.get(&format!("{path}/eligibility")).await.ok() };
        let before = now().await;
        assert_eq!(before["overall"], "unknown");
        let text = before.to_string();
        assert!(text.contains("2018, 2019, 2020") && text.contains("no submitted or confirmed evaluation of 2020"), "{text}");

        world.given_profits(&id, ["1", "1", "1"]).await;
        world.given_submitted_evaluation(&id, 2020, 6_500).await;
        assert_eq!(now().await["overall"], "met");
        let figures = format!("/v1/cooperatives/{id}/annual-figures/2019");
        let verified = json!({"status": "final", "profitBeforeTax": "-5"});
        locality.with("if-none-match", "*").put(&figures, &verified).await.ok();
        let after = now().await;
        assert_eq!(after["overall"], "not_met");
        let profit = after["conditions"].as_array().unwrap().iter().find(|condition| condition["kind"] == "profit").unwrap();
        assert!(profit["inputs"].as_array().unwrap().contains(&json!({"name": "profitBeforeTax.2019", "value": "-5", "basis": "verified"})));
        world.given_verified_evaluation(&id, "888", 2020, 6_499).await;
        let found = verdicts(&now().await);
        assert!(found.contains(&("evaluation".to_owned(), "not_met".to_owned())), "{found:?}");
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault(world) {
        let id = id_of(&world.given_cooperative("888", "0100233488").await);
        let other = id_of(&world.given_cooperative("888", "0314409058").await);
        let own = world.cooperative(&id);
        let answer = own.post("/v1/applications", &json!({"model": "a3", "surprise": 1, "dossier": [{"code": "x"}]})).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "/cooperative required", "/dossier/0/document required", "/model wrong_pattern", "/scheme required", "/surprise unknown_member",
        ]);
        let with = |name: &str, value: Value| {
            let mut body = new_application(&id);
            body[name] = value;
            body
        };
        for (body, faults) in [
            (with("cooperative", json!(other)), vec!["/cooperative unknown_reference"]),
            (with("scheme", json!("QD999-2030")), vec!["/scheme unknown_reference"]),
            (with("model", json!("Z9")), vec!["/model unknown_reference"]),
            (with("dossier", json!([
                {"code": "registration_form", "document": {"title": "Đơn"}},
                {"code": "registration_form", "document": {"title": "Đơn"}},
                {"code": "poem", "document": {"title": "Thơ"}},
            ])), vec!["/dossier/1/code repeated_item", "/dossier/2/code unknown_reference"]),
            (with("priorityClaims", json!([{"condition": "P9.9", "evidence": {"title": "Ảnh"}}])), vec!["/priorityClaims/0/condition unknown_reference"]),
        ] {
            let answer = own.post("/v1/applications", &body).await;
            assert_eq!((answer.status, answer.faults()), (400, faults.into_iter().map(str::to_owned).collect()));
        }
        let incomplete = own.post("/v1/applications", &with("dossier", json!([]))).await;
        let path = incomplete.location();
        let refused = own.step(&path, "submissions", &json!({"submittedOn": "2021-08-02"})).await;
        assert!(refused.refused(409, "dossier_incomplete")["legalBasis"].as_str().unwrap().contains("III.2.1"));
        assert_eq!(refused.faults(), ["/dossier dossier_incomplete", "/dossier dossier_incomplete"]);
        own.step(&path, "submissions", &json!({"submittedOn": "2999-01-01"})).await.refused(400, "date_in_future");
        own.step(&path, "submissions", &json!({})).await.refused(400, "invalid_body");
        own.get("/v1/applications?colour=red").await.refused(400, "invalid_query");
        world.someone(Role::LeadAgency, "89").post("/v1/applications", &new_application(&id)).await.refused(403, "forbidden");
    }
}

scenario! {
    async fn a_draft_is_the_cooperatives_own_and_others_find_nothing(world) {
        let id = id_of(&world.given_cooperative("888", "0100233488").await);
        let other = id_of(&world.given_cooperative("888", "0314409058").await);
        let own = world.cooperative(&id);
        let path = application_path(&world.given_draft_application(&id).await);
        world.someone(Role::LeadAgency, "89").get(&path).await.refused(404, "not_found");
        world.cooperative(&other).get(&path).await.refused(404, "not_found");
        own.post("/v1/applications", &new_application(&id)).await.refused(409, "already_exists");
        own.patch(&path, &json!({"model": "A1"})).await.refused(428, "precondition_required");
        own.seen("\"9\"").patch(&path, &json!({"model": "A1"})).await.refused(412, "stale");
        let moved = own.seen("\"1\"").patch(&path, &json!({"cooperative": other, "scheme": "QD999-2030"})).await;
        moved.refused(400, "cannot_change");
        assert_eq!(moved.faults(), ["/cooperative cannot_change", "/scheme cannot_change"]);
        assert_eq!(own.seen("\"1\"").delete(&path).await.status, 204);
        own.get(&path).await.refused(404, "not_found");

        let sent = application_path(&world.given_application(&id).await);
        own.seen("\"2\"").delete(&sent).await.refused(409, "not_a_draft");
        for (role, unit, status) in [
            (Role::LeadAgency, "89", 200),
            (Role::Locality, "888", 200),
            (Role::Ministry, "", 200),
            (Role::Locality, "883", 404),
            (Role::LeadAgency, "01", 404),
        ] {
            assert_eq!(world.someone(role, unit).get(&sent).await.status, status, "{role:?} {unit}");
        }
        let opinion = json!({"opinionOn": "2021-08-16", "outcome": "favourable", "comment": "Đồng ý"});
        let far = world.someone(Role::Locality, "883").seen("\"2\"");
        far.post(&format!("{sent}/opinions"), &opinion).await.refused(404, "not_found");
        own.seen("\"2\"").post(&format!("{sent}/opinions"), &opinion).await.refused(403, "forbidden");
        let lead = world.someone(Role::LeadAgency, "89");
        lead.seen("\"1\"").post(&format!("{sent}/opinions"), &opinion).await.refused(412, "stale");
    }
}

scenario! {
    async fn applications_are_listed_by_what_is_asked(world) {
        let first = world.given_application(&id_of(&world.given_cooperative("888", "0100233488").await)).await;
        let second = world.given_application(&id_of(&world.given_cooperative("883", "0314409058").await)).await;
        world.given_draft_application(&id_of(&world.given_cooperative("883", "1600000001").await)).await;
        let lead = world.someone(Role::LeadAgency, "89");
        for (query, expected) in [
            (String::new(), vec![&first, &second]),
            ("unit=883".to_owned(), vec![&second]),
            ("model=A3&state=submitted&province=89".to_owned(), vec![&first, &second]),
            (format!("scheme={SCHEME}&cooperative={}", first["cooperative"].as_str().unwrap()), vec![&first]),
            ("state=draft".to_owned(), vec![]),
            ("model=A1".to_owned(), vec![]),
        ] {
            let page = lead.get(&format!("/v1/applications?{query}")).await.ok();
            assert_eq!(page["items"].as_array().unwrap().iter().collect::<Vec<_>>(), expected, "{query}");
        }
        assert_eq!(world.someone(Role::Locality, "883").get("/v1/applications?count=exact").await.ok()["count"], 1);
    }
}
