//! Logs as JSON lines or for people, and the figures of `/metrics`. Nothing here ever sees a secret.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Upper bounds of the request histogram, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Starts logging to standard error: lines for people on a terminal, JSON elsewhere. `RUST_LOG` narrows or widens it.
pub fn start_logging(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, in tests, changes nothing.
    let _ = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
}

fn recorder() -> Result<metrics_exporter_prometheus::PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(Matcher::Full("sarus_request_seconds".to_owned()), &BUCKETS)?;
    Ok(builder.build_recorder())
}

/// Starts collecting figures for this process and gives the handle that renders them.
///
/// # Errors
/// The recorder cannot be built.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    // In tests several applications share one process and one recorder.
    let _ = metrics::set_global_recorder(recorder);
    Ok(handle)
}
