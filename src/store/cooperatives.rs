//! Cooperatives, their yearly figures and interruptions.

mod yearly;

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use uuid::Uuid;

use super::by_position::ByPosition;
use super::entity::{cooperative, interruption};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::{StoreError, vietnamese};
use crate::domain::cooperative::{
    Cooperative, CooperativeKind, CooperativeStatus, Field, GoverningLaw, Interruption, Registration,
};
use crate::domain::role::Scope;
pub use yearly::{figures, figures_of, put_figures, stated_years, year};

/// What a list of cooperatives can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// Field of activity.
    pub field: Option<Field>,
    /// Whether it still exists.
    pub status: Option<CooperativeStatus>,
    /// Tax code.
    pub tax_code: Option<String>,
    /// Words of the name, without regard to diacritics and case.
    pub words: Option<String>,
    /// Order by name instead of by id.
    pub by_name: bool,
}

/// What a cooperative does.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Field of activity.
    pub field: Field,
    /// VSIC code of its main activity.
    pub industry_code: Option<String>,
}

const SCOPE: ScopeColumns<cooperative::Column> = ScopeColumns {
    province: cooperative::Column::ProvinceCode,
    unit: Some(cooperative::Column::UnitCode),
    cooperative: Some(cooperative::Column::Id),
};

fn scoped(scope: &Scope) -> Select<cooperative::Entity> {
    within(cooperative::Entity::find(), scope, SCOPE)
}

/// A cooperative in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Cooperative, StoreError> {
    let row = db.query_one(scoped(scope).filter(cooperative::Column::Id.eq(id)).as_query()).await?;
    from_row(cooperative::Model::of(&row.ok_or(StoreError::NotFound)?)?)
}

/// The cooperatives in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Cooperative> + use<> {
    use cooperative::Column;
    let Filter { place, field, status, tax_code, words, by_name } = filter;
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(cooperative::Column::RecordedAt)));
    let exact = [
        (Column::Field, field.map(|field| field.name().to_owned())),
        (Column::Status, status.map(|status| status.name().to_owned())),
        (Column::TaxCode, tax_code.clone()),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    if let Some(words) = words {
        select = select.filter(Expr::col(Column::NameFolded).like(containing(&vietnamese::folded(words))));
    }
    let list = Keyset::by_id(select, Column::Id, from_row, |cooperative: &Cooperative| cooperative.id).by_position();
    // The key of a name is derived, so an item can tell where the next page starts.
    let name_key = |cooperative: &Cooperative| vietnamese::sort_key(&cooperative.registration.name).unwrap_or_default();
    if *by_name { list.sorted_by(Column::NameKey, name_key) } else { list }
}

/// A pattern for texts that contain these letters, each meaning itself.
fn containing(letters: &str) -> LikeExpr {
    let literal = letters.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{literal}%")).escape('\\')
}

/// Holds a cooperative until the transaction ends: whoever else holds it waits. What is counted over all its records is
/// counted under this hold.
///
/// # Errors
/// The database failed.
pub async fn hold(db: &impl ConnectionTrait, id: Uuid) -> Result<(), StoreError> {
    let row = cooperative::Entity::find().select_only().column(cooperative::Column::Id);
    let row = row.filter(cooperative::Column::Id.eq(id)).lock(LockType::NoKeyUpdate);
    row.into_tuple::<Uuid>().one(db).await?;
    Ok(())
}

/// Records a cooperative.
///
/// # Errors
/// The tax code is taken, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, cooperative: &Cooperative) -> Result<(), StoreError> {
    cooperative::Entity::insert(to_row(cooperative)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a cooperative by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), the tax code is taken, or the database failed.
pub async fn update(db: &impl ConnectionTrait, cooperative: &Cooperative) -> Result<(), StoreError> {
    let changed = cooperative::Entity::update_many()
        .set(to_row(cooperative)?)
        .filter(cooperative::Column::Id.eq(cooperative.id))
        .filter(cooperative::Column::Version.eq(cooperative.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// What many cooperatives do, in one query: the field and, where it is stated, the VSIC code of the main activity.
///
/// # Errors
/// The database failed.
pub async fn activities_of(
    db: &impl ConnectionTrait,
    cooperatives: &[Uuid],
) -> Result<HashMap<Uuid, Activity>, StoreError> {
    let rows: Vec<(Uuid, String, Option<String>)> = cooperative::Entity::find()
        .select_only()
        .columns([cooperative::Column::Id, cooperative::Column::Field, cooperative::Column::IndustryCode])
        .filter(cooperative::Column::Id.is_in(cooperatives.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let read = |(id, field, industry_code): (Uuid, String, Option<String>)| {
        let field = Field::from_name(&field).ok_or_else(|| malformed("field", &field))?;
        Ok((id, Activity { field, industry_code }))
    };
    rows.into_iter().map(read).collect()
}

/// The interruptions of a cooperative, in the order of their first day.
///
/// # Errors
/// The database failed.
pub async fn interruptions(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<Vec<Interruption>, StoreError> {
    let rows = interruption::Entity::find()
        .filter(interruption::Column::CooperativeId.eq(cooperative))
        .order_by_asc(interruption::Column::FromDate)
        .order_by_asc(interruption::Column::Id)
        .all(db)
        .await?;
    let from_row = |row| {
        let interruption::Model { id, cooperative_id: _, from_date, to_date, reason } = row;
        Interruption { id, from_date, to_date, reason }
    };
    Ok(rows.into_iter().map(from_row).collect())
}

/// Records an interruption; one that lasts is ended by recording it again with the same first day.
///
/// # Errors
/// The database failed.
pub async fn put_interruption(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    interruption: &Interruption,
) -> Result<(), StoreError> {
    let Interruption { id, from_date, to_date, reason } = interruption;
    let row = interruption::ActiveModel {
        id: Set(*id),
        cooperative_id: Set(cooperative),
        from_date: Set(*from_date),
        to_date: Set(*to_date),
        reason: Set(reason.clone()),
    };
    let replace = OnConflict::columns([interruption::Column::CooperativeId, interruption::Column::FromDate])
        .update_columns([interruption::Column::ToDate, interruption::Column::Reason])
        .to_owned();
    interruption::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: cooperative::Model) -> Result<Cooperative, StoreError> {
    let cooperative::Model {
        id,
        version,
        province_code,
        unit_code,
        tax_code,
        registration_number,
        name,
        name_key: _,
        name_folded: _,
        kind,
        field,
        industry_code,
        governing_law,
        founded_on,
        legal_representative,
        status,
        address,
        phone,
        email,
        created_by,
        recorded_at,
        updated_at,
    } = row;
    let registration = Registration {
        tax_code,
        registration_number,
        name,
        kind: CooperativeKind::from_name(&kind).ok_or_else(|| malformed("kind", &kind))?,
        field: Field::from_name(&field).ok_or_else(|| malformed("field", &field))?,
        industry_code,
        governing_law: GoverningLaw::from_name(&governing_law).ok_or_else(|| malformed("law", &governing_law))?,
        unit: unit_code,
        founded_on,
        legal_representative,
        status: CooperativeStatus::from_name(&status).ok_or_else(|| malformed("status", &status))?,
        address,
        phone,
        email,
    };
    Ok(Cooperative { id, version, province: province_code, registration, recorded_at, updated_at, created_by })
}

fn to_row(cooperative: &Cooperative) -> Result<cooperative::ActiveModel, StoreError> {
    let Cooperative { id, version, province, registration, recorded_at, updated_at, created_by } = cooperative.clone();
    let Registration {
        tax_code,
        registration_number,
        name,
        kind,
        field,
        industry_code,
        governing_law,
        unit,
        founded_on,
        legal_representative,
        status,
        address,
        phone,
        email,
    } = registration;
    Ok(cooperative::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        unit_code: Set(unit),
        tax_code: Set(tax_code),
        registration_number: Set(registration_number),
        name_key: Set(vietnamese::sort_key(&name)?),
        name_folded: Set(vietnamese::folded(&name)),
        name: Set(name),
        kind: Set(kind.name().to_owned()),
        field: Set(field.name().to_owned()),
        industry_code: Set(industry_code),
        governing_law: Set(governing_law.name().to_owned()),
        founded_on: Set(founded_on),
        legal_representative: Set(legal_representative),
        status: Set(status.name().to_owned()),
        address: Set(address),
        phone: Set(phone),
        email: Set(email),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}
