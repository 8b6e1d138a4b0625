//! The indicators of a report, computed from the records: at most a dozen queries whatever the size of the books, each a
//! sum over the pilots or the territory of the reporter. Facts count by their legal date, within the data window.

mod yearly;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::directory::{self, Directory};
use super::parameters::Parameters;
use super::{StoreError, schemes};
use crate::domain::indicator::{Figure, FigureStatus, Indicator, Measure, RATINGS};
use crate::domain::period::Period;
use crate::domain::report::{FORM_SCHEME, ReportLevel, Reporter};
use crate::domain::role::{Codes, Scope};

/// Computes the figures of a reporter's form for a period, in the order of the form.
///
/// # Errors
/// The database failed.
pub async fn compute(
    db: &impl ConnectionTrait,
    reporter: &Reporter,
    period: Period,
) -> Result<Vec<Figure>, StoreError> {
    let mut found = Found::default();
    let territory = Territory::of(&directory::load(db).await?, reporter, period);
    let asked = Asked { reporter, territory: &territory, period };
    let pilots = asked.pilots(db, &mut found).await?;
    asked.plans(db, &mut found).await?;
    asked.money(db, &mut found).await?;
    asked.loans(db, &mut found).await?;
    asked.supported(db, &mut found).await?;
    if period.is_annual() {
        asked.ratings(db, pilots, &mut found).await?;
        asked.yearly_figures(db, &mut found).await?;
        asked.net_change(db, &mut found).await?;
    }
    Ok(reporter.level.form(period).map(|indicator| found.figure(indicator)).collect())
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found(BTreeMap<Indicator, (Measure, FigureStatus)>);

impl Found {
    fn add(&mut self, indicator: Indicator, measure: Measure) {
        self.0.insert(indicator, (measure, FigureStatus::Final));
    }

    fn figure(&mut self, indicator: Indicator) -> Figure {
        let (measure, status) = self.0.remove(&indicator).unwrap_or((Measure::default(), FigureStatus::Final));
        Figure { indicator, measure, status }
    }
}

async fn rows<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: String,
    parameters: Parameters,
) -> Result<Vec<R>, StoreError> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    Ok(R::find_by_statement(statement).all(db).await?)
}

/// `SUM` of a condition or an amount, as the same integer type on both databases.
fn sum(what: &str) -> String {
    format!("CAST(COALESCE(SUM({what}), 0) AS BIGINT)")
}

/// Counts the rows for which a condition holds.
fn count(condition: &str) -> String {
    sum(&format!("CASE WHEN {condition} THEN 1 ELSE 0 END"))
}

/// An amount or a count under a key of a breakdown.
#[derive(Debug, FromQueryResult)]
struct Keyed {
    key: String,
    first: i64,
    second: i64,
}

/// The parts of a breakdown that are not nothing.
fn parts(keyed: &[Keyed], amount: impl Fn(&Keyed) -> i64) -> BTreeMap<String, i64> {
    keyed.iter().map(|row| (row.key.clone(), amount(row))).filter(|(_, amount)| *amount != 0).collect()
}

/// Counts by rating, each rating there even when nobody has it.
fn by_rating(keyed: &[Keyed]) -> Measure {
    let mut counts: BTreeMap<String, i64> = RATINGS.iter().map(|rating| ((*rating).to_owned(), 0)).collect();
    counts.extend(keyed.iter().map(|row| (row.key.clone(), row.first)));
    Measure::parts(counts)
}

/// The evaluation that counts for a cooperative and a year: the verified one once confirmed, else its own once
/// submitted (2129/QĐ-UBND III.2.1); under the criteria set that the scheme names, or a province's variant of it: evaluations
/// under another circular are never mixed with them.
fn counting_evaluation(year: i32, criteria: &str, parameters: &mut Parameters) -> String {
    let (year, code) = (parameters.add(year), parameters.add(criteria.to_owned()));
    let under = |row: &str| format!("{row}.criteria_code IN ({code}, {code} || '-' || {row}.province_code)");
    format!(
        "e.year = {year} AND {} AND (e.kind = 'verified' AND e.state = 'confirmed' \
         OR e.kind = 'self' AND e.state IN ('submitted', 'confirmed') AND NOT EXISTS \
         (SELECT 1 FROM evaluations v WHERE v.cooperative_id = e.cooperative_id AND v.year = e.year \
         AND v.kind = 'verified' AND v.state = 'confirmed' AND {}))",
        under("e"),
        under("v"),
    )
}

/// The codes under which the records of a reporter's territory stand on the last day of the window, and the
/// departments that it took over.
#[derive(Debug)]
struct Territory {
    provinces: Codes,
    units: Codes,
    agencies: Vec<Uuid>,
}

impl Territory {
    fn of(directory: &Directory, reporter: &Reporter, period: Period) -> Self {
        let day = period.window().to_date;
        let agency = directory.agency(reporter.agency, day);
        let (provinces, units) = match agency.map(|agency| agency.scope(day)) {
            Some(Scope::Locality { province, unit }) => (province, unit),
            Some(Scope::Province(province)) => (province, reporter.unit.as_str().into()),
            _ => (reporter.province.as_str().into(), reporter.unit.as_str().into()),
        };
        let predecessors = agency.map(|agency| agency.predecessors.as_slice()).unwrap_or_default();
        let agencies = std::iter::once(reporter.agency).chain(predecessors.iter().copied()).collect();
        Self { provinces, units, agencies }
    }
}

/// Whose figures are asked for, and of when.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    reporter: &'a Reporter,
    territory: &'a Territory,
    period: Period,
}

impl Asked<'_> {
    /// The pilots (`p`) that the reporter answers for: of its territory, or that it is responsible for.
    fn pilots_of(self, parameters: &mut Parameters) -> String {
        let Territory { provinces, units, agencies } = self.territory;
        let scheme = parameters.add(FORM_SCHEME);
        let provinces = parameters.list(provinces.iter());
        let place = match self.reporter.level {
            ReportLevel::Province => String::new(),
            ReportLevel::Locality => format!(" AND p.unit_code IN ({})", parameters.list(units.iter())),
            ReportLevel::LineDepartment => {
                format!(" AND p.responsible_department IN ({})", parameters.list(agencies.iter().copied()))
            }
        };
        // The province's own list is its own affair: the form is on the scheme's.
        format!("p.scheme_code = {scheme} AND p.list = 'scheme' AND p.province_code IN ({provinces}){place}")
    }

    /// The first and the last day of the window.
    fn window(self, parameters: &mut Parameters) -> (String, String) {
        let window = self.period.window();
        (parameters.add(window.from_date), parameters.add(window.to_date))
    }

    /// The pilots of the reporter that are in the scheme at the end of the window.
    fn participants(self, parameters: &mut Parameters) -> String {
        let pilots = self.pilots_of(parameters);
        let to = parameters.add(self.period.window().to_date);
        format!("{pilots} AND {}", participating(&to))
    }

    /// Pilots by model; answers how many are in the scheme.
    async fn pilots(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<i64, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            model: String,
            active: i64,
            selected: i64,
            stopped: i64,
            completed: i64,
        }
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT p.model, {} AS active, {} AS selected, {} AS stopped, {} AS completed \
             FROM pilots p WHERE {pilots} AND p.selected_on <= {to} GROUP BY p.model",
            count(&participating(&to)),
            count(&format!("p.selected_on >= {from}")),
            count(&format!("p.stopped_on >= {from} AND p.stopped_on <= {to}")),
            count(&format!("p.completed_on <= {to} AND (p.stopped_on IS NULL OR p.stopped_on > {to})")),
        );
        let rows: Vec<Row> = rows(db, sql, parameters).await?;
        let total = |of: fn(&Row) -> i64| rows.iter().map(of).sum::<i64>();
        let models = rows.iter().filter(|row| row.active > 0).map(|row| (row.model.clone(), row.active));
        found.add(Indicator::PilotsActive, Measure::parts(models.collect()));
        found.add(Indicator::PilotsSelected, Measure::sum(total(|row| row.selected)));
        found.add(Indicator::PilotsStopped, Measure::sum(total(|row| row.stopped)));
        found.add(Indicator::PilotsModelsCompleted, Measure::sum(total(|row| row.completed)));
        Ok(total(|row| row.active))
    }

    /// The improvement plans in force at the end of the window, and their measures.
    async fn plans(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            first: i64,
            second: i64,
        }
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.period.window().to_date);
        let from_plans = format!(
            "FROM improvement_plans i JOIN pilots p ON p.id = i.pilot_id WHERE {participants} AND {}",
            plan_in_force(&to)
        );
        let sql = format!("SELECT COUNT(*) AS first, {} AS second {from_plans}", sum("i.criteria_to_improve"));
        let plans: Vec<Row> = rows(db, sql, parameters).await?;
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.period.window().to_date);
        let sql = format!(
            "SELECT {} AS first, COUNT(*) AS second FROM plan_measures m JOIN improvement_plans i ON i.id = m.plan_id \
             JOIN pilots p ON p.id = i.pilot_id WHERE {participants} AND {} AND m.due_date <= {to}",
            count(&format!("m.done_on <= {to}")),
            plan_in_force(&to)
        );
        let measures: Vec<Row> = rows(db, sql, parameters).await?;
        for Row { first, second } in plans {
            found.add(Indicator::ImprovementPlansApproved, Measure::sum(first));
            found.add(Indicator::CriteriaToImprove, Measure::sum(second));
        }
        for Row { first, second } in measures {
            found.add(Indicator::MeasuresDoneRate, Measure::ratio(first, second));
        }
        Ok(())
    }

    /// Evaluations of the year: of the pilots, and of all cooperatives of the territory.
    async fn ratings(self, db: &impl ConnectionTrait, pilots: i64, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let (year, criteria) = (i32::from(self.period.year()), schemes::find(db, FORM_SCHEME).await?.criteria_set);
        let counting = counting_evaluation(year, &criteria, &mut parameters);
        let rating = "COALESCE(e.rating, 'not_rated')";
        let sql = format!(
            "SELECT {rating} AS key, COUNT(*) AS first, {} AS second FROM pilots p \
             JOIN evaluations e ON e.cooperative_id = p.cooperative_id WHERE {participants} AND {counting} \
             GROUP BY {rating}",
            sum("CASE WHEN e.rating IS NULL THEN 0 ELSE e.total END")
        );
        let keyed: Vec<Keyed> = rows(db, sql, parameters).await?;
        let of = |rating: &str| keyed.iter().filter(|row| row.key == rating).map(|row| row.first).sum::<i64>();
        let rated: i64 = keyed.iter().map(|row| row.first).sum::<i64>() - of("not_rated");
        found.add(Indicator::PilotsByRating, by_rating(&keyed));
        found.add(Indicator::PilotsGoodShare, Measure::ratio(of("good"), pilots));
        found.add(Indicator::PilotsScoreMean, Measure::ratio(keyed.iter().map(|row| row.second).sum(), rated));
        if self.reporter.level == ReportLevel::LineDepartment {
            return Ok(());
        }
        let mut parameters = Parameters::default();
        let provinces = parameters.list(self.territory.provinces.iter());
        let unit = match self.reporter.level {
            ReportLevel::Locality => {
                format!(" AND e.unit_code IN ({})", parameters.list(self.territory.units.iter()))
            }
            ReportLevel::Province | ReportLevel::LineDepartment => String::new(),
        };
        let counting = counting_evaluation(year, &criteria, &mut parameters);
        let sql = format!(
            "SELECT {rating} AS key, COUNT(*) AS first, COUNT(*) AS second FROM evaluations e \
             WHERE e.province_code IN ({provinces}){unit} AND {counting} GROUP BY {rating}"
        );
        found.add(Indicator::CoopsByRating, by_rating(&rows::<Keyed>(db, sql, parameters).await?));
        Ok(())
    }

    /// The different pilots with an allocation decided in the window.
    async fn supported(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            supported: i64,
        }
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT COUNT(DISTINCT p.id) AS supported FROM pilots p JOIN allocation_entries e ON e.pilot_id = p.id \
             JOIN allocations a ON a.id = e.allocation_id WHERE {pilots} AND a.state = 'approved' \
             AND a.decision_date >= {from} AND a.decision_date <= {to}"
        );
        for Row { supported } in rows::<Row>(db, sql, parameters).await? {
            found.add(Indicator::PilotsSupported, Measure::sum(supported));
        }
        Ok(())
    }

    /// Estimates, allocations and disbursements. Credit is lent, never allocated, so it is in the estimate alone.
    async fn money(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        if self.reporter.level == ReportLevel::Province {
            let mut parameters = Parameters::default();
            let (scheme, provinces) = (parameters.add(FORM_SCHEME), parameters.list(self.territory.provinces.iter()));
            let to = parameters.add(self.period.window().to_date);
            let sql = format!(
                "SELECT l.category AS key, {amount} AS first, {amount} AS second FROM estimate_lines l \
                 JOIN provincial_plans q ON q.id = l.plan_id WHERE q.state = 'approved' AND q.scheme_code = {scheme} \
                 AND q.province_code IN ({provinces}) AND q.decision_date <= {to} GROUP BY l.category",
                amount = sum("l.amount")
            );
            let keyed: Vec<Keyed> = rows(db, sql, parameters).await?;
            found.add(Indicator::SupportEstimated, Measure::parts(parts(&keyed, |row| row.first)));
        }
        let allocated = self.entries(db, "e.amount", "a.decision_date", "").await?;
        let disbursed =
            self.entries(db, "d.amount", "d.voucher_date", "JOIN disbursements d ON d.entry_id = e.id").await?;
        if self.period.is_annual() {
            let accepted = "JOIN settlements d ON d.entry_id = e.id AND d.state = 'accepted'";
            let settled = self.entries(db, "d.amount", "d.document_date", accepted).await?;
            found.add(Indicator::SupportSettled, Measure::parts(parts(&settled, |row| row.first)));
        }
        let to_date = |keyed: &[Keyed]| keyed.iter().map(|row| row.second).sum::<i64>();
        found.add(Indicator::SupportAllocated, Measure::parts(parts(&allocated, |row| row.first)));
        found.add(Indicator::SupportDisbursed, Measure::parts(parts(&disbursed, |row| row.first)));
        found.add(Indicator::DisbursementRate, Measure::ratio(to_date(&disbursed), to_date(&allocated)));
        Ok(())
    }

    /// An amount of approved allocation entries by category: in the window, and from the beginning to its end. An entry
    /// is where its pilot is, or, without one, where the agency that carries it out is.
    async fn entries(
        self,
        db: &impl ConnectionTrait,
        amount: &str,
        day: &str,
        join: &str,
    ) -> Result<Vec<Keyed>, StoreError> {
        let Territory { provinces, units, agencies } = self.territory;
        let mut parameters = Parameters::default();
        let (scheme, provinces) = (parameters.add(FORM_SCHEME), parameters.list(provinces.iter()));
        let place = match self.reporter.level {
            ReportLevel::Province => String::new(),
            ReportLevel::Locality => {
                format!(" AND COALESCE(p.unit_code, g.unit_code) IN ({})", parameters.list(units.iter()))
            }
            ReportLevel::LineDepartment => {
                let agencies = parameters.list(agencies.iter().copied());
                format!(" AND COALESCE(p.responsible_department, e.agency_id) IN ({agencies})")
            }
        };
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT l.category AS key, {} AS first, {} AS second FROM allocation_entries e \
             JOIN allocations a ON a.id = e.allocation_id JOIN estimate_lines l ON l.id = e.line_id \
             JOIN agencies g ON g.id = e.agency_id LEFT JOIN pilots p ON p.id = e.pilot_id {join} \
             WHERE a.state = 'approved' AND a.scheme_code = {scheme} AND a.province_code IN ({provinces}){place} \
             AND {day} <= {to} GROUP BY l.category",
            sum(&format!("CASE WHEN {day} >= {from} THEN {amount} ELSE 0 END")),
            sum(amount)
        );
        rows(db, sql, parameters).await
    }

    /// Loans of the pilots: paid out in the window, and outstanding at its end.
    async fn loans(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            disbursed: i64,
            outstanding: i64,
        }
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {} AS disbursed, {} AS outstanding FROM loan_entries n JOIN loans o ON o.id = n.loan_id \
             JOIN pilots p ON p.id = o.pilot_id WHERE {pilots} AND n.on_date <= {to}",
            sum(&format!("CASE WHEN n.kind = 'disbursement' AND n.on_date >= {from} THEN n.amount ELSE 0 END")),
            sum("CASE WHEN n.kind = 'disbursement' THEN n.amount ELSE -n.amount END")
        );
        for Row { disbursed, outstanding } in rows(db, sql, parameters).await? {
            found.add(Indicator::LoansDisbursed, Measure::sum(disbursed));
            found.add(Indicator::LoansOutstanding, Measure::sum(outstanding));
        }
        Ok(())
    }
}

/// A pilot (`p`) is in the scheme on a day: selected, and neither stopped nor ended.
fn participating(day: &str) -> String {
    format!(
        "p.selected_on <= {day} AND (p.stopped_on IS NULL OR p.stopped_on > {day}) \
         AND (p.ended_on IS NULL OR p.ended_on > {day})"
    )
}

/// A plan (`i`) is the yardstick of its pilot on a day: approved by then, and no later revision was.
fn plan_in_force(day: &str) -> String {
    let approved = |plan: &str| format!("{plan}.state IN ('approved', 'superseded') AND {plan}.decision_date <= {day}");
    format!(
        "{} AND NOT EXISTS (SELECT 1 FROM improvement_plans j WHERE j.pilot_id = i.pilot_id \
         AND j.revision > i.revision AND {})",
        approved("i"),
        approved("j")
    )
}
