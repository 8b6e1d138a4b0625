//! How far a pilot has come against its plan: criterion by criterion, and the two separate requirements for leaving the
//! scheme (see [`exit`](super::exit)).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::exit::{ExitOutcome, ExitRule, ExitVerdict, Yardstick};
use super::{ImprovementPlan, PlannedCriterion};
use crate::domain::score::Points;

/// The evaluation that a plan is measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Achieved {
    /// The evaluation.
    pub evaluation: Uuid,
    /// Its year.
    pub year: u16,
    /// Total points; none when the cooperative was not rated.
    pub total: Option<Points>,
    /// Points by criterion.
    pub points: BTreeMap<u8, Points>,
}

/// One criterion: where it began, where it shall get, where it is.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CriterionProgress {
    /// Code of the criterion.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
    pub criterion: String,
    /// Whether it is to be improved.
    pub to_improve: bool,
    /// Points of the baseline evaluation.
    pub baseline: Points,
    /// Points to be reached.
    pub target: Option<Points>,
    /// Points of the evaluation measured against.
    pub achieved: Option<Points>,
    /// Whether it stands at or above its baseline.
    pub not_below_baseline: Option<bool>,
    /// Whether it stands at or above its target; only for a criterion to be improved.
    pub at_target: Option<bool>,
}

/// A plan measured against an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Sum of the baselines.
    pub baseline_total: Points,
    /// Every criterion.
    pub criteria: Vec<CriterionProgress>,
    /// Requirement 1: the total.
    pub total_verdict: ExitVerdict,
    /// Requirement 2: each criterion to be improved.
    pub criteria_verdict: ExitVerdict,
}

impl Progress {
    /// Measures planned criteria against the latest evaluation, if there is one. `earlier` are the approved revisions before,
    /// oldest first: what they were to improve counts for the exit still.
    pub fn of<'a>(
        planned: &'a [PlannedCriterion],
        earlier: impl IntoIterator<Item = &'a [PlannedCriterion]>,
        latest: Option<&Achieved>,
        exit: &ExitRule,
    ) -> Self {
        let yardstick = Yardstick::of(earlier.into_iter().chain([planned]));
        Self {
            baseline_total: planned.iter().map(|criterion| criterion.baseline).sum(),
            criteria: planned.iter().map(|criterion| CriterionProgress::of(criterion, latest)).collect(),
            total_verdict: exit.total_verdict(latest),
            criteria_verdict: exit.criteria_verdict(Some(&yardstick), latest),
        }
    }

    /// Both requirements are met.
    pub fn exit_met(&self) -> bool {
        self.total_verdict.outcome == ExitOutcome::Met && self.criteria_verdict.outcome == ExitOutcome::Met
    }

    /// How many criteria to be improved stand at or above their baseline.
    pub fn not_below_baseline(&self) -> usize {
        self.criteria.iter().filter(|one| one.to_improve && one.not_below_baseline == Some(true)).count()
    }

    /// How many criteria to be improved stand at or above their target.
    pub fn at_target(&self) -> usize {
        self.criteria.iter().filter(|one| one.at_target == Some(true)).count()
    }
}

/// Measures a plan against the latest evaluation, if there is one. Of `approved`, the approved revisions of the pilot's plan,
/// oldest first, those before it count.
pub fn progress(
    plan: &ImprovementPlan,
    approved: &[ImprovementPlan],
    latest: Option<&Achieved>,
    exit: &ExitRule,
) -> Progress {
    let earlier = approved.iter().filter(|one| one.revision < plan.revision);
    Progress::of(&plan.content.criteria, earlier.map(|one| one.content.criteria.as_slice()), latest, exit)
}

impl CriterionProgress {
    fn of(planned: &PlannedCriterion, latest: Option<&Achieved>) -> Self {
        let PlannedCriterion { criterion, baseline, target, yearly_targets: _ } = planned;
        let (baseline, target) = (*baseline, *target);
        let achieved = latest.and_then(|latest| latest.points.get(criterion).copied());
        Self {
            criterion: criterion.to_string(),
            to_improve: target.is_some(),
            baseline,
            target,
            achieved,
            not_below_baseline: achieved.map(|points| points >= baseline),
            at_target: target.and_then(|target| achieved.map(|points| points >= target)),
        }
    }
}
