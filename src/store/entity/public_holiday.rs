//! Table `public_holidays`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_holidays")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) date: ChronoDate,
    pub(in crate::store) kind: String,
    pub(in crate::store) vi: String,
    pub(in crate::store) en: String,
    pub(in crate::store) legal_basis: String,
    pub(in crate::store) recorded_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
