//! Public holidays: reference data that the administrator loads, for the working days that deadlines leave.

use actix_web::web::Path;
use actix_web::{delete, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Body, Call, IfMatch, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::api::service_config::ServiceConfig;
use crate::domain::holiday::{DayKind, NewPublicHoliday, PublicHoliday};
use crate::domain::text::Text;
use crate::store::public_holidays;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(load).service(list).service(read).service(remove);
}

/// A holiday never changes: a wrong one is taken out and the right one loaded.
const ONLY_VERSION: i32 = 1;

/// Narrows the list of holidays.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PublicHolidayQuery {
    /// The year.
    #[param(minimum = 2000, maximum = 2100, nullable = false)]
    year: Option<u16>,
}

/// A public holiday of one year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublicHolidayView {
    /// Identifier.
    id: Uuid,
    /// The day.
    #[schema(example = "2026-02-17")]
    date: NaiveDate,
    /// What the decision makes of it.
    kind: DayKind,
    /// What is celebrated, or which day it stands for.
    name: Text,
    /// The decision that sets the day.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "45/2019/QH14 Điều 112")]
    legal_basis: String,
    /// Who loaded it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "administrator")]
    recorded_by: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<PublicHoliday> for PublicHolidayView {
    fn from(holiday: PublicHoliday) -> Self {
        let PublicHoliday { id, content, recorded_by, recorded_at } = holiday;
        let NewPublicHoliday { date, kind, name, legal_basis } = content;
        Self { id, date, kind, name, legal_basis, recorded_by, recorded_at }
    }
}

/// Load a public holiday
///
/// Of one year: Tết, the Hùng Kings' day, days in lieu; or a Saturday or Sunday that is worked for one (`kind`
/// `working_day`). Those that are the same every year (1 January, 30 April, 1 May, 2 September) are known. A deadline of reports
/// leaves a working day after the data close: one in force that has not passed yet moves on where this day takes that working
/// day away.
#[utoipa::path(
    tag = "Reference",
    operation_id = "createPublicHoliday",
    request_body = NewPublicHoliday,
    responses((status = 201, description = "Loaded.", body = PublicHolidayView)),
    security(("bearer" = ["deadlines:load"]))
)]
#[post("/v1/public-holidays")]
async fn load(call: Call, Body(content): Body<NewPublicHoliday>) -> Answer {
    content.check()?;
    let work = call.begin().await?;
    let (recorded_by, recorded_at) = (call.caller().subject.clone(), call.now().0);
    let holiday = PublicHoliday { id: call.new_id(), content, recorded_by, recorded_at };
    public_holidays::insert(work.tx(), &holiday).await?;
    let location = format!("/v1/public-holidays/{}", holiday.id);
    work.created(&location, ONLY_VERSION, &PublicHolidayView::from(holiday)).await
}

/// List public holidays
///
/// Those that were loaded, in the order of loading.
#[utoipa::path(
    tag = "Reference",
    operation_id = "listPublicHolidays",
    params(PageQuery, PublicHolidayQuery),
    responses((status = 200, description = "One page.", body = Page<PublicHolidayView>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/public-holidays")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<PublicHolidayQuery>) -> Answer {
    call.list(&page, &query, public_holidays::list(query.year), PublicHolidayView::from).await
}

/// Read a public holiday
///
/// With the decision that sets the day.
#[utoipa::path(
    tag = "Reference",
    operation_id = "getPublicHoliday",
    params(("id" = Uuid, Path, description = "Identifier of the holiday.")),
    responses((status = 200, description = "The holiday.", body = PublicHolidayView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/public-holidays/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    call.one(ONLY_VERSION, &PublicHolidayView::from(public_holidays::find(call.db(), *id).await?))
}

/// Take a public holiday out
///
/// One that was loaded in error. Deadlines that have not passed follow; those that have stay as they were.
#[utoipa::path(
    tag = "Reference",
    operation_id = "deletePublicHoliday",
    params(("id" = Uuid, Path, description = "Identifier of the holiday.")),
    responses((status = 204, description = "Taken out.")),
    security(("bearer" = ["deadlines:load"]))
)]
#[delete("/v1/public-holidays/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let holiday = public_holidays::find(work.tx(), *id).await?;
    seen.holds(ONLY_VERSION);
    public_holidays::take_out(work.tx(), &holiday, call.now().0).await?;
    work.deleted().await
}
