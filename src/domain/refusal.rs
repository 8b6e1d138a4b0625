//! Why a move of the scheme is refused: the rule, its legal basis, and every fault found, in words a person can act on.

use serde::Serialize;

use super::text::Text;

/// Whether the request itself is wrong, or stored state forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Wrong by the body and the reference data alone: the client must send something else.
    Input,
    /// Refused by stored state or a rule of the scheme: the same request may pass at another time.
    State,
}

/// One row a rule: variant, code, kind, title in Vietnamese and English, legal basis. The only place where a rule
/// that can refuse is named; problem documents and their pages are made from it.
macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $kind:ident, $vi:literal, $en:literal, $basis:literal;)+) => {
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

            /// Whether the request or the state is at fault.
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
        }
    };
}

rules! {
    // General
    /// A legal date lies after today.
    DateInFuture = "date_in_future", Input, "Ngày ở tương lai", "Date in the future", "Sarus: legal dates are past or present";
    /// A referenced record does not exist or is not the caller's.
    UnknownReference = "unknown_reference", Input, "Tham chiếu không tồn tại", "Unknown reference", "Sarus: references must resolve";
    /// The step does not follow from the state.
    WrongState = "wrong_state", State, "Sai trình tự", "Wrong state", "2129/QĐ-UBND VI: the steps of the scheme have an order";
    /// The person who created something may not approve it.
    FourEyes = "four_eyes", State, "Người lập không được phê duyệt", "Creator cannot approve", "2129/QĐ-UBND VII: who proposes does not approve";
    /// Only the agency that is responsible for the record may do this.
    NotResponsible = "not_responsible", State, "Không phải cơ quan phụ trách", "Not the responsible agency", "2129/QĐ-UBND VII: each agency acts within its duties";
    /// A natural key is taken.
    AlreadyExists = "already_exists", State, "Đã tồn tại", "Already exists", "Sarus: nothing is counted twice";
    /// Other records name the record.
    StillReferenced = "still_referenced", State, "Bản ghi còn được dẫn chiếu", "Still referenced", "Sarus: references must resolve";
    /// Only drafts can be deleted.
    NotADraft = "not_a_draft", State, "Không còn là dự thảo", "No longer a draft", "Sarus: nothing that was submitted is lost";
    // Plans
    /// The parts of an estimate do not sum to its total.
    TotalMismatch = "total_mismatch", Input, "Tổng dự toán không khớp", "Total does not equal the sum of its parts", "2129/QĐ-UBND V.2";
    /// A plan asks for more pilots than the scheme allows a province.
    QuotaAboveScheme = "quota_above_scheme", Input, "Số lượng HTX thí điểm vượt mức của Đề án", "More pilots than the scheme allows", "167/QĐ-TTg; 2129/QĐ-UBND II.2, III.1";
    /// The date lies outside the life of the scheme.
    OutsideScheme = "outside_scheme", Input, "Ngoài thời gian thực hiện Đề án", "Outside the period of the scheme", "167/QĐ-TTg; 2129/QĐ-UBND III.1";
    /// An amount of money must be more than nothing.
    AmountNotPositive = "amount_not_positive", Input, "Số tiền phải lớn hơn 0", "Amount must be above zero", "2129/QĐ-UBND V.2";
    // Applications, selection, pilots
    /// A code stands twice in one list.
    RepeatedItem = "repeated_item", Input, "Mục bị lặp", "Repeated item", "Sarus: nothing is counted twice";
    /// A record keeps whom and what it is about.
    CannotChange = "cannot_change", Input, "Không thể thay đổi", "Cannot be changed", "Sarus: a record keeps whom and what it is about";
    /// Two dates of one body are in the wrong order.
    DatesOutOfOrder = "dates_out_of_order", Input, "Ngày không đúng thứ tự", "Dates out of order", "Sarus: a document does not precede what it rests on";
    /// A date is older than any that a record can bear.
    DateOutOfRange = "date_out_of_range", Input, "Ngày ngoài khoảng hợp lệ", "Date out of range", "Sarus: no legal act of the state is older than 1945-09-02";
    /// A step is dated before what it follows.
    StepPredated = "step_predated", State, "Bước đề ngày trước bước trước nó", "Step dated before what it follows", "2129/QĐ-UBND VI: the steps of the scheme have an order";
    /// The evaluation does not show that a model was completed.
    EvaluationNotCounting = "evaluation_not_counting", State, "Bản đánh giá không dùng được để công nhận hoàn thiện", "The evaluation does not show the completion", "2129/QĐ-UBND VI.2.2";
    /// A decision that changes an earlier one is another, later one.
    NotALaterDecision = "not_a_later_decision", State, "Không phải quyết định ban hành sau", "Not a later decision", "Sarus: what was decided is changed by a later decision of its own number";
    /// An amendment changes something.
    AmendmentEmpty = "amendment_empty", Input, "Quyết định điều chỉnh không có nội dung", "The amendment changes nothing", "Sarus: a decision says what it changes";
    /// A model is replicated by others.
    OwnModel = "own_model", State, "Mô hình của chính HTX", "The cooperative's own model", "2129/QĐ-UBND VI.2.2, VII.9: other cooperatives replicate a completed model";
    /// Department and locality evaluate a completed model together with the lead agency.
    AssessorsIncomplete = "assessors_incomplete", State, "Thiếu cơ quan phối hợp đánh giá", "Assessors incomplete", "2129/QĐ-UBND VI.2.2: the lead agency evaluates with the departments concerned and the district People's Committee";
    /// A required item of the dossier is missing.
    DossierIncomplete = "dossier_incomplete", State, "Hồ sơ chưa đầy đủ", "Dossier incomplete", "2129/QĐ-UBND III.2.1: a complete application file";
    /// An application does not meet every mandatory condition.
    NotEligible = "not_eligible", State, "Chưa đủ điều kiện tham gia", "Not eligible", "2129/QĐ-UBND III.2.1: all mandatory conditions hold";
    /// A condition has parameters that are not those of its kind.
    ConditionParameters = "condition_parameters", Input, "Tham số không đúng loại điều kiện", "Parameters not of the kind of the condition", "2129/QĐ-UBND III.2.1";
    /// The province would have more pilots than its quota.
    QuotaExceeded = "quota_exceeded", State, "Vượt số lượng HTX thí điểm", "Quota of pilots exceeded", "167/QĐ-TTg; 2129/QĐ-UBND II.2: at most 5 pilots in a province";
    // Evaluations
    /// A criteria set does not hold together.
    InvalidCriteriaSet = "invalid_criteria_set", Input, "Bộ tiêu chí không nhất quán", "Criteria set does not hold together", "01/2020/TT-BKHĐT";
    /// A scale names an indicator that the code cannot compute.
    UnknownIndicator = "unknown_indicator", Input, "Không có chỉ tiêu này", "Unknown indicator", "Sarus: a scale turns a known indicator into points";
    /// Values that no step of a scale takes.
    ScaleGap = "scale_gap", Input, "Thang điểm có khoảng trống", "The scale leaves a gap", "Sarus: every value brings points by exactly one step";
    /// Values that two steps of a scale take.
    ScaleOverlap = "scale_overlap", Input, "Thang điểm chồng lấn", "Steps of the scale overlap", "Sarus: every value brings points by exactly one step";
    /// A scale that cannot be read.
    InvalidScale = "invalid_scale", Input, "Thang điểm không hợp lệ", "Scale invalid", "Sarus: a scale says for each field of activity what each value brings";
    /// Only drafts of a criteria set change.
    CriteriaFixed = "criteria_fixed", State, "Bộ tiêu chí đã ban hành không sửa được", "An activated criteria set does not change", "Sarus: an evaluation keeps the version it was made under";
    /// The code of a criteria set does not change.
    CriteriaCodeFixed = "criteria_code_fixed", Input, "Không đổi được mã bộ tiêu chí", "The code of a criteria set is fixed", "Sarus: evaluations name their criteria set by its code";
    /// Two versions of a code would be in force on one day.
    CriteriaOverlap = "criteria_overlap", State, "Hai phiên bản cùng hiệu lực", "Two versions in force at once", "Sarus: on each day one version of a code is in force";
    /// Points are computed, and other points need a reason.
    OverrideUnreasoned = "override_unreasoned", Input, "Sửa điểm tính được phải nêu lý do", "Computed points are overridden without a reason", "Sarus: points of a scale are overridden only with a reason";
    /// A reason without points that differ from computed ones.
    OverrideUnneeded = "override_unneeded", Input, "Lý do sửa điểm không cần thiết", "There is nothing to override", "Sarus: points of a scale are overridden only with a reason";
    /// Points cannot be computed: figures are not stated.
    FiguresMissing = "figures_missing", Input, "Thiếu số liệu để tính điểm", "Figures missing for a scale", "Sarus: what figure is missing is said, not guessed";
    /// The figures have changed since points were computed from them.
    FiguresChanged = "figures_changed", State, "Số liệu đã thay đổi", "The figures have changed", "Sarus: what is endorsed and sent is computed from the figures that stand";
    /// A set that a fine bears on asks whether there was one.
    FineNotStated = "fine_not_stated", Input, "Chưa nêu việc xử phạt hành chính", "Whether there was a fine is not stated", "09/2017/TT-BNNPTNT";
    /// A set that a fine does not bear on does not ask for it.
    FineNotAsked = "fine_not_asked", Input, "Bộ tiêu chí không hỏi việc xử phạt", "The criteria set does not ask about a fine", "Sarus: an evaluation states what its criteria set asks";
    /// No criteria set of that code is in force for the year.
    CriteriaNotInForce = "criteria_not_in_force", Input, "Bộ tiêu chí không có hiệu lực", "Criteria not in force", "01/2020/TT-BKHĐT";
    /// Scores are missing, unknown, given twice or above their maxima.
    InvalidScores = "invalid_scores", Input, "Điểm đánh giá không hợp lệ", "Invalid scores", "01/2020/TT-BKHĐT";
    /// A score names what the criteria set does not score.
    UnknownCriterion = "unknown_criterion", Input, "Không có tiêu chí này", "Unknown criterion", "01/2020/TT-BKHĐT";
    /// A criterion is scored twice.
    DuplicateScore = "duplicate_score", Input, "Chấm điểm trùng", "Scored twice", "01/2020/TT-BKHĐT";
    /// A criterion has no score.
    MissingScore = "missing_score", Input, "Thiếu điểm", "Score missing", "01/2020/TT-BKHĐT";
    /// Points above the maximum of a criterion, its part or its group.
    PointsAboveMaximum = "points_above_maximum", Input, "Vượt điểm tối đa", "Points above the maximum", "01/2020/TT-BKHĐT";
    /// Points finer than the criteria set allows.
    PointsStep = "points_step", Input, "Điểm lẻ quá mức cho phép", "Points too fine", "01/2020/TT-BKHĐT";
    /// Cooperative, year and kind of an evaluation do not change.
    EvaluationKeyFixed = "evaluation_key_fixed", Input, "Không đổi được HTX, năm, loại đánh giá", "Cooperative, year and kind are fixed", "Sarus: one evaluation per cooperative, year and kind";
    /// An evaluation of this kind is another's to make.
    NotOwnEvaluation = "not_own_evaluation", State, "Không phải bản đánh giá của mình", "Not one's own evaluation", "2129/QĐ-UBND I.3, VI.2.2, VII";
    /// Only the supervisory board can be absent by charter.
    BoardMustAgree = "board_must_agree", Input, "Hội đồng quản trị phải thống nhất", "The board of directors must agree", "01/2020/TT-BKHĐT";
    /// Both boards must agree to the content before it is submitted.
    EndorsementMissing = "endorsement_missing", State, "Thiếu ý kiến thống nhất", "Endorsement missing", "01/2020/TT-BKHĐT";
    // Cooperatives
    /// Figures or dates contradict each other.
    Contradiction = "contradiction", Input, "Số liệu mâu thuẫn", "Contradiction", "01/2020/TT-BKHĐT, Annex 2";
    /// The code is not of a unit in force.
    UnknownUnit = "unknown_unit", Input, "Đơn vị hành chính không có hiệu lực", "No such administrative unit at that date", "124/2004/QĐ-TTg";
    // Budget
    /// A line of preferential credit is lent by a fund, not allocated from the budget.
    CreditIsLent = "credit_is_lent", State, "Vốn ưu đãi là vốn vay, không phân bổ từ ngân sách", "Preferential credit is lent, not allocated", "2129/QĐ-UBND V.2, VII.6";
    /// An allocation would take more than its estimate line has left.
    LineExceeded = "line_exceeded", State, "Phân bổ vượt dự toán", "Allocated over the estimate", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015";
    /// A disbursement would take more than was allocated.
    AllocationExceeded = "allocation_exceeded", State, "Giải ngân vượt phân bổ", "Disbursed over the allocation", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015";
    /// A correction would take back more than the entry it corrects still holds.
    CorrectionExceeded = "correction_exceeded", State, "Điều chỉnh vượt bút toán gốc", "Correction over the entry it corrects", "Sarus: corrections are new entries, nothing posted is edited";
    /// A correction is not corrected again: what was right is recorded anew.
    CorrectsCorrection = "corrects_correction", State, "Không điều chỉnh một bút toán điều chỉnh", "A correction cannot be corrected", "Sarus: corrections are new entries, nothing posted is edited";
    /// More would be settled than was disbursed.
    SettlementExceeded = "settlement_exceeded", State, "Quyết toán vượt giải ngân", "Settled over what was disbursed", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015";
    /// A settlement accounts for all that was open: settled, carried over or returned.
    SettlementUnbalanced = "settlement_unbalanced", State, "Quyết toán không cân đối", "The settlement does not balance", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015";
    /// A correction that changes nothing is none.
    CorrectsNothing = "corrects_nothing", Input, "Điều chỉnh không thay đổi gì", "The correction changes nothing", "Sarus: corrections are new entries, nothing posted is edited";
    /// What is settled is taken back in the settlement before its disbursement is.
    DisbursementSettled = "disbursement_settled", State, "Khoản giải ngân đã quyết toán", "The disbursement is settled", "2129/QĐ-UBND VII.3; Luật Ngân sách nhà nước 2015";
    /// A fiscal year is settled in it or after it.
    YearNotBegun = "year_not_begun", Input, "Năm ngân sách chưa bắt đầu", "The fiscal year has not begun", "Luật Ngân sách nhà nước 2015";
    /// A line never holds less than what is allocated of it.
    BelowAllocated = "below_allocated", State, "Dự toán thấp hơn số đã phân bổ", "The line would fall below what is allocated", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015";
    /// A reduction would take back more than an allocation has left.
    ReductionExceeded = "reduction_exceeded", State, "Giảm phân bổ vượt số còn lại", "Reduced by more than the allocation has left", "2129/QĐ-UBND V.2; Luật Ngân sách nhà nước 2015";
    /// More would be upheld of a need than there is to uphold.
    NeedExceeded = "need_exceeded", State, "Vượt nhu cầu hoặc kết quả thẩm định", "More than is needed or appraised", "2129/QĐ-UBND VII.1, VII.3, VII.10";
    /// A need breaks a rate of support whose text is firm.
    RateNotKept = "rate_not_kept", State, "Không đúng mức hỗ trợ", "A rate of support is not kept", "1804/QĐ-TTg; 124/2021/TT-BTC";
    /// Support goes to pilots that take part.
    PilotStopped = "pilot_stopped", State, "HTX đã dừng tham gia Đề án", "The pilot left the scheme", "2129/QĐ-UBND I.3, V.1: support is for pilots";
    /// Money is allocated only from an approved plan.
    PlanNotApproved = "plan_not_approved", State, "Kế hoạch chưa được phê duyệt", "The plan is not approved", "2129/QĐ-UBND V.2, VII.1";
    // Reports
    /// The agency owes no report for the period.
    NoReportingDuty = "no_reporting_duty", State, "Không có nghĩa vụ báo cáo", "No duty to report", "2129/QĐ-UBND VI.2.2, VII.1, VII.2, VII.9";
    /// A successor of several agencies must say for which of them it reports.
    ObligorToName = "obligor_to_name", Input, "Chưa nêu cơ quan có nghĩa vụ báo cáo", "Name the agency that owes the report", "2129/QĐ-UBND VII.9; Sarus: a successor answers for each of its predecessors apart";
    /// A deadline leaves no working day after the data are closed.
    DeadlineTooEarly = "deadline_too_early", Input, "Hạn nộp quá sớm", "Deadline too early", "09/2019/NĐ-CP: at least one working day after the data are closed";
    /// A day of every year that some years do not have.
    NoSuchDay = "no_such_day", Input, "Không có ngày này", "No such day", "Sarus: a yearly deadline falls on a day of every year";
    /// Two deadlines for the same reports.
    DeadlinesOverlap = "deadlines_overlap", State, "Trùng quy định về hạn nộp", "Deadlines overlap", "Sarus: one deadline for a level, a kind of period and a day";
    /// Nothing is taken in after the lock of a period.
    PeriodLocked = "period_locked", State, "Kỳ báo cáo đã khóa", "The period is locked", "09/2019/NĐ-CP; the deadline that is in force";
    /// The period that is to be reported on has not begun.
    PeriodNotBegun = "period_not_begun", State, "Kỳ báo cáo chưa bắt đầu", "The period has not begun", "09/2019/NĐ-CP";
    /// A report is signed before the data of its period are closed.
    PeriodNotClosed = "period_not_closed", State, "Kỳ báo cáo chưa chốt số liệu", "The data of the period are not closed", "09/2019/NĐ-CP";
    /// Agency, period and form of a report do not change.
    ReportKeyFixed = "report_key_fixed", Input, "Không đổi được kỳ của báo cáo", "The period of a report is fixed", "Sarus: one report per agency, period, form and revision";
    /// An override does not give what its indicator is made of.
    OverrideShape = "override_shape", Input, "Số liệu thay thế không đúng dạng", "Override of the wrong shape", "Sarus: a ratio is kept as numerator and denominator, never as a percentage";
    // Improvement plans
    /// A criterion that the set of the baseline evaluation does not have.
    CriterionNotInSet = "criterion_not_in_set", Input, "Tiêu chí không thuộc bộ tiêu chí", "Criterion not in the set", "01/2020/TT-BKHĐT";
    /// The stated baseline is not that of the baseline evaluation.
    BaselineDiffers = "baseline_differs", Input, "Điểm ban đầu không khớp", "Baseline differs from the evaluation", "2129/QĐ-UBND VI.2.1";
    /// The baseline evaluation has no points for a criterion to be improved.
    BaselineMissing = "baseline_missing", Input, "Không có điểm ban đầu", "No baseline points", "2129/QĐ-UBND VI.2.1";
    /// A criterion to be improved has no target.
    TargetMissing = "target_missing", Input, "Thiếu điểm mục tiêu", "Target missing", "2129/QĐ-UBND VI.2.1";
    /// A target for a criterion that is not to be improved.
    TargetNotWanted = "target_not_wanted", Input, "Mục tiêu cho tiêu chí không cần hoàn thiện", "Target without improvement", "2129/QĐ-UBND VI.2.1";
    /// A target lies below the baseline.
    TargetBelowBaseline = "target_below_baseline", Input, "Mục tiêu thấp hơn ban đầu", "Target below the baseline", "2129/QĐ-UBND VI.2.1";
    /// A target lies above the maximum of its criterion.
    TargetAboveMaximum = "target_above_maximum", Input, "Mục tiêu vượt điểm tối đa", "Target above the maximum", "01/2020/TT-BKHĐT";
    /// The targets of a group cannot be reached together.
    GroupTargetsAboveMaximum = "group_targets_above_maximum", Input, "Tổng mục tiêu vượt điểm tối đa của nhóm", "Targets above the maximum of their group", "01/2020/TT-BKHĐT";
    /// A measure serves a criterion that is not to be improved.
    MeasureServesNoCriterion = "measure_serves_no_criterion", Input, "Giải pháp không gắn với tiêu chí cần hoàn thiện", "Measure serves no criterion of the plan", "2129/QĐ-UBND VI.2.2";
    /// The plan has no measure of that number.
    MeasureUnknown = "measure_unknown", Input, "Không có giải pháp này", "No such measure", "2129/QĐ-UBND VI.2.2";
    /// The plan goes to four recipients.
    RecipientsIncomplete = "recipients_incomplete", Input, "Thiếu nơi nhận", "Recipients incomplete", "2129/QĐ-UBND VI.2.1";
    /// A signed document is recognised by the digest of its bytes.
    DigestMissing = "digest_missing", Input, "Thiếu mã băm của văn bản đã ký", "Digest of the signed document missing", "Sarus: a signature is bound to the bytes that were signed";
    /// A yearly target lies outside baseline and target.
    YearlyTargetOutside = "yearly_target_outside", Input, "Mục tiêu năm ngoài khoảng cho phép", "Yearly target outside its range", "2129/QĐ-UBND VI.2.1";
    /// The draft is reviewed before it is signed.
    ReviewIncomplete = "review_incomplete", State, "Chưa đủ ý kiến rà soát", "Review incomplete", "2129/QĐ-UBND VI.2.1: departments, lead agency and Alliance review the plan before it is signed and sealed";
    /// The plan fits the State's support plan.
    PlanDoesNotFit = "plan_does_not_fit", State, "Kế hoạch chưa phù hợp kế hoạch hỗ trợ của Nhà nước", "The plan does not fit the State's support plan", "2129/QĐ-UBND VI.2.1";
    /// The lead agency consolidates before the People's Committee approves.
    NotConsolidated = "not_consolidated", State, "Kế hoạch chưa được tổng hợp", "The plan is not consolidated yet", "2129/QĐ-UBND VI.2.1: the lead agency consolidates and advises the People's Committee to approve";
    /// The evaluation cannot serve as a baseline.
    BaselineNotUsable = "baseline_not_usable", State, "Bản đánh giá không dùng làm mốc ban đầu được", "Evaluation not usable as a baseline", "2129/QĐ-UBND VI.2.1";
    /// The baseline stays what it was at the beginning.
    BaselineFixed = "baseline_fixed", State, "Điểm ban đầu không thay đổi", "The baseline is fixed", "2129/QĐ-UBND VI.2.1";
    /// A plan stays with its pilot.
    PilotFixed = "pilot_fixed", Input, "Không đổi được HTX thí điểm của Kế hoạch", "The pilot of a plan is fixed", "2129/QĐ-UBND VI.2.1";
    /// A plan without criteria to improve or without measures says nothing.
    PlanEmpty = "plan_empty", State, "Kế hoạch chưa có nội dung hoàn thiện", "The plan improves nothing yet", "2129/QĐ-UBND VI.2.2";
    /// The content is not the one that was meant.
    ContentChanged = "content_changed", State, "Nội dung đã thay đổi", "The content has changed", "Sarus: an approval is bound to the content that was approved";
    // Loans
    /// Loans come from preferential credit and support funds.
    SourceNotCredit = "source_not_credit", Input, "Nguồn không phải vốn vay ưu đãi", "The source is not credit", "2129/QĐ-UBND V.2, VII.6";
    /// More would be disbursed than was approved.
    LoanOverDisbursed = "loan_over_disbursed", State, "Giải ngân vượt số được duyệt", "Disbursed above the approved loan", "2129/QĐ-UBND V.2";
    /// More would be repaid than was disbursed.
    LoanOverRepaid = "loan_over_repaid", State, "Trả nợ vượt số đã giải ngân", "Repaid above what was disbursed", "2129/QĐ-UBND V.2";
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
}

impl Fault {
    /// A fault at a member.
    pub fn at(pointer: impl Into<String>, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: Text::new(vi, en) }
    }
}

/// A move that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that refuses.
    pub rule: Rule,
    /// The case at hand: what was asked, what stands in the way, with the inputs used.
    pub detail: Text,
    /// Every fault found, when there are several or they have a place.
    pub faults: Vec<Fault>,
}

impl Refusal {
    /// A refusal in words.
    pub fn new(rule: Rule, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { rule, detail: Text::new(vi, en), faults: Vec::new() }
    }

    /// A refusal that names the one member at fault.
    pub fn at(rule: Rule, pointer: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        let detail = Text::new(vi, en);
        let fault = Fault { pointer: pointer.into(), code: rule.code(), message: detail.clone() };
        Self { rule, detail, faults: vec![fault] }
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
            let fault = Fault { pointer: pointer.to_owned(), code: self.rule.code(), message: self.detail.clone() };
            self.faults = vec![fault];
        }
        self
    }

    /// Adds the faults found.
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

    #[test]
    fn codes_are_unique_snake_case() {
        let codes: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        assert!(
            codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        );
    }
}
