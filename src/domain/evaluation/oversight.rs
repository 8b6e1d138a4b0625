//! What a step on an evaluation must know beside the evaluation itself: which agencies answer for the cooperative, and
//! the days of the steps before.
//!
//! The locality of its seat and the *responsible* department verify and judge (2129/QĐ-UBND VI.2.2, VII.2): of a pilot the
//! department that the selection decision names, of another cooperative one whose sector is its field of activity. A
//! final evaluation is of a pilot, and is made by the agency that leads its province's plan (VI.2.2, VII.1).

use chrono::NaiveDate;
use uuid::Uuid;

use super::EvaluationKind;
use crate::domain::cooperative::Field;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};

/// The sector of the departments that answer for agriculture, as the directory of agencies names it.
const AGRICULTURE: &str = "agriculture";

/// An agency by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAgency {
    /// Identifier.
    pub id: Uuid,
    /// Name, as the directory has it.
    pub name: String,
}

/// The pilot that a cooperative is, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotOversight {
    /// The responsible line department.
    pub department: NamedAgency,
    /// The agency that leads the plan of its province, where one is approved.
    pub lead: Option<NamedAgency>,
}

/// What a step must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// Field of activity of the cooperative.
    pub field: Field,
    /// The pilot that it is, unless it is none or has stopped.
    pub pilot: Option<PilotOversight>,
    /// Sectors of the agencies that the caller acts for.
    pub sectors: Vec<String>,
    /// Code of the variant that the cooperative's province has in force for the year, where it varies the set that is asked for.
    pub variant: Option<String>,
    /// The document that the criteria set comes from: what its refusals cite.
    pub legal_basis: String,
    /// The day that the last submission bears.
    pub submitted_on: Option<NaiveDate>,
    /// The day that the last return bears.
    pub returned_on: Option<NaiveDate>,
}

impl Circumstances {
    /// Whether this caller is one of the agencies that make or judge an evaluation of a kind.
    ///
    /// # Errors
    /// A department that is not responsible, a final evaluation of who is no pilot, an agency that does not lead the plan.
    pub(super) fn answers_for(&self, kind: EvaluationKind, cooperative: Uuid, caller: &Caller) -> Result<(), Refusal> {
        match (kind, caller.role) {
            (EvaluationKind::Final, _) => {
                let pilot = self.pilot.as_ref().ok_or_else(|| not_a_pilot(cooperative))?;
                is_lead(pilot.lead.as_ref(), caller)
            }
            (EvaluationKind::Own | EvaluationKind::Verified, Role::LineDepartment) => self.is_responsible(caller),
            (EvaluationKind::Own | EvaluationKind::Verified, _) => Ok(()),
        }
    }

    fn is_responsible(&self, caller: &Caller) -> Result<(), Refusal> {
        let of_field = |sector: &String| (sector == AGRICULTURE) == (self.field == Field::Agriculture);
        let (own, responsible_vi, responsible_en) = match &self.pilot {
            Some(PilotOversight { department, .. }) => {
                (caller.acts_for(department.id), department.name.clone(), department.name.clone())
            }
            None => {
                let (vi, en) = match self.field {
                    Field::Agriculture => ("sở phụ trách lĩnh vực nông nghiệp", "the department of agriculture"),
                    Field::NonAgriculture => {
                        ("sở chuyên ngành phi nông nghiệp", "a department of another sector than agriculture")
                    }
                };
                (self.sectors.iter().any(of_field), vi.to_owned(), en.to_owned())
            }
        };
        if own {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::NotResponsible,
            format!("HTX này do địa phương và {responsible_vi} phụ trách đánh giá."),
            format!("The locality and {responsible_en} answer for the evaluation of this cooperative."),
        )
        .given(&[("responsible", &responsible_vi), ("field", &self.field.name())]))
    }
}

fn is_lead(lead: Option<&NamedAgency>, caller: &Caller) -> Result<(), Refusal> {
    let Some(lead) = lead.filter(|lead| !caller.acts_for(lead.id)) else { return Ok(()) };
    Err(Refusal::new(
        Rule::NotResponsible,
        format!("Chỉ cơ quan đầu mối theo kế hoạch của tỉnh ({}) lập và xác nhận bản đánh giá cuối.", lead.name),
        format!(
            "Only the agency that leads the province's plan ({}) makes and judges the final evaluation.",
            lead.name
        ),
    )
    .given(&[("responsible", &lead.name)]))
}

/// The lead agency evaluates who completes a model (2129/QĐ-UBND VI.2.2): that is a pilot.
fn not_a_pilot(cooperative: Uuid) -> Refusal {
    Refusal::new(
        Rule::NotAPilot,
        "Bản đánh giá cuối chỉ lập cho HTX thí điểm; HTX này không phải hoặc không còn là HTX thí điểm.",
        "A final evaluation is of a pilot; this cooperative is none, or no longer one.",
    )
    .given(&[("cooperative", &cooperative)])
}
