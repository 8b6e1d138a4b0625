//! A loaded day is a holiday or one worked in lieu; and one that is taken out stays known of the time when it was, so that no
//! deadline that has passed moves with it.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TAKEN_OUT: &str = "withdrawn_holidays";
const KINDS: &str = "kind IN ('holiday', 'working_day')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = || ColumnDef::new("kind").text().not_null().check(Expr::cust(KINDS)).to_owned();
        let added = Table::alter().table("public_holidays").add_column(kind().default("holiday")).to_owned();
        manager.alter_table(added).await?;
        let table = Table::create()
            .table(TAKEN_OUT)
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("date").date().not_null())
            .col(kind())
            .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("taken_out_at").timestamp_with_time_zone().not_null())
            .check(Expr::cust("taken_out_at >= recorded_at"))
            .to_owned();
        manager.create_table(table).await
    }

    /// What was worked in lieu is no holiday.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let worked = Expr::col("kind").eq("working_day");
        manager.exec_stmt(Query::delete().from_table("public_holidays").and_where(worked).to_owned()).await?;
        manager.drop_table(Table::drop().table(TAKEN_OUT).to_owned()).await?;
        manager.alter_table(Table::alter().table("public_holidays").drop_column("kind").to_owned()).await
    }
}
