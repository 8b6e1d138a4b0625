//! Where a cooperative's records lay on a day, in a statement written by hand: a code alone names nothing, and cooperatives are
//! moved into the units that followed theirs.

use chrono::NaiveDate;

use crate::domain::moment::Moment;

/// A row of a cooperative: its unit, and the cooperative.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// The column of the unit.
    pub(super) unit: &'a str,
    /// The column of the cooperative.
    pub(super) cooperative: &'a str,
}

/// What a row says of its place; where its cooperative was placed in a unit that began after a day, what the unit of that day says
/// (`unit_then`, in `district_then`): the one that the cooperative was moved from, else, for one that was not there yet, the
/// one that its own followed, of several by default the one whose code that took, else the first.
pub(super) fn where_it_was(Row { unit, cooperative }: Row<'_>, day: NaiveDate, own: &str, of_then: &str) -> String {
    let district = "LEFT JOIN administrative_units district_then ON district_then.code = unit_then.parent_code \
                    AND district_then.level = 'district'";
    let ended = Moment::start_of(day.succ_opt().unwrap_or(day)).0.to_rfc3339();
    format!(
        "CASE WHEN ({cooperative}, {unit}) IN \
         (SELECT moved.id, moved.unit_code FROM cooperatives moved WHERE moved.unit_from > '{day}') \
         THEN COALESCE((SELECT {of_then} FROM former_places former \
         JOIN administrative_units unit_then ON unit_then.code = former.unit_code AND unit_then.valid_from <= '{day}' \
         AND (unit_then.valid_to IS NULL OR unit_then.valid_to >= '{day}') {district} \
         WHERE former.cooperative_id = {cooperative} AND former.moved_at >= '{ended}' \
         AND (former.unit_from IS NULL OR former.unit_from <= '{day}') ORDER BY former.version LIMIT 1), \
         (SELECT {of_then} FROM cooperatives moved JOIN unit_successions edge \
         ON edge.successor_code = moved.unit_code AND edge.successor_from = moved.unit_from \
         JOIN administrative_units unit_then ON unit_then.code = edge.predecessor_code \
         AND unit_then.valid_from = edge.predecessor_from {district} \
         WHERE moved.id = {cooperative} ORDER BY CASE WHEN edge.is_default THEN 0 ELSE 1 END, \
         CASE WHEN unit_then.code = moved.unit_code THEN 0 ELSE 1 END, unit_then.code LIMIT 1), {own}) ELSE {own} END"
    )
}

/// The unit of a row on a day: where the cooperative was then, and for what stayed in a commune that ended, the commune that
/// follows it by default. What lies in a district stays under its code: no commune of it is known.
pub(super) fn unit_on(row: Row<'_>, day: NaiveDate) -> String {
    let Row { unit, cooperative } = row;
    let follows = format!(
        "COALESCE((SELECT edge.successor_code FROM unit_successions edge \
         WHERE edge.predecessor_code = {unit} AND edge.is_default AND edge.level = 'commune' \
         AND edge.on_date <= '{day}' AND (EXISTS (SELECT 1 FROM cooperatives moved \
         WHERE moved.id = {cooperative} AND moved.unit_code = edge.predecessor_code AND moved.unit_from = edge.predecessor_from) \
         OR EXISTS (SELECT 1 FROM former_places former \
         WHERE former.cooperative_id = {cooperative} AND former.unit_code = edge.predecessor_code \
         AND former.unit_from = edge.predecessor_from)) \
         ORDER BY edge.on_date DESC LIMIT 1), {unit})"
    );
    where_it_was(row, day, &follows, "unit_then.code")
}
