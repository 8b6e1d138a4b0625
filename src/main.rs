//! The commands of `sarus`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use sarus::app::{self, Sarus};
use sarus::clock::Clock;
use sarus::config::Config;
use sarus::keys;
use sarus::store::generator::{self, Size};
use sarus::store::{self, Backend, Store, StoreError};
use sarus::token::{self, TokenRequest};
use sarus::{api, telemetry};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long a stopping service still answers while `/readyz` tells everybody to go elsewhere.
const DRAIN: Duration = Duration::from_secs(2);

/// Whatever goes wrong ends the process with its message.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// System of record and reporting API of the scheme of new-style cooperatives.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (also what happens without a command).
    Serve,
    /// Apply what is pending of the schema.
    Migrate,
    /// Write the OpenAPI document and its one-page summary to `openapi/`, or check that they are up to date.
    Openapi {
        /// Only compare; fail when they differ.
        #[arg(long)]
        check: bool,
        /// Print the document in this version instead: 3.0 is for generators that do not read 3.1 yet.
        #[arg(long, conflicts_with = "check")]
        format: Option<DocumentFormat>,
        /// Where the two files stand.
        #[arg(long, default_value = "openapi")]
        directory: PathBuf,
    },
    /// Print an access token on standard output, and nothing else.
    Token(TokenRequest),
    /// Play An Giang's plan end to end over HTTP, on a database of its own, and keep serving.
    Demo {
        /// Stop after the play; the status tells whether every step and every sum held.
        #[arg(long)]
        exit: bool,
        /// Play against a service that already runs under this address, on the configured database, which must hold
        /// nothing but the reference data; then stop.
        #[arg(long, value_name = "URL")]
        against: Option<String>,
    },
    /// Fill an empty database with a plausible country of sample data, the same for the same seed: for measuring and trying
    /// out, never for production.
    Generate {
        /// What chance starts from.
        #[arg(long, default_value_t = 42)]
        seed: u64,
        /// How many cooperatives.
        #[arg(long, default_value_t = 30_000)]
        cooperatives: u32,
        /// How many years, from 2021 on.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=5))]
        years: u16,
    },
    /// Make a pair of Ed25519 keys: `private.pem` and `public.pem`.
    Keys {
        /// The directory to write them to.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DocumentFormat {
    /// OpenAPI 3.0.3.
    #[value(name = "3.0")]
    Older,
    /// OpenAPI 3.1, as it is committed.
    #[value(name = "3.1")]
    Committed,
}

fn main() {
    let arguments = Arguments::parse();
    let outcome = actix_web::rt::System::new().block_on(run(arguments.command.unwrap_or(Command::Serve)));
    if let Err(error) = outcome {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(source) = cause {
            message = format!("{message}: {source}");
            cause = source.source();
        }
        eprintln!("sarus: {message}");
        std::process::exit(1);
    }
}

async fn run(command: Command) -> Outcome {
    match command {
        Command::Serve => serve(Config::read(environment)?).await,
        Command::Migrate => Ok(store::connect::migrate(Config::read(environment)?.database_url.expose()).await?),
        Command::Openapi { format: Some(format), .. } => {
            println!("{}", document_in(format));
            Ok(())
        }
        Command::Openapi { check, directory, format: None } => openapi(check, &directory),
        Command::Token(request) => {
            println!("{}", token::issue(&Config::read(environment)?, &request).await?);
            Ok(())
        }
        Command::Demo { against: Some(url), .. } => sarus::demo::run_against(&url, &Config::read(environment)?).await,
        Command::Demo { exit, against: None } => demo(exit).await,
        Command::Generate { seed, cooperatives, years } => generate(Size { seed, cooperatives, years }).await,
        Command::Keys { out } => make_keys(&out),
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The database, with every migration: SQLite is migrated on the way, PostgreSQL by command alone, since several services may
/// share it.
async fn migrated(config: &Config) -> Outcome<Store> {
    let store = Store::connect(config.database_url.expose()).await?;
    match (store.backend(), store.pending_migrations().await?) {
        (_, 0) => {}
        (Backend::Sqlite, _) => store.migrate().await?,
        (Backend::Postgres, pending) => {
            return Err(format!("{pending} migrations are pending: run `sarus migrate` first").into());
        }
    }
    Ok(store)
}

async fn serve(config: Config) -> Outcome {
    telemetry::start_logging("info,sqlx=warn");
    let store = migrated(&config).await?;
    let keys = (token::verifier(&config)?, token::own_issuer(&config)?, token::seal(&config)?);
    let sarus = Sarus::assemble(
        store,
        Clock::system(),
        keys,
        &config.public_url,
        config.edge.clone(),
        telemetry::start_metrics()?,
    )?;
    let listener = TcpListener::bind(config.listen).map_err(|error| format!("SARUS_LISTEN: {error}"))?;
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let (server, address) = app::serve(Arc::clone(&sarus), listener, workers)?;
    tracing::info!(%address, development = config.is_development(), docs = %format!("{}/docs", config.public_url), "serving");
    if let Some(address) = config.metrics_listen {
        let listener = TcpListener::bind(address).map_err(|error| format!("SARUS_METRICS_LISTEN: {error}"))?;
        actix_web::rt::spawn(app::serve_metrics(Arc::clone(&sarus), listener)?);
    }
    let warmed = Arc::clone(&sarus);
    actix_web::rt::spawn(async move { warmed.authority.warm_up().await });
    actix_web::rt::spawn(forget_what_is_old(Arc::clone(&sarus)));
    actix_web::rt::spawn(keep_audit_trail(Arc::clone(&sarus)));
    actix_web::rt::spawn(keep_small(Arc::clone(&sarus)));
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        let drain = stop_asked().await;
        sarus.stop();
        tracing::info!("stopping");
        actix_web::rt::time::sleep(drain).await;
        handle.stop(true).await;
    });
    Ok(server.await?)
}

/// Waits until the process is told to stop, and says how long `/readyz` should fail before connections are refused:
/// an orchestrator (SIGTERM) needs time to notice, a person at a terminal (Ctrl-C) does not.
async fn stop_asked() -> Duration {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        return tokio::select! {
            _ = terminate.recv() => DRAIN,
            _ = tokio::signal::ctrl_c() => Duration::ZERO,
        };
    }
    let _ = tokio::signal::ctrl_c().await;
    Duration::ZERO
}

/// Forgets stored answers after 30 days and events of the feed after 90, once an hour.
async fn forget_what_is_old(sarus: Arc<Sarus>) {
    let mut hourly = actix_web::rt::time::interval(Duration::from_secs(3600));
    loop {
        hourly.tick().await;
        if let Err(error) = sarus.purge_stored_answers().await {
            tracing::warn!(%error, "stored answers were not purged");
        }
        if let Err(error) = sarus.purge_changes().await {
            tracing::warn!(%error, "the feed of changes was not purged");
        }
    }
}

/// Orders the audit trail once a minute and makes its checkpoints.
async fn keep_audit_trail(sarus: Arc<Sarus>) {
    let mut each_minute = actix_web::rt::time::interval(Duration::from_secs(60));
    loop {
        each_minute.tick().await;
        if let Err(error) = sarus.keep_audit_trail().await {
            tracing::warn!(%error, "the audit trail was not kept");
        }
    }
}

/// Sorts what was measured into its buckets, which would keep each figure until somebody asks, and forgets the clients
/// that are gone.
async fn keep_small(sarus: Arc<Sarus>) {
    let mut often = actix_web::rt::time::interval(Duration::from_secs(5));
    loop {
        often.tick().await;
        sarus.metrics.run_upkeep();
        sarus.edge.forget_idle_clients();
    }
}

fn openapi(check: bool, directory: &Path) -> Outcome {
    let document = api::published::generated();
    let files = [
        ("sarus.json", api::published::written(&document)),
        ("operations.txt", api::document::operations_page(&document)),
    ];
    for (name, text) in files {
        let path = directory.join(name);
        if !check {
            std::fs::create_dir_all(directory)?;
            std::fs::write(&path, text)?;
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            return Err(format!("{} is not up to date: run `sarus openapi`", path.display()).into());
        }
    }
    Ok(())
}

fn document_in(format: DocumentFormat) -> String {
    let document = api::published::generated();
    let document = match format {
        DocumentFormat::Older => api::older_document::converted(&document),
        DocumentFormat::Committed => document,
    };
    format!("{document:#}")
}

async fn demo(exit: bool) -> Outcome {
    let listen = environment("SARUS_LISTEN").map(|address| address.parse()).transpose()?;
    sarus::demo::run(listen, exit).await
}

/// Fills a database, telling how far the work is: over itself on a terminal, line by line elsewhere.
async fn generate(size: Size) -> Outcome {
    let config = Config::read(environment)?;
    let store = migrated(&config).await?;
    let started = std::time::Instant::now();
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let mut tell = |what: &str, done: usize, all: usize| {
        let end = if done == all { "\n" } else { "\r" };
        if terminal || done == all {
            eprint!("{:>4} s  {what}: {done} of {all}   {end}", started.elapsed().as_secs());
        }
    };
    match generator::fill(&store, size, &mut tell).await {
        Err(StoreError::Stale) => Err("the database holds records already: sample data goes into an empty one".into()),
        other => Ok(other?),
    }
}

fn make_keys(out: &Path) -> Outcome {
    std::fs::create_dir_all(out)?;
    let (private, public) = keys::new_pair()?;
    keys::write_private(&out.join("private.pem"), &private)?;
    std::fs::write(out.join("public.pem"), public)?;
    Ok(())
}
