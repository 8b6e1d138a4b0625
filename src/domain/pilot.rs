//! A pilot (*HTX thí điểm*): a cooperative that takes part in the scheme.
//!
//! Active → model completed → ended; or stopped, by its own withdrawal or by a revocation. A pilot that is stopped no
//! longer takes part and gives its place of the quota back.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use uuid::Uuid;

use super::application::{Application, not_before, only_lead};
use super::evaluation::{Evaluation, EvaluationKind, EvaluationState};
use super::moment::Moment;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, names};
use super::selection::PilotList;

/// A cooperative in the scheme, since a decision selected it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pilot {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its locality: the district or commune.
    pub unit: String,
    /// Code of the scheme.
    pub scheme: String,
    /// The application that was selected.
    pub application: Uuid,
    /// The decision that selected it.
    pub decision: Uuid,
    /// Code of its model.
    pub model: String,
    /// The list that it stands on.
    pub list: PilotList,
    /// The line department that is responsible for it.
    pub responsible_department: Uuid,
    /// The date of the decision.
    pub selected_on: NaiveDate,
    /// Where it is in its life.
    pub state: PilotState,
    /// Who opened it by approving its decision (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where a pilot is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PilotState {
    /// Completing its model.
    Active,
    /// Has completed its model.
    ModelCompleted(Completion),
    /// The scheme ended for it.
    Ended {
        /// How it had completed its model.
        completion: Completion,
        /// The day it ended.
        ended_on: NaiveDate,
    },
    /// Takes part no longer.
    Stopped {
        /// How it had completed its model, if it had.
        completion: Option<Completion>,
        /// The day it stopped.
        stopped_on: NaiveDate,
        /// What stopped it.
        cause: StopCause,
        /// Why.
        reason: String,
    },
}

/// The evaluation that a completion names, as far as the rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownBy {
    /// Whom it is of.
    pub cooperative: Uuid,
    /// Whose it is.
    pub kind: EvaluationKind,
    /// Where it is in its life.
    pub state: EvaluationState,
    /// The evaluated year.
    pub year: u16,
    /// The year of the scheme's entry evaluation, from which the pilot started.
    pub entry_year: u16,
}

impl ShownBy {
    /// An evaluation under a scheme whose entry evaluation is of `entry_year`.
    pub const fn of(evaluation: &Evaluation, entry_year: u16) -> Self {
        let Evaluation { cooperative, kind, state, year, .. } = *evaluation;
        Self { cooperative, kind, state, year, entry_year }
    }

    /// Of the pilot's own cooperative, sent (its own) or confirmed (an agency's), of a year after the entry
    /// evaluation and not after the completion.
    fn check(&self, pilot: &Pilot, completed_on: NaiveDate) -> Result<(), Refusal> {
        let Self { cooperative, kind, state, year, entry_year } = *self;
        if cooperative != pilot.cooperative {
            let (vi, en) = ("Bản đánh giá là của HTX khác.", "The evaluation is of another cooperative.");
            return Err(Refusal::at(Rule::UnknownReference, "/evaluation", vi, en));
        }
        let counts = match kind {
            EvaluationKind::Own => matches!(state, EvaluationState::Submitted | EvaluationState::Confirmed),
            EvaluationKind::Verified | EvaluationKind::Final => state == EvaluationState::Confirmed,
        };
        if !counts {
            let (kind, state) = (kind.name(), state.name());
            let vi = format!("Bản đánh giá “{kind}” ở trạng thái “{state}”; cần đã gửi (self) hoặc đã xác nhận.");
            let en = format!("The {kind} evaluation is {state}; it must be submitted (self) or confirmed.");
            return Err(Refusal::at(Rule::EvaluationNotCounting, "/evaluation", vi, en));
        }
        if year <= entry_year {
            let vi = format!("Bản đánh giá của năm {year}; phải sau năm đánh giá đầu vào {entry_year}.");
            let en = format!("The evaluation is of {year}; it must be of a year after the entry year {entry_year}.");
            return Err(Refusal::at(Rule::EvaluationNotCounting, "/evaluation", vi, en));
        }
        if i32::from(year) > completed_on.year() {
            let vi = format!("Ngày {completed_on} trước năm {year} của bản đánh giá.");
            let en = format!("The date {completed_on} lies before {year}, the year of the evaluation.");
            return Err(Refusal::at(Rule::StepPredated, "/completedOn", vi, en));
        }
        Ok(())
    }
}

/// How a model was completed, and the evaluation that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The day.
    pub completed_on: NaiveDate,
    /// Why the lead agency finds it complete.
    pub reason: String,
    /// The evaluation of the cooperative behind it.
    pub evaluation: Uuid,
}

names! {
    /// What stopped a pilot.
    StopCause {
        /// The cooperative withdrew: taking part is voluntary (2129/QĐ-UBND I.3).
        Withdrawal = "withdrawal",
        /// The decision that selected it was revoked.
        Revocation = "revocation",
    }
}

names! {
    /// The state of a pilot, by name.
    PilotStatus {
        /// Completing its model.
        Active = "active",
        /// Has completed its model.
        ModelCompleted = "model_completed",
        /// The scheme ended for it.
        Ended = "ended",
        /// Takes part no longer.
        Stopped = "stopped",
    }
}

impl PilotState {
    /// The state by name.
    pub const fn status(&self) -> PilotStatus {
        match self {
            Self::Active => PilotStatus::Active,
            Self::ModelCompleted(_) => PilotStatus::ModelCompleted,
            Self::Ended { .. } => PilotStatus::Ended,
            Self::Stopped { .. } => PilotStatus::Stopped,
        }
    }

    /// The day after which the cooperative takes part no longer.
    pub const fn left_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Active | Self::ModelCompleted(_) => None,
            Self::Ended { ended_on: day, .. } | Self::Stopped { stopped_on: day, .. } => Some(*day),
        }
    }

    /// Whether the cooperative takes part now: only then plans, support and completions are for it.
    pub const fn is_participating(&self) -> bool {
        matches!(self, Self::Active | Self::ModelCompleted(_))
    }
}

impl Pilot {
    /// Leaves the scheme: the cooperative's own choice, at any time while it takes part (2129/QĐ-UBND I.3). Its
    /// application is closed with it, so that it may apply again.
    pub fn withdraw(
        self,
        application: Application,
        withdrawn_on: NaiveDate,
        reason: String,
        now: Moment,
    ) -> Result<(Self, Application), Refusal> {
        now.not_in_future(withdrawn_on, "/withdrawnOn")?;
        let stopped = self.stop(StopCause::Withdrawal, (withdrawn_on, "/withdrawnOn"), reason, now)?;
        Ok((stopped, application.close(withdrawn_on, now)?))
    }

    /// Records that the model is complete: the lead agency, on an evaluation (2129/QĐ-UBND VI.2). The model is then in
    /// place; whether the cooperative reached the exit points is the verdict of its evaluations, not of this step.
    pub fn complete(
        mut self,
        completion: Completion,
        shown_by: ShownBy,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let completed_on = completion.completed_on;
        now.not_in_future(completed_on, "/completedOn")?;
        self.may_complete(caller, lead_agency)?;
        not_before(completed_on, self.selected_on, "/completedOn")?;
        shown_by.check(&self, completed_on)?;
        self.state = PilotState::ModelCompleted(completion);
        Ok(self.next(now))
    }

    /// Records that the scheme ended for a pilot whose model is complete (2129/QĐ-UBND VI.3).
    pub fn end(
        mut self,
        ended_on: NaiveDate,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(ended_on, "/endedOn")?;
        let completion = self.may_end(caller, lead_agency)?.clone();
        not_before(ended_on, completion.completed_on, "/endedOn")?;
        self.state = PilotState::Ended { completion, ended_on };
        Ok(self.next(now))
    }

    /// Stops taking part, for a cause.
    pub(super) fn stop(
        mut self,
        cause: StopCause,
        (stopped_on, pointer): (NaiveDate, &str),
        reason: String,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_withdraw()?;
        let completion = match self.state {
            PilotState::ModelCompleted(completion) => Some(completion),
            _ => None,
        };
        let since = completion.as_ref().map_or(self.selected_on, |completion| completion.completed_on);
        not_before(stopped_on, since, pointer)?;
        self.state = PilotState::Stopped { completion, stopped_on, cause, reason };
        Ok(self.next(now))
    }

    /// Whether it may stop: while it takes part.
    pub fn may_withdraw(&self) -> Result<(), Refusal> {
        if self.state.is_participating() {
            return Ok(());
        }
        Err(self.wrong_state("dừng tham gia", "stopped", "active, model_completed"))
    }

    /// Whether this agency may record the completion.
    pub fn may_complete(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        match self.state {
            PilotState::Active => only_lead(caller, lead_agency),
            _ => Err(self.wrong_state("công nhận hoàn thiện mô hình", "completed", "active")),
        }
    }

    /// Whether this agency may end it; answers how its model was completed.
    pub fn may_end(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<&Completion, Refusal> {
        match &self.state {
            PilotState::ModelCompleted(completion) => only_lead(caller, lead_agency).map(|()| completion),
            _ => Err(self.wrong_state("kết thúc", "ended", "model_completed")),
        }
    }

    /// Whether it holds a place of the province's quota.
    pub const fn holds_place(&self) -> bool {
        matches!(self.list, PilotList::Scheme) && !matches!(self.state, PilotState::Stopped { .. })
    }

    /// The next version.
    fn next(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }

    fn wrong_state(&self, vi: &str, en: &str, allowed: &str) -> Refusal {
        let state = self.state.status().name();
        Refusal::new(
            Rule::WrongState,
            format!("HTX thí điểm ở trạng thái “{state}” không thể {vi}; chỉ có thể khi ở trạng thái: {allowed}."),
            format!("A pilot that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
    }
}

#[cfg(test)]
mod tests;
