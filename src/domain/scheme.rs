//! The scheme (*Đề án*): its phases, models, conditions, dossier, quota and limits, all of it data.
//!
//! Decision 167/QĐ-TTg of 3 February 2021, as An Giang's Decision 2129/QĐ-UBND carries it out. Nothing here is a
//! constant of the code: a successor programme is another [`Scheme`].

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::condition::{MandatoryCondition, years_schema};
pub use super::cooperative::Field;
use super::score::Points;
use super::text::Text;

/// A scheme in force for some years.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scheme {
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The decision behind it.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Quyết định số 167/QĐ-TTg ngày 03/02/2021")]
    pub legal_basis: String,
    /// First day in force.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// What it is to reach.
    #[schema(max_items = 20)]
    pub targets: Vec<Text>,
    /// Its phases, in order.
    #[schema(max_items = 10)]
    pub phases: Vec<Phase>,
    /// Last day of the phase that selects pilots. A selection after it draws a warning, not a refusal.
    #[schema(example = "2021-12-31")]
    pub selection_phase_end: NaiveDate,
    /// The models that a pilot may follow.
    #[schema(max_items = 50)]
    pub models: Vec<Model>,
    /// Most pilots of one province on the scheme's list.
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub pilot_quota: u32,
    /// Least points of the entry evaluation, included; the condition of kind `evaluation` decides by its own parameter.
    pub entry_points: Points,
    /// Least total at the end of the scheme, included.
    pub exit_points: Points,
    /// Year of the evaluation that an application needs.
    #[schema(minimum = 2000, maximum = 2099, example = 2020)]
    pub evaluation_year: u16,
    /// The criteria set that evaluations of the scheme use.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    pub criteria_set: String,
    /// The financial years in each of which an applicant must have made a profit.
    #[schema(schema_with = years_schema)]
    pub profit_years: Vec<u16>,
    /// Conditions that must all hold, each on the days that it is in force.
    #[schema(max_items = 20)]
    pub mandatory: Vec<MandatoryCondition>,
    /// Conditions that rank applicants and never exclude one.
    #[schema(max_items = 50)]
    pub priority: Vec<PriorityCondition>,
    /// Checklist of the application file (*hồ sơ đăng ký tham gia Đề án*).
    #[schema(max_items = 50)]
    pub dossier: Vec<DossierItem>,
    /// Policies that the scheme states without naming amounts: told, never computed with.
    #[schema(max_items = 20)]
    pub policies: Vec<Policy>,
}

/// A phase of the scheme (*giai đoạn*).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// Its number.
    #[schema(minimum = 1, maximum = 10, example = 1)]
    pub number: u8,
    /// What is done in it.
    pub name: Text,
    /// First day, where the text gives one.
    pub from_date: Option<NaiveDate>,
    /// Last day.
    #[schema(example = "2021-12-31")]
    pub to_date: NaiveDate,
    /// Where it is laid down.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.1")]
    pub legal_basis: String,
}

/// One of the models of new-style cooperatives (*mô hình HTX kiểu mới*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// Code: `A1`…`A8`, `N1`…`N4`.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A1")]
    pub code: String,
    /// Name for machines.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "production_and_market")]
    pub slug: String,
    /// Field of activity.
    pub field: Field,
    /// Name for people.
    pub name: Text,
}

/// A condition that ranks applicants (*điều kiện ưu tiên*), by component, without weight or threshold: none is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriorityCondition {
    /// Code: group and component, `P1.1`.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P1.1")]
    pub code: String,
    /// Name for machines.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "many_members")]
    pub slug: String,
    /// The condition in words.
    pub text: Text,
}

/// An item of the application file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DossierItem {
    /// Code of the item.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "evaluation_2020")]
    pub code: String,
    /// Whether an application is incomplete without it.
    #[schema(example = true)]
    pub required: bool,
    /// The item in words.
    pub text: Text,
    /// Where it is laid down, or that no public text names it.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
    pub legal_basis: String,
}

/// A policy that the scheme states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The statement.
    pub text: Text,
    /// Where it stands.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND V.1")]
    pub legal_basis: String,
}

impl Scheme {
    /// Whether the scheme is in force on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// A model by its code.
    pub fn model(&self, code: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.code == code)
    }

    /// A priority condition by its code.
    pub fn priority_condition(&self, code: &str) -> Option<&PriorityCondition> {
        self.priority.iter().find(|condition| condition.code == code)
    }

    /// An item of the application file by its code.
    pub fn dossier_item(&self, code: &str) -> Option<&DossierItem> {
        self.dossier.iter().find(|item| item.code == code)
    }

    /// Whether a selection of this day comes after the phase for it: a warning, as Lào Cai's in July 2023.
    pub fn selects_late(&self, day: NaiveDate) -> bool {
        day > self.selection_phase_end
    }
}

/// The scheme that ships, for tests of the rules that read it.
#[cfg(test)]
pub(crate) fn qd167() -> Scheme {
    let shipped: Vec<Scheme> = serde_json::from_str(include_str!("../../migration/data/schemes.json")).unwrap();
    shipped.into_iter().find(|scheme| scheme.code == "QD167-2021-2025").unwrap()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::condition::{ConditionKind, ConditionParameters};

    #[test]
    fn the_scheme_that_ships_says_what_the_decision_says() {
        let scheme = qd167();
        let of_field = |field| scheme.models.iter().filter(|model| model.field == field).count();
        assert_eq!((of_field(Field::Agriculture), of_field(Field::NonAgriculture)), (8, 4));
        assert_eq!(
            (scheme.pilot_quota, scheme.entry_points, scheme.exit_points),
            (5, Points::whole(65), Points::whole(80))
        );
        assert_eq!((scheme.evaluation_year, scheme.profit_years.as_slice()), (2020, &[2018, 2019, 2020][..]));
        assert_eq!(scheme.phases.iter().map(|phase| phase.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(scheme.phases[0].to_date, scheme.selection_phase_end);
        assert_eq!(scheme.priority.len(), 15);
    }

    #[test]
    fn each_kind_of_mandatory_condition_stands_once_with_its_parameters() {
        let scheme = qd167();
        let kinds: Vec<_> = scheme.mandatory.iter().map(|condition| condition.kind).collect();
        // An attested statement is a province's own.
        assert_eq!(
            kinds,
            ConditionKind::ALL.iter().copied().filter(|kind| *kind != ConditionKind::Attested).collect::<Vec<_>>()
        );
        assert!(scheme.mandatory.iter().all(|condition| condition.check().is_ok()));
        assert!(scheme.mandatory.iter().all(|condition| condition.valid_from == scheme.valid_from));
    }

    /// What the scheme tells in its head is what its conditions decide by.
    #[test]
    fn the_figures_told_are_those_of_the_conditions() {
        let scheme = qd167();
        let of = |kind| scheme.mandatory.iter().find(|condition| condition.kind == kind).unwrap().parameters.clone();
        let ConditionParameters { evaluation_year, minimum_points, .. } = of(ConditionKind::Evaluation);
        assert_eq!((evaluation_year, minimum_points), (Some(scheme.evaluation_year), Some(scheme.entry_points)));
        assert_eq!(of(ConditionKind::Profit).profit_years, Some(scheme.profit_years));
    }

    #[test]
    fn codes_are_unique_and_found() {
        let scheme = qd167();
        let codes: HashSet<_> = scheme.models.iter().map(|model| &model.code).collect();
        assert_eq!(codes.len(), scheme.models.len());
        assert!(scheme.model("A3").is_some_and(|model| model.slug == "value_chain_services"));
        assert!(scheme.model("A9").is_none());
        assert!(scheme.priority_condition("P4").is_some());
        assert!(scheme.dossier_item("evaluation_2020").is_some_and(|item| item.required));
    }

    #[test]
    fn a_scheme_survives_being_written_and_read() {
        let scheme = qd167();
        let written = serde_json::to_string(&scheme).unwrap();
        assert_eq!(serde_json::from_str::<Scheme>(&written).unwrap(), scheme);
    }

    #[test]
    fn the_last_day_is_in_force_and_a_selection_after_its_phase_is_late() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let scheme = qd167();
        assert!(scheme.in_force_at(day("2021-02-03")) && scheme.in_force_at(day("2025-12-31")));
        assert!(!scheme.in_force_at(day("2021-02-02")) && !scheme.in_force_at(day("2026-01-01")));
        assert!(!scheme.selects_late(day("2021-12-31")) && scheme.selects_late(day("2022-01-01")));
    }
}
