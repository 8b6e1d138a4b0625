//! The schema of Sarus, one file a step, the same on SQLite and PostgreSQL; and the reference data it ships with.

pub use sea_orm_migration::prelude::*;

mod content;
mod m01_core;
mod m02_reference;
mod m03_cooperatives;
mod m04_evaluations;
mod m05_selection;
mod m06_improvement;
mod m07_money;
mod m08_reports;
mod m09_loans;
mod m10_scored_figures;
mod m11_rules_of_evaluation;
mod m12_application_digests;
mod m13_determinations;
mod m14_consolidation;
mod m15_follow_up;
mod m16_settlements;
mod m17_amendments;
mod m18_support_needs;
mod m19_territory;
mod m20_agencies;
mod m21_reporting_deadlines;
mod m22_report_standings;
mod m23_circulars_apart;
mod m24_determinations;
mod m25_amendments_approved;
mod m26_append_only;
mod m27_schedules_and_needs;
mod m28_loan_drafts;
mod m29_report_seals;
mod m30_report_forms;
mod m31_report_windows;
mod m32_service_accounts;
mod m33_figures_told;
mod m34_needs_by_instant;
mod m35_line_movements;
mod m36_report_form_drafts;
mod m37_units_of_codes;
mod m38_changes;
mod m39_claims_reviewed;
mod m40_audit_events;
mod m41_audit_checkpoints;
mod m42_changes_seen;
mod m45_one_report_a_unit;
mod m46_calendars_as_they_were;
mod m47_sources_named;
mod m48_history_kept;
mod m49_entry_movements;
mod m50_kept_by_key;
mod m51_sign_off_seals;
mod m52_public_holidays;
mod m54_outside_the_circular;
mod m55_outside_the_classification;
mod m56_kept_as_sent;
mod m57_needs_one_by_one;
mod m58_days_worked_in_lieu;
mod m59_former_places;
mod m61_deadlines_by_regime;
mod triggers;

/// Runs the steps in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            // One line a step, in order.
            Box::new(m01_core::Migration),
            Box::new(m02_reference::Migration),
            Box::new(m03_cooperatives::Migration),
            Box::new(m04_evaluations::Migration),
            Box::new(m05_selection::Migration),
            Box::new(m06_improvement::Migration),
            Box::new(m07_money::Migration),
            Box::new(m08_reports::Migration),
            Box::new(m09_loans::Migration),
            Box::new(m12_application_digests::Migration),
            Box::new(m16_settlements::Migration),
            Box::new(m10_scored_figures::Migration),
            Box::new(m11_rules_of_evaluation::Migration),
            Box::new(m14_consolidation::Migration),
            Box::new(m13_determinations::Migration),
            Box::new(m17_amendments::Migration),
            Box::new(m19_territory::Migration),
            Box::new(m20_agencies::Migration),
            Box::new(m21_reporting_deadlines::Migration),
            Box::new(m22_report_standings::Migration),
            Box::new(m18_support_needs::Migration),
            Box::new(m15_follow_up::Migration),
            Box::new(m23_circulars_apart::Migration),
            Box::new(m29_report_seals::Migration),
            Box::new(m26_append_only::Migration),
            Box::new(m27_schedules_and_needs::Migration),
            Box::new(m28_loan_drafts::Migration),
            Box::new(m30_report_forms::Migration),
            Box::new(m31_report_windows::Migration),
            Box::new(m24_determinations::Migration),
            Box::new(m25_amendments_approved::Migration),
            Box::new(m32_service_accounts::Migration),
            Box::new(m33_figures_told::Migration),
            Box::new(m34_needs_by_instant::Migration),
            Box::new(m39_claims_reviewed::Migration),
            Box::new(m38_changes::Migration),
            Box::new(m35_line_movements::Migration),
            Box::new(m36_report_form_drafts::Migration),
            Box::new(m37_units_of_codes::Migration),
            Box::new(m40_audit_events::Migration),
            Box::new(m41_audit_checkpoints::Migration),
            Box::new(m45_one_report_a_unit::Migration),
            Box::new(m46_calendars_as_they_were::Migration),
            Box::new(m47_sources_named::Migration),
            Box::new(m42_changes_seen::Migration),
            Box::new(m48_history_kept::Migration),
            Box::new(m49_entry_movements::Migration),
            Box::new(m50_kept_by_key::Migration),
            Box::new(m54_outside_the_circular::Migration),
            Box::new(m51_sign_off_seals::Migration),
            Box::new(m52_public_holidays::Migration),
            Box::new(m58_days_worked_in_lieu::Migration),
            Box::new(m59_former_places::Migration),
            Box::new(m55_outside_the_classification::Migration),
            Box::new(m56_kept_as_sent::Migration),
            Box::new(m57_needs_one_by_one::Migration),
            Box::new(m61_deadlines_by_regime::Migration),
        ]
    }
}
