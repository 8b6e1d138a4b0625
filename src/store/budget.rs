//! Allocations with their entries, and what is posted against them.
//!
//! Money is conserved here: the balances that a decision takes from are locked in the order of their ids, and the rules
//! decide on them as they stand. The running totals themselves are the database's own: its triggers sum them from what is
//! approved and posted, and CHECK constraints hold them.

mod beside;
mod entries;
mod postings;
mod rows;
mod settlements;
mod then;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use self::beside::Beside;
pub use self::beside::{need_balances, serving};
pub use self::entries::{entries, lock_entries, lock_of_entries};
pub use self::postings::{page_of_postings, post, post_all, posted, posted_of, postings};
use self::rows::{entry_from_row, entry_to_row, from_row, to_row};
pub use self::settlements::{list as settlements, past, record as record_settlement, review, settlement};
pub use self::then::as_of;
use super::entity::{allocation, allocation_entry};
use super::listing::{Key, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, of_units};
use super::versioned::{self, Versioned};
use super::{Db, StoreError};
use crate::domain::budget::{Allocation, AllocationStatus, Entry};
use crate::domain::role::Scope;

/// Rows that are inserted by one statement: a statement has a bounded number of parameters.
const AT_ONCE: usize = 1_000;

/// What a list of allocations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The plan it takes from.
    pub plan: Option<Uuid>,
    /// Where it is in its life.
    pub state: Option<AllocationStatus>,
    /// A pilot that benefits.
    pub pilot: Option<Uuid>,
    /// An implementing agency.
    pub agency: Option<Uuid>,
    /// An estimate line it takes from.
    pub line: Option<Uuid>,
    /// A support need that it serves.
    pub need: Option<Uuid>,
}

const SCOPE: ScopeColumns<allocation::Column> =
    ScopeColumns { province: allocation::Column::ProvinceCode, unit: None, cooperative: None };

/// What the caller reaches: a province all of its own; below it, only decisions, and only those that have to do with
/// the caller's unit or cooperative.
fn scoped(scope: &Scope) -> Select<allocation::Entity> {
    use allocation::Column;
    let decided = Column::State.eq(AllocationStatus::Approved.name());
    let select = Drafts::OfProvince.left_out(allocation::Entity::find(), scope, decided);
    match scope {
        Scope::Country => select,
        Scope::Province(province) => select.filter(Column::ProvinceCode.is_in(province.iter())),
        Scope::Locality { province, unit } => {
            let mut concerned = concerned();
            let pilots = of_units(&Expr::col(("pilots", "unit_code")), &Expr::col(("pilots", "cooperative_id")), unit);
            let agencies = Expr::col(("agencies", "unit_code")).is_in(unit.iter());
            concerned.cond_where(Condition::any().add(pilots).add(agencies));
            select.filter(Column::ProvinceCode.is_in(province.iter())).filter(Column::Id.in_subquery(concerned))
        }
        Scope::Cooperative(cooperative) => {
            let mut concerned = concerned();
            concerned.cond_where(Expr::col(("pilots", "cooperative_id")).eq(*cooperative));
            select.filter(Column::Id.in_subquery(concerned))
        }
    }
}

/// The allocations whose entries have to do with certain pilots or agencies.
fn concerned() -> SelectStatement {
    let entry = |column: &'static str| Expr::col(("allocation_entries", column));
    Query::select()
        .column(("allocation_entries", "allocation_id"))
        .from("allocation_entries")
        .join(JoinType::InnerJoin, "agencies", entry("agency_id").equals(("agencies", "id")))
        .join(JoinType::LeftJoin, "pilots", entry("pilot_id").equals(("pilots", "id")))
        .to_owned()
}

/// The entries that a caller sees of the allocations in reach: a cooperative only those for its own pilots, everybody
/// else all of them.
fn visible(scope: &Scope) -> Condition {
    let Scope::Cooperative(cooperative) = scope else { return Condition::all() };
    let mut own = Query::select();
    own.column("id").from("pilots").and_where(Expr::col("cooperative_id").eq(*cooperative));
    Condition::all().add(allocation_entry::Column::PilotId.in_subquery(own))
}

/// An allocation in the caller's reach, with the entries that the caller sees.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Allocation, StoreError> {
    one(db, scoped(scope).filter(allocation::Column::Id.eq(id)), visible(scope)).await
}

/// The same, whole, to change it: nobody else changes it until the transaction ends.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn lock(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Allocation, StoreError> {
    one(db, scoped(scope).filter(allocation::Column::Id.eq(id)).lock_exclusive(), Condition::all()).await
}

async fn one(
    db: &impl ConnectionTrait,
    select: Select<allocation::Entity>,
    visible: Condition,
) -> Result<Allocation, StoreError> {
    let row = select.one(db).await?.ok_or(StoreError::NotFound)?;
    with_entries(db, vec![row], visible).await?.pop().ok_or(StoreError::NotFound)
}

/// The allocations in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Allocation> + use<> {
    use allocation::Column;
    let Filter { place, plan, state, pilot, agency, line, need } = filter;
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::On(allocation::Column::DecisionDate)));
    if let Some(plan) = plan {
        select = select.filter(Column::PlanId.eq(*plan));
    }
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    for (column, value) in [("pilot_id", pilot), ("agency_id", agency), ("line_id", line)] {
        let Some(value) = value else { continue };
        let mut naming = Query::select();
        naming.column("allocation_id").from("allocation_entries").and_where(Expr::col(column).eq(*value));
        select = select.filter(Column::Id.in_subquery(naming));
    }
    if let Some(need) = need {
        let mut serving = Query::select();
        serving.column("entry_id").from("allocation_entry_needs").and_where(Expr::col("need_id").eq(*need));
        let mut naming = Query::select();
        naming.column("allocation_id").from("allocation_entries").and_where(Expr::col("id").in_subquery(serving));
        select = select.filter(Column::Id.in_subquery(naming));
    }
    Allocations { select, visible: visible(scope) }
}

/// A list whose items are made of two tables: a page costs two queries.
#[derive(Debug, Clone)]
struct Allocations {
    select: Select<allocation::Entity>,
    visible: Condition,
}

impl Listing for Allocations {
    type Item = Allocation;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<Allocation>, StoreError> {
        let mut select = self.select.clone();
        if let Some(key) = after {
            select = select.filter(allocation::Column::Id.gt(key.id));
        }
        let rows = select.order_by_asc(allocation::Column::Id).limit(limit).all(db).await?;
        with_entries(db, rows, self.visible.clone()).await
    }

    fn key(&self, item: &Allocation) -> Key {
        Key { sort: None, id: item.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone(), db).await?)
    }
}

/// Records a draft.
///
/// # Errors
/// The decision is recorded already, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    allocation::Entity::insert(to_row(allocation)?).exec_without_returning(db).await?;
    insert_entries(db, allocation).await
}

/// Replaces a draft by its next version, entries and all.
///
/// # Errors
/// It changed since it was read (`Stale`), the decision is recorded already, or the database failed.
pub async fn amend(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    next_version(db, allocation).await?;
    allocation_entry::Entity::delete_many()
        .filter(allocation_entry::Column::AllocationId.eq(allocation.id))
        .exec(db)
        .await?;
    insert_entries(db, allocation).await
}

/// Deletes a draft with its entries.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    let (id, version) = ((allocation::Column::Id, allocation.id), (allocation::Column::Version, allocation.version));
    versioned::delete::<allocation::Entity>(db, id, version).await
}

/// All allocations of a plan in the caller's reach, in the order of recording, with the entries that the caller sees.
///
/// # Errors
/// The database failed.
pub async fn of_plan(db: &impl ConnectionTrait, scope: &Scope, plan: Uuid) -> Result<Vec<Allocation>, StoreError> {
    let select = scoped(scope).filter(allocation::Column::PlanId.eq(plan));
    let rows = select.order_by_asc(allocation::Column::Id).all(db).await?;
    with_entries(db, rows, visible(scope)).await
}

/// Some allocations of a plan in the caller's reach, after one, in the order of recording, with the entries that the caller
/// sees.
///
/// # Errors
/// The database failed.
pub async fn page_of_plan(
    db: &impl ConnectionTrait,
    scope: &Scope,
    plan: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Allocation>, StoreError> {
    let mut select = scoped(scope).filter(allocation::Column::PlanId.eq(plan));
    if let Some(after) = after {
        select = select.filter(allocation::Column::Id.gt(after));
    }
    let rows = select.order_by_asc(allocation::Column::Id).limit(limit).all(db).await?;
    with_entries(db, rows, visible(scope)).await
}

/// What tells one state of the allocations of a plan, and of what is posted against them, from another: whatever changes one
/// gives it its next version.
///
/// # Errors
/// The database failed.
pub async fn state_of_plan(db: &impl ConnectionTrait, scope: &Scope, plan: Uuid) -> Result<String, StoreError> {
    use allocation::Column;
    let select = scoped(scope).filter(Column::PlanId.eq(plan)).select_only();
    let select = select.column_as(Column::Id.count(), "count");
    let select = select.column_as(SimpleExpr::from(Column::Version.sum()).cast_as("bigint"), "versions");
    let select = select.column_as(Column::UpdatedAt.max(), "latest");
    let row = select.into_tuple::<(i64, Option<i64>, Option<DateTime<Utc>>)>().one(db).await?;
    let (count, versions, latest) = row.unwrap_or_default();
    let latest = latest.map(|instant| instant.to_rfc3339()).unwrap_or_default();
    Ok(format!("{plan} {count} {} {latest}", versions.unwrap_or_default()))
}

/// Records drafts.
///
/// # Errors
/// A decision is recorded already, or the database failed.
pub async fn insert_all(db: &impl ConnectionTrait, drafts: &[Allocation]) -> Result<(), StoreError> {
    if drafts.is_empty() {
        return Ok(());
    }
    for some in drafts.chunks(AT_ONCE) {
        let rows = some.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
        allocation::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let entries = drafts.iter().flat_map(|draft| (0..).zip(&draft.entries).map(|placed| (draft.id, placed)));
    let entries: Vec<_> = entries.collect();
    for some in entries.chunks(AT_ONCE) {
        let rows = some.iter().map(|(draft, (position, entry))| entry_to_row(*draft, *position, entry));
        allocation_entry::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    beside::insert(db, drafts.iter().flat_map(|draft| &draft.entries)).await
}

/// Records an approval. With it the database takes from all lines what the entries ask of them; whoever calls holds the
/// lines locked and found that they have it.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn approve(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    next_version(db, allocation).await
}

async fn next_version(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    let row = Versioned { row: to_row(allocation)?, id: allocation.id, version: allocation.version };
    row.update(db, allocation::Column::Id, allocation::Column::Version).await
}

async fn insert_entries(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    let rows = (0..).zip(&allocation.entries).map(|(position, entry)| entry_to_row(allocation.id, position, entry));
    allocation_entry::Entity::insert_many(rows).exec_without_returning(db).await?;
    beside::insert(db, allocation.entries.iter()).await
}

async fn with_entries(
    db: &impl ConnectionTrait,
    rows: Vec<allocation::Model>,
    visible: Condition,
) -> Result<Vec<Allocation>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let entries = allocation_entry::Entity::find()
        .filter(allocation_entry::Column::AllocationId.is_in(ids.iter().copied()))
        .filter(visible)
        .order_by_asc(allocation_entry::Column::AllocationId)
        .order_by_asc(allocation_entry::Column::Position)
        .all(db)
        .await?;
    let mut beside = Beside::entries_of(db, &ids).await?;
    let mut of: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for entry in entries {
        of.entry(entry.allocation_id).or_default().push(entry_from_row(entry, &mut beside)?);
    }
    rows.into_iter().map(|row| from_row(of.remove(&row.id).unwrap_or_default(), row)).collect()
}
