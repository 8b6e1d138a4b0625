//! The indicators that hold the plans against the evaluations of the year: criteria, and the two exit verdicts.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::super::parameters::Parameters;
use super::super::{StoreError, schemes};
use super::{Asked, Found, PILOT, counting_evaluation, plan_in_force, rows};
use crate::domain::evaluation::{Score, points_by_criterion};
use crate::domain::improvement::{Achieved, ExitRule, PlannedCriterion, Progress};
use crate::domain::indicator::{FigureStatus, Indicator, Measure};
use crate::domain::pilot::PilotExit;
use crate::domain::report::FORM_SCHEME;
use crate::domain::score::Points;

/// The plan of a pilot, and the evaluation of the year where one counts.
#[derive(Debug, FromQueryResult)]
struct PlanRow {
    place: String,
    pilot: Uuid,
    revision: i32,
    criteria: String,
    evaluation: Option<Uuid>,
    scores: Option<String>,
    rating: Option<String>,
    total: Option<i64>,
}

/// A revision of a pilot's plan that was approved by the end of the window.
#[derive(Debug, FromQueryResult)]
struct RevisionRow {
    pilot: Uuid,
    revision: i32,
    criteria: String,
}

/// What approved revisions say, by pilot and number.
type Revisions = BTreeMap<(Uuid, i32), Vec<PlannedCriterion>>;

/// The verdicts with which a pilot ended.
#[derive(Debug, FromQueryResult)]
struct EndRow {
    place: String,
    exit_verdicts: String,
}

/// What the plans of a place came to.
#[derive(Debug, Default)]
struct Reached {
    to_improve: i64,
    not_below: i64,
    at_target: i64,
    exits: i64,
    /// Plans without an evaluation of the year.
    unknown: i64,
}

impl PlanRow {
    /// The evaluation as progress is measured by it: without points where the cooperative was not rated.
    fn achieved(&self, year: u16) -> Result<Option<Achieved>, StoreError> {
        let (Some(evaluation), Some(scores)) = (self.evaluation, &self.scores) else { return Ok(None) };
        let rated = self.rating.is_some();
        let scores: Vec<Score> = serde_json::from_str(scores)?;
        Ok(Some(Achieved {
            evaluation,
            year,
            total: self.total.filter(|_| rated).map(Points::hundredths),
            points: if rated { points_by_criterion(&scores) } else { BTreeMap::new() },
        }))
    }
}

fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Asked<'_> {
    /// Criteria to be improved against their baselines and targets; pilots that meet both exit requirements: as kept for
    /// those that ended by the end of the window, by plan and evaluation for those in the scheme then.
    pub(super) async fn progress(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let scheme = schemes::find(db, FORM_SCHEME).await?;
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let counting =
            counting_evaluation(i32::from(self.occasion.period.year()), &scheme.criteria_set, &mut parameters);
        let sql = format!(
            "SELECT {}, i.pilot_id AS pilot, i.revision, i.criteria, e.id AS evaluation, e.scores, e.rating, e.total FROM improvement_plans i \
             JOIN pilots p ON p.id = i.pilot_id LEFT JOIN evaluations e ON e.cooperative_id = p.cooperative_id \
             AND {counting} WHERE {participants} AND {}",
            self.place(PILOT),
            plan_in_force(&to),
        );
        let revisions = self.revisions(db).await?;
        let mut reached: BTreeMap<String, Reached> =
            found.places().into_iter().map(|place| (place, Reached::default())).collect();
        for row in rows::<PlanRow>(db, sql, parameters).await? {
            let planned: Vec<PlannedCriterion> = serde_json::from_str(&row.criteria)?;
            let achieved = row.achieved(self.occasion.period.year())?;
            let before = revisions.range((row.pilot, i32::MIN)..(row.pilot, row.revision));
            let before = before.map(|(_, criteria)| criteria.as_slice());
            let progress = Progress::of(&planned, before, achieved.as_ref(), &ExitRule::of(&scheme));
            let of = reached.entry(row.place).or_default();
            of.to_improve += counted(planned.iter().filter(|criterion| criterion.target.is_some()).count());
            of.not_below += counted(progress.not_below_baseline());
            of.at_target += counted(progress.at_target());
            of.exits += i64::from(progress.exit_met());
            of.unknown += i64::from(achieved.is_none());
        }
        for EndRow { place, exit_verdicts } in self.ends(db).await? {
            let exit: PilotExit = serde_json::from_str(&exit_verdicts)?;
            reached.entry(place).or_default().exits += i64::from(exit.is_met());
        }
        for (place, Reached { to_improve, not_below, at_target, exits, unknown }) in reached {
            let status = if unknown == 0 { FigureStatus::Final } else { FigureStatus::Estimated };
            found.set(&place, Indicator::CriteriaNotBelowBaseline, Measure::sum(not_below), status);
            found.set(&place, Indicator::CriteriaAtTarget, Measure::sum(at_target), status);
            found.set(&place, Indicator::CriteriaTargetRate, Measure::ratio(at_target, to_improve), status);
            found.set(&place, Indicator::PilotsExitMet, Measure::sum(exits), status);
        }
        Ok(())
    }

    /// The revisions of plans that were approved by the end of the window: what one was to improve counts for the exit still
    /// when a later one drops it.
    async fn revisions(self, db: &impl ConnectionTrait) -> Result<Revisions, StoreError> {
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let sql = format!(
            "SELECT i.pilot_id AS pilot, i.revision, i.criteria FROM improvement_plans i \
             JOIN pilots p ON p.id = i.pilot_id WHERE {participants} AND i.state IN ('approved', 'superseded') \
             AND i.decision_date <= {to}",
        );
        let one = |row: RevisionRow| Ok(((row.pilot, row.revision), serde_json::from_str(&row.criteria)?));
        rows::<RevisionRow>(db, sql, parameters).await?.into_iter().map(one).collect()
    }

    /// The pilots that ended by the end of the window, with their verdicts.
    async fn ends(self, db: &impl ConnectionTrait) -> Result<Vec<EndRow>, StoreError> {
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let sql = format!(
            "SELECT {}, p.exit_verdicts FROM pilots p WHERE {pilots} AND p.ended_on <= {to} \
             AND p.exit_verdicts IS NOT NULL",
            self.place(PILOT),
        );
        rows(db, sql, parameters).await
    }
}
