//! What each refusal enforces, as a sentence a lawyer reads, with an example and the test that runs it.
//!
//! The codes, titles and legal bases stand in [`refusal`](crate::domain::refusal). A rule without a row here fails the
//! suite, and so does a row whose test does not exist or does not mention the rule.

mod choosing;
mod following;
mod records;
mod scoring;
mod spending;

use crate::domain::refusal::Rule;

/// What a rule that can refuse says.
#[derive(Debug, Clone, Copy)]
pub struct Stated {
    /// The rule.
    pub rule: Rule,
    /// The rule as a sentence, in Vietnamese and English.
    pub statement: [&'static str; 2],
    /// A case that it refuses, in Vietnamese and English.
    pub example: [&'static str; 2],
    /// The test that runs the case: `file::function`.
    pub shown_by: &'static str,
}

/// One row a rule: `Rule, [statement], [example], "file::test"`.
const fn row(rule: Rule, statement: [&'static str; 2], example: [&'static str; 2], shown_by: &'static str) -> Stated {
    Stated { rule, statement, example, shown_by }
}

/// Every row.
pub fn all() -> impl Iterator<Item = &'static Stated> {
    [records::ROWS, choosing::ROWS, scoring::ROWS, spending::ROWS, following::ROWS].into_iter().flatten()
}

/// What a rule says.
pub fn of(rule: Rule) -> Option<&'static Stated> {
    all().find(|stated| stated.rule == rule)
}
