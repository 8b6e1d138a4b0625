//! The yearly figures of a cooperative: declared by itself, verified beside.

use crate::api::service_config::ServiceConfig;
use actix_web::web::Path;
use actix_web::{get, put};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path_of;
use crate::api::call::{Body, Call, IfMatch};
use crate::api::error::{Answer, ApiError, Kind};
use crate::domain::cooperative::{AnnualFigures, Figures, FiguresBasis, YearSides};
use crate::domain::refusal::Refusal;
use crate::domain::role::Role;
use crate::store::{StoreError, cooperatives};

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read_figures).service(put_figures);
}

/// One side of the figures of a year, with its provenance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FiguresSide {
    /// The figures.
    figures: Figures,
    /// Who recorded them last.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative@0190")]
    recorded_by: String,
    /// When they were last recorded.
    updated_at: DateTime<Utc>,
}

impl From<AnnualFigures> for FiguresSide {
    fn from(side: AnnualFigures) -> Self {
        Self { figures: side.figures, recorded_by: side.recorded_by, updated_at: side.updated_at }
    }
}

/// The figures of a year: what the cooperative declared, and beside it what the registration authority verified.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AnnualFiguresView {
    /// The cooperative.
    cooperative: Uuid,
    /// The financial year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    year: u16,
    /// What the cooperative declared.
    declared: Option<FiguresSide>,
    /// What the registration authority verified; where present, this side counts.
    verified: Option<FiguresSide>,
}

fn figures_tag(sides: &YearSides) -> String {
    let version = |side: &Option<AnnualFigures>| side.as_ref().map_or(0, |side| side.version);
    format!("\"{}-{}\"", version(&sides.declared), version(&sides.verified))
}

fn figures_view(id: Uuid, year: u16, sides: YearSides) -> AnnualFiguresView {
    let YearSides { declared, verified } = sides;
    AnnualFiguresView {
        cooperative: id,
        year,
        declared: declared.map(FiguresSide::from),
        verified: verified.map(FiguresSide::from),
    }
}

/// Read the figures of a year
///
/// Declared and verified side by side.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "getAnnualFigures",
    params(
        ("id" = Uuid, Path, description = "Identifier of the cooperative."),
        ("year" = u16, Path, description = "The financial year.", minimum = 2000, maximum = 2100),
    ),
    responses((status = 200, description = "Both sides.", body = AnnualFiguresView)),
    security(("bearer" = ["cooperatives:read"]))
)]
#[get("/v1/cooperatives/{id}/annual-figures/{year}")]
async fn read_figures(call: Call, path: Path<(Uuid, u16)>) -> Answer {
    let (id, year) = path.into_inner();
    cooperatives::find(call.db(), call.scope(), id).await?;
    let sides = cooperatives::year(call.db(), id, year).await?;
    if sides.counting().is_none() {
        return Err(ApiError::of(Kind::NotFound));
    }
    call.tagged(&figures_tag(&sides), &figures_view(id, year, sides))
}

/// Put the figures of a year
///
/// The cooperative puts the declared side, its locality the verified one; neither overwrites the other.
/// `If-None-Match: *` creates the caller's side, `If-Match` replaces it.
#[utoipa::path(
    tag = "Cooperatives",
    operation_id = "putAnnualFigures",
    params(
        ("id" = Uuid, Path, description = "Identifier of the cooperative."),
        ("year" = u16, Path, description = "The financial year.", minimum = 2000, maximum = 2100),
    ),
    request_body = Figures,
    responses(
        (status = 200, description = "Replaced.", body = AnnualFiguresView),
        (status = 201, description = "Created.", body = AnnualFiguresView),
    ),
    security(("bearer" = ["figures:write"]))
)]
#[put("/v1/cooperatives/{id}/annual-figures/{year}")]
async fn put_figures(call: Call, path: Path<(Uuid, u16)>, seen: IfMatch, Body(figures): Body<Figures>) -> Answer {
    let (id, year) = path.into_inner();
    if !(2000..=2100).contains(&year) {
        return Err(ApiError::of(Kind::NotFound));
    }
    let is_own = call.caller().role == Role::Cooperative;
    let basis = if is_own { FiguresBasis::Declared } else { FiguresBasis::Verified };
    let work = call.begin().await?;
    cooperatives::hold(work.tx(), id).await?;
    let found = cooperatives::find(work.tx(), call.scope(), id).await;
    let founded = found.as_ref().map(|cooperative| cooperative.registration.founded_on);
    let founded = founded.map_or(Ok(()), |founded_on| Figures::check_founded(year, founded_on));
    Refusal::of_all([figures.check(year, call.now()), founded].into_iter().filter_map(Result::err).collect())?;
    found?;
    let mut sides = cooperatives::year(work.tx(), id, year).await?;
    let slot = if is_own { &sides.declared } else { &sides.verified };
    let version = slot.as_ref().map_or(1, |side| side.version + 1);
    let side = AnnualFigures {
        cooperative: id,
        year,
        basis,
        version,
        figures,
        recorded_by: call.caller().subject.clone(),
        updated_at: call.now().0,
    };
    let exists = slot.is_some();
    if exists == call.creates_only() || exists != seen.is_given() {
        return Err(ApiError::of(Kind::Stale));
    }
    if exists {
        seen.holds_tag(&figures_tag(&sides));
    }
    // Whoever was first to create has changed what this caller has seen.
    cooperatives::put_figures(work.tx(), &side).await.map_err(|error| match error {
        StoreError::Taken(_) => StoreError::Stale,
        other => other,
    })?;
    *(if is_own { &mut sides.declared } else { &mut sides.verified }) = Some(side);
    let tag = figures_tag(&sides);
    let view = figures_view(id, year, sides);
    if version == 1 {
        return work.created_tagged(&format!("{}/annual-figures/{year}", path_of(id)), &tag, &view).await;
    }
    work.changed_tagged(&tag, &view).await
}
