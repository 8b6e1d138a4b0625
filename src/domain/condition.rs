//! A mandatory condition (*điều kiện bắt buộc*) as data: a kind that the code can decide, its parameters, the days on
//! which it holds and where it is laid down.
//!
//! A scheme brings its own (2129/QĐ-UBND III.2.1); a province may add more, from the same kinds or as a statement that
//! the applicant attests (Hà Nội has a sixth). What a kind does with its parameters stands in
//! [`eligibility`](super::eligibility).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::cooperative::GoverningLaw;
use super::refusal::{Refusal, Rule};
use super::role::names;
use super::score::Points;
use super::text::Text;
use super::vietnamese;

/// What all criteria bring together (01/2020/TT-BKHĐT).
const FULL_MARKS: Points = Points::whole(100);

names! {
    /// What a mandatory condition asks, in kinds that the code can decide; their parameters stand beside.
    ConditionKind {
        /// The cooperative works under one of the laws named by `governingLaws`.
        Law = "law",
        /// It works along one of the scheme's models.
        Model = "model",
        /// It made a profit in each of the financial years named by `profitYears`.
        Profit = "profit",
        /// Its dossier holds every required item of the scheme.
        Dossier = "dossier",
        /// Its evaluation of `evaluationYear` reached `minimumPoints`.
        Evaluation = "evaluation",
        /// It attests in its application, with evidence, that the statement of the condition holds.
        Attested = "attested",
    }
}

/// The figures and names that a condition of a kind is decided by; each kind has its own, and no others.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionParameters {
    /// Of kind `law`: the laws on cooperatives, one of which it must work under.
    #[schema(max_items = 5)]
    pub governing_laws: Option<Vec<GoverningLaw>>,
    /// Of kind `profit`: the financial years, in each of which it must have made a profit.
    #[schema(schema_with = years_schema)]
    pub profit_years: Option<Vec<u16>>,
    /// Of kind `evaluation`: the year that was evaluated.
    #[schema(minimum = 2000, maximum = 2099)]
    pub evaluation_year: Option<u16>,
    /// Of kind `evaluation`: the least total, included.
    pub minimum_points: Option<Points>,
}

/// Financial years, at most ten.
pub fn years_schema() -> RefOr<Schema> {
    let year = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(2000)).maximum(Some(2099));
    ArrayBuilder::new()
        .items(year)
        .max_items(Some(10))
        .examples([serde_json::json!([2018, 2019, 2020])])
        .description(Some("The financial years in each of which an applicant must have made a profit."))
        .into()
}

/// A condition that an applicant must meet (*điều kiện bắt buộc*), in force on some days.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MandatoryCondition {
    /// Code: `M1`… of the scheme, `T1`… of a province.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z]+[0-9]+$", example = "M1")]
    pub code: String,
    /// What decides it.
    pub kind: ConditionKind,
    /// The condition in words.
    pub text: Text,
    /// What it is decided by.
    pub parameters: ConditionParameters,
    /// First day in force.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// Where it is laid down.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
    pub legal_basis: String,
}

impl MandatoryCondition {
    /// Whether the condition is in force on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// Checks that the parameters are those of the kind: all of its own and no others.
    pub fn check(&self) -> Result<(), Refusal> {
        let ConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points } = &self.parameters;
        let kind = self.kind;
        let filled = |years: &Vec<u16>| !years.is_empty();
        let mut faults: Vec<Refusal> = [
            ("governingLaws", ConditionKind::Law, governing_laws.as_ref().map(|laws| !laws.is_empty())),
            ("profitYears", ConditionKind::Profit, profit_years.as_ref().map(filled)),
            ("evaluationYear", ConditionKind::Evaluation, evaluation_year.map(|_| true)),
            ("minimumPoints", ConditionKind::Evaluation, minimum_points.map(|_| true)),
        ]
        .into_iter()
        .filter(|(_, of, given)| if kind == *of { *given != Some(true) } else { given.is_some() })
        .map(|(name, of, _)| {
            let (named, kind_vi, of_vi) =
                (vietnamese::condition_parameter(name), vietnamese::condition(kind), vietnamese::condition(of));
            let (kind, of) = (kind.name(), of.name());
            let (vi, en) = if kind == of {
                (format!("Điều kiện về {kind_vi} cần {named}."), format!("A condition of kind {kind} needs {name}."))
            } else {
                (
                    format!("{named} là tham số của điều kiện về {of_vi}, không phải về {kind_vi}."),
                    format!("{name} belongs to kind {of}."),
                )
            };
            Refusal::at(Rule::ConditionParameters, format!("/parameters/{name}"), vi, en)
                .given(&[("parameter", &name), ("kind", &kind)])
        })
        .collect();
        faults.extend(self.fault_of_points());
        let laws: Vec<&str> = governing_laws.iter().flatten().map(|law| law.name()).collect();
        let years: Vec<String> = profit_years.iter().flatten().map(u16::to_string).collect();
        faults.extend(repeated("governingLaws", &laws));
        faults.extend(repeated("profitYears", &years.iter().map(String::as_str).collect::<Vec<_>>()));
        if let Some(end) = self.valid_to.filter(|end| *end < self.valid_from) {
            let from = self.valid_from;
            let vi = format!("Ngày {end} trước ngày {from}.");
            faults.push(
                Refusal::at(Rule::DatesOutOfOrder, "/validTo", vi, format!("The date {end} is before {from}."))
                    .given(&[("date", &end), ("limit", &from)]),
            );
        }
        Refusal::of_all(faults)
    }
}

impl MandatoryCondition {
    /// No evaluation reaches more than full marks.
    fn fault_of_points(&self) -> Option<Refusal> {
        let asked = self.parameters.minimum_points.filter(|points| *points > FULL_MARKS)?;
        let kind = self.kind.name();
        Some(
            Refusal::at(
                Rule::ConditionParameters,
                "/parameters/minimumPoints",
                format!("Điểm tối thiểu {asked} vượt tổng điểm cao nhất {FULL_MARKS}."),
                format!("A minimum of {asked} points lies above the highest total, {FULL_MARKS}."),
            )
            .given(&[
                ("parameter", &"minimumPoints"),
                ("kind", &kind),
                ("stated", &asked),
                ("most", &FULL_MARKS),
            ]),
        )
    }
}

/// What is named for the second time in a list of parameters.
fn repeated(name: &str, items: &[&str]) -> Vec<Refusal> {
    let again = items.iter().enumerate().filter(|(at, item)| items.iter().take(*at).any(|other| other == *item));
    let fault = |(at, item): (usize, &&str)| {
        let vi = format!("“{item}” được nêu hai lần.");
        Refusal::at(Rule::RepeatedItem, format!("/parameters/{name}/{at}"), vi, format!("{item} is named twice."))
            .given(&[("item", item)])
    };
    again.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(kind: ConditionKind, parameters: ConditionParameters) -> MandatoryCondition {
        MandatoryCondition {
            code: "T1".to_owned(),
            kind,
            text: Text::new("Điều kiện", "Condition"),
            parameters,
            valid_from: "2021-06-01".parse().unwrap(),
            valid_to: Some("2021-12-31".parse().unwrap()),
            legal_basis: "Test".to_owned(),
        }
    }

    fn refused(condition: &MandatoryCondition) -> Vec<String> {
        let faults = condition.check().err().map(|refusal| refusal.faults).unwrap_or_default();
        faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn each_kind_has_all_of_its_parameters_and_no_others() {
        let none = ConditionParameters::default;
        let all = ConditionParameters {
            governing_laws: Some(vec![GoverningLaw::Law2012]),
            profit_years: Some(vec![2020]),
            evaluation_year: Some(2020),
            minimum_points: Some(Points::whole(65)),
        };
        let own = |kind| match kind {
            ConditionKind::Law => ConditionParameters { governing_laws: all.governing_laws.clone(), ..none() },
            ConditionKind::Profit => ConditionParameters { profit_years: all.profit_years.clone(), ..none() },
            ConditionKind::Evaluation => {
                ConditionParameters { governing_laws: None, profit_years: None, ..all.clone() }
            }
            ConditionKind::Model | ConditionKind::Dossier | ConditionKind::Attested => none(),
        };
        for kind in ConditionKind::ALL {
            assert_eq!(condition(*kind, own(*kind)).check(), Ok(()), "{kind:?}");
            let needs = 4 - refused(&condition(*kind, all.clone())).len();
            assert_eq!(refused(&condition(*kind, none())).len(), needs, "{kind:?}");
        }
        let empty = ConditionParameters { profit_years: Some(Vec::new()), ..none() };
        let faults = refused(&condition(ConditionKind::Profit, empty));
        assert_eq!(faults, ["/parameters/profitYears condition_parameters"]);
    }

    #[test]
    fn parameters_lie_in_their_ranges() {
        let of = |kind, parameters| condition(kind, parameters);
        let points = |minimum_points| ConditionParameters {
            evaluation_year: Some(2020),
            minimum_points: Some(minimum_points),
            ..ConditionParameters::default()
        };
        assert_eq!(of(ConditionKind::Evaluation, points(Points::whole(100))).check(), Ok(()));
        let above = of(ConditionKind::Evaluation, points(Points::hundredths(10_001)));
        assert_eq!(refused(&above), ["/parameters/minimumPoints condition_parameters"]);
        let years =
            ConditionParameters { profit_years: Some(vec![2019, 2020, 2019]), ..ConditionParameters::default() };
        assert_eq!(refused(&of(ConditionKind::Profit, years)), ["/parameters/profitYears/2 repeated_item"]);
        let laws = Some(vec![GoverningLaw::Law2012, GoverningLaw::Law2012]);
        let laws = ConditionParameters { governing_laws: laws, ..ConditionParameters::default() };
        assert_eq!(refused(&of(ConditionKind::Law, laws)), ["/parameters/governingLaws/1 repeated_item"]);
    }

    #[test]
    fn a_condition_holds_from_its_first_to_its_last_day() {
        let condition = condition(ConditionKind::Attested, ConditionParameters::default());
        for (day, holds) in [("2021-05-31", false), ("2021-06-01", true), ("2021-12-31", true), ("2022-01-01", false)] {
            assert_eq!(condition.in_force_at(day.parse().unwrap()), holds, "{day}");
        }
        let ends_before = MandatoryCondition { valid_to: Some("2021-05-31".parse().unwrap()), ..condition };
        assert_eq!(refused(&ends_before), ["/validTo dates_out_of_order"]);
    }
}
