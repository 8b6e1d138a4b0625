//! Table `service_accounts`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_accounts")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) name: String,
    pub(in crate::store) purpose: Option<String>,
    pub(in crate::store) role: String,
    pub(in crate::store) agency_id: Option<Uuid>,
    pub(in crate::store) cooperative_id: Option<Uuid>,
    pub(in crate::store) revoked_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
