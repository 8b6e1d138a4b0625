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
        assert!(words.contains("P2.4") && words.contains("1 application(s) claim all of these and more"), "{words}");
        assert!(place(&small)["reasons"].to_string().contains("class by members: small"));
        let last = &view["items"][4];
        assert_eq!((&last["overall"], &last["openConditions"]), (&json!("unknown"), &json!(["M3", "M5"])));
        world.cooperative(&bare).get(&path).await.refused(403, "forbidden");
        world.someone(Role::LeadAgency, "01").get(&path).await.refused(404, "not_found");
        lead.get(&format!("{}/ranking?at=soon", plan_path(&plan))).await.refused(400, "invalid_query");
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
