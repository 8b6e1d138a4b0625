//! The indicators of the periodic reports: what each counts, in which unit, and how it adds up.
//!
//! A sum adds. A ratio is the sum of numerators over the sum of denominators, never a mean of ratios, and has no
//! value over nothing. A count of distinct things is counted again, never added. The list is a proposal drawn from
//! 2129/QĐ-UBND and the known circulars: the ministry's own form (Letter 1485/BKHĐT-HTX) is not public. A form may define
//! further ones, which are entered by hand.

mod defined;
mod measure;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::quantity::Quantity;
use super::text::Text;

pub use defined::{Defined, Definition};
pub use measure::{
    BreakdownPart, Figure, FigureStatus, FurtherBreakdown, IndicatorMeasure, Measure, over_provinces, over_units,
};

/// What an indicator is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorUnit {
    /// Cooperatives (*HTX*).
    Cooperative,
    /// Criteria of an evaluation (*tiêu chí*).
    Criterion,
    /// Persons (*người*).
    Person,
    /// Whole Vietnamese đồng.
    Dong,
    /// Points with two places (*điểm*).
    Point,
    /// Per cent with two places (*%*).
    Percent,
    /// Attendances: a person counts once each time (*lượt người*).
    Attendance,
    /// Inspections (*cuộc kiểm tra*).
    Inspection,
    /// Cases (*vụ việc*).
    Case,
}

/// How figures of an indicator combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Additivity {
    /// They add.
    Sum,
    /// The sum of the numerators over the sum of the denominators.
    Ratio,
    /// The value at the end stands for the whole (over time only).
    Latest,
    /// Different things counted once: counted again from the records, never added.
    Distinct,
    /// It is of its own period alone and never added (over time only).
    NotAdded,
}

/// Where the figures of an indicator come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorSource {
    /// Computed from the records; an override keeps both values.
    Records,
    /// Entered by the reporting agency, with where it has it from: the service keeps no records of it yet.
    Entered,
}

/// Which reports carry an indicator, by their period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Six-month and annual reports.
    HalfYearly,
    /// Annual reports alone.
    Annual,
}

/// Which reports carry an indicator, by whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's: it is counted over pilots.
    Pilots,
    /// Reports on a territory: it is counted over all cooperatives there.
    Territory,
    /// The province's alone: it comes from the provincial plan, which is not split below.
    Province,
}

/// What the breakdown of an indicator is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakdownBy {
    /// The model of the scheme: `A1` … `N4`.
    Model,
    /// The rating: `good`, `fair`, `average`, `weak`, `not_rated`.
    Rating,
    /// The category of the plan's estimate.
    Category,
}

/// What an indicator is broken down by beside its `breakdown`, each time over the whole again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FurtherBy {
    /// The source of money (*nguồn kinh phí*): the parts sum to the value.
    Source,
    /// The nature of money (*tính chất*): the parts sum to the value.
    Nature,
    /// The kind of support (*loại hỗ trợ*): whoever gets two kinds is counted under both, so the parts may be more than the
    /// value.
    SupportKind,
}

impl FurtherBy {
    /// Whether its parts make the whole.
    pub const fn sums_up(self) -> bool {
        matches!(self, Self::Source | Self::Nature)
    }
}

/// The key of what is not stated, in a further breakdown.
pub const NOT_STATED: &str = "not_stated";

/// The parts of a breakdown by rating, best first (Circular 01/2020/TT-BKHĐT); not rated is an outcome too.
pub const RATINGS: [&str; 5] = ["good", "fair", "average", "weak", "not_rated"];

/// One row an indicator: variant, code, unit, over units, over time, frequency, reach, breakdown, labels.
macro_rules! indicators {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $unit:ident, $units:ident, $time:ident, $frequency:ident,
       $reach:ident, $by:expr, $vi:literal, $en:literal;)+) => {
        /// An indicator of the periodic reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Indicator {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
            /// Defined by a form, and entered by hand.
            #[serde(rename = "defined")]
            Defined(Defined),
        }

        impl Indicator {
            /// Every indicator that the code computes, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ Self::Defined(own) => own.definition().code.as_str() }
            }

            /// What it is measured in.
            pub const fn unit(self) -> IndicatorUnit {
                match self { $(Self::$variant => IndicatorUnit::$unit,)+ Self::Defined(own) => own.definition().unit }
            }

            /// How the figures of units make the figure of a larger unit.
            pub const fn over_units(self) -> Additivity {
                match self { $(Self::$variant => Additivity::$units,)+ Self::Defined(own) => own.definition().over_units }
            }

            /// How the figures of two half-years make the figure of a year.
            pub const fn over_time(self) -> Additivity {
                match self { $(Self::$variant => Additivity::$time,)+ Self::Defined(own) => own.definition().over_time }
            }

            /// The periods that it is reported for.
            pub const fn frequency(self) -> Frequency {
                match self { $(Self::$variant => Frequency::$frequency,)+ Self::Defined(_) => Frequency::HalfYearly }
            }

            /// Whose reports carry it.
            pub const fn reach(self) -> Reach {
                match self { $(Self::$variant => Reach::$reach,)+ Self::Defined(_) => Reach::Pilots }
            }

            /// What it is broken down by, if it is.
            pub const fn breakdown_by(self) -> Option<BreakdownBy> {
                match self { $(Self::$variant => $by,)+ Self::Defined(_) => None }
            }

            /// What it counts, in words.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($vi, $en),)+ Self::Defined(own) => own.definition().label.clone() }
            }
        }
    };
}

use BreakdownBy as By;

indicators! {
    /// Selected, and neither stopped nor ended, at the end of the window; a completed model stays in the scheme.
    PilotsActive = "pilots_active", Cooperative, Sum, Latest, HalfYearly, Pilots, Some(By::Model), "Số HTX thí điểm đang thực hiện Đề án (theo mô hình)", "Active pilots, by model";
    /// Selected by a decision of the window.
    PilotsSelected = "pilots_selected", Cooperative, Sum, Sum, HalfYearly, Pilots, None, "Số HTX thí điểm được phê duyệt trong kỳ", "Pilots approved in the period";
    /// Left the scheme in the window.
    PilotsStopped = "pilots_stopped", Cooperative, Sum, Sum, HalfYearly, Pilots, None, "Số HTX thí điểm dừng tham gia", "Pilots that stopped";
    /// With a plan approved by the end of the window, among those in the scheme.
    ImprovementPlansApproved = "improvement_plans_approved", Cooperative, Sum, Latest, HalfYearly, Pilots, None, "Số HTX thí điểm có Kế hoạch hoàn thiện được phê duyệt", "Pilots with an approved improvement plan";
    /// In the approved plans.
    CriteriaToImprove = "criteria_to_improve", Criterion, Sum, Latest, HalfYearly, Pilots, None, "Số tiêu chí cần hoàn thiện", "Criteria to be improved";
    /// By the evaluation of the year that counts, against the plan in force.
    CriteriaNotBelowBaseline = "criteria_not_below_baseline", Criterion, Sum, Latest, Annual, Pilots, None, "Số tiêu chí cần hoàn thiện đạt bằng hoặc cao hơn ban đầu", "Criteria to be improved that are at or above their baseline";
    /// By the evaluation of the year that counts, against the plan in force.
    CriteriaAtTarget = "criteria_at_target", Criterion, Sum, Latest, Annual, Pilots, None, "Số tiêu chí cần hoàn thiện đạt mục tiêu", "Criteria to be improved that reached their target";
    /// Criteria at their target, over those to be improved.
    CriteriaTargetRate = "criteria_target_rate", Percent, Ratio, Latest, Annual, Pilots, None, "Tỷ lệ tiêu chí cần hoàn thiện đạt mục tiêu", "Share of criteria to be improved that reached their target";
    /// Measures of approved plans done, over those due by the end of the window.
    MeasuresDoneRate = "measures_done_rate", Percent, Ratio, Latest, HalfYearly, Pilots, None, "Tỷ lệ giải pháp trong kế hoạch đã hoàn thành", "Share of due measures of the plans that are done";
    /// Completed their model by the end of the window.
    PilotsModelsCompleted = "pilots_models_completed", Cooperative, Sum, Latest, HalfYearly, Pilots, None, "Số HTX thí điểm đã hoàn thiện mô hình", "Pilots that completed their model";
    /// By the evaluation of the year that counts.
    PilotsByRating = "pilots_by_rating", Cooperative, Sum, Latest, Annual, Pilots, Some(By::Rating), "Số HTX thí điểm theo xếp loại (Tốt, Khá, Trung bình, Yếu, không xếp loại)", "Pilots by rating (Tốt, Khá, Trung bình, Yếu, not rated)";
    /// Rated *Tốt*, over all in the scheme: the target is 100 %.
    PilotsGoodShare = "pilots_good_share", Percent, Ratio, Latest, Annual, Pilots, None, "Tỷ lệ HTX thí điểm xếp loại Tốt (mục tiêu 100%)", "Share of pilots rated Tốt (target 100 %)";
    /// The sum of totals over the pilots that are rated.
    PilotsScoreMean = "pilots_score_mean", Point, Ratio, Latest, Annual, Pilots, None, "Điểm đánh giá bình quân của HTX thí điểm", "Mean points of pilots";
    /// Both exit verdicts are met: as kept for pilots that ended, else by the evaluation of the year and the plan in force.
    PilotsExitMet = "pilots_exit_met", Cooperative, Sum, Latest, Annual, Pilots, None, "Số HTX thí điểm đáp ứng cả hai yêu cầu khi kết thúc", "Pilots that meet both exit conditions";
    /// All cooperatives of the territory, pilots or not.
    CoopsByRating = "coops_by_rating", Cooperative, Sum, Latest, Annual, Territory, Some(By::Rating), "Số HTX trên địa bàn theo xếp loại", "Cooperatives of the area by rating";
    /// Yearly figures of the pilots.
    MembersTotal = "members_total", Person, Sum, Latest, Annual, Pilots, None, "Số thành viên HTX thí điểm", "Members of pilots";
    /// Yearly figures of the pilots.
    MembersWomen = "members_women", Person, Sum, Latest, Annual, Pilots, None, "Số thành viên nữ", "Women among the members";
    /// Yearly figures of the pilots.
    MembersEthnicMinority = "members_ethnic_minority", Person, Sum, Latest, Annual, Pilots, None, "Số thành viên là người dân tộc thiểu số", "Members of ethnic minorities";
    /// Yearly figures of two years, of the pilots that gave both.
    MembersNetChange = "members_net_change", Person, Sum, NotAdded, Annual, Pilots, None, "Số thành viên tăng (giảm) trong năm", "Net change of members in the year";
    /// Yearly figures of the pilots.
    WorkersRegular = "workers_regular", Person, Sum, Latest, Annual, Pilots, None, "Số lao động thường xuyên", "Regular workers";
    /// Yearly figures of the pilots.
    TotalCapital = "total_capital", Dong, Sum, Latest, Annual, Pilots, None, "Tổng nguồn vốn", "Total capital";
    /// Yearly figures of the pilots.
    Revenue = "revenue", Dong, Sum, Latest, Annual, Pilots, None, "Doanh thu", "Revenue";
    /// Yearly figures of the pilots; a loss is negative.
    ProfitBeforeTax = "profit_before_tax", Dong, Sum, Latest, Annual, Pilots, None, "Lợi nhuận trước thuế", "Profit before tax";
    /// With a pre-tax profit above zero.
    PilotsProfitable = "pilots_profitable", Cooperative, Sum, Latest, Annual, Pilots, None, "Số HTX thí điểm có lãi", "Pilots with a profit";
    /// Managers with a degree over all managers, of the pilots that gave both.
    ManagersDegreeShare = "managers_degree_share", Percent, Ratio, Latest, Annual, Pilots, None, "Tỷ lệ cán bộ quản lý có trình độ đại học, cao đẳng", "Share of managers with a university or college degree";
    /// Yearly facts of the pilots.
    PilotsValueChain = "pilots_value_chain", Cooperative, Sum, Latest, Annual, Pilots, None, "Số HTX thí điểm liên kết với doanh nghiệp theo chuỗi giá trị", "Pilots linked with enterprises in a value chain";
    /// Yearly facts of the pilots.
    PilotsIndependentAudit = "pilots_independent_audit", Cooperative, Sum, Latest, Annual, Pilots, None, "Số HTX thí điểm thực hiện kiểm toán độc lập", "Pilots with an independent audit";
    /// Lines of the approved provincial plan as amended by the end of the window, credit among them.
    SupportEstimated = "support_estimated", Dong, Sum, Latest, HalfYearly, Province, Some(By::Category), "Dự toán kinh phí (theo nguồn, tính chất, nội dung)", "Estimated funds (by source, nature, category)";
    /// Allocation decisions of the window less reductions decided in it; credit apart.
    SupportAllocated = "support_allocated", Dong, Sum, Sum, HalfYearly, Pilots, Some(By::Category), "Kinh phí đã phân bổ", "Allocated funds";
    /// Disbursements of the window, corrections among them; credit apart.
    SupportDisbursed = "support_disbursed", Dong, Sum, Sum, HalfYearly, Pilots, Some(By::Category), "Kinh phí đã giải ngân", "Disbursed funds";
    /// Disbursed over allocated, both from the beginning to the end of the window; credit apart.
    DisbursementRate = "disbursement_rate", Percent, Ratio, Latest, HalfYearly, Pilots, None, "Tỷ lệ giải ngân lũy kế", "Disbursement rate to date";
    /// Accepted settlements whose document is of the window.
    SupportSettled = "support_settled", Dong, Sum, Sum, Annual, Pilots, Some(By::Category), "Kinh phí đã quyết toán", "Settled funds";
    /// Loans paid out in the window.
    LoansDisbursed = "loans_disbursed", Dong, Sum, Sum, HalfYearly, Pilots, None, "Doanh số cho vay ưu đãi", "Preferential loans disbursed";
    /// Paid out and not yet repaid at the end of the window.
    LoansOutstanding = "loans_outstanding", Dong, Sum, Latest, HalfYearly, Pilots, None, "Dư nợ cuối kỳ", "Preferential loans outstanding at the end";
    /// Different pilots with an allocation decided in the window; counted again for each unit and each period.
    PilotsSupported = "pilots_supported", Cooperative, Distinct, Distinct, HalfYearly, Pilots, None, "Số HTX thí điểm được hỗ trợ (theo loại hỗ trợ)", "Pilots that got support (by kind of support)";
    /// Support activities, of which no records are kept yet.
    TrainingAttendances = "training_attendances", Attendance, Sum, Sum, HalfYearly, Pilots, None, "Số lượt người được đào tạo, tập huấn", "Attendances at training";
    /// Inspections of pilots in the window: one inspection, one record, whoever took part.
    Inspections = "inspections", Inspection, Sum, Sum, HalfYearly, Pilots, None, "Số cuộc kiểm tra", "Inspections";
    /// Raised by the end of the window and not resolved by then.
    ObstaclesOpen = "obstacles_open", Case, Sum, Latest, HalfYearly, Pilots, None, "Số khó khăn, vướng mắc chưa giải quyết", "Obstacles not resolved";
    /// Resolved in the window.
    ObstaclesResolved = "obstacles_resolved", Case, Sum, Sum, HalfYearly, Pilots, None, "Số khó khăn, vướng mắc đã giải quyết trong kỳ", "Obstacles resolved in the period";
    /// Other cooperatives that work along a completed model at the end of the window, each once.
    CoopsReplicating = "coops_replicating", Cooperative, Distinct, Latest, HalfYearly, Pilots, None, "Số HTX khác áp dụng mô hình đã hoàn thiện", "Other cooperatives that apply a completed model";
}

impl Indicator {
    /// The indicator of a code that the code computes.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|indicator| indicator.code() == code)
    }

    /// Whether it has a numerator and a denominator.
    pub fn is_ratio(self) -> bool {
        self.over_units() == Additivity::Ratio
    }

    /// Whether a figure of it may be below zero: a result can be a loss, and a window may take back more than it gives.
    pub const fn may_be_negative(self) -> bool {
        matches!(self, Self::ProfitBeforeTax | Self::MembersNetChange | Self::SupportAllocated | Self::SupportDisbursed)
    }

    /// Where its figures come from.
    pub const fn source(self) -> IndicatorSource {
        match self {
            Self::TrainingAttendances | Self::Defined(_) => IndicatorSource::Entered,
            _ => IndicatorSource::Records,
        }
    }

    /// What it is broken down by beside its `breakdown`.
    pub const fn further(self) -> &'static [FurtherBy] {
        match self {
            Self::SupportEstimated => &[FurtherBy::Source, FurtherBy::Nature],
            Self::PilotsSupported => &[FurtherBy::SupportKind],
            _ => &[],
        }
    }

    /// Writes its code alone.
    ///
    /// # Errors
    /// The serializer fails.
    pub fn serialize_code<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }

    /// A count or a numerator of this indicator, as a quantity: points have two places, all else is whole.
    pub fn amount(self, units: i64) -> Quantity {
        Quantity { units, hundredths: self.unit() == IndicatorUnit::Point }
    }
}

#[cfg(test)]
mod tests;
