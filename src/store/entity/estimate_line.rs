//! Table `estimate_lines`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "estimate_lines")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) plan_id: Uuid,
    pub(in crate::store) position: i32,
    pub(in crate::store) category: String,
    pub(in crate::store) budget_level: Option<String>,
    pub(in crate::store) source: Option<String>,
    pub(in crate::store) nature: Option<String>,
    pub(in crate::store) support_kind: Option<String>,
    pub(in crate::store) fiscal_year: Option<i32>,
    pub(in crate::store) amount: i64,
    pub(in crate::store) allocated: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
