//! The caller's reach as a filter: applied to every query of a scoped record.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::domain::role::Scope;

/// The columns of a table that say whose a record is.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScopeColumns<C> {
    /// Code of the province.
    pub(super) province: C,
    /// Code of the unit below it; absent where a record belongs to the whole province.
    pub(super) unit: Option<C>,
    /// The cooperative; absent where a record is not of one.
    pub(super) cooperative: Option<C>,
}

/// Keeps what the caller may see. Records of a whole province are seen by everyone within it; a cooperative sees
/// only what carries its id.
pub(super) fn within<E: EntityTrait>(select: Select<E>, scope: &Scope, columns: ScopeColumns<E::Column>) -> Select<E> {
    let nothing = || columns.province.is_in(Vec::<String>::new());
    match scope {
        Scope::Country => select,
        Scope::Province(province) => select.filter(columns.province.is_in(province.iter())),
        Scope::Locality { province, unit } => {
            let select = select.filter(columns.province.is_in(province.iter()));
            match columns.unit {
                Some(column) => select.filter(column.is_in(unit.iter())),
                None => select,
            }
        }
        Scope::Cooperative(id) => match columns.cooperative {
            Some(column) => select.filter(column.eq(*id)),
            None => select.filter(nothing()),
        },
    }
}
