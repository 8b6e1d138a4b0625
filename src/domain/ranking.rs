//! The order of a province's applicants (*thứ tự ưu tiên*), with its reasons: by priority conditions, then as the
//! province's plan breaks ties.
//!
//! 2129/QĐ-UBND III.2.2 names priority conditions and gives no weights and no thresholds, so none are used here. An
//! applicant outclaims another where it claims every condition that the other claims, and more. Places are given one after
//! the other, each among those whom nobody still waiting outclaims; of several the province's plan prefers one by what it
//! says, in its order (Hà Nội: larger scale, then higher total capital), and whom it does not tell apart share the rank. So
//! nobody stands before one who outclaims it, and each place is what the plan says among those who could have it. Two who do
//! not outclaim each other have no order of their own: one may have had to wait for a third. Which claims count (all, all
//! but those that an agency rejected, or only confirmed ones) the plan says. Nobody is excluded: who is not eligible is
//! listed without a rank.

mod inputs;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

pub use self::inputs::{RankedSize, Ranking, RankingApplicant, RankingInputs, SizeGap, SizeRule};
use super::application::{ClaimStanding, CountedClaims, StandingClaim};
use super::classification::ClassOutcome;
use super::eligibility::ConditionVerdict;
use super::money::Money;
use super::role::names;
use super::text::{Code, Text};

names! {
    /// What a province's plan tells level applicants apart by.
    TieBreak {
        /// More priority conditions that count, each once.
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
    /// The priority conditions that it claims with evidence, and how each claim stands.
    pub claims: Vec<StandingClaim>,
    /// Its class by members.
    pub size_class: Option<RankedSize>,
    /// Why it has none, where it has none.
    pub size_gap: Option<SizeGap>,
    /// Its members.
    pub members: Option<i64>,
    /// Its total capital.
    pub total_capital: Option<Money>,
}

/// An applicant in its place.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// How each of these claims stands: merely claimed, or confirmed or rejected by an agency.
    #[schema(max_items = 50)]
    pub claim_standings: Vec<StandingClaim>,
    /// Those of them that count, as the plan says.
    #[schema(max_items = 50, value_type = Vec<Code>)]
    pub counted: Vec<String>,
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

/// An eligible applicant among the others.
struct Candidate {
    /// What is known of it.
    of: RankedApplicant,
    /// Its claims that count.
    counted: BTreeSet<String>,
}

/// A place given: to whom, and how it came about.
struct Given {
    /// The rank.
    rank: usize,
    /// Those who share it, by application.
    to: Vec<usize>,
    /// Those who could have had it and come later.
    passed: Vec<usize>,
}

/// Puts applicants in order. The same applicants give the same order, however they come.
pub fn rank(applicants: Vec<RankedApplicant>, tie_break: &[TieBreak], counting: CountedClaims) -> Vec<RankedPlace> {
    let (eligible, mut others): (Vec<_>, Vec<_>) =
        applicants.into_iter().partition(|applicant| applicant.overall == ConditionVerdict::Met);
    let candidate = |of: RankedApplicant| Candidate { counted: of.counted(counting), of };
    let mut candidates: Vec<Candidate> = eligible.into_iter().map(candidate).collect();
    candidates.sort_by_key(|one| one.of.application);
    let given = give_places(&candidates, tie_break);
    let ranks: BTreeMap<usize, usize> =
        given.iter().flat_map(|place| place.to.iter().map(|one| (*one, place.rank))).collect();
    let field = Field { candidates: &candidates, ranks: &ranks, given: &given, tie_break, counting };
    let mut places = Vec::with_capacity(candidates.len());
    for place in &given {
        for at in &place.to {
            let Some(one) = candidates.get(*at) else { continue };
            places.push(one.of.placed(Some(place.rank), counting, field.reasons(*at, one, place)));
        }
    }
    others.sort_by_key(|applicant| (applicant.overall == ConditionVerdict::NotMet, applicant.application));
    places.extend(others.iter().map(|applicant| applicant.placed(None, counting, vec![not_ranked(applicant)])));
    places
}

/// Who waits for a place: where it stands among the candidates, and how many of those who wait outclaim it.
struct Waiting<'a> {
    at: usize,
    one: &'a Candidate,
    above: usize,
}

/// Gives one place after the other: each to whom the plan prefers among those whom nobody still waiting outclaims.
fn give_places(candidates: &[Candidate], tie_break: &[TieBreak]) -> Vec<Given> {
    let outclaiming = |one: &Candidate| candidates.iter().filter(|other| other.claims_more_than(one)).count();
    let waits = |(at, one)| Waiting { at, one, above: outclaiming(one) };
    let mut waiting: Vec<Waiting<'_>> = candidates.iter().enumerate().map(waits).collect();
    let (mut given, mut rank) = (Vec::new(), 1_usize);
    // To claim more is an order without circles: of those who wait somebody is free.
    while let Some(best) =
        waiting.iter().filter(|one| one.above == 0).map(|one| one.one).min_by(|a, b| preferred(a, b, tie_break))
    {
        let is_taken =
            |waits: &Waiting<'_>| waits.above == 0 && preferred(waits.one, best, tie_break) == Ordering::Equal;
        let (taken, mut left): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_taken);
        let passed = left.iter().filter(|waits| waits.above == 0).map(|waits| waits.at).collect();
        for waits in &mut left {
            let gone = taken.iter().filter(|other| other.one.claims_more_than(waits.one)).count();
            waits.above = waits.above.saturating_sub(gone);
        }
        waiting = left;
        given.push(Given { rank, to: taken.iter().map(|waits| waits.at).collect(), passed });
        rank = rank.saturating_add(taken.len());
    }
    given
}

/// Whom of two the plan prefers, where it says.
fn preferred(a: &Candidate, b: &Candidate, tie_break: &[TieBreak]) -> Ordering {
    tie_break.iter().map(|by| b.worth(*by).cmp(&a.worth(*by))).fold(Ordering::Equal, Ordering::then)
}

impl Candidate {
    /// Whether it claims every condition that another claims, and more.
    fn claims_more_than(&self, other: &Self) -> bool {
        self.counted.len() > other.counted.len() && self.counted.is_superset(&other.counted)
    }

    /// What it brings to a tie; what is not known counts less than anything that is.
    fn worth(&self, by: TieBreak) -> Option<i64> {
        match by {
            TieBreak::Claims => i64::try_from(self.counted.len()).ok(),
            TieBreak::SizeClass => self.of.size_class.as_ref().and_then(|size| i64::try_from(size.place).ok()),
            TieBreak::Members => self.of.members,
            TieBreak::TotalCapital => self.of.total_capital.map(Money::as_dong),
        }
    }
}

impl RankedApplicant {
    /// Codes of its claims that count.
    fn counted(&self, counting: CountedClaims) -> BTreeSet<String> {
        let counts = self.claims.iter().filter(|claim| counting.counts(claim.standing));
        counts.map(|claim| claim.condition.clone()).collect()
    }

    fn placed(&self, rank: Option<usize>, counting: CountedClaims, reasons: Vec<Text>) -> RankedPlace {
        let mut claim_standings = self.claims.clone();
        claim_standings.sort();
        RankedPlace {
            rank,
            application: self.application,
            cooperative: self.cooperative,
            overall: self.overall,
            open_conditions: self.open_conditions.clone(),
            claims: claim_standings.iter().map(|claim| claim.condition.clone()).collect(),
            claim_standings,
            counted: self.counted(counting).into_iter().collect(),
            size_class: self.size_class.as_ref().map(|size| size.code.clone()),
            members: self.members,
            total_capital: self.total_capital,
            reasons,
        }
    }
}

/// All applicants in their places: what reasons name.
struct Field<'a> {
    candidates: &'a [Candidate],
    ranks: &'a BTreeMap<usize, usize>,
    given: &'a [Given],
    tie_break: &'a [TieBreak],
    counting: CountedClaims,
}

impl Field<'_> {
    /// The ranks of some applicants, in words: `1, 3`.
    fn ranks_of(&self, which: impl Iterator<Item = usize>) -> String {
        let ranks: BTreeSet<usize> = which.filter_map(|at| self.ranks.get(&at).copied()).collect();
        ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn reasons(&self, at: usize, one: &Candidate, place: &Given) -> Vec<Text> {
        let mut reasons = vec![counted_reason(one)];
        reasons.extend(uncounted_reason(one, self.counting));
        let above = self.candidates.iter().enumerate().filter(|(_, other)| other.claims_more_than(one));
        let above = self.ranks_of(above.map(|(at, _)| at));
        if !above.is_empty() {
            let vi = format!("Hồ sơ hạng {above} nêu mọi điều kiện ưu tiên này và thêm nữa, nên đứng trước.");
            let en = format!("Rank {above} claims all of these and more, and so stands ahead.");
            reasons.push(Text::new(vi, en));
        }
        let passed = self.ranks_of(place.passed.iter().copied());
        if !passed.is_empty() {
            let rank = place.rank;
            let vi = format!("Hạng {rank} còn có thể xếp cho hồ sơ nay hạng {passed}; kế hoạch của tỉnh phân định.");
            let en = format!("Rank {rank} could have gone to what is rank {passed} now; the province's plan decides.");
            reasons.push(Text::new(vi, en));
        }
        let ahead = self.given.iter().filter(|given| given.passed.contains(&at));
        let ahead = ahead.map(|given| given.rank.to_string()).collect::<Vec<_>>().join(", ");
        if !ahead.is_empty() {
            let vi = format!("Hồ sơ này đã có thể xếp hạng {ahead}; kế hoạch của tỉnh phân định cho hồ sơ ở hạng đó.");
            let en = format!("It could have had rank {ahead}; the province's plan decided for who stands there.");
            reasons.push(Text::new(vi, en));
        }
        if !ahead.is_empty() || !passed.is_empty() || place.to.len() > 1 {
            reasons.extend(self.tie_break.iter().map(|by| tie_reason(one, *by)));
        }
        let level_with = place.to.len().saturating_sub(1);
        if level_with > 0 {
            let vi = format!("Đồng hạng với {level_with} hồ sơ: kế hoạch của tỉnh không phân định thêm.");
            let en = format!("Level with {level_with} other(s): the province's plan tells them no further apart.");
            reasons.push(Text::new(vi, en));
        }
        reasons
    }
}

/// The claims that count, confirmed ones told from those that are merely made.
fn counted_reason(one: &Candidate) -> Text {
    let count = one.counted.len();
    if count == 0 {
        return Text::new("Không có điều kiện ưu tiên nào được tính.", "It claims no priority condition that counts.");
    }
    let told = |standing: ClaimStanding| {
        let of =
            one.of.claims.iter().filter(|claim| claim.standing == standing && one.counted.contains(&claim.condition));
        of.map(|claim| claim.condition.as_str()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    };
    let parts = [
        (ClaimStanding::Confirmed, "đã xác nhận", "confirmed"),
        (ClaimStanding::Claimed, "chỉ mới nêu", "merely claimed"),
        (ClaimStanding::Rejected, "bị bác", "rejected"),
    ];
    let list = |word: fn(&(ClaimStanding, &'static str, &'static str)) -> &'static str| {
        let named = parts.iter().map(|part| (word(part), told(part.0))).filter(|(_, codes)| !codes.is_empty());
        named.map(|(word, codes)| format!("{word} {codes}")).collect::<Vec<_>>().join("; ")
    };
    Text::new(
        format!("Nêu {count} điều kiện ưu tiên: {}.", list(|part| part.1)),
        format!("It claims {count} priority condition(s): {}.", list(|part| part.2)),
    )
}

/// The claims that do not count, and as which parameter of the plan says.
fn uncounted_reason(one: &Candidate, counting: CountedClaims) -> Option<Text> {
    let left: BTreeSet<&str> = one
        .of
        .claims
        .iter()
        .map(|claim| claim.condition.as_str())
        .filter(|code| !one.counted.contains(*code))
        .collect();
    if left.is_empty() {
        return None;
    }
    let list = left.into_iter().collect::<Vec<_>>().join(", ");
    let (vi, en) = match counting {
        CountedClaims::Claimed => return None,
        CountedClaims::NotRejected => ("bị cơ quan bác", "an agency rejected"),
        CountedClaims::Confirmed => ("chưa được cơ quan xác nhận", "no agency confirmed"),
    };
    Some(Text::new(format!("Không tính điều kiện {vi}: {list}."), format!("Not counted, since {en} them: {list}.")))
}

fn tie_reason(one: &Candidate, by: TieBreak) -> Text {
    let (vi, en) = match by {
        TieBreak::Claims => ("số điều kiện ưu tiên", "number of priority conditions"),
        TieBreak::SizeClass => ("quy mô theo thành viên", "class by members"),
        TieBreak::Members => ("số thành viên", "members"),
        TieBreak::TotalCapital => ("tổng nguồn vốn (đồng)", "total capital (đồng)"),
    };
    let value = match by {
        TieBreak::SizeClass => one.of.size_class.as_ref().map(RankedSize::in_words),
        _ => one.worth(by).map(|worth| Text::new(worth.to_string(), worth.to_string())),
    };
    let gap = one.of.size_gap.as_ref().filter(|_| by == TieBreak::SizeClass).map(SizeGap::in_words);
    let unknown = || Text::new("chưa có số liệu, đứng sau các hồ sơ có số liệu", "not known, after those where it is");
    let Text { vi: found, en: found_en } = value.or(gap).unwrap_or_else(unknown);
    Text::new(
        format!("Phân định theo kế hoạch của tỉnh — {vi}: {found}."),
        format!("As the province's plan breaks ties — {en}: {found_en}."),
    )
}

impl RankedSize {
    /// The name of the class; its code in rankings that were kept without names.
    fn in_words(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::new(self.code.clone(), self.code.clone()))
    }
}

impl SizeGap {
    /// Why there is no class by members, and under which rule.
    fn in_words(&self) -> Text {
        let of = |other: &str| self.rule.as_ref().map_or_else(|| other.to_owned(), |rule| rule.legal_basis.clone());
        let (vi, en) = (of("quy tắc phân loại"), of("the rule of classification"));
        let (after_vi, after_en) = ("đứng sau các hồ sơ đã phân loại", "after those that are classed");
        match (self.outcome, &self.rule) {
            (ClassOutcome::NoRule, Some(rule)) => Text::new(
                format!(
                    "chưa xác định theo {vi} (hiệu lực từ {}): văn bản này không phân loại theo số thành viên, nên không \
                     phân định hồ sơ nào",
                    rule.valid_from
                ),
                format!(
                    "unknown under {en} (in force from {}): it has no class by members, so nobody is told apart by it",
                    rule.valid_from
                ),
            ),
            (ClassOutcome::NoRule, None) => Text::new(
                "không có quy tắc phân loại theo số thành viên có hiệu lực vào ngày xét, nên không phân định hồ sơ nào",
                "no rule that classes by members is in force on the day, so nobody is told apart by it",
            ),
            (ClassOutcome::OutsideRule, _) => {
                Text::new(format!("ngoài phạm vi của {vi}, {after_vi}"), format!("outside {en}, {after_en}"))
            }
            (ClassOutcome::UnknownUnderRule, _) => {
                Text::new(format!("chưa xác định theo {vi}, {after_vi}"), format!("unknown under {en}, {after_en}"))
            }
            (ClassOutcome::Missing | ClassOutcome::Classified, _) => Text::new(
                format!("chưa có số liệu để phân loại theo {vi}, {after_vi}"),
                format!("not known: figures that {en} asks for are not stated; {after_en}"),
            ),
        }
    }
}

fn not_ranked(applicant: &RankedApplicant) -> Text {
    if applicant.open_conditions.is_empty() {
        return Text::new(
            "Chưa xếp thứ tự: không có điều kiện bắt buộc nào có hiệu lực vào ngày xét.",
            "Not ranked: no mandatory condition is in force on the day.",
        );
    }
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
mod tests;
