//! A selection decision keeps the digest of each application as it was read when the decision was written.
//!
//! Rows of decisions written before this step have none: an approved one stays, a draft is written anew before it is
//! approved.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("content_hash").text().to_owned();
        manager.alter_table(Table::alter().table("decision_applications").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("decision_applications").drop_column("content_hash").to_owned()).await
    }
}
