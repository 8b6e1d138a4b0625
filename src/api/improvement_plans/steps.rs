//! The steps of an improvement plan, in the order of its life, and their histories.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use uuid::Uuid;

use super::path_of;
use super::views::ImprovementPlanView;
use crate::api::call::{Body, Call, IfMatch, Work};
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::history::StepTaken;
use crate::domain::improvement::{
    ImprovementApproval, ImprovementOpinion, ImprovementPlan, ImprovementReceipt, ImprovementReturn,
    ImprovementRevision, ImprovementStep, ImprovementSubmission, MeasureReport, Standing,
};
use crate::store::improvement_plans;

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(give_opinion)
        .service(list_opinions)
        .service(submit)
        .service(list_submissions)
        .service(receive)
        .service(list_receipts)
        .service(send_back)
        .service(list_returns)
        .service(approve)
        .service(list_approvals)
        .service(revise)
        .service(list_revisions)
        .service(report_measure)
        .service(list_measure_reports);
}

/// Finds the plan that a step is taken on, as the client has seen it, with what surrounds it.
async fn find(work: &Work, call: &Call, id: Uuid, seen: &IfMatch) -> Result<(ImprovementPlan, Standing), ApiError> {
    let plan = improvement_plans::find(work.tx(), call.scope(), id).await?;
    seen.holds(plan.version);
    let standing = improvement_plans::standing(work.tx(), call.scope(), plan.pilot).await?;
    Ok((plan, standing))
}

async fn finish(work: Work, plan: ImprovementPlan, taken: &StepTaken) -> Answer {
    improvement_plans::update(work.tx(), &plan).await?;
    work.step(plan.id, taken).await?;
    let (path, version) = (path_of(plan.id), plan.version);
    work.stepped(&path, version, &ImprovementPlanView::from(plan)).await
}

async fn history(call: Call, id: Uuid, step: ImprovementStep) -> Answer {
    improvement_plans::find(call.db(), call.scope(), id).await?;
    call.history(id, step.name()).await
}

/// Give an opinion on the draft of an improvement plan
///
/// By locality, responsible line department, lead agency or Alliance, before the plan is signed (2129/QĐ-UBND VI.2.1).
/// An opinion stays with the content that it was given on.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "giveImprovementOpinion",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementOpinion,
    responses((status = 200, description = "Recorded; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:review"]))
)]
#[post("/v1/improvement-plans/{id}/opinions")]
async fn give_opinion(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementOpinion>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.reviewed(body, call.caller(), &standing, call.now())?;
    finish(work, plan, &taken).await
}

/// List the opinions on an improvement plan
///
/// Every opinion given, oldest first.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementOpinions",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The opinions.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/opinions")]
async fn list_opinions(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Opinions).await
}

/// Submit a signed improvement plan
///
/// The legal representative has signed and sealed it, after the responsible department, the lead agency and the Alliance
/// have reviewed this very content (2129/QĐ-UBND VI.2.1); it goes to those three and the locality.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "submitImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementSubmission,
    responses((status = 200, description = "Submitted; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:write"]))
)]
#[post("/v1/improvement-plans/{id}/submissions")]
async fn submit(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementSubmission>) -> Answer {
    body.check(call.now())?;
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.submitted(body, call.caller(), &standing, call.now())?;
    finish(work, plan, &taken).await
}

/// List the submissions of an improvement plan
///
/// Each time it was signed and sent, oldest first.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementSubmissions",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The submissions.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/submissions")]
async fn list_submissions(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Submissions).await
}

/// Acknowledge a signed improvement plan
///
/// By each of the four recipients, once a signature: lead agency, responsible line department, Alliance and locality
/// (2129/QĐ-UBND VI.2.1). A plan that is returned and signed again is acknowledged again.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "receiveImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementReceipt,
    responses((status = 200, description = "Acknowledged; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:receive"]))
)]
#[post("/v1/improvement-plans/{id}/receipts")]
async fn receive(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementReceipt>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.received(body, call.caller(), &standing, call.now())?;
    finish(work, plan, &taken).await
}

/// List the receipts of an improvement plan
///
/// `item` is the recipient, `comment` the number under which the plan was entered; oldest first.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementReceipts",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The receipts.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/receipts")]
async fn list_receipts(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Receipts).await
}

/// Return an improvement plan to its cooperative
///
/// With what has to be changed. What was signed no longer counts; the plan is changed and signed again.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "returnImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementReturn,
    responses((status = 200, description = "Returned; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:return"]))
)]
#[post("/v1/improvement-plans/{id}/returns")]
async fn send_back(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementReturn>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.returned(body, call.caller(), &standing, call.now())?;
    finish(work, plan, &taken).await
}

/// List the returns of an improvement plan
///
/// Each with its comment, oldest first.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementReturns",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The returns.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/returns")]
async fn list_returns(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Returns).await
}

/// Approve an improvement plan
///
/// By the provincial People's Committee, never by who wrote or submitted it. The approval is bound to `contentHash`.
/// An approved revision replaces the one before it as the yardstick.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "approveImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementApproval,
    responses((status = 200, description = "Approved; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:approve"]))
)]
#[post("/v1/improvement-plans/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementApproval>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.approved(body, call.caller(), &standing, call.now())?;
    if let Some(revises) = &plan.revises {
        let before = improvement_plans::find(work.tx(), call.scope(), revises.plan).await?;
        improvement_plans::update(work.tx(), &before.superseded(call.now())).await?;
    }
    finish(work, plan, &taken).await
}

/// List the approvals of an improvement plan
///
/// At most one: an approved plan is revised, not approved again.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The approvals.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Approvals).await
}

/// Open the next revision of an approved improvement plan
///
/// By the cooperative, with its reason. `nextRevision` of the answer is the new draft; this plan stays the yardstick
/// until that is approved.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "reviseImprovementPlan",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = ImprovementRevision,
    responses((status = 200, description = "Opened; this plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:write"]))
)]
#[post("/v1/improvement-plans/{id}/revisions")]
async fn revise(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ImprovementRevision>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, draft, taken) = plan.revised(call.new_id(), body, call.caller(), &standing, call.now())?;
    improvement_plans::insert(work.tx(), &draft).await?;
    finish(work, plan, &taken).await
}

/// List the revisions opened from an improvement plan
///
/// Each with its reason, oldest first; a draft that was deleted stays in the list.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listImprovementRevisions",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The revisions.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/revisions")]
async fn list_revisions(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::Revisions).await
}

/// Report on a measure of an approved improvement plan
///
/// By the cooperative: done on a day, or open again after a mistake. The content of the plan stays what was approved.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "reportMeasure",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    request_body = MeasureReport,
    responses((status = 200, description = "Recorded; the plan.", body = ImprovementPlanView)),
    security(("bearer" = ["improvement:write"]))
)]
#[post("/v1/improvement-plans/{id}/measure-reports")]
async fn report_measure(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<MeasureReport>) -> Answer {
    let work = call.begin().await?;
    let (plan, standing) = find(&work, &call, *id, &seen).await?;
    let (plan, taken) = plan.measure_reported(body, call.caller(), &standing, call.now())?;
    finish(work, plan, &taken).await
}

/// List the reports on measures of an improvement plan
///
/// `item` is the number of the measure; oldest first.
#[utoipa::path(
    tag = "Improvement plans",
    operation_id = "listMeasureReports",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The reports.", body = History)),
    security(("bearer" = ["improvement:read"]))
)]
#[get("/v1/improvement-plans/{id}/measure-reports")]
async fn list_measure_reports(call: Call, id: Path<Uuid>) -> Answer {
    history(call, *id, ImprovementStep::MeasureReports).await
}
