//! A determination (*kết luận*): a verdict, dated and kept with everything that it was decided on. One mechanism for all
//! kinds: eligibility, rating, exit, classification, ranking.
//!
//! It is never edited. Replayed on the inputs that are kept, it comes to the same bytes; replayed on what is known and
//! in force today, it shows what differs. The law asks that a verdict can be defended (2129/QĐ-UBND III.2, VI.1, VI.2).

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::application::Application;
use super::classification::ClassificationInputs;
use super::cooperative::Cooperative;
use super::digest::{canonical, digest};
use super::eligibility::{Determination, EligibilityInputs, determine};
use super::evaluation::Evaluation;
use super::evaluation::rating::RatingInputs;
use super::improvement::ExitInputs;
use super::moment::Moment;
use super::pilot::Pilot;
use super::plan::ProvincialPlan;
use super::ranking::{Ranking, RankingInputs};
use super::role::{Caller, names};
use super::verdict::Answers;

names! {
    /// What is determined.
    DeterminationKind {
        /// Whether an application meets every condition.
        Eligibility = "eligibility",
        /// The rating of an evaluation, or why there is none.
        Rating = "rating",
        /// Whether a pilot meets the two requirements for leaving the scheme.
        Exit = "exit",
        /// The classes of a cooperative.
        Classification = "classification",
        /// The order of a province's applicants.
        Ranking = "ranking",
    }
}

names! {
    /// What a determination was made for.
    DeterminationOccasion {
        /// An application or an evaluation was submitted.
        Submission = "submission",
        /// An evaluation was confirmed.
        Confirmation = "confirmation",
        /// A selection decision that chooses the application was approved.
        Selection = "selection",
        /// A pilot was ended.
        Ending = "ending",
        /// Somebody asked for it.
        Request = "request",
    }
}

/// What a determination is about, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The record: of a kind's own, see [`DeterminationKind`].
    pub of: Uuid,
    /// The cooperative; of a ranking none, since it is of a province.
    pub cooperative: Option<Uuid>,
    /// Code of the province.
    pub province: String,
    /// Code of its district or commune; of a ranking none.
    pub unit: Option<String>,
}

/// Everything that a determination is decided on, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DeterminationInputs {
    /// Eligibility.
    Eligibility(Box<EligibilityInputs>),
    /// Rating.
    Rating(Box<RatingInputs>),
    /// Exit.
    Exit(Box<ExitInputs>),
    /// Classification.
    Classification(Box<ClassificationInputs>),
    /// Ranking.
    Ranking(Box<RankingInputs>),
}

/// The answer of a determination, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DeterminationResult {
    /// Of eligibility: condition by condition.
    Conditions(Determination),
    /// Of a ranking: place by place.
    Places(Ranking),
    /// Of every other kind: rule by rule.
    Answers(Answers),
}

impl DeterminationInputs {
    /// Reads what was kept.
    ///
    /// # Errors
    /// It is not of this kind.
    pub fn read(kind: DeterminationKind, text: &str) -> serde_json::Result<Self> {
        Ok(match kind {
            DeterminationKind::Eligibility => Self::Eligibility(serde_json::from_str(text)?),
            DeterminationKind::Rating => Self::Rating(serde_json::from_str(text)?),
            DeterminationKind::Exit => Self::Exit(serde_json::from_str(text)?),
            DeterminationKind::Classification => Self::Classification(serde_json::from_str(text)?),
            DeterminationKind::Ranking => Self::Ranking(serde_json::from_str(text)?),
        })
    }

    /// What is determined.
    pub const fn kind(&self) -> DeterminationKind {
        match self {
            Self::Eligibility(_) => DeterminationKind::Eligibility,
            Self::Rating(_) => DeterminationKind::Rating,
            Self::Exit(_) => DeterminationKind::Exit,
            Self::Classification(_) => DeterminationKind::Classification,
            Self::Ranking(_) => DeterminationKind::Ranking,
        }
    }

    /// The day whose rules are applied; of a rating, the day on which the register was read.
    pub fn at(&self) -> NaiveDate {
        match self {
            Self::Eligibility(inputs) => inputs.at,
            Self::Rating(inputs) => inputs.at,
            Self::Exit(inputs) => inputs.at,
            Self::Classification(inputs) => inputs.at,
            Self::Ranking(inputs) => inputs.at,
        }
    }

    /// Decides: nothing but the inputs is read.
    pub fn decide(&self) -> DeterminationResult {
        match self {
            Self::Eligibility(inputs) => DeterminationResult::Conditions(determine(inputs)),
            Self::Rating(inputs) => DeterminationResult::Answers(inputs.decide()),
            Self::Exit(inputs) => DeterminationResult::Answers(inputs.decide()),
            Self::Classification(inputs) => DeterminationResult::Answers(inputs.decide()),
            Self::Ranking(inputs) => DeterminationResult::Places(inputs.decide()),
        }
    }
}

impl DeterminationResult {
    /// Reads what was kept.
    ///
    /// # Errors
    /// It is not of this kind.
    pub fn read(kind: DeterminationKind, text: &str) -> serde_json::Result<Self> {
        match kind {
            DeterminationKind::Eligibility => serde_json::from_str(text).map(Self::Conditions),
            DeterminationKind::Ranking => serde_json::from_str(text).map(Self::Places),
            DeterminationKind::Rating | DeterminationKind::Exit | DeterminationKind::Classification => {
                serde_json::from_str(text).map(Self::Answers)
            }
        }
    }

    /// The answer in one word.
    pub fn overall(&self) -> &str {
        match self {
            Self::Conditions(determination) => determination.overall.name(),
            Self::Places(ranking) => &ranking.overall,
            Self::Answers(answers) => &answers.overall,
        }
    }
}

impl From<&Application> for Subject {
    fn from(application: &Application) -> Self {
        let Application { id, cooperative, province, unit, .. } = application;
        Self { of: *id, cooperative: Some(*cooperative), province: province.clone(), unit: Some(unit.clone()) }
    }
}

impl From<&Evaluation> for Subject {
    fn from(evaluation: &Evaluation) -> Self {
        let Evaluation { id, cooperative, province, unit, .. } = evaluation;
        Self { of: *id, cooperative: Some(*cooperative), province: province.clone(), unit: Some(unit.clone()) }
    }
}

impl From<&Pilot> for Subject {
    fn from(pilot: &Pilot) -> Self {
        let Pilot { id, cooperative, province, unit, .. } = pilot;
        Self { of: *id, cooperative: Some(*cooperative), province: province.clone(), unit: Some(unit.clone()) }
    }
}

impl From<&Cooperative> for Subject {
    fn from(cooperative: &Cooperative) -> Self {
        let Cooperative { id, province, registration, .. } = cooperative;
        Self { of: *id, cooperative: Some(*id), province: province.clone(), unit: Some(registration.unit.clone()) }
    }
}

impl From<&ProvincialPlan> for Subject {
    fn from(plan: &ProvincialPlan) -> Self {
        Self { of: plan.id, cooperative: None, province: plan.content.province.clone(), unit: None }
    }
}

/// An answer that was given, with what it was given on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDetermination {
    /// Identifier.
    pub id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// What it was made for.
    pub occasion: DeterminationOccasion,
    /// The selection decision that it was made for.
    pub decision: Option<Uuid>,
    /// Everything that was decided on, the day whose rules were applied among it.
    pub inputs: DeterminationInputs,
    /// The answer.
    pub result: DeterminationResult,
    /// Who made it (`sub`).
    pub created_by: String,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
}

impl KeptDetermination {
    /// Decides on the inputs and keeps both.
    pub fn make(
        id: Uuid,
        subject: Subject,
        (occasion, decision): (DeterminationOccasion, Option<Uuid>),
        inputs: DeterminationInputs,
        caller: &Caller,
        now: Moment,
    ) -> Self {
        let result = inputs.decide();
        Self { id, subject, occasion, decision, inputs, result, created_by: caller.subject.clone(), recorded_at: now.0 }
    }

    /// What is determined.
    pub const fn kind(&self) -> DeterminationKind {
        self.inputs.kind()
    }

    /// The day whose rules were applied.
    pub fn at(&self) -> NaiveDate {
        self.inputs.at()
    }

    /// Decides again on the inputs that are kept.
    pub fn replay(&self) -> Replay {
        self.replay_on(&self.inputs)
    }

    /// Decides again on other inputs, and says what differs.
    pub fn replay_on(&self, inputs: &DeterminationInputs) -> Replay {
        let result = inputs.decide();
        let mut differences = Vec::new();
        compare("/inputs", &json(&self.inputs), &json(inputs), &mut differences);
        compare("/result", &json(&self.result), &json(&result), &mut differences);
        Replay {
            is_same: canonical(&json(&self.result)) == canonical(&json(&result)),
            inputs_digest: digest(&json(inputs)),
            result_digest: digest(&json(&result)),
            result,
            differences,
        }
    }

    /// Digest of the inputs: SHA-256 over their canonical JSON (RFC 8785), as they are published.
    pub fn inputs_digest(&self) -> String {
        digest(&json(&self.inputs))
    }

    /// Digest of the answer: SHA-256 over its canonical JSON (RFC 8785), as it is published.
    pub fn result_digest(&self) -> String {
        digest(&json(&self.result))
    }
}

/// A determination decided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Whether the answer is the same, byte by byte.
    pub is_same: bool,
    /// Digest of what was decided on now.
    pub inputs_digest: String,
    /// Digest of the answer now.
    pub result_digest: String,
    /// The answer now.
    pub result: DeterminationResult,
    /// What differs, inputs first, in the order of their members.
    pub differences: Vec<Difference>,
}

/// A member that differs between what is kept and what was found now.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// JSON pointer of the member.
    #[schema(min_length = 1, max_length = 500, pattern = "^/", example = "/inputs/facts/evaluations/0/total")]
    pub pointer: String,
    /// What is kept, as JSON; absent where there was nothing.
    #[schema(min_length = 1, max_length = 100_000, pattern = r"\S", example = "\"65.00\"")]
    pub kept: Option<String>,
    /// What was found now, as JSON; absent where there is nothing.
    #[schema(min_length = 1, max_length = 100_000, pattern = r"\S", example = "\"64.99\"")]
    pub found: Option<String>,
}

/// A thing of the domain as JSON. All of them have members that JSON knows.
fn json(thing: &impl Serialize) -> Value {
    serde_json::to_value(thing).unwrap_or_default()
}

fn compare(pointer: &str, kept: &Value, found: &Value, differences: &mut Vec<Difference>) {
    match (kept, found) {
        (Value::Object(before), Value::Object(after)) => {
            let added = after.iter().filter(|(name, _)| !before.contains_key(*name));
            for (name, value) in before {
                let pointer = format!("{pointer}/{name}");
                compare(&pointer, value, after.get(name).unwrap_or(&Value::Null), differences);
            }
            for (name, value) in added {
                compare(&format!("{pointer}/{name}"), &Value::Null, value, differences);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for index in 0..before.len().max(after.len()) {
                let item = |items: &[Value]| items.get(index).cloned().unwrap_or_default();
                compare(&format!("{pointer}/{index}"), &item(before), &item(after), differences);
            }
        }
        _ if kept == found => {}
        _ => {
            let text = |value: &Value| (!value.is_null()).then(|| canonical(value));
            differences.push(Difference { pointer: pointer.to_owned(), kept: text(kept), found: text(found) });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::application::tests::{caller, day, now, submitted};
    use crate::domain::eligibility::Facts;
    use crate::domain::eligibility::tests::{any_facts, good_facts, inputs_of};
    use crate::domain::role::Role;

    fn made(facts: Facts) -> KeptDetermination {
        let (application, lead) = (submitted(1), caller(Role::LeadAgency, "lead", 7));
        let inputs = DeterminationInputs::Eligibility(Box::new(inputs_of(facts, &application)));
        let occasion = (DeterminationOccasion::Submission, None);
        KeptDetermination::make(Uuid::from_u128(9), Subject::from(&application), occasion, inputs, &lead, now())
    }

    fn eligibility(kept: &KeptDetermination) -> EligibilityInputs {
        let DeterminationInputs::Eligibility(inputs) = &kept.inputs else { panic!("another kind") };
        (**inputs).clone()
    }

    fn replay(kept: &KeptDetermination, inputs: EligibilityInputs) -> Replay {
        kept.replay_on(&DeterminationInputs::Eligibility(Box::new(inputs)))
    }

    #[test]
    fn a_replay_on_other_facts_names_each_member_that_differs() {
        let kept = made(good_facts());
        let mut other = eligibility(&kept);
        other.facts.evaluations[0].total = crate::domain::score::Points::hundredths(6_499);
        other.facts.profits.pop();
        let replay = replay(&kept, other);
        assert_eq!((replay.is_same, replay.result.overall()), (false, "not_met"));
        let of = |pointer: &str| replay.differences.iter().find(|found| found.pointer == pointer).cloned().unwrap();
        let total = of("/inputs/facts/evaluations/0/total");
        assert_eq!((total.kept.as_deref(), total.found.as_deref()), (Some("\"65.00\""), Some("\"64.99\"")));
        assert_eq!(of("/inputs/facts/profits/2").found, None);
        assert_eq!(of("/result/overall").found.as_deref(), Some("\"not_met\""));
        assert_ne!(replay.inputs_digest, kept.inputs_digest());
        assert_ne!(replay.result_digest, kept.result_digest());
    }

    #[test]
    fn the_day_decides_which_rules_are_applied() {
        let kept = made(good_facts());
        assert_eq!(kept.at(), day("2021-08-01"));
        let nothing_asked = EligibilityInputs { conditions: Vec::new(), ..eligibility(&kept) };
        assert_eq!(replay(&kept, nothing_asked).result.overall(), "unknown");
    }

    proptest! {
        /// What is kept is written as text and read again: the answer on it is the same to the byte.
        #[test]
        fn a_replay_equals_the_original_to_the_byte(facts in any_facts()) {
            let kept = made(facts);
            let written = canonical(&json(&kept.inputs));
            let read = DeterminationInputs::read(kept.kind(), &written).unwrap();
            let replay = kept.replay_on(&read);
            prop_assert!(replay.is_same && replay.differences.is_empty(), "{:?}", replay.differences);
            prop_assert_eq!(serde_json::to_string(&replay.result).unwrap(), serde_json::to_string(&kept.result).unwrap());
            prop_assert_eq!((replay.inputs_digest, replay.result_digest), (kept.inputs_digest(), kept.result_digest()));
        }
    }
}
