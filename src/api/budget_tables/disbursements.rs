//! What was posted against the allocations of a plan as rows: payments, and their corrections by the voucher they name.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::allocations::{another_content, unknown};
use super::{differs, form};
use crate::api::budget::{BudgetAdjustment, BudgetDisbursement};
use crate::api::call::{Call, Work};
use crate::api::error::ApiError;
use crate::api::table::{Columns, Faults, Table};
use crate::domain::budget::{Allocation, Correction, Disbursement, Payment};
use crate::domain::money::Money;
use crate::domain::plan::ProvincialPlan;
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::store::budget as allocations;

/// The columns.
pub(super) const COLUMNS: Columns = Columns {
    all: &["id", "entry", "amount", "voucherNumber", "voucherDate", "corrects", "reason"],
    optional: &["id", "corrects", "reason"],
};

/// A file of one payment.
pub(super) const EXAMPLE: &str = "entry,amount,voucherNumber,voucherDate\r\n\
    01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d,600000000,UNC-03,2023-05-20\r\n";

/// A posting, with the voucher number of what it corrects.
pub(super) fn row(posted: &Disbursement, corrects: Option<&str>) -> Vec<String> {
    vec![
        posted.id.to_string(),
        posted.entry.to_string(),
        posted.amount.to_string(),
        posted.voucher_number.clone(),
        posted.voucher_date.to_string(),
        corrects.unwrap_or_default().to_owned(),
        posted.corrects.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
    ]
}

/// The books as they become while the file is read.
struct Books {
    /// The allocations, by id.
    allocations: HashMap<Uuid, Allocation>,
    /// The allocation of each entry.
    of_entry: HashMap<Uuid, Uuid>,
    /// Everything posted, old and new, by allocation and voucher.
    posted: HashMap<(Uuid, String), Disbursement>,
    /// The voucher of each posting.
    vouchers: HashMap<Uuid, String>,
    /// What of each posting was corrected (negative or zero).
    corrected: HashMap<Uuid, Money>,
    /// What is new, in the order of the file.
    new: Vec<Disbursement>,
}

impl Books {
    fn open(there: Vec<Allocation>, posted: Vec<Disbursement>) -> Self {
        let entries = there.iter().flat_map(|one| one.entries.iter().map(|entry| (entry.id, one.id)));
        let mut books = Self {
            of_entry: entries.collect(),
            allocations: there.into_iter().map(|one| (one.id, one)).collect(),
            posted: HashMap::new(),
            vouchers: HashMap::new(),
            corrected: HashMap::new(),
            new: Vec::new(),
        };
        posted.into_iter().for_each(|one| books.keep(one));
        books
    }

    fn keep(&mut self, posted: Disbursement) {
        if let Some((corrects, _)) = &posted.corrects {
            let sum = self.corrected.entry(*corrects).or_default();
            *sum = sum.plus(posted.amount);
        }
        self.vouchers.insert(posted.id, posted.voucher_number.clone());
        self.posted.insert((posted.allocation, posted.voucher_number.clone()), posted);
    }

    /// Posts under the rules.
    fn post(
        &mut self,
        allocation: Uuid,
        by: impl FnOnce(Allocation) -> Result<(Allocation, Disbursement), Refusal>,
    ) -> Result<(), Refusal> {
        let Some(before) = self.allocations.get(&allocation).cloned() else { return Ok(()) };
        let (after, posted) = by(before)?;
        self.allocations.insert(allocation, after);
        self.new.push(posted.clone());
        self.keep(posted);
        Ok(())
    }
}

/// Posts what is not posted yet; gives how many rows are new and how many not.
pub(super) async fn import(
    call: &Call,
    work: &Work,
    plan: &ProvincialPlan,
    file: &Table,
) -> Result<(usize, usize), ApiError> {
    let entries = (0..file.rows.len()).filter_map(|row| file.cell(row, "entry").parse().ok());
    let entries: BTreeSet<Uuid> = entries.collect();
    let there = allocations::lock_of_entries(work.tx(), call.scope(), plan.id, entries).await?;
    let posted = allocations::posted_of(work.tx(), &there).await?;
    let mut books = Books::open(there, posted);
    let mut faults = Faults::default();
    for row in 0..file.rows.len() {
        read_row(call, file, row, &mut books, &mut faults)?;
    }
    faults.none()?;
    allocations::post_all(work.tx(), &books.new, call.now().0).await?;
    let created = books.new.len();
    Ok((created, file.rows.len().saturating_sub(created)))
}

/// Whether a row corrects what was paid.
fn is_correction(file: &Table, row: usize) -> bool {
    file.cell(row, "amount").starts_with('-') || !file.cell(row, "corrects").is_empty()
}

/// What is wrong with a row by itself.
pub(super) fn misread(call: &Call, file: &Table, row: usize) -> Vec<Fault> {
    let is_correction = is_correction(file, row);
    let form = form_of(file, row, is_correction);
    let found = if is_correction {
        call.faults_of::<BudgetAdjustment>(&form)
    } else {
        call.faults_of::<BudgetDisbursement>(&form)
    };
    // Whatever a correction names is looked up by its voucher.
    let found = found.into_iter().filter(|fault| !is_correction || fault.pointer != "/corrects");
    found.chain(mixed(file, row)).map(|fault| file.place(fault, "/rows", &[row])).collect()
}

fn read_row(call: &Call, file: &Table, at: usize, books: &mut Books, faults: &mut Faults) -> Result<(), ApiError> {
    let place = |fault: Fault| file.place(fault, "/rows", &[at]);
    let found = misread(call, file, at);
    if !found.is_empty() {
        faults.invalid(found);
        return Ok(());
    }
    let is_correction = is_correction(file, at);
    let form = form_of(file, at, is_correction);
    let entry = file.cell(at, "entry").parse::<Uuid>().ok();
    let Some(allocation) = entry.and_then(|entry| books.of_entry.get(&entry).copied()) else {
        let unknown = unknown("/entry", file.cell(at, "entry"));
        faults.refused(unknown.clone(), unknown.faults.into_iter().map(place).collect());
        return Ok(());
    };
    let (voucher, id) = (file.cell(at, "voucherNumber").to_owned(), file.cell(at, "id"));
    if let Some(known) = books.posted.get(&(allocation, voucher.clone())) {
        if !is(file, at, known, books) {
            let told = place(differs("voucherNumber", &voucher));
            faults.refused(another_content("voucherNumber", &voucher), vec![told]);
        }
        return Ok(());
    }
    if !id.is_empty() {
        let unknown = unknown("/id", id);
        faults.refused(unknown.clone(), unknown.faults.into_iter().map(place).collect());
        return Ok(());
    }
    let done = if is_correction {
        correct(call, file, at, (allocation, form), books)?
    } else {
        let payment = Payment::from(serde_json::from_value::<BudgetDisbursement>(form)?);
        books.post(allocation, |account| account.disburse(call.new_id(), payment, call.caller(), call.now()))
    };
    if let Err(refusal) = done {
        // What is refused as a whole is refused of the account that the row names.
        let of_entry = || refusal.clone().placed("/entry").faults;
        let told = if refusal.faults.is_empty() { of_entry() } else { refusal.faults.clone() };
        faults.refused(refusal, told.into_iter().map(place).collect());
    }
    Ok(())
}

/// What a row says that does not go together: a correction is below zero, names what it corrects and why; a payment is none
/// of it.
fn mixed(file: &Table, at: usize) -> Vec<Fault> {
    let cell = |name| file.cell(at, name);
    let (is_negative, corrects, reason) = (cell("amount").starts_with('-'), cell("corrects"), cell("reason"));
    let mut faults = Vec::new();
    if is_negative && corrects.is_empty() {
        let (vi, en) = (
            "Số âm là điều chỉnh: phải nêu số chứng từ được điều chỉnh.",
            "A correction names the voucher that it corrects.",
        );
        faults.push(Fault::at("/corrects", "required", vi, en));
    }
    if !is_negative && !corrects.is_empty() {
        let (vi, en) =
            ("Điều chỉnh lấy lại tiền: ghi số âm.", "A correction takes money back: its amount is negative.");
        faults.push(contradiction("/amount", (vi, en), cell("amount"), corrects));
    }
    if !is_negative && corrects.is_empty() && !reason.is_empty() {
        let (vi, en) = ("Khoản giải ngân không có lý do điều chỉnh.", "A payment has no reason of a correction.");
        faults.push(contradiction("/reason", (vi, en), reason, cell("amount")));
    }
    faults
}

fn contradiction(pointer: &str, (vi, en): (&str, &str), stated: &str, against: &str) -> Fault {
    Fault::at(pointer, Rule::Contradiction.code(), vi, en).given(&[("stated", &stated), ("against", &against)])
}

/// The row as the form of a payment or of a correction.
fn form_of(file: &Table, at: usize, is_correction: bool) -> Value {
    if !is_correction {
        return form(file, at, &["entry", "amount", "voucherNumber", "voucherDate"], &[]);
    }
    let mut form = form(file, at, &["amount", "voucherNumber", "voucherDate", "reason"], &[]);
    form["corrects"] = Value::from(Uuid::nil().to_string());
    form["amount"] = Value::from(file.cell(at, "amount").trim_start_matches('-'));
    form
}

fn correct(
    call: &Call,
    file: &Table,
    at: usize,
    (allocation, form): (Uuid, Value),
    books: &mut Books,
) -> Result<Result<(), Refusal>, ApiError> {
    let number = file.cell(at, "corrects");
    let found = books.posted.get(&(allocation, number.to_owned())).cloned();
    let Some(corrected) = found.filter(|corrected| corrected.entry.to_string() == file.cell(at, "entry")) else {
        return Ok(Err(unknown("/corrects", number)));
    };
    let earlier = books.corrected.get(&corrected.id).copied().unwrap_or_default();
    let correction = Correction::from(serde_json::from_value::<BudgetAdjustment>(form)?);
    Ok(books.post(allocation, |account| {
        account.adjust(call.new_id(), &corrected, earlier, correction, call.caller(), call.now())
    }))
}

/// Whether a row says what is posted; its id may be left out.
fn is(file: &Table, at: usize, known: &Disbursement, books: &Books) -> bool {
    let corrects = known.corrects.as_ref().and_then(|(id, _)| books.vouchers.get(id)).map(String::as_str);
    let (Some(given), known) = (file.rows.get(at), row(known, corrects)) else { return false };
    given.get(1..) == known.get(1..) && (given.first() == known.first() || given.first().is_some_and(String::is_empty))
}
