//! The schedule of an allocated entry (*tiến độ cấp kinh phí*): planned instalments that sum to its amount.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allocation::EntryTerms;
use super::check::amount_not_positive;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};

/// A part of an entry that is planned to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instalment {
    /// The last day of its period: not before the decision, and after the instalment before it.
    #[schema(example = "2022-06-30")]
    pub due_on: NaiveDate,
    /// How much, above zero.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "500000000")]
    pub amount: Money,
}

/// Every fault of a schedule; an entry without one states none.
pub(super) fn faults(at: usize, entry: &EntryTerms, decided_on: NaiveDate) -> Vec<Refusal> {
    let mut wrong = Vec::new();
    let (mut before, mut planned) = (None, Money::ZERO);
    for (number, Instalment { due_on, amount }) in entry.schedule.iter().enumerate() {
        let pointer = |member: &str| format!("/entries/{at}/schedule/{number}/{member}");
        wrong.extend((*amount <= Money::ZERO).then(|| amount_not_positive(pointer("amount"), *amount)));
        wrong.extend(misplaced(*due_on, before, decided_on, pointer("dueOn")));
        before = Some(*due_on);
        planned = planned.plus(*amount);
    }
    let amount = entry.amount;
    if !entry.schedule.is_empty() && planned != amount {
        let refusal = Refusal::at(
            Rule::TotalMismatch,
            format!("/entries/{at}/schedule"),
            format!("Các đợt cộng lại {planned} đồng, khoản phân bổ là {amount} đồng."),
            format!("The instalments sum to {planned} đồng but the entry is {amount} đồng."),
        );
        wrong.push(refusal.given(&[("total", &amount), ("sum", &planned)]));
    }
    wrong
}

fn misplaced(due_on: NaiveDate, before: Option<NaiveDate>, decided_on: NaiveDate, pointer: String) -> Option<Refusal> {
    match before {
        Some(before) if due_on == before => {
            let (vi, en) = (format!("Ngày {due_on} được nêu hai lần."), format!("The day {due_on} is named twice."));
            Some(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &due_on)]))
        }
        Some(before) if due_on < before => {
            let vi = format!("Đợt ngày {due_on} đứng sau đợt ngày {before}.");
            let en = format!("The instalment of {due_on} stands after that of {before}.");
            let refusal = Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en);
            Some(refusal.given(&[("date", &due_on), ("limit", &before)]))
        }
        _ if due_on < decided_on => {
            let vi = format!("Đợt ngày {due_on} trước ngày quyết định {decided_on}.");
            let en = format!("The instalment of {due_on} is before the decision of {decided_on}.");
            let refusal = Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en);
            Some(refusal.given(&[("date", &due_on), ("limit", &decided_on)]))
        }
        _ => None,
    }
}
