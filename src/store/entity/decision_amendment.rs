//! Table `decision_amendments`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_amendments")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) decision_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) number: String,
    pub(in crate::store) date: ChronoDate,
    pub(in crate::store) year: i32,
    pub(in crate::store) signatory: String,
    pub(in crate::store) reason: String,
    pub(in crate::store) document: Option<String>,
    pub(in crate::store) additions: String,
    pub(in crate::store) removals: String,
    pub(in crate::store) reassignments: String,
    pub(in crate::store) read: String,
    pub(in crate::store) state: String,
    pub(in crate::store) approved_by: Option<String>,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
