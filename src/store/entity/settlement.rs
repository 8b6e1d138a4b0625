//! Table `settlements`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlements")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) allocation_id: Uuid,
    pub(in crate::store) entry_id: Uuid,
    pub(in crate::store) fiscal_year: i32,
    pub(in crate::store) amount: i64,
    pub(in crate::store) carried_over: i64,
    pub(in crate::store) returned: i64,
    pub(in crate::store) document_number: String,
    pub(in crate::store) document_date: ChronoDate,
    pub(in crate::store) corrects_id: Option<Uuid>,
    pub(in crate::store) reason: Option<String>,
    pub(in crate::store) recorded_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) state: String,
    pub(in crate::store) reviewed_by: Option<String>,
    pub(in crate::store) reviewed_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
