//! Reports as comma-separated values: a row a figure, and a row for each part of a breakdown.

use serde::Serialize;

use crate::api::call::Call;
use crate::api::error::{Answer, ApiError};
use crate::api::page::PageQuery;
use crate::api::table;
use crate::domain::indicator::BreakdownPart;
use crate::domain::moment::written;
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
pub(super) fn stream(call: &Call, page: &PageQuery, list: impl Listing<Item = PeriodicReport>) -> Answer {
    let head = page.csv_start().to_owned() + &table::record(&COLUMNS.map(str::to_owned))?;
    Ok(call.stream(list, table::CSV_ANSWERED, head, |report| rows(&report)))
}

/// The rows of one report.
fn rows(report: &PeriodicReport) -> Result<String, ApiError> {
    let about = about(report);
    let mut text = String::new();
    for (figure, kept) in report.indicators().iter().zip(&report.figures) {
        let label = kept.computed.indicator.label().vi;
        let mut write = |part: Option<(&str, &BreakdownPart)>| {
            text.push_str(&table::record(&row(&about, (figure, &label), part))?);
            Ok::<_, ApiError>(())
        };
        write(None)?;
        for part in figure.breakdown.iter().flatten() {
            write(Some(("", part)))?;
        }
        for further in figure.further_breakdowns.iter().flatten() {
            let by = format!("{}:", name_of(further.by));
            for part in &further.parts {
                write(Some((&by, part)))?;
            }
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
        submission.map(|submission| written(submission.at)).unwrap_or_default(),
        report.content_hash.clone(),
    ]
}

/// The wire name of a value.
fn name_of(value: impl Serialize) -> String {
    let written = serde_json::to_value(value).ok();
    written.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}

/// A row of a figure with its label, or of a part of it: that of a further breakdown bears what that is by before its key.
fn row(
    about: &[String],
    (figure, label): (&IndicatorFigure, &str),
    part: Option<(&str, &BreakdownPart)>,
) -> Vec<String> {
    let text = |number: Option<_>| number.map(|number: Quantity| number.to_string());
    let of_whole = part.is_none();
    let mut row = about.to_vec();
    row.extend([
        figure.code.clone(),
        label.to_owned(),
        part.map(|(by, part)| format!("{by}{}", part.key)).unwrap_or_default(),
        name_of(figure.status),
        text(part.map_or(figure.value, |(_, part)| Some(part.value))).unwrap_or_default(),
        text(figure.numerator.filter(|_| of_whole)).unwrap_or_default(),
        text(figure.denominator.filter(|_| of_whole)).unwrap_or_default(),
        figure.override_reason.clone().filter(|_| of_whole).unwrap_or_default(),
    ]);
    row
}
