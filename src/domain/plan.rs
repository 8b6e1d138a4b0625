//! The provincial plan (*kế hoạch triển khai của tỉnh*) and the lines of its estimate (*dự toán*).
//!
//! The lead agency that the plan names drafts it, the People's Committee approves it (2129/QĐ-UBND V.2, VII.1). Its
//! total is the sum of its lines; where source, year or nature are not published, a line leaves them unstated.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use uuid::Uuid;

use super::agency::Agency;
use super::application::CountedClaims;
use super::moment::Moment;
use super::money::Money;
use super::ranking::TieBreak;
use super::reference::{ReferenceEntry, ReferenceList, codes};
use super::refusal::{Refusal, Rule};
use super::role::{Caller, Role, Scope, names};
use super::scheme::Scheme;
use super::territory::{AdministrativeUnit, Level};
use super::writers::Writers;

/// The category of an estimate that is access to credit, not budget money (2129/QĐ-UBND V.2).
pub const CREDIT_CATEGORY: &str = "preferential_credit_and_fund";

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
        check(&content, &lines, references, caller, now)?;
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
            .given(&[("key", &"province, scheme"), ("decisionNumber", &number)]));
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

/// Every fault of a plan, all at once.
fn check(
    content: &PlanContent,
    lines: &[(Uuid, LineContent)],
    references: PlanReferences<'_>,
    caller: &Caller,
    now: Moment,
) -> Result<(), Refusal> {
    let mut refusals = Vec::new();
    refusals.extend(now.not_in_future(content.decision_date, "/decisionDate").err());
    refusals.extend(check_province(content, references.province, caller).err());
    refusals.extend(check_lead_agency(content, references.lead_agency).err());
    match references.scheme {
        Some(scheme) => check_scheme(content, lines, scheme, &mut refusals),
        None => refusals.push(unknown("/scheme", &content.scheme, &[])),
    }
    for (index, (_, line)) in lines.iter().enumerate() {
        let pointer = format!("/estimateLines/{index}");
        check_line(&content.province, content.decision_date, &pointer, line, references.lists, &mut refusals);
    }
    refusals.extend(check_total(content, lines).err());
    for (index, by) in content.tie_break.iter().enumerate() {
        if content.tie_break.iter().take(index).any(|before| before == by) {
            let (name, pointer) = (by.name(), format!("/tieBreak/{index}"));
            let (vi, en) = (format!("Có hai lần “{name}”."), format!("“{name}” is given twice."));
            refusals.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &name)]));
        }
    }
    Refusal::of_all(refusals)
}

fn check_province(
    content: &PlanContent,
    province: Option<&AdministrativeUnit>,
    caller: &Caller,
) -> Result<(), Refusal> {
    let day = content.decision_date;
    let code = &content.province;
    if !province.is_some_and(|unit| unit.code == *code && unit.level == Level::Province && unit.in_force_at(day)) {
        return Err(Refusal::at(
            Rule::UnknownUnit,
            "/province",
            format!("Mã {code} không phải là tỉnh có hiệu lực vào ngày {day}."),
            format!("The code {code} is not of a province in force on {day}."),
        )
        .given(&[("unit", &code), ("date", &day)]));
    }
    if matches!(&caller.scope, Scope::Province(own) if own.covers(code)) {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::UnknownReference,
        "/province",
        format!("Tỉnh {code} không thuộc phạm vi của người gọi."),
        format!("The province {code} is outside the caller's reach."),
    )
    .given(&[("reference", &code)]))
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

fn check_lead_agency(content: &PlanContent, agency: Option<&Agency>) -> Result<(), Refusal> {
    let day = content.decision_date;
    let id = content.lead_agency;
    let serves = |agency: &Agency| {
        agency.id == id && agency.in_force_at(day) && agency.unit.as_deref() == Some(content.province.as_str())
    };
    if agency.is_some_and(serves) {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::UnknownReference,
        "/leadAgency",
        format!("Không có cơ quan {id} của tỉnh {} vào ngày {day}.", content.province),
        format!("There is no agency {id} of province {} on {day}.", content.province),
    )
    .given(&[("reference", &id), ("province", &content.province), ("date", &day)]))
}

fn check_scheme(content: &PlanContent, lines: &[(Uuid, LineContent)], scheme: &Scheme, refusals: &mut Vec<Refusal>) {
    let (quota, most, day) = (content.pilot_quota, scheme.pilot_quota, content.decision_date);
    if quota > most {
        refusals.push(
            Refusal::at(
                Rule::QuotaAboveScheme,
                "/pilotQuota",
                format!(
                    "Kế hoạch nêu {quota} HTX thí điểm; Đề án cho mỗi tỉnh tối đa {most} ({}).",
                    scheme.legal_basis
                ),
                format!(
                    "The plan asks for {quota} pilots; the scheme allows a province {most} ({}).",
                    scheme.legal_basis
                ),
            )
            .given(&[("asked", &quota), ("quota", &most), ("basis", &scheme.legal_basis)]),
        );
    }
    let until = scheme.valid_to.unwrap_or(NaiveDate::MAX);
    if !scheme.in_force_at(day) {
        refusals.push(
            Refusal::at(
                Rule::OutsideScheme,
                "/decisionDate",
                format!("Ngày {day} nằm ngoài thời gian Đề án ({} đến {until}).", scheme.valid_from),
                format!("The date {day} lies outside the scheme ({} to {until}).", scheme.valid_from),
            )
            .given(&[("date", &day), ("from", &scheme.valid_from), ("to", &until)]),
        );
    }
    for (index, (_, line)) in lines.iter().enumerate() {
        refusals.extend(check_fiscal_year(scheme, line, &format!("/estimateLines/{index}")));
    }
}

/// A line is phased within the years of its scheme.
pub(super) fn check_fiscal_year(scheme: &Scheme, line: &LineContent, pointer: &str) -> Option<Refusal> {
    let (first, last) = (scheme.valid_from.year(), scheme.valid_to.unwrap_or(NaiveDate::MAX).year());
    let year = line.fiscal_year.filter(|year| !(first..=last).contains(&i32::from(*year)))?;
    Some(
        Refusal::at(
            Rule::OutsideScheme,
            format!("{pointer}/fiscalYear"),
            format!("Năm ngân sách {year} nằm ngoài giai đoạn {first} - {last} của Đề án."),
            format!("The fiscal year {year} lies outside {first} to {last}, the years of the scheme."),
        )
        .given(&[("date", &year), ("from", &first), ("to", &last)]),
    )
}

/// A line names what the lists of its province know on the day of the decision, and an amount above nothing.
pub(super) fn check_line(
    province: &str,
    decided_on: NaiveDate,
    pointer: &str,
    line: &LineContent,
    lists: &[ReferenceEntry],
    refusals: &mut Vec<Refusal>,
) {
    let named = [
        ("category", ReferenceList::Categories, Some(line.category.as_str())),
        ("budgetLevel", ReferenceList::BudgetLevels, line.budget_level.map(BudgetLevel::name)),
        ("source", ReferenceList::Sources, line.source.as_deref()),
        ("nature", ReferenceList::Natures, line.nature.map(Nature::name)),
        ("supportKind", ReferenceList::SupportKinds, line.support_kind.as_deref()),
    ];
    for (member, list, code) in named {
        let Some(code) = code else { continue };
        let known: Vec<_> = codes(lists, list, province, decided_on).collect();
        if !known.contains(&code) {
            refusals.push(unknown(&format!("{pointer}/{member}"), code, &known));
        }
    }
    if line.amount <= Money::ZERO {
        refusals.push(
            Refusal::at(
                Rule::AmountNotPositive,
                format!("{pointer}/amount"),
                format!("Số tiền của dòng dự toán là {} đồng, phải lớn hơn 0.", line.amount),
                format!("The amount of the line is {} đồng and must be above zero.", line.amount),
            )
            .given(&[("amount", &line.amount), ("least", &1)]),
        );
    }
}

fn check_total(content: &PlanContent, lines: &[(Uuid, LineContent)]) -> Result<(), Refusal> {
    let sum: Money = lines.iter().map(|(_, line)| line.amount).sum();
    let total = content.total;
    if sum == total {
        return Ok(());
    }
    let difference = total.minus(sum);
    Err(Refusal::at(
        Rule::TotalMismatch,
        "/total",
        format!("Tổng dự toán {total} đồng khác tổng các dòng {sum} đồng (chênh lệch {difference})."),
        format!("The total is {total} đồng but the lines sum to {sum} đồng (difference {difference})."),
    )
    .given(&[("total", &total), ("sum", &sum), ("difference", &difference)]))
}

fn unknown(pointer: &str, code: &str, known: &[&str]) -> Refusal {
    let (mut vi, mut en) = (format!("Không có mã {code}."), format!("There is no code {code}."));
    let allowed = known.join(", ");
    if !allowed.is_empty() {
        vi = format!("{vi} Các mã có hiệu lực: {allowed}.");
        en = format!("{en} Codes in force: {allowed}.");
    }
    Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &code), ("allowed", &allowed)])
}

#[cfg(test)]
mod tests;
