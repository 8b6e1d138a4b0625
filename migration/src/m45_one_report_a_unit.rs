//! One report stands for a unit, a period and a form, whoever reports for that unit by now: the obligor of a period may
//! change when an agency is replaced or the window of its data moves. The departments of a province share its unit, and one
//! stands for each of them.
//!
//! Where two stand for a unit already, one of them stays: an accepted one before one under review, and of these the latest.
//! Taking the step back leaves it at that.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unit = ColumnDef::new("unit_code").text().not_null().default("").to_owned();
        manager.alter_table(Table::alter().table("report_standings").add_column(unit).to_owned()).await?;
        let now = match manager.get_database_backend() {
            DbBackend::Sqlite => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
            _ => "now()",
        };
        let db = manager.get_connection();
        for statement in [UNITS.to_owned(), give_way(now), END_STANDINGS.to_owned()] {
            db.execute_unprepared(&statement).await?;
        }
        for index in INDEXES {
            db.execute_unprepared(&format!("DROP INDEX {}", index.of_agency)).await?;
            let Index { table, of_unit, of_department, of_agency: _, holds } = index;
            let unit = format!(
                "CREATE UNIQUE INDEX {of_unit} ON {table} (level, province_code, unit_code, period, form_version) \
                 WHERE {holds} AND level <> 'line_department'"
            );
            let department = format!(
                "CREATE UNIQUE INDEX {of_department} ON {table} (agency_id, period, form_version) \
                 WHERE {holds} AND level = 'line_department'"
            );
            db.execute_unprepared(&unit).await?;
            db.execute_unprepared(&department).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for Index { table, of_unit, of_department, of_agency, holds } in INDEXES {
            db.execute_unprepared(&format!("DROP INDEX {of_unit}")).await?;
            db.execute_unprepared(&format!("DROP INDEX {of_department}")).await?;
            let agency =
                format!("CREATE UNIQUE INDEX {of_agency} ON {table} (agency_id, period, form_version) WHERE {holds}");
            db.execute_unprepared(&agency).await?;
        }
        manager.alter_table(Table::alter().table("report_standings").drop_column("unit_code").to_owned()).await
    }
}

/// The unique indexes of a table: of units, of departments, and the one of agencies that they take the place of.
struct Index {
    table: &'static str,
    of_unit: &'static str,
    of_department: &'static str,
    of_agency: &'static str,
    /// Of which rows there is one.
    holds: &'static str,
}

const INDEXES: [Index; 2] = [
    Index {
        table: "periodic_reports",
        of_unit: "uq_periodic_reports_unit",
        of_department: "uq_periodic_reports_department",
        of_agency: "uq_periodic_reports_authoritative",
        holds: "authoritative",
    },
    Index {
        table: "report_standings",
        of_unit: "uq_report_standings_unit",
        of_department: "uq_report_standings_department",
        of_agency: "uq_report_standings_now",
        holds: "to_at IS NULL",
    },
];

const UNITS: &str = "UPDATE report_standings SET unit_code = \
                     (SELECT r.unit_code FROM periodic_reports r WHERE r.id = report_standings.report_id)";

/// What is compared of two reports that both stand: accepted before under review, later before earlier.
fn rank(report: &str) -> String {
    format!(
        "(CASE WHEN {report}.state = 'accepted' THEN 1 ELSE 0 END, \
         COALESCE({report}.answered_at, {report}.submitted_at, {report}.updated_at), {report}.id)"
    )
}

fn give_way(now: &str) -> String {
    let (this, other) = (rank("periodic_reports"), rank("o"));
    let same = ["level", "province_code", "unit_code", "period", "form_version"]
        .map(|column| format!("o.{column} = periodic_reports.{column}"))
        .join(" AND ");
    format!(
        "UPDATE periodic_reports SET authoritative = FALSE, version = version + 1, updated_at = {now} \
         WHERE authoritative AND level <> 'line_department' AND EXISTS (SELECT 1 FROM periodic_reports o \
         WHERE {same} AND o.authoritative AND {other} > {this})"
    )
}

/// What gave way stood until the other one did.
const END_STANDINGS: &str = "\
    UPDATE report_standings SET to_at = COALESCE((SELECT MAX(o.from_at) FROM report_standings o \
    WHERE o.level = report_standings.level AND o.province_code = report_standings.province_code \
    AND o.unit_code = report_standings.unit_code AND o.period = report_standings.period \
    AND o.form_version = report_standings.form_version AND o.to_at IS NULL), from_at) \
    WHERE to_at IS NULL AND NOT EXISTS \
    (SELECT 1 FROM periodic_reports r WHERE r.id = report_standings.report_id AND r.authoritative)";
