//! Who owes a report on a period, and how complete a period is.

use std::collections::BTreeMap;

use crate::api::service_config::ServiceConfig;
use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::{Call, Query};
use super::error::Answer;
use crate::domain::agency::Successor;
use crate::domain::deadline::Deadline;
use crate::domain::moment::Moment;
use crate::domain::obligation::{
    Completeness, DueReason, DueState, Obligation, ObligationState, ReportDue, standing_at,
};
use crate::domain::period::{DataWindow, Period};
use crate::domain::report::{ReportLevel, Timeliness};
use crate::domain::reporting_deadline::WindowBasis;
use crate::store::{obligations, reporting_deadlines};

/// The routes of these resources.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(completeness);
}

/// Asks for the obligations of a period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ObligationQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12]|R)?$", example = "2023")]
    period: Period,
    /// The reporting agency.
    #[param(nullable = false)]
    agency: Option<Uuid>,
}

/// Asks how complete a period is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CompletenessQuery {
    /// The period, such as `2023` or `2023S1`.
    #[param(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12]|R)?$", example = "2023")]
    period: Period,
}

/// When a report is due, and what made it so.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportDueView {
    /// The last day, or the day before which: as the rule or the exception names it, or as holidays moved it on.
    due_on: NaiveDate,
    /// The day that the rule names, where holidays left no working day between the closing of the data and that day: the
    /// deadline is the first working day then. Holidays count as far as they were known before the deadline passed.
    named_on: Option<NaiveDate>,
    /// Whether that day is in time to its end (*chậm nhất vào ngày*), or is late already (*trước ngày*).
    last_day_counts: bool,
    /// The first instant that is too late; days are days in `Asia/Ho_Chi_Minh`.
    timely_until: DateTime<Utc>,
    /// The first instant at which nothing is taken in any more; never when absent.
    locks_at: Option<DateTime<Utc>>,
    /// The regime that sets it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Chương trình hỗ trợ HTX, 124/2021/TT-BTC")]
    regime: Option<String>,
    /// The rule: a `reporting-deadline`.
    rule: Option<Uuid>,
    /// The exception that takes its place: a `reporting-exception`.
    exception: Option<Uuid>,
    /// Document and article, or the document that grants the exception.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "124/2021/TT-BTC")]
    legal_basis: String,
}

impl From<ReportDue> for ReportDueView {
    fn from(due: ReportDue) -> Self {
        let (timely_until, locks_at) = (due.deadline.passes_at(), due.locks_at());
        let ReportDue { deadline, named_on, lock: _, regime, rule, exception } = due;
        let Deadline { on_date, last_day_counts, legal_basis } = deadline;
        Self {
            due_on: on_date,
            named_on,
            last_day_counts,
            timely_until,
            locks_at,
            regime,
            rule,
            exception,
            legal_basis,
        }
    }
}

/// By when one regime asks for a report, and whether one sent now would be in time under it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegimeDeadlineView {
    /// Its deadline.
    deadline: ReportDueView,
    /// Whether a report sent now would be in time under this regime alone.
    due: DueState,
    /// Why.
    reason: DueReason,
}

/// A duty to report on a period.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ObligationView {
    /// The agency that owes the report.
    agency: Uuid,
    /// Its name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Ủy ban nhân dân thành phố Long Xuyên")]
    agency_name: String,
    /// Who acts for that agency today, where it was merged or abolished since.
    successor: Option<Successor>,
    /// On whose work it reports.
    level: ReportLevel,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "883")]
    unit: String,
    /// The agency that receives it; absent for the ministry.
    recipient: Option<Uuid>,
    /// The dates whose facts it reports: a rule may set others for a level than for the provinces.
    data_window: DataWindow,
    /// What that window rests on: a rule that states it, else the decree.
    window_basis: WindowBasis,
    /// The documents that make the duty: the scheme and the plan of the province.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "2129/QĐ-UBND VI.2.2, VII.9")]
    legal_basis: String,
    /// How far it has come, as the caller can see.
    state: ObligationState,
    /// Whether a report sent now would be in time.
    due: DueState,
    /// Why.
    reason: DueReason,
    /// The deadline: of several regimes' the earliest, with the lock that is the last of theirs; an exception takes its place.
    /// Absent while none is set: the scheme's own dates are not public.
    deadline: Option<ReportDueView>,
    /// What each regime asks, the earliest first, whatever exception there is.
    #[schema(max_items = 1000)]
    deadlines: Vec<RegimeDeadlineView>,
    /// The report that stands, else the latest revision that the caller can see.
    report: Option<Uuid>,
    /// Its revision.
    #[schema(minimum = 1, maximum = 1000)]
    revision: Option<u16>,
    /// When it was last submitted.
    submitted_at: Option<DateTime<Utc>>,
    /// Whether that was in time.
    timeliness: Option<Timeliness>,
}

impl ObligationView {
    fn at(obligation: Obligation, now: Moment) -> Self {
        let (state, (standing, reason)) = (obligation.state(), obligation.standing(now));
        let Obligation {
            reporter,
            agency_name,
            plan,
            successor,
            recipient,
            period: _,
            window,
            window_basis,
            due,
            dues,
            report,
        } = obligation;
        let of_regime = |due: ReportDue| {
            let (standing, reason) = standing_at(window, Some(&due), now);
            RegimeDeadlineView { deadline: due.into(), due: standing, reason }
        };
        Self {
            agency: reporter.agency,
            agency_name,
            successor,
            level: reporter.level,
            province: reporter.province,
            unit: reporter.unit,
            recipient,
            data_window: window,
            window_basis,
            legal_basis: reporter.level.legal_basis(plan.as_deref()),
            state,
            due: standing,
            reason,
            deadline: due.map(ReportDueView::from),
            deadlines: dues.into_iter().map(of_regime).collect(),
            report: report.as_ref().map(|report| report.id),
            revision: report.as_ref().map(|report| report.revision),
            submitted_at: report.as_ref().and_then(|report| report.submitted_at),
            timeliness: report.and_then(|report| report.timeliness),
        }
    }
}

/// The obligations of a period, within the caller's reach.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ObligationList {
    /// The period.
    period: Period,
    /// The dates whose facts the provinces report, each item having its own; absent for a review that no rule has set.
    data_window: Option<DataWindow>,
    /// Who owes what, in the order of agencies.
    #[schema(max_items = 10_000)]
    items: Vec<ObligationView>,
}

/// How many of the reports owed are there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CompletenessCounts {
    /// Owed.
    #[schema(minimum = 0, maximum = 100_000, example = 14)]
    expected: u32,
    /// Received and not sent back.
    #[schema(minimum = 0, maximum = 100_000, example = 12)]
    received: u32,
    /// Of them, in time; those without a deadline are not counted.
    #[schema(minimum = 0, maximum = 100_000, example = 11)]
    on_time: u32,
    /// Of them, late.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    late: u32,
    /// Of them, accepted.
    #[schema(minimum = 0, maximum = 100_000, example = 10)]
    accepted: u32,
}

impl From<Completeness> for CompletenessCounts {
    fn from(counted: Completeness) -> Self {
        let Completeness { expected, received, on_time, late, accepted } = counted;
        Self { expected, received, on_time, late, accepted }
    }
}

/// How complete one level of reports is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LevelCompleteness {
    /// The level.
    level: ReportLevel,
    /// Its counts.
    counts: CompletenessCounts,
}

/// How complete the reports of one province are, all levels together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProvinceCompleteness {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Its counts.
    counts: CompletenessCounts,
}

/// How complete the reports on one unit are: of its locality, or of a province's lead agency and departments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnitCompleteness {
    /// Code of the unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "883")]
    unit: String,
    /// Its counts.
    counts: CompletenessCounts,
}

/// How complete the reports of a period are, within the caller's reach.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportCompleteness {
    /// The period.
    period: Period,
    /// The dates whose facts are reported; absent for a review that no rule has set.
    data_window: Option<DataWindow>,
    /// All reports.
    total: CompletenessCounts,
    /// Level by level.
    #[schema(max_items = 3)]
    levels: Vec<LevelCompleteness>,
    /// Province by province.
    #[schema(max_items = 100)]
    provinces: Vec<ProvinceCompleteness>,
    /// Unit by unit.
    #[schema(max_items = 10_000)]
    units: Vec<UnitCompleteness>,
    /// What is owed and not received.
    #[schema(max_items = 10_000)]
    missing: Vec<ObligationView>,
}

/// List the reporting obligations of a period
///
/// Who owes a report, to whom, on what legal basis, until when, and how far it has come. Localities and the line
/// departments with pilots owe the lead agency; the lead agency owes the ministry.
#[utoipa::path(
    tag = "Reports",
    operation_id = "listReportingObligations",
    params(ObligationQuery),
    responses((status = 200, description = "The obligations.", body = ObligationList)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/reporting-obligations")]
async fn list(call: Call, Query(query): Query<ObligationQuery>) -> Answer {
    let ObligationQuery { period, agency } = query;
    let owed = obligations::of_period(call.db(), call.caller(), agency, period, call.today()).await?;
    let items = owed.into_iter().map(|obligation| ObligationView::at(obligation, call.now())).collect();
    let data_window = reporting_deadlines::calendar(call.db(), period).await?.whole(period);
    call.computed(&ObligationList { period, data_window, items })
}

/// Tell how complete the reports of a period are
///
/// Expected, received, in time, accepted, by level, by province and by unit, and what is missing.
#[utoipa::path(
    tag = "Reports",
    operation_id = "getReportCompleteness",
    params(CompletenessQuery),
    responses((status = 200, description = "The counts, and what is missing.", body = ReportCompleteness)),
    security(("bearer" = ["reports:read"]))
)]
#[get("/v1/report-completeness")]
async fn completeness(call: Call, Query(query): Query<CompletenessQuery>) -> Answer {
    let period = query.period;
    let owed = obligations::of_period(call.db(), call.caller(), None, period, call.today()).await?;
    let level = |level: &ReportLevel| LevelCompleteness {
        level: *level,
        counts: Completeness::of(owed.iter().filter(|owed| owed.reporter.level == *level)).into(),
    };
    let (mut by_province, mut by_unit) = (BTreeMap::<&str, Vec<&Obligation>>::new(), BTreeMap::<_, Vec<_>>::new());
    for obligation in &owed {
        by_province.entry(&obligation.reporter.province).or_default().push(obligation);
        by_unit.entry(obligation.reporter.unit.clone()).or_default().push(obligation);
    }
    let unit =
        |(unit, owed): (String, Vec<&Obligation>)| UnitCompleteness { unit, counts: Completeness::of(owed).into() };
    let province = |(province, owed): (&str, Vec<&Obligation>)| ProvinceCompleteness {
        province: province.to_owned(),
        counts: Completeness::of(owed).into(),
    };
    let (total, levels) = (Completeness::of(&owed).into(), ReportLevel::ALL.iter().map(level).collect());
    let (provinces, units) = (by_province.into_iter().map(province).collect(), by_unit.into_iter().map(unit).collect());
    let missing = owed.into_iter().filter(|obligation| !obligation.is_received());
    let missing = missing.map(|obligation| ObligationView::at(obligation, call.now())).collect();
    let data_window = reporting_deadlines::calendar(call.db(), period).await?.whole(period);
    call.computed(&ReportCompleteness { period, data_window, total, levels, provinces, units, missing })
}
