//! Loans of pilots: decided by lenders, recorded by the Cooperative Alliance, apart from the budget.

mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{LoanEntries, LoanEntryView, LoanView};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use crate::domain::loan::{
    Loan, LoanCorrection, LoanDisbursement, LoanEntry, LoanEntryKind, LoanRepayment, LoanStep, NewLoan,
};
use crate::domain::reference::ReferenceList;
use crate::domain::role::Permission;
use crate::store::{loans, pilots, reference_entries};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create)
        .service(list)
        .service(read)
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
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    unit: Option<String>,
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// Code of the source.
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", nullable = false)]
    source: Option<String>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/loans/{id}")
}

/// Record a loan
///
/// By the Cooperative Alliance, after the lender's decision. Loans are apart from budget money: the plan's 21,000 million
/// are access to credit (2129/QĐ-UBND V.2, VII.6).
#[utoipa::path(
    tag = "Loans",
    operation_id = "createLoan",
    request_body = NewLoan,
    responses((status = 201, description = "Recorded.", body = LoanView)),
    security(("bearer" = ["loans:write"]))
)]
#[post("/v1/loans")]
async fn create(call: Call, Body(terms): Body<NewLoan>) -> Answer {
    let work = call.begin().await?;
    let pilot = pilots::find(work.tx(), call.scope(), terms.pilot).await;
    let pilot = pilot.map_err(|error| ApiError::reference(error, "/pilot", "pilot"))?;
    let sources = reference_entries::of_lists(work.tx(), &[ReferenceList::Sources]).await?;
    terms.check(&sources, &pilot, call.now())?;
    let loan = Loan::recorded(call.new_id(), terms, &pilot, call.caller(), call.now())?;
    loans::insert(work.tx(), &loan).await?;
    let (path, version) = (path_of(loan.id), loan.version);
    work.created(&path, version, &LoanView::from(loan)).await
}

/// List loans
///
/// Those within the caller's reach, in the order of recording.
#[utoipa::path(
    tag = "Loans",
    operation_id = "listLoans",
    params(PageQuery, LoanQuery),
    responses((status = 200, description = "One page.", body = Page<LoanView>)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<LoanQuery>) -> Answer {
    let LoanQuery { province, unit, cooperative, pilot, source } = query.clone();
    let filter = loans::Filter { province, unit, cooperative, pilot, source };
    call.list(&page, &query, loans::list(call.scope(), &filter), LoanView::from).await
}

/// Read a loan
///
/// Its terms, and what was disbursed, repaid and is outstanding.
#[utoipa::path(
    tag = "Loans",
    operation_id = "getLoan",
    params(("id" = Uuid, Path, description = "Identifier of the loan.")),
    responses((status = 200, description = "The loan.", body = LoanView)),
    security(("bearer" = ["loans:read"]))
)]
#[get("/v1/loans/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let loan = loans::find(call.db(), call.scope(), *id).await?;
    call.one(loan.version, &LoanView::from(loan))
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
    call.allowed_actions(&path_of(*id), LoanStep::ALL.iter().map(step).collect())
}

/// Finds the loan that an entry is posted to, as the client has seen it, with the entries it has.
async fn find(work: &Work, call: &Call, id: Uuid, seen: &IfMatch) -> Result<(Loan, Vec<LoanEntry>), ApiError> {
    let loan = loans::find_to_post(work.tx(), call.scope(), id).await?;
    seen.holds(loan.version)?;
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
    loans::find(call.db(), call.scope(), id).await?;
    let entries = loans::entries(call.db(), id).await?;
    call.computed(&LoanEntries { items: entries.into_iter().filter(pass).map(LoanEntryView::from).collect() })
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
    call.now().not_in_future(body.disbursed_on, "/disbursedOn")?;
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
    call.now().not_in_future(body.repaid_on, "/repaidOn")?;
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
