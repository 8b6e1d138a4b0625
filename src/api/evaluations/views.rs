//! Evaluations as they are sent and as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::criteria::CriteriaSet;
use crate::domain::deadline::Deadline;
use crate::domain::evaluation::explanation::{EvaluationExplanation, explain};
use crate::domain::evaluation::rating::RatingInputs;
use crate::domain::evaluation::{
    AdministrativeFine, Board, BoardOpinion, Endorsement, Evaluation, EvaluationKind, EvaluationState, NewScore,
    NotRatedReason, Score, Submission,
};
use crate::domain::evidence::DocumentReference;
use crate::domain::score::Points;
use crate::domain::verdict::RuleAnswer;

/// The evaluation of a cooperative for a year.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewEvaluation {
    /// The cooperative; does not change afterwards.
    pub(super) cooperative: Uuid,
    /// The evaluated year, begun already; does not change afterwards.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    pub(super) year: u16,
    /// Whose evaluation it is; does not change afterwards.
    pub(super) kind: EvaluationKind,
    /// Code of the criteria set, in force on 31 December of the year.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    pub(super) criteria_set: String,
    /// One score for each leaf of the criteria set, `0.00` included; a criterion in parts is scored on its parts. Leaves
    /// whose points a scale computes may be left out.
    #[schema(max_items = 200)]
    pub(super) scores: Vec<NewScore>,
    /// Whether the cooperative was fined in the year: for criteria sets whose rating depends on it, and for those alone.
    pub(super) administrative_fine: Option<AdministrativeFine>,
}

impl From<&Evaluation> for NewEvaluation {
    fn from(evaluation: &Evaluation) -> Self {
        Self {
            cooperative: evaluation.cooperative,
            year: evaluation.year,
            kind: evaluation.kind,
            criteria_set: evaluation.criteria_code.clone(),
            scores: evaluation.scores.iter().map(Score::as_sent).collect(),
            administrative_fine: evaluation.fine.clone(),
        }
    }
}

/// The points of one leaf of the criteria set.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScoreView {
    /// Code of the sub-criterion, or of a criterion that has none.
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    criterion: String,
    /// The points that count.
    points: Points,
    /// What a scale computed from the figures, where there is one and they sufficed.
    computed: Option<Points>,
    /// Why the points are others.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    override_reason: Option<String>,
    /// Note on the form.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    note: Option<String>,
    /// Evidence of the points.
    document: Option<DocumentReference>,
}

/// The agreement of a board to the content as it is.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EndorsementView {
    /// Which board.
    board: Board,
    /// What it says.
    opinion: BoardOpinion,
    /// The day of its resolution.
    endorsed_on: NaiveDate,
    /// The resolution or minutes.
    document: Option<DocumentReference>,
}

/// Until when an evaluation is due, and the rule that says so.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EvaluationDeadline {
    /// The last day, included, in Vietnam.
    #[schema(example = "2020-12-15")]
    last_day_on: NaiveDate,
    /// The first instant that is too late.
    #[schema(example = "2020-12-15T17:00:00Z")]
    passes_at: DateTime<Utc>,
    /// Document that sets it.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    legal_basis: String,
    /// Identifier of the rule that marks what is late, in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "evaluation_deadline")]
    rule_id: String,
}

impl From<Deadline> for EvaluationDeadline {
    fn from(deadline: Deadline) -> Self {
        let passes_at = deadline.passes_at();
        let rule_id = "evaluation_deadline".to_owned();
        Self { last_day_on: deadline.on_date, passes_at, legal_basis: deadline.legal_basis, rule_id }
    }
}

/// An evaluation.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EvaluationView {
    /// Identifier.
    id: Uuid,
    /// The cooperative.
    cooperative: Uuid,
    /// Code of its province when the evaluation was made.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its district or commune then.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// The evaluated year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    year: u16,
    /// Whose evaluation it is.
    kind: EvaluationKind,
    /// Code of the criteria set.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    criteria_set: String,
    /// The version of that set which it is made under.
    criteria_set_id: Uuid,
    /// Scores, in the order of the form.
    #[schema(max_items = 200)]
    scores: Vec<ScoreView>,
    /// Whether the cooperative was fined in the year, where the criteria set asks.
    administrative_fine: Option<AdministrativeFine>,
    /// The sum of all points.
    total: Points,
    /// Code of the rating: `good` (Tốt), `fair` (Khá), `average` (Trung bình), `weak` (Yếu), as the set names its bands;
    /// absent when not rated.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "good")]
    rating: Option<String>,
    /// Why there is no rating; absent when rated.
    not_rated_reason: Option<NotRatedReason>,
    /// Agreements of the boards to the content as it is; a change of content voids them.
    #[schema(max_items = 2)]
    endorsements: Vec<EndorsementView>,
    /// Digest of the content that the boards agree to: SHA-256 over canonical JSON.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    content_hash: String,
    /// Where it is in its life.
    state: EvaluationState,
    /// When it was last submitted.
    submitted_at: Option<DateTime<Utc>>,
    /// Whether its first submission missed the deadline: a mark, never a refusal. Absent where no deadline is set.
    late: Option<bool>,
    /// The agency that makes it; absent for the cooperative's own.
    agency: Option<Uuid>,
    /// Until when it is due; with a single evaluation, where a deadline is set for its kind.
    deadline: Option<EvaluationDeadline>,
    /// Whether there is a rating, and which: each with its rule, the version of the criteria, the inputs and the article; with
    /// a single evaluation, not in lists.
    #[schema(max_items = 2)]
    answers: Option<Vec<RuleAnswer>>,
    /// How total and rating came about; with a single evaluation, not in lists.
    explanation: Option<EvaluationExplanation>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl EvaluationView {
    /// One evaluation, explained by the set that it is made under.
    pub(super) fn explained(evaluation: Evaluation, set: &CriteriaSet) -> Self {
        let deadline = evaluation.kind.deadline(set, evaluation.year).map(EvaluationDeadline::from);
        let explanation = Some(explain(&evaluation, set));
        let answers = Some(RatingInputs::of(&evaluation, set).decide().answers);
        Self { deadline, answers, explanation, ..Self::from(evaluation) }
    }
}

impl From<Evaluation> for EvaluationView {
    fn from(evaluation: Evaluation) -> Self {
        let content_hash = evaluation.content_hash();
        let Evaluation {
            id,
            version: _,
            cooperative,
            province,
            unit,
            year,
            kind,
            criteria_set,
            criteria_code,
            scores,
            inputs: _,
            fine,
            operation: _,
            outcome,
            endorsements,
            state,
            submission,
            agency,
            created_by: _,
            recorded_at,
            updated_at,
        } = evaluation;
        let score = |Score { criterion, points, computed, override_reason, note, document, entered_by: _ }| ScoreView {
            criterion,
            points,
            computed,
            override_reason,
            note,
            document,
        };
        let endorsement = |endorsement| {
            let Endorsement { board, opinion, on_date, document, content_hash: _ } = endorsement;
            EndorsementView { board, opinion, endorsed_on: on_date, document }
        };
        let (submitted_at, late) = submission.map_or((None, None), |Submission { at, by: _, late }| (Some(at), late));
        Self {
            id,
            cooperative,
            province,
            unit,
            year,
            kind,
            criteria_set: criteria_code,
            criteria_set_id: criteria_set,
            scores: scores.into_iter().map(score).collect(),
            administrative_fine: fine,
            total: outcome.total,
            rating: outcome.rating().map(str::to_owned),
            not_rated_reason: outcome.not_rated_reason(),
            endorsements: endorsements.into_iter().map(endorsement).collect(),
            content_hash,
            state,
            submitted_at,
            late,
            agency,
            deadline: None,
            answers: None,
            explanation: None,
            recorded_at,
            updated_at,
        }
    }
}
