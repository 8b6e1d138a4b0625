//! Determinations: an answer on eligibility is kept with what it was made on, and comes out the same again.

use sarus::domain::digest::digest;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_pilots::{application_path, id_of};

async fn listed(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/determinations?{query}")).await.ok();
    page["items"].as_array().unwrap().clone()
}

/// The members that differ, as the replay names them.
fn pointers(replay: &Value) -> Vec<&str> {
    replay["differences"].as_array().unwrap().iter().map(|difference| difference["pointer"].as_str().unwrap()).collect()
}

scenario! {
    /// One when an application is submitted, one when a decision that chooses it is approved, one whenever somebody asks.
    async fn what_was_decided_on_is_kept_with_the_answer(world) {
        let applications = world.given_applications(1, 2).await;
        let decision = world.given_decision("2128/QĐ-UBND", &applications).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let body = json!({"application": applications[0]["id"], "at": "2021-08-20"});
        let answer = lead.post("/v1/determinations", &body).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!(lead.get(&path).await.ok(), made);
        assert_eq!((&made["occasion"], &made["at"], &made["result"]["overall"]), (&json!("request"), &json!("2021-08-20"), &json!("met")));
        assert_eq!(made["inputsDigest"], digest(&made["inputs"]));
        assert_eq!(made["resultDigest"], digest(&made["result"]));
        let facts = &made["inputs"]["facts"];
        assert_eq!((&facts["governingLaw"], facts["profits"].as_array().unwrap().len()), (&json!("law_2012"), 3));
        assert_eq!((&facts["evaluations"][0]["total"], &facts["evaluations"][0]["kind"]), (&json!("65.00"), &json!("self")));

        let id = applications[0]["id"].as_str().unwrap();
        let all = listed(&lead, &format!("application={id}")).await;
        let told: Vec<_> = all.iter().map(|made| (made["occasion"].as_str().unwrap(), made["at"].as_str().unwrap())).collect();
        assert_eq!(told, [("submission", "2021-08-02"), ("selection", "2021-09-15"), ("request", "2021-08-20")]);
        let of_decision = listed(&lead, &format!("decision={}", id_of(&decision))).await;
        assert_eq!(of_decision.len(), 2);
        assert!(of_decision.iter().all(|made| made["decision"] == decision["id"] && made["result"]["overall"] == "met"));
        assert_eq!(listed(&lead, "occasion=submission&overall=met&province=89").await.len(), 2);
        assert_eq!(listed(&lead, "overall=not_met").await.len(), 0);
    }
}

scenario! {
    /// The same inputs give the same bytes, years later; today's show what is different.
    async fn a_replay_gives_the_same_bytes_or_shows_what_differs(world) {
        let application = world.given_applications(1, 1).await.remove(0);
        let cooperative = application["cooperative"].as_str().unwrap();
        let lead = world.someone(Role::LeadAgency, "89");
        let first = listed(&lead, "").await.remove(0);
        let path = format!("/v1/determinations/{}", id_of(&first));
        let same = lead.post(&format!("{path}/replays"), &json!({})).await.ok();
        assert_eq!((&same["same"], &same["on"], &same["differences"]), (&json!(true), &json!("kept"), &json!([])));
        assert_eq!(same["result"].to_string(), first["result"].to_string());
        assert_eq!((&same["resultDigest"], &same["inputsDigest"]), (&first["resultDigest"], &first["inputsDigest"]));

        world.given_verified_evaluation(cooperative, "888", 2020, 6_499).await;
        let kept = lead.post(&format!("{path}/replays"), &json!({"on": "kept"})).await.ok();
        assert_eq!(kept, same);
        let current = lead.post(&format!("{path}/replays"), &json!({"on": "current"})).await.ok();
        assert_eq!((&current["same"], &current["result"]["overall"]), (&json!(false), &json!("not_met")));
        assert_eq!(current["keptDigest"], first["resultDigest"]);
        let found = pointers(&current);
        for pointer in ["/inputs/at", "/inputs/facts/evaluations/0/total", "/result/overall", "/result/conditions/4/verdict"] {
            assert!(found.contains(&pointer), "{pointer}: {found:?}");
        }
        assert!(!found.iter().any(|pointer| pointer.starts_with("/inputs/facts/profits")), "{found:?}");
        let total = current["differences"].as_array().unwrap().iter().find(|one| one["pointer"] == "/inputs/facts/evaluations/0/total");
        assert_eq!(total.unwrap(), &json!({"pointer": "/inputs/facts/evaluations/0/total", "kept": "\"65.00\"", "found": "\"64.99\""}));
        // Nothing was recorded by asking.
        assert_eq!(lead.get(&path).await.ok(), first);
        assert_eq!(listed(&lead, "").await.len(), 1);
    }
}

scenario! {
    async fn determinations_stay_within_reach_and_bad_input_is_named(world) {
        let application = world.given_applications(1, 1).await.remove(0);
        let lead = world.someone(Role::LeadAgency, "89");
        let made = listed(&lead, "").await.remove(0);
        let path = format!("/v1/determinations/{}", id_of(&made));
        let own = world.cooperative(application["cooperative"].as_str().unwrap());
        assert_eq!(own.get(&path).await.ok(), made);
        assert_eq!(world.someone(Role::Inspectorate, "89").post(&format!("{path}/replays"), &json!({})).await.ok()["same"], true);
        for (role, unit) in [(Role::LeadAgency, "01"), (Role::Locality, "883")] {
            let outside = world.someone(role, unit);
            outside.get(&path).await.refused(404, "not_found");
            outside.post(&format!("{path}/replays"), &json!({})).await.refused(404, "not_found");
            assert_eq!(listed(&outside, "").await.len(), 0);
            let body = json!({"application": application["id"]});
            assert_eq!(outside.post("/v1/determinations", &body).await.faults(), ["/application unknown_reference"]);
        }
        own.post("/v1/determinations", &json!({"application": application["id"]})).await.refused(403, "forbidden");
        lead.post("/v1/determinations", &json!({"application": application["id"], "at": "2999-01-01"})).await.refused(400, "date_in_future");
        lead.post("/v1/determinations", &json!({"at": "yesterday"})).await.refused(400, "invalid_body");
        lead.post(&format!("{path}/replays"), &json!({"on": "moon"})).await.refused(400, "invalid_body");
        lead.get(&format!("{}/eligibility?at=soon", application_path(&application))).await.refused(400, "invalid_query");
    }
}
