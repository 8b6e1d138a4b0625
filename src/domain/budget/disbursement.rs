//! Disbursements (*giải ngân*) against an allocation, and the entries that correct them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::allocation::{Allocation, Entry, Step};
use super::check::amount_not_positive;
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

/// A payment to be recorded, as its voucher states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The entry of the allocation that it is paid from.
    pub entry: Uuid,
    /// How much was paid.
    pub amount: Money,
    /// Number of the voucher (*số chứng từ*): once in an allocation.
    pub voucher_number: String,
    /// The date it bears.
    pub voucher_date: NaiveDate,
}

/// A correction to be recorded: what of an earlier disbursement is taken back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// How much is taken back; at most what the corrected entry still holds.
    pub amount: Money,
    /// Number of the correcting voucher.
    pub voucher_number: String,
    /// The date it bears.
    pub voucher_date: NaiveDate,
    /// Why.
    pub reason: String,
}

/// A posted entry: a payment, or the correction of one. Never edited, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disbursement {
    /// Identity, which a correction names.
    pub id: Uuid,
    /// The allocation.
    pub allocation: Uuid,
    /// The entry of the allocation.
    pub entry: Uuid,
    /// Positive for a payment, negative for a correction.
    pub amount: Money,
    /// Number of the voucher.
    pub voucher_number: String,
    /// The date it bears.
    pub voucher_date: NaiveDate,
    /// What it corrects, and why: only a correction has this.
    pub corrects: Option<(Uuid, String)>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Payment {
    /// Checks what is wrong by itself: an amount of nothing, a date in the future.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        check_voucher(self.amount, self.voucher_date, now)
    }
}

impl Correction {
    /// Checks what is wrong by itself: an amount of nothing, a date in the future.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        check_voucher(self.amount, self.voucher_date, now)
    }
}

fn check_voucher(amount: Money, voucher_date: NaiveDate, now: Moment) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    wrong.extend(now.not_in_future(voucher_date, "/voucherDate").err());
    wrong.extend((amount <= Money::ZERO).then(|| amount_not_positive("/amount", amount)));
    Refusal::of_all(wrong)
}

impl Allocation {
    /// Records a payment by the implementing agency of its entry. Never more disbursed than allocated.
    pub fn disburse(
        mut self,
        id: Uuid,
        payment: Payment,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Disbursement), Refusal> {
        payment.check(now)?;
        let Payment { entry, amount, voucher_number, voucher_date } = payment;
        self.has_entry(entry)?;
        self.may(Step::Disburse, caller)?;
        not_before(voucher_date, self.decision_date, "/voucherDate")?;
        let account = self.account(entry, caller)?;
        if amount > account.left() {
            return Err(over_allocation(account, amount));
        }
        account.disbursed = account.disbursed.plus(amount);
        self.touch(now);
        let posted = Disbursement {
            id,
            allocation: self.id,
            entry,
            amount,
            voucher_number,
            voucher_date,
            corrects: None,
            recorded_by: caller.subject.clone(),
            recorded_at: now.0,
        };
        Ok((self, posted))
    }

    /// Takes back a disbursement, in whole or in part, by a new entry that names it. `earlier` are the corrections it
    /// already had, summed (negative or zero).
    pub fn adjust(
        mut self,
        id: Uuid,
        corrected: &Disbursement,
        earlier: Money,
        correction: Correction,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Disbursement), Refusal> {
        correction.check(now)?;
        let Correction { amount, voucher_number, voucher_date, reason } = correction;
        self.may(Step::Adjust, caller)?;
        correctable(corrected)?;
        not_before(voucher_date, corrected.voucher_date, "/voucherDate")?;
        let account = self.account(corrected.entry, caller)?;
        let holds = corrected.amount.plus(earlier);
        if amount > holds {
            return Err(over_correction(corrected, amount, holds));
        }
        if account.disbursed.minus(amount) < account.settled {
            return Err(settled_already(account, amount));
        }
        account.disbursed = account.disbursed.minus(amount);
        self.touch(now);
        let posted = Disbursement {
            id,
            allocation: self.id,
            entry: corrected.entry,
            amount: Money::ZERO.minus(amount),
            voucher_number,
            voucher_date,
            corrects: Some((corrected.id, reason)),
            recorded_by: caller.subject.clone(),
            recorded_at: now.0,
        };
        Ok((self, posted))
    }
}

fn correctable(corrected: &Disbursement) -> Result<(), Refusal> {
    if corrected.corrects.is_none() {
        return Ok(());
    }
    let number = &corrected.voucher_number;
    Err(Refusal::at(
        Rule::CorrectsCorrection,
        "/corrects",
        format!("Chứng từ {number} là bút toán điều chỉnh; hãy ghi lại khoản giải ngân đúng."),
        format!("Voucher {number} is itself a correction; record what is right as a new disbursement."),
    )
    .given(&[("entry", &number)]))
}

fn over_allocation(account: &Entry, asked: Money) -> Refusal {
    let (left, allocated) = (account.left(), account.granted());
    Refusal::at(
        Rule::AllocationExceeded,
        "/amount",
        format!("Khoản này còn {left} đồng trong {allocated} đồng đã phân bổ, không đủ {asked} đồng."),
        format!("The entry has {left} đồng left of {allocated} đồng allocated, less than {asked} đồng."),
    )
    .given(&[("left", &left), ("allocated", &allocated), ("asked", &asked)])
}

fn over_correction(corrected: &Disbursement, asked: Money, holds: Money) -> Refusal {
    let number = &corrected.voucher_number;
    Refusal::at(
        Rule::CorrectionExceeded,
        "/amount",
        format!("Chứng từ {number} còn {holds} đồng chưa điều chỉnh, không đủ {asked} đồng."),
        format!("Voucher {number} still holds {holds} đồng, less than {asked} đồng."),
    )
    .given(&[("entry", &number), ("left", &holds), ("asked", &asked)])
}

fn settled_already(account: &Entry, asked: Money) -> Refusal {
    let Entry { disbursed, settled, .. } = account;
    let open = disbursed.minus(*settled);
    Refusal::at(
        Rule::DisbursementSettled,
        "/amount",
        format!(
            "Khoản này đã quyết toán {settled} đồng trong {disbursed} đồng đã giải ngân: chỉ còn {open} đồng giảm được, không đủ {asked} đồng. Hãy điều chỉnh quyết toán trước."
        ),
        format!(
            "The entry has {settled} đồng settled of {disbursed} đồng disbursed and {open} đồng left to take back, less than {asked} đồng: correct the settlement first."
        ),
    ).given(&[("settled", &settled), ("disbursed", &disbursed), ("left", &open), ("asked", &asked)])
}
