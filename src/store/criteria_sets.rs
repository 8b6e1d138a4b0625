//! Criteria sets: reference data, the same for every caller.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::criteria_set;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::ScopeColumns;
use crate::domain::criteria::{CriteriaSet, CriteriaSetState};
use crate::domain::text::Text;

/// What a list of criteria sets can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code.
    pub code: Option<String>,
    /// Where it is in its life.
    pub state: Option<CriteriaSetState>,
    /// A day on which it is in force.
    pub at: Option<NaiveDate>,
    /// The province whose variant it is.
    pub place: PlaceFilter,
}

/// Whose variant a set is; a national set is of no province.
const PLACE: ScopeColumns<criteria_set::Column> =
    ScopeColumns { province: criteria_set::Column::ProvinceCode, unit: None, cooperative: None };

/// A criteria set.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<CriteriaSet, StoreError> {
    let row = criteria_set::Entity::find_by_id(id).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The document that a criteria set comes from.
///
/// # Errors
/// Not there, or the database failed.
pub async fn legal_basis(db: &impl ConnectionTrait, id: Uuid) -> Result<String, StoreError> {
    let select = criteria_set::Entity::find_by_id(id).select_only().column(criteria_set::Column::LegalBasis);
    select.into_tuple().one(db).await?.ok_or(StoreError::NotFound)
}

/// The set of a code under which evaluations of a year are made, if there is one.
///
/// # Errors
/// The database failed.
pub async fn governing(db: &impl ConnectionTrait, code: &str, year: u16) -> Result<Option<CriteriaSet>, StoreError> {
    let rows = criteria_set::Entity::find()
        .filter(criteria_set::Column::Code.eq(code))
        .order_by_desc(criteria_set::Column::ValidFrom)
        .all(db)
        .await?;
    for row in rows {
        let set = from_row(row)?;
        if set.governs(year) {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// The sets that were activated and whose dates hold a day, oldest first: the national ones and the variants of a province.
///
/// # Errors
/// The database failed.
pub async fn activated(
    db: &impl ConnectionTrait,
    at: NaiveDate,
    province: Option<&PlaceFilter>,
) -> Result<Vec<CriteriaSet>, StoreError> {
    use criteria_set::Column;
    let variants = province.map(|place| place.condition(PLACE, Placed::On(Column::ValidFrom)));
    let not_over = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(at));
    let rows = criteria_set::Entity::find()
        .filter(Column::State.ne(CriteriaSetState::Draft.name()))
        .filter(Column::ValidFrom.lte(at))
        .filter(not_over)
        .filter(Condition::any().add(Column::ProvinceCode.is_null()).add_option(variants))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The criteria sets that pass a filter.
pub fn list(filter: &Filter) -> impl Listing<Item = CriteriaSet> + use<> {
    use criteria_set::Column;
    let Filter { code, state, at, place } = filter;
    let mut select = criteria_set::Entity::find().filter(place.condition(PLACE, Placed::On(Column::ValidFrom)));
    if let Some(code) = code {
        select = select.filter(Column::Code.eq(code));
    }
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    if let Some(day) = at {
        let not_over = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(*day));
        select = select.filter(Column::ValidFrom.lte(*day)).filter(not_over);
    }
    Keyset::by_id(select, Column::Id, from_row, |set: &CriteriaSet| set.id)
}

/// Every version of a code, held until the transaction ends: whoever decides on one of them is alone.
///
/// # Errors
/// The database failed.
pub async fn versions_of(db: &impl ConnectionTrait, code: &str) -> Result<Vec<CriteriaSet>, StoreError> {
    let rows = criteria_set::Entity::find()
        .filter(criteria_set::Column::Code.eq(code))
        .order_by_asc(criteria_set::Column::Id)
        .lock_exclusive()
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Records a draft.
///
/// # Errors
/// A version of the code begins on the same day, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, set: &CriteriaSet) -> Result<(), StoreError> {
    criteria_set::Entity::insert(to_row(set)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a set by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), a version of the code begins on the same day, or the database failed.
pub async fn update(db: &impl ConnectionTrait, set: &CriteriaSet) -> Result<(), StoreError> {
    let changed = criteria_set::Entity::update_many()
        .set(to_row(set)?)
        .filter(criteria_set::Column::Id.eq(set.id))
        .filter(criteria_set::Column::Version.eq(set.version.saturating_sub(1)))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft as it was read.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, set: &CriteriaSet) -> Result<(), StoreError> {
    let gone = criteria_set::Entity::delete_many()
        .filter(criteria_set::Column::Id.eq(set.id))
        .filter(criteria_set::Column::Version.eq(set.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn from_row(row: criteria_set::Model) -> Result<CriteriaSet, StoreError> {
    let criteria_set::Model {
        id,
        version,
        code,
        edition,
        name_vi,
        name_en,
        legal_basis,
        province_code,
        valid_from,
        valid_to,
        state,
        criteria,
        writers,
    } = row;
    Ok(CriteriaSet {
        id,
        version,
        code,
        edition,
        name: Text::new(name_vi, name_en),
        legal_basis,
        province: province_code,
        valid_from,
        valid_to,
        state: CriteriaSetState::from_name(&state).ok_or_else(|| StoreError::Malformed(format!("state {state}")))?,
        criteria: serde_json::from_str(&criteria)?,
        writers: serde_json::from_str(&writers)?,
    })
}

fn to_row(set: &CriteriaSet) -> Result<criteria_set::ActiveModel, StoreError> {
    let CriteriaSet {
        id,
        version,
        code,
        edition,
        name,
        legal_basis,
        province,
        valid_from,
        valid_to,
        state,
        criteria,
        writers,
    } = set;
    Ok(criteria_set::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        code: Set(code.clone()),
        edition: Set(*edition),
        name_vi: Set(name.vi.clone()),
        name_en: Set(name.en.clone()),
        legal_basis: Set(legal_basis.clone()),
        province_code: Set(province.clone()),
        valid_from: Set(*valid_from),
        valid_to: Set(*valid_to),
        state: Set(state.name().to_owned()),
        criteria: Set(serde_json::to_string(criteria)?),
        writers: Set(serde_json::to_string(writers)?),
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::criteria::tt01;
    use crate::store::Store;

    #[tokio::test]
    async fn the_circular_is_stored_as_it_ships_and_governs_from_2020() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(&format!("sqlite://{}?mode=rwc", folder.path().join("sarus.db").display())).await;
        let store = store.unwrap();
        store.migrate().await.unwrap();
        let governing = |year| super::governing(store.reader(), "TT01-2020", year);
        assert_eq!(governing(2020).await.unwrap(), Some(tt01()));
        assert_eq!(governing(2019).await.unwrap(), None);
    }
}
