//! The life of a criteria set: loaded as a draft by the operator, activated from a day by the ministry (a province's
//! variant by its lead agency), superseded or retired. What was activated never changes but for its last day.

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::{Criteria, CriteriaSet, CriteriaSetState};
use crate::domain::application::not_before;
use crate::domain::digest::digest;
use crate::domain::moment::{Moment, not_too_old};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, Scope};
use crate::domain::text::Text;
use crate::domain::writers::Writers;

/// What a draft says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriteriaContent {
    /// Code that evaluations name.
    pub code: String,
    /// Name.
    pub name: Text,
    /// Document that it comes from.
    pub legal_basis: String,
    /// Code of the province whose variant it is.
    pub province: Option<String>,
    /// First day in force, as proposed: the activation decides.
    pub valid_from: NaiveDate,
    /// Last day in force.
    pub valid_to: Option<NaiveDate>,
    /// The criteria.
    pub criteria: Criteria,
}

/// What may be done with a criteria set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriteriaAction {
    /// Change the draft.
    Edit,
    /// Delete the draft.
    Delete,
    /// Put it in force.
    Activate,
    /// Take it out of force.
    Retire,
}

/// A set that was put in force, and the version that thereby ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activated {
    /// The set.
    pub set: CriteriaSet,
    /// The version before it, now with a last day.
    pub ended: Option<CriteriaSet>,
}

impl CriteriaSet {
    /// Loads a draft; `others` are the versions of its code that are known.
    ///
    /// # Errors
    /// Every fault of the set.
    pub fn load(id: Uuid, content: CriteriaContent, others: &[Self], caller: &Caller) -> Result<Self, Refusal> {
        let edition = others.iter().map(|other| other.edition).max().unwrap_or(0).saturating_add(1);
        let (version, state, writers) = (1, CriteriaSetState::Draft, Writers::first(caller));
        let CriteriaContent { code, name, legal_basis, province, valid_from, valid_to, criteria } = content;
        let set = Self {
            id,
            version,
            code,
            edition,
            name,
            legal_basis,
            province,
            valid_from,
            valid_to,
            state,
            criteria,
            writers,
        };
        set.check_content()?;
        Ok(set)
    }

    /// Replaces the draft.
    ///
    /// # Errors
    /// Every fault of the set; no longer a draft; another code.
    pub fn edit(self, content: CriteriaContent, caller: &Caller) -> Result<Self, Refusal> {
        self.may(CriteriaAction::Edit, caller)?;
        let CriteriaContent { code, name, legal_basis, province, valid_from, valid_to, criteria } = content;
        if code != self.code {
            let vi = format!("Mã {} không đổi được; hãy tải bộ tiêu chí khác.", self.code);
            let en = format!("The code {} does not change; load another set.", self.code);
            return Err(Refusal::at(Rule::CriteriaCodeFixed, "/code", vi, en).given(&[("criteriaSet", &self.code)]));
        }
        let writers = self.writers.clone().and(caller);
        let set = Self { name, legal_basis, province, valid_from, valid_to, criteria, writers, ..self.next() };
        set.check_content()?;
        Ok(set)
    }

    /// Puts a draft in force from a day. The version of its code that is in force then ends the day before;
    /// evaluations made under it keep it.
    ///
    /// # Errors
    /// Not the caller's to decide; by one who wrote it; another version begins on that day or later.
    pub fn activate(
        self,
        valid_from: NaiveDate,
        on_date: NaiveDate,
        others: &[Self],
        caller: &Caller,
        now: Moment,
    ) -> Result<Activated, Refusal> {
        now.not_in_future(on_date, "/activatedOn")?;
        not_too_old(valid_from, "/validFrom")?;
        self.may(CriteriaAction::Activate, caller)?;
        let set = Self { valid_from, state: CriteriaSetState::Active, ..self.next() };
        set.check()?;
        let standing = others.iter().filter(|other| other.id != set.id && other.state != CriteriaSetState::Draft);
        let mut ended = None;
        for other in standing.filter(|other| overlap(other, &set)) {
            match set.valid_from.pred_opt().filter(|last| other.valid_from <= *last) {
                Some(last) => ended = Some(Self { valid_to: Some(last), ..other.clone().next() }),
                None => return Err(overlapping(&set, other)),
            }
        }
        Ok(Activated { set, ended })
    }

    /// Takes a set out of force after a day.
    ///
    /// # Errors
    /// Not the caller's to decide; not in force; a day before it began or after it ends; a document older than that of
    /// the activation.
    pub fn retire(
        self,
        last_day: NaiveDate,
        on_date: NaiveDate,
        activated_on: Option<NaiveDate>,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(on_date, "/retiredOn")?;
        self.may(CriteriaAction::Retire, caller)?;
        activated_on.map_or(Ok(()), |activated_on| not_before(on_date, activated_on, "/retiredOn"))?;
        if last_day < self.valid_from || self.valid_to.is_some_and(|end| last_day > end) {
            let vi = format!("Ngày {last_day} nằm ngoài thời gian hiệu lực, từ {}.", self.valid_from);
            let en = format!("The day {last_day} is not one on which the set is in force, from {}.", self.valid_from);
            return Err(Refusal::at(Rule::Contradiction, "/validTo", vi, en)
                .given(&[("stated", &last_day), ("against", &self.valid_from)]));
        }
        Ok(Self { valid_to: Some(last_day), state: CriteriaSetState::Retired, ..self.next() })
    }

    /// Whether a caller may do something with it now.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may(&self, action: CriteriaAction, caller: &Caller) -> Result<(), Refusal> {
        match action {
            CriteriaAction::Edit | CriteriaAction::Delete => self.is_draft(),
            CriteriaAction::Activate => {
                self.is_draft()?;
                self.is_decided_by(caller)?;
                self.writers.four_eyes(caller)
            }
            CriteriaAction::Retire => {
                if self.state != CriteriaSetState::Active {
                    let (vi, en) = ("Chỉ bộ tiêu chí đang hiệu lực mới bãi bỏ được.", "Only an active set is retired.");
                    return Err(Refusal::new(Rule::WrongState, vi, en).given(&[("state", &self.state.name())]));
                }
                self.is_decided_by(caller)
            }
        }
    }

    /// Digest of what it says: code, version, territory, legal basis and criteria.
    pub fn content_hash(&self) -> String {
        digest(&json!({
            "code": self.code,
            "version": self.edition,
            "province": self.province,
            "legalBasis": self.legal_basis,
            "criteria": self.criteria,
        }))
    }

    fn check_content(&self) -> Result<(), Refusal> {
        let dates = not_too_old(self.valid_from, "/validFrom");
        Refusal::of_all([self.check(), dates].into_iter().filter_map(Result::err).collect())
    }

    fn is_draft(&self) -> Result<(), Refusal> {
        if self.state == CriteriaSetState::Draft {
            return Ok(());
        }
        let vi = format!("Bộ tiêu chí {} lần {} đã ban hành.", self.code, self.edition);
        let en = format!("Version {} of the criteria set {} was activated.", self.edition, self.code);
        Err(Refusal::new(Rule::CriteriaFixed, vi, en).given(&[("criteriaSet", &self.code), ("version", &self.edition)]))
    }

    /// National sets are the ministry's, a province's variant its lead agency's (2129/QĐ-UBND VII.1).
    fn is_decided_by(&self, caller: &Caller) -> Result<(), Refusal> {
        let own = match (&self.province, caller.role, &caller.scope) {
            (None, Role::Ministry, _) => true,
            (Some(province), Role::LeadAgency, Scope::Province(own)) => own.covers(province),
            _ => false,
        };
        if own {
            return Ok(());
        }
        let (responsible, vi, en) = match &self.province {
            None => (
                Role::Ministry.name().to_owned(),
                "Bộ tiêu chí quốc gia do Bộ quyết định.".to_owned(),
                "A national criteria set is the ministry's to decide.".to_owned(),
            ),
            Some(province) => (
                format!("{} {province}", Role::LeadAgency.name()),
                format!("Bộ tiêu chí của tỉnh {province} do cơ quan đầu mối của tỉnh quyết định."),
                format!("The variant of province {province} is its lead agency's to decide."),
            ),
        };
        Err(Refusal::new(Rule::NotResponsible, vi, en).given(&[("responsible", &responsible)]))
    }

    /// The version of the record that comes after.
    fn next(self) -> Self {
        Self { version: self.version.saturating_add(1), ..self }
    }
}

/// Whether two versions are in force on a common day.
fn overlap(one: &CriteriaSet, other: &CriteriaSet) -> bool {
    one.valid_to.is_none_or(|end| other.valid_from <= end) && other.valid_to.is_none_or(|end| one.valid_from <= end)
}

fn overlapping(set: &CriteriaSet, other: &CriteriaSet) -> Refusal {
    let (from, code, edition, begins) = (set.valid_from, &other.code, other.edition, other.valid_from);
    Refusal::at(
        Rule::CriteriaOverlap,
        "/validFrom",
        format!("Từ {from} trùng hiệu lực với bộ {code} lần {edition}, có hiệu lực từ {begins}."),
        format!("From {from} it would overlap with version {edition} of {code}, in force from {begins}."),
    )
    .given(&[("from", &from), ("criteriaSet", &code), ("version", &edition), ("begins", &begins)])
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::criteria::tt01;

    fn caller(role: Role, subject: &str) -> Caller {
        let scope = if role == Role::LeadAgency { Scope::Province("89".into()) } else { Scope::Country };
        Caller {
            issuer: "test".to_owned(),
            subject: subject.to_owned(),
            role,
            agency: None,
            predecessors: Vec::new(),
            unit: None,
            scope,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn now() -> Moment {
        Moment("2022-06-30T03:00:00Z".parse().unwrap())
    }

    fn content(valid_from: &str) -> CriteriaContent {
        let CriteriaSet { code, name, legal_basis, province, valid_to, criteria, .. } = tt01();
        CriteriaContent { code, name, legal_basis, province, valid_from: day(valid_from), valid_to, criteria }
    }

    fn draft(valid_from: &str) -> CriteriaSet {
        let operator = caller(Role::Administrator, "operator");
        CriteriaSet::load(Uuid::from_u128(1), content(valid_from), &[tt01()], &operator).unwrap()
    }

    fn activate(set: CriteriaSet, from: &str, caller: &Caller) -> Result<Activated, Refusal> {
        set.activate(day(from), day("2022-06-30"), &[tt01()], caller, now())
    }

    fn rule<T>(refused: Result<T, Refusal>) -> Option<Rule> {
        refused.err().map(|refusal| refusal.rule)
    }

    #[test]
    fn a_new_version_ends_the_one_before_and_both_govern_their_years() {
        let activated = activate(draft("2022-01-01"), "2022-01-01", &caller(Role::Ministry, "minister")).unwrap();
        let ended = activated.ended.unwrap();
        assert_eq!(
            (ended.id, ended.valid_to, ended.state),
            (tt01().id, Some(day("2021-12-31")), CriteriaSetState::Active)
        );
        assert_eq!((activated.set.edition, activated.set.state), (2, CriteriaSetState::Active));
        assert!(ended.governs(2021) && !ended.governs(2022));
        assert!(activated.set.governs(2022) && !activated.set.governs(2021));
    }

    #[test]
    fn no_two_versions_are_in_force_on_one_day() {
        let ministry = caller(Role::Ministry, "minister");
        for from in ["2020-04-01", "2019-12-31"] {
            assert_eq!(rule(activate(draft("2022-01-01"), from, &ministry)), Some(Rule::CriteriaOverlap), "{from}");
        }
        assert_eq!(rule(activate(draft("2022-01-01"), "2020-04-02", &ministry)), None);
        let closed = CriteriaSet { valid_to: Some(day("2020-03-31")), ..draft("2020-01-01") };
        let activated = activate(closed, "2020-01-01", &ministry).unwrap();
        assert_eq!(activated.ended, None);
    }

    #[test]
    fn the_ministry_activates_national_sets_the_lead_agency_its_provinces_and_the_writer_none() {
        let (ministry, lead) = (caller(Role::Ministry, "minister"), caller(Role::LeadAgency, "lead"));
        let operator = caller(Role::Administrator, "operator");
        let of_89 = CriteriaSet { province: Some("89".to_owned()), ..draft("2022-01-01") };
        let of_01 = CriteriaSet { province: Some("01".to_owned()), ..of_89.clone() };
        for (set, decider, expected) in [
            (draft("2022-01-01"), &ministry, None),
            (draft("2022-01-01"), &lead, Some(Rule::NotResponsible)),
            (draft("2022-01-01"), &operator, Some(Rule::NotResponsible)),
            (draft("2022-01-01"), &caller(Role::Ministry, "operator"), Some(Rule::FourEyes)),
            (of_89.clone(), &lead, None),
            (of_89, &ministry, Some(Rule::NotResponsible)),
            (of_01, &lead, Some(Rule::NotResponsible)),
            (tt01(), &ministry, Some(Rule::CriteriaFixed)),
        ] {
            assert_eq!(set.may(CriteriaAction::Activate, decider).err().map(|refusal| refusal.rule), expected);
        }
    }

    #[test]
    fn what_was_activated_does_not_change_and_is_retired_with_a_last_day() {
        let (operator, ministry) = (caller(Role::Administrator, "operator"), caller(Role::Ministry, "minister"));
        assert_eq!(rule(tt01().edit(content("2020-04-01"), &operator)), Some(Rule::CriteriaFixed));
        let retire = |last: &str| tt01().retire(day(last), day("2022-06-30"), None, &ministry, now());
        assert_eq!(rule(retire("2020-03-31")), Some(Rule::Contradiction));
        let retired = retire("2021-12-31").unwrap();
        assert!(retired.governs(2021) && !retired.governs(2022));
        assert_eq!(
            rule(retired.retire(day("2021-12-31"), day("2022-06-30"), None, &ministry, now())),
            Some(Rule::WrongState)
        );
        let dated = |on: &str| tt01().retire(day("2021-12-31"), day(on), Some(day("2022-01-05")), &ministry, now());
        assert_eq!(rule(dated("2022-01-04")), Some(Rule::StepPredated));
        assert_eq!(rule(dated("2022-01-05")), None);
    }

    #[test]
    fn a_code_serves_one_territory() {
        let operator = caller(Role::Administrator, "operator");
        let load = |code: &str, province: Option<&str>| {
            let (code, province) = (code.to_owned(), province.map(str::to_owned));
            let content = CriteriaContent { code, province, ..content("2022-01-01") };
            CriteriaSet::load(Uuid::from_u128(1), content, &[], &operator)
        };
        let variant = load("TT01-2020-89", Some("89")).unwrap();
        assert!(variant.serves("89") && !variant.serves("91") && tt01().serves("91"));
        let renamed = CriteriaContent { code: "TT09-2017".to_owned(), ..content("2022-01-01") };
        assert_eq!(rule(draft("2022-01-01").edit(renamed, &operator)), Some(Rule::CriteriaCodeFixed));
        // A variant is told by its code, and only a variant.
        for (code, province) in [("TT01-2020", Some("89")), ("TT01-2020-91", Some("89")), ("TT01-2020-89", None)] {
            let refusal = load(code, province).unwrap_err();
            assert_eq!(refusal.faults[0].pointer, "/code", "{code} {province:?}");
        }
    }

    /// A move that is tried on one of the versions: which, activated (or retired), from (or after) a day, dated a day.
    type Tried = (usize, bool, u64, u64);

    fn of_2020(after: u64) -> NaiveDate {
        day("2020-01-01") + Days::new(after)
    }

    /// Takes a move, where it is allowed; the activation's day is remembered with the version.
    fn attempt(versions: &mut [(CriteriaSet, Option<NaiveDate>)], (which, is_activation, from, on): Tried) -> bool {
        let ministry = caller(Role::Ministry, "minister");
        let (from, on, (set, activated_on)) = (of_2020(from), of_2020(on), versions[which].clone());
        if !is_activation {
            let Ok(retired) = set.retire(from, on, activated_on, &ministry, now()) else { return false };
            versions[which].0 = retired;
            return true;
        }
        let others: Vec<_> = versions.iter().map(|(set, _)| set.clone()).collect();
        let Ok(Activated { set, ended }) = set.activate(from, on, &others, &ministry, now()) else { return false };
        for (version, _) in versions.iter_mut() {
            if let Some(ended) = ended.as_ref().filter(|ended| ended.id == version.id) {
                *version = ended.clone();
            }
        }
        versions[which] = (set, Some(on));
        true
    }

    proptest! {
        /// No order of activations and retirements puts two versions in force on one day, brings a version back, moves the
        /// day on which it began or lengthens it, or changes what it says.
        #[test]
        fn no_order_of_moves_reaches_an_illegal_state(
            moves in proptest::collection::vec((0usize..4, any::<bool>(), 0u64..900, 0u64..900), 1..40)
        ) {
            let number = |which: usize| u128::try_from(which).unwrap();
            let version = |which: usize| CriteriaSet { id: Uuid::from_u128(number(which)), ..draft("2020-01-01") };
            let mut versions: Vec<_> = (0..4).map(|which| (version(which), None)).collect();
            for tried in moves {
                let before = versions.clone();
                if !attempt(&mut versions, tried) {
                    prop_assert_eq!(&versions, &before);
                    continue;
                }
                for ((set, _), (was, _)) in versions.iter().zip(&before) {
                    prop_assert_eq!(&set.criteria, &was.criteria);
                    if was.state != CriteriaSetState::Draft {
                        let end = |set: &CriteriaSet| set.valid_to.unwrap_or(NaiveDate::MAX);
                        prop_assert!(set.state != CriteriaSetState::Draft && end(set) <= end(was), "{tried:?}");
                        prop_assert_eq!(set.valid_from, was.valid_from);
                    }
                    prop_assert!(was.state != CriteriaSetState::Retired || set.state == CriteriaSetState::Retired);
                }
                let in_force = |on: NaiveDate| {
                    let standing = versions.iter().filter(|(set, _)| set.state != CriteriaSetState::Draft);
                    standing.filter(|(set, _)| set.valid_from <= on && set.valid_to.is_none_or(|end| on <= end)).count()
                };
                for after in 0..900 {
                    prop_assert!(in_force(of_2020(after)) <= 1, "{tried:?} on {}", of_2020(after));
                }
            }
        }
    }
}
