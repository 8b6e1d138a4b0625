//! The scheme itself: plain rules, no I/O, no async. Read it as a book.

pub mod agency;
pub mod application;
pub mod budget;
pub mod cooperative;
pub mod deadline;
pub mod digest;
pub mod eligibility;
pub mod evidence;
pub mod history;
pub mod indicator;
pub mod moment;
pub mod money;
pub mod percent;
pub mod period;
pub mod pilot;
pub mod plan;
pub mod quantity;
pub mod reference;
pub mod refusal;
pub mod role;
pub mod scheme;
pub mod score;
pub mod selection;
pub mod territory;
pub mod text;
