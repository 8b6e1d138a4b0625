//! The indicators that count what follows a selection: inspections, obstacles, replications. Each counts once, whoever
//! reports on it.

use sea_orm::ConnectionTrait;

use super::super::StoreError;
use super::super::parameters::Parameters;
use super::{Asked, Found, PILOT, Pair, Placed, count, rows};
use crate::domain::indicator::{Indicator, Measure};
use crate::domain::report::FORM_SCHEME;

/// Records that have a place of their own.
const RECORD: Placed = Placed { table: "x", unit: "x.unit_code", cooperative: "x.cooperative_id" };

impl Asked<'_> {
    /// Inspections of the pilots in the window.
    pub(super) async fn inspections(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, COUNT(*) AS first, COUNT(*) AS second FROM inspections x JOIN pilots p ON p.id = x.pilot_id \
             WHERE {pilots} AND x.inspected_on >= {from} AND x.inspected_on <= {to}{}",
            self.place(PILOT),
            self.group(PILOT, &[]),
        );
        for Pair { place, first, .. } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::Inspections, Measure::sum(first));
        }
        Ok(())
    }

    /// Obstacles of the territory, for a department those that it raised or that are about its pilots: still open at the
    /// end of the window, and resolved in it.
    pub(super) async fn obstacles(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let scheme = parameters.add(FORM_SCHEME);
        let answers =
            |agencies: &str| format!("(x.agency_id IN ({agencies}) OR p.responsible_department IN ({agencies}))");
        let of_reporter = self.of_reporter(RECORD, answers, &mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, {} AS first, {} AS second FROM obstacles x LEFT JOIN pilots p ON p.id = x.pilot_id \
             WHERE x.scheme_code = {scheme} AND {of_reporter} AND (p.id IS NULL OR p.list = 'scheme') \
             AND x.raised_on <= {to}{}",
            self.place(RECORD),
            count(&format!("x.resolved_on IS NULL OR x.resolved_on > {to}")),
            count(&format!("x.resolved_on >= {from} AND x.resolved_on <= {to}")),
            self.group(RECORD, &[]),
        );
        for Pair { place, first, second } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::ObstaclesOpen, Measure::sum(first));
            found.add(&place, Indicator::ObstaclesResolved, Measure::sum(second));
        }
        Ok(())
    }

    /// Cooperatives of the territory that work along a completed model at the end of the window, each once; for a
    /// department those along the models of its pilots.
    pub(super) async fn replications(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let scheme = parameters.add(FORM_SCHEME);
        let answers = |agencies: &str| format!("p.responsible_department IN ({agencies})");
        let of_reporter = self.of_reporter(RECORD, answers, &mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let sql = format!(
            "SELECT {}, COUNT(DISTINCT x.cooperative_id) AS first, COUNT(*) AS second FROM replications x \
             JOIN pilots p ON p.id = x.pilot_id WHERE x.scheme_code = {scheme} AND {of_reporter} \
             AND p.list = 'scheme' AND x.adopted_on <= {to} AND (x.ended_on IS NULL OR x.ended_on > {to}){}",
            self.place(RECORD),
            self.group(RECORD, &[]),
        );
        for Pair { place, first, .. } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::CoopsReplicating, Measure::sum(first));
        }
        Ok(())
    }
}
