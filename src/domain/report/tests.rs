use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::*;
use crate::domain::aggregate::Aggregate;
use crate::domain::deadline::Deadline;
use crate::domain::digest::digest;
use crate::domain::indicator::{FigureStatus, Measure};
use crate::domain::moment::Moment;
use crate::domain::obligation::{Lock, ReportDue};
use crate::domain::period::Occasion;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, Scope};

const FORM: &str = "QD167-2021-2025.1";
const DISTRICT: Uuid = Uuid::from_u128(1);
const LEAD: Uuid = Uuid::from_u128(2);
const MINISTRY: Uuid = Uuid::from_u128(3);

fn at(instant: &str) -> Moment {
    Moment(instant.parse().unwrap())
}

fn now() -> Moment {
    at("2024-01-05T03:00:00Z")
}

fn caller(subject: &str, role: Role, agency: Uuid) -> Caller {
    let scope = match role {
        Role::Ministry => Scope::Country,
        Role::Locality => Scope::Locality { province: "89".into(), unit: "883".into() },
        _ => Scope::Province("89".into()),
    };
    Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role,
        agency: Some(agency),
        predecessors: Vec::new(),
        unit: Some("89".to_owned()),
        scope,
    }
}

fn district() -> Caller {
    caller("district", Role::Locality, DISTRICT)
}

fn lead() -> Caller {
    caller("lead", Role::LeadAgency, LEAD)
}

fn ministry() -> Caller {
    caller("ministry", Role::Ministry, MINISTRY)
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn occasion(text: &str) -> Occasion {
    let period = period(text);
    Occasion { period, window: period.decreed().unwrap() }
}

fn computed(level: ReportLevel, period: Period) -> Vec<Figure> {
    let figure = |indicator: Indicator| {
        let measure = match (indicator.is_ratio(), indicator.breakdown_by()) {
            (true, _) => Measure::ratio(1, 4),
            (_, Some(_)) => Measure::parts([("good".to_owned(), 2), ("fair".to_owned(), 1)].into()),
            _ => Measure::sum(7),
        };
        Figure { indicator, measure, status: FigureStatus::Final }
    };
    ReportForm::known(FORM).of(level, period).map(figure).collect()
}

fn opening(level: ReportLevel, in_period: &str) -> Opening {
    let (agency, unit) = if level == ReportLevel::Locality { (DISTRICT, "883") } else { (LEAD, "89") };
    Opening {
        id: Uuid::from_u128(100),
        reporter: Reporter { agency, level, province: "89".to_owned(), unit: unit.to_owned() },
        occasion: occasion(in_period),
        form: FORM.to_owned(),
        computed: computed(level, period(in_period)).into(),
        overrides: Vec::new(),
        narrative: vec![NarrativeSection { code: "results".to_owned(), text: "Kết quả".to_owned() }],
    }
}

fn draft() -> PeriodicReport {
    PeriodicReport::draft(opening(ReportLevel::Locality, "2023"), &district(), now()).unwrap()
}

fn provinces_draft() -> PeriodicReport {
    PeriodicReport::draft(opening(ReportLevel::Province, "2023"), &lead(), now()).unwrap()
}

fn sign_off(day: &str) -> SignOff {
    SignOff {
        document_number: "12/BC-UBND".to_owned(),
        document_date: day.parse().unwrap(),
        signatory: "Nguyễn Văn A".to_owned(),
    }
}

fn submitted(report: PeriodicReport, by: &Caller) -> PeriodicReport {
    report.submit(sign_off("2023-12-20"), None, by, now()).unwrap()
}

fn rule<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> Rule {
    refused.unwrap_err().rule
}

#[test]
fn a_six_month_report_has_no_annual_indicator_and_each_level_its_own() {
    let codes = |level: ReportLevel, in_period: &str| -> BTreeSet<&str> {
        ReportForm::known(FORM).of(level, period(in_period)).map(Indicator::code).collect()
    };
    let half = codes(ReportLevel::Province, "2023S1");
    assert!(half.contains("pilots_active") && half.contains("support_estimated"));
    assert!(!half.contains("pilots_by_rating") && !half.contains("revenue"));
    assert!(codes(ReportLevel::Province, "2023").contains("coops_by_rating"));
    let department = codes(ReportLevel::LineDepartment, "2023");
    assert!(!department.contains("coops_by_rating") && !department.contains("support_estimated"));
    let locality = codes(ReportLevel::Locality, "2023");
    assert!(locality.contains("coops_by_rating") && !locality.contains("support_estimated"));
}

#[test]
fn the_whole_life_returned_corrected_accepted() {
    let first = submitted(draft(), &district());
    assert!(first.authoritative);
    let returned = first.send_back("Bổ sung doanh thu".to_owned(), &lead(), Some(LEAD), now()).unwrap();
    assert_eq!((returned.progress.state(), returned.authoritative), (ReportState::Returned, false));
    let before = returned.content_hash.clone();
    let fixed: FigureOverride =
        serde_json::from_value(json!({"indicator": "revenue", "value": "9", "reason": "Quyết toán"})).unwrap();
    let edited = returned.edit(period("2023"), &[fixed], Vec::new(), &district(), now()).unwrap();
    assert_ne!(edited.content_hash, before);
    let accepted = submitted(edited, &district()).accept(None, &lead(), Some(LEAD), now()).unwrap();
    assert_eq!((accepted.progress.state(), accepted.authoritative), (ReportState::Accepted, true));
    assert_eq!(accepted.version, 6);
    let revenue = accepted.indicators().into_iter().find(|figure| figure.code == "revenue").unwrap();
    let revenue = serde_json::to_value(revenue).unwrap();
    assert_eq!((&revenue["value"], &revenue["computed"]["value"]), (&json!("9"), &json!("7")));
    assert_eq!(revenue["overrideReason"], "Quyết toán");
}

#[test]
fn each_step_is_for_its_agency_and_its_state() {
    let sent = submitted(draft(), &district());
    let other = caller("other", Role::Locality, Uuid::from_u128(9));
    assert_eq!(rule(draft().submit(sign_off("2023-12-20"), None, &other, now())), Rule::NotResponsible);
    assert_eq!(rule(sent.clone().accept(None, &ministry(), Some(LEAD), now())), Rule::NotResponsible);
    assert_eq!(rule(sent.clone().accept(None, &lead(), None, now())), Rule::NotResponsible);
    assert_eq!(rule(draft().accept(None, &lead(), Some(LEAD), now())), Rule::WrongState);
    assert_eq!(rule(sent.clone().submit(sign_off("2023-12-20"), None, &district(), now())), Rule::WrongState);
    assert_eq!(rule(sent.may(ReportStep::Delete, &district(), None)), Rule::NotADraft);
    assert_eq!(rule(sent.may(ReportStep::Revise, &district(), None)), Rule::WrongState);
    let provinces = submitted(provinces_draft(), &lead());
    assert_eq!(rule(provinces.clone().accept(None, &lead(), Some(LEAD), now())), Rule::NotResponsible);
    assert!(provinces.accept(None, &ministry(), Some(LEAD), now()).is_ok());
}

#[test]
fn who_edited_recomputed_or_wrote_an_earlier_revision_does_not_accept() {
    let [editor, counter] = ["editor", "counter"].map(|subject| caller(subject, Role::Locality, DISTRICT));
    let edited = draft().edit(period("2023"), &[], Vec::new(), &editor, now()).unwrap();
    let figures = computed(ReportLevel::Locality, period("2023"));
    let sent = submitted(edited.recompute(figures.clone(), &counter, now()).unwrap(), &district());
    let accepts = |report: &PeriodicReport, subject: &str| {
        let caller = caller(subject, Role::LeadAgency, LEAD);
        report.clone().accept(None, &caller, Some(LEAD), now()).map_err(|refusal| refusal.rule)
    };
    for subject in ["district", "editor", "counter"] {
        assert_eq!(accepts(&sent, subject).unwrap_err(), Rule::FourEyes, "{subject}");
    }
    let accepted = accepts(&sent, "lead").unwrap();
    let reviser = caller("reviser", Role::Locality, DISTRICT);
    let (_, next) = accepted.revise(Uuid::from_u128(101), "Sửa".to_owned(), figures, &reviser, now()).unwrap();
    let next = submitted(next, &reviser);
    assert_eq!(accepts(&next, "editor").unwrap_err(), Rule::FourEyes);
    assert!(accepts(&next, "lead").is_ok());
}

#[test]
fn who_drafted_or_submitted_does_not_accept() {
    let drafter_at_lead = caller("district", Role::LeadAgency, LEAD);
    let sent = submitted(draft(), &district());
    assert_eq!(rule(sent.accept(None, &drafter_at_lead, Some(LEAD), now())), Rule::FourEyes);
    let colleague = caller("colleague", Role::Locality, DISTRICT);
    let colleague_at_lead = caller("colleague", Role::LeadAgency, LEAD);
    let sent = submitted(draft(), &colleague);
    assert_eq!(rule(sent.accept(None, &colleague_at_lead, Some(LEAD), now())), Rule::FourEyes);
}

#[test]
fn late_is_marked_at_submission_by_the_deadline_if_one_is_set() {
    let deadline =
        Deadline { on_date: "2023-12-20".parse().unwrap(), last_day_counts: true, legal_basis: "test".to_owned() };
    let lock = Some(Lock { on_date: "2024-02-01".parse().unwrap(), legal_basis: None });
    let due = ReportDue { deadline, named_on: None, lock, regime: None, rule: None, exception: None };
    let send =
        |instant: &str, due: Option<&ReportDue>| draft().submit(sign_off("2023-12-16"), due, &district(), at(instant));
    let came = |instant: &str, due| send(instant, due).unwrap().progress.submission().unwrap().timeliness;
    assert_eq!(came("2023-12-20T16:59:59Z", Some(&due)), Timeliness::OnTime);
    assert_eq!(came("2023-12-20T17:00:00Z", Some(&due)), Timeliness::Late);
    assert_eq!(came("2024-01-31T16:59:59Z", Some(&due)), Timeliness::Late);
    assert_eq!(rule(send("2024-01-31T17:00:00Z", Some(&due))), Rule::PeriodLocked);
    assert_eq!(came("2024-06-01T00:00:00Z", None), Timeliness::NoDeadline);
}

#[test]
fn a_report_follows_its_window() {
    let early = PeriodicReport::draft(opening(ReportLevel::Locality, "2023"), &district(), at("2022-12-14T16:59:59Z"));
    assert_eq!(rule(early), Rule::PeriodNotBegun);
    assert!(
        PeriodicReport::draft(opening(ReportLevel::Locality, "2023"), &district(), at("2022-12-14T17:00:00Z")).is_ok()
    );
    assert_eq!(rule(draft().submit(sign_off("2023-12-14"), None, &district(), now())), Rule::PeriodNotClosed);
    assert_eq!(rule(draft().submit(sign_off("2024-01-06"), None, &district(), now())), Rule::DateInFuture);
    assert!(draft().submit(sign_off("2023-12-15"), None, &district(), now()).is_ok());
}

#[test]
fn a_revision_restates_with_reason_and_difference_and_the_old_one_gives_way() {
    let first = submitted(draft(), &district()).accept(None, &lead(), Some(LEAD), now()).unwrap();
    let mut anew = computed(ReportLevel::Locality, period("2023"));
    for figure in &mut anew {
        if figure.indicator == Indicator::Revenue {
            figure.measure = Measure::sum(10);
        }
    }
    let reason = "Doanh thu đã quyết toán".to_owned();
    let (first, second) = first.revise(Uuid::from_u128(101), reason, anew, &district(), now()).unwrap();
    assert_eq!(first.next, Some(second.id));
    assert_eq!(rule(first.may(ReportStep::Revise, &district(), None)), Rule::AlreadyExists);
    assert!(first.clone().without_next(now()).may(ReportStep::Revise, &district(), None).is_ok());
    assert_eq!((second.revision, second.authoritative), (2, false));
    let delta = serde_json::to_value(second.delta()).unwrap();
    let expected = json!([{"code": "revenue", "before": {"value": "7"}, "after": {"value": "10"}, "difference": "3"}]);
    assert_eq!(delta, expected);
    assert!(!submitted(second.clone(), &district()).authoritative);
    let second = submitted(second, &district()).accept(None, &lead(), Some(LEAD), now()).unwrap();
    let (hash, first) = (first.content_hash.clone(), first.give_way(now()));
    assert!(second.authoritative && !first.authoritative);
    assert_eq!(first.content_hash, hash);
    let first = first.without_next(now());
    assert_eq!(rule(first.may(ReportStep::Revise, &district(), None)), Rule::WrongState);
}

#[test]
fn every_fault_of_the_overrides_is_named_at_its_place() {
    let overrides: Vec<FigureOverride> = serde_json::from_value(json!([
        {"indicator": "unheard_of", "value": "1", "reason": "r"},
        {"indicator": "revenue", "value": "-1", "reason": "r"},
        {"indicator": "members_total", "value": "1.50", "reason": "r"},
        {"indicator": "pilots_good_share", "value": "50.00", "reason": "r"},
        {"indicator": "disbursement_rate", "numerator": "5", "denominator": "4", "reason": "r"},
        {"indicator": "pilots_by_rating", "breakdown": [{"key": "good", "value": "1"}, {"key": "good", "value": "2"}], "reason": "r"},
        {"indicator": "total_capital", "value": "1", "reason": "r"},
        {"indicator": "total_capital", "value": "2", "reason": "r"},
    ]))
    .unwrap();
    let section = |code: &str| NarrativeSection { code: code.to_owned(), text: "x".to_owned() };
    let narrative = vec![section("results"), section("results")];
    let refusal = draft().edit(period("2023"), &overrides, narrative, &district(), now()).unwrap_err();
    let found: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    let expected = [
        ("/overrides/0/indicator", "unknown_reference"),
        ("/overrides/1/value", "override_shape"),
        ("/overrides/2/value", "override_shape"),
        ("/overrides/3/value", "override_shape"),
        ("/overrides/3/numerator", "override_shape"),
        ("/overrides/3/denominator", "override_shape"),
        ("/overrides/4/numerator", "contradiction"),
        ("/overrides/5/breakdown/1/key", "repeated_item"),
        ("/overrides/7/indicator", "repeated_item"),
        ("/narrative/1/code", "repeated_item"),
    ];
    assert_eq!(found, expected);
    assert_eq!(rule(draft().edit(period("2022"), &[], Vec::new(), &district(), now())), Rule::ReportKeyFixed);
}

#[test]
fn an_override_survives_the_way_back_to_its_request_and_a_recomputation() {
    let overrides: Vec<FigureOverride> = serde_json::from_value(json!([
        {"indicator": "pilots_by_rating", "breakdown": [{"key": "good", "value": "3"}], "status": "estimated", "reason": "r"},
        {"indicator": "pilots_score_mean", "numerator": "160.50", "denominator": "2", "status": "final", "reason": "r"},
        {"indicator": "profit_before_tax", "value": "-5", "status": "final", "reason": "r"},
    ]))
    .unwrap();
    let edited = draft().edit(period("2023"), &overrides, Vec::new(), &district(), now()).unwrap();
    let anew = computed(ReportLevel::Locality, period("2023"));
    let recomputed = edited.recompute(anew, &district(), now()).unwrap();
    let back: Vec<_> = recomputed.figures.iter().filter_map(ReportedFigure::requested).collect();
    assert_eq!(back, overrides);
    let mean = recomputed.indicators().into_iter().find(|figure| figure.code == "pilots_score_mean").unwrap();
    assert_eq!(mean.value.unwrap().to_string(), "80.25");
}

#[test]
fn the_digest_can_be_made_from_what_is_published() {
    let report = draft();
    let published: Value = serde_json::to_value(report.content()).unwrap();
    assert_eq!(digest(&published), report.content_hash);
}

#[test]
fn duties_follow_the_plan() {
    let candidate = |agency: Uuid, role: Role, lead: Option<Uuid>, has_pilots: bool| Candidate {
        agency,
        name: "x".to_owned(),
        role,
        province: "89".to_owned(),
        unit: "883".to_owned(),
        lead,
        plan: None,
        has_pilots,
    };
    let level = |candidate: &Candidate| duty_of(candidate).map(|reporter| (reporter.level, reporter.unit));
    let table = [
        (candidate(LEAD, Role::LeadAgency, Some(LEAD), false), Some((ReportLevel::Province, "89"))),
        (candidate(LEAD, Role::CooperativeAlliance, Some(LEAD), false), Some((ReportLevel::Province, "89"))),
        (candidate(DISTRICT, Role::Locality, Some(LEAD), false), Some((ReportLevel::Locality, "883"))),
        (candidate(DISTRICT, Role::LineDepartment, Some(LEAD), true), Some((ReportLevel::LineDepartment, "89"))),
        (candidate(DISTRICT, Role::LineDepartment, Some(LEAD), false), None),
        (candidate(DISTRICT, Role::Finance, Some(LEAD), false), None),
        (candidate(DISTRICT, Role::LeadAgency, Some(LEAD), false), None),
        (candidate(DISTRICT, Role::Locality, None, true), None),
    ];
    for (candidate, expected) in table {
        assert_eq!(level(&candidate), expected.map(|(level, unit)| (level, unit.to_owned())), "{candidate:?}");
    }
}

#[test]
fn a_duty_cites_the_plan_of_its_own_province() {
    for (level, plan, basis) in [
        (ReportLevel::Locality, Some("2129/QĐ-UBND"), "2129/QĐ-UBND VI.2.2, VII.9"),
        (ReportLevel::Province, Some("2129/QĐ-UBND"), "2129/QĐ-UBND VI.2.2, VII.1"),
        (ReportLevel::Locality, Some("15/KH-UBND"), "167/QĐ-TTg; 15/KH-UBND"),
        (ReportLevel::LineDepartment, None, "167/QĐ-TTg"),
    ] {
        assert_eq!(level.legal_basis(plan), basis);
    }
}

#[test]
fn an_aggregate_sums_what_stands_and_names_its_sources_and_who_is_missing() {
    let mut first = submitted(provinces_draft(), &lead());
    let mut second = submitted(provinces_draft(), &lead());
    second.id = Uuid::from_u128(200);
    second.reporter.province = "92".to_owned();
    for figure in &mut second.figures {
        if figure.computed.indicator == Indicator::PilotsGoodShare {
            figure.computed.measure = Measure::ratio(4, 4);
        }
    }
    let owing = ["89", "92", "94"].map(str::to_owned).into();
    let reports = [second.clone(), first.clone(), submitted(draft(), &district()), provinces_draft()];
    let closes = NaiveDate::from_ymd_opt(2023, 12, 14).unwrap();
    let tree = crate::domain::territory::ProvinceTree::new(Vec::new(), HashMap::new(), closes);
    let in_order = (&tree, closes);
    let whole = Aggregate::of(&ReportForm::known(FORM), period("2023"), &reports, &owing, in_order);
    let total = |aggregate: &Aggregate, indicator: Indicator| {
        let figure = aggregate.totals.iter().find(|figure| figure.indicator == indicator).unwrap();
        figure.measure.value(indicator).unwrap().to_string()
    };
    assert_eq!(total(&whole, Indicator::Revenue), "14");
    // (1 + 4) ÷ (4 + 4), not the mean of 25 % and 100 %.
    assert_eq!(total(&whole, Indicator::PilotsGoodShare), "62.50");
    let sources: Vec<_> = whole.sources.iter().map(|source| source.province.as_str()).collect();
    let missing: Vec<_> = whole.missing.iter().map(|missing| missing.province.as_str()).collect();
    assert_eq!((sources, missing), (vec!["89", "92"], vec!["94"]));
    // The same reports in another order give the same digest; another revision of one gives another.
    let again =
        Aggregate::of(&ReportForm::known(FORM), period("2023"), &[first.clone(), second.clone()], &owing, in_order);
    assert_eq!(again.digest, whole.digest);
    first.revision = 2;
    assert_ne!(
        Aggregate::of(&ReportForm::known(FORM), period("2023"), &[first, second], &owing, in_order).digest,
        whole.digest
    );
}
