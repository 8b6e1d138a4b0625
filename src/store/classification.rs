//! The rules by which cooperatives are classed: reference data, the same for every caller.

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use super::StoreError;
use super::entity::classification_rule;
use crate::domain::classification::{ClassDimension, ClassificationRule};

/// Every rule, in the order of the dates on which they came into force.
///
/// # Errors
/// The database failed.
pub async fn rules(db: &impl ConnectionTrait) -> Result<Vec<ClassificationRule>, StoreError> {
    let rows = classification_rule::Entity::find()
        .order_by_asc(classification_rule::Column::ValidFrom)
        .order_by_asc(classification_rule::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: classification_rule::Model) -> Result<ClassificationRule, StoreError> {
    let classification_rule::Model { id: _, code, dimension, valid_from, valid_to, legal_basis, content } = row;
    let malformed = || StoreError::Malformed(format!("dimension {dimension}"));
    Ok(ClassificationRule {
        code,
        dimension: ClassDimension::from_name(&dimension).ok_or_else(malformed)?,
        valid_from,
        valid_to,
        legal_basis,
        content: serde_json::from_str(&content)?,
    })
}
