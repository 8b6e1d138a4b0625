//! What happened to a record: one entry a step, appended and never edited.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::evidence::DocumentReference;
use super::moment::Moment;
use super::role::{Caller, Role};

/// One step of the scheme, as it was taken.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepTaken {
    /// The step, as in the path: `submissions`, `approvals`, …
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z-]+$", example = "submissions")]
    pub step: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The legal date of the step, where the client states one.
    pub on_date: Option<NaiveDate>,
    /// Who took it: `sub` of the token.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "lead-agency@89")]
    pub subject: String,
    /// In which role.
    pub role: Role,
    /// For which agency.
    pub agency: Option<Uuid>,
    /// Opinion, reason or comment given with the step.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    pub comment: Option<String>,
    /// The part of the record that the step was about, where it has parts: the number of a measure, …
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2")]
    pub item: Option<String>,
    /// What the step concluded, where it has an outcome of its own: `favourable`, `unfavourable`, …
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z_]+$", example = "favourable")]
    pub outcome: Option<String>,
    /// The document behind it.
    pub document: Option<DocumentReference>,
    /// Digest of the content that the step was bound to.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    pub content_hash: Option<String>,
}

impl StepTaken {
    /// A bare step by a caller; add what else is known.
    pub fn new(step: &str, caller: &Caller, now: Moment) -> Self {
        Self {
            step: step.to_owned(),
            recorded_at: now.0,
            on_date: None,
            subject: caller.subject.clone(),
            role: caller.role,
            agency: caller.agency,
            comment: None,
            item: None,
            outcome: None,
            document: None,
            content_hash: None,
        }
    }
}
