//! Allocations, their entries, and what was disbursed of them.
//!
//! Estimate ≥ allocated ≥ disbursed is kept by CHECK constraints on running totals: of `estimate_lines` (allocated) and of
//! `allocation_entries` (disbursed). Disbursements themselves are posted once and never change.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [allocations(), allocation_entries(), disbursements()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("ix_allocations_province", "allocations", &["province_code", "id"][..]),
            ("ix_allocations_plan", "allocations", &["plan_id", "id"]),
            ("ix_allocations_state", "allocations", &["state", "id"]),
            ("ix_allocation_entries_allocation", "allocation_entries", &["allocation_id", "position"]),
            ("ix_allocation_entries_line", "allocation_entries", &["line_id", "allocation_id"]),
            ("ix_allocation_entries_pilot", "allocation_entries", &["pilot_id", "allocation_id"]),
            ("ix_allocation_entries_agency", "allocation_entries", &["agency_id", "allocation_id"]),
            ("ix_disbursements_allocation", "disbursements", &["allocation_id", "id"]),
            ("ix_disbursements_entry", "disbursements", &["entry_id", "voucher_date"]),
            ("ix_disbursements_corrects", "disbursements", &["corrects_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["disbursements", "allocation_entries", "allocations"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn reference(name: &str, from: (&'static str, &'static str), to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(from.0, from.1).to(to, "id").to_owned()
}

fn allocations() -> TableCreateStatement {
    let approved = Expr::col("approved_by").is_not_null().and(Expr::col("approved_at").is_not_null());
    let open = Expr::col("approved_by").is_null().and(Expr::col("approved_at").is_null());
    Table::create()
        .table("allocations")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("plan_id").uuid().not_null())
        .col(ColumnDef::new("lead_agency_id").uuid().not_null())
        .col(ColumnDef::new("decision_number").text().not_null())
        .col(ColumnDef::new("decision_date").date().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("approved_by").text())
        .col(ColumnDef::new("approved_at").timestamp_with_time_zone())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create()
                .unique()
                .name("uq_allocations_decision")
                .col("province_code")
                .col("decision_number")
                .col("decision_date"),
        )
        .foreign_key(&mut reference("fk_allocations_plan", ("allocations", "plan_id"), "provincial_plans"))
        .foreign_key(&mut reference("fk_allocations_lead_agency", ("allocations", "lead_agency_id"), "agencies"))
        .check((
            "ck_allocations_state",
            Expr::col("state").eq("draft").and(open).or(Expr::col("state").eq("approved").and(approved)),
        ))
        .to_owned()
}

fn allocation_entries() -> TableCreateStatement {
    let of = |column| ("allocation_entries", column);
    let mut allocation = reference("fk_allocation_entries_allocation", of("allocation_id"), "allocations");
    Table::create()
        .table("allocation_entries")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("allocation_id").uuid().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("line_id").uuid().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("disbursed").big_integer().not_null())
        .col(ColumnDef::new("support_kind").text().not_null())
        .col(ColumnDef::new("agency_id").uuid().not_null())
        .col(ColumnDef::new("pilot_id").uuid())
        .col(ColumnDef::new("fiscal_year").integer())
        .foreign_key(allocation.on_delete(ForeignKeyAction::Cascade))
        .foreign_key(&mut reference("fk_allocation_entries_line", of("line_id"), "estimate_lines"))
        .foreign_key(&mut reference("fk_allocation_entries_agency", of("agency_id"), "agencies"))
        .foreign_key(&mut reference("fk_allocation_entries_pilot", of("pilot_id"), "pilots"))
        .check(("ck_allocation_entries_amount", Expr::col("amount").gt(0)))
        .check((
            "ck_allocation_entries_disbursed",
            Expr::col("disbursed").gte(0).and(Expr::col("disbursed").lte(Expr::col("amount"))),
        ))
        .to_owned()
}

fn disbursements() -> TableCreateStatement {
    let of = |column| ("disbursements", column);
    let payment = Expr::col("amount").gt(0).and(Expr::col("corrects_id").is_null()).and(Expr::col("reason").is_null());
    let correction =
        Expr::col("amount").lt(0).and(Expr::col("corrects_id").is_not_null()).and(Expr::col("reason").is_not_null());
    Table::create()
        .table("disbursements")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("allocation_id").uuid().not_null())
        .col(ColumnDef::new("entry_id").uuid().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("voucher_number").text().not_null())
        .col(ColumnDef::new("voucher_date").date().not_null())
        .col(ColumnDef::new("corrects_id").uuid())
        .col(ColumnDef::new("reason").text())
        .col(ColumnDef::new("recorded_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .index(Index::create().unique().name("uq_disbursements_voucher").col("allocation_id").col("voucher_number"))
        .foreign_key(&mut reference("fk_disbursements_allocation", of("allocation_id"), "allocations"))
        .foreign_key(&mut reference("fk_disbursements_entry", of("entry_id"), "allocation_entries"))
        .foreign_key(&mut reference("fk_disbursements_corrects", of("corrects_id"), "disbursements"))
        .check(("ck_disbursements_kind", payment.or(correction)))
        .to_owned()
}
