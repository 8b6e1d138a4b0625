//! What a report says, as published, and the digest of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PeriodicReport, ReportLevel, ReportedFigure, SignOff, SourceReport};
use crate::domain::digest::{canonical, sha256_hex};
use crate::domain::indicator::{
    BreakdownPart, Figure, FigureStatus, FurtherBreakdown, Indicator, IndicatorMeasure, IndicatorUnit,
};
use crate::domain::period::{DataWindow, Occasion, Period};
use crate::domain::quantity::Quantity;

/// A section of the report in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NarrativeSection {
    /// What the section is on: `results`, `support`, `obstacles`, `proposals`, `next_steps`, `communication`, `replication`, …
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z][a-z_]*$", example = "results")]
    pub code: String,
    /// Its text.
    #[schema(
        min_length = 1,
        max_length = 20000,
        pattern = r"\S",
        example = "Đã hoàn thiện kế hoạch của 05 HTX thí điểm."
    )]
    pub text: String,
}

/// A figure of a report.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndicatorFigure {
    /// Code of the indicator, see `GET /v1/indicators`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "pilots_active")]
    pub code: String,
    /// What it is measured in.
    pub unit: IndicatorUnit,
    /// How sure it is.
    pub status: FigureStatus,
    /// The value that counts. Absent when there is none: nothing is known, or the denominator is zero.
    pub value: Option<Quantity>,
    /// Of a ratio: what is divided.
    pub numerator: Option<Quantity>,
    /// Of a ratio: what it is divided by.
    pub denominator: Option<Quantity>,
    /// Of an indicator that has a breakdown: its parts, which sum to the value.
    #[schema(max_items = 200)]
    pub breakdown: Option<Vec<BreakdownPart>>,
    /// Other breakdowns of the same value, where there are any: funds by source and by nature, pilots by kind of support.
    #[schema(min_items = 1, max_items = 5)]
    pub further_breakdowns: Option<Vec<FurtherBreakdown>>,
    /// What was computed from the records, where the agency put another figure in its place.
    pub computed: Option<IndicatorMeasure>,
    /// Why it did.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    pub override_reason: Option<String>,
}

impl IndicatorFigure {
    /// Publishes a figure.
    pub fn of(figure: &Figure) -> Self {
        let Figure { indicator, measure, status } = figure;
        let IndicatorMeasure { value, numerator, denominator, breakdown, further_breakdowns } =
            IndicatorMeasure::of(*indicator, measure);
        Self {
            code: indicator.code().to_owned(),
            unit: indicator.unit(),
            status: *status,
            value,
            numerator,
            denominator,
            breakdown,
            further_breakdowns,
            computed: None,
            override_reason: None,
        }
    }

    /// Publishes a figure of a report: what counts, and what it was put in place of.
    pub fn reported(figure: &ReportedFigure) -> Self {
        let published = Self::of(&figure.effective());
        let Some(replacement) = &figure.replacement else { return published };
        let computed = IndicatorMeasure::of(figure.computed.indicator, &figure.computed.measure);
        Self { computed: Some(computed), override_reason: Some(replacement.reason.clone()), ..published }
    }
}

/// A figure that a revision changed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureChange {
    /// Code of the indicator.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "revenue")]
    pub code: String,
    /// The figure of the revision before; absent where it had none.
    pub before: Option<IndicatorMeasure>,
    /// The figure of this revision; absent where it has none.
    pub after: Option<IndicatorMeasure>,
    /// After less before, where both have a value.
    pub difference: Option<Quantity>,
    /// How sure the figure of the revision before was, where that changed.
    pub status_before: Option<FigureStatus>,
    /// How sure the figure of this revision is, where that changed.
    pub status_after: Option<FigureStatus>,
}

/// A section in words that a revision changed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionChange {
    /// What the section is on.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z][a-z_]*$", example = "results")]
    pub code: String,
    /// Its text in the revision before; absent where it is new.
    #[schema(min_length = 1, max_length = 20000, pattern = r"\S")]
    pub before: Option<String>,
    /// Its text in this revision; absent where it was taken out.
    #[schema(min_length = 1, max_length = 20000, pattern = r"\S")]
    pub after: Option<String>,
}

/// The content of a report: what its digest is taken over, member by member as published.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportContent<'a> {
    agency: Uuid,
    data_window: DataWindow,
    form_version: &'a str,
    indicators: Vec<IndicatorFigure>,
    level: ReportLevel,
    narrative: &'a [NarrativeSection],
    period: Period,
    province: &'a str,
    revision: u16,
    revision_reason: Option<&'a str>,
    sources: Option<&'a [SourceReport]>,
    unit: &'a str,
}

/// How a content was signed off: what its digest and its seal are taken over, member by member as published.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedContent<'a> {
    content_hash: &'a str,
    document_date: NaiveDate,
    document_number: &'a str,
    id: Uuid,
    signatory: &'a str,
}

impl PeriodicReport {
    /// The canonical JSON of how the content was signed off, with the document's number, date and signatory; none of a draft.
    pub fn canonical_sign_off(&self) -> Option<String> {
        let SignOff { document_number, document_date, signatory } = &self.progress.submission()?.sign_off;
        let (id, document_date, content_hash) = (self.id, *document_date, &self.content_hash);
        let signed = SignedContent { content_hash, document_date, document_number, id, signatory };
        serde_json::to_value(signed).map(|signed| canonical(&signed)).ok()
    }

    /// The digest of how the content was signed off.
    pub fn sign_off_hash(&self) -> Option<String> {
        self.canonical_sign_off().map(|text| sha256_hex(&text))
    }

    /// The period with its window.
    pub const fn occasion(&self) -> Occasion {
        Occasion { period: self.period, window: self.window }
    }

    /// The figures, as published.
    pub fn indicators(&self) -> Vec<IndicatorFigure> {
        self.figures.iter().map(IndicatorFigure::reported).collect()
    }

    /// The figures that count.
    pub fn effective_figures(&self) -> Vec<Figure> {
        self.figures.iter().map(ReportedFigure::effective).collect()
    }

    /// What the digest is taken over.
    pub fn content(&self) -> ReportContent<'_> {
        ReportContent {
            agency: self.reporter.agency,
            data_window: self.window,
            form_version: &self.form,
            indicators: self.indicators(),
            level: self.reporter.level,
            narrative: &self.narrative,
            period: self.period,
            province: &self.reporter.province,
            revision: self.revision,
            revision_reason: self.restates.as_ref().map(|restated| restated.reason.as_str()),
            sources: Some(self.sources.as_slice()).filter(|sources| !sources.is_empty()),
            unit: &self.reporter.unit,
        }
    }

    /// The canonical JSON of the content: what its digest and its signature are taken over.
    pub fn canonical(&self) -> String {
        // A content of strings, numbers and lists always has a JSON form.
        serde_json::to_value(self.content()).map(|content| canonical(&content)).unwrap_or_default()
    }

    /// The digest of the content: SHA-256 over its canonical JSON.
    pub(super) fn digest(&self) -> String {
        sha256_hex(&self.canonical())
    }

    /// What a revision changed against the one that it restates, in the order of its figures; what it has no longer comes last.
    pub fn delta(&self) -> Vec<FigureChange> {
        let Some(restated) = &self.restates else { return Vec::new() };
        let now = self.effective_figures();
        let of = |figures: &[Figure], indicator: Indicator| {
            figures.iter().find(|figure| figure.indicator == indicator).cloned()
        };
        let change = |indicator: &Indicator| {
            let (before, after) = (of(&restated.baseline, *indicator), of(&now, *indicator));
            (before != after).then(|| change(*indicator, before.as_ref(), after.as_ref()))
        };
        let dropped = restated.baseline.iter().filter(|figure| now.iter().all(|one| one.indicator != figure.indicator));
        now.iter().chain(dropped).filter_map(|figure| change(&figure.indicator)).collect()
    }

    /// What a revision changed in words, by the code of the section; none where what it restates was kept without its words.
    pub fn narrative_delta(&self) -> Option<Vec<SectionChange>> {
        let before = self.restates.as_ref()?.narrative.as_ref()?;
        let text = |sections: &[NarrativeSection], code: &str| {
            sections.iter().find(|section| section.code == code).map(|section| section.text.clone())
        };
        let codes: BTreeSet<&str> = before.iter().chain(&self.narrative).map(|section| section.code.as_str()).collect();
        let change = |code: &str| {
            let (before, after) = (text(before, code), text(&self.narrative, code));
            (before != after).then(|| SectionChange { code: code.to_owned(), before, after })
        };
        Some(codes.into_iter().filter_map(change).collect())
    }
}

fn change(indicator: Indicator, before: Option<&Figure>, after: Option<&Figure>) -> FigureChange {
    let view = |figure: &Figure| IndicatorMeasure::of(indicator, &figure.measure);
    let status = |figure: Option<&Figure>| figure.map(|figure| figure.status);
    let (status_before, status_after) = match (status(before), status(after)) {
        (was, is) if was == is => (None, None),
        changed => changed,
    };
    let (before, after) = (before.map(view), after.map(view));
    let value = |side: &Option<IndicatorMeasure>| side.as_ref().and_then(|view| view.value);
    let difference = value(&before).zip(value(&after)).map(|(before, after)| Quantity {
        units: after.units.saturating_sub(before.units),
        hundredths: after.hundredths,
    });
    let code = indicator.code().to_owned();
    FigureChange { code, before, after, difference, status_before, status_after }
}
