//! Lists of the scheme that may grow: budget levels, sources, categories, support kinds, indicators…
//!
//! Each entry has its dates and its legal basis; a province may add entries of its own.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::role::names;
use super::text::Text;

mod additions;

pub use additions::{NewReferenceEntry, NewReferenceEntryContent, OpenList};

names! {
    /// A list of reference data.
    ReferenceList {
        /// The models of the scheme (*mô hình HTX*).
        Models = "models",
        /// Levels of the state budget (*cấp ngân sách*).
        BudgetLevels = "budget_levels",
        /// Nature of money (*tính chất nguồn vốn*).
        Natures = "natures",
        /// Sources of money (*nguồn kinh phí*).
        Sources = "sources",
        /// Categories of an estimate (*nội dung chi*).
        Categories = "categories",
        /// Kinds of support (*loại hỗ trợ*).
        SupportKinds = "support_kinds",
        /// Known rates of support (*mức hỗ trợ*), with their figures.
        SupportRates = "support_rates",
        /// Regional minimum wages (*lương tối thiểu vùng*) in đồng a month; recalled, not verified: an administrator checks.
        MinimumWages = "minimum_wages",
        /// Priority conditions (*điều kiện ưu tiên*).
        PriorityConditions = "priority_conditions",
        /// Indicators of the reports (*chỉ tiêu báo cáo*).
        Indicators = "indicators",
    }
}

impl ReferenceList {
    /// The lists whose codes break the figures of reports down.
    pub const OF_BREAKDOWNS: [Self; 5] =
        [Self::Models, Self::Categories, Self::Sources, Self::Natures, Self::SupportKinds];
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceEntry {
    /// The list that it belongs to.
    pub list: ReferenceList,
    /// Code, unique in its list, province and first day.
    pub code: String,
    /// Name for machines, where the code is not one.
    pub slug: Option<String>,
    /// Name for people.
    pub name: Text,
    /// What else the list says of its entries, by name: `unit`, `nature`, `overUnits`, …
    pub attributes: BTreeMap<String, String>,
    /// The province whose own entry it is; absent for entries of the whole country.
    pub province: Option<String>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// Where the entry comes from.
    pub legal_basis: String,
}

impl ReferenceEntry {
    /// Whether the entry is in force on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// Whether the entry serves a province: those of the whole country do.
    pub fn serves(&self, province: &str) -> bool {
        self.province.as_deref().is_none_or(|own| own == province)
    }
}

/// Whether a list has an entry of this code for a province on a day.
pub fn knows(entries: &[ReferenceEntry], list: ReferenceList, code: &str, province: &str, day: NaiveDate) -> bool {
    codes(entries, list, province, day).any(|known| known == code)
}

/// The codes of a list for a province on a day, in the order of the list.
pub fn codes<'a>(
    entries: &'a [ReferenceEntry],
    list: ReferenceList,
    province: &'a str,
    day: NaiveDate,
) -> impl Iterator<Item = &'a str> {
    entries
        .iter()
        .filter(move |entry| entry.list == list && entry.serves(province) && entry.in_force_at(day))
        .map(|entry| entry.code.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_province_serves_only_it_and_only_in_its_time() {
        let entry = |province: Option<&str>, valid_to: Option<&str>| ReferenceEntry {
            list: ReferenceList::Sources,
            code: "fund".to_owned(),
            slug: None,
            name: Text::new("quỹ", "fund"),
            attributes: BTreeMap::new(),
            province: province.map(str::to_owned),
            valid_from: NaiveDate::MIN,
            valid_to: valid_to.map(|day| day.parse().unwrap()),
            legal_basis: "2129/QĐ-UBND V.2".to_owned(),
        };
        let known = |entry, province, day: &str| {
            knows(&[entry], ReferenceList::Sources, "fund", province, day.parse().unwrap())
        };
        assert!(known(entry(None, None), "01", "2021-09-15"));
        assert!(known(entry(Some("89"), None), "89", "2021-09-15"));
        assert!(!known(entry(Some("89"), None), "91", "2021-09-15"));
        assert!(known(entry(None, Some("2025-06-30")), "89", "2025-06-30"));
        assert!(!known(entry(None, Some("2025-06-30")), "89", "2025-07-01"));
    }
}
