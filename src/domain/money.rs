//! Money is whole Vietnamese đồng, exactly. On the wire it is a decimal string, in the database an integer.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An amount of whole đồng, from 0 to 999,999,999,999,999; negative only as the difference of two amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be sent: fifteen digits.
    pub const MAX: Self = Self(999_999_999_999_999);

    /// An amount of `dong` đồng.
    pub const fn dong(dong: i64) -> Self {
        Self(dong)
    }

    /// An amount of `millions` million đồng (*triệu đồng*), the unit in which plans are written.
    pub const fn million(millions: i64) -> Self {
        Self(millions.saturating_mul(1_000_000))
    }

    /// The number of đồng.
    pub const fn as_dong(self) -> i64 {
        self.0
    }

    /// The sum; saturating, since both sides are far below the limits of the type.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, which may be negative.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a whole amount of đồng of at most fifteen digits")]
pub struct NotMoney;

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let canonical = !digits.is_empty()
            && digits.len() <= 15
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        if canonical { text.parse().map(Self).map_err(|_| NotMoney) } else { Err(NotMoney) }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Whole Vietnamese đồng as a decimal string, without separators."))
            .pattern(Some("^(0|[1-9][0-9]{0,14})$"))
            .min_length(Some(1))
            .max_length(Some(15))
            .examples(["6615000000"])
            .into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Money")
    }
}

/// The published form of a sum over plans, needs or provinces, each of which stays within [`Money::MAX`].
#[derive(Debug)]
pub struct MoneySum;

impl PartialSchema for MoneySum {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A sum of amounts: whole Vietnamese đồng as a decimal string, without separators."))
            .pattern(Some("^(0|[1-9][0-9]{0,17})$"))
            .min_length(Some(1))
            .max_length(Some(18))
            .examples(["32675000000"])
            .into()
    }
}

impl ToSchema for MoneySum {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MoneySum")
    }
}

/// An amount that may be below zero: a profit or loss, a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignedMoney(pub Money);

impl PartialSchema for SignedMoney {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Whole Vietnamese đồng as a decimal string; a minus sign before a loss or a correction."))
            .pattern(Some("^(0|-?[1-9][0-9]{0,14})$"))
            .min_length(Some(1))
            .max_length(Some(16))
            .examples(["-125000000"])
            .into()
    }
}

impl ToSchema for SignedMoney {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SignedMoney")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_whole_amounts_are_money() {
        for good in ["0", "1", "6615000000", "999999999999999", "-5"] {
            assert_eq!(good.parse::<Money>().map(|money| money.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-", "01", "1.0", "1e3", "+1", " 1", "1000000000000000", "junk"] {
            assert_eq!(bad.parse::<Money>(), Err(NotMoney), "{bad}");
        }
    }

    #[test]
    fn the_plan_of_an_giang_sums_to_its_published_total() {
        let parts = [Money::million(6_615), Money::million(21_000), Money::million(5_060)];
        assert_eq!(parts.into_iter().sum::<Money>(), Money::million(32_675));
    }
}
