//! Table `plan_measures`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_measures")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) plan_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) number: i32,
    pub(in crate::store) title: String,
    pub(in crate::store) area: String,
    pub(in crate::store) due_date: ChronoDate,
    pub(in crate::store) responsible: String,
    pub(in crate::store) criteria: String,
    pub(in crate::store) done_on: Option<ChronoDate>,
    pub(in crate::store) responsible_agency: Option<Uuid>,
    pub(in crate::store) start_date: Option<ChronoDate>,
    pub(in crate::store) begun_on: Option<ChronoDate>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
