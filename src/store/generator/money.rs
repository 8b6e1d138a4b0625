//! The plans of the provinces with their estimates, and what was allocated and paid out of them: never more than there is.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use uuid::Uuid;

use super::super::entity::{allocation, allocation_entry, disbursement, estimate_line, provincial_plan};
use super::super::{StoreError, Tx};
use super::chance::{Chance, day_of, morning_of};
use super::country::{Country, Province};
use super::pilots::MadePilot;
use super::{Progress, Size, insert};
use crate::domain::report::FORM_SCHEME;

/// The categories that money is allocated from, and what it is given for.
const CATEGORIES: [(&str, &str); 2] =
    [("infrastructure_and_processing", "infrastructure"), ("recurrent_support", "training")];
/// A million đồng.
const MILLION: i64 = 1_000_000;

/// The books of a province while they are made.
struct Books<'a> {
    place: &'a Province,
    plan: Uuid,
    /// The line of each category, and what is allocated from it.
    lines: [(Uuid, i64); 2],
    pilots: Vec<Uuid>,
    allocations: i64,
}

/// The rows of the books.
#[derive(Default)]
struct Rows {
    allocations: Vec<allocation::ActiveModel>,
    entries: Vec<allocation_entry::ActiveModel>,
    disbursements: Vec<disbursement::ActiveModel>,
}

/// Writes the plans, and the allocations spread over the provinces and the years.
pub(super) async fn write(
    tx: &Tx,
    size: Size,
    country: &Country,
    pilots: &[MadePilot],
    chance: &mut Chance,
    told: Progress<'_>,
) -> Result<(), StoreError> {
    let of = |index: usize| pilots.iter().filter(move |pilot| pilot.province == index).map(|pilot| pilot.id).collect();
    let open = |(index, place)| Books {
        place,
        plan: chance.id(),
        lines: [(chance.id(), 0), (chance.id(), 0)],
        pilots: of(index),
        allocations: 0,
    };
    let mut books: Vec<Books<'_>> = country.provinces.iter().enumerate().map(open).collect();
    let mut rows = Rows::default();
    let last = day_of(*size.years().end(), 12, 10);
    for number in 0..size.allocations() {
        let index = usize::try_from(number).unwrap_or_default() % books.len().max(1);
        if let Some(books) = books.get_mut(index) {
            rows.allocate(books, last, chance);
        }
    }
    let plans: Vec<_> = books.iter().map(plan_row).collect();
    insert(tx, "provincial plans", plans.into_iter(), told).await?;
    let lines: Vec<_> = books.iter().flat_map(|books| line_rows(books, chance)).collect();
    insert(tx, "estimate lines", lines.into_iter(), told).await?;
    tx.execute_unprepared(APPROVE_PLANS).await?;
    insert(tx, "allocations", rows.allocations.into_iter(), told).await?;
    insert(tx, "allocation entries", rows.entries.into_iter(), told).await?;
    approve(tx, country, told).await?;
    insert(tx, "disbursements", rows.disbursements.into_iter(), told).await
}

/// Plans and allocations are written as drafts and then approved: the database sums what it allocates and pays itself, and
/// takes nothing into what is approved already.
const APPROVE_PLANS: &str = "UPDATE provincial_plans SET state = 'approved'";
const APPROVE_ALLOCATIONS: &str = "UPDATE allocations SET state = 'approved', \
     approved_by = 'peoples-committee@' || province_code, approved_at = recorded_at WHERE province_code = $1";

/// Approves the allocations, province by province.
async fn approve(tx: &Tx, country: &Country, told: Progress<'_>) -> Result<(), StoreError> {
    let all = country.provinces.len();
    for (done, province) in (1..).zip(&country.provinces) {
        let values = [province.code.as_str().into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), APPROVE_ALLOCATIONS, values);
        tx.execute_raw(statement).await?;
        // The plans of the triggers were made while there were no movements: with them counted, they are made anew.
        tx.execute_unprepared("ANALYZE line_movements").await?;
        told("provinces with approved allocations", done, all);
    }
    Ok(())
}

/// What a line holds: what is allocated from it and a tenth more.
const fn held(allocated: i64) -> i64 {
    allocated + allocated / 10 + 100 * MILLION
}

fn total(books: &Books<'_>) -> i64 {
    books.lines.iter().map(|(_, allocated)| held(*allocated)).sum::<i64>() + 21_000 * MILLION
}

fn plan_row(books: &Books<'_>) -> provincial_plan::ActiveModel {
    let Books { place, plan, pilots, .. } = books;
    let (day, by) = (day_of(2021, 2, 20), format!("lead-agency@{}", place.code));
    provincial_plan::ActiveModel {
        id: Set(*plan),
        version: Set(2),
        province_code: Set(place.code.clone()),
        scheme_code: Set(FORM_SCHEME.to_owned()),
        decision_number: Set("429/QĐ-UBND".to_owned()),
        decision_date: Set(day),
        lead_agency_id: Set(place.lead),
        pilot_quota: Set(5),
        pilots_selected: Set(i32::try_from(pilots.len()).unwrap_or_default()),
        total: Set(total(books)),
        tie_break: Set("[]".to_owned()),
        counted_claims: Set("not_rejected".to_owned()),
        state: Set("draft".to_owned()),
        created_by: Set(by.clone()),
        writers: Set(json!([by]).to_string()),
        recorded_at: Set(morning_of(day)),
        updated_at: Set(morning_of(day)),
    }
}

fn line_rows(books: &Books<'_>, chance: &mut Chance) -> Vec<estimate_line::ActiveModel> {
    let credit = (chance.id(), "preferential_credit_and_fund", 21_000 * MILLION);
    let lines =
        books.lines.iter().zip(CATEGORIES).map(|((id, allocated), (category, _))| (*id, category, held(*allocated)));
    let row = |(position, (id, category, amount)): (i32, (Uuid, &str, i64))| estimate_line::ActiveModel {
        id: Set(id),
        plan_id: Set(books.plan),
        position: Set(position),
        category: Set(category.to_owned()),
        budget_level: Set(None),
        source: Set(None),
        nature: Set(None),
        support_kind: Set(None),
        fiscal_year: Set(None),
        amount: Set(amount),
        allocated: Set(0),
    };
    (0..).zip(lines.chain([credit])).map(row).collect()
}

impl Rows {
    /// One decision with one entry, for a pilot where there is one, and in most cases a payment.
    fn allocate(&mut self, books: &mut Books<'_>, last: NaiveDate, chance: &mut Chance) {
        let (allocation, entry) = (chance.id(), chance.id());
        let which = usize::from(chance.happens(60));
        let amount = chance.between(5, 60) * MILLION;
        let paid = if chance.happens(80) { amount / 100 * chance.between(20, 100) } else { 0 };
        let decided = chance.day(day_of(2021, 10, 1), last);
        let paid_on = chance.day(decided, last);
        let pilot = chance.one(&books.pilots).copied();
        let Some(((line, allocated), (_, kind))) = books.lines.get_mut(which).zip(CATEGORIES.get(which)) else {
            return;
        };
        *allocated += amount;
        books.allocations += 1;
        let (code, number) = (&books.place.code, books.allocations);
        let by = format!("lead-agency@{code}");
        self.allocations.push(allocation::ActiveModel {
            id: Set(allocation),
            version: Set(2),
            province_code: Set(code.clone()),
            scheme_code: Set(FORM_SCHEME.to_owned()),
            plan_id: Set(books.plan),
            lead_agency_id: Set(books.place.lead),
            decision_number: Set(format!("{number}/QĐ-UBND (dữ liệu mẫu)")),
            decision_date: Set(decided),
            state: Set("draft".to_owned()),
            approved_by: Set(None),
            approved_at: Set(None),
            created_by: Set(by.clone()),
            writers: Set(json!([by]).to_string()),
            recorded_at: Set(morning_of(decided)),
            updated_at: Set(morning_of(decided)),
        });
        self.entries.push(allocation_entry::ActiveModel {
            id: Set(entry),
            allocation_id: Set(allocation),
            position: Set(0),
            line_id: Set(*line),
            amount: Set(amount),
            disbursed: Set(0),
            support_kind: Set((*kind).to_owned()),
            agency_id: Set(books.place.department),
            pilot_id: Set(pilot),
            fiscal_year: Set(None),
            reduced: Set(0),
            settled: Set(0),
            returned: Set(0),
        });
        if paid > 0 {
            self.disbursements.push(disbursement::ActiveModel {
                id: Set(chance.id()),
                allocation_id: Set(allocation),
                entry_id: Set(entry),
                amount: Set(paid),
                voucher_number: Set("UNC-01".to_owned()),
                voucher_date: Set(paid_on),
                corrects_id: Set(None),
                reason: Set(None),
                recorded_by: Set(format!("line-department@{code}")),
                recorded_at: Set(morning_of(paid_on)),
            });
        }
    }
}
