//! Boundaries of `domain` golden cases 4 and 9, and the day that chooses the rule.

use serde_json::{Value, json};

use super::*;
use crate::domain::cooperative::{AnnualFigures, FiguresBasis};
use crate::domain::criteria::OutsideActivity;

/// The rules that ship.
pub(in crate::domain) fn rules() -> Vec<ClassificationRule> {
    let rules: Vec<Value> =
        serde_json::from_str(include_str!("../../../migration/data/classification_rules.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let day = |value: &Value| value.as_str().map(|day| day.parse().unwrap());
    let rule = |rule: Value| ClassificationRule {
        code: text(&rule["code"]),
        dimension: ClassDimension::from_name(rule["dimension"].as_str().unwrap()).unwrap(),
        valid_from: day(&rule["validFrom"]).unwrap(),
        valid_to: day(&rule["validTo"]),
        legal_basis: text(&rule["legalBasis"]),
        content: RuleContent { outside: outside(&rule), ..serde_json::from_value(rule["content"].clone()).unwrap() },
    };
    rules.into_iter().map(rule).collect()
}

/// Whom the document of a rule that ships leaves out: those whom the criteria of Circular 01/2020 leave out.
fn outside(rule: &Value) -> Vec<OutsideActivity> {
    let of_circular = rule["code"].as_str().unwrap().starts_with("TT01-2020.");
    if of_circular { crate::domain::criteria::tt01().criteria.outside } else { Vec::new() }
}

/// A cooperative that declared figures of 2023.
pub(in crate::domain) fn classed(field: Field, mut figures: Value) -> Classed {
    figures["status"] = json!("final");
    let side = AnnualFigures {
        cooperative: uuid::Uuid::nil(),
        year: 2023,
        basis: FiguresBasis::Declared,
        version: 1,
        figures: serde_json::from_value(figures).unwrap(),
        recorded_by: "cooperative".to_owned(),
        updated_at: chrono::DateTime::UNIX_EPOCH,
    };
    Classed::read(field, None, 2023, &[side])
}

fn class(dimension: ClassDimension, at: &str, of: &Classed) -> String {
    let verdicts = classify(&rules(), at.parse().unwrap(), of);
    let verdict = verdicts.into_iter().find(|verdict| verdict.dimension == dimension).unwrap();
    verdict.class.unwrap_or_else(|| verdict.outcome.name().to_owned())
}

#[test]
fn classes_by_members_are_closed_on_the_right() {
    for (members, expected) in
        [(49, "micro"), (50, "small"), (300, "small"), (301, "medium"), (1_000, "medium"), (1_001, "large")]
    {
        let of = classed(Field::NonAgriculture, json!({"members": members}));
        assert_eq!(class(ClassDimension::Members, "2024-10-31", &of), expected, "{members}");
    }
}

#[test]
fn classes_by_capital_are_open_on_the_right() {
    for (capital, expected) in [
        ("999999999", "micro"),
        ("1000000000", "small"),
        ("4999999999", "small"),
        ("5000000000", "medium"),
        ("49999999999", "medium"),
        ("50000000000", "large"),
    ] {
        let of = classed(Field::NonAgriculture, json!({"totalCapital": capital}));
        assert_eq!(class(ClassDimension::Capital, "2020-04-01", &of), expected, "{capital}");
    }
}

#[test]
fn the_decree_classes_agriculture_as_far_as_it_is_known() {
    let bn = |billions: i64| (billions * 1_000_000_000).to_string();
    let table = [
        (json!({"members": 250, "revenue": bn(12), "totalCapital": bn(1)}), "medium"),
        (json!({"members": 350, "revenue": bn(40), "totalCapital": bn(9)}), "medium"),
        (json!({"members": 300, "revenue": bn(50), "totalCapital": "0"}), "large"),
        (json!({"members": 300, "revenue": "0", "totalCapital": bn(10)}), "large"),
        (json!({"members": 299, "revenue": bn(50), "totalCapital": bn(10)}), "medium"),
        (json!({"members": 200, "revenue": bn(10), "totalCapital": "0"}), "medium"),
        (json!({"members": 199, "revenue": bn(10), "totalCapital": bn(5)}), "unknown_under_rule"),
        (json!({"members": 400, "membersOfficial": 199, "revenue": bn(60)}), "unknown_under_rule"),
        (json!({"members": 200, "revenue": "9999999999", "totalCapital": "4999999999"}), "unknown_under_rule"),
        // What is missing could make it large, or could not.
        (json!({"members": 350, "totalCapital": bn(9)}), "missing"),
        (json!({"members": 250, "totalCapital": bn(9)}), "medium"),
        (json!({"revenue": bn(60)}), "missing"),
    ];
    for (figures, expected) in table {
        let of = classed(Field::Agriculture, figures.clone());
        assert_eq!(class(ClassDimension::Size, "2024-11-01", &of), expected, "{figures}");
    }
    let other = classed(Field::NonAgriculture, json!({"members": 350, "revenue": bn(60), "totalCapital": bn(60)}));
    assert_eq!(class(ClassDimension::Size, "2024-11-01", &other), "unknown_under_rule");
}

/// People's credit funds stand outside Circular 01/2020, by members, capital, supply and trade alike.
#[test]
fn whom_the_circular_leaves_out_has_no_class_under_it() {
    let mut of = classed(Field::NonAgriculture, json!({"members": 350, "totalCapital": "1", "memberSupply": "mixed"}));
    for (code, outside) in [(Some("6419"), true), (Some("K64190"), true), (Some("6492"), false), (None, false)] {
        of.industry_code = code.map(str::to_owned);
        for dimension in [ClassDimension::Members, ClassDimension::Capital, ClassDimension::Supply] {
            let class = class(dimension, "2021-09-15", &of);
            assert_eq!(class == "outside_rule", outside, "{dimension:?} {code:?}: {class}");
        }
        assert_eq!(class(ClassDimension::Trade, "2021-09-15", &of) == "outside_rule", outside);
        assert_eq!(class(ClassDimension::Size, "2024-11-01", &of), "unknown_under_rule");
    }
}

#[test]
fn the_day_chooses_the_rule() {
    let of = classed(Field::Agriculture, json!({"members": 350, "revenue": "60000000000", "totalCapital": "1"}));
    for (dimension, at, expected) in [
        (ClassDimension::Members, "2020-03-31", "no_rule"),
        (ClassDimension::Members, "2020-04-01", "medium"),
        (ClassDimension::Members, "2024-10-31", "medium"),
        (ClassDimension::Members, "2024-11-01", "no_rule"),
        (ClassDimension::Size, "2024-10-31", "no_rule"),
        (ClassDimension::Size, "2024-11-01", "large"),
        (ClassDimension::Supply, "2024-11-01", "missing"),
    ] {
        assert_eq!(class(dimension, at, &of), expected, "{dimension:?} {at}");
    }
    let years = [("2020-12-30", 2019), ("2020-12-31", 2020), ("2021-01-01", 2020)];
    assert!(years.into_iter().all(|(at, year)| figures_year(at.parse().unwrap()) == year));
}

#[test]
fn trade_is_the_section_of_the_main_activity() {
    for (code, expected) in [
        (Some("0161"), "A"),
        (Some("A0161"), "A"),
        (Some("A"), "A"),
        (Some("49"), "H"),
        (Some("3811"), "E"),
        (Some("34000"), "unknown_under_rule"),
        (Some("0"), "missing"),
        (None, "missing"),
    ] {
        let of = Classed { industry_code: code.map(str::to_owned), ..classed(Field::Agriculture, json!({})) };
        assert_eq!(class(ClassDimension::Trade, "2021-09-15", &of), expected, "{code:?}");
    }
    let stated = classed(Field::Agriculture, json!({"memberSupply": "mixed"}));
    assert_eq!(class(ClassDimension::Supply, "2021-09-15", &stated), "mixed");
}

/// Under the Law of 2023 not all members are official: without their number the class is not told.
#[test]
fn official_members_are_not_guessed_under_the_law_of_2023() {
    use crate::domain::cooperative::GoverningLaw;
    let figures = || json!({"members": 350, "revenue": "60000000000", "totalCapital": "12000000000"});
    let of = |law| class(ClassDimension::Size, "2024-11-01", &classed(Field::Agriculture, figures()).under(law));
    assert!(of(GoverningLaw::Law2012).contains("large"), "{}", of(GoverningLaw::Law2012));
    assert!(!of(GoverningLaw::Law2023).contains("large"), "{}", of(GoverningLaw::Law2023));
}

/// Each class says under which article and on which facts it was told, or what is missing for it.
#[test]
fn a_class_that_cannot_be_told_names_what_is_missing() {
    let bn = |billions: i64| (billions * 1_000_000_000).to_string();
    let missing = |dimension, at: &str, of: &Classed| {
        let verdicts = classify(&rules(), at.parse().unwrap(), of);
        let verdict = verdicts.into_iter().find(|verdict| verdict.dimension == dimension).unwrap();
        let members: Vec<_> = verdict.missing.into_iter().map(|fact| fact.member).collect();
        assert_eq!(members.is_empty(), verdict.outcome != ClassOutcome::Missing, "{dimension:?} {at}");
        for member in &members {
            let Text { vi, en } = &verdict.explanation;
            assert!(vi.contains(member.as_str()) && en.contains(member.as_str()), "{vi} {en}");
        }
        members
    };
    let nothing = classed(Field::Agriculture, json!({}));
    for (dimension, member) in [
        (ClassDimension::Supply, "memberSupply"),
        (ClassDimension::Members, "members"),
        (ClassDimension::Capital, "totalCapital"),
        (ClassDimension::Trade, "industryCode"),
    ] {
        assert_eq!(missing(dimension, "2021-09-15", &nothing), [member]);
    }
    let size = |figures: Value| missing(ClassDimension::Size, "2024-11-01", &classed(Field::Agriculture, figures));
    assert_eq!(size(json!({})), ["membersOfficial", "revenue", "totalCapital"]);
    assert_eq!(size(json!({"revenue": bn(60)})), ["membersOfficial"]);
    assert_eq!(size(json!({"members": 350, "totalCapital": bn(9)})), ["revenue"]);
    assert_eq!(size(json!({"members": 199})), [""; 0]);
}

#[test]
fn every_class_is_explained_with_its_article_and_its_facts() {
    let known = json!({"members": 300, "totalCapital": "4999999999", "memberSupply": "mixed"});
    let of = Classed { industry_code: Some("0400".to_owned()), ..classed(Field::NonAgriculture, known) };
    let words = |dimension, at: &str| {
        let verdicts = classify(&rules(), at.parse().unwrap(), &of);
        let verdict = verdicts.into_iter().find(|verdict| verdict.dimension == dimension).unwrap();
        assert!(!verdict.legal_basis.is_empty() && verdict.legal_basis != "Sarus", "{dimension:?} {at}");
        verdict.explanation.en
    };
    for (dimension, at, expected) in [
        (ClassDimension::Members, "2021-09-15", "Small by members — members of 2023: 300 (01/2020/TT-BKHĐT, Điều 4)."),
        (
            ClassDimension::Capital,
            "2021-09-15",
            "Small by capital — total capital of 2023: 4999999999 đồng (01/2020/TT-BKHĐT).",
        ),
        (
            ClassDimension::Supply,
            "2021-09-15",
            "Mixed cooperative — supply to members in 2023: mixed (01/2020/TT-BKHĐT, Điều 3).",
        ),
        (
            ClassDimension::Trade,
            "2021-09-15",
            "Unknown under this rule: 01/2020/TT-BKHĐT; 27/2018/QĐ-TTg, as far as it is known, has no class for main activity 0400.",
        ),
        (
            ClassDimension::Size,
            "2024-11-01",
            "Unknown under this rule: 113/2024/NĐ-CP, as far as it is known, has no class for field other than agriculture. \
             Not known: what makes a small or micro cooperative in agriculture, and every size in other fields.",
        ),
        (
            ClassDimension::Size,
            "2024-10-31",
            "No rule that classes by size within the field of activity is in force on 2024-10-31; \
             113/2024/NĐ-CP is in force from 2024-11-01.",
        ),
    ] {
        assert_eq!(words(dimension, at), expected);
    }
}
