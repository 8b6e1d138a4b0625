//! An allocation as it stood at an instant.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::allocation::{Allocation, AllocationState, Approval, Entry};
use crate::domain::money::Money;

/// What had become of an entry by an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryThen {
    /// Granted by decisions recorded by then.
    pub granted: Money,
    /// Disbursed by what was recorded by then.
    pub disbursed: Money,
    /// Settled by what was accepted by then.
    pub settled: Money,
    /// Returned by what was accepted by then.
    pub returned: Money,
}

impl Allocation {
    /// The allocation as it stood at an instant, by what had been recorded then; none before its approval. `moved` is when
    /// something was last recorded of it by then.
    pub fn as_of(
        self,
        instant: DateTime<Utc>,
        then: &HashMap<Uuid, EntryThen>,
        moved: Option<DateTime<Utc>>,
    ) -> Option<Self> {
        let AllocationState::Approved(Approval { at, .. }) = self.state else { return None };
        if at > instant {
            return None;
        }
        let entry = |entry: Entry| {
            let EntryThen { granted, disbursed, settled, returned } = *then.get(&entry.id)?;
            Some(Entry { reduced: entry.terms.amount.minus(granted), disbursed, settled, returned, ..entry })
        };
        let entries = self.entries.into_iter().filter_map(entry).collect();
        Some(Self { entries, updated_at: moved.map_or(at, |moved| moved.max(at)), ..self })
    }
}
