//! Table `service_account_secrets`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_account_secrets")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) id: Uuid,
    pub(in crate::store) account_id: Uuid,
    pub(in crate::store) hash: String,
    pub(in crate::store) issued_at: ChronoDateTimeUtc,
    pub(in crate::store) expires_at: Option<ChronoDateTimeUtc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
