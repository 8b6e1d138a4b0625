//! Needs of a cooperative are submitted one by one: each submission is numbered after those that it was judged beside, and no two
//! bear one number. So rates that bind the organisation over all its needs are kept whoever submits at once.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const INDEX: &str = "uq_support_needs_submission";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("submission").integer().to_owned();
        manager.alter_table(Table::alter().table("support_needs").add_column(column).to_owned()).await?;
        let mut index = Index::create();
        index.name(INDEX).unique().table("support_needs").col("cooperative_id").col("submission");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table("support_needs").to_owned()).await?;
        manager.alter_table(Table::alter().table("support_needs").drop_column("submission").to_owned()).await
    }
}
