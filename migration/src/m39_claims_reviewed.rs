//! Agencies review the priority claims of applications, a plan says which claims count, and a ranking is kept as a
//! determination: of a plan, and so of no cooperative. The table of determinations is made anew for it.
//!
//! Verdicts on exits that were kept before they named their rule and its version name them now: by their place there is one rule
//! for each.
//!
//! Taking the step back lets rankings and reviews go: rankings can be made again, reviews stay in the history of steps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::triggers::{self, Trigger, changes};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// The columns that both forms of the table have.
const KEPT: &str = "id, kind, subject_id, application_id, evaluation_id, pilot_id, cooperative_id, province_code, unit_code, \
                    occasion, decision_id, overall, inputs, result, created_by, recorded_at";

const INDEXED: [&str; 8] =
    ["cooperative_id", "province_code", "unit_code", "decision_id", "occasion", "overall", "subject_id", "kind"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counted = Expr::col("counted_claims").is_in(["claimed", "not_rejected", "confirmed"]);
        let counted =
            ColumnDef::new("counted_claims").text().not_null().default("not_rejected").check(counted).to_owned();
        // One a statement: SQLite alters one thing at a time.
        for (table, column) in [
            ("applications", ColumnDef::new("claim_reviews").text().not_null().default("[]").to_owned()),
            ("applications", ColumnDef::new("writers").text().not_null().default("[]").to_owned()),
            ("provincial_plans", counted),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let one = match manager.get_database_backend() {
            DbBackend::Sqlite => "json_array(created_by)",
            _ => "jsonb_build_array(created_by)::text",
        };
        manager.get_connection().execute_unprepared(&format!("UPDATE applications SET writers = {one}")).await?;
        manager.get_connection().execute_unprepared(&exits_named(manager.get_database_backend())).await?;
        triggers::create(manager, &[fixed()]).await?;
        made_anew(manager, of_plans_too(), "").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        made_anew(manager, of_cooperatives(), " WHERE kind <> 'ranking'").await?;
        triggers::drop(manager, &[fixed()]).await?;
        for (table, column) in
            [("provincial_plans", "counted_claims"), ("applications", "writers"), ("applications", "claim_reviews")]
        {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// Gives verdicts without a rule the rule of their place, and the version of the scheme.
fn exits_named(backend: DbBackend) -> String {
    let old = |given: &str| format!("exit_verdicts IS NOT NULL AND {given} IS NULL");
    if backend == DbBackend::Sqlite {
        let version =
            "json_object('of', scheme_code, 'validFrom', (SELECT valid_from FROM schemes WHERE code = scheme_code))";
        return format!(
            "UPDATE pilots SET exit_verdicts = json_set(exit_verdicts, '$.total_verdict.ruleId', 'exit_total', \
             '$.total_verdict.version', {version}, '$.criteria_verdict.ruleId', 'exit_criteria', \
             '$.criteria_verdict.version', {version}) WHERE {}",
            old("json_extract(exit_verdicts, '$.total_verdict.ruleId')")
        );
    }
    let version = "jsonb_build_object('of', scheme_code, 'validFrom', \
                   (SELECT to_char(valid_from, 'YYYY-MM-DD') FROM schemes WHERE code = scheme_code))";
    let named = |place: &str, rule: &str| {
        format!(
            "'{place}', (exit_verdicts::jsonb -> '{place}') || jsonb_build_object('ruleId', '{rule}', 'version', {version})"
        )
    };
    format!(
        "UPDATE pilots SET exit_verdicts = (exit_verdicts::jsonb || jsonb_build_object({}, {}))::text WHERE {}",
        named("total_verdict", "exit_total"),
        named("criteria_verdict", "exit_criteria"),
        old("exit_verdicts::jsonb #>> '{total_verdict,ruleId}'")
    )
}

/// An approved plan says what it said.
fn fixed() -> Trigger {
    Trigger::refuses(
        "tr_provincial_plans_counted",
        ("provincial_plans", "BEFORE UPDATE"),
        format!("OLD.state = 'approved' AND {}", changes(&["counted_claims"])),
        "what is approved is changed by a later decision only",
    )
}

/// Puts a new table in the place of the old one, with the rows that it can hold.
async fn made_anew(manager: &SchemaManager<'_>, table: TableCreateStatement, which: &str) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    let copy = format!("INSERT INTO determinations_kept ({KEPT}) SELECT {KEPT} FROM determinations{which}");
    manager.get_connection().execute_unprepared(&copy).await?;
    manager.drop_table(Table::drop().table("determinations").to_owned()).await?;
    manager.rename_table(Table::rename().table("determinations_kept", "determinations").to_owned()).await?;
    if manager.get_database_backend() == DbBackend::Postgres {
        // The name is free again, for the next table of this kind.
        let sql = "ALTER INDEX determinations_kept_pkey RENAME TO determinations_pkey";
        manager.get_connection().execute_unprepared(sql).await?;
    }
    for column in INDEXED {
        let mut index = Index::create();
        index.name(format!("ix_determinations_{column}")).table("determinations").col(column).col("id");
        manager.create_index(index).await?;
    }
    Ok(())
}

fn reference(name: &str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from("determinations_kept", column).to(to, "id").to_owned()
}

/// A record is named where the determination is of its kind, and only there.
fn of(kind: &'static str, column: &'static str) -> SimpleExpr {
    let (is, given) = (Expr::col("kind").eq(kind), Expr::col(column).is_not_null());
    is.and(given).or(Expr::col("kind").ne(kind).and(Expr::col(column).is_null()))
}

/// What both forms have, of these kinds.
fn table(cooperative: &mut ColumnDef, unit: &mut ColumnDef, kinds: &[&'static str]) -> TableCreateStatement {
    let selection = Expr::col("occasion").ne("selection").or(Expr::col("decision_id").is_not_null());
    let occasions = ["submission", "confirmation", "selection", "ending", "request"];
    Table::create()
        .table("determinations_kept")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid())
        .col(ColumnDef::new("evaluation_id").uuid())
        .col(ColumnDef::new("pilot_id").uuid())
        .col(cooperative)
        .col(ColumnDef::new("province_code").text().not_null())
        .col(unit)
        .col(ColumnDef::new("occasion").text().not_null())
        .col(ColumnDef::new("decision_id").uuid())
        .col(ColumnDef::new("overall").text().not_null())
        .col(ColumnDef::new("inputs").text().not_null())
        .col(ColumnDef::new("result").text().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .foreign_key(&mut reference("fk_determinations_application_id", "application_id", "applications"))
        .foreign_key(&mut reference("fk_determinations_evaluation_id", "evaluation_id", "evaluations"))
        .foreign_key(&mut reference("fk_determinations_pilot_id", "pilot_id", "pilots"))
        .foreign_key(&mut reference("fk_determinations_cooperative_id", "cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("fk_determinations_decision_id", "decision_id", "selection_decisions"))
        .check(("ck_determinations_selection", selection))
        .check(("ck_determinations_kind", Expr::col("kind").is_in(kinds.iter().copied())))
        .check(("ck_determinations_occasion", Expr::col("occasion").is_in(occasions)))
        .check(("ck_determinations_application", of("eligibility", "application_id")))
        .check(("ck_determinations_evaluation", of("rating", "evaluation_id")))
        .check(("ck_determinations_pilot", of("exit", "pilot_id")))
        .to_owned()
}

fn of_plans_too() -> TableCreateStatement {
    let located = |column: &'static str| {
        let ranking = Expr::col("kind").eq("ranking");
        ranking
            .and(Expr::col(column).is_null())
            .or(Expr::col("kind").ne("ranking").and(Expr::col(column).is_not_null()))
    };
    table(
        ColumnDef::new("cooperative_id").uuid(),
        ColumnDef::new("unit_code").text(),
        &["eligibility", "rating", "exit", "classification", "ranking"],
    )
    .col(ColumnDef::new("plan_id").uuid())
    .foreign_key(&mut reference("fk_determinations_plan_id", "plan_id", "provincial_plans"))
    .check(("ck_determinations_plan", of("ranking", "plan_id")))
    .check(("ck_determinations_cooperative", located("cooperative_id")))
    .check(("ck_determinations_unit", located("unit_code")))
    .to_owned()
}

fn of_cooperatives() -> TableCreateStatement {
    table(
        ColumnDef::new("cooperative_id").uuid().not_null(),
        ColumnDef::new("unit_code").text().not_null(),
        &["eligibility", "rating", "exit", "classification"],
    )
}
