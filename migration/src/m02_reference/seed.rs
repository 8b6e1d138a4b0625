//! The rows that ship, read from `data/*.json` in this crate: facts, each with its legal basis.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{Date, Uuid};
use serde_json::{Value as Json, json};

const SCHEMES: &str = include_str!("../../data/schemes.json");
const UNITS: &str = include_str!("../../data/administrative_units.json");
const AGENCIES: &str = include_str!("../../data/agencies.json");
const ENTRIES: &str = include_str!("../../data/reference_entries.json");

/// Ids of reference entries: a fixed stem and their place in the lists, so that they sort as the lists do.
const ENTRY_STEM: &str = "01776530-4c00-7100-8000-";

type Row<const N: usize> = Result<[Expr; N], DbErr>;

/// Inserts them all.
pub(super) async fn insert_all(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (schemes, units, agencies, entries) = (parse(SCHEMES)?, parse(UNITS)?, parse(AGENCIES)?, parse(ENTRIES)?);

    let columns = ["code", "valid_from", "valid_to", "legal_basis", "content"];
    insert(manager, "schemes", columns, items(&schemes)?.iter().map(scheme)).await?;

    let columns = ["code", "level", "name", "parent_code", "valid_from", "valid_to", "legal_basis"];
    insert(manager, "administrative_units", columns, items(&units["rows"])?.iter().map(unit)).await?;

    let columns = ["id", "name", "role", "sector", "unit_code", "province_code", "valid_from"];
    let rows = items(&agencies["rows"])?.iter().map(|row| agency(row, &agencies["validFrom"]));
    insert(manager, "agencies", columns, rows).await?;

    let columns = [
        "id",
        "list",
        "code",
        "slug",
        "vi",
        "en",
        "attributes",
        "province_code",
        "valid_from",
        "valid_to",
        "legal_basis",
    ];
    let mut listed = entries_of(&schemes)?;
    listed.extend(items(&entries["rows"])?.iter().cloned());
    insert(manager, "reference_entries", columns, listed.iter().enumerate().map(|(place, row)| entry(place, row))).await
}

fn scheme(scheme: &Json) -> Row<5> {
    Ok([
        text(&scheme["code"])?.into(),
        day(&scheme["validFrom"])?.into(),
        maybe(&scheme["validTo"], day)?.into(),
        text(&scheme["legalBasis"])?.into(),
        scheme.to_string().into(),
    ])
}

fn unit(row: &Json) -> Row<7> {
    let code = text(&row[0])?;
    let level = match code.len() {
        2 => "province",
        3 => "district",
        _ => "commune",
    };
    Ok([
        code.into(),
        level.into(),
        text(&row[1])?.into(),
        maybe(&row[2], text)?.into(),
        day(&row[3])?.into(),
        maybe(&row[4], day)?.into(),
        text(&row[5])?.into(),
    ])
}

fn agency(row: &Json, valid_from: &Json) -> Row<7> {
    Ok([
        id(&text(&row[0])?)?.into(),
        text(&row[1])?.into(),
        text(&row[2])?.into(),
        maybe(&row[3], text)?.into(),
        maybe(&row[4], text)?.into(),
        maybe(&row[5], text)?.into(),
        day(valid_from)?.into(),
    ])
}

/// Models and priority conditions stand in their scheme; here they are rows like those of the other lists.
fn entries_of(schemes: &Json) -> Result<Vec<Json>, DbErr> {
    let mut rows = Vec::new();
    for scheme in items(schemes)? {
        let (code, from, to, basis) =
            (&scheme["code"], &scheme["validFrom"], &scheme["validTo"], &scheme["legalBasis"]);
        for model in items(&scheme["models"])? {
            let (words, attributes) = (&model["name"], json!({ "scheme": code, "field": model["field"] }));
            rows.push(json!([
                "models",
                model["code"],
                words["vi"],
                words["en"],
                attributes,
                null,
                from,
                to,
                basis,
                model["slug"]
            ]));
        }
        for condition in items(&scheme["priority"])? {
            let (list, words, attributes) = ("priority_conditions", &condition["text"], json!({ "scheme": code }));
            rows.push(json!([
                list,
                condition["code"],
                words["vi"],
                words["en"],
                attributes,
                null,
                from,
                to,
                basis,
                condition["slug"]
            ]));
        }
    }
    Ok(rows)
}

fn entry(place: usize, row: &Json) -> Row<11> {
    Ok([
        id(&format!("{ENTRY_STEM}{:012}", place.saturating_add(1)))?.into(),
        text(&row[0])?.into(),
        text(&row[1])?.into(),
        maybe(&row[9], text)?.into(),
        text(&row[2])?.into(),
        text(&row[3])?.into(),
        row[4].to_string().into(),
        maybe(&row[5], text)?.into(),
        day(&row[6])?.into(),
        maybe(&row[7], day)?.into(),
        text(&row[8])?.into(),
    ])
}

/// One statement for all rows of a table.
async fn insert<const N: usize>(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: [&'static str; N],
    rows: impl Iterator<Item = Row<N>>,
) -> Result<(), DbErr> {
    let mut statement = Query::insert();
    statement.into_table(table).columns(columns);
    for row in rows {
        statement.values(row?).map_err(|error| DbErr::Migration(format!("reference data of {table}: {error}")))?;
    }
    manager.execute(statement).await
}

fn parse(file: &str) -> Result<Json, DbErr> {
    serde_json::from_str(file).map_err(|error| DbErr::Migration(format!("reference data: {error}")))
}

fn items(value: &Json) -> Result<&Vec<Json>, DbErr> {
    value.as_array().ok_or_else(|| wrong("a list", value))
}

fn text(value: &Json) -> Result<String, DbErr> {
    value.as_str().map(ToOwned::to_owned).ok_or_else(|| wrong("a text", value))
}

fn day(value: &Json) -> Result<Date, DbErr> {
    value.as_str().and_then(|day| day.parse().ok()).ok_or_else(|| wrong("a date", value))
}

fn id(text: &str) -> Result<Uuid, DbErr> {
    text.parse().map_err(|_| wrong("an id", &Json::from(text)))
}

/// What a reader makes of a value, unless it is absent.
fn maybe<T>(value: &Json, read: fn(&Json) -> Result<T, DbErr>) -> Result<Option<T>, DbErr> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

fn wrong(expected: &str, value: &Json) -> DbErr {
    DbErr::Migration(format!("reference data: expected {expected}, found {value}"))
}
