//! What a need must satisfy before it is written: every fault is told at once.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::moves::NeedReferences;
use super::rates::YoungWorker;
use super::{NeededItem, NewSupportNeed, YearAmount};
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::{Pilot, PilotState};
use crate::domain::plan::{CREDIT_SUPPORT, Nature, nature_of};
use crate::domain::reference::{ReferenceList, knows};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::scheme::Scheme;

/// Every fault of a need, all at once.
pub(super) fn faults<'a>(
    new: &NewSupportNeed,
    references: NeedReferences<'a>,
    now: Moment,
) -> Result<&'a Pilot, Refusal> {
    let mut wrong = Vec::new();
    let Some(pilot) = references.pilot else {
        return Err(Refusal::at(
            Rule::UnknownReference,
            "/pilot",
            "Không có HTX thí điểm này.",
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
        let is_lent =
            |source: &str| nature_of(references.lists, source, &pilot.province, now.today()) == Some(Nature::Credit);
        if item.nature == Nature::Credit
            || item.support_kind == CREDIT_SUPPORT
            || item.source.as_deref().is_some_and(is_lent)
        {
            wrong.push(
                Refusal::at(
                    Rule::CreditIsLent,
                    format!("{pointer}/supportKind"),
                    "Vốn vay ưu đãi do bên cho vay quyết định: ghi khoản vay tại /v1/loans.",
                    "Preferential credit is decided by its lender: it is recorded under /v1/loans.",
                )
                .given(&[("credit", &item.support_kind), ("nature", &item.nature.name())]),
            );
        }
        check_phases(item, &pointer, references.scheme, &mut wrong);
        wrong.extend(parts_add_up(item, &pointer));
    }
    let total: Money = new.items.iter().flat_map(|item| &item.phases).map(|phase| phase.amount).sum();
    if total > Money::MAX {
        let most = Money::MAX;
        wrong.push(
            Refusal::at(
                Rule::TotalTooLarge,
                "/items",
                format!("Các mục cộng lại {total} đồng, tối đa {most} đồng."),
                format!("The items sum to {total} đồng; at most {most} đồng can be stated."),
            )
            .given(&[("total", &total), ("most", &most)]),
        );
    }
    Refusal::of_all(wrong)?;
    Ok(pilot)
}

fn check_phases(item: &NeededItem, pointer: &str, scheme: Option<&Scheme>, wrong: &mut Vec<Refusal>) {
    let mut seen = BTreeSet::new();
    for (at, YearAmount { fiscal_year: year, amount }) in item.phases.iter().enumerate() {
        if !seen.insert(year) {
            wrong.push(repeated_year(format!("{pointer}/phases/{at}/fiscalYear"), *year));
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

/// A year that is named a second time.
pub(super) fn repeated_year(pointer: String, year: u16) -> Refusal {
    let (vi, en) = (format!("Năm {year} được nêu hai lần."), format!("The year {year} is named twice."));
    Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &year)])
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

pub(super) fn taking_part(pilot: &Pilot) -> Result<(), Refusal> {
    let PilotState::Stopped { stopped_on, .. } = &pilot.state else { return Ok(()) };
    Err(Refusal::at(
        Rule::PilotStopped,
        "/pilot",
        format!("HTX thí điểm đã dừng tham gia Đề án từ ngày {stopped_on}."),
        format!("The pilot left the scheme on {stopped_on}."),
    )
    .given(&[("pilot", &pilot.id), ("stoppedOn", &stopped_on)]))
}
