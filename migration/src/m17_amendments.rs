//! Amendments of the budget: numbered decisions that change the lines of an approved plan and reduce approved
//! allocations. The decision is drafted and approved; what it changed is kept with it, so that any balance can be had as
//! it stood before.
//!
//! A decision may empty a line, so a line may hold nothing from here on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lines_hold(manager, "amount >= 0").await?;
        manager.create_table(amendments()).await?;
        manager.create_table(changes()).await?;
        for (name, table, columns) in [
            ("ix_budget_amendments_province", "budget_amendments", &["province_code", "id"][..]),
            ("ix_budget_amendments_plan", "budget_amendments", &["plan_id", "id"]),
            ("ix_budget_amendments_state", "budget_amendments", &["state", "id"]),
            ("ix_budget_amendment_changes_amendment", "budget_amendment_changes", &["amendment_id", "position"]),
            ("ix_budget_amendment_changes_line", "budget_amendment_changes", &["line_id", "amendment_id"]),
            ("ix_budget_amendment_changes_entry", "budget_amendment_changes", &["entry_id", "amendment_id"]),
            ("ix_settlements_reviewed", "settlements", &["entry_id", "reviewed_at"]),
            ("ix_disbursements_recorded", "disbursements", &["entry_id", "recorded_at"]),
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
        for (name, table) in
            [("ix_disbursements_recorded", "disbursements"), ("ix_settlements_reviewed", "settlements")]
        {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        for table in ["budget_amendment_changes", "budget_amendments"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared("DELETE FROM estimate_lines WHERE amount = 0").await?;
        lines_hold(manager, "amount > 0").await
    }
}

/// Replaces the constraint on the amount of a line. SQLite keeps constraints with the table, which is made anew: outside a
/// transaction of the migrator, since only there foreign keys can wait.
async fn lines_hold(manager: &SchemaManager<'_>, check: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Sqlite {
        let sql = format!(
            "ALTER TABLE estimate_lines DROP CONSTRAINT ck_estimate_lines_amount; \
             ALTER TABLE estimate_lines ADD CONSTRAINT ck_estimate_lines_amount CHECK ({check})"
        );
        return db.execute_unprepared(&sql).await.map(|_| ());
    }
    let sql = format!(
        "PRAGMA foreign_keys = OFF; \
         BEGIN; \
         CREATE TABLE estimate_lines_new ( \
             id uuid_text NOT NULL PRIMARY KEY, \
             plan_id uuid_text NOT NULL, \
             position integer NOT NULL, \
             category text NOT NULL, \
             budget_level text, \
             source text, \
             nature text, \
             support_kind text, \
             fiscal_year integer, \
             amount bigint NOT NULL, \
             allocated bigint NOT NULL, \
             CONSTRAINT fk_estimate_lines_plan FOREIGN KEY (plan_id) REFERENCES provincial_plans (id) ON DELETE CASCADE, \
             CONSTRAINT ck_estimate_lines_amount CHECK ({check}), \
             CONSTRAINT ck_estimate_lines_allocated CHECK (allocated >= 0 AND allocated <= amount)); \
         INSERT INTO estimate_lines_new SELECT id, plan_id, position, category, budget_level, source, nature, \
             support_kind, fiscal_year, amount, allocated FROM estimate_lines; \
         DROP TABLE estimate_lines; \
         ALTER TABLE estimate_lines_new RENAME TO estimate_lines; \
         CREATE INDEX ix_estimate_lines_plan ON estimate_lines (plan_id, position); \
         COMMIT; \
         PRAGMA foreign_keys = ON;"
    );
    db.execute_unprepared(&sql).await.map(|_| ())
}

fn reference(
    name: &str,
    from: (&'static str, &'static str),
    to: (&'static str, &'static str),
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(from.0, from.1).to(to.0, to.1).to_owned()
}

fn amendments() -> TableCreateStatement {
    let of = |column| ("budget_amendments", column);
    let approved = Expr::col("approved_by").is_not_null().and(Expr::col("approved_at").is_not_null());
    let open = Expr::col("approved_by").is_null().and(Expr::col("approved_at").is_null());
    Table::create()
        .table("budget_amendments")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("plan_id").uuid().not_null())
        .col(ColumnDef::new("lead_agency_id").uuid().not_null())
        .col(ColumnDef::new("decision_number").text().not_null())
        .col(ColumnDef::new("decision_date").date().not_null())
        .col(ColumnDef::new("reason").text().not_null())
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
                .name("uq_budget_amendments_decision")
                .col("province_code")
                .col("decision_number")
                .col("decision_date"),
        )
        .foreign_key(&mut reference("fk_budget_amendments_plan", of("plan_id"), ("provincial_plans", "id")))
        .foreign_key(&mut reference("fk_budget_amendments_lead_agency", of("lead_agency_id"), ("agencies", "id")))
        .check((
            "ck_budget_amendments_state",
            Expr::col("state").eq("draft").and(open).or(Expr::col("state").eq("approved").and(approved)),
        ))
        .to_owned()
}

/// `line_id` of a new line is the id that it gets with the approval: hence no foreign key.
fn changes() -> TableCreateStatement {
    let of = |column| ("budget_amendment_changes", column);
    let is = |kind: &'static str| Expr::col("kind").eq(kind);
    let given = |line: bool, entry: bool, content: bool| {
        let member = |name: &'static str, given: bool| {
            if given { Expr::col(name).is_not_null() } else { Expr::col(name).is_null() }
        };
        member("line_id", line).and(member("entry_id", entry)).and(member("content", content))
    };
    let line = is("line").and(given(true, false, false)).and(Expr::col("amount").gte(0));
    let new_line = is("new_line").and(given(true, false, true)).and(Expr::col("amount").gt(0));
    let reduction = is("reduction").and(given(false, true, false)).and(Expr::col("amount").gt(0));
    Table::create()
        .table("budget_amendment_changes")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("amendment_id").uuid().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("line_id").uuid())
        .col(ColumnDef::new("entry_id").uuid())
        .col(ColumnDef::new("amount").big_integer().not_null())
        .col(ColumnDef::new("content").text())
        .col(ColumnDef::new("delta").big_integer())
        .foreign_key(
            reference("fk_budget_amendment_changes_amendment", of("amendment_id"), ("budget_amendments", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut reference("fk_budget_amendment_changes_entry", of("entry_id"), ("allocation_entries", "id")))
        .check(("ck_budget_amendment_changes_kind", line.or(new_line).or(reduction)))
        .to_owned()
}
