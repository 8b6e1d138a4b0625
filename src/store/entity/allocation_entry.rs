//! Table `allocation_entries`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation_entries")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) allocation_id: Uuid,
    pub(in crate::store) position: i32,
    pub(in crate::store) line_id: Uuid,
    pub(in crate::store) amount: i64,
    pub(in crate::store) disbursed: i64,
    pub(in crate::store) support_kind: String,
    pub(in crate::store) agency_id: Uuid,
    pub(in crate::store) pilot_id: Option<Uuid>,
    pub(in crate::store) fiscal_year: Option<i32>,
    pub(in crate::store) reduced: i64,
    pub(in crate::store) settled: i64,
    pub(in crate::store) returned: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
