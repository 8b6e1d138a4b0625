//! The times in which a cooperative did not operate.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::CooperativeView;
use super::{may_register, path_of};
use crate::api::call::{Body, Call, IfMatch};
use crate::api::error::Answer;
use crate::domain::cooperative::{Cooperative, Interruption};
use crate::store::cooperatives;

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(interrupt).service(list_interruptions);
}

/// A time in which the cooperative did not operate.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CooperativeInterruption {
    /// First day without operation.
    from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    to_date: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Tạm ngừng theo thông báo")]
    reason: Option<String>,
}

/// A recorded interruption.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InterruptionView {
    /// Identifier.
    id: Uuid,
    /// First day without operation.
    from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    to_date: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    reason: Option<String>,
}

/// The interruptions of a cooperative.
#[derive(Debug, Serialize, ToSchema)]
struct Interruptions {
    /// In the order of their first day.
    #[schema(max_items = 1000)]
    items: Vec<InterruptionView>,
}

/// Record an interruption of operation
///
/// By the registration authority. One that lasts is ended by recording it again with the same first day.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "recordInterruption",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    request_body = CooperativeInterruption,
    responses((status = 200, description = "Recorded; the cooperative.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[post("/v1/cooperatives/{id}/interruptions")]
async fn interrupt(call: Call, id: Path<Uuid>, seen: IfMatch, Body(new): Body<CooperativeInterruption>) -> Answer {
    let CooperativeInterruption { from_date, to_date, reason } = new;
    let interruption = Interruption { id: call.new_id(), from_date, to_date, reason };
    let work = call.begin().await?;
    let found = cooperatives::find(work.tx(), call.scope(), *id).await;
    interruption.check(found.as_ref().ok().map(|of| of.registration.founded_on), call.now())?;
    let cooperative = found?;
    seen.holds(cooperative.version);
    may_register(call.caller(), &cooperative.registration.unit)?;
    let version = cooperative.version + 1;
    let cooperative = Cooperative { version, updated_at: call.now().0, ..cooperative };
    cooperatives::update(work.tx(), &cooperative).await?;
    cooperatives::put_interruption(work.tx(), *id, &interruption).await?;
    work.stepped(&path_of(*id), version, &CooperativeView::from(cooperative)).await
}

/// List the interruptions of a cooperative
///
/// In the order of their first day.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listInterruptions",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The interruptions.", body = Interruptions)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/interruptions")]
async fn list_interruptions(call: Call, id: Path<Uuid>) -> Answer {
    cooperatives::find(call.db(), call.scope(), *id).await?;
    let view = |interruption: Interruption| {
        let Interruption { id, from_date, to_date, reason } = interruption;
        InterruptionView { id, from_date, to_date, reason }
    };
    let items = cooperatives::interruptions(call.db(), *id).await?.into_iter().map(view).collect();
    call.computed(&Interruptions { items })
}
