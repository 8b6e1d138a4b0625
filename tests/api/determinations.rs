//! Determinations: a verdict is kept with what it was made on, and comes out the same again, whatever its kind.

use sarus::domain::digest::digest;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_improvement::{BASELINE_OF_68, changed, improvement_path, new_approval};
use crate::support::given_pilots::{SCHEME, application_path, id_of};

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
        let body = json!({"kind": "eligibility", "of": applications[0]["id"], "at": "2021-08-20"});
        let answer = lead.post("/v1/determinations", &body).await;
        let (path, made) = (answer.location(), answer.created());
        assert_eq!(lead.get(&path).await.ok(), made);
        let lost = json!({"kind": "rating", "of": "01900000-0000-7000-8000-000000000000", "at": "2999-01-01"});
        let due = ["/at date_in_future", "/of unknown_reference"];
        assert_eq!(lead.post("/v1/determinations", &lost).await.faults(), due);
        assert_eq!((&made["occasion"], &made["at"], &made["overall"]), (&json!("request"), &json!("2021-08-20"), &json!("met")));
        assert_eq!((&made["kind"], &made["of"], &made["result"]["overall"]), (&json!("eligibility"), &applications[0]["id"], &json!("met")));
        assert_eq!(made["inputsDigest"], digest(&made["inputs"]));
        assert_eq!(made["resultDigest"], digest(&made["result"]));
        let facts = &made["inputs"]["facts"];
        assert_eq!((&facts["governingLaw"], facts["profits"].as_array().unwrap().len()), (&json!("law_2012"), 3));
        assert_eq!((&facts["evaluations"][0]["total"], &facts["evaluations"][0]["kind"]), (&json!("65.00"), &json!("self")));

        let id = applications[0]["id"].as_str().unwrap();
        let all = listed(&lead, &format!("of={id}")).await;
        let told: Vec<_> = all.iter().map(|made| (made["occasion"].as_str().unwrap(), made["at"].as_str().unwrap())).collect();
        assert_eq!(told, [("submission", "2021-08-02"), ("selection", "2021-09-15"), ("request", "2021-08-20")]);
        let of_decision = listed(&lead, &format!("decision={}", id_of(&decision))).await;
        assert_eq!(of_decision.len(), 2);
        assert!(of_decision.iter().all(|made| made["decision"] == decision["id"] && made["result"]["overall"] == "met"));
        assert_eq!(listed(&lead, "kind=eligibility&occasion=submission&overall=met&province=89").await.len(), 2);
        assert_eq!(listed(&lead, "overall=not_met").await.len(), 0);
    }
}

scenario! {
    /// The same inputs give the same bytes, years later; today's show what is different.
    async fn a_replay_gives_the_same_bytes_or_shows_what_differs(world) {
        let application = world.given_applications(1, 1).await.remove(0);
        let cooperative = application["cooperative"].as_str().unwrap();
        let lead = world.someone(Role::LeadAgency, "89");
        let first = listed(&lead, "kind=eligibility").await.remove(0);
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
        assert_eq!(listed(&lead, "kind=eligibility").await.len(), 1);
    }
}

scenario! {
    async fn determinations_stay_within_reach_and_bad_input_is_named(world) {
        let application = world.given_applications(1, 1).await.remove(0);
        let lead = world.someone(Role::LeadAgency, "89");
        let made = listed(&lead, "kind=eligibility").await.remove(0);
        let path = format!("/v1/determinations/{}", id_of(&made));
        let own = world.cooperative(application["cooperative"].as_str().unwrap());
        assert_eq!(own.get(&path).await.ok(), made);
        assert_eq!(world.someone(Role::Inspectorate, "89").post(&format!("{path}/replays"), &json!({})).await.ok()["same"], true);
        for (role, unit) in [(Role::LeadAgency, "01"), (Role::Locality, "883")] {
            let outside = world.someone(role, unit);
            outside.get(&path).await.refused(404, "not_found");
            outside.post(&format!("{path}/replays"), &json!({})).await.refused(404, "not_found");
            assert_eq!(listed(&outside, "").await.len(), 0);
            for (kind, of) in [("eligibility", "id"), ("classification", "cooperative")] {
                let body = json!({"kind": kind, "of": application[of]});
                assert_eq!(outside.post("/v1/determinations", &body).await.faults(), ["/of unknown_reference"]);
            }
        }
        own.post("/v1/determinations", &json!({"kind": "eligibility", "of": application["id"]})).await.refused(403, "forbidden");
        lead.post("/v1/determinations", &json!({"kind": "eligibility", "of": application["id"], "at": "2999-01-01"})).await.refused(400, "date_in_future");
        lead.post("/v1/determinations", &json!({"at": "yesterday"})).await.refused(400, "invalid_body");
        // A record of another kind is none of this kind.
        let mixed = json!({"kind": "exit", "of": application["id"]});
        assert_eq!(lead.post("/v1/determinations", &mixed).await.faults(), ["/of unknown_reference"]);
        lead.post(&format!("{path}/replays"), &json!({"on": "moon"})).await.refused(400, "invalid_body");
        lead.get(&format!("{}/eligibility?at=soon", application_path(&application))).await.refused(400, "invalid_query");
        // Before the scheme begins nothing is asked: that is said, and no rules are shown that are not in force.
        let before = lead.get(&format!("{}/eligibility?at=2021-02-02", application_path(&application))).await.ok();
        assert_eq!((&before["overall"], &before["conditions"], &before["priorities"]), (&json!("unknown"), &json!([]), &json!([])));
        assert_eq!(before["missing"]["en"], "No conditions of the scheme QD167-2021-2025 are in force on 2021-02-02.");
        assert!(before.get("rulesValidFrom").is_none(), "{before}");
        let first = lead.get(&format!("{}/eligibility?at=2021-02-03", application_path(&application))).await.ok();
        assert!(first["rulesValidFrom"] == "2021-02-03" && first.get("missing").is_none(), "{first}");
    }
}

/// Replays a determination on what is kept: the same bytes. Gives it back.
async fn replayed(client: &Client, made: &Value) -> Value {
    let path = format!("/v1/determinations/{}/replays", id_of(made));
    let again = client.post(&path, &json!({})).await.ok();
    assert_eq!((&again["same"], &again["differences"]), (&json!(true), &json!([])), "{again}");
    assert_eq!(again["result"].to_string(), made["result"].to_string());
    assert_eq!((&again["resultDigest"], &again["inputsDigest"]), (&made["resultDigest"], &made["inputsDigest"]));
    assert_eq!(
        (&made["inputsDigest"], &made["resultDigest"]),
        (&json!(digest(&made["inputs"])), &json!(digest(&made["result"])))
    );
    client.post(&path, &json!({"on": "current"})).await.ok()
}

/// The identifiers, verdicts and articles of a verdict's answers, each with a version and inputs.
fn told(result: &Value) -> Vec<(&str, &str, &str)> {
    fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
        answer[name].as_str().unwrap()
    }
    let answers = result["answers"].as_array().unwrap();
    for answer in answers {
        assert!(answer["version"]["of"].is_string() && !answer["inputs"].as_array().unwrap().is_empty(), "{answer}");
    }
    answers.iter().map(|one| (text(one, "ruleId"), text(one, "verdict"), text(one, "legalBasis"))).collect()
}

scenario! {
    /// A rating is kept when the evaluation is sent and when it is confirmed; what the register learns later shows as a
    /// difference and changes nothing.
    async fn a_rating_is_kept_with_its_inputs_and_replayed(world) {
        let cooperative = id_of(&world.given_cooperative("888", "0100233488").await);
        let evaluation = world.given_verified_evaluation(&cooperative, "888", 2020, 6_500).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let kept = listed(&lead, &format!("kind=rating&of={}", id_of(&evaluation))).await;
        let occasions: Vec<_> = kept.iter().map(|made| made["occasion"].as_str().unwrap()).collect();
        assert_eq!(occasions, ["submission", "confirmation"]);
        let made = &kept[1];
        assert_eq!((&made["overall"], &made["inputs"]["criteria"]["code"]), (&json!("fair"), &json!("TT01-2020")));
        let basis = "01/2020/TT-BKHĐT";
        assert_eq!(told(&made["result"]), [("not_rated", "rated", basis), ("rating", "fair", basis)]);
        // The evaluation says the same of itself.
        let shown = lead.get(&format!("/v1/evaluations/{}", id_of(&evaluation))).await.ok();
        assert_eq!(shown["answers"], made["result"]["answers"]);
        let current = replayed(&lead, made).await;
        assert_eq!(current["result"], made["result"]);
        // An interruption of four months becomes known: on today's facts there is no rating.
        let stop = json!({"fromDate": "2020-02-01", "toDate": "2020-05-31", "reason": "Dịch bệnh (dữ liệu mẫu)"});
        world.someone(Role::Locality, "888").step(&format!("/v1/cooperatives/{cooperative}"), "interruptions", &stop).await.ok();
        let current = replayed(&lead, made).await;
        assert_eq!((&current["same"], &current["result"]["overall"]), (&json!(false), &json!("stopped_too_long")));
        assert!(pointers(&current).iter().any(|pointer| pointer.starts_with("/inputs/operation/interruptions")));
        let body = json!({"kind": "rating", "of": evaluation["id"]});
        let asked = lead.post("/v1/determinations", &body).await.created();
        assert_eq!((&asked["occasion"], &asked["resultDigest"]), (&json!("request"), &made["resultDigest"]));
    }
}

scenario! {
    /// The two requirements for leaving the scheme, each by itself, with the plan and the evaluation they rest on.
    async fn an_exit_is_kept_with_its_inputs_and_replayed(world) {
        let plan = world.given_improvement_plan().await;
        let cooperative = plan["cooperative"].as_str().unwrap();
        let lead = world.someone(Role::LeadAgency, "89");
        let body = json!({"kind": "exit", "of": plan["pilot"], "at": "2021-12-31"});
        let made = lead.post("/v1/determinations", &body).await.created();
        let basis = "2129/QĐ-UBND VI.2.1";
        assert_eq!(told(&made["result"]), [("exit_total", "not_met", basis), ("exit_criteria", "met", basis)]);
        assert_eq!((&made["overall"], &made["inputs"]["plan"]["id"]), (&json!("not_met"), &plan["id"]));
        // Golden case 6: 82 are enough, but criterion 7 fell from 4 to 3.
        let scores = changed(&BASELINE_OF_68, &[("7a", 1), ("10", 40), ("9", 3)]);
        world.given_scored_evaluation(cooperative, 2022, &scores).await;
        let current = replayed(&lead, &made).await;
        assert_eq!(told(&current["result"]), [("exit_total", "met", basis), ("exit_criteria", "not_met", basis)]);
        assert!(pointers(&current).contains(&"/inputs/evaluation/id"));
        let progress = lead.get(&format!("/v1/improvement-plans/{}/progress", id_of(&plan))).await.ok();
        for (verdict, rule) in [("totalVerdict", "exit_total"), ("criteriaVerdict", "exit_criteria")] {
            assert_eq!((&progress[verdict]["ruleId"], &progress[verdict]["version"]["of"]), (&json!(rule), &json!(SCHEME)));
            assert!(!progress[verdict]["inputs"].as_array().unwrap().is_empty());
        }
    }
}

scenario! {
    /// The plan that was approved by the day decides, and what it was to improve cannot be revised away.
    async fn a_criterion_that_a_revision_drops_still_counts_for_the_exit(world) {
        let plan = world.given_improvement_plan().await;
        let (path, cooperative) = (improvement_path(&plan), plan["cooperative"].as_str().unwrap());
        let own = world.cooperative(cooperative);
        let lead = world.someone(Role::LeadAgency, "89");
        // Criterion 7 fell from 4 to 3; the cooperative then revises its plan so that it is not to be improved any more.
        let scores = changed(&BASELINE_OF_68, &[("7a", 1), ("10", 40), ("9", 3)]);
        world.given_scored_evaluation(cooperative, 2022, &scores).await;
        let revised = own.step(&path, "revisions", &json!({"reason": "Điều chỉnh tiêu chí"})).await.ok();
        let next = format!("/v1/improvement-plans/{}", revised["nextRevision"].as_str().unwrap());
        let criteria = json!([
            {"criterion": "3", "toImprove": true, "target": "11.00"}, {"criterion": "7", "toImprove": false},
            {"criterion": "10", "toImprove": true, "target": "34.00"},
        ]);
        let measures = json!([{"title": "Kiểm toán độc lập hằng năm", "area": "accounting", "dueDate": "2022-12-31", "responsible": "Kế toán trưởng"}]);
        let draft = own.seen("\"1\"").patch(&next, &json!({"criteria": criteria, "measures": measures})).await.ok();
        let submitted = world.given_submission_of(&draft).await;
        world.given_consolidation_of(&[&submitted]).await;
        let mut approval = new_approval(&submitted);
        approval["decisionDate"] = json!("2023-02-01");
        let second = world.someone(Role::PeoplesCommittee, "89").step(&next, "approvals", &approval).await.ok();
        let exit = |at: &'static str| json!({"kind": "exit", "of": plan["pilot"], "at": at});
        let seventh = json!([{"criterion": 7, "points": "4.00"}]);
        for (at, by, dropped) in [("2023-01-31", &plan, json!(null)), ("2023-02-01", &second, seventh)] {
            let made = lead.post("/v1/determinations", &exit(at)).await.created();
            assert_eq!((&made["inputs"]["plan"]["id"], &made["inputs"]["plan"]["dropped"]), (&by["id"], &dropped), "{at}");
            assert_eq!(made["result"]["answers"][1]["verdict"], "not_met", "{at}");
            replayed(&lead, &made).await;
        }
        assert_eq!(lead.post("/v1/determinations", &exit("2021-11-04")).await.created()["inputs"].get("plan"), None);
        let progress = own.get(&format!("{next}/progress")).await.ok();
        assert_eq!((&progress["exitMet"], &progress["criteriaVerdict"]["outcome"]), (&json!(false), &json!("not_met")));
        assert!(progress["criteriaVerdict"]["statement"]["vi"].as_str().unwrap().contains("vẫn tính"), "{progress}");
    }
}

scenario! {
    async fn a_rating_is_of_the_day_on_which_its_register_was_read(world) {
        let cooperative = id_of(&world.given_cooperative("888", "0100233488").await);
        let evaluation = world.given_submitted_evaluation(&cooperative, 2020, 7_000).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let rating = |at: Option<&str>| json!({"kind": "rating", "of": evaluation["id"], "at": at.unwrap_or("2025-02-20")});
        let refused = lead.post("/v1/determinations", &rating(Some("2021-01-01"))).await.refused(400, "cannot_change");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["inputs"]["kept"]), (&json!("/at"), &json!("2025-02-20")));
        assert_eq!(lead.post("/v1/determinations", &rating(None)).await.created()["at"], "2025-02-20");
    }
}

scenario! {
    /// Classes by the rules of a day: the same cooperative is classed by members before November 2024 and by size after.
    async fn classes_are_kept_with_the_rules_of_the_day_and_replayed(world) {
        let cooperative = id_of(&world.given_cooperative("888", "0100233488").await);
        let figures = json!({"status": "final", "members": 250, "revenue": "12000000000", "totalCapital": "9000000000"});
        let own = world.cooperative(&cooperative);
        own.with("if-none-match", "*").put(&format!("/v1/cooperatives/{cooperative}/annual-figures/2023"), &figures).await.created();
        let lead = world.someone(Role::LeadAgency, "89");
        for (at, dimension, class, rule) in [("2024-10-31", "members", "small", "TT01-2020"), ("2024-11-01", "size", "medium", "ND113-2024")] {
            let body = json!({"kind": "classification", "of": cooperative, "at": at});
            let made = lead.post("/v1/determinations", &body).await.created();
            let of = |answer: &&Value| answer["inputs"][0]["value"] == dimension;
            let answer = made["result"]["answers"].as_array().unwrap().iter().find(of).unwrap();
            assert_eq!((&answer["ruleId"], &answer["verdict"]), (&json!("classification"), &json!("classified")));
            assert_eq!(answer["inputs"][1], json!({"name": "class", "value": class}));
            assert!(answer["version"]["of"].as_str().unwrap().starts_with(rule), "{answer}");
            replayed(&lead, &made).await;
        }
        let rules = lead.get("/v1/classification-rules?at=2024-11-01&dimension=size").await.ok();
        assert_eq!((&rules["items"][0]["validFrom"], rules["items"].as_array().unwrap().len()), (&json!("2024-11-01"), 1));
        assert_eq!(lead.get("/v1/classification-rules?at=2024-10-31&dimension=size").await.ok()["items"], json!([]));
        let book = lead.get("/v1/rules/classification?at=2021-09-15").await.ok();
        let found = book["parameters"].as_array().unwrap().iter().find(|one| one["name"] == "classes.members.small").unwrap();
        assert_eq!(found["value"], "50 ≤ members ≤ 300");
    }
}
