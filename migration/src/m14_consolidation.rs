//! Measures with their agency, their first day and their beginning; consolidations of improvement plans.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("responsible_agency").uuid().extra("REFERENCES agencies (id)").to_owned(),
            ColumnDef::new("start_date").date().to_owned(),
            ColumnDef::new("begun_on").date().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("plan_measures").add_column(column).to_owned()).await?;
        }
        manager.create_table(consolidations()).await?;
        manager.create_table(consolidated_plans()).await?;
        for (name, table, columns) in [
            ("ix_improvement_consolidations_province", "improvement_consolidations", ["province_code", "id"]),
            ("ix_improvement_consolidations_scheme", "improvement_consolidations", ["scheme_code", "id"]),
            ("ix_consolidated_plans_plan", "consolidated_plans", ["plan_id", "consolidation_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("consolidated_plans").to_owned()).await?;
        manager.drop_table(Table::drop().table("improvement_consolidations").to_owned()).await?;
        for column in ["begun_on", "start_date", "responsible_agency"] {
            manager.alter_table(Table::alter().table("plan_measures").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, key).to_owned()
}

fn consolidations() -> TableCreateStatement {
    Table::create()
        .table("improvement_consolidations")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("province_code").text().not_null())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("number").text().not_null())
        .col(ColumnDef::new("date").date().not_null())
        .col(ColumnDef::new("year").integer().not_null())
        .col(ColumnDef::new("advice").text().not_null())
        .col(ColumnDef::new("document").text())
        .col(ColumnDef::new("plans").text().not_null())
        .col(ColumnDef::new("summary").text().not_null())
        .col(ColumnDef::new("created_by").text().not_null())
        .col(ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null())
        .index(
            Index::create()
                .unique()
                .name("uq_improvement_consolidations_number")
                .col("province_code")
                .col("year")
                .col("number"),
        )
        .foreign_key(&mut reference("improvement_consolidations", "scheme_code", "schemes", "code"))
        .to_owned()
}

fn consolidated_plans() -> TableCreateStatement {
    Table::create()
        .table("consolidated_plans")
        .col(ColumnDef::new("consolidation_id").uuid().not_null())
        .col(ColumnDef::new("plan_id").uuid().not_null())
        .primary_key(Index::create().name("pk_consolidated_plans").col("consolidation_id").col("plan_id"))
        .foreign_key(&mut reference("consolidated_plans", "consolidation_id", "improvement_consolidations", "id"))
        .foreign_key(&mut reference("consolidated_plans", "plan_id", "improvement_plans", "id"))
        .to_owned()
}
