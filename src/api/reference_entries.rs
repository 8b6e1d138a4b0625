//! Lists of reference data: budget levels, sources, categories, support kinds, indicators…

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::store::reference_entries;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Narrows the entries.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ReferenceEntryQuery {
    /// The list.
    #[param(inline, nullable = false)]
    list: Option<ReferenceList>,
    /// The day on which they are in force; of all days when absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Code of the province that they serve: entries of the whole country and its own; of all when absent.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
}

/// List entries of reference data
///
/// In the order of their lists, each with its dates and its legal basis.
#[utoipa::path(
    tag = "Reference",
    operation_id = "listReferenceEntries",
    params(PageQuery, ReferenceEntryQuery),
    responses((status = 200, description = "One page.", body = Page<ReferenceEntry>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/reference-entries")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<ReferenceEntryQuery>) -> Answer {
    let ReferenceEntryQuery { list, at, province } = query.clone();
    let entries = reference_entries::list(&reference_entries::Filter { list, at, province });
    call.list(&page, &query, entries, |(_, entry)| entry).await
}
