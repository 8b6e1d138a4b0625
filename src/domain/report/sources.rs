//! What a report is drawn from: the records, and for a province the reports that were accepted below it (2129/QĐ-UBND VI.2.2,
//! VII.9). Computed figures come from records alone, which are placed by territory; what localities enter by hand is added
//! up, and what departments enter never is, since it is on the same events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PeriodicReport, ReportLevel};
use crate::domain::indicator::{Figure, IndicatorSource, over_units};

/// A report that was accepted below a province's own when that was drawn up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceReport {
    /// The report.
    pub report: Uuid,
    /// The agency that made it.
    pub agency: Uuid,
    /// A locality's, or a department's.
    pub level: ReportLevel,
    /// Code of its unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "883")]
    pub unit: String,
    /// Its revision.
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    pub revision: u16,
    /// Digest of its content.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
}

/// The figures of a report, and what they are drawn from beside the records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawn {
    /// The figures, in the order of the form.
    pub figures: Vec<Figure>,
    /// The reports, in the order of units.
    pub sources: Vec<SourceReport>,
}

impl From<Vec<Figure>> for Drawn {
    fn from(figures: Vec<Figure>) -> Self {
        Self { figures, sources: Vec::new() }
    }
}

impl Drawn {
    /// Figures computed from the records of a province, with what its localities entered by hand in the reports accepted
    /// from them.
    pub fn with(figures: Vec<Figure>, below: &[PeriodicReport]) -> Self {
        let localities = below.iter().filter(|report| report.reporter.level == ReportLevel::Locality);
        let entered: Vec<Figure> = localities.flat_map(PeriodicReport::effective_figures).collect();
        let added = |figure: Figure| match figure.indicator.source() {
            IndicatorSource::Records => figure,
            IndicatorSource::Entered => over_units(figure.indicator, &entered),
        };
        Self {
            figures: figures.into_iter().map(added).collect(),
            sources: below.iter().map(SourceReport::from).collect(),
        }
    }
}

impl From<&PeriodicReport> for SourceReport {
    fn from(report: &PeriodicReport) -> Self {
        Self {
            report: report.id,
            agency: report.reporter.agency,
            level: report.reporter.level,
            unit: report.reporter.unit.clone(),
            revision: report.revision,
            content_hash: report.content_hash.clone(),
        }
    }
}
