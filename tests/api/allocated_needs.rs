//! Allocations with their schedules, and the support needs that they serve.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_budget::{AGRICULTURE, allocation_path, entry, line_of, new_allocation};
use crate::support::given_needs::{approval, need_path, needed};
use crate::support::given_pilots::id_of;
use crate::support::world::World;

const PATH: &str = "/v1/budget-allocations";
const RECURRENT: &str = "recurrent_support";

/// An entry of some million đồng that serves an item of a need.
fn serving(line: &str, millions: i64, need: &Value, item: u16) -> Value {
    let mut part = entry(line, millions);
    part["pilot"] = need["pilot"].clone();
    part["need"] = json!({"supportNeed": need["id"], "item": item});
    part
}

/// A need of a pilot with 50 million approved for its first item and nothing yet for its second; and the plan.
async fn given_approved_need(world: &World) -> (Value, Value) {
    let pilot = world.given_pilots(1).await.remove(0);
    let items = [
        needed("training", "recurrent", &[(2022, 40), (2023, 20)]),
        needed("communication", "recurrent", &[(2022, 30)]),
    ];
    let need = world.given_appraised_need(&pilot, &items).await;
    let partly = json!([{"item": 1, "phases": [{"fiscalYear": 2022, "amount": "40000000"}, {"fiscalYear": 2023, "amount": "10000000"}]}]);
    let committee = world.someone(Role::PeoplesCommittee, "89");
    let need = committee.step(&need_path(&need), "approvals", &approval(&partly)).await.ok();
    (need, world.given_standing_plan().await)
}

/// A decision after the approval of the need.
fn decision(plan: &Value, number: &str, entries: &[Value]) -> Value {
    let mut body = new_allocation(plan, number, entries);
    body["decisionDate"] = json!("2022-04-20");
    body
}

scenario! {
    async fn an_allocation_keeps_its_schedule(world) {
        let plan = world.given_plan("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let mut part = entry(&line_of(&plan, RECURRENT), 10);
        part["schedule"] = json!([{"dueOn": "2022-06-30", "amount": "4000000"}, {"dueOn": "2022-12-31", "amount": "6000000"}]);
        let drafted = lead.post(PATH, &new_allocation(&plan, "1/QĐ-UBND", &[part.clone()])).await;
        assert_eq!(drafted.created()["entries"][0]["schedule"], part["schedule"]);
        let path = drafted.location();
        let mut wrong = part.clone();
        wrong["schedule"] = json!([{"dueOn": "2022-06-30", "amount": "4000000"}, {"dueOn": "2022-06-30", "amount": "5999999"}]);
        let refused = lead.seen("\"1\"").patch(&path, &json!({"entries": [wrong]})).await;
        assert_eq!(refused.faults(), ["/entries/0/schedule total_mismatch", "/entries/0/schedule/1/dueOn repeated_item"]);
        wrong["schedule"] = json!([{"dueOn": "2022-01-19", "amount": "10000000"}]);
        let refused = lead.seen("\"1\"").patch(&path, &json!({"entries": [wrong]})).await;
        assert_eq!(refused.faults(), ["/entries/0/schedule/0/dueOn dates_out_of_order"]);
        part["schedule"] = json!([{"dueOn": "2022-09-30", "amount": "10000000"}]);
        let edited = lead.seen("\"1\"").patch(&path, &json!({"entries": [part]})).await.ok();
        assert_eq!(edited["entries"][0]["schedule"], part["schedule"]);
        let approved = world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await.ok();
        assert_eq!(approved["entries"][0]["schedule"], part["schedule"]);
        let listed = lead.get(PATH).await.ok();
        assert_eq!(listed["items"][0], approved);
        for sql in [
            "UPDATE allocation_instalments SET amount = 1", "DELETE FROM allocation_instalments",
            "INSERT INTO allocation_instalments (entry_id, due_on, amount) SELECT entry_id, '2023-01-01', 1 FROM allocation_instalments",
        ] {
            let refused = past_the_rules(&world, sql).await;
            assert!(refused.is_err_and(|words| words.contains("tr_allocation_instalments_")), "{sql}");
        }
    }
}

async fn past_the_rules(world: &World, sql: &str) -> Result<(), String> {
    use sea_orm::ConnectionTrait;
    let tx = world.sarus.store.begin().await.unwrap();
    tx.execute_unprepared(sql).await.map_err(|error| error.to_string())?;
    tx.commit().await.unwrap();
    Ok(())
}

scenario! {
    async fn no_more_is_allocated_to_a_need_than_was_approved_of_it(world) {
        let (need, plan) = given_approved_need(&world).await;
        let line = line_of(&plan, RECURRENT);
        let (lead, committee) = (world.someone(Role::LeadAgency, "89").with("accept-language", "en"), world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en"));
        let over = lead.post(PATH, &decision(&plan, "1/QĐ-UBND", &[serving(&line, 30, &need, 1), serving(&line, 21, &need, 1)])).await;
        let detail = over.refused(409, "need_exceeded")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("has 50000000 đồng left of 50000000 đồng approved, this decision asks for 51000000"), "{detail}");
        assert_eq!(over.faults(), ["/entries/1/amount need_exceeded"]);
        let undecided = lead.post(PATH, &decision(&plan, "1/QĐ-UBND", &[serving(&line, 1, &need, 2)])).await;
        undecided.refused(409, "need_exceeded");
        // No such item, and a need of another pilot.
        let mut stranger = serving(&line, 1, &need, 1);
        stranger.as_object_mut().unwrap().remove("pilot");
        let unknown = lead.post(PATH, &decision(&plan, "1/QĐ-UBND", &[serving(&line, 1, &need, 3), stranger])).await;
        assert_eq!(unknown.faults(), ["/entries/0/need unknown_reference", "/entries/1/need unknown_reference"]);

        let draft = lead.post(PATH, &decision(&plan, "1/QĐ-UBND", &[serving(&line, 30, &need, 1), entry(&line, 5)])).await;
        assert_eq!(draft.created()["entries"][0]["need"], json!({"supportNeed": need["id"], "item": 1}));
        let second = lead.post(PATH, &decision(&plan, "2/QĐ-UBND", &[serving(&line, 21, &need, 1)])).await;
        let approved = committee.step(&draft.location(), "approvals", &json!({})).await.ok();
        let late = committee.step(&second.location(), "approvals", &json!({})).await;
        assert!(late.refused(409, "need_exceeded")["detail"].as_str().unwrap().contains("has 20000000 đồng left"));
        let actions = committee.get(&format!("{}/allowed-actions", second.location())).await.ok();
        assert_eq!(actions["items"][2]["code"], "need_exceeded");

        let served = lead.get(&format!("{}/allocations", need_path(&need))).await.ok();
        let first = &served["items"][0];
        assert_eq!((&first["approved"], &first["allocated"], &first["remaining"]), (&json!("50000000"), &json!("30000000"), &json!("20000000")));
        assert_eq!((&first["entries"][0]["entry"], &first["entries"][0]["decisionNumber"]), (&approved["entries"][0]["id"], &json!("1/QĐ-UBND")));
        assert_eq!(served["items"][1]["entries"], json!([]));
        let listed = lead.get(&format!("{PATH}?supportNeed={}&count=exact", id_of(&need))).await.ok();
        assert_eq!(listed["count"], 2);
        assert_eq!(lead.get(&format!("{PATH}?supportNeed={AGRICULTURE}&count=exact")).await.ok()["count"], 0);
        world.someone(Role::Locality, "883").get(&format!("{}/allocations", need_path(&need))).await.refused(404, "not_found");

        // A reduction gives the need back what it takes.
        let reduction = json!({
            "plan": plan["id"], "decisionNumber": "3/QĐ-UBND", "decisionDate": "2022-07-10", "reason": "Giảm.",
            "reductions": [{"entry": approved["entries"][0]["id"], "amount": "1000000"}],
        });
        let amendment = lead.post("/v1/budget-amendments", &reduction).await;
        committee.step(&amendment.location(), "approvals", &json!({})).await.ok();
        committee.step(&second.location(), "approvals", &json!({})).await.ok();
        let served = lead.get(&format!("{}/allocations", need_path(&need))).await.ok();
        assert_eq!((&served["items"][0]["allocated"], &served["items"][0]["remaining"]), (&json!("50000000"), &json!("0")));
        for (name, sql) in [
            ("tr_support_need_phases_", "UPDATE support_need_phases SET approved = 0 WHERE approved > 0"),
            ("tr_support_need_phases_", "DELETE FROM support_need_phases"),
            ("tr_allocation_entry_needs_", "DELETE FROM allocation_entry_needs"),
            ("tr_allocation_entry_needs_", "UPDATE allocation_entry_needs SET item = 2"),
        ] {
            let refused = past_the_rules(&world, sql).await;
            assert!(refused.as_ref().is_err_and(|words| words.contains(name)), "{sql}: {refused:?}");
        }
    }
}

scenario! {
    /// 32 decisions of 4 million each for a need of 50, approved at once, and as many past the rules: 12 fit.
    async fn decisions_race_for_what_was_approved_of_a_need(world) {
        let (need, plan) = given_approved_need(&world).await;
        let line = line_of(&plan, RECURRENT);
        let (lead, committee) = (world.someone(Role::LeadAgency, "89"), world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en"));
        let mut paths = Vec::new();
        for number in 1..=64 {
            let body = decision(&plan, &format!("{number}/QĐ-UBND"), &[serving(&line, 4, &need, 1)]);
            paths.push(allocation_path(&lead.post(PATH, &body).await.created()));
        }
        let nothing = json!({});
        let answers = join_all(paths[..32].iter().map(|path| committee.step(path, "approvals", &nothing))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (12, 20));
        for answer in lost {
            let problem = answer.refused(409, "need_exceeded");
            assert!(problem["detail"].as_str().unwrap().contains("has 2000000 đồng left"), "{problem}");
        }
        let raw = "UPDATE allocations SET state = 'approved', approved_by = 'x', approved_at = recorded_at WHERE decision_number = ";
        let raw: Vec<String> = (33..=64).map(|number| format!("{raw}'{number}/QĐ-UBND'")).collect();
        let done = join_all(raw.iter().map(|sql| past_the_rules(&world, sql))).await;
        assert!(done.iter().all(|done| done.as_ref().is_err_and(|words| words.contains("tr_allocations_served"))), "{done:?}");
        let served = lead.get(&format!("{}/allocations", need_path(&need))).await.ok();
        assert_eq!(served["items"][0]["allocated"], "48000000");
    }
}

scenario! {
    /// 50 million of training were approved on 2022-03-10 for 2022 and 2023: they are given for nothing else, and not before.
    async fn an_entry_is_of_its_need(world) {
        let (need, plan) = given_approved_need(&world).await;
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let line = line_of(&plan, RECURRENT);
        let mut other = serving(&line, 10, &need, 1);
        other["supportKind"] = json!("consulting");
        other["fiscalYear"] = json!(2024);
        let refused = lead.post(PATH, &decision(&plan, "1/QĐ", &[other])).await;
        assert_eq!(refused.refused(409, "not_of_need")["inputs"]["need"], need["id"]);
        assert_eq!(refused.faults(), ["/entries/0/fiscalYear not_of_need", "/entries/0/supportKind not_of_need"]);
        let mut early = decision(&plan, "1/QĐ", &[serving(&line, 10, &need, 1)]);
        early["decisionDate"] = json!("2022-03-09");
        let refused = lead.post(PATH, &early).await;
        refused.refused(409, "step_predated");
        assert_eq!(refused.faults(), ["/entries/0/need step_predated"]);
        early["decisionDate"] = json!("2022-03-10");
        lead.post(PATH, &early).await.created();
    }
}
