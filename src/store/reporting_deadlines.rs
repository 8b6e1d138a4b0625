//! Deadlines of reports: drafts and those in force.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    Statement,
};
use uuid::Uuid;

use super::entity::reporting_deadline::{self, Column};
use super::listing::{Keyset, Listing};
use super::versioned::{self, Versioned};
use super::{StoreError, public_holidays};
use crate::domain::period::{Period, PeriodKind};
use crate::domain::report::ReportLevel;
use crate::domain::reporting_deadline::{Calendar, ReportingDeadline, ReportingDeadlineState};

/// What a list of deadlines can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose reports are due.
    pub level: Option<ReportLevel>,
    /// The kind of period.
    pub period_kind: Option<PeriodKind>,
    /// The regime that sets them.
    pub regime: Option<String>,
    /// Whether they are in force.
    pub state: Option<ReportingDeadlineState>,
}

/// A deadline.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<ReportingDeadline, StoreError> {
    let row = reporting_deadline::Entity::find_by_id(id).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The deadlines that pass a filter.
pub fn list(filter: &Filter) -> impl Listing<Item = ReportingDeadline> + use<> {
    let Filter { level, period_kind, regime, state } = filter;
    let conditions = Condition::all()
        .add_option(level.map(|level| Column::Level.eq(level.name())))
        .add_option(period_kind.map(|kind| Column::PeriodKind.eq(kind.name())))
        .add_option(regime.as_ref().map(|regime| Column::Regime.eq(regime.as_str())))
        .add_option(state.map(|state| Column::State.eq(state.name())));
    let select = reporting_deadline::Entity::find().filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |deadline: &ReportingDeadline| deadline.id)
}

/// The deadlines in force of a kind of period, of all levels and days.
///
/// # Errors
/// The database failed.
pub async fn all_active(db: &impl ConnectionTrait) -> Result<Vec<ReportingDeadline>, StoreError> {
    let active = Column::State.eq(ReportingDeadlineState::Active.name());
    let rows = reporting_deadline::Entity::find().filter(active).order_by_id_asc().all(db).await?;
    rows.into_iter().map(from_row).collect()
}

/// Those of a kind of period.
///
/// # Errors
/// The database failed.
pub async fn active(db: &impl ConnectionTrait, kind: PeriodKind) -> Result<Vec<ReportingDeadline>, StoreError> {
    let rows = reporting_deadline::Entity::find()
        .filter(Column::PeriodKind.eq(kind.name()))
        .filter(Column::State.eq(ReportingDeadlineState::Active.name()))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The rules in force of a period's kind, and the days off. Two queries.
///
/// # Errors
/// The database failed.
pub async fn calendar(db: &impl ConnectionTrait, period: Period) -> Result<Calendar, StoreError> {
    calendar_at(db, period, None).await
}

/// The same, as the rules were at an instant.
///
/// # Errors
/// The database failed.
pub async fn calendar_at(
    db: &impl ConnectionTrait,
    period: Period,
    at: Option<DateTime<Utc>>,
) -> Result<Calendar, StoreError> {
    let (rules, days) = (active(db, period.kind()).await?, public_holidays::ever(db).await?);
    Ok(match at {
        Some(at) => Calendar::new(rules.into_iter().filter_map(|rule| rule.as_of(at)).collect(), days.as_of(at)),
        None => Calendar::new(rules, days),
    })
}

/// The deadlines in force beside one that is to be activated, locked until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock_beside(
    db: &impl ConnectionTrait,
    draft: &ReportingDeadline,
) -> Result<Vec<ReportingDeadline>, StoreError> {
    let rows = reporting_deadline::Entity::find()
        .filter(Column::Level.eq(draft.terms.level.name()))
        .filter(Column::PeriodKind.eq(draft.terms.period_kind.name()))
        .filter(Column::State.eq(ReportingDeadlineState::Active.name()))
        .lock_exclusive()
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

#[derive(Debug, FromQueryResult)]
struct ReportedRow {
    period: String,
}

/// The periods of the kind of a deadline on which reports of its level were made, drafts among them.
///
/// # Errors
/// The database failed.
pub async fn reported(db: &impl ConnectionTrait, draft: &ReportingDeadline) -> Result<Vec<Period>, StoreError> {
    let sql = "SELECT DISTINCT period FROM periodic_reports WHERE level = $1 ORDER BY period";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [draft.terms.level.name().into()]);
    let mut periods = Vec::new();
    for ReportedRow { period } in ReportedRow::find_by_statement(statement).all(db).await? {
        let period: Period = period.parse().map_err(|_| StoreError::Malformed(format!("period {period}")))?;
        if period.kind() == draft.terms.period_kind {
            periods.push(period);
        }
    }
    Ok(periods)
}

/// Records a draft.
///
/// # Errors
/// The database failed.
pub async fn insert(db: &impl ConnectionTrait, deadline: &ReportingDeadline) -> Result<(), StoreError> {
    versioned(deadline)?.insert(db).await
}

/// Replaces a deadline by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), another covers its days, or the database failed.
pub async fn update(db: &impl ConnectionTrait, deadline: &ReportingDeadline) -> Result<(), StoreError> {
    versioned(deadline)?.update(db, Column::Id, Column::Version).await
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, deadline: &ReportingDeadline) -> Result<(), StoreError> {
    let (id, version) = ((Column::Id, deadline.id), (Column::Version, deadline.version));
    versioned::delete::<reporting_deadline::Entity>(db, id, version).await
}

fn versioned(deadline: &ReportingDeadline) -> Result<Versioned<reporting_deadline::ActiveModel>, StoreError> {
    Ok(Versioned { row: to_row(deadline)?, id: deadline.id, version: deadline.version })
}

fn from_row(row: reporting_deadline::Model) -> Result<ReportingDeadline, StoreError> {
    let reporting_deadline::Model {
        id,
        version,
        level: _,
        period_kind: _,
        regime: _,
        valid_from: _,
        valid_to: _,
        terms,
        state,
        writers,
        recorded_at,
        updated_at,
        activated_at,
        ended_at,
    } = row;
    let known = ReportingDeadlineState::from_name(&state);
    Ok(ReportingDeadline {
        id,
        version,
        terms: serde_json::from_str(&terms)?,
        state: known.ok_or_else(|| StoreError::Malformed(format!("state {state}")))?,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
        activated_at,
        ended_at,
    })
}

fn to_row(deadline: &ReportingDeadline) -> Result<reporting_deadline::ActiveModel, StoreError> {
    let ReportingDeadline { id, version, terms, state, writers, recorded_at, updated_at, activated_at, ended_at } =
        deadline;
    Ok(reporting_deadline::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        level: Set(terms.level.name().to_owned()),
        period_kind: Set(terms.period_kind.name().to_owned()),
        regime: Set(terms.regime.clone()),
        valid_from: Set(terms.valid_from),
        valid_to: Set(terms.valid_to),
        terms: Set(serde_json::to_string(terms)?),
        state: Set(state.name().to_owned()),
        writers: Set(serde_json::to_string(writers)?),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
        activated_at: Set(*activated_at),
        ended_at: Set(*ended_at),
    })
}
