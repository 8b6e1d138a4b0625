//! Administrative units, by code and day.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::StoreError;
use super::by_code::ByCode;
use super::entity::administrative_unit::{self, Column};
use super::listing::Listing;
use crate::domain::territory::{AdministrativeUnit, Level};

/// What a list of units can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Level.
    pub level: Option<Level>,
    /// Code of the unit right above.
    pub parent: Option<String>,
}

fn in_force(day: NaiveDate) -> Condition {
    Condition::all()
        .add(Column::ValidFrom.lte(day))
        .add(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day)))
}

/// The unit that a code means on a day.
///
/// # Errors
/// None, or the database failed.
pub async fn find(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> Result<AdministrativeUnit, StoreError> {
    let select = administrative_unit::Entity::find().filter(Column::Code.eq(code)).filter(in_force(day));
    from_row(select.one(db).await?.ok_or(StoreError::NotFound)?)
}

/// The units of a day that pass a filter, by code.
pub fn list(day: NaiveDate, filter: &Filter) -> impl Listing<Item = AdministrativeUnit> + use<> {
    let Filter { level, parent } = filter;
    let mut select = administrative_unit::Entity::find().filter(in_force(day));
    if let Some(level) = level {
        select = select.filter(Column::Level.eq(level.name()));
    }
    if let Some(parent) = parent {
        select = select.filter(Column::ParentCode.eq(parent));
    }
    ByCode { select, code: Column::Code, item: from_row, code_of: |unit: &AdministrativeUnit| unit.code.clone() }
}

fn from_row(row: administrative_unit::Model) -> Result<AdministrativeUnit, StoreError> {
    let administrative_unit::Model { code, valid_from, version: _, name, level, parent_code, valid_to, legal_basis } =
        row;
    let level = Level::from_name(&level).ok_or_else(|| StoreError::Malformed(format!("level {level}")))?;
    Ok(AdministrativeUnit { code, name, level, parent: parent_code, valid_from, valid_to, legal_basis })
}
