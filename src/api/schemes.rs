//! Schemes: phases, models, quota, conditions, checklist and limits, as data.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::scheme::Scheme;
use crate::store::schemes;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// List schemes
///
/// All that this service knows, in the order of their codes.
#[utoipa::path(
    tag = "Reference",
    operation_id = "listSchemes",
    params(PageQuery),
    responses((status = 200, description = "One page.", body = Page<Scheme>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/schemes")]
async fn list(call: Call, Query(page): Query<PageQuery>) -> Answer {
    call.list(&page, &(), schemes::list(), std::convert::identity).await
}

/// Read a scheme
///
/// Everything that plans, applications, selections and evaluations of the scheme are checked against.
#[utoipa::path(
    tag = "Reference",
    operation_id = "getScheme",
    params(("code" = String, Path, description = "Code of the scheme.", min_length = 3, max_length = 40,
        pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")),
    responses((status = 200, description = "The scheme.", body = Scheme)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/schemes/{code}")]
async fn read(call: Call, code: Path<String>) -> Answer {
    call.computed(&schemes::find(call.db(), &code).await?)
}
