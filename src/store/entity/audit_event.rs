//! Table `audit_events`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) place: Option<i64>,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) kind: String,
    pub(in crate::store) issuer: String,
    pub(in crate::store) subject: String,
    pub(in crate::store) role: String,
    pub(in crate::store) agency_id: Option<Uuid>,
    pub(in crate::store) unit_code: Option<String>,
    pub(in crate::store) cooperative_id: Option<Uuid>,
    pub(in crate::store) operation: String,
    pub(in crate::store) method: String,
    pub(in crate::store) path: String,
    pub(in crate::store) query: Option<String>,
    pub(in crate::store) resource: String,
    pub(in crate::store) record: Option<String>,
    pub(in crate::store) version: Option<i32>,
    pub(in crate::store) status: i32,
    pub(in crate::store) media_type: Option<String>,
    pub(in crate::store) request_digest: Option<String>,
    pub(in crate::store) answer_digest: Option<String>,
    pub(in crate::store) trace_id: String,
    pub(in crate::store) client_address: Option<String>,
    pub(in crate::store) x_road_id: Option<String>,
    pub(in crate::store) x_road_user_id: Option<String>,
    pub(in crate::store) digest: String,
    pub(in crate::store) province_code: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
