//! Table `report_forms`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_forms")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) version: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) name_vi: String,
    pub(in crate::store) name_en: String,
    pub(in crate::store) valid_from: ChronoDate,
    pub(in crate::store) valid_to: Option<ChronoDate>,
    pub(in crate::store) legal_basis: String,
    pub(in crate::store) id: Uuid,
    pub(in crate::store) row_version: i32,
    pub(in crate::store) state: String,
    pub(in crate::store) first_period: Option<String>,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
    pub(in crate::store) activated_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) ended_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
