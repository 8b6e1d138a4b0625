use chrono::{NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::agency::Agency;
use crate::domain::improvement::tests::pilot;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::{Pilot, PilotState, StopCause};
use crate::domain::plan::{CREDIT_CATEGORY, EstimateLine, LineContent, PlanContent, PlanState, ProvincialPlan};
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, Scope};
use crate::domain::text::Text;
use crate::domain::writers::Writers;

const LEAD: Uuid = Uuid::from_u128(1);
const DEPARTMENT: Uuid = Uuid::from_u128(2);
const INFRASTRUCTURE: Uuid = Uuid::from_u128(11);
const CREDIT: Uuid = Uuid::from_u128(12);
const RECURRENT: Uuid = Uuid::from_u128(13);
const PLAN: Uuid = Uuid::from_u128(20);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> Moment {
    Moment(Utc.with_ymd_and_hms(2022, 6, 30, 3, 0, 0).unwrap())
}

fn caller(subject: &str, role: Role, agency: Uuid) -> Caller {
    Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role,
        agency: Some(agency),
        predecessors: Vec::new(),
        unit: Some("89".to_owned()),
        scope: Scope::Province("89".into()),
    }
}

fn lead() -> Caller {
    caller("lead", Role::LeadAgency, LEAD)
}

fn committee() -> Caller {
    caller("chair", Role::PeoplesCommittee, Uuid::from_u128(3))
}

fn department() -> Caller {
    caller("accountant", Role::LineDepartment, DEPARTMENT)
}

fn line(id: Uuid, category: &str, millions: i64) -> EstimateLine {
    let content = LineContent {
        category: category.to_owned(),
        budget_level: None,
        source: None,
        nature: None,
        support_kind: None,
        fiscal_year: None,
        amount: Money::million(millions),
    };
    EstimateLine { id, content, allocated: Money::ZERO }
}

/// The plan of An Giang: 6,615 + 21,000 of credit + 5,060 million.
fn plan() -> ProvincialPlan {
    let content = PlanContent {
        province: "89".to_owned(),
        scheme: "QD167-2021-2025".to_owned(),
        decision_number: "2129/QĐ-UBND".to_owned(),
        decision_date: day("2021-09-15"),
        lead_agency: LEAD,
        pilot_quota: 5,
        tie_break: Vec::new(),
        counted_claims: crate::domain::application::CountedClaims::default(),
        total: Money::million(32_675),
    };
    let lines = vec![
        line(INFRASTRUCTURE, "infrastructure_and_processing", 6_615),
        line(CREDIT, CREDIT_CATEGORY, 21_000),
        line(RECURRENT, "recurrent_support", 5_060),
    ];
    let created_by = "lead".to_owned();
    let at = "2021-09-15T02:00:00Z".parse().unwrap();
    ProvincialPlan {
        id: PLAN,
        version: 2,
        content,
        lines,
        pilots_selected: 0,
        state: PlanState::Approved,
        created_by,
        writers: Writers::first(&lead()),
        recorded_at: at,
        updated_at: at,
    }
}

fn department_record() -> Agency {
    Agency {
        id: DEPARTMENT,
        code: None,
        name: "Sở Nông nghiệp và Phát triển nông thôn tỉnh An Giang".to_owned(),
        role: Role::LineDepartment,
        sector: Some("agriculture".to_owned()),
        unit: Some("89".to_owned()),
        province: Some("89".to_owned()),
        valid_from: day("2021-01-01"),
        valid_to: None,
        predecessor: None,
        predecessors: Vec::new(),
        successor: None,
    }
}

fn kind(code: &str) -> ReferenceEntry {
    ReferenceEntry {
        list: ReferenceList::SupportKinds,
        code: code.to_owned(),
        slug: None,
        name: Text::new(code, code),
        attributes: std::collections::BTreeMap::new(),
        province: None,
        valid_from: day("2021-01-01"),
        valid_to: None,
        legal_basis: "2129/QĐ-UBND".to_owned(),
    }
}

fn entry(line: Uuid, amount: Money) -> EntryTerms {
    EntryTerms {
        line,
        amount,
        support_kind: "training".to_owned(),
        agency: DEPARTMENT,
        pilot: None,
        fiscal_year: Some(2022),
        schedule: Vec::new(),
        need: None,
    }
}

fn standing<'a>(lines: &'a [EstimateLine], pilots: &'a [Pilot]) -> Balances<'a> {
    Balances { lines, pilots, needs: &[], raises: &[] }
}

fn terms(entries: Vec<EntryTerms>) -> AllocationTerms {
    AllocationTerms {
        plan: PLAN, decision_number: "101/QĐ-UBND".to_owned(), decision_date: day("2022-01-20"), entries
    }
}

fn draft_of(terms: AllocationTerms, plan: &ProvincialPlan, caller: &Caller) -> Result<Allocation, Refusal> {
    with_references(plan, |references| {
        let mut next = 1_000;
        Allocation::draft(Uuid::from_u128(99), terms, references, caller, now(), || {
            next += 1;
            Uuid::from_u128(next)
        })
    })
}

fn with_references<T>(plan: &ProvincialPlan, what: impl FnOnce(AllocationReferences<'_>) -> T) -> T {
    let (lists, agencies) = ([kind("training"), kind("preferential_loan")], [department_record()]);
    let added = Decided::new();
    what(AllocationReferences {
        plan: Some(plan),
        scheme: None,
        lists: &lists,
        agencies: &agencies,
        pilots: &[],
        needs: &[],
        added: &added,
        raises: &[],
    })
}

fn drafted(entries: Vec<EntryTerms>) -> Result<Allocation, Refusal> {
    draft_of(terms(entries), &plan(), &lead())
}

fn approved(millions: i64) -> Allocation {
    let draft = drafted(vec![entry(RECURRENT, Money::million(millions))]).unwrap();
    draft.approve(standing(&plan().lines, &[]), &committee(), now()).unwrap()
}

fn payment(allocation: &Allocation, amount: Money) -> Payment {
    Payment {
        entry: allocation.entries[0].id,
        amount,
        voucher_number: "CT-01".to_owned(),
        voucher_date: day("2022-03-01"),
    }
}

fn correction(amount: Money) -> Correction {
    Correction {
        amount,
        voucher_number: "CT-02".to_owned(),
        voucher_date: day("2022-03-02"),
        reason: "Ghi trùng".to_owned(),
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> (Rule, Vec<String>) {
    let refusal = outcome.unwrap_err();
    (refusal.rule, refusal.faults.into_iter().map(|fault| fault.pointer).collect())
}

#[test]
fn an_allocation_takes_up_to_what_its_lines_have_left_and_not_one_dong_more() {
    let all = Money::million(5_060);
    assert!(drafted(vec![entry(RECURRENT, all)]).is_ok());
    assert_eq!(refused(drafted(vec![entry(RECURRENT, all.plus(Money::dong(1)))])).0, Rule::LineExceeded);
}

#[test]
fn every_line_that_does_not_hold_is_told_at_the_entry_that_no_longer_fits() {
    let over = drafted(vec![
        entry(RECURRENT, Money::million(5_000)),
        entry(INFRASTRUCTURE, Money::million(6_616)),
        entry(RECURRENT, Money::million(61)),
        entry(RECURRENT, Money::million(1)),
    ]);
    let refusal = over.clone().unwrap_err();
    assert_eq!(
        refused(over),
        (Rule::LineExceeded, vec!["/entries/1/amount".to_owned(), "/entries/2/amount".to_owned()])
    );
    let message = &refusal.faults[1].message.en;
    assert!(message.contains("5060000000 đồng left") && message.contains("asks for 5062000000"), "{message}");
}

#[test]
fn credit_is_lent_and_the_client_is_sent_to_loans() {
    let by_line = drafted(vec![entry(RECURRENT, Money::million(1)), entry(CREDIT, Money::million(1))]);
    assert!(by_line.clone().unwrap_err().detail.vi.contains("/v1/loans"));
    assert_eq!(refused(by_line), (Rule::CreditIsLent, vec!["/entries/1/line".to_owned()]));
    let by_kind = EntryTerms { support_kind: "preferential_loan".to_owned(), ..entry(RECURRENT, Money::million(1)) };
    assert_eq!(refused(drafted(vec![by_kind])).0, Rule::CreditIsLent);
}

#[test]
fn only_lines_of_an_approved_plan_are_allocated() {
    let one = || vec![entry(RECURRENT, Money::million(1))];
    let unapproved = ProvincialPlan { state: PlanState::Draft, ..plan() };
    assert_eq!(refused(draft_of(terms(one()), &unapproved, &lead())).0, Rule::PlanNotApproved);
    let nowhere = EntryTerms {
        support_kind: "gifts".to_owned(),
        agency: LEAD,
        pilot: Some(PLAN),
        ..entry(Uuid::from_u128(77), Money::ZERO)
    };
    let all =
        ["amount", "line", "supportKind", "implementingAgency", "pilot"].map(|member| format!("/entries/0/{member}"));
    assert_eq!(refused(drafted(vec![nowhere])), (Rule::AmountNotPositive, all.to_vec()));
    let strangers = vec![entry(Uuid::from_u128(77), Money::million(1)), entry(Uuid::from_u128(78), Money::million(1))];
    assert_eq!(
        refused(drafted(strangers)),
        (Rule::UnknownReference, vec!["/entries/0/line".to_owned(), "/entries/1/line".to_owned()])
    );
}

#[test]
fn the_decision_is_dated_between_its_plan_and_today() {
    let on = |date: &str| {
        let dated = AllocationTerms { decision_date: day(date), ..terms(vec![entry(RECURRENT, Money::million(1))]) };
        draft_of(dated, &plan(), &lead())
    };
    assert!(on("2021-09-15").is_ok() && on("2022-06-30").is_ok());
    assert_eq!(refused(on("2021-09-14")).0, Rule::StepPredated);
    assert_eq!(refused(on("2022-07-01")).0, Rule::DateInFuture);
}

#[test]
fn the_lead_of_this_plan_or_finance_drafts() {
    let one = || terms(vec![entry(RECURRENT, Money::million(1))]);
    let other_lead = caller("other", Role::LeadAgency, DEPARTMENT);
    assert_eq!(refused(draft_of(one(), &plan(), &other_lead)).0, Rule::NotResponsible);
    assert!(draft_of(one(), &plan(), &caller("f", Role::Finance, Uuid::from_u128(5))).is_ok());
}

#[test]
fn who_wrote_a_draft_does_not_approve_it_and_nothing_is_approved_twice() {
    let draft = drafted(vec![entry(RECURRENT, Money::million(1))]).unwrap();
    let writer = Caller { subject: "lead".to_owned(), ..committee() };
    assert_eq!(refused(draft.clone().approve(standing(&plan().lines, &[]), &writer, now())).0, Rule::FourEyes);
    let second = caller("finance", Role::Finance, Uuid::from_u128(5));
    let rewritten = terms(vec![entry(RECURRENT, Money::million(2))]);
    let edited = with_references(&plan(), |references| {
        draft.amend(rewritten, references, &second, now(), || Uuid::from_u128(7)).unwrap()
    });
    // Who wrote a version that somebody else wrote over is still a writer.
    let edited = with_references(&plan(), |references| {
        let last = caller("lead 2", Role::LeadAgency, LEAD);
        edited
            .amend(terms(vec![entry(RECURRENT, Money::million(2))]), references, &last, now(), || Uuid::from_u128(8))
            .unwrap()
    });
    assert_eq!(edited.created_by, "lead");
    for writer in ["lead", "finance", "lead 2"] {
        let writer = Caller { subject: writer.to_owned(), ..committee() };
        assert_eq!(refused(edited.clone().approve(standing(&plan().lines, &[]), &writer, now())).0, Rule::FourEyes);
    }
    let approved = edited.approve(standing(&plan().lines, &[]), &committee(), now()).unwrap();
    assert_eq!(refused(approved.approve(standing(&plan().lines, &[]), &committee(), now())).0, Rule::WrongState);
}

#[test]
fn an_approval_looks_at_the_lines_as_they_stand_then() {
    let draft = drafted(vec![entry(RECURRENT, Money::million(5_060))]).unwrap();
    let mut lines = plan().lines;
    lines[2].allocated = Money::million(60);
    let refusal = draft.approve(standing(&lines, &[]), &committee(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::LineExceeded);
    assert!(refusal.detail.en.contains("5000000000 đồng left"), "{}", refusal.detail.en);
}

#[test]
fn an_approval_looks_at_the_pilots_as_they_stand_then() {
    let mut draft = drafted(vec![entry(RECURRENT, Money::million(1))]).unwrap();
    draft.entries[0].terms.pilot = Some(pilot().id);
    let stopped = |on: &str| PilotState::Stopped {
        completion: None,
        stopped_on: day(on),
        cause: StopCause::Withdrawal,
        reason: "Tự nguyện".to_owned(),
    };
    for (state, refused) in
        [(PilotState::Active, None), (stopped("2022-01-20"), None), (stopped("2022-01-19"), Some(Rule::PilotStopped))]
    {
        let pilots = [Pilot { state, ..pilot() }];
        let outcome = draft.clone().approve(standing(&plan().lines, &pilots), &committee(), now());
        assert_eq!(outcome.err().map(|refusal| refusal.rule), refused);
        let verdict = draft.may_approve(standing(&plan().lines, &pilots), &committee());
        assert_eq!(verdict.err().map(|refusal| refusal.rule), refused);
    }
}

#[test]
fn only_a_draft_is_edited_or_deleted() {
    let approved = approved(10);
    assert_eq!(approved.may(Step::Edit, &lead()).unwrap_err().rule, Rule::WrongState);
    assert_eq!(approved.may(Step::Delete, &lead()).unwrap_err().rule, Rule::NotADraft);
}

#[test]
fn a_disbursement_is_made_by_the_implementing_agency_after_the_approval() {
    let draft = drafted(vec![entry(RECURRENT, Money::million(10))]).unwrap();
    let pay = payment(&draft, Money::million(1));
    assert_eq!(refused(draft.disburse(Uuid::nil(), pay, &department(), now())).0, Rule::WrongState);
    let approved = approved(10);
    let pay = payment(&approved, Money::million(1));
    assert_eq!(refused(approved.disburse(Uuid::nil(), pay, &lead(), now())).0, Rule::NotResponsible);
}

#[test]
fn never_more_is_disbursed_than_allocated_and_the_refusal_tells_what_is_left() {
    let allocation = approved(10);
    let (allocation, _) = {
        let pay = payment(&allocation, Money::million(6));
        allocation.disburse(Uuid::nil(), pay, &department(), now()).unwrap()
    };
    let pay = payment(&allocation, Money::dong(4_000_001));
    let refusal = allocation.clone().disburse(Uuid::nil(), pay, &department(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::AllocationExceeded);
    assert!(refusal.detail.vi.contains("còn 4000000 đồng"), "{}", refusal.detail.vi);
    let pay = payment(&allocation, Money::million(4));
    assert!(allocation.disburse(Uuid::nil(), pay, &department(), now()).is_ok());
}

#[test]
fn a_voucher_is_dated_between_the_decision_and_today() {
    let on = |date: &str| {
        let allocation = approved(10);
        let pay = Payment { voucher_date: day(date), ..payment(&allocation, Money::million(1)) };
        allocation.disburse(Uuid::nil(), pay, &department(), now())
    };
    assert!(on("2022-01-20").is_ok() && on("2022-06-30").is_ok());
    assert_eq!(refused(on("2022-01-19")).0, Rule::StepPredated);
    assert_eq!(refused(on("2022-07-01")).0, Rule::DateInFuture);
}

#[test]
fn a_correction_names_what_it_corrects_and_takes_back_no_more_than_that() {
    let allocation = approved(10);
    let pay = payment(&allocation, Money::million(6));
    let (allocation, paid) = allocation.disburse(Uuid::from_u128(50), pay, &department(), now()).unwrap();
    let adjust = |allocation: &Allocation, earlier: i64, millions: i64| {
        let back = correction(Money::million(millions));
        allocation.clone().adjust(Uuid::nil(), &paid, Money::million(earlier), back, &department(), now())
    };
    let (corrected, posted) = adjust(&allocation, 0, 2).unwrap();
    assert_eq!(posted.amount, Money::million(-2));
    assert_eq!(posted.corrects, Some((paid.id, "Ghi trùng".to_owned())));
    assert_eq!(corrected.disbursed(), Money::million(4));
    assert_eq!(refused(adjust(&corrected, -2, 5)).0, Rule::CorrectionExceeded);
    let again =
        corrected.adjust(Uuid::nil(), &posted, Money::ZERO, correction(Money::million(1)), &department(), now());
    assert_eq!(refused(again).0, Rule::CorrectsCorrection);
}

#[test]
fn a_schedule_sums_to_its_entry_day_after_day() {
    let instalment = |date: &str, millions: i64| Instalment { due_on: day(date), amount: Money::million(millions) };
    let with =
        |schedule: Vec<Instalment>| drafted(vec![EntryTerms { schedule, ..entry(RECURRENT, Money::million(10)) }]);
    assert!(with(vec![instalment("2022-01-20", 4), instalment("2022-12-31", 6)]).is_ok());
    let pointers =
        |faults: &[&str]| faults.iter().map(|fault| format!("/entries/0/schedule{fault}")).collect::<Vec<_>>();
    for (schedule, rule, faults) in [
        (vec![instalment("2022-06-30", 9)], Rule::TotalMismatch, &[""][..]),
        (vec![instalment("2022-01-19", 10)], Rule::DatesOutOfOrder, &["/0/dueOn"]),
        (vec![instalment("2022-06-30", 4), instalment("2022-06-30", 6)], Rule::RepeatedItem, &["/1/dueOn"]),
        (vec![instalment("2022-06-30", 4), instalment("2022-06-29", 6)], Rule::DatesOutOfOrder, &["/1/dueOn"]),
        (vec![instalment("2022-06-30", 0), instalment("2022-07-30", 9)], Rule::AmountNotPositive, &["/0/amount", ""]),
    ] {
        assert_eq!(refused(with(schedule)), (rule, pointers(faults)));
    }
}

#[test]
fn no_more_is_allocated_to_a_need_than_was_approved_of_it() {
    let served = ServedNeed { support_need: Uuid::from_u128(300), item: 1 };
    let balance = |approved: i64, allocated: i64| NeedBalance {
        served,
        pilot: pilot().id,
        support_kind: "training".to_owned(),
        years: vec![2022],
        approved_on: None,
        approved: Money::million(approved),
        allocated: Money::million(allocated),
    };
    let serving = |millions: i64| EntryTerms {
        need: Some(served),
        pilot: Some(pilot().id),
        ..entry(RECURRENT, Money::million(millions))
    };
    let mut draft = drafted(vec![entry(RECURRENT, Money::million(1)), entry(RECURRENT, Money::million(1))]).unwrap();
    for (at, millions) in [(0, 30), (1, 11)] {
        draft.entries[at].terms = serving(millions);
    }
    let approve = |needs: &[NeedBalance]| {
        let (lines, pilots) = (plan().lines, [pilot()]);
        draft.clone().approve(Balances { lines: &lines, pilots: &pilots, needs, raises: &[] }, &committee(), now())
    };
    assert!(approve(&[balance(50, 9)]).is_ok());
    let refusal = approve(&[balance(50, 10)]).unwrap_err();
    assert_eq!(refusal.rule, Rule::NeedExceeded);
    assert!(refusal.detail.en.contains("has 40000000 đồng left of 50000000 đồng approved"), "{}", refusal.detail.en);
    assert_eq!(draft.needs().len(), 1);
}

/// One thing somebody tries.
#[derive(Debug, Clone)]
enum Attempt {
    Allocate { recurrent: i64, infrastructure: i64 },
    Disburse { allocation: usize, entry: usize, amount: i64 },
    Correct { voucher: usize, amount: i64 },
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let allocate = (1..3_000i64, 1..3_000i64)
        .prop_map(|(recurrent, infrastructure)| Attempt::Allocate { recurrent, infrastructure });
    let disburse = (0..6usize, 0..2usize, 1..2_000i64).prop_map(|(allocation, entry, amount)| Attempt::Disburse {
        allocation,
        entry,
        amount,
    });
    let correct = (0..12usize, 1..2_000i64).prop_map(|(voucher, amount)| Attempt::Correct { voucher, amount });
    proptest::collection::vec(prop_oneof![1 => allocate, 3 => disburse, 2 => correct], 1..60)
}

/// A province's books, in memory: what the database keeps.
#[derive(Default)]
struct Books {
    lines: Vec<EstimateLine>,
    allocations: Vec<Allocation>,
    posted: Vec<Disbursement>,
}

impl Books {
    fn attempt(&mut self, attempt: &Attempt) -> Result<(), Refusal> {
        let id = Uuid::from_u128(5_000 + self.posted.len() as u128);
        match *attempt {
            Attempt::Allocate { recurrent, infrastructure } => {
                let entries = vec![
                    entry(RECURRENT, Money::million(recurrent)),
                    entry(INFRASTRUCTURE, Money::million(infrastructure)),
                ];
                let stand = ProvincialPlan { lines: self.lines.clone(), ..plan() };
                let approved = draft_of(terms(entries), &stand, &lead())?.approve(
                    standing(&self.lines, &[]),
                    &committee(),
                    now(),
                )?;
                for (line, taken) in approved.takings() {
                    let balance = self.lines.iter_mut().find(|balance| balance.id == line).unwrap();
                    balance.allocated = balance.allocated.plus(taken);
                }
                self.allocations.push(approved);
            }
            Attempt::Disburse { allocation, entry, amount } => {
                let Some(open) = self.allocations.get(allocation).cloned() else { return Ok(()) };
                let pay = Payment { entry: open.entries[entry].id, ..payment(&open, Money::million(amount)) };
                let (open, posted) = open.disburse(id, pay, &department(), now())?;
                self.allocations[allocation] = open;
                self.posted.push(Disbursement { allocation: Uuid::from_u128(allocation as u128), ..posted });
            }
            Attempt::Correct { voucher, amount } => {
                let Some(corrected) = self.posted.get(voucher).cloned() else { return Ok(()) };
                let at = corrected.allocation.as_u128() as usize;
                let earlier = self.corrections_of(corrected.id);
                let back = correction(Money::million(amount));
                let (open, posted) =
                    self.allocations[at].clone().adjust(id, &corrected, earlier, back, &department(), now())?;
                self.allocations[at] = open;
                self.posted.push(Disbursement { allocation: corrected.allocation, ..posted });
            }
        }
        Ok(())
    }

    fn corrections_of(&self, voucher: Uuid) -> Money {
        let names = |posted: &&Disbursement| posted.corrects.as_ref().is_some_and(|(corrects, _)| *corrects == voucher);
        self.posted.iter().filter(names).map(|posted| posted.amount).sum()
    }

    fn posted_to(&self, allocation: usize, entry: Uuid) -> Money {
        let of = |posted: &&Disbursement| posted.allocation.as_u128() as usize == allocation && posted.entry == entry;
        self.posted.iter().filter(of).map(|posted| posted.amount).sum()
    }
}

proptest! {
    /// Whatever is tried, in whatever order: estimate ≥ allocated ≥ disbursed ≥ 0; what is posted adds up to what the
    /// entries say; no voucher is corrected below nothing.
    #[test]
    fn money_is_conserved(attempts in attempts()) {
        let mut books = Books { lines: plan().lines, ..Books::default() };
        for attempt in &attempts {
            let before = (books.lines.clone(), books.allocations.clone(), books.posted.len());
            if books.attempt(attempt).is_err() {
                prop_assert_eq!(&before, &(books.lines.clone(), books.allocations.clone(), books.posted.len()));
            }
            for line in &books.lines {
                let taken: Money = books.allocations.iter().filter_map(|a| a.takings().get(&line.id).copied()).sum();
                prop_assert_eq!(line.allocated, taken);
                prop_assert!(line.remaining() >= Money::ZERO);
            }
            for (at, allocation) in books.allocations.iter().enumerate() {
                for entry in &allocation.entries {
                    prop_assert!(Money::ZERO <= entry.disbursed && entry.left() >= Money::ZERO);
                    prop_assert_eq!(entry.disbursed, books.posted_to(at, entry.id));
                }
            }
            for voucher in books.posted.iter().filter(|posted| posted.corrects.is_none()) {
                prop_assert!(voucher.amount.plus(books.corrections_of(voucher.id)) >= Money::ZERO);
            }
        }
    }

    /// A payment and the correction of all of it leave the books as they were.
    #[test]
    fn a_full_correction_nets_out(allocated in 1..5_060i64, share in 1..=100i64) {
        let before = approved(allocated);
        let paid = Money::dong(allocated * 10_000 * share);
        let (after, posted) = before.clone().disburse(Uuid::from_u128(50), payment(&before, paid), &department(), now()).unwrap();
        prop_assert_eq!(after.version, before.version + 1);
        let (netted, reversal) =
            after.adjust(Uuid::from_u128(51), &posted, Money::ZERO, correction(paid), &department(), now()).unwrap();
        prop_assert_eq!(netted.entries, before.entries);
        prop_assert_eq!(posted.amount.plus(reversal.amount), Money::ZERO);
    }
}

/// A line of 100 million, of which 60 were allocated in January, was raised in March: what is dated before has 40.
#[test]
fn a_decision_does_not_spend_what_a_later_one_raised() {
    let raise = |day_of: &str, free: i64| super::Raise {
        line: RECURRENT,
        raised_on: day(day_of),
        free_before: Money::million(free),
    };
    let raises = [raise("2022-03-01", 40), raise("2022-06-01", 30)];
    let refused = |millions: &[i64], date: &str| {
        let entries: Vec<_> = millions.iter().map(|millions| entry(RECURRENT, Money::million(*millions))).collect();
        let refused = super::check::of_later_raises(&entries.iter(), &raises, day(date), |at| format!("/{at}"));
        refused.first().map(|refusal| refusal.inputs.value("earliest").unwrap().to_owned())
    };
    for (millions, date, expected) in [
        (&[30][..], "2022-02-28", None),
        (&[31], "2022-02-28", Some("2022-06-01")),
        (&[20, 21], "2022-02-28", Some("2022-06-01")),
        (&[31], "2022-03-01", Some("2022-06-01")),
        (&[31], "2022-06-01", None),
        (&[500], "2022-06-01", None),
    ] {
        assert_eq!(refused(millions, date).as_deref(), expected, "{millions:?} {date}");
    }
}
