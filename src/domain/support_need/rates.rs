//! The known rates of Decision 1804/QĐ-TTg and Circular 124/2021/TT-BTC, as dated reference data: where the text is firm a
//! need above it cannot be submitted; where the province decides, or data are missing, a finding says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::NeededItem;
use crate::domain::money::Money;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::refusal::{Fault, Inputs, Refusal, Rule};
use crate::domain::role::names;
use crate::domain::text::Text;
use crate::domain::verdict::RuleVersion;

names! {
    /// Region of the minimum wage (*vùng lương tối thiểu*).
    WageRegion {
        /// *Vùng I*.
        I = "I",
        /// *Vùng II*.
        II = "II",
        /// *Vùng III*.
        III = "III",
        /// *Vùng IV*.
        IV = "IV",
    }
}

names! {
    /// What a training costs.
    TrainingPart {
        /// *Chi phí đi lại*.
        Travel = "travel",
        /// *Tổ chức lớp học*.
        Organisation = "organisation",
        /// *Tài liệu*.
        Materials = "materials",
        /// *Tiền ăn, ở*.
        FoodAndLodging = "food_and_lodging",
    }
}

names! {
    /// Where the trained organisation is, as far as the share of food and lodging depends on it.
    TrainingPlace {
        /// In an area of special difficulty.
        EspeciallyDifficult = "especially_difficult",
        /// A rural-field organisation elsewhere.
        Rural = "rural",
        /// Any other.
        Other = "other",
    }
}

/// A young worker whose pay is supported. No name: a mark of the cooperative's own that is the same in each need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YoungWorker {
    /// The cooperative's own mark of the person; never a name or a number of identity papers.
    #[schema(min_length = 1, max_length = 20, pattern = "^[A-Z0-9-]+$", example = "LD-01")]
    pub mark: String,
    /// First day that is supported.
    #[schema(example = "2022-01-01")]
    pub from: NaiveDate,
    /// Months that are supported.
    #[schema(minimum = 1, maximum = 120, example = 36)]
    pub months: u16,
    /// Region of the minimum wage.
    pub region: WageRegion,
    /// Support for a month.
    pub monthly: Money,
}

/// One part of what a training costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrainingCost {
    /// What it is for.
    pub part: TrainingPart,
    /// Where the trained organisation is.
    pub place: TrainingPlace,
    /// What it costs.
    pub cost: Money,
    /// How much of it is asked for.
    pub support: Money,
}

names! {
    /// What a check of a rate came to.
    RateVerdict {
        /// Kept.
        Kept = "kept",
        /// Broken, and the text is firm: the need cannot be submitted.
        Broken = "broken",
        /// Above the least, by how much the province decides.
        ProvinceDecides = "province_decides",
        /// No figure in force is known to check against.
        Unknown = "unknown",
    }
}

/// What one check of a rate came to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateFinding {
    /// Identifier of the rule in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "support_rate")]
    pub rule_id: String,
    /// The version of the rate that was applied; absent where none is in force.
    pub version: Option<RuleVersion>,
    /// JSON pointer of what was checked.
    #[schema(min_length = 1, max_length = 200, pattern = "^/", example = "/items/0/youngWorkers/0/monthly")]
    pub pointer: String,
    /// What it came to.
    pub verdict: RateVerdict,
    /// The figures, in words.
    pub words: Text,
    /// The figures, each by its name.
    pub inputs: Inputs,
    /// Where the rate comes from; absent where none is known.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "1804/QĐ-TTg; 124/2021/TT-BTC")]
    pub legal_basis: Option<String>,
}

/// The lists that rates stand in.
pub const LISTS: &[ReferenceList] = &[ReferenceList::SupportRates, ReferenceList::MinimumWages];

/// The rates in force.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a> {
    /// Entries of [`LISTS`].
    pub lists: &'a [ReferenceEntry],
    /// The province.
    pub province: &'a str,
    /// The day on which it is asked, for what says no day of its own.
    pub day: NaiveDate,
}

impl<'a> Rates<'a> {
    fn entry(self, list: ReferenceList, code: &str, day: NaiveDate) -> Option<&'a ReferenceEntry> {
        let serves = |entry: &&ReferenceEntry| {
            entry.list == list && entry.code == code && entry.serves(self.province) && entry.in_force_at(day)
        };
        self.lists.iter().find(serves)
    }

    fn figure(self, list: ReferenceList, code: &str, day: NaiveDate, name: &str) -> Option<(i64, &'a ReferenceEntry)> {
        let entry = self.entry(list, code, day)?;
        Some((entry.attributes.get(name)?.parse().ok()?, entry))
    }

    /// The rates of the day on which support begins, not of the day on which it is asked for.
    fn of_workers(self, name: &str, day: NaiveDate) -> Option<(i64, &'a ReferenceEntry)> {
        self.figure(ReferenceList::SupportRates, YOUNG_WORKERS, day, name)
    }

    /// Checks every item. `elsewhere` are the young workers of the pilot's other needs.
    pub fn check(self, items: &[NeededItem], elsewhere: &[YoungWorker]) -> Vec<RateFinding> {
        let mut findings = Vec::new();
        let placed = items.iter().enumerate().flat_map(|(at, item)| {
            let workers = item.young_workers.iter().enumerate();
            workers.map(move |(number, worker)| (format!("/items/{at}/youngWorkers/{number}"), worker))
        });
        let workers: Vec<(String, &YoungWorker)> = placed.collect();
        for (pointer, worker) in &workers {
            findings.push(self.wage(pointer, worker));
        }
        findings.extend(self.months(&workers, elsewhere));
        findings.extend(self.persons(&workers, elsewhere));
        for (at, item) in items.iter().enumerate() {
            let costs = item.training.iter().enumerate();
            let place = |number: usize| format!("/items/{at}/training/{number}");
            let day = begins(item).unwrap_or(self.day);
            findings.extend(costs.map(|(number, cost)| self.share(&place(number), cost, day)));
        }
        findings
    }

    /// At least one and a half times the regional minimum wage in force on the first day; how much more, the province
    /// decides.
    fn wage(self, pointer: &str, worker: &YoungWorker) -> RateFinding {
        let pointer = format!("{pointer}/monthly");
        let (region, from) = (worker.region.name(), worker.from);
        let wage = self.figure(ReferenceList::MinimumWages, region, from, "monthly");
        let (Some((percent, rate)), Some((wage, of_region))) = (self.of_workers("wageFactorPercent", from), wage)
        else {
            let vi = format!("Chưa có lương tối thiểu vùng {region} ngày {from} hoặc mức hỗ trợ để đối chiếu.");
            let en = format!("No minimum wage of region {region} on {from}, or no rate, is known to check against.");
            return unknown(pointer, vi, en);
        };
        let (least, decree) = (least_of(wage, percent), &of_region.legal_basis);
        let asked = worker.monthly;
        let verdict = match asked.cmp(&least) {
            std::cmp::Ordering::Less => RateVerdict::Broken,
            std::cmp::Ordering::Equal => RateVerdict::Kept,
            std::cmp::Ordering::Greater => RateVerdict::ProvinceDecides,
        };
        let words = Text::new(
            format!(
                "Hỗ trợ {asked} đồng/tháng; mức tối thiểu {least} đồng ({percent}% của {wage} đồng, vùng {region}, {decree})."
            ),
            format!(
                "Support of {asked} đồng a month; the least is {least} đồng ({percent} % of {wage} đồng, region {region}, {decree})."
            ),
        );
        let inputs: [(&str, &dyn Display); 6] = [
            ("asked", &asked),
            ("limit", &least),
            ("percent", &percent),
            ("minimumWage", &wage),
            ("region", &region),
            ("decree", &decree),
        ];
        let legal_basis = Some(format!("{}; {decree}", rate.legal_basis));
        RateFinding { legal_basis, ..found(verdict, pointer, (words, Inputs::of(&inputs)), rate) }
    }

    /// The least support of a month that the rates of a day know for a region.
    pub(in crate::domain) fn least_monthly(self, region: WageRegion) -> Option<Money> {
        let (wage, _) = self.figure(ReferenceList::MinimumWages, region.name(), self.day, "monthly")?;
        Some(least_of(wage, self.of_workers("wageFactorPercent", self.day)?.0))
    }

    /// At most so many months a person, over all its needs.
    fn months(self, workers: &[(String, &YoungWorker)], elsewhere: &[YoungWorker]) -> Vec<RateFinding> {
        let mut total = BTreeMap::<&str, i64>::new();
        for worker in elsewhere {
            *total.entry(&worker.mark).or_default() += i64::from(worker.months);
        }
        let mut findings = Vec::new();
        for (pointer, worker) in workers {
            let months = total.entry(&worker.mark).or_default();
            *months += i64::from(worker.months);
            let pointer = format!("{pointer}/months");
            let Some((most, rate)) = self.of_workers("mostMonths", worker.from) else {
                findings.push(unknown(pointer, "Chưa có số tháng tối đa.".into(), "No most months are known.".into()));
                continue;
            };
            let mark = &worker.mark;
            let words = Text::new(
                format!("{mark}: {months} tháng; tối đa {most} tháng một người."),
                format!("{mark}: {months} months; at most {most} months a person."),
            );
            let inputs = Inputs::of(&[("person", mark), ("asked", &*months), ("limit", &most)]);
            findings.push(kept_if(*months <= most, pointer, (words, inputs), rate));
        }
        findings
    }

    /// At most so many persons of an organisation in a year, over all its needs.
    fn persons(self, workers: &[(String, &YoungWorker)], elsewhere: &[YoungWorker]) -> Vec<RateFinding> {
        let mut of_year = BTreeMap::<i32, BTreeSet<&str>>::new();
        for worker in elsewhere {
            for year in worker.years() {
                of_year.entry(year).or_default().insert(&worker.mark);
            }
        }
        let mut findings = Vec::new();
        for (pointer, worker) in workers {
            let Some((most, rate)) = self.of_workers("mostPersonsAYear", worker.from) else {
                findings.push(unknown(
                    pointer.clone(),
                    "Chưa có số người tối đa.".into(),
                    "No most persons are known.".into(),
                ));
                continue;
            };
            for year in worker.years() {
                let persons = of_year.entry(year).or_default();
                persons.insert(&worker.mark);
                let count = persons.len();
                let words = Text::new(
                    format!("Năm {year}: người thứ {count}; tối đa {most} người một tổ chức một năm."),
                    format!("{year}: person {count}; at most {most} persons of an organisation in a year."),
                );
                let kept = i64::try_from(count).unwrap_or(i64::MAX) <= most;
                let inputs = Inputs::of(&[("year", &year), ("asked", &count), ("limit", &most)]);
                findings.push(kept_if(kept, pointer.clone(), (words, inputs), rate));
            }
        }
        findings
    }

    /// At most its share of what a part of a training costs.
    fn share(self, pointer: &str, cost: &TrainingCost, day: NaiveDate) -> RateFinding {
        let pointer = format!("{pointer}/support");
        let name = match (cost.part, cost.place) {
            (TrainingPart::Travel, _) => "travelPercent",
            (TrainingPart::Organisation, _) => "organisationPercent",
            (TrainingPart::Materials, _) => "materialsPercent",
            (TrainingPart::FoodAndLodging, TrainingPlace::EspeciallyDifficult) => "foodAndLodgingDifficultPercent",
            (TrainingPart::FoodAndLodging, TrainingPlace::Rural) => "foodAndLodgingRuralPercent",
            (TrainingPart::FoodAndLodging, TrainingPlace::Other) => "foodAndLodgingOtherPercent",
        };
        let Some((percent, rate)) = self.figure(ReferenceList::SupportRates, TRAINING, day, name) else {
            return unknown(pointer, "Chưa có mức hỗ trợ đào tạo.".into(), "No share of training is known.".into());
        };
        let TrainingCost { cost, support, .. } = cost;
        let most = Money::dong(cost.as_dong().saturating_mul(percent).div_euclid(100));
        let words = Text::new(
            format!("Đề nghị {support} đồng trên {cost} đồng chi phí; tối đa {percent}% là {most} đồng."),
            format!("{support} đồng asked of {cost} đồng; at most {percent} %, which is {most} đồng."),
        );
        let inputs = Inputs::of(&[("asked", support), ("cost", cost), ("percent", &percent), ("limit", &most)]);
        kept_if(*support <= most, pointer, (words, inputs), rate)
    }
}

/// The end of the first year that an item is phased in: its rates are those of the year in which it is given.
fn begins(item: &NeededItem) -> Option<NaiveDate> {
    let first = item.phases.iter().map(|phase| phase.fiscal_year).min()?;
    NaiveDate::from_ymd_opt(i32::from(first), 12, 31)
}

impl YoungWorker {
    /// The calendar years that the supported months touch.
    fn years(&self) -> std::ops::RangeInclusive<i32> {
        use chrono::Datelike;
        let last = self.from.checked_add_months(chrono::Months::new(u32::from(self.months)));
        let last = last.and_then(|day| day.pred_opt()).unwrap_or(self.from);
        self.from.year()..=last.year()
    }
}

/// Refuses what is broken where the text is firm.
pub fn refuse_broken(findings: &[RateFinding]) -> Result<(), Refusal> {
    let broken = findings.iter().filter(|finding| finding.verdict == RateVerdict::Broken);
    let faults: Vec<Fault> = broken
        .map(|finding| Fault {
            pointer: finding.pointer.clone(),
            code: Rule::RateNotKept.code(),
            message: finding.words.clone(),
            inputs: finding.inputs.clone(),
            legal_basis: None,
        })
        .collect();
    let Some(first) = faults.first() else { return Ok(()) };
    let (Text { vi, en }, inputs) = (first.message.clone(), first.inputs.clone());
    Err(Refusal { inputs, ..Refusal::new(Rule::RateNotKept, vi, en) }.with_faults(faults))
}

/// Refuses items whose kind of support has known rates and that do not list what these are checked on: persons, or costs.
pub fn refuse_unlisted<'a>(items: impl Iterator<Item = &'a NeededItem>) -> Result<(), Refusal> {
    let unlisted = |(at, item): (usize, &NeededItem)| {
        let (missing, named) = match item.support_kind.as_str() {
            YOUNG_WORKERS if item.young_workers.is_empty() => ("youngWorkers", "từng lao động trẻ"),
            TRAINING if item.training.is_empty() => ("training", "từng khoản chi đào tạo"),
            _ => return None,
        };
        let kind = &item.support_kind;
        Some(
            Refusal::at(
                Rule::PartsNotStated,
                format!("/items/{at}/{missing}"),
                format!("Mục này cần kê khai {named} để đối chiếu mức hỗ trợ."),
                format!("This item lists {missing}, which its rates are checked on."),
            )
            .given(&[("supportKind", &kind), ("missing", &missing)]),
        )
    };
    Refusal::of_all(items.enumerate().filter_map(unlisted).collect())
}

/// Kinds of support with known rates, which are also the codes of these rates.
const YOUNG_WORKERS: &str = "young_workers";
const TRAINING: &str = "training";

/// The rule of the rule book by which rates are checked.
const RULE: &str = "support_rate";

/// Rounded up: the least whole đồng that is not below the rate.
fn least_of(wage: i64, percent: i64) -> Money {
    Money::dong(wage.saturating_mul(percent).saturating_add(99).div_euclid(100))
}

fn found(verdict: RateVerdict, pointer: String, (words, inputs): (Text, Inputs), rate: &ReferenceEntry) -> RateFinding {
    let version = RuleVersion { of: rate.code.clone(), id: None, edition: None, valid_from: rate.valid_from };
    RateFinding {
        rule_id: RULE.to_owned(),
        version: Some(version),
        pointer,
        verdict,
        words,
        inputs,
        legal_basis: Some(rate.legal_basis.clone()),
    }
}

fn kept_if(kept: bool, pointer: String, said: (Text, Inputs), rate: &ReferenceEntry) -> RateFinding {
    found(if kept { RateVerdict::Kept } else { RateVerdict::Broken }, pointer, said, rate)
}

fn unknown(pointer: String, vi: String, en: String) -> RateFinding {
    RateFinding {
        rule_id: RULE.to_owned(),
        version: None,
        pointer,
        verdict: RateVerdict::Unknown,
        words: Text::new(vi, en),
        inputs: Inputs::default(),
        legal_basis: None,
    }
}
