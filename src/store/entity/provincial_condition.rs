//! Table `provincial_conditions`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provincial_conditions")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) province_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) code: String,
    pub(in crate::store) kind: String,
    pub(in crate::store) vi: String,
    pub(in crate::store) en: String,
    pub(in crate::store) parameters: String,
    pub(in crate::store) decision_number: String,
    pub(in crate::store) decision_date: ChronoDate,
    pub(in crate::store) article: String,
    pub(in crate::store) valid_from: ChronoDate,
    pub(in crate::store) valid_to: Option<ChronoDate>,
    pub(in crate::store) state: String,
    pub(in crate::store) approved_by: Option<String>,
    pub(in crate::store) ending_number: Option<String>,
    pub(in crate::store) ending_date: Option<ChronoDate>,
    pub(in crate::store) last_day: Option<ChronoDate>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
