//! Everything that a ranking is decided on, so that it can be kept and decided again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{RankedApplicant, RankedPlace, TieBreak, rank};
use crate::domain::application::{CountedClaims, StandingClaim};
use crate::domain::classification::ClassOutcome;
use crate::domain::eligibility::{ConditionVerdict, Determination, EligibilityInputs, determine};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::domain::verdict::RuleVersion;

/// Everything that the order of a province's applicants is decided on, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankingInputs {
    /// The way of deciding: `ranking-3`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]+$", example = "ranking-3")]
    pub procedure: String,
    /// The day whose rules are applied.
    #[schema(example = "2021-09-01")]
    pub at: NaiveDate,
    /// The plan whose applicants these are.
    pub plan: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// The version of the scheme whose conditions are applied.
    pub version: RuleVersion,
    /// The year whose figures tell level applicants apart: the one that the scheme evaluates.
    #[schema(minimum = 2000, maximum = 2099, example = 2020)]
    pub figures_year: u16,
    /// How the plan tells level applicants apart, in this order.
    #[schema(max_items = 4)]
    pub tie_break: Vec<TieBreak>,
    /// Which priority claims count, as the plan says.
    pub counted_claims: CountedClaims,
    /// The applicants, in the order of their applications.
    #[schema(max_items = 10_000)]
    pub applicants: Vec<RankingApplicant>,
}

/// What is known of one applicant.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankingApplicant {
    /// The application.
    pub application: Uuid,
    /// The cooperative that applies.
    pub cooperative: Uuid,
    /// What its eligibility is decided on.
    pub eligibility: EligibilityInputs,
    /// The priority conditions that it claims, and how each claim stands.
    #[schema(max_items = 50)]
    pub claims: Vec<StandingClaim>,
    /// Its class by members, under the rule in force on the day.
    pub size_class: Option<RankedSize>,
    /// Why it has none; absent where it has one.
    #[serde(default)]
    pub size_gap: Option<SizeGap>,
    /// Its members.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub members: Option<i64>,
    /// Its total capital.
    pub total_capital: Option<Money>,
}

/// A class by members, among those of its rule.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RankedSize {
    /// How many classes are smaller.
    #[schema(minimum = 0, maximum = 100)]
    pub place: usize,
    /// Its code.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z_]+$", example = "small")]
    pub code: String,
    /// Its name, as the rule has it.
    #[serde(default)]
    pub name: Option<Text>,
}

/// Why a cooperative has no class by members.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SizeGap {
    /// What came of the classification.
    pub outcome: ClassOutcome,
    /// The rule that says so; where none classes by members on the day, the one that classes by size in its place.
    #[serde(default)]
    pub rule: Option<SizeRule>,
}

/// A rule of classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SizeRule {
    /// Its code.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[A-Za-z0-9.-]+$", example = "ND113-2024.size")]
    pub code: String,
    /// First day in force.
    #[schema(example = "2024-11-01")]
    pub valid_from: NaiveDate,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "113/2024/NĐ-CP")]
    pub legal_basis: String,
}

/// The applicants of a province in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ranking {
    /// `ranked` where at least one applicant is, else `not_ranked`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "ranked")]
    pub overall: String,
    /// Identifier of the rule that puts them in order, in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "ranking")]
    pub rule_id: String,
    /// Document and article of that rule.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.2")]
    pub legal_basis: String,
    /// The version of the scheme whose conditions were applied.
    pub version: RuleVersion,
    /// Which priority claims counted.
    pub counted_claims: CountedClaims,
    /// The applicants: those who are eligible in order, then those of whom it is unknown, then the others.
    #[schema(max_items = 10_000)]
    pub items: Vec<RankedPlace>,
}

impl RankingInputs {
    /// The way in which [`RankingInputs::decide`] decides. Another way gets another name.
    pub const PROCEDURE: &'static str = "ranking-3";

    /// Decides: nothing but the inputs is read.
    pub fn decide(&self) -> Ranking {
        let applicants = self.applicants.iter().map(RankingApplicant::known).collect();
        let items = rank(applicants, &self.tie_break, self.counted_claims);
        let is_ranked = items.iter().any(|place| place.rank.is_some());
        Ranking {
            overall: if is_ranked { "ranked" } else { "not_ranked" }.to_owned(),
            rule_id: "ranking".to_owned(),
            legal_basis: "2129/QĐ-UBND III.2.2".to_owned(),
            version: self.version.clone(),
            counted_claims: self.counted_claims,
            items,
        }
    }
}

impl RankingApplicant {
    fn known(&self) -> RankedApplicant {
        let Self { application, cooperative, eligibility, claims, size_class, size_gap, members, total_capital } =
            self.clone();
        let Determination { overall, conditions, .. } = determine(&eligibility);
        let open = conditions.into_iter().filter(|answer| answer.verdict != ConditionVerdict::Met);
        RankedApplicant {
            application,
            cooperative,
            overall,
            open_conditions: open.map(|answer| answer.rule).collect(),
            claims,
            size_class,
            size_gap,
            members,
            total_capital,
        }
    }
}
