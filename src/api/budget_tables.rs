//! The books of a plan as files: its lines, its allocations and what was disbursed of them, out and in with the same columns.
//!
//! An import takes the very forms of the API, row by row: the same limits, the same rules, the same four eyes. It takes all
//! rows or none; a row that is there already is left alone, so that what was exported imports as nothing new.

mod allocations;
mod disbursements;
mod lines;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Call, IfMatch, Query, Upload, Work, etag};
use super::error::Answer;
use super::table::{CsvTable, Table, XlsxTable};
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Fault, Rule};
use crate::store::provincial_plans;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(export_lines)
        .service(import_lines)
        .service(export_allocations)
        .service(import_allocations)
        .service(export_disbursements)
        .service(import_disbursements);
}

/// How to import.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct BudgetImportQuery {
    /// Whether to check only: everything is told, nothing is kept.
    #[param(nullable = false)]
    dry_run: Option<bool>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetImportReport {
    /// Whether it was checked only.
    dry_run: bool,
    /// Rows in the file.
    #[schema(minimum = 0, maximum = 2000, example = 3)]
    rows: usize,
    /// Rows that are new.
    #[schema(minimum = 0, maximum = 2000, example = 3)]
    created: usize,
    /// Rows that are there already, word for word.
    #[schema(minimum = 0, maximum = 2000, example = 0)]
    unchanged: usize,
}

/// The members of a row that a form takes; `numbers` are integers in it, the rest are texts.
fn form(table: &Table, row: usize, members: &[&str], numbers: &[&str]) -> Value {
    let typed = |name: &str, text: &str| match text.parse::<i64>() {
        Ok(number) if numbers.contains(&name) => Value::from(number),
        _ => Value::from(text),
    };
    let given = table.members(row).filter(|(name, _)| members.contains(name));
    Value::Object(given.map(|(name, text)| (name.to_owned(), typed(name, text))).collect::<Map<_, _>>())
}

/// A row that names a record which is there with other words.
fn differs(column: &str) -> Fault {
    let (vi, en) = (
        "Đã được ghi nhận với nội dung khác; bản đã ghi không bị sửa bằng nhập tệp.",
        "It is recorded with another content; what is recorded is not edited by an import.",
    );
    Fault::at(format!("/{column}"), Rule::AlreadyExists.code(), vi, en)
}

/// Begins an import into a plan that the client has seen.
async fn begin(call: &Call, id: Uuid, seen: &IfMatch) -> Result<(Work, ProvincialPlan), super::error::ApiError> {
    let work = call.begin().await?;
    let plan = provincial_plans::find(work.tx(), call.scope(), id).await?;
    seen.holds(plan.version)?;
    Ok((work, plan))
}

/// Ends an import: commits it, or forgets it when it was to be checked only.
async fn finish(call: &Call, work: Work, plan: (Uuid, i32), query: &BudgetImportQuery, done: (usize, usize)) -> Answer {
    let ((id, version), (created, unchanged)) = (plan, done);
    let dry_run = query.dry_run.unwrap_or_default();
    let report = BudgetImportReport { dry_run, rows: created + unchanged, created, unchanged };
    if dry_run {
        drop(work);
        return call.tagged(&etag(version), &report);
    }
    work.stepped(&format!("/v1/provincial-plans/{id}"), version, &report).await
}

/// Export the lines of a plan
///
/// As CSV or XLSX, one row a line, in the columns that the import takes.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "exportEstimateLines",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans/{id}/estimate-lines")]
async fn export_lines(call: Call, id: Path<Uuid>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    lines::table(&plan).answer(&call)
}

/// Import the lines of a plan
///
/// From CSV or XLSX: the rows become the lines of the draft, and their sum its total; all or none. An approved plan takes only
/// the lines that it has: it is amended by a decision. Columns: id, category, budgetLevel, source, nature, supportKind,
/// fiscalYear, amount.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "importEstimateLines",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "Imported, or checked.", body = BudgetImportReport)),
    security(("bearer" = ["plans:draft"]))
)]
#[post("/v1/provincial-plans/{id}/estimate-lines")]
async fn import_lines(
    call: Call,
    id: Path<Uuid>,
    seen: IfMatch,
    file: Upload,
    Query(query): Query<BudgetImportQuery>,
) -> Answer {
    let table = Table::read(&file, lines::COLUMNS)?;
    let (work, plan) = begin(&call, *id, &seen).await?;
    let (version, done) = lines::import(&call, &work, plan, &table).await?;
    finish(&call, work, (*id, version), &query, done).await
}

/// Export the allocations of a plan
///
/// As CSV or XLSX, one row an entry that the caller sees, in the columns that the import takes.
#[utoipa::path(
    tag = "Budget",
    operation_id = "exportBudgetAllocations",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/provincial-plans/{id}/allocations")]
async fn export_allocations(call: Call, id: Path<Uuid>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    let there = crate::store::budget::of_plan(call.db(), call.scope(), plan.id).await?;
    allocations::table(&there).answer(&call)
}

/// Import allocations of a plan
///
/// From CSV or XLSX: the rows of one decision number and date become one draft, to be approved by another person; all or none. A
/// decision that is recorded already must be the same. Columns: allocation, decisionNumber, decisionDate, entry, line, amount,
/// supportKind, implementingAgency, pilot, fiscalYear.
#[utoipa::path(
    tag = "Budget",
    operation_id = "importBudgetAllocations",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "Imported, or checked.", body = BudgetImportReport)),
    security(("bearer" = ["budget:draft"]))
)]
#[post("/v1/provincial-plans/{id}/allocations")]
async fn import_allocations(
    call: Call,
    id: Path<Uuid>,
    seen: IfMatch,
    file: Upload,
    Query(query): Query<BudgetImportQuery>,
) -> Answer {
    let table = Table::read(&file, allocations::COLUMNS)?;
    let (work, plan) = begin(&call, *id, &seen).await?;
    let done = allocations::import(&call, &work, &plan, &table).await?;
    finish(&call, work, (*id, plan.version), &query, done).await
}

/// Export the disbursements of a plan
///
/// As CSV or XLSX, one row a posting that the caller sees, corrections too, in the columns that the import takes.
#[utoipa::path(
    tag = "Budget",
    operation_id = "exportBudgetDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the plan.")),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/provincial-plans/{id}/disbursements")]
async fn export_disbursements(call: Call, id: Path<Uuid>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    let there = crate::store::budget::of_plan(call.db(), call.scope(), plan.id).await?;
    let posted = crate::store::budget::posted_of(call.db(), &there).await?;
    disbursements::table(&posted).answer(&call)
}

/// Import disbursements of a plan
///
/// From CSV or XLSX, by the implementing agency of each entry: payments, and with a negative amount their corrections, each naming
/// the voucher that it corrects and why; all or none. A voucher that is recorded already must be the same. Columns: id, entry,
/// amount, voucherNumber, voucherDate, corrects, reason.
#[utoipa::path(
    tag = "Budget",
    operation_id = "importBudgetDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "Imported, or checked.", body = BudgetImportReport)),
    security(("bearer" = ["budget:disburse"]))
)]
#[post("/v1/provincial-plans/{id}/disbursements")]
async fn import_disbursements(
    call: Call,
    id: Path<Uuid>,
    seen: IfMatch,
    file: Upload,
    Query(query): Query<BudgetImportQuery>,
) -> Answer {
    let table = Table::read(&file, disbursements::COLUMNS)?;
    let (work, plan) = begin(&call, *id, &seen).await?;
    let done = disbursements::import(&call, &work, &plan, &table).await?;
    finish(&call, work, (*id, plan.version), &query, done).await
}
