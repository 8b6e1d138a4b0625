//! The extract of a report for the locality's annual report on collective economy (*báo cáo kinh tế tập thể hằng năm*,
//! 2129/QĐ-UBND VII.9): its figures in words, and what it says of results, difficulties and proposals.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::error::Answer;
use crate::domain::indicator::{BreakdownPart, FigureStatus, IndicatorUnit};
use crate::domain::period::{DataWindow, Period};
use crate::domain::quantity::Quantity;
use crate::domain::report::{IndicatorFigure, NarrativeSection, PeriodicReport, ReportForm, ReportLevel, ReportState};
use crate::domain::text::Text;
use crate::store::{agencies, report_forms, reports};

/// The article that asks for the extract.
const LEGAL_BASIS: &str = "2129/QĐ-UBND VII.9";

/// The routes of the extract.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// A figure with the words that stand before it.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExtractLine {
    /// Code of the indicator.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "pilots_active")]
    code: String,
    /// What it counts, in words.
    label: Text,
    /// What it is measured in.
    unit: IndicatorUnit,
    /// The value.
    value: Quantity,
    /// Of an indicator that has a breakdown: its parts.
    #[schema(max_items = 200)]
    breakdown: Option<Vec<BreakdownPart>>,
    /// Expected or established.
    status: FigureStatus,
}

/// What of a report goes into the annual report on collective economy.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CollectiveEconomyExtract {
    /// The report that it is taken from.
    report: Uuid,
    /// Digest of that report's content: what the extract can be checked against.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    content_hash: String,
    /// Its revision.
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    revision: u16,
    /// Where it stands.
    state: ReportState,
    /// On whose work it is.
    level: ReportLevel,
    /// Name of the reporting agency.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Ủy ban nhân dân huyện Phú Tân")]
    agency_name: String,
    /// Code of its unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "888")]
    unit: String,
    /// The period.
    period: Period,
    /// The dates whose facts are counted.
    data_window: DataWindow,
    /// Number of the document it was signed off with.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    document_number: Option<String>,
    /// The date of that document.
    document_date: Option<NaiveDate>,
    /// The article that asks for the extract.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "2129/QĐ-UBND VII.9")]
    legal_basis: String,
    /// The figures that have a value, in the order of the form.
    #[schema(max_items = 100)]
    lines: Vec<ExtractLine>,
    /// The sections in words.
    #[schema(max_items = 30)]
    narrative: Vec<NarrativeSection>,
}

fn line(form: &ReportForm, figure: IndicatorFigure) -> Option<ExtractLine> {
    let IndicatorFigure { code, unit, status, value, breakdown, .. } = figure;
    let label = form.label(form.indicator(&code)?);
    Some(ExtractLine { code, label, unit, value: value?, breakdown, status })
}

impl CollectiveEconomyExtract {
    fn of(report: PeriodicReport, form: &ReportForm, agency_name: String) -> Self {
        let lines = report.indicators().into_iter().filter_map(|figure| line(form, figure)).collect();
        let signed = report.progress.submission().map(|submission| &submission.sign_off);
        Self {
            report: report.id,
            content_hash: report.content_hash.clone(),
            revision: report.revision,
            state: report.progress.state(),
            level: report.reporter.level,
            agency_name,
            unit: report.reporter.unit.clone(),
            period: report.period,
            data_window: report.window,
            document_number: signed.map(|signed| signed.document_number.clone()),
            document_date: signed.map(|signed| signed.document_date),
            legal_basis: LEGAL_BASIS.to_owned(),
            lines,
            narrative: report.narrative,
        }
    }
}

/// Extract a periodic report for the annual report on collective economy
///
/// The figures that have a value, with their words, and the narrative: what a locality puts into its annual report on
/// collective economy. It names the report and the digest that it was taken from.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getCollectiveEconomyExtract",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The extract.", body = CollectiveEconomyExtract)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/collective-economy-extract")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let report = reports::find(call.db(), call.caller(), *id).await?;
    let agency = agencies::find(call.db(), report.reporter.agency).await?;
    let form = report_forms::find(call.db(), &report.form).await?;
    call.computed(&CollectiveEconomyExtract::of(report, &form, agency.name))
}
