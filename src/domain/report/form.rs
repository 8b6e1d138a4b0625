//! The form that reports follow, as data: which indicators, in which order, in which words, and how they add up. The code
//! knows the formula behind each that is computed: a form that adds such a one up otherwise is not used. What the code does
//! not know, a form defines itself, and agencies enter it by hand.

use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{FORM_SCHEME, ReportLevel};
use crate::domain::indicator::{
    Additivity, BreakdownBy, Frequency, FurtherBy, Indicator, IndicatorSource, IndicatorUnit,
};
use crate::domain::period::Period;
use crate::domain::text::Text;

/// An indicator as a form has it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IndicatorView)]
pub struct FormIndicator {
    /// Its code, which also names the formula that it is computed by, unless the form defines it to be entered by hand.
    #[schema(value_type = String, min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "pilots_active")]
    #[serde(rename = "code", serialize_with = "Indicator::serialize_code")]
    pub indicator: Indicator,
    /// What it counts, in words.
    pub label: Text,
    /// What it is measured in.
    pub unit: IndicatorUnit,
    /// How the figures of units make the figure of a larger unit.
    pub over_units: Additivity,
    /// How the figures of two half-years make the figure of a year.
    pub over_time: Additivity,
    /// The periods that it is reported for.
    pub frequency: Frequency,
    /// Computed from the records, or entered by the reporting agency as an override with its reason.
    pub source: IndicatorSource,
    /// Whose reports carry it.
    #[schema(max_items = 3)]
    pub levels: Vec<ReportLevel>,
    /// What its breakdown is by, if it has one.
    pub breakdown_by: Option<BreakdownBy>,
    /// What its further breakdowns are by, if it has any.
    #[schema(max_items = 5)]
    pub further_by: Option<Vec<FurtherBy>>,
}

/// A version of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportForm {
    /// Its version: what reports name.
    pub version: String,
    /// The scheme whose reports it is of.
    pub scheme: String,
    /// Its name.
    pub name: Text,
    /// The first day in force: of the periods whose data close on or after it.
    pub valid_from: NaiveDate,
    /// The last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// Where it comes from.
    pub legal_basis: String,
    /// Its indicators, in its order.
    pub indicators: Vec<FormIndicator>,
}

impl FormIndicator {
    /// An indicator as the code knows it, or as its definition says.
    pub fn known(indicator: Indicator) -> Self {
        Self {
            indicator,
            label: indicator.label(),
            unit: indicator.unit(),
            over_units: indicator.over_units(),
            over_time: indicator.over_time(),
            frequency: indicator.frequency(),
            source: indicator.source(),
            levels: ReportLevel::ALL.iter().copied().filter(|level| level.reaches(indicator)).collect(),
            breakdown_by: indicator.breakdown_by(),
            further_by: Some(indicator.further().to_vec()).filter(|further| !further.is_empty()),
        }
    }

    /// Whether the code computes and adds up the indicator as the form says.
    pub fn is_understood(&self) -> bool {
        let known = Self::known(self.indicator);
        (known.unit, known.over_units, known.over_time, known.breakdown_by)
            == (self.unit, self.over_units, self.over_time, self.breakdown_by)
    }

    /// Whether a report of a level on a period carries it.
    fn is_carried(&self, level: ReportLevel, period: Period) -> bool {
        self.levels.contains(&level) && (self.frequency == Frequency::HalfYearly || period.is_annual())
    }
}

impl ReportForm {
    /// The form that asks for everything that the code knows, of all days.
    pub fn known(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            scheme: FORM_SCHEME.to_owned(),
            name: Text::new("Mọi chỉ tiêu", "Every indicator"),
            valid_from: NaiveDate::MIN,
            valid_to: None,
            legal_basis: "167/QĐ-TTg".to_owned(),
            indicators: Indicator::ALL.iter().copied().map(FormIndicator::known).collect(),
        }
    }

    /// The indicators of a level's report on a period, in the order of the form.
    pub fn of(&self, level: ReportLevel, period: Period) -> impl Iterator<Item = Indicator> {
        let carried = self.indicators.iter().filter(move |indicator| indicator.is_carried(level, period));
        carried.map(|indicator| indicator.indicator)
    }

    /// The indicator of a code, in this form or as the code knows it.
    pub fn indicator(&self, code: &str) -> Option<Indicator> {
        let found = self.indicators.iter().map(|one| one.indicator).find(|indicator| indicator.code() == code);
        found.or_else(|| Indicator::from_code(code))
    }

    /// What an indicator counts, in the words of the form; in those of the code, where the form has it not.
    pub fn label(&self, indicator: Indicator) -> Text {
        let found = self.indicators.iter().find(|one| one.indicator == indicator);
        found.map_or_else(|| indicator.label(), |one| one.label.clone())
    }

    /// The form of some to use for data that close on a day: the last that is in force then; before the first of them, the
    /// first.
    pub fn in_force(mut forms: Vec<Self>, day: NaiveDate) -> Option<Self> {
        forms.sort_by_key(|form| form.valid_from);
        let holds = |form: &Self| form.valid_from <= day && form.valid_to.is_none_or(|end| day <= end);
        let place = forms.iter().rposition(holds).unwrap_or_default();
        (place < forms.len()).then(|| forms.swap_remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(version: &str, from: &str, to: Option<&str>) -> ReportForm {
        let valid_to = to.map(|day| day.parse().unwrap());
        ReportForm { valid_from: from.parse().unwrap(), valid_to, ..ReportForm::known(version) }
    }

    #[test]
    fn the_form_of_a_day_is_the_one_in_force_then() {
        let forms = || vec![form("2", "2024-01-01", None), form("1", "2021-02-03", Some("2023-12-31"))];
        for (day, version) in [("2020-12-14", "1"), ("2023-12-14", "1"), ("2024-06-14", "2"), ("2030-01-01", "2")] {
            let found = ReportForm::in_force(forms(), day.parse().unwrap()).unwrap();
            assert_eq!(found.version, version, "{day}");
        }
        assert_eq!(ReportForm::in_force(Vec::new(), "2024-06-14".parse().unwrap()), None);
    }

    #[test]
    fn a_form_chooses_and_orders_indicators_and_says_which_reports_carry_them() {
        let mut short = form("3", "2026-01-01", None);
        short.indicators.retain(|one| [Indicator::Revenue, Indicator::PilotsActive].contains(&one.indicator));
        short.indicators.reverse();
        let codes = |level, period: &str| {
            let form = short.of(level, period.parse().unwrap());
            form.map(Indicator::code).collect::<Vec<_>>()
        };
        assert_eq!(codes(ReportLevel::Province, "2026"), ["revenue", "pilots_active"]);
        assert_eq!(codes(ReportLevel::Province, "2026S1"), ["pilots_active"]);
        short.indicators[0].levels.retain(|level| *level == ReportLevel::Province);
        let codes = short.of(ReportLevel::Locality, "2026".parse().unwrap()).map(Indicator::code).collect::<Vec<_>>();
        assert_eq!(codes, ["pilots_active"]);
    }

    #[test]
    fn a_form_that_adds_up_otherwise_than_the_code_is_not_understood() {
        let mut share = FormIndicator::known(Indicator::PilotsGoodShare);
        assert!(share.is_understood());
        share.label = Text::new("Tỷ lệ", "Share");
        assert!(share.is_understood(), "words are the form's own");
        share.over_units = Additivity::Sum;
        assert!(!share.is_understood(), "a percentage is never added");
    }
}
