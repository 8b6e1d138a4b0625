//! Checkpoints of the audit trail: sealed digests, and what of the trail does not match them.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Body, Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::audit::{AuditCheckpoint, AuditFault, NewAuditCheckpoint};
use crate::store::audit_checkpoints;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(verify);
}

/// What of the audit trail does not match a checkpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditVerification {
    /// The checkpoint.
    checkpoint: Uuid,
    /// Whether everything is as it was: the events, the checkpoint, the one before it and the signature.
    holds: bool,
    /// What is not.
    #[schema(max_items = 1010)]
    faults: Vec<AuditFault>,
}

/// Make a checkpoint of the audit trail
///
/// Over the events after the last checkpoint, 100,000 at most. The service makes one by itself every ten minutes while there are
/// events; an inspection makes its own, with its reason.
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "createAuditCheckpoint",
    request_body = NewAuditCheckpoint,
    responses((status = 201, description = "Made.", body = AuditCheckpoint)),
    security(("bearer" = ["audit:checkpoint"]))
)]
#[post("/v1/audit-checkpoints")]
async fn create(call: Call, Body(new): Body<NewAuditCheckpoint>) -> Answer {
    call.publish_audit().await?;
    // Read before the transaction: nobody should wait for the database meanwhile.
    let before = audit_checkpoints::last(call.db()).await?;
    let covered = audit_checkpoints::cover(call.db(), before.as_ref()).await?;
    let work = call.begin().await?;
    let made = AuditCheckpoint::after(before.as_ref(), covered, call.new_id(), new.reason, call.instant().0);
    let made = AuditCheckpoint { signature: call.seal(&made.canonical())?, ..made };
    audit_checkpoints::insert(work.tx(), &made).await?;
    work.created(&format!("/v1/audit-checkpoints/{}", made.id), 1, &made).await
}

/// List checkpoints of the audit trail
///
/// In the order of their numbers. Keep copies elsewhere: whoever has one finds out whether what it covers was changed since, by
/// whomever.
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "listAuditCheckpoints",
    params(PageQuery),
    responses((status = 200, description = "One page.", body = Page<AuditCheckpoint>)),
    security(("bearer" = ["audit:read"]))
)]
#[get("/v1/audit-checkpoints")]
async fn list(call: Call, Query(page): Query<PageQuery>) -> Answer {
    call.list(&page, &(), audit_checkpoints::list(), |checkpoint| checkpoint).await
}

/// Read a checkpoint of the audit trail
///
/// A checkpoint never changes.
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "getAuditCheckpoint",
    params(("id" = Uuid, Path, description = "Identifier of the checkpoint.")),
    responses((status = 200, description = "The checkpoint.", body = AuditCheckpoint)),
    security(("bearer" = ["audit:read"]))
)]
#[get("/v1/audit-checkpoints/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    call.one(1, &audit_checkpoints::find(call.db(), *id).await?)
}

/// Verify a checkpoint of the audit trail
///
/// Recomputes the digest of each event that it covers and of the checkpoint itself, looks for events that are gone, holds it
/// against the checkpoint before and checks its signature; each thing that is not as it was is told. The same can be done
/// without the service: `GET /v1/audit-events?after=…&until=…` as lines, and a few lines of code (README).
#[utoipa::path(
    tag = "Audit trail",
    operation_id = "verifyAuditCheckpoint",
    params(("id" = Uuid, Path, description = "Identifier of the checkpoint.")),
    responses((status = 200, description = "What was found.", body = AuditVerification)),
    security(("bearer" = ["audit:read"]))
)]
#[get("/v1/audit-checkpoints/{id}/verification")]
async fn verify(call: Call, id: Path<Uuid>) -> Answer {
    let checkpoint = audit_checkpoints::find(call.db(), *id).await?;
    let is_sealed = call.is_sealed(&checkpoint.canonical(), checkpoint.signature.as_deref());
    let faults = audit_checkpoints::verify(call.db(), &checkpoint, is_sealed).await?;
    call.computed(&AuditVerification { checkpoint: *id, holds: faults.is_empty(), faults })
}
