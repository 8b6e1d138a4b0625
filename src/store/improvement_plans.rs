//! Improvement plans of pilots, one row a revision, with their measures.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use super::entity::{improvement_plan, plan_measure};
use super::listing::{Key, Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::{Db, StoreError, pilots, provincial_plans};
use crate::domain::improvement::{
    ImprovementContent, ImprovementPlan, ImprovementState, ImprovementStatus, Measure, MeasureArea, Revises, Standing,
};
use crate::domain::pilot::Pilot;
use crate::domain::role::Scope;

/// What a list of improvement plans can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The pilot.
    pub pilot: Option<Uuid>,
    /// State.
    pub state: Option<ImprovementStatus>,
}

const SCOPE: ScopeColumns<improvement_plan::Column> = ScopeColumns {
    province: improvement_plan::Column::ProvinceCode,
    unit: Some(improvement_plan::Column::UnitCode),
    cooperative: Some(improvement_plan::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<improvement_plan::Entity> {
    within(improvement_plan::Entity::find(), scope, SCOPE)
}

/// An improvement plan in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<ImprovementPlan, StoreError> {
    let row = scoped(scope).filter(improvement_plan::Column::Id.eq(id)).one(db).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    with_measures(db, vec![row]).await?.pop().ok_or(StoreError::NotFound)
}

/// The improvement plans in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = ImprovementPlan> + use<> {
    use improvement_plan::Column;
    let Filter { place, cooperative, pilot, state } = filter.clone();
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(improvement_plan::Column::RecordedAt)));
    let texts = [(Column::State, state.map(|state| state.name().to_owned()))];
    for (column, value) in texts {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    for (column, value) in [(Column::CooperativeId, cooperative), (Column::PilotId, pilot)] {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    Plans(Keyset::by_id(select, Column::Id, Ok, |row: &improvement_plan::Model| row.id))
}

/// A page of rows, and all their measures in one more query.
#[derive(Clone)]
struct Plans(Keyset<improvement_plan::Entity, improvement_plan::Model>);

impl Listing for Plans {
    type Item = ImprovementPlan;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<ImprovementPlan>, StoreError> {
        with_measures(db, self.0.page(db, after, limit).await?).await
    }

    fn key(&self, plan: &ImprovementPlan) -> Key {
        Key { sort: None, id: plan.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        self.0.count(db).await
    }
}

/// A pilot in the caller's reach, with the agency that leads in its province.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn standing(db: &impl ConnectionTrait, scope: &Scope, pilot: Uuid) -> Result<Standing, StoreError> {
    let pilot = pilots::find(db, scope, pilot).await?;
    let lead_agency = provincial_plans::lead_agency(db, &pilot.province, &pilot.scheme).await?;
    Ok(Standing { pilot, lead_agency })
}

/// Those of some plans that are in the caller's reach, each with its pilot.
///
/// # Errors
/// The database failed.
pub async fn with_pilots(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: Vec<Uuid>,
) -> Result<Vec<(ImprovementPlan, Pilot)>, StoreError> {
    let rows = scoped(scope).filter(improvement_plan::Column::Id.is_in(ids)).all(db).await?;
    let plans = with_measures(db, rows).await?;
    let pilots = pilots::of_ids(db, scope, plans.iter().map(|plan| plan.pilot).collect()).await?;
    let mut by_id: HashMap<Uuid, Pilot> = pilots.into_iter().map(|pilot| (pilot.id, pilot)).collect();
    Ok(plans.into_iter().filter_map(|plan| by_id.remove(&plan.pilot).map(|pilot| (plan, pilot))).collect())
}

/// The revisions of a pilot's plan that were approved by a day, superseded ones included, oldest first: the last is its
/// yardstick on that day. Whoever calls has found the pilot in its scope.
///
/// # Errors
/// The database failed.
pub async fn approved_by(
    db: &impl ConnectionTrait,
    pilot: Uuid,
    day: NaiveDate,
) -> Result<Vec<ImprovementPlan>, StoreError> {
    use improvement_plan::Column;
    let approved = [ImprovementStatus::Approved, ImprovementStatus::Superseded];
    let rows = improvement_plan::Entity::find()
        .filter(Column::PilotId.eq(pilot))
        .filter(Column::State.is_in(approved.map(ImprovementStatus::name)))
        .filter(Column::DecisionDate.lte(day))
        .order_by_asc(Column::Revision)
        .all(db)
        .await?;
    with_measures(db, rows).await
}

/// Records a plan with its measures.
///
/// # Errors
/// The pilot has a plan of this revision (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, plan: &ImprovementPlan) -> Result<(), StoreError> {
    improvement_plan::Entity::insert(to_row(plan)?).exec_without_returning(db).await?;
    insert_measures(db, plan).await
}

/// Replaces a plan by its next version, its measures included.
///
/// # Errors
/// It changed since it was read (`Stale`), the pilot has another approved plan (`Taken`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, plan: &ImprovementPlan) -> Result<(), StoreError> {
    let changed = improvement_plan::Entity::update_many()
        .set(to_row(plan)?)
        .filter(improvement_plan::Column::Id.eq(plan.id))
        .filter(improvement_plan::Column::Version.eq(plan.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    let measures = plan_measure::Entity::delete_many().filter(plan_measure::Column::PlanId.eq(plan.id));
    measures.exec(db).await?;
    insert_measures(db, plan).await
}

/// Writes that plans were put forward by one consolidation, in one statement: their signatures carry it.
///
/// # Errors
/// One of them changed since it was read (`Stale`), or the database failed.
pub async fn put_forward(db: &impl ConnectionTrait, plans: &[ImprovementPlan]) -> Result<(), StoreError> {
    use improvement_plan::Column;
    let Some(first) = plans.first() else { return Ok(()) };
    let (mut which, mut signatures) = (Condition::any(), CaseStatement::new());
    for plan in plans {
        let signature = plan.state.signature().map(serde_json::to_string).transpose()?;
        signatures = signatures.case(Column::Id.eq(plan.id), Expr::value(signature));
        let before = Condition::all().add(Column::Id.eq(plan.id)).add(Column::Version.eq(plan.version - 1));
        which = which.add(before);
    }
    let changed = improvement_plan::Entity::update_many()
        .col_expr(Column::Signature, signatures.finally(Expr::col(Column::Signature)).into())
        .col_expr(Column::UpdatedAt, Expr::value(first.updated_at))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(which)
        .exec(db)
        .await?;
    if changed.rows_affected == plans.len() as u64 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a plan of this version; its measures go with it.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, plan: &ImprovementPlan) -> Result<(), StoreError> {
    let deleted = improvement_plan::Entity::delete_many()
        .filter(improvement_plan::Column::Id.eq(plan.id))
        .filter(improvement_plan::Column::Version.eq(plan.version))
        .exec(db)
        .await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

async fn insert_measures(db: &impl ConnectionTrait, plan: &ImprovementPlan) -> Result<(), StoreError> {
    if plan.content.measures.is_empty() {
        return Ok(());
    }
    let rows = plan.content.measures.iter().map(|measure| measure_to_row(plan.id, measure));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    plan_measure::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

async fn with_measures(
    db: &impl ConnectionTrait,
    rows: Vec<improvement_plan::Model>,
) -> Result<Vec<ImprovementPlan>, StoreError> {
    let measures = plan_measure::Entity::find()
        .filter(plan_measure::Column::PlanId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(plan_measure::Column::PlanId)
        .order_by_asc(plan_measure::Column::Number)
        .all(db)
        .await?;
    let mut by_plan: HashMap<Uuid, Vec<Measure>> = HashMap::new();
    for row in measures {
        by_plan.entry(row.plan_id).or_default().push(measure_from_row(row)?);
    }
    rows.into_iter().map(|row| from_row(by_plan.remove(&row.id).unwrap_or_default(), row)).collect()
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn measure_from_row(row: plan_measure::Model) -> Result<Measure, StoreError> {
    let plan_measure::Model {
        plan_id: _,
        number,
        title,
        area,
        due_date,
        responsible,
        criteria,
        done_on,
        responsible_agency,
        start_date,
        begun_on,
    } = row;
    Ok(Measure {
        number: u32::try_from(number).map_err(|_| malformed("measure", &number.to_string()))?,
        title,
        area: MeasureArea::from_name(&area).ok_or_else(|| malformed("area", &area))?,
        start_date,
        due_date,
        responsible,
        responsible_agency,
        criteria: serde_json::from_str(&criteria)?,
        begun_on,
        done_on,
    })
}

pub(super) fn measure_to_row(plan: Uuid, measure: &Measure) -> Result<plan_measure::ActiveModel, StoreError> {
    let Measure {
        number,
        title,
        area,
        start_date,
        due_date,
        responsible,
        responsible_agency,
        criteria,
        begun_on,
        done_on,
    } = measure;
    Ok(plan_measure::ActiveModel {
        plan_id: Set(plan),
        number: Set(i32::try_from(*number).map_err(|_| malformed("measure", &number.to_string()))?),
        title: Set(title.clone()),
        area: Set(area.name().to_owned()),
        due_date: Set(*due_date),
        responsible: Set(responsible.clone()),
        criteria: Set(serde_json::to_string(criteria)?),
        done_on: Set(*done_on),
        responsible_agency: Set(*responsible_agency),
        start_date: Set(*start_date),
        begun_on: Set(*begun_on),
    })
}

fn from_row(measures: Vec<Measure>, row: improvement_plan::Model) -> Result<ImprovementPlan, StoreError> {
    let improvement_plan::Model {
        id,
        version,
        pilot_id,
        cooperative_id,
        province_code,
        unit_code,
        revision,
        previous_id,
        revision_reason,
        next_id,
        baseline_evaluation_id,
        criteria,
        criteria_to_improve: _,
        opinions,
        state,
        return_comment,
        signature,
        approval,
        decision_date: _,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    Ok(ImprovementPlan {
        id,
        version,
        pilot: pilot_id,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        revision: u32::try_from(revision).map_err(|_| malformed("revision", &revision.to_string()))?,
        revises: previous_id.zip(revision_reason).map(|(plan, reason)| Revises { plan, reason }),
        next: next_id,
        content: ImprovementContent {
            baseline_evaluation: baseline_evaluation_id,
            criteria: serde_json::from_str(&criteria)?,
            measures,
        },
        opinions: serde_json::from_str(&opinions)?,
        state: state_of(&state, return_comment, signature.as_deref(), approval.as_deref())?,
        recorded_at,
        updated_at,
        created_by,
        writers: serde_json::from_str(&writers)?,
    })
}

fn state_of(
    state: &str,
    return_comment: Option<String>,
    signature: Option<&str>,
    approval: Option<&str>,
) -> Result<ImprovementState, StoreError> {
    let signature = signature.map(serde_json::from_str).transpose()?;
    let approval = approval.map(serde_json::from_str).transpose()?;
    let whole = match (ImprovementStatus::from_name(state), signature, approval) {
        (Some(ImprovementStatus::Draft), ..) => Some(ImprovementState::Draft),
        (Some(ImprovementStatus::Returned), ..) => return_comment.map(|comment| ImprovementState::Returned { comment }),
        (Some(ImprovementStatus::Submitted), Some(signature), _) => Some(ImprovementState::Submitted(signature)),
        (Some(ImprovementStatus::Approved), Some(signature), Some(approval)) => {
            Some(ImprovementState::Approved(signature, approval))
        }
        (Some(ImprovementStatus::Superseded), Some(signature), Some(approval)) => {
            Some(ImprovementState::Superseded(signature, approval))
        }
        _ => None,
    };
    whole.ok_or_else(|| malformed("improvement plan state", state))
}

fn to_row(plan: &ImprovementPlan) -> Result<improvement_plan::ActiveModel, StoreError> {
    let ImprovementPlan {
        id,
        version,
        pilot,
        cooperative,
        province,
        unit,
        revision,
        revises,
        next,
        content: ImprovementContent { baseline_evaluation, criteria, measures: _ },
        opinions,
        state,
        recorded_at,
        updated_at,
        created_by,
        writers,
    } = plan;
    let (comment, signature, approval) = match state {
        ImprovementState::Draft => (None, None, None),
        ImprovementState::Returned { comment } => (Some(comment.clone()), None, None),
        ImprovementState::Submitted(signature) => (None, Some(signature), None),
        ImprovementState::Approved(signature, approval) | ImprovementState::Superseded(signature, approval) => {
            (None, Some(signature), Some(approval))
        }
    };
    let to_improve = plan.criteria_to_improve();
    Ok(improvement_plan::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        pilot_id: Set(*pilot),
        cooperative_id: Set(*cooperative),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        revision: Set(i32::try_from(*revision).map_err(|_| malformed("revision", &revision.to_string()))?),
        previous_id: Set(revises.as_ref().map(|revises| revises.plan)),
        revision_reason: Set(revises.as_ref().map(|revises| revises.reason.clone())),
        next_id: Set(*next),
        baseline_evaluation_id: Set(*baseline_evaluation),
        criteria: Set(serde_json::to_string(criteria)?),
        criteria_to_improve: Set(i32::try_from(to_improve).map_err(|_| malformed("criteria", &to_improve.to_string()))?),
        opinions: Set(serde_json::to_string(opinions)?),
        state: Set(state.status().name().to_owned()),
        return_comment: Set(comment),
        signature: Set(signature.map(serde_json::to_string).transpose()?),
        approval: Set(approval.map(serde_json::to_string).transpose()?),
        decision_date: Set(approval.map(|approval| approval.decision_date)),
        created_by: Set(created_by.clone()),
        writers: Set(serde_json::to_string(writers)?),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
    })
}
