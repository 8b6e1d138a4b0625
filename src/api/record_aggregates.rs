//! The figures of all provinces as the records stand now: what reports would say, before anybody reports.

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::aggregates::province_tree;
use super::call::{Call, Query};
use super::error::{Answer, ApiError, Kind};
use crate::domain::indicator::{Figure, over_units};
use crate::domain::period::{DataWindow, Occasion, Period};
use crate::domain::refusal::{Fault, Rule};
use crate::domain::report::{IndicatorFigure, ReportForm, ReportLevel};
use crate::domain::role::Scope;
use crate::domain::territory::{ProvinceOfDay, Tree};
use crate::store::indicators::{self, Places};
use crate::store::{report_forms, reporting_deadlines};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// Asks for the figures of a period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct RecordAggregateQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12]|R)?$", example = "2023")]
    period: Period,
    /// The provinces to show: those of the day on which the data close (`asReported`, the default), `current`, or those of a
    /// day, but none before a merger that the data come after. What is placed in a province that was merged by then is
    /// counted in the one it is part of.
    #[serde(default)]
    #[param(value_type = String, required = false, nullable = false, min_length = 7, max_length = 10,
        pattern = "^(asReported|current|[0-9]{4}-[0-9]{2}-[0-9]{2})$", example = "current")]
    tree: Tree,
}

/// The figures of one province.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecordedProvince {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Its name on the day that is shown.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    name: String,
    /// Its first day under this code.
    #[schema(example = "2004-07-08")]
    valid_from: NaiveDate,
    /// Its figures, in the order of the form.
    #[schema(max_items = 100)]
    indicators: Vec<IndicatorFigure>,
}

/// The figures of all provinces that have records.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecordAggregate {
    /// The period.
    period: Period,
    /// The dates whose facts are counted.
    data_window: DataWindow,
    /// Version of the form.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")]
    form_version: String,
    /// The figures of all, by each indicator's own rule.
    #[schema(max_items = 100)]
    indicators: Vec<IndicatorFigure>,
    /// The figures of each province.
    #[schema(max_items = 100)]
    provinces: Vec<RecordedProvince>,
}

/// The figures of all provinces as one: what is counted once was counted again over all of them.
fn added(form: &ReportForm, period: Period, figures: &[Figure], again: &[Figure]) -> Vec<IndicatorFigure> {
    let whole = |indicator| match again.iter().find(|figure| figure.indicator == indicator) {
        Some(counted) => IndicatorFigure::of(counted),
        None => IndicatorFigure::of(&over_units(indicator, figures)),
    };
    form.of(ReportLevel::Province, period).map(whole).collect()
}

fn no_window() -> ApiError {
    let (vi, en) = ("Kỳ này chưa có thời kỳ số liệu.", "No data window is set for this period.");
    ApiError::faults(Kind::InvalidQuery, vec![Fault::at("#period", Rule::WindowMissing.code(), vi, en)])
}

/// Aggregate the records of a period
///
/// By province, as the records stand now, in one round of queries whatever the number of provinces: to hold reports
/// against, or to see where a period stands before it is reported on. Nothing here is quoted: `aggregates` is.
#[utoipa::path(
    tag = "Aggregates",
    operation_id = "getRecordAggregate",
    params(RecordAggregateQuery),
    responses((status = 200, description = "The figures.", body = RecordAggregate)),
    security(("bearer" = ["aggregates:read"]))
)]
#[get("/v1/record-aggregates")]
async fn read(call: Call, Query(query): Query<RecordAggregateQuery>) -> Answer {
    let RecordAggregateQuery { period, tree } = query;
    let window = reporting_deadlines::calendar(call.db(), period).await?.whole(period).ok_or_else(no_window)?;
    let form = report_forms::of_day(call.db(), window.to_date).await?;
    let codes = match call.scope() {
        Scope::Province(codes) | Scope::Locality { province: codes, .. } => Some(codes),
        Scope::Country | Scope::Cooperative(_) => None,
    };
    let occasion = Occasion { period, window };
    let tree = province_tree(&call, tree, (window.to_date, call.today())).await?;
    let places =
        Places { level: ReportLevel::Province, provinces: codes, merged: tree.merged(), before: tree.before_changes() };
    let shown = indicators::by_place(call.db(), &form, places, occasion).await?;
    let again = indicators::distinct(call.db(), places, occasion).await?;
    let all: Vec<Figure> = shown.values().flatten().cloned().collect();
    let province = |(code, figures): (String, Vec<Figure>)| {
        let ProvinceOfDay { province, name, valid_from } = tree.shown(&code);
        RecordedProvince { province, name, valid_from, indicators: figures.iter().map(IndicatorFigure::of).collect() }
    };
    call.computed(&RecordAggregate {
        period,
        data_window: window,
        form_version: form.version.clone(),
        indicators: added(&form, period, &all, &again),
        provinces: shown.into_iter().map(province).collect(),
    })
}
