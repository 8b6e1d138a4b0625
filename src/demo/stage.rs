//! The stage of the demo: people with real tokens who call the running service over HTTP, and what is expected of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::role::Role;
use crate::keys::{KeyError, Signer};
use crate::store::directory::Directory;
use crate::token::{self, TokenError, TokenRequest};

/// How long the tokens of the demo hold.
const TOKEN_LIFE: Duration = Duration::from_secs(12 * 3600);

/// Why the play cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The service answered something else.
    #[error("{0}")]
    Unexpected(String),
    /// The connection failed.
    #[error("the service could not be reached")]
    Http(#[from] reqwest::Error),
    /// A token could not be issued.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A token could not be signed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Somebody who calls the service.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Role and place, as `lead-agency@89`.
    pub(super) subject: String,
    /// The bearer token.
    pub(super) token: String,
}

/// An answer of the service.
#[derive(Debug)]
pub(super) struct Reply {
    /// Status.
    pub(super) status: u16,
    /// Entity tag, if any.
    etag: Option<String>,
    /// The body.
    pub(super) body: Value,
    /// The body as it came.
    pub(super) text: String,
}

/// Where the play takes place.
pub(super) struct Stage {
    http: reqwest::Client,
    /// Address of the service.
    pub(super) base: String,
    signer: Signer,
    directory: Directory,
    issuer: String,
    audience: String,
    checks: u32,
    failures: Vec<String>,
}

impl Stage {
    /// A stage before a running service.
    pub(super) fn new(base: &str, signer: Signer, directory: Directory, issuer: &str, audience: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.to_owned(),
            signer,
            directory,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            checks: 0,
            failures: Vec::new(),
        }
    }

    /// Somebody in a role in a unit; without a unit, for the nation.
    ///
    /// # Errors
    /// No agency holds the role there.
    pub(super) fn person(&self, role: Role, unit: Option<&str>) -> Result<Person, DemoError> {
        self.issue(role, unit, None, None)
    }

    /// Somebody who acts for an agency by its id.
    ///
    /// # Errors
    /// The token cannot be signed.
    pub(super) fn agent(&self, role: Role, agency: Uuid) -> Result<Person, DemoError> {
        self.issue(role, None, Some(agency), None)
    }

    /// The account of a cooperative.
    ///
    /// # Errors
    /// The token cannot be signed.
    pub(super) fn cooperative(&self, id: Uuid) -> Result<Person, DemoError> {
        self.issue(Role::Cooperative, None, None, Some(id))
    }

    fn issue(
        &self,
        role: Role,
        unit: Option<&str>,
        agency: Option<Uuid>,
        cooperative: Option<Uuid>,
    ) -> Result<Person, DemoError> {
        let subject = agency.map(|id| format!("{}@{id}", role.name()));
        let unit = unit.map(str::to_owned);
        let request = TokenRequest { role, unit, agency, cooperative, subject, ttl: TOKEN_LIFE };
        let clock = Clock::system();
        let today = clock.now().today();
        let claims = token::claims(&request, &self.directory, &self.issuer, &self.audience, &clock, today)?;
        Ok(Person { subject: claims.sub.clone(), token: self.signer.sign(&claims)? })
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The service cannot be reached.
    async fn send(
        &self,
        who: &Person,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply, DemoError> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&who.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let merge = method == Method::PATCH;
            let kind = if merge { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", kind).body(body.to_string());
        }
        let response = request.send().await?;
        let etag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Reply { status, etag, body, text })
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// It is not there for this person.
    pub(super) async fn get(&self, who: &Person, path: &str) -> Result<Value, DemoError> {
        let reply = self.send(who, Method::GET, path, &[], None).await?;
        expected(reply, who, path, &[200]).map(|reply| reply.body)
    }

    /// Reads a list as lines.
    ///
    /// # Errors
    /// The list cannot be had.
    pub(super) async fn lines(&self, who: &Person, path: &str) -> Result<Vec<Value>, DemoError> {
        let reply = self.send(who, Method::GET, path, &[("accept", "application/x-ndjson")], None).await?;
        let text = expected(reply, who, path, &[200])?.text;
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Creates a resource.
    ///
    /// # Errors
    /// The service refused.
    pub(super) async fn create(&self, who: &Person, path: &str, body: &Value) -> Result<Value, DemoError> {
        let reply = self.send(who, Method::POST, path, &[], Some(body)).await?;
        expected(reply, who, path, &[201]).map(|reply| reply.body)
    }

    /// Creates what has a name of its own.
    ///
    /// # Errors
    /// The service refused.
    pub(super) async fn put(&self, who: &Person, path: &str, body: &Value) -> Result<Value, DemoError> {
        let current = self.send(who, Method::GET, path, &[], None).await?;
        let tag = current.etag.filter(|_| current.status == 200);
        let condition = tag.as_ref().map_or(("if-none-match", "*"), |tag| ("if-match", tag.as_str()));
        let mut reply = self.send(who, Method::PUT, path, &[condition], Some(body)).await?;
        if reply.status == 412 {
            reply = self.send(who, Method::PUT, path, &[("if-none-match", "*")], Some(body)).await?;
        }
        expected(reply, who, path, &[200, 201]).map(|reply| reply.body)
    }

    /// Edits a draft as it stands now.
    ///
    /// # Errors
    /// The service refused.
    pub(super) async fn edit(&self, who: &Person, path: &str, patch: &Value) -> Result<Value, DemoError> {
        let tag = self.tag(who, path).await?;
        let reply = self.send(who, Method::PATCH, path, &[("if-match", &tag)], Some(patch)).await?;
        expected(reply, who, path, &[200]).map(|reply| reply.body)
    }

    /// Takes a step on a resource as it stands now.
    ///
    /// # Errors
    /// The service refused.
    pub(super) async fn step(&self, who: &Person, path: &str, step: &str, body: &Value) -> Result<Value, DemoError> {
        let reply = self.try_step(who, path, step, body).await?;
        expected(reply, who, &format!("{path}/{step}"), &[200]).map(|reply| reply.body)
    }

    /// Takes a step that may be refused.
    ///
    /// # Errors
    /// The resource is not there for this person.
    pub(super) async fn try_step(
        &self,
        who: &Person,
        path: &str,
        step: &str,
        body: &Value,
    ) -> Result<Reply, DemoError> {
        let tag = self.tag(who, path).await?;
        self.send(who, Method::POST, &format!("{path}/{step}"), &[("if-match", &tag)], Some(body)).await
    }

    /// Creates what may be refused.
    ///
    /// # Errors
    /// The service cannot be reached.
    pub(super) async fn try_create(&self, who: &Person, path: &str, body: &Value) -> Result<Reply, DemoError> {
        self.send(who, Method::POST, path, &[], Some(body)).await
    }

    async fn tag(&self, who: &Person, path: &str) -> Result<String, DemoError> {
        let reply = expected(self.send(who, Method::GET, path, &[], None).await?, who, path, &[200])?;
        reply.etag.ok_or_else(|| DemoError::Unexpected(format!("{path} has no ETag")))
    }

    /// Begins a chapter.
    pub(super) fn chapter(&self, title: &str) {
        println!("\n── {title}");
    }

    /// Tells what happened.
    pub(super) fn tell(&self, words: &str) {
        println!("   • {words}");
    }

    /// Checks a figure; the play goes on, the outcome remembers.
    pub(super) fn check<T: PartialEq + std::fmt::Display>(&mut self, what: &str, found: &T, due: &T) {
        self.checks = self.checks.saturating_add(1);
        if found == due {
            println!("   ✓ {what}: {found}");
        } else {
            println!("   ✗ {what}: {found}, expected {due}");
            self.failures.push(format!("{what}: {found}, expected {due}"));
        }
    }

    /// Checks that the service refused with a code, and shows its words.
    pub(super) fn refused(&mut self, what: &str, reply: &Reply, status: u16, code: &str) {
        let found = format!("{} {}", reply.status, text(&reply.body, "code"));
        self.check(what, &found, &format!("{status} {code}"));
        if let Some(words) = reply.body["detail"].as_str() {
            println!("       “{words}” ({})", text(&reply.body, "legalBasis"));
        }
    }

    /// How many figures were checked, and which did not hold.
    pub(super) fn outcome(&self) -> (u32, &[String]) {
        (self.checks, &self.failures)
    }
}

fn expected(reply: Reply, who: &Person, path: &str, statuses: &[u16]) -> Result<Reply, DemoError> {
    if statuses.contains(&reply.status) {
        return Ok(reply);
    }
    Err(DemoError::Unexpected(format!("{} at {path}: {} {}", who.subject, reply.status, reply.text)))
}

/// A member of a body as text; empty when it is not there.
pub(super) fn text(body: &Value, name: &str) -> String {
    body[name].as_str().map_or_else(|| body[name].to_string(), str::to_owned)
}

/// The identifier of a body.
///
/// # Errors
/// There is none.
pub(super) fn id(body: &Value) -> Result<Uuid, DemoError> {
    let found = body["id"].as_str().and_then(|id| id.parse().ok());
    found.ok_or_else(|| DemoError::Unexpected(format!("no id in {body}")))
}
