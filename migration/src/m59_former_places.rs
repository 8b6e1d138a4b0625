//! Where a cooperative was placed before it was moved: what is reported late on a year before the reform counts for the unit
//! where it was then.

use sea_orm_migration::prelude::*;

use crate::triggers::{self, Trigger};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "former_places";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut of_cooperative = ForeignKey::create();
        of_cooperative
            .name("fk_former_places_cooperative")
            .from(TABLE, "cooperative_id")
            .to("cooperatives", "id")
            .on_delete(ForeignKeyAction::Cascade);
        let table = Table::create()
            .table(TABLE)
            .col(ColumnDef::new("cooperative_id").uuid().not_null())
            // The version of the cooperative that left the place.
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("unit_code").text().not_null())
            // The first day of the unit, where a commune was meant.
            .col(ColumnDef::new("unit_from").date())
            .col(ColumnDef::new("moved_at").timestamp_with_time_zone().not_null())
            .primary_key(Index::create().col("cooperative_id").col("version"))
            .foreign_key(&mut of_cooperative)
            .to_owned();
        manager.create_table(table).await?;
        triggers::create(manager, &[left()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &[left()]).await?;
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}

fn left() -> Trigger {
    Trigger::runs(
        "tr_cooperatives_left",
        ("cooperatives", "AFTER UPDATE OF unit_code"),
        "NEW.unit_code <> OLD.unit_code",
        "cooperatives WHERE id = NEW.id",
        "INSERT INTO former_places (cooperative_id, version, unit_code, unit_from, moved_at) \
         VALUES (OLD.id, NEW.version, OLD.unit_code, OLD.unit_from, NEW.updated_at)",
    )
}
