//! Table `support_need_phases`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_need_phases")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) need_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) item: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) fiscal_year: i32,
    pub(in crate::store) support_kind: String,
    pub(in crate::store) nature: String,
    pub(in crate::store) budget_level: Option<String>,
    pub(in crate::store) source: Option<String>,
    pub(in crate::store) requested: i64,
    pub(in crate::store) appraised: Option<i64>,
    pub(in crate::store) approved: Option<i64>,
    pub(in crate::store) appraised_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) approved_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
