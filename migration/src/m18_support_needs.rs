//! Support needs of pilots, with the years of their items in a table of their own: requested ≥ appraised ≥ approved is kept
//! there by CHECK constraints. And the known rates of support, with the regional minimum wages that one of them rests on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, Uuid};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const RATES: &str = include_str!("../data/support_rates.json");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(support_needs()).await?;
        manager.create_table(support_need_phases()).await?;
        for (name, table, columns) in [
            ("ix_support_needs_province", "support_needs", &["province_code", "id"][..]),
            ("ix_support_needs_unit", "support_needs", &["unit_code", "id"]),
            ("ix_support_needs_cooperative", "support_needs", &["cooperative_id", "id"]),
            ("ix_support_needs_pilot", "support_needs", &["pilot_id", "id"]),
            ("ix_support_needs_state", "support_needs", &["state", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.execute(rates()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let delete = Query::delete()
            .from_table("reference_entries")
            .and_where(Expr::col("list").is_in(["support_rates", "minimum_wages"]))
            .to_owned();
        manager.execute(delete).await?;
        for table in ["support_need_phases", "support_needs"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn rates() -> Result<InsertStatement, DbErr> {
    let wrong = |what: &str| DbErr::Migration(format!("support rates: {what}"));
    let data: serde_json::Value = serde_json::from_str(RATES).map_err(|error| wrong(&error.to_string()))?;
    let mut insert = Query::insert();
    insert.into_table("reference_entries").columns([
        "id",
        "list",
        "code",
        "vi",
        "en",
        "attributes",
        "valid_from",
        "valid_to",
        "legal_basis",
    ]);
    for row in data["rows"].as_array().ok_or_else(|| wrong("no rows"))? {
        let text = |name: &str| row[name].as_str().map(str::to_owned).ok_or_else(|| wrong(name));
        let day = |name: &str| row[name].as_str().map(str::parse::<Date>).transpose().map_err(|_| wrong(name));
        let id: Uuid = text("id")?.parse().map_err(|_| wrong("id"))?;
        insert
            .values([
                id.into(),
                text("list")?.into(),
                text("code")?.into(),
                text("vi")?.into(),
                text("en")?.into(),
                row["attributes"].to_string().into(),
                day("validFrom")?.into(),
                day("validTo")?.into(),
                text("legalBasis")?.into(),
            ])
            .map_err(|error| wrong(&error.to_string()))?;
    }
    Ok(insert)
}

fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

fn support_needs() -> TableCreateStatement {
    Table::create()
        .table("support_needs")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("pilot_id").uuid().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("items").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("submitted_on").date())
        .col(ColumnDef::new("consolidation").text())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .foreign_key(&mut reference("support_needs", "pilot_id", "pilots"))
        .foreign_key(&mut reference("support_needs", "cooperative_id", "cooperatives"))
        .check(("ck_support_needs_state", Expr::col("state").is_in(["draft", "submitted", "returned", "consolidated"])))
        .check((
            "ck_support_needs_consolidation",
            Expr::col("state").ne("consolidated").or(Expr::col("consolidation").is_not_null()),
        ))
        .to_owned()
}

fn support_need_phases() -> TableCreateStatement {
    let upheld = |what: &'static str, of: &'static str| {
        let within = Expr::col(what).gte(0).and(Expr::col(what).lte(Expr::col(of)));
        Expr::col(what).is_null().or(Expr::col(of).is_not_null().and(within))
    };
    Table::create()
        .table("support_need_phases")
        .col(ColumnDef::new("need_id").uuid().not_null())
        .col(ColumnDef::new("item").integer().not_null())
        .col(ColumnDef::new("fiscal_year").integer().not_null())
        .col(ColumnDef::new("support_kind").text().not_null())
        .col(ColumnDef::new("nature").text().not_null())
        .col(ColumnDef::new("budget_level").text())
        .col(ColumnDef::new("source").text())
        .col(ColumnDef::new("requested").big_integer().not_null())
        .col(ColumnDef::new("appraised").big_integer())
        .col(ColumnDef::new("approved").big_integer())
        .primary_key(Index::create().name("pk_support_need_phases").col("need_id").col("item").col("fiscal_year"))
        .foreign_key(reference("support_need_phases", "need_id", "support_needs").on_delete(ForeignKeyAction::Cascade))
        .check(("ck_support_need_phases_requested", Expr::col("requested").gt(0)))
        .check(("ck_support_need_phases_appraised", upheld("appraised", "requested")))
        .check(("ck_support_need_phases_approved", upheld("approved", "appraised")))
        .to_owned()
}
