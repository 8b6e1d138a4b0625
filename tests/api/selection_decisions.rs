//! Selection decisions: all applications or none, at most five pilots of a province on the scheme's list.

use sarus::domain::digest::digest;
use sarus::domain::role::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::given_pilots::{AGRICULTURE, TRANSPORT, application_path, decision_path, id_of, new_decision};
use crate::support::given_plans::lead_agency;

fn states(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect()
}

scenario! {
    /// 2128/QĐ-UBND: five applications in, five pilots out, the places taken.
    async fn a_decision_selects_five_and_opens_their_pilots(world) {
        let applications = world.given_applications(1, 5).await;
        world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let mut body = new_decision("2128/QĐ-UBND", &applications);
        body["applications"][4]["responsibleDepartment"] = json!(TRANSPORT);
        let answer = lead.post("/v1/selection-decisions", &body).await;
        let (path, draft) = (answer.location(), answer.created());
        assert_eq!((&draft["state"], &draft["warnings"]), (&json!("draft"), &json!([])));
        assert_eq!(lead.get(&path).await.ok(), draft);
        let own = world.cooperative(applications[0]["cooperative"].as_str().unwrap());
        own.get(&path).await.refused(404, "not_found");

        let committee = world.someone(Role::PeoplesCommittee, "89");
        let word = json!({"comment": "Đồng ý", "document": {"title": "Quyết định 2128/QĐ-UBND", "number": "2128/QĐ-UBND"}});
        let approved = committee.step(&path, "approvals", &word).await;
        assert_eq!((&approved.ok()["state"], approved.header("content-location")), (&json!("approved"), path.clone()));
        let history = own.get(&format!("{path}/approvals")).await.ok();
        assert_eq!((&history["items"][0]["onDate"], &history["items"][0]["comment"]), (&json!("2021-09-15"), &json!("Đồng ý")));
        assert_eq!(own.get("/v1/selection-decisions").await.ok()["items"], json!([approved.ok()]));

        let pilots = lead.get(&format!("/v1/pilots?decision={}", id_of(&draft))).await.ok();
        assert_eq!(states(&pilots), ["active"; 5]);
        let departments: Vec<_> = pilots["items"].as_array().unwrap().iter().map(|pilot| &pilot["responsibleDepartment"]).collect();
        assert_eq!(departments.iter().filter(|department| ***department == json!(AGRICULTURE)).count(), 4);
        let pilot = &pilots["items"][0];
        assert_eq!((&pilot["locality"], &pilot["model"], &pilot["selectedOn"]), (&json!("888"), &json!("A3"), &json!("2021-09-15")));
        for application in &applications {
            let selected = lead.get(&application_path(application)).await.ok();
            assert_eq!((&selected["state"], &selected["decision"]), (&json!("selected"), &draft["id"]));
        }
        assert_eq!(world.places_taken().await, 5);
        committee.step(&path, "approvals", &json!({})).await.refused(409, "wrong_state");
    }
}

scenario! {
    async fn a_sixth_pilot_is_refused_and_the_provinces_own_list_is_not(world) {
        let applications = world.given_applications(1, 6).await;
        world.given_decision("1/QĐ-UBND", &applications[..5]).await;
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let sixth = decision_path(&world.given_draft_decision("2/QĐ-UBND", &applications[5..]).await);
        let refused = committee.with("accept-language", "en").step(&sixth, "approvals", &json!({})).await.refused(409, "quota_exceeded");
        assert!(refused["legalBasis"].as_str().unwrap().contains("167/QĐ-TTg"), "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains("may have 5 pilots, has 5"), "{refused}");
        assert_eq!(world.places_taken().await, 5);
        let lead = world.someone(Role::LeadAgency, "89");
        let etag = lead.get(&sixth).await.header("etag");
        lead.seen(&etag).patch(&sixth, &json!({"list": "provincial"})).await.ok();
        committee.step(&sixth, "approvals", &json!({})).await.ok();
        assert_eq!(world.places_taken().await, 5);
        assert_eq!(states(&lead.get("/v1/pilots?list=provincial").await.ok()), ["active"]);
        assert_eq!(lead.get("/v1/pilots?count=exact").await.ok()["count"], 6);
    }
}

scenario! {
    async fn all_or_none_each_application_that_is_not_eligible_is_named(world) {
        let mut applications = world.given_applications(1, 1).await;
        let bare = id_of(&world.given_cooperative("888", "0100233488").await);
        world.given_profits(&bare, ["1", "0", "1"]).await;
        applications.push(world.given_application(&bare).await);
        let gone = world.given_applicant("0314409058").await;
        let gone = world.given_application(&gone).await;
        applications.push(gone.clone());
        let path = decision_path(&world.given_draft_decision("2128/QĐ-UBND", &applications).await);
        let own = world.cooperative(gone["cooperative"].as_str().unwrap());
        own.step(&application_path(&gone), "withdrawals", &json!({"withdrawnOn": "2021-09-01"})).await.ok();

        let committee = world.someone(Role::PeoplesCommittee, "89");
        let actions = committee.get(&format!("{path}/allowed-actions")).await.ok();
        let approvals = actions["items"].as_array().unwrap().iter().find(|item| item["step"] == "approvals").unwrap();
        assert_eq!((&approvals["allowed"], &approvals["code"]), (&json!(false), &json!("not_eligible")));
        let refused = committee.step(&path, "approvals", &json!({})).await;
        refused.refused(409, "not_eligible");
        assert_eq!(refused.faults(), [
            "/applications/1/application not_eligible", "/applications/1/application not_eligible", "/applications/2/application wrong_state",
        ]);
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.get("/v1/pilots").await.ok()["items"], json!([]));
        assert_eq!(lead.get(&application_path(&applications[0])).await.ok()["state"], "submitted");
        assert_eq!((world.places_taken().await, lead.get(&path).await.ok()["state"].clone()), (0, json!("draft")));
    }
}

scenario! {
    /// What the lead agency read is what is approved: an application that comes back otherwise is named, an opinion changes nothing.
    async fn an_approval_is_bound_to_the_applications_that_were_read(world) {
        let applications = world.given_applications(1, 2).await;
        let path = decision_path(&world.given_draft_decision("2128/QĐ-UBND", &applications).await);
        let (lead, committee) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::PeoplesCommittee, "89"));
        let opinion = json!({"opinionOn": "2021-08-16", "outcome": "favourable", "comment": "Đã thẩm tra tại chỗ"});
        world.someone(Role::Locality, "888").step(&application_path(&applications[0]), "opinions", &opinion).await.ok();
        let second = application_path(&applications[1]);
        let own = world.cooperative(applications[1]["cooperative"].as_str().unwrap());
        lead.step(&second, "returns", &json!({"returnedOn": "2021-08-05", "reason": "Bổ sung"})).await.ok();
        let etag = own.get(&second).await.header("etag");
        own.seen(&etag).patch(&second, &json!({"model": "A1"})).await.ok();
        let again = own.step(&second, "submissions", &json!({"submittedOn": "2021-08-09"})).await.ok();
        assert_ne!(again["contentHash"], applications[1]["contentHash"]);

        let refused = committee.step(&path, "approvals", &json!({})).await;
        assert!(refused.refused(409, "content_changed")["legalBasis"].is_string());
        assert_eq!(refused.faults(), ["/applications/1/application content_changed"]);
        let actions = committee.get(&format!("{path}/allowed-actions")).await.ok();
        let approvals = actions["items"].as_array().unwrap().iter().find(|item| item["step"] == "approvals").unwrap();
        assert_eq!((&approvals["allowed"], &approvals["code"]), (&json!(false), &json!("content_changed")));

        // The lead agency reads it again and writes the decision anew.
        let rewritten = lead.seen("\"1\"").patch(&path, &json!({"signatory": "Lê Văn Nưng"})).await.ok();
        assert_eq!(rewritten["applications"][1]["contentHash"], again["contentHash"]);
        let approved = committee.step(&path, "approvals", &json!({})).await.ok();
        let step = committee.get(&format!("{path}/approvals")).await.ok()["items"][0].clone();
        assert_eq!((&step["contentHash"], &approved["contentHash"]), (&rewritten["contentHash"], &rewritten["contentHash"]));
        let published = |record: &Value, members: &[&str]| -> Value {
            members.iter().map(|member| ((*member).to_owned(), record[*member].clone())).collect::<serde_json::Map<_, _>>().into()
        };
        let members = ["applications", "date", "effectiveDate", "issuer", "list", "number", "proposal", "province", "scheme", "signatory"];
        assert_eq!(step["contentHash"], digest(&published(&approved, &members)));
        assert_eq!(again["contentHash"], digest(&published(&again, &["attestations", "dossier", "model", "priorityClaims", "submittedOn"])));
    }
}

scenario! {
    /// Drafts that were written before digests were kept.
    async fn a_draft_that_is_bound_to_nothing_is_written_anew_before_it_is_approved(world) {
        let applications = world.given_applications(1, 1).await;
        let path = decision_path(&world.given_draft_decision("2128/QĐ-UBND", &applications).await);
        let tx = world.sarus.store.begin().await.unwrap();
        tx.execute_unprepared("UPDATE decision_applications SET content_hash = NULL").await.unwrap();
        tx.commit().await.unwrap();
        let committee = world.someone(Role::PeoplesCommittee, "89");
        committee.step(&path, "approvals", &json!({})).await.refused(409, "content_changed");
        world.someone(Role::LeadAgency, "89").seen("\"1\"").patch(&path, &json!({"list": "scheme"})).await.ok();
        committee.step(&path, "approvals", &json!({})).await.ok();
    }
}

scenario! {
    async fn who_drafted_does_not_approve(world) {
        let applications = world.given_applications(1, 1).await;
        world.given_plan("89").await;
        let drafter = world.person(Role::LeadAgency, "89", "both-hats");
        let path = drafter.post("/v1/selection-decisions", &new_decision("2128/QĐ-UBND", &applications)).await.location();
        world.person(Role::PeoplesCommittee, "89", "both-hats").step(&path, "approvals", &json!({})).await.refused(409, "four_eyes");
        drafter.seen("\"1\"").post(&format!("{path}/approvals"), &json!({})).await.refused(403, "forbidden");
        world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await.ok();
    }
}

scenario! {
    async fn a_later_decision_revokes_and_gives_the_places_back(world) {
        let applications = world.given_applications(1, 2).await;
        let decision = world.given_decision("2128/QĐ-UBND", &applications).await;
        let path = decision_path(&decision);
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let body = |date: &str| json!({"number": "31/QĐ-UBND", "date": date, "reason": "Hồ sơ không đúng thực tế"});
        committee.step(&path, "revocations", &body("2021-09-14")).await.refused(409, "step_predated");
        committee.step(&path, "revocations", &body("2999-01-01")).await.refused(400, "date_in_future");
        let revoked = committee.step(&path, "revocations", &body("2022-01-10")).await.ok();
        assert_eq!((&revoked["state"], &revoked["revocation"]), (&json!("revoked"), &body("2022-01-10")));
        let lead = world.someone(Role::LeadAgency, "89");
        let pilots = lead.get(&format!("/v1/pilots?decision={}", id_of(&decision))).await.ok();
        assert_eq!(states(&pilots), ["stopped"; 2]);
        assert_eq!(pilots["items"][0]["stop"]["cause"], "revocation");
        assert_eq!(lead.get(&application_path(&applications[0])).await.ok()["state"], "closed");
        assert_eq!(world.places_taken().await, 0);
        committee.step(&path, "revocations", &body("2022-01-11")).await.refused(409, "wrong_state");
        assert_eq!(lead.get(&format!("{path}/revocations")).await.ok()["items"][0]["comment"], "Hồ sơ không đúng thực tế");
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault(world) {
        let applications = world.given_applications(1, 1).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let good = new_decision("2128/QĐ-UBND", &applications);
        lead.post("/v1/selection-decisions", &good).await.refused(409, "plan_not_approved");
        world.given_plan("89").await;
        let missing = lead.post("/v1/selection-decisions", &json!({"issuer": "me", "applications": [], "x": 1})).await;
        missing.refused(400, "invalid_body");
        assert_eq!(missing.faults(), [
            "/applications too_few_items", "/date required", "/effectiveDate required", "/issuer not_in_enum", "/list required",
            "/number required", "/proposal required", "/province required", "/scheme required", "/signatory required", "/x unknown_member",
        ]);
        let nobody = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d";
        let draft = id_of(&world.given_draft_application(&id_of(&world.given_cooperative("888", "0100233488").await)).await);
        let mut wrong = good.clone();
        wrong["effectiveDate"] = json!("2021-09-14");
        wrong["proposal"]["date"] = json!("2021-09-16");
        wrong["applications"] = json!([
            {"application": applications[0]["id"], "responsibleDepartment": lead_agency("89")},
            {"application": applications[0]["id"], "responsibleDepartment": AGRICULTURE},
            {"application": nobody, "responsibleDepartment": nobody},
            {"application": draft, "responsibleDepartment": AGRICULTURE},
        ]);
        let answer = lead.post("/v1/selection-decisions", &wrong).await;
        assert_eq!((answer.status, answer.faults()), (400, [
            "/applications/0/responsibleDepartment unknown_reference", "/applications/1/application repeated_item",
            "/applications/2/application unknown_reference", "/applications/2/responsibleDepartment unknown_reference",
            "/applications/3/application unknown_reference", "/date dates_out_of_order", "/effectiveDate dates_out_of_order",
        ].map(str::to_owned).to_vec()));
        for (member, value, fault) in [
            ("province", json!("01"), "/province unknown_reference"),
            ("scheme", json!("QD999-2030"), "/scheme unknown_reference"),
            ("date", json!("2999-01-01"), "/date date_in_future"),
        ] {
            let mut body = good.clone();
            body[member] = value;
            let answer = lead.post("/v1/selection-decisions", &body).await;
            assert_eq!(answer.status, 400);
            assert!(answer.faults().contains(&fault.to_owned()), "{:?}", answer.faults());
        }
        lead.post("/v1/selection-decisions", &good).await.created();
        lead.post("/v1/selection-decisions", &good).await.refused(409, "already_exists");
    }
}

scenario! {
    async fn a_draft_is_edited_and_deleted_by_the_lead_agency_alone(world) {
        let applications = world.given_applications(1, 2).await;
        let path = decision_path(&world.given_draft_decision("2128/QĐ-UBND", &applications[..1]).await);
        let lead = world.someone(Role::LeadAgency, "89");
        lead.patch(&path, &json!({"signatory": "X"})).await.refused(428, "precondition_required");
        lead.seen("\"9\"").patch(&path, &json!({"signatory": "X"})).await.refused(412, "stale");
        lead.seen("\"1\"").patch(&path, &json!({"province": "91"})).await.refused(400, "cannot_change");
        world.someone(Role::Finance, "89").seen("\"1\"").patch(&path, &json!({"signatory": "X"})).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").seen("\"1\"").patch(&path, &json!({"signatory": "X"})).await.refused(404, "not_found");
        world.someone(Role::PeoplesCommittee, "01").seen("\"1\"").post(&format!("{path}/approvals"), &json!({})).await.refused(404, "not_found");
        let both = new_decision("2128/QĐ-UBND", &applications)["applications"].clone();
        let edited = lead.seen("\"1\"").patch(&path, &json!({"applications": both, "date": "2023-07-12", "effectiveDate": "2023-07-12"})).await;
        let mut shown = both.clone();
        shown[0]["contentHash"] = applications[0]["contentHash"].clone();
        shown[1]["contentHash"] = applications[1]["contentHash"].clone();
        assert_eq!((&edited.ok()["applications"], edited.header("etag")), (&shown, "\"2\"".to_owned()));
        assert_eq!(edited.ok()["warnings"][0]["code"], "late_selection");
        let listed = lead.get("/v1/selection-decisions?state=draft&list=scheme&province=89").await.ok();
        assert_eq!(listed["items"], json!([edited.ok()]));
        assert_eq!(lead.seen("\"2\"").delete(&path).await.status, 204);
        lead.get(&path).await.refused(404, "not_found");

        let approved = decision_path(&world.given_decision("2128/QĐ-UBND", &applications).await);
        lead.seen("\"2\"").delete(&approved).await.refused(409, "not_a_draft");
        lead.seen("\"2\"").patch(&approved, &json!({"signatory": "X"})).await.refused(409, "wrong_state");
    }
}

scenario! {
    /// Five chosen on 15 September 2021, one withdraws on 1 January 2022: a decision that bears a day before makes six.
    async fn a_decision_dated_before_a_place_was_free_is_refused(world) {
        let pilots = world.given_pilots(5).await;
        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        let withdrawal = json!({"withdrawnOn": "2022-01-01", "reason": "Không tiếp tục tham gia"});
        own.step(&format!("/v1/pilots/{}", id_of(&pilots[0])), "withdrawals", &withdrawal).await.ok();
        let applications = world.given_applications(50, 1).await;
        let draft = world.given_draft_decision("3000/QĐ-UBND", &applications).await;
        let (path, lead, committee) = (decision_path(&draft), world.someone(Role::LeadAgency, "89"), world.someone(Role::PeoplesCommittee, "89"));
        let dated = |on: &'static str| json!({"date": on, "effectiveDate": on});
        lead.seen("\"1\"").patch(&path, &dated("2021-12-31")).await.ok();
        let refused = committee.step(&path, "approvals", &json!({})).await.refused(409, "quota_exceeded");
        let inputs = json!({"quota": "5", "taken": "5", "left": "0", "asked": "1", "date": "2021-12-31", "freeFrom": "2022-01-01"});
        assert_eq!((&refused["inputs"], refused["detail"].as_str().unwrap().contains("2022-01-01")), (&inputs, true), "{refused}");
        let allowed = committee.get(&format!("{path}/allowed-actions")).await.ok();
        let approvals = allowed["items"].as_array().unwrap().iter().find(|item| item["step"] == "approvals").unwrap().clone();
        assert_eq!(approvals["allowed"], false, "{approvals}");
        lead.seen("\"2\"").patch(&path, &dated("2022-01-01")).await.ok();
        assert_eq!(committee.step(&path, "approvals", &json!({})).await.ok()["state"], "approved");
    }
}
