//! The indicators that count pilots, their plans and measures.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::StoreError;
use super::super::parameters::Parameters;
use super::{Asked, Found, Keyed, PILOT, Pair, count, participating, plan_in_force, rows, sum};
use crate::domain::indicator::{FurtherBy, Indicator, Measure};

/// The pilots of a place under a model.
#[derive(Debug, FromQueryResult)]
struct OfModel {
    place: String,
    model: String,
    active: i64,
    selected: i64,
    stopped: i64,
    completed: i64,
}

impl Asked<'_> {
    /// Pilots, by model.
    pub(super) async fn pilots(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, p.model, {} AS active, {} AS selected, {} AS stopped, {} AS completed \
             FROM pilots p WHERE {pilots} AND p.selected_on <= {to}{}",
            self.place(PILOT),
            count(&participating(&to)),
            count(&format!("p.selected_on >= {from}")),
            count(&format!("p.stopped_on >= {from} AND p.stopped_on <= {to}")),
            count(&format!("p.completed_on <= {to} AND (p.stopped_on IS NULL OR p.stopped_on > {to})")),
            self.group(PILOT, &["p.model"]),
        );
        let rows: Vec<OfModel> = rows(db, sql, parameters).await?;
        let mut places: BTreeSet<&str> = rows.iter().map(|row| row.place.as_str()).collect();
        if self.is_of_one() {
            places.insert("");
        }
        for place in places {
            let of = || rows.iter().filter(|row| row.place == place);
            let total = |column: fn(&OfModel) -> i64| Measure::sum(of().map(column).sum());
            let models = of().filter(|row| row.active > 0).map(|row| (row.model.clone(), row.active));
            found.add(place, Indicator::PilotsActive, Measure::parts(models.collect()));
            found.add(place, Indicator::PilotsSelected, total(|row| row.selected));
            found.add(place, Indicator::PilotsStopped, total(|row| row.stopped));
            found.add(place, Indicator::PilotsModelsCompleted, total(|row| row.completed));
        }
        Ok(())
    }

    /// The improvement plans in force at the end of the window, and their measures.
    pub(super) async fn plans(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let sql = format!(
            "SELECT {}, COUNT(*) AS first, {} AS second FROM improvement_plans i JOIN pilots p ON p.id = i.pilot_id \
             WHERE {participants} AND {}{}",
            self.place(PILOT),
            sum("i.criteria_to_improve"),
            plan_in_force(&to),
            self.group(PILOT, &[]),
        );
        for Pair { place, first, second } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::ImprovementPlansApproved, Measure::sum(first));
            found.add(&place, Indicator::CriteriaToImprove, Measure::sum(second));
        }
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let to = parameters.add(self.occasion.window.to_date);
        let sql = format!(
            "SELECT {}, {} AS first, COUNT(*) AS second FROM plan_measures m JOIN improvement_plans i ON i.id = m.plan_id \
             JOIN pilots p ON p.id = i.pilot_id WHERE {participants} AND {} AND m.due_date <= {to}{}",
            self.place(PILOT),
            count(&format!("m.done_on <= {to}")),
            plan_in_force(&to),
            self.group(PILOT, &[]),
        );
        for Pair { place, first, second } in rows(db, sql, parameters).await? {
            found.add(&place, Indicator::MeasuresDoneRate, Measure::ratio(first, second));
        }
        Ok(())
    }

    /// The different pilots with an allocation decided in the window: in all, and under each kind of support.
    pub(super) async fn supported(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let of_kinds = self.supported_by(db, Some("e.support_kind")).await?;
        let mut kinds: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for Keyed { place, key, first, .. } in of_kinds {
            kinds.entry(place).or_default().insert(key, first);
        }
        for Keyed { place, first, .. } in self.supported_by(db, None).await? {
            let by_kind = (FurtherBy::SupportKind, kinds.remove(&place).unwrap_or_default());
            found.add(&place, Indicator::PilotsSupported, Measure::sum(first).broken_down([by_kind]));
        }
        Ok(())
    }

    /// The different pilots with such an allocation, by a column of its entries or in all.
    async fn supported_by(self, db: &impl ConnectionTrait, key: Option<&str>) -> Result<Vec<Keyed>, StoreError> {
        let mut parameters = Parameters::default();
        let pilots = self.pilots_of(&mut parameters);
        let (from, to) = self.window(&mut parameters);
        let sql = format!(
            "SELECT {}, {} AS key, COUNT(DISTINCT p.id) AS first, COUNT(*) AS second FROM pilots p \
             JOIN allocation_entries e ON e.pilot_id = p.id JOIN allocations a ON a.id = e.allocation_id \
             WHERE {pilots} AND a.state = 'approved' AND a.decision_date >= {from} AND a.decision_date <= {to}{}",
            self.place(PILOT),
            key.unwrap_or("CAST('' AS TEXT)"),
            self.group(PILOT, key.as_slice()),
        );
        rows(db, sql, parameters).await
    }
}
