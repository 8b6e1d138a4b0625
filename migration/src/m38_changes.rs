//! The feed of changes: what happened to each record, told by the database itself, so that nothing is forgotten whoever writes.
//!
//! A row is written in the transaction of the change, without a place in the feed. Places are given later, in the order of the
//! rows that can be seen by then (`store::changes::publish`): a transaction that commits late gets later places, so whoever
//! reads on from a place misses nothing, and changes of one record, which wait for each other, keep their order.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// A table whose changes are told, as the resource that it keeps. Expressions are of the row, `ROW`.
pub(crate) struct Told {
    resource: &'static str,
    table: &'static str,
    id: &'static str,
    year: &'static str,
    version: &'static str,
    province: &'static str,
}

/// A table of records with a version, of provinces.
const fn told(resource: &'static str, table: &'static str) -> Told {
    Told { resource, table, id: "ROW.id", year: "NULL", version: "ROW.version", province: "ROW.province_code" }
}

/// All of them: every resource but service accounts, which are nobody's but the administrator's, and what comes by migration.
const TOLD: &[Told] = &[
    told("agencies", "agencies"),
    told("applications", "applications"),
    told("budget-allocations", "allocations"),
    told("budget-amendments", "budget_amendments"),
    told("cooperatives", "cooperatives"),
    told("criteria-sets", "criteria_sets"),
    Told { version: "NULL", ..told("determinations", "determinations") },
    told("evaluations", "evaluations"),
    Told { version: "NULL", ..told("improvement-consolidations", "improvement_consolidations") },
    told("improvement-plans", "improvement_plans"),
    told("inspections", "inspections"),
    told("loans", "loans"),
    told("obstacles", "obstacles"),
    told("periodic-reports", "periodic_reports"),
    told("pilots", "pilots"),
    told("provincial-conditions", "provincial_conditions"),
    told("provincial-plans", "provincial_plans"),
    told("reference-entries", "reference_entries"),
    told("replications", "replications"),
    Told { province: "NULL", ..told("reporting-deadlines", "reporting_deadlines") },
    Told { version: "NULL", ..told("reporting-exceptions", "reporting_exceptions") },
    told("selection-amendments", "decision_amendments"),
    told("selection-decisions", "selection_decisions"),
    told("support-needs", "support_needs"),
    Told {
        id: "ROW.cooperative_id",
        year: "ROW.year",
        province: "(SELECT c.province_code FROM cooperatives c WHERE c.id = ROW.cooperative_id)",
        ..told("annual-figures", "annual_figures")
    },
];

/// What the database does to a row, what it calls the row then, and what the feed calls it.
const EVENTS: [(&str, &str, &str); 3] =
    [("INSERT", "NEW", "created"), ("UPDATE", "NEW", "changed"), ("DELETE", "OLD", "deleted")];

impl Told {
    /// What this step tells of a table.
    pub(crate) fn of(table: &str) -> Option<&'static Self> {
        TOLD.iter().find(|told| told.table == table)
    }

    /// A later table of what everybody reads, whose records have no versions.
    pub(crate) const fn of_everybody(resource: &'static str, table: &'static str) -> Self {
        Self { version: "NULL", province: "NULL", ..told(resource, table) }
    }

    /// The triggers.
    pub(crate) fn made(&self, is_sqlite: bool) -> Vec<String> {
        if is_sqlite { self.on_sqlite() } else { self.on_postgres() }
    }

    fn statement(&self, row: &str, kind: &str) -> String {
        let Self { resource, id, year, version, province, .. } = self;
        let values = [id, year, version, province].map(|value| value.replace("ROW", row)).join(", ");
        format!(
            "INSERT INTO changes (resource, kind, record_id, year, version, province_code) \
             VALUES ('{resource}', '{kind}', {values})"
        )
    }

    /// On SQLite a trigger an event.
    fn on_sqlite(&self) -> Vec<String> {
        let table = self.table;
        let trigger = |(event, row, kind): &(&str, &str, &str)| {
            let statement = self.statement(row, kind);
            format!("CREATE TRIGGER tr_{table}_{kind} AFTER {event} ON {table} FOR EACH ROW BEGIN {statement}; END")
        };
        EVENTS.iter().map(trigger).collect()
    }

    /// On PostgreSQL one function for all three.
    fn on_postgres(&self) -> Vec<String> {
        let table = self.table;
        let told = |(event, row, kind): &(&str, &str, &str)| {
            format!("IF TG_OP = '{event}' THEN {}; END IF;", self.statement(row, kind))
        };
        let body: String = EVENTS.iter().map(told).collect();
        vec![
            format!(
                "CREATE FUNCTION tr_{table}_told() RETURNS trigger LANGUAGE plpgsql AS \
                 $body$ BEGIN {body} RETURN NULL; END $body$"
            ),
            format!(
                "CREATE TRIGGER tr_{table}_told AFTER INSERT OR UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION tr_{table}_told()"
            ),
        ]
    }

    /// What takes the triggers away.
    pub(crate) fn dropped(&self, is_sqlite: bool) -> Vec<String> {
        let table = self.table;
        if is_sqlite {
            return EVENTS.iter().map(|(_, _, kind)| format!("DROP TRIGGER tr_{table}_{kind}")).collect();
        }
        vec![format!("DROP TRIGGER tr_{table}_told ON {table}"), format!("DROP FUNCTION tr_{table}_told()")]
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        manager.create_table(changes()).await?;
        manager.create_table(feed()).await?;
        db.execute_unprepared("CREATE INDEX ix_changes_unplaced ON changes (id) WHERE place IS NULL").await?;
        db.execute_unprepared("CREATE INDEX ix_changes_published_at ON changes (published_at)").await?;
        db.execute_unprepared("INSERT INTO change_feed (id, placed, purged) VALUES (1, 0, 0)").await?;
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        for told in TOLD {
            for statement in told.made(is_sqlite) {
                db.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        for statement in TOLD.iter().flat_map(|told| told.dropped(is_sqlite)) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        for table in ["change_feed", "changes"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// What happened, and its place in the feed once it has one.
fn changes() -> TableCreateStatement {
    let placed = Expr::col("place").is_null().eq(Expr::col("published_at").is_null());
    Table::create()
        .table("changes")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("resource").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("record_id").uuid().not_null())
        .col(ColumnDef::new("year").integer())
        .col(ColumnDef::new("version").integer())
        .col(ColumnDef::new("province_code").text())
        .col(ColumnDef::new("place").big_integer())
        .col(ColumnDef::new("published_at").timestamp_with_time_zone())
        .index(Index::create().unique().name("uq_changes_place").col("place"))
        .check(("ck_changes_placed", placed))
        .to_owned()
}

/// One row: the last place that was given, which whoever gives places locks, and the last that was forgotten.
fn feed() -> TableCreateStatement {
    Table::create()
        .table("change_feed")
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(ColumnDef::new("placed").big_integer().not_null())
        .col(ColumnDef::new("purged").big_integer().not_null())
        .check(("ck_change_feed_one", Expr::col("id").eq(1)))
        .to_owned()
}
