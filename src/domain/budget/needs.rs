//! The items of support needs that allocations serve: never more is allocated to one than was approved of it
//! (2129/QĐ-UBND VII.10).

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::allocation::EntryTerms;
use crate::domain::application::not_before;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::support_need::{Item, NeedPhase, SupportNeed};

/// An item of a support need that money serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServedNeed {
    /// The support need, of the pilot that the entry benefits.
    pub support_need: Uuid,
    /// Number of its item, counted from 1: approved by the authority of its source.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    pub item: u16,
}

/// What is approved of an item of a need, and what decisions allocate to it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedBalance {
    /// The item.
    pub served: ServedNeed,
    /// The pilot whose need it is.
    pub pilot: Uuid,
    /// The kind of support that it was approved for.
    pub support_kind: String,
    /// The years of which something was approved.
    pub years: Vec<u16>,
    /// The date of the decision that approved it; none while it is undecided.
    pub approved_on: Option<NaiveDate>,
    /// Approved in all years; nothing while it is undecided.
    pub approved: Money,
    /// Allocated by approved decisions, net of reductions.
    pub allocated: Money,
}

/// An entry of an approved allocation that serves an item of a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingEntry {
    /// Number of the item.
    pub item: u16,
    /// The allocation.
    pub allocation: Uuid,
    /// Number of its decision.
    pub decision_number: String,
    /// The date that it bears.
    pub decision_date: NaiveDate,
    /// The entry.
    pub entry: Uuid,
    /// Allocated, net of reductions.
    pub granted: Money,
    /// Disbursed of it, net of corrections.
    pub disbursed: Money,
}

impl NeedBalance {
    /// The balances of the items of a need, in their order, with what is allocated to each.
    pub fn of(need: &SupportNeed, allocated: impl Fn(ServedNeed) -> Money) -> Vec<Self> {
        let balance = |(item, found): (u16, &Item)| {
            let served = ServedNeed { support_need: need.id, item };
            let approved = |phase: &&NeedPhase| phase.approved.is_some_and(|amount| amount > Money::ZERO);
            Self {
                served,
                pilot: need.pilot,
                support_kind: found.needed.support_kind.clone(),
                years: found.phases.iter().filter(approved).map(|phase| phase.fiscal_year).collect(),
                approved_on: found.approval.as_ref().map(|act| act.date),
                approved: found.approved(),
                allocated: allocated(served),
            }
        };
        (1..).zip(&need.items).map(balance).collect()
    }

    /// What may still be allocated to it.
    pub const fn left(&self) -> Money {
        self.approved.minus(self.allocated)
    }
}

/// The entries that together ask for more than an item has left, each item told once.
pub(super) fn over<'a>(
    entries: impl Iterator<Item = &'a EntryTerms>,
    needs: &[NeedBalance],
    pointer: impl Fn(usize) -> String,
) -> Vec<Refusal> {
    let mut asked = BTreeMap::<ServedNeed, Money>::new();
    let mut refusals = Vec::new();
    for (at, entry) in entries.enumerate() {
        let Some(served) = entry.need else { continue };
        let Some(balance) = needs.iter().find(|balance| balance.served == served) else { continue };
        let before = asked.get(&served).copied().unwrap_or_default();
        let after = before.plus(entry.amount);
        asked.insert(served, after);
        let left = balance.left();
        refusals.extend((before <= left && after > left).then(|| exceeded(balance, after, pointer(at))));
    }
    refusals
}

/// What entries say otherwise than the need that each serves was approved: the kind of support, the year, the order of the
/// two decisions.
pub(super) fn unlike<'a>(
    entries: impl Iterator<Item = &'a EntryTerms>,
    needs: &[NeedBalance],
    decided_on: NaiveDate,
    pointer: impl Fn(usize, &str) -> String,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (at, entry) in entries.enumerate() {
        let of_entry = |balance: &&NeedBalance| Some(balance.served) == entry.need && balance.approved_on.is_some();
        let Some(balance) = needs.iter().find(of_entry) else { continue };
        if entry.support_kind != balance.support_kind {
            refusals.push(not_of_need(balance, pointer(at, "supportKind"), &entry.support_kind, &balance.support_kind));
        }
        if let Some(year) = entry.fiscal_year.filter(|year| !balance.years.contains(year)) {
            let years: Vec<String> = balance.years.iter().map(u16::to_string).collect();
            refusals.push(not_of_need(balance, pointer(at, "fiscalYear"), &year, &years.join(", ")));
        }
        if let Some(approved_on) = balance.approved_on.filter(|day| decided_on < *day) {
            refusals.extend(not_before(decided_on, approved_on, &pointer(at, "need")).err());
        }
    }
    refusals
}

fn not_of_need(balance: &NeedBalance, pointer: String, stated: &dyn Display, approved: &str) -> Refusal {
    let ServedNeed { support_need, item } = balance.served;
    Refusal::at(
        Rule::NotOfNeed,
        pointer,
        format!("Mục {item} của nhu cầu được phê duyệt cho {approved}, quyết định nêu {stated}."),
        format!("Item {item} of the need was approved for {approved}, the decision says {stated}."),
    )
    .given(&[("stated", &stated), ("need", &support_need), ("item", &item), ("approved", &approved)])
}

fn exceeded(balance: &NeedBalance, asked: Money, pointer: String) -> Refusal {
    let (ServedNeed { support_need, item }, left, approved) = (balance.served, balance.left(), balance.approved);
    Refusal::at(
        Rule::NeedExceeded,
        pointer,
        format!(
            "Mục này của nhu cầu hỗ trợ còn {left} đồng trong {approved} đồng đã phê duyệt, quyết định này cần {asked} đồng."
        ),
        format!(
            "Item {item} of need {support_need} has {left} đồng left of {approved} đồng approved, this decision asks for {asked} đồng."
        ),
    )
    .given(&[("need", &support_need), ("item", &item), ("left", &left), ("approved", &approved), ("asked", &asked)])
}
