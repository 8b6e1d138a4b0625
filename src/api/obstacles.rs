//! Obstacles: raised, passed on level by level, resolved.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::obstacle::{About, Obstacle, ObstacleContent, ObstacleLevel, ObstacleStatus, Place, Resolution};
use crate::domain::pilot::Pilot;
use crate::domain::role::{Permission, Scope};
use crate::store::{StoreError, obstacles, pilots, provincial_plans, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(allowed_actions)
        .service(escalate)
        .service(list_escalations)
        .service(resolve)
        .service(list_resolutions);
}

/// An obstacle, as it is raised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewObstacle {
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// The pilot that it is about; absent when it is about the place of the caller as a whole.
    pilot: Option<Uuid>,
    /// The obstacle in a line.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Chưa có đất xây dựng trụ sở")]
    title: String,
    /// The obstacle in full.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX chưa được giao đất để xây dựng kho.")]
    description: String,
    /// The solution that is proposed.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Bố trí quỹ đất công.")]
    proposal: Option<String>,
    /// The day it was raised: not before the selection of the pilot, not in the future.
    #[schema(example = "2022-04-11")]
    raised_on: NaiveDate,
}

/// Passes an obstacle on to the level above.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObstacleEscalation {
    /// The day: not before it came to this level, not in the future.
    #[schema(example = "2022-04-25")]
    escalated_on: NaiveDate,
    /// Why it cannot be resolved here.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Vượt thẩm quyền.")]
    comment: String,
    /// The letter that carries it.
    document: Option<DocumentReference>,
}

/// Resolves an obstacle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObstacleResolution {
    /// The day: not before it came to this level, not in the future.
    #[schema(example = "2022-06-30")]
    resolved_on: NaiveDate,
    /// How it was resolved.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đã giao 2.000 m2 đất.")]
    resolution: String,
    /// The document that resolves it.
    document: Option<DocumentReference>,
}

/// An obstacle.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ObstacleView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the district or commune; absent when it is of the province as a whole.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: Option<String>,
    /// The pilot that it is about.
    pilot: Option<Uuid>,
    /// Its cooperative.
    cooperative: Option<Uuid>,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// The agency that raised it.
    agency: Option<Uuid>,
    /// The obstacle in a line.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Chưa có đất xây dựng trụ sở")]
    title: String,
    /// The obstacle in full.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX chưa được giao đất để xây dựng kho.")]
    description: String,
    /// The solution that is proposed.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    proposal: Option<String>,
    /// The day it was raised.
    #[schema(example = "2022-04-11")]
    raised_on: NaiveDate,
    /// With whom it is.
    level: ObstacleLevel,
    /// The day it came to that level; absent at the first.
    escalated_on: Option<NaiveDate>,
    /// Open or resolved.
    state: ObstacleStatus,
    /// The day it was resolved.
    resolved_on: Option<NaiveDate>,
    /// How it was resolved.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    resolution: Option<String>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Obstacle> for ObstacleView {
    fn from(obstacle: Obstacle) -> Self {
        let state = obstacle.status();
        let Obstacle {
            id,
            version: _,
            province,
            unit,
            about,
            scheme,
            agency,
            content,
            level,
            escalated_on,
            resolution,
            created_by: _,
            recorded_at,
            updated_at,
        } = obstacle;
        let ObstacleContent { title, description, proposal, raised_on } = content;
        let (pilot, cooperative) = about.map(|About { pilot, cooperative }| (pilot, cooperative)).unzip();
        let (resolved_on, resolution) =
            resolution.map(|Resolution { resolved_on, resolution }| (resolved_on, resolution)).unzip();
        Self {
            id,
            province,
            unit,
            pilot,
            cooperative,
            scheme,
            agency,
            title,
            description,
            proposal,
            raised_on,
            level,
            escalated_on,
            state,
            resolved_on,
            resolution,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of obstacles.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ObstacleQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// With whom they are.
    #[param(inline, nullable = false)]
    level: Option<ObstacleLevel>,
    /// Open or resolved.
    #[param(inline, nullable = false)]
    state: Option<ObstacleStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/obstacles/{id}")
}

/// The pilot of the scheme that an obstacle is about, if it is about one.
async fn pilot_of(
    call: &Call,
    work: &Work,
    id: Option<Uuid>,
    (scheme, missing): (&str, &mut Missing),
) -> Result<Option<Pilot>, ApiError> {
    let Some(id) = id else { return Ok(None) };
    let found = StoreError::if_found(pilots::find(work.tx(), call.scope(), id).await)?;
    // Of a scheme that is not there nothing can be a pilot: that is told of the scheme.
    let is_known = missing.is_empty();
    let found = found.filter(|pilot| !is_known || pilot.scheme == scheme);
    missing.unless(found.is_some(), "/pilot", "pilot");
    Ok(found)
}

/// Where an obstacle is: with its pilot, or in the caller's own place.
fn place_of(scope: &Scope, pilot: Option<&Pilot>) -> Result<Place, ApiError> {
    match (pilot, scope) {
        (Some(pilot), _) => Ok(Place { province: pilot.province.clone(), unit: Some(pilot.unit.clone()) }),
        (None, Scope::Province(province)) => Ok(Place { province: province.own().to_owned(), unit: None }),
        (None, Scope::Locality { province, unit }) => {
            Ok(Place { province: province.own().to_owned(), unit: Some(unit.own().to_owned()) })
        }
        (None, Scope::Country | Scope::Cooperative(_)) => Err(ApiError::unknown_reference("/pilot", "pilot")),
    }
}

/// Raise an obstacle
///
/// By locality, department or lead agency, about a pilot or about its own place. It is then with the lead agency
/// (2129/QĐ-UBND VI.2.2, VII.2).
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "raiseObstacle",
    request_body = NewObstacle,
    responses((status = 201, description = "Raised.", body = ObstacleView)),
    security(("bearer" = ["obstacles:raise"]))
)]
#[post("/v1/obstacles")]
async fn create(call: Call, Body(new): Body<NewObstacle>) -> Answer {
    let NewObstacle { scheme, pilot, title, description, proposal, raised_on } = new;
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let known = missing.found(schemes::find(work.tx(), &scheme).await, "/scheme", "scheme")?;
    let pilot = pilot_of(&call, &work, pilot, (&scheme, &mut missing)).await?;
    missing.all(known)?;
    let place = place_of(call.scope(), pilot.as_ref())?;
    let content = ObstacleContent { title, description, proposal, raised_on };
    let made = Obstacle::raise(call.new_id(), content, (place, scheme), pilot.as_ref(), call.caller(), call.now())?;
    obstacles::insert(work.tx(), &made).await?;
    work.created(&path_of(made.id), made.version, &ObstacleView::from(made)).await
}

/// List obstacles
///
/// Those within the caller's reach.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "listObstacles",
    params(PageQuery, PlaceQuery, ObstacleQuery),
    responses((status = 200, description = "One page.", body = Page<ObstacleView>)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/obstacles")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<ObstacleQuery>,
) -> Answer {
    let ObstacleQuery { cooperative, pilot, level, state } = query.clone();
    let filter = obstacles::Filter { place: place.meant(&call).await?, cooperative, pilot, level, state };
    call.list(&page, &place.with(&query), obstacles::list(call.scope(), &filter), ObstacleView::from).await
}

/// Read an obstacle
///
/// What it is, with whom it is, and how it was resolved.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "getObstacle",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    responses((status = 200, description = "The obstacle.", body = ObstacleView)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/obstacles/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let obstacle = obstacles::find(call.db(), call.scope(), *id).await?;
    call.one(obstacle.version, &ObstacleView::from(obstacle))
}

/// Tell what the caller may do with an obstacle
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "listObstacleActions",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/obstacles/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let obstacle = obstacles::find(call.db(), call.scope(), *id).await?;
    let lead = provincial_plans::lead_agency(call.db(), &obstacle.province, &obstacle.scheme).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("escalations", Permission::EscalateObstacles, obstacle.may_escalate(call.caller(), lead).map(drop)),
        step("resolutions", Permission::ResolveObstacles, obstacle.may_resolve(call.caller(), lead)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Finds the obstacle that a step is taken on, as the client has seen it, and the agency that leads in its province.
async fn find(work: &Work, call: &Call, id: Uuid, seen: &IfMatch) -> Result<(Obstacle, Option<Uuid>), ApiError> {
    let obstacle = obstacles::find(work.tx(), call.scope(), id).await?;
    seen.holds(obstacle.version);
    let lead = provincial_plans::lead_agency(work.tx(), &obstacle.province, &obstacle.scheme).await?;
    Ok((obstacle, lead))
}

async fn finish(work: Work, obstacle: Obstacle, taken: &StepTaken) -> Answer {
    obstacles::update(work.tx(), &obstacle).await?;
    work.step(obstacle.id, taken).await?;
    work.stepped(&path_of(obstacle.id), obstacle.version, &ObstacleView::from(obstacle)).await
}

/// Pass an obstacle on
///
/// One level up: by the lead agency to the People's Committee; by either of them to the ministry; by the ministry to the Prime
/// Minister (2129/QĐ-UBND VI.2.2, VII.2).
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "escalateObstacle",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    request_body = ObstacleEscalation,
    responses((status = 200, description = "Passed on; the obstacle.", body = ObstacleView)),
    security(("bearer" = ["obstacles:escalate"]))
)]
#[post("/v1/obstacles/{id}/escalations")]
async fn escalate(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ObstacleEscalation>) -> Answer {
    let ObstacleEscalation { escalated_on, comment, document } = body;
    let work = call.begin().await?;
    let (obstacle, lead) = find(&work, &call, *id, &seen).await?;
    let obstacle = obstacle.escalate(escalated_on, lead, call.caller(), call.now())?;
    let (on_date, comment, item) = (Some(escalated_on), Some(comment), Some(obstacle.level.name().to_owned()));
    let step = StepTaken::new("escalations", call.caller(), call.now());
    finish(work, obstacle, &StepTaken { on_date, comment, item, document, ..step }).await
}

/// List how an obstacle was passed on
///
/// `item` is the level that it went to; oldest first.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "listObstacleEscalations",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/obstacles/{id}/escalations")]
async fn list_escalations(call: Call, id: Path<Uuid>) -> Answer {
    obstacles::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "escalations").await
}

/// Resolve an obstacle
///
/// By whom it is with; what the Prime Minister decides, the ministry records.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "resolveObstacle",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    request_body = ObstacleResolution,
    responses((status = 200, description = "Resolved; the obstacle.", body = ObstacleView)),
    security(("bearer" = ["obstacles:resolve"]))
)]
#[post("/v1/obstacles/{id}/resolutions")]
async fn resolve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ObstacleResolution>) -> Answer {
    let ObstacleResolution { resolved_on, resolution, document } = body;
    let work = call.begin().await?;
    let (obstacle, lead) = find(&work, &call, *id, &seen).await?;
    let comment = Some(resolution.clone());
    let obstacle = obstacle.resolve(Resolution { resolved_on, resolution }, lead, call.caller(), call.now())?;
    let step = StepTaken::new("resolutions", call.caller(), call.now());
    finish(work, obstacle, &StepTaken { on_date: Some(resolved_on), comment, document, ..step }).await
}

/// List the resolutions of an obstacle
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Obstacles",
    operation_id = "listObstacleResolutions",
    params(("id" = Uuid, Path, description = "Identifier of the obstacle.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/obstacles/{id}/resolutions")]
async fn list_resolutions(call: Call, id: Path<Uuid>) -> Answer {
    obstacles::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "resolutions").await
}
