//! Periodic reports, one row a revision.

mod standings;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::periodic_report::{self, Column};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{ScopeColumns, within};
use super::versioned::{self, Versioned};
use super::{StoreError, indicators, provincial_plans, territory};
use crate::domain::indicator::Figure;
use crate::domain::period::{DataWindow, Occasion, Period};
use crate::domain::report::{
    Answer, Drawn, FORM_SCHEME, NarrativeSection, PeriodicReport, Progress, Receipt, ReportForm, ReportLevel,
    ReportState, Reporter, Restatement, SignOff, Submission, Timeliness,
};
use crate::domain::role::{Caller, Scope};

/// What a list of reports can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The period.
    pub period: Option<Period>,
    /// The reporting agency.
    pub agency: Option<Uuid>,
    /// Whose report it is.
    pub level: Option<ReportLevel>,
    /// The territory.
    pub place: PlaceFilter,
    /// Where it stands.
    pub state: Option<ReportState>,
    /// Whether it is the revision that stands.
    pub authoritative: Option<bool>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
}

/// What a caller sees: reports of its reach, drafts only of its own agency.
fn visible(caller: &Caller) -> Select<periodic_report::Entity> {
    let sent = Condition::any()
        .add(Column::State.ne(ReportState::Draft.name()))
        .add(Column::AgencyId.is_in(caller.agencies()));
    scoped(&caller.scope).filter(sent)
}

const SCOPE: ScopeColumns<Column> =
    ScopeColumns { province: Column::ProvinceCode, unit: Some(Column::UnitCode), cooperative: None };

fn scoped(scope: &Scope) -> Select<periodic_report::Entity> {
    within(periodic_report::Entity::find(), scope, SCOPE)
}

/// A report that the caller sees.
///
/// # Errors
/// Not there, outside the scope, or a draft of another agency.
pub async fn find(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<PeriodicReport, StoreError> {
    let row = visible(caller).filter(Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The reports that the caller sees and that pass a filter.
pub fn list(caller: &Caller, filter: &Filter) -> impl Listing<Item = PeriodicReport> + use<> {
    let Filter { period, agency, level, place, state, authoritative, updated_since } = filter;
    let conditions = Condition::all()
        .add_option(period.map(|period| Column::Period.eq(period.to_string())))
        .add_option(agency.map(|agency| Column::AgencyId.eq(agency)))
        .add_option(level.map(|level| Column::Level.eq(level.name())))
        .add(place.condition(SCOPE, Placed::On(Column::WindowTo)))
        .add_option(state.map(|state| Column::State.eq(state.name())))
        .add_option(authoritative.map(|authoritative| Column::Authoritative.eq(authoritative)))
        .add_option(updated_since.map(|since| Column::UpdatedAt.gte(since)));
    let select = visible(caller).filter(conditions);
    Keyset::by_id(select, Column::Id, from_row, |report: &PeriodicReport| report.id)
}

/// The revision that stands for what a reporter reports on, for a period and a form, if one does: it may be of an agency that
/// reported for the unit before.
///
/// # Errors
/// The database failed.
pub async fn standing(
    db: &impl ConnectionTrait,
    reporter: &Reporter,
    (period, form): (Period, &str),
) -> Result<Option<PeriodicReport>, StoreError> {
    let Reporter { agency, level, province, unit } = reporter;
    let department = (*level == ReportLevel::LineDepartment).then_some(*agency);
    let of_unit = Condition::all()
        .add(Column::Level.eq(level.name()))
        .add(Column::ProvinceCode.eq(province))
        .add(Column::UnitCode.eq(unit))
        .add_option(department.map(|agency| Column::AgencyId.eq(agency)));
    let row = periodic_report::Entity::find()
        .filter(of_unit)
        .filter(Column::Period.eq(period.to_string()))
        .filter(Column::FormVersion.eq(form))
        .filter(Column::Authoritative.eq(true))
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// The provinces' reports that stand for a period and a form, in the caller's reach: what an aggregate is made from.
///
/// # Errors
/// The database failed.
pub async fn of_provinces(
    db: &impl ConnectionTrait,
    scope: &Scope,
    (period, form): (Period, &str),
) -> Result<Vec<PeriodicReport>, StoreError> {
    let rows = scoped(scope)
        .filter(Column::Level.eq(ReportLevel::Province.name()))
        .filter(Column::Period.eq(period.to_string()))
        .filter(Column::FormVersion.eq(form))
        .filter(Column::Authoritative.eq(true))
        .order_by_asc(Column::ProvinceCode)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The same as they stood at an instant, with what they said then.
///
/// # Errors
/// The database failed.
pub async fn of_provinces_at(
    db: &impl ConnectionTrait,
    scope: &Scope,
    of: (Period, &str),
    at: DateTime<Utc>,
) -> Result<Vec<PeriodicReport>, StoreError> {
    standings::of_provinces_at(db, scope, of, at).await
}

/// The figures of a report from the records as they stand now, and, for a province, from the reports that stand accepted
/// below it.
///
/// # Errors
/// The database failed.
pub async fn drawn(
    db: &impl ConnectionTrait,
    form: &ReportForm,
    reporter: &Reporter,
    occasion: Occasion,
) -> Result<Drawn, StoreError> {
    let figures = indicators::compute(db, form, reporter, occasion).await?;
    if reporter.level != ReportLevel::Province {
        return Ok(figures.into());
    }
    let mut provinces = territory::merged_into(db, &reporter.province, occasion.window.to_date).await?;
    provinces.push(reporter.province.clone());
    let below = [ReportLevel::Locality, ReportLevel::LineDepartment].map(ReportLevel::name);
    let rows = periodic_report::Entity::find()
        .filter(Column::ProvinceCode.is_in(provinces))
        .filter(Column::Level.is_in(below))
        .filter(Column::Period.eq(occasion.period.to_string()))
        .filter(Column::FormVersion.eq(&form.version))
        .filter(Column::State.eq(ReportState::Accepted.name()))
        .filter(Column::Authoritative.eq(true))
        .order_by_asc(Column::UnitCode)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let below = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Drawn::with(figures, &below))
}

/// The lead agency of the province's plan, which receives what localities and departments report.
///
/// # Errors
/// The database failed.
pub async fn lead_agency(db: &impl ConnectionTrait, report: &PeriodicReport) -> Result<Option<Uuid>, StoreError> {
    let closed_on = report.window.to_date;
    provincial_plans::lead_agency_on(db, &report.reporter.province, FORM_SCHEME, closed_on).await
}

/// Records a report.
///
/// # Errors
/// The agency has one of that period, form and revision, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, report: &PeriodicReport) -> Result<(), StoreError> {
    versioned(report)?.insert(db).await
}

/// Replaces a report by its next version.
///
/// # Errors
/// It changed since it was read (`Stale`), another revision stands, or the database failed.
pub async fn update(db: &impl ConnectionTrait, report: &PeriodicReport) -> Result<(), StoreError> {
    versioned(report)?.update(db, Column::Id, Column::Version).await?;
    standings::note(db, report).await
}

/// Deletes a report as it was read.
///
/// # Errors
/// It changed since (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, report: &PeriodicReport) -> Result<(), StoreError> {
    let (id, version) = ((Column::Id, report.id), (Column::Version, report.version));
    versioned::delete::<periodic_report::Entity>(db, id, version).await
}

fn versioned(report: &PeriodicReport) -> Result<Versioned<periodic_report::ActiveModel>, StoreError> {
    Ok(Versioned { row: to_row(report)?, id: report.id, version: report.version })
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn missing(what: &str) -> impl Fn() -> StoreError {
    move || StoreError::Malformed(format!("a report without {what}"))
}

fn from_row(row: periodic_report::Model) -> Result<PeriodicReport, StoreError> {
    let progress = progress_of(&row)?;
    let restates = restatement_of(&row)?;
    let periodic_report::Model {
        id,
        version,
        agency_id,
        level,
        province_code,
        unit_code,
        period,
        form_version,
        revision,
        restates_id: _,
        next_id,
        revision_reason: _,
        baseline: _,
        figures,
        narrative,
        sources,
        computed_at,
        content_hash,
        signature,
        sign_off_signature,
        received_by,
        received_at,
        receipt_number,
        window_from,
        window_to,
        state: _,
        authoritative,
        document_number: _,
        document_date: _,
        signatory: _,
        submitted_by: _,
        submitted_at: _,
        timeliness: _,
        answered_by: _,
        answered_at: _,
        answer_comment: _,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let level = ReportLevel::from_name(&level).ok_or_else(|| malformed("level", &level))?;
    let of_period: Period = period.parse().map_err(|_| malformed("period", &period))?;
    let stated = window_from.zip(window_to).map(|(from_date, to_date)| DataWindow { from_date, to_date });
    // Reports from before windows were kept have that of the decree.
    let window = stated.or_else(|| of_period.decreed()).ok_or_else(|| malformed("window of", &period))?;
    Ok(PeriodicReport {
        id,
        version,
        reporter: Reporter { agency: agency_id, level, province: province_code, unit: unit_code },
        period: of_period,
        window,
        form: form_version,
        revision: u16::try_from(revision).map_err(|_| malformed("revision", &revision.to_string()))?,
        restates,
        next: next_id,
        figures: serde_json::from_str(&figures)?,
        narrative: serde_json::from_str(&narrative)?,
        sources: serde_json::from_str(&sources)?,
        computed_at,
        progress,
        authoritative,
        content_hash,
        signature,
        sign_off_signature,
        receipt: received_by.zip(received_at).map(|(by, at)| Receipt { by, at, number: receipt_number }),
        created_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

/// What a revision restates, as it is kept: at first the figures alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Baseline {
    Figures(Vec<Figure>),
    Content { figures: Vec<Figure>, narrative: Vec<NarrativeSection> },
}

impl From<&Restatement> for Baseline {
    fn from(restated: &Restatement) -> Self {
        let figures = restated.baseline.clone();
        match &restated.narrative {
            Some(narrative) => Self::Content { figures, narrative: narrative.clone() },
            None => Self::Figures(figures),
        }
    }
}

fn restatement_of(row: &periodic_report::Model) -> Result<Option<Restatement>, StoreError> {
    let Some(report) = row.restates_id else { return Ok(None) };
    let reason = row.revision_reason.clone().ok_or_else(missing("the reason of its revision"))?;
    let baseline = row.baseline.as_deref().ok_or_else(missing("what it restates"))?;
    let (baseline, narrative) = match serde_json::from_str(baseline)? {
        Baseline::Figures(figures) => (figures, None),
        Baseline::Content { figures, narrative } => (figures, Some(narrative)),
    };
    Ok(Some(Restatement { report, reason, baseline, narrative }))
}

fn progress_of(row: &periodic_report::Model) -> Result<Progress, StoreError> {
    let submission = || -> Result<Submission, StoreError> {
        let timeliness = row.timeliness.as_deref().ok_or_else(missing("timeliness"))?;
        Ok(Submission {
            sign_off: SignOff {
                document_number: row.document_number.clone().ok_or_else(missing("a document number"))?,
                document_date: row.document_date.ok_or_else(missing("a document date"))?,
                signatory: row.signatory.clone().ok_or_else(missing("a signatory"))?,
            },
            by: row.submitted_by.clone().ok_or_else(missing("a submitter"))?,
            at: row.submitted_at.ok_or_else(missing("the time of its submission"))?,
            timeliness: Timeliness::from_name(timeliness).ok_or_else(|| malformed("timeliness", timeliness))?,
        })
    };
    let answer = || -> Result<Answer, StoreError> {
        Ok(Answer {
            by: row.answered_by.clone().ok_or_else(missing("who answered"))?,
            at: row.answered_at.ok_or_else(missing("the time of its answer"))?,
            comment: row.answer_comment.clone(),
        })
    };
    match ReportState::from_name(&row.state).ok_or_else(|| malformed("state", &row.state))? {
        ReportState::Draft => Ok(Progress::Draft),
        ReportState::Submitted => Ok(Progress::Submitted(submission()?)),
        ReportState::Returned => Ok(Progress::Returned(submission()?, answer()?)),
        ReportState::Accepted => Ok(Progress::Accepted(submission()?, answer()?)),
    }
}

pub(super) fn to_row(report: &PeriodicReport) -> Result<periodic_report::ActiveModel, StoreError> {
    let PeriodicReport {
        id,
        version,
        reporter: Reporter { agency, level, province, unit },
        period,
        window,
        form,
        revision,
        restates,
        next,
        figures,
        narrative,
        sources,
        computed_at,
        progress,
        authoritative,
        content_hash,
        signature,
        sign_off_signature,
        receipt,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = report;
    let submission = progress.submission();
    let sign_off = submission.map(|submission| &submission.sign_off);
    let answer = progress.answer();
    let baseline = restates.as_ref().map(|restated| serde_json::to_string(&Baseline::from(restated))).transpose()?;
    Ok(periodic_report::ActiveModel {
        id: Set(*id),
        version: Set(*version),
        agency_id: Set(*agency),
        level: Set(level.name().to_owned()),
        province_code: Set(province.clone()),
        unit_code: Set(unit.clone()),
        period: Set(period.to_string()),
        window_from: Set(Some(window.from_date)),
        window_to: Set(Some(window.to_date)),
        form_version: Set(form.clone()),
        revision: Set(i32::from(*revision)),
        restates_id: Set(restates.as_ref().map(|restated| restated.report)),
        next_id: Set(*next),
        revision_reason: Set(restates.as_ref().map(|restated| restated.reason.clone())),
        baseline: Set(baseline),
        figures: Set(serde_json::to_string(figures)?),
        narrative: Set(serde_json::to_string(narrative)?),
        sources: Set(serde_json::to_string(sources)?),
        computed_at: Set(*computed_at),
        content_hash: Set(content_hash.clone()),
        signature: Set(signature.clone()),
        sign_off_signature: Set(sign_off_signature.clone()),
        received_by: Set(receipt.as_ref().map(|receipt| receipt.by.clone())),
        received_at: Set(receipt.as_ref().map(|receipt| receipt.at)),
        receipt_number: Set(receipt.as_ref().and_then(|receipt| receipt.number.clone())),
        state: Set(progress.state().name().to_owned()),
        authoritative: Set(*authoritative),
        document_number: Set(sign_off.map(|signed| signed.document_number.clone())),
        document_date: Set(sign_off.map(|signed| signed.document_date)),
        signatory: Set(sign_off.map(|signed| signed.signatory.clone())),
        submitted_by: Set(submission.map(|submission| submission.by.clone())),
        submitted_at: Set(submission.map(|submission| submission.at)),
        timeliness: Set(submission.map(|submission| submission.timeliness.name().to_owned())),
        answered_by: Set(answer.map(|answer| answer.by.clone())),
        answered_at: Set(answer.map(|answer| answer.at)),
        answer_comment: Set(answer.and_then(|answer| answer.comment.clone())),
        created_by: Set(created_by.clone()),
        writers: Set(serde_json::to_string(writers)?),
        recorded_at: Set(*recorded_at),
        updated_at: Set(*updated_at),
    })
}
