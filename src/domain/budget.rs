//! Money of the state budget: estimate (*dự toán*) → allocation (*phân bổ*) → disbursement (*giải ngân*) → settlement
//! (*quyết toán*).
//!
//! Estimate ≥ allocated ≥ disbursed ≥ settled, for every line and every entry, at every commit. Nothing posted is edited:
//! a correction is a new entry that names what it corrects and why. Loans are not here: preferential credit is lent by
//! a fund and repaid (2129/QĐ-UBND V.2, VII.6).

mod allocation;
mod amendment;
mod check;
mod disbursement;
mod needs;
pub mod rounding;
mod schedule;
mod settled_years;
mod settlement;
pub mod summary;
mod then;

#[cfg(test)]
mod tests;

pub use allocation::{
    Allocation, AllocationState, AllocationStatus, AllocationTerms, Approval, Balances, Entry, EntryTerms, Step,
};
pub use amendment::{Amended, Amendment, AmendmentReferences, AmendmentStatus, AmendmentTerms, Change, Decided, Raise};
pub use check::AllocationReferences;
pub use disbursement::{Correction, Disbursement, Payment};
pub use needs::{NeedBalance, ServedNeed, ServingEntry};
pub use schedule::Instalment;
pub use settled_years::Past;
pub use settlement::{
    Holding, Review, ReviewOutcome, Settlement, SettlementCorrection, SettlementState, SettlementStatus,
    SettlementTerms,
};
pub use then::EntryThen;
