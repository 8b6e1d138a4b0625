//! Cooperatives, their yearly figures (declared and verified side by side) and interruptions.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns of whole numbers or đồng that may be absent.
const FIGURES: [&str; 13] = [
    "members",
    "members_women",
    "members_ethnic_minority",
    "workers_regular",
    "managers",
    "managers_with_degree",
    "total_capital",
    "indivisible_assets",
    "revenue",
    "profit_before_tax",
    "development_fund",
    "reserve_fund",
    "other_funds",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(cooperatives()).await?;
        for (name, columns) in [
            ("ix_cooperatives_province", vec!["province_code", "id"]),
            ("ix_cooperatives_unit", vec!["unit_code", "id"]),
            ("ix_cooperatives_field", vec!["field", "id"]),
            ("ix_cooperatives_status", vec!["status", "id"]),
            ("ix_cooperatives_name_key", vec!["name_key", "id"]),
            ("ix_cooperatives_province_name_key", vec!["province_code", "name_key", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("cooperatives");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager.create_table(annual_figures()).await?;
        manager.create_table(interruptions()).await?;
        let mut index = Index::create();
        index.unique().name("uq_interruptions_start").table("interruptions").col("cooperative_id").col("from_date");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["interruptions", "annual_figures", "cooperatives"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn cooperatives() -> TableCreateStatement {
    Table::create()
        .table("cooperatives")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("tax_code").text().not_null())
        .col(ColumnDef::new("registration_number").text())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("name_key").text().not_null())
        .col(ColumnDef::new("name_folded").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("field").text().not_null())
        .col(ColumnDef::new("industry_code").text())
        .col(ColumnDef::new("governing_law").text().not_null())
        .col(ColumnDef::new("founded_on").date().not_null())
        .col(ColumnDef::new("legal_representative").text())
        .col(ColumnDef::new("status").text().not_null())
        .col(ColumnDef::new("address").text())
        .col(ColumnDef::new("phone").text())
        .col(ColumnDef::new("email").text())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(Index::create().unique().name("uq_cooperatives_tax_code").col("tax_code"))
        .check(("ck_cooperatives_kind", Expr::col("kind").is_in(["cooperative", "union"])))
        .check(("ck_cooperatives_status", Expr::col("status").is_in(["active", "suspended", "dissolved"])))
        .to_owned()
}

fn annual_figures() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("annual_figures")
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("year").integer().not_null())
        .col(ColumnDef::new("basis").text().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("status").text().not_null());
    for figure in FIGURES {
        table.col(ColumnDef::new(figure).big_integer());
    }
    table
        .col(ColumnDef::new("value_chain").boolean())
        .col(ColumnDef::new("independent_audit").boolean())
        .col(ColumnDef::new("recorded_by").text().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .primary_key(Index::create().name("pk_annual_figures").col("cooperative_id").col("year").col("basis"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_annual_figures_cooperative")
                .from("annual_figures", "cooperative_id")
                .to("cooperatives", "id"),
        )
        .check(("ck_annual_figures_basis", Expr::col("basis").is_in(["declared", "verified"])))
        .check(("ck_annual_figures_status", Expr::col("status").is_in(["estimated", "final"])))
        .to_owned()
}

fn interruptions() -> TableCreateStatement {
    Table::create()
        .table("interruptions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("from_date").date().not_null())
        .col(ColumnDef::new("to_date").date())
        .col(ColumnDef::new("reason").text())
        .foreign_key(
            ForeignKey::create()
                .name("fk_interruptions_cooperative")
                .from("interruptions", "cooperative_id")
                .to("cooperatives", "id"),
        )
        .check(("ck_interruptions_order", Expr::col("to_date").gte(Expr::col("from_date"))))
        .to_owned()
}
