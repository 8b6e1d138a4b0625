//! The key set of an issuer behind an address: kept in memory, fetched again when it grows old or a token names a key
//! that is not in it, never more often than the issuer can bear, and believed through an outage for a stated time.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::KeyError;
use super::fetch::{Address, FetchError};
use super::key_set::{self, Key};

/// How long keys are believed, and how often their issuer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After this the keys are fetched again in the background.
    pub fresh: Duration,
    /// After this without an answer of the issuer they are believed no longer.
    pub outage: Duration,
    /// At least this lies between two fetches, whatever keys the tokens name.
    pub between: Duration,
    /// At least this, when the last one failed.
    pub after_failure: Duration,
}

impl Default for Patience {
    /// Ten minutes fresh, a day through an outage, half a minute between fetches, five seconds after a failure.
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(600),
            outage: Duration::from_secs(24 * 3600),
            between: Duration::from_secs(30),
            after_failure: Duration::from_secs(5),
        }
    }
}

/// What is known of the issuer.
#[derive(Clone, Default)]
struct Held {
    keys: Arc<[Key]>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
    failed: bool,
}

/// The keys behind an address.
pub(super) struct RemoteKeys {
    address: Address,
    roots: Option<PathBuf>,
    patience: Patience,
    held: RwLock<Held>,
    fetching: Mutex<()>,
}

impl RemoteKeys {
    /// Keys that are yet to be fetched.
    ///
    /// # Errors
    /// The address is neither `https` nor the loopback.
    pub(super) fn of(address: &str, roots: Option<PathBuf>, patience: Patience) -> Result<Arc<Self>, KeyError> {
        let (address, held, fetching) = (Address::of(address)?, RwLock::default(), Mutex::default());
        Ok(Arc::new(Self { address, roots, patience, held, fetching }))
    }

    /// The keys to try on a token that names this key; `None` when the issuer has not been heard of for too long.
    pub(super) async fn keys(self: &Arc<Self>, key_id: Option<&str>) -> Option<Arc<[Key]>> {
        let mut held = self.held();
        if !held.keys.iter().any(|key| key.may_be(key_id)) || !self.is_usable(&held) {
            self.refresh().await;
            held = self.held();
        } else if !is_within(held.fetched, self.patience.fresh) && self.may_ask(&held) && self.is_idle() {
            // What is held still serves: nobody waits for the issuer.
            let keys = Arc::clone(self);
            tokio::spawn(async move { keys.refresh().await });
        }
        self.is_usable(&held).then_some(held.keys)
    }

    /// Fetches the keys, unless somebody just did; waits for whoever is at it.
    pub(super) async fn refresh(&self) {
        if !self.may_ask(&self.held()) {
            return;
        }
        let _one_at_a_time = self.fetching.lock().await;
        if !self.may_ask(&self.held()) {
            return;
        }
        let fetched = self.fetch().await;
        // The pause begins when the issuer has answered, or has not: nobody waits for a silent one again and again.
        let now = Some(Instant::now());
        match fetched {
            Ok(keys) => self.change(|held| {
                (held.keys, held.fetched, held.tried, held.failed) = (keys.into(), now, now, false);
            }),
            Err(error) => {
                tracing::warn!(%error, address = ?self.address, "the keys of an issuer could not be fetched");
                self.change(|held| (held.tried, held.failed) = (now, true));
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<Key>, FetchError> {
        let keys = key_set::of_text(&self.address.fetch(self.roots.as_deref()).await?);
        if keys.is_empty() { Err(FetchError::NoKey) } else { Ok(keys) }
    }

    fn held(&self) -> Held {
        self.held.read().map(|held| held.clone()).unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        if let Ok(mut held) = self.held.write() {
            change(&mut held);
        }
    }

    /// Whether nobody is fetching.
    fn is_idle(&self) -> bool {
        self.fetching.try_lock().is_ok()
    }

    fn is_usable(&self, held: &Held) -> bool {
        is_within(held.fetched, self.patience.outage)
    }

    fn may_ask(&self, held: &Held) -> bool {
        let pause = if held.failed { self.patience.after_failure } else { self.patience.between };
        !is_within(held.tried, pause)
    }
}

/// Whether an instant is known and lies back less than a time.
fn is_within(instant: Option<Instant>, time: Duration) -> bool {
    instant.is_some_and(|instant| instant.elapsed() < time)
}
