//! Selection decisions with the applications that they choose.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use super::entity::{decision_application, selection_decision};
use super::listing::{Key, Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use super::{Db, StoreError, applications, pilots, selection_amendments};
use crate::domain::application::Application;
use crate::domain::pilot::Leaving;
use crate::domain::role::Scope;
use crate::domain::selection::{
    Amendment, Choice, DecisionContent, DecisionIssuer, DecisionState, DecisionStatus, PilotList, Proposal, Revocation,
    SelectionDecision,
};

/// What a list of decisions can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// Code of the scheme.
    pub scheme: Option<String>,
    /// The list that they add to.
    pub list: Option<PilotList>,
    /// State.
    pub state: Option<DecisionStatus>,
}

const SCOPE: ScopeColumns<selection_decision::Column> =
    ScopeColumns { province: selection_decision::Column::ProvinceCode, unit: None, cooperative: None };

/// A cooperative sees the decisions on its own applications once they are approved; agencies those of their province.
fn scoped(scope: &Scope) -> Select<selection_decision::Entity> {
    use selection_decision::Column;
    let approved = Column::State.ne(DecisionStatus::Draft.name());
    let select = Drafts::OfProvince.left_out(selection_decision::Entity::find(), scope, approved);
    if let Scope::Cooperative(id) = scope {
        let its_own = decision_application::Entity::find()
            .select_only()
            .column(decision_application::Column::DecisionId)
            .filter(decision_application::Column::CooperativeId.eq(*id))
            .into_query();
        return select.filter(Column::Id.in_subquery(its_own));
    }
    within(select, scope, SCOPE)
}

/// A decision in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<SelectionDecision, StoreError> {
    let row = scoped(scope).filter(selection_decision::Column::Id.eq(id)).one(db).await?;
    let mut found = [from_row(row.ok_or(StoreError::NotFound)?)?];
    choices_into(db, &mut found).await?;
    let [decision] = found;
    Ok(decision)
}

/// The decisions in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = SelectionDecision> + use<> {
    use selection_decision::Column;
    let Filter { place, scheme, list, state } = filter.clone();
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::On(selection_decision::Column::Date)));
    let exact = [
        (Column::SchemeCode, scheme),
        (Column::List, list.map(|list| list.name().to_owned())),
        (Column::State, state.map(|state| state.name().to_owned())),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    WithChoices(Keyset::by_id(select, Column::Id, from_row, |decision: &SelectionDecision| decision.id))
}

/// A list of decisions, completed page by page with what they choose.
#[derive(Debug, Clone)]
struct WithChoices(Keyset<selection_decision::Entity, SelectionDecision>);

impl Listing for WithChoices {
    type Item = SelectionDecision;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<SelectionDecision>, StoreError> {
        let mut page = self.0.page(db, after, limit).await?;
        choices_into(db, &mut page).await?;
        Ok(page)
    }

    fn key(&self, item: &SelectionDecision) -> Key {
        self.0.key(item)
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        self.0.count(db).await
    }
}

/// Reads what some decisions choose, in one query.
async fn choices_into(db: &impl ConnectionTrait, decisions: &mut [SelectionDecision]) -> Result<(), StoreError> {
    use decision_application::Column;
    let ids = decisions.iter().map(|decision| decision.id);
    let select = decision_application::Entity::find().filter(Column::DecisionId.is_in(ids));
    // What an amendment added is not what was decided at first.
    let select = select.filter(Column::AmendmentId.is_null());
    let mut of: HashMap<Uuid, (Vec<Choice>, BTreeMap<Uuid, String>)> = HashMap::new();
    for row in select.order_by_asc(Column::DecisionId).order_by_asc(Column::Position).all(db).await? {
        let decision_application::Model {
            decision_id,
            application_id,
            position: _,
            cooperative_id: _,
            responsible_department,
            content_hash,
            amendment_id: _,
        } = row;
        let (choices, read) = of.entry(decision_id).or_default();
        choices.push(Choice { application: application_id, responsible_department });
        read.extend(content_hash.map(|digest| (application_id, digest)));
    }
    let mut amended: HashMap<Uuid, Vec<Amendment>> = HashMap::new();
    for amendment in selection_amendments::in_force(db, decisions.iter().map(|decision| decision.id)).await? {
        amended.entry(amendment.decision).or_default().push(amendment);
    }
    for decision in decisions {
        decision.amendments = amended.remove(&decision.id).unwrap_or_default();
        (decision.content.choices, decision.read) = of.remove(&decision.id).unwrap_or_default();
    }
    Ok(())
}

/// Adds what an amendment in force added to a decision: who applied sees the decision on it.
///
/// # Errors
/// The database failed.
pub async fn insert_additions(
    db: &impl ConnectionTrait,
    amendment: &Amendment,
    selected: &[Application],
) -> Result<(), StoreError> {
    if selected.is_empty() {
        return Ok(());
    }
    let row = |(position, (choice, application)): (i32, (&Choice, &Application))| decision_application::ActiveModel {
        decision_id: Set(amendment.decision),
        application_id: Set(application.id),
        position: Set(position),
        cooperative_id: Set(application.cooperative),
        responsible_department: Set(choice.responsible_department),
        content_hash: Set(amendment.read.get(&application.id).cloned()),
        amendment_id: Set(Some(amendment.id)),
    };
    let rows = (0_i32..).zip(amendment.terms.additions.iter().zip(selected)).map(row);
    decision_application::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The pilots that a decision and its amendments opened, each with the application that it came from and the last day on
/// which something happened to it. Unscoped: whoever asks has found the decision.
///
/// # Errors
/// The database failed.
pub async fn leaving(db: &impl ConnectionTrait, decision: Uuid) -> Result<Vec<Leaving>, StoreError> {
    let opened = pilots::of_decision(db, decision).await?;
    let found = applications::find_all(db, &Scope::Country, opened.iter().map(|pilot| pilot.application)).await?;
    let facts = pilots::last_facts(db, &opened.iter().map(|pilot| pilot.id).collect::<Vec<_>>()).await?;
    let mut by_id: HashMap<Uuid, Application> = found.into_iter().map(|found| (found.id, found)).collect();
    let paired = opened.into_iter().map(|pilot| {
        let application = by_id.remove(&pilot.application).ok_or(StoreError::NotFound)?;
        let last_fact = facts.get(&pilot.id).copied();
        Ok(Leaving { pilot, application, last_fact })
    });
    paired.collect()
}

/// Records a draft. `applications` are those that it chooses.
///
/// # Errors
/// The number is taken in the province and year, or the database failed.
pub async fn insert(
    db: &impl ConnectionTrait,
    decision: &SelectionDecision,
    applications: &[Application],
) -> Result<(), StoreError> {
    selection_decision::Entity::insert(to_row(decision)?).exec_without_returning(db).await?;
    insert_choices(db, decision, applications).await
}

/// Replaces a draft by its next version, choices included.
///
/// # Errors
/// It changed since it was read (`Stale`), the number is taken, or the database failed.
pub async fn update_draft(
    db: &impl ConnectionTrait,
    decision: &SelectionDecision,
    applications: &[Application],
) -> Result<(), StoreError> {
    update(db, decision).await?;
    let old = decision_application::Entity::delete_many();
    old.filter(decision_application::Column::DecisionId.eq(decision.id)).exec(db).await?;
    insert_choices(db, decision, applications).await
}

async fn insert_choices(
    db: &impl ConnectionTrait,
    decision: &SelectionDecision,
    applications: &[Application],
) -> Result<(), StoreError> {
    let cooperative_of: HashMap<Uuid, Uuid> =
        applications.iter().map(|application| (application.id, application.cooperative)).collect();
    let mut rows = Vec::with_capacity(decision.content.choices.len());
    for (position, choice) in (0_i32..).zip(&decision.content.choices) {
        let Choice { application, responsible_department } = choice;
        rows.push(decision_application::ActiveModel {
            decision_id: Set(decision.id),
            application_id: Set(*application),
            position: Set(position),
            cooperative_id: Set(*cooperative_of.get(application).ok_or(StoreError::NotFound)?),
            responsible_department: Set(*responsible_department),
            content_hash: Set(decision.read.get(application).cloned()),
            amendment_id: Set(None),
        });
    }
    decision_application::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a decision by its next version; what it chooses stays.
///
/// # Errors
/// It changed since it was read (`Stale`), the number is taken, or the database failed.
pub async fn update(db: &impl ConnectionTrait, decision: &SelectionDecision) -> Result<(), StoreError> {
    let changed = selection_decision::Entity::update_many()
        .set(to_row(decision)?)
        .filter(at_version(decision, decision.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft with its choices.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, decision: &SelectionDecision) -> Result<(), StoreError> {
    let deleted = selection_decision::Entity::delete_many().filter(at_version(decision, decision.version)).exec(db);
    if deleted.await?.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn at_version(decision: &SelectionDecision, version: i32) -> Condition {
    use selection_decision::Column;
    Condition::all().add(Column::Id.eq(decision.id)).add(Column::Version.eq(version))
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: selection_decision::Model) -> Result<SelectionDecision, StoreError> {
    let selection_decision::Model {
        id,
        version,
        province_code,
        scheme_code,
        number,
        date,
        year: _,
        effective_date,
        signatory,
        issuer,
        proposal_number,
        proposal_date,
        list,
        late,
        state,
        approved_by,
        revocation_number,
        revocation_date,
        revocation_reason,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = row;
    let content = DecisionContent {
        number,
        date,
        effective_date,
        signatory,
        issuer: DecisionIssuer::from_name(&issuer).ok_or_else(|| malformed("issuer", &issuer))?,
        proposal: Proposal { number: proposal_number, date: proposal_date },
        list: PilotList::from_name(&list).ok_or_else(|| malformed("list", &list))?,
        choices: Vec::new(),
    };
    let revocation = match (revocation_number, revocation_date, revocation_reason) {
        (Some(number), Some(date), Some(reason)) => Some(Revocation { number, date, reason }),
        _ => None,
    };
    let state = match (DecisionStatus::from_name(&state), approved_by, revocation) {
        (Some(DecisionStatus::Draft), None, None) => DecisionState::Draft,
        (Some(DecisionStatus::Approved), Some(approved_by), None) => DecisionState::Approved { approved_by },
        (Some(DecisionStatus::Revoked), Some(approved_by), Some(revocation)) => {
            DecisionState::Revoked { approved_by, revocation }
        }
        _ => return Err(malformed("decision state", &state)),
    };
    Ok(SelectionDecision {
        id,
        version,
        province: province_code,
        scheme: scheme_code,
        content,
        read: BTreeMap::new(),
        late,
        state,
        amendments: Vec::new(),
        created_by,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

fn to_row(decision: &SelectionDecision) -> Result<selection_decision::ActiveModel, StoreError> {
    let SelectionDecision {
        id,
        version,
        province,
        scheme,
        content,
        read: _,
        late,
        state,
        amendments: _,
        created_by,
        writers,
        recorded_at,
        updated_at,
    } = decision.clone();
    let DecisionContent { number, date, effective_date, signatory, issuer, proposal, list, choices: _ } = content;
    let status = state.status().name().to_owned();
    let (approved_by, revocation) = match state {
        DecisionState::Draft => (None, None),
        DecisionState::Approved { approved_by } => (Some(approved_by), None),
        DecisionState::Revoked { approved_by, revocation } => (Some(approved_by), Some(revocation)),
    };
    let (revocation_number, revocation_date, revocation_reason) = match revocation {
        Some(Revocation { number, date, reason }) => (Some(number), Some(date), Some(reason)),
        None => (None, None, None),
    };
    Ok(selection_decision::ActiveModel {
        id: Set(id),
        version: Set(version),
        province_code: Set(province),
        scheme_code: Set(scheme),
        number: Set(number),
        date: Set(date),
        year: Set(date.year()),
        effective_date: Set(effective_date),
        signatory: Set(signatory),
        issuer: Set(issuer.name().to_owned()),
        proposal_number: Set(proposal.number),
        proposal_date: Set(proposal.date),
        list: Set(list.name().to_owned()),
        late: Set(late),
        state: Set(status),
        approved_by: Set(approved_by),
        revocation_number: Set(revocation_number),
        revocation_date: Set(revocation_date),
        revocation_reason: Set(revocation_reason),
        created_by: Set(created_by),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    })
}
