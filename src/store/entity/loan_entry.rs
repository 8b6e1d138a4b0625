//! Table `loan_entries`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan_entries")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) loan_id: Uuid,
    pub(in crate::store) kind: String,
    pub(in crate::store) amount: i64,
    pub(in crate::store) on_date: ChronoDate,
    pub(in crate::store) voucher: Option<String>,
    pub(in crate::store) corrects_id: Option<Uuid>,
    pub(in crate::store) reason: Option<String>,
    pub(in crate::store) document: Option<String>,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) recorded_by: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
