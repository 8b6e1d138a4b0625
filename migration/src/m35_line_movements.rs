//! What approved decisions take from an estimate line and give back to it, movement by movement, with what is allocated of the
//! line after each: an approval adds to the last total and does not sum the line again, however much is allocated of it.
//!
//! The database writes the movements itself and holds each against its entry: a movement is what the entry takes now less
//! what it was noted to take. They are numbered without gaps on each line and never edited or deleted, so the total of a
//! line is that of its last movement, and the one that came first of two concurrent ones has the smaller number.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{FromQueryResult, Statement};

use crate::m26_append_only::sums_of_lines;
use crate::triggers::{self, Trigger, changes, sum};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "line_movements";
const MOVED_ARE_FIXED: &str = "a movement of a line is followed by another one only";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        totals_agree(manager).await?;
        manager.create_table(movements()).await?;
        let mut index = Index::create();
        manager.create_index(index.name("ix_line_movements_entry").table(TABLE).col("entry_id").to_owned()).await?;
        manager.get_connection().execute_unprepared(FILL).await?;
        triggers::drop(manager, &sums_of_lines()).await?;
        triggers::create(manager, &all()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &all()).await?;
        triggers::create(manager, &sums_of_lines()).await?;
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}

fn movements() -> TableCreateStatement {
    let reference = |name: &str, column: &'static str, to: &'static str| {
        ForeignKey::create().name(name).from(TABLE, column).to(to, "id").to_owned()
    };
    Table::create()
        .table(TABLE)
        .col(ColumnDef::new("line_id").uuid().not_null())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("entry_id").uuid().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("allocated").big_integer().not_null())
        .primary_key(Index::create().name("pk_line_movements").col("line_id").col("number"))
        .foreign_key(&mut reference("fk_line_movements_line", "line_id", "estimate_lines"))
        .foreign_key(&mut reference("fk_line_movements_entry", "entry_id", "allocation_entries"))
        .check(("ck_line_movements_amount", Expr::col("amount").ne(0)))
        .check(("ck_line_movements_allocated", Expr::col("allocated").gte(0)))
        .to_owned()
}

/// What stands allocated, in the order of approval.
const FILL: &str = "INSERT INTO line_movements (line_id, number, entry_id, amount, allocated) \
                    SELECT e.line_id, ROW_NUMBER() OVER taken, e.id, e.amount - e.reduced, \
                    SUM(e.amount - e.reduced) OVER taken \
                    FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
                    WHERE a.state = 'approved' AND e.amount > e.reduced \
                    WINDOW taken AS (PARTITION BY e.line_id ORDER BY a.approved_at, a.id, e.position, e.id)";

/// Refuses books whose totals are not the sums of their entries: that is for a person to look at.
async fn totals_agree(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    #[derive(Debug, FromQueryResult)]
    struct Differing {
        lines: i64,
    }
    let taken = "allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
                 WHERE e.line_id = l.id AND a.state = 'approved'";
    let taken = sum("e.amount - e.reduced", taken);
    let sql = format!("SELECT COUNT(*) AS lines FROM estimate_lines l WHERE l.allocated <> {taken}");
    let statement = Statement::from_string(manager.get_database_backend(), sql);
    let differing = Differing::find_by_statement(statement).one(manager.get_connection()).await?;
    match differing.map_or(0, |differing| differing.lines) {
        0 => Ok(()),
        lines => Err(DbErr::Custom(format!("{lines} estimate lines say another sum than their allocations"))),
    }
}

/// A figure of the last movement of the line of an id; nothing moved is zero.
fn last(what: &str, line: &str) -> String {
    format!("COALESCE((SELECT m.{what} FROM {TABLE} m WHERE m.line_id = {line} ORDER BY m.number DESC LIMIT 1), 0)")
}

fn all() -> Vec<Trigger> {
    vec![
        Trigger::refuses(
            "tr_estimate_lines_allocated",
            ("estimate_lines", "BEFORE UPDATE OF allocated"),
            format!("{} AND NEW.allocated <> {}", changes(&["allocated"]), last("allocated", "NEW.id")),
            "a running total is the sum of what is posted",
        ),
        taken(),
        freed(),
        follows(),
        Trigger::runs(
            "tr_line_movements_added",
            (TABLE, "AFTER INSERT"),
            "NEW.amount <> 0",
            "estimate_lines WHERE id = NEW.line_id",
            format!(
                "UPDATE estimate_lines SET allocated = {} WHERE id = NEW.line_id",
                last("allocated", "NEW.line_id")
            ),
        ),
        Trigger::refuses("tr_line_movements_fixed", (TABLE, "BEFORE UPDATE"), "1 = 1", MOVED_ARE_FIXED),
        Trigger::refuses("tr_line_movements_kept", (TABLE, "BEFORE DELETE"), "1 = 1", MOVED_ARE_FIXED),
    ]
}

/// The approval of an allocation takes from its lines what its entries say.
fn taken() -> Trigger {
    let take = format!(
        "INSERT INTO {TABLE} (line_id, number, entry_id, amount, allocated) \
         SELECT e.line_id, {} + ROW_NUMBER() OVER taken, e.id, e.amount - e.reduced, \
         {} + SUM(e.amount - e.reduced) OVER taken \
         FROM allocation_entries e WHERE e.allocation_id = NEW.id AND e.amount > e.reduced \
         WINDOW taken AS (PARTITION BY e.line_id ORDER BY e.position, e.id) ORDER BY e.line_id, e.position, e.id",
        last("number", "e.line_id"),
        last("allocated", "e.line_id")
    );
    Trigger::runs(
        "tr_allocations_taken",
        ("allocations", "AFTER UPDATE OF state"),
        "NEW.state = 'approved' AND OLD.state <> 'approved'",
        "estimate_lines WHERE id IN (SELECT line_id FROM allocation_entries WHERE allocation_id = NEW.id) ORDER BY id",
        take,
    )
}

/// What an amendment takes off an approved entry goes back to its line.
fn freed() -> Trigger {
    let free = format!(
        "INSERT INTO {TABLE} (line_id, number, entry_id, amount, allocated) \
         VALUES (NEW.line_id, {} + 1, NEW.id, OLD.reduced - NEW.reduced, {} + OLD.reduced - NEW.reduced)",
        last("number", "NEW.line_id"),
        last("allocated", "NEW.line_id")
    );
    Trigger::runs(
        "tr_allocation_entries_freed",
        ("allocation_entries", "AFTER UPDATE OF reduced"),
        "NEW.reduced <> OLD.reduced AND (SELECT state FROM allocations WHERE id = NEW.allocation_id) = 'approved'",
        "estimate_lines WHERE id = NEW.line_id",
        free,
    )
}

/// A movement follows the last one of its line, and is what its entry takes now less what it was noted to take.
fn follows() -> Trigger {
    let noted = sum("m.amount", &format!("{TABLE} m WHERE m.entry_id = e.id"));
    let taken = format!(
        "SELECT 1 FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id WHERE e.id = NEW.entry_id \
         AND e.line_id = NEW.line_id AND a.state = 'approved' AND NEW.amount = e.amount - e.reduced - {noted}"
    );
    Trigger::refuses(
        "tr_line_movements_follows",
        (TABLE, "BEFORE INSERT"),
        format!(
            "NEW.number <> 1 + {} OR NEW.allocated <> NEW.amount + {} OR NOT EXISTS ({taken})",
            last("number", "NEW.line_id"),
            last("allocated", "NEW.line_id")
        ),
        "a movement of a line is what an approved entry takes of it",
    )
}
