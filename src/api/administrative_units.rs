//! Territory: what a code means on a day.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::territory::{AdministrativeUnit, Level};
use crate::store::territory;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// Narrows the list of administrative units.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct AdministrativeUnitQuery {
    /// The day whose units are asked for; today when absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// Level.
    #[param(inline, nullable = false)]
    level: Option<Level>,
    /// Code of the unit right above.
    #[param(min_length = 2, max_length = 3, pattern = "^[0-9]{2,3}$", nullable = false)]
    parent: Option<String>,
}

/// The day on which a code is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UnitDayQuery {
    /// The day; today when absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// List administrative units
///
/// The provinces, districts and communes of a day, in the order of their codes.
#[utoipa::path(
    tag = "Territory",
    operation_id = "listAdministrativeUnits",
    params(PageQuery, AdministrativeUnitQuery),
    responses((status = 200, description = "One page.", body = Page<AdministrativeUnit>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/administrative-units")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<AdministrativeUnitQuery>) -> Answer {
    let AdministrativeUnitQuery { at, level, parent } = query.clone();
    let filter = territory::Filter { level, parent };
    let units = territory::list(at.unwrap_or(call.today()), &filter);
    call.list(&page, &query, units, std::convert::identity).await
}

/// Read an administrative unit
///
/// What a code means on a day: `91` is Kiên Giang until 30 June 2025 and An Giang from the next day.
#[utoipa::path(
    tag = "Territory",
    operation_id = "getAdministrativeUnit",
    params(
        ("code" = String, Path, description = "Code of the unit.", min_length = 2, max_length = 5,
            pattern = "^[0-9]{2,5}$", example = "89"),
        UnitDayQuery,
    ),
    responses((status = 200, description = "The unit.", body = AdministrativeUnit)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/administrative-units/{code}")]
async fn read(call: Call, code: Path<String>, Query(query): Query<UnitDayQuery>) -> Answer {
    call.computed(&territory::find(call.db(), &code, query.at.unwrap_or(call.today())).await?)
}
