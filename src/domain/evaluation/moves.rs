//! What can be done with an evaluation, by whom, when; each question asked the same way by the move itself and by
//! the list of allowed actions.

mod checks;
mod register;

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::inputs::ScoringInputs;
use super::oversight::Circumstances;
use super::scoring::Settled;
use super::{
    Board, BoardOpinion, Endorsement, Evaluation, EvaluationKind, EvaluationState, NewContent, Operation, Score,
    Submission, scoring,
};
use crate::domain::application::not_before;
use crate::domain::cooperative::{AnnualFigures, Field};
use crate::domain::criteria::{CriteriaSet, DeadlineLevel};
use crate::domain::deadline::{Deadline, DeadlineState, state_at};
use crate::domain::digest::digest;
use crate::domain::evidence::DocumentReference;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};
use crate::domain::text::Text;

/// The cooperative that is evaluated, as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its district or commune.
    pub unit: String,
    /// When it was founded and when it stopped.
    pub operation: Operation,
    /// Field of activity.
    pub field: Field,
    /// VSIC code of its main activity, where it states one.
    pub industry_code: Option<String>,
    /// Its figures of the year and of the one before, both sides of each.
    pub figures: Vec<AnnualFigures>,
}

/// What may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluationAction {
    /// Change the scores.
    Edit,
    /// Delete the draft.
    Delete,
    /// Record the agreement of a board.
    Endorse,
    /// Send it.
    Submit,
    /// Find it right.
    Confirm,
    /// Send it back.
    Return,
}

impl EvaluationKind {
    /// In which roles it is made. The cooperative's own is nobody else's (2129/QĐ-UBND I.3: the State does not intervene);
    /// locality and responsible department verify (VI.2.2); the lead agency evaluates who completes a model (VII.1). Which
    /// of the agencies of a role answers for a cooperative, [`Circumstances`] says.
    pub const fn is_made_by(self, role: Role) -> bool {
        match self {
            Self::Own => matches!(role, Role::Cooperative),
            Self::Verified => matches!(role, Role::Locality | Role::LineDepartment),
            Self::Final => matches!(role, Role::LeadAgency),
        }
    }

    /// In which roles it is found right, by another person than those who made it.
    pub const fn is_confirmed_by(self, role: Role) -> bool {
        match self {
            Self::Own | Self::Verified => matches!(role, Role::Locality | Role::LineDepartment),
            Self::Final => matches!(role, Role::LeadAgency),
        }
    }

    /// Only the cooperative has boards to ask (01/2020/TT-BKHĐT).
    const fn needs_endorsement(self) -> bool {
        matches!(self, Self::Own)
    }

    /// The deadline of a year; the circular binds the cooperative, not who verifies it.
    pub fn deadline(self, set: &CriteriaSet, year: u16) -> Option<Deadline> {
        match self {
            Self::Own => set.criteria.deadline(DeadlineLevel::Cooperative).map(|deadline| deadline.of(year)),
            Self::Verified | Self::Final => None,
        }
    }
}

/// Whether a caller's role makes evaluations of this kind at all.
///
/// # Errors
/// [`Rule::NotOwnEvaluation`].
fn may_make(kind: EvaluationKind, caller: &Caller) -> Result<(), Refusal> {
    if kind.is_made_by(caller.role) {
        return Ok(());
    }
    let (vi, en) = match kind {
        EvaluationKind::Own => {
            ("Chỉ HTX tự lập bản tự đánh giá của mình.", "Only the cooperative makes its self-evaluation.")
        }
        EvaluationKind::Verified => (
            "Chỉ địa phương hoặc sở chuyên ngành lập bản thẩm tra.",
            "Only a locality or a line department makes a verified evaluation.",
        ),
        EvaluationKind::Final => {
            ("Chỉ cơ quan đầu mối lập bản đánh giá cuối.", "Only the lead agency makes a final evaluation.")
        }
    };
    Err(Refusal::new(Rule::NotOwnEvaluation, vi, en).given(&[("kind", &kind.name())]))
}

/// The first day of the evaluated year.
fn first_day(year: u16) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::from(year), 1, 1).unwrap_or(NaiveDate::MAX)
}

/// A set is used for the years that it governs and in the territory that it serves; where the province has a variant of it
/// in force, that is used. No year is evaluated before it comes.
fn check_set(
    set: &CriteriaSet,
    year: u16,
    province: &str,
    variant: Option<&String>,
    now: Moment,
) -> Result<(), Refusal> {
    let future = now.not_in_future(first_day(year), "/year").err();
    let ungoverned = (!set.governs(year)).then(|| not_in_force(&set.code, year).under(&set.legal_basis));
    let elsewhere = (!set.serves(province)).then(|| {
        Refusal::at(
            Rule::CriteriaNotInForce,
            "/criteriaSet",
            format!("Bộ tiêu chí {} không áp dụng ở tỉnh {province}.", set.code),
            format!("The criteria set {} does not serve province {province}.", set.code),
        )
        .given(&[("criteriaSet", &set.code), ("province", &province)])
        .under(&set.legal_basis)
    });
    let varied = variant.map(|variant| {
        Refusal::at(
            Rule::CriteriaNotInForce,
            "/criteriaSet",
            format!("Tỉnh {province} áp dụng bộ tiêu chí {variant} cho năm {year} thay cho {}.", set.code),
            format!("Province {province} uses the criteria set {variant} for {year} in place of {}.", set.code),
        )
        .given(&[("criteriaSet", &set.code), ("variant", variant), ("province", &province), ("year", &year)])
        .under(&set.legal_basis)
    });
    Refusal::of_all(future.into_iter().chain(ungoverned).chain(elsewhere).chain(varied).collect())
}

/// A set evaluates only whom its document covers: people's credit funds stand outside Circular 01/2020.
pub(super) fn covers(set: &CriteriaSet, industry_code: Option<&str>) -> Result<(), Refusal> {
    let Some(outside) = set.criteria.leaves_out(industry_code) else { return Ok(()) };
    let (code, Text { vi, en }) = (&outside.industry_code, &outside.name);
    Err(Refusal::at(
        Rule::OutsideCriteria,
        "/cooperative",
        format!("Bộ tiêu chí {} không áp dụng đối với {vi} (mã ngành {code}).", set.code),
        format!("The criteria set {} does not cover {en} (trade {code}).", set.code),
    )
    .given(&[("criteriaSet", &set.code), ("industry", code)])
    .under(&set.legal_basis))
}

/// No step is dated before the evaluated year begins.
fn not_before_year(day: NaiveDate, year: u16, pointer: &str) -> Result<(), Refusal> {
    let begins = first_day(year);
    if day >= begins {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::StepPredated,
        pointer,
        format!("Ngày {day} trước khi năm được đánh giá bắt đầu, ngày {begins}."),
        format!("The date {day} lies before the evaluated year begins, on {begins}."),
    )
    .given(&[("date", &day), ("earliest", &begins)]))
}

/// That no criteria set of a code governs a year.
pub fn not_in_force(code: &str, year: u16) -> Refusal {
    Refusal::at(
        Rule::CriteriaNotInForce,
        "/criteriaSet",
        format!("Bộ tiêu chí {code} không có hiệu lực vào ngày 31/12/{year}."),
        format!("No criteria set {code} is in force on 31 December {year}."),
    )
    .given(&[("criteriaSet", &code), ("year", &year)])
}

/// What is wrong with a body by itself and by its criteria set, where the cooperative is not found or no set is in force: told
/// beside that.
pub fn faults_of_body(
    set: Option<&CriteriaSet>,
    (kind, year): (EvaluationKind, u16),
    content: &NewContent,
    now: Moment,
) -> Vec<Refusal> {
    let future = now.not_in_future(first_day(year), "/year").err();
    let fine = set.and_then(|set| scoring::check_fine(set, content.fine.as_ref()).err());
    future.into_iter().chain(scoring::check_entered(set, (kind, year), &content.scores).err()).chain(fine).collect()
}

impl Evaluation {
    /// Begins an evaluation: scores checked, outcome computed.
    ///
    /// # Errors
    /// Every fault of the scores; another's kind of evaluation; an agency that does not answer for the cooperative.
    pub fn draft(
        id: Uuid,
        (kind, year): (EvaluationKind, u16),
        of: Evaluated,
        set: &CriteriaSet,
        content: NewContent,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let NewContent { scores, fine } = content;
        let Evaluated { cooperative, province, unit, operation, field, industry_code, figures } = of;
        let inputs = ScoringInputs::read(&set.criteria, kind, year, field, &figures);
        let settled = scoring::settle(set, year, &inputs, &scores);
        let fits = check_set(set, year, &province, known.variant.as_ref(), now);
        let covered = covers(set, industry_code.as_deref());
        let settled = all_or(settled, [fits, covered, scoring::check_fine(set, fine.as_ref())])?;
        may_make(kind, caller)?;
        known.answers_for(kind, cooperative, caller)?;
        let scores = signed(settled, &[], &caller.subject);
        let points = scores.iter().map(|score| score.points);
        let outcome = scoring::outcome(set, year, points, &operation, fine.as_ref());
        Ok(Self {
            id,
            version: 1,
            cooperative,
            province,
            unit,
            year,
            kind,
            criteria_set: set.id,
            criteria_code: set.code.clone(),
            scores,
            inputs: set.criteria.has_scales().then_some(inputs),
            fine,
            operation,
            outcome,
            endorsements: Vec::new(),
            state: EvaluationState::Draft,
            submission: None,
            agency: caller.agency,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Refuses to make it another's, another year's or another kind's.
    ///
    /// # Errors
    /// Every member that differs.
    pub fn keeps_key(&self, (cooperative, year, kind): (Uuid, u16, EvaluationKind)) -> Result<(), Refusal> {
        let differs = [
            ("/cooperative", self.cooperative != cooperative, self.cooperative.to_string()),
            ("/year", self.year != year, self.year.to_string()),
            ("/kind", self.kind != kind, self.kind.name().to_owned()),
        ];
        let fault = |(pointer, _, kept): (&'static str, bool, String)| {
            let vi = "Không đổi được HTX, năm và loại của bản đánh giá; hãy lập bản khác.";
            let en = "Cooperative, year and kind of an evaluation do not change; make another one.";
            Refusal::at(Rule::EvaluationKeyFixed, pointer, vi, en).given(&[("kept", &kept)])
        };
        Refusal::of_all(differs.into_iter().filter(|(_, differs, _)| *differs).map(fault).collect())
    }

    /// Replaces the content, computing again from the figures that stand. A change of content voids the agreements given
    /// to the content before. The version of the criteria stays, unless another set is named.
    ///
    /// # Errors
    /// Another cooperative, year or kind; every fault of the scores; not the caller's, or not to be changed any more.
    pub fn edit(
        self,
        key: (Uuid, u16, EvaluationKind),
        set: &CriteriaSet,
        content: NewContent,
        of: Evaluated,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let NewContent { scores, fine } = content;
        let inputs = ScoringInputs::read(&set.criteria, self.kind, self.year, of.field, &of.figures);
        let settled = scoring::settle(set, self.year, &inputs, &scores);
        let kept = set.id == self.criteria_set;
        let checked = || check_set(set, self.year, &self.province, known.variant.as_ref(), now);
        let fits = if kept { Ok(()) } else { checked() };
        // What it was made under is no fault of the body: that it does not cover the cooperative is told as the step's.
        let covered = if kept { Ok(()) } else { covers(set, of.industry_code.as_deref()) };
        let settled = all_or(settled, [self.keeps_key(key), fits, covered, scoring::check_fine(set, fine.as_ref())])?;
        self.may_now(EvaluationAction::Edit, (set, &of), known, caller)?;
        let (scores, operation) = (signed(settled, &self.scores, &caller.subject), of.operation);
        let points = scores.iter().map(|score| score.points);
        let outcome = scoring::outcome(set, self.year, points, &operation, fine.as_ref());
        let inputs = set.criteria.has_scales().then_some(inputs);
        let (criteria_set, criteria_code) = (set.id, set.code.clone());
        let next = self.next(now);
        let mut edited = Self { scores, inputs, fine, operation, outcome, criteria_set, criteria_code, ..next };
        let content = edited.content_hash();
        edited.endorsements.retain(|endorsement| endorsement.content_hash == content);
        Ok(edited)
    }

    /// Whether a board may say this on a day, by the words alone.
    ///
    /// # Errors
    /// A date in the future; a board of directors said to be absent.
    pub fn may_be_endorsed(
        board: Board,
        opinion: BoardOpinion,
        on_date: NaiveDate,
        now: Moment,
    ) -> Result<(), Refusal> {
        let faults = [now.not_in_future(on_date, "/endorsedOn"), board_may_say(board, opinion)];
        Refusal::of_all(faults.into_iter().filter_map(Result::err).collect())
    }

    /// Records that a board agrees to the content as it is; a second word of the same board replaces the first.
    ///
    /// # Errors
    /// A date in the future, before the year or before the last return; a board of directors said to be absent; out of
    /// order.
    pub fn endorse(
        self,
        (set, of): (&CriteriaSet, &Evaluated),
        (board, opinion): (Board, BoardOpinion),
        on_date: NaiveDate,
        document: Option<DocumentReference>,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        Self::may_be_endorsed(board, opinion, on_date, now)?;
        self.may_now(EvaluationAction::Endorse, (set, of), known, caller)?;
        self.follows(on_date, known.returned_on, "/endorsedOn")?;
        let content_hash = self.content_hash();
        let mut next = self.next(now);
        let endorsements = &mut next.endorsements;
        endorsements.retain(|endorsement| endorsement.board != board);
        endorsements.push(Endorsement { board, opinion, on_date, document, content_hash });
        endorsements.sort_by_key(|endorsement| endorsement.board);
        Ok(next)
    }

    /// Sends it. What the register knows today decides whether it is rated; a missed deadline is marked, never refused.
    ///
    /// # Errors
    /// An agreement is missing; dated before the year, an agreement or the last return; computed points are no longer those
    /// of the figures; not the caller's; out of order.
    pub fn submit(
        self,
        set: &CriteriaSet,
        of: Evaluated,
        on_date: NaiveDate,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(on_date, "/submittedOn")?;
        self.may_now(EvaluationAction::Submit, (set, &of), known, caller)?;
        let agreed_on = self.endorsements.iter().map(|endorsement| endorsement.on_date).max();
        self.follows(on_date, known.returned_on.max(agreed_on), "/submittedOn")?;
        let outcome = self.outcome_now(set, &of);
        let operation = of.operation;
        let deadline = self.kind.deadline(set, self.year);
        let late = match &self.submission {
            Some(first) => first.late,
            None => deadline.map(|deadline| state_at(&deadline, now) == DeadlineState::Late),
        };
        let submission = Some(Submission { at: now.0, by: caller.subject.clone(), late });
        Ok(Self { operation, outcome, submission, state: EvaluationState::Submitted, ..self.next(now) })
    }

    /// Finds it right, as it was sent: where the register now says otherwise it is not confirmed but returned.
    ///
    /// # Errors
    /// By a person who made it; by another agency; dated before the submission; out of order; the figures or the outcome
    /// are no longer those of the register; the circular does not cover the cooperative.
    pub fn confirm(
        self,
        (set, of): (&CriteriaSet, &Evaluated),
        on_date: NaiveDate,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(on_date, "/confirmedOn")?;
        self.may_now(EvaluationAction::Confirm, (set, of), known, caller)?;
        self.follows(on_date, known.submitted_on, "/confirmedOn")?;
        Ok(Self { state: EvaluationState::Confirmed, ..self.next(now) })
    }

    /// Sends it back, to be changed and submitted again. The reason stands in the history.
    ///
    /// # Errors
    /// By another agency; dated before the submission; out of order.
    pub fn send_back(
        self,
        on_date: NaiveDate,
        known: &Circumstances,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(on_date, "/returnedOn")?;
        self.may(EvaluationAction::Return, known, caller)?;
        self.follows(on_date, known.submitted_on, "/returnedOn")?;
        Ok(Self { state: EvaluationState::Returned, ..self.next(now) })
    }

    /// Whether a caller may do something with it now, as far as the evaluation itself tells.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may(&self, action: EvaluationAction, known: &Circumstances, caller: &Caller) -> Result<(), Refusal> {
        match action {
            EvaluationAction::Edit => self.is_open().and_then(|()| self.is_of(caller)),
            EvaluationAction::Delete => self.is_draft().and_then(|()| self.is_of(caller)),
            EvaluationAction::Endorse => {
                self.has_boards()?;
                self.is_open().and_then(|()| self.is_of(caller))
            }
            EvaluationAction::Submit => {
                self.is_open()?;
                self.is_of(caller)?;
                self.is_endorsed(known)
            }
            EvaluationAction::Confirm => {
                self.is_submitted()?;
                self.is_judged_by(known, caller)?;
                self.is_seen_by_other_eyes(caller)
            }
            EvaluationAction::Return => self.is_submitted().and_then(|()| self.is_judged_by(known, caller)),
        }
    }

    /// Digest of what the boards agree to: whose evaluation, of which year, by which criteria, which points, computed or
    /// overridden, with which notes and documents.
    pub fn content_hash(&self) -> String {
        let score = |score: &Score| {
            json!({
                "criterion": score.criterion,
                "points": score.points,
                "computed": score.computed,
                "overrideReason": score.override_reason,
                "note": score.note,
                "document": score.document,
            })
        };
        digest(&json!({
            "cooperative": self.cooperative,
            "year": self.year,
            "kind": self.kind,
            "criteriaSet": self.criteria_set,
            "administrativeFine": self.fine,
            "scores": self.scores.iter().map(score).collect::<Vec<_>>(),
        }))
    }

    /// A step is dated neither before the evaluated year nor before the step that it follows.
    fn follows(&self, day: NaiveDate, after: Option<NaiveDate>, pointer: &str) -> Result<(), Refusal> {
        not_before_year(day, self.year, pointer)?;
        after.map_or(Ok(()), |after| not_before(day, after, pointer))
    }

    /// The version that comes after.
    fn next(self, now: Moment) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: now.0, ..self }
    }
}

/// A small cooperative may have no supervisors by its charter; it always has directors.
fn board_may_say(board: Board, opinion: BoardOpinion) -> Result<(), Refusal> {
    match (board, opinion) {
        (Board::Directors, BoardOpinion::NoneByCharter) => Err(Refusal::at(
            Rule::BoardMustAgree,
            "/opinion",
            "Chỉ ban kiểm soát có thể không có theo điều lệ.",
            "Only the supervisory board can be absent by charter.",
        )
        .given(&[("board", &board.name())])),
        (Board::Directors | Board::Supervisors, BoardOpinion::Agreed)
        | (Board::Supervisors, BoardOpinion::NoneByCharter) => Ok(()),
    }
}

/// The settled points, unless something else is wrong too: then all of it.
fn all_or<const N: usize>(
    settled: Result<Vec<Settled>, Refusal>,
    others: [Result<(), Refusal>; N],
) -> Result<Vec<Settled>, Refusal> {
    let mut refusals: Vec<Refusal> = others.into_iter().filter_map(Result::err).collect();
    let settled = settled.map_err(|refusal| refusals.push(refusal)).unwrap_or_default();
    Refusal::of_all(refusals).map(|()| settled)
}

/// The scores with who entered them; one that did not change keeps its name.
fn signed(settled: Vec<Settled>, before: &[Score], subject: &str) -> Vec<Score> {
    let sign = |Settled { criterion, points, computed, override_reason, note, document }| {
        let score = Score { criterion, points, computed, override_reason, note, document, entered_by: String::new() };
        let same = |old: &&Score| Score { entered_by: String::new(), ..(*old).clone() } == score;
        let entered_by = before.iter().find(same).map_or_else(|| subject.to_owned(), |old| old.entered_by.clone());
        Score { entered_by, ..score }
    };
    settled.into_iter().map(sign).collect()
}

#[cfg(test)]
mod tests;
