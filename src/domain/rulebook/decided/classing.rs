//! Examples of classes, under the rule in force on the day.

use serde_json::json;
use uuid::Uuid;

use super::{Case, Decided, decided};
use crate::domain::classification::{ClassDimension, Classed, classify, figures_year};
use crate::domain::cooperative::{AnnualFigures, Field, Figures, FiguresBasis};
use crate::domain::moment::Moment;
use crate::domain::rulebook::InForce;

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
    Some(decided(found.outcome.name(), found.explanation.vi, found.explanation.en))
}

macro_rules! classes {
    ($($dimension:ident $members:expr, $trade:literal, $vi:literal $en:literal;)+) => {
        pub(in super::super) const CLASSIFICATION: &[Case] = &[$(Case {
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
    Members Some(300), "6419", "Quỹ tín dụng nhân dân có 300 thành viên (mã ngành 6419)." "A people's credit fund of 300 members (trade 6419).";
    Size Some(300), "0161", "Quy mô chung theo lĩnh vực." "Size within the field.";
}
