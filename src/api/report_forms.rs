//! The forms of the periodic reports: which indicators they ask for, in which words, and how these add up.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::refusal::{Fault, Rule};
use crate::domain::report::{FormIndicator, ReportForm};
use crate::domain::text::Text;
use crate::store::{StoreError, report_forms};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read).service(list_indicators);
}

/// A version of the form of the periodic reports.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportFormView {
    /// Its version: what reports name as `formVersion`.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")]
    version: String,
    /// The scheme whose reports it is of.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Its name.
    name: Text,
    /// The first day in force: of the periods whose data close on or after it.
    #[schema(example = "2021-02-03")]
    valid_from: NaiveDate,
    /// The last day in force; absent while open.
    valid_to: Option<NaiveDate>,
    /// Where it comes from.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "167/QĐ-TTg; 2129/QĐ-UBND VI.2.2, VII.9")]
    legal_basis: String,
    /// Its indicators, in its order.
    #[schema(max_items = 100)]
    indicators: Vec<FormIndicator>,
}

/// The forms.
#[derive(Debug, Serialize, ToSchema)]
struct ReportFormList {
    /// The forms, the oldest first.
    #[schema(max_items = 100)]
    items: Vec<ReportFormView>,
}

/// Which form is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IndicatorQuery {
    /// Version of the form; the one of today when absent.
    #[param(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", nullable = false)]
    form: Option<String>,
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
    items: Vec<FormIndicator>,
}

impl From<ReportForm> for ReportFormView {
    fn from(form: ReportForm) -> Self {
        let ReportForm { version, scheme, name, valid_from, valid_to, legal_basis, indicators } = form;
        Self { version, scheme, name, valid_from, valid_to, legal_basis, indicators }
    }
}

/// List the forms of the periodic reports
///
/// All versions. The form is a proposal drawn from 2129/QĐ-UBND and the known circulars: the ministry's own (Letter
/// 1485/BKHĐT-HTX) is not public.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportForms",
    responses((status = 200, description = "The forms.", body = ReportFormList)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/report-forms")]
async fn list(call: Call) -> Answer {
    let forms = report_forms::all(call.db()).await?;
    call.computed(&ReportFormList { items: forms.into_iter().map(ReportFormView::from).collect() })
}

/// Read a form of the periodic reports
///
/// With its indicators: labels, units, who carries them, and how they add up over units and over time.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getReportForm",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    responses((status = 200, description = "The form.", body = ReportFormView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/report-forms/{version}")]
async fn read(call: Call, version: Path<String>) -> Answer {
    call.computed(&ReportFormView::from(report_forms::find(call.db(), &version).await?))
}

/// A form that the query names and that is not there.
fn unknown(error: StoreError, version: &str) -> ApiError {
    if !matches!(error, StoreError::NotFound) {
        return error.into();
    }
    let (vi, en) = (format!("Không có biểu mẫu {version}."), format!("There is no form {version}."));
    ApiError::faults(Kind::InvalidQuery, vec![Fault::at("#form", Rule::UnknownReference.code(), &vi, &en)])
}

/// List the indicators of the periodic reports
///
/// Of the form of today, or of a version: their labels, units and rules of addition.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listIndicators",
    params(IndicatorQuery),
    responses((status = 200, description = "The indicators.", body = IndicatorList)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/indicators")]
async fn list_indicators(call: Call, Query(IndicatorQuery { form }): Query<IndicatorQuery>) -> Answer {
    let form = match form {
        Some(version) => report_forms::find(call.db(), &version).await.map_err(|error| unknown(error, &version))?,
        None => report_forms::of_day(call.db(), call.today()).await?,
    };
    let ReportForm { version, indicators, .. } = form;
    call.computed(&IndicatorList { form_version: version, items: indicators })
}
