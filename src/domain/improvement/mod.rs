//! The improvement plan of a pilot (*Kế hoạch hoàn thiện HTX thí điểm*): the yardstick for monitoring and exit.
//!
//! The cooperative writes it (2129/QĐ-UBND I.3: the State does not intervene), agencies review the draft before it is
//! signed, the provincial People's Committee approves it (VI.2.1). An approved plan is never edited: the cooperative
//! opens revision n+1, and n stays the yardstick until n+1 is approved.

mod content;
mod moves;
mod progress;
mod steps;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

pub use content::{
    Ceilings, CriterionCode, CriterionIntent, Measure, MeasureArea, NewImprovementPlan, NewMeasure, PlanContent,
    PlannedCriterion,
};
pub use progress::{Achieved, CriterionProgress, ExitOutcome, ExitVerdict, Progress, progress};
pub use steps::{
    Approval, MeasureOutcome, MeasureReport, OpinionGiven, PlanApproval, PlanOpinion, PlanOpinionOutcome,
    PlanRecipient, PlanReturn, PlanRevision, PlanStep, PlanSubmission, Signature,
};

use super::refusal::{Refusal, Rule};
use super::role::names;

/// One revision of the improvement plan of a pilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImprovementPlan {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The pilot.
    pub pilot: Uuid,
    /// Its cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// Which revision this is, from 1.
    pub revision: u32,
    /// Why it was opened, and from which plan; none for the first.
    pub revises: Option<Revises>,
    /// The plan that revises this one, once opened.
    pub next: Option<Uuid>,
    /// What it says.
    pub content: PlanContent,
    /// The latest opinion of each agency.
    pub opinions: Vec<OpinionGiven>,
    /// Where it stands.
    pub state: PlanState,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who recorded it.
    pub created_by: String,
}

/// What a revision comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revises {
    /// The plan before.
    pub plan: Uuid,
    /// Why.
    pub reason: String,
}

/// Where a plan stands, with what exists only there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanState {
    /// The cooperative writes it.
    Draft,
    /// Signed and sent to its four recipients.
    Submitted(Signature),
    /// Sent back, to be changed and signed again.
    Returned {
        /// What has to be changed.
        comment: String,
    },
    /// Approved: the yardstick.
    Approved(Signature, Approval),
    /// It was the yardstick until the next revision was approved.
    Superseded(Signature, Approval),
}

names! {
    /// Where a plan stands.
    PlanStage {
        /// The cooperative writes it.
        Draft = "draft",
        /// Signed and sent.
        Submitted = "submitted",
        /// Sent back to the cooperative.
        Returned = "returned",
        /// Approved: the yardstick.
        Approved = "approved",
        /// Replaced by the next revision.
        Superseded = "superseded",
    }
}

impl PlanState {
    /// The stage, without what belongs to it.
    pub const fn stage(&self) -> PlanStage {
        match self {
            Self::Draft => PlanStage::Draft,
            Self::Submitted(_) => PlanStage::Submitted,
            Self::Returned { .. } => PlanStage::Returned,
            Self::Approved(..) => PlanStage::Approved,
            Self::Superseded(..) => PlanStage::Superseded,
        }
    }
}

/// What a plan must know of its pilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotStanding {
    /// The pilot.
    pub pilot: Uuid,
    /// Its cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// The line department that is responsible for it.
    pub responsible_department: Uuid,
    /// The agency that leads the provincial plan.
    pub lead_agency: Option<Uuid>,
    /// The day it was selected.
    pub selected_on: NaiveDate,
    /// Whether it takes part in the scheme.
    pub running: bool,
}

impl PilotStanding {
    /// Refuses what only a pilot that takes part in the scheme may do.
    ///
    /// # Errors
    /// It has stopped or ended.
    pub fn must_run(&self) -> Result<(), Refusal> {
        if self.running {
            return Ok(());
        }
        let id = self.pilot;
        Err(Refusal::new(
            Rule::PilotNotRunning,
            format!("HTX thí điểm {id} đã dừng hoặc kết thúc thực hiện Đề án."),
            format!("The pilot {id} has stopped or ended."),
        ))
    }
}

impl ImprovementPlan {
    /// How many criteria are to be improved.
    pub fn criteria_to_improve(&self) -> usize {
        self.content.criteria.iter().filter(|criterion| criterion.target.is_some()).count()
    }

    /// The digest that signature, opinions and approval are bound to: of what the plan says, not of its progress.
    pub fn content_hash(&self) -> String {
        let said = Said {
            pilot: self.pilot,
            revision: self.revision,
            baseline_evaluation: self.content.baseline_evaluation,
            criteria: &self.content.criteria,
            measures: self.content.measures.iter().map(SaidMeasure::of).collect(),
        };
        // Serialising plain values to memory cannot fail; an empty text would still never match another digest.
        let canonical = serde_json::to_string(&said).unwrap_or_default();
        format!("{:x}", Sha256::digest(canonical))
    }
}

/// The canonical text of a plan's content is the JSON of this, in this order.
#[derive(Serialize)]
struct Said<'a> {
    pilot: Uuid,
    revision: u32,
    baseline_evaluation: Uuid,
    criteria: &'a [PlannedCriterion],
    measures: Vec<SaidMeasure<'a>>,
}

#[derive(Serialize)]
struct SaidMeasure<'a> {
    number: u32,
    title: &'a str,
    area: MeasureArea,
    due_date: NaiveDate,
    responsible: &'a str,
    criteria: &'a [u8],
}

impl<'a> SaidMeasure<'a> {
    fn of(measure: &'a Measure) -> Self {
        let Measure { number, title, area, due_date, responsible, criteria, done_on: _ } = measure;
        Self { number: *number, title, area: *area, due_date: *due_date, responsible, criteria }
    }
}

#[cfg(test)]
mod tests;
