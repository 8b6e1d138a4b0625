//! Examples of the two exit verdicts.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Case, Decided};
use crate::domain::improvement::{Achieved, ExitRule, ExitVerdict, Yardstick};
use crate::domain::rulebook::InForce;
use crate::domain::score::Points;

fn exit(verdict: ExitVerdict) -> Decided {
    Decided { verdict: verdict.outcome.name().to_owned(), words: verdict.statement }
}

fn achieved(total: Option<Points>, seventh: Option<i64>) -> Achieved {
    let points: BTreeMap<u8, Points> = seventh.map(|points| (7, Points::hundredths(points))).into_iter().collect();
    Achieved { evaluation: Uuid::nil(), year: 2024, total, points }
}

/// The exit by total, with the required points and so many hundredths more.
fn exit_total(in_force: &InForce, more: i64) -> Option<Decided> {
    let rule = ExitRule::of(in_force.scheme()?);
    let total = Points::hundredths(rule.exit_points.as_hundredths().saturating_add(more));
    Some(exit(rule.total_verdict(Some(&achieved(Some(total), None)))))
}

pub(in super::super) const EXIT_TOTAL: &[Case] = &[
    Case {
        given: ["Tổng điểm bằng đúng mức yêu cầu.", "The total is exactly what is required."],
        decide: |in_force| exit_total(in_force, 0),
    },
    Case {
        given: ["Tổng điểm thấp hơn mức yêu cầu 0,01.", "The total is 0.01 below what is required."],
        decide: |in_force| exit_total(in_force, -1),
    },
    Case {
        given: ["HTX không được xếp loại.", "The cooperative was not rated."],
        decide: |in_force| Some(exit(ExitRule::of(in_force.scheme()?).total_verdict(Some(&achieved(None, None))))),
    },
];

/// The exit by criteria, where criterion 7 is to be improved from 4.00, or was until a revision.
fn exit_criteria(in_force: &InForce, points: Option<i64>, is_dropped: bool) -> Option<Decided> {
    let (seventh, none) = (BTreeMap::from([(7, Points::whole(4))]), BTreeMap::new());
    let (to_improve, dropped) = if is_dropped { (none, seventh) } else { (seventh, none) };
    let latest = achieved(Some(Points::whole(85)), points);
    let yardstick = Yardstick { to_improve, dropped };
    Some(exit(ExitRule::of(in_force.scheme()?).criteria_verdict(Some(&yardstick), Some(&latest))))
}

pub(in super::super) const EXIT_CRITERIA: &[Case] = &[
    Case {
        given: [
            "Tiêu chí 7 cần hoàn thiện, ban đầu 4,00, nay 4,00.",
            "Criterion 7 is to be improved: 4.00 at first, 4.00 now.",
        ],
        decide: |in_force| exit_criteria(in_force, Some(400), false),
    },
    Case {
        given: ["Ban đầu 4,00, nay 3,99, dù tổng điểm 85.", "4.00 at first, 3.99 now, though the total is 85."],
        decide: |in_force| exit_criteria(in_force, Some(399), false),
    },
    Case {
        given: [
            "Tiêu chí 7 từng được phê duyệt là cần hoàn thiện, Kế hoạch sửa đổi không còn nêu; nay 3,99.",
            "Criterion 7 was approved for improvement, a revised plan drops it; 3.99 now.",
        ],
        decide: |in_force| exit_criteria(in_force, Some(399), true),
    },
    Case {
        given: ["Bản đánh giá không có điểm tiêu chí 7.", "The evaluation has no points for criterion 7."],
        decide: |in_force| exit_criteria(in_force, None, false),
    },
];
