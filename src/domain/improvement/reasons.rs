//! Why a move of an improvement plan is refused, with the figures and names at hand.

use chrono::NaiveDate;

use super::{Consolidated, ImprovementPlan, ImprovementStatus, Measure, OpinionGiven, PlanRecipient, Standing};
use crate::domain::application::only_lead;
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};
use crate::domain::vietnamese;

/// Who must have reviewed a draft before it is signed (2129/QĐ-UBND VI.2.1).
const REVIEWERS: [Role; 3] = [Role::LineDepartment, Role::LeadAgency, Role::CooperativeAlliance];

impl ImprovementPlan {
    pub(super) fn must_be(&self, stages: &[ImprovementStatus]) -> Result<(), Refusal> {
        if stages.contains(&self.state.status()) { Ok(()) } else { Err(self.wrong(stages)) }
    }

    pub(super) fn wrong(&self, stages: &[ImprovementStatus]) -> Refusal {
        let stage = self.state.status().name();
        let wanted = stages.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
        Refusal::new(
            Rule::WrongState,
            format!(
                "Kế hoạch {}; bước này cần Kế hoạch ở trạng thái: {}.",
                vietnamese::state(stage),
                vietnamese::states(&wanted)
            ),
            format!("The plan is {stage}; this step needs it to be: {wanted}."),
        )
        .given(&[("state", &stage), ("allowed", &wanted)])
    }

    pub(super) fn says_something(&self) -> Result<(), Refusal> {
        let (criteria, measures) = (self.criteria_to_improve(), self.content.measures.len());
        if criteria > 0 && measures > 0 {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::PlanEmpty,
            format!("Kế hoạch có {criteria} tiêu chí cần hoàn thiện và {measures} giải pháp; cần ít nhất 1 và 1."),
            format!("The plan has {criteria} criteria to improve and {measures} measures; it needs at least 1 and 1."),
        )
        .given(&[("criteria", &criteria), ("measures", &measures), ("least", &1)]))
    }

    pub(super) fn four_eyes(&self, caller: &Caller) -> Result<(), Refusal> {
        let subject = &caller.subject;
        let consolidated = self.state.signature().and_then(|signature| signature.consolidated.as_ref());
        if !self.writers.contains(subject) && consolidated.is_none_or(|consolidated| consolidated.by != *subject) {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::FourEyes,
            format!("“{subject}” đã lập, gửi hoặc tổng hợp Kế hoạch này nên không được phê duyệt."),
            format!("{subject} wrote, submitted or consolidated this plan and cannot approve it."),
        )
        .given(&[("person", &subject)]))
    }

    /// Responsible department, lead agency and Alliance have given their opinion on this content; answers the day of the
    /// last of them (2129/QĐ-UBND VI.2.1: *rà soát, hướng dẫn hoàn thiện* comes before *ký tên, đóng dấu*).
    pub(super) fn reviewed_by_all(&self) -> Result<Option<NaiveDate>, Refusal> {
        let hash = self.content_hash();
        let on_this = || self.opinions.iter().filter(|given| given.content_hash == hash);
        let missing: Vec<_> =
            REVIEWERS.into_iter().filter(|role| !on_this().any(|given| given.role == *role)).collect();
        if missing.is_empty() {
            return Ok(on_this().filter(|given| REVIEWERS.contains(&given.role)).map(|given| given.given_on).max());
        }
        let names = missing.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        let names_vi = missing.iter().map(|role| vietnamese::role(*role)).collect::<Vec<_>>().join(", ");
        Err(Refusal::new(
            Rule::ReviewIncomplete,
            format!("Chưa có ý kiến rà soát nội dung này của: {names_vi}."),
            format!("This content has not been reviewed yet by: {names}."),
        )
        .given(&[("missing", &names)]))
    }

    /// No reviewer says that what was signed does not fit the State's support plan.
    pub(super) fn fits(&self) -> Result<(), Refusal> {
        let hash = self.content_hash();
        let against = |given: &&OpinionGiven| given.content_hash == hash && given.fits_support_plan == Some(false);
        let roles: Vec<_> = self.opinions.iter().filter(against).map(|given| given.role).collect();
        if roles.is_empty() {
            return Ok(());
        }
        let names = roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        let names_vi = roles.iter().map(|role| vietnamese::role(*role)).collect::<Vec<_>>().join(", ");
        Err(Refusal::new(
            Rule::PlanDoesNotFit,
            format!("Theo ý kiến của {names_vi}, Kế hoạch chưa phù hợp với kế hoạch hỗ trợ của Nhà nước."),
            format!("In the opinion of {names} the plan does not fit the State's support plan."),
        )
        .given(&[("against", &names)]))
    }

    /// The consolidation that put what was signed before the People's Committee.
    pub(super) fn consolidated(&self) -> Result<&Consolidated, Refusal> {
        let found = self.state.signature().and_then(|signature| signature.consolidated.as_ref());
        found.ok_or_else(|| {
            Refusal::new(
                Rule::NotConsolidated,
                "Cơ quan đầu mối chưa tổng hợp Kế hoạch này để trình UBND tỉnh.",
                "The lead agency has not consolidated this plan for the People's Committee yet.",
            )
            .given(&[("plan", &self.id)])
        })
    }

    /// The recipient that a caller speaks for, if it has not acknowledged the plan yet.
    pub(super) fn awaits_receipt_of(&self, caller: &Caller) -> Result<PlanRecipient, Refusal> {
        let recipient = PlanRecipient::of(caller.role).ok_or_else(|| {
            Refusal::new(
                Rule::NotResponsible,
                format!("Bốn nơi nhận Kế hoạch không có {}.", vietnamese::role(caller.role)),
                format!("{} is none of the four recipients of the plan.", caller.role.name()),
            )
            .given(&[("responsible", &PlanRecipient::ALL.iter().map(|one| one.name()).collect::<Vec<_>>().join(", "))])
        })?;
        let receipts = self.state.signature().map_or(&[][..], |signature| &signature.receipts);
        let Some(given) = receipts.iter().find(|receipt| receipt.recipient == recipient) else { return Ok(recipient) };
        let day = given.received_on;
        Err(Refusal::new(
            Rule::AlreadyExists,
            format!("Nơi nhận này ({}) đã xác nhận nhận Kế hoạch ngày {day}.", vietnamese::role(caller.role)),
            format!("{} acknowledged the plan on {day} already.", recipient.name()),
        )
        .keyed(&[("plan", &self.id), ("recipient", &recipient.name())], &[("receivedOn", &day)]))
    }

    pub(super) fn not_revised_yet(&self) -> Result<(), Refusal> {
        self.next.map_or(Ok(()), |next| {
            Err(Refusal::new(
                Rule::AlreadyExists,
                "Kế hoạch này đã có bản điều chỉnh tiếp theo.",
                "The next revision of this plan has been opened already.",
            )
            .keyed(&[("plan", &self.id)], &[("revision", &next)]))
        })
    }
}

/// A line department and the lead agency act for the pilots they are responsible for; the reach of the others is
/// their territory (2129/QĐ-UBND VII.1, VII.2).
pub(super) fn responsible(caller: &Caller, standing: &Standing) -> Result<(), Refusal> {
    let department = standing.pilot.responsible_department;
    match caller.role {
        Role::LeadAgency => only_lead(caller, standing.lead_agency),
        Role::LineDepartment if !caller.acts_for(department) => Err(Refusal::new(
            Rule::NotResponsible,
            "Chỉ sở chuyên ngành phụ trách HTX thí điểm này được thực hiện bước này.",
            "Only the line department that is responsible for this pilot may take this step.",
        )
        .given(&[("responsible", &department)])),
        _ => Ok(()),
    }
}

/// Plans and their measures are for pilots that take part.
pub(super) fn participating(pilot: &Pilot) -> Result<(), Refusal> {
    if pilot.state.is_participating() {
        return Ok(());
    }
    let (id, status) = (pilot.id, pilot.state.status().name());
    Err(Refusal::new(
        Rule::PilotStopped,
        format!("HTX thí điểm {}, không còn thực hiện Đề án.", vietnamese::state(status)),
        format!("The pilot is {status} and takes part no longer."),
    )
    .given(&[("pilot", &id), ("state", &status)]))
}

pub(super) fn content_changed(meant: &str, held: &str, pointer: &str) -> Refusal {
    Refusal::at(
        Rule::ContentChanged,
        pointer,
        "Nội dung đã thay đổi so với bản được nêu; hãy đọc lại nội dung hiện tại.",
        format!("The content that is meant is {meant}; the content held is {held}."),
    )
    .given(&[("meant", &meant), ("held", &held)])
}

pub(super) fn measure_unknown(number: u32, count: usize) -> Refusal {
    Refusal::at(
        Rule::MeasureUnknown,
        "/measure",
        format!("Kế hoạch không có giải pháp số {number}; số giải pháp là {count}."),
        format!("The plan has no measure {number}; it has {count} measures."),
    )
    .given(&[("measure", &number), ("count", &count)])
}

pub(super) fn measure_stands(measure: &Measure) -> Refusal {
    let number = measure.number;
    let Some(day) = measure.done_on else {
        let (vi, en) = (format!("Giải pháp {number} chưa hoàn thành."), format!("Measure {number} is not done."));
        return Refusal::new(Rule::WrongState, vi, en).given(&[("measure", &number), ("state", &"not_done")]);
    };
    let (vi, en) =
        (format!("Giải pháp {number} đã hoàn thành ngày {day}."), format!("Measure {number} was done on {day}."));
    Refusal::new(Rule::WrongState, vi, en).given(&[("measure", &number), ("state", &"done"), ("doneOn", &day)])
}
