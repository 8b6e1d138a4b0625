//! A condition of a province's own (*điều kiện riêng của tỉnh*), beside those of the scheme: drafted by the agency that
//! leads the province's plan, approved by the People's Committee, ended by a later decision.
//!
//! Source: 2129/QĐ-UBND III.1, VII.1 (departments and localities choose; the lead agency proposes). Hà Nội asks a sixth
//! condition of its own. It is decided like those of the scheme; see [`eligibility`](super::eligibility).

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::application::{not_before, only_lead};
use super::condition::{ConditionKind, ConditionParameters, MandatoryCondition};
use super::digest::digest;
use super::moment::Moment;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, names};
use super::text::Text;
use super::writers::Writers;

/// A condition that a province adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvincialCondition {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// Code of the province.
    pub province: String,
    /// Code of the scheme.
    pub scheme: String,
    /// What it says.
    pub content: ConditionContent,
    /// Where it is in its life.
    pub state: ConditionState,
    /// Who drafted it (`sub`).
    pub created_by: String,
    /// Everyone who wrote in it: none of them approves it.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a condition of a province says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionContent {
    /// Code, unique in the province and scheme: `T1`…
    pub code: String,
    /// What decides it: a kind of the scheme's conditions, or `attested`.
    pub kind: ConditionKind,
    /// The condition in words.
    pub text: Text,
    /// What it is decided by.
    pub parameters: ConditionParameters,
    /// Number of the province's decision that lays it down.
    pub decision_number: String,
    /// The date that the decision bears.
    pub decision_date: NaiveDate,
    /// Where in the decision it stands.
    pub article: String,
    /// First day in force: that of the decision or later.
    pub valid_from: NaiveDate,
    /// Last day in force, where the decision names one.
    pub valid_to: Option<NaiveDate>,
}

/// Where a condition is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConditionState {
    /// Written by the lead agency; nobody is held to it.
    Draft,
    /// Approved: in force on its days.
    Approved {
        /// Who approved it (`sub`).
        approved_by: String,
    },
    /// Ended by a later decision; until its last day it stays in force.
    Ended {
        /// Who had approved it (`sub`).
        approved_by: String,
        /// The decision that ends it.
        ending: Ending,
    },
}

/// The decision that ends a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its number.
    pub number: String,
    /// The date it bears.
    pub date: NaiveDate,
    /// The last day on which the condition is in force.
    pub last_day: NaiveDate,
}

names! {
    /// The state of a condition of a province, by name.
    ConditionStatus {
        /// Written by the lead agency.
        Draft = "draft",
        /// In force on its days.
        Approved = "approved",
        /// Ended by a later decision.
        Ended = "ended",
    }
}

impl ConditionState {
    /// The state by name.
    pub const fn status(&self) -> ConditionStatus {
        match self {
            Self::Draft => ConditionStatus::Draft,
            Self::Approved { .. } => ConditionStatus::Approved,
            Self::Ended { .. } => ConditionStatus::Ended,
        }
    }
}

impl ConditionContent {
    /// Checks the dates and that the parameters are those of the kind: every fault.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.decision_date, "/decisionDate").err());
        if self.valid_from < self.decision_date {
            let (from, date) = (self.valid_from, self.decision_date);
            let vi = format!("Ngày hiệu lực {from} trước ngày quyết định {date}.");
            let en = format!("It is in force from {from}, before the decision of {date}.");
            faults.push(
                Refusal::at(Rule::DatesOutOfOrder, "/validFrom", vi, en).given(&[("date", &from), ("limit", &date)]),
            );
        }
        faults.extend(self.condition(self.valid_to).check().err());
        Refusal::of_all(faults)
    }

    fn condition(&self, valid_to: Option<NaiveDate>) -> MandatoryCondition {
        let Self { code, kind, text, parameters, decision_number, decision_date, article, valid_from, valid_to: _ } =
            self.clone();
        let legal_basis = format!("{decision_number} ({decision_date}) {article}");
        MandatoryCondition { code, kind, text, parameters, valid_from, valid_to, legal_basis }
    }
}

impl ProvincialCondition {
    /// Drafts a condition: the agency that leads the province's plan.
    pub fn draft(
        id: Uuid,
        (province, scheme): (String, String),
        content: ConditionContent,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(now)?;
        only_lead(caller, lead_agency)?;
        Ok(Self {
            id,
            version: 1,
            province,
            scheme,
            content,
            state: ConditionState::Draft,
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes the draft anew.
    pub fn edit(
        mut self,
        content: ConditionContent,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        content.check(now)?;
        self.may_edit(caller, lead_agency)?;
        self.content = content;
        self.writers = self.writers.and(caller);
        Ok(self.next(now))
    }

    /// Approves it: the People's Committee, not who wrote it.
    pub fn approve(mut self, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may_approve(caller)?;
        self.state = ConditionState::Approved { approved_by: caller.subject.clone() };
        Ok(self.next(now))
    }

    /// Ends it by a later decision. What was decided under it stays.
    pub fn end(mut self, ending: Ending, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(ending.date, "/date")?;
        let approved_by = self.may_end()?.to_owned();
        not_before(ending.date, self.content.decision_date, "/date")?;
        not_before(ending.last_day, self.content.valid_from, "/lastDay")?;
        self.state = ConditionState::Ended { approved_by, ending };
        Ok(self.next(now))
    }

    /// Whether this agency may still write in it.
    pub fn may_edit(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        match self.state {
            ConditionState::Draft => only_lead(caller, lead_agency),
            _ => Err(self.wrong_state("chỉnh sửa", "edited", "draft")),
        }
    }

    /// Whether this agency may delete it: drafts only.
    pub fn may_delete(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        match self.state {
            ConditionState::Draft => only_lead(caller, lead_agency),
            _ => Err(Refusal::new(
                Rule::NotADraft,
                "Điều kiện đã được phê duyệt không thể xóa; có thể chấm dứt bằng quyết định sau.",
                "A condition that was approved cannot be deleted; a later decision may end it.",
            )
            .given(&[("state", &self.state.status().name())])),
        }
    }

    /// Whether this person may approve it.
    pub fn may_approve(&self, caller: &Caller) -> Result<(), Refusal> {
        match self.state {
            ConditionState::Draft => self.writers.four_eyes(caller),
            _ => Err(self.wrong_state("phê duyệt", "approved", "draft")),
        }
    }

    /// Whether it may be ended; answers who had approved it.
    pub fn may_end(&self) -> Result<&str, Refusal> {
        match &self.state {
            ConditionState::Approved { approved_by } => Ok(approved_by),
            _ => Err(self.wrong_state("chấm dứt", "ended", "approved")),
        }
    }

    /// The condition as applicants are held to it, once it was approved.
    pub fn condition(&self) -> Option<MandatoryCondition> {
        let own = self.content.valid_to;
        match &self.state {
            ConditionState::Draft => None,
            ConditionState::Approved { .. } => Some(self.content.condition(own)),
            ConditionState::Ended { ending, .. } => {
                let last = own.map_or(ending.last_day, |own| own.min(ending.last_day));
                Some(self.content.condition(Some(last)))
            }
        }
    }

    /// Digest of what it says: SHA-256 over the canonical JSON (RFC 8785) of the members that are published, without
    /// those of its life.
    pub fn content_hash(&self) -> String {
        let mut said = json!(self.content);
        said["province"] = json!(self.province);
        said["scheme"] = json!(self.scheme);
        digest(&said)
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
            format!(
                "Điều kiện {} không thể {vi}; chỉ có thể khi ở trạng thái: {}.",
                super::vietnamese::state(state),
                super::vietnamese::states(allowed)
            ),
            format!("A condition that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
        .given(&[("state", &state), ("allowed", &allowed)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::application::tests::{caller, day, now};
    use crate::domain::role::Role;

    const LEAD: Option<Uuid> = Some(Uuid::from_u128(7));

    fn content() -> ConditionContent {
        ConditionContent {
            code: "T1".to_owned(),
            kind: ConditionKind::Attested,
            text: Text::new("Tỷ lệ cung ứng cho thành viên đúng quy định", "Supply to members as the law asks"),
            parameters: ConditionParameters::default(),
            decision_number: "10/QĐ-UBND".to_owned(),
            decision_date: day("2021-07-01"),
            article: "Điều 2".to_owned(),
            valid_from: day("2021-07-05"),
            valid_to: Some(day("2021-12-31")),
        }
    }

    fn draft(content: ConditionContent) -> Result<ProvincialCondition, Refusal> {
        let lead = caller(Role::LeadAgency, "lead", 7);
        let of = ("01".to_owned(), "QD167-2021-2025".to_owned());
        ProvincialCondition::draft(Uuid::from_u128(1), of, content, LEAD, &lead, now())
    }

    fn ending(date: &str, last_day: &str) -> Ending {
        Ending { number: "20/QĐ-UBND".to_owned(), date: day(date), last_day: day(last_day) }
    }

    #[test]
    fn it_binds_once_approved_until_its_last_day() {
        let chair = caller(Role::PeoplesCommittee, "chair", 1);
        let drafted = draft(content()).unwrap();
        assert_eq!(drafted.condition(), None);
        let approved = drafted.approve(&chair, now()).unwrap();
        let condition = approved.condition().unwrap();
        assert_eq!((condition.valid_from, condition.valid_to), (day("2021-07-05"), Some(day("2021-12-31"))));
        assert_eq!(condition.legal_basis, "10/QĐ-UBND (2021-07-01) Điều 2");
        for (last_day, stays) in [("2021-08-31", "2021-08-31"), ("2022-06-30", "2021-12-31")] {
            let ended = approved.clone().end(ending("2021-08-15", last_day), now()).unwrap();
            assert_eq!(ended.condition().unwrap().valid_to, Some(day(stays)));
        }
        let refused = |ending| approved.clone().end(ending, now()).map(drop).unwrap_err().rule;
        assert_eq!(refused(ending("2021-06-30", "2021-08-31")), Rule::StepPredated);
        assert_eq!(refused(ending("2021-08-15", "2021-07-04")), Rule::StepPredated);
        assert_eq!(refused(ending("2021-09-21", "2021-12-31")), Rule::DateInFuture);
    }

    #[test]
    fn who_drafted_does_not_approve_and_another_agency_does_not_draft() {
        let hats = caller(Role::PeoplesCommittee, "lead", 1);
        assert_eq!(draft(content()).unwrap().approve(&hats, now()).unwrap_err().rule, Rule::FourEyes);
        let other = caller(Role::LeadAgency, "other", 8);
        assert_eq!(draft(content()).unwrap().may_edit(&other, LEAD).unwrap_err().rule, Rule::NotResponsible);
    }

    #[test]
    fn every_fault_of_a_body_is_named() {
        let body = ConditionContent {
            kind: ConditionKind::Profit,
            decision_date: day("2021-09-21"),
            valid_from: day("2021-09-20"),
            valid_to: Some(day("2021-09-19")),
            ..content()
        };
        let refusal = draft(body).unwrap_err();
        let faults: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(
            faults,
            [
                ("/decisionDate", "date_in_future"),
                ("/validFrom", "dates_out_of_order"),
                ("/parameters/profitYears", "condition_parameters"),
                ("/validTo", "dates_out_of_order"),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_order_of_moves_reaches_an_illegal_state(steps in prop::collection::vec(0_u8..3, 0..20)) {
            use ConditionStatus::{Approved, Draft, Ended};
            let legal = [(Draft, Draft), (Draft, Approved), (Approved, Ended)];
            let (lead, chair) = (caller(Role::LeadAgency, "lead", 7), caller(Role::PeoplesCommittee, "chair", 1));
            let mut condition = draft(content()).unwrap();
            for step in steps {
                let before = condition.clone();
                let after = match step {
                    0 => condition.clone().edit(content(), LEAD, &lead, now()),
                    1 => condition.clone().approve(&chair, now()),
                    _ => condition.clone().end(ending("2021-08-15", "2021-08-31"), now()),
                };
                if let Ok(after) = after {
                    let edge = (before.state.status(), after.state.status());
                    prop_assert!(legal.contains(&edge), "{edge:?}");
                    prop_assert_eq!(after.version, before.version + 1);
                    condition = after;
                }
            }
        }
    }
}
