//! Evaluations: made by the cooperative or an agency, endorsed, submitted, confirmed or returned.

mod comparisons;
mod steps;
mod views;

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use self::views::{EvaluationView, NewEvaluation};
use super::actions::{AllowedActions, Step};
use super::call::{Body, Call, IfMatch, Patch, Query};
use super::error::{Answer, ApiError};
use super::page::{Page, PageQuery};
use super::place::PlaceQuery;
use super::references::Missing;
use crate::domain::criteria::CriteriaSet;
use crate::domain::evaluation::moves::{self, EvaluationAction, not_in_force};
use crate::domain::evaluation::{Evaluation, EvaluationKind, EvaluationState, NewContent};
use crate::domain::role::{Permission, Scope};
use crate::store::evaluations::About;
use crate::store::{Tx, criteria_sets, evaluations};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(list).service(read).service(edit).service(remove).service(allowed_actions);
    comparisons::routes(config);
    steps::routes(config);
}

/// Narrows the list of evaluations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct EvaluationQuery {
    /// The cooperative.
    #[param(nullable = false)]
    cooperative: Option<Uuid>,
    /// The evaluated year.
    #[param(minimum = 2000, maximum = 2100, nullable = false)]
    year: Option<u16>,
    /// Whose evaluation it is.
    #[param(inline, nullable = false)]
    kind: Option<EvaluationKind>,
    /// Where it is in its life.
    #[param(inline, nullable = false)]
    state: Option<EvaluationState>,
    /// Code of the rating: `good`, `fair`, `average`, `weak`.
    #[param(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", nullable = false)]
    rating: Option<String>,
    /// Code of the criteria set: what is made under one circular is never mixed with another's.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    criteria_set: Option<String>,
}

fn path_of(id: Uuid) -> String {
    format!("/v1/evaluations/{id}")
}

/// The set of a code under which a year is evaluated.
async fn governing(tx: &Tx, code: &str, year: u16) -> Result<CriteriaSet, ApiError> {
    let set = criteria_sets::governing(tx, code, year).await?;
    set.ok_or_else(|| not_in_force(code, year).into())
}

/// Make an evaluation
///
/// A draft with one score for each leaf of the criteria set; where the set has a scale the points are computed from the
/// yearly figures (the cooperative's own from what it declared), unless they are overridden with a reason. The cooperative
/// makes its own (`self`); its locality or its responsible department (of a pilot the one that the decision names, else one
/// of its field) the `verified` one; the agency that leads the plan the `final` one, of a pilot. One of each for a
/// cooperative, a year and a circular. Where the province has a variant of the set in force for the year, that is used.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "createEvaluation",
    request_body = NewEvaluation,
    responses((status = 201, description = "The draft.", body = EvaluationView)),
    security(("bearer" = ["evaluations:write"]))
)]
#[post("/v1/evaluations")]
async fn create(call: Call, Body(new): Body<NewEvaluation>) -> Answer {
    let NewEvaluation { cooperative, year, kind, criteria_set, scores, administrative_fine: fine } = new;
    let work = call.begin().await?;
    let of = evaluations::evaluated(work.tx(), call.scope(), cooperative, year, call.today()).await;
    let mut missing = Missing::default();
    let of = missing.found(of, "/cooperative", "cooperative")?;
    let set = governing(work.tx(), &criteria_set, year).await;
    missing.also(&set);
    let content = NewContent { scores, fine };
    if !missing.is_empty() {
        missing.told(moves::faults_of_body(set.as_ref().ok(), (kind, year), &content, call.now()));
    }
    let (of, set) = (missing.all(of)?, set?);
    let about = About {
        evaluation: None,
        cooperative,
        province: &of.province,
        year,
        criteria: &criteria_set,
        criteria_set: set.id,
    };
    let known = evaluations::circumstances(work.tx(), about, call.caller()).await?;
    let evaluation =
        Evaluation::draft(call.new_id(), (kind, year), of, &set, content, &known, call.caller(), call.now())?;
    evaluations::insert(work.tx(), &evaluation).await?;
    work.created(&path_of(evaluation.id), evaluation.version, &EvaluationView::explained(evaluation, &set)).await
}

/// List evaluations
///
/// Those within the caller's reach, without their explanations.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluations",
    params(PageQuery, PlaceQuery, EvaluationQuery),
    responses((status = 200, description = "One page.", body = Page<EvaluationView>)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations")]
async fn list(
    call: Call,
    Query(page): Query<PageQuery>,
    Query(place): Query<PlaceQuery>,
    Query(query): Query<EvaluationQuery>,
) -> Answer {
    let EvaluationQuery { cooperative, year, kind, state, rating, criteria_set } = query.clone();
    let filter =
        evaluations::Filter { cooperative, year, kind, state, place: place.meant(&call).await?, rating, criteria_set };
    call.list(&page, &place.with(&query), evaluations::list(call.scope(), &filter), EvaluationView::from).await
}

/// Read an evaluation
///
/// With the explanation of its total and rating, and the deadline that it is measured against.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "getEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The evaluation.", body = EvaluationView)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let evaluation = evaluations::find(call.db(), call.scope(), *id).await?;
    let set = criteria_sets::find(call.db(), evaluation.criteria_set).await?;
    call.one(evaluation.version, &EvaluationView::explained(evaluation, &set))
}

/// Edit an evaluation
///
/// While it is a draft or returned, by whoever it belongs to. Computed points are computed again from the figures that
/// stand. A change of content voids the endorsements given before; cooperative, year and kind do not change, nor does
/// the version of the criteria unless another set is named.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "editEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    request_body(content = NewEvaluation, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Edited.", body = EvaluationView)),
    security(("bearer" = ["evaluations:write"]))
)]
#[patch("/v1/evaluations/{id}")]
async fn edit(call: Call, id: Path<Uuid>, seen: IfMatch, patch: Patch) -> Answer {
    let work = call.begin().await?;
    let evaluation = evaluations::find(work.tx(), call.scope(), *id).await?;
    seen.holds(evaluation.version);
    let NewEvaluation { cooperative, year, kind, criteria_set, scores, administrative_fine: fine } =
        patch.onto(&NewEvaluation::from(&evaluation))?;
    let (key, content) = ((cooperative, year, kind), NewContent { scores, fine });
    // The version of the criteria stays for ever, unless another set is named.
    let set = if criteria_set == evaluation.criteria_code {
        Ok(criteria_sets::find(work.tx(), evaluation.criteria_set).await?)
    } else {
        governing(work.tx(), &criteria_set, evaluation.year).await
    };
    if set.is_err() {
        let mut missing = Missing::default();
        missing.told(evaluation.keeps_key(key).err());
        missing.also(&set);
        missing.told(moves::faults_of_body(None, (evaluation.kind, evaluation.year), &content, call.now()));
        missing.all(Some(()))?;
    }
    let set = set?;
    let (cooperative, year) = (evaluation.cooperative, evaluation.year);
    let of = evaluations::evaluated(work.tx(), call.scope(), cooperative, year, call.today()).await?;
    let about = About { criteria: &criteria_set, criteria_set: set.id, ..About::from(&evaluation) };
    let known = evaluations::circumstances(work.tx(), about, call.caller()).await?;
    let edited = evaluation.edit(key, &set, content, of, &known, call.caller(), call.now())?;
    evaluations::update(work.tx(), &edited).await?;
    work.changed(edited.version, &EvaluationView::explained(edited, &set)).await
}

/// Delete the draft of an evaluation
///
/// Only a draft that was never submitted.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "deleteEvaluation",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = ["evaluations:write"]))
)]
#[delete("/v1/evaluations/{id}")]
async fn remove(call: Call, id: Path<Uuid>, seen: IfMatch) -> Answer {
    let work = call.begin().await?;
    let evaluation = evaluations::find(work.tx(), call.scope(), *id).await?;
    seen.holds(evaluation.version);
    let known = evaluations::circumstances(work.tx(), About::from(&evaluation), call.caller()).await?;
    evaluation.may(EvaluationAction::Delete, &known, call.caller())?;
    evaluations::delete(work.tx(), &evaluation).await?;
    work.deleted().await
}

/// Tell what the caller may do with an evaluation
///
/// Each step, allowed now or with the code of the refusal.
#[utoipa::path(
    tag = "Evaluations",
    operation_id = "listEvaluationActions",
    params(("id" = Uuid, Path, description = "Identifier of the evaluation.")),
    responses((status = 200, description = "The steps.", body = AllowedActions)),
    security(("bearer" = ["evaluations:read"]))
)]
#[get("/v1/evaluations/{id}/allowed-actions")]
async fn allowed_actions(call: Call, id: Path<Uuid>) -> Answer {
    let evaluation = evaluations::find(call.db(), call.scope(), *id).await?;
    let known = evaluations::circumstances(call.db(), About::from(&evaluation), call.caller()).await?;
    let set = criteria_sets::find(call.db(), evaluation.criteria_set).await?;
    let (cooperative, year) = (evaluation.cooperative, evaluation.year);
    let of = evaluations::evaluated(call.db(), &Scope::Country, cooperative, year, call.today()).await?;
    let may = |action| evaluation.may_now(action, (&set, &of), &known, call.caller());
    let step = |(name, permission, action)| Step { name, permission, verdict: may(action) };
    let steps = [
        ("edit", Permission::WriteEvaluations, EvaluationAction::Edit),
        ("delete", Permission::WriteEvaluations, EvaluationAction::Delete),
        ("endorsements", Permission::WriteEvaluations, EvaluationAction::Endorse),
        ("submissions", Permission::WriteEvaluations, EvaluationAction::Submit),
        ("confirmations", Permission::ConfirmEvaluations, EvaluationAction::Confirm),
        ("returns", Permission::ConfirmEvaluations, EvaluationAction::Return),
    ];
    call.allowed_actions(&path_of(*id), steps.map(step).into())
}
