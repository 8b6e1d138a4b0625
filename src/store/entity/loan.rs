//! Table `loans`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loans")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) pilot_id: Uuid,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) lender: String,
    pub(in crate::store) source: String,
    pub(in crate::store) approved_amount: i64,
    pub(in crate::store) disbursed: i64,
    pub(in crate::store) repaid: i64,
    pub(in crate::store) decision_number: String,
    pub(in crate::store) decision_date: ChronoDate,
    pub(in crate::store) interest_percent: Option<String>,
    pub(in crate::store) term_months: Option<i32>,
    pub(in crate::store) purpose: Option<String>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
    pub(in crate::store) counts_from: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
