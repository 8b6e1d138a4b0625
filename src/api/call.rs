//! What a handler is given — the call, the body, the query, the precondition — and how a write begins; [`Work`] is what has begun.

use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::audit::{self, Origin};
use super::error::{Answer, ApiError, Kind};
use super::operations::Operation;
pub use super::work::Work;
use crate::app::Sarus;
use crate::clock::Clock;
use crate::domain::audit::{AuditEvent, AuditKind};
use crate::domain::digest;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::role::{Caller, Scope};
use crate::store::{Db, StoreError, Tx, answers, audit_events, changes};

/// What the gate found out about a request.
#[derive(Debug)]
pub struct Parts {
    /// Who calls.
    pub caller: Caller,
    /// The media type to answer in.
    pub produce: String,
    /// The query, typed and checked.
    pub query: Value,
    /// The body, checked; of a file its digest.
    pub body: Option<Value>,
    /// What is wrong with the legal dates of the body: told with what the handler finds, and nothing is done.
    pub misdated: Option<Refusal>,
    /// Which precondition does not hold: told behind what is wrong with the body and before all else, and nothing is done.
    pub unmet: Cell<Option<Kind>>,
    /// The body, if it is a file.
    pub upload: Option<Upload>,
    /// The key under which a repeat gets the same answer.
    pub idempotency_key: Option<String>,
    /// The operation that is asked for.
    pub operation: &'static Operation,
    /// Where the request comes from.
    pub origin: Origin,
}

impl Parts {
    /// Passes when nothing stands in the way of what the handler has done.
    ///
    /// # Errors
    /// What is wrong with the body, else the precondition that does not hold.
    pub(super) fn stand(&self) -> Result<(), ApiError> {
        match (&self.misdated, self.unmet.get()) {
            (Some(misdated), _) => Err(misdated.clone().into()),
            (None, Some(unmet)) => Err(ApiError::of(unmet)),
            (None, None) => Ok(()),
        }
    }

    /// What is told in place of a failure of the handler: 400 comes before 428 and 412, and they before whatever else.
    pub(super) fn instead_of(&self, error: &ApiError) -> Option<ApiError> {
        let wrong = self.misdated.as_ref().and_then(|misdated| error.after(misdated));
        wrong.or_else(|| self.unmet.get().filter(|_| !error.comes_first()).map(ApiError::of))
    }
}

/// The call as a handler sees it.
#[derive(Debug)]
pub struct Call {
    sarus: web::Data<Sarus>,
    parts: Rc<Parts>,
    request: HttpRequest,
    now: Moment,
}

fn parts(request: &HttpRequest) -> Result<Rc<Parts>, ApiError> {
    // Without the gate's word nobody is admitted: an operation that is not in the document answers like this.
    request.extensions().get::<Rc<Parts>>().cloned().ok_or(ApiError::of(Kind::NotFound))
}

impl FromRequest for Call {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).and_then(|parts| {
            let sarus = request.app_data::<web::Data<Sarus>>().cloned().ok_or(ApiError::of(Kind::Internal))?;
            let now = sarus.clock.now();
            Ok(Self { sarus, parts, request: request.clone(), now })
        }))
    }
}

/// The body, as its type.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).and_then(|parts| typed(parts.body.as_ref().unwrap_or(&Value::Null)).map(Self)))
    }
}

/// A body that is a file, for the handler to read.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its media type, one of the operation's.
    pub media_type: String,
    /// Its bytes.
    pub bytes: web::Bytes,
}

impl FromRequest for Upload {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).and_then(|parts| parts.upload.clone().ok_or(ApiError::of(Kind::Internal))))
    }
}

/// The query, as its type.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).and_then(|parts| typed_as(Kind::InvalidQuery, &parts.query).map(Self)))
    }
}

/// A checked value as its type. What the schema lets through and the type does not is still the client's fault.
fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, ApiError> {
    typed_as(Kind::InvalidBody, value)
}

fn typed_as<T: DeserializeOwned>(kind: Kind, value: &Value) -> Result<T, ApiError> {
    T::deserialize(value).map_err(|error| ApiError::because(kind, format!("{error}."), format!("{error}.")))
}

/// A merge patch (RFC 7396), to be laid onto the current request form and checked like a creation.
#[derive(Debug)]
pub struct Patch {
    parts: Rc<Parts>,
    sarus: web::Data<Sarus>,
}

impl FromRequest for Patch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).and_then(|parts| {
            let sarus = request.app_data::<web::Data<Sarus>>().cloned().ok_or(ApiError::of(Kind::Internal))?;
            Ok(Self { parts, sarus })
        }))
    }
}

impl Patch {
    /// The request form after the patch.
    ///
    /// # Errors
    /// Every fault of the merged form against its schema.
    pub fn onto<T: Serialize + DeserializeOwned + ToSchema>(&self, current: &T) -> Result<T, ApiError> {
        let mut merged = serde_json::to_value(current)?;
        merge(&mut merged, self.parts.body.as_ref().unwrap_or(&Value::Null));
        let faults = self.sarus.published.operations.faults_of(&T::name(), &merged);
        if faults.is_empty() { typed(&merged) } else { Err(ApiError::faults(Kind::InvalidBody, faults)) }
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(object) = target else { return };
    for (name, value) in members {
        if value.is_null() {
            object.remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The versions named by `If-Match` or `If-None-Match`.
fn entity_tags(request: &HttpRequest, name: header::HeaderName) -> Vec<String> {
    let values = request.headers().get_all(name).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect()
}

/// The `If-Match` of a request: the version that the client has seen.
#[derive(Debug)]
pub struct IfMatch {
    tags: Vec<String>,
    parts: Rc<Parts>,
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parts(request).map(|parts| Self { tags: entity_tags(request, header::IF_MATCH), parts }))
    }
}

impl IfMatch {
    /// Whether the header was sent.
    pub const fn is_given(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Sees to it that nothing is done unless the client has seen this version: what is wrong with the body is still looked
    /// for, since it is told first; then the answer is 412.
    pub fn holds(&self, version: i32) {
        self.holds_tag(&etag(version));
    }

    /// The same, by an entity tag.
    pub fn holds_tag(&self, tag: &str) {
        let is_seen = self.tags.iter().any(|seen| seen == tag || seen == "*");
        if !is_seen && self.parts.unmet.get().is_none() {
            self.parts.unmet.set(Some(Kind::Stale));
        }
    }
}

/// The strong entity tag of a version.
pub fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

impl Call {
    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.parts.caller
    }

    /// The operation that is asked for.
    pub(super) fn operation(&self) -> &'static Operation {
        self.parts.operation
    }

    /// What the caller reaches.
    pub fn scope(&self) -> &Scope {
        &self.parts.caller.scope
    }

    /// The instant of the call.
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// The instant now, later than that of the call: for what is recorded in the order in which locks were had.
    pub fn instant(&self) -> Moment {
        self.sarus.clock.now()
    }

    /// The day of the call in Vietnam.
    pub fn today(&self) -> NaiveDate {
        self.now.today()
    }

    /// A new identifier.
    pub fn new_id(&self) -> Uuid {
        Clock::new_id()
    }

    /// The seal of the service over a canonical text: a detached signature, if there is a key.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn seal(&self, canonical: &str) -> Result<Option<String>, ApiError> {
        self.sarus.seal.sign(canonical).map_err(|error| {
            tracing::error!(%error, "a seal could not be made");
            ApiError::of(Kind::Internal)
        })
    }

    /// The pool to read from.
    pub fn db(&self) -> &Db {
        self.sarus.store.reader()
    }

    /// Has everything that was committed by now enter the feed of changes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn publish_changes(&self) -> Result<(), ApiError> {
        Ok(changes::publish(&self.sarus.store, self.now.0).await?)
    }

    /// Has everything that was committed by now enter the audit trail in its order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn publish_audit(&self) -> Result<(), ApiError> {
        Ok(audit_events::publish(&self.sarus.store, self.now.0).await?)
    }

    /// Whether a signature is one of the service's over a canonical text.
    pub fn is_sealed(&self, canonical: &str, signature: Option<&str>) -> bool {
        self.sarus.seal.holds(canonical, signature)
    }

    /// One state of the database to read from, whatever is written meanwhile.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn snapshot(&self) -> Result<Tx, ApiError> {
        Ok(self.sarus.store.snapshot().await?)
    }

    /// The media type to answer in.
    pub fn produce(&self) -> &str {
        &self.parts.produce
    }

    /// Whether the client already has what this tag stands for.
    pub fn client_has(&self, tag: &str) -> bool {
        // Weak comparison (RFC 9110, 13.1.2): a proxy may have weakened the tag.
        let seen = entity_tags(&self.request, header::IF_NONE_MATCH);
        seen.iter().any(|seen| seen.trim_start_matches("W/") == tag || seen == "*")
    }

    /// Whether the client wants to create and never to replace (`If-None-Match: *`).
    pub fn creates_only(&self) -> bool {
        entity_tags(&self.request, header::IF_NONE_MATCH).iter().any(|seen| seen == "*")
    }

    /// Every fault of a value against the schema of a request form.
    pub fn faults_of<T: ToSchema>(&self, value: &Value) -> Vec<Fault> {
        self.sarus.published.operations.faults_of(&T::name(), value)
    }

    /// Answers a read of one resource: 304 when the client has this version.
    ///
    /// # Errors
    /// The view cannot be written as JSON.
    pub fn one(&self, version: i32, view: &impl Serialize) -> Answer {
        self.tagged(&etag(version), view)
    }

    /// Answers a read under an entity tag of its own.
    ///
    /// # Errors
    /// The view cannot be written as JSON.
    pub fn tagged(&self, tag: &str, view: &impl Serialize) -> Answer {
        if self.client_has(tag) {
            return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
        }
        Ok(json(StatusCode::OK, &[(header::ETAG, tag)], serde_json::to_string(view)?))
    }

    /// Answers a read that is computed, under the digest of its body.
    ///
    /// # Errors
    /// The view cannot be written as JSON.
    pub fn computed(&self, view: &impl Serialize) -> Answer {
        let body = serde_json::to_string(view)?;
        let tag = tag_of(&body);
        if self.client_has(&tag) {
            return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
        }
        Ok(json(StatusCode::OK, &[(header::ETAG, &tag)], body))
    }

    /// Answers what was only tried: nothing is recorded, so it has no version.
    ///
    /// # Errors
    /// A precondition does not hold, or the view cannot be written as JSON.
    pub fn reported(&self, view: &impl Serialize) -> Answer {
        self.parts.stand()?;
        Ok(json(StatusCode::OK, &[], serde_json::to_string(view)?))
    }

    /// The entity tag of a view that has no version: the one under which it is computed.
    ///
    /// # Errors
    /// The view cannot be written as JSON.
    pub fn tag_of(&self, view: &impl Serialize) -> Result<String, ApiError> {
        Ok(tag_of(&serde_json::to_string(view)?))
    }

    /// Has the directory of agencies read again by the next call: it changes with this one.
    pub fn directory_changed(&self) {
        self.sarus.authority.forget_directory();
    }

    /// Answers what is computed for this request alone: nothing is recorded, so it has no version. A repeat under the same key
    /// gets the same answer; only for a request with a key something is written.
    ///
    /// # Errors
    /// Those of the computation; 409 when the key was used with another body.
    pub async fn answered<V: Serialize>(&self, compute: impl AsyncFnOnce() -> Result<V, ApiError>) -> Answer {
        if self.parts.idempotency_key.is_none() {
            return self.reported(&compute().await?);
        }
        let work = self.begin().await?;
        let view = compute().await?;
        work.computed(&view).await
    }

    /// Begins a write. A repeat of a request that was answered before ends here with the stored answer.
    ///
    /// # Errors
    /// The stored answer; 409 when the key was used with another body, or the first request under it takes too long; 503 when
    /// the database is busy.
    pub async fn begin(&self) -> Result<Work, ApiError> {
        let Some(key) = &self.parts.idempotency_key else { return self.work().await };
        let caller = self.caller();
        let scope = [&caller.issuer, &caller.subject, self.request.method().as_str(), self.request.path(), key];
        let key_hash = digest::sha256_hex(&serde_json::to_string(&scope)?);
        let body_hash = digest::digest(self.parts.body.as_ref().unwrap_or(&Value::Null));
        // Whoever comes while the first request is being answered waits for its answer, but not for ever: here first, where
        // that takes no connection (SQLite has one writer), and for another replica in the database.
        let in_use = self.sarus.in_progress.enter(&key_hash).await.ok_or(ApiError::of(Kind::InProgress))?;
        let mut work = self.work().await?;
        let claimed =
            answers::claim(work.tx(), &key_hash, &body_hash, self.now.0).await.map_err(|error| match error {
                StoreError::Busy => ApiError::of(Kind::InProgress),
                other => other.into(),
            })?;
        if let Some(stored) = claimed {
            let same = stored.body_hash == body_hash;
            return Err(if same { ApiError::Replay(Box::new(stored)) } else { ApiError::of(Kind::KeyReused) });
        }
        work.repeatable_as(key_hash, body_hash, in_use);
        Ok(work)
    }

    /// A write without a key.
    async fn work(&self) -> Result<Work, ApiError> {
        let tx = self.sarus.store.begin().await?;
        let parts = Rc::clone(&self.parts);
        Ok(Work::of(tx, self.audited(AuditKind::Write), self.sarus.clock.clone(), self.scope(), parts))
    }

    /// What the audit trail says of this call before its outcome is known.
    fn audited(&self, kind: AuditKind) -> AuditEvent {
        let method = self.request.method().as_str();
        audit::event_of(kind, &self.parts, (method, self.request.path(), self.request.query_string()), self.now)
    }

    /// The path of this request.
    pub fn path(&self) -> &str {
        self.request.path()
    }
}

/// The entity tag of a body.
fn tag_of(body: &str) -> String {
    format!("\"{}\"", digest::sha256_hex(body))
}

pub(super) fn json(status: StatusCode, headers: &[(header::HeaderName, &str)], body: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    for (name, value) in headers {
        response.insert_header((name.clone(), *value));
    }
    response.content_type("application/json").body(body)
}
