//! Conditions of provinces' own.

use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::cooperative;
use super::entity::provincial_condition::{self, Column};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use crate::domain::condition::{ConditionKind, MandatoryCondition};
use crate::domain::provincial_condition::{
    ConditionContent, ConditionState, ConditionStatus, Ending, ProvincialCondition,
};
use crate::domain::role::Scope;
use crate::domain::text::Text;

/// What a list of conditions can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// State.
    pub state: Option<ConditionStatus>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };

/// Everyone within a province sees its conditions; a cooperative those it is held to.
fn scoped(scope: &Scope) -> Select<provincial_condition::Entity> {
    let approved = Column::State.ne(ConditionStatus::Draft.name());
    let select = Drafts::OfProvince.left_out(provincial_condition::Entity::find(), scope, approved);
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

/// A condition in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<ProvincialCondition, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The conditions in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = ProvincialCondition> + use<> {
    let Filter { place, scheme, state } = filter;
    let conditions = Condition::all()
        .add(place.condition(SCOPE, Placed::On(Column::DecisionDate)))
        .add_option(scheme.as_ref().map(|code| Column::SchemeCode.eq(code)))
        .add_option(state.map(|state| Column::State.eq(state.name())));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |condition: &ProvincialCondition| condition.id)
}

/// The conditions that a province adds to those of schemes, of one or of any, whatever their days, in the order of their codes.
///
/// # Errors
/// The database failed.
pub async fn of_province(
    db: &impl ConnectionTrait,
    place: &PlaceFilter,
    scheme: Option<&str>,
) -> Result<Vec<MandatoryCondition>, StoreError> {
    let select = provincial_condition::Entity::find()
        .filter(Column::State.ne(ConditionStatus::Draft.name()))
        .filter(place.condition(SCOPE, Placed::On(Column::DecisionDate)))
        .filter(Condition::all().add_option(scheme.map(|code| Column::SchemeCode.eq(code))));
    let rows = select.order_by_asc(Column::Code).order_by_asc(Column::Id).all(db).await?;
    let mut conditions = Vec::with_capacity(rows.len());
    for row in rows {
        conditions.extend(from_row(row)?.condition());
    }
    Ok(conditions)
}

/// Records a draft.
///
/// # Errors
/// The code is taken in the province and scheme, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, condition: &ProvincialCondition) -> Result<(), StoreError> {
    provincial_condition::Entity::insert(to_row(condition)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a condition by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), the code is taken, or the database failed.
pub async fn update(db: &impl ConnectionTrait, condition: &ProvincialCondition) -> Result<(), StoreError> {
    let changed = provincial_condition::Entity::update_many()
        .set(to_row(condition)?)
        .filter(at_version(condition, condition.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, condition: &ProvincialCondition) -> Result<(), StoreError> {
    let deleted =
        provincial_condition::Entity::delete_many().filter(at_version(condition, condition.version)).exec(db).await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn at_version(condition: &ProvincialCondition, version: i32) -> Condition {
    Condition::all().add(Column::Id.eq(condition.id)).add(Column::Version.eq(version))
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: provincial_condition::Model) -> Result<ProvincialCondition, StoreError> {
    let provincial_condition::Model {
        id,
        version,
        province_code,
        scheme_code,
        code,
        kind,
        vi,
        en,
        parameters,
        decision_number,
        decision_date,
        article,
        valid_from,
        valid_to,
        state,
        approved_by,
        ending_number,
        ending_date,
        last_day,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let content = ConditionContent {
        code,
        kind: ConditionKind::from_name(&kind).ok_or_else(|| malformed("condition kind", &kind))?,
        text: Text { vi, en },
        parameters: serde_json::from_str(&parameters)?,
        decision_number,
        decision_date,
        article,
        valid_from,
        valid_to,
    };
    let ending = match (ending_number, ending_date, last_day) {
        (Some(number), Some(date), Some(last_day)) => Some(Ending { number, date, last_day }),
        _ => None,
    };
    let state = match (ConditionStatus::from_name(&state), approved_by, ending) {
        (Some(ConditionStatus::Draft), None, None) => ConditionState::Draft,
        (Some(ConditionStatus::Approved), Some(approved_by), None) => ConditionState::Approved { approved_by },
        (Some(ConditionStatus::Ended), Some(approved_by), Some(ending)) => {
            ConditionState::Ended { approved_by, ending }
        }
        _ => return Err(malformed("condition state", &state)),
    };
    Ok(ProvincialCondition {
        id,
        version,
        province: province_code,
        scheme: scheme_code,
        content,
        state,
        created_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

fn to_row(condition: &ProvincialCondition) -> Result<provincial_condition::ActiveModel, StoreError> {
    let ProvincialCondition {
        id,
        version,
        province,
        scheme,
        content,
        state,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = condition.clone();
    let ConditionContent {
        code,
        kind,
        text: Text { vi, en },
        parameters,
        decision_number,
        decision_date,
        article,
        valid_from,
        valid_to,
    } = content;
    let status = state.status().name().to_owned();
    let (approved_by, ending) = match state {
        ConditionState::Draft => (None, None),
        ConditionState::Approved { approved_by } => (Some(approved_by), None),
        ConditionState::Ended { approved_by, ending } => (Some(approved_by), Some(ending)),
    };
    let (ending_number, ending_date, last_day) = match ending {
        Some(Ending { number, date, last_day }) => (Some(number), Some(date), Some(last_day)),
        None => (None, None, None),
    };
    Ok(provincial_condition::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        scheme_code: Set(scheme),
        code: Set(code),
        kind: Set(kind.name().to_owned()),
        vi: Set(vi),
        en: Set(en),
        parameters: Set(serde_json::to_string(&parameters)?),
        decision_number: Set(decision_number),
        decision_date: Set(decision_date),
        article: Set(article),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        state: Set(status),
        approved_by: Set(approved_by),
        ending_number: Set(ending_number),
        ending_date: Set(ending_date),
        last_day: Set(last_day),
        created_by: Set(created_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}
