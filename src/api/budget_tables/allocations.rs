//! The entries of the allocations of a plan as rows.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{differs, form};
use crate::api::budget::{Named, NewBudgetAllocation};
use crate::api::call::{Call, Work};
use crate::api::error::ApiError;
use crate::api::table::{Columns, Faults, Table};
use crate::domain::budget::{Allocation, AllocationTerms, Entry, EntryTerms, Instalment};
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::store::budget as allocations;

/// The columns.
pub(super) const COLUMNS: Columns = Columns {
    all: &[
        "allocation",
        "decisionNumber",
        "decisionDate",
        "entry",
        "line",
        "amount",
        "supportKind",
        "implementingAgency",
        "pilot",
        "fiscalYear",
        "schedule",
        "need",
        "needItem",
    ],
    optional: &["allocation", "entry", "pilot", "fiscalYear", "schedule", "need", "needItem"],
};
/// A file of one decision with one entry.
pub(super) const EXAMPLE: &str = "decisionNumber,decisionDate,line,amount,supportKind,implementingAgency,fiscalYear\r\n\
    120/QĐ-UBND,2022-02-10,01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d,1500000000,training,\
    01776530-4c00-7004-8000-000000000089,2022\r\n";
/// The columns that an entry is made of.
const MEMBERS: &[&str] = &["line", "amount", "supportKind", "implementingAgency", "pilot", "fiscalYear"];

fn row(allocation: &Allocation, entry: &Entry) -> Vec<String> {
    let EntryTerms { line, amount, support_kind, agency, pilot, fiscal_year, schedule, need } = entry.terms.clone();
    let planned = schedule.iter().map(|Instalment { due_on, amount }| format!("{due_on}={amount}"));
    vec![
        allocation.id.to_string(),
        allocation.decision_number.clone(),
        allocation.decision_date.to_string(),
        entry.id.to_string(),
        line.to_string(),
        amount.to_string(),
        support_kind,
        agency.to_string(),
        pilot.map(|pilot| pilot.to_string()).unwrap_or_default(),
        fiscal_year.map(|year| year.to_string()).unwrap_or_default(),
        planned.collect::<Vec<_>>().join("; "),
        need.map(|need| need.support_need.to_string()).unwrap_or_default(),
        need.map(|need| need.item.to_string()).unwrap_or_default(),
    ]
}

/// An entry as its form: instalments are written `2022-06-30=500000000; 2022-12-31=500000000`.
fn entry_form(file: &Table, row: usize) -> Value {
    let mut entry = form(file, row, MEMBERS, &["fiscalYear"]);
    let planned = file.cell(row, "schedule").split(';').map(str::trim).filter(|part| !part.is_empty());
    let instalment = |part: &str| {
        let (due_on, amount) = part.split_once('=').unwrap_or((part, ""));
        json!({"dueOn": due_on.trim(), "amount": amount.trim()})
    };
    entry["schedule"] = planned.map(instalment).collect();
    let (need, item) = (file.cell(row, "need"), file.cell(row, "needItem"));
    if !need.is_empty() || !item.is_empty() {
        let item = item.parse::<u16>().map_or_else(|_| json!(item), |number| json!(number));
        entry["need"] = json!({"supportNeed": need, "item": item});
    }
    entry
}

/// The decision of some rows as its form.
fn decision_form(file: &Table, plan: Uuid, rows: &[usize]) -> Value {
    let first = rows.first().copied().unwrap_or_default();
    let mut whole = form(file, first, &["decisionNumber", "decisionDate"], &[]);
    whole["plan"] = json!(plan);
    whole["entries"] = rows.iter().map(|row| entry_form(file, *row)).collect();
    whole
}

/// What is wrong with a row by itself.
pub(super) fn misread(call: &Call, file: &Table, row: usize) -> Vec<Fault> {
    let found = call.faults_of::<NewBudgetAllocation>(&decision_form(file, Uuid::nil(), &[row]));
    found.into_iter().map(|fault| file.place(fault, "/entries", &[row])).collect()
}

/// The rows of some allocations.
pub(super) fn rows(there: &[Allocation]) -> Vec<Vec<String>> {
    there.iter().flat_map(|allocation| allocation.entries.iter().map(|entry| row(allocation, entry))).collect()
}

/// Whether a row says what a recorded entry says; the ids of allocation and entry may be left out, and so may whole columns.
fn is(file: &Table, at: usize, recorded: &[String]) -> bool {
    let mut known = COLUMNS.all.iter().zip(recorded);
    known.all(|(column, known)| {
        let cell = file.cell(at, column);
        cell == known || !file.has(column) || (cell.is_empty() && ["allocation", "entry"].contains(column))
    })
}

/// The rows of the file by decision, in the order in which decisions first appear.
fn decisions(file: &Table) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let key = |row: usize| (file.cell(row, "decisionNumber").to_owned(), file.cell(row, "decisionDate").to_owned());
    let mut places = std::collections::HashMap::new();
    for row in 0..file.rows.len() {
        let place = *places.entry(key(row)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len().saturating_sub(1)
        });
        if let Some(group) = groups.get_mut(place) {
            group.push(row);
        }
    }
    groups
}

/// Drafts the decisions that are not recorded yet; gives how many rows are new and how many not.
pub(super) async fn import(
    call: &Call,
    work: &Work,
    plan: &ProvincialPlan,
    file: &Table,
) -> Result<(usize, usize), ApiError> {
    let there = allocations::of_plan(work.tx(), call.scope(), plan.id).await?;
    let mut faults = Faults::default();
    let (mut wanted, mut unchanged) = (Vec::new(), 0_usize);
    for given in decisions(file) {
        let first = given.first().copied().unwrap_or_default();
        let is_named = |allocation: &&Allocation| {
            allocation.decision_number == file.cell(first, "decisionNumber")
                && allocation.decision_date.to_string() == file.cell(first, "decisionDate")
        };
        if let Some(recorded) = there.iter().find(is_named) {
            let recorded = rows(std::slice::from_ref(recorded));
            if recorded.len() == given.len() && given.iter().zip(&recorded).all(|(at, known)| is(file, *at, known)) {
                unchanged = unchanged.saturating_add(given.len());
            } else {
                let number = file.cell(first, "decisionNumber");
                let placed = file.place(differs("decisionNumber", number), "/rows", &given);
                faults.refused(another_content("decisionNumber", number), vec![placed]);
            }
            continue;
        }
        let named = given.iter().flat_map(|at| unknown_ids(file, *at)).collect::<Vec<_>>();
        if let Some((refusal, _)) = named.first().cloned() {
            faults.refused(refusal, named.into_iter().map(|(_, fault)| fault).collect());
            continue;
        }
        let whole = decision_form(file, plan.id, &given);
        let found = call.faults_of::<NewBudgetAllocation>(&whole);
        if found.is_empty() {
            let new: NewBudgetAllocation = serde_json::from_value(whole)?;
            wanted.push((given, AllocationTerms::from(new)));
        } else {
            faults.invalid(found.into_iter().map(|fault| file.place(fault, "/entries", &given)).collect());
        }
    }
    let drafted = draft_all(call, work, plan, file, wanted, &mut faults).await?;
    faults.none()?;
    allocations::insert_all(work.tx(), &drafted).await?;
    Ok((drafted.iter().map(|draft| draft.entries.len()).sum(), unchanged))
}

/// The ids that a row names although no such decision is recorded: ids are given here, a file only brings them back.
fn unknown_ids(file: &Table, at: usize) -> Vec<(Refusal, Fault)> {
    let named = ["allocation", "entry"].map(|column| (column, file.cell(at, column)));
    let unknown = named.into_iter().filter(|(_, id)| !id.is_empty()).flat_map(|(column, id)| {
        let refusal = unknown(&format!("/{column}"), id);
        let placed = refusal.faults.clone().into_iter().map(|fault| file.place(fault, "/rows", &[at]));
        placed.map(|fault| (refusal.clone(), fault)).collect::<Vec<_>>()
    });
    unknown.collect()
}

/// A cell that names what is not there.
pub(super) fn unknown(pointer: &str, what: &str) -> Refusal {
    Refusal::at(Rule::UnknownReference, pointer, format!("Không có “{what}”."), format!("There is no {what}."))
        .given(&[("reference", &what)])
}

/// Drafts each decision under the rules; what they refuse is told at its cell.
async fn draft_all(
    call: &Call,
    work: &Work,
    plan: &ProvincialPlan,
    file: &Table,
    wanted: Vec<(Vec<usize>, AllocationTerms)>,
    faults: &mut Faults,
) -> Result<Vec<Allocation>, ApiError> {
    let entries = wanted.iter().flat_map(|(_, terms)| terms.entries.clone()).collect();
    let named = Named::of_plan(plan.clone(), entries, work, call.scope()).await?;
    let mut drafted = Vec::new();
    for (rows, terms) in wanted {
        let id = call.new_id();
        match Allocation::draft(id, terms, named.references(), call.caller(), call.now(), || call.new_id()) {
            Ok(draft) => drafted.push(draft),
            Err(refusal) => {
                let told = if refusal.faults.is_empty() { vec![whole(&refusal)] } else { refusal.faults.clone() };
                let placed = told.into_iter().map(|fault| file.place(fault, "/entries", &rows)).collect();
                faults.refused(refusal, placed);
            }
        }
    }
    Ok(drafted)
}

/// A refusal that names no member is of the whole row.
pub(super) fn whole(refusal: &Refusal) -> Fault {
    let (code, message, inputs) = (refusal.rule.code(), refusal.detail.clone(), refusal.inputs.clone());
    let legal_basis = refusal.legal_basis.clone();
    Fault { pointer: String::new(), code, message, inputs, legal_basis }
}

pub(super) fn another_content(column: &str, number: &str) -> Refusal {
    Refusal::new(
        Rule::AlreadyExists,
        format!("{number} đã được ghi nhận với nội dung khác."),
        format!("{number} is recorded with another content."),
    )
    .keyed(&[(column, &number)], &[])
}
