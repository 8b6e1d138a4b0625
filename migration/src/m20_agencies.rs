//! The agencies that began with the reforms of 2025, and which agency took over from which.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, Uuid};
use serde::Deserialize;

const AGENCIES: &str = include_str!("../data/agencies_2025.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// A row of the file.
#[derive(Debug, Deserialize)]
struct Agency(Uuid, String, String, Option<String>, Option<String>, Option<String>, Date, Vec<Uuid>);

#[derive(Debug, Deserialize)]
struct Agencies {
    rows: Vec<Agency>,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(agency_successions()).await?;
        let index = Index::create()
            .name("ix_agency_successions_successor")
            .table("agency_successions")
            .col("successor_id")
            .to_owned();
        manager.create_index(index).await?;
        let rows = rows()?;
        insert(manager, &rows).await?;
        for Agency(id, _, _, _, _, _, from, predecessors) in &rows {
            succeed(manager, *id, *from, predecessors).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("agency_successions").to_owned()).await?;
        let rows = rows()?;
        let predecessors: Vec<Uuid> = rows.iter().flat_map(|row| row.7.iter().copied()).collect();
        let reopened = Query::update()
            .table("agencies")
            .value("valid_to", Option::<Date>::None)
            .and_where(Expr::col("id").is_in(predecessors))
            .to_owned();
        manager.execute(reopened).await?;
        let ids = rows.iter().map(|row| row.0);
        // The later first: they name the earlier.
        let mut from: Vec<Date> = rows.iter().map(|row| row.6).collect();
        from.sort();
        from.dedup();
        for day in from.into_iter().rev() {
            let added = Query::delete()
                .from_table("agencies")
                .and_where(Expr::col("id").is_in(ids.clone()))
                .and_where(Expr::col("valid_from").eq(day))
                .to_owned();
            manager.execute(added).await?;
        }
        Ok(())
    }
}

fn rows() -> Result<Vec<Agency>, DbErr> {
    let read: Result<Agencies, _> = serde_json::from_str(AGENCIES);
    read.map(|read| read.rows).map_err(|error| DbErr::Migration(format!("agencies of 2025: {error}")))
}

/// An agency hands over to one: nobody else acts for it.
fn agency_successions() -> TableCreateStatement {
    let agency = |name: &'static str, column: &'static str| {
        ForeignKey::create().name(name).from("agency_successions", column).to("agencies", "id").to_owned()
    };
    Table::create()
        .table("agency_successions")
        .col(ColumnDef::new("predecessor_id").uuid().not_null().primary_key())
        .col(ColumnDef::new("successor_id").uuid().not_null())
        .col(ColumnDef::new("on_date").date().not_null())
        .foreign_key(&mut agency("fk_agency_successions_predecessor", "predecessor_id"))
        .foreign_key(&mut agency("fk_agency_successions_successor", "successor_id"))
        .check(("ck_agency_successions_other", Expr::col("predecessor_id").ne(Expr::col("successor_id"))))
        .to_owned()
}

async fn insert(manager: &SchemaManager<'_>, rows: &[Agency]) -> Result<(), DbErr> {
    let mut statement = Query::insert();
    statement.into_table("agencies").columns([
        "id",
        "name",
        "role",
        "sector",
        "unit_code",
        "province_code",
        "valid_from",
        "predecessor_id",
    ]);
    for Agency(id, name, role, sector, unit, province, from, predecessors) in rows {
        // Of several, that of the province whose code the new one bears: it stands first.
        let main = predecessors.first().copied();
        let values: [Expr; 8] = [
            (*id).into(),
            name.as_str().into(),
            role.as_str().into(),
            sector.as_deref().into(),
            unit.as_deref().into(),
            province.as_deref().into(),
            (*from).into(),
            main.into(),
        ];
        statement.values(values).map_err(|error| DbErr::Migration(format!("agencies of 2025: {error}")))?;
    }
    manager.execute(statement).await
}

/// The predecessors end on the day before.
async fn succeed(manager: &SchemaManager<'_>, successor: Uuid, from: Date, predecessors: &[Uuid]) -> Result<(), DbErr> {
    if predecessors.is_empty() {
        return Ok(());
    }
    let mut statement = Query::insert();
    statement.into_table("agency_successions").columns(["predecessor_id", "successor_id", "on_date"]);
    for predecessor in predecessors {
        let values: [Expr; 3] = [(*predecessor).into(), successor.into(), from.into()];
        statement.values(values).map_err(|error| DbErr::Migration(format!("agencies of 2025: {error}")))?;
    }
    manager.execute(statement).await?;
    let ended = Query::update()
        .table("agencies")
        .value("valid_to", from.pred_opt())
        .and_where(Expr::col("id").is_in(predecessors.iter().copied()))
        .to_owned();
    manager.execute(ended).await
}
