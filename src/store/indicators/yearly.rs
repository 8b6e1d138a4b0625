//! The indicators that come from the yearly figures of the pilots.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::StoreError;
use super::super::parameters::Parameters;
use super::{Asked, Found, PILOT, Placed, count, rows, sum};
use crate::domain::indicator::{FigureStatus, Indicator, Measure};

/// A yearly figure of the pilots: how many gave it, how many closed, and its sum.
#[derive(Debug, FromQueryResult)]
struct Yearly {
    place: String,
    code: String,
    known: i64,
    closed: i64,
    pilots: i64,
    amount: i64,
    base: i64,
}

/// Whether an indicator is made of figures that cooperatives state year by year.
pub(super) const fn is_stated(indicator: Indicator) -> bool {
    matches!(
        indicator,
        Indicator::MembersTotal
            | Indicator::MembersWomen
            | Indicator::MembersEthnicMinority
            | Indicator::MembersNetChange
            | Indicator::WorkersRegular
            | Indicator::TotalCapital
            | Indicator::Revenue
            | Indicator::ProfitBeforeTax
            | Indicator::PilotsProfitable
            | Indicator::ManagersDegreeShare
            | Indicator::PilotsValueChain
            | Indicator::PilotsIndependentAudit
    )
}

/// The columns of yearly figures that indicators are made of.
const FIGURES: [&str; 11] = [
    "members",
    "members_women",
    "members_ethnic_minority",
    "workers_regular",
    "total_capital",
    "revenue",
    "profit_before_tax",
    "managers",
    "managers_with_degree",
    "value_chain",
    "independent_audit",
];

/// Yearly figures of pilots.
const FIGURE: Placed = Placed { table: "f", unit: "f.unit_code", cooperative: "NULL" };

impl Asked<'_> {
    /// The yearly figures of the pilots: verified over declared. A figure that some pilot did not give, or that is not
    /// closed, makes the sum an estimate; one that none gave has no value.
    pub(super) async fn yearly_figures(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let columns = [
            (Indicator::MembersTotal, "f.members", "f.members"),
            (Indicator::MembersWomen, "f.members_women", "f.members_women"),
            (Indicator::MembersEthnicMinority, "f.members_ethnic_minority", "f.members_ethnic_minority"),
            (Indicator::WorkersRegular, "f.workers_regular", "f.workers_regular"),
            (Indicator::TotalCapital, "f.total_capital", "f.total_capital"),
            (Indicator::Revenue, "f.revenue", "f.revenue"),
            (Indicator::ProfitBeforeTax, "f.profit_before_tax", "f.profit_before_tax"),
            (Indicator::PilotsProfitable, "f.profit_before_tax", "CASE WHEN f.profit_before_tax > 0 THEN 1 ELSE 0 END"),
            (Indicator::ManagersDegreeShare, "f.managers + f.managers_with_degree", "f.managers_with_degree"),
            (Indicator::PilotsValueChain, "f.value_chain", "CASE WHEN f.value_chain THEN 1 ELSE 0 END"),
            (
                Indicator::PilotsIndependentAudit,
                "f.independent_audit",
                "CASE WHEN f.independent_audit THEN 1 ELSE 0 END",
            ),
        ];
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let year = parameters.add(i32::from(self.occasion.period.year()));
        let select = |(indicator, column, amount): &(Indicator, &str, &str)| {
            format!(
                "SELECT {}, '{}' AS code, {} AS known, {} AS closed, COUNT(*) AS pilots, {} AS amount, {} AS base FROM figures f{}",
                self.place(FIGURE),
                indicator.code(),
                count(&format!("{column} IS NOT NULL")),
                count(&format!("{column} IS NOT NULL AND f.status = 'final'")),
                sum(&format!("CASE WHEN {column} IS NOT NULL THEN {amount} END")),
                sum(&format!("CASE WHEN {column} IS NOT NULL THEN f.managers END")),
                self.group(FIGURE, &[]),
            )
        };
        let selects: Vec<_> = columns.iter().map(select).collect();
        let sql = format!(
            "WITH figures AS (SELECT {} AS province_code, p.unit_code, f.status, {} FROM pilots p LEFT JOIN annual_figures f \
             ON f.cooperative_id = p.cooperative_id AND f.year = {year} AND (f.basis = 'verified' OR NOT EXISTS \
             (SELECT 1 FROM annual_figures v WHERE v.cooperative_id = f.cooperative_id AND v.year = f.year \
             AND v.basis = 'verified')) WHERE {participants}) {}",
            self.province_of(PILOT),
            FIGURES.map(|column| format!("f.{column}")).join(", "),
            selects.join(" UNION ALL ")
        );
        for Yearly { place, code, known, closed, pilots, amount, base } in rows::<Yearly>(db, sql, parameters).await? {
            let Some(indicator) = Indicator::from_code(&code) else { continue };
            let measure = match known {
                0 => Measure::default(),
                _ if indicator.is_ratio() => Measure::ratio(amount, base),
                _ => Measure::sum(amount),
            };
            let status = if closed == pilots { FigureStatus::Final } else { FigureStatus::Estimated };
            found.set(&place, indicator, measure, status);
        }
        Ok(())
    }

    /// Members of this year less members of the year before, of the pilots that gave both.
    pub(super) async fn net_change(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            place: String,
            pilots: i64,
            known: i64,
            closed: i64,
            amount: i64,
        }
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let year = i32::from(self.occasion.period.year());
        let (this, last) = (parameters.add(year), parameters.add(year.saturating_sub(1)));
        let of_year = |figures: &str, year: &str| {
            format!(
                "LEFT JOIN annual_figures {figures} ON {figures}.cooperative_id = p.cooperative_id \
                 AND {figures}.year = {year} AND ({figures}.basis = 'verified' OR NOT EXISTS (SELECT 1 \
                 FROM annual_figures v WHERE v.cooperative_id = p.cooperative_id AND v.year = {year} \
                 AND v.basis = 'verified'))"
            )
        };
        let both = "f.members IS NOT NULL AND g.members IS NOT NULL";
        let sql = format!(
            "SELECT {}, COUNT(*) AS pilots, {} AS known, {} AS closed, {} AS amount FROM pilots p {} {} \
             WHERE {participants}{}",
            self.place(PILOT),
            count(both),
            count(&format!("{both} AND f.status = 'final' AND g.status = 'final'")),
            sum("f.members - g.members"),
            of_year("f", &this),
            of_year("g", &last),
            self.group(PILOT, &[]),
        );
        for Row { place, pilots, known, closed, amount } in rows::<Row>(db, sql, parameters).await? {
            let measure = if known > 0 { Measure::sum(amount) } else { Measure::default() };
            let status = if closed == pilots { FigureStatus::Final } else { FigureStatus::Estimated };
            found.set(&place, Indicator::MembersNetChange, measure, status);
        }
        Ok(())
    }
}
