//! Legal dates in bodies: whatever tells on which day something was done lies in the past, wherever it stands. A body that says
//! otherwise is wrong by itself, which is told with all else that is wrong with it.

use chrono::NaiveDate;
use serde_json::Value;

use crate::domain::moment::Moment;
use crate::domain::refusal::Refusal;

/// Days that are planned, set as a limit, or begin a later effect.
const MAY_LIE_AHEAD: [&str; 6] = ["dueDate", "dueOn", "effectiveDate", "locksOn", "startDate", "toDate"];

/// A calendar is of days to come.
const CALENDAR: &str = "/v1/public-holidays";

/// What is wrong with the legal dates of a body, if anything is.
pub(super) fn misdated(path: &str, body: &Value, now: Moment) -> Option<Refusal> {
    let mut wrong = Vec::new();
    if path != CALENDAR {
        walk(body, "", now, &mut wrong);
    }
    Refusal::of_all(wrong).err()
}

fn walk(value: &Value, pointer: &str, now: Moment, wrong: &mut Vec<Refusal>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let place = format!("{pointer}/{name}");
                match legal_date(name, member) {
                    Some(day) => wrong.extend(now.not_in_future(day, &place).err()),
                    None => walk(member, &place, now, wrong),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), now, wrong);
            }
        }
        _ => {}
    }
}

/// The day that a member says, if it is the day of a fact.
fn legal_date(name: &str, member: &Value) -> Option<NaiveDate> {
    let is_of_a_fact =
        (name == "date" || name.ends_with("Date") || name.ends_with("On")) && !MAY_LIE_AHEAD.contains(&name);
    member.as_str().filter(|_| is_of_a_fact)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn days_of_facts_lie_in_the_past_wherever_they_stand() {
        let now = Moment("2025-02-20T05:00:00Z".parse().unwrap());
        let body = json!({
            "submittedOn": "2025-02-20", "dueOn": "2099-01-01", "name": "2099-01-01", "decisionDate": "2025-02-21",
            "document": {"title": "x", "documentDate": "2099-01-01"},
            "measures": [{"dueDate": "2099-01-01"}, {"doneOn": "2099-01-01", "proposal": {"date": "1900-01-01"}}],
        });
        let told = misdated("/v1/pilots", &body, now).unwrap().faults;
        let mut told: Vec<_> = told.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
        told.sort();
        let due = [
            "/decisionDate date_in_future",
            "/document/documentDate date_in_future",
            "/measures/1/doneOn date_in_future",
            "/measures/1/proposal/date date_out_of_range",
        ];
        assert_eq!(told, due);
        assert_eq!(misdated("/v1/pilots", &json!({"submittedOn": "2025-02-20"}), now), None);
        assert_eq!(misdated(CALENDAR, &json!({"date": "2026-02-17"}), now), None);
    }
}
