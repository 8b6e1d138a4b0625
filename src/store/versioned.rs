//! Records with a version, each in a row of its own: written once, and replaced only by who has seen the version before.

use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::StoreError;

/// A row of a record, with what tells its version apart.
pub(super) struct Versioned<A> {
    /// The row.
    pub(super) row: A,
    /// Identifier of the record.
    pub(super) id: Uuid,
    /// Its version, counted from 1.
    pub(super) version: i32,
}

impl<A> Versioned<A>
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    /// Records the row.
    pub(super) async fn insert(self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        A::Entity::insert(self.row).exec_without_returning(db).await?;
        Ok(())
    }

    /// Replaces the row of the version before; `Stale` when another has replaced it since.
    pub(super) async fn update<C: ColumnTrait>(
        self,
        db: &impl ConnectionTrait,
        id: C,
        version: C,
    ) -> Result<(), StoreError> {
        let before = Condition::all().add(id.eq(self.id)).add(version.eq(self.version - 1));
        let changed = A::Entity::update_many().set(self.row).filter(before).exec(db).await?;
        if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

/// Deletes the row of a record as it was seen; `Stale` when another has replaced it since.
pub(super) async fn delete<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (id_column, id): (E::Column, Uuid),
    (version_column, version): (E::Column, i32),
) -> Result<(), StoreError> {
    let seen = Condition::all().add(id_column.eq(id)).add(version_column.eq(version));
    let gone = E::delete_many().filter(seen).exec(db).await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
