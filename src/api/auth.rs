//! Who is calling: from a bearer token to a [`Caller`], resolved against the directory on the day of the call.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::{ApiError, Kind};
use crate::clock::Clock;
use crate::domain::moment::Moment;
use crate::domain::role::{Caller, Role, Scope};
use crate::keys::{self, Claims, Refused, Verified, Verifier};
use crate::store::directory::{self, Directory};
use crate::store::{Store, StoreError, service_accounts};

/// How old the directory in memory may be: agencies change by decree, not by the minute.
const DIRECTORY_AGE: Duration = Duration::from_secs(30);

/// How old the standing of a service account in memory may be: what is revoked is refused everywhere within a minute.
const STANDING_AGE: TimeDelta = TimeDelta::seconds(30);

/// How many verified tokens are remembered: checking a signature costs more than all else that a read does.
const REMEMBERED_TOKENS: usize = 4096;

/// How long a verified token is remembered: what is signed with a key that its issuer withdraws ends with it.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);

/// A token that was verified, and until when that is remembered.
type Remembered = (Instant, Verified);

/// Verifies tokens and knows the agencies.
#[derive(Debug)]
pub struct Authority {
    verifier: Verifier,
    verified: RwLock<HashMap<[u8; 32], Remembered>>,
    directory: RwLock<Option<(Instant, Arc<Directory>)>>,
    /// Whether service accounts stand, and when that was asked.
    accounts: RwLock<HashMap<Uuid, (Moment, bool)>>,
}

impl Authority {
    /// An authority over the keys of a verifier.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, verified: RwLock::default(), directory: RwLock::new(None), accounts: RwLock::default() }
    }

    /// Fetches the keys of the issuers that publish them.
    pub async fn warm_up(&self) {
        self.verifier.warm_up().await;
    }

    /// What a valid token says. One that was verified before is known by its digest for a while.
    async fn verified(&self, token: &str) -> Result<Verified, ApiError> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(known) = self.remembered(&digest) {
            return Ok(known);
        }
        let verified = self.verifier.verify(token).await.map_err(|refused| match refused {
            Refused::Invalid => ApiError::invalid_token(),
            Refused::NoKeys => ApiError::of(Kind::Unavailable),
        })?;
        let left = verified.claims.exp.saturating_sub(i64::try_from(keys::now()).unwrap_or(i64::MAX));
        let left = Duration::from_secs(u64::try_from(left).unwrap_or_default()).min(REMEMBERED_FOR);
        if let Ok(mut known) = self.verified.write() {
            if known.len() >= REMEMBERED_TOKENS {
                known.clear();
            }
            known.insert(digest, (Instant::now() + left, verified.clone()));
        }
        Ok(verified)
    }

    fn remembered(&self, digest: &[u8; 32]) -> Option<Verified> {
        let known = self.verified.read().ok()?;
        known.get(digest).filter(|(until, _)| Instant::now() < *until).map(|(_, verified)| verified.clone())
    }

    /// The agencies, at most half a minute old.
    ///
    /// # Errors
    /// The database failed.
    pub async fn directory(&self, store: &Store) -> Result<Arc<Directory>, StoreError> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let loaded = Arc::new(directory::load(store.reader()).await?);
        if let Ok(mut slot) = self.directory.write() {
            *slot = Some((Instant::now(), Arc::clone(&loaded)));
        }
        Ok(loaded)
    }

    /// Reads the agencies again at the next call.
    pub fn forget_directory(&self) {
        if let Ok(mut slot) = self.directory.write() {
            *slot = None;
        }
    }

    fn fresh(&self) -> Option<Arc<Directory>> {
        let slot = self.directory.read().ok()?;
        slot.as_ref().filter(|(loaded, _)| loaded.elapsed() < DIRECTORY_AGE).map(|(_, directory)| Arc::clone(directory))
    }

    /// Whether a service account still gets tokens, as it was at most half a minute ago.
    async fn stands(&self, account: Uuid, store: &Store, now: Moment) -> Result<bool, StoreError> {
        let known = self.accounts.read().ok().and_then(|accounts| accounts.get(&account).copied());
        if let Some((_, stands)) =
            known.filter(|(asked, _)| (TimeDelta::zero()..STANDING_AGE).contains(&(now.0 - asked.0)))
        {
            return Ok(stands);
        }
        let stands = service_accounts::revocation(store.reader(), account).await? == Some(None);
        if let Ok(mut accounts) = self.accounts.write() {
            if accounts.len() >= REMEMBERED_TOKENS {
                accounts.clear();
            }
            accounts.insert(account, (now, stands));
        }
        Ok(stands)
    }

    /// The caller of a request.
    ///
    /// # Errors
    /// 401 when there is no valid token, or when it names nobody that exists today; 503 when the keys of its issuer
    /// cannot be had.
    pub async fn caller(&self, request: &HttpRequest, store: &Store, clock: &Clock) -> Result<Caller, ApiError> {
        let mut headers = request.headers().get_all(header::AUTHORIZATION);
        let (header, another) = (headers.next().and_then(|value| value.to_str().ok()), headers.next());
        let token = header.filter(|_| another.is_none()).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let token = token.ok_or(ApiError::of(Kind::Unauthenticated))?;
        let (Verified { claims, account }, now) = (self.verified(token).await?, clock.now());
        if let Some(account) = account
            && !self.stands(account, store, now).await?
        {
            return Err(ApiError::invalid_token());
        }
        let directory = self.directory(store).await?;
        resolve(claims, &directory, now).ok_or_else(ApiError::invalid_token)
    }
}

/// Resolves claims to a caller: the one role that is known, and an agency that exists today in that role.
fn resolve(claims: Claims, directory: &Directory, now: Moment) -> Option<Caller> {
    let mut roles: Vec<Role> = claims.roles.iter().filter_map(|name| Role::from_name(name)).collect();
    roles.sort_unstable();
    roles.dedup();
    // Who holds two roles says in which one he acts: a token of each.
    let &[role] = roles.as_slice() else { return None };
    let caller = |scope| Caller {
        issuer: claims.iss,
        subject: claims.sub,
        role,
        agency: None,
        predecessors: Vec::new(),
        unit: None,
        scope,
    };
    match role {
        Role::Cooperative => Some(caller(Scope::Cooperative(claims.cooperative?))),
        Role::Administrator => Some(caller(Scope::Country)),
        _ => {
            let today = now.today();
            let agency = match claims.agency {
                Some(id) => directory.agency(id, today),
                None => directory.only_holder(role, claims.unit.as_deref()?, today),
            };
            let agency = agency.filter(|agency| agency.role == role)?;
            let (id, predecessors, unit) = (Some(agency.id), agency.predecessors.clone(), agency.unit.clone());
            Some(Caller { agency: id, predecessors, unit, ..caller(agency.scope(today)) })
        }
    }
}
