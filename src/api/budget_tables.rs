//! The books of a plan as files: its lines, its allocations and what was disbursed of them, out and in with the same columns.
//!
//! An import takes the very forms of the API, row by row: the same limits, the same rules, the same four eyes. It takes all
//! rows or none; a row that is there already is left alone, so that what was exported imports as nothing new.

mod allocations;
mod disbursements;
mod lines;

use std::time::{Duration, Instant};

use crate::api::service_config::ServiceConfig;
use actix_web::http::header;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpResponse, get, post};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Call, IfMatch, Query, Upload, Work};
use super::error::{Answer, ApiError, Kind};
use super::table::{self, CSV_ANSWERED, Columns, CsvQuery, CsvTable, MOST_FAULTS, MOST_ROWS, Table, XLSX, XlsxTable};
use crate::domain::digest;
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Fault, Rule};
use crate::domain::role::Scope;
use crate::store::{StoreError, Tx, budget as allocations_of, provincial_plans};

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

/// Which rows to export.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BudgetExportQuery {
    /// The part of the book, counted from 1: whole decisions and postings, at most 10,000 rows, as an import takes them. After the
    /// last part there is none: the file has its head alone. All rows if absent.
    #[param(minimum = 1, maximum = 10_000, nullable = false)]
    part: Option<u32>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetImportReport {
    /// The plan.
    plan: Uuid,
    /// The version of the plan that stands after it, to be named in `If-Match` in quotation marks.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    plan_version: i32,
    /// Whether it was checked only.
    dry_run: bool,
    /// Rows in the file.
    #[schema(minimum = 0, maximum = 10000, example = 3)]
    rows: usize,
    /// Rows that are new.
    #[schema(minimum = 0, maximum = 10000, example = 3)]
    created: usize,
    /// Rows that are there already, word for word.
    #[schema(minimum = 0, maximum = 10000, example = 0)]
    unchanged: usize,
}

/// One of the books of a plan.
#[derive(Debug, Clone, Copy)]
enum Book {
    Lines,
    Allocations,
    Disbursements,
}

/// Allocations or postings that are read at once for an export.
const PAGE: u64 = 200;
/// How long a client may take to take an export in: a connection to the database is held for it.
const LONGEST: Duration = Duration::from_secs(300);

impl Book {
    const fn columns(self) -> Columns {
        match self {
            Self::Lines => lines::COLUMNS,
            Self::Allocations => allocations::COLUMNS,
            Self::Disbursements => disbursements::COLUMNS,
        }
    }

    /// What tells one state of the book, as the caller sees it, from another.
    async fn state(self, tx: &Tx, scope: &Scope, plan: &ProvincialPlan) -> Result<String, StoreError> {
        match self {
            Self::Lines => Ok(format!("{} {}", plan.id, plan.version)),
            Self::Allocations | Self::Disbursements => allocations_of::state_of_plan(tx, scope, plan.id).await,
        }
    }

    /// The rows after a record, record by record and page by page, and the last record of a page that is full.
    async fn page(
        self,
        tx: &Tx,
        scope: &Scope,
        plan: &ProvincialPlan,
        after: Option<Uuid>,
    ) -> Result<(Vec<Rows>, Option<Uuid>), StoreError> {
        match self {
            Self::Lines => Ok((vec![lines::rows(plan)], None)),
            Self::Allocations => {
                let page = allocations_of::page_of_plan(tx, scope, plan.id, after, PAGE).await?;
                let last = full(page.len()).and_then(|()| page.last()).map(|last| last.id);
                Ok((page.iter().map(|one| allocations::rows(std::slice::from_ref(one))).collect(), last))
            }
            Self::Disbursements => {
                let page = allocations_of::page_of_postings(tx, scope, plan.id, after, PAGE).await?;
                let last = full(page.len()).and_then(|()| page.last()).map(|(last, _)| last.id);
                Ok((page.iter().map(|(posted, of)| vec![disbursements::row(posted, of.as_deref())]).collect(), last))
            }
        }
    }

    /// What is wrong with the rows by themselves, whatever is recorded.
    fn misread(self, call: &Call, file: &Table) -> Vec<Fault> {
        let of_row = match self {
            Self::Lines => lines::misread,
            Self::Allocations => allocations::misread,
            Self::Disbursements => disbursements::misread,
        };
        (0..file.rows.len()).flat_map(|row| of_row(call, file, row)).take(MOST_FAULTS).collect()
    }

    /// Takes rows in; gives the version of the plan after it, and how many rows are new and how many not.
    async fn take_in(
        self,
        call: &Call,
        work: &Work,
        plan: ProvincialPlan,
        file: &Table,
    ) -> Result<(i32, (usize, usize)), ApiError> {
        let version = plan.version;
        match self {
            Self::Lines => lines::import(call, work, plan, file).await,
            Self::Allocations => Ok((version, allocations::import(call, work, &plan, file).await?)),
            Self::Disbursements => Ok((version, disbursements::import(call, work, &plan, file).await?)),
        }
    }
}

/// The rows of one record.
type Rows = Vec<Vec<String>>;

/// Goes through the parts of a book: a part holds whole records, and no more rows than an import takes.
#[derive(Debug)]
struct Parts {
    /// The part that is asked for; none for all of them.
    asked: Option<u32>,
    /// The part that is reached, counted from 1.
    at: u32,
    /// The rows of it so far.
    rows: usize,
}

impl Parts {
    const fn of(asked: Option<u32>) -> Self {
        Self { asked, at: 1, rows: 0 }
    }

    /// The rows of those records that stand in the part.
    fn wanted(&mut self, records: Vec<Rows>) -> Rows {
        let mut wanted = Vec::new();
        for record in records {
            if self.rows > 0 && self.rows.saturating_add(record.len()) > MOST_ROWS {
                (self.at, self.rows) = (self.at.saturating_add(1), 0);
            }
            self.rows = self.rows.saturating_add(record.len());
            if self.asked.is_none_or(|asked| asked == self.at) {
                wanted.extend(record);
            }
        }
        wanted
    }

    /// Whether what follows stands in later parts only.
    fn are_over(&self) -> bool {
        self.asked.is_some_and(|asked| asked < self.at)
    }
}

fn full(items: usize) -> Option<()> {
    (u64::try_from(items).unwrap_or_default() == PAGE).then_some(())
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
fn differs(column: &str, value: &str) -> Fault {
    let (vi, en) = (
        "Đã được ghi nhận với nội dung khác; bản đã ghi không bị sửa bằng nhập tệp.",
        "It is recorded with another content; what is recorded is not edited by an import.",
    );
    Fault::at(format!("/{column}"), Rule::AlreadyExists.code(), vi, en).given(&[("key", &column), (column, &value)])
}

/// Writes a book out as one state of it: all pages come from one snapshot. Comma-separated values leave as they are read; a
/// spreadsheet is made in memory, so it has its limit.
async fn export(call: &Call, id: Uuid, book: Book, csv: &CsvQuery, part: Option<u32>) -> Answer {
    let tx = call.snapshot().await?;
    let plan = provincial_plans::find(&tx, call.scope(), id).await?;
    let (kind, start) = if call.produce() == XLSX { (XLSX, "") } else { (CSV_ANSWERED, csv.start()) };
    let state = book.state(&tx, call.scope(), &plan).await?;
    let state = format!("{book:?} {kind} {start} {part:?} {:?} {state}", call.scope());
    let tag = format!("\"{}\"", digest::sha256_hex(&state));
    if call.client_has(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag)).content_type(kind);
    if kind == XLSX {
        return Ok(response.body(sheet(&tx, call.scope(), &plan, book, Parts::of(part)).await?));
    }
    let head = [start.as_bytes(), &table::csv(&[book.columns().all.to_vec()])?].concat();
    let scope = call.scope().clone();
    let begun = Instant::now();
    let first = (tx, plan, scope, Parts::of(part), Some(None));
    let pages = stream::try_unfold(first, move |(tx, plan, scope, mut parts, next)| async move {
        let Some(after) = next else { return Ok(None) };
        if begun.elapsed() > LONGEST {
            return Err(ApiError::of(Kind::Unavailable));
        }
        let (records, last) = book.page(&tx, &scope, &plan, after).await?;
        let rows = parts.wanted(records);
        let last = last.filter(|_| !parts.are_over()).map(Some);
        Ok::<_, ApiError>(Some((Bytes::from(table::csv(&rows)?), (tx, plan, scope, parts, last))))
    });
    Ok(response.streaming(stream::once(async { Ok(Bytes::from(head)) }).chain(pages)))
}

async fn sheet(
    tx: &Tx,
    scope: &Scope,
    plan: &ProvincialPlan,
    book: Book,
    mut parts: Parts,
) -> Result<Vec<u8>, ApiError> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let (page, last) = book.page(tx, scope, plan, after).await?;
        rows.extend(parts.wanted(page));
        if rows.len() > MOST_ROWS {
            return Err(table::too_long());
        }
        if last.is_none() || parts.are_over() {
            return table::sheet(book.columns().all, &rows);
        }
        after = last;
    }
}

/// Takes a file into a plan that the client has seen: all rows or none, and none at all when it is to be checked only.
async fn import(call: &Call, id: Uuid, seen: &IfMatch, file: &Upload, query: &BudgetImportQuery, book: Book) -> Answer {
    let table = Table::read(file, book.columns())?;
    let work = call.begin().await?;
    let taken = async {
        let plan = provincial_plans::find(work.tx(), call.scope(), id).await?;
        let standing = plan.version;
        seen.holds(standing);
        Ok::<_, ApiError>((standing, book.take_in(call, &work, plan, &table).await?))
    };
    // A file that is wrong by itself is told so before anything that depends on what is recorded.
    let (standing, (version, (created, unchanged))) = match taken.await {
        Err(refused) if !refused.comes_first() => {
            let found = book.misread(call, &table);
            return Err(if found.is_empty() { refused } else { ApiError::faults(Kind::InvalidBody, found) });
        }
        taken => taken?,
    };
    let dry_run = query.dry_run.unwrap_or_default();
    let plan_version = if dry_run { standing } else { version };
    let report = BudgetImportReport { plan: id, plan_version, dry_run, rows: created + unchanged, created, unchanged };
    if dry_run {
        drop(work);
        return call.reported(&report);
    }
    work.imported((&format!("/v1/provincial-plans/{id}"), version), &report).await
}

/// Export the lines of a plan
///
/// As CSV or XLSX, one row a line, in the columns that the import takes; one state of the plan.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "exportEstimateLines",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), CsvQuery),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["plans:read"]))
)]
#[get("/v1/provincial-plans/{id}/estimate-lines")]
async fn export_lines(call: Call, id: Path<Uuid>, Query(csv): Query<CsvQuery>) -> Answer {
    export(&call, *id, Book::Lines, &csv, None).await
}

/// Import the lines of a plan
///
/// From CSV or XLSX: the rows become the lines of the draft, and their sum its total; all or none. An approved plan takes only
/// the lines that it has: it is amended by a decision. Columns: category, amount; and, where wanted, id, budgetLevel,
/// source, nature, supportKind, fiscalYear. Of more than 200 faults 199 are told, and `more_faults` says how many more there are.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "importEstimateLines",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv", example = json!(lines::EXAMPLE)),
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
    import(&call, *id, &seen, &file, &query, Book::Lines).await
}

/// Export the allocations of a plan
///
/// As CSV or XLSX, one row an entry that the caller sees, in the columns that the import takes; one state of the books,
/// whatever is written meanwhile. A spreadsheet has at most 10,000 rows (406 above that); CSV has no limit. An import takes
/// 10,000 rows: a longer book is asked for in parts (`part=1`, `part=2`, …), each of which imports as nothing new.
#[utoipa::path(
    tag = "Budget",
    operation_id = "exportBudgetAllocations",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetExportQuery, CsvQuery),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/provincial-plans/{id}/allocations")]
async fn export_allocations(
    call: Call,
    id: Path<Uuid>,
    Query(query): Query<BudgetExportQuery>,
    Query(csv): Query<CsvQuery>,
) -> Answer {
    export(&call, *id, Book::Allocations, &csv, query.part).await
}

/// Import allocations of a plan
///
/// From CSV or XLSX: the rows of one decision number and date become one draft, to be approved by another person; all or none. A
/// decision that is recorded already must be the same. Columns: decisionNumber, decisionDate, line, amount, supportKind,
/// implementingAgency; and, where wanted, allocation, entry, pilot, fiscalYear, schedule (`2022-06-30=500000000; 2022-12-31=…`),
/// need and needItem. At most 10,000 rows. Of more than 200 faults 199 are told, and `more_faults` says how many more there are.
#[utoipa::path(
    tag = "Budget",
    operation_id = "importBudgetAllocations",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv", example = json!(allocations::EXAMPLE)),
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
    import(&call, *id, &seen, &file, &query, Book::Allocations).await
}

/// Export the disbursements of a plan
///
/// As CSV or XLSX, one row a posting that the caller sees, corrections too, in the columns that the import takes; one state of
/// the books, whatever is written meanwhile. A spreadsheet has at most 10,000 rows (406 above that); CSV has no limit. An import
/// takes 10,000 rows: a longer book is asked for in parts (`part=1`, `part=2`, …), each of which imports as nothing new.
#[utoipa::path(
    tag = "Budget",
    operation_id = "exportBudgetDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetExportQuery, CsvQuery),
    responses((status = 200, description = "The file.", content(
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/provincial-plans/{id}/disbursements")]
async fn export_disbursements(
    call: Call,
    id: Path<Uuid>,
    Query(query): Query<BudgetExportQuery>,
    Query(csv): Query<CsvQuery>,
) -> Answer {
    export(&call, *id, Book::Disbursements, &csv, query.part).await
}

/// Import disbursements of a plan
///
/// From CSV or XLSX, by the implementing agency of each entry: payments, and with a negative amount their corrections, each naming
/// the voucher that it corrects and why; all or none. A voucher that is recorded already must be the same. Columns: entry,
/// amount, voucherNumber, voucherDate; and, where wanted, id, corrects, reason. At most 10,000 rows. Of more than 200 faults 199
/// are told, and `more_faults` says how many more there are.
#[utoipa::path(
    tag = "Budget",
    operation_id = "importBudgetDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), BudgetImportQuery),
    request_body(content(
        (CsvTable = "text/csv", example = json!(disbursements::EXAMPLE)),
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
    import(&call, *id, &seen, &file, &query, Book::Disbursements).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_holds_whole_records_and_no_more_rows_than_an_import_takes() {
        // 60 decisions of 400 rows: 25 of them make 10,000 rows.
        let book = || (0..60).map(|one| (0..400).map(|_| vec![one.to_string()]).collect::<Rows>()).collect::<Vec<_>>();
        let pages = |asked: Option<u32>| {
            let mut parts = Parts::of(asked);
            let mut rows = Rows::new();
            for page in book().chunks(7) {
                rows.extend(parts.wanted(page.to_vec()));
                if parts.are_over() {
                    break;
                }
            }
            rows
        };
        let whole = pages(None);
        let parts: Vec<Rows> = (1..=4).map(|part| pages(Some(part))).collect();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [10_000, 10_000, 4_000, 0]);
        assert_eq!(parts.concat(), whole);
        assert_eq!((parts[0][9_999][0].as_str(), parts[1][0][0].as_str()), ("24", "25"));
    }
}
