//! Settlements by fiscal year, and what of an allocated entry was reduced, settled and returned.
//!
//! 0 ≤ settled ≤ disbursed ≤ amount − reduced − returned is kept by CHECK constraints on the running totals of
//! `allocation_entries`, whatever races. A settlement is recorded once; only its review is added to it.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// The running totals, each with its constraint: both databases take a CHECK with a new column, and let it go with it.
const TOTALS: [(&str, &str); 3] = [
    ("reduced", "reduced >= 0 AND disbursed <= amount - reduced"),
    ("settled", "settled >= 0 AND settled <= disbursed"),
    ("returned", "returned >= 0 AND disbursed + returned <= amount - reduced"),
];

/// One settlement of an entry for a year stands at a time; one that finance rejected makes way.
const ONE_A_YEAR: &str = "CREATE UNIQUE INDEX uq_settlements_year ON settlements (entry_id, fiscal_year) \
                          WHERE corrects_id IS NULL AND state <> 'rejected'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, check) in TOTALS {
            let sql = format!(
                "ALTER TABLE allocation_entries ADD COLUMN {column} BIGINT NOT NULL DEFAULT 0 \
                 CONSTRAINT ck_allocation_entries_{column} CHECK ({check})"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        manager.create_table(settlements()).await?;
        for (name, columns) in [
            ("ix_settlements_allocation", ["allocation_id", "id"]),
            ("ix_settlements_entry", ["entry_id", "fiscal_year"]),
            ("ix_settlements_corrects", ["corrects_id", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("settlements");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(ONE_A_YEAR).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("settlements").to_owned()).await?;
        for (column, _) in TOTALS.iter().rev() {
            let sql = format!("ALTER TABLE allocation_entries DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn reference(name: &str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from("settlements", column).to(to, "id").to_owned()
}

fn settlements() -> TableCreateStatement {
    let of = |column: &'static str| Expr::col(column);
    let figure = of("amount").gte(0).and(of("carried_over").gte(0)).and(of("returned").gte(0));
    let original = of("corrects_id").is_null().and(of("reason").is_null()).and(figure);
    // What a correction adds to one figure it takes from the others.
    let nets_out = of("carried_over").add(of("amount")).add(of("returned")).eq(0);
    let changes = of("amount").ne(0).or(of("returned").ne(0));
    let correction = of("corrects_id").is_not_null().and(of("reason").is_not_null()).and(changes).and(nets_out);
    let open = of("reviewed_by").is_null().and(of("reviewed_at").is_null());
    let reviewed = of("reviewed_by").is_not_null().and(of("reviewed_at").is_not_null());
    let state = of("state").eq("recorded").and(open).or(of("state").is_in(["accepted", "rejected"]).and(reviewed));
    Table::create()
        .table("settlements")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("allocation_id").uuid().not_null())
        .col(ColumnDef::new("entry_id").uuid().not_null())
        .col(ColumnDef::new("fiscal_year").integer().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("carried_over").big_integer().not_null())
        .col(ColumnDef::new("returned").big_integer().not_null())
        .col(ColumnDef::new("document_number").text().not_null())
        .col(ColumnDef::new("document_date").date().not_null())
        .col(ColumnDef::new("corrects_id").uuid())
        .col(ColumnDef::new("reason").text())
        .col(ColumnDef::new("recorded_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("reviewed_by").text())
        .col(ColumnDef::new("reviewed_at").timestamp_with_time_zone())
        .foreign_key(&mut reference("fk_settlements_allocation", "allocation_id", "allocations"))
        .foreign_key(&mut reference("fk_settlements_entry", "entry_id", "allocation_entries"))
        .foreign_key(&mut reference("fk_settlements_corrects", "corrects_id", "settlements"))
        .check(("ck_settlements_kind", original.or(correction)))
        .check(("ck_settlements_state", state))
        .to_owned()
}
