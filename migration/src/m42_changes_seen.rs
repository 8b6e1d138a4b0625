//! The feed of changes tells whoever reads it of exactly what it may read.
//!
//! What only a cooperative sees is no event until it is sent: a draft of an application, a support need or a self-evaluation.
//! A draft of a report is told to its agency alone. When such a draft is sent it is told as `created`, to everybody who may read
//! it from then on. Agencies, criteria sets and entries of lists are read by everybody, and so they are told to everybody. Forms
//! of reports are told too; they are found by their version and not by their identifier, which is kept as `code`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m38_changes::Told;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// A table that is told in another way than before. Expressions are of the row, `ROW`.
struct Retold {
    resource: &'static str,
    table: &'static str,
    /// Holds for a draft that only its writer sees.
    draft: &'static str,
    /// The agency that such a draft is told to, if it is one's.
    writer: &'static str,
    version: &'static str,
    code: &'static str,
    province: &'static str,
}

/// Reference data that everybody reads.
const fn of_everybody(resource: &'static str, table: &'static str) -> Retold {
    let (draft, writer, version, code) = ("1 = 0", "NULL", "ROW.version", "NULL");
    Retold { resource, table, draft, writer, version, code, province: "NULL" }
}

/// Records of provinces whose drafts only their cooperative sees.
const fn of_cooperatives(resource: &'static str, table: &'static str, draft: &'static str) -> Retold {
    Retold { draft, province: "ROW.province_code", ..of_everybody(resource, table) }
}

const DRAFT: &str = "ROW.state = 'draft'";

const RETOLD: &[Retold] = &[
    of_cooperatives("applications", "applications", DRAFT),
    of_cooperatives("evaluations", "evaluations", "ROW.state = 'draft' AND ROW.kind = 'self'"),
    of_cooperatives("support-needs", "support_needs", DRAFT),
    Retold { writer: "ROW.agency_id", ..of_cooperatives("periodic-reports", "periodic_reports", DRAFT) },
    // Their entity tag is no version: it tells successors too.
    Retold { version: "NULL", ..of_everybody("agencies", "agencies") },
    of_everybody("criteria-sets", "criteria_sets"),
    of_everybody("reference-entries", "reference_entries"),
    Retold { version: "ROW.row_version", code: "ROW.version", ..of_everybody("report-forms", "report_forms") },
];

impl Retold {
    /// Whether a draft is somebody's who reads the feed.
    fn is_told_to_its_writer(&self) -> bool {
        self.writer != "NULL"
    }

    /// Tells of a row what happened, if it may be told to anybody.
    fn statement(&self, row: &str, kind: &str) -> String {
        let Self { resource, draft, writer, version, code, province, .. } = self;
        // A plain NULL takes the type of its column, one in an expression would not.
        let agency = if self.is_told_to_its_writer() {
            format!("CASE WHEN {draft} THEN {writer} END")
        } else {
            "NULL".to_owned()
        };
        let values = ["ROW.id", version, code, province, &agency].map(|value| value.replace("ROW", row)).join(", ");
        let told = if self.is_told_to_its_writer() { "1 = 1".to_owned() } else { format!("NOT ({draft})") };
        format!(
            "INSERT INTO changes (resource, kind, record_id, version, code, province_code, agency_id) \
             SELECT '{resource}', {kind}, {values} WHERE {}",
            told.replace("ROW", row)
        )
    }

    /// What the database does to a row, what is told of it, and the name of its trigger.
    fn events(&self) -> [(&'static str, String, &'static str); 3] {
        let sent = format!("({}) AND NOT ({})", self.draft.replace("ROW", "OLD"), self.draft.replace("ROW", "NEW"));
        let changed = format!("CASE WHEN {sent} THEN 'created' ELSE 'changed' END");
        [
            ("INSERT", self.statement("NEW", "'created'"), "created"),
            ("UPDATE", self.statement("NEW", &changed), "changed"),
            ("DELETE", self.statement("OLD", "'deleted'"), "deleted"),
        ]
    }

    /// On SQLite a trigger an event, on PostgreSQL one function for all three: under the names that they had.
    fn made(&self, is_sqlite: bool) -> Vec<String> {
        let table = self.table;
        if is_sqlite {
            let trigger = |(event, statement, kind): (&str, String, &str)| {
                format!("CREATE TRIGGER tr_{table}_{kind} AFTER {event} ON {table} FOR EACH ROW BEGIN {statement}; END")
            };
            return self.events().map(trigger).to_vec();
        }
        let told = self.events().map(|(event, statement, _)| format!("IF TG_OP = '{event}' THEN {statement}; END IF;"));
        vec![
            format!(
                "CREATE FUNCTION tr_{table}_told() RETURNS trigger LANGUAGE plpgsql AS \
                 $body$ BEGIN {} RETURN NULL; END $body$",
                told.concat()
            ),
            format!(
                "CREATE TRIGGER tr_{table}_told AFTER INSERT OR UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION tr_{table}_told()"
            ),
        ]
    }

    fn dropped(&self, is_sqlite: bool) -> Vec<String> {
        let table = self.table;
        if is_sqlite {
            return ["created", "changed", "deleted"].map(|kind| format!("DROP TRIGGER tr_{table}_{kind}")).to_vec();
        }
        vec![format!("DROP TRIGGER tr_{table}_told ON {table}"), format!("DROP FUNCTION tr_{table}_told()")]
    }

    /// Takes back what was told so far to whom it should not have been: of drafts, and of those that were deleted. What is
    /// everybody's is told to everybody.
    fn mended(&self) -> Vec<String> {
        let Self { resource, table, draft, writer, .. } = self;
        let draft = draft.replace("ROW.", "");
        let writer = writer.replace("ROW.", "");
        if draft == "1 = 0" {
            let version = if self.version == "NULL" { ", version = NULL" } else { "" };
            return vec![format!("UPDATE changes SET province_code = NULL{version} WHERE resource = '{resource}'")];
        }
        let of_records = |condition: &str| format!("(SELECT id FROM {table} WHERE {condition})");
        if self.is_told_to_its_writer() {
            let gone = format!("record_id NOT IN {}", of_records("1 = 1"));
            return vec![
                format!("DELETE FROM changes WHERE resource = '{resource}' AND {gone}"),
                format!(
                    "UPDATE changes SET agency_id = (SELECT r.{writer} FROM {table} r WHERE r.id = changes.record_id) \
                     WHERE resource = '{resource}' AND record_id IN {}",
                    of_records(&draft)
                ),
            ];
        }
        let seen = of_records(&format!("NOT ({draft})"));
        vec![format!("DELETE FROM changes WHERE resource = '{resource}' AND record_id NOT IN {seen}")]
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        for column in [ColumnDef::new("code").text().to_owned(), ColumnDef::new("agency_id").uuid().to_owned()] {
            manager.alter_table(Table::alter().table("changes").add_column(column).to_owned()).await?;
        }
        for retold in RETOLD {
            let before = Told::of(retold.table).map(|told| told.dropped(is_sqlite)).unwrap_or_default();
            for statement in [before, retold.made(is_sqlite), retold.mended()].concat() {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let db = manager.get_connection();
        for retold in RETOLD {
            let before = Told::of(retold.table).map(|told| told.made(is_sqlite)).unwrap_or_default();
            for statement in [retold.dropped(is_sqlite), before].concat() {
                db.execute_unprepared(&statement).await?;
            }
        }
        db.execute_unprepared("DELETE FROM changes WHERE code IS NOT NULL OR agency_id IS NOT NULL").await?;
        for column in ["agency_id", "code"] {
            manager.alter_table(Table::alter().table("changes").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
