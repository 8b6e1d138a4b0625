//! Classes of cooperatives (*phân loại HTX*): by supply to members, members, capital and trade (Circular 01/2020/TT-BKHĐT),
//! by size within a field (Decree 113/2024/NĐ-CP). The rules are dated data; what they do not say is not guessed.

mod classed;
mod verdict;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::cooperative::Field;
use super::cooperative::figure::{FigureUsed, Range, Ratio, YearFigure};
use super::criteria::OutsideActivity;
use super::role::names;
use super::text::Text;

pub use self::classed::{Classed, ClassificationInputs};
pub use self::verdict::{AppliedRule, ClassVerdict, MissingFact};

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
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassificationRule {
    /// Its code.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "TT01-2020.4")]
    pub code: String,
    /// What it classes by.
    pub dimension: ClassDimension,
    /// First day in force.
    #[schema(example = "2020-04-01")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent where it is not known.
    pub valid_to: Option<NaiveDate>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT, Điều 4")]
    pub legal_basis: String,
    /// What it says.
    pub content: RuleContent,
}

/// What a rule says.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClassificationContent)]
pub struct RuleContent {
    /// How a class is told.
    pub kind: ClassedBy,
    /// The classes that are known; by figures, the first one that fits counts.
    #[schema(max_items = 100)]
    pub classes: Vec<Class>,
    /// Whom the document leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub outside: Vec<OutsideActivity>,
    /// What is not known.
    pub note: Option<Text>,
}

names! {
    /// How a class is told.
    ClassedBy {
        /// The cooperative states it with its yearly figures.
        Stated = "stated",
        /// By figures of a year.
        Figures = "figures",
        /// By the division of its main activity.
        Section = "section",
    }
}

/// A class and what makes it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClassificationClass)]
pub struct Class {
    /// Its code.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z_]+$", example = "small")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The field of activity that it is for; none for all.
    pub field: Option<Field>,
    /// Conditions that all hold.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub all: Vec<Condition>,
    /// Conditions one of which holds, where there are any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub any: Vec<Condition>,
    /// The divisions that it spans.
    pub divisions: Option<Divisions>,
}

/// A figure within a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClassificationCondition)]
pub struct Condition {
    /// The figure.
    pub figure: YearFigure,
    /// Where it lies.
    pub range: Range,
}

/// Divisions (two digits) of the industrial classification, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IndustryDivisions)]
pub struct Divisions {
    /// The first.
    #[schema(minimum = 0, maximum = 99, example = 1)]
    pub first: u8,
    /// The last.
    #[schema(minimum = 0, maximum = 99, example = 3)]
    pub last: u8,
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
        /// The document of the rule does not cover it.
        OutsideRule = "outside_rule",
        /// No rule of this dimension is in force on the day.
        NoRule = "no_rule",
    }
}

/// The class of a cooperative in each dimension, by the rules in force on a day.
pub fn classify(rules: &[ClassificationRule], at: NaiveDate, of: &Classed) -> Vec<ClassVerdict> {
    ClassDimension::ALL.iter().map(|dimension| verdict(*dimension, rules, at, of)).collect()
}

/// The financial year whose figures count on a day: the last one that had ended by then, that day included.
pub fn figures_year(at: NaiveDate) -> u16 {
    let ended = at.succ_opt().unwrap_or(at).year().saturating_sub(1);
    u16::try_from(ended).unwrap_or(0)
}

fn verdict(dimension: ClassDimension, rules: &[ClassificationRule], at: NaiveDate, of: &Classed) -> ClassVerdict {
    let of_dimension: Vec<_> = rules.iter().filter(|rule| rule.dimension == dimension).collect();
    match of_dimension.iter().find(|rule| rule.in_force_at(at)) {
        Some(rule) => ClassVerdict::under(rule, of),
        None => ClassVerdict::without_rule(dimension, at, &of_dimension),
    }
}

/// What a rule finds.
enum Found<'a> {
    Class(&'a Class),
    Missing(Vec<MissingFact>),
    Unknown,
    Outside(&'a OutsideActivity),
}

impl ClassificationRule {
    /// Whether it is in force on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Its classes for a field of activity.
    fn classes_of(&self, field: Field) -> impl Iterator<Item = &Class> {
        self.content.classes.iter().filter(move |class| class.field.is_none_or(|of| of == field))
    }

    /// As the cooperative stated it; what was verified counts before what was declared.
    fn by_statement(&self, of: &Classed) -> Found<'_> {
        let Some(stated) = of.member_supply else {
            return Found::Missing(vec![MissingFact::member_supply(of.year)]);
        };
        let class = self.content.classes.iter().find(|class| class.code == stated.name());
        class.map_or(Found::Unknown, Found::Class)
    }

    /// By the letter or the first two digits of the industrial code.
    fn by_section(&self, of: &Classed) -> Found<'_> {
        let missing = || Found::Missing(vec![MissingFact::industry_code()]);
        let Some(code) = of.industry_code.as_deref() else { return missing() };
        let digits = code.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let letter = code.strip_suffix(digits).filter(|letter| !letter.is_empty());
        let division: Option<u8> = digits.get(..2).and_then(|division| division.parse().ok());
        let spans = |class: &&Class| match (letter, division, class.divisions) {
            (_, Some(division), Some(Divisions { first, last })) => (first..=last).contains(&division),
            (Some(letter), None, _) => class.code == letter,
            _ => false,
        };
        if letter.is_none() && division.is_none() {
            return missing();
        }
        self.content.classes.iter().find(spans).map_or(Found::Unknown, Found::Class)
    }

    /// The first class whose conditions hold; one that could hold if more were known stops the search.
    fn by_figures(&self, of: &Classed) -> (Found<'_>, Vec<FigureUsed>) {
        let mut used: Vec<FigureUsed> = Vec::new();
        for class in self.classes_of(of.field) {
            match class.holds(of, &mut used) {
                Some(true) => return (Found::Class(class), used),
                Some(false) => {}
                None => return (Found::Missing(class.hangs_on(of)), used),
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

    /// The figures that decide on it and that nobody stated, where it cannot be told whether it holds.
    fn hangs_on(&self, of: &Classed) -> Vec<MissingFact> {
        let verdicts: Vec<_> = self.any.iter().map(|condition| condition.holds(of, &mut Vec::new())).collect();
        let any: &[Condition] = if either(&verdicts).is_none() { &self.any } else { &[] };
        let figures = self.all.iter().chain(any).map(|condition| of.figure(condition.figure));
        let silent = figures.filter(|figure| figure.value.is_none());
        silent.map(|figure| MissingFact::figure(figure.figure, figure.year)).collect()
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

#[cfg(test)]
pub(super) mod tests;
