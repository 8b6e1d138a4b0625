//! Stored answers of retried requests (`Idempotency-Key`): written in the transaction of the work, successes only.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryInsertResult};

use super::StoreError;
use super::entity::answer;

/// An answer that was given, to be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Digest of the request's canonical body.
    pub body_hash: String,
    /// Status code.
    pub status: u16,
    /// Headers that belong to the answer: `ETag`, `Location`, …
    pub headers: Vec<(String, String)>,
    /// The body, as it was sent.
    pub body: String,
}

/// Takes a key for this transaction. `None`: it is ours now. `Some`: somebody answered it before. A concurrent holder
/// of the same key is waited for by the database.
///
/// # Errors
/// The wait was too long (`Busy`), or the database failed.
pub async fn claim(
    db: &impl ConnectionTrait,
    key_hash: &str,
    body_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<StoredAnswer>, StoreError> {
    let row = answer::ActiveModel {
        key_hash: Set(key_hash.to_owned()),
        body_hash: Set(body_hash.to_owned()),
        status: Set(0),
        headers: Set("[]".to_owned()),
        body: Set(String::new()),
        recorded_at: Set(now),
    };
    let inserted = answer::Entity::insert(row)
        .on_conflict_do_nothing_on([answer::Column::KeyHash])
        .exec_without_returning(db)
        .await?;
    if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
        return Ok(None);
    }
    let found = answer::Entity::find_by_id(key_hash).one(db).await?.ok_or(StoreError::Busy)?;
    let answer::Model { key_hash: _, body_hash, status, headers, body, recorded_at: _ } = found;
    let status = u16::try_from(status).map_err(|_| StoreError::Malformed("status of a stored answer".to_owned()))?;
    Ok(Some(StoredAnswer { body_hash, status, headers: serde_json::from_str(&headers)?, body }))
}

/// Keeps the answer under the key that this transaction claimed.
///
/// # Errors
/// The database failed.
pub async fn keep(db: &impl ConnectionTrait, key_hash: &str, given: &StoredAnswer) -> Result<(), StoreError> {
    answer::Entity::update_many()
        .col_expr(answer::Column::Status, i32::from(given.status).into())
        .col_expr(answer::Column::Headers, serde_json::to_string(&given.headers)?.into())
        .col_expr(answer::Column::Body, given.body.clone().into())
        .filter(answer::Column::KeyHash.eq(key_hash))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets the answers recorded before an instant; returns how many.
///
/// # Errors
/// The database failed.
pub async fn purge(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let purged = answer::Entity::delete_many().filter(answer::Column::RecordedAt.lt(before)).exec(db).await?;
    Ok(purged.rows_affected)
}
