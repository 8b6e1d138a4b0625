//! What is shown of an improvement plan.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::application::OpinionOutcome;
use crate::domain::evaluation::{Evaluation, EvaluationKind};
use crate::domain::evidence::DocumentReference;
use crate::domain::improvement::{
    Achieved, Approval, CriterionProgress, ExitVerdict, ImprovementContent, ImprovementPlan, ImprovementState,
    ImprovementStatus, Measure, MeasureArea, MeasureStatus, OpinionGiven, PlanRecipient, PlannedCriterion, Progress,
    Receipt, Revises, Signature, YearProgress, YearlyTarget,
};
use crate::domain::percent::Percent;
use crate::domain::role::Role;
use crate::domain::score::Points;

/// One revision of the improvement plan of a pilot.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImprovementPlanView {
    /// Identifier.
    id: Uuid,
    /// The pilot.
    pilot: Uuid,
    /// Its cooperative.
    cooperative: Uuid,
    /// Code of its province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of its district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    unit: String,
    /// Which revision this is, from 1.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    revision: u32,
    /// The plan that this one revises.
    previous_revision: Option<Uuid>,
    /// Why it was revised.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    revision_reason: Option<String>,
    /// The plan that revises this one, once opened.
    next_revision: Option<Uuid>,
    /// Where it stands; `approved` is the yardstick, until the next revision is approved.
    state: ImprovementStatus,
    /// The evaluation that the baselines come from.
    baseline_evaluation: Uuid,
    /// Every criterion of the baseline evaluation.
    #[schema(max_items = 99)]
    criteria: Vec<PlannedCriterionView>,
    /// How many criteria are to be improved.
    #[schema(minimum = 0, maximum = 99, example = 3)]
    criteria_to_improve: usize,
    /// The measures, by number.
    #[schema(max_items = 100)]
    measures: Vec<MeasureView>,
    /// The latest opinion of each agency.
    #[schema(max_items = 100)]
    opinions: Vec<ImprovementOpinionView>,
    /// Digest of what the plan says; signature, opinions and approval are bound to it.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    content_hash: String,
    /// What has to be changed, where the plan was returned.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    return_comment: Option<String>,
    /// The signature of the cooperative.
    signature: Option<PlanSignatureView>,
    /// The approval of the People's Committee.
    approval: Option<ImprovementApprovalView>,
    /// When it was first recorded.
    recorded_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// One criterion under the plan.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PlannedCriterionView {
    /// Code of the criterion.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
    criterion: String,
    /// Whether it is to be improved.
    to_improve: bool,
    /// Points of the baseline evaluation.
    baseline: Points,
    /// Points to be reached.
    target: Option<Points>,
    /// Points to be reached on the way, in the order of the years.
    #[schema(max_items = 10)]
    yearly_targets: Vec<YearlyTargetView>,
}

/// What a criterion shall reach in one year.
#[derive(Debug, Serialize, ToSchema)]
struct YearlyTargetView {
    /// The evaluated year.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    year: u16,
    /// The points.
    target: Points,
}

/// One measure of the plan.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MeasureView {
    /// Its number in the plan.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    number: u32,
    /// What is to be done.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Cử 02 cán bộ quản lý học đại học")]
    title: String,
    /// What part of the cooperative it concerns.
    area: MeasureArea,
    /// The day on which it is to begin.
    start_date: Option<NaiveDate>,
    /// The day by which it is to be done.
    due_date: NaiveDate,
    /// Where it stands.
    status: MeasureStatus,
    /// Who answers for it in the cooperative.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Hội đồng quản trị")]
    responsible: String,
    /// The agency that answers for it beside the cooperative.
    responsible_agency: Option<Uuid>,
    /// Codes of the criteria it serves.
    #[schema(max_items = 99)]
    criteria: Vec<CriterionServed>,
    /// The day it was begun, where that was reported.
    begun_on: Option<NaiveDate>,
    /// The day it was done.
    done_on: Option<NaiveDate>,
}

/// Code of a criterion that a measure serves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "7")]
struct CriterionServed(String);

/// The latest opinion of an agency on the draft.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImprovementOpinionView {
    /// In which role.
    role: Role,
    /// By which agency.
    agency: Option<Uuid>,
    /// The conclusion.
    outcome: OpinionOutcome,
    /// Whether the plan fits the State's support plan, where the opinion said.
    fits_support_plan: Option<bool>,
    /// On which day.
    given_on: NaiveDate,
    /// Whether it was given on the content as it is now; else that content has not been reviewed.
    on_this_content: bool,
}

/// The signature of the cooperative.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PlanSignatureView {
    /// Who signed and sealed.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Văn Mẫu")]
    signer: String,
    /// The day of signature.
    signed_on: NaiveDate,
    /// The signed document.
    document: DocumentReference,
    /// Where it was sent.
    #[schema(min_items = 4, max_items = 4)]
    recipients: Vec<PlanRecipient>,
    /// Digest of the content that was signed: with another content the signature is void.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    content_hash: String,
    /// When it was submitted.
    submitted_at: DateTime<Utc>,
    /// Which recipients have acknowledged it.
    #[schema(max_items = 4)]
    receipts: Vec<Receipt>,
    /// The consolidation that put it before the People's Committee.
    consolidation: Option<Uuid>,
}

/// The approval of the People's Committee.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImprovementApprovalView {
    /// Number of the decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2500/QĐ-UBND")]
    decision_number: String,
    /// Date of the decision.
    decision_date: NaiveDate,
    /// Who signed the decision.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Chủ tịch UBND tỉnh")]
    signatory: String,
    /// The decision itself.
    document: Option<DocumentReference>,
    /// Digest of the content that was approved.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    content_hash: String,
    /// When it was recorded.
    approved_at: DateTime<Utc>,
}

/// A plan measured against the latest evaluation, with the two requirements for leaving the scheme.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImprovementProgressView {
    /// The plan.
    plan: Uuid,
    /// Its revision.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    revision: u32,
    /// Whether the plan is the yardstick of its pilot now.
    is_yardstick: bool,
    /// The evaluation measured against: the latest final, verified or submitted one; absent while there is none.
    evaluation: Option<Uuid>,
    /// Its year.
    #[schema(minimum = 2000, maximum = 2100, example = 2024)]
    evaluation_year: Option<u16>,
    /// Its kind.
    evaluation_kind: Option<EvaluationKind>,
    /// Sum of the baselines.
    baseline_total: Points,
    /// Total of the evaluation, where it was rated.
    total: Option<Points>,
    /// Every criterion.
    #[schema(max_items = 99)]
    criteria: Vec<CriterionProgress>,
    /// How many criteria are to be improved.
    #[schema(minimum = 0, maximum = 99, example = 3)]
    criteria_to_improve: usize,
    /// Of them, how many stand at or above their baseline.
    #[schema(minimum = 0, maximum = 99, example = 3)]
    criteria_not_below_baseline: usize,
    /// Of them, how many stand at or above their target.
    #[schema(minimum = 0, maximum = 99, example = 2)]
    criteria_at_target: usize,
    /// Measures due by today.
    #[schema(minimum = 0, maximum = 100, example = 4)]
    measures_due: usize,
    /// Of them, how many are done.
    #[schema(minimum = 0, maximum = 100, example = 3)]
    measures_done: usize,
    /// Their share; absent while none is due.
    measures_done_rate: Option<Percent>,
    /// The measures by kind; only kinds that the plan has.
    #[schema(max_items = 10)]
    measures: Vec<AreaProgress>,
    /// What was planned and what was reached, year by year: each year that has a target or an evaluation.
    #[schema(max_items = 101)]
    years: Vec<YearProgress>,
    /// Requirement 1: the total is 80 to 100 points.
    total_verdict: ExitVerdict,
    /// Requirement 2: each criterion to be improved is at or above its baseline.
    criteria_verdict: ExitVerdict,
    /// Whether both requirements are met.
    exit_met: bool,
}

/// The measures of one kind, as they stand today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AreaProgress {
    /// The kind.
    area: MeasureArea,
    /// How many there are.
    #[schema(minimum = 1, maximum = 100, example = 4)]
    planned: usize,
    /// Of them, how many are due by today.
    #[schema(minimum = 0, maximum = 100, example = 3)]
    due: usize,
    /// How many are under way.
    #[schema(minimum = 0, maximum = 100, example = 1)]
    under_way: usize,
    /// How many are done.
    #[schema(minimum = 0, maximum = 100, example = 2)]
    done: usize,
    /// How many are due and not done.
    #[schema(minimum = 0, maximum = 100, example = 1)]
    overdue: usize,
}

impl AreaProgress {
    fn of(area: MeasureArea, measures: &[Measure], today: NaiveDate) -> Option<Self> {
        let of_area = || measures.iter().filter(|measure| measure.area == area);
        let count = |which: &dyn Fn(&Measure) -> bool| of_area().filter(|measure| which(measure)).count();
        let is_due = |measure: &Measure| measure.due_date <= today;
        Some(Self {
            area,
            planned: Some(of_area().count()).filter(|count| *count > 0)?,
            due: count(&is_due),
            under_way: count(&|measure| measure.status() == MeasureStatus::UnderWay),
            done: count(&|measure| measure.status() == MeasureStatus::Done),
            overdue: count(&|measure| is_due(measure) && measure.status() != MeasureStatus::Done),
        })
    }
}

impl From<ImprovementPlan> for ImprovementPlanView {
    fn from(plan: ImprovementPlan) -> Self {
        let (content_hash, criteria_to_improve) = (plan.content_hash(), plan.criteria_to_improve());
        let ImprovementPlan {
            id,
            version: _,
            pilot,
            cooperative,
            province,
            unit,
            revision,
            revises,
            next,
            content: ImprovementContent { baseline_evaluation, criteria, measures },
            opinions,
            state,
            recorded_at,
            updated_at,
            created_by: _,
            writers: _,
        } = plan;
        let (previous_revision, revision_reason) =
            revises.map_or((None, None), |Revises { plan, reason }| (Some(plan), Some(reason)));
        let opinions = opinions.into_iter().map(|opinion| ImprovementOpinionView::of(opinion, &content_hash));
        let status = state.status();
        let (return_comment, signature, approval) = match state {
            ImprovementState::Draft => (None, None, None),
            ImprovementState::Returned { comment } => (Some(comment), None, None),
            ImprovementState::Submitted(signature) => (None, Some(signature), None),
            ImprovementState::Approved(signature, approval) | ImprovementState::Superseded(signature, approval) => {
                (None, Some(signature), Some(approval))
            }
        };
        Self {
            id,
            pilot,
            cooperative,
            province,
            unit,
            revision,
            previous_revision,
            revision_reason,
            next_revision: next,
            state: status,
            baseline_evaluation,
            criteria: criteria.into_iter().map(PlannedCriterionView::from).collect(),
            criteria_to_improve,
            measures: measures.into_iter().map(MeasureView::from).collect(),
            opinions: opinions.collect(),
            content_hash,
            return_comment,
            signature: signature.map(PlanSignatureView::from),
            approval: approval.map(ImprovementApprovalView::from),
            recorded_at,
            updated_at,
        }
    }
}

impl From<PlannedCriterion> for PlannedCriterionView {
    fn from(planned: PlannedCriterion) -> Self {
        let PlannedCriterion { criterion, baseline, target, yearly_targets } = planned;
        let yearly = |YearlyTarget { year, target }: YearlyTarget| YearlyTargetView { year, target };
        let yearly_targets = yearly_targets.into_iter().map(yearly).collect();
        Self { criterion: criterion.to_string(), to_improve: target.is_some(), baseline, target, yearly_targets }
    }
}

impl From<Measure> for MeasureView {
    fn from(measure: Measure) -> Self {
        let status = measure.status();
        let Measure {
            number,
            title,
            area,
            start_date,
            due_date,
            responsible,
            responsible_agency,
            criteria,
            begun_on,
            done_on,
        } = measure;
        let criteria = criteria.into_iter().map(|criterion| CriterionServed(criterion.to_string())).collect();
        Self {
            number,
            title,
            area,
            start_date,
            due_date,
            status,
            responsible,
            responsible_agency,
            criteria,
            begun_on,
            done_on,
        }
    }
}

impl ImprovementOpinionView {
    fn of(opinion: OpinionGiven, current: &str) -> Self {
        let OpinionGiven { role, agency, outcome, fits_support_plan, given_on, content_hash } = opinion;
        Self { role, agency, outcome, fits_support_plan, given_on, on_this_content: content_hash == current }
    }
}

impl From<Signature> for PlanSignatureView {
    fn from(signature: Signature) -> Self {
        let Signature {
            signer,
            signed_on,
            document,
            recipients,
            content_hash,
            submitted_by: _,
            submitted_at,
            receipts,
            consolidated,
        } = signature;
        let consolidation = consolidated.map(|consolidated| consolidated.consolidation);
        Self { signer, signed_on, document, recipients, content_hash, submitted_at, receipts, consolidation }
    }
}

impl From<Approval> for ImprovementApprovalView {
    fn from(approval: Approval) -> Self {
        let Approval { decision_number, decision_date, signatory, document, content_hash, approved_by: _, approved_at } =
            approval;
        Self { decision_number, decision_date, signatory, document, content_hash, approved_at }
    }
}

impl ImprovementProgressView {
    /// The progress of a plan on a day.
    pub(super) fn of(
        plan: &ImprovementPlan,
        latest: Option<&Evaluation>,
        (progress, years): (Progress, Vec<YearProgress>),
        today: NaiveDate,
    ) -> Self {
        let due: Vec<_> = plan.content.measures.iter().filter(|measure| measure.due_date <= today).collect();
        let done = due.iter().filter(|measure| measure.done_on.is_some()).count();
        let areas = MeasureArea::ALL.iter();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            plan: plan.id,
            revision: plan.revision,
            is_yardstick: plan.state.status() == ImprovementStatus::Approved,
            evaluation: latest.map(|evaluation| evaluation.id),
            evaluation_year: latest.map(|evaluation| evaluation.year),
            evaluation_kind: latest.map(|evaluation| evaluation.kind),
            total: latest.and_then(|evaluation| Achieved::from(evaluation).total),
            criteria_to_improve: plan.criteria_to_improve(),
            criteria_not_below_baseline: progress.not_below_baseline(),
            criteria_at_target: progress.at_target(),
            measures_due: due.len(),
            measures_done: done,
            measures_done_rate: Percent::of(count(done), count(due.len())),
            measures: areas.filter_map(|area| AreaProgress::of(*area, &plan.content.measures, today)).collect(),
            years,
            exit_met: progress.exit_met(),
            baseline_total: progress.baseline_total,
            criteria: progress.criteria,
            total_verdict: progress.total_verdict,
            criteria_verdict: progress.criteria_verdict,
        }
    }
}
