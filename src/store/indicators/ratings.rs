//! The indicators that come from the evaluations of the year.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::super::parameters::Parameters;
use super::super::{StoreError, schemes};
use super::{Asked, Found, Keyed, PILOT, Placed, counting_evaluation, rows, sorted, sum};
use crate::domain::indicator::{Indicator, Measure, RATINGS};
use crate::domain::report::{FORM_SCHEME, ReportLevel};

/// How an evaluation came out: a rating, or none.
const RATING: &str = "COALESCE(e.rating, 'not_rated')";

/// Counts by rating, each rating there even when nobody has it.
pub(super) fn by_rating(keyed: &[Keyed]) -> Measure {
    let mut counts: BTreeMap<String, i64> = RATINGS.iter().map(|rating| ((*rating).to_owned(), 0)).collect();
    counts.extend(keyed.iter().map(|row| (row.key.clone(), row.first)));
    Measure::parts(counts)
}

/// Evaluations.
const EVALUATION: Placed = Placed { table: "e", unit: "e.unit_code", cooperative: "e.cooperative_id" };

impl Asked<'_> {
    /// Evaluations of the year: of the pilots, and of all cooperatives of the territory.
    pub(super) async fn ratings(self, db: &impl ConnectionTrait, found: &mut Found) -> Result<(), StoreError> {
        let mut parameters = Parameters::default();
        let participants = self.participants(&mut parameters);
        let (year, criteria) =
            (i32::from(self.occasion.period.year()), schemes::find(db, FORM_SCHEME).await?.criteria_set);
        let counting = counting_evaluation(year, &criteria, &mut parameters);
        let sql = format!(
            "SELECT {}, {RATING} AS key, COUNT(*) AS first, {} AS second FROM pilots p \
             JOIN evaluations e ON e.cooperative_id = p.cooperative_id WHERE {participants} AND {counting}{}",
            self.place(PILOT),
            sum("CASE WHEN e.rating IS NULL THEN 0 ELSE e.total END"),
            self.group(PILOT, &[RATING]),
        );
        for (place, keyed) in sorted(rows(db, sql, parameters).await?, found.places()) {
            let of = |rating: &str| keyed.iter().filter(|row| row.key == rating).map(|row| row.first).sum::<i64>();
            let rated: i64 = keyed.iter().map(|row| row.first).sum::<i64>() - of("not_rated");
            let pilots = found.amount(&place, Indicator::PilotsActive);
            found.add(&place, Indicator::PilotsByRating, by_rating(&keyed));
            found.add(&place, Indicator::PilotsGoodShare, Measure::ratio(of("good"), pilots));
            let points = keyed.iter().map(|row| row.second).sum();
            found.add(&place, Indicator::PilotsScoreMean, Measure::ratio(points, rated));
        }
        if self.level() == ReportLevel::LineDepartment {
            return Ok(());
        }
        let mut parameters = Parameters::default();
        let of_reporter = self.of_reporter(EVALUATION, |_| String::new(), &mut parameters);
        let counting = counting_evaluation(year, &criteria, &mut parameters);
        let sql = format!(
            "SELECT {}, {RATING} AS key, COUNT(*) AS first, COUNT(*) AS second FROM evaluations e \
             WHERE {of_reporter} AND {counting}{}",
            self.place(EVALUATION),
            self.group(EVALUATION, &[RATING]),
        );
        for (place, keyed) in sorted(rows(db, sql, parameters).await?, found.places()) {
            found.add(&place, Indicator::CoopsByRating, by_rating(&keyed));
        }
        Ok(())
    }
}
