//! An application (*hồ sơ đăng ký tham gia Đề án*): what a cooperative sends in to become a pilot.
//!
//! Draft → submitted → selected, with returns for correction on the way. It stays the cooperative's own (2129/QĐ-UBND
//! I.3): agencies answer with opinions and returns, they never edit it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::evidence::DocumentReference;
use super::moment::Moment;
use super::refusal::{Fault, Refusal, Rule};
use super::role::{Caller, Role, names};
use super::scheme::{DossierItem, Scheme};

/// A cooperative's application to take part in a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The cooperative that applies.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its district or commune.
    pub unit: String,
    /// Code of the scheme applied to, such as `QD167-2021-2025`.
    pub scheme: String,
    /// What it says.
    pub content: ApplicationContent,
    /// Where it is in its life.
    pub state: ApplicationState,
    /// Who made it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What the cooperative writes, and may correct until it is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationContent {
    /// Code of the model along which it works: `A1` to `N4`.
    pub model: String,
    /// The documents of the dossier.
    pub dossier: Vec<DossierEntry>,
    /// The priority conditions that it claims.
    pub priority_claims: Vec<PriorityClaim>,
}

/// One document of the dossier, for one item of the scheme's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DossierEntry {
    /// Code of the item in the scheme's checklist.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "evaluation_2020")]
    pub code: String,
    /// The document.
    pub document: DocumentReference,
}

/// A priority condition (2129/QĐ-UBND III.2.2) that the cooperative claims to fulfil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriorityClaim {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub condition: String,
    /// What shows it.
    pub evidence: DocumentReference,
}

/// Where an application is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationState {
    /// Being written; nobody acts on it yet.
    Draft,
    /// Sent in; opinions may be given, a decision may select it.
    Submitted {
        /// The day it was sent in.
        submitted_on: NaiveDate,
    },
    /// Sent back for correction; it may be edited and submitted again.
    Returned {
        /// The day it had been sent in.
        submitted_on: NaiveDate,
        /// The day it was sent back.
        returned_on: NaiveDate,
    },
    /// Taken back by the cooperative, for good.
    Withdrawn {
        /// The day it was taken back.
        withdrawn_on: NaiveDate,
    },
    /// Chosen by a decision: a pilot is open.
    Selected {
        /// The day it had been sent in.
        submitted_on: NaiveDate,
        /// The decision.
        decision: Uuid,
    },
    /// Its pilot stopped; the cooperative may apply again.
    Closed {
        /// The decision that had chosen it.
        decision: Uuid,
        /// The day its pilot stopped.
        closed_on: NaiveDate,
    },
}

names! {
    /// The state of an application, by name.
    ApplicationStatus {
        /// Being written.
        Draft = "draft",
        /// Sent in.
        Submitted = "submitted",
        /// Sent back for correction.
        Returned = "returned",
        /// Taken back by the cooperative.
        Withdrawn = "withdrawn",
        /// Chosen by a decision.
        Selected = "selected",
        /// Its pilot stopped.
        Closed = "closed",
    }
}

impl ApplicationState {
    /// The state by name.
    pub const fn status(&self) -> ApplicationStatus {
        match self {
            Self::Draft => ApplicationStatus::Draft,
            Self::Submitted { .. } => ApplicationStatus::Submitted,
            Self::Returned { .. } => ApplicationStatus::Returned,
            Self::Withdrawn { .. } => ApplicationStatus::Withdrawn,
            Self::Selected { .. } => ApplicationStatus::Selected,
            Self::Closed { .. } => ApplicationStatus::Closed,
        }
    }
}

names! {
    /// What an agency thinks of an application.
    OpinionOutcome {
        /// In favour of selection.
        Favourable = "favourable",
        /// Against selection.
        Unfavourable = "unfavourable",
    }
}

impl ApplicationContent {
    /// Checks the codes against the scheme: each known, none twice. A dossier may still be incomplete.
    pub fn check(&self, scheme: &Scheme) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if scheme.model(&self.model).is_none() {
            let models: Vec<_> = scheme.models.iter().map(|model| model.code.as_str()).collect();
            faults.push(unknown("/model", "mô hình", "model", &self.model, &models));
        }
        let items: Vec<_> = scheme.dossier.iter().map(|item| item.code.as_str()).collect();
        let dossier = self.dossier.iter().map(|entry| entry.code.as_str());
        check_codes("/dossier", "code", ("thành phần hồ sơ", "dossier item"), dossier, &items, &mut faults);
        let priority: Vec<_> = scheme.priority.iter().map(|condition| condition.code.as_str()).collect();
        let claims = self.priority_claims.iter().map(|claim| claim.condition.as_str());
        let words = ("điều kiện ưu tiên", "priority condition");
        check_codes("/priorityClaims", "condition", words, claims, &priority, &mut faults);
        Refusal::of_all(faults)
    }
}

/// A code that the scheme does not have, with those it has.
fn unknown(pointer: &str, vi: &str, en: &str, code: &str, known: &[&str]) -> Refusal {
    let known = known.join(", ");
    Refusal::at(
        Rule::UnknownReference,
        pointer,
        format!("Đề án không có {vi} “{code}”. Các mã hợp lệ: {known}."),
        format!("The scheme has no {en} “{code}”. Known codes: {known}."),
    )
}

/// Each code known, none twice; the pointer names the member.
fn check_codes<'a>(
    array: &str,
    member: &str,
    (vi, en): (&str, &str),
    codes: impl Iterator<Item = &'a str>,
    known: &[&str],
    faults: &mut Vec<Refusal>,
) {
    let mut seen = BTreeSet::new();
    for (index, code) in codes.enumerate() {
        let pointer = format!("{array}/{index}/{member}");
        if !known.contains(&code) {
            faults.push(unknown(&pointer, vi, en, code, known));
        } else if !seen.insert(code) {
            let (vi, en) = (format!("Có hai lần {vi} “{code}”."), format!("The {en} “{code}” is given twice."));
            faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en));
        }
    }
}

impl Application {
    /// Begins a draft for a cooperative.
    pub fn draft(
        id: Uuid,
        applicant: Applicant,
        scheme: &Scheme,
        content: ApplicationContent,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(scheme)?;
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
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes the content anew, as long as it is with the cooperative.
    pub fn edit(mut self, scheme: &Scheme, content: ApplicationContent, now: Moment) -> Result<Self, Refusal> {
        content.check(scheme)?;
        self.may_edit()?;
        self.content = content;
        Ok(self.next(now))
    }

    /// Sends the application in.
    pub fn submit(mut self, scheme: &Scheme, submitted_on: NaiveDate, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(submitted_on, "/submittedOn")?;
        self.may_submit(scheme)?;
        if let ApplicationState::Returned { returned_on, .. } = self.state {
            not_before(submitted_on, returned_on, "/submittedOn")?;
        }
        self.state = ApplicationState::Submitted { submitted_on };
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

    /// Chosen by a decision. Only [`super::selection::SelectionDecision::approve`] calls this.
    pub(super) fn select(mut self, decision: Uuid, now: Moment) -> Result<Self, Refusal> {
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
                format!("Hồ sơ ở trạng thái “{}” không thể xóa; có thể rút hồ sơ.", self.state.status().name()),
                format!("An application that is {} cannot be deleted; withdraw it.", self.state.status().name()),
            )),
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
                let vi = format!("Thiếu “{}” ({}).", item.text.vi, item.code);
                let en = format!("“{}” ({}) is missing.", item.text.en, item.code);
                Fault::at("/dossier", Rule::DossierIncomplete.code(), vi, en)
            })
            .collect();
        if faults.is_empty() {
            return Ok(());
        }
        let n = faults.len();
        let (vi, en) = (format!("Hồ sơ còn thiếu {n} thành phần bắt buộc."), format!("{n} required item(s) missing."));
        Err(Refusal::new(Rule::DossierIncomplete, vi, en).with_faults(faults))
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
    fn next(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }

    fn wrong_state(&self, vi: &str, en: &str, allowed: &str) -> Refusal {
        let state = self.state.status().name();
        Refusal::new(
            Rule::WrongState,
            format!("Hồ sơ ở trạng thái “{state}” không thể {vi}; chỉ có thể khi ở trạng thái: {allowed}."),
            format!("An application that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
    }
}

/// Who applies, and where the cooperative is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its district or commune.
    pub unit: String,
}

/// Refuses a step that is dated before what it follows.
pub(super) fn not_before(day: NaiveDate, earliest: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    if day >= earliest {
        return Ok(());
    }
    let vi = format!("Ngày {day} trước ngày {earliest} của bước mà nó tiếp theo.");
    let en = format!("The date {day} lies before {earliest}, the date of what this step follows.");
    Err(Refusal::at(Rule::StepPredated, pointer, vi, en))
}

/// Refuses to make a record about another thing than it was.
pub fn unchanged<T: PartialEq>(before: &T, after: &T, pointer: &str) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    let (vi, en) = ("Không thể thay đổi sau khi đã lập.", "This cannot be changed once it is recorded.");
    Err(Refusal::at(Rule::CannotChange, pointer, vi, en))
}

/// The powers of the lead follow the plan's lead agency (2129/QĐ-UBND VII.1), where a plan names one.
pub(super) fn only_lead(caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
    if caller.role == Role::LeadAgency && (lead_agency.is_none() || caller.agency == lead_agency) {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan đầu mối theo kế hoạch của tỉnh được thực hiện bước này.",
        "Only the agency that leads the province's plan may take this step.",
    ))
}

#[cfg(test)]
pub(super) mod tests;
