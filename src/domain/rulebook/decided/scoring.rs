//! Examples of ratings, of what is not rated, and of the deadline of evaluations.

use chrono::{NaiveDate, TimeDelta};

use super::{Decided, SetCase, decided};
use crate::domain::criteria::{CriteriaSet, DeadlineLevel, ForcingFact};
use crate::domain::deadline::{DeadlineState, state_at};
use crate::domain::evaluation::standing::Standing;
use crate::domain::evaluation::{NotRatedReason, Operation, Stop};
use crate::domain::moment::Moment;
use crate::domain::score::Points;

fn rating(set: &CriteriaSet, total: i64) -> Option<Decided> {
    let band = set.criteria.band(Points::hundredths(total))?;
    let (code, name, least) = (&band.code, &band.name, band.minimum);
    let vi = format!("{}: từ {least} điểm.", name.vi);
    Some(decided(code, vi, format!("{}: {least} points or more.", name.en)))
}

/// The rating of who was fined in the year, whatever its points; nothing under a set that does not ask.
fn fined(set: &CriteriaSet) -> Option<Decided> {
    let forced = set.criteria.forced_by(ForcingFact::AdministrativeFine)?;
    let name = set.criteria.bands.iter().find(|band| band.code == forced.rating).map(|band| band.name.clone())?;
    let (vi, en) =
        (format!("{}: bị xử phạt hành chính trong năm.", name.vi), format!("{}: fined in the year.", name.en));
    Some(decided(&forced.rating, vi, en))
}

macro_rules! ratings {
    ($($total:literal $vi:literal $en:literal;)+) => {
        pub(in super::super) const RATING: &[SetCase] = &[
            $(SetCase { given: [$vi, $en], decide: |set| rating(set, $total) },)+
            SetCase {
                given: [
                    "Tổng điểm 100,00, bị xử phạt vi phạm hành chính trong năm.",
                    "A total of 100.00, with an administrative fine in the year.",
                ],
                decide: fined,
            },
        ];
    };
}

ratings! {
    10_000 "Tổng điểm 100,00." "A total of 100.00.";
    8_000 "Tổng điểm 80,00." "A total of 80.00.";
    7_999 "Tổng điểm 79,99." "A total of 79.99.";
    6_500 "Tổng điểm 65,00." "A total of 65.00.";
    6_499 "Tổng điểm 64,99." "A total of 64.99.";
    5_000 "Tổng điểm 50,00." "A total of 50.00.";
    4_999 "Tổng điểm 49,99." "A total of 49.99.";
    0 "Tổng điểm 0,00." "A total of 0.00.";
}

/// A cooperative founded on a day and stopped from 1 March to a day, at the end of 2020.
fn standing(set: &CriteriaSet, founded_on: (i32, u32, u32), stopped_to: Option<(i32, u32, u32)>) -> Option<Decided> {
    let day = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
    let from_date = day((2020, 3, 1))?;
    let stops = stopped_to.and_then(day).map(|to| Stop { from_date, to_date: Some(to) });
    let known_on = day((2021, 1, 15))?;
    let operation = Operation { founded_on: day(founded_on)?, stops: stops.into_iter().collect(), known_on };
    let standing = Standing::of(&operation, 2020, &set.criteria.not_rated);
    let (operated, stopped) = (standing.operated, standing.stopped);
    let vi = format!(
        "Hoạt động {} tháng {} ngày, ngừng {} tháng {} ngày.",
        operated.months, operated.days, stopped.months, stopped.days
    );
    let en = format!(
        "Operated for {} months {} days, stopped for {} months {} days.",
        operated.months, operated.days, stopped.months, stopped.days
    );
    Some(decided(standing.reason.map_or("rated", NotRatedReason::name), vi, en))
}

pub(in super::super) const NOT_RATED: &[SetCase] = &[
    SetCase {
        given: ["Thành lập ngày 01/01/2020, đánh giá năm 2020.", "Founded on 1 January 2020, evaluated for 2020."],
        decide: |set| standing(set, (2020, 1, 1), None),
    },
    SetCase {
        given: ["Thành lập ngày 02/01/2020.", "Founded on 2 January 2020."],
        decide: |set| standing(set, (2020, 1, 2), None),
    },
    SetCase {
        given: ["Ngừng hoạt động từ 01/3 đến 31/5/2020.", "Stopped from 1 March to 31 May 2020."],
        decide: |set| standing(set, (2010, 5, 17), Some((2020, 5, 31))),
    },
    SetCase {
        given: ["Ngừng hoạt động từ 01/3 đến 01/6/2020.", "Stopped from 1 March to 1 June 2020."],
        decide: |set| standing(set, (2010, 5, 17), Some((2020, 6, 1))),
    },
];

/// The cooperative's evaluation of 2023, sent a number of seconds before or after midnight at the end of the last day.
fn sent(set: &CriteriaSet, seconds: i64) -> Option<Decided> {
    let deadline = set.criteria.deadline(DeadlineLevel::Cooperative)?.of(2023);
    let at = deadline.passes_at().checked_add_signed(TimeDelta::seconds(seconds))?;
    let verdict = match state_at(&deadline, Moment(at)) {
        DeadlineState::Open => "in_time",
        DeadlineState::Late => "late",
    };
    let due = deadline.on_date;
    let vi = format!("Gửi lúc {at}; chậm nhất vào ngày {due}, giờ Việt Nam.");
    Some(decided(verdict, vi, format!("Sent at {at}; due on {due} at the latest, Vietnamese time.")))
}

pub(in super::super) const DEADLINE: &[SetCase] = &[
    SetCase {
        given: [
            "HTX gửi bản đánh giá năm 2023 một giây trước khi hết ngày cuối.",
            "A cooperative sends its evaluation of 2023 a second before the last day ends.",
        ],
        decide: |set| sent(set, -1),
    },
    SetCase {
        given: ["Gửi khi ngày cuối vừa hết.", "It sends it as the last day has ended."],
        decide: |set| sent(set, 0),
    },
];
