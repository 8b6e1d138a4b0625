//! What determinations are decided on, as it is known now: one function for each kind.

use chrono::{Datelike, NaiveDate};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::eligibility::{self, Rules};
use super::{
    StoreError, applications, classification, cooperatives, criteria_sets, evaluations, improvement_plans, pilots,
    provincial_plans, rankings, schemes,
};
use crate::domain::classification::{Classed, ClassificationInputs, figures_year};
use crate::domain::cooperative::Registration;
use crate::domain::determination::{DeterminationInputs, DeterminationKind, KeptDetermination, Subject};
use crate::domain::evaluation::rating::RatingInputs;
use crate::domain::improvement::{Achieved, ExitInputs};
use crate::domain::pilot::Pilot;
use crate::domain::role::Scope;

/// What a record in the caller's reach is, and everything that a determination of it is decided on, under the rules in
/// force on a day. Of a rating that is what the evaluation keeps.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn gather(
    db: &impl ConnectionTrait,
    scope: &Scope,
    (kind, of): (DeterminationKind, Uuid),
    at: NaiveDate,
) -> Result<(Subject, DeterminationInputs), StoreError> {
    match kind {
        DeterminationKind::Eligibility => {
            let application = applications::find(db, scope, of).await?;
            let rules = Rules::of(db, &application.scheme, &application.province, at).await?;
            let subject = Subject::from(&application);
            let inputs = eligibility::inputs(db, &rules, at, &[application]).await?.pop();
            Ok((subject, DeterminationInputs::Eligibility(Box::new(inputs.ok_or(StoreError::NotFound)?))))
        }
        DeterminationKind::Rating => {
            let evaluation = evaluations::find(db, scope, of).await?;
            let set = criteria_sets::find(db, evaluation.criteria_set).await?;
            let inputs = RatingInputs::of(&evaluation, &set);
            Ok((Subject::from(&evaluation), DeterminationInputs::Rating(Box::new(inputs))))
        }
        DeterminationKind::Exit => {
            let pilot = pilots::find(db, scope, of).await?;
            let inputs = exit(db, &pilot, at).await?;
            Ok((Subject::from(&pilot), DeterminationInputs::Exit(Box::new(inputs))))
        }
        DeterminationKind::Classification => {
            let cooperative = cooperatives::find(db, scope, of).await?;
            let Registration { field, industry_code, governing_law, .. } = cooperative.registration.clone();
            let year = figures_year(at);
            let sides = cooperatives::figures(db, of, year..=year).await?;
            let known = Classed::read(field, industry_code, year, &sides).under(governing_law);
            let rules = classification::rules(db).await?;
            let inputs = ClassificationInputs::gather(of, rules, at, known);
            Ok((Subject::from(&cooperative), DeterminationInputs::Classification(Box::new(inputs))))
        }
        DeterminationKind::Ranking => {
            let plan = provincial_plans::find(db, scope, of).await?;
            let inputs = rankings::inputs(db, &plan, at).await?;
            Ok((Subject::from(&plan), DeterminationInputs::Ranking(Box::new(inputs))))
        }
    }
}

/// What the same determination would be decided on today: of a rating the figures and interruptions that stand now, under
/// the version of the criteria that the evaluation keeps.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn current(
    db: &impl ConnectionTrait,
    scope: &Scope,
    made: &KeptDetermination,
    today: NaiveDate,
) -> Result<DeterminationInputs, StoreError> {
    let DeterminationInputs::Rating(_) = &made.inputs else {
        return Ok(gather(db, scope, (made.kind(), made.subject.of), today).await?.1);
    };
    let evaluation = evaluations::find(db, scope, made.subject.of).await?;
    let set = criteria_sets::find(db, evaluation.criteria_set).await?;
    let known = evaluations::evaluated(db, scope, evaluation.cooperative, evaluation.year, today).await?;
    Ok(DeterminationInputs::Rating(Box::new(RatingInputs::on(&evaluation, &set, &known))))
}

/// What the exit of a pilot is decided on: its plan as approved by a day and its last evaluation of the year of that day
/// or before, under the criteria of the scheme.
///
/// # Errors
/// The database failed.
pub async fn exit(db: &impl ConnectionTrait, pilot: &Pilot, at: NaiveDate) -> Result<ExitInputs, StoreError> {
    let scheme = schemes::find(db, &pilot.scheme).await?;
    let plans = improvement_plans::approved_by(db, pilot.id, at).await?;
    let (from, criteria) = (scheme.evaluation_year, &scheme.criteria_set);
    let evaluated = evaluations::of_each_year(db, pilot.cooperative, from, criteria).await?;
    let known = evaluated.iter().rfind(|evaluation| i32::from(evaluation.year) <= at.year());
    Ok(ExitInputs::gather(pilot, &scheme, &plans, known.map(Achieved::from).as_ref(), at))
}
