//! What classes are told on: the facts of a cooperative and the rules in force on a day. [`ClassificationInputs::decide`]
//! reads nothing else, so what is kept decides the same again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AppliedRule, ClassOutcome, ClassVerdict, ClassificationRule, classify};
use crate::domain::cooperative::figure::{FigureUsed, YearFigure};
use crate::domain::cooperative::{AnnualFigures, Field, FiguresBasis, GoverningLaw, MemberSupply};
use crate::domain::text::Text;
use crate::domain::verdict::{Answers, NamedInput, RuleAnswer, RuleVersion};

/// The way in which [`ClassificationInputs::decide`] decides; another way gets another name.
const PROCEDURE: &str = "classification-2";

/// Did not say what is missing, nor on which facts it had decided: what was kept under it comes to the same again.
const WITHOUT_FACTS: &str = "classification-1";

/// What is known of a cooperative.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Classed {
    /// Its field of activity.
    pub field: Field,
    /// The law that it works under, where it was asked for.
    #[serde(default)]
    pub governing_law: Option<GoverningLaw>,
    /// VSIC code of its main activity.
    #[schema(min_length = 1, max_length = 6, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    pub industry_code: Option<String>,
    /// The financial year whose figures count.
    #[schema(minimum = 0, maximum = 2100, example = 2020)]
    pub year: u16,
    /// What it supplies its members with, as stated with the figures of the year.
    pub member_supply: Option<MemberSupply>,
    /// Who stands behind that; absent where it is not stated or was kept before it was asked.
    #[serde(default)]
    pub member_supply_basis: Option<FiguresBasis>,
    /// Its figures of that year, as far as they are stated: the verified one before the declared.
    #[schema(max_items = 30)]
    pub figures: Vec<FigureUsed>,
}

impl Classed {
    /// Reads the sides of a year: what was verified counts before what was declared.
    pub fn read(field: Field, industry_code: Option<String>, year: u16, sides: &[AnnualFigures]) -> Self {
        let of = |basis| sides.iter().filter(move |side| side.basis == basis && side.year == year);
        let sides: Vec<&AnnualFigures> = of(FiguresBasis::Verified).chain(of(FiguresBasis::Declared)).collect();
        let stated = YearFigure::ALL.iter().map(|figure| FigureUsed::of(*figure, year, &sides));
        let supply = sides.iter().find_map(|side| Some((side.figures.member_supply?, side.basis)));
        Self {
            field,
            governing_law: None,
            industry_code,
            year,
            member_supply: supply.map(|(stated, _)| stated),
            member_supply_basis: supply.map(|(_, basis)| basis),
            figures: stated.filter(|figure| figure.value.is_some()).collect(),
        }
    }

    /// With the law that it works under.
    #[must_use]
    pub fn under(self, governing_law: GoverningLaw) -> Self {
        Self { governing_law: Some(governing_law), ..self }
    }

    /// A figure of the year. Official members are all members where no others are stated: under the laws before 2023, which
    /// know no others. Under the Law of 2023 they are not known then.
    pub(super) fn figure(&self, figure: YearFigure) -> FigureUsed {
        let stated = |wanted| self.figures.iter().find(|used| used.figure == wanted).cloned();
        let all_are_official = self.governing_law != Some(GoverningLaw::Law2023);
        let is_asked = figure == YearFigure::MembersOfficial && all_are_official;
        let all_members = || stated(YearFigure::Members).filter(|_| is_asked);
        let missing = || FigureUsed { figure, year: self.year, basis: None, value: None, recorded_by: None };
        stated(figure).or_else(all_members).unwrap_or_else(missing)
    }
}

/// Everything that the classes of a cooperative are decided on, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassificationInputs {
    /// The way of deciding: `classification-2`; `classification-1` did not name what is missing.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "classification-2")]
    pub procedure: String,
    /// The day whose rules are applied.
    #[schema(example = "2021-09-15")]
    pub at: NaiveDate,
    /// The cooperative.
    pub cooperative: Uuid,
    /// The rules: those in force on that day decide, those of other days are named where none is.
    #[schema(max_items = 50)]
    pub rules: Vec<ClassificationRule>,
    /// What is known of the cooperative.
    pub known: Classed,
}

impl ClassificationInputs {
    /// Puts together what is decided on.
    pub fn gather(cooperative: Uuid, rules: Vec<ClassificationRule>, at: NaiveDate, known: Classed) -> Self {
        Self { procedure: PROCEDURE.to_owned(), at, cooperative, rules, known }
    }

    /// Decides: the class in each dimension. Classified where each rule in force has a class; missing where one lacks facts.
    pub fn decide(&self) -> Answers {
        let verdicts = classify(&self.rules, self.at, &self.known);
        let any = |outcome| verdicts.iter().any(|verdict| verdict.outcome == outcome);
        let overall = [
            ClassOutcome::Missing,
            ClassOutcome::UnknownUnderRule,
            ClassOutcome::Classified,
            ClassOutcome::OutsideRule,
        ];
        let overall = overall.into_iter().find(|outcome| any(*outcome)).unwrap_or(ClassOutcome::NoRule);
        let answer = if self.procedure == WITHOUT_FACTS { without_facts } else { RuleAnswer::from };
        Answers { overall: overall.name().to_owned(), answers: verdicts.into_iter().map(answer).collect() }
    }
}

impl From<ClassVerdict> for RuleAnswer {
    fn from(verdict: ClassVerdict) -> Self {
        let mut inputs = named(&verdict);
        inputs.extend(verdict.inputs);
        Self {
            rule_id: verdict.rule_id,
            verdict: verdict.outcome.name().to_owned(),
            explanation: verdict.explanation,
            version: verdict.rule.as_ref().map(version),
            inputs,
            legal_basis: verdict.legal_basis,
        }
    }
}

/// The dimension and what it was classed as, beside the facts.
fn named(verdict: &ClassVerdict) -> Vec<NamedInput> {
    let mut named = vec![NamedInput::known("dimension", verdict.dimension.name())];
    named.extend(verdict.class.as_ref().map(|class| NamedInput::known("class", class)));
    named
}

fn version(rule: &AppliedRule) -> RuleVersion {
    RuleVersion { of: rule.code.clone(), id: None, edition: None, valid_from: rule.valid_from }
}

/// The answer as [`WITHOUT_FACTS`] gave it.
fn without_facts(verdict: ClassVerdict) -> RuleAnswer {
    let mut inputs = named(&verdict);
    let ClassVerdict { rule_id, outcome, name, rule, figures, industry_code, .. } = verdict;
    inputs.extend(industry_code.map(|code| NamedInput::known("industryCode", code)));
    inputs.extend(figures.iter().map(FigureUsed::named));
    RuleAnswer {
        rule_id,
        verdict: outcome.name().to_owned(),
        explanation: name.unwrap_or_else(|| in_words(outcome)),
        version: rule.as_ref().map(version),
        inputs,
        legal_basis: rule.map_or_else(|| "Sarus".to_owned(), |rule| rule.legal_basis),
    }
}

fn in_words(outcome: ClassOutcome) -> Text {
    match outcome {
        ClassOutcome::Classified => Text::new("Đã phân loại.", "Classified."),
        ClassOutcome::Missing => Text::new("Thiếu số liệu để phân loại.", "Facts are missing that the rule asks for."),
        ClassOutcome::UnknownUnderRule => {
            Text::new("Quy tắc chưa nói đến trường hợp này.", "The rule, as far as it is known, has no class for it.")
        }
        ClassOutcome::OutsideRule => Text::new(
            "HTX ngoài phạm vi áp dụng của văn bản.",
            "The document of the rule does not cover the cooperative.",
        ),
        ClassOutcome::NoRule => Text::new("Không có quy tắc đang có hiệu lực.", "No rule is in force on the day."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classed, rules};
    use super::*;
    use crate::domain::digest::{canonical, digest};

    /// Digests of the answers that `classification-1` gave.
    #[test]
    fn what_was_kept_under_the_first_procedure_comes_to_the_same_bytes() {
        for (at, digest_then) in [
            ("2021-09-15", "72a565cb0197d69e79dee36eb04c9b24a7d5a1465f70055c2bab949ae82c541b"),
            ("2024-11-01", "62d4a28562ed1662ed59eec2b281a318c412c6e73760d75d34de1a2029559bcf"),
            ("2019-01-01", "a5cb154a53a1fff5fdcfc45d47a58adec282e73226f79b61264b2ca0d5b9b1db"),
        ] {
            let at: NaiveDate = at.parse().unwrap();
            let known = classed(Field::Agriculture, serde_json::json!({"members": 250, "totalCapital": "9000000000"}));
            let mut then = ClassificationInputs::gather(Uuid::nil(), rules(), at, known);
            then.procedure = WITHOUT_FACTS.to_owned();
            then.rules.retain(|rule| rule.in_force_at(at));
            assert_eq!(digest(&serde_json::to_value(then.decide()).unwrap()), digest_then, "{at}");
        }
    }

    #[test]
    fn what_is_kept_decides_the_same_to_the_byte_and_names_its_rule() {
        for (at, overall) in [("2021-09-15", "missing"), ("2024-11-01", "missing"), ("2019-01-01", "no_rule")] {
            let known = classed(Field::Agriculture, serde_json::json!({"members": 250, "totalCapital": "9000000000"}));
            let inputs = ClassificationInputs::gather(Uuid::nil(), rules(), at.parse().unwrap(), known);
            let decided = inputs.decide();
            assert_eq!(decided.overall, overall, "{at}");
            assert!(decided.answers.iter().all(|answer| answer.rule_id == "classification"));
            let written = canonical(&serde_json::to_value(&inputs).unwrap());
            let read: ClassificationInputs = serde_json::from_str(&written).unwrap();
            let bytes = |inputs: &ClassificationInputs| canonical(&serde_json::to_value(inputs.decide()).unwrap());
            assert_eq!((bytes(&read), &read), (bytes(&inputs), &inputs), "{at}");
        }
    }
}
