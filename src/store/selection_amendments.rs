//! Amendments of selection decisions: drafts and those in force.

use chrono::Datelike;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::decision_amendment::{self, Column};
use super::entity::decision_application;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use crate::domain::role::Scope;
use crate::domain::selection::{Amendment, AmendmentState, AmendmentTerms};

/// What a list of amendments can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The selection decision.
    pub decision: Option<Uuid>,
    /// State.
    pub state: Option<AmendmentState>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };

/// A cooperative sees the amendments in force of decisions on its own applications; agencies those of their province.
fn scoped(scope: &Scope) -> Select<decision_amendment::Entity> {
    let in_force = Column::State.eq(AmendmentState::Approved.name());
    let select = Drafts::OfProvince.left_out(decision_amendment::Entity::find(), scope, in_force);
    if let Scope::Cooperative(id) = scope {
        let its_own = decision_application::Entity::find()
            .select_only()
            .column(decision_application::Column::DecisionId)
            .filter(decision_application::Column::CooperativeId.eq(*id))
            .into_query();
        return select.filter(Column::DecisionId.in_subquery(its_own));
    }
    within(select, scope, SCOPE)
}

/// An amendment in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Amendment, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The amendments in the caller's reach that pass a filter, in the order of recording.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Amendment> + use<> {
    let Filter { place, decision, state } = filter;
    let conditions = Condition::all()
        .add(place.condition(SCOPE, Placed::On(Column::Date)))
        .add_option(decision.map(|id| Column::DecisionId.eq(id)))
        .add_option(state.map(|state| Column::State.eq(state.name())));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |amendment: &Amendment| amendment.id)
}

/// The amendments in force of some decisions, in one query: those of the oldest date first. Unscoped: whoever asks has
/// found the decisions.
///
/// # Errors
/// The database failed.
pub async fn in_force(
    db: &impl ConnectionTrait,
    decisions: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Amendment>, StoreError> {
    let rows = decision_amendment::Entity::find()
        .filter(Column::DecisionId.is_in(decisions))
        .filter(Column::State.eq(AmendmentState::Approved.name()))
        .order_by_asc(Column::Date)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Records a draft.
///
/// # Errors
/// An amendment of this number is recorded for the decision (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    decision_amendment::Entity::insert(to_row(amendment)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces an amendment by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), its number is taken, or the database failed.
pub async fn update(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    let changed = decision_amendment::Entity::update_many()
        .set(to_row(amendment)?)
        .filter(at_version(amendment, amendment.version.saturating_sub(1)))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft as it was read.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<(), StoreError> {
    let gone = decision_amendment::Entity::delete_many().filter(at_version(amendment, amendment.version)).exec(db);
    if gone.await?.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn at_version(amendment: &Amendment, version: i32) -> Condition {
    Condition::all().add(Column::Id.eq(amendment.id)).add(Column::Version.eq(version))
}

fn from_row(row: decision_amendment::Model) -> Result<Amendment, StoreError> {
    let decision_amendment::Model {
        id,
        version,
        decision_id,
        province_code,
        scheme_code,
        number,
        date,
        year: _,
        signatory,
        reason,
        document,
        additions,
        removals,
        reassignments,
        read,
        state: _,
        approved_by,
        writers,
        recorded_by,
        recorded_at,
        updated_at,
    } = row;
    Ok(Amendment {
        id,
        version,
        decision: decision_id,
        province: province_code,
        scheme: scheme_code,
        terms: AmendmentTerms {
            number,
            date,
            signatory,
            reason,
            document: document.as_deref().map(serde_json::from_str).transpose()?,
            additions: serde_json::from_str(&additions)?,
            removals: serde_json::from_str(&removals)?,
            reassignments: serde_json::from_str(&reassignments)?,
        },
        read: serde_json::from_str(&read)?,
        approved_by,
        created_by: recorded_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at: updated_at.unwrap_or(recorded_at),
    })
}

fn to_row(amendment: &Amendment) -> Result<decision_amendment::ActiveModel, StoreError> {
    let state = amendment.state().name().to_owned();
    let Amendment {
        id,
        version,
        decision,
        province,
        scheme,
        terms,
        read,
        approved_by,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = amendment.clone();
    let AmendmentTerms { number, date, signatory, reason, document, additions, removals, reassignments } = terms;
    Ok(decision_amendment::ActiveModel {
        id: Set(id),
        version: Set(version),
        decision_id: Set(decision),
        province_code: Set(province),
        scheme_code: Set(scheme),
        number: Set(number),
        date: Set(date),
        year: Set(date.year()),
        signatory: Set(signatory),
        reason: Set(reason),
        document: Set(document.as_ref().map(serde_json::to_string).transpose()?),
        additions: Set(serde_json::to_string(&additions)?),
        removals: Set(serde_json::to_string(&removals)?),
        reassignments: Set(serde_json::to_string(&reassignments)?),
        read: Set(serde_json::to_string(&read)?),
        state: Set(state),
        approved_by: Set(approved_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(Some(updated_at)),
    })
}
