//! The directory of agencies.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Query, Work};
use super::error::{Answer, ApiError};
use super::page::{History, Page, PageQuery};
use crate::domain::agency::{Agency, AgencyEnding, AgencyEndingCorrection, NewAgency};
use crate::domain::history::StepTaken;
use crate::domain::role::{Permission, Role};
use crate::store::{StoreError, agencies, territory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(read)
        .service(establish)
        .service(end)
        .service(allowed_actions)
        .service(list_endings)
        .service(correct_end)
        .service(list_corrections);
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

fn path_of(id: Uuid) -> String {
    format!("/v1/agencies/{id}")
}

/// Enter an agency into the directory
///
/// By the operator, from the decision that establishes it, with the day from which it has its duties. It may take over
/// others: they end on the day before, and whoever acts for it acts for their records and obligations.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "createAgency",
    request_body = NewAgency,
    responses((status = 201, description = "Entered.", body = Agency)),
    security(("bearer" = ["agencies:manage"]))
)]
#[post("/v1/agencies")]
async fn establish(call: Call, Body(new): Body<NewAgency>) -> Answer {
    let work = call.begin().await?;
    let province = match &new.unit {
        Some(unit) => found(territory::placed(work.tx(), unit, new.valid_from, new.valid_from).await)?,
        None => None,
    };
    let predecessors = agencies::of_ids(work.tx(), new.predecessors.clone()).await?;
    let (agency, ended) = new.establish(call.new_id(), province, &predecessors)?;
    agencies::establish(work.tx(), &agency, &ended).await?;
    for predecessor in &ended {
        let taken = StepTaken::new("endings", call.caller(), call.now());
        let taken = StepTaken { on_date: predecessor.valid_to, comment: Some(agency.name.clone()), ..taken };
        work.step(predecessor.id, &taken).await?;
    }
    let kept = agencies::find(work.tx(), agency.id).await?;
    let answer = work.created_tagged(&path_of(kept.id), &call.tag_of(&kept)?, &kept).await;
    call.directory_changed();
    answer
}

/// What was looked for, if it is there.
fn found<T>(looked_for: Result<T, StoreError>) -> Result<Option<T>, ApiError> {
    match looked_for {
        Ok(there) => Ok(Some(there)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// End an agency
///
/// By the operator: it is merged, abolished or dissolved. Its successor acts for its records and obligations from the next
/// day on; without one nobody does. What it did stays as it was.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "endAgency",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    request_body = AgencyEnding,
    responses((status = 200, description = "Ended.", body = Agency)),
    security(("bearer" = ["agencies:manage"]))
)]
#[post("/v1/agencies/{id}/endings")]
async fn end(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<AgencyEnding>) -> Answer {
    let AgencyEnding { last_day, successor, legal_basis } = body;
    let work = call.begin().await?;
    let agency = agencies::find(work.tx(), *id).await?;
    seen.holds_tag(&call.tag_of(&agency)?);
    check_heir(&work, successor, (agency.id, last_day)).await?;
    let ended = agency.ended_on(last_day, "/lastDay")?;
    agencies::end(work.tx(), &ended, successor).await?;
    let taken = StepTaken::new("endings", call.caller(), call.now());
    work.step(ended.id, &StepTaken { on_date: Some(last_day), comment: Some(legal_basis), ..taken }).await?;
    let kept = agencies::find(work.tx(), *id).await?;
    let answer = work.stepped_tagged(&path_of(kept.id), &call.tag_of(&kept)?, &kept).await;
    call.directory_changed();
    answer
}

/// List what may be done with an agency
///
/// Whether this caller may end it, today as its last day, or why not.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "listAgencyActions",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    responses((status = 200, description = "Every step.", body = AllowedActions)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/agencies/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let agency = agencies::find(call.db(), *id).await?;
    let verdict = agency.clone().ended_on(call.now().today(), "/lastDay").map(drop);
    let ending = Step { name: "endings", permission: Permission::ManageAgencies, verdict };
    let corrected = agency.has_ended();
    let correction = Step { name: "ending-corrections", permission: Permission::ManageAgencies, verdict: corrected };
    call.allowed_actions(&path_of(*id), vec![ending, correction])
}

/// Refuses a successor that is not there on the day after the last of an agency.
async fn check_heir(
    work: &Work,
    successor: Option<Uuid>,
    (agency, last_day): (Uuid, NaiveDate),
) -> Result<(), ApiError> {
    let Some(successor) = successor else { return Ok(()) };
    let heir = agencies::find(work.tx(), successor).await;
    let heir = heir.map_err(|error| ApiError::reference(error, "/successor", "agency"))?;
    Ok(heir.can_succeed(agency, last_day.succ_opt().unwrap_or(last_day))?)
}

/// Correct the ending of an agency
///
/// By the operator, with the reason, where it was recorded wrongly: another last day, earlier or later, another successor, or
/// no end at all. What the agency and its successor did in between stays as it was.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "correctAgencyEnding",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    request_body = AgencyEndingCorrection,
    responses((status = 200, description = "Corrected.", body = Agency)),
    security(("bearer" = ["agencies:manage"]))
)]
#[post("/v1/agencies/{id}/ending-corrections")]
async fn correct_end(call: Call, id: Path<Uuid>, seen: IfMatch, Body(body): Body<AgencyEndingCorrection>) -> Answer {
    let work = call.begin().await?;
    let agency = agencies::find(work.tx(), *id).await?;
    seen.holds_tag(&call.tag_of(&agency)?);
    let was = agency.valid_to;
    let corrected = agency.end_corrected(&body)?;
    if let Some(last_day) = body.last_day {
        check_heir(&work, body.successor, (corrected.id, last_day)).await?;
    }
    agencies::correct_end(work.tx(), &corrected, was, body.successor).await?;
    let taken = StepTaken::new("ending-corrections", call.caller(), call.now());
    work.step(corrected.id, &StepTaken { on_date: body.last_day, comment: Some(body.reason), ..taken }).await?;
    let kept = agencies::find(work.tx(), *id).await?;
    let answer = work.stepped_tagged(&path_of(kept.id), &call.tag_of(&kept)?, &kept).await;
    call.directory_changed();
    answer
}

/// List the corrections of the ending of an agency
///
/// Oldest first: the last day as it was corrected, by whom and why.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "listAgencyEndingCorrections",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    responses((status = 200, description = "The corrections.", body = History)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/agencies/{id}/ending-corrections")]
async fn list_corrections(call: Call, id: Path<Uuid>) -> Answer {
    let agency = agencies::find(call.db(), *id).await?;
    call.history(agency.id, "ending-corrections").await
}

/// List the ending of an agency
///
/// When it was recorded, by whom, and on what basis.
#[utoipa::path(
    tag = "Agencies",
    operation_id = "listAgencyEndings",
    params(("id" = Uuid, Path, description = "Identifier of the agency.")),
    responses((status = 200, description = "The ending, if there was one.", body = History)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/agencies/{id}/endings")]
async fn list_endings(call: Call, id: Path<Uuid>) -> Answer {
    let agency = agencies::find(call.db(), *id).await?;
    call.history(agency.id, "endings").await
}
