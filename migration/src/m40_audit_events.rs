//! The audit trail: one row for everything that was written and every share that was made, kept by the database itself.
//!
//! A row is written in the transaction of the work, without a place, so that no writer waits for another; places are given later, in
//! the order of the rows that can be seen by then, as in the feed of changes (m38). After that no row is edited, and none
//! is ever deleted: triggers refuse it. The indexes hold rows with a place alone, so that a write pays for two of them.

use sea_orm_migration::prelude::*;

use crate::triggers::{self, Trigger};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// What a row says; its place alone comes later.
const SAID: [&str; 26] = [
    "id",
    "recorded_at",
    "kind",
    "issuer",
    "subject",
    "role",
    "agency_id",
    "unit_code",
    "cooperative_id",
    "operation",
    "method",
    "path",
    "query",
    "resource",
    "record",
    "version",
    "status",
    "media_type",
    "request_digest",
    "answer_digest",
    "trace_id",
    "client_address",
    "x_road_id",
    "x_road_user_id",
    "digest",
    "province_code",
];

/// When a new event would replace one.
const TAKEN: &str = "id = NEW.id OR place = NEW.place";

/// What the trail is narrowed to: name of the index, column.
const FILTERS: [(&str, &str); 8] = [
    ("ix_audit_events_kind", "kind"),
    ("ix_audit_events_subject", "subject"),
    ("ix_audit_events_agency", "agency_id"),
    ("ix_audit_events_operation", "operation"),
    ("ix_audit_events_resource", "resource"),
    ("ix_audit_events_record", "record"),
    ("ix_audit_events_recorded_at", "recorded_at"),
    ("ix_audit_events_province", "province_code"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        manager.create_table(events()).await?;
        manager.create_table(order()).await?;
        db.execute_unprepared("INSERT INTO audit_order (id, placed) VALUES (1, 0)").await?;
        db.execute_unprepared(
            "CREATE UNIQUE INDEX uq_audit_events_place ON audit_events (place) WHERE place IS NOT NULL",
        )
        .await?;
        db.execute_unprepared("CREATE INDEX ix_audit_events_waiting ON audit_events (id) WHERE place IS NULL").await?;
        for (name, column) in FILTERS {
            let sql = format!("CREATE INDEX {name} ON audit_events ({column}, place) WHERE place IS NOT NULL");
            db.execute_unprepared(&sql).await?;
        }
        triggers::create(manager, &kept()).await?;
        triggers::close(manager, "audit_events", Some(TAKEN), "what the audit trail says is kept").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::open(manager, "audit_events", Some(TAKEN)).await?;
        triggers::drop(manager, &kept()).await?;
        for table in ["audit_order", "audit_events"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn kept() -> Vec<Trigger> {
    const TABLE: &str = "audit_events";
    let otherwise = format!("OLD.place IS NOT NULL OR NEW.place IS NULL OR {}", triggers::changes(&SAID));
    vec![
        Trigger::refuses(
            "tr_audit_events_fixed",
            (TABLE, "BEFORE UPDATE"),
            otherwise,
            "what the audit trail says is never edited",
        ),
        Trigger::refuses(
            "tr_audit_events_kept",
            (TABLE, "BEFORE DELETE"),
            "1 = 1",
            "what the audit trail says is never deleted",
        ),
    ]
}

/// What happened, and its place once it has one.
fn events() -> TableCreateStatement {
    let text = |name: &'static str| ColumnDef::new(name).text().to_owned();
    let required = |name: &'static str| ColumnDef::new(name).text().not_null().to_owned();
    Table::create()
        .table("audit_events")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("place").big_integer())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(required("kind"))
        .col(required("issuer"))
        .col(required("subject"))
        .col(required("role"))
        .col(ColumnDef::new("agency_id").uuid())
        .col(text("unit_code"))
        .col(ColumnDef::new("cooperative_id").uuid())
        .col(required("operation"))
        .col(required("method"))
        .col(required("path"))
        .col(text("query"))
        .col(required("resource"))
        .col(text("record"))
        .col(ColumnDef::new("version").integer())
        .col(ColumnDef::new("status").integer().not_null())
        .col(text("media_type"))
        .col(text("request_digest"))
        .col(text("answer_digest"))
        .col(required("trace_id"))
        .col(text("client_address"))
        .col(text("x_road_id"))
        .col(text("x_road_user_id"))
        .col(required("digest"))
        .col(text("province_code"))
        .check(("ck_audit_events_place", Expr::col("place").gt(0)))
        .check(("ck_audit_events_kind", Expr::col("kind").is_in(["write", "share", "token"])))
        .to_owned()
}

/// One row: the last place that was given, which whoever gives places locks.
fn order() -> TableCreateStatement {
    Table::create()
        .table("audit_order")
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(ColumnDef::new("placed").big_integer().not_null())
        .check(("ck_audit_order_one", Expr::col("id").eq(1)))
        .to_owned()
}
