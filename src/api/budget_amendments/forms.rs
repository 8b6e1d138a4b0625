//! Requests and views of amendments of the budget.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::budget::{Amendment, AmendmentStatus, AmendmentTerms, Approval, Change};
use crate::domain::evidence::DocumentReference;
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, LineContent, Nature};

/// A numbered, dated decision that amends the budget of an approved plan, all of it or none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewBudgetAmendment {
    /// The approved provincial plan.
    plan: Uuid,
    /// Number of the decision, as printed.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1450/QĐ-UBND")]
    decision_number: String,
    /// The date it bears: not in the future, not before the plan, nor before the decisions that it changes.
    #[schema(example = "2023-07-10")]
    decision_date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Phân kỳ dự toán theo năm.")]
    reason: String,
    /// Lines of the plan that hold another amount from now on.
    #[serde(default)]
    #[schema(max_items = 200)]
    lines: Vec<AmendedLine>,
    /// Lines that the plan has in addition from now on.
    #[serde(default)]
    #[schema(max_items = 200)]
    new_lines: Vec<AddedLine>,
    /// Entries of approved allocations that are reduced: their lines have the amounts again.
    #[serde(default)]
    #[schema(max_items = 200)]
    reductions: Vec<ReducedEntry>,
}

/// A line of the plan and what it holds from now on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AmendedLine {
    /// The line.
    line: Uuid,
    /// What it holds from now on; `0` empties it. Never less than what is allocated of it.
    amount: Money,
}

/// A line that the plan has in addition. What the decision does not state is left out.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddedLine {
    /// What the money is for: a code of the list `categories`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "recurrent_support")]
    category: String,
    /// Level of the budget.
    budget_level: Option<BudgetLevel>,
    /// Source: a code of the list `sources`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    source: Option<String>,
    /// Nature of the money.
    nature: Option<Nature>,
    /// Kind of support: a code of the list `support_kinds`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    support_kind: Option<String>,
    /// Fiscal year, one of the scheme's.
    #[schema(minimum = 2000, maximum = 2100)]
    fiscal_year: Option<u16>,
    /// The amount, above zero.
    amount: Money,
}

/// An entry of an approved allocation and how much of it is taken back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReducedEntry {
    /// The entry.
    entry: Uuid,
    /// How much is taken back, above zero; at most what the entry has left undisbursed.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "250000000")]
    amount: Money,
}

impl NewBudgetAmendment {
    /// What it decides; each new line gets an id.
    pub(super) fn into_terms(self, mut fresh_id: impl FnMut() -> Uuid) -> AmendmentTerms {
        let Self { plan, decision_number, decision_date, reason, lines, new_lines, reductions } = self;
        let lines = lines.into_iter().map(|AmendedLine { line, amount }| Change::Line { line, amount });
        let added = new_lines.into_iter().map(|line| {
            let AddedLine { category, budget_level, source, nature, support_kind, fiscal_year, amount } = line;
            let content = LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount };
            Change::NewLine { line: fresh_id(), content }
        });
        let reduced = reductions.into_iter().map(|ReducedEntry { entry, amount }| Change::Reduction { entry, amount });
        let changes = lines.chain(added).chain(reduced).collect();
        AmendmentTerms { plan, decision_number, decision_date, reason, changes }
    }
}

impl From<&Amendment> for NewBudgetAmendment {
    fn from(amendment: &Amendment) -> Self {
        let AmendmentTerms { plan, decision_number, decision_date, reason, changes } = amendment.terms.clone();
        let (mut lines, mut new_lines, mut reductions) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Line { line, amount } => lines.push(AmendedLine { line, amount }),
                Change::NewLine { line: _, content } => new_lines.push(AddedLine::from(content)),
                Change::Reduction { entry, amount } => reductions.push(ReducedEntry { entry, amount }),
            }
        }
        Self { plan, decision_number, decision_date, reason, lines, new_lines, reductions }
    }
}

impl From<LineContent> for AddedLine {
    fn from(content: LineContent) -> Self {
        let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } = content;
        Self { category, budget_level, source, nature, support_kind, fiscal_year, amount }
    }
}

/// An amendment of the budget.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetAmendmentView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// The provincial plan.
    plan: Uuid,
    /// Number of the decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1450/QĐ-UBND")]
    decision_number: String,
    /// The date it bears.
    #[schema(example = "2023-07-10")]
    decision_date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Phân kỳ dự toán theo năm.")]
    reason: String,
    /// A draft changes nothing; what an approved one says is done.
    state: AmendmentStatus,
    /// Lines of the plan that hold another amount.
    #[schema(max_items = 200)]
    lines: Vec<AmendedLineView>,
    /// Lines that the plan has in addition.
    #[schema(max_items = 200)]
    new_lines: Vec<AddedLineView>,
    /// Entries of approved allocations that are reduced.
    #[schema(max_items = 200)]
    reductions: Vec<ReducedEntryView>,
    /// Who drafted it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "lead-agency@89")]
    created_by: String,
    /// Who approved it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "peoples-committee@89")]
    approved_by: Option<String>,
    /// When the approval was recorded.
    approved_at: Option<DateTime<Utc>>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// A line of the plan and what it holds after the decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AmendedLineView {
    /// The line.
    line: Uuid,
    /// What it holds after the decision.
    amount: Money,
}

/// A line that the plan has in addition.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddedLineView {
    /// The id that the line has in the plan, once the decision is approved.
    line: Uuid,
    /// What the money is for.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "recurrent_support")]
    category: String,
    /// Level of the budget, where stated.
    budget_level: Option<BudgetLevel>,
    /// Source, where stated.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    source: Option<String>,
    /// Nature of the money, where stated.
    nature: Option<Nature>,
    /// Kind of support, where stated.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    support_kind: Option<String>,
    /// Fiscal year, where stated.
    #[schema(minimum = 2000, maximum = 2100)]
    fiscal_year: Option<u16>,
    /// The amount.
    amount: Money,
}

/// An entry of an approved allocation and how much of it is taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReducedEntryView {
    /// The entry.
    entry: Uuid,
    /// How much is taken back.
    amount: Money,
}

impl From<Amendment> for BudgetAmendmentView {
    fn from(amendment: Amendment) -> Self {
        let state = amendment.status();
        let Amendment {
            id,
            province,
            lead_agency: _,
            terms,
            approval,
            created_by,
            writers: _,
            version: _,
            recorded_at,
            updated_at,
        } = amendment;
        let AmendmentTerms { plan, decision_number, decision_date, reason, changes } = terms;
        let (approved_by, approved_at) = approval.map(|Approval { by, at }| (by, at)).unzip();
        let (mut lines, mut new_lines, mut reductions) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Line { line, amount } => lines.push(AmendedLineView { line, amount }),
                Change::NewLine { line, content } => new_lines.push(added(line, content)),
                Change::Reduction { entry, amount } => reductions.push(ReducedEntryView { entry, amount }),
            }
        }
        Self {
            id,
            province,
            plan,
            decision_number,
            decision_date,
            reason,
            state,
            lines,
            new_lines,
            reductions,
            created_by,
            approved_by,
            approved_at,
            recorded_at,
            updated_at,
        }
    }
}

fn added(line: Uuid, content: LineContent) -> AddedLineView {
    let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } = content;
    AddedLineView { line, category, budget_level, source, nature, support_kind, fiscal_year, amount }
}

/// Narrows the list of amendments.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BudgetAmendmentQuery {
    /// The provincial plan.
    #[param(nullable = false)]
    pub(super) plan: Option<Uuid>,
    /// The state.
    #[param(inline, nullable = false)]
    pub(super) state: Option<AmendmentStatus>,
}

/// The approval of an amendment.
#[skip_serializing_none]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BudgetAmendmentApproval {
    /// A remark for the history.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đồng ý điều chỉnh.")]
    pub(super) comment: Option<String>,
    /// The signed decision.
    pub(super) document: Option<DocumentReference>,
}
