//! What happened to a record, for whoever keeps a copy (*bản tin thay đổi*).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::role::names;

names! {
    /// What happened to a record.
    ChangeKind {
        /// It is new, or a draft that only its writer saw was sent.
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
    /// Its place, counted from 1.
    pub place: i64,
    /// The resource, as in its path: `cooperatives`; `annual-figures` of a cooperative and a year.
    pub resource: String,
    /// The record; of yearly figures the cooperative.
    pub record: Uuid,
    /// The year of yearly figures.
    pub year: Option<i32>,
    /// The name that its path ends in, where that is not the identifier: the version of a form.
    pub code: Option<String>,
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
        match (self.year, &self.code) {
            (Some(year), _) => format!("/v1/cooperatives/{}/annual-figures/{year}", self.record),
            (None, Some(code)) => format!("/v1/{}/{code}", self.resource),
            (None, None) => format!("/v1/{}/{}", self.resource, self.record),
        }
    }
}
