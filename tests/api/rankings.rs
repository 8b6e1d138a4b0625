//! The ranking of a province's applicants: by their claims, then as the plan breaks ties, with reasons.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_pilots::{application_path, id_of};
use crate::support::given_plans::{new_plan, plan_path};
use crate::support::world::World;

/// A plan of An Giang that breaks ties as Hà Nội does.
async fn given_plan_with(world: &World, tie_break: Value) -> Value {
    let mut plan = new_plan("89");
    plan["tieBreak"] = tie_break;
    let draft = world.someone(Role::LeadAgency, "89").post("/v1/provincial-plans", &plan).await.created();
    world.someone(Role::PeoplesCommittee, "89").step(&plan_path(&draft), "approvals", &json!({})).await.ok()
}

/// An eligible applicant with claims, members and capital of 2020, submitted; by the id of its application.
async fn given_ranked(world: &World, tax_code: &str, claims: &[&str], figures: Value) -> String {
    let cooperative = world.given_applicant(tax_code).await;
    let own = world.cooperative(&cooperative);
    let path = format!("/v1/cooperatives/{cooperative}/annual-figures/2020");
    let etag = own.get(&path).await.header("etag");
    let mut body = json!({"status": "final", "profitBeforeTax": "150000000"});
    body.as_object_mut().unwrap().extend(figures.as_object().unwrap().clone());
    own.seen(&etag).put(&path, &body).await.ok();
    let draft = world.given_draft_application(&cooperative).await;
    let claim = |code: &&str| json!({"condition": code, "evidence": {"title": "Tài liệu chứng minh"}});
    let claims = json!({"priorityClaims": claims.iter().map(claim).collect::<Vec<_>>()});
    own.seen("\"1\"").patch(&application_path(&draft), &claims).await.ok();
    own.step(&application_path(&draft), "submissions", &json!({"submittedOn": "2021-08-02"})).await.ok();
    id_of(&draft)
}

fn ranks(view: &Value) -> Vec<(String, Option<u64>)> {
    let items = view["items"].as_array().unwrap().iter();
    items.map(|place| (place["application"].as_str().unwrap().to_owned(), place["rank"].as_u64())).collect()
}

scenario! {
    async fn applicants_stand_in_order_with_the_reasons(world) {
        let plan = given_plan_with(&world, json!(["size_class", "total_capital"])).await;
        assert_eq!(plan["tieBreak"], json!(["size_class", "total_capital"]));
        let path = format!("{}/ranking?at=2021-09-01", plan_path(&plan));
        let less = given_ranked(&world, "1600000001", &["P2.4"], json!({"members": 1200, "totalCapital": "90000000000"})).await;
        let more = given_ranked(&world, "1600000002", &["P2.4", "P1.1"], json!({"members": 20, "totalCapital": "1"})).await;
        let large = given_ranked(&world, "1600000003", &["P3.1"], json!({"members": 301, "totalCapital": "5"})).await;
        let small = given_ranked(&world, "1600000004", &["P3.2"], json!({"members": 300, "totalCapital": "9"})).await;
        let bare = id_of(&world.given_cooperative("888", "1600000005").await);
        let open = id_of(&world.given_application(&bare).await);
        let lead = world.someone(Role::LeadAgency, "89");
        let view = lead.get(&path).await.ok();
        assert_eq!(ranks(&view), [
            (large.clone(), Some(1)), (small.clone(), Some(2)), (more.clone(), Some(3)), (less.clone(), Some(4)), (open, None),
        ]);
        let place = |id: &str| view["items"].as_array().unwrap().iter().find(|place| place["application"] == id).unwrap().clone();
        assert_eq!((&place(&large)["sizeClass"], &place(&small)["sizeClass"]), (&json!("medium"), &json!("small")));
        let words = place(&less)["reasons"].to_string();
        assert!(words.contains("P2.4") && words.contains("claims all of these and more, and so stands ahead"), "{words}");
        assert!(place(&small)["reasons"].to_string().contains("class by members: Small by members"));
        let vietnamese = lead.with("accept-language", "vi").get(&path).await.ok()["items"][0]["reasons"].to_string();
        assert!(vietnamese.contains("quy mô theo thành viên: Quy mô thành viên vừa"), "{vietnamese}");
        // Under the decree nobody is classed by members: said with the rule, and capital tells them apart.
        let later = lead.get(&format!("{}/ranking?at=2024-11-01", plan_path(&plan))).await.ok();
        let told = later["items"][0]["reasons"].to_string();
        assert!(told.contains("class by members: unknown under 113/2024/NĐ-CP (in force from 2024-11-01)"), "{told}");
        assert!(later["items"][0].get("sizeClass").is_none() && !told.contains("chưa có số liệu"), "{told}");
        let last = &view["items"][4];
        assert_eq!((&last["overall"], &last["openConditions"]), (&json!("unknown"), &json!(["M3", "M5"])));
        world.cooperative(&bare).get(&path).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        lead.get(&format!("{}/ranking?at=soon", plan_path(&plan))).await.refused(400, "invalid_query");
    }
}

/// A review of claims of an application, by the locality of its cooperative.
async fn reviewed(world: &World, application: &str, findings: Value) -> Value {
    let officer = world.someone(Role::Locality, "888");
    let body = json!({"reviewedOn": "2021-08-16", "claims": findings});
    officer.step(&format!("/v1/applications/{application}"), "claim-reviews", &body).await.ok()
}

fn finding(condition: &str, outcome: &str) -> Value {
    json!({"condition": condition, "outcome": outcome, "reason": "Theo hồ sơ của xã"})
}

scenario! {
    /// An agency confirms or rejects each claim, with its reason; what it found stands beside the claim.
    async fn claims_are_confirmed_or_rejected_with_reasons_by_others_than_who_wrote_them(world) {
        let application = given_ranked(&world, "1600000001", &["P2.4", "P1.1"], json!({"members": 20})).await;
        let path = format!("/v1/applications/{application}");
        let officer = world.someone(Role::Locality, "888");
        let body = |on: &str, claims: Value| json!({"reviewedOn": on, "claims": claims});
        let both = json!([finding("P2.4", "confirmed"), finding("P1.1", "rejected")]);
        let wrong = json!([finding("P9.1", "confirmed"), finding("P1.1", "confirmed"), finding("P1.1", "rejected")]);
        let answer = officer.step(&path, "claim-reviews", &body("2021-08-16", wrong)).await;
        answer.refused(400, "unknown_reference");
        assert_eq!(answer.faults(), ["/claims/0/condition unknown_reference", "/claims/2/condition repeated_item"]);
        officer.step(&path, "claim-reviews", &body("2999-01-01", both.clone())).await.refused(400, "date_in_future");
        officer.step(&path, "claim-reviews", &body("2021-08-01", both.clone())).await.refused(409, "step_predated");
        let mut unreasoned = both.clone();
        unreasoned[0].as_object_mut().unwrap().remove("reason");
        officer.step(&path, "claim-reviews", &body("2021-08-16", unreasoned)).await.refused(400, "invalid_body");
        officer.post(&format!("{path}/claim-reviews"), &body("2021-08-16", both.clone())).await.refused(428, "precondition_required");
        let of = officer.get(&path).await.ok()["cooperative"].as_str().unwrap().to_owned();
        let writer = world.person(Role::Locality, "888", &format!("cooperative@{of}"));
        writer.step(&path, "claim-reviews", &body("2021-08-16", both.clone())).await.refused(409, "four_eyes");
        world.cooperative(&of).step(&path, "claim-reviews", &body("2021-08-16", both.clone())).await.refused(403, "forbidden");
        world.someone(Role::Locality, "883").seen("*").post(&format!("{path}/claim-reviews"), &body("2021-08-16", both.clone())).await.refused(404, "not_found");

        let view = reviewed(&world, &application, both).await;
        assert_eq!(view["claimStandings"], json!([{"condition": "P2.4", "standing": "confirmed"}, {"condition": "P1.1", "standing": "rejected"}]));
        let first = &view["claimReviews"][0];
        assert_eq!((&first["reviewedBy"], &first["role"], &first["reviewedOn"]), (&json!("locality@888"), &json!("locality"), &json!("2021-08-16")));
        reviewed(&world, &application, json!([finding("P1.1", "confirmed")])).await;
        let history = officer.get(&format!("{path}/claim-reviews")).await.ok();
        let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|step| (step["item"].as_str().unwrap(), step["outcome"].as_str().unwrap())).collect();
        assert_eq!(told, [("P2.4", "confirmed"), ("P1.1", "rejected"), ("P1.1", "confirmed")]);

        // Evidence that changes was not looked into; evidence that stays was.
        world.given_plan("89").await;
        let back = json!({"returnedOn": "2021-08-20", "reason": "Bổ sung"});
        world.someone(Role::LeadAgency, "89").step(&path, "returns", &back).await.ok();
        let own = world.cooperative(&of);
        let etag = own.get(&path).await.ok_etag();
        let mut claims = own.get(&path).await.ok()["priorityClaims"].clone();
        claims[1]["evidence"]["title"] = json!("Tài liệu khác");
        own.seen(&etag).patch(&path, &json!({"priorityClaims": claims})).await.ok();
        officer.step(&path, "claim-reviews", &body("2021-08-21", json!([finding("P2.4", "confirmed")]))).await.refused(409, "wrong_state");
        let again = own.step(&path, "submissions", &json!({"submittedOn": "2021-08-22"})).await.ok();
        assert_eq!(again["claimStandings"], json!([{"condition": "P2.4", "standing": "confirmed"}, {"condition": "P1.1", "standing": "claimed"}]));
    }
}

scenario! {
    /// The plan says which claims count; where it does not, all but those that an agency rejected. A ranking is kept with its
    /// inputs and decided again to the byte.
    async fn the_plan_says_which_claims_count_and_a_ranking_is_kept_and_replayed(world) {
        let mut of_confirmed = new_plan("89");
        of_confirmed["countedClaims"] = json!("confirmed");
        of_confirmed["decisionNumber"] = json!("2130/QĐ-UBND");
        let lead = world.someone(Role::LeadAgency, "89");
        let draft = lead.post("/v1/provincial-plans", &of_confirmed).await.created();
        assert_eq!(draft["countedClaims"], "confirmed");
        let open = given_plan_with(&world, json!([])).await;
        assert_eq!(open["countedClaims"], "not_rejected");
        let merely = given_ranked(&world, "1600000001", &["P1.1", "P2.4"], json!({"members": 20})).await;
        let confirmed = given_ranked(&world, "1600000002", &["P2.4", "P3.1"], json!({"members": 30})).await;
        reviewed(&world, &confirmed, json!([finding("P2.4", "confirmed"), finding("P3.1", "rejected")])).await;

        let ranked = async |plan: &Value| lead.get(&format!("{}/ranking?at=2021-09-01", plan_path(plan))).await.ok();
        let by_default = ranked(&open).await;
        assert_eq!(ranks(&by_default), [(merely.clone(), Some(1)), (confirmed.clone(), Some(2))]);
        let last = &by_default["items"][1];
        assert_eq!((&last["claims"], &last["counted"]), (&json!(["P2.4", "P3.1"]), &json!(["P2.4"])));
        assert!(last["reasons"].to_string().contains("Not counted, since an agency rejected them: P3.1"));
        assert!(last["reasons"].to_string().contains("confirmed P2.4"));
        let strict = ranked(&draft).await;
        assert_eq!((ranks(&strict), &strict["countedClaims"]), (vec![(confirmed.clone(), Some(1)), (merely.clone(), Some(2))], &json!("confirmed")));

        let body = json!({"kind": "ranking", "of": open["id"], "at": "2021-09-01"});
        let kept = lead.post("/v1/determinations", &body).await;
        let (path, kept) = (kept.location(), kept.created());
        assert_eq!((&kept["overall"], &kept["result"]["items"]), (&json!("ranked"), &by_default["items"]));
        assert!(kept["cooperative"].is_null() && kept["unit"].is_null());
        assert_eq!(kept["inputs"]["applicants"].as_array().unwrap().len(), 2);
        let replay = lead.post(&format!("{path}/replays"), &json!({})).await.ok();
        assert_eq!((&replay["same"], &replay["resultDigest"]), (&json!(true), &kept["resultDigest"]));
        reviewed(&world, &merely, json!([finding("P1.1", "rejected"), finding("P2.4", "rejected")])).await;
        let today = lead.post(&format!("{path}/replays"), &json!({"on": "current"})).await.ok();
        assert_eq!(today["same"], false);
        let pointers: Vec<_> = today["differences"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        assert!(pointers.contains(&"/inputs/applicants/0/claims/0/standing"), "{pointers:?}");
        assert_eq!(lead.post(&format!("{path}/replays"), &json!({})).await.ok()["same"], true);

        // Who may not see the order of applicants neither asks for it nor finds it.
        let locality = world.someone(Role::Locality, "888");
        locality.post("/v1/determinations", &body).await.refused(409, "not_responsible");
        for blind in [&locality, &world.someone(Role::Finance, "89")] {
            blind.get(&path).await.refused(404, "not_found");
            assert_eq!(blind.get("/v1/determinations?kind=ranking").await.ok()["items"], json!([]));
        }
        assert_eq!(world.someone(Role::PeoplesCommittee, "89").get(&path).await.ok(), kept);
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        let sql = "UPDATE provincial_plans SET counted_claims = 'claimed' WHERE state = 'approved'";
        let refused = sea_orm::ConnectionTrait::execute_unprepared(world.sarus.store.reader(), sql).await;
        assert!(refused.is_err());
    }
}

scenario! {
    /// Without a rule of the plan, those who are level share a rank: nothing is invented.
    async fn who_is_level_shares_a_rank_where_the_plan_says_nothing(world) {
        let plan = world.given_plan("89").await;
        assert_eq!(plan["tieBreak"], json!([]));
        let first = given_ranked(&world, "1600000001", &["P1.1"], json!({"members": 1200})).await;
        let second = given_ranked(&world, "1600000002", &["P2.1", "P2.2"], json!({"members": 20})).await;
        let view = world.someone(Role::PeoplesCommittee, "89").get(&format!("{}/ranking", plan_path(&plan))).await.ok();
        assert_eq!(ranks(&view), [(first, Some(1)), (second, Some(1))]);
        assert!(view["items"][0]["reasons"].to_string().contains("Level with 1 other(s)"));
        let mut wrong = new_plan("89");
        wrong["tieBreak"] = json!(["size_class", "size_class", "luck"]);
        let answer = world.someone(Role::LeadAgency, "89").post("/v1/provincial-plans", &wrong).await;
        assert_eq!((answer.status, answer.faults()), (400, vec!["/tieBreak/2 not_in_enum".to_owned()]));
        wrong["tieBreak"] = json!(["members", "members"]);
        let answer = world.someone(Role::LeadAgency, "89").post("/v1/provincial-plans", &wrong).await;
        assert_eq!((answer.status, answer.faults()), (400, vec!["/tieBreak/1 repeated_item".to_owned()]));
    }
}
