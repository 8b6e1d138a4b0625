//! Worked examples that the code decides itself, each time the book is opened.

pub(super) mod choosing;
pub(super) mod classing;
pub(super) mod leaving;
pub(super) mod paying;
pub(super) mod scoring;

use super::InForce;
use crate::domain::criteria::CriteriaSet;
use crate::domain::text::Text;

/// A case, and how the code decides it.
#[derive(Debug)]
pub(super) struct Case {
    /// The case in words, in Vietnamese and English.
    pub(super) given: [&'static str; 2],
    /// Decides it under the data in force; nothing where no such rule is in force.
    pub(super) decide: fn(&InForce) -> Option<Decided>,
}

/// A case of what each criteria set lays down, and how the code decides it under one.
#[derive(Debug)]
pub(super) struct SetCase {
    /// The case in words, in Vietnamese and English.
    pub(super) given: [&'static str; 2],
    /// Decides it under a set; nothing where the set has no such rule.
    pub(super) decide: fn(&CriteriaSet) -> Option<Decided>,
}

/// What the code says to a case.
#[derive(Debug)]
pub(super) struct Decided {
    /// The verdict by name.
    pub(super) verdict: String,
    /// The verdict in words.
    pub(super) words: Text,
}

fn decided(verdict: &str, vi: impl Into<String>, en: impl Into<String>) -> Decided {
    Decided { verdict: verdict.to_owned(), words: Text::new(vi, en) }
}
