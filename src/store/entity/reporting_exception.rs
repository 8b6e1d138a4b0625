//! Table `reporting_exceptions`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reporting_exceptions")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) agency_id: Uuid,
    pub(in crate::store) level: String,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) period: String,
    pub(in crate::store) due_on: ChronoDate,
    pub(in crate::store) locks_on: Option<ChronoDate>,
    pub(in crate::store) reason: String,
    pub(in crate::store) document_number: Option<String>,
    pub(in crate::store) granted_by: String,
    pub(in crate::store) granting_agency_id: Option<Uuid>,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
