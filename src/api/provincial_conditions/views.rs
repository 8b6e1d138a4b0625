//! Conditions of provinces as they are sent and as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::condition::{ConditionKind, ConditionParameters, years_schema};
use crate::domain::cooperative::GoverningLaw;
use crate::domain::evidence::DocumentReference;
use crate::domain::provincial_condition::{
    ConditionContent, ConditionState, ConditionStatus, Ending, ProvincialCondition,
};
use crate::domain::score::Points;
use crate::domain::text::Text;

/// A condition that a province adds, as its lead agency drafts it.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProvincialCondition {
    /// Code of the province: the caller's own.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "01")]
    pub(super) province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// Code, unique in the province and scheme.
    #[schema(min_length = 2, max_length = 4, pattern = "^T[0-9]+$", example = "T1")]
    pub(super) code: String,
    /// What decides it. `attested` is answered in the application, with evidence.
    pub(super) kind: ConditionKind,
    /// The condition in words.
    pub(super) text: Text,
    /// What it is decided by: those of its kind and no others.
    #[serde(default)]
    #[schema(required = false)]
    pub(super) parameters: NewConditionParameters,
    /// Number of the province's decision that lays it down.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "10/QĐ-UBND")]
    pub(super) decision_number: String,
    /// The date that the decision bears; not in the future.
    #[schema(example = "2021-07-01")]
    pub(super) decision_date: NaiveDate,
    /// Where in the decision it stands.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Điều 2, khoản 1")]
    pub(super) article: String,
    /// First day in force: that of the decision or later.
    #[schema(example = "2021-07-05")]
    pub(super) valid_from: NaiveDate,
    /// Last day in force, where the decision names one.
    pub(super) valid_to: Option<NaiveDate>,
}

/// What a condition of a province is decided by.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewConditionParameters {
    /// Of kind `law`: the laws on cooperatives, one of which it must work under.
    #[schema(min_items = 1, max_items = 5)]
    pub(super) governing_laws: Option<Vec<GoverningLaw>>,
    /// Of kind `profit`: the financial years, in each of which it must have made a profit.
    #[schema(schema_with = years_schema)]
    pub(super) profit_years: Option<Vec<u16>>,
    /// Of kind `evaluation`: the year that was evaluated.
    #[schema(minimum = 2000, maximum = 2099)]
    pub(super) evaluation_year: Option<u16>,
    /// Of kind `evaluation`: the least total, included.
    pub(super) minimum_points: Option<Points>,
}

/// Approves a condition of a province.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProvincialConditionApproval {
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đồng ý")]
    pub(super) comment: Option<String>,
    /// The signed decision.
    pub(super) document: Option<DocumentReference>,
}

/// Ends a condition of a province by a later decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProvincialConditionEnding {
    /// Number of the later decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "20/QĐ-UBND")]
    pub(super) number: String,
    /// The date it bears: not before the decision that laid the condition down, not in the future.
    #[schema(example = "2021-08-15")]
    pub(super) date: NaiveDate,
    /// The last day on which the condition is in force.
    #[schema(example = "2021-08-31")]
    pub(super) last_day: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Điều kiện không còn phù hợp")]
    pub(super) reason: String,
}

impl From<NewProvincialCondition> for ConditionContent {
    fn from(new: NewProvincialCondition) -> Self {
        let NewProvincialCondition {
            province: _,
            scheme: _,
            code,
            kind,
            text,
            parameters,
            decision_number,
            decision_date,
            article,
            valid_from,
            valid_to,
        } = new;
        let NewConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points } = parameters;
        let parameters = ConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points };
        Self { code, kind, text, parameters, decision_number, decision_date, article, valid_from, valid_to }
    }
}

impl From<ProvincialCondition> for NewProvincialCondition {
    fn from(condition: ProvincialCondition) -> Self {
        let ConditionContent {
            code,
            kind,
            text,
            parameters,
            decision_number,
            decision_date,
            article,
            valid_from,
            valid_to,
        } = condition.content;
        let ConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points } = parameters;
        let parameters = NewConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points };
        Self {
            province: condition.province,
            scheme: condition.scheme,
            code,
            kind,
            text,
            parameters,
            decision_number,
            decision_date,
            article,
            valid_from,
            valid_to,
        }
    }
}

/// A condition that a province adds.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProvincialConditionView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "01")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Code, unique in the province and scheme.
    #[schema(min_length = 2, max_length = 4, pattern = "^T[0-9]+$", example = "T1")]
    code: String,
    /// What decides it.
    kind: ConditionKind,
    /// The condition in words.
    text: Text,
    /// What it is decided by.
    parameters: ConditionParameters,
    /// Number of the province's decision that lays it down.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "10/QĐ-UBND")]
    decision_number: String,
    /// The date that the decision bears.
    #[schema(example = "2021-07-01")]
    decision_date: NaiveDate,
    /// Where in the decision it stands.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Điều 2, khoản 1")]
    article: String,
    /// First day in force.
    #[schema(example = "2021-07-05")]
    valid_from: NaiveDate,
    /// Last day in force, where the decision names one.
    valid_to: Option<NaiveDate>,
    /// Digest of what it says: SHA-256 over the canonical JSON (RFC 8785) of the members `article`, `code`,
    /// `decisionDate`, `decisionNumber`, `kind`, `parameters`, `province`, `scheme`, `text`, `validFrom` and `validTo`.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    content_hash: String,
    /// Where it is in its life.
    state: ConditionStatus,
    /// The later decision that ended it.
    ending: Option<ConditionEnding>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// The later decision that ended a condition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConditionEnding {
    /// Its number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "20/QĐ-UBND")]
    number: String,
    /// The date it bears.
    #[schema(example = "2021-08-15")]
    date: NaiveDate,
    /// The last day on which the condition is in force.
    #[schema(example = "2021-08-31")]
    last_day: NaiveDate,
}

impl From<ProvincialCondition> for ProvincialConditionView {
    fn from(condition: ProvincialCondition) -> Self {
        let content_hash = condition.content_hash();
        let ProvincialCondition {
            id,
            version: _,
            province,
            scheme,
            content,
            state,
            created_by: _,
            writers: _,
            recorded_at,
            updated_at,
        } = condition;
        let ConditionContent {
            code,
            kind,
            text,
            parameters,
            decision_number,
            decision_date,
            article,
            valid_from,
            valid_to,
        } = content;
        let status = state.status();
        let ending = match state {
            ConditionState::Ended { ending: Ending { number, date, last_day }, .. } => {
                Some(ConditionEnding { number, date, last_day })
            }
            ConditionState::Draft | ConditionState::Approved { .. } => None,
        };
        Self {
            id,
            province,
            scheme,
            code,
            kind,
            text,
            parameters,
            decision_number,
            decision_date,
            article,
            valid_from,
            valid_to,
            content_hash,
            state: status,
            ending,
            recorded_at,
            updated_at,
        }
    }
}
