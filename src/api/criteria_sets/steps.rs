//! The steps of a criteria set: put in force, taken out of force.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use super::views::CriteriaSetView;
use crate::api::call::{Body, Call, IfMatch};
use crate::api::error::Answer;
use crate::api::page::History;
use crate::domain::evidence::DocumentReference;
use crate::domain::history::StepTaken;
use crate::store::{criteria_sets, steps};

/// The routes of the steps.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(activate).service(list_activations).service(retire).service(list_retirements);
}

/// Puts a criteria set in force.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CriteriaSetActivation {
    /// First day in force. Evaluations of the years at whose end it is in force are made under it.
    #[schema(example = "2021-01-01")]
    valid_from: NaiveDate,
    /// The day of the decision; not in the future.
    #[schema(example = "2020-12-20")]
    activated_on: NaiveDate,
    /// The document that decides it.
    document: Option<DocumentReference>,
    /// A word with it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Áp dụng từ năm đánh giá 2021")]
    comment: Option<String>,
}

/// Takes a criteria set out of force.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CriteriaSetRetirement {
    /// Last day in force.
    #[schema(example = "2024-12-31")]
    valid_to: NaiveDate,
    /// The day of the decision; not in the future.
    #[schema(example = "2024-12-20")]
    retired_on: NaiveDate,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Thông tư bị bãi bỏ")]
    reason: String,
    /// The document that decides it.
    document: Option<DocumentReference>,
}

/// Activate a criteria set
///
/// From a day on: a national set by the ministry, a province's variant by its lead agency, never by who loaded it. The
/// version in force until then ends the day before; evaluations keep the version they were made under.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "activateCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    request_body = CriteriaSetActivation,
    responses((status = 200, description = "In force; the criteria set.", body = CriteriaSetView)),
    security(("bearer" = ["criteria:activate"]))
)]
#[post("/v1/criteria-sets/{id}/activations")]
async fn activate(call: Call, id: Path<Uuid>, seen: IfMatch, Body(new): Body<CriteriaSetActivation>) -> Answer {
    let CriteriaSetActivation { valid_from, activated_on, document, comment } = new;
    let work = call.begin().await?;
    let code = criteria_sets::find(work.tx(), *id).await?.code;
    let versions = criteria_sets::versions_of(work.tx(), &code).await?;
    // Read again under the lock: nobody decides on another version of the code in between.
    let set = criteria_sets::find(work.tx(), *id).await?;
    seen.holds(set.version);
    let activated = set.activate(valid_from, activated_on, &versions, call.caller(), call.now())?;
    if let Some(ended) = &activated.ended {
        criteria_sets::update(work.tx(), ended).await?;
    }
    criteria_sets::update(work.tx(), &activated.set).await?;
    let taken = StepTaken {
        on_date: Some(activated_on),
        comment,
        item: Some(valid_from.to_string()),
        document,
        content_hash: Some(activated.set.content_hash()),
        ..StepTaken::new("activations", call.caller(), call.now())
    };
    work.step(*id, &taken).await?;
    let version = activated.set.version;
    work.stepped(&path_of(*id), version, &CriteriaSetView::from(activated.set)).await
}

/// List the activations of a criteria set
///
/// With the first day in force as `item`, and the digest of what was put in force.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "listCriteriaSetActivations",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets/{id}/activations")]
async fn list_activations(call: Call, id: Path<Uuid>) -> Answer {
    criteria_sets::find(call.db(), *id).await?;
    call.history(*id, "activations").await
}

/// Retire a criteria set
///
/// After a last day. It governs the years before, and evaluations made under it keep it.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "retireCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    request_body = CriteriaSetRetirement,
    responses((status = 200, description = "Retired; the criteria set.", body = CriteriaSetView)),
    security(("bearer" = ["criteria:activate"]))
)]
#[post("/v1/criteria-sets/{id}/retirements")]
async fn retire(call: Call, id: Path<Uuid>, seen: IfMatch, Body(new): Body<CriteriaSetRetirement>) -> Answer {
    let CriteriaSetRetirement { valid_to, retired_on, reason, document } = new;
    let work = call.begin().await?;
    let set = criteria_sets::find(work.tx(), *id).await?;
    seen.holds(set.version);
    let activated_on = steps::last_dated(work.tx(), *id, "activations").await?;
    let retired = set.retire(valid_to, retired_on, activated_on, call.caller(), call.now())?;
    criteria_sets::update(work.tx(), &retired).await?;
    let taken = StepTaken {
        on_date: Some(retired_on),
        comment: Some(reason),
        item: Some(valid_to.to_string()),
        document,
        content_hash: Some(retired.content_hash()),
        ..StepTaken::new("retirements", call.caller(), call.now())
    };
    work.step(*id, &taken).await?;
    work.stepped(&path_of(*id), retired.version, &CriteriaSetView::from(retired)).await
}

/// List the retirements of a criteria set
///
/// With the last day in force as `item`, and the reason.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "listCriteriaSetRetirements",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 200, description = "The history.", body = History)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets/{id}/retirements")]
async fn list_retirements(call: Call, id: Path<Uuid>) -> Answer {
    criteria_sets::find(call.db(), *id).await?;
    call.history(*id, "retirements").await
}
