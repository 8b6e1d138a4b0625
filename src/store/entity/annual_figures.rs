//! Table `annual_figures`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "annual_figures")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) cooperative_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) basis: String,
    pub(in crate::store) version: i32,
    pub(in crate::store) status: String,
    pub(in crate::store) members: Option<i64>,
    pub(in crate::store) members_official: Option<i64>,
    pub(in crate::store) members_women: Option<i64>,
    pub(in crate::store) members_ethnic_minority: Option<i64>,
    pub(in crate::store) workers_regular: Option<i64>,
    pub(in crate::store) managers: Option<i64>,
    pub(in crate::store) managers_with_degree: Option<i64>,
    pub(in crate::store) managers_trained: Option<i64>,
    pub(in crate::store) managers_young: Option<i64>,
    pub(in crate::store) total_capital: Option<i64>,
    pub(in crate::store) indivisible_assets: Option<i64>,
    pub(in crate::store) revenue: Option<i64>,
    pub(in crate::store) supplied_to_members: Option<i64>,
    pub(in crate::store) profit_before_tax: Option<i64>,
    pub(in crate::store) income_after_tax: Option<i64>,
    pub(in crate::store) development_fund: Option<i64>,
    pub(in crate::store) reserve_fund: Option<i64>,
    pub(in crate::store) other_funds: Option<i64>,
    pub(in crate::store) value_chain: Option<bool>,
    pub(in crate::store) independent_audit: Option<bool>,
    pub(in crate::store) member_supply: Option<String>,
    pub(in crate::store) recorded_by: String,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
