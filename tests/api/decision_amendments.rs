//! Later decisions that change a list: history kept, places given back, never before facts, whoever races.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::given_pilots::{AGRICULTURE, TRANSPORT, application_path, decision_path, id_of, new_decision};
use crate::support::world::World;

fn amendment(decision: &str, number: &str, date: &str, removals: &[&Value], reassignments: &[&Value]) -> Value {
    let reassigned =
        |application: &&Value| json!({"application": application["id"], "responsibleDepartment": TRANSPORT});
    json!({
        "decision": decision.rsplit('/').next(), "number": number, "date": date, "signatory": "Nguyễn Thanh Bình",
        "reason": "Điều chỉnh danh sách", "additions": [],
        "removals": removals.iter().map(|application| &application["id"]).collect::<Vec<_>>(),
        "reassignments": reassignments.iter().map(reassigned).collect::<Vec<_>>(),
    })
}

fn added(body: &Value, applications: &[&Value]) -> Value {
    let choice = |application: &&Value| json!({"application": application["id"], "responsibleDepartment": AGRICULTURE});
    let mut body = body.clone();
    body["additions"] = applications.iter().map(choice).collect();
    body
}

const AMENDMENTS: &str = "/v1/selection-amendments";

/// Drafts an amendment as the lead agency; its path.
async fn drafted(world: &World, body: &Value) -> String {
    let answer = world.someone(Role::LeadAgency, "89").post(AMENDMENTS, body).await;
    answer.created();
    answer.location()
}

/// The same, and approves it as the People's Committee.
async fn amend(world: &World, body: &Value) -> Answer {
    let path = drafted(world, body).await;
    world.someone(Role::PeoplesCommittee, "89").step(&path, "approvals", &json!({})).await
}

scenario! {
    async fn a_later_decision_takes_pilots_off_the_list_and_reassigns_others(world) {
        let applications = world.given_applications(1, 3).await;
        let decision = world.given_decision("2128/QĐ-UBND", &applications).await;
        let path = decision_path(&decision);
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let body = amendment(&path, "415/QĐ-UBND", "2022-03-01", &[&applications[0]], &[&applications[1]]);
        let draft = drafted(&world, &body).await;
        assert_eq!(committee.get(&path).await.ok(), decision, "a draft changes nothing yet");
        let own = world.cooperative(applications[0]["cooperative"].as_str().unwrap());
        own.get(&draft).await.refused(404, "not_found");
        let read = committee.get(&draft).await.ok();
        let in_force = committee.step(&draft, "approvals", &json!({})).await.ok();
        assert_eq!((&in_force["state"], &in_force["contentHash"]), (&json!("approved"), &read["contentHash"]));
        let history = committee.get(&format!("{draft}/approvals")).await.ok();
        assert_eq!((&history["items"][0]["contentHash"], &history["items"][0]["onDate"]), (&read["contentHash"], &json!("2022-03-01")));
        assert_eq!(own.get(&draft).await.ok(), in_force);
        let amended = committee.get(&path).await.ok();
        assert_eq!((&amended["state"], &amended["applications"]), (&json!("approved"), &decision["applications"]));
        assert_eq!(amended["contentHash"], decision["contentHash"], "what was decided at first stays");
        let shown = &amended["amendments"][0];
        assert_eq!((&shown["number"], &shown["removals"]), (&json!("415/QĐ-UBND"), &json!([applications[0]["id"]])));
        assert_eq!((&shown["id"], &shown["reassignments"]), (&in_force["id"], &json!([applications[1]["id"]])));
        assert_eq!(in_force["reassignments"][0]["responsibleDepartment"], TRANSPORT);
        let lead = world.someone(Role::LeadAgency, "89");
        let page = lead.get(&format!("/v1/pilots?decision={}", id_of(&decision))).await.ok();
        let pilot = |application: &Value| {
            let mut items = page["items"].as_array().unwrap().iter();
            items.find(|pilot| pilot["application"] == application["id"]).unwrap().clone()
        };
        let stopped = pilot(&applications[0]);
        assert_eq!((&stopped["state"], &stopped["stop"]["cause"]), (&json!("stopped"), &json!("revocation")));
        assert_eq!(stopped["stop"]["stoppedOn"], "2022-03-01");
        assert_eq!(pilot(&applications[1])["responsibleDepartment"], TRANSPORT);
        assert_eq!(pilot(&applications[2])["responsibleDepartment"], AGRICULTURE);
        assert_eq!(lead.get(&application_path(&applications[0])).await.ok()["state"], "closed");
        assert_eq!(world.places_taken().await, 2);
        let listed = lead.get(&format!("{AMENDMENTS}?decision={}&state=approved&count=exact", id_of(&decision))).await.ok();
        assert_eq!((&listed["count"], &listed["items"][0]), (&json!(1), &in_force));
        // A cooperative sees the decision on its own application, amendments included.
        assert_eq!(own.get(&path).await.ok(), amended);
        // The rest goes by a revocation, after the amendment and not before.
        let revocation = |date: &str| json!({"number": "500/QĐ-UBND", "date": date, "reason": "Thu hồi"});
        committee.step(&path, "revocations", &revocation("2022-02-28")).await.refused(409, "step_predated");
        let revoked = committee.step(&path, "revocations", &revocation("2022-03-01")).await.ok();
        assert_eq!((&revoked["state"], &revoked["amendments"]), (&json!("revoked"), &amended["amendments"]));
        assert_eq!(world.places_taken().await, 0);
        let again = amendment(&path, "501/QĐ-UBND", "2022-04-01", &[&applications[1]], &[]);
        lead.post(AMENDMENTS, &again).await.refused(409, "wrong_state");
    }
}

scenario! {
    async fn a_bad_amendment_changes_nothing(world) {
        let applications = world.given_applications(1, 3).await;
        world.given_plan("89").await;
        let drafter = world.person(Role::LeadAgency, "89", "both-hats");
        let body = new_decision("2128/QĐ-UBND", &applications[..2]);
        let path = drafter.post("/v1/selection-decisions", &body).await.location();
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let lead = world.someone(Role::LeadAgency, "89");
        let good = amendment(&path, "415/QĐ-UBND", "2022-03-01", &[&applications[0]], &[]);
        let onto_a_draft = added(&amendment(&path, "415/QĐ-UBND", "2022-03-01", &[], &[]), &[&applications[2]]);
        lead.post(AMENDMENTS, &onto_a_draft).await.refused(409, "wrong_state");
        committee.step(&path, "approvals", &json!({})).await.ok();

        committee.post(AMENDMENTS, &good).await.refused(403, "forbidden");
        let outside = world.someone(Role::LeadAgency, "01");
        assert_eq!(outside.post(AMENDMENTS, &good).await.faults(), ["/decision unknown_reference"]);
        let revocation = json!({"number": "9/QĐ-UBND", "date": "2022-03-01", "reason": "Thu hồi"});
        world.person(Role::PeoplesCommittee, "89", "both-hats").step(&path, "revocations", &revocation).await.refused(409, "four_eyes");
        let future = amendment(&path, "415/QĐ-UBND", "2999-01-01", &[], &[]);
        let answer = lead.post(AMENDMENTS, &future).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![" amendment_empty".to_owned(), "/date date_in_future".to_owned()]));
        let mut strange = amendment(&path, "415/QĐ-UBND", "2022-03-01", &[&applications[0], &applications[2]], &[&applications[1]]);
        strange["reassignments"][0]["responsibleDepartment"] = world.agency_of(Role::Locality, "888").await;
        let answer = lead.post(AMENDMENTS, &strange).await;
        assert_eq!((answer.status, answer.faults()), (400, [
            "/reassignments/0/responsibleDepartment unknown_reference", "/removals/1 unknown_reference",
        ].map(str::to_owned).to_vec()));
        let same = amendment(&path, "2128/QĐ-UBND", "2021-12-01", &[&applications[0]], &[]);
        lead.post(AMENDMENTS, &same).await.refused(409, "not_a_later_decision");
        let early = amendment(&path, "415/QĐ-UBND", "2021-09-14", &[&applications[0]], &[]);
        lead.post(AMENDMENTS, &early).await.refused(409, "step_predated");
        // One of two has left already: all or nothing.
        let own = world.cooperative(applications[1]["cooperative"].as_str().unwrap());
        let pilots = own.get("/v1/pilots").await.ok();
        let pilot = format!("/v1/pilots/{}", id_of(&pilots["items"][0]));
        own.step(&pilot, "withdrawals", &json!({"withdrawnOn": "2022-01-10", "reason": "Tự nguyện"})).await.ok();
        let both = amendment(&path, "415/QĐ-UBND", "2022-03-01", &[&applications[0], &applications[1]], &[]);
        let both = drafted(&world, &both).await;
        let refused = committee.step(&both, "approvals", &json!({})).await;
        refused.refused(409, "wrong_state");
        assert_eq!(refused.faults(), ["/removals/1 wrong_state"]);
        // Who wrote it does not approve it, whatever the hat; a draft is edited and deleted, by its lead agency alone.
        let edited = drafter.seen("\"1\"").patch(&both, &json!({"removals": [applications[0]["id"]]})).await.ok();
        assert_eq!(edited["removals"], json!([applications[0]["id"]]));
        drafter.seen("\"2\"").patch(&both, &json!({"decision": applications[0]["id"]})).await.refused(400, "cannot_change");
        let hats = world.person(Role::PeoplesCommittee, "89", "both-hats");
        hats.step(&both, "approvals", &json!({})).await.refused(409, "four_eyes");
        world.someone(Role::PeoplesCommittee, "01").seen("\"2\"").post(&format!("{both}/approvals"), &json!({})).await.refused(404, "not_found");
        committee.post(&format!("{both}/approvals"), &json!({})).await.refused(428, "precondition_required");
        committee.seen("\"1\"").post(&format!("{both}/approvals"), &json!({})).await.refused(412, "stale");
        let actions = hats.get(&format!("{both}/allowed-actions")).await.ok();
        let codes: Vec<_> = actions["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap_or("ok")).collect();
        assert_eq!(codes, ["forbidden", "forbidden", "four_eyes"]);
        assert_eq!(lead.seen("\"2\"").delete(&both).await.status, 204);
        assert_eq!(committee.get(&path).await.ok()["amendments"], json!([]));
        assert_eq!(world.places_taken().await, 1);
        let again = drafted(&world, &good).await;
        lead.post(AMENDMENTS, &good).await.refused(409, "already_exists");
        committee.step(&again, "approvals", &json!({})).await.ok();
        committee.step(&again, "approvals", &json!({})).await.refused(409, "wrong_state");
        lead.seen("\"2\"").delete(&again).await.refused(409, "not_a_draft");
        let twice = amendment(&path, "416/QĐ-UBND", "2022-03-02", &[&applications[0]], &[]);
        assert_eq!(amend(&world, &twice).await.faults(), ["/removals/0 wrong_state"]);
    }
}

scenario! {
    /// Five places are taken. An amendment frees one while two decisions race for it; the count is right whoever wins.
    async fn a_place_that_an_amendment_frees_is_taken_once(world) {
        let applications = world.given_applications(1, 7).await;
        let five = decision_path(&world.given_decision("1/QĐ-UBND", &applications[..5]).await);
        let mut paths = Vec::new();
        for (number, application) in (2..).zip(&applications[5..]) {
            let draft = world.given_draft_decision(&format!("{number}/QĐ-UBND"), std::slice::from_ref(application)).await;
            paths.push(format!("{}/approvals", decision_path(&draft)));
        }
        let body = amendment(&five, "9/QĐ-UBND", "2022-03-01", &[&applications[0]], &[]);
        let first = world.someone(Role::PeoplesCommittee, "89").seen("\"1\"");
        let second = first.clone();
        let (path, body, nothing) = (format!("{}/approvals", drafted(&world, &body).await), json!({}), json!({}));
        let answers: [_; 4] = tokio::join!(
            second.post(&path, &body), second.post(&path, &body), first.post(&paths[0], &nothing), first.post(&paths[1], &nothing)
        ).into();
        let [one, other, left, right] = &answers;
        assert_eq!([one, other].iter().filter(|answer| answer.status == 200).count(), 1, "{} {}", one.text, other.text);
        assert!([one, other].iter().any(|answer| answer.status == 412), "the same amendment takes effect once");
        let taken = [left, right].iter().filter(|answer| answer.status == 200).count();
        assert!(taken <= 1);
        assert_eq!(world.places_taken().await, 4 + i64::try_from(taken).unwrap());
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.get("/v1/pilots?state=active&count=exact").await.ok()["count"], 4 + taken);
    }
}

scenario! {
    /// The province's own list takes no place, whatever races: three decisions for it and four for the last three places.
    async fn the_provinces_own_list_never_counts_against_the_quota(world) {
        let applications = world.given_applications(1, 9).await;
        world.given_decision("1/QĐ-UBND", &applications[..2]).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let mut paths = Vec::new();
        for (number, application) in (2..).zip(&applications[2..]) {
            let mut body = new_decision(&format!("{number}/QĐ-UBND"), std::slice::from_ref(application));
            if number < 5 {
                body["list"] = json!("provincial");
            }
            paths.push(format!("{}/approvals", lead.post("/v1/selection-decisions", &body).await.location()));
        }
        let (committee, nothing) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), json!({}));
        let answers = join_all(paths.iter().map(|path| committee.post(path, &nothing))).await;
        assert!(answers[..3].iter().all(|answer| answer.status == 200), "the own list is outside the quota");
        assert_eq!(answers[3..].iter().filter(|answer| answer.status == 200).count(), 3);
        assert_eq!(world.places_taken().await, 5);
        assert_eq!(lead.get("/v1/pilots?list=scheme&state=active&count=exact").await.ok()["count"], 5);
        let own_list = lead.get("/v1/pilots?list=provincial&state=active&count=exact").await.ok();
        assert_eq!(own_list["count"], 3);
        // Nor does it give one back: one of them leaves, another is taken off by a later decision, a third is revoked.
        let pilots = own_list["items"].as_array().unwrap();
        let own = world.cooperative(pilots[0]["cooperative"].as_str().unwrap());
        let leaves = json!({"withdrawnOn": "2022-05-10", "reason": "HTX tự nguyện dừng tham gia"});
        own.step(&format!("/v1/pilots/{}", id_of(&pilots[0])), "withdrawals", &leaves).await.ok();
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let path = |pilot: &Value| format!("/v1/selection-decisions/{}", pilot["decision"].as_str().unwrap());
        let body = json!({
            "decision": pilots[1]["decision"], "number": "90/QĐ-UBND", "date": "2022-03-01", "signatory": "X",
            "reason": "Điều chỉnh", "additions": [], "removals": [pilots[1]["application"]], "reassignments": [],
        });
        amend(&world, &body).await.ok();
        let revocation = json!({"number": "91/QĐ-UBND", "date": "2022-03-01", "reason": "Thu hồi"});
        committee.step(&path(&pilots[2]), "revocations", &revocation).await.ok();
        assert_eq!(world.places_taken().await, 5);
    }
}

scenario! {
    /// An addition is eligible and within the quota; places that the same amendment frees count first. Who was added sees the
    /// decision, and leaves with it when it is revoked.
    async fn an_amendment_adds_to_the_list_within_the_quota(world) {
        let applications = world.given_applications(1, 7).await;
        let decision = world.given_decision("1/QĐ-UBND", &applications[..5]).await;
        let path = decision_path(&decision);
        let full = added(&amendment(&path, "2/QĐ-UBND", "2022-03-01", &[], &[]), &[&applications[5]]);
        let refused = amend(&world, &full).await.refused(409, "quota_exceeded");
        assert_eq!((&refused["inputs"]["taken"], &refused["inputs"]["left"]), (&json!("5"), &json!("0")));
        assert_eq!(world.places_taken().await, 5);
        let swap = added(&amendment(&path, "3/QĐ-UBND", "2022-03-01", &[&applications[0]], &[]), &[&applications[5]]);
        amend(&world, &swap).await.ok();
        assert_eq!(world.places_taken().await, 5);
        let own = world.cooperative(applications[5]["cooperative"].as_str().unwrap());
        let pilot = own.get("/v1/pilots").await.ok()["items"][0].clone();
        assert_eq!((&pilot["decision"], &pilot["selectedOn"], &pilot["state"]), (&decision["id"], &json!("2022-03-01"), &json!("active")));
        assert_eq!(own.get(&path).await.ok()["amendments"][0]["additions"], json!([applications[5]["id"]]));
        assert_eq!(own.get(&application_path(&applications[5])).await.ok()["state"], "selected");
        let made = own.get(&format!("/v1/determinations?occasion=selection&of={}", id_of(&applications[5]))).await.ok();
        assert_eq!(made["items"][0]["decision"], decision["id"]);
        let on_list = added(&amendment(&path, "4/QĐ-UBND", "2022-04-01", &[], &[]), &[&applications[5]]);
        let answer = world.someone(Role::LeadAgency, "89").post(AMENDMENTS, &on_list).await;
        assert_eq!(answer.faults(), ["/additions/0/application unknown_reference"]);
        let revocation = json!({"number": "9/QĐ-UBND", "date": "2022-05-01", "reason": "Thu hồi"});
        world.someone(Role::PeoplesCommittee, "89").step(&path, "revocations", &revocation).await.ok();
        assert_eq!(world.places_taken().await, 0);
        assert_eq!(own.get(&application_path(&applications[5])).await.ok()["state"], "closed");
    }
}

scenario! {
    /// Four places are taken; two amendments and a decision race for the fifth: one wins, whichever.
    async fn additions_race_for_the_last_place_and_one_wins(world) {
        let applications = world.given_applications(1, 7).await;
        let path = decision_path(&world.given_decision("1/QĐ-UBND", &applications[..4]).await);
        let mut paths = Vec::new();
        for (number, application) in (2..).zip(&applications[4..6]) {
            let body = added(&amendment(&path, &format!("{number}/QĐ-UBND"), "2022-03-01", &[], &[]), &[application]);
            paths.push(format!("{}/approvals", drafted(&world, &body).await));
        }
        let other = world.given_draft_decision("8/QĐ-UBND", &applications[6..]).await;
        paths.push(format!("{}/approvals", decision_path(&other)));
        let (committee, nothing) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), json!({}));
        let answers = join_all(paths.iter().map(|path| committee.post(path, &nothing))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 2), "{answers:?}");
        for answer in lost {
            answer.refused(409, "quota_exceeded");
        }
        assert_eq!(world.places_taken().await, 5);
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.get("/v1/pilots?list=scheme&state=active&count=exact").await.ok()["count"], 5);
    }
}
