//! The whole country before and after 1 July 2025, and which unit followed which.

mod tables;

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(unit_successions()).await?;
        for (name, columns) in [
            ("ix_unit_successions_successor", &["successor_code", "successor_from"][..]),
            ("ix_unit_successions_level", &["level", "on_date"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("unit_successions");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(ONE_DEFAULT).await?;
        tables::load(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("unit_successions").to_owned()).await?;
        // What the older steps inserted stays: provinces and the districts of An Giang.
        let added = Query::delete()
            .from_table("administrative_units")
            .and_where(Expr::col("level").ne("province"))
            .and_where(Expr::col("level").eq("commune").or(Expr::col("parent_code").ne("89")))
            .to_owned();
        manager.execute(added).await
    }
}

/// Facts of a divided unit have one place to go to when nothing else is known.
const ONE_DEFAULT: &str = "CREATE UNIQUE INDEX uq_unit_successions_default \
                           ON unit_successions (predecessor_code, predecessor_from) WHERE is_default";

fn unit_successions() -> TableCreateStatement {
    let unit = |name: &'static str, columns: (&'static str, &'static str)| {
        ForeignKey::create()
            .name(name)
            .from("unit_successions", columns)
            .to("administrative_units", ("code", "valid_from"))
            .to_owned()
    };
    Table::create()
        .table("unit_successions")
        .col(ColumnDef::new("predecessor_code").text().not_null())
        .col(ColumnDef::new("predecessor_from").date().not_null())
        .col(ColumnDef::new("successor_code").text().not_null())
        .col(ColumnDef::new("successor_from").date().not_null())
        .col(ColumnDef::new("level").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("on_date").date().not_null())
        .col(ColumnDef::new("is_default").boolean().not_null())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .primary_key(
            Index::create()
                .name("pk_unit_successions")
                .col("predecessor_code")
                .col("predecessor_from")
                .col("successor_code")
                .col("successor_from"),
        )
        .foreign_key(&mut unit("fk_unit_successions_predecessor", ("predecessor_code", "predecessor_from")))
        .foreign_key(&mut unit("fk_unit_successions_successor", ("successor_code", "successor_from")))
        .check(("ck_unit_successions_level", Expr::col("level").is_in(["province", "district", "commune"])))
        .check((
            "ck_unit_successions_kind",
            Expr::col("kind").is_in(["merge", "split", "rename", "carry_over", "abolish"]),
        ))
        .to_owned()
}
