//! The steps of a selection decision: approved, revoked.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::SelectionDecisionView;
use super::{candidates, path_of, under_a_plan};
use crate::api::call::{Body, Call, IfMatch};
use crate::api::determinations::made_of;
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::application::Application;
use crate::domain::determination::DeterminationOccasion;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::pilot::Pilot;
use crate::domain::plan::ProvincialPlan;
use crate::domain::selection::{PilotList, Revocation, Selection, SelectionDecision, quota_exceeded};
use crate::store::{Tx, applications, determinations, eligibility, pilots, provincial_plans, selection_decisions};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(approve).service(list_approvals).service(revoke).service(list_revocations);
}

/// Approves a decision.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectionApproval {
    /// A word with it.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = r"\S",
        example = "Đồng ý theo đề nghị của Sở Kế hoạch và Đầu tư"
    )]
    comment: Option<String>,
    /// The signed decision.
    document: Option<DocumentReference>,
}

/// Revokes a decision by a later one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectionRevocation {
    /// Number of the later decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "31/QĐ-UBND")]
    number: String,
    /// The date it bears: not before the decision that it revokes, not in the future.
    #[schema(example = "2022-01-10")]
    date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hồ sơ không đúng thực tế")]
    reason: String,
}

/// A decision and the plan that holds its quota, locked: whoever takes or gives back places goes one by one.
async fn with_plan_locked(
    call: &Call,
    tx: &Tx,
    id: Uuid,
    seen: &IfMatch,
) -> Result<(SelectionDecision, ProvincialPlan), ApiError> {
    let SelectionDecision { province, scheme, .. } = selection_decisions::find(tx, call.scope(), id).await?;
    let plan = under_a_plan(provincial_plans::lock_approved(tx, &province, &scheme).await, &province, &scheme)?;
    let decision = selection_decisions::find(tx, call.scope(), id).await?;
    seen.holds(decision.version);
    Ok((decision, plan))
}

/// Approve a selection decision
///
/// By the People's Committee, not by who drafted it. Every application must be submitted, unchanged since the decision was
/// written, and meet every mandatory condition; the scheme's list must have a place for each. Opens the pilots. The history of
/// the step keeps the digest of what was approved.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "approveSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    request_body = SelectionApproval,
    responses((status = 200, description = "Approved; its pilots are open.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:approve"]))
)]
#[post("/v1/selection-decisions/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SelectionApproval>) -> Answer {
    let SelectionApproval { comment, document } = body;
    let work = call.begin().await?;
    let (decision, plan) = with_plan_locked(&call, work.tx(), *id, &seen).await?;
    let chosen = eligibility::of_decision(work.tx(), &decision).await?;
    let decided_on = chosen.iter().map(|chosen| (&chosen.application, chosen.inputs.clone()));
    let made = made_of(&call, (DeterminationOccasion::Selection, Some(*id)), decided_on);
    let candidates = candidates(&call, chosen);
    let content_hash = Some(decision.content_hash());
    let quota = pilots::quota(work.tx(), &plan).await?;
    let selection = decision.approve(candidates, &quota, call.caller(), call.now())?;
    let Selection { decision, applications, pilots } = selection;
    let places = decision.content.places();
    if places > 0 && !provincial_plans::take_places(work.tx(), plan.id, places, call.now().0).await? {
        return Err(quota_exceeded(&quota, places, "/applications").into());
    }
    selection_decisions::update(work.tx(), &decision).await?;
    applications::update_states(work.tx(), &applications).await?;
    pilots::insert_all(work.tx(), &pilots).await?;
    determinations::insert_all(work.tx(), &made).await?;
    let on_date = Some(decision.content.date);
    let step = StepTaken::new("approvals", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, document, content_hash, ..step }).await?;
    work.stepped(&path_of(*id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// List the approvals of a selection decision
///
/// At most one: it is all or none.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisionApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    selection_decisions::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}

/// Revoke a selection decision
///
/// By a later decision of the People's Committee, recorded by nobody who wrote the first. Its pilots that still take part are
/// stopped, their places given back, their applications closed.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "revokeSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    request_body = SelectionRevocation,
    responses((status = 200, description = "Revoked; its pilots are stopped.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:approve"]))
)]
#[post("/v1/selection-decisions/{id}/revocations")]
async fn revoke(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SelectionRevocation>) -> Answer {
    let SelectionRevocation { number, date, reason } = body;
    let work = call.begin().await?;
    let (decision, plan) = with_plan_locked(&call, work.tx(), *id, &seen).await?;
    let opened = selection_decisions::leaving(work.tx(), *id).await?;
    let revocation = Revocation { number, date, reason: reason.clone() };
    let selection = decision.revoke(opened, revocation, call.caller(), call.now())?;
    let Selection { decision, applications, pilots } = selection;
    selection_decisions::update(work.tx(), &decision).await?;
    take_off(&call, work.tx(), plan.id, (&pilots, &applications)).await?;
    let (on_date, comment) = (Some(date), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("revocations", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// Stops pilots, closes their applications, and gives the places of those on the scheme's list back.
pub(in crate::api) async fn take_off(
    call: &Call,
    tx: &Tx,
    plan: Uuid,
    (stopped, closed): (&[Pilot], &[Application]),
) -> Result<(), ApiError> {
    applications::update_states(tx, closed).await?;
    pilots::stop_all(tx, stopped).await?;
    let freed = stopped.iter().filter(|pilot| pilot.list == PilotList::Scheme).count();
    if freed > 0 {
        let freed = u32::try_from(freed).unwrap_or(u32::MAX);
        provincial_plans::give_back_places(tx, plan, freed, call.now().0).await?;
    }
    Ok(())
}

/// List the revocations of a selection decision
///
/// At most one: it is final.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisionRevocations",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}/revocations")]
async fn list_revocations(call: Call, id: Path<Uuid>) -> Answer {
    selection_decisions::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "revocations").await
}
