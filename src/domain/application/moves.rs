//! The moves of an application, and why one is refused.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Applicant, Application, ApplicationContent, ApplicationState};
use crate::domain::condition::MandatoryCondition;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::role::{Caller, Role};
use crate::domain::scheme::{DossierItem, Scheme};
use crate::domain::vietnamese;
use crate::domain::writers::Writers;

impl Application {
    /// Begins a draft for a cooperative, under a scheme and the conditions of the province's own.
    pub fn draft(
        id: Uuid,
        applicant: Applicant,
        (scheme, own): (&Scheme, &[MandatoryCondition]),
        content: ApplicationContent,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(scheme, own)?;
        let Applicant { cooperative, province, unit } = applicant;
        Ok(Self {
            id,
            version: 1,
            cooperative,
            province,
            unit,
            scheme: scheme.code.clone(),
            content,
            state: ApplicationState::Draft,
            claim_reviews: Vec::new(),
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes the content anew, as long as it is with the cooperative.
    pub fn edit(
        mut self,
        (scheme, own): (&Scheme, &[MandatoryCondition]),
        content: ApplicationContent,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(scheme, own)?;
        self.may_edit()?;
        self.content = content;
        self.writers = self.writers.and(caller);
        Ok(self.next(now))
    }

    /// Sends the application in.
    pub fn submit(
        mut self,
        scheme: &Scheme,
        submitted_on: NaiveDate,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(submitted_on, "/submittedOn")?;
        self.may_submit(scheme)?;
        if let ApplicationState::Returned { returned_on, .. } = self.state {
            not_before(submitted_on, returned_on, "/submittedOn")?;
        }
        self.state = ApplicationState::Submitted { submitted_on };
        self.writers = self.writers.and(caller);
        Ok(self.next(now))
    }

    /// Checks an opinion (2129/QĐ-UBND VII: departments and localities choose and propose); it changes nothing here,
    /// it goes to the history.
    pub fn give_opinion(self, opinion_on: NaiveDate, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(opinion_on, "/opinionOn")?;
        not_before(opinion_on, self.may_give_opinion()?, "/opinionOn")?;
        Ok(self.next(now))
    }

    /// Sends the application back for correction.
    pub fn send_back(
        mut self,
        caller: &Caller,
        lead_agency: Option<Uuid>,
        returned_on: NaiveDate,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(returned_on, "/returnedOn")?;
        let submitted_on = self.may_send_back(caller, lead_agency)?;
        not_before(returned_on, submitted_on, "/returnedOn")?;
        self.state = ApplicationState::Returned { submitted_on, returned_on };
        Ok(self.next(now))
    }

    /// Takes the application back: taking part is voluntary (2129/QĐ-UBND I.3).
    pub fn withdraw(mut self, withdrawn_on: NaiveDate, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(withdrawn_on, "/withdrawnOn")?;
        not_before(withdrawn_on, self.may_withdraw()?, "/withdrawnOn")?;
        self.state = ApplicationState::Withdrawn { withdrawn_on };
        Ok(self.next(now))
    }

    /// Chosen by a decision. Only [`crate::domain::selection::SelectionDecision::approve`] calls this.
    pub(in crate::domain) fn select(mut self, decision: Uuid, now: Moment) -> Result<Self, Refusal> {
        let ApplicationState::Submitted { submitted_on } = self.state else {
            return Err(self.wrong_state("được lựa chọn", "selected", "submitted"));
        };
        self.state = ApplicationState::Selected { submitted_on, decision };
        Ok(self.next(now))
    }

    /// Its pilot stopped, on `closed_on`.
    pub fn close(mut self, closed_on: NaiveDate, now: Moment) -> Result<Self, Refusal> {
        let ApplicationState::Selected { decision, .. } = self.state else {
            return Err(self.wrong_state("đóng lại", "closed", "selected"));
        };
        self.state = ApplicationState::Closed { decision, closed_on };
        Ok(self.next(now))
    }

    /// Whether the cooperative may still write in it.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        match self.state {
            ApplicationState::Draft | ApplicationState::Returned { .. } => Ok(()),
            _ => Err(self.wrong_state("chỉnh sửa", "edited", "draft, returned")),
        }
    }

    /// Whether it may be deleted: only what was never sent in.
    pub fn may_delete(&self) -> Result<(), Refusal> {
        match self.state {
            ApplicationState::Draft => Ok(()),
            _ => Err(Refusal::new(
                Rule::NotADraft,
                format!("Hồ sơ {} không thể xóa; có thể rút hồ sơ.", vietnamese::state(self.state.status().name())),
                format!("An application that is {} cannot be deleted; withdraw it.", self.state.status().name()),
            )
            .given(&[("state", &self.state.status().name())])),
        }
    }

    /// Whether it may be sent in: a complete dossier (2129/QĐ-UBND III.2.1), every missing item named.
    pub fn may_submit(&self, scheme: &Scheme) -> Result<(), Refusal> {
        if self.may_edit().is_err() {
            return Err(self.wrong_state("nộp", "submitted", "draft, returned"));
        }
        let faults: Vec<Fault> = self
            .missing_items(scheme)
            .into_iter()
            .map(|item| {
                let vi = format!("Thiếu “{}”.", item.text.vi);
                let en = format!("“{}” ({}) is missing.", item.text.en, item.code);
                Fault::at("/dossier", Rule::DossierIncomplete.code(), vi, en).given(&[
                    ("item", &item.code),
                    ("itemVi", &item.text.vi),
                    ("itemEn", &item.text.en),
                ])
            })
            .collect();
        if faults.is_empty() {
            return Ok(());
        }
        let n = faults.len();
        let (vi, en) = (format!("Hồ sơ còn thiếu {n} thành phần bắt buộc."), format!("{n} required item(s) missing."));
        Err(Refusal::new(Rule::DossierIncomplete, vi, en).given(&[("missing", &n)]).with_faults(faults))
    }

    /// Whether opinions may be given; answers the day from which.
    pub fn may_give_opinion(&self) -> Result<NaiveDate, Refusal> {
        match self.state {
            ApplicationState::Submitted { submitted_on } => Ok(submitted_on),
            _ => Err(self.wrong_state("cho ý kiến", "given an opinion on", "submitted")),
        }
    }

    /// Whether this agency may send it back; answers the day from which. The power follows the plan's lead agency.
    pub fn may_send_back(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<NaiveDate, Refusal> {
        let ApplicationState::Submitted { submitted_on } = self.state else {
            return Err(self.wrong_state("trả lại", "returned", "submitted"));
        };
        only_lead(caller, lead_agency).map(|()| submitted_on)
    }

    /// Whether the cooperative may take it back; answers the day from which.
    pub fn may_withdraw(&self) -> Result<NaiveDate, Refusal> {
        match self.state {
            ApplicationState::Submitted { submitted_on } => Ok(submitted_on),
            ApplicationState::Returned { returned_on, .. } => Ok(returned_on),
            _ => Err(self.wrong_state("rút", "withdrawn", "submitted, returned")),
        }
    }

    /// The required items of the checklist that the dossier lacks.
    pub fn missing_items<'a>(&self, scheme: &'a Scheme) -> Vec<&'a DossierItem> {
        let present = |code: &str| self.content.dossier.iter().any(|entry| entry.code == code);
        scheme.dossier.iter().filter(|item| item.required && !present(&item.code)).collect()
    }

    /// The next version.
    pub(super) fn next(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }

    pub(super) fn wrong_state(&self, vi: &str, en: &str, allowed: &str) -> Refusal {
        let state = self.state.status().name();
        Refusal::new(
            Rule::WrongState,
            format!(
                "Hồ sơ {} không thể {vi}; chỉ có thể khi ở trạng thái: {}.",
                vietnamese::state(state),
                vietnamese::states(allowed)
            ),
            format!("An application that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
        .given(&[("state", &state), ("allowed", &allowed)])
    }
}

/// Refuses a step that is dated before what it follows.
pub(in crate::domain) fn not_before(day: NaiveDate, earliest: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    if day >= earliest {
        return Ok(());
    }
    let vi = format!("Ngày {day} trước ngày {earliest} của bước mà nó tiếp theo.");
    let en = format!("The date {day} lies before {earliest}, the date of what this step follows.");
    Err(Refusal::at(Rule::StepPredated, pointer, vi, en).given(&[("date", &day), ("earliest", &earliest)]))
}

/// Refuses to make a record about another thing than it was.
pub fn unchanged<T: PartialEq + std::fmt::Display>(before: &T, after: &T, pointer: &str) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    let (vi, en) = ("Không thể thay đổi sau khi đã lập.", "This cannot be changed once it is recorded.");
    Err(Refusal::at(Rule::CannotChange, pointer, vi, en).given(&[("kept", before)]))
}

/// The powers of the lead follow the plan's lead agency (2129/QĐ-UBND VII.1), where a plan names one.
pub(in crate::domain) fn only_lead(caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
    if caller.role == Role::LeadAgency && lead_agency.is_none_or(|lead| caller.acts_for(lead)) {
        return Ok(());
    }
    let lead = lead_agency.map_or_else(|| Role::LeadAgency.name().to_owned(), |lead| lead.to_string());
    Err(Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan đầu mối theo kế hoạch của tỉnh được thực hiện bước này.",
        "Only the agency that leads the province's plan may take this step.",
    )
    .given(&[("responsible", &lead)]))
}
