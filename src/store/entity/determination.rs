//! Table `determinations`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "determinations")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) kind: String,
    pub(in crate::store) subject_id: Uuid,
    pub(in crate::store) application_id: Option<Uuid>,
    pub(in crate::store) evaluation_id: Option<Uuid>,
    pub(in crate::store) pilot_id: Option<Uuid>,
    pub(in crate::store) plan_id: Option<Uuid>,
    pub(in crate::store) cooperative_id: Option<Uuid>,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: Option<String>,
    pub(in crate::store) occasion: String,
    pub(in crate::store) decision_id: Option<Uuid>,
    pub(in crate::store) overall: String,
    pub(in crate::store) inputs: String,
    pub(in crate::store) result: String,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
