//! Pilots: cooperatives in the scheme, from their selection until they end or stop.

mod steps;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::PilotView;
use super::actions::{AllowedActions, Step};
use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use super::place::meant;
use crate::domain::pilot::PilotStatus;
use crate::domain::role::Permission;
use crate::domain::selection::PilotList;
use crate::store::place_filter::PlaceFilter;
use crate::store::{pilots, provincial_plans};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_pilots).service(read).service(allowed_actions);
    steps::routes(config);
}

/// Narrows the list of pilots.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct PilotQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    locality: Option<String>,
    /// The day on which these codes are read: today when absent. What is placed in units that were merged into one by then is
    /// found under it; what is placed in another unit that bore the code before or after is not.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// Code of the scheme.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    scheme: Option<String>,
    /// The decision that selected them.
    #[param(nullable = false)]
    decision: Option<Uuid>,
    /// The responsible line department.
    #[param(nullable = false)]
    responsible_department: Option<Uuid>,
    /// Code of the model.
    #[param(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", nullable = false)]
    model: Option<String>,
    /// The list that they stand on.
    #[param(inline, nullable = false)]
    list: Option<PilotList>,
    /// State.
    #[param(inline, nullable = false)]
    state: Option<PilotStatus>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/pilots/{id}")
}

/// List pilots
///
/// Those within the caller's reach.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilots",
    params(PageQuery, PilotQuery),
    responses((status = 200, description = "One page.", body = Page<PilotView>)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots")]
async fn list_pilots(call: Call, Query(page): Query<PageQuery>, Query(query): Query<PilotQuery>) -> Answer {
    let PilotQuery {
        province,
        locality,
        at,
        cooperative,
        scheme,
        decision,
        responsible_department,
        model,
        list,
        state,
    } = query.clone();
    let place = PlaceFilter {
        province: meant(&call, province.as_deref(), at).await?,
        unit: meant(&call, locality.as_deref(), at).await?,
    };
    let filter = pilots::Filter { place, cooperative, scheme, decision, responsible_department, model, list, state };
    call.list(&page, &query, pilots::list(call.scope(), &filter), PilotView::from).await
}

/// Read a pilot
///
/// With who is responsible for it and where it is in its life.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "getPilot",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The pilot.", body = PilotView)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let pilot = pilots::find(call.db(), call.scope(), *id).await?;
    call.one(pilot.version, &PilotView::from(pilot))
}

/// Tell what the caller may do with a pilot
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Pilots",
    operation_id = "listPilotActions",
    params(("id" = Uuid, Path, description = "Identifier of the pilot.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["pilots:read"]))
)]
#[get("/v1/pilots/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let pilot = pilots::find(call.db(), call.scope(), *id).await?;
    let lead = provincial_plans::lead_agency(call.db(), &pilot.province, &pilot.scheme).await?;
    let step = |name, permission, verdict| Step { name, permission, verdict };
    let steps = vec![
        step("completions", Permission::CompletePilots, pilot.may_complete(call.caller(), lead)),
        step("communications", Permission::CommunicatePilots, pilot.completed_model().map(drop)),
        step("endings", Permission::CompletePilots, pilot.may_end(call.caller(), lead).map(drop)),
        step("withdrawals", Permission::WithdrawPilots, pilot.may_withdraw()),
    ];
    call.allowed_actions(&path_of(*id), steps)
}
