//! Table `improvement_plans`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "improvement_plans")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) pilot_id: Uuid,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) revision: i32,
    pub(in crate::store) previous_id: Option<Uuid>,
    pub(in crate::store) revision_reason: Option<String>,
    pub(in crate::store) next_id: Option<Uuid>,
    pub(in crate::store) baseline_evaluation_id: Uuid,
    pub(in crate::store) criteria: String,
    pub(in crate::store) criteria_to_improve: i32,
    pub(in crate::store) opinions: String,
    pub(in crate::store) state: String,
    pub(in crate::store) return_comment: Option<String>,
    pub(in crate::store) signature: Option<String>,
    pub(in crate::store) approval: Option<String>,
    pub(in crate::store) decision_date: Option<ChronoDate>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
