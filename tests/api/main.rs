//! Every test through the real application, on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking, and shows its helpers to its own modules only"
)]

#[macro_use]
mod support;

mod agencies;
mod aggregates;
mod allocated_needs;
mod append_only;
mod applications;
mod architecture;
mod audit_trail;
mod behaviour;
mod budget;
mod budget_amendments;
mod budget_history;
mod budget_tables;
mod changes;
mod classification;
mod conformance;
mod connections;
mod contract;
mod cooperatives;
mod criteria_sets;
mod dates;
mod decision_amendments;
mod determinations;
mod drafts;
mod edge;
mod evaluation_duties;
mod evaluations;
mod every_list;
mod every_operation;
mod every_step;
mod follow_up;
mod generator;
mod improvement_consolidations;
mod improvement_plans;
mod indicators;
mod loans;
mod matrix;
mod migrations;
mod owasp;
mod periodic_reports;
mod pilots;
mod provincial_conditions;
mod provincial_plans;
mod races;
mod rankings;
mod reference;
mod reference_entries;
mod refusals;
mod report_files;
mod report_forms;
mod report_seals;
mod reporting_deadlines;
mod reporting_obligations;
mod rules;
mod scored_evaluations;
mod selection_decisions;
mod service_accounts;
mod settlements;
mod shape;
mod specification;
mod support_needs;
mod territory;
mod tokens;
