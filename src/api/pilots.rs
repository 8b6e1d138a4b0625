//! Pilots: cooperatives in the scheme, from their selection until they end or stop.

use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use crate::domain::history::StepTaken;
use crate::domain::pilot::{Completion, Pilot, PilotState, PilotStatus, StopCause};
use crate::domain::role::Permission;
use crate::domain::selection::PilotList;
use crate::store::{applications, evaluations, pilots, provincial_plans};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_pilots)
        .service(read)
        .service(allowed_actions)
        .service(complete)
        .service(list_completions)
        .service(end)
        .service(list_endings)
        .service(withdraw)
        .service(list_withdrawals);
}

/// A cooperative in the scheme.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PilotView {
    /// Identifier.
    id: Uuid,
    /// The cooperative.
    cooperative: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its locality: the district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    locality: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// The application that was selected.
    application: Uuid,
    /// The decision that selected it.
    decision: Uuid,
    /// Code of its model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    model: String,
    /// The list that it stands on: the scheme's, or the province's own.
    list: PilotList,
    /// The line department that is responsible for it.
    responsible_department: Uuid,
    /// The date of the decision.
    #[schema(example = "2021-09-15")]
    selected_on: NaiveDate,
    /// Where it is in its life.
    state: PilotStatus,
    /// How its model was completed.
    completion: Option<PilotCompletionView>,
    /// The day the scheme ended for it.
    ended_on: Option<NaiveDate>,
    /// How it stopped.
    stop: Option<PilotStop>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// How a model was completed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PilotCompletionView {
    /// The day.
    #[schema(example = "2024-03-29")]
    completed_on: NaiveDate,
    /// Why the lead agency finds it complete.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hoàn thành các tiêu chí của kế hoạch")]
    reason: String,
    /// The evaluation that shows it.
    evaluation: Uuid,
}

/// How a pilot stopped.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PilotStop {
    /// The day.
    #[schema(example = "2022-05-10")]
    stopped_on: NaiveDate,
    /// Its own withdrawal, or the revocation of its decision.
    cause: StopCause,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX tự nguyện dừng tham gia")]
    reason: String,
}

fn completion_view(completion: Completion) -> PilotCompletionView {
    let Completion { completed_on, reason, evaluation } = completion;
    PilotCompletionView { completed_on, reason, evaluation }
}

impl From<Pilot> for PilotView {
    fn from(pilot: Pilot) -> Self {
        let Pilot {
            id,
            version: _,
            cooperative,
            province,
            unit,
            scheme,
            application,
            decision,
            model,
            list,
            responsible_department,
            selected_on,
            state,
            created_by: _,
            recorded_at,
            updated_at,
        } = pilot;
        let status = state.status();
        let (completion, ended_on, stop) = match state {
            PilotState::Active => (None, None, None),
            PilotState::ModelCompleted(completion) => (Some(completion), None, None),
            PilotState::Ended { completion, ended_on } => (Some(completion), Some(ended_on), None),
            PilotState::Stopped { completion, stopped_on, cause, reason } => {
                (completion, None, Some(PilotStop { stopped_on, cause, reason }))
            }
        };
        Self {
            id,
            cooperative,
            province,
            locality: unit,
            scheme,
            application,
            decision,
            model,
            list,
            responsible_department,
            selected_on,
            state: status,
            completion: completion.map(completion_view),
            ended_on,
            stop,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of pilots.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct PilotQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    locality: Option<String>,
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// The decision that selected them.
    #[param(nullable = false)]
    decision: Option<Uuid>,
    /// The responsible line department.
    #[param(nullable = false)]
    responsible_department: Option<Uuid>,
    /// Code of the model.
    #[param(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", nullable = false)]
    model: Option<String>,
    /// The list that they stand on.
    #[param(inline, nullable = false)]
    list: Option<PilotList>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<PilotStatus>,
}

/// Leaves the scheme.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotWithdrawal {
    /// The day it leaves: not before its selection or completion, not in the future.
    #[schema(example = "2022-05-10")]
    withdrawn_on: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX tự nguyện dừng tham gia")]
    reason: String,
}

/// Records that a pilot completed its model.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotCompletion {
    /// The day: not before its selection, not in the future.
    #[schema(example = "2024-03-29")]
    completed_on: NaiveDate,
    /// Why it is complete.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hoàn thành các tiêu chí của kế hoạch")]
    reason: String,
    /// An evaluation of this cooperative that shows it.
    evaluation: Uuid,
}

/// Records that the scheme ended for a pilot.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotEnding {
    /// The day: not before the completion, not in the future.
    #[schema(example = "2025-06-30")]
    ended_on: NaiveDate,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Kết thúc Đề án")]
    comment: Option<String>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/pilots/{id}")
}

/// List pilots
///
/// Those within the caller's reach.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilots",
    params(PageQuery, PilotQuery),
    responses((status = 200, description = "One page.", body = Page<PilotView>)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots")]
async fn list_pilots(call: Call, Query(page): Query<PageQuery>, Query(query): Query<PilotQuery>) -> Answer {
    let PilotQuery { province, locality, cooperative, scheme, decision, responsible_department, model, list, state } =
        query.clone();
    let filter = pilots::Filter {
        province,
        unit: locality,
        cooperative,
        scheme,
        decision,
        responsible_department,
        model,
        list,
        state,
    };
    call.list(&page, &query, pilots::list(call.scope(), &filter), PilotView::from).await
}

/// Read a pilot
///
/// With who is responsible for it and where it is in its life.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "getPilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The pilot.", body = PilotView)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let pilot = pilots::find(call.db(), call.scope(), *id).await?;
    call.one(pilot.version, &PilotView::from(pilot))
}

/// Tell what the caller may do with a pilot
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotActions",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let pilot = pilots::find(call.db(), call.scope(), *id).await?;
    let lead = provincial_plans::lead_agency(call.db(), &pilot.province, &pilot.scheme).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("completions", Permission::CompletePilots, pilot.may_complete(call.caller(), lead)),
        step("endings", Permission::CompletePilots, pilot.may_end(call.caller(), lead).map(drop)),
        step("withdrawals", Permission::WithdrawPilots, pilot.may_withdraw()),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Record that a pilot completed its model
///
/// By the lead agency of the province's plan, on an evaluation of the cooperative (2129/QĐ-UBND VI.2.2).
#[utoipa::path(
    tag = "Pilots",
    operation_id = "completePilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    request_body = PilotCompletion,
    responses((status = 200, description = "Completed.", body = PilotView)),
    security(("bearer" = ["pilots:complete"]))
)]
#[post("/v1/pilots/{id}/completions")]
async fn complete(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<PilotCompletion>) -> Answer {
    let PilotCompletion { completed_on, reason, evaluation } = body;
    call.now().not_in_future(completed_on, "/completedOn")?;
    let work = call.begin().await?;
    let found = evaluations::find(work.tx(), call.scope(), evaluation).await;
    let found = found.map_err(|error| ApiError::reference(error, "/evaluation", "evaluation"))?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version)?;
    if found.cooperative != pilot.cooperative {
        return Err(ApiError::unknown_reference("/evaluation", "evaluation"));
    }
    let lead = provincial_plans::lead_agency(work.tx(), &pilot.province, &pilot.scheme).await?;
    let completion = Completion { completed_on, reason: reason.clone(), evaluation };
    let pilot = pilot.complete(completion, lead, call.caller(), call.now())?;
    pilots::update(work.tx(), &pilot).await?;
    let (on_date, comment) = (Some(completed_on), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("completions", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// List the completions of a pilot
///
/// At most one.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotCompletions",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/completions")]
async fn list_completions(call: Call, id: Path<Uuid>) -> Answer {
    pilots::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "completions").await
}

/// End a pilot
///
/// By the lead agency, when the scheme ends for a pilot that completed its model (2129/QĐ-UBND VI.3).
#[utoipa::path(
    tag = "Pilots",
    operation_id = "endPilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    request_body = PilotEnding,
    responses((status = 200, description = "Ended.", body = PilotView)),
    security(("bearer" = ["pilots:complete"]))
)]
#[post("/v1/pilots/{id}/endings")]
async fn end(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<PilotEnding>) -> Answer {
    let PilotEnding { ended_on, comment } = body;
    call.now().not_in_future(ended_on, "/endedOn")?;
    let work = call.begin().await?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version)?;
    let lead = provincial_plans::lead_agency(work.tx(), &pilot.province, &pilot.scheme).await?;
    let pilot = pilot.end(ended_on, lead, call.caller(), call.now())?;
    pilots::update(work.tx(), &pilot).await?;
    let on_date = Some(ended_on);
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("endings", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// List the endings of a pilot
///
/// At most one.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotEndings",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/endings")]
async fn list_endings(call: Call, id: Path<Uuid>) -> Answer {
    pilots::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "endings").await
}

/// Withdraw from the scheme
///
/// The cooperative's own right at any time while it takes part (2129/QĐ-UBND I.3). Gives its place of the quota back; its application
/// is closed, so that it may apply again.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "withdrawPilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    request_body = PilotWithdrawal,
    responses((status = 200, description = "Stopped.", body = PilotView)),
    security(("bearer" = ["pilots:withdraw"]))
)]
#[post("/v1/pilots/{id}/withdrawals")]
async fn withdraw(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<PilotWithdrawal>) -> Answer {
    let PilotWithdrawal { withdrawn_on, reason } = body;
    call.now().not_in_future(withdrawn_on, "/withdrawnOn")?;
    let work = call.begin().await?;
    let Pilot { province, scheme, .. } = pilots::find(work.tx(), call.scope(), *id).await?;
    // The plan's row first, as every other step that moves places: no two wait for each other.
    let plan = provincial_plans::lock_approved(work.tx(), &province, &scheme).await?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version)?;
    let application = applications::find(work.tx(), call.scope(), pilot.application).await?;
    let (pilot, application) = pilot.withdraw(application, withdrawn_on, reason.clone(), call.now())?;
    if pilot.list == PilotList::Scheme {
        provincial_plans::give_back_places(work.tx(), plan.id, 1, call.now().0).await?;
    }
    applications::update(work.tx(), &application).await?;
    pilots::update(work.tx(), &pilot).await?;
    let (on_date, comment) = (Some(withdrawn_on), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("withdrawals", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// List the withdrawals of a pilot
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotWithdrawals",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/withdrawals")]
async fn list_withdrawals(call: Call, id: Path<Uuid>) -> Answer {
    pilots::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "withdrawals").await
}
