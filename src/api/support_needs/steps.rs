//! The steps of a support need, in the order of its life, and their histories.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use uuid::Uuid;

use super::path_of;
use super::views::SupportNeedView;
use crate::api::call::{Body, Call, IfMatch, Work};
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::history::StepTaken;
use crate::domain::support_need::{
    NeedStep, SupportNeed, SupportNeedAppraisal, SupportNeedApproval, SupportNeedConsolidation, SupportNeedReturn,
    SupportNeedSubmission,
};
use crate::store::support_needs::{self, Surroundings};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit)
        .service(list_submissions)
        .service(send_back)
        .service(list_returns)
        .service(consolidate)
        .service(list_consolidations)
        .service(appraise)
        .service(list_appraisals)
        .service(approve)
        .service(list_approvals);
}

/// Finds the need that a step is taken on, as the client has seen it, with what surrounds it.
async fn find(work: &Work, call: &Call, id: Uuid, seen: &IfMatch) -> Result<(SupportNeed, Surroundings), ApiError> {
    let need = support_needs::lock(work.tx(), call.scope(), id).await?;
    seen.holds(need.version);
    let around = support_needs::surroundings(work.tx(), call.scope(), need.pilot, need.id).await?;
    Ok((need, around))
}

async fn finish(work: Work, need: SupportNeed, taken: &StepTaken) -> Answer {
    support_needs::update(work.tx(), &need).await?;
    work.step(need.id, taken).await?;
    work.stepped(&path_of(need.id), need.version, &SupportNeedView::from(need)).await
}

async fn history(call: Call, id: Uuid, step: NeedStep) -> Answer {
    support_needs::find(call.db(), call.scope(), id).await?;
    call.history(id, step.name()).await
}

/// Submit a support need
///
/// By the cooperative, to the lead agency. A need that breaks a firm rate of Decision 1804/QĐ-TTg or Circular 124/2021/TT-BTC
/// is refused, with each figure.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "submitSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body = SupportNeedSubmission,
    responses((status = 200, description = "Submitted; the need.", body = SupportNeedView)),
    security(("bearer" = ["support:write"]))
)]
#[post("/v1/support-needs/{id}/submissions")]
async fn submit(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SupportNeedSubmission>) -> Answer {
    let work = call.begin().await?;
    let need = support_needs::lock_to_submit(work.tx(), call.scope(), *id).await?;
    seen.holds(need.version);
    let around = support_needs::surroundings(work.tx(), call.scope(), need.pilot, need.id).await?;
    let (need, taken) = need.submit(body, around.references(), call.caller(), call.now())?;
    support_needs::submitted(work.tx(), &need, &around).await?;
    work.step(need.id, &taken).await?;
    work.stepped(&path_of(need.id), need.version, &SupportNeedView::from(need)).await
}

/// List the submissions of a support need
///
/// Who took the step, when, and under which document.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedSubmissions",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/submissions")]
async fn list_submissions(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, NeedStep::Submit).await
}

/// Return a support need
///
/// By the lead agency, to the cooperative, which may write it anew.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "returnSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body = SupportNeedReturn,
    responses((status = 200, description = "Returned; the need.", body = SupportNeedView)),
    security(("bearer" = ["support:consolidate"]))
)]
#[post("/v1/support-needs/{id}/returns")]
async fn send_back(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SupportNeedReturn>) -> Answer {
    let work = call.begin().await?;
    let (need, around) = find(&work, &call, *id, &seen).await?;
    let (need, taken) = need.send_back(body, around.lead_agency, call.caller(), call.now())?;
    finish(work, need, &taken).await
}

/// List the returns of a support need
///
/// Who took the step, when, and under which document.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedReturns",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/returns")]
async fn list_returns(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, NeedStep::Return).await
}

/// Consolidate a support need
///
/// By the lead agency, into the needs of the province (2129/QĐ-UBND VII.1). From then on its items are appraised.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "consolidateSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body = SupportNeedConsolidation,
    responses((status = 200, description = "Consolidated; the need.", body = SupportNeedView)),
    security(("bearer" = ["support:consolidate"]))
)]
#[post("/v1/support-needs/{id}/consolidations")]
async fn consolidate(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SupportNeedConsolidation>) -> Answer {
    let work = call.begin().await?;
    let (need, around) = find(&work, &call, *id, &seen).await?;
    let (need, taken) = need.consolidate(body, around.lead_agency, call.caller(), call.now())?;
    finish(work, need, &taken).await
}

/// List the consolidations of a support need
///
/// Who took the step, when, and under which document.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedConsolidations",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/consolidations")]
async fn list_consolidations(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, NeedStep::Consolidate).await
}

/// Appraise items of a support need
///
/// Recurrent items by finance (2129/QĐ-UBND VII.3), others by the lead agency (VII.1), in whole or part; all or none.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "appraiseSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body = SupportNeedAppraisal,
    responses((status = 200, description = "Appraised; the need.", body = SupportNeedView)),
    security(("bearer" = ["support:appraise"]))
)]
#[post("/v1/support-needs/{id}/appraisals")]
async fn appraise(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SupportNeedAppraisal>) -> Answer {
    let work = call.begin().await?;
    let (need, around) = find(&work, &call, *id, &seen).await?;
    let (need, taken) = need.appraise(body, around.lead_agency, call.caller(), call.now())?;
    finish(work, need, &taken).await
}

/// List the appraisals of a support need
///
/// Who took the step, when, and under which document.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedAppraisals",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/appraisals")]
async fn list_appraisals(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, NeedStep::Appraise).await
}

/// Approve items of a support need
///
/// In whole or part, by the authority of their source: a district decides on its own budget, the provincial People's Committee
/// on the rest; never by a person who wrote or appraised them. All or none.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "approveSupportNeed",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    request_body = SupportNeedApproval,
    responses((status = 200, description = "Approved; the need.", body = SupportNeedView)),
    security(("bearer" = ["support:approve"]))
)]
#[post("/v1/support-needs/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SupportNeedApproval>) -> Answer {
    let work = call.begin().await?;
    let (need, _) = find(&work, &call, *id, &seen).await?;
    let (need, taken) = need.approve(body, call.caller(), call.now())?;
    finish(work, need, &taken).await
}

/// List the approvals of a support need
///
/// Who took the step, when, and under which document.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, NeedStep::Approve).await
}
