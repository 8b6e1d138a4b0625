//! The yearly evaluation of a cooperative (*đánh giá HTX*): scored by the criteria, endorsed by its boards, submitted,
//! confirmed. The cooperative's own points are never overwritten: what agencies find stands beside them.
//!
//! Source: Circular 01/2020/TT-BKHĐT. Maxima and rating are in [`scoring`], the not-rated outcome in [`standing`],
//! why a result is what it is in [`explanation`], who may do what and when in [`moves`].

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use self::inputs::ScoringInputs;
use super::evidence::DocumentReference;
use super::role::names;
use super::score::Points;

pub mod comparison;
pub mod explanation;
pub mod inputs;
pub mod moves;
pub mod oversight;
pub mod rating;
pub mod scoring;
pub mod standing;
pub mod trial;

names! {
    /// Whose evaluation it is.
    EvaluationKind {
        /// The cooperative's own (*tự đánh giá*).
        Own = "self",
        /// What the locality or a line department found.
        Verified = "verified",
        /// The one the lead agency makes when a pilot completes its model.
        Final = "final",
    }
}

names! {
    /// Where an evaluation is in its life.
    EvaluationState {
        /// Being written.
        Draft = "draft",
        /// Sent; not to be changed.
        Submitted = "submitted",
        /// Found right by another person.
        Confirmed = "confirmed",
        /// Sent back with a reason, to be changed and submitted again.
        Returned = "returned",
    }
}

names! {
    /// Why an evaluation has no rating.
    NotRatedReason {
        /// Operating for less than the months required at the end of the year.
        OperatingTooShort = "operating_too_short",
        /// Stopped for more than the months allowed in the year.
        StoppedTooLong = "stopped_too_long",
    }
}

/// The points of one leaf of the criteria, as they are sent.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewScore {
    /// Code of the sub-criterion (`1a`), or of a criterion that has none (`5`).
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    pub criterion: String,
    /// The points, up to the maximum of the criteria set. Absent where a scale computes them from the yearly figures.
    #[schema(example = "5.00")]
    pub points: Option<Points>,
    /// Why the points are not those that the scale computes; needed when they differ or cannot be computed.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    pub override_reason: Option<String>,
    /// Note on the form.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Theo báo cáo tài chính năm 2020")]
    pub note: Option<String>,
    /// Evidence of the points.
    pub document: Option<DocumentReference>,
}

impl NewScore {
    /// Bare points.
    pub fn of(criterion: &str, points: Points) -> Self {
        let (points, criterion) = (Some(points), criterion.to_owned());
        Self { criterion, points, override_reason: None, note: None, document: None }
    }
}

/// Whether the cooperative was fined for an administrative violation in its operation in the year.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdministrativeFine {
    /// Whether it was.
    #[schema(example = false)]
    pub fined: bool,
    /// The decision, if there was one.
    pub document: Option<DocumentReference>,
}

/// What an evaluation says, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContent {
    /// Points of leaves.
    pub scores: Vec<NewScore>,
    /// Whether there was a fine, where the criteria set asks.
    pub fine: Option<AdministrativeFine>,
}

/// The points of one leaf of the criteria, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Code of the sub-criterion, or of a criterion that has none.
    pub criterion: String,
    /// The points.
    pub points: Points,
    /// What the scale made of the figures, where there is a scale and they sufficed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<Points>,
    /// Why the points are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    /// Note on the form.
    pub note: Option<String>,
    /// Evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentReference>,
    /// Who entered them, or had them computed (`sub`).
    pub entered_by: String,
}

impl Score {
    /// The score as it would be sent: computed points are computed again.
    pub fn as_sent(&self) -> NewScore {
        let Self { criterion, points, computed, override_reason, note, document, entered_by: _ } = self.clone();
        let entered = computed.is_none() || override_reason.is_some();
        NewScore { criterion, points: entered.then_some(points), override_reason, note, document }
    }
}

/// What comes of the scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The sum of all points.
    pub total: Points,
    /// What it earns.
    pub verdict: Verdict,
}

/// A rating, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Code of the rating: `good`, `fair`, `average`, `weak`.
    Rated(String),
    /// Not rated: a fifth outcome, not an error.
    NotRated(NotRatedReason),
}

/// What the register knew of the cooperative's operation when the outcome was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Day of foundation.
    pub founded_on: NaiveDate,
    /// Interruptions recorded, in any order.
    pub stops: Vec<Stop>,
    /// The day on which the register was read.
    pub known_on: NaiveDate,
}

/// A time without operation, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// First day without operation.
    pub from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    pub to_date: Option<NaiveDate>,
}

names! {
    /// A board that must agree to a self-evaluation.
    Board {
        /// *Hội đồng quản trị*.
        Directors = "board_of_directors",
        /// *Ban kiểm soát, kiểm soát viên*.
        Supervisors = "supervisory_board",
    }
}

names! {
    /// What a board says.
    BoardOpinion {
        /// It agrees.
        Agreed = "agreed",
        /// There is none by the charter: for supervisors only.
        NoneByCharter = "none_by_charter",
    }
}

/// The agreement of a board to exactly this content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endorsement {
    /// Which board.
    pub board: Board,
    /// What it says.
    pub opinion: BoardOpinion,
    /// The day of its resolution.
    pub on_date: NaiveDate,
    /// The resolution or minutes.
    pub document: Option<DocumentReference>,
    /// Digest of the content that it agreed to.
    pub content_hash: String,
}

/// When an evaluation was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The last time.
    pub at: DateTime<Utc>,
    /// By whom (`sub`).
    pub by: String,
    /// Whether the first submission missed the deadline; absent where none is set for the kind.
    pub late: Option<bool>,
}

/// An evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province when the evaluation was made.
    pub province: String,
    /// Code of its district or commune.
    pub unit: String,
    /// The evaluated year.
    pub year: u16,
    /// Whose evaluation it is.
    pub kind: EvaluationKind,
    /// The criteria set that it is made under.
    pub criteria_set: Uuid,
    /// Code of that set: `TT01-2020`.
    pub criteria_code: String,
    /// Points, in the order of the form.
    pub scores: Vec<Score>,
    /// What computed points rest on; none under a set without scales.
    pub inputs: Option<ScoringInputs>,
    /// Whether there was a fine, where the set asks.
    pub fine: Option<AdministrativeFine>,
    /// What the register knew.
    pub operation: Operation,
    /// What comes of both.
    pub outcome: Outcome,
    /// Agreements to the content as it is.
    pub endorsements: Vec<Endorsement>,
    /// Where it is in its life.
    pub state: EvaluationState,
    /// When it was sent, if it was.
    pub submission: Option<Submission>,
    /// The agency that makes it; absent for the cooperative's own.
    pub agency: Option<Uuid>,
    /// Who made it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Outcome {
    /// Code of the rating, if there is one.
    pub fn rating(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Rated(rating) => Some(rating),
            Verdict::NotRated(_) => None,
        }
    }

    /// Why there is no rating.
    pub const fn not_rated_reason(&self) -> Option<NotRatedReason> {
        match self.verdict {
            Verdict::Rated(_) => None,
            Verdict::NotRated(reason) => Some(reason),
        }
    }
}

impl Evaluation {
    /// The total.
    pub const fn total(&self) -> Points {
        self.outcome.total
    }

    /// Code of the rating, if there is one.
    pub fn rating(&self) -> Option<&str> {
        self.outcome.rating()
    }

    /// Whether it was made under a criteria set of this code, or under its province's variant of that set: evaluations
    /// under another circular are never mixed with them.
    pub fn is_under(&self, code: &str) -> bool {
        self.criteria_code == code || self.circular() == code
    }

    /// The circular that it is made under: the code of its criteria set, of a province's variant that of the set which it
    /// varies. A cooperative has one evaluation of a kind a year under each.
    pub fn circular(&self) -> &str {
        let varied = self.criteria_code.strip_suffix(self.province.as_str()).and_then(|code| code.strip_suffix('-'));
        varied.unwrap_or(&self.criteria_code)
    }

    /// Points by leaf, in the order of the form.
    pub fn points(&self) -> impl Iterator<Item = (&str, Points)> + Clone {
        self.scores.iter().map(|score| (score.criterion.as_str(), score.points))
    }

    /// Points by criterion, sub-criteria summed: what an improvement plan compares.
    pub fn points_by_criterion(&self) -> BTreeMap<u8, Points> {
        points_by_criterion(&self.scores)
    }
}

/// Points by criterion, sub-criteria summed.
pub fn points_by_criterion(scores: &[Score]) -> BTreeMap<u8, Points> {
    let mut points: BTreeMap<u8, Points> = BTreeMap::new();
    for score in scores {
        let number = score.criterion.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
        if let Ok(number) = number.parse() {
            let sum = points.entry(number).or_default();
            *sum = sum.plus(score.points);
        }
    }
    points
}
