//! The indicators computed from the records: a fixed number of queries whatever the size of the books, each a sum over the
//! pilots or the territory of a reporter, or over all provinces at once. Facts count by their legal date, within the data
//! window.

mod follow_up;
mod money;
mod pilots;
mod progress;
mod ratings;
mod yearly;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::StoreError;
use super::directory::{self, Directory};
use super::parameters::Parameters;
use super::placement::{Row, where_it_was};
use super::scope::units_are;
use crate::domain::indicator::{Figure, FigureStatus, Indicator, IndicatorSource, Measure};
use crate::domain::period::{Occasion, Period};
use crate::domain::report::{FORM_SCHEME, ReportForm, ReportLevel, Reporter};
use crate::domain::role::{Codes, Scope};

/// Computes the figures of a reporter's form for a period, in the order of the form.
///
/// # Errors
/// The database failed.
pub async fn compute(
    db: &impl ConnectionTrait,
    form: &ReportForm,
    reporter: &Reporter,
    occasion: Occasion,
) -> Result<Vec<Figure>, StoreError> {
    compute_within(db, &directory::load(db).await?, form, reporter, occasion).await
}

/// The same, with the directory of agencies at hand.
///
/// # Errors
/// The database failed.
pub(super) async fn compute_within(
    db: &impl ConnectionTrait,
    directory: &Directory,
    form: &ReportForm,
    reporter: &Reporter,
    occasion: Occasion,
) -> Result<Vec<Figure>, StoreError> {
    let territory = Territory::of(directory, reporter, occasion.window.to_date);
    let asked = Asked { whose: Whose::Reporter(reporter.level, &territory), occasion };
    let mut found = asked.found(db).await?.0.remove("").unwrap_or_default();
    Ok(form.of(reporter.level, occasion.period).map(|indicator| take(&mut found, indicator)).collect())
}

/// The places whose figures are asked for together.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// Provinces, or localities.
    pub level: ReportLevel,
    /// Of these provinces; of the whole country when absent.
    pub provinces: Option<&'a Codes>,
    /// The province that the records of each other one are counted in: they are one by the day that is shown.
    pub merged: &'a HashMap<String, String>,
    /// The day that is shown, where provinces were merged after it.
    pub before: Option<NaiveDate>,
}

/// Computes the figures of every province, or of every locality, of some provinces or of the whole country for a period, in
/// the order of their form: of localities by the codes that the records bear, of provinces by those that they are
/// counted in. The same queries as for one reporter, grouped by place: how many there are does not matter.
///
/// # Errors
/// The database failed.
pub async fn by_place(
    db: &impl ConnectionTrait,
    form: &ReportForm,
    places: Places<'_>,
    occasion: Occasion,
) -> Result<BTreeMap<String, Vec<Figure>>, StoreError> {
    let asked = Asked { whose: Whose::Each(places), occasion };
    let figures = |mut found: Figures| {
        let asked_for = form.of(places.level, occasion.period);
        asked_for.map(|indicator| take(&mut found, indicator)).collect::<Vec<_>>()
    };
    Ok(asked.found(db).await?.0.into_iter().map(|(place, found)| (place, figures(found))).collect())
}

/// The figures of all places as one, of the indicators that count different cooperatives: counted again, since they are never
/// added.
///
/// # Errors
/// The database failed.
pub async fn distinct(
    db: &impl ConnectionTrait,
    places: Places<'_>,
    occasion: Occasion,
) -> Result<Vec<Figure>, StoreError> {
    let asked = Asked { whose: Whose::All(places), occasion };
    let mut found = Found::default();
    asked.supported(db, &mut found).await?;
    asked.replications(db, &mut found).await?;
    let figure = |(indicator, (measure, status))| Figure { indicator, measure, status };
    Ok(found.0.into_values().flatten().map(figure).collect())
}

/// What was found of one place.
type Figures = BTreeMap<Indicator, (Measure, FigureStatus)>;

fn take(found: &mut Figures, indicator: Indicator) -> Figure {
    let (measure, status) = found.remove(&indicator).unwrap_or_else(|| (nothing(indicator), FigureStatus::Final));
    Figure { indicator, measure, status }
}

/// What an indicator is where there are no records: zero where records are counted or summed; unknown where somebody would
/// have had to state a figure.
fn nothing(indicator: Indicator) -> Measure {
    match indicator {
        _ if indicator.source() == IndicatorSource::Entered || yearly::is_stated(indicator) => Measure::default(),
        Indicator::PilotsByRating | Indicator::CoopsByRating => ratings::by_rating(&[]),
        _ if indicator.is_ratio() => Measure::ratio(0, 0),
        _ => Measure::sum(0),
    }
}

/// The figures of a form where there are no records.
pub(super) fn of_nothing(form: &ReportForm, level: ReportLevel, period: Period) -> Vec<Figure> {
    form.of(level, period).map(|indicator| take(&mut Figures::new(), indicator)).collect()
}

/// What was found so far, by place: a province or a locality, or `""` for the only reporter.
#[derive(Debug, Default)]
struct Found(BTreeMap<String, Figures>);

impl Found {
    fn add(&mut self, place: &str, indicator: Indicator, measure: Measure) {
        self.set(place, indicator, measure, FigureStatus::Final);
    }

    fn set(&mut self, place: &str, indicator: Indicator, measure: Measure, status: FigureStatus) {
        self.0.entry(place.to_owned()).or_default().insert(indicator, (measure, status));
    }

    /// The amount found of an indicator; nothing is zero.
    fn amount(&self, place: &str, indicator: Indicator) -> i64 {
        let found = self.0.get(place).and_then(|figures| figures.get(&indicator));
        found.and_then(|(measure, _)| measure.amount).unwrap_or_default()
    }

    /// The places found so far.
    fn places(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
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

/// Two counts or amounts of a place.
#[derive(Debug, FromQueryResult)]
struct Pair {
    place: String,
    first: i64,
    second: i64,
}

/// Two counts or amounts of a place under a key of a breakdown.
#[derive(Debug, FromQueryResult)]
struct Keyed {
    place: String,
    key: String,
    first: i64,
    second: i64,
}

/// Rows by their place, each place of `places` there even when it has none.
fn sorted(rows: Vec<Keyed>, places: Vec<String>) -> BTreeMap<String, Vec<Keyed>> {
    let mut of_place: BTreeMap<String, Vec<Keyed>> = places.into_iter().map(|place| (place, Vec::new())).collect();
    for row in rows {
        of_place.entry(row.place.clone()).or_default().push(row);
    }
    of_place
}

/// The parts of a breakdown that are not nothing.
fn parts(keyed: &[Keyed], amount: impl Fn(&Keyed) -> i64) -> BTreeMap<String, i64> {
    let mut parts: BTreeMap<String, i64> = BTreeMap::new();
    for row in keyed {
        let part = parts.entry(row.key.clone()).or_default();
        *part = part.saturating_add(amount(row));
    }
    parts.retain(|_, amount| *amount != 0);
    parts
}

/// The codes under which the records of a reporter's territory stand on the last day of the window, and the
/// departments that it took over.
#[derive(Debug)]
struct Territory {
    provinces: Codes,
    units: Codes,
    agencies: Vec<Uuid>,
    /// That day, where provinces were merged after it.
    before: Option<NaiveDate>,
}

impl Territory {
    fn of(directory: &Directory, reporter: &Reporter, day: NaiveDate) -> Self {
        let agency = directory.agency(reporter.agency, day);
        let (provinces, units) = match agency.map(|agency| agency.scope(day)) {
            Some(Scope::Locality { province, unit }) => (province, unit),
            Some(Scope::Province(province)) => (province, reporter.unit.as_str().into()),
            _ => (reporter.province.as_str().into(), reporter.unit.as_str().into()),
        };
        let predecessors = agency.map(|agency| agency.predecessors.as_slice()).unwrap_or_default();
        let agencies = std::iter::once(reporter.agency).chain(predecessors.iter().copied()).collect();
        let before = Some(day).filter(|day| directory.last_merger().is_some_and(|merger| *day < merger));
        Self { provinces, units, agencies, before }
    }
}

/// Whose figures are asked for.
#[derive(Debug, Clone, Copy)]
enum Whose<'a> {
    /// One reporter's, on its territory.
    Reporter(ReportLevel, &'a Territory),
    /// Each place's.
    Each(Places<'a>),
    /// Those of all places as one.
    All(Places<'a>),
}

/// Where the rows of a table are placed: its name in a query, and its unit below the province.
#[derive(Debug, Clone, Copy)]
struct Placed {
    table: &'static str,
    unit: &'static str,
    /// The cooperative that a row is of, or null where it is of none.
    cooperative: &'static str,
}

/// Pilots.
const PILOT: Placed = Placed { table: "p", unit: "p.unit_code", cooperative: "p.cooperative_id" };

/// Whose figures are asked for, and of when.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    whose: Whose<'a>,
    occasion: Occasion,
}

impl Asked<'_> {
    async fn found(self, db: &impl ConnectionTrait) -> Result<Found, StoreError> {
        let mut found = Found::default();
        self.pilots(db, &mut found).await?;
        self.plans(db, &mut found).await?;
        self.money(db, &mut found).await?;
        self.loans(db, &mut found).await?;
        self.supported(db, &mut found).await?;
        self.inspections(db, &mut found).await?;
        self.obstacles(db, &mut found).await?;
        self.replications(db, &mut found).await?;
        if self.occasion.period.is_annual() {
            self.ratings(db, &mut found).await?;
            self.progress(db, &mut found).await?;
            self.yearly_figures(db, &mut found).await?;
            self.net_change(db, &mut found).await?;
        }
        Ok(found)
    }

    /// Whether the figures of one reporter are asked for: it has figures even where there are no records.
    const fn is_of_one(self) -> bool {
        matches!(self.whose, Whose::Reporter(..) | Whose::All(_))
    }

    /// Whose form is filled in.
    const fn level(self) -> ReportLevel {
        match self.whose {
            Whose::Reporter(level, _) => level,
            Whose::Each(places) | Whose::All(places) => places.level,
        }
    }

    /// The place of a row, where many are asked for.
    fn place_of(self, placed: Placed) -> Option<String> {
        match self.whose {
            Whose::Reporter(..) | Whose::All(_) => None,
            Whose::Each(Places { level: ReportLevel::Locality, .. }) => Some(self.unit_of(placed)),
            Whose::Each(Places { merged, .. }) => Some(counted_in(&self.province_of(placed), merged)),
        }
    }

    /// The province of a row: that of its code, but before a merger of provinces, where its cooperative was placed anew since, that
    /// of the unit where it was. A code alone would count it in another province.
    fn province_of(self, placed: Placed) -> String {
        self.before_mergers(
            placed,
            format!("{}.province_code", placed.table),
            "COALESCE(district_then.parent_code, unit_then.parent_code)",
        )
    }

    /// The unit of a row below the province, in the same way.
    fn unit_of(self, placed: Placed) -> String {
        self.before_mergers(placed, placed.unit.to_owned(), "unit_then.code")
    }

    /// What a row says of its place, and before a merger of provinces what the unit of then says: see [`where_it_was`].
    fn before_mergers(self, Placed { unit, cooperative, .. }: Placed, own: String, of_then: &str) -> String {
        let before = match self.whose {
            Whose::Reporter(_, territory) => territory.before,
            Whose::Each(places) | Whose::All(places) => places.before,
        };
        match before.filter(|_| cooperative != "NULL") {
            Some(day) => where_it_was(Row { unit, cooperative }, day, &own, of_then),
            None => own,
        }
    }

    /// The column of the place of a row.
    fn place(self, placed: Placed) -> String {
        format!("{} AS place", self.place_of(placed).unwrap_or_else(|| "CAST('' AS TEXT)".to_owned()))
    }

    /// `GROUP BY` the place and other columns.
    fn group(self, placed: Placed, also: &[&str]) -> String {
        // By the name of the column: the expression may hold subqueries.
        let place = self.place_of(placed).map(|_| "place".to_owned());
        let columns: Vec<String> = place.into_iter().chain(also.iter().map(|column| (*column).to_owned())).collect();
        if columns.is_empty() { String::new() } else { format!(" GROUP BY {}", columns.join(", ")) }
    }

    /// Rows of the provinces asked for.
    fn provinces(self, placed: Placed, parameters: &mut Parameters) -> String {
        let codes = match self.whose {
            Whose::Reporter(_, territory) => Some(&territory.provinces),
            Whose::Each(places) | Whose::All(places) => places.provinces,
        };
        let within = |codes: &Codes| format!("{} IN ({})", self.province_of(placed), parameters.list(codes.iter()));
        codes.map_or_else(|| "1 = 1".to_owned(), within)
    }

    /// Rows of the reporter: of its provinces; of a locality, those of its own unit; of a department, those that it
    /// `answers` for, said with its ids.
    fn of_reporter(self, placed: Placed, answers: impl Fn(&str) -> String, parameters: &mut Parameters) -> String {
        let Placed { unit, cooperative, .. } = placed;
        let provinces = self.provinces(placed, parameters);
        match self.whose {
            Whose::Reporter(ReportLevel::Locality, territory) => {
                format!(
                    "{provinces} AND {}",
                    units_are(&self.unit_of(placed), cooperative, &territory.units, parameters)
                )
            }
            Whose::Reporter(ReportLevel::LineDepartment, territory) => {
                format!("{provinces} AND {}", answers(&parameters.list(territory.agencies.iter().copied())))
            }
            Whose::Each(Places { level: ReportLevel::Locality, .. }) => format!("{provinces} AND {unit} IS NOT NULL"),
            Whose::Reporter(ReportLevel::Province, _) | Whose::Each(_) | Whose::All(_) => provinces,
        }
    }

    /// The pilots (`p`) that the reporter answers for: of its territory, or that it is responsible for. The province's own
    /// list is its own affair: the form is on the scheme's.
    fn pilots_of(self, parameters: &mut Parameters) -> String {
        let scheme = parameters.add(FORM_SCHEME);
        let responsible = |agencies: &str| format!("p.responsible_department IN ({agencies})");
        let of_reporter = self.of_reporter(PILOT, responsible, parameters);
        format!("p.scheme_code = {scheme} AND p.list = 'scheme' AND {of_reporter}")
    }

    /// The first and the last day of the window.
    fn window(self, parameters: &mut Parameters) -> (String, String) {
        let window = self.occasion.window;
        (parameters.add(window.from_date), parameters.add(window.to_date))
    }

    /// The pilots of the reporter that are in the scheme at the end of the window.
    fn participants(self, parameters: &mut Parameters) -> String {
        let pilots = self.pilots_of(parameters);
        let to = parameters.add(self.occasion.window.to_date);
        format!("{pilots} AND {}", participating(&to))
    }
}

/// The province that a row is counted in. Codes are digits of the territory's own tables, written into the statement: a
/// parameter would be another one in `GROUP BY`.
pub(super) fn counted_in(column: &str, merged: &HashMap<String, String>) -> String {
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let mut arms: Vec<_> = merged.iter().filter(|(from, to)| is_code(from) && is_code(to)).collect();
    if arms.is_empty() {
        return column.to_owned();
    }
    arms.sort();
    let arms: String = arms.into_iter().map(|(from, to)| format!(" WHEN '{from}' THEN '{to}'")).collect();
    format!("CASE {column}{arms} ELSE {column} END")
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

/// The evaluation (`e`) that counts for a cooperative and a year: the verified one once confirmed, else its own once
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
