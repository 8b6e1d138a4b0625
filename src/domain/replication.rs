//! A replication (*nhân rộng*): another cooperative adopts the model that a pilot has completed.
//!
//! 2129/QĐ-UBND VI.2.2: what is complete is made known and replicated in the whole province; VII.9: localities let other
//! cooperatives visit, learn and replicate. Active → ended.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::application::not_before;
use super::cooperative::Cooperative;
use super::evidence::DocumentReference;
use super::moment::Moment;
use super::pilot::Pilot;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, names};

/// A cooperative that adopts a completed model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replication {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// The cooperative that adopts.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// The pilot whose model it is.
    pub pilot: Uuid,
    /// Code of the scheme.
    pub scheme: String,
    /// Code of the model.
    pub model: String,
    /// The day from which.
    pub adopted_on: NaiveDate,
    /// What is adopted, and how.
    pub description: String,
    /// Evidence.
    pub document: Option<DocumentReference>,
    /// Where it is in its life.
    pub state: ReplicationState,
    /// Who recorded it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is said when a replication is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The day from which.
    pub adopted_on: NaiveDate,
    /// What is adopted, and how.
    pub description: String,
    /// Evidence.
    pub document: Option<DocumentReference>,
}

/// Where a replication is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicationState {
    /// The cooperative works along the model.
    Active,
    /// It does so no longer.
    Ended {
        /// Since when.
        ended_on: NaiveDate,
        /// Why.
        reason: String,
    },
}

names! {
    /// The state of a replication, by name.
    ReplicationStatus {
        /// The cooperative works along the model.
        Active = "active",
        /// It does so no longer.
        Ended = "ended",
    }
}

impl ReplicationState {
    /// The state by name.
    pub const fn status(&self) -> ReplicationStatus {
        match self {
            Self::Active => ReplicationStatus::Active,
            Self::Ended { .. } => ReplicationStatus::Ended,
        }
    }
}

impl Replication {
    /// Records that a cooperative adopts the completed model of another.
    ///
    /// # Errors
    /// The model is not complete or was not on that day, it is the cooperative's own, or the date lies in the future.
    pub fn record(
        id: Uuid,
        cooperative: &Cooperative,
        pilot: &Pilot,
        adoption: Adoption,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let Adoption { adopted_on, description, document } = adoption;
        now.not_in_future(adopted_on, "/adoptedOn")?;
        if pilot.cooperative == cooperative.id {
            let vi = "HTX không nhân rộng mô hình của chính mình.";
            return Err(Refusal::at(
                Rule::OwnModel,
                "/cooperative",
                vi,
                "A cooperative does not replicate its own model.",
            )
            .given(&[("cooperative", &cooperative.id)]));
        }
        not_before(adopted_on, pilot.completed_model()?.completed_on, "/adoptedOn")?;
        Ok(Self {
            id,
            version: 1,
            cooperative: cooperative.id,
            province: cooperative.province.clone(),
            unit: cooperative.registration.unit.clone(),
            pilot: pilot.id,
            scheme: pilot.scheme.clone(),
            model: pilot.model.clone(),
            adopted_on,
            description,
            document,
            state: ReplicationState::Active,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Ends it: the cooperative works along the model no longer, or it never did.
    ///
    /// # Errors
    /// It has ended already, or the date lies before the adoption or in the future.
    pub fn end(mut self, ended_on: NaiveDate, reason: String, now: Moment) -> Result<Self, Refusal> {
        now.not_in_future(ended_on, "/endedOn")?;
        self.may_end()?;
        not_before(ended_on, self.adopted_on, "/endedOn")?;
        self.state = ReplicationState::Ended { ended_on, reason };
        self.version += 1;
        self.updated_at = now.0;
        Ok(self)
    }

    /// Whether it may be ended.
    ///
    /// # Errors
    /// It has ended already.
    pub fn may_end(&self) -> Result<(), Refusal> {
        let ReplicationState::Ended { ended_on, .. } = &self.state else { return Ok(()) };
        let vi = format!("Việc nhân rộng đã kết thúc ngày {ended_on}.");
        Err(Refusal::new(Rule::WrongState, vi, format!("The replication ended on {ended_on} already."))
            .given(&[("state", &"ended"), ("endedOn", &ended_on)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::improvement::tests::{caller, pilot, stopped_pilot};
    use crate::domain::pilot::{Completion, PilotState};
    use crate::domain::role::Role;

    fn now() -> Moment {
        Moment("2024-12-01T02:00:00Z".parse().unwrap())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn cooperative(number: u128) -> Cooperative {
        let registration = serde_json::from_value(serde_json::json!({
            "taxCode": "0100233488", "name": "HTX mẫu", "kind": "cooperative", "field": "agriculture",
            "governingLaw": "law_2012", "unit": "883", "foundedOn": "2012-05-20", "status": "active"
        }))
        .unwrap();
        Cooperative {
            id: Uuid::from_u128(number),
            version: 1,
            province: "89".to_owned(),
            registration,
            recorded_at: now().0,
            updated_at: now().0,
            created_by: "huyen".to_owned(),
        }
    }

    fn completed() -> Pilot {
        let completion = Completion {
            completed_on: day("2024-03-29"),
            reason: "Hoàn thiện".to_owned(),
            evaluation: Uuid::from_u128(9),
            assessors: Vec::new(),
        };
        Pilot { state: PilotState::ModelCompleted(completion), ..pilot() }
    }

    fn recorded(adopter: u128, pilot: &Pilot, adopted_on: &str) -> Result<Replication, Refusal> {
        let adoption = Adoption { adopted_on: day(adopted_on), description: "Áp dụng".to_owned(), document: None };
        let adopter = cooperative(adopter);
        let locality = caller(Role::Locality, 70, "huyen");
        Replication::record(Uuid::from_u128(8), &adopter, pilot, adoption, &locality, now())
    }

    #[test]
    fn others_adopt_a_model_from_the_day_it_is_complete() {
        for (adopter, pilot, adopted_on, refused) in [
            (3, completed(), "2024-03-28", Some(Rule::StepPredated)),
            (3, completed(), "2024-03-29", None),
            (3, completed(), "2024-12-02", Some(Rule::DateInFuture)),
            (2, completed(), "2024-09-01", Some(Rule::OwnModel)),
            (3, pilot(), "2024-09-01", Some(Rule::WrongState)),
            (3, stopped_pilot(), "2024-09-01", Some(Rule::WrongState)),
        ] {
            let result = recorded(adopter, &pilot, adopted_on);
            assert_eq!(result.err().map(|refusal| refusal.rule), refused, "{adopter} {adopted_on}");
        }
        let made = recorded(3, &completed(), "2024-09-01").unwrap();
        assert_eq!((made.model.as_str(), made.state.status()), ("A3", ReplicationStatus::Active));
    }

    #[test]
    fn it_ends_once_and_not_before_it_began() {
        let end = |replication: Replication, on: &str| replication.end(day(on), "Chuyển hướng".to_owned(), now());
        let made = recorded(3, &completed(), "2024-09-01").unwrap();
        assert_eq!(end(made.clone(), "2024-08-31").unwrap_err().rule, Rule::StepPredated);
        assert_eq!(end(made.clone(), "2024-12-02").unwrap_err().rule, Rule::DateInFuture);
        let ended = end(made, "2024-09-01").unwrap();
        assert_eq!((ended.state.status(), ended.version), (ReplicationStatus::Ended, 2));
        assert_eq!(end(ended, "2024-10-01").unwrap_err().rule, Rule::WrongState);
    }
}
