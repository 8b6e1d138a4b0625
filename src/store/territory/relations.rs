//! The place of units in the tree of a day, and their successors and predecessors: four queries for a whole page.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};

use super::super::listing::{Key, Listing};
use super::super::parameters::Parameters;
use super::super::{Db, StoreError};
use super::{Column, administrative_unit, from_row, in_force};
use crate::domain::territory::{AdministrativeUnit, Succession, SuccessionKind, UnitAbove, UnitInTree};

/// Units page by page, each in its tree.
#[derive(Debug, Clone)]
pub(super) struct Related<L> {
    /// The units.
    pub(super) units: L,
    /// The day of the tree.
    pub(super) day: NaiveDate,
}

impl<L: Listing<Item = AdministrativeUnit>> Listing for Related<L> {
    type Item = UnitInTree;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<UnitInTree>, StoreError> {
        related(db, self.units.page(db, after, limit).await?, self.day).await
    }

    fn key(&self, item: &UnitInTree) -> Key {
        self.units.key(&item.unit)
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        self.units.count(db).await
    }
}

/// Places units in the tree of a day, in the same order.
pub(super) async fn related(
    db: &impl ConnectionTrait,
    units: Vec<AdministrativeUnit>,
    day: NaiveDate,
) -> Result<Vec<UnitInTree>, StoreError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let above = above(db, &units, day).await?;
    let codes: Vec<&str> = units.iter().map(|unit| unit.code.as_str()).collect();
    let mut successors = successions(db, &codes, Side::Successor).await?;
    let mut predecessors = successions(db, &codes, Side::Predecessor).await?;
    let placed = |unit: AdministrativeUnit| {
        let key = (unit.code.clone(), unit.valid_from);
        UnitInTree {
            above: chain(&above, &unit),
            successors: successors.remove(&key).unwrap_or_default(),
            predecessors: predecessors.remove(&key).unwrap_or_default(),
            unit,
        }
    };
    Ok(units.into_iter().map(placed).collect())
}

/// The units above some units, by code: their parents and, as there are three levels, the parents of those.
async fn above(
    db: &impl ConnectionTrait,
    units: &[AdministrativeUnit],
    day: NaiveDate,
) -> Result<HashMap<String, AdministrativeUnit>, StoreError> {
    let mut found: HashMap<String, AdministrativeUnit> = HashMap::new();
    let mut parents: Vec<String> = units.iter().filter_map(|unit| unit.parent.clone()).collect();
    while !parents.is_empty() {
        parents.sort();
        parents.dedup();
        let select = administrative_unit::Entity::find().filter(Column::Code.is_in(parents)).filter(in_force(day));
        let rows: Result<Vec<_>, _> = select.all(db).await?.into_iter().map(from_row).collect();
        let rows = rows?;
        parents = rows.iter().filter_map(|unit| unit.parent.clone()).collect();
        found.extend(rows.into_iter().map(|unit| (unit.code.clone(), unit)));
    }
    Ok(found)
}

fn chain(above: &HashMap<String, AdministrativeUnit>, unit: &AdministrativeUnit) -> Vec<UnitAbove> {
    let parent = |unit: &AdministrativeUnit| unit.parent.as_ref().and_then(|parent| above.get(parent));
    let mut chain = Vec::new();
    let mut next = parent(unit);
    while let Some(unit) = next {
        chain.push(UnitAbove { code: unit.code.clone(), name: unit.name.clone(), level: unit.level });
        next = parent(unit);
    }
    chain.reverse();
    chain
}

/// Which end of a succession is told.
#[derive(Debug, Clone, Copy)]
enum Side {
    Successor,
    Predecessor,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    of_code: String,
    of_from: NaiveDate,
    code: String,
    valid_from: NaiveDate,
    name: String,
    kind: String,
    on_date: NaiveDate,
    is_default: bool,
    legal_basis: String,
}

/// The successions of units, by code and first day; the default first, then by code.
async fn successions(
    db: &impl ConnectionTrait,
    codes: &[&str],
    side: Side,
) -> Result<HashMap<(String, NaiveDate), Vec<Succession>>, StoreError> {
    let (of, other) = match side {
        Side::Successor => ("predecessor", "successor"),
        Side::Predecessor => ("successor", "predecessor"),
    };
    let mut parameters = Parameters::default();
    let codes = parameters.list(codes.iter().copied());
    let sql = format!(
        "SELECT s.{of}_code AS of_code, s.{of}_from AS of_from, u.code, u.valid_from, u.name, s.kind, s.on_date, \
         s.is_default, s.legal_basis FROM unit_successions s JOIN administrative_units u \
         ON u.code = s.{other}_code AND u.valid_from = s.{other}_from WHERE s.{of}_code IN ({codes}) \
         ORDER BY CASE WHEN s.is_default THEN 0 ELSE 1 END, u.code"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let mut found: HashMap<(String, NaiveDate), Vec<Succession>> = HashMap::new();
    for row in Row::find_by_statement(statement).all(db).await? {
        let Row { of_code, of_from, code, valid_from, name, kind, on_date, is_default, legal_basis } = row;
        let known = SuccessionKind::from_name(&kind);
        let kind = known.ok_or_else(|| StoreError::Malformed(format!("succession {kind}")))?;
        let succession = Succession { code, valid_from, name, kind, on_date, is_default, legal_basis };
        found.entry((of_code, of_from)).or_default().push(succession);
    }
    Ok(found)
}
