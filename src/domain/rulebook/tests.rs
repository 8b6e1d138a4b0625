use std::collections::BTreeSet;

use super::*;
use crate::domain::classification::tests::rules as shipped_rules;
use crate::domain::criteria::tt01;
use crate::domain::eligibility::rule_id;
use crate::domain::scheme::qd167;
use crate::domain::support_need::tests::shipped as shipped_rates;

fn in_force(at: &str) -> InForce {
    let (schemes, criteria_sets) = (vec![qd167()], vec![tt01()]);
    InForce {
        at: at.parse().unwrap(),
        schemes,
        provinces: Vec::new(),
        own: Vec::new(),
        criteria_sets,
        classification: shipped_rules(),
        rates: shipped_rates(),
        sources: Vec::new(),
        calendar: Vec::new(),
        days: Vec::new(),
    }
}

fn an_giang() -> InForce {
    in_force("2021-09-15")
}

fn found(id: &str) -> BookRule {
    rule(id, &an_giang()).unwrap()
}

fn verdicts_of(id: &str) -> Vec<String> {
    found(id).examples.into_iter().map(|example| example.verdict).collect()
}

#[test]
fn every_rule_has_words_an_article_and_an_example_and_no_two_share_an_identifier() {
    let book = book(&an_giang());
    let ids: BTreeSet<&str> = book.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), book.len());
    let mut without: Vec<&str> = Vec::new();
    for rule in &book {
        let BookRule { id, statement, title, citations, examples, .. } = rule;
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{id}");
        let is_said = !statement.vi.is_empty() && !statement.en.is_empty() && statement != title;
        if !is_said || examples.is_empty() || citations.iter().any(|citation| citation.document.is_empty()) {
            without.push(id);
        }
    }
    assert!(without.is_empty(), "rules without words, article or example: {without:?}");
}

#[test]
fn each_refusal_code_and_each_verdict_points_at_a_rule() {
    for refused in Rule::ALL {
        assert_eq!(found(refused.code()).kind, RuleKind::Refusal);
    }
    for kind in ConditionKind::ALL {
        assert_eq!(found(rule_id(*kind)).kind, RuleKind::Verdict);
    }
    let rating: Vec<_> = tt01().criteria.bands.iter().map(|band| band.code.clone()).collect();
    assert_eq!(found("rating").verdicts, rating);
    for reason in crate::domain::evaluation::NotRatedReason::ALL {
        assert!(found("not_rated").verdicts.contains(&reason.name().to_owned()), "{reason:?}");
    }
    for exit in ["exit_total", "exit_criteria"] {
        for outcome in crate::domain::improvement::ExitOutcome::ALL {
            assert!(found(exit).verdicts.contains(&outcome.name().to_owned()), "{exit} {outcome:?}");
        }
    }
}

/// The examples are decided by the code: here stands what a lawyer expects of it.
#[test]
fn each_example_comes_out_as_the_law_says() {
    let expected: [(&str, &[&str]); 16] = [
        ("eligibility", &["met", "not_met", "unknown"]),
        ("condition_law", &["met", "not_met", "unknown"]),
        ("condition_model", &["met", "not_met"]),
        ("condition_profit", &["met", "not_met", "not_met", "unknown"]),
        ("condition_dossier", &["met", "not_met"]),
        ("condition_evaluation", &["met", "not_met", "not_met", "unknown"]),
        ("condition_attested", &["met", "not_met", "unknown"]),
        ("ranking", &["first", "level", "first", "level", "not_ranked"]),
        ("rating", &["good", "good", "fair", "fair", "average", "average", "weak", "weak"]),
        ("not_rated", &["rated", "operating_too_short", "rated", "stopped_too_long"]),
        (
            "classification",
            &[
                "classified",
                "classified",
                "classified",
                "classified",
                "classified",
                "classified",
                "missing",
                "classified",
                "unknown_under_rule",
                "outside_rule",
                "no_rule",
            ],
        ),
        ("evaluation_deadline", &["in_time", "late"]),
        ("late_selection", &["in_phase", "late_selection"]),
        ("exit_total", &["met", "not_met", "unknown"]),
        ("exit_criteria", &["met", "not_met", "not_met", "unknown"]),
        ("support_rate", &["kept", "broken", "province_decides", "unknown"]),
    ];
    for (id, verdicts) in expected {
        assert_eq!(verdicts_of(id), verdicts, "{id}");
    }
    let deciding: BTreeSet<_> = verdicts::ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(deciding, expected.iter().map(|(id, _)| *id).collect(), "a rule that decides has no expectation here");
}

#[test]
fn every_verdict_of_a_rule_is_shown_by_one_of_its_examples() {
    for rule in book(&an_giang()).into_iter().filter(|rule| rule.kind == RuleKind::Verdict) {
        let shown: BTreeSet<_> = rule.examples.iter().map(|example| example.verdict.clone()).collect();
        assert_eq!(shown, rule.verdicts.iter().cloned().collect(), "{}", rule.id);
    }
}

/// Circular 01/2020: closed on the right for members; from 1 November 2024 Decree 113/2024 classes by field.
#[test]
fn the_classes_of_the_examples_are_those_of_the_rule_in_force() {
    let names = |at: &str| {
        let rule = rule("classification", &in_force(at)).unwrap();
        let words = rule.examples.into_iter().map(|example| example.explanation.unwrap().en);
        words.map(|words| words.split(" — ").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let by_members = ["Micro", "Small", "Small", "Medium", "Medium", "Large"].map(|name| format!("{name} by members"));
    assert_eq!(names("2024-10-31")[..6], by_members);
    let none = "No rule that classes by members is in force on 2024-11-01; 01/2020/TT-BKHĐT, Điều 4 is in force from 2020-04-01 to 2024-10-31.";
    assert_eq!(names("2024-11-01")[..6], [none; 6]);
}

#[test]
fn parameters_are_those_of_the_day_and_examples_follow_them() {
    let minimum = |in_force: &InForce| {
        let rule = rule("condition_evaluation", in_force).unwrap();
        let points = rule.parameters.into_iter().find(|parameter| parameter.name == "minimumPoints");
        (
            points.map(|points| points.value),
            rule.examples.first().map(|example| example.explanation.clone().unwrap().en),
        )
    };
    let (points, words) = minimum(&an_giang());
    assert_eq!(points.as_deref(), Some("65.00"));
    assert!(words.unwrap().contains("65.00"));
    // Before the scheme nothing is asked: the examples are those that it begins with.
    let (points, words) = minimum(&in_force("2021-02-02"));
    assert_eq!(points, None);
    assert!(words.unwrap().contains("65.00"));
    // After it, its pilots are judged by it still.
    assert_eq!(minimum(&in_force("2026-11-23")).0.as_deref(), Some("65.00"));
    // A later form of the condition is another parameter, from its first day.
    let mut changed = an_giang();
    let conditions = &mut changed.schemes[0].mandatory;
    let mut stricter = conditions[4].clone();
    conditions[4].valid_to = Some("2021-12-31".parse().unwrap());
    stricter.valid_from = "2022-01-01".parse().unwrap();
    stricter.parameters.minimum_points = Some(crate::domain::score::Points::whole(70));
    conditions.push(stricter);
    changed.at = "2021-12-31".parse().unwrap();
    assert_eq!(minimum(&changed).0.as_deref(), Some("65.00"));
    changed.at = "2022-01-01".parse().unwrap();
    let (points, words) = minimum(&changed);
    assert_eq!(points.as_deref(), Some("70.00"));
    assert!(words.unwrap().contains("70.00"));
}

#[test]
fn a_legal_basis_is_taken_apart_into_document_and_article() {
    let of = |basis: &str| {
        let parts =
            citations(basis).into_iter().map(|citation| (citation.document, citation.article.unwrap_or_default()));
        parts.collect::<Vec<_>>()
    };
    let pair = |document: &str, article: &str| (document.to_owned(), article.to_owned());
    assert_eq!(of("2129/QĐ-UBND III.2.1"), [pair("2129/QĐ-UBND", "III.2.1")]);
    assert_eq!(
        of("167/QĐ-TTg; 2129/QĐ-UBND II.2: at most 5"),
        [pair("167/QĐ-TTg", ""), pair("2129/QĐ-UBND", "II.2: at most 5")]
    );
    assert_eq!(of("Sarus: references must resolve"), [pair("Sarus", "references must resolve")]);
    assert_eq!(of("Luật Ngân sách nhà nước 2015"), [pair("Luật Ngân sách nhà nước 2015", "")]);
    assert_eq!(of("01/2020/TT-BKHĐT, Annex 2"), [pair("01/2020/TT-BKHĐT", "Annex 2")]);
}

/// Whatever the day: what is still applied, and what is applied already, is shown with examples that the code decides.
#[test]
fn every_deciding_rule_has_examples_on_each_day() {
    for at in ["2020-12-31", "2021-09-15", "2026-11-23"] {
        let book = book(&in_force(at));
        let deciding: Vec<_> = book.iter().filter(|rule| rule.kind == RuleKind::Verdict).collect();
        let without: Vec<&str> =
            deciding.iter().filter(|rule| rule.examples.is_empty()).map(|rule| rule.id.as_str()).collect();
        assert!(without.is_empty(), "{at}: {without:?}");
        for id in ["rating", "not_rated", "evaluation_deadline"] {
            let found = deciding.iter().find(|rule| rule.id == id).unwrap();
            assert!(!found.parameters.is_empty() && !found.verdicts.is_empty(), "{at}: {id}");
        }
    }
}

/// Two circulars and a province's variant, each with its own parameters and examples; a fine forces *Yếu* under one of them.
#[test]
fn what_each_criteria_set_lays_down_is_shown_of_each() {
    let mut shown = in_force("2022-06-30");
    let mut variant = tt01();
    variant.code = "TT01-2020-89".to_owned();
    variant.province = Some("89".to_owned());
    variant.criteria.bands[0].minimum = crate::domain::score::Points::whole(85);
    let mut other = tt01();
    other.code = "TT09-2017".to_owned();
    other.legal_basis = "09/2017/TT-BNNPTNT".to_owned();
    let fine = serde_json::json!({"fact": "administrative_fine", "rating": "weak", "legalBasis": "09/2017/TT-BNNPTNT"});
    other.criteria.forced_ratings = vec![serde_json::from_value(fine).unwrap()];
    shown.criteria_sets.extend([variant, other]);
    let good = |in_force: &InForce| {
        let rating = rule("rating", in_force).unwrap();
        let best = rating.parameters.iter().filter(|parameter| parameter.name == "rating.good");
        let best: Vec<_> = best.map(|parameter| (parameter.of.clone(), parameter.value.clone())).collect();
        (rating, best)
    };
    let pair = |of: &str, value: &str| (of.to_owned(), value.to_owned());
    let (rating, best) = good(&shown);
    assert_eq!(best, [pair("TT01-2020", "80.00"), pair("TT09-2017", "80.00")]);
    let forced = rating.parameters.iter().find(|parameter| parameter.name == "forced.administrative_fine").unwrap();
    assert_eq!((forced.of.as_str(), forced.value.as_str()), ("TT09-2017", "weak"));
    let fined: Vec<_> = rating.examples.iter().filter(|example| example.given.en.contains("fine")).collect();
    assert_eq!((fined.len(), fined[0].verdict.as_str()), (1, "weak"));
    assert!(fined[0].given.vi.starts_with("TT09-2017: ") && rating.statement.vi.contains("xử phạt"), "{fined:?}");
    assert_eq!(rating.legal_basis, "01/2020/TT-BKHĐT; 09/2017/TT-BNNPTNT");
    shown.provinces = vec!["89".to_owned()];
    assert_eq!(good(&shown).1[1], pair("TT01-2020-89", "85.00"));
    for refused in ["points_step", "points_above_maximum"] {
        let of: BTreeSet<_> = rule(refused, &shown).unwrap().parameters.into_iter().map(|one| one.of).collect();
        assert_eq!(of.len(), 3, "{refused}: {of:?}");
    }
}

/// Of criteria in parts the whole has a maximum beside those of its parts; what is scored against it shows the same.
#[test]
fn the_maxima_are_those_of_groups_criteria_and_parts() {
    let values = |id: &str| -> std::collections::BTreeMap<String, String> {
        found(id).parameters.into_iter().map(|parameter| (parameter.name, parameter.value)).collect()
    };
    let maxima = values("points_above_maximum");
    for (name, value) in [
        ("group.I", "30.00"),
        ("criterion.1", "7.00"),
        ("criterion.1a", "6.00"),
        ("criterion.7", "6.00"),
        ("criterion.5", "8.00"),
    ] {
        assert_eq!(maxima.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!maxima.contains_key("criterion.10"), "nothing that is unknown is shown");
    for id in ["target_above_maximum", "group_targets_above_maximum"] {
        assert_eq!(values(id), maxima, "{id}");
    }
    assert!(values("missing_score")["scored"].starts_with("1a, 1b, 2a"));
    assert_eq!(values("other_circular")["criteriaSet"], "TT01-2020");
    assert_eq!(values("criteria_not_in_force")["criteriaSet"], "01/2020/TT-BKHĐT");
    assert!(!values("rate_not_kept").is_empty() && values("rate_not_kept") == values("support_rate"));
}

/// A rule that is applied with parameters says with each refusal what it held against them.
#[test]
fn a_refusal_with_parameters_declares_its_inputs() {
    let unsaid: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !parameters::of_refusal(**rule, &an_giang()).is_empty() && rule.inputs().is_empty())
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
    for rule in Rule::ALL {
        let camel = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(rule.inputs().iter().all(camel), "{rule:?}");
        let named = found(rule.code()).inputs;
        assert_eq!(named, rule.inputs(), "{rule:?}");
    }
}
