//! Periodic reports: drafted from the records, signed off and submitted, returned or accepted, restated by revisions.

mod extract;
mod rows;
mod steps;
mod view;
mod workbook;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::Step;
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::ProvinceQuery;
use super::table::{CSV, CsvTable, XLSX, XlsxTable};
use crate::domain::application::unchanged;
use crate::domain::indicator::{BreakdownBy, FurtherBy};
use crate::domain::period::{Occasion, Period};
use crate::domain::reference::ReferenceList;
use crate::domain::report::{
    FORM_SCHEME, FigureOverride, NarrativeSection, Opening, PeriodicReport, ReportLevel, ReportState, ReportStep,
    ReportedFigure, known_parts, meant, no_duty, not_reported,
};
use crate::domain::role::Permission;
use crate::store::{obligations, reference_entries, report_forms, reporting_deadlines, reports, schemes};
use view::PeriodicReportView;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(edit).service(discard).service(allowed_actions);
    steps::routes(config);
    extract::routes(config);
}

/// What the reporting agency writes of a report; agency, unit and recipient follow from the caller, and the figures
/// are computed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPeriodicReport {
    /// The period; it does not change later.
    period: Period,
    /// The agency that owes the report: the caller's own, which is meant when absent, or one that it took over.
    #[schema(nullable = false)]
    agency: Option<Uuid>,
    /// Figures to put in place of computed ones, each indicator at most once; both are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    overrides: Vec<FigureOverride>,
    /// The sections in words, each at most once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 30)]
    narrative: Vec<NarrativeSection>,
}

impl NewPeriodicReport {
    /// The request form of a report as it stands: what a patch is laid onto.
    fn of(report: &PeriodicReport) -> Self {
        Self {
            period: report.period,
            agency: Some(report.reporter.agency),
            overrides: report.figures.iter().filter_map(ReportedFigure::requested).collect(),
            narrative: report.narrative.clone(),
        }
    }
}

/// Narrows the list of reports.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct PeriodicReportQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = Option<String>, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12]|R)?$", nullable = false)]
    period: Option<Period>,
    /// The reporting agency.
    #[param(nullable = false)]
    agency: Option<Uuid>,
    /// Whose report it is: `province` for what the ministry pulls.
    #[param(inline, nullable = false)]
    level: Option<ReportLevel>,
    /// Where it stands.
    #[param(inline, nullable = false)]
    state: Option<ReportState>,
    /// `true` for the revisions that stand: one for each agency and period.
    #[param(nullable = false)]
    authoritative: Option<bool>,
    /// Changed at this instant or later.
    #[param(nullable = false)]
    updated_since: Option<DateTime<Utc>>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/periodic-reports/{id}")
}

/// Holds the parts of breakdowns against the lists that they are from, of all provinces and days.
async fn vocabulary(work: &Work, overrides: &[FigureOverride]) -> Result<(), ApiError> {
    if overrides.iter().all(|asked| asked.breakdown.is_none() && asked.further_breakdowns.is_none()) {
        return Ok(());
    }
    let entries = reference_entries::of_lists(work.tx(), &ReferenceList::OF_BREAKDOWNS).await?;
    let knows = |of: ReferenceList, code: &str| entries.iter().any(|entry| entry.list == of && entry.code == code);
    let knows_part = |by: BreakdownBy, code: &str| {
        knows(if by == BreakdownBy::Model { ReferenceList::Models } else { ReferenceList::Categories }, code)
    };
    let knows_further = |by: FurtherBy, code: &str| match by {
        FurtherBy::Source => knows(ReferenceList::Sources, code),
        FurtherBy::Nature => knows(ReferenceList::Natures, code),
        FurtherBy::SupportKind => knows(ReferenceList::SupportKinds, code),
    };
    Ok(known_parts(overrides, knows_part, knows_further)?)
}

/// Draft a periodic report
///
/// For the caller's own agency, which must owe one for the period. The figures of its form are computed from the
/// records of the data window, placed by territory. One report for an agency, period, form and revision; where one stands
/// already, of this agency or of one that reported for the unit before, it is revised.
#[utoipa::path(
    tag = "Reports",
    operation_id = "createPeriodicReport",
    request_body = NewPeriodicReport,
    responses((status = 201, description = "Drafted.", body = PeriodicReportView)),
    security(("bearer" = ["reports:write"]))
)]
#[post("/v1/periodic-reports")]
async fn create(call: Call, Body(new): Body<NewPeriodicReport>) -> Answer {
    let NewPeriodicReport { period, agency, overrides, narrative } = new;
    let work = call.begin().await?;
    schemes::hold_reporting(work.tx(), FORM_SCHEME).await?;
    let owed = obligations::duties(work.tx(), call.caller(), agency, period).await?;
    let reporter = meant(owed, (agency, period), call.caller())?;
    let window = reporting_deadlines::calendar(work.tx(), period).await?.window(reporter.level, period);
    let occasion = Occasion { period, window: window.ok_or_else(|| no_duty(agency, period))? };
    let form = report_forms::of_day(work.tx(), occasion.window.to_date).await?;
    let standing = reports::standing(work.tx(), &reporter, (period, form.version.as_str())).await?;
    not_reported(standing.as_ref())?;
    vocabulary(&work, &overrides).await?;
    let computed = reports::drawn(work.tx(), &form, &reporter, occasion).await?;
    let form = form.version;
    let opening = Opening { id: call.new_id(), reporter, occasion, form, computed, overrides, narrative };
    let report = PeriodicReport::draft(opening, call.caller(), call.now())?;
    report.holds_together()?;
    reports::insert(work.tx(), &report).await?;
    work.created(&path_of(report.id), report.version, &PeriodicReportView::from(report)).await
}

/// List periodic reports
///
/// Those within the caller's reach that were sent, and the drafts of the caller's own agency. The ministry pulls
/// `level=province&authoritative=true` of a period: as pages, as lines, as comma-separated values (a row a figure), or as
/// a workbook. A workbook adds up, so it needs `period`, `level` and `authoritative=true`.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReports",
    params(PageQuery, ProvinceQuery, PeriodicReportQuery),
    responses((status = 200, description = "One page, or all of them as a file.", content(
        (Page<PeriodicReportView> = "application/json"),
        (CsvTable = "text/csv"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<PeriodicReportQuery>,
) -> Answer {
    let PeriodicReportQuery { period, agency, level, state, authoritative, updated_since } = query.clone();
    let filter = reports::Filter {
        period,
        agency,
        level,
        place: place.meant(&call).await?,
        state,
        authoritative,
        updated_since,
    };
    let found = reports::list(call.caller(), &filter);
    match call.produce() {
        CSV => rows::stream(&call, &page, found),
        XLSX => workbook::answer(&call, &filter).await,
        _ => call.list(&page, &place.with(&query), found, PeriodicReportView::from).await,
    }
}

/// Read a periodic report
///
/// One revision of it, with its figures, what was put in their place and why, and the digest of its content.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The report.", body = PeriodicReportView)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let report = reports::find(call.db(), call.caller(), *id).await?;
    call.one(report.version, &PeriodicReportView::from(report))
}

/// Edit a periodic report
///
/// Its overrides and narrative, while it is a draft or was returned. The period stays.
#[utoipa::path(
    tag = "Reports",
    operation_id = "editPeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    request_body(content = NewPeriodicReport, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = PeriodicReportView)),
    security(("bearer" = ["reports:write"]))
)]
#[patch("/v1/periodic-reports/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let report = reports::find(work.tx(), call.caller(), *id).await?;
    seen.holds(report.version);
    let NewPeriodicReport { period, agency, overrides, narrative } = patch.onto(&NewPeriodicReport::of(&report))?;
    let kept = report.reporter.agency;
    unchanged(&kept, &agency.unwrap_or(kept), "/agency")?;
    vocabulary(&work, &overrides).await?;
    let edited = report.edit(period, &overrides, narrative, call.caller(), call.now())?;
    reports::update(work.tx(), &edited).await?;
    work.changed(edited.version, &PeriodicReportView::from(edited)).await
}

/// Delete a draft of a periodic report
///
/// What was submitted once is never deleted.
#[utoipa::path(
    tag = "Reports",
    operation_id = "deletePeriodicReport",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["reports:write"]))
)]
#[delete("/v1/periodic-reports/{id}")]
async fn discard(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let report = reports::find(work.tx(), call.caller(), *id).await?;
    seen.holds(report.version);
    report.may(ReportStep::Delete, call.caller(), None)?;
    reports::delete(work.tx(), &report).await?;
    if let Some(restated) = &report.restates {
        let accepted = reports::find(work.tx(), call.caller(), restated.report).await?;
        reports::update(work.tx(), &accepted.without_next(call.now())).await?;
    }
    work.deleted().await
}

/// What the caller may do with a periodic report
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listPeriodicReportActions",
    params(("id" = Uuid, Path, description = "Identifier of the report.")),
    responses((status = 200, description = "The steps.", body = super::actions::AllowedActions)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/periodic-reports/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let report = reports::find(call.db(), call.caller(), *id).await?;
    let lead = reports::lead_agency(call.db(), &report).await?;
    let step = |name, permission, step| Step { name, permission, verdict: report.may(step, call.caller(), lead) };
    let steps = vec![
        step("edit", Permission::WriteReports, ReportStep::Edit),
        step("delete", Permission::WriteReports, ReportStep::Delete),
        step("recomputations", Permission::WriteReports, ReportStep::Edit),
        step("submissions", Permission::WriteReports, ReportStep::Submit),
        step("returns", Permission::AcceptReports, ReportStep::Return),
        step("acceptances", Permission::AcceptReports, ReportStep::Accept),
        step("revisions", Permission::WriteReports, ReportStep::Revise),
        step("receipts", Permission::AcceptReports, ReportStep::Confirm),
    ];
    call.allowed_actions(&path_of(report.id), steps)
}
