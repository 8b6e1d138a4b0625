//! The history of steps: appended with the change they made, in its transaction; never edited.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::StoreError;
use super::entity::step;
use crate::domain::history::StepTaken;

/// Appends a step of a record.
///
/// # Errors
/// The database failed.
pub async fn append(db: &impl ConnectionTrait, id: Uuid, record: Uuid, taken: &StepTaken) -> Result<(), StoreError> {
    let row = step::ActiveModel {
        id: Set(id),
        record_id: Set(record),
        step: Set(taken.step.clone()),
        recorded_at: Set(taken.recorded_at),
        entry: Set(serde_json::to_string(taken)?),
    };
    step::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The day that the last step of a kind bears; none if it was not taken.
///
/// # Errors
/// The database failed.
pub async fn last_dated(db: &impl ConnectionTrait, record: Uuid, name: &str) -> Result<Option<NaiveDate>, StoreError> {
    Ok(of(db, record, name).await?.pop().and_then(|taken| taken.on_date))
}

/// The history of one step of a record, oldest first. Whoever calls has found the record in the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn of(db: &impl ConnectionTrait, record: Uuid, name: &str) -> Result<Vec<StepTaken>, StoreError> {
    let rows = step::Entity::find()
        .filter(step::Column::RecordId.eq(record))
        .filter(step::Column::Step.eq(name))
        .order_by_asc(step::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok(serde_json::from_str(&row.entry)?)).collect()
}
