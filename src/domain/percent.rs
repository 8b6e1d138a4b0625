//! Percentages, always computed from the two amounts they compare and never from other percentages.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A ratio in percent, rounded half up to two decimals at the very end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(Decimal);

impl Percent {
    /// `part` of `whole`; there is none when the whole is zero: that is not 0 %, it is no ratio.
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        let hundredfold = Decimal::from(part).checked_mul(Decimal::ONE_HUNDRED)?;
        let ratio = hundredfold.checked_div(Decimal::from(whole))?;
        Some(Self(ratio.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for Percent {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Percent as a decimal string with two places, rounded half up."))
            .pattern(Some(r"^-?(0|[1-9][0-9]{0,17})\.[0-9]{2}$"))
            .min_length(Some(4))
            .max_length(Some(22))
            .examples(["37.50"])
            .into()
    }
}

impl ToSchema for Percent {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Percent")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_rounded_once_and_there_is_none_of_nothing() {
        for (part, whole, expected) in [
            (0, 7, Some("0.00")),
            (1, 3, Some("33.33")),
            (2, 3, Some("66.67")),
            (1, 8, Some("12.50")),
            (1, 20_000, Some("0.01")),
            (1, 20_001, Some("0.00")),
            (5, 5, Some("100.00")),
            (999_999_999_999_999, 1_000_000_000_000_000, Some("100.00")),
            (5, 0, None),
        ] {
            assert_eq!(Percent::of(part, whole).map(|rate| rate.to_string()).as_deref(), expected, "{part} / {whole}");
        }
    }
}
