//! What is allocated to the items of a support need, decision by decision.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::error::Answer;
use crate::domain::budget::{NeedBalance, ServedNeed, ServingEntry};
use crate::domain::money::Money;
use crate::store::{budget, support_needs};

/// The route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_allocations);
}

/// The items of a support need with the entries of approved allocations that serve each.
#[derive(Debug, Serialize, ToSchema)]
struct SupportNeedAllocations {
    /// In the order of the items.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<ServedItemView>,
}

/// An item of a support need and what is allocated to it.
#[derive(Debug, Serialize, ToSchema)]
struct ServedItemView {
    /// Number of the item, counted from 1.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    item: u16,
    /// Approved by the authority of its source, in all years.
    approved: Money,
    /// Allocated by approved decisions, net of reductions: never more than approved.
    allocated: Money,
    /// Approved and not yet allocated.
    remaining: Money,
    /// The entries that serve it, in the order of recording.
    #[schema(max_items = 10_000)]
    entries: Vec<ServingEntryView>,
}

/// An entry of an approved allocation that serves an item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServingEntryView {
    /// The allocation.
    allocation: Uuid,
    /// Number of its decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2870/QĐ-UBND")]
    decision_number: String,
    /// The date that it bears.
    #[schema(example = "2022-04-20")]
    decision_date: NaiveDate,
    /// The entry.
    entry: Uuid,
    /// Allocated, net of reductions.
    allocated: Money,
    /// Disbursed of it, net of corrections.
    disbursed: Money,
}

fn view(balance: &NeedBalance, serving: &[ServingEntry]) -> ServedItemView {
    let NeedBalance { served: ServedNeed { support_need: _, item }, approved, allocated, .. } = *balance;
    let entry = |entry: &ServingEntry| {
        let ServingEntry { item: _, allocation, decision_number, decision_date, entry, granted, disbursed } =
            entry.clone();
        ServingEntryView { allocation, decision_number, decision_date, entry, allocated: granted, disbursed }
    };
    let entries = serving.iter().filter(|entry| entry.item == item).map(entry).collect();
    ServedItemView { item, approved, allocated, remaining: balance.left(), entries }
}

/// List what is allocated to a support need
///
/// Item by item: what was approved of it, the decisions that serve it, and what is left to allocate.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "listSupportNeedAllocations",
    params(("id" = Uuid, Path, description = "Identifier of the need.")),
    responses((status = 200, description = "The items.", body = SupportNeedAllocations)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-needs/{id}/allocations")]
async fn list_allocations(call: Call, id: Path<Uuid>) -> Answer {
    let need = support_needs::find(call.db(), call.scope(), *id).await?;
    let serving = budget::serving(call.db(), need.id).await?;
    let allocated = |served: ServedNeed| {
        serving.iter().filter(|entry| entry.item == served.item).map(|entry| entry.granted).sum::<Money>()
    };
    let balances = NeedBalance::of(&need, allocated);
    call.computed(&SupportNeedAllocations { items: balances.iter().map(|balance| view(balance, &serving)).collect() })
}
