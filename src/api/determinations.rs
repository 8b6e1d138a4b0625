//! Determinations of eligibility: dated, kept with what they were made on, and decided again on request.

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
use crate::domain::application::Application;
use crate::domain::determination::{DeterminationOccasion, Difference, KeptDetermination, Replay};
use crate::domain::eligibility::{ConditionVerdict, Determination, EligibilityInputs};
use crate::domain::role::names;
use crate::store::eligibility::{self, Rules};
use crate::store::{StoreError, applications, determinations};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(replay);
}

/// Narrows the list of determinations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct DeterminationQuery {
    /// The application.
    #[param(nullable = false)]
    application: Option<Uuid>,
    /// The cooperative that applies.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// The selection decision that they were made for.
    #[param(nullable = false)]
    decision: Option<Uuid>,
    /// What they were made for.
    #[param(inline, nullable = false)]
    occasion: Option<DeterminationOccasion>,
    /// The answer.
    #[param(inline, nullable = false)]
    overall: Option<ConditionVerdict>,
}

/// Asks for a determination.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewDetermination {
    /// The application to decide on.
    application: Uuid,
    /// The day whose rules are applied; today if absent. Not in the future.
    at: Option<NaiveDate>,
}

/// A determination, with everything that it was made on.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeterminationView {
    /// Identifier.
    id: Uuid,
    /// The application.
    application: Uuid,
    /// The cooperative that applies.
    cooperative: Uuid,
    /// Code of its province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// What it was made for.
    occasion: DeterminationOccasion,
    /// The selection decision that it was made for.
    decision: Option<Uuid>,
    /// The day whose rules were applied.
    #[schema(example = "2021-09-15")]
    at: NaiveDate,
    /// Everything that was decided on, and nothing else.
    inputs: EligibilityInputs,
    /// Digest of the inputs: SHA-256 over the canonical JSON (RFC 8785) of the member `inputs`.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    inputs_digest: String,
    /// The answer.
    result: Determination,
    /// Digest of the answer: SHA-256 over the canonical JSON (RFC 8785) of the member `result`.
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    result_digest: String,
    /// When it was made.
    recorded_at: DateTime<Utc>,
}

impl From<KeptDetermination> for DeterminationView {
    fn from(made: KeptDetermination) -> Self {
        let (at, inputs_digest, result_digest) = (made.at(), made.inputs_digest(), made.result_digest());
        let KeptDetermination {
            id,
            application,
            cooperative,
            province,
            unit,
            occasion,
            decision,
            inputs,
            result,
            created_by: _,
            recorded_at,
        } = made;
        Self {
            id,
            application,
            cooperative,
            province,
            unit,
            occasion,
            decision,
            at,
            inputs,
            inputs_digest,
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
    result: Determination,
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
/// on. One is also made when an application is submitted, and for each application when a selection decision is approved.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "createDetermination",
    request_body = NewDetermination,
    responses((status = 201, description = "Made.", body = DeterminationView)),
    security(("bearer" = ["determinations:make"]))
)]
#[post("/v1/determinations")]
async fn create(call: Call, Body(new): Body<NewDetermination>) -> Answer {
    let NewDetermination { application, at } = new;
    let at = at.unwrap_or_else(|| call.today());
    call.now().not_in_future(at, "/at")?;
    let work = call.begin().await?;
    let found = applications::find(work.tx(), call.scope(), application).await;
    let application = found.map_err(|error| ApiError::reference(error, "/application", "application"))?;
    let rules = Rules::of(work.tx(), &application.scheme, &application.province).await?;
    let applications = [application];
    let inputs = eligibility::inputs(work.tx(), &rules, at, &applications).await?;
    let occasion = (DeterminationOccasion::Request, None);
    let made = made_of(&call, occasion, applications.iter().zip(inputs));
    determinations::insert_all(work.tx(), &made).await?;
    let made = made.into_iter().next().ok_or(StoreError::NotFound)?;
    work.created(&path_of(made.id), 1, &DeterminationView::from(made)).await
}

/// Decides on each application and what belongs to it.
pub(super) fn made_of<'a>(
    call: &Call,
    occasion: (DeterminationOccasion, Option<Uuid>),
    decided_on: impl Iterator<Item = (&'a Application, EligibilityInputs)>,
) -> Vec<KeptDetermination> {
    decided_on
        .map(|(application, inputs)| {
            KeptDetermination::make(call.new_id(), application, occasion, inputs, call.caller(), call.now())
        })
        .collect()
}

/// List determinations
///
/// Those within the caller's reach, oldest first.
#[utoipa::path(
    tag = "Determinations",
    operation_id = "listDeterminations",
    params(PageQuery, DeterminationQuery),
    responses((status = 200, description = "One page.", body = Page<DeterminationView>)),
    security(("bearer" = ["determinations:read"]))
)]
#[get("/v1/determinations")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<DeterminationQuery>) -> Answer {
    let DeterminationQuery { application, cooperative, province, decision, occasion, overall } = query.clone();
    let filter = determinations::Filter { application, cooperative, province, decision, occasion, overall };
    call.list(&page, &query, determinations::list(call.scope(), &filter), DeterminationView::from).await
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
    let made = determinations::find(call.db(), call.scope(), *id).await?;
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
    let on = body.on.unwrap_or(ReplayOn::Kept);
    let made = determinations::find(call.db(), call.scope(), *id).await?;
    let replay = match on {
        ReplayOn::Kept => made.replay(),
        ReplayOn::Current => made.replay_on(&current(&call, &made).await?),
    };
    let Replay { is_same, inputs_digest, result_digest, result, differences } = replay;
    let kept_digest = made.result_digest();
    let determination = made.id;
    let view =
        ReplayView { determination, on, same: is_same, kept_digest, inputs_digest, result_digest, result, differences };
    call.answered(&view)
}

/// What the same application would be decided on today.
async fn current(call: &Call, made: &KeptDetermination) -> Result<EligibilityInputs, ApiError> {
    let application = applications::find(call.db(), call.scope(), made.application).await?;
    let rules = Rules::of(call.db(), &application.scheme, &application.province).await?;
    let inputs = eligibility::inputs(call.db(), &rules, call.today(), &[application]).await?;
    Ok(inputs.into_iter().next().ok_or(StoreError::NotFound)?)
}
