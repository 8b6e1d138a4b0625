//! Since when a support need counts, and since when each year of it is appraised and approved: so that sums can be read as of
//! an instant. What is there already takes the instants of the acts that it keeps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let kind = if is_sqlite { "timestamp_with_timezone_text" } else { "timestamp with time zone" };
        let db = manager.get_connection();
        for (table, column) in COLUMNS {
            db.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}")).await?;
        }
        db.execute_unprepared(&format!(
            "UPDATE support_needs SET consolidated_at = {} WHERE consolidation IS NOT NULL",
            instant(is_sqlite, "consolidation", &["at"])
        ))
        .await?;
        for (column, act) in [("appraised_at", "appraisal"), ("approved_at", "approval")] {
            let of_item = act_of_item(is_sqlite, act);
            db.execute_unprepared(&format!(
                "UPDATE support_need_phases SET {column} = (SELECT {of_item} FROM support_needs n \
                 WHERE n.id = support_need_phases.need_id)"
            ))
            .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS.iter().rev() {
            let sql = format!("ALTER TABLE {table} DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

const COLUMNS: [(&str, &str); 3] = [
    ("support_needs", "consolidated_at"),
    ("support_need_phases", "appraised_at"),
    ("support_need_phases", "approved_at"),
];

/// An instant inside a text of JSON, as the database keeps instants: SQLite with the offset spelled out.
fn instant(is_sqlite: bool, json: &str, path: &[&str]) -> String {
    if is_sqlite {
        format!("replace(json_extract({json}, '$.{}'), 'Z', '+00:00')", path.join("."))
    } else {
        format!("({json}::jsonb #>> '{{{}}}')::timestamptz", path.join(","))
    }
}

/// The instant of an act of the item that a row is a year of: items are counted from 1.
fn act_of_item(is_sqlite: bool, act: &str) -> String {
    if is_sqlite {
        let path = format!("'$[' || (support_need_phases.item - 1) || '].{act}.at'");
        format!("replace(json_extract(n.items, {path}), 'Z', '+00:00')")
    } else {
        format!("(n.items::jsonb -> (support_need_phases.item - 1) -> '{act}' ->> 'at')::timestamptz")
    }
}
