//! The steps of a periodic report, and the history of each.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use super::view::PeriodicReportView;
use crate::api::call::{Body, Call, IfMatch, Work};
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::report::{PeriodicReport, SignOff};
use crate::store::{obligations, report_forms, reports};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit)
        .service(list_submissions)
        .service(send_back)
        .service(list_returns)
        .service(accept)
        .service(list_acceptances)
        .service(revise)
        .service(list_revisions)
        .service(recompute)
        .service(list_recomputations)
        .service(confirm)
        .service(list_receipts);
}

/// How a report is signed off inside the agency before it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportSubmission {
    /// Number of the signed document.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "215/BC-SKHĐT")]
    document_number: String,
    /// The date it bears: after the data of the period are closed, not in the future.
    #[schema(example = "2023-12-18")]
    document_date: NaiveDate,
    /// Who signed it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Văn A (dữ liệu mẫu)")]
    signatory: String,
}

/// What is to be corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportReturn {
    /// What is to be corrected.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Bổ sung doanh thu của HTX thí điểm.")]
    comment: String,
}

/// The acceptance of a report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportAcceptance {
    /// A remark.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đã kiểm tra, số liệu khớp.")]
    comment: Option<String>,
}

/// Why an accepted report is restated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportRevision {
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Doanh thu đã được quyết toán.")]
    reason: String,
}

/// Which content was taken over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportReceipt {
    /// `contentHash` of the report as it was taken over.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    content_hash: String,
    /// Number under which the receiver filed it.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", nullable = false, example = "4410/BKHĐT-HTX")]
    number: Option<String>,
}

/// Nothing to say: the figures come from the records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportRecomputation {}

/// Finds the report that a step is asked for, as the client has seen it.
async fn found(call: &Call, work: &Work, id: Uuid, seen: &IfMatch) -> Result<PeriodicReport, ApiError> {
    let report = reports::find(work.tx(), call.caller(), id).await?;
    seen.holds(report.version);
    Ok(report)
}

/// Keeps a report with the step that changed it, and commits.
async fn step_taken(work: Work, report: PeriodicReport, taken: StepTaken) -> Answer {
    reports::update(work.tx(), &report).await?;
    recorded(work, report, taken).await
}

/// Adds a step to the history of a report that was kept, and commits.
async fn recorded(work: Work, report: PeriodicReport, taken: StepTaken) -> Answer {
    let taken = StepTaken { content_hash: Some(report.content_hash.clone()), ..taken };
    work.step(report.id, &taken).await?;
    work.stepped(&path_of(report.id), report.version, &PeriodicReportView::from(report)).await
}

/// Seals how a report was signed off; what was sent before such seals were made gets its own when it is accepted.
fn with_document(call: &Call, report: PeriodicReport) -> Result<PeriodicReport, ApiError> {
    let unsealed = report.canonical_sign_off().filter(|_| report.sign_off_signature.is_none());
    let Some(text) = unsealed else { return Ok(report) };
    Ok(report.signed_off(call.seal(&text)?))
}

/// Submit a periodic report
///
/// Signed off inside the agency with a document, and bound to the digest of its content. Whether it came in time is
/// decided now, once for all.
#[utoipa::path(
    tag = "Reports",
    operation_id = "submitPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportSubmission,
    responses((status = 200, description = "Submitted.", body = PeriodicReportView)),
    security(("bearer" = ["reports:write"]))
)]
#[post("/v1/periodic-reports/{id}/submissions")]
async fn submit(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportSubmission>) -> Answer {
    let ReportSubmission { document_number, document_date, signatory } = body;
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let dues = obligations::dues(work.tx(), report.period, Some(report.reporter.agency)).await?;
    let due = dues.of(&report.reporter);
    let title = format!("{} {}", report.form, report.period);
    let document = DocumentReference {
        title,
        number: Some(document_number.clone()),
        document_date: Some(document_date),
        sha256: None,
        uri: None,
    };
    let sign_off = SignOff { document_number, document_date, signatory };
    let submitted = report.submit(sign_off, due.as_ref(), call.caller(), call.now())?;
    let signature = call.seal(&submitted.canonical())?;
    let submitted = with_document(&call, submitted.signed(signature))?;
    let taken = StepTaken::new("submissions", call.caller(), call.now());
    let taken = StepTaken { on_date: Some(document_date), document: Some(document), ..taken };
    step_taken(work, submitted, taken).await
}

/// List the submissions of a periodic report
///
/// When, by whom, with which document and of which content, oldest first.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportSubmissions",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The submissions.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/submissions")]
async fn list_submissions(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "submissions").await
}

/// Return a periodic report
///
/// By the agency that receives it, with what is to be corrected.
#[utoipa::path(
    tag = "Reports",
    operation_id = "returnPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportReturn,
    responses((status = 200, description = "Returned.", body = PeriodicReportView)),
    security(("bearer" = ["reports:accept"]))
)]
#[post("/v1/periodic-reports/{id}/returns")]
async fn send_back(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportReturn>) -> Answer {
    let ReportReturn { comment } = body;
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let lead = reports::lead_agency(work.tx(), &report).await?;
    let returned = report.send_back(comment.clone(), call.caller(), lead, call.now())?;
    let taken = StepTaken::new("returns", call.caller(), call.now());
    step_taken(work, returned, StepTaken { comment: Some(comment), ..taken }).await
}

/// List the returns of a periodic report
///
/// When, by whom and what was to be corrected, oldest first.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportReturns",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The returns.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/returns")]
async fn list_returns(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "returns").await
}

/// Accept a periodic report
///
/// By the agency that receives it, and not by a person who drafted or submitted it. From then on the report stands and
/// never changes; a revision that is accepted takes the place of the one that it restates.
#[utoipa::path(
    tag = "Reports",
    operation_id = "acceptPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportAcceptance,
    responses((status = 200, description = "Accepted.", body = PeriodicReportView)),
    security(("bearer" = ["reports:accept"]))
)]
#[post("/v1/periodic-reports/{id}/acceptances")]
async fn accept(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportAcceptance>) -> Answer {
    let ReportAcceptance { comment } = body;
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let lead = reports::lead_agency(work.tx(), &report).await?;
    let accepted = report.accept(comment.clone(), call.caller(), lead, call.now())?;
    let accepted = with_document(&call, accepted)?;
    let standing = reports::standing(work.tx(), &accepted.reporter, (accepted.period, accepted.form.as_str())).await?;
    if let Some(restated) = standing.filter(|standing| standing.id != accepted.id) {
        reports::update(work.tx(), &restated.give_way(call.now())).await?;
    }
    let taken = StepTaken::new("acceptances", call.caller(), call.now());
    step_taken(work, accepted, StepTaken { comment, ..taken }).await
}

/// List the acceptances of a periodic report
///
/// When and by whom.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportAcceptances",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The acceptances.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/acceptances")]
async fn list_acceptances(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "acceptances").await
}

/// Open a revision of an accepted periodic report
///
/// The report stays as it was accepted; its `next` names the draft of the next revision, whose figures are computed
/// from the records as they stand now, with the difference against this one.
#[utoipa::path(
    tag = "Reports",
    operation_id = "revisePeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportRevision,
    responses((status = 200, description = "The revision is opened.", body = PeriodicReportView)),
    security(("bearer" = ["reports:write"]))
)]
#[post("/v1/periodic-reports/{id}/revisions")]
async fn revise(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportRevision>) -> Answer {
    let ReportRevision { reason } = body;
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let form = report_forms::find(work.tx(), &report.form).await?;
    let computed = reports::drawn(work.tx(), &form, &report.reporter, report.occasion()).await?;
    let (report, draft) = report.revise(call.new_id(), reason.clone(), computed, call.caller(), call.now())?;
    // The report first: who races to revise it finds it changed.
    reports::update(work.tx(), &report).await?;
    reports::insert(work.tx(), &draft).await?;
    let taken = StepTaken::new("revisions", call.caller(), call.now());
    recorded(work, report, StepTaken { comment: Some(reason), ..taken }).await
}

/// List the revisions opened of a periodic report
///
/// When, by whom and why.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportRevisions",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The revisions.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/revisions")]
async fn list_revisions(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "revisions").await
}

/// Compute the figures of a periodic report anew
///
/// From the records as they stand now, while the report is a draft or was returned; overrides stay beside them.
#[utoipa::path(
    tag = "Reports",
    operation_id = "recomputePeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportRecomputation,
    responses((status = 200, description = "Computed anew.", body = PeriodicReportView)),
    security(("bearer" = ["reports:write"]))
)]
#[post("/v1/periodic-reports/{id}/recomputations")]
async fn recompute(
    call: Call,
    id: Path<Uuid>,
    seen: IfMatch,
    Body(ReportRecomputation {}): Body<ReportRecomputation>,
) -> Answer {
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let form = report_forms::find(work.tx(), &report.form).await?;
    let computed = reports::drawn(work.tx(), &form, &report.reporter, report.occasion()).await?;
    let recomputed = report.recompute(computed, call.caller(), call.now())?;
    step_taken(work, recomputed, StepTaken::new("recomputations", call.caller(), call.now())).await
}

/// List the recomputations of a periodic report
///
/// When and by whom.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportRecomputations",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The recomputations.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/recomputations")]
async fn list_recomputations(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "recomputations").await
}

/// Confirm the receipt of a periodic report
///
/// By the agency that receives it, once for each revision: it took over the content of this digest. The report stays as
/// it is.
#[utoipa::path(
    tag = "Reports",
    operation_id = "confirmPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body = ReportReceipt,
    responses((status = 200, description = "Confirmed.", body = PeriodicReportView)),
    security(("bearer" = ["reports:accept"]))
)]
#[post("/v1/periodic-reports/{id}/receipts")]
async fn confirm(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportReceipt>) -> Answer {
    let ReportReceipt { content_hash, number } = body;
    let work = call.begin().await?;
    let report = found(&call, &work, *id, &seen).await?;
    let lead = reports::lead_agency(work.tx(), &report).await?;
    let confirmed = report.confirm(&content_hash, number.clone(), call.caller(), lead, call.now())?;
    let taken = StepTaken::new("receipts", call.caller(), call.now());
    step_taken(work, confirmed, StepTaken { item: number, ..taken }).await
}

/// List the receipts of a periodic report
///
/// When, by whom and of which content: one for each content that was sent, at most.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportReceipts",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The receipts.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/receipts")]
async fn list_receipts(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "receipts").await
}

async fn history(call: &Call, id: Uuid, step: &str) -> Answer {
    let report = reports::find(call.db(), call.caller(), id).await?;
    call.history(report.id, step).await
}
