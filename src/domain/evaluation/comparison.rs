//! Two evaluations of one cooperative side by side: a year against the one before, the cooperative's own against the
//! verified, a pilot against its baseline.

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Evaluation, EvaluationKind, EvaluationState, NotRatedReason};
use crate::domain::quantity::Quantity;
use crate::domain::role::names;
use crate::domain::score::Points;

names! {
    /// What an evaluation is compared with.
    ComparedWith {
        /// The same kind of evaluation of the year before.
        PreviousYear = "previous_year",
        /// The cooperative's own evaluation of the same year.
        Own = "self",
        /// The verified evaluation of the same year.
        Verified = "verified",
        /// The final evaluation of the same year.
        Final = "final",
        /// The baseline of the pilot's approved improvement plan.
        Baseline = "baseline",
    }
}

impl ComparedWith {
    /// Whether an evaluation is what another one is compared with; the baseline is named by the plan and not found so.
    /// Only what was made under the same circular compares.
    pub fn is(self, of: &Evaluation, other: &Evaluation) -> bool {
        let same_circular = other.circular() == of.circular();
        let same_year = other.year == of.year && other.id != of.id && same_circular;
        match self {
            Self::PreviousYear => other.kind == of.kind && other.year.checked_add(1) == Some(of.year) && same_circular,
            Self::Own => same_year && other.kind == EvaluationKind::Own,
            Self::Verified => same_year && other.kind == EvaluationKind::Verified,
            Self::Final => same_year && other.kind == EvaluationKind::Final,
            Self::Baseline => false,
        }
    }
}

/// One side of a comparison.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedSide {
    /// The evaluation.
    pub evaluation: Uuid,
    /// Its year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    pub year: u16,
    /// Whose evaluation it is.
    pub kind: EvaluationKind,
    /// Where it is in its life.
    pub state: EvaluationState,
    /// Code of its criteria set.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    pub criteria_set: String,
    /// The version of that set.
    pub criteria_set_id: Uuid,
    /// Its total.
    pub total: Points,
    /// Code of its rating; absent when not rated.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "fair")]
    pub rating: Option<String>,
    /// Why it has none; absent when rated.
    pub not_rated_reason: Option<NotRatedReason>,
}

impl From<&Evaluation> for ComparedSide {
    fn from(evaluation: &Evaluation) -> Self {
        Self {
            evaluation: evaluation.id,
            year: evaluation.year,
            kind: evaluation.kind,
            state: evaluation.state,
            criteria_set: evaluation.criteria_code.clone(),
            criteria_set_id: evaluation.criteria_set,
            total: evaluation.total(),
            rating: evaluation.rating().map(str::to_owned),
            not_rated_reason: evaluation.outcome.not_rated_reason(),
        }
    }
}

/// The points of one leaf on both sides.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedPoints {
    /// Code of the leaf.
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    pub criterion: String,
    /// Points on the other side; absent where its criteria do not have the leaf.
    pub before: Option<Points>,
    /// Points on this side; absent where its criteria do not have the leaf.
    pub after: Option<Points>,
    /// This side less the other; absent where one of them is.
    pub difference: Option<Quantity>,
}

/// An evaluation against another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationComparison {
    /// What it is compared with.
    pub with: ComparedWith,
    /// The other evaluation.
    pub before: ComparedSide,
    /// Whether both were made under the same version of the same criteria: else points of one code may mean different
    /// things.
    pub same_criteria: bool,
    /// The total less that of the other.
    pub difference: Quantity,
    /// Leaf by leaf, in the order of this evaluation's form; leaves of the other alone come last.
    #[schema(max_items = 400)]
    pub criteria: Vec<ComparedPoints>,
}

/// The difference of points, with its sign.
pub(super) fn difference(after: Points, before: Points) -> Quantity {
    Quantity { units: after.as_hundredths() - before.as_hundredths(), hundredths: true }
}

/// The points of leaves on both sides, in the order of the later side.
pub(super) fn side_by_side<'a>(
    before: &(impl Iterator<Item = (&'a str, Points)> + Clone),
    after: &(impl Iterator<Item = (&'a str, Points)> + Clone),
) -> Vec<ComparedPoints> {
    let of = |code: &str, earlier: Option<Points>, later: Option<Points>| ComparedPoints {
        criterion: code.to_owned(),
        before: earlier,
        after: later,
        difference: later.zip(earlier).map(|(later, earlier)| difference(later, earlier)),
    };
    let in_before = |code: &str| before.clone().find(|(own, _)| *own == code).map(|(_, points)| points);
    let in_after = |code: &str| after.clone().any(|(own, _)| own == code);
    let own = after.clone().map(|(code, points)| of(code, in_before(code), Some(points)));
    let gone = before.clone().filter(|(code, _)| !in_after(code)).map(|(code, points)| of(code, Some(points), None));
    own.chain(gone).collect()
}

/// Compares an evaluation with another one.
pub fn compare(of: &Evaluation, with: ComparedWith, other: &Evaluation) -> EvaluationComparison {
    EvaluationComparison {
        with,
        before: ComparedSide::from(other),
        same_criteria: of.criteria_set == other.criteria_set,
        difference: difference(of.total(), other.total()),
        criteria: side_by_side(&other.points(), &of.points()),
    }
}
