//! The ways past the triggers of m26 are closed, as they are for the audit trail (m40). And the history of steps, which says who approved
//! what and when, is kept like what is posted.

use sea_orm_migration::prelude::*;

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

/// When a new row would replace one. The movements of a line are numbered by a trigger of their own (m35).
fn taken(table: &str) -> Option<&'static str> {
    (table != "line_movements").then_some("id = NEW.id")
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
        for table in KEPT {
            triggers::close(manager, table, taken(table), WORDS).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in KEPT {
            triggers::open(manager, table, taken(table)).await?;
        }
        triggers::drop(manager, &steps()).await
    }
}
