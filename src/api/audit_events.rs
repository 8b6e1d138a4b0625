//! The audit trail: what was written and shared, for inspectors.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::audit::{AuditEvent, AuditKind};
use crate::store::audit_events;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// Narrows the audit trail.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct AuditEventQuery {
    /// Events after this place: to read on, or `fromPlace - 1` of a checkpoint.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, nullable = false)]
    after: Option<i64>,
    /// Events up to this place: `toPlace` of a checkpoint.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, nullable = false)]
    until: Option<i64>,
    /// Recorded at this instant or later.
    #[param(nullable = false)]
    from: Option<DateTime<Utc>>,
    /// Recorded before this instant.
    #[param(nullable = false)]
    to: Option<DateTime<Utc>>,
    /// What it is of.
    #[param(inline, nullable = false)]
    kind: Option<AuditKind>,
    /// Who: `sub` of the token.
    #[param(min_length = 1, max_length = 500, pattern = r"\S", nullable = false)]
    subject: Option<String>,
    /// The agency acted for.
    #[param(nullable = false)]
    agency: Option<Uuid>,
    /// The operation, as in this document.
    #[param(min_length = 1, max_length = 80, pattern = "^[a-z][A-Za-z]*$", nullable = false)]
    operation: Option<String>,
    /// The resource, as in its path.
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z-]+$", nullable = false)]
    resource: Option<String>,
    /// Identifier or code of the record.
    #[param(min_length = 1, max_length = 200, pattern = r"\S", nullable = false)]
    record: Option<String>,
}

/// List audit events
///
/// What was written, by whom, from where, with which answer, and every share: in the order in which it was committed, by
/// `place`. An event says which record and which version; of the content it has digests alone. A province sees what its own did and
/// what anybody did to its records. Reading the trail is a share and leaves an event itself. Check it with
/// `/v1/audit-checkpoints`.
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "listAuditEvents",
    params(PageQuery, AuditEventQuery),
    responses((status = 200, description = "One page.", body = Page<AuditEvent>)),
    security(("bearer" = ["audit:read"]))
)]
#[get("/v1/audit-events")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<AuditEventQuery>) -> Answer {
    call.publish_audit().await?;
    let AuditEventQuery { after, until, from, to, kind, subject, agency, operation, resource, record } = query.clone();
    let filter = audit_events::Filter { after, until, from, to, kind, subject, agency, operation, resource, record };
    call.list(&page, &query, audit_events::list(call.scope(), &filter), |event| event).await
}

/// Read an audit event
///
/// One event, as it was recorded.
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "getAuditEvent",
    params(("id" = Uuid, Path, description = "Identifier of the event.")),
    responses((status = 200, description = "The event.", body = AuditEvent)),
    security(("bearer" = ["audit:read"]))
)]
#[get("/v1/audit-events/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    call.publish_audit().await?;
    call.computed(&audit_events::find(call.db(), call.scope(), *id).await?)
}
