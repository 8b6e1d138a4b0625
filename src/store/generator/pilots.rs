//! Plans of the provinces, selection decisions, pilots and their improvement plans.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::super::entity::{
    application, criteria_set, decision_application, evaluation, improvement_plan, pilot, plan_measure,
    selection_decision,
};
use super::super::{StoreError, Tx, improvement_plans};
use super::chance::{Chance, day_of, morning_of};
use super::cooperatives::{Made, evaluation_row};
use super::country::{Country, Province, selection};
use super::{Progress, insert};
use crate::domain::improvement::{ImprovementContent, Measure, MeasureArea, PlannedCriterion};
use crate::domain::report::FORM_SCHEME;
use crate::domain::score::Points;

/// The most pilots of a province (167/QĐ-TTg).
const QUOTA: usize = 5;
const MODELS: [&str; 12] = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "N1", "N2", "N3", "N4"];
/// The criteria that the plans improve.
const IMPROVED: [u8; 3] = [7, 9, 13];

/// A pilot, as far as what follows needs it.
#[derive(Debug)]
pub(super) struct MadePilot {
    pub(super) id: Uuid,
    /// Where its province stands in the country.
    pub(super) province: usize,
}

/// The rows of everything that pilots bring with them.
#[derive(Default)]
struct Rows {
    decisions: Vec<selection_decision::ActiveModel>,
    applications: Vec<application::ActiveModel>,
    choices: Vec<decision_application::ActiveModel>,
    pilots: Vec<pilot::ActiveModel>,
    evaluations: Vec<evaluation::ActiveModel>,
    plans: Vec<improvement_plan::ActiveModel>,
    measures: Vec<plan_measure::ActiveModel>,
}

/// Writes for each province a decision on its first cooperatives, at most five, and what follows from it.
pub(super) async fn write(
    tx: &Tx,
    country: &Country,
    cooperatives: &[Made],
    chance: &mut Chance,
    told: Progress<'_>,
) -> Result<Vec<MadePilot>, StoreError> {
    let criteria = criteria_set::Entity::find().filter(criteria_set::Column::Code.eq("TT01-2020")).one(tx).await?;
    let criteria = criteria.ok_or(StoreError::NotFound)?.id;
    let mut chosen: Vec<Vec<&Made>> = country.provinces.iter().map(|_| Vec::new()).collect();
    for made in cooperatives {
        if let Some(list) = chosen.get_mut(made.province).filter(|list| list.len() < QUOTA) {
            list.push(made);
        }
    }
    let (mut rows, mut made) = (Rows::default(), Vec::new());
    for (province, (place, list)) in country.provinces.iter().zip(&chosen).enumerate() {
        if list.is_empty() {
            continue;
        }
        let decision = chance.id();
        rows.decisions.push(decision_row(decision, place));
        for (position, cooperative) in (0..).zip(list) {
            let pilot = rows.pilot(place, (decision, position), cooperative, chance);
            rows.plan(country, pilot, cooperative, criteria, chance)?;
            made.push(MadePilot { id: pilot, province });
        }
    }
    insert(tx, "selection decisions", rows.decisions.into_iter(), told).await?;
    insert(tx, "applications", rows.applications.into_iter(), told).await?;
    insert(tx, "decided applications", rows.choices.into_iter(), told).await?;
    insert(tx, "pilots", rows.pilots.into_iter(), told).await?;
    insert(tx, "evaluations of pilots on 2020", rows.evaluations.into_iter(), told).await?;
    insert(tx, "improvement plans", rows.plans.into_iter(), told).await?;
    insert(tx, "measures", rows.measures.into_iter(), told).await?;
    Ok(made)
}

fn decision_row(id: Uuid, place: &Province) -> selection_decision::ActiveModel {
    let date = selection();
    selection_decision::ActiveModel {
        id: Set(id),
        version: Set(2),
        province_code: Set(place.code.clone()),
        scheme_code: Set(FORM_SCHEME.to_owned()),
        number: Set("2128/QĐ-UBND".to_owned()),
        date: Set(date),
        year: Set(2021),
        effective_date: Set(date),
        signatory: Set(format!("Chủ tịch UBND {} (dữ liệu mẫu)", place.name)),
        issuer: Set("chairperson".to_owned()),
        proposal_number: Set("1996/SKHĐT-DN".to_owned()),
        proposal_date: Set(day_of(2021, 8, 30)),
        list: Set("scheme".to_owned()),
        late: Set(false),
        state: Set("approved".to_owned()),
        approved_by: Set(Some(format!("peoples-committee@{}", place.code))),
        revocation_number: Set(None),
        revocation_date: Set(None),
        revocation_reason: Set(None),
        created_by: Set(format!("lead-agency@{}", place.code)),
        writers: Set(json!([format!("lead-agency@{}", place.code)]).to_string()),
        recorded_at: Set(morning_of(date)),
        updated_at: Set(morning_of(date)),
    }
}

impl Rows {
    /// The application of a cooperative, selected, and its pilot, whose id it gives.
    fn pilot(&mut self, place: &Province, (decision, position): (Uuid, i32), made: &Made, chance: &mut Chance) -> Uuid {
        let (application, pilot) = (chance.id(), chance.id());
        let model = chance.one(&MODELS).copied().unwrap_or("A1").to_owned();
        let (by, at) = (format!("cooperative@{}", made.tax_code), morning_of(day_of(2021, 6, 15)));
        let dossier = |code: &str| json!({"code": code, "document": {"title": "Hồ sơ (dữ liệu mẫu)"}});
        self.applications.push(application::ActiveModel {
            id: Set(application),
            version: Set(3),
            cooperative_id: Set(made.id),
            province_code: Set(place.code.clone()),
            unit_code: Set(made.unit.clone()),
            scheme_code: Set(FORM_SCHEME.to_owned()),
            model: Set(model.clone()),
            dossier: Set(json!([dossier("evaluation_2020"), dossier("registration_form")]).to_string()),
            priority_claims: Set("[]".to_owned()),
            attestations: Set("[]".to_owned()),
            state: Set("selected".to_owned()),
            submitted_on: Set(Some(day_of(2021, 6, 15))),
            returned_on: Set(None),
            withdrawn_on: Set(None),
            decision_id: Set(Some(decision)),
            closed_on: Set(None),
            claim_reviews: Set("[]".to_owned()),
            writers: Set("[]".to_owned()),
            created_by: Set(by),
            recorded_at: Set(at),
            updated_at: Set(morning_of(selection())),
        });
        self.choices.push(decision_application::ActiveModel {
            decision_id: Set(decision),
            application_id: Set(application),
            position: Set(position),
            cooperative_id: Set(made.id),
            responsible_department: Set(place.department),
            content_hash: Set(None),
            amendment_id: Set(None),
        });
        self.pilots.push(pilot::ActiveModel {
            id: Set(pilot),
            version: Set(1),
            cooperative_id: Set(made.id),
            province_code: Set(place.code.clone()),
            unit_code: Set(made.unit.clone()),
            scheme_code: Set(FORM_SCHEME.to_owned()),
            application_id: Set(application),
            decision_id: Set(decision),
            model: Set(model),
            list: Set("scheme".to_owned()),
            responsible_department: Set(place.department),
            selected_on: Set(selection()),
            state: Set("active".to_owned()),
            completed_on: Set(None),
            completion_reason: Set(None),
            evaluation_id: Set(None),
            ended_on: Set(None),
            stopped_on: Set(None),
            stop_cause: Set(None),
            stop_reason: Set(None),
            assessors: Set(None),
            exit_verdicts: Set(None),
            created_by: Set(format!("peoples-committee@{}", place.code)),
            recorded_at: Set(morning_of(selection())),
            updated_at: Set(morning_of(selection())),
        });
        pilot
    }

    /// The evaluation of 2020 that a plan starts from, and the approved plan with its measures.
    fn plan(
        &mut self,
        country: &Country,
        pilot: Uuid,
        made: &Made,
        criteria: Uuid,
        chance: &mut Chance,
    ) -> Result<(), StoreError> {
        let (baseline, points) = evaluation_row(made, country, (2020, criteria), chance)?;
        let planned: Vec<PlannedCriterion> = (1..=15_u8).map(|number| planned(number, &points)).collect();
        let text = serde_json::to_string(&planned)?;
        let (decided, plan) = (day_of(2021, 11, 5), chance.id());
        let due = [(MeasureArea::Governance, day_of(2022, 6, 30)), (MeasureArea::Accounting, day_of(2023, 9, 30))];
        let measures = (1..).zip(due).map(|(number, due)| measure(number, due, chance)).collect();
        let baseline_evaluation = baseline.id.clone().take().unwrap_or_default();
        let content = ImprovementContent { baseline_evaluation, criteria: planned, measures };
        let hash = content.hash(pilot, 1);
        let at = morning_of(decided);
        let by = format!("cooperative@{}", made.tax_code);
        let province = country.provinces.get(made.province).map(|place| place.code.clone()).unwrap_or_default();
        let signature = json!({
            "signer": "Người đại diện theo pháp luật (dữ liệu mẫu)", "signed_on": "2021-10-20",
            "document": {"title": "Kế hoạch hoàn thiện HTX thí điểm (dữ liệu mẫu)", "sha256": hash},
            "recipients": ["lead_agency", "line_department", "cooperative_alliance", "locality"],
            "content_hash": hash, "submitted_by": by, "submitted_at": at, "receipts": [], "consolidated": null,
        });
        let approval = json!({
            "decision_number": "2500/QĐ-UBND (dữ liệu mẫu)", "decision_date": decided,
            "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)", "document": null, "content_hash": hash,
            "approved_by": format!("peoples-committee@{province}"), "approved_at": at,
        });
        self.plans.push(improvement_plan::ActiveModel {
            id: Set(plan),
            version: Set(3),
            pilot_id: Set(pilot),
            cooperative_id: Set(made.id),
            province_code: Set(province),
            unit_code: Set(made.unit.clone()),
            revision: Set(1),
            previous_id: Set(None),
            revision_reason: Set(None),
            next_id: Set(None),
            baseline_evaluation_id: Set(baseline_evaluation),
            criteria: Set(text),
            criteria_to_improve: Set(i32::try_from(IMPROVED.len()).unwrap_or_default()),
            opinions: Set("[]".to_owned()),
            state: Set("approved".to_owned()),
            return_comment: Set(None),
            signature: Set(Some(signature.to_string())),
            approval: Set(Some(approval.to_string())),
            decision_date: Set(Some(decided)),
            created_by: Set(by.clone()),
            writers: Set(json!([by]).to_string()),
            recorded_at: Set(at),
            updated_at: Set(at),
        });
        self.evaluations.push(baseline);
        for measure in &content.measures {
            self.measures.push(improvement_plans::measure_to_row(plan, measure)?);
        }
        Ok(())
    }
}

/// A criterion of a plan: three are to be improved, each by at most a point.
fn planned(number: u8, points: &[(&'static str, i64)]) -> PlannedCriterion {
    let of = |leaf: &str| leaf.trim_end_matches(|letter: char| letter.is_ascii_lowercase()).parse() == Ok(number);
    let baseline: i64 = points.iter().filter(|(leaf, _)| of(leaf)).map(|(_, hundredths)| hundredths).sum();
    let most = match number {
        7 => 600,
        9 => 400,
        _ => 500,
    };
    let target = IMPROVED.contains(&number).then(|| Points::hundredths((baseline + 100).min(most).max(baseline)));
    PlannedCriterion { criterion: number, baseline: Points::hundredths(baseline), target, yearly_targets: Vec::new() }
}

/// A measure of a plan: seven of ten are done in time.
fn measure(number: u32, (area, due_date): (MeasureArea, NaiveDate), chance: &mut Chance) -> Measure {
    Measure {
        number,
        title: "Giải pháp (dữ liệu mẫu)".to_owned(),
        area,
        start_date: None,
        due_date,
        responsible: "Hội đồng quản trị".to_owned(),
        responsible_agency: None,
        criteria: vec![7],
        begun_on: None,
        done_on: chance.happens(70).then(|| chance.day(day_of(2022, 1, 1), due_date)),
    }
}
