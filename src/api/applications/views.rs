//! Applications as they are sent and as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::application::{
    Application, ApplicationContent, ApplicationState, ApplicationStatus, Attestation, ClaimReview, DossierEntry,
    PriorityClaim, StandingClaim,
};
use crate::domain::eligibility::{ConditionAnswer, ConditionVerdict, PriorityAnswer};
use crate::domain::evidence::DocumentReference;
use crate::domain::text::Text;

/// An application as the cooperative writes it. It may be incomplete until it is submitted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewApplication {
    /// The cooperative that applies: the caller's own.
    pub(super) cooperative: Uuid,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// Code of the model along which the cooperative works: one of the scheme's (2129/QĐ-UBND IV).
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    pub(super) model: String,
    /// Documents of the dossier, one for each item of the scheme's checklist.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) dossier: Vec<NewDossierEntry>,
    /// Priority conditions claimed (2129/QĐ-UBND III.2.2): they rank and never exclude.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) priority_claims: Vec<NewPriorityClaim>,
    /// Answers to the statements that the province asks to be attested (`GET /v1/provincial-conditions`, kind `attested`).
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) attestations: Vec<NewAttestation>,
}

/// The applicant's word on a statement, with what shows it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewAttestation {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z]+[0-9]+$", example = "T1")]
    pub(super) condition: String,
    /// Whether the statement of the condition holds.
    #[schema(example = true)]
    pub(super) holds: bool,
    /// What shows it.
    pub(super) evidence: DocumentReference,
}

/// A document for one item of the checklist.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewDossierEntry {
    /// Code of the item in the scheme's checklist.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "evaluation_2020")]
    pub(super) code: String,
    /// The document.
    pub(super) document: DocumentReference,
}

/// A claim to fulfil a priority condition.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPriorityClaim {
    /// Code of the condition in the scheme.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub(super) condition: String,
    /// What shows it.
    pub(super) evidence: DocumentReference,
}

impl From<NewApplication> for ApplicationContent {
    fn from(new: NewApplication) -> Self {
        let NewApplication { cooperative: _, scheme: _, model, dossier, priority_claims, attestations } = new;
        let entry = |NewDossierEntry { code, document }| DossierEntry { code, document };
        let claim = |NewPriorityClaim { condition, evidence }| PriorityClaim { condition, evidence };
        let answer = |NewAttestation { condition, holds, evidence }| Attestation { condition, holds, evidence };
        Self {
            attestations: attestations.into_iter().map(answer).collect(),
            model,
            dossier: dossier.into_iter().map(entry).collect(),
            priority_claims: priority_claims.into_iter().map(claim).collect(),
        }
    }
}

impl From<Application> for NewApplication {
    fn from(application: Application) -> Self {
        let ApplicationContent { model, dossier, priority_claims, attestations } = application.content;
        let entry = |DossierEntry { code, document }| NewDossierEntry { code, document };
        let claim = |PriorityClaim { condition, evidence }| NewPriorityClaim { condition, evidence };
        let answer = |Attestation { condition, holds, evidence }| NewAttestation { condition, holds, evidence };
        Self {
            attestations: attestations.into_iter().map(answer).collect(),
            cooperative: application.cooperative,
            scheme: application.scheme,
            model,
            dossier: dossier.into_iter().map(entry).collect(),
            priority_claims: priority_claims.into_iter().map(claim).collect(),
        }
    }
}

/// An application.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationView {
    /// Identifier.
    pub(super) id: Uuid,
    /// The cooperative that applies.
    pub(super) cooperative: Uuid,
    /// Code of its province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub(super) province: String,
    /// Code of its district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    pub(super) unit: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// Code of the model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    pub(super) model: String,
    /// Documents of the dossier.
    #[schema(max_items = 50)]
    pub(super) dossier: Vec<DossierEntry>,
    /// Priority conditions claimed.
    #[schema(max_items = 50)]
    pub(super) priority_claims: Vec<PriorityClaim>,
    /// How each of these claims stands: claimed, confirmed or rejected.
    #[schema(max_items = 50)]
    pub(super) claim_standings: Vec<StandingClaim>,
    /// What agencies found of the claims: the last word on each, and of which claim it was.
    #[schema(max_items = 50)]
    pub(super) claim_reviews: Vec<ClaimReview>,
    /// Statements that it attests or denies.
    #[schema(max_items = 50)]
    pub(super) attestations: Vec<Attestation>,
    /// Digest of what was sent in: SHA-256 over the canonical JSON (RFC 8785) of the members `attestations`, `dossier`,
    /// `model`, `priorityClaims` and `submittedOn`, while it is submitted or selected. A selection decision is bound to it.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    pub(super) content_hash: Option<String>,
    /// Where it is in its life.
    pub(super) state: ApplicationStatus,
    /// The day it was sent in, while that counts.
    pub(super) submitted_on: Option<NaiveDate>,
    /// The day it was sent back, while it is with the cooperative.
    pub(super) returned_on: Option<NaiveDate>,
    /// The day it was taken back.
    pub(super) withdrawn_on: Option<NaiveDate>,
    /// The decision that selected it.
    pub(super) decision: Option<Uuid>,
    /// The day its pilot stopped.
    pub(super) closed_on: Option<NaiveDate>,
    /// When it was first recorded.
    pub(super) recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        let (content_hash, claim_standings) = (application.content_hash(), application.standing_claims());
        let Application {
            id,
            version: _,
            cooperative,
            province,
            unit,
            scheme,
            content: ApplicationContent { model, dossier, priority_claims, attestations },
            state,
            claim_reviews,
            created_by: _,
            writers: _,
            recorded_at,
            updated_at,
        } = application;
        let mut view = Self {
            id,
            cooperative,
            province,
            unit,
            scheme,
            model,
            dossier,
            priority_claims,
            claim_standings,
            claim_reviews,
            attestations,
            content_hash,
            state: state.status(),
            submitted_on: None,
            returned_on: None,
            withdrawn_on: None,
            decision: None,
            closed_on: None,
            recorded_at,
            updated_at,
        };
        match state {
            ApplicationState::Draft => {}
            ApplicationState::Submitted { submitted_on } => view.submitted_on = Some(submitted_on),
            ApplicationState::Returned { submitted_on, returned_on } => {
                (view.submitted_on, view.returned_on) = (Some(submitted_on), Some(returned_on));
            }
            ApplicationState::Withdrawn { withdrawn_on } => view.withdrawn_on = Some(withdrawn_on),
            ApplicationState::Selected { submitted_on, decision } => {
                (view.submitted_on, view.decision) = (Some(submitted_on), Some(decision));
            }
            ApplicationState::Closed { decision, closed_on } => {
                (view.decision, view.closed_on) = (Some(decision), Some(closed_on));
            }
        }
        view
    }
}

/// Whether an application is eligible, condition by condition, on what is known now.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EligibilityView {
    /// The application.
    pub(super) application: Uuid,
    /// Code of the scheme whose conditions were applied.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// The day from which these conditions are in force: the version of the rules. Absent on a day before it, when none is.
    #[schema(example = "2021-02-03")]
    pub(super) rules_valid_from: Option<NaiveDate>,
    /// The day whose rules were applied.
    #[schema(example = "2021-08-02")]
    pub(super) at: NaiveDate,
    /// Met only if every mandatory condition is met; not met as soon as one is not; else unknown.
    pub(super) overall: ConditionVerdict,
    /// What is missing where no condition is in force on the day. Absent where one is.
    pub(super) missing: Option<Text>,
    /// The mandatory conditions, each with its answer.
    #[schema(max_items = 50)]
    pub(super) conditions: Vec<ConditionAnswer>,
    /// The priority conditions: they rank and never exclude.
    #[schema(max_items = 50)]
    pub(super) priorities: Vec<PriorityAnswer>,
}
