//! Why a move of an improvement plan is refused, with the figures and names at hand.

use super::{ImprovementPlan, ImprovementStatus, Measure, Standing};
use crate::domain::application::only_lead;
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};

impl ImprovementPlan {
    pub(super) fn must_be(&self, stages: &[ImprovementStatus]) -> Result<(), Refusal> {
        if stages.contains(&self.state.status()) { Ok(()) } else { Err(self.wrong(stages)) }
    }

    pub(super) fn wrong(&self, stages: &[ImprovementStatus]) -> Refusal {
        let stage = self.state.status().name();
        let wanted = stages.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
        Refusal::new(
            Rule::WrongState,
            format!("Kế hoạch đang ở trạng thái {stage}; bước này cần trạng thái: {wanted}."),
            format!("The plan is {stage}; this step needs it to be: {wanted}."),
        )
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
        ))
    }

    pub(super) fn four_eyes(&self, caller: &Caller) -> Result<(), Refusal> {
        if !self.writers.contains(&caller.subject) {
            return Ok(());
        }
        let subject = &caller.subject;
        Err(Refusal::new(
            Rule::FourEyes,
            format!("{subject} đã lập hoặc gửi Kế hoạch này nên không được phê duyệt."),
            format!("{subject} wrote or submitted this plan and cannot approve it."),
        ))
    }

    pub(super) fn not_revised_yet(&self) -> Result<(), Refusal> {
        self.next.map_or(Ok(()), |next| {
            Err(Refusal::new(
                Rule::AlreadyExists,
                format!("Đã có bản điều chỉnh {next}."),
                format!("The revision {next} has been opened already."),
            ))
        })
    }
}

/// A line department and the lead agency act for the pilots they are responsible for; the reach of the others is
/// their territory (2129/QĐ-UBND VII.1, VII.2).
pub(super) fn responsible(caller: &Caller, standing: &Standing) -> Result<(), Refusal> {
    let department = standing.pilot.responsible_department;
    match caller.role {
        Role::LeadAgency => only_lead(caller, standing.lead_agency),
        Role::LineDepartment if caller.agency != Some(department) => Err(Refusal::new(
            Rule::NotResponsible,
            format!("Sở chuyên ngành phụ trách HTX thí điểm này là {department}."),
            format!("The line department responsible for this pilot is {department}."),
        )),
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
        format!("HTX thí điểm {id} ở trạng thái {status}, không còn thực hiện Đề án."),
        format!("The pilot {id} is {status} and takes part no longer."),
    ))
}

pub(super) fn content_changed(meant: &str, held: &str) -> Refusal {
    Refusal::at(
        Rule::ContentChanged,
        "/contentHash",
        format!("Nội dung được phê duyệt là {meant}, nội dung hiện tại là {held}."),
        format!("The content to approve is {meant}; the content held is {held}."),
    )
}

pub(super) fn measure_unknown(number: u32, count: usize) -> Refusal {
    Refusal::at(
        Rule::MeasureUnknown,
        "/measure",
        format!("Kế hoạch không có giải pháp số {number}; số giải pháp là {count}."),
        format!("The plan has no measure {number}; it has {count} measures."),
    )
}

pub(super) fn measure_stands(measure: &Measure) -> Refusal {
    let number = measure.number;
    let (vi, en) = measure.done_on.map_or_else(
        || (format!("Giải pháp {number} chưa hoàn thành."), format!("Measure {number} is not done.")),
        |day| (format!("Giải pháp {number} đã hoàn thành ngày {day}."), format!("Measure {number} was done on {day}.")),
    );
    Refusal::new(Rule::WrongState, vi, en)
}
