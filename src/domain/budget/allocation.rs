//! An allocation: one numbered, dated decision that takes from one or more estimate lines, all or none.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::CREDIT_SUPPORT;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::role::{Caller, Role};

/// What an allocation decides: its number, its date, and who gets how much from which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationTerms {
    /// The approved provincial plan whose lines it takes from.
    pub plan: Uuid,
    /// Number of the decision, as printed.
    pub decision_number: String,
    /// The date it bears.
    pub decision_date: NaiveDate,
    /// What it gives, to whom, from which line.
    pub entries: Vec<EntryTerms>,
}

/// One part of an allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTerms {
    /// The estimate line it takes from.
    pub line: Uuid,
    /// How much.
    pub amount: Money,
    /// What is given, from the list of support kinds.
    pub support_kind: String,
    /// The implementing agency: it spends and records the disbursements.
    pub agency: Uuid,
    /// The pilot that benefits; none when the agency itself is the beneficiary.
    pub pilot: Option<Uuid>,
    /// The budget year, where the decision states one.
    pub fiscal_year: Option<u16>,
}

/// One part of a recorded allocation, with what was disbursed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identity, which disbursements name.
    pub id: Uuid,
    /// What was decided.
    pub terms: EntryTerms,
    /// Disbursed to date, net of corrections: 0 ≤ disbursed ≤ amount.
    pub disbursed: Money,
}

impl Entry {
    /// What may still be disbursed.
    pub const fn left(&self) -> Money {
        self.terms.amount.minus(self.disbursed)
    }
}

/// The balance of an estimate line, as far as an allocation is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The line of the plan.
    pub id: Uuid,
    /// Its estimate.
    pub amount: Money,
    /// What approved allocations took from it.
    pub allocated: Money,
    /// Whether it is access to credit, which is lent and never allocated.
    pub credit: bool,
}

impl Line {
    /// What may still be allocated.
    pub const fn left(&self) -> Money {
        self.amount.minus(self.allocated)
    }
}

/// What an allocation stands on: the plan and the balances of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The province of the plan.
    pub province: String,
    /// The scheme of the plan.
    pub scheme: String,
    /// The agency that leads the plan.
    pub lead_agency: Uuid,
    /// Whether the plan is approved.
    pub approved: bool,
    /// The date of the plan's decision.
    pub decision_date: NaiveDate,
    /// Lines of the plan: all that the allocation names, at least.
    pub lines: Vec<Line>,
}

/// Where an allocation is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllocationState {
    /// Being written: takes nothing yet, may be edited or deleted.
    Draft,
    /// Approved: it took from its lines and may be disbursed.
    Approved(Approval),
}

/// Who approved an allocation, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// `sub` of the approver.
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

impl AllocationState {
    /// The name on the wire and in the database.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved(_) => "approved",
        }
    }
}

/// What can be done with an allocation once it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Change the draft.
    Edit,
    /// Throw the draft away.
    Delete,
    /// Approve it.
    Approve,
    /// Record a disbursement.
    Disburse,
    /// Correct a disbursement.
    Adjust,
}

/// An allocation (*quyết định phân bổ kinh phí*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Identity.
    pub id: Uuid,
    /// The province whose money it is.
    pub province: String,
    /// The scheme it serves.
    pub scheme: String,
    /// The approved plan whose lines it takes from.
    pub plan: Uuid,
    /// Number of the decision, as printed.
    pub decision_number: String,
    /// The date it bears.
    pub decision_date: NaiveDate,
    /// What it gives, to whom, from which line.
    pub entries: Vec<Entry>,
    /// Where it is in its life.
    pub state: AllocationState,
    /// Who drafted it.
    pub created_by: String,
    /// Who last changed the draft; at first who drafted it.
    pub edited_by: String,
}

impl Allocation {
    /// Drafts an allocation by the lead agency of the plan or by finance (2129/QĐ-UBND VII.1, VII.3).
    ///
    /// A draft takes nothing, but one that could not be approved today is refused already.
    pub fn draft(
        id: Uuid,
        terms: AllocationTerms,
        ground: &Ground,
        caller: &Caller,
        now: Moment,
        fresh_id: impl FnMut() -> Uuid,
    ) -> Result<Self, Refusal> {
        check_terms(&terms, ground, caller, now)?;
        let AllocationTerms { plan, decision_number, decision_date, entries } = terms;
        Ok(Self {
            id,
            province: ground.province.clone(),
            scheme: ground.scheme.clone(),
            plan,
            decision_number,
            decision_date,
            entries: open_entries(entries, fresh_id),
            state: AllocationState::Draft,
            created_by: caller.subject.clone(),
            edited_by: caller.subject.clone(),
        })
    }

    /// Rewrites a draft.
    pub fn amend(
        self,
        terms: AllocationTerms,
        ground: &Ground,
        caller: &Caller,
        now: Moment,
        fresh_id: impl FnMut() -> Uuid,
    ) -> Result<Self, Refusal> {
        self.may(Step::Edit, caller)?;
        let amended = Self::draft(self.id, terms, ground, caller, now, fresh_id)?;
        Ok(Self { created_by: self.created_by, ..amended })
    }

    /// Approves a draft: the moment at which it takes from its lines, all or none. `lines` are the balances as they
    /// stand under lock. Who wrote the draft may not approve it (2129/QĐ-UBND VII: the committee approves what the
    /// departments propose).
    pub fn approve(self, lines: &[Line], caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may(Step::Approve, caller)?;
        fit(self.entries.iter().map(|entry| &entry.terms), lines, |_, _| String::new())?;
        let approval = Approval { by: caller.subject.clone(), at: now.0 };
        Ok(Self { state: AllocationState::Approved(approval), ..self })
    }

    /// Whether a caller may take a step now; the moves ask here, and so does the list of allowed actions.
    pub fn may(&self, step: Step, caller: &Caller) -> Result<(), Refusal> {
        match step {
            Step::Edit => self.must_be_draft(Rule::WrongState),
            Step::Delete => self.must_be_draft(Rule::NotADraft),
            Step::Approve => {
                self.must_be_draft(Rule::WrongState)?;
                self.must_be_another_person(caller)
            }
            Step::Disburse | Step::Adjust => {
                self.must_be_approved()?;
                let implements = self.entries.iter().any(|entry| caller.agency == Some(entry.terms.agency));
                if implements { Ok(()) } else { Err(not_implementing()) }
            }
        }
    }

    /// What is taken from each line, by the order of the lines' ids: the order in which they are locked.
    pub fn takings(&self) -> BTreeMap<Uuid, Money> {
        takings(self.entries.iter().map(|entry| &entry.terms))
    }

    /// The sum of its entries.
    pub fn amount(&self) -> Money {
        self.entries.iter().map(|entry| entry.terms.amount).sum()
    }

    /// Disbursed of all its entries.
    pub fn disbursed(&self) -> Money {
        self.entries.iter().map(|entry| entry.disbursed).sum()
    }

    fn must_be_draft(&self, rule: Rule) -> Result<(), Refusal> {
        match &self.state {
            AllocationState::Draft => Ok(()),
            AllocationState::Approved(_) => Err(Refusal::new(
                rule,
                format!(
                    "Quyết định phân bổ {} đã được phê duyệt; chỉ dự thảo mới sửa, xóa hoặc phê duyệt được.",
                    self.decision_number
                ),
                format!(
                    "Allocation {} is approved; only a draft can be changed, deleted or approved.",
                    self.decision_number
                ),
            )),
        }
    }

    fn must_be_approved(&self) -> Result<(), Refusal> {
        match &self.state {
            AllocationState::Approved(_) => Ok(()),
            AllocationState::Draft => Err(Refusal::new(
                Rule::WrongState,
                format!("Quyết định phân bổ {} còn là dự thảo: chưa được giải ngân.", self.decision_number),
                format!(
                    "Allocation {} is a draft: nothing can be disbursed before its approval.",
                    self.decision_number
                ),
            )),
        }
    }

    fn must_be_another_person(&self, caller: &Caller) -> Result<(), Refusal> {
        if caller.subject != self.created_by && caller.subject != self.edited_by {
            return Ok(());
        }
        let who = &caller.subject;
        Err(Refusal::new(
            Rule::FourEyes,
            format!("{who} đã soạn quyết định phân bổ này nên không được phê duyệt."),
            format!("{who} wrote this allocation and therefore may not approve it."),
        ))
    }
}

fn open_entries(entries: Vec<EntryTerms>, mut fresh_id: impl FnMut() -> Uuid) -> Vec<Entry> {
    entries.into_iter().map(|terms| Entry { id: fresh_id(), terms, disbursed: Money::ZERO }).collect()
}

fn check_terms(terms: &AllocationTerms, ground: &Ground, caller: &Caller, now: Moment) -> Result<(), Refusal> {
    now.not_in_future(terms.decision_date, "/decisionDate")?;
    known_lines(&terms.entries, &ground.lines)?;
    if caller.role == Role::LeadAgency && caller.agency != Some(ground.lead_agency) {
        return Err(Refusal::new(
            Rule::NotResponsible,
            "Chỉ cơ quan đầu mối của kế hoạch hoặc Sở Tài chính soạn quyết định phân bổ.",
            "Only the agency that leads the plan, or finance, drafts its allocations.",
        ));
    }
    if !ground.approved {
        return Err(Refusal::at(
            Rule::PlanNotApproved,
            "/plan",
            "Kế hoạch của tỉnh chưa được phê duyệt nên chưa có dự toán để phân bổ.",
            "The provincial plan is not approved: there is no estimate to allocate from yet.",
        ));
    }
    not_before(terms.decision_date, ground.decision_date, "/decisionDate")?;
    fit(terms.entries.iter(), &ground.lines, |entry, member| format!("/entries/{entry}/{member}"))
}

/// A fact rests on a decision, so it cannot be older than it.
pub(super) fn not_before(day: NaiveDate, decided: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    if day >= decided {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::BeforeDecision,
        pointer,
        format!("Ngày {day} trước ngày quyết định làm căn cứ ({decided})."),
        format!("{day} is before {decided}, the date of the decision it rests on."),
    ))
}

pub(super) fn not_implementing() -> Refusal {
    Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan thực hiện được giao khoản kinh phí mới ghi giải ngân của khoản đó.",
        "Only the implementing agency of an entry records its disbursements.",
    )
}

fn known_lines(entries: &[EntryTerms], lines: &[Line]) -> Result<(), Refusal> {
    let unknown = |(at, entry): (usize, &EntryTerms)| {
        let known = lines.iter().any(|line| line.id == entry.line);
        (!known).then(|| {
            Fault::at(
                format!("/entries/{at}/line"),
                Rule::UnknownReference.code(),
                format!("Kế hoạch không có dòng dự toán {}.", entry.line),
                format!("The plan has no estimate line {}.", entry.line),
            )
        })
    };
    refuse_if_any(Rule::UnknownReference, entries.iter().enumerate().filter_map(unknown).collect())
}

/// Whether all entries together fit into what their lines have left. Every line at fault is told, with what it has left.
fn fit<'a>(
    entries: impl Iterator<Item = &'a EntryTerms> + Clone,
    lines: &[Line],
    pointer: impl Fn(usize, &str) -> String,
) -> Result<(), Refusal> {
    let lent = entries.clone().enumerate().filter(|(_, entry)| {
        entry.support_kind == CREDIT_SUPPORT || lines.iter().any(|line| line.id == entry.line && line.credit)
    });
    let lent = lent.map(|(at, entry)| credit_fault(pointer(at, "line"), entry)).collect();
    refuse_if_any(Rule::CreditIsLent, lent)?;

    let asked = takings(entries.clone());
    let mut taken = BTreeMap::<Uuid, Money>::new();
    let over = entries.enumerate().filter_map(|(at, entry)| {
        let left = lines.iter().find(|line| line.id == entry.line).map_or(Money::ZERO, Line::left);
        let before = taken.get(&entry.line).copied().unwrap_or_default();
        let after = before.plus(entry.amount);
        taken.insert(entry.line, after);
        // A line is told once: at the entry that no longer fits into it.
        let crosses = before <= left && after > left;
        let asked = asked.get(&entry.line).copied().unwrap_or_default();
        crosses.then(|| over_fault(pointer(at, "amount"), entry.line, asked, left))
    });
    refuse_if_any(Rule::LineExceeded, over.collect())
}

fn takings<'a>(entries: impl Iterator<Item = &'a EntryTerms>) -> BTreeMap<Uuid, Money> {
    let mut takings = BTreeMap::<Uuid, Money>::new();
    for entry in entries {
        let taken = takings.entry(entry.line).or_default();
        *taken = taken.plus(entry.amount);
    }
    takings
}

fn credit_fault(pointer: String, entry: &EntryTerms) -> Fault {
    let line = entry.line;
    Fault::at(
        pointer,
        Rule::CreditIsLent.code(),
        format!("Dòng {line} là vốn ưu đãi và Quỹ hỗ trợ phát triển HTX: ghi khoản vay tại /v1/loans."),
        format!("Line {line} is preferential credit and the support fund: record it as a loan under /v1/loans."),
    )
}

fn over_fault(pointer: String, line: Uuid, asked: Money, left: Money) -> Fault {
    Fault::at(
        pointer,
        Rule::LineExceeded.code(),
        format!("Dòng dự toán {line} còn {left} đồng, quyết định này cần {asked} đồng."),
        format!("Estimate line {line} has {left} đồng left, this decision asks for {asked} đồng."),
    )
}

/// One refusal for all faults of a rule; the first one gives the words.
fn refuse_if_any(rule: Rule, faults: Vec<Fault>) -> Result<(), Refusal> {
    match faults.first() {
        None => Ok(()),
        Some(first) => {
            let detail = first.message.clone();
            Err(Refusal::new(rule, detail.vi, detail.en).with_faults(faults))
        }
    }
}
