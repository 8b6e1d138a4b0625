//! What follows a selection: amendments of decisions, who assessed a completed model, exit verdicts, replications,
//! inspections, obstacles.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["assessors", "exit_verdicts"] {
            let added = Table::alter().table("pilots").add_column(ColumnDef::new(column).text()).to_owned();
            manager.alter_table(added).await?;
        }
        for table in [amendments(), replications(), inspections(), obstacles()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("replications", "province_code"),
            ("replications", "unit_code"),
            ("replications", "cooperative_id"),
            ("replications", "pilot_id"),
            ("replications", "model"),
            ("replications", "state"),
            ("inspections", "province_code"),
            ("inspections", "unit_code"),
            ("inspections", "cooperative_id"),
            ("inspections", "pilot_id"),
            ("inspections", "agency_id"),
            ("obstacles", "province_code"),
            ("obstacles", "unit_code"),
            ("obstacles", "cooperative_id"),
            ("obstacles", "pilot_id"),
            ("obstacles", "level"),
            ("obstacles", "state"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).col("id").to_owned()).await?;
        }
        // A cooperative adopts a model from a pilot once at a time, whatever races.
        let live = "CREATE UNIQUE INDEX uq_replications_live ON replications (cooperative_id, pilot_id) \
                    WHERE state = 'active'";
        manager.get_connection().execute_unprepared(live).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["obstacles", "inspections", "replications", "decision_amendments"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for column in ["exit_verdicts", "assessors"] {
            manager.alter_table(Table::alter().table("pilots").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// `table.column` points at the id of another table.
fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

/// What every record of its own has: identifier, version, place, who and when.
fn record(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .to_owned()
}

/// Both columns are given, or neither.
fn together(one: &'static str, other: &'static str) -> Expr {
    let given = |column: &'static str| Expr::col(column).is_not_null();
    given(one).and(given(other)).or(Expr::col(one).is_null().and(Expr::col(other).is_null()))
}

fn amendments() -> TableCreateStatement {
    Table::create()
        .table("decision_amendments")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("decision_id").uuid().not_null())
        .col(ColumnDef::new("number").text().not_null())
        .col(ColumnDef::new("date").date().not_null())
        .col(ColumnDef::new("year").integer().not_null())
        .col(ColumnDef::new("signatory").text().not_null())
        .col(ColumnDef::new("reason").text().not_null())
        .col(ColumnDef::new("document").text())
        .col(ColumnDef::new("removals").text().not_null())
        .col(ColumnDef::new("reassignments").text().not_null())
        .col(ColumnDef::new("recorded_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create().unique().name("uq_decision_amendments_number").col("decision_id").col("year").col("number"),
        )
        .foreign_key(&mut reference("decision_amendments", "decision_id", "selection_decisions"))
        .to_owned()
}

fn replications() -> TableCreateStatement {
    record("replications")
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("pilot_id").uuid().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("adopted_on").date().not_null())
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("document").text())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("ended_on").date())
        .col(ColumnDef::new("end_reason").text())
        .foreign_key(&mut reference("replications", "cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("replications", "pilot_id", "pilots"))
        .check(("ck_replications_state", Expr::col("state").is_in(["active", "ended"])))
        .check(("ck_replications_ended", Expr::col("state").eq("active").or(Expr::col("ended_on").is_not_null())))
        .check((
            "ck_replications_order",
            Expr::col("ended_on").is_null().or(Expr::col("ended_on").gte(Expr::col("adopted_on"))),
        ))
        .to_owned()
}

fn inspections() -> TableCreateStatement {
    record("inspections")
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("pilot_id").uuid().not_null())
        .col(ColumnDef::new("agency_id").uuid().not_null())
        .col(ColumnDef::new("participants").text().not_null())
        .col(ColumnDef::new("inspected_on").date().not_null())
        .col(ColumnDef::new("subject").text().not_null())
        .col(ColumnDef::new("findings").text().not_null())
        .col(ColumnDef::new("recommendations").text())
        .col(ColumnDef::new("document").text())
        .index(Index::create().unique().name("uq_inspections_day").col("pilot_id").col("inspected_on"))
        .foreign_key(&mut reference("inspections", "cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("inspections", "pilot_id", "pilots"))
        .foreign_key(&mut reference("inspections", "agency_id", "agencies"))
        .to_owned()
}

fn obstacles() -> TableCreateStatement {
    let levels = ["lead_agency", "peoples_committee", "ministry", "prime_minister"];
    record("obstacles")
        .col(ColumnDef::new("unit_code").text())
        .col(ColumnDef::new("cooperative_id").uuid())
        .col(ColumnDef::new("pilot_id").uuid())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("agency_id").uuid())
        .col(ColumnDef::new("title").text().not_null())
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("proposal").text())
        .col(ColumnDef::new("raised_on").date().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("escalated_on").date())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("resolved_on").date())
        .col(ColumnDef::new("resolution").text())
        .foreign_key(&mut reference("obstacles", "cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("obstacles", "pilot_id", "pilots"))
        .foreign_key(&mut reference("obstacles", "agency_id", "agencies"))
        .check(("ck_obstacles_level", Expr::col("level").is_in(levels)))
        .check(("ck_obstacles_state", Expr::col("state").is_in(["open", "resolved"])))
        .check(("ck_obstacles_resolved", together("resolved_on", "resolution")))
        .check(("ck_obstacles_open", Expr::col("state").eq("open").or(Expr::col("resolved_on").is_not_null())))
        .check(("ck_obstacles_pilot", together("pilot_id", "cooperative_id")))
        .to_owned()
}
