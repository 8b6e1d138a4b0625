//! A selection decision (*quyết định phê duyệt danh sách HTX thí điểm*): it chooses applications, all or none, and
//! opens their pilots.
//!
//! The lead agency drafts it on its own proposal, the provincial People's Committee approves it; a later decision may
//! amend or revoke it: who is taken off the list gives the place of the quota back. The scheme's list holds at most as many pilots as the province's plan allows.

mod amendment;
mod changes;
mod moves;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::amendment::{Amended, Amendment, AmendmentReferences, AmendmentState, AmendmentTerms};
use super::agency::Agency;
use super::application::Application;
use super::eligibility::Determination;
use super::moment::Moment;
use super::pilot::Pilot;
use super::refusal::{Refusal, Rule};
use super::role::{Role, names};
use super::scheme::Scheme;
use super::writers::Writers;

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
    /// Digest of each chosen application as it stood when the decision was written. One that was not submitted then
    /// has none, nor have those of decisions written before digests were kept.
    pub read: BTreeMap<Uuid, String>,
    /// Whether it comes after the scheme's selection phase: a warning, since late starters exist (Lào Cai joined in
    /// July 2023).
    pub late: bool,
    /// Where it is in its life.
    pub state: DecisionState,
    /// The later decisions that amended it, in the order of their dates. What it said at first stays in its content.
    pub amendments: Vec<Amendment>,
    /// Who drafted it (`sub`).
    pub created_by: String,
    /// Everyone who wrote in it: none of them approves it.
    pub writers: Writers,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The last day that an earlier pilot of its cooperative stopped, if one did.
    pub stopped_on: Option<NaiveDate>,
    /// The identifier that its pilot will have.
    pub pilot: Uuid,
}

/// The places of a province in the scheme's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// How many the approved plan of the province allows (167/QĐ-TTg: at most 5).
    pub places: u32,
    /// How many take part now.
    pub taken: u32,
    /// Each place that is or was held, with its days.
    pub held: Vec<HeldPlace>,
}

/// A place of the scheme's list, by the legal days on which a pilot holds or held it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldPlace {
    /// The application whose pilot it is.
    pub application: Uuid,
    /// The date of the decision that selected it.
    pub from: NaiveDate,
    /// The day it stopped, on which the place is free again; absent while it is held.
    pub until: Option<NaiveDate>,
}

impl HeldPlace {
    fn is_held_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| until > day)
    }
}

impl Quota {
    /// Refuses places that are not there on the date of a decision or on a day after it: what is recorded later is counted as
    /// of the day that it bears.
    ///
    /// # Errors
    /// [`Rule::QuotaExceeded`], with the day on which there are too many and the day from which there is room.
    fn has_room(&self, date: NaiveDate, asked: u32, pointer: &str) -> Result<(), Refusal> {
        if asked == 0 {
            return Ok(());
        }
        if self.taken.saturating_add(asked) > self.places {
            return Err(quota_exceeded(self, asked, pointer));
        }
        let taken_on = |day: NaiveDate| {
            u32::try_from(self.held.iter().filter(|place| place.is_held_on(day)).count()).unwrap_or(u32::MAX)
        };
        let is_full = |day: &NaiveDate| taken_on(*day).saturating_add(asked) > self.places;
        // The number rises on days of selection alone.
        let days: BTreeSet<NaiveDate> =
            self.held.iter().map(|place| place.from).filter(|from| *from > date).chain([date]).collect();
        let Some(day) = days.iter().copied().find(is_full) else { return Ok(()) };
        let is_free_from = |from: &NaiveDate| !is_full(from) && !days.range(*from..).any(is_full);
        let mut stops: Vec<NaiveDate> = self.held.iter().filter_map(|place| place.until).collect();
        stops.sort_unstable();
        let free_from = stops.into_iter().filter(|stop| *stop > day).find(is_free_from);
        Err(full_on(self, asked, (day, taken_on(day)), free_from, pointer))
    }
}

/// The refusal when there was not a place for each on a day, though there is one now.
fn full_on(
    Quota { places, .. }: &Quota,
    asked: u32,
    (day, taken): (NaiveDate, u32),
    free_from: Option<NaiveDate>,
    pointer: &str,
) -> Refusal {
    let left = places.saturating_sub(taken);
    let (vi, en) = match free_from {
        Some(free) => (
            format!(" Chỗ chỉ trống từ ngày {free}, khi một HTX thí điểm dừng."),
            format!(" A place is free only from {free}, when a pilot stopped."),
        ),
        None => (String::new(), String::new()),
    };
    let free = free_from.map_or_else(|| "–".to_owned(), |free| free.to_string());
    Refusal::at(
        Rule::QuotaExceeded,
        pointer,
        format!("Ngày {day} tỉnh đã có {taken} trong tối đa {places} HTX thí điểm, còn {left}; quyết định này chọn {asked}.{vi}"),
        format!("On {day} the province had {taken} of at most {places} pilots, so {left} left; this decision chooses {asked}.{en}"),
    )
    .given(&[("quota", places), ("taken", &taken), ("left", &left), ("asked", &asked), ("date", &day), ("freeFrom", &free)])
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
    /// The date of that plan.
    pub plan_date: NaiveDate,
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

    /// The digests of the applications that are chosen, as they stand now.
    fn digests(&self, content: &DecisionContent) -> BTreeMap<Uuid, String> {
        let chosen = |found: &&Application| content.choices.iter().any(|choice| choice.application == found.id);
        let digest = |found: &Application| Some((found.id, found.content_hash()?));
        self.applications.iter().filter(chosen).filter_map(digest).collect()
    }

    fn has_department(&self, id: Uuid, at: NaiveDate) -> bool {
        is_department(self.departments, self.province, id, at)
    }
}

impl DecisionContent {
    /// Checks what must agree within the body, and that what it refers to is there: every fault.
    pub fn check(&self, references: &DecisionReferences<'_>, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.date, "/date").err());
        faults.extend(now.not_in_future(self.proposal.date, "/proposal/date").err());
        faults.extend(ordered("/effectiveDate", self.effective_date, self.date).err());
        // No text sets how far ahead a decision may take effect; read as one year at most, so that a slip of the pen is
        // told.
        let latest = self.date.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
        if self.effective_date > latest {
            let effective = self.effective_date;
            let vi = format!("Ngày hiệu lực {effective} sau ngày {latest}, một năm sau ngày quyết định.");
            let en = format!("The effective date {effective} lies after {latest}, a year from the decision.");
            faults.push(
                Refusal::at(Rule::DatesOutOfOrder, "/effectiveDate", vi, en)
                    .given(&[("date", &effective), ("limit", &latest)]),
            );
        }
        faults.extend(ordered("/date", self.date, self.proposal.date).err());
        // Pilots are selected under the plan in force, never before it.
        faults.extend(ordered("/date", self.date, references.plan_date).err());
        let mut seen = BTreeSet::new();
        for (index, Choice { application: id, responsible_department }) in self.choices.iter().enumerate() {
            let pointer = format!("/applications/{index}/application");
            if !references.has_application(*id) {
                let vi = "Không tìm thấy hồ sơ này của tỉnh cho Đề án.".to_owned();
                let en = format!("There is no application {id} of the province to this scheme.");
                faults.push(Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &id)]));
            } else if !seen.insert(id) {
                let (vi, en) = ("Hồ sơ này có hai lần.".to_owned(), format!("The application {id} is given twice."));
                faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &id)]));
            }
            if !references.has_department(*responsible_department, self.date) {
                let pointer = format!("/applications/{index}/responsibleDepartment");
                faults.push(unknown_department(*responsible_department, self.date, pointer));
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

/// Whether an agency is a line department of a province on a day.
fn is_department(found: &[Agency], province: &str, id: Uuid, at: NaiveDate) -> bool {
    let fits = |found: &Agency| {
        let of_province = found.province.as_deref() == Some(province);
        found.id == id && found.role == Role::LineDepartment && of_province && found.in_force_at(at)
    };
    found.iter().any(fits)
}

/// The refusal when there is not a place for each.
pub fn quota_exceeded(Quota { places, taken, .. }: &Quota, asked: u32, pointer: &str) -> Refusal {
    let left = places.saturating_sub(*taken);
    let refusal = Refusal::at(
        Rule::QuotaExceeded,
        pointer,
        format!("Tỉnh được tối đa {places} HTX thí điểm, đã có {taken}, còn {left}; quyết định này chọn {asked}."),
        format!("The province may have {places} pilots, has {taken}, so {left} left; this decision chooses {asked}."),
    );
    refusal.given(&[("quota", places), ("taken", taken), ("left", &left), ("asked", &asked)])
}

fn unknown_department(id: Uuid, at: NaiveDate, pointer: String) -> Refusal {
    let vi = format!("Tỉnh không có sở chuyên ngành này vào ngày {at}.");
    let en = format!("The province has no line department {id} on {at}.");
    Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &id), ("date", &at)])
}

/// Two dates of one body, in order.
fn ordered(pointer: &str, later: NaiveDate, earlier: NaiveDate) -> Result<(), Refusal> {
    if later >= earlier {
        return Ok(());
    }
    let (vi, en) = (format!("Ngày {later} trước ngày {earlier}."), format!("The date {later} lies before {earlier}."));
    Err(Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en).given(&[("date", &later), ("limit", &earlier)]))
}

#[cfg(test)]
mod tests;
