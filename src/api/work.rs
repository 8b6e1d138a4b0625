//! A write that has begun. Its end is the one place where a write is committed: there its answer is kept for a repeat of the
//! request, and its event enters the audit trail, in the transaction of the work.

use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;
use uuid::Uuid;

use super::audit;
use super::call::{Parts, etag, json};
use super::error::{Answer, ApiError};
use super::in_progress::KeyInUse;
use crate::clock::Clock;
use crate::domain::audit::AuditEvent;
use crate::domain::digest;
use crate::domain::history::StepTaken;
use crate::domain::role::Scope;
use crate::store::answers::{self, StoredAnswer};
use crate::store::{Tx, audit_events, steps};

/// A write that has begun: everything in it happens, or nothing.
pub struct Work {
    tx: Tx,
    /// The key under which a repeat gets the same answer.
    key: Option<Key>,
    /// What the gate found: nothing is committed where something stands in the way.
    parts: Rc<Parts>,
    event: AuditEvent,
    province: Option<String>,
    clock: Clock,
}

/// The key of a write whose answer is kept.
struct Key {
    hash: String,
    /// The digest of the body that a repeat must have.
    body_hash: String,
    /// Repeats wait until this write has ended, well or not.
    _in_use: KeyInUse,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

/// What the audit trail says of an answer.
enum Told<'a> {
    /// The digest of its body.
    Body(&'a str),
    /// Nothing: it has no body, or shows a secret.
    Nothing,
}

/// What was written, for the audit trail.
struct Written<'a> {
    /// The path of the record; none: the one that was asked for.
    path: Option<&'a str>,
    version: Option<i32>,
}

impl<'a> Written<'a> {
    /// What the headers of the answer say of it.
    fn told_by(headers: &[(header::HeaderName, &'a str)]) -> Self {
        let of = |wanted: &header::HeaderName| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
        let version = of(&header::ETAG).and_then(|tag| tag.trim_matches('"').parse().ok());
        Self { path: of(&header::LOCATION).or_else(|| of(&header::CONTENT_LOCATION)), version }
    }
}

impl Work {
    /// What begins in a transaction, and what the audit trail says of it so far.
    pub(super) fn of(tx: Tx, event: AuditEvent, clock: Clock, scope: &Scope, parts: Rc<Parts>) -> Self {
        Self { tx, key: None, parts, event, province: audit::province_of(scope), clock }
    }

    /// Has the answer kept for a repeat of the request.
    pub(super) fn repeatable_as(&mut self, hash: String, body_hash: String, in_use: KeyInUse) {
        self.key = Some(Key { hash, body_hash, _in_use: in_use });
    }

    /// The transaction.
    pub const fn tx(&self) -> &Tx {
        &self.tx
    }

    /// Appends a step to the history of a record.
    ///
    /// # Errors
    /// The database failed.
    pub async fn step(&self, record: Uuid, taken: &StepTaken) -> Result<(), ApiError> {
        Ok(steps::append(&self.tx, Clock::new_id(), record, taken).await?)
    }

    /// Commits a creation: 201 with the place of the new resource.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn created(self, location: &str, version: i32, view: &impl Serialize) -> Answer {
        self.created_tagged(location, &etag(version), view).await
    }

    /// Commits a creation under an entity tag of its own.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn created_tagged(self, location: &str, tag: &str, view: &impl Serialize) -> Answer {
        let headers = [(header::LOCATION, location), (header::ETAG, tag)];
        self.commit(StatusCode::CREATED, &headers, serde_json::to_string(view)?).await
    }

    /// Commits an edit: 200 with the new view.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn changed(self, version: i32, view: &impl Serialize) -> Answer {
        self.changed_tagged(&etag(version), view).await
    }

    /// Commits an edit under an entity tag of its own.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn changed_tagged(self, tag: &str, view: &impl Serialize) -> Answer {
        self.commit(StatusCode::OK, &[(header::ETAG, tag)], serde_json::to_string(view)?).await
    }

    /// Commits a step: 200 with the parent's new view, and where the parent is.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn stepped(self, parent: &str, version: i32, view: &impl Serialize) -> Answer {
        self.stepped_tagged(parent, &etag(version), view).await
    }

    /// Commits a step under an entity tag of its own.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn stepped_tagged(self, parent: &str, tag: &str, view: &impl Serialize) -> Answer {
        let headers = [(header::ETAG, tag), (header::CONTENT_LOCATION, parent)];
        self.commit(StatusCode::OK, &headers, serde_json::to_string(view)?).await
    }

    /// Commits the import of a file into a record: 200 with a report, which represents no resource and so names none.
    ///
    /// # Errors
    /// The database failed to commit.
    pub(super) async fn imported(self, (record, version): (&str, i32), report: &impl Serialize) -> Answer {
        let body = serde_json::to_string(report)?;
        self.keep(StatusCode::OK, &[], &body).await?;
        let written = Written { path: Some(record), version: Some(version) };
        self.end(StatusCode::OK, written, Told::Body(&body)).await?;
        Ok(json(StatusCode::OK, &[], body))
    }

    /// Commits a step whose answer shows what must not be kept, not even for a repeat of the request: that one is
    /// answered with what is.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn stepped_showing(
        self,
        parent: &str,
        version: i32,
        shown: &impl Serialize,
        kept: &impl Serialize,
    ) -> Answer {
        let tag = etag(version);
        let headers = [(header::ETAG, tag.as_str()), (header::CONTENT_LOCATION, parent)];
        self.keep(StatusCode::OK, &headers, &serde_json::to_string(kept)?).await?;
        self.end(StatusCode::OK, Written::told_by(&headers), Told::Nothing).await?;
        let headers = [&headers[..], &[(header::CACHE_CONTROL, "no-store")]].concat();
        Ok(json(StatusCode::OK, &headers, serde_json::to_string(shown)?))
    }

    /// Keeps what was computed for a repeat of the request. Nothing else is recorded, so nothing enters the audit trail.
    ///
    /// # Errors
    /// The database failed to commit.
    pub(super) async fn computed(self, view: &impl Serialize) -> Answer {
        let body = serde_json::to_string(view)?;
        self.keep(StatusCode::OK, &[], &body).await?;
        self.parts.stand()?;
        self.tx.commit().await.map_err(crate::store::StoreError::from)?;
        Ok(json(StatusCode::OK, &[], body))
    }

    /// Commits a deletion: 204.
    ///
    /// # Errors
    /// The database failed to commit.
    pub async fn deleted(self) -> Answer {
        self.end(StatusCode::NO_CONTENT, Written::told_by(&[]), Told::Nothing).await?;
        Ok(HttpResponse::NoContent().finish())
    }

    async fn commit(self, status: StatusCode, headers: &[(header::HeaderName, &str)], body: String) -> Answer {
        self.keep(status, headers, &body).await?;
        self.end(status, Written::told_by(headers), Told::Body(&body)).await?;
        Ok(json(status, headers, body))
    }

    /// Keeps an answer for a repeat of the request, if it came under a key.
    async fn keep(
        &self,
        status: StatusCode,
        headers: &[(header::HeaderName, &str)],
        body: &str,
    ) -> Result<(), ApiError> {
        let Some(Key { hash, body_hash, .. }) = &self.key else { return Ok(()) };
        let mut kept: Vec<(String, String)> =
            headers.iter().map(|(name, value)| (name.to_string(), (*value).to_owned())).collect();
        kept.push((header::CONTENT_TYPE.to_string(), "application/json".to_owned()));
        let (body_hash, body) = (body_hash.clone(), body.to_owned());
        let stored = StoredAnswer { body_hash, status: status.as_u16(), headers: kept, body };
        Ok(answers::keep(&self.tx, hash, &stored).await?)
    }

    /// Adds the event of this work to the audit trail and commits both.
    async fn end(self, status: StatusCode, written: Written<'_>, told: Told<'_>) -> Result<(), ApiError> {
        // The key stays in use until the end of this: until the answer can be found.
        let Self { tx, key: _, parts, event, province, clock } = self;
        parts.stand()?;
        let (resource, record) = audit::target_of(written.path.unwrap_or(&event.path));
        let version = written.version;
        let answer_digest = match told {
            Told::Body(body) => Some(digest::sha256_hex(body)),
            Told::Nothing => None,
        };
        // Its identifier orders it: behind everything that the records it changed have seen.
        let (id, recorded_at) = (Clock::new_id(), clock.now().0);
        let status = i32::from(status.as_u16());
        let event = AuditEvent { id, recorded_at, resource, record, version, status, answer_digest, ..event }.sealed();
        audit_events::append(&tx, &event, province.as_deref()).await?;
        tx.commit().await.map_err(crate::store::StoreError::from)?;
        Ok(())
    }
}
