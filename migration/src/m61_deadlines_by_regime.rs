//! Deadlines of reports by the regime that sets them: those of several regimes are in force side by side, of each regime one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const DROP: &str = "DROP INDEX uq_reporting_deadlines_from; DROP INDEX uq_reporting_deadlines_open";

/// One rule of a key begins on a day, and one is open, whatever races.
fn one_of(key: &str) -> String {
    format!(
        "CREATE UNIQUE INDEX uq_reporting_deadlines_from \
             ON reporting_deadlines ({key}, valid_from) WHERE state = 'active'; \
         CREATE UNIQUE INDEX uq_reporting_deadlines_open \
             ON reporting_deadlines ({key}) WHERE state = 'active' AND valid_to IS NULL"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let stated = match manager.get_database_backend() {
            DbBackend::Sqlite => "json_extract(terms, '$.regime')",
            _ => "terms::json ->> 'regime'",
        };
        let sql = format!(
            "ALTER TABLE reporting_deadlines ADD COLUMN regime text NOT NULL DEFAULT ''; \
             UPDATE reporting_deadlines SET regime = {stated}; {DROP}; {}; \
             CREATE INDEX ix_reporting_deadlines_regime ON reporting_deadlines (regime, id)",
            one_of("regime, level, period_kind")
        );
        manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }

    /// Fails where several regimes are in force: before, there was room for one.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = format!(
            "{DROP}; DROP INDEX ix_reporting_deadlines_regime; {}; ALTER TABLE reporting_deadlines DROP COLUMN regime",
            one_of("level, period_kind")
        );
        manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }
}
