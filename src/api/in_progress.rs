//! The idempotency keys under which this service is answering a request. A repeat that comes meanwhile waits here, where it takes
//! no connection of the database from anybody; a repeat at another replica waits for the row that the first one has claimed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// How long a repeat waits for the first request under its key: as long as a statement waits for a row.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The keys that are in use.
#[derive(Debug)]
pub struct InProgress {
    patience: Duration,
    keys: Mutex<HashSet<String>>,
    freed: Notify,
}

/// A key in use; it is free again when this goes.
#[derive(Debug)]
pub struct KeyInUse {
    keys: Arc<InProgress>,
    key: String,
}

impl InProgress {
    /// No keys; a repeat waits so long for its first.
    pub fn new(patience: Duration) -> Arc<Self> {
        Arc::new(Self { patience, keys: Mutex::default(), freed: Notify::new() })
    }

    /// Uses a key, after whoever uses it now. `None`: that takes too long.
    pub async fn enter(self: &Arc<Self>, key: &str) -> Option<KeyInUse> {
        tokio::time::timeout(self.patience, self.wait_for(key)).await.ok()
    }

    async fn wait_for(self: &Arc<Self>, key: &str) -> KeyInUse {
        loop {
            // From here on nobody who goes is missed.
            let freed = self.freed.notified();
            if self.keys().insert(key.to_owned()) {
                return KeyInUse { keys: Arc::clone(self), key: key.to_owned() };
            }
            freed.await;
        }
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<String>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyInUse {
    fn drop(&mut self) {
        self.keys.keys().remove(&self.key);
        self.keys.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_used_by_one_at_a_time_and_others_do_not_wait_for_it() {
        let keys = InProgress::new(Duration::from_millis(20));
        let first = keys.enter("a").await.unwrap();
        assert!(keys.enter("a").await.is_none());
        drop(keys.enter("b").await.unwrap());
        let patient = InProgress::new(PATIENCE);
        let held = patient.enter("a").await.unwrap();
        let (again, ()) = tokio::join!(patient.enter("a"), async { drop(held) });
        drop(again.unwrap());
        drop(first);
        drop(keys.enter("a").await.unwrap());
        assert!(keys.keys().is_empty() && patient.keys().is_empty());
    }
}
