//! Public holidays and working days (*ngày nghỉ lễ, ngày làm việc*).
//!
//! Four holidays fall on the same day of every year (Labour Code 45/2019/QH14, Article 112). Tết and the Hùng Kings' day follow
//! the moon; the day beside 2 September and days in lieu are set year by year: these are loaded, each with its decision.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::text::Text;

/// Month and day of the holidays that are the same every year.
const FIXED: [(u32, u32); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];

/// A public holiday of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPublicHoliday {
    /// The day.
    #[schema(example = "2026-02-17")]
    pub date: NaiveDate,
    /// What is celebrated, or which day it stands for.
    pub name: Text,
    /// The decision that sets the day: document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "45/2019/QH14 Điều 112")]
    pub legal_basis: String,
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

/// The loaded holidays, by their days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays(BTreeSet<NaiveDate>);

impl FromIterator<NaiveDate> for Holidays {
    fn from_iter<I: IntoIterator<Item = NaiveDate>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

impl Holidays {
    /// Whether nobody works on a day: Saturday, Sunday, or a public holiday.
    pub fn is_off(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        weekend || FIXED.contains(&(day.month(), day.day())) || self.0.contains(&day)
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
        let loaded: Holidays = [day("2024-12-18"), day("2024-12-19")].into_iter().collect();
        assert_eq!(loaded.next_working_day(day("2024-12-17")), day("2024-12-20"));
        assert_eq!(loaded.next_working_day(day("2023-12-17")), day("2023-12-18"), "holidays are of one year");
    }
}
