//! Reporting periods and the windows of dates whose facts they cover.
//!
//! A window is not the calendar year: Decree 09/2019/NĐ-CP closes the data in the middle of the last month. A regime may set
//! another window by a rule of its own, and must for a review of the scheme.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::role::names;

/// A period that is reported on: a year (`2023`), half of one (`2023S1`, `2023S2`), or the time under a review of the scheme
/// that is held in a year (`2023R`, mid-term, *sơ kết*; `2025R`, final, *tổng kết*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// The whole year.
    Year(u16),
    /// The first six months.
    FirstHalf(u16),
    /// The last six months.
    SecondHalf(u16),
    /// A review of the scheme.
    Review(u16),
}

names! {
    /// A kind of period.
    PeriodKind {
        /// A whole year.
        Year = "year",
        /// The first six months.
        FirstHalf = "first_half",
        /// The last six months.
        SecondHalf = "second_half",
        /// A review of the scheme (*sơ kết, tổng kết*).
        Review = "review",
    }
}

impl PeriodKind {
    /// The period of this kind in a year.
    pub const fn of(self, year: u16) -> Period {
        match self {
            Self::Year => Period::Year(year),
            Self::FirstHalf => Period::FirstHalf(year),
            Self::SecondHalf => Period::SecondHalf(year),
            Self::Review => Period::Review(year),
        }
    }
}

/// The dates, both included, whose facts a period counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataWindow {
    /// First day whose facts count.
    pub from_date: NaiveDate,
    /// Last day whose facts count.
    pub to_date: NaiveDate,
}

impl DataWindow {
    /// Whether a fact of this day counts.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from_date <= day && day <= self.to_date
    }
}

impl Period {
    /// The year that the period is in.
    pub const fn year(self) -> u16 {
        match self {
            Self::Year(year) | Self::FirstHalf(year) | Self::SecondHalf(year) | Self::Review(year) => year,
        }
    }

    /// What kind of period it is.
    pub const fn kind(self) -> PeriodKind {
        match self {
            Self::Year(_) => PeriodKind::Year,
            Self::FirstHalf(_) => PeriodKind::FirstHalf,
            Self::SecondHalf(_) => PeriodKind::SecondHalf,
            Self::Review(_) => PeriodKind::Review,
        }
    }

    /// Whether annual indicators are due: for a whole year, and for a review of several.
    pub const fn is_annual(self) -> bool {
        matches!(self, Self::Year(_) | Self::Review(_))
    }

    /// The dates whose facts count where no rule says otherwise. Decree 09/2019/NĐ-CP: a year is 15 December of the year before
    /// to 14 December, the first half ends on 14 June. The second half (15 June to 14 December) follows from the two. A
    /// review has no window until one is set for it.
    pub fn decreed(self) -> Option<DataWindow> {
        let day = |year: u16, month, day| NaiveDate::from_ymd_opt(i32::from(year), month, day);
        let (from_date, to_date) = match self {
            Self::Year(year) => (day(year.saturating_sub(1), 12, 15), day(year, 12, 14)),
            Self::FirstHalf(year) => (day(year.saturating_sub(1), 12, 15), day(year, 6, 14)),
            Self::SecondHalf(year) => (day(year, 6, 15), day(year, 12, 14)),
            Self::Review(_) => (None, None),
        };
        Some(DataWindow { from_date: from_date?, to_date: to_date? })
    }
}

/// A period with the window that the rules in force give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The period.
    pub period: Period,
    /// The dates whose facts count.
    pub window: DataWindow,
}

impl Occasion {
    /// The day on which a scheme must be in force for the period to be one of it: that on which its data close, but not after
    /// the year of the period. A rule may close the data of the last year of a scheme after the scheme has ended.
    pub fn scheme_day(self) -> NaiveDate {
        let last = NaiveDate::from_ymd_opt(i32::from(self.period.year()), 12, 31);
        last.map_or(self.window.to_date, |last| last.min(self.window.to_date))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::FirstHalf(year) => write!(f, "{year}S1"),
            Self::SecondHalf(year) => write!(f, "{year}S2"),
            Self::Review(year) => write!(f, "{year}R"),
        }
    }
}

/// Why a text is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period such as 2023, 2023S1, 2023S2 or 2023R")]
pub struct NotPeriod;

impl FromStr for Period {
    type Err = NotPeriod;

    fn from_str(text: &str) -> Result<Self, NotPeriod> {
        let (year, half) = text.split_at_checked(4).ok_or(NotPeriod)?;
        if !year.bytes().all(|byte| byte.is_ascii_digit()) || !year.starts_with("20") {
            return Err(NotPeriod);
        }
        let year = year.parse().map_err(|_| NotPeriod)?;
        match half {
            "" => Ok(Self::Year(year)),
            "S1" => Ok(Self::FirstHalf(year)),
            "S2" => Ok(Self::SecondHalf(year)),
            "R" => Ok(Self::Review(year)),
            _ => Err(NotPeriod),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Period {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A reporting period: a year, its first (S1) or second (S2) half, or a review held in it (R).",
            ))
            .pattern(Some("^20[0-9]{2}(S[12]|R)?$"))
            .min_length(Some(4))
            .max_length(Some(6))
            .examples(["2023S1"])
            .into()
    }
}

impl ToSchema for Period {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Period")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(period: &str) -> (String, String) {
        let window = period.parse::<Period>().ok().and_then(Period::decreed);
        window.map(|w| (w.from_date.to_string(), w.to_date.to_string())).unwrap_or_default()
    }

    #[test]
    fn windows_follow_decree_09_2019() {
        assert_eq!(window("2023"), ("2022-12-15".into(), "2023-12-14".into()));
        assert_eq!(window("2023S1"), ("2022-12-15".into(), "2023-06-14".into()));
        assert_eq!(window("2023S2"), ("2023-06-15".into(), "2023-12-14".into()));
        assert_eq!(window("2023R"), (String::new(), String::new()), "a review has the window that is set for it");
    }

    #[test]
    fn a_period_is_of_the_scheme_of_its_year_whatever_day_its_data_close() {
        let day = |to_date: &str| {
            let window = DataWindow { from_date: NaiveDate::MIN, to_date: to_date.parse().unwrap() };
            Occasion { period: Period::Year(2025), window }.scheme_day().to_string()
        };
        assert_eq!(day("2025-12-14"), "2025-12-14");
        assert_eq!(day("2026-01-31"), "2025-12-31");
    }

    #[test]
    fn only_years_and_halves_are_periods() {
        for bad in ["", "23", "2023S3", "2023s1", "1999", "2023S", "2023R1", "20é3"] {
            assert_eq!(bad.parse::<Period>(), Err(NotPeriod), "{bad}");
        }
    }
}
