//! The indicators that sum money: estimates, allocations, disbursements, settlements, loans.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::StoreError;
use super::super::parameters::Parameters;
use super::{Asked, Found, Keyed, PILOT, Pair, Placed, parts, rows, sorted, sum};
use crate::domain::indicator::{FurtherBy, Indicator, Measure, NOT_STATED};
use crate::domain::report::{FORM_SCHEME, ReportLevel};

/// What moves the money of an entry (`e`) of an allocation (`a`): what is joined, the amount, and the day it counts.
#[derive(Debug, Clone, Copy)]
struct Movement {
    join: &'static str,
    amount: &'static str,
    day: &'static str,
}

/// What an approved decision allocates.
const ALLOCATED: Movement = Movement { join: "", amount: "e.amount", day: "a.decision_date" };
/// What a later decision takes back of it.
const REDUCED: Movement = Movement {
    join: "JOIN budget_amendment_changes c ON c.entry_id = e.id AND c.kind = 'reduction' \
           JOIN budget_amendments m ON m.id = c.amendment_id AND m.state = 'approved'",
    amount: "-c.amount",
    day: "m.decision_date",
};
/// What is paid out; a correction is negative.
const DISBURSED: Movement =
    Movement { join: "JOIN disbursements d ON d.entry_id = e.id", amount: "d.amount", day: "d.voucher_date" };
/// What is settled, once accepted.
const SETTLED: Movement = Movement {
    join: "JOIN settlements d ON d.entry_id = e.id AND d.state = 'accepted'",
    amount: "d.amount",
    day: "d.document_date",
};

/// Provincial plans: they are not split below the province.
const PLAN: Placed = Placed { table: "q", unit: "q.province_code", cooperative: "NULL" };

/// Allocation entries.
const ENTRY: Placed =
    Placed { table: "a", unit: "COALESCE(p.unit_code, g.unit_code)", cooperative: "p.cooperative_id" };

/// What the lines of a place come to under a category, a source and a nature.
#[derive(Debug, FromQueryResult)]
struct Estimated {
    place: String,
    category: String,
    source: String,
    nature: String,
    amount: i64,
}

/// An estimate by category, and again by source and by nature.
fn estimate(lines: &[Estimated]) -> Measure {
    let by = |key: fn(&Estimated) -> &str| {
        let mut parts: BTreeMap<String, i64> = BTreeMap::new();
        for line in lines {
            let part = parts.entry(key(line).to_owned()).or_default();
            *part = part.saturating_add(line.amount);
        }
        parts.retain(|_, amount| *amount != 0);
        parts
    };
    let further = [(FurtherBy::Source, by(|line| &line.source)), (FurtherBy::Nature, by(|line| &line.nature))];
    Measure::parts(by(|line| &line.category)).broken_down(further)
}

impl Asked<'_> {
    /// Estimates, allocations and disbursements as they stood at the end of the window. Credit is lent, never allocated, so
    /// it is in the estimate alone.
    pub(super) async fn money(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        if self.level() == ReportLevel::Province {
            self.estimates(db, found).await?;
        }
        let mut allocated = self.entries(db, ALLOCATED).await?;
        allocated.extend(self.entries(db, REDUCED).await?);
        let disbursed = self.entries(db, DISBURSED).await?;
        let settled = if self.occasion.period.is_annual() { self.entries(db, SETTLED).await? } else { Vec::new() };
        let mut places = found.places();
        places.extend(allocated.iter().map(|row| row.place.clone()));
        let of_window = |keyed: &[Keyed]| Measure::parts(parts(keyed, |row| row.first));
        let mut to_date = BTreeMap::new();
        for (place, keyed) in sorted(allocated, places.clone()) {
            found.add(&place, Indicator::SupportAllocated, of_window(&keyed));
            to_date.insert(place, keyed.iter().map(|row| row.second).sum::<i64>());
        }
        for (place, keyed) in sorted(disbursed, places.clone()) {
            found.add(&place, Indicator::SupportDisbursed, of_window(&keyed));
            let paid = keyed.iter().map(|row| row.second).sum();
            let allocated = to_date.get(&place).copied().unwrap_or_default();
            found.add(&place, Indicator::DisbursementRate, Measure::ratio(paid, allocated));
        }
        for (place, keyed) in sorted(settled, places) {
            found.add(&place, Indicator::SupportSettled, of_window(&keyed));
        }
        Ok(())
    }

    /// The lines of the approved plans: what they are now less what decisions after the window made of them.
    async fn estimates(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let (scheme, provinces) = (parameters.add(FORM_SCHEME), self.provinces(PLAN, &mut parameters));
        let to = parameters.add(self.occasion.window.to_date);
        let since = format!(
            "COALESCE((SELECT SUM(c.delta) FROM budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id \
             WHERE c.line_id = l.id AND m.state = 'approved' AND m.decision_date > {to}), 0)"
        );
        let sql = format!(
            "SELECT {}, l.category, COALESCE(l.source, '{NOT_STATED}') AS source, \
             COALESCE(l.nature, '{NOT_STATED}') AS nature, {} AS amount FROM estimate_lines l \
             JOIN provincial_plans q ON q.id = l.plan_id WHERE q.state = 'approved' AND q.scheme_code = {scheme} \
             AND {provinces} AND q.decision_date <= {to}{}",
            self.place(PLAN),
            sum(&format!("l.amount - {since}")),
            self.group(PLAN, &["l.category", "l.source", "l.nature"]),
        );
        let mut of_place: BTreeMap<String, Vec<Estimated>> =
            found.places().into_iter().map(|place| (place, Vec::new())).collect();
        for row in rows::<Estimated>(db, sql, parameters).await? {
            of_place.entry(row.place.clone()).or_default().push(row);
        }
        for (place, lines) in of_place {
            found.add(&place, Indicator::SupportEstimated, estimate(&lines));
        }
        Ok(())
    }

    /// What moved the money of approved allocation entries, by category: in the window, and from the beginning to its end.
    /// An entry is where its pilot is, or, without one, where the agency that carries it out is.
    async fn entries(self, db: &impl ConnectionTrait, movement: Movement) -> Result<Vec<Keyed>, StoreError> {
        let Movement { join, amount, day } = movement;
        let mut parameters = Parameters::default();
        let scheme = parameters.add(FORM_SCHEME);
        let responsible = |agencies: &str| format!("COALESCE(p.responsible_department, e.agency_id) IN ({agencies})");
        let of_reporter = self.of_reporter(ENTRY, responsible, &mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, l.category AS key, {} AS first, {} AS second FROM allocation_entries e \
             JOIN allocations a ON a.id = e.allocation_id JOIN estimate_lines l ON l.id = e.line_id \
             JOIN agencies g ON g.id = e.agency_id LEFT JOIN pilots p ON p.id = e.pilot_id {join} \
             WHERE a.state = 'approved' AND a.scheme_code = {scheme} AND {of_reporter} AND {day} <= {to}{}",
            self.place(ENTRY),
            sum(&format!("CASE WHEN {day} >= {from} THEN {amount} ELSE 0 END")),
            sum(amount),
            self.group(ENTRY, &["l.category"]),
        );
        rows(db, sql, parameters).await
    }

    /// Loans of the pilots: paid out in the window, and outstanding at its end.
    pub(super) async fn loans(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, {} AS first, {} AS second FROM loan_entries n JOIN loans o ON o.id = n.loan_id \
             JOIN pilots p ON p.id = o.pilot_id WHERE {pilots} AND n.on_date <= {to}{}",
            self.place(PILOT),
            sum(&format!("CASE WHEN n.kind = 'disbursement' AND n.on_date >= {from} THEN n.amount ELSE 0 END")),
            sum("CASE WHEN n.kind = 'disbursement' THEN n.amount ELSE -n.amount END"),
            self.group(PILOT, &[]),
        );
        for Pair { place, first, second } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::LoansDisbursed, Measure::sum(first));
            found.add(&place, Indicator::LoansOutstanding, Measure::sum(second));
        }
        Ok(())
    }
}
