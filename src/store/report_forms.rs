//! The forms of the periodic reports: some few, each with some dozens of indicators.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;

use super::StoreError;
use super::entity::{report_form, report_form_indicator};
use crate::domain::report::{FORM_SCHEME, FormIndicator, ReportForm};
use crate::domain::text::Text;

/// All forms, the oldest first. Two queries.
///
/// # Errors
/// The database failed, or a form asks for what the code does not know.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<ReportForm>, StoreError> {
    let forms = report_form::Entity::find().order_by_asc(report_form::Column::ValidFrom).all(db).await?;
    with_indicators(db, forms).await
}

/// A form by its version.
///
/// # Errors
/// There is none, or the database failed.
pub async fn find(db: &impl ConnectionTrait, version: &str) -> Result<ReportForm, StoreError> {
    let form = report_form::Entity::find_by_id(version.to_owned()).one(db).await?;
    with_indicators(db, vec![form.ok_or(StoreError::NotFound)?]).await?.pop().ok_or(StoreError::NotFound)
}

/// The form of the scheme for data that close on a day.
///
/// # Errors
/// There is none, or the database failed.
pub async fn of_day(db: &impl ConnectionTrait, day: NaiveDate) -> Result<ReportForm, StoreError> {
    let forms = report_form::Entity::find().filter(report_form::Column::SchemeCode.eq(FORM_SCHEME)).all(db).await?;
    ReportForm::in_force(with_indicators(db, forms).await?, day).ok_or(StoreError::NotFound)
}

async fn with_indicators(
    db: &impl ConnectionTrait,
    forms: Vec<report_form::Model>,
) -> Result<Vec<ReportForm>, StoreError> {
    use report_form_indicator::Column;
    let versions = forms.iter().map(|form| form.version.clone());
    let rows = report_form_indicator::Entity::find()
        .filter(Column::FormVersion.is_in(versions))
        .order_by_asc(Column::FormVersion)
        .order_by_asc(Column::Position)
        .all(db)
        .await?;
    let mut of: HashMap<String, Vec<FormIndicator>> = HashMap::new();
    for row in rows {
        of.entry(row.form_version.clone()).or_default().push(indicator(row)?);
    }
    Ok(forms.into_iter().map(|form| from_row(of.remove(&form.version).unwrap_or_default(), form)).collect())
}

/// The value of a wire name.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::from(name))?)
}

fn indicator(row: report_form_indicator::Model) -> Result<FormIndicator, StoreError> {
    let report_form_indicator::Model {
        form_version,
        position: _,
        code,
        label_vi,
        label_en,
        unit,
        over_units,
        over_time,
        frequency,
        source,
        levels,
        breakdown_by,
    } = row;
    let indicator = FormIndicator {
        indicator: named(&code)?,
        label: Text::new(label_vi, label_en),
        unit: named(&unit)?,
        over_units: named(&over_units)?,
        over_time: named(&over_time)?,
        frequency: named(&frequency)?,
        source: named(&source)?,
        levels: serde_json::from_str(&levels)?,
        breakdown_by: breakdown_by.as_deref().map(named).transpose()?,
    };
    if indicator.is_understood() {
        return Ok(indicator);
    }
    Err(StoreError::Malformed(format!("{code} of the form {form_version} is not computed like that")))
}

fn from_row(indicators: Vec<FormIndicator>, row: report_form::Model) -> ReportForm {
    let report_form::Model { version, scheme_code, name_vi, name_en, valid_from, valid_to, legal_basis } = row;
    let name = Text::new(name_vi, name_en);
    ReportForm { version, scheme: scheme_code, name, valid_from, valid_to, legal_basis, indicators }
}
