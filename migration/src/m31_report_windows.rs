//! Reviews of the scheme are reported on like periods, and a report keeps the data window that it was made for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const KINDS: &str = "'year', 'first_half', 'second_half'";
const COLUMNS: [&str; 2] = ["window_from", "window_to"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let mut date = ColumnDef::new(column);
            date.date();
            manager.alter_table(Table::alter().table("periodic_reports").add_column(date).to_owned()).await?;
        }
        kinds_of_deadlines(manager, &format!("{KINDS}, 'review'")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DELETE FROM reporting_deadlines WHERE period_kind = 'review'").await?;
        kinds_of_deadlines(manager, KINDS).await?;
        for column in COLUMNS {
            manager.alter_table(Table::alter().table("periodic_reports").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// Replaces the constraint on the kinds of periods. SQLite keeps constraints with the table, which is made anew; nothing
/// refers to it.
async fn kinds_of_deadlines(manager: &SchemaManager<'_>, kinds: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Sqlite {
        let sql = format!(
            "ALTER TABLE reporting_deadlines DROP CONSTRAINT ck_reporting_deadlines_kind; \
             ALTER TABLE reporting_deadlines ADD CONSTRAINT ck_reporting_deadlines_kind CHECK (period_kind IN ({kinds}))"
        );
        return db.execute_unprepared(&sql).await.map(|_| ());
    }
    let sql = format!(
        "CREATE TABLE reporting_deadlines_new ( \
             id uuid_text NOT NULL PRIMARY KEY, \
             version integer NOT NULL, \
             level text NOT NULL, \
             period_kind text NOT NULL, \
             valid_from date_text NOT NULL, \
             valid_to date_text, \
             terms text NOT NULL, \
             state text NOT NULL, \
             writers text NOT NULL, \
             recorded_at timestamp_with_timezone_text NOT NULL, \
             updated_at timestamp_with_timezone_text NOT NULL, \
             CONSTRAINT ck_reporting_deadlines_level CHECK (level IN ('locality', 'line_department', 'province')), \
             CONSTRAINT ck_reporting_deadlines_kind CHECK (period_kind IN ({kinds})), \
             CONSTRAINT ck_reporting_deadlines_state CHECK (state IN ('draft', 'active')), \
             CONSTRAINT ck_reporting_deadlines_dates CHECK (valid_to >= valid_from)); \
         INSERT INTO reporting_deadlines_new SELECT id, version, level, period_kind, valid_from, valid_to, terms, state, \
             writers, recorded_at, updated_at FROM reporting_deadlines; \
         DROP TABLE reporting_deadlines; \
         ALTER TABLE reporting_deadlines_new RENAME TO reporting_deadlines; \
         CREATE INDEX ix_reporting_deadlines_level ON reporting_deadlines (level, period_kind, id); \
         CREATE INDEX ix_reporting_deadlines_state ON reporting_deadlines (state, id); \
         CREATE UNIQUE INDEX uq_reporting_deadlines_from \
             ON reporting_deadlines (level, period_kind, valid_from) WHERE state = 'active'; \
         CREATE UNIQUE INDEX uq_reporting_deadlines_open \
             ON reporting_deadlines (level, period_kind) WHERE state = 'active' AND valid_to IS NULL"
    );
    db.execute_unprepared(&sql).await.map(|_| ())
}
