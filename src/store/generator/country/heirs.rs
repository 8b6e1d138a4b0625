//! Who takes over at the reform of July 2025: for a district the commune at its seat, for a department that of the province
//! that its own became part of.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::super::super::entity::agency;
use super::super::super::{StoreError, Tx, territory};
use super::super::chance::Chance;
use super::super::{Progress, insert};
use super::{Made, Seat, reform};
use crate::domain::role::Role;

/// A district and a commune that followed one of its own.
#[derive(Debug, FromQueryResult)]
struct Followed {
    district: String,
    commune: String,
    name: String,
    province: String,
}

/// Where an heir is, and whom it takes over, the first of them first.
#[derive(Debug)]
struct Heir {
    role: Role,
    name: String,
    province: String,
    predecessors: Vec<Uuid>,
}

/// The communes of the reform by the district whose communes they followed, in the order of codes: the seat comes first. An
/// island district without communes became a commune itself.
const FOLLOWED: &str = "SELECT u.parent_code AS district, n.code AS commune, n.name, n.parent_code AS province, u.code AS of_code \
     FROM administrative_units u JOIN unit_successions s ON s.predecessor_code = u.code \
     AND s.predecessor_from = u.valid_from AND s.is_default AND s.on_date = $1 \
     JOIN administrative_units n ON n.code = s.successor_code AND n.valid_from = s.successor_from \
     WHERE u.level = 'commune' AND n.level = 'commune' \
     UNION ALL SELECT s.predecessor_code, n.code, n.name, n.parent_code, s.predecessor_code \
     FROM unit_successions s JOIN administrative_units n ON n.code = s.successor_code AND n.valid_from = s.successor_from \
     WHERE s.level = 'district' AND s.is_default AND s.on_date = $1 AND n.level = 'commune' ORDER BY district, of_code";
const SEATS: &str = "SELECT id, role, sector, unit_code FROM agencies WHERE unit_code IS NOT NULL \
     AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) ORDER BY id";
const SUCCEED: &str = "INSERT INTO agency_successions (predecessor_id, successor_id, on_date) VALUES ($1, $2, $3)";

/// Gives each of some agencies, which end with the reform, an heir from its first day on: the one that the directory has in
/// that place, else a new one.
pub(super) async fn take_over(
    tx: &Tx,
    ending: &[Made],
    chance: &mut Chance,
    told: Progress<'_>,
) -> Result<(), StoreError> {
    let query = |sql: &str| Statement::from_sql_and_values(tx.get_database_backend(), sql, [reform().into()]);
    let mut at_seat: BTreeMap<String, Followed> = BTreeMap::new();
    for followed in Followed::find_by_statement(query(FOLLOWED)).all(tx).await? {
        at_seat.entry(followed.district.clone()).or_insert(followed);
    }
    let merged = territory::merged_provinces(tx, reform()).await?;
    let names = territory::names(tx, ending.iter().map(|made| now_in(&merged, &made.unit)).collect(), reform()).await?;
    let mut heirs: BTreeMap<String, Heir> = BTreeMap::new();
    for made in ending {
        let (unit, name, province) = if made.role == Role::Locality {
            let Some(seat) = at_seat.get(&made.unit) else { continue };
            (seat.commune.clone(), format!("Ủy ban nhân dân {}", seat.name), seat.province.clone())
        } else {
            let province = now_in(&merged, &made.unit);
            let name = names.get(&province).map_or("", String::as_str);
            (province.clone(), format!("Sở Nông nghiệp và Môi trường {name}"), province)
        };
        let heir = Heir { role: made.role, name, province, predecessors: Vec::new() };
        heirs.entry(unit).or_insert(heir).predecessors.push(made.id);
    }
    let there = Seat::find_by_statement(query(SEATS)).all(tx).await?;
    enter(tx, heirs, &there, chance, told).await
}

/// The province that one of a code is part of since the reform.
fn now_in(merged: &std::collections::HashMap<String, String>, province: &str) -> String {
    merged.get(province).cloned().unwrap_or_else(|| province.to_owned())
}

async fn enter(
    tx: &Tx,
    heirs: BTreeMap<String, Heir>,
    there: &[Seat],
    chance: &mut Chance,
    told: Progress<'_>,
) -> Result<(), StoreError> {
    let (mut new, mut handed_over) = (Vec::new(), Vec::new());
    for (unit, Heir { role, name, province, predecessors }) in heirs {
        let sector = (role == Role::LineDepartment).then_some("agriculture");
        let holds = |seat: &&Seat| {
            seat.role == role.name()
                && seat.unit_code == unit
                && sector.is_none_or(|sector| seat.sector.as_deref() == Some(sector))
        };
        let id = there.iter().find(holds).map_or_else(
            || {
                let id = chance.id();
                new.push(agency::ActiveModel {
                    id: Set(id),
                    version: Set(1),
                    code: Set(None),
                    name: Set(name),
                    role: Set(role.name().to_owned()),
                    sector: Set(sector.map(str::to_owned)),
                    unit_code: Set(Some(unit.clone())),
                    province_code: Set(Some(province)),
                    valid_from: Set(reform()),
                    valid_to: Set(None),
                    predecessor_id: Set(predecessors.first().copied()),
                });
                id
            },
            |seat| seat.id,
        );
        handed_over.extend(predecessors.into_iter().map(|predecessor| (predecessor, id)));
    }
    insert(tx, "agencies of the reform", new.into_iter(), told).await?;
    for (predecessor, heir) in handed_over {
        let values = [predecessor.into(), heir.into(), reform().into()];
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), SUCCEED, values)).await?;
    }
    Ok(())
}
