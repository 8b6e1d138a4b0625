//! The steps of an application: submitted, given opinions on, returned, withdrawn.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use super::views::ApplicationView;
use crate::api::call::{Body, Call, IfMatch};
use crate::api::determinations::made_of;
use crate::api::error::Answer;
use crate::api::page::History;
use crate::domain::application::{ClaimReviews, OpinionOutcome};
use crate::domain::determination::DeterminationOccasion;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::store::eligibility::{self, Rules};
use crate::store::{applications, determinations, provincial_plans};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit)
        .service(list_submissions)
        .service(give_opinion)
        .service(list_opinions)
        .service(review_claims)
        .service(list_claim_reviews)
        .service(send_back)
        .service(list_returns)
        .service(withdraw)
        .service(list_withdrawals);
}

/// Sends an application in.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationSubmission {
    /// The day it is sent in; not in the future.
    #[schema(example = "2021-08-02")]
    submitted_on: NaiveDate,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Kính gửi cơ quan đầu mối")]
    comment: Option<String>,
}

/// What an agency thinks of an application.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationOpinion {
    /// The day of the opinion; not before the submission and not in the future.
    #[schema(example = "2021-08-16")]
    opinion_on: NaiveDate,
    /// For or against selection.
    outcome: OpinionOutcome,
    /// The reasons.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = r"\S",
        example = "HTX hoạt động hiệu quả, thống nhất đề xuất"
    )]
    comment: String,
    /// The document that states it.
    document: Option<DocumentReference>,
}

/// Sends an application back for correction.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationReturn {
    /// The day it is sent back; not before the submission and not in the future.
    #[schema(example = "2021-08-10")]
    returned_on: NaiveDate,
    /// What is to be corrected.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Bổ sung báo cáo tài chính năm 2019")]
    reason: String,
}

/// Takes an application back for good.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationWithdrawal {
    /// The day it is taken back; not in the future.
    #[schema(example = "2021-08-20")]
    withdrawn_on: NaiveDate,
    /// Why, if the cooperative says so: taking part is voluntary.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX chưa sẵn sàng tham gia")]
    reason: Option<String>,
}

/// Submit an application
///
/// With a complete dossier: every missing item is named. Also after a return. A determination of eligibility is made and kept,
/// whatever its answer.
#[utoipa::path(
    tag = "Applications",
    operation_id = "submitApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body = ApplicationSubmission,
    responses((status = 200, description = "Submitted.", body = ApplicationView)),
    security(("bearer" = ["applications:write"]))
)]
#[post("/v1/applications/{id}/submissions")]
async fn submit(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ApplicationSubmission>) -> Answer {
    let ApplicationSubmission { submitted_on, comment } = body;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version);
    let rules = Rules::of(work.tx(), &application.scheme, &application.province, submitted_on).await?;
    let application = application.submit(&rules.scheme, submitted_on, call.caller(), call.now())?;
    applications::update(work.tx(), &application).await?;
    let inputs = eligibility::inputs(work.tx(), &rules, submitted_on, std::slice::from_ref(&application)).await?;
    let occasion = (DeterminationOccasion::Submission, None);
    let made = made_of(&call, occasion, std::iter::once(&application).zip(inputs));
    determinations::insert_all(work.tx(), &made).await?;
    let on_date = Some(submitted_on);
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("submissions", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), application.version, &ApplicationView::from(application)).await
}

/// List the submissions of an application
///
/// Oldest first.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationSubmissions",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/submissions")]
async fn list_submissions(call: Call, id: Path<Uuid>) -> Answer {
    applications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "submissions").await
}

/// Give an opinion on an application
///
/// By the locality, a line department, the Alliance or the lead agency (2129/QĐ-UBND VII.9: *phối hợp lựa chọn*).
#[utoipa::path(
    tag = "Applications",
    operation_id = "giveApplicationOpinion",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body = ApplicationOpinion,
    responses((status = 200, description = "Recorded.", body = ApplicationView)),
    security(("bearer" = ["applications:opine"]))
)]
#[post("/v1/applications/{id}/opinions")]
async fn give_opinion(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ApplicationOpinion>) -> Answer {
    let ApplicationOpinion { opinion_on, outcome, comment, document } = body;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version);
    let application = application.give_opinion(opinion_on, call.now())?;
    applications::update(work.tx(), &application).await?;
    let (on_date, comment, outcome) = (Some(opinion_on), Some(comment), Some(outcome.name().to_owned()));
    work.step(
        *id,
        &StepTaken { on_date, comment, outcome, document, ..StepTaken::new("opinions", call.caller(), call.now()) },
    )
    .await?;
    work.stepped(&path_of(*id), application.version, &ApplicationView::from(application)).await
}

/// List the opinions on an application
///
/// Oldest first, with their outcome.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationOpinions",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/opinions")]
async fn list_opinions(call: Call, id: Path<Uuid>) -> Answer {
    applications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "opinions").await
}

/// Review priority claims of an application
///
/// By the locality, a line department or the lead agency: each claim named is confirmed or rejected, with the reason; never by
/// who wrote the application. A later finding takes the place of an earlier one, which the history keeps. A claim whose evidence
/// changes afterwards is again merely claimed. Which claims count in the ranking is a parameter of the province's plan.
#[utoipa::path(
    tag = "Applications",
    operation_id = "reviewApplicationClaims",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body = ClaimReviews,
    responses((status = 200, description = "Recorded.", body = ApplicationView)),
    security(("bearer" = ["claims:review"]))
)]
#[post("/v1/applications/{id}/claim-reviews")]
async fn review_claims(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ClaimReviews>) -> Answer {
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version);
    let (application, taken) = application.review_claims(body, call.caller(), call.now())?;
    applications::update(work.tx(), &application).await?;
    for step in &taken {
        work.step(*id, step).await?;
    }
    work.stepped(&path_of(*id), application.version, &ApplicationView::from(application)).await
}

/// List the reviews of the priority claims of an application
///
/// Oldest first: of which claim, with outcome and reason.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationClaimReviews",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/claim-reviews")]
async fn list_claim_reviews(call: Call, id: Path<Uuid>) -> Answer {
    applications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "claim-reviews").await
}

/// Return an application to its cooperative
///
/// By the lead agency of the province's plan, with what is to be corrected.
#[utoipa::path(
    tag = "Applications",
    operation_id = "returnApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body = ApplicationReturn,
    responses((status = 200, description = "Returned.", body = ApplicationView)),
    security(("bearer" = ["applications:return"]))
)]
#[post("/v1/applications/{id}/returns")]
async fn send_back(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ApplicationReturn>) -> Answer {
    let ApplicationReturn { returned_on, reason } = body;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version);
    let lead = provincial_plans::lead_agency(work.tx(), &application.province, &application.scheme).await?;
    let application = application.send_back(call.caller(), lead, returned_on, call.now())?;
    applications::update(work.tx(), &application).await?;
    let (on_date, comment) = (Some(returned_on), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("returns", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), application.version, &ApplicationView::from(application)).await
}

/// List the returns of an application
///
/// Oldest first, with what was to be corrected.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationReturns",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/returns")]
async fn list_returns(call: Call, id: Path<Uuid>) -> Answer {
    applications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "returns").await
}

/// Withdraw an application
///
/// The cooperative's own right (2129/QĐ-UBND I.3); after its selection, the pilot withdraws instead.
#[utoipa::path(
    tag = "Applications",
    operation_id = "withdrawApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body = ApplicationWithdrawal,
    responses((status = 200, description = "Withdrawn.", body = ApplicationView)),
    security(("bearer" = ["applications:write"]))
)]
#[post("/v1/applications/{id}/withdrawals")]
async fn withdraw(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ApplicationWithdrawal>) -> Answer {
    let ApplicationWithdrawal { withdrawn_on, reason } = body;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version);
    let application = application.withdraw(withdrawn_on, call.now())?;
    applications::update(work.tx(), &application).await?;
    let on_date = Some(withdrawn_on);
    work.step(*id, &StepTaken { on_date, comment: reason, ..StepTaken::new("withdrawals", call.caller(), call.now()) })
        .await?;
    work.stepped(&path_of(*id), application.version, &ApplicationView::from(application)).await
}

/// List the withdrawals of an application
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationWithdrawals",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/withdrawals")]
async fn list_withdrawals(call: Call, id: Path<Uuid>) -> Answer {
    applications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "withdrawals").await
}
