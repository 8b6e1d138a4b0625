//! Table `reporting_deadlines`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reporting_deadlines")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) level: String,
    pub(in crate::store) period_kind: String,
    pub(in crate::store) regime: String,
    pub(in crate::store) valid_from: ChronoDate,
    pub(in crate::store) valid_to: Option<ChronoDate>,
    pub(in crate::store) terms: String,
    pub(in crate::store) state: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
    pub(in crate::store) activated_at: Option<ChronoDateTimeUtc>,
    pub(in crate::store) ended_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
