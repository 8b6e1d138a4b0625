//! The lines of a plan as rows.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::allocations::unknown;
use super::{differs, form};
use crate::api::call::{Call, Work};
use crate::api::error::{ApiError, Kind};
use crate::api::provincial_plans::{self as forms, NewProvincialPlan};
use crate::api::table::{Columns, Faults, Table};
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, EstimateLine, LineContent, Nature, PlanState, ProvincialPlan};
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::store::{StoreError, provincial_plans};

/// The columns.
pub(super) const COLUMNS: Columns = Columns {
    all: &["id", "category", "budgetLevel", "source", "nature", "supportKind", "fiscalYear", "amount"],
    optional: &["id", "budgetLevel", "source", "nature", "supportKind", "fiscalYear"],
};
/// A file of one line.
pub(super) const EXAMPLE: &str = "category,fiscalYear,amount\r\nrecurrent_support,2022,5060000000\r\n";
/// The columns that a line is made of.
const MEMBERS: &[&str] = &["category", "budgetLevel", "source", "nature", "supportKind", "fiscalYear", "amount"];

fn row(line: &EstimateLine) -> Vec<String> {
    let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } =
        line.content.clone();
    vec![
        line.id.to_string(),
        category,
        budget_level.map(BudgetLevel::name).unwrap_or_default().to_owned(),
        source.unwrap_or_default(),
        nature.map(Nature::name).unwrap_or_default().to_owned(),
        support_kind.unwrap_or_default(),
        fiscal_year.map(|year| year.to_string()).unwrap_or_default(),
        amount.to_string(),
    ]
}

/// The rows of a plan.
pub(super) fn rows(plan: &ProvincialPlan) -> Vec<Vec<String>> {
    plan.lines.iter().map(row).collect()
}

/// Whether a row says what a line says; its id may be left out.
fn is(row: &[String], line: &[String]) -> bool {
    row.get(1..) == line.get(1..) && (row.first() == line.first() || row.first().is_some_and(String::is_empty))
}

/// What is wrong with a row by itself.
pub(super) fn misread(call: &Call, file: &Table, row: usize) -> Vec<Fault> {
    let found =
        call.faults_of::<NewProvincialPlan>(&json!({"estimateLines": [form(file, row, MEMBERS, &["fiscalYear"])]}));
    let of_line = found.into_iter().filter(|fault| fault.pointer.starts_with("/estimateLines/"));
    of_line.map(|fault| file.place(fault, "/estimateLines", &[row])).collect()
}

/// Makes the rows the lines of a draft; gives the version of the plan after it, and how many rows are new and how many not.
pub(super) async fn import(
    call: &Call,
    work: &Work,
    plan: ProvincialPlan,
    file: &Table,
) -> Result<(i32, (usize, usize)), ApiError> {
    let there = rows(&plan);
    let same = |at: usize, row: &[String]| there.get(at).is_some_and(|line| is(row, line));
    let changed: Vec<usize> =
        (0..file.rows.len()).filter(|at| !file.rows.get(*at).is_some_and(|row| same(*at, row))).collect();
    let unchanged = file.rows.len().saturating_sub(changed.len());
    if changed.is_empty() && file.rows.len() == there.len() {
        return Ok((plan.version, (0, unchanged)));
    }
    if plan.state == PlanState::Approved {
        return Err(approved(file, &changed));
    }
    let mut faults = Faults::default();
    let form_of = |rows: &[usize]| -> Result<Value, ApiError> {
        let lines: Vec<Value> = rows.iter().map(|at| form(file, *at, MEMBERS, &["fiscalYear"])).collect();
        let total: Money = rows.iter().filter_map(|at| file.cell(*at, "amount").parse::<Money>().ok()).sum();
        let mut whole = serde_json::to_value(NewProvincialPlan::from(&plan))?;
        whole["estimateLines"] = json!(lines);
        whole["total"] = json!(total);
        Ok(whole)
    };
    // Rows that are no lines are told against the form; what is left of the file is held against the rules all the same.
    let all: Vec<usize> = (0..file.rows.len()).collect();
    let (mut unfit, mut found) = (BTreeSet::<usize>::new(), Vec::new());
    for fault in call.faults_of::<NewProvincialPlan>(&form_of(&all)?) {
        let line = fault.pointer.strip_prefix("/estimateLines/").and_then(|rest| rest.split('/').next());
        let line = line.and_then(|line| line.parse::<usize>().ok());
        unfit.extend(line);
        // The total is the sum of the rows: what is wrong with it is wrong with a row.
        if line.is_some() || fault.pointer == "/estimateLines" {
            found.push(file.place(fault, "/estimateLines", &all));
        }
    }
    faults.invalid(found);
    for (at, row) in file.rows.iter().enumerate() {
        let id = row.first().map(String::as_str).unwrap_or_default();
        if !id.is_empty() && !there.iter().any(|line| line.first().is_some_and(|known| known == id)) {
            let unknown = unknown("/id", id);
            let placed = unknown.faults.clone().into_iter().map(|fault| file.place(fault, "/rows", &[at]));
            faults.refused(unknown, placed.collect());
        }
    }
    let fit: Vec<usize> = all.into_iter().filter(|at| !unfit.contains(at)).collect();
    let whole = form_of(&fit)?;
    let mut wrong = call.faults_of::<NewProvincialPlan>(&whole);
    let place = |fault| file.place(fault, "/estimateLines", &fit);
    let edited = if wrong.is_empty() {
        match forms::edited(call, work, plan, serde_json::from_value(whole)?).await {
            Err(ApiError::Refused(refusal)) => {
                let placed = refusal.faults.clone().into_iter().map(place).collect();
                faults.refused(*refusal, placed);
                None
            }
            edited => Some(edited?),
        }
    } else {
        // What is wrong with the file as a whole was told above; that its rows are left out is no fault of it.
        wrong.retain(|fault| fault.pointer.starts_with("/estimateLines/"));
        faults.invalid(wrong.into_iter().map(place).collect());
        None
    };
    faults.none()?;
    // Without a plan there is a fault, and so no way here.
    let Some(edited) = edited else { return Err(ApiError::of(Kind::Internal)) };
    written(call, work, edited, (changed.len(), unchanged)).await
}

/// Writes the plan with its new lines, unless somebody else wrote it in between.
async fn written(
    call: &Call,
    work: &Work,
    edited: ProvincialPlan,
    rows: (usize, usize),
) -> Result<(i32, (usize, usize)), ApiError> {
    match provincial_plans::rewrite(work.tx(), &edited).await {
        Err(StoreError::Stale) => return Err(overtaken(call, work, edited.id).await?),
        written => written?,
    }
    Ok((edited.version, rows))
}

/// Somebody else wrote the draft between its reading and its writing: a race that was lost, told with what stands now.
async fn overtaken(call: &Call, work: &Work, plan: Uuid) -> Result<ApiError, ApiError> {
    let now = provincial_plans::find(work.tx(), call.scope(), plan).await?;
    let (total, lines, version) = (now.content.total, now.lines.len(), now.version);
    let refusal = Refusal::new(
        Rule::ContentChanged,
        format!(
            "Dự toán vừa được ghi lại: phiên bản {version} có {lines} dòng, tổng {total} đồng. Hãy đọc lại rồi nhập."
        ),
        format!(
            "The estimate has just been written anew: version {version} has {lines} lines, {total} đồng in all. Read it again."
        ),
    );
    Ok(refusal.given(&[("held", &total), ("lines", &lines), ("version", &version), ("left", &total)]).into())
}

fn approved(file: &Table, changed: &[usize]) -> ApiError {
    let fault = |at: &usize| file.place(differs("id", file.cell(*at, "id")), "/rows", &[*at]);
    let refusal = Refusal::new(
        Rule::WrongState,
        "Kế hoạch đã được phê duyệt: dòng dự toán được điều chỉnh bằng quyết định (/v1/budget-amendments).",
        "The plan is approved: its lines are amended by a decision (/v1/budget-amendments).",
    )
    .given(&[("state", &"approved")]);
    refusal.with_faults(changed.iter().map(fault).collect()).into()
}
