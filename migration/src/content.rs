//! What rows keep as JSON text, rewritten where it stands.

use sea_orm_migration::prelude::*;
use serde_json::{Map, Value};

/// Whom Circular 01/2020/TT-BKHĐT leaves out.
const OUTSIDE: &str = include_str!("../data/criteria-tt01-2020-outside.json");

/// Adds to the objects in a column of some rows whom the circular leaves out.
pub(crate) async fn tell_outside(
    manager: &SchemaManager<'_>,
    place: (&'static str, &'static str),
    rows: Expr,
) -> Result<(), DbErr> {
    let outside: Value = serde_json::from_str(OUTSIDE).map_err(malformed)?;
    rewrite(manager, place, rows, |content| {
        content.insert("outside".to_owned(), outside.clone());
    })
    .await
}

/// Takes that out of them again.
pub(crate) async fn untell_outside(
    manager: &SchemaManager<'_>,
    place: (&'static str, &'static str),
    rows: Expr,
) -> Result<(), DbErr> {
    rewrite(manager, place, rows, |content| {
        content.remove("outside");
    })
    .await
}

/// Rewrites the objects in a column of some rows.
async fn rewrite(
    manager: &SchemaManager<'_>,
    (table, column): (&'static str, &'static str),
    rows: Expr,
    change: impl Fn(&mut Map<String, Value>),
) -> Result<(), DbErr> {
    let found = Query::select().column(column).from(table).and_where(rows.clone()).to_owned();
    for row in manager.get_connection().query_all(&found).await? {
        let told: String = row.try_get("", column)?;
        let mut content: Map<String, Value> = serde_json::from_str(&told).map_err(malformed)?;
        change(&mut content);
        let changed = serde_json::to_string(&content).map_err(malformed)?;
        let is_that = Expr::col(column).eq(told);
        let update =
            Query::update().table(table).value(column, changed).and_where(rows.clone()).and_where(is_that).to_owned();
        manager.exec_stmt(update).await?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn malformed(error: serde_json::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}
