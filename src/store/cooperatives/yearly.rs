//! Yearly figures: what a cooperative declares, and what is verified beside it.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::malformed;
use crate::domain::cooperative::{AnnualFigures, Figures, FiguresBasis, FiguresStatus, MemberSupply, YearSides};
use crate::domain::money::{Money, SignedMoney};
use crate::store::StoreError;
use crate::store::entity::annual_figures;

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

/// The years of which a cooperative has figures, of either side, in order.
///
/// # Errors
/// The database failed.
pub async fn stated_years(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<Vec<u16>, StoreError> {
    let years = annual_figures::Entity::find().select_only().column(annual_figures::Column::Year).distinct();
    let years = years.filter(annual_figures::Column::CooperativeId.eq(cooperative));
    let years: Vec<i32> = years.order_by_asc(annual_figures::Column::Year).into_tuple().all(db).await?;
    Ok(years.into_iter().filter_map(|year| u16::try_from(year).ok()).collect())
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
