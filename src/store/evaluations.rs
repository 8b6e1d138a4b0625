//! Evaluations of cooperatives.

mod oversight;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

pub use self::oversight::{About, circumstances};
use super::entity::{evaluation, improvement_plan};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::{StoreError, cooperatives};
use crate::domain::cooperative::{Cooperative, Interruption, Registration};
use crate::domain::criteria::measure::ScoringIndicator;
use crate::domain::evaluation::comparison::ComparedWith;
use crate::domain::evaluation::moves::Evaluated;
use crate::domain::evaluation::{
    Evaluation, EvaluationKind, EvaluationState, NotRatedReason, Operation, Outcome, Stop, Submission, Verdict,
};
use crate::domain::role::Scope;
use crate::domain::score::Points;

/// What a list of evaluations can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The evaluated year.
    pub year: Option<u16>,
    /// Whose evaluation it is.
    pub kind: Option<EvaluationKind>,
    /// Where it is in its life.
    pub state: Option<EvaluationState>,
    /// The territory.
    pub place: PlaceFilter,
    /// Code of the rating.
    pub rating: Option<String>,
    /// Code of the criteria set.
    pub criteria_set: Option<String>,
}

const SCOPE: ScopeColumns<evaluation::Column> = ScopeColumns {
    province: evaluation::Column::ProvinceCode,
    unit: Some(evaluation::Column::UnitCode),
    cooperative: Some(evaluation::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<evaluation::Entity> {
    within(evaluation::Entity::find(), scope, SCOPE).filter(no_foreign_draft(scope))
}

/// A draft is seen on the side that writes it: the cooperative's own by the cooperative, a locality's by it and its province, a
/// final one by the province.
fn no_foreign_draft(scope: &Scope) -> Condition {
    use EvaluationKind::{Final, Own, Verified};
    let written_here: &[EvaluationKind] = match scope {
        Scope::Cooperative(_) => &[Own],
        Scope::Locality { .. } => &[Verified],
        Scope::Province(_) | Scope::Country => &[Verified, Final],
    };
    Condition::any()
        .add(evaluation::Column::State.ne(EvaluationState::Draft.name()))
        .add(evaluation::Column::Kind.is_in(written_here.iter().map(|kind| kind.name())))
}

/// An evaluation in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Evaluation, StoreError> {
    let row = scoped(scope).filter(evaluation::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// A cooperative in the caller's reach, as an evaluation of a year needs it: its territory, foundation and
/// interruptions, its field and its figures.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn evaluated(
    db: &impl ConnectionTrait,
    scope: &Scope,
    cooperative: Uuid,
    year: u16,
    known_on: NaiveDate,
) -> Result<Evaluated, StoreError> {
    let Cooperative { province, registration, .. } = cooperatives::find(db, scope, cooperative).await?;
    let stops = cooperatives::interruptions(db, cooperative).await?;
    let stop = |Interruption { from_date, to_date, .. }: Interruption| Stop { from_date, to_date };
    let stops = stops.into_iter().map(stop).collect();
    let operation = Operation { founded_on: registration.founded_on, stops, known_on };
    let figures = cooperatives::figures(db, cooperative, ScoringIndicator::years(year)).await?;
    let Registration { unit, field, industry_code, .. } = registration;
    Ok(Evaluated { cooperative, province, unit, operation, field, industry_code, figures })
}

/// The evaluations in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Evaluation> + use<> {
    use evaluation::Column;
    let Filter { cooperative, year, kind, state, place, rating, criteria_set } = filter;
    let conditions = Condition::all()
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add_option(year.map(|year| Column::Year.eq(i32::from(year))))
        .add_option(kind.map(|kind| Column::Kind.eq(kind.name())))
        .add_option(state.map(|state| Column::State.eq(state.name())))
        .add(place.condition(SCOPE, Placed::At(evaluation::Column::RecordedAt)))
        .add_option(rating.as_ref().map(|code| Column::Rating.eq(code)))
        .add_option(criteria_set.as_ref().map(|code| Column::CriteriaCode.eq(code)));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |evaluation: &Evaluation| evaluation.id)
}

/// The evaluation that counts for a scheme whose criteria set is named: the verified one once confirmed, else the
/// cooperative's own once submitted (2129/QĐ-UBND III.2.1). Unscoped: whoever asks has found the cooperative in the
/// caller's reach.
///
/// # Errors
/// The database failed.
pub async fn counting(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    year: u16,
    criteria: &str,
) -> Result<Option<Evaluation>, StoreError> {
    Ok(counting_in(db, &[cooperative], &[year], criteria).await?.pop().map(|(_, evaluation)| evaluation))
}

/// The evaluations that count of some cooperatives in some years, in one query: one for each cooperative and year, by
/// cooperative and year. Those made under another circular's criteria do not count.
///
/// # Errors
/// The database failed.
pub async fn counting_in(
    db: &impl ConnectionTrait,
    cooperatives: &[Uuid],
    years: &[u16],
    criteria: &str,
) -> Result<Vec<(Uuid, Evaluation)>, StoreError> {
    use evaluation::Column;
    let own = Condition::all()
        .add(Column::Kind.eq(EvaluationKind::Own.name()))
        .add(Column::State.is_in([EvaluationState::Submitted.name(), EvaluationState::Confirmed.name()]));
    let verified = Condition::all()
        .add(Column::Kind.eq(EvaluationKind::Verified.name()))
        .add(Column::State.eq(EvaluationState::Confirmed.name()));
    let rows = evaluation::Entity::find()
        .filter(Column::CooperativeId.is_in(cooperatives.iter().copied()))
        .filter(Column::Year.is_in(years.iter().map(|year| i32::from(*year))))
        .filter(Condition::any().add(own).add(verified))
        // `self` comes before `verified`, which thereby replaces it.
        .order_by_asc(Column::Kind)
        .all(db)
        .await?;
    let mut counting = BTreeMap::new();
    for row in rows {
        let id = row.cooperative_id;
        let evaluation = from_row(row)?;
        if evaluation.is_under(criteria) {
            counting.insert((id, evaluation.year), evaluation);
        }
    }
    Ok(counting.into_iter().map(|((id, _), evaluation)| (id, evaluation)).collect())
}

/// The latest evaluation that a pilot is measured by: of the latest year, the final one once confirmed, else the one
/// that counts. Unscoped: whoever asks has found the cooperative in the caller's reach.
///
/// # Errors
/// The database failed.
pub async fn latest(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    criteria: &str,
) -> Result<Option<Evaluation>, StoreError> {
    Ok(of_each_year(db, cooperative, 0, criteria).await?.pop())
}

/// The evaluation of each year that a pilot is measured by, from a year on, in order: the final one once confirmed, else
/// the one that counts. Unscoped: whoever asks has found the cooperative in the caller's reach.
///
/// # Errors
/// The database failed.
pub async fn of_each_year(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    from_year: u16,
    criteria: &str,
) -> Result<Vec<Evaluation>, StoreError> {
    use evaluation::Column;
    let own = Condition::all()
        .add(Column::Kind.eq(EvaluationKind::Own.name()))
        .add(Column::State.eq(EvaluationState::Submitted.name()));
    let rows = evaluation::Entity::find()
        .filter(Column::CooperativeId.eq(cooperative))
        .filter(Column::Year.gte(i32::from(from_year)))
        .filter(Condition::any().add(own).add(Column::State.eq(EvaluationState::Confirmed.name())))
        .order_by_asc(Column::Year)
        .all(db)
        .await?;
    let found = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let rank = |kind| EvaluationKind::ALL.iter().position(|known| *known == kind);
    let mut of_year: BTreeMap<u16, Evaluation> = BTreeMap::new();
    for evaluation in found.into_iter().filter(|evaluation| evaluation.is_under(criteria)) {
        let held = of_year.get(&evaluation.year);
        if held.is_none_or(|held| rank(held.kind) < rank(evaluation.kind)) {
            of_year.insert(evaluation.year, evaluation);
        }
    }
    Ok(of_year.into_values().collect())
}

/// The evaluations that one is compared with: of the year before, of the other kinds, and the baseline of the pilot's
/// approved improvement plan. Unscoped: whoever asks has found the evaluation, and with it its cooperative.
///
/// # Errors
/// The database failed.
pub async fn compared_with(
    db: &impl ConnectionTrait,
    of: &Evaluation,
) -> Result<Vec<(ComparedWith, Evaluation)>, StoreError> {
    use improvement_plan::Column as Plan;
    let approved = improvement_plan::Entity::find()
        .filter(Plan::CooperativeId.eq(of.cooperative))
        .filter(Plan::State.eq("approved"))
        .order_by_desc(Plan::DecisionDate)
        .order_by_desc(Plan::Id)
        .one(db)
        .await?;
    let baseline = approved.map(|plan| plan.baseline_evaluation_id).filter(|id| *id != of.id);
    let year = i32::from(of.year);
    let years = Condition::any().add(evaluation::Column::Year.is_in([year - 1, year]));
    let rows = evaluation::Entity::find()
        .filter(evaluation::Column::CooperativeId.eq(of.cooperative))
        .filter(years.add_option(baseline.map(|id| evaluation::Column::Id.eq(id))))
        .all(db)
        .await?;
    let found = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let what = |with: &ComparedWith| {
        let is = |other: &&Evaluation| match with {
            ComparedWith::Baseline => baseline == Some(other.id) && other.circular() == of.circular(),
            other_kind => other_kind.is(of, other),
        };
        found.iter().find(is).map(|other| (*with, other.clone()))
    };
    Ok(ComparedWith::ALL.iter().filter_map(what).collect())
}

/// Records an evaluation.
///
/// # Errors
/// One of its cooperative, year and kind exists, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, evaluation: &Evaluation) -> Result<(), StoreError> {
    evaluation::Entity::insert(to_row(evaluation)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces an evaluation by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, evaluation: &Evaluation) -> Result<(), StoreError> {
    let changed = evaluation::Entity::update_many()
        .set(to_row(evaluation)?)
        .filter(evaluation::Column::Id.eq(evaluation.id))
        .filter(evaluation::Column::Version.eq(evaluation.version.saturating_sub(1)))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes an evaluation as it was read.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, evaluation: &Evaluation) -> Result<(), StoreError> {
    let gone = evaluation::Entity::delete_many()
        .filter(evaluation::Column::Id.eq(evaluation.id))
        .filter(evaluation::Column::Version.eq(evaluation.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: evaluation::Model) -> Result<Evaluation, StoreError> {
    let evaluation::Model {
        id,
        version,
        cooperative_id,
        province_code,
        unit_code,
        year,
        kind,
        criteria_set_id,
        criteria_code,
        circular: _,
        scores,
        inputs,
        fine,
        operation,
        total,
        rating,
        not_rated_reason,
        endorsements,
        state,
        submitted_at,
        submitted_by,
        late,
        agency_id,
        created_by,
        recorded_at,
        updated_at,
    } = row;
    let submission = submitted_at.zip(submitted_by).map(|(at, by)| Submission { at, by, late });
    Ok(Evaluation {
        id,
        version,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        year: u16::try_from(year).map_err(|_| malformed("year", &year.to_string()))?,
        kind: EvaluationKind::from_name(&kind).ok_or_else(|| malformed("kind", &kind))?,
        criteria_set: criteria_set_id,
        criteria_code,
        scores: serde_json::from_str(&scores)?,
        inputs: inputs.as_deref().map(serde_json::from_str).transpose()?,
        fine: fine.as_deref().map(serde_json::from_str).transpose()?,
        operation: serde_json::from_str(&operation)?,
        outcome: Outcome { total: Points::hundredths(total), verdict: verdict(rating, not_rated_reason)? },
        endorsements: serde_json::from_str(&endorsements)?,
        state: EvaluationState::from_name(&state).ok_or_else(|| malformed("state", &state))?,
        submission,
        agency: agency_id,
        created_by,
        recorded_at,
        updated_at,
    })
}

fn verdict(rating: Option<String>, reason: Option<String>) -> Result<Verdict, StoreError> {
    match (rating, reason) {
        (Some(rating), None) => Ok(Verdict::Rated(rating)),
        (_, Some(reason)) => {
            let reason = NotRatedReason::from_name(&reason).ok_or_else(|| malformed("reason", &reason))?;
            Ok(Verdict::NotRated(reason))
        }
        (None, None) => Err(malformed("outcome", "")),
    }
}

fn to_row(evaluation: &Evaluation) -> Result<evaluation::ActiveModel, StoreError> {
    let Evaluation {
        id,
        version,
        cooperative,
        province,
        unit,
        year,
        kind,
        criteria_set,
        criteria_code,
        scores,
        inputs,
        fine,
        operation,
        outcome,
        endorsements,
        state,
        submission,
        agency,
        created_by,
        recorded_at,
        updated_at,
    } = evaluation;
    let (submitted_at, submitted_by, late) = match submission.clone() {
        Some(Submission { at, by, late }) => (Some(at), Some(by), late),
        None => (None, None, None),
    };
    Ok(evaluation::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        cooperative_id: Set(*cooperative),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        year: Set(i32::from(*year)),
        kind: Set(kind.name().to_owned()),
        criteria_set_id: Set(*criteria_set),
        criteria_code: Set(criteria_code.clone()),
        circular: Set(evaluation.circular().to_owned()),
        scores: Set(serde_json::to_string(scores)?),
        inputs: Set(inputs.as_ref().map(serde_json::to_string).transpose()?),
        fine: Set(fine.as_ref().map(serde_json::to_string).transpose()?),
        operation: Set(serde_json::to_string(operation)?),
        total: Set(outcome.total.as_hundredths()),
        rating: Set(outcome.rating().map(ToOwned::to_owned)),
        not_rated_reason: Set(outcome.not_rated_reason().map(|reason| reason.name().to_owned())),
        endorsements: Set(serde_json::to_string(endorsements)?),
        state: Set(state.name().to_owned()),
        submitted_at: Set(submitted_at),
        submitted_by: Set(submitted_by),
        late: Set(late),
        agency_id: Set(*agency),
        created_by: Set(created_by.clone()),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
    })
}
