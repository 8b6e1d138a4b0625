//! One row type a table: private to the store.

pub(super) mod allocation;
pub(super) mod allocation_entry;
pub(super) mod annual_figures;
pub(super) mod answer;
pub(super) mod cooperative;
pub(super) mod disbursement;
pub(super) mod interruption;
pub(super) mod step;
