//! The golden case of the exit, the checks of the content, the order of the moves.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::pilot::{PilotState, StopCause};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, Scope};
use crate::domain::score::Points;
use crate::domain::selection::PilotList;

const EXIT: Points = Points::whole(80);

fn exit() -> ExitRule {
    ExitRule { scheme: "QD167-2021-2025".to_owned(), valid_from: "2021-02-03".parse().unwrap(), exit_points: EXIT }
}

pub(super) fn now() -> Moment {
    Moment("2023-03-01T02:00:00Z".parse().unwrap())
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn caller(role: Role, agency: u128, subject: &str) -> Caller {
    Caller {
        issuer: "https://issuer.test".to_owned(),
        subject: subject.to_owned(),
        role,
        agency: Some(id(agency)),
        predecessors: Vec::new(),
        unit: Some("89".to_owned()),
        scope: Scope::Province("89".into()),
    }
}

pub(crate) fn pilot() -> Pilot {
    let at = now().0;
    Pilot {
        id: id(1),
        version: 1,
        cooperative: id(2),
        province: "89".to_owned(),
        unit: "883".to_owned(),
        scheme: "QD167-2021-2025".to_owned(),
        application: id(20),
        decision: id(21),
        model: "A3".to_owned(),
        list: PilotList::Scheme,
        responsible_department: id(30),
        selected_on: "2021-09-15".parse().unwrap(),
        state: PilotState::Active,
        recorded_at: at,
        updated_at: at,
        created_by: "ubnd".to_owned(),
    }
}

/// The same pilot after it withdrew.
pub(crate) fn stopped_pilot() -> Pilot {
    let (stopped_on, cause, reason) = ("2022-12-01".parse().unwrap(), StopCause::Withdrawal, "Tự nguyện".to_owned());
    Pilot { state: PilotState::Stopped { stopped_on, cause, reason, completion: None }, ..pilot() }
}

static STANDING: LazyLock<Standing> = LazyLock::new(|| Standing { pilot: pilot(), lead_agency: Some(id(40)) });

pub(super) fn standing() -> &'static Standing {
    &STANDING
}

pub(super) fn beginning() -> Baseline {
    Baseline { year: 2021, points: baseline() }
}

/// 68.00 in all: maxima are 7, 6, 11, 6 | 8, 6, 6, 6, 4 | group III 40.
pub(super) fn baseline() -> BTreeMap<u8, Points> {
    [5, 4, 8, 4, 6, 5, 4, 4, 2, 5, 5, 5, 4, 4, 3].into_iter().map(Points::whole).zip(1..).map(|(p, n)| (n, p)).collect()
}

pub(super) fn ceilings() -> Ceilings {
    let own = [7, 6, 11, 6, 8, 6, 6, 6, 4];
    let mut criteria: BTreeMap<u8, Option<Points>> = (10..=15).map(|number| (number, None)).collect();
    criteria.extend((1..).zip(own).map(|(number, most)| (number, Some(Points::whole(most)))));
    let groups = vec![
        ((1..=4).collect(), Points::whole(30)),
        ((5..=9).collect(), Points::whole(30)),
        ((10..=15).collect(), Points::whole(40)),
    ];
    Ceilings { criteria, groups, legal_basis: "01/2020/TT-BKHĐT".to_owned() }
}

pub(super) fn intent(criterion: &str, target: &str) -> serde_json::Value {
    json!({"criterion": criterion, "toImprove": true, "target": target})
}

pub(super) fn body(criteria: &serde_json::Value) -> NewImprovementPlan {
    serde_json::from_value(json!({
        "pilot": id(1), "baselineEvaluation": id(5), "criteria": criteria,
        "measures": [
            {"title": "Đào tạo cán bộ quản lý", "area": "governance", "dueDate": "2022-06-30",
             "responsible": "Hội đồng quản trị", "criteria": ["7"]},
            {"title": "Kiểm toán độc lập", "area": "accounting", "dueDate": "2022-12-31", "responsible": "Kế toán"}
        ]
    }))
    .unwrap()
}

pub(super) fn content() -> ImprovementContent {
    body(
        &json!([intent("3", "11.00"), intent("7", "6.00"), {"criterion": "5", "toImprove": false, "baseline": "6.00"}]),
    )
    .checked(&beginning(), &ceilings(), now())
    .unwrap()
}

pub(super) fn cooperative() -> Caller {
    caller(Role::Cooperative, 0, "htx")
}

pub(super) fn draft() -> ImprovementPlan {
    ImprovementPlan::draft(id(9), standing(), content(), &cooperative(), now()).unwrap()
}

pub(super) fn submission() -> ImprovementSubmission {
    serde_json::from_value(json!({
        "signer": "Nguyễn Văn Mẫu", "signedOn": "2021-10-20",
        "document": {"title": "Kế hoạch", "sha256": "a".repeat(64)},
        "recipients": ["lead_agency", "line_department", "cooperative_alliance", "locality"]
    }))
    .unwrap()
}

pub(super) fn department() -> Caller {
    caller(Role::LineDepartment, 30, "snn")
}

pub(super) fn lead() -> Caller {
    caller(Role::LeadAgency, 40, "skhdt")
}

pub(super) fn alliance() -> Caller {
    caller(Role::CooperativeAlliance, 60, "lmhtx")
}

pub(super) fn opinion(fits: bool) -> ImprovementOpinion {
    let outcome = if fits { "favourable" } else { "unfavourable" };
    let body = json!({"outcome": outcome, "fitsSupportPlan": fits, "givenOn": "2021-10-12", "comment": "Ý kiến"});
    serde_json::from_value(body).unwrap()
}

/// Reviewed by the three agencies, as the content stands.
pub(super) fn reviewed(mut plan: ImprovementPlan) -> ImprovementPlan {
    for agency in [department(), lead(), alliance()] {
        plan = plan.reviewed(opinion(true), &agency, standing(), now()).unwrap().0;
    }
    plan
}

pub(super) fn consolidation(plans: &[&ImprovementPlan]) -> NewConsolidation {
    let plans: Vec<_> = plans.iter().map(|plan| json!({"plan": plan.id, "contentHash": plan.content_hash()})).collect();
    serde_json::from_value(json!({
        "province": "89", "scheme": "QD167-2021-2025", "number": "2450/TTr-SKHĐT", "date": "2021-10-29",
        "advice": "Đề nghị phê duyệt", "plans": plans
    }))
    .unwrap()
}

pub(super) fn put_forward(plan: ImprovementPlan) -> ImprovementPlan {
    let (body, found) = (consolidation(&[&plan]), vec![(plan, pilot())]);
    body.consolidate(id(80), found, Some(id(40)), &lead(), now()).unwrap().1.remove(0)
}

pub(super) fn submitted() -> ImprovementPlan {
    reviewed(draft()).submitted(submission(), &cooperative(), standing(), now()).unwrap().0
}

pub(super) fn approval(content_hash: &str) -> ImprovementApproval {
    serde_json::from_value(json!({
        "decisionNumber": "2500/QĐ-UBND", "decisionDate": "2021-11-05", "signatory": "Chủ tịch",
        "contentHash": content_hash
    }))
    .unwrap()
}

pub(super) fn committee() -> Caller {
    caller(Role::PeoplesCommittee, 50, "ubnd")
}

pub(super) fn approved() -> ImprovementPlan {
    let plan = put_forward(submitted());
    let hash = plan.content_hash();
    plan.approved(approval(&hash), &committee(), standing(), now()).unwrap().0
}

pub(super) fn achieved(points: BTreeMap<u8, Points>) -> Achieved {
    Achieved { evaluation: id(6), year: 2024, total: Some(points.values().copied().sum()), points }
}

/// Domain §8, case 6.
#[test]
fn a_fallen_criterion_fails_the_exit_although_the_total_rose_from_68_to_82() {
    let mut points = baseline();
    points.extend(
        [(3, 11), (5, 8), (10, 7), (11, 7), (12, 7), (13, 6), (7, 3), (1, 7)].map(|(n, p)| (n, Points::whole(p))),
    );
    let latest = achieved(points);
    let found = progress(&approved(), &[], Some(&latest), &exit());
    assert_eq!((found.baseline_total, latest.total), (Points::whole(68), Some(Points::whole(82))));
    assert_eq!(found.total_verdict.outcome, ExitOutcome::Met);
    assert_eq!(found.criteria_verdict.outcome, ExitOutcome::NotMet);
    assert!(!found.exit_met());
    assert_eq!(
        found.criteria_verdict.statement.en,
        "In 2024 these criteria to be improved are below their baseline: criterion 7 (3.00 against a baseline of 4.00)."
    );
    assert!(found.criteria_verdict.statement.vi.contains("tiêu chí 7 (3.00 so với ban đầu 4.00)"));
    assert_eq!((found.not_below_baseline(), found.at_target()), (1, 1));
}

#[test]
fn a_criterion_that_was_not_to_be_improved_may_fall() {
    let mut points = baseline();
    points.extend([(3, 11), (1, 7), (10, 9), (11, 9), (15, 6), (6, 4), (5, 5)].map(|(n, p)| (n, Points::whole(p))));
    let found = progress(&approved(), &[], Some(&achieved(points)), &exit());
    assert!(found.exit_met(), "{found:?}");
}

#[test]
fn without_a_rated_evaluation_the_verdicts_are_unknown() {
    let found = progress(&approved(), &[], None, &exit());
    let outcomes = (found.total_verdict.outcome, found.criteria_verdict.outcome);
    assert_eq!(outcomes, (ExitOutcome::Unknown, ExitOutcome::Unknown));
    let unrated = Achieved { evaluation: id(6), year: 2024, total: None, points: BTreeMap::new() };
    let found = progress(&approved(), &[], Some(&unrated), &exit());
    assert_eq!(found.total_verdict.outcome, ExitOutcome::Unknown);
    assert!(found.criteria_verdict.statement.en.contains("no points for criteria 3, 7"));
    assert!(!found.exit_met());
}

#[test]
fn the_total_is_met_from_exactly_80() {
    for (hundredths, outcome) in [(7_999, ExitOutcome::NotMet), (8_000, ExitOutcome::Met), (10_000, ExitOutcome::Met)] {
        let latest = Achieved { total: Some(Points::hundredths(hundredths)), ..achieved(baseline()) };
        assert_eq!(progress(&approved(), &[], Some(&latest), &exit()).total_verdict.outcome, outcome, "{hundredths}");
    }
}

#[test]
fn every_fault_of_the_content_is_named_at_its_place() {
    let wrong = body(&json!([
        intent("16", "1.00"),
        intent("7", "6.01"),
        intent("7", "6.00"),
        intent("3", "7.99"),
        {"criterion": "5", "toImprove": true},
        {"criterion": "6", "toImprove": false, "target": "6.00"},
        {"criterion": "1", "toImprove": false, "baseline": "5.50"},
    ]));
    let refusal = wrong.checked(&beginning(), &ceilings(), now()).unwrap_err();
    let found: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(
        found,
        [
            ("/criteria/0/criterion", "criterion_not_in_set"),
            ("/criteria/1/target", "target_above_maximum"),
            ("/criteria/2/criterion", "repeated_item"),
            ("/criteria/3/target", "target_below_baseline"),
            ("/criteria/4/target", "target_missing"),
            ("/criteria/5/target", "target_not_wanted"),
            ("/criteria/6/baseline", "baseline_differs"),
        ]
    );
}

/// Measures are held against what is meant to be improved: a faulty target is one fault, not two.
#[test]
fn a_measure_serves_a_criterion_that_is_to_be_improved_whatever_its_target() {
    let faults = |criteria: serde_json::Value| {
        let refusal = body(&criteria).checked(&beginning(), &ceilings(), now()).unwrap_err();
        refusal.faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!([intent("7", "6.01")])), ["target_above_maximum"]);
    assert_eq!(faults(json!([{"criterion": "7", "toImprove": true}])), ["target_missing"]);
    assert_eq!(faults(json!([{"criterion": "7", "toImprove": false}])), ["measure_serves_no_criterion"]);
    let other = Ceilings { legal_basis: "09/2017/TT-BNNPTNT".to_owned(), ..ceilings() };
    let refusal = body(&json!([intent("7", "6.01")])).checked(&beginning(), &other, now()).unwrap_err();
    assert_eq!(refusal.faults[0].legal_basis(), Some("09/2017/TT-BNNPTNT"));
}

#[test]
fn a_criterion_without_baseline_points_is_not_improved() {
    let mut beginning = beginning();
    beginning.points.remove(&7);
    let refusal = body(&json!([intent("7", "6.00")])).checked(&beginning, &ceilings(), now()).unwrap_err();
    assert_eq!((refusal.rule, refusal.faults[0].pointer.as_str()), (Rule::BaselineMissing, "/criteria/0/target"));
}

#[test]
fn targets_of_a_group_without_maxima_of_its_own_cannot_exceed_the_group() {
    let targets = |last: &str| {
        let criteria = [("7", "6.00"), ("10", "10.00"), ("11", "10.00"), ("12", "10.00"), ("13", last)];
        body(&criteria.map(|(criterion, target)| intent(criterion, target)).to_vec().into())
    };
    assert!(targets("10.00").checked(&beginning(), &ceilings(), now()).is_ok());
    let refusal = targets("10.01").checked(&beginning(), &ceilings(), now()).unwrap_err();
    assert_eq!((refusal.rule, refusal.faults[0].pointer.as_str()), (Rule::GroupTargetsAboveMaximum, "/criteria"));
    assert!(refusal.detail.en.contains("40.01") && refusal.detail.en.contains("40.00"));
}

#[test]
fn the_whole_life_in_its_order() {
    let standing = standing();
    let plan = draft();
    let refused = |result: Result<(ImprovementPlan, StepTaken), Refusal>| result.unwrap_err().rule;
    let hash = plan.content_hash();
    assert_eq!(refused(plan.clone().approved(approval(&hash), &committee(), standing, now())), Rule::WrongState);
    let (plan, taken) = reviewed(plan).submitted(submission(), &cooperative(), standing, now()).unwrap();
    assert_eq!((taken.step.as_str(), taken.content_hash.as_deref()), ("submissions", Some(hash.as_str())));
    assert_eq!(plan.may_delete().unwrap_err().rule, Rule::NotADraft);
    assert_eq!(plan.clone().edited(content(), &cooperative(), standing, now()).unwrap_err().rule, Rule::WrongState);

    let comment = ImprovementReturn { comment: "Bổ sung".to_owned() };
    let (plan, _) = plan.returned(comment, &lead(), standing, now()).unwrap();
    assert!(matches!(&plan.state, ImprovementState::Returned { comment } if comment == "Bổ sung"));
    let changed = body(&json!([intent("7", "5.50")])).checked(&beginning(), &ceilings(), now()).unwrap();
    let plan = plan.edited(changed, &cooperative(), standing, now()).unwrap();
    let unread = refused(plan.clone().submitted(submission(), &cooperative(), standing, now()));
    assert_eq!(unread, Rule::ReviewIncomplete, "opinions stay with the content that they were given on");
    let (plan, _) = reviewed(plan).submitted(submission(), &cooperative(), standing, now()).unwrap();
    let early = refused(plan.clone().approved(approval(&plan.content_hash()), &committee(), standing, now()));
    assert_eq!(early, Rule::NotConsolidated);
    let plan = put_forward(plan);
    let stale = refused(plan.clone().approved(approval(&hash), &committee(), standing, now()));
    assert_eq!(stale, Rule::ContentChanged, "what was read before the change is not approved");
    let hash = plan.content_hash();
    let (plan, _) = plan.approved(approval(&hash), &committee(), standing, now()).unwrap();
    assert_eq!(plan.state.status(), ImprovementStatus::Approved);
}

#[test]
fn who_wrote_or_submitted_a_plan_does_not_approve_it() {
    for subject in ["htx", "other"] {
        let other = caller(Role::Cooperative, 0, "other");
        let plan = put_forward(reviewed(draft()).submitted(submission(), &other, standing(), now()).unwrap().0);
        let hash = plan.content_hash();
        let same = caller(Role::PeoplesCommittee, 50, subject);
        assert_eq!(plan.approved(approval(&hash), &same, standing(), now()).unwrap_err().rule, Rule::FourEyes);
    }
    // Neither does anybody who wrote or submitted an earlier version of it.
    let as_htx = |subject: &str| caller(Role::Cooperative, 0, subject);
    let comment = ImprovementReturn { comment: "Bổ sung".to_owned() };
    let plan = draft().edited(content(), &as_htx("editor"), standing(), now()).unwrap();
    let (plan, _) = reviewed(plan).submitted(submission(), &as_htx("clerk"), standing(), now()).unwrap();
    let (plan, _) = plan.returned(comment, &lead(), standing(), now()).unwrap();
    let plan = plan.edited(content(), &as_htx("last"), standing(), now()).unwrap();
    let (plan, _) = plan.submitted(submission(), &as_htx("chair"), standing(), now()).unwrap();
    let plan = put_forward(plan);
    let hash = plan.content_hash();
    // Neither does who put it forward.
    for subject in ["htx", "editor", "clerk", "last", "chair", "skhdt"] {
        let same = caller(Role::PeoplesCommittee, 50, subject);
        let refused = plan.clone().approved(approval(&hash), &same, standing(), now()).unwrap_err();
        assert_eq!(refused.rule, Rule::FourEyes, "{subject}");
    }
    assert!(plan.approved(approval(&hash), &committee(), standing(), now()).is_ok());
}

#[test]
fn opinions_come_before_the_signature_and_stay_with_the_content_they_were_given_on() {
    let stranger = caller(Role::LineDepartment, 31, "sgtvt");
    let standing = standing();
    assert_eq!(draft().may(ImprovementStep::Opinions, &stranger, standing).unwrap_err().rule, Rule::NotResponsible);
    let (plan, _) = draft().reviewed(opinion(true), &department(), standing, now()).unwrap();
    let (plan, taken) = plan.reviewed(opinion(true), &department(), standing, now()).unwrap();
    assert_eq!((plan.opinions.len(), taken.outcome.as_deref()), (1, Some("favourable")));
    let changed = body(&json!([intent("7", "5.50")])).checked(&beginning(), &ceilings(), now()).unwrap();
    let plan = plan.edited(changed, &cooperative(), standing, now()).unwrap();
    assert_ne!(plan.opinions[0].content_hash, plan.content_hash());
    assert_eq!(submitted().reviewed(opinion(true), &department(), standing, now()).unwrap_err().rule, Rule::WrongState);
}

#[test]
fn a_submission_needs_the_digest_and_all_four_recipients_and_a_date_after_the_selection() {
    let mut body = submission();
    body.document.sha256 = None;
    body.recipients = vec![PlanRecipient::LeadAgency; 4];
    body.signed_on = "2030-01-01".parse().unwrap();
    let refusal = reviewed(draft()).submitted(body, &cooperative(), standing(), now()).unwrap_err();
    let pointers: Vec<_> = refusal.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/signedOn", "/document/sha256", "/recipients"]);
    let early = ImprovementSubmission { signed_on: "2021-10-11".parse().unwrap(), ..submission() };
    let refusal = reviewed(draft()).submitted(early, &cooperative(), standing(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::StepPredated);
    let mut empty = draft();
    empty.content.measures.clear();
    let refusal = empty.submitted(submission(), &cooperative(), standing(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::PlanEmpty);
}

#[test]
fn a_revision_keeps_the_baseline_and_the_plan_before_stays_the_yardstick() {
    let reason = || ImprovementRevision { reason: "Thiên tai".to_owned() };
    let (plan, next, _) = approved().revised(id(10), reason(), &cooperative(), standing(), now()).unwrap();
    assert_eq!((plan.state.status(), plan.next, next.revision), (ImprovementStatus::Approved, Some(id(10)), 2));
    assert_eq!(next.revises, Some(Revises { plan: plan.id, reason: "Thiên tai".to_owned() }));
    let twice = plan.clone().revised(id(11), reason(), &cooperative(), standing(), now());
    assert_eq!(twice.unwrap_err().rule, Rule::AlreadyExists);
    let other = ImprovementContent { baseline_evaluation: id(77), ..content() };
    assert_eq!(next.edited(other, &cooperative(), standing(), now()).unwrap_err().rule, Rule::BaselineFixed);
    assert_eq!(plan.superseded(now()).state.status(), ImprovementStatus::Superseded);
}

#[test]
fn reports_on_measures_are_progress_and_not_content() {
    let report = |measure: u32, outcome: &str| -> MeasureReport {
        serde_json::from_value(json!({
            "measure": measure, "outcome": outcome, "onDate": "2022-06-15", "comment": "Đã xong"
        }))
        .unwrap()
    };
    let plan = approved();
    let hash = plan.content_hash();
    let (plan, taken) = plan.measure_reported(report(2, "done"), &cooperative(), standing(), now()).unwrap();
    assert_eq!((taken.item.as_deref(), taken.outcome.as_deref()), (Some("2"), Some("done")));
    assert_eq!((plan.content.measures[1].done_on.is_some(), plan.content_hash()), (true, hash));
    let again = plan.clone().measure_reported(report(2, "done"), &cooperative(), standing(), now());
    assert_eq!(again.unwrap_err().rule, Rule::WrongState);
    let unknown = plan.clone().measure_reported(report(3, "done"), &cooperative(), standing(), now());
    assert_eq!(unknown.unwrap_err().rule, Rule::MeasureUnknown);
    let (plan, _) = plan.measure_reported(report(2, "reopened"), &cooperative(), standing(), now()).unwrap();
    assert_eq!(plan.content.measures[1].done_on, None);
}

#[test]
fn a_pilot_that_left_the_scheme_plans_no_more() {
    let gone = &Standing { pilot: stopped_pilot(), ..standing().clone() };
    let refused = ImprovementPlan::draft(id(9), gone, content(), &cooperative(), now());
    assert_eq!(refused.unwrap_err().rule, Rule::PilotStopped);
    assert_eq!(draft().may(ImprovementStep::Submissions, &cooperative(), gone).unwrap_err().rule, Rule::PilotStopped);
    assert_eq!(
        approved().may(ImprovementStep::MeasureReports, &cooperative(), gone).unwrap_err().rule,
        Rule::PilotStopped
    );
}

proptest! {
    /// Whatever a client sends, a content that passes has its targets between baseline and maximum.
    #[test]
    fn an_accepted_target_lies_between_baseline_and_maximum(criterion in 1_u8..=17, hundredths in 0_i64..1_300) {
        let target = Points::hundredths(hundredths);
        let mut plan = body(&json!([intent(&criterion.to_string(), &target.to_string())]));
        plan.measures.clear();
        let (from, most) = (baseline().get(&criterion).copied(), ceilings().criteria.get(&criterion).copied().flatten());
        let fits = from.is_some_and(|from| from <= target) && most.is_none_or(|most| target <= most);
        prop_assert_eq!(plan.checked(&beginning(), &ceilings(), now()).is_ok(), fits);
    }

    /// The exit is met exactly when both requirements hold, and more points never undo it.
    #[test]
    fn the_exit_is_both_requirements_and_monotone(
        points in proptest::collection::vec(0_i64..1_100, 15),
        raised in 1_u8..=15,
    ) {
        let points: BTreeMap<u8, Points> = (1..).zip(points.into_iter().map(Points::hundredths)).collect();
        let latest = achieved(points.clone());
        let found = progress(&approved(), &[], Some(&latest), &exit());
        let kept = [3, 7].iter().all(|number| points[number] >= baseline()[number]);
        prop_assert_eq!(found.exit_met(), latest.total >= Some(EXIT) && kept);
        let mut more = points;
        more.entry(raised).and_modify(|held| *held = held.plus(Points::whole(1)));
        prop_assert!(!found.exit_met() || progress(&approved(), &[], Some(&achieved(more)), &exit()).exit_met());
    }

    /// What the approval is bound to changes with every target.
    #[test]
    fn another_target_is_another_content(one in 400_i64..=600, other in 400_i64..=600) {
        let with = |hundredths: i64| {
            let target = Points::hundredths(hundredths).to_string();
            let content = body(&json!([intent("7", &target)])).checked(&beginning(), &ceilings(), now()).unwrap();
            draft().edited(content, &cooperative(), standing(), now()).unwrap().content_hash()
        };
        prop_assert_eq!(with(one) == with(other), one == other);
    }
}
