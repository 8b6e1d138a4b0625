//! Later decisions: one amends the list or revokes it. Nothing that was decided is rewritten; what follows is added.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::{
    Amended, Amendment, Choice, DecisionState, Revocation, Selection, SelectionDecision, is_department,
    unknown_department,
};
use crate::domain::agency::Agency;
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::pilot::{Leaving, StopCause};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

impl Amendment {
    /// Checks the body alone: something changes, and nothing twice.
    ///
    /// # Errors
    /// Every fault.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.date, "/date").err());
        if self.removals.is_empty() && self.reassignments.is_empty() {
            let (vi, en) = ("Quyết định điều chỉnh không thay đổi gì.", "The amendment changes nothing.");
            faults.push(Refusal::at(Rule::AmendmentEmpty, "", vi, en));
        }
        let mut seen = BTreeSet::new();
        for (pointer, application) in self.named() {
            if !seen.insert(application) {
                let vi = format!("Hồ sơ {application} có hai lần.");
                let en = format!("The application {application} is given twice.");
                faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &application)]));
            }
        }
        Refusal::of_all(faults)
    }

    /// The applications that it names, each with its place in the body.
    fn named(&self) -> impl Iterator<Item = (String, Uuid)> {
        let removals = self.removals.iter().enumerate().map(|(at, id)| (format!("/removals/{at}"), *id));
        let reassigned = self.reassignments.iter().enumerate();
        removals.chain(reassigned.map(|(at, choice)| (format!("/reassignments/{at}/application"), choice.application)))
    }
}

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

    /// Amends the list by a later decision: some pilots are off it and give their places back, others go to another
    /// department. All of it or nothing.
    pub fn amend(
        mut self,
        pilots: Vec<Leaving>,
        amendment: Amendment,
        departments: &[Agency],
        caller: &Caller,
        now: Moment,
    ) -> Result<Amended, Refusal> {
        amendment.check(now)?;
        self.may_amend(caller)?;
        let mut pilots: BTreeMap<Uuid, Leaving> =
            pilots.into_iter().map(|leaving| (leaving.pilot.application, leaving)).collect();
        self.refers_rightly(&amendment, &pilots, departments)?;
        self.comes_later(&amendment.number, amendment.date)?;
        let (mut stopped, mut reassigned, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (at, id) in amendment.removals.iter().enumerate() {
            let Some(leaving) = pilots.remove(id) else { continue };
            let reason = amendment.reason.clone();
            match leaving.stop(StopCause::Revocation, (amendment.date, "/date"), reason, now) {
                Ok(both) => stopped.push(both),
                Err(refusal) => faults.push(refusal.placed(&format!("/removals/{at}"))),
            }
        }
        for (at, choice) in amendment.reassignments.iter().enumerate() {
            let Some(leaving) = pilots.remove(&choice.application) else { continue };
            match leaving.pilot.reassign(choice.responsible_department, now) {
                Ok(pilot) => reassigned.push(pilot),
                Err(refusal) => faults.push(refusal.placed(&format!("/reassignments/{at}/application"))),
            }
        }
        Refusal::of_all(faults)?;
        self.amendments.push(amendment);
        Ok(Amended { decision: self.next(now), stopped, reassigned })
    }

    /// The applications are of this decision, the departments of its province.
    fn refers_rightly<T>(
        &self,
        amendment: &Amendment,
        opened: &BTreeMap<Uuid, T>,
        departments: &[Agency],
    ) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        for (pointer, id) in amendment.named().filter(|(_, id)| !opened.contains_key(id)) {
            let vi = format!("Quyết định không lựa chọn hồ sơ {id}.");
            let en = format!("The decision does not choose the application {id}.");
            faults.push(Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &id)]));
        }
        for (at, Choice { responsible_department, .. }) in amendment.reassignments.iter().enumerate() {
            if !is_department(departments, &self.province, *responsible_department, amendment.date) {
                let pointer = format!("/reassignments/{at}/responsibleDepartment");
                faults.push(unknown_department(*responsible_department, amendment.date, pointer));
            }
        }
        Refusal::of_all(faults)
    }

    /// What amends or revokes is another decision, and no older than this one and what amended it before.
    fn comes_later(&self, number: &str, date: NaiveDate) -> Result<(), Refusal> {
        if number == self.content.number && date.year() == self.content.date.year() {
            return Err(Refusal::at(
                Rule::NotALaterDecision,
                "/number",
                format!("Quyết định {number} không thể tự điều chỉnh hoặc thu hồi chính mình."),
                format!("The decision {number} cannot amend or revoke itself."),
            )
            .given(&[("decisionNumber", &number)]));
        }
        let last = self.amendments.iter().map(|amendment| amendment.date).max();
        not_before(date, last.unwrap_or(self.content.date), "/date")
    }

    /// Whether this person may amend it: in force, and not by who wrote it.
    pub fn may_amend(&self, caller: &Caller) -> Result<(), Refusal> {
        match &self.state {
            DecisionState::Approved { .. } => self.writers.four_eyes(caller),
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
