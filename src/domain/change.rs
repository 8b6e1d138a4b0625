//! What happened to a record, for whoever keeps a copy (*bản tin thay đổi*).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::role::names;

names! {
    /// What happened to a record.
    ChangeKind {
        /// It is new.
        Created = "created",
        /// It has another version, or what is computed with it changed.
        Changed = "changed",
        /// It is gone: a draft that was deleted.
        Deleted = "deleted",
    }
}

/// One event of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place, counted from 1 without a gap.
    pub place: i64,
    /// The resource, as in its path: `cooperatives`; `annual-figures` of a cooperative and a year.
    pub resource: String,
    /// The record; of yearly figures the cooperative.
    pub record: Uuid,
    /// The year of yearly figures.
    pub year: Option<i32>,
    /// What happened.
    pub kind: ChangeKind,
    /// The version that it made or took away; none where records have no versions.
    pub version: Option<i32>,
    /// When it entered the feed.
    pub published_at: DateTime<Utc>,
}

impl Change {
    /// Where the record is.
    pub fn path(&self) -> String {
        match self.year {
            Some(year) => format!("/v1/cooperatives/{}/annual-figures/{year}", self.record),
            None => format!("/v1/{}/{}", self.resource, self.record),
        }
    }
}
