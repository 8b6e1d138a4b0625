use proptest::prelude::*;

use super::*;
use crate::domain::application::tests::{complete_content, drafted, shipped_scheme, submitted};
use crate::domain::condition::ConditionParameters;
use crate::domain::money::Money;

use ConditionVerdict::{Met, NotMet, Unknown};

fn year(year: u16, declared: Option<i64>, verified: Option<i64>) -> YearProfit {
    let dong = |profit: Option<i64>| profit.map(|dong| SignedMoney(Money::dong(dong)));
    YearProfit { year, declared: dong(declared), verified: dong(verified), estimated: false }
}

fn evaluated(hundredths: i64) -> CountingEvaluation {
    CountingEvaluation {
        year: 2020,
        id: Uuid::from_u128(1),
        kind: EvaluationKind::Verified,
        total: Points::hundredths(hundredths),
        not_rated_reason: None,
    }
}

/// What an application is decided on, on the day it was sent in, under the scheme that ships.
pub(in crate::domain) fn inputs_of(facts: Facts, application: &Application) -> EligibilityInputs {
    EligibilityInputs::gather(&shipped_scheme(), &[], "2021-08-01".parse().unwrap(), facts, application)
}

fn decided(facts: Facts, application: &Application) -> Determination {
    determine(&inputs_of(facts, application))
}

/// Facts that meet every condition: profit in 2018, 2019 and 2020, and 65.00 points.
pub(in crate::domain) fn good_facts() -> Facts {
    Facts {
        governing_law: Some(GoverningLaw::Law2012),
        founded_on: None,
        profits: [2018, 2019, 2020].into_iter().map(|at| year(at, Some(1), None)).collect(),
        evaluations: vec![evaluated(6_500)],
    }
}

fn verdict(determination: &Determination, kind: ConditionKind) -> (ConditionVerdict, String) {
    let answer = determination.conditions.iter().find(|answer| answer.kind == kind).unwrap();
    (answer.verdict, answer.explanation.en.clone())
}

/// A year before the foundation made no profit, whatever was recorded of it; an estimate is said to be one.
#[test]
fn a_year_before_the_foundation_is_not_met_and_an_estimate_is_said_so() {
    let founded = |day: &str| Facts { founded_on: day.parse().ok(), ..good_facts() };
    for (day, expected) in [("2019-06-01", NotMet), ("2018-12-31", Met)] {
        let (found, words) = verdict(&decided(founded(day), &submitted(1)), ConditionKind::Profit);
        assert_eq!(found, expected, "{day}: {words}");
        assert_eq!(words.contains("not founded then"), expected == NotMet, "{words}");
    }
    let mut facts = good_facts();
    facts.profits[2].estimated = true;
    let determination = decided(facts, &submitted(1));
    assert!(verdict(&determination, ConditionKind::Profit).1.contains("The figures of 2020 are estimates"));
    let profit = determination.conditions.iter().find(|answer| answer.kind == ConditionKind::Profit).unwrap();
    assert!(profit.inputs.iter().any(|used| used.basis.as_deref() == Some("declared_estimated")), "{profit:?}");
}

#[test]
fn three_profits_and_sixty_five_points_are_eligible_with_every_answer_explained() {
    let determination = decided(good_facts(), &submitted(1));
    assert_eq!(determination.overall, Met);
    let kinds: Vec<_> = determination.conditions.iter().map(|answer| answer.kind).collect();
    let of_the_scheme = ConditionKind::ALL.iter().filter(|kind| **kind != ConditionKind::Attested);
    assert!(of_the_scheme.clone().all(|kind| kinds.contains(kind)), "{kinds:?}");
    for answer in &determination.conditions {
        assert!(!answer.inputs.is_empty() && !answer.legal_basis.is_empty() && !answer.rule.is_empty());
        assert!(!answer.explanation.vi.is_empty() && !answer.explanation.en.is_empty());
    }
}

#[test]
fn where_no_condition_is_in_force_that_is_what_is_missing() {
    let on = |day: &str| {
        let inputs =
            EligibilityInputs::gather(&shipped_scheme(), &[], day.parse().unwrap(), good_facts(), &submitted(1));
        (determine(&inputs), inputs)
    };
    let (before, mut inputs) = on("2021-02-02");
    assert_eq!((before.overall, before.conditions.len(), before.priorities.len()), (Unknown, 0, 0));
    let missing = "No conditions of the scheme QD167-2021-2025 are in force on 2021-02-02.";
    assert_eq!(before.missing.map(|missing| missing.en).as_deref(), Some(missing));
    assert_eq!(on("2021-02-03").0.missing, None);
    // What was kept before this was said comes out as it was.
    inputs.procedure = "eligibility-1".to_owned();
    assert_eq!(determine(&inputs).missing, None);
}

#[test]
fn the_evaluation_of_2020_reaches_65_or_not() {
    let rated = |hundredths| Some(evaluated(hundredths));
    let not_rated =
        CountingEvaluation { not_rated_reason: Some(NotRatedReason::OperatingTooShort), ..evaluated(9_000) };
    let of_2019 = CountingEvaluation { year: 2019, ..evaluated(9_000) };
    for (evaluation, expected, says) in [
        (rated(6_500), Met, "65.00"),
        (rated(6_499), NotMet, "64.99"),
        (rated(10_000), Met, "100.00"),
        (rated(0), NotMet, "0.00"),
        (Some(not_rated), NotMet, "not rated for 2020"),
        (Some(of_2019), Unknown, "no submitted or confirmed evaluation of 2020"),
        (None, Unknown, "no submitted or confirmed evaluation of 2020"),
    ] {
        let facts = Facts { evaluations: evaluation.into_iter().collect(), ..good_facts() };
        let determination = decided(facts, &submitted(1));
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
        let profits = (2018..).zip(profits).map(|(at, profit)| year(at, profit, None)).collect();
        let determination = decided(Facts { profits, ..good_facts() }, &submitted(1));
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
        facts.profits[1] = year(2019, declared, verified);
        let determination = decided(facts, &submitted(1));
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
        assert_eq!(decided(Facts { governing_law: law, ..good_facts() }, &submitted(1)).overall, expected);
    }
}

#[test]
fn a_model_of_another_scheme_and_an_incomplete_dossier_are_not_met() {
    let scheme = shipped_scheme();
    let mut application = submitted(1);
    application.content.model = "Z9".to_owned();
    let determination = decided(good_facts(), &application);
    assert_eq!((determination.overall, verdict(&determination, ConditionKind::Model).0), (NotMet, NotMet));
    let mut content = complete_content(&scheme);
    content.dossier.clear();
    let determination = decided(good_facts(), &drafted(1, content));
    assert_eq!((determination.overall, verdict(&determination, ConditionKind::Dossier).0), (NotMet, NotMet));
}

#[test]
fn priority_conditions_are_listed_and_never_exclude() {
    let scheme = shipped_scheme();
    let mut application = submitted(1);
    let evidence = application.content.dossier[0].document.clone();
    let condition = "P2.4".to_owned();
    application.content.priority_claims.push(crate::domain::application::PriorityClaim { condition, evidence });
    let determination = decided(good_facts(), &application);
    assert_eq!(determination.overall, Met);
    assert_eq!(determination.priorities.len(), scheme.priority.len());
    let claimed: Vec<_> = determination.priorities.iter().filter(|priority| priority.claimed).collect();
    assert_eq!(claimed.iter().map(|priority| priority.code.as_str()).collect::<Vec<_>>(), ["P2.4"]);
    assert_eq!(decided(good_facts(), &submitted(1)).overall, Met);
}

#[test]
fn what_is_not_met_weighs_more_than_what_is_unknown() {
    let facts = Facts { governing_law: Some(GoverningLaw::Law2003), evaluations: Vec::new(), ..good_facts() };
    assert_eq!(decided(facts, &submitted(1)).overall, NotMet);
}

/// A condition of a province's own: Hà Nội's sixth is a statement of the applicant.
fn own(code: &str, kind: ConditionKind, parameters: ConditionParameters) -> MandatoryCondition {
    let (valid_from, valid_to) = ("2021-07-01".parse().unwrap(), Some("2021-08-31".parse().unwrap()));
    let text = Text::new("Điều kiện riêng của tỉnh", "A condition of the province's own");
    MandatoryCondition {
        code: code.to_owned(),
        kind,
        text,
        parameters,
        valid_from,
        valid_to,
        legal_basis: "X".to_owned(),
    }
}

fn decided_with(own: &MandatoryCondition, at: &str, application: &Application) -> (ConditionVerdict, usize) {
    let (scheme, own) = (shipped_scheme(), std::slice::from_ref(own));
    let inputs = EligibilityInputs::gather(&scheme, own, at.parse().unwrap(), good_facts(), application);
    let determination = determine(&inputs);
    (determination.overall, determination.conditions.len())
}

#[test]
fn a_statement_is_answered_with_evidence_or_unknown_and_asked_only_while_it_is_in_force() {
    let statement = own("T1", ConditionKind::Attested, ConditionParameters::default());
    let mut application = submitted(1);
    let evidence = application.content.dossier[0].document.clone();
    assert_eq!(decided_with(&statement, "2021-08-01", &application), (Unknown, 6));
    for (holds, expected) in [(true, Met), (false, NotMet)] {
        application.content.attestations =
            vec![Attestation { condition: "T1".to_owned(), holds, evidence: evidence.clone() }];
        assert_eq!(decided_with(&statement, "2021-08-01", &application), (expected, 6));
        assert_eq!(decided_with(&statement, "2021-08-31", &application), (expected, 6));
        assert_eq!(decided_with(&statement, "2021-06-30", &application), (Met, 5));
        assert_eq!(decided_with(&statement, "2021-09-01", &application), (Met, 5));
    }
}

#[test]
fn a_province_asks_more_by_the_same_kinds_and_what_lacks_a_parameter_is_never_met() {
    let points = |minimum| ConditionParameters {
        evaluation_year: Some(2020),
        minimum_points: Some(Points::whole(minimum)),
        ..ConditionParameters::default()
    };
    let law = |law| ConditionParameters { governing_laws: Some(law), ..ConditionParameters::default() };
    let years =
        |years: &[u16]| ConditionParameters { profit_years: Some(years.to_vec()), ..ConditionParameters::default() };
    for (kind, parameters, expected) in [
        (ConditionKind::Evaluation, points(65), Met),
        (ConditionKind::Evaluation, points(66), NotMet),
        (ConditionKind::Law, law(vec![GoverningLaw::Law2023, GoverningLaw::Law2012]), Met),
        (ConditionKind::Law, law(vec![GoverningLaw::Law2023]), NotMet),
        (ConditionKind::Profit, years(&[2020]), Met),
        (ConditionKind::Profit, years(&[2017, 2020]), Unknown),
        (ConditionKind::Evaluation, ConditionParameters::default(), Unknown),
        (ConditionKind::Law, ConditionParameters::default(), Unknown),
        (ConditionKind::Profit, ConditionParameters::default(), Unknown),
    ] {
        let condition = own("T1", kind, parameters);
        assert_eq!(decided_with(&condition, "2021-08-01", &submitted(1)), (expected, 6), "{condition:?}");
    }
}

pub(in crate::domain) fn any_facts() -> impl Strategy<Value = Facts> {
    let law = prop::option::of(prop::sample::select(GoverningLaw::ALL));
    let figure = || prop::option::of(-2_i64..3);
    let years = prop::collection::vec((figure(), figure()), 3);
    (law, years, prop::option::of(6_400_i64..6_600)).prop_map(|(governing_law, years, total)| Facts {
        founded_on: None,
        governing_law,
        profits: (2018..).zip(years).map(|(at, (declared, verified))| year(at, declared, verified)).collect(),
        evaluations: total.map(evaluated).into_iter().collect(),
    })
}

proptest! {
    #[test]
    fn overall_is_met_exactly_when_every_condition_is(facts in any_facts()) {
        let determination = decided(facts, &submitted(1));
        let all = determination.conditions.iter().all(|answer| answer.verdict == Met);
        prop_assert_eq!(determination.overall == Met, all);
    }

    #[test]
    fn more_points_never_lose_eligibility(facts in any_facts(), total in 0_i64..10_000, more in 0_i64..500) {
        let at = |total| {
            let facts = Facts { evaluations: vec![evaluated(total)], ..facts.clone() };
            decided(facts, &submitted(1)).overall
        };
        prop_assert!(at(total) != Met || at(total + more) == Met);
    }
}
