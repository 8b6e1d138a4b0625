//! The fiscal years of an allocated entry, in their order. A settlement accounts for all that is open, so what is carried over
//! is settled in a later year: no year is settled after a later one, nor before an earlier one in which money was paid that
//! nobody has settled. The scheme says no more of it, and neither is asked here.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::allocation::Entry;
use super::settlement::SettlementStatus;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};

/// What lies behind the settlement of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The years of the entry with where their settlement stands; corrections and rejected ones left out.
    pub settled: Vec<(u16, SettlementStatus)>,
    /// Paid by the date of the voucher; what was taken back of a voucher is taken off its own date.
    pub paid: BTreeMap<NaiveDate, Money>,
}

impl Past {
    /// Paid by vouchers of a fiscal year or an earlier one that bear a date up to this one: what is paid later is settled with
    /// the year of its voucher.
    pub(super) fn paid_for(&self, year: u16, day: NaiveDate) -> Money {
        let closes = NaiveDate::from_ymd_opt(i32::from(year), 12, 31).unwrap_or(day);
        self.paid.range(..=day.min(closes)).map(|(_, amount)| *amount).sum()
    }

    /// Whether a year can be settled now, by the other years whose settlement counts.
    pub(super) fn allows(
        &self,
        year: u16,
        account: &Entry,
        counts: impl Fn(SettlementStatus) -> bool,
    ) -> Result<(), Refusal> {
        let others = self.settled.iter().filter(|(other, status)| *other != year && counts(*status));
        let latest = others.map(|(other, _)| *other).max();
        let left = account.unsettled();
        if let Some(later) = latest.filter(|latest| *latest > year) {
            return Err(out_of_order(
                format!("Năm {later} của khoản này đã quyết toán, gồm mọi khoản còn lại {left} đồng của các năm trước: không quyết toán năm {year} sau đó."),
                format!("The entry is settled for {later} already, with all that earlier years left open ({left} đồng now): {year} is not settled after it."),
            )
            .given(&[("year", &year), ("other", &later), ("left", &left)]));
        }
        match self.open_before(year, latest, account) {
            None => Ok(()),
            Some((earlier, open)) => Err(out_of_order(
                format!("Năm {earlier} còn {open} đồng đã giải ngân chưa quyết toán: quyết toán năm {earlier} trước năm {year}."),
                format!("Of {earlier} {open} đồng disbursed are left to settle: it is settled before {year}."),
            )
            .given(&[("year", &year), ("other", &earlier), ("left", &open)])),
        }
    }

    /// The first year before one, and after the latest that is settled, in which money was paid; and what of all that was paid
    /// before that one is not settled.
    fn open_before(&self, year: u16, latest: Option<u16>, account: &Entry) -> Option<(i32, Money)> {
        let before = || self.paid.iter().filter(|(day, _)| day.year() < i32::from(year));
        let paid: Money = before().map(|(_, amount)| *amount).sum();
        let open = paid.minus(account.settled);
        let is_unsettled = |day: &NaiveDate| latest.is_none_or(|latest| day.year() > i32::from(latest));
        let earliest = before().find(|(day, amount)| **amount > Money::ZERO && is_unsettled(day));
        earliest.map(|(day, _)| (day.year(), open)).filter(|(_, open)| *open > Money::ZERO)
    }
}

fn out_of_order(vi: String, en: String) -> Refusal {
    Refusal::at(Rule::YearOutOfOrder, "/fiscalYear", vi, en)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::budget::EntryTerms;

    /// An entry of 1,000 million of which some are disbursed and settled.
    fn entry(disbursed: i64, settled: i64) -> Entry {
        let terms = EntryTerms {
            line: Uuid::nil(),
            amount: Money::million(1_000),
            support_kind: "training".to_owned(),
            agency: Uuid::nil(),
            pilot: None,
            fiscal_year: None,
            schedule: Vec::new(),
            need: None,
        };
        let [disbursed, settled] = [disbursed, settled].map(Money::million);
        Entry { id: Uuid::nil(), terms, reduced: Money::ZERO, disbursed, settled, returned: Money::ZERO }
    }

    fn past(settled: &[u16], paid: &[(&str, i64)]) -> Past {
        let paid = paid.iter().map(|(day, millions)| (day.parse().unwrap(), Money::million(*millions)));
        Past { settled: settled.iter().map(|year| (*year, SettlementStatus::Accepted)).collect(), paid: paid.collect() }
    }

    #[test]
    fn a_year_is_settled_neither_after_a_later_one_nor_before_an_earlier_one_with_money_paid() {
        let paid = [("2022-12-31", 600), ("2023-01-01", 100)];
        let other = |past: &Past, year, account: &Entry| {
            let refused = past
                .allows(year, account, |_| true)
                .map_err(|refusal| refusal.inputs.value("other").map(str::to_owned));
            refused.err().flatten()
        };
        assert_eq!(other(&past(&[], &paid), 2022, &entry(700, 0)), None);
        assert_eq!(other(&past(&[], &paid), 2023, &entry(700, 0)).as_deref(), Some("2022"));
        // What was left open of 2022 is settled with 2023, and 2022 no more after that.
        assert_eq!(other(&past(&[2022], &paid), 2023, &entry(700, 550)), None);
        assert_eq!(other(&past(&[2022], &paid), 2024, &entry(700, 550)).as_deref(), Some("2023"));
        assert_eq!(other(&past(&[2023], &paid), 2022, &entry(700, 700)).as_deref(), Some("2023"));
        // Paid in January and settled with the year before: nothing of 2023 waits for a settlement of its own.
        assert_eq!(other(&past(&[2022], &paid), 2024, &entry(700, 700)), None);
        // What was taken back as a whole was not paid.
        assert_eq!(other(&past(&[], &[("2022-12-31", 0), ("2023-01-01", 100)]), 2023, &entry(100, 0)), None);
        assert_eq!(
            other(&past(&[2023], &paid), 2023, &entry(700, 0)).as_deref(),
            Some("2022"),
            "its own does not count"
        );
    }

    #[test]
    fn what_does_not_count_yet_is_left_out() {
        let recorded = Past { settled: vec![(2024, SettlementStatus::Recorded)], ..past(&[], &[]) };
        assert!(recorded.allows(2022, &entry(0, 0), |_| true).is_err());
        assert_eq!(recorded.allows(2022, &entry(0, 0), |status| status == SettlementStatus::Accepted), Ok(()));
        let past = past(&[], &[("2022-12-30", 500), ("2022-12-31", 100), ("2023-01-01", 100)]);
        for (year, day, millions) in [
            (2022, "2022-12-30", 500),
            (2022, "2022-12-31", 600),
            (2022, "2023-06-30", 600),
            (2023, "2023-06-30", 700),
            (2021, "2023-06-30", 0),
        ] {
            assert_eq!(past.paid_for(year, day.parse().unwrap()), Money::million(millions), "{year} {day}");
        }
    }
}
