//! Yearly figures that scales of a criteria set and classes of cooperatives are computed from.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// Persons and đồng; absent where nobody stated them.
const NUMBERS: [&str; 5] =
    ["members_official", "managers_trained", "managers_young", "supplied_to_members", "income_after_tax"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in NUMBERS {
            add(manager, ColumnDef::new(column).big_integer().to_owned()).await?;
        }
        let kinds = ["production", "consumption", "employment", "mixed"];
        let known = Expr::col("member_supply").is_in(kinds);
        add(manager, ColumnDef::new("member_supply").text().check(known).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["member_supply"].into_iter().chain(NUMBERS) {
            // One a statement: SQLite alters one thing at a time.
            manager.alter_table(Table::alter().table("annual_figures").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table("annual_figures").add_column(column).to_owned()).await
}
