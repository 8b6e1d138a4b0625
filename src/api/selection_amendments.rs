//! Amendments of selection decisions: drafted by the lead agency, approved by the People's Committee, all or nothing.

mod views;

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{AmendmentApproval, NewSelectionAmendment, SelectionAmendmentView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::determinations::made_of;
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use super::place::ProvinceQuery;
use super::references::Missing;
use super::selection_decisions::steps::take_off;
use super::selection_decisions::{candidates, look_for_choices, under_a_plan};
use super::service_config::ServiceConfig;
use crate::domain::agency::Agency;
use crate::domain::application::{Application, unchanged};
use crate::domain::determination::DeterminationOccasion;
use crate::domain::history::StepTaken;
use crate::domain::pilot::Pilot;
use crate::domain::plan::ProvincialPlan;
use crate::domain::role::Permission;
use crate::domain::selection::{
    Amended, Amendment, AmendmentReferences, AmendmentState, AmendmentTerms, Quota, SelectionDecision, quota_exceeded,
};
use crate::store::{
    Tx, agencies, applications, determinations, eligibility, pilots, provincial_plans,
    selection_amendments as amendments, selection_decisions,
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(approve)
        .service(list_approvals);
}

/// Narrows the list of amendments.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SelectionAmendmentQuery {
    /// The selection decision.
    #[param(nullable = false)]
    decision: Option<Uuid>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<AmendmentState>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/selection-amendments/{id}")
}

/// What an amendment refers to, as far as the caller reaches it.
struct Named {
    decision: SelectionDecision,
    plan: ProvincialPlan,
    opened: Vec<Pilot>,
    applications: Vec<Application>,
    departments: Vec<Agency>,
}

impl Named {
    async fn by(call: &Call, tx: &Tx, decision: SelectionDecision, terms: &AmendmentTerms) -> Result<Self, ApiError> {
        let plan = under_a_plan(
            provincial_plans::approved(tx, &decision.province, &decision.scheme).await,
            &decision.province,
            &decision.scheme,
        )?;
        let added = terms.additions.iter().map(|choice| choice.application);
        let named = terms.additions.iter().chain(&terms.reassignments).map(|choice| choice.responsible_department);
        Ok(Self {
            opened: pilots::of_decision(tx, decision.id).await?,
            applications: applications::find_all(tx, call.scope(), added).await?,
            departments: agencies::of_ids(tx, named.collect()).await?,
            decision,
            plan,
        })
    }

    fn references(&self) -> AmendmentReferences<'_> {
        let Self { decision, plan, opened, applications, departments } = self;
        AmendmentReferences { decision, lead_agency: plan.content.lead_agency, opened, applications, departments }
    }
}

/// Draft an amendment of a selection decision
///
/// By the agency that leads the province's plan: adds applications to the list, takes pilots off it, or puts them in the
/// hands of another department. A draft changes nothing yet; eligibility and quota are checked when it is approved.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "createSelectionAmendment",
    request_body = NewSelectionAmendment,
    responses((status = 201, description = "The draft.", body = SelectionAmendmentView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[post("/v1/selection-amendments")]
async fn create(call: Call, Body(new): Body<NewSelectionAmendment>) -> Answer {
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let decision = selection_decisions::find(work.tx(), call.scope(), new.decision).await;
    let decision = missing.found(decision, "/decision", "decision")?;
    if !missing.is_empty() {
        // The rules will not be asked, which tell this otherwise.
        let added = new.additions.iter().map(|choice| choice.application);
        let applications = applications::find_all(work.tx(), call.scope(), added).await?;
        let departments = new.additions.iter().map(|choice| choice.responsible_department).collect();
        let departments = agencies::of_ids(work.tx(), departments).await?;
        look_for_choices(&mut missing, "/additions", &new.additions, (&applications, &departments));
    }
    let decision = missing.all(decision)?;
    let terms = AmendmentTerms::from(new);
    let named = Named::by(&call, work.tx(), decision, &terms).await?;
    let draft = Amendment::draft(call.new_id(), terms, &named.references(), call.caller(), call.now())?;
    amendments::insert(work.tx(), &draft).await?;
    work.created(&path_of(draft.id), draft.version, &SelectionAmendmentView::from(draft)).await
}

/// List amendments of selection decisions
///
/// Those of the caller's province, in the order of recording; a cooperative sees those in force of the decisions on its own
/// applications.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionAmendments",
    params(PageQuery, ProvinceQuery, SelectionAmendmentQuery),
    responses((status = 200, description = "One page.", body = Page<SelectionAmendmentView>)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-amendments")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<SelectionAmendmentQuery>,
) -> Answer {
    let SelectionAmendmentQuery { decision, state } = query.clone();
    let filter = amendments::Filter { place: place.meant(&call).await?, decision, state };
    call.list(&page, &place.with(&query), amendments::list(call.scope(), &filter), SelectionAmendmentView::from).await
}

/// Read an amendment of a selection decision
///
/// Its decision, what it changes, and why.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "getSelectionAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The amendment.", body = SelectionAmendmentView)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-amendments/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let amendment = amendments::find(call.db(), call.scope(), *id).await?;
    call.one(amendment.version, &SelectionAmendmentView::from(amendment))
}

/// Edit an amendment of a selection decision
///
/// While it is a draft. The decision that it amends stays.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "editSelectionAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    request_body(content = NewSelectionAmendment, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = SelectionAmendmentView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[patch("/v1/selection-amendments/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let amendment = amendments::find(work.tx(), call.scope(), *id).await?;
    seen.holds(amendment.version);
    let new: NewSelectionAmendment = patch.onto(&NewSelectionAmendment::from(amendment.clone()))?;
    unchanged(&amendment.decision, &new.decision, "/decision")?;
    let decision = selection_decisions::find(work.tx(), call.scope(), amendment.decision).await?;
    let terms = AmendmentTerms::from(new);
    let named = Named::by(&call, work.tx(), decision, &terms).await?;
    let edited = amendment.edit(terms, &named.references(), call.caller(), call.now())?;
    amendments::update(work.tx(), &edited).await?;
    work.changed(edited.version, &SelectionAmendmentView::from(edited)).await
}

/// Delete a draft amendment
///
/// Only a draft: what is in force is amended again, never deleted.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "deleteSelectionAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["decisions:draft"]))
)]
#[delete("/v1/selection-amendments/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let amendment = amendments::find(work.tx(), call.scope(), *id).await?;
    seen.holds(amendment.version);
    let plan = under_a_plan(
        provincial_plans::approved(work.tx(), &amendment.province, &amendment.scheme).await,
        &amendment.province,
        &amendment.scheme,
    )?;
    amendment.may_delete(call.caller(), plan.content.lead_agency)?;
    amendments::delete(work.tx(), &amendment).await?;
    work.deleted().await
}

/// Tell what the caller may do with an amendment of a selection decision
///
/// Each step, allowed now or with the code of the refusal: for an approval, eligibility and quota included.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionAmendmentActions",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-amendments/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let amendment = amendments::find(call.db(), call.scope(), *id).await?;
    let decision = selection_decisions::find(call.db(), call.scope(), amendment.decision).await?;
    let plan = under_a_plan(
        provincial_plans::approved(call.db(), &decision.province, &decision.scheme).await,
        &decision.province,
        &decision.scheme,
    )?;
    let candidates = candidates(&call, eligibility::of_amendment(call.db(), &amendment).await?);
    let opened = selection_decisions::leaving(call.db(), decision.id).await?;
    let (caller, lead) = (call.caller(), plan.content.lead_agency);
    let quota = pilots::quota(call.db(), &plan).await?;
    let approval = amendment.may_approve(&decision, &opened, &candidates, &quota, caller);
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::DraftDecisions, amendment.may_edit(caller, lead)),
        step("delete", Permission::DraftDecisions, amendment.may_delete(caller, lead)),
        step("approvals", Permission::ApproveDecisions, approval),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Approve an amendment of a selection decision
///
/// By the People's Committee, not by who wrote the draft: all that it says, or nothing. Each application that it adds must be
/// submitted, unchanged since the draft was written, and meet every mandatory condition; places that it frees count before
/// those that it takes, and the scheme's list never holds more than the quota.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "approveSelectionAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    request_body = AmendmentApproval,
    responses((status = 200, description = "In force.", body = SelectionAmendmentView)),
    security(("bearer" = ["decisions:approve"]))
)]
#[post("/v1/selection-amendments/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<AmendmentApproval>) -> Answer {
    let AmendmentApproval { comment, document } = body;
    let work = call.begin().await?;
    let Amendment { province, scheme, .. } = amendments::find(work.tx(), call.scope(), *id).await?;
    // Whoever takes or gives back places goes one by one.
    let plan = under_a_plan(provincial_plans::lock_approved(work.tx(), &province, &scheme).await, &province, &scheme)?;
    let draft = amendments::find(work.tx(), call.scope(), *id).await?;
    seen.holds(draft.version);
    let decision = selection_decisions::find(work.tx(), call.scope(), draft.decision).await?;
    let chosen = eligibility::of_amendment(work.tx(), &draft).await?;
    let decided_on = chosen.iter().map(|chosen| (&chosen.application, chosen.inputs.clone()));
    let made = made_of(&call, (DeterminationOccasion::Selection, Some(decision.id)), decided_on);
    let candidates = candidates(&call, chosen);
    let opened = selection_decisions::leaving(work.tx(), decision.id).await?;
    let content_hash = Some(draft.content_hash());
    let quota = pilots::quota(work.tx(), &plan).await?;
    let amended = draft.approve(decision, opened, candidates, &quota, call.caller(), call.now())?;
    let amendment = save(&call, &work, (&plan, &quota), amended).await?;
    determinations::insert_all(work.tx(), &made).await?;
    let on_date = Some(amendment.terms.date);
    let step = StepTaken::new("approvals", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, document, content_hash, ..step }).await?;
    work.stepped(&path_of(*id), amendment.version, &SelectionAmendmentView::from(amendment)).await
}

/// Saves what an approval brings about: what is freed first, then what is taken.
async fn save(
    call: &Call,
    work: &Work,
    (plan, quota): (&ProvincialPlan, &Quota),
    amended: Amended,
) -> Result<Amendment, ApiError> {
    let Amended { amendment, decision, stopped, added, reassigned } = amended;
    let tx = work.tx();
    amendments::update(tx, &amendment).await?;
    selection_decisions::update(tx, &decision).await?;
    let (stopped, closed): (Vec<_>, Vec<_>) = stopped.into_iter().unzip();
    take_off(call, tx, plan.id, (&stopped, &closed)).await?;
    pilots::reassign_all(tx, &reassigned).await?;
    let places = amendment.places(&decision);
    if places > 0 && !provincial_plans::take_places(tx, plan.id, places, call.now().0).await? {
        return Err(quota_exceeded(quota, places, "/additions").into());
    }
    let (opened, selected): (Vec<_>, Vec<_>) = added.into_iter().unzip();
    applications::update_states(tx, &selected).await?;
    pilots::insert_all(tx, &opened).await?;
    selection_decisions::insert_additions(tx, &amendment, &selected).await?;
    Ok(amendment)
}

/// List the approvals of an amendment of a selection decision
///
/// At most one, with the digest of what was approved.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionAmendmentApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-amendments/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    amendments::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}
