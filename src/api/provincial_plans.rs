//! Provincial plans: drafted by the lead agency that they name, approved by the People's Committee.

mod ranking;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

pub(super) use self::views::NewProvincialPlan;
use self::views::{ProvincialPlanApproval, ProvincialPlanView, read_form};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use super::place::ProvinceQuery;
use crate::domain::agency::Agency;
use crate::domain::digest;
use crate::domain::history::StepTaken;
use crate::domain::plan::{PlanContent, PlanReferences, PlanState, ProvincialPlan};
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::role::Permission;
use crate::domain::scheme::Scheme;
use crate::domain::territory::AdministrativeUnit;
use crate::store::{StoreError, Tx, agencies, provincial_plans, reference_entries, schemes, territory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(approve)
        .service(list_approvals)
        .service(allowed_actions);
    ranking::routes(config);
}

/// Narrows the list of provincial plans.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ProvincialPlanQuery {
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<PlanState>,
}

/// The lists that the lines of an estimate name.
const LISTS: &[ReferenceList] = &[
    ReferenceList::Categories,
    ReferenceList::BudgetLevels,
    ReferenceList::Sources,
    ReferenceList::Natures,
    ReferenceList::SupportKinds,
];

/// The records that a plan names, where they exist.
struct Named {
    province: Option<AdministrativeUnit>,
    scheme: Option<Scheme>,
    lead_agency: Option<Agency>,
    lists: Vec<ReferenceEntry>,
}

impl Named {
    async fn by(tx: &Tx, content: &PlanContent) -> Result<Self, StoreError> {
        Ok(Self {
            province: StoreError::if_found(territory::find(tx, &content.province, content.decision_date).await)?,
            scheme: StoreError::if_found(schemes::find(tx, &content.scheme).await)?,
            lead_agency: StoreError::if_found(agencies::find(tx, content.lead_agency).await)?,
            lists: reference_entries::of_lists(tx, LISTS).await?,
        })
    }

    fn references(&self) -> PlanReferences<'_> {
        PlanReferences {
            province: self.province.as_ref(),
            scheme: self.scheme.as_ref(),
            lead_agency: self.lead_agency.as_ref(),
            lists: &self.lists,
        }
    }
}

fn path_of(id: Uuid) -> String {
    format!("/v1/provincial-plans/{id}")
}

/// Draft a provincial plan
///
/// By the lead agency that the plan names. `total` must equal the sum of the estimate lines, and the quota of pilots
/// is at most that of the scheme.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "createProvincialPlan",
    request_body = NewProvincialPlan,
    responses((status = 201, description = "Drafted.", body = ProvincialPlanView)),
    security(("bearer" = ["plans:draft"]))
)]
#[post("/v1/provincial-plans")]
async fn create(call: Call, Body(new): Body<NewProvincialPlan>) -> Answer {
    let (content, lines) = read_form(&call, new);
    let work = call.begin().await?;
    let named = Named::by(work.tx(), &content).await?;
    let plan = ProvincialPlan::draft(call.new_id(), content, lines, named.references(), call.caller(), call.now())?;
    provincial_plans::insert(work.tx(), &plan).await?;
    work.created(&path_of(plan.id), plan.version, &ProvincialPlanView::from(plan)).await
}

/// List provincial plans
///
/// Those within the caller's reach, in the order of recording.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "listProvincialPlans",
    params(PageQuery, ProvinceQuery, ProvincialPlanQuery),
    responses((status = 200, description = "One page.", body = Page<ProvincialPlanView>)),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<ProvincialPlanQuery>,
) -> Answer {
    let ProvincialPlanQuery { scheme, state } = query.clone();
    let filter = provincial_plans::Filter { place: place.meant(&call).await?, scheme, state };
    call.list(&page, &place.with(&query), provincial_plans::list(call.scope(), &filter), ProvincialPlanView::from).await
}

/// Read a provincial plan
///
/// With the lines of its estimate, what is allocated of each, and how many pilots count against its quota.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "getProvincialPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The plan.", body = ProvincialPlanView)),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    call.one(plan.version, &ProvincialPlanView::from(plan))
}

/// Edit the draft of a provincial plan
///
/// By its lead agency, until it is approved. `estimateLines` are replaced as a whole and get new ids.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "editProvincialPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body(content = NewProvincialPlan, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ProvincialPlanView)),
    security(("bearer" = ["plans:draft"]))
)]
#[patch("/v1/provincial-plans/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let plan = provincial_plans::find(work.tx(), call.scope(), *id).await?;
    seen.holds(plan.version);
    let form = patch.onto(&NewProvincialPlan::from(&plan))?;
    let plan = edited(&call, &work, plan, form).await?;
    provincial_plans::rewrite(work.tx(), &plan).await?;
    work.changed(plan.version, &ProvincialPlanView::from(plan)).await
}

/// A draft written anew from a form, under the rules.
pub(super) async fn edited(
    call: &Call,
    work: &Work,
    plan: ProvincialPlan,
    form: NewProvincialPlan,
) -> Result<ProvincialPlan, ApiError> {
    let (content, lines) = read_form(call, form);
    let named = Named::by(work.tx(), &content).await?;
    Ok(plan.edit(content, lines, named.references(), call.caller(), call.now())?)
}

/// Delete the draft of a provincial plan
///
/// By its lead agency, until it is approved.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "deleteProvincialPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["plans:draft"]))
)]
#[delete("/v1/provincial-plans/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let plan = provincial_plans::find(work.tx(), call.scope(), *id).await?;
    seen.holds(plan.version);
    plan.may_edit(call.caller())?;
    provincial_plans::delete(work.tx(), &plan).await?;
    work.deleted().await
}

/// Approve a provincial plan
///
/// By the People's Committee, whose decision the plan bears; never by the person who drafted it. A province has one
/// approved plan for a scheme.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "approveProvincialPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ProvincialPlanApproval,
    responses((status = 200, description = "Approved; the plan.", body = ProvincialPlanView)),
    security(("bearer" = ["plans:approve"]))
)]
#[post("/v1/provincial-plans/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(approval): Body<ProvincialPlanApproval>) -> Answer {
    let ProvincialPlanApproval { comment, document } = approval;
    let work = call.begin().await?;
    let plan = provincial_plans::find(work.tx(), call.scope(), *id).await?;
    seen.holds(plan.version);
    let standing = provincial_plans::standing(work.tx(), &plan).await?;
    let plan = plan.approve(call.caller(), standing.as_deref(), call.now())?;
    provincial_plans::update(work.tx(), &plan).await?;
    let content_hash = digest::digest(&serde_json::to_value(NewProvincialPlan::from(&plan))?);
    let taken = StepTaken {
        on_date: Some(plan.content.decision_date),
        comment,
        document,
        content_hash: Some(content_hash),
        ..StepTaken::new("approvals", call.caller(), call.now())
    };
    work.step(plan.id, &taken).await?;
    work.stepped(&path_of(plan.id), plan.version, &ProvincialPlanView::from(plan)).await
}

/// List the approvals of a provincial plan
///
/// Who approved it, when, and the digest of what was approved.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "listProvincialPlanApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The approvals.", body = History)),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    provincial_plans::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}

/// Tell what the caller may do with a provincial plan
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "listProvincialPlanActions",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    let standing = provincial_plans::standing(call.db(), &plan).await?;
    let draft = |name| Step { name, permission: Permission::DraftPlans, verdict: plan.may_edit(call.caller()) };
    let verdict = plan.may_approve(call.caller(), standing.as_deref());
    let approval = Step { name: "approvals", permission: Permission::ApprovePlans, verdict };
    call.allowed_actions(&path_of(*id), vec![draft("edit"), draft("delete"), approval])
}
