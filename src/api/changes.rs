//! The feed of changes: first the dump, then the feed.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::change::{Change, ChangeKind};
use crate::store::changes;
use crate::store::changes::Extent;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Asks for what happened.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ChangeQuery {
    /// The `next` of the answer before. `0` from the first event that is kept, which is not the first record: whoever keeps a
    /// copy begins with the dump. Absent to be told where the feed ends now.
    #[param(min_length = 1, max_length = 18, pattern = "^(0|[1-9][0-9]{0,17})$", nullable = false, example = "0")]
    after: Option<String>,
    /// The most events that an answer may hold.
    #[param(minimum = 1, maximum = 200, default = 50, nullable = false)]
    limit: Option<u64>,
}

/// One event.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeView {
    /// The resource, as in its path; `annual-figures` of a cooperative and a year.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z-]+$", example = "cooperatives")]
    resource: String,
    /// Identifier of the record; of yearly figures the cooperative's. A form is found by its version, as in `path`.
    record: Uuid,
    /// Where it is.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^/v1/",
        example = "/v1/cooperatives/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d"
    )]
    path: String,
    /// What happened.
    kind: ChangeKind,
    /// The version that it made, as in the `ETag`, of yearly figures that of the side that was written; of a deletion the last.
    /// Absent where records have none.
    #[schema(minimum = 1, maximum = 2147483647)]
    version: Option<i32>,
    /// When it entered the feed.
    published_at: DateTime<Utc>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let path = change.path();
        let Change { place: _, resource, record, year: _, code: _, kind, version, published_at } = change;
        Self { resource, record, path, kind, version, published_at }
    }
}

/// What happened after a place of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeFeed {
    /// The events, in the order in which they entered the feed.
    #[schema(max_items = 200)]
    items: Vec<ChangeView>,
    /// What to send as `after` next, at once while there is more (`more`), else later.
    #[schema(min_length = 1, max_length = 18, pattern = "^(0|[1-9][0-9]{0,17})$", example = "167")]
    next: String,
    /// Whether there is more now.
    more: bool,
}

/// List what happened to records
///
/// Whoever keeps a copy first asks without `after`, takes `next`, dumps the lists as `application/x-ndjson`, and then asks for
/// what came `after`. What was recorded before there was a feed, or came with a release, is in the dump alone. No event is
/// missed, and events of one record come in the order of their commits; a deleted draft leaves `deleted`. The caller is told of
/// what it may read: records of its provinces and reference data. A draft that only its writer sees (an application, a support
/// need, a self-evaluation, another agency's report) is told when it is sent, as `created`. Service accounts are not told.
/// Events are kept for 90 days: an older place is answered 410, and the copy begins again with the dump.
#[utoipa::path(
    tag = "Changes",
    operation_id = "listChanges",
    params(ChangeQuery),
    responses((status = 200, description = "The events.", body = ChangeFeed)),
    security(("bearer" = ["changes:read"]))
)]
#[get("/v1/changes")]
async fn list(call: Call, Query(query): Query<ChangeQuery>) -> Answer {
    call.publish_changes().await?;
    let Extent { placed, purged } = changes::extent(call.db()).await?;
    let Some(after) = query.after else {
        return call.computed(&ChangeFeed { items: Vec::new(), next: placed.to_string(), more: false });
    };
    let after: i64 = after.parse().map_err(|_| ApiError::of(Kind::InvalidCursor))?;
    if after > placed {
        return Err(ApiError::of(Kind::InvalidCursor));
    }
    if after < purged {
        let vi = "Hãy tải lại toàn bộ danh sách (application/x-ndjson), sau khi hỏi /v1/changes không có after.";
        let en = "Dump the lists again (application/x-ndjson), after asking /v1/changes without after.";
        return Err(ApiError::because(Kind::CursorExpired, vi.to_owned(), en.to_owned()));
    }
    let limit = query.limit.unwrap_or(50);
    let found = changes::page(call.db(), call.caller(), (after, placed), limit).await?;
    let last = found.last().filter(|_| u64::try_from(found.len()).is_ok_and(|found| found == limit));
    let next = last.map_or(placed, |change| change.place);
    let items = found.into_iter().map(ChangeView::from).collect();
    call.computed(&ChangeFeed { items, next: next.to_string(), more: next < placed })
}
