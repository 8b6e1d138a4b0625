//! Amendments of the budget: numbered decisions that change plan lines and reduce allocations, all or none.

mod forms;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use uuid::Uuid;

use self::forms::{BudgetAmendmentApproval, BudgetAmendmentQuery, BudgetAmendmentView, NewBudgetAmendment};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use super::place::ProvinceQuery;
use crate::domain::budget::{Amended, Amendment, AmendmentReferences, AmendmentTerms, Decided, Entry};
use crate::domain::digest;
use crate::domain::history::StepTaken;
use crate::domain::plan::ProvincialPlan;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::role::{Permission, Scope};
use crate::domain::scheme::Scheme;
use crate::store::{
    StoreError, budget as allocations, budget_amendments as amendments, provincial_plans, reference_entries, schemes,
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

fn path_of(id: Uuid) -> String {
    format!("/v1/budget-amendments/{id}")
}

/// The lists that new lines name.
const LISTS: &[ReferenceList] = &[
    ReferenceList::Categories,
    ReferenceList::BudgetLevels,
    ReferenceList::Sources,
    ReferenceList::Natures,
    ReferenceList::SupportKinds,
];

/// The records that an amendment names, as far as the caller reaches them.
struct Named {
    plan: Option<ProvincialPlan>,
    scheme: Option<Scheme>,
    entries: Vec<Entry>,
    decided: Decided,
    lists: Vec<ReferenceEntry>,
}

impl Named {
    async fn by(terms: &AmendmentTerms, work: &Work, scope: &Scope) -> Result<Self, ApiError> {
        let plan = StoreError::if_found(provincial_plans::find(work.tx(), scope, terms.plan).await)?;
        let scheme = match &plan {
            Some(plan) => StoreError::if_found(schemes::find(work.tx(), &plan.content.scheme).await)?,
            None => None,
        };
        let entries = match &plan {
            Some(plan) => allocations::entries(work.tx(), plan.id, terms.entries()).await?,
            None => Vec::new(),
        };
        let decided = amendments::decided(work.tx(), terms).await?;
        let lists = reference_entries::of_lists(work.tx(), LISTS).await?;
        Ok(Self { plan, scheme, entries, decided, lists })
    }

    fn references(&self) -> AmendmentReferences<'_> {
        let Self { plan, scheme, entries, decided, lists } = self;
        AmendmentReferences { plan: plan.as_ref(), scheme: scheme.as_ref(), entries, decided, lists }
    }
}

/// Draft an amendment of the budget
///
/// By the lead agency of the plan or by finance. A draft changes nothing yet, but one that could not be approved today is
/// refused already: a line never falls below what is allocated of it, an allocation never below what is disbursed or
/// returned, and the decision bears no earlier date than the allocation that it reduces or the last decision on the line.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetAmendment",
    request_body = NewBudgetAmendment,
    responses((status = 201, description = "Drafted.", body = BudgetAmendmentView)),
    security(("bearer" = ["budget:draft"]))
)]
#[post("/v1/budget-amendments")]
async fn create(call: Call, Body(new): Body<NewBudgetAmendment>) -> Answer {
    let terms = new.into_terms(|| call.new_id());
    let work = call.begin().await?;
    let named = Named::by(&terms, &work, call.scope()).await?;
    let ids = terms.changes.iter().map(|_| call.new_id()).collect();
    let drafted = Amendment::draft(call.new_id(), terms, named.references(), call.caller(), call.now())?;
    amendments::insert(work.tx(), &drafted, ids).await?;
    work.created(&path_of(drafted.id), drafted.version, &BudgetAmendmentView::from(drafted)).await
}

/// List amendments of the budget
///
/// Those within the caller's reach, in the order of recording; below the province only approved ones.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAmendments",
    params(PageQuery, ProvinceQuery, BudgetAmendmentQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetAmendmentView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-amendments")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<ProvinceQuery>,
    Query(query): Query<BudgetAmendmentQuery>,
) -> Answer {
    let BudgetAmendmentQuery { plan, state } = query.clone();
    let filter = amendments::Filter { place: place.meant(&call).await?, plan, state };
    call.list(&page, &place.with(&query), amendments::list(call.scope(), &filter), BudgetAmendmentView::from).await
}

/// Read an amendment of the budget
///
/// Its decision, what it changes, and why.
#[utoipa::path(
    tag = "Budget",
    operation_id = "getBudgetAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The amendment.", body = BudgetAmendmentView)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-amendments/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let amendment = amendments::find(call.db(), call.scope(), *id).await?;
    call.one(amendment.version, &BudgetAmendmentView::from(amendment))
}

/// Edit a draft amendment
///
/// While it is a draft. `lines`, `newLines` and `reductions` are each replaced as a whole; new lines get new ids. Who edits it
/// may not approve it.
#[utoipa::path(
    tag = "Budget",
    operation_id = "editBudgetAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    request_body(content = NewBudgetAmendment, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = BudgetAmendmentView)),
    security(("bearer" = ["budget:draft"]))
)]
#[patch("/v1/budget-amendments/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let amendment = amendments::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(amendment.version);
    let terms = patch.onto(&NewBudgetAmendment::from(&amendment))?.into_terms(|| call.new_id());
    let named = Named::by(&terms, &work, call.scope()).await?;
    let ids = terms.changes.iter().map(|_| call.new_id()).collect();
    let edited = amendment.edit(terms, named.references(), call.caller(), call.now())?;
    amendments::rewrite(work.tx(), &edited, ids).await?;
    work.changed(edited.version, &BudgetAmendmentView::from(edited)).await
}

/// Delete a draft amendment
///
/// Only a draft: what was approved is amended again, never deleted.
#[utoipa::path(
    tag = "Budget",
    operation_id = "deleteBudgetAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["budget:draft"]))
)]
#[delete("/v1/budget-amendments/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let amendment = amendments::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(amendment.version);
    amendment.may_delete(call.caller())?;
    amendments::delete(work.tx(), &amendment).await?;
    work.deleted().await
}

/// Tell what the caller may do with an amendment
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAmendmentActions",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-amendments/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let amendment = amendments::find(call.db(), call.scope(), *id).await?;
    let plan = provincial_plans::find(call.db(), call.scope(), amendment.terms.plan).await?;
    let entries = allocations::entries(call.db(), plan.id, amendment.terms.entries()).await?;
    let decided = amendments::decided(call.db(), &amendment.terms).await?;
    let amended = Amended { lines: &plan.lines, entries: &entries, decided: &decided };
    let approval = amendment.may_approve(amended, call.caller());
    let steps = vec![
        Step { name: "edit", permission: Permission::DraftAllocations, verdict: amendment.may_edit(call.caller()) },
        Step { name: "delete", permission: Permission::DraftAllocations, verdict: amendment.may_delete(call.caller()) },
        Step { name: "approvals", permission: Permission::ApproveAllocations, verdict: approval },
    ];
    call.allowed_actions(&path_of(*id), steps)
}

/// Approve an amendment of the budget
///
/// By the People's Committee, and not by a person who wrote the draft. The approval does all that the decision says, or
/// nothing: a line or an entry that no longer allows it refuses with what it has left.
#[utoipa::path(
    tag = "Budget",
    operation_id = "approveBudgetAmendment",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    request_body = BudgetAmendmentApproval,
    responses((status = 200, description = "Approved.", body = BudgetAmendmentView)),
    security(("bearer" = ["budget:approve"]))
)]
#[post("/v1/budget-amendments/{id}/approvals")]
async fn approve(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetAmendmentApproval>) -> Answer {
    let BudgetAmendmentApproval { comment, document } = body;
    let work = call.begin().await?;
    let draft = amendments::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(draft.version);
    let content_hash = Some(digest::digest(&serde_json::to_value(BudgetAmendmentView::from(draft.clone()))?));
    let (plan, now) = (draft.terms.plan, call.now().0);
    let entries = allocations::lock_entries(work.tx(), plan, draft.terms.entries(), now).await?;
    let lines = provincial_plans::lock_lines(work.tx(), plan, draft.terms.lines(), now).await?;
    // Decisions on one plan count in the order in which they took its lock, whoever asked first.
    let at = call.instant();
    let decided = amendments::decided(work.tx(), &draft.terms).await?;
    let amended = Amended { lines: &lines, entries: &entries, decided: &decided };
    let approved = draft.approve(amended, call.caller(), at)?;
    amendments::approve(work.tx(), &approved).await?;
    let on_date = Some(approved.terms.decision_date);
    let taken =
        StepTaken { on_date, comment, document, content_hash, ..StepTaken::new("approvals", call.caller(), at) };
    work.step(approved.id, &taken).await?;
    work.stepped(&path_of(approved.id), approved.version, &BudgetAmendmentView::from(approved)).await
}

/// List the approvals of an amendment
///
/// Who approved it and when, with the digest of the content that was approved.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetAmendmentApprovals",
    params(("id" = Uuid, Path, description = "Identifier of the amendment.")),
    responses((status = 200, description = "The approvals.", body = History)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-amendments/{id}/approvals")]
async fn list_approvals(call: Call, id: Path<Uuid>) -> Answer {
    amendments::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "approvals").await
}
