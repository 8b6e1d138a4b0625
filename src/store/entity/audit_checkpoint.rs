//! Table `audit_checkpoints`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_checkpoints")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) number: i64,
    pub(in crate::store) from_place: i64,
    pub(in crate::store) to_place: i64,
    pub(in crate::store) event_count: i64,
    pub(in crate::store) events_digest: String,
    pub(in crate::store) previous: Option<String>,
    pub(in crate::store) reason: Option<String>,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) digest: String,
    pub(in crate::store) signature: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
