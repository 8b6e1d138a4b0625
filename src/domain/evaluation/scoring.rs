//! From scores to a total and a rating. Three maxima bind: of what is scored, of its criterion, of its group.

use std::collections::HashMap;

use super::standing::Standing;
use super::{NewScore, Operation, Outcome, Verdict};
use crate::domain::criteria::{Criteria, CriteriaSet, Criterion, CriterionGroup, Leaf};
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::score::Points;

/// What can be wrong with one member of the scores, and where.
type Faults = Vec<Fault>;

/// Refuses scores that do not fill the form, or exceed a maximum of it.
///
/// # Errors
/// Every fault, each with its place.
pub fn check(set: &CriteriaSet, scores: &[NewScore]) -> Result<(), Refusal> {
    let faults = Form::read(&set.criteria, scores).faults();
    if faults.is_empty() {
        return Ok(());
    }
    let (vi, en) = (
        format!("Bảng điểm không đúng Bộ tiêu chí {} ({} lỗi).", set.code, faults.len()),
        format!("The scores do not fit the criteria set {} ({} faults).", set.code, faults.len()),
    );
    Err(Refusal::new(Rule::InvalidScores, vi, en).with_faults(faults))
}

/// Total and rating of scores that passed [`check`].
pub fn outcome(set: &CriteriaSet, year: u16, points: impl Iterator<Item = Points>, operation: &Operation) -> Outcome {
    let total: Points = points.sum();
    let standing = Standing::of(operation, year, &set.criteria.not_rated);
    let rating = || set.criteria.band(total).map(|band| band.code.clone()).unwrap_or_default();
    let verdict = standing.reason.map_or_else(|| Verdict::Rated(rating()), Verdict::NotRated);
    Outcome { total, verdict }
}

/// The scores laid onto the form: which score is given for which leaf.
struct Form<'a> {
    criteria: &'a Criteria,
    scores: &'a [NewScore],
    /// The first score of each leaf.
    points: HashMap<&'a str, Points>,
}

impl<'a> Form<'a> {
    fn read(criteria: &'a Criteria, scores: &'a [NewScore]) -> Self {
        let mut points = HashMap::with_capacity(scores.len());
        for score in scores {
            points.entry(score.criterion.as_str()).or_insert(score.points);
        }
        Self { criteria, scores, points }
    }

    fn faults(&self) -> Faults {
        let mut faults = self.faults_of_scores();
        faults.extend(self.criteria.leaves().filter_map(|leaf| self.missing(&leaf)));
        for group in &self.criteria.groups {
            faults.extend(group.criteria.iter().filter_map(|criterion| self.criterion_exceeded(criterion)));
            faults.extend(self.group_exceeded(group));
        }
        faults
    }

    fn faults_of_scores(&self) -> Faults {
        let leaves: HashMap<&str, Leaf> = self.criteria.leaves().map(|leaf| (leaf.code, leaf)).collect();
        let mut first_at: HashMap<&str, usize> = HashMap::with_capacity(self.scores.len());
        let mut faults = Vec::new();
        for (index, score) in self.scores.iter().enumerate() {
            let code = score.criterion.as_str();
            let Some(leaf) = leaves.get(code) else {
                faults.push(self.unknown(index, code));
                continue;
            };
            let first = *first_at.entry(code).or_insert(index);
            if first != index {
                faults.push(duplicate(index, first, code));
            }
            faults.extend(leaf_exceeded(index, score, leaf));
            faults.extend(self.off_step(index, score));
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
    }

    fn missing(&self, leaf: &Leaf) -> Option<Fault> {
        if self.points.contains_key(leaf.code) {
            return None;
        }
        let vi = format!("Thiếu điểm tiêu chí {} ({}).", leaf.code, leaf.name.vi);
        let en = format!("Criterion {} ({}) has no score.", leaf.code, leaf.name.en);
        Some(Fault::at("/scores", Rule::MissingScore.code(), vi, en))
    }

    fn off_step(&self, index: usize, score: &NewScore) -> Option<Fault> {
        let step = self.criteria.points_step;
        if score.points.as_hundredths() % step.as_hundredths().max(1) == 0 {
            return None;
        }
        let vi = format!("{} không phải bội số của {step}.", score.points);
        let en = format!("{} is not a multiple of {step}.", score.points);
        Some(Fault::at(format!("/scores/{index}/points"), Rule::PointsStep.code(), vi, en))
    }

    fn sum<'l>(&self, leaves: impl Iterator<Item = Leaf<'l>>) -> Points {
        leaves.filter_map(|leaf| self.points.get(leaf.code).copied()).sum()
    }

    /// Said only of criteria in parts: a whole one is its own leaf.
    fn criterion_exceeded(&self, criterion: &Criterion) -> Option<Fault> {
        let maximum = criterion.maximum.filter(|_| !criterion.sub_criteria.is_empty())?;
        let sum = self.sum(criterion.leaves());
        let what = (format!("tiêu chí {}", criterion.code), format!("criterion {}", criterion.code));
        (sum > maximum).then(|| exceeded(sum, maximum, &what))
    }

    fn group_exceeded(&self, group: &CriterionGroup) -> Option<Fault> {
        let sum = self.sum(group.leaves());
        let what = (format!("nhóm {}", group.code), format!("group {}", group.code));
        (sum > group.maximum).then(|| exceeded(sum, group.maximum, &what))
    }
}

fn duplicate(index: usize, first: usize, code: &str) -> Fault {
    let vi = format!("Tiêu chí {code} đã có điểm ở /scores/{first}.");
    let en = format!("Criterion {code} is already scored at /scores/{first}.");
    Fault::at(format!("/scores/{index}/criterion"), Rule::DuplicateScore.code(), vi, en)
}

fn leaf_exceeded(index: usize, score: &NewScore, leaf: &Leaf) -> Option<Fault> {
    let maximum = leaf.maximum.filter(|maximum| score.points > *maximum)?;
    let vi = format!("Tiêu chí {}: {} điểm, tối đa {maximum}.", leaf.code, score.points);
    let en = format!("Criterion {}: {} points, {maximum} at most.", leaf.code, score.points);
    Some(Fault::at(format!("/scores/{index}/points"), Rule::PointsAboveMaximum.code(), vi, en))
}

fn exceeded(sum: Points, maximum: Points, (vi, en): &(String, String)) -> Fault {
    let vi = format!("Tổng điểm {vi} là {sum}, tối đa {maximum}.");
    let en = format!("The points of {en} sum to {sum}, {maximum} at most.");
    Fault::at("/scores", Rule::PointsAboveMaximum.code(), vi, en)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::criteria::tt01;
    use crate::domain::evaluation::{NotRatedReason, Stop};

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
        NewScore { criterion: criterion.to_owned(), points, note: None }
    }

    fn with(changes: &[(&str, i64)]) -> Vec<NewScore> {
        let mut scores = full_scores();
        for (code, hundredths) in changes {
            let score = scores.iter_mut().find(|score| score.criterion == *code).unwrap();
            score.points = Points::hundredths(*hundredths);
        }
        scores
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
        outcome(&tt01(), 2020, [Points::hundredths(hundredths)].into_iter(), &operating())
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
        let points = full_scores().into_iter().map(|score| score.points);
        assert_eq!(outcome(&tt01(), 2020, points, &operating()).total, Points::whole(82));
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
            let outcome = outcome(&tt01(), 2020, [Points::whole(90)].into_iter(), &operation);
            assert_eq!((outcome.total, outcome.rating()), (Points::whole(90), None));
            assert_eq!(outcome.not_rated_reason(), Some(reason));
        }
    }

    /// Any form: each leaf with points from nothing to somewhat more than a group can bring.
    fn any_scores() -> impl Strategy<Value = Vec<NewScore>> {
        proptest::collection::vec(0_i64..900, 23).prop_map(|points| {
            let leaf = |(score, points): (NewScore, i64)| NewScore { points: Points::hundredths(points), ..score };
            full_scores().into_iter().zip(points).map(leaf).collect()
        })
    }

    fn rank(rating: Option<&str>) -> Option<usize> {
        tt01().criteria.bands.iter().rev().position(|band| Some(band.code.as_str()) == rating)
    }

    proptest! {
        #[test]
        fn what_passes_never_exceeds_a_maximum(scores in any_scores(), scale in 1_i64..=4) {
            let shrunk = |score: &NewScore| Points::hundredths(score.points.as_hundredths() / scale / 2);
            let scores: Vec<_> = scores.iter().map(|score| NewScore { points: shrunk(score), ..score.clone() }).collect();
            let set = tt01();
            let sum = |leaves: &[&str]| -> Points {
                scores.iter().filter(|score| leaves.contains(&score.criterion.as_str())).map(|score| score.points).sum()
            };
            let fits = set.criteria.groups.iter().all(|group| {
                let leaves: Vec<_> = group.leaves().map(|leaf| leaf.code).collect();
                sum(&leaves) <= group.maximum
                    && group.leaves().all(|leaf| leaf.maximum.is_none_or(|maximum| sum(&[leaf.code]) <= maximum))
            });
            prop_assert_eq!(check(&set, &scores).is_ok(), fits);
            if fits {
                let total = outcome(&set, 2020, scores.iter().map(|score| score.points), &operating()).total;
                prop_assert!(total <= Points::whole(100));
            }
        }

        #[test]
        fn more_points_never_earn_a_worse_rating(total in 0_i64..=10_000, more in 0_i64..=10_000) {
            prop_assert!(rank(rated(total).rating()) <= rank(rated((total + more).min(10_000)).rating()));
        }
    }
}
