//! Now, as an argument: the instant something is recorded, and the day it is in Vietnam.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::refusal::{Refusal, Rule};

/// Vietnam's clock is seven hours ahead of UTC, all year, without change since 1975.
const VIETNAM_SECONDS_EAST: i32 = 7 * 3600;

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

    /// Refuses a legal date in the future; the past is fine, back-filling is normal.
    pub fn not_in_future(self, day: NaiveDate, pointer: &str) -> Result<(), Refusal> {
        if day <= self.today() {
            return Ok(());
        }
        let (vi, en) = (format!("Ngày {day} ở tương lai."), format!("The date {day} lies in the future."));
        Err(Refusal::at(Rule::DateInFuture, pointer, vi, en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_seventeen_hours_utc() {
        let day = |text: &str| text.parse().map(|at| Moment(at).today().to_string()).unwrap_or_default();
        assert_eq!(day("2023-12-15T16:59:59Z"), "2023-12-15");
        assert_eq!(day("2023-12-15T17:00:00Z"), "2023-12-16");
    }
}
