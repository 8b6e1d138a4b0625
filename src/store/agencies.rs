//! Agencies of the directory.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    Statement,
};
use uuid::Uuid;

use super::entity::agency::{self, Column};
use super::listing::{Key, Keyset, Listing};
use super::{Db, StoreError};
use crate::domain::agency::{Agency, Successor};
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
    let agency = from_row(agency::Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?)?;
    with_successions(db, vec![agency]).await?.pop().ok_or(StoreError::NotFound)
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
    WithSuccessions(Keyset::by_id(select, Column::Id, from_row, |agency: &Agency| agency.id))
}

/// Enters an agency, and ends those that it takes over on the day before its first.
///
/// # Errors
/// One of them ended since it was read (`Stale`), or the database failed.
pub async fn establish(db: &impl ConnectionTrait, agency: &Agency, ended: &[Agency]) -> Result<(), StoreError> {
    agency::Entity::insert(to_row(agency)).exec_without_returning(db).await?;
    for predecessor in ended {
        end(db, predecessor, Some(agency.id)).await?;
    }
    Ok(())
}

/// Ends an agency on its last day; its successor takes over on the next.
///
/// # Errors
/// It ended since it was read (`Stale`), or the database failed.
pub async fn end(db: &impl ConnectionTrait, agency: &Agency, successor: Option<Uuid>) -> Result<(), StoreError> {
    let changed = agency::Entity::update_many()
        .col_expr(Column::ValidTo, Expr::value(agency.valid_to))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(agency.id))
        .filter(Column::ValidTo.is_null())
        .exec(db)
        .await?;
    if changed.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    hand_over(db, agency, successor).await
}

/// Corrects when an agency ended, and who took over from it; `was` is the last day as it was recorded.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn correct_end(
    db: &impl ConnectionTrait,
    agency: &Agency,
    was: Option<NaiveDate>,
    successor: Option<Uuid>,
) -> Result<(), StoreError> {
    let changed = agency::Entity::update_many()
        .col_expr(Column::ValidTo, Expr::value(agency.valid_to))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(agency.id))
        .filter(Column::ValidTo.eq(was))
        .exec(db)
        .await?;
    if changed.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    let sql = "DELETE FROM agency_successions WHERE predecessor_id = $1";
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [agency.id.into()])).await?;
    hand_over(db, agency, successor).await
}

/// The successor acts for an agency from the day after its last.
async fn hand_over(db: &impl ConnectionTrait, agency: &Agency, successor: Option<Uuid>) -> Result<(), StoreError> {
    let from = agency.valid_to.and_then(|last| last.succ_opt());
    if let (Some(successor), Some(from)) = (successor, from) {
        let sql = "INSERT INTO agency_successions (predecessor_id, successor_id, on_date) VALUES ($1, $2, $3)";
        let values = [agency.id.into(), successor.into(), from.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

fn to_row(agency: &Agency) -> agency::ActiveModel {
    let Agency {
        id,
        code,
        name,
        role,
        sector,
        unit,
        province,
        valid_from,
        valid_to,
        predecessor,
        predecessors: _,
        successor: _,
    } = agency.clone();
    agency::ActiveModel {
        id: Set(id),
        version: Set(1),
        code: Set(code),
        name: Set(name),
        role: Set(role.name().to_owned()),
        sector: Set(sector),
        unit_code: Set(unit),
        province_code: Set(province),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        predecessor_id: Set(predecessor),
    }
}

#[derive(Debug, FromQueryResult)]
struct SuccessionRow {
    predecessor_id: Uuid,
    successor_id: Uuid,
    on_date: NaiveDate,
    name: String,
}

async fn successions(db: &impl ConnectionTrait) -> Result<Vec<SuccessionRow>, StoreError> {
    let sql = "SELECT s.predecessor_id, s.successor_id, s.on_date, a.name FROM agency_successions s \
               JOIN agencies a ON a.id = s.successor_id ORDER BY s.on_date, s.predecessor_id";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(SuccessionRow::find_by_statement(statement).all(db).await?)
}

/// For each agency that was merged or abolished by a day, the one that acts for it on that day.
///
/// # Errors
/// The database failed.
pub async fn successors(db: &impl ConnectionTrait, day: NaiveDate) -> Result<HashMap<Uuid, Successor>, StoreError> {
    let mut acting: HashMap<Uuid, Successor> = HashMap::new();
    // In the order of days: whoever was acting for somebody hands over to its own successor.
    for row in successions(db).await?.into_iter().filter(|row| row.on_date <= day) {
        let successor = Successor { id: row.successor_id, name: row.name, from_date: row.on_date };
        for handed_over in acting.values_mut().filter(|acting| acting.id == row.predecessor_id) {
            *handed_over = successor.clone();
        }
        acting.insert(row.predecessor_id, successor);
    }
    Ok(acting)
}

/// Fills in whom agencies succeeded and who succeeded them. One query for all of them.
async fn with_successions(db: &impl ConnectionTrait, mut agencies: Vec<Agency>) -> Result<Vec<Agency>, StoreError> {
    if agencies.is_empty() {
        return Ok(agencies);
    }
    let successions = successions(db).await?;
    for agency in &mut agencies {
        let of = successions.iter().filter(|row| row.successor_id == agency.id);
        agency.predecessors = of.map(|row| row.predecessor_id).collect();
        let by = successions.iter().find(|row| row.predecessor_id == agency.id);
        agency.successor =
            by.map(|row| Successor { id: row.successor_id, name: row.name.clone(), from_date: row.on_date });
    }
    Ok(agencies)
}

/// Agencies page by page, each with whom it succeeded.
#[derive(Debug, Clone)]
struct WithSuccessions<L>(L);

impl<L: Listing<Item = Agency>> Listing for WithSuccessions<L> {
    type Item = Agency;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<Agency>, StoreError> {
        with_successions(db, self.0.page(db, after, limit).await?).await
    }

    fn key(&self, agency: &Agency) -> Key {
        self.0.key(agency)
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        self.0.count(db).await
    }
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
        predecessors: Vec::new(),
        successor: None,
    })
}
