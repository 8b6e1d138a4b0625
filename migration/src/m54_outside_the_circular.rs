//! Circular 01/2020/TT-BKHĐT says whom it leaves out: people's credit funds and the Co-operative Bank, which alone of all
//! cooperatives do what VSIC calls other monetary intermediation (27/2018/QĐ-TTg, class 6419).

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
        rewritten(manager, |criteria| {
            criteria.insert("outside".to_owned(), outside.clone());
        })
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewritten(manager, |criteria| {
            criteria.remove("outside");
        })
        .await
    }
}

/// Rewrites what the set that ships says; sets that were loaded say for themselves whom they leave out.
async fn rewritten(manager: &SchemaManager<'_>, change: impl Fn(&mut Map<String, Value>)) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let ships = || Expr::col("code").eq("TT01-2020").and(Expr::col("edition").eq(1));
    let found = Query::select().column("criteria").from("criteria_sets").and_where(ships()).to_owned();
    let Some(row) = db.query_one(&found).await? else { return Ok(()) };
    let told: String = row.try_get("", "criteria")?;
    let mut criteria: Map<String, Value> = serde_json::from_str(&told).map_err(malformed)?;
    change(&mut criteria);
    let told = serde_json::to_string(&criteria).map_err(malformed)?;
    let update = Query::update().table("criteria_sets").value("criteria", told).and_where(ships()).to_owned();
    manager.exec_stmt(update).await
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn malformed(error: serde_json::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}
