//! An obstacle (*khó khăn, vướng mắc*), raised by a locality, a department or the lead agency and passed on, level by level,
//! until somebody resolves it.
//!
//! 2129/QĐ-UBND VI.2.2, VII.1, VII.2: to the provincial People's Committee through the lead agency, then to the ministry, which
//! consolidates it for the Prime Minister. Open → resolved; what is passed on does not come back.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::application::{not_before, only_lead};
use super::moment::Moment;
use super::pilot::Pilot;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, Role, names};

names! {
    /// With whom an obstacle is, from below to above.
    ObstacleLevel {
        /// The agency that leads the provincial plan: whoever raises it, it goes through this agency.
        LeadAgency = "lead_agency",
        /// The provincial People's Committee.
        PeoplesCommittee = "peoples_committee",
        /// The ministry.
        Ministry = "ministry",
        /// The Prime Minister, to whom the ministry has proposed a solution.
        PrimeMinister = "prime_minister",
    }
}

impl ObstacleLevel {
    /// The level above, if there is one.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::LeadAgency => Some(Self::PeoplesCommittee),
            Self::PeoplesCommittee => Some(Self::Ministry),
            Self::Ministry => Some(Self::PrimeMinister),
            Self::PrimeMinister => None,
        }
    }

    /// Who passes it on from here: to the ministry also the lead agency, for the committee (VI.2.2: *tổng hợp, báo cáo Bộ*).
    const fn passed_on_by(self) -> &'static [Role] {
        match self {
            Self::LeadAgency => &[Role::LeadAgency],
            Self::PeoplesCommittee => &[Role::PeoplesCommittee, Role::LeadAgency],
            Self::Ministry => &[Role::Ministry],
            Self::PrimeMinister => &[],
        }
    }

    /// Who records here that it is resolved: what the Prime Minister decides, the ministry records.
    const fn resolved_by(self) -> &'static [Role] {
        match self {
            Self::LeadAgency => &[Role::LeadAgency],
            Self::PeoplesCommittee => &[Role::PeoplesCommittee],
            Self::Ministry | Self::PrimeMinister => &[Role::Ministry],
        }
    }
}

/// An obstacle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// Code of the province.
    pub province: String,
    /// Code of the unit below it, where it is of one.
    pub unit: Option<String>,
    /// The pilot and its cooperative, where it is about one.
    pub about: Option<About>,
    /// Code of the scheme.
    pub scheme: String,
    /// The agency that raised it.
    pub agency: Option<Uuid>,
    /// What was raised.
    pub content: ObstacleContent,
    /// With whom it is.
    pub level: ObstacleLevel,
    /// The day it came to that level; none at the first.
    pub escalated_on: Option<NaiveDate>,
    /// How it was resolved, once it was.
    pub resolution: Option<Resolution>,
    /// Who recorded it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A pilot that an obstacle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The pilot.
    pub pilot: Uuid,
    /// Its cooperative.
    pub cooperative: Uuid,
}

/// What is raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObstacleContent {
    /// In a line.
    pub title: String,
    /// In full.
    pub description: String,
    /// The solution that is proposed.
    pub proposal: Option<String>,
    /// The day it was raised.
    pub raised_on: NaiveDate,
}

/// How an obstacle was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The day.
    pub resolved_on: NaiveDate,
    /// How.
    pub resolution: String,
}

names! {
    /// Whether an obstacle is resolved.
    ObstacleStatus {
        /// Not resolved yet.
        Open = "open",
        /// Resolved.
        Resolved = "resolved",
    }
}

/// Where an obstacle is: in a province, or in a unit of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Code of the province.
    pub province: String,
    /// Code of the unit, where it is of one.
    pub unit: Option<String>,
}

impl Obstacle {
    /// Raises an obstacle, about a pilot or about a place.
    ///
    /// # Errors
    /// The date lies in the future or before the selection of the pilot, or another department is responsible for it.
    pub fn raise(
        id: Uuid,
        content: ObstacleContent,
        (place, scheme): (Place, String),
        pilot: Option<&Pilot>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(content.raised_on, "/raisedOn")?;
        if let Some(pilot) = pilot {
            let department = pilot.responsible_department;
            if caller.role == Role::LineDepartment && !caller.acts_for(department) {
                return Err(Refusal::new(
                    Rule::NotResponsible,
                    "Chỉ sở chuyên ngành phụ trách HTX thí điểm này được thực hiện bước này.",
                    format!("The line department responsible for this pilot is {department}."),
                )
                .given(&[("responsible", &department)]));
            }
            not_before(content.raised_on, pilot.selected_on, "/raisedOn")?;
        }
        let Place { province, unit } = place;
        Ok(Self {
            id,
            version: 1,
            province,
            unit,
            about: pilot.map(|pilot| About { pilot: pilot.id, cooperative: pilot.cooperative }),
            scheme,
            agency: caller.agency,
            content,
            level: ObstacleLevel::LeadAgency,
            escalated_on: None,
            resolution: None,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Passes it on to the level above.
    ///
    /// # Errors
    /// Resolved, nobody above, not with this caller, or dated before it came here.
    pub fn escalate(
        mut self,
        escalated_on: NaiveDate,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(escalated_on, "/escalatedOn")?;
        self.level = self.may_escalate(caller, lead_agency)?;
        not_before(escalated_on, self.here_since(), "/escalatedOn")?;
        self.escalated_on = Some(escalated_on);
        Ok(self.next(now))
    }

    /// Resolves it, where it is.
    ///
    /// # Errors
    /// Resolved already, not with this caller, or dated before it came here.
    pub fn resolve(
        mut self,
        resolution: Resolution,
        lead_agency: Option<Uuid>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(resolution.resolved_on, "/resolvedOn")?;
        self.may_resolve(caller, lead_agency)?;
        not_before(resolution.resolved_on, self.here_since(), "/resolvedOn")?;
        self.resolution = Some(resolution);
        Ok(self.next(now))
    }

    /// Whether this caller may pass it on; answers to whom.
    ///
    /// # Errors
    /// Why not.
    pub fn may_escalate(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<ObstacleLevel, Refusal> {
        self.must_be_open()?;
        let above = self.level.above().ok_or_else(|| {
            let (vi, en) = ("Vướng mắc đã ở cấp cao nhất.", "The obstacle is at the highest level already.");
            Refusal::new(Rule::WrongState, vi, en).given(&[("state", &self.level.name())])
        })?;
        self.with(caller, self.level.passed_on_by(), lead_agency).map(|()| above)
    }

    /// Whether this caller may resolve it.
    ///
    /// # Errors
    /// Why not.
    pub fn may_resolve(&self, caller: &Caller, lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        self.must_be_open()?;
        self.with(caller, self.level.resolved_by(), lead_agency)
    }

    /// Whether it is resolved.
    pub const fn status(&self) -> ObstacleStatus {
        if self.resolution.is_some() { ObstacleStatus::Resolved } else { ObstacleStatus::Open }
    }

    /// The day since which it is where it is.
    fn here_since(&self) -> NaiveDate {
        self.escalated_on.unwrap_or(self.content.raised_on)
    }

    fn must_be_open(&self) -> Result<(), Refusal> {
        let Some(Resolution { resolved_on, .. }) = &self.resolution else { return Ok(()) };
        Err(Refusal::new(
            Rule::WrongState,
            format!("Vướng mắc đã được giải quyết ngày {resolved_on}."),
            format!("The obstacle was resolved on {resolved_on}."),
        )
        .given(&[("state", &"resolved"), ("resolvedOn", &resolved_on)]))
    }

    fn with(&self, caller: &Caller, roles: &[Role], lead_agency: Option<Uuid>) -> Result<(), Refusal> {
        if !roles.contains(&caller.role) {
            let level = self.level.name();
            return Err(Refusal::new(
                Rule::NotResponsible,
                format!(
                    "Vướng mắc đang ở cấp {}, không thuộc thẩm quyền của {}.",
                    super::vietnamese::level(level),
                    super::vietnamese::role(caller.role)
                ),
                format!("The obstacle is with {level}: not for {} to act on.", caller.role.name()),
            )
            .given(&[
                ("level", &level),
                ("responsible", &roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")),
            ]));
        }
        if caller.role == Role::LeadAgency { only_lead(caller, lead_agency) } else { Ok(()) }
    }

    /// The next version.
    fn next(mut self, now: Moment) -> Self {
        self.version += 1;
        self.updated_at = now.0;
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::improvement::tests::{caller, pilot};

    const LEAD: u128 = 40;

    fn now() -> Moment {
        Moment("2023-03-01T02:00:00Z".parse().unwrap())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn raised() -> Obstacle {
        raised_by(&caller(Role::Locality, 70, "huyen"), "2022-04-11").unwrap()
    }

    fn raised_by(by: &Caller, raised_on: &str) -> Result<Obstacle, Refusal> {
        let content = ObstacleContent {
            title: "Đất".to_owned(),
            description: "Chưa được giao đất.".to_owned(),
            proposal: None,
            raised_on: day(raised_on),
        };
        let place = Place { province: "89".to_owned(), unit: Some("883".to_owned()) };
        let scheme = "QD167-2021-2025".to_owned();
        Obstacle::raise(Uuid::from_u128(1), content, (place, scheme), Some(&pilot()), by, now())
    }

    fn people() -> [Caller; 4] {
        let lead = caller(Role::LeadAgency, LEAD, "skhdt");
        let committee = caller(Role::PeoplesCommittee, 50, "ubnd");
        [lead, committee, caller(Role::Ministry, 60, "bo"), caller(Role::Locality, 70, "huyen")]
    }

    #[test]
    fn it_climbs_from_the_lead_agency_to_the_prime_minister_and_each_level_acts_in_its_turn() {
        let [lead, committee, ministry, locality] = people();
        let mut obstacle = raised();
        for (level, escalates, resolves) in [
            (ObstacleLevel::LeadAgency, vec![&lead], vec![&lead]),
            (ObstacleLevel::PeoplesCommittee, vec![&lead, &committee], vec![&committee]),
            (ObstacleLevel::Ministry, vec![&ministry], vec![&ministry]),
            (ObstacleLevel::PrimeMinister, vec![], vec![&ministry]),
        ] {
            assert_eq!(obstacle.level, level);
            for person in [&lead, &committee, &ministry, &locality] {
                let may = obstacle.may_escalate(person, Some(Uuid::from_u128(LEAD))).is_ok();
                assert_eq!(may, escalates.contains(&person), "{level:?} {}", person.subject);
                let may = obstacle.may_resolve(person, Some(Uuid::from_u128(LEAD))).is_ok();
                assert_eq!(may, resolves.contains(&person), "{level:?} {}", person.subject);
            }
            if let Some(first) = escalates.first() {
                obstacle = obstacle.escalate(day("2022-05-01"), Some(Uuid::from_u128(LEAD)), first, now()).unwrap();
            }
        }
        let refused = obstacle.may_escalate(&ministry, None).unwrap_err();
        assert_eq!(refused.rule, Rule::WrongState, "nobody is above the Prime Minister");
        let other_lead = raised().may_resolve(&lead, Some(Uuid::from_u128(41))).unwrap_err();
        assert_eq!(other_lead.rule, Rule::NotResponsible);
    }

    #[test]
    fn dates_follow_each_other_and_what_is_resolved_stays_so() {
        let [lead, ..] = people();
        // Selected on 15 September 2021.
        for (on, refused) in [
            ("2021-09-14", Some(Rule::StepPredated)),
            ("2021-09-15", None),
            ("2023-03-01", None),
            ("2023-03-02", Some(Rule::DateInFuture)),
        ] {
            assert_eq!(raised_by(&lead, on).err().map(|refusal| refusal.rule), refused, "{on}");
        }
        let stranger = caller(Role::LineDepartment, 31, "sgtvt");
        assert_eq!(raised_by(&stranger, "2022-04-11").unwrap_err().rule, Rule::NotResponsible);
        let resolution = |on: &str| Resolution { resolved_on: day(on), resolution: "Đã giao đất.".to_owned() };
        for (on, refused) in [("2022-04-10", Some(Rule::StepPredated)), ("2022-04-11", None)] {
            let result = raised().resolve(resolution(on), None, &lead, now());
            assert_eq!(result.err().map(|refusal| refusal.rule), refused, "{on}");
        }
        let resolved = raised().resolve(resolution("2022-06-30"), None, &lead, now()).unwrap();
        assert_eq!(resolved.status(), ObstacleStatus::Resolved);
        let again = resolved.clone().resolve(resolution("2022-07-01"), None, &lead, now()).unwrap_err();
        let on = resolved.escalate(day("2022-07-01"), None, &lead, now()).unwrap_err();
        assert_eq!((again.rule, on.rule), (Rule::WrongState, Rule::WrongState));
    }

    proptest! {
        /// Whoever tries whatever in whatever order: a level is never skipped nor left downwards, nothing follows a
        /// resolution, and dates never run backwards.
        #[test]
        fn no_order_of_steps_skips_a_level_or_reopens(
            steps in prop::collection::vec((any::<bool>(), 0_usize..4, 0_u64..300), 0..30),
        ) {
            let people = people();
            let mut obstacle = raised();
            for (escalates, who, days) in steps {
                let before = obstacle.clone();
                let on = day("2022-04-11") + chrono::Days::new(days);
                let (lead, person) = (Some(Uuid::from_u128(LEAD)), &people[who]);
                let result = if escalates {
                    obstacle.escalate(on, lead, person, now())
                } else {
                    let resolution = Resolution { resolved_on: on, resolution: "Xong.".to_owned() };
                    obstacle.resolve(resolution, lead, person, now())
                };
                let Ok(after) = result else { obstacle = before; continue };
                prop_assert!(before.resolution.is_none());
                prop_assert!(on >= before.here_since());
                prop_assert_eq!(after.version, before.version + 1);
                let level = if escalates { before.level.above() } else { Some(before.level) };
                prop_assert_eq!(Some(after.level), level);
                obstacle = after;
            }
        }
    }
}
