//! Improvement plans: written and signed by the cooperative, reviewed as drafts, approved by the People's Committee.

mod steps;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{ImprovementPlanView, ImprovementProgressView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::improvement::{
    Achieved, Ceilings, ExitRule, ImprovementContent, ImprovementPlan, ImprovementStatus, ImprovementStep,
    NewImprovementPlan, baseline_of, by_year, may_be_baseline, progress,
};
use crate::domain::pilot::Pilot;
use crate::domain::role::Permission;
use crate::store::{agencies, criteria_sets, evaluations, improvement_plans, pilots, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(read_progress);
    steps::routes(config);
}

/// Narrows the list of improvement plans.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ImprovementPlanQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// Where it stands.
    #[param(inline, nullable = false)]
    state: Option<ImprovementStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/improvement-plans/{id}")
}

/// The content of a form, checked against the baseline evaluation and the criteria set that it was made under.
async fn content(
    work: &Work,
    call: &Call,
    form: &NewImprovementPlan,
    pilot: &Pilot,
) -> Result<ImprovementContent, ApiError> {
    let baseline = evaluations::find(work.tx(), call.scope(), form.baseline_evaluation).await;
    let baseline = baseline.map_err(|error| ApiError::reference(error, "/baselineEvaluation", "evaluation"))?;
    let beginning = baseline_of(&baseline, pilot)?;
    let agencies = agencies::of_ids(work.tx(), form.agencies()).await?;
    form.check_agencies(&agencies, &pilot.province)?;
    let set = criteria_sets::find(work.tx(), baseline.criteria_set).await?;
    let content = form.checked(&beginning, &Ceilings::from(&set), call.now())?;
    may_be_baseline(&baseline, &schemes::find(work.tx(), &pilot.scheme).await?)?;
    Ok(content)
}

/// Draft an improvement plan
///
/// By the cooperative of a pilot: the criteria to improve with their targets, and measures with dates (Annex IV of Letter
/// 1485/BKHĐT-HTX). A pilot has one plan; later ones are revisions of it.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "createImprovementPlan",
    request_body = NewImprovementPlan,
    responses((status = 201, description = "Drafted.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:write"]))
)]
#[post("/v1/improvement-plans")]
async fn create(call: Call, Body(form): Body<NewImprovementPlan>) -> Answer {
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let standing = improvement_plans::standing(work.tx(), call.scope(), form.pilot).await;
    let standing = missing.found(standing, "/pilot", "pilot")?;
    if !missing.is_empty() {
        let baseline = evaluations::find(work.tx(), call.scope(), form.baseline_evaluation).await;
        missing.found(baseline, "/baselineEvaluation", "evaluation")?;
    }
    let standing = missing.all(standing)?;
    let content = content(&work, &call, &form, &standing.pilot).await?;
    let plan = ImprovementPlan::draft(call.new_id(), &standing, content, call.caller(), call.now())?;
    improvement_plans::insert(work.tx(), &plan).await?;
    let (path, version) = (path_of(plan.id), plan.version);
    work.created(&path, version, &ImprovementPlanView::from(plan)).await
}

/// List improvement plans
///
/// Those within the caller's reach, each revision by itself, in the order of recording.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementPlans",
    params(PageQuery, PlaceQuery, ImprovementPlanQuery),
    responses((status = 200, description = "One page.", body = Page<ImprovementPlanView>)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<ImprovementPlanQuery>,
) -> Answer {
    let ImprovementPlanQuery { cooperative, pilot, state } = query.clone();
    let filter = improvement_plans::Filter { place: place.meant(&call).await?, cooperative, pilot, state };
    call.list(&page, &place.with(&query), improvement_plans::list(call.scope(), &filter), ImprovementPlanView::from)
        .await
}

/// Read an improvement plan
///
/// One revision, with criteria, measures, opinions, signature and approval.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "getImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let plan = improvement_plans::find(call.db(), call.scope(), *id).await?;
    call.one(plan.version, &ImprovementPlanView::from(plan))
}

/// Edit the draft of an improvement plan
///
/// By its cooperative, before it is signed or after it was returned. A revision keeps its baseline evaluation.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "editImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body(content = NewImprovementPlan, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:write"]))
)]
#[patch("/v1/improvement-plans/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let plan = improvement_plans::find(work.tx(), call.scope(), *id).await?;
    seen.holds(plan.version);
    let form: NewImprovementPlan = patch.onto(&NewImprovementPlan::from(&plan))?;
    plan.keeps_pilot(&form)?;
    let standing = improvement_plans::standing(work.tx(), call.scope(), plan.pilot).await?;
    let content = content(&work, &call, &form, &standing.pilot).await?;
    let plan = plan.edited(content, call.caller(), &standing, call.now())?;
    improvement_plans::update(work.tx(), &plan).await?;
    work.changed(plan.version, &ImprovementPlanView::from(plan)).await
}

/// Delete the draft of an improvement plan
///
/// By its cooperative. What was submitted once is never lost.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "deleteImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["improvement:write"]))
)]
#[delete("/v1/improvement-plans/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let plan = improvement_plans::find(work.tx(), call.scope(), *id).await?;
    seen.holds(plan.version);
    plan.may_delete()?;
    improvement_plans::delete(work.tx(), &plan).await?;
    if let Some(revises) = &plan.revises {
        let before = improvement_plans::find(work.tx(), call.scope(), revises.plan).await?;
        improvement_plans::update(work.tx(), &before.without_next(call.now())).await?;
    }
    work.deleted().await
}

/// Tell what the caller may do with an improvement plan
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementActions",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let plan = improvement_plans::find(call.db(), call.scope(), *id).await?;
    let standing = improvement_plans::standing(call.db(), call.scope(), plan.pilot).await?;
    let write = Permission::WriteImprovement;
    let mut steps = vec![
        Step { name: "edit", permission: write, verdict: plan.may_edit(&standing) },
        Step { name: "delete", permission: write, verdict: plan.may_delete() },
    ];
    steps.extend(ImprovementStep::ALL.iter().map(|step| Step {
        name: step.name(),
        permission: step.permission(),
        verdict: plan.may(*step, call.caller(), &standing),
    }));
    call.allowed_actions(&path_of(*id), steps)
}

/// Tell how far a pilot has come against its plan
///
/// Criterion by criterion against the latest evaluation, and year by year what was planned against what was reached; with
/// the two requirements for leaving the scheme apart: a total of 80 to 100, and no criterion to be improved below its baseline
/// (2129/QĐ-UBND VI.2.1), those included that an earlier approved revision was to improve. The exit needs both.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "getImprovementProgress",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The progress.", body = ImprovementProgressView)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/progress")]
async fn read_progress(call: Call, id: Path<Uuid>) -> Answer {
    let plan = improvement_plans::find(call.db(), call.scope(), *id).await?;
    let pilot = pilots::find(call.db(), call.scope(), plan.pilot).await?;
    let scheme = schemes::find(call.db(), &pilot.scheme).await?;
    let latest = evaluations::latest(call.db(), plan.cooperative, &scheme.criteria_set).await?;
    let approved = improvement_plans::approved_by(call.db(), plan.pilot, call.today()).await?;
    let found = progress(&plan, &approved, latest.as_ref().map(Achieved::from).as_ref(), &ExitRule::of(&scheme));
    let baseline = evaluations::find(call.db(), call.scope(), plan.content.baseline_evaluation).await?;
    let criteria = &scheme.criteria_set;
    let evaluated = evaluations::of_each_year(call.db(), plan.cooperative, baseline.year, criteria).await?;
    let years = by_year(&plan, &evaluated.iter().map(Achieved::from).collect::<Vec<_>>());
    call.computed(&ImprovementProgressView::of(&plan, latest.as_ref(), (found, years), call.today()))
}
