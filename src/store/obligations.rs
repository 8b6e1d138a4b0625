//! Who owes reports on a period, with what decides it; the deadlines that are set; and the reports in hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::parameters::Parameters;
use super::{StoreError, agencies, reporting_deadlines, reporting_exceptions, territory};
use crate::domain::obligation::{Obligation, ReportDue, ReportInHand};
use crate::domain::period::{DataWindow, Occasion, Period};
use crate::domain::report::{
    Candidate, FORM_SCHEME, ReportLevel, ReportState, ReportedUnit, Reporter, Timeliness, duty_of,
};
use crate::domain::reporting_deadline::{Calendar, ReportingException};
use crate::domain::role::{Caller, Role, Scope};

#[derive(Debug, FromQueryResult)]
struct PlanRow {
    province_code: String,
    decision_number: String,
    lead_agency_id: Uuid,
}

/// The plan of a province, as far as duties follow from it.
#[derive(Debug)]
struct Lead {
    agency: Uuid,
    /// Number of the decision on the plan.
    plan: String,
}

/// The province of each approved plan on the day the data close, and the agency that leads it there on that day: the
/// successor where the province was merged or the agency abolished. Of the plans of provinces that are one by then the
/// first recorded counts. With an instant, the plans that were approved by then.
async fn leads(
    db: &impl ConnectionTrait,
    occasion: Occasion,
    at: Option<DateTime<Utc>>,
) -> Result<BTreeMap<String, Lead>, StoreError> {
    let day = occasion.window.to_date;
    let mut parameters = Parameters::default();
    let (scheme, decided) = (parameters.add(FORM_SCHEME), parameters.add(day));
    let counted = parameters.add(occasion.scheme_day());
    let approved_by = match at {
        Some(at) => {
            let (at, step) = (parameters.add(at), "s.record_id = q.id AND s.step = 'approvals'");
            format!(
                " AND q.recorded_at <= {at} AND (EXISTS (SELECT 1 FROM steps s WHERE {step} AND s.recorded_at <= {at}) \
                 OR NOT EXISTS (SELECT 1 FROM steps s WHERE {step}))"
            )
        }
        None => String::new(),
    };
    let sql = format!(
        "SELECT q.province_code, q.decision_number, q.lead_agency_id FROM provincial_plans q \
         JOIN schemes s ON s.code = q.scheme_code \
         AND s.valid_from <= {counted} AND (s.valid_to IS NULL OR s.valid_to >= {counted}) \
         WHERE q.scheme_code = {scheme} AND q.state = 'approved' AND q.decision_date <= {decided}{approved_by} \
         ORDER BY q.id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let plans = PlanRow::find_by_statement(statement).all(db).await?;
    let (merged, successors) = (territory::merged_provinces(db, day).await?, agencies::successors(db, day).await?);
    let mut leads = BTreeMap::new();
    for PlanRow { province_code, decision_number, lead_agency_id } in plans {
        let province = merged.get(&province_code).cloned().unwrap_or(province_code);
        let agency = successors.get(&lead_agency_id).map_or(lead_agency_id, |successor| successor.id);
        leads.entry(province).or_insert(Lead { agency, plan: decision_number });
    }
    Ok(leads)
}

#[derive(Debug, FromQueryResult)]
struct CandidateRow {
    id: Uuid,
    name: String,
    role: String,
    province_code: String,
    unit_code: String,
    has_pilots: i32,
}

/// The agencies of a scope that may owe a report on a period: of provinces whose plan is approved, agency and scheme
/// being in force when the data close. Four queries.
///
/// # Errors
/// The database failed.
pub async fn candidates(
    db: &impl ConnectionTrait,
    scope: &Scope,
    agency: Option<Uuid>,
    period: Period,
) -> Result<Vec<Candidate>, StoreError> {
    let Some(window) = reporting_deadlines::calendar(db, period).await?.whole(period) else { return Ok(Vec::new()) };
    let leads = leads(db, Occasion { period, window }, None).await?;
    let mut parameters = Parameters::default();
    let (scheme, from, to) =
        (parameters.add(FORM_SCHEME), parameters.add(window.from_date), parameters.add(window.to_date));
    let (provinces, leading) =
        (parameters.list(leads.keys().cloned()), parameters.list(leads.values().map(|lead| lead.agency)));
    let mut reach = match scope {
        Scope::Country => String::new(),
        Scope::Province(province) => format!(" AND a.province_code IN ({})", parameters.list(province.iter())),
        Scope::Locality { province, unit } => {
            let province = parameters.list(province.iter());
            format!(" AND a.province_code IN ({province}) AND a.unit_code IN ({})", parameters.list(unit.iter()))
        }
        Scope::Cooperative(_) => return Ok(Vec::new()),
    };
    if let Some(agency) = agency {
        reach.push_str(&format!(" AND a.id = {}", parameters.add(agency)));
    }
    let (locality, department) = (Role::Locality.name(), Role::LineDepartment.name());
    let sql = format!(
        "WITH RECURSIVE lineage(heir, of_agency) AS (SELECT id, id FROM agencies UNION SELECT l.heir, s.predecessor_id \
         FROM lineage l JOIN agency_successions s ON s.successor_id = l.of_agency) \
         SELECT a.id, a.name, a.role, a.province_code, a.unit_code, \
         CASE WHEN a.id IN (SELECT l.heir FROM pilots p JOIN lineage l ON l.of_agency = p.responsible_department \
         WHERE p.scheme_code = {scheme} \
         AND p.list = 'scheme' AND p.selected_on <= {to} AND (p.stopped_on IS NULL OR p.stopped_on >= {from}) \
         AND (p.ended_on IS NULL OR p.ended_on >= {from})) THEN 1 ELSE 0 END AS has_pilots \
         FROM agencies a WHERE a.province_code IN ({provinces}) \
         AND (a.role IN ('{locality}', '{department}') OR a.id IN ({leading})) AND a.unit_code IS NOT NULL \
         AND a.valid_from <= {to} AND (a.valid_to IS NULL OR a.valid_to >= {to}){reach} ORDER BY a.id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = CandidateRow::find_by_statement(statement).all(db).await?;
    rows.into_iter().map(|row| candidate(row, &leads)).collect()
}

fn candidate(row: CandidateRow, leads: &BTreeMap<String, Lead>) -> Result<Candidate, StoreError> {
    let CandidateRow { id, name, role, province_code, unit_code, has_pilots } = row;
    let lead = leads.get(&province_code);
    Ok(Candidate {
        agency: id,
        name,
        role: Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?,
        lead: lead.map(|lead| lead.agency),
        plan: lead.map(|lead| lead.plan.clone()),
        province: province_code,
        unit: unit_code,
        has_pilots: has_pilots == 1,
    })
}

/// The reports that a caller owes on a period: its agency's own first, then those of agencies which it took over.
///
/// # Errors
/// The database failed.
pub async fn duties(
    db: &impl ConnectionTrait,
    caller: &Caller,
    agency: Option<Uuid>,
    period: Period,
) -> Result<Vec<Reporter>, StoreError> {
    let candidates = candidates(db, &caller.scope, agency, period).await?;
    let own = candidates.iter().filter(|candidate| caller.acts_for(candidate.agency));
    let calendar = reporting_deadlines::calendar(db, period).await?;
    let reports = |reporter: &Reporter| calendar.window(reporter.level, period).is_some();
    let mut owed: Vec<Reporter> = own.filter_map(duty_of).filter(reports).collect();
    owed.sort_by_key(|reporter| Some(reporter.agency) != caller.agency);
    Ok(owed)
}

/// The provinces of a reach that owe a report on a period: those whose plan is approved, whoever leads it; with an instant,
/// as it was known then.
///
/// # Errors
/// The database failed.
pub async fn provinces(
    db: &impl ConnectionTrait,
    scope: &Scope,
    period: Period,
    at: Option<DateTime<Utc>>,
) -> Result<BTreeSet<String>, StoreError> {
    let calendar = reporting_deadlines::calendar_at(db, period, at).await?;
    let Some(window) = calendar.window(ReportLevel::Province, period) else { return Ok(BTreeSet::new()) };
    let reached = |code: &String| match scope {
        Scope::Country => true,
        Scope::Province(codes) | Scope::Locality { province: codes, .. } => codes.iter().any(|one| one == code),
        Scope::Cooperative(_) => false,
    };
    Ok(leads(db, Occasion { period, window }, at).await?.into_keys().filter(reached).collect())
}

/// The obligations of a period that the caller sees, in the order of agencies; `today` says who acts
/// for those that were abolished. Some queries, whatever the number of agencies.
///
/// # Errors
/// The database failed.
pub async fn of_period(
    db: &impl ConnectionTrait,
    caller: &Caller,
    agency: Option<Uuid>,
    period: Period,
    today: NaiveDate,
) -> Result<Vec<Obligation>, StoreError> {
    let candidates = candidates(db, &caller.scope, agency, period).await?;
    let dues = dues(db, period, agency).await?;
    let mut in_hand = in_hand(db, caller, period).await?;
    let mut successors = agencies::successors(db, today).await?;
    let obligation = |candidate: Candidate| {
        let reporter = duty_of(&candidate)?;
        Some(Obligation {
            recipient: candidate.lead.filter(|_| reporter.level != ReportLevel::Province),
            due: dues.of(&reporter),
            dues: dues.regimes(reporter.level).to_vec(),
            window: dues.window(reporter.level)?,
            window_basis: dues.calendar.window_basis(reporter.level, period)?,
            report: in_hand.remove(&reporter.reported_unit()),
            successor: successors.remove(&reporter.agency),
            agency_name: candidate.name,
            plan: candidate.plan,
            period,
            reporter,
        })
    };
    Ok(candidates.into_iter().filter_map(obligation).collect())
}

/// When the reports on a period are due: the rules in force, and the exceptions that count.
#[derive(Debug)]
pub struct Dues {
    period: Period,
    calendar: Calendar,
    /// What each regime says, by level, the earliest first.
    of_levels: BTreeMap<&'static str, Vec<ReportDue>>,
    exceptions: HashMap<Uuid, ReportingException>,
}

impl Dues {
    /// By the rule alone, whatever exceptions there are.
    pub fn by_rule(&self, level: ReportLevel) -> Option<ReportDue> {
        ReportDue::of_all(self.regimes(level))
    }

    /// What each regime says, whatever exceptions there are.
    pub fn regimes(&self, level: ReportLevel) -> &[ReportDue] {
        self.of_levels.get(level.name()).map_or(&[], Vec::as_slice)
    }

    /// The data window of a level's reports, if there is one.
    pub fn window(&self, level: ReportLevel) -> Option<DataWindow> {
        self.calendar.window(level, self.period)
    }

    /// When a reporter's report is due, if that is set.
    pub fn of(&self, reporter: &Reporter) -> Option<ReportDue> {
        let rule = self.by_rule(reporter.level);
        match self.exceptions.get(&reporter.agency) {
            Some(exception) => Some(exception.due(rule.as_ref())),
            None => rule,
        }
    }
}

/// When the reports on a period are due; of one agency, if named.
///
/// # Errors
/// The database failed.
pub async fn dues(db: &impl ConnectionTrait, period: Period, agency: Option<Uuid>) -> Result<Dues, StoreError> {
    let calendar = reporting_deadlines::calendar(db, period).await?;
    let of_level = |level: &ReportLevel| (level.name(), calendar.dues(*level, period));
    Ok(Dues {
        period,
        of_levels: ReportLevel::ALL.iter().map(of_level).collect(),
        calendar,
        exceptions: reporting_exceptions::counting(db, period, agency).await?,
    })
}

#[derive(Debug, FromQueryResult)]
struct InHandRow {
    agency_id: Uuid,
    level: String,
    province_code: String,
    unit_code: String,
    id: Uuid,
    revision: i32,
    state: String,
    submitted_at: Option<DateTime<Utc>>,
    timeliness: Option<String>,
}

/// For each unit of the caller's reach, and each of its departments, the revision that stands, else the latest that the
/// caller sees: whichever agency made it.
async fn in_hand(
    db: &impl ConnectionTrait,
    caller: &Caller,
    period: Period,
) -> Result<HashMap<ReportedUnit, ReportInHand>, StoreError> {
    let mut parameters = Parameters::default();
    let period = parameters.add(period.to_string());
    let own = parameters.list(caller.agencies());
    let reach = match &caller.scope {
        Scope::Country => String::new(),
        Scope::Province(province) => format!(" AND r.province_code IN ({})", parameters.list(province.iter())),
        Scope::Locality { province, unit } => {
            let province = parameters.list(province.iter());
            format!(" AND r.province_code IN ({province}) AND r.unit_code IN ({})", parameters.list(unit.iter()))
        }
        Scope::Cooperative(_) => return Ok(HashMap::new()),
    };
    let sql = format!(
        "SELECT r.agency_id, r.level, r.province_code, r.unit_code, r.id, r.revision, r.state, r.submitted_at, \
         r.timeliness FROM periodic_reports r \
         WHERE r.period = {period} AND (r.state <> 'draft' OR r.agency_id IN ({own})){reach} \
         ORDER BY CASE WHEN r.authoritative THEN 1 ELSE 0 END, r.revision, r.id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = InHandRow::find_by_statement(statement).all(db).await?;
    // The last of a unit stays: the one that stands, else the latest.
    rows.into_iter().map(report_in_hand).collect()
}

fn report_in_hand(row: InHandRow) -> Result<(ReportedUnit, ReportInHand), StoreError> {
    let InHandRow { agency_id, level, province_code, unit_code, id, revision, state, submitted_at, timeliness } = row;
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
    let level = ReportLevel::from_name(&level).ok_or_else(|| malformed("level", &level))?;
    let reporter = Reporter { agency: agency_id, level, province: province_code, unit: unit_code };
    Ok((reporter.reported_unit(), in_hand))
}
