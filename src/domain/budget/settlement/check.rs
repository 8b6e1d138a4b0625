//! Why a settlement, its correction or its review is refused.

use chrono::{Datelike, NaiveDate};

use super::{Holding, Settlement, SettlementState};
use crate::domain::budget::Entry;
use crate::domain::money::Money;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

/// No year is settled that lies before the decision which gave the money, or before the budget year that this states.
pub(super) fn not_before_money(fiscal_year: u16, decided_on: NaiveDate, account: &Entry) -> Result<(), Refusal> {
    let earliest = account.terms.fiscal_year.map_or(0, i32::from).max(decided_on.year());
    if i32::from(fiscal_year) >= earliest {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::YearBeforeMoney,
        "/fiscalYear",
        format!("Quyết định phân bổ ngày {decided_on} cấp kinh phí từ năm {earliest}: không có kinh phí của năm {fiscal_year} để quyết toán."),
        format!("The decision of {decided_on} gave money from {earliest} on: there is none of {fiscal_year} to settle."),
    )
    .given(&[("year", &fiscal_year), ("earliest", &earliest), ("decidedOn", &decided_on)]))
}

/// What is open is settled, carried over or returned, and nothing else.
pub(super) fn balanced(account: &Entry, amount: Money, carried_over: Money, returned: Money) -> Result<(), Refusal> {
    let (open, stated) = (account.unsettled(), amount.plus(carried_over).plus(returned));
    if stated == open {
        return Ok(());
    }
    let difference = stated.minus(open);
    Err(Refusal::at(
        Rule::SettlementUnbalanced,
        "/carriedOver",
        format!(
            "Khoản này còn {open} đồng chưa quyết toán; quyết toán, chuyển nguồn và hủy nộp trả cộng lại {stated} đồng (chênh lệch {difference})."
        ),
        format!(
            "The entry has {open} đồng left to account for; settled, carried over and returned sum to {stated} đồng (difference {difference})."
        ),
    )
    .given(&[("open", &open), ("left", &open), ("stated", &stated), ("difference", &difference)]))
}

/// Settled is at most what was disbursed for the year by the date of the report, returned at most what was not disbursed at all.
pub(super) fn covered(
    account: &Entry,
    (year, disbursed): (u16, Money),
    amount: Money,
    returned: Money,
) -> Result<(), Refusal> {
    let (to_settle, to_return) = (disbursed.minus(account.settled), account.left());
    let mut over = Vec::new();
    if amount > to_settle {
        over.push(Refusal::at(
            Rule::SettlementExceeded,
            "/amount",
            format!("Khoản này còn {to_settle} đồng chưa quyết toán trong {disbursed} đồng đã giải ngân đến hết năm {year} và ngày của văn bản, không đủ {amount} đồng."),
            format!("The entry has {to_settle} đồng left to settle of {disbursed} đồng disbursed by the end of {year} and the date of the document, less than {amount} đồng."),
        ).given(&[("left", &to_settle), ("disbursed", &disbursed), ("asked", &amount), ("year", &year)]));
    }
    if returned > to_return {
        over.push(Refusal::at(
            Rule::SettlementExceeded,
            "/returned",
            format!("Khoản này còn {to_return} đồng chưa giải ngân, không đủ {returned} đồng để hủy nộp trả; phần đã giải ngân thì điều chỉnh giải ngân trước."),
            format!("The entry has {to_return} đồng left undisbursed, less than {returned} đồng to return; correct the disbursement first for what was paid out."),
        ).given(&[("left", &to_return), ("asked", &returned)]));
    }
    Refusal::of_all(over)
}

/// No figure of a settlement falls below nothing by its corrections; and what it carried over is not settled in its year once a
/// later year has accounted for it.
pub(super) fn still_holds(
    corrected: &Settlement,
    holds: Holding,
    amount: Money,
    returned: Money,
) -> Result<(), Refusal> {
    let year = corrected.fiscal_year;
    let over = |pointer: &str, held: Money, change: Money| {
        let asked = Money::ZERO.minus(change);
        (asked > held).then(|| {
            Refusal::at(
                Rule::CorrectionExceeded,
                pointer,
                format!("Quyết toán năm {year} còn {held} đồng chưa điều chỉnh, không đủ {asked} đồng."),
                format!("The settlement of {year} has {held} đồng left to take back, less than {asked} đồng."),
            )
            .given(&[("year", &year), ("left", &held), ("asked", &asked)])
        })
    };
    let carried = holds.later.filter(|_| amount.plus(returned) > Money::ZERO).map(|later| {
        Refusal::at(
            Rule::YearOutOfOrder,
            "/amount",
            format!("Phần chuyển nguồn của năm {year} đã được quyết toán vào năm {later}, còn 0 đồng: hãy điều chỉnh quyết toán năm {later}."),
            format!("What {year} carried over is accounted for in {later}, 0 đồng of it are left: correct the settlement of {later}."),
        )
        .given(&[("year", &year), ("other", &later), ("left", &0)])
    });
    let faults = [over("/amount", holds.amount, amount), over("/returned", holds.returned, returned), carried];
    Refusal::of_all(faults.into_iter().flatten().collect())
}

pub(super) fn correctable(corrected: &Settlement) -> Result<(), Refusal> {
    let number = &corrected.document_number;
    if corrected.corrects.is_some() {
        return Err(Refusal::at(
            Rule::CorrectsCorrection,
            "/corrects",
            format!("Văn bản {number} là bút toán điều chỉnh; hãy điều chỉnh tiếp quyết toán gốc."),
            format!("Document {number} is itself a correction: correct the settlement again that it corrects."),
        )
        .given(&[("entry", &number)]));
    }
    if matches!(corrected.state, SettlementState::Accepted(_)) {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::WrongState,
        "/corrects",
        format!("Quyết toán {number} chưa được chấp nhận: không có gì để điều chỉnh."),
        format!("Settlement {number} is not accepted: there is nothing to correct."),
    )
    .given(&[("settlement", &number), ("state", &corrected.state.status().name())]))
}

pub(super) fn reviewable(settlement: &Settlement, caller: &Caller) -> Result<(), Refusal> {
    let (number, who) = (&settlement.document_number, &caller.subject);
    if settlement.state != SettlementState::Recorded {
        return Err(Refusal::at(
            Rule::WrongState,
            "/settlement",
            format!("Quyết toán {number} đã được thẩm tra."),
            format!("Settlement {number} has already been reviewed."),
        )
        .given(&[("settlement", &number), ("state", &settlement.state.status().name())]));
    }
    if settlement.recorded_by == *who {
        return Err(Refusal::new(
            Rule::FourEyes,
            format!("“{who}” đã ghi quyết toán này nên không được thẩm tra."),
            format!("{who} recorded this settlement and therefore may not review it."),
        )
        .given(&[("person", &who)]));
    }
    Ok(())
}
