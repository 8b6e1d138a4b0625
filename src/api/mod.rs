//! Voice: the only place that knows HTTP. [`routes`] is the table of contents.

pub mod actions;
pub mod administrative_units;
pub mod agencies;
pub mod aggregates;
pub mod applications;
pub mod audit;
pub mod audit_checkpoints;
pub mod audit_events;
pub mod auth;
pub mod budget;
pub mod budget_amendments;
pub mod budget_summaries;
pub mod budget_tables;
pub mod call;
pub mod changes;
pub mod classification_rules;
pub mod conformance;
pub mod connection;
pub mod cooperatives;
pub mod criteria_sets;
pub mod deprecation;
pub mod determinations;
pub mod document;
pub mod edge;
pub mod error;
pub mod evaluations;
mod example;
mod faults;
pub mod gate;
pub mod improvement_consolidations;
pub mod improvement_plans;
pub mod in_progress;
pub mod inspections;
mod json;
mod legal_dates;
pub mod loans;
pub mod me;
mod negotiation;
pub mod oauth;
pub mod obligations;
pub mod obstacles;
pub mod older_document;
pub mod operations;
pub mod page;
pub mod pilots;
mod place;
pub mod preflight;
pub mod problem_kinds;
pub mod provincial_conditions;
pub mod provincial_plans;
pub mod public_holidays;
pub mod published;
pub mod record_aggregates;
pub mod reference_entries;
mod references;
pub mod replications;
pub mod report_forms;
pub mod reporting_deadlines;
pub mod reporting_exceptions;
pub mod reports;
pub mod rules;
mod rules_page;
pub mod schemes;
pub mod selection_amendments;
pub mod selection_decisions;
mod service;
pub mod service_accounts;
pub mod service_config;
pub mod support_needs;
pub mod table;
mod text;
mod unread;
pub mod work;

use service_config::ServiceConfig;

pub use service::{figures, routes as service_routes};

/// Every resource of the API: one line each.
pub fn routes(config: &mut ServiceConfig) {
    applications::routes(config);
    audit_checkpoints::routes(config);
    audit_events::routes(config);
    budget::routes(config);
    budget_amendments::routes(config);
    budget_summaries::routes(config);
    budget_tables::routes(config);
    conformance::routes(config);
    changes::routes(config);
    classification_rules::routes(config);
    cooperatives::routes(config);
    improvement_plans::routes(config);
    improvement_consolidations::routes(config);
    loans::routes(config);
    criteria_sets::routes(config);
    evaluations::routes(config);
    me::routes(config);
    rules::routes(config);
    schemes::routes(config);
    administrative_units::routes(config);
    agencies::routes(config);
    reference_entries::routes(config);
    determinations::routes(config);
    provincial_conditions::routes(config);
    provincial_plans::routes(config);
    pilots::routes(config);
    replications::routes(config);
    inspections::routes(config);
    obstacles::routes(config);
    selection_amendments::routes(config);
    selection_decisions::routes(config);
    service_accounts::routes(config);
    oauth::routes(config);
    support_needs::routes(config);
    report_forms::routes(config);
    obligations::routes(config);
    reporting_deadlines::routes(config);
    public_holidays::routes(config);
    reporting_exceptions::routes(config);
    reports::routes(config);
    aggregates::routes(config);
    record_aggregates::routes(config);
}

/// The answer to a path that is nowhere.
///
/// # Errors
/// Always: 404.
pub async fn not_found() -> error::Answer {
    Err(error::ApiError::of(error::Kind::NotFound))
}
