//! The life of a report: who may do what to it when, and what then holds.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Answer, Drawn, FigureOverride, NarrativeSection, PeriodicReport, Progress, ReportLevel, ReportState,
    ReportedFigure, Reporter, Restatement, SignOff, Submission, overrides,
};
use crate::domain::indicator::Figure;
use crate::domain::moment::Moment;
use crate::domain::obligation::{ReportDue, timeliness_at};
use crate::domain::period::{Occasion, Period};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;
use crate::domain::vietnamese;
use crate::domain::writers::Writers;

/// What can be done to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportStep {
    /// Change its overrides and narrative, or compute its figures anew.
    Edit,
    /// Delete a draft.
    Delete,
    /// Submit it.
    Submit,
    /// Return it with a comment.
    Return,
    /// Accept it.
    Accept,
    /// Restate it by a new revision.
    Revise,
    /// Confirm that it was taken over.
    Confirm,
}

impl ReportStep {
    /// The states it can be taken in.
    const fn from(self) -> &'static [ReportState] {
        match self {
            Self::Edit | Self::Submit => &[ReportState::Draft, ReportState::Returned],
            Self::Delete => &[ReportState::Draft],
            Self::Return | Self::Accept => &[ReportState::Submitted],
            Self::Revise => &[ReportState::Accepted],
            Self::Confirm => &[ReportState::Submitted, ReportState::Accepted],
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Edit => ("sửa", "edited"),
            Self::Delete => ("xóa", "deleted"),
            Self::Submit => ("gửi", "submitted"),
            Self::Return => ("trả lại", "returned"),
            Self::Accept => ("tiếp nhận", "accepted"),
            Self::Revise => ("điều chỉnh bằng bản sửa đổi", "restated"),
            Self::Confirm => ("xác nhận tiếp nhận số liệu", "confirmed"),
        }
    }
}

/// What a new report starts from.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its identifier.
    pub id: Uuid,
    /// Who reports, and on what.
    pub reporter: Reporter,
    /// The period, with its window.
    pub occasion: Occasion,
    /// Version of the form.
    pub form: String,
    /// The figures computed from the records, and the reports that they are drawn from beside these.
    pub computed: Drawn,
    /// Figures put in their place.
    pub overrides: Vec<FigureOverride>,
    /// The sections in words.
    pub narrative: Vec<NarrativeSection>,
}

impl PeriodicReport {
    /// Drafts the first revision of a report from the records.
    pub fn draft(opening: Opening, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        let Opening { id, reporter, occasion, form, computed, overrides, narrative } = opening;
        let Drawn { figures: computed, sources } = computed;
        let figures = written(computed, &overrides, &narrative)?;
        begun(occasion, now)?;
        let report = Self {
            id,
            version: 1,
            reporter,
            period: occasion.period,
            window: occasion.window,
            form,
            revision: 1,
            restates: None,
            next: None,
            figures,
            narrative,
            sources,
            computed_at: now.0,
            progress: Progress::Draft,
            authoritative: false,
            content_hash: String::new(),
            signature: None,
            sign_off_signature: None,
            receipt: None,
            created_by: caller.subject.clone(),
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
        };
        Ok(report.sealed())
    }

    /// Changes what the agency itself writes: overrides and narrative. The period stays.
    pub fn edit(
        self,
        period: Period,
        overrides: &[FigureOverride],
        narrative: Vec<NarrativeSection>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may(ReportStep::Edit, caller, None)?;
        if period != self.period {
            return Err(Refusal::at(
                Rule::ReportKeyFixed,
                "/period",
                format!("Báo cáo này là của kỳ {}, không đổi sang kỳ {period} được.", self.period),
                format!("This report is on {} and cannot become one on {period}.", self.period),
            )
            .given(&[("period", &self.period), ("asked", &period)]));
        }
        let computed = self.figures.iter().map(|figure| figure.computed.clone()).collect();
        let figures = written(computed, overrides, &narrative)?;
        let edited = Self { figures, narrative, ..self.written_by(caller).next_version(now) }.sealed();
        edited.holds_together()?;
        Ok(edited)
    }

    /// Takes the figures as the records stand now; overrides stay beside them.
    pub fn recompute(self, computed: impl Into<Drawn>, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        self.may(ReportStep::Edit, caller, None)?;
        let Drawn { figures: computed, sources } = computed.into();
        let overrides: Vec<_> = self.figures.iter().filter_map(ReportedFigure::requested).collect();
        let figures = overrides::beside(computed, &overrides)?;
        Ok(Self { figures, sources, computed_at: now.0, ..self.written_by(caller).next_version(now) }.sealed())
    }

    /// Sends the report, signed off, to the agency above. It is late or not at this moment, once for all.
    pub fn submit(
        self,
        sign_off: SignOff,
        due: Option<&ReportDue>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(sign_off.document_date, "/documentDate")?;
        self.may(ReportStep::Submit, caller, None)?;
        self.holds_together()?;
        self.window_closed_by(&sign_off)?;
        let timeliness = timeliness_at(self.window, due, now)?;
        let submission = Submission { sign_off, by: caller.subject.clone(), at: now.0, timeliness };
        // The first revision stands while it is under review; a later one takes over only when it is accepted.
        let authoritative = self.revision == 1;
        let progress = Progress::Submitted(submission);
        let unsealed = self.written_by(caller).next_version(now).signed(None).signed_off(None);
        Ok(Self { progress, authoritative, receipt: None, ..unsealed })
    }

    /// Puts the seal of the service on what was submitted.
    #[must_use]
    pub fn signed(self, signature: Option<String>) -> Self {
        Self { signature, ..self }
    }

    /// Puts the seal of the service on how it was signed off.
    #[must_use]
    pub fn signed_off(self, sign_off_signature: Option<String>) -> Self {
        Self { sign_off_signature, ..self }
    }

    /// Sends the report back with what is to be corrected.
    pub fn send_back(self, comment: String, caller: &Caller, lead: Option<Uuid>, now: Moment) -> Result<Self, Refusal> {
        let submission = self.under_review(ReportStep::Return, caller, lead)?;
        let answer = Answer { by: caller.subject.clone(), at: now.0, comment: Some(comment) };
        Ok(Self { progress: Progress::Returned(submission, answer), authoritative: false, ..self.next_version(now) })
    }

    /// Accepts the report: it stands, and never changes again.
    pub fn accept(
        self,
        comment: Option<String>,
        caller: &Caller,
        lead: Option<Uuid>,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let submission = self.under_review(ReportStep::Accept, caller, lead)?;
        let answer = Answer { by: caller.subject.clone(), at: now.0, comment };
        Ok(Self { progress: Progress::Accepted(submission, answer), authoritative: true, ..self.next_version(now) })
    }

    /// Gives way to a later revision that was accepted. Its content stays as it was.
    #[must_use]
    pub fn give_way(self, now: Moment) -> Self {
        Self { authoritative: false, ..self.next_version(now) }
    }

    /// Opens the next revision, with the figures as the records stand now; gives back this report, which only learns of
    /// it, and the draft.
    pub fn revise(
        self,
        id: Uuid,
        reason: String,
        computed: impl Into<Drawn>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Self), Refusal> {
        self.may(ReportStep::Revise, caller, None)?;
        let opening = Opening {
            id,
            reporter: self.reporter.clone(),
            occasion: self.occasion(),
            form: self.form.clone(),
            computed: computed.into(),
            overrides: self.figures.iter().filter_map(ReportedFigure::requested).collect(),
            narrative: self.narrative.clone(),
        };
        let (baseline, narrative) = (self.effective_figures(), Some(self.narrative.clone()));
        let restates = Some(Restatement { report: self.id, reason, baseline, narrative });
        let revision = self.revision.saturating_add(1);
        // It takes over what the earlier revision says, and with it those who wrote that.
        let writers = self.writers.clone().and(caller);
        let draft = Self { revision, restates, writers, ..Self::draft(opening, caller, now)? }.sealed();
        Ok((Self { next: Some(id), ..self.next_version(now) }, draft))
    }

    /// Forgets the next revision, whose draft was deleted.
    #[must_use]
    pub fn without_next(self, now: Moment) -> Self {
        Self { next: None, ..self.next_version(now) }
    }

    /// Whether the caller may take a step now. `lead` is the lead agency of the province's plan, which receives the
    /// reports of localities and departments; the ministry receives the province's.
    pub fn may(&self, step: ReportStep, caller: &Caller, lead: Option<Uuid>) -> Result<(), Refusal> {
        match step {
            ReportStep::Return | ReportStep::Accept | ReportStep::Confirm => self.received_by(caller, lead)?,
            ReportStep::Edit | ReportStep::Delete | ReportStep::Submit | ReportStep::Revise => self.own(caller)?,
        }
        self.in_order(step)?;
        match step {
            // Who wrote or submitted a report does not accept it for the level above.
            ReportStep::Accept => self.writers.four_eyes(caller),
            ReportStep::Confirm => self.not_confirmed(),
            _ => Ok(()),
        }
    }

    fn own(&self, caller: &Caller) -> Result<(), Refusal> {
        if caller.acts_for(self.reporter.agency) {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::NotResponsible,
            "Chỉ cơ quan báo cáo được lập, sửa và gửi báo cáo của mình.",
            "Only the reporting agency writes and submits its report.",
        )
        .given(&[("responsible", &self.reporter.agency)]))
    }

    fn received_by(&self, caller: &Caller, lead: Option<Uuid>) -> Result<(), Refusal> {
        if self.reporter.level.is_received_by(caller, lead) {
            return Ok(());
        }
        let (vi, en) = match self.reporter.level {
            ReportLevel::Province => ("Bộ", "the ministry"),
            ReportLevel::Locality | ReportLevel::LineDepartment => {
                ("cơ quan đầu mối của tỉnh", "the province's lead agency")
            }
        };
        let responsible = self.reporter.level.receiver().name();
        Err(Refusal::new(
            Rule::NotResponsible,
            format!("Báo cáo này do {vi} tiếp nhận."),
            format!("This report is received by {en}."),
        )
        .given(&[("responsible", &responsible)]))
    }

    fn in_order(&self, step: ReportStep) -> Result<(), Refusal> {
        let state = self.progress.state();
        let (vi, en) = step.words();
        if step == ReportStep::Delete && state != ReportState::Draft {
            let state = state.name();
            return Err(Refusal::new(
                Rule::NotADraft,
                format!("Báo cáo {}, không còn là dự thảo.", vietnamese::state(state)),
                format!("The report is {state} and no longer a draft."),
            )
            .given(&[("state", &state)]));
        }
        if step == ReportStep::Revise
            && let Some(next) = self.next
        {
            return Err(Refusal::new(
                Rule::AlreadyExists,
                "Báo cáo này đã có lần sửa đổi tiếp theo.",
                "The next revision of this report has been opened already.",
            )
            .keyed(&[("report", &self.id)], &[("revision", &next)]));
        }
        let restated = step == ReportStep::Revise && !self.authoritative;
        if step.from().contains(&state) && !restated {
            return Ok(());
        }
        let from: Vec<_> = step.from().iter().map(|state| state.name()).collect();
        let (state, from) = (if restated { "superseded" } else { state.name() }, from.join(", "));
        Err(Refusal::new(
            Rule::WrongState,
            format!(
                "Báo cáo {}; chỉ {vi} được khi ở trạng thái: {}.",
                vietnamese::state(state),
                vietnamese::states(&from)
            ),
            format!("The report is {state}; it can be {en} only when it is: {from}."),
        )
        .given(&[("state", &state), ("allowed", &from)]))
    }

    fn under_review(&self, step: ReportStep, caller: &Caller, lead: Option<Uuid>) -> Result<Submission, Refusal> {
        self.may(step, caller, lead)?;
        // `may` lets these steps pass only from a submission.
        self.progress.submission().cloned().ok_or_else(no_submission)
    }

    /// Decree 09/2019/NĐ-CP: a report is made after its data are closed.
    fn window_closed_by(&self, sign_off: &SignOff) -> Result<(), Refusal> {
        let (closes, signed) = (self.window.to_date, sign_off.document_date);
        if signed > closes {
            return Ok(());
        }
        Err(Refusal::at(
            Rule::PeriodNotClosed,
            "/documentDate",
            format!("Số liệu kỳ {} chốt ngày {closes}; văn bản đề ngày {signed} là quá sớm.", self.period),
            format!("The data of {} close on {closes}; a document of {signed} is too early.", self.period),
        )
        .given(&[("period", &self.period), ("closes", &closes), ("signed", &signed)]))
    }

    fn written_by(self, caller: &Caller) -> Self {
        Self { writers: self.writers.clone().and(caller), ..self }
    }

    pub(super) fn next_version(self, now: Moment) -> Self {
        let updated_at: DateTime<Utc> = now.0;
        Self { version: self.version.saturating_add(1), updated_at, ..self }
    }

    fn sealed(self) -> Self {
        let content_hash = self.digest();
        Self { content_hash, signature: None, sign_off_signature: None, ..self }
    }
}

fn no_submission() -> Refusal {
    Refusal::new(Rule::WrongState, "Báo cáo chưa được gửi.", "The report was not submitted.")
        .given(&[("state", &"draft")])
}

fn begun(occasion: Occasion, now: Moment) -> Result<(), Refusal> {
    let Occasion { period, window } = occasion;
    let (begins, today) = (window.from_date, now.today());
    if begins <= today {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::PeriodNotBegun,
        "/period",
        format!("Kỳ {period} bắt đầu ngày {begins}; hôm nay là {today}."),
        format!("The period {period} begins on {begins}; today is {today}."),
    )
    .given(&[("period", &period), ("begins", &begins), ("today", &today)]))
}

/// The figures with what the agency wrote beside them, or every fault of what it wrote.
fn written(
    computed: Vec<Figure>,
    overrides: &[FigureOverride],
    narrative: &[NarrativeSection],
) -> Result<Vec<ReportedFigure>, Refusal> {
    let figures = overrides::beside(computed, overrides);
    let refusals = [figures.as_ref().err().cloned(), check_narrative(narrative).err()];
    Refusal::of_all(refusals.into_iter().flatten().collect())?;
    figures
}

fn check_narrative(narrative: &[NarrativeSection]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let repeated = narrative.iter().enumerate().filter(|(_, section)| !seen.insert(section.code.as_str()));
    let refusals = repeated.map(|(index, NarrativeSection { code, .. })| {
        let pointer = format!("/narrative/{index}/code");
        let (vi, en) = (format!("Phần {code} bị lặp."), format!("The section {code} stands twice."));
        Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", &code)])
    });
    Refusal::of_all(refusals.collect())
}
