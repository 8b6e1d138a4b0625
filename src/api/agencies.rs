//! The directory of agencies.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::agency::Agency;
use crate::domain::role::Role;
use crate::store::agencies;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// Narrows the list of agencies.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct AgencyQuery {
    /// The day on which they exist; today when absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// What they do in the scheme.
    #[param(inline, nullable = false)]
    kind: Option<Role>,
    /// Code of their administrative unit.
    #[param(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", nullable = false)]
    unit: Option<String>,
}

/// List agencies
///
/// Those that exist on a day, of the whole country.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "listAgencies",
    params(PageQuery, AgencyQuery),
    responses((status = 200, description = "One page.", body = Page<Agency>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/agencies")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<AgencyQuery>) -> Answer {
    let AgencyQuery { at, kind, unit } = query.clone();
    let filter = agencies::Filter { at: Some(at.unwrap_or(call.today())), role: kind, unit };
    call.list(&page, &query, agencies::list(&filter), std::convert::identity).await
}

/// Read an agency
///
/// Whether it still exists or not.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "getAgency",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    responses((status = 200, description = "The agency.", body = Agency)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/agencies/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    call.computed(&agencies::find(call.db(), *id).await?)
}
