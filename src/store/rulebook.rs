//! The data that rules take their parameters from, as it stands on a day.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::{StoreError, classification, criteria_sets, provincial_conditions, reference_entries, schemes};
use crate::domain::rulebook::InForce;
use crate::domain::support_need::rates;

/// What holds on a day; with the conditions of a province, where one is named.
///
/// # Errors
/// The database failed.
pub async fn in_force(db: &impl ConnectionTrait, at: NaiveDate, province: Option<&str>) -> Result<InForce, StoreError> {
    let own = match province {
        Some(province) => provincial_conditions::of_province(db, province).await?,
        None => Vec::new(),
    };
    let (schemes, criteria_sets) = (schemes::all(db).await?, criteria_sets::activated(db, at).await?);
    let classification = classification::rules(db).await?;
    let rates = reference_entries::of_lists(db, rates::LISTS).await?;
    let province = province.map(str::to_owned);
    Ok(InForce { at, province, schemes, own, criteria_sets, classification, rates })
}
