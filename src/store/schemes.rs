//! Schemes, kept whole: their parts are only ever read together.

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, QuerySelect};

use super::StoreError;
use super::by_code::ByCode;
use super::entity::scheme;
use super::listing::Listing;
use crate::domain::scheme::Scheme;

/// A scheme by its code.
///
/// # Errors
/// There is none, or the database failed.
pub async fn find(db: &impl ConnectionTrait, code: &str) -> Result<Scheme, StoreError> {
    let row = scheme::Entity::find_by_id(code.to_owned()).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// Keeps the rules of reporting of a scheme, its forms and its calendar, as they are until the transaction ends: what is drafted
/// under them is there before others are put in force. Many do so at once.
///
/// # Errors
/// The database failed.
pub async fn hold_reporting(db: &impl ConnectionTrait, code: &str) -> Result<(), StoreError> {
    scheme::Entity::find_by_id(code.to_owned()).lock_shared().one(db).await?;
    Ok(())
}

/// Waits for whoever drafts reports under the rules of a scheme, and has nobody begin to until the transaction ends: whoever
/// puts a rule in force sees every report that was made before.
///
/// # Errors
/// The database failed.
pub async fn change_reporting(db: &impl ConnectionTrait, code: &str) -> Result<(), StoreError> {
    scheme::Entity::find_by_id(code.to_owned()).lock_exclusive().one(db).await?;
    Ok(())
}

/// All schemes at once, by code.
///
/// # Errors
/// The database failed.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Scheme>, StoreError> {
    let rows = scheme::Entity::find().order_by_asc(scheme::Column::Code).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

/// All schemes, by code.
pub fn list() -> impl Listing<Item = Scheme> + use<> {
    ByCode {
        select: scheme::Entity::find(),
        code: scheme::Column::Code,
        item: from_row,
        code_of: |scheme: &Scheme| scheme.code.clone(),
    }
}

fn from_row(row: scheme::Model) -> Result<Scheme, StoreError> {
    let scheme::Model { code, version: _, valid_from, valid_to, legal_basis, content } = row;
    let content: Scheme = serde_json::from_str(&content)?;
    Ok(Scheme { code, valid_from, valid_to, legal_basis, ..content })
}
