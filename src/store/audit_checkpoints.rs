//! Checkpoints of the audit trail: made one after the other, never changed, and held against the events that they cover.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::audit_events::{self, TRAIL};
use super::entity::audit_checkpoint::{ActiveModel, Column, Entity, Model};
use super::listing::{Key, Keyset, Listing};
use super::{Db, StoreError};
use crate::domain::audit::{AuditCheckpoint, AuditFault, EventsDigest, MOST_COVERED, Verification};
use crate::domain::role::Scope;

/// Events that are read at once.
const CHUNK: u64 = 1_000;

fn to_checkpoint(row: Model) -> Result<AuditCheckpoint, StoreError> {
    let Model {
        id,
        number,
        from_place,
        to_place,
        event_count,
        events_digest,
        previous,
        reason,
        recorded_at,
        digest,
        signature,
    } = row;
    Ok(AuditCheckpoint {
        id,
        number,
        from_place,
        to_place,
        count: event_count,
        events_digest,
        previous,
        reason,
        recorded_at,
        digest,
        signature,
    })
}

/// A checkpoint.
///
/// # Errors
/// Not there.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<AuditCheckpoint, StoreError> {
    to_checkpoint(Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?)
}

/// All checkpoints, in the order in which they were made.
pub fn list() -> impl Listing<Item = AuditCheckpoint> {
    Keyset::by_id(Entity::find(), Column::Id, to_checkpoint, |checkpoint| checkpoint.id)
}

/// The last checkpoint, if there is one.
///
/// # Errors
/// The database failed.
pub async fn last(db: &impl ConnectionTrait) -> Result<Option<AuditCheckpoint>, StoreError> {
    Entity::find().order_by_desc(Column::Number).one(db).await?.map(to_checkpoint).transpose()
}

/// Covers the events after a checkpoint that have their places, as many as a checkpoint may.
///
/// # Errors
/// The database failed.
pub async fn cover(db: &Db, before: Option<&AuditCheckpoint>) -> Result<EventsDigest, StoreError> {
    let mut covered = EventsDigest::after(before.map_or(0, |checkpoint| checkpoint.to_place));
    loop {
        let limit = u64::try_from(MOST_COVERED - covered.count()).unwrap_or_default().min(CHUNK);
        let found = audit_events::digests_after(db, covered.reached(), limit).await?;
        for (place, digest) in &found {
            covered.add(*place, digest);
        }
        if u64::try_from(found.len()).is_ok_and(|found| found < CHUNK) {
            return Ok(covered);
        }
    }
}

/// Adds a checkpoint.
///
/// # Errors
/// Another one was made in between (`Busy`), or the database failed.
pub async fn insert(tx: &impl ConnectionTrait, checkpoint: &AuditCheckpoint) -> Result<(), StoreError> {
    TRAIL.lock(tx).await?;
    if last(tx).await?.map_or(0, |last| last.number) + 1 != checkpoint.number {
        return Err(StoreError::Busy);
    }
    let AuditCheckpoint {
        id,
        number,
        from_place,
        to_place,
        count,
        events_digest,
        previous,
        reason,
        recorded_at,
        digest,
        signature,
    } = checkpoint.clone();
    let row = ActiveModel {
        id: Set(id),
        number: Set(number),
        from_place: Set(from_place),
        to_place: Set(to_place),
        event_count: Set(count),
        events_digest: Set(events_digest),
        previous: Set(previous),
        reason: Set(reason),
        recorded_at: Set(recorded_at),
        digest: Set(digest),
        signature: Set(signature),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The last checkpoint, and how many events have their places and are not covered by it.
///
/// # Errors
/// The database failed.
pub async fn standing(db: &impl ConnectionTrait) -> Result<(Option<AuditCheckpoint>, i64), StoreError> {
    let last = last(db).await?;
    let placed = TRAIL.placed(db).await?;
    let uncovered = placed - last.as_ref().map_or(0, |checkpoint| checkpoint.to_place);
    Ok((last, uncovered))
}

/// Holds a checkpoint against the one before it and the events that are stored, with flat memory.
///
/// # Errors
/// The database failed.
pub async fn verify(
    db: &Db,
    checkpoint: &AuditCheckpoint,
    signature_holds: bool,
) -> Result<Vec<AuditFault>, StoreError> {
    let before = Entity::find().filter(Column::Number.eq(checkpoint.number - 1)).one(db).await?;
    let before = before.map(to_checkpoint).transpose()?;
    let mut verification = Verification::of(checkpoint, before.as_ref());
    let (after, until) = (Some(checkpoint.from_place - 1), Some(checkpoint.to_place));
    let filter = audit_events::Filter { after, until, ..audit_events::Filter::default() };
    let covered = audit_events::list(&Scope::Country, &filter);
    let mut key: Option<Key> = None;
    loop {
        let events = covered.page(db, key, CHUNK).await?;
        events.iter().for_each(|event| verification.take(event));
        key = events.last().map(|event| covered.key(event));
        if u64::try_from(events.len()).is_ok_and(|found| found < CHUNK) {
            return Ok(verification.end(signature_holds));
        }
    }
}
