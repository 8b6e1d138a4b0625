//! The entries of the allocations of a plan as rows.

use serde_json::{Value, json};

use super::{differs, form};
use crate::api::budget::{Named, NewBudgetAllocation};
use crate::api::call::{Call, Work};
use crate::api::error::ApiError;
use crate::api::table::{Faults, Table};
use crate::domain::budget::{Allocation, AllocationTerms, Entry, EntryTerms};
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Refusal, Rule};
use crate::store::budget as allocations;

/// The columns.
pub(super) const COLUMNS: &[&str] = &[
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
];
/// The columns that an entry is made of.
const MEMBERS: &[&str] = &["line", "amount", "supportKind", "implementingAgency", "pilot", "fiscalYear"];

fn row(allocation: &Allocation, entry: &Entry) -> Vec<String> {
    let EntryTerms { line, amount, support_kind, agency, pilot, fiscal_year } = entry.terms.clone();
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
    ]
}

/// The table of some allocations.
pub(super) fn table(there: &[Allocation]) -> Table {
    let rows = there.iter().flat_map(|allocation| allocation.entries.iter().map(|entry| row(allocation, entry)));
    Table::new(COLUMNS, rows.collect())
}

/// Whether a row says what a recorded entry says; the ids of allocation and entry may be left out.
fn is(row: &[String], recorded: &[String]) -> bool {
    let mut cells = row.iter().zip(recorded).enumerate();
    row.len() == recorded.len()
        && cells.all(|(at, (cell, known))| cell == known || (cell.is_empty() && (at == 0 || at == 3)))
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
    for rows in decisions(file) {
        let first = rows.first().copied().unwrap_or_default();
        let is_named = |allocation: &&Allocation| {
            allocation.decision_number == file.cell(first, "decisionNumber")
                && allocation.decision_date.to_string() == file.cell(first, "decisionDate")
        };
        if let Some(recorded) = there.iter().find(is_named) {
            let recorded = table(std::slice::from_ref(recorded)).rows;
            let given = rows.iter().filter_map(|row| file.rows.get(*row));
            if recorded.len() == rows.len() && given.zip(&recorded).all(|(row, known)| is(row, known)) {
                unchanged = unchanged.saturating_add(rows.len());
            } else {
                let placed = file.place(differs("decisionNumber"), "/rows", &rows);
                faults.refused(another_content(file.cell(first, "decisionNumber")), vec![placed]);
            }
            continue;
        }
        let entries: Vec<Value> = rows.iter().map(|row| form(file, *row, MEMBERS, &["fiscalYear"])).collect();
        let mut whole = form(file, first, &["decisionNumber", "decisionDate"], &[]);
        whole["plan"] = json!(plan.id);
        whole["entries"] = json!(entries);
        let found = call.faults_of::<NewBudgetAllocation>(&whole);
        if found.is_empty() {
            let new: NewBudgetAllocation = serde_json::from_value(whole)?;
            wanted.push((rows, AllocationTerms::from(new)));
        } else {
            faults.invalid(found.into_iter().map(|fault| file.place(fault, "/entries", &rows)).collect());
        }
    }
    let drafted = draft_all(call, work, plan, file, wanted, &mut faults).await?;
    faults.none()?;
    allocations::insert_all(work.tx(), &drafted).await?;
    Ok((drafted.iter().map(|draft| draft.entries.len()).sum(), unchanged))
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
pub(super) fn whole(refusal: &Refusal) -> crate::domain::refusal::Fault {
    let (code, message, inputs) = (refusal.rule.code(), refusal.detail.clone(), refusal.inputs.clone());
    crate::domain::refusal::Fault { pointer: String::new(), code, message, inputs }
}

pub(super) fn another_content(number: &str) -> Refusal {
    Refusal::new(
        Rule::AlreadyExists,
        format!("{number} đã được ghi nhận với nội dung khác."),
        format!("{number} is recorded with another content."),
    )
    .given(&[("number", &number)])
}
