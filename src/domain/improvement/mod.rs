//! The improvement plan of a pilot (*Kế hoạch hoàn thiện HTX thí điểm*): the yardstick for monitoring and exit.
//!
//! The cooperative writes it (2129/QĐ-UBND I.3: the State does not intervene), agencies review the draft before it is
//! signed, four recipients acknowledge it, the lead agency consolidates the plans of the province, the provincial
//! People's Committee approves (VI.2.1). An approved plan is never edited: the cooperative
//! opens revision n+1, and n stays the yardstick until n+1 is approved.

mod consolidation;
mod content;
mod exit;
mod measure;
mod moves;
mod progress;
mod reasons;
mod sources;
mod steps;
mod yearly;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

pub use consolidation::{
    ConsolidationPlan, ConsolidationSummary, ImprovementConsolidation, NewConsolidation, PutForward,
};
pub use content::{
    Ceilings, CriterionCode, CriterionIntent, ImprovementContent, NewImprovementPlan, PlannedCriterion, YearlyTarget,
};
pub use exit::{ExitInputs, ExitOutcome, ExitRule, ExitVerdict, Yardstick};
pub use measure::{Measure, MeasureArea, MeasureStatus, NewMeasure};
pub use progress::{Achieved, CriterionProgress, Progress, progress};
pub use sources::{Baseline, baseline_of, may_be_baseline, under_the_scheme};
pub use steps::{
    Approval, Consolidated, ImprovementApproval, ImprovementOpinion, ImprovementReceipt, ImprovementReturn,
    ImprovementRevision, ImprovementStep, ImprovementSubmission, MeasureOutcome, MeasureReport, OpinionGiven,
    PlanRecipient, Receipt, Signature,
};
pub use yearly::{YearProgress, YearlyCriterion, by_year};

use super::digest::digest;
use super::pilot::Pilot;
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
    pub content: ImprovementContent,
    /// The latest opinion of each agency.
    pub opinions: Vec<OpinionGiven>,
    /// Where it stands.
    pub state: ImprovementState,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who recorded it.
    pub created_by: String,
    /// Everybody who wrote or submitted any version of it: none of them may approve it.
    pub writers: BTreeSet<String>,
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
pub enum ImprovementState {
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
    ImprovementStatus {
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

impl ImprovementState {
    /// The stage, without what belongs to it.
    pub const fn status(&self) -> ImprovementStatus {
        match self {
            Self::Draft => ImprovementStatus::Draft,
            Self::Submitted(_) => ImprovementStatus::Submitted,
            Self::Returned { .. } => ImprovementStatus::Returned,
            Self::Approved(..) => ImprovementStatus::Approved,
            Self::Superseded(..) => ImprovementStatus::Superseded,
        }
    }

    /// The signature, where what was signed still stands.
    pub const fn signature(&self) -> Option<&Signature> {
        match self {
            Self::Draft | Self::Returned { .. } => None,
            Self::Submitted(signature) | Self::Approved(signature, _) | Self::Superseded(signature, _) => {
                Some(signature)
            }
        }
    }

    const fn signature_mut(&mut self) -> Option<&mut Signature> {
        match self {
            Self::Draft | Self::Returned { .. } => None,
            Self::Submitted(signature) | Self::Approved(signature, _) | Self::Superseded(signature, _) => {
                Some(signature)
            }
        }
    }
}

/// What a plan must know of its pilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The pilot.
    pub pilot: Pilot,
    /// The agency that leads the plan of its province, where one is approved.
    pub lead_agency: Option<Uuid>,
}

impl ImprovementPlan {
    /// How many criteria are to be improved.
    pub fn criteria_to_improve(&self) -> usize {
        self.content.criteria.iter().filter(|criterion| criterion.target.is_some()).count()
    }

    /// The digest that signature, opinions and approval are bound to: of what the plan says, not of its progress.
    pub fn content_hash(&self) -> String {
        self.content.hash(self.pilot, self.revision)
    }
}

impl ImprovementContent {
    /// The digest of the content as a revision of a pilot's plan.
    pub fn hash(&self, pilot: Uuid, revision: u32) -> String {
        let Self { baseline_evaluation, criteria, measures } = self;
        digest(&json!({
            "pilot": pilot,
            "revision": revision,
            "baselineEvaluation": baseline_evaluation,
            "criteria": criteria.iter().map(PlannedCriterion::said).collect::<Vec<_>>(),
            "measures": measures.iter().map(Measure::said).collect::<Vec<_>>(),
        }))
    }
}

#[cfg(test)]
mod journey_tests;
#[cfg(test)]
pub(in crate::domain) mod tests;
