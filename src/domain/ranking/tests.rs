use proptest::prelude::*;

use super::*;

fn claim(code: &str, standing: ClaimStanding) -> StandingClaim {
    StandingClaim { condition: code.to_owned(), standing }
}

fn applicant(number: u128, claims: &[&str], members: Option<i64>, capital: Option<i64>) -> RankedApplicant {
    RankedApplicant {
        application: Uuid::from_u128(number),
        cooperative: Uuid::from_u128(100 + number),
        overall: ConditionVerdict::Met,
        open_conditions: Vec::new(),
        claims: claims.iter().map(|code| claim(code, ClaimStanding::Claimed)).collect(),
        size_class: members.map(|members| RankedSize {
            place: usize::from(members > 300),
            code: "class".to_owned(),
            name: Some(Text::new("Quy mô vừa", "Medium")),
        }),
        size_gap: None,
        members,
        total_capital: capital.map(Money::dong),
    }
}

fn ranks(applicants: &[RankedApplicant], tie_break: &[TieBreak]) -> Vec<(u128, Option<usize>)> {
    rank(applicants.to_vec(), tie_break, CountedClaims::default())
        .iter()
        .map(|place| (place.application.as_u128(), place.rank))
        .collect()
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
    let places = rank(all.to_vec(), &[], CountedClaims::default());
    assert!(places[0].reasons[1].en.contains("Level with 1"), "{:?}", places[0].reasons);
    assert_eq!(places[2].reasons[1].en, "Rank 1 claims all of these and more, and so stands ahead.");
}

/// The audit's case: B and D do not outclaim each other, and the plan prefers B; but B waits for A, whom D precedes.
#[test]
fn each_place_goes_to_whom_the_plan_prefers_among_those_nobody_waiting_outclaims() {
    let all = [
        applicant(1, &["P1.1", "P2.4"], None, Some(1)),
        applicant(2, &["P1.1"], None, Some(9)),
        applicant(4, &["P2.1"], None, Some(2)),
    ];
    assert_eq!(ranks(&all, &[TieBreak::TotalCapital]), [(4, Some(1)), (1, Some(2)), (2, Some(3))]);
    let places = rank(all.to_vec(), &[TieBreak::TotalCapital], CountedClaims::default());
    let said = |at: usize| places[at].reasons.iter().map(|reason| reason.en.as_str()).collect::<Vec<_>>().join(" ");
    assert!(
        said(0).contains("Rank 1 could have gone to what is rank 2 now") && said(0).contains("(đồng): 2."),
        "{}",
        said(0)
    );
    assert!(said(2).contains("Rank 2 claims all of these and more"), "{}", said(2));
    // With more capital than D, A comes first, and then the plan prefers B to D.
    let mut rich = all;
    rich[0].total_capital = Some(Money::dong(3));
    assert_eq!(ranks(&rich, &[TieBreak::TotalCapital]), [(1, Some(1)), (2, Some(2)), (4, Some(3))]);
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
    let first = rank(all.to_vec(), &[SizeClass], CountedClaims::default()).remove(0);
    assert!(first.reasons.iter().any(|reason| reason.vi.ends_with("quy mô theo thành viên: Quy mô vừa.")), "{first:?}");
    let last = rank(all.to_vec(), &[SizeClass], CountedClaims::default()).pop().unwrap();
    assert!(last.reasons.iter().any(|reason| reason.en.contains("class by members: not known")), "{:?}", last.reasons);
}

/// From 1 November 2024 nothing classes by members: the plan's tie-break tells nobody apart, and says under which rule.
#[test]
fn a_class_that_no_rule_knows_is_told_with_its_rule() {
    let decree = || SizeRule {
        code: "ND113-2024.size".to_owned(),
        valid_from: "2024-11-01".parse().unwrap(),
        legal_basis: "113/2024/NĐ-CP".to_owned(),
    };
    let with = |number, capital, outcome, rule| RankedApplicant {
        size_gap: Some(SizeGap { outcome, rule }),
        ..applicant(number, &[], None, Some(capital))
    };
    let said = |outcome, rule: Option<SizeRule>| {
        let all = vec![with(1, 1, outcome, rule.clone()), with(2, 9, outcome, rule)];
        let places = rank(all, &[TieBreak::SizeClass, TieBreak::TotalCapital], CountedClaims::default());
        assert_eq!(places[0].application.as_u128(), 2, "capital tells them apart");
        let told = places[0].reasons.iter().find(|reason| reason.en.contains("class by members")).unwrap();
        told.en.split(": ").skip(1).collect::<Vec<_>>().join(": ")
    };
    let unknown = "unknown under 113/2024/NĐ-CP (in force from 2024-11-01): it has no class by members, so nobody is told \
                   apart by it.";
    assert_eq!(said(ClassOutcome::NoRule, Some(decree())), unknown);
    assert!(said(ClassOutcome::NoRule, None).starts_with("no rule that classes by members is in force"));
    assert!(said(ClassOutcome::UnknownUnderRule, Some(decree())).starts_with("unknown under 113/2024/NĐ-CP,"));
    assert!(said(ClassOutcome::OutsideRule, Some(decree())).starts_with("outside 113/2024/NĐ-CP,"));
    assert!(said(ClassOutcome::Missing, Some(decree())).starts_with("not known: figures that 113/2024/NĐ-CP asks for"));
}

#[test]
fn who_is_not_eligible_is_listed_without_a_rank_whatever_it_claims() {
    let mut open = applicant(1, &["P1.1", "P2.4"], Some(900), Some(900));
    open.overall = ConditionVerdict::NotMet;
    open.open_conditions = vec!["M3".to_owned()];
    let unknown = RankedApplicant { overall: ConditionVerdict::Unknown, ..applicant(2, &["P1.1"], None, None) };
    let all = [open, unknown, applicant(3, &[], None, None)];
    assert_eq!(ranks(&all, &[TieBreak::Members]), [(3, Some(1)), (2, None), (1, None)]);
    assert!(rank(all.to_vec(), &[], CountedClaims::default())[2].reasons[0].en.contains("M3"));
}

/// Whether one claims every condition that another claims, and more.
fn claims_more_than(one: &RankedApplicant, other: &RankedApplicant) -> bool {
    let [one, other] = [one, other].map(|applicant| applicant.counted(CountedClaims::default()));
    one.len() > other.len() && one.is_superset(&other)
}

/// The plan says which claims count; the text names each as it stands.
#[test]
fn confirmed_claims_are_told_from_merely_claimed_ones_and_the_plan_says_which_count() {
    use ClaimStanding::{Claimed, Confirmed, Rejected};
    let with = |number: u128, claims: [(&str, ClaimStanding); 2]| RankedApplicant {
        claims: claims.map(|(code, standing)| claim(code, standing)).to_vec(),
        ..applicant(number, &[], None, None)
    };
    let all = [with(1, [("P1.1", Confirmed), ("P2.4", Rejected)]), with(2, [("P1.1", Claimed), ("P2.4", Claimed)])];
    let ranks = |counting| -> Vec<_> {
        rank(all.to_vec(), &[], counting).iter().map(|place| (place.application.as_u128(), place.rank)).collect()
    };
    assert_eq!(ranks(CountedClaims::Claimed), [(1, Some(1)), (2, Some(1))]);
    assert_eq!(ranks(CountedClaims::NotRejected), [(2, Some(1)), (1, Some(2))]);
    assert_eq!(ranks(CountedClaims::Confirmed), [(1, Some(1)), (2, Some(2))]);
    let places = rank(all.to_vec(), &[], CountedClaims::Confirmed);
    assert_eq!(places[0].reasons[0].en, "It claims 1 priority condition(s): confirmed P1.1.");
    assert_eq!(places[0].reasons[1].en, "Not counted, since no agency confirmed them: P2.4.");
    assert_eq!((places[1].claims.len(), places[1].counted.len()), (2, 0));
    let default = rank(all.to_vec(), &[], CountedClaims::default());
    assert_eq!(default[0].reasons[0].en, "It claims 2 priority condition(s): merely claimed P1.1, P2.4.");
    assert_eq!(default[1].reasons[1].en, "Not counted, since an agency rejected them: P2.4.");
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
        let places = rank(all.clone(), &tie_break, CountedClaims::default());
        let reversed: Vec<_> = all.iter().rev().cloned().collect();
        prop_assert_eq!(&places, &rank(reversed, &tie_break, CountedClaims::default()));
        prop_assert_eq!(places.len(), all.len());
        let rank_of = |applicant: &RankedApplicant| {
            places.iter().find(|place| place.application == applicant.application).unwrap().rank.unwrap()
        };
        for one in &all {
            for other in all.iter().filter(|other| claims_more_than(one, other)) {
                prop_assert!(rank_of(one) < rank_of(other), "{:?} {:?}", one, other);
            }
        }
        // Each place is what the plan says: of who stands later, nobody was free and is preferred.
        let worth = |applicant: &RankedApplicant| (applicant.size_class.as_ref().map(|size| size.place), applicant.total_capital);
        for one in &all {
            let later = |other: &&RankedApplicant| rank_of(other) > rank_of(one);
            for other in all.iter().filter(later).filter(|other| worth(other) > worth(one)) {
                let waits = all.iter().any(|third| claims_more_than(third, other) && rank_of(third) >= rank_of(one));
                prop_assert!(waits, "{:?} stands before {:?}", one, other);
            }
        }
        // Ranks count places: as many stand strictly before as the rank says.
        for place in &places {
            let before = places.iter().filter(|other| other.rank < place.rank).count();
            prop_assert_eq!(place.rank, Some(before + 1));
        }
    }
}
