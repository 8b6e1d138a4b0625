//! The caller's reach as a filter: applied to every query of a scoped record.
//!
//! One rule for drafts (`Drafts`): what is being written is seen on the side that writes it, and by who decides on it there;
//! everybody else sees what was sent or decided. An improvement plan is the exception that 2129/QĐ-UBND VI.2.1 makes:
//! departments, lead agency and Alliance review its draft before it is signed.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use super::parameters::Parameters;
use crate::domain::role::{Codes, Scope};

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
            match (columns.unit, columns.cooperative) {
                (Some(column), Some(cooperative)) => {
                    select.filter(of_units(&column.into_expr(), &cooperative.into_expr(), unit))
                }
                (Some(column), None) => select.filter(column.is_in(unit.iter())),
                (None, _) => select,
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

/// The records of some units: by their code, and where two units bore that code, by the unit that their cooperative was placed
/// in. What is of no cooperative is of who bears the code today.
pub(super) fn of_units(unit: &Expr, cooperative: &Expr, codes: &Codes) -> Condition {
    let mut any = Condition::any().add(unit.clone().is_in(codes.unshared()));
    for shared in codes.shared() {
        let mut placed = Query::select();
        placed.column("id").from("cooperatives").and_where(Expr::col("unit_code").eq(&shared.code));
        placed.and_where(Expr::col("unit_from").eq(shared.unit_from));
        let mut of_unit = Condition::any().add(cooperative.clone().in_subquery(placed));
        if shared.code == codes.own() {
            of_unit = of_unit.add(cooperative.clone().is_null());
        }
        any = any.add(Condition::all().add(unit.clone().eq(&shared.code)).add(of_unit));
    }
    any
}

/// The same condition, in a statement written by hand.
pub(super) fn units_are(unit: &str, cooperative: &str, codes: &Codes, parameters: &mut Parameters) -> String {
    let mut any = format!("{unit} IN ({})", parameters.list(codes.unshared()));
    for shared in codes.shared() {
        let (code, from) = (parameters.add(shared.code.as_str()), parameters.add(shared.unit_from));
        let or_none = if shared.code == codes.own() { format!(" OR {cooperative} IS NULL") } else { String::new() };
        any.push_str(&format!(
            " OR {unit} = {code} AND ({cooperative} IN \
             (SELECT id FROM cooperatives WHERE unit_code = {code} AND unit_from = {from}){or_none})"
        ));
    }
    format!("({any})")
}
