//! A loan may be a draft first: edited and deleted, counted in no sum, posted to by nobody. From the instant at which it is
//! recorded it counts, and says what its lender decided for good.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m26_append_only::terms_of_loans;
use crate::triggers::{self, Trigger, changes};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = match manager.get_database_backend() {
            DbBackend::Sqlite => "timestamp_with_timezone_text",
            _ => "timestamp with time zone",
        };
        let db = manager.get_connection();
        db.execute_unprepared(&format!("ALTER TABLE loans ADD COLUMN counts_from {kind}")).await?;
        db.execute_unprepared("UPDATE loans SET counts_from = recorded_at").await?;
        triggers::drop(manager, &terms_of_loans("1 = 1")).await?;
        triggers::create(manager, &all()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &all()).await?;
        // Without drafts, a draft is nothing that was ever recorded.
        let db = manager.get_connection();
        db.execute_unprepared("DELETE FROM loans WHERE counts_from IS NULL").await?;
        db.execute_unprepared("ALTER TABLE loans DROP COLUMN counts_from").await?;
        triggers::create(manager, &terms_of_loans("1 = 1")).await
    }
}

fn all() -> Vec<Trigger> {
    let mut all = terms_of_loans("OLD.counts_from IS NOT NULL");
    all.push(Trigger::refuses(
        "tr_loans_counted",
        ("loans", "BEFORE UPDATE"),
        format!("OLD.counts_from IS NOT NULL AND {}", changes(&["counts_from"])),
        "a loan that counts does not become a draft again",
    ));
    all.push(Trigger::refuses(
        "tr_loan_entries_opened",
        ("loan_entries", "BEFORE INSERT"),
        "(SELECT counts_from FROM loans WHERE id = NEW.loan_id) IS NULL",
        "nothing is posted to a draft",
    ));
    all
}
