//! What clients send and get of a provincial plan.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::call::Call;
use crate::domain::application::CountedClaims;
use crate::domain::evidence::DocumentReference;
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, EstimateLine, LineContent, Nature, PlanContent, PlanState, ProvincialPlan};
use crate::domain::ranking::TieBreak;

/// A provincial plan to be drafted (*kế hoạch triển khai của tỉnh*).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct NewProvincialPlan {
    /// Code of the province, in force on the date of the decision.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme, in force on the date of the decision.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Number of the decision that issues the plan.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2129/QĐ-UBND")]
    decision_number: String,
    /// The date it bears; not in the future.
    #[schema(example = "2021-09-15")]
    decision_date: NaiveDate,
    /// The agency of the province that leads (*cơ quan đầu mối*, 2129/QĐ-UBND VII.1); only it drafts and edits.
    #[schema(example = "01776530-4c00-7002-8000-000000000089")]
    lead_agency: Uuid,
    /// Most pilots of the province on the scheme's list; at most the quota of the scheme (2129/QĐ-UBND II.2).
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pilot_quota: u32,
    /// The lines of the estimate, in the order of the plan (2129/QĐ-UBND V.2).
    #[schema(min_items = 1, max_items = 200)]
    estimate_lines: Vec<NewEstimateLine>,
    /// The total of the estimate as the plan prints it; must equal the sum of the lines.
    total: Money,
    /// How applicants who are level by their priority conditions are told apart, in this order; each once. Left out where
    /// the plan does not say: then they share a rank.
    #[serde(default)]
    #[schema(max_items = 4)]
    tie_break: Vec<TieBreak>,
    /// Which priority claims count in the ranking. Left out where the plan does not say: then all but those that an agency
    /// rejected, since the conditions are to be met (2129/QĐ-UBND III.2.2) and nobody is asked to confirm the others.
    #[serde(default)]
    counted_claims: CountedClaims,
}

/// A line of the estimate (*dự toán*). What the plan does not publish is left out.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct NewEstimateLine {
    /// What the money is for: a code of the list `categories`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure_and_processing")]
    category: String,
    /// Level of the budget.
    budget_level: Option<BudgetLevel>,
    /// Source: a code of the list `sources`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    source: Option<String>,
    /// Nature of the money.
    nature: Option<Nature>,
    /// Kind of support: a code of the list `support_kinds`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    support_kind: Option<String>,
    /// Fiscal year, one of the scheme's.
    #[schema(minimum = 2000, maximum = 2100)]
    fiscal_year: Option<u16>,
    /// The amount, above zero.
    amount: Money,
}

/// The approval of a provincial plan. Its legal date is that of the decision which the plan bears.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProvincialPlanApproval {
    /// Words to the approval.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Phê duyệt kế hoạch")]
    pub(super) comment: Option<String>,
    /// The signed decision.
    pub(super) document: Option<DocumentReference>,
}

/// A provincial plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProvincialPlanView {
    /// Identifier.
    id: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Number of the decision that issues the plan.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2129/QĐ-UBND")]
    decision_number: String,
    /// The date it bears.
    #[schema(example = "2021-09-15")]
    decision_date: NaiveDate,
    /// The agency that leads.
    lead_agency: Uuid,
    /// Most pilots of the province on the scheme's list.
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pilot_quota: u32,
    /// Pilots that count against the quota so far.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pilots_selected: u32,
    /// The lines of the estimate, in the order of the plan.
    #[schema(min_items = 1, max_items = 200)]
    estimate_lines: Vec<EstimateLineView>,
    /// The sum of the lines.
    total: Money,
    /// How level applicants are told apart, in this order; empty where the plan does not say.
    #[schema(max_items = 4)]
    tie_break: Vec<TieBreak>,
    /// Which priority claims count in the ranking.
    counted_claims: CountedClaims,
    /// Where the plan stands.
    state: PlanState,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// A line of the estimate, with what is allocated of it.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EstimateLineView {
    /// Identifier, which allocations name.
    id: Uuid,
    /// What the money is for.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "infrastructure_and_processing")]
    category: String,
    /// Level of the budget, where stated.
    budget_level: Option<BudgetLevel>,
    /// Source, where stated.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    source: Option<String>,
    /// Nature of the money, where stated.
    nature: Option<Nature>,
    /// Kind of support, where stated.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    support_kind: Option<String>,
    /// Fiscal year, where stated.
    #[schema(minimum = 2000, maximum = 2100)]
    fiscal_year: Option<u16>,
    /// The amount.
    amount: Money,
    /// How much of it approved decisions allocate.
    allocated: Money,
}

/// A form as what the rules work with; each line gets an id.
pub(super) fn read_form(call: &Call, form: NewProvincialPlan) -> (PlanContent, Vec<(Uuid, LineContent)>) {
    let NewProvincialPlan {
        province,
        scheme,
        decision_number,
        decision_date,
        lead_agency,
        pilot_quota,
        estimate_lines,
        total,
        tie_break,
        counted_claims,
    } = form;
    let lines = estimate_lines.into_iter().map(|line| (call.new_id(), line.into())).collect();
    let content = PlanContent {
        province,
        scheme,
        decision_number,
        decision_date,
        lead_agency,
        pilot_quota,
        tie_break,
        counted_claims,
        total,
    };
    (content, lines)
}

impl From<NewEstimateLine> for LineContent {
    fn from(line: NewEstimateLine) -> Self {
        let NewEstimateLine { category, budget_level, source, nature, support_kind, fiscal_year, amount } = line;
        Self { category, budget_level, source, nature, support_kind, fiscal_year, amount }
    }
}

/// The form that would draft the plan as it is: what a patch is laid onto, and what an approval is bound to.
impl From<&ProvincialPlan> for NewProvincialPlan {
    fn from(plan: &ProvincialPlan) -> Self {
        let PlanContent {
            province,
            scheme,
            decision_number,
            decision_date,
            lead_agency,
            pilot_quota,
            tie_break,
            counted_claims,
            total,
        } = plan.content.clone();
        let form_of = |line: &EstimateLine| {
            let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } =
                line.content.clone();
            NewEstimateLine { category, budget_level, source, nature, support_kind, fiscal_year, amount }
        };
        let estimate_lines = plan.lines.iter().map(form_of).collect();
        Self {
            province,
            scheme,
            decision_number,
            decision_date,
            lead_agency,
            pilot_quota,
            estimate_lines,
            total,
            tie_break,
            counted_claims,
        }
    }
}

impl From<ProvincialPlan> for ProvincialPlanView {
    fn from(plan: ProvincialPlan) -> Self {
        let ProvincialPlan {
            id,
            version: _,
            content,
            lines,
            pilots_selected,
            state,
            created_by: _,
            writers: _,
            recorded_at,
            updated_at,
        } = plan;
        let PlanContent {
            province,
            scheme,
            decision_number,
            decision_date,
            lead_agency,
            pilot_quota,
            tie_break,
            counted_claims,
            total,
        } = content;
        Self {
            id,
            province,
            scheme,
            decision_number,
            decision_date,
            lead_agency,
            pilot_quota,
            pilots_selected,
            estimate_lines: lines.into_iter().map(EstimateLineView::from).collect(),
            total,
            tie_break,
            counted_claims,
            state,
            recorded_at,
            updated_at,
        }
    }
}

impl From<EstimateLine> for EstimateLineView {
    fn from(line: EstimateLine) -> Self {
        let EstimateLine { id, content, allocated } = line;
        let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } = content;
        Self { id, category, budget_level, source, nature, support_kind, fiscal_year, amount, allocated }
    }
}
