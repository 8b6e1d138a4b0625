//! The rules that give verdicts.

use super::decided::{Case, SetCase, choosing, classing, leaving, paying, scoring};
use super::{InForce, RuleParameter, parameters};
use crate::domain::classification::ClassOutcome;
use crate::domain::condition::ConditionKind;
use crate::domain::eligibility::ConditionVerdict;
use crate::domain::evaluation::NotRatedReason;
use crate::domain::improvement::ExitOutcome;
use crate::domain::support_need::rates::RateVerdict;

/// A rule that gives a verdict.
#[derive(Debug)]
pub(super) struct VerdictRule {
    /// Identifier.
    pub(super) id: &'static str,
    /// What it is about, in Vietnamese and English.
    pub(super) title: [&'static str; 2],
    /// The rule as a sentence.
    pub(super) statement: [&'static str; 2],
    /// Document and article.
    pub(super) legal_basis: &'static str,
    /// What it can come to under the data in force.
    pub(super) verdicts: fn(&InForce) -> Vec<String>,
    /// What it is applied with.
    pub(super) parameters: fn(&InForce) -> Vec<RuleParameter>,
    /// Examples that the code decides.
    pub(super) cases: Cases,
}

/// What examples are decided under.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cases {
    /// The data in force on the day.
    OfDay(&'static [Case]),
    /// Each criteria set in force on the day.
    OfSet(&'static [SetCase]),
}

fn list(names: impl IntoIterator<Item = &'static str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// A condition is met, not met or unknown.
fn three(_: &InForce) -> Vec<String> {
    list(ConditionVerdict::ALL.iter().map(|verdict| verdict.name()))
}

fn two(_: &InForce) -> Vec<String> {
    list([ConditionVerdict::Met.name(), ConditionVerdict::NotMet.name()])
}

fn exit(_: &InForce) -> Vec<String> {
    list(ExitOutcome::ALL.iter().map(|outcome| outcome.name()))
}

fn reasons(_: &InForce) -> Vec<String> {
    list(std::iter::once("rated").chain(NotRatedReason::ALL.iter().map(|reason| reason.name())))
}

fn ratings(in_force: &InForce) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for band in in_force.criteria_sets_in_force().flat_map(|set| &set.criteria.bands) {
        if !codes.contains(&band.code) {
            codes.push(band.code.clone());
        }
    }
    codes
}

fn none(_: &InForce) -> Vec<RuleParameter> {
    Vec::new()
}

/// Every rule that decides.
pub(super) const ALL: &[VerdictRule] = &[
    VerdictRule {
        id: "eligibility",
        title: ["Đủ điều kiện tham gia", "Eligibility"],
        statement: [
            "HTX đủ điều kiện khi mọi điều kiện bắt buộc đang có hiệu lực đều đáp ứng; một điều kiện không đáp ứng thì không đủ; \
             còn lại là chưa xác định, nêu rõ thiếu gì. Điều kiện ưu tiên xếp thứ tự, không loại trừ.",
            "A cooperative is eligible when every mandatory condition in force is met; it is not as soon as one is not met; else it \
             is unknown, with what is missing. Priority conditions rank and never exclude.",
        ],
        legal_basis: "2129/QĐ-UBND III.2",
        verdicts: three,
        parameters: none,
        cases: Cases::OfDay(choosing::ELIGIBILITY),
    },
    VerdictRule {
        id: "condition_law",
        title: ["Điều kiện về luật áp dụng", "Condition on the law"],
        statement: [
            "HTX hoạt động theo một trong các luật về hợp tác xã mà điều kiện nêu.",
            "The cooperative works under one of the laws on cooperatives that the condition names.",
        ],
        legal_basis: "2129/QĐ-UBND III.2.1",
        verdicts: three,
        parameters: |in_force| parameters::of_conditions(ConditionKind::Law, in_force),
        cases: Cases::OfDay(choosing::LAW),
    },
    VerdictRule {
        id: "condition_model",
        title: ["Điều kiện về mô hình", "Condition on the model"],
        statement: [
            "HTX hoạt động theo một trong các mô hình của Đề án.",
            "The cooperative works along one of the models of the scheme.",
        ],
        legal_basis: "2129/QĐ-UBND III.2.1, IV",
        verdicts: two,
        parameters: parameters::models,
        cases: Cases::OfDay(choosing::MODEL),
    },
    VerdictRule {
        id: "condition_profit",
        title: ["Điều kiện có lãi liên tục", "Condition of consecutive profit"],
        statement: [
            "HTX có lãi trước thuế trong từng năm tài chính mà điều kiện nêu; số đã kiểm tra có giá trị hơn số tự khai; bằng 0 không \
             phải là có lãi (cách hiểu của Sarus).",
            "The cooperative made a profit before tax in each financial year that the condition names; a verified figure counts over a \
             declared one; zero is not a profit (Sarus's reading).",
        ],
        legal_basis: "2129/QĐ-UBND III.2.1",
        verdicts: three,
        parameters: |in_force| parameters::of_conditions(ConditionKind::Profit, in_force),
        cases: Cases::OfDay(choosing::PROFIT),
    },
    VerdictRule {
        id: "condition_dossier",
        title: ["Điều kiện hồ sơ đầy đủ", "Condition of a complete dossier"],
        statement: [
            "Hồ sơ đăng ký có đủ các thành phần bắt buộc của Đề án.",
            "The application file holds every required item of the scheme.",
        ],
        legal_basis: "2129/QĐ-UBND III.2.1",
        verdicts: two,
        parameters: parameters::required_items,
        cases: Cases::OfDay(choosing::DOSSIER),
    },
    VerdictRule {
        id: "condition_evaluation",
        title: ["Điều kiện điểm đánh giá", "Condition of a minimum evaluation"],
        statement: [
            "Bản đánh giá có giá trị của năm mà điều kiện nêu đạt từ mức tối thiểu trở lên; bản đã xác nhận có giá trị hơn bản tự \
             đánh giá đã nộp; không được xếp loại là không đáp ứng.",
            "The evaluation that counts of the year that the condition names reached the minimum; a confirmed one counts over a \
             self-evaluation that was submitted; not rated is not met.",
        ],
        legal_basis: "2129/QĐ-UBND III.2.1; 01/2020/TT-BKHĐT",
        verdicts: three,
        parameters: |in_force| parameters::of_conditions(ConditionKind::Evaluation, in_force),
        cases: Cases::OfDay(choosing::EVALUATION),
    },
    VerdictRule {
        id: "condition_attested",
        title: ["Điều kiện cam kết của tỉnh", "Statement that a province asks to be attested"],
        statement: [
            "HTX cam kết trong hồ sơ, kèm tài liệu, rằng điều kiện riêng của tỉnh được đáp ứng.",
            "The cooperative attests in its application, with evidence, that the statement of the province's own condition holds.",
        ],
        legal_basis: "2129/QĐ-UBND III.1, VII.1",
        verdicts: three,
        parameters: |in_force| parameters::of_conditions(ConditionKind::Attested, in_force),
        cases: Cases::OfDay(choosing::ATTESTED),
    },
    VerdictRule {
        id: "ranking",
        title: ["Thứ tự ưu tiên", "Order of applicants"],
        statement: [
            "Hồ sơ nêu mọi điều kiện ưu tiên mà hồ sơ khác nêu và thêm nữa thì đứng trước hồ sơ đó. Lần lượt từng hạng được xếp cho một trong \
             các hồ sơ mà không hồ sơ nào còn chờ nêu nhiều hơn như vậy; giữa các hồ sơ đó kế hoạch của tỉnh phân định, không có trọng số, kế \
             hoạch không phân định thì đồng hạng. Điều kiện nào được tính do kế hoạch nói; kế hoạch không nói thì tính mọi điều kiện đã nêu \
             trừ điều kiện bị cơ quan bác (cách hiểu của Sarus). Hồ sơ chưa đủ điều kiện được liệt kê, không xếp thứ tự.",
            "An application that claims every priority condition of another, and more, stands before it. Each rank in turn goes to one of \
             those that nothing still waiting outclaims in this way; among them the province's plan decides, without weights, and whom it \
             does not tell apart share the rank. Which claims count the plan says; where it does not, all but those that an agency rejected \
             (Sarus's reading). Who is not eligible is listed and not ranked.",
        ],
        legal_basis: "2129/QĐ-UBND III.2.2",
        verdicts: |_| list(["first", "level", "not_ranked"]),
        parameters: none,
        cases: Cases::OfDay(choosing::RANKING),
    },
    VerdictRule {
        id: "rating",
        title: ["Xếp loại", "Rating"],
        statement: [
            "HTX được xếp vào hạng cao nhất mà tổng điểm đạt mức tối thiểu của hạng đó, theo bộ tiêu chí của bản đánh giá. Bộ tiêu chí nào \
             quy định việc bị xử phạt vi phạm hành chính buộc xếp một hạng (Thông tư 09/2017: Yếu) thì HTX bị xử phạt xếp hạng đó, dù tổng \
             điểm là bao nhiêu.",
            "A cooperative gets the best rating whose minimum its total reaches, under the criteria set of the evaluation. Where that set lets \
             an administrative fine force a rating (Circular 09/2017: weak), who was fined gets that one, whatever the total.",
        ],
        legal_basis: "01/2020/TT-BKHĐT",
        verdicts: ratings,
        parameters: parameters::bands,
        cases: Cases::OfSet(scoring::RATING),
    },
    VerdictRule {
        id: "not_rated",
        title: ["Không xếp loại", "Not rated"],
        statement: [
            "HTX hoạt động chưa đủ thời gian tính đến hết năm, hoặc ngừng hoạt động quá thời gian cho phép trong năm, thì không xếp loại; \
             vừa đủ thì vẫn xếp loại.",
            "A cooperative that had not operated long enough at the year's end, or had stopped for too long in the year, is not rated; \
             exactly as long is rated.",
        ],
        legal_basis: "01/2020/TT-BKHĐT",
        verdicts: reasons,
        parameters: parameters::not_rated,
        cases: Cases::OfSet(scoring::NOT_RATED),
    },
    VerdictRule {
        id: "classification",
        title: ["Phân loại HTX", "Classification"],
        statement: [
            "HTX được phân loại theo quy tắc có hiệu lực vào ngày xét; điều quy tắc chưa nói thì trả lời là chưa xác định, không đoán.",
            "A cooperative is classed by the rule in force on the day; what the rule does not say is told as unknown, not guessed.",
        ],
        legal_basis: "01/2020/TT-BKHĐT; 113/2024/NĐ-CP",
        verdicts: |_| list(ClassOutcome::ALL.iter().map(|outcome| outcome.name())),
        parameters: parameters::classes,
        cases: Cases::OfDay(classing::CLASSIFICATION),
    },
    VerdictRule {
        id: "evaluation_deadline",
        title: ["Hạn gửi kết quả đánh giá", "Deadline of evaluations"],
        statement: [
            "Kết quả đánh giá gửi chậm nhất vào ngày quy định, tính đến hết ngày đó theo giờ Việt Nam; gửi sau được ghi là chậm, không \
             từ chối.",
            "An evaluation is sent on the last day at the latest, to the end of that day in Vietnam; later it is marked late and not \
             refused.",
        ],
        legal_basis: "01/2020/TT-BKHĐT",
        verdicts: |_| list(["in_time", "late"]),
        parameters: parameters::deadlines,
        cases: Cases::OfSet(scoring::DEADLINE),
    },
    VerdictRule {
        id: "late_selection",
        title: ["Lựa chọn sau giai đoạn lựa chọn", "Selection after its phase"],
        statement: [
            "Quyết định lựa chọn sau giai đoạn lựa chọn được cảnh báo, không từ chối (Lào Cai tham gia tháng 7 năm 2023).",
            "A selection after the selection phase draws a warning and is not refused (Lào Cai joined in July 2023).",
        ],
        legal_basis: "2129/QĐ-UBND III.1, VI.1",
        verdicts: |_| list(["in_phase", "late_selection"]),
        parameters: parameters::selection_phase,
        cases: Cases::OfDay(choosing::LATE_SELECTION),
    },
    VerdictRule {
        id: "exit_total",
        title: ["Yêu cầu kết thúc: tổng điểm", "Exit: the total"],
        statement: [
            "Khi kết thúc Đề án, tổng điểm của HTX thí điểm đạt từ mức yêu cầu đến 100.",
            "At the end of the scheme the total of a pilot lies between what is required and 100.",
        ],
        legal_basis: "2129/QĐ-UBND VI.2.1",
        verdicts: exit,
        parameters: parameters::exit_points,
        cases: Cases::OfDay(leaving::EXIT_TOTAL),
    },
    VerdictRule {
        id: "exit_criteria",
        title: ["Yêu cầu kết thúc: tiêu chí cần hoàn thiện", "Exit: the criteria to be improved"],
        statement: [
            "Mỗi tiêu chí cần hoàn thiện có điểm bằng hoặc cao hơn ban đầu; tiêu chí không cần hoàn thiện có thể giảm. Tiêu chí đã được \
             phê duyệt là cần hoàn thiện vẫn tính, dù Kế hoạch sửa đổi về sau không còn nêu (cách hiểu của Sarus).",
            "Each criterion to be improved scores at or above its baseline; a criterion that was not to be improved may fall. One that was \
             once approved for improvement counts still, though a later revision of the plan drops it (Sarus's reading).",
        ],
        legal_basis: "2129/QĐ-UBND VI.2.1",
        verdicts: exit,
        parameters: none,
        cases: Cases::OfDay(leaving::EXIT_CRITERIA),
    },
    VerdictRule {
        id: "support_rate",
        title: ["Mức hỗ trợ", "Rate of support"],
        statement: [
            "Mức hỗ trợ của Nhà nước đã biết được đối chiếu với nhu cầu: lao động trẻ ít nhất bằng mức lương tối thiểu vùng nhân hệ số, có hạn số \
             tháng và số người; đào tạo theo tỷ lệ. Cao hơn mức ít nhất thì tỉnh quyết định; chưa có số liệu thì nói là chưa biết.",
            "A need is held against the known rates of support: young workers at least the regional minimum wage times a factor, for so many \
             months and persons; training by shares. Above the least the province decides; without figures in force it is told as unknown.",
        ],
        legal_basis: "1804/QĐ-TTg; 124/2021/TT-BTC",
        verdicts: |_| list(RateVerdict::ALL.iter().map(|verdict| verdict.name())),
        parameters: parameters::rates,
        cases: Cases::OfDay(paying::SUPPORT_RATE),
    },
];
