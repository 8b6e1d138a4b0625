//! The consolidated needs of a province, summed by a key.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::domain::money::Money;
use crate::domain::support_need::{NeedGrouping, NeedSum};
use crate::store::support_needs;

/// The route of the sums.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// What to sum, and by what.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SupportNeedSummaryQuery {
    /// Code of the province; absent for all that the caller reaches.
    #[param(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", nullable = false)]
    province: Option<String>,
    /// The key to group by; by default the fiscal year.
    #[param(inline, nullable = false)]
    by: Option<NeedGrouping>,
}

/// Sums over consolidated support needs.
#[derive(Debug, Serialize, ToSchema)]
struct SupportNeedSummaryView {
    /// The key that the groups are made by.
    by: NeedGrouping,
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
/// Those that the lead agency has consolidated: asked for, appraised and approved, grouped by one key. Groups add up to the
/// total.
#[utoipa::path(
    tag = "Support needs",
    operation_id = "getSupportNeedSummary",
    params(SupportNeedSummaryQuery),
    responses((status = 200, description = "The sums.", body = SupportNeedSummaryView)),
    security(("bearer" = ["support:read"]))
)]
#[get("/v1/support-need-summaries")]
async fn read(call: Call, Query(query): Query<SupportNeedSummaryQuery>) -> Answer {
    let by = query.by.unwrap_or(NeedGrouping::FiscalYear);
    let sums = support_needs::sums(call.db(), call.scope(), query.province.as_deref(), by).await?;
    let total = SupportNeedTotal {
        requested: sums.iter().map(|sum| sum.requested).sum(),
        appraised: sums.iter().map(|sum| sum.appraised).sum(),
        approved: sums.iter().map(|sum| sum.approved).sum(),
    };
    let group = |NeedSum { key, requested, appraised, approved }: NeedSum| SupportNeedGroup {
        not_stated: key.is_none(),
        key,
        requested,
        appraised,
        approved,
    };
    call.computed(&SupportNeedSummaryView { by, groups: sums.into_iter().map(group).collect(), total })
}
