//! The ways past the triggers of m26 are closed: SQLite replaces a row without asking who deletes it (`INSERT OR REPLACE`),
//! PostgreSQL empties a table without looking at its rows (`TRUNCATE`). And the history of steps, which says who approved
//! what and when, is kept like what is posted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::triggers::{self, Trigger};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// What is decided or posted.
const KEPT: [&str; 13] = [
    "allocation_entries",
    "allocations",
    "budget_amendments",
    "determinations",
    "disbursements",
    "estimate_lines",
    "line_movements",
    "loan_entries",
    "loans",
    "periodic_reports",
    "provincial_plans",
    "settlements",
    "steps",
];

const WORDS: &str = "what is decided or posted is kept";

/// Whether the key of a new row is taken.
fn is_there(table: &str) -> &'static str {
    if table == "line_movements" { "line_id = NEW.line_id AND number = NEW.number" } else { "id = NEW.id" }
}

/// Steps are appended, and that is all.
fn steps() -> Vec<Trigger> {
    vec![
        Trigger::refuses("tr_steps_fixed", ("steps", "BEFORE UPDATE"), "1 = 1", WORDS),
        Trigger::refuses("tr_steps_kept", ("steps", "BEFORE DELETE"), "1 = 1", WORDS),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::create(manager, &steps()).await?;
        let db = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Sqlite {
            for table in KEPT {
                db.execute_unprepared(&format!(
                    "CREATE TRIGGER tr_{table}_replaced BEFORE INSERT ON {table} FOR EACH ROW \
                     WHEN EXISTS (SELECT 1 FROM {table} WHERE {}) \
                     BEGIN SELECT RAISE(ABORT, 'tr_{table}_replaced: {WORDS}'); END",
                    is_there(table)
                ))
                .await?;
            }
            return Ok(());
        }
        db.execute_unprepared(&format!(
            "CREATE FUNCTION tr_emptied() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN \
             RAISE EXCEPTION 'tr_emptied: {WORDS}' USING ERRCODE = 'check_violation'; END $body$"
        ))
        .await?;
        for table in KEPT {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER tr_{table}_emptied BEFORE TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION tr_emptied()"
            ))
            .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        for table in KEPT {
            let sql = if is_sqlite {
                format!("DROP TRIGGER tr_{table}_replaced")
            } else {
                format!("DROP TRIGGER tr_{table}_emptied ON {table}")
            };
            db.execute_unprepared(&sql).await?;
        }
        if !is_sqlite {
            db.execute_unprepared("DROP FUNCTION tr_emptied()").await?;
        }
        triggers::drop(manager, &steps()).await
    }
}
