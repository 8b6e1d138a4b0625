//! Agencies of the directory.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::StoreError;
use super::entity::agency::{self, Column};
use super::listing::{Keyset, Listing};
use crate::domain::agency::Agency;
use crate::domain::role::Role;

/// What a list of agencies can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The day on which they exist.
    pub at: Option<NaiveDate>,
    /// What they do in the scheme.
    pub role: Option<Role>,
    /// Code of their unit.
    pub unit: Option<String>,
}

/// An agency by its id, whether it still exists or not.
///
/// # Errors
/// There is none, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Agency, StoreError> {
    from_row(agency::Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?)
}

/// The agencies of some ids.
///
/// # Errors
/// The database failed.
pub async fn of_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Agency>, StoreError> {
    let rows = agency::Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

/// The agencies that pass a filter.
pub fn list(filter: &Filter) -> impl Listing<Item = Agency> + use<> {
    let Filter { at, role, unit } = filter;
    let mut select = agency::Entity::find();
    if let Some(day) = *at {
        let still_there = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day));
        select = select.filter(Column::ValidFrom.lte(day)).filter(still_there);
    }
    if let Some(role) = role {
        select = select.filter(Column::Role.eq(role.name()));
    }
    if let Some(unit) = unit {
        select = select.filter(Column::UnitCode.eq(unit));
    }
    Keyset::by_id(select, Column::Id, from_row, |agency: &Agency| agency.id)
}

fn from_row(row: agency::Model) -> Result<Agency, StoreError> {
    let agency::Model {
        id,
        version: _,
        code,
        name,
        role,
        sector,
        unit_code,
        province_code,
        valid_from,
        valid_to,
        predecessor_id,
    } = row;
    let role = Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?;
    Ok(Agency {
        id,
        code,
        name,
        role,
        sector,
        unit: unit_code,
        province: province_code,
        valid_from,
        valid_to,
        predecessor: predecessor_id,
    })
}
