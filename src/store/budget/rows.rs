//! Rows of allocations, entries and postings, to and from the things of the domain.

use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::beside::Beside;
use crate::domain::budget::{
    Allocation, AllocationState, AllocationStatus, Approval, Disbursement, Entry, EntryTerms, Review, Settlement,
    SettlementState, SettlementStatus,
};
use crate::domain::money::Money;
use crate::store::StoreError;
use crate::store::entity::{allocation, allocation_entry, disbursement, settlement};

pub(super) fn from_row(entries: Vec<Entry>, row: allocation::Model) -> Result<Allocation, StoreError> {
    let allocation::Model {
        id,
        version,
        province_code,
        scheme_code,
        plan_id,
        lead_agency_id,
        decision_number,
        decision_date,
        state,
        approved_by,
        approved_at,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let state = match (AllocationStatus::from_name(&state), approved_by, approved_at) {
        (Some(AllocationStatus::Draft), None, None) => AllocationState::Draft,
        (Some(AllocationStatus::Approved), Some(by), Some(at)) => AllocationState::Approved(Approval { by, at }),
        _ => return Err(StoreError::Malformed(format!("state {state} of allocation {id}"))),
    };
    Ok(Allocation {
        id,
        province: province_code,
        scheme: scheme_code,
        plan: plan_id,
        lead_agency: lead_agency_id,
        decision_number,
        decision_date,
        entries,
        state,
        created_by,
        writers: serde_json::from_str(&writers)?,
        version,
        recorded_at,
        updated_at,
    })
}

pub(super) fn to_row(allocation: &Allocation) -> Result<allocation::ActiveModel, StoreError> {
    let Allocation {
        id,
        province,
        scheme,
        plan,
        lead_agency,
        decision_number,
        decision_date,
        entries: _,
        state,
        created_by,
        writers,
        version,
        recorded_at,
        updated_at,
    } = allocation.clone();
    let status = state.status().name().to_owned();
    let (approved_by, approved_at) = match state {
        AllocationState::Draft => (None, None),
        AllocationState::Approved(Approval { by, at }) => (Some(by), Some(at)),
    };
    Ok(allocation::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        scheme_code: Set(scheme),
        plan_id: Set(plan),
        lead_agency_id: Set(lead_agency),
        decision_number: Set(decision_number),
        decision_date: Set(decision_date),
        state: Set(status),
        approved_by: Set(approved_by),
        approved_at: Set(approved_at),
        created_by: Set(created_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}

pub(super) fn entry_from_row(row: allocation_entry::Model, beside: &mut Beside) -> Result<Entry, StoreError> {
    let allocation_entry::Model {
        id,
        allocation_id: _,
        position: _,
        line_id,
        amount,
        disbursed,
        support_kind,
        agency_id,
        pilot_id,
        fiscal_year,
        reduced,
        settled,
        returned,
    } = row;
    let fiscal_year = fiscal_year.map(u16::try_from).transpose();
    let (schedule, need) = beside.take(id);
    let terms = EntryTerms {
        line: line_id,
        amount: Money::dong(amount),
        support_kind,
        agency: agency_id,
        pilot: pilot_id,
        fiscal_year: fiscal_year.map_err(|_| StoreError::Malformed(format!("fiscal year of entry {id}")))?,
        schedule,
        need,
    };
    let [reduced, disbursed, settled, returned] = [reduced, disbursed, settled, returned].map(Money::dong);
    Ok(Entry { id, terms, reduced, disbursed, settled, returned })
}

pub(super) fn entry_to_row(allocation: Uuid, position: i32, entry: &Entry) -> allocation_entry::ActiveModel {
    let Entry { id, terms, reduced, disbursed, settled, returned } = entry.clone();
    let EntryTerms { line, amount, support_kind, agency, pilot, fiscal_year, schedule: _, need: _ } = terms;
    allocation_entry::ActiveModel {
        id: Set(id),
        allocation_id: Set(allocation),
        position: Set(position),
        line_id: Set(line),
        amount: Set(amount.as_dong()),
        disbursed: Set(disbursed.as_dong()),
        support_kind: Set(support_kind),
        agency_id: Set(agency),
        pilot_id: Set(pilot),
        fiscal_year: Set(fiscal_year.map(i32::from)),
        reduced: Set(reduced.as_dong()),
        settled: Set(settled.as_dong()),
        returned: Set(returned.as_dong()),
    }
}

pub(super) fn disbursement_from_row(row: disbursement::Model) -> Disbursement {
    let disbursement::Model {
        id,
        allocation_id,
        entry_id,
        amount,
        voucher_number,
        voucher_date,
        corrects_id,
        reason,
        recorded_by,
        recorded_at,
    } = row;
    Disbursement {
        id,
        allocation: allocation_id,
        entry: entry_id,
        amount: Money::dong(amount),
        voucher_number,
        voucher_date,
        corrects: corrects_id.zip(reason),
        recorded_by,
        recorded_at,
    }
}

pub(super) fn disbursement_to_row(posted: &Disbursement) -> disbursement::ActiveModel {
    let Disbursement {
        id,
        allocation,
        entry,
        amount,
        voucher_number,
        voucher_date,
        corrects,
        recorded_by,
        recorded_at,
    } = posted.clone();
    let (corrects_id, reason) = corrects.unzip();
    disbursement::ActiveModel {
        id: Set(id),
        allocation_id: Set(allocation),
        entry_id: Set(entry),
        amount: Set(amount.as_dong()),
        voucher_number: Set(voucher_number),
        voucher_date: Set(voucher_date),
        corrects_id: Set(corrects_id),
        reason: Set(reason),
        recorded_by: Set(recorded_by),
        recorded_at: Set(recorded_at),
    }
}

pub(super) fn settlement_from_row(row: settlement::Model) -> Result<Settlement, StoreError> {
    let settlement::Model {
        id,
        allocation_id,
        entry_id,
        fiscal_year,
        amount,
        carried_over,
        returned,
        document_number,
        document_date,
        corrects_id,
        reason,
        recorded_by,
        recorded_at,
        state,
        reviewed_by,
        reviewed_at,
    } = row;
    let review = reviewed_by.zip(reviewed_at).map(|(by, at)| Review { by, at });
    let state = match (SettlementStatus::from_name(&state), review) {
        (Some(SettlementStatus::Recorded), None) => SettlementState::Recorded,
        (Some(SettlementStatus::Accepted), Some(review)) => SettlementState::Accepted(review),
        (Some(SettlementStatus::Rejected), Some(review)) => SettlementState::Rejected(review),
        _ => return Err(StoreError::Malformed(format!("state {state} of settlement {id}"))),
    };
    let [amount, carried_over, returned] = [amount, carried_over, returned].map(Money::dong);
    Ok(Settlement {
        id,
        allocation: allocation_id,
        entry: entry_id,
        fiscal_year: u16::try_from(fiscal_year)
            .map_err(|_| StoreError::Malformed(format!("fiscal year of settlement {id}")))?,
        amount,
        carried_over,
        returned,
        document_number,
        document_date,
        corrects: corrects_id.zip(reason),
        recorded_by,
        recorded_at,
        state,
    })
}

pub(super) fn settlement_to_row(settlement: &Settlement) -> settlement::ActiveModel {
    let Settlement {
        id,
        allocation,
        entry,
        fiscal_year,
        amount,
        carried_over,
        returned,
        document_number,
        document_date,
        corrects,
        recorded_by,
        recorded_at,
        state,
    } = settlement.clone();
    let (corrects_id, reason) = corrects.unzip();
    let status = state.status().name().to_owned();
    let (reviewed_by, reviewed_at) = match state {
        SettlementState::Recorded => (None, None),
        SettlementState::Accepted(Review { by, at }) | SettlementState::Rejected(Review { by, at }) => {
            (Some(by), Some(at))
        }
    };
    settlement::ActiveModel {
        id: Set(id),
        allocation_id: Set(allocation),
        entry_id: Set(entry),
        fiscal_year: Set(i32::from(fiscal_year)),
        amount: Set(amount.as_dong()),
        carried_over: Set(carried_over.as_dong()),
        returned: Set(returned.as_dong()),
        document_number: Set(document_number),
        document_date: Set(document_date),
        corrects_id: Set(corrects_id),
        reason: Set(reason),
        recorded_by: Set(recorded_by),
        recorded_at: Set(recorded_at),
        state: Set(status),
        reviewed_by: Set(reviewed_by),
        reviewed_at: Set(reviewed_at),
    }
}
