//! One rule for drafts: what is being written is seen on the side that writes it and by who decides on it there; for everybody
//! else it is not there, neither by its address nor in a list.

use sarus::domain::role::Role;
use serde_json::json;

use crate::support::client::Client;
use crate::support::given_budget::{AGRICULTURE, allocation_path, entry, line_of};
use crate::support::given_evaluations::new_evaluation;
use crate::support::given_improvement::{BASELINE_OF_68, changed, improvement_path, new_improvement_plan, new_loan};
use crate::support::given_needs::{NEEDS, needed};
use crate::support::given_pilots::{SCHEME, TRANSPORT, application_path, decision_path};
use crate::support::given_plans::{new_plan, plan_path};

/// Asserts who finds a draft, by its address and in its list.
async fn assert_seen(path: &str, by: &[(&str, &Client)], not_by: &[(&str, &Client)]) {
    let (list, id) = path.rsplit_once('/').unwrap();
    for (sees, who) in by.iter().map(|who| (true, who)).chain(not_by.iter().map(|who| (false, who))) {
        let (name, client) = who;
        let found = client.get(path).await.status;
        assert_eq!(found, if sees { 200 } else { 404 }, "{name} {path}");
        let page = client.get(&format!("{list}?limit=200")).await.ok();
        let listed = page["items"].as_array().unwrap().iter().any(|item| item["id"] == id);
        assert_eq!(listed, sees, "{name} lists {path}");
    }
}

scenario! {
    async fn drafts_are_seen_on_the_side_that_writes_them(world) {
        let pilot = world.given_pilot().await;
        let cooperative = pilot["cooperative"].as_str().unwrap().to_owned();
        let own = world.cooperative(&cooperative);
        let lead = world.someone(Role::LeadAgency, "89");
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let locality = world.someone(Role::Locality, "888");
        let ministry = world.someone(Role::Ministry, "");
        let department = world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
        let (own, lead, committee) = (("own", &own), ("lead", &lead), ("committee", &committee));
        let (locality, ministry, department) = (("locality", &locality), ("ministry", &ministry), ("department", &department));
        let agencies = [lead, committee, locality, ministry, department];

        // What a cooperative writes is its own until it is sent.
        let applicant = world.given_applicant("1600000077").await;
        let application = world.given_draft_application(&applicant).await;
        assert_seen(&application_path(&application), &[("applicant", &world.cooperative(&applicant))], &[&agencies[..], &[own]].concat()).await;
        let need = json!({"pilot": pilot["id"], "items": [needed("training", "recurrent", &[(2022, 2)])]});
        let need = own.1.post(NEEDS, &need).await.location();
        assert_seen(&need, &[own], &agencies).await;
        own.1.step(&need, "submissions", &json!({"submittedOn": "2022-01-15"})).await.ok();
        assert_seen(&need, &[own, lead, committee, locality, department], &[]).await;
        let evaluation = format!("/v1/evaluations/{}", world.given_draft_evaluation(&cooperative, 2022, 7_000).await["id"].as_str().unwrap());
        assert_seen(&evaluation, &[own], &agencies).await;

        // What an agency writes is seen by the agencies on its level and above within the province.
        let verified = locality.1.post("/v1/evaluations", &new_evaluation(&cooperative, 2022, "verified", 6_900)).await.location();
        assert_seen(&verified, &[locality, lead, committee, department], &[own]).await;
        let of_province = [lead, committee, department];
        let last = lead.1.post("/v1/evaluations", &new_evaluation(&cooperative, 2022, "final", 6_800)).await.location();
        assert_seen(&last, &of_province, &[own, locality]).await;
        let mut plan = new_plan("89");
        plan["decisionNumber"] = json!("2130/QĐ-UBND");
        let plan = lead.1.post("/v1/provincial-plans", &plan).await.location();
        assert_seen(&plan, &of_province, &[own, locality]).await;
        let applied = world.given_application(&world.given_applicant("1600000078").await).await;
        let decision = world.given_draft_decision("99/QĐ-UBND", std::slice::from_ref(&applied)).await;
        assert_seen(&decision_path(&decision), &of_province, &[own, locality]).await;
        let amendment = json!({
            "decision": pilot["decision"], "number": "415/QĐ-UBND", "date": "2022-03-01", "signatory": "Nguyễn Thanh Bình",
            "reason": "Điều chỉnh danh sách", "additions": [], "removals": [],
            "reassignments": [{"application": pilot["application"], "responsibleDepartment": TRANSPORT}],
        });
        let amendment = lead.1.post("/v1/selection-amendments", &amendment).await.location();
        assert_seen(&amendment, &of_province, &[own, locality]).await;
        let condition = json!({
            "province": "89", "scheme": SCHEME, "code": "T1", "kind": "attested", "text": {"vi": "Tỷ lệ cung ứng", "en": "Share of supply"},
            "decisionNumber": "10/QĐ-UBND", "decisionDate": "2021-07-01", "article": "Điều 2", "validFrom": "2021-07-05",
        });
        let condition = lead.1.post("/v1/provincial-conditions", &condition).await.location();
        assert_seen(&condition, &of_province, &[own, locality]).await;
        let standing = world.given_standing_plan().await;
        assert_seen(&plan_path(&standing), &[own, locality, lead, committee, department], &[]).await;
        let line = line_of(&standing, "recurrent_support");
        let mut of_pilot = entry(&line, 100);
        of_pilot["pilot"] = pilot["id"].clone();
        let allocation = world.given_allocation_draft(&standing, "1/QĐ-UBND", &[of_pilot]).await;
        assert_seen(&allocation_path(&allocation), &of_province, &[own, locality]).await;
        let change = json!({
            "plan": standing["id"], "decisionNumber": "2/QĐ-UBND", "decisionDate": "2022-07-10", "reason": "Điều chỉnh",
            "lines": [{"line": line, "amount": "5000000000"}],
            "newLines": [{"category": "recurrent_support", "fiscalYear": 2023, "amount": "60000000"}],
        });
        let change = lead.1.post("/v1/budget-amendments", &change).await.location();
        assert_seen(&change, &of_province, &[own, locality]).await;
        let alliance = world.someone(Role::CooperativeAlliance, "89");
        let loan = alliance.post("/v1/loans?draft=true", &new_loan(&pilot)).await.location();
        assert_seen(&loan, &of_province, &[own, locality]).await;

        // 2129/QĐ-UBND VI.2.1: the draft of an improvement plan is reviewed before it is signed.
        let baseline = world.given_scored_evaluation(&cooperative, 2021, &changed(&BASELINE_OF_68, &[])).await;
        let improvement = own.1.post("/v1/improvement-plans", &new_improvement_plan(&pilot, &baseline)).await.created();
        assert_seen(&improvement_path(&improvement), &[own, lead, department, locality, ("alliance", &alliance)], &[]).await;
    }
}
