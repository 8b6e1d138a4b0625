//! Requests that race each other for what there is only one of: places of the quota here; money and needs below.

mod budget;
mod needs;
mod reports;

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::given_pilots::{application_path, decision_path, id_of};

/// How many write at once.
const WRITERS: usize = 64;

/// The accepted and the refused; anything else fails. A refusal tells what was left.
fn sorted(answers: Vec<Answer>, code: &str) -> (usize, Vec<Value>) {
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    let refused: Vec<Value> = refused.iter().map(|answer| answer.refused(409, code)).collect();
    for problem in &refused {
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("đồng left"), "{detail}");
    }
    (accepted.len(), refused)
}

scenario! {
    /// Four of five places are taken; two approvals race for the last one.
    async fn approvals_race_for_the_last_place_and_one_wins(world) {
        let applications = world.given_applications(1, 6).await;
        world.given_decision("1/QĐ-UBND", &applications[..4]).await;
        let first = decision_path(&world.given_draft_decision("2/QĐ-UBND", &applications[4..5]).await);
        let second = decision_path(&world.given_draft_decision("3/QĐ-UBND", &applications[5..]).await);
        let one = world.person(Role::PeoplesCommittee, "89", "chair").seen("\"1\"");
        let other = world.person(Role::PeoplesCommittee, "89", "vice-chair").seen("\"1\"");
        let (paths, nothing) = ([format!("{first}/approvals"), format!("{second}/approvals")], json!({}));
        let answers: [_; 2] = tokio::join!(one.post(&paths[0], &nothing), other.post(&paths[1], &nothing)).into();
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "{} {}", answers[0].text, answers[1].text);
        let refused = lost[0].refused(409, "quota_exceeded");
        assert!(refused["legalBasis"].as_str().unwrap().contains("2129/QĐ-UBND II.2"), "{refused}");
        assert_eq!(world.places_taken().await, 5);
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.get("/v1/pilots?list=scheme&state=active&count=exact").await.ok()["count"], 5);
        let mut states = Vec::new();
        for application in &applications[4..] {
            states.push(lead.get(&application_path(application)).await.ok()["state"].as_str().unwrap().to_owned());
        }
        states.sort();
        assert_eq!(states, ["selected", "submitted"]);
    }
}

scenario! {
    /// Seven decisions of one application each race for five places.
    async fn many_approvals_never_take_more_places_than_there_are(world) {
        let applications = world.given_applications(1, 7).await;
        let mut paths = Vec::new();
        for (number, application) in (1..).zip(&applications) {
            let draft = world.given_draft_decision(&format!("{number}/QĐ-UBND"), std::slice::from_ref(application)).await;
            paths.push(format!("{}/approvals", decision_path(&draft)));
        }
        let (committee, nothing) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), json!({}));
        let answers = join_all(paths.iter().map(|path| committee.post(path, &nothing))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            refused.refused(409, "quota_exceeded");
        }
        assert_eq!(world.places_taken().await, 5);
    }
}

scenario! {
    /// The same decision is approved twice at once, and the same application is chosen by two decisions at once.
    async fn a_decision_takes_effect_once_and_an_application_is_selected_once(world) {
        let applications = world.given_applications(1, 1).await;
        let first = decision_path(&world.given_draft_decision("1/QĐ-UBND", &applications).await);
        let second = decision_path(&world.given_draft_decision("2/QĐ-UBND", &applications).await);
        let (committee, nothing) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), json!({}));
        let paths = [&first, &first, &second, &second].map(|path| format!("{path}/approvals"));
        let answers = join_all(paths.iter().map(|path| committee.post(path, &nothing))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(answers.iter().all(|answer| [200, 409, 412].contains(&answer.status)));
        assert_eq!(world.places_taken().await, 1);
        let lead = world.someone(Role::LeadAgency, "89");
        assert_eq!(lead.get("/v1/pilots?count=exact").await.ok()["count"], 1);
    }
}

scenario! {
    /// A pilot leaves while another decision waits for its place: the count is right whoever comes first.
    async fn a_place_that_is_given_back_is_taken_once(world) {
        let applications = world.given_applications(1, 7).await;
        let five = world.given_decision("1/QĐ-UBND", &applications[..5]).await;
        let lead = world.someone(Role::LeadAgency, "89");
        let pilots = lead.get(&format!("/v1/pilots?decision={}", id_of(&five))).await.ok();
        let pilot = &pilots["items"][0];
        let own = world.cooperative(pilot["cooperative"].as_str().unwrap()).seen("\"1\"");
        let mut paths = Vec::new();
        for (number, application) in (2..).zip(&applications[5..]) {
            let draft = world.given_draft_decision(&format!("{number}/QĐ-UBND"), std::slice::from_ref(application)).await;
            paths.push(format!("{}/approvals", decision_path(&draft)));
        }
        let (committee, nothing) = (world.someone(Role::PeoplesCommittee, "89").seen("\"1\""), json!({}));
        let leaves = json!({"withdrawnOn": "2022-05-10", "reason": "HTX tự nguyện dừng tham gia"});
        let path = format!("/v1/pilots/{}/withdrawals", id_of(pilot));
        let (left, one, other) =
            tokio::join!(own.post(&path, &leaves), committee.post(&paths[0], &nothing), committee.post(&paths[1], &nothing));
        left.ok();
        let taken = [one, other].iter().filter(|answer| answer.status == 200).count();
        assert!(taken <= 1);
        assert_eq!(world.places_taken().await, 4 + i64::try_from(taken).unwrap());
        assert_eq!(lead.get("/v1/pilots?state=active&count=exact").await.ok()["count"], 4 + taken);
    }
}
