//! Reports as comma-separated values: a row a figure, and a row for each part of a breakdown.

use crate::api::call::Call;
use crate::api::error::{Answer, ApiError};
use crate::api::table;
use crate::domain::indicator::{BreakdownPart, Indicator};
use crate::domain::quantity::Quantity;
use crate::domain::report::{IndicatorFigure, PeriodicReport};
use crate::store::listing::Listing;

/// The columns. What a report says of itself is on each of its rows.
const COLUMNS: [&str; 22] = [
    "report",
    "period",
    "province",
    "unit",
    "agency",
    "level",
    "formVersion",
    "revision",
    "state",
    "authoritative",
    "documentNumber",
    "documentDate",
    "submittedAt",
    "contentHash",
    "indicator",
    "label",
    "part",
    "status",
    "value",
    "numerator",
    "denominator",
    "overrideReason",
];

/// Streams the rows of a list of reports, with flat memory.
///
/// # Errors
/// The head cannot be written.
pub(super) fn stream(call: &Call, list: impl Listing<Item = PeriodicReport>) -> Answer {
    let head = table::record(&COLUMNS.map(str::to_owned))?;
    Ok(call.stream(list, table::CSV, head, |report| rows(&report)))
}

/// The rows of one report.
fn rows(report: &PeriodicReport) -> Result<String, ApiError> {
    let about = about(report);
    let mut text = String::new();
    for figure in report.indicators() {
        text.push_str(&table::record(&row(&about, &figure, None))?);
        for part in figure.breakdown.iter().flatten() {
            text.push_str(&table::record(&row(&about, &figure, Some(part)))?);
        }
    }
    Ok(text)
}

fn about(report: &PeriodicReport) -> Vec<String> {
    let submission = report.progress.submission();
    let sign_off = submission.map(|submission| &submission.sign_off);
    vec![
        report.id.to_string(),
        report.period.to_string(),
        report.reporter.province.clone(),
        report.reporter.unit.clone(),
        report.reporter.agency.to_string(),
        report.reporter.level.name().to_owned(),
        report.form.clone(),
        report.revision.to_string(),
        report.progress.state().name().to_owned(),
        report.authoritative.to_string(),
        sign_off.map(|signed| signed.document_number.clone()).unwrap_or_default(),
        sign_off.map(|signed| signed.document_date.to_string()).unwrap_or_default(),
        submission.map(|submission| submission.at.to_rfc3339()).unwrap_or_default(),
        report.content_hash.clone(),
    ]
}

fn row(about: &[String], figure: &IndicatorFigure, part: Option<&BreakdownPart>) -> Vec<String> {
    let text = |number: Option<_>| number.map(|number: Quantity| number.to_string());
    let label = Indicator::from_code(&figure.code).map(|indicator| indicator.label().vi);
    let status = serde_json::to_value(figure.status).ok().and_then(|name| name.as_str().map(str::to_owned));
    let of_whole = part.is_none();
    let mut row = about.to_vec();
    row.extend([
        figure.code.clone(),
        label.unwrap_or_default(),
        part.map(|part| part.key.clone()).unwrap_or_default(),
        status.unwrap_or_default(),
        text(part.map_or(figure.value, |part| Some(part.value))).unwrap_or_default(),
        text(figure.numerator.filter(|_| of_whole)).unwrap_or_default(),
        text(figure.denominator.filter(|_| of_whole)).unwrap_or_default(),
        figure.override_reason.clone().filter(|_| of_whole).unwrap_or_default(),
    ]);
    row
}
