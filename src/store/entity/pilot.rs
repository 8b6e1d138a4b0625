//! Table `pilots`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pilots")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) application_id: Uuid,
    pub(in crate::store) decision_id: Uuid,
    pub(in crate::store) model: String,
    pub(in crate::store) list: String,
    pub(in crate::store) responsible_department: Uuid,
    pub(in crate::store) selected_on: ChronoDate,
    pub(in crate::store) state: String,
    pub(in crate::store) completed_on: Option<ChronoDate>,
    pub(in crate::store) completion_reason: Option<String>,
    pub(in crate::store) evaluation_id: Option<Uuid>,
    pub(in crate::store) ended_on: Option<ChronoDate>,
    pub(in crate::store) stopped_on: Option<ChronoDate>,
    pub(in crate::store) stop_cause: Option<String>,
    pub(in crate::store) stop_reason: Option<String>,
    pub(in crate::store) assessors: Option<String>,
    pub(in crate::store) exit_verdicts: Option<String>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
