//! The classes of a cooperative, by the rules in force on a day.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::domain::classification::{ClassVerdict, Classed, classify, figures_year};
use crate::domain::cooperative::{Field, FiguresStatus, Registration};
use crate::store::{classification, cooperatives};

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read_classification);
}

/// On which day, and by which figures.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ClassificationQuery {
    /// The day whose rules count; today unless given.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// The financial year whose figures count; the last one that had ended by the day unless given.
    #[param(minimum = 2000, maximum = 2100, nullable = false)]
    year: Option<u16>,
}

/// The classes of a cooperative.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Classification {
    /// The cooperative.
    cooperative: Uuid,
    /// The day whose rules were used.
    #[schema(example = "2021-09-15")]
    at: NaiveDate,
    /// Its field of activity, as registered now.
    field: Field,
    /// The financial year whose figures were used.
    #[schema(minimum = 0, maximum = 2100, example = 2020)]
    year: u16,
    /// Whether these figures are closed; absent where there are none.
    status: Option<FiguresStatus>,
    /// Its class in each dimension, with the rule that says so.
    #[schema(min_items = 1, max_items = 20)]
    classes: Vec<ClassVerdict>,
}

/// Class a cooperative
///
/// By the rules in force on a day: Circular 01/2020/TT-BKHĐT by supply to members, members, capital and trade; from
/// 2024-11-01 Decree 113/2024/NĐ-CP by size within its field. Each class names its rule and the facts used. What a rule
/// does not say, as far as it is known, is answered so and not guessed.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "getClassification",
    params(("id" = Uuid, Path, description = "Identifier of the cooperative."), ClassificationQuery),
    responses((status = 200, description = "Its classes.", body = Classification)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/classification")]
async fn read_classification(call: Call, id: Path<Uuid>, Query(query): Query<ClassificationQuery>) -> Answer {
    let at = query.at.unwrap_or_else(|| call.today());
    let year = query.year.unwrap_or_else(|| figures_year(at));
    let cooperative = cooperatives::find(call.db(), call.scope(), *id).await?;
    let Registration { field, industry_code, governing_law, .. } = cooperative.registration;
    let figures = cooperatives::figures(call.db(), *id, year..=year).await?;
    let rules = classification::rules(call.db()).await?;
    let status = figures.last().map(|side| side.figures.status);
    let of = Classed::read(field, industry_code, year, &figures).under(governing_law);
    let classes = classify(&rules, at, &of);
    call.computed(&Classification { cooperative: *id, at, field, year, status, classes })
}
