//! The life of a form: loaded as a draft, with every fault told at once, then put in force from a period on. Reports that
//! were made with the form before keep it.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{FORM_SCHEME, FormIndicator, ReportForm, ReportLevel};
use crate::domain::indicator::{
    Additivity, BreakdownBy, Definition, Frequency, FurtherBy, Indicator, IndicatorSource, IndicatorUnit,
};
use crate::domain::moment::Moment;
use crate::domain::period::Period;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, names};
use crate::domain::text::Text;
use crate::domain::writers::Writers;

names! {
    /// Where a form is in its life.
    ReportFormState {
        /// Loaded; no report is made with it.
        Draft = "draft",
        /// In force on its days.
        Active = "active",
    }
}

/// An indicator as a new form asks for it. What the code computes is not the form's to change: members that say how an
/// indicator is measured and added up may be left out, and are refused where they differ. Under a code that the code does not
/// compute, a form defines an indicator that agencies enter by hand: `source` is `entered`, and `unit`, `overUnits` and
/// `overTime` are given.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFormIndicator {
    /// Its code, which also names the formula that it is computed by; a new one, of an indicator that the form defines.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", example = "pilots_active")]
    pub code: String,
    /// What it counts, in the words of the form.
    pub label: Text,
    /// What it is measured in.
    #[schema(nullable = false)]
    pub unit: Option<IndicatorUnit>,
    /// How the figures of units make the figure of a larger unit.
    #[schema(nullable = false)]
    pub over_units: Option<Additivity>,
    /// How the figures of two half-years make the figure of a year.
    #[schema(nullable = false)]
    pub over_time: Option<Additivity>,
    /// The periods that it is reported for: not each half-year, where it is known of a year alone.
    pub frequency: Frequency,
    /// Computed from the records, or entered by the reporting agency.
    #[schema(nullable = false)]
    pub source: Option<IndicatorSource>,
    /// Whose reports carry it.
    #[schema(min_items = 1, max_items = 3)]
    pub levels: Vec<ReportLevel>,
    /// What its breakdown is by.
    #[schema(nullable = false)]
    pub breakdown_by: Option<BreakdownBy>,
    /// What its further breakdowns are by.
    #[schema(nullable = false, max_items = 5)]
    pub further_by: Option<Vec<FurtherBy>>,
}

/// A new version of the form of the periodic reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewReportForm {
    /// Its version: what reports will name. It does not change.
    #[schema(min_length = 1, max_length = 60, pattern = "^[A-Za-z0-9.-]+$", example = "QD167-2021-2025.2")]
    pub version: String,
    /// Its name.
    pub name: Text,
    /// The first period that is reported on with it, as proposed: the activation decides.
    #[schema(value_type = String, min_length = 4, max_length = 6, pattern = "^20[0-9]{2}(S[12])?$", example = "2024S1")]
    pub first_period: Period,
    /// Where it comes from.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Công văn 1485/BKHĐT-HTX")]
    pub legal_basis: String,
    /// Its indicators, in its order.
    #[schema(min_items = 1, max_items = 100)]
    pub indicators: Vec<NewFormIndicator>,
}

/// A form with where it is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptForm {
    /// Identifier.
    pub id: Uuid,
    /// Version of the record, counted from 1.
    pub version: i32,
    /// The form.
    pub form: ReportForm,
    /// The first period that is reported on with it; not known of the forms that shipped.
    pub first_period: Option<Period>,
    /// Whether it is in force.
    pub state: ReportFormState,
    /// Everyone who wrote it: none of them puts it in force.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was put in force; not known of the forms that shipped.
    pub activated_at: Option<DateTime<Utc>>,
    /// When the form that followed gave it its last day.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A form that was put in force, and the one that thereby ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivatedForm {
    /// The form.
    pub form: KeptForm,
    /// The form before it, now with a last day.
    pub ended: Option<KeptForm>,
}

/// A report that was made with another form for a period on which a form would be in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportBefore {
    /// The period.
    pub period: Period,
    /// The form that it was made with.
    pub form: String,
}

/// The wire name of a value.
fn word(value: impl Serialize) -> String {
    let written = serde_json::to_value(value).unwrap_or_default();
    written.as_str().unwrap_or_default().to_owned()
}

impl NewFormIndicator {
    /// The indicator as the form has it, or every fault of it.
    fn read(&self, at: &str) -> Result<FormIndicator, Vec<Refusal>> {
        let indicator = match Indicator::from_code(&self.code) {
            Some(known) => known,
            None if self.source == Some(IndicatorSource::Entered) => self.defined(at)?,
            None => return Err(vec![self.unknown(at)]),
        };
        let known = FormIndicator::known(indicator);
        let mut faults = Vec::new();
        let mut held = |member: &str, asked: Option<String>, known: String| {
            if asked.is_some_and(|asked| asked != known) {
                faults.push(formula(indicator, &format!("{at}/{member}"), &known));
            }
        };
        held("unit", self.unit.map(word), word(known.unit));
        held("overUnits", self.over_units.map(word), word(known.over_units));
        held("overTime", self.over_time.map(word), word(known.over_time));
        held("source", self.source.map(word), word(known.source));
        held("breakdownBy", self.breakdown_by.map(word), known.breakdown_by.map(word).unwrap_or_default());
        let words = |further: &[FurtherBy]| further.iter().map(word).collect::<Vec<_>>().join(", ");
        held(
            "furtherBy",
            self.further_by.as_deref().map(words),
            words(known.further_by.as_deref().unwrap_or_default()),
        );
        if known.frequency == Frequency::Annual {
            held("frequency", Some(word(self.frequency)), word(known.frequency));
        }
        faults.extend(self.levels_faults(&known, at));
        if !faults.is_empty() {
            return Err(faults);
        }
        let (label, levels) = (self.label.clone(), self.levels.clone());
        Ok(FormIndicator { label, levels, frequency: self.frequency, ..known })
    }

    fn unknown(&self, at: &str) -> Refusal {
        let code = &self.code;
        let vi = format!("Không có cách tính chỉ tiêu “{code}”; chỉ tiêu nhập tay có “source” là “entered”.");
        let en = format!("There is no formula of “{code}”; an indicator entered by hand has “entered” for “source”.");
        Refusal::at(Rule::UnknownReference, format!("{at}/code"), vi, en).given(&[("reference", code)])
    }

    /// The indicator that the form defines, or every member that is missing or contradicts another.
    fn defined(&self, at: &str) -> Result<Indicator, Vec<Refusal>> {
        let fault = |(member, allowed): (&str, &str)| {
            let code = &self.code;
            let vi = format!("Chỉ tiêu nhập tay “{code}”: “{member}” phải là một trong: “{allowed}”.");
            let en = format!("The indicator “{code}”, entered by hand, has for “{member}” one of: “{allowed}”.");
            let refusal = Refusal::at(Rule::IndicatorFormula, format!("{at}/{member}"), vi, en);
            refusal.given(&[("indicator", code), ("known", &allowed)])
        };
        let missing = [
            ("unit", self.unit.is_none(), "cooperative, person, dong, …"),
            ("overUnits", self.over_units.is_none(), "sum, ratio, distinct"),
            ("overTime", self.over_time.is_none(), "sum, ratio, latest, distinct, not_added"),
        ];
        let missing: Vec<_> = missing.into_iter().filter(|(_, lacks, _)| *lacks).collect();
        let (Some(unit), Some(over_units), Some(over_time)) = (self.unit, self.over_units, self.over_time) else {
            return Err(missing.into_iter().map(|(member, _, allowed)| fault((member, allowed))).collect());
        };
        let (code, label) = (self.code.clone(), self.label.clone());
        let definition = Definition { code, label, unit, over_units, over_time };
        let contradictions: Vec<_> = definition.contradictions().into_iter().map(fault).collect();
        if contradictions.is_empty() { Ok(Indicator::Defined(definition.into())) } else { Err(contradictions) }
    }

    /// What is wrong with whose reports it asks for: a level stands once, and its reports can carry the indicator.
    fn levels_faults(&self, known: &FormIndicator, at: &str) -> Vec<Refusal> {
        let mut faults = Vec::new();
        for (index, level) in self.levels.iter().enumerate() {
            let pointer = format!("{at}/levels/{index}");
            if self.levels.iter().take(index).any(|before| before == level) {
                faults.push(repeated(&pointer, level.name()));
            } else if !known.levels.contains(level) {
                let names: Vec<_> = known.levels.iter().map(|level| level.name()).collect();
                faults.push(formula(known.indicator, &pointer, &names.join(", ")));
            }
        }
        faults
    }
}

impl From<&FormIndicator> for NewFormIndicator {
    fn from(indicator: &FormIndicator) -> Self {
        let FormIndicator {
            indicator,
            label,
            unit,
            over_units,
            over_time,
            frequency,
            source,
            levels,
            breakdown_by,
            further_by,
        } = indicator.clone();
        Self {
            code: indicator.code().to_owned(),
            label,
            unit: Some(unit),
            over_units: Some(over_units),
            over_time: Some(over_time),
            frequency,
            source: Some(source),
            levels,
            breakdown_by,
            further_by,
        }
    }
}

fn formula(indicator: Indicator, pointer: &str, known: &str) -> Refusal {
    let (code, none) = (indicator.code(), if known.is_empty() { "-" } else { known });
    let (vi, en) =
        (format!("Chỉ tiêu {code} được tính theo: {none}."), format!("The indicator {code} is computed as: {none}."));
    Refusal::at(Rule::IndicatorFormula, pointer, vi, en).given(&[("indicator", &code), ("known", &none)])
}

fn repeated(pointer: &str, item: &str) -> Refusal {
    let (vi, en) = (format!("“{item}” bị lặp."), format!("{item} stands twice."));
    Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &item)])
}

/// The first day whose data closing makes a period one of the form: that on which the data of its first period begin.
fn first_day(period: Period) -> Result<NaiveDate, Refusal> {
    period.decreed().map(|window| window.from_date).ok_or_else(|| {
        let (vi, en) = ("Kỳ sơ kết không mở đầu một biểu mẫu.", "A form does not begin with a review.");
        let kind = period.kind().name();
        Refusal::at(Rule::WindowMissing, "/firstPeriod", vi, en).given(&[("periodKind", &kind)])
    })
}

impl NewReportForm {
    /// The form that it describes.
    ///
    /// # Errors
    /// Every fault: indicators that are not known, that stand twice, or that are not computed like that.
    fn read(self) -> Result<(ReportForm, Period), Refusal> {
        let Self { version, name, first_period, legal_basis, indicators: asked } = self;
        let (mut faults, mut indicators, mut codes) = (Vec::new(), Vec::new(), HashSet::new());
        for (index, one) in asked.iter().enumerate() {
            let at = format!("/indicators/{index}");
            if !codes.insert(one.code.as_str()) {
                faults.push(repeated(&format!("{at}/code"), &one.code));
            }
            match one.read(&at) {
                Ok(indicator) => indicators.push(indicator),
                Err(several) => faults.extend(several),
            }
        }
        let valid_from = first_day(first_period).map_err(|refusal| faults.push(refusal)).unwrap_or_default();
        Refusal::of_all(faults)?;
        let scheme = FORM_SCHEME.to_owned();
        let form = ReportForm { version, scheme, name, valid_from, valid_to: None, legal_basis, indicators };
        Ok((form, first_period))
    }
}

impl From<&KeptForm> for NewReportForm {
    fn from(kept: &KeptForm) -> Self {
        let ReportForm { version, name, legal_basis, indicators, .. } = &kept.form;
        Self {
            version: version.clone(),
            name: name.clone(),
            first_period: kept.first_period.unwrap_or(Period::FirstHalf(2021)),
            legal_basis: legal_basis.clone(),
            indicators: indicators.iter().map(NewFormIndicator::from).collect(),
        }
    }
}

impl KeptForm {
    /// Loads a draft.
    ///
    /// # Errors
    /// Every fault of the form.
    pub fn load(id: Uuid, new: NewReportForm, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        let (form, first_period) = new.read()?;
        Ok(Self {
            id,
            version: 1,
            form,
            first_period: Some(first_period),
            state: ReportFormState::Draft,
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
            activated_at: None,
            ended_at: None,
        })
    }

    /// The form as it was at an instant, if it was in force by then: still open, when its end was recorded later.
    pub fn as_of(self, at: DateTime<Utc>) -> Option<Self> {
        let known = self.state == ReportFormState::Active && self.activated_at.is_none_or(|since| since <= at);
        let valid_to = self.form.valid_to.filter(|_| self.ended_at.is_none_or(|since| since <= at));
        known.then(|| Self { form: ReportForm { valid_to, ..self.form.clone() }, ..self })
    }

    /// Writes a draft anew; its version, by which it is found, stays.
    ///
    /// # Errors
    /// Every fault of the form, or it is in force.
    pub fn edit(self, new: NewReportForm, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may_edit()?;
        let fixed = new.version == self.form.version;
        let (form, first_period) = new.read()?;
        if !fixed {
            let version = &self.form.version;
            let (vi, en) = (format!("Phiên bản {version} không đổi được."), format!("{version} does not change."));
            return Err(Refusal::at(Rule::FormVersionFixed, "/version", vi, en).given(&[("form", version)]));
        }
        let writers = self.writers.clone().and(caller);
        Ok(Self { form, first_period: Some(first_period), writers, ..self.next_version(now) })
    }

    /// Whether it can still be written or deleted.
    ///
    /// # Errors
    /// It is in force.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        if self.state == ReportFormState::Draft {
            return Ok(());
        }
        let (vi, en) =
            ("Biểu mẫu đã có hiệu lực, không còn là dự thảo.", "The form is in force and no longer a draft.");
        Err(Refusal::new(Rule::NotADraft, vi, en).given(&[("state", &self.state.name())]))
    }

    /// Whether the caller may put it in force: nobody who wrote it.
    ///
    /// # Errors
    /// It is in force already, or the caller wrote it.
    pub fn may_activate(&self, caller: &Caller) -> Result<(), Refusal> {
        self.may_edit()?;
        self.writers.four_eyes(caller)
    }

    /// The first day on which the form would be in force, when a period is its first.
    ///
    /// # Errors
    /// A form does not begin with a review.
    pub fn first_day(first_period: Period) -> Result<NaiveDate, Refusal> {
        first_day(first_period)
    }

    /// Puts the form in force from a period on. The form in force until then ends on the day before. `others` are the forms
    /// in force, `before` is a report on such a period that was made with another form.
    ///
    /// # Errors
    /// The caller wrote it; another form begins on that day or later; reports were made already.
    pub fn activate(
        self,
        first_period: Period,
        others: Vec<Self>,
        before: Option<ReportBefore>,
        (caller, now): (&Caller, Moment),
    ) -> Result<ActivatedForm, Refusal> {
        self.may_activate(caller)?;
        let from = first_day(first_period)?;
        if let Some(later) = others.iter().find(|other| other.form.valid_from >= from) {
            let (form, begins) = (&later.form.version, later.form.valid_from);
            let (vi, en) = (
                format!("Biểu mẫu {form} có hiệu lực từ ngày {begins}, không trước ngày {from}."),
                format!("The form {form} is in force from {begins}, not before {from}."),
            );
            let refusal = Refusal::at(Rule::FormOverlaps, "/firstPeriod", vi, en);
            return Err(refusal.given(&[("form", form), ("begins", &begins), ("from", &from)]));
        }
        if let Some(ReportBefore { period, form }) = before {
            let (vi, en) = (
                format!("Đã có báo cáo kỳ {period} lập theo biểu mẫu {form}."),
                format!("Reports on {period} were made with the form {form}."),
            );
            let refusal = Refusal::at(Rule::FormInUse, "/firstPeriod", vi, en);
            return Err(refusal.given(&[("form", &form), ("period", &period)]));
        }
        let open = others.into_iter().find(|other| other.form.valid_to.is_none_or(|end| end >= from));
        let ended = open.map(|open| {
            let form = ReportForm { valid_to: from.pred_opt(), ..open.form.clone() };
            Self { form, ended_at: Some(now.0), ..open.next_version(now) }
        });
        let form = ReportForm { valid_from: from, ..self.form.clone() };
        let (first_period, state, activated_at) = (Some(first_period), ReportFormState::Active, Some(now.0));
        Ok(ActivatedForm { form: Self { form, first_period, state, activated_at, ..self.next_version(now) }, ended })
    }

    fn next_version(self, now: Moment) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: now.0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::{Role, Scope};

    fn caller(subject: &str) -> Caller {
        Caller {
            issuer: "test".to_owned(),
            subject: subject.to_owned(),
            role: Role::Ministry,
            agency: None,
            predecessors: Vec::new(),
            unit: None,
            scope: Scope::Country,
        }
    }

    fn now() -> Moment {
        Moment("2023-06-30T03:00:00Z".parse().unwrap())
    }

    fn new(version: &str, first: &str) -> NewReportForm {
        let form = ReportForm::known(version);
        NewReportForm {
            version: version.to_owned(),
            name: form.name.clone(),
            first_period: first.parse().unwrap(),
            legal_basis: form.legal_basis.clone(),
            indicators: form.indicators.iter().map(NewFormIndicator::from).collect(),
        }
    }

    fn draft(version: &str, first: &str) -> KeptForm {
        KeptForm::load(Uuid::nil(), new(version, first), &caller("a"), now()).unwrap()
    }

    fn faults(new: NewReportForm) -> Vec<String> {
        let refusal = KeptForm::load(Uuid::nil(), new, &caller("a"), now()).unwrap_err();
        refusal.faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn every_fault_of_a_form_is_told_at_once() {
        let mut wrong = new("2", "2024R");
        wrong.indicators.truncate(5);
        wrong.indicators[0].code = "no_such".to_owned();
        wrong.indicators[1].over_units = Some(Additivity::Ratio);
        wrong.indicators[1].unit = Some(IndicatorUnit::Dong);
        wrong.indicators[2].code = wrong.indicators[3].code.clone();
        let rating = ReportForm::known("x").indicators;
        let coops = rating.iter().find(|one| one.indicator == Indicator::CoopsByRating).unwrap();
        wrong.indicators[4] = NewFormIndicator::from(coops);
        wrong.indicators[4].frequency = Frequency::HalfYearly;
        wrong.indicators[4].levels = vec![ReportLevel::Province, ReportLevel::LineDepartment, ReportLevel::Province];
        let said = faults(wrong);
        for expected in [
            "/indicators/0/code unknown_reference",
            "/indicators/1/unit indicator_formula",
            "/indicators/1/overUnits indicator_formula",
            "/indicators/3/code repeated_item",
            "/indicators/4/frequency indicator_formula",
            "/indicators/4/levels/1 indicator_formula",
            "/indicators/4/levels/2 repeated_item",
            "/firstPeriod window_missing",
        ] {
            assert!(said.iter().any(|fault| fault == expected), "{expected}: {said:?}");
        }
    }

    #[test]
    fn what_a_form_leaves_out_is_what_the_code_knows() {
        let mut bare = new("2", "2024S1");
        for one in &mut bare.indicators {
            (one.unit, one.over_units, one.over_time, one.source, one.breakdown_by) = (None, None, None, None, None);
        }
        let kept = KeptForm::load(Uuid::nil(), bare, &caller("a"), now()).unwrap();
        assert_eq!(kept.form.indicators, ReportForm::known("2").indicators);
        assert_eq!(kept.form.valid_from.to_string(), "2023-12-15", "on which the data of 2024S1 begin");
    }

    #[test]
    fn a_form_is_put_in_force_by_another_and_ends_the_one_before() {
        let first = draft("1", "2021S1").activate("2021S1".parse().unwrap(), vec![], None, (&caller("b"), now()));
        let first = first.unwrap().form;
        assert_eq!((first.state, first.version, first.form.valid_to), (ReportFormState::Active, 2, None));
        let second = draft("2", "2024S1");
        let refused = |by: &str, period: &str, before| {
            let done =
                second.clone().activate(period.parse().unwrap(), vec![first.clone()], before, (&caller(by), now()));
            done.map(|_| ()).unwrap_err().rule
        };
        assert_eq!(refused("a", "2024S1", None), Rule::FourEyes);
        assert_eq!(refused("b", "2021S1", None), Rule::FormOverlaps);
        let before = ReportBefore { period: "2024".parse().unwrap(), form: "1".to_owned() };
        assert_eq!(refused("b", "2024S2", Some(before)), Rule::FormInUse);
        let done = second.activate("2024S2".parse().unwrap(), vec![first], None, (&caller("b"), now())).unwrap();
        assert_eq!(done.form.form.valid_from.to_string(), "2024-06-15");
        assert_eq!(done.ended.unwrap().form.valid_to.map(|day| day.to_string()), Some("2024-06-14".to_owned()));
        assert_eq!(done.form.may_edit().unwrap_err().rule, Rule::NotADraft);
    }
}
