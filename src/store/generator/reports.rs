//! All reports that are owed, with the figures that the records give: computed for all provinces, and all localities, of a
//! period at once, and not report by report.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::super::directory::{self, Directory};
use super::super::indicators::{self, Places};
use super::super::{StoreError, Tx, obligations, report_forms, reports, territory};
use super::chance::{Chance, morning_of};
use super::{Progress, Size, insert};
use crate::domain::digest::sha256_hex;
use crate::domain::indicator::Figure;
use crate::domain::period::{Occasion, Period};
use crate::domain::report::{
    Answer, NarrativeSection, PeriodicReport, Progress as Life, ReportLevel, ReportedFigure, Reporter, SignOff,
    Submission, Timeliness, duty_of,
};
use crate::domain::role::{Caller, Role, Scope};
use crate::domain::writers::Writers;

/// What stands is noted once for all, as submissions and acceptances note it one by one.
const STANDINGS: &str = "INSERT INTO report_standings (report_id, from_at, agency_id, level, province_code, unit_code, period, \
                         form_version, state, figures, content_hash) SELECT id, answered_at, agency_id, level, \
                         province_code, unit_code, period, form_version, state, figures, content_hash FROM periodic_reports";

/// Writes the reports of all periods of the years, accepted.
pub(super) async fn write(tx: &Tx, size: Size, chance: &mut Chance, told: Progress<'_>) -> Result<(), StoreError> {
    let directory = directory::load(tx).await?;
    for year in size.years() {
        for period in [Period::FirstHalf(year), Period::SecondHalf(year), Period::Year(year)] {
            let made = of_period(tx, &directory, period, chance).await?;
            let rows = made.iter().map(reports::to_row).collect::<Result<Vec<_>, _>>()?;
            insert(tx, &format!("reports on {period}"), rows.into_iter(), told).await?;
        }
    }
    tx.execute_unprepared(STANDINGS).await?;
    Ok(())
}

async fn of_period(
    tx: &Tx,
    directory: &Directory,
    period: Period,
    chance: &mut Chance,
) -> Result<Vec<PeriodicReport>, StoreError> {
    let candidates = obligations::candidates(tx, &Scope::Country, None, period).await?;
    let Some(window) = period.decreed() else { return Ok(Vec::new()) };
    let occasion = Occasion { period, window };
    let form = report_forms::of_day(tx, window.to_date).await?;
    let merged = territory::merged_provinces(tx, window.to_date).await?;
    let places = |level| Places { level, provinces: None, merged: &merged, before: None };
    let provinces = indicators::by_place(tx, &form, places(ReportLevel::Province), occasion).await?;
    let localities = indicators::by_place(tx, &form, places(ReportLevel::Locality), occasion).await?;
    let mut made = Vec::new();
    for reporter in candidates.iter().filter_map(duty_of) {
        let figures = match reporter.level {
            ReportLevel::Province => provinces.get(&reporter.province).cloned(),
            ReportLevel::Locality => match reached(directory, &reporter, &localities, occasion) {
                Reached::Nothing => None,
                Reached::One(figures) => Some(figures.clone()),
                Reached::Several => Some(indicators::compute_within(tx, directory, &form, &reporter, occasion).await?),
            },
            ReportLevel::LineDepartment => {
                Some(indicators::compute_within(tx, directory, &form, &reporter, occasion).await?)
            }
        };
        let figures = figures.unwrap_or_else(|| indicators::of_nothing(&form, reporter.level, period));
        made.push(report(reporter, (occasion, form.version.as_str()), figures, chance));
    }
    Ok(made)
}

/// The codes with records that a locality reaches; several, also where another unit has records under one of them.
enum Reached<'a> {
    Nothing,
    One(&'a Vec<Figure>),
    Several,
}

/// What a locality has to report on: the records of its own unit and of those that it took over.
fn reached<'a>(
    directory: &Directory,
    reporter: &Reporter,
    localities: &'a BTreeMap<String, Vec<Figure>>,
    occasion: Occasion,
) -> Reached<'a> {
    let day = occasion.window.to_date;
    let agency = directory.agency(reporter.agency, day);
    let Some(Scope::Locality { unit, .. }) = agency.map(|agency| agency.scope(day)) else { return Reached::Nothing };
    // Of a code that two units bore, the records of one alone are its own.
    if unit.shared().iter().any(|shared| localities.contains_key(&shared.code)) {
        return Reached::Several;
    }
    let mut places = unit.iter().filter_map(|code| localities.get(code));
    match (places.next(), places.next()) {
        (None, _) => Reached::Nothing,
        (Some(figures), None) => Reached::One(figures),
        (Some(_), Some(_)) => Reached::Several,
    }
}

fn report(
    reporter: Reporter,
    (occasion, form): (Occasion, &str),
    figures: Vec<Figure>,
    chance: &mut Chance,
) -> PeriodicReport {
    let Occasion { period, window } = occasion;
    let signed = window.to_date + chrono::TimeDelta::days(chance.between(3, 20));
    let (at, place) = (morning_of(signed), reporter.unit.clone());
    let writer = Caller {
        issuer: "generator".to_owned(),
        subject: format!("{}@{place}", reporter.level.name()),
        role: Role::Administrator,
        agency: Some(reporter.agency),
        predecessors: Vec::new(),
        unit: Some(place),
        scope: Scope::Country,
    };
    let submission = Submission {
        sign_off: SignOff {
            document_number: format!("{}/BC (dữ liệu mẫu)", chance.between(1, 999)),
            document_date: signed,
            signatory: "Thủ trưởng đơn vị (dữ liệu mẫu)".to_owned(),
        },
        by: writer.subject.clone(),
        at,
        timeliness: Timeliness::NoDeadline,
    };
    let answered = at + chrono::TimeDelta::days(chance.between(1, 5));
    let answer = Answer { by: "receiver".to_owned(), at: answered, comment: None };
    let narrative = vec![NarrativeSection {
        code: "results".to_owned(),
        text: "Kết quả thực hiện (dữ liệu mẫu).".to_owned(),
    }];
    let mut report = PeriodicReport {
        id: chance.id(),
        version: 3,
        reporter,
        period,
        window,
        form: form.to_owned(),
        revision: 1,
        restates: None,
        next: None,
        figures: figures.into_iter().map(|computed| ReportedFigure { computed, replacement: None }).collect(),
        narrative,
        sources: Vec::new(),
        computed_at: at,
        progress: Life::Accepted(submission, answer),
        authoritative: true,
        content_hash: String::new(),
        signature: None,
        sign_off_signature: None,
        receipt: None,
        created_by: writer.subject.clone(),
        writers: Writers::first(&writer),
        recorded_at: at,
        updated_at: answered,
    };
    report.content_hash = sha256_hex(&report.canonical());
    report
}
