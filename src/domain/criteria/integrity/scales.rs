//! Whether scales can be read: a known indicator, one form for each field of activity, each value in exactly one step,
//! and no more points than the maximum above them.

use std::cmp::Ordering;
use std::fmt::Display;

use super::fault;
use crate::domain::cooperative::Field;
use crate::domain::cooperative::figure::{Range, in_hundredths};
use crate::domain::criteria::measure::ScoringIndicator;
use crate::domain::criteria::scale::{Scale, ScaleForm, ScaleLine, ScaleStep};
use crate::domain::criteria::{Criteria, Criterion};
use crate::domain::money::Money;
use crate::domain::quantity::Quantity;
use crate::domain::refusal::{Fault, Rule};
use crate::domain::score::Points;

impl Criteria {
    /// The scales of a criterion and of its parts, each under the nearest maximum above it.
    pub(super) fn check_scales(&self, criterion: &Criterion, of_group: Points, place: &str, faults: &mut Vec<Fault>) {
        let ceiling = criterion.maximum.unwrap_or(of_group);
        if let Some(scale) = &criterion.scale {
            let place = format!("{place}/scale");
            if !criterion.sub_criteria.is_empty() {
                let (vi, en) = (
                    "Tiêu chí có tiêu chí thành phần: thang điểm nằm ở từng phần.",
                    "The criterion is scored on its parts: scales stand there.",
                );
                faults.push(of_rule(Rule::InvalidScale, &place, vi, en));
            }
            Check { step: self.points_step, ceiling, indicator: &scale.indicator, faults }.scale(scale, &place);
        }
        for (index, part) in criterion.sub_criteria.iter().enumerate() {
            if let Some(scale) = &part.scale {
                let ceiling = part.maximum.unwrap_or(ceiling);
                let place = format!("{place}/subCriteria/{index}/scale");
                Check { step: self.points_step, ceiling, indicator: &scale.indicator, faults }.scale(scale, &place);
            }
        }
    }
}

fn of_rule(rule: Rule, place: &str, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::at(place, rule.code(), vi, en)
}

/// What scales are held against.
struct Check<'a> {
    /// Points come in multiples of it.
    step: Points,
    /// The most points that are possible here.
    ceiling: Points,
    /// The indicator of the scale.
    indicator: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Check<'_> {
    /// A fault of the scale at hand, which names its indicator.
    fn add(
        &mut self,
        rule: Rule,
        place: &str,
        vi: impl Into<String>,
        en: impl Into<String>,
        more: &[(&str, &dyn Display)],
    ) {
        let mut inputs: Vec<(&str, &dyn Display)> = vec![("indicator", &self.indicator)];
        inputs.extend_from_slice(more);
        self.faults.push(of_rule(rule, place, vi, en).given(&inputs));
    }

    fn scale(&mut self, scale: &Scale, place: &str) {
        let indicator = scale.measures();
        if indicator.is_none() {
            let vi = format!("Không có chỉ tiêu {}.", scale.indicator);
            let en = format!("There is no indicator {}.", scale.indicator);
            self.add(Rule::UnknownIndicator, &format!("{place}/indicator"), vi, en, &[]);
        }
        self.fields(scale, place);
        for (index, form) in scale.forms.iter().enumerate() {
            let place = format!("{place}/forms/{index}");
            match (&form.line, form.steps.is_empty()) {
                (Some(line), true) => self.line(line, &place),
                (None, false) => self.steps(form, indicator, &place),
                (Some(_), false) | (None, true) => self.add(
                    Rule::InvalidScale,
                    &place,
                    "Thang điểm hoặc theo bậc hoặc theo đường thẳng.",
                    "A scale has either steps or a line.",
                    &[],
                ),
            }
        }
    }

    /// Either one form for all fields of activity, or one for each.
    fn fields(&mut self, scale: &Scale, place: &str) {
        let of = |field: Option<Field>| scale.forms.iter().filter(|form| form.field == field).count();
        let for_all = of(None) == 1 && scale.forms.len() == 1;
        if for_all || Field::ALL.iter().all(|field| of(Some(*field)) == 1) && scale.forms.len() == Field::ALL.len() {
            return;
        }
        let names: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
        let names = names.join(", ");
        let vi = format!("Cần một thang cho mọi lĩnh vực, hoặc mỗi lĩnh vực một thang: {names}.");
        let en = format!("One form for all fields of activity, or one for each, is needed: {names}.");
        self.add(Rule::InvalidScale, &format!("{place}/forms"), vi, en, &[("fields", &names)]);
    }

    fn points(&mut self, points: Points, place: &str) {
        let (step, ceiling) = (self.step, self.ceiling);
        if points > ceiling {
            let vi = format!("{points} điểm vượt mức tối đa {ceiling}.");
            let en = format!("{points} points are above the maximum {ceiling}.");
            self.faults.push(fault(place.to_owned(), vi, en).given(&[("points", &points), ("maximum", &ceiling)]));
        }
        if step > Points::ZERO && points.as_hundredths() % step.as_hundredths() != 0 {
            let vi = format!("{points} không phải bội số của {step}.");
            let en = format!("{points} is not a multiple of {step}.");
            self.faults.push(fault(place.to_owned(), vi, en).given(&[("points", &points), ("step", &step)]));
        }
    }

    /// Bounds have at most the digits of an amount of money: what is computed with them stays exact.
    fn bound(&mut self, bound: Quantity, place: &str) {
        let most = i128::from(Money::MAX.as_dong()) * 100;
        if in_hundredths(bound).abs() > most {
            let (vi, en) = ("Giới hạn có quá 15 chữ số.", "The bound has more than 15 digits.");
            self.add(Rule::InvalidScale, place, vi, en, &[("mostDigits", &15), ("bound", &bound)]);
        }
    }

    fn line(&mut self, line: &ScaleLine, place: &str) {
        let place = format!("{place}/line");
        self.bound(line.from, &format!("{place}/from"));
        self.bound(line.to, &format!("{place}/to"));
        self.points(line.from_points, &format!("{place}/fromPoints"));
        self.points(line.to_points, &format!("{place}/toPoints"));
        if in_hundredths(line.from) >= in_hundredths(line.to) {
            let vi = format!("Cận dưới {} phải nhỏ hơn cận trên {}.", line.from, line.to);
            let en = format!("The lower value {} must be below the upper value {}.", line.from, line.to);
            self.add(Rule::InvalidScale, &format!("{place}/to"), vi, en, &[("from", &line.from), ("to", &line.to)]);
        }
    }

    fn steps(&mut self, form: &ScaleForm, indicator: Option<ScoringIndicator>, place: &str) {
        for (index, ScaleStep { range, points }) in form.steps.iter().enumerate() {
            let place = format!("{place}/steps/{index}");
            self.points(*points, &format!("{place}/points"));
            for (bound, name) in [(range.from, "from"), (range.to, "to")] {
                if let Some(bound) = bound {
                    self.bound(bound, &format!("{place}/range/{name}"));
                }
            }
            if is_empty(range) {
                let (vi, en) = ("Bậc này không chứa giá trị nào.", "No value lies in this step.");
                self.add(Rule::InvalidScale, &format!("{place}/range"), vi, en, &[]);
            }
        }
        for (index, pair) in form.steps.windows(2).enumerate() {
            if let [below, above] = pair {
                self.meeting(&below.range, &above.range, &format!("{place}/steps/{}/range/from", index + 1));
            }
        }
        self.ends(form, indicator, place);
    }

    /// Where one step ends the next begins, and the bound belongs to one of them.
    fn meeting(&mut self, below: &Range, above: &Range, place: &str) {
        let (Some(end), Some(begin)) = (below.to, above.from) else {
            let (vi, en) = ("Hai bậc chồng lấn.", "The two steps overlap.");
            return self.add(Rule::ScaleOverlap, place, vi, en, &[]);
        };
        match (in_hundredths(begin).cmp(&in_hundredths(end)), below.to_included, above.from_included) {
            (Ordering::Equal, true, false) | (Ordering::Equal, false, true) => {}
            (Ordering::Less, ..) | (Ordering::Equal, true, true) => {
                let vi = format!("Chồng lấn: bậc trước đến {end}, bậc này từ {begin}.");
                let en = format!("Overlap: the step before ends at {end}, this one begins at {begin}.");
                self.add(Rule::ScaleOverlap, place, vi, en, &[("end", &end), ("begin", &begin)]);
            }
            (Ordering::Greater, ..) | (Ordering::Equal, false, false) => {
                let vi = format!("Khoảng trống giữa {end} và {begin}.");
                let en = format!("Nothing covers what lies between {end} and {begin}.");
                self.add(Rule::ScaleGap, place, vi, en, &[("end", &end), ("begin", &begin)]);
            }
        }
    }

    /// The first step takes the least value that the indicator can have, the last one the greatest.
    fn ends(&mut self, form: &ScaleForm, indicator: Option<ScoringIndicator>, place: &str) {
        let (Some(first), Some(last)) = (form.steps.first(), form.steps.last()) else { return };
        let hundredfold = |value: i64| i128::from(value) * 100;
        if let Some(from) = first.range.from {
            let covered = indicator.and_then(ScoringIndicator::least).is_some_and(|least| {
                in_hundredths(from) < hundredfold(least)
                    || (in_hundredths(from) == hundredfold(least) && first.range.from_included)
            });
            if !covered && indicator.is_some() {
                let vi = format!("Không có bậc cho giá trị dưới {from}.");
                let en = format!("No step takes values below {from}.");
                self.add(Rule::ScaleGap, &format!("{place}/steps/0/range/from"), vi, en, &[("from", &from)]);
            }
        }
        if let Some(to) = last.range.to {
            let covered = indicator.and_then(ScoringIndicator::greatest).is_some_and(|greatest| {
                in_hundredths(to) > hundredfold(greatest)
                    || (in_hundredths(to) == hundredfold(greatest) && last.range.to_included)
            });
            if !covered && indicator.is_some() {
                let vi = format!("Không có bậc cho giá trị trên {to}.");
                let en = format!("No step takes values above {to}.");
                let at = form.steps.len() - 1;
                self.add(Rule::ScaleGap, &format!("{place}/steps/{at}/range/to"), vi, en, &[("to", &to)]);
            }
        }
    }
}

fn is_empty(range: &Range) -> bool {
    let (Some(from), Some(to)) = (range.from, range.to) else { return false };
    match in_hundredths(from).cmp(&in_hundredths(to)) {
        Ordering::Less => false,
        Ordering::Equal => !(range.from_included && range.to_included),
        Ordering::Greater => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::domain::criteria::{CriteriaSet, tt01};

    /// The faults of a scale put on sub-criterion 1a, whose maximum is 6.00.
    fn faults(scale: Value) -> Vec<String> {
        let mut set: CriteriaSet = tt01();
        set.criteria.groups[0].criteria[0].sub_criteria[0].scale = Some(serde_json::from_value(scale).unwrap());
        let refusal = set.check().err();
        let place = "/criteria/groups/0/criteria/0/subCriteria/0/scale";
        let fault = |fault: crate::domain::refusal::Fault| {
            format!("{} {}", fault.pointer.strip_prefix(place).unwrap_or(&fault.pointer), fault.code)
        };
        refusal.map(|refusal| refusal.faults.into_iter().map(fault).collect()).unwrap_or_default()
    }

    fn step(range: Value, points: &str) -> Value {
        let mut step = json!({"points": points});
        step["range"] = range;
        step
    }

    fn steps(steps: &[Value]) -> Value {
        json!({"indicator": "average_total_capital", "legalBasis": "mẫu", "forms": [{"steps": steps}]})
    }

    #[test]
    fn a_scale_that_takes_every_value_once_passes() {
        let from_zero = [step(json!({"from": "0", "to": "100"}), "1.00"), step(json!({"from": "100"}), "6.00")];
        assert_eq!(faults(steps(&from_zero)), [""; 0]);
        let closed_above = [
            step(json!({"to": "100", "toIncluded": true}), "1.00"),
            step(json!({"from": "100", "fromIncluded": false}), "6.00"),
        ];
        assert_eq!(faults(steps(&closed_above)), [""; 0]);
        let share = json!({"indicator": "managers_young_share", "legalBasis": "mẫu", "forms": [{"steps": [
            step(json!({"from": "0", "to": "50"}), "0.00"), step(json!({"from": "50", "to": "100", "toIncluded": true}), "2.00"),
        ]}]});
        assert_eq!(faults(share), [""; 0]);
    }

    #[test]
    fn every_gap_and_every_overlap_is_found_at_once() {
        let broken = [
            step(json!({"from": "10", "to": "100"}), "1.00"),
            step(json!({"from": "90", "to": "200"}), "2.00"),
            step(json!({"from": "200", "fromIncluded": false, "to": "300", "toIncluded": true}), "3.00"),
            step(json!({"from": "300", "to": "400"}), "6.01"),
            step(json!({"from": "500", "to": "450"}), "4.00"),
        ];
        let expected = [
            "/forms/0/steps/3/points invalid_criteria_set",
            "/forms/0/steps/4/range invalid_scale",
            "/forms/0/steps/1/range/from scale_overlap",
            "/forms/0/steps/2/range/from scale_gap",
            "/forms/0/steps/3/range/from scale_overlap",
            "/forms/0/steps/4/range/from scale_gap",
            "/forms/0/steps/0/range/from scale_gap",
            "/forms/0/steps/4/range/to scale_gap",
        ];
        assert_eq!(faults(steps(&broken)), expected);
    }

    #[test]
    fn a_growth_or_a_profit_below_zero_needs_a_step_too() {
        let of = |indicator: &str, from: &str| {
            let steps = [step(json!({"from": from}), "1.00")];
            faults(json!({"indicator": indicator, "legalBasis": "mẫu", "forms": [{"steps": steps}]}))
        };
        assert_eq!(of("total_capital_growth", "0"), ["/forms/0/steps/0/range/from scale_gap"]);
        assert_eq!(of("total_capital_growth", "-100"), [""; 0]);
        assert_eq!(of("profit_before_tax", "-999999999999999"), ["/forms/0/steps/0/range/from scale_gap"]);
    }

    #[test]
    fn indicator_fields_and_shape_are_checked_together() {
        let scale = json!({"indicator": "happiness", "legalBasis": "mẫu", "forms": [
            {"field": "agriculture"},
            {"line": {"from": "5", "fromPoints": "0.00", "to": "5.00", "toPoints": "7.00", "rounding": "down"}},
        ]});
        let expected = [
            "/indicator unknown_indicator",
            "/forms invalid_scale",
            "/forms/0 invalid_scale",
            "/forms/1/line/toPoints invalid_criteria_set",
            "/forms/1/line/to invalid_scale",
        ];
        assert_eq!(faults(scale), expected);
    }

    #[test]
    fn a_scale_stands_where_points_are_scored() {
        let mut set = tt01();
        let scale = steps(&[step(json!({}), "1.00")]);
        set.criteria.groups[0].criteria[0].scale = Some(serde_json::from_value(scale).unwrap());
        let faults = set.check().unwrap_err().faults;
        assert_eq!(
            (faults[0].pointer.as_str(), faults[0].code),
            ("/criteria/groups/0/criteria/0/scale", "invalid_scale")
        );
    }
}
