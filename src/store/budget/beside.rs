//! What stands beside entries in tables of their own: their instalments, and the item of a support need that each serves.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement,
};
use uuid::Uuid;

use super::AT_ONCE;
use crate::domain::budget::{Entry, Instalment, NeedBalance, ServedNeed, ServingEntry};
use crate::domain::money::Money;
use crate::domain::role::Scope;
use crate::store::entity::{allocation_entry, allocation_entry_need, allocation_instalment};
use crate::store::parameters::Parameters;
use crate::store::{StoreError, support_needs};

/// Of some entries, what stands beside each.
#[derive(Debug, Default)]
pub(super) struct Beside {
    schedules: HashMap<Uuid, Vec<Instalment>>,
    needs: HashMap<Uuid, ServedNeed>,
}

impl Beside {
    /// What stands beside the entries of some allocations: two queries, whatever their number.
    pub(super) async fn entries_of(db: &impl ConnectionTrait, allocations: &[Uuid]) -> Result<Self, StoreError> {
        let entries = || {
            let of_them = allocation_entry::Column::AllocationId.is_in(allocations.iter().copied());
            let ids = allocation_entry::Entity::find().select_only().column(allocation_entry::Column::Id);
            ids.filter(of_them).into_query()
        };
        let instalments = allocation_instalment::Entity::find()
            .filter(allocation_instalment::Column::EntryId.in_subquery(entries()))
            .order_by_asc(allocation_instalment::Column::EntryId)
            .order_by_asc(allocation_instalment::Column::DueOn)
            .all(db)
            .await?;
        let served = allocation_entry_need::Entity::find()
            .filter(allocation_entry_need::Column::EntryId.in_subquery(entries()))
            .all(db)
            .await?;
        let mut beside = Self::default();
        for allocation_instalment::Model { entry_id, due_on, amount } in instalments {
            let schedule = beside.schedules.entry(entry_id).or_default();
            schedule.push(Instalment { due_on, amount: Money::dong(amount) });
        }
        for allocation_entry_need::Model { entry_id, need_id, item } in served {
            beside.needs.insert(entry_id, served_need(need_id, item)?);
        }
        Ok(beside)
    }

    /// What stands beside an entry.
    pub(super) fn take(&mut self, entry: Uuid) -> (Vec<Instalment>, Option<ServedNeed>) {
        (self.schedules.remove(&entry).unwrap_or_default(), self.needs.remove(&entry))
    }
}

fn served_need(support_need: Uuid, item: i32) -> Result<ServedNeed, StoreError> {
    let item = u16::try_from(item).map_err(|_| StoreError::Malformed(format!("item {item} of need {support_need}")))?;
    Ok(ServedNeed { support_need, item })
}

/// Records what stands beside entries that have just been recorded.
pub(super) async fn insert<'a>(
    db: &impl ConnectionTrait,
    entries: impl Iterator<Item = &'a Entry> + Clone,
) -> Result<(), StoreError> {
    let planned = entries.clone().flat_map(|entry| entry.terms.schedule.iter().map(move |part| (entry.id, part)));
    let instalments: Vec<_> = planned
        .map(|(entry, Instalment { due_on, amount })| allocation_instalment::ActiveModel {
            entry_id: Set(entry),
            due_on: Set(*due_on),
            amount: Set(amount.as_dong()),
        })
        .collect();
    for some in instalments.chunks(AT_ONCE) {
        allocation_instalment::Entity::insert_many(some.iter().cloned()).exec_without_returning(db).await?;
    }
    let served: Vec<_> = entries
        .filter_map(|entry| entry.terms.need.map(|need| (entry.id, need)))
        .map(|(entry, ServedNeed { support_need, item })| allocation_entry_need::ActiveModel {
            entry_id: Set(entry),
            need_id: Set(support_need),
            item: Set(i32::from(item)),
        })
        .collect();
    for some in served.chunks(AT_ONCE) {
        allocation_entry_need::Entity::insert_many(some.iter().cloned()).exec_without_returning(db).await?;
    }
    Ok(())
}

#[derive(Debug, FromQueryResult)]
struct Allocated {
    need_id: Uuid,
    item: i32,
    allocated: i64,
}

/// The balances of all items of the needs that some entries serve, as far as the caller reaches them; `to_take` locks the
/// needs, in the order of their ids, until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn need_balances(
    db: &impl ConnectionTrait,
    scope: &Scope,
    served: impl IntoIterator<Item = ServedNeed>,
    to_take: bool,
) -> Result<Vec<NeedBalance>, StoreError> {
    let ids: BTreeSet<Uuid> = served.into_iter().map(|served| served.support_need).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let needs = support_needs::of_ids(db, scope, &ids, to_take).await?;
    let mut parameters = Parameters::default();
    let sql = format!(
        "SELECT n.need_id, n.item, CAST(SUM(e.amount - e.reduced) AS BIGINT) AS allocated \
         FROM allocation_entry_needs n JOIN allocation_entries e ON e.id = n.entry_id \
         JOIN allocations a ON a.id = e.allocation_id \
         WHERE a.state = 'approved' AND n.need_id IN ({}) GROUP BY n.need_id, n.item",
        parameters.list(ids)
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let mut allocated = HashMap::new();
    for row in Allocated::find_by_statement(query).all(db).await? {
        allocated.insert(served_need(row.need_id, row.item)?, Money::dong(row.allocated));
    }
    let balances = |need| NeedBalance::of(need, |served| allocated.get(&served).copied().unwrap_or_default());
    Ok(needs.iter().flat_map(balances).collect())
}

#[derive(Debug, FromQueryResult)]
struct ServingRow {
    item: i32,
    allocation_id: Uuid,
    decision_number: String,
    decision_date: NaiveDate,
    entry_id: Uuid,
    granted: i64,
    disbursed: i64,
}

/// The entries of approved allocations that serve a need, in the order of its items. Whoever calls has found the need in the
/// caller's reach.
///
/// # Errors
/// The database failed.
pub async fn serving(db: &impl ConnectionTrait, need: Uuid) -> Result<Vec<ServingEntry>, StoreError> {
    let sql = "SELECT n.item, a.id AS allocation_id, a.decision_number, a.decision_date, e.id AS entry_id, \
               e.amount - e.reduced AS granted, e.disbursed \
               FROM allocation_entry_needs n JOIN allocation_entries e ON e.id = n.entry_id \
               JOIN allocations a ON a.id = e.allocation_id \
               WHERE a.state = 'approved' AND n.need_id = $1 ORDER BY n.item, a.id, e.position";
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, [need.into()]);
    let entry = |row: ServingRow| {
        let ServingRow { item, allocation_id, decision_number, decision_date, entry_id, granted, disbursed } = row;
        Ok(ServingEntry {
            item: served_need(need, item)?.item,
            allocation: allocation_id,
            decision_number,
            decision_date,
            entry: entry_id,
            granted: Money::dong(granted),
            disbursed: Money::dong(disbursed),
        })
    };
    ServingRow::find_by_statement(query).all(db).await?.into_iter().map(entry).collect()
}
