//! Table `cooperatives`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cooperatives")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) version: i32,
    pub(in crate::store) province_code: String,
    pub(in crate::store) unit_code: String,
    pub(in crate::store) tax_code: String,
    pub(in crate::store) registration_number: Option<String>,
    pub(in crate::store) name: String,
    pub(in crate::store) name_key: String,
    pub(in crate::store) name_folded: String,
    pub(in crate::store) kind: String,
    pub(in crate::store) field: String,
    pub(in crate::store) industry_code: Option<String>,
    pub(in crate::store) governing_law: String,
    pub(in crate::store) founded_on: ChronoDate,
    pub(in crate::store) legal_representative: Option<String>,
    pub(in crate::store) status: String,
    pub(in crate::store) address: Option<String>,
    pub(in crate::store) phone: Option<String>,
    pub(in crate::store) email: Option<String>,
    pub(in crate::store) created_by: String,
    pub(in crate::store) recorded_at: ChronoDateTimeUtc,
    pub(in crate::store) updated_at: ChronoDateTimeUtc,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::store::by_position::by_position!(
    id,
    version,
    province_code,
    unit_code,
    tax_code,
    registration_number,
    name,
    name_key,
    name_folded,
    kind,
    field,
    industry_code,
    governing_law,
    founded_on,
    legal_representative,
    status,
    address,
    phone,
    email,
    created_by,
    recorded_at,
    updated_at,
);
