//! What came of a rule: the class or why there is none, under which article, on which facts, and what is missing.

use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{Class, ClassDimension, ClassOutcome, Classed, ClassedBy, ClassificationRule, Found};
use crate::domain::cooperative::figure::{FigureUsed, YearFigure};
use crate::domain::cooperative::{Field, MemberSupply};
use crate::domain::criteria::OutsideActivity;
use crate::domain::text::Text;
use crate::domain::verdict::NamedInput;

/// Where classes stand in the rule book.
const RULE_ID: &str = "classification";

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

/// A fact that a rule asks for and that nobody stated.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingFact {
    /// The member that states it: of the cooperative, or of its figures of the year.
    #[schema(min_length = 1, max_length = 60, pattern = "^[A-Za-z]+$", example = "memberSupply")]
    pub member: String,
    /// The financial year whose figures state it; absent where the cooperative does.
    #[schema(minimum = 0, maximum = 2100, example = 2020)]
    pub year: Option<u16>,
    /// What it is.
    pub name: Text,
}

/// The class of a cooperative in one dimension, with the rule and the facts used.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassVerdict {
    /// Identifier of the rule in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "classification")]
    pub rule_id: String,
    /// What it is classed by.
    pub dimension: ClassDimension,
    /// What came of it.
    pub outcome: ClassOutcome,
    /// Code of the class; absent unless classified.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z_]+$", example = "small")]
    pub class: Option<String>,
    /// Its name.
    pub name: Option<Text>,
    /// Why, with the facts.
    pub explanation: Text,
    /// The rule in force on the day.
    pub rule: Option<AppliedRule>,
    /// Document and article: of the rule in force or, where none is, of those that are in force at other times.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "01/2020/TT-BKHĐT, Điều 4")]
    pub legal_basis: String,
    /// The facts that were used, each with its value; one without a value is not known.
    #[schema(max_items = 20)]
    pub inputs: Vec<NamedInput>,
    /// What nobody stated and the class hangs on.
    #[schema(max_items = 20)]
    pub missing: Vec<MissingFact>,
    /// The figures used; one without a value is missing.
    #[schema(max_items = 20)]
    pub figures: Vec<FigureUsed>,
    /// The industrial code used.
    #[schema(min_length = 1, max_length = 6, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    pub industry_code: Option<String>,
}

impl ClassVerdict {
    /// By the rule that is in force.
    pub(super) fn under(rule: &ClassificationRule, of: &Classed) -> Self {
        let outside = rule.content.outside.iter().find(|outside| outside.names(of.industry_code.as_deref()));
        let (found, facts) = rule.find(of, outside);
        let (outcome, class, missing) = match &found {
            Found::Class(class) => (ClassOutcome::Classified, Some(*class), Vec::new()),
            Found::Missing(missing) => (ClassOutcome::Missing, None, missing.clone()),
            Found::Unknown => (ClassOutcome::UnknownUnderRule, None, Vec::new()),
            Found::Outside(_) => (ClassOutcome::OutsideRule, None, Vec::new()),
        };
        Self {
            rule_id: RULE_ID.to_owned(),
            dimension: rule.dimension,
            outcome,
            class: class.map(|class| class.code.clone()),
            name: class.map(|class| class.name.clone()),
            explanation: explained(rule, &found, &facts),
            rule: Some(AppliedRule {
                code: rule.code.clone(),
                valid_from: rule.valid_from,
                valid_to: rule.valid_to,
                legal_basis: rule.legal_basis.clone(),
                note: rule.content.note.clone(),
            }),
            legal_basis: rule.legal_basis.clone(),
            inputs: facts.named,
            missing,
            figures: facts.figures,
            industry_code: facts.industry_code,
        }
    }

    /// Where none is in force on the day; those of other days are named.
    pub(super) fn without_rule(dimension: ClassDimension, at: NaiveDate, others: &[&ClassificationRule]) -> Self {
        let bases: Vec<_> = others.iter().map(|rule| rule.legal_basis.as_str()).collect();
        Self {
            rule_id: RULE_ID.to_owned(),
            dimension,
            outcome: ClassOutcome::NoRule,
            class: None,
            name: None,
            explanation: none_in_force(dimension, at, others),
            rule: None,
            legal_basis: if bases.is_empty() { "Sarus".to_owned() } else { bases.join("; ") },
            inputs: Vec::new(),
            missing: Vec::new(),
            figures: Vec::new(),
            industry_code: None,
        }
    }
}

/// The facts that a rule read.
#[derive(Debug, Default)]
struct Facts {
    named: Vec<NamedInput>,
    figures: Vec<FigureUsed>,
    industry_code: Option<String>,
    words: Vec<Text>,
}

impl Facts {
    fn industry_code(of: &Classed) -> Self {
        let mut facts = Self { industry_code: of.industry_code.clone(), ..Self::default() };
        facts.named.push(NamedInput::of("industryCode", of.industry_code.as_ref()));
        let said = |code: &String| Text::new(format!("mã ngành chính {code}"), format!("main activity {code}"));
        facts.words.extend(of.industry_code.as_ref().map(said));
        facts
    }

    fn member_supply(of: &Classed) -> Self {
        let mut facts = Self::default();
        let stated = of.member_supply.map(MemberSupply::name);
        let basis = of.member_supply_basis.map(|basis| basis.name().to_owned());
        let year = of.year;
        facts.named.push(NamedInput { basis, ..NamedInput::of(format!("memberSupply.{year}"), stated) });
        facts.words.extend(stated.map(|supply| {
            Text::new(
                format!("cung ứng cho thành viên năm {year}: {supply}"),
                format!("supply to members in {year}: {supply}"),
            )
        }));
        facts
    }

    fn figures(rule: &ClassificationRule, of: &Classed, figures: Vec<FigureUsed>) -> Self {
        let mut facts = Self::default();
        if rule.content.classes.iter().any(|class| class.field.is_some()) {
            facts.named.push(NamedInput::known("field", of.field.name()));
            facts.words.push(field_in_words(of.field));
        }
        let law = of.governing_law.filter(|_| rule.counts(YearFigure::MembersOfficial, of.field));
        facts.named.extend(law.map(|law| NamedInput::known("governingLaw", law.name())));
        facts.named.extend(figures.iter().map(FigureUsed::named));
        facts.words.extend(figures.iter().filter_map(figure_in_words));
        facts.figures = figures;
        facts
    }
}

impl ClassificationRule {
    /// What it finds, and on which facts.
    fn find<'a>(&'a self, of: &Classed, outside: Option<&'a OutsideActivity>) -> (Found<'a>, Facts) {
        if let Some(outside) = outside {
            return (Found::Outside(outside), Facts::industry_code(of));
        }
        match self.content.kind {
            ClassedBy::Stated => (self.by_statement(of), Facts::member_supply(of)),
            ClassedBy::Section => (self.by_section(of), Facts::industry_code(of)),
            ClassedBy::Figures => {
                let (found, figures) = self.by_figures(of);
                (found, Facts::figures(self, of, figures))
            }
        }
    }

    /// Whether a class of a field asks for a figure.
    fn counts(&self, figure: YearFigure, field: Field) -> bool {
        let asks = |class: &&Class| class.all.iter().chain(&class.any).any(|condition| condition.figure == figure);
        self.classes_of(field).any(|class| asks(&class))
    }
}

impl MissingFact {
    /// A figure of a year.
    pub(super) fn figure(figure: YearFigure, year: u16) -> Self {
        Self { member: figure.name().to_owned(), year: Some(year), name: figure.label() }
    }

    /// What the cooperative supplies its members with.
    pub(super) fn member_supply(year: u16) -> Self {
        let name = Text::new("sản phẩm, dịch vụ cung ứng cho thành viên", "what it supplies its members with");
        Self { member: "memberSupply".to_owned(), year: Some(year), name }
    }

    /// The industrial code, as far as the division.
    pub(super) fn industry_code() -> Self {
        let name = Text::new(
            "mã ngành kinh tế chính, ít nhất chữ cái ngành cấp 1 hoặc hai chữ số",
            "the code of its main activity, at least the letter of the section or two digits",
        );
        Self { member: "industryCode".to_owned(), year: None, name }
    }

    fn in_words(&self) -> Text {
        let Self { member, year, name: Text { vi, en } } = self;
        year.map_or_else(
            || Text::new(format!("{vi} ({member})"), format!("{en} ({member})")),
            |year| Text::new(format!("{vi} năm {year} ({member})"), format!("{en} of {year} ({member})")),
        )
    }
}

fn field_in_words(field: Field) -> Text {
    match field {
        Field::Agriculture => Text::new("lĩnh vực nông nghiệp", "field of agriculture"),
        Field::NonAgriculture => Text::new("lĩnh vực phi nông nghiệp", "field other than agriculture"),
    }
}

fn figure_in_words(used: &FigureUsed) -> Option<Text> {
    let (value, year, Text { vi, en }) = (used.value?, used.year, used.figure.label());
    let unit = if used.figure.is_money() { " đồng" } else { "" };
    Some(Text::new(format!("{vi} năm {year}: {value}{unit}"), format!("{en} of {year}: {value}{unit}")))
}

fn joined(words: &[Text], vi: &str, en: &str) -> Text {
    let join = |of: fn(&Text) -> &str, none: &str| {
        if words.is_empty() { none.to_owned() } else { words.iter().map(of).collect::<Vec<_>>().join("; ") }
    };
    Text::new(join(|text| &text.vi, vi), join(|text| &text.en, en))
}

/// Why a rule in force comes to what it does.
fn explained(rule: &ClassificationRule, found: &Found<'_>, facts: &Facts) -> Text {
    let basis = &rule.legal_basis;
    let Text { vi: facts_vi, en: facts_en } = joined(&facts.words, "trường hợp này", "this case");
    match found {
        Found::Class(Class { name: Text { vi, en }, .. }) => {
            Text::new(format!("{vi} — {facts_vi} ({basis})."), format!("{en} — {facts_en} ({basis})."))
        }
        Found::Missing(missing) => {
            let words: Vec<_> = missing.iter().map(MissingFact::in_words).collect();
            let Text { vi, en } = joined(&words, "số liệu", "facts");
            Text::new(
                format!("Chưa phân loại được vì chưa có: {vi} ({basis})."),
                format!("Not classed yet, for nobody stated: {en} ({basis})."),
            )
        }
        Found::Unknown => {
            let note = |of: fn(&Text) -> &str| {
                rule.content.note.as_ref().map_or_else(String::new, |note| format!(" {}", of(note)))
            };
            Text::new(
                format!(
                    "Chưa xác định theo quy tắc này: phần đã biết của {basis} chưa có loại cho {facts_vi}.{}",
                    note(|text| &text.vi)
                ),
                format!(
                    "Unknown under this rule: {basis}, as far as it is known, has no class for {facts_en}.{}",
                    note(|text| &text.en)
                ),
            )
        }
        Found::Outside(OutsideActivity { name: Text { vi, en }, .. }) => Text::new(
            format!("Ngoài phạm vi của văn bản: {basis} không áp dụng đối với {vi} ({facts_vi})."),
            format!("Outside the document: {basis} does not cover {en} ({facts_en})."),
        ),
    }
}

/// That no rule of a dimension is in force on a day, and when one is.
fn none_in_force(dimension: ClassDimension, at: NaiveDate, others: &[&ClassificationRule]) -> Text {
    let (by_vi, by_en) = match dimension {
        ClassDimension::Supply => ("sản phẩm, dịch vụ cung ứng cho thành viên", "supply to members"),
        ClassDimension::Members => ("số thành viên", "members"),
        ClassDimension::Capital => ("tổng nguồn vốn", "total capital"),
        ClassDimension::Trade => ("ngành nghề", "trade"),
        ClassDimension::Size => ("quy mô trong lĩnh vực hoạt động", "size within the field of activity"),
    };
    let times: Vec<_> = others.iter().map(|rule| in_force(rule)).collect();
    let tail = if times.is_empty() { Text::new("", "") } else { joined(&times, "", "") };
    let after = |text: &str| if text.is_empty() { String::new() } else { format!("; {text}") };
    Text::new(
        format!("Ngày {at} không có quy tắc phân loại theo {by_vi} có hiệu lực{}.", after(&tail.vi)),
        format!("No rule that classes by {by_en} is in force on {at}{}.", after(&tail.en)),
    )
}

fn in_force(rule: &ClassificationRule) -> Text {
    let ClassificationRule { valid_from, valid_to, legal_basis, .. } = rule;
    match valid_to {
        Some(last) => Text::new(
            format!("{legal_basis} có hiệu lực từ {valid_from} đến {last}"),
            format!("{legal_basis} is in force from {valid_from} to {last}"),
        ),
        None => Text::new(
            format!("{legal_basis} có hiệu lực từ {valid_from}"),
            format!("{legal_basis} is in force from {valid_from}"),
        ),
    }
}
