//! Table `report_deadlines`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_deadlines")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) form_version: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) level: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) period: String,
    pub(in crate::store) on_date: ChronoDate,
    pub(in crate::store) last_day_counts: bool,
    pub(in crate::store) legal_basis: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
