//! An evaluation beside others of its cooperative, in one call.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::domain::evaluation::comparison::{ComparedSide, ComparedWith, EvaluationComparison, compare};
use crate::store::evaluations;

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(comparisons);
}

/// Narrows the comparisons.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ComparisonQuery {
    /// What to compare with; everything that there is, unless named.
    #[param(inline, nullable = false)]
    with: Option<ComparedWith>,
}

/// An evaluation beside others.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EvaluationComparisons {
    /// The evaluation that is compared.
    after: ComparedSide,
    /// It against each of the others.
    #[schema(max_items = 10)]
    comparisons: Vec<EvaluationComparison>,
    /// What there is nothing to compare with for.
    #[schema(max_items = 10)]
    absent: Vec<ComparedWith>,
}

/// Compare an evaluation
///
/// With the same kind of the year before, with the self-evaluation, the verified and the final one of the same year, and
/// with the baseline of the pilot's approved improvement plan: totals, ratings and points leaf by leaf.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "getEvaluationComparisons",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation."), ComparisonQuery),
    responses((status = 200, description = "The comparisons.", body = EvaluationComparisons)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/comparisons")]
async fn comparisons(call: Call, id: Path<Uuid>, Query(query): Query<ComparisonQuery>) -> Answer {
    let of = evaluations::find(call.db(), call.scope(), *id).await?;
    let asked = |with: &ComparedWith| query.with.is_none_or(|only| only == *with);
    let others = evaluations::compared_with(call.db(), &of).await?;
    let others: Vec<_> = others.into_iter().filter(|(with, _)| asked(with)).collect();
    let is_own = |with: &ComparedWith| *with != ComparedWith::Baseline && with.name() == of.kind.name();
    let absent = |with: &&ComparedWith| !is_own(with) && others.iter().all(|(found, _)| found != *with);
    call.computed(&EvaluationComparisons {
        after: ComparedSide::from(&of),
        absent: ComparedWith::ALL.iter().filter(|with| asked(with)).filter(absent).copied().collect(),
        comparisons: others.iter().map(|(with, other)| compare(&of, *with, other)).collect(),
    })
}
