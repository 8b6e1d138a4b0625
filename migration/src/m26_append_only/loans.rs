//! The triggers of loans and their entries.

use crate::triggers::{Trigger, changes, sum};

const FIXED: &str = "what is posted is corrected by a new entry only";

/// What the entries of one kind of a loan sum to.
fn posted(kind: &str, loan: &str) -> String {
    sum("amount", &format!("loan_entries WHERE loan_id = {loan} AND kind = '{kind}'"))
}

const TABLE: &str = "loans";

/// A loan for which a condition holds says what its lender decided.
pub(crate) fn terms(when: &str) -> Vec<Trigger> {
    let fixed = changes(&[
        "pilot_id",
        "cooperative_id",
        "lender",
        "source",
        "approved_amount",
        "decision_number",
        "decision_date",
        "interest_percent",
        "term_months",
        "purpose",
        "created_by",
        "recorded_at",
    ]);
    vec![
        Trigger::refuses("tr_loans_fixed", (TABLE, "BEFORE UPDATE"), format!("{when} AND {fixed}"), FIXED),
        Trigger::refuses("tr_loans_kept", (TABLE, "BEFORE DELETE"), when, FIXED),
    ]
}

/// What is paid out and paid back of a loan is the sum of its entries.
pub(super) fn totals() -> Vec<Trigger> {
    vec![
        Trigger::refuses(
            "tr_loans_opened",
            (TABLE, "BEFORE INSERT"),
            "NEW.disbursed <> 0 OR NEW.repaid <> 0",
            "a loan begins with nothing posted",
        ),
        Trigger::refuses(
            "tr_loans_totals",
            (TABLE, "BEFORE UPDATE OF disbursed, repaid"),
            format!(
                "(NEW.disbursed <> OLD.disbursed AND NEW.disbursed <> {}) \
                 OR (NEW.repaid <> OLD.repaid AND NEW.repaid <> {})",
                posted("disbursement", "NEW.id"),
                posted("repayment", "NEW.id")
            ),
            "a running total is the sum of what is posted",
        ),
    ]
}

/// An entry is posted once; one that is wrong is taken back as a whole.
pub(super) fn entries() -> Vec<Trigger> {
    const TABLE: &str = "loan_entries";
    vec![
        Trigger::runs(
            "tr_loan_entries_added",
            (TABLE, "AFTER INSERT"),
            "NEW.amount <> 0",
            "loans WHERE id = NEW.loan_id",
            format!(
                "UPDATE loans SET disbursed = {}, repaid = {} WHERE id = NEW.loan_id",
                posted("disbursement", "NEW.loan_id"),
                posted("repayment", "NEW.loan_id")
            ),
        ),
        Trigger::refuses(
            "tr_loan_entries_taken_back",
            (TABLE, "AFTER INSERT"),
            "NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM loan_entries p WHERE p.id = NEW.corrects_id \
             AND p.loan_id = NEW.loan_id AND p.kind = NEW.kind AND p.corrects_id IS NULL AND p.amount + NEW.amount = 0)",
            "a wrong entry is taken back as a whole",
        ),
        Trigger::refuses("tr_loan_entries_fixed", (TABLE, "BEFORE UPDATE"), "1 = 1", FIXED),
        Trigger::refuses("tr_loan_entries_kept", (TABLE, "BEFORE DELETE"), "1 = 1", FIXED),
    ]
}
