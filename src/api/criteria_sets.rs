//! Criteria sets: what evaluations score, as data.

use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::call::{Call, Query};
use super::error::Answer;
use super::page::{Page, PageQuery};
use crate::domain::criteria::{Criteria, CriteriaSet, CriteriaSetState};
use crate::domain::text::Text;
use crate::store::criteria_sets;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// A version of the criteria that evaluations are made under.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CriteriaSetView {
    /// Identifier.
    id: Uuid,
    /// Code that evaluations and the scheme name.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    code: String,
    /// Name.
    name: Text,
    /// Document that it comes from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    legal_basis: String,
    /// First day in force.
    #[schema(example = "2020-04-01")]
    valid_from: NaiveDate,
    /// Last day in force; absent where none is known.
    valid_to: Option<NaiveDate>,
    /// Where it is in its life.
    state: CriteriaSetState,
    /// What it says.
    criteria: Criteria,
}

impl From<CriteriaSet> for CriteriaSetView {
    fn from(set: CriteriaSet) -> Self {
        let CriteriaSet { id, version: _, code, name, legal_basis, valid_from, valid_to, state, criteria } = set;
        Self { id, code, name, legal_basis, valid_from, valid_to, state, criteria }
    }
}

/// Narrows the list of criteria sets.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CriteriaSetQuery {
    /// Code.
    #[param(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", nullable = false)]
    code: Option<String>,
    /// Where it is in its life.
    #[param(inline, nullable = false)]
    state: Option<CriteriaSetState>,
    /// A day on which it is in force.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// List criteria sets
///
/// Every version that was loaded, in the order of loading.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "listCriteriaSets",
    params(PageQuery, CriteriaSetQuery),
    responses((status = 200, description = "One page.", body = Page<CriteriaSetView>)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets")]
async fn list(call: Call, Query(page): Query<PageQuery>, Query(query): Query<CriteriaSetQuery>) -> Answer {
    let CriteriaSetQuery { code, state, at } = query.clone();
    let filter = criteria_sets::Filter { code, state, at };
    call.list(&page, &query, criteria_sets::list(&filter), CriteriaSetView::from).await
}

/// Read a criteria set
///
/// Groups, criteria and sub-criteria with their maxima as far as they are known, ratings, conditions and deadlines.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "getCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    responses((status = 200, description = "The criteria set.", body = CriteriaSetView)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/criteria-sets/{id}")]
async fn read(call: Call, id: Path<Uuid>) -> Answer {
    let set = criteria_sets::find(call.db(), *id).await?;
    call.one(set.version, &CriteriaSetView::from(set))
}
