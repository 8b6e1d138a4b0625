//! Names what published data rest on: of a province's report, the reports that were accepted below it; of a commune's
//! successor, the resolution that arranged the communes of its own province, where its number is known.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// What all of these successions cited before: the resolution on the arrangement of communes in the whole country.
const GENERAL: &str = "76/2025/UBTVQH15; 19/2025/QĐ-TTg";

/// The communes that began with the reform.
const REFORMED: &str = "LENGTH(successor_code) = 5 AND on_date = '2025-07-01'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sources = ColumnDef::new("sources").text().not_null().default("[]").to_owned();
        manager.alter_table(Table::alter().table("periodic_reports").add_column(sources).to_owned()).await?;
        let own = format!(
            "UPDATE unit_successions SET legal_basis = (SELECT u.legal_basis FROM administrative_units u \
             WHERE u.code = successor_code AND u.valid_from = successor_from) WHERE {REFORMED} AND legal_basis = '{GENERAL}'"
        );
        manager.get_connection().execute_unprepared(&own).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let general = format!("UPDATE unit_successions SET legal_basis = '{GENERAL}' WHERE {REFORMED}");
        manager.get_connection().execute_unprepared(&general).await?;
        manager.alter_table(Table::alter().table("periodic_reports").drop_column("sources").to_owned()).await
    }
}
