//! Chance from a seed, the same on every machine (SplitMix64), and the identifiers and times that are made with it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// The instant that identifiers begin at: 2021-02-03, the day of the scheme.
const BEGINNING: u64 = 1_612_310_400_000;

/// A source of chance.
#[derive(Debug)]
pub(super) struct Chance {
    state: u64,
    made: u64,
}

impl Chance {
    /// Chance that follows from a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: seed, made: 0 }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from `from` to `to`, both included.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = to.abs_diff(from).saturating_add(1);
        from.saturating_add_unsigned(self.next() % width.max(1))
    }

    /// Whether something of so many in a hundred happens.
    pub(super) fn happens(&mut self, in_hundred: i64) -> bool {
        self.between(1, 100) <= in_hundred
    }

    /// One of some things; none of none.
    pub(super) fn one<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(things.len()).ok()?.checked_sub(1)?;
        things.get(usize::try_from(self.between(0, last)).ok()?)
    }

    /// A day between two, both included.
    pub(super) fn day(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let days = self.between(0, (to - from).num_days().max(0));
        from.checked_add_signed(TimeDelta::days(days)).unwrap_or(to)
    }

    /// An identifier: each after the one before, as UUIDv7 are.
    pub(super) fn id(&mut self) -> Uuid {
        self.made += 1;
        let random = u128::from(self.next()) & 0x3fff_ffff_ffff_ffff;
        let time = u128::from(BEGINNING.saturating_add(self.made));
        let bits =
            (time << 80) | (0x7_u128 << 76) | (u128::from(self.next() & 0xfff) << 64) | (0b10_u128 << 62) | random;
        Uuid::from_u128(bits)
    }
}

/// Nine in the morning of a day in Vietnam.
pub(super) fn morning_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(2, 0, 0).unwrap_or_default().and_utc()
}

/// A day of a year; the last that there is when the calendar has none such.
pub(super) fn day_of(year: u16, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::from(year), month, day).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_identifiers_are_in_order() {
        let (mut one, mut other, mut another) = (Chance::new(42), Chance::new(42), Chance::new(43));
        let drawn = |chance: &mut Chance| (0..1_000).map(|_| chance.between(-5, 5)).collect::<Vec<_>>();
        let first = drawn(&mut one);
        assert_eq!(first, drawn(&mut other));
        assert_ne!(first, drawn(&mut another));
        assert!(first.iter().all(|number| (-5..=5).contains(number)) && first.contains(&-5) && first.contains(&5));
        let ids: Vec<Uuid> = (0..100).map(|_| one.id()).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7));
    }
}
