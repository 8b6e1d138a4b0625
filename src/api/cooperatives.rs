//! Cooperatives: registered by the locality, their figures declared by themselves and verified beside.

mod classification;
mod figures;
mod interruptions;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::Step;
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use super::table::XlsxTable;
use crate::domain::cooperative::{Cooperative, CooperativeStatus, Field, Registration, founded_before};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Permission, Scope};
use crate::store::{Tx, cooperatives, territory};
use views::CooperativeView;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(edit).service(allowed_actions);
    classification::routes(config);
    figures::routes(config);
    interruptions::routes(config);
}

/// Narrows the list of cooperatives.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CooperativeQuery {
    /// Field of activity.
    #[param(inline, nullable = false)]
    field: Option<Field>,
    /// Whether it still exists.
    #[param(inline, nullable = false)]
    status: Option<CooperativeStatus>,
    /// Tax code.
    #[param(min_length = 10, max_length = 14, pattern = "^[0-9]{10}(-[0-9]{3})?$", nullable = false)]
    tax_code: Option<String>,
    /// Part of the name, without regard to diacritics and case: `an giang` finds *An Giang*.
    #[param(min_length = 1, max_length = 100, pattern = r"\S", nullable = false)]
    q: Option<String>,
    /// Order: by default that of recording; `name` is the Vietnamese order of names.
    #[param(inline, nullable = false)]
    sort: Option<CooperativeSort>,
}

/// Orders of the list of cooperatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum CooperativeSort {
    /// By name, as Vietnamese sorts.
    Name,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/cooperatives/{id}")
}

/// Whether a cooperative that the caller reaches may be edited to have its seat in a unit: where it has its seat it stays with
/// its locality, whichever unit bears that code today.
fn may_keep(caller: &Caller, held: &str, unit: &str) -> Result<(), Refusal> {
    let stays = held == unit && matches!(caller.scope, Scope::Locality { .. });
    if stays { Ok(()) } else { may_register(caller, unit) }
}

/// The registration authority is the locality of the seat.
fn may_register(caller: &Caller, unit: &str) -> Result<(), Refusal> {
    match &caller.scope {
        Scope::Locality { unit: own, .. } if own.covers(unit) => Ok(()),
        _ => Err(Refusal::at(
            Rule::NotResponsible,
            "/unit",
            format!("Đơn vị {unit} không thuộc địa bàn của cơ quan đăng ký."),
            format!("The unit {unit} is not in the territory of this registration authority."),
        )
        .given(&[("unit", &unit), ("responsible", &caller.unit.as_deref().unwrap_or_default())])),
    }
}

/// The province of the seat, as it is today or last was: a unit that ended before the foundation is refused, with all else
/// that is wrong with the registration.
async fn province_of(
    tx: &Tx,
    registration: &Registration,
    wrong: Vec<Refusal>,
    today: NaiveDate,
) -> Result<String, ApiError> {
    let Registration { unit, founded_on, .. } = registration;
    let mut missing = Missing::default();
    missing.told(wrong);
    let province =
        missing.found(territory::placed(tx, unit, (*founded_on).min(today), today).await, "/unit", "unit")?;
    missing.all(province)
}

/// Register a cooperative
///
/// The locality of its seat records the registration facts. The tax code is its natural key.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "createCooperative",
    request_body = Registration,
    responses((status = 201, description = "Registered.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[post("/v1/cooperatives")]
async fn create(call: Call, Body(registration): Body<Registration>) -> Answer {
    let work = call.begin().await?;
    let wrong = registration.check(call.now()).err().into_iter().collect();
    let province = province_of(work.tx(), &registration, wrong, call.today()).await?;
    may_register(call.caller(), &registration.unit)?;
    let cooperative = Cooperative {
        id: call.new_id(),
        version: 1,
        province,
        registration,
        recorded_at: call.now().0,
        updated_at: call.now().0,
        created_by: call.caller().subject.clone(),
    };
    cooperatives::insert(work.tx(), &cooperative).await?;
    let (id, version) = (cooperative.id, cooperative.version);
    work.created(&path_of(id), version, &CooperativeView::from(cooperative)).await
}

/// List cooperatives
///
/// Those within the caller's reach, in the order of recording or of names; all of them as lines, as comma-separated values or,
/// if they are at most 10,000 (406 above that), as a spreadsheet.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listCooperatives",
    params(PageQuery, PlaceQuery, CooperativeQuery),
    responses((status = 200, description = "One page, or all of them as a file.", content(
        (Page<CooperativeView> = "application/json"),
        (XlsxTable = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<CooperativeQuery>,
) -> Answer {
    let CooperativeQuery { field, status, tax_code, q, sort } = query.clone();
    let by_name = sort == Some(CooperativeSort::Name);
    let filter = cooperatives::Filter { place: place.meant(&call).await?, field, status, tax_code, words: q, by_name };
    call.list(&page, &place.with(&query), cooperatives::list(call.scope(), &filter), CooperativeView::from).await
}

/// Read a cooperative
///
/// Its registration facts.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "getCooperative",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The cooperative.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let cooperative = cooperatives::find(call.db(), call.scope(), *id).await?;
    call.one(cooperative.version, &CooperativeView::from(cooperative))
}

/// Edit the registration facts of a cooperative
///
/// By the registration authority, after a change in the register. The day of foundation does not lie after what is recorded:
/// figures of a year before it, interruptions that began before it (`contradiction`).
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "editCooperative",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    request_body(content = Registration, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = CooperativeView)),
    security(("bearer" = ["cooperatives:register"]))
)]
#[patch("/v1/cooperatives/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    cooperatives::hold(work.tx(), *id).await?;
    let cooperative = cooperatives::find(work.tx(), call.scope(), *id).await?;
    seen.holds(cooperative.version);
    let edited = patch.onto(&cooperative.registration)?;
    let (years, stops) =
        (cooperatives::stated_years(work.tx(), *id).await?, cooperatives::interruptions(work.tx(), *id).await?);
    let wrong = [edited.check(call.now()), founded_before(edited.founded_on, &years, &stops)];
    let wrong = wrong.into_iter().filter_map(Result::err).collect();
    let province = province_of(work.tx(), &edited, wrong, call.today()).await?;
    may_keep(call.caller(), &cooperative.registration.unit, &edited.unit)?;
    let version = cooperative.version + 1;
    let cooperative = Cooperative { version, province, registration: edited, updated_at: call.now().0, ..cooperative };
    cooperatives::update(work.tx(), &cooperative).await?;
    work.changed(version, &CooperativeView::from(cooperative)).await
}

/// Tell what the caller may do with a cooperative
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "listCooperativeActions",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative.")),
    responses((status = 200, description = "The steps.", body = super::actions::AllowedActions)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let cooperative = cooperatives::find(call.db(), call.scope(), *id).await?;
    let unit = &cooperative.registration.unit;
    let step = |name| Step {
        name,
        permission: Permission::RegisterCooperatives,
        verdict: may_keep(call.caller(), unit, unit),
    };
    call.allowed_actions(&path_of(*id), vec![step("edit"), step("interruptions")])
}
