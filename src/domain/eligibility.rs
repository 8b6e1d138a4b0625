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
use super::cooperative::GoverningLaw;
use super::evaluation::{Evaluation, EvaluationKind, NotRatedReason};
use super::money::{Money, SignedMoney};
use super::role::names;
use super::scheme::{ConditionKind, MandatoryCondition, Scheme};
use super::score::Points;
use super::text::Text;

/// The law that a condition of kind [`ConditionKind::Law`] asks for: "HTX hoạt động theo quy định Luật HTX năm 2012".
const REQUIRED_LAW: GoverningLaw = GoverningLaw::Law2012;

/// What is known of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The law it works under, where it is recorded.
    pub governing_law: Option<GoverningLaw>,
    /// Profit before tax by financial year, where known.
    pub profits: BTreeMap<u16, Profit>,
    /// The evaluation that counts, of the year the scheme names.
    pub evaluation: Option<CountingEvaluation>,
}

/// The profit before tax of one year, as declared and as verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profit {
    /// By the cooperative.
    pub declared: Option<SignedMoney>,
    /// By an agency: it counts over the declared one.
    pub verified: Option<SignedMoney>,
}

impl Profit {
    /// The figure that counts and its basis.
    fn counting(self) -> Option<(SignedMoney, &'static str)> {
        let verified = self.verified.map(|profit| (profit, "verified"));
        verified.or_else(|| self.declared.map(|profit| (profit, "declared")))
    }
}

/// The evaluation that counts: the verified one, else the self-evaluation that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountingEvaluation {
    /// The evaluation.
    pub id: Uuid,
    /// Whose evaluation it is.
    pub kind: EvaluationKind,
    /// Its total, unless it is not rated.
    pub result: EvaluationResult,
}

impl From<&Evaluation> for CountingEvaluation {
    fn from(evaluation: &Evaluation) -> Self {
        let outcome = &evaluation.outcome;
        let total = EvaluationResult::Total(outcome.total);
        let result = outcome.not_rated_reason().map_or(total, EvaluationResult::NotRated);
        Self { id: evaluation.id, kind: evaluation.kind, result }
    }
}

/// What an evaluation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationResult {
    /// A total.
    Total(Points),
    /// Not rated, with the reason.
    NotRated(NotRatedReason),
}

names! {
    /// The answer on a condition.
    ConditionVerdict {
        /// It holds.
        Met = "met",
        /// It does not hold.
        NotMet = "not_met",
        /// A fact is missing; the explanation says which.
        Unknown = "unknown",
    }
}

/// Whether an applicant is eligible, condition by condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Determination {
    /// Met only if every mandatory condition is met; not met as soon as one is not; else unknown.
    pub overall: ConditionVerdict,
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
    /// Code of the condition in the scheme: the rule applied.
    #[schema(min_length = 2, max_length = 10, pattern = "^M[0-9]+$", example = "M3")]
    pub rule: String,
    /// What decides it.
    pub kind: ConditionKind,
    /// The condition in words.
    pub condition: Text,
    /// Whether it holds.
    pub verdict: ConditionVerdict,
    /// Why, with the figures.
    pub explanation: Text,
    /// The facts that were used; a fact that is missing has no value.
    #[schema(max_items = 50)]
    pub inputs: Vec<NamedInput>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.1")]
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
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub code: String,
    /// The condition in words.
    pub condition: Text,
    /// Whether the application claims it, with evidence.
    pub claimed: bool,
}

/// Holds an application and what is known of its cooperative against the scheme's conditions.
pub fn determine(scheme: &Scheme, facts: &Facts, application: &Application) -> Determination {
    let conditions: Vec<_> = scheme.mandatory.iter().map(|asked| answer(asked, scheme, facts, application)).collect();
    let claims = &application.content.priority_claims;
    let priorities = scheme
        .priority
        .iter()
        .map(|priority| PriorityAnswer {
            code: priority.code.clone(),
            condition: priority.text.clone(),
            claimed: claims.iter().any(|claim| claim.condition == priority.code),
        })
        .collect();
    Determination { overall: overall(&conditions), conditions, priorities }
}

fn answer(asked: &MandatoryCondition, scheme: &Scheme, facts: &Facts, application: &Application) -> ConditionAnswer {
    let Finding { verdict, explanation, inputs } = match asked.kind {
        ConditionKind::Law => governing_law(facts),
        ConditionKind::Model => model(scheme, application),
        ConditionKind::Profit => profit_each_year(&scheme.profit_years, facts),
        ConditionKind::Dossier => dossier_complete(scheme, application),
        ConditionKind::Evaluation => evaluation(scheme.evaluation_year, scheme.entry_points, facts),
    };
    ConditionAnswer {
        rule: asked.code.clone(),
        kind: asked.kind,
        condition: asked.text.clone(),
        verdict,
        explanation,
        inputs,
        legal_basis: asked.legal_basis.clone(),
    }
}

/// All met → met; one not met → not met, whatever is unknown; else unknown.
fn overall(conditions: &[ConditionAnswer]) -> ConditionVerdict {
    let any = |verdict| conditions.iter().any(|answer| answer.verdict == verdict);
    match (any(ConditionVerdict::NotMet), any(ConditionVerdict::Unknown)) {
        (true, _) => ConditionVerdict::NotMet,
        (false, true) => ConditionVerdict::Unknown,
        (false, false) => ConditionVerdict::Met,
    }
}

/// What a test found.
struct Finding {
    verdict: ConditionVerdict,
    explanation: Text,
    inputs: Vec<NamedInput>,
}

impl Finding {
    fn new(verdict: ConditionVerdict, inputs: Vec<NamedInput>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { verdict, explanation: Text::new(vi, en), inputs }
    }
}

fn input(name: impl Into<String>, value: Option<String>, basis: Option<&str>) -> NamedInput {
    NamedInput { name: name.into(), value, basis: basis.map(str::to_owned) }
}

const fn met_if(holds: bool) -> ConditionVerdict {
    if holds { ConditionVerdict::Met } else { ConditionVerdict::NotMet }
}

/// "HTX hoạt động theo quy định Luật HTX năm 2012."
fn governing_law(facts: &Facts) -> Finding {
    let required = law_in_words(REQUIRED_LAW);
    let inputs = vec![input("governingLaw", facts.governing_law.map(|law| law.name().to_owned()), None)];
    match facts.governing_law {
        None => Finding::new(
            ConditionVerdict::Unknown,
            inputs,
            "Chưa có thông tin HTX hoạt động theo luật nào.",
            "It is not recorded which law the cooperative works under.",
        ),
        Some(law) => {
            let words = law_in_words(law);
            Finding::new(
                met_if(law == REQUIRED_LAW),
                inputs,
                format!("HTX hoạt động theo {}; Đề án yêu cầu {}.", words.vi, required.vi),
                format!("The cooperative works under {}; the scheme asks for {}.", words.en, required.en),
            )
        }
    }
}

fn law_in_words(law: GoverningLaw) -> Text {
    let year = match law {
        GoverningLaw::Law2003 => 2003,
        GoverningLaw::Law2012 => 2012,
        GoverningLaw::Law2023 => 2023,
    };
    Text::new(format!("Luật Hợp tác xã năm {year}"), format!("the Law on Cooperatives of {year}"))
}

/// "HTX đang hoạt động … theo các mô hình được Đề án lựa chọn."
fn model(scheme: &Scheme, application: &Application) -> Finding {
    let code = &application.content.model;
    let count = scheme.models.len();
    let inputs = vec![input("model", Some(code.clone()), Some("application"))];
    if scheme.model(code).is_some() {
        let vi = format!("Mô hình {code} là một trong {count} mô hình của Đề án.");
        return Finding::new(
            ConditionVerdict::Met,
            inputs,
            vi,
            format!("Model {code} is one of the scheme's {count} models."),
        );
    }
    let vi = format!("Mô hình {code} không thuộc {count} mô hình của Đề án.");
    Finding::new(ConditionVerdict::NotMet, inputs, vi, format!("Model {code} is none of the scheme's {count} models."))
}

/// "… có lãi liên tục trong 03 năm tài chính gần nhất." A known loss decides, even if another year is missing.
fn profit_each_year(years: &[u16], facts: &Facts) -> Finding {
    let counting = |year: &u16| facts.profits.get(year).and_then(|profit| profit.counting());
    let inputs = years.iter().map(|year| {
        let profit = counting(year);
        input(
            format!("profitBeforeTax.{year}"),
            profit.map(|(profit, _)| profit.0.to_string()),
            profit.map(|(_, basis)| basis),
        )
    });
    let inputs = inputs.collect();
    let losses: Vec<_> = years
        .iter()
        .filter_map(|year| {
            counting(year).filter(|(profit, _)| profit.0 <= Money::ZERO).map(|(profit, _)| (year, profit))
        })
        .collect();
    if !losses.is_empty() {
        let list = |word: &str| {
            losses
                .iter()
                .map(|(year, profit)| format!("{word} {year}: {} đồng", profit.0))
                .collect::<Vec<_>>()
                .join("; ")
        };
        let vi = format!("Không có lãi: {} (bằng 0 không phải là có lãi).", list("năm"));
        return Finding::new(
            ConditionVerdict::NotMet,
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
        return Finding::new(ConditionVerdict::Unknown, inputs, vi, en);
    }
    let all = join(years.iter().collect());
    let vi = format!("Có lãi trong từng năm tài chính: {all}.");
    Finding::new(ConditionVerdict::Met, inputs, vi, format!("Profit in each financial year: {all}."))
}

/// "HTX nộp đầy đủ Hồ sơ đăng ký tham gia Đề án …"
fn dossier_complete(scheme: &Scheme, application: &Application) -> Finding {
    let missing = application.missing_items(scheme);
    let present: Vec<_> = application.content.dossier.iter().map(|entry| entry.code.as_str()).collect();
    let present = (!present.is_empty()).then(|| present.join(", "));
    let inputs = vec![input("dossier", present, Some("application"))];
    if missing.is_empty() {
        let (vi, en) = ("Hồ sơ có đủ các thành phần bắt buộc.", "The dossier has every required item.");
        return Finding::new(ConditionVerdict::Met, inputs, vi, en);
    }
    let vi = missing.iter().map(|item| item.text.vi.as_str()).collect::<Vec<_>>().join("; ");
    let en = missing.iter().map(|item| item.text.en.as_str()).collect::<Vec<_>>().join("; ");
    Finding::new(
        ConditionVerdict::NotMet,
        inputs,
        format!("Hồ sơ còn thiếu: {vi}."),
        format!("The dossier lacks: {en}."),
    )
}

/// "… trong đó có Bản đánh giá HTX năm 2020 đạt loại Khá (65 điểm) trở lên theo Thông tư số 01/2020/TT-BKHĐT."
fn evaluation(year: u16, minimum: Points, facts: &Facts) -> Finding {
    let name = format!("evaluation.{year}.total");
    let Some(counting) = &facts.evaluation else {
        return Finding::new(
            ConditionVerdict::Unknown,
            vec![input(name, None, None)],
            format!("Chưa có bản đánh giá năm {year} đã nộp hoặc đã xác nhận."),
            format!("There is no submitted or confirmed evaluation of {year}."),
        );
    };
    let kind = Some(counting.kind.name());
    let id = input(format!("evaluation.{year}.id"), Some(counting.id.to_string()), kind);
    match &counting.result {
        EvaluationResult::NotRated(reason) => {
            let Text { vi, en } = not_rated_in_words(*reason);
            let reason = Some(reason.name().to_owned());
            Finding::new(
                ConditionVerdict::NotMet,
                vec![id, input(format!("evaluation.{year}.notRatedReason"), reason, kind)],
                format!("HTX không được xếp loại năm {year} vì {vi}; Đề án yêu cầu từ {minimum} điểm."),
                format!("The cooperative is not rated for {year}: {en}; the scheme asks for {minimum} or more."),
            )
        }
        EvaluationResult::Total(total) => Finding::new(
            met_if(*total >= minimum),
            vec![id, input(name, Some(total.to_string()), kind)],
            format!("Tổng điểm năm {year} là {total}; Đề án yêu cầu từ {minimum} điểm."),
            format!("The total of {year} is {total}; the scheme asks for {minimum} or more."),
        ),
    }
}

fn not_rated_in_words(reason: NotRatedReason) -> Text {
    match reason {
        NotRatedReason::OperatingTooShort => {
            Text::new("hoạt động chưa đủ thời gian", "it had not operated long enough")
        }
        NotRatedReason::StoppedTooLong => {
            Text::new("ngừng hoạt động quá lâu trong năm", "it had stopped for too long in the year")
        }
    }
}

#[cfg(test)]
mod tests;
