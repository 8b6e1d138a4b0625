//! Rows of amendments and of their changes, to and from the things of the domain.

use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::budget::{Amendment, AmendmentTerms, Approval, Change};
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, LineContent, Nature};
use crate::store::StoreError;
use crate::store::entity::{budget_amendment, budget_amendment_change};

/// What a new line says, beside its amount.
#[derive(Debug, Serialize, Deserialize)]
struct NewLine {
    category: String,
    budget_level: Option<BudgetLevel>,
    source: Option<String>,
    nature: Option<Nature>,
    support_kind: Option<String>,
    fiscal_year: Option<u16>,
}

pub(super) fn from_row(changes: Vec<Change>, row: budget_amendment::Model) -> Result<Amendment, StoreError> {
    let budget_amendment::Model {
        id,
        version,
        province_code,
        plan_id,
        lead_agency_id,
        decision_number,
        decision_date,
        reason,
        state: _,
        approved_by,
        approved_at,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    Ok(Amendment {
        id,
        province: province_code,
        lead_agency: lead_agency_id,
        terms: AmendmentTerms { plan: plan_id, decision_number, decision_date, reason, changes },
        approval: approved_by.zip(approved_at).map(|(by, at)| Approval { by, at }),
        created_by,
        writers: serde_json::from_str(&writers)?,
        version,
        recorded_at,
        updated_at,
    })
}

pub(super) fn to_row(amendment: &Amendment) -> Result<budget_amendment::ActiveModel, StoreError> {
    let state = amendment.status().name().to_owned();
    let Amendment { id, province, lead_agency, terms, approval, created_by, writers, version, recorded_at, updated_at } =
        amendment.clone();
    let AmendmentTerms { plan, decision_number, decision_date, reason, changes: _ } = terms;
    let (approved_by, approved_at) = approval.map(|Approval { by, at }| (by, at)).unzip();
    Ok(budget_amendment::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        plan_id: Set(plan),
        lead_agency_id: Set(lead_agency),
        decision_number: Set(decision_number),
        decision_date: Set(decision_date),
        reason: Set(reason),
        state: Set(state),
        approved_by: Set(approved_by),
        approved_at: Set(approved_at),
        created_by: Set(created_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}

pub(super) fn change_from_row(row: budget_amendment_change::Model) -> Result<Change, StoreError> {
    let budget_amendment_change::Model {
        id,
        amendment_id: _,
        position: _,
        kind,
        line_id,
        entry_id,
        amount,
        content,
        delta: _,
    } = row;
    let amount = Money::dong(amount);
    match (kind.as_str(), line_id, entry_id, content) {
        ("line", Some(line), None, None) => Ok(Change::Line { line, amount }),
        ("reduction", None, Some(entry), None) => Ok(Change::Reduction { entry, amount }),
        ("new_line", Some(line), None, Some(content)) => {
            let NewLine { category, budget_level, source, nature, support_kind, fiscal_year } =
                serde_json::from_str(&content)?;
            let content = LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount };
            Ok(Change::NewLine { line, content })
        }
        _ => Err(StoreError::Malformed(format!("change {id} of an amendment"))),
    }
}

pub(super) fn change_to_row(
    id: Uuid,
    amendment: Uuid,
    position: i32,
    change: &Change,
) -> Result<budget_amendment_change::ActiveModel, StoreError> {
    let (kind, line, entry, amount, content) = match change.clone() {
        Change::Line { line, amount } => ("line", Some(line), None, amount, None),
        Change::Reduction { entry, amount } => ("reduction", None, Some(entry), amount, None),
        Change::NewLine { line, content } => {
            let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } = content;
            let says = NewLine { category, budget_level, source, nature, support_kind, fiscal_year };
            ("new_line", Some(line), None, amount, Some(serde_json::to_string(&says)?))
        }
    };
    Ok(budget_amendment_change::ActiveModel {
        id: Set(id),
        amendment_id: Set(amendment),
        position: Set(position),
        kind: Set(kind.to_owned()),
        line_id: Set(line),
        entry_id: Set(entry),
        amount: Set(amount.as_dong()),
        content: Set(content),
        delta: NotSet,
    })
}
