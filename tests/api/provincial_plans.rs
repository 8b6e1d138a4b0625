//! Provincial plans: the golden figures, who may do what, and every way to be wrong.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_plans::{lead_agency, new_plan, plan_path};

const PLANS: &str = "/v1/provincial-plans";

scenario! {
    /// 6,615 + 21,000 + 5,060 = 32,675 million đồng: drafted by the lead agency, approved by the People's Committee.
    async fn the_plan_of_an_giang_is_drafted_and_approved(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let answer = lead.post(PLANS, &new_plan("89")).await;
        let draft = answer.created();
        assert_eq!((answer.location(), answer.header("etag")), (plan_path(&draft), "\"1\"".to_owned()));
        assert_eq!(lead.get(&plan_path(&draft)).await.ok(), draft);
        assert_eq!((&draft["state"], &draft["total"]), (&json!("draft"), &json!("32675000000")));
        let amounts: Vec<_> = draft["estimateLines"].as_array().unwrap().iter().map(|line| &line["amount"]).collect();
        assert_eq!(amounts, ["6615000000", "21000000000", "5060000000"]);
        assert!(draft["estimateLines"][0].get("source").is_none(), "what is not published is not stated");

        let committee = world.someone(Role::PeoplesCommittee, "89");
        let comment = json!({"comment": "Phê duyệt", "document": {"title": "Quyết định", "number": "2129/QĐ-UBND"}});
        let approval = committee.step(&plan_path(&draft), "approvals", &comment).await;
        let approved = approval.ok();
        assert_eq!((&approved["state"], approval.header("etag")), (&json!("approved"), "\"2\"".to_owned()));
        assert_eq!(approval.header("content-location"), plan_path(&draft));
        assert_eq!(approved["estimateLines"], draft["estimateLines"]);

        let history = lead.get(&format!("{}/approvals", plan_path(&draft))).await.ok();
        let taken = &history["items"][0];
        assert_eq!((&taken["comment"], &taken["onDate"]), (&json!("Phê duyệt"), &json!("2021-09-15")));
        assert_eq!((&taken["role"], &taken["subject"]), (&json!("peoples-committee"), &json!("peoples-committee@89")));
        assert_eq!(taken["contentHash"].as_str().unwrap().len(), 64);
        assert_eq!(history["items"].as_array().unwrap().len(), 1);
    }
}

scenario! {
    async fn a_total_that_is_not_the_sum_is_refused_with_both_figures(world) {
        let mut body = new_plan("89");
        body["total"] = json!("32675000001");
        let answer = world.someone(Role::LeadAgency, "89").with("accept-language", "en").post(PLANS, &body).await;
        let problem = answer.refused(400, "total_mismatch");
        assert_eq!(answer.faults(), ["/total total_mismatch"]);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("32675000001") && detail.contains("32675000000"), "{detail}");
        assert_eq!(world.someone(Role::LeadAgency, "89").get(PLANS).await.ok()["items"], json!([]), "nothing half written");
    }
}

scenario! {
    async fn every_fault_is_told_at_once(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let answer = lead.post(PLANS, &json!({
            "province": "8", "scheme": "QD167-2021-2025", "decisionNumber": " ", "decisionDate": "15/09/2021",
            "leadAgency": "nobody", "pilotQuota": 0, "estimateLines": [], "total": "-1", "extra": 1
        })).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "/decisionDate wrong_format", "/decisionNumber too_short", "/decisionNumber wrong_pattern", "/estimateLines too_few_items", "/extra unknown_member",
            "/leadAgency wrong_format", "/pilotQuota too_small", "/province too_short", "/province wrong_pattern", "/total wrong_pattern",
        ]);

        let mut body = new_plan("89");
        body["decisionDate"] = json!("2999-01-01");
        body["pilotQuota"] = json!(6);
        body["leadAgency"] = json!(lead_agency("01"));
        body["total"] = json!("1");
        body["estimateLines"] = json!([
            {"category": "roads", "budgetLevel": "provincial", "source": "lottery", "supportKind": "gifts", "amount": "0"},
            {"category": "recurrent_support", "nature": "recurrent", "fiscalYear": 2031, "amount": "5"},
        ]);
        assert_eq!(lead.post(PLANS, &body).await.faults(), [
            "/decisionDate date_in_future", "/decisionDate outside_scheme", "/estimateLines/0/amount amount_not_positive",
            "/estimateLines/0/category unknown_reference", "/estimateLines/0/source unknown_reference",
            "/estimateLines/0/supportKind unknown_reference", "/estimateLines/1/fiscalYear outside_scheme",
            "/leadAgency unknown_reference", "/pilotQuota quota_above_scheme", "/province unknown_unit", "/total total_mismatch",
        ]);
    }
}

scenario! {
    async fn the_quota_is_that_of_the_scheme_at_most_and_the_refusal_says_by_which_law(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let mut body = new_plan("89");
        body["pilotQuota"] = json!(6);
        let problem = lead.post(PLANS, &body).await.refused(400, "quota_above_scheme");
        assert!(problem["detail"].as_str().unwrap().contains("167/QĐ-TTg"), "{problem}");
        assert!(problem["legalBasis"].as_str().unwrap().contains("167/QĐ-TTg"), "{problem}");
        body["pilotQuota"] = json!(4);
        assert_eq!(lead.post(PLANS, &body).await.created()["pilotQuota"], 4);
    }
}

scenario! {
    async fn what_a_plan_names_must_exist_on_its_date(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let refused = async |member: &str, value: Value| {
            let mut body = new_plan("89");
            body[member] = value;
            lead.post(PLANS, &body).await.faults()
        };
        assert_eq!(refused("province", json!("90")).await, ["/leadAgency unknown_reference", "/province unknown_unit"]);
        assert_eq!(refused("scheme", json!("QD999")).await, ["/scheme unknown_reference"]);
        assert_eq!(refused("leadAgency", json!("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")).await, ["/leadAgency unknown_reference"]);
        // The last day of the code 89, and the day after: An Giang is 91 from then on. Planning is part of finance by then.
        let later = world.another_day("2025-09-01").await.someone(Role::LeadAgency, "91");
        let mut body = new_plan("89");
        body["leadAgency"] = json!("01954f00-b000-7002-8000-000000000089");
        body["decisionDate"] = json!("2025-07-01");
        assert_eq!(later.post(PLANS, &body).await.faults(), ["/leadAgency unknown_reference", "/province unknown_unit"]);
        body["decisionDate"] = json!("2025-06-30");
        later.post(PLANS, &body).await.created();
    }
}

scenario! {
    async fn another_province_neither_drafts_for_nor_sees_it(world) {
        let draft = world.given_plan_draft("89").await;
        let stranger = world.someone(Role::LeadAgency, "91");
        stranger.post(PLANS, &new_plan("89")).await.refused(400, "unknown_reference");
        stranger.get(&plan_path(&draft)).await.refused(404, "not_found");
        stranger.seen("\"1\"").patch(&plan_path(&draft), &json!({"pilotQuota": 1})).await.refused(404, "not_found");
        stranger.seen("\"1\"").delete(&plan_path(&draft)).await.refused(404, "not_found");
        stranger.get(&format!("{}/approvals", plan_path(&draft))).await.refused(404, "not_found");
        stranger.get(&format!("{}/allowed-actions", plan_path(&draft))).await.refused(404, "not_found");
        let committee = world.someone(Role::PeoplesCommittee, "91").seen("\"1\"");
        committee.post(&format!("{}/approvals", plan_path(&draft)), &json!({})).await.refused(404, "not_found");
        assert_eq!(stranger.get(PLANS).await.ok()["items"], json!([]));
        // Those of the province see it once it is approved: a district, a cooperative of it; the ministry before.
        world.someone(Role::Ministry, "").get(&plan_path(&draft)).await.ok();
        let own = world.given_cooperative("888", "0100233488").await;
        let own = world.cooperative(own["id"].as_str().unwrap());
        let district = world.someone(Role::Locality, "888");
        for waiting in [&own, &district] {
            waiting.get(&plan_path(&draft)).await.refused(404, "not_found");
        }
        world.someone(Role::PeoplesCommittee, "89").step(&plan_path(&draft), "approvals", &json!({})).await.ok();
        for reader in [&own, &district] {
            reader.get(&plan_path(&draft)).await.ok();
        }
        world.cooperative("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").get(&plan_path(&draft)).await.refused(404, "not_found");
    }
}

scenario! {
    async fn roles_without_the_power_are_told_so(world) {
        let draft = world.given_plan_draft("89").await;
        let approvals = format!("{}/approvals", plan_path(&draft));
        for role in [Role::Finance, Role::PeoplesCommittee, Role::Inspectorate] {
            world.someone(role, "89").post(PLANS, &new_plan("89")).await.refused(403, "forbidden");
        }
        for role in [Role::LeadAgency, Role::Finance, Role::Oversight] {
            world.someone(role, "89").seen("\"1\"").post(&approvals, &json!({})).await.refused(403, "forbidden");
        }
        world.stranger().get(PLANS).await.refused(401, "unauthenticated");
    }
}

scenario! {
    /// Four eyes compare persons, whatever roles they hold.
    async fn who_drafts_does_not_approve(world) {
        let both = world.person(Role::LeadAgency, "89", "nguyen.van.a");
        let draft = both.post(PLANS, &new_plan("89")).await.created();
        let same_person = world.person(Role::PeoplesCommittee, "89", "nguyen.van.a");
        same_person.step(&plan_path(&draft), "approvals", &json!({})).await.refused(409, "four_eyes");
        assert_eq!(both.get(&plan_path(&draft)).await.ok()["state"], "draft");
        let other_person = world.person(Role::PeoplesCommittee, "89", "tran.thi.b");
        other_person.step(&plan_path(&draft), "approvals", &json!({})).await.ok();
    }
}

scenario! {
    async fn a_draft_is_edited_on_the_version_seen_and_a_patch_is_checked_like_a_creation(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let draft = world.given_plan_draft("89").await;
        let path = plan_path(&draft);
        lead.patch(&path, &json!({"pilotQuota": 4})).await.refused(428, "precondition_required");
        lead.seen("\"9\"").patch(&path, &json!({"pilotQuota": 4})).await.refused(412, "stale");
        // What is wrong with the form comes before what is asked of the version.
        for client in [lead.clone(), lead.seen("\"9\"")] {
            let refused = client.patch(&path, &json!({"total": "1"})).await;
            assert_eq!((refused.status, refused.faults()), (400, vec!["/total total_mismatch".to_owned()]));
        }
        assert_eq!(lead.get(&path).await.ok(), draft, "nothing was done");
        let edited = lead.seen("\"1\"").patch(&path, &json!({"pilotQuota": 4})).await;
        assert_eq!((&edited.ok()["pilotQuota"], edited.header("etag")), (&json!(4), "\"2\"".to_owned()));
        lead.seen("\"1\"").patch(&path, &json!({"pilotQuota": 3})).await.refused(412, "stale");

        let current = lead.seen("\"2\"");
        assert_eq!(current.patch(&path, &json!({"total": "1"})).await.faults(), ["/total total_mismatch"]);
        assert_eq!(current.patch(&path, &json!({"total": null})).await.faults(), ["/total wrong_type"]);
        assert_eq!(current.patch(&path, &json!({"state": "approved"})).await.faults(), ["/state unknown_member"]);
        let lines = json!([{"category": "recurrent_support", "source": "action_programme_06", "fiscalYear": 2022, "amount": "7"}]);
        let rewritten = current.patch(&path, &json!({"estimateLines": lines, "total": "7"})).await.ok();
        assert_eq!((&rewritten["total"], &rewritten["estimateLines"][0]["source"]), (&json!("7"), &json!("action_programme_06")));
        assert_eq!(lead.get(&path).await.ok(), rewritten);
    }
}

scenario! {
    async fn a_draft_can_be_deleted_and_an_approved_plan_stays_as_it_is(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let path = plan_path(&world.given_plan_draft("89").await);
        lead.delete(&path).await.refused(428, "precondition_required");
        assert_eq!(lead.seen("\"1\"").delete(&path).await.status, 204);
        lead.get(&path).await.refused(404, "not_found");

        let path = plan_path(&world.given_plan("89").await);
        lead.seen("\"2\"").delete(&path).await.refused(409, "wrong_state");
        lead.seen("\"2\"").patch(&path, &json!({"pilotQuota": 1})).await.refused(409, "wrong_state");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        committee.step(&path, "approvals", &json!({})).await.refused(409, "wrong_state");
    }
}

scenario! {
    async fn a_province_has_one_plan_of_a_decision_and_one_approved_plan_of_a_scheme(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        world.given_plan("89").await;
        lead.post(PLANS, &new_plan("89")).await.refused(409, "already_exists");
        let mut second = new_plan("89");
        second["decisionNumber"] = json!("2130/QĐ-UBND");
        let second = lead.post(PLANS, &second).await.created();
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let problem = committee.step(&plan_path(&second), "approvals", &json!({})).await.refused(409, "already_exists");
        assert!(problem["detail"].as_str().unwrap().contains("2129/QĐ-UBND"), "{problem}");
        // Another province is free to have its own, of the same number.
        world.given_plan("83").await;
    }
}

scenario! {
    async fn of_approvals_that_race_one_wins(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let mut drafts = Vec::new();
        for number in 1..=6 {
            let mut body = new_plan("89");
            body["decisionNumber"] = json!(format!("{number}/QĐ-UBND"));
            drafts.push(lead.post(PLANS, &body).await.created());
        }
        let approve = |draft: Value| {
            let committee = world.someone(Role::PeoplesCommittee, "89").seen("\"1\"");
            async move { committee.post(&format!("{}/approvals", plan_path(&draft)), &json!({})).await }
        };
        let answers = join_all(drafts.into_iter().map(approve)).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "already_exists");
        }
        assert_eq!(lead.get("/v1/provincial-plans?state=approved&count=exact").await.ok()["count"], 1);
    }
}

scenario! {
    async fn allowed_actions_follow_role_person_and_state(world) {
        let path = plan_path(&world.given_plan_draft("89").await);
        let asked = async |role, subject: &str| -> Vec<String> {
            let answer = world.person(role, "89", subject).get(&format!("{path}/allowed-actions")).await.ok();
            let verdict = |item: &Value| {
                let verdict = item["code"].as_str().unwrap_or("allowed");
                format!("{} {verdict}", item["step"].as_str().unwrap())
            };
            answer["items"].as_array().unwrap().iter().map(verdict).collect()
        };
        assert_eq!(asked(Role::LeadAgency, "x").await, ["edit allowed", "delete allowed", "approvals forbidden"]);
        assert_eq!(asked(Role::PeoplesCommittee, "y").await, ["edit forbidden", "delete forbidden", "approvals allowed"]);
        let drafter = "lead-agency@89";
        assert_eq!(asked(Role::PeoplesCommittee, drafter).await, ["edit forbidden", "delete forbidden", "approvals four_eyes"]);
        world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await.ok();
        assert_eq!(asked(Role::LeadAgency, "x").await, ["edit wrong_state", "delete wrong_state", "approvals forbidden"]);
        assert_eq!(asked(Role::PeoplesCommittee, "y").await, ["edit forbidden", "delete forbidden", "approvals wrong_state"]);
    }
}

scenario! {
    async fn plans_are_listed_by_province_scheme_and_state_page_by_page(world) {
        for province in ["01", "83", "89"] {
            world.given_plan(province).await;
        }
        let ministry = world.someone(Role::Ministry, "");
        let provinces = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|plan| plan["province"].as_str().unwrap().to_owned()).collect()
        };
        let mut path = "/v1/provincial-plans?limit=1&scheme=QD167-2021-2025".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = ministry.get(&path).await.ok();
            assert_eq!(page["items"][0]["estimateLines"].as_array().unwrap().len(), 3);
            seen.extend(provinces(&page));
            let Some(next) = page["links"]["next"].as_str() else { break };
            path = next.to_owned();
        }
        assert_eq!(seen, ["01", "83", "89"]);
        assert_eq!(provinces(&ministry.get("/v1/provincial-plans?province=83&state=approved").await.ok()), ["83"]);
        assert_eq!(provinces(&ministry.get("/v1/provincial-plans?state=draft").await.ok()), Vec::<String>::new());
        let lines = ministry.with("accept", "application/x-ndjson").get(PLANS).await;
        assert_eq!(lines.text.lines().count(), 3);
        assert_eq!(ministry.get("/v1/provincial-plans?status=draft").await.faults(), ["#status unknown_parameter"]);
    }
}

scenario! {
    async fn a_repeated_creation_gets_the_first_answer(world) {
        let lead = world.someone(Role::LeadAgency, "89").with("idempotency-key", "plan-2129-once");
        let first = lead.post(PLANS, &new_plan("89")).await;
        let again = lead.post(PLANS, &new_plan("89")).await;
        assert_eq!((first.created(), first.location()), (again.created(), again.location()));
        let mut other = new_plan("89");
        other["pilotQuota"] = json!(2);
        lead.post(PLANS, &other).await.refused(409, "idempotency_key_reused");
    }
}

scenario! {
    /// What the credit fund lends is no budget money, whatever a line of the budget says.
    async fn source_and_nature_go_together(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let draft = async |members: Value| {
            let mut plan = new_plan("89");
            plan["estimateLines"][2].as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            lead.post(PLANS, &plan).await
        };
        for (members, member) in [
            (json!({"source": "preferential_credit_fund"}), "source"),
            (json!({"source": "local_public_investment", "nature": "recurrent"}), "source"),
            (json!({"supportKind": "preferential_loan"}), "supportKind"),
        ] {
            let answer = draft(members).await;
            answer.refused(400, "nature_contradicted");
            assert_eq!(answer.faults(), [format!("/estimateLines/2/{member} nature_contradicted")]);
        }
        draft(json!({"source": "recurrent_budget", "nature": "recurrent"})).await.created();
    }
}
