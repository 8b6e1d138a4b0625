//! Determinations of every kind: ratings, exits and classes are kept with their inputs as eligibility is. The table is
//! made anew, since a determination need not be of an application any more.
//!
//! Taking the step back keeps the determinations of eligibility alone: the others can be made again.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// The columns that both forms of the table have.
const KEPT: &str = "id, application_id, cooperative_id, province_code, unit_code, occasion, decision_id, overall, inputs, \
                    result, created_by, recorded_at";

const INDEXED: [&str; 6] = ["cooperative_id", "province_code", "unit_code", "decision_id", "occasion", "overall"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(of_every_kind()).await?;
        let copy = format!(
            "INSERT INTO determinations_new ({KEPT}, kind, subject_id) \
             SELECT {KEPT}, 'eligibility', application_id FROM determinations"
        );
        replaced(manager, &copy).await?;
        indexed(manager, &["subject_id", "kind"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(of_eligibility()).await?;
        let copy = format!(
            "INSERT INTO determinations_new ({KEPT}) SELECT {KEPT} FROM determinations WHERE kind = 'eligibility'"
        );
        replaced(manager, &copy).await?;
        indexed(manager, &["application_id"]).await
    }
}

/// Puts the new table in the place of the old one.
async fn replaced(manager: &SchemaManager<'_>, copy: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(copy).await?;
    manager.drop_table(Table::drop().table("determinations").to_owned()).await?;
    manager.rename_table(Table::rename().table("determinations_new", "determinations").to_owned()).await
}

async fn indexed(manager: &SchemaManager<'_>, own: &[&'static str]) -> Result<(), DbErr> {
    for column in INDEXED.iter().chain(own) {
        let mut index = Index::create();
        index.name(format!("ix_determinations_{column}")).table("determinations").col(*column).col("id");
        manager.create_index(index).await?;
    }
    Ok(())
}

fn reference(name: &str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from("determinations_new", column).to(to, "id").to_owned()
}

/// What both forms have, with the application given or not.
fn table(application: &mut ColumnDef) -> TableCreateStatement {
    let selection = Expr::col("occasion").ne("selection").or(Expr::col("decision_id").is_not_null());
    Table::create()
        .table("determinations_new")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(application)
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("occasion").text().not_null())
        .col(ColumnDef::new("decision_id").uuid())
        .col(ColumnDef::new("overall").text().not_null())
        .col(ColumnDef::new("inputs").text().not_null())
        .col(ColumnDef::new("result").text().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .foreign_key(&mut reference("fk_determinations_application_id", "application_id", "applications"))
        .foreign_key(&mut reference("fk_determinations_cooperative_id", "cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("fk_determinations_decision_id", "decision_id", "selection_decisions"))
        .check(("ck_determinations_selection", selection))
        .to_owned()
}

fn of_every_kind() -> TableCreateStatement {
    let of = |kind: &'static str, column: &'static str| {
        let (is, given) = (Expr::col("kind").eq(kind), Expr::col(column).is_not_null());
        is.and(given).or(Expr::col("kind").ne(kind).and(Expr::col(column).is_null()))
    };
    let kinds = ["eligibility", "rating", "exit", "classification"];
    let occasions = ["submission", "confirmation", "selection", "ending", "request"];
    table(ColumnDef::new("application_id").uuid())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("evaluation_id").uuid())
        .col(ColumnDef::new("pilot_id").uuid())
        .foreign_key(&mut reference("fk_determinations_evaluation_id", "evaluation_id", "evaluations"))
        .foreign_key(&mut reference("fk_determinations_pilot_id", "pilot_id", "pilots"))
        .check(("ck_determinations_kind", Expr::col("kind").is_in(kinds)))
        .check(("ck_determinations_occasion", Expr::col("occasion").is_in(occasions)))
        .check(("ck_determinations_application", of("eligibility", "application_id")))
        .check(("ck_determinations_evaluation", of("rating", "evaluation_id")))
        .check(("ck_determinations_pilot", of("exit", "pilot_id")))
        .to_owned()
}

fn of_eligibility() -> TableCreateStatement {
    table(ColumnDef::new("application_id").uuid().not_null())
        .check(("ck_determinations_occasion", Expr::col("occasion").is_in(["submission", "selection", "request"])))
        .check(("ck_determinations_overall", Expr::col("overall").is_in(["met", "not_met", "unknown"])))
        .to_owned()
}
