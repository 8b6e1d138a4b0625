//! Reports as a workbook: what an official opens, checks and prints. Indicators are rows, reports are columns, and what adds
//! up does so by formulas; ratios are made anew from the sums of their numerators and denominators.

mod paper;
mod sheets;

use std::collections::{BTreeMap, HashMap};

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::NaiveDate;

use crate::api::call::Call;
use crate::api::error::{Answer, ApiError, Kind};
use crate::api::table::XLSX;
use crate::domain::digest;
use crate::domain::indicator::{Figure, Indicator};
use crate::domain::period::{DataWindow, Period};
use crate::domain::reference::ReferenceList;
use crate::domain::refusal::Fault;
use crate::domain::report::{PeriodicReport, ReportForm, ReportLevel};
use crate::store::listing::Listing;
use crate::store::{obligations, reference_entries, report_forms, reports, territory};
use paper::Paper;

/// The most reports of one workbook: more columns nobody reads.
const MOST_REPORTS: u64 = 200;

/// A report with the words that head its column.
struct Column {
    report: PeriodicReport,
    /// Code of its unit.
    code: String,
    /// Name of its unit on the last day of the window.
    name: String,
    figures: BTreeMap<Indicator, Figure>,
}

/// What a workbook is made of.
struct Book {
    period: Period,
    window: DataWindow,
    level: ReportLevel,
    form: ReportForm,
    columns: Vec<Column>,
    /// Codes and names of the provinces that owe a report and have none.
    missing: Vec<(String, String)>,
    /// Names of models and categories, by code.
    names: HashMap<String, String>,
}

/// Answers the standing reports of one level on one period as a workbook.
///
/// # Errors
/// The filter may give reports that must not be added, or too many; or the workbook cannot be written.
pub(super) async fn answer(call: &Call, filter: &reports::Filter) -> Answer {
    let (period, level) = addable(filter)?;
    let found = reports::list(call.caller(), filter).page(call.db(), None, MOST_REPORTS + 1).await?;
    if u64::try_from(found.len()).is_ok_and(|count| count > MOST_REPORTS) {
        let vi = format!("Nhiều hơn {MOST_REPORTS} báo cáo; hãy lọc theo tỉnh.");
        let en = format!("More than {MOST_REPORTS} reports; narrow them to a province.");
        return Err(ApiError::because(Kind::InvalidQuery, vi, en));
    }
    let book = book(call, period, level, found).await?;
    let said: Vec<_> = book.columns.iter().map(|column| (&column.report.id, column.report.version)).collect();
    let tag = format!("\"{}\"", digest::sha256_hex(&format!("{said:?} {:?}", book.missing)));
    if call.client_has(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let bytes = Paper::print(|paper| sheets::write(&book, paper))?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(XLSX).body(bytes))
}

/// The period and the level of a filter under which the same event is never counted twice.
fn addable(filter: &reports::Filter) -> Result<(Period, ReportLevel), ApiError> {
    let mut faults = Vec::new();
    let mut need = |holds: bool, name: &str, wanted: &str| {
        if !holds {
            let vi = format!("Bảng tính cần {name}={wanted} để không cộng trùng.");
            let en = format!("A workbook needs {name}={wanted}, so that nothing is counted twice.");
            faults.push(Fault::at(format!("#{name}"), "required", &vi, &en));
        }
    };
    need(filter.period.is_some(), "period", "2023");
    // Two departments may report on one event, so what departments report is never added.
    need(matches!(filter.level, Some(ReportLevel::Province | ReportLevel::Locality)), "level", "province|locality");
    need(filter.authoritative == Some(true), "authoritative", "true");
    match (filter.period, filter.level) {
        (Some(period), Some(level)) if faults.is_empty() => Ok((period, level)),
        _ => Err(ApiError::faults(Kind::InvalidQuery, faults)),
    }
}

async fn book(call: &Call, period: Period, level: ReportLevel, found: Vec<PeriodicReport>) -> Result<Book, ApiError> {
    let today = DataWindow { from_date: call.today(), to_date: call.today() };
    let window = found.first().map(|report| report.window).or_else(|| period.decreed()).unwrap_or(today);
    let day = window.to_date;
    let owing = match level {
        ReportLevel::Province => obligations::provinces(call.db(), call.scope(), period, None).await?,
        ReportLevel::Locality | ReportLevel::LineDepartment => Default::default(),
    };
    let units = unit_names(call, &found, owing.iter(), day).await?;
    let name_of = |code: &str| units.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let mut columns: Vec<Column> = found
        .into_iter()
        .map(|report| {
            let code = report.reporter.unit.clone();
            let name = name_of(&code);
            let figures = report.effective_figures().into_iter().map(|figure| (figure.indicator, figure)).collect();
            Column { report, code, name, figures }
        })
        .collect();
    columns.sort_by(|a, b| (&a.code, a.report.id).cmp(&(&b.code, b.report.id)));
    let heard = |code: &String| columns.iter().any(|column| column.report.reporter.province == *code);
    let missing = owing.iter().filter(|code| !heard(code)).map(|code| (code.clone(), name_of(code))).collect();
    let entries = reference_entries::of_lists(call.db(), &ReferenceList::OF_BREAKDOWNS).await?;
    let names = entries.into_iter().map(|entry| (entry.code, entry.name.vi)).collect();
    let form = report_forms::of_day(call.db(), day).await?;
    Ok(Book { period, window, level, form, columns, missing, names })
}

/// The names of the units of some reports on a day, by code, in one query.
async fn unit_names(
    call: &Call,
    found: &[PeriodicReport],
    also: impl Iterator<Item = &String>,
    day: NaiveDate,
) -> Result<HashMap<String, String>, ApiError> {
    let codes = found.iter().map(|report| report.reporter.unit.clone()).chain(also.cloned()).collect();
    Ok(territory::names(call.db(), codes, day).await?)
}
