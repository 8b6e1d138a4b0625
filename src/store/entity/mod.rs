//! One row type a table: private to the store.

pub(super) mod administrative_unit;
pub(super) mod agency;
pub(super) mod allocation;
pub(super) mod allocation_entry;
pub(super) mod annual_figures;
pub(super) mod answer;
pub(super) mod application;
pub(super) mod cooperative;
pub(super) mod criteria_set;
pub(super) mod decision_application;
pub(super) mod disbursement;
pub(super) mod estimate_line;
pub(super) mod evaluation;
pub(super) mod improvement_plan;
pub(super) mod interruption;
pub(super) mod loan;
pub(super) mod loan_entry;
pub(super) mod periodic_report;
pub(super) mod pilot;
pub(super) mod plan_measure;
pub(super) mod provincial_plan;
pub(super) mod reference_entry;
pub(super) mod report_deadline;
pub(super) mod scheme;
pub(super) mod selection_decision;
pub(super) mod step;
