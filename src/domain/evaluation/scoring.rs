//! From scores to a total and a rating. Points come from a scale or from the evaluator; three maxima bind: of what is
//! scored, of its criterion, of its group.

use std::collections::HashMap;
use std::fmt::Display;

use super::inputs::ScoringInputs;
use super::standing::Standing;
use super::{AdministrativeFine, NewScore, Operation, Outcome, Verdict};
use crate::domain::criteria::scale::Computation;
use crate::domain::criteria::{Criteria, CriteriaSet, ForcingFact, Leaf};
use crate::domain::evidence::DocumentReference;
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::score::Points;
use crate::domain::text::Text;

/// What can be wrong with one member of the scores, and where.
type Faults = Vec<Fault>;

/// The points of a leaf, settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Code of the leaf.
    pub criterion: String,
    /// Its points.
    pub points: Points,
    /// What its scale makes of the figures, where there is a scale and the figures suffice.
    pub computed: Option<Points>,
    /// Why the points are not those computed.
    pub override_reason: Option<String>,
    /// Note on the form.
    pub note: Option<String>,
    /// Evidence.
    pub document: Option<DocumentReference>,
}

/// Settles the points of every leaf, in the order of the form: computed where there is a scale, unless overridden with
/// a reason; entered where there is none.
///
/// # Errors
/// Every fault, each with its place: what is missing, what is too much, what is overridden without a reason.
pub fn settle(
    set: &CriteriaSet,
    year: u16,
    inputs: &ScoringInputs,
    scores: &[NewScore],
) -> Result<Vec<Settled>, Refusal> {
    let (settled, faults) = Form::read(&set.criteria, year, inputs, scores).settle();
    if faults.is_empty() {
        return Ok(settled);
    }
    let (vi, en) = (
        format!("Bảng điểm không đúng Bộ tiêu chí {} ({} lỗi).", set.code, faults.len()),
        format!("The scores do not fit the criteria set {} ({} faults).", set.code, faults.len()),
    );
    Err(Refusal::new(Rule::InvalidScores, vi, en)
        .given(&[("criteriaSet", &set.code), ("faults", &faults.len())])
        .with_faults(faults))
}

/// A set whose rating depends on a fine asks whether there was one; others do not.
///
/// # Errors
/// Not stated though asked; stated though not asked.
pub fn check_fine(set: &CriteriaSet, fine: Option<&AdministrativeFine>) -> Result<(), Refusal> {
    let asks = set.criteria.forced_by(ForcingFact::AdministrativeFine).is_some();
    match (asks, fine) {
        (true, Some(_)) | (false, None) => Ok(()),
        (true, None) => Err(Refusal::at(
            Rule::FineNotStated,
            "/administrativeFine",
            format!("Bộ tiêu chí {} cần biết trong năm HTX có bị xử phạt vi phạm hành chính hay không.", set.code),
            format!("The criteria set {} asks whether the cooperative was fined in the year.", set.code),
        )
        .given(&[("criteriaSet", &set.code)])),
        (false, Some(_)) => Err(Refusal::at(
            Rule::FineNotAsked,
            "/administrativeFine",
            format!("Bộ tiêu chí {} không xét việc xử phạt vi phạm hành chính.", set.code),
            format!("A fine has no bearing under the criteria set {}.", set.code),
        )
        .given(&[("criteriaSet", &set.code)])),
    }
}

/// Total and rating of points that were settled.
pub fn outcome(
    set: &CriteriaSet,
    year: u16,
    points: impl Iterator<Item = Points>,
    operation: &Operation,
    fine: Option<&AdministrativeFine>,
) -> Outcome {
    let total: Points = points.sum();
    let standing = Standing::of(operation, year, &set.criteria.not_rated);
    let fined = fine.is_some_and(|fine| fine.fined);
    let forced = set.criteria.forced_by(ForcingFact::AdministrativeFine).filter(|_| fined);
    let earned = || set.criteria.band(total).map(|band| band.code.clone()).unwrap_or_default();
    let rating = || forced.map_or_else(earned, |forced| forced.rating.clone());
    let verdict = standing.reason.map_or_else(|| Verdict::Rated(rating()), Verdict::NotRated);
    Outcome { total, verdict }
}

/// The scores laid onto the form: which score is given for which leaf.
struct Form<'a> {
    criteria: &'a Criteria,
    year: u16,
    inputs: &'a ScoringInputs,
    scores: &'a [NewScore],
    /// Where the first score of each leaf stands.
    first: HashMap<&'a str, usize>,
}

impl<'a> Form<'a> {
    fn read(criteria: &'a Criteria, year: u16, inputs: &'a ScoringInputs, scores: &'a [NewScore]) -> Self {
        let mut first = HashMap::with_capacity(scores.len());
        for (index, score) in scores.iter().enumerate() {
            first.entry(score.criterion.as_str()).or_insert(index);
        }
        Self { criteria, year, inputs, scores, first }
    }

    fn settle(&self) -> (Vec<Settled>, Faults) {
        let mut faults = self.faults_of_scores();
        let mut settled = Vec::with_capacity(self.scores.len());
        let mut points: HashMap<&str, Points> = HashMap::with_capacity(self.scores.len());
        for leaf in self.criteria.leaves() {
            let given = self.first.get(leaf.code).and_then(|at| Some((*at, self.scores.get(*at)?)));
            match self.settle_leaf(&leaf, given) {
                Ok(one) => {
                    points.insert(leaf.code, one.points);
                    settled.push(one);
                }
                Err(fault) => {
                    points.extend(given.and_then(|(_, score)| Some((leaf.code, score.points?))));
                    faults.push(fault);
                }
            }
        }
        faults.extend(exceeded_sums(self.criteria, &points));
        (settled, faults)
    }

    /// The points of one leaf: given, computed, or overridden.
    fn settle_leaf(&self, leaf: &Leaf<'_>, given: Option<(usize, &NewScore)>) -> Result<Settled, Fault> {
        let computation = leaf.scale.map(|scale| self.inputs.compute(scale, self.year, self.criteria.points_step));
        let computed = computation.as_ref().and_then(Computation::points);
        let entered = given.and_then(|(_, score)| score.points);
        let reason = given.and_then(|(_, score)| score.override_reason.as_ref());
        let at = Place(given.map(|(index, _)| index));
        let points = match (&computation, computed, entered, reason) {
            (None, _, Some(points), None) | (Some(_), None, Some(points), Some(_)) => Ok(points),
            (None, _, None, None) => Err(at.missing(leaf)),
            (Some(_), Some(points), None, None) => Ok(points),
            (Some(_), Some(computed), Some(points), None) if points == computed => Ok(points),
            (Some(_), Some(computed), Some(points), Some(_)) if points != computed => Ok(points),
            (None, ..) | (Some(_), Some(_), _, Some(_)) => Err(at.unneeded(leaf, computed)),
            (Some(_), Some(computed), Some(points), None) => Err(at.unreasoned(leaf, points, computed)),
            (Some(computation), None, Some(_), None) => Err(at.unreasoned_gap(leaf, computation)),
            (Some(computation), None, None, _) => Err(at.figures_missing(leaf, computation)),
        }?;
        Ok(Settled {
            criterion: leaf.code.to_owned(),
            points,
            computed,
            override_reason: reason.cloned(),
            note: given.and_then(|(_, score)| score.note.clone()),
            document: given.and_then(|(_, score)| score.document.clone()),
        })
    }

    fn faults_of_scores(&self) -> Faults {
        let leaves: HashMap<&str, Leaf> = self.criteria.leaves().map(|leaf| (leaf.code, leaf)).collect();
        let mut faults = Vec::new();
        for (index, score) in self.scores.iter().enumerate() {
            let code = score.criterion.as_str();
            let Some(leaf) = leaves.get(code) else {
                faults.push(self.unknown(index, code));
                continue;
            };
            if let Some(first) = self.first.get(code).filter(|first| **first != index) {
                faults.push(duplicate(index, *first, code));
            }
            let Some(points) = score.points else { continue };
            faults.extend(leaf_exceeded(index, points, leaf));
            faults.extend(self.off_step(index, points));
        }
        faults
    }

    fn unknown(&self, index: usize, code: &str) -> Fault {
        let parts = self.criteria.groups.iter().flat_map(|group| &group.criteria).find(|whole| whole.code == code);
        let (vi, en) = match parts {
            Some(whole) => {
                let parts = whole.leaves().map(|leaf| leaf.code).collect::<Vec<_>>().join(", ");
                (
                    format!("Tiêu chí {code} được chấm theo từng phần: {parts}."),
                    format!("Criterion {code} is scored on its parts: {parts}."),
                )
            }
            None => (format!("Không có tiêu chí {code}."), format!("There is no criterion {code}.")),
        };
        Fault::at(format!("/scores/{index}/criterion"), Rule::UnknownCriterion.code(), vi, en)
            .given(&[("criterion", &code)])
    }

    fn off_step(&self, index: usize, points: Points) -> Option<Fault> {
        let step = self.criteria.points_step;
        if points.as_hundredths() % step.as_hundredths().max(1) == 0 {
            return None;
        }
        let vi = format!("{points} không phải bội số của {step}.");
        let en = format!("{points} is not a multiple of {step}.");
        Some(
            Fault::at(format!("/scores/{index}/points"), Rule::PointsStep.code(), vi, en)
                .given(&[("points", &points), ("step", &step)]),
        )
    }
}

/// Where a score stands among those sent, if it was.
#[derive(Clone, Copy)]
struct Place(Option<usize>);

impl Place {
    fn fault(self, member: &str, rule: Rule, (vi, en): (String, String), inputs: &[(&str, &dyn Display)]) -> Fault {
        let pointer = self.0.map_or_else(|| "/scores".to_owned(), |index| format!("/scores/{index}/{member}"));
        Fault::at(pointer, rule.code(), vi, en).given(inputs)
    }

    fn missing(self, leaf: &Leaf<'_>) -> Fault {
        let vi = format!("Thiếu điểm tiêu chí {} ({}).", leaf.code, leaf.name.vi);
        let en = format!("Criterion {} ({}) has no score.", leaf.code, leaf.name.en);
        self.fault("points", Rule::MissingScore, (vi, en), &[("criterion", &leaf.code), ("name", &leaf.name.vi)])
    }

    fn figures_missing(self, leaf: &Leaf<'_>, computation: &Computation) -> Fault {
        let Text { vi, en } = computation.gap_in_words();
        let inputs: [(&str, &dyn Display); 2] = [("criterion", &leaf.code), ("missing", &computation.gaps())];
        let vi = format!("Không tính được điểm tiêu chí {}: {vi}.", leaf.code);
        let en = format!("The points of criterion {} cannot be computed: {en}.", leaf.code);
        self.fault("points", Rule::FiguresMissing, (vi, en), &inputs)
    }

    fn unreasoned(self, leaf: &Leaf<'_>, points: Points, computed: Points) -> Fault {
        let vi = format!("Tiêu chí {}: tính được {computed} điểm, nhập {points} điểm mà không nêu lý do.", leaf.code);
        let en = format!("Criterion {}: {computed} points were computed; {points} need a reason.", leaf.code);
        let inputs: [(&str, &dyn Display); 3] =
            [("criterion", &leaf.code), ("computed", &computed), ("points", &points)];
        self.fault("overrideReason", Rule::OverrideUnreasoned, (vi, en), &inputs)
    }

    fn unreasoned_gap(self, leaf: &Leaf<'_>, computation: &Computation) -> Fault {
        let Text { vi, en } = computation.gap_in_words();
        let vi = format!("Tiêu chí {} không tính được ({vi}): điểm nhập phải nêu lý do.", leaf.code);
        let en = format!("Criterion {} cannot be computed ({en}): points entered need a reason.", leaf.code);
        let inputs: [(&str, &dyn Display); 2] = [("criterion", &leaf.code), ("missing", &computation.gaps())];
        self.fault("overrideReason", Rule::OverrideUnreasoned, (vi, en), &inputs)
    }

    fn unneeded(self, leaf: &Leaf<'_>, computed: Option<Points>) -> Fault {
        let words = match computed {
            Some(computed) => (
                format!("Tiêu chí {}: không có điểm khác {computed} điểm đã tính.", leaf.code),
                format!("Criterion {}: no points differ from the {computed} computed.", leaf.code),
            ),
            None => (
                format!("Tiêu chí {} không có thang điểm: điểm do người đánh giá nhập.", leaf.code),
                format!("Criterion {} has no scale: its points are the evaluator's.", leaf.code),
            ),
        };
        let computed = computed.map_or_else(|| "–".to_owned(), |computed| computed.to_string());
        let inputs: [(&str, &dyn Display); 2] = [("criterion", &leaf.code), ("computed", &computed)];
        self.fault("overrideReason", Rule::OverrideUnneeded, words, &inputs)
    }
}

fn duplicate(index: usize, first: usize, code: &str) -> Fault {
    let vi = format!("Tiêu chí {code} đã có điểm ở /scores/{first}.");
    let en = format!("Criterion {code} is already scored at /scores/{first}.");
    Fault::at(format!("/scores/{index}/criterion"), Rule::DuplicateScore.code(), vi, en)
        .given(&[("criterion", &code), ("first", &first)])
}

fn leaf_exceeded(index: usize, points: Points, leaf: &Leaf) -> Option<Fault> {
    let maximum = leaf.maximum.filter(|maximum| points > *maximum)?;
    let vi = format!("Tiêu chí {}: {points} điểm, tối đa {maximum}.", leaf.code);
    let en = format!("Criterion {}: {points} points, {maximum} at most.", leaf.code);
    Some(Fault::at(format!("/scores/{index}/points"), Rule::PointsAboveMaximum.code(), vi, en).given(&[
        ("of", &leaf.code),
        ("points", &points),
        ("maximum", &maximum),
    ]))
}

/// The sums that exceed the maximum of their criterion or group. Of criteria only those in parts: a whole one is its
/// own leaf.
pub(super) fn exceeded_sums(criteria: &Criteria, points: &HashMap<&str, Points>) -> Faults {
    let of_leaf = |leaf: Leaf<'_>| points.get(leaf.code).copied();
    let mut faults = Vec::new();
    for group in &criteria.groups {
        for criterion in group.criteria.iter().filter(|criterion| !criterion.sub_criteria.is_empty()) {
            let what = ("tiêu chí", "criterion", criterion.code.as_str());
            let sum = criterion.leaves().filter_map(of_leaf).sum();
            faults.extend(criterion.maximum.and_then(|maximum| exceeded(sum, maximum, what)));
        }
        let what = ("nhóm", "group", group.code.as_str());
        faults.extend(exceeded(group.leaves().filter_map(of_leaf).sum(), group.maximum, what));
    }
    faults
}

fn exceeded(sum: Points, maximum: Points, (vi, en, of): (&str, &str, &str)) -> Option<Fault> {
    if sum <= maximum {
        return None;
    }
    let vi = format!("Tổng điểm {vi} {of} là {sum}, tối đa {maximum}.");
    let en = format!("The points of {en} {of} sum to {sum}, {maximum} at most.");
    Some(Fault::at("/scores", Rule::PointsAboveMaximum.code(), vi, en).given(&[
        ("of", &of),
        ("points", &sum),
        ("maximum", &maximum),
    ]))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::cooperative::figure::{FigureUsed, YearFigure};
    use crate::domain::cooperative::{Field, FiguresBasis};
    use crate::domain::criteria::tt01;
    use crate::domain::evaluation::{NotRatedReason, Stop};
    use crate::domain::quantity::Quantity;

    /// Whole points for each leaf of Circular 01/2020: 82.00 in all.
    pub(crate) const FULL: [(&str, i64); 21] = [
        ("1a", 5),
        ("1b", 1),
        ("2a", 4),
        ("2b", 1),
        ("3a", 3),
        ("3b", 2),
        ("3c", 3),
        ("4a", 2),
        ("4b", 2),
        ("4c", 1),
        ("5", 8),
        ("6", 6),
        ("7a", 2),
        ("7b", 1),
        ("7c", 1),
        ("8", 5),
        ("9", 3),
        ("10", 8),
        ("11", 8),
        ("12", 8),
        ("13", 8),
    ];

    pub(crate) fn full_scores() -> Vec<NewScore> {
        let rest = [("14", 0), ("15", 0)];
        FULL.into_iter().chain(rest).map(|(code, points)| score(code, Points::whole(points))).collect()
    }

    fn score(criterion: &str, points: Points) -> NewScore {
        NewScore::of(criterion, points)
    }

    fn with(changes: &[(&str, i64)]) -> Vec<NewScore> {
        let mut scores = full_scores();
        for (code, hundredths) in changes {
            let score = scores.iter_mut().find(|score| score.criterion == *code).unwrap();
            score.points = Some(Points::hundredths(*hundredths));
        }
        scores
    }

    /// Inputs of a set without scales.
    pub(crate) fn no_inputs() -> ScoringInputs {
        ScoringInputs { field: Field::Agriculture, figures: Vec::new() }
    }

    fn check(set: &CriteriaSet, scores: &[NewScore]) -> Result<Vec<Settled>, Refusal> {
        settle(set, 2020, &no_inputs(), scores)
    }

    fn faults(scores: &[NewScore]) -> Vec<(String, &'static str)> {
        let refusal = check(&tt01(), scores).err();
        let faults = refusal.map(|refusal| refusal.faults).unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn operating() -> Operation {
        let day = |text: &str| text.parse().unwrap();
        Operation { founded_on: day("2012-01-01"), stops: Vec::new(), known_on: day("2020-12-31") }
    }

    fn rated(hundredths: i64) -> Outcome {
        outcome(&tt01(), 2020, [Points::hundredths(hundredths)].into_iter(), &operating(), None)
    }

    #[test]
    fn ratings_begin_exactly_at_their_minimum() {
        let table = [
            (10_000, "good"),
            (8_000, "good"),
            (7_999, "fair"),
            (6_500, "fair"),
            (6_499, "average"),
            (5_000, "average"),
            (4_999, "weak"),
            (0, "weak"),
        ];
        for (total, rating) in table {
            assert_eq!(rated(total).rating(), Some(rating), "{total}");
        }
    }

    #[test]
    fn a_full_form_within_its_maxima_passes() {
        assert_eq!(faults(&full_scores()), []);
        let points = full_scores().into_iter().filter_map(|score| score.points);
        assert_eq!(outcome(&tt01(), 2020, points, &operating(), None).total, Points::whole(82));
    }

    #[test]
    fn six_and_a_half_points_for_criterion_1a_are_refused() {
        let over = ("/scores/0/points".to_owned(), "points_above_maximum");
        assert_eq!(faults(&with(&[("1a", 650), ("1b", 0)])), [over]);
        assert_eq!(faults(&with(&[("1a", 600)])), []);
    }

    #[test]
    fn the_whole_of_group_iii_is_capped_at_forty() {
        assert_eq!(faults(&with(&[("10", 1_600)])), []);
        assert_eq!(faults(&with(&[("10", 1_601)])), [("/scores".to_owned(), "points_above_maximum")]);
    }

    #[test]
    fn every_fault_is_reported_at_its_place() {
        let mut scores = with(&[("1a", 650), ("5", 900)]);
        scores.pop();
        scores.push(score("6", Points::ZERO));
        scores.push(score("1", Points::whole(7)));
        scores.push(score("16", Points::ZERO));
        let expected = [
            ("/scores/0/points", "points_above_maximum"),
            ("/scores/10/points", "points_above_maximum"),
            ("/scores/22/criterion", "duplicate_score"),
            ("/scores/23/criterion", "unknown_criterion"),
            ("/scores/24/criterion", "unknown_criterion"),
            ("/scores", "missing_score"),
            ("/scores", "points_above_maximum"),
        ];
        assert_eq!(faults(&scores), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn points_are_no_finer_than_the_step_of_the_set() {
        let mut set = tt01();
        set.criteria.points_step = Points::hundredths(50);
        let refusal = check(&set, &with(&[("1a", 525)])).unwrap_err();
        assert_eq!((refusal.faults[0].pointer.as_str(), refusal.faults[0].code), ("/scores/0/points", "points_step"));
    }

    #[test]
    fn a_cooperative_that_is_not_rated_keeps_its_total() {
        let founded_late = Operation { founded_on: "2020-02-01".parse().unwrap(), ..operating() };
        let stop = Stop { from_date: "2020-03-01".parse().unwrap(), to_date: "2020-06-01".parse().ok() };
        let stopped = Operation { stops: vec![stop], ..operating() };
        let cases = [(founded_late, NotRatedReason::OperatingTooShort), (stopped, NotRatedReason::StoppedTooLong)];
        for (operation, reason) in cases {
            let outcome = outcome(&tt01(), 2020, [Points::whole(90)].into_iter(), &operation, None);
            assert_eq!((outcome.total, outcome.rating()), (Points::whole(90), None));
            assert_eq!(outcome.not_rated_reason(), Some(reason));
        }
    }

    /// The circular with a scale on 1b: growth of capital, 0.00 up to zero, 1.00 above.
    fn with_scale() -> CriteriaSet {
        let mut set = tt01();
        let scale = json!({"indicator": "total_capital_growth", "legalBasis": "mẫu", "forms": [{"steps": [
            {"range": {"to": "0", "toIncluded": true}, "points": "0.00"},
            {"range": {"from": "0", "fromIncluded": false}, "points": "1.00"},
        ]}]});
        set.criteria.groups[0].criteria[0].sub_criteria[1].scale = serde_json::from_value(scale).ok();
        assert_eq!(set.check(), Ok(()));
        set
    }

    /// Total capital at the end of 2019 and of 2020, as far as it is stated.
    fn capital(then: Option<i64>, now: Option<i64>) -> ScoringInputs {
        let side = |year, value: Option<i64>| FigureUsed {
            figure: YearFigure::TotalCapital,
            year,
            basis: value.map(|_| FiguresBasis::Declared),
            value: value.map(|units| Quantity { units, hundredths: false }),
            recorded_by: None,
        };
        ScoringInputs { field: Field::Agriculture, figures: vec![side(2019, then), side(2020, now)] }
    }

    /// What comes of criterion 1b: points, computed points, or the fault.
    fn settled_1b(inputs: &ScoringInputs, points: Option<i64>, reason: bool) -> Result<(i64, Option<i64>), String> {
        let mut scores = full_scores();
        let score = scores.iter_mut().find(|score| score.criterion == "1b").unwrap();
        score.points = points.map(Points::hundredths);
        score.override_reason = reason.then(|| "theo kiểm toán".to_owned());
        match settle(&with_scale(), 2020, inputs, &scores) {
            Ok(settled) => {
                let one = settled.into_iter().find(|one| one.criterion == "1b").unwrap();
                Ok((one.points.as_hundredths(), one.computed.map(Points::as_hundredths)))
            }
            Err(refusal) => {
                let faults = refusal.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code));
                Err(faults.collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[test]
    fn computed_points_stand_unless_overridden_with_a_reason() {
        let grew = capital(Some(100), Some(101));
        let (same, fell) = (capital(Some(100), Some(100)), capital(Some(100), Some(99)));
        assert_eq!(settled_1b(&grew, None, false), Ok((100, Some(100))));
        assert_eq!(settled_1b(&same, None, false), Ok((0, Some(0))));
        assert_eq!(settled_1b(&fell, None, false), Ok((0, Some(0))));
        assert_eq!(settled_1b(&grew, Some(100), false), Ok((100, Some(100))));
        assert_eq!(settled_1b(&grew, Some(50), true), Ok((50, Some(100))));
        let refused = |code: &str| Err(format!("/scores/1/overrideReason {code}"));
        assert_eq!(settled_1b(&grew, Some(50), false), refused("override_unreasoned"));
        assert_eq!(settled_1b(&grew, Some(100), true), refused("override_unneeded"));
        assert_eq!(settled_1b(&grew, None, true), refused("override_unneeded"));
    }

    #[test]
    fn a_missing_figure_is_named_and_points_for_it_need_a_reason() {
        let unknown = capital(None, Some(101));
        assert_eq!(settled_1b(&unknown, None, false), Err("/scores/1/points figures_missing".to_owned()));
        assert_eq!(
            settled_1b(&unknown, Some(50), false),
            Err("/scores/1/overrideReason override_unreasoned".to_owned())
        );
        assert_eq!(settled_1b(&unknown, Some(50), true), Ok((50, None)));
        let mut scores = full_scores();
        scores.retain(|score| score.criterion != "1b");
        let refusal = settle(&with_scale(), 2020, &unknown, &scores).unwrap_err();
        assert_eq!(
            refusal.faults[0].message.en,
            "The points of criterion 1b cannot be computed: total capital of 2019 not stated."
        );
        assert_eq!(refusal.faults[0].message.vi, "Không tính được điểm tiêu chí 1b: thiếu tổng nguồn vốn năm 2019.");
        let founded = capital(Some(0), Some(101));
        let refusal = settle(&with_scale(), 2020, &founded, &scores).unwrap_err();
        assert!(refusal.faults[0].message.en.contains("the total capital of 2019 is not above 0"));
    }

    #[test]
    fn a_reason_without_a_scale_is_refused() {
        let mut scores = full_scores();
        scores[0].override_reason = Some("không rõ".to_owned());
        assert_eq!(faults(&scores), [("/scores/0/overrideReason".to_owned(), "override_unneeded")]);
        let mut scores = full_scores();
        scores[0].points = None;
        assert_eq!(faults(&scores), [("/scores/0/points".to_owned(), "missing_score")]);
    }

    #[test]
    fn a_fine_forces_the_rating_where_the_set_says_so() {
        let mut set = tt01();
        let fine = |fined| AdministrativeFine { fined, document: None };
        let refused = |set: &CriteriaSet, fine: Option<AdministrativeFine>| {
            check_fine(set, fine.as_ref()).err().map(|refusal| refusal.rule)
        };
        assert_eq!(refused(&set, None), None);
        assert_eq!(refused(&set, Some(fine(true))), Some(Rule::FineNotAsked));
        let forced = json!([{"fact": "administrative_fine", "rating": "weak", "legalBasis": "09/2017/TT-BNNPTNT"}]);
        set.criteria.forced_ratings = serde_json::from_value(forced).unwrap();
        assert_eq!(refused(&set, None), Some(Rule::FineNotStated));
        let rated = |fined, operation: &Operation| {
            let outcome = outcome(&set, 2020, [Points::whole(95)].into_iter(), operation, Some(&fine(fined)));
            (outcome.total, outcome.rating().map(str::to_owned), outcome.not_rated_reason())
        };
        assert_eq!(rated(false, &operating()), (Points::whole(95), Some("good".to_owned()), None));
        assert_eq!(rated(true, &operating()), (Points::whole(95), Some("weak".to_owned()), None));
        // Who is not rated is not rated weak either.
        let young = Operation { founded_on: "2020-02-01".parse().unwrap(), ..operating() };
        assert_eq!(rated(true, &young), (Points::whole(95), None, Some(NotRatedReason::OperatingTooShort)));
    }

    /// Any form: each leaf with points from nothing to somewhat more than a group can bring.
    fn any_scores() -> impl Strategy<Value = Vec<NewScore>> {
        proptest::collection::vec(0_i64..900, 23).prop_map(|points| {
            let leaf =
                |(score, points): (NewScore, i64)| NewScore { points: Some(Points::hundredths(points)), ..score };
            full_scores().into_iter().zip(points).map(leaf).collect()
        })
    }

    fn rank(rating: Option<&str>) -> Option<usize> {
        tt01().criteria.bands.iter().rev().position(|band| Some(band.code.as_str()) == rating)
    }

    proptest! {
        #[test]
        fn what_passes_never_exceeds_a_maximum(scores in any_scores(), scale in 1_i64..=4) {
            let shrunk = |points: Points| Points::hundredths(points.as_hundredths() / scale / 2);
            let shrink = |score: &NewScore| NewScore { points: score.points.map(shrunk), ..score.clone() };
            let scores: Vec<_> = scores.iter().map(shrink).collect();
            let set = tt01();
            let sum = |leaves: &[&str]| -> Points {
                scores.iter().filter(|score| leaves.contains(&score.criterion.as_str())).filter_map(|score| score.points).sum()
            };
            let fits = set.criteria.groups.iter().all(|group| {
                let leaves: Vec<_> = group.leaves().map(|leaf| leaf.code).collect();
                sum(&leaves) <= group.maximum
                    && group.leaves().all(|leaf| leaf.maximum.is_none_or(|maximum| sum(&[leaf.code]) <= maximum))
            });
            prop_assert_eq!(check(&set, &scores).is_ok(), fits);
            if fits {
                let total = outcome(&set, 2020, scores.iter().filter_map(|score| score.points), &operating(), None).total;
                prop_assert!(total <= Points::whole(100));
            }
        }

        #[test]
        fn more_points_never_earn_a_worse_rating(total in 0_i64..=10_000, more in 0_i64..=10_000) {
            prop_assert!(rank(rated(total).rating()) <= rank(rated((total + more).min(10_000)).rating()));
        }
    }
}
