//! The concurrent attack on support needs: one item decided by many, many items of one need decided at once.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::json;

use super::{WRITERS, sorted};
use crate::support::given_needs::{NEEDS, approval, need_path, needed};

scenario! {
    /// 64 approvals of one item: one decides, the others learn that nothing of it is left.
    async fn an_item_is_approved_once(world) {
        let pilot = world.given_pilots(1).await.remove(0);
        let need = world.given_appraised_need(&pilot, &[needed("training", "recurrent", &[(2022, 50)])]).await;
        let (path, committee) = (need_path(&need), world.someone(Role::PeoplesCommittee, "89"));
        let (hasty, target) = (committee.with("accept-language", "en").seen("*"), format!("{path}/approvals"));
        let bodies: Vec<_> = (1..=WRITERS).map(|millions| {
            let phases = json!([{"fiscalYear": 2022, "amount": format!("{}000000", millions % 50 + 1)}]);
            approval(&json!([{"item": 1, "phases": phases}]))
        }).collect();
        let answers = join_all(bodies.iter().map(|body| hasty.post(&target, body))).await;
        let won = answers.iter().find(|answer| answer.status == 200).unwrap().body["approved"].clone();
        let (accepted, refused) = sorted(answers, "wrong_state");
        assert_eq!((accepted, refused.len()), (1, WRITERS - 1));
        let said = format!("approved already, with {} đồng of 50000000 đồng: 0 đồng left", won.as_str().unwrap());
        assert!(refused.iter().all(|problem| problem["detail"].as_str().unwrap().contains(&said)), "{}", refused[0]);
        assert_eq!(hasty.get(&path).await.ok()["approved"], won);
    }
}

scenario! {
    /// 64 items of one need, each approved by a writer of its own at once: all count, nobody's decision is lost.
    async fn no_approval_of_another_item_is_lost(world) {
        let pilot = world.given_pilots(1).await.remove(0);
        let items: Vec<_> = (1..=WRITERS).map(|_| needed("training", "recurrent", &[(2022, 3)])).collect();
        let need = world.given_appraised_need(&pilot, &items).await;
        let (path, committee) = (need_path(&need), world.someone(Role::PeoplesCommittee, "89").seen("*"));
        let target = format!("{path}/approvals");
        let bodies: Vec<_> = (1..=WRITERS).map(|number| approval(&json!([
            {"item": number, "phases": [{"fiscalYear": 2022, "amount": "2000000"}]},
        ]))).collect();
        let answers = join_all(bodies.iter().map(|body| committee.post(&target, body))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers.iter().map(|answer| answer.status));
        let after = committee.get(&path).await.ok();
        assert_eq!((&after["appraised"], &after["approved"]), (&json!("192000000"), &json!("128000000")));
        let sums = committee.get("/v1/support-need-summaries?by=pilot").await.ok();
        assert_eq!(sums["total"]["approved"], "128000000");
        assert_eq!(committee.get(&target).await.ok()["items"].as_array().unwrap().len(), WRITERS);
    }
}

scenario! {
    /// Rates bind the organisation over all its needs: of many needs submitted at once, those that keep them pass and no
    /// other. Two persons in a year (eight ask for one each), 36 months a person (eight ask for 20 months of the same).
    async fn rates_of_an_organisation_are_kept_by_needs_submitted_at_once(world) {
        let (pilot, cooperative) = world.given_pilot_and_account().await;
        for (persons, months, passes) in [(["A", "B", "C", "D", "E", "F", "G", "H"], 1, 2), (["Z"; 8], 20, 1)] {
            let from = if months == 1 { "2021-02-01" } else { "2022-01-01" };
            let mut targets = Vec::new();
            for person in persons {
                let mut item = needed("young_workers", "recurrent", &[]);
                item["phases"] = json!([{"fiscalYear": 2022, "amount": (9_000_000 * months).to_string()}]);
                item["youngWorkers"] = json!([
                    {"mark": person, "from": from, "months": months, "region": "IV", "monthly": "9000000"},
                ]);
                let need = cooperative.post(NEEDS, &json!({"pilot": pilot["id"], "items": [item]})).await.created();
                targets.push(format!("{}/submissions", need_path(&need)));
            }
            let (hasty, body) = (cooperative.seen("*"), json!({"submittedOn": "2022-03-01"}));
            let answers = join_all(targets.iter().map(|target| hasty.post(target, &body))).await;
            let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
            assert_eq!(accepted.len(), passes, "{months} months");
            for answer in refused {
                answer.refused(409, "rate_not_kept");
            }
        }
    }
}
