//! The steps of a pilot: its model completed, ended, withdrawn.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use super::views::PilotView;
use crate::api::call::{Body, Call, IfMatch};
use crate::api::determinations::keep;
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::agency::Agency;
use crate::domain::determination::{DeterminationInputs, DeterminationOccasion, Subject};
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::improvement::under_the_scheme;
use crate::domain::pilot::{Completion, Leaving, Pilot, ShownBy};
use crate::domain::selection::PilotList;
use crate::store::{Tx, agencies, applications, evaluations, pilots, provincial_plans, schemes, verdicts};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(complete)
        .service(list_completions)
        .service(communicate)
        .service(list_communications)
        .service(end)
        .service(list_endings)
        .service(withdraw)
        .service(list_withdrawals);
}

/// Leaves the scheme.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotWithdrawal {
    /// The day it leaves: not before its selection or completion, the approval of its plan or a payment to it, not in the
    /// future.
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
    /// An evaluation of this cooperative that shows it: its own once submitted, an agency's once confirmed; of a year
    /// after the scheme's entry evaluation and not after the completion.
    evaluation: Uuid,
    /// The agencies that evaluated it together with the lead agency: at least the responsible department and the locality
    /// (2129/QĐ-UBND VI.2.2).
    #[schema(min_items = 1, max_items = 20)]
    assessors: Vec<Uuid>,
}

/// Makes a completed model known.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotCommunication {
    /// The day: not before the completion, not in the future.
    #[schema(example = "2024-05-20")]
    communicated_on: NaiveDate,
    /// How, and to whom.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = r"\S",
        example = "Hội nghị phổ biến mô hình cho các HTX toàn tỉnh"
    )]
    comment: String,
    /// What was published or sent.
    document: Option<DocumentReference>,
}

/// Records that the scheme ended for a pilot.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PilotEnding {
    /// The day: not before the completion, not in the future.
    #[schema(example = "2025-01-31")]
    ended_on: NaiveDate,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Kết thúc Đề án")]
    comment: Option<String>,
}

/// Record that a pilot completed its model
///
/// By the lead agency of the province's plan, together with departments and locality, on an evaluation of the cooperative
/// (2129/QĐ-UBND VI.2.2). It is not the exit verdict:
/// whether the cooperative reached the exit points is told by its evaluations.
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
    let PilotCompletion { completed_on, reason, evaluation, assessors } = body;
    let work = call.begin().await?;
    let found = evaluations::find(work.tx(), call.scope(), evaluation).await;
    let found = found.map_err(|error| ApiError::reference(error, "/evaluation", "evaluation"))?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version);
    let scheme = schemes::find(work.tx(), &pilot.scheme).await?;
    under_the_scheme(&found, &scheme, "/evaluation")?;
    let shown_by = ShownBy::of(&found, scheme.evaluation_year);
    let lead = provincial_plans::lead_agency(work.tx(), &pilot.province, &pilot.scheme).await?;
    let agencies = assessors_of(work.tx(), &assessors).await?;
    let completion = Completion { completed_on, reason: reason.clone(), evaluation, assessors };
    let pilot = pilot.complete(completion, shown_by, (&agencies, lead), call.caller(), call.now())?;
    pilots::update(work.tx(), &pilot).await?;
    let (on_date, comment) = (Some(completed_on), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("completions", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// The agencies of a body, each of which must be there.
async fn assessors_of(tx: &Tx, assessors: &[Uuid]) -> Result<Vec<Agency>, ApiError> {
    let found = agencies::of_ids(tx, assessors.to_vec()).await?;
    let missing = assessors.iter().position(|id| !found.iter().any(|agency| agency.id == *id));
    match missing {
        Some(at) => Err(ApiError::unknown_reference(&format!("/assessors/{at}"), "agency")),
        None => Ok(found),
    }
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
/// By the lead agency, when the scheme ends for a pilot that completed its model (2129/QĐ-UBND VI.3). Both requirements for
/// leaving the scheme are judged on what is known now, and the verdicts kept (VI.2.1), with a determination of kind `exit`: not to meet them ends it all the same.
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
    let work = call.begin().await?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version);
    let lead = provincial_plans::lead_agency(work.tx(), &pilot.province, &pilot.scheme).await?;
    let judged = verdicts::exit(work.tx(), &pilot, ended_on).await?;
    let exit = judged.exit();
    let outcome = Some(if exit.is_met() { "exit_met" } else { "exit_not_met" }.to_owned());
    let pilot = pilot.end((ended_on, exit), lead, call.caller(), call.now())?;
    pilots::update(work.tx(), &pilot).await?;
    let inputs = DeterminationInputs::Exit(Box::new(judged));
    keep(&call, work.tx(), (Subject::from(&pilot), inputs), DeterminationOccasion::Ending).await?;
    let on_date = Some(ended_on);
    work.step(*id, &StepTaken { on_date, comment, outcome, ..StepTaken::new("endings", call.caller(), call.now()) })
        .await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// Make the completed model of a pilot known
///
/// By lead agency, responsible department, Alliance or locality, as often as it is done: then others adopt it
/// (2129/QĐ-UBND VI.2.2, VII.9).
#[utoipa::path(
    tag = "Pilots",
    operation_id = "communicatePilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    request_body = PilotCommunication,
    responses((status = 200, description = "Noted; the pilot.", body = PilotView)),
    security(("bearer" = ["pilots:communicate"]))
)]
#[post("/v1/pilots/{id}/communications")]
async fn communicate(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<PilotCommunication>) -> Answer {
    let PilotCommunication { communicated_on, comment, document } = body;
    let work = call.begin().await?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version);
    let pilot = pilot.communicate(communicated_on, call.now())?;
    pilots::update(work.tx(), &pilot).await?;
    let (on_date, comment) = (Some(communicated_on), Some(comment));
    let step = StepTaken::new("communications", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, document, ..step }).await?;
    work.stepped(&path_of(*id), pilot.version, &PilotView::from(pilot)).await
}

/// List how the completed model of a pilot was made known
///
/// Oldest first.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotCommunications",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/communications")]
async fn list_communications(call: Call, id: Path<Uuid>) -> Answer {
    pilots::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "communications").await
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
    let work = call.begin().await?;
    let Pilot { province, scheme, .. } = pilots::find(work.tx(), call.scope(), *id).await?;
    // The plan's row first, as every other step that moves places: no two wait for each other.
    let plan = provincial_plans::lock_approved(work.tx(), &province, &scheme).await?;
    let pilot = pilots::find(work.tx(), call.scope(), *id).await?;
    seen.holds(pilot.version);
    let application = applications::find(work.tx(), call.scope(), pilot.application).await?;
    let last_fact = pilots::last_facts(work.tx(), &[*id]).await?.remove(&*id);
    let leaving = Leaving { pilot, application, last_fact };
    let (pilot, application) = leaving.withdraw(withdrawn_on, reason.clone(), call.now())?;
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
