//! Improvement plans: their life, what they are bound to, and the two requirements for leaving the scheme.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_improvement::{
    BASELINE_OF_68, changed, cooperative_of, improvement_path, new_approval, new_improvement_opinion,
    new_improvement_plan, new_submission,
};
use crate::support::given_pilots::{AGRICULTURE, TRANSPORT, pilot_path};

/// The codes that `allowed-actions` gives, `ok` for what is allowed.
fn actions(answer: &Value) -> Vec<String> {
    let line = |item: &Value| format!("{} {}", item["step"].as_str().unwrap(), item["code"].as_str().unwrap_or("ok"));
    answer["items"].as_array().unwrap().iter().map(line).collect()
}

scenario! {
    /// Drafted, reviewed by four agencies, signed and sent, approved: then it is the yardstick.
    async fn a_plan_lives_from_draft_to_yardstick(world) {
        let (pilot, baseline) = world.given_pilot_with_baseline().await;
        let own = world.cooperative(cooperative_of(&pilot));
        let made = own.post("/v1/improvement-plans", &new_improvement_plan(&pilot, &baseline)).await;
        let draft = made.created();
        let path = made.location();
        assert_eq!(own.get(&path).await.ok(), draft);
        assert_eq!((&draft["state"], &draft["revision"], &draft["criteriaToImprove"]), (&json!("draft"), &json!(1), &json!(3)));
        assert_eq!(draft["criteria"].as_array().unwrap().len(), 15);
        assert_eq!(draft["criteria"][6], json!({"criterion": "7", "toImprove": true, "baseline": "4.00", "target": "6.00", "yearlyTargets": []}));
        assert_eq!(draft["criteria"][5], json!({"criterion": "6", "toImprove": false, "baseline": "5.00", "yearlyTargets": []}));
        assert_eq!(draft["measures"][1]["number"], 2);

        let opinion = new_improvement_opinion();
        own.step(&path, "submissions", &new_submission()).await.refused(409, "review_incomplete");
        for reviewer in [
            world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn"),
            world.someone(Role::LeadAgency, "89"),
            world.someone(Role::CooperativeAlliance, "89"),
            world.someone(Role::Locality, "888"),
        ] {
            reviewer.step(&path, "opinions", &opinion).await.ok();
        }
        let stranger = world.agent(Role::LineDepartment, TRANSPORT.parse().unwrap(), "sgtvt");
        stranger.step(&path, "opinions", &opinion).await.refused(409, "not_responsible");
        let reviewed = own.get(&path).await.ok();
        assert_eq!(reviewed["opinions"].as_array().unwrap().len(), 4);
        assert!(reviewed["opinions"].as_array().unwrap().iter().all(|given| given["onThisContent"] == json!(true)));

        let submitted = own.step(&path, "submissions", &new_submission()).await;
        assert!(submitted.header("content-location").ends_with(&path));
        let submitted = submitted.ok();
        assert_eq!(submitted["signature"]["recipients"].as_array().unwrap().len(), 4);
        world.someone(Role::Locality, "888").step(&path, "opinions", &opinion).await.refused(409, "wrong_state");

        world.given_consolidation_of(&[&submitted]).await;
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let allowed = committee.get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!(actions(&allowed), [
            "edit forbidden", "delete forbidden", "opinions forbidden", "submissions forbidden", "receipts forbidden",
            "returns ok", "approvals ok", "revisions forbidden", "measure-reports forbidden",
        ]);
        let approved = committee.step(&path, "approvals", &new_approval(&submitted)).await.ok();
        assert_eq!(approved["state"], "approved");
        assert_eq!(approved["approval"]["contentHash"], draft["contentHash"]);
        let allowed = own.get(&format!("{path}/allowed-actions")).await.ok();
        assert_eq!(actions(&allowed), [
            "edit wrong_state", "delete not_a_draft", "opinions forbidden", "submissions wrong_state",
            "receipts forbidden", "returns forbidden", "approvals forbidden", "revisions ok", "measure-reports ok",
        ]);

        for (step, count) in [("opinions", 4), ("submissions", 1), ("approvals", 1), ("returns", 0)] {
            let history = own.get(&format!("{path}/{step}")).await.ok();
            assert_eq!(history["items"].as_array().unwrap().len(), count, "{step}");
        }
        let list = format!("/v1/improvement-plans?state=approved&pilot={}&count=exact", pilot["id"].as_str().unwrap());
        let page = world.someone(Role::Ministry, "").get(&list).await.ok();
        assert_eq!((&page["count"], &page["items"][0]), (&json!(1), &approved));
    }
}

scenario! {
    /// The golden case: from 68.00 to 82.00, but criterion 7 fell from 4.00 to 3.00. Two verdicts, and no exit.
    async fn a_fallen_criterion_fails_the_exit_although_the_total_is_above_80(world) {
        let plan = world.given_improvement_plan().await;
        let path = format!("{}/progress", improvement_path(&plan));
        let own = world.cooperative(cooperative_of(&plan));
        let start = own.get(&path).await.ok();
        assert_eq!((&start["total"], &start["totalVerdict"]["outcome"]), (&json!("68.00"), &json!("not_met")));
        assert_eq!((&start["criteriaVerdict"]["outcome"], &start["exitMet"]), (&json!("met"), &json!(false)));

        let risen = [("1a", 6), ("1b", 1), ("3b", 3), ("3c", 4), ("5", 8), ("7b", 0), ("10", 34)];
        let scores = changed(&BASELINE_OF_68, &risen);
        world.given_scored_evaluation(cooperative_of(&plan), 2023, &scores).await;
        let progress = world.someone(Role::Inspectorate, "89").get(&path).await.ok();
        assert_eq!((&progress["baselineTotal"], &progress["total"]), (&json!("68.00"), &json!("82.00")));
        assert_eq!((&progress["evaluationYear"], &progress["evaluationKind"]), (&json!(2023), &json!("self")));
        assert_eq!(progress["totalVerdict"]["outcome"], "met");
        assert_eq!(progress["criteriaVerdict"]["outcome"], "not_met");
        let statement = progress["criteriaVerdict"]["statement"]["vi"].as_str().unwrap();
        assert!(statement.contains("tiêu chí 7 (3.00 so với ban đầu 4.00)"), "{statement}");
        assert_eq!(progress["criteriaVerdict"]["legalBasis"], "2129/QĐ-UBND VI.2.1");
        assert_eq!((&progress["exitMet"], &progress["isYardstick"]), (&json!(false), &json!(true)));
        assert_eq!((&progress["criteriaNotBelowBaseline"], &progress["criteriaAtTarget"]), (&json!(2), &json!(2)));

        // The year after, criterion 7 is back, and 6, which was not to be improved, fell: the exit is met.
        let mended = [("1a", 6), ("1b", 1), ("3b", 3), ("3c", 4), ("5", 8), ("6", 4), ("10", 34)];
        world.given_scored_evaluation(cooperative_of(&plan), 2024, &changed(&BASELINE_OF_68, &mended)).await;
        let progress = own.get(&path).await.ok();
        assert_eq!((&progress["total"], &progress["exitMet"]), (&json!("82.00"), &json!(true)));
        assert_eq!(progress["criteria"][5]["notBelowBaseline"], false);
    }
}

scenario! {
    async fn bad_plans_are_refused_fault_by_fault(world) {
        let (pilot, baseline) = world.given_pilot_with_baseline().await;
        let own = world.cooperative(cooperative_of(&pilot));
        let good = new_improvement_plan(&pilot, &baseline);
        let post = async |body: Value| own.post("/v1/improvement-plans", &body).await;

        let broken = post(json!({"criteria": [], "measures": [{"area": "magic"}], "surprise": 1})).await;
        broken.refused(400, "invalid_body");
        assert_eq!(broken.faults(), [
            "/baselineEvaluation required", "/criteria too_few_items", "/measures/0/area not_in_enum",
            "/measures/0/dueDate required", "/measures/0/responsible required", "/measures/0/title required",
            "/pilot required", "/surprise unknown_member",
        ]);
        let mut wrong = good.clone();
        wrong["criteria"] = json!([
            {"criterion": "16", "toImprove": true, "target": "1.00"},
            {"criterion": "7", "toImprove": true, "target": "6.01"},
            {"criterion": "7", "toImprove": true, "target": "6.00"},
            {"criterion": "3", "toImprove": true, "target": "7.99"},
            {"criterion": "5", "toImprove": true},
            {"criterion": "6", "toImprove": false, "target": "6.00"},
            {"criterion": "10", "toImprove": true, "baseline": "25.00", "target": "30.00"},
        ]);
        wrong["measures"][0]["criteria"] = json!(["7", "6"]);
        wrong["measures"][1]["doneOn"] = json!("2999-01-01");
        let answer = post(wrong).await;
        answer.refused(400, "criterion_not_in_set");
        assert_eq!(answer.faults(), [
            "/criteria/0/criterion criterion_not_in_set", "/criteria/1/target target_above_maximum",
            "/criteria/2/criterion repeated_item", "/criteria/3/target target_below_baseline",
            "/criteria/4/target target_missing", "/criteria/5/target target_not_wanted",
            "/criteria/6/baseline baseline_differs", "/measures/0/criteria/1 measure_serves_no_criterion",
            "/measures/1/doneOn date_in_future",
        ]);
        let mut group = good.clone();
        group["criteria"] = json!([
            {"criterion": "7", "toImprove": true, "target": "6.00"},
            {"criterion": "10", "toImprove": true, "target": "40.00"},
            {"criterion": "11", "toImprove": true, "target": "0.01"},
        ]);
        let answer = post(group).await;
        answer.refused(400, "group_targets_above_maximum");
        assert_eq!(answer.faults(), ["/criteria group_targets_above_maximum"]);

        let nobody = json!("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d");
        for member in ["pilot", "baselineEvaluation"] {
            let mut unknown = good.clone();
            unknown[member] = nobody.clone();
            let answer = post(unknown).await;
            answer.refused(400, "unknown_reference");
            assert_eq!(answer.faults(), [format!("/{member} unknown_reference")]);
        }
        let other = world.cooperative(nobody.as_str().unwrap()).post("/v1/improvement-plans", &good).await;
        assert_eq!(other.faults(), ["/baselineEvaluation unknown_reference", "/pilot unknown_reference"]);
        world.someone(Role::LeadAgency, "89").post("/v1/improvement-plans", &good).await.refused(403, "forbidden");

        // A baseline is an evaluation that stands.
        let draft = world.given_draft_evaluation(cooperative_of(&pilot), 2022, 7_000).await;
        let mut unsent = good.clone();
        unsent["baselineEvaluation"] = draft["id"].clone();
        unsent["criteria"] = json!([{"criterion": "10", "toImprove": true, "target": "20.00"}]);
        unsent["measures"] = json!([]);
        post(unsent).await.refused(409, "baseline_not_usable");

        assert_eq!(own.get("/v1/improvement-plans").await.ok()["items"], json!([]), "nothing was half written");
        post(good.clone()).await.created();
        post(good).await.refused(409, "already_exists");
    }
}

scenario! {
    async fn others_do_not_see_a_plan_and_versions_are_checked(world) {
        let plan = world.given_improvement_draft().await;
        let path = improvement_path(&plan);
        let nobody = world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d");
        for outside in [&nobody, &world.someone(Role::Locality, "883"), &world.someone(Role::LeadAgency, "01")] {
            for path in [path.clone(), format!("{path}/progress"), format!("{path}/opinions"), format!("{path}/allowed-actions")] {
                outside.get(&path).await.refused(404, "not_found");
            }
            assert_eq!(outside.get("/v1/improvement-plans").await.ok()["items"], json!([]));
        }
        nobody.seen("\"1\"").post(&format!("{path}/submissions"), &new_submission()).await.refused(404, "not_found");
        let own = world.cooperative(cooperative_of(&plan));
        own.post(&format!("{path}/submissions"), &new_submission()).await.refused(428, "precondition_required");
        own.seen("\"9\"").post(&format!("{path}/submissions"), &new_submission()).await.refused(412, "stale");
        let mut unsealed = new_submission();
        unsealed["document"].as_object_mut().unwrap().remove("sha256");
        for client in [own.clone(), own.seen("\"9\"")] {
            let refused = client.post(&format!("{path}/submissions"), &unsealed).await;
            assert_eq!((refused.status, refused.faults()), (400, vec!["/document/sha256 digest_missing".to_owned()]));
        }
        own.get("/v1/improvement-plans?colour=red").await.refused(400, "invalid_query");
        own.seen("\"1\"").delete(&path).await.ok();
        own.get(&path).await.refused(404, "not_found");
    }
}

scenario! {
    async fn a_draft_is_edited_and_its_opinions_stay_with_what_they_were_given_on(world) {
        let plan = world.given_improvement_draft().await;
        let path = improvement_path(&plan);
        let own = world.cooperative(cooperative_of(&plan));
        let mut opinion = new_improvement_opinion();
        opinion["outcome"] = json!("unfavourable");
        let locality = world.someone(Role::Locality, "888");
        locality.step(&path, "opinions", &opinion).await.ok();
        let mut future = new_improvement_opinion();
        future["givenOn"] = json!("2999-10-12");
        assert_eq!(locality.step(&path, "opinions", &future).await.faults(), ["/givenOn date_in_future"]);

        let criteria = json!([{"criterion": "7", "toImprove": true, "target": "5.50"}]);
        let etag = own.get(&path).await.ok_etag();
        let edited = own.seen(&etag).patch(&path, &json!({"criteria": criteria})).await.ok();
        assert_eq!((&edited["criteriaToImprove"], &edited["measures"]), (&json!(1), &plan["measures"]));
        assert_ne!(edited["contentHash"], plan["contentHash"]);
        assert_eq!(edited["opinions"][0]["onThisContent"], false);

        let etag = own.get(&path).await.ok_etag();
        let faults = own.seen(&etag).patch(&path, &json!({"pilot": "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"})).await;
        assert_eq!(faults.faults(), ["/pilot pilot_fixed"]);
        own.seen(&etag).patch(&path, &json!({"measures": null})).await.refused(400, "invalid_body");
        own.seen(&etag).patch(&path, &json!({"measures": []})).await.ok();
        own.step(&path, "submissions", &new_submission()).await.refused(409, "plan_empty");
    }
}

scenario! {
    async fn a_signature_needs_its_digest_all_recipients_and_its_date(world) {
        let plan = world.given_improvement_draft().await;
        let path = improvement_path(&plan);
        let own = world.cooperative(cooperative_of(&plan));
        let mut body = new_submission();
        body["document"] = json!({"title": "Kế hoạch"});
        body["recipients"] = json!(["lead_agency", "lead_agency"]);
        body["signedOn"] = json!("2999-01-01");
        let answer = own.step(&path, "submissions", &body).await;
        answer.refused(400, "date_in_future");
        assert_eq!(answer.faults(), [
            "/document/sha256 digest_missing", "/recipients recipients_incomplete", "/signedOn date_in_future",
        ]);
        let mut early = new_submission();
        early["signedOn"] = json!("2021-10-11");
        world.given_reviews_of(&plan).await;
        own.step(&path, "submissions", &early).await.refused(409, "step_predated");
        let signed = own.step(&path, "submissions", &new_submission()).await.ok();
        assert_eq!(signed["signature"]["contentHash"], plan["contentHash"]);
        own.step(&path, "submissions", &new_submission()).await.refused(409, "wrong_state");
    }
}

scenario! {
    /// Four eyes compare persons; an approval is of one content and of no other.
    async fn an_approval_is_by_another_person_and_of_the_content_that_was_signed(world) {
        let plan = world.given_submitted_improvement().await;
        let path = improvement_path(&plan);
        let own = world.cooperative(cooperative_of(&plan));
        let same = world.person(Role::PeoplesCommittee, "89", &format!("cooperative@{}", cooperative_of(&plan)));
        same.step(&path, "approvals", &new_approval(&plan)).await.refused(409, "four_eyes");
        let etag = own.get(&path).await.ok_etag();
        own.seen(&etag).patch(&path, &json!({"measures": []})).await.refused(409, "wrong_state");
        own.seen(&etag).delete(&path).await.refused(409, "not_a_draft");

        // Returned, changed and signed again: what was read before the change is not what is approved.
        let comment = json!({"comment": "Bổ sung giải pháp cho tiêu chí 10."});
        let returned = world.someone(Role::LeadAgency, "89").step(&path, "returns", &comment).await.ok();
        assert_eq!((&returned["state"], &returned["returnComment"]), (&json!("returned"), &comment["comment"]));
        assert!(returned.get("signature").is_none(), "what was signed no longer counts");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        committee.step(&path, "approvals", &new_approval(&plan)).await.refused(409, "wrong_state");
        let criteria = json!([{"criterion": "10", "toImprove": true, "target": "30.00"}]);
        let measures = json!([{"title": "Mở rộng dịch vụ", "area": "production", "dueDate": "2023-06-30", "responsible": "Ban giám đốc"}]);
        let etag = own.get(&path).await.ok_etag();
        own.seen(&etag).patch(&path, &json!({"criteria": criteria, "measures": measures})).await.ok();
        own.step(&path, "submissions", &new_submission()).await.refused(409, "review_incomplete");
        let again = world.given_submission_of(&plan).await;
        committee.step(&path, "approvals", &new_approval(&again)).await.refused(409, "not_consolidated");
        world.given_consolidation_of(&[&again]).await;
        let stale = committee.step(&path, "approvals", &new_approval(&plan)).await;
        stale.refused(409, "content_changed");
        assert_eq!(stale.faults(), ["/contentHash content_changed"]);
        let mut early = new_approval(&again);
        early["decisionDate"] = json!("2021-10-28");
        committee.step(&path, "approvals", &early).await.refused(409, "step_predated");
        committee.step(&path, "approvals", &new_approval(&again)).await.ok();
        committee.step(&path, "approvals", &new_approval(&again)).await.refused(409, "wrong_state");
    }
}

scenario! {
    /// Revision n stays the yardstick until n+1 is approved; there is one yardstick at any time.
    async fn a_revision_replaces_the_yardstick_only_when_it_is_approved(world) {
        let plan = world.given_improvement_plan().await;
        let path = improvement_path(&plan);
        let own = world.cooperative(cooperative_of(&plan));
        let reason = json!({"reason": "Điều chỉnh tiến độ do thiên tai."});
        let revised = own.step(&path, "revisions", &reason).await.ok();
        assert_eq!(revised["state"], "approved");
        own.step(&path, "revisions", &reason).await.refused(409, "already_exists");
        let next = format!("/v1/improvement-plans/{}", revised["nextRevision"].as_str().unwrap());
        let draft = own.get(&next).await.ok();
        assert_eq!((&draft["revision"], &draft["previousRevision"]), (&json!(2), &plan["id"]));
        assert_eq!((&draft["revisionReason"], &draft["criteria"]), (&reason["reason"], &plan["criteria"]));

        // A revision that is deleted leaves the way open for another.
        own.seen("\"1\"").delete(&next).await.ok();
        assert!(own.get(&path).await.ok().get("nextRevision").is_none());
        let revised = own.step(&path, "revisions", &reason).await.ok();
        let next = format!("/v1/improvement-plans/{}", revised["nextRevision"].as_str().unwrap());

        // The beginning stays the beginning.
        let cooperative = cooperative_of(&plan);
        let later = world.given_scored_evaluation(cooperative, 2022, &changed(&BASELINE_OF_68, &[])).await;
        let other = own.seen("\"1\"").patch(&next, &json!({"baselineEvaluation": later["id"]})).await;
        other.refused(409, "baseline_fixed");

        let submitted = world.given_submission_of(&own.get(&next).await.ok()).await;
        assert_eq!(own.get(&format!("{path}/progress")).await.ok()["isYardstick"], true);
        let approved = world.given_approval_of(&submitted).await;
        assert_eq!(approved["state"], "approved");
        assert_eq!(own.get(&path).await.ok()["state"], "superseded");
        assert_eq!(own.get(&format!("{path}/progress")).await.ok()["isYardstick"], false);
        let standing = own.get("/v1/improvement-plans?state=approved").await.ok();
        assert_eq!(standing["items"], json!([approved]));
    }
}

scenario! {
    /// What is done is progress and not content: the approval stands.
    async fn measures_are_reported_done_and_taken_back(world) {
        let draft = world.given_submitted_improvement().await;
        let path = improvement_path(&draft);
        let own = world.cooperative(cooperative_of(&draft));
        let report = |measure: u32, outcome: &str| {
            json!({"measure": measure, "outcome": outcome, "onDate": "2022-06-15", "comment": "Đã hoàn thành khóa học."})
        };
        own.step(&path, "measure-reports", &report(1, "done")).await.refused(409, "wrong_state");
        let plan = world.given_approval_of(&draft).await;
        let done = own.step(&path, "measure-reports", &report(1, "done")).await.ok();
        assert_eq!((&done["measures"][0]["doneOn"], &done["contentHash"]), (&json!("2022-06-15"), &plan["contentHash"]));
        own.step(&path, "measure-reports", &report(1, "done")).await.refused(409, "wrong_state");
        own.step(&path, "measure-reports", &report(2, "reopened")).await.refused(409, "wrong_state");
        let unknown = own.step(&path, "measure-reports", &report(3, "done")).await;
        unknown.refused(400, "measure_unknown");
        assert_eq!(unknown.faults(), ["/measure measure_unknown"]);
        let progress = own.get(&format!("{path}/progress")).await.ok();
        assert_eq!((&progress["measuresDue"], &progress["measuresDone"]), (&json!(2), &json!(1)));
        assert_eq!(progress["measuresDoneRate"], "50.00");
        own.step(&path, "measure-reports", &report(1, "reopened")).await.ok();
        let history = own.get(&format!("{path}/measure-reports")).await.ok();
        let outcomes: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| (&item["item"], &item["outcome"])).collect();
        assert_eq!(outcomes, [(&json!("1"), &json!("done")), (&json!("1"), &json!("reopened"))]);
    }
}

scenario! {
    async fn a_pilot_that_withdrew_plans_no_more(world) {
        let plan = world.given_improvement_draft().await;
        let own = world.cooperative(cooperative_of(&plan));
        let pilot = pilot_path(&json!({"id": plan["pilot"]}));
        own.step(&pilot, "withdrawals", &json!({"withdrawnOn": "2021-10-01", "reason": "Tự nguyện"})).await.ok();
        let path = improvement_path(&plan);
        own.step(&path, "submissions", &new_submission()).await.refused(409, "pilot_stopped");
        let etag = own.get(&path).await.ok_etag();
        own.seen(&etag).patch(&path, &json!({"measures": []})).await.refused(409, "pilot_stopped");
    }
}
