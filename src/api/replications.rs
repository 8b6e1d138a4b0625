//! Replications: other cooperatives adopt the model that a pilot has completed.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query};
use super::error::Answer;
use super::page::{History, Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::pilot::Pilot;
use crate::domain::replication::{Adoption, Replication, ReplicationState, ReplicationStatus};
use crate::domain::role::{Permission, Scope};
use crate::store::{StoreError, Tx, cooperatives, pilots, replications};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(allowed_actions).service(end).service(list_endings);
}

/// A cooperative that adopts a completed model.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewReplication {
    /// The cooperative that adopts, in the caller's reach.
    cooperative: Uuid,
    /// The pilot of the same province whose completed model it is.
    pilot: Uuid,
    /// The day from which: not before the completion, not in the future.
    #[schema(example = "2024-09-01")]
    adopted_on: NaiveDate,
    /// What is adopted, and how.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = r"\S",
        example = "Áp dụng quy trình sản xuất và liên kết chuỗi giá trị"
    )]
    description: String,
    /// Evidence.
    document: Option<DocumentReference>,
}

/// Ends a replication.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplicationEnding {
    /// The day: not before the adoption, not in the future.
    #[schema(example = "2025-01-31")]
    ended_on: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX chuyển hướng sản xuất")]
    reason: String,
}

/// A replication of a completed model.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReplicationView {
    /// Identifier.
    id: Uuid,
    /// The cooperative that adopts.
    cooperative: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// The pilot whose model it is.
    pilot: Uuid,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Code of the model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    model: String,
    /// The day from which.
    #[schema(example = "2024-09-01")]
    adopted_on: NaiveDate,
    /// What is adopted, and how.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = r"\S",
        example = "Áp dụng quy trình sản xuất và liên kết chuỗi giá trị"
    )]
    description: String,
    /// Evidence.
    document: Option<DocumentReference>,
    /// Where it is in its life.
    state: ReplicationStatus,
    /// The day it ended.
    ended_on: Option<NaiveDate>,
    /// Why it ended.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    end_reason: Option<String>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Replication> for ReplicationView {
    fn from(replication: Replication) -> Self {
        let Replication {
            id,
            version: _,
            cooperative,
            province,
            unit,
            pilot,
            scheme,
            model,
            adopted_on,
            description,
            document,
            state,
            created_by: _,
            recorded_at,
            updated_at,
        } = replication;
        let status = state.status();
        let (ended_on, end_reason) = match state {
            ReplicationState::Active => (None, None),
            ReplicationState::Ended { ended_on, reason } => (Some(ended_on), Some(reason)),
        };
        Self {
            id,
            cooperative,
            province,
            unit,
            pilot,
            scheme,
            model,
            adopted_on,
            description,
            document,
            state: status,
            ended_on,
            end_reason,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of replications.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ReplicationQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// Code of the model.
    #[param(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", nullable = false)]
    model: Option<String>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<ReplicationStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/replications/{id}")
}

/// A pilot of the province: within the caller's reach, or one whose model is complete, for that is made known in the
/// whole province.
async fn pilot_of(call: &Call, tx: &Tx, id: Uuid) -> Result<Pilot, StoreError> {
    let province = match call.scope() {
        Scope::Locality { province, .. } => Scope::Province(province.clone()),
        other => other.clone(),
    };
    let pilot = pilots::find(tx, &province, id).await?;
    if pilot.completed_model().is_err() {
        pilots::find(tx, call.scope(), id).await?;
    }
    Ok(pilot)
}

/// Record a replication
///
/// By locality or lead agency: a cooperative other than the pilot adopts the model that the pilot has completed
/// (2129/QĐ-UBND VI.2.2, VII.9). Once at a time for a cooperative and a pilot.
#[utoipa::path(
    tag = "Replications",
    operation_id = "createReplication",
    request_body = NewReplication,
    responses((status = 201, description = "Recorded.", body = ReplicationView)),
    security(("bearer" = ["replications:write"]))
)]
#[post("/v1/replications")]
async fn create(call: Call, Body(new): Body<NewReplication>) -> Answer {
    let NewReplication { cooperative, pilot, adopted_on, description, document } = new;
    let adoption = Adoption { adopted_on, description, document };
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let adopter = cooperatives::find(work.tx(), call.scope(), cooperative).await;
    let adopter = missing.found(adopter, "/cooperative", "cooperative")?;
    let pilot = missing.found(pilot_of(&call, work.tx(), pilot).await, "/pilot", "pilot")?;
    let (cooperative, pilot) = missing.all(adopter.zip(pilot))?;
    let made = Replication::record(call.new_id(), &cooperative, &pilot, adoption, call.caller(), call.now())?;
    replications::insert(work.tx(), &made).await?;
    work.created(&path_of(made.id), made.version, &ReplicationView::from(made)).await
}

/// List replications
///
/// Those of cooperatives within the caller's reach.
#[utoipa::path(
    tag = "Replications",
    operation_id = "listReplications",
    params(PageQuery, PlaceQuery, ReplicationQuery),
    responses((status = 200, description = "One page.", body = Page<ReplicationView>)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/replications")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<ReplicationQuery>,
) -> Answer {
    let ReplicationQuery { cooperative, pilot, model, state } = query.clone();
    let filter = replications::Filter { place: place.meant(&call).await?, cooperative, pilot, model, state };
    call.list(&page, &place.with(&query), replications::list(call.scope(), &filter), ReplicationView::from).await
}

/// Read a replication
///
/// Who adopts which model, from which pilot.
#[utoipa::path(
    tag = "Replications",
    operation_id = "getReplication",
    params(("id" = Uuid, Path, description = "Identifier of the replication.")),
    responses((status = 200, description = "The replication.", body = ReplicationView)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/replications/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let replication = replications::find(call.db(), call.scope(), *id).await?;
    call.one(replication.version, &ReplicationView::from(replication))
}

/// Tell what the caller may do with a replication
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Replications",
    operation_id = "listReplicationActions",
    params(("id" = Uuid, Path, description = "Identifier of the replication.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/replications/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let replication = replications::find(call.db(), call.scope(), *id).await?;
    let ending = Step { name: "endings", permission: Permission::WriteReplications, verdict: replication.may_end() };
    call.allowed_actions(&path_of(*id), vec![ending])
}

/// End a replication
///
/// The cooperative works along the model no longer; or it never did, and the record was a mistake.
#[utoipa::path(
    tag = "Replications",
    operation_id = "endReplication",
    params(("id" = Uuid, Path, description = "Identifier of the replication.")),
    request_body = ReplicationEnding,
    responses((status = 200, description = "Ended; the replication.", body = ReplicationView)),
    security(("bearer" = ["replications:write"]))
)]
#[post("/v1/replications/{id}/endings")]
async fn end(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReplicationEnding>) -> Answer {
    let ReplicationEnding { ended_on, reason } = body;
    let work = call.begin().await?;
    let replication = replications::find(work.tx(), call.scope(), *id).await?;
    seen.holds(replication.version);
    let ended = replication.end(ended_on, reason.clone(), call.now())?;
    replications::update(work.tx(), &ended).await?;
    let (on_date, comment) = (Some(ended_on), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("endings", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), ended.version, &ReplicationView::from(ended)).await
}

/// List the endings of a replication
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Replications",
    operation_id = "listReplicationEndings",
    params(("id" = Uuid, Path, description = "Identifier of the replication.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/replications/{id}/endings")]
async fn list_endings(call: Call, id: Path<Uuid>) -> Answer {
    replications::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "endings").await
}
