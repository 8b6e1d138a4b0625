//! Who answers for an evaluation, in which order its steps are dated, and under which set it is made.

use sarus::domain::role::Role;
use serde_json::json;

use crate::support::client::Client;
use crate::support::given_evaluations::{evaluation_path, new_evaluation};
use crate::support::given_pilots::{AGRICULTURE, TRANSPORT};
use crate::support::world::World;

/// A cooperative in Phú Tân (888), by its id.
async fn cooperative_in(world: &World, tax_code: &str) -> String {
    world.given_cooperative("888", tax_code).await["id"].as_str().unwrap().to_owned()
}

/// The steps that a client is allowed to take now.
async fn allowed(client: &Client, path: &str) -> Vec<String> {
    let actions = client.get(&format!("{path}/allowed-actions")).await.ok();
    let items = actions["items"].as_array().unwrap().iter();
    items.filter(|item| item["allowed"] == true).map(|item| item["step"].as_str().unwrap().to_owned()).collect()
}

scenario! {
    /// Agriculture is responsible for the pilots of the tests; transport is another department of the province.
    async fn a_department_verifies_and_judges_what_it_is_responsible_for(world) {
        let agriculture = world.agent(Role::LineDepartment, AGRICULTURE.parse().unwrap(), "snn");
        let transport = world.agent(Role::LineDepartment, TRANSPORT.parse().unwrap(), "sgtvt");
        let other = cooperative_in(&world, "0100233488").await;
        let pilot = world.given_pilot().await["cooperative"].as_str().unwrap().to_owned();
        for (id, year) in [(&other, 2020), (&pilot, 2021)] {
            let submitted = evaluation_path(&world.given_submitted_evaluation(id, year, 7_000).await);
            let step = |on: &str| json!({"confirmedOn": format!("{year}-12-{on}")});
            let refused = transport.step(&submitted, "confirmations", &step("20")).await.refused(409, "not_responsible");
            assert!(refused["detail"].as_str().unwrap().contains("nông nghiệp") || refused["detail"].as_str().unwrap().contains("Nông nghiệp"), "{refused}");
            let back = json!({"returnedOn": format!("{year}-12-20"), "reason": "Rà soát"});
            transport.step(&submitted, "returns", &back).await.refused(409, "not_responsible");
            assert_eq!(allowed(&transport, &submitted).await, [""; 0]);
            transport.post("/v1/evaluations", &new_evaluation(id, year, "verified", 6_900)).await.refused(409, "not_responsible");
            assert_eq!(agriculture.post("/v1/evaluations", &new_evaluation(id, year, "verified", 6_900)).await.created()["kind"], "verified");
            assert_eq!(agriculture.step(&submitted, "confirmations", &step("20")).await.ok()["state"], "confirmed");
        }
    }
}

scenario! {
    async fn a_final_evaluation_is_of_a_pilot_and_by_the_lead_of_its_plan(world) {
        let lead = world.someone(Role::LeadAgency, "89");
        let other = cooperative_in(&world, "0100233488").await;
        let refused = lead.post("/v1/evaluations", &new_evaluation(&other, 2023, "final", 8_250)).await.refused(409, "not_a_pilot");
        assert_eq!((&refused["inputs"]["cooperative"], &refused["rule"]), (&json!(other), &json!("not_a_pilot")));
        let pilot = world.given_pilot().await["cooperative"].as_str().unwrap().to_owned();
        assert_eq!(lead.post("/v1/evaluations", &new_evaluation(&pilot, 2023, "final", 8_250)).await.created()["kind"], "final");
    }
}

scenario! {
    /// The audit's case: endorsed in 2021, submitted in December 2020, confirmed in January 2020.
    async fn steps_bear_dates_in_their_order(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let (own, officer) = (world.cooperative(&id), world.someone(Role::Locality, "888"));
        let path = evaluation_path(&world.given_draft_evaluation(&id, 2020, 6_500).await);
        let endorse = |board: &str, on: &str| json!({"board": board, "opinion": "agreed", "endorsedOn": on});
        let early = own.step(&path, "endorsements", &endorse("board_of_directors", "2019-12-31")).await.refused(409, "step_predated");
        assert_eq!(early["inputs"], json!({"date": "2019-12-31", "earliest": "2020-01-01"}));
        for board in ["board_of_directors", "supervisory_board"] {
            own.step(&path, "endorsements", &endorse(board, "2021-06-01")).await.ok();
        }
        let submit = |on: &str| json!({"submittedOn": on});
        let refused = own.step(&path, "submissions", &submit("2020-12-12")).await.refused(409, "step_predated");
        assert_eq!(refused["inputs"]["earliest"], "2021-06-01");
        own.step(&path, "submissions", &submit("2021-06-02")).await.ok();
        let back = |on: &str| json!({"returnedOn": on, "reason": "Rà soát điểm tiêu chí 3"});
        officer.step(&path, "returns", &back("2021-06-01")).await.refused(409, "step_predated");
        officer.step(&path, "returns", &back("2021-06-10")).await.ok();
        own.step(&path, "submissions", &submit("2021-06-09")).await.refused(409, "step_predated");
        own.step(&path, "submissions", &submit("2021-06-11")).await.ok();
        let confirm = |on: &str| json!({"confirmedOn": on});
        officer.step(&path, "confirmations", &confirm("2020-01-20")).await.refused(409, "step_predated");
        officer.step(&path, "confirmations", &confirm("2021-06-10")).await.refused(409, "step_predated");
        assert_eq!(officer.step(&path, "confirmations", &confirm("2021-06-11")).await.ok()["state"], "confirmed");
    }
}

scenario! {
    /// A province's variant takes the place of the set that it varies.
    async fn the_base_set_is_refused_where_the_province_has_a_variant(world) {
        let base = world.someone(Role::Ministry, "").get("/v1/criteria-sets?code=TT01-2020").await.ok()["items"][0].clone();
        let variant = json!({
            "code": "TT01-2020-89", "province": "89", "name": base["name"], "legalBasis": "12/2021/QĐ-UBND", "validFrom": "2022-01-01",
            "criteria": base["criteria"],
        });
        let path = world.given_criteria_draft(&variant).await;
        let decision = json!({"validFrom": "2022-01-01", "activatedOn": "2022-01-10"});
        world.someone(Role::LeadAgency, "89").step(&path, "activations", &decision).await.ok();
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let answer = own.post("/v1/evaluations", &new_evaluation(&id, 2022, "self", 6_500)).await;
        let refused = answer.refused(400, "criteria_not_in_force");
        assert_eq!((answer.faults(), &refused["inputs"]["variant"]), (vec!["/criteriaSet criteria_not_in_force".to_owned()], &json!("TT01-2020-89")));
        let mut body = new_evaluation(&id, 2022, "self", 6_500);
        body["criteriaSet"] = json!("TT01-2020-89");
        assert_eq!(own.post("/v1/evaluations", &body).await.created()["criteriaSet"], "TT01-2020-89");
        // The year before and other provinces stay with the national set.
        own.post("/v1/evaluations", &new_evaluation(&id, 2021, "self", 6_500)).await.created();
    }
}
