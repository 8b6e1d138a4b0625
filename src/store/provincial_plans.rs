//! Provincial plans and the lines of their estimates.

mod rows;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entity::provincial_plan::{self, Column};
use super::entity::{cooperative, estimate_line};
use super::listing::{Key, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use super::{Db, StoreError, territory};
use crate::domain::plan::{EstimateLine, PlanContent, PlanState, ProvincialPlan};
use crate::domain::role::Scope;
use rows::{from_row, line_from_row, line_to_row, to_row};

/// What a list of plans can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// State.
    pub state: Option<PlanState>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };

/// A plan belongs to the whole province: its localities see it, and a cooperative sees that of its province.
fn scoped(scope: &Scope) -> Select<provincial_plan::Entity> {
    let approved = Column::State.ne(PlanState::Draft.name());
    let select = Drafts::OfProvince.left_out(provincial_plan::Entity::find(), scope, approved);
    if let Scope::Cooperative(id) = scope {
        let own_province = Query::select()
            .column(cooperative::Column::ProvinceCode)
            .from(cooperative::Entity)
            .and_where(cooperative::Column::Id.eq(*id))
            .to_owned();
        return select.filter(Column::ProvinceCode.in_subquery(own_province));
    }
    within(select, scope, SCOPE)
}

/// A plan in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<ProvincialPlan, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).one(db).await?.ok_or(StoreError::NotFound)?;
    single(with_lines(db, vec![row]).await?)
}

/// The plans of a territory, whoever asks.
///
/// # Errors
/// The database failed.
pub(super) async fn ids_in(db: &impl ConnectionTrait, place: &PlaceFilter) -> Result<Vec<Uuid>, StoreError> {
    let select = provincial_plan::Entity::find().filter(place.condition(SCOPE, Placed::On(Column::DecisionDate)));
    Ok(select.select_only().column(Column::Id).into_tuple().all(db).await?)
}

/// The plan that a province has in force for a scheme.
///
/// # Errors
/// There is none, or the database failed.
pub async fn approved(db: &impl ConnectionTrait, province: &str, scheme: &str) -> Result<ProvincialPlan, StoreError> {
    let row = in_force(province, scheme).one(db).await?;
    single(with_lines(db, vec![row.ok_or(StoreError::NotFound)?]).await?)
}

/// The same, locked until the transaction ends: whoever takes or gives back places goes one by one.
///
/// # Errors
/// There is none, or the database failed.
pub async fn lock_approved(
    db: &impl ConnectionTrait,
    province: &str,
    scheme: &str,
) -> Result<ProvincialPlan, StoreError> {
    let row = in_force(province, scheme).lock_exclusive().one(db).await?;
    single(with_lines(db, vec![row.ok_or(StoreError::NotFound)?]).await?)
}

/// The agency that leads the plan of a province, if one is in force: its own, else that of a province that is part of it
/// since a merger. Whoever is not its successor does not act for it, so nobody gains by the code that both bore.
///
/// # Errors
/// The database failed.
pub async fn lead_agency(db: &impl ConnectionTrait, province: &str, scheme: &str) -> Result<Option<Uuid>, StoreError> {
    if let Some(plan) = in_force(province, scheme).one(db).await? {
        return Ok(Some(plan.lead_agency_id));
    }
    let whenever = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default();
    lead_agency_on(db, province, scheme, whenever).await
}

/// The agency that leads the plan of a province, or of one merged into it by a day, if one is in force.
///
/// # Errors
/// The database failed.
pub async fn lead_agency_on(
    db: &impl ConnectionTrait,
    province: &str,
    scheme: &str,
    day: NaiveDate,
) -> Result<Option<Uuid>, StoreError> {
    let mut codes = territory::merged_into(db, province, day).await?;
    codes.push(province.to_owned());
    let plans = provincial_plan::Entity::find()
        .filter(Column::ProvinceCode.is_in(codes))
        .filter(Column::SchemeCode.eq(scheme))
        .filter(Column::State.eq(PlanState::Approved.name()));
    Ok(plans.order_by_asc(Column::Id).one(db).await?.map(|plan| plan.lead_agency_id))
}

fn in_force(province: &str, scheme: &str) -> Select<provincial_plan::Entity> {
    provincial_plan::Entity::find()
        .filter(Column::ProvinceCode.eq(province))
        .filter(Column::SchemeCode.eq(scheme))
        .filter(Column::State.eq(PlanState::Approved.name()))
}

/// The number of the decision that the province of a plan has in force for its scheme.
///
/// # Errors
/// The database failed.
pub async fn standing(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<Option<String>, StoreError> {
    let PlanContent { province, scheme, .. } = &plan.content;
    let approved = StoreError::if_found(approved(db, province, scheme).await)?;
    Ok(approved.map(|approved| approved.content.decision_number))
}

fn single(plans: Vec<ProvincialPlan>) -> Result<ProvincialPlan, StoreError> {
    plans.into_iter().next().ok_or(StoreError::NotFound)
}

/// The plans in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = ProvincialPlan> + use<> {
    let Filter { place, scheme, state } = filter;
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::On(Column::DecisionDate)));
    let exact = [(Column::SchemeCode, scheme.clone()), (Column::State, state.map(|state| state.name().to_owned()))];
    for (column, value) in exact {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    Plans { select }
}

/// Plans by id, each page with its lines in a second query.
#[derive(Debug, Clone)]
struct Plans {
    select: Select<provincial_plan::Entity>,
}

impl Listing for Plans {
    type Item = ProvincialPlan;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<ProvincialPlan>, StoreError> {
        let mut select = self.select.clone();
        if let Some(key) = after {
            select = select.filter(Column::Id.gt(key.id));
        }
        with_lines(db, select.order_by_asc(Column::Id).limit(limit).all(db).await?).await
    }

    fn key(&self, plan: &ProvincialPlan) -> Key {
        Key { sort: None, id: plan.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone(), db).await?)
    }
}

/// Records a plan with its lines.
///
/// # Errors
/// The decision is taken, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<(), StoreError> {
    provincial_plan::Entity::insert(to_row(plan)?).exec_without_returning(db).await?;
    insert_lines(db, plan).await
}

/// Replaces a plan by its next version. Its lines stay, and so do the pilots that count against its quota.
///
/// # Errors
/// It changed since it was read (`Stale`), the decision or the place of the approved plan is taken, or the database
/// failed.
pub async fn update(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<(), StoreError> {
    let changed = provincial_plan::Entity::update_many()
        .set(provincial_plan::ActiveModel { pilots_selected: NotSet, ..to_row(plan)? })
        .filter(Column::Id.eq(plan.id))
        .filter(Column::Version.eq(plan.version.saturating_sub(1)))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Replaces a draft by its next version, lines included.
///
/// # Errors
/// As [`update`].
pub async fn rewrite(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<(), StoreError> {
    update(db, plan).await?;
    estimate_line::Entity::delete_many().filter(estimate_line::Column::PlanId.eq(plan.id)).exec(db).await?;
    insert_lines(db, plan).await
}

/// Deletes a draft with its lines.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<(), StoreError> {
    let deleted = provincial_plan::Entity::delete_many()
        .filter(Column::Id.eq(plan.id))
        .filter(Column::Version.eq(plan.version))
        .filter(Column::State.eq(PlanState::Draft.name()))
        .exec(db)
        .await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Takes places of the quota of an approved plan in one statement: whatever races, no more are taken than there are.
/// False when that many are not left.
///
/// # Errors
/// The database failed.
pub async fn take_places(
    db: &impl ConnectionTrait,
    plan: Uuid,
    places: u32,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let places = i32::try_from(places).unwrap_or(i32::MAX);
    let room = Expr::col(Column::PilotQuota).sub(Expr::col(Column::PilotsSelected)).gte(places);
    let taken = changed_places(plan, places, now).filter(room).exec(db).await?;
    Ok(taken.rows_affected == 1)
}

/// Gives places of the quota back, when pilots stop.
///
/// # Errors
/// The database failed.
pub async fn give_back_places(
    db: &impl ConnectionTrait,
    plan: Uuid,
    places: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let places = i32::try_from(places).unwrap_or(i32::MAX);
    let given = changed_places(plan, places.saturating_neg(), now).exec(db).await?;
    if given.rows_affected == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

fn changed_places(plan: Uuid, by: i32, now: DateTime<Utc>) -> sea_orm::UpdateMany<provincial_plan::Entity> {
    changed(plan, now).col_expr(Column::PilotsSelected, Expr::col(Column::PilotsSelected).add(by))
}

/// An approved plan whose figures move gets its next version: who has read it learns that they did.
fn changed(plan: Uuid, now: DateTime<Utc>) -> sea_orm::UpdateMany<provincial_plan::Entity> {
    provincial_plan::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(plan))
        .filter(Column::State.eq(PlanState::Approved.name()))
}

/// Lines of an approved plan as they stand, to take from them: the plan gets its next version and is locked with them
/// until the transaction ends. The plan first, then the lines in the order of their ids, so that no two transactions
/// wait for each other.
///
/// # Errors
/// The plan is not there or not approved, or the database failed.
pub async fn lock_lines(
    db: &impl ConnectionTrait,
    plan: Uuid,
    ids: Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<EstimateLine>, StoreError> {
    if changed(plan, now).exec(db).await?.rows_affected != 1 {
        return Err(StoreError::NotFound);
    }
    let lines = estimate_line::Entity::find()
        .filter(estimate_line::Column::Id.is_in(ids))
        .order_by_asc(estimate_line::Column::Id)
        .lock_exclusive()
        .all(db)
        .await?;
    lines.into_iter().map(line_from_row).collect()
}

/// Adds lines to a plan that is locked: after those that it has.
///
/// # Errors
/// The database failed.
pub async fn add_lines(db: &impl ConnectionTrait, plan: Uuid, lines: Vec<EstimateLine>) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let there = estimate_line::Entity::find().filter(estimate_line::Column::PlanId.eq(plan));
    let first = i32::try_from(PaginatorTrait::count(there, db).await?).unwrap_or(i32::MAX);
    let rows = (first..).zip(&lines).map(|(position, line)| line_to_row(plan, position, line));
    estimate_line::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

async fn insert_lines(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<(), StoreError> {
    let rows: Vec<_> = (0..).zip(&plan.lines).map(|(position, line)| line_to_row(plan.id, position, line)).collect();
    if !rows.is_empty() {
        estimate_line::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Plans with their lines: one query for all lines.
async fn with_lines(
    db: &impl ConnectionTrait,
    rows: Vec<provincial_plan::Model>,
) -> Result<Vec<ProvincialPlan>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let lines = estimate_line::Entity::find()
        .filter(estimate_line::Column::PlanId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(estimate_line::Column::PlanId)
        .order_by_asc(estimate_line::Column::Position)
        .all(db)
        .await?;
    let mut of_plan: HashMap<Uuid, Vec<EstimateLine>> = HashMap::new();
    for line in lines {
        of_plan.entry(line.plan_id).or_default().push(line_from_row(line)?);
    }
    rows.into_iter()
        .map(|row| {
            let lines = of_plan.remove(&row.id).unwrap_or_default();
            from_row(row, lines)
        })
        .collect()
}
