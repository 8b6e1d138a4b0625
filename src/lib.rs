//! Sarus: the system of record and reporting API of the scheme to choose, complete and replicate new-style
//! cooperatives (Decision 167/QĐ-TTg), first as An Giang runs it (Decision 2129/QĐ-UBND).
//!
//! The arrow: `main → app → api → store → domain`, and `api → domain`. `domain` is the scheme in plain Rust, `store`
//! the only place that knows the database, `api` the only place that knows HTTP.
//!
//! Reading order, half an hour: README → [`domain`] → [`domain::application`] → [`domain::role`] → [`api`] →
//! [`api::cooperatives`] → [`store::cooperatives`] → `tests/api/cooperatives.rs` → `openapi/operations.txt`.

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod keys;
pub mod seal;
pub mod store;
pub mod telemetry;
pub mod token;
