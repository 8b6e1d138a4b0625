//! A loan of a pilot (*vay vốn ưu đãi, Quỹ hỗ trợ phát triển HTX*): approved, disbursed, repaid, outstanding.
//!
//! Loans stand apart from the budget: the 21,000 million of the plan is access to credit, decided by lenders
//! (2129/QĐ-UBND V.2, VI.6). The Cooperative Alliance records them. Entries are never edited: a wrong one is taken back
//! by a correction that names it and says why. At the end of every day 0 ≤ repaid ≤ disbursed ≤ approved.

mod forms;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

pub use forms::{LoanCorrection, LoanDisbursement, LoanRepayment, NewLoan};

use super::application::not_before;
use super::evidence::DocumentReference;
use super::moment::Moment;
use super::money::Money;
use super::pilot::Pilot;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, names};

names! {
    /// What an entry of a loan moves.
    LoanEntryKind {
        /// Money paid out.
        Disbursement = "disbursement",
        /// Principal paid back.
        Repayment = "repayment",
    }
}

names! {
    /// The steps of a loan, as in the path.
    LoanStep {
        /// Money is paid out.
        Disbursements = "disbursements",
        /// Principal is paid back.
        Repayments = "repayments",
        /// A wrong entry is taken back.
        Corrections = "corrections",
        /// A draft is recorded: it counts from then on.
        Recordings = "recordings",
    }
}

names! {
    /// Whether a loan counts.
    LoanState {
        /// Being written: counted in no sum, may be edited or deleted.
        Draft = "draft",
        /// Recorded: it counts, and says what the lender decided for good.
        Recorded = "recorded",
    }
}

/// A loan with the sums of its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The pilot's cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// What the lender decided.
    pub terms: NewLoan,
    /// Paid out so far, corrections taken off.
    pub disbursed: Money,
    /// Paid back so far, corrections taken off.
    pub repaid: Money,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who recorded it.
    pub created_by: String,
    /// The instant from which it counts; none while it is a draft.
    pub counts_from: Option<DateTime<Utc>>,
}

/// One entry of a loan: appended, never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanEntry {
    /// Identifier.
    pub id: Uuid,
    /// The loan.
    pub loan: Uuid,
    /// Paid out or paid back.
    pub kind: LoanEntryKind,
    /// The amount; below zero in a correction.
    pub amount: Money,
    /// Its legal date; a correction has that of the entry it takes back, so that it never happened.
    pub on: NaiveDate,
    /// Number of the voucher.
    pub voucher: Option<String>,
    /// The entry that it takes back.
    pub corrects: Option<Uuid>,
    /// Why it takes it back.
    pub reason: Option<String>,
    /// The document behind it.
    pub document: Option<DocumentReference>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
}

impl Loan {
    /// Records a loan that was approved, for good or as a draft first.
    ///
    /// # Errors
    /// A decision in the future, or older than the selection of the pilot, or younger than its leaving the scheme.
    pub fn recorded(
        id: Uuid,
        terms: NewLoan,
        pilot: &Pilot,
        state: LoanState,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        decided_for(&terms, pilot, now)?;
        Ok(Self {
            id,
            version: 1,
            cooperative: pilot.cooperative,
            province: pilot.province.clone(),
            unit: pilot.unit.clone(),
            terms,
            disbursed: Money::ZERO,
            repaid: Money::ZERO,
            recorded_at: now.0,
            updated_at: now.0,
            created_by: caller.subject.clone(),
            counts_from: (state == LoanState::Recorded).then_some(now.0),
        })
    }

    /// Writes a draft anew, for whatever pilot its terms name.
    ///
    /// # Errors
    /// It counts already; or as [`Self::recorded`].
    pub fn edit(self, terms: NewLoan, pilot: &Pilot, now: Moment) -> Result<Self, Refusal> {
        self.must_be_draft(Rule::WrongState)?;
        decided_for(&terms, pilot, now)?;
        let (cooperative, province, unit) = (pilot.cooperative, pilot.province.clone(), pilot.unit.clone());
        Ok(Self { cooperative, province, unit, terms, version: self.version + 1, updated_at: now.0, ..self })
    }

    /// Records a draft: it counts from now on.
    ///
    /// # Errors
    /// It counts already.
    pub fn record(self, now: Moment) -> Result<Self, Refusal> {
        self.must_be_draft(Rule::WrongState)?;
        Ok(Self { counts_from: Some(now.0), version: self.version + 1, updated_at: now.0, ..self })
    }

    /// The loan as it stood at an instant, by what had been recorded then; none before it counted.
    pub fn as_of(self, instant: DateTime<Utc>, entries: &[LoanEntry]) -> Option<Self> {
        self.counts_from.filter(|from| *from <= instant)?;
        let recorded = || entries.iter().filter(|entry| entry.recorded_at <= instant);
        let sum = |kind| recorded().filter(|entry| entry.kind == kind).map(|entry| entry.amount).sum();
        let updated_at = recorded().map(|entry| entry.recorded_at).max().or(self.counts_from)?;
        let (disbursed, repaid) = (sum(LoanEntryKind::Disbursement), sum(LoanEntryKind::Repayment));
        Some(Self { disbursed, repaid, updated_at, ..self })
    }

    /// Whether it counts.
    pub const fn state(&self) -> LoanState {
        if self.counts_from.is_some() { LoanState::Recorded } else { LoanState::Draft }
    }

    /// Whether it can still be edited or deleted: then `rule` does not refuse.
    ///
    /// # Errors
    /// It counts already.
    pub fn must_be_draft(&self, rule: Rule) -> Result<(), Refusal> {
        if self.counts_from.is_none() {
            return Ok(());
        }
        let number = &self.terms.decision_number;
        Err(Refusal::new(
            rule,
            format!("Khoản vay theo {number} đã được ghi nhận; chỉ dự thảo mới sửa hoặc xóa được."),
            format!("The loan of {number} is recorded; only a draft can be edited or deleted."),
        )
        .given(&[("decisionNumber", &number), ("state", &LoanState::Recorded.name())]))
    }

    /// What the pilot still owes.
    pub const fn outstanding(&self) -> Money {
        self.disbursed.minus(self.repaid)
    }

    /// What can still be paid out.
    pub const fn undisbursed(&self) -> Money {
        self.terms.approved_amount.minus(self.disbursed)
    }

    /// Whether a step may be taken now. The moves below refuse for the same reasons, with the amount at hand.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, step: LoanStep) -> Result<(), Refusal> {
        match step {
            LoanStep::Recordings => self.must_be_draft(Rule::WrongState),
            _ if self.counts_from.is_none() => Err(self.still_a_draft()),
            LoanStep::Disbursements if self.undisbursed() <= Money::ZERO => Err(self.over_disbursed(self.disbursed)),
            LoanStep::Repayments if self.outstanding() <= Money::ZERO => Err(self.over_repaid(self.repaid)),
            LoanStep::Corrections if self.disbursed <= Money::ZERO => Err(Refusal::new(
                Rule::WrongState,
                "Khoản vay chưa có bút toán để điều chỉnh.",
                "The loan has no entry to correct.",
            )
            .given(&[("state", &"undisbursed"), ("disbursed", &self.disbursed)])),
            _ => Ok(()),
        }
    }

    /// Money is paid out.
    ///
    /// # Errors
    /// A date in the future or before the decision; more than is left of the approved loan.
    pub fn disburse(
        self,
        id: Uuid,
        body: LoanDisbursement,
        entries: &[LoanEntry],
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, LoanEntry), Refusal> {
        now.not_in_future(body.disbursed_on, "/disbursedOn")?;
        not_before(body.disbursed_on, self.terms.decision_date, "/disbursedOn")?;
        let LoanDisbursement { amount, disbursed_on, voucher, document } = body;
        let entry = self.entry(id, LoanEntryKind::Disbursement, amount, disbursed_on, caller, now);
        self.with(LoanEntry { voucher, document, ..entry }, entries)
    }

    /// Principal is paid back.
    ///
    /// # Errors
    /// A date in the future or before the decision; more than was outstanding on that day or any later one.
    pub fn repay(
        self,
        id: Uuid,
        body: LoanRepayment,
        entries: &[LoanEntry],
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, LoanEntry), Refusal> {
        now.not_in_future(body.repaid_on, "/repaidOn")?;
        not_before(body.repaid_on, self.terms.decision_date, "/repaidOn")?;
        let LoanRepayment { amount, repaid_on, voucher, document } = body;
        let entry = self.entry(id, LoanEntryKind::Repayment, amount, repaid_on, caller, now);
        self.with(LoanEntry { voucher, document, ..entry }, entries)
    }

    /// A wrong entry is taken back as a whole, on its own legal date.
    ///
    /// # Errors
    /// No such entry, a correction, corrected already; or what was repaid would exceed what was disbursed.
    pub fn correct(
        self,
        id: Uuid,
        body: LoanCorrection,
        entries: &[LoanEntry],
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, LoanEntry), Refusal> {
        let LoanCorrection { entry: entry_id, reason, document } = body;
        let wrong = entries.iter().find(|entry| entry.id == entry_id).ok_or_else(|| unknown_entry(entry_id))?;
        if wrong.corrects.is_some() {
            return Err(Refusal::at(
                Rule::CorrectsCorrection,
                "/entry",
                "Bút toán này là bút toán điều chỉnh; hãy ghi lại bút toán đúng.".to_owned(),
                format!("The entry {entry_id} is a correction: record what is right anew."),
            )
            .given(&[("entry", &entry_id)]));
        }
        if entries.iter().any(|entry| entry.corrects == Some(entry_id)) {
            return Err(Refusal::at(
                Rule::CorrectionExceeded,
                "/entry",
                "Bút toán này đã được điều chỉnh toàn bộ; còn lại 0 đồng.".to_owned(),
                format!("The entry {entry_id} has been taken back as a whole; 0 đồng of it are left."),
            )
            .given(&[("entry", &entry_id), ("left", &0), ("asked", &wrong.amount)]));
        }
        let back = Money::ZERO.minus(wrong.amount);
        let entry = self.entry(id, wrong.kind, back, wrong.on, caller, now);
        let voucher = wrong.voucher.clone();
        self.with(LoanEntry { corrects: Some(entry_id), reason: Some(reason), voucher, document, ..entry }, entries)
    }

    fn entry(
        &self,
        id: Uuid,
        kind: LoanEntryKind,
        amount: Money,
        on: NaiveDate,
        caller: &Caller,
        now: Moment,
    ) -> LoanEntry {
        LoanEntry {
            id,
            loan: self.id,
            kind,
            amount,
            on,
            voucher: None,
            corrects: None,
            reason: None,
            document: None,
            recorded_at: now.0,
            recorded_by: caller.subject.clone(),
        }
    }

    fn still_a_draft(&self) -> Refusal {
        let number = &self.terms.decision_number;
        Refusal::new(
            Rule::WrongState,
            format!("Khoản vay theo {number} còn là dự thảo: chưa ghi giải ngân, trả nợ."),
            format!("The loan of {number} is a draft: nothing is posted to it yet."),
        )
        .given(&[("decisionNumber", &number), ("state", &LoanState::Draft.name())])
    }

    /// The loan with one more entry, if the sums hold at the end of every day.
    fn with(mut self, entry: LoanEntry, entries: &[LoanEntry]) -> Result<(Self, LoanEntry), Refusal> {
        if self.counts_from.is_none() {
            return Err(self.still_a_draft());
        }
        let mut days: BTreeMap<NaiveDate, (Money, Money)> = BTreeMap::new();
        for LoanEntry { kind, amount, on, .. } in entries.iter().chain([&entry]) {
            let (out, back) = days.entry(*on).or_default();
            let side = if *kind == LoanEntryKind::Disbursement { out } else { back };
            *side = side.plus(*amount);
        }
        let (mut disbursed, mut repaid) = (Money::ZERO, Money::ZERO);
        for (out, back) in days.into_values() {
            disbursed = disbursed.plus(out);
            repaid = repaid.plus(back);
            if disbursed > self.terms.approved_amount {
                return Err(self.over_disbursed(disbursed));
            }
            if repaid > disbursed {
                return Err(self.over_repaid_against(repaid, disbursed));
            }
        }
        (self.disbursed, self.repaid) = (disbursed, repaid);
        self.version += 1;
        self.updated_at = entry.recorded_at;
        Ok((self, entry))
    }

    fn over_disbursed(&self, would_be: Money) -> Refusal {
        let (approved, left) = (self.terms.approved_amount, self.undisbursed());
        Refusal::at(
            Rule::LoanOverDisbursed,
            "/amount",
            format!("Đã duyệt {approved} đồng, còn được giải ngân {left} đồng; tổng giải ngân sẽ là {would_be} đồng."),
            format!("Approved {approved} đồng, left to disburse {left} đồng; the total would be {would_be} đồng."),
        )
        .given(&[("approved", &approved), ("left", &left), ("total", &would_be)])
    }

    fn over_repaid(&self, would_be: Money) -> Refusal {
        self.over_repaid_against(would_be, self.disbursed)
    }

    fn over_repaid_against(&self, would_be: Money, disbursed: Money) -> Refusal {
        let left = self.outstanding();
        Refusal::at(
            Rule::LoanOverRepaid,
            "/amount",
            format!("Dư nợ {left} đồng; đã giải ngân {disbursed} đồng đến ngày đó, tổng trả nợ sẽ là {would_be} đồng."),
            format!(
                "Outstanding {left} đồng; disbursed {disbursed} đồng by that day, repaid would be {would_be} đồng."
            ),
        )
        .given(&[("left", &left), ("disbursed", &disbursed), ("total", &would_be)])
    }
}

/// A lender decides in the past, on a pilot that takes part.
fn decided_for(terms: &NewLoan, pilot: &Pilot, now: Moment) -> Result<(), Refusal> {
    now.not_in_future(terms.decision_date, "/decisionDate")?;
    still_a_pilot(pilot, terms.decision_date)?;
    not_before(terms.decision_date, pilot.selected_on, "/decisionDate")
}

/// Loans are for pilots that take part on the day of the decision; what was lent before a pilot left is recorded, paid
/// out and repaid afterwards too.
fn still_a_pilot(pilot: &Pilot, decided_on: NaiveDate) -> Result<(), Refusal> {
    match pilot.state.left_on() {
        Some(left_on) if left_on < decided_on => Err(Refusal::at(
            Rule::PilotStopped,
            "/decisionDate",
            format!("HTX thí điểm đã dừng tham gia Đề án từ ngày {left_on}."),
            format!("Pilot {} left the scheme on {left_on}.", pilot.id),
        )
        .given(&[("pilot", &pilot.id), ("stoppedOn", &left_on)])),
        _ => Ok(()),
    }
}

fn unknown_entry(id: Uuid) -> Refusal {
    Refusal::at(
        Rule::UnknownReference,
        "/entry",
        "Khoản vay không có bút toán này.".to_owned(),
        format!("The loan has no entry {id}."),
    )
    .given(&[("reference", &id)])
}

#[cfg(test)]
mod tests;
