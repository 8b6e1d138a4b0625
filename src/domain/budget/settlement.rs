//! Settlements (*quyết toán*) of an allocated entry by fiscal year: recorded by the implementing agency, reviewed by
//! finance (2129/QĐ-UBND VII.3). What is open is settled, carried over to the next year (*chuyển nguồn*) or returned to
//! the budget (*hủy dự toán, nộp trả*), to the đồng. A settlement counts from its acceptance on; an accepted one is
//! corrected by a new entry that names it and is reviewed in its turn.

mod check;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use uuid::Uuid;

use self::check::{balanced, correctable, covered, not_before_money, reviewable, still_holds};
use super::allocation::{Allocation, Entry, Step};
use super::settled_years::Past;
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

/// What a settlement still holds after its accepted corrections, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    /// Settled.
    pub amount: Money,
    /// Returned.
    pub returned: Money,
    /// The latest later year of the entry whose settlement is accepted: it accounts for what this one carried over.
    pub later: Option<u16>,
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

impl Settlement {
    /// What covers a correction of it: more is settled of what was paid for its year alone, less in any case.
    fn paid(&self, past: &Past, account: &Entry, amount: Money, document_date: NaiveDate) -> (u16, Money) {
        let year = self.fiscal_year;
        (year, if amount > Money::ZERO { past.paid_for(year, document_date) } else { account.disbursed })
    }
}

impl Allocation {
    /// Records the settlement of an entry for a year, by its implementing agency. It counts once finance accepts it, but
    /// one that could not be accepted today is refused already.
    pub fn settle(
        mut self,
        id: Uuid,
        terms: SettlementTerms,
        past: &Past,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Settlement), Refusal> {
        terms.check(now)?;
        self.has_entry(terms.entry)?;
        self.may(Step::Settle, caller)?;
        not_before(terms.document_date, self.decision_date, "/documentDate")?;
        let SettlementTerms { entry, fiscal_year, amount, carried_over, returned, document_number, document_date } =
            terms;
        let decided_on = self.decision_date;
        let account = self.account(entry, caller)?;
        not_before_money(fiscal_year, decided_on, account)?;
        Refusal::of_all(
            [
                past.allows(fiscal_year, account, |_| true),
                balanced(account, amount, carried_over, returned),
                covered(account, (fiscal_year, past.paid_for(fiscal_year, document_date)), amount, returned),
            ]
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
        (corrected, holds): (&Settlement, Holding),
        past: &Past,
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
        covered(account, corrected.paid(past, account, amount, document_date), amount, returned)?;
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
        past: &Past,
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
                self.count(&settlement, corrected, past)?;
                SettlementState::Accepted(review)
            }
        };
        self.touch(now);
        Ok((self, Settlement { state, ..settlement }))
    }

    fn count(
        &mut self,
        settlement: &Settlement,
        corrected: Option<(&Settlement, Holding)>,
        past: &Past,
    ) -> Result<(), Refusal> {
        let Settlement { entry, fiscal_year, amount, carried_over, returned, document_date, .. } = settlement;
        self.has_entry(*entry)?;
        let Some(account) = self.entries.iter_mut().find(|account| account.id == *entry) else { return Ok(()) };
        match corrected {
            Some((corrected, holds)) => {
                still_holds(corrected, holds, *amount, *returned)?;
                covered(account, corrected.paid(past, account, *amount, *document_date), *amount, *returned)?;
            }
            None => {
                past.allows(*fiscal_year, account, |status| status == SettlementStatus::Accepted)?;
                balanced(account, *amount, *carried_over, *returned)?;
                covered(account, (*fiscal_year, past.paid_for(*fiscal_year, *document_date)), *amount, *returned)?;
            }
        }
        account.settled = account.settled.plus(*amount);
        account.returned = account.returned.plus(*returned);
        Ok(())
    }
}
