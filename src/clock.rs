//! The only place that asks the machine for the time and for new identifiers.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::moment::Moment;

/// Time and identifiers: the machine's, or fixed ones for tests.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that tells what a function says.
    pub fn of(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Now.
    pub fn now(&self) -> Moment {
        // Microseconds: what both databases keep, so that what is answered is what is stored.
        Moment(DateTime::from_timestamp_micros((self.0)().timestamp_micros()).unwrap_or_default())
    }

    /// A new identifier: UUIDv7, so that ids sort in the order of their making.
    #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
    pub fn new_id() -> Uuid {
        Uuid::now_v7()
    }

    /// A new identifier of a trace.
    pub fn new_trace() -> String {
        Self::new_id().simple().to_string()
    }
}
