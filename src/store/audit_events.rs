//! The audit trail: events are added in the transaction of the work, get their places later, and are never changed.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, Select, Statement};
use uuid::Uuid;

use super::entity::audit_event::{Column, Entity, Model};
use super::listing::{Key, Listing};
use super::parameters::Parameters;
use super::places::Feed;
use super::{Db, Store, StoreError};
use crate::domain::audit::{AuditEvent, AuditKind};
use crate::domain::role::Scope;

/// The trail, as places are given in it: few at a time, since each enters every index and SQLite has one writer.
pub(super) const TRAIL: Feed = Feed { rows: "audit_events", order: "audit_order", stamp: None, batch: 1_000 };

/// The tables of the resources whose records are of a province: it sees what was done to them, whoever did it.
pub const OF_PROVINCES: &[(&str, &str)] = &[
    // One line a resource.
    ("agencies", "agencies"),
    ("applications", "applications"),
    ("budget-allocations", "allocations"),
    ("budget-amendments", "budget_amendments"),
    ("cooperatives", "cooperatives"),
    ("criteria-sets", "criteria_sets"),
    ("determinations", "determinations"),
    ("evaluations", "evaluations"),
    ("improvement-consolidations", "improvement_consolidations"),
    ("improvement-plans", "improvement_plans"),
    ("inspections", "inspections"),
    ("loans", "loans"),
    ("obstacles", "obstacles"),
    ("periodic-reports", "periodic_reports"),
    ("pilots", "pilots"),
    ("provincial-conditions", "provincial_conditions"),
    ("provincial-plans", "provincial_plans"),
    ("reference-entries", "reference_entries"),
    ("replications", "replications"),
    ("reporting-exceptions", "reporting_exceptions"),
    ("selection-amendments", "decision_amendments"),
    ("selection-decisions", "selection_decisions"),
    ("support-needs", "support_needs"),
];

/// What the trail can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// After this place.
    pub after: Option<i64>,
    /// Up to this place.
    pub until: Option<i64>,
    /// Recorded at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Recorded before this instant.
    pub to: Option<DateTime<Utc>>,
    /// What it is of.
    pub kind: Option<AuditKind>,
    /// Who.
    pub subject: Option<String>,
    /// For which agency.
    pub agency: Option<Uuid>,
    /// Which operation.
    pub operation: Option<String>,
    /// Which resource.
    pub resource: Option<String>,
    /// Which record.
    pub record: Option<String>,
}

/// Adds an event: in the transaction of the work, or by itself where nothing was written. `province` is that of whoever did it,
/// and counts where the record has none.
///
/// # Errors
/// The database failed.
pub async fn append(db: &impl ConnectionTrait, event: &AuditEvent, province: Option<&str>) -> Result<(), StoreError> {
    db.execute_raw(inserting(db, event, province)).await?;
    Ok(())
}

/// Adds an event by itself.
///
/// # Errors
/// The database failed.
pub async fn append_alone(store: &Store, event: &AuditEvent, province: Option<&str>) -> Result<(), StoreError> {
    append(store.writer(), event, province).await
}

fn inserting(db: &impl ConnectionTrait, event: &AuditEvent, province: Option<&str>) -> Statement {
    let mut parameters = Parameters::default();
    let mut said = values_of(event, &mut parameters);
    let mut provinces = Vec::new();
    let table = OF_PROVINCES.iter().find(|(resource, _)| *resource == event.resource).map(|(_, table)| table);
    let record = event.record.as_deref().and_then(|record| Uuid::try_parse(record).ok());
    if let (Some(table), Some(record)) = (table, record) {
        provinces.push(format!("(SELECT province_code FROM {table} WHERE id = {})", parameters.add(record)));
    }
    if let Some(cooperative) = event.cooperative {
        provinces.push(format!("(SELECT province_code FROM cooperatives WHERE id = {})", parameters.add(cooperative)));
    }
    provinces.push(parameters.add(province.map(str::to_owned)));
    let province = if provinces.len() > 1 { format!("COALESCE({})", provinces.join(", ")) } else { provinces.join("") };
    said.push(("province_code", province));
    let (columns, values): (Vec<_>, Vec<_>) = said.into_iter().unzip();
    let sql = format!("INSERT INTO audit_events ({}) VALUES ({})", columns.join(", "), values.join(", "));
    Statement::from_sql_and_values(db.get_database_backend(), sql, parameters.0)
}

fn values_of(event: &AuditEvent, parameters: &mut Parameters) -> Vec<(&'static str, String)> {
    let AuditEvent {
        id,
        place: _,
        recorded_at,
        kind,
        issuer,
        subject,
        role,
        agency,
        unit,
        cooperative,
        operation,
        method,
        path,
        query,
        resource,
        record,
        version,
        status,
        media_type,
        request_digest,
        answer_digest,
        trace_id,
        client_address,
        x_road_id,
        x_road_user_id,
        digest,
    } = event.clone();
    vec![
        ("id", parameters.add(id)),
        ("recorded_at", parameters.add(recorded_at)),
        ("kind", parameters.add(kind.name())),
        ("issuer", parameters.add(issuer)),
        ("subject", parameters.add(subject)),
        ("role", parameters.add(role)),
        ("agency_id", parameters.add(agency)),
        ("unit_code", parameters.add(unit)),
        ("cooperative_id", parameters.add(cooperative)),
        ("operation", parameters.add(operation)),
        ("method", parameters.add(method)),
        ("path", parameters.add(path)),
        ("query", parameters.add(query)),
        ("resource", parameters.add(resource)),
        ("record", parameters.add(record)),
        ("version", parameters.add(version)),
        ("status", parameters.add(status)),
        ("media_type", parameters.add(media_type)),
        ("request_digest", parameters.add(request_digest)),
        ("answer_digest", parameters.add(answer_digest)),
        ("trace_id", parameters.add(trace_id)),
        ("client_address", parameters.add(client_address)),
        ("x_road_id", parameters.add(x_road_id)),
        ("x_road_user_id", parameters.add(x_road_user_id)),
        ("digest", parameters.add(digest)),
    ]
}

/// Gives places to the events that have none, in their order. Whoever comes while somebody does so waits.
///
/// # Errors
/// The database failed.
pub async fn publish(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    TRAIL.publish(store, now).await
}

fn to_event(row: Model) -> Result<AuditEvent, StoreError> {
    let Model {
        id,
        place,
        recorded_at,
        kind,
        issuer,
        subject,
        role,
        agency_id,
        unit_code,
        cooperative_id,
        operation,
        method,
        path,
        query,
        resource,
        record,
        version,
        status,
        media_type,
        request_digest,
        answer_digest,
        trace_id,
        client_address,
        x_road_id,
        x_road_user_id,
        digest,
        province_code: _,
    } = row;
    let kind = AuditKind::from_name(&kind).ok_or_else(|| StoreError::Malformed(format!("audit event {kind}")))?;
    Ok(AuditEvent {
        id,
        place,
        recorded_at,
        kind,
        issuer,
        subject,
        role,
        agency: agency_id,
        unit: unit_code,
        cooperative: cooperative_id,
        operation,
        method,
        path,
        query,
        resource,
        record,
        version,
        status,
        media_type,
        request_digest,
        answer_digest,
        trace_id,
        client_address,
        x_road_id,
        x_road_user_id,
        digest,
    })
}

/// Keeps what the caller may see: a province what was done within it and to its records.
fn within(select: Select<Entity>, scope: &Scope) -> Select<Entity> {
    match scope {
        Scope::Country => select,
        Scope::Province(codes) => select.filter(Column::ProvinceCode.is_in(codes.iter())),
        // Nobody below a province reads the trail; whoever comes all the same is told nothing.
        Scope::Locality { .. } | Scope::Cooperative(_) => {
            select.filter(Column::ProvinceCode.is_in(Vec::<String>::new()))
        }
    }
}

/// An event that has its place.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<AuditEvent, StoreError> {
    let select = within(Entity::find_by_id(id), scope).filter(Column::Place.is_not_null());
    to_event(select.one(db).await?.ok_or(StoreError::NotFound)?)
}

/// How far the order of places may lie behind that of the clocks: from an event to its commit it is an instant, and the
/// clocks of replicas differ by little more.
const SLACK: TimeDelta = TimeDelta::days(1);

/// The same filter with bounds on places that follow from its instants, so that a stretch of time is sought and the rest of the
/// trail not read.
///
/// # Errors
/// The database failed.
pub async fn bounded(db: &impl ConnectionTrait, filter: Filter) -> Result<Filter, StoreError> {
    let (mut after, mut until) = (filter.after, filter.until);
    if let Some(from) = filter.from.and_then(|from| from.checked_sub_signed(SLACK)) {
        let first = first_since(db, from).await?.map_or(i64::MAX, |place| place - 1);
        after = Some(after.unwrap_or_default().max(first));
    }
    if let Some(to) = filter.to.and_then(|to| to.checked_add_signed(SLACK))
        && let Some(beyond) = first_since(db, to).await?
    {
        until = Some(until.unwrap_or(i64::MAX).min(beyond));
    }
    Ok(Filter { after, until, ..filter })
}

/// The place of the event that was recorded first at or after an instant.
async fn first_since(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
    let select = Entity::find().select_only().column(Column::Place).filter(Column::RecordedAt.gte(at));
    let select = select.filter(Column::Place.gt(0)).order_by_asc(Column::RecordedAt).order_by_asc(Column::Place);
    Ok(select.limit(1).into_tuple().one(db).await?)
}

/// The events that pass a filter, in the order of their places.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = AuditEvent> + use<> {
    let Filter { after, until, from, to, kind, subject, agency, operation, resource, record } = filter.clone();
    let conditions = Condition::all()
        .add_option(until.map(|place| Column::Place.lte(place)))
        .add_option(from.map(|at| Column::RecordedAt.gte(at)))
        .add_option(to.map(|at| Column::RecordedAt.lt(at)))
        .add_option(kind.map(|kind| Column::Kind.eq(kind.name())))
        .add_option(subject.map(|subject| Column::Subject.eq(subject)))
        .add_option(agency.map(|id| Column::AgencyId.eq(id)))
        .add_option(operation.map(|operation| Column::Operation.eq(operation)))
        .add_option(resource.map(|resource| Column::Resource.eq(resource)))
        .add_option(record.map(|record| Column::Record.eq(record)));
    Trail { select: within(Entity::find(), scope).filter(conditions), after: after.unwrap_or_default() }
}

/// Events in the order of places: the place is the key.
#[derive(Debug, Clone)]
struct Trail {
    select: Select<Entity>,
    after: i64,
}

impl Listing for Trail {
    type Item = AuditEvent;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<AuditEvent>, StoreError> {
        // A key that is no place was not given by this list: nothing comes after it.
        let after = after.map_or(0, |key| key.sort.and_then(|place| place.parse().ok()).unwrap_or(i64::MAX));
        let select = self.select.clone().filter(Column::Place.gt(after.max(self.after)));
        let rows = select.order_by_asc(Column::Place).limit(limit).all(db).await?;
        rows.into_iter().map(to_event).collect()
    }

    fn key(&self, event: &AuditEvent) -> Key {
        Key { sort: event.place.map(|place| place.to_string()), id: event.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        Ok(PaginatorTrait::count(self.select.clone().filter(Column::Place.gt(self.after)), db).await?)
    }
}

/// The digests of the events after a place, in the order of places: at most `limit`.
///
/// # Errors
/// The database failed.
pub(super) async fn digests_after(
    db: &impl ConnectionTrait,
    place: i64,
    limit: u64,
) -> Result<Vec<(i64, String)>, StoreError> {
    let select = Entity::find().select_only().columns([Column::Place, Column::Digest]);
    let select = select.filter(Column::Place.gt(place)).order_by_asc(Column::Place).limit(limit);
    Ok(select.into_tuple().all(db).await?)
}
