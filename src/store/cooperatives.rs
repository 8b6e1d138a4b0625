//! Cooperatives, their yearly figures and interruptions.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::entity::{annual_figures, cooperative, interruption};
use super::listing::{Keyset, Listing};
use super::scope::{ScopeColumns, within};
use super::{StoreError, vietnamese};
use crate::domain::cooperative::{
    AnnualFigures, Cooperative, CooperativeKind, CooperativeStatus, Field, Figures, FiguresBasis, FiguresStatus,
    GoverningLaw, Interruption, MemberSupply, Registration, YearSides,
};
use crate::domain::money::{Money, SignedMoney};
use crate::domain::role::Scope;

/// What a list of cooperatives can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code of the province.
    pub province: Option<String>,
    /// Code of the unit below it.
    pub unit: Option<String>,
    /// Field of activity.
    pub field: Option<Field>,
    /// Whether it still exists.
    pub status: Option<CooperativeStatus>,
    /// Tax code.
    pub tax_code: Option<String>,
    /// Words of the name, without regard to diacritics and case.
    pub words: Option<String>,
    /// Order by name instead of by id.
    pub by_name: bool,
}

fn scoped(scope: &Scope) -> Select<cooperative::Entity> {
    let columns = ScopeColumns {
        province: cooperative::Column::ProvinceCode,
        unit: Some(cooperative::Column::UnitCode),
        cooperative: Some(cooperative::Column::Id),
    };
    within(cooperative::Entity::find(), scope, columns)
}

/// A cooperative in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Cooperative, StoreError> {
    let row = scoped(scope).filter(cooperative::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The cooperatives in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Cooperative> + use<> {
    use cooperative::Column;
    let Filter { province, unit, field, status, tax_code, words, by_name } = filter;
    let mut select = scoped(scope);
    let exact = [
        (Column::ProvinceCode, province.clone()),
        (Column::UnitCode, unit.clone()),
        (Column::Field, field.map(|field| field.name().to_owned())),
        (Column::Status, status.map(|status| status.name().to_owned())),
        (Column::TaxCode, tax_code.clone()),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    if let Some(words) = words {
        select = select.filter(Expr::col(Column::NameFolded).like(containing(&vietnamese::folded(words))));
    }
    let list = Keyset::by_id(select, Column::Id, from_row, |cooperative: &Cooperative| cooperative.id);
    // The key of a name is derived, so an item can tell where the next page starts.
    let name_key = |cooperative: &Cooperative| vietnamese::sort_key(&cooperative.registration.name).unwrap_or_default();
    if *by_name { list.sorted_by(Column::NameKey, name_key) } else { list }
}

/// A pattern for texts that contain these letters, each meaning itself.
fn containing(letters: &str) -> LikeExpr {
    let literal = letters.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{literal}%")).escape('\\')
}

/// Records a cooperative.
///
/// # Errors
/// The tax code is taken, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, cooperative: &Cooperative) -> Result<(), StoreError> {
    cooperative::Entity::insert(to_row(cooperative)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a cooperative by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), the tax code is taken, or the database failed.
pub async fn update(db: &impl ConnectionTrait, cooperative: &Cooperative) -> Result<(), StoreError> {
    let changed = cooperative::Entity::update_many()
        .set(to_row(cooperative)?)
        .filter(cooperative::Column::Id.eq(cooperative.id))
        .filter(cooperative::Column::Version.eq(cooperative.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Both sides of the figures of some years of a cooperative, in the order of years.
///
/// # Errors
/// The database failed.
pub async fn figures(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    years: std::ops::RangeInclusive<u16>,
) -> Result<Vec<AnnualFigures>, StoreError> {
    let rows = annual_figures::Entity::find()
        .filter(annual_figures::Column::CooperativeId.eq(cooperative))
        .filter(annual_figures::Column::Year.between(i32::from(*years.start()), i32::from(*years.end())))
        .order_by_asc(annual_figures::Column::Year)
        .order_by_asc(annual_figures::Column::Basis)
        .all(db)
        .await?;
    rows.into_iter().map(figures_from_row).collect()
}

/// Both sides of the figures of some years of many cooperatives, in one query.
///
/// # Errors
/// The database failed.
pub async fn figures_of(
    db: &impl ConnectionTrait,
    cooperatives: &[Uuid],
    years: std::ops::RangeInclusive<u16>,
) -> Result<Vec<AnnualFigures>, StoreError> {
    let rows = annual_figures::Entity::find()
        .filter(annual_figures::Column::CooperativeId.is_in(cooperatives.iter().copied()))
        .filter(annual_figures::Column::Year.between(i32::from(*years.start()), i32::from(*years.end())))
        .all(db)
        .await?;
    rows.into_iter().map(figures_from_row).collect()
}

/// The fields of activity of many cooperatives, in one query.
///
/// # Errors
/// The database failed.
pub async fn fields_of(db: &impl ConnectionTrait, cooperatives: &[Uuid]) -> Result<HashMap<Uuid, Field>, StoreError> {
    let rows: Vec<(Uuid, String)> = cooperative::Entity::find()
        .select_only()
        .columns([cooperative::Column::Id, cooperative::Column::Field])
        .filter(cooperative::Column::Id.is_in(cooperatives.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let read =
        |(id, field): (Uuid, String)| Ok((id, Field::from_name(&field).ok_or_else(|| malformed("field", &field))?));
    rows.into_iter().map(read).collect()
}

/// Both sides of the figures of one year.
///
/// # Errors
/// The database failed.
pub async fn year(db: &impl ConnectionTrait, cooperative: Uuid, year: u16) -> Result<YearSides, StoreError> {
    let mut sides = YearSides::default();
    for side in figures(db, cooperative, year..=year).await? {
        match side.basis {
            FiguresBasis::Declared => sides.declared = Some(side),
            FiguresBasis::Verified => sides.verified = Some(side),
        }
    }
    Ok(sides)
}

/// Puts one side of a year: version 1 is new, a later one replaces the version before it.
///
/// # Errors
/// The side exists already (`Taken`) or changed since it was read (`Stale`), or the database failed.
pub async fn put_figures(db: &impl ConnectionTrait, side: &AnnualFigures) -> Result<(), StoreError> {
    let row = figures_to_row(side);
    if side.version == 1 {
        annual_figures::Entity::insert(row).exec_without_returning(db).await?;
        return Ok(());
    }
    let changed = annual_figures::Entity::update_many()
        .set(row)
        .filter(annual_figures::Column::CooperativeId.eq(side.cooperative))
        .filter(annual_figures::Column::Year.eq(i32::from(side.year)))
        .filter(annual_figures::Column::Basis.eq(side.basis.name()))
        .filter(annual_figures::Column::Version.eq(side.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The interruptions of a cooperative, in the order of their first day.
///
/// # Errors
/// The database failed.
pub async fn interruptions(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<Vec<Interruption>, StoreError> {
    let rows = interruption::Entity::find()
        .filter(interruption::Column::CooperativeId.eq(cooperative))
        .order_by_asc(interruption::Column::FromDate)
        .order_by_asc(interruption::Column::Id)
        .all(db)
        .await?;
    let from_row = |row| {
        let interruption::Model { id, cooperative_id: _, from_date, to_date, reason } = row;
        Interruption { id, from_date, to_date, reason }
    };
    Ok(rows.into_iter().map(from_row).collect())
}

/// Records an interruption; one that lasts is ended by recording it again with the same first day.
///
/// # Errors
/// The database failed.
pub async fn put_interruption(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    interruption: &Interruption,
) -> Result<(), StoreError> {
    let Interruption { id, from_date, to_date, reason } = interruption;
    let row = interruption::ActiveModel {
        id: Set(*id),
        cooperative_id: Set(cooperative),
        from_date: Set(*from_date),
        to_date: Set(*to_date),
        reason: Set(reason.clone()),
    };
    let replace = OnConflict::columns([interruption::Column::CooperativeId, interruption::Column::FromDate])
        .update_columns([interruption::Column::ToDate, interruption::Column::Reason])
        .to_owned();
    interruption::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: cooperative::Model) -> Result<Cooperative, StoreError> {
    let cooperative::Model {
        id,
        version,
        province_code,
        unit_code,
        tax_code,
        registration_number,
        name,
        name_key: _,
        name_folded: _,
        kind,
        field,
        industry_code,
        governing_law,
        founded_on,
        legal_representative,
        status,
        address,
        phone,
        email,
        created_by,
        recorded_at,
        updated_at,
    } = row;
    let registration = Registration {
        tax_code,
        registration_number,
        name,
        kind: CooperativeKind::from_name(&kind).ok_or_else(|| malformed("kind", &kind))?,
        field: Field::from_name(&field).ok_or_else(|| malformed("field", &field))?,
        industry_code,
        governing_law: GoverningLaw::from_name(&governing_law).ok_or_else(|| malformed("law", &governing_law))?,
        unit: unit_code,
        founded_on,
        legal_representative,
        status: CooperativeStatus::from_name(&status).ok_or_else(|| malformed("status", &status))?,
        address,
        phone,
        email,
    };
    Ok(Cooperative { id, version, province: province_code, registration, recorded_at, updated_at, created_by })
}

fn to_row(cooperative: &Cooperative) -> Result<cooperative::ActiveModel, StoreError> {
    let Cooperative { id, version, province, registration, recorded_at, updated_at, created_by } = cooperative.clone();
    let Registration {
        tax_code,
        registration_number,
        name,
        kind,
        field,
        industry_code,
        governing_law,
        unit,
        founded_on,
        legal_representative,
        status,
        address,
        phone,
        email,
    } = registration;
    Ok(cooperative::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        unit_code: Set(unit),
        tax_code: Set(tax_code),
        registration_number: Set(registration_number),
        name_key: Set(vietnamese::sort_key(&name)?),
        name_folded: Set(vietnamese::folded(&name)),
        name: Set(name),
        kind: Set(kind.name().to_owned()),
        field: Set(field.name().to_owned()),
        industry_code: Set(industry_code),
        governing_law: Set(governing_law.name().to_owned()),
        founded_on: Set(founded_on),
        legal_representative: Set(legal_representative),
        status: Set(status.name().to_owned()),
        address: Set(address),
        phone: Set(phone),
        email: Set(email),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}

fn supply(name: &str) -> Result<MemberSupply, StoreError> {
    MemberSupply::from_name(name).ok_or_else(|| malformed("supply", name))
}

fn figures_from_row(row: annual_figures::Model) -> Result<AnnualFigures, StoreError> {
    let annual_figures::Model {
        cooperative_id,
        year,
        basis,
        version,
        status,
        members,
        members_official,
        members_women,
        members_ethnic_minority,
        workers_regular,
        managers,
        managers_with_degree,
        managers_trained,
        managers_young,
        total_capital,
        indivisible_assets,
        revenue,
        supplied_to_members,
        profit_before_tax,
        income_after_tax,
        development_fund,
        reserve_fund,
        other_funds,
        value_chain,
        independent_audit,
        member_supply,
        recorded_by,
        updated_at,
    } = row;
    let figures = Figures {
        status: FiguresStatus::from_name(&status).ok_or_else(|| malformed("status", &status))?,
        members,
        members_official,
        members_women,
        members_ethnic_minority,
        workers_regular,
        managers,
        managers_with_degree,
        managers_trained,
        managers_young,
        total_capital: total_capital.map(Money::dong),
        indivisible_assets: indivisible_assets.map(Money::dong),
        revenue: revenue.map(Money::dong),
        supplied_to_members: supplied_to_members.map(Money::dong),
        profit_before_tax: profit_before_tax.map(|dong| SignedMoney(Money::dong(dong))),
        income_after_tax: income_after_tax.map(|dong| SignedMoney(Money::dong(dong))),
        development_fund: development_fund.map(Money::dong),
        reserve_fund: reserve_fund.map(Money::dong),
        other_funds: other_funds.map(Money::dong),
        value_chain,
        independent_audit,
        member_supply: member_supply.as_deref().map(supply).transpose()?,
    };
    Ok(AnnualFigures {
        cooperative: cooperative_id,
        year: u16::try_from(year).map_err(|_| malformed("year", &year.to_string()))?,
        basis: FiguresBasis::from_name(&basis).ok_or_else(|| malformed("basis", &basis))?,
        version,
        figures,
        recorded_by,
        updated_at,
    })
}

fn figures_to_row(side: &AnnualFigures) -> annual_figures::ActiveModel {
    let AnnualFigures { cooperative, year, basis, version, figures, recorded_by, updated_at } = side.clone();
    let Figures {
        status,
        members,
        members_official,
        members_women,
        members_ethnic_minority,
        workers_regular,
        managers,
        managers_with_degree,
        managers_trained,
        managers_young,
        total_capital,
        indivisible_assets,
        revenue,
        supplied_to_members,
        profit_before_tax,
        income_after_tax,
        development_fund,
        reserve_fund,
        other_funds,
        value_chain,
        independent_audit,
        member_supply,
    } = figures;
    annual_figures::ActiveModel {
        cooperative_id: Set(cooperative),
        year: Set(i32::from(year)),
        basis: Set(basis.name().to_owned()),
        version: Set(version),
        status: Set(status.name().to_owned()),
        members: Set(members),
        members_official: Set(members_official),
        members_women: Set(members_women),
        members_ethnic_minority: Set(members_ethnic_minority),
        workers_regular: Set(workers_regular),
        managers: Set(managers),
        managers_with_degree: Set(managers_with_degree),
        managers_trained: Set(managers_trained),
        managers_young: Set(managers_young),
        total_capital: Set(total_capital.map(Money::as_dong)),
        indivisible_assets: Set(indivisible_assets.map(Money::as_dong)),
        revenue: Set(revenue.map(Money::as_dong)),
        supplied_to_members: Set(supplied_to_members.map(Money::as_dong)),
        profit_before_tax: Set(profit_before_tax.map(|profit| profit.0.as_dong())),
        income_after_tax: Set(income_after_tax.map(|income| income.0.as_dong())),
        development_fund: Set(development_fund.map(Money::as_dong)),
        reserve_fund: Set(reserve_fund.map(Money::as_dong)),
        other_funds: Set(other_funds.map(Money::as_dong)),
        value_chain: Set(value_chain),
        independent_audit: Set(independent_audit),
        member_supply: Set(member_supply.map(|supply| supply.name().to_owned())),
        recorded_by: Set(recorded_by),
        updated_at: Set(updated_at),
    }
}
