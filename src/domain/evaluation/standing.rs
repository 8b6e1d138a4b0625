//! Whether a cooperative is rated at all: not when it has operated for too short a time at the end of the year, nor
//! when it stopped for too long in it. Exactly the months required, and exactly the months allowed, are rated.

use chrono::{Datelike, Months, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::{NotRatedReason, Operation, Stop};
use crate::domain::criteria::NotRatedConditions;

/// A length of time in calendar months and the days beyond them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarTime {
    /// Whole calendar months.
    #[schema(minimum = 0, maximum = 12_000, example = 3)]
    pub months: u32,
    /// Days beyond them.
    #[schema(minimum = 0, maximum = 31, example = 1)]
    pub days: u32,
}

/// An interruption as it counts: within the year, and joined with those that it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountedStop {
    /// First day counted.
    pub from_date: NaiveDate,
    /// Last day counted.
    pub to_date: NaiveDate,
    /// How long it was.
    pub length: CalendarTime,
}

/// How long the cooperative operated and stopped, as the year's end sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// From the foundation to 31 December, both included.
    pub operated: CalendarTime,
    /// The interruptions of the year.
    pub stops: Vec<CountedStop>,
    /// What they come to.
    pub stopped: CalendarTime,
    /// Why there is no rating, if there is none.
    pub reason: Option<NotRatedReason>,
}

impl Standing {
    /// Measures a year against the conditions.
    pub fn of(operation: &Operation, year: u16, conditions: &NotRatedConditions) -> Self {
        let operated = length(operation.founded_on, last_day(year));
        let stops = counted(&operation.stops, year, operation.known_on);
        let lengths = stops.iter().map(|stop| stop.length);
        let stopped = if conditions.interruptions_add_up {
            lengths.fold(CalendarTime::default(), CalendarTime::plus)
        } else {
            lengths.max().unwrap_or_default()
        };
        let too_short = operated.months < conditions.minimum_months_operating;
        let too_long = stopped > CalendarTime { months: conditions.maximum_months_stopped, days: 0 };
        let reason = match (too_short, too_long) {
            (true, _) => Some(NotRatedReason::OperatingTooShort),
            (false, true) => Some(NotRatedReason::StoppedTooLong),
            (false, false) => None,
        };
        Self { operated, stops, stopped, reason }
    }
}

impl CalendarTime {
    /// Adds times that do not touch. Between them no calendar runs, so 30 days over make a month
    /// (Civil Code 2015, Article 146).
    fn plus(self, other: Self) -> Self {
        if self == Self::default() {
            return other;
        }
        let days = self.days + other.days;
        Self { months: self.months + other.months + days / 30, days: days % 30 }
    }
}

/// The evaluated year's last day, on which it is measured (our reading of "12 months").
pub(super) fn last_day(year: u16) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::from(year), 12, 31).unwrap_or(NaiveDate::MAX)
}

/// From the first to the last day, both included: 1 March to 31 May is exactly three months.
fn length(first: NaiveDate, last: NaiveDate) -> CalendarTime {
    let after = last.succ_opt().unwrap_or(last);
    if after <= first {
        return CalendarTime::default();
    }
    let count = |day: NaiveDate| day.year().saturating_mul(12).saturating_add_unsigned(day.month0());
    let by_name = u32::try_from(count(after) - count(first)).unwrap_or(0);
    let start_plus = |months| first.checked_add_months(Months::new(months)).unwrap_or(first);
    let months = if start_plus(by_name) > after { by_name - 1 } else { by_name };
    let days = u32::try_from((after - start_plus(months)).num_days()).unwrap_or(0);
    CalendarTime { months, days }
}

/// The interruptions cut to the year, in order, those that overlap or touch made one. One that still lasts counts up
/// to the day on which the register was read.
fn counted(stops: &[Stop], year: u16, known_on: NaiveDate) -> Vec<CountedStop> {
    let opening = NaiveDate::from_ymd_opt(i32::from(year), 1, 1).unwrap_or(NaiveDate::MIN);
    let within = |stop: &Stop| {
        let from = stop.from_date.max(opening);
        let to = stop.to_date.unwrap_or(known_on).min(last_day(year));
        (from <= to).then_some((from, to))
    };
    let mut spans: Vec<_> = stops.iter().filter_map(within).collect();
    spans.sort_unstable();
    let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, end)) if from <= end.succ_opt().unwrap_or(*end) => *end = to.max(*end),
            _ => joined.push((from, to)),
        }
    }
    joined
        .into_iter()
        .map(|(from_date, to_date)| CountedStop { from_date, to_date, length: length(from_date, to_date) })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn conditions(interruptions_add_up: bool) -> NotRatedConditions {
        NotRatedConditions {
            minimum_months_operating: 12,
            maximum_months_stopped: 3,
            interruptions_add_up,
            legal_basis: "01/2020/TT-BKHĐT".to_owned(),
        }
    }

    fn standing(founded_on: &str, stops: &[(&str, &str)], add_up: bool) -> Standing {
        let stop =
            |(from, to): &(&str, &str)| Stop { from_date: day(from), to_date: (!to.is_empty()).then(|| day(to)) };
        let operation = Operation {
            founded_on: day(founded_on),
            stops: stops.iter().map(stop).collect(),
            known_on: day("2021-02-01"),
        };
        Standing::of(&operation, 2020, &conditions(add_up))
    }

    #[test]
    fn twelve_months_at_the_end_of_the_year_are_rated_and_a_day_less_is_not() {
        use NotRatedReason::OperatingTooShort;
        let table = [
            ("2010-05-17", (127, 15), None),
            ("2020-01-01", (12, 0), None),
            ("2020-01-02", (11, 30), Some(OperatingTooShort)),
            ("2020-02-01", (11, 0), Some(OperatingTooShort)),
            ("2020-12-31", (0, 1), Some(OperatingTooShort)),
            ("2021-01-01", (0, 0), Some(OperatingTooShort)),
        ];
        for (founded_on, (months, days), reason) in table {
            let standing = standing(founded_on, &[], true);
            assert_eq!((standing.operated, standing.reason), (CalendarTime { months, days }, reason), "{founded_on}");
        }
    }

    #[test]
    fn three_months_of_interruption_are_rated_and_a_day_more_is_not() {
        use NotRatedReason::StoppedTooLong;
        type Case = (&'static [(&'static str, &'static str)], (u32, u32), Option<NotRatedReason>);
        let table: [Case; 9] = [
            (&[("2020-03-01", "2020-05-31")], (3, 0), None),
            (&[("2020-03-01", "2020-06-01")], (3, 1), Some(StoppedTooLong)),
            // Months are calendar months: February to April is 90 days, July to September 92.
            (&[("2020-07-01", "2020-09-30")], (3, 0), None),
            (&[("2020-01-31", "2020-04-29")], (3, 0), None),
            // Only days of the year count, on both sides.
            (&[("2019-06-01", "2020-03-31")], (3, 0), None),
            (&[("2020-10-01", "")], (3, 0), None),
            (&[("2020-09-30", "")], (3, 2), Some(StoppedTooLong)),
            // Two that touch or overlap are one.
            (&[("2020-04-01", "2020-05-31"), ("2020-03-01", "2020-04-10")], (3, 0), None),
            (&[("2020-03-01", "2020-03-31"), ("2020-04-01", "2020-06-01")], (3, 1), Some(StoppedTooLong)),
        ];
        for (stops, (months, days), reason) in table {
            let standing = standing("2010-05-17", stops, true);
            assert_eq!((standing.stopped, standing.reason), (CalendarTime { months, days }, reason), "{stops:?}");
        }
    }

    #[test]
    fn whether_several_interruptions_add_up_is_a_parameter() {
        let stops = [("2020-01-01", "2020-02-29"), ("2020-05-01", "2020-06-15")];
        let added = standing("2010-05-17", &stops, true);
        assert_eq!(added.stopped, CalendarTime { months: 3, days: 15 });
        assert_eq!(added.reason, Some(NotRatedReason::StoppedTooLong));
        let alone = standing("2010-05-17", &stops, false);
        assert_eq!((alone.stopped, alone.reason), (CalendarTime { months: 2, days: 0 }, None));
        let days = [("2020-01-01", "2020-02-20"), ("2020-05-01", "2020-06-10")];
        assert_eq!(standing("2010-05-17", &days, true).stopped, CalendarTime { months: 3, days: 0 });
    }

    proptest! {
        #[test]
        fn a_longer_interruption_is_never_shorter(first in 0_i64..300, days in 0_i64..60, more in 0_i64..60) {
            let from = day("2020-01-01") + chrono::TimeDelta::days(first);
            let to = from + chrono::TimeDelta::days(days);
            prop_assert!(length(from, to) <= length(from, to + chrono::TimeDelta::days(more)));
        }
    }
}
