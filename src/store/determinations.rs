//! Determinations of eligibility: written once, with what they were made on, and never changed.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::StoreError;
use super::entity::determination::{self, Column};
use super::listing::{Keyset, Listing};
use super::scope::{ScopeColumns, within};
use crate::domain::determination::{DeterminationOccasion, KeptDetermination};
use crate::domain::digest::canonical;
use crate::domain::eligibility::ConditionVerdict;
use crate::domain::role::Scope;

/// What a list of determinations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The application.
    pub application: Option<Uuid>,
    /// The cooperative that applies.
    pub cooperative: Option<Uuid>,
    /// Code of the province.
    pub province: Option<String>,
    /// The selection decision that they were made for.
    pub decision: Option<Uuid>,
    /// What they were made for.
    pub occasion: Option<DeterminationOccasion>,
    /// The answer.
    pub overall: Option<ConditionVerdict>,
}

fn scoped(scope: &Scope) -> Select<determination::Entity> {
    let columns = ScopeColumns {
        province: Column::ProvinceCode,
        unit: Some(Column::UnitCode),
        cooperative: Some(Column::CooperativeId),
    };
    within(determination::Entity::find(), scope, columns)
}

/// A determination in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<KeptDetermination, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The determinations in the caller's reach that pass a filter, oldest first.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = KeptDetermination> + use<> {
    let Filter { application, cooperative, province, decision, occasion, overall } = filter;
    let conditions = Condition::all()
        .add_option(application.map(|id| Column::ApplicationId.eq(id)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add_option(province.as_ref().map(|code| Column::ProvinceCode.eq(code)))
        .add_option(decision.map(|id| Column::DecisionId.eq(id)))
        .add_option(occasion.map(|occasion| Column::Occasion.eq(occasion.name())))
        .add_option(overall.map(|overall| Column::Overall.eq(overall.name())));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |made: &KeptDetermination| made.id)
}

/// Keeps determinations, in one statement.
///
/// # Errors
/// The database failed.
pub async fn insert_all(db: &impl ConnectionTrait, made: &[KeptDetermination]) -> Result<(), StoreError> {
    if made.is_empty() {
        return Ok(());
    }
    let rows = made.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
    determination::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

fn from_row(row: determination::Model) -> Result<KeptDetermination, StoreError> {
    let determination::Model {
        id,
        application_id,
        cooperative_id,
        province_code,
        unit_code,
        occasion,
        decision_id,
        overall: _,
        inputs,
        result,
        created_by,
        recorded_at,
    } = row;
    let occasion = DeterminationOccasion::from_name(&occasion)
        .ok_or_else(|| StoreError::Malformed(format!("occasion {occasion}")))?;
    Ok(KeptDetermination {
        id,
        application: application_id,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        occasion,
        decision: decision_id,
        inputs: serde_json::from_str(&inputs)?,
        result: serde_json::from_str(&result)?,
        created_by,
        recorded_at,
    })
}

fn to_row(made: &KeptDetermination) -> Result<determination::ActiveModel, StoreError> {
    let KeptDetermination {
        id,
        application,
        cooperative,
        province,
        unit,
        occasion,
        decision,
        inputs,
        result,
        created_by,
        recorded_at,
    } = made;
    Ok(determination::ActiveModel {
        id: Set(*id),
        application_id: Set(*application),
        cooperative_id: Set(*cooperative),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        occasion: Set(occasion.name().to_owned()),
        decision_id: Set(*decision),
        overall: Set(result.overall.name().to_owned()),
        // The canonical text: its digest is the one that is published.
        inputs: Set(canonical(&serde_json::to_value(inputs)?)),
        result: Set(canonical(&serde_json::to_value(result)?)),
        created_by: Set(created_by.clone()),
        recorded_at: Set(*recorded_at),
    })
}
