//! Deadlines of reports: loaded by the operator or the ministry, put in force by somebody else at the ministry.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::Answer;
use super::page::{History, Page, PageQuery};
use crate::domain::history::StepTaken;
use crate::domain::period::PeriodKind;
use crate::domain::report::{FORM_SCHEME, ReportLevel};
use crate::domain::reporting_deadline::{
    DayOfYear, DeadlineTerms, ReportingDeadline, ReportingDeadlineState, WindowTerms,
};
use crate::domain::role::Permission;
use crate::store::{public_holidays, reporting_deadlines, schemes};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(load)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(activate)
        .service(list_activations);
}

/// Narrows the list of deadlines.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ReportingDeadlineQuery {
    /// Whose reports are due.
    #[param(inline, nullable = false)]
    level: Option<ReportLevel>,
    /// The kind of period.
    #[param(inline, nullable = false)]
    period_kind: Option<PeriodKind>,
    /// The regime that sets them, word for word.
    #[param(nullable = false, min_length = 1, max_length = 200, pattern = r"\S", example = "124/2021/TT-BTC")]
    regime: Option<String>,
    /// Whether they are in force.
    #[param(inline, nullable = false)]
    state: Option<ReportingDeadlineState>,
}

/// Puts a deadline in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportingDeadlineActivation {
    /// A remark.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", nullable = false)]
    comment: Option<String>,
}

/// A deadline of reports.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportingDeadlineView {
    /// Identifier.
    id: Uuid,
    /// The regime that sets it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Chương trình hỗ trợ HTX, 124/2021/TT-BTC")]
    regime: String,
    /// Whose reports are due.
    level: ReportLevel,
    /// The kind of period.
    period_kind: PeriodKind,
    /// The data window of the regime; that of Decree 09/2019/NĐ-CP where absent.
    window: Option<WindowTerms>,
    /// The day that the rule names; absent where it sets the data window alone.
    due: Option<DayOfYear>,
    /// Whether that day is in time to its end (*chậm nhất vào ngày*), or is late already (*trước ngày*).
    last_day_counts: bool,
    /// The first day on which nothing is taken in any more; reports are never locked when absent.
    locks: Option<DayOfYear>,
    /// The first day in force: the rule is that of the periods whose data close on or after it.
    #[schema(example = "2021-02-03")]
    valid_from: NaiveDate,
    /// The last day in force; open when absent.
    valid_to: Option<NaiveDate>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "124/2021/TT-BTC")]
    legal_basis: String,
    /// Whether it is in force.
    state: ReportingDeadlineState,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<ReportingDeadline> for ReportingDeadlineView {
    fn from(deadline: ReportingDeadline) -> Self {
        let ReportingDeadline { id, terms, state, recorded_at, updated_at, .. } = deadline;
        let DeadlineTerms {
            regime,
            level,
            period_kind,
            window,
            due,
            last_day_counts,
            locks,
            valid_from,
            valid_to,
            legal_basis,
        } = terms;
        Self {
            id,
            regime,
            level,
            period_kind,
            window,
            due,
            last_day_counts,
            locks,
            valid_from,
            valid_to,
            legal_basis,
            state,
            recorded_at,
            updated_at,
        }
    }
}

fn path_of(id: Uuid) -> String {
    format!("/v1/reporting-deadlines/{id}")
}

/// Load a deadline of reports
///
/// As a rule for every year, of one level and kind of period. It must leave a working day after the data close
/// (Decree 09/2019/NĐ-CP), in each year, and binds nobody until it is activated.
#[utoipa::path(
    tag = "Reports",
    operation_id = "createReportingDeadline",
    request_body = DeadlineTerms,
    responses((status = 201, description = "The draft.", body = ReportingDeadlineView)),
    security(("bearer" = ["deadlines:load"]))
)]
#[post("/v1/reporting-deadlines")]
async fn load(call: Call, Body(terms): Body<DeadlineTerms>) -> Answer {
    let work = call.begin().await?;
    let holidays = public_holidays::all(work.tx()).await?;
    let deadline = ReportingDeadline::load(call.new_id(), terms, &holidays, (call.caller(), call.now()))?;
    reporting_deadlines::insert(work.tx(), &deadline).await?;
    work.created(&path_of(deadline.id), deadline.version, &ReportingDeadlineView::from(deadline)).await
}

/// List deadlines of reports
///
/// Drafts, and those that are or were in force.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportingDeadlines",
    params(PageQuery, ReportingDeadlineQuery),
    responses((status = 200, description = "One page.", body = Page<ReportingDeadlineView>)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-deadlines")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ReportingDeadlineQuery>) -> Answer {
    let ReportingDeadlineQuery { level, period_kind, regime, state } = query.clone();
    let filter = reporting_deadlines::Filter { level, period_kind, regime, state };
    call.list(&page, &query, reporting_deadlines::list(&filter), ReportingDeadlineView::from).await
}

/// Read a deadline of reports
///
/// With the days on which it holds and its legal basis.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getReportingDeadline",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    responses((status = 200, description = "The deadline.", body = ReportingDeadlineView)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-deadlines/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let deadline = reporting_deadlines::find(call.db(), *id).await?;
    call.one(deadline.version, &ReportingDeadlineView::from(deadline))
}

/// Edit a deadline of reports
///
/// While it is a draft.
#[utoipa::path(
    tag = "Reports",
    operation_id = "editReportingDeadline",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    request_body(content = DeadlineTerms, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = ReportingDeadlineView)),
    security(("bearer" = ["deadlines:load"]))
)]
#[patch("/v1/reporting-deadlines/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let deadline = reporting_deadlines::find(work.tx(), *id).await?;
    seen.holds(deadline.version);
    let terms = patch.onto(&deadline.terms)?;
    let holidays = public_holidays::all(work.tx()).await?;
    let deadline = deadline.edit(terms, &holidays, (call.caller(), call.now()))?;
    reporting_deadlines::update(work.tx(), &deadline).await?;
    work.changed(deadline.version, &ReportingDeadlineView::from(deadline)).await
}

/// Delete a draft of a deadline of reports
///
/// One in force ends when another takes its place.
#[utoipa::path(
    tag = "Reports",
    operation_id = "deleteReportingDeadline",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["deadlines:load"]))
)]
#[delete("/v1/reporting-deadlines/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let deadline = reporting_deadlines::find(work.tx(), *id).await?;
    seen.holds(deadline.version);
    deadline.may_edit()?;
    reporting_deadlines::delete(work.tx(), &deadline).await?;
    work.deleted().await
}

/// Tell what the caller may do with a deadline of reports
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportingDeadlineActions",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-deadlines/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let deadline = reporting_deadlines::find(call.db(), *id).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::LoadDeadlines, deadline.may_edit()),
        step("delete", Permission::LoadDeadlines, deadline.may_edit()),
        step("activations", Permission::ActivateDeadlines, deadline.may_activate(call.caller())),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Put a deadline of reports in force
///
/// By the ministry, not by a person who wrote it. An open rule of the same regime, level and kind of period that began earlier
/// ends on the day before; rules of other regimes stand beside it, if they take the data of the same window: a report is in
/// time when it is in time under all of them. Reports that were sent stay in time or late as they were, and a period on which
/// a report of its level was made keeps its data window.
#[utoipa::path(
    tag = "Reports",
    operation_id = "activateReportingDeadline",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    request_body = ReportingDeadlineActivation,
    responses((status = 200, description = "In force.", body = ReportingDeadlineView)),
    security(("bearer" = ["deadlines:activate"]))
)]
#[post("/v1/reporting-deadlines/{id}/activations")]
async fn activate(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<ReportingDeadlineActivation>) -> Answer {
    let work = call.begin().await?;
    let draft = reporting_deadlines::find(work.tx(), *id).await?;
    seen.holds(draft.version);
    schemes::change_reporting(work.tx(), FORM_SCHEME).await?;
    let others = reporting_deadlines::lock_beside(work.tx(), &draft).await?;
    let reported = reporting_deadlines::reported(work.tx(), &draft).await?;
    let holidays = public_holidays::all(work.tx()).await?;
    let (deadline, ended) = draft.activate(others, (&reported, &holidays), (call.caller(), call.now()))?;
    if let Some(ended) = ended {
        reporting_deadlines::update(work.tx(), &ended).await?;
    }
    reporting_deadlines::update(work.tx(), &deadline).await?;
    let step = StepTaken::new("activations", call.caller(), call.now());
    work.step(*id, &StepTaken { comment: body.comment, ..step }).await?;
    work.stepped(&path_of(*id), deadline.version, &ReportingDeadlineView::from(deadline)).await
}

/// List the activations of a deadline of reports
///
/// At most one: when and by whom.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportingDeadlineActivations",
    params(("id" = Uuid, Path, description = "Identifier of the deadline.")),
    responses((status = 200, description = "The activations.", body = History)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-deadlines/{id}/activations")]
async fn list_activations(call: Call, id: Path<Uuid>) -> Answer {
    reporting_deadlines::find(call.db(), *id).await?;
    call.history(*id, "activations").await
}
