//! The indicators of the periodic reports: what each counts, and how it adds up.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::call::Call;
use super::error::Answer;
use crate::domain::indicator::{Additivity, BreakdownBy, Frequency, Indicator, IndicatorSource, IndicatorUnit};
use crate::domain::report::{FORM_VERSION, ReportLevel};
use crate::domain::text::Text;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// What an indicator counts and how it adds up.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IndicatorView {
    /// Its code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "pilots_active")]
    code: String,
    /// What it counts, in words.
    label: Text,
    /// What it is measured in.
    unit: IndicatorUnit,
    /// How the figures of units make the figure of a larger unit.
    over_units: Additivity,
    /// How the figures of two half-years make the figure of a year.
    over_time: Additivity,
    /// The periods that it is reported for.
    frequency: Frequency,
    /// Computed from the records, or entered by the reporting agency as an override with its reason.
    source: IndicatorSource,
    /// Whose reports carry it.
    #[schema(max_items = 3)]
    levels: Vec<ReportLevel>,
    /// What its breakdown is by, if it has one.
    breakdown_by: Option<BreakdownBy>,
}

/// The indicators of a form.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IndicatorList {
    /// Version of the form.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")]
    form_version: String,
    /// The indicators, in the order of the form.
    #[schema(max_items = 100)]
    items: Vec<IndicatorView>,
}

impl From<Indicator> for IndicatorView {
    fn from(indicator: Indicator) -> Self {
        let carries = |level: &ReportLevel| level.reaches(indicator);
        Self {
            code: indicator.code().to_owned(),
            label: indicator.label(),
            unit: indicator.unit(),
            over_units: indicator.over_units(),
            over_time: indicator.over_time(),
            frequency: indicator.frequency(),
            source: indicator.source(),
            levels: ReportLevel::ALL.iter().copied().filter(carries).collect(),
            breakdown_by: indicator.breakdown_by(),
        }
    }
}

/// List the indicators of the periodic reports
///
/// Their labels, units and rules of addition. The form is a proposal drawn from 2129/QĐ-UBND and the known circulars:
/// the ministry's own (Letter 1485/BKHĐT-HTX) is not public.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listIndicators",
    responses((status = 200, description = "The indicators.", body = IndicatorList)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/indicators")]
async fn list(call: Call) -> Answer {
    let items = Indicator::ALL.iter().copied().map(IndicatorView::from).collect();
    call.computed(&IndicatorList { form_version: FORM_VERSION.to_owned(), items })
}
