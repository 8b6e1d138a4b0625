//! Which report stood for an agency, period and form when, with what it said: so that what was quoted then can be had
//! again.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(report_standings()).await?;
        for (name, columns) in [
            ("ix_report_standings_period", &["level", "period", "from_at"][..]),
            ("ix_report_standings_report", &["report_id", "from_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("report_standings");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(ONE_STANDS).await?;
        manager.get_connection().execute_unprepared(WHAT_STANDS).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("report_standings").to_owned()).await
    }
}

/// One report stands for an agency, period and form at a time.
const ONE_STANDS: &str = "CREATE UNIQUE INDEX uq_report_standings_now \
                          ON report_standings (agency_id, period, form_version) WHERE to_at IS NULL";

/// What stands when the table is made has stood since its last step, as far as anyone recorded.
const WHAT_STANDS: &str = "INSERT INTO report_standings (report_id, from_at, agency_id, level, province_code, period, \
                           form_version, state, figures, content_hash) \
                           SELECT id, COALESCE(answered_at, submitted_at, updated_at), agency_id, level, province_code, \
                           period, form_version, state, figures, content_hash FROM periodic_reports WHERE authoritative";

fn report_standings() -> TableCreateStatement {
    let mut report = ForeignKey::create();
    report.name("fk_report_standings_report").from("report_standings", "report_id").to("periodic_reports", "id");
    Table::create()
        .table("report_standings")
        .col(ColumnDef::new("report_id").uuid().not_null())
        .col(ColumnDef::new("from_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("to_at").timestamp_with_time_zone())
        .col(ColumnDef::new("agency_id").uuid().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("form_version").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("figures").text().not_null())
        .col(ColumnDef::new("content_hash").text().not_null())
        .primary_key(Index::create().name("pk_report_standings").col("report_id").col("from_at"))
        .foreign_key(&mut report)
        .check(("ck_report_standings_times", Expr::col("to_at").gte(Expr::col("from_at"))))
        .to_owned()
}
