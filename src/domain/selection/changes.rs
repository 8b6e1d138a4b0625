//! What later decisions do to one: an [`amendment`](super::amendment) is added, a revocation ends it. Nothing that was
//! decided is rewritten.

use chrono::{Datelike, NaiveDate};

use super::{Amendment, DecisionState, Revocation, Selection, SelectionDecision};
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::pilot::{Leaving, StopCause};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

impl SelectionDecision {
    /// Revokes the decision by a later one and stops its pilots that still take part, each with its application.
    pub fn revoke(
        mut self,
        pilots: Vec<Leaving>,
        revocation: Revocation,
        caller: &Caller,
        now: Moment,
    ) -> Result<Selection, Refusal> {
        let date = revocation.date;
        now.not_in_future(date, "/date")?;
        let approved_by = self.may_revoke(caller)?.to_owned();
        self.comes_later(&revocation.number, date)?;
        let participating = pilots.into_iter().filter(|leaving| leaving.pilot.state.is_participating());
        let (mut applications, mut stopped) = (Vec::new(), Vec::new());
        for leaving in participating {
            let reason = revocation.reason.clone();
            let (pilot, application) = leaving.stop(StopCause::Revocation, (date, "/date"), reason, now)?;
            stopped.push(pilot);
            applications.push(application);
        }
        self.state = DecisionState::Revoked { approved_by, revocation };
        Ok(Selection { decision: self.next(now), applications, pilots: stopped })
    }

    /// What amends or revokes is another decision, and no older than this one and what amended it before.
    pub(super) fn comes_later(&self, number: &str, date: NaiveDate) -> Result<(), Refusal> {
        if number == self.content.number && date.year() == self.content.date.year() {
            return Err(Refusal::at(
                Rule::NotALaterDecision,
                "/number",
                format!("Quyết định {number} không thể tự điều chỉnh hoặc thu hồi chính mình."),
                format!("The decision {number} cannot amend or revoke itself."),
            )
            .given(&[("decisionNumber", &number)]));
        }
        let last = self.amendments.iter().map(|amendment| amendment.terms.date).max();
        not_before(date, last.unwrap_or(self.content.date), "/date")
    }

    /// The decision with an amendment in force.
    pub(super) fn amended_by(mut self, amendment: Amendment, now: Moment) -> Self {
        self.amendments.push(amendment);
        self.next(now)
    }

    /// Whether it may be amended: while it is in force.
    pub(super) fn may_be_amended(&self) -> Result<(), Refusal> {
        match &self.state {
            DecisionState::Approved { .. } => Ok(()),
            _ => Err(self.wrong_state("điều chỉnh", "amended", "approved")),
        }
    }

    /// Whether this person may revoke it; answers who had approved it.
    pub fn may_revoke(&self, caller: &Caller) -> Result<&str, Refusal> {
        match &self.state {
            DecisionState::Approved { approved_by } => self.writers.four_eyes(caller).map(|()| approved_by.as_str()),
            _ => Err(self.wrong_state("thu hồi", "revoked", "approved")),
        }
    }
}
