//! Examples of eligibility, its conditions, the order of applicants and the phase of selection.

use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

use super::{Case, Decided, decided};
use crate::domain::application::{Attestation, ClaimStanding, CountedClaims, StandingClaim};
use crate::domain::condition::{ConditionKind, ConditionParameters, MandatoryCondition};
use crate::domain::cooperative::GoverningLaw;
use crate::domain::eligibility::{
    ApplicationFacts, ConditionVerdict, CountingEvaluation, EligibilityInputs, Facts, PROCEDURE, YearProfit, determine,
};
use crate::domain::evaluation::{EvaluationKind, NotRatedReason};
use crate::domain::evidence::DocumentReference;
use crate::domain::money::{Money, SignedMoney};
use crate::domain::ranking::{RankedApplicant, TieBreak, rank};
use crate::domain::rulebook::InForce;
use crate::domain::score::Points;
use crate::domain::text::Text;

fn evidence(title: &str) -> DocumentReference {
    DocumentReference { title: title.to_owned(), number: None, document_date: None, sha256: None, uri: None }
}

/// A statement of a province, where none is in force to take as an example.
fn statement(at: NaiveDate) -> MandatoryCondition {
    MandatoryCondition {
        code: "T1".to_owned(),
        kind: ConditionKind::Attested,
        text: Text::new("Điều kiện riêng của tỉnh", "A condition of the province's own"),
        parameters: ConditionParameters::default(),
        valid_from: at,
        valid_to: None,
        legal_basis: "Sarus".to_owned(),
    }
}

/// What an application would be decided on that meets every condition of the scheme.
fn good(in_force: &InForce) -> Option<EligibilityInputs> {
    let scheme = in_force.scheme()?;
    let day = in_force.day_of_scheme();
    let conditions: Vec<_> = scheme.mandatory.iter().filter(|asked| asked.in_force_at(day)).cloned().collect();
    let required: Vec<_> = scheme.dossier.iter().filter(|item| item.required).cloned().collect();
    let years = conditions.iter().filter_map(|asked| asked.parameters.profit_years.clone()).flatten();
    let profit = SignedMoney(Money::dong(100_000_000));
    let evaluated = |asked: &MandatoryCondition| {
        let ConditionParameters { evaluation_year, minimum_points, .. } = asked.parameters;
        let (id, kind) = (Uuid::nil(), EvaluationKind::Verified);
        Some(CountingEvaluation { year: evaluation_year?, id, kind, total: minimum_points?, not_rated_reason: None })
    };
    let facts = Facts {
        governing_law: conditions.iter().find_map(|asked| asked.parameters.governing_laws.as_ref()?.first().copied()),
        founded_on: None,
        profits: years.map(|year| YearProfit { year, declared: Some(profit), ..YearProfit::default() }).collect(),
        evaluations: conditions.iter().filter_map(evaluated).collect(),
    };
    let application = ApplicationFacts {
        id: Uuid::nil(),
        model: scheme.models.first()?.code.clone(),
        dossier: required.iter().map(|item| item.code.clone()).collect(),
        priority_claims: Vec::new(),
        attestations: Vec::new(),
    };
    Some(EligibilityInputs {
        procedure: PROCEDURE.to_owned(),
        at: day,
        scheme: scheme.code.clone(),
        conditions,
        models: scheme.models.iter().map(|model| model.code.clone()).collect(),
        required_items: required,
        priority_conditions: Vec::new(),
        application,
        facts,
    })
}

/// Decides one condition on the good case with one change.
fn condition(in_force: &InForce, kind: ConditionKind, change: fn(&mut EligibilityInputs)) -> Option<Decided> {
    let mut inputs = good(in_force)?;
    if kind == ConditionKind::Attested {
        inputs.conditions.push(statement(in_force.day_of_scheme()));
    }
    change(&mut inputs);
    let answer = determine(&inputs).conditions.into_iter().find(|answer| answer.kind == kind)?;
    Some(Decided { verdict: answer.verdict.name().to_owned(), words: answer.explanation })
}

macro_rules! conditions {
    ($($kind:ident $name:ident: $([$vi:literal, $en:literal] $change:expr;)+)+) => {
        $(pub(in super::super) const $name: &[Case] = &[$(Case {
            given: [$vi, $en],
            decide: |in_force| condition(in_force, ConditionKind::$kind, $change),
        },)+];)+
    };
}

conditions! {
    Law LAW:
        ["HTX hoạt động theo luật mà điều kiện nêu.", "The cooperative works under a law that the condition names."]
            |_| {};
        ["HTX hoạt động theo Luật HTX năm 2003.", "The cooperative works under the law of 2003."]
            |inputs| inputs.facts.governing_law = Some(GoverningLaw::Law2003);
        ["Chưa ghi nhận HTX hoạt động theo luật nào.", "It is not recorded which law it works under."]
            |inputs| inputs.facts.governing_law = None;
    Model MODEL:
        ["Hồ sơ chọn một mô hình của Đề án.", "The application names a model of the scheme."]
            |_| {};
        ["Hồ sơ chọn mô hình “Z9”.", "The application names the model “Z9”."]
            |inputs| inputs.application.model = "Z9".to_owned();
    Profit PROFIT:
        ["Có lãi 100 triệu đồng trong từng năm.", "A profit of 100 million đồng in each of the years."]
            |_| {};
        ["Một năm lãi bằng 0.", "One year has a profit of zero."]
            |inputs| set_profit(inputs, Some(0));
        ["Một năm lỗ 5 triệu đồng, số đã kiểm tra; HTX tự khai có lãi.", "One year has a verified loss of 5 million đồng; the cooperative declared a profit."]
            |inputs| set_verified(inputs, -5_000_000);
        ["Thiếu số liệu một năm.", "The figure of one year is missing."]
            |inputs| set_profit(inputs, None);
    Dossier DOSSIER:
        ["Hồ sơ có đủ các thành phần bắt buộc.", "The dossier has every required item."]
            |_| {};
        ["Hồ sơ không có thành phần nào.", "The dossier is empty."]
            |inputs| inputs.application.dossier.clear();
    Evaluation EVALUATION:
        ["Tổng điểm bằng đúng mức tối thiểu.", "The total is exactly the minimum."]
            |_| {};
        ["Tổng điểm thấp hơn mức tối thiểu 0,01.", "The total is 0.01 below the minimum."]
            |inputs| for found in &mut inputs.facts.evaluations {
                found.total = Points::hundredths(found.total.as_hundredths().saturating_sub(1));
            };
        ["HTX không được xếp loại năm đó.", "The cooperative is not rated for the year."]
            |inputs| for found in &mut inputs.facts.evaluations {
                found.not_rated_reason = Some(NotRatedReason::OperatingTooShort);
            };
        ["Chưa có bản đánh giá đã nộp hoặc đã xác nhận.", "There is no submitted or confirmed evaluation."]
            |inputs| inputs.facts.evaluations.clear();
    Attested ATTESTED:
        ["HTX cam kết đáp ứng, kèm tài liệu.", "The cooperative attests the statement, with evidence."]
            |inputs| attest(inputs, true);
        ["HTX cho biết không đáp ứng, kèm tài liệu.", "The cooperative denies the statement, with evidence."]
            |inputs| attest(inputs, false);
        ["Hồ sơ không trả lời.", "The application does not answer."]
            |_| {};
}

fn set_profit(inputs: &mut EligibilityInputs, dong: Option<i64>) {
    if let Some(profit) = inputs.facts.profits.get_mut(1) {
        profit.declared = dong.map(|dong| SignedMoney(Money::dong(dong)));
    }
}

fn set_verified(inputs: &mut EligibilityInputs, dong: i64) {
    if let Some(profit) = inputs.facts.profits.get_mut(1) {
        profit.verified = Some(SignedMoney(Money::dong(dong)));
    }
}

fn attest(inputs: &mut EligibilityInputs, holds: bool) {
    let evidence = evidence("Báo cáo của HTX");
    inputs.application.attestations = vec![Attestation { condition: "T1".to_owned(), holds, evidence }];
}

fn overall(in_force: &InForce, change: fn(&mut EligibilityInputs)) -> Option<Decided> {
    let mut inputs = good(in_force)?;
    change(&mut inputs);
    let determination = determine(&inputs);
    let open = determination.conditions.iter().filter(|answer| answer.verdict != ConditionVerdict::Met);
    let reasons: Vec<(&str, &Text)> = open.map(|answer| (answer.rule.as_str(), &answer.explanation)).collect();
    let all = ("Mọi điều kiện đều đáp ứng.".to_owned(), "Every condition is met.".to_owned());
    let (vi, en) = if reasons.is_empty() {
        all
    } else {
        let vi = reasons.iter().map(|(rule, why)| format!("{rule}: {}", why.vi)).collect::<Vec<_>>().join(" ");
        (vi, reasons.iter().map(|(rule, why)| format!("{rule}: {}", why.en)).collect::<Vec<_>>().join(" "))
    };
    Some(decided(determination.overall.name(), vi, en))
}

pub(in super::super) const ELIGIBILITY: &[Case] = &[
    Case {
        given: ["Mọi điều kiện đáp ứng.", "Every condition is met."], decide: |in_force| overall(in_force, |_| {})
    },
    Case {
        given: [
            "Một năm lãi bằng 0, chưa có bản đánh giá.",
            "One year has a profit of zero, and there is no evaluation.",
        ],
        decide: |in_force| {
            overall(in_force, |inputs| {
                set_profit(inputs, Some(0));
                inputs.facts.evaluations.clear();
            })
        },
    },
    Case {
        given: ["Chỉ thiếu bản đánh giá.", "Only the evaluation is missing."],
        decide: |in_force| overall(in_force, |inputs| inputs.facts.evaluations.clear()),
    },
];

/// Two applicants with claims and capital; what becomes of the first. A claim with `!` was rejected by an agency.
fn ranking(claims: [&[&str]; 2], overall: ConditionVerdict, tie_break: &[TieBreak]) -> Option<Decided> {
    let stood = |code: &&str| {
        let (code, standing) = match code.strip_suffix('!') {
            Some(code) => (code, ClaimStanding::Rejected),
            None => (*code, ClaimStanding::Claimed),
        };
        StandingClaim { condition: code.to_owned(), standing }
    };
    let applicant = |(number, claims): (u128, &[&str])| RankedApplicant {
        application: Uuid::from_u128(number),
        cooperative: Uuid::from_u128(number),
        overall: if number == 1 { overall } else { ConditionVerdict::Met },
        open_conditions: if overall == ConditionVerdict::Met { Vec::new() } else { vec!["M3".to_owned()] },
        claims: claims.iter().map(stood).collect(),
        size_class: None,
        size_gap: None,
        members: None,
        // The first has 9 billion đồng, the second 8.
        total_capital: Some(Money::million(if number == 1 { 9_000 } else { 8_000 })),
    };
    let places = rank((1..).zip(claims).map(applicant).collect(), tie_break, CountedClaims::default());
    let first = places.iter().find(|place| place.application == Uuid::from_u128(1))?;
    let is_level = places.iter().all(|place| place.rank == first.rank);
    let verdict = match first.rank {
        None => "not_ranked",
        Some(_) if is_level => "level",
        Some(_) => "first",
    };
    let join = |word: fn(&Text) -> &str| first.reasons.iter().map(word).collect::<Vec<_>>().join(" ");
    Some(decided(verdict, join(|words| &words.vi), join(|words| &words.en)))
}

pub(in super::super) const RANKING: &[Case] = &[
    Case {
        given: [
            "Một hồ sơ nêu P1.1 và P2.4, hồ sơ kia chỉ nêu P2.4.",
            "One claims P1.1 and P2.4, the other P2.4 alone.",
        ],
        decide: |_| ranking([&["P1.1", "P2.4"], &["P2.4"]], ConditionVerdict::Met, &[]),
    },
    Case {
        given: [
            "Một hồ sơ nêu P1.1, hồ sơ kia nêu P2.1 và P2.2; kế hoạch không phân định.",
            "One claims P1.1, the other P2.1 and P2.2; the plan breaks no ties.",
        ],
        decide: |_| ranking([&["P1.1"], &["P2.1", "P2.2"]], ConditionVerdict::Met, &[]),
    },
    Case {
        given: [
            "Cũng vậy, kế hoạch phân định theo tổng nguồn vốn: 9 tỷ và 8 tỷ đồng.",
            "The same, and the plan breaks ties by total capital: 9 and 8 billion đồng.",
        ],
        decide: |_| ranking([&["P1.1"], &["P2.1", "P2.2"]], ConditionVerdict::Met, &[TieBreak::TotalCapital]),
    },
    Case {
        given: [
            "Một hồ sơ nêu P1.1 và P2.4 nhưng P1.1 bị cơ quan bác, hồ sơ kia nêu P2.4; kế hoạch không nói gì thêm.",
            "One claims P1.1 and P2.4, but an agency rejected P1.1; the other claims P2.4; the plan says no more.",
        ],
        decide: |_| ranking([&["P1.1!", "P2.4"], &["P2.4"]], ConditionVerdict::Met, &[]),
    },
    Case {
        given: [
            "Hồ sơ nêu nhiều điều kiện ưu tiên hơn nhưng không đủ điều kiện bắt buộc.",
            "One claims more but is not eligible.",
        ],
        decide: |_| ranking([&["P1.1", "P2.4"], &["P2.4"]], ConditionVerdict::NotMet, &[]),
    },
];

fn selection(in_force: &InForce, days_after: i64) -> Option<Decided> {
    let scheme = in_force.scheme()?;
    let day = scheme.selection_phase_end.checked_add_signed(TimeDelta::days(days_after))?;
    let end = scheme.selection_phase_end;
    let verdict = if scheme.selects_late(day) { "late_selection" } else { "in_phase" };
    let vi = format!("Quyết định ngày {day}; giai đoạn lựa chọn đến ngày {end}.");
    Some(decided(verdict, vi, format!("A decision of {day}; the selection phase ends on {end}.")))
}

pub(in super::super) const LATE_SELECTION: &[Case] = &[
    Case {
        given: ["Quyết định ngày cuối của giai đoạn lựa chọn.", "A decision of the last day of the selection phase."],
        decide: |in_force| selection(in_force, 0),
    },
    Case {
        given: ["Quyết định ngày hôm sau.", "A decision of the day after."],
        decide: |in_force| selection(in_force, 1),
    },
];
