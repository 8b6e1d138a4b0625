//! The forms of the periodic reports: some few, each with some dozens of indicators.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select, Statement,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::entity::report_form::{self, Column};
use super::entity::report_form_indicator;
use super::versioned::{self, Versioned};
use crate::domain::indicator::{Definition, Indicator, IndicatorSource};
use crate::domain::period::Period;
use crate::domain::report::{FORM_SCHEME, FormIndicator, KeptForm, ReportBefore, ReportForm, ReportFormState};
use crate::domain::text::Text;

/// All forms and drafts, the oldest first. Two queries.
///
/// # Errors
/// The database failed, or a form asks for what the code does not know.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<KeptForm>, StoreError> {
    let forms = report_form::Entity::find().order_by_asc(Column::ValidFrom).all(db).await?;
    with_indicators(db, forms).await
}

/// A form by its version, with where it is in its life.
///
/// # Errors
/// There is none, or the database failed.
pub async fn kept(db: &impl ConnectionTrait, version: &str) -> Result<KeptForm, StoreError> {
    let form = report_form::Entity::find_by_id(version.to_owned()).one(db).await?;
    with_indicators(db, vec![form.ok_or(StoreError::NotFound)?]).await?.pop().ok_or(StoreError::NotFound)
}

/// A form by its version.
///
/// # Errors
/// There is none, or the database failed.
pub async fn find(db: &impl ConnectionTrait, version: &str) -> Result<ReportForm, StoreError> {
    Ok(kept(db, version).await?.form)
}

fn in_force() -> Select<report_form::Entity> {
    let active = Column::State.eq(ReportFormState::Active.name());
    report_form::Entity::find().filter(Column::SchemeCode.eq(FORM_SCHEME)).filter(active)
}

/// The form of the scheme for data that close on a day.
///
/// # Errors
/// There is none, or the database failed.
pub async fn of_day(db: &impl ConnectionTrait, day: NaiveDate) -> Result<ReportForm, StoreError> {
    of_day_at(db, day, None).await
}

/// The same, as the forms were at an instant.
///
/// # Errors
/// There is none, or the database failed.
pub async fn of_day_at(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    at: Option<DateTime<Utc>>,
) -> Result<ReportForm, StoreError> {
    let forms = with_indicators(db, in_force().all(db).await?).await?.into_iter();
    let known = |kept: KeptForm| match at {
        Some(at) => kept.as_of(at).map(|kept| kept.form),
        None => Some(kept.form),
    };
    ReportForm::in_force(forms.filter_map(known).collect(), day).ok_or(StoreError::NotFound)
}

/// The forms in force, locked until the transaction ends: only one is put in force at a time.
///
/// # Errors
/// The database failed.
pub async fn lock_in_force(db: &impl ConnectionTrait) -> Result<Vec<KeptForm>, StoreError> {
    let forms = in_force().order_by_asc(Column::ValidFrom).lock_exclusive().all(db).await?;
    with_indicators(db, forms).await
}

#[derive(Debug, FromQueryResult)]
struct BeforeRow {
    period: String,
    form_version: String,
    window_to: Option<NaiveDate>,
}

/// A report with another form than one, on data that close on a day or later.
///
/// # Errors
/// The database failed.
pub async fn report_before(
    db: &impl ConnectionTrait,
    version: &str,
    from: NaiveDate,
) -> Result<Option<ReportBefore>, StoreError> {
    let sql = "SELECT DISTINCT period, form_version, window_to FROM periodic_reports \
               WHERE form_version <> $1 AND (window_to >= $2 OR window_to IS NULL)";
    let values = [version.into(), from.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    for BeforeRow { period, form_version, window_to } in BeforeRow::find_by_statement(statement).all(db).await? {
        let malformed = || StoreError::Malformed(format!("period {period}"));
        let period: Period = period.parse().map_err(|_| malformed())?;
        // Before windows were kept with reports they were those of the decree.
        let closes = window_to.or_else(|| period.decreed().map(|window| window.to_date));
        if closes.is_some_and(|closes| closes >= from) {
            return Ok(Some(ReportBefore { period, form: form_version }));
        }
    }
    Ok(None)
}

/// Records a draft.
///
/// # Errors
/// A form of its version, or one that begins on its day, is there; or the database failed.
pub async fn insert(db: &impl ConnectionTrait, kept: &KeptForm) -> Result<(), StoreError> {
    report_form::Entity::insert(to_row(kept)?).exec_without_returning(db).await?;
    insert_indicators(db, &kept.form).await
}

/// Replaces a form by its next version, indicators and all.
///
/// # Errors
/// It changed since it was read (`Stale`), another begins on its day, or the database failed.
pub async fn update(db: &impl ConnectionTrait, kept: &KeptForm) -> Result<(), StoreError> {
    let row = Versioned { row: to_row(kept)?, id: kept.id, version: kept.version };
    row.update(db, Column::Id, Column::RowVersion).await?;
    delete_indicators(db, kept).await?;
    insert_indicators(db, &kept.form).await
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, kept: &KeptForm) -> Result<(), StoreError> {
    delete_indicators(db, kept).await?;
    let (id, version) = ((Column::Id, kept.id), (Column::RowVersion, kept.version));
    versioned::delete::<report_form::Entity>(db, id, version).await
}

async fn delete_indicators(db: &impl ConnectionTrait, kept: &KeptForm) -> Result<(), StoreError> {
    let of_form = report_form_indicator::Column::FormVersion.eq(&kept.form.version);
    report_form_indicator::Entity::delete_many().filter(of_form).exec(db).await?;
    Ok(())
}

async fn insert_indicators(db: &impl ConnectionTrait, form: &ReportForm) -> Result<(), StoreError> {
    let rows =
        (1..).zip(&form.indicators).map(|(position, indicator)| indicator_row(&form.version, position, indicator));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    report_form_indicator::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

async fn with_indicators(
    db: &impl ConnectionTrait,
    forms: Vec<report_form::Model>,
) -> Result<Vec<KeptForm>, StoreError> {
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
    forms.into_iter().map(|form| from_row(of.remove(&form.version).unwrap_or_default(), form)).collect()
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
    let (unit, over_units, over_time) = (named(&unit)?, named(&over_units)?, named(&over_time)?);
    let (label, source) = (Text::new(label_vi, label_en), named(&source)?);
    let known = match Indicator::from_code(&code) {
        Some(known) => known,
        None if source == IndicatorSource::Entered => {
            let definition = Definition { code: code.clone(), label: label.clone(), unit, over_units, over_time };
            Indicator::Defined(definition.into())
        }
        None => return Err(StoreError::Malformed(format!("{code} of the form {form_version} has no formula"))),
    };
    let indicator = FormIndicator {
        indicator: known,
        label,
        unit,
        over_units,
        over_time,
        frequency: named(&frequency)?,
        source,
        further_by: FormIndicator::known(known).further_by,
        levels: serde_json::from_str(&levels)?,
        breakdown_by: breakdown_by.as_deref().map(named).transpose()?,
    };
    if indicator.is_understood() {
        return Ok(indicator);
    }
    Err(StoreError::Malformed(format!("{code} of the form {form_version} is not computed like that")))
}

/// The wire name of a value.
fn name_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        other => Err(StoreError::Malformed(format!("{other} is no name"))),
    }
}

fn indicator_row(
    form: &str,
    position: i32,
    indicator: &FormIndicator,
) -> Result<report_form_indicator::ActiveModel, StoreError> {
    let FormIndicator {
        indicator, label, unit, over_units, over_time, frequency, source, levels, breakdown_by, ..
    } = indicator;
    Ok(report_form_indicator::ActiveModel {
        form_version: Set(form.to_owned()),
        position: Set(position),
        code: Set(indicator.code().to_owned()),
        label_vi: Set(label.vi.clone()),
        label_en: Set(label.en.clone()),
        unit: Set(name_of(unit)?),
        over_units: Set(name_of(over_units)?),
        over_time: Set(name_of(over_time)?),
        frequency: Set(name_of(frequency)?),
        source: Set(name_of(source)?),
        levels: Set(serde_json::to_string(levels)?),
        breakdown_by: Set(breakdown_by.as_ref().map(name_of).transpose()?),
    })
}

fn from_row(indicators: Vec<FormIndicator>, row: report_form::Model) -> Result<KeptForm, StoreError> {
    let report_form::Model {
        version,
        scheme_code,
        name_vi,
        name_en,
        valid_from,
        valid_to,
        legal_basis,
        id,
        row_version,
        state,
        first_period,
        writers,
        recorded_at,
        updated_at,
        activated_at,
        ended_at,
    } = row;
    let malformed = |what: &str, value: &str| StoreError::Malformed(format!("{what} {value} of the form {version}"));
    let first_period = first_period.map(|period| period.parse().map_err(|_| malformed("first period", &period)));
    let state = ReportFormState::from_name(&state).ok_or_else(|| malformed("state", &state))?;
    let (first_period, name) = (first_period.transpose()?, Text::new(name_vi, name_en));
    let form = ReportForm { version, scheme: scheme_code, name, valid_from, valid_to, legal_basis, indicators };
    let writers = serde_json::from_str(&writers)?;
    Ok(KeptForm {
        id,
        version: row_version,
        form,
        first_period,
        state,
        writers,
        recorded_at,
        updated_at,
        activated_at,
        ended_at,
    })
}

fn to_row(kept: &KeptForm) -> Result<report_form::ActiveModel, StoreError> {
    let KeptForm {
        id,
        version: row_version,
        form,
        first_period,
        state,
        writers,
        recorded_at,
        updated_at,
        activated_at,
        ended_at,
    } = kept;
    let ReportForm { version, scheme, name, valid_from, valid_to, legal_basis, indicators: _ } = form;
    Ok(report_form::ActiveModel {
        version: Set(version.clone()),
        scheme_code: Set(scheme.clone()),
        name_vi: Set(name.vi.clone()),
        name_en: Set(name.en.clone()),
        valid_from: Set(*valid_from),
        valid_to: Set(*valid_to),
        legal_basis: Set(legal_basis.clone()),
        id: Set(*id),
        row_version: Set(*row_version),
        state: Set(state.name().to_owned()),
        first_period: Set(first_period.map(|period| period.to_string())),
        writers: Set(serde_json::to_string(writers)?),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
        activated_at: Set(*activated_at),
        ended_at: Set(*ended_at),
    })
}
