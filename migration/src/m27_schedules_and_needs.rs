//! When an allocated entry is planned to be paid, instalment by instalment, and which item of a support need it serves.
//!
//! An approved allocation keeps both. Instalments of an entry sum to its amount, and to no item of a need is more allocated
//! than was approved of it: triggers hold this at the approval, whoever writes. What is approved of a need is kept.

use sea_orm_migration::prelude::*;

use crate::triggers::{self, Trigger, changes, sum};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(instalments()).await?;
        manager.create_table(served_needs()).await?;
        let mut index = Index::create();
        index.name("ix_allocation_entry_needs_need").table("allocation_entry_needs").col("need_id").col("item");
        manager.create_index(index).await?;
        triggers::create(manager, &all()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &all()).await?;
        for table in ["allocation_entry_needs", "allocation_instalments"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn reference(name: &str, from: (&'static str, &'static str), to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(from.0, from.1).to(to, "id").to_owned()
}

fn instalments() -> TableCreateStatement {
    let mut entry =
        reference("fk_allocation_instalments_entry", ("allocation_instalments", "entry_id"), "allocation_entries");
    Table::create()
        .table("allocation_instalments")
        .col(ColumnDef::new("entry_id").uuid().not_null())
        .col(ColumnDef::new("due_on").date().not_null())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .primary_key(Index::create().name("pk_allocation_instalments").col("entry_id").col("due_on"))
        .foreign_key(entry.on_delete(ForeignKeyAction::Cascade))
        .check(("ck_allocation_instalments_amount", Expr::col("amount").gt(0)))
        .to_owned()
}

fn served_needs() -> TableCreateStatement {
    let of = |column| ("allocation_entry_needs", column);
    let mut entry = reference("fk_allocation_entry_needs_entry", of("entry_id"), "allocation_entries");
    Table::create()
        .table("allocation_entry_needs")
        .col(ColumnDef::new("entry_id").uuid().not_null().primary_key())
        .col(ColumnDef::new("need_id").uuid().not_null())
        .col(ColumnDef::new("item").integer().not_null())
        .foreign_key(entry.on_delete(ForeignKeyAction::Cascade))
        .foreign_key(&mut reference("fk_allocation_entry_needs_need", of("need_id"), "support_needs"))
        .check(("ck_allocation_entry_needs_item", Expr::col("item").gte(1)))
        .to_owned()
}

const FIXED: &str = "what is approved is changed by a later decision only";

/// Whether the entry of a row is of an approved allocation.
fn is_approved(row: &str) -> String {
    format!(
        "(SELECT a.state FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
         WHERE e.id = {row}.entry_id) = 'approved'"
    )
}

fn all() -> Vec<Trigger> {
    const INSTALMENTS: &str = "allocation_instalments";
    const NEEDS: &str = "allocation_entry_needs";
    const APPROVES: &str = "NEW.state = 'approved' AND OLD.state <> 'approved'";
    let planned = sum("i.amount", "allocation_instalments i WHERE i.entry_id = e.id");
    let unplanned = format!(
        "EXISTS (SELECT 1 FROM allocation_entries e WHERE e.allocation_id = NEW.id AND e.amount <> {planned} \
         AND EXISTS (SELECT 1 FROM allocation_instalments i WHERE i.entry_id = e.id))"
    );
    let served = "SELECT n.need_id FROM allocation_entry_needs n JOIN allocation_entries e ON e.id = n.entry_id \
                  WHERE e.allocation_id = NEW.id";
    let approved = sum("p.approved", "support_need_phases p WHERE p.need_id = n.need_id AND p.item = n.item");
    let allocated = sum(
        "o.amount - o.reduced",
        "allocation_entry_needs s JOIN allocation_entries o ON o.id = s.entry_id \
         JOIN allocations a ON a.id = o.allocation_id \
         WHERE s.need_id = n.need_id AND s.item = n.item AND a.state = 'approved'",
    );
    let over = format!(
        "EXISTS (SELECT 1 FROM allocation_entry_needs n JOIN allocation_entries e ON e.id = n.entry_id \
         WHERE e.allocation_id = NEW.id AND {allocated} > {approved})"
    );
    let decided = changes(&["need_id", "item", "fiscal_year", "requested", "appraised", "approved"]);
    vec![
        Trigger::refuses("tr_allocation_instalments_added", (INSTALMENTS, "BEFORE INSERT"), is_approved("NEW"), FIXED),
        Trigger::refuses("tr_allocation_instalments_fixed", (INSTALMENTS, "BEFORE UPDATE"), is_approved("OLD"), FIXED),
        Trigger::refuses("tr_allocation_instalments_kept", (INSTALMENTS, "BEFORE DELETE"), is_approved("OLD"), FIXED),
        Trigger::refuses("tr_allocation_entry_needs_added", (NEEDS, "BEFORE INSERT"), is_approved("NEW"), FIXED),
        Trigger::refuses("tr_allocation_entry_needs_fixed", (NEEDS, "BEFORE UPDATE"), is_approved("OLD"), FIXED),
        Trigger::refuses("tr_allocation_entry_needs_kept", (NEEDS, "BEFORE DELETE"), is_approved("OLD"), FIXED),
        Trigger::refuses(
            "tr_allocations_planned",
            ("allocations", "BEFORE UPDATE OF state"),
            format!("{APPROVES} AND {unplanned}"),
            "the instalments of an entry sum to its amount",
        ),
        Trigger::refuses_locked(
            "tr_allocations_served",
            ("allocations", "AFTER UPDATE OF state"),
            APPROVES,
            format!("support_needs WHERE id IN ({served}) ORDER BY id"),
            over,
            "no more is allocated to a need than was approved of it",
        ),
        Trigger::refuses(
            "tr_support_need_phases_fixed",
            ("support_need_phases", "BEFORE UPDATE"),
            format!("OLD.approved IS NOT NULL AND {decided}"),
            "what is approved of a need is kept",
        ),
        Trigger::refuses(
            "tr_support_need_phases_kept",
            ("support_need_phases", "BEFORE DELETE"),
            "OLD.approved IS NOT NULL",
            "what is approved of a need is kept",
        ),
    ]
}
