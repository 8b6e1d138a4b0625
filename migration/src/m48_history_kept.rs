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

/// The tables whose rows SQLite could replace: the movements of a line are numbered by a trigger of their own.
fn replaceable() -> impl Iterator<Item = &'static str> {
    KEPT.into_iter().filter(|table| *table != "line_movements")
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
            for table in replaceable() {
                db.execute_unprepared(&format!(
                    "CREATE TRIGGER tr_{table}_replaced BEFORE INSERT ON {table} FOR EACH ROW \
                     WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) \
                     BEGIN SELECT RAISE(ABORT, 'tr_{table}_replaced: {WORDS}'); END"
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
        if is_sqlite {
            for table in replaceable() {
                db.execute_unprepared(&format!("DROP TRIGGER tr_{table}_replaced")).await?;
            }
        } else {
            for table in KEPT {
                db.execute_unprepared(&format!("DROP TRIGGER tr_{table}_emptied ON {table}")).await?;
            }
            db.execute_unprepared("DROP FUNCTION tr_emptied()").await?;
        }
        triggers::drop(manager, &steps()).await
    }
}
