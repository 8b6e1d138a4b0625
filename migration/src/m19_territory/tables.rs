//! Reads `data/communes_until_2025.txt` and `data/communes_from_2025.txt`, and writes units and their succession in
//! batches. Nothing of it stays in memory.

use std::collections::{BTreeMap, HashMap};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Date;

const UNTIL_2025: &str = include_str!("../../data/communes_until_2025.txt");
const FROM_2025: &str = include_str!("../../data/communes_from_2025.txt");

/// First day of the code list.
const CODES: &str = "2004-07-08";
/// Last day of the three levels.
const LAST: &str = "2025-06-30";
/// First day of the provinces and communes of today.
const FIRST: &str = "2025-07-01";
const CODES_BASIS: &str = "124/2004/QĐ-TTg, sửa đổi đến 2025-06-30";
const COMMUNES_BASIS: &str = "76/2025/UBTVQH15; 19/2025/QĐ-TTg";
const PROVINCES_BASIS: &str = "202/2025/QH15";
const DISTRICTS_BASIS: &str = "203/2025/QH15; 72/2025/QH15";

/// Rows of one statement: SQLite takes some 32,000 parameters, PostgreSQL 65,000.
const BATCH: usize = 1_000;

/// Units whose code stayed while their name or rank changed: code, level, first day of the new form, decision. The
/// older steps inserted both forms.
const RENAMED: [(&str, &str, &str, &str); 4] = [
    ("46", "province", "2025-01-01", "175/2024/QH15"),
    ("884", "district", "2013-07-19", "86/NQ-CP (2013)"),
    ("887", "district", "2009-08-24", "40/NQ-CP (2009)"),
    ("890", "district", "2023-04-10", "721/NQ-UBTVQH15"),
];

/// The first day of the form in which a unit ended.
fn last_form(code: &str) -> &'static str {
    RENAMED.iter().find(|renamed| renamed.0 == code).map_or(CODES, |renamed| renamed.2)
}

/// A line of a table: how deep it stands, code, name, the unit above, and what stands after `>`.
#[derive(Debug, Clone, Copy)]
struct Line {
    depth: usize,
    code: &'static str,
    name: &'static str,
    parent: &'static str,
    province: &'static str,
    rest: &'static str,
}

fn read(table: &'static str) -> Vec<Line> {
    let mut above = ["", "", ""];
    let mut read = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let text = line.trim_start();
        let depth = line.len().saturating_sub(text.len()).min(2);
        let (words, rest) = text.split_once(" > ").unwrap_or((text, ""));
        let Some((code, name)) = words.split_once(' ') else { continue };
        above[depth] = code;
        let parent = depth.checked_sub(1).map_or("", |upper| above[upper]);
        read.push(Line { depth, code, name, parent, province: above[0], rest });
    }
    read
}

type Unit = (&'static str, &'static str, &'static str, &'static str, &'static str, Option<&'static str>, String);

/// Which unit followed which, in the form that it ended in.
struct Edge {
    from: (&'static str, &'static str),
    to: (&'static str, &'static str),
    level: &'static str,
    kind: &'static str,
    is_default: bool,
    basis: String,
}

/// Writes it all.
pub(super) async fn load(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (until, from) = (read(UNTIL_2025), read(FROM_2025));
    insert_units(manager, units(&until, &from)).await?;
    insert_edges(manager, edges(&until, &from)).await
}

fn units(until: &[Line], from: &[Line]) -> Vec<Unit> {
    let former = |line: &Line| {
        let level = if line.depth == 1 { "district" } else { "commune" };
        (line.code, level, line.name, line.parent, CODES, Some(LAST), CODES_BASIS.to_owned())
    };
    let mut basis = String::new();
    let mut units: Vec<_> = until.iter().filter(|line| line.depth > 0).map(former).collect();
    for line in from {
        match line.depth {
            0 if line.rest.is_empty() => COMMUNES_BASIS.clone_into(&mut basis),
            0 => basis = format!("{}; 19/2025/QĐ-TTg", line.rest),
            _ => units.push((line.code, "commune", line.name, line.parent, FIRST, None, basis.clone())),
        }
    }
    units
}

fn edges(until: &[Line], from: &[Line]) -> Vec<Edge> {
    let today: HashMap<_, _> = from.iter().filter(|line| line.depth > 0).map(|line| (line.code, line)).collect();
    let mut made_of: HashMap<&str, usize> = HashMap::new();
    for successor in until.iter().flat_map(|line| line.rest.split_whitespace()) {
        *made_of.entry(successor).or_default() += 1;
    }
    let mut edges = Vec::new();
    let mut merged: BTreeMap<&str, &Line> = BTreeMap::new();
    for line in until {
        let successors: Vec<_> = line.rest.split_whitespace().collect();
        for (place, code) in successors.iter().enumerate() {
            let Some(after) = today.get(code) else { continue };
            merged.insert(line.province, after);
            let kind = match made_of.get(code) {
                _ if successors.len() > 1 => "split",
                Some(former) if *former > 1 => "merge",
                _ if after.name != line.name => "rename",
                _ => "carry_over",
            };
            edges.push(Edge {
                from: (line.code, CODES),
                to: (after.code, FIRST),
                level: if line.depth == 1 { "district" } else { "commune" },
                kind,
                is_default: place == 0,
                basis: COMMUNES_BASIS.to_owned(),
            });
        }
    }
    let now = |line: &Line| merged.get(line.province).map(|after| after.province);
    for line in until.iter().filter(|line| line.depth < 2 && line.rest.is_empty()) {
        let Some(province) = now(line) else { continue };
        let of_several = merged.values().filter(|after| after.province == province).count() > 1;
        let (level, kind, basis) = match line.depth {
            0 if of_several => ("province", "merge", PROVINCES_BASIS),
            0 => ("province", "carry_over", PROVINCES_BASIS),
            _ => ("district", "abolish", DISTRICTS_BASIS),
        };
        let (from, to) = ((line.code, last_form(line.code)), (province, FIRST));
        edges.push(Edge { from, to, level, kind, is_default: true, basis: basis.to_owned() });
    }
    edges.extend(RENAMED.map(|(code, level, day, basis)| Edge {
        from: (code, CODES),
        to: (code, day),
        level,
        kind: "rename",
        is_default: true,
        basis: basis.to_owned(),
    }));
    edges
}

async fn insert_units(manager: &SchemaManager<'_>, units: Vec<Unit>) -> Result<(), DbErr> {
    let columns = ["code", "level", "name", "parent_code", "valid_from", "valid_to", "legal_basis"];
    for batch in units.chunks(BATCH) {
        let mut statement = Query::insert();
        statement.into_table("administrative_units").columns(columns);
        for (code, level, name, parent, from, to, basis) in batch {
            let to = to.map(day).transpose()?;
            add(
                &mut statement,
                [
                    (*code).into(),
                    (*level).into(),
                    (*name).into(),
                    (*parent).into(),
                    day(from)?.into(),
                    to.into(),
                    basis.as_str().into(),
                ],
            )?;
        }
        // The districts of An Giang are there, with the days on which their rank changed.
        statement.on_conflict(OnConflict::columns(["code", "valid_from"]).do_nothing().to_owned());
        manager.execute(statement).await?;
    }
    Ok(())
}

async fn insert_edges(manager: &SchemaManager<'_>, edges: Vec<Edge>) -> Result<(), DbErr> {
    let columns = [
        "predecessor_code",
        "predecessor_from",
        "successor_code",
        "successor_from",
        "level",
        "kind",
        "on_date",
        "is_default",
        "legal_basis",
    ];
    for batch in edges.chunks(BATCH) {
        let mut statement = Query::insert();
        statement.into_table("unit_successions").columns(columns);
        for Edge { from, to, level, kind, is_default, basis } in batch {
            add(
                &mut statement,
                [
                    from.0.into(),
                    day(from.1)?.into(),
                    to.0.into(),
                    day(to.1)?.into(),
                    (*level).into(),
                    (*kind).into(),
                    day(to.1)?.into(),
                    (*is_default).into(),
                    basis.as_str().into(),
                ],
            )?;
        }
        manager.execute(statement).await?;
    }
    Ok(())
}

fn add<const N: usize>(statement: &mut InsertStatement, row: [Expr; N]) -> Result<(), DbErr> {
    let wrong = |error| DbErr::Migration(format!("territory: {error}"));
    statement.values(row).map(|_| ()).map_err(wrong)
}

fn day(text: &str) -> Result<Date, DbErr> {
    text.parse().map_err(|_| DbErr::Migration(format!("territory: {text} is not a date")))
}
