//! The rounding contract: amounts are kept in đồng; a table in million đồng (*triệu đồng*) is rounded once, at the end, by
//! largest remainder, so that its rows add up to the total that is printed.

use crate::domain::money::Money;

/// Đồng in a million đồng.
const MILLION: i64 = 1_000_000;

/// A total and its parts in whole million đồng.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounded {
    /// The total, rounded half up.
    pub total: Money,
    /// The parts, which add up to it.
    pub parts: Vec<Money>,
}

/// A total and its parts in million đồng: the total rounded half up, each part rounded down or up so that they add up to
/// it; up go those with the largest remainders, the earlier of equal ones first. No part is a million or more away from
/// its exact amount.
pub fn millions(total: Money, parts: &[Money]) -> Rounded {
    let total = total.as_dong().saturating_add(MILLION / 2).div_euclid(MILLION);
    Rounded { total: Money::dong(total), parts: distributed(total, parts) }
}

/// Parts in million đồng that add up to a total of so many million, which is their sum rounded up or down.
pub fn distributed(total: i64, parts: &[Money]) -> Vec<Money> {
    let mut whole: Vec<i64> = parts.iter().map(|part| part.as_dong().div_euclid(MILLION)).collect();
    let missing = total.saturating_sub(whole.iter().sum());
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    let remainder = |at: &usize| parts.get(*at).map_or(0, |part| part.as_dong().rem_euclid(MILLION));
    by_remainder.sort_by_key(|at| std::cmp::Reverse(remainder(at)));
    for at in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
        if let Some(part) = whole.get_mut(at) {
            *part = part.saturating_add(1);
        }
    }
    whole.into_iter().map(Money::dong).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rounded(parts: &[i64]) -> (i64, Vec<i64>) {
        let parts: Vec<Money> = parts.iter().copied().map(Money::dong).collect();
        let Rounded { total, parts } = millions(parts.iter().copied().sum(), &parts);
        (total.as_dong(), parts.into_iter().map(Money::as_dong).collect())
    }

    #[test]
    fn the_largest_remainders_go_up_and_the_earlier_of_equal_ones() {
        for (parts, expected) in [
            (&[][..], (0, vec![])),
            (&[0, 0], (0, vec![0, 0])),
            (&[6_615_000_000, 21_000_000_000, 5_060_000_000], (32_675, vec![6_615, 21_000, 5_060])),
            (&[499_999], (0, vec![0])),
            (&[500_000], (1, vec![1])),
            (&[400_000, 400_000, 400_000], (1, vec![1, 0, 0])),
            (&[1_300_000, 2_900_000, 3_400_000], (8, vec![1, 3, 4])),
            (&[-1_300_000, 2_000_000], (1, vec![-1, 2])),
        ] {
            assert_eq!(rounded(parts), expected, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn rows_add_up_and_no_row_is_a_million_away(parts in prop::collection::vec(0_i64..9_999_999_999_999, 0..40)) {
            let (total, shown) = rounded(&parts);
            prop_assert_eq!(shown.iter().sum::<i64>(), total);
            prop_assert!((total * MILLION - parts.iter().sum::<i64>()).abs() <= MILLION / 2);
            for (exact, shown) in parts.iter().zip(shown) {
                prop_assert!((shown * MILLION - exact).abs() < MILLION);
            }
        }
    }
}
