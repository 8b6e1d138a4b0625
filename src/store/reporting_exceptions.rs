//! Exceptions to the deadlines of reports: granted once, never changed; the latest one counts.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::reporting_exception::{self, Column};
use super::listing::{Keyset, Listing};
use super::scope::{ScopeColumns, within};
use crate::domain::period::Period;
use crate::domain::report::{ReportLevel, Reporter};
use crate::domain::reporting_deadline::{ExceptionTerms, ReportingException};
use crate::domain::role::Scope;

/// What a list of exceptions can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The period.
    pub period: Option<Period>,
    /// The agency that owes the report.
    pub agency: Option<Uuid>,
}

fn scoped(scope: &Scope) -> Select<reporting_exception::Entity> {
    let columns = ScopeColumns { province: Column::ProvinceCode, unit: Some(Column::UnitCode), cooperative: None };
    within(reporting_exception::Entity::find(), scope, columns)
}

/// An exception in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<ReportingException, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The exceptions in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = ReportingException> + use<> {
    let Filter { period, agency } = filter;
    let conditions = Condition::all()
        .add_option(period.map(|period| Column::Period.eq(period.to_string())))
        .add_option(agency.map(|agency| Column::AgencyId.eq(agency)));
    let select = scoped(scope).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |exception: &ReportingException| exception.id)
}

/// The exceptions that count for a period, by the agency that owes the report; of one agency, if named.
///
/// # Errors
/// The database failed.
pub async fn counting(
    db: &impl ConnectionTrait,
    period: Period,
    agency: Option<Uuid>,
) -> Result<HashMap<Uuid, ReportingException>, StoreError> {
    let rows = reporting_exception::Entity::find()
        .filter(Column::Period.eq(period.to_string()))
        .filter(Condition::all().add_option(agency.map(|agency| Column::AgencyId.eq(agency))))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    // The later of an agency takes the place of the earlier.
    rows.into_iter().map(|row| from_row(row).map(|exception| (exception.terms.agency, exception))).collect()
}

/// Records an exception.
///
/// # Errors
/// The database failed.
pub async fn insert(db: &impl ConnectionTrait, exception: &ReportingException) -> Result<(), StoreError> {
    let ReportingException { id, terms, reporter, granted_by, granting_agency, recorded_at } = exception;
    let ExceptionTerms { agency, period, due_on, locks_on, reason, document_number } = terms;
    let row = reporting_exception::ActiveModel {
        id: Set(*id),
        agency_id: Set(*agency),
        level: Set(reporter.level.name().to_owned()),
        province_code: Set(reporter.province.clone()),
        unit_code: Set(reporter.unit.clone()),
        period: Set(period.to_string()),
        due_on: Set(*due_on),
        locks_on: Set(*locks_on),
        reason: Set(reason.clone()),
        document_number: Set(document_number.clone()),
        granted_by: Set(granted_by.clone()),
        granting_agency_id: Set(*granting_agency),
        recorded_at: Set(*recorded_at),
    };
    reporting_exception::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

fn from_row(row: reporting_exception::Model) -> Result<ReportingException, StoreError> {
    let reporting_exception::Model {
        id,
        agency_id,
        level,
        province_code,
        unit_code,
        period,
        due_on,
        locks_on,
        reason,
        document_number,
        granted_by,
        granting_agency_id,
        recorded_at,
    } = row;
    let known = ReportLevel::from_name(&level).ok_or_else(|| StoreError::Malformed(format!("level {level}")))?;
    let period = period.parse().map_err(|_| StoreError::Malformed(format!("period {period}")))?;
    Ok(ReportingException {
        id,
        terms: ExceptionTerms { agency: agency_id, period, due_on, locks_on, reason, document_number },
        reporter: Reporter { agency: agency_id, level: known, province: province_code, unit: unit_code },
        granted_by,
        granting_agency: granting_agency_id,
        recorded_at,
    })
}
