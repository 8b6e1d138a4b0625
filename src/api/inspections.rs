//! Inspections of pilots: one record each, whoever took part.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::evidence::DocumentReference;
use crate::domain::inspection::{Inspection, NewInspection};
use crate::domain::role::Permission;
use crate::store::{Tx, agencies, inspections, pilots};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(edit).service(allowed_actions);
}

/// An inspection of a pilot.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InspectionView {
    /// Identifier.
    id: Uuid,
    /// The pilot.
    pilot: Uuid,
    /// The cooperative.
    cooperative: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// The agency that led it.
    agency: Uuid,
    /// The other agencies that took part.
    #[schema(max_items = 20)]
    participants: Vec<Uuid>,
    /// The day.
    #[schema(example = "2022-09-20")]
    inspected_on: NaiveDate,
    /// What was inspected.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Tiến độ thực hiện Kế hoạch hoàn thiện")]
    subject: String,
    /// What was found.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đã thực hiện 3/5 giải pháp.")]
    findings: String,
    /// What is recommended.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đẩy nhanh kiểm toán độc lập.")]
    recommendations: Option<String>,
    /// The minutes (*biên bản*).
    document: Option<DocumentReference>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Inspection> for InspectionView {
    fn from(inspection: Inspection) -> Self {
        let Inspection {
            id,
            version: _,
            content,
            cooperative,
            province,
            unit,
            agency,
            created_by: _,
            recorded_at,
            updated_at,
        } = inspection;
        let NewInspection { pilot, inspected_on, participants, subject, findings, recommendations, document } = content;
        Self {
            id,
            pilot,
            cooperative,
            province,
            unit,
            agency,
            participants,
            inspected_on,
            subject,
            findings,
            recommendations,
            document,
            recorded_at,
            updated_at,
        }
    }
}

/// Narrows the list of inspections.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct InspectionQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The pilot.
    #[param(nullable = false)]
    pilot: Option<Uuid>,
    /// The agency that led it.
    #[param(nullable = false)]
    agency: Option<Uuid>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/inspections/{id}")
}

/// Each participant is an agency of the directory.
async fn known_participants(tx: &Tx, participants: &[Uuid], missing: &mut Missing) -> Result<(), ApiError> {
    let found = agencies::of_ids(tx, participants.to_vec()).await?;
    for (at, id) in participants.iter().enumerate() {
        let is_there = found.iter().any(|agency| agency.id == *id);
        missing.unless(is_there, &format!("/participants/{at}"), "agency");
    }
    Ok(())
}

/// Record an inspection
///
/// By the agency that led it: locality, responsible department or lead agency (2129/QĐ-UBND VI.2.2, VII.1, VII.2, VII.9). One
/// record for a pilot and a day, whoever took part.
#[utoipa::path(
    tag = "Inspections",
    operation_id = "createInspection",
    request_body = NewInspection,
    responses((status = 201, description = "Recorded.", body = InspectionView)),
    security(("bearer" = ["inspections:write"]))
)]
#[post("/v1/inspections")]
async fn create(call: Call, Body(new): Body<NewInspection>) -> Answer {
    let work = call.begin().await?;
    let mut missing = Missing::default();
    let pilot = missing.found(pilots::find(work.tx(), call.scope(), new.pilot).await, "/pilot", "pilot")?;
    known_participants(work.tx(), &new.participants, &mut missing).await?;
    let pilot = missing.all(pilot)?;
    let made = Inspection::record(call.new_id(), new, &pilot, call.caller(), call.now())?;
    inspections::insert(work.tx(), &made).await?;
    work.created(&path_of(made.id), made.version, &InspectionView::from(made)).await
}

/// List inspections
///
/// Those of pilots within the caller's reach.
#[utoipa::path(
    tag = "Inspections",
    operation_id = "listInspections",
    params(PageQuery, PlaceQuery, InspectionQuery),
    responses((status = 200, description = "One page.", body = Page<InspectionView>)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/inspections")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<InspectionQuery>,
) -> Answer {
    let InspectionQuery { cooperative, pilot, agency } = query.clone();
    let filter = inspections::Filter { place: place.meant(&call).await?, cooperative, pilot, agency };
    call.list(&page, &place.with(&query), inspections::list(call.scope(), &filter), InspectionView::from).await
}

/// Read an inspection
///
/// What was seen, by whom, and what is recommended.
#[utoipa::path(
    tag = "Inspections",
    operation_id = "getInspection",
    params(("id" = Uuid, Path, description = "Identifier of the inspection.")),
    responses((status = 200, description = "The inspection.", body = InspectionView)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/inspections/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let inspection = inspections::find(call.db(), call.scope(), *id).await?;
    call.one(inspection.version, &InspectionView::from(inspection))
}

/// Correct an inspection
///
/// By the agency that led it. Pilot and day stay.
#[utoipa::path(
    tag = "Inspections",
    operation_id = "editInspection",
    params(("id" = Uuid, Path, description = "Identifier of the inspection.")),
    request_body(content = NewInspection, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Corrected.", body = InspectionView)),
    security(("bearer" = ["inspections:write"]))
)]
#[patch("/v1/inspections/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let inspection = inspections::find(work.tx(), call.scope(), *id).await?;
    seen.holds(inspection.version);
    let new: NewInspection = patch.onto(&inspection.content)?;
    let mut missing = Missing::default();
    known_participants(work.tx(), &new.participants, &mut missing).await?;
    missing.all(Some(()))?;
    let inspection = inspection.edit(new, call.caller(), call.now())?;
    inspections::update(work.tx(), &inspection).await?;
    work.changed(inspection.version, &InspectionView::from(inspection)).await
}

/// Tell what the caller may do with an inspection
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Inspections",
    operation_id = "listInspectionActions",
    params(("id" = Uuid, Path, description = "Identifier of the inspection.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["follow-up:read"]))
)]
#[get("/v1/inspections/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let inspection = inspections::find(call.db(), call.scope(), *id).await?;
    let verdict = inspection.may_edit(call.caller());
    call.allowed_actions(&path_of(*id), vec![Step { name: "edit", permission: Permission::WriteInspections, verdict }])
}
