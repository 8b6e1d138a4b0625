//! Exceptions to the deadlines of reports: granted by whoever receives the report, by name and with a reason.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Body, Call, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use crate::domain::period::Period;
use crate::domain::report::{FORM_SCHEME, ReportLevel, Reporter, duty_of};
use crate::domain::reporting_deadline::{ExceptionTerms, ReportingException};
use crate::store::{obligations, provincial_plans, public_holidays, reporting_exceptions};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(grant).service(list).service(read);
}

/// Narrows the list of exceptions.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ReportingExceptionQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = String, required = false, nullable = false, min_length = 4, max_length = 6,
        pattern = "^20[0-9]{2}(S[12]|R)?$", example = "2023")]
    period: Option<Period>,
    /// The agency that owes the report.
    #[param(nullable = false)]
    agency: Option<Uuid>,
}

/// An exception to a deadline. The latest one of an agency and a period counts.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportingExceptionView {
    /// Identifier.
    id: Uuid,
    /// The agency that owes the report.
    agency: Uuid,
    /// On whose work it reports.
    level: ReportLevel,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "883")]
    unit: String,
    /// The period.
    period: Period,
    /// The day until which the report is in time, to its end.
    due_on: NaiveDate,
    /// The first day on which nothing is taken in any more.
    locks_on: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Địa phương bị lũ từ ngày 10/12")]
    reason: String,
    /// Number of the document that grants it.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    document_number: Option<String>,
    /// The person who granted it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "lead-agency@89")]
    granted_by: String,
    /// The agency for which that person acted.
    granting_agency: Option<Uuid>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<ReportingException> for ReportingExceptionView {
    fn from(exception: ReportingException) -> Self {
        let ReportingException { id, terms, reporter, granted_by, granting_agency, recorded_at } = exception;
        let ExceptionTerms { agency, period, due_on, locks_on, reason, document_number } = terms;
        let Reporter { agency: _, level, province, unit } = reporter;
        Self {
            id,
            agency,
            level,
            province,
            unit,
            period,
            due_on,
            locks_on,
            reason,
            document_number,
            granted_by,
            granting_agency,
            recorded_at,
        }
    }
}

/// Grant an exception to a deadline
///
/// For one agency and period: the lead agency for localities and departments, the ministry for provinces. It is never
/// earlier than the rule, and opens a locked period again until its own day.
#[utoipa::path(
    tag = "Reports",
    operation_id = "createReportingException",
    request_body = ExceptionTerms,
    responses((status = 201, description = "Granted.", body = ReportingExceptionView)),
    security(("bearer" = ["exceptions:grant"]))
)]
#[post("/v1/reporting-exceptions")]
async fn grant(call: Call, Body(terms): Body<ExceptionTerms>) -> Answer {
    let work = call.begin().await?;
    let (agency, period) = (terms.agency, terms.period);
    let candidates = obligations::candidates(work.tx(), call.scope(), Some(agency), period).await?;
    let owed = candidates.first().and_then(duty_of);
    let reporter = owed.ok_or_else(|| ApiError::unknown_reference("/agency", "agency"))?;
    let dues = obligations::dues(work.tx(), period, Some(agency)).await?;
    let (window, rule) = (dues.window(reporter.level), dues.by_rule(reporter.level));
    let window = window.ok_or_else(|| ApiError::unknown_reference("/agency", "agency"))?;
    let lead = provincial_plans::lead_agency_on(work.tx(), &reporter.province, FORM_SCHEME, window.to_date).await?;
    let receives = reporter.level.is_received_by(call.caller(), lead);
    let by = (call.caller(), call.now());
    let holidays = public_holidays::all(work.tx()).await?;
    let known = (window, rule.as_ref(), &holidays);
    let exception = ReportingException::grant(call.new_id(), terms, (reporter, receives), known, by)?;
    reporting_exceptions::insert(work.tx(), &exception).await?;
    let location = format!("/v1/reporting-exceptions/{}", exception.id);
    work.created(&location, 1, &ReportingExceptionView::from(exception)).await
}

/// List exceptions to deadlines
///
/// Those within the caller's reach, oldest first.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportingExceptions",
    params(PageQuery, ReportingExceptionQuery),
    responses((status = 200, description = "One page.", body = Page<ReportingExceptionView>)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-exceptions")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ReportingExceptionQuery>) -> Answer {
    let ReportingExceptionQuery { period, agency } = query.clone();
    let filter = reporting_exceptions::Filter { period, agency };
    call.list(&page, &query, reporting_exceptions::list(call.scope(), &filter), ReportingExceptionView::from).await
}

/// Read an exception to a deadline
///
/// With its reason and who granted it.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getReportingException",
    params(("id" = Uuid, Path, description = "Identifier of the exception.")),
    responses((status = 200, description = "The exception.", body = ReportingExceptionView)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-exceptions/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let exception = reporting_exceptions::find(call.db(), call.scope(), *id).await?;
    call.one(1, &ReportingExceptionView::from(exception))
}
