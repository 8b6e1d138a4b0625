//! Determinations of every kind: dated, kept with what they were made on, and decided again on request.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Body, Call, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::ProvinceQuery;
use super::references::Missing;
use crate::domain::application::Application;
use crate::domain::application::unchanged;
use crate::domain::determination::{
    DeterminationInputs, DeterminationKind, DeterminationOccasion, DeterminationResult, Difference, KeptDetermination,
    Replay, Subject,
};
use crate::domain::eligibility::EligibilityInputs;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Permission, Role, names};
use crate::store::{StoreError, Tx, determinations, verdicts};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(replay);
}

/// Narrows the list of determinations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct DeterminationQuery {
    /// What is determined.
    #[param(inline, nullable = false)]
    kind: Option<DeterminationKind>,
    /// The record that they are about: an application, an evaluation, a pilot, a cooperative or a plan, as the kind says.
    #[param(nullable = false)]
    of: Option<Uuid>,
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The selection decision that they were made for.
    #[param(nullable = false)]
    decision: Option<Uuid>,
    /// What they were made for.
    #[param(inline, nullable = false)]
    occasion: Option<DeterminationOccasion>,
    /// The answer in one word: `met`, `not_met`, `unknown`, a rating, …
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", nullable = false)]
    overall: Option<String>,
}

/// Asks for a determination.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewDetermination {
    /// What to determine.
    kind: DeterminationKind,
    /// The record to decide on: for `eligibility` an application, for `rating` an evaluation, for `exit` a pilot, for
    /// `classification` a cooperative, for `ranking` a provincial plan.
    of: Uuid,
    /// The day whose rules are applied; today if absent. Not in the future. A rating is decided under the version of the
    /// criteria and the register that its evaluation keeps: no other day than that of the register is given for it.
    at: Option<NaiveDate>,
}

/// A determination, with everything that it was made on.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeterminationView {
    /// Identifier.
    id: Uuid,
    /// What is determined.
    kind: DeterminationKind,
    /// The record that it is about: of an `eligibility` the application, of a `rating` the evaluation, of an `exit` the
    /// pilot, of a `classification` the cooperative, of a `ranking` the plan.
    of: Uuid,
    /// The cooperative; absent of a ranking, which is of a province.
    cooperative: Option<Uuid>,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the district or commune; absent of a ranking.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: Option<String>,
    /// What it was made for.
    occasion: DeterminationOccasion,
    /// The selection decision that it was made for.
    decision: Option<Uuid>,
    /// The day whose rules were applied; of a rating, the day on which the register was read.
    #[schema(example = "2021-09-15")]
    at: NaiveDate,
    /// Everything that was decided on, and nothing else.
    inputs: DeterminationInputs,
    /// Digest of the inputs: SHA-256 over the canonical JSON (RFC 8785) of the member `inputs`.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    inputs_digest: String,
    /// The answer in one word.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "met")]
    overall: String,
    /// The answer.
    result: DeterminationResult,
    /// Digest of the answer: SHA-256 over the canonical JSON (RFC 8785) of the member `result`.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    result_digest: String,
    /// When it was made.
    recorded_at: DateTime<Utc>,
}

impl From<KeptDetermination> for DeterminationView {
    fn from(made: KeptDetermination) -> Self {
        let (kind, at) = (made.kind(), made.at());
        let (inputs_digest, result_digest) = (made.inputs_digest(), made.result_digest());
        let KeptDetermination { id, subject, occasion, decision, inputs, result, created_by: _, recorded_at } = made;
        let Subject { of, cooperative, province, unit } = subject;
        let overall = result.overall().to_owned();
        Self {
            id,
            kind,
            of,
            cooperative,
            province,
            unit,
            occasion,
            decision,
            at,
            inputs,
            inputs_digest,
            overall,
            result,
            result_digest,
            recorded_at,
        }
    }
}

names! {
    /// What a determination is decided again on.
    ReplayOn {
        /// The inputs that are kept with it: the answer is the same to the byte.
        Kept = "kept",
        /// What is known now, under the rules in force today: what differs is shown.
        Current = "current",
    }
}

/// Decides again.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeterminationReplay {
    /// What to decide on; `kept` if absent.
    #[schema(inline)]
    on: Option<ReplayOn>,
}

/// A determination decided again. Nothing is recorded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReplayView {
    /// The determination.
    determination: Uuid,
    /// What it was decided again on.
    on: ReplayOn,
    /// Whether the answer is the same, byte by byte.
    same: bool,
    /// Digest of the answer that is kept.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    kept_digest: String,
    /// Digest of what was decided on now.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    inputs_digest: String,
    /// Digest of the answer now.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    result_digest: String,
    /// The answer now.
    result: DeterminationResult,
    /// What differs, inputs first; empty when nothing does.
    #[schema(max_items = 10_000)]
    differences: Vec<Difference>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/determinations/{id}")
}

/// Make a determination
///
/// Decides on what is known now, under the rules in force on a day, and keeps the answer with everything that it was made
/// on. One is also made when an application is submitted, for each application when a selection decision is approved, when
/// an evaluation is submitted or confirmed, and when a pilot ends.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "createDetermination",
    request_body = NewDetermination,
    responses((status = 201, description = "Made.", body = DeterminationView)),
    security(("bearer" = ["determinations:make"]))
)]
#[post("/v1/determinations")]
async fn create(call: Call, Body(new): Body<NewDetermination>) -> Answer {
    let NewDetermination { kind, of, at } = new;
    let (asked, at) = (at, at.unwrap_or_else(|| call.today()));
    let mut missing = Missing::default();
    missing.told(call.now().not_in_future(at, "/at").err());
    if kind == DeterminationKind::Ranking
        && let Err(refusal) = may_rank(call.caller())
    {
        // What is wrong by the body alone comes first; whether the plan is there is not told to who may not ask.
        missing.all(Some(()))?;
        return Err(refusal.into());
    }
    let work = call.begin().await?;
    let found = verdicts::gather(work.tx(), call.scope(), (kind, of), at).await;
    let found = missing.found(found, "/of", "record")?;
    if let (DeterminationKind::Rating, Some((_, inputs))) = (kind, &found) {
        missing.told(unchanged(&inputs.at(), &asked.unwrap_or_else(|| inputs.at()), "/at").err());
    }
    let found = missing.all(found)?;
    let made = keep(&call, work.tx(), found, DeterminationOccasion::Request).await?;
    work.created(&path_of(made.id), 1, &DeterminationView::from(made)).await
}

/// Who may not see the order of applicants does not ask for it.
fn may_rank(caller: &Caller) -> Result<(), Refusal> {
    if caller.may(Permission::ReadRankings) {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::NotResponsible,
        "Thứ tự các hồ sơ do cơ quan đầu mối, sở chuyên ngành xem xét.",
        "The order of applicants is looked at by the lead agency and line departments.",
    )
    .given(&[("responsible", &Role::LeadAgency.name())]))
}

/// Decides and keeps the answer.
pub(super) async fn keep(
    call: &Call,
    tx: &Tx,
    (subject, inputs): (Subject, DeterminationInputs),
    occasion: DeterminationOccasion,
) -> Result<KeptDetermination, StoreError> {
    let made = KeptDetermination::make(call.new_id(), subject, (occasion, None), inputs, call.caller(), call.now());
    determinations::insert_all(tx, std::slice::from_ref(&made)).await?;
    Ok(made)
}

/// Decides on each application and what belongs to it.
pub(super) fn made_of<'a>(
    call: &Call,
    occasion: (DeterminationOccasion, Option<Uuid>),
    decided_on: impl Iterator<Item = (&'a Application, EligibilityInputs)>,
) -> Vec<KeptDetermination> {
    decided_on
        .map(|(application, inputs)| {
            let inputs = DeterminationInputs::Eligibility(Box::new(inputs));
            let subject = Subject::from(application);
            KeptDetermination::make(call.new_id(), subject, occasion, inputs, call.caller(), call.now())
        })
        .collect()
}

/// List determinations
///
/// Those within the caller's reach, oldest first.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "listDeterminations",
    params(PageQuery, ProvinceQuery, DeterminationQuery),
    responses((status = 200, description = "One page.", body = Page<DeterminationView>)),
    security(("bearer" = ["determinations:read"]))
)]
#[get("/v1/determinations")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<DeterminationQuery>,
) -> Answer {
    let DeterminationQuery { kind, of, cooperative, decision, occasion, overall } = query.clone();
    let filter =
        determinations::Filter { kind, of, cooperative, place: place.meant(&call).await?, decision, occasion, overall };
    call.list(&page, &place.with(&query), determinations::list(call.caller(), &filter), DeterminationView::from).await
}

/// Read a determination
///
/// With everything that it was made on. It never changes.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "getDetermination",
    params(("id" = Uuid, Path, description = "Identifier of the determination.")),
    responses((status = 200, description = "The determination.", body = DeterminationView)),
    security(("bearer" = ["determinations:read"]))
)]
#[get("/v1/determinations/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let made = determinations::find(call.db(), call.caller(), *id).await?;
    call.one(1, &DeterminationView::from(made))
}

/// Decide a determination again
///
/// On the inputs that are kept, which gives the same answer to the byte; or on what is known and in force today, which
/// shows what differs. Nothing is recorded, so anyone who may read may ask.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "replayDetermination",
    params(("id" = Uuid, Path, description = "Identifier of the determination.")),
    request_body = DeterminationReplay,
    responses((status = 200, description = "The answer now, and what differs.", body = ReplayView)),
    security(("bearer" = ["determinations:read"]))
)]
#[post("/v1/determinations/{id}/replays")]
async fn replay(call: Call, id: Path<Uuid>, Body(body): Body<DeterminationReplay>) -> Answer {
    call.answered(async || replayed(&call, *id, body.on.unwrap_or(ReplayOn::Kept)).await).await
}

/// A determination decided again, beside what was kept.
async fn replayed(call: &Call, id: Uuid, on: ReplayOn) -> Result<ReplayView, ApiError> {
    let made = determinations::find(call.db(), call.caller(), id).await?;
    let again = match on {
        ReplayOn::Kept => made.replay(),
        ReplayOn::Current => made.replay_on(&verdicts::current(call.db(), call.scope(), &made, call.today()).await?),
    };
    let Replay { is_same, inputs_digest, result_digest, result, differences } = again;
    let kept_digest = made.result_digest();
    let determination = made.id;
    Ok(ReplayView { determination, on, same: is_same, kept_digest, inputs_digest, result_digest, result, differences })
}
