//! Territory: what a code means on a day.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::territory::{AdministrativeUnit, Level, Succession, UnitAbove, UnitInTree};
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
    /// Code of the province that they lie in, at whatever level; the province itself is among them.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
}

/// An administrative unit while its code meant it, with its place in the tree of the day asked for.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdministrativeUnitView {
    /// Code: two digits for a province, three for a district, five for a commune.
    #[schema(min_length = 2, max_length = 5, pattern = "^([0-9]{2}|[0-9]{3}|[0-9]{5})$", example = "883")]
    code: String,
    /// Full name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Thành phố Long Xuyên")]
    name: String,
    /// Level.
    level: Level,
    /// Code of the unit above; absent for a province.
    #[schema(min_length = 2, max_length = 3, pattern = "^[0-9]{2,3}$", example = "89")]
    parent: Option<String>,
    /// The units above it on that day, from the province down.
    #[schema(max_items = 2)]
    hierarchy: Vec<UnitAbove>,
    /// First day in force.
    #[schema(example = "2004-07-08")]
    valid_from: NaiveDate,
    /// Last day in force; absent while open.
    valid_to: Option<NaiveDate>,
    /// The decision that set the code.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "124/2004/QĐ-TTg")]
    legal_basis: String,
    /// The units that followed it, the default first; none while it is in force.
    #[schema(max_items = 100)]
    successors: Vec<Succession>,
    /// The units that it followed.
    #[schema(max_items = 200)]
    predecessors: Vec<Succession>,
}

impl From<UnitInTree> for AdministrativeUnitView {
    fn from(placed: UnitInTree) -> Self {
        let UnitInTree { unit, above: hierarchy, successors, predecessors } = placed;
        let AdministrativeUnit { code, name, level, parent, valid_from, valid_to, legal_basis } = unit;
        Self { code, name, level, parent, hierarchy, valid_from, valid_to, legal_basis, successors, predecessors }
    }
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
    responses((status = 200, description = "One page.", body = Page<AdministrativeUnitView>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/administrative-units")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<AdministrativeUnitQuery>) -> Answer {
    let AdministrativeUnitQuery { at, level, parent, province } = query.clone();
    let filter = territory::Filter { level, parent, province };
    let units = territory::list(at.unwrap_or(call.today()), &filter);
    call.list(&page, &query, units, AdministrativeUnitView::from).await
}

/// Read an administrative unit
///
/// What a code means on a day: `91` is Kiên Giang until 30 June 2025 and An Giang from the next day. It names the units
/// above, those that it followed and those that followed it.
#[utoipa::path(
    tag = "Territory",
    operation_id = "getAdministrativeUnit",
    params(
        ("code" = String, Path, description = "Code of the unit.", min_length = 2, max_length = 5,
            pattern = "^[0-9]{2,5}$", example = "89"),
        UnitDayQuery,
    ),
    responses((status = 200, description = "The unit.", body = AdministrativeUnitView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/administrative-units/{code}")]
async fn read(call: Call, code: Path<String>, Query(query): Query<UnitDayQuery>) -> Answer {
    let unit = territory::in_tree(call.db(), &code, query.at.unwrap_or(call.today())).await?;
    call.computed(&AdministrativeUnitView::from(unit))
}
