//! Table `improvement_consolidations`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "improvement_consolidations")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) number: String,
    pub(in crate::store) date: ChronoDate,
    pub(in crate::store) year: i32,
    pub(in crate::store) advice: String,
    pub(in crate::store) document: Option<String>,
    pub(in crate::store) plans: String,
    pub(in crate::store) summary: String,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
