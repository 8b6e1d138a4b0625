//! The directory of agencies and units, as far as a token must be resolved against it: who exists on a day, whom they
//! succeeded, and which unit codes the records of their territory bear.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::StoreError;
use crate::domain::role::{Codes, Role, Scope, SharedCode};

/// A unit code that an agency's territory covers from a day on, besides its own; with the first day of the unit that is
/// meant, where another one bore the code too.
type Covered = (String, NaiveDate, Option<NaiveDate>);

/// An agency as a caller acts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Identifier.
    pub id: Uuid,
    /// The role it acts in.
    pub role: Role,
    /// Its unit; absent for the nation.
    pub unit: Option<String>,
    /// The province of that unit, or the unit itself.
    pub province: Option<String>,
    /// First day of its existence.
    pub valid_from: NaiveDate,
    /// Last day, if it ended.
    pub valid_to: Option<NaiveDate>,
    /// The agencies it took over, theirs included.
    pub predecessors: Vec<Uuid>,
    provinces: Vec<Covered>,
    units: Vec<Covered>,
}

impl Listed {
    fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// Whose records the agency reaches on a day.
    pub fn scope(&self, at: NaiveDate) -> Scope {
        let codes = |own: &str, others: &[Covered]| {
            let covered = || others.iter().filter(|(_, from, _)| *from <= at);
            let plain = covered().filter(|(_, _, unit_from)| unit_from.is_none()).map(|(code, _, _)| code.clone());
            let shared = covered().filter_map(|(code, _, unit_from)| {
                unit_from.map(|unit_from| SharedCode { code: code.clone(), unit_from })
            });
            Codes::new(own, plain).with_shared(shared.collect())
        };
        match (&self.province, &self.unit) {
            (Some(province), Some(unit)) if province != unit => {
                Scope::Locality { province: codes(province, &self.provinces), unit: codes(unit, &self.units) }
            }
            (Some(province), _) => Scope::Province(codes(province, &self.provinces)),
            (None, _) => Scope::Country,
        }
    }
}

/// All agencies, by id.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    agencies: HashMap<Uuid, Listed>,
    successors: HashMap<Uuid, Uuid>,
}

impl Directory {
    /// The agency of an id, if it exists on a day.
    pub fn agency(&self, id: Uuid, at: NaiveDate) -> Option<&Listed> {
        self.agencies.get(&id).filter(|agency| agency.in_force_at(at))
    }

    /// The agency that acts on a day for one that may have been merged or abolished: itself while it exists.
    pub fn acting_for(&self, id: Uuid, at: NaiveDate) -> Option<&Listed> {
        let mut agency = self.agencies.get(&id)?;
        // A chain is short; the bound is for one that an administrator closed to a circle.
        for _ in 0..=self.successors.len() {
            if agency.in_force_at(at) {
                return Some(agency);
            }
            if agency.valid_from > at {
                return None;
            }
            agency = self.agencies.get(self.successors.get(&agency.id)?)?;
        }
        None
    }

    /// The agency that holds a role in a unit on a day, or that succeeded to the one that did: the default of
    /// `sarus token`.
    pub fn holder(&self, role: Role, unit: Option<&str>, at: NaiveDate) -> Option<&Listed> {
        let in_unit = |agency: &&Listed| agency.role == role && agency.unit.as_deref() == unit;
        let mut holders: Vec<_> = self.agencies.values().filter(in_unit).collect();
        // Those that exist first, then those that ended last.
        holders.sort_by_key(|agency| (!agency.in_force_at(at), std::cmp::Reverse(agency.valid_to), agency.id));
        holders.into_iter().find_map(|agency| self.acting_for(agency.id, at)).filter(|agency| agency.role == role)
    }

    /// The agency that alone holds a role in a unit on a day: of several, a token must name one.
    pub fn only_holder(&self, role: Role, unit: &str, at: NaiveDate) -> Option<&Listed> {
        let holds =
            |agency: &&Listed| agency.role == role && agency.unit.as_deref() == Some(unit) && agency.in_force_at(at);
        let mut holders = self.agencies.values().filter(holds);
        holders.next().filter(|_| holders.next().is_none())
    }

    /// The day of the last merger of provinces.
    pub fn last_merger(&self) -> Option<NaiveDate> {
        self.agencies.values().flat_map(|agency| &agency.provinces).map(|(_, on_date, _)| *on_date).max()
    }

    /// Each agency that ended is a predecessor of its successor, of the successor of that, and so on.
    fn fill_in_predecessors(&mut self) {
        for (id, successor) in &self.successors {
            let mut heir = Some(successor);
            // A chain is short; the bound is for one that an administrator closed to a circle.
            for _ in 0..self.successors.len() {
                let Some(agency) = heir.and_then(|heir| self.agencies.get_mut(heir)) else { break };
                if agency.predecessors.contains(id) {
                    break;
                }
                agency.predecessors.push(*id);
                heir = self.successors.get(&agency.id);
            }
        }
        for agency in self.agencies.values_mut() {
            agency.predecessors.sort();
        }
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    role: String,
    unit_code: Option<String>,
    province_code: Option<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    successor_id: Option<Uuid>,
}

/// A code that a territory covers: of a province's records when `province` is set, else of an agency's.
#[derive(Debug, FromQueryResult)]
struct CoveredRow {
    agency_id: Option<Uuid>,
    province: Option<String>,
    code: String,
    on_date: NaiveDate,
    unit_from: Option<NaiveDate>,
}

const AGENCIES: &str = "SELECT a.id, a.role, a.unit_code, a.province_code, a.valid_from, a.valid_to, s.successor_id \
                        FROM agencies a LEFT JOIN agency_successions s ON s.predecessor_id = a.id";

/// A province covers those merged into it. A locality covers the communes below its district, the former communes
/// whose default successor it is, and the units of the localities it took over. Where the reform gave the code of a commune
/// to a unit that is not its successor, each has only the records of its own.
const COVERED: &str = "\
    SELECT CAST(NULL AS uuid) AS agency_id, s.successor_code AS province, s.predecessor_code AS code, s.on_date, \
    CAST(NULL AS date) AS unit_from \
    FROM unit_successions s WHERE s.level = 'province' AND s.predecessor_code <> s.successor_code \
    UNION ALL SELECT a.id, NULL, u.code, u.valid_from, CAST(NULL AS date) FROM agencies a \
    JOIN administrative_units u ON u.parent_code = a.unit_code \
    WHERE a.role = 'locality' AND u.level = 'commune' AND (u.valid_to IS NULL OR u.valid_to >= a.valid_from) \
    UNION ALL SELECT a.id, NULL, s.predecessor_code, s.on_date, \
    CASE WHEN n.code IS NULL THEN CAST(NULL AS date) ELSE s.predecessor_from END FROM agencies a \
    JOIN unit_successions s ON s.successor_code = a.unit_code AND s.is_default \
    LEFT JOIN administrative_units n ON n.code = s.predecessor_code AND n.valid_from = s.on_date \
    AND s.predecessor_code <> s.successor_code \
    WHERE a.role = 'locality' AND s.level = 'commune' AND (a.valid_to IS NULL OR a.valid_to >= s.on_date) \
    UNION ALL SELECT a.id, NULL, n.code, n.valid_from, n.valid_from FROM agencies a \
    JOIN administrative_units n ON n.code = a.unit_code AND n.level = 'commune' \
    JOIN unit_successions s ON s.predecessor_code = n.code AND s.on_date = n.valid_from AND s.is_default \
    AND s.successor_code <> n.code WHERE a.role = 'locality' AND a.valid_from >= n.valid_from \
    UNION ALL SELECT s.successor_id, NULL, p.unit_code, s.on_date, CAST(NULL AS date) FROM agency_successions s \
    JOIN agencies p ON p.id = s.predecessor_id WHERE p.role = 'locality' AND p.unit_code IS NOT NULL";

/// Reads the whole directory: some hundreds of agencies. Two queries.
///
/// # Errors
/// The database failed.
pub async fn load(db: &impl ConnectionTrait) -> Result<Directory, StoreError> {
    let statement = |sql: &str| Statement::from_string(db.get_database_backend(), sql);
    let rows = Row::find_by_statement(statement(AGENCIES)).all(db).await?;
    let covered = CoveredRow::find_by_statement(statement(COVERED)).all(db).await?;
    let (mut provinces, mut units): (HashMap<String, Vec<Covered>>, HashMap<Uuid, Vec<Covered>>) = Default::default();
    for CoveredRow { agency_id, province, code, on_date, unit_from } in covered {
        match (agency_id, province) {
            (Some(agency), _) => units.entry(agency).or_default().push((code, on_date, unit_from)),
            (None, Some(province)) => provinces.entry(province).or_default().push((code, on_date, unit_from)),
            (None, None) => {}
        }
    }
    let mut directory = Directory::default();
    for Row { id, role, unit_code, province_code, valid_from, valid_to, successor_id } in rows {
        let listed = Listed {
            id,
            role: Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?,
            provinces: province_code.as_ref().and_then(|code| provinces.get(code)).cloned().unwrap_or_default(),
            units: units.remove(&id).unwrap_or_default(),
            unit: unit_code,
            province: province_code,
            valid_from,
            valid_to,
            predecessors: Vec::new(),
        };
        directory.agencies.insert(id, listed);
        directory.successors.extend(successor_id.map(|successor| (id, successor)));
    }
    directory.fill_in_predecessors();
    Ok(directory)
}
