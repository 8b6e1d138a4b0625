//! Inspections of pilots: one row an inspection, whoever took part.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::StoreError;
use super::entity::inspection;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::versioned::Versioned;
use crate::domain::inspection::{Inspection, NewInspection};
use crate::domain::role::Scope;

/// What a list of inspections can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The pilot.
    pub pilot: Option<Uuid>,
    /// The agency that led it.
    pub agency: Option<Uuid>,
}

const SCOPE: ScopeColumns<inspection::Column> = ScopeColumns {
    province: inspection::Column::ProvinceCode,
    unit: Some(inspection::Column::UnitCode),
    cooperative: Some(inspection::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<inspection::Entity> {
    within(inspection::Entity::find(), scope, SCOPE)
}

/// An inspection in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Inspection, StoreError> {
    let row = scoped(scope).filter(inspection::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The inspections in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Inspection> + use<> {
    use inspection::Column;
    let Filter { place, cooperative, pilot, agency } = filter;
    let conditions = Condition::all()
        .add(place.condition(SCOPE, Placed::At(inspection::Column::RecordedAt)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)))
        .add_option(pilot.map(|id| Column::PilotId.eq(id)))
        .add_option(agency.map(|id| Column::AgencyId.eq(id)));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |inspection: &Inspection| inspection.id)
}

/// Records an inspection.
///
/// # Errors
/// One of the pilot and day is recorded (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, inspection: &Inspection) -> Result<(), StoreError> {
    versioned(inspection)?.insert(db).await
}

/// Replaces an inspection by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, inspection: &Inspection) -> Result<(), StoreError> {
    versioned(inspection)?.update(db, inspection::Column::Id, inspection::Column::Version).await
}

fn versioned(inspection: &Inspection) -> Result<Versioned<inspection::ActiveModel>, StoreError> {
    Ok(Versioned { row: to_row(inspection)?, id: inspection.id, version: inspection.version })
}

fn from_row(row: inspection::Model) -> Result<Inspection, StoreError> {
    let inspection::Model {
        id,
        version,
        province_code,
        created_by,
        recorded_at,
        updated_at,
        unit_code,
        cooperative_id,
        pilot_id,
        agency_id,
        participants,
        inspected_on,
        subject,
        findings,
        recommendations,
        document,
    } = row;
    let content = NewInspection {
        pilot: pilot_id,
        inspected_on,
        participants: serde_json::from_str(&participants)?,
        subject,
        findings,
        recommendations,
        document: document.as_deref().map(serde_json::from_str).transpose()?,
    };
    Ok(Inspection {
        id,
        version,
        content,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        agency: agency_id,
        created_by,
        recorded_at,
        updated_at,
    })
}

fn to_row(inspection: &Inspection) -> Result<inspection::ActiveModel, StoreError> {
    let Inspection { id, version, content, cooperative, province, unit, agency, created_by, recorded_at, updated_at } =
        inspection.clone();
    let NewInspection { pilot, inspected_on, participants, subject, findings, recommendations, document } = content;
    Ok(inspection::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
        unit_code: Set(unit),
        cooperative_id: Set(cooperative),
        pilot_id: Set(pilot),
        agency_id: Set(agency),
        participants: Set(serde_json::to_string(&participants)?),
        inspected_on: Set(inspected_on),
        subject: Set(subject),
        findings: Set(findings),
        recommendations: Set(recommendations),
        document: Set(document.as_ref().map(serde_json::to_string).transpose()?),
    })
}
