//! What every resource shares: the history of steps, and stored answers to retried requests.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Table::create()
            .table("steps")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("record_id").uuid().not_null())
            .col(ColumnDef::new("step").text().not_null())
            .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("entry").text().not_null())
            .to_owned();
        manager.create_table(steps).await?;
        let index =
            Index::create().name("ix_steps_record").table("steps").col("record_id").col("step").col("id").to_owned();
        manager.create_index(index).await?;

        let answers = Table::create()
            .table("stored_answers")
            .col(ColumnDef::new("key_hash").text().not_null().primary_key())
            .col(ColumnDef::new("body_hash").text().not_null())
            .col(ColumnDef::new("status").integer().not_null())
            .col(ColumnDef::new("headers").text().not_null())
            .col(ColumnDef::new("body").text().not_null())
            .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
            .to_owned();
        manager.create_table(answers).await?;
        let index =
            Index::create().name("ix_stored_answers_recorded_at").table("stored_answers").col("recorded_at").to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("stored_answers").to_owned()).await?;
        manager.drop_table(Table::drop().table("steps").to_owned()).await
    }
}
