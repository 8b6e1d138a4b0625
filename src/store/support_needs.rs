//! Support needs of pilots. What an item says and what became of it stand with the need; its years stand once more in a
//! table of their own, for sums over needs and for the constraints that hold requested ≥ appraised ≥ approved.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entity::support_need::{self, Column};
use super::entity::support_need_phase;
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::placement::{Row, unit_on};
use super::scope::{Drafts, ScopeColumns, within};
use super::{StoreError, cooperatives, pilots, provincial_plans, reference_entries, schemes};
use crate::domain::money::Money;
use crate::domain::pilot::Pilot;
use crate::domain::reference::{ReferenceEntry, ReferenceList};
use crate::domain::role::Scope;
use crate::domain::scheme::Scheme;
use crate::domain::support_need::rates::YoungWorker;
use crate::domain::support_need::{Item, NeedGrouping, NeedReferences, NeedState, NeedSum, SupportNeed};

/// What a list of needs can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The pilot.
    pub pilot: Option<Uuid>,
    /// Where it is in its life.
    pub state: Option<NeedState>,
}

const SCOPE: ScopeColumns<Column> = ScopeColumns {
    province: Column::ProvinceCode,
    unit: Some(Column::UnitCode),
    cooperative: Some(Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<support_need::Entity> {
    let sent = Column::State.ne(NeedState::Draft.name());
    Drafts::OfCooperative.left_out(within(support_need::Entity::find(), scope, SCOPE), scope, sent)
}

/// A need in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<SupportNeed, StoreError> {
    from_row(scoped(scope).filter(Column::Id.eq(id)).one(db).await?.ok_or(StoreError::NotFound)?)
}

/// The same, to change it: nobody else changes it until the transaction ends.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn lock(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<SupportNeed, StoreError> {
    let row = scoped(scope).filter(Column::Id.eq(id)).lock_exclusive().one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// Some needs, as far as the caller reaches them, in the order of their ids; `to_take` locks them until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn of_ids(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &BTreeSet<Uuid>,
    to_take: bool,
) -> Result<Vec<SupportNeed>, StoreError> {
    let mut select = scoped(scope).filter(Column::Id.is_in(ids.iter().copied())).order_by_asc(Column::Id);
    if to_take {
        select = select.lock_exclusive();
    }
    select.all(db).await?.into_iter().map(from_row).collect()
}

/// The needs in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = SupportNeed> + use<> {
    let Filter { place, cooperative, pilot, state } = filter;
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(Column::RecordedAt)));
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    for (column, id) in [(Column::CooperativeId, cooperative), (Column::PilotId, pilot)] {
        if let Some(id) = id {
            select = select.filter(column.eq(*id));
        }
    }
    Keyset::by_id(select, Column::Id, from_row, |need: &SupportNeed| need.id)
}

/// The same, to submit it: nobody submits another need of its cooperative until the transaction ends. Rates bind the
/// organisation over all its needs, so that each submission must see those before it.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn lock_to_submit(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<SupportNeed, StoreError> {
    let need = find(db, scope, id).await?;
    cooperatives::hold(db, need.cooperative).await?;
    lock(db, scope, id).await
}

/// The young workers of a cooperative's other needs, beside one: those that were submitted and not returned.
async fn young_workers_elsewhere(
    db: &impl ConnectionTrait,
    cooperative: Uuid,
    beside: Uuid,
) -> Result<Vec<YoungWorker>, StoreError> {
    let rows = support_need::Entity::find()
        .filter(Column::CooperativeId.eq(cooperative))
        .filter(Column::Id.ne(beside))
        .filter(Column::State.is_in([NeedState::Submitted.name(), NeedState::Consolidated.name()]))
        .all(db)
        .await?;
    let needs = rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let items = needs.into_iter().flat_map(|need| need.items);
    Ok(items.flat_map(|item| item.needed.young_workers).collect())
}

/// The records that surround a need, as far as the caller reaches them.
#[derive(Debug)]
pub struct Surroundings {
    /// The agency that leads the plan of the province.
    pub lead_agency: Option<Uuid>,
    pilot: Option<Pilot>,
    scheme: Option<Scheme>,
    lists: Vec<ReferenceEntry>,
    elsewhere: Vec<YoungWorker>,
    /// How many submissions of the cooperative it is judged beside.
    submissions: i32,
}

impl Surroundings {
    /// What a need is checked against.
    pub fn references(&self) -> NeedReferences<'_> {
        let Self { pilot, scheme, lists, elsewhere, lead_agency, submissions: _ } = self;
        NeedReferences { pilot: pilot.as_ref(), scheme: scheme.as_ref(), lists, elsewhere, lead_agency: *lead_agency }
    }
}

/// The lists that needs name.
const LISTS: &[ReferenceList] =
    &[ReferenceList::SupportKinds, ReferenceList::Sources, ReferenceList::SupportRates, ReferenceList::MinimumWages];

/// What surrounds a need of a pilot.
///
/// # Errors
/// The database failed.
pub async fn surroundings(
    db: &impl ConnectionTrait,
    scope: &Scope,
    pilot: Uuid,
    need: Uuid,
) -> Result<Surroundings, StoreError> {
    let lists = reference_entries::of_lists(db, LISTS).await?;
    let Some(pilot) = StoreError::if_found(pilots::find(db, scope, pilot).await)? else {
        let (elsewhere, submissions) = (Vec::new(), 0);
        return Ok(Surroundings { lead_agency: None, pilot: None, scheme: None, lists, elsewhere, submissions });
    };
    // Counted before what they ask for is read: a submission in between makes the number of the next one taken.
    let submissions = submissions(db, pilot.cooperative).await?;
    Ok(Surroundings {
        lead_agency: provincial_plans::lead_agency(db, &pilot.province, &pilot.scheme).await?,
        scheme: StoreError::if_found(schemes::find(db, &pilot.scheme).await)?,
        elsewhere: young_workers_elsewhere(db, pilot.cooperative, need).await?,
        pilot: Some(pilot),
        lists,
        submissions,
    })
}

/// Records a draft.
///
/// # Errors
/// The database failed.
pub async fn insert(db: &impl ConnectionTrait, need: &SupportNeed) -> Result<(), StoreError> {
    support_need::Entity::insert(to_row(need)?).exec_without_returning(db).await?;
    insert_phases(db, need).await
}

/// Replaces a need by its next version, years included.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, need: &SupportNeed) -> Result<(), StoreError> {
    replace(db, need, to_row(need)?).await
}

async fn replace(
    db: &impl ConnectionTrait,
    need: &SupportNeed,
    row: support_need::ActiveModel,
) -> Result<(), StoreError> {
    let changed = support_need::Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(need.id))
        .filter(Column::Version.eq(need.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    if need.state == NeedState::Consolidated {
        return decide_phases(db, need).await;
    }
    let years = support_need_phase::Entity::delete_many();
    years.filter(support_need_phase::Column::NeedId.eq(need.id)).exec(db).await?;
    insert_phases(db, need).await
}

/// Replaces a need by its next version, which is submitted: numbered after the submissions that it was judged beside.
///
/// # Errors
/// It changed since it was read (`Stale`), another need of the cooperative was submitted meanwhile (`Taken`), or the database
/// failed.
pub async fn submitted(db: &impl ConnectionTrait, need: &SupportNeed, around: &Surroundings) -> Result<(), StoreError> {
    let submission = Set(Some(around.submissions.saturating_add(1)));
    replace(db, need, support_need::ActiveModel { submission, ..to_row(need)? }).await
}

/// The number of the last submission of a cooperative.
async fn submissions(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<i32, StoreError> {
    let last = support_need::Entity::find().select_only().column_as(Column::Submission.max(), "last");
    let last = last.filter(Column::CooperativeId.eq(cooperative)).into_tuple::<Option<i32>>().one(db).await?;
    Ok(last.flatten().unwrap_or(0))
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, need: &SupportNeed) -> Result<(), StoreError> {
    let gone = support_need::Entity::delete_many()
        .filter(Column::Id.eq(need.id))
        .filter(Column::Version.eq(need.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

async fn insert_phases(db: &impl ConnectionTrait, need: &SupportNeed) -> Result<(), StoreError> {
    support_need_phase::Entity::insert_many(phases(need)).exec_without_returning(db).await?;
    Ok(())
}

/// Writes beside each year what appraisals and approvals made of it; the years themselves stay.
async fn decide_phases(db: &impl ConnectionTrait, need: &SupportNeed) -> Result<(), StoreError> {
    use support_need_phase::Column;
    let mut there = OnConflict::columns([Column::NeedId, Column::Item, Column::FiscalYear]);
    there.update_columns([Column::Appraised, Column::Approved, Column::AppraisedAt, Column::ApprovedAt]);
    let rows = support_need_phase::Entity::insert_many(phases(need)).on_conflict(there);
    rows.exec_without_returning(db).await?;
    Ok(())
}

fn phases(need: &SupportNeed) -> impl Iterator<Item = support_need_phase::ActiveModel> {
    let placed =
        (1..).zip(&need.items).flat_map(|(number, item)| item.phases.iter().map(move |phase| (number, item, phase)));
    placed.map(|(number, Item { needed, appraisal, approval, .. }, phase)| support_need_phase::ActiveModel {
        need_id: Set(need.id),
        item: Set(number),
        fiscal_year: Set(i32::from(phase.fiscal_year)),
        support_kind: Set(needed.support_kind.clone()),
        nature: Set(needed.nature.name().to_owned()),
        budget_level: Set(needed.budget_level.map(|level| level.name().to_owned())),
        source: Set(needed.source.clone()),
        requested: Set(phase.requested.as_dong()),
        appraised: Set(phase.appraised.map(Money::as_dong)),
        approved: Set(phase.approved.map(Money::as_dong)),
        appraised_at: Set(appraisal.as_ref().map(|act| act.at)),
        approved_at: Set(approval.as_ref().map(|act| act.at)),
    })
}

#[derive(Debug, FromQueryResult)]
struct SumRow {
    key: Option<String>,
    key_id: Option<Uuid>,
    requested: i64,
    appraised: i64,
    approved: i64,
}

/// The consolidated needs of a territory in the caller's reach, summed by a key, in one query, units being those of a day; with an
/// instant, as they had been recorded by then.
///
/// # Errors
/// The database failed.
pub async fn sums(
    db: &impl ConnectionTrait,
    scope: &Scope,
    place: &PlaceFilter,
    (by, at): (NeedGrouping, NaiveDate),
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<NeedSum>, StoreError> {
    use support_need_phase::{Column as Phase, Entity as Phases};
    let mut select = within(support_need::Entity::find(), scope, SCOPE)
        .filter(Column::State.eq(NeedState::Consolidated.name()))
        .filter(place.condition(SCOPE, Placed::At(Column::RecordedAt)))
        .filter(Condition::all().add_option(as_of.map(|instant| Column::ConsolidatedAt.lte(instant))))
        .select_only();
    let of_need = Phase::NeedId.into_expr().equals((support_need::Entity, Column::Id));
    QuerySelect::query(&mut select).inner_join(Phases, of_need);
    let placed = Row { unit: "support_needs.unit_code", cooperative: "support_needs.cooperative_id" };
    let no_text = || Expr::cust("CAST(NULL AS TEXT)");
    let key = match by {
        NeedGrouping::FiscalYear => Phase::FiscalYear.into_expr().cast_as("text"),
        NeedGrouping::Nature => Phase::Nature.into_expr(),
        NeedGrouping::SupportKind => Phase::SupportKind.into_expr(),
        NeedGrouping::Source => Phase::Source.into_expr(),
        NeedGrouping::BudgetLevel => Phase::BudgetLevel.into_expr(),
        NeedGrouping::Unit => Expr::cust(unit_on(placed, at)),
        NeedGrouping::Pilot => no_text(),
    };
    let key_id = match by {
        NeedGrouping::Pilot => Column::PilotId.into_expr(),
        _ => Expr::cust("CAST(NULL AS UUID)"),
    };
    // What was not decided by then is nothing.
    let by_then = |figure: Phase, decided_at: Phase| match as_of {
        None => figure.into_expr(),
        Some(instant) => Expr::case(decided_at.lte(instant), figure.into_expr()).finally(0_i64).into(),
    };
    let sum = |figure: SimpleExpr| Expr::expr(figure).sum().if_null(0_i64).cast_as("bigint");
    let select = select
        .column_as(key, "key")
        .column_as(key_id, "key_id")
        .column_as(sum(Phase::Requested.into_expr()), "requested")
        .column_as(sum(by_then(Phase::Appraised, Phase::AppraisedAt)), "appraised")
        .column_as(sum(by_then(Phase::Approved, Phase::ApprovedAt)), "approved")
        .group_by(Expr::cust("1"))
        .group_by(Expr::cust("2"));
    let rows = select.into_model::<SumRow>().all(db).await?;
    let mut sums: Vec<NeedSum> = rows.into_iter().map(SumRow::sum).collect();
    sums.sort_by(|a, b| (a.key.is_none(), &a.key).cmp(&(b.key.is_none(), &b.key)));
    Ok(sums)
}

impl SumRow {
    fn sum(self) -> NeedSum {
        let Self { key, key_id, requested, appraised, approved } = self;
        let [requested, appraised, approved] = [requested, appraised, approved].map(Money::dong);
        NeedSum { key: key.or_else(|| key_id.map(|id| id.to_string())), requested, appraised, approved }
    }
}

fn from_row(row: support_need::Model) -> Result<SupportNeed, StoreError> {
    let support_need::Model {
        id,
        version,
        pilot_id,
        cooperative_id,
        province_code,
        unit_code,
        items,
        state,
        submitted_on,
        consolidation,
        consolidated_at: _,
        writers,
        recorded_at,
        updated_at,
        submission: _,
    } = row;
    Ok(SupportNeed {
        id,
        version,
        pilot: pilot_id,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        items: serde_json::from_str(&items)?,
        state: NeedState::from_name(&state)
            .ok_or_else(|| StoreError::Malformed(format!("state {state} of need {id}")))?,
        submitted_on,
        consolidation: consolidation.map(|act| serde_json::from_str(&act)).transpose()?,
        writers: serde_json::from_str(&writers)?,
        recorded_at,
        updated_at,
    })
}

fn to_row(need: &SupportNeed) -> Result<support_need::ActiveModel, StoreError> {
    let SupportNeed {
        id,
        version,
        pilot,
        cooperative,
        province,
        unit,
        items,
        state,
        submitted_on,
        consolidation,
        writers,
        recorded_at,
        updated_at,
    } = need.clone();
    Ok(support_need::ActiveModel {
        id: Set(id),
        version: Set(version),
        pilot_id: Set(pilot),
        cooperative_id: Set(cooperative),
        province_code: Set(province),
        unit_code: Set(unit),
        items: Set(serde_json::to_string(&items)?),
        state: Set(state.name().to_owned()),
        submitted_on: Set(submitted_on),
        consolidated_at: Set(consolidation.as_ref().map(|act| act.at)),
        consolidation: Set(consolidation.map(|act| serde_json::to_string(&act)).transpose()?),
        writers: Set(serde_json::to_string(&writers)?),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
        // Numbered by its submission, and kept.
        submission: NotSet,
    })
}
