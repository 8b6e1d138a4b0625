//! The budget summed by one key or two: one query, whatever the size of the books, now or as it stood at an instant.
//!
//! Now, the running totals of lines and entries are summed. As of an instant, the same figures are replayed from what was
//! recorded by then: approvals of plans, allocations, amendments, reviews of settlements, postings. Both must agree.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::indicators::counted_in;
use super::parameters::Parameters;
use super::place_filter::PlaceFilter;
use super::placement::{Row as Placed, unit_on};
use super::scope::units_are;
use super::{StoreError, provincial_plans, territory};
use crate::domain::budget::summary::{Group, Grouping, Summary, Sums};
use crate::domain::money::Money;
use crate::domain::plan::{CREDIT_CATEGORY, Nature};
use crate::domain::role::Scope;

/// What is summed.
#[derive(Debug, Clone)]
pub struct Question {
    /// The province; all that the caller reaches where none is meant.
    pub place: PlaceFilter,
    /// The day whose provinces groups by province are.
    pub at: NaiveDate,
    /// The key.
    pub by: Grouping,
    /// The key of each group in turn, where two are asked for.
    pub then_by: Option<Grouping>,
    /// The instant as of which; none for now.
    pub as_of: Option<DateTime<Utc>>,
}

/// Estimates, allocations, disbursements and settlements in the caller's reach, summed by a key. Only approved plans and
/// approved allocations count. An estimate is made for a province: below that, only what was allocated is summed.
///
/// # Errors
/// The database failed.
pub async fn summary(db: &impl ConnectionTrait, scope: &Scope, question: &Question) -> Result<Summary, StoreError> {
    let mut parameters = Parameters::default();
    let balances = Balances::of(question.as_of, &mut parameters);
    let mut of_plan = balances.plan_counts.clone();
    let mut of_entry = balances.allocation_counts.clone();
    if question.place.province.is_some() {
        let plans = provincial_plans::ids_in(db, &question.place).await?;
        of_plan.push_str(&format!(" AND p.id IN ({})", parameters.list(plans)));
    }
    if let Scope::Province(own) | Scope::Locality { province: own, .. } = scope {
        of_plan.push_str(&format!(" AND p.province_code IN ({})", parameters.list(own.iter())));
    }
    match scope {
        Scope::Locality { unit, .. } => {
            let pilots = units_are("s.unit_code", "s.cooperative_id", unit, &mut parameters);
            let agencies = parameters.list(unit.iter());
            of_entry.push_str(&format!(" AND ({pilots} OR g.unit_code IN ({agencies}))"));
        }
        Scope::Cooperative(cooperative) => {
            of_entry.push_str(&format!(" AND s.cooperative_id = {}", parameters.add(*cooperative)));
        }
        Scope::Country | Scope::Province(_) => {}
    }
    let province = province_of_day(db, question.at, &mut parameters).await?;
    let unit = unit_on(Placed { unit: "s.unit_code", cooperative: "s.cooperative_id" }, question.at);
    // The unit of an agency of the whole province is not below the province: not stated. A line has none.
    let of_entries =
        Places { province: &province, unit: &format!("COALESCE({unit}, NULLIF(g.unit_code, g.province_code))") };
    let of_lines = Places { province: &province, unit: NO_TEXT };
    let entries = entries(&keys(question, of_entry_key, of_entries), &balances, &of_plan, &of_entry);
    let parts = if estimates_are_in(scope) {
        format!("{} UNION ALL {entries}", lines(&keys(question, of_line_key, of_lines), &balances, &of_plan))
    } else {
        entries
    };
    let sum = |name: &str| format!("CAST(SUM({name}) AS BIGINT) AS {name}");
    let sums = ["estimated", "drawn", "allocated", "disbursed", "settled", "returned"].map(sum).join(", ");
    let keys = "key, key_id, then_key, then_key_id, credit";
    let sql = format!("SELECT {keys}, {sums} FROM ({parts}) AS parts GROUP BY {keys}");
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = Row::find_by_statement(query).all(db).await?;
    Ok(Summary::of(question.by, question.then_by, rows.into_iter().map(Row::group).collect()))
}

/// Whether a caller reaches whole provinces, and so their estimates.
pub const fn estimates_are_in(scope: &Scope) -> bool {
    matches!(scope, Scope::Country | Scope::Province(_))
}

#[derive(Debug, FromQueryResult)]
struct Row {
    key: Option<String>,
    key_id: Option<Uuid>,
    then_key: Option<String>,
    then_key_id: Option<Uuid>,
    credit: i32,
    estimated: i64,
    drawn: i64,
    allocated: i64,
    disbursed: i64,
    settled: i64,
    returned: i64,
}

impl Row {
    fn group(self) -> Group {
        let Self { key, key_id, then_key, then_key_id, credit, .. } = self;
        let Self { estimated, drawn, allocated, disbursed, settled, returned, .. } = self;
        let [estimated, drawn, allocated, disbursed, settled, returned] =
            [estimated, drawn, allocated, disbursed, settled, returned].map(Money::dong);
        let sums = Sums { estimated, drawn, allocated, disbursed, settled, returned };
        let in_words = |text: Option<String>, id: Option<Uuid>| text.or_else(|| id.map(|id| id.to_string()));
        let (key, then) = (in_words(key, key_id), in_words(then_key, then_key_id));
        Group { key, then, credit: credit == 1, sums }
    }
}

/// How each balance of a line (`l`) of a plan (`p`) and of an entry (`e`) of an allocation (`a`) is had.
pub(super) struct Balances {
    plan_counts: String,
    allocation_counts: String,
    estimated: String,
    drawn: String,
    pub(super) allocated: String,
    pub(super) disbursed: String,
    pub(super) settled: String,
    pub(super) returned: String,
}

impl Balances {
    pub(super) fn of(as_of: Option<DateTime<Utc>>, parameters: &mut Parameters) -> Self {
        as_of.map_or_else(Self::now, |instant| Self::at(&parameters.add(instant)))
    }

    /// The running totals.
    fn now() -> Self {
        Self {
            plan_counts: "p.state = 'approved'".to_owned(),
            allocation_counts: "a.state = 'approved'".to_owned(),
            estimated: "l.amount".to_owned(),
            drawn: "l.allocated".to_owned(),
            allocated: "(e.amount - e.reduced)".to_owned(),
            disbursed: "e.disbursed".to_owned(),
            settled: "e.settled".to_owned(),
            returned: "e.returned".to_owned(),
        }
    }

    /// What had been recorded by an instant. A line is what it is now less what decisions since then made of it.
    fn at(instant: &str) -> Self {
        let sum = |what: &str, from: &str| format!("COALESCE((SELECT CAST(SUM({what}) AS BIGINT) FROM {from}), 0)");
        let change = "budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id WHERE";
        let settlements =
            format!("settlements t WHERE t.entry_id = e.id AND t.state = 'accepted' AND t.reviewed_at <= {instant}");
        let since = sum("c.delta", &format!("{change} c.line_id = l.id AND m.approved_at > {instant}"));
        let reduced =
            |entry: &str| sum("c.amount", &format!("{change} c.entry_id = {entry}.id AND m.approved_at <= {instant}"));
        let drawn = format!(
            "allocation_entries x JOIN allocations y ON y.id = x.allocation_id \
             WHERE x.line_id = l.id AND y.approved_at <= {instant}"
        );
        Self {
            plan_counts: format!(
                "p.state = 'approved' AND EXISTS (SELECT 1 FROM steps h WHERE h.record_id = p.id \
                 AND h.step = 'approvals' AND h.recorded_at <= {instant})"
            ),
            allocation_counts: format!("a.approved_at <= {instant}"),
            estimated: format!("(l.amount - {since})"),
            drawn: sum(&format!("x.amount - {}", reduced("x")), &drawn),
            allocated: format!("(e.amount - {})", reduced("e")),
            disbursed: sum(
                "d.amount",
                &format!("disbursements d WHERE d.entry_id = e.id AND d.recorded_at <= {instant}"),
            ),
            settled: sum("t.amount", &settlements),
            returned: sum("t.returned", &settlements),
        }
    }
}

fn credit() -> String {
    let nature = Nature::Credit.name();
    format!("CASE WHEN l.nature = '{nature}' OR l.category = '{CREDIT_CATEGORY}' THEN 1 ELSE 0 END AS credit")
}

const NO_TEXT: &str = "CAST(NULL AS TEXT)";
const NO_ID: &str = "CAST(NULL AS UUID)";

/// The code of the province of a plan (`p`) on a day: that which its own was merged into by then; none where its own began
/// later, whoever bore the code before.
async fn province_of_day(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    parameters: &mut Parameters,
) -> Result<String, StoreError> {
    let shown = counted_in("p.province_code", &territory::merged_provinces(db, day).await?);
    let day = parameters.add(day);
    Ok(format!(
        "CASE WHEN EXISTS (SELECT 1 FROM administrative_units u WHERE u.code = p.province_code AND u.valid_from > {day} \
         AND u.valid_from <= p.decision_date AND NOT EXISTS (SELECT 1 FROM unit_successions k \
         WHERE k.successor_code = u.code AND k.successor_from = u.valid_from AND k.predecessor_code = u.code \
         AND k.kind IN ('rename', 'carry_over'))) THEN NULL ELSE {shown} END"
    ))
}

/// How the places of a row are had.
#[derive(Debug, Clone, Copy)]
struct Places<'a> {
    province: &'a str,
    unit: &'a str,
}

/// The keys of a row: each a text or an id.
fn keys(question: &Question, of: fn(Grouping) -> (&'static str, &'static str), places: Places<'_>) -> String {
    let of = |by| match by {
        Grouping::Province => (places.province, NO_ID),
        Grouping::Unit => (places.unit, NO_ID),
        _ => of(by),
    };
    let (key, key_id) = of(question.by);
    let (then_key, then_key_id) = question.then_by.map_or((NO_TEXT, NO_ID), of);
    format!("{key} AS key, {key_id} AS key_id, {then_key} AS then_key, {then_key_id} AS then_key_id")
}

/// A key of an estimate. A line has no pilot, unit or agency: it is not stated for whom.
const fn of_line_key(by: Grouping) -> (&'static str, &'static str) {
    match by {
        Grouping::Category => ("l.category", NO_ID),
        Grouping::Source => ("l.source", NO_ID),
        Grouping::Nature => ("l.nature", NO_ID),
        Grouping::BudgetLevel => ("l.budget_level", NO_ID),
        Grouping::SupportKind => ("l.support_kind", NO_ID),
        Grouping::FiscalYear => ("CAST(l.fiscal_year AS TEXT)", NO_ID),
        Grouping::Province => ("p.province_code", NO_ID),
        Grouping::Line => (NO_TEXT, "l.id"),
        Grouping::Pilot
        | Grouping::Model
        | Grouping::Unit
        | Grouping::Agency
        | Grouping::Allocation
        | Grouping::Entry => (NO_TEXT, NO_ID),
    }
}

/// A key of an allocated entry.
const fn of_entry_key(by: Grouping) -> (&'static str, &'static str) {
    match by {
        Grouping::Category
        | Grouping::Source
        | Grouping::Nature
        | Grouping::BudgetLevel
        | Grouping::Province
        | Grouping::Line
        | Grouping::Unit => of_line_key(by),
        Grouping::SupportKind => ("e.support_kind", NO_ID),
        Grouping::FiscalYear => ("CAST(COALESCE(e.fiscal_year, l.fiscal_year) AS TEXT)", NO_ID),
        Grouping::Model => ("s.model", NO_ID),
        Grouping::Allocation => (NO_TEXT, "a.id"),
        Grouping::Entry => (NO_TEXT, "e.id"),
        Grouping::Pilot => (NO_TEXT, "e.pilot_id"),
        Grouping::Agency => (NO_TEXT, "e.agency_id"),
    }
}

/// The estimates of the plans, one row a line.
fn lines(keys: &str, balances: &Balances, of_plan: &str) -> String {
    format!(
        "SELECT {keys}, {}, {} AS estimated, {} AS drawn, 0 AS allocated, 0 AS disbursed, 0 AS settled, \
         0 AS returned FROM estimate_lines l JOIN provincial_plans p ON p.id = l.plan_id WHERE {of_plan}",
        credit(),
        balances.estimated,
        balances.drawn
    )
}

/// What approved decisions allocated, one row an entry.
fn entries(keys: &str, balances: &Balances, of_plan: &str, of_entry: &str) -> String {
    let Balances { allocated, disbursed, settled, returned, .. } = balances;
    format!(
        "SELECT {keys}, {}, 0 AS estimated, 0 AS drawn, {allocated} AS allocated, \
         {disbursed} AS disbursed, {settled} AS settled, {returned} AS returned \
         FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
         JOIN estimate_lines l ON l.id = e.line_id JOIN provincial_plans p ON p.id = l.plan_id \
         JOIN agencies g ON g.id = e.agency_id LEFT JOIN pilots s ON s.id = e.pilot_id \
         WHERE {of_plan} AND {of_entry}",
        credit()
    )
}
