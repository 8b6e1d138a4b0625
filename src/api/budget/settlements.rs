//! Settlements by fiscal year: recorded by the implementing agency, reviewed by finance, corrected by new entries.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::forms::{AllocationDecision, BudgetAllocationView};
use super::path_of;
use crate::api::call::{Body, Call, IfMatch, Query};
use crate::api::error::{Answer, ApiError};
use crate::api::page::{History, Page, PageQuery};
use crate::domain::budget::{
    Review, ReviewOutcome, Settlement, SettlementCorrection, SettlementState, SettlementStatus, SettlementTerms,
};
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::domain::money::{Money, SignedMoney};
use crate::store::budget as allocations;

/// The routes of settlements.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(settle)
        .service(list)
        .service(correct)
        .service(list_corrections)
        .service(review)
        .service(list_reviews);
}

/// The settlement of an entry for a fiscal year: all that is open is settled, carried over or returned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BudgetSettlement {
    /// The entry of the allocation that is settled.
    entry: Uuid,
    /// The fiscal year that is settled, once for each entry.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    fiscal_year: u16,
    /// Settled (*đề nghị quyết toán*): at most what was disbursed by the date of the report and is not settled yet.
    amount: Money,
    /// Carried over to the next year (*chuyển nguồn sang năm sau*).
    carried_over: Money,
    /// Returned to the budget (*hủy dự toán, nộp trả*): at most what was not disbursed.
    returned: Money,
    /// Number of the settlement report.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "12/BC-SNN")]
    document_number: String,
    /// The date it bears: not in the future, not before the decision of the allocation.
    #[schema(example = "2023-01-25")]
    document_date: NaiveDate,
}

impl From<BudgetSettlement> for SettlementTerms {
    fn from(body: BudgetSettlement) -> Self {
        let BudgetSettlement { entry, fiscal_year, amount, carried_over, returned, document_number, document_date } =
            body;
        Self { entry, fiscal_year, amount, carried_over, returned, document_number, document_date }
    }
}

/// The correction of an accepted settlement: by how much its figures change. What is carried over changes the other way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BudgetSettlementCorrection {
    /// The settlement that it corrects.
    corrects: Uuid,
    /// The change of what is settled.
    amount: SignedMoney,
    /// The change of what is returned.
    returned: SignedMoney,
    /// Number of the correcting document.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "15/BC-SNN")]
    document_number: String,
    /// The date it bears: not in the future, not before the settlement that it corrects.
    #[schema(example = "2023-03-10")]
    document_date: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Kiểm toán loại trừ một khoản chi.")]
    reason: String,
}

/// What finance makes of a settlement or of the correction of one.
#[skip_serializing_none]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BudgetSettlementReview {
    /// The settlement or correction.
    settlement: Uuid,
    /// What finance makes of it.
    outcome: ReviewOutcome,
    /// Why, or a remark.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Số liệu khớp với Kho bạc Nhà nước.")]
    comment: Option<String>,
    /// The notice of review.
    document: Option<DocumentReference>,
}

/// A settlement of an entry for a year, or the correction of one. Recorded once, never edited.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetSettlementView {
    /// Identifier, which a review and a correction name.
    id: Uuid,
    /// The entry of the allocation.
    entry: Uuid,
    /// The decision that allocated it.
    decision: AllocationDecision,
    /// The fiscal year.
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    fiscal_year: u16,
    /// Settled; in a correction the change of it.
    amount: SignedMoney,
    /// Carried over to the next year; in a correction the change of it.
    carried_over: SignedMoney,
    /// Returned to the budget; in a correction the change of it.
    returned: SignedMoney,
    /// Number of its document.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "12/BC-SNN")]
    document_number: String,
    /// The date it bears.
    #[schema(example = "2023-01-25")]
    document_date: NaiveDate,
    /// The settlement that it corrects.
    corrects: Option<Uuid>,
    /// Why it corrects it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    reason: Option<String>,
    /// Where it stands: it counts once it is accepted.
    state: SettlementStatus,
    /// Who recorded it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "line-department@89")]
    recorded_by: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// Who reviewed it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "finance@89")]
    reviewed_by: Option<String>,
    /// When its review was recorded.
    reviewed_at: Option<DateTime<Utc>>,
}

impl BudgetSettlementView {
    /// A settlement under the decision of its allocation.
    fn of(settlement: Settlement, decision: AllocationDecision) -> Self {
        let status = settlement.state.status();
        let Settlement {
            id,
            allocation: _,
            entry,
            fiscal_year,
            amount,
            carried_over,
            returned,
            document_number,
            document_date,
            corrects,
            recorded_by,
            recorded_at,
            state,
        } = settlement;
        let (corrects, reason) = corrects.unzip();
        let (reviewed_by, reviewed_at) = match state {
            SettlementState::Recorded => (None, None),
            SettlementState::Accepted(Review { by, at }) | SettlementState::Rejected(Review { by, at }) => {
                (Some(by), Some(at))
            }
        };
        let [amount, carried_over, returned] = [amount, carried_over, returned].map(SignedMoney);
        Self {
            id,
            entry,
            decision,
            fiscal_year,
            amount,
            carried_over,
            returned,
            document_number,
            document_date,
            corrects,
            reason,
            state: status,
            recorded_by,
            recorded_at,
            reviewed_by,
            reviewed_at,
        }
    }
}

/// The settlements of an allocation, under its decision.
async fn settlements(call: &Call, id: Uuid, page: &PageQuery, corrections_only: bool) -> Answer {
    let decision = AllocationDecision::from(&allocations::find(call.db(), call.scope(), id).await?);
    let listing = allocations::settlements(call.scope(), id, corrections_only);
    call.list(page, &(), listing, move |settlement| BudgetSettlementView::of(settlement, decision.clone())).await
}

/// Record a settlement
///
/// By the implementing agency of the entry, for a fiscal year: what is open is settled, carried over or returned, to the
/// đồng. It counts once finance accepts it; one that could not be accepted today is refused already. The years of an entry follow
/// in their order: none is settled after a later one, none before an earlier one with disbursements left to settle.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetSettlement",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetSettlement,
    responses((status = 200, description = "Recorded.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:settle"]))
)]
#[post("/v1/budget-allocations/{id}/settlements")]
async fn settle(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetSettlement>) -> Answer {
    let terms = SettlementTerms::from(body);
    terms.check(call.now())?;
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let past = allocations::past(work.tx(), terms.entry).await?;
    let (allocation, recorded) = allocation.settle(call.new_id(), terms, &past, call.caller(), call.now())?;
    allocations::record_settlement(work.tx(), &allocation, &recorded).await?;
    work.stepped(&path_of(allocation.id), allocation.version, &BudgetAllocationView::from(allocation)).await
}

/// List the settlements of an allocation
///
/// With their corrections, oldest first: the accepted ones sum to what is settled.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetSettlements",
    params(("id" = Uuid, Path, description = "Identifier of the allocation."), PageQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetSettlementView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/settlements")]
async fn list(call: Call, id: Path<Uuid>, Query(page): Query<PageQuery>) -> Answer {
    settlements(&call, *id, &page, false).await
}

/// Correct a settlement
///
/// By the implementing agency: a new entry that names the accepted settlement and why it changes. Finance reviews it like
/// a settlement, and it counts from then on. What the year carried over is not settled in it any more once a later year is.
#[utoipa::path(
    tag = "Budget",
    operation_id = "createBudgetSettlementCorrection",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetSettlementCorrection,
    responses((status = 200, description = "Recorded.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:settle"]))
)]
#[post("/v1/budget-allocations/{id}/settlement-corrections")]
async fn correct(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetSettlementCorrection>) -> Answer {
    let BudgetSettlementCorrection { corrects, amount, returned, document_number, document_date, reason } = body;
    let correction =
        SettlementCorrection { amount: amount.0, returned: returned.0, document_number, document_date, reason };
    correction.check(call.now())?;
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let found = allocations::settlement(work.tx(), *id, corrects).await?;
    let (corrected, holds) = found.ok_or_else(|| ApiError::unknown_reference("/corrects", "settlement"))?;
    let past = allocations::past(work.tx(), corrected.entry).await?;
    let of = (&corrected, holds);
    let (allocation, recorded) =
        allocation.correct_settlement(call.new_id(), of, &past, correction, call.caller(), call.now())?;
    allocations::record_settlement(work.tx(), &allocation, &recorded).await?;
    work.stepped(&path_of(allocation.id), allocation.version, &BudgetAllocationView::from(allocation)).await
}

/// List the corrections of settlements
///
/// What changed, of which settlement and why, oldest first.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetSettlementCorrections",
    params(("id" = Uuid, Path, description = "Identifier of the allocation."), PageQuery),
    responses((status = 200, description = "One page.", body = Page<BudgetSettlementView>)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/settlement-corrections")]
async fn list_corrections(call: Call, id: Path<Uuid>, Query(page): Query<PageQuery>) -> Answer {
    settlements(&call, *id, &page, true).await
}

/// Review a settlement
///
/// By finance, never by the person who recorded it (2129/QĐ-UBND VII.3). Accepted, it counts from now on, if the figures
/// still allow it; rejected, it never counts and the year can be settled anew.
#[utoipa::path(
    tag = "Budget",
    operation_id = "reviewBudgetSettlement",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    request_body = BudgetSettlementReview,
    responses((status = 200, description = "Reviewed.", body = BudgetAllocationView)),
    security(("bearer" = ["budget:review"]))
)]
#[post("/v1/budget-allocations/{id}/settlement-reviews")]
async fn review(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<BudgetSettlementReview>) -> Answer {
    let BudgetSettlementReview { settlement, outcome, comment, document } = body;
    let work = call.begin().await?;
    let allocation = allocations::lock(work.tx(), call.scope(), *id).await?;
    seen.holds(allocation.version);
    let found = allocations::settlement(work.tx(), *id, settlement).await?;
    let (settlement, _) = found.ok_or_else(|| ApiError::unknown_reference("/settlement", "settlement"))?;
    let corrected = match &settlement.corrects {
        Some((corrected, _)) => allocations::settlement(work.tx(), *id, *corrected).await?,
        None => None,
    };
    let corrected = corrected.as_ref().map(|(settlement, holds)| (settlement, *holds));
    let past = allocations::past(work.tx(), settlement.entry).await?;
    let (allocation, reviewed) = allocation.review(settlement, corrected, &past, outcome, call.caller(), call.now())?;
    allocations::review(work.tx(), &allocation, &reviewed).await?;
    let taken = StepTaken {
        comment,
        document,
        item: Some(reviewed.id.to_string()),
        outcome: Some(outcome.name().to_owned()),
        ..StepTaken::new("settlement-reviews", call.caller(), call.now())
    };
    work.step(allocation.id, &taken).await?;
    work.stepped(&path_of(allocation.id), allocation.version, &BudgetAllocationView::from(allocation)).await
}

/// List the reviews of settlements
///
/// Who reviewed which settlement, when, with what outcome.
#[utoipa::path(
    tag = "Budget",
    operation_id = "listBudgetSettlementReviews",
    params(("id" = Uuid, Path, description = "Identifier of the allocation.")),
    responses((status = 200, description = "The reviews.", body = History)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-allocations/{id}/settlement-reviews")]
async fn list_reviews(call: Call, id: Path<Uuid>) -> Answer {
    allocations::find(call.db(), call.scope(), *id).await?;
    call.history(*id, "settlement-reviews").await
}
