use std::collections::BTreeMap;

use super::rates::{RateVerdict, Rates, TrainingCost, TrainingPart, TrainingPlace, WageRegion, YoungWorker};
use super::*;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::text::Text;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The rates that ship, read from the very file.
pub(in crate::domain) fn shipped() -> Vec<ReferenceEntry> {
    let data = include_str!("../../../migration/data/support_rates.json");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    let entry = |row: &serde_json::Value| ReferenceEntry {
        list: ReferenceList::from_name(&text(row, "list")).unwrap(),
        code: text(row, "code"),
        slug: None,
        name: Text::new(text(row, "vi"), text(row, "en")),
        attributes: serde_json::from_value::<BTreeMap<String, String>>(row["attributes"].clone()).unwrap(),
        province: None,
        valid_from: day(&text(row, "validFrom")),
        valid_to: row["validTo"].as_str().map(day),
        legal_basis: text(row, "legalBasis"),
    };
    data["rows"].as_array().unwrap().iter().map(entry).collect()
}

fn item(workers: Vec<YoungWorker>, training: Vec<TrainingCost>) -> NeededItem {
    NeededItem {
        title: "x".to_owned(),
        support_kind: "young_workers".to_owned(),
        nature: Nature::Recurrent,
        budget_level: None,
        source: None,
        justification: "x".to_owned(),
        phases: Vec::new(),
        young_workers: workers,
        training,
    }
}

fn worker(mark: &str, from: &str, months: u16, monthly: i64) -> YoungWorker {
    YoungWorker {
        mark: mark.to_owned(),
        from: day(from),
        months,
        region: WageRegion::III,
        monthly: Money::dong(monthly),
    }
}

/// The verdicts of a need that is submitted on a day, each with its member.
fn verdicts(on: &str, items: &[NeededItem], elsewhere: &[YoungWorker]) -> Vec<(String, RateVerdict)> {
    let lists = shipped();
    let findings = Rates { lists: &lists, province: "89", day: day(on) }.check(items, elsewhere);
    findings.into_iter().map(|finding| (finding.pointer, finding.verdict)).collect()
}

fn broken(on: &str, workers: Vec<YoungWorker>, elsewhere: &[YoungWorker]) -> Vec<String> {
    let found = verdicts(on, &[item(workers, Vec::new())], elsewhere);
    found.into_iter().filter(|(_, verdict)| *verdict == RateVerdict::Broken).map(|(pointer, _)| pointer).collect()
}

#[test]
fn a_young_worker_gets_at_least_one_and_a_half_times_the_wage_of_the_first_day() {
    for (from, monthly, expected) in [
        // 3,430,000 under 90/2019/NĐ-CP.
        ("2022-01-01", 5_144_999, RateVerdict::Broken),
        ("2022-01-01", 5_145_000, RateVerdict::Kept),
        ("2022-01-01", 5_145_001, RateVerdict::ProvinceDecides),
        ("2022-06-30", 5_145_000, RateVerdict::Kept),
        // 3,640,000 from 1 July 2022 under 38/2022/NĐ-CP.
        ("2022-07-01", 5_145_000, RateVerdict::Broken),
        ("2022-07-01", 5_460_000, RateVerdict::Kept),
        // 3,860,000 from 1 July 2024 under 74/2024/NĐ-CP.
        ("2024-07-01", 5_790_000, RateVerdict::Kept),
        ("2019-12-31", 5_145_000, RateVerdict::Unknown),
    ] {
        let found = verdicts("2022-01-15", &[item(vec![worker("LD-01", from, 1, monthly)], Vec::new())], &[]);
        assert_eq!(found[0], ("/items/0/youngWorkers/0/monthly".to_owned(), expected), "{from} {monthly}");
    }
}

#[test]
fn at_most_three_years_a_person_over_all_needs() {
    let of = |months| worker("LD-01", "2022-01-01", months, 5_145_000);
    assert!(broken("2022-01-15", vec![of(36)], &[]).is_empty());
    assert_eq!(broken("2022-01-15", vec![of(37)], &[]), ["/items/0/youngWorkers/0/months"]);
    assert_eq!(broken("2022-01-15", vec![of(24)], &[of(13)]), ["/items/0/youngWorkers/0/months"]);
    let another = worker("LD-02", "2022-01-01", 13, 5_145_000);
    assert!(broken("2022-01-15", vec![of(24)], &[another]).is_empty());
}

#[test]
fn at_most_two_persons_of_an_organisation_in_a_year() {
    let of = |mark: &str, from: &str, months| worker(mark, from, months, 5_460_000);
    let two = vec![of("LD-01", "2022-01-01", 12), of("LD-02", "2022-01-01", 12)];
    assert!(broken("2022-01-15", two.clone(), &[]).is_empty());
    let third = of("LD-03", "2022-12-01", 1);
    assert_eq!(broken("2022-01-15", vec![third.clone()], &two), ["/items/0/youngWorkers/0"]);
    // The same person is one, and the next year counts anew.
    assert!(broken("2022-01-15", vec![of("LD-01", "2022-12-01", 1)], &two).is_empty());
    assert!(broken("2022-01-15", vec![of("LD-03", "2023-01-01", 1)], &two).is_empty());
    assert_eq!(broken("2022-01-15", vec![of("LD-03", "2022-12-31", 2)], &two), ["/items/0/youngWorkers/0"]);
}

#[test]
fn a_training_gets_at_most_its_share() {
    use TrainingPart::{FoodAndLodging, Materials, Organisation, Travel};
    use TrainingPlace::{EspeciallyDifficult, Other, Rural};
    for (part, place, most) in [
        (Travel, Other, 1_000_001),
        (Organisation, Rural, 1_000_001),
        (Materials, EspeciallyDifficult, 1_000_001),
        (FoodAndLodging, EspeciallyDifficult, 1_000_001),
        (FoodAndLodging, Rural, 900_000),
        (FoodAndLodging, Other, 800_000),
    ] {
        let asked = |support| {
            let cost = TrainingCost { part, place, cost: Money::dong(1_000_001), support: Money::dong(support) };
            verdicts("2022-01-15", &[item(Vec::new(), vec![cost])], &[])[0].1
        };
        assert_eq!((asked(most), asked(most + 1)), (RateVerdict::Kept, RateVerdict::Broken), "{part:?} {place:?}");
    }
}

#[test]
fn without_a_rate_in_force_nothing_is_refused_and_it_is_said() {
    let cost = TrainingCost {
        part: TrainingPart::Travel,
        place: TrainingPlace::Other,
        cost: Money::dong(1),
        support: Money::dong(2),
    };
    let of = |from: &str| verdicts("2026-01-01", &[item(vec![worker("LD-01", from, 9, 1)], vec![cost.clone()])], &[]);
    let found = of("2026-01-01");
    assert!(found.iter().all(|(_, verdict)| *verdict == RateVerdict::Unknown), "{found:?}");
    assert_eq!(found.len(), 4);
    // Asked for after the rates have ended, support that begins under them is held against them.
    assert!(of("2022-01-01").contains(&("/items/0/youngWorkers/0/monthly".to_owned(), RateVerdict::Broken)));
}

#[test]
fn sums_in_million_add_up_to_their_total_column_by_column() {
    let group = |key: &str, requested: i64, appraised: i64, approved: i64| NeedSum {
        key: Some(key.to_owned()),
        requested: Money::dong(requested),
        appraised: Money::dong(appraised),
        approved: Money::dong(approved),
    };
    let groups = vec![group("2022", 1_400_000, 1_400_000, 0), group("2023", 1_400_000, 600_000, 0)];
    let dong = |sum: &NeedSum| [sum.requested, sum.appraised, sum.approved].map(Money::as_dong);
    let (total, shown) = NeedSum::shown(AmountUnit::Million, groups.clone());
    // 2.8 is 3: the first of the equal remainders goes up; 2.0 is 2: the larger remainder does.
    assert_eq!((dong(&total), dong(&shown[0]), dong(&shown[1])), ([3, 2, 0], [2, 1, 0], [1, 1, 0]));
    let (total, shown) = NeedSum::shown(AmountUnit::Dong, groups.clone());
    assert_eq!((dong(&total), shown), ([2_800_000, 2_000_000, 0], groups));
}
