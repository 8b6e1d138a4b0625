//! The moves of an improvement plan, in the order of its life.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::reasons::{content_changed, measure_unknown, participating, responsible};
use super::{
    Approval, Consolidated, ImprovementApproval, ImprovementContent, ImprovementOpinion, ImprovementPlan,
    ImprovementReceipt, ImprovementReturn, ImprovementRevision, ImprovementState, ImprovementStatus, ImprovementStep,
    ImprovementSubmission, MeasureReport, NewImprovementPlan, OpinionGiven, Receipt, Revises, Signature, Standing,
};
use crate::domain::application::not_before;
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;
use crate::domain::vietnamese;

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
                "Bản điều chỉnh giữ nguyên bản đánh giá ban đầu của Kế hoạch.",
                format!("A revision keeps the baseline evaluation {held}."),
            )
            .given(&[("baseline", &held)]));
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
            "Kế hoạch này là của một HTX thí điểm khác.",
            format!("This plan is of the pilot {held}."),
        )
        .given(&[("pilot", &held)]))
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
            format!("Kế hoạch {}; chỉ xóa được dự thảo.", vietnamese::state(stage)),
            format!("The plan is {stage}; only a draft can be deleted."),
        )
        .given(&[("state", &stage)]))
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
                self.says_something()?;
                self.reviewed_by_all().map(drop)
            }
            ImprovementStep::Receipts => {
                self.must_be(&[ImprovementStatus::Submitted, ImprovementStatus::Approved])?;
                responsible(caller, standing)?;
                self.awaits_receipt_of(caller).map(drop)
            }
            ImprovementStep::Returns => {
                self.must_be(&[ImprovementStatus::Submitted])?;
                responsible(caller, standing)
            }
            ImprovementStep::Approvals => {
                self.must_be(&[ImprovementStatus::Submitted])?;
                participating(&standing.pilot)?;
                self.four_eyes(caller)?;
                self.fits()?;
                self.consolidated().map(drop)
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

    /// An agency gives its opinion on the draft. An unfavourable one informs those who sign and approve and binds neither
    /// (2129/QĐ-UBND I.3); but a plan that does not fit the State's support plan is not approved (VI.2.1).
    ///
    /// # Errors
    /// Signed already, dated before the selection, or the agency is not responsible.
    pub fn reviewed(
        mut self,
        opinion: ImprovementOpinion,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        now.not_in_future(opinion.given_on, "/givenOn")?;
        self.may(ImprovementStep::Opinions, caller, standing)?;
        not_before(opinion.given_on, standing.pilot.selected_on, "/givenOn")?;
        let content_hash = self.content_hash();
        self.opinions
            .retain(|given| given.role != caller.role || !given.agency.is_some_and(|agency| caller.acts_for(agency)));
        self.opinions.push(OpinionGiven {
            role: caller.role,
            agency: caller.agency,
            outcome: opinion.outcome,
            fits_support_plan: Some(opinion.fits_support_plan),
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
        let reviewed_on = self.reviewed_by_all()?;
        not_before(body.signed_on, reviewed_on.unwrap_or(standing.pilot.selected_on), "/signedOn")?;
        let signature = Signature {
            signer: body.signer,
            signed_on: body.signed_on,
            document: body.document,
            recipients: body.recipients,
            content_hash: self.content_hash(),
            submitted_by: caller.subject.clone(),
            submitted_at: now.0,
            receipts: Vec::new(),
            consolidated: None,
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

    /// One of the four recipients has the signed plan.
    ///
    /// # Errors
    /// Not signed, not a recipient of this plan, acknowledged already, or dated before the signature.
    pub fn received(
        mut self,
        body: ImprovementReceipt,
        caller: &Caller,
        standing: &Standing,
        now: Moment,
    ) -> Result<(Self, StepTaken), Refusal> {
        let ImprovementReceipt { received_on, incoming_number } = body;
        now.not_in_future(received_on, "/receivedOn")?;
        self.may(ImprovementStep::Receipts, caller, standing)?;
        let recipient = self.awaits_receipt_of(caller)?;
        let stage = self.wrong(&[ImprovementStatus::Submitted, ImprovementStatus::Approved]);
        let signature = self.state.signature_mut().ok_or(stage)?;
        not_before(received_on, signature.signed_on, "/receivedOn")?;
        let taken = StepTaken {
            on_date: Some(received_on),
            item: Some(recipient.name().to_owned()),
            comment: incoming_number.clone(),
            content_hash: Some(signature.content_hash.clone()),
            ..StepTaken::new(ImprovementStep::Receipts.name(), caller, now)
        };
        let (agency, recorded_at) = (caller.agency, now.0);
        signature.receipts.push(Receipt { recipient, agency, received_on, incoming_number, recorded_at });
        Ok((self.next_version(now), taken))
    }

    /// The lead agency has put what was signed before the People's Committee, in a document over the plans of its
    /// province (2129/QĐ-UBND VI.2.1: *tổng hợp, tham mưu*).
    pub(super) fn put_forward(
        mut self,
        consolidated: Consolidated,
        pilot: &Pilot,
        (content_hash, pointer): (&str, &str),
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.must_be(&[ImprovementStatus::Submitted])?;
        participating(pilot)?;
        let held = self.content_hash();
        if content_hash != held {
            return Err(content_changed(content_hash, &held, &format!("{pointer}/contentHash")));
        }
        let stage = self.wrong(&[ImprovementStatus::Submitted]);
        let signature = self.state.signature_mut().ok_or(stage)?;
        not_before(consolidated.date, signature.signed_on, "/date")?;
        signature.consolidated = Some(consolidated);
        Ok(self.next_version(now))
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
    /// Not submitted or not consolidated, the same person, another content, a plan that does not fit the State's support
    /// plan, or a decision older than the consolidation.
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
            return Err(content_changed(&body.content_hash, &content_hash, "/contentHash"));
        }
        not_before(body.decision_date, self.consolidated()?.date, "/decisionDate")?;
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

    /// The cooperative reports that a measure is under way or was done, or takes a report of its end back.
    ///
    /// # Errors
    /// No such measure, not approved, the measure stands there already, or dates run backwards.
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
        measure.advance(body.outcome, body.on_date)?;
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
