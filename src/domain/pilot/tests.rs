use proptest::prelude::*;

use super::*;
use crate::domain::application::tests::{caller, day, now, submitted};
use crate::domain::role::Role;

const LEAD: u128 = 7;

fn opened() -> Pilot {
    Pilot {
        id: Uuid::from_u128(1),
        version: 1,
        cooperative: Uuid::from_u128(2),
        province: "89".to_owned(),
        unit: "883".to_owned(),
        scheme: "QD167-2021-2025".to_owned(),
        application: Uuid::from_u128(3),
        decision: Uuid::from_u128(4),
        model: "A3".to_owned(),
        list: PilotList::Scheme,
        responsible_department: Uuid::from_u128(70),
        selected_on: day("2021-09-15"),
        state: PilotState::Active,
        created_by: "chair".to_owned(),
        recorded_at: now().0,
        updated_at: now().0,
    }
}

fn selected() -> Application {
    submitted(2).select(Uuid::from_u128(4), now()).unwrap()
}

fn completed_on(date: &str) -> Completion {
    Completion { completed_on: day(date), reason: "Hoàn thiện".to_owned(), evaluation: Uuid::from_u128(9) }
}

fn complete(pilot: Pilot, date: &str, agency: u128) -> Result<Pilot, Refusal> {
    let plan_lead = Some(Uuid::from_u128(LEAD));
    pilot.complete(completed_on(date), SHOWN, plan_lead, &caller(Role::LeadAgency, "lead", agency), now())
}

const SHOWN: ShownBy = ShownBy {
    cooperative: Uuid::from_u128(2),
    kind: EvaluationKind::Own,
    state: EvaluationState::Submitted,
    year: 2021,
    entry_year: 2020,
};

#[test]
fn only_an_evaluation_that_counts_shows_a_completion() {
    use EvaluationKind::{Final, Own, Verified};
    use EvaluationState::{Confirmed, Draft, Returned, Submitted};
    let of = |kind, state, year| ShownBy { kind, state, year, ..SHOWN };
    let stranger = ShownBy { cooperative: Uuid::from_u128(3), ..SHOWN };
    for (shown_by, refused) in [
        (of(Own, Submitted, 2021), None),
        (of(Own, Confirmed, 2021), None),
        (of(Verified, Confirmed, 2021), None),
        (of(Final, Confirmed, 2021), None),
        (of(Own, Draft, 2021), Some(Rule::EvaluationNotCounting)),
        (of(Own, Returned, 2021), Some(Rule::EvaluationNotCounting)),
        (of(Verified, Submitted, 2021), Some(Rule::EvaluationNotCounting)),
        (of(Final, Draft, 2021), Some(Rule::EvaluationNotCounting)),
        (of(Own, Submitted, 2020), Some(Rule::EvaluationNotCounting)),
        (of(Own, Submitted, 2022), Some(Rule::StepPredated)),
        (stranger, Some(Rule::UnknownReference)),
    ] {
        let (completion, lead) = (completed_on("2021-09-16"), caller(Role::LeadAgency, "lead", LEAD));
        let result = opened().complete(completion, shown_by, Some(Uuid::from_u128(LEAD)), &lead, now());
        assert_eq!(result.err().map(|refusal| refusal.rule), refused, "{shown_by:?}");
    }
}

#[test]
fn leaving_is_free_while_it_takes_part_and_gives_the_place_back() {
    let leave = |pilot: Pilot| pilot.withdraw(selected(), day("2021-09-18"), "Tự nguyện".to_owned(), now());
    let (stopped, application) = leave(opened()).unwrap();
    assert!(opened().holds_place() && !stopped.holds_place());
    assert_eq!(application.state.status().name(), "closed");
    let (stopped_later, _) = leave(complete(opened(), "2021-09-16", LEAD).unwrap()).unwrap();
    let PilotState::Stopped { completion, .. } = stopped_later.state else { panic!() };
    assert_eq!(completion, Some(completed_on("2021-09-16")));
    assert_eq!(leave(stopped).unwrap_err().rule, Rule::WrongState);
}

#[test]
fn completion_is_recorded_by_the_lead_of_the_plan_and_not_before_the_selection() {
    assert_eq!(complete(opened(), "2021-09-16", LEAD + 1).unwrap_err().rule, Rule::NotResponsible);
    assert_eq!(complete(opened(), "2021-09-14", LEAD).unwrap_err().rule, Rule::StepPredated);
    assert_eq!(complete(opened(), "2021-09-21", LEAD).unwrap_err().rule, Rule::DateInFuture);
    let completed = complete(opened(), "2021-09-16", LEAD).unwrap();
    assert!(completed.holds_place() && completed.state.is_participating());
    assert_eq!(complete(completed, "2021-09-16", LEAD).unwrap_err().rule, Rule::WrongState);
}

#[test]
fn what_the_province_pays_for_itself_holds_no_place() {
    assert!(!Pilot { list: PilotList::Provincial, ..opened() }.holds_place());
}

fn attempt(pilot: Pilot, step: u8) -> Result<Pilot, Refusal> {
    let lead = caller(Role::LeadAgency, "lead", LEAD);
    match step {
        0 => complete(pilot, "2021-09-16", LEAD),
        1 => pilot.end(day("2021-09-17"), Some(Uuid::from_u128(LEAD)), &lead, now()),
        _ => pilot.withdraw(selected(), day("2021-09-18"), "Tự nguyện".to_owned(), now()).map(|(pilot, _)| pilot),
    }
}

proptest! {
    #[test]
    fn no_order_of_moves_reaches_an_illegal_state(steps in prop::collection::vec(0_u8..3, 0..20)) {
        use PilotStatus::{Active, Ended, ModelCompleted, Stopped};
        let legal = [(Active, ModelCompleted), (ModelCompleted, Ended), (Active, Stopped), (ModelCompleted, Stopped)];
        let mut pilot = opened();
        for step in steps {
            let before = pilot.clone();
            if let Ok(after) = attempt(pilot.clone(), step) {
                let edge = (before.state.status(), after.state.status());
                prop_assert!(legal.contains(&edge), "{edge:?}");
                prop_assert_eq!(after.version, before.version + 1);
                pilot = after;
            }
        }
    }
}
