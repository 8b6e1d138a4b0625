//! Money is conserved and history kept by the database itself, whoever writes to it.
//!
//! What is decided or posted is neither edited nor deleted: triggers refuse it. The running totals — allocated of a line;
//! reduced, disbursed, settled and returned of an entry; disbursed and repaid of a loan — are the database's own: it sums
//! them from what is posted, and refuses any other figure. The CHECK constraints on these totals (m07, m09, m16) then hold
//! estimate ≥ allocated ≥ disbursed ≥ settled and approved ≥ disbursed ≥ repaid.
//!
//! A step that makes one of these tables anew on SQLite loses its triggers and has to make them again.

mod budget;
mod loans;

use sea_orm_migration::prelude::*;

pub(crate) use self::loans::terms as terms_of_loans;
use crate::triggers::{self, Trigger};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::create(manager, &all()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &all()).await
    }
}

/// The triggers by which a line is summed anew from all that is allocated of it, until a later step keeps what moved.
pub(crate) fn sums_of_lines() -> Vec<Trigger> {
    const NAMES: [&str; 3] = ["tr_estimate_lines_allocated", "tr_allocations_taken", "tr_allocation_entries_freed"];
    all().into_iter().filter(|trigger| NAMES.contains(&trigger.name())).collect()
}

/// The triggers by which an entry is summed anew from all that is disbursed of it, until a later step keeps what moved.
pub(crate) fn sums_of_entries() -> Vec<Trigger> {
    const NAMES: [&str; 2] = ["tr_allocation_entries_totals", "tr_disbursements_added"];
    all().into_iter().filter(|trigger| NAMES.contains(&trigger.name())).collect()
}

fn all() -> Vec<Trigger> {
    [
        budget::plans(),
        budget::lines(),
        budget::allocations(),
        budget::entries(),
        budget::disbursements(),
        budget::settlements(),
        budget::amendments(),
        loans::terms("1 = 1"),
        loans::totals(),
        loans::entries(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
