//! The one place that assembles the application: for `main`, the tests, the benchmarks and the document alike.

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::middleware::{self, Condition};
use actix_web::{App, HttpServer, web};
use chrono::TimeDelta;
use tokio::net::TcpStream;

use crate::api;
use crate::api::auth::Authority;
use crate::api::connection::Connection;
use crate::api::edge::{Edge, EdgeConfig};
use crate::api::in_progress::{InProgress, PATIENCE};
use crate::api::published::{Published, published};
use crate::api::service_config;
use crate::clock::Clock;
use crate::domain::audit::{AuditCheckpoint, MOST_COVERED};
use crate::keys::Verifier;
use crate::seal::Seal;
use crate::store::{Store, StoreError, answers, audit_checkpoints, audit_events, changes};
use crate::token::OwnIssuer;

/// How long an answer is kept for a repeat of its request.
const ANSWERS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long the feed of changes goes back.
const CHANGES_KEPT: TimeDelta = TimeDelta::days(90);

/// How old the last checkpoint of the audit trail may be while there are events after it.
const CHECKPOINT_AGE: TimeDelta = TimeDelta::minutes(10);

/// How long an idle connection is kept: longer than the pools of clients and proxies keep theirs.
const KEEP_ALIVE: Duration = Duration::from_secs(120);

/// How long what a client still sends is taken after its request was refused, so that it can read the refusal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What every request can reach.
#[derive(Debug)]
pub struct Sarus {
    /// The database.
    pub store: Store,
    /// Time and identifiers.
    pub clock: Clock,
    /// Tokens and agencies.
    pub authority: Authority,
    /// What is published is signed with.
    pub seal: Seal,
    /// Issues tokens to service accounts; none without a key to sign with.
    pub own_issuer: Option<OwnIssuer>,
    /// The document, and the operations of it.
    pub published: &'static Published,
    /// Address under which clients know this service.
    pub public_url: Arc<str>,
    /// What stands between it and its clients.
    pub edge: Edge,
    /// The requests with an idempotency key that are being answered.
    pub in_progress: Arc<InProgress>,
    /// Figures for `/metrics`.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
    /// Set when the service is told to stop: `/readyz` fails first.
    stopping: AtomicBool,
}

impl Sarus {
    /// Puts the parts together. The document says `public_url` as its server.
    ///
    /// # Errors
    /// The document is not one that can be enforced: an operation without a permission, a broken schema.
    pub fn assemble(
        store: Store,
        clock: Clock,
        (verifier, own_issuer, seal): (Verifier, Option<OwnIssuer>, Seal),
        public_url: &str,
        edge: EdgeConfig,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
    ) -> Result<Arc<Self>, String> {
        let published = published()?;
        Ok(Arc::new(Self {
            store,
            clock,
            authority: Authority::new(verifier),
            seal,
            own_issuer,
            published,
            public_url: public_url.into(),
            edge: Edge::new(edge),
            in_progress: InProgress::new(PATIENCE),
            metrics,
            stopping: AtomicBool::new(false),
        }))
    }

    /// Forgets the stored answers of retried requests that are older than 30 days; returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge_stored_answers(&self) -> Result<u64, StoreError> {
        let before = self.clock.now().0 - ANSWERS_KEPT;
        let tx = self.store.begin().await?;
        let purged = answers::purge(&tx, before).await?;
        tx.commit().await?;
        Ok(purged)
    }

    /// Forgets the events of the feed of changes that are older than 90 days; returns how many. Those that nobody asked for
    /// enter it first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge_changes(&self) -> Result<u64, StoreError> {
        let now = self.clock.now().0;
        changes::publish(&self.store, now).await?;
        changes::purge(&self.store, now - CHANGES_KEPT).await
    }

    /// Keeps the audit trail: gives its events their places, and makes a checkpoint when the last one is ten minutes old or
    /// more events wait than one covers. Tells how many checkpoints were made.
    ///
    /// # Errors
    /// The database failed, or the key cannot sign.
    pub async fn keep_audit_trail(&self) -> Result<u32, Box<dyn Error + Send + Sync>> {
        audit_events::publish(&self.store, self.clock.now().0).await?;
        let mut made = 0;
        loop {
            let (last, uncovered) = audit_checkpoints::standing(self.store.reader()).await?;
            let now = self.clock.now().0;
            let is_old = last.as_ref().is_none_or(|last| now - last.recorded_at >= CHECKPOINT_AGE);
            let is_due = is_old && uncovered > 0;
            if !is_due && uncovered < MOST_COVERED {
                return Ok(made);
            }
            match self.make_checkpoint(last.as_ref()).await {
                Ok(()) => made += 1,
                // Another replica was faster.
                Err(error) if matches!(error.downcast_ref(), Some(StoreError::Busy)) => return Ok(made),
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes the checkpoint that follows the one that was seen to be the last.
    async fn make_checkpoint(&self, last: Option<&AuditCheckpoint>) -> Result<(), Box<dyn Error + Send + Sync>> {
        let covered = audit_checkpoints::cover(self.store.reader(), last).await?;
        let mut checkpoint = AuditCheckpoint::after(last, covered, Clock::new_id(), None, self.clock.now().0);
        checkpoint.signature = self.seal.sign(&checkpoint.canonical())?;
        let tx = self.store.begin().await?;
        audit_checkpoints::insert(&tx, &checkpoint).await?;
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }

    /// Whether the service is stopping.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Tells `/readyz` to fail from now on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// Serves an assembled application on a listener.
///
/// # Errors
/// The listener cannot be used.
pub fn serve(sarus: Arc<Sarus>, listener: TcpListener, workers: usize) -> std::io::Result<(Server, SocketAddr)> {
    let address = listener.local_addr()?;
    let data = web::Data::from(sarus);
    let (patience, public_url) = (data.edge.patience(), Arc::clone(&data.public_url));
    let application = move || {
        App::new()
            .app_data(data.clone())
            .wrap(middleware::from_fn(api::gate::gate))
            .wrap(Condition::new(!data.edge.origins().is_empty(), api::edge::cors(data.edge.origins())))
            .wrap(middleware::from_fn(api::preflight::preflight))
            .configure(|config| service_config::serve(config, api::routes))
            .configure(api::service_routes)
            .default_service(web::to(api::not_found))
    };
    // Whoever serves decides when to stop: `/readyz` must fail before connections are refused.
    let server = Server::build().workers(workers).disable_signals().shutdown_timeout(10);
    let stopping = server.graceful_shutdown_signal();
    // What `HttpServer` does, but for the connections, which are our own.
    let server = server.listen("sarus", listener, move || {
        let application = map_config(application().into_factory(), |()| AppConfig::default());
        let (stopping, public_url) = (stopping.clone(), Arc::clone(&public_url));
        let http = HttpService::build()
            // A loaded machine is no reason to answer 408 in the framework's own words, nor to drop a connection in use.
            .client_request_timeout(patience)
            // Who is refused before all was sent still reads why.
            .client_disconnect_timeout(LAST_WORDS)
            .keep_alive(KEEP_ALIVE)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .local_addr(address)
            .on_connect_ext(Connection::introduce)
            .finish(application.map_err(|error| error.error_response()));
        fn_service(move |stream: TcpStream| {
            let public_url = Arc::clone(&public_url);
            async move {
                let client = stream.peer_addr().ok();
                stream.set_nodelay(true)?;
                Ok((Connection::new(stream, patience, public_url), Protocol::Http1, client))
            }
        })
        .and_then(http)
    })?;
    Ok((server.run(), address))
}

/// Serves nothing but `/metrics` on a listener of its own.
///
/// # Errors
/// The listener cannot be used.
pub fn serve_metrics(sarus: Arc<Sarus>, listener: TcpListener) -> std::io::Result<Server> {
    let data = web::Data::from(sarus);
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).route("/metrics", web::get().to(api::figures)));
    // It ends with the process: whoever stops the service looks at its figures until then.
    Ok(server.workers(1).listen(listener)?.disable_signals().run())
}
