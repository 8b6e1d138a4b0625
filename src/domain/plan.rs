//! The provincial plan (*kế hoạch triển khai của tỉnh*) and the lines of its estimate (*dự toán*).
//!
//! The lead agency that the plan names drafts it, the People's Committee approves it (2129/QĐ-UBND V.2, VII.1). Its
//! total is the sum of its lines; where source, year or nature are not published, a line leaves them unstated.

mod check;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

pub(super) use self::check::{check_fiscal_year, check_line, nature_of, within_scheme};
use super::agency::Agency;
use super::application::CountedClaims;
use super::moment::Moment;
use super::money::Money;
use super::ranking::TieBreak;
use super::reference::ReferenceEntry;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, Role, names};
use super::scheme::Scheme;
use super::territory::AdministrativeUnit;
use super::writers::Writers;

/// The category of an estimate that is access to credit, not budget money (2129/QĐ-UBND V.2).
pub const CREDIT_CATEGORY: &str = "preferential_credit_and_fund";

/// The support kind that is a loan (2129/QĐ-UBND VII.6).
pub const CREDIT_SUPPORT: &str = "preferential_loan";
/// The most lines that a plan may have.
pub const MOST_LINES: usize = 200;

names! {
    /// Level of the budget that money comes from.
    BudgetLevel {
        /// *Ngân sách Trung ương*.
        Central = "central",
        /// *Ngân sách tỉnh*.
        Provincial = "provincial",
        /// *Ngân sách huyện*; none from 1 July 2025.
        District = "district",
        /// Not state budget.
        None = "none",
    }
}

names! {
    /// Nature of money.
    Nature {
        /// *Vốn đầu tư công, đầu tư phát triển*.
        Investment = "investment",
        /// *Kinh phí sự nghiệp*.
        Recurrent = "recurrent",
        /// *Vốn vay ưu đãi*.
        Credit = "credit",
        /// Anything else.
        Other = "other",
    }
}

names! {
    /// State of a provincial plan.
    PlanState {
        /// Being written by the lead agency.
        Draft = "draft",
        /// Approved by the People's Committee: its quota and its lines are in force.
        Approved = "approved",
    }
}

/// What a line of the estimate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineContent {
    /// Category: what the money is for.
    pub category: String,
    /// Level of the budget, where stated.
    pub budget_level: Option<BudgetLevel>,
    /// Source, where stated.
    pub source: Option<String>,
    /// Nature, where stated.
    pub nature: Option<Nature>,
    /// Kind of support, where stated.
    pub support_kind: Option<String>,
    /// Fiscal year, where stated.
    pub fiscal_year: Option<u16>,
    /// The amount.
    pub amount: Money,
}

/// A line of the estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateLine {
    /// Id, which allocations name.
    pub id: Uuid,
    /// What it says.
    pub content: LineContent,
    /// How much of it is allocated by approved decisions.
    pub allocated: Money,
}

impl EstimateLine {
    /// Whether it is access to credit and the support fund: lent and repaid, never allocated (2129/QĐ-UBND V.2, VII.6).
    pub fn is_credit(&self) -> bool {
        self.content.nature == Some(Nature::Credit) || self.content.category == CREDIT_CATEGORY
    }

    /// What can still be allocated.
    pub const fn remaining(&self) -> Money {
        self.content.amount.minus(self.allocated)
    }
}

/// What a plan says, as its lead agency writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanContent {
    /// Code of the province.
    pub province: String,
    /// Code of the scheme.
    pub scheme: String,
    /// Number of the decision that issues the plan.
    pub decision_number: String,
    /// The date it bears.
    pub decision_date: NaiveDate,
    /// The agency that leads (*cơ quan đầu mối*).
    pub lead_agency: Uuid,
    /// Most pilots of the province on the scheme's list.
    pub pilot_quota: u32,
    /// How level applicants are told apart, in this order; none where the plan does not say.
    pub tie_break: Vec<TieBreak>,
    /// Which priority claims count in the ranking of applicants.
    pub counted_claims: CountedClaims,
    /// The total of the estimate, as printed in the plan.
    pub total: Money,
}

/// A provincial plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvincialPlan {
    /// Id.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// What it says.
    pub content: PlanContent,
    /// The lines of its estimate, in the order of the plan.
    pub lines: Vec<EstimateLine>,
    /// Pilots selected against the quota so far.
    pub pilots_selected: u32,
    /// Where it stands.
    pub state: PlanState,
    /// The person who drafted it.
    pub created_by: String,
    /// Everyone who wrote in it: none of them approves it.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a plan is checked against: the records that it names, where they exist.
#[derive(Debug, Clone, Copy)]
pub struct PlanReferences<'a> {
    /// The province, as it was on the date of the decision.
    pub province: Option<&'a AdministrativeUnit>,
    /// The scheme.
    pub scheme: Option<&'a Scheme>,
    /// The lead agency.
    pub lead_agency: Option<&'a Agency>,
    /// The lists of reference data.
    pub lists: &'a [ReferenceEntry],
}

impl ProvincialPlan {
    /// Drafts a plan. `lines` carry the ids that they are to have.
    pub fn draft(
        id: Uuid,
        content: PlanContent,
        lines: Vec<(Uuid, LineContent)>,
        references: PlanReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        check::plan(&content, &lines, references, caller, now)?;
        leads(&content, caller)?;
        let lines = lines.into_iter().map(|(id, content)| EstimateLine { id, content, allocated: Money::ZERO });
        Ok(Self {
            id,
            version: 1,
            content,
            lines: lines.collect(),
            pilots_selected: 0,
            state: PlanState::Draft,
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes a draft anew; who edits joins those that four eyes compare.
    pub fn edit(
        self,
        content: PlanContent,
        lines: Vec<(Uuid, LineContent)>,
        references: PlanReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_edit(caller)?;
        let edited = Self::draft(self.id, content, lines, references, caller, now)?;
        let Self { version, created_by, writers, recorded_at, .. } = self;
        let writers = writers.and(caller);
        Ok(Self { version: version.saturating_add(1), created_by, writers, recorded_at, ..edited })
    }

    /// Whether the caller may edit or delete the plan: its lead agency, while it is a draft.
    pub fn may_edit(&self, caller: &Caller) -> Result<(), Refusal> {
        self.is_draft()?;
        leads(&self.content, caller)
    }

    /// Whether the caller may approve the plan. `standing` is the decision number of the plan that the province
    /// already has in force for the scheme.
    pub fn may_approve(&self, caller: &Caller, standing: Option<&str>) -> Result<(), Refusal> {
        self.is_draft()?;
        if caller.role != Role::PeoplesCommittee {
            return Err(Refusal::new(
                Rule::NotResponsible,
                "Chỉ Ủy ban nhân dân tỉnh phê duyệt kế hoạch.",
                "Only the provincial People's Committee approves the plan.",
            )
            .given(&[("responsible", &Role::PeoplesCommittee.name())]));
        }
        self.writers.four_eyes(caller)?;
        if let Some(number) = standing {
            return Err(Refusal::new(
                Rule::AlreadyExists,
                format!("Tỉnh đã có kế hoạch được phê duyệt cho Đề án: {number}."),
                format!("The province already has an approved plan for the scheme: {number}."),
            )
            .keyed(
                &[("province", &self.content.province), ("scheme", &self.content.scheme)],
                &[("decisionNumber", &number)],
            ));
        }
        Ok(())
    }

    /// Approves the plan: the People's Committee issues the decision that it bears.
    pub fn approve(self, caller: &Caller, standing: Option<&str>, now: Moment) -> Result<Self, Refusal> {
        self.may_approve(caller, standing)?;
        let version = self.version.saturating_add(1);
        Ok(Self { state: PlanState::Approved, version, updated_at: now.0, ..self })
    }

    /// A line by its id.
    pub fn line(&self, id: Uuid) -> Option<&EstimateLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// Places left in the quota.
    pub const fn places_left(&self) -> u32 {
        self.content.pilot_quota.saturating_sub(self.pilots_selected)
    }

    /// What all lines can still give.
    pub fn remaining(&self) -> Money {
        self.lines.iter().map(EstimateLine::remaining).sum()
    }

    fn is_draft(&self) -> Result<(), Refusal> {
        match self.state {
            PlanState::Draft => Ok(()),
            PlanState::Approved => Err(Refusal::new(
                Rule::WrongState,
                "Kế hoạch đã được phê duyệt, không còn là dự thảo.",
                "The plan is approved and no longer a draft.",
            )
            .given(&[("state", &"approved")])),
        }
    }
}

/// Powers of the lead follow the plan's lead agency (2129/QĐ-UBND VII.1: *Sở Kế hoạch và Đầu tư: đầu mối*).
fn leads(content: &PlanContent, caller: &Caller) -> Result<(), Refusal> {
    if caller.acts_for(content.lead_agency) {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::NotResponsible,
        "Chỉ cơ quan đầu mối nêu trong kế hoạch được lập và sửa dự thảo.",
        "Only the lead agency that the plan names drafts and edits it.",
    )
    .given(&[("responsible", &content.lead_agency)]))
}

/// The refusal of what needs a plan in force, where a province has none for a scheme.
pub fn no_plan(province: &str, scheme: &str) -> Refusal {
    Refusal::new(
        Rule::PlanNotApproved,
        "Tỉnh chưa có kế hoạch được phê duyệt cho Đề án này.",
        "The province has no approved plan for this scheme.",
    )
    .given(&[("province", &province), ("scheme", &scheme)])
}

#[cfg(test)]
mod tests;
