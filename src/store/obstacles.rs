//! Obstacles, with the level that each is at.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::StoreError;
use super::entity::obstacle;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::versioned::Versioned;
use crate::domain::obstacle::{About, Obstacle, ObstacleContent, ObstacleLevel, ObstacleStatus, Resolution};
use crate::domain::role::Scope;

/// What a list of obstacles can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative that they are about.
    pub cooperative: Option<Uuid>,
    /// The pilot that they are about.
    pub pilot: Option<Uuid>,
    /// With whom they are.
    pub level: Option<ObstacleLevel>,
    /// Open or resolved.
    pub state: Option<ObstacleStatus>,
}

const SCOPE: ScopeColumns<obstacle::Column> = ScopeColumns {
    province: obstacle::Column::ProvinceCode,
    unit: Some(obstacle::Column::UnitCode),
    cooperative: Some(obstacle::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<obstacle::Entity> {
    within(obstacle::Entity::find(), scope, SCOPE)
}

/// An obstacle in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Obstacle, StoreError> {
    let row = scoped(scope).filter(obstacle::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The obstacles in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Obstacle> + use<> {
    use obstacle::Column;
    let Filter { place, cooperative, pilot, level, state } = filter;
    let conditions = Condition::all()
        .add(place.condition(SCOPE, Placed::On(obstacle::Column::RaisedOn)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add_option(pilot.map(|id| Column::PilotId.eq(id)))
        .add_option(level.map(|level| Column::Level.eq(level.name())))
        .add_option(state.map(|state| Column::State.eq(state.name())));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |obstacle: &Obstacle| obstacle.id)
}

/// Records an obstacle.
///
/// # Errors
/// When the database failed.
pub async fn insert(db: &impl ConnectionTrait, obstacle: &Obstacle) -> Result<(), StoreError> {
    versioned(obstacle).insert(db).await
}

/// Replaces an obstacle by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, obstacle: &Obstacle) -> Result<(), StoreError> {
    versioned(obstacle).update(db, obstacle::Column::Id, obstacle::Column::Version).await
}

fn versioned(obstacle: &Obstacle) -> Versioned<obstacle::ActiveModel> {
    Versioned { row: to_row(obstacle), id: obstacle.id, version: obstacle.version }
}

fn from_row(row: obstacle::Model) -> Result<Obstacle, StoreError> {
    let obstacle::Model {
        id,
        version,
        province_code,
        created_by,
        recorded_at,
        updated_at,
        unit_code,
        cooperative_id,
        pilot_id,
        scheme_code,
        agency_id,
        title,
        description,
        proposal,
        raised_on,
        level,
        escalated_on,
        state: _,
        resolved_on,
        resolution,
    } = row;
    let resolution = resolved_on.zip(resolution);
    Ok(Obstacle {
        id,
        version,
        province: province_code,
        unit: unit_code,
        about: pilot_id.zip(cooperative_id).map(|(pilot, cooperative)| About { pilot, cooperative }),
        scheme: scheme_code,
        agency: agency_id,
        content: ObstacleContent { title, description, proposal, raised_on },
        level: ObstacleLevel::from_name(&level).ok_or_else(|| StoreError::Malformed(format!("level {level}")))?,
        escalated_on,
        resolution: resolution.map(|(resolved_on, resolution)| Resolution { resolved_on, resolution }),
        created_by,
        recorded_at,
        updated_at,
    })
}

fn to_row(obstacle: &Obstacle) -> obstacle::ActiveModel {
    let state = obstacle.status().name().to_owned();
    let Obstacle {
        id,
        version,
        province,
        unit,
        about,
        scheme,
        agency,
        content,
        level,
        escalated_on,
        resolution,
        created_by,
        recorded_at,
        updated_at,
    } = obstacle.clone();
    let ObstacleContent { title, description, proposal, raised_on } = content;
    let (resolved_on, resolution) =
        resolution.map(|Resolution { resolved_on, resolution }| (resolved_on, resolution)).unzip();
    obstacle::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
        unit_code: Set(unit),
        cooperative_id: Set(about.map(|about| about.cooperative)),
        pilot_id: Set(about.map(|about| about.pilot)),
        scheme_code: Set(scheme),
        agency_id: Set(agency),
        title: Set(title),
        description: Set(description),
        proposal: Set(proposal),
        raised_on: Set(raised_on),
        level: Set(level.name().to_owned()),
        escalated_on: Set(escalated_on),
        state: Set(state),
        resolved_on: Set(resolved_on),
        resolution: Set(resolution),
    }
}
