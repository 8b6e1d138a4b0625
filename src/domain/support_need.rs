//! A support need (*nhu cầu kinh phí Nhà nước hỗ trợ*, 2129/QĐ-UBND VII.10) of a pilot: itemised, reasoned, phased by year.
//!
//! The cooperative writes and submits it; the lead agency returns or consolidates it (VII.1); each item is appraised, by
//! finance for recurrent money (VII.3) and by the lead agency for the rest, and approved in whole or part by the authority
//! of its source: a district decides on its own budget, the provincial People's Committee on the rest. It is a need, not
//! money: that is allocated from the plan's lines.

mod check;
mod moves;
pub mod rates;
#[cfg(test)]
pub(in crate::domain) mod tests;
mod upheld;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use self::rates::{TrainingCost, YoungWorker};
use super::budget::rounding::millions;
use super::budget::summary::AmountUnit;
use super::money::Money;
use super::plan::{BudgetLevel, Nature};
use super::role::names;
use super::writers::Writers;

pub use self::moves::{NeedReferences, NeedStep};

/// A support need to be drafted, by the cooperative for its own pilot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSupportNeed {
    /// The pilot.
    pub pilot: Uuid,
    /// What is needed, item by item.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<NeededItem>,
}

/// One thing that is needed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NeededItem {
    /// What it is.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Nhà sơ chế lúa 500 m²")]
    pub title: String,
    /// Code of the support kind; a loan is not asked for here.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure")]
    pub support_kind: String,
    /// Nature of the money, which says who appraises it; never credit.
    pub nature: Nature,
    /// Level of the budget that it is asked of, which says who approves it; where not stated, the province.
    pub budget_level: Option<BudgetLevel>,
    /// Source: a code of the list `sources`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    pub source: Option<String>,
    /// The basis of the calculation (*thuyết minh cơ sở tính toán*).
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Theo báo giá ngày 05/01/2022.")]
    pub justification: String,
    /// How much is needed in which year of the scheme, each year once.
    #[schema(min_items = 1, max_items = 20)]
    pub phases: Vec<YearAmount>,
    /// The young workers that are paid for, where that is what is needed.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub young_workers: Vec<YoungWorker>,
    /// What the training costs and how much of it is asked for, where that is what is needed.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub training: Vec<TrainingCost>,
}

/// An amount of a fiscal year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YearAmount {
    /// The fiscal year.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    pub fiscal_year: u16,
    /// The amount.
    pub amount: Money,
}

names! {
    /// Where a support need is in its life.
    NeedState {
        /// Being written by the cooperative.
        Draft = "draft",
        /// Submitted to the lead agency.
        Submitted = "submitted",
        /// Returned to the cooperative, which may write it anew.
        Returned = "returned",
        /// Consolidated by the lead agency: its items are appraised and approved one by one.
        Consolidated = "consolidated",
    }
}

names! {
    /// What consolidated needs are summed by.
    NeedGrouping {
        /// Fiscal year.
        FiscalYear = "fiscalYear",
        /// Nature of the money.
        Nature = "nature",
        /// Support kind.
        SupportKind = "supportKind",
        /// Source.
        Source = "source",
        /// Budget level.
        BudgetLevel = "budgetLevel",
        /// The pilot.
        Pilot = "pilot",
        /// The unit of the pilot, below the province.
        Unit = "unit",
    }
}

/// What the needs of one group sum to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedSum {
    /// The value of the key; none is *not stated*.
    pub key: Option<String>,
    /// Asked for.
    pub requested: Money,
    /// Upheld by appraisals.
    pub appraised: Money,
    /// Approved.
    pub approved: Money,
}

impl NeedSum {
    /// Groups and their total as they are shown: in đồng, or in million đồng by largest remainder, each column adding up to its
    /// printed total.
    pub fn shown(unit: AmountUnit, mut groups: Vec<Self>) -> (Self, Vec<Self>) {
        let mut total = Self { key: None, requested: Money::ZERO, appraised: Money::ZERO, approved: Money::ZERO };
        for column in [Self::requested, Self::appraised, Self::approved] {
            let exact: Vec<Money> = groups.iter_mut().map(|group| *column(group)).collect();
            let sum: Money = exact.iter().copied().sum();
            *column(&mut total) = sum;
            if unit == AmountUnit::Million {
                let rounded = millions(sum, &exact);
                *column(&mut total) = rounded.total;
                for (group, amount) in groups.iter_mut().zip(rounded.parts) {
                    *column(group) = amount;
                }
            }
        }
        (total, groups)
    }

    const fn requested(&mut self) -> &mut Money {
        &mut self.requested
    }

    const fn appraised(&mut self) -> &mut Money {
        &mut self.appraised
    }

    const fn approved(&mut self) -> &mut Money {
        &mut self.approved
    }
}

/// A numbered, dated act and who recorded it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedAct {
    /// Number of the document.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "210/STC-TCHCSN")]
    pub number: String,
    /// The date it bears.
    #[schema(example = "2022-02-20")]
    pub date: NaiveDate,
    /// Who recorded it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "finance@89")]
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Why it is less than what was asked for, or a remark.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    pub comment: Option<String>,
}

/// A year of an item: what was asked for, what appraisal and approval made of it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedPhase {
    /// The fiscal year.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    pub fiscal_year: u16,
    /// What the cooperative asks for.
    pub requested: Money,
    /// What the appraisal upholds: never more than what is requested.
    pub appraised: Option<Money>,
    /// What the authority approves: never more than what is appraised.
    pub approved: Option<Money>,
}

/// An item of a recorded need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is needed, as the cooperative wrote it.
    pub needed: NeededItem,
    /// What became of each year of it.
    pub phases: Vec<NeedPhase>,
    /// Its appraisal.
    pub appraisal: Option<NeedAct>,
    /// Its approval.
    pub approval: Option<NeedAct>,
}

/// A support need of a pilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportNeed {
    /// Identity.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The pilot.
    pub pilot: Uuid,
    /// Its cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// What is needed.
    pub items: Vec<Item>,
    /// Where it is in its life.
    pub state: NeedState,
    /// The day of its submission.
    pub submitted_on: Option<NaiveDate>,
    /// How the lead agency consolidated it.
    pub consolidation: Option<NeedAct>,
    /// Everyone who wrote it.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The submission of a support need.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportNeedSubmission {
    /// The day of the submission; not in the future. The rates in force on it are kept.
    #[schema(example = "2022-01-15")]
    pub submitted_on: NaiveDate,
}

/// The return of a support need to its cooperative.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportNeedReturn {
    /// What is to be done about it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Bổ sung thuyết minh cơ sở tính toán.")]
    pub comment: String,
}

/// The consolidation of a support need into the needs of the province (2129/QĐ-UBND VII.1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportNeedConsolidation {
    /// Number of the document that consolidates.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "350/SKHĐT-DN")]
    pub document_number: String,
    /// The date it bears: not in the future, not before the submission.
    #[schema(example = "2022-02-01")]
    pub document_date: NaiveDate,
}

/// What is upheld of an item.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpheldItem {
    /// Number of the item, counted from 1.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    pub item: u16,
    /// What is upheld of each year; absent where the item is upheld in whole. A year that is not named gets nothing.
    #[schema(max_items = 20)]
    pub phases: Option<Vec<YearAmount>>,
    /// Why less is upheld, or a remark.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Giảm theo định mức.")]
    pub comment: Option<String>,
}

/// The appraisal of items of a support need: recurrent ones by finance, others by the lead agency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportNeedAppraisal {
    /// Number of the appraisal.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "210/STC-TCHCSN")]
    pub document_number: String,
    /// The date it bears: not in the future, not before the consolidation.
    #[schema(example = "2022-02-20")]
    pub document_date: NaiveDate,
    /// The items.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<UpheldItem>,
}

/// The approval of items of a support need, in whole or part, by the authority of their source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportNeedApproval {
    /// Number of the decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "520/QĐ-UBND")]
    pub decision_number: String,
    /// The date it bears: not in the future, not before the appraisal.
    #[schema(example = "2022-03-10")]
    pub decision_date: NaiveDate,
    /// The items.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<UpheldItem>,
}

impl Item {
    /// An item as the cooperative asks for it.
    pub fn requested(needed: NeededItem) -> Self {
        let phase = |YearAmount { fiscal_year, amount }: &YearAmount| NeedPhase {
            fiscal_year: *fiscal_year,
            requested: *amount,
            appraised: None,
            approved: None,
        };
        let phases = needed.phases.iter().map(phase).collect();
        Self { needed, phases, appraisal: None, approval: None }
    }

    /// What is asked for in all years.
    pub fn asked_for(&self) -> Money {
        self.phases.iter().map(|phase| phase.requested).sum()
    }

    /// What its appraisal upholds in all years.
    pub fn appraised(&self) -> Money {
        self.phases.iter().filter_map(|phase| phase.appraised).sum()
    }

    /// What is approved in all years.
    pub fn approved(&self) -> Money {
        self.phases.iter().filter_map(|phase| phase.approved).sum()
    }
}

impl SupportNeed {
    /// What is asked for in all.
    pub fn requested(&self) -> Money {
        self.phases().map(|phase| phase.requested).sum()
    }

    /// What appraisals uphold of it so far.
    pub fn appraised(&self) -> Money {
        self.phases().filter_map(|phase| phase.appraised).sum()
    }

    /// What is approved of it so far.
    pub fn approved(&self) -> Money {
        self.phases().filter_map(|phase| phase.approved).sum()
    }

    fn phases(&self) -> impl Iterator<Item = &NeedPhase> {
        self.items.iter().flat_map(|item| &item.phases)
    }
}
