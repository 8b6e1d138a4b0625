//! Table `classification_rules`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "classification_rules")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) code: String,
    pub(in crate::store) dimension: String,
    pub(in crate::store) valid_from: ChronoDate,
    pub(in crate::store) valid_to: Option<ChronoDate>,
    pub(in crate::store) legal_basis: String,
    pub(in crate::store) content: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
