//! Voice: the only place that knows HTTP. [`routes`] is the table of contents.

pub mod actions;
pub mod auth;
pub mod budget;
pub mod budget_summaries;
pub mod call;
pub mod cooperatives;
pub mod document;
pub mod error;
mod example;
mod faults;
pub mod gate;
pub mod me;
pub mod operations;
pub mod page;
mod service;

use utoipa_actix_web::service_config::ServiceConfig;

pub use service::{figures, routes as service_routes};

/// Every resource of the API: one line each.
pub fn routes(config: &mut ServiceConfig) {
    budget::routes(config);
    budget_summaries::routes(config);
    cooperatives::routes(config);
    me::routes(config);
}

/// The answer to a path that is nowhere.
///
/// # Errors
/// Always: 404.
pub async fn not_found() -> error::Answer {
    Err(error::ApiError::of(error::Kind::NotFound))
}
