//! Which report stood when, with what it said then: a span a row, written as reports take their steps.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::super::StoreError;
use super::super::entity::report_standing::{self, Column};
use super::super::scope::{ScopeColumns, within};
use super::{PeriodicReport, ReportLevel, Reporter, Scope, from_row, periodic_report};
use crate::domain::period::Period;

/// Notes from when a report stands, or until when it stood: at its last change.
pub(super) async fn note(db: &impl ConnectionTrait, report: &PeriodicReport) -> Result<(), StoreError> {
    let of_key = of_unit(&report.reporter)
        .add(Column::Period.eq(report.period.to_string()))
        .add(Column::FormVersion.eq(&report.form))
        .add(Column::ToAt.is_null());
    let open = report_standing::Entity::find().filter(of_key.clone()).one(db).await?;
    let state = report.progress.state().name();
    let (same, own) = open.as_ref().map_or((false, false), |open| {
        let same = open.state == state && open.content_hash == report.content_hash;
        (same && open.report_id == report.id, open.report_id == report.id)
    });
    if same && report.authoritative {
        return Ok(());
    }
    if open.is_some() && (own || report.authoritative) {
        let ended = report_standing::Entity::update_many().col_expr(Column::ToAt, Expr::value(report.updated_at));
        ended.filter(of_key).exec(db).await?;
    }
    if !report.authoritative {
        return Ok(());
    }
    let row = report_standing::ActiveModel {
        report_id: Set(report.id),
        from_at: Set(report.updated_at),
        to_at: Set(None),
        agency_id: Set(report.reporter.agency),
        level: Set(report.reporter.level.name().to_owned()),
        province_code: Set(report.reporter.province.clone()),
        unit_code: Set(report.reporter.unit.clone()),
        period: Set(report.period.to_string()),
        form_version: Set(report.form.clone()),
        state: Set(state.to_owned()),
        figures: Set(serde_json::to_string(&report.figures)?),
        content_hash: Set(report.content_hash.clone()),
    };
    report_standing::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// What stands for the same unit; of departments, which share one, for the same agency.
fn of_unit(reporter: &Reporter) -> Condition {
    let Reporter { agency, level, province, unit } = reporter;
    let department = (*level == ReportLevel::LineDepartment).then_some(*agency);
    Condition::all()
        .add(Column::Level.eq(level.name()))
        .add(Column::ProvinceCode.eq(province))
        .add(Column::UnitCode.eq(unit))
        .add_option(department.map(|agency| Column::AgencyId.eq(agency)))
}

/// The provinces' reports that stood for a period at an instant, in the caller's reach, as they were then.
pub(super) async fn of_provinces_at(
    db: &impl ConnectionTrait,
    scope: &Scope,
    (period, form): (Period, &str),
    at: DateTime<Utc>,
) -> Result<Vec<PeriodicReport>, StoreError> {
    let columns = ScopeColumns { province: Column::ProvinceCode, unit: None, cooperative: None };
    let stood = within(report_standing::Entity::find(), scope, columns)
        .filter(Column::Level.eq(ReportLevel::Province.name()))
        .filter(Column::Period.eq(period.to_string()))
        .filter(Column::FormVersion.eq(form))
        .filter(Column::FromAt.lte(at))
        .filter(Condition::any().add(Column::ToAt.is_null()).add(Column::ToAt.gt(at)))
        .all(db)
        .await?;
    let ids = stood.iter().map(|standing| standing.report_id);
    let rows = periodic_report::Entity::find().filter(periodic_report::Column::Id.is_in(ids)).all(db).await?;
    let mut reports: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut found = Vec::with_capacity(stood.len());
    for standing in stood {
        let Some(row) = reports.remove(&standing.report_id) else { continue };
        let report_standing::Model { state, figures, content_hash, .. } = standing;
        found.push(from_row(periodic_report::Model { state, figures, content_hash, authoritative: true, ..row })?);
    }
    Ok(found)
}
