//! Amendments of selection decisions are drafted and approved, and may add applications to the list. Those recorded before
//! were approved by who recorded them.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const FILL: &str = "UPDATE decision_amendments SET \
    province_code = (SELECT province_code FROM selection_decisions WHERE id = decision_id), \
    scheme_code = (SELECT scheme_code FROM selection_decisions WHERE id = decision_id), \
    approved_by = recorded_by, updated_at = recorded_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = Expr::col("state").is_in(["draft", "approved"]);
        // One a statement: SQLite alters one thing at a time.
        for column in [
            ColumnDef::new("version").integer().not_null().default(1).to_owned(),
            ColumnDef::new("province_code").text().not_null().default("").to_owned(),
            ColumnDef::new("scheme_code").text().not_null().default("").to_owned(),
            ColumnDef::new("state").text().not_null().default("approved").check(states).to_owned(),
            ColumnDef::new("additions").text().not_null().default("[]").to_owned(),
            ColumnDef::new("read").text().not_null().default("{}").to_owned(),
            ColumnDef::new("approved_by").text().to_owned(),
            ColumnDef::new("writers").text().not_null().default("[]").to_owned(),
            ColumnDef::new("updated_at").timestamp_with_time_zone().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("decision_amendments").add_column(column).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared(FILL).await?;
        for column in INDEXED {
            let mut index = Index::create();
            index.name(format!("ix_decision_amendments_{column}")).table("decision_amendments").col(column).col("id");
            manager.create_index(index).await?;
        }
        let amendment = ColumnDef::new("amendment_id").uuid().to_owned();
        manager.alter_table(Table::alter().table("decision_applications").add_column(amendment).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // What is not in force yet, or could not be said before, goes.
        db.execute_unprepared("DELETE FROM decision_applications WHERE amendment_id IS NOT NULL").await?;
        db.execute_unprepared("DELETE FROM decision_amendments WHERE state = 'draft'").await?;
        for column in INDEXED {
            let index =
                Index::drop().name(format!("ix_decision_amendments_{column}")).table("decision_amendments").to_owned();
            manager.drop_index(index).await?;
        }
        let columns = [
            "updated_at",
            "writers",
            "approved_by",
            "read",
            "additions",
            "state",
            "scheme_code",
            "province_code",
            "version",
        ];
        let amended = columns.map(|column| ("decision_amendments", column));
        for (table, column) in [("decision_applications", "amendment_id")].into_iter().chain(amended) {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// What amendments are looked up by.
const INDEXED: [&str; 3] = ["province_code", "decision_id", "state"];
