//! Table `applications`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applications")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) cooperative_id: Uuid,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) scheme_code: String,
    pub(in crate::store) model: String,
    pub(in crate::store) dossier: String,
    pub(in crate::store) priority_claims: String,
    pub(in crate::store) attestations: String,
    pub(in crate::store) state: String,
    pub(in crate::store) submitted_on: Option<ChronoDate>,
    pub(in crate::store) returned_on: Option<ChronoDate>,
    pub(in crate::store) withdrawn_on: Option<ChronoDate>,
    pub(in crate::store) decision_id: Option<Uuid>,
    pub(in crate::store) closed_on: Option<ChronoDate>,
    pub(in crate::store) claim_reviews: String,
    pub(in crate::store) created_by: String,
    pub(in crate::store) writers: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
