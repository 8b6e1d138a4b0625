//! What appraisals and approvals uphold of an item: by whom, once, and never more than there is.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::check::repeated_year;
use super::{Item, NeedPhase, UpheldItem, YearAmount};
use crate::domain::application::{not_before, only_lead};
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, Nature};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};

/// An item is appraised once: whatever was not upheld then is not needed any more.
pub(super) fn appraised_already(item: &Item, number: u16, pointer: &str) -> Option<Refusal> {
    item.appraisal.as_ref()?;
    let (upheld, asked) = (item.appraised(), item.asked_for());
    Some(
        Refusal::at(
            Rule::WrongState,
            format!("{pointer}/item"),
            format!("Mục số {number} đã được thẩm định {upheld} đồng trong {asked} đồng: còn 0 đồng để thẩm định."),
            format!("Item {number} is appraised already, with {upheld} đồng of {asked} đồng: 0 đồng left to appraise."),
        )
        .given(&[
            ("item", &number),
            ("state", &"appraised"),
            ("appraised", &upheld),
            ("total", &asked),
            ("left", &0),
        ]),
    )
}

/// An item is approved once, in whole or part.
pub(super) fn approved_already(item: &Item, number: u16, pointer: &str) -> Option<Refusal> {
    item.approval.as_ref()?;
    let (approved, upheld) = (item.approved(), item.appraised());
    Some(
        Refusal::at(
            Rule::WrongState,
            format!("{pointer}/item"),
            format!("Mục số {number} đã được phê duyệt {approved} đồng trong {upheld} đồng: còn 0 đồng để phê duyệt."),
            format!(
                "Item {number} is approved already, with {approved} đồng of {upheld} đồng: 0 đồng left to approve."
            ),
        )
        .given(&[
            ("item", &number),
            ("state", &"approved"),
            ("approved", &approved),
            ("total", &upheld),
            ("left", &0),
        ]),
    )
}

pub(super) fn may_appraise(
    item: &Item,
    pointer: &str,
    lead_agency: Option<Uuid>,
    caller: &Caller,
) -> Result<(), Refusal> {
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
pub(super) fn may_approve(
    item: &Item,
    number: u16,
    pointer: &str,
    decided_on: NaiveDate,
    caller: &Caller,
) -> Vec<Refusal> {
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
                format!("“{}” đã thẩm định mục này nên không được phê duyệt.", caller.subject),
                format!("{} appraised this item and therefore may not approve it.", caller.subject),
            )
            .given(&[("person", &caller.subject)]),
        );
    }
    refusals
}

/// Puts what is upheld beside each year of an item: the whole, or no more than `most` of each year that is named.
pub(super) fn uphold(
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
    let mut seen = BTreeSet::new();
    for (at, YearAmount { fiscal_year, amount }) in upheld.phases.iter().flatten().enumerate() {
        if !seen.insert(fiscal_year) {
            refusals.push(repeated_year(format!("{pointer}/phases/{at}/fiscalYear"), *fiscal_year));
        }
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
