//! Entries of the lists of reference data.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::reference_entry::{self, Column};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::ScopeColumns;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::role::Scope;
use crate::domain::text::Text;

/// An entry as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Id: entries sort by it as their lists do.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The entry.
    pub entry: ReferenceEntry,
}

/// What a list of entries can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The list.
    pub list: Option<ReferenceList>,
    /// The day on which they are in force.
    pub at: Option<NaiveDate>,
    /// The province that they serve: entries of the whole country, and its own.
    pub place: Option<PlaceFilter>,
}

/// Whose own an entry is; one of the whole country is of no province.
const PLACE: ScopeColumns<Column> = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };

/// All entries of some lists, in their order, of all days and provinces: some dozens.
///
/// # Errors
/// The database failed.
pub async fn of_lists(db: &impl ConnectionTrait, lists: &[ReferenceList]) -> Result<Vec<ReferenceEntry>, StoreError> {
    let names = lists.iter().map(|list| list.name());
    let select = reference_entry::Entity::find().filter(Column::List.is_in(names)).order_by_asc(Column::Id);
    select.all(db).await?.into_iter().map(|row| from_row(row).map(|recorded| recorded.entry)).collect()
}

/// The entries that pass a filter, in the order of their lists.
pub fn list(filter: &Filter) -> impl Listing<Item = Recorded> + use<> {
    let Filter { list, at, place } = filter;
    let mut select = reference_entry::Entity::find();
    if let Some(list) = list {
        select = select.filter(Column::List.eq(list.name()));
    }
    if let Some(day) = *at {
        let still_there = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day));
        select = select.filter(Column::ValidFrom.lte(day)).filter(still_there);
    }
    if let Some(place) = place {
        let own = place.condition(PLACE, Placed::On(Column::ValidFrom));
        select = select.filter(Condition::any().add(Column::ProvinceCode.is_null()).add(own));
    }
    Keyset::by_id(select, Column::Id, from_row, |recorded: &Recorded| recorded.id)
}

/// An entry.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Recorded, StoreError> {
    from_row(reference_entry::Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?)
}

/// An entry of the caller's province, to write it anew, with the others of its list that serve the province: nobody else
/// changes them until the transaction ends.
///
/// # Errors
/// Not there, or not an entry of the caller's province.
pub async fn lock_own(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: Uuid,
) -> Result<(Recorded, Vec<ReferenceEntry>), StoreError> {
    let Scope::Province(own) = scope else { return Err(StoreError::NotFound) };
    let own = reference_entry::Entity::find_by_id(id).filter(Column::ProvinceCode.is_in(own.iter()));
    let recorded = from_row(own.one(db).await?.ok_or(StoreError::NotFound)?)?;
    let there = lock_list(db, recorded.entry.list).await?;
    let (own, others): (Vec<_>, Vec<_>) = there.into_iter().partition(|other| other.id == id);
    let recorded = own.into_iter().next().ok_or(StoreError::NotFound)?;
    Ok((recorded, others.into_iter().map(|other| other.entry).collect()))
}

/// All entries of a list, to add to it: nobody else changes them until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock_list(db: &impl ConnectionTrait, list: ReferenceList) -> Result<Vec<Recorded>, StoreError> {
    let select = reference_entry::Entity::find().filter(Column::List.eq(list.name())).order_by_asc(Column::Id);
    select.lock_exclusive().all(db).await?.into_iter().map(from_row).collect()
}

/// Adds an entry.
///
/// # Errors
/// Its code is taken from the same day, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, recorded: &Recorded) -> Result<(), StoreError> {
    reference_entry::Entity::insert(to_row(recorded)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces an entry by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, recorded: &Recorded) -> Result<(), StoreError> {
    let changed = reference_entry::Entity::update_many()
        .set(to_row(recorded)?)
        .filter(Column::Id.eq(recorded.id))
        .filter(Column::Version.eq(recorded.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn from_row(row: reference_entry::Model) -> Result<Recorded, StoreError> {
    let reference_entry::Model {
        id,
        version,
        list,
        code,
        slug,
        vi,
        en,
        attributes,
        province_code,
        valid_from,
        valid_to,
        legal_basis,
    } = row;
    let list = ReferenceList::from_name(&list).ok_or_else(|| StoreError::Malformed(format!("list {list}")))?;
    let entry = ReferenceEntry {
        list,
        code,
        slug,
        name: Text { vi, en },
        attributes: serde_json::from_str(&attributes)?,
        province: province_code,
        valid_from,
        valid_to,
        legal_basis,
    };
    Ok(Recorded { id, version, entry })
}

fn to_row(recorded: &Recorded) -> Result<reference_entry::ActiveModel, StoreError> {
    let Recorded { id, version, entry } = recorded.clone();
    let ReferenceEntry { list, code, slug, name, attributes, province, valid_from, valid_to, legal_basis } = entry;
    Ok(reference_entry::ActiveModel {
        id: Set(id),
        version: Set(version),
        list: Set(list.name().to_owned()),
        code: Set(code),
        slug: Set(slug),
        vi: Set(name.vi),
        en: Set(name.en),
        attributes: Set(serde_json::to_string(&attributes)?),
        province_code: Set(province),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        legal_basis: Set(legal_basis),
    })
}
