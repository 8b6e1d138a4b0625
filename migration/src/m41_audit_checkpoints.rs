//! Checkpoints of the audit trail: a digest over a stretch of events, bound to the checkpoint before and sealed. Only added to.

use sea_orm_migration::prelude::*;

use crate::triggers::{self, Trigger};

/// When a new checkpoint would replace one. Of two that are made at once the second loses by the constraint on the number,
/// whoever looks first.
const TAKEN: &str = "id = NEW.id OR number = NEW.number";

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(checkpoints()).await?;
        triggers::create(manager, &kept()).await?;
        triggers::close(manager, "audit_checkpoints", Some(TAKEN), "checkpoints of the audit trail are kept").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::open(manager, "audit_checkpoints", Some(TAKEN)).await?;
        triggers::drop(manager, &kept()).await?;
        manager.drop_table(Table::drop().table("audit_checkpoints").to_owned()).await
    }
}

fn kept() -> Vec<Trigger> {
    const TABLE: &str = "audit_checkpoints";
    vec![
        Trigger::refuses(
            "tr_audit_checkpoints_fixed",
            (TABLE, "BEFORE UPDATE"),
            "1 = 1",
            "a checkpoint of the audit trail is never edited",
        ),
        Trigger::refuses(
            "tr_audit_checkpoints_kept",
            (TABLE, "BEFORE DELETE"),
            "1 = 1",
            "a checkpoint of the audit trail is never deleted",
        ),
    ]
}

fn checkpoints() -> TableCreateStatement {
    let places = Expr::col("to_place").sub(Expr::col("from_place")).add(1);
    let counted = Expr::col("event_count").gte(0).and(Expr::col("event_count").lte(places));
    let is_first = Expr::col("number").eq(1).eq(Expr::col("previous").is_null());
    Table::create()
        .table("audit_checkpoints")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("from_place").big_integer().not_null())
        .col(ColumnDef::new("to_place").big_integer().not_null())
        .col(ColumnDef::new("event_count").big_integer().not_null())
        .col(ColumnDef::new("events_digest").text().not_null())
        .col(ColumnDef::new("previous").text())
        .col(ColumnDef::new("reason").text())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("digest").text().not_null())
        .col(ColumnDef::new("signature").text())
        .index(Index::create().unique().name("uq_audit_checkpoints_number").col("number"))
        .check(("ck_audit_checkpoints_range", counted))
        .check(("ck_audit_checkpoints_first", is_first))
        .to_owned()
}
