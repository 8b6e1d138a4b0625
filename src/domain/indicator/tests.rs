//! How indicators add up, rounded and published.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn value(indicator: Indicator, measure: &Measure) -> Option<String> {
    measure.value(indicator).map(|value| value.to_string())
}

fn figure(indicator: Indicator, measure: Measure) -> Figure {
    Figure { indicator, measure, status: FigureStatus::Final }
}

#[test]
fn codes_are_unique_and_survive_the_wire() {
    let codes: HashSet<_> = Indicator::ALL.iter().map(|indicator| indicator.code()).collect();
    assert_eq!(codes.len(), Indicator::ALL.len());
    for indicator in Indicator::ALL {
        assert_eq!(Indicator::from_code(indicator.code()), Some(*indicator));
        assert_eq!(serde_json::to_value(indicator).unwrap(), indicator.code());
    }
}

#[test]
fn a_percentage_is_never_added_and_a_breakdown_is_never_of_a_ratio() {
    for indicator in Indicator::ALL {
        let percent = matches!(indicator.unit(), IndicatorUnit::Percent | IndicatorUnit::Point);
        assert_eq!(indicator.is_ratio(), percent, "{}", indicator.code());
        assert!(!percent || indicator.breakdown_by().is_none(), "{}", indicator.code());
    }
}

#[test]
fn ratios_have_two_places_rounded_half_away_from_zero() {
    let table = [
        (Indicator::PilotsGoodShare, 2, 3, Some("66.67")),
        (Indicator::PilotsGoodShare, 1, 3, Some("33.33")),
        (Indicator::PilotsGoodShare, 5, 5, Some("100.00")),
        (Indicator::PilotsGoodShare, 0, 5, Some("0.00")),
        (Indicator::PilotsGoodShare, 1, 20_000, Some("0.01")),
        (Indicator::PilotsGoodShare, 1, 20_001, Some("0.00")),
        (Indicator::PilotsGoodShare, 0, 0, None),
        (Indicator::DisbursementRate, 999_999_999_999_999, 999_999_999_999_999, Some("100.00")),
        // 82.50 + 79.99 + 65.00 over three pilots.
        (Indicator::PilotsScoreMean, 22_749, 3, Some("75.83")),
        (Indicator::PilotsScoreMean, 0, 0, None),
    ];
    for (indicator, numerator, denominator, expected) in table {
        let ratio = Measure::ratio(numerator, denominator);
        assert_eq!(value(indicator, &ratio).as_deref(), expected, "{} {ratio:?}", indicator.code());
    }
}

#[test]
fn a_ratio_of_units_is_not_the_mean_of_their_ratios() {
    let small = figure(Indicator::PilotsGoodShare, Measure::ratio(1, 1));
    let large = figure(Indicator::PilotsGoodShare, Measure::ratio(0, 3));
    let whole = over_units(Indicator::PilotsGoodShare, [&small, &large]);
    assert_eq!(value(Indicator::PilotsGoodShare, &whole.measure).as_deref(), Some("25.00"));
}

#[test]
fn one_unsure_part_makes_the_whole_unsure_and_an_unknown_part_adds_nothing() {
    let mut unsure = figure(Indicator::Revenue, Measure::default());
    unsure.status = FigureStatus::Estimated;
    let known = figure(Indicator::Revenue, Measure::sum(7));
    let whole = over_units(Indicator::Revenue, [&unsure, &known]);
    assert_eq!((whole.measure, whole.status), (Measure::sum(7), FigureStatus::Estimated));
    assert_eq!(over_units(Indicator::Revenue, []).measure.amount, None);
}

#[test]
fn a_distinct_count_adds_over_provinces_alone() {
    let parts = [2, 3].map(|count| figure(Indicator::PilotsSupported, Measure::sum(count)));
    assert_eq!(over_units(Indicator::PilotsSupported, &parts).measure, Measure::default());
    assert_eq!(over_provinces(Indicator::PilotsSupported, &parts).measure, Measure::sum(5));
}

fn any_measure() -> impl Strategy<Value = Measure> {
    let parts = proptest::collection::btree_map("[ab]", -1_000_000_i64..1_000_000, 0..3);
    let number = || proptest::option::of(-1_000_000_000_000_i64..1_000_000_000_000);
    (number(), number(), parts).prop_map(|(amount, base, parts)| Measure { amount, base, parts, ..Measure::default() })
}

proptest! {
    #[test]
    fn any_partition_of_the_units_sums_to_the_whole(
        units in proptest::collection::vec((any_measure(), any::<bool>(), 0_usize..4), 0..20),
        which in 0..Indicator::ALL.len(),
    ) {
        let indicator = Indicator::ALL[which];
        let status = |sure| if sure { FigureStatus::Final } else { FigureStatus::Estimated };
        let figures: Vec<(Figure, usize)> = units
            .into_iter()
            .map(|(measure, sure, group)| (Figure { indicator, measure, status: status(sure) }, group))
            .collect();
        let whole = over_units(indicator, figures.iter().map(|(figure, _)| figure));
        // A partition has no empty class: a distinct count of one unit stays known only while it stands alone.
        let group = |wanted: usize| {
            let mut of_it = figures.iter().filter(|(_, group)| *group == wanted).map(|(figure, _)| figure).peekable();
            of_it.peek().is_some().then(|| over_units(indicator, of_it))
        };
        let groups: Vec<Figure> = (0..4).filter_map(group).collect();
        prop_assert_eq!(over_units(indicator, &groups), whole);
    }

    #[test]
    fn a_value_by_parts_equals_their_sum(parts in proptest::collection::btree_map("[a-z]{1,8}", 0_i64..1_000_000, 0..6)) {
        let sum: i64 = parts.values().sum();
        prop_assert_eq!(Measure::parts(parts).amount, Some(sum));
    }
}
