//! The budget summed by one key, with credit apart.

use actix_web::get;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::budget::summary::{Group, Grouping, Lent, Summary, Sums};
use crate::domain::money::Money;
use crate::domain::percent::Percent;
use crate::domain::refusal::{Fault, Rule};
use crate::domain::role::Scope;
use crate::store::{budget_summaries, loans};

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
    /// The key to group by; by default the category.
    #[param(inline, nullable = false)]
    by: Option<Grouping>,
}

/// Sums over approved plans, approved allocations and their disbursements.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetSummaryView {
    /// Code of the province, where one was asked for.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: Option<String>,
    /// The key that the groups are made by.
    by: Grouping,
    /// Estimated in all, budget money and credit together: the total of the plans. Absent below the province, for which
    /// estimates are made.
    estimated: Option<Money>,
    /// Budget money: allocated and disbursed.
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
    /// Estimated.
    estimated: Money,
}

/// Loans in sum: decided by lenders, so not compared with the estimate line by line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LoanTotals {
    /// Approved by lenders.
    approved: Money,
    /// Paid out.
    disbursed: Money,
    /// Principal paid back.
    repaid: Money,
    /// Paid out and not yet paid back.
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
    /// Estimated. Absent where the plan makes no estimate by this key: a pilot, say, has none of its own.
    estimated: Option<Money>,
    /// Allocated by approved decisions.
    allocated: Money,
    /// Disbursed, net of corrections.
    disbursed: Money,
    /// Estimated and not yet allocated. Absent where the plan makes no estimate by this key.
    remaining_to_allocate: Option<Money>,
    /// Allocated and not yet disbursed.
    remaining_to_disburse: Money,
    /// Disbursed ÷ allocated; absent when nothing is allocated.
    rate: Option<Percent>,
}

/// What all groups amount to.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BudgetTotal {
    /// Estimated. Absent below the province, for which estimates are made.
    estimated: Option<Money>,
    /// Allocated by approved decisions.
    allocated: Money,
    /// Disbursed, net of corrections.
    disbursed: Money,
    /// Estimated and not yet allocated. Absent below the province.
    remaining_to_allocate: Option<Money>,
    /// Allocated and not yet disbursed.
    remaining_to_disburse: Money,
    /// Disbursed ÷ allocated; absent when nothing is allocated.
    rate: Option<Percent>,
}

fn group(by: Grouping, has_estimates: bool, Group { key, credit: _, sums }: &Group) -> BudgetGroup {
    let Sums { estimated, allocated, disbursed } = *sums;
    let compared = has_estimates && by.is_of_lines();
    let stated = has_estimates && (compared || estimated > Money::ZERO);
    BudgetGroup {
        not_stated: key.is_none(),
        key: key.clone(),
        estimated: stated.then_some(estimated),
        allocated,
        disbursed,
        remaining_to_allocate: compared.then(|| sums.left_to_allocate()),
        remaining_to_disburse: sums.left_to_disburse(),
        rate: sums.rate(),
    }
}

fn section(by: Grouping, has_estimates: bool, groups: &[Group], total: Sums) -> BudgetSection {
    let Sums { estimated, allocated, disbursed } = total;
    let total = BudgetTotal {
        estimated: has_estimates.then_some(estimated),
        allocated,
        disbursed,
        remaining_to_allocate: has_estimates.then(|| total.left_to_allocate()),
        remaining_to_disburse: total.left_to_disburse(),
        rate: total.rate(),
    };
    BudgetSection { groups: groups.iter().map(|one| group(by, has_estimates, one)).collect(), total }
}

fn credit(has_estimates: bool, summary: &Summary, lent: Lent) -> CreditSection {
    let group = |Group { key, credit: _, sums }: &Group| CreditGroup {
        key: key.clone(),
        not_stated: key.is_none(),
        estimated: sums.estimated,
    };
    let outstanding = lent.outstanding();
    let Lent { approved, disbursed, repaid } = lent;
    CreditSection {
        groups: summary.credit.iter().map(group).collect(),
        estimated: has_estimates.then(|| summary.credit_total().estimated),
        loans: LoanTotals { approved, disbursed, repaid, outstanding },
    }
}

fn view(province: Option<String>, has_estimates: bool, summary: &Summary, lent: Lent) -> BudgetSummaryView {
    let (by, budget) = (summary.by, summary.budget_total());
    BudgetSummaryView {
        province,
        by,
        estimated: has_estimates.then(|| budget.estimated.plus(summary.credit_total().estimated)),
        budget: section(by, has_estimates, &summary.budget, budget),
        credit: credit(has_estimates, summary, lent),
    }
}

/// A province that is not the caller's is not there for it.
fn reaches(scope: &Scope, province: Option<&str>) -> Result<(), ApiError> {
    let (Scope::Province(own) | Scope::Locality { province: own, .. }) = scope else { return Ok(()) };
    if province.is_none_or(|asked| asked == own) {
        return Ok(());
    }
    let code = Rule::UnknownReference.code();
    let fault = Fault::at("#province", code, "Không có tỉnh này trong phạm vi.", "There is no such province in reach.");
    Err(ApiError::faults(Kind::InvalidQuery, vec![fault]))
}

/// Sum the budget
///
/// Estimated, allocated, disbursed and remaining, grouped by one key. Groups add up to the total; what is not stated is a
/// group of its own; credit stands apart.
#[utoipa::path(
    tag = "Budget",
    operation_id = "getBudgetSummary",
    params(BudgetSummaryQuery),
    responses((status = 200, description = "The sums.", body = BudgetSummaryView)),
    security(("bearer" = ["budget:read"]))
)]
#[get("/v1/budget-summaries")]
async fn read(call: Call, Query(query): Query<BudgetSummaryQuery>) -> Answer {
    let BudgetSummaryQuery { province, by } = query;
    reaches(call.scope(), province.as_deref())?;
    let by = by.unwrap_or(Grouping::Category);
    let summary = budget_summaries::summary(call.db(), call.scope(), province.as_deref(), by).await?;
    let lent = loans::totals(call.db(), call.scope(), province.as_deref()).await?;
    call.computed(&view(province, budget_summaries::estimates_are_in(call.scope()), &summary, lent))
}
