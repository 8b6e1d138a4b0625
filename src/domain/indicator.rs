//! The indicators of the periodic reports: what each counts, in which unit, and how it adds up.
//!
//! A sum adds. A ratio is the sum of numerators over the sum of denominators, never a mean of ratios, and has no
//! value over nothing. A count of distinct things is counted again, never added. The list is a proposal drawn from
//! 2129/QĐ-UBND and the known circulars: the ministry's own form (Letter 1485/BKHĐT-HTX) is not public.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::quantity::Quantity;
use super::text::Text;

/// What an indicator is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorSource {
    /// Computed from the records; an override keeps both values.
    Records,
    /// Entered by the reporting agency, with where it has it from: the service keeps no records of it yet.
    Entered,
}

/// Which reports carry an indicator, by their period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakdownBy {
    /// The model of the scheme: `A1` … `N4`.
    Model,
    /// The rating: `good`, `fair`, `average`, `weak`, `not_rated`.
    Rating,
    /// The category of the plan's estimate.
    Category,
}

/// The parts of a breakdown by rating, best first (Circular 01/2020/TT-BKHĐT); not rated is an outcome too.
pub const RATINGS: [&str; 5] = ["good", "fair", "average", "weak", "not_rated"];

/// One row an indicator: variant, code, unit, over units, over time, frequency, reach, breakdown, labels.
macro_rules! indicators {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $unit:ident, $units:ident, $time:ident, $frequency:ident,
       $reach:ident, $by:expr, $vi:literal, $en:literal;)+) => {
        /// An indicator of the periodic reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Indicator { $($(#[$doc])* #[serde(rename = $code)] $variant,)+ }

        impl Indicator {
            /// Every indicator, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it is measured in.
            pub const fn unit(self) -> IndicatorUnit {
                match self { $(Self::$variant => IndicatorUnit::$unit,)+ }
            }

            /// How the figures of units make the figure of a larger unit.
            pub const fn over_units(self) -> Additivity {
                match self { $(Self::$variant => Additivity::$units,)+ }
            }

            /// How the figures of two half-years make the figure of a year.
            pub const fn over_time(self) -> Additivity {
                match self { $(Self::$variant => Additivity::$time,)+ }
            }

            /// The periods that it is reported for.
            pub const fn frequency(self) -> Frequency {
                match self { $(Self::$variant => Frequency::$frequency,)+ }
            }

            /// Whose reports carry it.
            pub const fn reach(self) -> Reach {
                match self { $(Self::$variant => Reach::$reach,)+ }
            }

            /// What it is broken down by, if it is.
            pub const fn breakdown_by(self) -> Option<BreakdownBy> {
                match self { $(Self::$variant => $by,)+ }
            }

            /// What it counts, in words.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($vi, $en),)+ }
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
    /// By the two exit verdicts.
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
    /// Lines of the approved provincial plan, credit among them.
    SupportEstimated = "support_estimated", Dong, Sum, Latest, HalfYearly, Province, Some(By::Category), "Dự toán kinh phí (theo nguồn, tính chất, nội dung)", "Estimated funds (by source, nature, category)";
    /// Allocation decisions of the window; credit apart.
    SupportAllocated = "support_allocated", Dong, Sum, Sum, HalfYearly, Pilots, Some(By::Category), "Kinh phí đã phân bổ", "Allocated funds";
    /// Disbursements of the window; credit apart.
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
    /// Support activities.
    TrainingAttendances = "training_attendances", Attendance, Sum, Sum, HalfYearly, Pilots, None, "Số lượt người được đào tạo, tập huấn", "Attendances at training";
    /// Inspections.
    Inspections = "inspections", Inspection, Sum, Sum, HalfYearly, Pilots, None, "Số cuộc kiểm tra", "Inspections";
    /// Obstacles that stand at the end of the window.
    ObstaclesOpen = "obstacles_open", Case, Sum, Latest, HalfYearly, Pilots, None, "Số khó khăn, vướng mắc chưa giải quyết", "Obstacles not resolved";
    /// Obstacles.
    ObstaclesResolved = "obstacles_resolved", Case, Sum, Sum, HalfYearly, Pilots, None, "Số khó khăn, vướng mắc đã giải quyết trong kỳ", "Obstacles resolved in the period";
    /// Other cooperatives that took over a completed model, each once.
    CoopsReplicating = "coops_replicating", Cooperative, Distinct, Latest, HalfYearly, Pilots, None, "Số HTX khác áp dụng mô hình đã hoàn thiện", "Other cooperatives that apply a completed model";
}

impl Indicator {
    /// The indicator of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|indicator| indicator.code() == code)
    }

    /// Whether it has a numerator and a denominator.
    pub fn is_ratio(self) -> bool {
        self.over_units() == Additivity::Ratio
    }

    /// Whether a figure of it may be below zero: only a result can be a loss.
    pub const fn may_be_negative(self) -> bool {
        matches!(self, Self::ProfitBeforeTax | Self::MembersNetChange)
    }

    /// Where its figures come from.
    pub const fn source(self) -> IndicatorSource {
        match self {
            Self::CriteriaNotBelowBaseline
            | Self::CriteriaAtTarget
            | Self::CriteriaTargetRate
            | Self::PilotsExitMet
            | Self::TrainingAttendances
            | Self::Inspections
            | Self::ObstaclesOpen
            | Self::ObstaclesResolved
            | Self::CoopsReplicating => IndicatorSource::Entered,
            _ => IndicatorSource::Records,
        }
    }

    /// A count or a numerator of this indicator, as a quantity: points have two places, all else is whole.
    pub fn amount(self, units: i64) -> Quantity {
        Quantity { units, hundredths: self.unit() == IndicatorUnit::Point }
    }
}

/// What was measured: an amount, for a ratio over a base, and the parts of the amount where it is broken down.
/// Amounts are in the smallest unit (đồng, hundredths of a point, or things counted).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measure {
    /// The value of a sum, the numerator of a ratio; absent when nothing is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<i64>,
    /// The denominator of a ratio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<i64>,
    /// The parts of the amount.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub parts: BTreeMap<String, i64>,
}

impl Measure {
    /// A count or an amount.
    pub fn sum(amount: i64) -> Self {
        Self { amount: Some(amount), ..Self::default() }
    }

    /// A numerator over a denominator.
    pub fn ratio(numerator: i64, denominator: i64) -> Self {
        Self { amount: Some(numerator), base: Some(denominator), ..Self::default() }
    }

    /// An amount by its parts.
    pub fn parts(parts: BTreeMap<String, i64>) -> Self {
        let amount = parts.values().copied().fold(0, i64::saturating_add);
        Self { amount: Some(amount), base: None, parts }
    }

    fn plus(mut self, other: &Self) -> Self {
        let add = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.amount = add(self.amount, other.amount);
        self.base = add(self.base, other.base);
        for (part, amount) in &other.parts {
            let sum = self.parts.entry(part.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
        self
    }

    /// The value: the amount itself, or the ratio of its parts, rounded once, half away from zero, to two places; none
    /// over a denominator of zero.
    pub fn value(&self, indicator: Indicator) -> Option<Quantity> {
        let amount = self.amount?;
        if !indicator.is_ratio() {
            return Some(indicator.amount(amount));
        }
        let base = i128::from(self.base.filter(|base| *base > 0)?);
        // A percentage in hundredths is ten thousand times the ratio; a mean of hundredths is one already.
        let scale = if indicator.unit() == IndicatorUnit::Percent { 10_000 } else { 1 };
        let scaled = i128::from(amount) * scale;
        let rounded = (2 * scaled.abs() + base) / (2 * base) * scaled.signum();
        i64::try_from(rounded).ok().map(|units| Quantity { units, hundredths: true })
    }
}

/// How sure a figure is: the window closes before the fiscal year does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureStatus {
    /// Expected or incomplete (*ước thực hiện*).
    Estimated,
    /// Established.
    Final,
}

/// One indicator as it was computed or combined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The indicator.
    pub indicator: Indicator,
    /// What was measured.
    pub measure: Measure,
    /// How sure it is.
    pub status: FigureStatus,
}

/// Combines the figures of units into the figure of the whole, by the indicator's own rule. A distinct count of
/// several units cannot be had from their counts and stays without an amount; one unsure part makes the whole unsure.
pub fn over_units<'a>(indicator: Indicator, parts: impl IntoIterator<Item = &'a Figure>) -> Figure {
    let parts: Vec<&Figure> = parts.into_iter().filter(|figure| figure.indicator == indicator).collect();
    let status = if parts.iter().any(|figure| figure.status == FigureStatus::Estimated) {
        FigureStatus::Estimated
    } else {
        FigureStatus::Final
    };
    let countable = parts.len() <= 1 || matches!(indicator.over_units(), Additivity::Sum | Additivity::Ratio);
    let measures = parts.into_iter().map(|figure| &figure.measure).filter(|_| countable);
    Figure { indicator, measure: measures.fold(Measure::default(), Measure::plus), status }
}

/// One part of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BreakdownPart {
    /// What the part is: a model, a rating or a category, as the indicator's `breakdownBy` says.
    #[schema(min_length = 1, max_length = 60, pattern = "^[A-Za-z0-9_]+$", example = "good")]
    pub key: String,
    /// The part of the amount.
    pub value: Quantity,
}

/// What was measured, as published: the value, and what it was made from.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndicatorMeasure {
    /// The value. Absent when there is none: nothing is known, or the denominator is zero.
    pub value: Option<Quantity>,
    /// Of a ratio: what is divided.
    pub numerator: Option<Quantity>,
    /// Of a ratio: what it is divided by.
    pub denominator: Option<Quantity>,
    /// Of an indicator that has a breakdown: its parts, which sum to the value.
    #[schema(max_items = 200)]
    pub breakdown: Option<Vec<BreakdownPart>>,
}

impl IndicatorMeasure {
    /// Publishes a measure of an indicator.
    pub fn of(indicator: Indicator, measure: &Measure) -> Self {
        let part = |(key, units): (&String, &i64)| BreakdownPart { key: key.clone(), value: indicator.amount(*units) };
        // Ratings best first, whatever is not one after them; all else by key.
        let place = |part: &BreakdownPart| RATINGS.iter().position(|rating| *rating == part.key);
        let mut parts: Vec<BreakdownPart> = measure.parts.iter().map(part).collect();
        parts.sort_by_key(|part| place(part).unwrap_or(RATINGS.len()));
        let ratio = indicator.is_ratio();
        Self {
            value: measure.value(indicator),
            numerator: measure.amount.filter(|_| ratio).map(|units| indicator.amount(units)),
            denominator: measure.base.map(|units| Quantity { units, hundredths: false }),
            breakdown: indicator.breakdown_by().map(|_| parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn value(indicator: Indicator, measure: &Measure) -> Option<String> {
        measure.value(indicator).map(|value| value.to_string())
    }

    fn figure(indicator: Indicator, measure: Measure) -> Figure {
        Figure { indicator, measure, status: FigureStatus::Final }
    }

    #[test]
    fn codes_are_unique_and_survive_the_wire() {
        let codes: HashSet<_> = Indicator::ALL.iter().map(|indicator| indicator.code()).collect();
        assert_eq!(codes.len(), Indicator::ALL.len());
        for indicator in Indicator::ALL {
            assert_eq!(Indicator::from_code(indicator.code()), Some(*indicator));
            assert_eq!(serde_json::to_value(indicator).unwrap(), indicator.code());
        }
    }

    #[test]
    fn a_percentage_is_never_added_and_a_breakdown_is_never_of_a_ratio() {
        for indicator in Indicator::ALL {
            let percent = matches!(indicator.unit(), IndicatorUnit::Percent | IndicatorUnit::Point);
            assert_eq!(indicator.is_ratio(), percent, "{}", indicator.code());
            assert!(!percent || indicator.breakdown_by().is_none(), "{}", indicator.code());
        }
    }

    #[test]
    fn ratios_have_two_places_rounded_half_away_from_zero() {
        let table = [
            (Indicator::PilotsGoodShare, 2, 3, Some("66.67")),
            (Indicator::PilotsGoodShare, 1, 3, Some("33.33")),
            (Indicator::PilotsGoodShare, 5, 5, Some("100.00")),
            (Indicator::PilotsGoodShare, 0, 5, Some("0.00")),
            (Indicator::PilotsGoodShare, 1, 20_000, Some("0.01")),
            (Indicator::PilotsGoodShare, 1, 20_001, Some("0.00")),
            (Indicator::PilotsGoodShare, 0, 0, None),
            (Indicator::DisbursementRate, 999_999_999_999_999, 999_999_999_999_999, Some("100.00")),
            // 82.50 + 79.99 + 65.00 over three pilots.
            (Indicator::PilotsScoreMean, 22_749, 3, Some("75.83")),
            (Indicator::PilotsScoreMean, 0, 0, None),
        ];
        for (indicator, numerator, denominator, expected) in table {
            let ratio = Measure::ratio(numerator, denominator);
            assert_eq!(value(indicator, &ratio).as_deref(), expected, "{} {ratio:?}", indicator.code());
        }
    }

    #[test]
    fn a_ratio_of_units_is_not_the_mean_of_their_ratios() {
        let small = figure(Indicator::PilotsGoodShare, Measure::ratio(1, 1));
        let large = figure(Indicator::PilotsGoodShare, Measure::ratio(0, 3));
        let whole = over_units(Indicator::PilotsGoodShare, [&small, &large]);
        assert_eq!(value(Indicator::PilotsGoodShare, &whole.measure).as_deref(), Some("25.00"));
    }

    #[test]
    fn one_unsure_part_makes_the_whole_unsure_and_an_unknown_part_adds_nothing() {
        let mut unsure = figure(Indicator::Revenue, Measure::default());
        unsure.status = FigureStatus::Estimated;
        let known = figure(Indicator::Revenue, Measure::sum(7));
        let whole = over_units(Indicator::Revenue, [&unsure, &known]);
        assert_eq!((whole.measure, whole.status), (Measure::sum(7), FigureStatus::Estimated));
        assert_eq!(over_units(Indicator::Revenue, []).measure.amount, None);
    }

    fn any_measure() -> impl Strategy<Value = Measure> {
        let parts = proptest::collection::btree_map("[ab]", -1_000_000_i64..1_000_000, 0..3);
        let number = || proptest::option::of(-1_000_000_000_000_i64..1_000_000_000_000);
        (number(), number(), parts).prop_map(|(amount, base, parts)| Measure { amount, base, parts })
    }

    proptest! {
        #[test]
        fn any_partition_of_the_units_sums_to_the_whole(
            units in proptest::collection::vec((any_measure(), any::<bool>(), 0_usize..4), 0..20),
            which in 0..Indicator::ALL.len(),
        ) {
            let indicator = Indicator::ALL[which];
            let status = |sure| if sure { FigureStatus::Final } else { FigureStatus::Estimated };
            let figures: Vec<(Figure, usize)> = units
                .into_iter()
                .map(|(measure, sure, group)| (Figure { indicator, measure, status: status(sure) }, group))
                .collect();
            let whole = over_units(indicator, figures.iter().map(|(figure, _)| figure));
            // A partition has no empty class: a distinct count of one unit stays known only while it stands alone.
            let group = |wanted: usize| {
                let mut of_it = figures.iter().filter(|(_, group)| *group == wanted).map(|(figure, _)| figure).peekable();
                of_it.peek().is_some().then(|| over_units(indicator, of_it))
            };
            let groups: Vec<Figure> = (0..4).filter_map(group).collect();
            prop_assert_eq!(over_units(indicator, &groups), whole);
        }

        #[test]
        fn a_value_by_parts_equals_their_sum(parts in proptest::collection::btree_map("[a-z]{1,8}", 0_i64..1_000_000, 0..6)) {
            let sum: i64 = parts.values().sum();
            prop_assert_eq!(Measure::parts(parts).amount, Some(sum));
        }
    }
}
