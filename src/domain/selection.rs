//! A selection decision (*quyết định phê duyệt danh sách HTX thí điểm*): it chooses applications, all or none, and
//! opens their pilots.
//!
//! The lead agency drafts it on its own proposal, the provincial People's Committee approves it; a later decision may
//! revoke it. The scheme's list holds at most as many pilots as the province's plan allows.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::agency::Agency;
use super::application::{Application, ApplicationStatus, not_before, only_lead};
use super::eligibility::{ConditionVerdict, Determination};
use super::moment::Moment;
use super::pilot::{Pilot, PilotState, StopCause};
use super::refusal::{Fault, Refusal, Rule};
use super::role::{Caller, Role, names};
use super::scheme::Scheme;
use super::text::Text;

/// A decision on a list of pilots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionDecision {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// Code of the province that decides.
    pub province: String,
    /// Code of the scheme.
    pub scheme: String,
    /// What it says.
    pub content: DecisionContent,
    /// Whether it comes after the scheme's selection phase: a warning, since late starters exist (Lào Cai joined in
    /// July 2023).
    pub late: bool,
    /// Where it is in its life.
    pub state: DecisionState,
    /// Who drafted it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a decision says: written by the lead agency until it is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionContent {
    /// Number, such as `2128/QĐ-UBND`.
    pub number: String,
    /// The date it bears.
    pub date: NaiveDate,
    /// The day it takes effect: that date or later.
    pub effective_date: NaiveDate,
    /// Who signs.
    pub signatory: String,
    /// In whose name.
    pub issuer: DecisionIssuer,
    /// The lead agency's proposal.
    pub proposal: Proposal,
    /// The list that it adds to.
    pub list: PilotList,
    /// What it chooses.
    pub choices: Vec<Choice>,
}

names! {
    /// In whose name a decision is issued (An Giang: the chairperson).
    DecisionIssuer {
        /// The People's Committee as a body (*UBND tỉnh*).
        PeoplesCommittee = "peoples_committee",
        /// Its chairperson (*Chủ tịch UBND tỉnh*).
        Chairperson = "chairperson",
    }
}

/// The document by which the lead agency proposed the list (An Giang: 1996/SKHĐT-DN of 2021-08-30).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Number.
    pub number: String,
    /// The date it bears.
    pub date: NaiveDate,
}

names! {
    /// The list of pilots that a decision adds to.
    PilotList {
        /// The scheme's own list: the quota binds it.
        Scheme = "scheme",
        /// A longer list that the province pays for itself: outside the quota.
        Provincial = "provincial",
    }
}

/// One application chosen, and the line department that will be responsible for its pilot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The application.
    pub application: Uuid,
    /// The responsible line department (*sở chuyên ngành*).
    pub responsible_department: Uuid,
}

/// Where a decision is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionState {
    /// Written by the lead agency.
    Draft,
    /// In force; its pilots are open.
    Approved {
        /// Who approved it (`sub`).
        approved_by: String,
    },
    /// Revoked by a later decision; its pilots are stopped.
    Revoked {
        /// Who had approved it (`sub`).
        approved_by: String,
        /// The decision that revokes.
        revocation: Revocation,
    },
}

/// The later decision that revokes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its number.
    pub number: String,
    /// The date it bears.
    pub date: NaiveDate,
    /// Why.
    pub reason: String,
}

names! {
    /// The state of a decision, by name.
    DecisionStatus {
        /// Written by the lead agency.
        Draft = "draft",
        /// In force.
        Approved = "approved",
        /// Revoked by a later decision.
        Revoked = "revoked",
    }
}

impl DecisionState {
    /// The state by name.
    pub const fn status(&self) -> DecisionStatus {
        match self {
            Self::Draft => DecisionStatus::Draft,
            Self::Approved { .. } => DecisionStatus::Approved,
            Self::Revoked { .. } => DecisionStatus::Revoked,
        }
    }
}

/// One chosen application with the answer on its eligibility, and the identifier for its pilot.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The application.
    pub application: Application,
    /// Its eligibility, now.
    pub determination: Determination,
    /// The identifier that its pilot will have.
    pub pilot: Uuid,
}

/// The places of a province in the scheme's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many the approved plan of the province allows (167/QĐ-TTg: at most 5).
    pub places: u32,
    /// How many take part now.
    pub taken: u32,
}

/// What an approval or a revocation brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The decision.
    pub decision: SelectionDecision,
    /// The applications that it selects or releases.
    pub applications: Vec<Application>,
    /// The pilots that it opens or stops.
    pub pilots: Vec<Pilot>,
}

/// What a decision refers to, as far as the caller reaches it.
#[derive(Debug, Clone, Copy)]
pub struct DecisionReferences<'a> {
    /// Code of the province.
    pub province: &'a str,
    /// The scheme.
    pub scheme: &'a Scheme,
    /// The agency that leads the plan in force.
    pub lead_agency: Uuid,
    /// The applications that were found.
    pub applications: &'a [Application],
    /// The agencies that were found.
    pub departments: &'a [Agency],
}

impl DecisionReferences<'_> {
    fn has_application(&self, id: Uuid) -> bool {
        let fits =
            |found: &Application| found.id == id && found.province == self.province && found.scheme == self.scheme.code;
        self.applications.iter().any(fits)
    }

    fn has_department(&self, id: Uuid, at: NaiveDate) -> bool {
        let fits = |found: &Agency| {
            let of_province = found.province.as_deref() == Some(self.province);
            found.id == id && found.role == Role::LineDepartment && of_province && found.in_force_at(at)
        };
        self.departments.iter().any(fits)
    }
}

impl DecisionContent {
    /// Checks what must agree within the body, and that what it refers to is there: every fault.
    pub fn check(&self, references: &DecisionReferences<'_>, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.date, "/date").err());
        faults.extend(now.not_in_future(self.proposal.date, "/proposal/date").err());
        faults.extend(ordered("/effectiveDate", self.effective_date, self.date).err());
        faults.extend(ordered("/date", self.date, self.proposal.date).err());
        let mut seen = BTreeSet::new();
        for (index, Choice { application: id, responsible_department }) in self.choices.iter().enumerate() {
            let pointer = format!("/applications/{index}/application");
            if !references.has_application(*id) {
                let vi = format!("Không tìm thấy hồ sơ {id} của tỉnh cho Đề án này.");
                let en = format!("There is no application {id} of the province to this scheme.");
                faults.push(Refusal::at(Rule::UnknownReference, pointer, vi, en));
            } else if !seen.insert(id) {
                let (vi, en) = (format!("Hồ sơ {id} có hai lần."), format!("The application {id} is given twice."));
                faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en));
            }
            if !references.has_department(*responsible_department, self.date) {
                let pointer = format!("/applications/{index}/responsibleDepartment");
                let vi = format!("Không có sở chuyên ngành {responsible_department} của tỉnh vào ngày {}.", self.date);
                let en = format!("The province has no line department {responsible_department} on {}.", self.date);
                faults.push(Refusal::at(Rule::UnknownReference, pointer, vi, en));
            }
        }
        Refusal::of_all(faults)
    }

    /// How many places of the quota it takes: the province's own list takes none.
    pub fn places(&self) -> u32 {
        match self.list {
            PilotList::Scheme => u32::try_from(self.choices.len()).unwrap_or(u32::MAX),
            PilotList::Provincial => 0,
        }
    }
}

/// Two dates of one body, in order.
fn ordered(pointer: &str, later: NaiveDate, earlier: NaiveDate) -> Result<(), Refusal> {
    if later >= earlier {
        return Ok(());
    }
    let (vi, en) = (format!("Ngày {later} trước ngày {earlier}."), format!("The date {later} lies before {earlier}."));
    Err(Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en))
}

impl SelectionDecision {
    /// Drafts a decision: the agency that leads the province's plan.
    pub fn draft(
        id: Uuid,
        content: DecisionContent,
        references: &DecisionReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(references, now)?;
        only_lead(caller, Some(references.lead_agency))?;
        Ok(Self {
            id,
            version: 1,
            province: references.province.to_owned(),
            scheme: references.scheme.code.clone(),
            late: references.scheme.selects_late(content.date),
            content,
            state: DecisionState::Draft,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes the draft anew.
    pub fn edit(
        mut self,
        content: DecisionContent,
        references: &DecisionReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(references, now)?;
        self.may_edit(caller, references.lead_agency)?;
        self.late = references.scheme.selects_late(content.date);
        self.content = content;
        Ok(self.next(now))
    }

    /// Approves the list, all or none (2129/QĐ-UBND VI.1): selects each application and opens its pilot.
    ///
    /// `candidates` are the applications of the decision, in its order.
    pub fn approve(
        mut self,
        candidates: Vec<Candidate>,
        quota: Quota,
        caller: &Caller,
        now: Moment,
    ) -> Result<Selection, Refusal> {
        self.may_approve(&candidates, quota, caller)?;
        self.state = DecisionState::Approved { approved_by: caller.subject.clone() };
        let decision = self.next(now);
        let (mut applications, mut pilots) = (Vec::new(), Vec::new());
        for (candidate, choice) in candidates.into_iter().zip(&decision.content.choices) {
            let application = candidate.application.select(decision.id, now)?;
            pilots.push(Pilot::open(candidate.pilot, &decision, &application, choice, (caller, now)));
            applications.push(application);
        }
        Ok(Selection { decision, applications, pilots })
    }

    /// Revokes the decision by a later one and stops its pilots that still take part, each with its application.
    pub fn revoke(
        mut self,
        pilots: Vec<(Pilot, Application)>,
        revocation: Revocation,
        now: Moment,
    ) -> Result<Selection, Refusal> {
        let date = revocation.date;
        now.not_in_future(date, "/date")?;
        let approved_by = self.may_revoke()?.to_owned();
        not_before(date, self.content.date, "/date")?;
        let participating = pilots.into_iter().filter(|(pilot, _)| pilot.state.is_participating());
        let (mut applications, mut stopped) = (Vec::new(), Vec::new());
        for (pilot, application) in participating {
            let reason = revocation.reason.clone();
            stopped.push(pilot.stop(StopCause::Revocation, (date, "/date"), reason, now)?);
            applications.push(application.close(date, now)?);
        }
        self.state = DecisionState::Revoked { approved_by, revocation };
        Ok(Selection { decision: self.next(now), applications, pilots: stopped })
    }

    /// Whether this agency may still write in it.
    pub fn may_edit(&self, caller: &Caller, lead_agency: Uuid) -> Result<(), Refusal> {
        match self.state {
            DecisionState::Draft => only_lead(caller, Some(lead_agency)),
            _ => Err(self.wrong_state("chỉnh sửa", "edited", "draft")),
        }
    }

    /// Whether this agency may delete it: drafts only.
    pub fn may_delete(&self, caller: &Caller, lead_agency: Uuid) -> Result<(), Refusal> {
        match self.state {
            DecisionState::Draft => only_lead(caller, Some(lead_agency)),
            _ => Err(Refusal::new(
                Rule::NotADraft,
                "Quyết định đã được phê duyệt không thể xóa; có thể thu hồi bằng quyết định sau.",
                "A decision that was approved cannot be deleted; a later decision may revoke it.",
            )),
        }
    }

    /// Whether this person may approve it now: order, four eyes, every application eligible, a place for each.
    pub fn may_approve(&self, candidates: &[Candidate], quota: Quota, caller: &Caller) -> Result<(), Refusal> {
        if self.state != DecisionState::Draft {
            return Err(self.wrong_state("phê duyệt", "approved", "draft"));
        }
        if self.created_by == caller.subject {
            return Err(Refusal::new(
                Rule::FourEyes,
                "Người lập dự thảo quyết định không được phê duyệt quyết định đó.",
                "The person who drafted the decision may not approve it.",
            ));
        }
        let faults: Vec<Fault> =
            candidates.iter().enumerate().flat_map(|(index, candidate)| candidate.faults(index)).collect();
        if !faults.is_empty() {
            let (vi, en) = (
                "Quyết định phê duyệt toàn bộ hoặc không phê duyệt hồ sơ nào; có hồ sơ chưa đủ điều kiện.",
                "A decision selects all of its applications or none; some are not eligible.",
            );
            return Err(Refusal::new(Rule::NotEligible, vi, en).with_faults(faults));
        }
        self.check_quota(quota)
    }

    /// Whether it may be revoked; answers who had approved it.
    pub fn may_revoke(&self) -> Result<&str, Refusal> {
        match &self.state {
            DecisionState::Approved { approved_by } => Ok(approved_by),
            _ => Err(self.wrong_state("thu hồi", "revoked", "approved")),
        }
    }

    /// At most as many pilots take part as the plan allows (167/QĐ-TTg; 2129/QĐ-UBND II.2: *tối đa 05 HTX tham gia*).
    fn check_quota(&self, quota: Quota) -> Result<(), Refusal> {
        let asked = self.content.places();
        if asked == 0 || quota.taken.saturating_add(asked) <= quota.places {
            return Ok(());
        }
        Err(self.quota_exceeded(quota))
    }

    /// The refusal when there is not a place for each.
    pub fn quota_exceeded(&self, Quota { places, taken }: Quota) -> Refusal {
        let asked = self.content.places();
        let left = places.saturating_sub(taken);
        Refusal::at(
            Rule::QuotaExceeded,
            "/applications",
            format!("Tỉnh được tối đa {places} HTX thí điểm, đã có {taken}, còn {left}; quyết định này chọn {asked}."),
            format!(
                "The province may have {places} pilots, has {taken}, so {left} left; this decision chooses {asked}."
            ),
        )
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
            format!("Quyết định ở trạng thái “{state}” không thể {vi}; chỉ có thể khi ở trạng thái: {allowed}."),
            format!("A decision that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
    }
}

impl Candidate {
    /// Why this application cannot be selected, each reason by itself.
    fn faults(&self, index: usize) -> Vec<Fault> {
        let pointer = format!("/applications/{index}/application");
        let mut faults = Vec::new();
        let (id, state) = (self.application.id, self.application.state.status());
        if state != ApplicationStatus::Submitted {
            let state = state.name();
            let vi = format!("Hồ sơ {id} ở trạng thái “{state}”, không phải “submitted”.");
            let en = format!("The application {id} is {state}, not submitted.");
            faults.push(Fault::at(&pointer, Rule::WrongState.code(), vi, en));
        }
        for answer in self.determination.conditions.iter().filter(|answer| answer.verdict != ConditionVerdict::Met) {
            let Text { vi, en } = &answer.explanation;
            let (rule, basis) = (&answer.rule, &answer.legal_basis);
            let vi = format!("Hồ sơ {id}, điều kiện {rule} ({basis}): {vi}");
            let en = format!("Application {id}, condition {rule} ({basis}): {en}");
            faults.push(Fault::at(&pointer, Rule::NotEligible.code(), vi, en));
        }
        faults
    }
}

impl Pilot {
    /// Opens the pilot of one choice.
    fn open(
        id: Uuid,
        decision: &SelectionDecision,
        application: &Application,
        choice: &Choice,
        (caller, now): (&Caller, Moment),
    ) -> Self {
        Self {
            id,
            version: 1,
            cooperative: application.cooperative,
            province: application.province.clone(),
            unit: application.unit.clone(),
            scheme: decision.scheme.clone(),
            application: application.id,
            decision: decision.id,
            model: application.content.model.clone(),
            list: decision.content.list,
            responsible_department: choice.responsible_department,
            selected_on: decision.content.date,
            state: PilotState::Active,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        }
    }
}

#[cfg(test)]
mod tests;
