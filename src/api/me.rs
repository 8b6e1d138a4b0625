//! Who the token makes the caller.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::Call;
use super::error::Answer;
use crate::domain::role::{Permission, Role, Scope};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(who_am_i);
}

/// The caller, as the token and the directory of agencies say.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CallerView {
    /// Issuer of the token.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "http://127.0.0.1:8080")]
    issuer: String,
    /// The person or machine: what four eyes compare.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "lead-agency@89")]
    subject: String,
    /// The role.
    role: Role,
    /// The agency acted for.
    agency: Option<Uuid>,
    /// The unit of that agency.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]+$", example = "89")]
    unit: Option<String>,
    /// The merged or abolished agencies whose records and obligations that agency took over.
    #[schema(max_items = 1000)]
    predecessors: Vec<Uuid>,
    /// The province that the caller reaches; absent for the whole country and for a cooperative.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: Option<String>,
    /// The cooperative that the caller speaks for.
    cooperative: Option<Uuid>,
    /// What the caller may ask for.
    #[schema(max_items = 100)]
    permissions: Vec<Permission>,
}

/// Tell who the caller is
///
/// Says what the token makes of its bearer: role, agency, reach and permissions.
#[utoipa::path(
    tag = "Caller",
    operation_id = "getCaller",
    responses((status = 200, description = "The caller.", body = CallerView)),
    security(("bearer" = ["me:read"]))
)]
#[get("/v1/me")]
async fn who_am_i(call: Call) -> Answer {
    let caller = call.caller();
    let province = match &caller.scope {
        Scope::Province(province) | Scope::Locality { province, .. } => Some(province.own().to_owned()),
        Scope::Country | Scope::Cooperative(_) => None,
    };
    call.computed(&CallerView {
        issuer: caller.issuer.clone(),
        subject: caller.subject.clone(),
        role: caller.role,
        agency: caller.agency,
        predecessors: caller.predecessors.clone(),
        unit: caller.unit.clone(),
        province,
        cooperative: caller.cooperative(),
        permissions: Permission::ALL.iter().copied().filter(|permission| caller.may(*permission)).collect(),
    })
}
