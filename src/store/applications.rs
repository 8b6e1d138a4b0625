//! Applications to take part in a scheme.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::application;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use crate::domain::application::{Application, ApplicationContent, ApplicationState, ApplicationStatus};
use crate::domain::role::Scope;

/// What a list of applications can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// Code of the model.
    pub model: Option<String>,
    /// State.
    pub state: Option<ApplicationStatus>,
}

const SCOPE: ScopeColumns<application::Column> = ScopeColumns {
    province: application::Column::ProvinceCode,
    unit: Some(application::Column::UnitCode),
    cooperative: Some(application::Column::CooperativeId),
};

/// A draft is the cooperative's own (2129/QĐ-UBND I.3): agencies see what was sent in.
fn scoped(scope: &Scope) -> Select<application::Entity> {
    let sent = application::Column::State.ne(ApplicationStatus::Draft.name());
    Drafts::OfCooperative.left_out(within(application::Entity::find(), scope, SCOPE), scope, sent)
}

/// An application in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Application, StoreError> {
    let row = scoped(scope).filter(application::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// Those of some applications that are in the caller's reach, in the order of the ids asked for.
///
/// # Errors
/// The database failed.
pub async fn find_all(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Application>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = scoped(scope).filter(application::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let mut found = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|application| ids.iter().position(|id| *id == application.id));
    Ok(found)
}

/// The submitted applications of a province to a scheme, oldest first. Whoever calls has found the province's plan in
/// the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn submitted(
    db: &impl ConnectionTrait,
    province: &str,
    scheme: &str,
) -> Result<Vec<Application>, StoreError> {
    use application::Column;
    let select = application::Entity::find()
        .filter(Column::ProvinceCode.eq(province))
        .filter(Column::SchemeCode.eq(scheme))
        .filter(Column::State.eq(ApplicationStatus::Submitted.name()));
    select.order_by_asc(Column::Id).all(db).await?.into_iter().map(from_row).collect()
}

/// The applications in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Application> + use<> {
    use application::Column;
    let Filter { place, cooperative, scheme, model, state } = filter.clone();
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(application::Column::RecordedAt)));
    let exact = [
        (Column::SchemeCode, scheme),
        (Column::Model, model),
        (Column::State, state.map(|state| state.name().to_owned())),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    if let Some(cooperative) = cooperative {
        select = select.filter(Column::CooperativeId.eq(cooperative));
    }
    Keyset::by_id(select, Column::Id, from_row, |application: &Application| application.id)
}

/// Records an application.
///
/// # Errors
/// The cooperative already has a live one (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, application: &Application) -> Result<(), StoreError> {
    application::Entity::insert(to_row(application)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces an application by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, application: &Application) -> Result<(), StoreError> {
    let changed = application::Entity::update_many()
        .set(to_row(application)?)
        .filter(at_version(application, application.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Writes the state of applications that one decision selected or released, in one statement. All have the same.
///
/// # Errors
/// One of them changed since it was read (`Stale`), or the database failed.
pub async fn update_states(db: &impl ConnectionTrait, applications: &[Application]) -> Result<(), StoreError> {
    use application::Column;
    let Some(first) = applications.first() else { return Ok(()) };
    let Columns { state, submitted_on: _, returned_on: _, withdrawn_on: _, decision_id, closed_on } =
        columns(&first.state);
    let which = applications
        .iter()
        .fold(Condition::any(), |any, application| any.add(at_version(application, application.version - 1)));
    let changed = application::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::DecisionId, Expr::value(decision_id))
        .col_expr(Column::ClosedOn, Expr::value(closed_on))
        .col_expr(Column::UpdatedAt, Expr::value(first.updated_at))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(which)
        .exec(db)
        .await?;
    if changed.rows_affected == applications.len() as u64 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, application: &Application) -> Result<(), StoreError> {
    let deleted = application::Entity::delete_many().filter(at_version(application, application.version)).exec(db);
    if deleted.await?.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn at_version(application: &Application, version: i32) -> Condition {
    Condition::all().add(application::Column::Id.eq(application.id)).add(application::Column::Version.eq(version))
}

/// The columns that hold a state.
struct Columns {
    state: String,
    submitted_on: Option<chrono::NaiveDate>,
    returned_on: Option<chrono::NaiveDate>,
    withdrawn_on: Option<chrono::NaiveDate>,
    decision_id: Option<Uuid>,
    closed_on: Option<chrono::NaiveDate>,
}

fn columns(state: &ApplicationState) -> Columns {
    let name = state.status().name().to_owned();
    let mut columns = Columns {
        state: name,
        submitted_on: None,
        returned_on: None,
        withdrawn_on: None,
        decision_id: None,
        closed_on: None,
    };
    match *state {
        ApplicationState::Draft => {}
        ApplicationState::Submitted { submitted_on } => columns.submitted_on = Some(submitted_on),
        ApplicationState::Returned { submitted_on, returned_on } => {
            columns.submitted_on = Some(submitted_on);
            columns.returned_on = Some(returned_on);
        }
        ApplicationState::Withdrawn { withdrawn_on } => columns.withdrawn_on = Some(withdrawn_on),
        ApplicationState::Selected { submitted_on, decision } => {
            columns.submitted_on = Some(submitted_on);
            columns.decision_id = Some(decision);
        }
        ApplicationState::Closed { decision, closed_on } => {
            columns.decision_id = Some(decision);
            columns.closed_on = Some(closed_on);
        }
    }
    columns
}

fn state_of(columns: Columns) -> Result<ApplicationState, StoreError> {
    let Columns { state, submitted_on, returned_on, withdrawn_on, decision_id, closed_on } = columns;
    let whole = match ApplicationStatus::from_name(&state) {
        Some(ApplicationStatus::Draft) => Some(ApplicationState::Draft),
        Some(ApplicationStatus::Submitted) => {
            submitted_on.map(|submitted_on| ApplicationState::Submitted { submitted_on })
        }
        Some(ApplicationStatus::Returned) => submitted_on
            .zip(returned_on)
            .map(|(submitted_on, returned_on)| ApplicationState::Returned { submitted_on, returned_on }),
        Some(ApplicationStatus::Withdrawn) => {
            withdrawn_on.map(|withdrawn_on| ApplicationState::Withdrawn { withdrawn_on })
        }
        Some(ApplicationStatus::Selected) => submitted_on
            .zip(decision_id)
            .map(|(submitted_on, decision)| ApplicationState::Selected { submitted_on, decision }),
        Some(ApplicationStatus::Closed) => {
            decision_id.zip(closed_on).map(|(decision, closed_on)| ApplicationState::Closed { decision, closed_on })
        }
        None => None,
    };
    whole.ok_or_else(|| StoreError::Malformed(format!("application state {state}")))
}

fn from_row(row: application::Model) -> Result<Application, StoreError> {
    let application::Model {
        id,
        version,
        cooperative_id,
        province_code,
        unit_code,
        scheme_code,
        model,
        dossier,
        priority_claims,
        attestations,
        state,
        submitted_on,
        returned_on,
        withdrawn_on,
        decision_id,
        closed_on,
        claim_reviews,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let content = ApplicationContent {
        model,
        dossier: serde_json::from_str(&dossier)?,
        priority_claims: serde_json::from_str(&priority_claims)?,
        attestations: serde_json::from_str(&attestations)?,
    };
    let state = state_of(Columns { state, submitted_on, returned_on, withdrawn_on, decision_id, closed_on })?;
    Ok(Application {
        id,
        version,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        scheme: scheme_code,
        content,
        state,
        claim_reviews: serde_json::from_str(&claim_reviews)?,
        created_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

fn to_row(application: &Application) -> Result<application::ActiveModel, StoreError> {
    let Application {
        id,
        version,
        cooperative,
        province,
        unit,
        scheme,
        content,
        state,
        claim_reviews,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = application;
    let ApplicationContent { model, dossier, priority_claims, attestations } = content;
    let Columns { state, submitted_on, returned_on, withdrawn_on, decision_id, closed_on } = columns(state);
    Ok(application::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        cooperative_id: Set(*cooperative),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        scheme_code: Set(scheme.clone()),
        model: Set(model.clone()),
        dossier: Set(serde_json::to_string(dossier)?),
        priority_claims: Set(serde_json::to_string(priority_claims)?),
        attestations: Set(serde_json::to_string(attestations)?),
        state: Set(state),
        submitted_on: Set(submitted_on),
        returned_on: Set(returned_on),
        withdrawn_on: Set(withdrawn_on),
        decision_id: Set(decision_id),
        closed_on: Set(closed_on),
        claim_reviews: Set(serde_json::to_string(claim_reviews)?),
        created_by: Set(created_by.clone()),
        writers: Set(serde_json::to_string(writers)?),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
    })
}
