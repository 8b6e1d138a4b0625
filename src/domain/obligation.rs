//! Who owes a report on a period, to whom, until when, and how far it has come; and how complete a period is.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::agency::Successor;
use super::deadline::{Deadline, DeadlineState, state_at};
use super::moment::Moment;
use super::period::{DataWindow, Period};
use super::refusal::{Refusal, Rule};
use super::report::{ReportState, Reporter, Timeliness};
use super::reporting_deadline::WindowBasis;
use super::role::names;

names! {
    /// How far what is owed has come.
    ObligationState {
        /// Nothing was begun, as far as the caller can see.
        NotStarted = "not_started",
        /// Being written.
        Draft = "draft",
        /// Sent to the agency above.
        Submitted = "submitted",
        /// Sent back for correction.
        Returned = "returned",
        /// Accepted.
        Accepted = "accepted",
    }
}

names! {
    /// Whether something owed can still come in time.
    DueState {
        /// No deadline is set.
        NoDeadline = "no_deadline",
        /// The deadline has not passed.
        Open = "open",
        /// The deadline has passed.
        Late = "late",
        /// Nothing is taken in any more.
        Locked = "locked",
    }
}

names! {
    /// Why something owed is open, late or locked.
    DueReason {
        /// The data are not closed yet: it cannot be sent.
        WindowNotClosed = "window_not_closed",
        /// Nobody has set a deadline.
        NoDeadlineSet = "no_deadline_set",
        /// The rule's deadline has not passed.
        WithinDeadline = "within_deadline",
        /// The deadline of an exception has not passed.
        WithinException = "within_exception",
        /// The rule's deadline has passed.
        PastDeadline = "past_deadline",
        /// The deadline of an exception has passed.
        PastException = "past_exception",
        /// The lock has begun.
        PastLock = "past_lock",
    }
}

/// When a report is due, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDue {
    /// Until when it is in time.
    pub deadline: Deadline,
    /// The day that the rule names, where holidays moved the deadline on from it.
    pub named_on: Option<NaiveDate>,
    /// From when nothing is taken in any more.
    pub lock: Option<Lock>,
    /// The regime of the rule.
    pub regime: Option<String>,
    /// The rule.
    pub rule: Option<Uuid>,
    /// The exception that takes its place.
    pub exception: Option<Uuid>,
}

/// The first day on which nothing is taken in any more, and what makes it so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lock {
    /// The day.
    pub on_date: NaiveDate,
    /// Document and article; absent for an exception that names none.
    pub legal_basis: Option<String>,
}

impl ReportDue {
    /// What several regimes make of one report: in time under every one of them, so by the earliest day; locked once every one
    /// has locked it, since until then one of them still takes it in. `dues` in their order, the earliest first.
    pub fn of_all(dues: &[Self]) -> Option<Self> {
        let locks = dues.iter().map(|due| due.lock.clone()).collect::<Option<Vec<_>>>();
        let lock = locks.and_then(|locks| locks.into_iter().max());
        dues.first().map(|due| Self { lock, ..due.clone() })
    }

    /// The instant from which nothing is taken in any more.
    pub fn locks_at(&self) -> Option<DateTime<Utc>> {
        self.lock.as_ref().map(|lock| Moment::start_of(lock.on_date).0)
    }
}

/// Whether a report on a window can still come in time, and why: the only place where that is decided. Days are days
/// in `Asia/Ho_Chi_Minh`, whatever the clock of the host says.
pub fn standing_at(window: DataWindow, due: Option<&ReportDue>, now: Moment) -> (DueState, DueReason) {
    let closed = now >= Moment::start_of(window.to_date.succ_opt().unwrap_or(window.to_date));
    let Some(due) = due else {
        let reason = if closed { DueReason::NoDeadlineSet } else { DueReason::WindowNotClosed };
        return (DueState::NoDeadline, reason);
    };
    let excepted = due.exception.is_some();
    if due.locks_at().is_some_and(|locks_at| now.0 >= locks_at) {
        return (DueState::Locked, DueReason::PastLock);
    }
    match state_at(&due.deadline, now) {
        DeadlineState::Late if excepted => (DueState::Late, DueReason::PastException),
        DeadlineState::Late => (DueState::Late, DueReason::PastDeadline),
        DeadlineState::Open if !closed => (DueState::Open, DueReason::WindowNotClosed),
        DeadlineState::Open if excepted => (DueState::Open, DueReason::WithinException),
        DeadlineState::Open => (DueState::Open, DueReason::WithinDeadline),
    }
}

/// Whether a report sent now is in time; nothing is taken in after the lock.
///
/// # Errors
/// The period is locked.
pub fn timeliness_at(window: DataWindow, due: Option<&ReportDue>, now: Moment) -> Result<Timeliness, Refusal> {
    match standing_at(window, due, now).0 {
        DueState::NoDeadline => Ok(Timeliness::NoDeadline),
        DueState::Open => Ok(Timeliness::OnTime),
        DueState::Late => Ok(Timeliness::Late),
        DueState::Locked => {
            let lock = due.and_then(|due| due.lock.as_ref());
            let day = lock.map(|lock| lock.on_date.to_string()).unwrap_or_default();
            let refusal = Refusal::new(
                Rule::PeriodLocked,
                format!("Kỳ báo cáo đã khóa từ ngày {day}; cơ quan tiếp nhận có thể gia hạn."),
                format!("The period has been locked since {day}; the receiving agency may grant an exception."),
            )
            .given(&[("lockedOn", &day)]);
            let basis = lock.and_then(|lock| lock.legal_basis.as_deref());
            Err(match basis {
                Some(basis) => refusal.under(basis),
                None => refusal,
            })
        }
    }
}

/// The revision that an obligation is met with, or being met with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportInHand {
    /// The report.
    pub id: Uuid,
    /// Its revision.
    pub revision: u16,
    /// Where it stands.
    pub state: ReportState,
    /// When it was last submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Whether that was in time.
    pub timeliness: Option<Timeliness>,
}

/// A duty to report on a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Who owes it, and on what.
    pub reporter: Reporter,
    /// Name of the agency.
    pub agency_name: String,
    /// Number of the decision on the plan of its province, which makes the duty.
    pub plan: Option<String>,
    /// Who acts for that agency now, where it was merged or abolished since.
    pub successor: Option<Successor>,
    /// The agency that receives it; absent for the ministry.
    pub recipient: Option<Uuid>,
    /// The period.
    pub period: Period,
    /// The dates whose facts are reported.
    pub window: DataWindow,
    /// What that window rests on.
    pub window_basis: WindowBasis,
    /// Until when, if that is set. The scheme's own dates are not public.
    pub due: Option<ReportDue>,
    /// What each regime says, the earliest first, whatever exception there is.
    pub dues: Vec<ReportDue>,
    /// The report that stands, else the latest revision that the caller can see.
    pub report: Option<ReportInHand>,
}

impl Obligation {
    /// How far it has come.
    pub fn state(&self) -> ObligationState {
        match self.report.as_ref().map(|report| report.state) {
            None => ObligationState::NotStarted,
            Some(ReportState::Draft) => ObligationState::Draft,
            Some(ReportState::Submitted) => ObligationState::Submitted,
            Some(ReportState::Returned) => ObligationState::Returned,
            Some(ReportState::Accepted) => ObligationState::Accepted,
        }
    }

    /// Whether a report sent now would be in time, and why.
    pub fn standing(&self, now: Moment) -> (DueState, DueReason) {
        standing_at(self.window, self.due.as_ref(), now)
    }

    /// Whether it was received and not sent back.
    pub fn is_received(&self) -> bool {
        matches!(self.state(), ObligationState::Submitted | ObligationState::Accepted)
    }
}

/// How many of the reports owed are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Completeness {
    /// Owed.
    pub expected: u32,
    /// Received and not sent back.
    pub received: u32,
    /// Of them, in time; those without a deadline are not counted.
    pub on_time: u32,
    /// Of them, late.
    pub late: u32,
    /// Of them, accepted.
    pub accepted: u32,
}

impl Completeness {
    /// Counts obligations.
    pub fn of<'a>(obligations: impl IntoIterator<Item = &'a Obligation>) -> Self {
        let mut counted = Self::default();
        for owed in obligations {
            let timeliness = owed.report.as_ref().and_then(|report| report.timeliness).filter(|_| owed.is_received());
            counted.expected += 1;
            counted.received += u32::from(owed.is_received());
            counted.on_time += u32::from(timeliness == Some(Timeliness::OnTime));
            counted.late += u32::from(timeliness == Some(Timeliness::Late));
            counted.accepted += u32::from(owed.state() == ObligationState::Accepted);
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::ReportLevel;

    fn owed(level: ReportLevel, state: Option<(ReportState, Timeliness)>) -> Obligation {
        let in_hand = |(state, timeliness)| ReportInHand {
            id: Uuid::nil(),
            revision: 1,
            state,
            submitted_at: None,
            timeliness: Some(timeliness),
        };
        Obligation {
            reporter: Reporter { agency: Uuid::nil(), level, province: "89".to_owned(), unit: "883".to_owned() },
            agency_name: "x".to_owned(),
            plan: None,
            successor: None,
            recipient: None,
            period: Period::Year(2023),
            window: Period::Year(2023).decreed().unwrap(),
            window_basis: WindowBasis { rule: None, legal_basis: "09/2019/NĐ-CP".to_owned() },
            due: None,
            dues: Vec::new(),
            report: state.map(in_hand),
        }
    }

    #[test]
    fn a_returned_report_is_not_received_and_each_level_is_counted_apart() {
        use ReportLevel::{Locality, Province};
        let all = [
            owed(Locality, None),
            owed(Locality, Some((ReportState::Returned, Timeliness::OnTime))),
            owed(Locality, Some((ReportState::Submitted, Timeliness::Late))),
            owed(Locality, Some((ReportState::Accepted, Timeliness::OnTime))),
            owed(Province, Some((ReportState::Accepted, Timeliness::NoDeadline))),
        ];
        let localities = Completeness { expected: 4, received: 2, on_time: 1, late: 1, accepted: 1 };
        assert_eq!(Completeness::of(all.iter().filter(|owed| owed.reporter.level == Locality)), localities);
        assert_eq!(Completeness::of(&all).accepted, 2);
    }

    /// A year whose report is due on 20 December, that day included, or excluded, and locked from 1 February.
    fn due(last_day_counts: bool, excepted_until: Option<&str>) -> ReportDue {
        let on_date = excepted_until.unwrap_or("2023-12-20").parse().unwrap();
        ReportDue {
            deadline: Deadline { on_date, last_day_counts, legal_basis: "124/2021/TT-BTC".to_owned() },
            named_on: None,
            lock: Some(Lock { on_date: "2024-02-01".parse().unwrap(), legal_basis: Some("X/QĐ-UBND".to_owned()) }),
            regime: None,
            rule: Some(Uuid::nil()),
            exception: excepted_until.map(|_| Uuid::nil()),
        }
    }

    #[test]
    fn one_function_decides_open_late_and_locked_to_the_second() {
        use DueReason::{
            NoDeadlineSet, PastDeadline, PastException, PastLock, WindowNotClosed, WithinDeadline, WithinException,
        };
        use DueState::{Late, Locked, NoDeadline, Open};
        let (until, before) = (due(true, None), due(false, None));
        let excepted = due(true, Some("2024-01-15"));
        let table = [
            // The data of 2023 close with 14 December, in Vietnam.
            (None, "2023-12-14T16:59:59Z", NoDeadline, WindowNotClosed),
            (None, "2023-12-14T17:00:00Z", NoDeadline, NoDeadlineSet),
            (Some(&until), "2023-12-14T23:59:59+07:00", Open, WindowNotClosed),
            (Some(&until), "2023-12-15T00:00:00+07:00", Open, WithinDeadline),
            (Some(&until), "2023-12-20T23:59:59+07:00", Open, WithinDeadline),
            (Some(&until), "2023-12-21T00:00:00+07:00", Late, PastDeadline),
            (Some(&before), "2023-12-19T23:59:59+07:00", Open, WithinDeadline),
            (Some(&before), "2023-12-20T00:00:00+07:00", Late, PastDeadline),
            (Some(&excepted), "2024-01-15T23:59:59+07:00", Open, WithinException),
            (Some(&excepted), "2024-01-16T00:00:00+07:00", Late, PastException),
            (Some(&until), "2024-01-31T23:59:59+07:00", Late, PastDeadline),
            (Some(&until), "2024-02-01T00:00:00+07:00", Locked, PastLock),
            // The same instants as other zones write them.
            (Some(&until), "2023-12-20T11:59:59-05:00", Open, WithinDeadline),
            (Some(&until), "2023-12-20T12:00:00-05:00", Late, PastDeadline),
        ];
        let window = Period::Year(2023).decreed().unwrap();
        for (due, at, state, reason) in table {
            let now = Moment(at.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc());
            assert_eq!(standing_at(window, due, now), (state, reason), "{at}");
            let sent = timeliness_at(window, due, now);
            assert_eq!(sent.is_err(), state == Locked, "{at}");
            assert!(sent.err().is_none_or(|refusal| refusal.legal_basis() == "X/QĐ-UBND"), "of whoever locks");
        }
    }

    /// The same table in processes whose hosts stand elsewhere.
    #[test]
    fn the_zone_of_the_host_changes_nothing() {
        let this = std::env::current_exe().unwrap();
        for zone in ["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            for test in ["obligation::tests::one_function_decides", "deadline::tests::", "moment::tests::"] {
                let mut child = std::process::Command::new(&this);
                let output = child.env("TZ", zone).arg(format!("domain::{test}")).output().unwrap();
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success() && !said.contains("running 0 tests"), "{zone} {test}: {said}");
            }
        }
    }
}
