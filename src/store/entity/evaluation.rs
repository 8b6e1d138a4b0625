//! Table `evaluations`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluations")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) year: i32,
    pub(in crate::store) kind: String,
    pub(in crate::store) criteria_set_id: Uuid,
    pub(in crate::store) criteria_code: String,
    pub(in crate::store) circular: String,
    pub(in crate::store) scores: String,
    pub(in crate::store) inputs: Option<String>,
    pub(in crate::store) fine: Option<String>,
    pub(in crate::store) operation: String,
    pub(in crate::store) total: i64,
    pub(in crate::store) rating: Option<String>,
    pub(in crate::store) not_rated_reason: Option<String>,
    pub(in crate::store) endorsements: String,
    pub(in crate::store) state: String,
    pub(in crate::store) submitted_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) submitted_by: Option<String>,
    pub(in crate::store) late: Option<bool>,
    pub(in crate::store) agency_id: Option<Uuid>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
