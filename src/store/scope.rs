//! The caller's reach as a filter: applied to every query of a scoped record.
//!
//! One rule for drafts ([`Drafts`]): what is being written is seen on the side that writes it, and by who decides on it there;
//! everybody else sees what was sent or decided. An improvement plan is the exception that 2129/QĐ-UBND VI.2.1 makes:
//! departments, lead agency and Alliance review its draft before it is signed.

use sea_orm::sea_query::SimpleExpr;
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

/// On whose side a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drafts {
    /// By a cooperative: its draft is its own (2129/QĐ-UBND I.3), and nobody else acts on it.
    OfCooperative,
    /// By agencies of a province, one of which decides on what another drafts (VII).
    OfProvince,
}

impl Drafts {
    /// Whether a caller with this reach sees drafts.
    pub(super) const fn are_seen_by(self, scope: &Scope) -> bool {
        match self {
            Self::OfCooperative => matches!(scope, Scope::Cooperative(_)),
            Self::OfProvince => matches!(scope, Scope::Country | Scope::Province(_)),
        }
    }

    /// Leaves out drafts, where the caller does not see them: keeps what an expression holds for, the records that are none.
    pub(super) fn left_out<E: EntityTrait>(
        self,
        select: Select<E>,
        scope: &Scope,
        is_no_draft: SimpleExpr,
    ) -> Select<E> {
        if self.are_seen_by(scope) { select } else { select.filter(is_no_draft) }
    }
}
