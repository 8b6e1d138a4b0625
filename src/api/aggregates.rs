//! The figures of all provinces as one, from the reports that stand.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::aggregate::{Aggregate, AggregateSource, MissingProvince, ProvinceFigures};
use crate::domain::indicator::Figure;
use crate::domain::moment::Moment;
use crate::domain::period::{DataWindow, Period};
use crate::domain::refusal::{Fault, Rule};
use crate::domain::report::IndicatorFigure;
use crate::domain::territory::{ProvinceOfDay, ProvinceTree, Tree};
use crate::store::{obligations, report_forms, reporting_deadlines, reports, territory};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// What the figures are also given by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum AggregateBy {
    /// Province by province.
    Province,
}

/// Asks for the aggregate of a period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct AggregateQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12]|R)?$", example = "2023")]
    period: Period,
    /// `province` for the figures of each province beside the totals.
    #[param(inline, nullable = false)]
    by: Option<AggregateBy>,
    /// The provinces to show: `asReported` (the default), those of the day on which the data close; `current`, those of today
    /// or of `asOf`; or those of a day. A report of a province that was merged by then is shown in the one it is part of;
    /// the totals are the same. A day before a merger that the data of the period come after is refused: a report of the
    /// merged province says nothing of its parts.
    #[serde(default)]
    #[param(value_type = String, required = false, nullable = false, min_length = 7, max_length = 10,
        pattern = "^(asReported|current|[0-9]{4}-[0-9]{2}-[0-9]{2})$", example = "current")]
    tree: Tree,
    /// The reports, the provinces that owe one, the calendar and the form as they stood at this instant: what was quoted
    /// then. Not in the future; now when absent.
    #[param(nullable = false)]
    as_of: Option<DateTime<Utc>>,
}

/// Code of a province.
#[derive(Debug, Serialize, ToSchema)]
#[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
struct ProvinceCode(String);

/// The figures of one province.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AggregateProvince {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Its name on the day that is shown.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    name: String,
    /// Its first day under this code.
    #[schema(example = "2004-07-08")]
    valid_from: NaiveDate,
    /// Codes of the provinces whose reports it is made from: several where they were merged since.
    #[schema(min_items = 1, max_items = 100)]
    reported_by: Vec<ProvinceCode>,
    /// The same provinces by code, name and first day, as they were when the data closed: a code alone names nothing.
    #[schema(min_items = 1, max_items = 100)]
    reporters: Vec<ProvinceOfDay>,
    /// Its figures, in the order of the form.
    #[schema(max_items = 100)]
    indicators: Vec<IndicatorFigure>,
}

/// The provinces' reports on a period, as one.
///
/// `digest` is SHA-256 over the canonical JSON (RFC 8785) of the members `formVersion`, `indicators`, `missing`,
/// `period` and `sources`.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AggregateView {
    /// The period.
    period: Period,
    /// The dates whose facts are counted; absent for a review that no rule has set.
    data_window: Option<DataWindow>,
    /// Version of the form.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")]
    form_version: String,
    /// The totals: sums added, ratios from the sums of numerators and denominators.
    #[schema(max_items = 100)]
    indicators: Vec<IndicatorFigure>,
    /// The figures of each province, when asked for.
    #[schema(max_items = 100)]
    provinces: Option<Vec<AggregateProvince>>,
    /// The reports that the totals are made from, in the order of provinces.
    #[schema(max_items = 100)]
    sources: Vec<AggregateSource>,
    /// Provinces that owe a report and have none that stands.
    #[schema(max_items = 100)]
    missing: Vec<MissingProvince>,
    /// Digest of the totals and of what they are made from.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    digest: String,
    /// The seal of the service over the same content, where it has a key: a JWS (RFC 7515) without its payload, to be
    /// checked with the keys at `/.well-known/jwks.json`.
    #[schema(min_length = 10, max_length = 1000, pattern = r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$")]
    signature: Option<String>,
}

fn published(figures: &[Figure]) -> Vec<IndicatorFigure> {
    figures.iter().map(IndicatorFigure::of).collect()
}

impl AggregateView {
    fn of(
        aggregate: Aggregate,
        data_window: Option<DataWindow>,
        by: Option<AggregateBy>,
        signature: Option<String>,
    ) -> Self {
        let Aggregate { period, form, totals, provinces, sources, missing, digest } = aggregate;
        let province = |ProvinceFigures { province, reported_by, figures }: ProvinceFigures| AggregateProvince {
            province: province.province,
            name: province.name,
            valid_from: province.valid_from,
            reported_by: reported_by.iter().map(|reporter| ProvinceCode(reporter.province.clone())).collect(),
            reporters: reported_by,
            indicators: published(&figures),
        };
        Self {
            period,
            data_window,
            form_version: form,
            indicators: published(&totals),
            provinces: by.map(|AggregateBy::Province| provinces.into_iter().map(province).collect()),
            sources,
            missing,
            digest,
            signature,
        }
    }
}

/// What will be quoted is not known.
fn not_in_future(at: DateTime<Utc>, call: &Call) -> Result<(), ApiError> {
    if at <= call.now().0 {
        return Ok(());
    }
    let (vi, en) = ("Thời điểm này ở tương lai.", "This instant lies in the future.");
    let fault = Fault::at("#asOf", Rule::DateInFuture.code(), vi, en);
    Err(ApiError::faults(Kind::InvalidQuery, vec![fault]))
}

/// The provinces to show figures in whose data close on a day.
///
/// # Errors
/// Provinces were merged between the day asked for and the closing of the data.
pub(super) async fn province_tree(
    call: &Call,
    tree: Tree,
    (closes, today): (NaiveDate, NaiveDate),
) -> Result<ProvinceTree, ApiError> {
    let day = match tree {
        // What is not closed yet is shown as it will be; nothing is known of mergers to come.
        Tree::Current => tree.day(today).map_or(closes, |today| today.max(closes)),
        Tree::AsReported | Tree::On(_) => tree.day(today).unwrap_or(closes),
    };
    let shown = territory::province_tree(call.db(), day).await?;
    let Some(changed) = shown.changed_by(closes) else { return Ok(shown) };
    let vi = format!(
        "Số liệu của kỳ chốt ngày {closes}; các tỉnh ngày {day} đã thay đổi từ ngày {changed}, báo cáo của tỉnh sau sáp nhập \
         không cho biết số liệu của từng tỉnh cũ."
    );
    let en = format!(
        "The data of the period close on {closes}; the provinces of {day} changed on {changed}, and a report of a merged \
         province says nothing of its parts."
    );
    let fault = Fault::at("#tree", Rule::DatesOutOfOrder.code(), &vi, &en);
    Err(ApiError::faults(Kind::InvalidQuery, vec![fault]))
}

/// Aggregate the provinces' reports on a period
///
/// From the reports that stand, by each indicator's own rule; it names its sources with revision and digest, and the
/// provinces that are missing. The reports of localities and departments are not added: the province's figures hold
/// them already.
#[utoipa::path(
    tag = "Aggregates",
    operation_id = "getAggregate",
    params(AggregateQuery),
    responses((status = 200, description = "The aggregate.", body = AggregateView)),
    security(("bearer" = ["aggregates:read"]))
)]
#[get("/v1/aggregates")]
async fn read(call: Call, Query(query): Query<AggregateQuery>) -> Answer {
    let AggregateQuery { period, by, tree, as_of } = query;
    as_of.map_or(Ok(()), |at| not_in_future(at, &call))?;
    let then = as_of.map_or(call.today(), |at| Moment(at).today());
    let window = reporting_deadlines::calendar_at(call.db(), period, as_of).await?.whole(period);
    let closes = window.map_or(then, |window| window.to_date);
    let form = report_forms::of_day_at(call.db(), closes, as_of).await?;
    let of = (period, form.version.as_str());
    let standing = match as_of {
        Some(at) => reports::of_provinces_at(call.db(), call.scope(), of, at).await?,
        None => reports::of_provinces(call.db(), call.scope(), of).await?,
    };
    let owing = obligations::provinces(call.db(), call.scope(), period, as_of).await?;
    let tree = province_tree(&call, tree, (closes, then)).await?;
    let aggregate = Aggregate::of(&form, period, &standing, &owing, (&tree, closes));
    let signature = call.seal(&aggregate.canonical())?;
    call.computed(&AggregateView::of(aggregate, window, by, signature))
}
