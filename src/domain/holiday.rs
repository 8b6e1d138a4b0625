//! Public holidays and working days (*ngày nghỉ lễ, ngày làm việc*).
//!
//! Four holidays fall on the same day of every year (Labour Code 45/2019/QH14, Article 112). Tết and the Hùng Kings' day follow
//! the moon; the day beside 2 September, days in lieu and the days worked for them (*làm bù*) are set year by year: these are
//! loaded, each with its decision.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::refusal::{Refusal, Rule};
use super::role::names;
use super::text::Text;

names! {
    /// What a decision makes of a day.
    DayKind {
        /// Nobody works on it (*ngày nghỉ*).
        Holiday = "holiday",
        /// A Saturday or Sunday on which is worked, for another day that is off (*ngày làm bù*).
        WorkingDay = "working_day",
    }
}

/// Month and day of the holidays that are the same every year.
const FIXED: [(u32, u32); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];

/// A public holiday of one year, or a day worked in lieu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPublicHoliday {
    /// The day.
    #[schema(example = "2026-02-17")]
    pub date: NaiveDate,
    /// What the decision makes of it; a holiday when absent.
    #[serde(default = "holiday")]
    #[schema(required = false)]
    pub kind: DayKind,
    /// What is celebrated, or which day it stands for.
    pub name: Text,
    /// The decision that sets the day: document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "45/2019/QH14 Điều 112")]
    pub legal_basis: String,
}

const fn holiday() -> DayKind {
    DayKind::Holiday
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

impl NewPublicHoliday {
    /// Checks what the schema cannot.
    ///
    /// # Errors
    /// A day is to be worked in lieu that is worked anyway.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.kind == DayKind::Holiday || is_weekend(self.date) {
            return Ok(());
        }
        let (vi, en) = ("Ngày làm bù là thứ Bảy hoặc Chủ nhật.", "A day worked in lieu is a Saturday or a Sunday.");
        let refusal = Refusal::at(Rule::Contradiction, "/kind", vi, en);
        Err(refusal.given(&[("stated", &self.kind.name()), ("against", &self.date)]))
    }
}

/// A public holiday, as loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicHoliday {
    /// Identifier.
    pub id: Uuid,
    /// What was loaded.
    pub content: NewPublicHoliday,
    /// Who loaded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A day that was loaded, while it was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedDay {
    /// The day.
    pub date: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// Since when it is known.
    pub recorded_at: DateTime<Utc>,
    /// When it was taken out, if it was.
    pub taken_out_at: Option<DateTime<Utc>>,
}

/// Every day that was ever loaded: what was known at an instant stays known of that instant, whatever is loaded or taken out
/// after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadedDays(pub Vec<LoadedDay>);

impl LoadedDays {
    /// The days that were known at an instant.
    pub fn known_at(&self, at: DateTime<Utc>) -> Holidays {
        let known = |day: &&LoadedDay| day.recorded_at <= at && day.taken_out_at.is_none_or(|since| at < since);
        Holidays(self.0.iter().filter(known).map(|day| (day.date, day.kind)).collect())
    }

    /// As they were recorded by an instant.
    #[must_use]
    pub fn as_of(self, at: DateTime<Utc>) -> Self {
        let known = self.0.into_iter().filter(|day| day.recorded_at <= at);
        let then = |day: LoadedDay| LoadedDay { taken_out_at: day.taken_out_at.filter(|since| *since <= at), ..day };
        Self(known.map(then).collect())
    }
}

/// The loaded days, by their dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays(BTreeMap<NaiveDate, DayKind>);

impl FromIterator<(NaiveDate, DayKind)> for Holidays {
    fn from_iter<I: IntoIterator<Item = (NaiveDate, DayKind)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

impl Holidays {
    /// Whether nobody works on a day: by its decision, else on Saturdays, Sundays and the holidays of every year.
    pub fn is_off(&self, day: NaiveDate) -> bool {
        match self.0.get(&day) {
            Some(kind) => *kind == DayKind::Holiday,
            None => is_weekend(day) || FIXED.contains(&(day.month(), day.day())),
        }
    }

    /// The first working day after a day.
    pub fn next_working_day(&self, after: NaiveDate) -> NaiveDate {
        after.iter_days().skip(1).find(|day| !self.is_off(*day)).unwrap_or(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn working_days_skip_weekends_fixed_holidays_and_loaded_ones() {
        let none = Holidays::default();
        for (after, next) in [
            // Thursday the 1st is New Year's Day; 30 April and 1 May 2026 are Thursday and Friday.
            ("2025-12-31", "2026-01-02"),
            ("2026-04-29", "2026-05-04"),
            ("2025-09-01", "2025-09-03"),
            ("2024-12-14", "2024-12-16"),
            ("2023-12-14", "2023-12-15"),
            ("2024-06-14", "2024-06-17"),
            ("2025-06-14", "2025-06-16"),
        ] {
            assert_eq!(none.next_working_day(day(after)), day(next), "{after}");
        }
        // A Wednesday and the Thursday after it, whatever they celebrate.
        let off = |text| (day(text), DayKind::Holiday);
        let loaded: Holidays = [off("2024-12-18"), off("2024-12-19")].into_iter().collect();
        assert_eq!(loaded.next_working_day(day("2024-12-17")), day("2024-12-20"));
        assert_eq!(loaded.next_working_day(day("2023-12-17")), day("2023-12-18"), "holidays are of one year");
        // The Saturday after them is worked instead of one of them.
        let in_lieu: Holidays = [off("2024-12-20"), (day("2024-12-21"), DayKind::WorkingDay)].into_iter().collect();
        assert_eq!(in_lieu.next_working_day(day("2024-12-19")), day("2024-12-21"));
        assert_eq!(in_lieu.next_working_day(day("2024-12-21")), day("2024-12-23"), "of Sunday nothing is said");
    }

    #[test]
    fn only_a_day_off_is_worked_in_lieu() {
        let loaded = |date: &str, kind| NewPublicHoliday {
            date: day(date),
            kind,
            name: Text::new("Làm bù (dữ liệu mẫu)", "In lieu (sample data)"),
            legal_basis: "45/2019/QH14 Điều 112".to_owned(),
        };
        for (date, kind, passes) in [
            ("2024-12-21", DayKind::WorkingDay, true),
            ("2024-12-22", DayKind::WorkingDay, true),
            ("2024-12-20", DayKind::WorkingDay, false),
            ("2024-12-20", DayKind::Holiday, true),
            ("2024-12-21", DayKind::Holiday, true),
        ] {
            let refused = loaded(date, kind).check().err();
            assert_eq!(refused.is_none(), passes, "{date} {kind:?}");
            assert!(refused.is_none_or(|refusal| refusal.rule == Rule::Contradiction), "{date}");
        }
    }

    #[test]
    fn what_was_known_at_an_instant_stays_known_of_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let loaded = |date: &str, from: &str, to: Option<&str>| LoadedDay {
            date: day(date),
            kind: DayKind::Holiday,
            recorded_at: at(from),
            taken_out_at: to.map(at),
        };
        let days = LoadedDays(vec![
            loaded("2024-12-16", "2024-12-01T00:00:00Z", Some("2024-12-10T00:00:00Z")),
            loaded("2024-12-17", "2024-12-05T00:00:00Z", None),
        ]);
        let off = |days: &LoadedDays, instant: &str| {
            let known = days.known_at(at(instant));
            ["2024-12-16", "2024-12-17"].map(|date| known.is_off(day(date)))
        };
        for (instant, expected) in [
            ("2024-11-30T23:59:59Z", [false, false]),
            ("2024-12-01T00:00:00Z", [true, false]),
            ("2024-12-05T00:00:00Z", [true, true]),
            ("2024-12-10T00:00:00Z", [false, true]),
        ] {
            assert_eq!(off(&days, instant), expected, "{instant}");
        }
        let then = days.as_of(at("2024-12-04T00:00:00Z"));
        assert_eq!(
            off(&then, "2024-12-31T00:00:00Z"),
            [true, false],
            "neither the second nor the end was known by then"
        );
    }
}
