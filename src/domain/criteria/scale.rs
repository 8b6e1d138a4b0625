//! Scales: an indicator becomes points, by steps or along a line, the same for all or by field of activity.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::measure::{Measured, ScoringIndicator};
use crate::domain::cooperative::Field;
use crate::domain::cooperative::figure::{Range, Ratio, YearFigure, in_hundredths};
use crate::domain::cooperative::shown::ShownValue;
use crate::domain::quantity::Quantity;
use crate::domain::role::names;
use crate::domain::score::Points;
use crate::domain::text::Text;

/// How an indicator becomes points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// What is measured: `average_total_capital`, `total_capital_growth`, `average_indivisible_assets`,
    /// `indivisible_assets_growth`, `revenue`, `revenue_growth`, `member_supply_share`, `profit_before_tax`,
    /// `development_fund_rate`, `reserve_fund_rate`, `other_funds_rate`, `managers_with_degree_share`,
    /// `managers_trained_share`, `managers_young_share`, `members`, `members_growth`. Amounts in đồng, rates, shares and
    /// growth in per cent.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "average_total_capital")]
    pub indicator: String,
    /// One for all fields of activity, or one for each.
    #[schema(min_items = 1, max_items = 10)]
    pub forms: Vec<ScaleForm>,
    /// Document and article that it comes from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// The scale of one field of activity, or of all: either steps or a line.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScaleForm {
    /// For which field of activity; absent for all.
    pub field: Option<Field>,
    /// Steps in rising order, without a gap between them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub steps: Vec<ScaleStep>,
    /// A line between two values.
    pub line: Option<ScaleLine>,
}

/// The points that every value of a range brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScaleStep {
    /// Which values.
    pub range: Range,
    /// Points that they bring.
    pub points: Points,
}

/// Points in proportion between two values; below and above them, those of the nearer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScaleLine {
    /// The lower value.
    pub from: Quantity,
    /// Points at the lower value and below.
    pub from_points: Points,
    /// The upper value.
    pub to: Quantity,
    /// Points at the upper value and above.
    pub to_points: Points,
    /// How points between them are brought to the points step.
    pub rounding: Rounding,
}

names! {
    /// How points on a line are brought to the step of the criteria set; once, at the very end.
    Rounding {
        /// To the nearest step, and half a step upwards.
        HalfUp = "half_up",
        /// To the step below.
        Down = "down",
    }
}

/// What a scale makes of the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computation {
    /// Points, the value that brings them, and the step it falls on, counted from 0, where there are steps.
    Points {
        /// The points.
        points: Points,
        /// The value of the indicator.
        value: Ratio,
        /// The step.
        step: Option<usize>,
    },
    /// Figures that nobody stated, each with its year.
    Missing(Vec<(YearFigure, u16)>),
    /// The indicator has no value over this figure, which is zero or below.
    Undefined(YearFigure, u16),
    /// The scale does not say what this value, or this field of activity, brings: no checked scale does that.
    NotCovered,
}

impl Computation {
    /// The points, if there are any.
    pub const fn points(&self) -> Option<Points> {
        match self {
            Self::Points { points, .. } => Some(*points),
            Self::Missing(_) | Self::Undefined(..) | Self::NotCovered => None,
        }
    }

    /// What stands in the way of points, by the names of the figures and their years; empty when there are points.
    pub fn gaps(&self) -> String {
        let one = |(figure, year): &(YearFigure, u16)| format!("{} {year}", figure.name());
        match self {
            Self::Points { .. } => String::new(),
            Self::Missing(figures) => figures.iter().map(one).collect::<Vec<_>>().join(", "),
            Self::Undefined(figure, year) => one(&(*figure, *year)),
            Self::NotCovered => "scale".to_owned(),
        }
    }

    /// Why there are no points, in words; empty when there are.
    pub fn gap_in_words(&self) -> Text {
        match self {
            Self::Points { .. } => Text::new("", ""),
            Self::Missing(figures) => {
                let list = |of: fn(Text) -> String, year: &str| {
                    let one = |(figure, at): &(YearFigure, u16)| format!("{} {year} {at}", of(figure.label()));
                    figures.iter().map(one).collect::<Vec<_>>().join(", ")
                };
                Text::new(
                    format!("thiếu {}", list(|label| label.vi, "năm")),
                    format!("{} not stated", list(|label| label.en, "of")),
                )
            }
            Self::Undefined(figure, year) => Text::new(
                format!("{} năm {year} không lớn hơn 0 nên không có tỷ lệ", figure.label().vi),
                format!("the {} of {year} is not above 0, so there is no ratio", figure.label().en),
            ),
            Self::NotCovered => {
                Text::new("thang điểm không quy định cho giá trị này", "the scale does not say what this value brings")
            }
        }
    }
}

impl Scale {
    /// The indicator, where it is known.
    pub fn measures(&self) -> Option<ScoringIndicator> {
        ScoringIndicator::from_name(&self.indicator)
    }

    /// The form for a field of activity.
    pub fn form(&self, field: Field) -> Option<&ScaleForm> {
        self.forms.iter().find(|form| form.field.is_none_or(|own| own == field))
    }

    /// The points of a cooperative of a field for a year, from the figures that are stated.
    pub fn compute(
        &self,
        field: Field,
        year: u16,
        points_step: Points,
        stated: impl Fn(YearFigure, u16) -> Option<i64>,
    ) -> Computation {
        let Some(indicator) = self.measures() else { return Computation::NotCovered };
        match indicator.measure(year, stated) {
            Measured::Missing(figures) => Computation::Missing(figures),
            Measured::Undefined(figure, year) => Computation::Undefined(figure, year),
            Measured::Value(value) => {
                self.form(field).map_or(Computation::NotCovered, |form| form.read(value, points_step))
            }
        }
    }
}

impl ScaleForm {
    /// The points of a value.
    pub fn read(&self, value: Ratio, points_step: Points) -> Computation {
        if let Some(line) = &self.line {
            return Computation::Points { points: line.at(value, points_step), value, step: None };
        }
        let step = self.steps.iter().position(|step| step.range.contains(value));
        match step.and_then(|at| self.steps.get(at)) {
            Some(ScaleStep { points, .. }) => Computation::Points { points: *points, value, step },
            None => Computation::NotCovered,
        }
    }
}

impl ScaleForm {
    /// A value to be shown: where the exact one lies, within the step or on the part of the line that brings its points.
    pub fn shown(&self, value: Ratio, step: Option<usize>) -> ShownValue {
        let ends: &[Quantity] = &self.line.as_ref().map_or_else(Vec::new, |line| vec![line.from, line.to]);
        let step = step.and_then(|at| self.steps.get(at));
        ShownValue::of(value, |shown| {
            ends.iter().all(|end| shown.compare(*end) == value.compare(*end))
                && step.is_none_or(|step| step.range.holds(|bound| shown.compare(bound)))
        })
    }
}

impl ScaleLine {
    /// The points of a value, brought to the step.
    fn at(&self, value: Ratio, points_step: Points) -> Points {
        if value.compare(self.from).is_le() {
            return self.from_points;
        }
        if value.compare(self.to).is_ge() {
            return self.to_points;
        }
        let (value, denominator) = value.hundredths();
        let (from, to) = (in_hundredths(self.from), in_hundredths(self.to));
        let (low, high) = (i128::from(self.from_points.as_hundredths()), i128::from(self.to_points.as_hundredths()));
        // points = low + (high − low) · (value/denominator − from) / (to − from), kept as one fraction.
        let whole = denominator * (to - from);
        let exact = low * whole + (high - low) * (value - from * denominator);
        let unit = whole * i128::from(points_step.as_hundredths().max(1));
        let (steps, rest) = (exact.div_euclid(unit), exact.rem_euclid(unit));
        let up = match self.rounding {
            Rounding::HalfUp => i128::from(rest * 2 >= unit),
            Rounding::Down => 0,
        };
        let hundredths = (steps + up) * i128::from(points_step.as_hundredths().max(1));
        // A step may not divide the end of the line: rounding never goes beyond it.
        let (least, most) = (low.min(high), low.max(high));
        Points::hundredths(i64::try_from(hundredths.clamp(least, most)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn steps() -> ScaleForm {
        serde_json::from_value(json!({"steps": [
            {"range": {"to": "1000000000"}, "points": "1.00"},
            {"range": {"from": "1000000000", "to": "5000000000", "toIncluded": true}, "points": "3.50"},
            {"range": {"from": "5000000000", "fromIncluded": false}, "points": "6.00"},
        ]}))
        .unwrap()
    }

    fn line(rounding: &str) -> ScaleForm {
        serde_json::from_value(json!({"line": {
            "from": "0", "fromPoints": "0.00", "to": "30.00", "toPoints": "2.00", "rounding": rounding,
        }}))
        .unwrap()
    }

    fn points(form: &ScaleForm, value: Ratio, step: i64) -> String {
        form.read(value, Points::hundredths(step)).points().map(|points| points.to_string()).unwrap_or_default()
    }

    #[test]
    fn bounds_of_steps_fall_where_the_scale_says() {
        for (value, expected, step) in [
            (0, "1.00", 0),
            (999_999_999, "1.00", 0),
            (1_000_000_000, "3.50", 1),
            (5_000_000_000, "3.50", 1),
            (5_000_000_001, "6.00", 2),
        ] {
            let read = steps().read(Ratio::whole(value), Points::hundredths(1));
            let Computation::Points { points, step: at, .. } = read else { panic!("{read:?}") };
            assert_eq!((points.to_string().as_str(), at), (expected, Some(step)), "{value}");
        }
    }

    #[test]
    fn points_on_a_line_are_rounded_once_as_the_scale_says() {
        let percent = |numerator: i128, denominator: i64| Ratio::of(numerator * 100, denominator).unwrap();
        for (value, half_up, down) in [
            (percent(0, 7), "0.00", "0.00"),
            (percent(1, 7), "0.95", "0.95"),
            (percent(1, 8), "0.83", "0.83"),
            (percent(1, 9), "0.74", "0.74"),
            (percent(3, 10), "2.00", "2.00"),
            (percent(9, 10), "2.00", "2.00"),
            (percent(-1, 10), "0.00", "0.00"),
        ] {
            assert_eq!(
                (points(&line("half_up"), value, 1), points(&line("down"), value, 1)),
                (half_up.into(), down.into())
            );
        }
        // 14.2857… % is 0.9523… points: nearest half point 1.00, the half point below 0.50.
        let seventh = percent(1, 7);
        assert_eq!(
            (points(&line("half_up"), seventh, 50), points(&line("down"), seventh, 50)),
            ("1.00".into(), "0.50".into())
        );
        // 11.25 % is exactly 0.75: half a step goes up.
        assert_eq!(points(&line("half_up"), percent(1125, 10_000), 50), "1.00");
    }

    #[test]
    fn what_is_shown_brings_the_points_that_the_value_brings() {
        for (form, value, expected) in [
            (steps(), Ratio::of(9_999_999_999, 10).unwrap(), "999999999.90"),
            (steps(), Ratio::of(9_999_999_999_999, 10_000).unwrap(), "999999999.9999"),
            (steps(), Ratio::of(50_000_000_000_001, 10_000).unwrap(), "5000000000.0001"),
            (line("down"), Ratio::of(29_999, 1_000).unwrap(), "29.999"),
            (line("down"), Ratio::of(30_001, 1_000).unwrap(), "30.001"),
            (line("down"), Ratio::of(1, 1_000).unwrap(), "0.001"),
            (line("down"), Ratio::of(14_286, 1_000).unwrap(), "14.29"),
        ] {
            let read = form.read(value, Points::hundredths(1));
            let Computation::Points { step, .. } = read else { panic!("{read:?}") };
            assert_eq!(form.shown(value, step).to_string(), expected);
        }
    }

    #[test]
    fn a_field_of_activity_has_its_own_form() {
        let scale: Scale = serde_json::from_value(json!({"indicator": "revenue", "legalBasis": "mẫu", "forms": [
            {"field": "agriculture", "steps": [{"range": {}, "points": "4.00"}]},
            {"field": "non_agriculture", "steps": [{"range": {}, "points": "2.00"}]},
        ]}))
        .unwrap();
        let of = |field| scale.compute(field, 2020, Points::hundredths(1), |_, _| Some(5)).points();
        assert_eq!(
            [of(Field::Agriculture), of(Field::NonAgriculture)],
            [4, 2].map(|points| Some(Points::whole(points)))
        );
        let unstated = scale.compute(Field::Agriculture, 2020, Points::hundredths(1), |_, _| None);
        assert_eq!(unstated, Computation::Missing(vec![(YearFigure::Revenue, 2020)]));
    }

    proptest! {
        #[test]
        fn more_never_brings_fewer_points_on_a_rising_scale(
            a in 0_i64..60_000, b in 0_i64..60_000, over in 1_i64..700, step in 1_i64..=100,
        ) {
            let (less, more) = (Ratio::of(i128::from(a.min(b)), over).unwrap(), Ratio::of(i128::from(a.max(b)), over).unwrap());
            for form in [steps(), line("half_up"), line("down")] {
                let step = Points::hundredths(step);
                let (low, high) = (form.read(less, step).points(), form.read(more, step).points());
                prop_assert!(low.is_some() && low <= high, "{low:?} {high:?}");
            }
        }

        #[test]
        fn points_on_a_line_stay_between_its_ends(value in -1_000_000_i64..1_000_000, over in 1_i64..700, step in 1_i64..=100) {
            let value = Ratio::of(i128::from(value), over).unwrap();
            for form in [line("half_up"), line("down")] {
                let points = form.read(value, Points::hundredths(step)).points().unwrap();
                prop_assert!((Points::ZERO..=Points::whole(2)).contains(&points));
            }
        }
    }
}
