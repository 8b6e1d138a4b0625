//! Every rule that can refuse does so through the API in some test, where the test client holds its inputs against the rule
//! table. Here stand the refusals that no resource's own tests meet.

use std::path::Path;

use sarus::domain::refusal::Rule;
use sarus::domain::role::Role;
use serde_json::json;

use crate::support::given_criteria::with_scales;
use crate::support::given_evaluations::new_evaluation;
use crate::support::given_pilots::pilot_path;

scenario! {
    async fn a_completion_is_not_shown_by_an_evaluation_that_was_not_sent(world) {
        let pilot = world.given_pilot().await;
        let lead = world.someone(Role::LeadAgency, "89");
        let draft = new_evaluation(pilot["cooperative"].as_str().unwrap(), 2023, "final", 8_250);
        let draft = lead.post("/v1/evaluations", &draft).await.created();
        let body = world.new_completion("2024-03-29", &draft).await;
        let refused = lead.step(&pilot_path(&pilot), "completions", &body).await.refused(409, "evaluation_not_counting");
        assert_eq!((&refused["inputs"]["kind"], &refused["inputs"]["state"]), (&json!("final"), &json!("draft")));
    }
}

scenario! {
    async fn a_scale_has_either_steps_or_a_line(world) {
        let mut set = with_scales();
        let criteria = &mut set["criteria"]["groups"][0]["criteria"];
        let line = criteria[1]["subCriteria"][0]["scale"]["forms"][0]["line"].clone();
        assert!(line.is_object());
        let form = &mut criteria[0]["subCriteria"][1]["scale"]["forms"][0];
        assert!(form["steps"].is_array());
        form["line"] = line;
        let answer = world.someone(Role::Administrator, "").post("/v1/criteria-sets", &set).await;
        let problem = answer.refused(400, "invalid_criteria_set");
        let fault = problem["errors"].as_array().unwrap().iter().find(|fault| fault["code"] == "invalid_scale").unwrap();
        assert_eq!(fault["inputs"]["criteriaSet"], set["code"]);
    }
}

scenario! {
    async fn points_are_no_finer_than_the_step_of_the_set(world) {
        let mut set = world.someone(Role::Ministry, "").get("/v1/criteria-sets?code=TT01-2020").await.ok()["items"][0].clone();
        set["criteria"]["pointsStep"] = json!("0.50");
        let next = json!({
            "code": "TT01-2020", "name": set["name"], "legalBasis": set["legalBasis"], "validFrom": "2022-01-01",
            "criteria": set["criteria"],
        });
        world.given_criteria(&next).await;
        let cooperative = world.given_cooperative("888", "1600000001").await["id"].as_str().unwrap().to_owned();
        let mut body = new_evaluation(&cooperative, 2022, "self", 6_500);
        body["scores"][0]["points"] = json!("1.25");
        let answer = world.cooperative(&cooperative).post("/v1/evaluations", &body).await;
        let problem = answer.refused(400, "invalid_scores");
        let fault = problem["errors"].as_array().unwrap().iter().find(|fault| fault["code"] == "points_step").unwrap();
        assert_eq!((&fault["pointer"], &fault["inputs"]["step"]), (&json!("/scores/0/points"), &json!("0.50")));
    }
}

scenario! {
    async fn a_period_that_has_not_begun_is_not_reported_on(world) {
        world.given_plan("89").await;
        let january = world.another_day("2023-01-10").await;
        let district = january.someone(Role::Locality, "888");
        let refused = district.post("/v1/periodic-reports", &json!({"period": "2023S2"})).await;
        assert_eq!(refused.refused(409, "period_not_begun")["inputs"]["begins"], "2023-06-15");
    }
}

/// What the tests of a folder say, this file and the tests of the rule book left out.
fn tests_in(folder: &Path) -> String {
    let mut texts = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.push_str(&tests_in(&path));
        } else if !["rules.rs"].contains(&path.file_name().unwrap().to_str().unwrap()) {
            texts.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    texts
}

/// A code that a test expects: `refused(409, "code")`, or a fault at its place, `"/pointer code"`, or found by it.
fn is_expected(tests: &str, code: &str) -> bool {
    let refused = [400, 409].iter().any(|status| tests.contains(&format!("refused({status}, \"{code}\")")));
    refused || tests.contains(&format!(" {code}\"")) || tests.contains(&format!("[\"code\"] == \"{code}\""))
}

/// Two the database alone reports, past the code; the form of an evaluation is complete, so the third is never met by a
/// request. The tests that the rule book names hold their inputs.
const BY_NO_REQUEST: [Rule; 3] = [Rule::StillReferenced, Rule::BooksKept, Rule::BaselineMissing];

#[test]
fn every_rule_refuses_through_the_api_in_some_test() {
    let tests = tests_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api"));
    let unmet: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !BY_NO_REQUEST.contains(rule) && !is_expected(&tests, rule.code()))
        .map(|rule| rule.code())
        .collect();
    assert!(unmet.is_empty(), "no test of the API is refused by: {unmet:?}");
    assert!(!is_expected(&tests, &["no", "such", "rule"].join("_")));
}

#[test]
fn every_rule_declares_the_inputs_of_its_refusals() {
    let without: Vec<_> = Rule::ALL.iter().filter(|rule| rule.inputs().is_empty()).map(|rule| rule.code()).collect();
    assert!(without.is_empty(), "{without:?}");
}
