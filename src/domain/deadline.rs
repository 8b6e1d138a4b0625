//! Deadlines: one pure function says whether an instant is in time. Days are days in `Asia/Ho_Chi_Minh`, whatever
//! the clock of the host says.

use chrono::{DateTime, NaiveDate, Utc};

use super::moment::Moment;

/// A last day for something, and the rule that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The day that the rule names.
    pub on_date: NaiveDate,
    /// `chậm nhất vào ngày` includes the day, to its end; `trước ngày` excludes it.
    pub last_day_counts: bool,
    /// Document and article.
    pub legal_basis: String,
}

/// What a deadline says of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineState {
    /// Still in time.
    Open,
    /// Past it.
    Late,
}

impl Deadline {
    /// The first instant that is too late.
    pub fn passes_at(&self) -> DateTime<Utc> {
        let next_day = self.on_date.succ_opt().unwrap_or(NaiveDate::MAX);
        let first_late_day = if self.last_day_counts { next_day } else { self.on_date };
        Moment::start_of(first_late_day).0
    }
}

/// Whether an instant is in time: the only place where that is decided.
pub fn state_at(deadline: &Deadline, at: Moment) -> DeadlineState {
    if at.0 < deadline.passes_at() { DeadlineState::Open } else { DeadlineState::Late }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(day: &str, last_day_counts: bool, at: &str) -> DeadlineState {
        let deadline = Deadline { on_date: day.parse().unwrap(), last_day_counts, legal_basis: "test".to_owned() };
        state_at(&deadline, Moment(at.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc()))
    }

    #[test]
    fn the_last_day_counts_to_its_end_and_before_a_day_excludes_it() {
        use DeadlineState::{Late, Open};
        let table = [
            // Circular 01/2020/TT-BKHĐT: by 15 December, the day included.
            ("2023-12-15", true, "2023-12-15T00:00:00+07:00", Open),
            ("2023-12-15", true, "2023-12-15T23:59:59+07:00", Open),
            ("2023-12-15", true, "2023-12-16T00:00:00+07:00", Late),
            ("2023-12-15", true, "2023-12-15T16:59:59Z", Open),
            ("2023-12-15", true, "2023-12-15T17:00:00Z", Late),
            // Circular 124/2021/TT-BTC: before 20 December, the day excluded.
            ("2023-12-20", false, "2023-12-19T23:59:59+07:00", Open),
            ("2023-12-20", false, "2023-12-20T00:00:00+07:00", Late),
            // The same instants as other time zones write them.
            ("2023-12-15", true, "2023-12-15T11:59:59-05:00", Open),
            ("2023-12-15", true, "2023-12-15T12:00:00-05:00", Late),
            ("2023-12-15", true, "2023-12-16T01:59:59+09:00", Open),
            ("2023-12-15", true, "2023-12-16T02:00:00+09:00", Late),
        ];
        for (day, last_day_counts, at, expected) in table {
            assert_eq!(state(day, last_day_counts, at), expected, "{day} {last_day_counts} {at}");
        }
    }
}
