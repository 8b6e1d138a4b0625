//! The budget summed by one key or two, with credit apart.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use super::place;
use crate::domain::budget::rounding::millions;
use crate::domain::budget::summary::{AmountUnit, Figures, Group, Grouping, Lent, Summary, rows_in};
use crate::domain::money::{Money, MoneySum};
use crate::domain::percent::Percent;
use crate::domain::refusal::{Fault, Rule};
use crate::domain::role::Scope;
use crate::store::budget_summaries::{self, Question};
use crate::store::loans;
use crate::store::place_filter::PlaceFilter;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// What to sum, and by what.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct BudgetSummaryQuery {
    /// Code of the province; absent for all that the caller reaches.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// The day on which this code is read, and whose provinces and units groups are: today when absent. What is of provinces
    /// that were merged into one by then is found under it; what is of another province that bore the code before or after is
    /// not, and as a group it is not stated. What lies in a district that ended stays under its code.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// The key to group by; by default the category.
    #[param(inline, nullable = false)]
    by: Option<Grouping>,
    /// The key to group each of these groups by in turn; another one.
    #[param(inline, nullable = false)]
    then_by: Option<Grouping>,
    /// The instant as of which to sum: what had been recorded by then; by default now. Not in the future.
    #[param(nullable = false)]
    as_of: Option<DateTime<Utc>>,
    /// What amounts are counted in; by default đồng.
    #[param(inline, nullable = false)]
    unit: Option<AmountUnit>,
}

/// Sums over approved plans, approved allocations and their disbursements.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetSummaryView {
    /// Code of the province, where one was asked for.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: Option<String>,
    /// The day on which the codes of provinces are read, where one was asked for.
    at: Option<NaiveDate>,
    /// The key that the groups are made by.
    by: Grouping,
    /// The key that each of these groups is made of in turn, where one was asked for.
    then_by: Option<Grouping>,
    /// What all amounts are counted in. In million, each column is rounded by largest remainder and adds up to its
    /// printed total; figures of one row, each rounded in its column, may be one apart.
    unit: AmountUnit,
    /// The instant as of which it is summed, where one was asked for.
    as_of: Option<DateTime<Utc>>,
    /// Estimated in all, budget money and credit together: the total of the plans. Absent below the province, for which
    /// estimates are made.
    #[schema(value_type = Option<MoneySum>)]
    estimated: Option<Money>,
    /// Budget money: allocated, disbursed and settled.
    budget: BudgetSection,
    /// Preferential credit and the support fund: lent and repaid, so never in a sum of budget money: each loan
    /// is under `/v1/loans`.
    credit: CreditSection,
}

/// Groups and their total.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetSection {
    /// One group for each value of the key, in their order; what is not stated is a group of its own, the last.
    #[schema(max_items = 10_000)]
    groups: Vec<BudgetGroup>,
    /// The sum of all groups.
    total: BudgetTotal,
}

/// What was estimated as access to credit, and beside it what was lent.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreditSection {
    /// One group for each value of the key, as for budget money.
    #[schema(max_items = 10_000)]
    groups: Vec<CreditGroup>,
    /// Estimated in all groups. Absent below the province, for which estimates are made.
    #[schema(value_type = Option<MoneySum>)]
    estimated: Option<Money>,
    /// Loans of pilots.
    loans: LoanTotals,
}

/// What one value of the key amounts to in credit.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreditGroup {
    /// The value; absent where it is not stated.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "preferential_credit_and_fund")]
    key: Option<String>,
    /// Whether the key is not stated for what this group holds.
    not_stated: bool,
    /// The value of the second key; absent where it is not stated or none was asked for.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2022")]
    then_key: Option<String>,
    /// Whether the second key is not stated for what this group holds; absent where none was asked for.
    then_not_stated: Option<bool>,
    /// Estimated.
    #[schema(value_type = MoneySum)]
    estimated: Money,
}

/// Loans in sum: decided by lenders, so not compared with the estimate line by line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LoanTotals {
    /// Approved by lenders.
    #[schema(value_type = MoneySum)]
    approved: Money,
    /// Paid out.
    #[schema(value_type = MoneySum)]
    disbursed: Money,
    /// Principal paid back.
    #[schema(value_type = MoneySum)]
    repaid: Money,
    /// Paid out and not yet paid back.
    #[schema(value_type = MoneySum)]
    outstanding: Money,
}

/// What one value of the key amounts to.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetGroup {
    /// The value: a code, a year or an identifier; absent where it is not stated.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "recurrent_support")]
    key: Option<String>,
    /// Whether the key is not stated for what this group holds.
    not_stated: bool,
    /// The value of the second key; absent where it is not stated or none was asked for.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2022")]
    then_key: Option<String>,
    /// Whether the second key is not stated for what this group holds; absent where none was asked for.
    then_not_stated: Option<bool>,
    /// Estimated, by what the lines of the plan state. Absent where no line is in the group: a pilot, say, has no estimate of its
    /// own, and all of the plan is estimated with no pilot stated.
    #[schema(value_type = Option<MoneySum>)]
    estimated: Option<Money>,
    /// Allocated from the lines of the group, whatever the decisions state: a line that leaves its year open stands under *not
    /// stated*, with what is allocated from it for whatever year. Absent where no line is in the group.
    #[schema(value_type = Option<MoneySum>)]
    allocated_of_estimate: Option<Money>,
    /// Allocated by approved decisions, net of reductions: by the year, kind of support or beneficiary that the decision states,
    /// else its line.
    #[schema(value_type = MoneySum)]
    allocated: Money,
    /// Disbursed, net of corrections.
    #[schema(value_type = MoneySum)]
    disbursed: Money,
    /// Settled by accepted settlements, net of corrections.
    #[schema(value_type = MoneySum)]
    settled: Money,
    /// Returned to the budget by accepted settlements, net of corrections.
    #[schema(value_type = MoneySum)]
    returned: Money,
    /// Estimated and not yet allocated: `estimated` − `allocatedOfEstimate`. Absent where no line is in the group.
    #[schema(value_type = Option<MoneySum>)]
    remaining_to_allocate: Option<Money>,
    /// Allocated and neither disbursed nor returned.
    #[schema(value_type = MoneySum)]
    remaining_to_disburse: Money,
    /// Disbursed ÷ allocated; absent when nothing is allocated.
    rate: Option<Percent>,
}

/// What all groups amount to.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetTotal {
    /// Estimated, as amended. Absent below the province, for which estimates are made.
    #[schema(value_type = Option<MoneySum>)]
    estimated: Option<Money>,
    /// Allocated by approved decisions, net of reductions.
    #[schema(value_type = MoneySum)]
    allocated: Money,
    /// Disbursed, net of corrections.
    #[schema(value_type = MoneySum)]
    disbursed: Money,
    /// Settled by accepted settlements, net of corrections.
    #[schema(value_type = MoneySum)]
    settled: Money,
    /// Returned to the budget by accepted settlements, net of corrections.
    #[schema(value_type = MoneySum)]
    returned: Money,
    /// Estimated and not yet allocated. Absent below the province.
    #[schema(value_type = Option<MoneySum>)]
    remaining_to_allocate: Option<Money>,
    /// Allocated and neither disbursed nor returned.
    #[schema(value_type = MoneySum)]
    remaining_to_disburse: Money,
    /// Disbursed ÷ allocated; absent when nothing is allocated.
    rate: Option<Percent>,
}

/// Whether the second key of a group is not stated, where there is one.
fn then_not_stated(summary: &Summary, group: &Group) -> Option<bool> {
    summary.then_by.map(|_| group.then.is_none())
}

fn group(summary: &Summary, has_estimates: bool, of: &Group, figures: Figures) -> BudgetGroup {
    let Figures { estimated, drawn, allocated, disbursed, settled, returned, left_to_allocate, left_to_disburse, rate } =
        figures;
    let stated = has_estimates && of.sums.is_estimated();
    BudgetGroup {
        not_stated: of.key.is_none(),
        key: of.key.clone(),
        then_not_stated: then_not_stated(summary, of),
        then_key: of.then.clone(),
        estimated: stated.then_some(estimated),
        allocated_of_estimate: stated.then_some(drawn),
        allocated,
        disbursed,
        settled,
        returned,
        remaining_to_allocate: stated.then_some(left_to_allocate),
        remaining_to_disburse: left_to_disburse,
        rate,
    }
}

fn section(summary: &Summary, has_estimates: bool, unit: AmountUnit, estimated: Option<Money>) -> BudgetSection {
    let rows = summary.budget.iter().map(|group| group.sums.figures()).collect();
    let (total, rows) = rows_in(unit, summary.budget_total().figures(), estimated, rows);
    let Figures {
        estimated,
        drawn: _,
        allocated,
        disbursed,
        settled,
        returned,
        left_to_allocate,
        left_to_disburse,
        rate,
    } = total;
    let total = BudgetTotal {
        estimated: has_estimates.then_some(estimated),
        allocated,
        disbursed,
        settled,
        returned,
        remaining_to_allocate: has_estimates.then_some(left_to_allocate),
        remaining_to_disburse: left_to_disburse,
        rate,
    };
    let groups = summary.budget.iter().zip(rows);
    BudgetSection { groups: groups.map(|(of, row)| group(summary, has_estimates, of, row)).collect(), total }
}

fn credit(
    has_estimates: bool,
    unit: AmountUnit,
    summary: &Summary,
    estimated: Option<Money>,
    lent: Lent,
) -> CreditSection {
    let rows = summary.credit.iter().map(|group| group.sums.figures()).collect();
    let (total, rows) = rows_in(unit, summary.credit_total().figures(), estimated, rows);
    let group = |(group, row): (&Group, Figures)| CreditGroup {
        key: group.key.clone(),
        not_stated: group.key.is_none(),
        then_key: group.then.clone(),
        then_not_stated: then_not_stated(summary, group),
        estimated: row.estimated,
    };
    let shown = |amount: Money| match unit {
        AmountUnit::Dong => amount,
        AmountUnit::Million => millions(amount, &[]).total,
    };
    CreditSection {
        groups: summary.credit.iter().zip(rows).map(group).collect(),
        estimated: has_estimates.then_some(total.estimated),
        loans: LoanTotals {
            approved: shown(lent.approved),
            disbursed: shown(lent.disbursed),
            repaid: shown(lent.repaid),
            outstanding: shown(lent.outstanding()),
        },
    }
}

fn view(query: BudgetSummaryQuery, has_estimates: bool, summary: &Summary, lent: Lent) -> BudgetSummaryView {
    let BudgetSummaryQuery { province, at, by: _, then_by: _, as_of, unit } = query;
    let (by, then_by, unit) = (summary.by, summary.then_by, unit.unwrap_or(AmountUnit::Dong));
    // The whole is rounded once: what is estimated in all is shared out between budget and credit.
    let of_both = [summary.budget_total().estimated, summary.credit_total().estimated];
    let [of_budget, of_credit] = match unit {
        AmountUnit::Dong => [None, None],
        AmountUnit::Million => {
            let mut parts = millions(of_both.into_iter().sum(), &of_both).parts.into_iter();
            [parts.next(), parts.next()]
        }
    };
    let budget = section(summary, has_estimates, unit, of_budget);
    let credit = credit(has_estimates, unit, summary, of_credit, lent);
    let estimated = budget.total.estimated.zip(credit.estimated).map(|(budget, credit)| budget.plus(credit));
    BudgetSummaryView { province, at, by, then_by, unit, as_of, estimated, budget, credit }
}

/// A province that is not the caller's is not there for it.
fn reaches(scope: &Scope, province: Option<&str>) -> Result<(), ApiError> {
    let (Scope::Province(own) | Scope::Locality { province: own, .. }) = scope else { return Ok(()) };
    if province.is_none_or(|asked| own.covers(asked)) {
        return Ok(());
    }
    let code = Rule::UnknownReference.code();
    let fault = Fault::at("#province", code, "Không có tỉnh này trong phạm vi.", "There is no such province in reach.");
    Err(ApiError::faults(Kind::InvalidQuery, vec![fault]))
}

/// Sums are read as of an instant that has come.
pub(super) fn past(call: &Call, as_of: Option<DateTime<Utc>>) -> Result<(), ApiError> {
    if as_of.is_none_or(|instant| instant <= call.now().0) {
        return Ok(());
    }
    let (vi, en) = ("Thời điểm ở tương lai.", "The instant lies in the future.");
    let fault = Fault::at("#asOf", Rule::DateInFuture.code(), vi, en);
    Err(ApiError::faults(Kind::InvalidQuery, vec![fault]))
}

/// Sum the budget
///
/// Estimated, allocated, disbursed, settled and remaining, grouped by one key or two, now or as recorded by an instant (`asOf`),
/// in đồng or in million đồng. Groups add up to the total; what is not stated is a group of its own; credit stands apart.
#[utoipa::path(
    tag = "Budget",
    operation_id = "getBudgetSummary",
    params(BudgetSummaryQuery),
    responses((status = 200, description = "The sums.", body = BudgetSummaryView)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-summaries")]
async fn read(call: Call, Query(query): Query<BudgetSummaryQuery>) -> Answer {
    reaches(call.scope(), query.province.as_deref())?;
    past(&call, query.as_of)?;
    let BudgetSummaryQuery { province, at, by, then_by, as_of, unit: _ } = query.clone();
    let by = by.unwrap_or(Grouping::Category);
    if then_by == Some(by) {
        let (vi, en) = ("Hai khóa phải khác nhau.", "The two keys must differ.");
        let fault = Fault::at("#thenBy", Rule::RepeatedItem.code(), vi, en);
        return Err(ApiError::faults(Kind::InvalidQuery, vec![fault]));
    }
    let place = PlaceFilter { province: place::meant(&call, province.as_deref(), at).await?, unit: None };
    let question = Question { place, at: at.unwrap_or(call.today()), by, then_by, as_of };
    let summary = budget_summaries::summary(call.db(), call.scope(), &question).await?;
    let lent = loans::totals(call.db(), call.scope(), &question.place, as_of).await?;
    call.computed(&view(query, budget_summaries::estimates_are_in(call.scope()), &summary, lent))
}
