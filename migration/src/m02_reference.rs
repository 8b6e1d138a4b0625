//! Reference data (schemes, territory, agencies, lists) with the rows that ship, and provincial plans.

mod seed;

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            [schemes(), administrative_units(), agencies(), reference_entries(), provincial_plans(), estimate_lines()]
        {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("ix_administrative_units_parent", "administrative_units", &["parent_code", "code"][..]),
            ("ix_administrative_units_level", "administrative_units", &["level", "code"]),
            ("ix_agencies_unit", "agencies", &["unit_code", "role", "id"]),
            ("ix_agencies_role", "agencies", &["role", "id"]),
            ("ix_reference_entries_list", "reference_entries", &["list", "id"]),
            ("ix_provincial_plans_province", "provincial_plans", &["province_code", "id"]),
            ("ix_provincial_plans_state", "provincial_plans", &["state", "id"]),
            ("ix_estimate_lines_plan", "estimate_lines", &["plan_id", "position"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        for index in [ONE_PLAN_IN_FORCE, ONE_ENTRY_OF_A_CODE] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        seed::insert_all(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["estimate_lines", "provincial_plans", "reference_entries", "agencies", "administrative_units", "schemes"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// One plan in force for a province and a scheme, whatever races.
const ONE_PLAN_IN_FORCE: &str = "CREATE UNIQUE INDEX uq_provincial_plans_approved \
                                 ON provincial_plans (province_code, scheme_code) WHERE state = 'approved'";

/// An entry of the whole country has no province, and NULLs are never equal: hence the expression.
const ONE_ENTRY_OF_A_CODE: &str = "CREATE UNIQUE INDEX uq_reference_entries_code \
                                   ON reference_entries (list, code, COALESCE(province_code, ''), valid_from)";

/// Reference rows have a version like all others, so that a client can ask whether they changed.
fn version() -> ColumnDef {
    ColumnDef::new("version").integer().not_null().default(1).to_owned()
}

fn schemes() -> TableCreateStatement {
    Table::create()
        .table("schemes")
        .col(ColumnDef::new("code").text().not_null().primary_key())
        .col(version())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .check(("ck_schemes_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn administrative_units() -> TableCreateStatement {
    Table::create()
        .table("administrative_units")
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(version())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("parent_code").text())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .primary_key(Index::create().name("pk_administrative_units").col("code").col("valid_from"))
        .check(("ck_administrative_units_level", Expr::col("level").is_in(["province", "district", "commune"])))
        .check(("ck_administrative_units_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn agencies() -> TableCreateStatement {
    Table::create()
        .table("agencies")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(version())
        .col(ColumnDef::new("code").text())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("role").text().not_null())
        .col(ColumnDef::new("sector").text())
        .col(ColumnDef::new("unit_code").text())
        .col(ColumnDef::new("province_code").text())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("predecessor_id").uuid())
        .index(Index::create().unique().name("uq_agencies_code").col("code"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_agencies_predecessor")
                .from("agencies", "predecessor_id")
                .to("agencies", "id"),
        )
        .check(("ck_agencies_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn reference_entries() -> TableCreateStatement {
    Table::create()
        .table("reference_entries")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(version())
        .col(ColumnDef::new("list").text().not_null())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("slug").text())
        .col(ColumnDef::new("vi").text().not_null())
        .col(ColumnDef::new("en").text().not_null())
        .col(ColumnDef::new("attributes").text().not_null())
        .col(ColumnDef::new("province_code").text())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .check(("ck_reference_entries_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn provincial_plans() -> TableCreateStatement {
    Table::create()
        .table("provincial_plans")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("decision_number").text().not_null())
        .col(ColumnDef::new("decision_date").date().not_null())
        .col(ColumnDef::new("lead_agency_id").uuid().not_null())
        .col(ColumnDef::new("pilot_quota").integer().not_null())
        .col(ColumnDef::new("pilots_selected").integer().not_null())
        .col(ColumnDef::new("total").big_integer().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create()
                .unique()
                .name("uq_provincial_plans_decision")
                .col("province_code")
                .col("scheme_code")
                .col("decision_number")
                .col("decision_date"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_provincial_plans_scheme")
                .from("provincial_plans", "scheme_code")
                .to("schemes", "code"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_provincial_plans_lead_agency")
                .from("provincial_plans", "lead_agency_id")
                .to("agencies", "id"),
        )
        .check(("ck_provincial_plans_state", Expr::col("state").is_in(["draft", "approved"])))
        .check((
            "ck_provincial_plans_quota",
            Expr::col("pilots_selected").gte(0).and(Expr::col("pilots_selected").lte(Expr::col("pilot_quota"))),
        ))
        .to_owned()
}

fn estimate_lines() -> TableCreateStatement {
    Table::create()
        .table("estimate_lines")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("plan_id").uuid().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("category").text().not_null())
        .col(ColumnDef::new("budget_level").text())
        .col(ColumnDef::new("source").text())
        .col(ColumnDef::new("nature").text())
        .col(ColumnDef::new("support_kind").text())
        .col(ColumnDef::new("fiscal_year").integer())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("allocated").big_integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("fk_estimate_lines_plan")
                .from("estimate_lines", "plan_id")
                .to("provincial_plans", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(("ck_estimate_lines_amount", Expr::col("amount").gt(0)))
        .check((
            "ck_estimate_lines_allocated",
            Expr::col("allocated").gte(0).and(Expr::col("allocated").lte(Expr::col("amount"))),
        ))
        .to_owned()
}
