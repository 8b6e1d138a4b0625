//! Points of an evaluation: two decimals, exactly. Hundredths inside, a string with two places on the wire.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Points from 0.00 to 999.99, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// Points from their hundredths: 6,500 is 65.00.
    pub const fn hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// Whole points.
    pub const fn whole(points: i64) -> Self {
        Self(points.saturating_mul(100))
    }

    /// The number of hundredths.
    pub const fn as_hundredths(self) -> i64 {
        self.0
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0.abs() % 100)
    }
}

/// Why a text is not a number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not points with two decimals, such as 65.00")]
pub struct NotPoints;

impl FromStr for Points {
    type Err = NotPoints;

    fn from_str(text: &str) -> Result<Self, NotPoints> {
        let (whole, cents) = text.split_once('.').ok_or(NotPoints)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = (1..=3).contains(&whole.len())
            && cents.len() == 2
            && digits(whole)
            && digits(cents)
            && (whole == "0" || !whole.starts_with('0'));
        if !canonical {
            return Err(NotPoints);
        }
        format!("{whole}{cents}").parse().map(Self).map_err(|_| NotPoints)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Points {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Points as a decimal string with two places."))
            .pattern(Some(r"^(0|[1-9][0-9]{0,2})\.[0-9]{2}$"))
            .min_length(Some(4))
            .max_length(Some(6))
            .examples(["78.50"])
            .into()
    }
}

impl ToSchema for Points {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Points")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_decimals_are_points() {
        for good in ["0.00", "6.50", "65.00", "100.00"] {
            assert_eq!(good.parse::<Points>().map(|points| points.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "65", "65.0", "065.00", "-1.00", "1.000", ".50", "1,00"] {
            assert_eq!(bad.parse::<Points>(), Err(NotPoints), "{bad}");
        }
    }
}
