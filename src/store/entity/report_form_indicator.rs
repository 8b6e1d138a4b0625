//! Table `report_form_indicators`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_form_indicators")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) form_version: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) position: i32,
    pub(in crate::store) code: String,
    pub(in crate::store) label_vi: String,
    pub(in crate::store) label_en: String,
    pub(in crate::store) unit: String,
    pub(in crate::store) over_units: String,
    pub(in crate::store) over_time: String,
    pub(in crate::store) frequency: String,
    pub(in crate::store) source: String,
    pub(in crate::store) levels: String,
    pub(in crate::store) breakdown_by: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
