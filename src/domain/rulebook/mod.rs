//! The rule book (*sổ quy tắc*): every rule that the code enforces, readable by a lawyer and made from the code.
//!
//! Two kinds of rule. One **refuses**: its code is what a client gets, its words stand in [`refusals`]. One **decides**:
//! it gives a verdict, and its examples are decided by the code itself, under the parameters in force on the day that
//! the book is opened at. So the book cannot drift: a rule without words, a verdict without a rule or an example that
//! comes out otherwise fails the suite.

mod decided;
mod parameters;
pub mod refusals;
mod verdicts;

use chrono::NaiveDate;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use self::refusals::Stated;
use self::verdicts::{Cases, VerdictRule};
use super::classification::ClassificationRule;
use super::condition::{ConditionKind, MandatoryCondition};
use super::criteria::CriteriaSet;
use super::holiday::NewPublicHoliday;
use super::reference::ReferenceEntry;
use super::refusal::{RefusalKind, Rule};
use super::reporting_deadline::DeadlineTerms;
use super::role::names;
use super::scheme::Scheme;
use super::text::{Code, Text};

/// The data that holds on a day: what the rules take their parameters from.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The day.
    pub at: NaiveDate,
    /// The schemes that this service knows.
    pub schemes: Vec<Scheme>,
    /// Codes of the province that the book is opened for, and of those that it followed.
    pub provinces: Vec<String>,
    /// Conditions that provinces add, where the book is opened for one.
    pub own: Vec<MandatoryCondition>,
    /// The criteria sets that were put in force.
    pub criteria_sets: Vec<CriteriaSet>,
    /// The rules by which cooperatives are classed.
    pub classification: Vec<ClassificationRule>,
    /// The known rates of support and the regional minimum wages that one of them rests on.
    pub rates: Vec<ReferenceEntry>,
    /// The sources of money, with their nature.
    pub sources: Vec<ReferenceEntry>,
    /// The calendar of reports: the rules that were put in force.
    pub calendar: Vec<DeadlineTerms>,
    /// The days off, and those worked in lieu, that are loaded for the year of the day.
    pub days: Vec<NewPublicHoliday>,
}

impl InForce {
    /// The scheme in force; of several, the latest. After the end of the last it is that one: its pilots are judged by it still.
    pub fn scheme(&self) -> Option<&Scheme> {
        let begun = || self.schemes.iter().filter(|scheme| scheme.valid_from <= self.at);
        let standing = begun().filter(|scheme| scheme.in_force_at(self.at)).max_by_key(|scheme| scheme.valid_from);
        standing.or_else(|| begun().max_by_key(|scheme| scheme.valid_to))
    }

    /// The day whose conditions are applied: the day of the book, or the last of a scheme that has ended.
    pub fn day_of_scheme(&self) -> NaiveDate {
        self.scheme().and_then(|scheme| scheme.valid_to).map_or(self.at, |end| end.min(self.at))
    }

    /// Every criteria set in force: the national ones, whatever a scheme names, and the variant of the province that the book is
    /// opened for.
    pub fn criteria_sets_in_force(&self) -> impl Iterator<Item = &CriteriaSet> {
        let serves = |set: &&CriteriaSet| set.province.as_ref().is_none_or(|code| self.provinces.contains(code));
        self.criteria_sets.iter().filter(|set| set.in_force_at(self.at)).filter(serves)
    }

    /// The mandatory conditions of a kind that are applied, with the scheme or province that they are of.
    pub fn conditions(&self, kind: ConditionKind) -> impl Iterator<Item = &MandatoryCondition> {
        let day = self.day_of_scheme();
        let of_schemes = self.schemes.iter().flat_map(|scheme| &scheme.mandatory);
        let asked = of_schemes.chain(&self.own);
        asked.filter(move |condition| condition.kind == kind && condition.in_force_at(day))
    }

    /// The book opened at the nearest day of a scheme: what a rule that does not apply yet, or no more, is shown with.
    fn nearest(&self) -> Option<Self> {
        let first = self.schemes.iter().map(|scheme| scheme.valid_from).min()?;
        let day = if self.at < first { first } else { self.day_of_scheme() };
        (day != self.at).then(|| Self { at: day, ..self.clone() })
    }
}

names! {
    /// What a rule does.
    RuleKind {
        /// It refuses a request or a step.
        Refusal = "refusal",
        /// It gives a verdict.
        Verdict = "verdict",
    }
}

/// A document and where in it a rule stands.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Citation {
    /// The document; `Sarus` for what the service itself asks, so that records can be relied on.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "2129/QĐ-UBND")]
    pub document: String,
    /// Article, section or principle.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "III.2.1")]
    pub article: Option<String>,
}

/// A figure or name that a rule is applied with on a day.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleParameter {
    /// Its name.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "minimumPoints")]
    pub name: String,
    /// Its value, as text.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "65.00")]
    pub value: String,
    /// What it is of: a scheme, a condition, a criteria set.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "QD167-2021-2025")]
    pub of: String,
    /// First day on which it holds.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// Last day on which it holds; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// Where it is laid down.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
    pub legal_basis: String,
}

/// A worked example.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleExample {
    /// The case.
    pub given: Text,
    /// The verdict that the code gives in it, under the parameters in force; for a refusal its code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "not_met")]
    pub verdict: String,
    /// The verdict in words, with the figures, as a client would read it.
    pub explanation: Option<Text>,
    /// The test that runs the case, where it is not computed here.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub shown_by: Option<String>,
}

/// A rule that the code enforces.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookRule {
    /// Identifier: of a refusal its code.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "condition_profit")]
    pub id: String,
    /// What it does.
    pub kind: RuleKind,
    /// What it is about.
    pub title: Text,
    /// The rule as a sentence.
    pub statement: Text,
    /// Document and article, as in the answers that rest on it.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
    pub legal_basis: String,
    /// The same, taken apart.
    #[schema(max_items = 20)]
    pub citations: Vec<Citation>,
    /// Of a refusal: the status of the answer: 400 wrong by the request alone, 403 not of this role, 409 refused by stored state.
    #[schema(minimum = 400, maximum = 409, example = 409)]
    pub status: Option<u16>,
    /// Of a verdict: what it can come to.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub verdicts: Vec<String>,
    /// Of a refusal: the names of the inputs that it always gives (`inputs` of the problem document or of its faults).
    #[schema(max_items = 20, value_type = Vec<Code>)]
    pub inputs: Vec<String>,
    /// What it is applied with on the day; empty where it has no parameters, or none in force.
    #[schema(max_items = 1000)]
    pub parameters: Vec<RuleParameter>,
    /// Worked examples.
    #[schema(max_items = 200)]
    pub examples: Vec<RuleExample>,
}

/// The book as it reads on a day: what decides first, then what refuses.
pub fn book(in_force: &InForce) -> Vec<BookRule> {
    let deciding = verdicts::ALL.iter().map(|rule| rule.read(in_force));
    let refusing = Rule::ALL.iter().map(|rule| refusing(*rule, in_force));
    deciding.chain(refusing).collect()
}

/// One rule by its identifier, as it reads on a day.
pub fn rule(id: &str, in_force: &InForce) -> Option<BookRule> {
    let deciding = verdicts::ALL.iter().find(|rule| rule.id == id).map(|rule| rule.read(in_force));
    let refused = || Rule::ALL.iter().find(|rule| rule.code() == id).map(|rule| refusing(*rule, in_force));
    deciding.or_else(refused)
}

fn text([vi, en]: [&str; 2]) -> Text {
    Text::new(vi, en)
}

impl VerdictRule {
    fn read(&self, in_force: &InForce) -> BookRule {
        let legal_basis = self.legal_basis_on(in_force);
        BookRule {
            id: self.id.to_owned(),
            kind: RuleKind::Verdict,
            title: text(self.title),
            statement: text(self.statement),
            citations: citations(&legal_basis),
            legal_basis,
            status: None,
            verdicts: (self.verdicts)(in_force),
            inputs: Vec::new(),
            parameters: (self.parameters)(in_force),
            examples: self.examples(in_force),
        }
    }

    /// Document and article; of what each criteria set lays down, the documents of those in force.
    fn legal_basis_on(&self, in_force: &InForce) -> String {
        let mut documents: Vec<&str> = Vec::new();
        if matches!(self.cases, Cases::OfSet(_)) {
            for set in in_force.criteria_sets_in_force() {
                if !documents.contains(&set.legal_basis.as_str()) {
                    documents.push(&set.legal_basis);
                }
            }
        }
        if documents.is_empty() { self.legal_basis.to_owned() } else { documents.join("; ") }
    }

    /// The examples, decided under what is in force; of a rule that does not apply yet or no more, on
    /// the nearest day on which it did. What each
    /// criteria set lays down is decided under each.
    fn examples(&self, in_force: &InForce) -> Vec<RuleExample> {
        let example = |given: Text, decided: decided::Decided| {
            let explanation = Some(decided.words);
            RuleExample { given, verdict: decided.verdict, explanation, shown_by: None }
        };
        match self.cases {
            Cases::OfDay(cases) => {
                let nearest = in_force.nearest();
                let decide = |case: &decided::Case| {
                    (case.decide)(in_force).or_else(|| nearest.as_ref().and_then(|nearest| (case.decide)(nearest)))
                };
                cases.iter().filter_map(|case| Some(example(text(case.given), decide(case)?))).collect()
            }
            Cases::OfSet(cases) => {
                let of_set = |set: &CriteriaSet| {
                    let under = |given: [&str; 2]| {
                        let [vi, en] = given;
                        Text::new(format!("{}: {vi}", set.code), format!("{}: {en}", set.code))
                    };
                    let decided = cases.iter().filter_map(|case| Some(example(under(case.given), (case.decide)(set)?)));
                    decided.collect::<Vec<_>>()
                };
                in_force.criteria_sets_in_force().flat_map(of_set).collect()
            }
        }
    }
}

fn refusing(rule: Rule, in_force: &InForce) -> BookRule {
    let title = Text::new(rule.title_vi(), rule.title_en());
    let stated = refusals::of(rule);
    let example = |stated: &Stated| RuleExample {
        given: text(stated.example),
        verdict: rule.code().to_owned(),
        explanation: None,
        shown_by: Some(stated.shown_by.to_owned()),
    };
    BookRule {
        id: rule.code().to_owned(),
        kind: RuleKind::Refusal,
        statement: stated.map_or_else(|| title.clone(), |stated| text(stated.statement)),
        title,
        legal_basis: rule.legal_basis().to_owned(),
        citations: citations(rule.legal_basis()),
        status: Some(match rule.kind() {
            RefusalKind::Input => 400,
            RefusalKind::Role => 403,
            RefusalKind::State => 409,
        }),
        verdicts: Vec::new(),
        inputs: rule.inputs().iter().map(|name| (*name).to_owned()).collect(),
        parameters: parameters::of_refusal(rule, in_force),
        examples: stated.into_iter().map(example).collect(),
    }
}

/// Takes a legal basis apart: documents are divided by semicolons, each with its articles behind its number.
fn citations(basis: &str) -> Vec<Citation> {
    basis.split("; ").map(citation).collect()
}

fn citation(basis: &str) -> Citation {
    let whole = |document: &str| Citation { document: document.to_owned(), article: None };
    if let Some((document, principle)) = basis.split_once(": ").filter(|(document, _)| *document == "Sarus") {
        return Citation { document: document.to_owned(), article: Some(principle.to_owned()) };
    }
    // A number such as 2129/QĐ-UBND ends at the first blank; a law is named in words.
    match basis.split_once([' ', ',']) {
        Some((number, articles)) if number.contains('/') => {
            let article = Some(articles.trim().to_owned()).filter(|article| !article.is_empty());
            Citation { document: number.trim_end_matches(':').to_owned(), article }
        }
        _ => whole(basis),
    }
}

#[cfg(test)]
mod tests;
