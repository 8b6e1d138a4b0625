//! Service accounts: machines that get tokens of this service, and the hashes of the secrets that they show.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(accounts()).await?;
        manager.create_table(secrets()).await?;
        for (table, column) in [
            ("service_accounts", "role"),
            ("service_accounts", "agency_id"),
            ("service_accounts", "cooperative_id"),
            ("service_account_secrets", "account_id"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).col("id").to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["service_account_secrets", "service_accounts"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// An account acts for an agency or a cooperative, or for neither.
fn accounts() -> TableCreateStatement {
    let one_at_most = Expr::col("agency_id").is_null().or(Expr::col("cooperative_id").is_null());
    let reference = |name: &'static str, column: &'static str, to: &'static str| {
        ForeignKey::create().name(name).from("service_accounts", column).to(to, "id").to_owned()
    };
    Table::create()
        .table("service_accounts")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("purpose").text())
        .col(ColumnDef::new("role").text().not_null())
        .col(ColumnDef::new("agency_id").uuid())
        .col(ColumnDef::new("cooperative_id").uuid())
        .col(ColumnDef::new("revoked_at").timestamp_with_time_zone())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(Index::create().unique().name("uq_service_accounts_name").col("name"))
        .foreign_key(&mut reference("fk_service_accounts_agency_id", "agency_id", "agencies"))
        .foreign_key(&mut reference("fk_service_accounts_cooperative_id", "cooperative_id", "cooperatives"))
        .check(("ck_service_accounts_one", one_at_most))
        .to_owned()
}

/// A secret is kept as its hash, until it ends.
fn secrets() -> TableCreateStatement {
    let mut account = ForeignKey::create()
        .name("fk_service_account_secrets_account_id")
        .from("service_account_secrets", "account_id")
        .to("service_accounts", "id")
        .to_owned();
    Table::create()
        .table("service_account_secrets")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("hash").text().not_null())
        .col(ColumnDef::new("issued_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("expires_at").timestamp_with_time_zone())
        .foreign_key(&mut account)
        .to_owned()
}
