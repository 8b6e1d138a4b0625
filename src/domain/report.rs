//! The periodic report (*báo cáo định kỳ*) of six months or a year.
//!
//! Localities and the departments responsible for pilots report to the lead agency, which reports for the province to
//! the ministry (2129/QĐ-UBND VI.2.2, VII.1, VII.9). A report is drafted from the records, signed off with a document,
//! submitted, and returned or accepted by the agency above. What was accepted never changes: revision n+1 restates it,
//! with a reason and the difference. One revision stands for a unit, a period and a form, whichever agency made
//! it: the last one accepted, or the first while it is under review.

mod content;
mod duty;
mod form;
mod form_life;
mod life;
mod overrides;
mod receipt;
mod sources;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::indicator::{Figure, Indicator, Reach};
use super::period::{DataWindow, Period};
use super::role::names;
use super::writers::Writers;

pub use content::{FigureChange, IndicatorFigure, NarrativeSection, ReportContent, SectionChange};
pub use duty::{Candidate, duty_of, meant, no_duty, not_reported};
pub use form::{FormIndicator, ReportForm};
pub use form_life::{ActivatedForm, KeptForm, NewFormIndicator, NewReportForm, ReportBefore, ReportFormState};
pub use life::{Opening, ReportStep};
pub use overrides::{FigureOverride, Replacement, ReportedFigure, known_parts};
pub use receipt::Receipt;
pub use sources::{Drawn, SourceReport};

/// The scheme that the forms of the reports are of.
pub const FORM_SCHEME: &str = "QD167-2021-2025";

names! {
    /// On whose work a report is.
    ReportLevel {
        /// A locality's, to the lead agency (2129/QĐ-UBND VII.9).
        Locality = "locality",
        /// A line department's, on the pilots it is responsible for, to the lead agency (VII.2).
        LineDepartment = "line_department",
        /// The province's, by its lead agency, to the ministry (VII.1).
        Province = "province",
    }
}

names! {
    /// Where a report stands.
    ReportState {
        /// Being written; nobody else sees it.
        Draft = "draft",
        /// Sent to the agency above.
        Submitted = "submitted",
        /// Sent back with a comment, to be corrected and submitted again.
        Returned = "returned",
        /// Accepted: it never changes again.
        Accepted = "accepted",
    }
}

names! {
    /// Whether a report came in time.
    Timeliness {
        /// Within its deadline.
        OnTime = "on_time",
        /// After its deadline.
        Late = "late",
        /// No deadline is set for it.
        NoDeadline = "no_deadline",
    }
}

impl ReportLevel {
    /// Whether the reports of this level can carry an indicator at all.
    pub const fn reaches(self, indicator: Indicator) -> bool {
        match indicator.reach() {
            Reach::Pilots => true,
            Reach::Territory => !matches!(self, Self::LineDepartment),
            Reach::Province => matches!(self, Self::Province),
        }
    }
}

/// Who reports, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporter {
    /// The reporting agency.
    pub agency: Uuid,
    /// On whose work it reports.
    pub level: ReportLevel,
    /// The province.
    pub province: String,
    /// The unit of the agency: a locality's district or commune, else the province.
    pub unit: String,
}

/// What one report at a time stands for: a unit, whoever reports for it by now. The departments of a province share its unit,
/// so each of them stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReportedUnit {
    level: ReportLevel,
    province: String,
    unit: String,
    department: Option<Uuid>,
}

impl Reporter {
    /// What its report stands for.
    pub fn reported_unit(&self) -> ReportedUnit {
        let Self { agency, level, province, unit } = self;
        let department = (*level == ReportLevel::LineDepartment).then_some(*agency);
        ReportedUnit { level: *level, province: province.clone(), unit: unit.clone(), department }
    }
}

/// The document with which a report is signed off before it is sent (*ký ban hành*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Number of the document.
    pub document_number: String,
    /// The date it bears.
    pub document_date: NaiveDate,
    /// Who signed it.
    pub signatory: String,
}

/// How a report was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The signed document.
    pub sign_off: SignOff,
    /// Who submitted it.
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Whether that was in time.
    pub timeliness: Timeliness,
}

/// What the agency above answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who answered.
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What is to be corrected, or a remark.
    pub comment: Option<String>,
}

/// How far a report has come, with what exists only there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Being written.
    Draft,
    /// Sent.
    Submitted(Submission),
    /// Sent back.
    Returned(Submission, Answer),
    /// Accepted.
    Accepted(Submission, Answer),
}

impl Progress {
    /// The state by name.
    pub const fn state(&self) -> ReportState {
        match self {
            Self::Draft => ReportState::Draft,
            Self::Submitted(_) => ReportState::Submitted,
            Self::Returned(..) => ReportState::Returned,
            Self::Accepted(..) => ReportState::Accepted,
        }
    }

    /// How it was last submitted, if it was.
    pub const fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Draft => None,
            Self::Submitted(submission) | Self::Returned(submission, _) | Self::Accepted(submission, _) => {
                Some(submission)
            }
        }
    }

    /// What was last answered, while that is what stands.
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Draft | Self::Submitted(_) => None,
            Self::Returned(_, answer) | Self::Accepted(_, answer) => Some(answer),
        }
    }
}

/// What a revision after the first restates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restatement {
    /// The accepted revision before it.
    pub report: Uuid,
    /// Why it is restated.
    pub reason: String,
    /// The figures of that revision, which the difference is taken from.
    pub baseline: Vec<Figure>,
    /// Its sections in words; not known of revisions that were opened before these were kept.
    pub narrative: Option<Vec<NarrativeSection>>,
}

/// A periodic report: one revision of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodicReport {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// Who reports, and on what.
    pub reporter: Reporter,
    /// The period.
    pub period: Period,
    /// The dates whose facts it counts.
    pub window: DataWindow,
    /// Version of the form.
    pub form: String,
    /// Revision, counted from 1.
    pub revision: u16,
    /// What it restates, from the second revision on.
    pub restates: Option<Restatement>,
    /// The revision that restates this one, once opened.
    pub next: Option<Uuid>,
    /// The figures, in the order of the form.
    pub figures: Vec<ReportedFigure>,
    /// The sections in words.
    pub narrative: Vec<NarrativeSection>,
    /// The reports below it that were accepted when the figures were computed.
    pub sources: Vec<SourceReport>,
    /// When the figures were computed from the records.
    pub computed_at: DateTime<Utc>,
    /// How far it has come.
    pub progress: Progress,
    /// Whether this is the revision that stands for its unit, period and form.
    pub authoritative: bool,
    /// Digest of the content.
    pub content_hash: String,
    /// The seal of the service over the content that was submitted; none without a key.
    pub signature: Option<String>,
    /// The seal of the service over that content with the document it was signed off with; none without a key, and none of
    /// what was sent before such seals were made.
    pub sign_off_signature: Option<String>,
    /// Whether its receiver confirmed to have taken it over.
    pub receipt: Option<Receipt>,
    /// Who drafted it.
    pub created_by: String,
    /// Everyone who wrote in it or submitted it: none of them accepts it.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests;
