//! Territory: provinces, districts and communes, each known by its code *and* the first day of that code.
//!
//! A code alone names nothing: until 30 June 2025 `91` is Kiên Giang, from the next day it is An Giang.

mod meant;

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::role::names;

pub use meant::{OneOfSeveral, UnitsMeant};

names! {
    /// Level of an administrative unit.
    Level {
        /// Province or centrally-run city (*tỉnh, thành phố trực thuộc trung ương*), two digits.
        Province = "province",
        /// District, town or city under a province (*cấp huyện*), three digits; none from 1 July 2025.
        District = "district",
        /// Commune, ward or township (*cấp xã*), five digits.
        Commune = "commune",
    }
}

names! {
    /// How a unit followed another.
    SuccessionKind {
        /// Several units became one (*nhập*).
        Merge = "merge",
        /// One unit was divided between several (*chia*).
        Split = "split",
        /// One unit became one of another name or rank (*đổi tên, thành lập mới trên cơ sở nguyên trạng*).
        Rename = "rename",
        /// The unit stayed as it was in a new order of units.
        CarryOver = "carry_over",
        /// The level was abolished: the territory is that of the unit above (*kết thúc hoạt động*).
        Abolish = "abolish",
    }
}

/// The order of units that figures are shown in. A report keeps the province that it was made for, which stood when its data
/// closed; to show it in
/// another order, its province is followed through the mergers up to a day. No merger divides a province, so nothing
/// is lost on the way; the way back is not open, since a report of the merged province says nothing of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub enum Tree {
    /// The provinces that stood when the data closed, as the reports name them.
    #[default]
    AsReported,
    /// The provinces of today.
    Current,
    /// The provinces of a day.
    On(NaiveDate),
}

impl TryFrom<String> for Tree {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "asReported" => Ok(Self::AsReported),
            "current" => Ok(Self::Current),
            day => day.parse().map(Self::On).map_err(|_| "asReported, current or a date".to_owned()),
        }
    }
}

impl From<Tree> for String {
    fn from(tree: Tree) -> Self {
        match tree {
            Tree::AsReported => "asReported".to_owned(),
            Tree::Current => "current".to_owned(),
            Tree::On(day) => day.to_string(),
        }
    }
}

impl Tree {
    /// The day whose provinces are meant; none when the reports' own are.
    pub const fn day(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::AsReported => None,
            Self::Current => Some(today),
            Self::On(day) => Some(day),
        }
    }
}

/// A unit that follows or precedes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Succession {
    /// Code of the other unit.
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "91")]
    pub code: String,
    /// First day of the other unit: a code alone names nothing.
    #[schema(example = "2025-07-01")]
    pub valid_from: NaiveDate,
    /// Name of the other unit.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    pub name: String,
    /// How one followed the other.
    pub kind: SuccessionKind,
    /// First day of the successor.
    #[schema(example = "2025-07-01")]
    pub on_date: NaiveDate,
    /// Whether facts of the predecessor go to the successor when nothing more is known of their place: one of the
    /// successors of a divided unit is the default.
    pub is_default: bool,
    /// The decision.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "202/2025/QH15")]
    pub legal_basis: String,
}

/// A unit above another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitAbove {
    /// Code.
    #[schema(min_length = 2, max_length = 3, pattern = "^[0-9]{2,3}$", example = "89")]
    pub code: String,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    pub name: String,
    /// Level.
    pub level: Level,
}

/// A unit with its place in the tree of a day, and what came before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitInTree {
    /// The unit.
    pub unit: AdministrativeUnit,
    /// The units above it, from the province down.
    pub above: Vec<UnitAbove>,
    /// The units that followed it, the default first.
    pub successors: Vec<Succession>,
    /// The units that it followed.
    pub predecessors: Vec<Succession>,
}

/// An administrative unit while its code meant it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdministrativeUnit {
    /// Code: two digits for a province, three for a district, five for a commune.
    #[schema(min_length = 2, max_length = 5, pattern = "^([0-9]{2}|[0-9]{3}|[0-9]{5})$", example = "883")]
    pub code: String,
    /// Full name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Thành phố Long Xuyên")]
    pub name: String,
    /// Level.
    pub level: Level,
    /// Code of the unit above; absent for a province.
    #[schema(min_length = 2, max_length = 3, pattern = "^[0-9]{2,3}$", example = "89")]
    pub parent: Option<String>,
    /// First day in force.
    #[schema(example = "2004-07-08")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// The decision that set the code.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "124/2004/QĐ-TTg")]
    pub legal_basis: String,
}

impl AdministrativeUnit {
    /// Whether the unit exists on a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }
}

/// A province by its key: a code alone names nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProvinceOfDay {
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "91")]
    pub province: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Tỉnh An Giang")]
    pub name: String,
    /// Its first day under this code.
    #[schema(example = "2025-07-01")]
    pub valid_from: NaiveDate,
}

/// In which province the figures of a period are shown: in those that stood when its data closed, or, followed through the
/// mergers, in those of a later day.
#[derive(Debug, Clone)]
pub struct ProvinceTree {
    units: Vec<AdministrativeUnit>,
    merged: HashMap<String, String>,
    shown_on: NaiveDate,
}

impl ProvinceTree {
    /// The provinces of a day, with those of all days; `merged` says, by code, which province each became part of by that
    /// day, where the code is another.
    pub const fn new(units: Vec<AdministrativeUnit>, merged: HashMap<String, String>, shown_on: NaiveDate) -> Self {
        Self { units, merged, shown_on }
    }

    /// The day on which another province took the place of one after the day shown and by another: figures from then on
    /// cannot be shown in provinces of before.
    pub fn changed_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        let began = self.units.iter().map(|unit| unit.valid_from);
        began.filter(|from| self.shown_on < *from && *from <= day).min()
    }

    /// The day shown, where another province took the place of one after it.
    pub fn before_changes(&self) -> Option<NaiveDate> {
        self.changed_by(NaiveDate::MAX).map(|_| self.shown_on)
    }

    /// The code of the province that one is shown in.
    pub fn shown_in<'a>(&'a self, code: &'a str) -> &'a str {
        self.merged.get(code).map_or(code, String::as_str)
    }

    /// Which code each other one is shown under.
    pub const fn merged(&self) -> &HashMap<String, String> {
        &self.merged
    }

    /// The province that is shown under a code.
    pub fn shown(&self, code: &str) -> ProvinceOfDay {
        self.named(code, self.shown_on)
    }

    /// The province that a code means on a day; the last that bore it where none does then.
    pub fn named(&self, code: &str, day: NaiveDate) -> ProvinceOfDay {
        let last = || self.units.iter().filter(|unit| unit.code == code).max_by_key(|unit| unit.valid_from);
        let unit = unit_at(&self.units, code, day).or_else(last);
        ProvinceOfDay {
            province: code.to_owned(),
            name: unit.map_or_else(|| code.to_owned(), |unit| unit.name.clone()),
            valid_from: unit.map_or(day, |unit| unit.valid_from),
        }
    }
}

/// The unit that a code means on a day.
pub fn unit_at<'a>(units: &'a [AdministrativeUnit], code: &str, day: NaiveDate) -> Option<&'a AdministrativeUnit> {
    units.iter().find(|unit| unit.code == code && unit.in_force_at(day))
}

/// The province that a unit belongs to on a day: itself, its parent, or its parent's parent.
pub fn province_at<'a>(units: &'a [AdministrativeUnit], code: &str, day: NaiveDate) -> Option<&'a AdministrativeUnit> {
    let unit = unit_at(units, code, day)?;
    match &unit.parent {
        None => Some(unit),
        Some(parent) => province_at(units, parent, day),
    }
}

/// The units right below one on a day.
pub fn children_at<'a>(
    units: &'a [AdministrativeUnit],
    parent: &'a str,
    day: NaiveDate,
) -> impl Iterator<Item = &'a AdministrativeUnit> {
    units.iter().filter(move |unit| unit.parent.as_deref() == Some(parent) && unit.in_force_at(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn unit(code: &str, name: &str, parent: Option<&str>, from: &str, to: Option<&str>) -> AdministrativeUnit {
        AdministrativeUnit {
            code: code.to_owned(),
            name: name.to_owned(),
            level: if code.len() == 2 { Level::Province } else { Level::District },
            parent: parent.map(str::to_owned),
            valid_from: day(from),
            valid_to: to.map(day),
            legal_basis: "124/2004/QĐ-TTg".to_owned(),
        }
    }

    fn units() -> Vec<AdministrativeUnit> {
        vec![
            unit("89", "Tỉnh An Giang", None, "2004-07-08", Some("2025-06-30")),
            unit("890", "Huyện Tịnh Biên", Some("89"), "2004-07-08", Some("2023-04-09")),
            unit("890", "Thị xã Tịnh Biên", Some("89"), "2023-04-10", Some("2025-06-30")),
            unit("91", "Tỉnh Kiên Giang", None, "2004-07-08", Some("2025-06-30")),
            unit("91", "Tỉnh An Giang", None, "2025-07-01", None),
        ]
    }

    #[test]
    fn a_code_names_different_units_on_different_days() {
        let units = units();
        let name = |code, at| unit_at(&units, code, day(at)).map(|unit| unit.name.as_str());
        assert_eq!(name("91", "2025-06-30"), Some("Tỉnh Kiên Giang"));
        assert_eq!(name("91", "2025-07-01"), Some("Tỉnh An Giang"));
        assert_eq!(name("89", "2025-06-30"), Some("Tỉnh An Giang"));
        assert_eq!(name("89", "2025-07-01"), None);
        assert_eq!(name("890", "2021-09-15"), Some("Huyện Tịnh Biên"));
        assert_eq!(name("890", "2023-04-10"), Some("Thị xã Tịnh Biên"));
    }

    #[test]
    fn a_province_is_shown_under_its_code_and_first_day() {
        let merged = HashMap::from([("89".to_owned(), "91".to_owned())]);
        let later = ProvinceTree::new(units(), merged, day("2025-07-01"));
        let key = |one: ProvinceOfDay| (one.province, one.name, one.valid_from.to_string());
        let (an_giang, kien_giang) = ("Tỉnh An Giang".to_owned(), "Tỉnh Kiên Giang".to_owned());
        assert_eq!(key(later.shown(later.shown_in("89"))), ("91".into(), an_giang.clone(), "2025-07-01".into()));
        assert_eq!(key(later.named("91", day("2023-12-14"))), ("91".into(), kien_giang, "2004-07-08".into()));
        assert_eq!(key(later.named("89", day("2025-12-14"))), ("89".into(), an_giang, "2004-07-08".into()));
        let before = ProvinceTree::new(units(), HashMap::new(), day("2025-06-30"));
        assert_eq!(before.changed_by(day("2025-12-14")), Some(day("2025-07-01")));
        assert_eq!((before.changed_by(day("2025-06-30")), later.changed_by(day("2025-12-14"))), (None, None));
    }

    #[test]
    fn a_district_lies_in_its_province_while_both_exist() {
        let units = units();
        let province = |code, at| province_at(&units, code, day(at)).map(|unit| unit.code.as_str());
        assert_eq!(province("890", "2021-09-15"), Some("89"));
        assert_eq!(province("89", "2021-09-15"), Some("89"));
        assert_eq!(province("890", "2025-07-01"), None);
        assert_eq!(children_at(&units, "89", day("2021-09-15")).count(), 1);
    }
}
