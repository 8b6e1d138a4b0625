//! An exact fraction as people read it: rounded, and to as many places as keep it where the exact value lies.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::figure::Ratio;
use crate::domain::quantity::Quantity;

/// The fewest places.
const FEWEST: u32 = 2;

/// As many as tell a fraction of two figures from each bound: they differ by more than 1/10²¹, since figures have 19 digits
/// and bounds two places.
const MOST: u32 = 21;

/// A decimal with two places or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownValue {
    is_negative: bool,
    whole: u128,
    /// In units of the last place.
    fraction: u128,
    places: u32,
}

impl ShownValue {
    /// A value to the fewest places, from two on, with which it still is where it should be. Half a unit of the last place is
    /// rounded away from zero.
    pub fn of(value: Ratio, is_where_it_should: impl Fn(&Self) -> bool) -> Self {
        let with_places = |places| Self::rounded(value, places);
        (FEWEST..MOST).map(with_places).find(is_where_it_should).unwrap_or_else(|| with_places(MOST))
    }

    fn rounded(value: Ratio, places: u32) -> Self {
        let (numerator, denominator) = value.parts();
        let (magnitude, over) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        let (mut whole, mut rest, mut fraction) = (magnitude / over, magnitude % over, 0);
        // Digit by digit, since 10²¹ times a figure has no room.
        for _ in 0..places {
            fraction = fraction * 10 + rest * 10 / over;
            rest = rest * 10 % over;
        }
        fraction += u128::from(rest * 2 >= over);
        if fraction == unit(places) {
            (whole, fraction) = (whole + 1, 0);
        }
        Self { is_negative: numerator < 0 && (whole, fraction) != (0, 0), whole, fraction, places }
    }

    /// How it compares with a bound.
    pub fn compare(&self, bound: Quantity) -> Ordering {
        let hundredths = u128::from(bound.units.unsigned_abs()) * if bound.hundredths { 1 } else { 100 };
        let other = (hundredths / 100, hundredths % 100 * unit(self.places));
        let magnitude = (self.whole, self.fraction * 100).cmp(&other);
        match (self.is_negative, bound.units < 0) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

/// One, in units of the last of so many places.
const fn unit(places: u32) -> u128 {
    10_u128.pow(places)
}

impl fmt::Display for ShownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_negative, whole, fraction, places } = *self;
        let (sign, width) = (if is_negative { "-" } else { "" }, usize::try_from(places).unwrap_or(0));
        write!(f, "{sign}{whole}.{fraction:0width$}")
    }
}

impl Serialize for ShownValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for ShownValue {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A value as a decimal string with two places, or with as many more as keep it within the step or on the part of \
                 the line that the exact value falls on; half a unit of the last place is rounded away from zero.",
            ))
            .pattern(Some(r"^-?(0|[1-9][0-9]{0,30})\.[0-9]{2,21}$"))
            .min_length(Some(4))
            .max_length(Some(54))
            .examples(["0.00000003"])
            .into()
    }
}

impl ToSchema for ShownValue {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ShownValue")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::figure::Range;
    use super::*;

    fn shown(numerator: i128, denominator: i64, range: &str) -> String {
        let range: Range = serde_json::from_str(range).unwrap();
        let value = Ratio::of(numerator, denominator).unwrap();
        assert!(range.contains(value));
        ShownValue::of(value, |shown| range.holds(|bound| shown.compare(bound))).to_string()
    }

    #[test]
    fn as_many_places_are_shown_as_keep_a_value_in_its_step() {
        let (above, below) = (r#"{"from": "0", "fromIncluded": false}"#, r#"{"to": "0"}"#);
        // Capital from 3,000,000,000 to 3,000,000,001 has grown, if by next to nothing.
        assert_eq!(shown(100, 3_000_000_000, above), "0.00000003");
        assert_eq!(shown(-100, 3_000_000_000, below), "-0.00000003");
        assert_eq!(shown(-100, 3_000_000_000, r#"{"to": "0", "toIncluded": true}"#), "0.00");
        for (numerator, denominator, range, expected) in [
            (100, 3, "{}", "33.33"),
            (200, 3, "{}", "66.67"),
            (5, 1_000, "{}", "0.01"),
            (-5, 1_000, "{}", "-0.01"),
            (4, 1_000, "{}", "0.00"),
            (-4, 1_000, "{}", "0.00"),
            (1_999_900, 100_000, r#"{"to": "20"}"#, "19.999"),
            (1_999_900, 100_000, "{}", "20.00"),
            (-1_999_900, 100_000, r#"{"from": "-20", "fromIncluded": false}"#, "-19.999"),
            (99_999_999_999_999_999, 1, "{}", "99999999999999999.00"),
        ] {
            assert_eq!(shown(numerator, denominator, range), expected, "{numerator}/{denominator} {range}");
        }
    }

    #[test]
    fn the_closest_fraction_of_figures_is_told_from_its_bound() {
        let (over, above) = (i64::MAX, r#"{"from": "33.33", "fromIncluded": false}"#);
        let least = i128::from(over) * 3_333 / 100 + 1;
        let text = shown(least, over, above);
        assert!(text.starts_with("33.33000000000000") && text.len() > 10, "{text}");
    }

    proptest! {
        #[test]
        fn what_is_shown_lies_in_the_step_and_next_to_the_value(
            numerator in -100_000_000_000_i64..100_000_000_000, over in 1_i64..1_000_000_000_000, bound in -5_000_i64..5_000,
        ) {
            let (value, bound) = (Ratio::of(i128::from(numerator), over).unwrap(), Quantity { units: bound, hundredths: true });
            let side = value.compare(bound);
            let shown = ShownValue::of(value, |shown| shown.compare(bound) == side);
            prop_assert_eq!(shown.compare(bound), side);
            // |shown − value| ≤ half a unit of the last place, in whole numbers.
            let unit = 10_i128.pow(shown.places);
            let units = i128::try_from(shown.whole).unwrap() * unit + i128::try_from(shown.fraction).unwrap();
            let units = if shown.is_negative { -units } else { units };
            let apart = (units * i128::from(over) - i128::from(numerator) * unit).abs();
            prop_assert!(apart * 2 <= i128::from(over), "{} {}/{}", shown, numerator, over);
        }
    }
}
