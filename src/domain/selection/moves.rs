//! The moves of a selection decision, and why one is refused.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::{
    Candidate, Choice, DecisionContent, DecisionReferences, DecisionState, Quota, Selection, SelectionDecision,
};
use crate::domain::application::{Application, ApplicationState, ApplicationStatus, only_lead};
use crate::domain::digest::digest;
use crate::domain::eligibility::ConditionVerdict;
use crate::domain::moment::Moment;
use crate::domain::pilot::{Pilot, PilotState};
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::role::Caller;
use crate::domain::text::Text;
use crate::domain::vietnamese;
use crate::domain::writers::Writers;

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
            read: references.digests(&content),
            content,
            state: DecisionState::Draft,
            amendments: Vec::new(),
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
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
        self.read = references.digests(&content);
        self.content = content;
        self.writers = self.writers.and(caller);
        Ok(self.next(now))
    }

    /// Approves the list, all or none (2129/QĐ-UBND VI.1): selects each application and opens its pilot.
    ///
    /// `candidates` are the applications of the decision, in its order.
    pub fn approve(
        mut self,
        candidates: Vec<Candidate>,
        quota: &Quota,
        caller: &Caller,
        now: Moment,
    ) -> Result<Selection, Refusal> {
        self.may_approve(&candidates, quota, caller)?;
        self.state = DecisionState::Approved { approved_by: caller.subject.clone() };
        let decision = self.next(now);
        let (mut applications, mut pilots) = (Vec::new(), Vec::new());
        for (candidate, choice) in candidates.into_iter().zip(&decision.content.choices) {
            let application = candidate.application.select(decision.id, now)?;
            let at = (choice, decision.content.date);
            pilots.push(Pilot::open(candidate.pilot, &decision, &application, at, (caller, now)));
            applications.push(application);
        }
        Ok(Selection { decision, applications, pilots })
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
            )
            .given(&[("state", &self.state.status().name())])),
        }
    }

    /// Whether this person may approve it now: order, four eyes, every application eligible, a place for each.
    pub fn may_approve(&self, candidates: &[Candidate], quota: &Quota, caller: &Caller) -> Result<(), Refusal> {
        if self.state != DecisionState::Draft {
            return Err(self.wrong_state("phê duyệt", "approved", "draft"));
        }
        self.writers.four_eyes(caller)?;
        ready(candidates, "/applications", self.content.date, &self.read)?;
        // At most as many pilots take part as the plan allows (167/QĐ-TTg; 2129/QĐ-UBND II.2: *tối đa 05 HTX tham gia*), on
        // every day from the date of the decision.
        quota.has_room(self.content.date, self.content.places(), "/applications")
    }

    /// Digest of what the decision says and of each application that it chooses as it was read: SHA-256 over the
    /// canonical JSON (RFC 8785) of the members that are published, without those of its life.
    pub fn content_hash(&self) -> String {
        let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices } =
            &self.content;
        let choice = |Choice { application, responsible_department }: &Choice| {
            let content_hash = self.read.get(application);
            json!({
                "application": application, "responsibleDepartment": responsible_department, "contentHash": content_hash,
            })
        };
        digest(&json!({
            "province": self.province, "scheme": self.scheme, "number": number, "date": date,
            "effectiveDate": effective_date, "signatory": signatory, "issuer": issuer,
            "proposal": {"number": proposal.number, "date": proposal.date}, "list": list,
            "applications": choices.iter().map(choice).collect::<Vec<_>>(),
        }))
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
                "Quyết định {} không thể {vi}; chỉ có thể khi ở trạng thái: {}.",
                vietnamese::state(state),
                vietnamese::states(allowed)
            ),
            format!("A decision that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
        .given(&[("state", &state), ("allowed", &allowed)])
    }
}

/// Whether each application can be selected by a decision of a date: not dated after it, not changed since it was read,
/// eligible. All or none; every reason is named. `list` is the member of the body that names them.
pub(super) fn ready(
    candidates: &[Candidate],
    list: &str,
    date: NaiveDate,
    read: &BTreeMap<Uuid, String>,
) -> Result<(), Refusal> {
    let placed = || candidates.iter().enumerate().map(|(at, one)| (format!("{list}/{at}/application"), one));
    let predated: Vec<Fault> = placed().filter_map(|(pointer, one)| one.predated(pointer, date)).collect();
    if !predated.is_empty() {
        let vi = format!("Quyết định ngày {date} có trước hồ sơ nộp hoặc trước ngày dừng thí điểm lần trước.");
        let en = format!("The decision of {date} precedes an application or the stop of an earlier pilot.");
        return Err(Refusal::new(Rule::StepPredated, vi, en).given(&[("date", &date)]).with_faults(predated));
    }
    let changed: Vec<Fault> = placed().filter_map(|(pointer, one)| one.changed(pointer, read)).collect();
    if !changed.is_empty() {
        let n = changed.len();
        let vi = format!("{n} hồ sơ không còn như khi lập quyết định; hãy soát lại và sửa dự thảo.");
        let en = format!("{n} application(s) differ from when the decision was written: review and edit the draft.");
        return Err(Refusal::new(Rule::ContentChanged, vi, en).given(&[("changed", &n)]).with_faults(changed));
    }
    let faults: Vec<Fault> = placed().flat_map(|(pointer, one)| one.faults(&pointer)).collect();
    if faults.is_empty() {
        return Ok(());
    }
    let (vi, en) = (
        "Quyết định phê duyệt toàn bộ hoặc không phê duyệt hồ sơ nào; có hồ sơ chưa đủ điều kiện.",
        "A decision selects all of its applications or none; some are not eligible.",
    );
    Err(Refusal::new(Rule::NotEligible, vi, en).with_faults(faults))
}

impl Candidate {
    /// What a decision of this date would precede: the submission of the application, or the stop of an earlier pilot
    /// of the cooperative, which would then count twice on a day.
    fn predated(&self, pointer: String, date: NaiveDate) -> Option<Fault> {
        let submitted_on = match self.application.state {
            ApplicationState::Submitted { submitted_on } => Some(submitted_on),
            _ => None,
        };
        let latest = submitted_on.max(self.stopped_on).filter(|latest| date < *latest)?;
        let id = self.application.id;
        let vi = format!("Ngày {date} trước ngày {latest} nộp hồ sơ này hoặc dừng thí điểm lần trước.");
        let en = format!("Application {id}: {date} lies before {latest}, when it was submitted or a pilot stopped.");
        Some(Fault::at(pointer, Rule::StepPredated.code(), vi, en).given(&[
            ("application", &id),
            ("date", &date),
            ("earliest", &latest),
        ]))
    }

    /// That this submitted application is not the one that was read when the decision was written.
    fn changed(&self, pointer: String, read: &BTreeMap<Uuid, String>) -> Option<Fault> {
        let (id, now) = (self.application.id, self.application.content_hash()?);
        let meant = read.get(&id).map_or("–", String::as_str);
        let inputs: [(&str, &dyn Display); 3] = [("application", &id), ("meant", &meant), ("held", &now)];
        let (vi, en) = match read.get(&id) {
            Some(then) if *then == now => return None,
            Some(then) => (
                "Hồ sơ này đã thay đổi sau khi lập quyết định; hãy đọc lại hồ sơ và sửa dự thảo.".to_owned(),
                format!("Application {id} changed after the decision was written: digest {then}, now {now}."),
            ),
            None => (
                "Quyết định chưa gắn với nội dung hồ sơ này.".to_owned(),
                format!("The decision is not bound to the content of application {id} (digest {now})."),
            ),
        };
        Some(Fault::at(pointer, Rule::ContentChanged.code(), vi, en).given(&inputs))
    }

    /// Why this application cannot be selected, each reason by itself.
    fn faults(&self, pointer: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (id, state) = (self.application.id, self.application.state.status());
        if state != ApplicationStatus::Submitted {
            let state = state.name();
            let vi = format!("Hồ sơ này {}; cần hồ sơ đã nộp.", vietnamese::state(state));
            let en = format!("The application {id} is {state}, not submitted.");
            let fault = Fault::at(pointer, Rule::WrongState.code(), vi, en);
            faults.push(fault.given(&[("application", &id), ("state", &state)]));
        }
        for answer in self.determination.conditions.iter().filter(|answer| answer.verdict != ConditionVerdict::Met) {
            let Text { vi, en } = &answer.explanation;
            let (rule, basis) = (&answer.rule, &answer.legal_basis);
            let vi = format!("Điều kiện {rule} ({basis}): {vi}");
            let en = format!("Application {id}, condition {rule} ({basis}): {en}");
            let verdict = answer.verdict.name();
            let mut inputs: Vec<(&str, &dyn Display)> =
                vec![("application", &id), ("condition", rule), ("verdict", &verdict), ("legalBasis", basis)];
            for used in &answer.inputs {
                if let Some(value) = &used.value {
                    inputs.push((&used.name, value));
                }
            }
            faults.push(Fault::at(pointer, Rule::NotEligible.code(), vi, en).given(&inputs));
        }
        faults
    }
}

impl Pilot {
    /// Opens the pilot of one choice.
    pub(super) fn open(
        id: Uuid,
        decision: &SelectionDecision,
        application: &Application,
        (choice, selected_on): (&Choice, NaiveDate),
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
            selected_on,
            state: PilotState::Active,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        }
    }
}
