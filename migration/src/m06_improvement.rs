//! Improvement plans of pilots, one row a revision, and their measures.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(improvement_plans()).await?;
        manager.create_table(plan_measures()).await?;
        for (name, column) in [
            ("ix_improvement_plans_province", "province_code"),
            ("ix_improvement_plans_unit", "unit_code"),
            ("ix_improvement_plans_cooperative", "cooperative_id"),
            ("ix_improvement_plans_pilot", "pilot_id"),
            ("ix_improvement_plans_state", "state"),
        ] {
            let mut index = Index::create();
            manager.create_index(index.name(name).table("improvement_plans").col(column).col("id").to_owned()).await?;
        }
        // One yardstick for a pilot, whatever races.
        let one_approved = "CREATE UNIQUE INDEX uq_improvement_plans_approved ON improvement_plans (pilot_id) WHERE state = 'approved'";
        manager.get_connection().execute_unprepared(one_approved).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("plan_measures").to_owned()).await?;
        manager.drop_table(Table::drop().table("improvement_plans").to_owned()).await
    }
}

fn reference(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    let name = format!("fk_improvement_plans_{column}");
    ForeignKey::create().name(name).from("improvement_plans", column).to(to, "id").to_owned()
}

/// The column is given in these states.
fn given(column: &'static str, states: &[&'static str]) -> Expr {
    Expr::col("state").is_not_in(states.iter().copied()).or(Expr::col(column).is_not_null())
}

fn improvement_plans() -> TableCreateStatement {
    let states = ["draft", "submitted", "returned", "approved", "superseded"];
    let first = Expr::col("revision").eq(1).and(Expr::col("previous_id").is_null());
    let later = Expr::col("revision").gt(1).and(Expr::col("previous_id").is_not_null());
    Table::create()
        .table("improvement_plans")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("pilot_id").uuid().not_null())
        .col(ColumnDef::new("cooperative_id").uuid().not_null())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("unit_code").text().not_null())
        .col(ColumnDef::new("revision").integer().not_null())
        .col(ColumnDef::new("previous_id").uuid())
        .col(ColumnDef::new("revision_reason").text())
        .col(ColumnDef::new("next_id").uuid())
        .col(ColumnDef::new("baseline_evaluation_id").uuid().not_null())
        .col(ColumnDef::new("criteria").text().not_null())
        .col(ColumnDef::new("criteria_to_improve").integer().not_null())
        .col(ColumnDef::new("opinions").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("return_comment").text())
        .col(ColumnDef::new("signature").text())
        .col(ColumnDef::new("approval").text())
        .col(ColumnDef::new("decision_date").date())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("writers").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(Index::create().unique().name("uq_improvement_plans_revision").col("pilot_id").col("revision"))
        .foreign_key(&mut reference("pilot_id", "pilots"))
        .foreign_key(&mut reference("cooperative_id", "cooperatives"))
        .foreign_key(&mut reference("baseline_evaluation_id", "evaluations"))
        .foreign_key(&mut reference("previous_id", "improvement_plans"))
        .check(("ck_improvement_plans_state", Expr::col("state").is_in(states)))
        .check(("ck_improvement_plans_revision", first.or(later)))
        .check(("ck_improvement_plans_criteria", Expr::col("criteria_to_improve").gte(0)))
        .check(("ck_improvement_plans_returned", given("return_comment", &["returned"])))
        .check(("ck_improvement_plans_signed", given("signature", &["submitted", "approved", "superseded"])))
        .check(("ck_improvement_plans_approved", given("approval", &["approved", "superseded"])))
        .check(("ck_improvement_plans_decided", given("decision_date", &["approved", "superseded"])))
        .to_owned()
}

fn plan_measures() -> TableCreateStatement {
    let areas = ["governance", "accounting", "production", "other"];
    Table::create()
        .table("plan_measures")
        .col(ColumnDef::new("plan_id").uuid().not_null())
        .col(ColumnDef::new("number").integer().not_null())
        .col(ColumnDef::new("title").text().not_null())
        .col(ColumnDef::new("area").text().not_null())
        .col(ColumnDef::new("due_date").date().not_null())
        .col(ColumnDef::new("responsible").text().not_null())
        .col(ColumnDef::new("criteria").text().not_null())
        .col(ColumnDef::new("done_on").date())
        .primary_key(Index::create().name("pk_plan_measures").col("plan_id").col("number"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_plan_measures_plan")
                .from("plan_measures", "plan_id")
                .to("improvement_plans", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(("ck_plan_measures_number", Expr::col("number").gte(1)))
        .check(("ck_plan_measures_area", Expr::col("area").is_in(areas)))
        .to_owned()
}
