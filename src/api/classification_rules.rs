//! The rules by which cooperatives are classed, with their parameters, on a day.

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::Answer;
use super::service_config::ServiceConfig;
use crate::domain::classification::{ClassDimension, ClassificationRule};
use crate::store::classification;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Chooses the rules.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ClassificationRuleQuery {
    /// The day on which they are in force; those of every day if absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// What they class by.
    #[param(inline, nullable = false)]
    dimension: Option<ClassDimension>,
}

/// Rules of classification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ClassificationRuleList {
    /// The rules, in the order of the days on which they came into force.
    #[schema(max_items = 200)]
    items: Vec<ClassificationRule>,
}

/// List the rules of classification
///
/// By which cooperatives are classed, each with the days on which it is in force, its article, and its classes with their
/// bounds. What a rule does not say, as far as it is known, its note tells.
#[utoipa::path(
    tag = "Rules",
    operation_id = "listClassificationRules",
    params(ClassificationRuleQuery),
    responses((status = 200, description = "The rules.", body = ClassificationRuleList)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/classification-rules")]
async fn list(call: Call, Query(query): Query<ClassificationRuleQuery>) -> Answer {
    let ClassificationRuleQuery { at, dimension } = query;
    let asked = |rule: &ClassificationRule| {
        at.is_none_or(|day| rule.in_force_at(day)) && dimension.is_none_or(|dimension| rule.dimension == dimension)
    };
    let items = classification::rules(call.db()).await?.into_iter().filter(asked).collect();
    call.computed(&ClassificationRuleList { items })
}
