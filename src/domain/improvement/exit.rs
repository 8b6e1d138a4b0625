//! The two requirements for leaving the scheme, as verdicts: everything that they are decided on, and each by itself.
//!
//! 2129/QĐ-UBND VI.2.1: at the end (1) the total is 80 to 100 points and (2) each criterion *to be improved* scores at or
//! above what it did in the beginning. Criteria that were not to be improved may fall. [`ExitInputs::decide`] reads
//! nothing but its inputs, so what is kept decides the same again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::listed;
use super::{Achieved, ImprovementPlan, PlannedCriterion};
use crate::domain::pilot::{Pilot, PilotExit};
use crate::domain::role::names;
use crate::domain::scheme::Scheme;
use crate::domain::score::Points;
use crate::domain::text::Text;
use crate::domain::verdict::{Answers, NamedInput, RuleAnswer, RuleVersion};

const LEGAL_BASIS: &str = "2129/QĐ-UBND VI.2.1";

/// The way in which [`ExitInputs::decide`] decides; another way gets another name.
const PROCEDURE: &str = "exit-2";

names! {
    /// Whether a requirement for leaving the scheme is met.
    ExitOutcome {
        /// It is met.
        Met = "met",
        /// It is not met.
        NotMet = "not_met",
        /// It cannot be told: no evaluation, not rated, or points are missing.
        Unknown = "unknown",
    }
}

/// One requirement for leaving the scheme, explained.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitVerdict {
    /// Identifier of the requirement in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "exit_total")]
    pub rule_id: Option<String>,
    /// Met, not met or unknown.
    pub outcome: ExitOutcome,
    /// The verdict in words, with the figures it rests on.
    pub statement: Text,
    /// The version of the scheme that was applied; absent where no verdict was kept.
    pub version: Option<RuleVersion>,
    /// The facts that were used; one without a value is missing. What was kept before verdicts named them has its figures in
    /// the statement alone.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub inputs: Vec<NamedInput>,
    /// Document and article of the requirement.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "2129/QĐ-UBND VI.2.1")]
    pub legal_basis: String,
}

impl ExitVerdict {
    /// The answer where a pilot ended before verdicts were kept: by which rule it is to be told, and that it was not.
    pub(in crate::domain) fn not_kept(rule: &str) -> Self {
        Self {
            rule_id: Some(rule.to_owned()),
            outcome: ExitOutcome::Unknown,
            statement: Text::new(
                "Khi HTX thí điểm kết thúc chưa lưu kết luận; có thể yêu cầu kết luận theo số liệu đã ghi (POST /v1/determinations).",
                "No verdict was kept when the pilot ended; one can be asked for on what is recorded (POST /v1/determinations).",
            ),
            version: None,
            inputs: Vec::new(),
            legal_basis: LEGAL_BASIS.to_owned(),
        }
    }

    fn answer(self) -> RuleAnswer {
        let Self { rule_id, outcome, statement, version, inputs, legal_basis } = self;
        RuleAnswer {
            rule_id: rule_id.unwrap_or_default(),
            verdict: outcome.name().to_owned(),
            explanation: statement,
            version,
            inputs,
            legal_basis,
        }
    }
}

/// What a scheme asks of who leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitRule {
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub scheme: String,
    /// First day on which it is in force.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// Least total, included.
    pub exit_points: Points,
}

impl ExitRule {
    /// What a scheme asks.
    pub fn of(scheme: &Scheme) -> Self {
        Self { scheme: scheme.code.clone(), valid_from: scheme.valid_from, exit_points: scheme.exit_points }
    }

    fn version(&self) -> RuleVersion {
        RuleVersion { of: self.scheme.clone(), id: None, edition: None, valid_from: self.valid_from }
    }

    fn verdict(&self, rule: &str, outcome: ExitOutcome, words: [String; 2], inputs: Vec<NamedInput>) -> ExitVerdict {
        let [vi, en] = words;
        ExitVerdict {
            rule_id: Some(rule.to_owned()),
            outcome,
            statement: Text::new(vi, en),
            version: Some(self.version()),
            inputs,
            legal_basis: LEGAL_BASIS.to_owned(),
        }
    }

    fn not_evaluated(&self, rule: &str) -> ExitVerdict {
        let words = ["Chưa có bản đánh giá để so sánh.", "There is no evaluation yet to compare with."];
        let inputs = vec![NamedInput::of("evaluation.id", None::<Uuid>)];
        self.verdict(rule, ExitOutcome::Unknown, words.map(str::to_owned), inputs)
    }

    /// Whether the total is enough to leave the scheme.
    pub(in crate::domain) fn total_verdict(&self, latest: Option<&Achieved>) -> ExitVerdict {
        let (rule, least) = ("exit_total", self.exit_points);
        let Some(latest) = latest else { return self.not_evaluated(rule) };
        let year = latest.year;
        let mut inputs = of_evaluation(latest);
        inputs.push(NamedInput::of("total", latest.total));
        inputs.push(NamedInput::known("exitPoints", least));
        let (outcome, words) = match latest.total {
            None => (
                ExitOutcome::Unknown,
                [
                    format!("Năm {year} HTX không được xếp loại nên không có tổng điểm để so với {least}."),
                    format!("In {year} the cooperative was not rated: there is no total to compare with {least}."),
                ],
            ),
            Some(total) if total >= least => (
                ExitOutcome::Met,
                [
                    format!("Tổng điểm năm {year} là {total}, đạt yêu cầu từ {least} điểm trở lên."),
                    format!("The total of {year} is {total}, at or above the required {least}."),
                ],
            ),
            Some(total) => (
                ExitOutcome::NotMet,
                [
                    format!("Tổng điểm năm {year} là {total}, thấp hơn yêu cầu {least} điểm."),
                    format!("The total of {year} is {total}, below the required {least}."),
                ],
            ),
        };
        self.verdict(rule, outcome, words, inputs)
    }

    /// Whether each criterion that is, or by an approved revision once was, to be improved is at or above its baseline;
    /// unknown where no plan was approved.
    pub(in crate::domain) fn criteria_verdict(
        &self,
        yardstick: Option<&Yardstick>,
        latest: Option<&Achieved>,
    ) -> ExitVerdict {
        let rule = "exit_criteria";
        let Some(yardstick) = yardstick else {
            let words = ["Không có Kế hoạch hoàn thiện được phê duyệt.", "No improvement plan was approved."];
            let inputs = vec![NamedInput::of("plan", None::<Uuid>)];
            return self.verdict(rule, ExitOutcome::Unknown, words.map(str::to_owned), inputs);
        };
        let Some(latest) = latest else { return self.not_evaluated(rule) };
        let asked = yardstick.all();
        let (outcome, [mut vi, mut en]) = held_against(&asked, latest);
        let mut inputs = of_evaluation(latest);
        for (criterion, baseline) in &asked {
            inputs.push(NamedInput::known(format!("baseline.{criterion}"), baseline));
            inputs.push(NamedInput::of(format!("points.{criterion}"), latest.points.get(criterion)));
        }
        if !yardstick.dropped.is_empty() {
            let names = listed(yardstick.dropped.keys().copied());
            vi.push_str(&format!(
                " Tiêu chí {names} đã được phê duyệt là cần hoàn thiện nên vẫn tính, dù Kế hoạch sửa đổi không còn nêu."
            ));
            en.push_str(&format!(" Criteria {names} were once approved for improvement and still count, though a revised plan drops them."));
            inputs.push(NamedInput::known("dropped", names));
        }
        let words = [vi, en];
        self.verdict(rule, outcome, words, inputs)
    }
}

fn of_evaluation(latest: &Achieved) -> Vec<NamedInput> {
    vec![NamedInput::known("evaluation.id", latest.evaluation), NamedInput::known("evaluation.year", latest.year)]
}

/// What the points of an evaluation come to against baselines.
fn held_against(to_improve: &BTreeMap<u8, Points>, latest: &Achieved) -> (ExitOutcome, [String; 2]) {
    let mut missing = Vec::new();
    let (mut fallen_vi, mut fallen_en) = (Vec::new(), Vec::new());
    for (criterion, baseline) in to_improve {
        match latest.points.get(criterion) {
            None => missing.push(*criterion),
            Some(achieved) if achieved < baseline => {
                fallen_vi.push(format!("tiêu chí {criterion} ({achieved} so với ban đầu {baseline})"));
                fallen_en.push(format!("criterion {criterion} ({achieved} against a baseline of {baseline})"));
            }
            Some(_) => {}
        }
    }
    let (year, count) = (latest.year, to_improve.len());
    if !fallen_vi.is_empty() {
        let (vi, en) = (fallen_vi.join("; "), fallen_en.join("; "));
        let vi = format!("Năm {year}, tiêu chí cần hoàn thiện thấp hơn ban đầu: {vi}.");
        return (
            ExitOutcome::NotMet,
            [vi, format!("In {year} these criteria to be improved are below their baseline: {en}.")],
        );
    }
    if !missing.is_empty() {
        let names = listed(missing.into_iter());
        let vi = format!("Bản đánh giá năm {year} không có điểm của tiêu chí {names}.");
        return (ExitOutcome::Unknown, [vi, format!("The evaluation of {year} has no points for criteria {names}.")]);
    }
    let vi = format!("Năm {year}, cả {count} tiêu chí cần hoàn thiện đều bằng hoặc cao hơn ban đầu.");
    (ExitOutcome::Met, [vi, format!("In {year} all {count} criteria to be improved are at or above their baseline.")])
}

/// The criteria that decide on the exit, each with its baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Yardstick {
    /// Those that the plan in force improves.
    pub to_improve: BTreeMap<u8, Points>,
    /// Those that an earlier approved revision improved and the plan in force does not: they are held all the same, else
    /// the requirement could be revised away when it turns out not to be met.
    pub dropped: BTreeMap<u8, Points>,
}

impl Yardstick {
    /// Of what the approved revisions of a plan say, oldest first.
    pub fn of<'a>(revisions: impl IntoIterator<Item = &'a [PlannedCriterion]>) -> Self {
        let (mut last, mut ever) = (BTreeMap::new(), BTreeMap::new());
        for planned in revisions {
            last = to_improve(planned);
            for (criterion, baseline) in &last {
                ever.entry(*criterion).or_insert(*baseline);
            }
        }
        ever.retain(|criterion, _| !last.contains_key(criterion));
        Self { to_improve: last, dropped: ever }
    }

    /// All of them, by number.
    fn all(&self) -> BTreeMap<u8, Points> {
        let both = self.to_improve.iter().chain(&self.dropped);
        both.map(|(criterion, baseline)| (*criterion, *baseline)).collect()
    }
}

/// The baselines of the criteria that are to be improved.
fn to_improve(planned: &[PlannedCriterion]) -> BTreeMap<u8, Points> {
    let wanted = planned.iter().filter(|criterion| criterion.target.is_some());
    wanted.map(|criterion| (criterion.criterion, criterion.baseline)).collect()
}

/// Everything that the exit of a pilot is decided on, and nothing else.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitInputs {
    /// The way of deciding: `exit-2`; in `exit-1` a criterion that a revision dropped did not count.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "exit-2")]
    pub procedure: String,
    /// The day: evaluations of its year and before are known.
    #[schema(example = "2025-06-30")]
    pub at: NaiveDate,
    /// The pilot.
    pub pilot: Uuid,
    /// What the scheme asks.
    pub rule: ExitRule,
    /// The improvement plan that was approved by that day, in its last revision; absent where none was.
    pub plan: Option<ExitPlan>,
    /// The evaluation that it is measured by; absent where there is none.
    pub evaluation: Option<ExitEvaluation>,
}

/// The yardstick of a pilot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitPlan {
    /// The plan.
    pub id: Uuid,
    /// The criteria that are to be improved, each with its baseline.
    #[schema(max_items = 99)]
    pub to_improve: Vec<CriterionPoints>,
    /// Criteria that an earlier approved revision was to improve and this one is not: they count all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 99)]
    pub dropped: Vec<CriterionPoints>,
}

/// The evaluation that a pilot is measured by.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitEvaluation {
    /// The evaluation.
    pub id: Uuid,
    /// Its year.
    #[schema(minimum = 2000, maximum = 2100, example = 2024)]
    pub year: u16,
    /// Its total; absent when the cooperative was not rated.
    pub total: Option<Points>,
    /// Its points by criterion.
    #[schema(max_items = 99)]
    pub points: Vec<CriterionPoints>,
}

/// A criterion and points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CriterionPoints {
    /// Number of the criterion.
    #[schema(minimum = 1, maximum = 99, example = 7)]
    pub criterion: u8,
    /// The points.
    pub points: Points,
}

fn listed_points(points: &BTreeMap<u8, Points>) -> Vec<CriterionPoints> {
    points.iter().map(|(criterion, points)| CriterionPoints { criterion: *criterion, points: *points }).collect()
}

fn by_number(points: &[CriterionPoints]) -> BTreeMap<u8, Points> {
    points.iter().map(|one| (one.criterion, one.points)).collect()
}

impl ExitInputs {
    /// Puts together what is decided on: the revisions of a pilot's plan that were approved by a day, oldest first, and its
    /// last evaluation up to the year of the day.
    pub fn gather(
        pilot: &Pilot,
        scheme: &Scheme,
        plans: &[ImprovementPlan],
        latest: Option<&Achieved>,
        at: NaiveDate,
    ) -> Self {
        let Yardstick { to_improve, dropped } =
            Yardstick::of(plans.iter().map(|plan| plan.content.criteria.as_slice()));
        let of_plan = |plan: &ImprovementPlan| ExitPlan {
            id: plan.id,
            to_improve: listed_points(&to_improve),
            dropped: listed_points(&dropped),
        };
        let evaluation = |latest: &Achieved| ExitEvaluation {
            id: latest.evaluation,
            year: latest.year,
            total: latest.total,
            points: listed_points(&latest.points),
        };
        Self {
            procedure: PROCEDURE.to_owned(),
            at,
            pilot: pilot.id,
            rule: ExitRule::of(scheme),
            plan: plans.last().map(of_plan),
            evaluation: latest.map(evaluation),
        }
    }

    /// Both requirements, each by itself.
    pub fn exit(&self) -> PilotExit {
        let achieved = self.evaluation.as_ref().map(|one| Achieved {
            evaluation: one.id,
            year: one.year,
            total: one.total,
            points: by_number(&one.points),
        });
        let yardstick = self
            .plan
            .as_ref()
            .map(|plan| Yardstick { to_improve: by_number(&plan.to_improve), dropped: by_number(&plan.dropped) });
        PilotExit {
            plan: self.plan.as_ref().map(|plan| plan.id),
            evaluation: achieved.as_ref().map(|achieved| achieved.evaluation),
            total_verdict: self.rule.total_verdict(achieved.as_ref()),
            criteria_verdict: self.rule.criteria_verdict(yardstick.as_ref(), achieved.as_ref()),
        }
    }

    /// Decides: met where both requirements are, not met as soon as one is not, else unknown.
    pub fn decide(&self) -> Answers {
        let PilotExit { total_verdict, criteria_verdict, .. } = self.exit();
        let both = [total_verdict.outcome, criteria_verdict.outcome];
        let overall = match (both.contains(&ExitOutcome::NotMet), both.contains(&ExitOutcome::Unknown)) {
            (true, _) => ExitOutcome::NotMet,
            (false, true) => ExitOutcome::Unknown,
            (false, false) => ExitOutcome::Met,
        };
        let answers = [total_verdict, criteria_verdict].map(ExitVerdict::answer);
        Answers { overall: overall.name().to_owned(), answers: answers.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::canonical;

    fn inputs(total: Option<i64>, seventh: Option<i64>) -> ExitInputs {
        ExitInputs {
            procedure: PROCEDURE.to_owned(),
            at: "2024-12-31".parse().unwrap(),
            pilot: Uuid::from_u128(1),
            rule: ExitRule {
                scheme: "QD167-2021-2025".to_owned(),
                valid_from: "2021-02-03".parse().unwrap(),
                exit_points: Points::whole(80),
            },
            plan: Some(ExitPlan {
                id: Uuid::from_u128(2),
                to_improve: vec![CriterionPoints { criterion: 7, points: Points::whole(4) }],
                dropped: Vec::new(),
            }),
            evaluation: Some(ExitEvaluation {
                id: Uuid::from_u128(3),
                year: 2024,
                total: total.map(Points::hundredths),
                points: seventh
                    .map(|points| CriterionPoints { criterion: 7, points: Points::hundredths(points) })
                    .into_iter()
                    .collect(),
            }),
        }
    }

    /// Golden case 6: 82 are enough, but criterion 7 fell from 4 to 3.
    #[test]
    fn both_requirements_are_needed_and_each_says_on_what_it_rests() {
        for (total, seventh, overall) in [
            (Some(8_000), Some(400), "met"),
            (Some(7_999), Some(400), "not_met"),
            (Some(8_200), Some(300), "not_met"),
            (None, Some(400), "unknown"),
            (Some(8_200), None, "unknown"),
            (Some(7_999), None, "not_met"),
        ] {
            assert_eq!(inputs(total, seventh).decide().overall, overall, "{total:?} {seventh:?}");
        }
        let fallen = inputs(Some(8_200), Some(300)).decide();
        let criteria = &fallen.answers[1];
        assert_eq!((criteria.rule_id.as_str(), criteria.verdict.as_str()), ("exit_criteria", "not_met"));
        assert_eq!(
            (criteria.legal_basis.as_str(), criteria.version.clone().unwrap().of),
            (LEGAL_BASIS, "QD167-2021-2025".to_owned())
        );
        for known in [NamedInput::known("baseline.7", "4.00"), NamedInput::known("points.7", "3.00")] {
            assert!(criteria.inputs.contains(&known), "{known:?}");
        }
        let no_plan = ExitInputs { plan: None, ..inputs(Some(8_200), Some(400)) };
        assert_eq!(no_plan.decide().overall, "unknown");
    }

    /// The requirement cannot be revised away: what was once approved for improvement stays in it, and is shown as such.
    #[test]
    fn a_criterion_that_a_revision_drops_still_counts() {
        let planned = |criterion, target: Option<i64>| PlannedCriterion {
            criterion,
            baseline: Points::whole(4),
            target: target.map(Points::whole),
            yearly_targets: Vec::new(),
        };
        let (first, second) = ([planned(3, Some(6)), planned(7, Some(6))], [planned(3, Some(6)), planned(7, None)]);
        let Yardstick { to_improve, dropped } = Yardstick::of([first.as_slice(), second.as_slice()]);
        assert_eq!(to_improve, BTreeMap::from([(3, Points::whole(4))]));
        assert_eq!(dropped, BTreeMap::from([(7, Points::whole(4))]));
        // Taken up again it is no longer dropped.
        assert_eq!(Yardstick::of([first.as_slice(), second.as_slice(), first.as_slice()]).dropped, BTreeMap::new());
        let fallen = |points| {
            let mut inputs = inputs(Some(8_200), Some(points));
            let plan = inputs.plan.as_mut().unwrap();
            plan.dropped = std::mem::take(&mut plan.to_improve);
            inputs.decide()
        };
        assert_eq!(fallen(300).overall, "not_met");
        let met = fallen(400);
        assert_eq!(met.overall, "met");
        let criteria = &met.answers[1];
        assert!(criteria.inputs.contains(&NamedInput::known("dropped", "7")), "{criteria:?}");
        assert!(criteria.explanation.en.contains("a revised plan drops them"), "{criteria:?}");
    }

    #[test]
    fn what_is_kept_decides_the_same_to_the_byte() {
        for inputs in [inputs(Some(8_000), Some(400)), inputs(None, None)] {
            let written = canonical(&serde_json::to_value(&inputs).unwrap());
            let read: ExitInputs = serde_json::from_str(&written).unwrap();
            let bytes = |inputs: &ExitInputs| canonical(&serde_json::to_value(inputs.decide()).unwrap());
            assert_eq!(bytes(&read), bytes(&inputs));
        }
    }
}
