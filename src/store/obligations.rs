//! Who owes reports on a period, with what decides it; the deadlines that are set; and the reports in hand.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use super::StoreError;
use super::entity::report_deadline;
use super::parameters::Parameters;
use crate::domain::deadline::Deadline;
use crate::domain::obligation::{Obligation, ReportInHand};
use crate::domain::period::Period;
use crate::domain::report::{
    Candidate, FORM_SCHEME, FORM_VERSION, ReportLevel, ReportState, Reporter, Timeliness, duty_of,
};
use crate::domain::role::{Caller, Role, Scope};

#[derive(Debug, FromQueryResult)]
struct CandidateRow {
    id: Uuid,
    name: String,
    role: String,
    province_code: String,
    unit_code: String,
    lead_agency_id: Uuid,
    has_pilots: i32,
}

/// The agencies of a scope that may owe a report on a period: of provinces whose plan is approved, agency and scheme
/// being in force when the data close. One query.
///
/// # Errors
/// The database failed.
pub async fn candidates(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: Option<Uuid>,
    period: Period,
) -> Result<Vec<Candidate>, StoreError> {
    let mut parameters = Parameters::default();
    let window = period.window();
    let (scheme, from, to) =
        (parameters.add(FORM_SCHEME), parameters.add(window.from_date), parameters.add(window.to_date));
    let mut reach = match scope {
        Scope::Country => String::new(),
        Scope::Province(province) => format!(" AND a.province_code = {}", parameters.add(province.as_str())),
        Scope::Locality { province, unit } => {
            let province = parameters.add(province.as_str());
            format!(" AND a.province_code = {province} AND a.unit_code = {}", parameters.add(unit.as_str()))
        }
        Scope::Cooperative(_) => return Ok(Vec::new()),
    };
    if let Some(agency) = agency {
        reach.push_str(&format!(" AND a.id = {}", parameters.add(agency)));
    }
    let (locality, department) = (Role::Locality.name(), Role::LineDepartment.name());
    let sql = format!(
        "SELECT a.id, a.name, a.role, a.province_code, a.unit_code, q.lead_agency_id, \
         CASE WHEN EXISTS (SELECT 1 FROM pilots p WHERE p.responsible_department = a.id AND p.scheme_code = {scheme} \
         AND p.list = 'scheme' AND p.selected_on <= {to} AND (p.stopped_on IS NULL OR p.stopped_on >= {from}) \
         AND (p.ended_on IS NULL OR p.ended_on >= {from})) THEN 1 ELSE 0 END AS has_pilots \
         FROM agencies a JOIN provincial_plans q ON q.province_code = a.province_code \
         JOIN schemes s ON s.code = q.scheme_code AND s.valid_from <= {to} AND (s.valid_to IS NULL OR s.valid_to >= {to}) \
         WHERE q.scheme_code = {scheme} AND q.state = 'approved' AND q.decision_date <= {to} \
         AND (a.role IN ('{locality}', '{department}') OR a.id = q.lead_agency_id) AND a.unit_code IS NOT NULL \
         AND a.valid_from <= {to} AND (a.valid_to IS NULL OR a.valid_to >= {to}){reach} ORDER BY a.id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = CandidateRow::find_by_statement(statement).all(db).await?;
    rows.into_iter().map(candidate).collect()
}

fn candidate(row: CandidateRow) -> Result<Candidate, StoreError> {
    let CandidateRow { id, name, role, province_code, unit_code, lead_agency_id, has_pilots } = row;
    Ok(Candidate {
        agency: id,
        name,
        role: Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?,
        province: province_code,
        unit: unit_code,
        lead: Some(lead_agency_id),
        has_pilots: has_pilots == 1,
    })
}

/// The report that an agency owes on a period, if any.
///
/// # Errors
/// The database failed.
pub async fn duty(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: Uuid,
    period: Period,
) -> Result<Option<Reporter>, StoreError> {
    Ok(candidates(db, scope, Some(agency), period).await?.first().and_then(duty_of))
}

/// The provinces that owe a report on a period.
///
/// # Errors
/// The database failed.
pub async fn provinces(
    db: &impl ConnectionTrait,
    scope: &Scope,
    period: Period,
) -> Result<BTreeSet<String>, StoreError> {
    let owed = candidates(db, scope, None, period).await?.into_iter().filter_map(|candidate| duty_of(&candidate));
    Ok(owed.filter(|reporter| reporter.level == ReportLevel::Province).map(|reporter| reporter.province).collect())
}

/// The obligations of a period that the caller sees, in the order of agencies. Three queries.
///
/// # Errors
/// The database failed.
pub async fn of_period(
    db: &impl ConnectionTrait,
    caller: &Caller,
    agency: Option<Uuid>,
    period: Period,
) -> Result<Vec<Obligation>, StoreError> {
    let candidates = candidates(db, &caller.scope, agency, period).await?;
    let deadlines = deadlines(db, period).await?;
    let mut in_hand = in_hand(db, caller, period).await?;
    let obligation = |candidate: Candidate| {
        let reporter = duty_of(&candidate)?;
        Some(Obligation {
            recipient: candidate.lead.filter(|_| reporter.level != ReportLevel::Province),
            deadline: deadlines.get(&reporter.level).cloned(),
            report: in_hand.remove(&reporter.agency),
            agency_name: candidate.name,
            period,
            reporter,
        })
    };
    Ok(candidates.into_iter().filter_map(obligation).collect())
}

/// The deadlines that are set for a period, by level.
///
/// # Errors
/// The database failed.
pub async fn deadlines(
    db: &impl ConnectionTrait,
    period: Period,
) -> Result<HashMap<ReportLevel, Deadline>, StoreError> {
    let rows = report_deadline::Entity::find()
        .filter(report_deadline::Column::FormVersion.eq(FORM_VERSION))
        .filter(report_deadline::Column::Period.eq(period.to_string()))
        .all(db)
        .await?;
    let from_row = |row| {
        let report_deadline::Model { form_version: _, level, period: _, on_date, last_day_counts, legal_basis } = row;
        let known = ReportLevel::from_name(&level).ok_or_else(|| StoreError::Malformed(format!("level {level}")))?;
        Ok((known, Deadline { on_date, last_day_counts, legal_basis }))
    };
    rows.into_iter().map(from_row).collect()
}

#[derive(Debug, FromQueryResult)]
struct InHandRow {
    agency_id: Uuid,
    id: Uuid,
    revision: i32,
    state: String,
    submitted_at: Option<DateTime<Utc>>,
    timeliness: Option<String>,
}

/// For each agency of the caller's reach the revision that stands, else the latest that the caller sees.
async fn in_hand(
    db: &impl ConnectionTrait,
    caller: &Caller,
    period: Period,
) -> Result<HashMap<Uuid, ReportInHand>, StoreError> {
    let mut parameters = Parameters::default();
    let (period, form) = (parameters.add(period.to_string()), parameters.add(FORM_VERSION));
    let own = caller.agency.map_or_else(String::new, |own| format!(" OR r.agency_id = {}", parameters.add(own)));
    let reach = match &caller.scope {
        Scope::Country => String::new(),
        Scope::Province(province) => format!(" AND r.province_code = {}", parameters.add(province.as_str())),
        Scope::Locality { province, unit } => {
            let province = parameters.add(province.as_str());
            format!(" AND r.province_code = {province} AND r.unit_code = {}", parameters.add(unit.as_str()))
        }
        Scope::Cooperative(_) => return Ok(HashMap::new()),
    };
    let sql = format!(
        "SELECT r.agency_id, r.id, r.revision, r.state, r.submitted_at, r.timeliness FROM periodic_reports r \
         WHERE r.period = {period} AND r.form_version = {form} AND (r.state <> 'draft'{own}){reach} \
         ORDER BY r.agency_id, CASE WHEN r.authoritative THEN 1 ELSE 0 END, r.revision"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = InHandRow::find_by_statement(statement).all(db).await?;
    // The last of an agency stays: the one that stands, else the latest.
    rows.into_iter().map(report_in_hand).collect()
}

fn report_in_hand(row: InHandRow) -> Result<(Uuid, ReportInHand), StoreError> {
    let InHandRow { agency_id, id, revision, state, submitted_at, timeliness } = row;
    let malformed = |what: &str, value: &str| StoreError::Malformed(format!("{what} {value}"));
    let timeliness = timeliness
        .map(|name| Timeliness::from_name(&name).ok_or_else(|| malformed("timeliness", &name)))
        .transpose()?;
    let in_hand = ReportInHand {
        id,
        revision: u16::try_from(revision).map_err(|_| malformed("revision", &revision.to_string()))?,
        state: ReportState::from_name(&state).ok_or_else(|| malformed("state", &state))?,
        submitted_at,
        timeliness,
    };
    Ok((agency_id, in_hand))
}
