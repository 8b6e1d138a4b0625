//! Figures that the reporting agency puts beside the computed ones: both are kept, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::PeriodicReport;
use crate::domain::indicator::{
    BreakdownBy, BreakdownPart, Figure, FigureStatus, FurtherBreakdown, FurtherBy, Indicator, IndicatorMeasure,
    IndicatorUnit, Measure, NOT_STATED, RATINGS,
};
use crate::domain::quantity::Quantity;
use crate::domain::refusal::{Refusal, Rule};

/// A figure of the reporting agency in place of a computed one. An indicator with a breakdown takes its `breakdown`,
/// a ratio its `numerator` and `denominator`, any other its `value`; nothing else but `furtherBreakdowns`, where the indicator
/// has any.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FigureOverride {
    /// Code of the indicator.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "revenue")]
    pub indicator: String,
    /// The value, of an indicator that is neither a ratio nor broken down.
    pub value: Option<Quantity>,
    /// Of a ratio: what is divided.
    pub numerator: Option<Quantity>,
    /// Of a ratio: what it is divided by.
    pub denominator: Option<Quantity>,
    /// All parts, of an indicator that has a breakdown; they sum to its value.
    #[schema(min_items = 1, max_items = 50)]
    pub breakdown: Option<Vec<BreakdownPart>>,
    /// The same value broken down otherwise, where the indicator is.
    #[schema(min_items = 1, max_items = 5, nullable = false)]
    pub further_breakdowns: Option<Vec<FurtherBreakdown>>,
    /// Whether the figure is established or expected; as computed, when absent.
    pub status: Option<FigureStatus>,
    /// Why the computed figure is not the right one.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "Số liệu quyết toán đã kiểm toán, chưa cập nhật vào hệ thống"
    )]
    pub reason: String,
}

/// What an agency put in place of a computed figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The figure.
    pub measure: Measure,
    /// How sure it is.
    pub status: FigureStatus,
    /// Why.
    pub reason: String,
}

/// A figure of a report: as computed, and what was put in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFigure {
    /// As computed from the records.
    pub computed: Figure,
    /// What the agency put in its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replacement: Option<Replacement>,
}

impl ReportedFigure {
    /// The figure that counts.
    pub fn effective(&self) -> Figure {
        let indicator = self.computed.indicator;
        match &self.replacement {
            Some(Replacement { measure, status, reason: _ }) => {
                Figure { indicator, measure: measure.clone(), status: *status }
            }
            None => self.computed.clone(),
        }
    }

    /// The override as it was asked for, if there is one.
    pub fn requested(&self) -> Option<FigureOverride> {
        let indicator = self.computed.indicator;
        let Replacement { measure, status, reason } = self.replacement.as_ref()?;
        let IndicatorMeasure { value, numerator, denominator, breakdown, further_breakdowns } =
            IndicatorMeasure::of(indicator, measure);
        Some(FigureOverride {
            indicator: indicator.code().to_owned(),
            value: value.filter(|_| !indicator.is_ratio() && breakdown.is_none()),
            numerator,
            denominator,
            breakdown,
            further_breakdowns,
            status: Some(*status),
            reason: reason.clone(),
        })
    }
}

/// Parts and wholes, by what each counts: the members of pilots, the pilots in the scheme, the criteria of their plans.
const PARTS: [(Indicator, Indicator); 8] = [
    (Indicator::MembersWomen, Indicator::MembersTotal),
    (Indicator::MembersEthnicMinority, Indicator::MembersTotal),
    (Indicator::PilotsProfitable, Indicator::PilotsActive),
    (Indicator::PilotsValueChain, Indicator::PilotsActive),
    (Indicator::PilotsIndependentAudit, Indicator::PilotsActive),
    (Indicator::ImprovementPlansApproved, Indicator::PilotsActive),
    (Indicator::CriteriaNotBelowBaseline, Indicator::CriteriaToImprove),
    (Indicator::CriteriaAtTarget, Indicator::CriteriaToImprove),
];

impl PeriodicReport {
    /// Whether the figures that its agency put in place of computed ones agree with the others: a part is no more than the
    /// whole.
    ///
    /// # Errors
    /// Each part that is more than its whole, where one of the two was put in.
    pub fn holds_together(&self) -> Result<(), Refusal> {
        let of = |indicator: Indicator| {
            let figure = self.figures.iter().find(|figure| figure.computed.indicator == indicator)?;
            Some((figure.replacement.is_some(), figure.effective().measure.amount?))
        };
        let contradiction = |(part, whole): &(Indicator, Indicator)| {
            let ((own, least), (also, most)) = (of(*part)?, of(*whole)?);
            ((own || also) && least > most).then(|| more_than_whole((*part, least), (*whole, most)))
        };
        Refusal::of_all(PARTS.iter().filter_map(contradiction).collect())
    }
}

fn more_than_whole((part, least): (Indicator, i64), (whole, most): (Indicator, i64)) -> Refusal {
    let (part, whole) = (part.code(), whole.code());
    Refusal::new(
        Rule::PartExceedsWhole,
        format!("Chỉ tiêu {part} là {least}, lớn hơn {whole} là {most}."),
        format!("The indicator {part} is {least}, more than {whole}, which is {most}."),
    )
    .given(&[("part", &part), ("whole", &whole), ("stated", &least), ("limit", &most)])
}

/// Refuses parts of a breakdown that are none: neither a rating, nor a known code of the list that the indicator is broken
/// down by. `knows` tells the codes of the lists.
///
/// # Errors
/// Every part that is not known, with its place.
pub fn known_parts(
    overrides: &[FigureOverride],
    knows: impl Fn(BreakdownBy, &str) -> bool,
    knows_further: impl Fn(FurtherBy, &str) -> bool,
) -> Result<(), Refusal> {
    let mut refusals = Vec::new();
    for (index, asked) in overrides.iter().enumerate() {
        for (nth, further) in asked.further_breakdowns.iter().flatten().enumerate() {
            let unknown = |key: &str| key != NOT_STATED && !knows_further(further.by, key);
            for (position, part) in further.parts.iter().enumerate().filter(|(_, part)| unknown(&part.key)) {
                let at = format!("/overrides/{index}/furtherBreakdowns/{nth}/parts/{position}/key");
                refusals.push(no_part(at, &part.key));
            }
        }
        let Some(by) = Indicator::from_code(&asked.indicator).and_then(Indicator::breakdown_by) else { continue };
        for (position, BreakdownPart { key, .. }) in asked.breakdown.iter().flatten().enumerate() {
            let known = if by == BreakdownBy::Rating { RATINGS.contains(&key.as_str()) } else { knows(by, key) };
            if !known {
                refusals.push(no_part(format!("/overrides/{index}/breakdown/{position}/key"), key));
            }
        }
    }
    Refusal::of_all(refusals)
}

fn no_part(pointer: String, key: &str) -> Refusal {
    let (vi, en) = (format!("Không có mục {key}."), format!("There is no part {key}."));
    Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &key)])
}

/// Puts the overrides beside the computed figures.
pub(super) fn beside(computed: Vec<Figure>, overrides: &[FigureOverride]) -> Result<Vec<ReportedFigure>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut replacements = BTreeMap::new();
    let mut refusals = Vec::new();
    for (index, asked) in overrides.iter().enumerate() {
        match replacement(&computed, index, asked, &mut seen) {
            Ok((indicator, replacement)) => {
                replacements.insert(indicator, replacement);
            }
            Err(faults) => refusals.extend(faults),
        }
    }
    Refusal::of_all(refusals)?;
    let reported = |computed: Figure| {
        let replacement = replacements.remove(&computed.indicator);
        ReportedFigure { computed, replacement }
    };
    Ok(computed.into_iter().map(reported).collect())
}

fn replacement(
    computed: &[Figure],
    index: usize,
    asked: &FigureOverride,
    seen: &mut BTreeSet<Indicator>,
) -> Result<(Indicator, Replacement), Vec<Refusal>> {
    let at = |member: &str| format!("/overrides/{index}/{member}");
    let code = &asked.indicator;
    let Some(figure) = computed.iter().find(|figure| figure.indicator.code() == code) else {
        return Err(vec![
            Refusal::at(
                Rule::UnknownReference,
                at("indicator"),
                format!("Báo cáo này không có chỉ tiêu {code}."),
                format!("This report has no indicator {code}."),
            )
            .given(&[("reference", &code)]),
        ]);
    };
    if !seen.insert(figure.indicator) {
        return Err(vec![
            Refusal::at(
                Rule::RepeatedItem,
                at("indicator"),
                format!("Chỉ tiêu {code} được thay hai lần."),
                format!("The indicator {code} is overridden twice."),
            )
            .given(&[("item", &code)]),
        ]);
    }
    let measure = measure(figure.indicator, asked, &at)?;
    let status = asked.status.unwrap_or(figure.status);
    Ok((figure.indicator, Replacement { measure, status, reason: asked.reason.clone() }))
}

/// The measure that an override gives, or every fault of its numbers.
fn measure(
    indicator: Indicator,
    asked: &FigureOverride,
    at: &impl Fn(&str) -> String,
) -> Result<Measure, Vec<Refusal>> {
    let FigureOverride { value, numerator, denominator, breakdown, further_breakdowns, .. } = asked;
    refuse_any(shape_faults(indicator, asked, at))?;
    let parts = breakdown.as_deref().unwrap_or_default();
    let mut faults = parts_faults(indicator, parts, &at("breakdown"));
    for (member, number) in [("value", value), ("numerator", numerator), ("denominator", denominator)] {
        let counts = member == "denominator";
        faults.extend(number.and_then(|number| number_fault(indicator, at(member), number, counts)));
    }
    if let (Some(numerator), Some(denominator)) = (numerator, denominator) {
        faults.extend(share_fault(indicator, at("numerator"), *numerator, *denominator));
    }
    let by_key = |parts: &[BreakdownPart]| parts.iter().map(|part| (part.key.clone(), part.value.units)).collect();
    let measure = match (value, numerator, denominator) {
        (Some(value), _, _) => Measure::sum(value.units),
        (_, Some(numerator), Some(denominator)) => Measure::ratio(numerator.units, denominator.units),
        _ => Measure::parts(by_key(parts)),
    };
    let further = further_breakdowns.as_deref().unwrap_or_default();
    faults.extend(further_faults(indicator, further, measure.amount.unwrap_or_default(), at));
    refuse_any(faults)?;
    Ok(measure.broken_down(further.iter().map(|one| (one.by, by_key(&one.parts)))))
}

/// What is wrong with further breakdowns of an amount: the indicator is not broken down so, or parts contradict it.
fn further_faults(
    indicator: Indicator,
    further: &[FurtherBreakdown],
    amount: i64,
    at: &impl Fn(&str) -> String,
) -> Vec<Refusal> {
    let mut faults = Vec::new();
    for (index, FurtherBreakdown { by, parts }) in further.iter().enumerate() {
        let pointer = at(&format!("furtherBreakdowns/{index}"));
        if !indicator.further().contains(by) || further.iter().take(index).any(|before| before.by == *by) {
            faults.push(shape_fault(indicator, format!("{pointer}/by"), true, &["furtherBreakdowns"]));
        }
        faults.extend(parts_faults(indicator, parts, &format!("{pointer}/parts")));
        let sum = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.value.units));
        let most = parts.iter().map(|part| part.value.units).max().unwrap_or_default();
        let (stated, contradicts) = if by.sums_up() { (sum, sum != amount) } else { (most, most > amount) };
        if contradicts {
            let vi = format!("Chi tiết theo mục là {stated}, không khớp với {amount}.");
            let en = format!("The parts come to {stated}, which does not agree with {amount}.");
            let refusal = Refusal::at(Rule::Contradiction, format!("{pointer}/parts"), vi, en);
            faults.push(refusal.given(&[("stated", &stated), ("against", &amount)]));
        }
    }
    faults
}

fn refuse_any(faults: Vec<Refusal>) -> Result<(), Vec<Refusal>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The members that an indicator's override lacks, and those that it does not take.
fn shape_faults(indicator: Indicator, asked: &FigureOverride, at: &impl Fn(&str) -> String) -> Vec<Refusal> {
    let given = [
        ("value", asked.value.is_some()),
        ("numerator", asked.numerator.is_some()),
        ("denominator", asked.denominator.is_some()),
        ("breakdown", asked.breakdown.is_some()),
    ];
    let wanted: &[&str] = match (indicator.is_ratio(), indicator.breakdown_by()) {
        (true, _) => &["numerator", "denominator"],
        (false, Some(_)) => &["breakdown"],
        (false, None) => &["value"],
    };
    let misplaced = given.into_iter().filter(|(member, given)| wanted.contains(member) != *given);
    misplaced.map(|(member, given)| shape_fault(indicator, at(member), given, wanted)).collect()
}

/// What is wrong with the parts of a breakdown.
fn parts_faults(indicator: Indicator, parts: &[BreakdownPart], at: &str) -> Vec<Refusal> {
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for (position, BreakdownPart { key, value }) in parts.iter().enumerate() {
        let pointer = format!("{at}/{position}");
        faults.extend(number_fault(indicator, format!("{pointer}/value"), *value, false));
        if !seen.insert(key) {
            let (vi, en) = (format!("Mục {key} bị lặp."), format!("The part {key} stands twice."));
            faults.push(Refusal::at(Rule::RepeatedItem, format!("{pointer}/key"), vi, en).given(&[("item", &key)]));
        }
    }
    faults
}

fn shape_fault(indicator: Indicator, pointer: String, given: bool, wanted: &[&str]) -> Refusal {
    let (code, wanted) = (indicator.code(), wanted.join(", "));
    let (vi, en) = if given {
        (format!("Chỉ tiêu {code} chỉ nhận: {wanted}."), format!("The indicator {code} takes only: {wanted}."))
    } else {
        (format!("Chỉ tiêu {code} cần: {wanted}."), format!("The indicator {code} needs: {wanted}."))
    };
    Refusal::at(Rule::OverrideShape, pointer, vi, en).given(&[("indicator", &code), ("wanted", &wanted)])
}

fn number_fault(indicator: Indicator, pointer: String, number: Quantity, whole: bool) -> Option<Refusal> {
    let code = indicator.code();
    let places = !whole && indicator.amount(0).hundredths;
    if number.hundredths != places {
        let (vi, en) = if places {
            ("có hai chữ số thập phân", "has two decimals")
        } else {
            ("là số nguyên", "is whole")
        };
        let (vi, en) =
            (format!("Số {number} của {code} phải {vi}."), format!("{number} of {code} must be one that {en}."));
        return Some(
            Refusal::at(Rule::OverrideShape, pointer, vi, en).given(&[("indicator", &code), ("value", &number)]),
        );
    }
    (number.units < 0 && !indicator.may_be_negative()).then(|| {
        let (vi, en) = (format!("Chỉ tiêu {code} không thể âm."), format!("The indicator {code} cannot be negative."));
        Refusal::at(Rule::OverrideShape, pointer, vi, en).given(&[("indicator", &code), ("value", &number)])
    })
}

/// A share is at most the whole, a mean score at most 100.00 points.
fn share_fault(indicator: Indicator, pointer: String, numerator: Quantity, denominator: Quantity) -> Option<Refusal> {
    let most = if indicator.unit() == IndicatorUnit::Percent { 1 } else { 10_000 };
    (i128::from(numerator.units) > i128::from(denominator.units) * most).then(|| {
        let vi = format!("Tử số {numerator} lớn hơn mức tối đa với mẫu số {denominator}.");
        let en = format!("The numerator {numerator} is more than the denominator {denominator} allows.");
        Refusal::at(Rule::Contradiction, pointer, vi, en).given(&[("stated", &numerator), ("against", &denominator)])
    })
}
