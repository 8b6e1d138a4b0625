//! Sums of the budget by one of its keys, or by two. What is not stated is a group of its own, and the groups add up to the total.
//! Credit stands apart: it is lent, so it is never in a sum of budget money.

use super::rounding::{distributed, millions};
use crate::domain::money::Money;
use crate::domain::percent::Percent;
use crate::domain::role::names;

names! {
    /// What the sums are grouped by.
    Grouping {
        /// Category of the estimate line.
        Category = "category",
        /// Source of the estimate line.
        Source = "source",
        /// Nature of the estimate line.
        Nature = "nature",
        /// Budget level of the estimate line.
        BudgetLevel = "budgetLevel",
        /// Support kind: of the entry where money is allocated, of the line where it is estimated.
        SupportKind = "supportKind",
        /// Fiscal year: of the entry where money is allocated, of the line where it is estimated.
        FiscalYear = "fiscalYear",
        /// The estimate line itself.
        Line = "line",
        /// The allocation: what is estimated has none.
        Allocation = "allocation",
        /// The entry of the allocation: what is estimated has none.
        Entry = "entry",
        /// The pilot that benefits.
        Pilot = "pilot",
        /// The model of the pilot that benefits.
        Model = "model",
        /// The unit below the province (district or commune): of the pilot, else of the implementing agency.
        Unit = "unit",
        /// The province of the plan.
        Province = "province",
        /// The implementing agency.
        Agency = "agency",
    }
}

names! {
    /// What amounts are counted in.
    AmountUnit {
        /// Whole đồng, as they are kept.
        Dong = "dong",
        /// Whole million đồng (*triệu đồng*), rounded by largest remainder: each column adds up to its printed total.
        Million = "million",
    }
}

/// What one group amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Estimated in approved plans, as amended: by what the *lines* state.
    pub estimated: Money,
    /// Allocated, net of reductions, from the lines that are in the group: whatever the entries state. A line that leaves its
    /// year open is in the group *not stated*, and so is what is drawn from it for 2022.
    pub drawn: Money,
    /// Allocated by approved decisions, net of reductions: by what the *entries* state, where they state it.
    pub allocated: Money,
    /// Disbursed, net of corrections.
    pub disbursed: Money,
    /// Settled by accepted settlements, net of corrections.
    pub settled: Money,
    /// Returned to the budget by accepted settlements, net of corrections.
    pub returned: Money,
}

impl Sums {
    /// The sum of two groups.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            estimated: self.estimated.plus(other.estimated),
            drawn: self.drawn.plus(other.drawn),
            allocated: self.allocated.plus(other.allocated),
            disbursed: self.disbursed.plus(other.disbursed),
            settled: self.settled.plus(other.settled),
            returned: self.returned.plus(other.returned),
        }
    }

    /// Whether lines of the plan are in the group, so that it has an estimate. A pilot, say, has none of its own: all of the plan
    /// is an estimate with no pilot stated.
    pub fn is_estimated(self) -> bool {
        self.estimated != Money::ZERO || self.drawn != Money::ZERO
    }

    /// Disbursed ÷ allocated, both to date; none when nothing is allocated.
    pub fn rate(self) -> Option<Percent> {
        Percent::of(self.disbursed.as_dong(), self.allocated.as_dong())
    }

    /// All figures of the group, in đồng.
    pub fn figures(self) -> Figures {
        let Self { estimated, drawn, allocated, disbursed, settled, returned } = self;
        Figures {
            estimated,
            drawn,
            allocated,
            disbursed,
            settled,
            returned,
            left_to_allocate: estimated.minus(drawn),
            left_to_disburse: allocated.minus(disbursed).minus(returned),
            rate: self.rate(),
        }
    }
}

/// The figures of a group as they are shown, in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Estimated.
    pub estimated: Money,
    /// Allocated from what is estimated here.
    pub drawn: Money,
    /// Allocated.
    pub allocated: Money,
    /// Disbursed.
    pub disbursed: Money,
    /// Settled.
    pub settled: Money,
    /// Returned.
    pub returned: Money,
    /// What the estimate still leaves to be allocated.
    pub left_to_allocate: Money,
    /// What the allocations still leave to be disbursed.
    pub left_to_disburse: Money,
    /// Disbursed ÷ allocated, of the exact amounts.
    pub rate: Option<Percent>,
}

/// Reaches one figure of a row.
type Column = fn(&mut Figures) -> &mut Money;

/// The figures that are rounded, each column by itself.
const COLUMNS: [Column; 8] = [
    |row| &mut row.estimated,
    |row| &mut row.drawn,
    |row| &mut row.allocated,
    |row| &mut row.disbursed,
    |row| &mut row.settled,
    |row| &mut row.returned,
    |row| &mut row.left_to_allocate,
    |row| &mut row.left_to_disburse,
];

/// The rows of a table in a unit, under a total in the same unit: every column adds up to its total. What is estimated in all is
/// `estimated` of that unit, where the table is itself a part of another one.
pub fn rows_in(
    unit: AmountUnit,
    total: Figures,
    estimated: Option<Money>,
    mut rows: Vec<Figures>,
) -> (Figures, Vec<Figures>) {
    let mut shown = total;
    let exact_estimates: Vec<Money> = rows.iter().map(|row| row.estimated).collect();
    if unit == AmountUnit::Million {
        for column in COLUMNS {
            let exact: Vec<Money> = rows.iter_mut().map(|row| *column(row)).collect();
            let rounded = millions(*column(&mut shown), &exact);
            *column(&mut shown) = rounded.total;
            for (row, amount) in rows.iter_mut().zip(rounded.parts) {
                *column(row) = amount;
            }
        }
        if let Some(given) = estimated {
            shown.estimated = given;
            for (row, amount) in rows.iter_mut().zip(distributed(given.as_dong(), &exact_estimates)) {
                row.estimated = amount;
            }
        }
    }
    (shown, rows)
}

/// What was lent (*vốn vay ưu đãi*): shown beside budget money, never in its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lent {
    /// Approved by lenders.
    pub approved: Money,
    /// Paid out.
    pub disbursed: Money,
    /// Principal paid back.
    pub repaid: Money,
}

impl Lent {
    /// What the pilots still owe.
    pub const fn outstanding(self) -> Money {
        self.disbursed.minus(self.repaid)
    }
}

/// One group of a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The value of the key; none is *not stated*.
    pub key: Option<String>,
    /// The value of the second key, where there is one; none is *not stated*.
    pub then: Option<String>,
    /// Whether it is access to credit.
    pub credit: bool,
    /// What it amounts to.
    pub sums: Sums,
}

impl Group {
    /// Where it stands among others: in the order of the keys, *not stated* last.
    fn place(&self) -> (bool, &Option<String>, bool, &Option<String>) {
        (self.key.is_none(), &self.key, self.then.is_none(), &self.then)
    }
}

/// A summary: budget money and credit, each with its groups and their total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What it is grouped by.
    pub by: Grouping,
    /// What each of these groups is grouped by in turn.
    pub then_by: Option<Grouping>,
    /// Budget money: the groups in the order of their keys, *not stated* last.
    pub budget: Vec<Group>,
    /// Credit: the same.
    pub credit: Vec<Group>,
}

impl Summary {
    /// Sorts groups into budget and credit, and each into the order of keys. A group to which nothing was ever given, or
    /// nothing yet, is none.
    pub fn of(by: Grouping, then_by: Option<Grouping>, mut groups: Vec<Group>) -> Self {
        groups.retain(|group| group.sums != Sums::default());
        let (mut credit, mut budget): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.credit);
        for part in [&mut credit, &mut budget] {
            part.sort_by(|a, b| a.place().cmp(&b.place()));
        }
        Self { by, then_by, budget, credit }
    }

    /// The total of budget money.
    pub fn budget_total(&self) -> Sums {
        total(&self.budget)
    }

    /// The total of credit.
    pub fn credit_total(&self) -> Sums {
        total(&self.credit)
    }
}

fn total(groups: &[Group]) -> Sums {
    groups.iter().fold(Sums::default(), |sum, group| sum.plus(group.sums))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(key: Option<&str>, credit: bool, figures: [i64; 3]) -> Group {
        let [estimated, allocated, disbursed] = figures.map(Money::million);
        let sums = Sums { estimated, drawn: allocated, allocated, disbursed, ..Sums::default() };
        Group { key: key.map(str::to_owned), then: None, credit, sums }
    }

    #[test]
    fn the_plan_of_an_giang_keeps_its_credit_apart() {
        let summary = Summary::of(
            Grouping::Category,
            None,
            vec![
                group(Some("recurrent_support"), false, [5_060, 1_000, 375]),
                group(Some("preferential_credit_and_fund"), true, [21_000, 0, 0]),
                group(Some("infrastructure_and_processing"), false, [6_615, 0, 0]),
            ],
        );
        let (budget, credit) = (summary.budget_total(), summary.credit_total());
        assert_eq!(budget.estimated, Money::million(11_675));
        assert_eq!(budget.estimated.plus(credit.estimated), Money::million(32_675));
        assert_eq!(budget.figures().left_to_allocate, Money::million(10_675));
        assert_eq!(budget.figures().left_to_disburse, Money::million(625));
        assert_eq!(budget.rate().map(|rate| rate.to_string()).as_deref(), Some("37.50"));
        assert_eq!(credit.rate(), None);
        let keys: Vec<_> = summary.budget.iter().filter_map(|group| group.key.as_deref()).collect();
        assert_eq!(keys, ["infrastructure_and_processing", "recurrent_support"]);
    }

    #[test]
    fn what_is_not_stated_is_the_last_group() {
        let summary = Summary::of(
            Grouping::Source,
            None,
            vec![group(None, false, [3, 0, 0]), group(Some("b"), false, [2, 0, 0]), group(Some("a"), false, [1, 0, 0])],
        );
        let keys: Vec<_> = summary.budget.iter().map(|group| group.key.as_deref()).collect();
        assert_eq!(keys, [Some("a"), Some("b"), None]);
        assert_eq!(summary.budget_total().estimated, Money::million(6));
    }

    /// A line leaves its year open, and 300 of it are allocated for 2022; a line of 2023 has nothing allocated.
    #[test]
    fn what_is_left_of_an_estimate_is_left_where_it_was_estimated() {
        let of = |key: Option<&str>, [estimated, drawn, allocated]: [i64; 3]| {
            let [estimated, drawn, allocated] = [estimated, drawn, allocated].map(Money::million);
            let sums = Sums { estimated, drawn, allocated, ..Sums::default() };
            Group { key: key.map(str::to_owned), then: None, credit: false, sums }
        };
        let groups = vec![of(None, [1_000, 300, 0]), of(Some("2022"), [0, 0, 300]), of(Some("2023"), [200, 0, 0])];
        let summary = Summary::of(Grouping::FiscalYear, None, groups);
        let left: Vec<_> = summary
            .budget
            .iter()
            .map(|group| group.sums.is_estimated().then(|| group.sums.figures().left_to_allocate))
            .collect();
        assert_eq!(left, [None, Some(Money::million(200)), Some(Money::million(700))]);
        assert_eq!(summary.budget_total().figures().left_to_allocate, Money::million(900));
    }

    #[test]
    fn a_table_in_million_adds_up_to_its_printed_total() {
        let row = |dong: i64| Sums { estimated: Money::dong(dong), ..Sums::default() }.figures();
        let exact = [1_400_000, 1_400_000, 1_400_000].map(row).to_vec();
        let (total, rows) = rows_in(AmountUnit::Million, row(4_200_000), None, exact.clone());
        assert_eq!(total.estimated, Money::dong(4));
        assert_eq!(rows.iter().map(|row| row.estimated.as_dong()).collect::<Vec<_>>(), [2, 1, 1]);
        // As a part of a whole that is rounded once, its estimate may be the other of the two next millions.
        let (total, rows) = rows_in(AmountUnit::Million, row(4_200_000), Some(Money::dong(5)), exact.clone());
        assert_eq!(total.estimated, Money::dong(5));
        assert_eq!(rows.iter().map(|row| row.estimated.as_dong()).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(rows_in(AmountUnit::Dong, row(4_200_000), None, exact.clone()), (row(4_200_000), exact));
    }
}
