//! Which unit the commune code of a cooperative means: the reform of July 2025 gave 27 codes of old communes to new ones
//! that are not their successors. The database notes the first day of the unit that the code meant on the day when the
//! cooperative was placed; what is of the cooperative is found by it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::triggers::{self, Trigger};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "cooperatives";
const INDEX: &str = "ix_cooperatives_unit_from";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("unit_from").date().to_owned();
        manager.alter_table(Table::alter().table(TABLE).add_column(column).to_owned()).await?;
        let place = place(manager, "cooperatives.unit_code", "cooperatives.recorded_at");
        manager.get_connection().execute_unprepared(&format!("{place} WHERE LENGTH(unit_code) = 5")).await?;
        let mut index = Index::create();
        index.name(INDEX).table(TABLE).col("unit_code").col("unit_from");
        manager.create_index(index).await?;
        triggers::create(manager, &placed(manager)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &placed(manager)).await?;
        manager.drop_index(Index::drop().name(INDEX).table(TABLE).to_owned()).await?;
        manager.alter_table(Table::alter().table(TABLE).drop_column("unit_from").to_owned()).await
    }
}

/// Notes the unit that a code means at an instant: the last one that began to bear it by that day in Vietnam.
fn place(manager: &SchemaManager<'_>, code: &str, at: &str) -> String {
    let day = if manager.get_database_backend() == DbBackend::Sqlite {
        format!("date({at}, '+7 hours')")
    } else {
        format!("CAST({at} AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)")
    };
    format!(
        "UPDATE cooperatives SET unit_from = \
         (SELECT MAX(u.valid_from) FROM administrative_units u WHERE u.code = {code} AND u.valid_from <= {day})"
    )
}

fn placed(manager: &SchemaManager<'_>) -> Vec<Trigger> {
    let run = |name, event, when: &str| {
        let place = place(manager, "NEW.unit_code", "NEW.updated_at");
        Trigger::runs(
            name,
            (TABLE, event),
            when,
            "cooperatives WHERE id = NEW.id",
            format!("{place} WHERE id = NEW.id"),
        )
    };
    vec![
        run("tr_cooperatives_placed", "AFTER INSERT", "LENGTH(NEW.unit_code) = 5"),
        run("tr_cooperatives_moved", "AFTER UPDATE OF unit_code", "NEW.unit_code <> OLD.unit_code"),
    ]
}
