//! Public holidays that are not the same day every year, each loaded with the decision that sets it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m38_changes::Told;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "public_holidays";
/// The feed of changes tells them to everybody.
const TOLD: Told = Told::of_everybody("public-holidays", TABLE);

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
        manager.create_table(table).await?;
        for statement in TOLD.made(manager.get_database_backend() == DbBackend::Sqlite) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in TOLD.dropped(manager.get_database_backend() == DbBackend::Sqlite) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}
