//! Who owes a report on a period, to whom, until when, and how far it has come; and how complete a period is.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::agency::Successor;
use super::deadline::{Deadline, DeadlineState, state_at};
use super::moment::Moment;
use super::period::Period;
use super::report::{ReportState, Reporter, Timeliness};
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
    /// Who acts for that agency now, where it was merged or abolished since.
    pub successor: Option<Successor>,
    /// The agency that receives it; absent for the ministry.
    pub recipient: Option<Uuid>,
    /// The period.
    pub period: Period,
    /// Until when, if that is set. The scheme's own dates are not public.
    pub deadline: Option<Deadline>,
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

    /// Whether a report sent now would be in time.
    pub fn due(&self, now: Moment) -> DueState {
        match self.deadline.as_ref().map(|deadline| state_at(deadline, now)) {
            None => DueState::NoDeadline,
            Some(DeadlineState::Open) => DueState::Open,
            Some(DeadlineState::Late) => DueState::Late,
        }
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
            successor: None,
            recipient: None,
            period: Period::Year(2023),
            deadline: None,
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

    #[test]
    fn without_a_deadline_nothing_is_late() {
        let mut report = owed(ReportLevel::Locality, None);
        let now = Moment("2024-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(report.due(now), DueState::NoDeadline);
        let on_date = "2023-12-31".parse().unwrap();
        report.deadline = Some(Deadline { on_date, last_day_counts: true, legal_basis: "x".to_owned() });
        assert_eq!(report.due(now), DueState::Late);
        assert_eq!(report.due(Moment("2023-12-31T16:59:59Z".parse().unwrap())), DueState::Open);
    }
}
