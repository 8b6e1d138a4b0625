//! Versions and provincial variants of criteria sets, what computed points were computed from, and the rules by which
//! cooperatives are classed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, Uuid};
use serde_json::Value as Json;

/// The rules of classification, with their dates and legal basis.
const RULES: &str = include_str!("../data/classification_rules.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// On each day one version of a code is in force without end, whatever races.
const ONE_OPEN_VERSION: &str = "CREATE UNIQUE INDEX uq_criteria_sets_open ON criteria_sets (code) \
                                WHERE state = 'active' AND valid_to IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One a statement: SQLite alters one thing at a time.
        for (table, column) in [
            ("criteria_sets", ColumnDef::new("edition").integer().not_null().default(1).to_owned()),
            ("criteria_sets", ColumnDef::new("province_code").text().to_owned()),
            ("criteria_sets", ColumnDef::new("writers").text().not_null().default("[]").to_owned()),
            ("evaluations", ColumnDef::new("inputs").text().to_owned()),
            ("evaluations", ColumnDef::new("fine").text().to_owned()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let edition = Index::create().unique().name("uq_criteria_sets_edition").table("criteria_sets").to_owned();
        manager.create_index(edition.clone().col("code").col("edition").to_owned()).await?;
        let province = Index::create().name("ix_criteria_sets_province").table("criteria_sets").to_owned();
        manager.create_index(province.clone().col("province_code").col("id").to_owned()).await?;
        manager.get_connection().execute_unprepared(ONE_OPEN_VERSION).await?;
        manager.create_table(classification_rules()).await?;
        manager.exec_stmt(rules()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("classification_rules").to_owned()).await?;
        for name in ["uq_criteria_sets_open", "ix_criteria_sets_province", "uq_criteria_sets_edition"] {
            manager.drop_index(Index::drop().name(name).table("criteria_sets").to_owned()).await?;
        }
        for (table, column) in [
            ("evaluations", "fine"),
            ("evaluations", "inputs"),
            ("criteria_sets", "writers"),
            ("criteria_sets", "province_code"),
            ("criteria_sets", "edition"),
        ] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn classification_rules() -> TableCreateStatement {
    Table::create()
        .table("classification_rules")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("dimension").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .index(Index::create().unique().name("uq_classification_rules").col("dimension").col("valid_from"))
        .check(("ck_classification_rules_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn rules() -> Result<InsertStatement, DbErr> {
    let malformed = |what: &str| DbErr::Migration(format!("classification rules: malformed {what}"));
    let rules: Vec<Json> = serde_json::from_str(RULES).map_err(|error| DbErr::Migration(error.to_string()))?;
    let mut insert = Query::insert();
    insert.into_table("classification_rules").columns([
        "id",
        "code",
        "dimension",
        "valid_from",
        "valid_to",
        "legal_basis",
        "content",
    ]);
    for rule in rules {
        let text = |name: &str| rule[name].as_str().map(ToOwned::to_owned).ok_or_else(|| malformed(name));
        let day = |text: &str| text.parse::<Date>().map_err(|_| malformed(text));
        let values = [
            text("id")?.parse::<Uuid>().map_err(|_| malformed("id"))?.into(),
            text("code")?.into(),
            text("dimension")?.into(),
            day(&text("validFrom")?)?.into(),
            rule["validTo"].as_str().map(day).transpose()?.into(),
            text("legalBasis")?.into(),
            rule["content"].to_string().into(),
        ];
        insert.values(values).map_err(|error| DbErr::Migration(error.to_string()))?;
    }
    Ok(insert)
}
