//! Indicators that a form defines as data: entered by hand, since the code knows no formula of them.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Additivity, IndicatorUnit};
use crate::domain::text::Text;

/// What a form says of an indicator of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its code: none that the code computes.
    pub code: String,
    /// What it counts, in words.
    pub label: Text,
    /// What it is measured in.
    pub unit: IndicatorUnit,
    /// How the figures of units make the figure of a larger unit.
    pub over_units: Additivity,
    /// How the figures of two half-years make the figure of a year.
    pub over_time: Additivity,
}

impl Definition {
    /// The members that contradict each other, each with what it may be: a share is never added, only over time does the last
    /// value stand for the whole.
    pub fn contradictions(&self) -> Vec<(&'static str, &'static str)> {
        let is_ratio = self.over_units == Additivity::Ratio;
        let of_units = matches!(self.over_units, Additivity::Sum | Additivity::Ratio | Additivity::Distinct);
        let shares = matches!(self.unit, IndicatorUnit::Percent | IndicatorUnit::Point);
        let mut found = Vec::new();
        if !of_units {
            found.push(("overUnits", "sum, ratio, distinct"));
        } else if is_ratio && !shares {
            found.push(("unit", "percent, point"));
        } else if !is_ratio && self.unit == IndicatorUnit::Percent {
            found.push(("overUnits", "ratio"));
        }
        if self.over_time == Additivity::Ratio && !is_ratio {
            found.push(("overTime", "sum, latest, distinct, not_added"));
        } else if is_ratio && matches!(self.over_time, Additivity::Sum | Additivity::Distinct) {
            found.push(("overTime", "ratio, latest, not_added"));
        }
        found
    }
}

/// An indicator that is data. Its definition is kept for the life of the process, once: forms are few, and so an indicator is
/// a plain value whoever defines it. Two are the same when their codes are.
#[derive(Debug, Clone, Copy)]
pub struct Defined(&'static Definition);

/// The definitions met so far.
static MET: Mutex<Vec<&'static Definition>> = Mutex::new(Vec::new());

impl Defined {
    /// What the form says of it.
    pub const fn definition(self) -> &'static Definition {
        self.0
    }
}

impl From<Definition> for Defined {
    fn from(definition: Definition) -> Self {
        let mut met = MET.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = met.iter().find(|known| ***known == definition) {
            return Self(known);
        }
        let kept: &'static Definition = Box::leak(Box::new(definition));
        met.push(kept);
        Self(kept)
    }
}

impl PartialEq for Defined {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Defined {}

impl PartialOrd for Defined {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Defined {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.code.cmp(&other.0.code)
    }
}

impl Hash for Defined {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.code.hash(state);
    }
}

impl Serialize for Defined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Defined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Definition::deserialize(deserializer).map(Self::from)
    }
}
