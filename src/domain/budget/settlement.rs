//! Settlements (*quyết toán*) of an allocated entry by fiscal year: recorded by the implementing agency, reviewed by
//! finance (2129/QĐ-UBND VII.3). What is open is settled, carried over to the next year (*chuyển nguồn*) or returned to
//! the budget (*hủy dự toán, nộp trả*), to the đồng. A settlement counts from its acceptance on; an accepted one is
//! corrected by a new entry that names it and is reviewed in its turn.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use uuid::Uuid;

use super::allocation::{Allocation, Entry, Step};
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};

/// A settlement to be recorded, as the agency's settlement report states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementTerms {
    /// The entry of the allocation that is settled.
    pub entry: Uuid,
    /// The fiscal year that is settled.
    pub fiscal_year: u16,
    /// Settled: at most what was disbursed and is not settled yet.
    pub amount: Money,
    /// Carried over to the next year.
    pub carried_over: Money,
    /// Returned to the budget: at most what was not disbursed.
    pub returned: Money,
    /// Number of the settlement report.
    pub document_number: String,
    /// The date it bears.
    pub document_date: NaiveDate,
}

/// The correction of an accepted settlement: by how much it is too high or too low. What it takes from one figure is
/// carried over, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementCorrection {
    /// The change of what is settled, up or down.
    pub amount: Money,
    /// The change of what is returned, up or down.
    pub returned: Money,
    /// Number of the correcting document.
    pub document_number: String,
    /// The date it bears.
    pub document_date: NaiveDate,
    /// Why.
    pub reason: String,
}

/// What a settlement still holds after its accepted corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    /// Settled.
    pub amount: Money,
    /// Returned.
    pub returned: Money,
}

names! {
    /// Where a settlement stands.
    SettlementStatus {
        /// Recorded by the implementing agency: counts in no sum yet.
        Recorded = "recorded",
        /// Accepted by finance: it counts.
        Accepted = "accepted",
        /// Rejected by finance: it never counts, and the year can be settled anew.
        Rejected = "rejected",
    }
}

names! {
    /// What finance makes of a settlement.
    ReviewOutcome {
        /// It counts from now on.
        Accepted = "accepted",
        /// It does not count.
        Rejected = "rejected",
    }
}

/// Who reviewed a settlement, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// `sub` of the reviewer.
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// Where a settlement stands, with its review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettlementState {
    /// Not reviewed yet.
    Recorded,
    /// It counts.
    Accepted(Review),
    /// It never counts.
    Rejected(Review),
}

impl SettlementState {
    /// The state by name.
    pub const fn status(&self) -> SettlementStatus {
        match self {
            Self::Recorded => SettlementStatus::Recorded,
            Self::Accepted(_) => SettlementStatus::Accepted,
            Self::Rejected(_) => SettlementStatus::Rejected,
        }
    }
}

/// A settlement of an entry for a year, or the correction of one. Never edited, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Identity, which a review and a correction name.
    pub id: Uuid,
    /// The allocation.
    pub allocation: Uuid,
    /// The entry of the allocation.
    pub entry: Uuid,
    /// The fiscal year.
    pub fiscal_year: u16,
    /// Settled; in a correction the change of it.
    pub amount: Money,
    /// Carried over to the next year; in a correction the change of it, so that the three net out.
    pub carried_over: Money,
    /// Returned to the budget; in a correction the change of it.
    pub returned: Money,
    /// Number of its document.
    pub document_number: String,
    /// The date it bears.
    pub document_date: NaiveDate,
    /// What it corrects, and why: only a correction has this.
    pub corrects: Option<(Uuid, String)>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Where it stands.
    pub state: SettlementState,
}

impl SettlementTerms {
    /// Checks what is wrong by itself: a date in the future, a year after its report.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut wrong = Vec::new();
        wrong.extend(now.not_in_future(self.document_date, "/documentDate").err());
        let (year, written_in) = (self.fiscal_year, self.document_date.year());
        if i32::from(year) > written_in {
            wrong.push(
                Refusal::at(
                    Rule::YearNotBegun,
                    "/fiscalYear",
                    format!("Quyết toán lập năm {written_in}, chưa đến năm ngân sách {year}."),
                    format!("A report written in {written_in} cannot settle the fiscal year {year}."),
                )
                .given(&[("documentYear", &written_in), ("year", &year)]),
            );
        }
        Refusal::of_all(wrong)
    }
}

impl SettlementCorrection {
    /// Checks what is wrong by itself: nothing changed, a date in the future.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut wrong = Vec::new();
        wrong.extend(now.not_in_future(self.document_date, "/documentDate").err());
        if self.amount == Money::ZERO && self.returned == Money::ZERO {
            wrong.push(
                Refusal::at(
                    Rule::CorrectsNothing,
                    "/amount",
                    "Điều chỉnh không thay đổi số liệu nào.",
                    "The correction changes neither figure.",
                )
                .given(&[("changes", &0)]),
            );
        }
        Refusal::of_all(wrong)
    }
}

impl Allocation {
    /// Records the settlement of an entry for a year, by its implementing agency. It counts once finance accepts it, but
    /// one that could not be accepted today is refused already.
    pub fn settle(
        mut self,
        id: Uuid,
        terms: SettlementTerms,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Settlement), Refusal> {
        terms.check(now)?;
        self.has_entry(terms.entry)?;
        self.may(Step::Settle, caller)?;
        not_before(terms.document_date, self.decision_date, "/documentDate")?;
        let SettlementTerms { entry, fiscal_year, amount, carried_over, returned, document_number, document_date } =
            terms;
        not_before_money(fiscal_year, self.decision_date)?;
        let account = self.account(entry, caller)?;
        Refusal::of_all(
            [balanced(account, amount, carried_over, returned), covered(account, amount, returned)]
                .into_iter()
                .filter_map(Result::err)
                .collect(),
        )?;
        self.touch(now);
        let recorded = Settlement {
            id,
            allocation: self.id,
            entry,
            fiscal_year,
            amount,
            carried_over,
            returned,
            document_number,
            document_date,
            corrects: None,
            recorded_by: caller.subject.clone(),
            recorded_at: now.0,
            state: SettlementState::Recorded,
        };
        Ok((self, recorded))
    }

    /// Records the correction of an accepted settlement, by the implementing agency. `holds` is what that settlement
    /// still holds after the corrections it already had.
    pub fn correct_settlement(
        mut self,
        id: Uuid,
        corrected: &Settlement,
        holds: Holding,
        correction: SettlementCorrection,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Settlement), Refusal> {
        correction.check(now)?;
        self.may(Step::Settle, caller)?;
        correctable(corrected)?;
        let SettlementCorrection { amount, returned, document_number, document_date, reason } = correction;
        not_before(document_date, corrected.document_date, "/documentDate")?;
        let account = self.account(corrected.entry, caller)?;
        still_holds(corrected, holds, amount, returned)?;
        covered(account, amount, returned)?;
        self.touch(now);
        let recorded = Settlement {
            id,
            allocation: self.id,
            entry: corrected.entry,
            fiscal_year: corrected.fiscal_year,
            amount,
            carried_over: Money::ZERO.minus(amount).minus(returned),
            returned,
            document_number,
            document_date,
            corrects: Some((corrected.id, reason)),
            recorded_by: caller.subject.clone(),
            recorded_at: now.0,
            state: SettlementState::Recorded,
        };
        Ok((self, recorded))
    }

    /// Reviews a settlement by finance, never by the person who recorded it. Accepted, it counts from now on, if the
    /// figures still allow it. `corrected` is, for a correction, the settlement it corrects and what that still holds.
    pub fn review(
        mut self,
        settlement: Settlement,
        corrected: Option<(&Settlement, Holding)>,
        outcome: ReviewOutcome,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Settlement), Refusal> {
        self.may(Step::Review, caller)?;
        reviewable(&settlement, caller)?;
        let review = Review { by: caller.subject.clone(), at: now.0 };
        let state = match outcome {
            ReviewOutcome::Rejected => SettlementState::Rejected(review),
            ReviewOutcome::Accepted => {
                self.count(&settlement, corrected)?;
                SettlementState::Accepted(review)
            }
        };
        self.touch(now);
        Ok((self, Settlement { state, ..settlement }))
    }

    fn count(&mut self, settlement: &Settlement, corrected: Option<(&Settlement, Holding)>) -> Result<(), Refusal> {
        let Settlement { entry, amount, carried_over, returned, .. } = settlement;
        self.has_entry(*entry)?;
        let Some(account) = self.entries.iter_mut().find(|account| account.id == *entry) else { return Ok(()) };
        match corrected {
            Some((corrected, holds)) => still_holds(corrected, holds, *amount, *returned)?,
            None => balanced(account, *amount, *carried_over, *returned)?,
        }
        covered(account, *amount, *returned)?;
        account.settled = account.settled.plus(*amount);
        account.returned = account.returned.plus(*returned);
        Ok(())
    }
}

/// No year is settled that lies before the decision which gave the money.
fn not_before_money(fiscal_year: u16, decided_on: NaiveDate) -> Result<(), Refusal> {
    let earliest = decided_on.year();
    if i32::from(fiscal_year) >= earliest {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::YearBeforeMoney,
        "/fiscalYear",
        format!("Quyết định phân bổ ngày {decided_on}: không có kinh phí của năm {fiscal_year} để quyết toán."),
        format!("The money was allocated on {decided_on}: there is none of {fiscal_year} to settle."),
    )
    .given(&[("year", &fiscal_year), ("earliest", &earliest), ("decidedOn", &decided_on)]))
}

/// What is open is settled, carried over or returned, and nothing else.
fn balanced(account: &Entry, amount: Money, carried_over: Money, returned: Money) -> Result<(), Refusal> {
    let (open, stated) = (account.unsettled(), amount.plus(carried_over).plus(returned));
    if stated == open {
        return Ok(());
    }
    let difference = stated.minus(open);
    Err(Refusal::at(
        Rule::SettlementUnbalanced,
        "/carriedOver",
        format!(
            "Khoản này còn {open} đồng chưa quyết toán; quyết toán, chuyển nguồn và hủy nộp trả cộng lại {stated} đồng (chênh lệch {difference})."
        ),
        format!(
            "The entry has {open} đồng left to account for; settled, carried over and returned sum to {stated} đồng (difference {difference})."
        ),
    ).given(&[("open", &open), ("stated", &stated), ("difference", &difference)]))
}

/// Settled is at most what was disbursed, returned at most what was not.
fn covered(account: &Entry, amount: Money, returned: Money) -> Result<(), Refusal> {
    let (to_settle, to_return) = (account.disbursed.minus(account.settled), account.left());
    let mut over = Vec::new();
    if amount > to_settle {
        let disbursed = account.disbursed;
        over.push(Refusal::at(
            Rule::SettlementExceeded,
            "/amount",
            format!("Khoản này còn {to_settle} đồng chưa quyết toán trong {disbursed} đồng đã giải ngân, không đủ {amount} đồng."),
            format!("The entry has {to_settle} đồng left to settle of {disbursed} đồng disbursed, less than {amount} đồng."),
        ).given(&[("left", &to_settle), ("disbursed", &disbursed), ("asked", &amount)]));
    }
    if returned > to_return {
        over.push(Refusal::at(
            Rule::SettlementExceeded,
            "/returned",
            format!("Khoản này còn {to_return} đồng chưa giải ngân, không đủ {returned} đồng để hủy nộp trả; phần đã giải ngân thì điều chỉnh giải ngân trước."),
            format!("The entry has {to_return} đồng left undisbursed, less than {returned} đồng to return; correct the disbursement first for what was paid out."),
        ).given(&[("left", &to_return), ("asked", &returned)]));
    }
    Refusal::of_all(over)
}

/// No figure of a settlement falls below nothing by its corrections.
fn still_holds(corrected: &Settlement, holds: Holding, amount: Money, returned: Money) -> Result<(), Refusal> {
    let year = corrected.fiscal_year;
    let over = |pointer: &str, held: Money, change: Money| {
        let asked = Money::ZERO.minus(change);
        (asked > held).then(|| {
            Refusal::at(
                Rule::CorrectionExceeded,
                pointer,
                format!("Quyết toán năm {year} còn {held} đồng chưa điều chỉnh, không đủ {asked} đồng."),
                format!("The settlement of {year} has {held} đồng left to take back, less than {asked} đồng."),
            )
            .given(&[("year", &year), ("left", &held), ("asked", &asked)])
        })
    };
    let faults = [over("/amount", holds.amount, amount), over("/returned", holds.returned, returned)];
    Refusal::of_all(faults.into_iter().flatten().collect())
}

fn correctable(corrected: &Settlement) -> Result<(), Refusal> {
    let number = &corrected.document_number;
    if corrected.corrects.is_some() {
        return Err(Refusal::at(
            Rule::CorrectsCorrection,
            "/corrects",
            format!("Văn bản {number} là bút toán điều chỉnh; hãy điều chỉnh tiếp quyết toán gốc."),
            format!("Document {number} is itself a correction: correct the settlement again that it corrects."),
        )
        .given(&[("entry", &number)]));
    }
    if matches!(corrected.state, SettlementState::Accepted(_)) {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::WrongState,
        "/corrects",
        format!("Quyết toán {number} chưa được chấp nhận: không có gì để điều chỉnh."),
        format!("Settlement {number} is not accepted: there is nothing to correct."),
    )
    .given(&[("settlement", &number), ("state", &corrected.state.status().name())]))
}

fn reviewable(settlement: &Settlement, caller: &Caller) -> Result<(), Refusal> {
    let (number, who) = (&settlement.document_number, &caller.subject);
    if settlement.state != SettlementState::Recorded {
        return Err(Refusal::at(
            Rule::WrongState,
            "/settlement",
            format!("Quyết toán {number} đã được thẩm tra."),
            format!("Settlement {number} has already been reviewed."),
        )
        .given(&[("settlement", &number), ("state", &settlement.state.status().name())]));
    }
    if settlement.recorded_by == *who {
        return Err(Refusal::new(
            Rule::FourEyes,
            format!("{who} đã ghi quyết toán này nên không được thẩm tra."),
            format!("{who} recorded this settlement and therefore may not review it."),
        )
        .given(&[("person", &who)]));
    }
    Ok(())
}
