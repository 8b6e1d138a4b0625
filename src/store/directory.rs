//! The directory of agencies and units, as far as a token must be resolved against it.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::StoreError;
use crate::domain::role::Role;

/// An agency as a caller acts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Identifier.
    pub id: Uuid,
    /// The role it acts in.
    pub role: Role,
    /// Its unit; absent for the nation.
    pub unit: Option<String>,
    /// The province of that unit, or the unit itself.
    pub province: Option<String>,
    /// First day of its existence.
    pub valid_from: NaiveDate,
    /// Last day, if it ended.
    pub valid_to: Option<NaiveDate>,
}

/// All agencies, by id.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    agencies: HashMap<Uuid, Listed>,
}

impl Directory {
    /// The agency of an id, if it exists on a day.
    pub fn agency(&self, id: Uuid, at: NaiveDate) -> Option<&Listed> {
        self.agencies.get(&id).filter(|agency| agency.valid_from <= at && agency.valid_to.is_none_or(|end| at <= end))
    }

    /// The agency that holds a role in a unit on a day: the default of `sarus token`.
    pub fn holder(&self, role: Role, unit: Option<&str>, at: NaiveDate) -> Option<&Listed> {
        let mut holders: Vec<_> = self
            .agencies
            .values()
            .filter(|agency| agency.role == role && agency.unit.as_deref() == unit)
            .filter(|agency| self.agency(agency.id, at).is_some())
            .collect();
        holders.sort_by_key(|agency| agency.id);
        holders.first().copied()
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    role: String,
    unit_code: Option<String>,
    parent_code: Option<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Reads the whole directory: some hundreds of agencies.
///
/// # Errors
/// The database failed.
pub async fn load(db: &impl ConnectionTrait) -> Result<Directory, StoreError> {
    let sql = "SELECT a.id, a.role, a.unit_code, u.parent_code, a.valid_from, a.valid_to FROM agencies a \
               LEFT JOIN administrative_units u ON u.code = a.unit_code AND u.valid_from = \
               (SELECT max(w.valid_from) FROM administrative_units w WHERE w.code = a.unit_code)";
    let rows = Row::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    let mut agencies = HashMap::with_capacity(rows.len());
    for Row { id, role, unit_code, parent_code, valid_from, valid_to } in rows {
        let role = Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?;
        let province = parent_code.or_else(|| unit_code.clone());
        agencies.insert(id, Listed { id, role, unit: unit_code, province, valid_from, valid_to });
    }
    Ok(Directory { agencies })
}

#[derive(Debug, FromQueryResult)]
struct UnitRow {
    code: String,
    parent_code: Option<String>,
}

/// The province that a unit lies in, by its latest entry; a province lies in itself.
///
/// # Errors
/// No such unit.
pub async fn province_of(db: &impl ConnectionTrait, unit: &str) -> Result<String, StoreError> {
    let sql = "SELECT code, parent_code FROM administrative_units WHERE code = $1 ORDER BY valid_from DESC LIMIT 1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [unit.into()]);
    let UnitRow { code, parent_code } =
        UnitRow::find_by_statement(statement).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(parent_code.unwrap_or(code))
}
