//! Sarus: system of record for the scheme of new-style cooperatives.

pub mod domain;
pub mod store;
