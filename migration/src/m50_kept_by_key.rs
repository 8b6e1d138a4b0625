//! The last ways past the books, for whoever writes to the database itself. SQLite replaces a row that stands under the *natural*
//! key of another one, on insertion and on update: m48 closed it for ids alone. A row of a draft is no more moved into what is
//! approved. And what was submitted, consolidated, appraised or approved goes forward only: needs, plans, allocations, amendments.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::triggers::{self, Trigger, changes};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const KEPT: &str = "what is decided or posted is kept";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::create(manager, &all()).await?;
        for (table, taken) in CLOSED {
            triggers::close(manager, table, taken, KEPT).await?;
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            for key in KEYS {
                manager.get_connection().execute_unprepared(&key.taken()).await?;
                if key.moves {
                    manager.get_connection().execute_unprepared(&key.moved()).await?;
                }
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            for key in KEYS {
                let moved = key.moves.then(|| format!("; DROP TRIGGER tr_{}_moved", key.name));
                let sql = format!("DROP TRIGGER tr_{}_taken{}", key.name, moved.unwrap_or_default());
                manager.get_connection().execute_unprepared(&sql).await?;
            }
        }
        for (table, taken) in CLOSED {
            triggers::open(manager, table, taken).await?;
        }
        triggers::drop(manager, &all()).await
    }
}

/// Tables that m48 left open, and when a new row would replace one there. The years of a need have a trigger of their own.
const CLOSED: [(&str, Option<&str>); 5] = [
    ("allocation_entry_needs", Some("entry_id = NEW.entry_id")),
    ("allocation_instalments", Some("entry_id = NEW.entry_id AND due_on = NEW.due_on")),
    ("budget_amendment_changes", Some("id = NEW.id")),
    ("support_need_phases", None),
    ("support_needs", Some("id = NEW.id")),
];

/// A natural key of what is kept.
struct Key {
    /// The constraint, without `uq_`.
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
    /// Which rows it binds, `{row}` standing for one; all where there is nothing.
    binds: &'static str,
    /// Whether a row can be moved to another key at all: what is posted is not even updated.
    moves: bool,
}

const DECISION: &[&str] = &["province_code", "decision_number", "decision_date"];
const STANDING: &[&str] = &["level", "province_code", "unit_code", "period", "form_version"];

#[rustfmt::skip]
const KEYS: [Key; 12] = [
    Key { name: "allocations_decision", table: "allocations", columns: DECISION, binds: "", moves: true },
    Key { name: "budget_amendments_decision", table: "budget_amendments", columns: DECISION, binds: "", moves: true },
    Key { name: "disbursements_voucher", table: "disbursements", columns: &["allocation_id", "voucher_number"], binds: "", moves: false },
    Key { name: "settlements_year", table: "settlements", columns: &["entry_id", "fiscal_year"], binds: "{row}.corrects_id IS NULL AND {row}.state <> 'rejected'", moves: false },
    Key { name: "loans_decision", table: "loans", columns: &["pilot_id", "lender", "decision_number", "decision_date"], binds: "", moves: true },
    Key { name: "loan_entries_voucher", table: "loan_entries", columns: &["loan_id", "kind", "voucher"], binds: "{row}.voucher IS NOT NULL AND {row}.corrects_id IS NULL", moves: false },
    Key { name: "loan_entries_corrects", table: "loan_entries", columns: &["corrects_id"], binds: "", moves: false },
    Key { name: "provincial_plans_decision", table: "provincial_plans", columns: &["province_code", "scheme_code", "decision_number", "decision_date"], binds: "", moves: true },
    Key { name: "provincial_plans_approved", table: "provincial_plans", columns: &["province_code", "scheme_code"], binds: "{row}.state = 'approved'", moves: true },
    Key { name: "periodic_reports_key", table: "periodic_reports", columns: &["agency_id", "period", "form_version", "revision"], binds: "", moves: true },
    Key { name: "periodic_reports_unit", table: "periodic_reports", columns: STANDING, binds: "{row}.authoritative AND {row}.level <> 'line_department'", moves: true },
    Key { name: "periodic_reports_department", table: "periodic_reports", columns: &["agency_id", "period", "form_version"], binds: "{row}.authoritative AND {row}.level = 'line_department'", moves: true },
];

impl Key {
    /// When a row has the key of another one.
    fn stands(&self, beside: &str) -> String {
        let Self { table, columns, binds, .. } = self;
        let same: Vec<String> = columns.iter().map(|column| format!("o.{column} = NEW.{column}")).collect();
        let (of_new, of_other) = if binds.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("{} AND ", binds.replace("{row}", "NEW")), format!(" AND {}", binds.replace("{row}", "o")))
        };
        format!("{of_new}EXISTS (SELECT 1 FROM {table} o WHERE {}{of_other}{beside})", same.join(" AND "))
    }

    /// Refuses in the words in which SQLite tells that a key is taken, so that a client learns the same as ever.
    fn refuse(&self, trigger: &str) -> String {
        let Self { name, table, columns, .. } = self;
        let columns: Vec<String> = columns.iter().map(|column| format!("{table}.{column}")).collect();
        let told = format!("tr_{name}_{trigger}: {KEPT}; UNIQUE constraint failed: {}", columns.join(", "));
        format!("BEGIN SELECT RAISE(ABORT, '{told}'); END")
    }

    /// A new row does not take the place of one that has its key.
    fn taken(&self) -> String {
        let Self { name, table, .. } = self;
        let (when, refuse) = (self.stands(""), self.refuse("taken"));
        format!("CREATE TRIGGER tr_{name}_taken BEFORE INSERT ON {table} FOR EACH ROW WHEN {when} {refuse}")
    }

    /// Nor does a row that is given another key.
    fn moved(&self) -> String {
        let Self { name, table, columns, binds, .. } = self;
        let mut of = columns.to_vec();
        of.extend(["state", "authoritative"].into_iter().filter(|column| binds.contains(&format!(".{column}"))));
        let (when, refuse) = (self.stands(" AND o.id <> OLD.id"), self.refuse("moved"));
        format!(
            "CREATE TRIGGER tr_{name}_moved BEFORE UPDATE OF {} ON {table} FOR EACH ROW WHEN {} AND {when} {refuse}",
            of.join(", "),
            changes(&of)
        )
    }
}

/// What a row is and where it belongs stays: no draft of it moves into what is approved, or takes the place of that.
#[rustfmt::skip]
const IDENTITIES: [(&str, &str, &[&str]); 12] = [
    ("tr_allocations_same", "allocations", &["id"]),
    ("tr_allocation_entries_same", "allocation_entries", &["id", "allocation_id"]),
    ("tr_allocation_entry_needs_same", "allocation_entry_needs", &["entry_id"]),
    ("tr_allocation_instalments_same", "allocation_instalments", &["entry_id", "due_on"]),
    ("tr_budget_amendments_same", "budget_amendments", &["id"]),
    ("tr_budget_amendment_changes_same", "budget_amendment_changes", &["id", "amendment_id"]),
    ("tr_estimate_lines_same", "estimate_lines", &["id", "plan_id"]),
    ("tr_loans_same", "loans", &["id"]),
    ("tr_periodic_reports_same", "periodic_reports", &["id"]),
    ("tr_provincial_plans_same", "provincial_plans", &["id"]),
    ("tr_support_needs_same", "support_needs", &["id", "pilot_id", "cooperative_id", "recorded_at"]),
    ("tr_support_need_phases_same", "support_need_phases", &["need_id", "item", "fiscal_year"]),
];

fn all() -> Vec<Trigger> {
    let same = IDENTITIES.into_iter().map(|(name, table, columns)| {
        Trigger::refuses(
            name,
            (table, "BEFORE UPDATE"),
            changes(columns),
            "a row keeps what it is and where it belongs",
        )
    });
    let opened = [
        ("tr_allocations_opened", "allocations"),
        ("tr_budget_amendments_opened", "budget_amendments"),
        ("tr_provincial_plans_opened", "provincial_plans"),
        ("tr_support_needs_opened", "support_needs"),
    ];
    let opened = opened.into_iter().map(|(name, table)| {
        Trigger::refuses(name, (table, "BEFORE INSERT"), "NEW.state <> 'draft'", "it begins as a draft")
    });
    same.chain(opened).chain(needs()).chain(years()).collect()
}

/// A need is submitted, returned and submitted again, and in the end consolidated; what was sent stays.
fn needs() -> Vec<Trigger> {
    const TABLE: &str = "support_needs";
    let forward = "OLD.state = 'draft' AND NEW.state = 'submitted' \
                   OR OLD.state = 'submitted' AND NEW.state IN ('returned', 'consolidated') \
                   OR OLD.state = 'returned' AND NEW.state = 'submitted'";
    let sent = changes(&["submitted_on"]);
    vec![
        Trigger::refuses(
            "tr_support_needs_forward",
            (TABLE, "BEFORE UPDATE OF state"),
            format!("NEW.state <> OLD.state AND NOT ({forward})"),
            "a need goes forward, step by step",
        ),
        Trigger::refuses(
            "tr_support_needs_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!(
                "(OLD.state IN ('submitted', 'consolidated') AND {sent}) OR (OLD.state = 'consolidated' \
                 AND (NEW.consolidation IS NULL OR NEW.consolidated_at IS NULL))"
            ),
            "what was sent or consolidated is kept",
        ),
        Trigger::refuses(
            "tr_support_needs_kept",
            (TABLE, "BEFORE DELETE"),
            "OLD.state <> 'draft'",
            "what was sent or consolidated is kept",
        ),
    ]
}

/// The years of a consolidated need say what was asked for; each is appraised once and approved once.
fn years() -> Vec<Trigger> {
    const TABLE: &str = "support_need_phases";
    const WORDS: &str = "what is asked for, appraised or approved of a need is kept";
    let consolidated =
        |row: &str| format!("(SELECT state FROM support_needs WHERE id = {row}.need_id) = 'consolidated'");
    let asked = changes(&["support_kind", "nature", "budget_level", "source", "requested"]);
    let decided = |what: &str| {
        format!(
            "(OLD.{what} IS NOT NULL AND NEW.{what} IS DISTINCT FROM OLD.{what}) \
             OR (OLD.{what}_at IS NOT NULL AND NEW.{what}_at IS NULL)"
        )
    };
    // An insertion that meets its year, as the service makes it, adds to it what was decided.
    let adds = "SELECT 1 FROM support_need_phases p WHERE p.need_id = NEW.need_id AND p.item = NEW.item \
                AND p.fiscal_year = NEW.fiscal_year AND p.requested = NEW.requested \
                AND p.support_kind = NEW.support_kind AND p.nature = NEW.nature \
                AND (p.appraised IS NULL OR p.appraised = NEW.appraised) \
                AND (p.approved IS NULL OR p.approved = NEW.approved)";
    vec![
        Trigger::refuses(
            "tr_support_need_phases_added",
            (TABLE, "BEFORE INSERT"),
            format!("{} AND NOT EXISTS ({adds})", consolidated("NEW")),
            WORDS,
        ),
        Trigger::refuses(
            "tr_support_need_phases_decided",
            (TABLE, "BEFORE UPDATE"),
            format!("{} OR {} OR ({asked} AND {})", decided("appraised"), decided("approved"), consolidated("OLD")),
            WORDS,
        ),
        Trigger::refuses("tr_support_need_phases_gone", (TABLE, "BEFORE DELETE"), consolidated("OLD"), WORDS),
    ]
}
