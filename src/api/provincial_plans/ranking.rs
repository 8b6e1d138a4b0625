//! The order of a province's applicants, with its reasons.

use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::api::service_config::ServiceConfig;
use crate::domain::application::CountedClaims;
use crate::domain::plan::PlanContent;
use crate::domain::ranking::{RankedPlace, Ranking, RankingInputs, TieBreak};
use crate::domain::verdict::RuleVersion;
use crate::store::{provincial_plans, rankings};

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read_ranking);
}

/// Chooses the rules of a day.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RankingQuery {
    /// The day whose rules are applied; today if absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// The applicants of a province, in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RankingView {
    /// The plan whose applicants these are.
    plan: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Identifier of the rule that puts them in order, in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "ranking")]
    rule_id: String,
    /// Document and article of that rule.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.2")]
    legal_basis: String,
    /// The version of the scheme whose conditions were applied.
    version: RuleVersion,
    /// The day whose rules were applied.
    #[schema(example = "2021-09-01")]
    at: NaiveDate,
    /// The year whose figures tell level applicants apart: the one that the scheme evaluates.
    #[schema(minimum = 2000, maximum = 2099, example = 2020)]
    figures_year: u16,
    /// How the plan tells level applicants apart, in this order; empty where it does not.
    #[schema(max_items = 4)]
    tie_break: Vec<TieBreak>,
    /// Which priority claims count, as the plan says.
    counted_claims: CountedClaims,
    /// The applicants: those who are eligible in order, then those of whom it is unknown, then the others.
    #[schema(max_items = 10_000)]
    items: Vec<RankedPlace>,
}

/// Rank the applicants of a province
///
/// Those whose applications are submitted. One comes before another where it claims every priority condition that the other
/// claims, and more, of those that count (`countedClaims`: a parameter of the plan); no weights are invented. Level applicants are told apart as the province's plan says (`tieBreak`), else
/// they share a rank. Who is not eligible on what is known now is listed without a rank. Each place has its reasons,
/// confirmed claims told from merely made ones. To keep a ranking with its inputs, make a determination of kind `ranking`.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "getApplicantRanking",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), RankingQuery),
    responses((status = 200, description = "The applicants, in order.", body = RankingView)),
    security(("bearer" = ["rankings:read"]))
)]
#[get("/v1/provincial-plans/{id}/ranking")]
async fn read_ranking(call: Call, id: Path<Uuid>, Query(query): Query<RankingQuery>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    let at = query.at.unwrap_or_else(|| call.today());
    let inputs = rankings::inputs(call.db(), &plan, at).await?;
    let Ranking { overall: _, rule_id, legal_basis, version, counted_claims, items } = inputs.decide();
    let RankingInputs { figures_year, tie_break, .. } = inputs;
    let PlanContent { province, scheme, .. } = plan.content;
    call.computed(&RankingView {
        plan: plan.id,
        province,
        scheme,
        rule_id,
        legal_basis,
        version,
        at,
        figures_year,
        tie_break,
        counted_claims,
        items,
    })
}
