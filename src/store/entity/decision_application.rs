//! Table `decision_applications`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_applications")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) decision_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) application_id: Uuid,
    pub(in crate::store) position: i32,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) responsible_department: Uuid,
    pub(in crate::store) content_hash: Option<String>,
    pub(in crate::store) amendment_id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
