//! How far a pilot has come against its plan, and the two separate requirements for leaving the scheme.
//!
//! 2129/QĐ-UBND VI.2.1: at the end (1) the total is 80 to 100 points and (2) each criterion *to be improved* scores at or
//! above what it did in the beginning. Criteria that were not to be improved may fall.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::listed;
use super::{ImprovementPlan, PlannedCriterion};
use crate::domain::pilot::PilotExit;
use crate::domain::role::names;
use crate::domain::score::Points;
use crate::domain::text::Text;

const LEGAL_BASIS: &str = "2129/QĐ-UBND VI.2.1";

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

names! {
    /// Whether a requirement for leaving the scheme is met.
    ExitOutcome {
        /// It is met.
        Met = "met",
        /// It is not met.
        NotMet = "not_met",
        /// It cannot be told: no evaluation, not rated, or points are missing.
        Unknown = "unknown",
    }
}

/// One requirement for leaving the scheme, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitVerdict {
    /// Met, not met or unknown.
    pub outcome: ExitOutcome,
    /// The verdict in words, with the figures it rests on.
    pub statement: Text,
    /// Document and article of the requirement.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "2129/QĐ-UBND VI.2.1")]
    pub legal_basis: String,
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
    /// Measures planned criteria against the latest evaluation, if there is one.
    pub fn of(planned: &[PlannedCriterion], latest: Option<&Achieved>, exit_points: Points) -> Self {
        Self {
            baseline_total: planned.iter().map(|criterion| criterion.baseline).sum(),
            criteria: planned.iter().map(|criterion| CriterionProgress::of(criterion, latest)).collect(),
            total_verdict: total_verdict(latest, exit_points),
            criteria_verdict: criteria_verdict(planned, latest),
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

/// Measures a plan against the latest evaluation, if there is one.
pub fn progress(plan: &ImprovementPlan, latest: Option<&Achieved>, exit_points: Points) -> Progress {
    Progress::of(&plan.content.criteria, latest, exit_points)
}

/// The two requirements when a pilot ends: of the plan that was its yardstick, and of the last evaluation.
pub fn exit_of(plan: Option<&ImprovementPlan>, latest: Option<&Achieved>, exit_points: Points) -> PilotExit {
    let criteria_verdict = plan.map_or_else(
        || {
            verdict(
                ExitOutcome::Unknown,
                "Không có Kế hoạch hoàn thiện được phê duyệt.",
                "No improvement plan was approved.",
            )
        },
        |plan| criteria_verdict(&plan.content.criteria, latest),
    );
    PilotExit {
        plan: plan.map(|plan| plan.id),
        evaluation: latest.map(|latest| latest.evaluation),
        total_verdict: total_verdict(latest, exit_points),
        criteria_verdict,
    }
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

fn verdict(outcome: ExitOutcome, vi: impl Into<String>, en: impl Into<String>) -> ExitVerdict {
    ExitVerdict { outcome, statement: Text::new(vi, en), legal_basis: LEGAL_BASIS.to_owned() }
}

/// Whether the total is enough to leave the scheme.
pub(in crate::domain) fn total_verdict(latest: Option<&Achieved>, exit_points: Points) -> ExitVerdict {
    let Some(latest) = latest else { return not_evaluated() };
    let year = latest.year;
    let Some(total) = latest.total else {
        return verdict(
            ExitOutcome::Unknown,
            format!("Năm {year} HTX không được xếp loại nên không có tổng điểm để so với {exit_points}."),
            format!("In {year} the cooperative was not rated: there is no total to compare with {exit_points}."),
        );
    };
    if total >= exit_points {
        let vi = format!("Tổng điểm năm {year} là {total}, đạt yêu cầu từ {exit_points} điểm trở lên.");
        return verdict(
            ExitOutcome::Met,
            vi,
            format!("The total of {year} is {total}, at or above the required {exit_points}."),
        );
    }
    verdict(
        ExitOutcome::NotMet,
        format!("Tổng điểm năm {year} là {total}, thấp hơn yêu cầu {exit_points} điểm."),
        format!("The total of {year} is {total}, below the required {exit_points}."),
    )
}

/// Whether each criterion to be improved is at or above its baseline.
pub(in crate::domain) fn criteria_verdict(planned: &[PlannedCriterion], latest: Option<&Achieved>) -> ExitVerdict {
    let Some(latest) = latest else { return not_evaluated() };
    let to_improve: Vec<_> = planned.iter().filter(|criterion| criterion.target.is_some()).collect();
    let mut missing = Vec::new();
    let (mut fallen_vi, mut fallen_en) = (Vec::new(), Vec::new());
    for PlannedCriterion { criterion, baseline, .. } in &to_improve {
        match latest.points.get(criterion) {
            None => missing.push(*criterion),
            Some(achieved) if achieved < baseline => {
                fallen_vi.push(format!("tiêu chí {criterion} ({achieved} so với ban đầu {baseline})"));
                fallen_en.push(format!("criterion {criterion} ({achieved} against a baseline of {baseline})"));
            }
            Some(_) => {}
        }
    }
    let (year, count) = (latest.year, to_improve.len());
    if !fallen_vi.is_empty() {
        let (vi, en) = (fallen_vi.join("; "), fallen_en.join("; "));
        return verdict(
            ExitOutcome::NotMet,
            format!("Năm {year}, tiêu chí cần hoàn thiện thấp hơn ban đầu: {vi}."),
            format!("In {year} these criteria to be improved are below their baseline: {en}."),
        );
    }
    if !missing.is_empty() {
        let names = listed(missing.into_iter());
        return verdict(
            ExitOutcome::Unknown,
            format!("Bản đánh giá năm {year} không có điểm của tiêu chí {names}."),
            format!("The evaluation of {year} has no points for criteria {names}."),
        );
    }
    verdict(
        ExitOutcome::Met,
        format!("Năm {year}, cả {count} tiêu chí cần hoàn thiện đều bằng hoặc cao hơn ban đầu."),
        format!("In {year} all {count} criteria to be improved are at or above their baseline."),
    )
}

fn not_evaluated() -> ExitVerdict {
    verdict(ExitOutcome::Unknown, "Chưa có bản đánh giá để so sánh.", "There is no evaluation yet to compare with.")
}
