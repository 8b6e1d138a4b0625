//! Who owes a report, and to whom.

use uuid::Uuid;

use super::{PeriodicReport, ReportLevel, Reporter};
use crate::domain::period::Period;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, Scope};

/// The plan whose articles are known.
const AN_GIANG: &str = "2129/QĐ-UBND";

/// An agency that may owe a report, with what decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The agency.
    pub agency: Uuid,
    /// Its name.
    pub name: String,
    /// The role it acts in.
    pub role: Role,
    /// Its province.
    pub province: String,
    /// Its unit.
    pub unit: String,
    /// The lead agency of its province's approved plan; absent where no plan is approved.
    pub lead: Option<Uuid>,
    /// Number of the decision on that plan.
    pub plan: Option<String>,
    /// Whether it is responsible for a pilot that took part in the period.
    pub has_pilots: bool,
}

/// The report that an agency owes, if any. The lead agency that the plan names owes the province's to the ministry
/// (2129/QĐ-UBND VII.1); each locality owes its own to the lead agency, each half-year and year (VII.9); a line
/// department owes one while it is responsible for a pilot (VI.2.2, VII.2). Without an approved plan nobody does.
pub fn duty_of(candidate: &Candidate) -> Option<Reporter> {
    let lead = candidate.lead?;
    let level = match candidate.role {
        _ if candidate.agency == lead => ReportLevel::Province,
        Role::Locality => ReportLevel::Locality,
        Role::LineDepartment if candidate.has_pilots => ReportLevel::LineDepartment,
        _ => return None,
    };
    let unit = if level == ReportLevel::Locality { &candidate.unit } else { &candidate.province };
    Some(Reporter { agency: candidate.agency, level, province: candidate.province.clone(), unit: unit.clone() })
}

/// The refusal of a report that nobody owes.
pub fn no_duty(agency: Option<Uuid>, period: Period) -> Refusal {
    let agency = agency.map_or_else(|| "none".to_owned(), |agency| agency.to_string());
    Refusal::new(
        Rule::NoReportingDuty,
        "Cơ quan này không phải lập báo cáo cho kỳ này: chỉ cơ quan đầu mối, địa phương và sở chuyên ngành có HTX thí \
         điểm, khi kế hoạch của tỉnh đã được phê duyệt.",
        "This agency owes no report for the period: only the lead agency, localities and line departments with pilots \
         do, once the provincial plan is approved.",
    )
    .given(&[("agency", &agency), ("period", &period)])
}

/// Refuses a first report where one stands: it is revised, also by an agency that reports for the unit only since.
///
/// # Errors
/// One stands.
pub fn not_reported(standing: Option<&PeriodicReport>) -> Result<(), Refusal> {
    let Some(PeriodicReport { id, period, reporter, .. }) = standing else { return Ok(()) };
    let unit = &reporter.unit;
    Err(Refusal::new(
        Rule::AlreadyExists,
        format!("Đơn vị {unit} đã có báo cáo kỳ {period} đang có giá trị; hãy điều chỉnh bằng bản sửa đổi."),
        format!("A report of the unit {unit} on {period} stands already: {id}; revise it."),
    )
    .keyed(&[("unit", unit), ("period", period)], &[("report", id)]))
}

/// The report that a caller means: of the agency named, else its own, else the only one that it owes for a
/// predecessor.
///
/// # Errors
/// It owes none, or several as the successor of several agencies.
pub fn meant(
    mut owed: Vec<Reporter>,
    (agency, period): (Option<Uuid>, Period),
    caller: &Caller,
) -> Result<Reporter, Refusal> {
    let own = owed.first().is_some_and(|first| Some(first.agency) == caller.agency);
    if owed.is_empty() {
        return Err(no_duty(agency.or(caller.agency), period));
    }
    if own || owed.len() == 1 {
        return Ok(owed.swap_remove(0));
    }
    let agencies = owed.iter().map(|reporter| reporter.agency.to_string()).collect::<Vec<_>>().join(", ");
    Err(Refusal::at(
        Rule::ObligorToName,
        "/agency",
        "Cơ quan kế thừa nghĩa vụ báo cáo của nhiều cơ quan; hãy nêu một trong số đó.",
        format!("The agency succeeded to several obligors; name one of them: {agencies}."),
    )
    .given(&[("agencies", &agencies)]))
}

impl ReportLevel {
    /// Whether the caller receives the reports of this level: the ministry the province's, the lead agency of the
    /// province's plan the others.
    pub fn is_received_by(self, caller: &Caller, lead: Option<Uuid>) -> bool {
        match self {
            Self::Province => caller.scope == Scope::Country,
            Self::Locality | Self::LineDepartment => lead.is_some_and(|lead| caller.acts_for(lead)),
        }
    }

    /// The role that receives the reports of this level.
    pub const fn receiver(self) -> Role {
        match self {
            Self::Province => Role::Ministry,
            Self::Locality | Self::LineDepartment => Role::LeadAgency,
        }
    }

    /// The documents that make the duty: the scheme, and the plan of the province by its number. Of An Giang's plan, whose
    /// text is known, the articles too.
    pub fn legal_basis(self, plan: Option<&str>) -> String {
        let articles = match self {
            Self::Locality => "VI.2.2, VII.9",
            Self::LineDepartment => "VI.2.2, VII.2",
            Self::Province => "VI.2.2, VII.1",
        };
        match plan {
            Some(AN_GIANG) => format!("{AN_GIANG} {articles}"),
            Some(number) => format!("167/QĐ-TTg; {number}"),
            None => "167/QĐ-TTg".to_owned(),
        }
    }
}
