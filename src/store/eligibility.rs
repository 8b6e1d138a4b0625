//! The facts that eligibility is decided on, for many cooperatives in as many queries as for one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::{annual_figures, cooperative};
use super::place_filter::PlaceFilter;
use super::{StoreError, applications, evaluations, pilots, provincial_conditions, schemes, territory};
use crate::domain::application::Application;
use crate::domain::condition::MandatoryCondition;
use crate::domain::cooperative::{FiguresBasis, FiguresStatus, GoverningLaw};
use crate::domain::eligibility::{CountingEvaluation, EligibilityInputs, Facts, YearProfit};
use crate::domain::money::{Money, SignedMoney};
use crate::domain::role::Scope;
use crate::domain::scheme::Scheme;
use crate::domain::selection::{Amendment, Choice, SelectionDecision};

/// The rules that applicants of a province are held to: those of the scheme and those of its own.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The scheme.
    pub scheme: Scheme,
    /// The conditions that the province adds, whatever their days.
    pub own: Vec<MandatoryCondition>,
}

impl Rules {
    /// The rules of a scheme in a province: the one that bears the code on a day, with what the provinces that it followed
    /// have decided.
    ///
    /// # Errors
    /// There is no such scheme, or the database failed.
    pub async fn of(
        db: &impl ConnectionTrait,
        scheme: &str,
        province: &str,
        on: NaiveDate,
    ) -> Result<Self, StoreError> {
        let place = PlaceFilter { province: Some(territory::meant(db, province, on).await?), unit: None };
        let own = provincial_conditions::of_province(db, &place, Some(scheme)).await?;
        Ok(Self { scheme: schemes::find(db, scheme).await?, own })
    }

    fn asked(&self) -> impl Iterator<Item = &MandatoryCondition> {
        self.scheme.mandatory.iter().chain(&self.own)
    }

    fn profit_years(&self) -> BTreeSet<u16> {
        self.asked().filter_map(|condition| condition.parameters.profit_years.as_ref()).flatten().copied().collect()
    }

    fn evaluation_years(&self) -> BTreeSet<u16> {
        self.asked().filter_map(|condition| condition.parameters.evaluation_year).collect()
    }
}

/// Everything that the eligibility of some applications is decided on, in their order. Whoever calls has found them in
/// the caller's scope; all are of the province and scheme of the rules.
///
/// # Errors
/// The database failed.
pub async fn inputs(
    db: &impl ConnectionTrait,
    rules: &Rules,
    at: NaiveDate,
    applications: &[Application],
) -> Result<Vec<EligibilityInputs>, StoreError> {
    let cooperatives: Vec<Uuid> = applications.iter().map(|application| application.cooperative).collect();
    let mut known = facts(db, rules, &cooperatives).await?;
    let gather = |application: &Application| {
        let facts = known.remove(&application.cooperative).unwrap_or_default();
        EligibilityInputs::gather(&rules.scheme, &rules.own, at, facts, application)
    };
    Ok(applications.iter().map(gather).collect())
}

/// What is known of some cooperatives, as far as the conditions ask.
async fn facts(
    db: &impl ConnectionTrait,
    rules: &Rules,
    cooperatives: &[Uuid],
) -> Result<HashMap<Uuid, Facts>, StoreError> {
    let mut known: HashMap<Uuid, Facts> = HashMap::with_capacity(cooperatives.len());
    let ids = || cooperatives.iter().copied();
    for row in cooperative::Entity::find().filter(cooperative::Column::Id.is_in(ids())).all(db).await? {
        let law = &row.governing_law;
        let law = GoverningLaw::from_name(law).ok_or_else(|| StoreError::Malformed(format!("law {law}")))?;
        let facts = known.entry(row.id).or_default();
        (facts.governing_law, facts.founded_on) = (Some(law), Some(row.founded_on));
    }
    for ((id, _), profit) in profits(db, &rules.profit_years(), cooperatives).await? {
        known.entry(id).or_default().profits.push(profit);
    }
    let years: Vec<u16> = rules.evaluation_years().into_iter().collect();
    for (id, evaluation) in evaluations::counting_in(db, cooperatives, &years, &rules.scheme.criteria_set).await? {
        known.entry(id).or_default().evaluations.push(CountingEvaluation::from(&evaluation));
    }
    Ok(known)
}

/// The profits of some years, both sides of a year together, by cooperative and year.
async fn profits(
    db: &impl ConnectionTrait,
    years: &BTreeSet<u16>,
    cooperatives: &[Uuid],
) -> Result<BTreeMap<(Uuid, u16), YearProfit>, StoreError> {
    let select = annual_figures::Entity::find()
        .filter(annual_figures::Column::CooperativeId.is_in(cooperatives.iter().copied()))
        .filter(annual_figures::Column::Year.is_in(years.iter().map(|year| i32::from(*year))));
    let mut profits: BTreeMap<(Uuid, u16), YearProfit> = BTreeMap::new();
    for row in select.order_by_asc(annual_figures::Column::Year).all(db).await? {
        let year = u16::try_from(row.year).map_err(|_| StoreError::Malformed(format!("year {}", row.year)))?;
        let profit = row.profit_before_tax.map(|dong| SignedMoney(Money::dong(dong)));
        let sides = profits.entry((row.cooperative_id, year)).or_insert(YearProfit { year, ..YearProfit::default() });
        match FiguresBasis::from_name(&row.basis) {
            Some(FiguresBasis::Verified) => sides.verified = profit,
            Some(FiguresBasis::Declared) => sides.declared = profit,
            None => return Err(StoreError::Malformed(format!("basis {}", row.basis))),
        }
        // The verified side counts where it states a profit: its word on whether the year is closed is the last.
        if profit.is_some() && (row.basis == FiguresBasis::Verified.name() || sides.verified.is_none()) {
            sides.estimated = row.status == FiguresStatus::Estimated.name();
        }
    }
    Ok(profits)
}

/// An application that a decision chooses, what its eligibility is decided on, and the last day that an earlier pilot of
/// the cooperative stopped.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The application.
    pub application: Application,
    /// What is known now, and the rules in force on the date of the decision.
    pub inputs: EligibilityInputs,
    /// The last day that an earlier pilot of the cooperative stopped.
    pub stopped_on: Option<NaiveDate>,
}

/// The applications that a decision chooses, in its order.
///
/// # Errors
/// The database failed.
pub async fn of_decision(db: &impl ConnectionTrait, decision: &SelectionDecision) -> Result<Vec<Chosen>, StoreError> {
    let place = (decision.scheme.as_str(), decision.province.as_str());
    of_choices(db, place, &decision.content.choices, decision.content.date).await
}

/// The applications that an amendment adds, in its order.
///
/// # Errors
/// The database failed.
pub async fn of_amendment(db: &impl ConnectionTrait, amendment: &Amendment) -> Result<Vec<Chosen>, StoreError> {
    let place = (amendment.scheme.as_str(), amendment.province.as_str());
    of_choices(db, place, &amendment.terms.additions, amendment.terms.date).await
}

async fn of_choices(
    db: &impl ConnectionTrait,
    (scheme, province): (&str, &str),
    choices: &[Choice],
    date: NaiveDate,
) -> Result<Vec<Chosen>, StoreError> {
    let rules = Rules::of(db, scheme, province, date).await?;
    let chosen = choices.iter().map(|choice| choice.application);
    let chosen = applications::find_all(db, &Scope::Province(province.into()), chosen).await?;
    let cooperatives: Vec<Uuid> = chosen.iter().map(|application| application.cooperative).collect();
    let inputs = inputs(db, &rules, date, &chosen).await?;
    let stops = pilots::last_stops(db, &cooperatives).await?;
    let with_stop = |(application, inputs): (Application, EligibilityInputs)| {
        let stopped_on = stops.get(&application.cooperative).copied();
        Chosen { application, inputs, stopped_on }
    };
    Ok(chosen.into_iter().zip(inputs).map(with_stop).collect())
}
