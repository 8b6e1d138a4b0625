//! The units whose records a question by code means.

use chrono::NaiveDate;

/// A unit whose code another unit, that did not follow it by itself, bore before or after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOfSeveral {
    /// The code.
    pub code: String,
    /// First day of the unit.
    pub from: NaiveDate,
    /// Its last day; none while it stands.
    pub until: Option<NaiveDate>,
}

/// The units whose records a code asks for on a day: the one that bears it then, under whatever name or order of units it
/// stayed itself, and those that it followed by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitsMeant {
    /// Codes under which no other unit's records stand.
    pub alone: Vec<String>,
    /// Units that share their code with another, over time: of what stands under the code, only theirs is meant.
    pub of_several: Vec<OneOfSeveral>,
}

impl UnitsMeant {
    /// A code that names no unit on the day stands for itself.
    pub fn code(code: &str) -> Self {
        Self { alone: vec![code.to_owned()], of_several: Vec::new() }
    }

    /// The codes, each also where another unit bore it.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.alone.iter().map(String::as_str).chain(self.of_several.iter().map(|one| one.code.as_str()))
    }

    /// Whether nothing is meant.
    pub const fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.of_several.is_empty()
    }
}
