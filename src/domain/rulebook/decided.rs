//! Worked examples that the code decides itself, each time the book is opened.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use super::InForce;
use crate::domain::application::Attestation;
use crate::domain::classification::{ClassDimension, Classed, classify, figures_year};
use crate::domain::condition::{ConditionKind, ConditionParameters, MandatoryCondition};
use crate::domain::cooperative::{AnnualFigures, Field, Figures, FiguresBasis, GoverningLaw};
use crate::domain::criteria::DeadlineLevel;
use crate::domain::deadline::{DeadlineState, state_at};
use crate::domain::eligibility::{
    ApplicationFacts, ConditionVerdict, CountingEvaluation, EligibilityInputs, Facts, PROCEDURE, YearProfit, determine,
};
use crate::domain::evaluation::standing::Standing;
use crate::domain::evaluation::{EvaluationKind, NotRatedReason, Operation, Stop};
use crate::domain::evidence::DocumentReference;
use crate::domain::improvement::{Achieved, ExitRule, ExitVerdict};
use crate::domain::moment::Moment;
use crate::domain::money::{Money, SignedMoney};
use crate::domain::ranking::{RankedApplicant, TieBreak, rank};
use crate::domain::score::Points;
use crate::domain::text::Text;

/// A case, and how the code decides it.
#[derive(Debug)]
pub(super) struct Case {
    /// The case in words, in Vietnamese and English.
    pub(super) given: [&'static str; 2],
    /// Decides it under the data in force; nothing where no such rule is in force.
    pub(super) decide: fn(&InForce) -> Option<Decided>,
}

/// What the code says to a case.
#[derive(Debug)]
pub(super) struct Decided {
    /// The verdict by name.
    pub(super) verdict: String,
    /// The verdict in words.
    pub(super) words: Text,
}

fn decided(verdict: &str, vi: impl Into<String>, en: impl Into<String>) -> Decided {
    Decided { verdict: verdict.to_owned(), words: Text::new(vi, en) }
}

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
        legal_basis: "Sarus: an example".to_owned(),
    }
}

/// What an application would be decided on that meets every condition of the scheme.
fn good(in_force: &InForce) -> Option<EligibilityInputs> {
    let scheme = in_force.scheme()?;
    let conditions: Vec<_> = scheme.mandatory.iter().filter(|asked| asked.in_force_at(in_force.at)).cloned().collect();
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
        profits: years.map(|year| YearProfit { year, declared: Some(profit), verified: None }).collect(),
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
        at: in_force.at,
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
        inputs.conditions.push(statement(in_force.at));
    }
    change(&mut inputs);
    let answer = determine(&inputs).conditions.into_iter().find(|answer| answer.kind == kind)?;
    Some(Decided { verdict: answer.verdict.name().to_owned(), words: answer.explanation })
}

macro_rules! conditions {
    ($($kind:ident $name:ident: $([$vi:literal, $en:literal] $change:expr;)+)+) => {
        $(pub(super) const $name: &[Case] = &[$(Case {
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

pub(super) const ELIGIBILITY: &[Case] = &[
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

/// Two applicants with claims and capital; what becomes of the first.
fn ranking(claims: [&[&str]; 2], overall: ConditionVerdict, tie_break: &[TieBreak]) -> Option<Decided> {
    let applicant = |(number, claims): (u128, &[&str])| RankedApplicant {
        application: Uuid::from_u128(number),
        cooperative: Uuid::from_u128(number),
        overall: if number == 1 { overall } else { ConditionVerdict::Met },
        open_conditions: if overall == ConditionVerdict::Met { Vec::new() } else { vec!["M3".to_owned()] },
        claims: claims.iter().map(|code| (*code).to_owned()).collect(),
        size_class: None,
        members: None,
        // The first has 9 billion đồng, the second 8.
        total_capital: Some(Money::million(if number == 1 { 9_000 } else { 8_000 })),
    };
    let places = rank((1..).zip(claims).map(applicant).collect(), tie_break);
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

pub(super) const RANKING: &[Case] = &[
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
            "Hồ sơ nêu nhiều điều kiện ưu tiên hơn nhưng không đủ điều kiện bắt buộc.",
            "One claims more but is not eligible.",
        ],
        decide: |_| ranking([&["P1.1", "P2.4"], &["P2.4"]], ConditionVerdict::NotMet, &[]),
    },
];

fn rating(in_force: &InForce, total: i64) -> Option<Decided> {
    let band = in_force.criteria_set()?.criteria.band(Points::hundredths(total))?;
    let (code, name, least) = (&band.code, &band.name, band.minimum);
    let vi = format!("{}: từ {least} điểm.", name.vi);
    Some(decided(code, vi, format!("{}: {least} points or more.", name.en)))
}

macro_rules! ratings {
    ($($total:literal $vi:literal $en:literal;)+) => {
        pub(super) const RATING: &[Case] = &[$(Case { given: [$vi, $en], decide: |in_force| rating(in_force, $total) },)+];
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
fn standing(in_force: &InForce, founded_on: (i32, u32, u32), stopped_to: Option<(i32, u32, u32)>) -> Option<Decided> {
    let day = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
    let from_date = day((2020, 3, 1))?;
    let stops = stopped_to.and_then(day).map(|to| Stop { from_date, to_date: Some(to) });
    let known_on = day((2021, 1, 15))?;
    let operation = Operation { founded_on: day(founded_on)?, stops: stops.into_iter().collect(), known_on };
    let standing = Standing::of(&operation, 2020, &in_force.criteria_set()?.criteria.not_rated);
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

pub(super) const NOT_RATED: &[Case] = &[
    Case {
        given: ["Thành lập ngày 01/01/2020, đánh giá năm 2020.", "Founded on 1 January 2020, evaluated for 2020."],
        decide: |in_force| standing(in_force, (2020, 1, 1), None),
    },
    Case {
        given: ["Thành lập ngày 02/01/2020.", "Founded on 2 January 2020."],
        decide: |in_force| standing(in_force, (2020, 1, 2), None),
    },
    Case {
        given: ["Ngừng hoạt động từ 01/3 đến 31/5/2020.", "Stopped from 1 March to 31 May 2020."],
        decide: |in_force| standing(in_force, (2010, 5, 17), Some((2020, 5, 31))),
    },
    Case {
        given: ["Ngừng hoạt động từ 01/3 đến 01/6/2020.", "Stopped from 1 March to 1 June 2020."],
        decide: |in_force| standing(in_force, (2010, 5, 17), Some((2020, 6, 1))),
    },
];

/// A class in one dimension, of a cooperative of agriculture with so many members and a trade.
fn class(in_force: &InForce, dimension: ClassDimension, members: Option<i64>, trade: &str) -> Option<Decided> {
    let year = figures_year(in_force.at);
    // As a client would send them.
    let figures: Figures = serde_json::from_value(json!({"status": "final", "members": members})).ok()?;
    let side = AnnualFigures {
        cooperative: Uuid::nil(),
        year,
        basis: FiguresBasis::Verified,
        version: 1,
        figures,
        recorded_by: String::new(),
        updated_at: Moment::start_of(in_force.at).0,
    };
    let industry_code = Some(trade.to_owned());
    let of = Classed::read(Field::Agriculture, industry_code, year, &[side]);
    let found =
        classify(&in_force.classification, in_force.at, &of).into_iter().find(|one| one.dimension == dimension)?;
    let rule = found.rule.map(|rule| format!("{} ({})", rule.code, rule.legal_basis));
    let (rule_vi, rule_en) =
        (rule.clone().unwrap_or_else(|| "không có".to_owned()), rule.unwrap_or_else(|| "none".to_owned()));
    let (vi, en) = match found.name {
        Some(Text { vi, en }) => (format!("{vi}. Quy tắc: {rule_vi}."), format!("{en}. Rule: {rule_en}.")),
        None => (format!("Không xác định. Quy tắc: {rule_vi}."), format!("No class. Rule: {rule_en}.")),
    };
    Some(decided(found.outcome.name(), vi, en))
}

macro_rules! classes {
    ($($dimension:ident $members:expr, $trade:literal, $vi:literal $en:literal;)+) => {
        pub(super) const CLASSIFICATION: &[Case] = &[$(Case {
            given: [$vi, $en],
            decide: |in_force| class(in_force, ClassDimension::$dimension, $members, $trade),
        },)+];
    };
}

classes! {
    Members Some(49), "0161", "49 thành viên." "49 members.";
    Members Some(50), "0161", "50 thành viên." "50 members.";
    Members Some(300), "0161", "300 thành viên." "300 members.";
    Members Some(301), "0161", "301 thành viên." "301 members.";
    Members Some(1000), "0161", "1.000 thành viên." "1,000 members.";
    Members Some(1001), "0161", "1.001 thành viên." "1,001 members.";
    Members None, "0161", "Chưa có số thành viên." "The number of members is not known.";
    Trade None, "0161", "Ngành 0161." "Trade 0161.";
    Trade None, "0400", "Ngành 0400, không thuộc ngành cấp 1 nào." "Trade 0400, of no section.";
    Size Some(300), "0161", "Quy mô chung theo lĩnh vực." "Size within the field.";
}

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

pub(super) const EXIT_TOTAL: &[Case] = &[
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

/// The exit by criteria, where criterion 7 is to be improved from 4.00.
fn exit_criteria(in_force: &InForce, points: Option<i64>) -> Option<Decided> {
    let to_improve = BTreeMap::from([(7, Points::whole(4))]);
    let latest = achieved(Some(Points::whole(85)), points);
    Some(exit(ExitRule::of(in_force.scheme()?).criteria_verdict(Some(&to_improve), Some(&latest))))
}

pub(super) const EXIT_CRITERIA: &[Case] = &[
    Case {
        given: [
            "Tiêu chí 7 cần hoàn thiện, ban đầu 4,00, nay 4,00.",
            "Criterion 7 is to be improved: 4.00 at first, 4.00 now.",
        ],
        decide: |in_force| exit_criteria(in_force, Some(400)),
    },
    Case {
        given: ["Ban đầu 4,00, nay 3,99, dù tổng điểm 85.", "4.00 at first, 3.99 now, though the total is 85."],
        decide: |in_force| exit_criteria(in_force, Some(399)),
    },
    Case {
        given: ["Bản đánh giá không có điểm tiêu chí 7.", "The evaluation has no points for criterion 7."],
        decide: |in_force| exit_criteria(in_force, None),
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

pub(super) const LATE_SELECTION: &[Case] = &[
    Case {
        given: ["Quyết định ngày cuối của giai đoạn lựa chọn.", "A decision of the last day of the selection phase."],
        decide: |in_force| selection(in_force, 0),
    },
    Case {
        given: ["Quyết định ngày hôm sau.", "A decision of the day after."],
        decide: |in_force| selection(in_force, 1),
    },
];

/// The cooperative's evaluation of 2023, sent a number of seconds before or after midnight at the end of the last day.
fn sent(in_force: &InForce, seconds: i64) -> Option<Decided> {
    let deadline = in_force.criteria_set()?.criteria.deadline(DeadlineLevel::Cooperative)?.of(2023);
    let at = deadline.passes_at().checked_add_signed(TimeDelta::seconds(seconds))?;
    let verdict = match state_at(&deadline, Moment(at)) {
        DeadlineState::Open => "in_time",
        DeadlineState::Late => "late",
    };
    let due = deadline.on_date;
    let vi = format!("Gửi lúc {at}; chậm nhất vào ngày {due}, giờ Việt Nam.");
    Some(decided(verdict, vi, format!("Sent at {at}; due on {due} at the latest, Vietnamese time.")))
}

pub(super) const DEADLINE: &[Case] = &[
    Case {
        given: [
            "HTX gửi bản đánh giá năm 2023 một giây trước khi hết ngày cuối.",
            "A cooperative sends its evaluation of 2023 a second before the last day ends.",
        ],
        decide: |in_force| sent(in_force, -1),
    },
    Case {
        given: ["Gửi khi ngày cuối vừa hết.", "It sends it as the last day has ended."],
        decide: |in_force| sent(in_force, 0),
    },
];
