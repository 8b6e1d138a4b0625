//! Table `allocation_instalments`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation_instalments")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) entry_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) due_on: ChronoDate,
    pub(in crate::store) amount: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
