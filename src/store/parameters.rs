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

    /// Adds the values of a list and gives back how to write it: `$1, $2, …`; never empty, since `IN ()` is no SQL.
    pub(super) fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> String {
        let written: Vec<_> = values.into_iter().map(|value| self.add(value)).collect();
        if written.is_empty() { "NULL".to_owned() } else { written.join(", ") }
    }
}
