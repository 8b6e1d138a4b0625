//! `sarus demo`: An Giang's plan, end to end, over the real HTTP API, by people with real tokens.
//!
//! What the plan publishes is played as published; what it does not (the names of the cooperatives, their figures) is
//! sample data and says so in its own text (*dữ liệu mẫu*).

mod chain;
mod first_half;
mod reform;
mod sample;
mod second_half;
mod stage;
mod tables;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

pub use stage::DemoError;

use crate::api::edge::EdgeConfig;
use crate::app::{self, Sarus};
use crate::clock::Clock;
use crate::config::Config;
use crate::keys::{self, Signer, Verifier};
use crate::seal::Seal;
use crate::store::{Store, directory};
use crate::telemetry;
use crate::token;
use stage::Stage;

const AUDIENCE: &str = "sarus";

/// Whatever ends the demo early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Plays the chain; then stops, or keeps serving.
///
/// # Errors
/// A step was refused, or a figure did not hold.
pub async fn run(listen: Option<SocketAddr>, exit: bool) -> Result<(), Failure> {
    telemetry::start_logging("warn");
    let folder = Folder::new()?;
    let url = format!("sqlite://{}/demo.db", folder.0.display());
    let store = Store::connect(&url).await?;
    store.migrate().await?;
    let listener = TcpListener::bind(listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let base = format!("http://{}", listener.local_addr()?);
    let (private, public) = keys::new_pair()?;
    let verifier = Verifier::from_text(&public, &base, AUDIENCE).ok_or("the new key cannot be used")?;
    let agencies = directory::load(store.reader()).await?;
    let keys = (verifier, None, Seal::of(Some(&private), None)?);
    let sarus =
        Sarus::assemble(store, Clock::system(), keys, &base, EdgeConfig::default(), telemetry::start_metrics()?)?;
    let (server, _) = app::serve(Arc::clone(&sarus), listener, 2)?;
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    println!("Sarus {} at {base}, on a database of its own", env!("CARGO_PKG_VERSION"));

    let mut stage = Stage::new(&base, Signer::from_pem(&private)?, agencies, &base, AUDIENCE);
    let held = played(&mut stage).await;
    if exit {
        sarus.stop();
        handle.stop(true).await;
        return held;
    }
    held?;
    chain::print_tokens(&stage)?;
    actix_web::rt::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            handle.stop(true).await;
        }
    });
    serving.await??;
    Ok(())
}

/// Plays the chain against a service that runs on the configured database, which holds nothing but the reference data.
///
/// # Errors
/// There is no key to sign tokens with, a step was refused, or a figure did not hold.
pub async fn run_against(base: &str, config: &Config) -> Result<(), Failure> {
    let agencies = token::agencies(config).await?;
    let signer = token::signer(config)?;
    played(&mut Stage::new(base.trim_end_matches('/'), signer, agencies, &config.issuer, &config.audience)).await
}

/// Plays the chain and says how many figures held.
async fn played(stage: &mut Stage) -> Result<(), Failure> {
    chain::play(stage).await?;
    let (checks, failures) = stage.outcome();
    let failed = u32::try_from(failures.len()).unwrap_or(u32::MAX);
    println!("\n{} of {checks} figures held.", checks.saturating_sub(failed));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// The folder of the demo's database: gone when the demo ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sarus-demo-{}", Clock::new_id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing of value is in it; a rest left behind in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
