//! Examples of the rates of support, under those in force on the day.

use chrono::NaiveDate;

use super::{Case, Decided};
use crate::domain::money::Money;
use crate::domain::plan::Nature;
use crate::domain::rulebook::InForce;
use crate::domain::support_need::NeededItem;
use crate::domain::support_need::rates::{RateFinding, Rates, WageRegion, YoungWorker};

/// What a month's support of a young worker in region III from a day comes to: the least that is known today, and so much more.
fn monthly(in_force: &InForce, from: Option<NaiveDate>, more: i64) -> Option<Decided> {
    let rates = Rates { lists: &in_force.rates, province: "", day: in_force.at };
    let least = rates.least_monthly(WageRegion::III)?;
    let worker = YoungWorker {
        mark: "LD-01".to_owned(),
        from: from.unwrap_or(in_force.at),
        months: 1,
        region: WageRegion::III,
        monthly: least.plus(Money::dong(more)),
    };
    let item = NeededItem {
        title: "Lao động trẻ".to_owned(),
        support_kind: "young_workers".to_owned(),
        nature: Nature::Recurrent,
        budget_level: None,
        source: None,
        justification: "Lao động trẻ".to_owned(),
        phases: Vec::new(),
        young_workers: vec![worker],
        training: Vec::new(),
    };
    let RateFinding { verdict, words, .. } = rates.check(&[item], &[]).into_iter().next()?;
    Some(Decided { verdict: verdict.name().to_owned(), words })
}

pub(in super::super) const SUPPORT_RATE: &[Case] = &[
    Case {
        given: ["Hỗ trợ đúng mức ít nhất.", "Support of exactly the least."],
        decide: |in_force| monthly(in_force, None, 0),
    },
    Case {
        given: ["Hỗ trợ thấp hơn mức ít nhất một đồng.", "Support of one đồng less."],
        decide: |in_force| monthly(in_force, None, -1),
    },
    Case {
        given: ["Hỗ trợ cao hơn mức ít nhất một đồng.", "Support of one đồng more."],
        decide: |in_force| monthly(in_force, None, 1),
    },
    Case {
        given: [
            "Hỗ trợ từ năm 2000, khi chưa biết lương tối thiểu vùng.",
            "Support from the year 2000, when no regional minimum wage is known.",
        ],
        decide: |in_force| monthly(in_force, NaiveDate::from_ymd_opt(2000, 1, 1), 0),
    },
];
