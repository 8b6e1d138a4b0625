//! Loans of pilots: decided by lenders, recorded by the Cooperative Alliance, apart from the budget.

mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{LoanDecision, LoanEntries, LoanEntryView, LoanRecording, LoanView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query, Work};
use super::error::{Answer, ApiError, Kind};
use super::page::{History, Page, PageQuery};
use super::place::PlaceQuery;
use crate::domain::history::StepTaken;
use crate::domain::loan::{
    Loan, LoanCorrection, LoanDisbursement, LoanEntry, LoanEntryKind, LoanRepayment, LoanState, LoanStep, NewLoan,
};
use crate::domain::pilot::Pilot;
use crate::domain::reference::ReferenceList;
use crate::domain::refusal::Rule;
use crate::domain::role::Permission;
use crate::store::{loans, pilots, reference_entries};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(edit)
        .service(remove)
        .service(record)
        .service(list_recordings)
        .service(allowed_actions)
        .service(disburse)
        .service(list_disbursements)
        .service(repay)
        .service(list_repayments)
        .service(correct)
        .service(list_corrections);
}

/// Narrows the list of loans.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct LoanQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// Code of the source.
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", nullable = false)]
    source: Option<String>,
    /// Whether it is a draft.
    #[param(inline, nullable = false)]
    state: Option<LoanState>,
}

/// When to look at a loan.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct LoanBalanceQuery {
    /// The instant as of which its balance is asked; by default now.
    #[param(nullable = false)]
    as_of: Option<DateTime<Utc>>,
}

/// How to record a loan.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LoanCreationQuery {
    /// Whether it is a draft first: edited and deleted until it is recorded, and counted in no sum before.
    #[param(nullable = false)]
    draft: Option<bool>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/loans/{id}")
}

/// The pilot that terms name, if they pass: source, dates, and that the pilot is in reach.
async fn borrower(call: &Call, work: &Work, terms: &NewLoan) -> Result<Pilot, ApiError> {
    let pilot = pilots::find(work.tx(), call.scope(), terms.pilot).await;
    let pilot = pilot.map_err(|error| ApiError::reference(error, "/pilot", "pilot"))?;
    let sources = reference_entries::of_lists(work.tx(), &[ReferenceList::Sources]).await?;
    terms.check(&sources, &pilot, call.now())?;
    Ok(pilot)
}

/// Record a loan
///
/// By the Cooperative Alliance, after the lender's decision; as a draft first, where asked for. Loans are apart from budget
/// money: the plan's 21,000 million are access to credit (2129/QĐ-UBND V.2, VII.6).
#[utoipa::path(
    tag = "Loans",
    operation_id = "createLoan",
    params(LoanCreationQuery),
    request_body = NewLoan,
    responses((status = 201, description = "Recorded.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans")]
async fn create(call: Call, Body(terms): Body<NewLoan>, Query(query): Query<LoanCreationQuery>) -> Answer {
    let state = if query.draft.unwrap_or_default() { LoanState::Draft } else { LoanState::Recorded };
    let work = call.begin().await?;
    let pilot = borrower(&call, &work, &terms).await?;
    let loan = Loan::recorded(call.new_id(), terms, &pilot, state, call.caller(), call.now())?;
    loans::insert(work.tx(), &loan).await?;
    let (path, version) = (path_of(loan.id), loan.version);
    work.created(&path, version, &LoanView::from(loan)).await
}

/// Edit a draft loan
///
/// While it is a draft: any of its terms. What is recorded says what the lender decided for good.
#[utoipa::path(
    tag = "Loans",
    operation_id = "editLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    request_body(content = NewLoan, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[patch("/v1/loans/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let loan = loans::find_to_post(work.tx(), call.scope(), *id).await?;
    seen.holds(loan.version);
    let terms = patch.onto(&loan.terms)?;
    let pilot = borrower(&call, &work, &terms).await?;
    let loan = loan.edit(terms, &pilot, call.now())?;
    loans::update(work.tx(), &loan).await?;
    work.changed(loan.version, &LoanView::from(loan)).await
}

/// Delete a draft loan
///
/// Only a draft.
#[utoipa::path(
    tag = "Loans",
    operation_id = "deleteLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["loans:write"]))
)]
#[delete("/v1/loans/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let loan = loans::find_to_post(work.tx(), call.scope(), *id).await?;
    seen.holds(loan.version);
    loan.must_be_draft(Rule::NotADraft)?;
    loans::delete(work.tx(), &loan).await?;
    work.deleted().await
}

/// Record a draft loan
///
/// It counts from now on, and is not edited any more.
#[utoipa::path(
    tag = "Loans",
    operation_id = "recordLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    request_body = LoanRecording,
    responses((status = 200, description = "Recorded; the loan.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans/{id}/recordings")]
async fn record(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<LoanRecording>) -> Answer {
    let LoanRecording { comment, document } = body;
    let work = call.begin().await?;
    let loan = loans::find_to_post(work.tx(), call.scope(), *id).await?;
    seen.holds(loan.version);
    let loan = loan.record(call.now())?;
    loans::update(work.tx(), &loan).await?;
    let taken =
        StepTaken { comment, document, ..StepTaken::new(LoanStep::Recordings.name(), call.caller(), call.now()) };
    work.step(loan.id, &taken).await?;
    let (path, version) = (path_of(loan.id), loan.version);
    work.stepped(&path, version, &LoanView::from(loan)).await
}

/// List the recordings of a loan
///
/// Who recorded the draft, and when; none for a loan that was never a draft.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoanRecordings",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The steps.", body = History)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}/recordings")]
async fn list_recordings(call: Call, id: Path<Uuid>) -> Answer {
    loans::find(call.db(), call.scope(), *id).await?;
    call.history(*id, LoanStep::Recordings.name()).await
}

/// List loans
///
/// Those within the caller's reach, in the order of recording.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoans",
    params(PageQuery, PlaceQuery, LoanQuery),
    responses((status = 200, description = "One page.", body = Page<LoanView>)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<LoanQuery>,
) -> Answer {
    let LoanQuery { cooperative, pilot, source, state } = query.clone();
    let filter = loans::Filter { place: place.meant(&call).await?, cooperative, pilot, source, state };
    call.list(&page, &place.with(&query), loans::list(call.scope(), &filter), LoanView::from).await
}

/// Read a loan
///
/// Its terms, and what was disbursed, repaid and is outstanding: now, or as recorded by an instant (`asOf`), before which it is
/// not found.
#[utoipa::path(
    tag = "Loans",
    operation_id = "getLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan."), LoanBalanceQuery),
    responses((status = 200, description = "The loan.", body = LoanView)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}")]
async fn read(call: Call, id: Path<Uuid>, Query(query): Query<LoanBalanceQuery>) -> Answer {
    let loan = loans::find(call.db(), call.scope(), *id).await?;
    let Some(instant) = query.as_of else { return call.one(loan.version, &LoanView::from(loan)) };
    let entries = loans::entries(call.db(), *id).await?;
    let then = loan.as_of(instant, &entries).ok_or(ApiError::of(Kind::NotFound))?;
    call.computed(&LoanView::from(then))
}

/// Tell what the caller may do with a loan
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoanActions",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let loan = loans::find(call.db(), call.scope(), *id).await?;
    let step = |step: &LoanStep| {
        let verdict = loan.may(*step);
        Step { name: step.name(), permission: Permission::WriteLoans, verdict }
    };
    let draft = |name, rule| {
        let verdict = loan.must_be_draft(rule);
        Step { name, permission: Permission::WriteLoans, verdict }
    };
    let mut steps: Vec<_> = LoanStep::ALL.iter().map(step).collect();
    steps.extend([draft("edit", Rule::WrongState), draft("delete", Rule::NotADraft)]);
    call.allowed_actions(&path_of(*id), steps)
}

/// Finds the loan that an entry is posted to, as the client has seen it, with the entries it has.
async fn find(work: &Work, call: &Call, id: Uuid, seen: &IfMatch) -> Result<(Loan, Vec<LoanEntry>), ApiError> {
    let loan = loans::find_to_post(work.tx(), call.scope(), id).await?;
    seen.holds(loan.version);
    let entries = loans::entries(work.tx(), id).await?;
    Ok((loan, entries))
}

async fn finish(work: Work, (loan, entry): (Loan, LoanEntry)) -> Answer {
    loans::post(work.tx(), &loan, &entry).await?;
    let (path, version) = (path_of(loan.id), loan.version);
    work.stepped(&path, version, &LoanView::from(loan)).await
}

/// The entries of a loan in the caller's reach that pass.
async fn entries(call: &Call, id: Uuid, pass: fn(&LoanEntry) -> bool) -> Answer {
    let decision = LoanDecision::from(&loans::find(call.db(), call.scope(), id).await?);
    let entries = loans::entries(call.db(), id).await?.into_iter().filter(pass);
    call.computed(&LoanEntries { items: entries.map(|entry| LoanEntryView::of(entry, decision.clone())).collect() })
}

/// Record a disbursement of a loan
///
/// Never more than was approved; the refusal says what was left.
#[utoipa::path(
    tag = "Loans",
    operation_id = "disburseLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    request_body = LoanDisbursement,
    responses((status = 200, description = "Recorded; the loan.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans/{id}/disbursements")]
async fn disburse(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<LoanDisbursement>) -> Answer {
    let work = call.begin().await?;
    let (loan, entries) = find(&work, &call, *id, &seen).await?;
    let posted = loan.disburse(call.new_id(), body, &entries, call.caller(), call.now())?;
    finish(work, posted).await
}

/// List the disbursements of a loan
///
/// With the corrections that took some back: their sum is what was disbursed.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoanDisbursements",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The entries.", body = LoanEntries)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}/disbursements")]
async fn list_disbursements(call: Call, id: Path<Uuid>) -> Answer {
    entries(&call, *id, |entry| entry.kind == LoanEntryKind::Disbursement).await
}

/// Record a repayment of a loan
///
/// Principal, never more than was outstanding on its day or any later one.
#[utoipa::path(
    tag = "Loans",
    operation_id = "repayLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    request_body = LoanRepayment,
    responses((status = 200, description = "Recorded; the loan.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans/{id}/repayments")]
async fn repay(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<LoanRepayment>) -> Answer {
    let work = call.begin().await?;
    let (loan, entries) = find(&work, &call, *id, &seen).await?;
    let posted = loan.repay(call.new_id(), body, &entries, call.caller(), call.now())?;
    finish(work, posted).await
}

/// List the repayments of a loan
///
/// With the corrections that took some back: their sum is what was repaid.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoanRepayments",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The entries.", body = LoanEntries)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}/repayments")]
async fn list_repayments(call: Call, id: Path<Uuid>) -> Answer {
    entries(&call, *id, |entry| entry.kind == LoanEntryKind::Repayment).await
}

/// Take back a wrong entry of a loan
///
/// As a whole, by a new entry that names it and says why; nothing posted is edited. The right entry is recorded anew.
#[utoipa::path(
    tag = "Loans",
    operation_id = "correctLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    request_body = LoanCorrection,
    responses((status = 200, description = "Recorded; the loan.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans/{id}/corrections")]
async fn correct(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<LoanCorrection>) -> Answer {
    let work = call.begin().await?;
    let (loan, entries) = find(&work, &call, *id, &seen).await?;
    let posted = loan.correct(call.new_id(), body, &entries, call.caller(), call.now())?;
    finish(work, posted).await
}

/// List the corrections of a loan
///
/// Each names the entry that it takes back, and why.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoanCorrections",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The entries.", body = LoanEntries)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}/corrections")]
async fn list_corrections(call: Call, id: Path<Uuid>) -> Answer {
    entries(&call, *id, |entry| entry.corrects.is_some()).await
}
