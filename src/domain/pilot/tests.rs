use proptest::prelude::*;

use super::*;
use crate::domain::application::tests::{caller, day, now, shipped_scheme, submitted};
use crate::domain::improvement::ExitInputs;
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
    let assessors = vec![Uuid::from_u128(70), Uuid::from_u128(88)];
    Completion {
        completed_on: day(date), reason: "Hoàn thiện".to_owned(), evaluation: Uuid::from_u128(9), assessors
    }
}

fn complete(pilot: Pilot, date: &str, agency: u128) -> Result<Pilot, Refusal> {
    let plan_lead = Some(Uuid::from_u128(LEAD));
    let lead = caller(Role::LeadAgency, "lead", agency);
    pilot.complete(completed_on(date), SHOWN, (&assessors(), plan_lead), &lead, now())
}

fn agency(number: u128, role: Role, unit: &str) -> Agency {
    Agency {
        id: Uuid::from_u128(number),
        code: None,
        name: "Cơ quan".to_owned(),
        role,
        sector: None,
        unit: Some(unit.to_owned()),
        province: Some("89".to_owned()),
        valid_from: day("2021-02-03"),
        valid_to: None,
        predecessor: None,
        predecessors: Vec::new(),
        successor: None,
    }
}

/// The responsible department and the district of Long Xuyên.
fn assessors() -> [Agency; 2] {
    [agency(70, Role::LineDepartment, "89"), agency(88, Role::Locality, "883")]
}

fn leaving(pilot: Pilot) -> Leaving {
    Leaving { pilot, application: selected(), last_fact: None }
}

/// What is known when a pilot ends: nothing.
fn exit() -> PilotExit {
    ExitInputs::gather(&opened(), &shipped_scheme(), &[], None, day("2021-09-17")).exit()
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
        let result = opened().complete(completion, shown_by, (&assessors(), Some(Uuid::from_u128(LEAD))), &lead, now());
        assert_eq!(result.err().map(|refusal| refusal.rule), refused, "{shown_by:?}");
    }
}

#[test]
fn leaving_is_free_while_it_takes_part_and_gives_the_place_back() {
    let leave = |pilot: Pilot| leaving(pilot).withdraw(day("2021-09-18"), "Tự nguyện".to_owned(), now());
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
        1 => pilot.end((day("2021-09-17"), exit()), Some(Uuid::from_u128(LEAD)), &lead, now()),
        2 => leaving(pilot).withdraw(day("2021-09-18"), "Tự nguyện".to_owned(), now()).map(|(pilot, _)| pilot),
        3 => pilot.communicate(day("2021-09-18"), now()),
        _ => pilot.reassign(Uuid::from_u128(71), now()),
    }
}

#[test]
fn a_completion_is_assessed_with_the_responsible_department_and_the_locality() {
    let [department, district] = assessors();
    let gone = Agency { valid_to: Some(day("2021-09-15")), ..district.clone() };
    let successor = Agency { id: Uuid::from_u128(75), predecessor: Some(department.id), ..department.clone() };
    for (assessors, passes) in [
        (vec![department.clone(), district.clone()], true),
        (vec![successor, district.clone()], true),
        (vec![department.clone(), agency(88, Role::Locality, "30001")], true),
        (vec![department.clone()], false),
        (vec![district.clone()], false),
        (vec![agency(71, Role::LineDepartment, "89"), district], false),
        (vec![department.clone(), agency(88, Role::Locality, "888")], false),
        (vec![department.clone(), agency(88, Role::Finance, "883")], false),
        (vec![department, gone], false),
    ] {
        let (lead, plan_lead) = (caller(Role::LeadAgency, "lead", LEAD), Some(Uuid::from_u128(LEAD)));
        let result = opened().complete(completed_on("2021-09-16"), SHOWN, (&assessors, plan_lead), &lead, now());
        let refused = result.err().map(|refusal| refusal.rule);
        assert_eq!(refused, (!passes).then_some(Rule::AssessorsIncomplete), "{assessors:?}");
    }
}

#[test]
fn nobody_leaves_before_what_happened_to_it_as_a_pilot() {
    for (fact, left, passes) in [
        (None, "2021-09-15", true),
        (Some("2021-09-17"), "2021-09-16", false),
        (Some("2021-09-17"), "2021-09-17", true),
        (Some("2021-09-17"), "2021-09-18", true),
    ] {
        let leaving = Leaving { last_fact: fact.map(day), ..leaving(opened()) };
        let refused = leaving.withdraw(day(left), "Tự nguyện".to_owned(), now()).err().map(|refusal| refusal.rule);
        assert_eq!(refused, (!passes).then_some(Rule::StepPredated), "{fact:?} {left}");
    }
}

#[test]
fn only_a_completed_model_is_made_known() {
    let known = |pilot: Pilot, on: &str| pilot.communicate(day(on), now()).map(|pilot| pilot.version);
    let completed = complete(opened(), "2021-09-16", LEAD).unwrap();
    for (pilot, on, refused) in [
        (opened(), "2021-09-18", Some(Rule::WrongState)),
        (completed.clone(), "2021-09-15", Some(Rule::StepPredated)),
        (completed.clone(), "2021-09-16", None),
        (completed.clone(), "2021-09-21", Some(Rule::DateInFuture)),
        (attempt(completed.clone(), 1).unwrap(), "2021-09-18", None),
        (attempt(completed, 2).unwrap(), "2021-09-18", Some(Rule::WrongState)),
    ] {
        assert_eq!(known(pilot, on).err().map(|refusal| refusal.rule), refused, "{on}");
    }
}

#[test]
fn an_end_keeps_both_verdicts_as_they_were_known() {
    let ended = attempt(complete(opened(), "2021-09-16", LEAD).unwrap(), 1).unwrap();
    let PilotState::Ended { exit: Some(exit), .. } = ended.state else { panic!() };
    assert_eq!(
        (exit.total_verdict.outcome, exit.criteria_verdict.outcome),
        (ExitOutcome::Unknown, ExitOutcome::Unknown)
    );
    assert!(!exit.is_met() && exit.criteria_verdict.statement.en.contains("No improvement plan"));
}

proptest! {
    #[test]
    fn no_order_of_moves_reaches_an_illegal_state(steps in prop::collection::vec(0_u8..5, 0..20)) {
        use PilotStatus::{Active, Ended, ModelCompleted, Stopped};
        // A model is made known, and a pilot gets another department, without leaving its state.
        let legal = [
            (Active, ModelCompleted), (ModelCompleted, Ended), (Active, Stopped), (ModelCompleted, Stopped),
            (Active, Active), (ModelCompleted, ModelCompleted), (Ended, Ended),
        ];
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
