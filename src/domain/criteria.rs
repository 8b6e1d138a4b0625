//! The criteria set (*bộ tiêu chí*): which criteria an evaluation scores, up to how many points, and which rating a
//! total earns. Data, not code: a circular, its successor or a province's variant is loaded, never compiled in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use self::scale::Scale;
use super::deadline::Deadline;
use super::role::names;
use super::score::Points;
use super::text::Text;
use super::writers::Writers;

mod integrity;
pub mod life;
pub mod measure;
pub mod scale;

names! {
    /// Where a criteria set is in its life.
    CriteriaSetState {
        /// Loaded, not yet in force.
        Draft = "draft",
        /// Evaluations are made under it.
        Active = "active",
        /// Out of force after its last day: it governs the years before, and evaluations made under it keep it.
        Retired = "retired",
    }
}

/// A version of the criteria. Evaluations keep the version they were made under.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriteriaSet {
    /// Identifier.
    pub id: Uuid,
    /// Version of the record, counted from 1.
    pub version: i32,
    /// Code that evaluations and the scheme name: `TT01-2020`.
    pub code: String,
    /// Which version of its code it is, counted from 1.
    #[serde(default = "first")]
    pub edition: i32,
    /// Name.
    pub name: Text,
    /// Number of the document that it comes from: `01/2020/TT-BKHĐT`.
    pub legal_basis: String,
    /// Code of the province whose variant it is; absent for a national set.
    pub province: Option<String>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent where none is known.
    pub valid_to: Option<NaiveDate>,
    /// Where it is in its life.
    pub state: CriteriaSetState,
    /// What it says.
    pub criteria: Criteria,
    /// Who loaded or edited it; nobody where it ships with Sarus.
    #[serde(default)]
    pub writers: Writers,
}

const fn first() -> i32 {
    1
}

/// What a criteria set says.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Criteria {
    /// The smallest difference between two scores.
    pub points_step: Points,
    /// Groups of criteria, in the order of the form; their maxima sum to 100.00.
    #[schema(min_items = 1, max_items = 20)]
    pub groups: Vec<CriterionGroup>,
    /// Ratings, best first.
    #[schema(min_items = 1, max_items = 10)]
    pub bands: Vec<RatingBand>,
    /// When an evaluation gets no rating.
    pub not_rated: NotRatedConditions,
    /// Facts that force a rating whatever the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub forced_ratings: Vec<ForcedRating>,
    /// Whom the document leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub outside: Vec<OutsideActivity>,
    /// Until when evaluations are due each year, level by level.
    #[schema(max_items = 10)]
    pub deadlines: Vec<YearlyDeadline>,
    /// What is not known, and whose words the names are.
    pub note: Option<Text>,
}

/// Cooperatives that a document does not cover (*phạm vi điều chỉnh*), told by their main activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutsideActivity {
    /// VSIC code, without the letter of its section: all below it are left out (27/2018/QĐ-TTg).
    #[schema(min_length = 2, max_length = 5, pattern = "^[0-9]{2,5}$", example = "6419")]
    pub industry_code: String,
    /// Who they are.
    pub name: Text,
}

impl OutsideActivity {
    /// Whether a cooperative of this main activity is one of them; who states none is not.
    pub fn names(&self, industry_code: Option<&str>) -> bool {
        let stated = industry_code.unwrap_or_default().trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        stated.starts_with(&self.industry_code)
    }
}

/// A group of criteria (*nhóm tiêu chí*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriterionGroup {
    /// Code: a Roman number.
    #[schema(min_length = 1, max_length = 5, pattern = "^[IVX]+$", example = "I")]
    pub code: String,
    /// Name.
    pub name: Text,
    /// Points that the group can bring at most.
    pub maximum: Points,
    /// Its criteria, in order.
    #[schema(min_items = 1, max_items = 30)]
    pub criteria: Vec<Criterion>,
}

/// A criterion (*tiêu chí*). One with sub-criteria is scored on those.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Criterion {
    /// Code: its number on the form.
    #[schema(min_length = 1, max_length = 2, pattern = "^[1-9][0-9]?$", example = "1")]
    pub code: String,
    /// Name.
    pub name: Text,
    /// Points that it can bring at most; absent where only the group's maximum is known.
    pub maximum: Option<Points>,
    /// Its parts, if it is scored in parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub sub_criteria: Vec<SubCriterion>,
    /// How its points are computed from figures; absent where the evaluator enters them.
    pub scale: Option<Scale>,
}

/// A part of a criterion.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubCriterion {
    /// Code: the criterion's with a letter.
    #[schema(min_length = 2, max_length = 3, pattern = "^[1-9][0-9]?[a-z]$", example = "1a")]
    pub code: String,
    /// Name.
    pub name: Text,
    /// Points that it can bring at most; absent where only the criterion's maximum is known.
    pub maximum: Option<Points>,
    /// How its points are computed from figures; absent where the evaluator enters them.
    pub scale: Option<Scale>,
}

/// A rating and the total from which it is earned, up to where the next better one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RatingBand {
    /// Code of the rating: `good`, `fair`, `average`, `weak`.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "good")]
    pub code: String,
    /// Name (*Tốt*, *Khá*, *Trung bình*, *Yếu*).
    pub name: Text,
    /// The smallest total that earns it.
    pub minimum: Points,
}

names! {
    /// A fact of the year that forces a rating.
    ForcingFact {
        /// The cooperative was fined for an administrative violation in its operation (*xử phạt vi phạm hành chính*).
        AdministrativeFine = "administrative_fine",
    }
}

/// A fact and the rating that it forces, whatever the total: Circular 09/2017/TT-BNNPTNT has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForcedRating {
    /// The fact.
    pub fact: ForcingFact,
    /// Code of the rating, one of the bands.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "weak")]
    pub rating: String,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "09/2017/TT-BNNPTNT")]
    pub legal_basis: String,
}

/// When a cooperative is not rated: a fifth outcome, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotRatedConditions {
    /// Not rated if it operated for fewer months at the end of the year; exactly as many are rated.
    #[schema(minimum = 0, maximum = 120, example = 12)]
    pub minimum_months_operating: u32,
    /// Not rated if it stopped for more months in the year; exactly as many are rated.
    #[schema(minimum = 0, maximum = 12, example = 3)]
    pub maximum_months_stopped: u32,
    /// Whether several interruptions of one year add up, or each is measured alone.
    #[schema(example = true)]
    pub interruptions_add_up: bool,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

names! {
    /// Who must have sent the year's evaluations on.
    DeadlineLevel {
        /// The cooperative, to its registration authority.
        Cooperative = "cooperative",
        /// The district, to the province.
        District = "district",
        /// The province, to the ministry.
        Province = "province",
    }
}

/// A day of each year by which something is due, that day included (*chậm nhất vào ngày*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YearlyDeadline {
    /// Who is bound.
    pub level: DeadlineLevel,
    /// Month of the evaluated year.
    #[schema(minimum = 1, maximum = 12, example = 12)]
    pub month: u32,
    /// Day of that month.
    #[schema(minimum = 1, maximum = 31, example = 15)]
    pub day: u32,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    pub legal_basis: String,
}

/// What is scored: a sub-criterion, or a criterion that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a Text,
    /// Its own maximum, where known.
    pub maximum: Option<Points>,
    /// How its points are computed; none where the evaluator enters them.
    pub scale: Option<&'a Scale>,
}

impl Criterion {
    /// What is scored of it.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        let Self { code, name, maximum, sub_criteria, scale } = self;
        let whole = Leaf { code, name, maximum: *maximum, scale: scale.as_ref() };
        sub_criteria.is_empty().then_some(whole).into_iter().chain(sub_criteria.iter().map(SubCriterion::leaf))
    }
}

impl SubCriterion {
    /// It, as what is scored.
    const fn leaf(&self) -> Leaf<'_> {
        let Self { code, name, maximum, scale } = self;
        Leaf { code: code.as_str(), name, maximum: *maximum, scale: scale.as_ref() }
    }
}

impl CriterionGroup {
    /// What is scored of it.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.criteria.iter().flat_map(Criterion::leaves)
    }
}

impl Criteria {
    /// Everything that is scored, in the order of the form.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.groups.iter().flat_map(CriterionGroup::leaves)
    }

    /// The rating that a total earns: the best one whose minimum it reaches.
    pub fn band(&self, total: Points) -> Option<&RatingBand> {
        self.bands.iter().filter(|band| total >= band.minimum).max_by_key(|band| band.minimum)
    }

    /// Where the next better rating begins; none above the best.
    pub fn band_above(&self, band: &RatingBand) -> Option<&RatingBand> {
        self.bands.iter().filter(|other| other.minimum > band.minimum).min_by_key(|other| other.minimum)
    }

    /// The rating that a fact forces, if it forces one.
    pub fn forced_by(&self, fact: ForcingFact) -> Option<&ForcedRating> {
        self.forced_ratings.iter().find(|forced| forced.fact == fact)
    }

    /// Among whom the document leaves out a cooperative of a main activity is, if it is.
    pub fn leaves_out(&self, industry_code: Option<&str>) -> Option<&OutsideActivity> {
        self.outside.iter().find(|outside| outside.names(industry_code))
    }

    /// Whether points are computed from figures anywhere in it.
    pub fn has_scales(&self) -> bool {
        self.leaves().any(|leaf| leaf.scale.is_some())
    }

    /// The deadline of a level.
    pub fn deadline(&self, level: DeadlineLevel) -> Option<&YearlyDeadline> {
        self.deadlines.iter().find(|deadline| deadline.level == level)
    }
}

impl CriteriaSet {
    /// Whether evaluations of a year are made under this set: activated once, and in force on 31 December of the year.
    pub fn governs(&self, year: u16) -> bool {
        let day = NaiveDate::from_ymd_opt(i32::from(year), 12, 31).unwrap_or(NaiveDate::MAX);
        self.state != CriteriaSetState::Draft && self.in_force_at(day)
    }

    /// Whether its dates hold a day.
    pub fn in_force_at(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Whether cooperatives of a province are evaluated under it: a province's variant serves that province alone.
    pub fn serves(&self, province: &str) -> bool {
        self.province.as_deref().is_none_or(|own| own == province)
    }
}

impl YearlyDeadline {
    /// The deadline for the evaluations of a year.
    pub fn of(&self, year: u16) -> Deadline {
        Deadline {
            on_date: NaiveDate::from_ymd_opt(i32::from(year), self.month, self.day).unwrap_or(NaiveDate::MAX),
            last_day_counts: true,
            legal_basis: self.legal_basis.clone(),
        }
    }
}

/// The set that ships for Circular 01/2020, as tests and benchmarks use it.
#[cfg(test)]
pub(crate) fn tt01() -> CriteriaSet {
    let mut set: CriteriaSet =
        serde_json::from_str(include_str!("../../migration/data/criteria-tt01-2020.json")).unwrap();
    let outside = include_str!("../../migration/data/criteria-tt01-2020-outside.json");
    set.criteria.outside = serde_json::from_str(outside).unwrap();
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maxima of Circular 01/2020 as far as they are published, by leaf.
    const KNOWN: [(&str, i64); 17] = [
        ("1a", 6),
        ("1b", 1),
        ("2a", 5),
        ("2b", 1),
        ("3a", 4),
        ("3b", 3),
        ("3c", 4),
        ("4a", 2),
        ("4b", 2),
        ("4c", 2),
        ("5", 8),
        ("6", 6),
        ("7a", 2),
        ("7b", 2),
        ("7c", 2),
        ("8", 6),
        ("9", 4),
    ];

    pub(super) fn faults(change: impl FnOnce(&mut CriteriaSet)) -> Vec<String> {
        let mut set = tt01();
        change(&mut set);
        let refusal = set.check().err();
        refusal.map(|refusal| refusal.faults.into_iter().map(|fault| fault.pointer).collect()).unwrap_or_default()
    }

    #[test]
    fn the_circular_of_2020_is_what_is_known_of_it() {
        let set = tt01();
        assert_eq!(set.check(), Ok(()));
        let groups = set.criteria.groups.iter().map(|group| (group.code.as_str(), group.maximum, group.criteria.len()));
        let expected = [("I", Points::whole(30), 4), ("II", Points::whole(30), 5), ("III", Points::whole(40), 6)];
        assert!(groups.eq(expected));
        let known = set.criteria.leaves().filter_map(|leaf| Some((leaf.code, leaf.maximum?)));
        assert!(known.eq(KNOWN.map(|(code, points)| (code, Points::whole(points)))));
        let open = set.criteria.leaves().filter(|leaf| leaf.maximum.is_none()).map(|leaf| leaf.code);
        assert!(open.eq(["10", "11", "12", "13", "14", "15"]));
        let criteria = set.criteria.groups.iter().flat_map(|group| &group.criteria);
        let maxima: Vec<_> = criteria.filter_map(|criterion| criterion.maximum).collect();
        assert_eq!(maxima, [7, 6, 11, 6, 8, 6, 6, 6, 4].map(Points::whole));
    }

    #[test]
    fn a_set_whose_maxima_cannot_sum_is_refused_with_every_fault() {
        assert_eq!(faults(|set| set.criteria.groups[2].maximum = Points::whole(41)), ["/criteria/groups"]);
        let criterion_too_large = faults(|set| set.criteria.groups[1].criteria[0].maximum = Some(Points::whole(9)));
        assert_eq!(criterion_too_large, ["/criteria/groups/1/maximum"]);
        let part_too_large = |set: &mut CriteriaSet| {
            set.criteria.groups[0].criteria[0].sub_criteria[0].maximum = Some(Points::hundredths(650));
        };
        assert_eq!(faults(part_too_large), ["/criteria/groups/0/criteria/0/maximum"]);
        // Known maxima of a group may be fewer than its own, while others are open; not more.
        assert_eq!(faults(|set| set.criteria.groups[2].criteria[0].maximum = Some(Points::whole(40))), [""; 0]);
        let open_overflows = faults(|set| set.criteria.groups[2].criteria[0].maximum = Some(Points::whole(41)));
        assert_eq!(open_overflows, ["/criteria/groups/2/maximum"]);
    }

    #[test]
    fn codes_bands_and_dates_are_checked_together() {
        let found = faults(|set| {
            set.valid_to = "2020-01-01".parse().ok();
            set.criteria.groups[0].criteria[1].code = "1".to_owned();
            set.criteria.bands[1].minimum = Points::whole(80);
            set.criteria.bands[3].minimum = Points::whole(1);
            set.criteria.deadlines[0].day = 32;
        });
        let expected = [
            "/criteria/groups/0/criteria/1/code",
            "/criteria/groups/0/criteria/1/subCriteria/0/code",
            "/criteria/groups/0/criteria/1/subCriteria/1/code",
            "/criteria/bands/1/minimum",
            "/criteria/bands",
            "/criteria/deadlines/0/day",
            "/validTo",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_set_governs_the_years_at_whose_end_it_is_in_force() {
        let set = tt01();
        assert!(!set.governs(2019) && set.governs(2020) && set.governs(2025));
        let ended = CriteriaSet { valid_to: "2023-06-30".parse().ok(), ..tt01() };
        assert!(ended.governs(2022) && !ended.governs(2023));
        assert!(!CriteriaSet { state: CriteriaSetState::Draft, ..tt01() }.governs(2020));
    }
}
