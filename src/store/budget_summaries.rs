//! The budget summed by one key: one query, whatever the size of the books.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::StoreError;
use crate::domain::budget::summary::{Group, Grouping, Summary, Sums};
use crate::domain::money::Money;
use crate::domain::plan::{CREDIT_CATEGORY, Nature};
use crate::domain::role::Scope;

/// Estimates, allocations and disbursements in the caller's reach, summed by a key. Only approved plans and approved
/// allocations count. An estimate is made for a province: below that, only what was allocated is summed.
///
/// # Errors
/// The database failed.
pub async fn summary(
    db: &impl ConnectionTrait,
    scope: &Scope,
    province: Option<&str>,
    by: Grouping,
) -> Result<Summary, StoreError> {
    let mut values: Vec<Value> = Vec::new();
    let mut parameter = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let mut of_plan = String::from("p.state = 'approved'");
    let mut of_entry = String::from("a.state = 'approved'");
    let own_province = match scope {
        Scope::Province(own) | Scope::Locality { province: own, .. } => Some(own.as_str()),
        Scope::Country | Scope::Cooperative(_) => None,
    };
    for province in [province, own_province].into_iter().flatten() {
        let code = parameter(province.into());
        of_plan.push_str(&format!(" AND p.province_code = {code}"));
    }
    match scope {
        Scope::Locality { unit, .. } => {
            let unit = parameter(unit.as_str().into());
            of_entry.push_str(&format!(" AND (s.unit_code = {unit} OR g.unit_code = {unit})"));
        }
        Scope::Cooperative(cooperative) => {
            let cooperative = parameter((*cooperative).into());
            of_entry.push_str(&format!(" AND s.cooperative_id = {cooperative}"));
        }
        Scope::Country | Scope::Province(_) => {}
    }
    let entries = entries(by, &of_plan, &of_entry);
    let parts = if estimates_are_in(scope) { format!("{} UNION ALL {entries}", lines(by, &of_plan)) } else { entries };
    let sql = format!(
        "SELECT key, key_id, credit, CAST(SUM(estimated) AS BIGINT) AS estimated, \
         CAST(SUM(allocated) AS BIGINT) AS allocated, CAST(SUM(disbursed) AS BIGINT) AS disbursed \
         FROM ({parts}) AS parts GROUP BY key, key_id, credit"
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(query).all(db).await?;
    Ok(Summary::of(by, rows.into_iter().map(Row::group).collect()))
}

/// Whether a caller reaches whole provinces, and so their estimates.
pub const fn estimates_are_in(scope: &Scope) -> bool {
    matches!(scope, Scope::Country | Scope::Province(_))
}

#[derive(Debug, FromQueryResult)]
struct Row {
    key: Option<String>,
    key_id: Option<Uuid>,
    credit: i32,
    estimated: i64,
    allocated: i64,
    disbursed: i64,
}

impl Row {
    fn group(self) -> Group {
        let Self { key, key_id, credit, estimated, allocated, disbursed } = self;
        let [estimated, allocated, disbursed] = [estimated, allocated, disbursed].map(Money::dong);
        let sums = Sums { estimated, allocated, disbursed };
        Group { key: key.or_else(|| key_id.map(|id| id.to_string())), credit: credit == 1, sums }
    }
}

fn credit() -> String {
    let nature = Nature::Credit.name();
    format!("CASE WHEN l.nature = '{nature}' OR l.category = '{CREDIT_CATEGORY}' THEN 1 ELSE 0 END AS credit")
}

/// The estimates of the plans, one row a line. A line has no pilot, unit or agency: it is not stated for whom.
fn lines(by: Grouping, of_plan: &str) -> String {
    let key = match by {
        Grouping::Category => "l.category",
        Grouping::Source => "l.source",
        Grouping::Nature => "l.nature",
        Grouping::BudgetLevel => "l.budget_level",
        Grouping::SupportKind => "l.support_kind",
        Grouping::FiscalYear => "CAST(l.fiscal_year AS TEXT)",
        Grouping::Province => "p.province_code",
        Grouping::Pilot | Grouping::Unit | Grouping::Agency => "CAST(NULL AS TEXT)",
    };
    format!(
        "SELECT {key} AS key, CAST(NULL AS UUID) AS key_id, {}, l.amount AS estimated, 0 AS allocated, 0 AS disbursed \
         FROM estimate_lines l JOIN provincial_plans p ON p.id = l.plan_id WHERE {of_plan}",
        credit()
    )
}

/// What approved decisions allocated, one row an entry.
fn entries(by: Grouping, of_plan: &str, of_entry: &str) -> String {
    let (key, key_id) = match by {
        Grouping::Category => ("l.category", None),
        Grouping::Source => ("l.source", None),
        Grouping::Nature => ("l.nature", None),
        Grouping::BudgetLevel => ("l.budget_level", None),
        Grouping::SupportKind => ("e.support_kind", None),
        Grouping::FiscalYear => ("CAST(COALESCE(e.fiscal_year, l.fiscal_year) AS TEXT)", None),
        Grouping::Province => ("p.province_code", None),
        // The unit of an agency of the whole province is not below the province: not stated.
        Grouping::Unit => ("COALESCE(s.unit_code, NULLIF(g.unit_code, g.province_code))", None),
        Grouping::Pilot => ("CAST(NULL AS TEXT)", Some("e.pilot_id")),
        Grouping::Agency => ("CAST(NULL AS TEXT)", Some("e.agency_id")),
    };
    let key_id = key_id.unwrap_or("CAST(NULL AS UUID)");
    format!(
        "SELECT {key} AS key, {key_id} AS key_id, {}, 0 AS estimated, e.amount AS allocated, e.disbursed AS disbursed \
         FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
         JOIN estimate_lines l ON l.id = e.line_id JOIN provincial_plans p ON p.id = l.plan_id \
         JOIN agencies g ON g.id = e.agency_id LEFT JOIN pilots s ON s.id = e.pilot_id \
         WHERE {of_plan} AND {of_entry}",
        credit()
    )
}
