//! Allocations with their entries, and the disbursements posted against them.
//!
//! Money is conserved here: the balances that a decision takes from are locked in the order of their ids, changed by
//! conditional updates, and held by CHECK constraints behind them.

mod rows;
mod settlements;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Statement,
};
use uuid::Uuid;

use self::rows::{disbursement_from_row, disbursement_to_row, entry_from_row, entry_to_row, from_row, to_row};
pub use self::settlements::{list as settlements, record as record_settlement, review, settlement};
use super::entity::{allocation, allocation_entry, disbursement};
use super::listing::{Key, Keyset, Listing};
use super::{Db, StoreError};
use crate::domain::budget::{Allocation, AllocationStatus, Disbursement, Entry};
use crate::domain::money::Money;
use crate::domain::role::Scope;

/// What a list of allocations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code of the province.
    pub province: Option<String>,
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
}

/// What the caller reaches: a province all of its own; below it, only decisions, and only those that have to do with
/// the caller's unit or cooperative.
fn scoped(scope: &Scope) -> Select<allocation::Entity> {
    use allocation::Column;
    let select = allocation::Entity::find();
    let decided = Column::State.eq(AllocationStatus::Approved.name());
    match scope {
        Scope::Country => select,
        Scope::Province(province) => select.filter(Column::ProvinceCode.is_in(province.iter())),
        Scope::Locality { province, unit } => {
            let mut concerned = concerned();
            concerned.cond_where(
                Expr::col(("pilots", "unit_code"))
                    .is_in(unit.iter())
                    .or(Expr::col(("agencies", "unit_code")).is_in(unit.iter())),
            );
            select
                .filter(Column::ProvinceCode.is_in(province.iter()))
                .filter(decided)
                .filter(Column::Id.in_subquery(concerned))
        }
        Scope::Cooperative(cooperative) => {
            let mut concerned = concerned();
            concerned.cond_where(Expr::col(("pilots", "cooperative_id")).eq(*cooperative));
            select.filter(decided).filter(Column::Id.in_subquery(concerned))
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
    let Filter { province, plan, state, pilot, agency, line } = filter;
    let mut select = scoped(scope);
    if let Some(province) = province {
        select = select.filter(Column::ProvinceCode.eq(province));
    }
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
    let gone = allocation::Entity::delete_many()
        .filter(allocation::Column::Id.eq(allocation.id))
        .filter(allocation::Column::Version.eq(allocation.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Records an approval and takes from all lines at once what its entries ask of them. Whoever calls holds the lines
/// locked and found that they have it; if not, nothing is taken.
///
/// # Errors
/// It or a line changed since it was read (`Stale`), or the database failed.
pub async fn approve(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    next_version(db, allocation).await?;
    let take = "UPDATE estimate_lines SET allocated = allocated + taken.amount \
                FROM (SELECT line_id, SUM(amount) AS amount FROM allocation_entries WHERE allocation_id = $1 \
                      GROUP BY line_id) AS taken \
                WHERE estimate_lines.id = taken.line_id AND allocated + taken.amount <= estimate_lines.amount";
    let take = Statement::from_sql_and_values(db.get_database_backend(), take, [allocation.id.into()]);
    let taken = db.execute_raw(take).await?;
    let all = u64::try_from(allocation.takings().len()).unwrap_or(u64::MAX);
    if taken.rows_affected() == all { Ok(()) } else { Err(StoreError::Stale) }
}

/// Posts a payment or a correction: the entry's balance moves by it, and it is appended.
///
/// # Errors
/// The allocation changed since it was read (`Stale`), the voucher is recorded already, or the database failed.
pub async fn post(db: &impl ConnectionTrait, allocation: &Allocation, posted: &Disbursement) -> Result<(), StoreError> {
    use allocation_entry::Column;
    next_version(db, allocation).await?;
    let after = Expr::col(Column::Disbursed).add(posted.amount.as_dong());
    let moved = allocation_entry::Entity::update_many()
        .col_expr(Column::Disbursed, after.clone())
        .filter(Column::Id.eq(posted.entry))
        .filter(after.clone().gte(Expr::col(Column::Settled)))
        .filter(after.lte(Expr::col(Column::Amount).sub(Expr::col(Column::Reduced)).sub(Expr::col(Column::Returned))))
        .exec(db)
        .await?;
    if moved.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    disbursement::Entity::insert(disbursement_to_row(posted)).exec_without_returning(db).await?;
    Ok(())
}

/// What was posted against the entries of an allocation that the caller sees, oldest first. Whoever calls has found the
/// allocation in the caller's scope.
pub fn postings(scope: &Scope, allocation: Uuid, corrections_only: bool) -> impl Listing<Item = Disbursement> + use<> {
    use disbursement::Column;
    let mut select = disbursement::Entity::find().filter(Column::AllocationId.eq(allocation));
    if let Some(seen) = seen_entries(scope, allocation) {
        select = select.filter(Column::EntryId.in_subquery(seen));
    }
    if corrections_only {
        select = select.filter(Column::CorrectsId.is_not_null());
    }
    Keyset::by_id(select, Column::Id, |row| Ok(disbursement_from_row(row)), |posted: &Disbursement| posted.id)
}

/// The entries of an allocation that the caller sees, where these are not all.
fn seen_entries(scope: &Scope, allocation: Uuid) -> Option<SelectStatement> {
    let seen = allocation_entry::Entity::find()
        .select_only()
        .column(allocation_entry::Column::Id)
        .filter(allocation_entry::Column::AllocationId.eq(allocation))
        .filter(visible(scope));
    matches!(scope, Scope::Cooperative(_)).then(|| seen.into_query())
}

/// A disbursement of an allocation, with the sum of the corrections that it already had.
///
/// # Errors
/// The database failed.
pub async fn posted(
    db: &impl ConnectionTrait,
    allocation: Uuid,
    id: Uuid,
) -> Result<Option<(Disbursement, Money)>, StoreError> {
    use disbursement::Column;
    let rows = disbursement::Entity::find()
        .filter(Column::AllocationId.eq(allocation))
        .filter(Column::Id.eq(id).or(Column::CorrectsId.eq(id)))
        .all(db)
        .await?;
    let (mut found, corrections): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.id == id);
    let earlier = corrections.into_iter().map(|row| Money::dong(row.amount)).sum();
    Ok(found.pop().map(|row| (disbursement_from_row(row), earlier)))
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

/// The allocations of a plan that some entries belong to, in the caller's reach, whole, to change them: nobody else changes
/// them until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock_of_entries(
    db: &impl ConnectionTrait,
    scope: &Scope,
    plan: Uuid,
    entries: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Allocation>, StoreError> {
    let mut of_entries = Query::select();
    of_entries.column("allocation_id").from("allocation_entries").and_where(Expr::col("id").is_in(entries));
    let select = scoped(scope)
        .filter(allocation::Column::PlanId.eq(plan))
        .filter(allocation::Column::Id.in_subquery(of_entries))
        .order_by_asc(allocation::Column::Id);
    with_entries(db, select.lock_exclusive().all(db).await?, Condition::all()).await
}

/// Everything that is posted against the entries that some allocations carry, oldest first.
///
/// # Errors
/// The database failed.
pub async fn posted_of(db: &impl ConnectionTrait, there: &[Allocation]) -> Result<Vec<Disbursement>, StoreError> {
    let seen: HashSet<Uuid> = there.iter().flat_map(|one| one.entries.iter().map(|entry| entry.id)).collect();
    let rows = disbursement::Entity::find()
        .filter(disbursement::Column::AllocationId.is_in(there.iter().map(|allocation| allocation.id)))
        .order_by_asc(disbursement::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter(|row| seen.contains(&row.entry_id)).map(disbursement_from_row).collect())
}

/// Records drafts.
///
/// # Errors
/// A decision is recorded already, or the database failed.
pub async fn insert_all(db: &impl ConnectionTrait, drafts: &[Allocation]) -> Result<(), StoreError> {
    if drafts.is_empty() {
        return Ok(());
    }
    let rows = drafts.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
    allocation::Entity::insert_many(rows).exec_without_returning(db).await?;
    let entries = drafts
        .iter()
        .flat_map(|draft| (0..).zip(&draft.entries).map(|(position, entry)| entry_to_row(draft.id, position, entry)));
    allocation_entry::Entity::insert_many(entries).exec_without_returning(db).await?;
    Ok(())
}

/// Posts payments and corrections against allocations that are locked: their entries' balances move by them.
///
/// # Errors
/// A voucher is recorded already, or the database failed.
pub async fn post_all(
    db: &impl ConnectionTrait,
    posted: &[Disbursement],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    use allocation_entry::Column;
    if posted.is_empty() {
        return Ok(());
    }
    let mut moved: BTreeMap<Uuid, i64> = BTreeMap::new();
    for one in posted {
        let sum = moved.entry(one.entry).or_default();
        *sum = sum.saturating_add(one.amount.as_dong());
    }
    let by = moved.iter().fold(CaseStatement::new(), |by, (entry, sum)| by.case(Column::Id.eq(*entry), *sum));
    allocation_entry::Entity::update_many()
        .col_expr(Column::Disbursed, Expr::col(Column::Disbursed).add(by.finally(0)))
        .filter(Column::Id.is_in(moved.into_keys()))
        .exec(db)
        .await?;
    allocation::Entity::update_many()
        .col_expr(allocation::Column::Version, Expr::col(allocation::Column::Version).add(1))
        .col_expr(allocation::Column::UpdatedAt, Expr::value(now))
        .filter(allocation::Column::Id.is_in(posted.iter().map(|one| one.allocation)))
        .exec(db)
        .await?;
    disbursement::Entity::insert_many(posted.iter().map(disbursement_to_row)).exec_without_returning(db).await?;
    Ok(())
}

/// Entries of approved allocations of a plan, by their ids.
///
/// # Errors
/// The database failed.
pub async fn entries(db: &impl ConnectionTrait, plan: Uuid, ids: Vec<Uuid>) -> Result<Vec<Entry>, StoreError> {
    let mut approved = Query::select();
    approved.column("id").from("allocations").and_where(Expr::col("plan_id").eq(plan));
    approved.and_where(Expr::col("state").eq(AllocationStatus::Approved.name()));
    let rows = allocation_entry::Entity::find()
        .filter(allocation_entry::Column::Id.is_in(ids))
        .filter(allocation_entry::Column::AllocationId.in_subquery(approved))
        .order_by_asc(allocation_entry::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(entry_from_row).collect()
}

/// The same, to change them: each allocation gets its next version and is locked until the transaction ends. One
/// statement locks them all, in the order of their ids; whoever locks a plan as well does so after this.
///
/// # Errors
/// The database failed.
pub async fn lock_entries(
    db: &impl ConnectionTrait,
    plan: Uuid,
    ids: Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, StoreError> {
    let mut of_entries = Query::select();
    of_entries.column("allocation_id").from("allocation_entries").and_where(Expr::col("id").is_in(ids.clone()));
    let of_entries = allocation::Entity::find().filter(allocation::Column::Id.in_subquery(of_entries));
    let locked = of_entries.order_by_asc(allocation::Column::Id).lock_exclusive().all(db).await?;
    allocation::Entity::update_many()
        .col_expr(allocation::Column::Version, Expr::col(allocation::Column::Version).add(1))
        .col_expr(allocation::Column::UpdatedAt, Expr::value(now))
        .filter(allocation::Column::Id.is_in(locked.into_iter().map(|row| row.id)))
        .exec(db)
        .await?;
    entries(db, plan, ids).await
}

async fn next_version(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    let changed = allocation::Entity::update_many()
        .set(to_row(allocation)?)
        .filter(allocation::Column::Id.eq(allocation.id))
        .filter(allocation::Column::Version.eq(allocation.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

async fn insert_entries(db: &impl ConnectionTrait, allocation: &Allocation) -> Result<(), StoreError> {
    let rows = (0..).zip(&allocation.entries).map(|(position, entry)| entry_to_row(allocation.id, position, entry));
    allocation_entry::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

async fn with_entries(
    db: &impl ConnectionTrait,
    rows: Vec<allocation::Model>,
    visible: Condition,
) -> Result<Vec<Allocation>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let entries = allocation_entry::Entity::find()
        .filter(allocation_entry::Column::AllocationId.is_in(ids))
        .filter(visible)
        .order_by_asc(allocation_entry::Column::AllocationId)
        .order_by_asc(allocation_entry::Column::Position)
        .all(db)
        .await?;
    let mut of: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for entry in entries {
        of.entry(entry.allocation_id).or_default().push(entry_from_row(entry)?);
    }
    rows.into_iter().map(|row| from_row(of.remove(&row.id).unwrap_or_default(), row)).collect()
}
