//! The answer of a rule that decides (*kết luận*): which rule of the rule book, in which version, under which article, on
//! which inputs. Every verdict of Sarus is told in this form, so that it can be defended years later.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::text::Text;

/// The version of the data that a rule was applied with.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleVersion {
    /// Code of the criteria set, the scheme or the plan that carries it.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "TT01-2020")]
    pub of: String,
    /// Its identifier, where a version has one.
    pub id: Option<Uuid>,
    /// Its version, where it is counted.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    pub edition: Option<i32>,
    /// First day on which it holds.
    #[schema(example = "2020-04-01")]
    pub valid_from: NaiveDate,
}

/// A fact used in a verdict.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedInput {
    /// Name of the fact.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "profitBeforeTax.2019")]
    pub name: String,
    /// Its value, as text; absent when the fact is not known.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "125000000")]
    pub value: Option<String>,
    /// Where it comes from: `declared`, `verified`, `self`, `application`, …
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z_]+$", example = "verified")]
    pub basis: Option<String>,
}

impl NamedInput {
    /// A fact that is known.
    pub fn known(name: impl Into<String>, value: impl ToString) -> Self {
        Self::of(name, Some(value))
    }

    /// A fact that may be known.
    pub fn of(name: impl Into<String>, value: Option<impl ToString>) -> Self {
        Self { name: name.into(), value: value.map(|value| value.to_string()), basis: None }
    }
}

/// What one rule came to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleAnswer {
    /// Identifier in the rule book (`GET /v1/rules/{id}`).
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "rating")]
    pub rule_id: String,
    /// What it came to: one of the rule's verdicts.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-zA-Z0-9_]+$", example = "fair")]
    pub verdict: String,
    /// Why, with the figures.
    pub explanation: Text,
    /// The version that was applied; absent where no rule is in force.
    pub version: Option<RuleVersion>,
    /// The facts that were used; one without a value is missing.
    #[schema(max_items = 200)]
    pub inputs: Vec<NamedInput>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// What several rules came to, and what follows of them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// What follows: a rating or why there is none; whether both requirements are met; whether a class was found.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "fair")]
    pub overall: String,
    /// Each rule by itself.
    #[schema(min_items = 1, max_items = 20)]
    pub answers: Vec<RuleAnswer>,
}
