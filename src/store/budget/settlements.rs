//! Settlements of allocated entries. A recorded one moves nothing; with its acceptance the database moves the totals of its
//! entry.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter};
use uuid::Uuid;

use super::entries::seen_entries;
use super::next_version;
use super::rows::{settlement_from_row, settlement_to_row};
use crate::domain::budget::{Allocation, Holding, Settlement, SettlementStatus};
use crate::domain::money::Money;
use crate::domain::role::Scope;
use crate::store::StoreError;
use crate::store::entity::settlement;
use crate::store::listing::{Keyset, Listing};

/// What of the entries of an allocation was settled, as far as the caller sees these, oldest first. Whoever calls has
/// found the allocation in the caller's scope.
pub fn list(scope: &Scope, allocation: Uuid, corrections_only: bool) -> impl Listing<Item = Settlement> + use<> {
    use settlement::Column;
    let mut select = settlement::Entity::find().filter(Column::AllocationId.eq(allocation));
    if let Some(seen) = seen_entries(scope, allocation) {
        select = select.filter(Column::EntryId.in_subquery(seen));
    }
    if corrections_only {
        select = select.filter(Column::CorrectsId.is_not_null());
    }
    Keyset::by_id(select, Column::Id, settlement_from_row, |settlement: &Settlement| settlement.id)
}

/// A settlement of an allocation, with what it still holds after its accepted corrections.
///
/// # Errors
/// The database failed.
pub async fn settlement(
    db: &impl ConnectionTrait,
    allocation: Uuid,
    id: Uuid,
) -> Result<Option<(Settlement, Holding)>, StoreError> {
    use settlement::Column;
    let rows = settlement::Entity::find()
        .filter(Column::AllocationId.eq(allocation))
        .filter(Column::Id.eq(id).or(Column::CorrectsId.eq(id)))
        .all(db)
        .await?;
    let accepted = SettlementStatus::Accepted.name();
    let counting: Vec<_> = rows.iter().filter(|row| row.state == accepted).collect();
    let amount = counting.iter().map(|row| Money::dong(row.amount)).sum();
    let returned = counting.iter().map(|row| Money::dong(row.returned)).sum();
    let found = rows.iter().find(|row| row.id == id).cloned().map(settlement_from_row).transpose()?;
    Ok(found.map(|settlement| (settlement, Holding { amount, returned })))
}

/// Records a settlement or the correction of one.
///
/// # Errors
/// The allocation changed since it was read (`Stale`), the year is settled already, or the database failed.
pub async fn record(
    db: &impl ConnectionTrait,
    allocation: &Allocation,
    recorded: &Settlement,
) -> Result<(), StoreError> {
    next_version(db, allocation).await?;
    settlement::Entity::insert(settlement_to_row(recorded)).exec_without_returning(db).await?;
    Ok(())
}

/// Records the review of a settlement; an accepted one moves the totals of its entry.
///
/// # Errors
/// The allocation or the settlement changed since it was read (`Stale`), or the database failed.
pub async fn review(
    db: &impl ConnectionTrait,
    allocation: &Allocation,
    reviewed: &Settlement,
) -> Result<(), StoreError> {
    use settlement::Column;
    next_version(db, allocation).await?;
    let changed = settlement::Entity::update_many()
        .set(settlement_to_row(reviewed))
        .filter(Column::Id.eq(reviewed.id))
        .filter(Column::State.eq(SettlementStatus::Recorded.name()))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
