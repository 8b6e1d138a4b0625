//! Whether a criteria set holds together: every fault at once, each with its place.

mod scales;

use std::collections::HashSet;
use std::fmt::Display;

use chrono::NaiveDate;

use super::{Criteria, CriteriaSet, Criterion, CriterionGroup};
use crate::domain::refusal::{Fault, Refusal, Rule};
use crate::domain::score::Points;

/// The total that the maxima of all groups make.
const FULL_MARKS: Points = Points::whole(100);
/// The most leaves that a form can have: an evaluation scores each of them.
const MOST_LEAVES: usize = 200;
/// The most faults that are told at once.
const MOST_FAULTS: usize = 1_000;

impl CriteriaSet {
    /// Refuses a set that cannot be scored under: maxima that do not sum, codes that clash, ratings that leave a gap.
    ///
    /// # Errors
    /// All faults, with their places.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut faults = self.criteria.faults();
        faults.extend(self.fault_of_code());
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            let (vi, en) = ("Hết hiệu lực trước khi có hiệu lực.", "It ends before it begins.");
            faults.push(fault("/validTo".to_owned(), vi, en));
        }
        faults.truncate(MOST_FAULTS);
        if faults.is_empty() {
            return Ok(());
        }
        for fault in &mut faults {
            fault.inputs = std::mem::take(&mut fault.inputs).and(&[("criteriaSet", &self.code)]);
        }
        let (vi, en) = (
            format!("Bộ tiêu chí {} không nhất quán.", self.code),
            format!("The criteria set {} does not hold together.", self.code),
        );
        Err(Refusal::new(Rule::InvalidCriteriaSet, vi, en)
            .given(&[("criteriaSet", &self.code), ("faults", &faults.len())])
            .with_faults(faults)
            .under(&self.legal_basis))
    }
}

impl CriteriaSet {
    /// A province's variant carries the code of the set that it varies, and that of the province; no other set looks
    /// like one.
    fn fault_of_code(&self) -> Option<Fault> {
        let is_suffix = |suffix: &str| suffix.len() == 2 && suffix.bytes().all(|byte| byte.is_ascii_digit());
        let suffix = self.code.rsplit_once('-').map(|(_, suffix)| suffix).filter(|suffix| is_suffix(suffix));
        if suffix == self.province.as_deref() {
            return None;
        }
        let (vi, en) = match &self.province {
            Some(province) => (
                format!("Mã biến thể của tỉnh kết thúc bằng -{province}, sau mã bộ tiêu chí gốc."),
                format!("The code of a province's variant is that of the set it varies, and -{province}."),
            ),
            None => (
                "Mã kết thúc bằng mã tỉnh là của biến thể cấp tỉnh.".to_owned(),
                "A code that ends with that of a province is a variant's.".to_owned(),
            ),
        };
        Some(fault("/code".to_owned(), vi, en))
    }
}

impl Criteria {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.check_total(&mut faults);
        for (index, group) in self.groups.iter().enumerate() {
            self.check_group(group, &format!("/criteria/groups/{index}"), &mut faults);
        }
        self.check_codes(&mut faults);
        self.check_bands(&mut faults);
        self.check_forced_ratings(&mut faults);
        self.check_deadlines(&mut faults);
        let mut outside = HashSet::new();
        for (index, activity) in self.outside.iter().enumerate() {
            let place = format!("/criteria/outside/{index}/industryCode");
            once(&mut outside, &activity.industry_code, place, &mut faults);
        }
        faults
    }

    fn check_total(&self, faults: &mut Vec<Fault>) {
        let sum: Points = self.groups.iter().map(|group| group.maximum).sum();
        if sum != FULL_MARKS {
            let vi = format!("Điểm tối đa các nhóm cộng lại là {sum}, phải là {FULL_MARKS}.");
            let en = format!("The maxima of the groups sum to {sum}; they must sum to {FULL_MARKS}.");
            faults.push(fault("/criteria/groups".to_owned(), vi, en).given(&[("sum", &sum), ("whole", &FULL_MARKS)]));
        }
        if self.points_step == Points::ZERO {
            let (vi, en) = ("Bước điểm phải lớn hơn 0.00.", "The points step must be above 0.00.");
            faults.push(fault("/criteria/pointsStep".to_owned(), vi, en).given(&[("step", &self.points_step)]));
        }
        let leaves = self.leaves().count();
        if leaves > MOST_LEAVES {
            let vi = format!("Có {leaves} mục được chấm, nhiều nhất là {MOST_LEAVES}.");
            let en = format!("It scores {leaves} items; {MOST_LEAVES} at most.");
            faults.push(
                fault("/criteria/groups".to_owned(), vi, en).given(&[("items", &leaves), ("most", &MOST_LEAVES)]),
            );
        }
    }

    fn check_group(&self, group: &CriterionGroup, place: &str, faults: &mut Vec<Fault>) {
        self.check_step(Some(group.maximum), place, faults);
        for (index, criterion) in group.criteria.iter().enumerate() {
            let place = format!("{place}/criteria/{index}");
            self.check_step(criterion.maximum, &place, faults);
            for (index, part) in criterion.sub_criteria.iter().enumerate() {
                self.check_step(part.maximum, &format!("{place}/subCriteria/{index}"), faults);
            }
            self.check_scales(criterion, group.maximum, &place, faults);
            if let Some(maximum) = criterion.maximum.filter(|_| !criterion.sub_criteria.is_empty()) {
                let parts: Vec<_> = criterion.sub_criteria.iter().map(|part| part.maximum).collect();
                check_sum(maximum, &parts, &place, faults);
            }
        }
        let parts: Vec<_> = group.criteria.iter().map(Criterion::known_maximum).collect();
        check_sum(group.maximum, &parts, place, faults);
    }

    /// A maximum is above zero and can be reached in steps.
    fn check_step(&self, maximum: Option<Points>, place: &str, faults: &mut Vec<Fault>) {
        let step = self.points_step.as_hundredths();
        let reachable = |points: Points| step > 0 && points > Points::ZERO && points.as_hundredths() % step == 0;
        if let Some(maximum) = maximum.filter(|maximum| !reachable(*maximum)) {
            let vi = format!("Điểm tối đa {maximum} không phải bội số dương của {}.", self.points_step);
            let en = format!("The maximum {maximum} is not a positive multiple of {}.", self.points_step);
            let inputs: [(&str, &dyn Display); 2] = [("maximum", &maximum), ("step", &self.points_step)];
            faults.push(fault(format!("{place}/maximum"), vi, en).given(&inputs));
        }
    }

    fn check_codes(&self, faults: &mut Vec<Fault>) {
        let mut seen = HashSet::new();
        for (g, group) in self.groups.iter().enumerate() {
            let place = format!("/criteria/groups/{g}");
            once(&mut seen, &group.code, format!("{place}/code"), faults);
            for (c, criterion) in group.criteria.iter().enumerate() {
                let place = format!("{place}/criteria/{c}");
                once(&mut seen, &criterion.code, format!("{place}/code"), faults);
                if criterion.number().is_none() {
                    let (vi, en) =
                        ("Mã tiêu chí là số thứ tự từ 1 đến 99.", "A criterion's code is its number, 1 to 99.");
                    faults.push(fault(format!("{place}/code"), vi, en));
                }
                for (s, part) in criterion.sub_criteria.iter().enumerate() {
                    let place = format!("{place}/subCriteria/{s}");
                    once(&mut seen, &part.code, format!("{place}/code"), faults);
                    let letter = part.code.strip_prefix(&criterion.code).unwrap_or_default();
                    if letter.len() != 1 || !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
                        let vi = format!("Mã phải là {} và một chữ cái.", criterion.code);
                        let en = format!("The code must be {} and a letter.", criterion.code);
                        faults.push(fault(format!("{place}/code"), vi, en));
                    }
                }
            }
        }
    }

    /// Every total from 0.00 to 100.00 earns exactly one rating; they are listed best first.
    fn check_bands(&self, faults: &mut Vec<Fault>) {
        let mut codes = HashSet::new();
        for (index, band) in self.bands.iter().enumerate() {
            let place = format!("/criteria/bands/{index}");
            once(&mut codes, &band.code, format!("{place}/code"), faults);
            let above = index.checked_sub(1).and_then(|before| self.bands.get(before));
            let ceiling = above.map_or(FULL_MARKS, |better| better.minimum);
            if band.minimum > FULL_MARKS || (above.is_some() && band.minimum >= ceiling) {
                let vi = format!("Mức {} phải thấp hơn {ceiling} của mức trên.", band.minimum);
                let en = format!("{} must lie below {ceiling}, where the rating above it begins.", band.minimum);
                let inputs: [(&str, &dyn Display); 2] = [("minimum", &band.minimum), ("below", &ceiling)];
                faults.push(fault(format!("{place}/minimum"), vi, en).given(&inputs));
            }
        }
        if self.bands.last().is_none_or(|last| last.minimum != Points::ZERO) {
            let (vi, en) = ("Mức thấp nhất phải bắt đầu từ không điểm.", "The lowest rating must begin at no points.");
            faults.push(fault("/criteria/bands".to_owned(), vi, en));
        }
    }

    /// What is forced is one of the ratings, and each fact forces one.
    fn check_forced_ratings(&self, faults: &mut Vec<Fault>) {
        let mut facts = HashSet::new();
        for (index, forced) in self.forced_ratings.iter().enumerate() {
            let place = format!("/criteria/forcedRatings/{index}");
            if !facts.insert(forced.fact) {
                let vi = "Việc này đã bắt buộc một mức khác.".to_owned();
                let en = format!("{} already forces a rating.", forced.fact.name());
                faults.push(fault(format!("{place}/fact"), vi, en).given(&[("fact", &forced.fact.name())]));
            }
            if self.bands.iter().all(|band| band.code != forced.rating) {
                let vi = format!("Không có mức xếp loại {}.", forced.rating);
                let en = format!("There is no rating {}.", forced.rating);
                faults.push(fault(format!("{place}/rating"), vi, en).given(&[("rating", &forced.rating)]));
            }
        }
    }

    fn check_deadlines(&self, faults: &mut Vec<Fault>) {
        let mut levels = HashSet::new();
        for (index, deadline) in self.deadlines.iter().enumerate() {
            let place = format!("/criteria/deadlines/{index}");
            once(&mut levels, deadline.level.name(), format!("{place}/level"), faults);
            // A day that every year has: 29 February would be missing from three in four.
            if NaiveDate::from_ymd_opt(2021, deadline.month, deadline.day).is_none() {
                let (vi, en) = ("Ngày này không có trong mọi năm.", "Not every year has this day.");
                faults.push(fault(format!("{place}/day"), vi, en));
            }
        }
    }
}

impl Criterion {
    /// Its number on the form.
    pub fn number(&self) -> Option<u8> {
        let canonical = !self.code.starts_with(['0', '+']) && self.code.len() <= 2;
        self.code.parse().ok().filter(|_| canonical)
    }

    /// Its own maximum, or that of its parts when all of them are known.
    fn known_maximum(&self) -> Option<Points> {
        let parts = || self.sub_criteria.iter().map(|part| part.maximum).sum::<Option<Points>>();
        self.maximum.or_else(|| if self.sub_criteria.is_empty() { None } else { parts() })
    }
}

/// The parts sum to the whole; while some are unknown, the known ones leave room for them.
fn check_sum(whole: Points, parts: &[Option<Points>], place: &str, faults: &mut Vec<Fault>) {
    let known: Points = parts.iter().flatten().copied().sum();
    let all_known = parts.iter().all(Option::is_some);
    if known > whole || (all_known && known != whole) {
        let vi = format!("Điểm tối đa các phần cộng lại là {known}, không khớp với {whole}.");
        let en = format!("The maxima of the parts sum to {known}, which cannot make {whole}.");
        faults.push(fault(format!("{place}/maximum"), vi, en).given(&[("sum", &known), ("whole", &whole)]));
    }
}

/// A name that stands in a list for the second time is a fault of the member that gives it.
fn once<'a>(seen: &mut HashSet<&'a str>, code: &'a str, member: String, faults: &mut Vec<Fault>) {
    if !seen.insert(code) {
        let (vi, en) = (format!("Mã {code} bị trùng."), format!("The code {code} is used twice."));
        faults.push(fault(member, vi, en).given(&[("code", &code)]));
    }
}

fn fault(pointer: String, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::at(pointer, Rule::InvalidCriteriaSet.code(), vi, en)
}
