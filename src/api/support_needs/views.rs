//! What clients get of a support need.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, Nature};
use crate::domain::support_need::rates::{RateFinding, TrainingCost, YoungWorker};
use crate::domain::support_need::{Item, NeedAct, NeedPhase, NeedState, NeededItem, SupportNeed};

/// A support need of a pilot.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SupportNeedView {
    /// Identifier.
    id: Uuid,
    /// The pilot.
    pilot: Uuid,
    /// Its cooperative.
    cooperative: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the unit of the pilot.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "888")]
    unit: String,
    /// Where it is in its life.
    state: NeedState,
    /// What is needed, item by item.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<NeededItemView>,
    /// What is asked for in all.
    requested: Money,
    /// What appraisals uphold of it so far.
    appraised: Money,
    /// What is approved of it so far.
    approved: Money,
    /// The day of its submission.
    submitted_on: Option<NaiveDate>,
    /// How the lead agency consolidated it.
    consolidation: Option<NeedAct>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// One thing that is needed, and what became of it.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NeededItemView {
    /// Number of the item, counted from 1.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    item: usize,
    /// What it is.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Nhà sơ chế lúa 500 m²")]
    title: String,
    /// Code of the support kind.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure")]
    support_kind: String,
    /// Nature of the money.
    nature: Nature,
    /// Level of the budget that it is asked of, where stated.
    budget_level: Option<BudgetLevel>,
    /// Source, where stated.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    source: Option<String>,
    /// The basis of the calculation.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Theo báo giá ngày 05/01/2022.")]
    justification: String,
    /// Its years.
    #[schema(min_items = 1, max_items = 20)]
    phases: Vec<NeedPhase>,
    /// The young workers that are paid for.
    #[schema(max_items = 50)]
    young_workers: Vec<YoungWorker>,
    /// What the training costs and how much of it is asked for.
    #[schema(max_items = 50)]
    training: Vec<TrainingCost>,
    /// Its appraisal.
    appraisal: Option<NeedAct>,
    /// Its approval.
    approval: Option<NeedAct>,
}

/// The known rates, checked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RateChecks {
    /// The day whose rates are checked.
    #[schema(example = "2022-01-15")]
    pub(super) day: NaiveDate,
    /// Each check.
    #[schema(max_items = 10_000)]
    pub(super) items: Vec<RateFinding>,
}

impl From<SupportNeed> for SupportNeedView {
    fn from(need: SupportNeed) -> Self {
        let (requested, appraised, approved) = (need.requested(), need.appraised(), need.approved());
        let SupportNeed {
            id,
            version: _,
            pilot,
            cooperative,
            province,
            unit,
            items,
            state,
            submitted_on,
            consolidation,
            writers: _,
            recorded_at,
            updated_at,
        } = need;
        Self {
            id,
            pilot,
            cooperative,
            province,
            unit,
            state,
            items: (1..).zip(items).map(|(number, item)| view(number, item)).collect(),
            requested,
            appraised,
            approved,
            submitted_on,
            consolidation,
            recorded_at,
            updated_at,
        }
    }
}

fn view(number: usize, item: Item) -> NeededItemView {
    let Item { needed, phases, appraisal, approval } = item;
    let NeededItem {
        title,
        support_kind,
        nature,
        budget_level,
        source,
        justification,
        phases: _,
        young_workers,
        training,
    } = needed;
    NeededItemView {
        item: number,
        title,
        support_kind,
        nature,
        budget_level,
        source,
        justification,
        phases,
        young_workers,
        training,
        appraisal,
        approval,
    }
}
