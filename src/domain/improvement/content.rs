//! What an improvement plan says: criteria with baseline and target, and the measures that shall get there.
//!
//! Form: Annex IV of Letter 1485/BKHĐT-HTX, of which only the title is known; the content follows 2129/QĐ-UBND VI.2.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::measure::{Measure, NewMeasure};
use super::sources::Baseline;
use super::{ImprovementPlan, yearly};
use crate::domain::agency::Agency;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::score::Points;

/// The draft of an improvement plan (*Kế hoạch hoàn thiện HTX thí điểm*), as its cooperative writes it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewImprovementPlan {
    /// The pilot; its cooperative writes the plan.
    pub pilot: Uuid,
    /// The evaluation of the cooperative whose points are the baseline ("so với ban đầu", 2129/QĐ-UBND VI.2.1).
    pub baseline_evaluation: Uuid,
    /// The criteria, each at most once. A criterion that is not named is not to be improved.
    #[schema(min_items = 1, max_items = 40)]
    pub criteria: Vec<CriterionIntent>,
    /// The measures, in the order of the plan: the first is number 1.
    #[schema(max_items = 100)]
    pub measures: Vec<NewMeasure>,
}

/// What the plan intends for one criterion.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriterionIntent {
    /// Code of the criterion in the set of the baseline evaluation.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
    pub criterion: String,
    /// Whether the criterion is to be improved (*tiêu chí cần hoàn thiện*).
    #[schema(example = true)]
    pub to_improve: bool,
    /// Points of the baseline evaluation, if stated: equal to them.
    pub baseline: Option<Points>,
    /// Points to be reached; given exactly for a criterion to be improved, from its baseline to its maximum.
    pub target: Option<Points>,
    /// Points to be reached on the way, year by year, where the plan states them.
    #[schema(min_items = 1, max_items = 10)]
    pub yearly_targets: Option<Vec<YearlyTarget>>,
}

/// What a criterion shall reach in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YearlyTarget {
    /// The evaluated year: after that of the baseline, each year once, in order.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub year: u16,
    /// The points, from the baseline to the target of the criterion.
    pub target: Points,
}

/// Code of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
pub struct CriterionCode(pub String);

/// What the criteria set knows of its maxima; what is unknown is absent, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ceilings {
    /// Every criterion of the set, with its maximum where that is known.
    pub criteria: BTreeMap<u8, Option<Points>>,
    /// Each group: its criteria and the maximum of their sum.
    pub groups: Vec<(Vec<u8>, Points)>,
    /// The document that the set comes from: what its refusals cite.
    pub legal_basis: String,
}

/// What was checked and is kept: the content that signature and approval are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImprovementContent {
    /// The evaluation that the baselines come from.
    pub baseline_evaluation: Uuid,
    /// Every criterion of the baseline evaluation, by number.
    pub criteria: Vec<PlannedCriterion>,
    /// The measures, by number.
    pub measures: Vec<Measure>,
}

/// One criterion under the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCriterion {
    /// Its number in the criteria set.
    pub criterion: u8,
    /// Its points in the baseline evaluation.
    pub baseline: Points,
    /// The points to reach; none for a criterion that is not to be improved.
    pub target: Option<Points>,
    /// The points to reach on the way, in the order of the years.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub yearly_targets: Vec<YearlyTarget>,
}

impl NewImprovementPlan {
    /// Checks the draft against the baseline and the maxima, and reports every fault.
    pub fn checked(
        &self,
        baseline: &Baseline,
        ceilings: &Ceilings,
        now: Moment,
    ) -> Result<ImprovementContent, Refusal> {
        let mut faults = Vec::new();
        let mut targets = BTreeMap::new();
        let mut yearly = BTreeMap::new();
        let mut seen = BTreeSet::new();
        // A measure serves what is meant to be improved, though its target be faulty: one fault is told once.
        let mut intended = BTreeSet::new();
        for (place, intent) in self.criteria.iter().enumerate() {
            let pointer = format!("/criteria/{place}");
            let known = intent.known(ceilings, &pointer);
            intended.extend(known.as_ref().ok().filter(|_| intent.to_improve));
            match known {
                Ok(number) if !seen.insert(number) => faults.push(repeated(number, &pointer)),
                Ok(number) => match intent.target_against(number, baseline, ceilings, &pointer) {
                    Ok(Some(target)) => {
                        targets.insert(number, target);
                        yearly.insert(number, intent.yearly_targets.clone().unwrap_or_default());
                    }
                    Ok(None) => {}
                    Err(found) => faults.extend(found),
                },
                Err(unknown) => faults.push(unknown),
            }
        }
        faults.extend(
            ceilings
                .groups
                .iter()
                .filter_map(|(group, most)| group_above(group, *most, &targets))
                .map(|refusal| refusal.under(&ceilings.legal_basis)),
        );
        let measures = self.measures.iter().enumerate();
        let measures = measures.map(|(place, measure)| measure.checked(place, &intended, now, &mut faults)).collect();
        Refusal::of_all(faults)?;
        let criteria = baseline
            .points
            .iter()
            .map(|(&criterion, &baseline)| PlannedCriterion {
                criterion,
                baseline,
                target: targets.get(&criterion).copied(),
                yearly_targets: yearly.remove(&criterion).unwrap_or_default(),
            })
            .collect();
        Ok(ImprovementContent { baseline_evaluation: self.baseline_evaluation, criteria, measures })
    }

    /// The agencies that answer for a measure, as the form names them.
    pub fn agencies(&self) -> Vec<Uuid> {
        self.measures.iter().filter_map(|measure| measure.responsible_agency).collect()
    }

    /// Checks that each responsible agency is one of the pilot's province, or of the whole country.
    ///
    /// # Errors
    /// Every agency that is not.
    pub fn check_agencies(&self, found: &[Agency], province: &str) -> Result<(), Refusal> {
        let known = |id: Uuid| {
            let reaches = |agency: &Agency| agency.province.as_deref().is_none_or(|of| of == province);
            found.iter().any(|agency| agency.id == id && reaches(agency))
        };
        let places = self.measures.iter().enumerate();
        let unknown = places.filter_map(|(place, measure)| {
            let id = measure.responsible_agency.filter(|id| !known(*id))?;
            Some(
                Refusal::at(
                    Rule::UnknownReference,
                    format!("/measures/{place}/responsibleAgency"),
                    format!("Tỉnh {province} không có cơ quan này."),
                    format!("The province {province} has no such agency."),
                )
                .given(&[("reference", &id), ("province", &province)]),
            )
        });
        Refusal::of_all(unknown.collect())
    }
}

impl From<&ImprovementPlan> for NewImprovementPlan {
    fn from(plan: &ImprovementPlan) -> Self {
        let ImprovementContent { baseline_evaluation, criteria, measures } = &plan.content;
        let code = |number: &u8| CriterionCode(number.to_string());
        let intent = |one: &PlannedCriterion| CriterionIntent {
            criterion: one.criterion.to_string(),
            to_improve: one.target.is_some(),
            baseline: None,
            target: one.target,
            yearly_targets: (!one.yearly_targets.is_empty()).then(|| one.yearly_targets.clone()),
        };
        let measure = |one: &Measure| NewMeasure {
            title: one.title.clone(),
            area: one.area,
            start_date: one.start_date,
            due_date: one.due_date,
            responsible: one.responsible.clone(),
            responsible_agency: one.responsible_agency,
            criteria: (!one.criteria.is_empty()).then(|| one.criteria.iter().map(code).collect()),
            begun_on: one.begun_on,
            done_on: one.done_on,
        };
        Self {
            pilot: plan.pilot,
            baseline_evaluation: *baseline_evaluation,
            criteria: criteria.iter().map(intent).collect(),
            measures: measures.iter().map(measure).collect(),
        }
    }
}

impl CriterionIntent {
    fn known(&self, ceilings: &Ceilings, pointer: &str) -> Result<u8, Refusal> {
        let number = self.criterion.parse().ok().filter(|number| ceilings.criteria.contains_key(number));
        number.ok_or_else(|| {
            Refusal::at(
                Rule::CriterionNotInSet,
                format!("{pointer}/criterion"),
                format!("Bộ tiêu chí của bản đánh giá ban đầu không có tiêu chí {}.", self.criterion),
                format!("The criteria set of the baseline evaluation has no criterion {}.", self.criterion),
            )
            .given(&[("criterion", &self.criterion)])
            .under(&ceilings.legal_basis)
        })
    }

    /// The target, if the criterion is to be improved; or all that is wrong with this line.
    fn target_against(
        &self,
        number: u8,
        from: &Baseline,
        ceilings: &Ceilings,
        pointer: &str,
    ) -> Result<Option<Points>, Vec<Refusal>> {
        let baseline = from.points.get(&number).copied();
        let mut faults = Vec::new();
        if let Some(stated) = self.baseline
            && baseline != Some(stated)
        {
            faults.push(baseline_differs(number, stated, baseline, pointer));
        }
        match (self.to_improve, self.target) {
            (true, None) => faults.push(target_missing(number, pointer)),
            (false, Some(_)) => faults.push(target_not_wanted(number, format!("{pointer}/target"))),
            (true, Some(target)) => {
                let most = ceilings.criteria.get(&number).copied().flatten();
                let outside = target_outside(number, target, baseline, most, pointer);
                faults.extend(outside.map(|refusal| match refusal.rule {
                    Rule::TargetAboveMaximum => refusal.under(&ceilings.legal_basis),
                    _ => refusal,
                }));
            }
            (false, None) => {}
        }
        faults.extend(yearly::faults(self, from.year, baseline, pointer));
        if faults.is_empty() { Ok(self.target) } else { Err(faults) }
    }
}

fn repeated(number: u8, pointer: &str) -> Refusal {
    Refusal::at(
        Rule::RepeatedItem,
        format!("{pointer}/criterion"),
        format!("Tiêu chí {number} được nêu nhiều hơn một lần."),
        format!("Criterion {number} is named more than once."),
    )
    .given(&[("item", &number)])
}

fn baseline_differs(number: u8, stated: Points, baseline: Option<Points>, pointer: &str) -> Refusal {
    let held = baseline.map_or_else(|| "—".to_owned(), |points| points.to_string());
    Refusal::at(
        Rule::BaselineDiffers,
        format!("{pointer}/baseline"),
        format!("Điểm ban đầu của tiêu chí {number} ghi {stated}, bản đánh giá ban đầu là {held}."),
        format!("The baseline of criterion {number} is stated as {stated}; the baseline evaluation has {held}."),
    )
    .given(&[("criterion", &number), ("stated", &stated), ("held", &held)])
}

fn target_missing(number: u8, pointer: &str) -> Refusal {
    Refusal::at(
        Rule::TargetMissing,
        format!("{pointer}/target"),
        format!("Tiêu chí {number} cần hoàn thiện nhưng không có điểm mục tiêu."),
        format!("Criterion {number} is to be improved but has no target."),
    )
    .given(&[("criterion", &number)])
}

pub(super) fn target_not_wanted(number: u8, pointer: String) -> Refusal {
    Refusal::at(
        Rule::TargetNotWanted,
        pointer,
        format!("Tiêu chí {number} không thuộc diện cần hoàn thiện nên không có điểm mục tiêu."),
        format!("Criterion {number} is not to be improved, so it takes no target."),
    )
    .given(&[("criterion", &number)])
}

fn target_outside(
    number: u8,
    target: Points,
    baseline: Option<Points>,
    most: Option<Points>,
    pointer: &str,
) -> Option<Refusal> {
    let pointer = format!("{pointer}/target");
    let Some(baseline) = baseline else {
        return Some(
            Refusal::at(
                Rule::BaselineMissing,
                pointer,
                format!("Bản đánh giá ban đầu không có điểm của tiêu chí {number}."),
                format!("The baseline evaluation has no points for criterion {number}."),
            )
            .given(&[("criterion", &number)]),
        );
    };
    if target < baseline {
        return Some(
            Refusal::at(
                Rule::TargetBelowBaseline,
                pointer,
                format!("Mục tiêu {target} của tiêu chí {number} thấp hơn điểm ban đầu {baseline}."),
                format!("The target {target} of criterion {number} lies below its baseline {baseline}."),
            )
            .given(&[("criterion", &number), ("target", &target), ("baseline", &baseline)]),
        );
    }
    let most = most.filter(|most| target > *most)?;
    Some(
        Refusal::at(
            Rule::TargetAboveMaximum,
            pointer,
            format!("Mục tiêu {target} của tiêu chí {number} vượt điểm tối đa {most}."),
            format!("The target {target} of criterion {number} exceeds its maximum {most}."),
        )
        .given(&[("criterion", &number), ("target", &target), ("maximum", &most)]),
    )
}

/// Targets that nobody can reach together: group III has a maximum while its criteria have none of their own.
fn group_above(group: &[u8], most: Points, targets: &BTreeMap<u8, Points>) -> Option<Refusal> {
    let sum: Points = group.iter().filter_map(|number| targets.get(number).copied()).sum();
    (sum > most).then(|| {
        let names = listed(group.iter().copied());
        Refusal::at(
            Rule::GroupTargetsAboveMaximum,
            "/criteria",
            format!("Tổng mục tiêu của các tiêu chí {names} là {sum}, vượt điểm tối đa {most} của nhóm."),
            format!("The targets of criteria {names} sum to {sum}, above the group's maximum {most}."),
        )
        .given(&[("criteria", &names), ("sum", &sum), ("maximum", &most)])
    })
}

/// Numbers in a sentence: `5, 7, 12`.
pub(super) fn listed(numbers: impl Iterator<Item = u8>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

impl PlannedCriterion {
    /// What the plan says of it, as it enters the digest.
    pub(super) fn said(&self) -> Value {
        let Self { criterion, baseline, target, yearly_targets } = self;
        // Absent where there are none, so that what was signed before they existed keeps its digest.
        let yearly = (!yearly_targets.is_empty()).then_some(yearly_targets);
        json!({
            "criterion": criterion.to_string(), "baseline": baseline, "target": target, "yearlyTargets": yearly,
        })
    }
}
