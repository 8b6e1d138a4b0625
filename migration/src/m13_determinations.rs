//! Conditions with their parameters, those of a province's own, what applicants attest, how a province breaks a tie, and
//! determinations with everything that they were made on.

use sea_orm_migration::prelude::*;
use serde_json::Value as Json;

/// The schemes that ship: their conditions carry their parameters and the days on which they hold.
const SCHEMES: &str = include_str!("../data/schemes.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("applications", "attestations"), ("provincial_plans", "tie_break")] {
            let none = ColumnDef::new(column).text().not_null().default("[]").to_owned();
            manager.alter_table(Table::alter().table(table).add_column(none).to_owned()).await?;
        }
        manager.create_table(provincial_conditions()).await?;
        manager.create_table(determinations()).await?;
        for (table, columns) in [
            ("provincial_conditions", &["province_code", "id"][..]),
            ("provincial_conditions", &["scheme_code", "id"]),
            ("provincial_conditions", &["state", "id"]),
            ("determinations", &["application_id", "id"]),
            ("determinations", &["cooperative_id", "id"]),
            ("determinations", &["province_code", "id"]),
            ("determinations", &["unit_code", "id"]),
            ("determinations", &["decision_id", "id"]),
            ("determinations", &["occasion", "id"]),
            ("determinations", &["overall", "id"]),
        ] {
            let mut index = Index::create();
            index.name(format!("ix_{table}_{}", columns.first().copied().unwrap_or_default())).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        refresh_schemes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What schemes say more than before does not disturb whoever does not read it.
        for table in ["determinations", "provincial_conditions"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for (table, column) in [("provincial_plans", "tie_break"), ("applications", "attestations")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// A database that was made before conditions had parameters gets the schemes as they ship now.
async fn refresh_schemes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let wrong = |what: &str| DbErr::Migration(format!("schemes: {what}"));
    let schemes: Vec<Json> = serde_json::from_str(SCHEMES).map_err(|error| wrong(&error.to_string()))?;
    for scheme in schemes {
        let code = scheme["code"].as_str().ok_or_else(|| wrong("no code"))?.to_owned();
        let mut statement = Query::update();
        statement.table("schemes").value("content", scheme.to_string()).and_where(Expr::col("code").eq(code));
        manager.execute(statement).await?;
    }
    Ok(())
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

fn provincial_conditions() -> TableCreateStatement {
    let approved = Expr::col("state").eq("draft").or(Expr::col("approved_by").is_not_null());
    let ended = Expr::col("state").ne("ended").or(Expr::col("last_day").is_not_null());
    let kinds = ["law", "model", "profit", "dossier", "evaluation", "attested"];
    Table::create()
        .table("provincial_conditions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("vi").text().not_null())
        .col(ColumnDef::new("en").text().not_null())
        .col(ColumnDef::new("parameters").text().not_null())
        .col(ColumnDef::new("decision_number").text().not_null())
        .col(ColumnDef::new("decision_date").date().not_null())
        .col(ColumnDef::new("article").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("approved_by").text())
        .col(ColumnDef::new("ending_number").text())
        .col(ColumnDef::new("ending_date").date())
        .col(ColumnDef::new("last_day").date())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create()
                .unique()
                .name("uq_provincial_conditions_code")
                .col("province_code")
                .col("scheme_code")
                .col("code"),
        )
        .foreign_key(&mut reference("provincial_conditions", "scheme_code", "schemes", "code"))
        .check(("ck_provincial_conditions_kind", Expr::col("kind").is_in(kinds)))
        .check(("ck_provincial_conditions_state", Expr::col("state").is_in(["draft", "approved", "ended"])))
        .check(("ck_provincial_conditions_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .check(("ck_provincial_conditions_decision", Expr::col("valid_from").gte(Expr::col("decision_date"))))
        .check(("ck_provincial_conditions_approved", approved))
        .check(("ck_provincial_conditions_ended", ended))
        .to_owned()
}

fn determinations() -> TableCreateStatement {
    let selection = Expr::col("occasion").ne("selection").or(Expr::col("decision_id").is_not_null());
    Table::create()
        .table("determinations")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("application_id").uuid().not_null())
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
        .foreign_key(&mut reference("determinations", "application_id", "applications", "id"))
        .foreign_key(&mut reference("determinations", "cooperative_id", "cooperatives", "id"))
        .foreign_key(&mut reference("determinations", "decision_id", "selection_decisions", "id"))
        .check(("ck_determinations_occasion", Expr::col("occasion").is_in(["submission", "selection", "request"])))
        .check(("ck_determinations_overall", Expr::col("overall").is_in(["met", "not_met", "unknown"])))
        .check(("ck_determinations_selection", selection))
        .to_owned()
}
