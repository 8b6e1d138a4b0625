//! Table `criteria_sets`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "criteria_sets")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) code: String,
    pub(in crate::store) edition: i32,
    pub(in crate::store) name_vi: String,
    pub(in crate::store) name_en: String,
    pub(in crate::store) legal_basis: String,
    pub(in crate::store) province_code: Option<String>,
    pub(in crate::store) valid_from: ChronoDate,
    pub(in crate::store) valid_to: Option<ChronoDate>,
    pub(in crate::store) state: String,
    pub(in crate::store) criteria: String,
    pub(in crate::store) writers: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
