use proptest::prelude::*;

use super::*;
use crate::domain::application::tests::{complete_content, drafted, shipped_scheme, submitted};

use ConditionVerdict::{Met, NotMet, Unknown};

fn year(declared: Option<i64>, verified: Option<i64>) -> Profit {
    let dong = |profit: Option<i64>| profit.map(|dong| SignedMoney(Money::dong(dong)));
    Profit { declared: dong(declared), verified: dong(verified) }
}

fn evaluated(hundredths: i64) -> CountingEvaluation {
    let result = EvaluationResult::Total(Points::hundredths(hundredths));
    CountingEvaluation { id: Uuid::from_u128(1), kind: EvaluationKind::Verified, result }
}

/// Facts that meet every condition: profit in 2018, 2019 and 2020, and 65.00 points.
fn good_facts() -> Facts {
    Facts {
        governing_law: Some(GoverningLaw::Law2012),
        profits: [2018, 2019, 2020].into_iter().map(|at| (at, year(Some(1), None))).collect(),
        evaluation: Some(evaluated(6_500)),
    }
}

fn verdict(determination: &Determination, kind: ConditionKind) -> (ConditionVerdict, String) {
    let answer = determination.conditions.iter().find(|answer| answer.kind == kind).unwrap();
    (answer.verdict, answer.explanation.en.clone())
}

#[test]
fn three_profits_and_sixty_five_points_are_eligible_with_every_answer_explained() {
    let scheme = shipped_scheme();
    let determination = determine(&scheme, &good_facts(), &submitted(1));
    assert_eq!(determination.overall, Met);
    let kinds: Vec<_> = determination.conditions.iter().map(|answer| answer.kind).collect();
    assert!(ConditionKind::ALL.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    for answer in &determination.conditions {
        assert!(!answer.inputs.is_empty() && !answer.legal_basis.is_empty() && !answer.rule.is_empty());
        assert!(!answer.explanation.vi.is_empty() && !answer.explanation.en.is_empty());
    }
}

#[test]
fn the_evaluation_of_2020_reaches_65_or_not() {
    let rated = |hundredths| Some(evaluated(hundredths));
    let not_rated =
        CountingEvaluation { result: EvaluationResult::NotRated(NotRatedReason::OperatingTooShort), ..evaluated(0) };
    for (evaluation, expected, says) in [
        (rated(6_500), Met, "65.00"),
        (rated(6_499), NotMet, "64.99"),
        (rated(10_000), Met, "100.00"),
        (rated(0), NotMet, "0.00"),
        (Some(not_rated), NotMet, "not rated for 2020"),
        (None, Unknown, "no submitted or confirmed evaluation of 2020"),
    ] {
        let facts = Facts { evaluation, ..good_facts() };
        let determination = determine(&shipped_scheme(), &facts, &submitted(1));
        let (verdict, explanation) = verdict(&determination, ConditionKind::Evaluation);
        assert_eq!((verdict, determination.overall), (expected, expected));
        assert!(explanation.contains(says), "{explanation}");
    }
}

#[test]
fn a_loss_or_zero_in_one_year_excludes_and_a_missing_year_is_named() {
    for (profits, expected, says) in [
        ([Some(1), Some(1), Some(1)], Met, "2018, 2019, 2020"),
        ([Some(1), Some(0), Some(1)], NotMet, "2019: 0"),
        ([Some(1), Some(-5), Some(1)], NotMet, "2019: -5"),
        ([Some(1), None, Some(1)], Unknown, "missing for: 2019"),
        ([None, Some(1), None], Unknown, "missing for: 2018, 2020"),
        ([None, Some(-1), Some(1)], NotMet, "2019: -1"),
        ([None, None, None], Unknown, "missing for: 2018, 2019, 2020"),
    ] {
        let profits = (2018..).zip(profits).map(|(at, profit)| (at, year(profit, None))).collect();
        let facts = Facts { profits, ..good_facts() };
        let determination = determine(&shipped_scheme(), &facts, &submitted(1));
        let (verdict, explanation) = verdict(&determination, ConditionKind::Profit);
        assert_eq!((verdict, determination.overall), (expected, expected), "{explanation}");
        assert!(explanation.contains(says), "{explanation}");
    }
}

#[test]
fn verified_figures_count_over_declared_ones() {
    for (declared, verified, expected, basis) in [
        (Some(9), Some(-9), NotMet, "verified"),
        (Some(-9), Some(9), Met, "verified"),
        (Some(9), None, Met, "declared"),
        (None, Some(9), Met, "verified"),
    ] {
        let mut facts = good_facts();
        facts.profits.insert(2019, year(declared, verified));
        let determination = determine(&shipped_scheme(), &facts, &submitted(1));
        assert_eq!(verdict(&determination, ConditionKind::Profit).0, expected);
        let answer = determination.conditions.iter().find(|answer| answer.kind == ConditionKind::Profit).unwrap();
        let used = answer.inputs.iter().find(|input| input.name == "profitBeforeTax.2019").unwrap();
        assert_eq!(used.basis.as_deref(), Some(basis));
    }
}

#[test]
fn only_the_law_of_2012_meets_the_condition() {
    for (law, expected) in [
        (Some(GoverningLaw::Law2012), Met),
        (Some(GoverningLaw::Law2003), NotMet),
        (Some(GoverningLaw::Law2023), NotMet),
        (None, Unknown),
    ] {
        let facts = Facts { governing_law: law, ..good_facts() };
        assert_eq!(determine(&shipped_scheme(), &facts, &submitted(1)).overall, expected);
    }
}

#[test]
fn a_model_of_another_scheme_and_an_incomplete_dossier_are_not_met() {
    let scheme = shipped_scheme();
    let mut application = submitted(1);
    application.content.model = "Z9".to_owned();
    let determination = determine(&scheme, &good_facts(), &application);
    assert_eq!((determination.overall, verdict(&determination, ConditionKind::Model).0), (NotMet, NotMet));
    let mut content = complete_content(&scheme);
    content.dossier.clear();
    let determination = determine(&scheme, &good_facts(), &drafted(1, content));
    assert_eq!((determination.overall, verdict(&determination, ConditionKind::Dossier).0), (NotMet, NotMet));
}

#[test]
fn priority_conditions_are_listed_and_never_exclude() {
    let scheme = shipped_scheme();
    let mut application = submitted(1);
    let evidence = application.content.dossier[0].document.clone();
    let condition = "P2.4".to_owned();
    application.content.priority_claims.push(crate::domain::application::PriorityClaim { condition, evidence });
    let determination = determine(&scheme, &good_facts(), &application);
    assert_eq!(determination.overall, Met);
    assert_eq!(determination.priorities.len(), scheme.priority.len());
    let claimed: Vec<_> = determination.priorities.iter().filter(|priority| priority.claimed).collect();
    assert_eq!(claimed.iter().map(|priority| priority.code.as_str()).collect::<Vec<_>>(), ["P2.4"]);
    assert_eq!(determine(&scheme, &good_facts(), &submitted(1)).overall, Met);
}

#[test]
fn what_is_not_met_weighs_more_than_what_is_unknown() {
    let facts = Facts { governing_law: Some(GoverningLaw::Law2003), evaluation: None, ..good_facts() };
    assert_eq!(determine(&shipped_scheme(), &facts, &submitted(1)).overall, NotMet);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let law = prop::option::of(prop::sample::select(GoverningLaw::ALL));
    let figure = || prop::option::of(-2_i64..3);
    let years = prop::collection::vec((figure(), figure()), 3);
    (law, years, prop::option::of(6_400_i64..6_600)).prop_map(|(governing_law, years, total)| Facts {
        governing_law,
        profits: (2018..).zip(years).map(|(at, (declared, verified))| (at, year(declared, verified))).collect(),
        evaluation: total.map(evaluated),
    })
}

proptest! {
    #[test]
    fn overall_is_met_exactly_when_every_condition_is(facts in any_facts()) {
        let determination = determine(&shipped_scheme(), &facts, &submitted(1));
        let all = determination.conditions.iter().all(|answer| answer.verdict == Met);
        prop_assert_eq!(determination.overall == Met, all);
    }

    #[test]
    fn more_points_never_lose_eligibility(facts in any_facts(), total in 0_i64..10_000, more in 0_i64..500) {
        let at = |total| {
            let facts = Facts { evaluation: Some(evaluated(total)), ..facts.clone() };
            determine(&shipped_scheme(), &facts, &submitted(1)).overall
        };
        prop_assert!(at(total) != Met || at(total + more) == Met);
    }
}
