//! The steps of a selection decision: approved, revoked.

use std::collections::HashMap;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{NewDecisionChoice, SelectionDecisionView};
use super::{candidates, path_of, quota_of, under_a_plan};
use crate::api::call::{Body, Call, IfMatch};
use crate::api::determinations::made_of;
use crate::api::error::{Answer, ApiError};
use crate::api::page::History;
use crate::domain::application::Application;
use crate::domain::determination::DeterminationOccasion;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::pilot::{Leaving, Pilot};
use crate::domain::plan::ProvincialPlan;
use crate::domain::role::Scope;
use crate::domain::selection::{Amended, Amendment, Choice, PilotList, Revocation, Selection, SelectionDecision};
use crate::store::{
    StoreError, Tx, agencies, applications, determinations, eligibility, pilots, provincial_plans, selection_decisions,
};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(approve)
        .service(list_approvals)
        .service(amend)
        .service(list_amendments)
        .service(revoke)
        .service(list_revocations);
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

/// Amends a decision by a later one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectionAmendment {
    /// Number of the later decision: not that of the decision itself.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "415/QĐ-UBND")]
    number: String,
    /// The date it bears: not before the decision, an earlier amendment, or a fact about a pilot that it takes off; not in
    /// the future.
    #[schema(example = "2022-03-01")]
    date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    signatory: String,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX ngừng hoạt động")]
    reason: String,
    /// The later decision itself.
    document: Option<DocumentReference>,
    /// Applications of the decision whose pilots are taken off the list: they stop, and their places are given back.
    #[schema(max_items = 50)]
    removals: Vec<Uuid>,
    /// Pilots that another department is responsible for from now on.
    #[schema(max_items = 50)]
    reassignments: Vec<NewDecisionChoice>,
}

/// A decision and the plan that holds its quota, locked: whoever takes or gives back places goes one by one.
async fn with_plan_locked(
    call: &Call,
    tx: &Tx,
    id: Uuid,
    seen: &IfMatch,
) -> Result<(SelectionDecision, ProvincialPlan), ApiError> {
    let SelectionDecision { province, scheme, .. } = selection_decisions::find(tx, call.scope(), id).await?;
    let plan = under_a_plan(provincial_plans::lock_approved(tx, &province, &scheme).await)?;
    let decision = selection_decisions::find(tx, call.scope(), id).await?;
    seen.holds(decision.version)?;
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
    let selection = decision.approve(candidates, quota_of(&plan), call.caller(), call.now())?;
    let Selection { decision, applications, pilots } = selection;
    let places = decision.content.places();
    if places > 0 && !provincial_plans::take_places(work.tx(), plan.id, places, call.now().0).await? {
        return Err(decision.quota_exceeded(quota_of(&plan)).into());
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

/// Amend a selection decision
///
/// By a later decision of the People's Committee, recorded by nobody who wrote the first: takes pilots off the list, or puts
/// them in the hands of another department, all or nothing. What the first decision said stays as it was. Who is to be added
/// to the list is selected by a decision of its own.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "amendSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    request_body = SelectionAmendment,
    responses((status = 200, description = "Amended.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:approve"]))
)]
#[post("/v1/selection-decisions/{id}/amendments")]
async fn amend(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<SelectionAmendment>) -> Answer {
    let amendment = body.by(call.caller().subject.clone(), call.now());
    amendment.check(call.now())?;
    let work = call.begin().await?;
    let (decision, plan) = with_plan_locked(&call, work.tx(), *id, &seen).await?;
    let opened = leaving(work.tx(), pilots::of_decision(work.tx(), *id).await?).await?;
    let departments = amendment.reassignments.iter().map(|choice| choice.responsible_department).collect();
    let departments = agencies::of_ids(work.tx(), departments).await?;
    let amended = decision.amend(opened, amendment.clone(), &departments, call.caller(), call.now())?;
    let Amended { decision, stopped, reassigned } = amended;
    let (stopped, closed): (Vec<_>, Vec<_>) = stopped.into_iter().unzip();
    selection_decisions::update(work.tx(), &decision).await?;
    selection_decisions::insert_amendment(work.tx(), call.new_id(), *id, &amendment).await?;
    take_off(&call, work.tx(), plan.id, (&stopped, &closed)).await?;
    pilots::reassign_all(work.tx(), &reassigned).await?;
    let Amendment { number, date, reason, document, .. } = amendment;
    let (on_date, comment, item) = (Some(date), Some(reason), Some(number));
    let step = StepTaken::new("amendments", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, item, document, ..step }).await?;
    work.stepped(&path_of(*id), decision.version, &SelectionDecisionView::from(decision)).await
}

impl SelectionAmendment {
    fn by(self, recorded_by: String, now: Moment) -> Amendment {
        let Self { number, date, signatory, reason, document, removals, reassignments } = self;
        let reassignments = reassignments.into_iter().map(Choice::from).collect();
        let recorded_at = now.0;
        Amendment { number, date, signatory, reason, document, removals, reassignments, recorded_by, recorded_at }
    }
}

/// List the amendments of a selection decision
///
/// `item` is the number of the later decision; oldest first.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisionAmendments",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}/amendments")]
async fn list_amendments(call: Call, id: Path<Uuid>) -> Answer {
    selection_decisions::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "amendments").await
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
    call.now().not_in_future(date, "/date")?;
    let work = call.begin().await?;
    let (decision, plan) = with_plan_locked(&call, work.tx(), *id, &seen).await?;
    let opened = leaving(work.tx(), pilots::of_decision(work.tx(), *id).await?).await?;
    let revocation = Revocation { number, date, reason: reason.clone() };
    let selection = decision.revoke(opened, revocation, call.caller(), call.now())?;
    let Selection { decision, applications, pilots } = selection;
    selection_decisions::update(work.tx(), &decision).await?;
    take_off(&call, work.tx(), plan.id, (&pilots, &applications)).await?;
    let (on_date, comment) = (Some(date), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("revocations", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// Each pilot with the application that it came from and the last day on which something happened to it.
async fn leaving(tx: &Tx, opened: Vec<Pilot>) -> Result<Vec<Leaving>, ApiError> {
    let ids = opened.iter().map(|pilot| pilot.application);
    let found = applications::find_all(tx, &Scope::Country, ids).await?;
    let facts = pilots::last_facts(tx, &opened.iter().map(|pilot| pilot.id).collect::<Vec<_>>()).await?;
    let mut by_id: HashMap<Uuid, Application> = found.into_iter().map(|found| (found.id, found)).collect();
    let paired = opened.into_iter().map(|pilot| {
        let application = by_id.remove(&pilot.application).ok_or(StoreError::NotFound)?;
        let last_fact = facts.get(&pilot.id).copied();
        Ok(Leaving { pilot, application, last_fact })
    });
    paired.collect::<Result<_, StoreError>>().map_err(ApiError::from)
}

/// Stops pilots, closes their applications, and gives the places of those on the scheme's list back.
async fn take_off(
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
