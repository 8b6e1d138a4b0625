//! What an allocation must satisfy before it is written: every fault is told at once.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use uuid::Uuid;

use super::allocation::{AllocationTerms, EntryTerms};
use super::amendment::{Decided, Raise};
use super::needs::{self, NeedBalance};
use super::schedule;
use crate::domain::agency::Agency;
use crate::domain::application::not_before;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::{Pilot, PilotState};
use crate::domain::plan::{CREDIT_SUPPORT, EstimateLine, PlanState, ProvincialPlan, within_scheme};
use crate::domain::reference::{ReferenceEntry, ReferenceList, codes};
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::role::{Caller, Role};
use crate::domain::scheme::Scheme;

/// What an allocation is checked against: the records that it names, where they exist in the caller's reach.
#[derive(Debug, Clone, Copy)]
pub struct AllocationReferences<'a> {
    /// The plan.
    pub plan: Option<&'a ProvincialPlan>,
    /// The scheme of the plan.
    pub scheme: Option<&'a Scheme>,
    /// The lists of reference data.
    pub lists: &'a [ReferenceEntry],
    /// The implementing agencies.
    pub agencies: &'a [Agency],
    /// The pilots.
    pub pilots: &'a [Pilot],
    /// The items of support needs.
    pub needs: &'a [NeedBalance],
    /// The decisions that added lines to the plan after its approval, by the lines.
    pub added: &'a Decided,
    /// The decisions that raised its lines.
    pub raises: &'a [Raise],
}

/// Checks what a decision says: first what is wrong by itself, all of it; then what the state of the plan forbids, all of it.
pub(super) fn terms<'a>(
    terms: &AllocationTerms,
    references: AllocationReferences<'a>,
    caller: &Caller,
    now: Moment,
) -> Result<&'a ProvincialPlan, Refusal> {
    let mut wrong = Vec::new();
    wrong.extend(now.not_in_future(terms.decision_date, "/decisionDate").err());
    for (at, entry) in terms.entries.iter().enumerate() {
        wrong.extend(not_positive(at, entry));
        let pointer = format!("/entries/{at}");
        wrong.extend(references.scheme.and_then(|scheme| within_scheme(scheme, entry.fiscal_year, &pointer)));
        wrong.extend(schedule::faults(at, entry, terms.decision_date));
        let named = references.plan.into_iter().flat_map(|plan| unknown_names(at, entry, terms, plan, references));
        wrong.extend(named);
    }
    let Some(plan) = references.plan else {
        let mut refusal = unknown("/plan", "kế hoạch này", &format!("plan {}", terms.plan));
        refusal.faults.extend(wrong.into_iter().flat_map(|refusal| refusal.faults));
        return Err(refusal);
    };
    Refusal::of_all(wrong)?;
    Refusal::of_all(forbidden(terms, plan, references, caller))?;
    Ok(plan)
}

/// What the state of the plan, of the pilots and of their needs forbids.
fn forbidden(
    terms: &AllocationTerms,
    plan: &ProvincialPlan,
    references: AllocationReferences<'_>,
    caller: &Caller,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    refusals.extend(may_draft(plan.content.lead_agency, caller).err());
    refusals.extend(approved(plan).err());
    refusals.extend(not_before(terms.decision_date, plan.content.decision_date, "/decisionDate").err());
    let later = terms.entries.iter().enumerate().filter_map(|(at, entry)| {
        let added_on = *references.added.get(&entry.line)?;
        not_before(terms.decision_date, added_on, &format!("/entries/{at}/line")).err()
    });
    refusals.extend(later);
    // Of a line that was added later that is told already.
    let is_there = |line: &Uuid| references.added.get(line).is_none_or(|added_on| *added_on <= terms.decision_date);
    let raises: Vec<Raise> = references.raises.iter().filter(|raise| is_there(&raise.line)).copied().collect();
    let line = |at: usize| format!("/entries/{at}/line");
    refusals.extend(of_later_raises(&terms.entries.iter(), &raises, terms.decision_date, line));
    let pointer = |at: usize| format!("/entries/{at}/pilot");
    refusals.extend(taking_part(terms.entries.iter(), references.pilots, terms.decision_date, pointer));
    refusals.extend(fit(terms.entries.iter(), &plan.lines, |at, member| format!("/entries/{at}/{member}")).err());
    refusals.extend(needs::over(terms.entries.iter(), references.needs, |at| format!("/entries/{at}/amount")));
    let place = |at: usize, member: &str| format!("/entries/{at}/{member}");
    refusals.extend(needs::unlike(terms.entries.iter(), references.needs, terms.decision_date, place));
    refusals.extend(unlike_line(terms.entries.iter(), &plan.lines, place));
    refusals
}

/// What a decision takes of its lines beyond what lay free before a later decision raised them: it spends money that there was
/// not on its date. Each line is told once, with the latest such raise.
pub(super) fn of_later_raises<'a>(
    entries: &(impl Iterator<Item = &'a EntryTerms> + Clone),
    raises: &[Raise],
    decided_on: NaiveDate,
    pointer: impl Fn(usize) -> String,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (line, asked) in takings(entries.clone()) {
        let beyond = |raise: &&Raise| raise.line == line && raise.raised_on > decided_on && asked > raise.free_before;
        let Some(raise) = raises.iter().filter(beyond).max_by_key(|raise| raise.raised_on) else { continue };
        let Some(at) = entries.clone().position(|entry| entry.line == line) else { continue };
        let Raise { raised_on, free_before: free, .. } = raise;
        let vi = format!(
            "Trước ngày {raised_on} (ngày dòng dự toán được tăng) dòng này còn {free} đồng; quyết định ngày {decided_on} cần \
             {asked} đồng."
        );
        let en = format!(
            "Before {raised_on}, when the line was raised, {free} đồng of it were left; the decision of {decided_on} asks for \
             {asked} đồng."
        );
        refusals.push(Refusal::at(Rule::StepPredated, pointer(at), vi, en).given(&[
            ("date", &decided_on),
            ("earliest", raised_on),
            ("left", free),
            ("asked", &asked),
        ]));
    }
    refusals
}

/// What entries say otherwise than the line that each takes from, where the line states it: its year, its kind of support.
fn unlike_line<'a>(
    entries: impl Iterator<Item = &'a EntryTerms>,
    lines: &[EstimateLine],
    pointer: impl Fn(usize, &str) -> String,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (at, entry) in entries.enumerate() {
        let Some(line) = lines.iter().find(|line| line.id == entry.line && !line.is_credit()) else { continue };
        let (year, kind) = (line.content.fiscal_year, line.content.support_kind.as_deref());
        if let (Some(stated), Some(year)) = (entry.fiscal_year, year.filter(|year| Some(*year) != entry.fiscal_year)) {
            refusals.push(not_of_line(line, pointer(at, "fiscalYear"), &stated, &year));
        }
        if let Some(kind) = kind.filter(|kind| *kind != entry.support_kind) {
            refusals.push(not_of_line(line, pointer(at, "supportKind"), &entry.support_kind, &kind));
        }
    }
    refusals
}

fn not_of_line(line: &EstimateLine, pointer: String, stated: &dyn Display, of_line: &dyn Display) -> Refusal {
    let id = line.id;
    Refusal::at(
        Rule::NotOfLine,
        pointer,
        format!("Dòng dự toán này là của {of_line}, quyết định nêu {stated}."),
        format!("Estimate line {id} is for {of_line}, the decision says {stated}."),
    )
    .given(&[("stated", &stated), ("line", &id), ("ofLine", &of_line)])
}

/// Whether the caller drafts allocations of a plan: its lead agency, or finance (2129/QĐ-UBND VII.1, VII.3).
pub(super) fn may_draft(lead_agency: Uuid, caller: &Caller) -> Result<(), Refusal> {
    if caller.role == Role::Finance || caller.acts_for(lead_agency) {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan đầu mối của kế hoạch hoặc Sở Tài chính soạn quyết định phân bổ.",
        "Only the agency that leads the plan, or finance, drafts its allocations.",
    )
    .given(&[("responsible", &lead_agency)]))
}

pub(super) fn approved(plan: &ProvincialPlan) -> Result<(), Refusal> {
    match plan.state {
        PlanState::Approved => Ok(()),
        PlanState::Draft => Err(Refusal::at(
            Rule::PlanNotApproved,
            "/plan",
            format!("Kế hoạch {} chưa được phê duyệt: chưa có dự toán để phân bổ.", plan.content.decision_number),
            format!("Plan {} is not approved: there is no estimate to allocate yet.", plan.content.decision_number),
        )
        .given(&[
            ("province", &plan.content.province),
            ("scheme", &plan.content.scheme),
            ("decisionNumber", &plan.content.decision_number),
        ])),
    }
}

/// The entries whose pilots had left the scheme when the decision was made (2129/QĐ-UBND I.3, V.1): asked when a draft
/// is written and again when it is approved.
pub(super) fn taking_part<'a>(
    entries: impl Iterator<Item = &'a EntryTerms>,
    pilots: &[Pilot],
    decided_on: NaiveDate,
    pointer: impl Fn(usize) -> String,
) -> Vec<Refusal> {
    let stopped = entries.enumerate().filter_map(|(at, entry)| {
        let pilot = pilots.iter().find(|pilot| Some(pilot.id) == entry.pilot)?;
        stopped_before(pilot, decided_on, pointer(at))
    });
    stopped.collect()
}

fn stopped_before(pilot: &Pilot, decided_on: NaiveDate, pointer: String) -> Option<Refusal> {
    let PilotState::Stopped { stopped_on, .. } = &pilot.state else { return None };
    (*stopped_on < decided_on).then(|| {
        Refusal::at(
            Rule::PilotStopped,
            pointer,
            format!("HTX thí điểm đã dừng tham gia Đề án từ ngày {stopped_on}."),
            format!("Pilot {} left the scheme on {stopped_on}.", pilot.id),
        )
        .given(&[("pilot", &pilot.id), ("stoppedOn", &stopped_on)])
    })
}

fn not_positive(at: usize, entry: &EntryTerms) -> Option<Refusal> {
    (entry.amount <= Money::ZERO).then(|| amount_not_positive(format!("/entries/{at}/amount"), entry.amount))
}

/// Nothing is no amount: an entry without money says nothing.
pub(super) fn amount_not_positive(pointer: impl Into<String>, amount: Money) -> Refusal {
    Refusal::at(
        Rule::AmountNotPositive,
        pointer,
        format!("Số tiền là {amount} đồng, phải lớn hơn 0."),
        format!("The amount is {amount} đồng and must be above zero."),
    )
    .given(&[("amount", &amount), ("least", &1)])
}

/// The names of an entry that lead nowhere.
fn unknown_names(
    at: usize,
    entry: &EntryTerms,
    terms: &AllocationTerms,
    plan: &ProvincialPlan,
    references: AllocationReferences<'_>,
) -> Vec<Refusal> {
    let AllocationReferences { plan: _, scheme: _, lists, agencies, pilots, needs, added: _, raises: _ } = references;
    // A decision that is older than the plan is told so; what it names is looked up as of the plan.
    let (province, day) = (plan.content.province.as_str(), terms.decision_date.max(plan.content.decision_date));
    let serves = |agency: &Agency| {
        agency.id == entry.agency && agency.in_force_at(day) && agency.province.as_deref() == Some(province)
    };
    let takes_part = |pilot: &Pilot| Some(pilot.id) == entry.pilot && pilot.province == province;
    let is_theirs = |need: &NeedBalance| Some(need.served) == entry.need && Some(need.pilot) == entry.pilot;
    let kind = entry.support_kind.as_str();
    let mut kinds = codes(lists, ReferenceList::SupportKinds, province, day);
    let named = [
        ("line", plan.line(entry.line).is_some(), "dòng dự toán này".to_owned(), format!("line {}", entry.line)),
        (
            "supportKind",
            kinds.any(|known| known == kind),
            format!("loại hỗ trợ {kind}"),
            format!("support kind {kind}"),
        ),
        (
            "implementingAgency",
            agencies.iter().any(serves),
            format!("cơ quan này của tỉnh {province} vào ngày {day}"),
            format!("agency {} of province {province} on {day}", entry.agency),
        ),
        (
            "pilot",
            entry.pilot.is_none() || pilots.iter().any(takes_part),
            format!("HTX thí điểm này của tỉnh {province}"),
            format!("pilot {} of province {province}", entry.pilot.unwrap_or_default()),
        ),
        (
            "need",
            entry.need.is_none() || needs.iter().any(is_theirs),
            "mục nhu cầu này của HTX thí điểm được nêu".to_owned(),
            "such item of a need of the pilot that is named".to_owned(),
        ),
    ];
    let unknown = |(member, known, vi, en): (&str, bool, String, String)| {
        (!known).then(|| unknown(&format!("/entries/{at}/{member}"), &vi, &en))
    };
    named.into_iter().filter_map(unknown).collect()
}

/// A reference that does not resolve in the caller's reach.
pub(super) fn unknown(pointer: &str, vi: &str, en: &str) -> Refusal {
    Refusal::at(Rule::UnknownReference, pointer, format!("Không có {vi}."), format!("There is no {en}."))
        .given(&[("reference", &en), ("referenceVi", &vi)])
}

/// Whether all entries together fit into what their lines have left. Every line at fault is told, with what it has left.
pub(super) fn fit<'a>(
    entries: impl Iterator<Item = &'a EntryTerms> + Clone,
    lines: &[EstimateLine],
    pointer: impl Fn(usize, &str) -> String,
) -> Result<(), Refusal> {
    let lent = entries.clone().enumerate().filter_map(|(at, entry)| {
        if lines.iter().any(|line| line.id == entry.line && line.is_credit()) {
            Some(credit_line_fault(pointer(at, "line"), entry.line))
        } else {
            (entry.support_kind == CREDIT_SUPPORT).then(|| credit_support_fault(pointer(at, "supportKind")))
        }
    });
    let lent = refuse_if_any(Rule::CreditIsLent, lent.collect());

    let asked = takings(entries.clone());
    let mut taken = BTreeMap::<Uuid, Money>::new();
    let over = entries.enumerate().filter_map(|(at, entry)| {
        let left = lines.iter().find(|line| line.id == entry.line).map_or(Money::ZERO, EstimateLine::remaining);
        let before = taken.get(&entry.line).copied().unwrap_or_default();
        let after = before.plus(entry.amount);
        taken.insert(entry.line, after);
        // A line is told once: at the entry that no longer fits into it.
        let crosses = before <= left && after > left;
        let asked = asked.get(&entry.line).copied().unwrap_or_default();
        crosses.then(|| over_fault(pointer(at, "amount"), entry.line, asked, left))
    });
    let over = refuse_if_any(Rule::LineExceeded, over.collect());
    Refusal::of_all([lent, over].into_iter().filter_map(Result::err).collect())
}

pub(super) fn takings<'a>(entries: impl Iterator<Item = &'a EntryTerms>) -> BTreeMap<Uuid, Money> {
    let mut takings = BTreeMap::<Uuid, Money>::new();
    for entry in entries {
        let taken = takings.entry(entry.line).or_default();
        *taken = taken.plus(entry.amount);
    }
    takings
}

fn credit_line_fault(pointer: String, line: Uuid) -> Fault {
    Fault::at(
        pointer,
        Rule::CreditIsLent.code(),
        "Dòng dự toán này là vốn ưu đãi và Quỹ hỗ trợ phát triển HTX: ghi khoản vay tại /v1/loans.",
        format!("Line {line} is preferential credit and the support fund: record it as a loan under /v1/loans."),
    )
    .given(&[("credit", &line), ("line", &line)])
}

fn credit_support_fault(pointer: String) -> Fault {
    Fault::at(
        pointer,
        Rule::CreditIsLent.code(),
        format!("Loại hỗ trợ {CREDIT_SUPPORT} là vay vốn: ghi khoản vay tại /v1/loans."),
        format!("The support kind {CREDIT_SUPPORT} is a loan: record it under /v1/loans."),
    )
    .given(&[("credit", &CREDIT_SUPPORT), ("supportKind", &CREDIT_SUPPORT)])
}

fn over_fault(pointer: String, line: Uuid, asked: Money, left: Money) -> Fault {
    Fault::at(
        pointer,
        Rule::LineExceeded.code(),
        format!("Dòng dự toán này còn {left} đồng, quyết định này cần {asked} đồng."),
        format!("Estimate line {line} has {left} đồng left, this decision asks for {asked} đồng."),
    )
    .given(&[("line", &line), ("left", &left), ("asked", &asked)])
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
