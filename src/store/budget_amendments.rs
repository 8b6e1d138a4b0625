//! Amendments of the budget with what they change. An approval changes lines in a handful of statements, each
//! conditional; triggers reduce the entries, and CHECK constraints stand behind both.

mod rows;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Statement,
};
use uuid::Uuid;

use self::rows::{change_from_row, change_to_row, from_row, to_row};
use super::entity::budget_amendment::{self, Column};
use super::entity::{budget_amendment_change, cooperative};
use super::listing::{Key, Listing};
use super::parameters::Parameters;
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns};
use super::{Db, StoreError, provincial_plans};
use crate::domain::budget::{Amendment, AmendmentStatus, AmendmentTerms, Change, Decided, Raise};
use crate::domain::money::Money;
use crate::domain::plan::EstimateLine;
use crate::domain::role::Scope;

/// What a list of amendments can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The plan it amends.
    pub plan: Option<Uuid>,
    /// The state.
    pub state: Option<AmendmentStatus>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };

/// An amendment belongs to the whole province; below it, only what is decided is seen.
fn scoped(scope: &Scope) -> Select<budget_amendment::Entity> {
    let decided = Column::State.eq(AmendmentStatus::Approved.name());
    let select = Drafts::OfProvince.left_out(budget_amendment::Entity::find(), scope, decided);
    match scope {
        Scope::Country => select,
        Scope::Province(province) | Scope::Locality { province, .. } => {
            select.filter(Column::ProvinceCode.is_in(province.iter()))
        }
        Scope::Cooperative(id) => {
            let own_province = Query::select()
                .column(cooperative::Column::ProvinceCode)
                .from(cooperative::Entity)
                .and_where(cooperative::Column::Id.eq(*id))
                .to_owned();
            select.filter(Column::ProvinceCode.in_subquery(own_province))
        }
    }
}

/// An amendment in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Amendment, StoreError> {
    one(db, scoped(scope).filter(Column::Id.eq(id))).await
}

/// The same, to change it: nobody else changes it until the transaction ends.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn lock(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Amendment, StoreError> {
    one(db, scoped(scope).filter(Column::Id.eq(id)).lock_exclusive()).await
}

async fn one(db: &impl ConnectionTrait, select: Select<budget_amendment::Entity>) -> Result<Amendment, StoreError> {
    let row = select.one(db).await?.ok_or(StoreError::NotFound)?;
    with_changes(db, vec![row]).await?.pop().ok_or(StoreError::NotFound)
}

/// The amendments in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Amendment> + use<> {
    let Filter { place, plan, state } = filter;
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::On(Column::DecisionDate)));
    if let Some(plan) = plan {
        select = select.filter(Column::PlanId.eq(*plan));
    }
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    Amendments { select }
}

/// A list whose items are made of two tables: a page costs two queries.
#[derive(Debug, Clone)]
struct Amendments {
    select: Select<budget_amendment::Entity>,
}

impl Listing for Amendments {
    type Item = Amendment;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<Amendment>, StoreError> {
        let mut select = self.select.clone();
        if let Some(key) = after {
            select = select.filter(Column::Id.gt(key.id));
        }
        with_changes(db, select.order_by_asc(Column::Id).limit(limit).all(db).await?).await
    }

    fn key(&self, item: &Amendment) -> Key {
        Key { sort: None, id: item.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone(), db).await?)
    }
}

#[derive(Debug, FromQueryResult)]
struct DecidedRow {
    id: Uuid,
    decided_on: NaiveDate,
}

/// The decisions behind the lines and entries that an amendment names: one query. Only what is approved counts.
///
/// # Errors
/// The database failed.
pub async fn decided(db: &impl ConnectionTrait, terms: &AmendmentTerms) -> Result<Decided, StoreError> {
    let mut parameters = Parameters::default();
    let mut parts = Vec::new();
    let (lines, entries) = (terms.lines(), terms.entries());
    if !lines.is_empty() {
        parts.push(of_lines(&parameters.list(lines), ""));
    }
    if !entries.is_empty() {
        parts.push(format!(
            "SELECT e.id AS id, a.decision_date AS decided_on FROM allocation_entries e \
             JOIN allocations a ON a.id = e.allocation_id WHERE a.state = 'approved' AND e.id IN ({})",
            parameters.list(entries)
        ));
    }
    dates(db, parts, parameters).await
}

/// The decisions that added lines to an approved plan: one query.
///
/// # Errors
/// The database failed.
pub async fn added(db: &impl ConnectionTrait, lines: BTreeSet<Uuid>) -> Result<Decided, StoreError> {
    let mut parameters = Parameters::default();
    let parts =
        if lines.is_empty() { Vec::new() } else { vec![of_lines(&parameters.list(lines), " AND c.kind = 'new_line'")] };
    dates(db, parts, parameters).await
}

#[derive(Debug, FromQueryResult)]
struct RaiseRow {
    line: Uuid,
    raised_on: NaiveDate,
    free_before: i64,
}

/// The approved decisions that raised some lines, each with what lay free of its line just before it: the amount that the line
/// had by decisions of earlier dates, less what decisions of earlier dates had taken of it. One query.
///
/// # Errors
/// The database failed.
pub async fn raises(db: &impl ConnectionTrait, lines: BTreeSet<Uuid>) -> Result<Vec<Raise>, StoreError> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let mut parameters = Parameters::default();
    let lines = parameters.list(lines);
    let sum = |what: &str, from: &str| format!("CAST(COALESCE((SELECT SUM({what}) FROM {from}), 0) AS BIGINT)");
    let since = sum(
        "COALESCE(d.delta, 0)",
        "budget_amendment_changes d JOIN budget_amendments n ON n.id = d.amendment_id \
         WHERE d.line_id = c.line_id AND n.state = 'approved' AND n.decision_date >= m.decision_date",
    );
    let taken = sum(
        "e.amount",
        "allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
         WHERE e.line_id = c.line_id AND a.state = 'approved' AND a.decision_date < m.decision_date",
    );
    let given_back = sum(
        "d.amount",
        "budget_amendment_changes d JOIN budget_amendments n ON n.id = d.amendment_id \
         JOIN allocation_entries e ON e.id = d.entry_id \
         WHERE e.line_id = c.line_id AND n.state = 'approved' AND n.decision_date < m.decision_date",
    );
    let sql = format!(
        "SELECT c.line_id AS line, m.decision_date AS raised_on, \
         MIN(l.amount - {since} - {taken} + {given_back}) AS free_before \
         FROM budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id \
         JOIN estimate_lines l ON l.id = c.line_id \
         WHERE m.state = 'approved' AND c.kind = 'line' AND c.delta > 0 AND c.line_id IN ({lines}) \
         GROUP BY c.line_id, m.decision_date"
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let raise = |RaiseRow { line, raised_on, free_before }: RaiseRow| Raise {
        line,
        raised_on,
        free_before: Money::dong(free_before.max(0)),
    };
    Ok(RaiseRow::find_by_statement(query).all(db).await?.into_iter().map(raise).collect())
}

/// The date of the latest approved decision on each of some lines.
fn of_lines(lines: &str, narrowed: &str) -> String {
    format!(
        "SELECT c.line_id AS id, MAX(m.decision_date) AS decided_on FROM budget_amendment_changes c \
         JOIN budget_amendments m ON m.id = c.amendment_id \
         WHERE m.state = 'approved' AND c.line_id IN ({lines}){narrowed} GROUP BY c.line_id"
    )
}

async fn dates(db: &impl ConnectionTrait, parts: Vec<String>, parameters: Parameters) -> Result<Decided, StoreError> {
    if parts.is_empty() {
        return Ok(Decided::new());
    }
    let sql = parts.join(" UNION ALL ");
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let rows = DecidedRow::find_by_statement(query).all(db).await?;
    Ok(rows.into_iter().map(|DecidedRow { id, decided_on }| (id, decided_on)).collect())
}

/// Records a draft. `ids` are for its changes.
///
/// # Errors
/// The decision is recorded already, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, amendment: &Amendment, ids: Vec<Uuid>) -> Result<(), StoreError> {
    budget_amendment::Entity::insert(to_row(amendment)?).exec_without_returning(db).await?;
    insert_changes(db, amendment, ids).await
}

/// Replaces a draft by its next version, changes and all. `ids` are for its changes.
///
/// # Errors
/// It changed since it was read (`Stale`), the decision is recorded already, or the database failed.
pub async fn rewrite(db: &impl ConnectionTrait, amendment: &Amendment, ids: Vec<Uuid>) -> Result<(), StoreError> {
    next_version(db, amendment).await?;
    let there = budget_amendment_change::Entity::delete_many();
    there.filter(budget_amendment_change::Column::AmendmentId.eq(amendment.id)).exec(db).await?;
    insert_changes(db, amendment, ids).await
}

async fn insert_changes(db: &impl ConnectionTrait, amendment: &Amendment, ids: Vec<Uuid>) -> Result<(), StoreError> {
    let numbered = ids.into_iter().zip(0..).zip(&amendment.terms.changes);
    let rows = numbered.map(|((id, position), change)| change_to_row(id, amendment.id, position, change));
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    budget_amendment_change::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Deletes a draft with its changes.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    let gone = budget_amendment::Entity::delete_many()
        .filter(Column::Id.eq(amendment.id))
        .filter(Column::Version.eq(amendment.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// By how much each change moves its balance, as it stands before the approval.
const KEEP_DELTAS: &str = "UPDATE budget_amendment_changes SET delta = CASE kind \
     WHEN 'line' THEN amount - (SELECT l.amount FROM estimate_lines l WHERE l.id = budget_amendment_changes.line_id) \
     WHEN 'new_line' THEN amount ELSE -amount END WHERE amendment_id = $1";

/// Gives the lines their new amounts.
const CHANGE_LINES: &str = "UPDATE estimate_lines SET amount = c.amount FROM budget_amendment_changes AS c \
     WHERE c.amendment_id = $1 AND c.kind = 'line' AND c.line_id = estimate_lines.id \
     AND estimate_lines.allocated <= c.amount";

/// The total of the plan is the sum of its lines, as before.
const SUM_PLAN: &str = "UPDATE provincial_plans SET total = \
     (SELECT CAST(SUM(l.amount) AS BIGINT) FROM estimate_lines l WHERE l.plan_id = provincial_plans.id) \
     WHERE id = (SELECT plan_id FROM budget_amendments WHERE id = $1)";

/// Records an approval and does what the decision says, all or none. Whoever calls holds entries and lines locked and
/// found that they allow it. With the approval the database reduces the entries and gives their lines back what it takes;
/// then lines may fall.
///
/// # Errors
/// It or a line changed since it was read (`Stale`), or the database failed.
pub async fn approve(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    run(db, amendment, KEEP_DELTAS, None).await?;
    next_version(db, amendment).await?;
    run(db, amendment, CHANGE_LINES, Some(amendment.terms.lines().len())).await?;
    let added = amendment.terms.changes.iter().filter_map(|change| match change {
        Change::NewLine { line, content } => {
            Some(EstimateLine { id: *line, content: content.clone(), allocated: Money::ZERO })
        }
        Change::Line { .. } | Change::Reduction { .. } => None,
    });
    provincial_plans::add_lines(db, amendment.terms.plan, added.collect()).await?;
    run(db, amendment, SUM_PLAN, Some(1)).await
}

async fn next_version(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    let changed = budget_amendment::Entity::update_many()
        .set(to_row(amendment)?)
        .filter(Column::Id.eq(amendment.id))
        .filter(Column::Version.eq(amendment.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Runs one statement of an approval; when it is known how many rows that must change, so many do.
async fn run(
    db: &impl ConnectionTrait,
    amendment: &Amendment,
    sql: &str,
    rows: Option<usize>,
) -> Result<(), StoreError> {
    let done = db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [amendment.id.into()]));
    let affected = done.await?.rows_affected();
    let expected = rows.map(|rows| u64::try_from(rows).unwrap_or(u64::MAX));
    if expected.is_none_or(|expected| expected == affected) { Ok(()) } else { Err(StoreError::Stale) }
}

async fn with_changes(
    db: &impl ConnectionTrait,
    rows: Vec<budget_amendment::Model>,
) -> Result<Vec<Amendment>, StoreError> {
    use budget_amendment_change::Column;
    let changes = budget_amendment_change::Entity::find()
        .filter(Column::AmendmentId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(Column::AmendmentId)
        .order_by_asc(Column::Position)
        .all(db)
        .await?;
    let mut of: HashMap<Uuid, Vec<Change>> = HashMap::new();
    for change in changes {
        of.entry(change.amendment_id).or_default().push(change_from_row(change)?);
    }
    rows.into_iter().map(|row| from_row(of.remove(&row.id).unwrap_or_default(), row)).collect()
}
