//! Entries of the lists of reference data.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::StoreError;
use super::entity::reference_entry::{self, Column};
use super::listing::{Keyset, Listing};
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::text::Text;

/// What a list of entries can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The list.
    pub list: Option<ReferenceList>,
    /// The day on which they are in force.
    pub at: Option<NaiveDate>,
    /// The province that they serve: entries of the whole country, and its own.
    pub province: Option<String>,
}

/// All entries of some lists, in their order, of all days and provinces: some dozens.
///
/// # Errors
/// The database failed.
pub async fn of_lists(db: &impl ConnectionTrait, lists: &[ReferenceList]) -> Result<Vec<ReferenceEntry>, StoreError> {
    let names = lists.iter().map(|list| list.name());
    let select = reference_entry::Entity::find().filter(Column::List.is_in(names)).order_by_asc(Column::Id);
    select.all(db).await?.into_iter().map(|row| from_row(row).map(|(_, entry)| entry)).collect()
}

/// The entries that pass a filter, in the order of their lists.
pub fn list(filter: &Filter) -> impl Listing<Item = (Uuid, ReferenceEntry)> + use<> {
    let Filter { list, at, province } = filter;
    let mut select = reference_entry::Entity::find();
    if let Some(list) = list {
        select = select.filter(Column::List.eq(list.name()));
    }
    if let Some(day) = *at {
        let still_there = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day));
        select = select.filter(Column::ValidFrom.lte(day)).filter(still_there);
    }
    if let Some(province) = province {
        let serves = Condition::any().add(Column::ProvinceCode.is_null()).add(Column::ProvinceCode.eq(province));
        select = select.filter(serves);
    }
    Keyset::by_id(select, Column::Id, from_row, |(id, _): &(Uuid, ReferenceEntry)| *id)
}

fn from_row(row: reference_entry::Model) -> Result<(Uuid, ReferenceEntry), StoreError> {
    let reference_entry::Model {
        id,
        version: _,
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
    Ok((id, entry))
}
