//! A figure of a report: a count, an amount of đồng, points or a percentage, exactly. A decimal string on the wire.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A number without a decimal place (counts, đồng) or with two (points, percentages); never a fraction in binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// The number in its smallest unit: 7,850 for `78.50`, 12 for `12`.
    pub units: i64,
    /// Whether it has two decimal places.
    pub hundredths: bool,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.hundredths {
            return self.units.fmt(f);
        }
        let sign = if self.units < 0 { "-" } else { "" };
        let magnitude = self.units.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

/// Why a text is not a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 17 digits, with no or two decimal places")]
pub struct NotQuantity;

impl FromStr for Quantity {
    type Err = NotQuantity;

    fn from_str(text: &str) -> Result<Self, NotQuantity> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let hundredths = text.contains('.');
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = (1..=17).contains(&digits.len())
            && all_digits(digits)
            && all_digits(places)
            && places.len() == if hundredths { 2 } else { 0 }
            && (digits == "0" || !digits.starts_with('0'));
        if !canonical {
            return Err(NotQuantity);
        }
        format!("{whole}{places}").parse().map(|units| Self { units, hundredths }).map_err(|_| NotQuantity)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A number as a decimal string: whole for counts and đồng, with two places for points and percentages.",
            ))
            .pattern(Some(r"^-?(0|[1-9][0-9]{0,16})(\.[0-9]{2})?$"))
            .min_length(Some(1))
            .max_length(Some(21))
            .examples(["5"])
            .into()
    }
}

impl ToSchema for Quantity {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Quantity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_decimals_are_quantities() {
        for good in ["0", "5", "-12", "32675000000", "0.00", "78.50", "-0.25", "100.00", "99999999999999999"] {
            assert_eq!(good.parse::<Quantity>().map(|quantity| quantity.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-", ".", "5.", ".50", "1.0", "1.000", "01", "1e3", "+1", " 1", "1,00", "100000000000000000"] {
            assert_eq!(bad.parse::<Quantity>(), Err(NotQuantity), "{bad}");
        }
    }
}
