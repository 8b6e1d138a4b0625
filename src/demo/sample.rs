//! Sample data: names and figures that no public source gives. Each says so in its own text.

use serde_json::{Value, json};

use crate::domain::score::Points;

/// A cooperative of the sample.
pub(super) struct Sample {
    /// Tax code, with a check digit that holds.
    pub(super) tax_code: &'static str,
    /// Name.
    pub(super) name: &'static str,
    /// District of An Giang.
    pub(super) unit: &'static str,
    /// Field of activity.
    pub(super) field: &'static str,
    /// Model of the scheme.
    pub(super) model: &'static str,
    /// Total of its evaluation of 2020.
    pub points_2020: Points,
    /// Members in 2020.
    pub(super) members: i64,
}

const fn sample(
    tax_code: &'static str,
    name: &'static str,
    unit: &'static str,
    field: &'static str,
    model: &'static str,
    points_2020: i64,
    members: i64,
) -> Sample {
    Sample { tax_code, name, unit, field, model, points_2020: Points::hundredths(points_2020), members }
}

/// Five that become pilots, a sixth for which there is no place, and a seventh one hundredth of a point too low.
pub(super) const COOPERATIVES: [Sample; 7] = [
    sample("1600000116", "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)", "888", "agriculture", "A3", 6800, 246),
    sample("1600000229", "HTX Nông nghiệp Bình Thủy (dữ liệu mẫu)", "889", "agriculture", "A1", 6500, 118),
    sample("1600000331", "HTX Nông nghiệp Tà Đảnh (dữ liệu mẫu)", "891", "agriculture", "A2", 7250, 312),
    sample("1600000444", "HTX Nông nghiệp Vĩnh Trạch (dữ liệu mẫu)", "894", "agriculture", "A4", 6975, 75),
    sample("1600000557", "HTX Giao thông vận tải Long Xuyên (dữ liệu mẫu)", "883", "non_agriculture", "N2", 7200, 54),
    sample("1600000677", "HTX Thủy sản Châu Phong (dữ liệu mẫu)", "887", "agriculture", "A8", 7000, 61),
    sample("1600000772", "HTX Nông nghiệp Thới Sơn (dữ liệu mẫu)", "890", "agriculture", "A5", 6499, 49),
];

/// Points that sum to 68.00; the rest of the sample differs from them in criteria 11 and 12.
const BASE: [(&str, i64); 23] = [
    ("1a", 400),
    ("1b", 100),
    ("2a", 300),
    ("2b", 50),
    ("3a", 300),
    ("3b", 200),
    ("3c", 300),
    ("4a", 150),
    ("4b", 150),
    ("4c", 100),
    ("5", 600),
    ("6", 500),
    ("7a", 150),
    ("7b", 150),
    ("7c", 100),
    ("8", 400),
    ("9", 150),
    ("10", 500),
    ("11", 600),
    ("12", 600),
    ("13", 400),
    ("14", 400),
    ("15", 200),
];

/// What the years of the plan add, criterion by criterion: 14.00 points, from 68.00 to 82.00.
const GROWTH: [(&str, i64); 12] = [
    ("1a", 100),
    ("2a", 100),
    ("3a", 50),
    ("5", 100),
    ("7a", 50),
    ("8", 100),
    ("9", 100),
    ("10", 100),
    ("11", 150),
    ("12", 250),
    ("13", 200),
    ("14", 100),
];

fn scores(points: impl Iterator<Item = (&'static str, i64)>) -> Value {
    let score = |(criterion, hundredths): (&str, i64)| json!({"criterion": criterion, "points": Points::hundredths(hundredths).to_string(), "note": "Dữ liệu mẫu"});
    points.map(score).collect()
}

/// Scores of 2020 that sum to a total.
pub(super) fn scores_2020(total: Points) -> Value {
    let above = total.as_hundredths().saturating_sub(6800);
    let first = above.clamp(-300, 300);
    let moved = move |(criterion, points): (&'static str, i64)| match criterion {
        "11" => (criterion, points.saturating_add(first)),
        "12" => (criterion, points.saturating_add(above.saturating_sub(first))),
        _ => (criterion, points),
    };
    scores(BASE.into_iter().map(moved))
}

/// Scores of a later year: those of 2020 plus what the plan brought.
pub(super) fn scores_2023(total_2020: Points) -> Value {
    let above = total_2020.as_hundredths().saturating_sub(6800);
    let first = above.clamp(-300, 300);
    let grown = move |(criterion, points): (&'static str, i64)| {
        let growth = GROWTH.iter().find(|(name, _)| *name == criterion).map_or(0, |(_, growth)| *growth);
        let own = match criterion {
            "11" => first,
            "12" => above.saturating_sub(first),
            _ => 0,
        };
        (criterion, points.saturating_add(growth).saturating_add(own))
    };
    scores(BASE.into_iter().map(grown))
}

/// The total of a later year.
pub(super) fn total_2023(total_2020: Points) -> Points {
    let growth: i64 = GROWTH.iter().map(|(_, growth)| *growth).sum();
    Points::hundredths(total_2020.as_hundredths().saturating_add(growth))
}

/// The figures of a year: they grow by a tenth of 2018 a year.
pub(super) fn figures(sample: &Sample, year: u16) -> Value {
    let tenths = i64::from(year.saturating_sub(2008));
    let grown = |base: i64| base.saturating_mul(tenths).wrapping_div(10);
    let members = sample.members.saturating_add(i64::from(year.saturating_sub(2020)).saturating_mul(4));
    json!({
        "status": "final",
        "members": members,
        "membersWomen": members.wrapping_div(3),
        "membersEthnicMinority": members.wrapping_div(20),
        "workersRegular": 12,
        "managers": 5,
        "managersWithDegree": 3,
        "totalCapital": grown(4_200_000_000).to_string(),
        "indivisibleAssets": grown(900_000_000).to_string(),
        "revenue": grown(11_500_000_000).to_string(),
        "profitBeforeTax": grown(640_000_000).to_string(),
        "valueChain": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cooperative::tax_code_check_digit_holds;

    fn sum(scores: &Value) -> Points {
        let points =
            scores.as_array().unwrap().iter().map(|score| score["points"].as_str().unwrap().parse::<Points>().unwrap());
        points.sum()
    }

    #[test]
    fn the_scores_sum_to_what_the_sample_says() {
        for sample in &COOPERATIVES {
            assert_eq!(sum(&scores_2020(sample.points_2020)), sample.points_2020);
            assert_eq!(sum(&scores_2023(sample.points_2020)), total_2023(sample.points_2020));
        }
    }

    #[test]
    fn the_tax_codes_have_check_digits_that_hold() {
        for sample in &COOPERATIVES {
            assert!(tax_code_check_digit_holds(sample.tax_code), "{}", sample.tax_code);
        }
    }
}
