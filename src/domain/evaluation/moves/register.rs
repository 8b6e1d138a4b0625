//! What the register says of the cooperative now, as against what an evaluation rests on: whether the circular covers it,
//! whether the figures still bring the points, whether the outcome is still the one that was sent.

use super::{Evaluated, EvaluationAction};
use crate::domain::criteria::CriteriaSet;
use crate::domain::evaluation::inputs::ScoringInputs;
use crate::domain::evaluation::oversight::Circumstances;
use crate::domain::evaluation::{Evaluation, NotRatedReason, Outcome, Score, Verdict, scoring};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;
use crate::domain::score::Points;
use crate::domain::text::Text;

impl Evaluation {
    /// Whether a caller may do something with it now, with what the register says of the cooperative today: the question
    /// that each move asks, and the list of allowed actions with it.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_now(
        &self,
        action: EvaluationAction,
        (set, of): (&CriteriaSet, &Evaluated),
        known: &Circumstances,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        let is_forward = !matches!(action, EvaluationAction::Delete | EvaluationAction::Return);
        if is_forward {
            is_covered(set, of)?;
        }
        self.may(action, known, caller)?;
        match action {
            EvaluationAction::Submit => self.rests_on(set, of),
            EvaluationAction::Confirm => {
                self.rests_on(set, of)?;
                self.stands(set, of)
            }
            EvaluationAction::Edit
            | EvaluationAction::Endorse
            | EvaluationAction::Delete
            | EvaluationAction::Return => Ok(()),
        }
    }

    /// The outcome with what the register knows now.
    pub(super) fn outcome_now(&self, set: &CriteriaSet, of: &Evaluated) -> Outcome {
        let points = self.scores.iter().map(|score| score.points);
        scoring::outcome(set, self.year, points, &of.operation, self.fine.as_ref())
    }

    /// Refuses points that the figures no longer bring: what the boards agreed to would not be what stands.
    fn rests_on(&self, set: &CriteriaSet, of: &Evaluated) -> Result<(), Refusal> {
        let inputs = ScoringInputs::read(&set.criteria, self.kind, self.year, of.field, &of.figures);
        let now = |code: &str| {
            let scale = set.criteria.leaves().find(|leaf| leaf.code == code)?.scale?;
            inputs.compute(scale, self.year, set.criteria.points_step).points()
        };
        let (mut criteria, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for Score { criterion, computed: then, .. } in &self.scores {
            let now = now(criterion);
            if now != *then {
                let say = |points: Option<Points>| points.map_or_else(|| "–".to_owned(), |points| points.to_string());
                criteria.push(criterion.as_str());
                before.push(say(*then));
                after.push(say(now));
            }
        }
        if criteria.is_empty() {
            return Ok(());
        }
        let (criteria, before, after) = (criteria.join(", "), before.join(", "), after.join(", "));
        Err(Refusal::new(
            Rule::FiguresChanged,
            format!("Số liệu đã thay đổi từ khi tính điểm (tiêu chí {criteria}: {before} → {after}); hãy sửa để tính lại."),
            format!("The figures have changed since (criterion {criteria}: {before} → {after}); edit the evaluation to compute again."),
        )
        .given(&[("criteria", &criteria), ("then", &before), ("now", &after)]))
    }

    /// Refuses to confirm an outcome that the register contradicts: an interruption was recorded, or the foundation mended,
    /// after the submission. Returned and sent again, the evaluation has the outcome of what is known by then.
    fn stands(&self, set: &CriteriaSet, of: &Evaluated) -> Result<(), Refusal> {
        let outcome = self.outcome_now(set, of);
        if outcome == self.outcome {
            return Ok(());
        }
        let (Text { vi: then, en: then_en }, Text { vi: now, en: now_en }) =
            (in_words(&self.outcome, set), in_words(&outcome, set));
        Err(Refusal::new(
            Rule::StandingChanged,
            format!("Lúc nộp: {then}; theo sổ đăng ký hiện nay: {now}. Hãy trả lại để nộp lại theo những gì đã ghi nhận."),
            format!("When submitted: {then_en}; by the register now: {now_en}. Return it, to be submitted on what is recorded."),
        )
        .given(&[("then", &code(&self.outcome)), ("now", &code(&outcome))])
        .under(&set.criteria.not_rated.legal_basis))
    }
}

/// What comes of it, without figures: those stand in the explanation.
fn in_words(outcome: &Outcome, set: &CriteriaSet) -> Text {
    let rating = |code: &str| set.criteria.bands.iter().find(|band| band.code == code).map(|band| &band.name);
    match &outcome.verdict {
        Verdict::Rated(code) => match rating(code) {
            Some(Text { vi, en }) => Text::new(format!("xếp loại {vi}"), format!("rated {en}")),
            None => Text::new(format!("xếp loại “{code}”"), format!("rated {code}")),
        },
        Verdict::NotRated(NotRatedReason::OperatingTooShort) => {
            Text::new("không xếp loại vì hoạt động chưa đủ thời gian", "not rated, in operation for too short a time")
        }
        Verdict::NotRated(NotRatedReason::StoppedTooLong) => Text::new(
            "không xếp loại vì ngừng hoạt động quá thời gian cho phép trong năm",
            "not rated, stopped for too long in the year",
        ),
    }
}

fn code(outcome: &Outcome) -> &str {
    match &outcome.verdict {
        Verdict::Rated(rating) => rating,
        Verdict::NotRated(reason) => reason.name(),
    }
}

/// An evaluation goes no further where its circular does not cover the cooperative, whatever the register said when it was
/// made.
fn is_covered(set: &CriteriaSet, of: &Evaluated) -> Result<(), Refusal> {
    let Some(outside) = set.criteria.leaves_out(of.industry_code.as_deref()) else { return Ok(()) };
    let (code, Text { vi, en }) = (&outside.industry_code, &outside.name);
    Err(Refusal::new(
        Rule::NotCovered,
        format!("Bộ tiêu chí {} không áp dụng đối với {vi} (mã ngành {code}).", set.code),
        format!("The criteria set {} does not cover {en} (trade {code}).", set.code),
    )
    .given(&[("criteriaSet", &set.code), ("industry", code)])
    .under(&set.legal_basis))
}
