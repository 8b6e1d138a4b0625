//! Now, as an argument: the instant something is recorded, and the day it is in Vietnam.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::refusal::{Refusal, Rule};

/// Vietnam's clock is seven hours ahead of UTC, all year, without change since 1975.
const VIETNAM_SECONDS_EAST: i32 = 7 * 3600;

/// The declaration of independence: no legal act of the state is older, nor is a cooperative registered under its law.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1945, 9, 2) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The instant of a call: what `recordedAt` is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub DateTime<Utc>);

impl Moment {
    /// The day it is in `Asia/Ho_Chi_Minh`: legal dates are days there.
    pub fn today(self) -> NaiveDate {
        FixedOffset::east_opt(VIETNAM_SECONDS_EAST)
            .map_or_else(|| self.0.date_naive(), |vietnam| self.0.with_timezone(&vietnam).date_naive())
    }

    /// The instant at which a day begins in `Asia/Ho_Chi_Minh`.
    pub fn start_of(day: NaiveDate) -> Self {
        Self(day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::seconds(i64::from(VIETNAM_SECONDS_EAST)))
    }

    /// Refuses a legal date in the future; the past is fine back to 1945, back-filling is normal.
    pub fn not_in_future(self, day: NaiveDate, pointer: &str) -> Result<(), Refusal> {
        if day > self.today() {
            let (vi, en) = (format!("Ngày {day} ở tương lai."), format!("The date {day} lies in the future."));
            return Err(
                Refusal::at(Rule::DateInFuture, pointer, vi, en).given(&[("date", &day), ("today", &self.today())])
            );
        }
        not_too_old(day, pointer)
    }
}

/// An instant as JSON writes it, in UTC with `Z`: the same text wherever it is told.
pub fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Refuses a date that no record of the scheme can bear: what is older is a slip of the pen.
pub fn not_too_old(day: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    if day >= EARLIEST {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::DateOutOfRange,
        pointer,
        format!("Ngày {day} trước ngày {EARLIEST}: không văn bản nào của Nhà nước Việt Nam sớm hơn."),
        format!("The date {day} is before {EARLIEST}: no legal act of the state is older."),
    )
    .given(&[("date", &day), ("limit", &EARLIEST)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_json_writes_it() {
        for text in ["2024-12-16T17:00:00Z", "2024-12-16T17:00:00.250Z", "2024-12-16T17:00:00.000001Z"] {
            let instant: DateTime<Utc> = text.parse().unwrap();
            assert_eq!(serde_json::json!(instant), written(instant));
            assert_eq!(written(instant), text);
        }
    }

    #[test]
    fn the_day_turns_at_seventeen_hours_utc() {
        let day = |text: &str| text.parse().map(|at| Moment(at).today().to_string()).unwrap_or_default();
        assert_eq!(day("2023-12-15T16:59:59Z"), "2023-12-15");
        assert_eq!(day("2023-12-15T17:00:00Z"), "2023-12-16");
    }

    #[test]
    fn a_legal_date_lies_between_independence_and_today() {
        let now = "2022-06-30T03:00:00Z".parse().map(Moment).unwrap();
        for (day, code) in [
            ("0001-01-01", Some("date_out_of_range")),
            ("1945-09-01", Some("date_out_of_range")),
            ("1945-09-02", None),
            ("2022-06-30", None),
            ("2022-07-01", Some("date_in_future")),
        ] {
            let refusal = now.not_in_future(day.parse().unwrap(), "/onDate").err();
            assert_eq!(refusal.as_ref().map(|refusal| refusal.rule.code()), code, "{day}");
            assert!(refusal.is_none_or(|refusal| refusal.faults[0].pointer == "/onDate"));
        }
    }
}
