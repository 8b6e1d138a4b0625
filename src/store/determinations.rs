//! Determinations of every kind: written once, with what they were made on, and never changed.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::StoreError;
use super::entity::determination::{self, Column};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use crate::domain::determination::{
    DeterminationInputs, DeterminationKind, DeterminationOccasion, DeterminationResult, KeptDetermination, Subject,
};
use crate::domain::digest::canonical;
use crate::domain::role::{Caller, Permission};

/// What a list of determinations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What is determined.
    pub kind: Option<DeterminationKind>,
    /// The record that they are about.
    pub of: Option<Uuid>,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The territory.
    pub place: PlaceFilter,
    /// The selection decision that they were made for.
    pub decision: Option<Uuid>,
    /// What they were made for.
    pub occasion: Option<DeterminationOccasion>,
    /// The answer in one word.
    pub overall: Option<String>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns {
    province: Column::ProvinceCode,
    unit: Some(Column::UnitCode),
    cooperative: Some(Column::CooperativeId),
};

/// A ranking is seen by who may see the order of applicants.
fn scoped(caller: &Caller) -> Select<determination::Entity> {
    let select = within(determination::Entity::find(), &caller.scope, SCOPE);
    if caller.may(Permission::ReadRankings) {
        select
    } else {
        select.filter(Column::Kind.ne(DeterminationKind::Ranking.name()))
    }
}

/// A determination in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<KeptDetermination, StoreError> {
    let row = scoped(caller).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The determinations in the caller's reach that pass a filter, oldest first.
pub fn list(caller: &Caller, filter: &Filter) -> impl Listing<Item = KeptDetermination> + use<> {
    let Filter { kind, of, cooperative, place, decision, occasion, overall } = filter;
    let conditions = Condition::all()
        .add_option(kind.map(|kind| Column::Kind.eq(kind.name())))
        .add_option(of.map(|id| Column::SubjectId.eq(id)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add(place.condition(SCOPE, Placed::At(Column::RecordedAt)))
        .add_option(decision.map(|id| Column::DecisionId.eq(id)))
        .add_option(occasion.map(|occasion| Column::Occasion.eq(occasion.name())))
        .add_option(overall.as_ref().map(|overall| Column::Overall.eq(overall)));
    let select = scoped(caller).filter(conditions);
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
        kind,
        subject_id,
        application_id: _,
        evaluation_id: _,
        pilot_id: _,
        plan_id: _,
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
    let malformed = |what: &str| StoreError::Malformed(format!("determination {what}"));
    let kind = DeterminationKind::from_name(&kind).ok_or_else(|| malformed(&kind))?;
    Ok(KeptDetermination {
        id,
        subject: Subject { of: subject_id, cooperative: cooperative_id, province: province_code, unit: unit_code },
        occasion: DeterminationOccasion::from_name(&occasion).ok_or_else(|| malformed(&occasion))?,
        decision: decision_id,
        inputs: DeterminationInputs::read(kind, &inputs)?,
        result: DeterminationResult::read(kind, &result)?,
        created_by,
        recorded_at,
    })
}

fn to_row(made: &KeptDetermination) -> Result<determination::ActiveModel, StoreError> {
    let KeptDetermination { id, subject, occasion, decision, inputs, result, created_by, recorded_at } = made;
    let Subject { of, cooperative, province, unit } = subject;
    let kind = inputs.kind();
    let only_for = |wanted: DeterminationKind| (kind == wanted).then_some(*of);
    Ok(determination::ActiveModel {
        id: Set(*id),
        kind: Set(kind.name().to_owned()),
        subject_id: Set(*of),
        application_id: Set(only_for(DeterminationKind::Eligibility)),
        evaluation_id: Set(only_for(DeterminationKind::Rating)),
        pilot_id: Set(only_for(DeterminationKind::Exit)),
        plan_id: Set(only_for(DeterminationKind::Ranking)),
        cooperative_id: Set(*cooperative),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        occasion: Set(occasion.name().to_owned()),
        decision_id: Set(*decision),
        overall: Set(result.overall().to_owned()),
        // The canonical text: its digest is the one that is published.
        inputs: Set(canonical(&serde_json::to_value(inputs)?)),
        result: Set(canonical(&serde_json::to_value(result)?)),
        created_by: Set(created_by.clone()),
        recorded_at: Set(*recorded_at),
    })
}
