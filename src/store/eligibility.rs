//! The facts that eligibility is decided on, for many cooperatives in as many queries as for one.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::{annual_figures, cooperative};
use super::{StoreError, applications, evaluations, pilots, schemes};
use crate::domain::application::Application;
use crate::domain::cooperative::{FiguresBasis, GoverningLaw};
use crate::domain::eligibility::{CountingEvaluation, Determination, Facts, determine};
use crate::domain::money::{Money, SignedMoney};
use crate::domain::role::Scope;
use crate::domain::scheme::Scheme;
use crate::domain::selection::SelectionDecision;

/// What is known of some cooperatives, as far as the conditions of a scheme ask. Whoever calls has found a record of
/// each of them in the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn facts(
    db: &impl ConnectionTrait,
    scheme: &Scheme,
    cooperatives: &[Uuid],
) -> Result<HashMap<Uuid, Facts>, StoreError> {
    let mut known: HashMap<Uuid, Facts> = HashMap::with_capacity(cooperatives.len());
    let ids = || cooperatives.iter().copied();
    for row in cooperative::Entity::find().filter(cooperative::Column::Id.is_in(ids())).all(db).await? {
        let law = &row.governing_law;
        let law = GoverningLaw::from_name(law).ok_or_else(|| StoreError::Malformed(format!("law {law}")))?;
        known.entry(row.id).or_default().governing_law = Some(law);
    }
    let years = annual_figures::Entity::find()
        .filter(annual_figures::Column::CooperativeId.is_in(ids()))
        .filter(annual_figures::Column::Year.is_in(scheme.profit_years.iter().map(|year| i32::from(*year))));
    for row in years.all(db).await? {
        let year = u16::try_from(row.year).map_err(|_| StoreError::Malformed(format!("year {}", row.year)))?;
        let profit = row.profit_before_tax.map(|dong| SignedMoney(Money::dong(dong)));
        let sides = known.entry(row.cooperative_id).or_default().profits.entry(year).or_default();
        match FiguresBasis::from_name(&row.basis) {
            Some(FiguresBasis::Verified) => sides.verified = profit,
            Some(FiguresBasis::Declared) => sides.declared = profit,
            None => return Err(StoreError::Malformed(format!("basis {}", row.basis))),
        }
    }
    for (id, evaluation) in evaluations::counting_of(db, cooperatives, scheme.evaluation_year).await? {
        known.entry(id).or_default().evaluation = Some(CountingEvaluation::from(&evaluation));
    }
    Ok(known)
}

/// The applications that a decision chooses, in its order, each with its eligibility on what is known now and the last
/// day that an earlier pilot of the cooperative stopped.
///
/// # Errors
/// The database failed.
pub async fn of_decision(
    db: &impl ConnectionTrait,
    decision: &SelectionDecision,
) -> Result<Vec<(Application, Determination, Option<NaiveDate>)>, StoreError> {
    let scheme = schemes::find(db, &decision.scheme).await?;
    let chosen = decision.content.choices.iter().map(|choice| choice.application);
    let chosen = applications::find_all(db, &Scope::Province(decision.province.clone()), chosen).await?;
    let cooperatives: Vec<Uuid> = chosen.iter().map(|application| application.cooperative).collect();
    let facts = facts(db, &scheme, &cooperatives).await?;
    let stops = pilots::last_stops(db, &cooperatives).await?;
    let determined = |application: Application| {
        let facts = facts.get(&application.cooperative).cloned().unwrap_or_default();
        let determination = determine(&scheme, &facts, &application);
        let stopped_on = stops.get(&application.cooperative).copied();
        (application, determination, stopped_on)
    };
    Ok(chosen.into_iter().map(determined).collect())
}
