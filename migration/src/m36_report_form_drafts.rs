//! Forms of the periodic reports are loaded as drafts and put in force by somebody else: each keeps who wrote it, the first
//! period that is reported on with it, and whether it is in force. Those that are there are in force.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{FromQueryResult, Statement};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "report_forms";
const ID: &str = "uq_report_forms_id";
/// When the forms that shipped are said to have been recorded: the day of the scheme.
const SHIPPED: &str = "2021-02-03 00:00:00+00:00";
/// The id of the first form that shipped; the others follow.
const FIRST_ID: u128 = 0x0177_6530_4c00_7030_8000_0000_0000_0001;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            manager.alter_table(Table::alter().table(TABLE).add_column(column).to_owned()).await?;
        }
        #[derive(Debug, FromQueryResult)]
        struct Form {
            version: String,
        }
        let sql = "SELECT version FROM report_forms ORDER BY valid_from, version";
        let statement = Statement::from_string(manager.get_database_backend(), sql);
        let forms = Form::find_by_statement(statement).all(manager.get_connection()).await?;
        for (number, form) in (0..).zip(forms) {
            let id = Uuid::from_u128(FIRST_ID + number);
            let named = Query::update()
                .table(TABLE)
                .value("id", id)
                .and_where(Expr::col("version").eq(form.version))
                .to_owned();
            manager.execute(named).await?;
        }
        manager.create_index(Index::create().unique().name(ID).table(TABLE).col("id").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drafts = "version IN (SELECT version FROM report_forms WHERE state = 'draft')";
        let db = manager.get_connection();
        db.execute_unprepared(&format!("DELETE FROM report_form_indicators WHERE form_{drafts}")).await?;
        db.execute_unprepared("DELETE FROM report_forms WHERE state = 'draft'").await?;
        manager.drop_index(Index::drop().name(ID).table(TABLE).to_owned()).await?;
        for column in ["updated_at", "recorded_at", "writers", "first_period", "state", "row_version", "id"] {
            manager.alter_table(Table::alter().table(TABLE).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 7] {
    let states = Expr::col("state").is_in(["draft", "active"]);
    [
        ColumnDef::new("id").uuid().to_owned(),
        ColumnDef::new("row_version").integer().not_null().default(1).to_owned(),
        ColumnDef::new("state").text().not_null().default("active").check(states).to_owned(),
        ColumnDef::new("first_period").text().to_owned(),
        ColumnDef::new("writers").text().not_null().default("[]").to_owned(),
        ColumnDef::new("recorded_at").timestamp_with_time_zone().not_null().default(SHIPPED).to_owned(),
        ColumnDef::new("updated_at").timestamp_with_time_zone().not_null().default(SHIPPED).to_owned(),
    ]
}
