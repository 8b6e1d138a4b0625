//! Eligibility (*điều kiện tham gia*): every condition in force held against the facts, with the reasons.
//!
//! 2129/QĐ-UBND III.2. An answer is *met*, *not met* or *unknown*; it says which inputs it used and which rule of which
//! text it follows. Priority conditions are listed as claimed or not; they rank and never exclude.
//!
//! [`determine`] reads nothing but its [`EligibilityInputs`]: kept, they give the same answer at any later time.

mod findings;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use self::findings::finding;
use super::application::{Application, Attestation, PriorityClaim};
use super::condition::{ConditionKind, MandatoryCondition};
use super::cooperative::GoverningLaw;
use super::evaluation::{Evaluation, EvaluationKind, NotRatedReason};
use super::money::SignedMoney;
use super::role::names;
use super::scheme::{DossierItem, PriorityCondition, Scheme};
use super::score::Points;
use super::text::{Code, Text};
pub use super::verdict::NamedInput;

/// The way in which [`determine`] decides. Another way gets another name, so that a determination says by which it was
/// made.
pub const PROCEDURE: &str = "eligibility-2";
/// The way before: it did not say that no condition is in force.
const WITHOUT_GAP: &str = "eligibility-1";

/// What is known of the applicant.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The law it works under, where it is recorded.
    pub governing_law: Option<GoverningLaw>,
    /// The day on which it was founded, where it is recorded.
    pub founded_on: Option<NaiveDate>,
    /// Profit before tax of the years that a condition asks for, where known, oldest first.
    #[schema(max_items = 50)]
    pub profits: Vec<YearProfit>,
    /// The evaluation that counts of each year that a condition asks for, where there is one, oldest first.
    #[schema(max_items = 50)]
    pub evaluations: Vec<CountingEvaluation>,
}

/// The profit before tax of one year, as declared and as verified.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct YearProfit {
    /// The financial year.
    #[schema(minimum = 1900, maximum = 2099, example = 2020)]
    pub year: u16,
    /// By the cooperative.
    pub declared: Option<SignedMoney>,
    /// By an agency: it counts over the declared one.
    pub verified: Option<SignedMoney>,
    /// Whether the figure that counts is an estimate (*ước thực hiện*): the year had not ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl YearProfit {
    /// The figure that counts and its basis.
    fn counting(self) -> Option<(SignedMoney, &'static str)> {
        let [verified, declared] =
            if self.estimated { ["verified_estimated", "declared_estimated"] } else { ["verified", "declared"] };
        let verified = self.verified.map(|profit| (profit, verified));
        verified.or_else(|| self.declared.map(|profit| (profit, declared)))
    }
}

/// The evaluation that counts: the verified one, else the self-evaluation that was submitted.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountingEvaluation {
    /// The year that was evaluated.
    #[schema(minimum = 2000, maximum = 2099, example = 2020)]
    pub year: u16,
    /// The evaluation.
    pub id: Uuid,
    /// Whose evaluation it is.
    pub kind: EvaluationKind,
    /// Its total.
    pub total: Points,
    /// Why it is not rated, if it is not: then its total does not count.
    pub not_rated_reason: Option<NotRatedReason>,
}

impl From<&Evaluation> for CountingEvaluation {
    fn from(evaluation: &Evaluation) -> Self {
        let outcome = &evaluation.outcome;
        Self {
            year: evaluation.year,
            id: evaluation.id,
            kind: evaluation.kind,
            total: outcome.total,
            not_rated_reason: outcome.not_rated_reason(),
        }
    }
}

/// What the application says, as far as it is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationFacts {
    /// The application.
    pub id: Uuid,
    /// Code of its model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    pub model: String,
    /// Codes of the items that its dossier holds.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub dossier: Vec<String>,
    /// The priority conditions that it claims, with evidence.
    #[schema(max_items = 50)]
    pub priority_claims: Vec<PriorityClaim>,
    /// The statements that it attests or denies, with evidence.
    #[schema(max_items = 50)]
    pub attestations: Vec<Attestation>,
}

/// Everything that eligibility is decided on, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EligibilityInputs {
    /// The way of deciding: `eligibility-2`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "eligibility-2")]
    pub procedure: String,
    /// The day whose rules are applied.
    #[schema(example = "2021-09-15")]
    pub at: NaiveDate,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub scheme: String,
    /// The mandatory conditions in force on that day: those of the scheme, then those of the province.
    #[schema(max_items = 50)]
    pub conditions: Vec<MandatoryCondition>,
    /// Codes of the scheme's models.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub models: Vec<String>,
    /// The items that a complete dossier holds.
    #[schema(max_items = 50)]
    pub required_items: Vec<DossierItem>,
    /// The scheme's priority conditions; none before the scheme is in force.
    #[schema(max_items = 50)]
    pub priority_conditions: Vec<PriorityCondition>,
    /// What the application says.
    pub application: ApplicationFacts,
    /// What is known of the cooperative.
    pub facts: Facts,
}

impl EligibilityInputs {
    /// Puts together what is decided on: the rules in force on a day and the facts of one applicant. `own` are the
    /// conditions that the province adds.
    pub fn gather(
        scheme: &Scheme,
        own: &[MandatoryCondition],
        at: NaiveDate,
        facts: Facts,
        application: &Application,
    ) -> Self {
        let content = &application.content;
        let conditions = scheme.mandatory.iter().chain(own).filter(|condition| condition.in_force_at(at));
        Self {
            procedure: PROCEDURE.to_owned(),
            at,
            scheme: scheme.code.clone(),
            conditions: conditions.cloned().collect(),
            models: scheme.models.iter().map(|model| model.code.clone()).collect(),
            required_items: scheme.dossier.iter().filter(|item| item.required).cloned().collect(),
            priority_conditions: if scheme.valid_from <= at { scheme.priority.clone() } else { Vec::new() },
            application: ApplicationFacts {
                id: application.id,
                model: content.model.clone(),
                dossier: content.dossier.iter().map(|entry| entry.code.clone()).collect(),
                priority_claims: content.priority_claims.clone(),
                attestations: content.attestations.clone(),
            },
            facts,
        }
    }
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
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Determination {
    /// Met only if every mandatory condition is met; not met as soon as one is not; else unknown, also when no condition
    /// is in force.
    pub overall: ConditionVerdict,
    /// What is missing where no condition is in force: then nothing is decided. Absent where one is.
    #[serde(default)]
    pub missing: Option<Text>,
    /// The mandatory conditions, each with its answer.
    #[schema(max_items = 50)]
    pub conditions: Vec<ConditionAnswer>,
    /// The priority conditions: they rank and never exclude.
    #[schema(max_items = 50)]
    pub priorities: Vec<PriorityAnswer>,
}

/// The answer on one mandatory condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionAnswer {
    /// Code of the condition in the scheme or of the province: the rule applied.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z]+[0-9]+$", example = "M3")]
    pub rule: String,
    /// Identifier of its kind in the rule book (`GET /v1/rules/{id}`).
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "condition_profit")]
    pub rule_id: String,
    /// What decides it.
    pub kind: ConditionKind,
    /// The condition in words.
    pub condition: Text,
    /// The day from which it is in force in this form: the version of the rule.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
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

/// Whether a priority condition is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Holds an application and what is known of its cooperative against the conditions in force.
pub fn determine(inputs: &EligibilityInputs) -> Determination {
    let conditions: Vec<_> = inputs.conditions.iter().map(|asked| answer(asked, inputs)).collect();
    let claims = &inputs.application.priority_claims;
    let priorities = inputs.priority_conditions.iter().map(|priority| PriorityAnswer {
        code: priority.code.clone(),
        condition: priority.text.clone(),
        claimed: claims.iter().any(|claim| claim.condition == priority.code),
    });
    let missing = (conditions.is_empty() && inputs.procedure != WITHOUT_GAP).then(|| nothing_in_force(inputs));
    Determination { overall: overall(&conditions), missing, priorities: priorities.collect(), conditions }
}

/// Before a scheme begins, and where all its conditions have ended, nothing says who is eligible.
fn nothing_in_force(EligibilityInputs { scheme, at, .. }: &EligibilityInputs) -> Text {
    Text::new(
        format!("Không có điều kiện nào của Đề án {scheme} có hiệu lực vào ngày {at}."),
        format!("No conditions of the scheme {scheme} are in force on {at}."),
    )
}

fn answer(asked: &MandatoryCondition, inputs: &EligibilityInputs) -> ConditionAnswer {
    let found = finding(asked, inputs);
    ConditionAnswer {
        rule: asked.code.clone(),
        rule_id: rule_id(asked.kind).to_owned(),
        kind: asked.kind,
        condition: asked.text.clone(),
        valid_from: asked.valid_from,
        verdict: found.verdict,
        explanation: found.explanation,
        inputs: found.inputs,
        legal_basis: asked.legal_basis.clone(),
    }
}

/// Where a kind of condition stands in the rule book.
pub const fn rule_id(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::Law => "condition_law",
        ConditionKind::Model => "condition_model",
        ConditionKind::Profit => "condition_profit",
        ConditionKind::Dossier => "condition_dossier",
        ConditionKind::Evaluation => "condition_evaluation",
        ConditionKind::Attested => "condition_attested",
    }
}

/// All met → met; one not met → not met, whatever is unknown; else unknown. Where nothing is asked, nothing is met.
fn overall(conditions: &[ConditionAnswer]) -> ConditionVerdict {
    let any = |verdict| conditions.iter().any(|answer| answer.verdict == verdict);
    match (any(ConditionVerdict::NotMet), any(ConditionVerdict::Unknown) || conditions.is_empty()) {
        (true, _) => ConditionVerdict::NotMet,
        (false, true) => ConditionVerdict::Unknown,
        (false, false) => ConditionVerdict::Met,
    }
}

#[cfg(test)]
pub(super) mod tests;
