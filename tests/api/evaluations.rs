//! Criteria sets and evaluations: scored, endorsed, submitted, confirmed, returned.

use chrono::Datelike;
use sarus::domain::role::Role;
use sarus::store::evaluations::counting;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_evaluations::{evaluation_path, new_evaluation, score, scores_of};
use crate::support::world::World;

/// A cooperative in Phú Tân (888), by its id.
async fn cooperative_in(world: &World, tax_code: &str) -> String {
    world.given_cooperative("888", tax_code).await["id"].as_str().unwrap().to_owned()
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// The steps that a client is allowed to take now.
async fn allowed(client: &Client, path: &str) -> Vec<String> {
    let actions = client.get(&format!("{path}/allowed-actions")).await.ok();
    let items = actions["items"].as_array().unwrap().iter();
    items.filter(|item| item["allowed"] == true).map(|item| item["step"].as_str().unwrap().to_owned()).collect()
}

scenario! {
    /// The set of the circular is published exactly as far as it is known.
    async fn the_criteria_of_the_circular_can_be_read(world) {
        let reader = world.someone(Role::Oversight, "89");
        let page = reader.get("/v1/criteria-sets?code=TT01-2020&state=active&at=2020-12-31").await.ok();
        let set = &page["items"][0];
        let answer = reader.get(&format!("/v1/criteria-sets/{}", set["id"].as_str().unwrap())).await;
        assert_eq!(&answer.ok(), set);
        assert_eq!(reader.with("if-none-match", &answer.header("etag")).get(&format!("/v1/criteria-sets/{}", set["id"].as_str().unwrap())).await.status, 304);
        let group = |index: usize| (&set["criteria"]["groups"][index]["code"], &set["criteria"]["groups"][index]["maximum"]);
        assert_eq!([group(0), group(1), group(2)], [(&json!("I"), &json!("30.00")), (&json!("II"), &json!("30.00")), (&json!("III"), &json!("40.00"))]);
        assert!(set["criteria"]["groups"][2]["criteria"].as_array().unwrap().iter().all(|criterion| criterion.get("maximum").is_none()));
        assert!(set.get("validTo").is_none());
        assert_eq!(reader.get("/v1/criteria-sets?at=2020-03-31").await.ok()["items"], json!([]));
        reader.get("/v1/criteria-sets/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").await.refused(404, "not_found");
    }
}

scenario! {
    /// Draft, two endorsements, submission, return, correction, confirmation; each in the history.
    async fn a_self_evaluation_lives_from_draft_to_confirmed(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let (own, officer) = (world.cooperative(&id), world.someone(Role::Locality, "888"));
        let answer = own.post("/v1/evaluations", &new_evaluation(&id, 2020, "self", 8250)).await;
        let (path, draft) = (answer.location(), answer.created());
        assert_eq!((&draft["total"], &draft["rating"], &draft["state"]), (&json!("82.50"), &json!("good"), &json!("draft")));
        assert_eq!(own.get(&path).await.ok(), draft);
        assert_eq!(allowed(&own, &path).await, ["edit", "delete", "endorsements"]);
        officer.get(&format!("{path}/allowed-actions")).await.refused(404, "not_found");

        let endorse = |board: &str, opinion: &str| json!({"board": board, "opinion": opinion, "endorsedOn": "2020-12-10"});
        own.step(&path, "submissions", &json!({"submittedOn": "2020-12-14"})).await.refused(409, "endorsement_missing");
        own.step(&path, "endorsements", &endorse("board_of_directors", "agreed")).await.ok();
        own.step(&path, "submissions", &json!({"submittedOn": "2020-12-14"})).await.refused(409, "endorsement_missing");
        let both = own.step(&path, "endorsements", &endorse("supervisory_board", "none_by_charter")).await;
        assert_eq!((both.header("content-location"), both.header("etag").as_str()), (path.clone(), "\"3\""));
        assert_eq!(both.ok()["endorsements"].as_array().unwrap().len(), 2);

        let submitted = own.step(&path, "submissions", &json!({"submittedOn": "2020-12-14", "comment": "Kính gửi"})).await.ok();
        assert_eq!((&submitted["state"], &submitted["late"]), (&json!("submitted"), &json!(true)));
        assert_eq!(submitted["deadline"], json!({"lastDayOn": "2020-12-15", "passesAt": "2020-12-15T17:00:00Z", "legalBasis": "01/2020/TT-BKHĐT", "ruleId": "evaluation_deadline"}));
        own.step(&path, "submissions", &json!({"submittedOn": "2020-12-14"})).await.refused(409, "wrong_state");
        let etag = own.get(&path).await.ok_etag();
        own.seen(&etag).patch(&path, &json!({"scores": scores_of(0)})).await.refused(409, "wrong_state");
        own.seen(&etag).delete(&path).await.refused(409, "not_a_draft");
        assert_eq!(allowed(&officer, &path).await, ["confirmations", "returns"]);

        let reason = json!({"returnedOn": "2020-12-16", "reason": "Rà soát điểm tiêu chí 3"});
        assert_eq!(officer.step(&path, "returns", &reason).await.ok()["state"], "returned");
        own.step(&path, "submissions", &json!({"submittedOn": "2020-12-17"})).await.ok();
        let confirmed = officer.step(&path, "confirmations", &json!({"confirmedOn": "2020-12-18"})).await.ok();
        assert_eq!(confirmed["state"], "confirmed");
        assert_eq!(allowed(&officer, &path).await, [""; 0]);

        let history = |step: &'static str| {
            let (own, path) = (own.clone(), path.clone());
            async move { own.get(&format!("{path}/{step}")).await.ok()["items"].as_array().unwrap().clone() }
        };
        assert_eq!(history("endorsements").await[1]["outcome"], "supervisory_board_none_by_charter");
        let submissions = history("submissions").await;
        assert_eq!((submissions.len(), &submissions[0]["onDate"], &submissions[0]["comment"]), (2, &json!("2020-12-14"), &json!("Kính gửi")));
        assert_eq!(history("returns").await[0]["comment"], "Rà soát điểm tiêu chí 3");
        let confirmation = &history("confirmations").await[0];
        assert_eq!((&confirmation["role"], &confirmation["contentHash"]), (&json!("locality"), &confirmed["contentHash"]));
    }
}

scenario! {
    /// A lawyer can follow the total and the rating from the answer alone.
    async fn the_explanation_shows_points_maxima_authors_and_bounds(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let draft = world.given_draft_evaluation(&id, 2020, 6500).await;
        let explained = &draft["explanation"];
        let capital = &explained["groups"][0]["criteria"][0];
        assert_eq!((&capital["points"], &capital["maximum"]), (&json!("7.00"), &json!("7.00")));
        assert_eq!(capital["scored"][0]["enteredBy"], format!("cooperative@{id}"));
        assert_eq!(capital["legalBasis"], "01/2020/TT-BKHĐT, nhóm I, tiêu chí 1");
        assert_eq!((&explained["band"]["rating"], &explained["band"]["from"], &explained["band"]["below"]), (&json!("fair"), &json!("65.00"), &json!("80.00")));
        assert_eq!(explained["standing"]["operated"], json!({"months": 103, "days": 12}));
        // Lists leave it out.
        let page = world.cooperative(&id).get("/v1/evaluations").await.ok();
        assert!(page["items"][0].get("explanation").is_none());
    }
}

scenario! {
    /// Circular 01/2020 leaves out people's credit funds and the Co-operative Bank: by their trade, with or without its letter.
    async fn whom_the_circular_does_not_cover_is_not_evaluated(world) {
        let locality = world.someone(Role::Locality, "888");
        for (tax_code, trade, covered) in [("0100233488", "64190", false), ("0100233495", "K6419", false), ("0100233505", "6492", true)] {
            let mut body = crate::support::world::new_cooperative("888", tax_code);
            body["industryCode"] = json!(trade);
            let id = locality.post("/v1/cooperatives", &body).await.created()["id"].as_str().unwrap().to_owned();
            let answer = world.cooperative(&id).post("/v1/evaluations", &new_evaluation(&id, 2020, "self", 8250)).await;
            if covered {
                answer.created();
                continue;
            }
            let refused = answer.refused(400, "outside_criteria");
            assert_eq!(answer.faults(), ["/cooperative outside_criteria"], "{trade}");
            assert_eq!(refused["inputs"], json!({"criteriaSet": "TT01-2020", "industry": "6419"}), "{trade}");
        }
        // One that became a credit fund after it was evaluated: nothing of it goes further, and the list of steps says so.
        let id = cooperative_in(&world, "0100233512").await;
        let own = world.cooperative(&id);
        let endorsed = evaluation_path(&world.given_endorsed_evaluation(&id, 2020, 8000).await);
        let sent = evaluation_path(&world.given_submitted_evaluation(&id, 2021, 8000).await);
        let register = format!("/v1/cooperatives/{id}");
        let seen = locality.get(&register).await.header("etag");
        locality.seen(&seen).patch(&register, &json!({"industryCode": "6419"})).await.ok();
        let agreed = json!({"board": "board_of_directors", "opinion": "agreed", "endorsedOn": "2020-12-10"});
        for (client, path, step, body) in [
            (&own, &endorsed, "endorsements", agreed),
            (&own, &endorsed, "submissions", json!({"submittedOn": "2020-12-14"})),
            (&locality, &sent, "confirmations", json!({"confirmedOn": "2021-12-20"})),
        ] {
            let refused = client.step(path, step, &body).await.refused(409, "not_covered");
            assert_eq!(refused["inputs"], json!({"criteriaSet": "TT01-2020", "industry": "6419"}), "{step}");
            let actions = client.get(&format!("{path}/allowed-actions")).await.ok();
            let told = actions["items"].as_array().unwrap().iter().filter(|one| one["code"] == "not_covered");
            let told: Vec<_> = told.map(|one| one["step"].as_str().unwrap()).collect();
            assert!(told.contains(&"edit") && told.contains(&step), "{step}: {told:?}");
        }
        let edited = own.seen("*").patch(&endorsed, &json!({"scores": scores_of(7000)})).await;
        edited.refused(409, "not_covered");
        assert_eq!(allowed(&own, &endorsed).await, ["delete"]);
        assert_eq!(allowed(&locality, &sent).await, ["returns"]);
    }
}

scenario! {
    async fn who_is_not_rated_gets_a_reason_and_no_rating(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let register = format!("/v1/cooperatives/{id}");
        let locality = world.someone(Role::Locality, "888");
        let stopped = |to: &str| json!({"fromDate": "2020-03-01", "toDate": to});
        locality.step(&register, "interruptions", &stopped("2020-05-31")).await.ok();
        let endorsed = world.given_endorsed_evaluation(&id, 2020, 9000).await;
        assert_eq!(endorsed["rating"], "good");
        // What the register knows at submission decides.
        locality.step(&register, "interruptions", &stopped("2020-06-01")).await.ok();
        let submit = json!({"submittedOn": "2020-12-14"});
        let submitted = world.cooperative(&id).step(&evaluation_path(&endorsed), "submissions", &submit).await.ok();
        assert_eq!((&submitted["total"], &submitted["notRatedReason"]), (&json!("90.00"), &json!("stopped_too_long")));
        assert!(submitted.get("rating").is_none() && submitted["explanation"].get("band").is_none());
        assert_eq!(submitted["explanation"]["standing"]["stopped"], json!({"months": 3, "days": 1}));
    }
}

scenario! {
    /// What is confirmed is what the register shows on that day: an interruption recorded since sends the evaluation back.
    async fn an_outcome_that_the_register_contradicts_is_not_confirmed(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let path = evaluation_path(&world.given_submitted_evaluation(&id, 2020, 9000).await);
        let locality = world.someone(Role::Locality, "888");
        let register = format!("/v1/cooperatives/{id}");
        // Three months bear on nothing; with a day more there is no rating.
        let stopped = |to: &str| json!({"fromDate": "2020-03-01", "toDate": to});
        locality.step(&register, "interruptions", &stopped("2020-05-31")).await.ok();
        assert_eq!(allowed(&locality, &path).await, ["confirmations", "returns"]);
        locality.step(&register, "interruptions", &stopped("2020-06-01")).await.ok();
        assert_eq!(allowed(&locality, &path).await, ["returns"]);
        let refused = locality.step(&path, "confirmations", &json!({"confirmedOn": "2020-12-17"})).await;
        let refused = refused.refused(409, "standing_changed");
        assert_eq!(refused["inputs"], json!({"then": "good", "now": "stopped_too_long"}));
        assert!(refused["detail"].as_str().unwrap().contains("không xếp loại vì ngừng hoạt động quá thời gian"), "{refused}");
        let reason = json!({"returnedOn": "2020-12-17", "reason": "HTX ngừng hoạt động quá ba tháng"});
        locality.step(&path, "returns", &reason).await.ok();
        let sent = world.cooperative(&id).step(&path, "submissions", &json!({"submittedOn": "2020-12-18"})).await.ok();
        assert_eq!(sent["notRatedReason"], "stopped_too_long");
        let confirmed = locality.step(&path, "confirmations", &json!({"confirmedOn": "2020-12-19"})).await.ok();
        assert_eq!((&confirmed["state"], &confirmed["notRatedReason"]), (&json!("confirmed"), &json!("stopped_too_long")));
    }
}

scenario! {
    async fn bad_input_is_named_fault_by_fault(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let answer = own.post("/v1/evaluations", &json!({
            "cooperative": "x", "year": 1999, "kind": "own", "criteriaSet": "tt", "surprise": 1,
            "scores": [{"criterion": "1a", "points": 5.5}, {"criterion": "A", "points": "5.5", "note": ""}, {}],
        })).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "/cooperative wrong_format", "/criteriaSet too_short", "/criteriaSet wrong_pattern", "/kind not_in_enum",
            "/scores/0/points wrong_type", "/scores/1/criterion wrong_pattern", "/scores/1/note too_short",
            "/scores/1/note wrong_pattern", "/scores/1/points too_short", "/scores/1/points wrong_pattern",
            "/scores/2/criterion required", "/surprise unknown_member", "/year too_small",
        ]);

        // References that lead nowhere hide nothing else: of a known set what is wrong with the points is told too.
        let mut lost = new_evaluation("01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d", 2020, "self", 6500);
        lost["scores"][0] = score("1a", "6.50");
        lost["administrativeFine"] = json!({"fined": true});
        let answer = own.post("/v1/evaluations", &lost).await;
        answer.refused(400, "unknown_reference");
        let due = [
            "/administrativeFine fine_not_asked", "/cooperative unknown_reference", "/scores points_above_maximum",
            "/scores points_above_maximum", "/scores/0/points points_above_maximum",
        ];
        assert_eq!(answer.faults(), due);
        (lost["year"], lost["criteriaSet"]) = (json!(2099), json!("TT99-2099"));
        lost["scores"][1] = score("1a", "1.00");
        let due = [
            "/cooperative unknown_reference", "/criteriaSet criteria_not_in_force", "/scores/1/criterion duplicate_score",
            "/year date_in_future",
        ];
        assert_eq!(own.post("/v1/evaluations", &lost).await.faults(), due);
        let draft = evaluation_path(&world.given_draft_evaluation(&id, 2021, 6500).await);
        let changes = json!({"year": 2020, "criteriaSet": "TT99-2099", "scores": lost["scores"]});
        let due = ["/criteriaSet criteria_not_in_force", "/scores/1/criterion duplicate_score", "/year evaluation_key_fixed"];
        assert_eq!(own.seen("*").patch(&draft, &changes).await.faults(), due);
        let changes = json!({"year": 2020, "administrativeFine": {"fined": true}});
        let due = ["/administrativeFine fine_not_asked", "/year evaluation_key_fixed"];
        assert_eq!(own.seen("*").patch(&draft, &changes).await.faults(), due);
        own.seen("*").delete(&draft).await.ok();

        let mut scores = scores_of(8250);
        scores[0] = score("1a", "6.50");
        scores[17] = score("10", "40.01");
        scores.pop();
        scores.push(score("1", "7.00"));
        scores.push(score("9", "0.00"));
        let mut body = new_evaluation(&id, 2020, "self", 0);
        body["scores"] = json!(scores);
        let answer = own.post("/v1/evaluations", &body).await;
        let problem = answer.refused(400, "invalid_scores");
        assert_eq!(problem["legalBasis"], "01/2020/TT-BKHĐT");
        assert_eq!(answer.faults(), [
            "/scores missing_score", "/scores points_above_maximum", "/scores points_above_maximum",
            "/scores points_above_maximum", "/scores/0/points points_above_maximum",
            "/scores/22/criterion unknown_criterion", "/scores/23/criterion duplicate_score",
        ]);

        let post = |change: Value| {
            let mut body = new_evaluation(&id, 2020, "self", 6500);
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let own = own.clone();
            async move { own.post("/v1/evaluations", &body).await }
        };
        let unknown = post(json!({"criteriaSet": "TT99-2020"})).await;
        unknown.refused(400, "criteria_not_in_force");
        assert_eq!(unknown.faults(), ["/criteriaSet criteria_not_in_force"]);
        assert_eq!(post(json!({"year": 2019})).await.faults(), ["/criteriaSet criteria_not_in_force"]);
        assert_eq!(post(json!({"year": 2100})).await.faults(), ["/year date_in_future"]);
        let nobody = post(json!({"cooperative": "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"})).await;
        nobody.refused(400, "unknown_reference");
        assert_eq!(nobody.faults(), ["/cooperative unknown_reference"]);
        assert_eq!(own.get("/v1/evaluations?count=exact").await.ok()["count"], 0);
    }
}

scenario! {
    async fn bad_steps_are_named_fault_by_fault(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let path = evaluation_path(&world.given_draft_evaluation(&id, 2020, 6500).await);
        let absent = json!({"board": "board_of_directors", "opinion": "none_by_charter", "endorsedOn": "2999-01-01"});
        let answer = own.step(&path, "endorsements", &absent).await;
        answer.refused(400, "date_in_future");
        assert_eq!(answer.faults(), ["/endorsedOn date_in_future", "/opinion board_must_agree"]);
        let answer = own.step(&path, "endorsements", &json!({"board": "members"})).await;
        assert_eq!(answer.faults(), ["/board not_in_enum", "/endorsedOn required", "/opinion required"]);
        own.post(&format!("{path}/submissions"), &json!({"submittedOn": "2020-12-14"})).await.refused(428, "precondition_required");
        own.seen("\"9\"").post(&format!("{path}/submissions"), &json!({"submittedOn": "2020-12-14"})).await.refused(412, "stale");
        let answer = own.step(&path, "submissions", &json!({"submittedOn": "2999-01-01"})).await;
        assert_eq!(answer.faults(), ["/submittedOn date_in_future"]);
        let officer = world.someone(Role::Locality, "888");
        let answer = officer.seen("\"1\"").post(&format!("{path}/returns"), &json!({"returnedOn": "2020-12-16"})).await;
        assert_eq!(answer.faults(), ["/reason required"]);
        world.someone(Role::Finance, "89").seen("\"1\"").post(&format!("{path}/returns"), &json!({})).await.refused(403, "forbidden");
        own.seen("\"1\"").post(&format!("{path}/confirmations"), &json!({"confirmedOn": "2020-12-16"})).await.refused(403, "forbidden");
        // Nothing of it is half written.
        assert_eq!(own.get(&path).await.ok_etag(), "\"1\"");
        assert_eq!(own.get(&format!("{path}/submissions")).await.ok()["items"], json!([]));
    }
}

scenario! {
    async fn the_evaluations_of_others_are_not_there(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let neighbour = cooperative_in(&world, "0314409058").await;
        let path = evaluation_path(&world.given_draft_evaluation(&id, 2020, 6500).await);
        let outsiders = [world.cooperative(&neighbour), world.someone(Role::Locality, "883"), world.someone(Role::LeadAgency, "01")];
        for outsider in outsiders {
            outsider.get(&path).await.refused(404, "not_found");
            outsider.get(&format!("{path}/allowed-actions")).await.refused(404, "not_found");
            outsider.get(&format!("{path}/submissions")).await.refused(404, "not_found");
            outsider.seen("\"1\"").patch(&path, &json!({"scores": []})).await.refused(404, "not_found");
            outsider.seen("\"1\"").delete(&path).await.refused(404, "not_found");
            assert_eq!(outsider.get("/v1/evaluations").await.ok()["items"], json!([]));
        }
        let body = new_evaluation(&id, 2021, "self", 6500);
        let answer = world.cooperative(&neighbour).post("/v1/evaluations", &body).await;
        assert_eq!(answer.faults(), ["/cooperative unknown_reference"]);
    }
}

scenario! {
    /// The State does not intervene: nobody else edits what a cooperative says of itself (2129/QĐ-UBND I.3).
    async fn each_kind_is_made_and_edited_by_its_own(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let (officer, lead) = (world.someone(Role::Locality, "888"), world.someone(Role::LeadAgency, "89"));
        let post = |client: &Client, kind: &str| {
            let (client, body) = (client.clone(), new_evaluation(&id, 2020, kind, 6500));
            async move { client.post("/v1/evaluations", &body).await }
        };
        post(&officer, "self").await.refused(409, "not_own_evaluation");
        post(&officer, "final").await.refused(409, "not_own_evaluation");
        post(&lead, "verified").await.refused(409, "not_own_evaluation");
        post(&world.cooperative(&id), "verified").await.refused(409, "not_own_evaluation");
        let own = evaluation_path(&world.given_draft_evaluation(&id, 2020, 6500).await);
        officer.seen("\"1\"").patch(&own, &json!({"scores": scores_of(0)})).await.refused(404, "not_found");
        officer.seen("\"1\"").delete(&own).await.refused(404, "not_found");
        let endorsement = json!({"board": "board_of_directors", "opinion": "agreed", "endorsedOn": "2020-12-10"});
        officer.seen("\"1\"").post(&format!("{own}/endorsements"), &endorsement).await.refused(404, "not_found");
        // What agencies find stands beside it.
        let verified = post(&officer, "verified").await;
        assert_eq!(verified.created()["kind"], "verified");
        officer.step(&verified.location(), "endorsements", &endorsement).await.refused(409, "wrong_state");
        post(&lead, "final").await.refused(409, "not_a_pilot");
        assert_eq!(lead.get(&format!("/v1/evaluations?cooperative={id}&year=2020&count=exact")).await.ok()["count"], 1, "what is not sent is the cooperative's own");
    }
}

scenario! {
    async fn a_change_of_content_voids_the_endorsements(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let path = evaluation_path(&world.given_endorsed_evaluation(&id, 2020, 6500).await);
        let before = own.get(&path).await;
        // The same content, in another order: nothing changed for the boards.
        let mut reversed = scores_of(6500);
        reversed.reverse();
        let same = own.seen(&before.header("etag")).patch(&path, &json!({"scores": reversed})).await;
        assert_eq!(same.ok()["contentHash"], before.ok()["contentHash"]);
        assert_eq!(same.ok()["endorsements"].as_array().unwrap().len(), 2);
        let changed = own.seen(&same.header("etag")).patch(&path, &json!({"scores": scores_of(6501)})).await;
        assert_eq!((&changed.ok()["total"], &changed.ok()["endorsements"]), (&json!("65.01"), &json!([])));
        own.step(&path, "submissions", &json!({"submittedOn": "2020-12-14"})).await.refused(409, "endorsement_missing");
        // They stay in the history, with the digest of what they agreed to.
        let history = own.get(&format!("{path}/endorsements")).await.ok();
        assert_eq!(history["items"].as_array().unwrap().len(), 2);
        assert_eq!(history["items"][0]["contentHash"], before.ok()["contentHash"]);
    }
}

scenario! {
    async fn edits_keep_the_natural_key_and_the_rules_of_a_creation(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let own = world.cooperative(&id);
        let path = evaluation_path(&world.given_draft_evaluation(&id, 2020, 6500).await);
        let fitting = json!({"scores": scores_of(6600)});
        own.patch(&path, &fitting).await.refused(428, "precondition_required");
        own.seen("\"2\"").patch(&path, &fitting).await.refused(412, "stale");
        for client in [own.clone(), own.seen("\"2\"")] {
            client.patch(&path, &json!({"year": 2021})).await.refused(400, "evaluation_key_fixed");
        }
        let answer = own.seen("\"1\"").patch(&path, &json!({"year": 2021, "kind": "final"})).await;
        answer.refused(400, "evaluation_key_fixed");
        assert_eq!(answer.faults(), ["/kind evaluation_key_fixed", "/year evaluation_key_fixed"]);
        own.seen("\"1\"").patch(&path, &json!({"scores": null})).await.refused(400, "invalid_body");
        let mut scores = scores_of(6500);
        scores.pop();
        let answer = own.seen("\"1\"").patch(&path, &json!({"scores": scores})).await;
        assert_eq!(answer.faults(), ["/scores missing_score"]);
        assert_eq!(own.seen("\"1\"").patch(&path, &json!({"scores": scores_of(7000)})).await.ok()["total"], "70.00");
        own.seen("\"2\"").delete(&path).await.ok();
        own.get(&path).await.refused(404, "not_found");
    }
}

scenario! {
    async fn there_is_one_evaluation_of_a_cooperative_year_and_kind(world) {
        let id = cooperative_in(&world, "0100233488").await;
        world.given_draft_evaluation(&id, 2020, 6500).await;
        let own = world.cooperative(&id);
        let again = new_evaluation(&id, 2020, "self", 7000);
        let problem = own.post("/v1/evaluations", &again).await.refused(409, "already_exists");
        assert_eq!(problem["detail"], "HTX đã có bản đánh giá loại này của năm theo cùng Thông tư.");
        world.given_draft_evaluation(&id, 2021, 6500).await;
        // Two at once: one is made, whatever races.
        let next = new_evaluation(&id, 2022, "self", 7000);
        let (one, other) = tokio::join!(own.post("/v1/evaluations", &next), own.post("/v1/evaluations", &next));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}

scenario! {
    async fn whoever_made_a_verified_evaluation_does_not_confirm_it(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let maker = world.person(Role::Locality, "888", "maker");
        let scorer = world.person(Role::Locality, "888", "scorer");
        let path = maker.post("/v1/evaluations", &new_evaluation(&id, 2020, "verified", 7000)).await.location();
        scorer.seen("\"1\"").patch(&path, &json!({"scores": scores_of(6900)})).await.ok();
        let submitted = maker.step(&path, "submissions", &json!({"submittedOn": "2020-12-16"})).await.ok();
        assert!(submitted.get("late").is_none() && submitted.get("deadline").is_none());
        let confirmation = json!({"confirmedOn": "2020-12-17"});
        for person in [&maker, &scorer] {
            person.step(&path, "confirmations", &confirmation).await.refused(409, "four_eyes");
            assert_eq!(allowed(person, &path).await, ["returns"]);
        }
        let lead = world.someone(Role::LeadAgency, "89");
        lead.step(&path, "confirmations", &confirmation).await.refused(409, "not_responsible");
        let head = world.person(Role::Locality, "888", "head");
        assert_eq!(head.step(&path, "confirmations", &confirmation).await.ok()["state"], "confirmed");
    }
}

scenario! {
    /// Lateness follows the clock, not the date that the form bears; it is a mark and never a refusal.
    async fn a_late_submission_is_marked_and_accepted(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let late = world.given_submitted_evaluation(&id, 2020, 6500).await;
        assert_eq!((&late["late"], &late["state"]), (&json!(true), &json!("submitted")));
        let today = world.sarus.clock.now().today();
        let year = u16::try_from(today.year()).unwrap();
        let this_year = world.given_submitted_evaluation(&id, year, 6500).await;
        assert_eq!(this_year["late"], json!((today.month(), today.day()) > (12, 15)));
        let history = world.cooperative(&id).get(&format!("{}/submissions", evaluation_path(&late))).await.ok();
        assert_eq!(history["items"][0]["outcome"], "late");
    }
}

scenario! {
    /// The verified evaluation counts once confirmed, else the cooperative's own once submitted.
    async fn the_evaluation_that_counts_is_the_verified_one_else_the_own(world) {
        let id = cooperative_in(&world, "0100233488").await;
        let uuid = id.parse().unwrap();
        let counts = async || counting(world.sarus.store.reader(), uuid, 2020, "TT01-2020").await.unwrap().map(|it| it.total().to_string());
        let draft = world.given_endorsed_evaluation(&id, 2020, 8000).await;
        assert_eq!(counts().await, None);
        let submit = json!({"submittedOn": "2020-12-14"});
        world.cooperative(&id).step(&evaluation_path(&draft), "submissions", &submit).await.ok();
        assert_eq!(counts().await.as_deref(), Some("80.00"));
        world.given_verified_evaluation(&id, "888", 2020, 6499).await;
        assert_eq!(counts().await.as_deref(), Some("64.99"));
    }
}

scenario! {
    async fn lists_are_filtered_paged_and_streamed(world) {
        let (first, second) = (cooperative_in(&world, "0100233488").await, cooperative_in(&world, "0314409058").await);
        let good = world.given_submitted_evaluation(&first, 2020, 8000).await;
        let weak = world.given_submitted_evaluation(&second, 2020, 4999).await;
        let next = world.given_submitted_evaluation(&first, 2021, 8000).await;
        let verified = world.given_verified_evaluation(&second, "888", 2020, 6500).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let table = [
            (String::new(), vec![&good, &weak, &next, &verified]),
            (format!("cooperative={first}"), vec![&good, &next]),
            ("year=2021".to_owned(), vec![&next]),
            ("kind=verified".to_owned(), vec![&verified]),
            ("state=submitted".to_owned(), vec![&good, &weak, &next]),
            ("rating=good&year=2020".to_owned(), vec![&good]),
            ("rating=weak".to_owned(), vec![&weak]),
            ("province=89&unit=888".to_owned(), vec![&good, &weak, &next, &verified]),
            ("unit=883".to_owned(), vec![]),
        ];
        for (query, expected) in table {
            let page = lead.get(&format!("/v1/evaluations?{query}")).await.ok();
            let expected: Vec<_> = expected.into_iter().map(|it| it["id"].as_str().unwrap()).collect();
            assert_eq!(ids(&page), expected, "{query}");
            let lines = lead.with("accept", "application/x-ndjson").get(&format!("/v1/evaluations?{query}")).await;
            assert_eq!(lines.text.lines().count(), expected.len(), "{query}");
        }
        let page = lead.get("/v1/evaluations?year=2020&limit=2&count=exact").await.ok();
        assert_eq!(page["count"], 3);
        let rest = lead.get(page["links"]["next"].as_str().unwrap()).await.ok();
        assert_eq!((ids(&page).len(), ids(&rest)), (2, vec![verified["id"].as_str().unwrap()]));
        lead.get("/v1/evaluations?kind=own&year=x").await.refused(400, "invalid_query");
    }
}
