//! Table `stored_answers`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stored_answers")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) key_hash: String,
    pub(in crate::store) body_hash: String,
    pub(in crate::store) status: i32,
    pub(in crate::store) headers: String,
    pub(in crate::store) body: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
