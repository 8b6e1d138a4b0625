//! Public holidays of one year each: some dozens.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    Statement,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::public_holiday::{self, Column};
use super::entity::withdrawn_holiday;
use super::listing::{Keyset, Listing};
use crate::domain::holiday::{DayKind, Holidays, LoadedDay, LoadedDays, NewPublicHoliday, PublicHoliday};
use crate::domain::text::Text;

/// A holiday.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<PublicHoliday, StoreError> {
    from_row(public_holiday::Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?)
}

/// Days of a year.
fn within(year: i32) -> Condition {
    let begins = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1);
    Condition::all()
        .add_option(begins(year).map(|first| Column::Date.gte(first)))
        .add_option(begins(year.saturating_add(1)).map(|next| Column::Date.lt(next)))
}

/// What is loaded for a year, in the order of its days.
///
/// # Errors
/// The database failed.
pub async fn of_year(db: &impl ConnectionTrait, year: i32) -> Result<Vec<NewPublicHoliday>, StoreError> {
    let rows = public_holiday::Entity::find().filter(within(year)).order_by_asc(Column::Date).all(db).await?;
    rows.into_iter().map(|row| from_row(row).map(|day| day.content)).collect()
}

/// The holidays, in the order of loading; of one year, if given.
pub fn list(year: Option<u16>) -> impl Listing<Item = PublicHoliday> + use<> {
    let of_year = year.map_or_else(Condition::all, |year| within(i32::from(year)));
    let select = public_holiday::Entity::find().filter(of_year);
    Keyset::by_id(select, Column::Id, from_row, |holiday: &PublicHoliday| holiday.id)
}

/// All days that are loaded now.
///
/// # Errors
/// The database failed.
pub async fn all(db: &impl ConnectionTrait) -> Result<Holidays, StoreError> {
    let day = |row: public_holiday::Model| Ok((row.date, kind_of(&row.kind)?));
    public_holiday::Entity::find().all(db).await?.into_iter().map(day).collect()
}

#[derive(Debug, FromQueryResult)]
struct EverRow {
    date: NaiveDate,
    kind: String,
    recorded_at: DateTime<Utc>,
    taken_out_at: Option<DateTime<Utc>>,
}

/// Every day that was ever loaded, those taken out since among them: what a deadline of then rests on.
///
/// # Errors
/// The database failed.
pub async fn ever(db: &impl ConnectionTrait) -> Result<LoadedDays, StoreError> {
    let sql = "SELECT date, kind, recorded_at, CAST(NULL AS timestamp with time zone) AS taken_out_at \
               FROM public_holidays UNION ALL SELECT date, kind, recorded_at, taken_out_at FROM withdrawn_holidays";
    let rows = EverRow::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    let day = |EverRow { date, kind, recorded_at, taken_out_at }| {
        Ok(LoadedDay { date, kind: kind_of(&kind)?, recorded_at, taken_out_at })
    };
    rows.into_iter().map(day).collect::<Result<_, StoreError>>().map(LoadedDays)
}

fn kind_of(name: &str) -> Result<DayKind, StoreError> {
    DayKind::from_name(name).ok_or_else(|| StoreError::Malformed(format!("kind {name} of a day")))
}

/// Loads a holiday.
///
/// # Errors
/// The day is one already, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, holiday: &PublicHoliday) -> Result<(), StoreError> {
    let PublicHoliday { id, content, recorded_by, recorded_at } = holiday.clone();
    let NewPublicHoliday { date, kind, name: Text { vi, en }, legal_basis } = content;
    let row = public_holiday::ActiveModel {
        id: Set(id),
        date: Set(date),
        kind: Set(kind.name().to_owned()),
        vi: Set(vi),
        en: Set(en),
        legal_basis: Set(legal_basis),
        recorded_by: Set(recorded_by),
        recorded_at: Set(recorded_at),
    };
    public_holiday::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Takes a holiday out at an instant. That it was known until then is kept, for the deadlines that passed meanwhile.
///
/// # Errors
/// It was taken out since (`Stale`), or the database failed.
pub async fn take_out(db: &impl ConnectionTrait, holiday: &PublicHoliday, at: DateTime<Utc>) -> Result<(), StoreError> {
    let PublicHoliday { id, content, recorded_by: _, recorded_at } = holiday;
    let deleted = public_holiday::Entity::delete_by_id(*id).exec(db).await?;
    if deleted.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    let kept = withdrawn_holiday::ActiveModel {
        id: Set(*id),
        date: Set(content.date),
        kind: Set(content.kind.name().to_owned()),
        recorded_at: Set(*recorded_at),
        taken_out_at: Set(at),
    };
    withdrawn_holiday::Entity::insert(kept).exec_without_returning(db).await?;
    Ok(())
}

fn from_row(row: public_holiday::Model) -> Result<PublicHoliday, StoreError> {
    let public_holiday::Model { id, date, kind, vi, en, legal_basis, recorded_by, recorded_at } = row;
    let content = NewPublicHoliday { date, kind: kind_of(&kind)?, name: Text { vi, en }, legal_basis };
    Ok(PublicHoliday { id, content, recorded_by, recorded_at })
}
