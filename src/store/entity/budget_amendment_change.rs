//! Table `budget_amendment_changes`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_amendment_changes")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) amendment_id: Uuid,
    pub(in crate::store) position: i32,
    pub(in crate::store) kind: String,
    pub(in crate::store) line_id: Option<Uuid>,
    pub(in crate::store) entry_id: Option<Uuid>,
    pub(in crate::store) amount: i64,
    pub(in crate::store) content: Option<String>,
    pub(in crate::store) delta: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
