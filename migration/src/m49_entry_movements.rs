//! What is paid out of an allocated entry and taken back to it, posting by posting, with what is disbursed of the entry after
//! each: a posting adds to the last total and does not sum the entry again, however many vouchers it has. As m35 does it for
//! estimate lines.
//!
//! The database writes the movements itself and holds each against its posting: one a posting, numbered without gaps on each
//! entry, never edited or deleted. So the total of an entry is that of its last movement.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{FromQueryResult, Statement};

use crate::m26_append_only::sums_of_entries;
use crate::m33_figures_told::entries as figures_of_entries;
use crate::triggers::{self, Trigger, sum};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "entry_movements";
const MOVED_ARE_FIXED: &str = "a movement of an entry is followed by another one only";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        totals_agree(manager).await?;
        manager.create_table(movements()).await?;
        manager.get_connection().execute_unprepared(FILL).await?;
        triggers::drop(manager, &sums_of_entries()).await?;
        triggers::create(manager, &all()).await?;
        figures_first(manager).await?;
        // A movement has the next number, so that it replaces none.
        triggers::close(manager, TABLE, None, MOVED_ARE_FIXED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::open(manager, TABLE, None).await?;
        triggers::drop(manager, &all()).await?;
        triggers::create(manager, &sums_of_entries()).await?;
        figures_first(manager).await?;
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}

/// SQLite asks the trigger first that was made last: what is refused for want of money is told with its figures.
async fn figures_first(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    triggers::drop(manager, &figures_of_entries()).await?;
    triggers::create(manager, &figures_of_entries()).await
}

fn movements() -> TableCreateStatement {
    let reference = |name: &str, column: &'static str, to: &'static str| {
        ForeignKey::create().name(name).from(TABLE, column).to(to, "id").to_owned()
    };
    Table::create()
        .table(TABLE)
        .col(ColumnDef::new("entry_id").uuid().not_null())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("posting_id").uuid().not_null())
        .col(ColumnDef::new("disbursed").big_integer().not_null())
        .primary_key(Index::create().name("pk_entry_movements").col("entry_id").col("number"))
        .index(Index::create().unique().name("uq_entry_movements_posting").col("posting_id"))
        .foreign_key(&mut reference("fk_entry_movements_entry", "entry_id", "allocation_entries"))
        .foreign_key(&mut reference("fk_entry_movements_posting", "posting_id", "disbursements"))
        .to_owned()
}

/// What is posted, in the order of posting.
const FILL: &str = "INSERT INTO entry_movements (entry_id, number, posting_id, disbursed) \
                    SELECT d.entry_id, ROW_NUMBER() OVER posted, d.id, SUM(d.amount) OVER posted FROM disbursements d \
                    WINDOW posted AS (PARTITION BY d.entry_id ORDER BY d.recorded_at, d.id)";

/// Refuses books whose totals are not the sums of their postings: that is for a person to look at.
async fn totals_agree(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    #[derive(Debug, FromQueryResult)]
    struct Differing {
        entries: i64,
    }
    let posted = sum("d.amount", "disbursements d WHERE d.entry_id = e.id");
    let sql = format!("SELECT COUNT(*) AS entries FROM allocation_entries e WHERE e.disbursed <> {posted}");
    let statement = Statement::from_string(manager.get_database_backend(), sql);
    let differing = Differing::find_by_statement(statement).one(manager.get_connection()).await?;
    match differing.map_or(0, |differing| differing.entries) {
        0 => Ok(()),
        entries => Err(DbErr::Custom(format!("{entries} allocated entries say another sum than their disbursements"))),
    }
}

/// A figure of the last movement of the entry of an id; nothing moved is zero.
fn last(what: &str, entry: &str) -> String {
    format!("COALESCE((SELECT m.{what} FROM {TABLE} m WHERE m.entry_id = {entry} ORDER BY m.number DESC LIMIT 1), 0)")
}

fn all() -> Vec<Trigger> {
    vec![
        totals(),
        Trigger::runs(
            "tr_disbursements_added",
            ("disbursements", "AFTER INSERT"),
            "NEW.amount <> 0",
            "allocation_entries WHERE id = NEW.entry_id",
            format!(
                "INSERT INTO {TABLE} (entry_id, number, posting_id, disbursed) \
                 VALUES (NEW.entry_id, {} + 1, NEW.id, {} + NEW.amount)",
                last("number", "NEW.entry_id"),
                last("disbursed", "NEW.entry_id")
            ),
        ),
        follows(),
        Trigger::runs(
            "tr_entry_movements_added",
            (TABLE, "AFTER INSERT"),
            "1 = 1",
            "allocation_entries WHERE id = NEW.entry_id",
            "UPDATE allocation_entries SET disbursed = NEW.disbursed WHERE id = NEW.entry_id",
        ),
        Trigger::refuses("tr_entry_movements_fixed", (TABLE, "BEFORE UPDATE"), "1 = 1", MOVED_ARE_FIXED),
        Trigger::refuses("tr_entry_movements_kept", (TABLE, "BEFORE DELETE"), "1 = 1", MOVED_ARE_FIXED),
    ]
}

/// The totals of an entry are those of what moved it: of its last movement, or summed anew where they are few.
fn totals() -> Trigger {
    let accepted = "settlements WHERE entry_id = NEW.id AND state = 'accepted'";
    let reduced = "budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id \
                   WHERE m.state = 'approved' AND c.kind = 'reduction' AND c.entry_id = NEW.id";
    Trigger::refuses(
        "tr_allocation_entries_totals",
        ("allocation_entries", "BEFORE UPDATE OF reduced, disbursed, settled, returned"),
        format!(
            "(NEW.disbursed <> OLD.disbursed AND NEW.disbursed <> {}) \
             OR (NEW.reduced <> OLD.reduced AND NEW.reduced <> {}) \
             OR (NEW.settled <> OLD.settled AND NEW.settled <> {}) \
             OR (NEW.returned <> OLD.returned AND NEW.returned <> {})",
            last("disbursed", "NEW.id"),
            sum("c.amount", reduced),
            sum("amount", accepted),
            sum("returned", accepted)
        ),
        "a running total is the sum of what is posted",
    )
}

/// A movement follows the last one of its entry, and is what one posting of the entry, which has none yet, moves.
fn follows() -> Trigger {
    let posting = format!(
        "SELECT 1 FROM disbursements d WHERE d.id = NEW.posting_id AND d.entry_id = NEW.entry_id \
         AND NEW.disbursed = d.amount + {} AND NOT EXISTS (SELECT 1 FROM {TABLE} o WHERE o.posting_id = d.id)",
        last("disbursed", "NEW.entry_id")
    );
    Trigger::refuses(
        "tr_entry_movements_follows",
        (TABLE, "BEFORE INSERT"),
        format!("NEW.number <> 1 + {} OR NOT EXISTS ({posting})", last("number", "NEW.entry_id")),
        "a movement of an entry is what a posting moves",
    )
}
