//! The sums of a loan hold at the end of every day, whatever is tried in whatever order.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::improvement::tests::{pilot, stopped_pilot};
use crate::domain::role::{Role, Scope};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn now() -> Moment {
    Moment("2023-12-31T02:00:00Z".parse().unwrap())
}

fn alliance() -> Caller {
    Caller {
        issuer: "https://issuer.test".to_owned(),
        subject: "lienminh".to_owned(),
        role: Role::CooperativeAlliance,
        agency: None,
        predecessors: Vec::new(),
        unit: None,
        scope: Scope::Province("89".into()),
    }
}

fn terms() -> NewLoan {
    serde_json::from_value(json!({
        "pilot": id(1), "lender": "Quỹ hỗ trợ phát triển HTX", "source": "preferential_credit_fund",
        "approvedAmount": "1000", "decisionNumber": "15/QĐ", "decisionDate": "2022-03-10"
    }))
    .unwrap()
}

fn loan() -> Loan {
    Loan::recorded(id(3), terms(), &pilot(), LoanState::Recorded, &alliance(), now()).unwrap()
}

#[test]
fn a_draft_is_edited_until_it_is_recorded_and_nothing_is_posted_to_it() {
    let draft = Loan::recorded(id(3), terms(), &pilot(), LoanState::Draft, &alliance(), now()).unwrap();
    assert_eq!(
        (draft.state(), draft.may(LoanStep::Disbursements).unwrap_err().rule),
        (LoanState::Draft, Rule::WrongState)
    );
    let body = serde_json::from_value(json!({"amount": "1", "disbursedOn": "2022-04-01"})).unwrap();
    assert_eq!(draft.clone().disburse(id(9), body, &[], &alliance(), now()).unwrap_err().rule, Rule::WrongState);
    let edited = draft.edit(NewLoan { term_months: Some(12), ..terms() }, &pilot(), now()).unwrap();
    assert_eq!((edited.terms.term_months, edited.version), (Some(12), 2));
    let recorded = edited.record(now()).unwrap();
    assert_eq!((recorded.state(), recorded.counts_from, recorded.version), (LoanState::Recorded, Some(now().0), 3));
    assert_eq!(recorded.must_be_draft(Rule::NotADraft).unwrap_err().rule, Rule::NotADraft);
    assert_eq!(recorded.clone().record(now()).unwrap_err().rule, Rule::WrongState);
    assert_eq!(recorded.edit(terms(), &pilot(), now()).unwrap_err().rule, Rule::WrongState);
}

/// A loan with its entries, and the next entry's id.
struct Book(Loan, Vec<LoanEntry>);

impl Book {
    fn next(&self) -> Uuid {
        id(100 + self.1.len() as u128)
    }

    fn take(&mut self, outcome: Result<(Loan, LoanEntry), Refusal>) -> Result<Uuid, Refusal> {
        let (loan, entry) = outcome?;
        let entry_id = entry.id;
        self.0 = loan;
        self.1.push(entry);
        Ok(entry_id)
    }

    fn disburse(&mut self, amount: i64, day: &str) -> Result<Uuid, Refusal> {
        let body = json!({"amount": amount.to_string(), "disbursedOn": day});
        let body = serde_json::from_value(body).unwrap();
        let outcome = self.0.clone().disburse(self.next(), body, &self.1, &alliance(), now());
        self.take(outcome)
    }

    fn repay(&mut self, amount: i64, day: &str) -> Result<Uuid, Refusal> {
        let body = serde_json::from_value(json!({"amount": amount.to_string(), "repaidOn": day})).unwrap();
        let outcome = self.0.clone().repay(self.next(), body, &self.1, &alliance(), now());
        self.take(outcome)
    }

    fn correct(&mut self, entry: Uuid) -> Result<Uuid, Refusal> {
        let body = serde_json::from_value(json!({"entry": entry, "reason": "Ghi nhầm"})).unwrap();
        let outcome = self.0.clone().correct(self.next(), body, &self.1, &alliance(), now());
        self.take(outcome)
    }

    fn sums(&self) -> (i64, i64, i64) {
        (self.0.disbursed.as_dong(), self.0.repaid.as_dong(), self.0.outstanding().as_dong())
    }
}

fn book() -> Book {
    Book(loan(), Vec::new())
}

#[test]
fn never_more_disbursed_than_approved_and_the_refusal_says_what_was_left() {
    let mut book = book();
    book.disburse(700, "2022-04-01").unwrap();
    let refusal = book.disburse(301, "2022-05-01").unwrap_err();
    assert_eq!((refusal.rule, refusal.faults[0].pointer.as_str()), (Rule::LoanOverDisbursed, "/amount"));
    assert!(refusal.detail.en.contains("left to disburse 300 đồng"), "{}", refusal.detail.en);
    book.disburse(300, "2022-05-01").unwrap();
    assert_eq!(book.sums(), (1000, 0, 1000));
    assert_eq!(book.0.may(LoanStep::Disbursements).unwrap_err().rule, Rule::LoanOverDisbursed);
}

#[test]
fn never_more_repaid_than_disbursed_on_any_day() {
    let mut book = book();
    assert_eq!(book.0.may(LoanStep::Repayments).unwrap_err().rule, Rule::LoanOverRepaid);
    book.disburse(500, "2022-06-01").unwrap();
    assert_eq!(book.repay(501, "2022-07-01").unwrap_err().rule, Rule::LoanOverRepaid);
    assert_eq!(book.repay(100, "2022-05-31").unwrap_err().rule, Rule::LoanOverRepaid, "nothing was outstanding then");
    book.repay(200, "2022-06-01").unwrap();
    assert_eq!(book.sums(), (500, 200, 300));
}

#[test]
fn a_correction_takes_back_one_entry_once_and_never_a_correction() {
    let mut book = book();
    let wrong = book.disburse(900, "2022-04-01").unwrap();
    let repayment = book.repay(50, "2022-05-01").unwrap();
    assert_eq!(book.correct(wrong).unwrap_err().rule, Rule::LoanOverRepaid, "the repayment needs it");
    let back = book.correct(repayment).unwrap();
    book.correct(wrong).unwrap();
    assert_eq!(book.sums(), (0, 0, 0));
    assert_eq!(book.correct(wrong).unwrap_err().rule, Rule::CorrectionExceeded);
    assert_eq!(book.correct(back).unwrap_err().rule, Rule::CorrectsCorrection);
    assert_eq!(book.correct(id(999)).unwrap_err().rule, Rule::UnknownReference);
    assert_eq!(book.1.len(), 4, "nothing was edited or removed");
}

#[test]
fn dates_are_neither_in_the_future_nor_before_the_decision() {
    let mut book = book();
    assert_eq!(book.disburse(1, "2022-03-09").unwrap_err().rule, Rule::StepPredated);
    assert_eq!(book.disburse(1, "2024-01-01").unwrap_err().rule, Rule::DateInFuture);
    let future = NewLoan { decision_date: "2024-01-01".parse().unwrap(), ..terms() };
    assert_eq!(
        Loan::recorded(id(3), future, &pilot(), LoanState::Recorded, &alliance(), now()).unwrap_err().rule,
        Rule::DateInFuture
    );
}

#[test]
fn a_loan_decided_before_its_pilot_left_is_recorded_and_paid_out_afterwards() {
    let gone = stopped_pilot();
    for (decided_on, refused) in [("2022-03-10", None), ("2022-12-01", None), ("2022-12-02", Some(Rule::PilotStopped))]
    {
        let terms = NewLoan { decision_date: decided_on.parse().unwrap(), ..terms() };
        let outcome = Loan::recorded(id(3), terms, &gone, LoanState::Recorded, &alliance(), now());
        assert_eq!(outcome.as_ref().err().map(|refusal| refusal.rule), refused, "{decided_on}");
        let Ok(loan) = outcome else { continue };
        Book(loan, Vec::new()).disburse(1, "2023-01-15").unwrap();
    }
}

proptest! {
    /// Any sequence of attempts: the sums stay in order on every day and equal the replay of the entries.
    #[test]
    fn conservation_and_replay(attempts in proptest::collection::vec((0_u8..3, 1_i64..600, 1_u32..28), 1..30)) {
        let mut book = book();
        for (what, amount, day) in attempts {
            let day = format!("2022-04-{day:02}");
            // Refused or not: the sums must hold.
            let _outcome = match what {
                0 => book.disburse(amount, &day),
                1 => book.repay(amount, &day),
                _ => book.correct(id(100 + u128::from(amount.unsigned_abs()) % 8)),
            };
            let sum = |kind, by: NaiveDate| -> i64 {
                let of_kind = book.1.iter().filter(|entry| entry.kind == kind && entry.on <= by);
                of_kind.map(|entry| entry.amount.as_dong()).sum()
            };
            for by in 1..=28 {
                let by = NaiveDate::from_ymd_opt(2022, 4, by).unwrap();
                let (out, back) = (sum(LoanEntryKind::Disbursement, by), sum(LoanEntryKind::Repayment, by));
                prop_assert!(0 <= back && back <= out && out <= 1000, "{} {} on {}", out, back, by);
            }
            let end = NaiveDate::MAX;
            let replay = (sum(LoanEntryKind::Disbursement, end), sum(LoanEntryKind::Repayment, end));
            prop_assert_eq!((book.0.disbursed.as_dong(), book.0.repaid.as_dong()), replay);
        }
    }
}
