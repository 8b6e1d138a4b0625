//! The steps of an evaluation: endorsed by the boards, submitted, confirmed or returned.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use super::views::EvaluationView;
use crate::api::call::{Body, Call, IfMatch, Work};
use crate::api::determinations::keep;
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::criteria::CriteriaSet;
use crate::domain::determination::{DeterminationInputs, DeterminationOccasion, Subject};
use crate::domain::evaluation::moves::Evaluated;
use crate::domain::evaluation::oversight::Circumstances;
use crate::domain::evaluation::rating::RatingInputs;
use crate::domain::evaluation::{Board, BoardOpinion, Evaluation};
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::role::Scope;
use crate::store::evaluations::About;
use crate::store::{cooperatives, criteria_sets, evaluations};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(endorse)
        .service(list_endorsements)
        .service(submit)
        .service(list_submissions)
        .service(confirm)
        .service(list_confirmations)
        .service(send_back)
        .service(list_returns);
}

/// The agreement of a board to the self-evaluation as it stands.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EvaluationEndorsement {
    /// Which board.
    board: Board,
    /// What it says; `none_by_charter` only for the supervisory board.
    opinion: BoardOpinion,
    /// The day of its resolution; not in the future, nor before the evaluated year or the last return.
    #[schema(example = "2020-12-10")]
    endorsed_on: NaiveDate,
    /// The resolution or minutes.
    document: Option<DocumentReference>,
}

/// Sends an evaluation.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EvaluationSubmission {
    /// The day it bears; not in the future, nor before the evaluated year, an endorsement or the last return. Whether it is late follows the clock, not this day.
    #[schema(example = "2020-12-14")]
    submitted_on: NaiveDate,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Kính gửi cơ quan đăng ký HTX")]
    comment: Option<String>,
    /// The signed form.
    document: Option<DocumentReference>,
}

/// Finds an evaluation right.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EvaluationConfirmation {
    /// The day of the confirmation; not in the future, nor before the submission.
    #[schema(example = "2020-12-17")]
    confirmed_on: NaiveDate,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Thống nhất kết quả đánh giá")]
    comment: Option<String>,
    /// The document that states it.
    document: Option<DocumentReference>,
}

/// Sends an evaluation back for correction.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EvaluationReturn {
    /// The day it is sent back; not in the future, nor before the submission.
    #[schema(example = "2020-12-16")]
    returned_on: NaiveDate,
    /// What is to be corrected.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Rà soát điểm tiêu chí 3")]
    reason: String,
}

/// Saves a step: the evaluation's next version and an entry in the history, in one transaction.
async fn save(work: Work, evaluation: Evaluation, taken: &StepTaken) -> Answer {
    let set = criteria_sets::find(work.tx(), evaluation.criteria_set).await?;
    stepped(work, evaluation, taken, &set).await
}

/// The same, with the rating kept as a determination.
async fn save_rated(
    call: &Call,
    work: Work,
    evaluation: Evaluation,
    taken: &StepTaken,
    occasion: DeterminationOccasion,
) -> Answer {
    let set = criteria_sets::find(work.tx(), evaluation.criteria_set).await?;
    let inputs = DeterminationInputs::Rating(Box::new(RatingInputs::of(&evaluation, &set)));
    keep(call, work.tx(), (Subject::from(&evaluation), inputs), occasion).await?;
    stepped(work, evaluation, taken, &set).await
}

async fn stepped(work: Work, evaluation: Evaluation, taken: &StepTaken, set: &CriteriaSet) -> Answer {
    evaluations::update(work.tx(), &evaluation).await?;
    work.step(evaluation.id, taken).await?;
    let (path, version) = (path_of(evaluation.id), evaluation.version);
    work.stepped(&path, version, &EvaluationView::explained(evaluation, set)).await
}

/// The evaluation that a step is taken on, in the version that the client has seen, and what the step must know.
async fn seen(call: &Call, work: &Work, id: Uuid, seen: &IfMatch) -> Result<(Evaluation, Circumstances), ApiError> {
    let evaluation = evaluations::find(work.tx(), call.scope(), id).await?;
    seen.holds(evaluation.version);
    let known = evaluations::circumstances(work.tx(), About::from(&evaluation), call.caller()).await?;
    Ok((evaluation, known))
}

/// What a step is held against: the criteria, and what the register says of the cooperative today. It is held, so that nothing
/// is recorded of it meanwhile.
async fn register(call: &Call, work: &Work, of: &Evaluation) -> Result<(CriteriaSet, Evaluated), ApiError> {
    let set = criteria_sets::find(work.tx(), of.criteria_set).await?;
    cooperatives::hold(work.tx(), of.cooperative).await?;
    let known = evaluations::evaluated(work.tx(), &Scope::Country, of.cooperative, of.year, call.today()).await?;
    Ok((set, known))
}

async fn history(call: &Call, id: Uuid, step: &str) -> Answer {
    evaluations::find(call.db(), call.scope(), id).await?;
    call.history(id, step).await
}

/// Endorse a self-evaluation
///
/// The cooperative records that its board of directors and its supervisory board agree to the scores as they stand; both
/// must before it is submitted, or the charter knows no supervisory board. A change of scores voids it.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "endorseEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    request_body = EvaluationEndorsement,
    responses((status = 200, description = "Endorsed; the evaluation.", body = EvaluationView)),
    security(("bearer" = ["evaluations:write"]))
)]
#[post("/v1/evaluations/{id}/endorsements")]
async fn endorse(call: Call, id: Path<Uuid>, if_match: IfMatch, Body(new): Body<EvaluationEndorsement>) -> Answer {
    let EvaluationEndorsement { board, opinion, endorsed_on, document } = new;
    Evaluation::may_be_endorsed(board, opinion, endorsed_on, call.now())?;
    let work = call.begin().await?;
    let (evaluation, known) = seen(&call, &work, *id, &if_match).await?;
    let (set, of) = register(&call, &work, &evaluation).await?;
    let (said, evidence) = ((board, opinion), document.clone());
    let evaluation = evaluation.endorse((&set, &of), said, endorsed_on, evidence, &known, call.caller(), call.now())?;
    let taken = StepTaken {
        on_date: Some(endorsed_on),
        outcome: Some(format!("{}_{}", board.name(), opinion.name())),
        document,
        content_hash: Some(evaluation.content_hash()),
        ..StepTaken::new("endorsements", call.caller(), call.now())
    };
    save(work, evaluation, &taken).await
}

/// List the endorsements of an evaluation
///
/// All that were given, those that a later change voided included; each with the digest of what it agreed to.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluationEndorsements",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/endorsements")]
async fn list_endorsements(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "endorsements").await
}

/// Submit an evaluation
///
/// The outcome is computed again from what the register knows today. Computed points that the figures no longer bring are
/// refused (`figures_changed`): an edit computes them again. After the deadline it is marked late, not refused.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "submitEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    request_body = EvaluationSubmission,
    responses((status = 200, description = "Submitted; the evaluation.", body = EvaluationView)),
    security(("bearer" = ["evaluations:write"]))
)]
#[post("/v1/evaluations/{id}/submissions")]
async fn submit(call: Call, id: Path<Uuid>, if_match: IfMatch, Body(new): Body<EvaluationSubmission>) -> Answer {
    let EvaluationSubmission { submitted_on, comment, document } = new;
    let work = call.begin().await?;
    let (evaluation, known) = seen(&call, &work, *id, &if_match).await?;
    let (set, of) = register(&call, &work, &evaluation).await?;
    let evaluation = evaluation.submit(&set, of, submitted_on, &known, call.caller(), call.now())?;
    let late = evaluation.submission.as_ref().and_then(|submission| submission.late);
    let taken = StepTaken {
        on_date: Some(submitted_on),
        comment,
        outcome: late.map(|late| if late { "late" } else { "in_time" }.to_owned()),
        document,
        content_hash: Some(evaluation.content_hash()),
        ..StepTaken::new("submissions", call.caller(), call.now())
    };
    save_rated(&call, work, evaluation, &taken, DeterminationOccasion::Submission).await
}

/// List the submissions of an evaluation
///
/// Oldest first.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluationSubmissions",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/submissions")]
async fn list_submissions(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "submissions").await
}

/// Confirm an evaluation
///
/// By another person than those who made, scored or submitted it: of the cooperative's locality or responsible department,
/// for a final evaluation of the agency that leads the plan. Not dated before the submission. What is confirmed is what the
/// register shows: where figures or interruptions recorded since would bring another outcome (`figures_changed`,
/// `standing_changed`) it is returned instead.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "confirmEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    request_body = EvaluationConfirmation,
    responses((status = 200, description = "Confirmed; the evaluation.", body = EvaluationView)),
    security(("bearer" = ["evaluations:confirm"]))
)]
#[post("/v1/evaluations/{id}/confirmations")]
async fn confirm(call: Call, id: Path<Uuid>, if_match: IfMatch, Body(new): Body<EvaluationConfirmation>) -> Answer {
    let EvaluationConfirmation { confirmed_on, comment, document } = new;
    let work = call.begin().await?;
    let (evaluation, known) = seen(&call, &work, *id, &if_match).await?;
    let (set, of) = register(&call, &work, &evaluation).await?;
    let evaluation = evaluation.confirm((&set, &of), confirmed_on, &known, call.caller(), call.now())?;
    let taken = StepTaken {
        on_date: Some(confirmed_on),
        comment,
        document,
        content_hash: Some(evaluation.content_hash()),
        ..StepTaken::new("confirmations", call.caller(), call.now())
    };
    save_rated(&call, work, evaluation, &taken, DeterminationOccasion::Confirmation).await
}

/// List the confirmations of an evaluation
///
/// Oldest first.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluationConfirmations",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/confirmations")]
async fn list_confirmations(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "confirmations").await
}

/// Return an evaluation
///
/// With the reason; whoever it belongs to corrects it and submits it again.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "returnEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    request_body = EvaluationReturn,
    responses((status = 200, description = "Returned; the evaluation.", body = EvaluationView)),
    security(("bearer" = ["evaluations:confirm"]))
)]
#[post("/v1/evaluations/{id}/returns")]
async fn send_back(call: Call, id: Path<Uuid>, if_match: IfMatch, Body(new): Body<EvaluationReturn>) -> Answer {
    let EvaluationReturn { returned_on, reason } = new;
    let work = call.begin().await?;
    let (evaluation, known) = seen(&call, &work, *id, &if_match).await?;
    let evaluation = evaluation.send_back(returned_on, &known, call.caller(), call.now())?;
    let taken = StepTaken {
        on_date: Some(returned_on),
        comment: Some(reason),
        content_hash: Some(evaluation.content_hash()),
        ..StepTaken::new("returns", call.caller(), call.now())
    };
    save(work, evaluation, &taken).await
}

/// List the returns of an evaluation
///
/// Oldest first, each with its reason.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluationReturns",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/returns")]
async fn list_returns(call: Call, id: Path<Uuid>) -> Answer {
    history(&call, *id, "returns").await
}
