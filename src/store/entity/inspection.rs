//! Table `inspections`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inspections")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) province_code: String,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) pilot_id: Uuid,
    pub(in crate::store) agency_id: Uuid,
    pub(in crate::store) participants: String,
    pub(in crate::store) inspected_on: ChronoDate,
    pub(in crate::store) subject: String,
    pub(in crate::store) findings: String,
    pub(in crate::store) recommendations: Option<String>,
    pub(in crate::store) document: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
