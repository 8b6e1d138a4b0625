//! Agencies (*cơ quan*): a directory with dates, since departments merge and districts go.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

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

impl Agency {
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
