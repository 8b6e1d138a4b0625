//! Conditions that a province adds to those of a scheme: drafted by the lead agency, approved by the People's Committee.

mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{
    NewProvincialCondition, ProvincialConditionApproval, ProvincialConditionEnding, ProvincialConditionView,
};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use super::place::ProvinceQuery;
use super::references::Missing;
use crate::domain::application::unchanged;
use crate::domain::history::StepTaken;
use crate::domain::plan::no_plan;
use crate::domain::provincial_condition::{ConditionStatus, Ending, ProvincialCondition};
use crate::domain::refusal::Refusal;
use crate::domain::role::{Permission, Scope};
use crate::store::{Tx, provincial_conditions, provincial_plans, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(approve)
        .service(list_approvals)
        .service(end)
        .service(list_endings);
}

/// Narrows the list of conditions.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ProvincialConditionQuery {
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<ConditionStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/provincial-conditions/{id}")
}

/// The agency that leads the province's plan; conditions are added under a plan in force.
async fn lead_of(tx: &Tx, province: &str, scheme: &str) -> Result<Uuid, ApiError> {
    let lead = provincial_plans::lead_agency(tx, province, scheme).await?;
    Ok(lead.ok_or_else(|| no_plan(province, scheme))?)
}

/// Draft a condition of a province
///
/// By the agency that leads the province's plan: of a kind that the scheme's conditions have, with parameters of its own,
/// or a statement that applicants attest with evidence. It binds nobody until it is approved.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "createProvincialCondition",
    request_body = NewProvincialCondition,
    responses((status = 201, description = "The draft.", body = ProvincialConditionView)),
    security(("bearer" = ["conditions:draft"]))
)]
#[post("/v1/provincial-conditions")]
async fn create(call: Call, Body(new): Body<NewProvincialCondition>) -> Answer {
    let mut missing = Missing::default();
    let is_own = matches!(call.scope(), Scope::Province(own) if own.covers(&new.province));
    missing.unless(is_own, "/province", "province");
    let work = call.begin().await?;
    let scheme = missing.found(schemes::find(work.tx(), &new.scheme).await, "/scheme", "scheme")?;
    missing.all(scheme)?;
    let (of, content) = ((new.province.clone(), new.scheme.clone()), new.into());
    let lead = Some(lead_of(work.tx(), &of.0, &of.1).await?);
    let condition = ProvincialCondition::draft(call.new_id(), of, content, lead, call.caller(), call.now())?;
    provincial_conditions::insert(work.tx(), &condition).await?;
    work.created(&path_of(condition.id), condition.version, &ProvincialConditionView::from(condition)).await
}

/// List conditions of provinces
///
/// Those of the caller's province; a cooperative sees the approved ones.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "listProvincialConditions",
    params(PageQuery, ProvinceQuery, ProvincialConditionQuery),
    responses((status = 200, description = "One page.", body = Page<ProvincialConditionView>)),
    security(("bearer" = ["conditions:read"]))
)]
#[get("/v1/provincial-conditions")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<ProvincialConditionQuery>,
) -> Answer {
    let ProvincialConditionQuery { scheme, state } = query.clone();
    let filter = provincial_conditions::Filter { place: place.meant(&call).await?, scheme, state };
    let listing = provincial_conditions::list(call.scope(), &filter);
    call.list(&page, &place.with(&query), listing, ProvincialConditionView::from).await
}

/// Read a condition of a province
///
/// With its parameters and the days on which it holds.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "getProvincialCondition",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    responses((status = 200, description = "The condition.", body = ProvincialConditionView)),
    security(("bearer" = ["conditions:read"]))
)]
#[get("/v1/provincial-conditions/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let condition = provincial_conditions::find(call.db(), call.scope(), *id).await?;
    call.one(condition.version, &ProvincialConditionView::from(condition))
}

/// Edit a condition of a province
///
/// While it is a draft. Province and scheme stay.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "editProvincialCondition",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    request_body(content = NewProvincialCondition, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ProvincialConditionView)),
    security(("bearer" = ["conditions:draft"]))
)]
#[patch("/v1/provincial-conditions/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let condition = provincial_conditions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(condition.version);
    let new: NewProvincialCondition = patch.onto(&NewProvincialCondition::from(condition.clone()))?;
    let fixed = [
        unchanged(&condition.province, &new.province, "/province"),
        unchanged(&condition.scheme, &new.scheme, "/scheme"),
    ];
    Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
    let lead = Some(lead_of(work.tx(), &condition.province, &condition.scheme).await?);
    let condition = condition.edit(new.into(), lead, call.caller(), call.now())?;
    provincial_conditions::update(work.tx(), &condition).await?;
    work.changed(condition.version, &ProvincialConditionView::from(condition)).await
}

/// Delete a condition of a province
///
/// Only a draft: an approved one is ended by a later decision.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "deleteProvincialCondition",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["conditions:draft"]))
)]
#[delete("/v1/provincial-conditions/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let condition = provincial_conditions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(condition.version);
    let lead = Some(lead_of(work.tx(), &condition.province, &condition.scheme).await?);
    condition.may_delete(call.caller(), lead)?;
    provincial_conditions::delete(work.tx(), &condition).await?;
    work.deleted().await
}

/// Tell what the caller may do with a condition of a province
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "listProvincialConditionActions",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["conditions:read"]))
)]
#[get("/v1/provincial-conditions/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let condition = provincial_conditions::find(call.db(), call.scope(), *id).await?;
    let lead = provincial_plans::lead_agency(call.db(), &condition.province, &condition.scheme).await?;
    let caller = call.caller();
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::DraftConditions, condition.may_edit(caller, lead)),
        step("delete", Permission::DraftConditions, condition.may_delete(caller, lead)),
        step("approvals", Permission::ApproveConditions, condition.may_approve(caller)),
        step("endings", Permission::ApproveConditions, condition.may_end().map(drop)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Approve a condition of a province
///
/// By the People's Committee, not by who wrote it. From then on applicants are held to it on its days.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "approveProvincialCondition",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    request_body = ProvincialConditionApproval,
    responses((status = 200, description = "Approved.", body = ProvincialConditionView)),
    security(("bearer" = ["conditions:approve"]))
)]
#[post("/v1/provincial-conditions/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ProvincialConditionApproval>) -> Answer {
    let ProvincialConditionApproval { comment, document } = body;
    let work = call.begin().await?;
    let condition = provincial_conditions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(condition.version);
    let condition = condition.approve(call.caller(), call.now())?;
    provincial_conditions::update(work.tx(), &condition).await?;
    let (on_date, content_hash) = (Some(condition.content.decision_date), Some(condition.content_hash()));
    let step = StepTaken::new("approvals", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, document, content_hash, ..step }).await?;
    work.stepped(&path_of(*id), condition.version, &ProvincialConditionView::from(condition)).await
}

/// List the approvals of a condition of a province
///
/// At most one, with the digest of what was approved.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "listProvincialConditionApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["conditions:read"]))
)]
#[get("/v1/provincial-conditions/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    provincial_conditions::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}

/// End a condition of a province
///
/// By a later decision of the People's Committee, from the day after `lastDay`. What was decided under it stays.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "endProvincialCondition",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    request_body = ProvincialConditionEnding,
    responses((status = 200, description = "Ended.", body = ProvincialConditionView)),
    security(("bearer" = ["conditions:approve"]))
)]
#[post("/v1/provincial-conditions/{id}/endings")]
async fn end(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ProvincialConditionEnding>) -> Answer {
    let ProvincialConditionEnding { number, date, last_day, reason } = body;
    let work = call.begin().await?;
    let condition = provincial_conditions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(condition.version);
    let condition = condition.end(Ending { number, date, last_day }, call.now())?;
    provincial_conditions::update(work.tx(), &condition).await?;
    let (on_date, comment) = (Some(date), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("endings", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), condition.version, &ProvincialConditionView::from(condition)).await
}

/// List the endings of a condition of a province
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Provincial conditions",
    operation_id = "listProvincialConditionEndings",
    params(("id" = Uuid, Path, description = "Identifier of the condition.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["conditions:read"]))
)]
#[get("/v1/provincial-conditions/{id}/endings")]
async fn list_endings(call: Call, id: Path<Uuid>) -> Answer {
    provincial_conditions::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "endings").await
}
