//! Any order of moves, on any days, by anybody.

use proptest::prelude::*;

use super::*;

/// A move that somebody tries, on a day.
#[derive(Debug, Clone)]
struct Tried {
    what: u8,
    who: u8,
    day: u64,
}

fn tried() -> impl Strategy<Value = Tried> {
    (0_u8..7, 0_u8..5, 0_u64..800).prop_map(|(what, who, day)| Tried { what, who, day })
}

fn person(who: u8) -> Caller {
    match who {
        0 | 1 => cooperative(),
        2 => locality("officer"),
        3 => locality("head"),
        _ => caller(Role::LineDepartment, "stranger"),
    }
}

/// Tries a move, with the days of the last submission and return as the history keeps them.
fn attempt(evaluation: &Evaluation, known: &mut Circumstances, tried: &Tried) -> Result<Evaluation, Refusal> {
    let now = at("2021-12-31T03:00:00Z");
    let on = NaiveDate::from_ymd_opt(2019, 11, 1).unwrap() + chrono::Days::new(tried.day);
    let (who, is) = (person(tried.who), evaluation.clone());
    match tried.what {
        0 => is.endorse((&tt01(), &evaluated()), (Board::Directors, BoardOpinion::Agreed), on, None, known, &who, now),
        1 => is.endorse(
            (&tt01(), &evaluated()),
            (Board::Supervisors, BoardOpinion::NoneByCharter),
            on,
            None,
            known,
            &who,
            now,
        ),
        2 => is.submit(&tt01(), evaluated(), on, known, &who, now).inspect(|_| known.submitted_on = Some(on)),
        3 => is.confirm((&tt01(), &evaluated()), on, known, &who, now),
        4 => is.send_back(on, known, &who, now).inspect(|_| known.returned_on = Some(on)),
        what => {
            let mut scores = full_scores();
            scores[0].note = (what == 5).then(|| format!("ngày {on}"));
            is.edit(KEY, &tt01(), content(scores), evaluated(), known, &who, now)
        }
    }
}

/// What a state rests on, whatever came before.
fn is_legal(evaluation: &Evaluation, known: &Circumstances) -> bool {
    let hash = evaluation.content_hash();
    let agreed_on = |board| evaluation.endorsements.iter().find(|one| one.board == board && one.content_hash == hash);
    let begins = first_day(evaluation.year);
    let days: Vec<_> = evaluation.endorsements.iter().map(|one| one.on_date).collect();
    let in_year = days.iter().chain(&known.submitted_on).chain(&known.returned_on).all(|day| *day >= begins);
    let was_sent = matches!(evaluation.state, EvaluationState::Submitted | EvaluationState::Confirmed);
    let agreed = [Board::Directors, Board::Supervisors].into_iter().all(|board| agreed_on(board).is_some());
    let sent_last = known.submitted_on.is_some_and(|sent| days.iter().all(|day| *day <= sent));
    in_year && (!was_sent || agreed && sent_last && evaluation.submission.is_some())
}

proptest! {
    /// No order of moves with dates reaches an illegal state, and what is confirmed stays as it is.
    #[test]
    fn no_order_of_moves_with_dates_reaches_an_illegal_state(moves in proptest::collection::vec(tried(), 1..60)) {
        // A department of another sector is among those who try.
        let mut known = Circumstances { sectors: vec!["transport".to_owned()], ..known() };
        let mut evaluation = draft();
        for tried in &moves {
            let before = (known.clone(), evaluation.clone());
            let Ok(next) = attempt(&evaluation, &mut known, tried) else { continue };
            prop_assert!(is_legal(&next, &known), "{tried:?} led to {next:?}");
            prop_assert!(before.1.state != EvaluationState::Confirmed && tried.who != 4, "{tried:?}");
            prop_assert_eq!(next.version, evaluation.version + 1);
            let (sent, judged) = (before.0.submitted_on, next.state == EvaluationState::Confirmed);
            if judged {
                prop_assert!(tried.who > 1 && before.1.state == EvaluationState::Submitted);
                let on = NaiveDate::from_ymd_opt(2019, 11, 1).unwrap() + chrono::Days::new(tried.day);
                prop_assert!(sent.is_some_and(|sent| on >= sent));
            }
            evaluation = next;
        }
    }
}
