//! An allocation: one numbered, dated decision that takes from one or more estimate lines, all or none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::amendment::Raise;
use super::check::{self, AllocationReferences};
use super::needs::{self, NeedBalance, ServedNeed};
use super::schedule::Instalment;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::Pilot;
use crate::domain::plan::EstimateLine;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};

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
    /// When it is planned to be paid, in instalments that sum to the amount; empty where the decision does not say.
    pub schedule: Vec<Instalment>,
    /// The item of a support need that it serves, where it serves one.
    pub need: Option<ServedNeed>,
}

/// What an approval looks at, as it stands then.
#[derive(Debug, Clone, Copy)]
pub struct Balances<'a> {
    /// The lines that it takes from.
    pub lines: &'a [EstimateLine],
    /// The pilots that benefit.
    pub pilots: &'a [Pilot],
    /// The items of support needs that it serves.
    pub needs: &'a [NeedBalance],
    /// The decisions that raised its lines.
    pub raises: &'a [Raise],
}

/// One part of a recorded allocation, with what became of it: 0 ≤ settled ≤ disbursed ≤ amount − reduced − returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identity, which disbursements and settlements name.
    pub id: Uuid,
    /// What was decided.
    pub terms: EntryTerms,
    /// Taken back by later decisions: the line has it again.
    pub reduced: Money,
    /// Disbursed to date, net of corrections.
    pub disbursed: Money,
    /// Settled to date by accepted settlements, net of corrections.
    pub settled: Money,
    /// Returned to the budget by accepted settlements (*hủy dự toán, nộp trả*): it is not disbursed any more.
    pub returned: Money,
}

impl Entry {
    /// What decisions grant to date.
    pub const fn granted(&self) -> Money {
        self.terms.amount.minus(self.reduced)
    }

    /// What may still be disbursed.
    pub const fn left(&self) -> Money {
        self.granted().minus(self.disbursed).minus(self.returned)
    }

    /// What settlements have not accounted for yet: neither settled nor returned.
    pub const fn unsettled(&self) -> Money {
        self.granted().minus(self.settled).minus(self.returned)
    }
}

names! {
    /// The state of an allocation, by name.
    AllocationStatus {
        /// Being written: takes nothing from its lines yet.
        Draft = "draft",
        /// Approved: it took from its lines and may be disbursed.
        Approved = "approved",
    }
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
    /// The state by name.
    pub const fn status(&self) -> AllocationStatus {
        match self {
            Self::Draft => AllocationStatus::Draft,
            Self::Approved(_) => AllocationStatus::Approved,
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
    /// Record a settlement, or the correction of one.
    Settle,
    /// Review a settlement.
    Review,
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
    /// The agency that leads the plan.
    pub lead_agency: Uuid,
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
    /// Everybody who wrote any version of the draft: none of them may approve it.
    pub writers: BTreeSet<String>,
    /// Version, counted from 1.
    pub version: i32,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Allocation {
    /// Drafts an allocation by the lead agency of the plan or by finance (2129/QĐ-UBND VII.1, VII.3).
    ///
    /// A draft takes nothing, but one that could not be approved today is refused already.
    pub fn draft(
        id: Uuid,
        terms: AllocationTerms,
        references: AllocationReferences<'_>,
        caller: &Caller,
        now: Moment,
        fresh_id: impl FnMut() -> Uuid,
    ) -> Result<Self, Refusal> {
        let plan = check::terms(&terms, references, caller, now)?;
        let AllocationTerms { plan: _, decision_number, decision_date, entries } = terms;
        Ok(Self {
            id,
            province: plan.content.province.clone(),
            scheme: plan.content.scheme.clone(),
            plan: plan.id,
            lead_agency: plan.content.lead_agency,
            decision_number,
            decision_date,
            entries: open_entries(entries, fresh_id),
            state: AllocationState::Draft,
            created_by: caller.subject.clone(),
            writers: BTreeSet::from([caller.subject.clone()]),
            version: 1,
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes a draft anew; whoever wrote it before still counts for four eyes.
    pub fn amend(
        self,
        terms: AllocationTerms,
        references: AllocationReferences<'_>,
        caller: &Caller,
        now: Moment,
        fresh_id: impl FnMut() -> Uuid,
    ) -> Result<Self, Refusal> {
        self.may(Step::Edit, caller)?;
        let mut amended = Self::draft(self.id, terms, references, caller, now, fresh_id)?;
        amended.writers.extend(self.writers);
        let (created_by, recorded_at) = (self.created_by, self.recorded_at);
        Ok(Self { created_by, recorded_at, version: self.version + 1, ..amended })
    }

    /// Approves a draft: the moment at which it takes from its lines, all or none; the balances are those under lock. Who
    /// wrote the draft may not approve it (2129/QĐ-UBND VII: the committee approves what the departments propose).
    pub fn approve(self, balances: Balances<'_>, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may_approve(balances, caller)?;
        let approval = Approval { by: caller.subject.clone(), at: now.0 };
        let state = AllocationState::Approved(approval);
        Ok(Self { state, version: self.version + 1, updated_at: now.0, ..self })
    }

    /// Whether a caller may approve it now, its pilots took part at its date, and its lines and the needs that it serves
    /// have what it asks of them.
    pub fn may_approve(&self, balances: Balances<'_>, caller: &Caller) -> Result<(), Refusal> {
        self.may(Step::Approve, caller)?;
        let Balances { lines, pilots, needs, raises } = balances;
        let entries = self.entries.iter().map(|entry| &entry.terms);
        let mut refusals = check::taking_part(entries.clone(), pilots, self.decision_date, |_| String::new());
        refusals.extend(check::fit(entries.clone(), lines, |_, _| String::new()).err());
        refusals.extend(check::of_later_raises(&entries, raises, self.decision_date, |_| String::new()));
        refusals.extend(needs::over(entries, needs, |_| String::new()));
        Refusal::of_all(refusals)
    }

    /// Whether a caller may take a step now; the moves ask here, and so does the list of allowed actions.
    pub fn may(&self, step: Step, caller: &Caller) -> Result<(), Refusal> {
        match step {
            Step::Edit => {
                self.must_be_draft(Rule::WrongState)?;
                check::may_draft(self.lead_agency, caller)
            }
            Step::Delete => {
                self.must_be_draft(Rule::NotADraft)?;
                check::may_draft(self.lead_agency, caller)
            }
            Step::Approve => {
                self.must_be_draft(Rule::WrongState)?;
                self.must_be_another_person(caller)
            }
            Step::Review => self.must_be_approved(),
            Step::Disburse | Step::Adjust | Step::Settle => {
                self.must_be_approved()?;
                let implements = self.entries.iter().any(|entry| caller.acts_for(entry.terms.agency));
                if implements { Ok(()) } else { Err(not_implementing(&self.entries)) }
            }
        }
    }

    /// What is taken from each line, by the order of the lines' ids: the order in which they are locked.
    pub fn takings(&self) -> BTreeMap<Uuid, Money> {
        check::takings(self.entries.iter().map(|entry| &entry.terms))
    }

    /// The pilots that benefit.
    pub fn pilots(&self) -> Vec<Uuid> {
        self.entries.iter().filter_map(|entry| entry.terms.pilot).collect()
    }

    /// The items of support needs that it serves, each once.
    pub fn needs(&self) -> BTreeSet<ServedNeed> {
        self.entries.iter().filter_map(|entry| entry.terms.need).collect()
    }

    /// The sum of its entries, as decided.
    pub fn amount(&self) -> Money {
        self.entries.iter().map(|entry| entry.terms.amount).sum()
    }

    /// Taken back of all its entries by later decisions.
    pub fn reduced(&self) -> Money {
        self.entries.iter().map(|entry| entry.reduced).sum()
    }

    /// Returned to the budget of all its entries.
    pub fn returned(&self) -> Money {
        self.entries.iter().map(|entry| entry.returned).sum()
    }

    /// Disbursed of all its entries.
    pub fn disbursed(&self) -> Money {
        self.entries.iter().map(|entry| entry.disbursed).sum()
    }

    /// Settled of all its entries.
    pub fn settled(&self) -> Money {
        self.entries.iter().map(|entry| entry.settled).sum()
    }

    /// What may still be disbursed of all its entries.
    pub fn left(&self) -> Money {
        self.entries.iter().map(Entry::left).sum()
    }

    /// The entry of an id, if the caller's agency implements it.
    pub(super) fn account(&mut self, entry: Uuid, caller: &Caller) -> Result<&mut Entry, Refusal> {
        let at = self.entries.iter().position(|account| account.id == entry && caller.acts_for(account.terms.agency));
        let Some(at) = at else { return Err(not_implementing(&self.entries)) };
        self.entries.get_mut(at).ok_or_else(|| unknown_entry(entry))
    }

    /// Whether it has an entry of this id; a body that names another is wrong by itself.
    pub(super) fn has_entry(&self, entry: Uuid) -> Result<(), Refusal> {
        if self.entries.iter().any(|account| account.id == entry) {
            return Ok(());
        }
        Err(unknown_entry(entry))
    }

    /// Counts a change.
    pub(super) fn touch(&mut self, now: Moment) {
        self.version += 1;
        self.updated_at = now.0;
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
            )
            .given(&[("decisionNumber", &self.decision_number), ("state", &"approved")])),
        }
    }

    fn must_be_approved(&self) -> Result<(), Refusal> {
        match &self.state {
            AllocationState::Approved(_) => Ok(()),
            AllocationState::Draft => Err(Refusal::new(
                Rule::WrongState,
                format!("Quyết định phân bổ {} còn là dự thảo: chưa được giải ngân, quyết toán.", self.decision_number),
                format!(
                    "Allocation {} is a draft: nothing can be disbursed before its approval.",
                    self.decision_number
                ),
            )
            .given(&[("decisionNumber", &self.decision_number), ("state", &"draft")])),
        }
    }

    fn must_be_another_person(&self, caller: &Caller) -> Result<(), Refusal> {
        if !self.writers.contains(&caller.subject) {
            return Ok(());
        }
        let who = &caller.subject;
        Err(Refusal::new(
            Rule::FourEyes,
            format!("“{who}” đã soạn quyết định phân bổ này nên không được phê duyệt."),
            format!("{who} wrote this allocation and therefore may not approve it."),
        )
        .given(&[("person", &who)]))
    }
}

fn open_entries(entries: Vec<EntryTerms>, mut fresh_id: impl FnMut() -> Uuid) -> Vec<Entry> {
    let open = |terms| Entry {
        id: fresh_id(),
        terms,
        reduced: Money::ZERO,
        disbursed: Money::ZERO,
        settled: Money::ZERO,
        returned: Money::ZERO,
    };
    entries.into_iter().map(open).collect()
}

fn not_implementing(entries: &[Entry]) -> Refusal {
    let agencies: BTreeSet<String> = entries.iter().map(|entry| entry.terms.agency.to_string()).collect();
    let agencies = agencies.into_iter().collect::<Vec<_>>().join(", ");
    Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan thực hiện được giao khoản kinh phí mới ghi giải ngân, quyết toán của khoản đó.",
        "Only the implementing agency of an entry records its disbursements and settlements.",
    )
    .given(&[("responsible", &agencies)])
}

fn unknown_entry(entry: Uuid) -> Refusal {
    check::unknown("/entry", "khoản phân bổ này", &format!("entry {entry}"))
}
