//! The consolidated needs of a province, summed by a key.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use crate::api::budget_summaries::past;
use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::api::place;
use crate::domain::budget::summary::AmountUnit;
use crate::domain::money::Money;
use crate::domain::support_need::{NeedGrouping, NeedSum};
use crate::store::place_filter::PlaceFilter;
use crate::store::support_needs;

/// The route of the sums.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// What to sum, and by what.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SupportNeedSummaryQuery {
    /// Code of the province; absent for all that the caller reaches.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// The day on which this code is read: today when absent. What is of provinces that were merged into one by then is
    /// found under it; what is of another province that bore the code before or after is not. Groups by unit are the units of
    /// that day, as far as they are known: what lies in a district that ended stays under its code.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
    /// The key to group by; by default the fiscal year.
    #[param(inline, nullable = false)]
    by: Option<NeedGrouping>,
    /// The instant as of which to sum: what had been recorded by then; by default now. Not in the future.
    #[param(nullable = false)]
    as_of: Option<DateTime<Utc>>,
    /// What amounts are counted in; by default đồng.
    #[param(inline, nullable = false)]
    unit: Option<AmountUnit>,
}

/// Sums over consolidated support needs.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SupportNeedSummaryView {
    /// The key that the groups are made by.
    by: NeedGrouping,
    /// What all amounts are counted in. In million, each column is rounded by largest remainder and adds up to its printed
    /// total.
    unit: AmountUnit,
    /// The instant as of which it is summed, where one was asked for.
    as_of: Option<DateTime<Utc>>,
    /// One group for each value of the key, in their order; what is not stated is a group of its own, the last.
    #[schema(max_items = 10_000)]
    groups: Vec<SupportNeedGroup>,
    /// The sum of all groups.
    total: SupportNeedTotal,
}

/// What one value of the key amounts to.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SupportNeedGroup {
    /// The value; absent where it is not stated.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2022")]
    key: Option<String>,
    /// Whether the key is not stated for what this group holds.
    not_stated: bool,
    /// Asked for.
    requested: Money,
    /// Upheld by appraisals.
    appraised: Money,
    /// Approved.
    approved: Money,
}

/// What all groups amount to.
#[derive(Debug, Serialize, ToSchema)]
struct SupportNeedTotal {
    /// Asked for.
    requested: Money,
    /// Upheld by appraisals.
    appraised: Money,
    /// Approved.
    approved: Money,
}

/// Sum the support needs
///
/// Those that the lead agency has consolidated: asked for, appraised and approved, grouped by one key, now or as recorded by an
/// instant (`asOf`), in đồng or in million đồng. Groups add up to the total.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "getSupportNeedSummary",
    params(SupportNeedSummaryQuery),
    responses((status = 200, description = "The sums.", body = SupportNeedSummaryView)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-need-summaries")]
async fn read(call: Call, Query(query): Query<SupportNeedSummaryQuery>) -> Answer {
    let SupportNeedSummaryQuery { province, at, by, as_of, unit } = query;
    let (by, unit) = (by.unwrap_or(NeedGrouping::FiscalYear), unit.unwrap_or(AmountUnit::Dong));
    past(&call, as_of)?;
    let day = at.unwrap_or(call.today());
    let place = PlaceFilter { province: place::meant(&call, province.as_deref(), at).await?, unit: None };
    let sums = support_needs::sums(call.db(), call.scope(), &place, (by, day), as_of).await?;
    let (NeedSum { key: _, requested, appraised, approved }, groups) = NeedSum::shown(unit, sums);
    let total = SupportNeedTotal { requested, appraised, approved };
    let group = |NeedSum { key, requested, appraised, approved }: NeedSum| SupportNeedGroup {
        not_stated: key.is_none(),
        key,
        requested,
        appraised,
        approved,
    };
    let groups = groups.into_iter().map(group).collect();
    call.computed(&SupportNeedSummaryView { by, unit, as_of, groups, total })
}
