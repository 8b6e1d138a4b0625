//! API6:2023, unrestricted access to sensitive business flows: approving, selecting, paying. A machine that calls fast,
//! often or out of order gets no further than a person at a desk.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::json;

use crate::support::given_budget::{allocation_path, entry, line_of, payment};
use crate::support::given_pilots::{decision_path, id_of};
use crate::support::given_plans::{new_plan, plan_path};

scenario! {
    /// Who proposes does not approve, by whatever second token; and nothing is approved twice.
    async fn an_approval_needs_a_second_person_and_happens_once(world) {
        let lead = world.person(Role::LeadAgency, "89", "both-hats");
        let draft = lead.post("/v1/provincial-plans", &new_plan("89")).await.created();
        let same = world.person(Role::PeoplesCommittee, "89", "both-hats");
        same.step(&plan_path(&draft), "approvals", &json!({})).await.refused(409, "four_eyes");
        let committee = world.someone(Role::PeoplesCommittee, "89").seen("\"1\"");
        let path = format!("{}/approvals", plan_path(&draft));
        let answers = join_all((0..8).map(|_| { let body = json!({}); let (committee, path) = (&committee, &path); async move { committee.post(path, &body).await.status } })).await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| [200, 409, 412].contains(status)), "{answers:?}");
        let history = committee.get(&path).await.ok();
        assert_eq!(history["items"].as_array().unwrap().len(), 1);
    }
}

scenario! {
    /// A burst of payments takes no more than was allocated, and a voucher is paid once.
    async fn a_burst_of_payments_takes_no_more_than_there_is(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, "recurrent_support");
        let allocation = world.given_allocation(&plan, "120/QĐ-UBND", &[entry(&line, 100)]).await;
        let path = format!("{}/disbursements", allocation_path(&allocation));
        let pay = |number: usize| {
            let body = payment(&allocation, &format!("UNC-{number}"), 30);
            let (payer, path) = (world.agriculture().seen("*"), path.clone());
            async move { payer.post(&path, &body).await.status }
        };
        let paid = join_all((0..10).map(pay)).await;
        let done = paid.iter().filter(|status| **status == 200).count();
        assert!((1..=3).contains(&done), "3 × 30 of 100 million: {paid:?}");
        assert!(paid.iter().all(|status| [200, 409, 412].contains(status)), "{paid:?}");
        let after = world.someone(Role::LeadAgency, "89").get(&allocation_path(&allocation)).await.ok();
        assert_eq!(after["disbursed"], (done * 30_000_000).to_string());
        let payer = world.agriculture().seen("*");
        payer.post(&path, &payment(&allocation, "UNC-100", 1)).await.ok();
        payer.post(&path, &payment(&allocation, "UNC-100", 1)).await.refused(409, "already_exists");
    }
}

scenario! {
    /// The steps of the scheme have an order that no client can skip.
    async fn steps_cannot_be_skipped(world) {
        let applications = world.given_applications(1, 1).await;
        let decision = world.given_draft_decision("2128/QĐ-UBND", &applications).await;
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let revocation = json!({"number": "1/QĐ-UBND", "date": "2022-01-10", "reason": "Thử", "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)"});
        let skipped = committee.step(&decision_path(&decision), "revocations", &revocation).await;
        assert!([400, 409].contains(&skipped.status), "{}", skipped.text);
        let pilots = world.someone(Role::LeadAgency, "89").get("/v1/pilots").await.ok();
        assert_eq!(pilots["items"], json!([]), "a draft opens no pilot");
        let application = format!("/v1/applications/{}", id_of(&applications[0]));
        let owner = world.cooperative(applications[0]["cooperative"].as_str().unwrap());
        owner.step(&application, "submissions", &json!({"submittedOn": "2021-06-15"})).await.refused(409, "wrong_state");
    }
}
