//! Table `provincial_plans`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provincial_plans")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) province_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) decision_number: String,
    pub(in crate::store) decision_date: ChronoDate,
    pub(in crate::store) lead_agency_id: Uuid,
    pub(in crate::store) pilot_quota: i32,
    pub(in crate::store) pilots_selected: i32,
    pub(in crate::store) total: i64,
    pub(in crate::store) tie_break: String,
    pub(in crate::store) counted_claims: String,
    pub(in crate::store) state: String,
    pub(in crate::store) created_by: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
