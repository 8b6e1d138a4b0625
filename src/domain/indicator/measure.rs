//! What was measured of an indicator, how it combines, and how it is published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{Additivity, FurtherBy, Indicator, IndicatorUnit, RATINGS};
use crate::domain::quantity::Quantity;

/// What was measured: an amount, for a ratio over a base, and the parts of the amount where it is broken down.
/// Amounts are in the smallest unit (đồng, hundredths of a point, or things counted).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measure {
    /// The value of a sum, the numerator of a ratio; absent when nothing is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<i64>,
    /// The denominator of a ratio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<i64>,
    /// The parts of the amount.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub parts: BTreeMap<String, i64>,
    /// The parts of the amount under other keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub further: BTreeMap<FurtherBy, BTreeMap<String, i64>>,
}

impl Measure {
    /// A count or an amount.
    pub fn sum(amount: i64) -> Self {
        Self { amount: Some(amount), ..Self::default() }
    }

    /// A numerator over a denominator.
    pub fn ratio(numerator: i64, denominator: i64) -> Self {
        Self { amount: Some(numerator), base: Some(denominator), ..Self::default() }
    }

    /// An amount by its parts.
    pub fn parts(parts: BTreeMap<String, i64>) -> Self {
        let amount = parts.values().copied().fold(0, i64::saturating_add);
        Self { amount: Some(amount), parts, ..Self::default() }
    }

    /// With the parts of the amount under other keys, those that are not nothing.
    #[must_use]
    pub fn broken_down(self, further: impl IntoIterator<Item = (FurtherBy, BTreeMap<String, i64>)>) -> Self {
        let further = further.into_iter().filter(|(_, parts)| !parts.is_empty()).collect();
        Self { further, ..self }
    }

    fn plus(mut self, other: &Self) -> Self {
        let add = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.amount = add(self.amount, other.amount);
        self.base = add(self.base, other.base);
        add_parts(&mut self.parts, &other.parts);
        for (by, parts) in &other.further {
            add_parts(self.further.entry(*by).or_default(), parts);
        }
        self
    }

    /// The value: the amount itself, or the ratio of its parts, rounded once, half away from zero, to two places; none
    /// over a denominator of zero.
    pub fn value(&self, indicator: Indicator) -> Option<Quantity> {
        let amount = self.amount?;
        if !indicator.is_ratio() {
            return Some(indicator.amount(amount));
        }
        let base = i128::from(self.base.filter(|base| *base > 0)?);
        // A percentage in hundredths is ten thousand times the ratio; a mean of hundredths is one already.
        let scale = if indicator.unit() == IndicatorUnit::Percent { 10_000 } else { 1 };
        let scaled = i128::from(amount) * scale;
        let rounded = (2 * scaled.abs() + base) / (2 * base) * scaled.signum();
        i64::try_from(rounded).ok().map(|units| Quantity { units, hundredths: true })
    }
}

fn add_parts(sums: &mut BTreeMap<String, i64>, parts: &BTreeMap<String, i64>) {
    for (part, amount) in parts {
        let sum = sums.entry(part.clone()).or_default();
        *sum = sum.saturating_add(*amount);
    }
}

/// How sure a figure is: the window closes before the fiscal year does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureStatus {
    /// Expected or incomplete (*ước thực hiện*).
    Estimated,
    /// Established.
    Final,
}

/// One indicator as it was computed or combined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The indicator.
    pub indicator: Indicator,
    /// What was measured.
    pub measure: Measure,
    /// How sure it is.
    pub status: FigureStatus,
}

/// Combines the figures of units into the figure of the whole, by the indicator's own rule. A distinct count of
/// several units cannot be had from their counts and stays without an amount; one unsure part makes the whole unsure.
pub fn over_units<'a>(indicator: Indicator, parts: impl IntoIterator<Item = &'a Figure>) -> Figure {
    combined(indicator, parts, false)
}

/// The same of provinces. A cooperative is placed in one province, so what is counted once in each is counted once in all,
/// and distinct counts add.
pub fn over_provinces<'a>(indicator: Indicator, parts: impl IntoIterator<Item = &'a Figure>) -> Figure {
    combined(indicator, parts, true)
}

fn combined<'a>(indicator: Indicator, parts: impl IntoIterator<Item = &'a Figure>, disjoint: bool) -> Figure {
    let parts: Vec<&Figure> = parts.into_iter().filter(|figure| figure.indicator == indicator).collect();
    let status = if parts.iter().any(|figure| figure.status == FigureStatus::Estimated) {
        FigureStatus::Estimated
    } else {
        FigureStatus::Final
    };
    let adds = matches!(indicator.over_units(), Additivity::Sum | Additivity::Ratio);
    let countable = parts.len() <= 1 || adds || disjoint;
    let measures = parts.into_iter().map(|figure| &figure.measure).filter(|_| countable);
    Figure { indicator, measure: measures.fold(Measure::default(), Measure::plus), status }
}

/// One part of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BreakdownPart {
    /// What the part is: a model, a rating or a category, as the indicator's `breakdownBy` says.
    #[schema(min_length = 1, max_length = 60, pattern = "^[A-Za-z0-9_]+$", example = "good")]
    pub key: String,
    /// The part of the amount.
    pub value: Quantity,
}

/// A breakdown beside the `breakdown` of an indicator, over the whole again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FurtherBreakdown {
    /// What the parts are by.
    pub by: FurtherBy,
    /// The parts; `not_stated` for what bears no code. By source and by nature they sum to the value; by kind of support one
    /// that got two kinds is counted under both.
    #[schema(min_items = 1, max_items = 200)]
    pub parts: Vec<BreakdownPart>,
}

/// What was measured, as published: the value, and what it was made from.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndicatorMeasure {
    /// The value. Absent when there is none: nothing is known, or the denominator is zero.
    pub value: Option<Quantity>,
    /// Of a ratio: what is divided.
    pub numerator: Option<Quantity>,
    /// Of a ratio: what it is divided by.
    pub denominator: Option<Quantity>,
    /// Of an indicator that has a breakdown: its parts, which sum to the value.
    #[schema(max_items = 200)]
    pub breakdown: Option<Vec<BreakdownPart>>,
    /// Other breakdowns of the same value, where there are any.
    #[schema(min_items = 1, max_items = 5)]
    pub further_breakdowns: Option<Vec<FurtherBreakdown>>,
}

impl IndicatorMeasure {
    /// Publishes a measure of an indicator.
    pub fn of(indicator: Indicator, measure: &Measure) -> Self {
        let part = |(key, units): (&String, &i64)| BreakdownPart { key: key.clone(), value: indicator.amount(*units) };
        // Ratings best first, whatever is not one after them; all else by key.
        let place = |part: &BreakdownPart| RATINGS.iter().position(|rating| *rating == part.key);
        let mut parts: Vec<BreakdownPart> = measure.parts.iter().map(part).collect();
        parts.sort_by_key(|part| place(part).unwrap_or(RATINGS.len()));
        let further = measure
            .further
            .iter()
            .map(|(by, parts)| FurtherBreakdown { by: *by, parts: parts.iter().map(&part).collect() });
        let further: Vec<FurtherBreakdown> = further.collect();
        let ratio = indicator.is_ratio();
        Self {
            value: measure.value(indicator),
            numerator: measure.amount.filter(|_| ratio).map(|units| indicator.amount(units)),
            denominator: measure.base.map(|units| Quantity { units, hundredths: false }),
            breakdown: indicator.breakdown_by().map(|_| parts),
            further_breakdowns: Some(further).filter(|further| !further.is_empty()),
        }
    }
}
