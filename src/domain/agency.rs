//! Agencies (*cơ quan*): a directory with dates, since departments merge and districts go.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::refusal::{Refusal, Rule};
use super::role::Role;

/// An agency of the directory.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agency {
    /// Id, the same in every installation.
    #[schema(example = "01776530-4c00-7002-8000-000000000089")]
    pub id: Uuid,
    /// Identifier code of agencies (*mã định danh điện tử*), Decision 20/2020/QĐ-TTg, where it is known.
    #[schema(min_length = 3, max_length = 35, pattern = r"^[A-Y][0-9]{2}(\.[0-9A-Z]+)*$")]
    pub code: Option<String>,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Sở Kế hoạch và Đầu tư tỉnh An Giang")]
    pub name: String,
    /// What it does in the scheme: the role that its people act in.
    #[serde(rename = "kind")]
    pub role: Role,
    /// Sector of a department: `planning`, `agriculture`, `transport`, …
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$")]
    pub sector: Option<String>,
    /// Code of its administrative unit; absent for an agency of the whole country.
    #[schema(min_length = 2, max_length = 5, pattern = "^([0-9]{2}|[0-9]{3}|[0-9]{5})$")]
    pub unit: Option<String>,
    /// Code of the province that the unit is in; absent for an agency of the whole country.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    pub province: Option<String>,
    /// First day in force.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// The agency whose records it took over; of several, the one of its own kind and territory.
    pub predecessor: Option<Uuid>,
    /// All agencies whose records and obligations it took over.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub predecessors: Vec<Uuid>,
    /// The agency that took over its own.
    pub successor: Option<Successor>,
}

/// The agency that took over the records and obligations of a merged or abolished one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Successor {
    /// Id.
    pub id: Uuid,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Ủy ban nhân dân phường Long Xuyên")]
    pub name: String,
    /// First day on which it acts.
    pub from_date: NaiveDate,
}

/// A new agency of the directory, as the operator enters it from the decision that establishes it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAgency {
    /// Identifier code of agencies (*mã định danh điện tử*), Decision 20/2020/QĐ-TTg, where it is known.
    #[schema(min_length = 3, max_length = 35, pattern = r"^[A-Y][0-9]{2}(\.[0-9A-Z]+)*$", nullable = false)]
    pub code: Option<String>,
    /// Name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "Sở Nông nghiệp và Môi trường tỉnh An Giang"
    )]
    pub name: String,
    /// What it does in the scheme: a role of agencies, neither of cooperatives nor of the operator.
    pub kind: Role,
    /// Sector of a department: `planning`, `agriculture`, `transport`, …
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z_]+$", nullable = false)]
    pub sector: Option<String>,
    /// Code of its administrative unit on its first day; absent for an agency of the whole country.
    #[schema(min_length = 2, max_length = 5, pattern = "^([0-9]{2}|[0-9]{3}|[0-9]{5})$", nullable = false)]
    pub unit: Option<String>,
    /// First day: its duties begin with it. It may lie in the future.
    #[schema(example = "2025-03-01")]
    pub valid_from: NaiveDate,
    /// The agencies that it takes over: they end on the day before, and it acts for their records and obligations from then
    /// on. Of several, the one of its own kind and territory stands first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub predecessors: Vec<Uuid>,
}

/// How an agency ends: merged, abolished, or dissolved without a successor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgencyEnding {
    /// Its last day: its duties end with it.
    #[schema(example = "2025-02-28")]
    pub last_day: NaiveDate,
    /// The agency that acts for its records and obligations from the next day on. Nobody does when absent.
    #[schema(nullable = false)]
    pub successor: Option<Uuid>,
    /// The decision that ends it.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Nghị quyết 190/2025/QH15")]
    pub legal_basis: String,
}

/// What an ending that was recorded wrongly should have said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgencyEndingCorrection {
    /// Its last day; when absent the agency did not end.
    #[schema(nullable = false, example = "2025-02-28")]
    pub last_day: Option<NaiveDate>,
    /// The agency that acts for its records and obligations from the next day on. Nobody does when absent.
    #[schema(nullable = false)]
    pub successor: Option<Uuid>,
    /// What was wrong.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Ghi nhầm ngày theo Nghị quyết")]
    pub reason: String,
}

/// Codes of provinces have two digits (124/2004/QĐ-TTg).
const PROVINCE_DIGITS: usize = 2;

impl NewAgency {
    /// Establishes the agency. `province` is the province of its unit on its first day, `predecessors` are the agencies
    /// that it names, where they exist; none of them may have ended before.
    ///
    /// # Errors
    /// Every fault: an unknown unit or predecessor, a unit that is not one of its kind, a first day before that of a
    /// predecessor.
    pub fn establish(
        self,
        id: Uuid,
        province: Option<String>,
        predecessors: &[Agency],
    ) -> Result<(Agency, Vec<Agency>), Refusal> {
        let mut refusals = self.place_faults(province.as_deref());
        let mut ended = Vec::new();
        for (index, wanted) in self.predecessors.iter().enumerate() {
            let pointer = format!("/predecessors/{index}");
            let known = predecessors.iter().find(|agency| agency.id == *wanted).cloned();
            let ending = known
                .ok_or_else(|| unknown(&pointer, &wanted.to_string()))
                .and_then(|agency| agency.ended_on(self.valid_from.pred_opt().unwrap_or(self.valid_from), &pointer));
            match ending {
                Ok(agency) if self.predecessors.iter().take(index).any(|other| other == wanted) => {
                    let name = &agency.name;
                    let (vi, en) = (format!("{name} bị lặp."), format!("{name} stands twice."));
                    refusals.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", name)]));
                }
                Ok(agency) => ended.push(agency),
                Err(refusal) => refusals.push(refusal),
            }
        }
        Refusal::of_all(refusals)?;
        let Self { code, name, kind, sector, unit, valid_from, predecessors } = self;
        let predecessor = predecessors.first().copied();
        let successor = None;
        let agency = Agency {
            id,
            code,
            name,
            role: kind,
            sector,
            unit,
            province,
            valid_from,
            valid_to: None,
            predecessor,
            predecessors,
            successor,
        };
        Ok((agency, ended))
    }

    /// What is wrong with where the agency is.
    fn place_faults(&self, province: Option<&str>) -> Vec<Refusal> {
        let (kind, unit) = (self.kind.name(), self.unit.as_deref().unwrap_or_default());
        let wrong = |pointer: &str, vi: &str, en: &str| {
            vec![Refusal::at(Rule::AgencyKind, pointer, vi, en).given(&[("kind", &kind), ("unit", &unit)])]
        };
        if !self.kind.is_agency() {
            return wrong("/kind", "Vai trò này không phải của một cơ quan.", "This role is not one of an agency.");
        }
        let national = self.kind == Role::Ministry;
        let Some(unit) = &self.unit else {
            let (vi, en) = ("Cơ quan này cần đơn vị hành chính.", "An agency of this kind needs a unit.");
            // Inspectors are those of a province (Thanh tra tỉnh), of the ministry or of the Government.
            return if national || self.kind == Role::Inspectorate { Vec::new() } else { wrong("/unit", vi, en) };
        };
        let Some(province) = province else { return vec![unknown("/unit", unit)] };
        let of_province = unit == province && unit.len() == PROVINCE_DIGITS;
        match self.kind {
            _ if national => wrong("/unit", "Bộ là của cả nước.", "A ministry is of the whole country."),
            Role::Locality if of_province => {
                wrong("/unit", "Địa phương là cấp huyện hoặc cấp xã.", "A locality is a district or a commune.")
            }
            Role::LeadAgency | Role::LineDepartment | Role::PeoplesCommittee | Role::CooperativeAlliance
                if !of_province =>
            {
                wrong("/unit", "Cơ quan này là của cấp tỉnh.", "An agency of this kind is one of a province.")
            }
            _ => Vec::new(),
        }
    }
}

fn unknown(pointer: &str, what: &str) -> Refusal {
    let (vi, en) = (format!("Không có {} này.", super::vietnamese::resource(what)), format!("There is no {what}."));
    Refusal::at(Rule::UnknownReference, pointer, vi, en).given(&[("reference", &what)])
}

impl Agency {
    /// Ends the agency on a day, its last.
    ///
    /// # Errors
    /// It ended already, or begins after that day.
    pub fn ended_on(self, last_day: NaiveDate, pointer: &str) -> Result<Self, Refusal> {
        let name = &self.name;
        if let Some(end) = self.valid_to {
            let (vi, en) = (format!("{name} đã kết thúc ngày {end}."), format!("{name} ended on {end}."));
            let given: [(&str, &dyn std::fmt::Display); 3] = [("state", &"ended"), ("agency", name), ("endedOn", &end)];
            return Err(Refusal::new(Rule::WrongState, vi, en).given(&given));
        }
        if last_day < self.valid_from {
            let from = self.valid_from;
            let (vi, en) = (format!("{name} chỉ hoạt động từ ngày {from}."), format!("{name} begins only on {from}."));
            let given: [(&str, &dyn std::fmt::Display); 3] =
                [("date", &last_day), ("earliest", &from), ("agency", name)];
            return Err(Refusal::at(Rule::StepPredated, pointer, vi, en).given(&given));
        }
        Ok(Self { valid_to: Some(last_day), ..self })
    }

    /// Corrects when it ended: on another day, or not at all. What it did in between stays as it was.
    ///
    /// # Errors
    /// It has no end, begins after that day, or has a successor without an end.
    pub fn end_corrected(self, correction: &AgencyEndingCorrection) -> Result<Self, Refusal> {
        self.has_ended()?;
        match (correction.last_day, correction.successor) {
            (Some(last_day), _) => Self { valid_to: None, ..self }.ended_on(last_day, "/lastDay"),
            (None, None) => Ok(Self { valid_to: None, ..self }),
            (None, Some(_)) => {
                let (vi, en) = ("Chưa kết thúc thì không ai kế thừa.", "Nobody takes over from what has not ended.");
                let refusal = Refusal::at(Rule::Contradiction, "/successor", vi, en);
                Err(refusal.given(&[("stated", &"successor"), ("against", &"in_force")]))
            }
        }
    }

    /// Whether the agency has a last day.
    ///
    /// # Errors
    /// It has none.
    pub fn has_ended(&self) -> Result<(), Refusal> {
        if self.valid_to.is_some() {
            return Ok(());
        }
        let name = &self.name;
        let (vi, en) = (format!("{name} đang hoạt động."), format!("{name} has not ended."));
        Err(Refusal::new(Rule::WrongState, vi, en).given(&[("state", &"in_force"), ("agency", name)]))
    }

    /// Whether the agency can act for another from a day on.
    ///
    /// # Errors
    /// It is the same one, or does not exist on that day.
    pub fn can_succeed(&self, other: Uuid, from: NaiveDate) -> Result<(), Refusal> {
        if self.id != other && self.in_force_at(from) {
            return Ok(());
        }
        let name = &self.name;
        Err(Refusal::at(
            Rule::UnknownReference,
            "/successor",
            format!("{name} không thể kế thừa từ ngày {from}."),
            format!("{name} cannot take over on {from}."),
        )
        .given(&[("reference", &self.id), ("agency", name), ("from", &from)]))
    }

    /// Whether the agency exists on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_acts_from_its_first_to_its_last_day() {
        let agency: Agency = serde_json::from_value(serde_json::json!({
            "id": "01776530-4c00-7002-8000-000000000089", "name": "Sở Kế hoạch và Đầu tư tỉnh An Giang",
            "kind": "lead-agency", "unit": "89", "province": "89", "validFrom": "2021-02-03", "validTo": "2025-02-28"
        }))
        .unwrap();
        let acts = |day: &str| agency.in_force_at(day.parse().unwrap());
        assert!(acts("2021-02-03") && acts("2025-02-28"));
        assert!(!acts("2021-02-02") && !acts("2025-03-01"));
    }
}
