//! Administrative units, by code and day.

mod relations;

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    Statement,
};

use super::StoreError;
use super::by_code::ByCode;
use super::entity::administrative_unit::{self, Column};
use super::listing::Listing;
use crate::domain::territory::{AdministrativeUnit, Level, OneOfSeveral, ProvinceTree, UnitInTree, UnitsMeant};

/// Digits of a province's code.
const PROVINCE_DIGITS: usize = 2;

/// What a list of units can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Level.
    pub level: Option<Level>,
    /// Code of the unit right above.
    pub parent: Option<String>,
    /// Code of the province that they lie in.
    pub province: Option<String>,
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

/// The unit that a code means on a day, with its place in the tree of that day and what came before and after.
///
/// # Errors
/// None, or the database failed.
pub async fn in_tree(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> Result<UnitInTree, StoreError> {
    let unit = find(db, code, day).await?;
    relations::related(db, vec![unit], day).await?.pop().ok_or(StoreError::NotFound)
}

/// The units of a day that pass a filter, by code.
pub fn list(day: NaiveDate, filter: &Filter) -> impl Listing<Item = UnitInTree> + use<> {
    let Filter { level, parent, province } = filter;
    let mut select = administrative_unit::Entity::find().filter(in_force(day));
    if let Some(level) = level {
        select = select.filter(Column::Level.eq(level.name()));
    }
    if let Some(parent) = parent {
        select = select.filter(Column::ParentCode.eq(parent));
    }
    if let Some(province) = province {
        let mut districts = Query::select();
        districts.column(Column::Code).from(administrative_unit::Entity).cond_where(in_force(day));
        districts.and_where(Column::ParentCode.eq(province).and(Column::Level.eq(Level::District.name())));
        let below = Condition::any()
            .add(Column::Code.eq(province))
            .add(Column::ParentCode.eq(province))
            .add(Column::ParentCode.in_subquery(districts));
        select = select.filter(below);
    }
    let units =
        ByCode { select, code: Column::Code, item: from_row, code_of: |unit: &AdministrativeUnit| unit.code.clone() };
    relations::Related { units, day }
}

/// The unit that a code of a record means: that of today, else the last one that bore it, if it was there on or after
/// the day that the record begins.
///
/// # Errors
/// No such unit, or the database failed.
pub async fn placed_unit(
    db: &impl ConnectionTrait,
    code: &str,
    since: NaiveDate,
    today: NaiveDate,
) -> Result<AdministrativeUnit, StoreError> {
    let row = administrative_unit::Entity::find()
        .filter(Column::Code.eq(code))
        .filter(Column::ValidFrom.lte(today))
        .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(since)))
        .order_by_desc(Column::ValidFrom)
        .one(db)
        .await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The code of the province that a code of a record lies in: see [`placed_unit`].
///
/// # Errors
/// No such unit, or the database failed.
pub async fn placed(
    db: &impl ConnectionTrait,
    code: &str,
    since: NaiveDate,
    today: NaiveDate,
) -> Result<String, StoreError> {
    let unit = placed_unit(db, code, since, today).await?;
    let Some(parent) = unit.parent else { return Ok(unit.code) };
    if parent.len() == PROVINCE_DIGITS {
        return Ok(parent);
    }
    let day = unit.valid_to.filter(|end| *end < today).unwrap_or(today);
    Ok(find(db, &parent, day).await?.parent.unwrap_or(parent))
}

/// The names of units on a day, by code.
///
/// # Errors
/// The database failed.
pub async fn names(
    db: &impl ConnectionTrait,
    codes: Vec<String>,
    day: NaiveDate,
) -> Result<HashMap<String, String>, StoreError> {
    let select = administrative_unit::Entity::find().filter(Column::Code.is_in(codes)).filter(in_force(day));
    Ok(select.all(db).await?.into_iter().map(|row| (row.code, row.name)).collect())
}

#[derive(Debug, FromQueryResult)]
struct Merged {
    predecessor_code: String,
    successor_code: String,
}

/// The provinces that were merged by a day: the code that each bore, and that of the province it is now part of.
///
/// # Errors
/// The database failed.
pub async fn merged_provinces(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<HashMap<String, String>, StoreError> {
    let sql = "SELECT predecessor_code, successor_code FROM unit_successions \
               WHERE level = 'province' AND predecessor_code <> successor_code AND on_date <= $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [day.into()]);
    let rows = Merged::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.predecessor_code, row.successor_code)).collect())
}

#[derive(Debug, FromQueryResult)]
struct MeantRow {
    code: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    shared: i32,
}

/// What the code $1 means on the day $2: its bearer, what that was called or stood in later (`same`), and whatever these
/// followed by default (`line`), each with whether another unit bore its code too.
const MEANT: &str = "\
    WITH RECURSIVE same(code, valid_from) AS (SELECT u.code, u.valid_from FROM administrative_units u \
    WHERE u.code = $1 AND u.valid_from <= $2 AND (u.valid_to IS NULL OR u.valid_to >= $2) \
    UNION SELECT s.successor_code, s.successor_from FROM same b JOIN unit_successions s ON s.predecessor_code = b.code \
    AND s.predecessor_from = b.valid_from AND s.successor_code = b.code AND s.kind IN ('rename', 'carry_over')), \
    line(code, valid_from) AS (SELECT code, valid_from FROM same \
    UNION SELECT s.predecessor_code, s.predecessor_from FROM line l JOIN unit_successions s \
    ON s.successor_code = l.code AND s.successor_from = l.valid_from AND s.is_default \
    AND LENGTH(s.predecessor_code) = LENGTH(l.code)) \
    SELECT u.code, u.valid_from, u.valid_to, CASE WHEN EXISTS (SELECT 1 FROM administrative_units o \
    LEFT JOIN line m ON m.code = o.code AND m.valid_from = o.valid_from WHERE o.code = u.code AND m.code IS NULL) \
    THEN 1 ELSE 0 END AS shared FROM line \
    JOIN administrative_units u ON u.code = line.code AND u.valid_from = line.valid_from ORDER BY u.code, u.valid_from";

/// The units whose records a code asks for on a day. One query.
///
/// # Errors
/// The database failed.
pub async fn meant(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> Result<UnitsMeant, StoreError> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), MEANT, [code.into(), day.into()]);
    let mut meant = UnitsMeant::default();
    for MeantRow { code, valid_from: from, valid_to: until, shared } in
        MeantRow::find_by_statement(statement).all(db).await?
    {
        if shared == 1 {
            meant.of_several.push(OneOfSeveral { code, from, until });
        } else if !meant.alone.contains(&code) {
            meant.alone.push(code);
        }
    }
    Ok(if meant.is_empty() { UnitsMeant::code(code) } else { meant })
}

/// The provinces of all days, shown as on one of them. Two queries.
///
/// # Errors
/// The database failed.
pub async fn province_tree(db: &impl ConnectionTrait, shown_on: NaiveDate) -> Result<ProvinceTree, StoreError> {
    let provinces = administrative_unit::Entity::find().filter(Column::Level.eq(Level::Province.name()));
    let units = provinces.all(db).await?.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(ProvinceTree::new(units, merged_provinces(db, shown_on).await?, shown_on))
}

/// The codes of the provinces that were merged into one by a day; its own is not among them.
///
/// # Errors
/// The database failed.
pub async fn merged_into(db: &impl ConnectionTrait, province: &str, day: NaiveDate) -> Result<Vec<String>, StoreError> {
    let merged = merged_provinces(db, day).await?;
    Ok(merged.into_iter().filter(|(_, successor)| successor == province).map(|(code, _)| code).collect())
}

fn from_row(row: administrative_unit::Model) -> Result<AdministrativeUnit, StoreError> {
    let administrative_unit::Model { code, valid_from, version: _, name, level, parent_code, valid_to, legal_basis } =
        row;
    let level = Level::from_name(&level).ok_or_else(|| StoreError::Malformed(format!("level {level}")))?;
    Ok(AdministrativeUnit { code, name, level, parent: parent_code, valid_from, valid_to, legal_basis })
}
