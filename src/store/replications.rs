//! Replications: other cooperatives that adopt the completed model of a pilot.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::StoreError;
use super::entity::replication;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::versioned::Versioned;
use crate::domain::replication::{Replication, ReplicationState, ReplicationStatus};
use crate::domain::role::Scope;

/// What a list of replications can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative that adopts.
    pub cooperative: Option<Uuid>,
    /// The pilot whose model it is.
    pub pilot: Option<Uuid>,
    /// Code of the model.
    pub model: Option<String>,
    /// State.
    pub state: Option<ReplicationStatus>,
}

const SCOPE: ScopeColumns<replication::Column> = ScopeColumns {
    province: replication::Column::ProvinceCode,
    unit: Some(replication::Column::UnitCode),
    cooperative: Some(replication::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<replication::Entity> {
    within(replication::Entity::find(), scope, SCOPE)
}

/// A replication in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Replication, StoreError> {
    let row = scoped(scope).filter(replication::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The replications in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Replication> + use<> {
    use replication::Column;
    let Filter { place, cooperative, pilot, model, state } = filter;
    let conditions = Condition::all()
        .add(place.condition(SCOPE, Placed::At(replication::Column::RecordedAt)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add_option(pilot.map(|id| Column::PilotId.eq(id)))
        .add_option(model.as_ref().map(|code| Column::Model.eq(code)))
        .add_option(state.map(|state| Column::State.eq(state.name())));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |replication: &Replication| replication.id)
}

/// Records a replication.
///
/// # Errors
/// The cooperative already adopts the model of this pilot (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, replication: &Replication) -> Result<(), StoreError> {
    versioned(replication)?.insert(db).await
}

/// Replaces a replication by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, replication: &Replication) -> Result<(), StoreError> {
    versioned(replication)?.update(db, replication::Column::Id, replication::Column::Version).await
}

fn versioned(replication: &Replication) -> Result<Versioned<replication::ActiveModel>, StoreError> {
    Ok(Versioned { row: to_row(replication)?, id: replication.id, version: replication.version })
}

fn from_row(row: replication::Model) -> Result<Replication, StoreError> {
    let replication::Model {
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
        model,
        adopted_on,
        description,
        document,
        state,
        ended_on,
        end_reason,
    } = row;
    let state = match (ReplicationStatus::from_name(&state), ended_on, end_reason) {
        (Some(ReplicationStatus::Active), None, None) => ReplicationState::Active,
        (Some(ReplicationStatus::Ended), Some(ended_on), Some(reason)) => ReplicationState::Ended { ended_on, reason },
        _ => return Err(StoreError::Malformed(format!("replication state {state}"))),
    };
    Ok(Replication {
        id,
        version,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        pilot: pilot_id,
        scheme: scheme_code,
        model,
        adopted_on,
        description,
        document: document.as_deref().map(serde_json::from_str).transpose()?,
        state,
        created_by,
        recorded_at,
        updated_at,
    })
}

fn to_row(replication: &Replication) -> Result<replication::ActiveModel, StoreError> {
    let Replication {
        id,
        version,
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
        created_by,
        recorded_at,
        updated_at,
    } = replication.clone();
    let status = state.status().name().to_owned();
    let (ended_on, end_reason) = match state {
        ReplicationState::Active => (None, None),
        ReplicationState::Ended { ended_on, reason } => (Some(ended_on), Some(reason)),
    };
    Ok(replication::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
        unit_code: Set(unit),
        cooperative_id: Set(cooperative),
        pilot_id: Set(pilot),
        scheme_code: Set(scheme),
        model: Set(model),
        adopted_on: Set(adopted_on),
        description: Set(description),
        document: Set(document.as_ref().map(serde_json::to_string).transpose()?),
        state: Set(status),
        ended_on: Set(ended_on),
        end_reason: Set(end_reason),
    })
}
