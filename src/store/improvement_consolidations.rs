//! Consolidations of improvement plans: recorded once, never edited.

use chrono::Datelike;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::{consolidated_plan, improvement_consolidation};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use crate::domain::improvement::{ConsolidationPlan, ImprovementConsolidation};
use crate::domain::role::Scope;

/// What a list of consolidations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// A plan that was put forward.
    pub plan: Option<Uuid>,
}

const SCOPE: ScopeColumns<improvement_consolidation::Column> =
    ScopeColumns { province: improvement_consolidation::Column::ProvinceCode, unit: None, cooperative: None };

/// A cooperative sees those of its province only through its own plan: a consolidation names the plans of others.
fn scoped(scope: &Scope) -> Select<improvement_consolidation::Entity> {
    within(improvement_consolidation::Entity::find(), scope, SCOPE)
}

/// A consolidation in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<ImprovementConsolidation, StoreError> {
    let row = scoped(scope).filter(improvement_consolidation::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The consolidations in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = ImprovementConsolidation> + use<> {
    use improvement_consolidation::Column;
    let Filter { place, scheme, plan } = filter.clone();
    let mut select =
        scoped(scope).filter(place.condition(SCOPE, Placed::At(improvement_consolidation::Column::RecordedAt)));
    if let Some(scheme) = scheme {
        select = select.filter(Column::SchemeCode.eq(scheme));
    }
    if let Some(plan) = plan {
        let of_plan = consolidated_plan::Entity::find()
            .select_only()
            .column(consolidated_plan::Column::ConsolidationId)
            .filter(consolidated_plan::Column::PlanId.eq(plan))
            .into_query();
        select = select.filter(Column::Id.in_subquery(of_plan));
    }
    Keyset::by_id(select, Column::Id, from_row, |one: &ImprovementConsolidation| one.id)
}

/// Records a consolidation.
///
/// # Errors
/// The number is taken in the province and year (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, consolidation: &ImprovementConsolidation) -> Result<(), StoreError> {
    let row = to_row(consolidation)?;
    improvement_consolidation::Entity::insert(row).exec_without_returning(db).await?;
    let plan = |one: &ConsolidationPlan| consolidated_plan::ActiveModel {
        consolidation_id: Set(consolidation.id),
        plan_id: Set(one.plan),
    };
    let plans = consolidation.plans.iter().map(plan);
    consolidated_plan::Entity::insert_many(plans).exec_without_returning(db).await?;
    Ok(())
}

fn from_row(row: improvement_consolidation::Model) -> Result<ImprovementConsolidation, StoreError> {
    let improvement_consolidation::Model {
        id,
        province_code,
        scheme_code,
        number,
        date,
        year: _,
        advice,
        document,
        plans,
        summary,
        created_by,
        recorded_at,
    } = row;
    Ok(ImprovementConsolidation {
        id,
        province: province_code,
        scheme: scheme_code,
        number,
        date,
        advice,
        document: document.as_deref().map(serde_json::from_str).transpose()?,
        plans: serde_json::from_str(&plans)?,
        summary: serde_json::from_str(&summary)?,
        created_by,
        recorded_at,
    })
}

fn to_row(consolidation: &ImprovementConsolidation) -> Result<improvement_consolidation::ActiveModel, StoreError> {
    let ImprovementConsolidation {
        id,
        province,
        scheme,
        number,
        date,
        advice,
        document,
        plans,
        summary,
        created_by,
        recorded_at,
    } = consolidation;
    Ok(improvement_consolidation::ActiveModel {
        id: Set(*id),
        province_code: Set(province.clone()),
        scheme_code: Set(scheme.clone()),
        number: Set(number.clone()),
        date: Set(*date),
        year: Set(date.year()),
        advice: Set(advice.clone()),
        document: Set(document.as_ref().map(serde_json::to_string).transpose()?),
        plans: Set(serde_json::to_string(plans)?),
        summary: Set(serde_json::to_string(summary)?),
        created_by: Set(created_by.clone()),
        recorded_at: Set(*recorded_at),
    })
}
