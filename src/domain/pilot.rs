//! A pilot (*HTX thí điểm*): a cooperative that takes part in the scheme.
//!
//! Active → model completed → ended; or stopped, by its own withdrawal or by a revocation. A pilot that is stopped no
//! longer takes part and gives its place of the quota back.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::agency::Agency;
use super::application::{Application, not_before, only_lead};
use super::evaluation::{Evaluation, EvaluationKind, EvaluationState};
use super::improvement::{ExitOutcome, ExitVerdict};
use super::moment::Moment;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, Role, names};
use super::selection::PilotList;
use super::vietnamese;

/// Communes have codes of five digits (124/2004/QĐ-TTg): since July 2025 they are the localities.
const COMMUNE_CODE_LENGTH: usize = 5;

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
        /// Whether it met the two requirements for leaving the scheme, as was known then; none for what ended before
        /// verdicts were kept.
        exit: Option<Box<PilotExit>>,
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
            return Err(
                Refusal::at(Rule::UnknownReference, "/evaluation", vi, en).given(&[("reference", &cooperative)])
            );
        }
        let counts = match kind {
            EvaluationKind::Own => matches!(state, EvaluationState::Submitted | EvaluationState::Confirmed),
            EvaluationKind::Verified | EvaluationKind::Final => state == EvaluationState::Confirmed,
        };
        if !counts {
            let in_words = vietnamese::evaluation(kind);
            let (kind, state) = (kind.name(), state.name());
            let vi = format!(
                "Bản {in_words} {}; cần bản tự đánh giá đã nộp hoặc bản đã xác nhận.",
                vietnamese::state(state)
            );
            let en = format!("The {kind} evaluation is {state}; it must be submitted (self) or confirmed.");
            return Err(Refusal::at(Rule::EvaluationNotCounting, "/evaluation", vi, en).given(&[
                ("kind", &kind),
                ("state", &state),
                ("year", &year),
            ]));
        }
        if year <= entry_year {
            let vi = format!("Bản đánh giá của năm {year}; phải sau năm đánh giá đầu vào {entry_year}.");
            let en = format!("The evaluation is of {year}; it must be of a year after the entry year {entry_year}.");
            return Err(Refusal::at(Rule::EvaluationNotCounting, "/evaluation", vi, en).given(&[
                ("kind", &kind.name()),
                ("state", &state.name()),
                ("year", &year),
                ("entryYear", &entry_year),
            ]));
        }
        if i32::from(year) > completed_on.year() {
            let vi = format!("Ngày {completed_on} trước năm {year} của bản đánh giá.");
            let en = format!("The date {completed_on} lies before {year}, the year of the evaluation.");
            return Err(Refusal::at(Rule::StepPredated, "/completedOn", vi, en)
                .given(&[("date", &completed_on), ("earliest", &year)]));
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
    /// The agencies that evaluated it together with the lead agency: the responsible department and the locality at
    /// least (2129/QĐ-UBND VI.2.2). Empty for what was completed before they were asked for.
    pub assessors: Vec<Uuid>,
}

/// What the two requirements for leaving the scheme came to when a pilot ended, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PilotExit {
    /// The improvement plan that was the yardstick, if there was one.
    pub plan: Option<Uuid>,
    /// The evaluation measured against, if there was one.
    pub evaluation: Option<Uuid>,
    /// Requirement 1: the total.
    pub total_verdict: ExitVerdict,
    /// Requirement 2: each criterion to be improved.
    pub criteria_verdict: ExitVerdict,
}

impl PilotExit {
    /// What is told of a pilot that ended before verdicts were kept: the rules, and that what they came to is not known.
    pub fn not_kept() -> Self {
        let [total_verdict, criteria_verdict] = ["exit_total", "exit_criteria"].map(ExitVerdict::not_kept);
        Self { plan: None, evaluation: None, total_verdict, criteria_verdict }
    }

    /// Both requirements are met.
    pub fn is_met(&self) -> bool {
        [&self.total_verdict, &self.criteria_verdict].iter().all(|verdict| verdict.outcome == ExitOutcome::Met)
    }
}

/// A pilot that is to leave, with what its leaving touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The pilot.
    pub pilot: Pilot,
    /// The application that it came from: closed with it, so that the cooperative may apply again.
    pub application: Application,
    /// The last day on which something happened to it as a pilot: its plan was approved, money or a loan was paid out. It
    /// does not leave before.
    pub last_fact: Option<NaiveDate>,
}

names! {
    /// What stopped a pilot.
    StopCause {
        /// The cooperative withdrew: taking part is voluntary (2129/QĐ-UBND I.3).
        Withdrawal = "withdrawal",
        /// A later decision revoked the one that selected it, or took it off its list.
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
    /// Records that the model is complete: the lead agency, on an evaluation (2129/QĐ-UBND VI.2). The model is then in
    /// place; whether the cooperative reached the exit points is the verdict of its evaluations, not of this step.
    pub fn complete(
        mut self,
        completion: Completion,
        shown_by: ShownBy,
        (assessors, lead_agency): (&[Agency], Option<Uuid>),
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let completed_on = completion.completed_on;
        now.not_in_future(completed_on, "/completedOn")?;
        self.may_complete(caller, lead_agency)?;
        not_before(completed_on, self.selected_on, "/completedOn")?;
        shown_by.check(&self, completed_on)?;
        self.assessed_by(assessors, completed_on)?;
        self.state = PilotState::ModelCompleted(completion);
        Ok(self.next(now))
    }

    /// The lead agency evaluates what is complete together with the departments and the locality (2129/QĐ-UBND VI.2.2): the
    /// responsible department, or its successor, and the locality, since July 2025 a commune.
    fn assessed_by(&self, assessors: &[Agency], on: NaiveDate) -> Result<(), Refusal> {
        let there = || assessors.iter().filter(|agency| agency.in_force_at(on));
        let department = self.responsible_department;
        let took_over =
            |agency: &Agency| agency.predecessor == Some(department) || agency.predecessors.contains(&department);
        let by_department = there().any(|agency| agency.id == department || took_over(agency));
        let of_place = |unit: &str| unit == self.unit || unit.len() == COMMUNE_CODE_LENGTH;
        let by_locality =
            there().any(|agency| agency.role == Role::Locality && agency.unit.as_deref().is_some_and(of_place));
        if by_department && by_locality {
            return Ok(());
        }
        let (unit, vi, en) = (&self.unit, "Đánh giá hoàn thiện cần có", "The completion is evaluated with");
        Err(Refusal::at(
            Rule::AssessorsIncomplete,
            "/assessors",
            format!("{vi} sở chuyên ngành phụ trách HTX này và UBND địa phương {unit}, còn hoạt động ngày {on}."),
            format!("{en} the responsible department {department} and the locality {unit}, both in force on {on}."),
        )
        .given(&[("department", &department), ("unit", &unit), ("date", &on)]))
    }

    /// Records that the scheme ended for a pilot whose model is complete (2129/QĐ-UBND VI.3).
    pub fn end(
        mut self,
        (ended_on, exit): (NaiveDate, PilotExit),
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(ended_on, "/endedOn")?;
        let completion = self.may_end(caller, lead_agency)?.clone();
        not_before(ended_on, completion.completed_on, "/endedOn")?;
        self.state = PilotState::Ended { completion, ended_on, exit: Some(Box::new(exit)) };
        Ok(self.next(now))
    }

    /// Stops taking part, for a cause.
    fn stop(
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

    /// Another line department answers for it from now on, by a later decision.
    pub(super) fn reassign(mut self, department: Uuid, now: Moment) -> Result<Self, Refusal> {
        self.may_withdraw()?;
        self.responsible_department = department;
        Ok(self.next(now))
    }

    /// Notes that its completed model was made known (2129/QĐ-UBND VI.2.2: *tổ chức phổ biến*); the rest is history.
    ///
    /// # Errors
    /// The model is not complete, or the date lies before its completion or in the future.
    pub fn communicate(self, communicated_on: NaiveDate, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(communicated_on, "/communicatedOn")?;
        not_before(communicated_on, self.completed_model()?.completed_on, "/communicatedOn")?;
        Ok(self.next(now))
    }

    /// How its model was completed: what is complete is made known, and others may adopt it.
    ///
    /// # Errors
    /// It is not complete, or its pilot left.
    pub fn completed_model(&self) -> Result<&Completion, Refusal> {
        match &self.state {
            PilotState::ModelCompleted(completion) | PilotState::Ended { completion, .. } => Ok(completion),
            PilotState::Active | PilotState::Stopped { .. } => Err(self.wrong_state(
                "được phổ biến, nhân rộng",
                "communicated or replicated",
                "model_completed, ended",
            )),
        }
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
            format!(
                "HTX thí điểm {} không thể {vi}; chỉ có thể khi ở trạng thái: {}.",
                vietnamese::state(state),
                vietnamese::states(allowed)
            ),
            format!("A pilot that is {state} cannot be {en}; it can when it is: {allowed}."),
        )
        .given(&[("state", &state), ("allowed", &allowed)])
    }
}

impl Leaving {
    /// Leaves the scheme: the cooperative's own choice, at any time while it takes part (2129/QĐ-UBND I.3).
    ///
    /// # Errors
    /// It takes part no longer, or the date lies before a fact or in the future.
    pub fn withdraw(
        self,
        withdrawn_on: NaiveDate,
        reason: String,
        now: Moment,
    ) -> Result<(Pilot, Application), Refusal> {
        now.not_in_future(withdrawn_on, "/withdrawnOn")?;
        self.stop(StopCause::Withdrawal, (withdrawn_on, "/withdrawnOn"), reason, now)
    }

    /// Stops taking part, for a cause, and not before what happened to it as a pilot.
    pub(super) fn stop(
        self,
        cause: StopCause,
        (stopped_on, pointer): (NaiveDate, &str),
        reason: String,
        now: Moment,
    ) -> Result<(Pilot, Application), Refusal> {
        let Self { pilot, application, last_fact } = self;
        let stopped = pilot.stop(cause, (stopped_on, pointer), reason, now)?;
        last_fact.map_or(Ok(()), |fact| not_before(stopped_on, fact, pointer))?;
        Ok((stopped, application.close(stopped_on, now)?))
    }
}

#[cfg(test)]
mod tests;
