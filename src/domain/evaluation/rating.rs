//! The rating of an evaluation as a verdict: everything that it is decided on, and the answers of the two rules, whether
//! there is a rating and which. [`RatingInputs::decide`] reads nothing else, so what is kept decides the same again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::inputs::ScoringInputs;
use super::moves::Evaluated;
use super::standing::{CalendarTime, Standing};
use super::{AdministrativeFine, Evaluation, EvaluationKind, NotRatedReason, Operation, Score, Stop};
use crate::domain::criteria::{CriteriaSet, ForcedRating, ForcingFact, NotRatedConditions, RatingBand};
use crate::domain::score::Points;
use crate::domain::text::Text;
use crate::domain::verdict::{Answers, NamedInput, RuleAnswer, RuleVersion};

/// The way in which [`RatingInputs::decide`] decides; another way gets another name.
pub const PROCEDURE: &str = "rating-1";

/// Everything that a rating is decided on, and nothing else.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingInputs {
    /// The way of deciding: `rating-1`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "rating-1")]
    pub procedure: String,
    /// The day on which the register was read.
    #[schema(example = "2020-12-14")]
    pub at: NaiveDate,
    /// The evaluation.
    pub evaluation: Uuid,
    /// Whose evaluation it is.
    pub kind: EvaluationKind,
    /// The evaluated year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    pub year: u16,
    /// The version of the criteria that it is made under.
    pub criteria: RatedUnder,
    /// The points, in the order of the form.
    #[schema(max_items = 200)]
    pub points: Vec<RatedPoints>,
    /// What the register knew of the cooperative's operation.
    pub operation: RatedOperation,
    /// Whether there was a fine, where the criteria set asks.
    pub administrative_fine: Option<AdministrativeFine>,
}

/// What a version of a criteria set says of ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatedUnder {
    /// Identifier of the version.
    pub id: Uuid,
    /// Code of the set.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    pub code: String,
    /// Its version.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    pub edition: i32,
    /// First day in force.
    #[schema(example = "2020-04-01")]
    pub valid_from: NaiveDate,
    /// The document.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
    /// The ratings, best first.
    #[schema(max_items = 20)]
    pub bands: Vec<RatingBand>,
    /// When there is no rating.
    pub not_rated: NotRatedConditions,
    /// Facts that force a rating.
    #[schema(max_items = 20)]
    pub forced_ratings: Vec<ForcedRating>,
}

/// The points of one leaf of the criteria.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatedPoints {
    /// Code of the leaf.
    #[schema(min_length = 1, max_length = 3, pattern = "^[1-9][0-9]?[a-z]?$", example = "1a")]
    pub criterion: String,
    /// The points that count.
    pub points: Points,
    /// What a scale computed from the figures, where there is one and they sufficed.
    pub computed: Option<Points>,
}

/// What the register knew of a cooperative's operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatedOperation {
    /// Day of foundation.
    #[schema(example = "2012-01-01")]
    pub founded_on: NaiveDate,
    /// Interruptions recorded, in the order of their first days.
    #[schema(max_items = 400)]
    pub interruptions: Vec<RatedStop>,
}

/// A time without operation, both days included.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatedStop {
    /// First day without operation.
    pub from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    pub to_date: Option<NaiveDate>,
}

impl RatingInputs {
    /// What the rating of an evaluation rests on, under the version of the criteria that it is made under.
    pub fn of(evaluation: &Evaluation, set: &CriteriaSet) -> Self {
        let Operation { founded_on, stops, known_on } = &evaluation.operation;
        let stop = |Stop { from_date, to_date }: &Stop| RatedStop { from_date: *from_date, to_date: *to_date };
        let mut interruptions: Vec<_> = stops.iter().map(stop).collect();
        interruptions.sort();
        let points = |Score { criterion, points, computed, .. }: &Score| RatedPoints {
            criterion: criterion.clone(),
            points: *points,
            computed: *computed,
        };
        Self {
            procedure: PROCEDURE.to_owned(),
            at: *known_on,
            evaluation: evaluation.id,
            kind: evaluation.kind,
            year: evaluation.year,
            criteria: RatedUnder {
                id: set.id,
                code: set.code.clone(),
                edition: set.edition,
                valid_from: set.valid_from,
                legal_basis: set.legal_basis.clone(),
                bands: set.criteria.bands.clone(),
                not_rated: set.criteria.not_rated.clone(),
                forced_ratings: set.criteria.forced_ratings.clone(),
            },
            points: evaluation.scores.iter().map(points).collect(),
            operation: RatedOperation { founded_on: *founded_on, interruptions },
            administrative_fine: evaluation.fine.clone(),
        }
    }

    /// What the rating would rest on with what is known of the cooperative now: points that a scale computes are computed
    /// again, those that were entered or overridden stay.
    pub fn on(evaluation: &Evaluation, set: &CriteriaSet, known: &Evaluated) -> Self {
        let read = ScoringInputs::read(&set.criteria, evaluation.kind, evaluation.year, known.field, &known.figures);
        let compute = |code: &str| {
            let scale = set.criteria.leaves().find(|leaf| leaf.code == code)?.scale?;
            read.compute(scale, evaluation.year, set.criteria.points_step).points()
        };
        let now = |score: &Score| {
            let computed = compute(&score.criterion);
            let points = computed.filter(|_| score.override_reason.is_none()).unwrap_or(score.points);
            Score { points, computed, ..score.clone() }
        };
        let scores = evaluation.scores.iter().map(now).collect();
        Self::of(&Evaluation { scores, operation: known.operation.clone(), ..evaluation.clone() }, set)
    }

    /// Decides: whether there is a rating, and which.
    pub fn decide(&self) -> Answers {
        let standing = self.standing();
        let first = self.answer_of_standing(&standing);
        let Some(reason) = standing.reason else {
            let rating = self.rating();
            return Answers { overall: rating.verdict.clone(), answers: vec![first, rating] };
        };
        Answers { overall: reason.name().to_owned(), answers: vec![first] }
    }

    fn standing(&self) -> Standing {
        let stop = |stop: &RatedStop| Stop { from_date: stop.from_date, to_date: stop.to_date };
        let RatedOperation { founded_on, interruptions } = &self.operation;
        let stops = interruptions.iter().map(stop).collect();
        let operation = Operation { founded_on: *founded_on, stops, known_on: self.at };
        Standing::of(&operation, self.year, &self.criteria.not_rated)
    }

    fn version(&self) -> RuleVersion {
        let RatedUnder { id, code, edition, valid_from, .. } = &self.criteria;
        RuleVersion { of: code.clone(), id: Some(*id), edition: Some(*edition), valid_from: *valid_from }
    }

    fn answer_of_standing(&self, standing: &Standing) -> RuleAnswer {
        let conditions = &self.criteria.not_rated;
        let (least, most) = (conditions.minimum_months_operating, conditions.maximum_months_stopped);
        let say = |CalendarTime { months, days }: CalendarTime| {
            (format!("{months} tháng {days} ngày"), format!("{months} months and {days} days"))
        };
        let ((operated_vi, operated_en), (stopped_vi, stopped_en)) = (say(standing.operated), say(standing.stopped));
        let year = self.year;
        RuleAnswer {
            rule_id: "not_rated".to_owned(),
            verdict: standing.reason.map_or("rated", NotRatedReason::name).to_owned(),
            explanation: Text::new(
                format!(
                    "Đến hết năm {year} HTX hoạt động {operated_vi} (cần ít nhất {least} tháng), trong năm ngừng \
                     {stopped_vi} (cho phép {most} tháng)."
                ),
                format!(
                    "At the end of {year} the cooperative had operated {operated_en} ({least} months are needed) and in \
                     the year stopped {stopped_en} ({most} months are allowed)."
                ),
            ),
            version: Some(self.version()),
            inputs: vec![
                NamedInput::known("year", year),
                NamedInput::known("foundedOn", self.operation.founded_on),
                NamedInput::known("monthsOperated", standing.operated.months),
                NamedInput::known("minimumMonthsOperating", least),
                NamedInput::known("monthsStopped", standing.stopped.months),
                NamedInput::known("daysStopped", standing.stopped.days),
                NamedInput::known("maximumMonthsStopped", most),
            ],
            legal_basis: conditions.legal_basis.clone(),
        }
    }

    fn rating(&self) -> RuleAnswer {
        let total: Points = self.points.iter().map(|one| one.points).sum();
        let earned = self.criteria.bands.iter().find(|band| total >= band.minimum);
        let fined = self.administrative_fine.as_ref().map(|fine| fine.fined);
        let forces = |forced: &&ForcedRating| forced.fact == ForcingFact::AdministrativeFine && fined == Some(true);
        let forced = self.criteria.forced_ratings.iter().find(forces);
        let earned_code = earned.map(|band| band.code.clone()).unwrap_or_default();
        let verdict = forced.map_or_else(|| earned_code.clone(), |forced| forced.rating.clone());
        let mut inputs = vec![NamedInput::known("year", self.year), NamedInput::known("total", total)];
        inputs.extend(earned.map(|band| NamedInput::known(format!("rating.{}", band.code), band.minimum)));
        inputs.extend(fined.map(|fined| NamedInput::known("administrativeFine", fined)));
        let name = |code: &str| {
            let band = self.criteria.bands.iter().find(|band| band.code == code);
            band.map_or_else(|| Text::new(code, code), |band| band.name.clone())
        };
        let (Text { vi, en }, minimum) = (name(&verdict), earned.map(|band| band.minimum).unwrap_or_default());
        let explanation = if forced.is_some() {
            Text::new(
                format!("{total} điểm, nhưng bị xử phạt vi phạm hành chính: xếp loại {vi}."),
                format!("{total} points, but fined for an administrative violation: rated {en}."),
            )
        } else {
            Text::new(
                format!("{total} điểm: xếp loại {vi}, từ {minimum} điểm."),
                format!("{total} points: rated {en}, from {minimum} points."),
            )
        };
        let legal_basis = forced.map_or(&self.criteria.legal_basis, |forced| &forced.legal_basis).clone();
        RuleAnswer {
            rule_id: "rating".to_owned(),
            verdict,
            explanation,
            version: Some(self.version()),
            inputs,
            legal_basis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scoring::tests::{full_scores, no_inputs};
    use super::*;
    use crate::domain::criteria::tt01;
    use crate::domain::digest::canonical;
    use crate::domain::evaluation::scoring::{outcome, settle};

    fn inputs(total: i64, founded: &str) -> RatingInputs {
        let set = tt01();
        let day = |text: &str| text.parse().unwrap();
        RatingInputs {
            procedure: PROCEDURE.to_owned(),
            at: day("2020-12-31"),
            evaluation: Uuid::from_u128(1),
            kind: EvaluationKind::Own,
            year: 2020,
            criteria: RatedUnder {
                id: set.id,
                code: set.code.clone(),
                edition: set.edition,
                valid_from: set.valid_from,
                legal_basis: set.legal_basis.clone(),
                bands: set.criteria.bands.clone(),
                not_rated: set.criteria.not_rated.clone(),
                forced_ratings: Vec::new(),
            },
            points: vec![RatedPoints { criterion: "5".to_owned(), points: Points::hundredths(total), computed: None }],
            operation: RatedOperation { founded_on: day(founded), interruptions: Vec::new() },
            administrative_fine: None,
        }
    }

    /// The verdict and the outcome that an evaluation keeps are one.
    #[test]
    fn the_verdict_is_that_of_the_outcome() {
        let set = tt01();
        for (total, founded) in [
            (10_000, "2012-01-01"),
            (8_000, "2012-01-01"),
            (7_999, "2012-01-01"),
            (0, "2020-01-01"),
            (9_000, "2020-02-01"),
        ] {
            let inputs = inputs(total, founded);
            let operation =
                Operation { founded_on: inputs.operation.founded_on, stops: Vec::new(), known_on: inputs.at };
            let kept = outcome(&set, 2020, [Points::hundredths(total)].into_iter(), &operation, None);
            let decided = inputs.decide();
            let reason = kept.not_rated_reason().map(NotRatedReason::name);
            assert_eq!(decided.overall, kept.rating().or(reason).unwrap(), "{total} {founded}");
            assert_eq!(decided.answers.len(), if kept.rating().is_some() { 2 } else { 1 });
        }
    }

    #[test]
    fn the_answer_names_rule_version_article_and_inputs() {
        let decided = inputs(6_500, "2012-01-01").decide();
        let rating = &decided.answers[1];
        assert_eq!((rating.rule_id.as_str(), rating.verdict.as_str()), ("rating", "fair"));
        let version = rating.version.clone().unwrap();
        assert_eq!((version.of.as_str(), version.edition), ("TT01-2020", Some(1)));
        assert_eq!(rating.legal_basis, "01/2020/TT-BKHĐT");
        assert!(rating.inputs.contains(&NamedInput::known("total", "65.00")));
        assert!(rating.inputs.contains(&NamedInput::known("rating.fair", "65.00")));
        let young = inputs(6_500, "2020-01-02").decide();
        assert_eq!((young.overall.as_str(), young.answers[0].rule_id.as_str()), ("operating_too_short", "not_rated"));
        assert!(young.answers[0].inputs.contains(&NamedInput::known("monthsOperated", 11)));
    }

    #[test]
    fn what_is_kept_decides_the_same_to_the_byte() {
        let settled = settle(&tt01(), 2020, &no_inputs(), &full_scores()).unwrap();
        let points = settled.into_iter().map(|one| RatedPoints {
            criterion: one.criterion,
            points: one.points,
            computed: one.computed,
        });
        let inputs = RatingInputs { points: points.collect(), ..inputs(0, "2012-01-01") };
        let written = canonical(&serde_json::to_value(&inputs).unwrap());
        let read: RatingInputs = serde_json::from_str(&written).unwrap();
        let bytes = |inputs: &RatingInputs| canonical(&serde_json::to_value(inputs.decide()).unwrap());
        assert_eq!((bytes(&read), inputs.decide().overall.as_str()), (bytes(&inputs), "good"));
    }
}
