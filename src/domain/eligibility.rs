//! Eligibility (*điều kiện tham gia*): every condition of the scheme held against the facts, with the reasons.
//!
//! 2129/QĐ-UBND III.2. An answer is *met*, *not met* or *unknown*; it says which inputs it used and which rule of which
//! text it follows. Priority conditions are listed as claimed or not; they rank and never exclude.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::application::Application;
use super::money::Money;
use super::score::Points;
use super::text::Text;

/// What a scheme asks of an applicant: data, so that another scheme or a province may ask differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirements {
    /// Code of the scheme.
    pub scheme_code: String,
    /// Codes of its models.
    pub models: Vec<String>,
    /// Its checklist of the dossier.
    pub checklist: Vec<ChecklistItem>,
    /// Conditions that must all hold.
    pub conditions: Vec<Condition>,
    /// Conditions that rank.
    pub priorities: Vec<Priority>,
}

/// An item of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistItem {
    /// Code.
    pub code: String,
    /// Whether a dossier without it is incomplete.
    pub required: bool,
    /// Name.
    pub text: Text,
}

/// A mandatory condition: its words, its source, and the test that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Identifier of the rule.
    pub rule: String,
    /// The condition in words.
    pub text: Text,
    /// Document and article.
    pub legal_basis: String,
    /// How it is decided.
    pub test: Test,
}

/// The kinds of conditions that the service can decide, with their parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Works under this law.
    GoverningLaw(String),
    /// Works along one of the scheme's models.
    Model,
    /// Profit in each of these financial years. Zero is not a profit: our reading of *có lãi*.
    ProfitEachYear(Vec<u16>),
    /// The dossier has every required item.
    DossierComplete,
    /// The evaluation of a year reaches a total.
    Evaluation {
        /// The year evaluated.
        year: u16,
        /// The least total.
        minimum: Points,
    },
}

/// A priority condition of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priority {
    /// Code, such as `P2.4`.
    pub code: String,
    /// The condition in words.
    pub text: Text,
}

/// What is known of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The law it works under, such as `law_2012`.
    pub governing_law: Option<String>,
    /// Profit before tax by financial year, where known.
    pub profits: BTreeMap<u16, Profit>,
    /// The evaluation that counts, of the year the scheme names.
    pub evaluation: Option<CountingEvaluation>,
}

/// The profit before tax of one year, as declared and as verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profit {
    /// By the cooperative.
    pub declared: Option<Money>,
    /// By an agency: it counts over the declared one.
    pub verified: Option<Money>,
}

impl Profit {
    /// The figure that counts and its basis.
    fn counting(self) -> Option<(Money, &'static str)> {
        let verified = self.verified.map(|profit| (profit, "verified"));
        verified.or_else(|| self.declared.map(|profit| (profit, "declared")))
    }
}

/// The evaluation that counts: the verified one, else the self-evaluation that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountingEvaluation {
    /// The evaluation.
    pub id: Uuid,
    /// Its kind: `verified` or `self`.
    pub kind: String,
    /// Its total, unless it is not rated.
    pub result: EvaluationResult,
}

/// What an evaluation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationResult {
    /// A total.
    Total(Points),
    /// Not rated, with the reason.
    NotRated(String),
}

/// The answer on a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Met,
    /// It does not hold.
    NotMet,
    /// A fact is missing; the explanation says which.
    Unknown,
}

/// Whether an applicant is eligible, condition by condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Determination {
    /// Met only if every mandatory condition is met; not met as soon as one is not; else unknown.
    pub overall: Verdict,
    /// The mandatory conditions, each with its answer.
    #[schema(max_items = 50)]
    pub conditions: Vec<ConditionAnswer>,
    /// The priority conditions: they rank and never exclude.
    #[schema(max_items = 50)]
    pub priorities: Vec<PriorityAnswer>,
}

/// The answer on one mandatory condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionAnswer {
    /// Identifier of the rule.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "profit_three_years")]
    pub rule: String,
    /// The condition in words.
    pub condition: Text,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Why, with the figures.
    pub explanation: Text,
    /// The facts that were used; a fact that is missing has no value.
    #[schema(max_items = 50)]
    pub inputs: Vec<NamedInput>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
    pub legal_basis: String,
}

/// A fact used in a determination.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedInput {
    /// Name of the fact.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S", example = "profitBeforeTax.2019")]
    pub name: String,
    /// Its value, as text; absent when the fact is not known.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "125000000")]
    pub value: Option<String>,
    /// Where it comes from: `declared`, `verified`, `self`, `application`, …
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z_]+$", example = "verified")]
    pub basis: Option<String>,
}

/// Whether a priority condition is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriorityAnswer {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9](\.[0-9]+)?$", example = "P2.4")]
    pub code: String,
    /// The condition in words.
    pub condition: Text,
    /// Whether the application claims it, with evidence.
    pub claimed: bool,
}

impl Requirements {
    /// Whether the scheme has a model.
    pub fn has_model(&self, code: &str) -> bool {
        self.models.iter().any(|model| model == code)
    }

    /// The financial years whose profit a condition asks for.
    pub fn profit_years(&self) -> Vec<u16> {
        let years = self.conditions.iter().map(|condition| match &condition.test {
            Test::ProfitEachYear(years) => years.as_slice(),
            _ => &[],
        });
        years.flatten().copied().collect()
    }

    /// The year whose evaluation a condition asks for.
    pub fn evaluation_year(&self) -> Option<u16> {
        self.conditions.iter().find_map(|condition| match condition.test {
            Test::Evaluation { year, .. } => Some(year),
            _ => None,
        })
    }
}

/// Holds an application and what is known of its cooperative against the scheme's conditions.
pub fn determine(scheme: &Requirements, facts: &Facts, application: &Application) -> Determination {
    let conditions: Vec<_> = scheme
        .conditions
        .iter()
        .map(|condition| {
            let Finding { verdict, explanation, inputs } = match &condition.test {
                Test::GoverningLaw(law) => governing_law(law, facts),
                Test::Model => model(scheme, application),
                Test::ProfitEachYear(years) => profit_each_year(years, facts),
                Test::DossierComplete => dossier_complete(scheme, application),
                Test::Evaluation { year, minimum } => evaluation(*year, *minimum, facts),
            };
            ConditionAnswer {
                rule: condition.rule.clone(),
                condition: condition.text.clone(),
                verdict,
                explanation,
                inputs,
                legal_basis: condition.legal_basis.clone(),
            }
        })
        .collect();
    let claims = &application.content.priority_claims;
    let priorities = scheme
        .priorities
        .iter()
        .map(|priority| PriorityAnswer {
            code: priority.code.clone(),
            condition: priority.text.clone(),
            claimed: claims.iter().any(|claim| claim.condition == priority.code),
        })
        .collect();
    Determination { overall: overall(&conditions), conditions, priorities }
}

/// All met → met; one not met → not met, whatever is unknown; else unknown.
fn overall(conditions: &[ConditionAnswer]) -> Verdict {
    let any = |verdict| conditions.iter().any(|answer| answer.verdict == verdict);
    match (any(Verdict::NotMet), any(Verdict::Unknown)) {
        (true, _) => Verdict::NotMet,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Met,
    }
}

/// What a test found.
struct Finding {
    verdict: Verdict,
    explanation: Text,
    inputs: Vec<NamedInput>,
}

impl Finding {
    fn new(verdict: Verdict, inputs: Vec<NamedInput>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { verdict, explanation: Text::new(vi, en), inputs }
    }
}

fn input(name: impl Into<String>, value: Option<String>, basis: Option<&str>) -> NamedInput {
    NamedInput { name: name.into(), value, basis: basis.map(str::to_owned) }
}

const fn met_if(holds: bool) -> Verdict {
    if holds { Verdict::Met } else { Verdict::NotMet }
}

/// "HTX hoạt động theo quy định Luật HTX năm 2012."
fn governing_law(required: &str, facts: &Facts) -> Finding {
    let inputs = vec![input("governingLaw", facts.governing_law.clone(), None)];
    match facts.governing_law.as_deref() {
        None => Finding::new(
            Verdict::Unknown,
            inputs,
            "Chưa có thông tin HTX hoạt động theo luật nào.",
            "It is not recorded which law the cooperative works under.",
        ),
        Some(law) => Finding::new(
            met_if(law == required),
            inputs,
            format!("HTX hoạt động theo {law}; Đề án yêu cầu {required}."),
            format!("The cooperative works under {law}; the scheme asks for {required}."),
        ),
    }
}

/// "HTX đang hoạt động … theo các mô hình được Đề án lựa chọn."
fn model(scheme: &Requirements, application: &Application) -> Finding {
    let code = &application.content.model;
    let count = scheme.models.len();
    let inputs = vec![input("model", Some(code.clone()), Some("application"))];
    if scheme.has_model(code) {
        let vi = format!("Mô hình {code} là một trong {count} mô hình của Đề án.");
        return Finding::new(Verdict::Met, inputs, vi, format!("Model {code} is one of the scheme's {count} models."));
    }
    let vi = format!("Mô hình {code} không thuộc {count} mô hình của Đề án.");
    Finding::new(Verdict::NotMet, inputs, vi, format!("Model {code} is none of the scheme's {count} models."))
}

/// "… có lãi liên tục trong 03 năm tài chính gần nhất." A known loss decides, even if another year is missing.
fn profit_each_year(years: &[u16], facts: &Facts) -> Finding {
    let counting = |year: &u16| facts.profits.get(year).and_then(|profit| profit.counting());
    let inputs = years.iter().map(|year| {
        let profit = counting(year);
        input(format!("profitBeforeTax.{year}"), profit.map(|(p, _)| p.to_string()), profit.map(|(_, basis)| basis))
    });
    let inputs = inputs.collect();
    let losses: Vec<_> = years
        .iter()
        .filter_map(|year| {
            counting(year).filter(|(profit, _)| *profit <= Money::ZERO).map(|(profit, _)| (year, profit))
        })
        .collect();
    if !losses.is_empty() {
        let list = |word: &str| {
            losses.iter().map(|(year, profit)| format!("{word} {year}: {profit} đồng")).collect::<Vec<_>>().join("; ")
        };
        let vi = format!("Không có lãi: {} (bằng 0 không phải là có lãi).", list("năm"));
        return Finding::new(
            Verdict::NotMet,
            inputs,
            vi,
            format!("Without profit: {} (zero is not a profit).", list("year")),
        );
    }
    let join = |years: Vec<&u16>| years.into_iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let missing = join(years.iter().filter(|year| counting(year).is_none()).collect());
    if !missing.is_empty() {
        let vi = format!("Thiếu lợi nhuận trước thuế của năm: {missing}.");
        let en = format!("The profit before tax is missing for: {missing}.");
        return Finding::new(Verdict::Unknown, inputs, vi, en);
    }
    let all = join(years.iter().collect());
    let vi = format!("Có lãi trong từng năm tài chính: {all}.");
    Finding::new(Verdict::Met, inputs, vi, format!("Profit in each financial year: {all}."))
}

/// "HTX nộp đầy đủ Hồ sơ đăng ký tham gia Đề án …"
fn dossier_complete(scheme: &Requirements, application: &Application) -> Finding {
    let missing = application.missing_items(scheme);
    let present: Vec<_> = application.content.dossier.iter().map(|entry| entry.code.as_str()).collect();
    let present = (!present.is_empty()).then(|| present.join(", "));
    let inputs = vec![input("dossier", present, Some("application"))];
    if missing.is_empty() {
        let (vi, en) = ("Hồ sơ có đủ các thành phần bắt buộc.", "The dossier has every required item.");
        return Finding::new(Verdict::Met, inputs, vi, en);
    }
    let vi = missing.iter().map(|item| item.text.vi.as_str()).collect::<Vec<_>>().join("; ");
    let en = missing.iter().map(|item| item.text.en.as_str()).collect::<Vec<_>>().join("; ");
    Finding::new(Verdict::NotMet, inputs, format!("Hồ sơ còn thiếu: {vi}."), format!("The dossier lacks: {en}."))
}

/// "… trong đó có Bản đánh giá HTX năm 2020 đạt loại Khá (65 điểm) trở lên theo Thông tư số 01/2020/TT-BKHĐT."
fn evaluation(year: u16, minimum: Points, facts: &Facts) -> Finding {
    let name = format!("evaluation.{year}.total");
    let Some(counting) = &facts.evaluation else {
        return Finding::new(
            Verdict::Unknown,
            vec![input(name, None, None)],
            format!("Chưa có bản đánh giá năm {year} đã nộp hoặc đã xác nhận."),
            format!("There is no submitted or confirmed evaluation of {year}."),
        );
    };
    let id = input(format!("evaluation.{year}.id"), Some(counting.id.to_string()), Some(&counting.kind));
    match &counting.result {
        EvaluationResult::NotRated(reason) => Finding::new(
            Verdict::NotMet,
            vec![id, input(format!("evaluation.{year}.notRatedReason"), Some(reason.clone()), Some(&counting.kind))],
            format!("HTX không được xếp loại năm {year} ({reason}); Đề án yêu cầu từ {minimum} điểm."),
            format!("The cooperative is not rated for {year} ({reason}); the scheme asks for {minimum} or more."),
        ),
        EvaluationResult::Total(total) => Finding::new(
            met_if(*total >= minimum),
            vec![id, input(name, Some(total.to_string()), Some(&counting.kind))],
            format!("Tổng điểm năm {year} là {total}; Đề án yêu cầu từ {minimum} điểm."),
            format!("The total of {year} is {total}; the scheme asks for {minimum} or more."),
        ),
    }
}
