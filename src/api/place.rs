//! The territory that a list is narrowed to: the same three members on every list that is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::call::Call;
use super::error::ApiError;
use crate::domain::territory::UnitsMeant;
use crate::store::place_filter::PlaceFilter;
use crate::store::territory;

/// Narrows a list to a province or a unit below it.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PlaceQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// Code of the district or commune.
    #[param(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", nullable = false)]
    unit: Option<String>,
    /// The day on which these codes are read: today when absent. What is placed in units that were merged into one by then is
    /// found under it; what is placed in another unit that bore the code before or after is not.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// Narrows a list of what belongs to whole provinces.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProvinceQuery {
    /// Code of the province.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// The day on which this code is read: today when absent. What is of provinces that were merged into one by then is found
    /// under it; what is of another province that bore the code before or after is not.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// A territory beside what else narrows a list, as one filter.
#[derive(Debug, Serialize)]
pub(super) struct Within<'a, P, Q> {
    #[serde(flatten)]
    place: &'a P,
    #[serde(flatten)]
    query: &'a Q,
}

/// The units whose records a code asks for on a day, today when absent.
///
/// # Errors
/// The database failed.
pub(super) async fn meant(
    call: &Call,
    code: Option<&str>,
    at: Option<NaiveDate>,
) -> Result<Option<UnitsMeant>, ApiError> {
    let Some(code) = code else { return Ok(None) };
    Ok(Some(territory::meant(call.db(), code, at.unwrap_or(call.today())).await?))
}

impl PlaceQuery {
    /// The territory that is meant.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn meant(&self, call: &Call) -> Result<PlaceFilter, ApiError> {
        let Self { province, unit, at } = self;
        let province = meant(call, province.as_deref(), *at).await?;
        Ok(PlaceFilter { province, unit: meant(call, unit.as_deref(), *at).await? })
    }

    /// With what else narrows the list.
    pub(super) const fn with<'a, Q>(&'a self, query: &'a Q) -> Within<'a, Self, Q> {
        Within { place: self, query }
    }
}

impl ProvinceQuery {
    /// The territory that is meant.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn meant(&self, call: &Call) -> Result<PlaceFilter, ApiError> {
        let Self { province, at } = self;
        Ok(PlaceFilter { province: meant(call, province.as_deref(), *at).await?, unit: None })
    }

    /// With what else narrows the list.
    pub(super) const fn with<'a, Q>(&'a self, query: &'a Q) -> Within<'a, Self, Q> {
        Within { place: self, query }
    }
}
