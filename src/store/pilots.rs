//! Pilots: the cooperatives that take part in a scheme.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    QueryOrder, Select, Statement,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::pilot;
use super::listing::{Keyset, Listing};
use super::parameters::Parameters;
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use crate::domain::pilot::{Completion, Pilot, PilotState, PilotStatus, StopCause};
use crate::domain::plan::ProvincialPlan;
use crate::domain::role::Scope;
use crate::domain::selection::{HeldPlace, PilotList, Quota};

/// What a list of pilots can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// The decision.
    pub decision: Option<Uuid>,
    /// The responsible line department.
    pub responsible_department: Option<Uuid>,
    /// Code of the model.
    pub model: Option<String>,
    /// The list.
    pub list: Option<PilotList>,
    /// State.
    pub state: Option<PilotStatus>,
}

const SCOPE: ScopeColumns<pilot::Column> = ScopeColumns {
    province: pilot::Column::ProvinceCode,
    unit: Some(pilot::Column::UnitCode),
    cooperative: Some(pilot::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<pilot::Entity> {
    within(pilot::Entity::find(), scope, SCOPE)
}

/// A pilot in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Pilot, StoreError> {
    let row = scoped(scope).filter(pilot::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The pilot that a cooperative is or was to the end; none where it has stopped. Whoever calls has found the cooperative
/// in the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn not_stopped(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<Option<Pilot>, StoreError> {
    let select = pilot::Entity::find()
        .filter(pilot::Column::CooperativeId.eq(cooperative))
        .filter(pilot::Column::State.ne(PilotStatus::Stopped.name()));
    select.order_by_desc(pilot::Column::Id).one(db).await?.map(from_row).transpose()
}

/// Those of some pilots that are in the caller's reach.
///
/// # Errors
/// The database failed.
pub async fn of_ids(db: &impl ConnectionTrait, scope: &Scope, ids: Vec<Uuid>) -> Result<Vec<Pilot>, StoreError> {
    scoped(scope).filter(pilot::Column::Id.is_in(ids)).all(db).await?.into_iter().map(from_row).collect()
}

/// The pilots that a decision opened. Whoever calls has found the decision in the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn of_decision(db: &impl ConnectionTrait, decision: Uuid) -> Result<Vec<Pilot>, StoreError> {
    let select = pilot::Entity::find().filter(pilot::Column::DecisionId.eq(decision));
    let rows = select.order_by_asc(pilot::Column::Id).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

/// The places that a province's plan gives, as they are and as they were held. Whoever calls has found the plan, and locked it
/// where places are taken.
///
/// # Errors
/// The database failed.
pub async fn quota(db: &impl ConnectionTrait, plan: &ProvincialPlan) -> Result<Quota, StoreError> {
    let select = pilot::Entity::find()
        .filter(pilot::Column::ProvinceCode.eq(&plan.content.province))
        .filter(pilot::Column::SchemeCode.eq(&plan.content.scheme))
        .filter(pilot::Column::List.eq(PilotList::Scheme.name()));
    let place =
        |row: pilot::Model| HeldPlace { application: row.application_id, from: row.selected_on, until: row.stopped_on };
    let held = select.all(db).await?.into_iter().map(place).collect();
    Ok(Quota { places: plan.content.pilot_quota, taken: plan.pilots_selected, held })
}

/// The last day that a pilot of each of some cooperatives stopped, where one did.
///
/// # Errors
/// The database failed.
pub async fn last_stops(
    db: &impl ConnectionTrait,
    cooperatives: &[Uuid],
) -> Result<HashMap<Uuid, NaiveDate>, StoreError> {
    let select = pilot::Entity::find()
        .filter(pilot::Column::CooperativeId.is_in(cooperatives.iter().copied()))
        .filter(pilot::Column::StoppedOn.is_not_null());
    let mut last = HashMap::new();
    for row in select.order_by_asc(pilot::Column::StoppedOn).all(db).await? {
        last.extend(row.stopped_on.map(|stopped_on| (row.cooperative_id, stopped_on)));
    }
    Ok(last)
}

/// The last day on which something happened to each of some pilots as a pilot, where anything did: its improvement plan
/// was approved, money or a loan was paid out to it.
///
/// # Errors
/// The database failed.
pub async fn last_facts(db: &impl ConnectionTrait, pilots: &[Uuid]) -> Result<HashMap<Uuid, NaiveDate>, StoreError> {
    #[derive(FromQueryResult)]
    struct Fact {
        pilot_id: Uuid,
        day: NaiveDate,
    }
    if pilots.is_empty() {
        return Ok(HashMap::new());
    }
    let mut parameters = Parameters::default();
    let mut of_them = |column: &str| {
        let ids: Vec<_> = pilots.iter().map(|id| parameters.add(*id)).collect();
        format!("{column} IN ({})", ids.join(", "))
    };
    let sql = format!(
        "SELECT i.pilot_id AS pilot_id, i.decision_date AS day FROM improvement_plans i \
         WHERE {} AND i.decision_date IS NOT NULL \
         UNION SELECT e.pilot_id AS pilot_id, d.voucher_date AS day FROM disbursements d \
         JOIN allocation_entries e ON e.id = d.entry_id WHERE {} \
         UNION SELECT o.pilot_id AS pilot_id, n.on_date AS day FROM loan_entries n \
         JOIN loans o ON o.id = n.loan_id WHERE {} AND n.kind = 'disbursement'",
        of_them("i.pilot_id"),
        of_them("e.pilot_id"),
        of_them("o.pilot_id"),
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    let mut last = HashMap::new();
    for Fact { pilot_id, day } in Fact::find_by_statement(statement).all(db).await? {
        let held = last.entry(pilot_id).or_insert(day);
        if day > *held {
            *held = day;
        }
    }
    Ok(last)
}

/// Writes that pilots were put in the hands of other departments by one decision, in one statement.
///
/// # Errors
/// One of them changed since it was read (`Stale`), or the database failed.
pub async fn reassign_all(db: &impl ConnectionTrait, pilots: &[Pilot]) -> Result<(), StoreError> {
    use pilot::Column;
    let Some(first) = pilots.first() else { return Ok(()) };
    let which = pilots.iter().fold(Condition::any(), |any, pilot| any.add(before(pilot)));
    let department = pilots.iter().fold(CaseStatement::new(), |cases, pilot| {
        cases.case(Column::Id.eq(pilot.id), Expr::value(pilot.responsible_department))
    });
    let changed = pilot::Entity::update_many()
        .col_expr(Column::ResponsibleDepartment, department.finally(Expr::col(Column::ResponsibleDepartment)).into())
        .col_expr(Column::UpdatedAt, Expr::value(first.updated_at))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(which)
        .exec(db)
        .await?;
    if changed.rows_affected == pilots.len() as u64 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The pilots in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Pilot> + use<> {
    use pilot::Column;
    let Filter { place, cooperative, scheme, decision, responsible_department, model, list, state } = filter.clone();
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(pilot::Column::RecordedAt)));
    let texts = [
        (Column::SchemeCode, scheme),
        (Column::Model, model),
        (Column::List, list.map(|list| list.name().to_owned())),
        (Column::State, state.map(|state| state.name().to_owned())),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    let ids = [
        (Column::CooperativeId, cooperative),
        (Column::DecisionId, decision),
        (Column::ResponsibleDepartment, responsible_department),
    ];
    for (column, value) in ids {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    Keyset::by_id(select, Column::Id, from_row, |pilot: &Pilot| pilot.id)
}

/// Records pilots, in one statement.
///
/// # Errors
/// One of the cooperatives already takes part (`Taken`), or the database failed.
pub async fn insert_all(db: &impl ConnectionTrait, pilots: &[Pilot]) -> Result<(), StoreError> {
    let rows = pilots.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
    pilot::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a pilot by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, pilot: &Pilot) -> Result<(), StoreError> {
    let changed = pilot::Entity::update_many().set(to_row(pilot)?).filter(before(pilot)).exec(db).await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Writes that pilots were stopped by one decision, in one statement.
///
/// # Errors
/// One of them changed since it was read (`Stale`), or the database failed.
pub async fn stop_all(db: &impl ConnectionTrait, pilots: &[Pilot]) -> Result<(), StoreError> {
    use pilot::Column;
    let Some(first) = pilots.first() else { return Ok(()) };
    let columns = columns(&first.state)?;
    let which = pilots.iter().fold(Condition::any(), |any, pilot| any.add(before(pilot)));
    let changed = pilot::Entity::update_many()
        .col_expr(Column::State, Expr::value(columns.state))
        .col_expr(Column::StoppedOn, Expr::value(columns.stopped_on))
        .col_expr(Column::StopCause, Expr::value(columns.stop_cause))
        .col_expr(Column::StopReason, Expr::value(columns.stop_reason))
        .col_expr(Column::UpdatedAt, Expr::value(first.updated_at))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(which)
        .exec(db)
        .await?;
    if changed.rows_affected == pilots.len() as u64 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The row of a pilot as it was before its last move.
fn before(pilot: &Pilot) -> Condition {
    Condition::all().add(pilot::Column::Id.eq(pilot.id)).add(pilot::Column::Version.eq(pilot.version - 1))
}

/// The columns that hold a state.
#[derive(Default)]
struct Columns {
    state: String,
    completed_on: Option<NaiveDate>,
    completion_reason: Option<String>,
    evaluation_id: Option<Uuid>,
    ended_on: Option<NaiveDate>,
    stopped_on: Option<NaiveDate>,
    stop_cause: Option<String>,
    stop_reason: Option<String>,
    assessors: Option<String>,
    exit_verdicts: Option<String>,
}

fn columns(state: &PilotState) -> Result<Columns, StoreError> {
    let mut columns = Columns { state: state.status().name().to_owned(), ..Columns::default() };
    let completion = match state.clone() {
        PilotState::Active => None,
        PilotState::ModelCompleted(completion) => Some(completion),
        PilotState::Ended { completion, ended_on, exit } => {
            columns.ended_on = Some(ended_on);
            columns.exit_verdicts = exit.map(|exit| serde_json::to_string(&exit)).transpose()?;
            Some(completion)
        }
        PilotState::Stopped { completion, stopped_on, cause, reason } => {
            columns.stopped_on = Some(stopped_on);
            columns.stop_cause = Some(cause.name().to_owned());
            columns.stop_reason = Some(reason);
            completion
        }
    };
    if let Some(Completion { completed_on, reason, evaluation, assessors }) = completion {
        columns.assessors = Some(serde_json::to_string(&assessors)?);
        columns.completed_on = Some(completed_on);
        columns.completion_reason = Some(reason);
        columns.evaluation_id = Some(evaluation);
    }
    Ok(columns)
}

fn state_of(columns: Columns) -> Result<PilotState, StoreError> {
    let Columns {
        state,
        completed_on,
        completion_reason,
        evaluation_id,
        ended_on,
        stopped_on,
        stop_cause,
        stop_reason,
        assessors,
        exit_verdicts,
    } = columns;
    let assessors = assessors.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let exit = exit_verdicts.as_deref().map(serde_json::from_str).transpose()?;
    let completion = match (completed_on, completion_reason, evaluation_id) {
        (Some(completed_on), Some(reason), Some(evaluation)) => {
            Some(Completion { completed_on, reason, evaluation, assessors })
        }
        _ => None,
    };
    let cause = stop_cause.as_deref().and_then(StopCause::from_name);
    let whole = match (PilotStatus::from_name(&state), completion) {
        (Some(PilotStatus::Active), None) => Some(PilotState::Active),
        (Some(PilotStatus::ModelCompleted), Some(completion)) => Some(PilotState::ModelCompleted(completion)),
        (Some(PilotStatus::Ended), Some(completion)) => {
            ended_on.map(|ended_on| PilotState::Ended { completion, ended_on, exit })
        }
        (Some(PilotStatus::Stopped), completion) => match (stopped_on, cause, stop_reason) {
            (Some(stopped_on), Some(cause), Some(reason)) => {
                Some(PilotState::Stopped { completion, stopped_on, cause, reason })
            }
            _ => None,
        },
        _ => None,
    };
    whole.ok_or_else(|| StoreError::Malformed(format!("pilot state {state}")))
}

fn from_row(row: pilot::Model) -> Result<Pilot, StoreError> {
    let pilot::Model {
        id,
        version,
        cooperative_id,
        province_code,
        unit_code,
        scheme_code,
        application_id,
        decision_id,
        model,
        list,
        responsible_department,
        selected_on,
        state,
        completed_on,
        completion_reason,
        evaluation_id,
        ended_on,
        stopped_on,
        stop_cause,
        stop_reason,
        assessors,
        exit_verdicts,
        created_by,
        recorded_at,
        updated_at,
    } = row;
    let state = state_of(Columns {
        state,
        completed_on,
        completion_reason,
        evaluation_id,
        ended_on,
        stopped_on,
        stop_cause,
        stop_reason,
        assessors,
        exit_verdicts,
    })?;
    Ok(Pilot {
        id,
        version,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        scheme: scheme_code,
        application: application_id,
        decision: decision_id,
        model,
        list: PilotList::from_name(&list).ok_or_else(|| StoreError::Malformed(format!("list {list}")))?,
        responsible_department,
        selected_on,
        state,
        created_by,
        recorded_at,
        updated_at,
    })
}

fn to_row(pilot: &Pilot) -> Result<pilot::ActiveModel, StoreError> {
    let Pilot {
        id,
        version,
        cooperative,
        province,
        unit,
        scheme,
        application,
        decision,
        model,
        list,
        responsible_department,
        selected_on,
        state,
        created_by,
        recorded_at,
        updated_at,
    } = pilot.clone();
    let Columns {
        state,
        completed_on,
        completion_reason,
        evaluation_id,
        ended_on,
        stopped_on,
        stop_cause,
        stop_reason,
        assessors,
        exit_verdicts,
    } = columns(&state)?;
    Ok(pilot::ActiveModel {
        id: Set(id),
        version: Set(version),
        cooperative_id: Set(cooperative),
        province_code: Set(province),
        unit_code: Set(unit),
        scheme_code: Set(scheme),
        application_id: Set(application),
        decision_id: Set(decision),
        model: Set(model),
        list: Set(list.name().to_owned()),
        responsible_department: Set(responsible_department),
        selected_on: Set(selected_on),
        state: Set(state),
        completed_on: Set(completed_on),
        completion_reason: Set(completion_reason),
        evaluation_id: Set(evaluation_id),
        ended_on: Set(ended_on),
        stopped_on: Set(stopped_on),
        stop_cause: Set(stop_cause),
        stop_reason: Set(stop_reason),
        assessors: Set(assessors),
        exit_verdicts: Set(exit_verdicts),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}
