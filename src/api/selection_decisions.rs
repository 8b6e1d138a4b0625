//! Selection decisions: drafted by the lead agency, approved by the People's Committee, all applications or none.

pub(super) mod steps;
pub(super) mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{NewDecisionChoice, NewSelectionDecision, SelectionDecisionView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::ProvinceQuery;
use super::references::Missing;
use crate::domain::agency::Agency;
use crate::domain::application::{Application, unchanged};
use crate::domain::eligibility::determine;
use crate::domain::plan::{ProvincialPlan, no_plan};
use crate::domain::refusal::Refusal;
use crate::domain::role::{Permission, Scope};
use crate::domain::selection::{
    Candidate, DecisionContent, DecisionReferences, DecisionStatus, PilotList, SelectionDecision,
};
use crate::store::eligibility::Chosen;
use crate::store::{
    StoreError, Tx, agencies, applications, eligibility, pilots, provincial_plans, schemes, selection_decisions,
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list_decisions).service(read).service(edit).service(remove).service(allowed_actions);
    steps::routes(config);
}

/// Narrows the list of decisions.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SelectionDecisionQuery {
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// The list that they add to.
    #[param(inline, nullable = false)]
    list: Option<PilotList>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<DecisionStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/selection-decisions/{id}")
}

/// Pilots are selected under a plan in force: it names the lead agency and the quota.
pub(super) fn under_a_plan(
    found: Result<ProvincialPlan, StoreError>,
    province: &str,
    scheme: &str,
) -> Result<ProvincialPlan, ApiError> {
    StoreError::if_found(found)?.ok_or_else(|| no_plan(province, scheme).into())
}

/// Looks whether each choice names an application within reach and a department of the directory.
pub(super) fn look_for_choices(
    missing: &mut Missing,
    place: &str,
    choices: &[NewDecisionChoice],
    (applications, departments): (&[Application], &[Agency]),
) {
    for (at, choice) in choices.iter().enumerate() {
        let is_there = applications.iter().any(|application| application.id == choice.application);
        missing.unless(is_there, &format!("{place}/{at}/application"), "application");
        let is_there = departments.iter().any(|agency| agency.id == choice.responsible_department);
        missing.unless(is_there, &format!("{place}/{at}/responsibleDepartment"), "agency");
    }
}

/// What the body refers to, and the rules over it: then `decide` makes the decision.
async fn decided(
    call: &Call,
    tx: &Tx,
    new: NewSelectionDecision,
    decide: impl FnOnce(DecisionContent, &DecisionReferences<'_>) -> Result<SelectionDecision, Refusal>,
) -> Result<(SelectionDecision, Vec<Application>), ApiError> {
    let mut missing = Missing::default();
    let is_own = matches!(call.scope(), Scope::Province(own) if own.covers(&new.province));
    missing.unless(is_own, "/province", "province");
    let scheme = missing.found(schemes::find(tx, &new.scheme).await, "/scheme", "scheme")?;
    let chosen = new.applications.iter().map(|choice| choice.application);
    let applications = applications::find_all(tx, call.scope(), chosen).await?;
    let departments = new.applications.iter().map(|choice| choice.responsible_department).collect();
    let departments = agencies::of_ids(tx, departments).await?;
    let plan = provincial_plans::approved(tx, &new.province, &new.scheme).await;
    let plan = under_a_plan(plan, &new.province, &new.scheme);
    if !missing.is_empty() || plan.is_err() {
        // The rules will not be asked, which tell this otherwise.
        look_for_choices(&mut missing, "/applications", &new.applications, (&applications, &departments));
    }
    let (scheme, plan) = (missing.all(scheme)?, plan?);
    let references = DecisionReferences {
        province: &new.province.clone(),
        scheme: &scheme,
        lead_agency: plan.content.lead_agency,
        plan_date: plan.content.decision_date,
        applications: &applications,
        departments: &departments,
    };
    Ok((decide(new.into(), &references)?, applications))
}

/// Draft a selection decision
///
/// By the agency that leads the province's plan. Applications are checked when the decision is approved.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "createSelectionDecision",
    request_body = NewSelectionDecision,
    responses((status = 201, description = "The draft.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[post("/v1/selection-decisions")]
async fn create(call: Call, Body(new): Body<NewSelectionDecision>) -> Answer {
    let work = call.begin().await?;
    let draft = |content, references: &DecisionReferences<'_>| {
        SelectionDecision::draft(call.new_id(), content, references, call.caller(), call.now())
    };
    let (decision, chosen) = decided(&call, work.tx(), new, draft).await?;
    selection_decisions::insert(work.tx(), &decision, &chosen).await?;
    work.created(&path_of(decision.id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// List selection decisions
///
/// Those of the caller's province; a cooperative sees the approved ones on its own applications.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisions",
    params(PageQuery, ProvinceQuery, SelectionDecisionQuery),
    responses((status = 200, description = "One page.", body = Page<SelectionDecisionView>)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions")]
async fn list_decisions(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<SelectionDecisionQuery>,
) -> Answer {
    let SelectionDecisionQuery { scheme, list, state } = query.clone();
    let filter = selection_decisions::Filter { place: place.meant(&call).await?, scheme, list, state };
    let listing = selection_decisions::list(call.scope(), &filter);
    call.list(&page, &place.with(&query), listing, SelectionDecisionView::from).await
}

/// Read a selection decision
///
/// With the applications that it chooses.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "getSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The decision.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let decision = selection_decisions::find(call.db(), call.scope(), *id).await?;
    call.one(decision.version, &SelectionDecisionView::from(decision))
}

/// Edit a selection decision
///
/// While it is a draft. Province and scheme stay.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "editSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    request_body(content = NewSelectionDecision, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[patch("/v1/selection-decisions/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let decision = selection_decisions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(decision.version);
    let new: NewSelectionDecision = patch.onto(&NewSelectionDecision::from(decision.clone()))?;
    let fixed = [
        unchanged(&decision.province, &new.province, "/province"),
        unchanged(&decision.scheme, &new.scheme, "/scheme"),
    ];
    Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
    let rewrite =
        |content, references: &DecisionReferences<'_>| decision.edit(content, references, call.caller(), call.now());
    let (decision, chosen) = decided(&call, work.tx(), new, rewrite).await?;
    selection_decisions::update_draft(work.tx(), &decision, &chosen).await?;
    work.changed(decision.version, &SelectionDecisionView::from(decision)).await
}

/// Delete a selection decision
///
/// Only a draft: an approved one is revoked by a later decision.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "deleteSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["decisions:draft"]))
)]
#[delete("/v1/selection-decisions/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let decision = selection_decisions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(decision.version);
    let plan = under_a_plan(
        provincial_plans::approved(work.tx(), &decision.province, &decision.scheme).await,
        &decision.province,
        &decision.scheme,
    )?;
    decision.may_delete(call.caller(), plan.content.lead_agency)?;
    selection_decisions::delete(work.tx(), &decision).await?;
    work.deleted().await
}

/// The applications of a decision with their eligibility now, each with an identifier for its pilot.
pub(super) fn candidates(call: &Call, chosen: Vec<Chosen>) -> Vec<Candidate> {
    let candidate = |Chosen { application, inputs, stopped_on }| {
        let (determination, pilot) = (determine(&inputs), call.new_id());
        Candidate { application, determination, stopped_on, pilot }
    };
    chosen.into_iter().map(candidate).collect()
}

/// Tell what the caller may do with a selection decision
///
/// Each step, allowed now or with the code of the refusal: for an approval, eligibility and quota included.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisionActions",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let decision = selection_decisions::find(call.db(), call.scope(), *id).await?;
    let plan = under_a_plan(
        provincial_plans::approved(call.db(), &decision.province, &decision.scheme).await,
        &decision.province,
        &decision.scheme,
    )?;
    let candidates = candidates(&call, eligibility::of_decision(call.db(), &decision).await?);
    let quota = pilots::quota(call.db(), &plan).await?;
    let (caller, lead) = (call.caller(), plan.content.lead_agency);
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::DraftDecisions, decision.may_edit(caller, lead)),
        step("delete", Permission::DraftDecisions, decision.may_delete(caller, lead)),
        step("approvals", Permission::ApproveDecisions, decision.may_approve(&candidates, &quota, caller)),
        step("revocations", Permission::ApproveDecisions, decision.may_revoke(caller).map(drop)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}
