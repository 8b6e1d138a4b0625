//! The data that rules take their parameters from, as it stands on a day.

use chrono::{Datelike, NaiveDate};
use sea_orm::ConnectionTrait;

use super::place_filter::PlaceFilter;
use super::{
    StoreError, classification, criteria_sets, provincial_conditions, public_holidays, reference_entries,
    reporting_deadlines, schemes,
};
use crate::domain::reference::ReferenceList;
use crate::domain::rulebook::InForce;
use crate::domain::support_need::rates;
use crate::domain::territory::UnitsMeant;

/// What holds on a day; with the conditions and criteria of a province, where one is meant.
///
/// # Errors
/// The database failed.
pub async fn in_force(
    db: &impl ConnectionTrait,
    at: NaiveDate,
    province: Option<UnitsMeant>,
) -> Result<InForce, StoreError> {
    let provinces = province.as_ref().map(|meant| meant.codes().map(str::to_owned).collect()).unwrap_or_default();
    let place = province.map(|province| PlaceFilter { province: Some(province), unit: None });
    let own = match &place {
        Some(place) => provincial_conditions::of_province(db, place, None).await?,
        None => Vec::new(),
    };
    let (schemes, criteria_sets) = (schemes::all(db).await?, criteria_sets::activated(db, at, place.as_ref()).await?);
    let classification = classification::rules(db).await?;
    let rates = reference_entries::of_lists(db, rates::LISTS).await?;
    let sources = reference_entries::of_lists(db, &[ReferenceList::Sources]).await?;
    let calendar = reporting_deadlines::all_active(db).await?.into_iter().map(|rule| rule.terms).collect();
    let days = public_holidays::of_year(db, at.year()).await?;
    Ok(InForce { at, provinces, schemes, own, criteria_sets, classification, rates, sources, calendar, days })
}
