//! A criteria set tried on a stored evaluation: what total and rating it would bring. Nothing is saved.
//!
//! Where the set has a scale, its points are computed from the figures as they stand; elsewhere the stored points of the
//! leaf of the same code are taken. What keeps a new total from being computed is said.

use std::collections::HashMap;

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::comparison::{ComparedPoints, ComparedSide, difference, side_by_side};
use super::inputs::ScoringInputs;
use super::moves::covers;
use super::{AdministrativeFine, Evaluation, NotRatedReason, Outcome, scoring};
use crate::domain::criteria::{CriteriaSet, ForcingFact, Leaf};
use crate::domain::quantity::Quantity;
use crate::domain::refusal::Rule;
use crate::domain::score::Points;
use crate::domain::text::Text;

/// What keeps a new total from being computed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrialGap {
    /// Code of the leaf; absent when a sum or the rating is concerned.
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    pub criterion: Option<String>,
    /// Code of the rule that an evaluation under the set would run into.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "figures_missing")]
    pub code: String,
    /// What is missing or wrong.
    pub message: Text,
}

/// What a set makes of an evaluation.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TriedOutcome {
    /// The new total.
    pub total: Points,
    /// Code of the new rating; absent when not rated.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "good")]
    pub rating: Option<String>,
    /// Why there is none; absent when rated.
    pub not_rated_reason: Option<NotRatedReason>,
}

/// A stored evaluation as it stands and as the set would have it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TriedEvaluation {
    /// The cooperative.
    pub cooperative: uuid::Uuid,
    /// The evaluation as it stands.
    pub before: ComparedSide,
    /// What the set makes of it; absent where something is missing.
    pub after: Option<TriedOutcome>,
    /// The new total less the old one.
    pub difference: Option<Quantity>,
    /// The leaves whose points would differ.
    #[schema(max_items = 400)]
    pub changed: Vec<ComparedPoints>,
    /// What keeps the new total from being computed.
    #[schema(max_items = 400)]
    pub gaps: Vec<TrialGap>,
}

impl TriedEvaluation {
    /// Whether total or rating would be others.
    pub fn is_changed(&self) -> bool {
        let same = |after: &TriedOutcome| {
            (after.total, &after.rating, after.not_rated_reason)
                == (self.before.total, &self.before.rating, self.before.not_rated_reason)
        };
        self.after.as_ref().is_some_and(|after| !same(after))
    }
}

/// Tries a set on an evaluation of a cooperative with a main activity, with the figures as they stand.
pub fn try_on(
    set: &CriteriaSet,
    evaluation: &Evaluation,
    industry_code: Option<&str>,
    inputs: &ScoringInputs,
) -> TriedEvaluation {
    let stored: HashMap<&str, Points> = evaluation.points().collect();
    let mut points: Vec<(&str, Points)> = Vec::with_capacity(stored.len());
    let mut gaps = Vec::new();
    for leaf in set.criteria.leaves() {
        match points_of(set, evaluation.year, &leaf, inputs, &stored) {
            Ok(one) => points.push((leaf.code, one)),
            Err(gap) => gaps.push(gap),
        }
    }
    let known: HashMap<&str, Points> = points.iter().copied().collect();
    let sums = scoring::exceeded_sums(&set.criteria, &known).into_iter();
    gaps.extend(sums.map(|fault| TrialGap { criterion: None, code: fault.code.to_owned(), message: fault.message }));
    gaps.extend(outside_gap(set, industry_code));
    gaps.extend(fine_gap(set, evaluation.fine.as_ref()));
    let outcome = gaps.is_empty().then(|| {
        let sum = points.iter().map(|(_, points)| *points);
        scoring::outcome(set, evaluation.year, sum, &evaluation.operation, evaluation.fine.as_ref())
    });
    let compared = side_by_side(&evaluation.points(), &points.iter().copied());
    TriedEvaluation {
        cooperative: evaluation.cooperative,
        before: ComparedSide::from(evaluation),
        difference: outcome.as_ref().map(|outcome| difference(outcome.total, evaluation.total())),
        after: outcome.as_ref().map(TriedOutcome::from),
        changed: compared.into_iter().filter(|one| one.before != one.after).collect(),
        gaps,
    }
}

impl From<&Outcome> for TriedOutcome {
    fn from(outcome: &Outcome) -> Self {
        Self {
            total: outcome.total,
            rating: outcome.rating().map(str::to_owned),
            not_rated_reason: outcome.not_rated_reason(),
        }
    }
}

/// The points of a leaf under the set: computed, or those stored.
fn points_of(
    set: &CriteriaSet,
    year: u16,
    leaf: &Leaf<'_>,
    inputs: &ScoringInputs,
    stored: &HashMap<&str, Points>,
) -> Result<Points, TrialGap> {
    let gap = |rule: Rule, vi: String, en: String| TrialGap {
        criterion: Some(leaf.code.to_owned()),
        code: rule.code().to_owned(),
        message: Text::new(vi, en),
    };
    if let Some(scale) = leaf.scale {
        let computation = inputs.compute(scale, year, set.criteria.points_step);
        return computation.points().ok_or_else(|| {
            let Text { vi, en } = computation.gap_in_words();
            gap(Rule::FiguresMissing, vi, en)
        });
    }
    let Some(points) = stored.get(leaf.code).copied() else {
        let vi = format!("Bản đánh giá không có điểm tiêu chí {}.", leaf.code);
        return Err(gap(Rule::MissingScore, vi, format!("The evaluation has no points for criterion {}.", leaf.code)));
    };
    match leaf.maximum.filter(|maximum| points > *maximum) {
        None => Ok(points),
        Some(maximum) => {
            let vi = format!("{points} điểm vượt mức tối đa {maximum}.");
            Err(gap(Rule::PointsAboveMaximum, vi, format!("{points} points are above the maximum {maximum}.")))
        }
    }
}

/// A set does not evaluate whom its document leaves out.
fn outside_gap(set: &CriteriaSet, industry_code: Option<&str>) -> Option<TrialGap> {
    let refusal = covers(set, industry_code).err()?;
    Some(TrialGap { criterion: None, code: refusal.rule.code().to_owned(), message: refusal.detail })
}

/// A set that a fine bears on cannot rate an evaluation that does not say whether there was one.
fn fine_gap(set: &CriteriaSet, fine: Option<&AdministrativeFine>) -> Option<TrialGap> {
    let asks = set.criteria.forced_by(ForcingFact::AdministrativeFine).is_some();
    (asks && fine.is_none()).then(|| TrialGap {
        criterion: None,
        code: Rule::FineNotStated.code().to_owned(),
        message: Text::new(
            "Bản đánh giá không nêu việc xử phạt vi phạm hành chính.",
            "The evaluation does not say whether there was a fine.",
        ),
    })
}
