//! Public holidays that are not the same day every year, each loaded with the decision that sets it.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "public_holidays";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("date").date().not_null())
            .col(ColumnDef::new("vi").text().not_null())
            .col(ColumnDef::new("en").text().not_null())
            .col(ColumnDef::new("legal_basis").text().not_null().check(Expr::cust("LENGTH(legal_basis) > 0")))
            .col(ColumnDef::new("recorded_by").text().not_null())
            .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
            .index(Index::create().unique().name("uq_public_holidays_date").col("date"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}
