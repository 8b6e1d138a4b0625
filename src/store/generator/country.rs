//! Provinces with their districts, their plans' lead agencies, and the departments and localities that reports need; and
//! who takes over from them at the reform of July 2025.

mod heirs;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::super::entity::agency;
use super::super::{StoreError, Tx};
use super::Progress;
use super::chance::{Chance, day_of};
use crate::domain::role::Role;

/// A province of the day of selection.
#[derive(Debug)]
pub(super) struct Province {
    /// Code.
    pub(super) code: String,
    /// Name.
    pub(super) name: String,
    /// Codes of its districts.
    pub(super) districts: Vec<String>,
    /// The agency that leads its plan.
    pub(super) lead: Uuid,
    /// The department that is responsible for its pilots.
    pub(super) department: Uuid,
}

/// The country on the day of selection.
#[derive(Debug)]
pub(super) struct Country {
    /// Its provinces, by code.
    pub(super) provinces: Vec<Province>,
}

#[derive(Debug, FromQueryResult)]
struct Unit {
    code: String,
    name: String,
    level: String,
    parent_code: Option<String>,
}

#[derive(Debug, FromQueryResult)]
struct Seat {
    id: Uuid,
    role: String,
    sector: Option<String>,
    unit_code: String,
}

/// The day of the selection decisions.
pub(super) fn selection() -> NaiveDate {
    day_of(2021, 9, 15)
}

impl Country {
    /// Reads the provinces and districts of the day of selection, and gives each a department of agriculture and each
    /// district its committee where the directory has none.
    pub(super) async fn settle(tx: &Tx, chance: &mut Chance, told: Progress<'_>) -> Result<Self, StoreError> {
        let query = |sql: &str| Statement::from_sql_and_values(tx.get_database_backend(), sql, [selection().into()]);
        let units = "SELECT code, name, level, parent_code FROM administrative_units WHERE level IN ('province', 'district') \
                     AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) ORDER BY code";
        let units = Unit::find_by_statement(query(units)).all(tx).await?;
        let seats = "SELECT id, role, sector, unit_code FROM agencies WHERE unit_code IS NOT NULL \
                     AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) ORDER BY id";
        let seats = Seat::find_by_statement(query(seats)).all(tx).await?;
        let seat = |role: Role, sector: Option<&str>, unit: &str| {
            let holds = |seat: &&Seat| {
                seat.role == role.name()
                    && seat.unit_code == unit
                    && sector.is_none_or(|sector| seat.sector.as_deref() == Some(sector))
            };
            seats.iter().find(holds).map(|seat| seat.id)
        };
        let mut districts: BTreeMap<&str, Vec<&Unit>> = BTreeMap::new();
        for unit in units.iter().filter(|unit| unit.level == "district") {
            districts.entry(unit.parent_code.as_deref().unwrap_or_default()).or_default().push(unit);
        }
        let (mut provinces, mut new) = (Vec::new(), Vec::new());
        for unit in units.iter().filter(|unit| unit.level == "province") {
            let Some(lead) = seat(Role::LeadAgency, None, &unit.code) else { continue };
            let below = districts.remove(unit.code.as_str()).unwrap_or_default();
            for district in below.iter().filter(|district| seat(Role::Locality, None, &district.code).is_none()) {
                let name = format!("Ủy ban nhân dân {}", district.name);
                new.push(agency(chance.id(), name, Role::Locality, (&district.code, &unit.code)));
            }
            let department = seat(Role::LineDepartment, Some("agriculture"), &unit.code).unwrap_or_else(|| {
                let (id, name) = (chance.id(), format!("Sở Nông nghiệp và Phát triển nông thôn {}", unit.name));
                new.push(agency(id, name, Role::LineDepartment, (&unit.code, &unit.code)));
                id
            });
            let (code, name) = (unit.code.clone(), unit.name.clone());
            let districts = below.into_iter().map(|district| district.code.clone()).collect();
            provinces.push(Province { code, name, districts, lead, department });
        }
        let made: Vec<Made> = new.iter().map(|(made, _)| made.clone()).collect();
        let rows: Vec<_> = new.into_iter().map(|(_, row)| row).collect();
        super::insert(tx, "agencies", rows.into_iter(), told).await?;
        heirs::take_over(tx, &made, chance, told).await?;
        Ok(Self { provinces })
    }
}

/// An agency that the generator made, as far as its heir depends on it.
#[derive(Debug, Clone)]
struct Made {
    id: Uuid,
    role: Role,
    unit: String,
}

/// An agency until the reform of July 2025.
fn agency(id: Uuid, name: String, role: Role, (unit, province): (&str, &str)) -> (Made, agency::ActiveModel) {
    let row = agency::ActiveModel {
        id: Set(id),
        version: Set(1),
        code: Set(None),
        name: Set(name),
        role: Set(role.name().to_owned()),
        sector: Set((role == Role::LineDepartment).then(|| "agriculture".to_owned())),
        unit_code: Set(Some(unit.to_owned())),
        province_code: Set(Some(province.to_owned())),
        valid_from: Set(day_of(2021, 2, 3)),
        valid_to: Set(reform().pred_opt()),
        predecessor_id: Set(None),
    };
    (Made { id, role, unit: unit.to_owned() }, row)
}

/// The first day without districts.
fn reform() -> NaiveDate {
    day_of(2025, 7, 1)
}
