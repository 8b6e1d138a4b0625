//! Criteria sets: reference data, the same for every caller.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::StoreError;
use super::entity::criteria_set;
use super::listing::{Keyset, Listing};
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
}

/// A criteria set.
///
/// # Errors
/// Not there, or the database failed.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<CriteriaSet, StoreError> {
    let row = criteria_set::Entity::find_by_id(id).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
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

/// The criteria sets that pass a filter.
pub fn list(filter: &Filter) -> impl Listing<Item = CriteriaSet> + use<> {
    use criteria_set::Column;
    let Filter { code, state, at } = filter;
    let mut select = criteria_set::Entity::find();
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

fn from_row(row: criteria_set::Model) -> Result<CriteriaSet, StoreError> {
    let criteria_set::Model { id, version, code, name_vi, name_en, legal_basis, valid_from, valid_to, state, criteria } =
        row;
    Ok(CriteriaSet {
        id,
        version,
        code,
        name: Text::new(name_vi, name_en),
        legal_basis,
        valid_from,
        valid_to,
        state: CriteriaSetState::from_name(&state).ok_or_else(|| StoreError::Malformed(format!("state {state}")))?,
        criteria: serde_json::from_str(&criteria)?,
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
