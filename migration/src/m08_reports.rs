//! Periodic reports, one row a revision; and the deadlines of reports, which no public text sets: the table ships empty.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(report_deadlines()).await?;
        manager.create_table(periodic_reports()).await?;
        for (name, columns) in [
            ("ix_periodic_reports_period", &["period", "id"][..]),
            ("ix_periodic_reports_agency", &["agency_id", "period", "id"]),
            ("ix_periodic_reports_province", &["province_code", "id"]),
            ("ix_periodic_reports_unit", &["unit_code", "id"]),
            ("ix_periodic_reports_state", &["state", "id"]),
            ("ix_periodic_reports_level", &["level", "period", "id"]),
            ("ix_periodic_reports_updated_at", &["updated_at", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("periodic_reports");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // One revision stands for an agency, period and form, whatever races.
        let one_stands = "CREATE UNIQUE INDEX uq_periodic_reports_authoritative \
                          ON periodic_reports (agency_id, period, form_version) WHERE authoritative";
        manager.get_connection().execute_unprepared(one_stands).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("periodic_reports").to_owned()).await?;
        manager.drop_table(Table::drop().table("report_deadlines").to_owned()).await
    }
}

const LEVELS: [&str; 3] = ["locality", "line_department", "province"];

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

fn periodic_reports() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("periodic_reports")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("agency_id").uuid().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("form_version").text().not_null())
        .col(ColumnDef::new("revision").integer().not_null())
        .col(ColumnDef::new("restates_id").uuid())
        .col(ColumnDef::new("next_id").uuid())
        .col(ColumnDef::new("revision_reason").text())
        .col(ColumnDef::new("baseline").text())
        .col(ColumnDef::new("figures").text().not_null())
        .col(ColumnDef::new("narrative").text().not_null())
        .col(ColumnDef::new("computed_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("content_hash").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("authoritative").boolean().not_null())
        .col(ColumnDef::new("document_number").text())
        .col(ColumnDef::new("document_date").date())
        .col(ColumnDef::new("signatory").text())
        .col(ColumnDef::new("submitted_by").text())
        .col(ColumnDef::new("submitted_at").timestamp_with_time_zone())
        .col(ColumnDef::new("timeliness").text())
        .col(ColumnDef::new("answered_by").text())
        .col(ColumnDef::new("answered_at").timestamp_with_time_zone())
        .col(ColumnDef::new("answer_comment").text())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null());
    constrain(&mut table);
    table.to_owned()
}

fn constrain(table: &mut TableCreateStatement) {
    let state_in = |states: &[&'static str]| Expr::col("state").is_in(states.iter().copied());
    let draft = || Expr::col("state").eq("draft");
    table
        .index(
            Index::create()
                .unique()
                .name("uq_periodic_reports_key")
                .col("agency_id")
                .col("period")
                .col("form_version")
                .col("revision"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_periodic_reports_agency")
                .from("periodic_reports", "agency_id")
                .to("agencies", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_periodic_reports_restates")
                .from("periodic_reports", "restates_id")
                .to("periodic_reports", "id"),
        )
        .check(("ck_periodic_reports_level", Expr::col("level").is_in(LEVELS)))
        .check(("ck_periodic_reports_state", state_in(&["draft", "submitted", "returned", "accepted"])))
        .check(("ck_periodic_reports_revision", Expr::col("revision").gte(1)))
        .check(("ck_periodic_reports_restates", Expr::col("revision").eq(1).eq(Expr::col("restates_id").is_null())))
        .check(("ck_periodic_reports_signed", draft().or(Expr::col("document_number").is_not_null())))
        .check((
            "ck_periodic_reports_authoritative",
            Expr::col("authoritative").eq(false).or(state_in(&["submitted", "accepted"])),
        ));
}
