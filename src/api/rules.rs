//! The rule book: every rule that the code enforces, with its article, its parameters on a day and worked examples.

use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use super::service_config::ServiceConfig;
use crate::domain::rulebook::{BookRule, InForce, RuleKind, book, rule};
use crate::store::{Db, StoreError, rulebook, territory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// Opens the book at a day.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleQuery {
    /// The day whose parameters are shown; today if absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Code of a province, as it is read on that day: its own conditions and criteria are shown too.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    pub(super) province: Option<String>,
    /// What the rules do.
    #[param(inline, nullable = false)]
    kind: Option<RuleKind>,
}

/// The day and the province for which one rule is read.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct OneRuleQuery {
    /// The day whose parameters are shown; today if absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Code of a province, as it is read on that day: its own conditions and criteria are shown too.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
}

/// The rules, as they read on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleList {
    /// The day whose parameters are shown.
    #[schema(example = "2021-09-15")]
    pub(super) at: NaiveDate,
    /// The rules: first those that decide, then those that refuse.
    #[schema(max_items = 1000)]
    pub(super) items: Vec<BookRule>,
}

impl RuleList {
    /// The rules that are asked for.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn of(db: &Db, query: &RuleQuery, today: NaiveDate) -> Result<Self, StoreError> {
        let at = query.at.unwrap_or(today);
        let in_force = in_force(db, query.province.as_deref(), at).await?;
        let is_asked = |rule: &BookRule| query.kind.is_none_or(|kind| rule.kind == kind);
        Ok(Self { at, items: book(&in_force).into_iter().filter(is_asked).collect() })
    }
}

/// What holds on a day, in a province as its code is read then.
async fn in_force(db: &Db, province: Option<&str>, at: NaiveDate) -> Result<InForce, StoreError> {
    let meant = match province {
        Some(code) => Some(territory::meant(db, code, at).await?),
        None => None,
    };
    rulebook::in_force(db, at, meant).await
}

/// List the rules
///
/// Every rule that the service enforces: those that give verdicts and those that refuse, each with its statement, document
/// and article, the parameters in force on a day, and worked examples. Made from the code that enforces them; the examples of
/// verdicts are decided by it as you read. The same as a page is at `/docs/rules`.
#[utoipa::path(
    tag = "Rules",
    operation_id = "listRules",
    params(RuleQuery),
    responses((status = 200, description = "The rules.", body = RuleList)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/rules")]
async fn list(call: Call, Query(query): Query<RuleQuery>) -> Answer {
    call.computed(&RuleList::of(call.db(), &query, call.today()).await?)
}

/// Read a rule
///
/// By its identifier: for a refusal that is its code, the member `rule` of the problem.
#[utoipa::path(
    tag = "Rules",
    operation_id = "getRule",
    params(
        ("id" = String, Path, description = "Identifier of the rule.", min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$",
            example = "condition_profit"),
        OneRuleQuery
    ),
    responses((status = 200, description = "The rule.", body = BookRule)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/rules/{id}")]
async fn read(call: Call, id: Path<String>, Query(query): Query<OneRuleQuery>) -> Answer {
    let OneRuleQuery { at, province } = query;
    let at = at.unwrap_or_else(|| call.today());
    let in_force = in_force(call.db(), province.as_deref(), at).await?;
    let found = rule(&id, &in_force).ok_or(ApiError::of(Kind::NotFound))?;
    call.computed(&found)
}
