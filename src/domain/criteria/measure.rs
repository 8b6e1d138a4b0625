//! The indicators that scales know: how each is computed from the yearly figures, exactly.
//!
//! "Average" is the mean of the ends of the year before and of the year; "growth" is measured over the end of the year
//! before; funds are measured against the income after tax that they are set aside from (our readings).

use std::ops::RangeInclusive;

use crate::domain::cooperative::figure::{Ratio, YearFigure};
use crate::domain::role::names;
use crate::domain::text::Text;

names! {
    /// What a scale turns into points.
    ScoringIndicator {
        /// Mean of the total capital at the ends of the year before and of the year, đồng.
        AverageTotalCapital = "average_total_capital",
        /// Growth of the total capital over the year before, per cent.
        TotalCapitalGrowth = "total_capital_growth",
        /// Mean of the indivisible assets at the ends of the year before and of the year, đồng.
        AverageIndivisibleAssets = "average_indivisible_assets",
        /// Growth of the indivisible assets over the year before, per cent.
        IndivisibleAssetsGrowth = "indivisible_assets_growth",
        /// Revenue of the year, đồng.
        Revenue = "revenue",
        /// Growth of the revenue over the year before, per cent.
        RevenueGrowth = "revenue_growth",
        /// Share of the revenue that comes from products and services supplied to members, per cent.
        MemberSupplyShare = "member_supply_share",
        /// Profit before tax of the year, đồng.
        ProfitBeforeTax = "profit_before_tax",
        /// Development investment fund against income after tax, per cent.
        DevelopmentFundRate = "development_fund_rate",
        /// Reserve fund against income after tax, per cent.
        ReserveFundRate = "reserve_fund_rate",
        /// Other funds against income after tax, per cent.
        OtherFundsRate = "other_funds_rate",
        /// Share of managers with a university or college degree, per cent.
        ManagersWithDegreeShare = "managers_with_degree_share",
        /// Share of managers with elementary or intermediate training, per cent.
        ManagersTrainedShare = "managers_trained_share",
        /// Share of young managers, per cent.
        ManagersYoungShare = "managers_young_share",
        /// Members at the end of the year.
        Members = "members",
        /// Growth of the membership over the year before, per cent.
        MembersGrowth = "members_growth",
    }
}

/// How an indicator comes from figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Formula {
    /// The figure of the year.
    Amount(YearFigure),
    /// The mean of the figures of the year before and of the year.
    Average(YearFigure),
    /// How much the figure grew over that of the year before, in per cent of the latter.
    Growth(YearFigure),
    /// A part of a whole that it cannot exceed, in per cent.
    Share(YearFigure, YearFigure),
    /// One figure against another, in per cent.
    Rate(YearFigure, YearFigure),
}

/// What came of measuring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// The value.
    Value(Ratio),
    /// Figures that nobody stated, each with its year.
    Missing(Vec<(YearFigure, u16)>),
    /// There is no ratio to this figure, which is zero or below.
    Undefined(YearFigure, u16),
}

impl ScoringIndicator {
    const fn formula(self) -> Formula {
        use YearFigure as F;
        match self {
            Self::AverageTotalCapital => Formula::Average(F::TotalCapital),
            Self::TotalCapitalGrowth => Formula::Growth(F::TotalCapital),
            Self::AverageIndivisibleAssets => Formula::Average(F::IndivisibleAssets),
            Self::IndivisibleAssetsGrowth => Formula::Growth(F::IndivisibleAssets),
            Self::Revenue => Formula::Amount(F::Revenue),
            Self::RevenueGrowth => Formula::Growth(F::Revenue),
            Self::MemberSupplyShare => Formula::Share(F::SuppliedToMembers, F::Revenue),
            Self::ProfitBeforeTax => Formula::Amount(F::ProfitBeforeTax),
            Self::DevelopmentFundRate => Formula::Rate(F::DevelopmentFund, F::IncomeAfterTax),
            Self::ReserveFundRate => Formula::Rate(F::ReserveFund, F::IncomeAfterTax),
            Self::OtherFundsRate => Formula::Rate(F::OtherFunds, F::IncomeAfterTax),
            Self::ManagersWithDegreeShare => Formula::Share(F::ManagersWithDegree, F::Managers),
            Self::ManagersTrainedShare => Formula::Share(F::ManagersTrained, F::Managers),
            Self::ManagersYoungShare => Formula::Share(F::ManagersYoung, F::Managers),
            Self::Members => Formula::Amount(F::Members),
            Self::MembersGrowth => Formula::Growth(F::Members),
        }
    }

    /// Its name for people.
    pub fn label(self) -> Text {
        let (vi, en) = match self {
            Self::AverageTotalCapital => ("Tổng vốn bình quân", "Average total capital"),
            Self::TotalCapitalGrowth => ("Tốc độ tăng tổng vốn", "Growth of total capital"),
            Self::AverageIndivisibleAssets => ("Tài sản không chia bình quân", "Average indivisible assets"),
            Self::IndivisibleAssetsGrowth => ("Tốc độ tăng tài sản không chia", "Growth of indivisible assets"),
            Self::Revenue => ("Doanh thu", "Revenue"),
            Self::RevenueGrowth => ("Tốc độ tăng doanh thu", "Growth of revenue"),
            Self::MemberSupplyShare => {
                ("Tỷ lệ cung ứng sản phẩm, dịch vụ cho thành viên", "Share of supply to members")
            }
            Self::ProfitBeforeTax => ("Lợi nhuận trước thuế", "Profit before tax"),
            Self::DevelopmentFundRate => {
                ("Tỷ lệ trích quỹ đầu tư phát triển", "Rate of the development investment fund")
            }
            Self::ReserveFundRate => ("Tỷ lệ trích quỹ dự phòng", "Rate of the reserve fund"),
            Self::OtherFundsRate => ("Tỷ lệ trích các quỹ khác", "Rate of other funds"),
            Self::ManagersWithDegreeShare => {
                ("Tỷ lệ cán bộ quản lý có trình độ đại học, cao đẳng", "Share of managers with a degree")
            }
            Self::ManagersTrainedShare => {
                ("Tỷ lệ cán bộ quản lý có trình độ sơ cấp, trung cấp", "Share of managers with training")
            }
            Self::ManagersYoungShare => ("Tỷ lệ cán bộ quản lý trẻ", "Share of young managers"),
            Self::Members => ("Số thành viên", "Members"),
            Self::MembersGrowth => ("Tốc độ tăng số thành viên", "Growth of the membership"),
        };
        Text::new(vi, en)
    }

    /// What its value is measured in: `dong`, `person` or `percent`.
    pub const fn unit(self) -> &'static str {
        match self.formula() {
            Formula::Amount(figure) | Formula::Average(figure) if figure.is_money() => "dong",
            Formula::Amount(_) | Formula::Average(_) => "person",
            Formula::Growth(_) | Formula::Share(..) | Formula::Rate(..) => "percent",
        }
    }

    /// The smallest value it can have, in its unit; none where it has no end.
    pub const fn least(self) -> Option<i64> {
        match self.formula() {
            Formula::Amount(figure) | Formula::Average(figure) => {
                if figure.may_be_negative() {
                    None
                } else {
                    Some(0)
                }
            }
            Formula::Growth(_) => Some(-100),
            Formula::Share(..) | Formula::Rate(..) => Some(0),
        }
    }

    /// The largest value it can have, in its unit; none where it has no end.
    pub const fn greatest(self) -> Option<i64> {
        match self.formula() {
            Formula::Share(..) => Some(100),
            Formula::Amount(_) | Formula::Average(_) | Formula::Growth(_) | Formula::Rate(..) => None,
        }
    }

    /// The figures that it needs, each with its year.
    pub fn needs(self, year: u16) -> Vec<(YearFigure, u16)> {
        match self.formula() {
            Formula::Amount(figure) => vec![(figure, year)],
            Formula::Average(figure) | Formula::Growth(figure) => {
                vec![(figure, year.saturating_sub(1)), (figure, year)]
            }
            Formula::Share(part, whole) | Formula::Rate(part, whole) => vec![(part, year), (whole, year)],
        }
    }

    /// The years that any indicator of a year looks at.
    pub fn years(year: u16) -> RangeInclusive<u16> {
        year.saturating_sub(1)..=year
    }

    /// Measures it, given the figures that are stated.
    pub fn measure(self, year: u16, stated: impl Fn(YearFigure, u16) -> Option<i64>) -> Measured {
        let missing = || {
            let needs = self.needs(year).into_iter();
            Measured::Missing(needs.filter(|(figure, year)| stated(*figure, *year).is_none()).collect())
        };
        let two = |first: (YearFigure, u16), second: (YearFigure, u16)| {
            Some((i128::from(stated(first.0, first.1)?), stated(second.0, second.1)?))
        };
        let before = year.saturating_sub(1);
        match self.formula() {
            Formula::Amount(figure) => {
                stated(figure, year).map_or_else(missing, |value| Measured::Value(Ratio::whole(value)))
            }
            Formula::Average(figure) => two((figure, before), (figure, year))
                .and_then(|(opening, closing)| Ratio::of(opening + i128::from(closing), 2))
                .map_or_else(missing, Measured::Value),
            Formula::Growth(figure) => {
                let Some((now, then)) = two((figure, year), (figure, before)) else { return missing() };
                let growth = (now - i128::from(then)) * 100;
                Ratio::of(growth, then).map_or(Measured::Undefined(figure, before), Measured::Value)
            }
            Formula::Share(part, whole) | Formula::Rate(part, whole) => {
                let Some((part, of)) = two((part, year), (whole, year)) else { return missing() };
                Ratio::of(part * 100, of).map_or(Measured::Undefined(whole, year), Measured::Value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cooperative::shown::ShownValue;

    fn shown(indicator: ScoringIndicator, figures: &[(YearFigure, u16, i64)]) -> Result<String, Measured> {
        let stated = |figure, year| figures.iter().find(|(f, y, _)| (*f, *y) == (figure, year)).map(|found| found.2);
        match indicator.measure(2020, stated) {
            Measured::Value(value) => Ok(ShownValue::of(value, |_| true).to_string()),
            other => Err(other),
        }
    }

    #[test]
    fn indicators_come_from_the_figures_of_the_year_and_of_the_one_before() {
        use ScoringIndicator as I;
        use YearFigure as F;
        let capital = [(F::TotalCapital, 2019, 3_000), (F::TotalCapital, 2020, 4_001)];
        assert_eq!(shown(I::AverageTotalCapital, &capital), Ok("3500.50".to_owned()));
        assert_eq!(shown(I::TotalCapitalGrowth, &capital), Ok("33.37".to_owned()));
        let managers = [(F::Managers, 2020, 3), (F::ManagersYoung, 2020, 1), (F::ManagersTrained, 2020, 0)];
        assert_eq!(shown(I::ManagersYoungShare, &managers), Ok("33.33".to_owned()));
        assert_eq!(shown(I::ManagersTrainedShare, &managers), Ok("0.00".to_owned()));
        assert_eq!(shown(I::ProfitBeforeTax, &[(F::ProfitBeforeTax, 2020, -5)]), Ok("-5.00".to_owned()));
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_measured_over_nothing() {
        use ScoringIndicator as I;
        use YearFigure as F;
        let closing = [(F::TotalCapital, 2020, 4_000)];
        assert_eq!(shown(I::AverageTotalCapital, &closing), Err(Measured::Missing(vec![(F::TotalCapital, 2019)])));
        let both = vec![(F::DevelopmentFund, 2020), (F::IncomeAfterTax, 2020)];
        assert_eq!(shown(I::DevelopmentFundRate, &[]), Err(Measured::Missing(both)));
        for income in [0, -1] {
            let loss = [(F::DevelopmentFund, 2020, 0), (F::IncomeAfterTax, 2020, income)];
            assert_eq!(shown(I::DevelopmentFundRate, &loss), Err(Measured::Undefined(F::IncomeAfterTax, 2020)));
        }
        let founded = [(F::Members, 2019, 0), (F::Members, 2020, 9)];
        assert_eq!(shown(I::MembersGrowth, &founded), Err(Measured::Undefined(F::Members, 2019)));
    }
}
