//! The figures of several provinces as one: made from the reports that stand, never from the records again, so that
//! whoever has the same reports gets the same sums. It names its sources and carries a digest of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::digest::{canonical, sha256_hex};
use super::indicator::{Figure, over_units};
use super::period::Period;
use super::report::{IndicatorFigure, PeriodicReport, ReportForm, ReportLevel, ReportState};

/// A report that an aggregate is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AggregateSource {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// The report.
    pub report: Uuid,
    /// The agency that made it.
    pub agency: Uuid,
    /// Its revision.
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    pub revision: u16,
    /// Accepted, or submitted and still under review.
    pub state: ReportState,
    /// Digest of its content.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
}

/// A province that owes a report and has none that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingProvince {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "91")]
    pub province: String,
}

/// The figures of one province in an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceFigures {
    /// Code of the province, in the order of units that was asked for.
    pub province: String,
    /// Codes of the provinces whose reports it is made from.
    pub reported_by: Vec<String>,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// The provinces' reports on a period, as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// The period.
    pub period: Period,
    /// Version of the form that the reports follow.
    pub form: String,
    /// The figures of all, by each indicator's own rule.
    pub totals: Vec<Figure>,
    /// The figures of each province.
    pub provinces: Vec<ProvinceFigures>,
    /// What it is made from, in the order of provinces.
    pub sources: Vec<AggregateSource>,
    /// Provinces that owe a report and have none that stands, in order.
    pub missing: Vec<MissingProvince>,
    /// Digest of what it says and what it is made from.
    pub digest: String,
}

/// What the digest of an aggregate is taken over, member by member as published.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sealed<'a> {
    form_version: &'a str,
    indicators: Vec<IndicatorFigure>,
    missing: &'a [MissingProvince],
    period: Period,
    sources: &'a [AggregateSource],
}

impl Aggregate {
    /// Sums the provinces' reports of a form that stand. `owing` are the provinces that a report is expected from. `merged` says
    /// in which province a province is shown that is another by now: the totals, their sources and the digest are the
    /// same in every order of units.
    pub fn of(
        form: &ReportForm,
        period: Period,
        reports: &[PeriodicReport],
        owing: &BTreeSet<String>,
        merged: &HashMap<String, String>,
    ) -> Self {
        let stands = |report: &&PeriodicReport| {
            let of_it = report.form == form.version && report.period == period;
            report.authoritative && report.reporter.level == ReportLevel::Province && of_it
        };
        let mut reports: Vec<_> = reports.iter().filter(stands).collect();
        reports.sort_by(|a, b| (&a.reporter.province, a.id).cmp(&(&b.reporter.province, b.id)));
        let mut shown: BTreeMap<&String, Vec<&PeriodicReport>> = BTreeMap::new();
        for report in &reports {
            let reported = &report.reporter.province;
            shown.entry(merged.get(reported).unwrap_or(reported)).or_default().push(report);
        }
        let provinces = shown.into_iter().map(|(province, reports)| ProvinceFigures {
            province: province.clone(),
            reported_by: reports.iter().map(|report| report.reporter.province.clone()).collect(),
            figures: added(form, period, &reports),
        });
        let (provinces, totals) = (provinces.collect(), added(form, period, &reports));
        let sources: Vec<_> = reports.iter().map(|report| source(report)).collect();
        let heard: BTreeSet<_> = sources.iter().map(|source| &source.province).collect();
        let missing = owing.iter().filter(|province| !heard.contains(province)).cloned();
        let missing = missing.map(|province| MissingProvince { province }).collect();
        let form = form.version.clone();
        Self { period, form, totals, provinces, sources, missing, digest: String::new() }.sealed()
    }

    /// The canonical JSON of what it says and what it is made from: what its digest and its signature are taken over.
    pub fn canonical(&self) -> String {
        let content = Sealed {
            form_version: &self.form,
            indicators: self.totals.iter().map(IndicatorFigure::of).collect(),
            missing: &self.missing,
            period: self.period,
            sources: &self.sources,
        };
        serde_json::to_value(content).map(|content| canonical(&content)).unwrap_or_default()
    }

    fn sealed(self) -> Self {
        let digest = sha256_hex(&self.canonical());
        Self { digest, ..self }
    }
}

/// The figures of several reports as one; those of a single report are its own.
fn added(form: &ReportForm, period: Period, reports: &[&PeriodicReport]) -> Vec<Figure> {
    let all: Vec<Figure> = reports.iter().flat_map(|report| report.effective_figures()).collect();
    form.of(ReportLevel::Province, period).map(|indicator| over_units(indicator, &all)).collect()
}

fn source(report: &PeriodicReport) -> AggregateSource {
    AggregateSource {
        province: report.reporter.province.clone(),
        report: report.id,
        agency: report.reporter.agency,
        revision: report.revision,
        state: report.progress.state(),
        content_hash: report.content_hash.clone(),
    }
}
