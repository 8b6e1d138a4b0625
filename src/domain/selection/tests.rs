use proptest::prelude::*;

use super::*;
use crate::domain::application::tests::{caller, day, now, shipped_scheme, submitted};
use crate::domain::application::{ApplicationState, ApplicationStatus};
use crate::domain::eligibility::tests::inputs_of;
use crate::domain::eligibility::{ConditionAnswer, ConditionVerdict, Facts, determine};
use crate::domain::evaluation::{EvaluationKind, EvaluationState};
use crate::domain::pilot::{Completion, Leaving, PilotStatus, ShownBy};
use crate::domain::role::Caller;

const LEAD: u128 = 7;

fn lead() -> Caller {
    caller(Role::LeadAgency, "lead", LEAD)
}

fn committee() -> Caller {
    caller(Role::PeoplesCommittee, "chair", 1)
}

/// 2128/QĐ-UBND of 15 September 2021, choosing the cooperatives of these numbers.
fn content(list: PilotList, numbers: impl IntoIterator<Item = u128>) -> DecisionContent {
    let choice =
        |number| Choice { application: Uuid::from_u128(1000 + number), responsible_department: Uuid::from_u128(70) };
    DecisionContent {
        number: "2128/QĐ-UBND".to_owned(),
        date: day("2021-09-15"),
        effective_date: day("2021-09-15"),
        signatory: "Nguyễn Thanh Bình".to_owned(),
        issuer: DecisionIssuer::Chairperson,
        proposal: Proposal { number: "1996/SKHĐT-DN".to_owned(), date: day("2021-08-30") },
        list,
        choices: numbers.into_iter().map(choice).collect(),
    }
}

fn department() -> Agency {
    Agency {
        id: Uuid::from_u128(70),
        code: None,
        name: "Sở Nông nghiệp và Phát triển nông thôn".to_owned(),
        role: Role::LineDepartment,
        sector: None,
        unit: Some("89".to_owned()),
        province: Some("89".to_owned()),
        valid_from: day("2021-02-03"),
        valid_to: None,
        predecessor: None,
        predecessors: Vec::new(),
        successor: None,
    }
}

fn draft(list: PilotList, numbers: impl IntoIterator<Item = u128>) -> SelectionDecision {
    drafted_from(content(list, numbers), LEAD).unwrap()
}

fn drafted_from(content: DecisionContent, lead_agency: u128) -> Result<SelectionDecision, Refusal> {
    let applications: Vec<_> = (1..=20).map(submitted).collect();
    let (scheme, departments) = (shipped_scheme(), [department()]);
    let references = references(&scheme, &applications, &departments, lead_agency);
    SelectionDecision::draft(Uuid::from_u128(5), content, &references, &lead(), now())
}

fn references<'a>(
    scheme: &'a Scheme,
    applications: &'a [Application],
    departments: &'a [Agency],
    lead_agency: u128,
) -> DecisionReferences<'a> {
    let (lead_agency, plan_date) = (Uuid::from_u128(lead_agency), day("2021-09-10"));
    DecisionReferences { province: "89", scheme, lead_agency, plan_date, applications, departments }
}

/// An application that meets every condition.
fn eligible(application: Application) -> Candidate {
    let mut determination = determine(&inputs_of(Facts::default(), &application));
    for ConditionAnswer { verdict, .. } in &mut determination.conditions {
        *verdict = ConditionVerdict::Met;
    }
    determination.overall = ConditionVerdict::Met;
    let pilot = Uuid::from_u128(application.id.as_u128() + 1000);
    Candidate { application, determination, stopped_on: None, pilot }
}

fn candidates(numbers: impl IntoIterator<Item = u128>) -> Vec<Candidate> {
    numbers.into_iter().map(|number| eligible(submitted(number))).collect()
}

const fn quota(taken: u32) -> Quota {
    Quota { places: 5, taken, held: Vec::new() }
}

/// Pilots with their applications, as they would leave.
fn leaving(both: impl IntoIterator<Item = (Pilot, Application)>) -> Vec<Leaving> {
    both.into_iter().map(|(pilot, application)| Leaving { pilot, application, last_fact: None }).collect()
}

/// 415/QĐ-UBND of 17 September 2021: takes some off the list, gives others to another department.
fn amendment(removals: &[u128], reassignments: &[(u128, u128)]) -> AmendmentTerms {
    let application = |number: u128| Uuid::from_u128(1000 + number);
    let choice = |(number, department): &(u128, u128)| Choice {
        application: application(*number),
        responsible_department: Uuid::from_u128(*department),
    };
    AmendmentTerms {
        number: "415/QĐ-UBND".to_owned(),
        date: day("2021-09-17"),
        signatory: "Nguyễn Thanh Bình".to_owned(),
        reason: "Điều chỉnh danh sách".to_owned(),
        document: None,
        additions: Vec::new(),
        removals: removals.iter().map(|number| application(*number)).collect(),
        reassignments: reassignments.iter().map(choice).collect(),
    }
}

/// The same, with applications of these numbers added to the list.
fn adding(numbers: impl IntoIterator<Item = u128>, terms: AmendmentTerms) -> AmendmentTerms {
    let additions = content(PilotList::Scheme, numbers).choices;
    AmendmentTerms { additions, ..terms }
}

/// The lead agency drafts an amendment, and somebody approves it.
fn amended(
    decision: &SelectionDecision,
    leaving: Vec<Leaving>,
    terms: AmendmentTerms,
    taken: u32,
    by: &Caller,
) -> Result<Amended, Refusal> {
    let number = |choice: &Choice| choice.application.as_u128() - 1000;
    let candidates = candidates(terms.additions.iter().map(number).collect::<Vec<_>>());
    let draft = drafted(decision, &leaving, terms)?;
    draft.approve(decision.clone(), leaving, candidates, &quota(taken), by, now())
}

fn drafted(decision: &SelectionDecision, leaving: &[Leaving], terms: AmendmentTerms) -> Result<Amendment, Refusal> {
    let opened: Vec<Pilot> = leaving.iter().map(|leaving| leaving.pilot.clone()).collect();
    let applications: Vec<_> = (1..=20).map(submitted).collect();
    let (lead_agency, departments) = (Uuid::from_u128(LEAD), departments());
    let references = AmendmentReferences {
        decision,
        lead_agency,
        opened: &opened,
        applications: &applications,
        departments: &departments,
    };
    Amendment::draft(Uuid::from_u128(6), terms, &references, &lead(), now())
}

/// Two departments of the province.
fn departments() -> [Agency; 2] {
    [department(), Agency { id: Uuid::from_u128(71), ..department() }]
}

#[test]
fn an_amendment_takes_pilots_off_the_list_and_gives_others_to_another_department() {
    let Selection { decision, applications, pilots } = approved(1..=3);
    let said = (decision.content.clone(), decision.content_hash());
    let opened = leaving(pilots.into_iter().zip(applications));
    let amended = amended(&decision, opened, amendment(&[2], &[(3, 71)]), 3, &committee()).unwrap();
    let [(stopped, closed)] = &amended.stopped[..] else { panic!() };
    assert_eq!((stopped.state.status(), stopped.holds_place()), (PilotStatus::Stopped, false));
    assert_eq!(closed.state.status(), ApplicationStatus::Closed);
    let [reassigned] = &amended.reassigned[..] else { panic!() };
    assert_eq!((reassigned.responsible_department, reassigned.holds_place()), (Uuid::from_u128(71), true));
    let decision = amended.decision;
    assert_eq!((decision.state.status(), decision.amendments.len()), (DecisionStatus::Approved, 1));
    assert_eq!((decision.content.clone(), decision.content_hash()), said, "what was decided at first stays");
}

#[test]
fn an_amendment_is_another_later_decision_by_another_person_about_what_was_chosen() {
    let Selection { decision, applications, pilots } = approved(1..=3);
    let opened = leaving(pilots.into_iter().zip(applications));
    let amend = |terms: AmendmentTerms, by: &Caller| {
        let result = amended(&decision, opened.clone(), terms, 3, by);
        result.map_err(|refusal| {
            let faults = refusal.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code));
            (refusal.rule, faults.collect::<Vec<_>>())
        })
    };
    let lead = caller(Role::PeoplesCommittee, "lead", 1);
    assert_eq!(amend(amendment(&[1], &[]), &lead).unwrap_err().0, Rule::FourEyes);
    for (changed, rule, faults) in [
        (amendment(&[], &[]), Rule::AmendmentEmpty, vec![" amendment_empty"]),
        (
            amendment(&[1, 1], &[(1, 71)]),
            Rule::RepeatedItem,
            vec!["/removals/1 repeated_item", "/reassignments/0/application repeated_item"],
        ),
        (
            amendment(&[9], &[(8, 72)]),
            Rule::UnknownReference,
            vec![
                "/removals/0 unknown_reference",
                "/reassignments/0/application unknown_reference",
                "/reassignments/0/responsibleDepartment unknown_reference",
            ],
        ),
        (
            AmendmentTerms { date: day("2021-09-14"), ..amendment(&[1], &[]) },
            Rule::StepPredated,
            vec!["/date step_predated"],
        ),
        (
            AmendmentTerms { date: day("2021-09-21"), ..amendment(&[1], &[]) },
            Rule::DateInFuture,
            vec!["/date date_in_future"],
        ),
        (
            AmendmentTerms { number: decision.content.number.clone(), ..amendment(&[1], &[]) },
            Rule::NotALaterDecision,
            vec!["/number not_a_later_decision"],
        ),
    ] {
        let faults = faults.into_iter().map(str::to_owned).collect();
        assert_eq!(amend(changed, &committee()).unwrap_err(), (rule, faults));
    }
    let once = amend(amendment(&[], &[(1, 71)]), &committee()).unwrap().decision;
    let earlier = AmendmentTerms { date: day("2021-09-16"), ..amendment(&[2], &[]) };
    let refused = amended(&once, opened.clone(), earlier, 3, &committee()).unwrap_err();
    assert_eq!(refused.rule, Rule::StepPredated, "amendments follow each other");
    let revocation = Revocation { number: "9/QĐ-UBND".into(), date: day("2021-09-16"), reason: "Sai".into() };
    let refused = once.revoke(opened.clone(), revocation, &committee(), now()).unwrap_err();
    assert_eq!(refused.rule, Rule::StepPredated, "a revocation follows the amendments");
    // Not before a fact about a pilot that is taken off; all or nothing.
    let mut with_fact = opened.clone();
    with_fact[0].last_fact = Some(day("2021-09-18"));
    let refused = amended(&decision, with_fact, amendment(&[1, 2], &[]), 3, &committee());
    assert_eq!(refused.unwrap_err().rule, Rule::StepPredated);
    let draft = draft(PilotList::Scheme, [1]);
    assert_eq!(drafted(&draft, &opened, amendment(&[1], &[])).unwrap_err().rule, Rule::WrongState);
    assert_eq!(draft.may_revoke(&lead).unwrap_err().rule, Rule::WrongState);
}

/// Places that an amendment frees count before those that it takes; what is added meets the conditions like any other.
#[test]
fn an_amendment_adds_within_the_quota_what_is_eligible_and_was_read() {
    let Selection { decision, applications, pilots } = approved(1..=5);
    let opened = leaving(pilots.into_iter().zip(applications));
    let refused = |terms: AmendmentTerms| amended(&decision, opened.clone(), terms, 5, &committee()).unwrap_err();
    let full = refused(adding([6], amendment(&[], &[])));
    assert_eq!((full.rule, full.faults[0].pointer.as_str()), (Rule::QuotaExceeded, "/additions"));
    assert_eq!(refused(adding([6, 7], amendment(&[1], &[]))).rule, Rule::QuotaExceeded);
    let swapped = amended(&decision, opened.clone(), adding([6], amendment(&[1], &[])), 5, &committee()).unwrap();
    let [(pilot, application)] = &swapped.added[..] else { panic!() };
    assert_eq!((pilot.selected_on, pilot.decision, pilot.holds_place()), (day("2021-09-17"), decision.id, true));
    assert_eq!(application.state.status(), ApplicationStatus::Selected);
    assert_eq!(swapped.stopped.len(), 1);
    assert_eq!(swapped.amendment.state(), AmendmentState::Approved);
    // Who is on the list already is not added, and who is added twice neither.
    for (terms, rule, pointer) in [
        (adding([1], amendment(&[2], &[])), Rule::UnknownReference, "/additions/0/application"),
        (adding([6, 6], amendment(&[], &[])), Rule::RepeatedItem, "/additions/1/application"),
        (adding([99], amendment(&[], &[])), Rule::UnknownReference, "/additions/0/application"),
    ] {
        let refusal = refused(terms);
        assert_eq!((refusal.rule, refusal.faults[0].pointer.as_str()), (rule, pointer));
    }
    // Approved is what was read: an application that was sent again otherwise is named.
    let draft = drafted(&decision, &opened, adding([6], amendment(&[1], &[]))).unwrap();
    let other = vec![eligible(sent_again(submitted(6), "A5", "2021-09-16"))];
    let refusal = draft.clone().approve(decision.clone(), opened.clone(), other, &quota(5), &committee(), now());
    assert_eq!(refusal.unwrap_err().rule, Rule::ContentChanged);
    let not_eligible =
        Candidate { determination: determine(&inputs_of(Facts::default(), &submitted(6))), ..eligible(submitted(6)) };
    let refusal = draft.approve(decision, opened, vec![not_eligible], &quota(5), &committee(), now()).unwrap_err();
    assert!(refusal.faults.iter().all(|fault| fault.pointer == "/additions/0/application"));
    assert_eq!(refusal.rule, Rule::NotEligible);
}

fn approved(numbers: impl IntoIterator<Item = u128> + Clone) -> Selection {
    let decision = draft(PilotList::Scheme, numbers.clone());
    decision.approve(candidates(numbers), &quota(0), &committee(), now()).unwrap()
}

#[test]
fn five_are_selected_and_their_pilots_opened() {
    let selection = approved(1..=5);
    assert_eq!(selection.decision.state.status(), DecisionStatus::Approved);
    assert_eq!(selection.pilots.len(), 5);
    for (pilot, application) in selection.pilots.iter().zip(&selection.applications) {
        assert_eq!(application.state.status(), ApplicationStatus::Selected);
        assert_eq!((pilot.application, pilot.cooperative), (application.id, application.cooperative));
        assert_eq!((pilot.selected_on, pilot.state.status()), (day("2021-09-15"), PilotStatus::Active));
    }
}

#[test]
fn a_sixth_pilot_is_refused_and_the_provinces_own_list_is_not() {
    for (taken, asked, list, passes) in [
        (0, 6, PilotList::Scheme, false),
        (5, 1, PilotList::Scheme, false),
        (3, 3, PilotList::Scheme, false),
        (3, 2, PilotList::Scheme, true),
        (5, 20, PilotList::Provincial, true),
    ] {
        let result =
            draft(list, 1..=asked).approve(candidates(1..=asked), &quota(taken), &committee(), now()).map(|_| ());
        assert_eq!(result.is_ok(), passes, "{asked} on {taken}");
        if let Err(refusal) = result {
            assert_eq!(refusal.rule, Rule::QuotaExceeded);
            assert!(refusal.detail.en.contains("may have 5 pilots"), "{}", refusal.detail.en);
        }
    }
}

/// Five were chosen on 15 September 2021, one stopped on 1 January 2022: a decision that bears a day before finds no place.
#[test]
fn a_place_is_counted_on_the_legal_day_and_the_stop_that_frees_it_is_named() {
    let place = |number: u128, until: Option<&str>| HeldPlace {
        application: Uuid::from_u128(number),
        from: day("2021-09-15"),
        until: until.map(day),
    };
    let held: Vec<_> = (1..=5).map(|number| place(number, (number == 5).then_some("2022-01-01"))).collect();
    let quota = Quota { places: 5, taken: 4, held };
    let refusal = quota.has_room(day("2021-12-31"), 1, "/applications").unwrap_err();
    assert_eq!(refusal.rule, Rule::QuotaExceeded);
    assert!(
        refusal.detail.vi.contains("2021-12-31") && refusal.detail.vi.contains("từ ngày 2022-01-01"),
        "{refusal:?}"
    );
    assert_eq!(quota.has_room(day("2022-01-01"), 1, "/applications"), Ok(()));
    assert_eq!(quota.has_room(day("2021-12-31"), 0, "/applications"), Ok(()));
    // A place that is taken later counts too: there are not six on any day after.
    let mut later = quota.clone();
    later.held.push(HeldPlace { from: day("2022-03-01"), ..place(6, Some("2022-06-01")) });
    let refusal = later.has_room(day("2022-01-15"), 1, "/applications").unwrap_err();
    assert!(
        refusal.detail.en.contains("On 2022-03-01") && refusal.detail.en.contains("from 2022-06-01"),
        "{refusal:?}"
    );
    assert_eq!(later.has_room(day("2022-06-01"), 1, "/applications"), Ok(()));
}

/// What a lead agency sends back, its cooperative edits and submits again as it was, on another day or with another model.
fn sent_again(application: Application, model: &str, on: &str) -> Application {
    let (scheme, mut content) = (shipped_scheme(), application.content.clone());
    content.model = model.to_owned();
    let returned = application.send_back(&lead(), None, day("2021-08-02"), now()).unwrap();
    returned
        .edit((&scheme, &[]), content, &caller(Role::Cooperative, "htx", 0), now())
        .unwrap()
        .submit(&scheme, day(on), &caller(Role::Cooperative, "htx", 0), now())
        .unwrap()
}

#[test]
fn an_application_that_changed_since_the_decision_was_written_is_named_and_an_opinion_is_no_change() {
    let opined = |number| submitted(number).give_opinion(day("2021-08-02"), now()).unwrap();
    let returned = submitted(5).send_back(&lead(), None, day("2021-08-02"), now()).unwrap();
    let mut applications: Vec<_> = (1..=4).map(submitted).collect();
    applications.push(returned.clone());
    let (scheme, departments) = (shipped_scheme(), [department()]);
    let draft = |applications: &[Application]| {
        let references = references(&scheme, applications, &departments, LEAD);
        let content = content(PilotList::Scheme, 1..=5);
        SelectionDecision::draft(Uuid::from_u128(5), content, &references, &lead(), now()).unwrap()
    };
    let resubmitted = returned.submit(&scheme, day("2021-08-02"), &caller(Role::Cooperative, "htx", 0), now()).unwrap();
    let now_stand = vec![
        opined(1),
        sent_again(submitted(2), "A1", "2021-08-02"),
        sent_again(submitted(3), "A3", "2021-08-03"),
        submitted(4),
        resubmitted,
    ];
    let all: Vec<_> = now_stand.iter().cloned().map(eligible).collect();
    let refusal = draft(&applications).may_approve(&all, &quota(0), &committee()).unwrap_err();
    assert_eq!(refusal.rule, Rule::ContentChanged);
    let named: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.clone(), fault.code)).collect();
    assert_eq!(named, [1, 2, 4].map(|index| (format!("/applications/{index}/application"), "content_changed")));
    let written_anew = draft(&now_stand);
    assert_ne!(written_anew.content_hash(), draft(&applications).content_hash());
    assert!(written_anew.may_approve(&all, &quota(0), &committee()).is_ok());
}

#[test]
fn who_drafted_does_not_approve() {
    let same = caller(Role::PeoplesCommittee, "lead", 1);
    let refusal = draft(PilotList::Scheme, [1]).approve(candidates([1]), &quota(0), &same, now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::FourEyes);
}

#[test]
fn all_or_none_every_application_that_cannot_be_selected_is_named_with_its_conditions() {
    let unknown =
        Candidate { determination: determine(&inputs_of(Facts::default(), &submitted(2))), ..eligible(submitted(2)) };
    let withdrawn = eligible(submitted(3).withdraw(day("2021-08-02"), now()).unwrap());
    let open = unknown.determination.conditions.iter().filter(|answer| answer.verdict != ConditionVerdict::Met).count();
    assert!(open >= 3);
    let all = vec![eligible(submitted(1)), unknown, withdrawn];
    let refusal = draft(PilotList::Scheme, 1..=3).approve(all, &quota(0), &committee(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::NotEligible);
    let at = |index: usize| {
        let pointer = format!("/applications/{index}/application");
        refusal.faults.iter().filter(|fault| fault.pointer == pointer).map(|fault| fault.code).collect::<Vec<_>>()
    };
    assert_eq!(at(0), Vec::<&str>::new());
    assert_eq!(at(1), vec!["not_eligible"; open]);
    assert_eq!(at(2), ["wrong_state"]);
}

#[test]
fn who_edited_a_decision_does_not_approve_it() {
    let (scheme, applications, departments) = (shipped_scheme(), [submitted(1)], [department()]);
    let references = references(&scheme, &applications, &departments, LEAD);
    let colleague = caller(Role::LeadAgency, "both-hats", LEAD);
    let edited = draft(PilotList::Scheme, [1]);
    let edited = edited.edit(content(PilotList::Scheme, [1]), &references, &colleague, now()).unwrap();
    for (subject, passes) in [("lead", false), ("both-hats", false), ("chair", true)] {
        let approver = caller(Role::PeoplesCommittee, subject, 1);
        let verdict = edited.may_approve(&candidates([1]), &quota(0), &approver).map_err(|refusal| refusal.rule);
        assert_eq!(verdict, if passes { Ok(()) } else { Err(Rule::FourEyes) }, "{subject}");
    }
}

#[test]
fn a_decision_precedes_neither_its_plan_nor_its_applications_nor_an_earlier_stop() {
    for (date, effective, passes) in [
        ("2021-09-10", "2022-09-10", true),
        ("2021-09-09", "2021-09-10", false),
        ("2021-09-15", "2022-09-15", true),
        ("2021-09-15", "2022-09-16", false),
    ] {
        let body = content(PilotList::Scheme, [1]);
        let body = DecisionContent { date: day(date), effective_date: day(effective), ..body };
        let refused = drafted_from(body, LEAD).err().map(|refusal| refusal.rule);
        assert_eq!(refused, (!passes).then_some(Rule::DatesOutOfOrder), "{date} {effective}");
    }
    // Submitted on 1 August; the decision is of 15 September.
    for (submitted_on, stopped_on, passes) in [
        ("2021-08-01", None, true),
        ("2021-09-15", Some("2021-09-15"), true),
        ("2021-09-16", None, false),
        ("2021-08-01", Some("2021-09-16"), false),
    ] {
        let state = ApplicationState::Submitted { submitted_on: day(submitted_on) };
        let candidate = eligible(Application { state, ..submitted(1) });
        let candidate = Candidate { stopped_on: stopped_on.map(day), ..candidate };
        let mut decision = draft(PilotList::Scheme, [1]);
        decision.read.extend(candidate.application.content_hash().map(|digest| (candidate.application.id, digest)));
        let verdict = decision.may_approve(&[candidate], &quota(0), &committee());
        let refused = verdict.err().map(|refusal| refusal.rule);
        assert_eq!(refused, (!passes).then_some(Rule::StepPredated), "{submitted_on} {stopped_on:?}");
    }
}

#[test]
fn only_the_lead_agency_of_the_plan_drafts() {
    let refusal = drafted_from(content(PilotList::Scheme, [1]), LEAD + 1).unwrap_err();
    assert_eq!(refusal.rule, Rule::NotResponsible);
}

#[test]
fn every_fault_of_a_body_is_named() {
    let mut body = content(PilotList::Scheme, [1, 2, 1, 99]);
    body.effective_date = day("2021-09-14");
    body.proposal.date = day("2021-09-16");
    body.choices[1].responsible_department = Uuid::from_u128(71);
    let refusal = drafted_from(body, LEAD).unwrap_err();
    let faults: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    let expected = [
        ("/effectiveDate", "dates_out_of_order"),
        ("/date", "dates_out_of_order"),
        ("/applications/1/responsibleDepartment", "unknown_reference"),
        ("/applications/2/application", "repeated_item"),
        ("/applications/3/application", "unknown_reference"),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_revocation_stops_the_pilots_and_releases_their_applications() {
    let Selection { decision, applications, mut pilots } = approved(1..=3);
    let done = Completion {
        completed_on: day("2021-09-16"),
        reason: "Hoàn thiện".to_owned(),
        evaluation: Uuid::from_u128(9),
        assessors: Vec::new(),
    };
    let shown_by = ShownBy {
        cooperative: pilots[1].cooperative,
        kind: EvaluationKind::Own,
        state: EvaluationState::Submitted,
        year: 2021,
        entry_year: 2020,
    };
    let district =
        Agency { id: Uuid::from_u128(88), role: Role::Locality, unit: Some(pilots[1].unit.clone()), ..department() };
    let assessors = ([department(), district], Some(Uuid::from_u128(LEAD)));
    pilots[1] = pilots[1].clone().complete(done, shown_by, (&assessors.0, assessors.1), &lead(), now()).unwrap();
    let both = leaving(pilots.into_iter().zip(applications));
    let revocation = |date| Revocation { number: "9/QĐ-UBND".into(), date: day(date), reason: "Sai hồ sơ".into() };
    let early = decision.clone().revoke(both.clone(), revocation("2021-09-14"), &committee(), now()).unwrap_err();
    assert_eq!(early.rule, Rule::StepPredated);
    let revoked = decision.revoke(both, revocation("2021-09-17"), &committee(), now()).unwrap();
    assert_eq!(revoked.decision.state.status(), DecisionStatus::Revoked);
    assert!(revoked.pilots.iter().all(|pilot| pilot.state.status() == PilotStatus::Stopped && !pilot.holds_place()));
    assert!(revoked.applications.iter().all(|application| application.state.status() == ApplicationStatus::Closed));
    assert_eq!(
        revoked.decision.revoke(Vec::new(), revocation("2021-09-18"), &committee(), now()).unwrap_err().rule,
        Rule::WrongState
    );
}

#[test]
fn a_selection_after_2021_is_late_and_not_refused() {
    let scheme = shipped_scheme();
    let today = Moment("2023-08-01T00:00:00Z".parse().unwrap());
    for (date, late) in [("2021-12-31", false), ("2022-01-01", true), ("2023-07-12", true)] {
        let (date, decision) = (day(date), draft(PilotList::Scheme, [1]));
        let body = DecisionContent { date, effective_date: date, ..decision.content.clone() };
        let (applications, departments) = ([submitted(1)], [department()]);
        let references = references(&scheme, &applications, &departments, LEAD);
        let edited = decision.edit(body, &references, &lead(), today).unwrap();
        assert_eq!(edited.late, late, "{date}");
        assert!(edited.approve(candidates([1]), &quota(0), &committee(), today).is_ok());
    }
}

// A province with ten applicants, one decision at a time; cooperatives come and go.
proptest! {
    #[test]
    fn no_order_of_decisions_takes_more_places_than_the_quota(
        steps in prop::collection::vec((0_u8..4, 1_u128..11, 1_u128..4), 0..40),
    ) {
        let mut pilots: Vec<(Pilot, Application)> = Vec::new();
        let mut decisions: Vec<SelectionDecision> = Vec::new();
        for (step, first, many) in steps {
            let holding = pilots.iter().filter(|(pilot, _)| pilot.holds_place()).count();
            let taken = u32::try_from(holding).unwrap();
            match step {
                0 => {
                    let numbers = first..first + many;
                    let list = if many == 3 { PilotList::Provincial } else { PilotList::Scheme };
                    let decision = draft(list, numbers.clone());
                    if let Ok(selection) = decision.approve(candidates(numbers), &quota(taken), &committee(), now()) {
                        pilots.extend(selection.pilots.into_iter().zip(selection.applications));
                        decisions.push(selection.decision);
                    }
                }
                1 => {
                    for (pilot, application) in &mut pilots {
                        if pilot.cooperative == Uuid::from_u128(first) {
                            let (day, why) = (day("2021-09-16"), "Tự nguyện".to_owned());
                            let leaving = leaving([(pilot.clone(), application.clone())]).remove(0);
                            let left = leaving.withdraw(day, why, now());
                            if let Ok(both) = left {
                                (*pilot, *application) = both;
                            }
                        }
                    }
                }
                2 => {
                    if let Some(decision) = decisions.pop() {
                        let terms = amendment(&[first], &[(first + 1, 71)]);
                        let terms = if many == 2 { adding([first + 10], terms) } else { terms };
                        let opened = leaving(pilots.iter().cloned());
                        match amended(&decision, opened, terms, taken, &committee()) {
                            Ok(amended) => {
                                prop_assert!(amended.stopped.iter().all(|(pilot, _)| !pilot.holds_place()));
                                for (pilot, application) in &mut pilots {
                                    let stopped = amended.stopped.iter().find(|(stopped, _)| stopped.id == pilot.id);
                                    if let Some(both) = stopped {
                                        (*pilot, *application) = both.clone();
                                    }
                                }
                                pilots.extend(amended.added);
                                decisions.push(amended.decision);
                            }
                            Err(_) => decisions.push(decision),
                        }
                    }
                }
                _ => {
                    if let Some(decision) = decisions.pop() {
                        let date = day("2021-09-17");
                        let revocation = Revocation { number: "9/QĐ-UBND".into(), date, reason: "Sai".into() };
                        let revoked = decision.revoke(leaving(std::mem::take(&mut pilots)), revocation, &committee(), now()).unwrap();
                        prop_assert!(revoked.pilots.iter().all(|pilot| !pilot.holds_place()));
                    }
                }
            }
            let holding = pilots.iter().filter(|(pilot, _)| pilot.holds_place()).count();
            prop_assert!(holding <= 5, "{holding}");
        }
    }
}
