//! Later decisions that change a list: history kept, places given back, never before facts, whoever races.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::given_pilots::{AGRICULTURE, TRANSPORT, application_path, decision_path, id_of, new_decision};

fn amendment(number: &str, date: &str, removals: &[&Value], reassignments: &[&Value]) -> Value {
    let reassigned =
        |application: &&Value| json!({"application": application["id"], "responsibleDepartment": TRANSPORT});
    json!({
        "number": number, "date": date, "signatory": "Nguyễn Thanh Bình", "reason": "Điều chỉnh danh sách",
        "removals": removals.iter().map(|application| &application["id"]).collect::<Vec<_>>(),
        "reassignments": reassignments.iter().map(reassigned).collect::<Vec<_>>(),
    })
}

scenario! {
    async fn a_later_decision_takes_pilots_off_the_list_and_reassigns_others(world) {
        let applications = world.given_applications(1, 3).await;
        let decision = world.given_decision("2128/QĐ-UBND", &applications).await;
        let path = decision_path(&decision);
        let committee = world.someone(Role::PeoplesCommittee, "89");
        let body = amendment("415/QĐ-UBND", "2022-03-01", &[&applications[0]], &[&applications[1]]);
        let answer = committee.step(&path, "amendments", &body).await;
        let amended = answer.ok();
        assert_eq!((&amended["state"], &amended["applications"]), (&json!("approved"), &decision["applications"]));
        assert_eq!(amended["contentHash"], decision["contentHash"], "what was decided at first stays");
        let shown = &amended["amendments"][0];
        assert_eq!((&shown["number"], &shown["removals"]), (&json!("415/QĐ-UBND"), &json!([applications[0]["id"]])));
        assert_eq!(shown["reassignments"][0]["responsibleDepartment"], TRANSPORT);
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
        let history = lead.get(&format!("{path}/amendments")).await.ok();
        assert_eq!((&history["items"][0]["item"], &history["items"][0]["onDate"]), (&json!("415/QĐ-UBND"), &json!("2022-03-01")));
        // A cooperative sees the decision on its own application, amendments included.
        let own = world.cooperative(applications[0]["cooperative"].as_str().unwrap());
        assert_eq!(own.get(&path).await.ok(), amended);
        // The rest goes by a revocation, after the amendment and not before.
        let revocation = |date: &str| json!({"number": "500/QĐ-UBND", "date": date, "reason": "Thu hồi"});
        committee.step(&path, "revocations", &revocation("2022-02-28")).await.refused(409, "step_predated");
        let revoked = committee.step(&path, "revocations", &revocation("2022-03-01")).await.ok();
        assert_eq!((&revoked["state"], &revoked["amendments"]), (&json!("revoked"), &amended["amendments"]));
        assert_eq!(world.places_taken().await, 0);
        let again = amendment("501/QĐ-UBND", "2022-04-01", &[&applications[1]], &[]);
        committee.step(&path, "amendments", &again).await.refused(409, "wrong_state");
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
        let good = amendment("415/QĐ-UBND", "2022-03-01", &[&applications[0]], &[]);
        committee.step(&path, "amendments", &good).await.refused(409, "wrong_state");
        committee.step(&path, "approvals", &json!({})).await.ok();

        world.person(Role::PeoplesCommittee, "89", "both-hats").step(&path, "amendments", &good).await.refused(409, "four_eyes");
        let revocation = json!({"number": "9/QĐ-UBND", "date": "2022-03-01", "reason": "Thu hồi"});
        world.person(Role::PeoplesCommittee, "89", "both-hats").step(&path, "revocations", &revocation).await.refused(409, "four_eyes");
        drafter.seen("\"2\"").post(&format!("{path}/amendments"), &good).await.refused(403, "forbidden");
        let outside = world.someone(Role::PeoplesCommittee, "01").seen("\"2\"");
        outside.post(&format!("{path}/amendments"), &good).await.refused(404, "not_found");
        committee.post(&format!("{path}/amendments"), &good).await.refused(428, "precondition_required");
        committee.seen("\"1\"").post(&format!("{path}/amendments"), &good).await.refused(412, "stale");
        let future = amendment("415/QĐ-UBND", "2999-01-01", &[], &[]);
        let answer = committee.step(&path, "amendments", &future).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![" amendment_empty".to_owned(), "/date date_in_future".to_owned()]));
        let mut strange = amendment("415/QĐ-UBND", "2022-03-01", &[&applications[0], &applications[2]], &[&applications[1]]);
        strange["reassignments"][0]["responsibleDepartment"] = world.agency_of(Role::Locality, "888").await;
        let answer = committee.step(&path, "amendments", &strange).await;
        assert_eq!((answer.status, answer.faults()), (400, [
            "/reassignments/0/responsibleDepartment unknown_reference", "/removals/1 unknown_reference",
        ].map(str::to_owned).to_vec()));
        let same = amendment("2128/QĐ-UBND", "2021-12-01", &[&applications[0]], &[]);
        committee.step(&path, "amendments", &same).await.refused(409, "not_a_later_decision");
        let early = amendment("415/QĐ-UBND", "2021-09-14", &[&applications[0]], &[]);
        committee.step(&path, "amendments", &early).await.refused(409, "step_predated");
        // One of two has left already: all or nothing.
        let own = world.cooperative(applications[1]["cooperative"].as_str().unwrap());
        let pilots = own.get("/v1/pilots").await.ok();
        let pilot = format!("/v1/pilots/{}", id_of(&pilots["items"][0]));
        own.step(&pilot, "withdrawals", &json!({"withdrawnOn": "2022-01-10", "reason": "Tự nguyện"})).await.ok();
        let both = amendment("415/QĐ-UBND", "2022-03-01", &[&applications[0], &applications[1]], &[]);
        let refused = committee.step(&path, "amendments", &both).await;
        refused.refused(409, "wrong_state");
        assert_eq!(refused.faults(), ["/removals/1 wrong_state"]);
        assert_eq!(committee.get(&path).await.ok()["amendments"], json!([]));
        assert_eq!(world.places_taken().await, 1);
        committee.step(&path, "amendments", &good).await.ok();
        let twice = amendment("415/QĐ-UBND", "2022-03-02", &[&applications[0]], &[]);
        committee.step(&path, "amendments", &twice).await.refused(409, "wrong_state");
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
        let body = amendment("9/QĐ-UBND", "2022-03-01", &[&applications[0]], &[]);
        let (first, second) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), world.someone(Role::PeoplesCommittee, "89").seen("\"2\""));
        let (path, nothing) = (format!("{five}/amendments"), json!({}));
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
            "number": "90/QĐ-UBND", "date": "2022-03-01", "signatory": "X", "reason": "Điều chỉnh",
            "removals": [pilots[1]["application"]], "reassignments": [],
        });
        committee.step(&path(&pilots[1]), "amendments", &body).await.ok();
        let revocation = json!({"number": "91/QĐ-UBND", "date": "2022-03-01", "reason": "Thu hồi"});
        committee.step(&path(&pilots[2]), "revocations", &revocation).await.ok();
        assert_eq!(world.places_taken().await, 5);
    }
}
