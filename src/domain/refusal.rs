//! Why a move of the scheme is refused: the rule, its legal basis, and every fault found, in words a person can act on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::text::Text;

/// Whether the request itself is wrong, whoever asks may not, or stored state forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Not of this role, whatever is asked for: asked before any other rule.
    Role,
    /// Wrong by the body and the reference data alone: the client must send something else.
    Input,
    /// Refused by stored state or a rule of the scheme: the same request may pass at another time.
    State,
}

/// One row a rule: variant, code, kind, title in Vietnamese and English, legal basis as a citation alone (`Sarus` where the
/// service itself asks; why stands in the rule book), and the inputs that each refusal under it gives. The only place where a rule that can refuse is named; problem documents and their pages are made
/// from it.
macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $kind:ident, $vi:literal, $en:literal, $basis:literal
        , [$($input:literal),+];)+) => {
        /// A rule that can refuse a move.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Rule { $($(#[$doc])* $variant,)+ }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code that clients match on.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Whether the request, the role or the state is at fault.
            pub const fn kind(self) -> RefusalKind {
                match self { $(Self::$variant => RefusalKind::$kind,)+ }
            }

            /// What the rule is about, in Vietnamese.
            pub const fn title_vi(self) -> &'static str {
                match self { $(Self::$variant => $vi,)+ }
            }

            /// What the rule is about, in English.
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }

            /// Document and article that the rule comes from.
            pub const fn legal_basis(self) -> &'static str {
                match self { $(Self::$variant => $basis,)+ }
            }

            /// The inputs that every refusal under it names, as they are called on the wire; one may name more.
            pub const fn inputs(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($input),+],)+ }
            }

            /// The rule of a code.
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|rule| rule.code() == code)
            }
        }
    };
}

rules! {
    // General
    /// The role lacks the permission: the table of roles is asked before any other rule.
    Forbidden = "forbidden", Role, "Vai trò không có quyền này", "The role lacks this permission", "2129/QĐ-UBND VII", ["role", "permission", "allowed"];
    /// A legal date lies after today.
    DateInFuture = "date_in_future", Input, "Ngày ở tương lai", "Date in the future", "Sarus", ["date", "today"];
    /// A referenced record does not exist or is not the caller's.
    UnknownReference = "unknown_reference", Input, "Tham chiếu không tồn tại", "Unknown reference", "Sarus", ["reference"];
    /// The step does not follow from the state.
    WrongState = "wrong_state", State, "Sai trình tự", "Wrong state", "2129/QĐ-UBND VI", ["state"];
    /// The person who created something may not approve it.
    FourEyes = "four_eyes", State, "Người lập không được phê duyệt", "Creator cannot approve", "2129/QĐ-UBND VII", ["person"];
    /// Only the agency that is responsible for the record may do this.
    NotResponsible = "not_responsible", State, "Không phải cơ quan phụ trách", "Not the responsible agency", "2129/QĐ-UBND VII", ["responsible"];
    /// A natural key is taken.
    AlreadyExists = "already_exists", State, "Đã tồn tại", "Already exists", "Sarus", ["key"];
    /// Other records name the record.
    StillReferenced = "still_referenced", State, "Bản ghi còn được dẫn chiếu", "Still referenced", "Sarus", ["record"];
    /// Only drafts can be deleted.
    NotADraft = "not_a_draft", State, "Không còn là dự thảo", "No longer a draft", "Sarus", ["state"];
    // Plans
    /// The parts of an estimate do not sum to its total.
    TotalMismatch = "total_mismatch", Input, "Tổng dự toán không khớp", "Total does not equal the sum of its parts", "2129/QĐ-UBND V.2", ["total", "sum"];
    /// A plan asks for more pilots than the scheme allows a province.
    QuotaAboveScheme = "quota_above_scheme", Input, "Số lượng HTX thí điểm vượt mức của Đề án", "More pilots than the scheme allows", "167/QĐ-TTg; 2129/QĐ-UBND II.2, III.1", ["asked", "quota"];
    /// The date lies outside the life of the scheme.
    OutsideScheme = "outside_scheme", Input, "Ngoài thời gian thực hiện Đề án", "Outside the period of the scheme", "167/QĐ-TTg; 2129/QĐ-UBND III.1", ["date", "from", "to"];
    /// An amount of money must be more than nothing.
    AmountNotPositive = "amount_not_positive", Input, "Số tiền phải lớn hơn 0", "Amount must be above zero", "2129/QĐ-UBND V.2", ["amount"];
    /// The parts of one request sum to more than an amount can say.
    TotalTooLarge = "total_too_large", Input, "Tổng số tiền quá lớn", "Total too large", "Sarus", ["total", "most"];
    /// A plan would hold more lines, or more money, than a plan can say.
    PlanTooLarge = "plan_too_large", State, "Kế hoạch quá lớn", "The plan is too large", "Sarus", ["total", "lines", "left"];
    /// A source or kind of support is of another nature than the line that names it.
    NatureContradicted = "nature_contradicted", Input, "Nguồn vốn không đúng tính chất", "Source and nature contradict each other", "2129/QĐ-UBND V.2, VII.6", ["stated", "against"];
    /// An entry of an allocation says otherwise than the line that it takes from.
    NotOfLine = "not_of_line", State, "Không khớp dòng dự toán", "Not what the line is for", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015", ["stated", "line"];
    /// An entry says otherwise than the approved need that it serves.
    NotOfNeed = "not_of_need", State, "Không khớp nhu cầu đã phê duyệt", "Not what the need was approved for", "2129/QĐ-UBND VII.1, VII.10", ["stated", "need"];
    /// A support whose rates are known states what they are checked on.
    PartsNotStated = "parts_not_stated", State, "Chưa kê khai chi tiết", "Parts not stated", "1804/QĐ-TTg; 124/2021/TT-BTC", ["supportKind", "missing"];
    /// A year is settled that lies before the money.
    YearBeforeMoney = "year_before_money", State, "Năm quyết toán không hợp lệ", "The year lies before the money", "Luật Ngân sách nhà nước 2015", ["year", "earliest"];
    /// A year is settled after a later one, or before an earlier one in which money was paid.
    YearOutOfOrder = "year_out_of_order", State, "Quyết toán không theo thứ tự năm", "Years settled out of order", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015", ["year", "other", "left"];
    // Applications, selection, pilots
    /// A code stands twice in one list.
    RepeatedItem = "repeated_item", Input, "Mục bị lặp", "Repeated item", "Sarus", ["item"];
    /// A record keeps whom and what it is about.
    CannotChange = "cannot_change", Input, "Không thể thay đổi", "Cannot be changed", "Sarus", ["kept"];
    /// An agency's kind and unit do not go together.
    AgencyKind = "agency_kind", Input, "Loại cơ quan và đơn vị hành chính không phù hợp", "Kind and unit of an agency do not match", "2129/QĐ-UBND VII", ["kind", "unit"];
    /// Two dates of one body are in the wrong order.
    DatesOutOfOrder = "dates_out_of_order", Input, "Ngày không đúng thứ tự", "Dates out of order", "Sarus", ["date", "limit"];
    /// A date is older than any that a record can bear.
    DateOutOfRange = "date_out_of_range", Input, "Ngày ngoài khoảng hợp lệ", "Date out of range", "Sarus", ["date", "limit"];
    /// A step is dated before what it follows.
    StepPredated = "step_predated", State, "Bước đề ngày trước bước trước nó", "Step dated before what it follows", "2129/QĐ-UBND VI", ["date", "earliest"];
    /// The evaluation does not show that a model was completed.
    EvaluationNotCounting = "evaluation_not_counting", State, "Bản đánh giá không dùng được để công nhận hoàn thiện", "The evaluation does not show the completion", "2129/QĐ-UBND VI.2.2", ["kind", "state", "year"];
    /// Pilots are measured by the criteria of their scheme.
    OtherCircular = "other_circular", State, "Bản đánh giá theo Thông tư khác", "Under another circular", "2129/QĐ-UBND III.2.1, VI.2.1; 01/2020/TT-BKHĐT", ["circular", "wanted"];
    /// A decision that changes an earlier one is another, later one.
    NotALaterDecision = "not_a_later_decision", State, "Không phải quyết định ban hành sau", "Not a later decision", "Sarus", ["decisionNumber"];
    /// An amendment changes something.
    AmendmentEmpty = "amendment_empty", Input, "Quyết định điều chỉnh không có nội dung", "The amendment changes nothing", "Sarus", ["changes"];
    /// A model is replicated by others.
    OwnModel = "own_model", State, "Mô hình của chính HTX", "The cooperative's own model", "2129/QĐ-UBND VI.2.2, VII.9", ["cooperative"];
    /// Department and locality evaluate a completed model together with the lead agency.
    AssessorsIncomplete = "assessors_incomplete", State, "Thiếu cơ quan phối hợp đánh giá", "Assessors incomplete", "2129/QĐ-UBND VI.2.2", ["department", "unit", "date"];
    /// A required item of the dossier is missing.
    DossierIncomplete = "dossier_incomplete", State, "Hồ sơ chưa đầy đủ", "Dossier incomplete", "2129/QĐ-UBND III.2.1", ["item"];
    /// An application does not meet every mandatory condition.
    NotEligible = "not_eligible", State, "Chưa đủ điều kiện tham gia", "Not eligible", "2129/QĐ-UBND III.2.1", ["application", "condition", "verdict"];
    /// A condition has parameters that are not those of its kind.
    ConditionParameters = "condition_parameters", Input, "Tham số không đúng loại điều kiện", "Parameters not of the kind of the condition", "2129/QĐ-UBND III.2.1", ["parameter", "kind"];
    /// The province would have more pilots than its quota.
    QuotaExceeded = "quota_exceeded", State, "Vượt số lượng HTX thí điểm", "Quota of pilots exceeded", "167/QĐ-TTg; 2129/QĐ-UBND II.2", ["quota", "taken", "left", "asked"];
    // Evaluations
    /// A criteria set does not hold together.
    InvalidCriteriaSet = "invalid_criteria_set", Input, "Bộ tiêu chí không nhất quán", "Criteria set does not hold together", "01/2020/TT-BKHĐT", ["criteriaSet"];
    /// A scale names an indicator that the code cannot compute.
    UnknownIndicator = "unknown_indicator", Input, "Không có chỉ tiêu này", "Unknown indicator", "Sarus", ["indicator"];
    /// Values that no step of a scale takes.
    ScaleGap = "scale_gap", Input, "Thang điểm có khoảng trống", "The scale leaves a gap", "Sarus", ["indicator"];
    /// Values that two steps of a scale take.
    ScaleOverlap = "scale_overlap", Input, "Thang điểm chồng lấn", "Steps of the scale overlap", "Sarus", ["indicator"];
    /// A scale that cannot be read.
    InvalidScale = "invalid_scale", Input, "Thang điểm không hợp lệ", "Scale invalid", "Sarus", ["criteriaSet"];
    /// Only drafts of a criteria set change.
    CriteriaFixed = "criteria_fixed", State, "Bộ tiêu chí đã ban hành không sửa được", "An activated criteria set does not change", "Sarus", ["criteriaSet", "version"];
    /// The code of a criteria set does not change.
    CriteriaCodeFixed = "criteria_code_fixed", Input, "Không đổi được mã bộ tiêu chí", "The code of a criteria set is fixed", "Sarus", ["criteriaSet"];
    /// Two versions of a code would be in force on one day.
    CriteriaOverlap = "criteria_overlap", State, "Hai phiên bản cùng hiệu lực", "Two versions in force at once", "Sarus", ["from", "criteriaSet", "version", "begins"];
    /// Points are computed, and other points need a reason.
    OverrideUnreasoned = "override_unreasoned", Input, "Sửa điểm tính được phải nêu lý do", "Computed points are overridden without a reason", "Sarus", ["criterion"];
    /// A reason without points that differ from computed ones.
    OverrideUnneeded = "override_unneeded", Input, "Lý do sửa điểm không cần thiết", "There is nothing to override", "Sarus", ["criterion"];
    /// Points cannot be computed: figures are not stated.
    FiguresMissing = "figures_missing", Input, "Thiếu số liệu để tính điểm", "Figures missing for a scale", "Sarus", ["criterion", "missing"];
    /// The figures have changed since points were computed from them.
    FiguresChanged = "figures_changed", State, "Số liệu đã thay đổi", "The figures have changed", "Sarus", ["criteria", "then", "now"];
    /// A set that a fine bears on asks whether there was one.
    FineNotStated = "fine_not_stated", Input, "Chưa nêu việc xử phạt hành chính", "Whether there was a fine is not stated", "09/2017/TT-BNNPTNT", ["criteriaSet"];
    /// A set that a fine does not bear on does not ask for it.
    FineNotAsked = "fine_not_asked", Input, "Bộ tiêu chí không hỏi việc xử phạt", "The criteria set does not ask about a fine", "Sarus", ["criteriaSet"];
    /// No criteria set of that code is in force for the year.
    CriteriaNotInForce = "criteria_not_in_force", Input, "Bộ tiêu chí không có hiệu lực", "Criteria not in force", "Sarus", ["criteriaSet"];
    /// The document of the criteria set does not cover the cooperative.
    OutsideCriteria = "outside_criteria", Input, "Ngoài phạm vi của thông tư", "Outside the circular", "01/2020/TT-BKHĐT", ["criteriaSet", "industry"];
    /// The document of its criteria set does not cover the cooperative that an evaluation is of.
    NotCovered = "not_covered", State, "Thông tư không áp dụng cho HTX này", "The circular does not cover the cooperative", "01/2020/TT-BKHĐT", ["criteriaSet", "industry"];
    /// By the register the outcome is no longer the one that was submitted.
    StandingChanged = "standing_changed", State, "Căn cứ xếp loại đã thay đổi", "The grounds of the rating have changed", "01/2020/TT-BKHĐT", ["then", "now"];
    /// Scores are missing, unknown, given twice or above their maxima.
    InvalidScores = "invalid_scores", Input, "Điểm đánh giá không hợp lệ", "Invalid scores", "01/2020/TT-BKHĐT", ["criteriaSet", "faults"];
    /// A score names what the criteria set does not score.
    UnknownCriterion = "unknown_criterion", Input, "Không có tiêu chí này", "Unknown criterion", "01/2020/TT-BKHĐT", ["criterion"];
    /// A criterion is scored twice.
    DuplicateScore = "duplicate_score", Input, "Chấm điểm trùng", "Scored twice", "01/2020/TT-BKHĐT", ["criterion"];
    /// A criterion has no score.
    MissingScore = "missing_score", Input, "Thiếu điểm", "Score missing", "01/2020/TT-BKHĐT", ["criterion"];
    /// Points above the maximum of a criterion, its part or its group.
    PointsAboveMaximum = "points_above_maximum", Input, "Vượt điểm tối đa", "Points above the maximum", "01/2020/TT-BKHĐT", ["of", "points", "maximum"];
    /// Points finer than the criteria set allows.
    PointsStep = "points_step", Input, "Điểm lẻ quá mức cho phép", "Points too fine", "01/2020/TT-BKHĐT", ["points", "step"];
    /// Cooperative, year and kind of an evaluation do not change.
    EvaluationKeyFixed = "evaluation_key_fixed", Input, "Không đổi được HTX, năm, loại đánh giá", "Cooperative, year and kind are fixed", "Sarus", ["kept"];
    /// An evaluation of this kind is another's to make.
    NotOwnEvaluation = "not_own_evaluation", State, "Không phải bản đánh giá của mình", "Not one's own evaluation", "2129/QĐ-UBND I.3, VI.2.2, VII", ["kind"];
    /// The lead agency's final evaluation is of a pilot.
    NotAPilot = "not_a_pilot", State, "Không phải HTX thí điểm", "Not a pilot", "2129/QĐ-UBND VI.2.2, VII.1", ["cooperative"];
    /// Only the supervisory board can be absent by charter.
    BoardMustAgree = "board_must_agree", Input, "Hội đồng quản trị phải thống nhất", "The board of directors must agree", "Sarus", ["board"];
    /// Both boards must agree to the content before it is submitted.
    EndorsementMissing = "endorsement_missing", State, "Thiếu ý kiến thống nhất", "Endorsement missing", "01/2020/TT-BKHĐT", ["boards"];
    // Cooperatives
    /// Figures or dates contradict each other.
    Contradiction = "contradiction", Input, "Số liệu mâu thuẫn", "Contradiction", "Sarus", ["stated", "against"];
    /// The code is not of a unit in force.
    UnknownUnit = "unknown_unit", Input, "Đơn vị hành chính không có hiệu lực", "No such administrative unit at that date", "124/2004/QĐ-TTg", ["unit", "date"];
    // Budget
    /// A line of preferential credit is lent by a fund, not allocated from the budget.
    CreditIsLent = "credit_is_lent", State, "Vốn ưu đãi là vốn vay, không phân bổ từ ngân sách", "Preferential credit is lent, not allocated", "2129/QĐ-UBND V.2, VII.6", ["credit"];
    /// An allocation would take more than its estimate line has left.
    LineExceeded = "line_exceeded", State, "Phân bổ vượt dự toán", "Allocated over the estimate", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015", ["line", "left", "asked"];
    /// A disbursement would take more than was allocated.
    AllocationExceeded = "allocation_exceeded", State, "Giải ngân vượt phân bổ", "Disbursed over the allocation", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015", ["left", "allocated", "asked"];
    /// A correction would take back more than the entry it corrects still holds.
    CorrectionExceeded = "correction_exceeded", State, "Điều chỉnh vượt bút toán gốc", "Correction over the entry it corrects", "Sarus", ["left", "asked"];
    /// A correction is not corrected again: what was right is recorded anew.
    CorrectsCorrection = "corrects_correction", State, "Không điều chỉnh một bút toán điều chỉnh", "A correction cannot be corrected", "Sarus", ["entry"];
    /// More would be settled than was disbursed.
    SettlementExceeded = "settlement_exceeded", State, "Quyết toán vượt giải ngân", "Settled over what was disbursed", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015", ["left", "asked"];
    /// A settlement accounts for all that was open: settled, carried over or returned.
    SettlementUnbalanced = "settlement_unbalanced", State, "Quyết toán không cân đối", "The settlement does not balance", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015", ["left", "stated", "difference"];
    /// A correction that changes nothing is none.
    CorrectsNothing = "corrects_nothing", Input, "Điều chỉnh không thay đổi gì", "The correction changes nothing", "Sarus", ["changes"];
    /// What is settled is taken back in the settlement before its disbursement is.
    DisbursementSettled = "disbursement_settled", State, "Khoản giải ngân đã quyết toán", "The disbursement is settled", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015", ["settled", "disbursed", "left", "asked"];
    /// A fiscal year is settled in it or after it.
    YearNotBegun = "year_not_begun", Input, "Năm ngân sách chưa bắt đầu", "The fiscal year has not begun", "Luật Ngân sách nhà nước 2015", ["documentYear", "year"];
    /// A line never holds less than what is allocated of it.
    BelowAllocated = "below_allocated", State, "Dự toán thấp hơn số đã phân bổ", "The line would fall below what is allocated", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015", ["line", "allocated", "left", "asked"];
    /// A reduction would take back more than an allocation has left.
    ReductionExceeded = "reduction_exceeded", State, "Giảm phân bổ vượt số còn lại", "Reduced by more than the allocation has left", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015", ["entry", "left", "asked"];
    /// More would be upheld of a need than there is to uphold.
    NeedExceeded = "need_exceeded", State, "Vượt nhu cầu hoặc kết quả thẩm định", "More than is needed or appraised", "2129/QĐ-UBND VII.1, VII.3, VII.10", ["left", "asked"];
    /// A need breaks a rate of support whose text is firm.
    RateNotKept = "rate_not_kept", State, "Không đúng mức hỗ trợ", "A rate of support is not kept", "1804/QĐ-TTg; 124/2021/TT-BTC", ["asked", "limit"];
    /// Support goes to pilots that take part.
    PilotStopped = "pilot_stopped", State, "HTX đã dừng tham gia Đề án", "The pilot left the scheme", "2129/QĐ-UBND I.3, V.1", ["pilot"];
    /// An entry says what its list does not ask.
    NotOfList = "not_of_list", Input, "Không thuộc danh mục này", "Not of this list", "Sarus", ["list"];
    /// The database refuses to edit or delete what was decided or posted.
    BooksKept = "books_kept", State, "Sổ sách đã ghi được giữ nguyên", "What is posted is kept", "Sarus", ["guard"];
    /// Money is allocated only from an approved plan.
    PlanNotApproved = "plan_not_approved", State, "Kế hoạch chưa được phê duyệt", "The plan is not approved", "2129/QĐ-UBND V.2, VII.1", ["province", "scheme"];
    // Reports
    /// The agency owes no report for the period.
    NoReportingDuty = "no_reporting_duty", State, "Không có nghĩa vụ báo cáo", "No duty to report", "2129/QĐ-UBND VI.2.2, VII.1, VII.2, VII.9", ["agency", "period"];
    /// A successor of several agencies must say for which of them it reports.
    ObligorToName = "obligor_to_name", Input, "Chưa nêu cơ quan có nghĩa vụ báo cáo", "Name the agency that owes the report", "2129/QĐ-UBND VII.9; Sarus", ["agencies"];
    /// A deadline leaves no working day after the data are closed.
    DeadlineTooEarly = "deadline_too_early", Input, "Hạn nộp quá sớm", "Deadline too early", "09/2019/NĐ-CP", ["closes", "earliest", "last"];
    /// A day of every year that some years do not have.
    NoSuchDay = "no_such_day", Input, "Không có ngày này", "No such day", "Sarus", ["day", "month"];
    /// A review of the scheme has no data window until one is set.
    WindowMissing = "window_missing", Input, "Thiếu thời kỳ số liệu", "Data window missing", "09/2019/NĐ-CP; 2129/QĐ-UBND VI", ["periodKind"];
    /// Two deadlines for the same reports.
    DeadlinesOverlap = "deadlines_overlap", State, "Trùng quy định về hạn nộp", "Deadlines overlap", "Sarus", ["deadline", "regime"];
    /// Two rules in force take the data of one period otherwise.
    WindowsDiffer = "windows_differ", State, "Các quy định lấy số liệu theo thời kỳ khác nhau", "Rules take the data of different windows", "Sarus; 09/2019/NĐ-CP", ["period", "from", "to", "deadline"];
    /// Reports were made on the window that a deadline would change.
    WindowInUse = "window_in_use", State, "Đã có báo cáo theo thời kỳ số liệu khác", "Reports were made on another data window", "Sarus; 09/2019/NĐ-CP", ["period", "from", "to"];
    /// A form asks for an indicator otherwise than the code computes it.
    IndicatorFormula = "indicator_formula", Input, "Chỉ tiêu không được tính như vậy", "The indicator is not computed like that", "2129/QĐ-UBND VI.2.2, VII.9; Sarus", ["indicator", "known"];
    /// The version of a form does not change: reports name it.
    FormVersionFixed = "form_version_fixed", Input, "Không đổi được phiên bản biểu mẫu", "The version of a form is fixed", "Sarus", ["form"];
    /// Another form is in force from that day or a later one.
    FormOverlaps = "form_overlaps", State, "Trùng hiệu lực biểu mẫu", "Forms overlap", "Sarus", ["form", "begins", "from"];
    /// Reports were made with another form.
    FormInUse = "form_in_use", State, "Đã có báo cáo theo biểu mẫu khác", "Reports were made with another form", "Sarus", ["form", "period"];
    /// Nothing is taken in after the lock of a period.
    PeriodLocked = "period_locked", State, "Kỳ báo cáo đã khóa", "The period is locked", "Sarus", ["lockedOn"];
    /// A figure that the agency put in is more than the figure that it is part of.
    PartExceedsWhole = "part_exceeds_whole", State, "Bộ phận lớn hơn tổng thể", "A part exceeds the whole", "2129/QĐ-UBND VI.2.2, VII.9; Sarus", ["part", "whole", "stated", "limit"];
    /// The period that is to be reported on has not begun.
    PeriodNotBegun = "period_not_begun", State, "Kỳ báo cáo chưa bắt đầu", "The period has not begun", "09/2019/NĐ-CP", ["period", "begins", "today"];
    /// A report is signed before the data of its period are closed.
    PeriodNotClosed = "period_not_closed", State, "Kỳ báo cáo chưa chốt số liệu", "The data of the period are not closed", "09/2019/NĐ-CP", ["period", "closes", "signed"];
    /// Agency, period and form of a report do not change.
    ReportKeyFixed = "report_key_fixed", Input, "Không đổi được kỳ của báo cáo", "The period of a report is fixed", "Sarus", ["period", "asked"];
    /// An override does not give what its indicator is made of.
    OverrideShape = "override_shape", Input, "Số liệu thay thế không đúng dạng", "Override of the wrong shape", "Sarus", ["indicator"];
    // Improvement plans
    /// A criterion that the set of the baseline evaluation does not have.
    CriterionNotInSet = "criterion_not_in_set", Input, "Tiêu chí không thuộc bộ tiêu chí", "Criterion not in the set", "01/2020/TT-BKHĐT", ["criterion"];
    /// The stated baseline is not that of the baseline evaluation.
    BaselineDiffers = "baseline_differs", Input, "Điểm ban đầu không khớp", "Baseline differs from the evaluation", "2129/QĐ-UBND VI.2.1", ["criterion", "stated", "held"];
    /// The baseline evaluation has no points for a criterion to be improved.
    BaselineMissing = "baseline_missing", Input, "Không có điểm ban đầu", "No baseline points", "2129/QĐ-UBND VI.2.1", ["criterion"];
    /// A criterion to be improved has no target.
    TargetMissing = "target_missing", Input, "Thiếu điểm mục tiêu", "Target missing", "2129/QĐ-UBND VI.2.1", ["criterion"];
    /// A target for a criterion that is not to be improved.
    TargetNotWanted = "target_not_wanted", Input, "Mục tiêu cho tiêu chí không cần hoàn thiện", "Target without improvement", "2129/QĐ-UBND VI.2.1", ["criterion"];
    /// A target lies below the baseline.
    TargetBelowBaseline = "target_below_baseline", Input, "Mục tiêu thấp hơn ban đầu", "Target below the baseline", "2129/QĐ-UBND VI.2.1", ["criterion", "target", "baseline"];
    /// A target lies above the maximum of its criterion.
    TargetAboveMaximum = "target_above_maximum", Input, "Mục tiêu vượt điểm tối đa", "Target above the maximum", "01/2020/TT-BKHĐT", ["criterion", "target", "maximum"];
    /// The targets of a group cannot be reached together.
    GroupTargetsAboveMaximum = "group_targets_above_maximum", Input, "Tổng mục tiêu vượt điểm tối đa của nhóm", "Targets above the maximum of their group", "01/2020/TT-BKHĐT", ["criteria", "sum", "maximum"];
    /// A measure serves a criterion that is not to be improved.
    MeasureServesNoCriterion = "measure_serves_no_criterion", Input, "Giải pháp không gắn với tiêu chí cần hoàn thiện", "Measure serves no criterion of the plan", "2129/QĐ-UBND VI.2.2", ["criterion"];
    /// The plan has no measure of that number.
    MeasureUnknown = "measure_unknown", Input, "Không có giải pháp này", "No such measure", "2129/QĐ-UBND VI.2.2", ["measure", "count"];
    /// The plan goes to four recipients.
    RecipientsIncomplete = "recipients_incomplete", Input, "Thiếu nơi nhận", "Recipients incomplete", "2129/QĐ-UBND VI.2.1", ["missing"];
    /// A signed document is recognised by the digest of its bytes.
    DigestMissing = "digest_missing", Input, "Thiếu mã băm của văn bản đã ký", "Digest of the signed document missing", "Sarus", ["document"];
    /// A yearly target lies outside baseline and target.
    YearlyTargetOutside = "yearly_target_outside", Input, "Mục tiêu năm ngoài khoảng cho phép", "Yearly target outside its range", "2129/QĐ-UBND VI.2.1", ["year", "target", "least", "most"];
    /// The draft is reviewed before it is signed.
    ReviewIncomplete = "review_incomplete", State, "Chưa đủ ý kiến rà soát", "Review incomplete", "2129/QĐ-UBND VI.2.1", ["missing"];
    /// The plan fits the State's support plan.
    PlanDoesNotFit = "plan_does_not_fit", State, "Kế hoạch chưa phù hợp kế hoạch hỗ trợ của Nhà nước", "The plan does not fit the State's support plan", "2129/QĐ-UBND VI.2.1", ["against"];
    /// The lead agency consolidates before the People's Committee approves.
    NotConsolidated = "not_consolidated", State, "Kế hoạch chưa được tổng hợp", "The plan is not consolidated yet", "2129/QĐ-UBND VI.2.1", ["plan"];
    /// The evaluation cannot serve as a baseline.
    BaselineNotUsable = "baseline_not_usable", State, "Bản đánh giá không dùng làm mốc ban đầu được", "Evaluation not usable as a baseline", "2129/QĐ-UBND VI.2.1", ["state", "rated"];
    /// The baseline stays what it was at the beginning.
    BaselineFixed = "baseline_fixed", State, "Điểm ban đầu không thay đổi", "The baseline is fixed", "2129/QĐ-UBND VI.2.1", ["baseline"];
    /// A plan stays with its pilot.
    PilotFixed = "pilot_fixed", Input, "Không đổi được HTX thí điểm của Kế hoạch", "The pilot of a plan is fixed", "2129/QĐ-UBND VI.2.1", ["pilot"];
    /// A plan without criteria to improve or without measures says nothing.
    PlanEmpty = "plan_empty", State, "Kế hoạch chưa có nội dung hoàn thiện", "The plan improves nothing yet", "2129/QĐ-UBND VI.2.2", ["criteria", "measures"];
    /// The content is not the one that was meant.
    ContentChanged = "content_changed", State, "Nội dung đã thay đổi", "The content has changed", "Sarus", ["held"];
    // Loans
    /// Loans come from preferential credit and support funds.
    SourceNotCredit = "source_not_credit", Input, "Nguồn không phải vốn vay ưu đãi", "The source is not credit", "2129/QĐ-UBND V.2, VII.6", ["source", "nature"];
    /// More would be disbursed than was approved.
    LoanOverDisbursed = "loan_over_disbursed", State, "Giải ngân vượt số được duyệt", "Disbursed above the approved loan", "2129/QĐ-UBND V.2", ["approved", "left", "total"];
    /// More would be repaid than was disbursed.
    LoanOverRepaid = "loan_over_repaid", State, "Trả nợ vượt số đã giải ngân", "Repaid above what was disbursed", "2129/QĐ-UBND V.2", ["left", "disbursed", "total"];
}

/// What a refusal or a finding rests on: figures, dates, limits, what was left; each by its name, as it is written on the
/// wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(BTreeMap<String, String>);

impl Inputs {
    /// The names and values.
    pub fn of(named: &[(&str, &dyn Display)]) -> Self {
        Self(named.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect())
    }

    /// With more names and values.
    #[must_use]
    pub fn and(mut self, named: &[(&str, &dyn Display)]) -> Self {
        self.0.extend(Self::of(named).0);
        self
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialSchema for Inputs {
    fn schema() -> RefOr<Schema> {
        let value = ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(4000))
            .pattern(Some(r"^[\s\S]*$"))
            .description(Some("The value, written as elsewhere on the wire: amounts, points and dates as strings."));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "What it rests on, by name: figures, dates, limits, what was left. The rule book says which names each rule \
                 always gives.",
            ))
            .additional_properties(Some(value))
            .max_properties(Some(20))
            .examples([serde_json::json!({"left": "6615000000", "asked": "7000000000"})])
            .into()
    }
}

impl ToSchema for Inputs {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NamedInputs")
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer of the member itself; empty when the whole is meant.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
    /// What it rests on.
    pub inputs: Inputs,
    /// Document and article that it comes from, where they are others than those of its rule.
    pub legal_basis: Option<Box<str>>,
}

impl Fault {
    /// A fault at a member.
    pub fn at(pointer: impl Into<String>, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: Text::new(vi, en), inputs: Inputs::default(), legal_basis: None }
    }

    /// Names what it rests on: the very values that its words give.
    #[must_use]
    pub fn given(mut self, inputs: &[(&str, &dyn Display)]) -> Self {
        self.inputs = Inputs::of(inputs);
        self
    }

    /// The rule that it falls under; none where the protocol or the schema is at fault.
    pub fn rule(&self) -> Option<Rule> {
        Rule::of_code(self.code)
    }

    /// Document and article that it comes from, where a rule of the scheme is at fault.
    pub fn legal_basis(&self) -> Option<&str> {
        self.legal_basis.as_deref().or_else(|| self.rule().map(Rule::legal_basis))
    }

    /// Cites another document than the rule does: the circular of the criteria set at hand.
    #[must_use]
    pub fn under(mut self, legal_basis: &str) -> Self {
        self.legal_basis = Some(legal_basis.into());
        self
    }
}

/// A move that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that refuses.
    pub rule: Rule,
    /// The case at hand: what was asked, what stands in the way, with the inputs used.
    pub detail: Text,
    /// What it rests on.
    pub inputs: Inputs,
    /// Every fault found, when there are several or they have a place.
    pub faults: Vec<Fault>,
    /// Document and article that it comes from, where they are others than those of the rule: the circular of the criteria set
    /// at hand.
    pub legal_basis: Option<Box<str>>,
}

impl Refusal {
    /// A refusal in words.
    pub fn new(rule: Rule, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { rule, detail: Text::new(vi, en), inputs: Inputs::default(), faults: Vec::new(), legal_basis: None }
    }

    /// A refusal that names the one member at fault.
    pub fn at(rule: Rule, pointer: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        let detail = Text::new(vi, en);
        let fault = Fault::at(pointer, rule.code(), &*detail.vi, &*detail.en);
        Self { rule, detail, inputs: Inputs::default(), faults: vec![fault], legal_basis: None }
    }

    /// Names what it rests on: the very values that its words give.
    #[must_use]
    pub fn given(mut self, inputs: &[(&str, &dyn Display)]) -> Self {
        self.inputs = Inputs::of(inputs);
        for fault in &mut self.faults {
            fault.inputs = self.inputs.clone();
        }
        self
    }

    /// Document and article that it comes from.
    pub fn legal_basis(&self) -> &str {
        self.legal_basis.as_deref().unwrap_or(self.rule.legal_basis())
    }

    /// Cites the document at hand in place of the one that the rule names, in itself and in its faults: what is scored under
    /// one circular is not refused under another.
    #[must_use]
    pub fn under(mut self, legal_basis: &str) -> Self {
        self.legal_basis = Some(legal_basis.into());
        for fault in self.faults.iter_mut().filter(|fault| fault.legal_basis.is_none() && fault.rule().is_some()) {
            fault.legal_basis = Some(legal_basis.into());
        }
        self
    }

    /// Names the key that is taken, member by member, and what else the refusal rests on.
    #[must_use]
    pub fn keyed(self, key: &[(&str, &dyn Display)], besides: &[(&str, &dyn Display)]) -> Self {
        let names = key.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let inputs: Vec<(&str, &dyn Display)> =
            key.iter().chain(besides).copied().chain([("key", &names as &dyn Display)]).collect();
        self.given(&inputs)
    }

    /// Passes when nothing was refused; else one refusal with the faults of all, under the first rule and its words.
    pub fn of_all(refusals: Vec<Self>) -> Result<(), Self> {
        let mut refusals = refusals.into_iter();
        let Some(mut first) = refusals.next() else { return Ok(()) };
        first.faults.extend(refusals.flat_map(|refusal| refusal.faults));
        Err(first)
    }

    /// The same refusal, at a member where it has no place yet.
    #[must_use]
    pub fn placed(mut self, pointer: &str) -> Self {
        if self.faults.is_empty() {
            let (code, message, inputs) = (self.rule.code(), self.detail.clone(), self.inputs.clone());
            let legal_basis = self.legal_basis.clone();
            self.faults = vec![Fault { pointer: pointer.to_owned(), code, message, inputs, legal_basis }];
        }
        self
    }

    /// Adds the faults found; they keep the inputs of their own.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A citation is numbers of documents and places in them, the same in every language: no sentence, no English.
    #[test]
    fn a_legal_basis_is_a_citation_and_nothing_else() {
        let is_place = |place: &str| place.bytes().all(|byte| b"IVX0123456789.".contains(&byte));
        for rule in Rule::ALL {
            for cited in rule.legal_basis().split("; ") {
                let (document, places) = cited.split_once(' ').unwrap_or((cited, ""));
                let is_numbered = document.contains('/') && places.split(", ").all(is_place);
                let is_law = cited == "Luật Ngân sách nhà nước 2015";
                assert!(is_numbered || is_law || cited == "Sarus", "{rule:?}: {cited}");
            }
        }
    }

    #[test]
    fn a_refusal_cites_the_document_at_hand() {
        let fault = Fault::at("/scores", Rule::MissingScore.code(), "Thiếu", "Missing");
        let protocol = Fault::at("/scores", "required", "Thiếu", "Missing");
        let refusal = Refusal::new(Rule::InvalidScores, "Sai", "Wrong").with_faults(vec![fault, protocol]);
        assert_eq!(
            (refusal.legal_basis(), refusal.faults[0].legal_basis()),
            ("01/2020/TT-BKHĐT", Some("01/2020/TT-BKHĐT"))
        );
        assert_eq!(refusal.faults[1].legal_basis(), None);
        let other = refusal.under("09/2017/TT-BNNPTNT");
        assert_eq!(
            (other.legal_basis(), other.faults[0].legal_basis()),
            ("09/2017/TT-BNNPTNT", Some("09/2017/TT-BNNPTNT"))
        );
        assert_eq!(other.faults[1].legal_basis(), None);
    }

    #[test]
    fn codes_are_unique_snake_case() {
        let codes: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        assert!(
            codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        );
    }
}
