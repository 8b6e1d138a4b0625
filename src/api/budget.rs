//! Allocations of the plan's estimate, the disbursements and settlements against them, and the corrections of these.

mod forms;
mod settlements;

use std::collections::BTreeSet;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use uuid::Uuid;

use self::forms::{
    AllocationDecision, BudgetAllocationApproval, BudgetAllocationQuery, BudgetAllocationView, BudgetBalanceQuery,
    BudgetPostingView,
};
pub(super) use self::forms::{BudgetAdjustment, BudgetDisbursement, NewBudgetAllocation};
use super::actions::{AllowedActions, Step};
use super::budget_summaries::past;
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError, Kind};
use super::page::{History, Page, PageQuery};
use super::place::ProvinceQuery;
use crate::domain::agency::Agency;
use crate::domain::budget::{
    self, Allocation, AllocationReferences, AllocationTerms, Balances, Correction, Decided, EntryTerms, NeedBalance,
    Payment, Raise,
};
use crate::domain::digest;
use crate::domain::history::StepTaken;
use crate::domain::pilot::Pilot;
use crate::domain::plan::ProvincialPlan;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::role::{Permission, Scope};
use crate::domain::scheme::Scheme;
use crate::store::budget as allocations;
use crate::store::{StoreError, agencies, budget_amendments, pilots, provincial_plans, reference_entries, schemes};

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
        .service(list_approvals)
        .service(disburse)
        .service(list_postings)
        .service(adjust)
        .service(list_adjustments);
    settlements::routes(config);
}

fn path_of(id: Uuid) -> String {
    format!("/v1/budget-allocations/{id}")
}

/// The records that an allocation names, as far as the caller reaches them.
pub(super) struct Named {
    plan: Option<ProvincialPlan>,
    scheme: Option<Scheme>,
    lists: Vec<ReferenceEntry>,
    agencies: Vec<Agency>,
    pilots: Vec<Pilot>,
    needs: Vec<NeedBalance>,
    added: Decided,
    raises: Vec<Raise>,
}

impl Named {
    async fn by(terms: &AllocationTerms, work: &Work, scope: &Scope) -> Result<Self, ApiError> {
        let plan = match provincial_plans::find(work.tx(), scope, terms.plan).await {
            Ok(plan) => Some(plan),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        Self::of(plan, &terms.entries, work, scope).await
    }

    /// Those of entries that take from one plan.
    pub(super) async fn of_plan(
        plan: ProvincialPlan,
        entries: Vec<EntryTerms>,
        work: &Work,
        scope: &Scope,
    ) -> Result<Self, ApiError> {
        Self::of(Some(plan), &entries, work, scope).await
    }

    async fn of(
        plan: Option<ProvincialPlan>,
        entries: &[EntryTerms],
        work: &Work,
        scope: &Scope,
    ) -> Result<Self, ApiError> {
        let implementing = entries.iter().map(|entry| entry.agency).collect();
        let benefiting = entries.iter().filter_map(|entry| entry.pilot).collect();
        let served = entries.iter().filter_map(|entry| entry.need);
        let lines: BTreeSet<Uuid> = entries.iter().map(|entry| entry.line).collect();
        let scheme = match &plan {
            Some(plan) => Some(schemes::find(work.tx(), &plan.content.scheme).await?),
            None => None,
        };
        Ok(Self {
            plan,
            scheme,
            lists: reference_entries::of_lists(work.tx(), &[ReferenceList::SupportKinds]).await?,
            agencies: agencies::of_ids(work.tx(), implementing).await?,
            pilots: pilots::of_ids(work.tx(), scope, benefiting).await?,
            needs: allocations::need_balances(work.tx(), scope, served, false).await?,
            added: budget_amendments::added(work.tx(), lines.clone()).await?,
            raises: budget_amendments::raises(work.tx(), lines).await?,
        })
    }

    pub(super) fn references(&self) -> AllocationReferences<'_> {
        let Self { plan, scheme, lists, agencies, pilots, needs, added, raises } = self;
        let (plan, scheme) = (plan.as_ref(), scheme.as_ref());
        AllocationReferences { plan, scheme, lists, agencies, pilots, needs, added, raises }
    }
}

/// What is posted against an allocation, under its decision.
async fn postings(call: &Call, id: Uuid, page: &PageQuery, corrections_only: bool) -> Answer {
    let decision = AllocationDecision::from(&allocations::find(call.db(), call.scope(), id).await?);
    let listing = allocations::postings(call.scope(), id, corrections_only);
    call.list(page, &(), listing, move |posted| BudgetPostingView::of(posted, decision.clone())).await
}

/// Draft an allocation
///
/// By the lead agency of the plan or by finance. A draft takes nothing from its lines yet, but one that could not be approved
/// today is refused already, with what each line has left.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetAllocation",
    request_body = NewBudgetAllocation,
    responses((status = 201, description = "Drafted.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:draft"]))
)]
#[post("/v1/budget-allocations")]
async fn create(call: Call, Body(new): Body<NewBudgetAllocation>) -> Answer {
    let terms = AllocationTerms::from(new);
    let work = call.begin().await?;
    let named = Named::by(&terms, &work, call.scope()).await?;
    let id = call.new_id();
    let drafted = Allocation::draft(id, terms, named.references(), call.caller(), call.now(), || call.new_id())?;
    allocations::insert(work.tx(), &drafted).await?;
    work.created(&path_of(id), drafted.version, &BudgetAllocationView::from(drafted)).await
}

/// List allocations
///
/// Those within the caller's reach, in the order of recording. Below the province only approved ones are seen, and of these
/// only what has to do with the caller's unit or cooperative. A cooperative sees of each the entries for its own pilots, and
/// their sums.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAllocations",
    params(PageQuery, ProvinceQuery, BudgetAllocationQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetAllocationView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<BudgetAllocationQuery>,
) -> Answer {
    let BudgetAllocationQuery { plan, state, pilot, implementing_agency: agency, line, support_need } = query.clone();
    let within = place.meant(&call).await?;
    let filter = allocations::Filter { place: within, plan, state, pilot, agency, line, need: support_need };
    call.list(&page, &place.with(&query), allocations::list(call.scope(), &filter), BudgetAllocationView::from).await
}

/// Read an allocation
///
/// Its decision, its entries and what was disbursed of them; a cooperative sees the entries for its own pilots, and their sums. Now,
/// or as recorded by an instant (`asOf`); it is not found as of
/// an instant before its approval.
#[utoipa::path(
    tag = "Budget",
    operation_id = "getBudgetAllocation",
    params(("id" = Uuid, Path, description = "Identifier of the allocation."), BudgetBalanceQuery),
    responses((status = 200, description = "The allocation.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}")]
async fn read(call: Call, id: Path<Uuid>, Query(query): Query<BudgetBalanceQuery>) -> Answer {
    past(&call, query.as_of)?;
    let allocation = allocations::find(call.db(), call.scope(), *id).await?;
    let Some(instant) = query.as_of else {
        return call.one(allocation.version, &BudgetAllocationView::from(allocation));
    };
    let then = allocations::as_of(call.db(), allocation, instant).await?;
    call.computed(&BudgetAllocationView::from(then.ok_or(ApiError::of(Kind::NotFound))?))
}

/// Edit a draft allocation
///
/// While it is a draft. Who edits it may not approve it.
#[utoipa::path(
    tag = "Budget",
    operation_id = "editBudgetAllocation",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body(content = NewBudgetAllocation, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:draft"]))
)]
#[patch("/v1/budget-allocations/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let terms = AllocationTerms::from(patch.onto(&NewBudgetAllocation::from(&allocation))?);
    let named = Named::by(&terms, &work, call.scope()).await?;
    let edited = allocation.amend(terms, named.references(), call.caller(), call.now(), || call.new_id())?;
    allocations::amend(work.tx(), &edited).await?;
    work.changed(edited.version, &BudgetAllocationView::from(edited)).await
}

/// Delete a draft allocation
///
/// Only a draft: what was approved is corrected, never deleted.
#[utoipa::path(
    tag = "Budget",
    operation_id = "deleteBudgetAllocation",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["budget:draft"]))
)]
#[delete("/v1/budget-allocations/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    allocation.may(budget::Step::Delete, call.caller())?;
    allocations::delete(work.tx(), &allocation).await?;
    work.deleted().await
}

/// Tell what the caller may do with an allocation
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAllocationActions",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let allocation = allocations::find(call.db(), call.scope(), *id).await?;
    let plan = provincial_plans::find(call.db(), call.scope(), allocation.plan).await?;
    let step = |name, permission, step| Step { name, permission, verdict: allocation.may(step, call.caller()) };
    let pilots = pilots::of_ids(call.db(), call.scope(), allocation.pilots()).await?;
    let needs = allocations::need_balances(call.db(), call.scope(), allocation.needs(), false).await?;
    let raises = budget_amendments::raises(call.db(), allocation.takings().into_keys().collect()).await?;
    let balances = Balances { lines: &plan.lines, pilots: &pilots, needs: &needs, raises: &raises };
    let approval = allocation.may_approve(balances, call.caller());
    let steps = vec![
        step("edit", Permission::DraftAllocations, budget::Step::Edit),
        step("delete", Permission::DraftAllocations, budget::Step::Delete),
        Step { name: "approvals", permission: Permission::ApproveAllocations, verdict: approval },
        step("disbursements", Permission::Disburse, budget::Step::Disburse),
        step("adjustments", Permission::Disburse, budget::Step::Adjust),
        step("settlements", Permission::Settle, budget::Step::Settle),
        step("settlement-corrections", Permission::Settle, budget::Step::Settle),
        step("settlement-reviews", Permission::ReviewSettlements, budget::Step::Review),
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Approve an allocation
///
/// By the People's Committee, and not by a person who wrote the draft. The approval takes from all lines at once what the
/// entries ask of them, or from none: a line, or a support need that is served, that no longer has it refuses with what it has
/// left, and so does a pilot that had left the scheme by the date of the decision.
#[utoipa::path(
    tag = "Budget",
    operation_id = "approveBudgetAllocation",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetAllocationApproval,
    responses((status = 200, description = "Approved.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:approve"]))
)]
#[post("/v1/budget-allocations/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetAllocationApproval>) -> Answer {
    let BudgetAllocationApproval { comment, document } = body;
    let work = call.begin().await?;
    let draft = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(draft.version);
    let form = serde_json::to_value(NewBudgetAllocation::from(&draft))?;
    let taken_from = draft.takings().into_keys().collect();
    let lines = provincial_plans::lock_lines(work.tx(), draft.plan, taken_from, call.now().0).await?;
    let pilots = pilots::of_ids(work.tx(), call.scope(), draft.pilots()).await?;
    let needs = allocations::need_balances(work.tx(), call.scope(), draft.needs(), true).await?;
    let raises = budget_amendments::raises(work.tx(), draft.takings().into_keys().collect()).await?;
    let balances = Balances { lines: &lines, pilots: &pilots, needs: &needs, raises: &raises };
    // Decisions on one plan count in the order in which they took its lock, whoever asked first.
    let at = call.instant();
    let approved = draft.approve(balances, call.caller(), at)?;
    allocations::approve(work.tx(), &approved).await?;
    let content_hash = Some(digest::digest(&form));
    let on_date = Some(approved.decision_date);
    let taken =
        StepTaken { on_date, comment, document, content_hash, ..StepTaken::new("approvals", call.caller(), at) };
    work.step(approved.id, &taken).await?;
    work.stepped(&path_of(approved.id), approved.version, &BudgetAllocationView::from(approved)).await
}

/// List the approvals of an allocation
///
/// Who approved it and when, with the digest of the content that was approved.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAllocationApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    responses((status = 200, description = "The approvals.", body = History)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    allocations::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}

/// Record a disbursement
///
/// By the implementing agency of the entry, by its voucher. Never more than the entry has left.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetDisbursement",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetDisbursement,
    responses((status = 200, description = "Recorded.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:disburse"]))
)]
#[post("/v1/budget-allocations/{id}/disbursements")]
async fn disburse(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetDisbursement>) -> Answer {
    let payment = Payment::from(body);
    payment.check(call.now())?;
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let (allocation, posted) = allocation.disburse(call.new_id(), payment, call.caller(), call.now())?;
    allocations::post(work.tx(), &allocation, &posted).await?;
    work.stepped(&path_of(allocation.id), allocation.version, &BudgetAllocationView::from(allocation)).await
}

/// List what was posted against an allocation
///
/// Payments and their corrections, oldest first: their sum is what is disbursed.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the allocation."), PageQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetPostingView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/disbursements")]
async fn list_postings(call: Call, id: Path<Uuid>, Query(page): Query<PageQuery>) -> Answer {
    postings(&call, *id, &page, false).await
}

/// Correct a disbursement
///
/// By the implementing agency of its entry: a new posting that names what it corrects and why. Nothing posted is edited.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetAdjustment",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetAdjustment,
    responses((status = 200, description = "Recorded.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:disburse"]))
)]
#[post("/v1/budget-allocations/{id}/adjustments")]
async fn adjust(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetAdjustment>) -> Answer {
    let corrects = body.corrects;
    let correction = Correction::from(body);
    correction.check(call.now())?;
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let found = allocations::posted(work.tx(), *id, corrects).await?;
    let (corrected, earlier) = found.ok_or_else(|| ApiError::unknown_reference("/corrects", "disbursement"))?;
    let (allocation, posted) =
        allocation.adjust(call.new_id(), &corrected, earlier, correction, call.caller(), call.now())?;
    allocations::post(work.tx(), &allocation, &posted).await?;
    work.stepped(&path_of(allocation.id), allocation.version, &BudgetAllocationView::from(allocation)).await
}

/// List the corrections of an allocation
///
/// What was taken back, of which disbursement and why, oldest first.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAdjustments",
    params(("id" = Uuid, Path, description = "Identifier of the allocation."), PageQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetPostingView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/adjustments")]
async fn list_adjustments(call: Call, id: Path<Uuid>, Query(page): Query<PageQuery>) -> Answer {
    postings(&call, *id, &page, true).await
}
