//! What is posted against allocations: payments and their corrections, appended and never changed.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::entries::seen_entries;
use super::rows::{disbursement_from_row, disbursement_to_row};
use super::{AT_ONCE, next_version, scoped, visible};
use crate::domain::budget::{Allocation, Disbursement};
use crate::domain::money::Money;
use crate::domain::role::Scope;
use crate::store::StoreError;
use crate::store::entity::{allocation, allocation_entry, disbursement};
use crate::store::listing::{Keyset, Listing};

/// Posts a payment or a correction: it is appended, and the balance of its entry moves by it.
///
/// # Errors
/// The allocation changed since it was read (`Stale`), the voucher is recorded already, or the database failed.
pub async fn post(db: &impl ConnectionTrait, allocation: &Allocation, posted: &Disbursement) -> Result<(), StoreError> {
    next_version(db, allocation).await?;
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

/// Some postings against the entries that the caller sees of a plan, after one, oldest first; with a correction the voucher
/// that it corrects.
///
/// # Errors
/// The database failed.
pub async fn page_of_postings(
    db: &impl ConnectionTrait,
    scope: &Scope,
    plan: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Disbursement, Option<String>)>, StoreError> {
    use disbursement::Column;
    let of_plan = scoped(scope).filter(allocation::Column::PlanId.eq(plan)).select_only();
    let of_plan = of_plan.column(allocation::Column::Id).into_query();
    let mut select = disbursement::Entity::find().filter(Column::AllocationId.in_subquery(of_plan));
    if matches!(scope, Scope::Cooperative(_)) {
        let seen = allocation_entry::Entity::find().select_only().column(allocation_entry::Column::Id);
        select = select.filter(Column::EntryId.in_subquery(seen.filter(visible(scope)).into_query()));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let rows = select.order_by_asc(Column::Id).limit(limit).all(db).await?;
    let corrected: Vec<Uuid> = rows.iter().filter_map(|row| row.corrects_id).collect();
    let vouchers = disbursement::Entity::find().filter(Column::Id.is_in(corrected)).all(db).await?;
    let vouchers: HashMap<Uuid, String> = vouchers.into_iter().map(|row| (row.id, row.voucher_number)).collect();
    let with_voucher = |row: disbursement::Model| {
        let corrects = row.corrects_id.and_then(|id| vouchers.get(&id).cloned());
        (disbursement_from_row(row), corrects)
    };
    Ok(rows.into_iter().map(with_voucher).collect())
}

/// Posts payments and corrections, in this order, against allocations that are locked.
///
/// # Errors
/// A voucher is recorded already, or the database failed.
pub async fn post_all(
    db: &impl ConnectionTrait,
    posted: &[Disbursement],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if posted.is_empty() {
        return Ok(());
    }
    let touched: BTreeSet<Uuid> = posted.iter().map(|one| one.allocation).collect();
    allocation::Entity::update_many()
        .col_expr(allocation::Column::Version, Expr::col(allocation::Column::Version).add(1))
        .col_expr(allocation::Column::UpdatedAt, Expr::value(now))
        .filter(allocation::Column::Id.is_in(touched))
        .exec(db)
        .await?;
    for some in posted.chunks(AT_ONCE) {
        disbursement::Entity::insert_many(some.iter().map(disbursement_to_row)).exec_without_returning(db).await?;
    }
    Ok(())
}
