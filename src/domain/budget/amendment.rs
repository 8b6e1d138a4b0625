//! An amendment (*quyết định điều chỉnh dự toán, phân bổ*): a numbered, dated decision that changes lines of an approved
//! plan, adds lines, and reduces approved allocations, all or none. Never below what is allocated, never below what is
//! disbursed or returned. Drafted by who drafts allocations, approved by another person.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::allocation::{Approval, Entry};
use super::check::{self, amount_not_positive, unknown};
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::plan::{self, EstimateLine, LineContent, MOST_LINES, ProvincialPlan};
use crate::domain::reference::ReferenceEntry;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};
use crate::domain::scheme::Scheme;
use crate::domain::writers::Writers;

/// One thing that an amendment changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A line holds another amount.
    Line {
        /// The line.
        line: Uuid,
        /// What it holds from now on; nothing empties it.
        amount: Money,
    },
    /// The plan has one more line.
    NewLine {
        /// The id that the line gets.
        line: Uuid,
        /// What it says.
        content: LineContent,
    },
    /// An approved allocation is reduced: the line of the entry has the amount again.
    Reduction {
        /// The entry of the allocation.
        entry: Uuid,
        /// How much is taken back.
        amount: Money,
    },
}

names! {
    /// The state of an amendment.
    AmendmentStatus {
        /// Being written: changes nothing yet.
        Draft = "draft",
        /// Approved: what it says is done.
        Approved = "approved",
    }
}

/// What an amendment decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendmentTerms {
    /// The approved plan that it amends.
    pub plan: Uuid,
    /// Number of the decision, as printed.
    pub decision_number: String,
    /// The date it bears.
    pub decision_date: NaiveDate,
    /// Why.
    pub reason: String,
    /// What it changes, in its order.
    pub changes: Vec<Change>,
}

/// What an amendment is checked against: the records that it names, where they exist in the caller's reach.
#[derive(Debug, Clone, Copy)]
pub struct AmendmentReferences<'a> {
    /// The plan.
    pub plan: Option<&'a ProvincialPlan>,
    /// The scheme of the plan.
    pub scheme: Option<&'a Scheme>,
    /// Entries of approved allocations of the plan.
    pub entries: &'a [Entry],
    /// The decisions behind lines and entries that it names.
    pub decided: &'a Decided,
    /// The lists of reference data.
    pub lists: &'a [ReferenceEntry],
}

/// The date of the decision behind each line and entry: of a line the latest one that amended or added it, of an entry the one
/// that allocated it. A line of the plan that no decision has amended has none here.
pub type Decided = BTreeMap<Uuid, NaiveDate>;

/// A decision that raised a line: what lay free of the line just before it, by the dates of the decisions. Whatever was decided
/// earlier had this and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raise {
    /// The line.
    pub line: Uuid,
    /// The date of the decision.
    pub raised_on: NaiveDate,
    /// The amount of the line before that day, less what decisions of earlier dates allocated of it; never below zero.
    pub free_before: Money,
}

/// What the approval of an amendment looks at, as it stands then.
#[derive(Debug, Clone, Copy)]
pub struct Amended<'a> {
    /// The lines that it changes.
    pub lines: &'a [EstimateLine],
    /// The entries that it reduces.
    pub entries: &'a [Entry],
    /// The decisions behind both.
    pub decided: &'a Decided,
}

/// An amendment of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Identity.
    pub id: Uuid,
    /// The province whose budget it amends.
    pub province: String,
    /// The agency that leads the plan.
    pub lead_agency: Uuid,
    /// What it decides.
    pub terms: AmendmentTerms,
    /// Who approved it, and when; none while it is a draft.
    pub approval: Option<Approval>,
    /// Who drafted it.
    pub created_by: String,
    /// Everyone who wrote in it: none of them approves it.
    pub writers: Writers,
    /// Version, counted from 1.
    pub version: i32,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl AmendmentTerms {
    /// The existing lines that it changes.
    pub fn lines(&self) -> Vec<Uuid> {
        let lines = self.changes.iter().filter_map(|change| match change {
            Change::Line { line, .. } => Some(*line),
            Change::NewLine { .. } | Change::Reduction { .. } => None,
        });
        lines.collect()
    }

    /// The entries that it reduces.
    pub fn entries(&self) -> Vec<Uuid> {
        let entries = self.changes.iter().filter_map(|change| match change {
            Change::Reduction { entry, .. } => Some(*entry),
            Change::Line { .. } | Change::NewLine { .. } => None,
        });
        entries.collect()
    }

    /// Where a change stands in the request: each kind has a list of its own.
    fn pointers(&self) -> Vec<String> {
        let mut counts = BTreeMap::<&str, usize>::new();
        let mut pointer = |name: &'static str| {
            let at = counts.entry(name).or_default();
            *at += 1;
            format!("/{name}/{}", *at - 1)
        };
        let place = |change: &Change| match change {
            Change::Line { .. } => pointer("lines"),
            Change::NewLine { .. } => pointer("newLines"),
            Change::Reduction { .. } => pointer("reductions"),
        };
        self.changes.iter().map(place).collect()
    }
}

impl Amendment {
    /// The state by name.
    pub const fn status(&self) -> AmendmentStatus {
        if self.approval.is_some() { AmendmentStatus::Approved } else { AmendmentStatus::Draft }
    }

    /// Drafts an amendment by the lead agency of the plan or by finance. A draft changes nothing, but one that could not
    /// be approved today is refused already.
    pub fn draft(
        id: Uuid,
        terms: AmendmentTerms,
        references: AmendmentReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let plan = check_terms(&terms, references, now)?;
        let mut refusals = Vec::new();
        refusals.extend(check::may_draft(plan.content.lead_agency, caller).err());
        refusals.extend(check::approved(plan).err());
        refusals.extend(not_before(terms.decision_date, plan.content.decision_date, "/decisionDate").err());
        refusals.extend(out_of_order(&terms, references.decided));
        refusals.extend(fit(&terms, &plan.lines, references.entries).err());
        Refusal::of_all(refusals)?;
        Ok(Self {
            id,
            province: plan.content.province.clone(),
            lead_agency: plan.content.lead_agency,
            terms,
            approval: None,
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            version: 1,
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes a draft anew; whoever wrote it before still counts for four eyes.
    pub fn edit(
        self,
        terms: AmendmentTerms,
        references: AmendmentReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_edit(caller)?;
        let Self { id, writers, created_by, version, recorded_at, .. } = self;
        let edited = Self::draft(id, terms, references, caller, now)?;
        Ok(Self { writers: writers.and(caller), created_by, version: version + 1, recorded_at, ..edited })
    }

    /// Whether the caller may edit it: who drafts, while it is a draft.
    pub fn may_edit(&self, caller: &Caller) -> Result<(), Refusal> {
        self.is_draft(Rule::WrongState)?;
        check::may_draft(self.lead_agency, caller)
    }

    /// Whether the caller may delete it: who drafts, while it is a draft.
    pub fn may_delete(&self, caller: &Caller) -> Result<(), Refusal> {
        self.is_draft(Rule::NotADraft)?;
        check::may_draft(self.lead_agency, caller)
    }

    /// Whether a caller may approve it now: never a person who wrote it, and only while lines and entries allow it and no
    /// decision that bears a later date has amended a line of it meanwhile.
    pub fn may_approve(&self, amended: Amended<'_>, caller: &Caller) -> Result<(), Refusal> {
        self.is_draft(Rule::WrongState)?;
        self.writers.four_eyes(caller)?;
        let Amended { lines, entries, decided } = amended;
        let mut refusals = out_of_order(&self.terms, decided);
        refusals.extend(fit(&self.terms, lines, entries).err());
        Refusal::of_all(refusals)
    }

    /// Approves it: the moment at which it changes lines and entries, all or none; the balances are those under lock.
    pub fn approve(self, amended: Amended<'_>, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may_approve(amended, caller)?;
        let approval = Some(Approval { by: caller.subject.clone(), at: now.0 });
        Ok(Self { approval, version: self.version + 1, updated_at: now.0, ..self })
    }

    fn is_draft(&self, rule: Rule) -> Result<(), Refusal> {
        if self.approval.is_none() {
            return Ok(());
        }
        let number = &self.terms.decision_number;
        Err(Refusal::new(
            rule,
            format!("Quyết định điều chỉnh {number} đã được phê duyệt; chỉ dự thảo mới sửa, xóa hoặc phê duyệt được."),
            format!("Amendment {number} is approved; only a draft can be edited, deleted or approved."),
        )
        .given(&[("decisionNumber", &number), ("state", &"approved")]))
    }
}

/// What is wrong by itself, all of it.
fn check_terms<'a>(
    terms: &AmendmentTerms,
    references: AmendmentReferences<'a>,
    now: Moment,
) -> Result<&'a ProvincialPlan, Refusal> {
    let mut wrong = Vec::new();
    wrong.extend(now.not_in_future(terms.decision_date, "/decisionDate").err());
    if terms.changes.is_empty() {
        wrong.push(
            Refusal::at(
                Rule::CorrectsNothing,
                "",
                "Quyết định không thay đổi dòng dự toán hay khoản phân bổ nào.",
                "The decision changes neither a line nor an allocation.",
            )
            .given(&[("changes", &0)]),
        );
    }
    let Some(plan) = references.plan else {
        let mut refusal = unknown("/plan", "kế hoạch này", &format!("plan {}", terms.plan));
        refusal.faults.extend(wrong.into_iter().flat_map(|refusal| refusal.faults));
        return Err(refusal);
    };
    let mut seen = BTreeSet::new();
    for (change, pointer) in terms.changes.iter().zip(terms.pointers()) {
        check_change(change, &pointer, terms.decision_date, plan, references, &mut wrong);
        let (Change::Line { line: id, .. } | Change::NewLine { line: id, .. } | Change::Reduction { entry: id, .. }) =
            change;
        if !seen.insert(*id) {
            wrong.push(
                Refusal::at(
                    Rule::RepeatedItem,
                    pointer,
                    "Dòng hoặc khoản này được nêu hai lần.",
                    format!("{id} is named twice."),
                )
                .given(&[("item", &id)]),
            );
        }
    }
    Refusal::of_all(wrong)?;
    Ok(plan)
}

fn check_change(
    change: &Change,
    pointer: &str,
    decided_on: NaiveDate,
    plan: &ProvincialPlan,
    references: AmendmentReferences<'_>,
    wrong: &mut Vec<Refusal>,
) {
    match change {
        Change::Line { line, .. } if plan.line(*line).is_none() => {
            wrong.push(unknown(&format!("{pointer}/line"), "dòng dự toán này", &format!("line {line}")));
        }
        Change::Line { .. } => {}
        Change::NewLine { content, .. } => {
            // A decision that is older than the plan is told so; what it names is looked up as of the plan.
            let day = decided_on.max(plan.content.decision_date);
            plan::check_line(&plan.content.province, day, pointer, content, references.lists, wrong);
            if let Some(scheme) = references.scheme {
                wrong.extend(plan::check_fiscal_year(scheme, content, pointer));
            }
        }
        Change::Reduction { entry, amount } => {
            if !references.entries.iter().any(|known| known.id == *entry) {
                wrong.push(unknown(&format!("{pointer}/entry"), "khoản phân bổ này", &format!("entry {entry}")));
            }
            let nothing = *amount <= Money::ZERO;
            wrong.extend(nothing.then(|| amount_not_positive(format!("{pointer}/amount"), *amount)));
        }
    }
}

/// What the decision changes although it bears an earlier date: an entry that was allocated later, a line that a later decision
/// added or amended. A line holds what the latest decision on it says.
fn out_of_order(terms: &AmendmentTerms, decided: &Decided) -> Vec<Refusal> {
    let earlier = terms.changes.iter().zip(terms.pointers()).filter_map(|(change, pointer)| {
        let (id, member) = match change {
            Change::Line { line, .. } => (line, "line"),
            Change::Reduction { entry, .. } => (entry, "entry"),
            Change::NewLine { .. } => return None,
        };
        not_before(terms.decision_date, *decided.get(id)?, &format!("{pointer}/{member}")).err()
    });
    earlier.collect()
}

/// Whether every entry has what is taken back of it, and no line ends below what is then still allocated.
fn fit(terms: &AmendmentTerms, lines: &[EstimateLine], entries: &[Entry]) -> Result<(), Refusal> {
    let mut refusals = Vec::new();
    let mut freed = BTreeMap::<Uuid, Money>::new();
    let placed = || terms.changes.iter().zip(terms.pointers());
    for (change, pointer) in placed() {
        let Change::Reduction { entry, amount } = change else { continue };
        let Some(account) = entries.iter().find(|account| account.id == *entry) else { continue };
        refusals.extend((*amount > account.left()).then(|| over_reduced(account, *amount, &pointer)));
        let line = freed.entry(account.terms.line).or_default();
        *line = line.plus(*amount);
    }
    for (change, pointer) in placed() {
        let Change::Line { line, amount } = change else { continue };
        let Some(line) = lines.iter().find(|known| known.id == *line) else { continue };
        let allocated = line.allocated.minus(freed.get(&line.id).copied().unwrap_or_default());
        refusals.extend((*amount < allocated).then(|| below_allocated(line, allocated, *amount, &pointer)));
    }
    refusals.extend(too_large(terms, lines));
    Refusal::of_all(refusals)
}

/// Whether the plan can say what it would hold then.
fn too_large(terms: &AmendmentTerms, lines: &[EstimateLine]) -> Option<Refusal> {
    let becomes = |line: &EstimateLine| {
        let changed = terms.changes.iter().find_map(|change| match change {
            Change::Line { line: id, amount } if *id == line.id => Some(*amount),
            _ => None,
        });
        changed.unwrap_or(line.content.amount)
    };
    let new = terms.changes.iter().filter_map(|change| match change {
        Change::NewLine { content, .. } => Some(content.amount),
        Change::Line { .. } | Change::Reduction { .. } => None,
    });
    let count = lines.len().saturating_add(new.clone().count());
    let total: Money = lines.iter().map(becomes).chain(new).sum();
    let (most, most_lines) = (Money::MAX, MOST_LINES);
    let left = most.minus(lines.iter().map(|line| line.content.amount).sum());
    (total > most || count > most_lines).then(|| {
        Refusal::new(
            Rule::PlanTooLarge,
            format!("Dự toán sẽ có {count} dòng, tổng {total} đồng; tối đa {most_lines} dòng và {most} đồng, còn thêm được {left} đồng."),
            format!(
                "The estimate would have {count} lines and {total} đồng; at most {most_lines} lines and {most} đồng, {left} đồng more than it holds."
            ),
        )
        .given(&[("total", &total), ("lines", &count), ("left", &left), ("most", &most), ("mostLines", &most_lines)])
    })
}

fn over_reduced(account: &Entry, asked: Money, pointer: &str) -> Refusal {
    let (id, left) = (account.id, account.left());
    Refusal::at(
        Rule::ReductionExceeded,
        format!("{pointer}/amount"),
        format!("Khoản phân bổ này còn {left} đồng chưa giải ngân, không đủ {asked} đồng để giảm."),
        format!("Entry {id} has {left} đồng left undisbursed, less than {asked} đồng to take back."),
    )
    .given(&[("entry", &id), ("left", &left), ("asked", &asked)])
}

fn below_allocated(line: &EstimateLine, allocated: Money, asked: Money, pointer: &str) -> Refusal {
    let (id, left) = (line.id, line.content.amount.minus(allocated));
    Refusal::at(
        Rule::BelowAllocated,
        format!("{pointer}/amount"),
        format!(
            "Dòng dự toán này đã phân bổ {allocated} đồng, còn {left} đồng giảm được: không thể xuống {asked} đồng."
        ),
        format!(
            "Estimate line {id} has {allocated} đồng allocated and {left} đồng left to give up: it cannot go down to {asked} đồng."
        ),
    ).given(&[("line", &id), ("allocated", &allocated), ("left", &left), ("asked", &asked)])
}
