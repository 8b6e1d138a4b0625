//! The parameters of a statement written by hand, numbered as they are used: `$1`, `$2`, … on both databases.

use sea_orm::Value;

/// The values, in order.
#[derive(Debug, Default)]
pub(super) struct Parameters(pub(super) Vec<Value>);

impl Parameters {
    /// Adds a value and gives back how to write it.
    pub(super) fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}
