//! Table `report_standings`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_standings")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) report_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) from_at: ChronoDateTimeUtc,
    pub(in crate::store) to_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) agency_id: Uuid,
    pub(in crate::store) level: String,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) period: String,
    pub(in crate::store) form_version: String,
    pub(in crate::store) state: String,
    pub(in crate::store) figures: String,
    pub(in crate::store) content_hash: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
