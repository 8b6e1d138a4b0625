//! Who is calling: from a bearer token to a [`Caller`], resolved against the directory on the day of the call.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header;
use sha2::{Digest, Sha256};

use super::error::{ApiError, Kind};
use crate::clock::Clock;
use crate::domain::moment::Moment;
use crate::domain::role::{Caller, Role, Scope};
use crate::keys::{Claims, Verifier};
use crate::store::directory::{self, Directory};
use crate::store::{Store, StoreError};

/// How old the directory in memory may be: agencies change by decree, not by the minute.
const DIRECTORY_AGE: Duration = Duration::from_secs(30);

/// How many verified tokens are remembered: checking a signature costs more than all else that a read does.
const REMEMBERED_TOKENS: usize = 4096;

/// Verifies tokens and knows the agencies.
#[derive(Debug)]
pub struct Authority {
    verifier: Verifier,
    verified: RwLock<HashMap<[u8; 32], Claims>>,
    directory: RwLock<Option<(Instant, Arc<Directory>)>>,
}

impl Authority {
    /// An authority over the keys of a verifier.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, verified: RwLock::default(), directory: RwLock::new(None) }
    }

    /// The claims of a valid token. One that was verified before is known by its digest until it expires.
    fn claims(&self, token: &str, now: Moment) -> Option<Claims> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(known) = self.verified.read().ok()?.get(&digest) {
            return (known.exp > now.0.timestamp()).then(|| known.clone());
        }
        let claims = self.verifier.verify(token)?;
        let mut verified = self.verified.write().ok()?;
        if verified.len() >= REMEMBERED_TOKENS {
            verified.clear();
        }
        verified.insert(digest, claims.clone());
        Some(claims)
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

    /// The caller of a request.
    ///
    /// # Errors
    /// 401 when there is no valid token, or when it names nobody that exists today.
    pub async fn caller(&self, request: &HttpRequest, store: &Store, clock: &Clock) -> Result<Caller, ApiError> {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let unauthenticated = || ApiError::of(Kind::Unauthenticated);
        let now = clock.now();
        let claims = token.and_then(|token| self.claims(token, now)).ok_or_else(unauthenticated)?;
        let directory = self.directory(store).await?;
        resolve(claims, &directory, now).ok_or_else(unauthenticated)
    }
}

/// Resolves claims to a caller: the first role that is known, and an agency that exists today in that role.
fn resolve(claims: Claims, directory: &Directory, now: Moment) -> Option<Caller> {
    let role = claims.roles.iter().find_map(|name| Role::from_name(name))?;
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
            let agency = directory.agency(claims.agency?, now.today()).filter(|agency| agency.role == role)?;
            let (id, predecessors, unit) = (Some(agency.id), agency.predecessors.clone(), agency.unit.clone());
            Some(Caller { agency: id, predecessors, unit, ..caller(agency.scope(now.today())) })
        }
    }
}
