//! Criteria sets: what evaluations score, as data. Loaded as drafts, tried, activated from a day, retired.

mod steps;
mod trials;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{CriteriaSetView, NewCriteriaSet};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place;
use crate::domain::criteria::life::{CriteriaAction, CriteriaContent};
use crate::domain::criteria::{CriteriaSet, CriteriaSetState};
use crate::domain::role::Permission;
use crate::store::place_filter::PlaceFilter;
use crate::store::{Tx, criteria_sets, territory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(load).service(list).service(read).service(edit).service(remove).service(allowed_actions);
    steps::routes(config);
    trials::routes(config);
}

fn path_of(id: Uuid) -> String {
    format!("/v1/criteria-sets/{id}")
}

/// A variant is of a province that exists on its first day.
async fn check_province(tx: &Tx, set: &CriteriaSet) -> Result<(), ApiError> {
    let Some(province) = &set.province else { return Ok(()) };
    let found = territory::find(tx, province, set.valid_from).await;
    found.map(|_| ()).map_err(|error| ApiError::reference(error, "/province", "province"))
}

/// Narrows the list of criteria sets.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CriteriaSetQuery {
    /// Code.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    code: Option<String>,
    /// Where it is in its life.
    #[param(inline, nullable = false)]
    state: Option<CriteriaSetState>,
    /// A day on which it is in force.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Code of the province whose variant it is, as it is read on the day of `at`, else today.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
}

/// Load a criteria set
///
/// As a draft, which nothing is evaluated under. Every fault is told at once: maxima that cannot sum, codes used twice,
/// scales whose steps overlap or leave a gap, indicators that are not known.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "createCriteriaSet",
    request_body = NewCriteriaSet,
    responses((status = 201, description = "The draft.", body = CriteriaSetView)),
    security(("bearer" = ["criteria:load"]))
)]
#[post("/v1/criteria-sets")]
async fn load(call: Call, Body(new): Body<NewCriteriaSet>) -> Answer {
    let work = call.begin().await?;
    let content = CriteriaContent::from(new);
    let versions = criteria_sets::versions_of(work.tx(), &content.code).await?;
    let set = CriteriaSet::load(call.new_id(), content, &versions, call.caller())?;
    check_province(work.tx(), &set).await?;
    criteria_sets::insert(work.tx(), &set).await?;
    work.created(&path_of(set.id), set.version, &CriteriaSetView::from(set)).await
}

/// List criteria sets
///
/// Every version that was loaded, in the order of loading.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "listCriteriaSets",
    params(PageQuery, CriteriaSetQuery),
    responses((status = 200, description = "One page.", body = Page<CriteriaSetView>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<CriteriaSetQuery>) -> Answer {
    let CriteriaSetQuery { code, state, at, province } = query.clone();
    let place = PlaceFilter { province: place::meant(&call, province.as_deref(), at).await?, unit: None };
    let filter = criteria_sets::Filter { code, state, at, place };
    call.list(&page, &query, criteria_sets::list(&filter), CriteriaSetView::from).await
}

/// Read a criteria set
///
/// Groups, criteria and sub-criteria with their maxima as far as they are known, ratings, conditions and deadlines.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "getCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 200, description = "The criteria set.", body = CriteriaSetView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let set = criteria_sets::find(call.db(), *id).await?;
    call.one(set.version, &CriteriaSetView::from(set))
}

/// Edit the draft of a criteria set
///
/// Checked like a creation; what was activated does not change.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "editCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    request_body(content = NewCriteriaSet, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = CriteriaSetView)),
    security(("bearer" = ["criteria:load"]))
)]
#[patch("/v1/criteria-sets/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let set = criteria_sets::find(work.tx(), *id).await?;
    seen.holds(set.version);
    let content = CriteriaContent::from(patch.onto(&NewCriteriaSet::from(&set))?);
    let edited = set.edit(content, call.caller())?;
    check_province(work.tx(), &edited).await?;
    criteria_sets::update(work.tx(), &edited).await?;
    work.changed(edited.version, &CriteriaSetView::from(edited)).await
}

/// Delete the draft of a criteria set
///
/// Only a draft that was never activated.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "deleteCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["criteria:load"]))
)]
#[delete("/v1/criteria-sets/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let set = criteria_sets::find(work.tx(), *id).await?;
    seen.holds(set.version);
    set.may(CriteriaAction::Delete, call.caller())?;
    criteria_sets::delete(work.tx(), &set).await?;
    work.deleted().await
}

/// Tell what the caller may do with a criteria set
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "listCriteriaSetActions",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let set = criteria_sets::find(call.db(), *id).await?;
    let step = |(name, permission, action)| Step { name, permission, verdict: set.may(action, call.caller()) };
    let trial = Step { name: "trials", permission: Permission::TryCriteria, verdict: Ok(()) };
    let steps = [
        ("edit", Permission::LoadCriteria, CriteriaAction::Edit),
        ("delete", Permission::LoadCriteria, CriteriaAction::Delete),
        ("activations", Permission::ActivateCriteria, CriteriaAction::Activate),
        ("retirements", Permission::ActivateCriteria, CriteriaAction::Retire),
    ];
    call.allowed_actions(&path_of(*id), steps.map(step).into_iter().chain([trial]).collect())
}
