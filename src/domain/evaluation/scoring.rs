//! From scores to a total and a rating. Points come from a scale or from the evaluator; three maxima bind: of what is
//! scored, of its criterion, of its group.

use std::collections::HashMap;
use std::fmt::Display;

use super::inputs::ScoringInputs;
use super::standing::Standing;
use super::{AdministrativeFine, EvaluationKind, NewScore, Operation, Outcome, Verdict};
use crate::domain::cooperative::Field;
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
    if faults.is_empty() { Ok(settled) } else { Err(invalid(set, faults)) }
}

/// What is wrong with the points entered, whatever the figures are: of a set, and of none that scores are given twice.
///
/// # Errors
/// Every such fault, each with its place.
pub fn check_entered(
    set: Option<&CriteriaSet>,
    (kind, year): (EvaluationKind, u16),
    scores: &[NewScore],
) -> Result<(), Refusal> {
    let Some(set) = set else {
        let mut first = HashMap::with_capacity(scores.len());
        let again = |(index, score): (usize, &NewScore)| {
            let criterion = &score.criterion;
            let first = *first.entry(criterion.clone()).or_insert(index);
            let rule = || Refusal::new(Rule::DuplicateScore, "Chấm điểm trùng.", "Scored twice.");
            (first != index).then(|| rule().with_faults(vec![duplicate(index, first, criterion)]))
        };
        return Refusal::of_all(scores.iter().enumerate().filter_map(again).collect());
    };
    let without_figures = ScoringInputs::read(&set.criteria, kind, year, Field::Agriculture, &[]);
    let faults = Form::read(&set.criteria, year, &without_figures, scores).faults_entered();
    if faults.is_empty() { Ok(()) } else { Err(invalid(set, faults)) }
}

fn invalid(set: &CriteriaSet, faults: Faults) -> Refusal {
    let (vi, en) = (
        format!("Bảng điểm không đúng Bộ tiêu chí {} ({} lỗi).", set.code, faults.len()),
        format!("The scores do not fit the criteria set {} ({} faults).", set.code, faults.len()),
    );
    Refusal::new(Rule::InvalidScores, vi, en)
        .given(&[("criteriaSet", &set.code), ("faults", &faults.len())])
        .with_faults(faults)
        .under(&set.legal_basis)
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
        .given(&[("criteriaSet", &set.code)])
        .under(&set.legal_basis)),
        (false, Some(_)) => Err(Refusal::at(
            Rule::FineNotAsked,
            "/administrativeFine",
            format!("Bộ tiêu chí {} không xét việc xử phạt vi phạm hành chính.", set.code),
            format!("A fine has no bearing under the criteria set {}.", set.code),
        )
        .given(&[("criteriaSet", &set.code)])
        .under(&set.legal_basis)),
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
                    faults.push(*fault);
                }
            }
        }
        faults.extend(exceeded_sums(self.criteria, &points));
        (settled, faults)
    }

    /// The faults that no figure bears on: those of the scores, of leaves without a scale, of sums.
    fn faults_entered(&self) -> Faults {
        let mut faults = self.faults_of_scores();
        let given = |leaf: &Leaf<'_>| self.first.get(leaf.code).and_then(|at| Some((*at, self.scores.get(*at)?)));
        let entered = self.criteria.leaves().filter(|leaf| leaf.scale.is_none());
        faults.extend(entered.filter_map(|leaf| self.settle_leaf(&leaf, given(&leaf)).err()).map(|fault| *fault));
        let points = self.criteria.leaves().filter_map(|leaf| Some((leaf.code, given(&leaf)?.1.points?))).collect();
        faults.extend(exceeded_sums(self.criteria, &points));
        faults
    }

    /// The points of one leaf: given, computed, or overridden.
    fn settle_leaf(&self, leaf: &Leaf<'_>, given: Option<(usize, &NewScore)>) -> Result<Settled, Box<Fault>> {
        let computation = leaf.scale.map(|scale| self.inputs.compute(scale, self.year, self.criteria.points_step));
        let computed = computation.as_ref().and_then(Computation::points);
        let entered = given.and_then(|(_, score)| score.points);
        let reason = given.and_then(|(_, score)| score.override_reason.as_ref());
        let at = Place(given.map(|(index, _)| index));
        let points = match (&computation, computed, entered, reason) {
            (None, _, Some(points), None) | (Some(_), None, Some(points), Some(_)) => Ok(points),
            (None, _, None, None) => Err(Box::new(at.missing(leaf))),
            (Some(_), Some(points), None, None) => Ok(points),
            (Some(_), Some(computed), Some(points), None) if points == computed => Ok(points),
            (Some(_), Some(computed), Some(points), Some(_)) if points != computed => Ok(points),
            (None, ..) | (Some(_), Some(_), _, Some(_)) => Err(Box::new(at.unneeded(leaf, computed))),
            (Some(_), Some(computed), Some(points), None) => Err(Box::new(at.unreasoned(leaf, points, computed))),
            (Some(computation), None, Some(_), None) => Err(Box::new(at.unreasoned_gap(leaf, computation))),
            (Some(computation), None, None, _) => Err(Box::new(at.figures_missing(leaf, computation))),
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
pub(crate) mod tests;
