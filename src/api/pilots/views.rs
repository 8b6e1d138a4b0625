//! Pilots as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::improvement::ExitVerdict;
use crate::domain::pilot::{Completion, Pilot, PilotExit, PilotState, PilotStatus, StopCause};
use crate::domain::selection::PilotList;

/// A cooperative in the scheme.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PilotView {
    /// Identifier.
    pub(super) id: Uuid,
    /// The cooperative.
    pub(super) cooperative: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub(super) province: String,
    /// Code of its locality: the district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    pub(super) locality: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    pub(super) scheme: String,
    /// The application that was selected.
    pub(super) application: Uuid,
    /// The decision that selected it.
    pub(super) decision: Uuid,
    /// Code of its model.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z][0-9]+$", example = "A3")]
    pub(super) model: String,
    /// The list that it stands on: the scheme's, or the province's own.
    pub(super) list: PilotList,
    /// The line department that is responsible for it.
    pub(super) responsible_department: Uuid,
    /// The date of the decision.
    #[schema(example = "2021-09-15")]
    pub(super) selected_on: NaiveDate,
    /// Where it is in its life.
    pub(super) state: PilotStatus,
    /// How its model was completed.
    pub(super) completion: Option<PilotCompletionView>,
    /// The day the scheme ended for it.
    pub(super) ended_on: Option<NaiveDate>,
    /// Whether it met the two requirements for leaving the scheme, as was known when it ended.
    pub(super) exit: Option<PilotExitView>,
    /// How it stopped.
    pub(super) stop: Option<PilotStop>,
    /// When it was first recorded.
    pub(super) recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub(super) updated_at: DateTime<Utc>,
}

/// How a model was completed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PilotCompletionView {
    /// The day.
    #[schema(example = "2024-03-29")]
    pub(super) completed_on: NaiveDate,
    /// Why the lead agency finds it complete.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Hoàn thành các tiêu chí của kế hoạch")]
    pub(super) reason: String,
    /// The evaluation that shows it.
    pub(super) evaluation: Uuid,
    /// The agencies that evaluated it together with the lead agency.
    #[schema(max_items = 20)]
    pub(super) assessors: Vec<Uuid>,
}

/// The two requirements for leaving the scheme, judged apart when a pilot ended (2129/QĐ-UBND VI.2.1).
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PilotExitView {
    /// The improvement plan that was the yardstick.
    plan: Option<Uuid>,
    /// The evaluation measured against.
    evaluation: Option<Uuid>,
    /// Requirement 1: the total is 80 to 100 points.
    total_verdict: ExitVerdict,
    /// Requirement 2: each criterion to be improved is at or above its baseline.
    criteria_verdict: ExitVerdict,
    /// Whether both are met.
    exit_met: bool,
}

impl From<PilotExit> for PilotExitView {
    fn from(exit: PilotExit) -> Self {
        let exit_met = exit.is_met();
        let PilotExit { plan, evaluation, total_verdict, criteria_verdict } = exit;
        Self { plan, evaluation, total_verdict, criteria_verdict, exit_met }
    }
}

/// How a pilot stopped.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PilotStop {
    /// The day.
    #[schema(example = "2022-05-10")]
    pub(super) stopped_on: NaiveDate,
    /// Its own withdrawal, or the revocation of its decision.
    pub(super) cause: StopCause,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "HTX tự nguyện dừng tham gia")]
    pub(super) reason: String,
}

impl From<Pilot> for PilotView {
    fn from(pilot: Pilot) -> Self {
        let Pilot {
            id,
            version: _,
            cooperative,
            province,
            unit,
            scheme,
            application,
            decision,
            model,
            list,
            responsible_department,
            selected_on,
            state,
            created_by: _,
            recorded_at,
            updated_at,
        } = pilot;
        let status = state.status();
        let mut exit = None;
        let (completion, ended_on, stop) = match state {
            PilotState::Active => (None, None, None),
            PilotState::ModelCompleted(completion) => (Some(completion), None, None),
            PilotState::Ended { completion, ended_on, exit: verdicts } => {
                exit = Some(PilotExitView::from(verdicts.map_or_else(PilotExit::not_kept, |verdicts| *verdicts)));
                (Some(completion), Some(ended_on), None)
            }
            PilotState::Stopped { completion, stopped_on, cause, reason } => {
                (completion, None, Some(PilotStop { stopped_on, cause, reason }))
            }
        };
        Self {
            id,
            cooperative,
            province,
            locality: unit,
            scheme,
            application,
            decision,
            model,
            list,
            responsible_department,
            selected_on,
            state: status,
            completion: completion.map(completion_view),
            ended_on,
            exit,
            stop,
            recorded_at,
            updated_at,
        }
    }
}

fn completion_view(completion: Completion) -> PilotCompletionView {
    let Completion { completed_on, reason, evaluation, assessors } = completion;
    PilotCompletionView { completed_on, reason, evaluation, assessors }
}
