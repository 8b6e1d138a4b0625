//! What is shown of a loan and its entries.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::evidence::DocumentReference;
use crate::domain::loan::{Loan, LoanEntry, LoanEntryKind, LoanState, NewLoan};
use crate::domain::money::{Money, SignedMoney};

/// A loan with the sums of its entries.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoanView {
    /// Identifier.
    id: Uuid,
    /// The pilot that borrows.
    pilot: Uuid,
    /// Its cooperative.
    cooperative: Uuid,
    /// Code of its province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// A draft counts in no sum; a recorded one says what the lender decided for good.
    state: LoanState,
    /// Who lends.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Quỹ hỗ trợ phát triển HTX")]
    lender: String,
    /// Code of the source.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "preferential_credit_fund")]
    source: String,
    /// The amount approved.
    approved_amount: Money,
    /// Number of the lender's decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "15/QĐ-QHTPTHTX")]
    decision_number: String,
    /// Date of the lender's decision.
    decision_date: NaiveDate,
    /// Interest, percent a year.
    #[schema(min_length = 4, max_length = 5, pattern = r"^(0|[1-9][0-9]?)\.[0-9]{2}$")]
    interest_percent: Option<String>,
    /// Term in months.
    #[schema(minimum = 1, maximum = 600)]
    term_months: Option<u32>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    purpose: Option<String>,
    /// Paid out so far, corrections taken off.
    disbursed: Money,
    /// Paid back so far, corrections taken off.
    repaid: Money,
    /// What is owed: disbursed − repaid.
    outstanding: Money,
    /// What can still be paid out: approved − disbursed.
    undisbursed: Money,
    /// Who recorded it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative-alliance@89")]
    recorded_by: String,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Loan> for LoanView {
    fn from(loan: Loan) -> Self {
        let (outstanding, undisbursed, state) = (loan.outstanding(), loan.undisbursed(), loan.state());
        let Loan {
            id,
            version: _,
            cooperative,
            province,
            unit,
            terms,
            disbursed,
            repaid,
            recorded_at,
            updated_at,
            created_by,
            counts_from: _,
        } = loan;
        let NewLoan {
            pilot,
            lender,
            source,
            approved_amount,
            decision_number,
            decision_date,
            interest_percent,
            term_months,
            purpose,
        } = terms;
        Self {
            id,
            pilot,
            cooperative,
            province,
            unit,
            state,
            lender,
            source,
            approved_amount,
            decision_number,
            decision_date,
            interest_percent,
            term_months,
            purpose,
            disbursed,
            repaid,
            outstanding,
            undisbursed,
            recorded_by: created_by,
            recorded_at,
            updated_at,
        }
    }
}

/// The lender's decision that an entry of a loan rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct LoanDecision {
    /// Who decided: the lender.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Quỹ hỗ trợ phát triển HTX")]
    lender: String,
    /// Its number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "15/QĐ-QHTPTHTX")]
    number: String,
    /// The date it bears.
    #[schema(example = "2022-03-10")]
    date: NaiveDate,
}

impl From<&Loan> for LoanDecision {
    fn from(loan: &Loan) -> Self {
        let NewLoan { lender, decision_number, decision_date, .. } = loan.terms.clone();
        Self { lender, number: decision_number, date: decision_date }
    }
}

/// One entry of a loan: posted once, never changed.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoanEntryView {
    /// Identifier, which a correction names.
    id: Uuid,
    /// The decision under which it was lent.
    decision: LoanDecision,
    /// Paid out or paid back.
    kind: LoanEntryKind,
    /// The amount; below zero in a correction.
    amount: SignedMoney,
    /// Its legal date; a correction has that of the entry it takes back.
    on_date: NaiveDate,
    /// Number of the voucher.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    voucher: Option<String>,
    /// The entry that it takes back.
    corrects: Option<Uuid>,
    /// Why it takes it back.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    reason: Option<String>,
    /// The document behind it.
    document: Option<DocumentReference>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// Who recorded it: `sub` of the token.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative-alliance@89")]
    recorded_by: String,
}

impl LoanEntryView {
    /// An entry under the decision of its loan.
    pub(super) fn of(entry: LoanEntry, decision: LoanDecision) -> Self {
        let LoanEntry { id, loan: _, kind, amount, on, voucher, corrects, reason, document, recorded_at, recorded_by } =
            entry;
        Self {
            id,
            decision,
            kind,
            amount: SignedMoney(amount),
            on_date: on,
            voucher,
            corrects,
            reason,
            document,
            recorded_at,
            recorded_by,
        }
    }
}

/// The recording of a draft loan.
#[skip_serializing_none]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoanRecording {
    /// A remark for the history.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đối chiếu với quyết định của Quỹ.")]
    pub(super) comment: Option<String>,
    /// The lender's decision.
    pub(super) document: Option<DocumentReference>,
}

/// Entries of a loan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoanEntries {
    /// Oldest first.
    #[schema(max_items = 10_000)]
    pub(super) items: Vec<LoanEntryView>,
}
