//! Evaluations that a test starts from.

use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::world::World;

/// Maxima of the leaves of Circular 01/2020 in whole points; group III's 40 are put on criterion 10.
const MAXIMA: [(&str, i64); 23] = [
    ("1a", 6),
    ("1b", 1),
    ("2a", 5),
    ("2b", 1),
    ("3a", 4),
    ("3b", 3),
    ("3c", 4),
    ("4a", 2),
    ("4b", 2),
    ("4c", 2),
    ("5", 8),
    ("6", 6),
    ("7a", 2),
    ("7b", 2),
    ("7c", 2),
    ("8", 6),
    ("9", 4),
    ("10", 40),
    ("11", 0),
    ("12", 0),
    ("13", 0),
    ("14", 0),
    ("15", 0),
];

/// A score.
pub fn score(criterion: &str, points: &str) -> Value {
    json!({"criterion": criterion, "points": points})
}

/// A full form whose points sum to a total, in hundredths: the form is filled from its beginning.
pub fn scores_of(total: i64) -> Vec<Value> {
    let mut left = total;
    let fill = |(code, maximum): (&str, i64)| {
        let points = left.min(maximum * 100);
        left -= points;
        score(code, &format!("{}.{:02}", points / 100, points % 100))
    };
    MAXIMA.into_iter().map(fill).collect()
}

/// A body that makes an evaluation.
pub fn new_evaluation(cooperative: &str, year: u16, kind: &str, total: i64) -> Value {
    json!({
        "cooperative": cooperative, "year": year, "kind": kind, "criteriaSet": "TT01-2020", "scores": scores_of(total),
    })
}

/// The path of a record.
pub fn evaluation_path(evaluation: &Value) -> String {
    format!("/v1/evaluations/{}", evaluation["id"].as_str().unwrap())
}

impl World {
    /// A day of December of a year; the world's own day where that has not come.
    pub fn december(&self, year: u16, day: u8) -> String {
        format!("{year}-12-{day:02}").min(self.now()[..10].to_owned())
    }

    /// A draft of a cooperative's own evaluation, with a total in hundredths of points.
    pub async fn given_draft_evaluation(&self, cooperative: &str, year: u16, total: i64) -> Value {
        let body = new_evaluation(cooperative, year, "self", total);
        self.cooperative(cooperative).post("/v1/evaluations", &body).await.created()
    }

    /// The same, endorsed by both boards.
    pub async fn given_endorsed_evaluation(&self, cooperative: &str, year: u16, total: i64) -> Value {
        let draft = self.given_draft_evaluation(cooperative, year, total).await;
        for board in ["board_of_directors", "supervisory_board"] {
            let body = json!({"board": board, "opinion": "agreed", "endorsedOn": self.december(year, 10)});
            self.cooperative(cooperative).step(&evaluation_path(&draft), "endorsements", &body).await.ok();
        }
        draft
    }

    /// The same, submitted.
    pub async fn given_submitted_evaluation(&self, cooperative: &str, year: u16, total: i64) -> Value {
        let endorsed = self.given_endorsed_evaluation(cooperative, year, total).await;
        let body = json!({"submittedOn": self.december(year, 14)});
        self.cooperative(cooperative).step(&evaluation_path(&endorsed), "submissions", &body).await.ok()
    }

    /// An evaluation verified by the cooperative's locality and confirmed by another person of it.
    pub async fn given_verified_evaluation(&self, cooperative: &str, unit: &str, year: u16, total: i64) -> Value {
        let officer = self.person(Role::Locality, unit, "evaluating officer");
        let made = officer.post("/v1/evaluations", &new_evaluation(cooperative, year, "verified", total)).await;
        let path = made.location();
        officer.step(&path, "submissions", &json!({"submittedOn": self.december(year, 16)})).await.ok();
        let head = self.person(Role::Locality, unit, "head of division");
        head.step(&path, "confirmations", &json!({"confirmedOn": self.december(year, 17)})).await.ok()
    }
}
