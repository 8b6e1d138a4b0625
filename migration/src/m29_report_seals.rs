//! The seal of the service on submitted reports, and the receipt of who took a revision over.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TEXTS: [&str; 3] = ["signature", "received_by", "receipt_number"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for text in TEXTS {
            let added = Table::alter().table("periodic_reports").add_column(ColumnDef::new(text).text()).to_owned();
            manager.alter_table(added).await?;
        }
        let mut received_at = ColumnDef::new("received_at");
        received_at.timestamp_with_time_zone();
        manager.alter_table(Table::alter().table("periodic_reports").add_column(received_at).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in TEXTS.into_iter().chain(["received_at"]) {
            manager.alter_table(Table::alter().table("periodic_reports").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
