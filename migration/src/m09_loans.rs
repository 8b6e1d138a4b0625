//! Loans of pilots with the sums of their entries, and the entries: posted once, never changed.
//!
//! 0 ≤ repaid ≤ disbursed ≤ approved is kept by a CHECK constraint, whatever races.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(loans()).await?;
        manager.create_table(loan_entries()).await?;
        for (name, table, columns) in [
            ("ix_loans_province", "loans", ["province_code", "id"]),
            ("ix_loans_unit", "loans", ["unit_code", "id"]),
            ("ix_loans_cooperative", "loans", ["cooperative_id", "id"]),
            ("ix_loans_pilot", "loans", ["pilot_id", "id"]),
            ("ix_loans_source", "loans", ["source", "id"]),
            ("ix_loan_entries_loan", "loan_entries", ["loan_id", "id"]),
            ("ix_loan_entries_date", "loan_entries", ["on_date", "loan_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        // A voucher is counted once; the correction that takes its entry back bears the same number.
        let voucher = "CREATE UNIQUE INDEX uq_loan_entries_voucher ON loan_entries (loan_id, kind, voucher) WHERE voucher IS NOT NULL AND corrects_id IS NULL";
        manager.get_connection().execute_unprepared(voucher).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("loan_entries").to_owned()).await?;
        manager.drop_table(Table::drop().table("loans").to_owned()).await
    }
}

fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

fn loans() -> TableCreateStatement {
    let repaid = Expr::col("repaid").gte(0).and(Expr::col("repaid").lte(Expr::col("disbursed")));
    let disbursed = Expr::col("disbursed").lte(Expr::col("approved_amount"));
    Table::create()
        .table("loans")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("pilot_id").uuid().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("lender").text().not_null())
        .col(ColumnDef::new("source").text().not_null())
        .col(ColumnDef::new("approved_amount").big_integer().not_null())
        .col(ColumnDef::new("disbursed").big_integer().not_null())
        .col(ColumnDef::new("repaid").big_integer().not_null())
        .col(ColumnDef::new("decision_number").text().not_null())
        .col(ColumnDef::new("decision_date").date().not_null())
        .col(ColumnDef::new("interest_percent").text())
        .col(ColumnDef::new("term_months").integer())
        .col(ColumnDef::new("purpose").text())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create()
                .unique()
                .name("uq_loans_decision")
                .col("pilot_id")
                .col("lender")
                .col("decision_number")
                .col("decision_date"),
        )
        .foreign_key(&mut reference("loans", "pilot_id", "pilots"))
        .foreign_key(&mut reference("loans", "cooperative_id", "cooperatives"))
        .check(("ck_loans_approved", Expr::col("approved_amount").gt(0)))
        .check(("ck_loans_sums", repaid.and(disbursed)))
        .to_owned()
}

fn loan_entries() -> TableCreateStatement {
    let posting = Expr::col("amount").gt(0).and(Expr::col("corrects_id").is_null()).and(Expr::col("reason").is_null());
    let correction =
        Expr::col("amount").lt(0).and(Expr::col("corrects_id").is_not_null()).and(Expr::col("reason").is_not_null());
    Table::create()
        .table("loan_entries")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("loan_id").uuid().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("on_date").date().not_null())
        .col(ColumnDef::new("voucher").text())
        .col(ColumnDef::new("corrects_id").uuid())
        .col(ColumnDef::new("reason").text())
        .col(ColumnDef::new("document").text())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("recorded_by").text().not_null())
        .index(Index::create().unique().name("uq_loan_entries_corrects").col("corrects_id"))
        .foreign_key(&mut reference("loan_entries", "loan_id", "loans"))
        .foreign_key(&mut reference("loan_entries", "corrects_id", "loan_entries"))
        .check(("ck_loan_entries_kind", Expr::col("kind").is_in(["disbursement", "repayment"])))
        .check(("ck_loan_entries_amount", posting.or(correction)))
        .to_owned()
}
