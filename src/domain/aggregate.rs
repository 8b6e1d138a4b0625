//! The figures of several provinces as one: made from the reports that stand, never from the records again, so that
//! whoever has the same reports gets the same sums. It names its sources and carries a digest of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::digest::{canonical, sha256_hex};
use super::indicator::{Figure, over_provinces};
use super::period::Period;
use super::report::{IndicatorFigure, PeriodicReport, ReportForm, ReportLevel, ReportState};
use super::territory::{ProvinceOfDay, ProvinceTree};

/// A report that an aggregate is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AggregateSource {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// Its name when the data of the report closed.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    pub name: String,
    /// Its first day under this code.
    #[schema(example = "2004-07-08")]
    pub valid_from: NaiveDate,
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
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingProvince {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "91")]
    pub province: String,
    /// Its name when the data closed.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh Kiên Giang")]
    pub name: String,
    /// Its first day under this code.
    #[schema(example = "2004-07-08")]
    pub valid_from: NaiveDate,
    /// The province that it is shown in, where it was merged by the day of the `tree`: what is missing there.
    pub shown_in: Option<ProvinceOfDay>,
}

/// The figures of one province in an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceFigures {
    /// The province, in the order of units that was asked for.
    pub province: ProvinceOfDay,
    /// The provinces whose reports it is made from, as they were when the data closed.
    pub reported_by: Vec<ProvinceOfDay>,
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
    /// Sums the provinces' reports of a form that stand. `owing` are the provinces that a report is expected from, `tree`
    /// says in which province each is shown: totals and sources are the same in every order of units. `closes` is the day on
    /// which the data close.
    pub fn of(
        form: &ReportForm,
        period: Period,
        reports: &[PeriodicReport],
        owing: &BTreeSet<String>,
        (tree, closes): (&ProvinceTree, NaiveDate),
    ) -> Self {
        let stands = |report: &&PeriodicReport| {
            let of_it = report.form == form.version && report.period == period;
            report.authoritative && report.reporter.level == ReportLevel::Province && of_it
        };
        let mut reports: Vec<_> = reports.iter().filter(stands).collect();
        reports.sort_by(|a, b| (&a.reporter.province, a.id).cmp(&(&b.reporter.province, b.id)));
        let mut shown: BTreeMap<&str, Vec<&PeriodicReport>> = BTreeMap::new();
        for report in &reports {
            shown.entry(tree.shown_in(&report.reporter.province)).or_default().push(report);
        }
        let provinces = shown.into_iter().map(|(province, reports)| ProvinceFigures {
            province: tree.shown(province),
            reported_by: reports.iter().map(|report| tree.named(&report.reporter.province, closes)).collect(),
            figures: added(form, period, &reports),
        });
        let (provinces, totals) = (provinces.collect(), added(form, period, &reports));
        let sources: Vec<_> = reports.iter().map(|report| source(report, tree)).collect();
        let heard: BTreeSet<_> = sources.iter().map(|source| &source.province).collect();
        let missing = owing.iter().filter(|province| !heard.contains(province));
        let missing = missing.map(|province| missing_one(province, tree, closes)).collect();
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
    form.of(ReportLevel::Province, period).map(|indicator| over_provinces(indicator, &all)).collect()
}

fn missing_one(code: &str, tree: &ProvinceTree, closes: NaiveDate) -> MissingProvince {
    let own = tree.named(code, closes);
    let shown = tree.shown(tree.shown_in(code));
    let shown_in = (own.province != shown.province).then_some(shown);
    let ProvinceOfDay { province, name, valid_from } = own;
    MissingProvince { province, name, valid_from, shown_in }
}

fn source(report: &PeriodicReport, tree: &ProvinceTree) -> AggregateSource {
    let ProvinceOfDay { province, name, valid_from } = tree.named(&report.reporter.province, report.window.to_date);
    AggregateSource {
        province,
        name,
        valid_from,
        report: report.id,
        agency: report.reporter.agency,
        revision: report.revision,
        state: report.progress.state(),
        content_hash: report.content_hash.clone(),
    }
}
