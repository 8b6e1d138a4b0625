//! Lists by key: each page starts after the last key of the one before, so no row is seen twice or skipped, and the
//! last page costs as much as the first.

use std::future::Future;
use std::marker::PhantomData;

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::by_position::ByPosition;
use super::{Db, StoreError};

/// Where a page starts: after this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The value of the sort column, when the order is not that of the ids.
    pub sort: Option<String>,
    /// The id.
    pub id: Uuid,
}

/// A filtered, ordered list that can be read page by page.
pub trait Listing: Clone + 'static {
    /// What the list is of.
    type Item;

    /// At most `limit` items after a key, in order.
    fn page(
        &self,
        db: &Db,
        after: Option<Key>,
        limit: u64,
    ) -> impl Future<Output = Result<Vec<Self::Item>, StoreError>>;

    /// The key of an item.
    fn key(&self, item: &Self::Item) -> Key;

    /// How many items there are in all.
    fn count(&self, db: &Db) -> impl Future<Output = Result<u64, StoreError>>;
}

/// A second column to sort by, and its value in an item.
type SortKey<E, T> = (<E as EntityTrait>::Column, fn(&T) -> String);

/// The usual list: one table in the order of its ids, each row an item.
#[derive(Debug)]
pub(super) struct Keyset<E: EntityTrait, T> {
    select: Select<E>,
    id: E::Column,
    sort: Option<SortKey<E, T>>,
    row: fn(&QueryResult) -> Result<E::Model, DbErr>,
    item: fn(E::Model) -> Result<T, StoreError>,
    id_of: fn(&T) -> Uuid,
    of: PhantomData<T>,
}

impl<E: EntityTrait, T> Clone for Keyset<E, T> {
    fn clone(&self) -> Self {
        Self {
            select: self.select.clone(),
            id: self.id,
            sort: self.sort,
            row: self.row,
            item: self.item,
            id_of: self.id_of,
            of: PhantomData,
        }
    }
}

impl<E: EntityTrait, T> Keyset<E, T> {
    /// A list in the order of ids.
    pub(super) fn by_id(
        select: Select<E>,
        id: E::Column,
        item: fn(E::Model) -> Result<T, StoreError>,
        id_of: fn(&T) -> Uuid,
    ) -> Self {
        let row = |row: &QueryResult| E::Model::from_query_result(row, "");
        Self { select, id, sort: None, row, item, id_of, of: PhantomData }
    }

    /// The same list, its rows read by the place of each column.
    pub(super) fn by_position(mut self) -> Self
    where
        E::Model: ByPosition,
    {
        self.row = E::Model::of;
        self
    }

    /// The same list in the order of a text column, then of ids.
    pub(super) fn sorted_by(mut self, column: E::Column, value: fn(&T) -> String) -> Self {
        self.sort = Some((column, value));
        self
    }

    fn after(&self, key: Key) -> SimpleExpr {
        match (self.sort, key.sort) {
            // As one row: both databases seek to it in an index of both columns, and do not read what comes before.
            (Some((column, _)), Some(value)) => {
                let place = Expr::tuple([column.into_expr(), self.id.into_expr()]);
                place.gt(Expr::tuple([Expr::val(value), Expr::val(key.id)]))
            }
            _ => self.id.gt(key.id),
        }
    }
}

impl<E, T> Listing for Keyset<E, T>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    T: 'static,
{
    type Item = T;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<T>, StoreError> {
        let mut select = self.select.clone();
        if let Some(key) = after {
            select = select.filter(self.after(key));
        }
        if let Some((column, _)) = self.sort {
            select = select.order_by_asc(column);
        }
        let rows = db.query_all(select.order_by_asc(self.id).limit(limit).as_query()).await?;
        rows.iter().map(|row| (self.item)((self.row)(row)?)).collect()
    }

    fn key(&self, item: &T) -> Key {
        Key { sort: self.sort.map(|(_, value)| value(item)), id: (self.id_of)(item) }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone(), db).await?)
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;
    use crate::store::entity::cooperative::{Column, Entity, Model};

    #[test]
    fn a_page_begins_where_an_index_is_sought() {
        let names = |model: &Model| model.name_key.clone();
        let list = Keyset::by_id(Entity::find(), Column::Id, Ok, |model: &Model| model.id);
        let sql = |list: &Keyset<Entity, Model>, sort: Option<&str>| {
            let key = Key { sort: sort.map(str::to_owned), id: Uuid::nil() };
            Entity::find().filter(list.after(key)).build(DbBackend::Postgres).to_string()
        };
        let by_id = sql(&list, None);
        assert!(by_id.ends_with(r#"WHERE "cooperatives"."id" > '00000000-0000-0000-0000-000000000000'"#), "{by_id}");
        let by_name = sql(&list.sorted_by(Column::NameKey, names), Some("41"));
        let place =
            r#"("cooperatives"."name_key", "cooperatives"."id") > ('41', '00000000-0000-0000-0000-000000000000')"#;
        assert!(by_name.ends_with(&format!("WHERE {place}")), "{by_name}");
    }
}
