//! Selection decisions as they are sent and as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::selection::{
    Amendment, AmendmentTerms, Choice, DecisionContent, DecisionIssuer, DecisionState, DecisionStatus, PilotList,
    Proposal, Revocation, SelectionDecision,
};
use crate::domain::text::Text;

/// A decision on a list of pilots, as the lead agency drafts it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSelectionDecision {
    /// Code of the province: the caller's own.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub(super) province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// Number: unique in the province and year.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2128/QĐ-UBND")]
    pub(super) number: String,
    /// The date it bears; not in the future. After the scheme's selection phase it draws a warning.
    #[schema(example = "2021-09-15")]
    pub(super) date: NaiveDate,
    /// The day it takes effect: that date or later.
    #[schema(example = "2021-09-15")]
    pub(super) effective_date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    pub(super) signatory: String,
    /// In whose name it is issued.
    pub(super) issuer: DecisionIssuer,
    /// The lead agency's proposal.
    pub(super) proposal: NewDecisionProposal,
    /// The list that it adds to; the quota binds the scheme's list alone.
    pub(super) list: PilotList,
    /// The applications that it chooses: all or none.
    #[schema(min_items = 1, max_items = 50)]
    pub(super) applications: Vec<NewDecisionChoice>,
}

/// The document that proposes the list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewDecisionProposal {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1996/SKHĐT-DN")]
    pub(super) number: String,
    /// The date it bears: not after that of the decision.
    #[schema(example = "2021-08-30")]
    pub(super) date: NaiveDate,
}

/// An application chosen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct NewDecisionChoice {
    /// The application.
    pub(in crate::api) application: Uuid,
    /// The line department of the province that will be responsible for the pilot.
    pub(in crate::api) responsible_department: Uuid,
}

impl From<NewDecisionChoice> for Choice {
    fn from(new: NewDecisionChoice) -> Self {
        let NewDecisionChoice { application, responsible_department } = new;
        Self { application, responsible_department }
    }
}

impl From<Choice> for NewDecisionChoice {
    fn from(choice: Choice) -> Self {
        let Choice { application, responsible_department } = choice;
        Self { application, responsible_department }
    }
}

impl From<NewSelectionDecision> for DecisionContent {
    fn from(new: NewSelectionDecision) -> Self {
        let NewSelectionDecision {
            province: _,
            scheme: _,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal,
            list,
            applications,
        } = new;
        let NewDecisionProposal { number: proposal_number, date: proposal_date } = proposal;
        let proposal = Proposal { number: proposal_number, date: proposal_date };
        let choices = applications.into_iter().map(Choice::from).collect();
        Self { number, date, effective_date, signatory, issuer, proposal, list, choices }
    }
}

impl From<SelectionDecision> for NewSelectionDecision {
    fn from(decision: SelectionDecision) -> Self {
        let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices } =
            decision.content;
        Self {
            province: decision.province,
            scheme: decision.scheme,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal: NewDecisionProposal { number: proposal.number, date: proposal.date },
            list,
            applications: choices.into_iter().map(NewDecisionChoice::from).collect(),
        }
    }
}

/// A decision on a list of pilots.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SelectionDecisionView {
    /// Identifier.
    pub(super) id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub(super) province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2128/QĐ-UBND")]
    pub(super) number: String,
    /// The date it bears.
    #[schema(example = "2021-09-15")]
    pub(super) date: NaiveDate,
    /// The day it takes effect.
    #[schema(example = "2021-09-15")]
    pub(super) effective_date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    pub(super) signatory: String,
    /// In whose name it is issued.
    pub(super) issuer: DecisionIssuer,
    /// The lead agency's proposal.
    pub(super) proposal: DecisionProposal,
    /// The list that it adds to.
    pub(super) list: PilotList,
    /// The applications that it chooses.
    #[schema(max_items = 50)]
    pub(super) applications: Vec<DecisionChoice>,
    /// Digest of what it says: SHA-256 over the canonical JSON (RFC 8785) of the members `applications`, `date`,
    /// `effectiveDate`, `issuer`, `list`, `number`, `proposal`, `province`, `scheme` and `signatory`. An approval is bound
    /// to it.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    pub(super) content_hash: String,
    /// Where it is in its life.
    pub(super) state: DecisionStatus,
    /// The later decisions that amended it, oldest first; `applications` stays what was decided at first.
    #[schema(max_items = 200)]
    pub(super) amendments: Vec<DecisionAmendment>,
    /// The later decision that revoked it.
    pub(super) revocation: Option<DecisionRevocation>,
    /// What is unusual, and not refused.
    #[schema(max_items = 10)]
    pub(super) warnings: Vec<DecisionWarning>,
    /// When it was first recorded.
    pub(super) recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub(super) updated_at: DateTime<Utc>,
}

/// The document that proposed the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionProposal {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1996/SKHĐT-DN")]
    pub(super) number: String,
    /// The date it bears.
    #[schema(example = "2021-08-30")]
    pub(super) date: NaiveDate,
}

/// An application chosen.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct DecisionChoice {
    /// The application.
    pub(in crate::api) application: Uuid,
    /// The line department that is responsible for the pilot.
    pub(in crate::api) responsible_department: Uuid,
    /// `contentHash` of the application as it was read when the decision was written: if it is submitted again
    /// otherwise, the decision is edited before it is approved.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    pub(in crate::api) content_hash: Option<String>,
}

/// The later decision that revoked a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionRevocation {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "31/QĐ-UBND")]
    pub(super) number: String,
    /// The date it bears.
    #[schema(example = "2022-01-10")]
    pub(super) date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hồ sơ không đúng thực tế")]
    pub(super) reason: String,
}

/// A later decision that amended a decision, in short: the whole of it is at `/v1/selection-amendments/{id}`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionAmendment {
    /// The amendment.
    pub(super) id: Uuid,
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "415/QĐ-UBND")]
    pub(super) number: String,
    /// The date it bears.
    #[schema(example = "2022-03-01")]
    pub(super) date: NaiveDate,
    /// Applications that it added to the list.
    #[schema(max_items = 50)]
    pub(super) additions: Vec<Uuid>,
    /// Applications whose pilots it took off the list.
    #[schema(max_items = 50)]
    pub(super) removals: Vec<Uuid>,
    /// Applications whose pilots it put in the hands of another department.
    #[schema(max_items = 50)]
    pub(super) reassignments: Vec<Uuid>,
}

impl From<Amendment> for DecisionAmendment {
    fn from(amendment: Amendment) -> Self {
        let AmendmentTerms { number, date, additions, removals, reassignments, .. } = amendment.terms;
        let of = |choices: Vec<Choice>| choices.into_iter().map(|choice| choice.application).collect();
        let (additions, reassignments) = (of(additions), of(reassignments));
        Self { id: amendment.id, number, date, additions, removals, reassignments }
    }
}

/// Something unusual about a decision, that is not refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionWarning {
    /// Stable code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "late_selection")]
    pub(super) code: String,
    /// What is unusual.
    pub(super) message: Text,
}

impl From<SelectionDecision> for SelectionDecisionView {
    fn from(decision: SelectionDecision) -> Self {
        let content_hash = decision.content_hash();
        let SelectionDecision {
            id,
            version: _,
            province,
            scheme,
            content,
            mut read,
            late,
            state,
            amendments,
            created_by: _,
            writers: _,
            recorded_at,
            updated_at,
        } = decision;
        let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices } = content;
        let choice = |Choice { application, responsible_department }| {
            let content_hash = read.remove(&application);
            DecisionChoice { application, responsible_department, content_hash }
        };
        let status = state.status();
        let revocation = match state {
            DecisionState::Revoked { revocation: Revocation { number, date, reason }, .. } => {
                Some(DecisionRevocation { number, date, reason })
            }
            DecisionState::Draft | DecisionState::Approved { .. } => None,
        };
        Self {
            id,
            province,
            scheme,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal: DecisionProposal { number: proposal.number, date: proposal.date },
            list,
            applications: choices.into_iter().map(choice).collect(),
            content_hash,
            state: status,
            amendments: amendments.into_iter().map(DecisionAmendment::from).collect(),
            revocation,
            warnings: late.then(|| late_selection(date)).into_iter().collect(),
            recorded_at,
            updated_at,
        }
    }
}

/// Late starters exist: Lào Cai joined in July 2023.
fn late_selection(date: NaiveDate) -> DecisionWarning {
    let message = Text::new(
        format!("Quyết định ngày {date} sau khi giai đoạn lựa chọn của Đề án kết thúc."),
        format!("The decision of {date} comes after the scheme's selection phase."),
    );
    DecisionWarning { code: "late_selection".to_owned(), message }
}
