//! What a step on an evaluation must know beside the evaluation itself.

use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::domain::agency::Agency;
use crate::domain::cooperative::Field;
use crate::domain::evaluation::Evaluation;
use crate::domain::evaluation::oversight::{Circumstances, NamedAgency, PilotOversight};
use crate::domain::role::Caller;
use crate::store::entity::cooperative;
use crate::store::{StoreError, agencies, criteria_sets, pilots, provincial_plans, steps};

/// Which evaluation a step is taken on, or would be made.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The evaluation; none before it is made.
    pub evaluation: Option<Uuid>,
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: &'a str,
    /// The evaluated year.
    pub year: u16,
    /// Code of the criteria set that is asked for.
    pub criteria: &'a str,
    /// Its version.
    pub criteria_set: Uuid,
}

impl<'a> From<&'a Evaluation> for About<'a> {
    fn from(of: &'a Evaluation) -> Self {
        let Evaluation { id, cooperative, province, year, criteria_code, criteria_set, .. } = of;
        let (evaluation, cooperative, year, criteria_set) = (Some(*id), *cooperative, *year, *criteria_set);
        Self { evaluation, cooperative, province, year, criteria: criteria_code, criteria_set }
    }
}

/// What a step of a caller on an evaluation must know: who answers for the cooperative, whether the caller's agencies do,
/// whether its province varies the set, and the days of the steps before. Unscoped: whoever asks has found the cooperative
/// in the caller's reach.
///
/// # Errors
/// The database failed.
pub async fn circumstances(
    db: &impl ConnectionTrait,
    about: About<'_>,
    caller: &Caller,
) -> Result<Circumstances, StoreError> {
    let About { evaluation, cooperative, province, year, criteria, criteria_set } = about;
    let row = cooperative::Entity::find_by_id(cooperative).one(db).await?.ok_or(StoreError::NotFound)?;
    let malformed = || StoreError::Malformed(format!("field {}", row.field));
    let acting = agencies::of_ids(db, caller.agencies().collect()).await?;
    let variant = criteria_sets::governing(db, &format!("{criteria}-{province}"), year).await?;
    let (submitted_on, returned_on) = match evaluation {
        Some(id) => (steps::last_dated(db, id, "submissions").await?, steps::last_dated(db, id, "returns").await?),
        None => (None, None),
    };
    Ok(Circumstances {
        field: Field::from_name(&row.field).ok_or_else(malformed)?,
        pilot: pilot(db, cooperative).await?,
        sectors: acting.into_iter().filter_map(|agency| agency.sector).collect(),
        variant: variant.map(|set| set.code),
        legal_basis: criteria_sets::legal_basis(db, criteria_set).await?,
        submitted_on,
        returned_on,
    })
}

async fn pilot(db: &impl ConnectionTrait, cooperative: Uuid) -> Result<Option<PilotOversight>, StoreError> {
    let Some(pilot) = pilots::not_stopped(db, cooperative).await? else { return Ok(None) };
    let department = agencies::find(db, pilot.responsible_department).await?;
    let lead = match provincial_plans::lead_agency(db, &pilot.province, &pilot.scheme).await? {
        Some(lead) => Some(agencies::find(db, lead).await?),
        None => None,
    };
    let named = |Agency { id, name, .. }: Agency| NamedAgency { id, name };
    Ok(Some(PilotOversight { department: named(department), lead: lead.map(named) }))
}
