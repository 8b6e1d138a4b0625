//! What the database refuses for want of money it refuses with the figures: what was left, what was asked. And on no day is
//! more of a loan repaid than was disbursed by then.
//!
//! The CHECK constraints stay behind these triggers: they hold the same sums, without words.

use sea_orm_migration::prelude::*;

use crate::triggers::{self, Trigger, sum};

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

fn all() -> Vec<Trigger> {
    [lines(), entries(), loans()].into_iter().flatten().collect()
}

fn owned<const N: usize>(figures: [(&'static str, &str); N]) -> triggers::Figures {
    figures.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// No more is allocated of a line than it holds, and no line is cut below what is allocated of it.
fn lines() -> Vec<Trigger> {
    const TABLE: &str = "estimate_lines";
    vec![
        Trigger::refuses_telling(
            "tr_estimate_lines_exceeded",
            (TABLE, "BEFORE UPDATE OF allocated"),
            "NEW.allocated > OLD.allocated AND NEW.allocated > NEW.amount",
            "allocated over the estimate",
            owned([
                ("line", "NEW.id"),
                ("left", "NEW.amount - OLD.allocated"),
                ("asked", "NEW.allocated - OLD.allocated"),
            ]),
        ),
        Trigger::refuses_telling(
            "tr_estimate_lines_lowered",
            (TABLE, "BEFORE UPDATE OF amount"),
            "NEW.amount < OLD.amount AND NEW.amount < NEW.allocated",
            "the line would fall below what is allocated",
            owned([
                ("line", "NEW.id"),
                ("allocated", "NEW.allocated"),
                ("left", "OLD.amount - NEW.allocated"),
                ("asked", "OLD.amount - NEW.amount"),
            ]),
        ),
    ]
}

/// No more is disbursed of an entry than it grants, none is taken back or given up that is spent, and no more is settled than
/// was disbursed.
pub(crate) fn entries() -> Vec<Trigger> {
    const TABLE: &str = "allocation_entries";
    let granted = "NEW.amount - NEW.reduced";
    vec![
        Trigger::refuses_telling(
            "tr_allocation_entries_exceeded",
            (TABLE, "BEFORE UPDATE OF disbursed"),
            format!("NEW.disbursed > OLD.disbursed AND NEW.disbursed + NEW.returned > {granted}"),
            "disbursed over the allocation",
            vec![
                ("left", format!("{granted} - NEW.returned - OLD.disbursed")),
                ("allocated", granted.to_owned()),
                ("asked", "NEW.disbursed - OLD.disbursed".to_owned()),
            ],
        ),
        Trigger::refuses_telling(
            "tr_allocation_entries_unsettled",
            (TABLE, "BEFORE UPDATE OF disbursed"),
            "NEW.disbursed < OLD.disbursed AND NEW.disbursed < NEW.settled",
            "what is settled is not taken back",
            owned([
                ("settled", "NEW.settled"),
                ("disbursed", "OLD.disbursed"),
                ("left", "OLD.disbursed - NEW.settled"),
                ("asked", "OLD.disbursed - NEW.disbursed"),
            ]),
        ),
        Trigger::refuses_telling(
            "tr_allocation_entries_reduced",
            (TABLE, "BEFORE UPDATE OF reduced"),
            "NEW.reduced > OLD.reduced AND NEW.reduced + NEW.disbursed + NEW.returned > NEW.amount",
            "reduced by more than the allocation has left",
            owned([
                ("entry", "NEW.id"),
                ("left", "NEW.amount - OLD.reduced - NEW.disbursed - NEW.returned"),
                ("asked", "NEW.reduced - OLD.reduced"),
            ]),
        ),
        Trigger::refuses_telling(
            "tr_allocation_entries_settled",
            (TABLE, "BEFORE UPDATE OF settled"),
            "NEW.settled > OLD.settled AND NEW.settled > NEW.disbursed",
            "settled over what was disbursed",
            owned([("left", "NEW.disbursed - OLD.settled"), ("asked", "NEW.settled - OLD.settled")]),
        ),
    ]
}

/// No more is disbursed of a loan than was approved, and on no day more repaid than was disbursed by then.
fn loans() -> Vec<Trigger> {
    const TABLE: &str = "loans";
    let of_loan = "loan_entries WHERE loan_id = NEW.loan_id";
    let outstanding = "SELECT on_date, SUM(CASE kind WHEN 'disbursement' THEN amount ELSE -amount END) \
                       OVER (ORDER BY on_date) AS outstanding";
    let days = format!("({outstanding} FROM {of_loan}) days WHERE days.outstanding < 0");
    let first = format!("(SELECT MIN(days.on_date) FROM {days})");
    let by_then = |kind: &str| sum("amount", &format!("{of_loan} AND kind = '{kind}' AND on_date <= {first}"));
    let in_all = |kind: &str| sum("amount", &format!("{of_loan} AND kind = '{kind}' AND id <> NEW.id"));
    vec![
        Trigger::refuses_telling(
            "tr_loans_exceeded",
            (TABLE, "BEFORE UPDATE OF disbursed"),
            "NEW.disbursed > OLD.disbursed AND NEW.disbursed > NEW.approved_amount",
            "disbursed above the approved loan",
            owned([
                ("approved", "NEW.approved_amount"),
                ("left", "NEW.approved_amount - OLD.disbursed"),
                ("total", "NEW.disbursed"),
            ]),
        ),
        Trigger::refuses_telling(
            "tr_loans_repaid",
            (TABLE, "BEFORE UPDATE OF disbursed, repaid"),
            "NEW.repaid > NEW.disbursed",
            "repaid above what was disbursed",
            owned([("left", "OLD.disbursed - OLD.repaid"), ("disbursed", "NEW.disbursed"), ("total", "NEW.repaid")]),
        ),
        Trigger::refuses_telling(
            "tr_loan_entries_by_day",
            ("loan_entries", "AFTER INSERT"),
            "1 = 1",
            "repaid above what was disbursed by then",
            vec![
                ("left", format!("{} - {}", in_all("disbursement"), in_all("repayment"))),
                ("disbursed", by_then("disbursement")),
                ("total", by_then("repayment")),
            ],
        )
        .telling_when("loans WHERE id = NEW.loan_id", format!("EXISTS (SELECT 1 FROM {days})")),
    ]
}
