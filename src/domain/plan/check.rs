//! What a plan must satisfy before it is written: every fault is told at once.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::{BudgetLevel, CREDIT_CATEGORY, CREDIT_SUPPORT, LineContent, Nature, PlanContent, PlanReferences};
use crate::domain::agency::Agency;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::reference::{ReferenceEntry, ReferenceList, codes};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Scope};
use crate::domain::scheme::Scheme;
use crate::domain::territory::{AdministrativeUnit, Level};

/// Every fault of a plan, all at once.
pub(super) fn plan(
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
        format!("Tỉnh {} không có cơ quan này vào ngày {day}.", content.province),
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
pub(in crate::domain) fn check_fiscal_year(scheme: &Scheme, line: &LineContent, pointer: &str) -> Option<Refusal> {
    within_scheme(scheme, line.fiscal_year, pointer)
}

/// A fiscal year that is stated is one of the scheme's.
pub(in crate::domain) fn within_scheme(scheme: &Scheme, year: Option<u16>, pointer: &str) -> Option<Refusal> {
    let (first, last) = (scheme.valid_from.year(), scheme.valid_to.unwrap_or(NaiveDate::MAX).year());
    let year = year.filter(|year| !(first..=last).contains(&i32::from(*year)))?;
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
pub(in crate::domain) fn check_line(
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
    refusals.extend(not_together(province, decided_on, pointer, line, lists));
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

/// The nature of a source, where its list states one for a province on a day.
pub(in crate::domain) fn nature_of(
    lists: &[ReferenceEntry],
    source: &str,
    province: &str,
    day: NaiveDate,
) -> Option<Nature> {
    let is_it = |entry: &&ReferenceEntry| {
        entry.list == ReferenceList::Sources && entry.code == source && entry.serves(province) && entry.in_force_at(day)
    };
    lists.iter().find(is_it).and_then(|entry| Nature::from_name(entry.attributes.get("nature")?))
}

/// What a line says of one money in two ways that contradict each other: its nature and that of its source; money of the
/// budget, and a source or kind of support that is lent (2129/QĐ-UBND V.2, VII.6).
fn not_together(
    province: &str,
    decided_on: NaiveDate,
    pointer: &str,
    line: &LineContent,
    lists: &[ReferenceEntry],
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let is_lent = line.nature == Some(Nature::Credit) || line.category == CREDIT_CATEGORY;
    let of_source = line.source.as_deref().and_then(|source| nature_of(lists, source, province, decided_on));
    if let (Some(source), Some(known)) = (&line.source, of_source) {
        let nature = line.nature.unwrap_or(if is_lent { Nature::Credit } else { known });
        // Money of the budget that leaves its nature unstated is not lent either.
        let contradicts = nature != known || (known == Nature::Credit && !is_lent);
        let stated = line.nature.map_or_else(|| line.category.clone(), |nature| nature.name().to_owned());
        refusals
            .extend(contradicts.then(|| contradiction(&format!("{pointer}/source"), source, &stated, known.name())));
    }
    if let Some(kind) = line.support_kind.as_deref().filter(|kind| *kind == CREDIT_SUPPORT && !is_lent) {
        let stated = line.nature.map_or_else(|| line.category.clone(), |nature| nature.name().to_owned());
        refusals.push(contradiction(&format!("{pointer}/supportKind"), kind, &stated, Nature::Credit.name()));
    }
    refusals
}

fn contradiction(pointer: &str, named: &str, stated: &str, known: &str) -> Refusal {
    Refusal::at(
        Rule::NatureContradicted,
        pointer,
        format!("{named} có tính chất {known}, dòng dự toán nêu {stated}."),
        format!("{named} is {known}, while the line says {stated}."),
    )
    .given(&[("stated", &stated), ("against", &known), ("of", &named)])
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
