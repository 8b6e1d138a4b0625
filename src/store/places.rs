//! Places in a feed: rows are written without one, so that no writer waits for another, and get theirs later, in the order of the
//! rows that can be seen by then. Whoever reads on from a place misses nothing.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::parameters::Parameters;
use super::{Store, StoreError};

/// A feed: where its rows are, and the one row that says how far places go (`placed`), which whoever gives places locks.
#[derive(Debug)]
pub(super) struct Feed {
    /// Table of the rows: each has an `id` to be ordered by, and a `place`.
    pub(super) rows: &'static str,
    /// Table of the one row.
    pub(super) order: &'static str,
    /// The column that says when a place was given, if there is one.
    pub(super) stamp: Option<&'static str>,
    /// How many rows get their places at once: the lock is held meanwhile.
    pub(super) batch: u64,
}

impl Feed {
    /// Holds back everybody else who gives places: what they saw would be given twice.
    pub(super) async fn lock(&self, tx: &impl ConnectionTrait) -> Result<(), StoreError> {
        let sql = format!("UPDATE {} SET placed = placed WHERE id = 1", self.order);
        tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
        Ok(())
    }

    /// The last place that was given.
    pub(super) async fn placed(&self, db: &impl ConnectionTrait) -> Result<i64, StoreError> {
        let sql = format!("SELECT placed FROM {} WHERE id = 1", self.order);
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
        Ok(row.ok_or_else(|| StoreError::Malformed(self.order.to_owned()))?.try_get("", "placed")?)
    }

    /// Gives places to the rows that have none, in their order. Whoever comes while somebody does so waits.
    pub(super) async fn publish(&self, store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
        while self.is_waiting(store.reader()).await? {
            let tx = store.begin().await?;
            self.lock(&tx).await?;
            let placed = self.placed(&tx).await?;
            let given = tx.execute_raw(self.giving(tx.get_database_backend(), placed, now)).await?.rows_affected();
            let mut parameters = Parameters::default();
            let given = parameters.add(i64::try_from(given).unwrap_or(i64::MAX));
            let sql = format!("UPDATE {} SET placed = placed + {given} WHERE id = 1", self.order);
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, parameters.0)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    fn giving(&self, backend: DbBackend, placed: i64, now: DateTime<Utc>) -> Statement {
        let Self { rows, batch, .. } = self;
        let mut parameters = Parameters::default();
        let base = parameters.add(placed);
        let stamped = self.stamp.map(|column| format!(", {column} = {}", parameters.add(now))).unwrap_or_default();
        let sql = format!(
            "UPDATE {rows} SET place = {base} + waiting.rank{stamped} FROM (SELECT id AS waiting_id, \
             row_number() OVER (ORDER BY id) AS rank FROM (SELECT id FROM {rows} WHERE place IS NULL ORDER BY id \
             LIMIT {batch}) AS first_ones) AS waiting WHERE {rows}.id = waiting.waiting_id"
        );
        Statement::from_sql_and_values(backend, sql, parameters.0)
    }

    /// Whether a row has no place yet.
    async fn is_waiting(&self, db: &impl ConnectionTrait) -> Result<bool, StoreError> {
        let sql = format!("SELECT id FROM {} WHERE place IS NULL LIMIT 1", self.rows);
        Ok(db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.is_some())
    }
}
