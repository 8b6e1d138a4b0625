//! The territory that a list is narrowed to: the records of the unit that a code means on a day, and of no other that bore the
//! code before or after it.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::scope::ScopeColumns;
use crate::domain::moment::Moment;
use crate::domain::territory::{OneOfSeveral, UnitsMeant};

/// The territory that a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct PlaceFilter {
    /// The province, and those that it followed.
    pub province: Option<UnitsMeant>,
    /// The unit below the province, and those that it followed.
    pub unit: Option<UnitsMeant>,
}

/// The day on which a record was placed. It decides which unit the code of a record means that is of no cooperative, or of one
/// that was placed elsewhere since.
#[derive(Debug, Clone, Copy)]
pub(super) enum Placed<C> {
    /// A legal date.
    On(C),
    /// The instant of recording.
    At(C),
}

/// The codes of units that began after the last day of another: what is placed in them is not of that other.
fn begun_after(one: &OneOfSeveral) -> Option<SelectStatement> {
    let mut later = Query::select();
    later.column("code").from("administrative_units").and_where(Expr::col("valid_from").gt(one.until?));
    Some(later)
}

/// The cooperatives that have their seat under a code, and among them those in the unit that is meant.
fn seated(column: &'static str, one: &OneOfSeveral) -> (SelectStatement, SelectStatement) {
    let mut all = Query::select();
    all.column("id").from("cooperatives").and_where(Expr::col(column).eq(&one.code));
    let mut own = all.clone();
    let began = || Expr::col("unit_from");
    let by_then = one.until.map_or(Condition::all(), |until| Condition::all().add(began().lte(until)));
    // A province stands before its units do: only a unit is known by its own first day.
    let since = if column == "unit_code" { by_then.add(began().gte(one.from)) } else { by_then };
    own.cond_where(Condition::any().add(began().is_null()).add(since));
    (all, own)
}

impl<C: ColumnTrait> Placed<C> {
    /// Placed while a unit stood.
    fn within(self, one: &OneOfSeveral) -> Condition {
        let OneOfSeveral { code: _, from, until } = one;
        match self {
            Self::On(day) => Condition::all().add(day.gte(*from)).add_option(until.map(|until| day.lte(until))),
            Self::At(instant) => {
                let next = until.and_then(|until| until.succ_opt()).map(|next| Moment::start_of(next).0);
                let since = instant.gte(Moment::start_of(*from).0);
                Condition::all().add(since).add_option(next.map(|next| instant.lt(next)))
            }
        }
    }
}

impl PlaceFilter {
    /// What holds for the records of the territory.
    pub(super) fn condition<C: ColumnTrait>(&self, columns: ScopeColumns<C>, placed: Placed<C>) -> Condition {
        let Self { province, unit } = self;
        let below = unit.as_ref().zip(columns.unit);
        Condition::all()
            .add_option(province.as_ref().map(|meant| in_province(columns, placed, meant)))
            .add_option(below.map(|(meant, column)| in_unit(column, columns.cooperative, placed, meant)))
    }
}

fn in_unit<C: ColumnTrait>(unit: C, cooperative: Option<C>, placed: Placed<C>, meant: &UnitsMeant) -> Condition {
    let own = |one: &OneOfSeveral| {
        Condition::all().add(unit.eq(&one.code)).add(of_its_own("unit_code", cooperative, placed, one))
    };
    let alone = (!meant.alone.is_empty()).then(|| unit.is_in(&meant.alone));
    meant.of_several.iter().fold(Condition::any().add_option(alone), |any, one| any.add(own(one)))
}

fn in_province<C: ColumnTrait>(columns: ScopeColumns<C>, placed: Placed<C>, meant: &UnitsMeant) -> Condition {
    let ScopeColumns { province, unit, cooperative } = columns;
    let own = |one: &OneOfSeveral| {
        let below = unit.zip(begun_after(one)).map(|(unit, later)| unit.not_in_subquery(later));
        let own = Condition::any().add_option(below).add(of_its_own("province_code", cooperative, placed, one));
        Condition::all().add(province.eq(&one.code)).add(own)
    };
    let alone = (!meant.alone.is_empty()).then(|| province.is_in(&meant.alone));
    meant.of_several.iter().fold(Condition::any().add_option(alone), |any, one| any.add(own(one)))
}

/// A record is of the unit that its cooperative was placed in; what is of none under that code, of the unit that stood when it
/// was placed.
fn of_its_own<C: ColumnTrait>(
    column: &'static str,
    cooperative: Option<C>,
    placed: Placed<C>,
    one: &OneOfSeveral,
) -> Condition {
    let Some(cooperative) = cooperative else { return placed.within(one) };
    let (all, own) = seated(column, one);
    let elsewhere = Condition::any().add(cooperative.is_null()).add(cooperative.not_in_subquery(all));
    Condition::any().add(cooperative.in_subquery(own)).add(Condition::all().add(elsewhere).add(placed.within(one)))
}
