//! Requests and views of allocations and of what is posted against them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::budget::{
    Allocation, AllocationState, AllocationStatus, AllocationTerms, Approval, Correction, Disbursement, Entry,
    EntryTerms, Instalment, Payment, ServedNeed,
};
use crate::domain::evidence::DocumentReference;
use crate::domain::money::{Money, SignedMoney};
use crate::domain::percent::Percent;

/// A numbered, dated decision that allocates money of an approved provincial plan, all of it or none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct NewBudgetAllocation {
    /// The approved provincial plan whose lines it takes from.
    plan: Uuid,
    /// Number of the decision, as printed.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2870/QĐ-UBND")]
    decision_number: String,
    /// The date it bears: not in the future, not before the plan.
    #[schema(example = "2021-12-08")]
    decision_date: NaiveDate,
    /// What it gives, to whom, from which line.
    #[schema(min_items = 1, max_items = 100)]
    entries: Vec<NewAllocationEntry>,
}

/// One part of an allocation.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct NewAllocationEntry {
    /// The estimate line of the plan; a line of preferential credit is lent, not allocated (2129/QĐ-UBND V.2, VII.6).
    line: Uuid,
    /// How much, above zero; together with all else, at most what the line has left.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "1250000000")]
    amount: Money,
    /// Code of the support kind.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure")]
    support_kind: String,
    /// The implementing agency, of the same province: it spends the money and records the disbursements.
    implementing_agency: Uuid,
    /// The pilot that benefits; absent when the implementing agency is itself the beneficiary.
    pilot: Option<Uuid>,
    /// The budget year, where the decision states one.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    fiscal_year: Option<u16>,
    /// When it is planned to be paid, in the order of days: instalments that sum to the amount. Left out where the decision
    /// does not say.
    #[serde(default)]
    #[schema(max_items = 60)]
    schedule: Vec<Instalment>,
    /// The approved item of a support need of the pilot that it serves, where it serves one.
    need: Option<ServedNeed>,
}

impl From<NewBudgetAllocation> for AllocationTerms {
    fn from(new: NewBudgetAllocation) -> Self {
        let NewBudgetAllocation { plan, decision_number, decision_date, entries } = new;
        Self { plan, decision_number, decision_date, entries: entries.into_iter().map(EntryTerms::from).collect() }
    }
}

impl From<NewAllocationEntry> for EntryTerms {
    fn from(new: NewAllocationEntry) -> Self {
        let NewAllocationEntry { line, amount, support_kind, implementing_agency, pilot, fiscal_year, schedule, need } =
            new;
        Self { line, amount, support_kind, agency: implementing_agency, pilot, fiscal_year, schedule, need }
    }
}

impl From<&Allocation> for NewBudgetAllocation {
    fn from(allocation: &Allocation) -> Self {
        let Allocation { plan, decision_number, decision_date, entries, .. } = allocation.clone();
        let form = |entry: Entry| {
            let EntryTerms { line, amount, support_kind, agency, pilot, fiscal_year, schedule, need } = entry.terms;
            let implementing_agency = agency;
            NewAllocationEntry { line, amount, support_kind, implementing_agency, pilot, fiscal_year, schedule, need }
        };
        Self { plan, decision_number, decision_date, entries: entries.into_iter().map(form).collect() }
    }
}

/// An allocation with what was disbursed of it.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetAllocationView {
    /// Identifier.
    id: Uuid,
    /// Code of the province whose money it is.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S", example = "QD167-2021-2025")]
    scheme: String,
    /// The provincial plan whose lines it takes from.
    plan: Uuid,
    /// Number of the decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2870/QĐ-UBND")]
    decision_number: String,
    /// The date it bears.
    #[schema(example = "2021-12-08")]
    decision_date: NaiveDate,
    /// A draft takes nothing; an approved one took from its lines and may be disbursed.
    state: AllocationStatus,
    /// What it gives, to whom, from which line.
    #[schema(min_items = 1, max_items = 100)]
    entries: Vec<AllocationEntryView>,
    /// The sum of its entries, as decided.
    amount: Money,
    /// Taken back by later decisions.
    reduced: Money,
    /// Disbursed to date, net of corrections.
    disbursed: Money,
    /// Settled to date by accepted settlements.
    settled: Money,
    /// Returned to the budget by accepted settlements.
    returned: Money,
    /// What settlements have not accounted for yet, carried over or never settled: amount − reduced − settled − returned.
    unsettled: Money,
    /// What may still be disbursed.
    remaining: Money,
    /// Disbursed ÷ (amount − reduced).
    rate: Option<Percent>,
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

/// One part of an allocation, with what was disbursed of it.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllocationEntryView {
    /// Identifier, which a disbursement and a settlement name.
    id: Uuid,
    /// The estimate line of the plan.
    line: Uuid,
    /// How much was allocated, as decided.
    amount: Money,
    /// Taken back by later decisions.
    reduced: Money,
    /// Disbursed to date, net of corrections: never more than amount − reduced − returned.
    disbursed: Money,
    /// Settled to date by accepted settlements, net of corrections: never more than disbursed.
    settled: Money,
    /// Returned to the budget by accepted settlements.
    returned: Money,
    /// What settlements have not accounted for yet: what the next one settles, carries over or returns.
    unsettled: Money,
    /// What may still be disbursed.
    remaining: Money,
    /// Code of the support kind.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure")]
    support_kind: String,
    /// The implementing agency.
    implementing_agency: Uuid,
    /// The pilot that benefits.
    pilot: Option<Uuid>,
    /// The budget year, where the decision states one.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    fiscal_year: Option<u16>,
    /// When it is planned to be paid: instalments that sum to the amount; empty where the decision does not say.
    #[schema(max_items = 60)]
    schedule: Vec<Instalment>,
    /// The item of a support need that it serves.
    need: Option<ServedNeed>,
}

impl From<Allocation> for BudgetAllocationView {
    fn from(allocation: Allocation) -> Self {
        let (amount, reduced, remaining) = (allocation.amount(), allocation.reduced(), allocation.left());
        let unsettled = allocation.entries.iter().map(Entry::unsettled).sum();
        let (disbursed, settled, returned) = (allocation.disbursed(), allocation.settled(), allocation.returned());
        let Allocation {
            id,
            province,
            scheme,
            plan,
            lead_agency: _,
            decision_number,
            decision_date,
            entries,
            state,
            created_by,
            writers: _,
            version: _,
            recorded_at,
            updated_at,
        } = allocation;
        let status = state.status();
        let (approved_by, approved_at) = match state {
            AllocationState::Draft => (None, None),
            AllocationState::Approved(Approval { by, at }) => (Some(by), Some(at)),
        };
        Self {
            id,
            province,
            scheme,
            plan,
            decision_number,
            decision_date,
            state: status,
            entries: entries.into_iter().map(AllocationEntryView::from).collect(),
            amount,
            reduced,
            disbursed,
            settled,
            returned,
            unsettled,
            remaining,
            rate: Percent::of(disbursed.as_dong(), amount.minus(reduced).as_dong()),
            created_by,
            approved_by,
            approved_at,
            recorded_at,
            updated_at,
        }
    }
}

impl From<Entry> for AllocationEntryView {
    fn from(entry: Entry) -> Self {
        let (remaining, unsettled) = (entry.left(), entry.unsettled());
        let Entry { id, terms, reduced, disbursed, settled, returned } = entry;
        let EntryTerms { line, amount, support_kind, agency, pilot, fiscal_year, schedule, need } = terms;
        Self {
            id,
            line,
            amount,
            reduced,
            disbursed,
            settled,
            returned,
            unsettled,
            remaining,
            support_kind,
            implementing_agency: agency,
            pilot,
            fiscal_year,
            schedule,
            need,
        }
    }
}

/// Narrows the list of allocations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetAllocationQuery {
    /// The provincial plan.
    #[param(nullable = false)]
    pub(super) plan: Option<Uuid>,
    /// The state.
    #[param(inline, nullable = false)]
    pub(super) state: Option<AllocationStatus>,
    /// A pilot that benefits.
    #[param(nullable = false)]
    pub(super) pilot: Option<Uuid>,
    /// An implementing agency.
    #[param(nullable = false)]
    pub(super) implementing_agency: Option<Uuid>,
    /// An estimate line of the plan.
    #[param(nullable = false)]
    pub(super) line: Option<Uuid>,
    /// A support need that it serves.
    #[param(nullable = false)]
    pub(super) support_need: Option<Uuid>,
}

/// When to look at an allocation.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetBalanceQuery {
    /// The instant as of which its balances are asked; by default now. Not in the future.
    #[param(nullable = false)]
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// The approval of an allocation.
#[skip_serializing_none]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BudgetAllocationApproval {
    /// A remark for the history.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đồng ý phân bổ.")]
    pub(super) comment: Option<String>,
    /// The signed decision.
    pub(super) document: Option<DocumentReference>,
}

/// A payment made from an entry of an allocation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct BudgetDisbursement {
    /// The entry of the allocation that it is paid from.
    entry: Uuid,
    /// How much was paid, above zero; at most what the entry has left.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "300000000")]
    amount: Money,
    /// Number of the voucher: the natural key of a posting within its allocation.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "GRT-2022-015")]
    voucher_number: String,
    /// The date it bears: not in the future, not before the decision.
    #[schema(example = "2022-03-01")]
    voucher_date: NaiveDate,
}

impl From<BudgetAdjustment> for Correction {
    fn from(body: BudgetAdjustment) -> Self {
        let BudgetAdjustment { corrects: _, amount, voucher_number, voucher_date, reason } = body;
        Self { amount, voucher_number, voucher_date, reason }
    }
}

impl From<BudgetDisbursement> for Payment {
    fn from(body: BudgetDisbursement) -> Self {
        let BudgetDisbursement { entry, amount, voucher_number, voucher_date } = body;
        Self { entry, amount, voucher_number, voucher_date }
    }
}

/// The correction of a disbursement: a new posting that takes back all or part of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct BudgetAdjustment {
    /// The disbursement that it corrects.
    pub(super) corrects: Uuid,
    /// How much it takes back, above zero; at most what the disbursement still holds.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "50000000")]
    amount: Money,
    /// Number of the correcting voucher.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "GRT-2022-015-DC")]
    voucher_number: String,
    /// The date it bears: not in the future, not before the voucher that it corrects.
    #[schema(example = "2022-03-15")]
    voucher_date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Ghi trùng hóa đơn số 15.")]
    reason: String,
}

/// The decision that an entry rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AllocationDecision {
    /// Its number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2870/QĐ-UBND")]
    number: String,
    /// The date it bears.
    #[schema(example = "2021-12-08")]
    date: NaiveDate,
}

impl From<&Allocation> for AllocationDecision {
    fn from(allocation: &Allocation) -> Self {
        Self { number: allocation.decision_number.clone(), date: allocation.decision_date }
    }
}

/// A posting against an allocation: a payment, or the correction of one. Posted once, never edited.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetPostingView {
    /// Identifier, which a correction names.
    id: Uuid,
    /// The entry of the allocation.
    entry: Uuid,
    /// The decision under which it was paid.
    decision: AllocationDecision,
    /// Positive for a payment, negative for a correction.
    amount: SignedMoney,
    /// Number of the voucher.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "GRT-2022-015")]
    voucher_number: String,
    /// The date it bears.
    #[schema(example = "2022-03-01")]
    voucher_date: NaiveDate,
    /// The disbursement that it corrects.
    corrects: Option<Uuid>,
    /// Why it corrects it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    reason: Option<String>,
    /// Who recorded it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "line-department@89")]
    recorded_by: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl BudgetPostingView {
    /// A posting under the decision of its allocation.
    pub(super) fn of(posted: Disbursement, decision: AllocationDecision) -> Self {
        let Disbursement {
            id,
            allocation: _,
            entry,
            amount,
            voucher_number,
            voucher_date,
            corrects,
            recorded_by,
            recorded_at,
        } = posted;
        let (corrects, reason) = corrects.unzip();
        let amount = SignedMoney(amount);
        Self { id, entry, decision, amount, voucher_number, voucher_date, corrects, reason, recorded_by, recorded_at }
    }
}
