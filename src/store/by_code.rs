//! Lists of reference data in the order of a code that is unique among the rows of the list.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::listing::{Key, Listing};
use super::{Db, StoreError};

/// A list by code.
#[derive(Debug)]
pub(super) struct ByCode<E: EntityTrait, T> {
    /// The rows of the list, filtered.
    pub(super) select: Select<E>,
    /// The column of the code.
    pub(super) code: E::Column,
    /// Makes an item of a row.
    pub(super) item: fn(E::Model) -> Result<T, StoreError>,
    /// The code of an item.
    pub(super) code_of: fn(&T) -> String,
}

impl<E: EntityTrait, T> Clone for ByCode<E, T> {
    fn clone(&self) -> Self {
        Self { select: self.select.clone(), code: self.code, item: self.item, code_of: self.code_of }
    }
}

impl<E, T> Listing for ByCode<E, T>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    T: 'static,
{
    type Item = T;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<T>, StoreError> {
        let mut select = self.select.clone();
        if let Some(code) = after.and_then(|key| key.sort) {
            select = select.filter(self.code.gt(code));
        }
        let rows = select.order_by_asc(self.code).limit(limit).all(db).await?;
        rows.into_iter().map(self.item).collect()
    }

    fn key(&self, item: &T) -> Key {
        Key { sort: Some((self.code_of)(item)), id: Uuid::nil() }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone(), db).await?)
    }
}
