//! When rules of the calendar and forms were put in force and when they were ended, so that what was in force at an instant
//! can be had again. A form that shipped has been in force since before anyone asked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 2] = ["reporting_deadlines", "report_forms"];
const COLUMNS: [&str; 2] = ["activated_at", "ended_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            for column in COLUMNS {
                let added = ColumnDef::new(column).timestamp_with_time_zone().to_owned();
                manager.alter_table(Table::alter().table(table).add_column(added).to_owned()).await?;
            }
        }
        let next_day = match manager.get_database_backend() {
            DbBackend::Sqlite => "date(THIS.valid_to, '+1 day')",
            _ => "THIS.valid_to + 1",
        };
        let db = manager.get_connection();
        for (table, same) in [
            ("reporting_deadlines", "o.level = THIS.level AND o.period_kind = THIS.period_kind"),
            ("report_forms", "o.scheme_code = THIS.scheme_code"),
        ] {
            let activated = "UPDATE THIS SET activated_at = (SELECT MIN(s.recorded_at) FROM steps s \
                             WHERE s.record_id = THIS.id AND s.step = 'activations') WHERE state = 'active'";
            let ended = format!(
                "UPDATE THIS SET ended_at = (SELECT MIN(o.activated_at) FROM THIS o WHERE {same} \
                 AND o.state = 'active' AND o.valid_from = {next_day}) WHERE state = 'active' AND valid_to IS NOT NULL"
            );
            for statement in [activated, &ended] {
                db.execute_unprepared(&statement.replace("THIS", table)).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            for column in COLUMNS {
                manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
            }
        }
        Ok(())
    }
}
