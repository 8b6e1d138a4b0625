//! An application (*hồ sơ đăng ký tham gia Đề án*): what a cooperative sends in to become a pilot.
//!
//! Draft → submitted → selected, with returns for correction on the way. It stays the cooperative's own (2129/QĐ-UBND
//! I.3): agencies answer with opinions and returns, they never edit it.

mod claims;
mod moves;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

pub use self::claims::{
    ClaimFinding, ClaimOutcome, ClaimReview, ClaimReviews, ClaimStanding, CountedClaims, StandingClaim,
};
pub use self::moves::unchanged;
pub(super) use self::moves::{not_before, only_lead};
use super::condition::{ConditionKind, MandatoryCondition};
use super::digest::digest;
use super::evidence::DocumentReference;
use super::refusal::{Refusal, Rule};
use super::role::names;
use super::scheme::Scheme;
use super::writers::Writers;

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
    /// What agencies found of its priority claims: the last word on each.
    pub claim_reviews: Vec<ClaimReview>,
    /// Who made it (`sub`).
    pub created_by: String,
    /// Everyone of the cooperative who wrote or sent it: none of them reviews its claims.
    pub writers: Writers,
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
    /// The statements of the province's own conditions that it attests or denies.
    pub attestations: Vec<Attestation>,
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

/// The applicant's word on a condition of kind `attested`, with what shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attestation {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z]+[0-9]+$", example = "T1")]
    pub condition: String,
    /// Whether the statement of the condition holds.
    #[schema(example = true)]
    pub holds: bool,
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
    /// The day it was sent in, while that counts.
    pub const fn submitted_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Submitted { submitted_on }
            | Self::Returned { submitted_on, .. }
            | Self::Selected { submitted_on, .. } => Some(*submitted_on),
            Self::Draft | Self::Withdrawn { .. } | Self::Closed { .. } => None,
        }
    }

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

impl Application {
    /// Digest of what was sent in, as it stands with the agencies: SHA-256 over the canonical JSON (RFC 8785) of the
    /// members `model`, `dossier`, `priorityClaims`, `attestations` and `submittedOn` as they are published. An opinion does not change
    /// it. Nothing while the application is with its cooperative, was taken back or is closed.
    pub fn content_hash(&self) -> Option<String> {
        let (ApplicationState::Submitted { submitted_on } | ApplicationState::Selected { submitted_on, .. }) =
            self.state
        else {
            return None;
        };
        let ApplicationContent { model, dossier, priority_claims, attestations } = &self.content;
        Some(digest(&json!({
            "model": model, "dossier": dossier, "priorityClaims": priority_claims, "attestations": attestations,
            "submittedOn": submitted_on,
        })))
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
    ///
    /// `own` are the conditions of the province's own: those of kind `attested` can be answered.
    pub fn check(&self, scheme: &Scheme, own: &[MandatoryCondition]) -> Result<(), Refusal> {
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
        let statements = scheme.mandatory.iter().chain(own).filter(|asked| asked.kind == ConditionKind::Attested);
        let statements: Vec<_> = statements.map(|condition| condition.code.as_str()).collect();
        let answers = self.attestations.iter().map(|attestation| attestation.condition.as_str());
        let words = ("điều kiện cam kết", "condition to attest");
        check_codes("/attestations", "condition", words, answers, &statements, &mut faults);
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
    .given(&[("reference", &code), ("known", &known)])
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
            faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &code)]));
        }
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

#[cfg(test)]
pub(super) mod tests;
