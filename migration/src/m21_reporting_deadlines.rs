//! Deadlines of reports as rules of a level and a kind of period, each in force on its days; and exceptions that a
//! receiver grants a reporter for one period. They take the place of a table of days that always was empty.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("report_deadlines").to_owned()).await?;
        manager.create_table(reporting_deadlines()).await?;
        manager.create_table(reporting_exceptions()).await?;
        for (name, table, columns) in [
            ("ix_reporting_deadlines_level", "reporting_deadlines", &["level", "period_kind", "id"][..]),
            ("ix_reporting_deadlines_state", "reporting_deadlines", &["state", "id"]),
            ("ix_reporting_exceptions_period", "reporting_exceptions", &["period", "id"]),
            ("ix_reporting_exceptions_agency", "reporting_exceptions", &["agency_id", "period", "id"]),
            ("ix_reporting_exceptions_province", "reporting_exceptions", &["province_code", "id"]),
            ("ix_reporting_exceptions_unit", "reporting_exceptions", &["unit_code", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        for index in [ONE_BEGINNING, ONE_OPEN] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["reporting_exceptions", "reporting_deadlines"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.create_table(report_deadlines()).await
    }
}

/// Two rules of a level and kind never begin on one day.
const ONE_BEGINNING: &str = "CREATE UNIQUE INDEX uq_reporting_deadlines_from \
                             ON reporting_deadlines (level, period_kind, valid_from) WHERE state = 'active'";
/// One of them is open, whatever races.
const ONE_OPEN: &str = "CREATE UNIQUE INDEX uq_reporting_deadlines_open \
                        ON reporting_deadlines (level, period_kind) WHERE state = 'active' AND valid_to IS NULL";

const LEVELS: [&str; 3] = ["locality", "line_department", "province"];

fn reporting_deadlines() -> TableCreateStatement {
    Table::create()
        .table("reporting_deadlines")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("period_kind").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("terms").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .check(("ck_reporting_deadlines_level", Expr::col("level").is_in(LEVELS)))
        .check(("ck_reporting_deadlines_kind", Expr::col("period_kind").is_in(["year", "first_half", "second_half"])))
        .check(("ck_reporting_deadlines_state", Expr::col("state").is_in(["draft", "active"])))
        .check(("ck_reporting_deadlines_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn reporting_exceptions() -> TableCreateStatement {
    let agency = |name: &'static str, column: &'static str| {
        ForeignKey::create().name(name).from("reporting_exceptions", column).to("agencies", "id").to_owned()
    };
    Table::create()
        .table("reporting_exceptions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("agency_id").uuid().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("due_on").date().not_null())
        .col(ColumnDef::new("locks_on").date())
        .col(ColumnDef::new("reason").text().not_null())
        .col(ColumnDef::new("document_number").text())
        .col(ColumnDef::new("granted_by").text().not_null())
        .col(ColumnDef::new("granting_agency_id").uuid())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .foreign_key(&mut agency("fk_reporting_exceptions_agency", "agency_id"))
        .foreign_key(&mut agency("fk_reporting_exceptions_granting_agency", "granting_agency_id"))
        .check(("ck_reporting_exceptions_level", Expr::col("level").is_in(LEVELS)))
        .check(("ck_reporting_exceptions_locks", Expr::col("locks_on").gt(Expr::col("due_on"))))
        .to_owned()
}

/// The table as it was.
fn report_deadlines() -> TableCreateStatement {
    Table::create()
        .table("report_deadlines")
        .col(ColumnDef::new("form_version").text().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("on_date").date().not_null())
        .col(ColumnDef::new("last_day_counts").boolean().not_null())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .primary_key(Index::create().name("pk_report_deadlines").col("form_version").col("level").col("period"))
        .check(("ck_report_deadlines_level", Expr::col("level").is_in(LEVELS)))
        .to_owned()
}
