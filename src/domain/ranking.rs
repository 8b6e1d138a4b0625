//! The order of a province's applicants (*thứ tự ưu tiên*), with its reasons: by priority conditions, then as the
//! province's plan breaks ties.
//!
//! 2129/QĐ-UBND III.2.2 names priority conditions and gives no weights and no thresholds, so none are used here. Of two
//! applicants one comes first where it claims every condition that the other claims, and more; all others are level.
//! Who is level is told apart only by what the province's plan says, in its order (Hà Nội: larger scale, then higher
//! total capital); who still is level shares a rank. Nobody is excluded: who is not eligible is listed without a rank.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::eligibility::ConditionVerdict;
use super::money::Money;
use super::role::names;
use super::text::{Code, Text};

names! {
    /// What a province's plan tells level applicants apart by.
    TieBreak {
        /// More priority conditions claimed, each counting once.
        Claims = "claims",
        /// The larger class by members, as the classification in force has them.
        SizeClass = "size_class",
        /// More members.
        Members = "members",
        /// Higher total capital.
        TotalCapital = "total_capital",
    }
}

/// What is known of an applicant, as far as the order asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedApplicant {
    /// The application.
    pub application: Uuid,
    /// The cooperative that applies.
    pub cooperative: Uuid,
    /// Whether it is eligible.
    pub overall: ConditionVerdict,
    /// Codes of the mandatory conditions that are not met or unknown.
    pub open_conditions: Vec<String>,
    /// Codes of the priority conditions that it claims with evidence.
    pub claims: BTreeSet<String>,
    /// Its class by members: how many classes are smaller, and its code.
    pub size_class: Option<(usize, String)>,
    /// Its members.
    pub members: Option<i64>,
    /// Its total capital.
    pub total_capital: Option<Money>,
}

/// An applicant in its place.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankedPlace {
    /// Its rank, from 1; absent for an applicant that is not eligible as far as is known.
    #[schema(minimum = 1, maximum = 10_000)]
    pub rank: Option<usize>,
    /// The application.
    pub application: Uuid,
    /// The cooperative that applies.
    pub cooperative: Uuid,
    /// Whether it is eligible.
    pub overall: ConditionVerdict,
    /// Codes of the mandatory conditions that are not met or unknown.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub open_conditions: Vec<String>,
    /// Codes of the priority conditions that it claims with evidence.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub claims: Vec<String>,
    /// Its class by members.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z_]+$", example = "small")]
    pub size_class: Option<String>,
    /// Its members.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub members: Option<i64>,
    /// Its total capital.
    pub total_capital: Option<Money>,
    /// Why it stands where it stands.
    #[schema(max_items = 20)]
    pub reasons: Vec<Text>,
}

/// Puts applicants in order. The same applicants give the same order, however they come.
pub fn rank(applicants: Vec<RankedApplicant>, tie_break: &[TieBreak]) -> Vec<RankedPlace> {
    let (eligible, others): (Vec<_>, Vec<_>) =
        applicants.into_iter().partition(|applicant| applicant.overall == ConditionVerdict::Met);
    let mut placed = with_levels(eligible);
    placed.sort_by(|a, b| order(a, b, tie_break).then(a.1.application.cmp(&b.1.application)));
    let mut places = Vec::with_capacity(placed.len());
    let mut rank = 1;
    for (index, one) in placed.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| placed.get(before));
        let is_level = before.is_some_and(|before| order(before, one, tie_break) == Ordering::Equal);
        if !is_level {
            rank = index.saturating_add(1);
        }
        let shares = |other: &&(usize, RankedApplicant)| {
            other.1.application != one.1.application && order(other, one, tie_break) == Ordering::Equal
        };
        let level_with = placed.iter().filter(shares).count();
        places.push(one.1.placed(Some(rank), reasons(one, &placed, tie_break, level_with)));
    }
    let mut others = others;
    others.sort_by_key(|applicant| (applicant.overall == ConditionVerdict::NotMet, applicant.application));
    places.extend(others.iter().map(|applicant| applicant.placed(None, vec![not_ranked(applicant)])));
    places
}

/// How many applicants stand above each other in the longest line of those who claim all that it claims, and more.
fn with_levels(mut applicants: Vec<RankedApplicant>) -> Vec<(usize, RankedApplicant)> {
    applicants.sort_by(|a, b| b.claims.len().cmp(&a.claims.len()).then(a.application.cmp(&b.application)));
    let mut placed: Vec<(usize, RankedApplicant)> = Vec::with_capacity(applicants.len());
    for applicant in applicants {
        let above = placed.iter().filter(|(_, other)| other.claims_more_than(&applicant)).map(|(level, _)| *level);
        let level = above.max().map_or(0, |level| level.saturating_add(1));
        placed.push((level, applicant));
    }
    placed
}

fn order(a: &(usize, RankedApplicant), b: &(usize, RankedApplicant), tie_break: &[TieBreak]) -> Ordering {
    let broken = tie_break.iter().map(|by| b.1.worth(*by).cmp(&a.1.worth(*by)));
    a.0.cmp(&b.0).then(broken.fold(Ordering::Equal, Ordering::then))
}

impl RankedApplicant {
    /// Whether it claims every condition that another claims, and more.
    fn claims_more_than(&self, other: &Self) -> bool {
        self.claims.len() > other.claims.len() && self.claims.is_superset(&other.claims)
    }

    /// What it brings to a tie; what is not known counts less than anything that is.
    fn worth(&self, by: TieBreak) -> Option<i64> {
        match by {
            TieBreak::Claims => i64::try_from(self.claims.len()).ok(),
            TieBreak::SizeClass => self.size_class.as_ref().and_then(|(place, _)| i64::try_from(*place).ok()),
            TieBreak::Members => self.members,
            TieBreak::TotalCapital => self.total_capital.map(Money::as_dong),
        }
    }

    fn placed(&self, rank: Option<usize>, reasons: Vec<Text>) -> RankedPlace {
        RankedPlace {
            rank,
            application: self.application,
            cooperative: self.cooperative,
            overall: self.overall,
            open_conditions: self.open_conditions.clone(),
            claims: self.claims.iter().cloned().collect(),
            size_class: self.size_class.as_ref().map(|(_, code)| code.clone()),
            members: self.members,
            total_capital: self.total_capital,
            reasons,
        }
    }
}

fn reasons(
    one: &(usize, RankedApplicant),
    placed: &[(usize, RankedApplicant)],
    tie_break: &[TieBreak],
    level_with: usize,
) -> Vec<Text> {
    let applicant = &one.1;
    let claims: Vec<&str> = applicant.claims.iter().map(String::as_str).collect();
    let (count, list) = (claims.len(), claims.join(", "));
    let mut reasons = vec![if count == 0 {
        Text::new("Không nêu điều kiện ưu tiên nào.", "It claims no priority condition.")
    } else {
        Text::new(
            format!("Nêu {count} điều kiện ưu tiên: {list}."),
            format!("It claims {count} priority condition(s): {list}."),
        )
    }];
    let above = placed.iter().filter(|(_, other)| other.claims_more_than(applicant)).count();
    if above > 0 {
        let vi = format!("{above} hồ sơ nêu mọi điều kiện ưu tiên này và thêm nữa, nên đứng trước.");
        let en = format!("{above} application(s) claim all of these and more, and so come first.");
        reasons.push(Text::new(vi, en));
    }
    let has_peers = placed.iter().filter(|(level, _)| *level == one.0).count() > 1;
    if has_peers {
        reasons.extend(tie_break.iter().map(|by| tie_reason(applicant, *by)));
    }
    if level_with > 0 {
        let vi = format!("Đồng hạng với {level_with} hồ sơ: kế hoạch của tỉnh không phân định thêm.");
        let en = format!("Level with {level_with} other(s): the province's plan tells them no further apart.");
        reasons.push(Text::new(vi, en));
    }
    reasons
}

fn tie_reason(applicant: &RankedApplicant, by: TieBreak) -> Text {
    let (vi, en) = match by {
        TieBreak::Claims => ("số điều kiện ưu tiên", "number of priority conditions"),
        TieBreak::SizeClass => ("quy mô theo thành viên", "class by members"),
        TieBreak::Members => ("số thành viên", "members"),
        TieBreak::TotalCapital => ("tổng nguồn vốn (đồng)", "total capital (đồng)"),
    };
    let value = match by {
        TieBreak::SizeClass => applicant.size_class.as_ref().map(|(_, code)| code.clone()),
        _ => applicant.worth(by).map(|worth| worth.to_string()),
    };
    match value {
        Some(value) => Text::new(
            format!("Phân định theo kế hoạch của tỉnh — {vi}: {value}."),
            format!("As the province's plan breaks ties — {en}: {value}."),
        ),
        None => Text::new(
            format!("Phân định theo kế hoạch của tỉnh — {vi}: chưa có số liệu, đứng sau các hồ sơ có số liệu."),
            format!("As the province's plan breaks ties — {en}: not known, after those where it is."),
        ),
    }
}

fn not_ranked(applicant: &RankedApplicant) -> Text {
    let open = applicant.open_conditions.join(", ");
    match applicant.overall {
        ConditionVerdict::Unknown => Text::new(
            format!("Chưa xếp thứ tự: chưa xác định điều kiện bắt buộc {open}."),
            format!("Not ranked: mandatory conditions {open} are unknown."),
        ),
        _ => Text::new(
            format!("Không xếp thứ tự: điều kiện bắt buộc {open} không đáp ứng hoặc chưa xác định."),
            format!("Not ranked: mandatory conditions {open} are not met or unknown."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn applicant(number: u128, claims: &[&str], members: Option<i64>, capital: Option<i64>) -> RankedApplicant {
        RankedApplicant {
            application: Uuid::from_u128(number),
            cooperative: Uuid::from_u128(100 + number),
            overall: ConditionVerdict::Met,
            open_conditions: Vec::new(),
            claims: claims.iter().map(|code| (*code).to_owned()).collect(),
            size_class: members.map(|members| (usize::from(members > 300), "class".to_owned())),
            members,
            total_capital: capital.map(Money::dong),
        }
    }

    fn ranks(applicants: &[RankedApplicant], tie_break: &[TieBreak]) -> Vec<(u128, Option<usize>)> {
        rank(applicants.to_vec(), tie_break).iter().map(|place| (place.application.as_u128(), place.rank)).collect()
    }

    #[test]
    fn who_claims_all_that_another_claims_and_more_comes_first_and_the_rest_are_level() {
        let all = [
            applicant(1, &["P1.1"], None, None),
            applicant(2, &["P1.1", "P2.4"], None, None),
            applicant(3, &["P3.1"], None, None),
            applicant(4, &[], None, None),
        ];
        // 2 above 1; 3 claims something else and is level with 2; 4 claims nothing, below them all.
        assert_eq!(ranks(&all, &[]), [(2, Some(1)), (3, Some(1)), (1, Some(3)), (4, Some(4))]);
        let places = rank(all.to_vec(), &[]);
        assert!(places[0].reasons[1].en.contains("Level with 1"), "{:?}", places[0].reasons);
        assert!(places[2].reasons[1].en.contains("1 application(s) claim all of these and more"));
    }

    #[test]
    fn the_plan_breaks_ties_in_its_order_and_what_is_not_known_comes_last() {
        use TieBreak::{Claims, Members, SizeClass, TotalCapital};
        let all = [
            applicant(1, &["P1.1"], Some(200), Some(9)),
            applicant(2, &["P1.2"], Some(400), Some(5)),
            applicant(3, &["P1.3"], Some(500), Some(7)),
            applicant(4, &["P1.4"], None, Some(99)),
            applicant(5, &["P2.1", "P2.2"], Some(100), None),
        ];
        let order = |tie_break: &[TieBreak]| ranks(&all, tie_break);
        assert_eq!(
            order(&[SizeClass, TotalCapital]),
            [(3, Some(1)), (2, Some(2)), (1, Some(3)), (5, Some(4)), (4, Some(5))]
        );
        assert_eq!(order(&[Members]), [(3, Some(1)), (2, Some(2)), (1, Some(3)), (5, Some(4)), (4, Some(5))]);
        assert_eq!(order(&[TotalCapital])[0], (4, Some(1)));
        assert_eq!(order(&[Claims])[0], (5, Some(1)));
        assert_eq!(order(&[]).iter().filter(|(_, rank)| *rank == Some(1)).count(), 5);
        let last = rank(all.to_vec(), &[SizeClass]).pop().unwrap();
        assert!(
            last.reasons.iter().any(|reason| reason.en.contains("class by members: not known")),
            "{:?}",
            last.reasons
        );
    }

    #[test]
    fn who_is_not_eligible_is_listed_without_a_rank_whatever_it_claims() {
        let mut open = applicant(1, &["P1.1", "P2.4"], Some(900), Some(900));
        open.overall = ConditionVerdict::NotMet;
        open.open_conditions = vec!["M3".to_owned()];
        let unknown = RankedApplicant { overall: ConditionVerdict::Unknown, ..applicant(2, &["P1.1"], None, None) };
        let all = [open, unknown, applicant(3, &[], None, None)];
        assert_eq!(ranks(&all, &[TieBreak::Members]), [(3, Some(1)), (2, None), (1, None)]);
        assert!(rank(all.to_vec(), &[])[2].reasons[0].en.contains("M3"));
    }

    fn any_applicants() -> impl Strategy<Value = Vec<RankedApplicant>> {
        let claims = prop::collection::vec(prop::sample::select(vec!["P1.1", "P1.2", "P2.1", "P3.1", "P4"]), 0..5);
        let figure = || prop::option::of(0_i64..600);
        prop::collection::vec((claims, figure(), figure()), 0..9).prop_map(|all| {
            let numbered = (1..).zip(all);
            numbered.map(|(number, (claims, members, capital))| applicant(number, &claims, members, capital)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_does_not_depend_on_how_they_come_and_keeps_to_the_claims(all in any_applicants()) {
            let tie_break = [TieBreak::SizeClass, TieBreak::TotalCapital];
            let places = rank(all.clone(), &tie_break);
            let reversed: Vec<_> = all.iter().rev().cloned().collect();
            prop_assert_eq!(&places, &rank(reversed, &tie_break));
            prop_assert_eq!(places.len(), all.len());
            let rank_of = |applicant: &RankedApplicant| {
                places.iter().find(|place| place.application == applicant.application).unwrap().rank.unwrap()
            };
            for one in &all {
                for other in all.iter().filter(|other| one.claims_more_than(other)) {
                    prop_assert!(rank_of(one) < rank_of(other), "{:?} {:?}", one, other);
                }
            }
            // Ranks count places: as many stand strictly before as the rank says.
            for place in &places {
                let before = places.iter().filter(|other| other.rank < place.rank).count();
                prop_assert_eq!(place.rank, Some(before + 1));
            }
        }
    }
}
