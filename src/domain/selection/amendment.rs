//! A later decision that changes the list of a selection decision: adds applications within the quota, takes pilots off the
//! list, puts them in the hands of another department. The lead agency drafts it, the People's Committee approves it, and
//! never one person both (2129/QĐ-UBND VI.1, VII). What the first decision said stays as it was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::moves::ready;
use super::{Candidate, Choice, HeldPlace, PilotList, Quota, SelectionDecision, is_department, unknown_department};
use crate::domain::agency::Agency;
use crate::domain::application::{Application, only_lead};
use crate::domain::digest::digest;
use crate::domain::evidence::DocumentReference;
use crate::domain::moment::Moment;
use crate::domain::pilot::{Leaving, Pilot, StopCause};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};
use crate::domain::vietnamese;
use crate::domain::writers::Writers;

names! {
    /// Where an amendment is in its life.
    AmendmentState {
        /// Written by the lead agency; nothing changes yet.
        Draft = "draft",
        /// In force.
        Approved = "approved",
    }
}

/// A later decision that changes a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The selection decision that it amends.
    pub decision: Uuid,
    /// Code of the province.
    pub province: String,
    /// Code of the scheme.
    pub scheme: String,
    /// What it says.
    pub terms: AmendmentTerms,
    /// Digest of each application that it adds, as it stood when the draft was written.
    pub read: BTreeMap<Uuid, String>,
    /// Who approved it (`sub`); nobody yet for a draft.
    pub approved_by: Option<String>,
    /// Who drafted it (`sub`).
    pub created_by: String,
    /// Everyone who wrote in it: none of them approves it.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What an amendment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendmentTerms {
    /// Its number.
    pub number: String,
    /// The date it bears.
    pub date: NaiveDate,
    /// Who signs.
    pub signatory: String,
    /// Why.
    pub reason: String,
    /// The document itself.
    pub document: Option<DocumentReference>,
    /// The applications that it adds to the list.
    pub additions: Vec<Choice>,
    /// The applications whose pilots it takes off the list.
    pub removals: Vec<Uuid>,
    /// The applications whose pilots another department is responsible for.
    pub reassignments: Vec<Choice>,
}

/// What an amendment refers to, as far as the caller reaches it.
#[derive(Debug, Clone, Copy)]
pub struct AmendmentReferences<'a> {
    /// The decision that it amends.
    pub decision: &'a SelectionDecision,
    /// The agency that leads the plan in force.
    pub lead_agency: Uuid,
    /// The pilots that the decision and its amendments opened.
    pub opened: &'a [Pilot],
    /// The applications to be added that were found.
    pub applications: &'a [Application],
    /// The agencies that were found.
    pub departments: &'a [Agency],
}

/// What the approval of an amendment brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The amendment, in force.
    pub amendment: Amendment,
    /// The decision, with its amendment.
    pub decision: SelectionDecision,
    /// The pilots that are off the list, with their applications.
    pub stopped: Vec<(Pilot, Application)>,
    /// The pilots that are on the list now, with their applications.
    pub added: Vec<(Pilot, Application)>,
    /// The pilots under another department.
    pub reassigned: Vec<Pilot>,
}

impl AmendmentTerms {
    /// Checks the body alone: something changes, and nothing twice.
    ///
    /// # Errors
    /// Every fault.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.date, "/date").err());
        let named = self.named();
        if named.is_empty() {
            let (vi, en) = ("Quyết định điều chỉnh không thay đổi gì.", "The amendment changes nothing.");
            faults.push(Refusal::at(Rule::AmendmentEmpty, "", vi, en).given(&[("changes", &0)]));
        }
        let mut seen = BTreeSet::new();
        for (pointer, application) in named {
            if !seen.insert(application) {
                let vi = "Hồ sơ này có hai lần.";
                let en = format!("The application {application} is given twice.");
                let refusal = Refusal::at(Rule::RepeatedItem, pointer, vi, en);
                faults.push(refusal.given(&[("item", &application)]));
            }
        }
        Refusal::of_all(faults)
    }

    /// The applications that it names, each with its place in the body.
    fn named(&self) -> Vec<(String, Uuid)> {
        let of = |list: &str, choices: &[Choice]| -> Vec<(String, Uuid)> {
            let at = |(at, choice): (usize, &Choice)| (format!("/{list}/{at}/application"), choice.application);
            choices.iter().enumerate().map(at).collect()
        };
        let removals = self.removals.iter().enumerate().map(|(at, id)| (format!("/removals/{at}"), *id));
        let added = of("additions", &self.additions).into_iter();
        added.chain(removals).chain(of("reassignments", &self.reassignments)).collect()
    }

    /// The departments that it names, each with its place in the body.
    fn departments(&self) -> impl Iterator<Item = (String, Uuid)> {
        let lists = [("additions", &self.additions), ("reassignments", &self.reassignments)];
        lists.into_iter().flat_map(|(list, choices)| {
            let at = move |(at, choice): (usize, &Choice)| {
                (format!("/{list}/{at}/responsibleDepartment"), choice.responsible_department)
            };
            choices.iter().enumerate().map(at)
        })
    }

    /// What it refers to is there: the applications to add are of the province and scheme and not on the list, the others
    /// are on it, the departments are of the province.
    fn refers_rightly(&self, references: &AmendmentReferences<'_>) -> Result<(), Refusal> {
        let AmendmentReferences { decision, opened, applications, departments, .. } = references;
        let on_list = |id: Uuid| opened.iter().any(|pilot| pilot.application == id);
        let fits = |id: Uuid| {
            let of_scheme = |one: &Application| one.province == decision.province && one.scheme == decision.scheme;
            applications.iter().any(|one| one.id == id && of_scheme(one)) && !on_list(id)
        };
        let mut faults = Vec::new();
        for (pointer, id) in self.named() {
            let (known, vi, en) = if pointer.starts_with("/additions") {
                let vi = "Không tìm thấy hồ sơ này của tỉnh ngoài danh sách.".to_owned();
                (fits(id), vi, format!("The province has no application {id} that is not on the list yet."))
            } else {
                let vi = "Quyết định không lựa chọn hồ sơ này.".to_owned();
                (on_list(id), vi, format!("The decision does not choose the application {id}."))
            };
            if !known {
                let refusal = Refusal::at(Rule::UnknownReference, pointer, vi, en);
                faults.push(refusal.given(&[("reference", &id)]));
            }
        }
        for (pointer, id) in self.departments() {
            if !is_department(departments, &decision.province, id, self.date) {
                faults.push(unknown_department(id, self.date, pointer));
            }
        }
        Refusal::of_all(faults)
    }
}

impl Amendment {
    /// Drafts an amendment: the agency that leads the province's plan. Applications are held against the conditions when it
    /// is approved.
    pub fn draft(
        id: Uuid,
        terms: AmendmentTerms,
        references: &AmendmentReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        terms.check(now)?;
        terms.refers_rightly(references)?;
        only_lead(caller, Some(references.lead_agency))?;
        references.decision.may_be_amended()?;
        references.decision.comes_later(&terms.number, terms.date)?;
        let SelectionDecision { id: decision, province, scheme, .. } = references.decision;
        Ok(Self {
            id,
            version: 1,
            decision: *decision,
            province: province.clone(),
            scheme: scheme.clone(),
            read: digests(&terms, references.applications),
            terms,
            approved_by: None,
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes the draft anew.
    pub fn edit(
        self,
        terms: AmendmentTerms,
        references: &AmendmentReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        terms.check(now)?;
        terms.refers_rightly(references)?;
        self.may_edit(caller, references.lead_agency)?;
        references.decision.comes_later(&terms.number, terms.date)?;
        let (read, writers) = (digests(&terms, references.applications), self.writers.clone().and(caller));
        Ok(Self { terms, read, writers, ..self.next(now) })
    }

    /// Where it is in its life.
    pub const fn state(&self) -> AmendmentState {
        if self.approved_by.is_some() { AmendmentState::Approved } else { AmendmentState::Draft }
    }

    /// Whether this agency may still write in it.
    pub fn may_edit(&self, caller: &Caller, lead_agency: Uuid) -> Result<(), Refusal> {
        self.is_draft(Rule::WrongState)?;
        only_lead(caller, Some(lead_agency))
    }

    /// Whether this agency may delete it: drafts only.
    pub fn may_delete(&self, caller: &Caller, lead_agency: Uuid) -> Result<(), Refusal> {
        self.is_draft(Rule::NotADraft)?;
        only_lead(caller, Some(lead_agency))
    }

    /// Whether this person may approve it now: order, four eyes, every added application eligible, a place for each.
    pub fn may_approve(
        &self,
        decision: &SelectionDecision,
        leaving: &[Leaving],
        candidates: &[Candidate],
        quota: &Quota,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        self.is_draft(Rule::WrongState)?;
        self.writers.four_eyes(caller)?;
        decision.may_be_amended()?;
        decision.comes_later(&self.terms.number, self.terms.date)?;
        ready(candidates, "/additions", self.terms.date, &self.read)?;
        let frees = |leaving: &&Leaving| {
            leaving.pilot.holds_place() && self.terms.removals.contains(&leaving.pilot.application)
        };
        let freed: Vec<Uuid> = leaving.iter().filter(frees).map(|leaving| leaving.pilot.application).collect();
        // Places that it frees count before those that it takes.
        let held = quota.held.iter().map(|place| {
            let is_freed = place.until.is_none() && freed.contains(&place.application);
            HeldPlace { until: if is_freed { Some(self.terms.date) } else { place.until }, ..*place }
        });
        let taken = quota.taken.saturating_sub(u32::try_from(freed.len()).unwrap_or(u32::MAX));
        let left = Quota { places: quota.places, taken, held: held.collect() };
        left.has_room(self.terms.date, self.places(decision), "/additions")
    }

    /// How many places of the quota it takes: the province's own list takes none.
    pub fn places(&self, decision: &SelectionDecision) -> u32 {
        match decision.content.list {
            PilotList::Scheme => u32::try_from(self.terms.additions.len()).unwrap_or(u32::MAX),
            PilotList::Provincial => 0,
        }
    }

    /// Approves it: all that it says, or nothing. `leaving` are the pilots of the decision, `candidates` the applications
    /// that it adds, in its order.
    pub fn approve(
        self,
        decision: SelectionDecision,
        leaving: Vec<Leaving>,
        candidates: Vec<Candidate>,
        quota: &Quota,
        caller: &Caller,
        now: Moment,
    ) -> Result<Amended, Refusal> {
        self.may_approve(&decision, &leaving, &candidates, quota, caller)?;
        let AmendmentTerms { date, reason, removals, reassignments, additions, .. } = &self.terms;
        let mut pilots: BTreeMap<Uuid, Leaving> =
            leaving.into_iter().map(|leaving| (leaving.pilot.application, leaving)).collect();
        let (mut stopped, mut reassigned, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (at, id) in removals.iter().enumerate() {
            let Some(leaving) = pilots.remove(id) else { continue };
            match leaving.stop(StopCause::Revocation, (*date, "/date"), reason.clone(), now) {
                Ok(both) => stopped.push(both),
                Err(refusal) => faults.push(refusal.placed(&format!("/removals/{at}"))),
            }
        }
        for (at, choice) in reassignments.iter().enumerate() {
            let Some(leaving) = pilots.remove(&choice.application) else { continue };
            match leaving.pilot.reassign(choice.responsible_department, now) {
                Ok(pilot) => reassigned.push(pilot),
                Err(refusal) => faults.push(refusal.placed(&format!("/reassignments/{at}/application"))),
            }
        }
        Refusal::of_all(faults)?;
        let mut added = Vec::new();
        for (candidate, choice) in candidates.into_iter().zip(additions) {
            let application = candidate.application.select(decision.id, now)?;
            let pilot = Pilot::open(candidate.pilot, &decision, &application, (choice, *date), (caller, now));
            added.push((pilot, application));
        }
        let amendment = Self { approved_by: Some(caller.subject.clone()), ..self.next(now) };
        let decision = decision.amended_by(amendment.clone(), now);
        Ok(Amended { amendment, decision, stopped, added, reassigned })
    }

    /// Digest of what it says and of each application that it adds as it was read: SHA-256 over the canonical JSON (RFC
    /// 8785) of the members that are published, without those of its life.
    pub fn content_hash(&self) -> String {
        let AmendmentTerms { number, date, signatory, reason, document, additions, removals, reassignments } =
            &self.terms;
        let choice = |Choice { application, responsible_department }: &Choice| {
            let mut choice = json!({"application": application, "responsibleDepartment": responsible_department});
            if let Some(read) = self.read.get(application) {
                choice["contentHash"] = json!(read);
            }
            choice
        };
        let mut said = json!({
            "decision": self.decision, "number": number, "date": date, "signatory": signatory, "reason": reason,
            "removals": removals,
            "additions": additions.iter().map(choice).collect::<Vec<_>>(),
            "reassignments": reassignments.iter().map(choice).collect::<Vec<_>>(),
        });
        if let Some(document) = document {
            said["document"] = json!(document);
        }
        digest(&said)
    }

    fn next(self, now: Moment) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: now.0, ..self }
    }

    fn is_draft(&self, rule: Rule) -> Result<(), Refusal> {
        if self.state() == AmendmentState::Draft {
            return Ok(());
        }
        let (number, state) = (&self.terms.number, self.state().name());
        let refusal = Refusal::new(
            rule,
            format!("Quyết định điều chỉnh {number} {}; chỉ có thể khi là dự thảo.", vietnamese::state(state)),
            format!("The amendment {number} is {state}; this can be done when it is: draft."),
        );
        Err(refusal.given(&[("state", &state), ("decisionNumber", number)]))
    }
}

/// The digests of the applications that are added, as they stand now.
fn digests(terms: &AmendmentTerms, applications: &[Application]) -> BTreeMap<Uuid, String> {
    let added = |one: &&Application| terms.additions.iter().any(|choice| choice.application == one.id);
    applications.iter().filter(added).filter_map(|one| Some((one.id, one.content_hash()?))).collect()
}
