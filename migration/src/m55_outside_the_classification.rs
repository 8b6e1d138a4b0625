//! Whom Circular 01/2020/TT-BKHĐT leaves out it does not class either: people's credit funds and the Co-operative Bank have
//! no class under its rules. They are told as its criteria tell them, by trade (27/2018/QĐ-TTg, class 6419).

use sea_orm_migration::prelude::*;
use serde_json::{Map, Value};

/// Whom it leaves out.
const OUTSIDE: &str = include_str!("../data/criteria-tt01-2020-outside.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outside: Value = serde_json::from_str(OUTSIDE).map_err(malformed)?;
        rewritten(manager, |content| {
            content.insert("outside".to_owned(), outside.clone());
        })
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewritten(manager, |content| {
            content.remove("outside");
        })
        .await
    }
}

/// Rewrites what each rule of the circular says.
async fn rewritten(manager: &SchemaManager<'_>, change: impl Fn(&mut Map<String, Value>)) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let of_circular = Expr::col("code").like("TT01-2020.%");
    let rules =
        Query::select().columns(["code", "content"]).from("classification_rules").and_where(of_circular).to_owned();
    for row in db.query_all(&rules).await? {
        let (code, told): (String, String) = (row.try_get("", "code")?, row.try_get("", "content")?);
        let mut content: Map<String, Value> = serde_json::from_str(&told).map_err(malformed)?;
        change(&mut content);
        let told = serde_json::to_string(&content).map_err(malformed)?;
        let update = Query::update()
            .table("classification_rules")
            .value("content", told)
            .and_where(Expr::col("code").eq(code))
            .to_owned();
        manager.exec_stmt(update).await?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn malformed(error: serde_json::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}
