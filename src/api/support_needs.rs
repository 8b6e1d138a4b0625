//! Support needs of pilots: written by the cooperative, consolidated, appraised, approved item by item; and their sums.

mod served;
mod steps;
mod sums;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{RateChecks, SupportNeedView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use crate::domain::role::Permission;
use crate::domain::support_need::{NeedState, NeedStep, NewSupportNeed, SupportNeed};
use crate::store::support_needs;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(check_rates);
    served::routes(config);
    steps::routes(config);
    sums::routes(config);
}

fn path_of(id: Uuid) -> String {
    format!("/v1/support-needs/{id}")
}

/// Narrows the list of support needs.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SupportNeedQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// The state.
    #[param(inline, nullable = false)]
    state: Option<NeedState>,
}

/// Draft a support need
///
/// By the cooperative, for its own pilot: itemised, reasoned, phased by year (2129/QĐ-UBND VII.10).
#[utoipa::path(
    tag = "Support needs",
    operation_id = "createSupportNeed",
    request_body = NewSupportNeed,
    responses((status = 201, description = "Drafted.", body = SupportNeedView)),
    security(("bearer" = ["support:write"]))
)]
#[post("/v1/support-needs")]
async fn create(call: Call, Body(new): Body<NewSupportNeed>) -> Answer {
    let work = call.begin().await?;
    let id = call.new_id();
    let around = support_needs::surroundings(work.tx(), call.scope(), new.pilot, id).await?;
    let need = SupportNeed::draft(id, new, around.references(), call.caller(), call.now())?;
    support_needs::insert(work.tx(), &need).await?;
    work.created(&path_of(id), need.version, &SupportNeedView::from(need)).await
}

/// List support needs
///
/// Those within the caller's reach, in the order of recording.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeeds",
    params(PageQuery, PlaceQuery, SupportNeedQuery),
    responses((status = 200, description = "One page.", body = Page<SupportNeedView>)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<SupportNeedQuery>,
) -> Answer {
    let SupportNeedQuery { cooperative, pilot, state } = query.clone();
    let filter = support_needs::Filter { place: place.meant(&call).await?, cooperative, pilot, state };
    call.list(&page, &place.with(&query), support_needs::list(call.scope(), &filter), SupportNeedView::from).await
}

/// Read a support need
///
/// Item by item and year by year: what is asked for, what is appraised, what is approved.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "getSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The need.", body = SupportNeedView)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let need = support_needs::find(call.db(), call.scope(), *id).await?;
    call.one(need.version, &SupportNeedView::from(need))
}

/// Edit a support need
///
/// By the cooperative, while it is a draft or after it was returned. `items` are replaced as a whole.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "editSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body(content = NewSupportNeed, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = SupportNeedView)),
    security(("bearer" = ["support:write"]))
)]
#[patch("/v1/support-needs/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let need = support_needs::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(need.version);
    let items = need.items.iter().map(|item| item.needed.clone()).collect();
    let new = patch.onto(&NewSupportNeed { pilot: need.pilot, items })?;
    let around = support_needs::surroundings(work.tx(), call.scope(), need.pilot, need.id).await?;
    let need = need.edit(new, around.references(), call.caller(), call.now())?;
    support_needs::update(work.tx(), &need).await?;
    work.changed(need.version, &SupportNeedView::from(need)).await
}

/// Delete the draft of a support need
///
/// Only a draft that was never submitted.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "deleteSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["support:write"]))
)]
#[delete("/v1/support-needs/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let need = support_needs::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(need.version);
    need.may_delete()?;
    support_needs::delete(work.tx(), &need).await?;
    work.deleted().await
}

/// Check the known rates of a support need
///
/// Each figure against the rates in force on the day of its submission, today while it is a draft (1804/QĐ-TTg,
/// 124/2021/TT-BTC). What is broken cannot be submitted; what the province decides and what is unknown is said.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "getSupportNeedRateChecks",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The checks.", body = RateChecks)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/rate-checks")]
async fn check_rates(call: Call, id: Path<Uuid>) -> Answer {
    let need = support_needs::find(call.db(), call.scope(), *id).await?;
    let around = support_needs::surroundings(call.db(), call.scope(), need.pilot, need.id).await?;
    let day = need.submitted_on.unwrap_or_else(|| call.today());
    call.computed(&RateChecks { day, items: need.findings(around.references(), day) })
}

/// Tell what the caller may do with a support need
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedActions",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let need = support_needs::find(call.db(), call.scope(), *id).await?;
    let around = support_needs::surroundings(call.db(), call.scope(), need.pilot, need.id).await?;
    let step = |step: NeedStep, permission| Step {
        name: step.name(),
        permission,
        verdict: need.may(step, call.caller(), around.lead_agency),
    };
    let steps = vec![
        Step { name: "edit", permission: Permission::WriteNeeds, verdict: need.may_edit() },
        Step { name: "delete", permission: Permission::WriteNeeds, verdict: need.may_delete() },
        step(NeedStep::Submit, Permission::WriteNeeds),
        step(NeedStep::Return, Permission::ConsolidateNeeds),
        step(NeedStep::Consolidate, Permission::ConsolidateNeeds),
        step(NeedStep::Appraise, Permission::AppraiseNeeds),
        step(NeedStep::Approve, Permission::ApproveNeeds),
    ];
    call.allowed_actions(&path_of(*id), steps)
}
