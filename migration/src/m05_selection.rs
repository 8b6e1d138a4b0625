//! Applications, selection decisions and the pilots that they open.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [selection_decisions(), applications(), decision_applications(), pilots()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("applications", "province_code"),
            ("applications", "unit_code"),
            ("applications", "cooperative_id"),
            ("applications", "scheme_code"),
            ("applications", "model"),
            ("applications", "state"),
            ("selection_decisions", "province_code"),
            ("selection_decisions", "scheme_code"),
            ("selection_decisions", "list"),
            ("selection_decisions", "state"),
            ("pilots", "province_code"),
            ("pilots", "unit_code"),
            ("pilots", "cooperative_id"),
            ("pilots", "scheme_code"),
            ("pilots", "decision_id"),
            ("pilots", "responsible_department"),
            ("pilots", "model"),
            ("pilots", "list"),
            ("pilots", "state"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).col("id").to_owned()).await?;
        }
        for column in ["application_id", "cooperative_id"] {
            let mut index = Index::create();
            index.name(format!("ix_decision_applications_{column}")).table("decision_applications");
            manager.create_index(index.col(column).col("decision_id").to_owned()).await?;
        }
        // A cooperative applies once at a time and takes part once, whatever races.
        for sql in [
            "CREATE UNIQUE INDEX uq_applications_live ON applications (cooperative_id, scheme_code) \
             WHERE state IN ('draft', 'submitted', 'returned', 'selected')",
            "CREATE UNIQUE INDEX uq_pilots_participating ON pilots (cooperative_id, scheme_code) \
             WHERE state IN ('active', 'model_completed')",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["pilots", "decision_applications", "applications", "selection_decisions"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// `table.column` points at the key of another table.
fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, key).to_owned()
}

/// What every record of its own has: identifier, version, who and when.
fn record(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .to_owned()
}

/// In one of these states, or the column is given.
fn in_state_or_given<const N: usize>(states: [&'static str; N], column: &'static str) -> Expr {
    Expr::col("state").is_in(states).or(Expr::col(column).is_not_null())
}

fn selection_decisions() -> TableCreateStatement {
    record("selection_decisions")
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("number").text().not_null())
        .col(ColumnDef::new("date").date().not_null())
        .col(ColumnDef::new("year").integer().not_null())
        .col(ColumnDef::new("effective_date").date().not_null())
        .col(ColumnDef::new("signatory").text().not_null())
        .col(ColumnDef::new("issuer").text().not_null())
        .col(ColumnDef::new("proposal_number").text().not_null())
        .col(ColumnDef::new("proposal_date").date().not_null())
        .col(ColumnDef::new("list").text().not_null())
        .col(ColumnDef::new("late").boolean().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("approved_by").text())
        .col(ColumnDef::new("revocation_number").text())
        .col(ColumnDef::new("revocation_date").date())
        .col(ColumnDef::new("revocation_reason").text())
        .index(
            Index::create()
                .unique()
                .name("uq_selection_decisions_number")
                .col("province_code")
                .col("year")
                .col("number"),
        )
        .foreign_key(&mut reference("selection_decisions", "scheme_code", "schemes", "code"))
        .check(("ck_selection_decisions_issuer", Expr::col("issuer").is_in(["peoples_committee", "chairperson"])))
        .check(("ck_selection_decisions_list", Expr::col("list").is_in(["scheme", "provincial"])))
        .check(("ck_selection_decisions_state", Expr::col("state").is_in(["draft", "approved", "revoked"])))
        .check(("ck_selection_decisions_dates", Expr::col("effective_date").gte(Expr::col("date"))))
        .check(("ck_selection_decisions_approved", in_state_or_given(["draft"], "approved_by")))
        .check(("ck_selection_decisions_revoked", in_state_or_given(["draft", "approved"], "revocation_date")))
        .to_owned()
}

fn applications() -> TableCreateStatement {
    let states = ["draft", "submitted", "returned", "withdrawn", "selected", "closed"];
    record("applications")
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("dossier").text().not_null())
        .col(ColumnDef::new("priority_claims").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("submitted_on").date())
        .col(ColumnDef::new("returned_on").date())
        .col(ColumnDef::new("withdrawn_on").date())
        .col(ColumnDef::new("decision_id").uuid())
        .col(ColumnDef::new("closed_on").date())
        .foreign_key(&mut reference("applications", "cooperative_id", "cooperatives", "id"))
        .foreign_key(&mut reference("applications", "scheme_code", "schemes", "code"))
        .foreign_key(&mut reference("applications", "decision_id", "selection_decisions", "id"))
        .check(("ck_applications_state", Expr::col("state").is_in(states)))
        .check(("ck_applications_submitted", in_state_or_given(["draft", "withdrawn", "closed"], "submitted_on")))
        .check((
            "ck_applications_decision",
            in_state_or_given(["draft", "submitted", "returned", "withdrawn"], "decision_id"),
        ))
        .to_owned()
}

fn decision_applications() -> TableCreateStatement {
    Table::create()
        .table("decision_applications")
        .col(ColumnDef::new("decision_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("responsible_department").uuid().not_null())
        .primary_key(Index::create().name("pk_decision_applications").col("decision_id").col("application_id"))
        .foreign_key(
            reference("decision_applications", "decision_id", "selection_decisions", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut reference("decision_applications", "application_id", "applications", "id"))
        .foreign_key(&mut reference("decision_applications", "responsible_department", "agencies", "id"))
        .to_owned()
}

fn pilots() -> TableCreateStatement {
    let completed = in_state_or_given(["active", "stopped"], "completed_on");
    record("pilots")
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("decision_id").uuid().not_null())
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("list").text().not_null())
        .col(ColumnDef::new("responsible_department").uuid().not_null())
        .col(ColumnDef::new("selected_on").date().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("completed_on").date())
        .col(ColumnDef::new("completion_reason").text())
        .col(ColumnDef::new("evaluation_id").uuid())
        .col(ColumnDef::new("ended_on").date())
        .col(ColumnDef::new("stopped_on").date())
        .col(ColumnDef::new("stop_cause").text())
        .col(ColumnDef::new("stop_reason").text())
        .index(Index::create().unique().name("uq_pilots_application").col("application_id"))
        .foreign_key(&mut reference("pilots", "cooperative_id", "cooperatives", "id"))
        .foreign_key(&mut reference("pilots", "scheme_code", "schemes", "code"))
        .foreign_key(&mut reference("pilots", "application_id", "applications", "id"))
        .foreign_key(&mut reference("pilots", "decision_id", "selection_decisions", "id"))
        .foreign_key(&mut reference("pilots", "responsible_department", "agencies", "id"))
        .foreign_key(&mut reference("pilots", "evaluation_id", "evaluations", "id"))
        .check(("ck_pilots_list", Expr::col("list").is_in(["scheme", "provincial"])))
        .check(("ck_pilots_state", Expr::col("state").is_in(["active", "model_completed", "ended", "stopped"])))
        .check(("ck_pilots_stop_cause", Expr::col("stop_cause").is_in(["withdrawal", "revocation"])))
        .check(("ck_pilots_completed", completed))
        .check(("ck_pilots_ended", in_state_or_given(["active", "model_completed", "stopped"], "ended_on")))
        .check(("ck_pilots_stopped", in_state_or_given(["active", "model_completed", "ended"], "stopped_on")))
        .to_owned()
}
