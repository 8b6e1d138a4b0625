//! Amendments of selection decisions as they are sent and as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::selection_decisions::views::{DecisionChoice, NewDecisionChoice};
use crate::domain::evidence::DocumentReference;
use crate::domain::selection::{Amendment, AmendmentState, AmendmentTerms, Choice};

/// An amendment of a selection decision, as the lead agency drafts it.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSelectionAmendment {
    /// The selection decision that it amends.
    pub(super) decision: Uuid,
    /// Number of the later decision: not that of the decision itself.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "415/QĐ-UBND")]
    number: String,
    /// The date it bears: not before the decision, an earlier amendment, or a fact about a pilot that it takes off; not in
    /// the future.
    #[schema(example = "2022-03-01")]
    date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    signatory: String,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX ngừng hoạt động")]
    reason: String,
    /// The later decision itself.
    document: Option<DocumentReference>,
    /// Applications that it adds to the list: within the quota.
    #[schema(max_items = 50)]
    pub(super) additions: Vec<NewDecisionChoice>,
    /// Applications whose pilots are taken off the list: they stop, and their places are given back.
    #[schema(max_items = 50)]
    removals: Vec<Uuid>,
    /// Pilots that another department is responsible for from then on.
    #[schema(max_items = 50)]
    reassignments: Vec<NewDecisionChoice>,
}

impl From<NewSelectionAmendment> for AmendmentTerms {
    fn from(new: NewSelectionAmendment) -> Self {
        let NewSelectionAmendment {
            decision: _,
            number,
            date,
            signatory,
            reason,
            document,
            additions,
            removals,
            reassignments,
        } = new;
        let choices = |list: Vec<NewDecisionChoice>| list.into_iter().map(Choice::from).collect();
        let (additions, reassignments) = (choices(additions), choices(reassignments));
        Self { number, date, signatory, reason, document, additions, removals, reassignments }
    }
}

impl From<Amendment> for NewSelectionAmendment {
    fn from(amendment: Amendment) -> Self {
        let AmendmentTerms { number, date, signatory, reason, document, additions, removals, reassignments } =
            amendment.terms;
        let choices = |list: Vec<Choice>| list.into_iter().map(NewDecisionChoice::from).collect();
        Self {
            decision: amendment.decision,
            number,
            date,
            signatory,
            reason,
            document,
            additions: choices(additions),
            removals,
            reassignments: choices(reassignments),
        }
    }
}

/// Approves an amendment.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SelectionAmendmentApproval)]
pub(super) struct AmendmentApproval {
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đồng ý theo đề nghị của cơ quan đầu mối")]
    pub(super) comment: Option<String>,
    /// The signed decision.
    pub(super) document: Option<DocumentReference>,
}

/// An amendment of a selection decision.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SelectionAmendmentView {
    /// Identifier.
    id: Uuid,
    /// The selection decision that it amends.
    decision: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "415/QĐ-UBND")]
    number: String,
    /// The date it bears.
    #[schema(example = "2022-03-01")]
    date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    signatory: String,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX ngừng hoạt động")]
    reason: String,
    /// The later decision itself.
    document: Option<DocumentReference>,
    /// Applications that it adds to the list.
    #[schema(max_items = 50)]
    additions: Vec<DecisionChoice>,
    /// Applications whose pilots it takes off the list.
    #[schema(max_items = 50)]
    removals: Vec<Uuid>,
    /// Pilots that it puts in the hands of another department.
    #[schema(max_items = 50)]
    reassignments: Vec<DecisionChoice>,
    /// Digest of what it says: SHA-256 over the canonical JSON (RFC 8785) of the members `additions`, `date`, `decision`,
    /// `document`, `number`, `reason`, `reassignments`, `removals` and `signatory`. An approval is bound to it.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    content_hash: String,
    /// Where it is in its life.
    state: AmendmentState,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Amendment> for SelectionAmendmentView {
    fn from(amendment: Amendment) -> Self {
        let (content_hash, state) = (amendment.content_hash(), amendment.state());
        let Amendment { id, decision, province, scheme, terms, mut read, recorded_at, updated_at, .. } = amendment;
        let AmendmentTerms { number, date, signatory, reason, document, additions, removals, reassignments } = terms;
        let mut choices = |list: Vec<Choice>| -> Vec<DecisionChoice> {
            let shown = |Choice { application, responsible_department }: Choice| DecisionChoice {
                application,
                responsible_department,
                content_hash: read.remove(&application),
            };
            list.into_iter().map(shown).collect()
        };
        let (additions, reassignments) = (choices(additions), choices(reassignments));
        Self {
            id,
            decision,
            province,
            scheme,
            number,
            date,
            signatory,
            reason,
            document,
            additions,
            removals,
            reassignments,
            content_hash,
            state,
            recorded_at,
            updated_at,
        }
    }
}
