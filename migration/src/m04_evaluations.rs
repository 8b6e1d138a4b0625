//! Criteria sets, with the one of Circular 01/2020/TT-BKHĐT as far as it is known, and evaluations.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, Uuid};
use serde_json::Value as Json;

/// The criteria set of the circular.
const CIRCULAR: &str = include_str!("../data/criteria-tt01-2020.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(criteria_sets()).await?;
        manager.create_table(evaluations()).await?;
        for (table, column) in [
            ("criteria_sets", "state"),
            ("evaluations", "cooperative_id"),
            ("evaluations", "province_code"),
            ("evaluations", "unit_code"),
            ("evaluations", "year"),
            ("evaluations", "kind"),
            ("evaluations", "state"),
            ("evaluations", "rating"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).col("id").to_owned()).await?;
        }
        // Reports count the evaluations of a year by territory.
        let mut by_territory = Index::create();
        by_territory.name("ix_evaluations_territory_year").table("evaluations");
        for column in ["year", "province_code", "unit_code", "kind", "cooperative_id"] {
            by_territory.col(column);
        }
        manager.create_index(by_territory).await?;
        manager.exec_stmt(circular()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["evaluations", "criteria_sets"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn criteria_sets() -> TableCreateStatement {
    Table::create()
        .table("criteria_sets")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("name_vi").text().not_null())
        .col(ColumnDef::new("name_en").text().not_null())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("criteria").text().not_null())
        .index(Index::create().unique().name("uq_criteria_sets_code_valid_from").col("code").col("valid_from"))
        .check(("ck_criteria_sets_state", Expr::col("state").is_in(["draft", "active", "retired"])))
        .check(("ck_criteria_sets_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn evaluations() -> TableCreateStatement {
    let rated = Expr::col("rating").is_not_null().and(Expr::col("not_rated_reason").is_null());
    let not_rated = Expr::col("rating").is_null().and(Expr::col("not_rated_reason").is_not_null());
    let unsent = Expr::col("state").eq("draft").and(Expr::col("submitted_at").is_null());
    let sent = Expr::col("state").ne("draft").and(Expr::col("submitted_at").is_not_null());
    Table::create()
        .table("evaluations")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("year").integer().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("criteria_set_id").uuid().not_null())
        .col(ColumnDef::new("criteria_code").text().not_null())
        .col(ColumnDef::new("scores").text().not_null())
        .col(ColumnDef::new("operation").text().not_null())
        .col(ColumnDef::new("total").big_integer().not_null())
        .col(ColumnDef::new("rating").text())
        .col(ColumnDef::new("not_rated_reason").text())
        .col(ColumnDef::new("endorsements").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("submitted_at").timestamp_with_time_zone())
        .col(ColumnDef::new("submitted_by").text())
        .col(ColumnDef::new("late").boolean())
        .col(ColumnDef::new("agency_id").uuid())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(Index::create().unique().name("uq_evaluations_key").col("cooperative_id").col("year").col("kind"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_evaluations_cooperative")
                .from("evaluations", "cooperative_id")
                .to("cooperatives", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_evaluations_criteria_set")
                .from("evaluations", "criteria_set_id")
                .to("criteria_sets", "id"),
        )
        .check(("ck_evaluations_kind", Expr::col("kind").is_in(["self", "verified", "final"])))
        .check(("ck_evaluations_state", Expr::col("state").is_in(["draft", "submitted", "confirmed", "returned"])))
        // Hundredths of points: 100.00 at most.
        .check(("ck_evaluations_total", Expr::col("total").between(0, 10_000)))
        // Rated, or not rated with a reason: never both, never neither.
        .check(("ck_evaluations_outcome", rated.or(not_rated)))
        .check(("ck_evaluations_submission", unsent.or(sent)))
        .to_owned()
}

fn circular() -> Result<InsertStatement, DbErr> {
    let set: Json = serde_json::from_str(CIRCULAR).map_err(|error| DbErr::Migration(error.to_string()))?;
    let text = |value: &Json| {
        let text = value.as_str().ok_or_else(|| DbErr::Migration(format!("not a text: {value}")))?;
        Ok::<_, DbErr>(text.to_owned())
    };
    let malformed = |what: &str| DbErr::Migration(format!("criteria set: malformed {what}"));
    let id: Uuid = text(&set["id"])?.parse().map_err(|_| malformed("id"))?;
    let valid_from: Date = text(&set["validFrom"])?.parse().map_err(|_| malformed("validFrom"))?;
    let values = [
        id.into(),
        1.into(),
        text(&set["code"])?.into(),
        text(&set["name"]["vi"])?.into(),
        text(&set["name"]["en"])?.into(),
        text(&set["legalBasis"])?.into(),
        valid_from.into(),
        text(&set["state"])?.into(),
        set["criteria"].to_string().into(),
    ];
    let mut insert = Query::insert();
    insert
        .into_table("criteria_sets")
        .columns(["id", "version", "code", "name_vi", "name_en", "legal_basis", "valid_from", "state", "criteria"])
        .values(values)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    Ok(insert)
}
