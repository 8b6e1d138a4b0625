use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn terms(kind: PeriodKind, due: (u8, u8, u8), last_day_counts: bool) -> DeadlineTerms {
    let (years_after, month, day_of_month) = due;
    DeadlineTerms {
        regime: "test".to_owned(),
        level: ReportLevel::Locality,
        period_kind: kind,
        window: None,
        due: Some(DayOfYear { years_after, month, day: day_of_month }),
        last_day_counts,
        locks: None,
        valid_from: day("2021-02-03"),
        valid_to: None,
        legal_basis: "124/2021/TT-BTC".to_owned(),
    }
}

fn codes(terms: &DeadlineTerms) -> Vec<String> {
    let faults = terms.check(&Holidays::default()).err().map(|refusal| refusal.faults).unwrap_or_default();
    faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn a_deadline_leaves_a_working_day_after_the_data_close() {
    // Data close on 14 December 2024, a Saturday: Monday the 16th is the first day that may be the last.
    for (kind, due, last_day_counts, fault) in [
        (PeriodKind::Year, (0, 12, 20), false, None),
        (PeriodKind::Year, (0, 12, 17), true, None),
        (PeriodKind::Year, (0, 12, 16), true, Some("/due deadline_too_early")),
        (PeriodKind::Year, (0, 12, 14), true, Some("/due deadline_too_early")),
        (PeriodKind::Year, (0, 12, 15), false, Some("/due deadline_too_early")),
        (PeriodKind::FirstHalf, (0, 6, 17), true, None),
        (PeriodKind::FirstHalf, (0, 6, 14), true, Some("/due deadline_too_early")),
        (PeriodKind::SecondHalf, (1, 1, 15), true, None),
        (PeriodKind::Year, (0, 2, 30), true, Some("/due no_such_day")),
        (PeriodKind::Year, (1, 2, 29), true, Some("/due no_such_day")),
    ] {
        let expected: Vec<_> = fault.into_iter().map(str::to_owned).collect();
        assert_eq!(codes(&terms(kind, due, last_day_counts)), expected, "{kind:?} {due:?} {last_day_counts}");
    }
    let locked = DayOfYear { years_after: 0, month: 12, day: 20 };
    let both = DeadlineTerms { locks: Some(locked), ..terms(PeriodKind::Year, (0, 12, 20), true) };
    assert_eq!(codes(&both), ["/locks dates_out_of_order"]);
    assert_eq!(codes(&DeadlineTerms { last_day_counts: false, ..both }), [""; 0], "locked as the deadline passes");
}

#[test]
fn a_rule_may_set_a_window_of_its_own_and_a_review_must() {
    let review = || terms(PeriodKind::Review, (0, 11, 20), true);
    assert_eq!(codes(&review()), ["/window window_missing"]);
    let window = |years_before, month, closing: (u8, u8)| {
        let (to_month, to_day) = closing;
        let from = WindowStart { years_before, month, day: 3 };
        Some(WindowTerms { from, to: DayOfYear { years_after: 0, month: to_month, day: to_day } })
    };
    let mid_term = DeadlineTerms { window: window(2, 2, (10, 31)), ..review() };
    assert_eq!(codes(&mid_term), [""; 0]);
    let of_2023 = mid_term.window_for("2023R".parse().unwrap()).unwrap();
    assert_eq!((of_2023.from_date, of_2023.to_date), (day("2021-02-03"), day("2023-10-31")));
    assert!(mid_term.covers("2023R".parse().unwrap()) && !mid_term.covers("2023".parse().unwrap()));
    for (terms, fault) in [
        (DeadlineTerms { window: window(2, 2, (11, 19)), ..review() }, "/due deadline_too_early"),
        (DeadlineTerms { window: window(0, 12, (10, 31)), ..review() }, "/window/from dates_out_of_order"),
        (DeadlineTerms { window: window(2, 2, (2, 30)), ..review() }, "/window/to no_such_day"),
    ] {
        assert_eq!(codes(&terms), [fault]);
    }
}

/// The data of the year close on 14 December, in 2024 a Saturday: Monday and Tuesday are left, unless they are loaded as holidays.
/// What lies before the rule or behind its deadline takes nothing from it.
#[test]
fn a_loaded_holiday_leaves_less_room() {
    let terms = DeadlineTerms { valid_from: day("2024-01-01"), ..terms(PeriodKind::Year, (0, 12, 17), true) };
    let faults = |holidays: &[&str]| {
        let holidays = holidays.iter().copied().map(day).collect();
        terms.check(&holidays).err().map(|refusal| refusal.faults[0].code).unwrap_or_default()
    };
    assert_eq!(faults(&["2023-12-15", "2024-12-16", "2024-12-18"]), "");
    assert_eq!(faults(&["2024-12-16", "2024-12-17"]), "deadline_too_early");
}

#[test]
fn a_rule_is_that_of_the_periods_whose_data_close_under_it() {
    let rule = DeadlineTerms { valid_to: Some(day("2025-06-30")), ..terms(PeriodKind::Year, (0, 12, 20), true) };
    for (period, covered) in [("2020", false), ("2021", true), ("2024", true), ("2025", false), ("2024S1", false)] {
        assert_eq!(rule.covers(period.parse().unwrap()), covered, "{period}");
    }
}

#[test]
fn a_rule_leaves_the_window_of_a_period_that_was_reported_on() {
    let caller = |subject: &str| Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role: crate::domain::role::Role::Ministry,
        agency: None,
        predecessors: Vec::new(),
        unit: None,
        scope: crate::domain::role::Scope::Country,
    };
    let now = Moment("2025-06-30T03:00:00Z".parse().unwrap());
    let load = |id: u128, terms: DeadlineTerms| {
        ReportingDeadline::load(Uuid::from_u128(id), terms, &Holidays::default(), (&caller("a"), now)).unwrap()
    };
    let plain = terms(PeriodKind::Year, (1, 3, 20), true);
    let (first, _) = load(1, plain.clone()).activate(vec![], (&[], &Holidays::default()), (&caller("b"), now)).unwrap();
    let from = WindowStart { years_before: 1, month: 12, day: 15 };
    let closing = |month: u8| Some(WindowTerms { from, to: DayOfYear { years_after: 0, month, day: 30 } });
    let (of_2023, of_2024) = (Period::Year(2023), Period::Year(2024));
    let later = |window| DeadlineTerms { window, valid_from: day("2024-01-01"), ..plain.clone() };
    for (terms, reported, passes) in [
        (later(None), vec![of_2023, of_2024], true),
        (later(closing(11)), vec![of_2023], true),
        (later(closing(11)), vec![], true),
        (later(closing(11)), vec![of_2023, of_2024], false),
        (later(closing(12)), vec![of_2024], false),
    ] {
        let done = load(2, terms.clone()).activate(
            vec![first.clone()],
            (&reported, &Holidays::default()),
            (&caller("b"), now),
        );
        assert_eq!(done.is_ok(), passes, "{terms:?} {reported:?}");
        if let Err(refusal) = done {
            assert_eq!((refusal.rule, refusal.faults[0].pointer.as_ref()), (Rule::WindowInUse, "/window"));
        }
    }
}

#[test]
fn a_window_names_what_it_rests_on() {
    let now = Moment("2023-06-30T03:00:00Z".parse().unwrap());
    let caller = |subject: &str| Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role: crate::domain::role::Role::Ministry,
        agency: None,
        predecessors: Vec::new(),
        unit: None,
        scope: crate::domain::role::Scope::Country,
    };
    let own = WindowTerms {
        from: WindowStart { years_before: 1, month: 12, day: 1 },
        to: DayOfYear { years_after: 0, month: 11, day: 30 },
    };
    let in_force = |window| {
        let terms = DeadlineTerms { window, ..terms(PeriodKind::Year, (0, 12, 20), true) };
        let draft =
            ReportingDeadline::load(Uuid::from_u128(7), terms, &Holidays::default(), (&caller("a"), now)).unwrap();
        let calendar =
            Calendar::new(vec![draft.activate(vec![], (&[], &Holidays::default()), (&caller("b"), now)).unwrap().0]);
        let basis = |level, period: &str| calendar.window_basis(level, period.parse().unwrap());
        let told = |basis: Option<WindowBasis>| basis.map(|basis| (basis.rule.is_some(), basis.legal_basis));
        [
            told(basis(ReportLevel::Locality, "2023")),
            told(basis(ReportLevel::Province, "2023")),
            told(basis(ReportLevel::Locality, "2023R")),
        ]
    };
    let (decree, rule) = (Some((false, "09/2019/NĐ-CP".to_owned())), Some((true, "124/2021/TT-BTC".to_owned())));
    assert_eq!(in_force(Some(own)), [rule, decree.clone(), None]);
    assert_eq!(in_force(None), [decree.clone(), decree, None], "a deadline alone moves no window");
}

#[test]
fn a_rule_is_known_from_its_activation_and_ended_from_that_of_the_next() {
    let at = |text: &str| Moment(text.parse().unwrap());
    let caller = |subject: &str| Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role: crate::domain::role::Role::Ministry,
        agency: None,
        predecessors: Vec::new(),
        unit: None,
        scope: crate::domain::role::Scope::Country,
    };
    let (first, second) = (at("2023-01-10T03:00:00Z"), at("2024-01-10T03:00:00Z"));
    let draft = |id: u128, from: &str| {
        let terms = DeadlineTerms { valid_from: day(from), ..terms(PeriodKind::Year, (1, 1, 20), true) };
        ReportingDeadline::load(Uuid::from_u128(id), terms, &Holidays::default(), (&caller("a"), first)).unwrap()
    };
    let (old, _) = draft(1, "2021-02-03").activate(vec![], (&[], &Holidays::default()), (&caller("b"), first)).unwrap();
    let (new, ended) =
        draft(2, "2022-01-01").activate(vec![old], (&[], &Holidays::default()), (&caller("b"), second)).unwrap();
    let ended = ended.unwrap();
    let end = |at: &str| ended.clone().as_of(at.parse().unwrap()).map(|rule| rule.terms.valid_to);
    assert_eq!(end("2023-01-10T02:59:59Z"), None);
    assert_eq!(end("2023-06-01T00:00:00Z"), Some(None));
    assert_eq!(end("2024-01-10T03:00:00Z"), Some(Some(day("2021-12-31"))));
    assert_eq!(new.clone().as_of(first.0), None);
    assert_eq!(new.clone().as_of(second.0), Some(new));
    assert_eq!(draft(3, "2021-02-03").as_of(second.0), None, "a draft never was in force");
}
