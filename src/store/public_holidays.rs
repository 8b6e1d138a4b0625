//! Public holidays of one year each: some dozens.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::StoreError;
use super::entity::public_holiday::{self, Column};
use super::listing::{Keyset, Listing};
use crate::domain::holiday::{Holidays, NewPublicHoliday, PublicHoliday};
use crate::domain::text::Text;

/// A holiday.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<PublicHoliday, StoreError> {
    public_holiday::Entity::find_by_id(id).one(db).await?.map(from_row).ok_or(StoreError::NotFound)
}

/// The holidays, in the order of loading; of one year, if given.
pub fn list(year: Option<u16>) -> impl Listing<Item = PublicHoliday> + use<> {
    let begins = |year: Option<u16>| year.and_then(|year| NaiveDate::from_ymd_opt(i32::from(year), 1, 1));
    let of_year = Condition::all()
        .add_option(begins(year).map(|first| Column::Date.gte(first)))
        .add_option(begins(year.map(|year| year.saturating_add(1))).map(|next| Column::Date.lt(next)));
    let select = public_holiday::Entity::find().filter(of_year);
    Keyset::by_id(select, Column::Id, |row| Ok(from_row(row)), |holiday: &PublicHoliday| holiday.id)
}

/// All holidays that are loaded.
///
/// # Errors
/// The database failed.
pub async fn all(db: &impl ConnectionTrait) -> Result<Holidays, StoreError> {
    Ok(public_holiday::Entity::find().all(db).await?.into_iter().map(|row| row.date).collect())
}

/// Loads a holiday.
///
/// # Errors
/// The day is one already, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, holiday: &PublicHoliday) -> Result<(), StoreError> {
    let PublicHoliday { id, content, recorded_by, recorded_at } = holiday.clone();
    let NewPublicHoliday { date, name: Text { vi, en }, legal_basis } = content;
    let row = public_holiday::ActiveModel {
        id: Set(id),
        date: Set(date),
        vi: Set(vi),
        en: Set(en),
        legal_basis: Set(legal_basis),
        recorded_by: Set(recorded_by),
        recorded_at: Set(recorded_at),
    };
    public_holiday::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Takes a holiday out.
///
/// # Errors
/// It was taken out since (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), StoreError> {
    let deleted = public_holiday::Entity::delete_by_id(id).exec(db).await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn from_row(row: public_holiday::Model) -> PublicHoliday {
    let public_holiday::Model { id, date, vi, en, legal_basis, recorded_by, recorded_at } = row;
    let content = NewPublicHoliday { date, name: Text { vi, en }, legal_basis };
    PublicHoliday { id, content, recorded_by, recorded_at }
}
