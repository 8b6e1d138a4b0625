//! Entries of allocations by their ids, and locked together with their allocations.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::beside::Beside;
use super::rows::entry_from_row;
use super::{scoped, visible, with_entries};
use crate::domain::budget::{Allocation, AllocationStatus, Entry};
use crate::domain::role::Scope;
use crate::store::StoreError;
use crate::store::entity::{allocation, allocation_entry};

/// The entries of an allocation that the caller sees, where these are not all.
pub(super) fn seen_entries(scope: &Scope, allocation: Uuid) -> Option<SelectStatement> {
    let seen = allocation_entry::Entity::find()
        .select_only()
        .column(allocation_entry::Column::Id)
        .filter(allocation_entry::Column::AllocationId.eq(allocation))
        .filter(visible(scope));
    matches!(scope, Scope::Cooperative(_)).then(|| seen.into_query())
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
    let allocations: Vec<Uuid> = rows.iter().map(|row| row.allocation_id).collect();
    let mut beside = Beside::entries_of(db, &allocations).await?;
    rows.into_iter().map(|row| entry_from_row(row, &mut beside)).collect()
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
