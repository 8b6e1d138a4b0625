//! What stands in the way of a step: state, who it belongs to, who judges it, whose eyes have seen it.

use super::may_make;
use crate::domain::evaluation::oversight::Circumstances;
use crate::domain::evaluation::{Board, Endorsement, Evaluation, EvaluationKind, EvaluationState};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};

/// The boards that must agree to a self-evaluation before it is sent.
const BOARDS: [Board; 2] = [Board::Directors, Board::Supervisors];

impl Evaluation {
    pub(super) fn is_open(&self) -> Result<(), Refusal> {
        match self.state {
            EvaluationState::Draft | EvaluationState::Returned => Ok(()),
            EvaluationState::Submitted | EvaluationState::Confirmed => Err(self.wrong_state()),
        }
    }

    pub(super) fn is_submitted(&self) -> Result<(), Refusal> {
        match self.state {
            EvaluationState::Submitted => Ok(()),
            EvaluationState::Draft | EvaluationState::Returned | EvaluationState::Confirmed => Err(self.wrong_state()),
        }
    }

    pub(super) fn is_draft(&self) -> Result<(), Refusal> {
        if self.state == EvaluationState::Draft {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::NotADraft,
            format!("Bản đánh giá {}, không còn là dự thảo.", self.state_in_words().0),
            format!("The evaluation is {} and no longer a draft.", self.state_in_words().1),
        )
        .given(&[("state", &self.state.name())]))
    }

    pub(super) fn has_boards(&self) -> Result<(), Refusal> {
        if self.kind.needs_endorsement() {
            return Ok(());
        }
        let (vi, en) = ("Chỉ bản tự đánh giá cần ý kiến thống nhất.", "Only a self-evaluation is endorsed.");
        Err(Refusal::new(Rule::WrongState, vi, en).given(&[("state", &self.state.name()), ("kind", &self.kind.name())]))
    }

    /// Own evaluations are the cooperative's, others those of the agency that began them.
    pub(super) fn is_of(&self, caller: &Caller) -> Result<(), Refusal> {
        may_make(self.kind, caller)?;
        let own = match self.kind {
            EvaluationKind::Own => caller.cooperative() == Some(self.cooperative),
            EvaluationKind::Verified | EvaluationKind::Final => {
                self.agency.is_some_and(|agency| caller.acts_for(agency))
            }
        };
        if own {
            return Ok(());
        }
        let (vi, en) = ("Bản đánh giá do cơ quan khác lập.", "Another agency makes this evaluation.");
        Err(Refusal::new(Rule::NotOwnEvaluation, vi, en).given(&[("kind", &self.kind.name())]))
    }

    pub(super) fn is_judged_by(&self, known: &Circumstances, caller: &Caller) -> Result<(), Refusal> {
        if self.kind.is_confirmed_by(caller.role) {
            return known.answers_for(self.kind, self.cooperative, caller);
        }
        let (vi, en) = match self.kind {
            EvaluationKind::Own | EvaluationKind::Verified => (
                "Chỉ địa phương hoặc sở chuyên ngành phụ trách xác nhận.",
                "Only the locality or the responsible department judges it.",
            ),
            EvaluationKind::Final => ("Chỉ cơ quan đầu mối xác nhận.", "Only the lead agency judges it."),
        };
        let judges = Role::ALL.iter().filter(|role| self.kind.is_confirmed_by(**role)).map(|role| role.name());
        let judges = judges.collect::<Vec<_>>().join(", ");
        Err(Refusal::new(Rule::NotResponsible, vi, en).given(&[("responsible", &judges)]))
    }

    /// Nobody confirms what they made, scored or sent.
    pub(super) fn is_seen_by_other_eyes(&self, caller: &Caller) -> Result<(), Refusal> {
        let subject = caller.subject.as_str();
        let made = self.created_by == subject
            || self.submission.as_ref().is_some_and(|submission| submission.by == subject)
            || self.scores.iter().any(|score| score.entered_by == subject);
        if !made {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::FourEyes,
            format!("“{subject}” đã lập, chấm điểm hoặc nộp bản đánh giá nên không được xác nhận."),
            format!("{subject} made, scored or submitted the evaluation and so cannot confirm it."),
        )
        .given(&[("person", &subject)]))
    }

    /// Both boards agree to exactly this content, as the circular of the criteria set asks.
    pub(super) fn is_endorsed(&self, known: &Circumstances) -> Result<(), Refusal> {
        let content = self.content_hash();
        let agrees = |board| {
            let of_content = |endorsement: &&Endorsement| endorsement.content_hash == content;
            self.endorsements.iter().filter(of_content).any(|endorsement| endorsement.board == board)
        };
        let silent: Vec<_> = BOARDS.into_iter().filter(|board| !agrees(*board)).collect();
        if silent.is_empty() || !self.kind.needs_endorsement() {
            return Ok(());
        }
        let names = silent.iter().map(|board| board.name()).collect::<Vec<_>>().join(", ");
        let missing: Vec<_> = silent.into_iter().map(Board::in_words).collect();
        let list = |side: fn(&(&'static str, &'static str)) -> &'static str, and: &str| {
            missing.iter().map(side).collect::<Vec<_>>().join(and)
        };
        Err(Refusal::new(
            Rule::EndorsementMissing,
            format!("Chưa có ý kiến thống nhất của {} về nội dung hiện tại.", list(|words| words.0, " và ")),
            format!("The content as it is has not been agreed to by {}.", list(|words| words.1, " and ")),
        )
        .given(&[("boards", &names)])
        .under(&known.legal_basis))
    }

    fn wrong_state(&self) -> Refusal {
        let (vi, en) = self.state_in_words();
        Refusal::new(
            Rule::WrongState,
            format!("Bản đánh giá {vi}: không làm được bước này."),
            format!("The evaluation is {en}: this step does not follow."),
        )
        .given(&[("state", &self.state.name())])
    }

    const fn state_in_words(&self) -> (&'static str, &'static str) {
        match self.state {
            EvaluationState::Draft => ("đang là dự thảo", "a draft"),
            EvaluationState::Submitted => ("đã nộp", "submitted"),
            EvaluationState::Confirmed => ("đã được xác nhận", "confirmed"),
            EvaluationState::Returned => ("đã bị trả lại", "returned"),
        }
    }
}

impl Board {
    const fn in_words(self) -> (&'static str, &'static str) {
        match self {
            Self::Directors => ("hội đồng quản trị", "the board of directors"),
            Self::Supervisors => ("ban kiểm soát", "the supervisory board"),
        }
    }
}
