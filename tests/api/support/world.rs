//! A world to test in: a running application and people with tokens.

use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use sarus::api::edge::EdgeConfig;
use sarus::api::in_progress::InProgress;
use sarus::api::published::{Published, generated};
use sarus::app::{self, Sarus};
use sarus::clock::Clock;
use sarus::domain::role::Role;
use sarus::keys::{self, Signer, TrustedIssuer, Verifier};
use sarus::seal::Seal;
use sarus::store::{Store, directory};
use sarus::telemetry;
use sarus::token::{self, OwnIssuer, TokenRequest};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Client;

/// Issuer of the world's tokens.
pub const ISSUER: &str = "https://issuer.test";
/// Audience of the world's tokens.
pub const AUDIENCE: &str = "sarus";

/// The document that every answer is held against.
static DOCUMENT: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(generated()));

/// An application on a database of its own.
pub struct World {
    /// The application, for what the API does not show.
    pub sarus: Arc<Sarus>,
    /// The private key that its tokens are signed with, in PEM.
    pub private_key: String,
    base: String,
    document: Arc<Value>,
    signer: Signer,
    directory: directory::Directory,
    clock: Clock,
    passed: Arc<AtomicI64>,
}

/// The day on which a scenario plays unless it says another: districts and the departments of planning are there.
const DAY: &str = "2025-02-20";

/// A clock that runs on from noon of a day in Vietnam, and goes ahead by seconds that a test lets pass.
fn clock_on(day: &str, passed: &Arc<AtomicI64>) -> Clock {
    let noon: DateTime<Utc> = format!("{day}T12:00:00+07:00").parse::<DateTime<FixedOffset>>().unwrap().to_utc();
    let (started, passed) = (Clock::system().now().0, Arc::clone(passed));
    Clock::of(move || noon + (Clock::system().now().0 - started) + TimeDelta::seconds(passed.load(Ordering::Relaxed)))
}

/// Whose tokens an application believes and issues.
struct Trust {
    private_key: String,
    verifier: Verifier,
    issues: bool,
}

impl Trust {
    /// A new key of its own.
    fn new() -> Self {
        Self::of(keys::new_pair().unwrap().0)
    }

    fn of(private_key: String) -> Self {
        let public = keys::public_of(&private_key).unwrap();
        let own = TrustedIssuer::of_keys(&public, ISSUER, AUDIENCE).unwrap().signing_with(&public);
        Self { private_key, verifier: Verifier::new(vec![own]), issues: true }
    }
}

impl World {
    /// Starts the application on a free port.
    pub async fn open(store: Store) -> Self {
        Self::on(store, DAY, EdgeConfig::default(), Trust::new()).await
    }

    /// The same service behind an edge: a second one over the same database.
    pub async fn behind(&self, edge: EdgeConfig) -> Self {
        Self::on(self.sarus.store.clone(), DAY, edge, Trust::new()).await
    }

    /// The same service, which clients know under another address.
    pub async fn published_at(&self, url: &str, edge: EdgeConfig) -> Self {
        Self::with(self.sarus.store.clone(), DAY, edge, Trust::new(), |sarus| sarus.public_url = url.into()).await
    }

    /// The same service on another day: a second one over the same database.
    pub async fn another_day(&self, day: &str) -> Self {
        Self::on(self.sarus.store.clone(), day, EdgeConfig::default(), Trust::new()).await
    }

    /// A second replica: the same database and the same keys.
    pub async fn replica(&self) -> Self {
        let trust = Trust::of(self.private_key.clone());
        Self::on(self.sarus.store.clone(), DAY, EdgeConfig::default(), trust).await
    }

    /// The same service, which signs with another private key, in PEM.
    pub async fn signing_with(&self, private_key: &str) -> Self {
        let trust = Trust::of(private_key.to_owned());
        Self::on(self.sarus.store.clone(), DAY, EdgeConfig::default(), trust).await
    }

    /// The same service, which believes other issuers and has no key of its own.
    pub async fn believing(&self, issuers: Vec<TrustedIssuer>) -> Self {
        let trust = Trust { verifier: Verifier::new(issuers), issues: false, ..Trust::new() };
        Self::on(self.sarus.store.clone(), DAY, EdgeConfig::default(), trust).await
    }

    /// The same service with other words on its operations.
    pub async fn describing(&self, document: &Value) -> Self {
        let published: &'static Published = Box::leak(Box::new(Published::of(document).unwrap()));
        let (store, edge) = (self.sarus.store.clone(), EdgeConfig::default());
        Self::with(store, DAY, edge, Trust::new(), |sarus| sarus.published = published).await
    }

    /// The same service, in which a repeat waits so long for the first request under its key.
    pub async fn waiting_for_repeats(&self, patience: Duration) -> Self {
        let (store, edge) = (self.sarus.store.clone(), EdgeConfig::default());
        Self::with(store, DAY, edge, Trust::new(), |sarus| sarus.in_progress = InProgress::new(patience)).await
    }

    async fn on(store: Store, day: &str, edge: EdgeConfig, trust: Trust) -> Self {
        Self::with(store, day, edge, trust, |_| {}).await
    }

    async fn with(store: Store, day: &str, edge: EdgeConfig, trust: Trust, change: impl FnOnce(&mut Sarus)) -> Self {
        let passed = Arc::default();
        let clock = clock_on(day, &passed);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let Trust { private_key, verifier, issues } = trust;
        let signer = || Signer::from_pem(&private_key).unwrap();
        let own_issuer = issues.then(|| OwnIssuer::new(signer(), ISSUER.to_owned(), AUDIENCE.to_owned()));
        let directory = directory::load(store.reader()).await.unwrap();
        let metrics = telemetry::start_metrics().unwrap();
        // An RSA key signs tokens and seals nothing.
        let seal = Seal::of(Some(&private_key), None).unwrap_or_else(|_| Seal::none());
        let keys = (verifier, own_issuer, seal);
        let mut sarus = Sarus::assemble(store, clock.clone(), keys, &base, edge, metrics).unwrap();
        change(Arc::get_mut(&mut sarus).unwrap());
        let document = Arc::clone(&DOCUMENT);
        let (server, _) = app::serve(Arc::clone(&sarus), listener, 1).unwrap();
        actix_web::rt::spawn(server);
        Self { sarus, base, document, signer: signer(), private_key, directory, clock, passed }
    }

    /// Lets time pass on the world's clock.
    pub fn pass(&self, seconds: i64) {
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The instant on the world's clock, as the API writes it.
    pub fn now(&self) -> String {
        self.clock.now().0.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// Where it listens, `127.0.0.1:PORT`, for clients that speak worse than HTTP.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The published document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// A client without a token.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base, Arc::clone(&self.document), None, self.sarus.store.clone())
    }

    /// A client with any token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(&self.base, Arc::clone(&self.document), Some(token.to_owned()), self.sarus.store.clone())
    }

    /// Someone in a role in a unit (`""` for the nation).
    pub fn someone(&self, role: Role, unit: &str) -> Client {
        self.person(role, unit, &format!("{}@{unit}", role.name()))
    }

    /// Someone in a role in a unit, if an agency holds it there on the world's day.
    pub fn someone_if_there(&self, role: Role, unit: &str) -> Option<Client> {
        self.directory.holder(role, Some(unit), self.clock.now().today())?;
        Some(self.someone(role, unit))
    }

    /// A person by name: four eyes compare persons.
    pub fn person(&self, role: Role, unit: &str, subject: &str) -> Client {
        self.with_token(&self.token(role, Some(unit).filter(|unit| !unit.is_empty()), None, None, subject))
    }

    /// Someone who acts for an agency by its id.
    pub fn agent(&self, role: Role, agency: Uuid, subject: &str) -> Client {
        self.with_token(&self.token(role, None, Some(agency), None, subject))
    }

    /// The account of a cooperative.
    pub fn cooperative(&self, id: &str) -> Client {
        let id = id.parse().unwrap();
        self.with_token(&self.token(Role::Cooperative, None, None, Some(id), &format!("cooperative@{id}")))
    }

    /// A signed token.
    pub fn token(
        &self,
        role: Role,
        unit: Option<&str>,
        agency: Option<Uuid>,
        cooperative: Option<Uuid>,
        subject: &str,
    ) -> String {
        let request = TokenRequest {
            role,
            unit: unit.map(str::to_owned),
            agency,
            cooperative,
            subject: Some(subject.to_owned()),
            ttl: Duration::from_secs(600),
        };
        // Agencies as they are on the world's day; the token itself holds on the machine's.
        let today = self.clock.now().today();
        let claims = token::claims(&request, &self.directory, ISSUER, AUDIENCE, &Clock::system(), today).unwrap();
        self.signer.sign(&claims).unwrap()
    }

    /// A token with claims of the test's own making.
    pub fn forged(&self, claims: &Value) -> String {
        self.signer.sign(claims).unwrap()
    }

    /// The registration of a cooperative in a district of An Giang, as its locality records it.
    pub async fn given_cooperative(&self, unit: &str, tax_code: &str) -> Value {
        let body = new_cooperative(unit, tax_code);
        self.someone(Role::Locality, unit).post("/v1/cooperatives", &body).await.created()
    }
}

/// A body that registers a cooperative.
pub fn new_cooperative(unit: &str, tax_code: &str) -> Value {
    json!({
        "taxCode": tax_code,
        "name": format!("HTX Nông nghiệp mẫu {tax_code}"),
        "kind": "cooperative",
        "field": "agriculture",
        "governingLaw": "law_2012",
        "unit": unit,
        "foundedOn": "2012-05-20",
        "status": "active",
    })
}
