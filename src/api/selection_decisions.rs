//! Selection decisions: drafted by the lead agency, approved by the People's Committee, all applications or none.

use std::collections::HashMap;

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use crate::domain::application::{Application, unchanged};
use crate::domain::eligibility::Determination;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::pilot::Pilot;
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Permission, Scope};
use crate::domain::selection::{
    Candidate, Choice, DecisionContent, DecisionIssuer, DecisionReferences, DecisionState, DecisionStatus, PilotList,
    Proposal, Quota, Revocation, Selection, SelectionDecision,
};
use crate::domain::text::Text;
use crate::store::{
    StoreError, Tx, agencies, applications, eligibility, pilots, provincial_plans, schemes, selection_decisions,
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list_decisions)
        .service(read)
        .service(edit)
        .service(remove)
        .service(allowed_actions)
        .service(approve)
        .service(list_approvals)
        .service(revoke)
        .service(list_revocations);
}

/// A decision on a list of pilots, as the lead agency drafts it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSelectionDecision {
    /// Code of the province: the caller's own.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Number: unique in the province and year.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2128/QĐ-UBND")]
    number: String,
    /// The date it bears; not in the future. After the scheme's selection phase it draws a warning.
    #[schema(example = "2021-09-15")]
    date: NaiveDate,
    /// The day it takes effect: that date or later.
    #[schema(example = "2021-09-15")]
    effective_date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    signatory: String,
    /// In whose name it is issued.
    issuer: DecisionIssuer,
    /// The lead agency's proposal.
    proposal: NewDecisionProposal,
    /// The list that it adds to; the quota binds the scheme's list alone.
    list: PilotList,
    /// The applications that it chooses: all or none.
    #[schema(min_items = 1, max_items = 50)]
    applications: Vec<NewDecisionChoice>,
}

/// The document that proposes the list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewDecisionProposal {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1996/SKHĐT-DN")]
    number: String,
    /// The date it bears: not after that of the decision.
    #[schema(example = "2021-08-30")]
    date: NaiveDate,
}

/// An application chosen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewDecisionChoice {
    /// The application.
    application: Uuid,
    /// The line department of the province that will be responsible for the pilot.
    responsible_department: Uuid,
}

impl From<NewSelectionDecision> for DecisionContent {
    fn from(new: NewSelectionDecision) -> Self {
        let NewSelectionDecision {
            province: _,
            scheme: _,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal,
            list,
            applications,
        } = new;
        let NewDecisionProposal { number: proposal_number, date: proposal_date } = proposal;
        let proposal = Proposal { number: proposal_number, date: proposal_date };
        let choice =
            |NewDecisionChoice { application, responsible_department }| Choice { application, responsible_department };
        let choices = applications.into_iter().map(choice).collect();
        Self { number, date, effective_date, signatory, issuer, proposal, list, choices }
    }
}

impl From<SelectionDecision> for NewSelectionDecision {
    fn from(decision: SelectionDecision) -> Self {
        let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices } =
            decision.content;
        let choice =
            |Choice { application, responsible_department }| NewDecisionChoice { application, responsible_department };
        Self {
            province: decision.province,
            scheme: decision.scheme,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal: NewDecisionProposal { number: proposal.number, date: proposal.date },
            list,
            applications: choices.into_iter().map(choice).collect(),
        }
    }
}

/// A decision on a list of pilots.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SelectionDecisionView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2128/QĐ-UBND")]
    number: String,
    /// The date it bears.
    #[schema(example = "2021-09-15")]
    date: NaiveDate,
    /// The day it takes effect.
    #[schema(example = "2021-09-15")]
    effective_date: NaiveDate,
    /// Who signs.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Thanh Bình")]
    signatory: String,
    /// In whose name it is issued.
    issuer: DecisionIssuer,
    /// The lead agency's proposal.
    proposal: DecisionProposal,
    /// The list that it adds to.
    list: PilotList,
    /// The applications that it chooses.
    #[schema(max_items = 50)]
    applications: Vec<DecisionChoice>,
    /// Where it is in its life.
    state: DecisionStatus,
    /// The later decision that revoked it.
    revocation: Option<DecisionRevocation>,
    /// What is unusual, and not refused.
    #[schema(max_items = 10)]
    warnings: Vec<DecisionWarning>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// The document that proposed the list.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionProposal {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1996/SKHĐT-DN")]
    number: String,
    /// The date it bears.
    #[schema(example = "2021-08-30")]
    date: NaiveDate,
}

/// An application chosen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DecisionChoice {
    /// The application.
    application: Uuid,
    /// The line department that is responsible for the pilot.
    responsible_department: Uuid,
}

/// The later decision that revoked a decision.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionRevocation {
    /// Number.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "31/QĐ-UBND")]
    number: String,
    /// The date it bears.
    #[schema(example = "2022-01-10")]
    date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hồ sơ không đúng thực tế")]
    reason: String,
}

/// Something unusual about a decision, that is not refused.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionWarning {
    /// Stable code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "late_selection")]
    code: String,
    /// What is unusual.
    message: Text,
}

impl From<SelectionDecision> for SelectionDecisionView {
    fn from(decision: SelectionDecision) -> Self {
        let SelectionDecision {
            id,
            version: _,
            province,
            scheme,
            content,
            late,
            state,
            created_by: _,
            recorded_at,
            updated_at,
        } = decision;
        let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices } = content;
        let choice =
            |Choice { application, responsible_department }| DecisionChoice { application, responsible_department };
        let status = state.status();
        let revocation = match state {
            DecisionState::Revoked { revocation: Revocation { number, date, reason }, .. } => {
                Some(DecisionRevocation { number, date, reason })
            }
            DecisionState::Draft | DecisionState::Approved { .. } => None,
        };
        Self {
            id,
            province,
            scheme,
            number,
            date,
            effective_date,
            signatory,
            issuer,
            proposal: DecisionProposal { number: proposal.number, date: proposal.date },
            list,
            applications: choices.into_iter().map(choice).collect(),
            state: status,
            revocation,
            warnings: late.then(|| late_selection(date)).into_iter().collect(),
            recorded_at,
            updated_at,
        }
    }
}

/// Late starters exist: Lào Cai joined in July 2023.
fn late_selection(date: NaiveDate) -> DecisionWarning {
    let message = Text::new(
        format!("Quyết định ngày {date} sau khi giai đoạn lựa chọn của Đề án kết thúc."),
        format!("The decision of {date} comes after the scheme's selection phase."),
    );
    DecisionWarning { code: "late_selection".to_owned(), message }
}

/// Narrows the list of decisions.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SelectionDecisionQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// The list that they add to.
    #[param(inline, nullable = false)]
    list: Option<PilotList>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<DecisionStatus>,
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

fn path_of(id: Uuid) -> String {
    format!("/v1/selection-decisions/{id}")
}

/// Pilots are selected under a plan in force: it names the lead agency and the quota.
fn under_a_plan(found: Result<ProvincialPlan, StoreError>) -> Result<ProvincialPlan, ApiError> {
    match found {
        Err(StoreError::NotFound) => Err(Refusal::new(
            Rule::PlanNotApproved,
            "Tỉnh chưa có kế hoạch được phê duyệt cho Đề án này.",
            "The province has no approved plan for this scheme.",
        )
        .into()),
        found => Ok(found?),
    }
}

/// What the body refers to, and the rules over it: then `decide` makes the decision.
async fn decided(
    call: &Call,
    tx: &Tx,
    new: NewSelectionDecision,
    decide: impl FnOnce(DecisionContent, &DecisionReferences<'_>) -> Result<SelectionDecision, Refusal>,
) -> Result<(SelectionDecision, Vec<Application>), ApiError> {
    if !matches!(call.scope(), Scope::Province(own) if *own == new.province) {
        return Err(ApiError::unknown_reference("/province", "province"));
    }
    let scheme = schemes::find(tx, &new.scheme).await;
    let scheme = scheme.map_err(|error| ApiError::reference(error, "/scheme", "scheme"))?;
    let plan = under_a_plan(provincial_plans::approved(tx, &new.province, &new.scheme).await)?;
    let chosen = new.applications.iter().map(|choice| choice.application);
    let applications = applications::find_all(tx, call.scope(), chosen).await?;
    let departments = new.applications.iter().map(|choice| choice.responsible_department).collect();
    let departments = agencies::of_ids(tx, departments).await?;
    let references = DecisionReferences {
        province: &new.province.clone(),
        scheme: &scheme,
        lead_agency: plan.content.lead_agency,
        applications: &applications,
        departments: &departments,
    };
    Ok((decide(new.into(), &references)?, applications))
}

/// Draft a selection decision
///
/// By the agency that leads the province's plan. Applications are checked when the decision is approved.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "createSelectionDecision",
    request_body = NewSelectionDecision,
    responses((status = 201, description = "The draft.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[post("/v1/selection-decisions")]
async fn create(call: Call, Body(new): Body<NewSelectionDecision>) -> Answer {
    let work = call.begin().await?;
    let draft = |content, references: &DecisionReferences<'_>| {
        SelectionDecision::draft(call.new_id(), content, references, call.caller(), call.now())
    };
    let (decision, chosen) = decided(&call, work.tx(), new, draft).await?;
    selection_decisions::insert(work.tx(), &decision, &chosen).await?;
    work.created(&path_of(decision.id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// List selection decisions
///
/// Those of the caller's province; a cooperative sees the approved ones on its own applications.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisions",
    params(PageQuery, SelectionDecisionQuery),
    responses((status = 200, description = "One page.", body = Page<SelectionDecisionView>)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions")]
async fn list_decisions(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(query): Query<SelectionDecisionQuery>,
) -> Answer {
    let SelectionDecisionQuery { province, scheme, list, state } = query.clone();
    let filter = selection_decisions::Filter { province, scheme, list, state };
    let listing = selection_decisions::list(call.scope(), &filter);
    call.list(&page, &query, listing, SelectionDecisionView::from).await
}

/// Read a selection decision
///
/// With the applications that it chooses.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "getSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The decision.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let decision = selection_decisions::find(call.db(), call.scope(), *id).await?;
    call.one(decision.version, &SelectionDecisionView::from(decision))
}

/// Edit a selection decision
///
/// While it is a draft. Province and scheme stay.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "editSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    request_body(content = NewSelectionDecision, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = SelectionDecisionView)),
    security(("bearer" = ["decisions:draft"]))
)]
#[patch("/v1/selection-decisions/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let decision = selection_decisions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(decision.version)?;
    let new: NewSelectionDecision = patch.onto(&NewSelectionDecision::from(decision.clone()))?;
    let fixed = [
        unchanged(&decision.province, &new.province, "/province"),
        unchanged(&decision.scheme, &new.scheme, "/scheme"),
    ];
    Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
    let rewrite =
        |content, references: &DecisionReferences<'_>| decision.edit(content, references, call.caller(), call.now());
    let (decision, chosen) = decided(&call, work.tx(), new, rewrite).await?;
    selection_decisions::update_draft(work.tx(), &decision, &chosen).await?;
    work.changed(decision.version, &SelectionDecisionView::from(decision)).await
}

/// Delete a selection decision
///
/// Only a draft: an approved one is revoked by a later decision.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "deleteSelectionDecision",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["decisions:draft"]))
)]
#[delete("/v1/selection-decisions/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let decision = selection_decisions::find(work.tx(), call.scope(), *id).await?;
    seen.holds(decision.version)?;
    let plan = under_a_plan(provincial_plans::approved(work.tx(), &decision.province, &decision.scheme).await)?;
    decision.may_delete(call.caller(), plan.content.lead_agency)?;
    selection_decisions::delete(work.tx(), &decision).await?;
    work.deleted().await
}

/// The applications of a decision with their eligibility now, each with an identifier for its pilot.
fn candidates(call: &Call, determined: Vec<(Application, Determination)>) -> Vec<Candidate> {
    let candidate = |(application, determination)| Candidate { application, determination, pilot: call.new_id() };
    determined.into_iter().map(candidate).collect()
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

const fn quota_of(plan: &ProvincialPlan) -> Quota {
    Quota { places: plan.content.pilot_quota, taken: plan.pilots_selected }
}

/// Tell what the caller may do with a selection decision
///
/// Each step, allowed now or with the code of the refusal: for an approval, eligibility and quota included.
#[utoipa::path(
    tag = "Selection decisions",
    operation_id = "listSelectionDecisionActions",
    params(("id" = Uuid, Path, description = "Identifier of the decision.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["decisions:read"]))
)]
#[get("/v1/selection-decisions/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let decision = selection_decisions::find(call.db(), call.scope(), *id).await?;
    let plan = under_a_plan(provincial_plans::approved(call.db(), &decision.province, &decision.scheme).await)?;
    let candidates = candidates(&call, eligibility::of_decision(call.db(), &decision).await?);
    let (caller, lead) = (call.caller(), plan.content.lead_agency);
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("edit", Permission::DraftDecisions, decision.may_edit(caller, lead)),
        step("delete", Permission::DraftDecisions, decision.may_delete(caller, lead)),
        step("approvals", Permission::ApproveDecisions, decision.may_approve(&candidates, quota_of(&plan), caller)),
        step("revocations", Permission::ApproveDecisions, decision.may_revoke().map(drop)),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Approve a selection decision
///
/// By the People's Committee, not by who drafted it. Every application must be submitted and meet every mandatory condition; the
/// scheme's list must have a place for each. Opens the pilots.
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
    let candidates = candidates(&call, eligibility::of_decision(work.tx(), &decision).await?);
    let selection = decision.approve(candidates, quota_of(&plan), call.caller(), call.now())?;
    let Selection { decision, applications, pilots } = selection;
    let places = decision.content.places();
    if places > 0 && !provincial_plans::take_places(work.tx(), plan.id, places, call.now().0).await? {
        return Err(decision.quota_exceeded(quota_of(&plan)).into());
    }
    selection_decisions::update(work.tx(), &decision).await?;
    applications::update_states(work.tx(), &applications).await?;
    pilots::insert_all(work.tx(), &pilots).await?;
    let on_date = Some(decision.content.date);
    let step = StepTaken::new("approvals", call.caller(), call.now());
    work.step(*id, &StepTaken { on_date, comment, document, ..step }).await?;
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
/// By a later decision of the People's Committee. Its pilots that still take part are stopped, their places given back, their
/// applications closed.
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
    let opened = with_applications(work.tx(), pilots::of_decision(work.tx(), *id).await?).await?;
    let revocation = Revocation { number, date, reason: reason.clone() };
    let Selection { decision, applications, pilots } = decision.revoke(opened, revocation, call.now())?;
    selection_decisions::update(work.tx(), &decision).await?;
    applications::update_states(work.tx(), &applications).await?;
    pilots::stop_all(work.tx(), &pilots).await?;
    let freed = pilots.iter().filter(|pilot| pilot.list == PilotList::Scheme).count();
    if freed > 0 {
        let freed = u32::try_from(freed).unwrap_or(u32::MAX);
        provincial_plans::give_back_places(work.tx(), plan.id, freed, call.now().0).await?;
    }
    let (on_date, comment) = (Some(date), Some(reason));
    work.step(*id, &StepTaken { on_date, comment, ..StepTaken::new("revocations", call.caller(), call.now()) }).await?;
    work.stepped(&path_of(*id), decision.version, &SelectionDecisionView::from(decision)).await
}

/// Each pilot with the application that it came from.
async fn with_applications(tx: &Tx, opened: Vec<Pilot>) -> Result<Vec<(Pilot, Application)>, ApiError> {
    let ids = opened.iter().map(|pilot| pilot.application);
    let found = applications::find_all(tx, &Scope::Country, ids).await?;
    let mut by_id: HashMap<Uuid, Application> = found.into_iter().map(|found| (found.id, found)).collect();
    let paired = opened.into_iter().map(|pilot| {
        let application = by_id.remove(&pilot.application).ok_or(StoreError::NotFound)?;
        Ok((pilot, application))
    });
    paired.collect::<Result<_, StoreError>>().map_err(ApiError::from)
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
