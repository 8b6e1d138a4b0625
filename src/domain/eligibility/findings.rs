//! What each kind of condition finds in the facts: the verdict, in words, with the inputs it used.

use chrono::Datelike;

use super::{ConditionVerdict, EligibilityInputs, NamedInput, YearProfit};
use crate::domain::condition::{ConditionKind, ConditionParameters, MandatoryCondition};
use crate::domain::cooperative::GoverningLaw;
use crate::domain::evaluation::NotRatedReason;
use crate::domain::money::Money;
use crate::domain::score::Points;
use crate::domain::text::Text;

/// What a condition comes to.
pub(super) struct Finding {
    pub(super) verdict: ConditionVerdict,
    pub(super) explanation: Text,
    pub(super) inputs: Vec<NamedInput>,
}

/// Decides one condition by its kind and parameters. What lacks a parameter of its kind is never met by silence.
pub(super) fn finding(asked: &MandatoryCondition, inputs: &EligibilityInputs) -> Finding {
    let ConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points } = &asked.parameters;
    match (asked.kind, governing_laws, profit_years, evaluation_year.zip(*minimum_points)) {
        (ConditionKind::Law, Some(laws), _, _) => governing_law(laws, inputs),
        (ConditionKind::Model, ..) => model(inputs),
        (ConditionKind::Profit, _, Some(years), _) => profit_each_year(years, inputs),
        (ConditionKind::Dossier, ..) => dossier_complete(inputs),
        (ConditionKind::Evaluation, _, _, Some((year, minimum))) => evaluation(year, minimum, inputs),
        (ConditionKind::Attested, ..) => attested(&asked.code, inputs),
        (ConditionKind::Law | ConditionKind::Profit | ConditionKind::Evaluation, ..) => Finding::new(
            ConditionVerdict::Unknown,
            Vec::new(),
            "Điều kiện chưa có đủ tham số để xét.",
            "The condition lacks the parameters that it is decided by.",
        ),
    }
}

impl Finding {
    fn new(verdict: ConditionVerdict, inputs: Vec<NamedInput>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { verdict, explanation: Text::new(vi, en), inputs }
    }
}

fn input(name: impl Into<String>, value: Option<String>, basis: Option<&str>) -> NamedInput {
    NamedInput { name: name.into(), value, basis: basis.map(str::to_owned) }
}

const fn met_if(holds: bool) -> ConditionVerdict {
    if holds { ConditionVerdict::Met } else { ConditionVerdict::NotMet }
}

/// "HTX hoạt động theo quy định Luật HTX năm 2012."
fn governing_law(required: &[GoverningLaw], inputs: &EligibilityInputs) -> Finding {
    let law = inputs.facts.governing_law;
    let used = vec![input("governingLaw", law.map(|law| law.name().to_owned()), None)];
    let Some(law) = law else {
        return Finding::new(
            ConditionVerdict::Unknown,
            used,
            "Chưa có thông tin HTX hoạt động theo luật nào.",
            "It is not recorded which law the cooperative works under.",
        );
    };
    let asked: Vec<Text> = required.iter().copied().map(law_in_words).collect();
    let vi = asked.iter().map(|law| law.vi.as_str()).collect::<Vec<_>>().join(" hoặc ");
    let en = asked.iter().map(|law| law.en.as_str()).collect::<Vec<_>>().join(" or ");
    let words = law_in_words(law);
    Finding::new(
        met_if(required.contains(&law)),
        used,
        format!("HTX hoạt động theo {}; điều kiện yêu cầu {vi}.", words.vi),
        format!("The cooperative works under {}; the condition asks for {en}.", words.en),
    )
}

fn law_in_words(law: GoverningLaw) -> Text {
    let year = match law {
        GoverningLaw::Law2003 => 2003,
        GoverningLaw::Law2012 => 2012,
        GoverningLaw::Law2023 => 2023,
    };
    Text::new(format!("Luật Hợp tác xã năm {year}"), format!("the Law on Cooperatives of {year}"))
}

/// "HTX đang hoạt động … theo các mô hình được Đề án lựa chọn."
fn model(inputs: &EligibilityInputs) -> Finding {
    let (code, count) = (&inputs.application.model, inputs.models.len());
    let used = vec![input("model", Some(code.clone()), Some("application"))];
    let is_one = inputs.models.contains(code);
    let (vi, en) = if is_one {
        (
            format!("Mô hình {code} là một trong {count} mô hình của Đề án."),
            format!("Model {code} is one of the scheme's {count} models."),
        )
    } else {
        (
            format!("Mô hình {code} không thuộc {count} mô hình của Đề án."),
            format!("Model {code} is none of the scheme's {count} models."),
        )
    };
    Finding::new(met_if(is_one), used, vi, en)
}

/// "… có lãi liên tục trong 03 năm tài chính gần nhất." A known loss decides, even if another year is missing.
fn profit_each_year(years: &[u16], known: &EligibilityInputs) -> Finding {
    let of = |year: &u16| known.facts.profits.iter().copied().find(|profit| profit.year == *year);
    let counting = |year: &u16| of(year).and_then(YearProfit::counting);
    let inputs = years.iter().map(|year| {
        let profit = counting(year);
        input(
            format!("profitBeforeTax.{year}"),
            profit.map(|(profit, _)| profit.0.to_string()),
            profit.map(|(_, basis)| basis),
        )
    });
    let mut inputs: Vec<NamedInput> = inputs.collect();
    inputs.extend(known.facts.founded_on.map(|day| input("foundedOn", Some(day.to_string()), None)));
    let losses: Vec<_> = years
        .iter()
        .filter_map(|year| {
            counting(year).filter(|(profit, _)| profit.0 <= Money::ZERO).map(|(profit, _)| (year, profit))
        })
        .collect();
    if !losses.is_empty() {
        let list = |word: &str| {
            losses
                .iter()
                .map(|(year, profit)| format!("{word} {year}: {} đồng", profit.0))
                .collect::<Vec<_>>()
                .join("; ")
        };
        let vi = format!("Không có lãi: {} (bằng 0 không phải là có lãi).", list("năm"));
        return Finding::new(
            ConditionVerdict::NotMet,
            inputs,
            vi,
            format!("Without profit: {} (zero is not a profit).", list("year")),
        );
    }
    let founded_on = known.facts.founded_on;
    let before: Vec<_> =
        years.iter().filter(|year| founded_on.is_some_and(|day| i32::from(**year) < day.year())).collect();
    if let (Some(day), Some(first)) = (founded_on, before.first()) {
        let vi = format!("HTX thành lập ngày {day}: năm {first} chưa hoạt động nên không có lãi.");
        let en =
            format!("The cooperative was founded on {day}: in {first} it was not founded then, so it made no profit.");
        return Finding::new(ConditionVerdict::NotMet, inputs, vi, en);
    }
    let join = |years: Vec<&u16>| years.into_iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let missing = join(years.iter().filter(|year| counting(year).is_none()).collect());
    if !missing.is_empty() {
        let vi = format!("Thiếu lợi nhuận trước thuế của năm: {missing}.");
        let en = format!("The profit before tax is missing for: {missing}.");
        return Finding::new(ConditionVerdict::Unknown, inputs, vi, en);
    }
    let all = join(years.iter().collect());
    let estimated = join(years.iter().filter(|year| of(year).is_some_and(|profit| profit.estimated)).collect());
    let (vi, en) =
        (format!("Có lãi trong từng năm tài chính: {all}."), format!("Profit in each financial year: {all}."));
    if estimated.is_empty() {
        return Finding::new(ConditionVerdict::Met, inputs, vi, en);
    }
    let vi = format!("{vi} Số liệu năm {estimated} là ước thực hiện.");
    Finding::new(ConditionVerdict::Met, inputs, vi, format!("{en} The figures of {estimated} are estimates."))
}

/// "HTX nộp đầy đủ Hồ sơ đăng ký tham gia Đề án …"
fn dossier_complete(inputs: &EligibilityInputs) -> Finding {
    let present = &inputs.application.dossier;
    let missing: Vec<&Text> =
        inputs.required_items.iter().filter(|item| !present.contains(&item.code)).map(|item| &item.text).collect();
    let used = vec![input("dossier", (!present.is_empty()).then(|| present.join(", ")), Some("application"))];
    if missing.is_empty() {
        let (vi, en) = ("Hồ sơ có đủ các thành phần bắt buộc.", "The dossier has every required item.");
        return Finding::new(ConditionVerdict::Met, used, vi, en);
    }
    let vi = missing.iter().map(|text| text.vi.as_str()).collect::<Vec<_>>().join("; ");
    let en = missing.iter().map(|text| text.en.as_str()).collect::<Vec<_>>().join("; ");
    Finding::new(ConditionVerdict::NotMet, used, format!("Hồ sơ còn thiếu: {vi}."), format!("The dossier lacks: {en}."))
}

/// "… trong đó có Bản đánh giá HTX năm 2020 đạt loại Khá (65 điểm) trở lên theo Thông tư số 01/2020/TT-BKHĐT."
fn evaluation(year: u16, minimum: Points, inputs: &EligibilityInputs) -> Finding {
    let name = format!("evaluation.{year}.total");
    let Some(counting) = inputs.facts.evaluations.iter().find(|evaluation| evaluation.year == year) else {
        return Finding::new(
            ConditionVerdict::Unknown,
            vec![input(name, None, None)],
            format!("Chưa có bản đánh giá năm {year} đã nộp hoặc đã xác nhận."),
            format!("There is no submitted or confirmed evaluation of {year}."),
        );
    };
    let (total, kind) = (counting.total, Some(counting.kind.name()));
    let id = input(format!("evaluation.{year}.id"), Some(counting.id.to_string()), kind);
    let Some(reason) = counting.not_rated_reason else {
        return Finding::new(
            met_if(total >= minimum),
            vec![id, input(name, Some(total.to_string()), kind)],
            format!("Tổng điểm năm {year} là {total}; điều kiện yêu cầu từ {minimum} điểm."),
            format!("The total of {year} is {total}; the condition asks for {minimum} or more."),
        );
    };
    let Text { vi, en } = not_rated_in_words(reason);
    let reason = Some(reason.name().to_owned());
    Finding::new(
        ConditionVerdict::NotMet,
        vec![id, input(format!("evaluation.{year}.notRatedReason"), reason, kind)],
        format!("HTX không được xếp loại năm {year} vì {vi}; điều kiện yêu cầu từ {minimum} điểm."),
        format!("The cooperative is not rated for {year}: {en}; the condition asks for {minimum} or more."),
    )
}

/// A statement of the province's own, which the applicant attests or denies with evidence.
fn attested(code: &str, inputs: &EligibilityInputs) -> Finding {
    let answer = inputs.application.attestations.iter().find(|attestation| attestation.condition == code);
    let holds = answer.map(|answer| if answer.holds { "holds" } else { "does_not_hold" }.to_owned());
    let used = vec![input(format!("attestation.{code}"), holds, answer.map(|_| "application"))];
    let Some(answer) = answer else {
        return Finding::new(
            ConditionVerdict::Unknown,
            used,
            format!("Hồ sơ chưa cam kết điều kiện {code}."),
            format!("The application does not answer condition {code}."),
        );
    };
    let title = &answer.evidence.title;
    let (vi, en) = if answer.holds {
        (format!("HTX cam kết đáp ứng, kèm “{title}”."), format!("The cooperative attests it, with “{title}”."))
    } else {
        (format!("HTX cho biết không đáp ứng, kèm “{title}”."), format!("The cooperative denies it, with “{title}”."))
    };
    Finding::new(met_if(answer.holds), used, vi, en)
}

fn not_rated_in_words(reason: NotRatedReason) -> Text {
    match reason {
        NotRatedReason::OperatingTooShort => {
            Text::new("hoạt động chưa đủ thời gian", "it had not operated long enough")
        }
        NotRatedReason::StoppedTooLong => {
            Text::new("ngừng hoạt động quá lâu trong năm", "it had stopped for too long in the year")
        }
    }
}
