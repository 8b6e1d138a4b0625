//! References of a body that lead nowhere: all are looked for before any is told, so that the client is told of all of them.

use super::error::{ApiError, Kind};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::store::StoreError;

/// The references that lead nowhere, so far.
#[derive(Debug, Default)]
pub(super) struct Missing(Vec<Refusal>);

impl Missing {
    /// What a reference leads to.
    ///
    /// # Errors
    /// The database failed.
    pub(super) fn found<T>(
        &mut self,
        found: Result<T, StoreError>,
        pointer: &str,
        what: &str,
    ) -> Result<Option<T>, ApiError> {
        let found = StoreError::if_found(found)?;
        self.unless(found.is_some(), pointer, what);
        Ok(found)
    }

    /// A reference leads nowhere unless something is there.
    pub(super) fn unless(&mut self, is_there: bool, pointer: &str, what: &str) {
        if !is_there {
            self.0.push(ApiError::lost(pointer, what));
        }
    }

    /// What a lookup of its own refuses as input stands with the others.
    pub(super) fn also<T>(&mut self, looked: &Result<T, ApiError>) {
        if let Err(ApiError::Refused(refusal)) = looked
            && refusal.rule.kind() == RefusalKind::Input
        {
            self.0.push(refusal.as_ref().clone().placed(""));
        }
    }

    /// What else is wrong with the body stands with them.
    pub(super) fn told(&mut self, wrong: impl IntoIterator<Item = Refusal>) {
        self.0.extend(wrong.into_iter().map(|refusal| refusal.placed("")));
    }

    /// Whether every reference so far leads somewhere.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found, when everything was.
    ///
    /// # Errors
    /// Every reference that leads nowhere.
    pub(super) fn all<T>(self, found: Option<T>) -> Result<T, ApiError> {
        Refusal::of_all(self.0)?;
        found.ok_or(ApiError::of(Kind::Internal))
    }
}
