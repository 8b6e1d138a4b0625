//! Money of the state budget: estimate (*dự toán*) → allocation (*phân bổ*) → disbursement (*giải ngân*).
//!
//! Estimate ≥ allocated ≥ disbursed, for every line and every entry, at every commit. Nothing posted is edited:
//! a correction is a new entry that names what it corrects and why. Loans are not here: preferential credit is lent by
//! a fund and repaid (2129/QĐ-UBND V.2, VII.6).

mod allocation;
mod disbursement;
pub mod summary;

#[cfg(test)]
mod tests;

pub use allocation::{Allocation, AllocationState, AllocationTerms, Approval, Entry, EntryTerms, Ground, Line, Step};
pub use disbursement::{Correction, Disbursement, Payment};

/// The category of an estimate that is access to credit, not budget money (2129/QĐ-UBND V.2).
pub const CREDIT_CATEGORY: &str = "preferential_credit_and_fund";
/// The nature of a line that is lent (*vốn vay ưu đãi*).
pub const CREDIT_NATURE: &str = "credit";
/// The support kind that is a loan (2129/QĐ-UBND VII.6).
pub const CREDIT_SUPPORT: &str = "preferential_loan";
