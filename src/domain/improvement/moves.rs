//! The moves of an improvement plan, in the order of its life.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::reasons::{content_changed, measure_stands, measure_unknown, participating, responsible};
use super::{
    Approval, ImprovementApproval, ImprovementContent, ImprovementOpinion, ImprovementPlan, ImprovementReturn,
    ImprovementRevision, ImprovementState, ImprovementStatus, ImprovementStep, ImprovementSubmission, MeasureOutcome,
    MeasureReport, NewImprovementPlan, OpinionGiven, Revises, Signature, Standing,
};
use crate::domain::application::not_before;
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

impl ImprovementPlan {
    /// The first revision, as a draft.
    ///
    /// # Errors
    /// The pilot has left the scheme.
    pub fn draft(
        id: Uuid,
        standing: &Standing,
        content: ImprovementContent,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        participating(&standing.pilot)?;
        let pilot = &standing.pilot;
        Ok(Self {
            id,
            version: 1,
            pilot: pilot.id,
            cooperative: pilot.cooperative,
            province: pilot.province.clone(),
            unit: pilot.unit.clone(),
            revision: 1,
            revises: None,
            next: None,
            content,
            opinions: Vec::new(),
            state: ImprovementState::Draft,
            recorded_at: now.0,
            updated_at: now.0,
            created_by: caller.subject.clone(),
            writers: BTreeSet::from([caller.subject.clone()]),
        })
    }

    /// New content of a draft. Opinions stay with the content they were given on; the baseline stays what it was in
    /// the first revision ("so với ban đầu", 2129/QĐ-UBND VI.2.1).
    ///
    /// # Errors
    /// The plan is no longer the cooperative's to write, or a revision names another baseline.
    pub fn edited(
        mut self,
        content: ImprovementContent,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may_edit(standing)?;
        if self.revises.is_some() && content.baseline_evaluation != self.content.baseline_evaluation {
            let held = self.content.baseline_evaluation;
            return Err(Refusal::at(
                Rule::BaselineFixed,
                "/baselineEvaluation",
                format!("Bản điều chỉnh giữ nguyên bản đánh giá ban đầu {held}."),
                format!("A revision keeps the baseline evaluation {held}."),
            ));
        }
        self.content = content;
        self.writers.insert(caller.subject.clone());
        Ok(self.next_version(now))
    }

    /// Whether a new form of this plan is still of its pilot.
    ///
    /// # Errors
    /// It names another pilot.
    pub fn keeps_pilot(&self, form: &NewImprovementPlan) -> Result<(), Refusal> {
        if form.pilot == self.pilot {
            return Ok(());
        }
        let held = self.pilot;
        Err(Refusal::at(
            Rule::PilotFixed,
            "/pilot",
            format!("Kế hoạch này là của HTX thí điểm {held}."),
            format!("This plan is of the pilot {held}."),
        ))
    }

    /// Whether the content may be changed: before it is signed, and after it came back.
    ///
    /// # Errors
    /// Why not.
    pub fn may_edit(&self, standing: &Standing) -> Result<(), Refusal> {
        self.must_be(&[ImprovementStatus::Draft, ImprovementStatus::Returned])?;
        participating(&standing.pilot)
    }

    /// Whether the plan may be deleted: a draft, and nothing else.
    ///
    /// # Errors
    /// Why not.
    pub fn may_delete(&self) -> Result<(), Refusal> {
        if self.state.status() == ImprovementStatus::Draft {
            return Ok(());
        }
        let stage = self.state.status().name();
        Err(Refusal::new(
            Rule::NotADraft,
            format!("Kế hoạch đang ở trạng thái {stage}; chỉ xóa được dự thảo."),
            format!("The plan is {stage}; only a draft can be deleted."),
        ))
    }

    /// Whether a step may be taken by this caller now. The moves below ask the same question.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, step: ImprovementStep, caller: &Caller, standing: &Standing) -> Result<(), Refusal> {
        match step {
            ImprovementStep::Opinions => {
                self.must_be(&[ImprovementStatus::Draft, ImprovementStatus::Returned])?;
                responsible(caller, standing)
            }
            ImprovementStep::Submissions => {
                self.must_be(&[ImprovementStatus::Draft, ImprovementStatus::Returned])?;
                participating(&standing.pilot)?;
                self.says_something()
            }
            ImprovementStep::Returns => {
                self.must_be(&[ImprovementStatus::Submitted])?;
                responsible(caller, standing)
            }
            ImprovementStep::Approvals => {
                self.must_be(&[ImprovementStatus::Submitted])?;
                participating(&standing.pilot)?;
                self.four_eyes(caller)
            }
            ImprovementStep::Revisions => {
                self.must_be(&[ImprovementStatus::Approved])?;
                participating(&standing.pilot)?;
                self.not_revised_yet()
            }
            ImprovementStep::MeasureReports => {
                self.must_be(&[ImprovementStatus::Approved])?;
                participating(&standing.pilot)
            }
        }
    }

    /// An agency gives its opinion on the draft. It informs those who sign and approve; it binds nobody, since the
    /// text makes the review a duty of the agencies and not a condition on the cooperative.
    ///
    /// # Errors
    /// Signed already, or the agency is not responsible.
    pub fn reviewed(
        mut self,
        opinion: ImprovementOpinion,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        now.not_in_future(opinion.given_on, "/givenOn")?;
        self.may(ImprovementStep::Opinions, caller, standing)?;
        let content_hash = self.content_hash();
        self.opinions.retain(|given| (given.role, given.agency) != (caller.role, caller.agency));
        self.opinions.push(OpinionGiven {
            role: caller.role,
            agency: caller.agency,
            outcome: opinion.outcome,
            given_on: opinion.given_on,
            content_hash: content_hash.clone(),
        });
        let taken = StepTaken {
            on_date: Some(opinion.given_on),
            comment: Some(opinion.comment),
            outcome: Some(opinion.outcome.name().to_owned()),
            document: opinion.document,
            content_hash: Some(content_hash),
            ..StepTaken::new(ImprovementStep::Opinions.name(), caller, now)
        };
        Ok((self.next_version(now), taken))
    }

    /// The legal representative has signed and sealed; the plan goes to its four recipients.
    ///
    /// # Errors
    /// Every fault of the body, or why the plan cannot be submitted now.
    pub fn submitted(
        mut self,
        body: ImprovementSubmission,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        body.check(now)?;
        self.may(ImprovementStep::Submissions, caller, standing)?;
        not_before(body.signed_on, standing.pilot.selected_on, "/signedOn")?;
        let signature = Signature {
            signer: body.signer,
            signed_on: body.signed_on,
            document: body.document,
            recipients: body.recipients,
            content_hash: self.content_hash(),
            submitted_by: caller.subject.clone(),
            submitted_at: now.0,
        };
        let taken = StepTaken {
            on_date: Some(signature.signed_on),
            document: Some(signature.document.clone()),
            content_hash: Some(signature.content_hash.clone()),
            ..StepTaken::new(ImprovementStep::Submissions.name(), caller, now)
        };
        self.state = ImprovementState::Submitted(signature);
        self.writers.insert(caller.subject.clone());
        Ok((self.next_version(now), taken))
    }

    /// Back to the cooperative; what it signed no longer counts.
    ///
    /// # Errors
    /// Not submitted, or the agency is not responsible.
    pub fn returned(
        mut self,
        body: ImprovementReturn,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        self.may(ImprovementStep::Returns, caller, standing)?;
        let taken = StepTaken {
            comment: Some(body.comment.clone()),
            content_hash: Some(self.content_hash()),
            ..StepTaken::new(ImprovementStep::Returns.name(), caller, now)
        };
        self.state = ImprovementState::Returned { comment: body.comment };
        Ok((self.next_version(now), taken))
    }

    /// The People's Committee approves the content that was signed, and no other.
    ///
    /// # Errors
    /// Not submitted, the same person, another content, or a decision older than the signature.
    pub fn approved(
        mut self,
        body: ImprovementApproval,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        now.not_in_future(body.decision_date, "/decisionDate")?;
        self.may(ImprovementStep::Approvals, caller, standing)?;
        let ImprovementState::Submitted(signature) = self.state.clone() else {
            return Err(self.wrong(&[ImprovementStatus::Submitted]));
        };
        let content_hash = self.content_hash();
        if body.content_hash != content_hash || signature.content_hash != content_hash {
            return Err(content_changed(&body.content_hash, &content_hash));
        }
        not_before(body.decision_date, signature.signed_on, "/decisionDate")?;
        let taken = StepTaken {
            on_date: Some(body.decision_date),
            document: body.document.clone(),
            content_hash: Some(content_hash.clone()),
            ..StepTaken::new(ImprovementStep::Approvals.name(), caller, now)
        };
        let approval = Approval {
            decision_number: body.decision_number,
            decision_date: body.decision_date,
            signatory: body.signatory,
            document: body.document,
            content_hash,
            approved_by: caller.subject.clone(),
            approved_at: now.0,
        };
        self.state = ImprovementState::Approved(signature, approval);
        Ok((self.next_version(now), taken))
    }

    /// Revision n+1 has been approved: this one is no longer the yardstick.
    #[must_use]
    pub fn superseded(mut self, now: Moment) -> Self {
        if let ImprovementState::Approved(signature, approval) = self.state {
            self.state = ImprovementState::Superseded(signature, approval);
        }
        self.next_version(now)
    }

    /// The cooperative opens revision n+1 with the content of this one: (this plan, the new draft, the step).
    ///
    /// # Errors
    /// Not approved, or revised already.
    pub fn revised(
        mut self,
        id: Uuid,
        body: ImprovementRevision,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, Self, StepTaken), Refusal> {
        self.may(ImprovementStep::Revisions, caller, standing)?;
        let mut draft = Self::draft(id, standing, self.content.clone(), caller, now)?;
        draft.revision = self.revision.saturating_add(1);
        draft.revises = Some(Revises { plan: self.id, reason: body.reason.clone() });
        self.next = Some(id);
        let taken =
            StepTaken { comment: Some(body.reason), ..StepTaken::new(ImprovementStep::Revisions.name(), caller, now) };
        Ok((self.next_version(now), draft, taken))
    }

    /// The draft of the next revision was deleted: another may be opened.
    #[must_use]
    pub fn without_next(mut self, now: Moment) -> Self {
        self.next = None;
        self.next_version(now)
    }

    /// The cooperative reports that a measure was done, or takes such a report back.
    ///
    /// # Errors
    /// No such measure, not approved, or the measure stands there already.
    pub fn measure_reported(
        mut self,
        body: MeasureReport,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        now.not_in_future(body.on_date, "/onDate")?;
        let stage = self.may(ImprovementStep::MeasureReports, caller, standing);
        let count = self.content.measures.len();
        let measure = self.content.measures.iter_mut().find(|measure| measure.number == body.measure);
        let measure = measure.ok_or_else(|| measure_unknown(body.measure, count))?;
        stage?;
        let done = body.outcome == MeasureOutcome::Done;
        if measure.done_on.is_some() == done {
            return Err(measure_stands(measure));
        }
        measure.done_on = done.then_some(body.on_date);
        let taken = StepTaken {
            on_date: Some(body.on_date),
            item: Some(body.measure.to_string()),
            outcome: Some(body.outcome.name().to_owned()),
            comment: Some(body.comment),
            document: body.document,
            ..StepTaken::new(ImprovementStep::MeasureReports.name(), caller, now)
        };
        Ok((self.next_version(now), taken))
    }

    fn next_version(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }
}
