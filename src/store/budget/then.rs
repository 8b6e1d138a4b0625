//! An allocation as it stood at an instant: what had been recorded of it by then, by the same sums as those of summaries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use crate::domain::budget::{Allocation, EntryThen};
use crate::domain::money::Money;
use crate::store::StoreError;
use crate::store::budget_summaries::Balances;
use crate::store::parameters::Parameters;

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    allocated: i64,
    disbursed: i64,
    settled: i64,
    returned: i64,
}

#[derive(Debug, FromQueryResult)]
struct Moved {
    at: Option<DateTime<Utc>>,
}

/// An allocation that the caller has found, as it stood at an instant: its entries with what was allocated, disbursed, settled
/// and returned by then. `None` before its approval: a draft gives nothing yet. Two queries.
///
/// # Errors
/// The database failed.
pub async fn as_of(
    db: &impl ConnectionTrait,
    allocation: Allocation,
    instant: DateTime<Utc>,
) -> Result<Option<Allocation>, StoreError> {
    let mut parameters = Parameters::default();
    let Balances { allocated, disbursed, settled, returned, .. } = Balances::of(Some(instant), &mut parameters);
    let sql = format!(
        "SELECT e.id AS id, {allocated} AS allocated, {disbursed} AS disbursed, {settled} AS settled, \
         {returned} AS returned FROM allocation_entries e WHERE e.allocation_id = {}",
        parameters.add(allocation.id)
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let entry = |row: Row| {
        let Row { id, allocated, disbursed, settled, returned } = row;
        let [granted, disbursed, settled, returned] = [allocated, disbursed, settled, returned].map(Money::dong);
        (id, EntryThen { granted, disbursed, settled, returned })
    };
    let then: HashMap<_, _> = Row::find_by_statement(query).all(db).await?.into_iter().map(entry).collect();
    let moved = last_moved(db, allocation.id, instant).await?;
    Ok(allocation.as_of(instant, &then, moved))
}

/// When something was last recorded of an allocation, after its approval and by an instant.
async fn last_moved(
    db: &impl ConnectionTrait,
    allocation: Uuid,
    instant: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut parameters = Parameters::default();
    let (of, by) = (parameters.add(allocation), parameters.add(instant));
    let last = |column: &str, from: &str| format!("SELECT MAX({column}) AS at FROM {from} AND {column} <= {by}");
    let sql = [
        last("d.recorded_at", &format!("disbursements d WHERE d.allocation_id = {of}")),
        last("t.recorded_at", &format!("settlements t WHERE t.allocation_id = {of}")),
        last("t.reviewed_at", &format!("settlements t WHERE t.allocation_id = {of}")),
        last(
            "m.approved_at",
            &format!(
                "budget_amendments m JOIN budget_amendment_changes c ON c.amendment_id = m.id \
                 JOIN allocation_entries e ON e.id = c.entry_id WHERE e.allocation_id = {of}"
            ),
        ),
    ]
    .join(" UNION ALL ");
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = Moved::find_by_statement(query).all(db).await?;
    Ok(rows.into_iter().filter_map(|row| row.at).max())
}
