//! Applications to take part in the scheme: written and sent in by the cooperative, judged by agencies beside it.

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use crate::domain::application::{
    Applicant, Application, ApplicationContent, ApplicationState, ApplicationStatus, DossierEntry, OpinionOutcome,
    PriorityClaim, unchanged,
};
use crate::domain::eligibility::{ConditionAnswer, ConditionVerdict, Determination, PriorityAnswer, determine};
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::refusal::Refusal;
use crate::domain::role::Permission;
use crate::store::{applications, cooperatives, eligibility, provincial_plans, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(read_eligibility)
        .service(submit)
        .service(list_submissions)
        .service(give_opinion)
        .service(list_opinions)
        .service(send_back)
        .service(list_returns)
        .service(withdraw)
        .service(list_withdrawals);
}

/// An application as the cooperative writes it. It may be incomplete until it is submitted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApplication {
    /// The cooperative that applies: the caller's own.
    cooperative: Uuid,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Code of the model along which the cooperative works: one of the scheme's (2129/QĐ-UBND IV).
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    model: String,
    /// Documents of the dossier, one for each item of the scheme's checklist.
    #[serde(default)]
    #[schema(max_items = 50)]
    dossier: Vec<NewDossierEntry>,
    /// Priority conditions claimed (2129/QĐ-UBND III.2.2): they rank and never exclude.
    #[serde(default)]
    #[schema(max_items = 50)]
    priority_claims: Vec<NewPriorityClaim>,
}

/// A document for one item of the checklist.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewDossierEntry {
    /// Code of the item in the scheme's checklist.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "evaluation_2020")]
    code: String,
    /// The document.
    document: DocumentReference,
}

/// A claim to fulfil a priority condition.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPriorityClaim {
    /// Code of the condition in the scheme.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    condition: String,
    /// What shows it.
    evidence: DocumentReference,
}

impl From<NewApplication> for ApplicationContent {
    fn from(new: NewApplication) -> Self {
        let NewApplication { cooperative: _, scheme: _, model, dossier, priority_claims } = new;
        let entry = |NewDossierEntry { code, document }| DossierEntry { code, document };
        let claim = |NewPriorityClaim { condition, evidence }| PriorityClaim { condition, evidence };
        Self {
            model,
            dossier: dossier.into_iter().map(entry).collect(),
            priority_claims: priority_claims.into_iter().map(claim).collect(),
        }
    }
}

impl From<Application> for NewApplication {
    fn from(application: Application) -> Self {
        let ApplicationContent { model, dossier, priority_claims } = application.content;
        let entry = |DossierEntry { code, document }| NewDossierEntry { code, document };
        let claim = |PriorityClaim { condition, evidence }| NewPriorityClaim { condition, evidence };
        Self {
            cooperative: application.cooperative,
            scheme: application.scheme,
            model,
            dossier: dossier.into_iter().map(entry).collect(),
            priority_claims: priority_claims.into_iter().map(claim).collect(),
        }
    }
}

/// An application.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationView {
    /// Identifier.
    id: Uuid,
    /// The cooperative that applies.
    cooperative: Uuid,
    /// Code of its province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Code of the model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    model: String,
    /// Documents of the dossier.
    #[schema(max_items = 50)]
    dossier: Vec<DossierEntry>,
    /// Priority conditions claimed.
    #[schema(max_items = 50)]
    priority_claims: Vec<PriorityClaim>,
    /// Where it is in its life.
    state: ApplicationStatus,
    /// The day it was sent in, while that counts.
    submitted_on: Option<NaiveDate>,
    /// The day it was sent back, while it is with the cooperative.
    returned_on: Option<NaiveDate>,
    /// The day it was taken back.
    withdrawn_on: Option<NaiveDate>,
    /// The decision that selected it.
    decision: Option<Uuid>,
    /// The day its pilot stopped.
    closed_on: Option<NaiveDate>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        let Application {
            id,
            version: _,
            cooperative,
            province,
            unit,
            scheme,
            content: ApplicationContent { model, dossier, priority_claims },
            state,
            created_by: _,
            recorded_at,
            updated_at,
        } = application;
        let mut view = Self {
            id,
            cooperative,
            province,
            unit,
            scheme,
            model,
            dossier,
            priority_claims,
            state: state.status(),
            submitted_on: None,
            returned_on: None,
            withdrawn_on: None,
            decision: None,
            closed_on: None,
            recorded_at,
            updated_at,
        };
        match state {
            ApplicationState::Draft => {}
            ApplicationState::Submitted { submitted_on } => view.submitted_on = Some(submitted_on),
            ApplicationState::Returned { submitted_on, returned_on } => {
                (view.submitted_on, view.returned_on) = (Some(submitted_on), Some(returned_on));
            }
            ApplicationState::Withdrawn { withdrawn_on } => view.withdrawn_on = Some(withdrawn_on),
            ApplicationState::Selected { submitted_on, decision } => {
                (view.submitted_on, view.decision) = (Some(submitted_on), Some(decision));
            }
            ApplicationState::Closed { decision, closed_on } => {
                (view.decision, view.closed_on) = (Some(decision), Some(closed_on));
            }
        }
        view
    }
}

/// Narrows the list of applications.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ApplicationQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    unit: Option<String>,
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// Code of the model.
    #[param(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", nullable = false)]
    model: Option<String>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<ApplicationStatus>,
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

/// Whether an application is eligible, condition by condition, on what is known now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EligibilityView {
    /// The application.
    application: Uuid,
    /// Code of the scheme whose conditions were applied.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// The day from which these conditions are in force: the version of the rules.
    #[schema(example = "2021-02-03")]
    rules_valid_from: NaiveDate,
    /// Met only if every mandatory condition is met; not met as soon as one is not; else unknown.
    overall: ConditionVerdict,
    /// The mandatory conditions, each with its answer.
    #[schema(max_items = 20)]
    conditions: Vec<ConditionAnswer>,
    /// The priority conditions: they rank and never exclude.
    #[schema(max_items = 50)]
    priorities: Vec<PriorityAnswer>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/applications/{id}")
}

/// Write an application
///
/// A draft of the caller's own cooperative. One application of a cooperative to a scheme lives at a time.
#[utoipa::path(
    tag = "Applications",
    operation_id = "createApplication",
    request_body = NewApplication,
    responses((status = 201, description = "The draft.", body = ApplicationView)),
    security(("bearer" = ["applications:write"]))
)]
#[post("/v1/applications")]
async fn create(call: Call, Body(new): Body<NewApplication>) -> Answer {
    let work = call.begin().await?;
    let cooperative = cooperatives::find(work.tx(), call.scope(), new.cooperative).await;
    let cooperative = cooperative.map_err(|error| ApiError::reference(error, "/cooperative", "cooperative"))?;
    let scheme = schemes::find(work.tx(), &new.scheme).await;
    let scheme = scheme.map_err(|error| ApiError::reference(error, "/scheme", "scheme"))?;
    let applicant =
        Applicant { cooperative: cooperative.id, province: cooperative.province, unit: cooperative.registration.unit };
    let application = Application::draft(call.new_id(), applicant, &scheme, new.into(), call.caller(), call.now())?;
    applications::insert(work.tx(), &application).await?;
    work.created(&path_of(application.id), application.version, &ApplicationView::from(application)).await
}

/// List applications
///
/// Those within the caller's reach. A draft is seen by its cooperative alone.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplications",
    params(PageQuery, ApplicationQuery),
    responses((status = 200, description = "One page.", body = Page<ApplicationView>)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ApplicationQuery>) -> Answer {
    let ApplicationQuery { province, unit, cooperative, scheme, model, state } = query.clone();
    let filter = applications::Filter { province, unit, cooperative, scheme, model, state };
    call.list(&page, &query, applications::list(call.scope(), &filter), ApplicationView::from).await
}

/// Read an application
///
/// With its dossier and claims.
#[utoipa::path(
    tag = "Applications",
    operation_id = "getApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The application.", body = ApplicationView)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let application = applications::find(call.db(), call.scope(), *id).await?;
    call.one(application.version, &ApplicationView::from(application))
}

/// Edit an application
///
/// While it is a draft, or was returned. Cooperative and scheme stay.
#[utoipa::path(
    tag = "Applications",
    operation_id = "editApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    request_body(content = NewApplication, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ApplicationView)),
    security(("bearer" = ["applications:write"]))
)]
#[patch("/v1/applications/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
    let new: NewApplication = patch.onto(&NewApplication::from(application.clone()))?;
    let fixed = [
        unchanged(&application.cooperative, &new.cooperative, "/cooperative"),
        unchanged(&application.scheme, &new.scheme, "/scheme"),
    ];
    Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
    let scheme = schemes::find(work.tx(), &application.scheme).await?;
    let application = application.edit(&scheme, new.into(), call.now())?;
    applications::update(work.tx(), &application).await?;
    work.changed(application.version, &ApplicationView::from(application)).await
}

/// Delete an application
///
/// Only a draft: what was sent in can be withdrawn.
#[utoipa::path(
    tag = "Applications",
    operation_id = "deleteApplication",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["applications:write"]))
)]
#[delete("/v1/applications/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
    application.may_delete()?;
    applications::delete(work.tx(), &application).await?;
    work.deleted().await
}

/// Tell what the caller may do with an application
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplicationActions",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let application = applications::find(call.db(), call.scope(), *id).await?;
    let scheme = schemes::find(call.db(), &application.scheme).await?;
    let lead = provincial_plans::lead_agency(call.db(), &application.province, &application.scheme).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::WriteApplications, application.may_edit()),
        step("delete", Permission::WriteApplications, application.may_delete()),
        step("submissions", Permission::WriteApplications, application.may_submit(&scheme)),
        step("opinions", Permission::GiveOpinions, application.may_give_opinion().map(drop)),
        step("returns", Permission::ReturnApplications, application.may_send_back(call.caller(), lead).map(drop)),
        step("withdrawals", Permission::WriteApplications, application.may_withdraw().map(drop)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Tell whether an application is eligible
///
/// Every condition of the scheme with met, not met or unknown, the facts used and the legal basis, on what is known now.
/// The evaluation that counts is the verified one of the year the scheme names, else the submitted self-evaluation.
#[utoipa::path(
    tag = "Applications",
    operation_id = "getEligibility",
    params(("id" = Uuid, Path, description = "Identifier of the application.")),
    responses((status = 200, description = "The determination.", body = EligibilityView)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/eligibility")]
async fn read_eligibility(call: Call, id: Path<Uuid>) -> Answer {
    let application = applications::find(call.db(), call.scope(), *id).await?;
    let scheme = schemes::find(call.db(), &application.scheme).await?;
    let facts = eligibility::facts(call.db(), &scheme, &[application.cooperative]).await?;
    let facts = facts.get(&application.cooperative).cloned().unwrap_or_default();
    let Determination { overall, conditions, priorities } = determine(&scheme, &facts, &application);
    call.computed(&EligibilityView {
        application: application.id,
        scheme: scheme.code,
        rules_valid_from: scheme.valid_from,
        overall,
        conditions,
        priorities,
    })
}

/// Submit an application
///
/// With a complete dossier: every missing item is named. Also after a return.
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
    call.now().not_in_future(submitted_on, "/submittedOn")?;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
    let scheme = schemes::find(work.tx(), &application.scheme).await?;
    let application = application.submit(&scheme, submitted_on, call.now())?;
    applications::update(work.tx(), &application).await?;
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
    call.now().not_in_future(opinion_on, "/opinionOn")?;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
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
    call.now().not_in_future(returned_on, "/returnedOn")?;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
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
    call.now().not_in_future(withdrawn_on, "/withdrawnOn")?;
    let work = call.begin().await?;
    let application = applications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(application.version)?;
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
