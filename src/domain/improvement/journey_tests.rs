//! What lies between draft and approval: review, signature, receipts, consolidation; measures under way; targets by year;
//! and that no order of steps leads where it must not.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::*;
use super::*;
use crate::domain::agency::Agency;
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role};
use crate::domain::score::Points;

fn rule<T>(result: Result<T, Refusal>) -> Option<Rule> {
    result.err().map(|refusal| refusal.rule)
}

#[test]
fn a_draft_is_signed_only_after_department_lead_agency_and_alliance_reviewed_this_very_content() {
    let sign = |plan: ImprovementPlan| plan.submitted(submission(), &cooperative(), standing(), now());
    let mut plan = draft();
    for (agency, missing) in [
        (department(), "line-department, lead-agency, cooperative-alliance"),
        (lead(), "lead-agency, cooperative-alliance"),
        (alliance(), "cooperative-alliance"),
    ] {
        let refusal = sign(plan.clone()).unwrap_err();
        assert_eq!(refusal.rule, Rule::ReviewIncomplete);
        assert!(refusal.detail.en.ends_with(&format!("by: {missing}.")), "{}", refusal.detail.en);
        plan = plan.reviewed(opinion(true), &agency, standing(), now()).unwrap().0;
    }
    assert!(sign(plan).is_ok());
    // The locality may give an opinion; it takes nobody's place.
    let locality = caller(Role::Locality, 70, "huyen");
    let plan = draft().reviewed(opinion(true), &locality, standing(), now()).unwrap().0;
    assert_eq!(rule(sign(plan)), Some(Rule::ReviewIncomplete));
}

#[test]
fn reviews_lie_between_selection_and_signature() {
    // Selected on 15 September, signed on 20 October.
    for (given_on, opined, signed) in [
        ("2021-09-14", Some(Rule::StepPredated), None),
        ("2021-09-15", None, None),
        ("2021-10-20", None, None),
        ("2021-10-21", None, Some(Rule::StepPredated)),
        ("2023-03-02", Some(Rule::DateInFuture), None),
    ] {
        let late = ImprovementOpinion { given_on: given_on.parse().unwrap(), ..opinion(true) };
        let plan = reviewed(draft()).reviewed(late, &alliance(), standing(), now());
        let then = plan.clone().ok().map(|(plan, _)| plan.submitted(submission(), &cooperative(), standing(), now()));
        assert_eq!((rule(plan), then.and_then(rule)), (opined, signed), "{given_on}");
    }
}

#[test]
fn what_does_not_fit_the_support_plan_is_signed_and_not_approved() {
    let plan = reviewed(draft()).reviewed(opinion(false), &department(), standing(), now()).unwrap().0;
    let plan = put_forward(plan.submitted(submission(), &cooperative(), standing(), now()).unwrap().0);
    let hash = plan.content_hash();
    let refusal = plan.approved(approval(&hash), &committee(), standing(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::PlanDoesNotFit);
    assert!(refusal.detail.en.contains("opinion of line-department"), "{}", refusal.detail.en);
}

fn receipt(received_on: &str) -> ImprovementReceipt {
    ImprovementReceipt { received_on: received_on.parse().unwrap(), incoming_number: Some("1532".to_owned()) }
}

#[test]
fn each_of_the_four_recipients_acknowledges_once_and_a_return_voids_it() {
    let locality = caller(Role::Locality, 70, "huyen");
    let mut plan = submitted();
    for recipient in [lead(), department(), alliance(), locality.clone()] {
        let early = plan.clone().received(receipt("2021-10-19"), &recipient, standing(), now());
        assert_eq!(rule(early), Some(Rule::StepPredated));
        plan = plan.received(receipt("2021-10-20"), &recipient, standing(), now()).unwrap().0;
        let twice = plan.clone().received(receipt("2021-10-22"), &recipient, standing(), now());
        assert_eq!(rule(twice), Some(Rule::AlreadyExists));
    }
    assert_eq!(plan.state.signature().unwrap().receipts.len(), 4);
    let ministry = caller(Role::Ministry, 1, "bo");
    let stranger = caller(Role::LineDepartment, 31, "sgtvt");
    for nobody in [ministry, stranger] {
        let refused = submitted().received(receipt("2021-10-22"), &nobody, standing(), now());
        assert_eq!(rule(refused), Some(Rule::NotResponsible), "{}", nobody.subject);
    }
    assert_eq!(rule(draft().received(receipt("2021-10-22"), &locality, standing(), now())), Some(Rule::WrongState));
    let back = ImprovementReturn { comment: "Bổ sung".to_owned() };
    let plan = plan.returned(back, &lead(), standing(), now()).unwrap().0;
    let plan = plan.submitted(submission(), &cooperative(), standing(), now()).unwrap().0;
    let signature = plan.state.signature().unwrap();
    assert!(signature.receipts.is_empty() && signature.consolidated.is_none(), "a new signature starts anew");
}

/// Another plan of the province, signed.
fn another(number: u128) -> (ImprovementPlan, Pilot) {
    let plan = ImprovementPlan { id: id(number), pilot: id(number + 1), ..submitted() };
    let hash = plan.content_hash();
    let signature = Signature { content_hash: hash, ..plan.state.signature().unwrap().clone() };
    let plan = ImprovementPlan { state: ImprovementState::Submitted(signature), ..plan };
    (plan, Pilot { id: id(number + 1), ..pilot() })
}

#[test]
fn a_consolidation_names_every_plan_that_cannot_be_put_forward() {
    let (good, unsigned) = (another(200), (draft(), pilot()));
    let (elsewhere, mut changed) = (another(300), another(400));
    let mut body = consolidation(&[&good.0, &unsigned.0, &elsewhere.0, &changed.0]);
    changed.0.revision = 2;
    let elsewhere = (elsewhere.0, Pilot { province: "91".to_owned(), ..elsewhere.1 });
    let found = vec![good.clone(), unsigned, elsewhere, changed];
    let refused = |body: NewConsolidation, found, agency: u128, by: &Caller| {
        let refusal = body.consolidate(id(80), found, Some(id(agency)), by, now()).unwrap_err();
        refusal.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(refused(body.clone(), found.clone(), 40, &lead()), ["/plans/2/plan unknown_reference"]);
    body.plans.remove(2);
    let expected = ["/plans/1/plan wrong_state", "/plans/2/contentHash content_changed"];
    assert_eq!(refused(body.clone(), found, 40, &lead()), expected);
    body.plans.truncate(1);
    body.plans.push(body.plans[0].clone());
    body.date = "2024-01-01".parse().unwrap();
    let expected = ["/date date_in_future", "/plans/1/plan repeated_item"];
    assert_eq!(refused(body, vec![good.clone()], 40, &lead()), expected);
    let body = consolidation(&[&good.0]);
    let gone = (good.0.clone(), Pilot { id: good.1.id, ..stopped_pilot() });
    assert_eq!(refused(body.clone(), vec![gone], 40, &lead()), ["/plans/0/plan pilot_stopped"]);
    let other_lead = body.consolidate(id(80), vec![good], Some(id(41)), &lead(), now());
    assert_eq!(rule(other_lead), Some(Rule::NotResponsible));
}

#[test]
fn a_consolidation_sums_what_the_plans_improve_and_dates_bound_it() {
    let (one, other) = (another(200), another(300));
    let body = consolidation(&[&one.0, &other.0]);
    let (made, plans) =
        body.clone().consolidate(id(80), vec![other.clone(), one.clone()], None, &lead(), now()).unwrap();
    let summary = serde_json::to_value(&made.summary).unwrap();
    let criteria = json!([{"criterion": "3", "plans": 2}, {"criterion": "7", "plans": 2}]);
    let measures = json!([{"area": "governance", "measures": 2}, {"area": "accounting", "measures": 2}]);
    assert_eq!(summary, json!({"criteriaToImprove": 4, "criteria": criteria, "measures": measures}));
    assert_eq!(made.plans.iter().map(|plan| plan.plan).collect::<Vec<_>>(), [id(200), id(300)], "in its own order");
    // Signed on 20 October, put forward on 29 October: not earlier, and the decision not before it.
    for (date, refused) in [("2021-10-19", Some(Rule::StepPredated)), ("2021-10-20", None), ("2021-10-29", None)] {
        let body = NewConsolidation { date: date.parse().unwrap(), ..body.clone() };
        let result = body.consolidate(id(80), vec![one.clone(), other.clone()], None, &lead(), now());
        assert_eq!(rule(result), refused, "{date}");
    }
    for (date, refused) in [("2021-10-28", Some(Rule::StepPredated)), ("2021-10-29", None)] {
        let plan = plans[0].clone();
        let body = ImprovementApproval { decision_date: date.parse().unwrap(), ..approval(&plan.content_hash()) };
        assert_eq!(rule(plan.approved(body, &committee(), standing(), now())), refused, "{date}");
    }
}

fn yearly(targets: &[(u16, &str)]) -> Value {
    let yearly: Vec<_> = targets.iter().map(|(year, target)| json!({"year": year, "target": target})).collect();
    json!([{"criterion": "7", "toImprove": true, "target": "6.00", "yearlyTargets": yearly}])
}

/// The baseline is of 2021: criterion 7 at 4.00, to reach 6.00.
#[test]
fn yearly_targets_come_after_the_baseline_in_order_and_lie_between_it_and_the_target() {
    for (targets, faults) in [
        (&[(2022, "4.00"), (2023, "6.00")][..], &[][..]),
        (&[(2021, "5.00")], &["/criteria/0/yearlyTargets/0/year dates_out_of_order"]),
        (&[(2023, "5.00"), (2023, "5.50")], &["/criteria/0/yearlyTargets/1/year dates_out_of_order"]),
        (
            &[(2023, "3.99"), (2022, "6.01")],
            &[
                "/criteria/0/yearlyTargets/0/target yearly_target_outside",
                "/criteria/0/yearlyTargets/1/year dates_out_of_order",
                "/criteria/0/yearlyTargets/1/target yearly_target_outside",
            ],
        ),
    ] {
        let mut plan = body(&yearly(targets));
        plan.measures.clear();
        let refusal = plan.checked(&beginning(), &ceilings(), now()).err();
        let found = refusal.iter().flat_map(|refusal| &refusal.faults);
        let found: Vec<_> = found.map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
        assert_eq!(found, faults, "{targets:?}");
    }
    let not_wanted =
        json!([{"criterion": "7", "toImprove": false, "yearlyTargets": [{"year": 2022, "target": "5.00"}]}]);
    let mut plan = body(&not_wanted);
    plan.measures.clear();
    let refusal = plan.checked(&beginning(), &ceilings(), now()).unwrap_err();
    assert_eq!((refusal.rule, &*refusal.faults[0].pointer), (Rule::TargetNotWanted, "/criteria/0/yearlyTargets"));
}

#[test]
fn each_year_shows_what_was_planned_beside_what_was_reached() {
    let mut form = body(&yearly(&[(2022, "5.00"), (2023, "5.50"), (2025, "6.00")]));
    form.measures.remove(0);
    let content = form.checked(&beginning(), &ceilings(), now()).unwrap();
    let plan = ImprovementPlan::draft(id(9), standing(), content, &cooperative(), now()).unwrap();
    let reached = |year: u16, points: &str| {
        let mut all = baseline();
        all.insert(7, points.parse().unwrap());
        Achieved { year, ..achieved(all) }
    };
    let unrated = Achieved { evaluation: id(6), year: 2024, total: None, points: BTreeMap::new() };
    let years = by_year(&plan, &[reached(2021, "4.00"), reached(2022, "5.00"), reached(2023, "3.50"), unrated]);
    let seventh = |year: &YearProgress| {
        let YearlyCriterion { planned, achieved, at_plan, not_below_baseline, .. } = year.criteria[6].clone();
        let text = |points: Option<Points>| points.map_or_else(String::new, |points| points.to_string());
        (year.year, text(planned), text(achieved), at_plan, not_below_baseline)
    };
    let none = String::new;
    assert_eq!(
        years.iter().map(seventh).collect::<Vec<_>>(),
        [
            (2021, none(), "4.00".to_owned(), None, Some(true)),
            (2022, "5.00".to_owned(), "5.00".to_owned(), Some(true), Some(true)),
            (2023, "5.50".to_owned(), "3.50".to_owned(), Some(false), Some(false)),
            (2024, none(), none(), None, None),
            (2025, "6.00".to_owned(), none(), None, None),
        ]
    );
    assert_eq!((years[1].total, years[3].total), (Some(Points::whole(69)), None));
}

#[test]
fn a_measure_goes_from_planned_over_under_way_to_done_and_dates_do_not_run_backwards() {
    let report = |outcome: &str, on: &str| -> MeasureReport {
        serde_json::from_value(json!({"measure": 1, "outcome": outcome, "onDate": on, "comment": "Tiến độ"})).unwrap()
    };
    let mut plan = approved();
    for (outcome, on, refused, status) in [
        ("reopened", "2022-01-01", Some(Rule::WrongState), MeasureStatus::Planned),
        ("under_way", "2022-02-01", None, MeasureStatus::UnderWay),
        ("under_way", "2022-01-31", Some(Rule::StepPredated), MeasureStatus::UnderWay),
        ("under_way", "2022-05-01", None, MeasureStatus::UnderWay),
        ("done", "2022-01-31", Some(Rule::StepPredated), MeasureStatus::UnderWay),
        ("done", "2022-06-30", None, MeasureStatus::Done),
        ("under_way", "2022-07-01", Some(Rule::WrongState), MeasureStatus::Done),
        ("reopened", "2022-06-29", Some(Rule::StepPredated), MeasureStatus::Done),
        ("reopened", "2022-07-01", None, MeasureStatus::UnderWay),
        ("done", "2022-08-01", None, MeasureStatus::Done),
    ] {
        let hash = plan.content_hash();
        let result = plan.clone().measure_reported(report(outcome, on), &cooperative(), standing(), now());
        let verdict = result.as_ref().err().map(|refusal| refusal.rule);
        plan = result.map_or(plan, |(plan, _)| plan);
        assert_eq!((verdict, plan.content.measures[0].status()), (refused, status), "{outcome} {on}");
        assert_eq!(plan.content_hash(), hash, "progress is not content");
    }
    assert_eq!(plan.content.measures[0].begun_on, Some("2022-02-01".parse().unwrap()), "the first beginning stays");
}

#[test]
fn agencies_of_measures_are_of_the_province_or_of_the_country() {
    let agency = |number: u128, province: Option<&str>| Agency {
        id: id(number),
        code: None,
        name: "Sở".to_owned(),
        role: Role::LineDepartment,
        sector: None,
        unit: None,
        province: province.map(str::to_owned),
        valid_from: "2021-02-03".parse().unwrap(),
        valid_to: None,
        predecessor: None,
        predecessors: Vec::new(),
        successor: None,
    };
    let mut form = body(&json!([intent("7", "6.00")]));
    form.measures[0].responsible_agency = Some(id(30));
    form.measures[1].responsible_agency = Some(id(31));
    assert_eq!(form.agencies(), [id(30), id(31)]);
    for (found, faults) in [
        (vec![agency(30, Some("89")), agency(31, None)], 0),
        (vec![agency(30, Some("89")), agency(31, Some("91"))], 1),
        (vec![agency(30, Some("89"))], 1),
        (vec![], 2),
    ] {
        let refused = form.check_agencies(&found, "89").err().map_or(0, |refusal| refusal.faults.len());
        assert_eq!(refused, faults);
    }
    form.measures[0].start_date = Some("2022-07-01".parse().unwrap());
    form.measures[1].begun_on = Some("2022-02-02".parse().unwrap());
    form.measures[1].done_on = Some("2022-02-01".parse().unwrap());
    let refusal = form.checked(&beginning(), &ceilings(), now()).unwrap_err();
    let pointers: Vec<_> = refusal.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/measures/0/startDate", "/measures/1/begunOn"]);
}

#[test]
fn who_is_to_do_it_and_when_and_what_by_year_are_content_and_old_digests_stand() {
    let form = |change: &dyn Fn(&mut NewImprovementPlan)| {
        let mut form = body(&json!([intent("7", "6.00")]));
        change(&mut form);
        let content = form.checked(&beginning(), &ceilings(), now()).unwrap();
        draft().edited(content, &cooperative(), standing(), now()).unwrap().content_hash()
    };
    let plain = form(&|_| {});
    // Signed before agencies, first days and yearly targets existed: the digest is what it was then.
    assert_eq!(plain, "32e0d130c0ed952fc0ddddf6d7f424e1eacdc688fc62869a1c2b708de80217e6");
    let changed = [
        form(&|form| form.measures[0].responsible_agency = Some(id(30))),
        form(&|form| form.measures[0].start_date = Some("2022-01-01".parse().unwrap())),
        form(&|form| {
            form.criteria[0].yearly_targets = Some(vec![YearlyTarget { year: 2022, target: Points::whole(5) }]);
        }),
    ];
    assert!(changed.iter().all(|hash| *hash != plain));
    assert_eq!(form(&|form| form.measures[0].begun_on = Some("2022-01-01".parse().unwrap())), plain);
}

/// One step of a random life, by whoever takes it rightly, with dates that follow each other.
fn attempt(plan: ImprovementPlan, step: u8, target: i64) -> Result<ImprovementPlan, Refusal> {
    let (standing, now, own) = (standing(), now(), cooperative());
    let hash = plan.content_hash();
    match step {
        0 => {
            let form = body(&json!([intent("7", &Points::hundredths(target).to_string())]));
            plan.edited(form.checked(&beginning(), &ceilings(), now)?, &own, standing, now)
        }
        1 => plan.reviewed(opinion(target % 5 != 0), &department(), standing, now).map(|(plan, _)| plan),
        2 => plan.reviewed(opinion(true), &lead(), standing, now).map(|(plan, _)| plan),
        3 => plan.reviewed(opinion(true), &alliance(), standing, now).map(|(plan, _)| plan),
        4 => plan.submitted(submission(), &own, standing, now).map(|(plan, _)| plan),
        5 => plan.received(receipt("2021-10-22"), &lead(), standing, now).map(|(plan, _)| plan),
        6 => {
            let body = consolidation(&[&plan]);
            let put = body.consolidate(id(80), vec![(plan, pilot())], Some(id(40)), &lead(), now)?;
            Ok(put.1.into_iter().next().unwrap())
        }
        7 => {
            let back = ImprovementReturn { comment: "Bổ sung".to_owned() };
            plan.returned(back, &lead(), standing, now).map(|(plan, _)| plan)
        }
        8 => plan.approved(approval(&hash), &committee(), standing, now).map(|(plan, _)| plan),
        _ => Ok(plan.superseded(now)),
    }
}

proptest! {
    /// Whatever is tried in whatever order: edges are those of the life, a signature is of the content that stands, and
    /// what is approved was reviewed by three, fits, and was put forward.
    #[test]
    fn no_order_of_steps_reaches_an_illegal_state(steps in prop::collection::vec((0_u8..10, 400_i64..=600), 0..40)) {
        use ImprovementStatus::{Approved, Draft, Returned, Submitted, Superseded};
        let legal = [
            (Draft, Draft), (Returned, Returned), (Submitted, Submitted), (Approved, Approved), (Superseded, Superseded),
            (Draft, Submitted), (Returned, Submitted), (Submitted, Returned), (Submitted, Approved), (Approved, Superseded),
        ];
        let mut plan = draft();
        for (step, target) in steps {
            let before = plan.clone();
            let Ok(after) = attempt(plan, step, target) else { plan = before; continue };
            let edge = (before.state.status(), after.state.status());
            prop_assert!(legal.contains(&edge), "{edge:?}");
            prop_assert_eq!(after.version, before.version + 1);
            let hash = after.content_hash();
            if let Some(signature) = after.state.signature() {
                prop_assert_eq!(&signature.content_hash, &hash);
                let by = |role| after.opinions.iter().any(|given| given.role == role && given.content_hash == hash);
                prop_assert!(by(Role::LineDepartment) && by(Role::LeadAgency) && by(Role::CooperativeAlliance));
            }
            if let ImprovementState::Approved(signature, approval) = &after.state {
                prop_assert_eq!(&approval.content_hash, &hash);
                prop_assert!(signature.consolidated.is_some());
                let unfit = |given: &&OpinionGiven| given.content_hash == hash && given.fits_support_plan == Some(false);
                prop_assert!(!after.opinions.iter().any(|given| unfit(&given)));
            }
            plan = after;
        }
    }
}
