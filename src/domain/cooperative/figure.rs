//! The figures of a year by name, as scales and classes ask for them, and exact fractions of them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{AnnualFigures, Figures, FiguresBasis};
use crate::domain::money::Money;
use crate::domain::quantity::Quantity;
use crate::domain::role::names;
use crate::domain::text::Text;
use crate::domain::verdict::NamedInput;

names! {
    /// A figure of a year, by its member of the yearly figures.
    YearFigure {
        /// Members.
        Members = "members",
        /// Official members.
        MembersOfficial = "membersOfficial",
        /// Managers.
        Managers = "managers",
        /// Managers with a university or college degree.
        ManagersWithDegree = "managersWithDegree",
        /// Managers with elementary or intermediate training.
        ManagersTrained = "managersTrained",
        /// Young managers.
        ManagersYoung = "managersYoung",
        /// Total capital at the end of the year.
        TotalCapital = "totalCapital",
        /// Indivisible assets at the end of the year.
        IndivisibleAssets = "indivisibleAssets",
        /// Revenue.
        Revenue = "revenue",
        /// Of it, supplied to members.
        SuppliedToMembers = "suppliedToMembers",
        /// Profit before tax.
        ProfitBeforeTax = "profitBeforeTax",
        /// Income after tax.
        IncomeAfterTax = "incomeAfterTax",
        /// Set aside for the development investment fund.
        DevelopmentFund = "developmentFund",
        /// Set aside for the reserve fund.
        ReserveFund = "reserveFund",
        /// Set aside for other funds.
        OtherFunds = "otherFunds",
    }
}

impl YearFigure {
    /// Whether it may be below zero.
    pub const fn may_be_negative(self) -> bool {
        matches!(self, Self::ProfitBeforeTax | Self::IncomeAfterTax)
    }

    /// Whether it is an amount of đồng, and not a number of persons.
    pub const fn is_money(self) -> bool {
        !matches!(
            self,
            Self::Members
                | Self::MembersOfficial
                | Self::Managers
                | Self::ManagersWithDegree
                | Self::ManagersTrained
                | Self::ManagersYoung
        )
    }

    /// Its name for people.
    pub fn label(self) -> Text {
        let (vi, en) = match self {
            Self::Members => ("số thành viên", "members"),
            Self::MembersOfficial => ("số thành viên chính thức", "official members"),
            Self::Managers => ("số cán bộ quản lý", "managers"),
            Self::ManagersWithDegree => ("cán bộ quản lý có trình độ đại học, cao đẳng", "managers with a degree"),
            Self::ManagersTrained => ("cán bộ quản lý có trình độ sơ cấp, trung cấp", "managers with training"),
            Self::ManagersYoung => ("cán bộ quản lý trẻ", "young managers"),
            Self::TotalCapital => ("tổng nguồn vốn", "total capital"),
            Self::IndivisibleAssets => ("tài sản không chia", "indivisible assets"),
            Self::Revenue => ("doanh thu", "revenue"),
            Self::SuppliedToMembers => ("doanh thu cung ứng cho thành viên", "revenue from supply to members"),
            Self::ProfitBeforeTax => ("lợi nhuận trước thuế", "profit before tax"),
            Self::IncomeAfterTax => ("thu nhập sau thuế", "income after tax"),
            Self::DevelopmentFund => ("quỹ đầu tư phát triển", "development investment fund"),
            Self::ReserveFund => ("quỹ dự phòng", "reserve fund"),
            Self::OtherFunds => ("các quỹ khác", "other funds"),
        };
        Text::new(vi, en)
    }
}

impl Figures {
    /// A figure by name: persons or đồng; none where it is not stated.
    pub fn stated(&self, figure: YearFigure) -> Option<i64> {
        match figure {
            YearFigure::Members => self.members,
            YearFigure::MembersOfficial => self.members_official,
            YearFigure::Managers => self.managers,
            YearFigure::ManagersWithDegree => self.managers_with_degree,
            YearFigure::ManagersTrained => self.managers_trained,
            YearFigure::ManagersYoung => self.managers_young,
            YearFigure::TotalCapital => self.total_capital.map(Money::as_dong),
            YearFigure::IndivisibleAssets => self.indivisible_assets.map(Money::as_dong),
            YearFigure::Revenue => self.revenue.map(Money::as_dong),
            YearFigure::SuppliedToMembers => self.supplied_to_members.map(Money::as_dong),
            YearFigure::ProfitBeforeTax => self.profit_before_tax.map(|profit| profit.0.as_dong()),
            YearFigure::IncomeAfterTax => self.income_after_tax.map(|income| income.0.as_dong()),
            YearFigure::DevelopmentFund => self.development_fund.map(Money::as_dong),
            YearFigure::ReserveFund => self.reserve_fund.map(Money::as_dong),
            YearFigure::OtherFunds => self.other_funds.map(Money::as_dong),
        }
    }
}

/// A figure that something was computed from, or that was missing for it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureUsed {
    /// Which figure.
    pub figure: YearFigure,
    /// Of which financial year.
    #[schema(minimum = 1999, maximum = 2100, example = 2020)]
    pub year: u16,
    /// Who stands behind it; absent when it is missing.
    pub basis: Option<FiguresBasis>,
    /// Its value: persons or đồng; absent when nobody stated it.
    pub value: Option<Quantity>,
    /// Who recorded it (`sub`).
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "cooperative@0100233488")]
    pub recorded_by: Option<String>,
}

impl FigureUsed {
    /// A figure as the first of these sides states it: whoever lists the sides says which counts before which.
    pub fn of(figure: YearFigure, year: u16, sides: &[&AnnualFigures]) -> Self {
        let stated =
            sides.iter().filter(|side| side.year == year).find_map(|side| Some((*side, side.figures.stated(figure)?)));
        match stated {
            Some((side, units)) => Self {
                figure,
                year,
                basis: Some(side.basis),
                value: Some(Quantity { units, hundredths: false }),
                recorded_by: Some(side.recorded_by.clone()),
            },
            None => Self { figure, year, basis: None, value: None, recorded_by: None },
        }
    }

    /// As an input of a verdict: by its name and year.
    pub(in crate::domain) fn named(&self) -> NamedInput {
        let basis = self.basis.map(|basis| basis.name().to_owned());
        NamedInput { basis, ..NamedInput::of(format!("{}.{}", self.figure.name(), self.year), self.value) }
    }

    /// The value as a whole number.
    pub fn units(&self) -> Option<i64> {
        self.value.map(|value| value.units)
    }
}

/// An exact fraction of figures. Nothing is rounded before it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    numerator: i128,
    /// Above zero.
    denominator: i128,
}

impl Ratio {
    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self { numerator: i128::from(value), denominator: 1 }
    }

    /// A fraction; none over nothing or over less.
    pub fn of(numerator: i128, denominator: i64) -> Option<Self> {
        (denominator > 0).then_some(Self { numerator, denominator: i128::from(denominator) })
    }

    /// How it compares with a bound, exactly.
    pub fn compare(self, bound: Quantity) -> Ordering {
        (self.numerator * 100).cmp(&(in_hundredths(bound) * self.denominator))
    }

    /// Numerator, in hundredths of the unit, and denominator.
    pub(in crate::domain) const fn hundredths(self) -> (i128, i128) {
        (self.numerator * 100, self.denominator)
    }

    /// Numerator and denominator.
    pub(super) const fn parts(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.numerator * other.denominator == other.numerator * self.denominator
    }
}

impl Eq for Ratio {}

/// A bound in hundredths of its unit.
pub(in crate::domain) fn in_hundredths(bound: Quantity) -> i128 {
    i128::from(bound.units) * if bound.hundredths { 1 } else { 100 }
}

/// Values from a bound to a bound, each included or not.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ValueRange)]
pub struct Range {
    /// Where it begins; absent where it has no lower end.
    pub from: Option<Quantity>,
    /// Whether the lower bound belongs to it; it does unless said otherwise.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub from_included: bool,
    /// Where it ends; absent where it has no upper end.
    pub to: Option<Quantity>,
    /// Whether the upper bound belongs to it; it does not unless said otherwise.
    #[serde(default)]
    #[schema(default = false)]
    pub to_included: bool,
}

const fn yes() -> bool {
    true
}

impl Range {
    /// Whether a value lies within.
    pub fn contains(&self, value: Ratio) -> bool {
        self.holds(|bound| value.compare(bound))
    }

    /// Whether what compares so with the bounds lies within.
    pub fn holds(&self, compare: impl Fn(Quantity) -> Ordering) -> bool {
        let above = self.from.is_none_or(|bound| match compare(bound) {
            Ordering::Greater => true,
            Ordering::Equal => self.from_included,
            Ordering::Less => false,
        });
        let below = self.to.is_none_or(|bound| match compare(bound) {
            Ordering::Less => true,
            Ordering::Equal => self.to_included,
            Ordering::Greater => false,
        });
        above && below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn fractions_compare_exactly() {
        let third = Ratio::of(100, 3).unwrap();
        assert_eq!(third.compare(bound("33.33")), Ordering::Greater);
        assert_eq!(third.compare(bound("33.34")), Ordering::Less);
        // 19,999 of 100,000 are below 20 percent.
        assert_eq!(Ratio::of(1_999_900, 100_000).unwrap().compare(bound("20")), Ordering::Less);
        assert_eq!(Ratio::whole(7).compare(bound("7.00")), Ordering::Equal);
        assert_eq!((Ratio::of(1, 0), Ratio::of(1, -2)), (None, None));
    }

    #[test]
    fn a_bound_belongs_to_a_range_when_it_says_so() {
        let range = |json: &str| serde_json::from_str::<Range>(json).unwrap();
        let half_open = range(r#"{"from": "50", "to": "300"}"#);
        let closed = range(r#"{"from": "50", "to": "300", "toIncluded": true}"#);
        let above = range(r#"{"from": "300", "fromIncluded": false}"#);
        for (value, expected) in [
            (49, [false, false, false]),
            (50, [true, true, false]),
            (299, [true, true, false]),
            (300, [false, true, false]),
            (301, [false, false, true]),
        ] {
            let value = Ratio::whole(value);
            assert_eq!([&half_open, &closed, &above].map(|range| range.contains(value)), expected, "{value:?}");
        }
    }
}
