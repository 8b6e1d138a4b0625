//! Applications to take part in the scheme: written and sent in by the cooperative, judged by agencies beside it.

mod steps;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{ApplicationView, EligibilityView, NewApplication};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::application::{Applicant, Application, ApplicationStatus, unchanged};
use crate::domain::eligibility::{Determination, determine};
use crate::domain::refusal::Refusal;
use crate::domain::role::Permission;
use crate::store::eligibility::{self, Rules};
use crate::store::{StoreError, applications, cooperatives, provincial_plans, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(read_eligibility);
    steps::routes(config);
}

/// Narrows the list of applications.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ApplicationQuery {
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

/// Chooses the rules of a day.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EligibilityQuery {
    /// The day whose rules are applied.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
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
    let mut missing = Missing::default();
    let applicant = cooperatives::find(work.tx(), call.scope(), new.cooperative).await;
    let applicant = missing.found(applicant, "/cooperative", "cooperative")?;
    if !missing.is_empty() {
        missing.found(schemes::find(work.tx(), &new.scheme).await, "/scheme", "scheme")?;
    }
    let cooperative = missing.all(applicant)?;
    let rules = Rules::of(work.tx(), &new.scheme, &cooperative.province, call.today()).await;
    let Rules { scheme, own } = rules.map_err(|error| ApiError::reference(error, "/scheme", "scheme"))?;
    let applicant =
        Applicant { cooperative: cooperative.id, province: cooperative.province, unit: cooperative.registration.unit };
    let application =
        Application::draft(call.new_id(), applicant, (&scheme, &own), new.into(), call.caller(), call.now())?;
    applications::insert(work.tx(), &application).await?;
    work.created(&path_of(application.id), application.version, &ApplicationView::from(application)).await
}

/// List applications
///
/// Those within the caller's reach. A draft is seen by its cooperative alone.
#[utoipa::path(
    tag = "Applications",
    operation_id = "listApplications",
    params(PageQuery, PlaceQuery, ApplicationQuery),
    responses((status = 200, description = "One page.", body = Page<ApplicationView>)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<ApplicationQuery>,
) -> Answer {
    let ApplicationQuery { cooperative, scheme, model, state } = query.clone();
    let filter = applications::Filter { place: place.meant(&call).await?, cooperative, scheme, model, state };
    call.list(&page, &place.with(&query), applications::list(call.scope(), &filter), ApplicationView::from).await
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
    seen.holds(application.version);
    let new: NewApplication = patch.onto(&NewApplication::from(application.clone()))?;
    let fixed = [
        unchanged(&application.cooperative, &new.cooperative, "/cooperative"),
        unchanged(&application.scheme, &new.scheme, "/scheme"),
    ];
    Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
    let Rules { scheme, own } = Rules::of(work.tx(), &application.scheme, &application.province, call.today()).await?;
    let application = application.edit((&scheme, &own), new.into(), call.caller(), call.now())?;
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
    seen.holds(application.version);
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
        step("claim-reviews", Permission::ReviewClaims, application.may_review_claims(call.caller()).map(drop)),
        step("returns", Permission::ReturnApplications, application.may_send_back(call.caller(), lead).map(drop)),
        step("withdrawals", Permission::WriteApplications, application.may_withdraw().map(drop)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Tell whether an application is eligible
///
/// Every condition of the scheme and of the province with met, not met or unknown, the facts used and the legal basis, on
/// what is known now under the rules in force on a day: `at`, else the day of the submission, else today.
/// The evaluation that counts is the verified one of the year the scheme names, else the submitted self-evaluation.
#[utoipa::path(
    tag = "Applications",
    operation_id = "getEligibility",
    params(("id" = Uuid, Path, description = "Identifier of the application."), EligibilityQuery),
    responses((status = 200, description = "The determination.", body = EligibilityView)),
    security(("bearer" = ["applications:read"]))
)]
#[get("/v1/applications/{id}/eligibility")]
async fn read_eligibility(call: Call, id: Path<Uuid>, Query(query): Query<EligibilityQuery>) -> Answer {
    let application = applications::find(call.db(), call.scope(), *id).await?;
    let at = query.at.or(application.state.submitted_on()).unwrap_or_else(|| call.today());
    let rules = Rules::of(call.db(), &application.scheme, &application.province, at).await?;
    let applications = [application];
    let inputs = eligibility::inputs(call.db(), &rules, at, &applications).await?;
    let (Some(inputs), [application]) = (inputs.first(), applications) else { return Err(StoreError::NotFound.into()) };
    let Determination { overall, missing, conditions, priorities } = determine(inputs);
    call.computed(&EligibilityView {
        application: application.id,
        scheme: rules.scheme.code,
        rules_valid_from: Some(rules.scheme.valid_from).filter(|from| *from <= at),
        at,
        overall,
        missing,
        conditions,
        priorities,
    })
}
