//! What computed points rest on: the field of activity and the figures that the scales of a set ask for, kept with the
//! evaluation so that it can be computed again.

use serde::{Deserialize, Serialize};

use super::EvaluationKind;
use crate::domain::cooperative::figure::{FigureUsed, YearFigure};
use crate::domain::cooperative::{AnnualFigures, Field, FiguresBasis};
use crate::domain::criteria::Criteria;
use crate::domain::criteria::measure::ScoringIndicator;
use crate::domain::criteria::scale::{Computation, Scale};
use crate::domain::score::Points;

/// The inputs of computed points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoringInputs {
    /// Field of activity: scales may differ by it.
    pub field: Field,
    /// The figures asked for, those that nobody stated included.
    pub figures: Vec<FigureUsed>,
}

impl EvaluationKind {
    /// Whose figures count: the cooperative's own evaluation rests on what it declared, those of agencies on what was
    /// verified and, where nothing was, on what was declared (2129/QĐ-UBND I.3: neither overwrites the other).
    const fn bases(self) -> &'static [FiguresBasis] {
        match self {
            Self::Own => &[FiguresBasis::Declared],
            Self::Verified | Self::Final => &[FiguresBasis::Verified, FiguresBasis::Declared],
        }
    }
}

impl ScoringInputs {
    /// Takes from the figures of a cooperative what the scales of a set ask for.
    pub fn read(criteria: &Criteria, kind: EvaluationKind, year: u16, field: Field, known: &[AnnualFigures]) -> Self {
        let sides: Vec<&AnnualFigures> =
            kind.bases().iter().flat_map(|basis| known.iter().filter(move |side| side.basis == *basis)).collect();
        let indicators = criteria.leaves().filter_map(|leaf| leaf.scale.and_then(Scale::measures));
        let mut asked: Vec<(YearFigure, u16)> = indicators.flat_map(|indicator| indicator.needs(year)).collect();
        asked.sort_unstable();
        asked.dedup();
        let figures = asked.into_iter().map(|(figure, year)| FigureUsed::of(figure, year, &sides)).collect();
        Self { field, figures }
    }

    /// A figure of a year, if somebody stated it.
    pub fn stated(&self, figure: YearFigure, year: u16) -> Option<i64> {
        self.figures.iter().find(|used| used.figure == figure && used.year == year).and_then(FigureUsed::units)
    }

    /// What a scale makes of them.
    pub fn compute(&self, scale: &Scale, year: u16, points_step: Points) -> Computation {
        scale.compute(self.field, year, points_step, |figure, year| self.stated(figure, year))
    }

    /// Those that an indicator asks for.
    pub fn of_indicator(&self, indicator: ScoringIndicator, year: u16) -> Vec<FigureUsed> {
        let asked = indicator.needs(year).into_iter();
        let find = |(figure, year): (YearFigure, u16)| {
            let found = self.figures.iter().find(|used| used.figure == figure && used.year == year);
            found.cloned().unwrap_or_else(|| FigureUsed::of(figure, year, &[]))
        };
        asked.map(find).collect()
    }
}
