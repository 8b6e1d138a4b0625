//! What can be done with a form, and how it is put in force.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{ReportFormView, path_of};
use crate::api::actions::{AllowedActions, Step};
use crate::api::call::{Body, Call, IfMatch};
use crate::api::error::Answer;
use crate::api::page::History;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::period::Period;
use crate::domain::report::{FORM_SCHEME, KeptForm};
use crate::domain::role::Permission;
use crate::store::{report_forms, schemes};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(allowed_actions).service(activate).service(list_activations);
}

/// Puts a form in force.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportFormActivation {
    /// The first period that is reported on with it.
    #[schema(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12])?$", example = "2024S1")]
    first_period: Period,
    /// The document that decides it.
    document: Option<DocumentReference>,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Áp dụng từ kỳ 06 tháng đầu năm 2024")]
    comment: Option<String>,
}

/// Tell what the caller may do with a form
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportFormActions",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/report-forms/{version}/allowed-actions")]
async fn allowed_actions(call: Call, version: Path<String>) -> Answer {
    let kept = report_forms::kept(call.db(), &version).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::LoadForms, kept.may_edit()),
        step("delete", Permission::LoadForms, kept.may_edit()),
        step("activations", Permission::ActivateForms, kept.may_activate(call.caller())),
    ];
    call.allowed_actions(&path_of(&version), steps)
}

/// Put a form of the periodic reports in force
///
/// From a period on, by the ministry, not by a person who wrote it. The form in force until then ends on the day before;
/// reports that were made with it keep it, so no report may have been made on that period or a later one.
#[utoipa::path(
    tag = "Reports",
    operation_id = "activateReportForm",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    request_body = ReportFormActivation,
    responses((status = 200, description = "In force; the form.", body = ReportFormView)),
    security(("bearer" = ["forms:activate"]))
)]
#[post("/v1/report-forms/{version}/activations")]
async fn activate(call: Call, version: Path<String>, seen: IfMatch, Body(body): Body<ReportFormActivation>) -> Answer {
    let ReportFormActivation { first_period, document, comment } = body;
    let from = KeptForm::first_day(first_period)?;
    let work = call.begin().await?;
    schemes::change_reporting(work.tx(), FORM_SCHEME).await?;
    let others = report_forms::lock_in_force(work.tx()).await?;
    let draft = report_forms::kept(work.tx(), &version).await?;
    seen.holds(draft.version);
    let before = report_forms::report_before(work.tx(), &version, from).await?;
    let activated = draft.activate(first_period, others, before, (call.caller(), call.now()))?;
    if let Some(ended) = &activated.ended {
        report_forms::update(work.tx(), ended).await?;
    }
    report_forms::update(work.tx(), &activated.form).await?;
    let item = Some(first_period.to_string());
    let step = StepTaken::new("activations", call.caller(), call.now());
    work.step(activated.form.id, &StepTaken { comment, document, item, ..step }).await?;
    work.stepped(&path_of(&version), activated.form.version, &ReportFormView::from(activated.form)).await
}

/// List the activations of a form
///
/// At most one: when and by whom, with the first period as `item`.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportFormActivations",
    params(("version" = String, Path, description = "Version of the form.", min_length = 1, max_length = 60,
        pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")),
    responses((status = 200, description = "The activations.", body = History)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/report-forms/{version}/activations")]
async fn list_activations(call: Call, version: Path<String>) -> Answer {
    let kept = report_forms::kept(call.db(), &version).await?;
    call.history(kept.id, "activations").await
}
