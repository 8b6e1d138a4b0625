//! Evaluations whose points a scale computes from figures, sets of their own rule, comparisons and trials.

use sarus::domain::role::Role;
use sarus::store::evaluations::counting;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_criteria::{tt09, with_scales};
use crate::support::given_evaluations::{evaluation_path, new_evaluation, score, scores_of};
use crate::support::given_improvement::{improvement_path, new_improvement_plan};
use crate::support::given_pilots::{AGRICULTURE, pilot_path};
use crate::support::world::World;

async fn cooperative_in(world: &World, tax_code: &str) -> String {
    world.given_cooperative("888", tax_code).await["id"].as_str().unwrap().to_owned()
}

/// Figures that bring, under the sample scales: 1a 3.00, 1b 1.00, 2a 2.50, 2b 0.00, 3a 1.00, 3b 2.00, 3c 2.00,
/// 4a 2.00, 4b 0.00, 4c 0.80, 7a 1.60, 7b 0.80, 7c 1.33: 18.03 in all.
fn figures_of(year: u16) -> Value {
    let capital = if year == 2020 { "1500000000" } else { "2500000000" };
    json!({
        "status": "final", "managers": 5, "managersWithDegree": 2, "managersTrained": 1, "managersYoung": 1,
        "totalCapital": capital, "indivisibleAssets": "1000000000", "revenue": "5000000000",
        "suppliedToMembers": "1500000000", "profitBeforeTax": "100000000", "incomeAfterTax": "100000000",
        "developmentFund": "20000000", "reserveFund": "4999999", "otherFunds": "2000000", "memberSupply": "production",
    })
}

async fn declare(own: &Client, id: &str, year: u16, figures: &Value) {
    own.with("if-none-match", "*")
        .put(&format!("/v1/cooperatives/{id}/annual-figures/{year}"), figures)
        .await
        .created();
}

/// The leaves without a scale, at 5.00 points or their maximum: 8 + 6 + 6 + 4 of group II and 30 of group III, 54.00.
fn entered() -> Vec<Value> {
    let leaves = ["5", "6", "8", "9", "10", "11", "12", "13", "14", "15"];
    let points = ["8.00", "6.00", "6.00", "4.00", "5.00", "5.00", "5.00", "5.00", "5.00", "5.00"];
    leaves.into_iter().zip(points).map(|(code, points)| score(code, points)).collect()
}

fn computed_evaluation(id: &str, kind: &str, scores: &[Value]) -> Value {
    json!({"cooperative": id, "year": 2021, "kind": kind, "criteriaSet": "MAU-2021", "scores": scores})
}

fn points_of(evaluation: &Value, code: &str) -> Value {
    let scores = evaluation["scores"].as_array().unwrap();
    scores.iter().find(|score| score["criterion"] == code).unwrap().clone()
}

scenario! {
    async fn points_are_computed_from_the_declared_figures_and_explained(world) {
        world.given_criteria(&with_scales()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let body = computed_evaluation(&id, "self", &entered());
        // Which figure is missing is said, not guessed.
        declare(&own, &id, 2021, &figures_of(2021)).await;
        let answer = own.post("/v1/evaluations", &body).await;
        answer.refused(400, "invalid_scores");
        assert_eq!(answer.faults(), vec!["/scores figures_missing"; 4]);
        assert!(answer.text.contains("Không tính được điểm tiêu chí 1a: thiếu tổng nguồn vốn năm 2020."), "{}", answer.text);

        declare(&own, &id, 2020, &figures_of(2020)).await;
        let made = own.post("/v1/evaluations", &body).await.created();
        assert_eq!((&made["total"], &made["rating"]), (&json!("72.03"), &json!("fair")));
        let expected = [("1a", "3.00"), ("1b", "1.00"), ("2a", "2.50"), ("2b", "0.00"), ("3a", "1.00"), ("3b", "2.00"),
            ("3c", "2.00"), ("4a", "2.00"), ("4b", "0.00"), ("4c", "0.80"), ("7a", "1.60"), ("7b", "0.80"), ("7c", "1.33")];
        for (code, points) in expected {
            assert_eq!(points_of(&made, code), json!({"criterion": code, "points": points, "computed": points}), "{code}");
        }
        let explained = &made["explanation"]["groups"][0]["criteria"][0]["scored"][0]["computation"];
        assert_eq!((&explained["indicator"], &explained["value"], &explained["unit"]), (&json!("average_total_capital"), &json!("2000000000.00"), &json!("dong")));
        assert_eq!(explained["step"], json!({"range": {"from": "1000000000", "fromIncluded": true, "to": "3000000000", "toIncluded": false}, "points": "3.00"}));
        let used = json!({"figure": "totalCapital", "year": 2020, "basis": "declared", "value": "1500000000", "recordedBy": format!("cooperative@{id}")});
        assert_eq!(explained["figures"][0], used);
        assert_eq!(explained["legalBasis"], "dữ liệu mẫu");
        let line = &made["explanation"]["groups"][0]["criteria"][3]["scored"][2]["computation"];
        assert_eq!((&line["value"], &line["line"]["toPoints"], &line["points"]), (&json!("2.00"), &json!("2.00"), &json!("0.80")));
    }
}

scenario! {
    /// A growth of one đồng is above zero, and shown so; a loss of one is not shown as more than it is.
    async fn the_value_that_is_shown_lies_in_the_step_that_is_shown(world) {
        world.given_criteria(&with_scales()).await;
        for (tax_code, then, now, value, points) in [
            ("0100233488", "3000000000", "3000000001", "0.00000003", "0.50"),
            ("0100233495", "3000000001", "3000000000", "0.00", "0.00"),
            ("0100233502", "3000000000", "3000000000", "0.00", "0.00"),
        ] {
            let id = cooperative_in(&world, tax_code).await;
            let own = world.cooperative(&id);
            for (year, capital) in [(2020, then), (2021, now)] {
                let mut figures = figures_of(year);
                figures["totalCapital"] = json!(capital);
                declare(&own, &id, year, &figures).await;
            }
            let made = own.post("/v1/evaluations", &computed_evaluation(&id, "self", &entered())).await.created();
            let growth = &made["explanation"]["groups"][0]["criteria"][0]["scored"][1]["computation"];
            assert_eq!((&growth["value"], &growth["points"]), (&json!(value), &json!(points)), "{growth}");
        }
    }
}

scenario! {
    async fn a_computed_point_is_overridden_only_with_a_reason_and_both_are_shown(world) {
        world.given_criteria(&with_scales()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        for year in [2020, 2021] {
            declare(&own, &id, year, &figures_of(year)).await;
        }
        let with = |extra: Value| {
            let scores: Vec<Value> = entered().into_iter().chain([extra]).collect();
            computed_evaluation(&id, "self", &scores)
        };
        let bare = own.post("/v1/evaluations", &with(score("1a", "6.00"))).await;
        assert_eq!(bare.faults(), ["/scores/10/overrideReason override_unreasoned"]);
        let same = json!({"criterion": "1a", "points": "3.00", "overrideReason": "như đã tính"});
        assert_eq!(own.post("/v1/evaluations", &with(same)).await.faults(), ["/scores/10/overrideReason override_unneeded"]);
        let unscaled = json!({"criterion": "5", "points": "8.00", "overrideReason": "không có thang"});
        let mut scores = entered();
        scores[0] = unscaled;
        let answer = own.post("/v1/evaluations", &computed_evaluation(&id, "self", &scores)).await;
        assert_eq!(answer.faults(), ["/scores/0/overrideReason override_unneeded"]);

        let reason = "Vốn bình quân theo kiểm toán (dữ liệu mẫu)";
        let document = json!({"title": "Báo cáo kiểm toán (dữ liệu mẫu)", "number": "12/BC"});
        let body = with(json!({"criterion": "1a", "points": "4.50", "overrideReason": reason, "document": document}));
        let made = own.post("/v1/evaluations", &body).await;
        let (path, made) = (made.location(), made.created());
        assert_eq!(points_of(&made, "1a"), json!({"criterion": "1a", "points": "4.50", "computed": "3.00", "overrideReason": reason, "document": document}));
        assert_eq!(made["total"], "73.53");
        let scored = &made["explanation"]["groups"][0]["criteria"][0]["scored"][0];
        assert_eq!((&scored["overrideReason"], &scored["computation"]["points"], &scored["document"]), (&json!(reason), &json!("3.00"), &document));
        // A patch of something else keeps the override and computes the rest again.
        let patched = own.seen("\"1\"").patch(&path, &json!({"criteriaSet": "MAU-2021"})).await.ok();
        assert_eq!((&patched["total"], &patched["contentHash"]), (&json!("73.53"), &made["contentHash"]));
    }
}

scenario! {
    /// The boards agree to points; when the figures change they are not what the figures bring any more.
    async fn points_that_the_figures_no_longer_bring_are_not_sent(world) {
        world.given_criteria(&with_scales()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        for year in [2020, 2021] {
            declare(&own, &id, year, &figures_of(year)).await;
        }
        let path = own.post("/v1/evaluations", &computed_evaluation(&id, "self", &entered())).await.location();
        let endorse = async || {
            for board in ["board_of_directors", "supervisory_board"] {
                let body = json!({"board": board, "opinion": "agreed", "endorsedOn": "2021-12-10"});
                own.step(&path, "endorsements", &body).await.ok();
            }
        };
        endorse().await;
        let figures = format!("/v1/cooperatives/{id}/annual-figures/2021");
        let etag = own.get(&figures).await.ok_etag();
        let mut better = figures_of(2021);
        better["profitBeforeTax"] = json!("500000000");
        own.seen(&etag).put(&figures, &better).await.ok();
        let submit = json!({"submittedOn": "2021-12-12"});
        let problem = own.step(&path, "submissions", &submit).await.refused(409, "figures_changed");
        assert_eq!(problem["detail"], "Số liệu đã thay đổi từ khi tính điểm (tiêu chí 3c: 2.00 → 4.00); hãy sửa để tính lại.");
        let etag = own.get(&path).await.ok_etag();
        let edited = own.seen(&etag).patch(&path, &json!({"scores": entered()})).await.ok();
        assert_eq!((&edited["total"], &edited["endorsements"]), (&json!("74.03"), &json!([])));
        own.step(&path, "submissions", &submit).await.refused(409, "endorsement_missing");
        endorse().await;
        assert_eq!(own.step(&path, "submissions", &submit).await.ok()["state"], "submitted");
    }
}

scenario! {
    /// Neither overwrites the other: an agency computes from what was verified, the cooperative from what it declared.
    async fn self_and_verified_evaluations_rest_on_their_own_figures_and_are_compared(world) {
        world.given_criteria(&with_scales()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let (own, officer) = (world.cooperative(&id), world.someone(Role::Locality, "888"));
        for year in [2020, 2021] {
            declare(&own, &id, year, &figures_of(year)).await;
        }
        declare(&officer, &id, 2021, &json!({"status": "final", "profitBeforeTax": "0", "members": 120})).await;
        let own_path = own.post("/v1/evaluations", &computed_evaluation(&id, "self", &entered())).await.location();
        let verified = officer.post("/v1/evaluations", &computed_evaluation(&id, "verified", &entered())).await;
        assert_eq!(points_of(&verified.created(), "3c")["points"], "0.00");
        // Where nothing was verified the declared figure counts, and the explanation says so.
        let capital = &verified.created()["explanation"]["groups"][0]["criteria"][0]["scored"][0]["computation"]["figures"][1];
        assert_eq!((&capital["basis"], &capital["value"]), (&json!("declared"), &json!("2500000000")));
        let profit = &verified.created()["explanation"]["groups"][0]["criteria"][2]["scored"][2]["computation"]["figures"][0];
        assert_eq!(profit["basis"], "verified");

        let compared = officer.get(&format!("{}/comparisons?with=self", verified.location())).await.ok();
        let one = &compared["comparisons"][0];
        assert_eq!((&one["with"], &one["sameCriteria"], &one["difference"]), (&json!("self"), &json!(true), &json!("-2.00")));
        assert_eq!((&one["before"]["total"], &compared["after"]["total"]), (&json!("72.03"), &json!("70.03")));
        let moved: Vec<_> = one["criteria"].as_array().unwrap().iter().filter(|one| one["difference"] != "0.00").collect();
        assert_eq!(moved, [&json!({"criterion": "3c", "before": "2.00", "after": "0.00", "difference": "-2.00"})]);
        assert_eq!(compared["absent"], json!([]));
        let all = own.get(&format!("{own_path}/comparisons")).await.ok();
        assert_eq!(all["absent"], json!(["previous_year", "final", "baseline"]));
        world.cooperative(&cooperative_in(&world, "0314409058").await).get(&format!("{own_path}/comparisons")).await.refused(404, "not_found");
    }
}

scenario! {
    async fn a_year_is_compared_with_the_year_before(world) {
        let id = cooperative_in(&world, "0100233488").await;
        world.given_submitted_evaluation(&id, 2020, 6500).await;
        let next = world.given_draft_evaluation(&id, 2021, 8000).await;
        let compared = world.cooperative(&id).get(&format!("{}/comparisons?with=previous_year", evaluation_path(&next))).await.ok();
        let one = &compared["comparisons"][0];
        assert_eq!((&one["difference"], &one["before"]["year"], &one["before"]["rating"]), (&json!("15.00"), &json!(2020), &json!("fair")));
        assert_eq!(compared["after"]["rating"], "good");
        world.cooperative(&id).get(&format!("{}/comparisons?with=nobody", evaluation_path(&next))).await.refused(400, "invalid_query");
    }
}

scenario! {
    async fn a_pilot_is_compared_with_the_baseline_of_its_approved_plan(world) {
        let plan = world.given_improvement_plan().await;
        let own = world.cooperative(plan["cooperative"].as_str().unwrap());
        let baseline = plan["baselineEvaluation"].as_str().unwrap();
        let later = world.given_draft_evaluation(plan["cooperative"].as_str().unwrap(), 2022, 8000).await;
        let compared = own.get(&format!("{}/comparisons?with=baseline", evaluation_path(&later))).await.ok();
        assert_eq!((&compared["comparisons"][0]["with"], &compared["comparisons"][0]["before"]["evaluation"]), (&json!("baseline"), &json!(baseline)));
        // The baseline itself has none to be compared with.
        let itself = own.get(&format!("/v1/evaluations/{baseline}/comparisons?with=baseline")).await.ok();
        assert_eq!(itself["absent"], json!(["baseline"]));
    }
}

scenario! {
    /// Circular 09/2017: other criteria, the same bands, and a fine that forces *Yếu*.
    async fn a_fine_forces_the_lowest_rating_under_the_circular_for_agriculture(world) {
        world.given_criteria(&tt09()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let scores: Vec<Value> = ["30.00", "20.00", "15.00", "15.00", "5.00", "5.00"].into_iter().enumerate()
            .map(|(index, points)| score(&(index + 1).to_string(), points)).collect();
        let mut body = json!({"cooperative": id, "year": 2020, "kind": "self", "criteriaSet": "TT09-2017", "scores": scores});
        assert_eq!(own.post("/v1/evaluations", &body).await.faults(), ["/administrativeFine fine_not_stated"]);
        body["administrativeFine"] = json!({"fined": true, "document": {"title": "Quyết định xử phạt (dữ liệu mẫu)"}});
        let answer = own.post("/v1/evaluations", &body).await;
        let (path, fined) = (answer.location(), answer.created());
        assert_eq!((&fined["total"], &fined["rating"]), (&json!("90.00"), &json!("weak")));
        let forced = json!({"fact": "administrative_fine", "rating": "weak", "earned": "good",
            "document": {"title": "Quyết định xử phạt (dữ liệu mẫu)"}, "legalBasis": "09/2017/TT-BNNPTNT"});
        assert_eq!(fined["explanation"]["forced"], forced);
        assert_eq!(fined["explanation"]["conclusion"]["vi"], "90.00 điểm, nhưng bị xử phạt vi phạm hành chính: xếp loại Yếu (09/2017/TT-BNNPTNT).");
        let cleared = own.seen("\"1\"").patch(&path, &json!({"administrativeFine": {"fined": false}})).await.ok();
        assert_eq!(cleared["rating"], "good");
        assert!(cleared["explanation"].get("forced").is_none() && cleared["contentHash"] != fined["contentHash"]);
        // The circular of 2020 does not ask.
        let mut other = new_evaluation(&id, 2021, "self", 6500);
        other["administrativeFine"] = json!({"fined": false});
        assert_eq!(own.post("/v1/evaluations", &other).await.faults(), ["/administrativeFine fine_not_asked"]);
    }
}

scenario! {
    /// Circular 09/2017 is a sister of Circular 01/2020: a rating under one never stands for the other.
    async fn an_evaluation_under_another_circular_does_not_count_for_the_scheme(world) {
        world.given_criteria(&tt09()).await;
        let mut variant = with_scales();
        (variant["code"], variant["province"], variant["validFrom"]) = (json!("TT01-2020-89"), json!("89"), json!("2020-04-01"));
        let path = world.given_criteria_draft(&variant).await;
        let decision = json!({"validFrom": "2020-04-01", "activatedOn": "2022-01-10"});
        world.someone(Role::LeadAgency, "89").step(&path, "activations", &decision).await.ok();
        let counted = async |tax_code: &str, body: &dyn Fn(&str) -> Value| {
            let id = cooperative_in(&world, tax_code).await;
            let officer = world.person(Role::Locality, "888", "evaluating officer");
            let path = officer.post("/v1/evaluations", &body(&id)).await.location();
            officer.step(&path, "submissions", &json!({"submittedOn": "2020-12-16"})).await.ok();
            let head = world.person(Role::Locality, "888", "head of division");
            head.step(&path, "confirmations", &json!({"confirmedOn": "2020-12-17"})).await.ok();
            counting(world.sarus.store.reader(), id.parse().unwrap(), 2020, "TT01-2020").await.unwrap().is_some()
        };
        let scores: Vec<Value> = (1..=6).map(|code| score(&code.to_string(), "15.00")).collect();
        let sister = |id: &str| json!({"cooperative": id, "year": 2020, "kind": "verified", "criteriaSet": "TT09-2017",
            "scores": scores, "administrativeFine": {"fined": false}});
        assert!(!counted("0100233488", &sister).await);
        // The province's own variant of the set does count.
        let reasoned = |score: Value| {
            let mut score = score;
            let scaled = ["1", "2", "3", "4", "7"].contains(&score["criterion"].as_str().unwrap().trim_end_matches(['a', 'b', 'c']));
            if scaled {
                score["overrideReason"] = json!("chưa có số liệu");
            }
            score
        };
        let own = |id: &str| json!({"cooperative": id, "year": 2020, "kind": "verified", "criteriaSet": "TT01-2020-89",
            "scores": scores_of(7000).into_iter().map(reasoned).collect::<Vec<_>>()});
        assert!(counted("0314409058", &own).await);
    }
}

/// The form of Circular 09/2017 at 15.00 points a criterion: 90.00 in all.
fn sister_evaluation(id: &str, year: u16, kind: &str) -> Value {
    let scores: Vec<Value> = (1..=6).map(|code| score(&code.to_string(), "15.00")).collect();
    json!({"cooperative": id, "year": year, "kind": kind, "criteriaSet": "TT09-2017", "scores": scores,
        "administrativeFine": {"fined": false}})
}

/// Submits a cooperative's own draft with the agreement of both boards.
async fn submit(own: &Client, path: &str, year: u16) -> Value {
    for board in ["board_of_directors", "supervisory_board"] {
        let body = json!({"board": board, "opinion": "agreed", "endorsedOn": format!("{year}-12-10")});
        own.step(path, "endorsements", &body).await.ok();
    }
    own.step(path, "submissions", &json!({"submittedOn": format!("{year}-12-14")})).await.ok()
}

scenario! {
    /// An agricultural cooperative is evaluated under both circulars in one year: each once a kind, none standing for the
    /// other, neither in what counts nor in what is compared.
    async fn two_circulars_in_one_year_stand_apart(world) {
        world.given_criteria(&tt09()).await;
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let path = own.post("/v1/evaluations", &sister_evaluation(&id, 2020, "self")).await.location();
        submit(&own, &path, 2020).await;
        let under_2020 = world.given_submitted_evaluation(&id, 2020, 6400).await;
        for second in [sister_evaluation(&id, 2020, "self"), new_evaluation(&id, 2020, "self", 5000)] {
            own.post("/v1/evaluations", &second).await.refused(409, "already_exists");
        }
        let listed = own.get("/v1/evaluations?year=2020&criteriaSet=TT09-2017&count=exact").await.ok();
        assert_eq!((&listed["count"], &listed["items"][0]["total"]), (&json!(1), &json!("90.00")));
        let counted = counting(world.sarus.store.reader(), id.parse().unwrap(), 2020, "TT01-2020").await.unwrap().unwrap();
        assert_eq!(counted.id.to_string(), under_2020["id"]);
        // A verified one of the other circular does not push the self-evaluation of this one aside, nor compare with it.
        let officer = world.person(Role::Locality, "888", "evaluating officer");
        let verified = officer.post("/v1/evaluations", &sister_evaluation(&id, 2020, "verified")).await.location();
        officer.step(&verified, "submissions", &json!({"submittedOn": "2020-12-16"})).await.ok();
        world.person(Role::Locality, "888", "head of division").step(&verified, "confirmations", &json!({"confirmedOn": "2020-12-17"})).await.ok();
        let counted = counting(world.sarus.store.reader(), id.parse().unwrap(), 2020, "TT01-2020").await.unwrap().unwrap();
        assert_eq!(counted.id.to_string(), under_2020["id"]);
        let compared = own.get(&format!("{}/comparisons", evaluation_path(&under_2020))).await.ok();
        assert_eq!(compared["absent"], json!(["previous_year", "verified", "final", "baseline"]));
        let compared = own.get(&format!("{path}/comparisons?with=verified")).await.ok();
        assert_eq!(compared["comparisons"][0]["before"]["criteriaSet"], "TT09-2017");
    }
}

scenario! {
    /// A pilot is measured by the criteria of its scheme: another circular's evaluation is no baseline, shows no completed
    /// model, and says nothing about progress.
    async fn a_pilot_is_measured_by_the_criteria_of_its_scheme(world) {
        world.given_criteria(&tt09()).await;
        let (pilot, baseline) = world.given_pilot_with_baseline().await;
        let id = pilot["cooperative"].as_str().unwrap();
        let own = world.cooperative(id);
        let path = own.post("/v1/evaluations", &sister_evaluation(id, 2022, "self")).await.location();
        let sister = submit(&own, &path, 2022).await;
        let bare = json!({"pilot": pilot["id"], "baselineEvaluation": sister["id"],
            "criteria": [{"criterion": "1", "toImprove": true, "target": "20.00"}], "measures": []});
        let problem = own.post("/v1/improvement-plans", &bare).await.refused(409, "other_circular");
        assert_eq!((&problem["inputs"]["circular"], &problem["inputs"]["wanted"]), (&json!("TT09-2017"), &json!("TT01-2020")));

        let draft = own.post("/v1/improvement-plans", &new_improvement_plan(&pilot, &baseline)).await.created();
        let progress = own.get(&format!("{}/progress", improvement_path(&draft))).await.ok();
        assert!(progress.to_string().contains(baseline["id"].as_str().unwrap()) && !progress.to_string().contains(sister["id"].as_str().unwrap()), "{progress}");
        let completed = json!({"completedOn": "2023-03-01", "reason": "Hoàn thiện (dữ liệu mẫu)", "evaluation": sister["id"], "assessors": [AGRICULTURE]});
        let lead = world.someone(Role::LeadAgency, "89");
        lead.step(&pilot_path(&pilot), "completions", &completed).await.refused(409, "other_circular");
    }
}

scenario! {
    async fn an_evaluation_keeps_the_version_it_was_made_under(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let made = world.given_draft_evaluation(&id, 2022, 6500).await;
        let set = own.get("/v1/criteria-sets?code=TT01-2020").await.ok()["items"][0].clone();
        let mut next = json!({"code": "TT01-2020", "name": set["name"], "legalBasis": set["legalBasis"], "validFrom": "2022-01-01", "criteria": set["criteria"]});
        next["criteria"]["bands"][0]["minimum"] = json!("65.00");
        next["criteria"]["bands"][1]["minimum"] = json!("60.00");
        world.given_criteria(&next).await;
        let path = evaluation_path(&made);
        let edited = own.seen("\"1\"").patch(&path, &json!({"scores": scores_of(6600)})).await.ok();
        assert_eq!((&edited["criteriaSetId"], &edited["rating"]), (&made["criteriaSetId"], &json!("fair")));
        // A new one of the year is made under the version now in force; one of the year before under that of then.
        let verified = world.someone(Role::Locality, "888").post("/v1/evaluations", &new_evaluation(&id, 2022, "verified", 6600)).await.created();
        assert_eq!(verified["rating"], "good");
        let before = own.post("/v1/evaluations", &new_evaluation(&id, 2021, "self", 6600)).await.created();
        assert_eq!((&before["criteriaSetId"], &before["rating"]), (&made["criteriaSetId"], &json!("fair")));
    }
}

scenario! {
    async fn a_draft_is_not_evaluated_under_nor_a_variant_outside_its_province(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        world.given_criteria_draft(&with_scales()).await;
        let body = computed_evaluation(&id, "self", &entered());
        assert_eq!(own.post("/v1/evaluations", &body).await.faults(), ["/criteriaSet criteria_not_in_force"]);
        let mut variant = tt09();
        (variant["code"], variant["province"]) = (json!("TT09-2017-01"), json!("01"));
        let path = world.given_criteria_draft(&variant).await;
        let decision = json!({"validFrom": "2020-01-01", "activatedOn": "2022-01-10"});
        world.someone(Role::LeadAgency, "01").step(&path, "activations", &decision).await.ok();
        let scores: Vec<Value> = (1..=6).map(|code| score(&code.to_string(), "10.00")).collect();
        let body = json!({"cooperative": id, "year": 2020, "kind": "self", "criteriaSet": "TT09-2017-01", "scores": scores, "administrativeFine": {"fined": false}});
        let answer = own.post("/v1/evaluations", &body).await;
        assert_eq!(answer.faults(), ["/criteriaSet criteria_not_in_force"]);
    }
}

scenario! {
    /// Old and new total and rating, the differences and the gaps; nothing is saved.
    async fn a_draft_is_tried_on_stored_evaluations(world) {
        let (first, second) = (cooperative_in(&world, "0100233488").await, cooperative_in(&world, "0314409058").await);
        for year in [2020, 2021] {
            declare(&world.cooperative(&first), &first, year, &figures_of(year)).await;
        }
        let stored = world.given_submitted_evaluation(&first, 2021, 8000).await;
        world.given_verified_evaluation(&second, "888", 2021, 5000).await;
        // What the cooperative has not sent is not tried on.
        world.given_draft_evaluation(&second, 2021, 5000).await;
        let path = world.given_criteria_draft(&with_scales()).await;
        let operator = world.someone(Role::Administrator, "");
        let tried = operator.step(&path, "trials", &json!({"year": 2021})).await.ok();
        assert_eq!((&tried["tried"], &tried["computed"], &tried["changed"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!(tried["moves"], json!([{"before": "good", "after": "average", "count": 1}]));
        // 80.00 were 30 of group I, 30 of II and 20 of III; the scales make 14.30 of I and 3.73 of criterion 7.
        let one = &tried["items"][0];
        assert_eq!((&one["before"]["evaluation"], &one["before"]["total"]), (&stored["id"], &json!("80.00")));
        assert_eq!((&one["after"]["total"], &one["difference"]), (&json!("62.03"), &json!("-17.97")));
        assert_eq!(one["changed"][0], json!({"criterion": "1a", "before": "6.00", "after": "3.00", "difference": "-3.00"}));
        let other = &tried["items"][1];
        assert!(other.get("after").is_none());
        assert_eq!((&other["gaps"][0]["criterion"], &other["gaps"][0]["code"]), (&json!("1a"), &json!("figures_missing")));
        assert_eq!(other["gaps"][0]["message"]["en"], "total capital of 2020, total capital of 2021 not stated");
        assert_eq!(world.cooperative(&first).get(&evaluation_path(&stored)).await.ok(), stored);

        // Whom the set leaves out is no result of it: it says so, as an evaluation under it would be refused.
        let mut leaving_out = with_scales();
        leaving_out["criteria"]["outside"] = json!([{"industryCode": "0161", "name": {"vi": "HTX trồng trọt", "en": "growers"}}]);
        let register = format!("/v1/cooperatives/{first}");
        world.someone(Role::Locality, "888").seen("*").patch(&register, &json!({"industryCode": "0161"})).await.ok();
        leaving_out["validFrom"] = json!("2021-06-01");
        let other_path = world.given_criteria_draft(&leaving_out).await;
        let left_out = operator.step(&other_path, "trials", &json!({"year": 2021, "state": "submitted"})).await.ok();
        assert_eq!((&left_out["tried"], &left_out["computed"]), (&json!(1), &json!(0)));
        assert_eq!(left_out["items"][0]["gaps"][0]["code"], "outside_criteria");
        operator.seen("*").delete(&other_path).await.ok();

        let page = operator.step(&path, "trials", &json!({"year": 2021, "limit": 1})).await.ok();
        let rest = operator.step(&path, "trials", &json!({"year": 2021, "limit": 1, "after": page["next"]})).await.ok();
        assert_eq!((&page["items"][0], &rest["items"][0]), (&tried["items"][0], &tried["items"][1]));
        let last = operator.step(&path, "trials", &json!({"year": 2021, "limit": 5, "after": rest["next"]})).await.ok();
        assert!(last["items"] == json!([]) && last.get("next").is_none());
        let narrowed = operator.step(&path, "trials", &json!({"year": 2021, "state": "submitted", "kind": "self", "province": "89"})).await.ok();
        assert_eq!(narrowed["tried"], 1);
        // Within the caller's reach alone.
        let elsewhere = world.someone(Role::LeadAgency, "01").step(&path, "trials", &json!({"year": 2021})).await.ok();
        assert_eq!(elsewhere["tried"], 0);
        let bad = operator.step(&path, "trials", &json!({"limit": 201})).await;
        assert_eq!(bad.faults(), ["/limit too_large", "/year required"]);
        operator.post(&format!("{path}/trials"), &json!({"year": 2021})).await.refused(428, "precondition_required");
        world.cooperative(&first).step(&path, "trials", &json!({"year": 2021})).await.refused(403, "forbidden");
    }
}
