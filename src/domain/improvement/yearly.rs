//! What a criterion shall reach year by year, and what it did reach.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::target_not_wanted;
use super::{Achieved, CriterionIntent, ImprovementPlan, PlannedCriterion, YearlyTarget};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::score::Points;

/// All that is wrong with the yearly targets of one criterion.
pub(super) fn faults(
    intent: &CriterionIntent,
    baseline_year: u16,
    baseline: Option<Points>,
    pointer: &str,
) -> Vec<Refusal> {
    let Some(yearly) = &intent.yearly_targets else { return Vec::new() };
    let Some(most) = intent.target else {
        let number = intent.criterion.parse().unwrap_or_default();
        let unwanted = (!intent.to_improve).then(|| target_not_wanted(number, format!("{pointer}/yearlyTargets")));
        return unwanted.into_iter().collect();
    };
    let mut found = Vec::new();
    let mut before = baseline_year;
    for (place, YearlyTarget { year, target }) in yearly.iter().enumerate() {
        let pointer = format!("{pointer}/yearlyTargets/{place}");
        if *year <= before {
            found.push(
                Refusal::at(
                    Rule::DatesOutOfOrder,
                    format!("{pointer}/year"),
                    format!("Năm {year} không sau năm {before}."),
                    format!("The year {year} does not come after {before}."),
                )
                .given(&[("date", &year), ("limit", &before)]),
            );
        }
        before = before.max(*year);
        let least = baseline.unwrap_or_default();
        if *target < least || *target > most {
            found.push(
                Refusal::at(
                    Rule::YearlyTargetOutside,
                    format!("{pointer}/target"),
                    format!("Mục tiêu {target} của năm {year} không nằm trong khoảng {least} đến {most}."),
                    format!("The target {target} of {year} does not lie between {least} and {most}."),
                )
                .given(&[("year", &year), ("target", &target), ("least", &least), ("most", &most)]),
            );
        }
    }
    found
}

/// One year of a plan: what was to be reached, and what was.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct YearProgress {
    /// The evaluated year.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub year: u16,
    /// The evaluation of the year that counts: final, else verified, else the cooperative's own; absent while there is none.
    pub evaluation: Option<Uuid>,
    /// Its total, where it was rated.
    pub total: Option<Points>,
    /// Every criterion of the plan.
    #[schema(max_items = 99)]
    pub criteria: Vec<YearlyCriterion>,
}

/// One criterion in one year.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct YearlyCriterion {
    /// Code of the criterion.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
    pub criterion: String,
    /// Whether it is to be improved.
    pub to_improve: bool,
    /// Points to be reached in this year; absent where the plan states none for it.
    pub planned: Option<Points>,
    /// Points that were reached; absent while there is no rated evaluation.
    pub achieved: Option<Points>,
    /// Whether what was reached is what was planned, or more.
    pub at_plan: Option<bool>,
    /// Whether it stands at or above its baseline.
    pub not_below_baseline: Option<bool>,
}

impl YearlyCriterion {
    fn of(planned: &PlannedCriterion, year: u16, achieved: Option<&Achieved>) -> Self {
        let PlannedCriterion { criterion, baseline, target, yearly_targets } = planned;
        let plan = yearly_targets.iter().find(|yearly| yearly.year == year).map(|yearly| yearly.target);
        let achieved = achieved.and_then(|achieved| achieved.points.get(criterion).copied());
        Self {
            criterion: criterion.to_string(),
            to_improve: target.is_some(),
            planned: plan,
            achieved,
            at_plan: plan.zip(achieved).map(|(plan, achieved)| achieved >= plan),
            not_below_baseline: achieved.map(|achieved| achieved >= *baseline),
        }
    }
}

/// The plan against the evaluations, year by year: each year that has a target or an evaluation, in order.
pub fn by_year(plan: &ImprovementPlan, evaluations: &[Achieved]) -> Vec<YearProgress> {
    let evaluated: BTreeMap<u16, &Achieved> = evaluations.iter().map(|one| (one.year, one)).collect();
    let planned = plan.content.criteria.iter().flat_map(|one| one.yearly_targets.iter().map(|yearly| yearly.year));
    let years: BTreeSet<u16> = evaluated.keys().copied().chain(planned).collect();
    let year = |year: u16| {
        let achieved = evaluated.get(&year).copied();
        let criteria = plan.content.criteria.iter();
        YearProgress {
            year,
            evaluation: achieved.map(|achieved| achieved.evaluation),
            total: achieved.and_then(|achieved| achieved.total),
            criteria: criteria.map(|one| YearlyCriterion::of(one, year, achieved)).collect(),
        }
    };
    years.into_iter().map(year).collect()
}
