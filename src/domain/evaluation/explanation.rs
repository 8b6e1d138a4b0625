//! Why a result is what it is: points against maxima, who entered them, which band, and how long the cooperative
//! operated and stopped; each with its inputs and its legal basis, so that it can be computed again by hand.

use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::inputs::ScoringInputs;
use super::standing::{CalendarTime, CountedStop, Standing, last_day};
use super::{AdministrativeFine, Evaluation, NotRatedReason, Score};
use crate::domain::cooperative::figure::FigureUsed;
use crate::domain::cooperative::shown::ShownValue;
use crate::domain::criteria::scale::{Computation, Scale, ScaleLine, ScaleStep};
use crate::domain::criteria::{CriteriaSet, Criterion, CriterionGroup, ForcingFact, Leaf, NotRatedConditions};
use crate::domain::evidence::DocumentReference;
use crate::domain::score::Points;
use crate::domain::text::Text;

/// How the total and the rating came about.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationExplanation {
    /// Points of each group, criterion and part against their maxima.
    #[schema(min_items = 1, max_items = 20)]
    pub groups: Vec<ExplainedGroup>,
    /// The rating and its bounds; absent when not rated.
    pub band: Option<ExplainedBand>,
    /// The fact that forces the rating, whatever the total; absent where none does.
    pub forced: Option<ExplainedForce>,
    /// Whether the cooperative operated long enough, and did not stop for too long, to be rated.
    pub standing: ExplainedStanding,
    /// The conclusion in one sentence.
    pub conclusion: Text,
    /// Document that it all comes from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// A group of criteria and its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedGroup {
    /// Code of the group.
    #[schema(min_length = 1, max_length = 5, pattern = "^[IVX]+$", example = "I")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The sum of its criteria.
    pub points: Points,
    /// The most that it can bring.
    pub maximum: Points,
    /// Its criteria.
    #[schema(min_items = 1, max_items = 30)]
    pub criteria: Vec<ExplainedCriterion>,
    /// Document and place in it.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT, nhóm I")]
    pub legal_basis: String,
}

/// A criterion and its points.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCriterion {
    /// Code of the criterion.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "1")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The sum of what is scored of it.
    pub points: Points,
    /// The most that it can bring; absent where only the group's maximum is known.
    pub maximum: Option<Points>,
    /// What was scored: its parts, or the criterion itself.
    #[schema(min_items = 1, max_items = 10)]
    pub scored: Vec<ExplainedScore>,
    /// Document and place in it.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT, nhóm I, tiêu chí 1")]
    pub legal_basis: String,
}

/// One score as it was entered.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedScore {
    /// Code of the leaf.
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The points that count.
    pub points: Points,
    /// How a scale computes them, and what it makes of the figures; absent where there is no scale.
    pub computation: Option<ExplainedComputation>,
    /// Why the points are not those computed.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    pub override_reason: Option<String>,
    /// Evidence given with the points.
    pub document: Option<DocumentReference>,
    /// The most that can be entered; absent where only a maximum above it is known.
    pub maximum: Option<Points>,
    /// Who entered them, or had them computed (`sub`).
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative@0100233488")]
    pub entered_by: String,
}

/// From figures to points: the indicator, the figures used, and where its value falls on the scale.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedComputation {
    /// Code of the indicator.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "average_total_capital")]
    pub indicator: String,
    /// Its name.
    pub name: Text,
    /// What its value is measured in: `dong`, `person` or `percent`.
    #[schema(min_length = 1, max_length = 10, pattern = "^[a-z]+$", example = "dong")]
    pub unit: String,
    /// The figures it is computed from; one without a value is missing.
    #[schema(max_items = 10)]
    pub figures: Vec<FigureUsed>,
    /// Its value, rounded to be shown, within the step or on the part of the line that the exact one falls on: the scale
    /// reads the exact one.
    pub value: Option<ShownValue>,
    /// The step that the value falls on.
    pub step: Option<ScaleStep>,
    /// The line that the value falls on.
    pub line: Option<ScaleLine>,
    /// The points computed; absent where they cannot be.
    pub points: Option<Points>,
    /// Why they cannot be.
    pub gap: Option<Text>,
    /// Document and article of the scale.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// A fact that forces the rating.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedForce {
    /// The fact.
    pub fact: ForcingFact,
    /// Code of the rating that it forces.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "weak")]
    pub rating: String,
    /// The rating that the total alone would earn.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "good")]
    pub earned: Option<String>,
    /// The decision, if it was given.
    pub document: Option<DocumentReference>,
    /// Document and article of the rule.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "09/2017/TT-BNNPTNT")]
    pub legal_basis: String,
}

/// The rating that the total earned.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedBand {
    /// Code of the rating.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "fair")]
    pub rating: String,
    /// Its name.
    pub name: Text,
    /// The smallest total that earns it.
    pub from: Points,
    /// The total from which the next better rating is earned; absent for the best.
    pub below: Option<Points>,
}

/// How long the cooperative operated and stopped, measured at the end of the year.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedStanding {
    /// Day of foundation used.
    pub founded_on: NaiveDate,
    /// The day at whose end it is measured.
    pub measured_on: NaiveDate,
    /// Time of operation up to then.
    pub operated: CalendarTime,
    /// Months of operation that a rating needs; exactly as many are enough.
    #[schema(minimum = 0, maximum = 120, example = 12)]
    pub minimum_months_operating: u32,
    /// Interruptions of the year.
    #[schema(max_items = 400)]
    pub interruptions: Vec<CountedStop>,
    /// What they come to.
    pub stopped: CalendarTime,
    /// Months of interruption that a rating allows; exactly as many are allowed.
    #[schema(minimum = 0, maximum = 12, example = 3)]
    pub maximum_months_stopped: u32,
    /// Whether several interruptions add up.
    #[schema(example = true)]
    pub interruptions_add_up: bool,
    /// The day on which the register was read for this.
    pub known_on: NaiveDate,
    /// Why there is no rating; absent when rated.
    pub not_rated_reason: Option<NotRatedReason>,
    /// Document that the conditions come from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// Explains an evaluation by the criteria set that it was made under, from the inputs stored with it.
pub fn explain(evaluation: &Evaluation, set: &CriteriaSet) -> EvaluationExplanation {
    let band = evaluation.rating().and_then(|rating| explain_band(rating, set));
    let forced = evaluation.rating().and_then(|_| explain_force(evaluation, set));
    EvaluationExplanation {
        groups: set.criteria.groups.iter().map(|group| explain_group(group, evaluation, set)).collect(),
        conclusion: conclude(evaluation, band.as_ref(), forced.as_ref(), &set.criteria.not_rated),
        band,
        forced,
        standing: explain_standing(evaluation, &set.criteria.not_rated),
        legal_basis: set.legal_basis.clone(),
    }
}

fn explain_group(group: &CriterionGroup, evaluation: &Evaluation, set: &CriteriaSet) -> ExplainedGroup {
    let legal_basis = format!("{}, nhóm {}", set.legal_basis, group.code);
    let explain = |criterion| explain_criterion(criterion, evaluation, set, &legal_basis);
    let criteria: Vec<_> = group.criteria.iter().map(explain).collect();
    ExplainedGroup {
        code: group.code.clone(),
        name: group.name.clone(),
        points: criteria.iter().map(|criterion| criterion.points).sum(),
        maximum: group.maximum,
        criteria,
        legal_basis,
    }
}

fn explain_criterion(
    criterion: &Criterion,
    evaluation: &Evaluation,
    set: &CriteriaSet,
    group_basis: &str,
) -> ExplainedCriterion {
    let scored: Vec<_> = criterion.leaves().filter_map(|leaf| explain_score(&leaf, evaluation, set)).collect();
    ExplainedCriterion {
        code: criterion.code.clone(),
        name: criterion.name.clone(),
        points: scored.iter().map(|score| score.points).sum(),
        maximum: criterion.maximum,
        scored,
        legal_basis: format!("{group_basis}, tiêu chí {}", criterion.code),
    }
}

fn explain_score(leaf: &Leaf<'_>, evaluation: &Evaluation, set: &CriteriaSet) -> Option<ExplainedScore> {
    let score = evaluation.scores.iter().find(|score| score.criterion == leaf.code)?;
    let Score { criterion: _, points, computed: _, override_reason, note: _, document, entered_by } = score.clone();
    let computation = leaf.scale.zip(evaluation.inputs.as_ref());
    Some(ExplainedScore {
        code: leaf.code.to_owned(),
        name: leaf.name.clone(),
        points,
        computation: computation.and_then(|(scale, inputs)| explain_computation(scale, inputs, evaluation.year, set)),
        override_reason,
        document,
        maximum: leaf.maximum,
        entered_by,
    })
}

/// Computed again from the inputs that are kept with the evaluation: the same points as then.
fn explain_computation(
    scale: &Scale,
    inputs: &ScoringInputs,
    year: u16,
    set: &CriteriaSet,
) -> Option<ExplainedComputation> {
    let indicator = scale.measures()?;
    let computation = inputs.compute(scale, year, set.criteria.points_step);
    let form = scale.form(inputs.field)?;
    let (value, step) = match computation {
        Computation::Points { value, step, .. } => {
            (Some(form.shown(value, step)), step.and_then(|at| form.steps.get(at)))
        }
        Computation::Missing(_) | Computation::Undefined(..) | Computation::NotCovered => (None, None),
    };
    Some(ExplainedComputation {
        indicator: indicator.name().to_owned(),
        name: indicator.label(),
        unit: indicator.unit().to_owned(),
        figures: inputs.of_indicator(indicator, year),
        value,
        step: step.cloned(),
        line: value.and_then(|_| form.line.clone()),
        points: computation.points(),
        gap: computation.points().is_none().then(|| computation.gap_in_words()),
        legal_basis: scale.legal_basis.clone(),
    })
}

fn explain_band(rating: &str, set: &CriteriaSet) -> Option<ExplainedBand> {
    let band = set.criteria.bands.iter().find(|band| band.code == rating)?;
    Some(ExplainedBand {
        rating: band.code.clone(),
        name: band.name.clone(),
        from: band.minimum,
        below: set.criteria.band_above(band).map(|better| better.minimum),
    })
}

fn explain_force(evaluation: &Evaluation, set: &CriteriaSet) -> Option<ExplainedForce> {
    let AdministrativeFine { fined: _, document } = evaluation.fine.clone().filter(|fine| fine.fined)?;
    let forced = set.criteria.forced_by(ForcingFact::AdministrativeFine)?;
    Some(ExplainedForce {
        fact: forced.fact,
        rating: forced.rating.clone(),
        earned: set.criteria.band(evaluation.total()).map(|band| band.code.clone()),
        document,
        legal_basis: forced.legal_basis.clone(),
    })
}

fn explain_standing(evaluation: &Evaluation, conditions: &NotRatedConditions) -> ExplainedStanding {
    let Standing { operated, stops, stopped, reason } =
        Standing::of(&evaluation.operation, evaluation.year, conditions);
    ExplainedStanding {
        founded_on: evaluation.operation.founded_on,
        measured_on: last_day(evaluation.year),
        operated,
        minimum_months_operating: conditions.minimum_months_operating,
        interruptions: stops,
        stopped,
        maximum_months_stopped: conditions.maximum_months_stopped,
        interruptions_add_up: conditions.interruptions_add_up,
        known_on: evaluation.operation.known_on,
        not_rated_reason: reason,
        legal_basis: conditions.legal_basis.clone(),
    }
}

fn conclude(
    evaluation: &Evaluation,
    band: Option<&ExplainedBand>,
    forced: Option<&ExplainedForce>,
    conditions: &NotRatedConditions,
) -> Text {
    let total = evaluation.total();
    if let Some((ExplainedForce { legal_basis, .. }, ExplainedBand { name, .. })) = forced.zip(band) {
        return Text::new(
            format!("{total} điểm, nhưng bị xử phạt vi phạm hành chính: xếp loại {} ({legal_basis}).", name.vi),
            format!("{total} points, but fined for an administrative violation: rated {} ({legal_basis}).", name.en),
        );
    }
    match (evaluation.outcome.not_rated_reason(), band) {
        (Some(NotRatedReason::OperatingTooShort), _) => Text::new(
            format!("Không xếp loại: hoạt động chưa đủ {} tháng.", conditions.minimum_months_operating),
            format!("Not rated: in operation for less than {} months.", conditions.minimum_months_operating),
        ),
        (Some(NotRatedReason::StoppedTooLong), _) => Text::new(
            format!("Không xếp loại: ngừng hoạt động quá {} tháng trong năm.", conditions.maximum_months_stopped),
            format!("Not rated: stopped for more than {} months in the year.", conditions.maximum_months_stopped),
        ),
        (None, Some(ExplainedBand { name, from, below: Some(below), .. })) => Text::new(
            format!("{total} điểm: xếp loại {} ({from} ≤ T < {below}).", name.vi),
            format!("{total} points: rated {} ({from} ≤ T < {below}).", name.en),
        ),
        (None, Some(ExplainedBand { name, from, below: None, .. })) => Text::new(
            format!("{total} điểm: xếp loại {} ({from} ≤ T ≤ 100.00).", name.vi),
            format!("{total} points: rated {} ({from} ≤ T ≤ 100.00).", name.en),
        ),
        (None, None) => Text::new(format!("{total} điểm."), format!("{total} points.")),
    }
}

#[cfg(test)]
mod tests;
