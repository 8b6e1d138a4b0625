use super::*;
use crate::domain::holiday::{DayKind, LoadedDay};

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
        let holidays = holidays.iter().map(|text| (day(text), DayKind::Holiday)).collect();
        terms.check(&holidays).err().map(|refusal| refusal.faults[0].code).unwrap_or_default()
    };
    assert_eq!(faults(&["2023-12-15", "2024-12-16", "2024-12-18"]), "");
    assert_eq!(faults(&["2024-12-16", "2024-12-17"]), "deadline_too_early");
}

/// The rule ends before the only year that it would not fit.
#[test]
fn a_rule_is_tried_only_in_the_years_that_it_is_of() {
    // Data close on Thursday in 2023, on Saturday in 2024.
    let of_kind = terms;
    let terms = |to: Option<&str>| DeadlineTerms {
        valid_from: day("2022-01-01"),
        valid_to: to.map(day),
        ..of_kind(PeriodKind::Year, (0, 12, 15), true)
    };
    assert_eq!(codes(&terms(Some("2023-12-31"))), [""; 0]);
    for to in [None, Some("2024-12-14")] {
        assert_eq!(codes(&terms(to)), ["/due deadline_too_early"], "{to:?}");
    }
    assert_eq!(codes(&terms(Some("2024-12-13"))), [""; 0], "the data of 2024 close a day later");
    // The data of 2022 close in January 2024, under the rule: on a Sunday, after which there is no working day until the 15th.
    let closing = WindowTerms {
        from: WindowStart { years_before: 0, month: 1, day: 15 },
        to: DayOfYear { years_after: 2, month: 1, day: 14 },
    };
    let late = |due: u8| DeadlineTerms {
        window: Some(closing),
        valid_from: day("2024-01-01"),
        valid_to: Some(day("2024-12-31")),
        ..of_kind(PeriodKind::Year, (2, 1, due), true)
    };
    assert_eq!(codes(&late(14)), ["/due deadline_too_early"]);
    assert_eq!(codes(&late(15)), [""; 0]);
}

/// The data of 2024 close on Saturday 14 December; the rule names Monday the 16th.
#[test]
fn holidays_move_a_deadline_until_it_has_passed() {
    let rule = |locks: Option<u8>| ReportingDeadline {
        id: Uuid::from_u128(1),
        version: 2,
        terms: DeadlineTerms {
            valid_from: day("2024-01-01"),
            locks: locks.map(|day| DayOfYear { years_after: 0, month: 12, day }),
            ..terms(PeriodKind::Year, (0, 12, 17), false)
        },
        state: ReportingDeadlineState::Active,
        writers: serde_json::from_str("[]").unwrap(),
        recorded_at: DateTime::default(),
        updated_at: DateTime::default(),
        activated_at: None,
        ended_at: None,
    };
    let loaded = |date: &str, kind, known: &str, taken_out: Option<&str>| LoadedDay {
        date: day(date),
        kind,
        recorded_at: known.parse().unwrap(),
        taken_out_at: taken_out.map(|at| at.parse().unwrap()),
    };
    let off = |date, known, taken_out| loaded(date, DayKind::Holiday, known, taken_out);
    let (early, last, late) = ("2024-12-01T00:00:00Z", "2024-12-16T16:59:59Z", "2024-12-16T17:00:01Z");
    let due = |days: Vec<LoadedDay>| {
        let due = rule(Some(18)).due(Period::Year(2024), &LoadedDays(days)).unwrap();
        let ReportDue { deadline, named_on, lock, .. } = due;
        let told = (deadline.on_date.to_string(), deadline.last_day_counts, named_on.map(|day| day.to_string()));
        (told, lock.unwrap().on_date.to_string())
    };
    // In time to its end, from then on.
    let moved = |on: &str, locks: &str| ((on.to_owned(), true, Some("2024-12-17".to_owned())), locks.to_owned());
    let named = (("2024-12-17".to_owned(), false, None), "2024-12-18".to_owned());
    assert_eq!(due(vec![]), named);
    assert_eq!(due(vec![off("2024-12-16", early, None)]), moved("2024-12-17", "2024-12-18"));
    assert_eq!(
        due(vec![off("2024-12-16", last, None)]),
        moved("2024-12-17", "2024-12-18"),
        "a second before it passed"
    );
    assert_eq!(due(vec![off("2024-12-16", late, None)]), named, "nothing that is over moves");
    assert_eq!(due(vec![off("2024-12-16", early, Some(last))]), named, "taken out while it was open");
    assert_eq!(due(vec![off("2024-12-16", early, Some(late))]), moved("2024-12-17", "2024-12-18"), "taken out after");
    assert_eq!(due(vec![off("2024-12-15", early, None)]), named, "a Sunday anyway");
    // While the moved day is open, another one moves it on; the lock gives way.
    let second = |known| vec![off("2024-12-16", early, None), off("2024-12-17", known, None)];
    assert_eq!(due(second(late)), moved("2024-12-18", "2024-12-19"));
    assert_eq!(due(second("2024-12-17T17:00:01Z")), moved("2024-12-17", "2024-12-18"), "it had passed by then");
    // Who works on the Sunday has had his working day.
    let mut worked = vec![off("2024-12-16", early, None)];
    worked.push(loaded("2024-12-15", DayKind::WorkingDay, early, None));
    assert_eq!(due(worked), named);
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
        let calendar = vec![draft.activate(vec![], (&[], &Holidays::default()), (&caller("b"), now)).unwrap().0];
        let calendar = Calendar::new(calendar, LoadedDays::default());
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
