//! Memory: the only place that knows the database. Rows stay private; what leaves are the things of `domain`.
//!
//! Every read of a scoped record takes the caller's [`Scope`](crate::domain::role::Scope): what lies outside is not found.

pub mod agencies;
pub mod answers;
pub mod applications;
pub mod audit_checkpoints;
pub mod audit_events;
pub mod budget;
pub mod budget_amendments;
pub mod budget_summaries;
mod by_code;
mod by_position;
pub mod changes;
pub mod classification;
pub mod connect;
pub mod constraints;
pub mod cooperatives;
pub mod criteria_sets;
mod db;
pub mod determinations;
pub mod directory;
pub mod eligibility;
pub mod error;
pub mod evaluations;
pub mod generator;
mod guards;
pub mod improvement_consolidations;
pub mod improvement_plans;
pub mod indicators;
pub mod inspections;
pub mod listing;
pub mod loans;
pub mod obligations;
pub mod obstacles;
mod parameters;
pub mod pilots;
pub mod place_filter;
mod placement;
mod places;
pub mod provincial_conditions;
pub mod provincial_plans;
pub mod public_holidays;
pub mod rankings;
pub mod reference_entries;
pub mod replications;
pub mod report_forms;
pub mod reporting_deadlines;
pub mod reporting_exceptions;
pub mod reports;
pub mod rulebook;
pub mod schemes;
pub mod scope;
pub mod selection_amendments;
pub mod selection_decisions;
pub mod service_accounts;
pub mod steps;
pub mod support_needs;
pub mod territory;
pub mod verdicts;
mod versioned;
mod vietnamese;

mod entity;

pub use connect::{Backend, Store};
pub use db::Db;
pub use error::StoreError;
/// A transaction.
pub use sea_orm::DatabaseTransaction as Tx;
