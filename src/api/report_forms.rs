//! The forms of the periodic reports: which indicators they ask for, in which words, and how these add up. Loaded as drafts,
//! put in force by somebody else at the ministry.

mod steps;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::period::Period;
use crate::domain::refusal::{Fault, Rule};
use crate::domain::report::{FormIndicator, KeptForm, NewReportForm, ReportForm, ReportFormState};
use crate::domain::text::Text;
use crate::store::{StoreError, report_forms};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(load).service(list).service(read).service(edit).service(remove).service(list_indicators);
    steps::routes(config);
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
    /// Whether it is in force on its days.
    state: ReportFormState,
    /// The first period that is reported on with it; of a draft, as proposed. Absent of a form that shipped.
    first_period: Option<Period>,
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

impl From<KeptForm> for ReportFormView {
    fn from(kept: KeptForm) -> Self {
        let KeptForm { form, first_period, state, .. } = kept;
        let ReportForm { version, scheme, name, valid_from, valid_to, legal_basis, indicators } = form;
        Self { version, scheme, name, state, first_period, valid_from, valid_to, legal_basis, indicators }
    }
}

fn path_of(version: &str) -> String {
    format!("/v1/report-forms/{version}")
}

/// Load a form of the periodic reports
///
/// As a draft, which no report is made with. Every fault is told at once: indicators that are not known, that stand twice, or
/// that the form would add up, break down or ask of a level otherwise than the service computes them.
#[utoipa::path(
    tag = "Reports",
    operation_id = "createReportForm",
    request_body = NewReportForm,
    responses((status = 201, description = "The draft.", body = ReportFormView)),
    security(("bearer" = ["forms:load"]))
)]
#[post("/v1/report-forms")]
async fn load(call: Call, Body(new): Body<NewReportForm>) -> Answer {
    let work = call.begin().await?;
    let kept = KeptForm::load(call.new_id(), new, call.caller(), call.now())?;
    report_forms::insert(work.tx(), &kept).await.map_err(|error| day_taken(error, &kept))?;
    work.created(&path_of(&kept.form.version), kept.version, &ReportFormView::from(kept)).await
}

/// Another form begins on the day that follows from the first period, which the body does not say.
fn day_taken(error: StoreError, kept: &KeptForm) -> ApiError {
    let is_day = matches!(error, StoreError::Taken("uq_report_forms_valid_from"));
    let ReportForm { scheme, valid_from, .. } = &kept.form;
    match ApiError::from(error) {
        ApiError::Refused(taken) if is_day => {
            (*taken).keyed(&[("scheme", scheme), ("validFrom", valid_from)], &[]).into()
        }
        other => other,
    }
}

/// Edit the draft of a form
///
/// Checked like a creation; its version stays, and what is in force does not change.
#[utoipa::path(
    tag = "Reports",
    operation_id = "editReportForm",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    request_body(content = NewReportForm, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ReportFormView)),
    security(("bearer" = ["forms:load"]))
)]
#[patch("/v1/report-forms/{version}")]
async fn edit(call: Call, version: Path<String>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let kept = report_forms::kept(work.tx(), &version).await?;
    seen.holds(kept.version);
    kept.may_edit()?;
    let new = patch.onto(&NewReportForm::from(&kept))?;
    let kept = kept.edit(new, call.caller(), call.now())?;
    report_forms::update(work.tx(), &kept).await.map_err(|error| day_taken(error, &kept))?;
    work.changed(kept.version, &ReportFormView::from(kept)).await
}

/// Delete the draft of a form
///
/// One in force ends when another takes its place.
#[utoipa::path(
    tag = "Reports",
    operation_id = "deleteReportForm",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["forms:load"]))
)]
#[delete("/v1/report-forms/{version}")]
async fn remove(call: Call, version: Path<String>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let kept = report_forms::kept(work.tx(), &version).await?;
    seen.holds(kept.version);
    kept.may_edit()?;
    report_forms::delete(work.tx(), &kept).await?;
    work.deleted().await
}

/// List the forms of the periodic reports
///
/// All versions, drafts too. The form that ships is a proposal drawn from 2129/QĐ-UBND and the known circulars: the ministry's own (Letter
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
    let kept = report_forms::kept(call.db(), &version).await?;
    call.one(kept.version, &ReportFormView::from(kept))
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
