//! Settlements of allocated entries. A recorded one moves nothing; with its acceptance the database moves the totals of its
//! entry.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
};
use uuid::Uuid;

use super::entries::seen_entries;
use super::next_version;
use super::rows::{settlement_from_row, settlement_to_row};
use crate::domain::budget::{Allocation, Holding, Past, Settlement, SettlementStatus};
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

/// A settlement of an allocation, with what it still holds after its accepted corrections, and the latest year that follows it.
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
    let Some(found) = rows.iter().find(|row| row.id == id).cloned() else { return Ok(None) };
    let latest = settlement::Entity::find()
        .filter(Column::EntryId.eq(found.entry_id))
        .filter(Column::CorrectsId.is_null())
        .filter(Column::State.eq(accepted))
        .filter(Column::FiscalYear.gt(found.fiscal_year))
        .order_by_desc(Column::FiscalYear)
        .one(db)
        .await?;
    let later = latest.map(settlement_from_row).transpose()?.map(|latest| latest.fiscal_year);
    Ok(Some((settlement_from_row(found)?, Holding { amount, returned, later })))
}

#[derive(Debug, FromQueryResult)]
struct PaidRow {
    paid_on: NaiveDate,
    amount: i64,
}

/// What was paid of an entry, by the date of the voucher; a correction counts on the date of what it corrects.
const PAID: &str = "SELECT COALESCE(p.voucher_date, d.voucher_date) AS paid_on, CAST(SUM(d.amount) AS BIGINT) AS amount \
                    FROM disbursements d LEFT JOIN disbursements p ON p.id = d.corrects_id \
                    WHERE d.entry_id = $1 GROUP BY COALESCE(p.voucher_date, d.voucher_date)";

/// What lies behind the settlement of an entry: the years that are settled and what was paid on which day.
///
/// # Errors
/// The database failed.
pub async fn past(db: &impl ConnectionTrait, entry: Uuid) -> Result<Past, StoreError> {
    use settlement::Column;
    let rows = settlement::Entity::find()
        .filter(Column::EntryId.eq(entry))
        .filter(Column::CorrectsId.is_null())
        .filter(Column::State.ne(SettlementStatus::Rejected.name()))
        .all(db)
        .await?;
    let settled = rows.into_iter().map(settlement_from_row);
    let settled = settled.map(|settled| settled.map(|settled| (settled.fiscal_year, settled.state.status())));
    let paid = Statement::from_sql_and_values(db.get_database_backend(), PAID, [entry.into()]);
    let paid = PaidRow::find_by_statement(paid).all(db).await?;
    Ok(Past {
        settled: settled.collect::<Result<_, _>>()?,
        paid: paid.into_iter().map(|PaidRow { paid_on, amount }| (paid_on, Money::dong(amount))).collect(),
    })
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
