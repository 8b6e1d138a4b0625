//! The lead agency's consolidation (*tổng hợp, tham mưu UBND tỉnh phê duyệt*, 2129/QĐ-UBND VI.2.1): one document over the
//! signed plans of a province. It names each plan with the digest of what was signed, and is never edited: a plan that
//! came back and was signed again is put forward again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Consolidated, ImprovementPlan, MeasureArea};
use crate::domain::application::only_lead;
use crate::domain::evidence::DocumentReference;
use crate::domain::moment::Moment;
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

/// A consolidation, as the lead agency records it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConsolidation {
    /// Code of the province: the caller's own.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub scheme: String,
    /// Number of the document: unique in the province and year.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2450/TTr-SKHĐT")]
    pub number: String,
    /// The date it bears: not before any of the signatures, not in the future.
    #[schema(example = "2021-10-29")]
    pub date: NaiveDate,
    /// What the lead agency advises.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đề nghị UBND tỉnh phê duyệt.")]
    pub advice: String,
    /// The document itself.
    pub document: Option<DocumentReference>,
    /// The plans, each once, all of the province and signed.
    #[schema(min_items = 1, max_items = 50)]
    pub plans: Vec<PutForward>,
}

/// One plan that is put before the People's Committee.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutForward {
    /// The plan.
    pub plan: Uuid,
    /// `contentHash` of the plan as it was read: another content is not put forward.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
}

/// A consolidation of the plans of a province.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImprovementConsolidation {
    /// Identifier.
    pub id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub scheme: String,
    /// Number of the document.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2450/TTr-SKHĐT")]
    pub number: String,
    /// The date it bears.
    #[schema(example = "2021-10-29")]
    pub date: NaiveDate,
    /// What the lead agency advises.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đề nghị UBND tỉnh phê duyệt.")]
    pub advice: String,
    /// The document itself.
    pub document: Option<DocumentReference>,
    /// The plans, in the order of the document.
    #[schema(max_items = 50)]
    pub plans: Vec<ConsolidationPlan>,
    /// All of them together, as they were signed.
    pub summary: ConsolidationSummary,
    /// Who recorded it (`sub`).
    #[serde(skip)]
    pub created_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// One plan of a consolidation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsolidationPlan {
    /// The plan.
    pub plan: Uuid,
    /// Its pilot.
    pub pilot: Uuid,
    /// The cooperative.
    pub cooperative: Uuid,
    /// Digest of the content that was put forward.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// How many criteria are to be improved.
    #[schema(minimum = 0, maximum = 99, example = 3)]
    pub criteria_to_improve: usize,
    /// How many measures it has.
    #[schema(minimum = 0, maximum = 100, example = 6)]
    pub measures: usize,
}

/// The plans of a consolidation together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsolidationSummary {
    /// How many criteria are to be improved in all.
    #[schema(minimum = 0, maximum = 5000, example = 12)]
    pub criteria_to_improve: usize,
    /// Criterion by criterion, how many plans improve it; only those that some plan improves.
    #[schema(max_items = 99)]
    pub criteria: Vec<CriterionShare>,
    /// Kind by kind, how many measures there are; only kinds that occur.
    #[schema(max_items = 10)]
    pub measures: Vec<MeasureShare>,
}

/// How many plans improve a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CriterionShare {
    /// Code of the criterion.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
    pub criterion: String,
    /// How many plans.
    #[schema(minimum = 1, maximum = 50, example = 4)]
    pub plans: usize,
}

/// How many measures are of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeasureShare {
    /// The kind.
    pub area: MeasureArea,
    /// How many measures.
    #[schema(minimum = 1, maximum = 5000, example = 9)]
    pub measures: usize,
}

impl NewConsolidation {
    /// Checks the body alone.
    ///
    /// # Errors
    /// Every fault.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.date, "/date").err());
        let mut seen = BTreeSet::new();
        for (place, PutForward { plan, .. }) in self.plans.iter().enumerate() {
            if !seen.insert(plan) {
                faults.push(
                    Refusal::at(
                        Rule::RepeatedItem,
                        format!("/plans/{place}/plan"),
                        "Kế hoạch này có hai lần.",
                        format!("The plan {plan} is given twice."),
                    )
                    .given(&[("item", &plan)]),
                );
            }
        }
        Refusal::of_all(faults)
    }

    /// Puts the plans before the People's Committee: all of them or none. `found` are those plans that the caller reaches,
    /// each with its pilot, in any order.
    ///
    /// # Errors
    /// A plan is not there, not signed, not the one that was read, or of a pilot that left; or another agency leads the
    /// province's plan.
    pub fn consolidate(
        self,
        id: Uuid,
        found: Vec<(ImprovementPlan, Pilot)>,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(ImprovementConsolidation, Vec<ImprovementPlan>), Refusal> {
        self.check(now)?;
        let ours =
            found.into_iter().filter(|(_, pilot)| pilot.province == self.province && pilot.scheme == self.scheme);
        let mut by_id: BTreeMap<Uuid, (ImprovementPlan, Pilot)> = ours.map(|both| (both.0.id, both)).collect();
        Refusal::of_all(self.absent(&by_id))?;
        only_lead(caller, lead_agency)?;
        let (mut plans, mut refused) = (Vec::new(), Vec::new());
        for (place, PutForward { plan, content_hash }) in self.plans.iter().enumerate() {
            let Some((plan, pilot)) = by_id.remove(plan) else { continue };
            let consolidated = Consolidated { consolidation: id, date: self.date, by: caller.subject.clone() };
            let pointer = format!("/plans/{place}");
            match plan.put_forward(consolidated, &pilot, (content_hash, &pointer), now) {
                Ok(plan) => plans.push(plan),
                Err(refusal) => refused.push(refusal.placed(&format!("{pointer}/plan"))),
            }
        }
        Refusal::of_all(refused)?;
        let Self { province, scheme, number, date, advice, document, plans: _ } = self;
        let consolidation = ImprovementConsolidation {
            id,
            province,
            scheme,
            number,
            date,
            advice,
            document,
            plans: plans.iter().map(ConsolidationPlan::from).collect(),
            summary: ConsolidationSummary::of(&plans),
            created_by: caller.subject.clone(),
            recorded_at: now.0,
        };
        Ok((consolidation, plans))
    }

    fn absent<T>(&self, found: &BTreeMap<Uuid, T>) -> Vec<Refusal> {
        let places = self.plans.iter().enumerate();
        let absent = places.filter(|(_, put)| !found.contains_key(&put.plan));
        let refusal = |(place, PutForward { plan, .. }): (usize, &PutForward)| {
            Refusal::at(
                Rule::UnknownReference,
                format!("/plans/{place}/plan"),
                "Tỉnh không có Kế hoạch hoàn thiện này cho Đề án.",
                format!("The province has no improvement plan {plan} for this scheme."),
            )
            .given(&[("reference", &plan)])
        };
        absent.map(refusal).collect()
    }
}

impl From<&ImprovementPlan> for ConsolidationPlan {
    fn from(plan: &ImprovementPlan) -> Self {
        Self {
            plan: plan.id,
            pilot: plan.pilot,
            cooperative: plan.cooperative,
            content_hash: plan.content_hash(),
            criteria_to_improve: plan.criteria_to_improve(),
            measures: plan.content.measures.len(),
        }
    }
}

impl ConsolidationSummary {
    fn of(plans: &[ImprovementPlan]) -> Self {
        let (mut criteria, mut measures) = (BTreeMap::<u8, usize>::new(), BTreeMap::<MeasureArea, usize>::new());
        for plan in plans {
            for planned in plan.content.criteria.iter().filter(|planned| planned.target.is_some()) {
                *criteria.entry(planned.criterion).or_default() += 1;
            }
            for measure in &plan.content.measures {
                *measures.entry(measure.area).or_default() += 1;
            }
        }
        let share = |(criterion, plans): (u8, usize)| CriterionShare { criterion: criterion.to_string(), plans };
        Self {
            criteria_to_improve: criteria.values().sum(),
            criteria: criteria.into_iter().map(share).collect(),
            measures: measures.into_iter().map(|(area, measures)| MeasureShare { area, measures }).collect(),
        }
    }
}
