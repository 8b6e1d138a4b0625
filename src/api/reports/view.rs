//! A periodic report as it is published.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::period::{DataWindow, Period};
use crate::domain::report::{
    FigureChange, IndicatorFigure, NarrativeSection, PeriodicReport, ReportLevel, ReportState, SectionChange,
    SourceReport, Timeliness,
};

/// One revision of a periodic report.
///
/// `contentHash` is SHA-256 over the canonical JSON (RFC 8785) of the members `agency`, `dataWindow`, `formVersion`,
/// `indicators`, `level`, `narrative`, `period`, `province`, `revision`, `revisionReason` and `sources` (where given) and `unit`.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeriodicReportView {
    /// Identifier.
    id: Uuid,
    /// The reporting agency.
    agency: Uuid,
    /// On whose work it is, and so who receives it.
    level: ReportLevel,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the unit: a locality's district or commune, else the province.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "883")]
    unit: String,
    /// The period.
    period: Period,
    /// The dates whose facts are counted (Decree 09/2019/NĐ-CP).
    data_window: DataWindow,
    /// Version of the form.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.1")]
    form_version: String,
    /// Revision, counted from 1.
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    revision: u16,
    /// The accepted revision that this one restates.
    previous: Option<Uuid>,
    /// Why it is restated.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    revision_reason: Option<String>,
    /// The figures that this revision changes against the one that it restates.
    #[schema(max_items = 100)]
    delta: Option<Vec<FigureChange>>,
    /// The sections in words that this revision changes; absent where those of the one before were not kept.
    #[schema(max_items = 60)]
    narrative_delta: Option<Vec<SectionChange>>,
    /// Who drafted this revision.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "lead-agency@89")]
    created_by: String,
    /// Who last submitted it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "peoples-committee@89")]
    submitted_by: Option<String>,
    /// Who returned or accepted it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "ministry")]
    answered_by: Option<String>,
    /// The revision that restates this one, once opened.
    next: Option<Uuid>,
    /// Where it stands.
    state: ReportState,
    /// Whether this is the revision that stands for its unit, period and form (of departments: for its agency): the
    /// last accepted, or the first while it is under review.
    authoritative: bool,
    /// Number of the document it was signed off with.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    document_number: Option<String>,
    /// The date of that document.
    document_date: Option<NaiveDate>,
    /// Who signed it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    signatory: Option<String>,
    /// When it was last submitted.
    submitted_at: Option<DateTime<Utc>>,
    /// Whether that was in time.
    timeliness: Option<Timeliness>,
    /// When it was returned or accepted.
    answered_at: Option<DateTime<Utc>>,
    /// What is to be corrected, or a remark of who accepted it.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    comment: Option<String>,
    /// The figures, in the order of the form.
    #[schema(max_items = 100)]
    indicators: Vec<IndicatorFigure>,
    /// The sections in words.
    #[schema(max_items = 30)]
    narrative: Vec<NarrativeSection>,
    /// Of a province: the reports of localities and departments that were accepted when its figures were computed. What
    /// localities entered by hand is added up; all else comes from the records.
    #[schema(max_items = 10_000)]
    sources: Option<Vec<SourceReport>>,
    /// When the figures were computed from the records.
    computed_at: DateTime<Utc>,
    /// Digest of the content.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    content_hash: String,
    /// The seal of the service over the content that was submitted, where it has a key: a JWS (RFC 7515) without its
    /// payload, which is the canonical JSON; to be checked with the keys at `/.well-known/jwks.json`.
    #[schema(min_length = 10, max_length = 1000, pattern = r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$")]
    signature: Option<String>,
    /// Digest of how that content was signed off: SHA-256 over the canonical JSON of the members `contentHash`,
    /// `documentDate`, `documentNumber`, `id` and `signatory`.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    sign_off_hash: Option<String>,
    /// The seal of the service over the same members, like `signature`: content, document and signatory are one.
    #[schema(min_length = 10, max_length = 1000, pattern = r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$")]
    sign_off_signature: Option<String>,
    /// When its receiver confirmed to have taken this content over.
    received_at: Option<DateTime<Utc>>,
    /// Number under which the receiver filed it.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    receipt_number: Option<String>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<PeriodicReport> for PeriodicReportView {
    fn from(report: PeriodicReport) -> Self {
        let (indicators, delta, narrative_delta) = (report.indicators(), report.delta(), report.narrative_delta());
        let sign_off_hash = report.sign_off_hash();
        let PeriodicReport {
            id,
            version: _,
            reporter,
            period,
            window,
            form,
            revision,
            restates,
            next,
            figures: _,
            narrative,
            sources,
            computed_at,
            progress,
            authoritative,
            content_hash,
            signature,
            sign_off_signature,
            receipt,
            created_by,
            writers: _,
            recorded_at,
            updated_at,
        } = report;
        let submission = progress.submission();
        let sign_off = submission.map(|submission| &submission.sign_off);
        let answer = progress.answer();
        Self {
            id,
            agency: reporter.agency,
            level: reporter.level,
            province: reporter.province,
            unit: reporter.unit,
            period,
            data_window: window,
            form_version: form,
            revision,
            previous: restates.as_ref().map(|restated| restated.report),
            delta: restates.as_ref().map(|_| delta),
            narrative_delta,
            revision_reason: restates.map(|restated| restated.reason),
            created_by,
            submitted_by: submission.map(|submission| submission.by.clone()),
            answered_by: answer.map(|answer| answer.by.clone()),
            next,
            state: progress.state(),
            authoritative,
            document_number: sign_off.map(|signed| signed.document_number.clone()),
            document_date: sign_off.map(|signed| signed.document_date),
            signatory: sign_off.map(|signed| signed.signatory.clone()),
            submitted_at: submission.map(|submission| submission.at),
            timeliness: submission.map(|submission| submission.timeliness),
            answered_at: answer.map(|answer| answer.at),
            comment: answer.and_then(|answer| answer.comment.clone()),
            indicators,
            narrative,
            sources: Some(sources).filter(|sources| !sources.is_empty()),
            computed_at,
            content_hash,
            signature,
            sign_off_hash,
            sign_off_signature,
            received_at: receipt.as_ref().map(|receipt| receipt.at),
            receipt_number: receipt.and_then(|receipt| receipt.number),
            recorded_at,
            updated_at,
        }
    }
}
