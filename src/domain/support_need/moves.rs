//! The life of a support need, and why a step of it is refused.

use chrono::NaiveDate;
use uuid::Uuid;

use super::rates::{self, RateFinding, Rates, YoungWorker};
use super::{
    Item, NeedAct, NeedPhase, NeedState, NeededItem, NewSupportNeed, SupportNeed, SupportNeedAppraisal,
    SupportNeedApproval, SupportNeedConsolidation, SupportNeedReturn, SupportNeedSubmission, UpheldItem, check, upheld,
};
use crate::domain::application::{not_before, only_lead};
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::pilot::Pilot;
use crate::domain::reference::ReferenceEntry;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};
use crate::domain::scheme::Scheme;
use crate::domain::vietnamese;
use crate::domain::writers::Writers;

names! {
    /// A step in the life of a support need, as in its path.
    NeedStep {
        /// The cooperative submits it.
        Submit = "submissions",
        /// The lead agency returns it.
        Return = "returns",
        /// The lead agency consolidates it.
        Consolidate = "consolidations",
        /// Finance or the lead agency appraises items of it.
        Appraise = "appraisals",
        /// The authority of the source approves items of it.
        Approve = "approvals",
    }
}

/// What a need is checked against.
#[derive(Debug, Clone, Copy)]
pub struct NeedReferences<'a> {
    /// The pilot, where it is in the caller's reach.
    pub pilot: Option<&'a Pilot>,
    /// The scheme of the pilot.
    pub scheme: Option<&'a Scheme>,
    /// The lists of reference data.
    pub lists: &'a [ReferenceEntry],
    /// The young workers of the cooperative's other needs.
    pub elsewhere: &'a [YoungWorker],
    /// The agency that leads the plan of the province.
    pub lead_agency: Option<Uuid>,
}

impl SupportNeed {
    /// Drafts a need, by the cooperative for its own pilot.
    pub fn draft(
        id: Uuid,
        new: NewSupportNeed,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let pilot = check::faults(&new, references, now)?;
        check::taking_part(pilot)?;
        Ok(Self {
            id,
            version: 1,
            pilot: pilot.id,
            cooperative: pilot.cooperative,
            province: pilot.province.clone(),
            unit: pilot.unit.clone(),
            items: new.items.into_iter().map(Item::requested).collect(),
            state: NeedState::Draft,
            submitted_on: None,
            consolidation: None,
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes it anew, while it is a draft or after it was returned.
    pub fn edit(
        self,
        new: NewSupportNeed,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_edit()?;
        if new.pilot != self.pilot {
            let (vi, en) = ("Không đổi được HTX thí điểm của nhu cầu.", "A need stays with its pilot.");
            return Err(Refusal::at(Rule::CannotChange, "/pilot", vi, en).given(&[("kept", &self.pilot)]));
        }
        let edited = Self::draft(self.id, new, references, caller, now)?;
        let Self { version, state, submitted_on, writers, recorded_at, .. } = self;
        Ok(Self { version: version + 1, state, submitted_on, writers: writers.and(caller), recorded_at, ..edited })
    }

    /// Whether it may be edited: a draft, or one that was returned.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        self.must_be(&[NeedState::Draft, NeedState::Returned], Rule::WrongState)
    }

    /// Whether it may be deleted: a draft that was never submitted.
    pub fn may_delete(&self) -> Result<(), Refusal> {
        self.must_be(&[NeedState::Draft], Rule::NotADraft)
    }

    /// Whether a caller may take a step now, as far as that does not depend on what the step says.
    pub fn may(&self, step: NeedStep, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        match step {
            NeedStep::Submit => self.may_edit(),
            NeedStep::Return | NeedStep::Consolidate => {
                self.must_be(&[NeedState::Submitted], Rule::WrongState)?;
                only_lead(caller, lead_agency)
            }
            NeedStep::Appraise | NeedStep::Approve => {
                self.must_be(&[NeedState::Consolidated], Rule::WrongState)?;
                self.writers.four_eyes(caller)
            }
        }
    }

    /// What the known rates say of it on a day.
    pub fn findings(&self, references: NeedReferences<'_>, day: NaiveDate) -> Vec<RateFinding> {
        let needed: Vec<NeededItem> = self.items.iter().map(|item| item.needed.clone()).collect();
        let rates = Rates { lists: references.lists, province: &self.province, day };
        rates.check(&needed, references.elsewhere)
    }

    /// Submits it to the lead agency. What breaks a firm rate cannot be submitted.
    pub fn submit(
        mut self,
        submission: SupportNeedSubmission,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let day = submission.submitted_on;
        now.not_in_future(day, "/submittedOn")?;
        self.may(NeedStep::Submit, caller, references.lead_agency)?;
        if let Some(pilot) = references.pilot {
            not_before(day, pilot.selected_on, "/submittedOn")?;
        }
        rates::refuse_unlisted(self.items.iter().map(|item| &item.needed))?;
        rates::refuse_broken(&self.findings(references, day))?;
        self.state = NeedState::Submitted;
        self.submitted_on = Some(day);
        self.writers = self.writers.clone().and(caller);
        let taken = StepTaken { on_date: Some(day), ..StepTaken::new(NeedStep::Submit.name(), caller, now) };
        Ok((self.touched(now), taken))
    }

    /// Returns it to the cooperative.
    pub fn send_back(
        mut self,
        back: SupportNeedReturn,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        self.may(NeedStep::Return, caller, lead_agency)?;
        self.state = NeedState::Returned;
        let comment = Some(back.comment);
        Ok((self.touched(now), StepTaken { comment, ..StepTaken::new(NeedStep::Return.name(), caller, now) }))
    }

    /// Consolidates it into the needs of the province.
    pub fn consolidate(
        mut self,
        body: SupportNeedConsolidation,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedConsolidation { document_number, document_date } = body;
        now.not_in_future(document_date, "/documentDate")?;
        self.may(NeedStep::Consolidate, caller, lead_agency)?;
        if let Some(submitted_on) = self.submitted_on {
            not_before(document_date, submitted_on, "/documentDate")?;
        }
        self.state = NeedState::Consolidated;
        self.consolidation = Some(act(&document_number, document_date, None, caller, now));
        let taken = numbered(NeedStep::Consolidate, &document_number, document_date, caller, now);
        Ok((self.touched(now), taken))
    }

    /// Appraises items: recurrent ones by finance (2129/QĐ-UBND VII.3), others by the lead agency (VII.1).
    pub fn appraise(
        mut self,
        body: SupportNeedAppraisal,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedAppraisal { document_number, document_date, items } = body;
        now.not_in_future(document_date, "/documentDate")?;
        self.may(NeedStep::Appraise, caller, lead_agency)?;
        not_before(document_date, self.consolidated_on(document_date), "/documentDate")?;
        let mut refusals = Vec::new();
        for (at, upheld) in items.iter().enumerate() {
            let pointer = format!("/items/{at}");
            let Some(item) = self.item(upheld, &pointer, &mut refusals) else { continue };
            refusals.extend(upheld::appraised_already(item, upheld.item, &pointer));
            refusals.extend(upheld::may_appraise(item, &pointer, lead_agency, caller).err());
            refusals.extend(upheld::uphold(
                item,
                upheld,
                &pointer,
                |phase| phase.requested,
                |phase| &mut phase.appraised,
            ));
            item.appraisal = Some(act(&document_number, document_date, upheld.comment.clone(), caller, now));
        }
        Refusal::of_all(refusals)?;
        let taken = numbered(NeedStep::Appraise, &document_number, document_date, caller, now);
        Ok((self.touched(now), taken))
    }

    /// Approves items in whole or part, by the authority of their source; never by the person who appraised them.
    pub fn approve(
        mut self,
        body: SupportNeedApproval,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedApproval { decision_number, decision_date, items } = body;
        now.not_in_future(decision_date, "/decisionDate")?;
        self.may(NeedStep::Approve, caller, None)?;
        let mut refusals = Vec::new();
        for (at, upheld) in items.iter().enumerate() {
            let pointer = format!("/items/{at}");
            let Some(item) = self.item(upheld, &pointer, &mut refusals) else { continue };
            refusals.extend(upheld::approved_already(item, upheld.item, &pointer));
            refusals.extend(upheld::may_approve(item, upheld.item, &pointer, decision_date, caller));
            let most = |phase: &NeedPhase| phase.appraised.unwrap_or_default();
            refusals.extend(upheld::uphold(item, upheld, &pointer, most, |phase| &mut phase.approved));
            item.approval = Some(act(&decision_number, decision_date, upheld.comment.clone(), caller, now));
        }
        Refusal::of_all(refusals)?;
        let taken = numbered(NeedStep::Approve, &decision_number, decision_date, caller, now);
        Ok((self.touched(now), taken))
    }

    fn consolidated_on(&self, otherwise: NaiveDate) -> NaiveDate {
        self.consolidation.as_ref().map_or(otherwise, |act| act.date)
    }

    fn item(&mut self, upheld: &UpheldItem, pointer: &str, refusals: &mut Vec<Refusal>) -> Option<&mut Item> {
        let number = upheld.item;
        let found = usize::from(number).checked_sub(1).and_then(|at| self.items.get_mut(at));
        if found.is_none() {
            refusals.push(
                Refusal::at(
                    Rule::UnknownReference,
                    format!("{pointer}/item"),
                    format!("Nhu cầu không có mục số {number}."),
                    format!("The need has no item {number}."),
                )
                .given(&[("reference", &number)]),
            );
        }
        found
    }

    fn touched(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }

    fn must_be(&self, states: &[NeedState], rule: Rule) -> Result<(), Refusal> {
        if states.contains(&self.state) {
            return Ok(());
        }
        let (state, wanted) = (self.state.name(), states.iter().map(|state| state.name()).collect::<Vec<_>>());
        let wanted = wanted.join(", ");
        Err(Refusal::new(
            rule,
            format!(
                "Nhu cầu hỗ trợ {}; bước này cần ở trạng thái: {}.",
                vietnamese::state(state),
                vietnamese::states(&wanted)
            ),
            format!("The need is {state}; this step needs {wanted}."),
        )
        .given(&[("state", &state), ("allowed", &wanted)]))
    }
}

fn act(number: &str, date: NaiveDate, comment: Option<String>, caller: &Caller, now: Moment) -> NeedAct {
    NeedAct { number: number.to_owned(), date, by: caller.subject.clone(), at: now.0, comment }
}

fn numbered(step: NeedStep, number: &str, date: NaiveDate, caller: &Caller, now: Moment) -> StepTaken {
    let item = Some(number.to_owned());
    StepTaken { on_date: Some(date), item, ..StepTaken::new(step.name(), caller, now) }
}
