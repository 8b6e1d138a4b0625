//! The life of a support need, and why a step of it is refused.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::rates::{self, RateFinding, Rates, YoungWorker};
use super::{
    Item, NeedAct, NeedPhase, NeedState, NeededItem, NewSupportNeed, SupportNeed, SupportNeedAppraisal,
    SupportNeedApproval, SupportNeedConsolidation, SupportNeedReturn, SupportNeedSubmission, UpheldItem, YearAmount,
};
use crate::domain::application::{not_before, only_lead};
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::{Pilot, PilotState};
use crate::domain::plan::{BudgetLevel, Nature};
use crate::domain::reference::{ReferenceEntry, ReferenceList, knows};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, names};
use crate::domain::scheme::Scheme;
use crate::domain::writers::Writers;

/// The support kind that is a loan (2129/QĐ-UBND VII.6).
const CREDIT_SUPPORT: &str = "preferential_loan";

names! {
    /// A step in the life of a support need, as in its path.
    NeedStep {
        /// The cooperative submits it.
        Submit = "submissions",
        /// The lead agency returns it.
        Return = "returns",
        /// The lead agency consolidates it.
        Consolidate = "consolidations",
        /// Finance or the lead agency appraises items of it.
        Appraise = "appraisals",
        /// The authority of the source approves items of it.
        Approve = "approvals",
    }
}

/// What a need is checked against.
#[derive(Debug, Clone, Copy)]
pub struct NeedReferences<'a> {
    /// The pilot, where it is in the caller's reach.
    pub pilot: Option<&'a Pilot>,
    /// The scheme of the pilot.
    pub scheme: Option<&'a Scheme>,
    /// The lists of reference data.
    pub lists: &'a [ReferenceEntry],
    /// The young workers of the pilot's other needs.
    pub elsewhere: &'a [YoungWorker],
    /// The agency that leads the plan of the province.
    pub lead_agency: Option<Uuid>,
}

impl SupportNeed {
    /// Drafts a need, by the cooperative for its own pilot.
    pub fn draft(
        id: Uuid,
        new: NewSupportNeed,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let pilot = check(&new, references, now)?;
        taking_part(pilot)?;
        Ok(Self {
            id,
            version: 1,
            pilot: pilot.id,
            cooperative: pilot.cooperative,
            province: pilot.province.clone(),
            unit: pilot.unit.clone(),
            items: new.items.into_iter().map(Item::requested).collect(),
            state: NeedState::Draft,
            submitted_on: None,
            consolidation: None,
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Writes it anew, while it is a draft or after it was returned.
    pub fn edit(
        self,
        new: NewSupportNeed,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_edit()?;
        if new.pilot != self.pilot {
            let (vi, en) = ("Không đổi được HTX thí điểm của nhu cầu.", "A need stays with its pilot.");
            return Err(Refusal::at(Rule::CannotChange, "/pilot", vi, en));
        }
        let edited = Self::draft(self.id, new, references, caller, now)?;
        let Self { version, state, submitted_on, writers, recorded_at, .. } = self;
        Ok(Self { version: version + 1, state, submitted_on, writers: writers.and(caller), recorded_at, ..edited })
    }

    /// Whether it may be edited: a draft, or one that was returned.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        self.must_be(&[NeedState::Draft, NeedState::Returned], Rule::WrongState)
    }

    /// Whether it may be deleted: a draft that was never submitted.
    pub fn may_delete(&self) -> Result<(), Refusal> {
        self.must_be(&[NeedState::Draft], Rule::NotADraft)
    }

    /// Whether a caller may take a step now, as far as that does not depend on what the step says.
    pub fn may(&self, step: NeedStep, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        match step {
            NeedStep::Submit => self.may_edit(),
            NeedStep::Return | NeedStep::Consolidate => {
                self.must_be(&[NeedState::Submitted], Rule::WrongState)?;
                only_lead(caller, lead_agency)
            }
            NeedStep::Appraise | NeedStep::Approve => {
                self.must_be(&[NeedState::Consolidated], Rule::WrongState)?;
                self.writers.four_eyes(caller)
            }
        }
    }

    /// What the known rates say of it on a day.
    pub fn findings(&self, references: NeedReferences<'_>, day: NaiveDate) -> Vec<RateFinding> {
        let needed: Vec<NeededItem> = self.items.iter().map(|item| item.needed.clone()).collect();
        let rates = Rates { lists: references.lists, province: &self.province, day };
        rates.check(&needed, references.elsewhere)
    }

    /// Submits it to the lead agency. What breaks a firm rate cannot be submitted.
    pub fn submit(
        mut self,
        submission: SupportNeedSubmission,
        references: NeedReferences<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let day = submission.submitted_on;
        now.not_in_future(day, "/submittedOn")?;
        self.may(NeedStep::Submit, caller, references.lead_agency)?;
        if let Some(pilot) = references.pilot {
            not_before(day, pilot.selected_on, "/submittedOn")?;
        }
        rates::refuse_broken(&self.findings(references, day))?;
        self.state = NeedState::Submitted;
        self.submitted_on = Some(day);
        self.writers = self.writers.clone().and(caller);
        let taken = StepTaken { on_date: Some(day), ..StepTaken::new(NeedStep::Submit.name(), caller, now) };
        Ok((self.touched(now), taken))
    }

    /// Returns it to the cooperative.
    pub fn send_back(
        mut self,
        back: SupportNeedReturn,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        self.may(NeedStep::Return, caller, lead_agency)?;
        self.state = NeedState::Returned;
        let comment = Some(back.comment);
        Ok((self.touched(now), StepTaken { comment, ..StepTaken::new(NeedStep::Return.name(), caller, now) }))
    }

    /// Consolidates it into the needs of the province.
    pub fn consolidate(
        mut self,
        body: SupportNeedConsolidation,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedConsolidation { document_number, document_date } = body;
        now.not_in_future(document_date, "/documentDate")?;
        self.may(NeedStep::Consolidate, caller, lead_agency)?;
        if let Some(submitted_on) = self.submitted_on {
            not_before(document_date, submitted_on, "/documentDate")?;
        }
        self.state = NeedState::Consolidated;
        self.consolidation = Some(act(&document_number, document_date, None, caller, now));
        let taken = numbered(NeedStep::Consolidate, &document_number, document_date, caller, now);
        Ok((self.touched(now), taken))
    }

    /// Appraises items: recurrent ones by finance (2129/QĐ-UBND VII.3), others by the lead agency (VII.1).
    pub fn appraise(
        mut self,
        body: SupportNeedAppraisal,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedAppraisal { document_number, document_date, items } = body;
        now.not_in_future(document_date, "/documentDate")?;
        self.may(NeedStep::Appraise, caller, lead_agency)?;
        not_before(document_date, self.consolidated_on(document_date), "/documentDate")?;
        let mut refusals = Vec::new();
        for (at, upheld) in items.iter().enumerate() {
            let pointer = format!("/items/{at}");
            let Some(item) = self.item(upheld, &pointer, &mut refusals) else { continue };
            if item.appraisal.is_some() {
                refusals.push(done_already(&pointer, upheld.item, "thẩm định", "appraised"));
            }
            refusals.extend(may_appraise(item, &pointer, lead_agency, caller).err());
            refusals.extend(uphold(item, upheld, &pointer, |phase| phase.requested, |phase| &mut phase.appraised));
            item.appraisal = Some(act(&document_number, document_date, upheld.comment.clone(), caller, now));
        }
        Refusal::of_all(refusals)?;
        let taken = numbered(NeedStep::Appraise, &document_number, document_date, caller, now);
        Ok((self.touched(now), taken))
    }

    /// Approves items in whole or part, by the authority of their source; never by the person who appraised them.
    pub fn approve(
        mut self,
        body: SupportNeedApproval,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let SupportNeedApproval { decision_number, decision_date, items } = body;
        now.not_in_future(decision_date, "/decisionDate")?;
        self.may(NeedStep::Approve, caller, None)?;
        let mut refusals = Vec::new();
        for (at, upheld) in items.iter().enumerate() {
            let pointer = format!("/items/{at}");
            let Some(item) = self.item(upheld, &pointer, &mut refusals) else { continue };
            if item.approval.is_some() {
                refusals.push(done_already(&pointer, upheld.item, "phê duyệt", "approved"));
            }
            refusals.extend(may_approve(item, upheld.item, &pointer, decision_date, caller));
            let most = |phase: &NeedPhase| phase.appraised.unwrap_or_default();
            refusals.extend(uphold(item, upheld, &pointer, most, |phase| &mut phase.approved));
            item.approval = Some(act(&decision_number, decision_date, upheld.comment.clone(), caller, now));
        }
        Refusal::of_all(refusals)?;
        let taken = numbered(NeedStep::Approve, &decision_number, decision_date, caller, now);
        Ok((self.touched(now), taken))
    }

    fn consolidated_on(&self, otherwise: NaiveDate) -> NaiveDate {
        self.consolidation.as_ref().map_or(otherwise, |act| act.date)
    }

    fn item(&mut self, upheld: &UpheldItem, pointer: &str, refusals: &mut Vec<Refusal>) -> Option<&mut Item> {
        let number = upheld.item;
        let found = usize::from(number).checked_sub(1).and_then(|at| self.items.get_mut(at));
        if found.is_none() {
            refusals.push(
                Refusal::at(
                    Rule::UnknownReference,
                    format!("{pointer}/item"),
                    format!("Nhu cầu không có mục số {number}."),
                    format!("The need has no item {number}."),
                )
                .given(&[("reference", &number)]),
            );
        }
        found
    }

    fn touched(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }

    fn must_be(&self, states: &[NeedState], rule: Rule) -> Result<(), Refusal> {
        if states.contains(&self.state) {
            return Ok(());
        }
        let (state, wanted) = (self.state.name(), states.iter().map(|state| state.name()).collect::<Vec<_>>());
        let wanted = wanted.join(", ");
        Err(Refusal::new(
            rule,
            format!("Nhu cầu hỗ trợ đang ở trạng thái {state}; bước này cần {wanted}."),
            format!("The need is {state}; this step needs {wanted}."),
        )
        .given(&[("state", &state), ("allowed", &wanted)]))
    }
}

fn act(number: &str, date: NaiveDate, comment: Option<String>, caller: &Caller, now: Moment) -> NeedAct {
    NeedAct { number: number.to_owned(), date, by: caller.subject.clone(), at: now.0, comment }
}

fn numbered(step: NeedStep, number: &str, date: NaiveDate, caller: &Caller, now: Moment) -> StepTaken {
    let item = Some(number.to_owned());
    StepTaken { on_date: Some(date), item, ..StepTaken::new(step.name(), caller, now) }
}

fn done_already(pointer: &str, number: u16, vi: &str, en: &str) -> Refusal {
    Refusal::at(
        Rule::WrongState,
        format!("{pointer}/item"),
        format!("Mục số {number} đã được {vi}."),
        format!("Item {number} is {en} already."),
    )
    .given(&[("item", &number), ("state", &en)])
}

fn may_appraise(item: &Item, pointer: &str, lead_agency: Option<Uuid>, caller: &Caller) -> Result<(), Refusal> {
    let (is_theirs, responsible) = match item.needed.nature {
        Nature::Recurrent => (caller.role == Role::Finance, Role::Finance),
        Nature::Investment | Nature::Credit | Nature::Other => {
            (only_lead(caller, lead_agency).is_ok(), Role::LeadAgency)
        }
    };
    if is_theirs {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::NotResponsible,
        format!("{pointer}/item"),
        "Sở Tài chính thẩm định kinh phí sự nghiệp; cơ quan đầu mối thẩm định vốn khác.",
        "Finance appraises recurrent money; the lead agency appraises the rest.",
    )
    .given(&[("responsible", &responsible.name())]))
}

/// The authority of the source: the district for its own budget, the provincial People's Committee for the rest.
fn may_approve(item: &Item, number: u16, pointer: &str, decided_on: NaiveDate, caller: &Caller) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let authority = match item.needed.budget_level {
        Some(BudgetLevel::District) => Role::Locality,
        Some(BudgetLevel::Central | BudgetLevel::Provincial | BudgetLevel::None) | None => Role::PeoplesCommittee,
    };
    if caller.role != authority {
        refusals.push(
            Refusal::at(
                Rule::NotResponsible,
                format!("{pointer}/item"),
                "Ngân sách huyện do huyện quyết định; nguồn khác do Ủy ban nhân dân tỉnh quyết định.",
                "A district decides on its own budget; the provincial People's Committee on the rest.",
            )
            .given(&[("responsible", &authority.name())]),
        );
    }
    let Some(appraisal) = &item.appraisal else {
        refusals.push(
            Refusal::at(
                Rule::WrongState,
                format!("{pointer}/item"),
                format!("Mục số {number} chưa được thẩm định."),
                format!("Item {number} is not appraised yet."),
            )
            .given(&[("item", &number), ("state", &"not_appraised")]),
        );
        return refusals;
    };
    refusals.extend(not_before(decided_on, appraisal.date, "/decisionDate").err());
    if appraisal.by == caller.subject {
        refusals.push(
            Refusal::at(
                Rule::FourEyes,
                format!("{pointer}/item"),
                format!("{} đã thẩm định mục này nên không được phê duyệt.", caller.subject),
                format!("{} appraised this item and therefore may not approve it.", caller.subject),
            )
            .given(&[("person", &caller.subject)]),
        );
    }
    refusals
}

/// Puts what is upheld beside each year of an item: the whole, or no more than `most` of each year that is named.
fn uphold(
    item: &mut Item,
    upheld: &UpheldItem,
    pointer: &str,
    most: impl Fn(&NeedPhase) -> Money,
    place: impl Fn(&mut NeedPhase) -> &mut Option<Money>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for phase in &mut item.phases {
        let limit = most(phase);
        *place(phase) = Some(if upheld.phases.is_some() { Money::ZERO } else { limit });
    }
    for (at, YearAmount { fiscal_year, amount }) in upheld.phases.iter().flatten().enumerate() {
        let Some(phase) = item.phases.iter_mut().find(|phase| phase.fiscal_year == *fiscal_year) else {
            refusals.push(
                Refusal::at(
                    Rule::UnknownReference,
                    format!("{pointer}/phases/{at}/fiscalYear"),
                    format!("Mục này không có năm {fiscal_year}."),
                    format!("The item has no year {fiscal_year}."),
                )
                .given(&[("reference", &fiscal_year)]),
            );
            continue;
        };
        let limit = most(phase);
        if *amount > limit {
            refusals.push(
                Refusal::at(
                    Rule::NeedExceeded,
                    format!("{pointer}/phases/{at}/amount"),
                    format!("Năm {fiscal_year} còn {limit} đồng, không đủ {amount} đồng."),
                    format!("The year {fiscal_year} has {limit} đồng left, less than {amount} đồng."),
                )
                .given(&[("year", &fiscal_year), ("left", &limit), ("asked", &amount)]),
            );
        }
        *place(phase) = Some(*amount);
    }
    refusals
}

/// Every fault of a need, all at once.
fn check<'a>(new: &NewSupportNeed, references: NeedReferences<'a>, now: Moment) -> Result<&'a Pilot, Refusal> {
    let mut wrong = Vec::new();
    let Some(pilot) = references.pilot else {
        return Err(Refusal::at(
            Rule::UnknownReference,
            "/pilot",
            format!("Không có HTX thí điểm {}.", new.pilot),
            format!("There is no pilot {}.", new.pilot),
        )
        .given(&[("reference", &new.pilot)]));
    };
    for (at, item) in new.items.iter().enumerate() {
        let pointer = format!("/items/{at}");
        let named = [
            ("supportKind", ReferenceList::SupportKinds, Some(item.support_kind.as_str())),
            ("source", ReferenceList::Sources, item.source.as_deref()),
        ];
        for (member, list, code) in named {
            if let Some(code) = code.filter(|code| !knows(references.lists, list, code, &pilot.province, now.today())) {
                wrong.push(
                    Refusal::at(
                        Rule::UnknownReference,
                        format!("{pointer}/{member}"),
                        format!("Không có mã {code}."),
                        format!("There is no code {code}."),
                    )
                    .given(&[("reference", &code)]),
                );
            }
        }
        if item.nature == Nature::Credit || item.support_kind == CREDIT_SUPPORT {
            wrong.push(Refusal::at(
                Rule::CreditIsLent,
                format!("{pointer}/supportKind"),
                "Vốn vay ưu đãi do bên cho vay quyết định: ghi khoản vay tại /v1/loans.",
                "Preferential credit is decided by its lender: it is recorded under /v1/loans.",
            ));
        }
        check_phases(item, &pointer, references.scheme, &mut wrong);
        wrong.extend(parts_add_up(item, &pointer));
    }
    Refusal::of_all(wrong)?;
    Ok(pilot)
}

fn check_phases(item: &NeededItem, pointer: &str, scheme: Option<&Scheme>, wrong: &mut Vec<Refusal>) {
    let mut seen = BTreeSet::new();
    for (at, YearAmount { fiscal_year: year, amount }) in item.phases.iter().enumerate() {
        if !seen.insert(year) {
            wrong.push(
                Refusal::at(
                    Rule::RepeatedItem,
                    format!("{pointer}/phases/{at}/fiscalYear"),
                    format!("Năm {year} được nêu hai lần."),
                    format!("The year {year} is named twice."),
                )
                .given(&[("item", &year)]),
            );
        }
        if *amount <= Money::ZERO {
            wrong.push(
                Refusal::at(
                    Rule::AmountNotPositive,
                    format!("{pointer}/phases/{at}/amount"),
                    format!("Số tiền là {amount} đồng, phải lớn hơn 0."),
                    format!("The amount is {amount} đồng and must be above zero."),
                )
                .given(&[("amount", &amount), ("least", &1)]),
            );
        }
        let Some(scheme) = scheme else { continue };
        let (first, last) = (scheme.valid_from.year(), scheme.valid_to.unwrap_or(NaiveDate::MAX).year());
        if !(first..=last).contains(&i32::from(*year)) {
            wrong.push(
                Refusal::at(
                    Rule::OutsideScheme,
                    format!("{pointer}/phases/{at}/fiscalYear"),
                    format!("Năm {year} nằm ngoài giai đoạn {first} - {last} của Đề án."),
                    format!("The year {year} lies outside {first} to {last}, the years of the scheme."),
                )
                .given(&[("date", &year), ("from", &first), ("to", &last)]),
            );
        }
    }
}

/// Where workers or costs of a training are listed, they sum to what the item asks for.
fn parts_add_up(item: &NeededItem, pointer: &str) -> Option<Refusal> {
    if item.young_workers.is_empty() && item.training.is_empty() {
        return None;
    }
    let asked: Money = item.phases.iter().map(|phase| phase.amount).sum();
    let pay = |worker: &YoungWorker| Money::dong(worker.monthly.as_dong().saturating_mul(i64::from(worker.months)));
    let workers: Money = item.young_workers.iter().map(pay).sum();
    let parts = workers.plus(item.training.iter().map(|cost| cost.support).sum());
    (parts != asked).then(|| {
        Refusal::at(
            Rule::TotalMismatch,
            format!("{pointer}/phases"),
            format!("Các năm cộng lại {asked} đồng, các phần kê khai cộng lại {parts} đồng."),
            format!("The years sum to {asked} đồng but the parts that are listed sum to {parts} đồng."),
        )
        .given(&[("total", &asked), ("sum", &parts)])
    })
}

fn taking_part(pilot: &Pilot) -> Result<(), Refusal> {
    let PilotState::Stopped { stopped_on, .. } = &pilot.state else { return Ok(()) };
    Err(Refusal::at(
        Rule::PilotStopped,
        "/pilot",
        format!("HTX thí điểm đã dừng tham gia Đề án từ ngày {stopped_on}."),
        format!("The pilot left the scheme on {stopped_on}."),
    )
    .given(&[("pilot", &pilot.id), ("stoppedOn", &stopped_on)]))
}
