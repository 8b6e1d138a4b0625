//! Consolidations of improvement plans: the lead agency puts the signed plans of its province before the People's
//! Committee, in one document.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::call::{Body, Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use super::place::ProvinceQuery;
use super::references::Missing;
use crate::domain::improvement::{ImprovementConsolidation, NewConsolidation};
use crate::domain::role::Scope;
use crate::store::{improvement_consolidations, improvement_plans, provincial_plans, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read);
}

/// Narrows the list of consolidations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ConsolidationQuery {
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// A plan that was put forward.
    #[param(nullable = false)]
    plan: Option<Uuid>,
}

/// A consolidation never changes.
const ONLY_VERSION: i32 = 1;

/// Consolidate improvement plans
///
/// By the agency that leads the province's plan: one document over signed plans, each named with the digest of what was
/// signed; all or none. Only a plan that was put forward so can be approved, and not by who put it forward
/// (2129/QĐ-UBND VI.2.1).
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "consolidateImprovementPlans",
    request_body = NewConsolidation,
    responses((status = 201, description = "Put forward.", body = ImprovementConsolidation)),
    security(("bearer" = ["improvement:consolidate"]))
)]
#[post("/v1/improvement-consolidations")]
async fn create(call: Call, Body(new): Body<NewConsolidation>) -> Answer {
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let is_own = matches!(call.scope(), Scope::Province(own) if own.covers(&new.province));
    missing.unless(is_own, "/province", "province");
    let scheme = missing.found(schemes::find(work.tx(), &new.scheme).await, "/scheme", "scheme")?;
    let ids = new.plans.iter().map(|put| put.plan).collect();
    let found = improvement_plans::with_pilots(work.tx(), call.scope(), ids).await?;
    for (at, put) in new.plans.iter().enumerate() {
        let is_there = found.iter().any(|(plan, _)| plan.id == put.plan);
        missing.unless(is_there, &format!("/plans/{at}/plan"), "plan");
    }
    missing.all(scheme)?;
    new.check(call.now())?;
    let lead = provincial_plans::lead_agency(work.tx(), &new.province, &new.scheme).await?;
    let (made, plans) = new.consolidate(call.new_id(), found, lead, call.caller(), call.now())?;
    improvement_consolidations::insert(work.tx(), &made).await?;
    improvement_plans::put_forward(work.tx(), &plans).await?;
    work.created(&format!("/v1/improvement-consolidations/{}", made.id), ONLY_VERSION, &made).await
}

/// List consolidations of improvement plans
///
/// Those of the caller's province.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementConsolidations",
    params(PageQuery, ProvinceQuery, ConsolidationQuery),
    responses((status = 200, description = "One page.", body = Page<ImprovementConsolidation>)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-consolidations")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<ConsolidationQuery>,
) -> Answer {
    let ConsolidationQuery { scheme, plan } = query.clone();
    let filter = improvement_consolidations::Filter { place: place.meant(&call).await?, scheme, plan };
    let listing = improvement_consolidations::list(call.scope(), &filter);
    call.list(&page, &place.with(&query), listing, |consolidation| consolidation).await
}

/// Read a consolidation of improvement plans
///
/// The plans that were put forward, and what they come to together.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "getImprovementConsolidation",
    params(("id" = Uuid, Path, description = "Identifier of the consolidation.")),
    responses((status = 200, description = "The consolidation.", body = ImprovementConsolidation)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-consolidations/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let found = improvement_consolidations::find(call.db(), call.scope(), *id).await?;
    call.one(ONLY_VERSION, &found)
}
