//! Classes of cooperatives (*phân loại HTX*): by supply to members, members, capital and trade (Circular 01/2020/TT-BKHĐT),
//! by size within a field (Decree 113/2024/NĐ-CP). The rules are dated data; what they do not say is not guessed.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::cooperative::figure::{FigureUsed, Range, Ratio, YearFigure};
use super::cooperative::{AnnualFigures, Field, FiguresBasis};
use super::role::names;
use super::text::Text;

names! {
    /// What cooperatives are classed by.
    ClassDimension {
        /// What they supply their members with.
        Supply = "supply",
        /// How many members they have.
        Members = "members",
        /// Their total capital.
        Capital = "capital",
        /// Their main activity, by section of the Vietnamese standard industrial classification.
        Trade = "trade",
        /// Members, revenue and capital together, by field of activity.
        Size = "size",
    }
}

/// A rule in force for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassificationRule {
    /// Its code.
    pub code: String,
    /// What it classes by.
    pub dimension: ClassDimension,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; none where it is not known.
    pub valid_to: Option<NaiveDate>,
    /// Document and article.
    pub legal_basis: String,
    /// What it says.
    pub content: RuleContent,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleContent {
    /// How a class is told.
    pub kind: RuleKind,
    /// The classes that are known; by figures, the first one that fits counts.
    pub classes: Vec<Class>,
    /// What is not known.
    pub note: Option<Text>,
}

/// How a class is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// The cooperative states it with its yearly figures.
    Stated,
    /// By figures of a year.
    Figures,
    /// By the division of its main activity.
    Section,
}

/// A class and what makes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Class {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The field of activity that it is for; none for all.
    pub field: Option<Field>,
    /// Conditions that all hold.
    #[serde(default)]
    pub all: Vec<Condition>,
    /// Conditions one of which holds, where there are any.
    #[serde(default)]
    pub any: Vec<Condition>,
    /// The divisions that it spans.
    pub divisions: Option<Divisions>,
}

/// A figure within a range.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    /// The figure.
    pub figure: YearFigure,
    /// Where it lies.
    pub range: Range,
}

/// Divisions (two digits) of the industrial classification, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Divisions {
    /// The first.
    pub first: u8,
    /// The last.
    pub last: u8,
}

/// What is known of a cooperative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classed {
    /// Its field of activity.
    pub field: Field,
    /// VSIC code of its main activity.
    pub industry_code: Option<String>,
    /// Both sides of its figures of the year that counts, if it has any.
    pub figures: Vec<AnnualFigures>,
    /// That year.
    pub year: u16,
}

names! {
    /// What came of a rule.
    ClassOutcome {
        /// It has a class.
        Classified = "classified",
        /// Facts are missing that the rule asks for.
        Missing = "missing",
        /// The rule, as far as it is known, has no class for it.
        UnknownUnderRule = "unknown_under_rule",
        /// No rule of this dimension is in force on the day.
        NoRule = "no_rule",
    }
}

/// A rule by which something was classed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppliedRule {
    /// Code of the rule.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "TT01-2020.4")]
    pub code: String,
    /// First day in force.
    #[schema(example = "2020-04-01")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent where none is known.
    pub valid_to: Option<NaiveDate>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT, Điều 4")]
    pub legal_basis: String,
    /// What is not known of it.
    pub note: Option<Text>,
}

/// The class of a cooperative in one dimension, with the rule and the facts used.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassVerdict {
    /// What it is classed by.
    pub dimension: ClassDimension,
    /// What came of it.
    pub outcome: ClassOutcome,
    /// Code of the class; absent unless classified.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z_]+$", example = "small")]
    pub class: Option<String>,
    /// Its name.
    pub name: Option<Text>,
    /// The rule in force on the day.
    pub rule: Option<AppliedRule>,
    /// The figures used; one without a value is missing.
    #[schema(max_items = 20)]
    pub figures: Vec<FigureUsed>,
    /// The industrial code used.
    #[schema(min_length = 1, max_length = 6, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    pub industry_code: Option<String>,
}

/// The class of a cooperative in each dimension, by the rules in force on a day.
pub fn classify(rules: &[ClassificationRule], at: NaiveDate, of: &Classed) -> Vec<ClassVerdict> {
    let in_force = |dimension| {
        let holds = |rule: &&ClassificationRule| {
            rule.dimension == dimension && rule.valid_from <= at && rule.valid_to.is_none_or(|last| at <= last)
        };
        rules.iter().find(holds)
    };
    ClassDimension::ALL.iter().map(|dimension| verdict(*dimension, in_force(*dimension), of)).collect()
}

/// The financial year whose figures count on a day: the last one that had ended by then, that day included.
pub fn figures_year(at: NaiveDate) -> u16 {
    let ended = at.succ_opt().unwrap_or(at).year().saturating_sub(1);
    u16::try_from(ended).unwrap_or(0)
}

fn verdict(dimension: ClassDimension, rule: Option<&ClassificationRule>, of: &Classed) -> ClassVerdict {
    let Some(rule) = rule else {
        let outcome = ClassOutcome::NoRule;
        return ClassVerdict {
            dimension,
            outcome,
            class: None,
            name: None,
            rule: None,
            figures: Vec::new(),
            industry_code: None,
        };
    };
    let (found, figures, industry_code) = match rule.content.kind {
        RuleKind::Stated => (rule.by_statement(of), Vec::new(), None),
        RuleKind::Section => (rule.by_section(of), Vec::new(), of.industry_code.clone()),
        RuleKind::Figures => {
            let (found, figures) = rule.by_figures(of);
            (found, figures, None)
        }
    };
    let (outcome, class) = match found {
        Found::Class(class) => (ClassOutcome::Classified, Some(class)),
        Found::Missing => (ClassOutcome::Missing, None),
        Found::Unknown => (ClassOutcome::UnknownUnderRule, None),
    };
    ClassVerdict {
        dimension,
        outcome,
        class: class.map(|class| class.code.clone()),
        name: class.map(|class| class.name.clone()),
        rule: Some(AppliedRule {
            code: rule.code.clone(),
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
            legal_basis: rule.legal_basis.clone(),
            note: rule.content.note.clone(),
        }),
        figures,
        industry_code,
    }
}

/// What a rule finds.
enum Found<'a> {
    Class(&'a Class),
    Missing,
    Unknown,
}

impl ClassificationRule {
    /// As the cooperative stated it; what was verified counts before what was declared.
    fn by_statement(&self, of: &Classed) -> Found<'_> {
        let stated = of.sides().into_iter().find_map(|side| side.figures.member_supply);
        let Some(stated) = stated else { return Found::Missing };
        let class = self.content.classes.iter().find(|class| class.code == stated.name());
        class.map_or(Found::Unknown, Found::Class)
    }

    /// By the letter or the first two digits of the industrial code.
    fn by_section(&self, of: &Classed) -> Found<'_> {
        let Some(code) = of.industry_code.as_deref() else { return Found::Missing };
        let digits = code.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let letter = code.strip_suffix(digits).filter(|letter| !letter.is_empty());
        let division: Option<u8> = digits.get(..2).and_then(|division| division.parse().ok());
        let spans = |class: &&Class| match (letter, division, class.divisions) {
            (_, Some(division), Some(Divisions { first, last })) => (first..=last).contains(&division),
            (Some(letter), None, _) => class.code == letter,
            _ => false,
        };
        if letter.is_none() && division.is_none() {
            return Found::Missing;
        }
        self.content.classes.iter().find(spans).map_or(Found::Unknown, Found::Class)
    }

    /// The first class whose conditions hold; one that could hold if more were known stops the search.
    fn by_figures(&self, of: &Classed) -> (Found<'_>, Vec<FigureUsed>) {
        let mut used: Vec<FigureUsed> = Vec::new();
        let classes = self.content.classes.iter().filter(|class| class.field.is_none_or(|field| field == of.field));
        for class in classes {
            match class.holds(of, &mut used) {
                Some(true) => return (Found::Class(class), used),
                Some(false) => {}
                None => return (Found::Missing, used),
            }
        }
        (Found::Unknown, used)
    }
}

impl Class {
    /// Whether its conditions hold; none where what is missing decides.
    fn holds(&self, of: &Classed, used: &mut Vec<FigureUsed>) -> Option<bool> {
        let mut hold = |conditions: &[Condition]| -> Vec<Option<bool>> {
            conditions.iter().map(|condition| condition.holds(of, used)).collect()
        };
        let (all, any) = (hold(&self.all), hold(&self.any));
        let any = if any.is_empty() { Some(true) } else { either(&any) };
        both(&[all, vec![any]].concat())
    }
}

impl Condition {
    fn holds(&self, of: &Classed, used: &mut Vec<FigureUsed>) -> Option<bool> {
        let figure = of.figure(self.figure);
        let value = figure.units();
        if !used.contains(&figure) {
            used.push(figure);
        }
        value.map(|value| self.range.contains(Ratio::whole(value)))
    }
}

/// All hold; false as soon as one fails, unknown while what is missing could decide.
fn both(verdicts: &[Option<bool>]) -> Option<bool> {
    if verdicts.contains(&Some(false)) {
        return Some(false);
    }
    verdicts.iter().all(Option::is_some).then_some(true)
}

/// One holds; true as soon as one does, unknown while what is missing could decide.
fn either(verdicts: &[Option<bool>]) -> Option<bool> {
    if verdicts.contains(&Some(true)) {
        return Some(true);
    }
    verdicts.iter().all(Option::is_some).then_some(false)
}

impl Classed {
    /// The sides of the year, verified before declared.
    fn sides(&self) -> Vec<&AnnualFigures> {
        let of = |basis| self.figures.iter().filter(move |side| side.basis == basis);
        of(FiguresBasis::Verified).chain(of(FiguresBasis::Declared)).collect()
    }

    /// A figure of the year. Official members are all members where no others are stated (Law of 2012).
    fn figure(&self, figure: YearFigure) -> FigureUsed {
        let used = FigureUsed::of(figure, self.year, &self.sides());
        if figure == YearFigure::MembersOfficial && used.value.is_none() {
            let members = FigureUsed::of(YearFigure::Members, self.year, &self.sides());
            return if members.value.is_some() { members } else { used };
        }
        used
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The rules that ship.
    pub(in crate::domain) fn rules() -> Vec<ClassificationRule> {
        let rules: Vec<Value> =
            serde_json::from_str(include_str!("../../migration/data/classification_rules.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let day = |value: &Value| value.as_str().map(|day| day.parse().unwrap());
        let rule = |rule: Value| ClassificationRule {
            code: text(&rule["code"]),
            dimension: ClassDimension::from_name(rule["dimension"].as_str().unwrap()).unwrap(),
            valid_from: day(&rule["validFrom"]).unwrap(),
            valid_to: day(&rule["validTo"]),
            legal_basis: text(&rule["legalBasis"]),
            content: serde_json::from_value(rule["content"].clone()).unwrap(),
        };
        rules.into_iter().map(rule).collect()
    }

    fn classed(field: Field, mut figures: Value) -> Classed {
        figures["status"] = json!("final");
        let side = AnnualFigures {
            cooperative: uuid::Uuid::nil(),
            year: 2023,
            basis: FiguresBasis::Declared,
            version: 1,
            figures: serde_json::from_value(figures).unwrap(),
            recorded_by: "cooperative".to_owned(),
            updated_at: chrono::DateTime::UNIX_EPOCH,
        };
        Classed { field, industry_code: None, figures: vec![side], year: 2023 }
    }

    fn class(dimension: ClassDimension, at: &str, of: &Classed) -> String {
        let verdicts = classify(&rules(), at.parse().unwrap(), of);
        let verdict = verdicts.into_iter().find(|verdict| verdict.dimension == dimension).unwrap();
        verdict.class.unwrap_or_else(|| verdict.outcome.name().to_owned())
    }

    #[test]
    fn classes_by_members_are_closed_on_the_right() {
        for (members, expected) in
            [(49, "micro"), (50, "small"), (300, "small"), (301, "medium"), (1_000, "medium"), (1_001, "large")]
        {
            let of = classed(Field::NonAgriculture, json!({"members": members}));
            assert_eq!(class(ClassDimension::Members, "2024-10-31", &of), expected, "{members}");
        }
    }

    #[test]
    fn classes_by_capital_are_open_on_the_right() {
        for (capital, expected) in [
            ("999999999", "micro"),
            ("1000000000", "small"),
            ("4999999999", "small"),
            ("5000000000", "medium"),
            ("49999999999", "medium"),
            ("50000000000", "large"),
        ] {
            let of = classed(Field::NonAgriculture, json!({"totalCapital": capital}));
            assert_eq!(class(ClassDimension::Capital, "2020-04-01", &of), expected, "{capital}");
        }
    }

    #[test]
    fn the_decree_classes_agriculture_as_far_as_it_is_known() {
        let bn = |billions: i64| (billions * 1_000_000_000).to_string();
        let table = [
            (json!({"members": 250, "revenue": bn(12), "totalCapital": bn(1)}), "medium"),
            (json!({"members": 350, "revenue": bn(40), "totalCapital": bn(9)}), "medium"),
            (json!({"members": 300, "revenue": bn(50), "totalCapital": "0"}), "large"),
            (json!({"members": 300, "revenue": "0", "totalCapital": bn(10)}), "large"),
            (json!({"members": 299, "revenue": bn(50), "totalCapital": bn(10)}), "medium"),
            (json!({"members": 200, "revenue": bn(10), "totalCapital": "0"}), "medium"),
            (json!({"members": 199, "revenue": bn(10), "totalCapital": bn(5)}), "unknown_under_rule"),
            (json!({"members": 400, "membersOfficial": 199, "revenue": bn(60)}), "unknown_under_rule"),
            (json!({"members": 200, "revenue": "9999999999", "totalCapital": "4999999999"}), "unknown_under_rule"),
            // What is missing could make it large, or could not.
            (json!({"members": 350, "totalCapital": bn(9)}), "missing"),
            (json!({"members": 250, "totalCapital": bn(9)}), "medium"),
            (json!({"revenue": bn(60)}), "missing"),
        ];
        for (figures, expected) in table {
            let of = classed(Field::Agriculture, figures.clone());
            assert_eq!(class(ClassDimension::Size, "2024-11-01", &of), expected, "{figures}");
        }
        let other = classed(Field::NonAgriculture, json!({"members": 350, "revenue": bn(60), "totalCapital": bn(60)}));
        assert_eq!(class(ClassDimension::Size, "2024-11-01", &other), "unknown_under_rule");
    }

    #[test]
    fn the_day_chooses_the_rule() {
        let of = classed(Field::Agriculture, json!({"members": 350, "revenue": "60000000000", "totalCapital": "1"}));
        for (dimension, at, expected) in [
            (ClassDimension::Members, "2020-03-31", "no_rule"),
            (ClassDimension::Members, "2020-04-01", "medium"),
            (ClassDimension::Members, "2024-10-31", "medium"),
            (ClassDimension::Members, "2024-11-01", "no_rule"),
            (ClassDimension::Size, "2024-10-31", "no_rule"),
            (ClassDimension::Size, "2024-11-01", "large"),
            (ClassDimension::Supply, "2024-11-01", "missing"),
        ] {
            assert_eq!(class(dimension, at, &of), expected, "{dimension:?} {at}");
        }
        let years = [("2020-12-30", 2019), ("2020-12-31", 2020), ("2021-01-01", 2020)];
        assert!(years.into_iter().all(|(at, year)| figures_year(at.parse().unwrap()) == year));
    }

    #[test]
    fn trade_is_the_section_of_the_main_activity() {
        for (code, expected) in [
            (Some("0161"), "A"),
            (Some("A0161"), "A"),
            (Some("A"), "A"),
            (Some("49"), "H"),
            (Some("3811"), "E"),
            (Some("34000"), "unknown_under_rule"),
            (Some("0"), "missing"),
            (None, "missing"),
        ] {
            let of = Classed { industry_code: code.map(str::to_owned), ..classed(Field::Agriculture, json!({})) };
            assert_eq!(class(ClassDimension::Trade, "2021-09-15", &of), expected, "{code:?}");
        }
        let stated = classed(Field::Agriculture, json!({"memberSupply": "mixed"}));
        assert_eq!(class(ClassDimension::Supply, "2021-09-15", &stated), "mixed");
    }
}
