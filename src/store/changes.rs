//! The feed of changes. The database writes an event with each change of a record (migrations m38, m42); here events get their
//! places, are read in their order, and are forgotten.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::parameters::Parameters;
use super::places::Feed;
use super::{Store, StoreError};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::role::{Caller, Scope};

/// The feed, as places are given in it.
const FEED: Feed = Feed { rows: "changes", order: "change_feed", stamp: Some("published_at"), batch: 10_000 };

/// How far the feed goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Extent {
    /// The last place that was given.
    pub placed: i64,
    /// The last place whose event was forgotten; zero while none was.
    pub purged: i64,
}

/// How far the feed goes now.
///
/// # Errors
/// The database failed.
pub async fn extent(db: &impl ConnectionTrait) -> Result<Extent, StoreError> {
    let sql = "SELECT placed, purged FROM change_feed WHERE id = 1";
    let found = Extent::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).one(db).await?;
    found.ok_or_else(|| StoreError::Malformed("change_feed".to_owned()))
}

/// Gives places to the events that have none, in their order. Whoever comes while somebody does so waits.
///
/// # Errors
/// The database failed.
pub async fn publish(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    FEED.publish(store, now).await
}

#[derive(Debug, FromQueryResult)]
struct Row {
    place: i64,
    resource: String,
    record_id: Uuid,
    year: Option<i32>,
    code: Option<String>,
    kind: String,
    version: Option<i32>,
    published_at: DateTime<Utc>,
}

impl TryFrom<Row> for Change {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Row { place, resource, record_id, year, code, kind, version, published_at } = row;
        let kind = ChangeKind::from_name(&kind).ok_or_else(|| StoreError::Malformed(format!("change {kind}")))?;
        Ok(Self { place, resource, record: record_id, year, code, kind, version, published_at })
    }
}

/// The events after a place and up to another that a caller is told of: those of its provinces and of the whole country, and
/// of drafts of reports those of its own agencies. At most `limit`, in their order.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &impl ConnectionTrait,
    caller: &Caller,
    (after, until): (i64, i64),
    limit: u64,
) -> Result<Vec<Change>, StoreError> {
    let mut parameters = Parameters::default();
    let (after, until) = (parameters.add(after), parameters.add(until));
    let own_drafts = parameters.list(caller.agencies());
    let of_scope = match &caller.scope {
        Scope::Country => String::new(),
        Scope::Province(codes) => {
            format!("AND (province_code IS NULL OR province_code IN ({}))", parameters.list(codes.iter()))
        }
        // Nobody below a province reads the feed; whoever comes all the same is told nothing.
        Scope::Locality { .. } | Scope::Cooperative(_) => "AND 1 = 0".to_owned(),
    };
    let sql = format!(
        "SELECT place, resource, record_id, year, code, kind, version, published_at FROM changes \
         WHERE place > {after} AND place <= {until} AND (agency_id IS NULL OR agency_id IN ({own_drafts})) {of_scope} \
         ORDER BY place LIMIT {limit}"
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0);
    Row::find_by_statement(query).all(db).await?.into_iter().map(Change::try_from).collect()
}

/// Forgets the events that entered the feed before an instant; returns how many.
///
/// # Errors
/// The database failed.
pub async fn purge(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let tx = store.begin().await?;
    let backend = tx.get_database_backend();
    FEED.lock(&tx).await?;
    let mut parameters = Parameters::default();
    let before = parameters.add(before);
    let sql = format!(
        "UPDATE change_feed SET purged = COALESCE((SELECT MAX(place) FROM changes WHERE published_at < {before}), purged) \
         WHERE id = 1"
    );
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, parameters.0)).await?;
    let sql = "DELETE FROM changes WHERE place <= (SELECT purged FROM change_feed WHERE id = 1)";
    let purged = tx.execute_raw(Statement::from_string(backend, sql)).await?.rows_affected();
    tx.commit().await?;
    Ok(purged)
}
