//! Golden case 3, scales with their overrides, forced ratings, and what holds of any form.

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
    assert_eq!(settled_1b(&unknown, Some(50), false), Err("/scores/1/overrideReason override_unreasoned".to_owned()));
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
        let leaf = |(score, points): (NewScore, i64)| NewScore { points: Some(Points::hundredths(points)), ..score };
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
