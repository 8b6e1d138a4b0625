//! What an explanation says, against forms whose points are known.

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::cooperative::figure::YearFigure;
use crate::domain::cooperative::{Field, FiguresBasis};
use crate::domain::criteria::tt01;
use crate::domain::evaluation::scoring::{Settled, outcome, settle, tests::full_scores};
use crate::domain::evaluation::{EvaluationKind, EvaluationState, NewScore, Operation, Stop};
use crate::domain::quantity::Quantity;

/// The sample set with scales on every leaf that figures speak of.
fn with_scales() -> CriteriaSet {
    let draft = include_str!("../../../../tests/fixtures/criteria-scales-sample.json");
    let mut set: serde_json::Value = serde_json::from_str(draft).unwrap();
    set["id"] = json!(Uuid::nil());
    set["version"] = json!(1);
    set["state"] = json!("active");
    serde_json::from_value(set).unwrap()
}

/// What scales bring of random figures of two years, with every other leaf at its maximum or 6.66 of group III.
fn scored(figures: &[i64]) -> (ScoringInputs, Vec<Settled>) {
    let set = with_scales();
    let asked = ScoringInputs::read(&set.criteria, EvaluationKind::Own, 2021, Field::Agriculture, &[]);
    // A part is not more than its whole, which `Figures::check` sees to.
    let whole = |used: &FigureUsed| matches!(used.figure, YearFigure::Managers | YearFigure::Revenue);
    let fill = |(used, value): (FigureUsed, &i64)| FigureUsed {
        value: Some(Quantity { units: if whole(&used) { 999_999_999_999_999 } else { *value }, hundredths: false }),
        basis: Some(FiguresBasis::Declared),
        ..used
    };
    let figures = asked.figures.into_iter().zip(figures.iter().cycle()).map(fill).collect();
    let inputs = ScoringInputs { figures, field: asked.field };
    let entered = set.criteria.leaves().filter(|leaf| leaf.scale.is_none());
    let points = |maximum: Option<Points>| maximum.unwrap_or(Points::hundredths(666));
    let scores: Vec<_> = entered.map(|leaf| NewScore::of(leaf.code, points(leaf.maximum))).collect();
    let settled = settle(&set, 2021, &inputs, &scores).unwrap();
    assert_eq!(settled.len(), set.criteria.leaves().count());
    (inputs, settled)
}

proptest! {
    #[test]
    fn a_total_from_figures_never_exceeds_its_maxima_and_is_computed_again_the_same(
        figures in proptest::collection::vec(1_i64..=999_999_999_999_999, 25),
    ) {
        let set = with_scales();
        let (inputs, settled) = scored(&figures);
        for group in &set.criteria.groups {
            let of_group = settled.iter().filter(|one| group.leaves().any(|leaf| leaf.code == one.criterion));
            prop_assert!(of_group.map(|one| one.points).sum::<Points>() <= group.maximum);
        }
        prop_assert!(settled.iter().map(|one| one.points).sum::<Points>() <= Points::whole(100));
        // The kept inputs, written and read, bring the same points to the same bytes.
        let kept: ScoringInputs = serde_json::from_str(&serde_json::to_string(&inputs).unwrap()).unwrap();
        for one in &settled {
            let leaf = set.criteria.leaves().find(|leaf| leaf.code == one.criterion).unwrap();
            prop_assert!(leaf.maximum.is_none_or(|maximum| one.points <= maximum));
            let Some(scale) = leaf.scale else { continue };
            let again = explain_computation(scale, &kept, 2021, &set).unwrap();
            prop_assert_eq!(again.points, one.computed);
            prop_assert!(again.gap.is_none() && again.figures.iter().all(|used| used.value.is_some()));
        }
    }
}

fn evaluation(stops: Vec<Stop>) -> Evaluation {
    let operation =
        Operation { founded_on: "2015-03-02".parse().unwrap(), stops, known_on: "2021-01-05".parse().unwrap() };
    let (entered_by, set) = ("cooperative".to_owned(), tt01());
    let scores: Vec<_> = full_scores()
        .into_iter()
        .filter_map(|new| {
            Some(Score {
                criterion: new.criterion,
                points: new.points?,
                computed: None,
                override_reason: None,
                note: None,
                document: None,
                entered_by: entered_by.clone(),
            })
        })
        .collect();
    Evaluation {
        id: Uuid::nil(),
        version: 1,
        cooperative: Uuid::nil(),
        province: "89".to_owned(),
        unit: "883".to_owned(),
        year: 2020,
        kind: EvaluationKind::Own,
        criteria_set: set.id,
        criteria_code: set.code.clone(),
        outcome: outcome(&set, 2020, scores.iter().map(|score| score.points), &operation, None),
        scores,
        inputs: None,
        fine: None,
        operation,
        endorsements: Vec::new(),
        state: EvaluationState::Draft,
        submission: None,
        agency: None,
        created_by: entered_by,
        recorded_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn the_sums_of_an_explanation_are_those_of_the_evaluation() {
    let evaluation = evaluation(Vec::new());
    let explained = explain(&evaluation, &tt01());
    assert_eq!(explained.groups.iter().map(|group| group.points).sum::<Points>(), evaluation.total());
    let capital = &explained.groups[0].criteria[0];
    assert_eq!((capital.points, capital.maximum, capital.scored.len()), (Points::whole(6), Some(Points::whole(7)), 2));
    assert_eq!(capital.legal_basis, "01/2020/TT-BKHĐT, nhóm I, tiêu chí 1");
    assert_eq!(capital.scored[0].entered_by, "cooperative");
    assert_eq!(explained.conclusion.vi, "82.00 điểm: xếp loại Tốt (80.00 ≤ T ≤ 100.00).");
    assert_eq!(explained.band.map(|band| (band.from, band.below)), Some((Points::whole(80), None)));
}

#[test]
fn who_is_not_rated_sees_the_interruption_that_did_it() {
    let stop = Stop { from_date: "2020-09-30".parse().unwrap(), to_date: None };
    let explained = explain(&evaluation(vec![stop]), &tt01());
    assert_eq!(explained.band, None);
    assert_eq!(explained.standing.stopped, CalendarTime { months: 3, days: 2 });
    assert_eq!(explained.standing.interruptions[0].to_date.to_string(), "2020-12-31");
    assert_eq!(explained.standing.not_rated_reason, Some(NotRatedReason::StoppedTooLong));
    assert_eq!(explained.conclusion.en, "Not rated: stopped for more than 3 months in the year.");
}
