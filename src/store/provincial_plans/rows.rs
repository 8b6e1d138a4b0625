//! Rows of plans and of their lines, to things and back.

use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::domain::application::CountedClaims;
use crate::domain::money::Money;
use crate::domain::plan::{BudgetLevel, EstimateLine, LineContent, Nature, PlanContent, PlanState, ProvincialPlan};
use crate::store::StoreError;
use crate::store::entity::{estimate_line, provincial_plan};

fn malformed(what: &str, value: impl std::fmt::Display) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

pub(super) fn from_row(row: provincial_plan::Model, lines: Vec<EstimateLine>) -> Result<ProvincialPlan, StoreError> {
    let provincial_plan::Model {
        id,
        version,
        province_code,
        scheme_code,
        decision_number,
        decision_date,
        lead_agency_id,
        pilot_quota,
        pilots_selected,
        total,
        tie_break,
        counted_claims,
        state,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let content = PlanContent {
        province: province_code,
        scheme: scheme_code,
        decision_number,
        decision_date,
        lead_agency: lead_agency_id,
        pilot_quota: u32::try_from(pilot_quota).map_err(|_| malformed("quota", pilot_quota))?,
        tie_break: serde_json::from_str(&tie_break)?,
        counted_claims: CountedClaims::from_name(&counted_claims)
            .ok_or_else(|| malformed("counted claims", &counted_claims))?,
        total: Money::dong(total),
    };
    Ok(ProvincialPlan {
        id,
        version,
        content,
        lines,
        pilots_selected: u32::try_from(pilots_selected).map_err(|_| malformed("pilots", pilots_selected))?,
        state: PlanState::from_name(&state).ok_or_else(|| malformed("state", &state))?,
        created_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

pub(super) fn to_row(plan: &ProvincialPlan) -> Result<provincial_plan::ActiveModel, StoreError> {
    let ProvincialPlan {
        id,
        version,
        content,
        lines: _,
        pilots_selected,
        state,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = plan.clone();
    let PlanContent {
        province,
        scheme,
        decision_number,
        decision_date,
        lead_agency,
        pilot_quota,
        tie_break,
        counted_claims,
        total,
    } = content;
    Ok(provincial_plan::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        scheme_code: Set(scheme),
        decision_number: Set(decision_number),
        decision_date: Set(decision_date),
        lead_agency_id: Set(lead_agency),
        pilot_quota: Set(i32::try_from(pilot_quota).unwrap_or(i32::MAX)),
        pilots_selected: Set(i32::try_from(pilots_selected).unwrap_or(i32::MAX)),
        total: Set(total.as_dong()),
        tie_break: Set(serde_json::to_string(&tie_break)?),
        counted_claims: Set(counted_claims.name().to_owned()),
        state: Set(state.name().to_owned()),
        created_by: Set(created_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}

pub(super) fn line_from_row(row: estimate_line::Model) -> Result<EstimateLine, StoreError> {
    let estimate_line::Model {
        id,
        plan_id: _,
        position: _,
        category,
        budget_level,
        source,
        nature,
        support_kind,
        fiscal_year,
        amount,
        allocated,
    } = row;
    let budget_level = budget_level
        .map(|level| BudgetLevel::from_name(&level).ok_or_else(|| malformed("budget level", level)))
        .transpose()?;
    let nature =
        nature.map(|nature| Nature::from_name(&nature).ok_or_else(|| malformed("nature", nature))).transpose()?;
    let fiscal_year =
        fiscal_year.map(|year| u16::try_from(year).map_err(|_| malformed("fiscal year", year))).transpose()?;
    let content =
        LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount: Money::dong(amount) };
    Ok(EstimateLine { id, content, allocated: Money::dong(allocated) })
}

pub(super) fn line_to_row(plan: Uuid, position: i32, line: &EstimateLine) -> estimate_line::ActiveModel {
    let EstimateLine { id, content, allocated } = line.clone();
    let LineContent { category, budget_level, source, nature, support_kind, fiscal_year, amount } = content;
    estimate_line::ActiveModel {
        id: Set(id),
        plan_id: Set(plan),
        position: Set(position),
        category: Set(category),
        budget_level: Set(budget_level.map(|level| level.name().to_owned())),
        source: Set(source),
        nature: Set(nature.map(|nature| nature.name().to_owned())),
        support_kind: Set(support_kind),
        fiscal_year: Set(fiscal_year.map(i32::from)),
        amount: Set(amount.as_dong()),
        allocated: Set(allocated.as_dong()),
    }
}
